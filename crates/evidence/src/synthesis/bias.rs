//! Whether small studies tell another story: Egger's regression, trim and fill.

use epsom_maths::sum;

use super::pool::{Options, Pooled, pool};
use super::{StudyEffect, SynthesisError, check};
use crate::effects::{Interval, two_sided_p};

/// Egger's regression of the standard normal deviate on precision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Egger {
    /// Intercept: 0 where small studies agree with large ones.
    pub intercept: f64,
    /// Its standard error.
    pub se: f64,
    /// Its 95 % interval.
    pub interval: Interval,
    /// Degrees of freedom, k - 2.
    pub df: f64,
    /// Two-sided p of an intercept of 0.
    pub p_value: f64,
    /// Slope: the effect that an infinitely large study would show.
    pub slope: f64,
}

/// Egger's test (Eq. 43). Below ten studies it can say little; the caller says so.
///
/// # Errors
/// `TooFew` below three studies; `Collinear` where all have the same variance.
/// # Source
/// Egger, Davey Smith, Schneider, Minder, BMJ 315 (1997) 629-634.
pub fn egger(studies: &[StudyEffect]) -> Result<Egger, SynthesisError> {
    check(studies, 3)?;
    // In one order, so that the sums have the same bits however the studies come.
    let mut points: Vec<(f64, f64)> = studies
        .iter()
        .map(|study| {
            let se = study.variance.sqrt();
            (1.0 / se, study.estimate / se)
        })
        .collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    if points[0].0 == points[points.len() - 1].0 {
        return Err(SynthesisError::Collinear { column: 1 });
    }
    let total = |of: &dyn Fn(f64, f64) -> f64| {
        sum(&points.iter().map(|&(x, z)| of(x, z)).collect::<Vec<_>>())
    };
    let n = points.len() as f64;
    let (x_mean, z_mean) = (total(&|x, _| x) / n, total(&|_, z| z) / n);
    let spread = total(&|x, _| (x - x_mean) * (x - x_mean));
    let slope = total(&|x, z| (x - x_mean) * (z - z_mean)) / spread;
    let intercept = z_mean - slope * x_mean;
    let df = n - 2.0;
    let residual = |x: f64, z: f64| z - z_mean - slope * (x - x_mean);
    let rest = total(&|x, z| residual(x, z) * residual(x, z)) / df;
    let se = (rest * (1.0 / n + x_mean * x_mean / spread)).sqrt();
    Ok(Egger {
        intercept,
        se,
        interval: Interval::around(intercept, se, df, 0.95),
        df,
        p_value: two_sided_p(intercept / se, df),
        slope,
    })
}

/// Estimator of the number of missing studies (Eq. 44, 45).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FillEstimator {
    /// From the sum of ranks; the usual one.
    #[default]
    L0,
    /// From the longest run at one end.
    R0,
}

/// On which side studies are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Low effects are missing.
    Left,
    /// High effects are missing.
    Right,
}

/// What trim and fill finds. A way of asking "what if", not a corrected answer.
#[derive(Debug, Clone, PartialEq)]
pub struct TrimFill {
    /// Side looked at.
    pub side: Side,
    /// Studies that seem to be missing.
    pub n_missing: usize,
    /// The mirror images put in, labelled `filled: NAME`.
    pub filled: Vec<StudyEffect>,
    /// All studies and their mirror images pooled.
    pub pooled: Pooled,
}

/// Trim and fill.
///
/// Without a side, the one is taken where [`egger`]'s slope of the effect on the standard error
/// says that studies are missing.
///
/// # Errors
/// `TooFew` below three studies; else as [`pool`].
/// # Source
/// Duval, Tweedie, J. Am. Stat. Assoc. 95 (2000) 89-98; Biometrics 56 (2000) 455-463.
pub fn trim_and_fill(
    studies: &[StudyEffect],
    side: Option<Side>,
    estimator: FillEstimator,
    options: &Options,
) -> Result<TrimFill, SynthesisError> {
    check(studies, 3)?;
    let side = side.unwrap_or_else(|| match egger(studies) {
        // Small studies with low effects: their high counterparts are missing.
        Ok(test) if test.intercept < 0.0 => Side::Right,
        _ => Side::Left,
    });
    let sign = if side == Side::Left { 1.0 } else { -1.0 };
    let mut sorted: Vec<StudyEffect> = studies.to_vec();
    for study in &mut sorted {
        study.estimate *= sign;
    }
    sorted
        .sort_by(|a, b| a.estimate.total_cmp(&b.estimate).then(a.variance.total_cmp(&b.variance)));
    let k = sorted.len();
    let mut n_missing = 0;
    let mut center = pool(&sorted, options)?.estimate;
    // The count settles within a few rounds; a cycle is cut off.
    for _ in 0..100 {
        let next = missing(&sorted, center, estimator);
        let done = next == n_missing;
        n_missing = next;
        center = pool(&sorted[..k - n_missing], options)?.estimate;
        if done {
            break;
        }
    }
    let mirrored = |study: &StudyEffect| StudyEffect {
        label: format!("filled: {}", study.label),
        estimate: sign * (2.0 * center - study.estimate),
        variance: study.variance,
    };
    let filled: Vec<StudyEffect> = sorted[k - n_missing..].iter().map(mirrored).collect();
    let mut all = studies.to_vec();
    all.extend(filled.iter().cloned());
    Ok(TrimFill { side, n_missing, filled, pooled: pool(&all, options)? })
}

/// How many of the lowest effects are missing, at most k - 2.
fn missing(sorted: &[StudyEffect], center: f64, estimator: FillEstimator) -> usize {
    let k = sorted.len();
    let mut apart: Vec<f64> = sorted.iter().map(|study| study.estimate - center).collect();
    apart.sort_by(|a, b| a.abs().total_cmp(&b.abs()).then(a.total_cmp(b)));
    let n = k as f64;
    let estimate = match estimator {
        FillEstimator::L0 => {
            let ranks = apart.iter().enumerate().filter(|(_, d)| **d > 0.0);
            let t: f64 = ranks.fold(0.0, |sum, (i, _)| sum + (i + 1) as f64);
            (4.0 * t - n * (n + 1.0)) / (2.0 * n - 1.0)
        }
        FillEstimator::R0 => {
            let run = apart.iter().rev().take_while(|d| **d > 0.0).count();
            run as f64 - 1.0
        }
    };
    (estimate.max(0.0).round() as usize).min(k - 2)
}
