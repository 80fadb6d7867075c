//! From what papers print to effects: standard errors, intervals, t, p, other effect sizes.

use epsom_maths::{ln, norm_quantile, t_quantile};

use super::means::corrected;
use super::{Effect, EffectError, Measure, critical, finite};

/// π/√3, the standard deviation of the logistic distribution.
const LOGISTIC_SD: f64 = 1.813_799_364_234_217_8;

/// How the precision of a printed difference was given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reported {
    /// Standard error.
    Se(f64),
    /// Confidence interval of a level, lower and upper.
    Interval {
        /// Lower.
        lo: f64,
        /// Upper.
        hi: f64,
        /// Level, such as 0.95.
        level: f64,
    },
    /// t or z statistic.
    Statistic(f64),
    /// Two-sided p.
    P(f64),
}

/// A printed difference of means with whatever was printed beside it (Eq. 19 to 21).
///
/// # Errors
/// `NotFinite`, `OutOfRange`; `ZeroSpread` where a difference of 0 leaves the standard error open.
pub fn mean_difference_from(
    estimate: f64,
    reported: Reported,
    df: f64,
) -> Result<Effect, EffectError> {
    finite(estimate, "estimate")?;
    let se = match reported {
        Reported::Se(se) => finite(se, "standard error")?,
        Reported::Interval { lo, hi, level } => se_from_interval(lo, hi, level, df)?,
        Reported::Statistic(t) => {
            if estimate == 0.0 || t == 0.0 {
                return Err(EffectError::ZeroSpread);
            }
            (estimate / finite(t, "statistic")?).abs()
        }
        Reported::P(p) => se_from_p(estimate, p, df)?,
    };
    if se < 0.0 {
        return Err(EffectError::OutOfRange("standard error"));
    }
    Effect::with_df(Measure::MeanDifference, estimate, se * se, df)
}

/// A printed difference with its interval; the interval's center is not used.
///
/// # Errors
/// As [`mean_difference_from`].
pub fn mean_difference_from_interval(
    estimate: f64,
    lo: f64,
    hi: f64,
    level: f64,
) -> Result<Effect, EffectError> {
    mean_difference_from(estimate, Reported::Interval { lo, hi, level }, f64::INFINITY)
}

/// Logarithm of a printed ratio with its interval (Eq. 20 on logarithms).
///
/// # Errors
/// `OutOfRange` unless all three are above 0 and in order, or the measure is no ratio.
pub fn log_ratio_from_interval(
    measure: Measure,
    ratio: f64,
    lo: f64,
    hi: f64,
    level: f64,
) -> Result<Effect, EffectError> {
    if !measure.is_log() {
        return Err(EffectError::OutOfRange("measure"));
    }
    for value in [ratio, lo, hi] {
        if finite(value, "ratio")? <= 0.0 {
            return Err(EffectError::OutOfRange("ratio"));
        }
    }
    let se = se_from_interval(ln(lo), ln(hi), level, f64::INFINITY)?;
    Effect::normal(measure, ln(ratio), se * se)
}

/// A printed standardized difference with its interval.
///
/// # Errors
/// As [`se_from_interval`].
pub fn smd_from_interval(g: f64, lo: f64, hi: f64, level: f64) -> Result<Effect, EffectError> {
    let se = se_from_interval(lo, hi, level, f64::INFINITY)?;
    Effect::normal(Measure::Smd, g, se * se)
}

/// Hedges g from an uncorrected d and the sizes of the arms (Eq. 4, 5).
///
/// # Errors
/// `NotFinite`; `TooFew` unless the arms hold 4 together and 1 each.
pub fn smd_from_d(d: f64, n_treated: u32, n_control: u32) -> Result<Effect, EffectError> {
    finite(d, "standardized difference")?;
    if n_treated == 0 || n_control == 0 || n_treated + n_control < 4 {
        return Err(EffectError::TooFew("arms"));
    }
    let (a, b) = (f64::from(n_treated), f64::from(n_control));
    corrected(d, a, b, a + b - 2.0)
}

/// Hedges g from an unpaired t: d = t √(1/n₁ + 1/n₂) (Eq. 22).
///
/// # Errors
/// As [`smd_from_d`].
/// # Source
/// Cooper, Hedges, Valentine, Handbook of Research Synthesis, 2nd edition (2009), table 12.1.
pub fn hedges_from_t(t: f64, n_treated: u32, n_control: u32) -> Result<Effect, EffectError> {
    finite(t, "statistic")?;
    let (a, b) = (f64::from(n_treated.max(1)), f64::from(n_control.max(1)));
    smd_from_d(t * (1.0 / a + 1.0 / b).sqrt(), n_treated, n_control)
}

