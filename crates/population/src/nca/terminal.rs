//! The terminal phase: a straight line through the logarithms of the last samples.

use super::{Entry, NcaOptions};
use epsom_maths::ln;

/// Fewest samples of a terminal phase.
const FEWEST: usize = 3;
/// Adjusted r² that differ by less are alike; the longer phase is then taken.
const ALIKE: f64 = 1e-4;

/// A terminal phase.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terminal {
    /// Rate constant λz.
    pub rate: f64,
    /// ln 2 over the rate.
    pub half_life: f64,
    /// Adjusted r² of the line.
    pub adjusted_r2: f64,
    /// Samples on the line.
    pub n: usize,
    /// Time of the first of them.
    pub from: f64,
    /// Time of the last of them.
    pub to: f64,
}

/// The line through the last samples above 0 whose adjusted r² is highest; of those within
/// 0.0001 of it the one with most samples. Eq. 8
///
/// The highest sample is left out after a dose that does not enter at once, as are samples during
/// an infusion. None where no three samples fall.
pub fn terminal(
    times: &[f64],
    values: &[f64],
    tmax: f64,
    options: &NcaOptions,
) -> Option<Terminal> {
    let chosen = |time: f64| match (options.terminal, options.entry) {
        (Some((from, to)), _) => from <= time && time <= to,
        (None, Entry::Bolus) => time >= tmax,
        (None, Entry::Extravascular) => time > tmax,
        (None, Entry::Infusion { duration }) => time > tmax && time >= duration,
    };
    let points: Vec<(f64, f64)> = (times.iter().zip(values))
        .filter(|&(&time, &value)| value > 0.0 && chosen(time))
        .map(|(&time, &value)| (time, ln(value)))
        .collect();
    if options.terminal.is_some() {
        return line(&points).filter(|line| line.rate > 0.0);
    }
    let lines: Vec<Terminal> = (FEWEST..=points.len())
        .filter_map(|n| line(&points[points.len() - n..]))
        .filter(|line| line.rate > 0.0)
        .collect();
    let best = lines.iter().map(|line| line.adjusted_r2).fold(f64::NEG_INFINITY, f64::max);
    lines.into_iter().rfind(|line| line.adjusted_r2 >= best - ALIKE)
}

/// Least squares; none of fewer than three points or of one time.
fn line(points: &[(f64, f64)]) -> Option<Terminal> {
    let n = points.len();
    if n < FEWEST {
        return None;
    }
    let count = n as f64;
    let mean = |of: &dyn Fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (t, y) = (mean(&|point| point.0), mean(&|point| point.1));
    let sum = |of: &dyn Fn(f64, f64) -> f64| {
        points.iter().fold(0.0, |sum, point| sum + of(point.0 - t, point.1 - y))
    };
    let (tt, ty, yy) = (sum(&|t, _| t * t), sum(&|t, y| t * y), sum(&|_, y| y * y));
    if tt <= 0.0 {
        return None;
    }
    let rate = -ty / tt;
    let r2 = if yy > 0.0 { ty * ty / (tt * yy) } else { 1.0 };
    Some(Terminal {
        rate,
        half_life: std::f64::consts::LN_2 / rate,
        adjusted_r2: 1.0 - (1.0 - r2) * (count - 1.0) / (count - 2.0),
        n,
        from: points[0].0,
        to: points[n - 1].0,
    })
}
