//! The variance between studies: estimators and interval.

use super::SynthesisError;
use super::linear::Data;
use super::pool::Tau2Method;
use epsom_maths::{chi2_quantile, exp, ln};

/// Estimate, never below 0.
pub(super) fn tau2(data: &Data, method: Tau2Method) -> Result<f64, SynthesisError> {
    if data.k() <= data.p() {
        return Ok(0.0);
    }
    match method {
        Tau2Method::DerSimonianLaird => {
            // Eq. 31.
            let fit = data.fit(0.0)?;
            Ok(((fit.q - data.df()) / data.trace(&fit)).max(0.0))
        }
        Tau2Method::PauleMandel => solve_q(data, data.df()),
        Tau2Method::Reml => reml(data),
    }
}

/// Interval by the Q profile (Eq. 34); both ends 0 where even τ² = 0 spreads too much.
pub(super) fn interval(data: &Data, level: f64) -> Result<(f64, f64), SynthesisError> {
    let df = data.df();
    let lo = solve_q(data, chi2_quantile(0.5 + 0.5 * level, df))?;
    let hi = solve_q(data, chi2_quantile(0.5 - 0.5 * level, df))?;
    Ok((lo, hi))
}

/// The τ² at which Q falls to a value; 0 where it is below from the start (Eq. 32).
fn solve_q(data: &Data, target: f64) -> Result<f64, SynthesisError> {
    // Q falls as τ² grows. Positive doubles are ordered as their bits.
    let (mut below, mut above) = (0u64, f64::MAX.to_bits());
    if data.fit(0.0)?.q <= target {
        return Ok(0.0);
    }
    while above - below > 1 {
        let middle = below + (above - below) / 2;
        if data.fit(f64::from_bits(middle))?.q <= target {
            above = middle;
        } else {
            below = middle;
        }
    }
    Ok(f64::from_bits(above))
}

/// The τ² of the highest restricted likelihood (Eq. 33).
fn reml(data: &Data) -> Result<f64, SynthesisError> {
    // The likelihood may have two tops: look at a grid from far below the smallest variance to
    // far above what the estimates can spread, then halve around the best point.
    let smallest = data.v.iter().fold(f64::INFINITY, |a, &b| a.min(b));
    let (lo, hi) = data
        .y
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), &y| (lo.min(y), hi.max(y)));
    let largest = (hi - lo) * (hi - lo) + data.v.iter().fold(0.0f64, |a, &b| a.max(b));
    const STEPS: usize = 120;
    let (from, to) = (ln(1e-4 * smallest), ln(4.0 * largest));
    let mut grid = vec![0.0];
    grid.extend((0..=STEPS).map(|i| exp(from + (to - from) * i as f64 / STEPS as f64)));
    let mut best = (0, f64::NEG_INFINITY);
    for (i, &tau2) in grid.iter().enumerate() {
        let value = data.restricted(tau2)?;
        if value > best.1 {
            best = (i, value);
        }
    }
    let (mut below, mut above) =
        (grid[best.0.saturating_sub(1)], grid[(best.0 + 1).min(grid.len() - 1)]);
    if data.score(below)? <= 0.0 {
        return Ok(below);
    }
    // The score is positive below the top and negative above it.
    for _ in 0..200 {
        let middle = 0.5 * (below + above);
        if middle <= below || middle >= above {
            break;
        }
        if data.score(middle)? > 0.0 {
            below = middle;
        } else {
            above = middle;
        }
    }
    Ok(above)
}
