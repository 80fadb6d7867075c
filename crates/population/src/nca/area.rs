//! Areas under a curve that is known at some times.

use epsom_maths::{exp, ln};

/// How the curve runs between two samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rule {
    /// Straight.
    Linear,
    /// Straight while it rises or stays, exponential while it falls.
    #[default]
    LinearUpLogDown,
    /// Exponential wherever both ends are above 0, else straight.
    Log,
}

impl Rule {
    /// Whether a piece between these ends is exponential.
    fn is_log(self, from: f64, to: f64) -> bool {
        let above = from > 0.0 && to > 0.0 && from != to;
        match self {
            Self::Linear => false,
            Self::LinearUpLogDown => above && to < from,
            Self::Log => above,
        }
    }
}

/// Area and first moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Area under the curve.
    pub auc: f64,
    /// Area under time times the curve.
    pub aumc: f64,
}

impl Area {
    /// Cannot be said.
    pub const NONE: Self = Self { auc: f64::NAN, aumc: f64::NAN };
}

/// Area under samples with rising times.
///
/// # Shape
/// One value per time; 0 of one sample, NaN of none.
pub fn area(times: &[f64], values: &[f64], rule: Rule) -> Area {
    if times.is_empty() {
        return Area::NONE;
    }
    let mut sum = Area { auc: 0.0, aumc: 0.0 };
    for (t, c) in times.windows(2).zip(values.windows(2)) {
        let piece = piece((t[0], t[1]), (c[0], c[1]), rule);
        sum.auc += piece.auc;
        sum.aumc += piece.aumc;
    }
    sum
}

/// Between two samples. Eq. 1 to 4
fn piece((t0, t1): (f64, f64), (c0, c1): (f64, f64), rule: Rule) -> Area {
    let dt = t1 - t0;
    if !rule.is_log(c0, c1) {
        let auc = 0.5 * dt * (c0 + c1);
        // The line's own moment from t0 on: dt² (c0 + 2 c1) / 6.
        return Area { auc, aumc: t0 * auc + dt * dt * (c0 + 2.0 * c1) / 6.0 };
    }
    let fall = ln(c0 / c1);
    let auc = c0 * dt * mean_of_fall(fall);
    Area { auc, aumc: t0 * auc + c0 * dt * dt * moment_of_fall(fall) }
}

/// Below this the closed form loses digits, and the series has them all.
const SMALL_FALL: f64 = 0.02;

/// (1 - e^-x) / x: mean of e^-xs over s from 0 to 1.
fn mean_of_fall(x: f64) -> f64 {
    if x.abs() < SMALL_FALL {
        return series(x, &[1.0, 2.0, 6.0, 24.0, 120.0, 720.0, 5040.0]);
    }
    -epsom_maths::exp_m1(-x) / x
}

/// (1 - (1 + x) e^-x) / x²: mean of s e^-xs.
fn moment_of_fall(x: f64) -> f64 {
    if x.abs() < SMALL_FALL {
        // 1 / (n! (n + 2)).
        return series(x, &[2.0, 3.0, 8.0, 30.0, 144.0, 840.0, 5760.0]);
    }
    (1.0 - (1.0 + x) * exp(-x)) / (x * x)
}

/// Sum of (-x)^n over the n-th divisor.
fn series(x: f64, divisors: &[f64]) -> f64 {
    divisors.iter().rev().fold(0.0, |sum, divisor| 1.0 / divisor - x * sum)
}

/// The curve at a time; NaN outside the samples. Eq. 7
pub fn value_at(times: &[f64], values: &[f64], rule: Rule, time: f64) -> f64 {
    let after = times.partition_point(|&known| known < time);
    match times.get(after) {
        Some(&known) if known == time => values[after],
        Some(&next) if after > 0 => {
            let (t0, c0, c1) = (times[after - 1], values[after - 1], values[after]);
            let part = (time - t0) / (next - t0);
            match rule.is_log(c0, c1) {
                true => c0 * exp(-part * ln(c0 / c1)),
                false => c0 + part * (c1 - c0),
            }
        }
        _ => f64::NAN,
    }
}