/// Hedges g from a two-sided p; the sign is that of `toward` (Eq. 21, 22).
///
/// # Errors
/// `OutOfRange` unless 0 < p <= 1; else as [`smd_from_d`].
pub fn smd_from_p(
    p: f64,
    toward: f64,
    n_treated: u32,
    n_control: u32,
) -> Result<Effect, EffectError> {
    if n_treated + n_control < 4 {
        return Err(EffectError::TooFew("arms"));
    }
    let t = t_from_p(p, f64::from(n_treated + n_control - 2))?;
    hedges_from_t(t.copysign(toward), n_treated, n_control)
}

/// Standardized difference from a log odds ratio: times √3/π (Eq. 23).
///
/// # Errors
/// `OutOfRange` unless the effect is a log odds ratio.
/// # Source
/// Hasselblad, Hedges, Psychol. Bull. 117 (1995) 167-178; Borenstein and others (2009), eq. 7.1.
pub fn smd_from_log_odds(effect: &Effect) -> Result<Effect, EffectError> {
    if effect.measure != Measure::LogOddsRatio {
        return Err(EffectError::OutOfRange("measure"));
    }
    let variance = effect.variance / (LOGISTIC_SD * LOGISTIC_SD);
    Effect::normal(Measure::Smd, effect.estimate / LOGISTIC_SD, variance)
}

/// Log odds ratio from a standardized difference: times π/√3 (Eq. 23).
///
/// # Errors
/// `OutOfRange` unless the effect is a standardized difference.
pub fn log_odds_from_smd(effect: &Effect) -> Result<Effect, EffectError> {
    if effect.measure != Measure::Smd {
        return Err(EffectError::OutOfRange("measure"));
    }
    let variance = effect.variance * LOGISTIC_SD * LOGISTIC_SD;
    Effect::normal(Measure::LogOddsRatio, effect.estimate * LOGISTIC_SD, variance)
}

/// Standard deviation from a standard error of a mean: times √n (Eq. 24).
///
/// # Errors
/// `NotFinite`, `OutOfRange` below 0, `TooFew` for n = 0.
pub fn sd_from_sem(sem: f64, n: u32) -> Result<f64, EffectError> {
    if finite(sem, "standard error")? < 0.0 {
        return Err(EffectError::OutOfRange("standard error"));
    }
    if n == 0 {
        return Err(EffectError::TooFew("arm"));
    }
    Ok(sem * f64::from(n).sqrt())
}

/// Standard deviation from the confidence interval of a mean, with t of n - 1 (Eq. 20, 24).
///
/// # Errors
/// As [`se_from_interval`]; `TooFew` below 2.
/// # Source
/// Cochrane Handbook, section 6.5.2.2.
pub fn sd_from_interval(lo: f64, hi: f64, level: f64, n: u32) -> Result<f64, EffectError> {
    if n < 2 {
        return Err(EffectError::TooFew("arm"));
    }
    sd_from_sem(se_from_interval(lo, hi, level, f64::from(n - 1))?, n)
}

/// Standard error from a confidence interval (Eq. 20).
///
/// # Errors
/// `NotFinite`; `OutOfRange` where the bounds are not in order or the level is not in (0, 1).
pub fn se_from_interval(lo: f64, hi: f64, level: f64, df: f64) -> Result<f64, EffectError> {
    finite(lo, "lower bound")?;
    finite(hi, "upper bound")?;
    if hi < lo {
        return Err(EffectError::OutOfRange("interval"));
    }
    if !(level > 0.0 && level < 1.0) {
        return Err(EffectError::OutOfRange("level"));
    }
    finite((hi - lo) / (2.0 * critical(level, df)), "standard error")
}

/// Standard error from an estimate and its two-sided p (Eq. 21).
///
/// # Errors
/// `OutOfRange` unless 0 < p < 1; `ZeroSpread` for an estimate of 0.
pub fn se_from_p(estimate: f64, p: f64, df: f64) -> Result<f64, EffectError> {
    if finite(estimate, "estimate")? == 0.0 {
        return Err(EffectError::ZeroSpread);
    }
    let t = t_from_p(p, df)?;
    if t == 0.0 {
        return Err(EffectError::OutOfRange("p value"));
    }
    Ok(estimate.abs() / t)
}

/// The size of the statistic that a two-sided p stands for.
pub(super) fn t_from_p(p: f64, df: f64) -> Result<f64, EffectError> {
    if !(finite(p, "p value")? > 0.0 && p <= 1.0) {
        return Err(EffectError::OutOfRange("p value"));
    }
    // From the lower tail, which keeps the digits of a small p.
    let t = if df == f64::INFINITY { norm_quantile(0.5 * p) } else { t_quantile(0.5 * p, df) };
    finite(-t, "p value")
}
