//! Effect sizes with their variances, from arms, counts, correlations or reported statistics.
//!
//! The formulas and their sources stand in `docs/theory/synthesis.md`; equation numbers in the
//! code are those of that page. Sums, ratios and signs follow one rule: treated minus control, or
//! treated over control.

mod contrast;
mod convert;
mod correlation;
mod counts;
mod means;
mod paired;
mod row;

pub use contrast::{Contrast, How, Open, OpenReason, contrast, contrasts};
pub use convert::{
    Reported, hedges_from_t, log_odds_from_smd, log_ratio_from_interval, mean_difference_from,
    mean_difference_from_interval, sd_from_interval, sd_from_sem, se_from_interval, se_from_p,
    smd_from_d, smd_from_interval, smd_from_log_odds, smd_from_p,
};
pub use correlation::{fisher_z, r_from_t, r_from_z};
pub use counts::{
    Counts, Events, ZeroRule, log_odds_ratio, log_rate_ratio, log_risk_ratio, peto_odds_ratio,
    rate_difference, risk_difference,
};
pub use means::{
    Arm, ancova_difference, change_score_sd, hedges_correction, hedges_g, log_mean_ratio,
    mean_difference, mean_difference_pooled,
};
pub use paired::{
    Period, cluster_design_effect, crossover_difference, difference_sd, paired_g, within_r_from_p,
};

pub(crate) use row::read_effects;
pub use row::{Better, Direction, EffectKind, EffectRow, PValue, Printed95, Scope, Spread, Stat};

use std::fmt;

use epsom_maths::{exp, norm_cdf, norm_quantile, t_cdf, t_quantile, tanh};

/// What an effect measures, which says on what scale it is analyzed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// Difference of means, in the unit of the outcome.
    MeanDifference,
    /// Difference of means over a standard deviation, with the small-sample correction.
    Smd,
    /// Logarithm of the ratio of two means.
    LogMeanRatio,
    /// Logarithm of the ratio of two risks.
    LogRiskRatio,
    /// Logarithm of the ratio of two odds.
    LogOddsRatio,
    /// Difference of two risks.
    RiskDifference,
    /// Logarithm of the ratio of two rates per person-time.
    LogRateRatio,
    /// Difference of two rates per person-time.
    RateDifference,
    /// Logarithm of the ratio of two hazards.
    LogHazardRatio,
    /// Fisher's z of a correlation.
    FisherZ,
}

impl Measure {
    /// Whether the analysis scale is a logarithm.
    pub fn is_log(self) -> bool {
        use Measure::{LogHazardRatio, LogMeanRatio, LogOddsRatio, LogRateRatio, LogRiskRatio};
        matches!(self, LogMeanRatio | LogRiskRatio | LogOddsRatio | LogRateRatio | LogHazardRatio)
    }

    /// From the analysis scale to the one that readers expect: ratios and correlations.
    pub fn shown(self, value: f64) -> f64 {
        match self {
            Self::FisherZ => tanh(value),
            _ if self.is_log() => exp(value),
            _ => value,
        }
    }

    /// What no difference is on the scale that readers expect.
    pub fn null(self) -> f64 {
        if self.is_log() { 1.0 } else { 0.0 }
    }

    /// Name on the scale that readers expect.
    pub fn name(self) -> &'static str {
        match self {
            Self::MeanDifference => "mean difference",
            Self::Smd => "standardized mean difference (Hedges g)",
            Self::LogMeanRatio => "ratio of means",
            Self::LogRiskRatio => "risk ratio",
            Self::LogOddsRatio => "odds ratio",
            Self::RiskDifference => "risk difference",
            Self::LogRateRatio => "rate ratio",
            Self::RateDifference => "rate difference",
            Self::LogHazardRatio => "hazard ratio",
            Self::FisherZ => "correlation",
        }
    }
}

/// One effect on its analysis scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// What it measures.
    pub measure: Measure,
    /// Estimate on the analysis scale (the logarithm of a ratio, Fisher's z of a correlation).
    pub estimate: f64,
    /// Sampling variance on that scale.
    pub variance: f64,
    /// Degrees of freedom of its t interval; infinite where it is taken as normal.
    pub df: f64,
}

