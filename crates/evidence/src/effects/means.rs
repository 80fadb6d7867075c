//! Differences of means of two groups.

use epsom_maths::{exp, ln, ln_gamma};

use super::{Effect, EffectError, Measure, finite};

/// Mean, standard deviation and number of one group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arm {
    /// People or animals.
    pub n: u32,
    /// Mean.
    pub mean: f64,
    /// Standard deviation between them.
    pub sd: f64,
}

impl Arm {
    pub(super) fn check(&self, name: &'static str) -> Result<(), EffectError> {
        finite(self.mean, "mean")?;
        finite(self.sd, "standard deviation")?;
        if self.sd < 0.0 {
            return Err(EffectError::OutOfRange("standard deviation"));
        }
        if self.n < 2 {
            return Err(EffectError::TooFew(name));
        }
        Ok(())
    }

    fn squared_se(&self) -> f64 {
        self.sd * self.sd / f64::from(self.n)
    }
}

/// Difference of means with each arm's own variance (Eq. 1), and Welch's degrees of freedom.
///
/// Both standard deviations 0 give a variance of 0, which no synthesis accepts.
///
/// # Errors
/// `NotFinite`, `OutOfRange`, `TooFew`.
/// # Source
/// Borenstein, Hedges, Higgins, Rothstein, Introduction to Meta-Analysis (2009), eq. 4.2 and 4.5;
/// Welch, Biometrika 34 (1947) 28-35.
pub fn mean_difference(treated: &Arm, control: &Arm) -> Result<Effect, EffectError> {
    treated.check("treated arm")?;
    control.check("control arm")?;
    let (a, b) = (treated.squared_se(), control.squared_se());
    let variance = a + b;
    let below = a * a / f64::from(treated.n - 1) + b * b / f64::from(control.n - 1);
    let df = if below > 0.0 { variance * variance / below } else { f64::INFINITY };
    Effect::with_df(Measure::MeanDifference, treated.mean - control.mean, variance, df)
}

/// Difference of means with one variance for both arms (Eq. 2), n - 2 degrees of freedom.
///
/// # Errors
/// `NotFinite`, `OutOfRange`, `TooFew`.
/// # Source
/// Borenstein and others (2009), eq. 4.3 and 4.4.
pub fn mean_difference_pooled(treated: &Arm, control: &Arm) -> Result<Effect, EffectError> {
    treated.check("treated arm")?;
    control.check("control arm")?;
    let sd = pooled_sd(treated, control);
    let (a, b) = (f64::from(treated.n), f64::from(control.n));
    let variance = sd * sd * (a + b) / (a * b);
    let difference = treated.mean - control.mean;
    Effect::with_df(Measure::MeanDifference, difference, variance, a + b - 2.0)
}

/// Hedges g: the standardized difference with the exact small-sample correction (Eq. 3 to 5).
///
/// # Errors
/// `ZeroSpread` where both arms have no spread; else as [`mean_difference`].
/// # Source
/// Hedges, J. Educ. Stat. 6 (1981) 107-128; Borenstein and others (2009), eq. 4.18 to 4.24.
pub fn hedges_g(treated: &Arm, control: &Arm) -> Result<Effect, EffectError> {
    treated.check("treated arm")?;
    control.check("control arm")?;
    let sd = pooled_sd(treated, control);
    if sd == 0.0 {
        return Err(EffectError::ZeroSpread);
    }
    let d = (treated.mean - control.mean) / sd;
    corrected(d, f64::from(treated.n), f64::from(control.n), f64::from(treated.n + control.n - 2))
}

/// g and its variance from an uncorrected d.
pub(super) fn corrected(d: f64, a: f64, b: f64, df: f64) -> Result<Effect, EffectError> {
    // Eq. 4: variance of d; Eq. 5: correction of both.
    let variance = (a + b) / (a * b) + d * d / (2.0 * (a + b));
    let j = hedges_correction(df);
    Effect::normal(Measure::Smd, j * d, j * j * variance)
}

