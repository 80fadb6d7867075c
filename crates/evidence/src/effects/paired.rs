//! Crossover and before-after designs, and groups randomized together.

use super::convert::t_from_p;
use super::means::hedges_correction;
use super::{Effect, EffectError, Measure, finite};

/// Means and standard deviations of the same people under two conditions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Period {
    /// People measured under both.
    pub n: u32,
    /// Means, treated then control.
    pub means: (f64, f64),
    /// Standard deviations between people, treated then control.
    pub sds: (f64, f64),
    /// Correlation of the two within people.
    pub correlation: f64,
}

/// Difference within people (Eq. 9), n - 1 degrees of freedom.
///
/// # Errors
/// `NotFinite`, `OutOfRange`, `TooFew`.
/// # Source
/// Borenstein and others (2009), eq. 4.12 to 4.15; Elbourne and others, Int. J. Epidemiol. 31
/// (2002) 140-149.
pub fn crossover_difference(period: &Period) -> Result<Effect, EffectError> {
    let sd = check(period)?;
    let n = f64::from(period.n);
    let difference = period.means.0 - period.means.1;
    Effect::with_df(Measure::MeanDifference, difference, sd * sd / n, n - 1.0)
}

/// Hedges g of a difference within people, in units of the deviation between them (Eq. 10).
///
/// # Errors
/// `ZeroSpread`, and `OutOfRange` for a correlation of 1; else as [`crossover_difference`].
/// # Source
/// Borenstein and others (2009), eq. 4.26 to 4.31.
pub fn paired_g(period: &Period) -> Result<Effect, EffectError> {
    let sd_difference = check(period)?;
    if period.correlation >= 1.0 {
        return Err(EffectError::OutOfRange("correlation"));
    }
    let twice = 2.0 * (1.0 - period.correlation);
    let sd_within = sd_difference / twice.sqrt();
    if sd_within == 0.0 {
        return Err(EffectError::ZeroSpread);
    }
    let n = f64::from(period.n);
    let d = (period.means.0 - period.means.1) / sd_within;
    let variance = (1.0 / n + d * d / (2.0 * n)) * twice;
    let j = if period.n > 2 { hedges_correction(n - 1.0) } else { return Err(FEW) };
    Effect::normal(Measure::Smd, j * d, j * j * variance)
}

const FEW: EffectError = EffectError::TooFew("paired group");

/// Standard deviation of the difference of two correlated measures (Eq. 7).
///
/// # Errors
/// `NotFinite`, `OutOfRange`.
pub fn difference_sd(first: f64, second: f64, correlation: f64) -> Result<f64, EffectError> {
    finite(first, "standard deviation")?;
    finite(second, "standard deviation")?;
    finite(correlation, "correlation")?;
    if first < 0.0 || second < 0.0 {
        return Err(EffectError::OutOfRange("standard deviation"));
    }
    if correlation.abs() > 1.0 {
        return Err(EffectError::OutOfRange("correlation"));
    }
    // (s1 - s2)² + 2 (1 - r) s1 s2, which cannot fall below 0 by rounding.
    let apart = first - second;
    Ok((apart * apart + 2.0 * (1.0 - correlation) * first * second).sqrt())
}

/// Correlation within people that a paired two-sided p implies (Eq. 11).
///
/// # Errors
/// `OutOfRange` where p is not in (0, 1), or no correlation in [-1, 1] gives it.
pub fn within_r_from_p(
    n: u32,
    difference: f64,
    sds: (f64, f64),
    p: f64,
) -> Result<f64, EffectError> {
    if n < 2 {
        return Err(FEW);
    }
    let t = t_from_p(p, f64::from(n - 1))?;
    let se = finite(difference, "difference")?.abs() / t;
    let variance = se * se * f64::from(n);
    let r = (sds.0 * sds.0 + sds.1 * sds.1 - variance) / (2.0 * sds.0 * sds.1);
    if r.abs() <= 1.0 { Ok(r) } else { Err(EffectError::OutOfRange("correlation")) }
}

/// Factor by which the variance grows when groups of this mean size are randomized together.
///
/// # Source
/// Cochrane Handbook, section 23.1.4: 1 + (M - 1) ICC.
pub fn cluster_design_effect(mean_size: f64, intraclass_correlation: f64) -> f64 {
    1.0 + (mean_size - 1.0) * intraclass_correlation
}

fn check(period: &Period) -> Result<f64, EffectError> {
    finite(period.means.0, "mean")?;
    finite(period.means.1, "mean")?;
    if period.n < 2 {
        return Err(FEW);
    }
    difference_sd(period.sds.0, period.sds.1, period.correlation)
}