impl Effect {
    /// An effect whose interval is normal.
    ///
    /// # Errors
    /// `NotFinite` or `NegativeVariance`.
    pub fn normal(measure: Measure, estimate: f64, variance: f64) -> Result<Self, EffectError> {
        Self::with_df(measure, estimate, variance, f64::INFINITY)
    }

    /// An effect whose interval is that of Student's t.
    ///
    /// # Errors
    /// `NotFinite` or `NegativeVariance`.
    pub fn with_df(
        measure: Measure,
        estimate: f64,
        variance: f64,
        df: f64,
    ) -> Result<Self, EffectError> {
        if !estimate.is_finite() {
            return Err(EffectError::NotFinite("estimate"));
        }
        if !variance.is_finite() {
            return Err(EffectError::NotFinite("variance"));
        }
        if variance < 0.0 {
            return Err(EffectError::NegativeVariance);
        }
        Ok(Self { measure, estimate, variance, df })
    }

    /// Standard error on the analysis scale.
    pub fn se(&self) -> f64 {
        self.variance.sqrt()
    }

    /// Interval of the given level, such as 0.95, on the analysis scale.
    pub fn interval(&self, level: f64) -> Interval {
        Interval::around(self.estimate, self.se(), self.df, level)
    }

    /// Two-sided p of no effect; NaN where both estimate and variance are 0.
    pub fn p_value(&self) -> f64 {
        two_sided_p(self.estimate / self.se(), self.df)
    }

    /// Estimate on the scale that readers expect.
    pub fn shown(&self) -> f64 {
        self.measure.shown(self.estimate)
    }

    /// The same effect with treated and control exchanged.
    pub fn reversed(mut self) -> Self {
        self.estimate = -self.estimate;
        self
    }
}

/// Two bounds on the analysis scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower.
    pub lo: f64,
    /// Upper.
    pub hi: f64,
}

impl Interval {
    /// The interval of a level around an estimate, of Student's t with `df` (infinite: normal).
    pub fn around(estimate: f64, se: f64, df: f64, level: f64) -> Self {
        let half = critical(level, df) * se;
        Self { lo: estimate - half, hi: estimate + half }
    }

    /// Both bounds on the scale that readers expect.
    pub fn shown(self, measure: Measure) -> Self {
        Self { lo: measure.shown(self.lo), hi: measure.shown(self.hi) }
    }
}

/// Why an effect cannot be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EffectError {
    /// A number is NaN or infinite; which.
    NotFinite(&'static str),
    /// A number lies outside of what it can be; which.
    OutOfRange(&'static str),
    /// Too few people for a variance; which group.
    TooFew(&'static str),
    /// A standard deviation of 0 leaves nothing to divide by.
    ZeroSpread,
    /// A variance below 0.
    NegativeVariance,
    /// No events, or only events, in both arms: the ratio is not defined.
    NoEvents,
}

impl fmt::Display for EffectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFinite(what) => write!(f, "the {what} is not a finite number"),
            Self::OutOfRange(what) => write!(f, "the {what} lies outside of what it can be"),
            Self::TooFew(what) => write!(f, "too few in the {what} for a variance"),
            Self::ZeroSpread => write!(f, "the standard deviation is 0"),
            Self::NegativeVariance => write!(f, "the variance is below 0"),
            Self::NoEvents => write!(f, "both arms have no events, or nothing but events"),
        }
    }
}

impl std::error::Error for EffectError {}

/// The factor of the standard error in a two-sided interval of the level.
pub(crate) fn critical(level: f64, df: f64) -> f64 {
    let upper = 0.5 + 0.5 * level;
    if df == f64::INFINITY { norm_quantile(upper) } else { t_quantile(upper, df) }
}

/// Two-sided p of a statistic.
pub(crate) fn two_sided_p(statistic: f64, df: f64) -> f64 {
    let tail = -statistic.abs();
    2.0 * if df == f64::INFINITY { norm_cdf(tail) } else { t_cdf(tail, df) }
}

pub(crate) fn finite(value: f64, what: &'static str) -> Result<f64, EffectError> {
    if value.is_finite() { Ok(value) } else { Err(EffectError::NotFinite(what)) }
}

#[cfg(test)]
mod tests;