/// Hedges' correction, exact: $J(m) = \Gamma(m/2) / (\sqrt{m/2}\,\Gamma((m-1)/2))$ (Eq. 5).
///
/// NaN unless `df` > 1. Close to 1 - 3/(4 m - 1), which is not used.
/// # Source
/// Hedges (1981), eq. 6e.
pub fn hedges_correction(df: f64) -> f64 {
    if df.is_nan() || df <= 1.0 {
        return f64::NAN;
    }
    if df > 1e8 {
        // ln Γ loses what J lacks of 1 there; the next term of the series is below rounding.
        return 1.0 - 0.75 / df;
    }
    let half = 0.5 * df;
    exp(ln_gamma(half) - ln_gamma(half - 0.5)) / half.sqrt()
}

/// Logarithm of the ratio of two means (Eq. 6), for outcomes that are above 0.
///
/// # Errors
/// `OutOfRange` unless both means are above 0; else as [`mean_difference`].
/// # Source
/// Hedges, Gurevitch, Curtis, Ecology 80 (1999) 1150-1156, eq. 1.
pub fn log_mean_ratio(treated: &Arm, control: &Arm) -> Result<Effect, EffectError> {
    treated.check("treated arm")?;
    control.check("control arm")?;
    if treated.mean <= 0.0 || control.mean <= 0.0 {
        return Err(EffectError::OutOfRange("mean"));
    }
    let part = |arm: &Arm| arm.squared_se() / (arm.mean * arm.mean);
    let ratio = ln(treated.mean / control.mean);
    Effect::normal(Measure::LogMeanRatio, ratio, part(treated) + part(control))
}

/// Standard deviation of change scores from those of both times and their correlation (Eq. 7).
///
/// # Errors
/// `NotFinite`, `OutOfRange` for a correlation outside [-1, 1] or a negative deviation.
/// # Source
/// Cochrane Handbook for Systematic Reviews of Interventions, section 6.5.2.8.
pub fn change_score_sd(
    before_sd: f64,
    after_sd: f64,
    correlation: f64,
) -> Result<f64, EffectError> {
    super::difference_sd(before_sd, after_sd, correlation)
}

/// Difference adjusted for baseline with an assumed slope (Eq. 8).
///
/// The slope is r s_after / s_before, pooled over the arms; the variance shrinks by 1 - r².
///
/// # Errors
/// As [`mean_difference_pooled`], and `OutOfRange` for a correlation outside (-1, 1).
/// # Source
/// Senn, Stat. Med. 25 (2006) 4334-4344; Borm, Fransen, Lemmens, J. Clin. Epidemiol. 60 (2007)
/// 1234-1238.
pub fn ancova_difference(
    before: (&Arm, &Arm),
    after: (&Arm, &Arm),
    correlation: f64,
) -> Result<Effect, EffectError> {
    finite(correlation, "correlation")?;
    if correlation.abs() >= 1.0 {
        return Err(EffectError::OutOfRange("correlation"));
    }
    before.0.check("treated arm")?;
    before.1.check("control arm")?;
    let raw = mean_difference_pooled(after.0, after.1)?;
    let before_sd = pooled_sd(before.0, before.1);
    if before_sd == 0.0 {
        return Err(EffectError::ZeroSpread);
    }
    let slope = correlation * pooled_sd(after.0, after.1) / before_sd;
    let estimate = raw.estimate - slope * (before.0.mean - before.1.mean);
    let variance = raw.variance * (1.0 - correlation * correlation);
    // The slope takes one degree of freedom.
    Effect::with_df(Measure::MeanDifference, estimate, variance, (raw.df - 1.0).max(1.0))
}

/// Root of the variances weighted by degrees of freedom.
fn pooled_sd(a: &Arm, b: &Arm) -> f64 {
    let (m, n) = (f64::from(a.n - 1), f64::from(b.n - 1));
    ((m * a.sd * a.sd + n * b.sd * b.sd) / (m + n)).sqrt()
}
