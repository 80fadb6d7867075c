//! One value from one random number, by the inverse distribution function.
//!
//! Bounds truncate: the number is mapped into the probability interval between them, so that a
//! bounded draw still takes one number, keeps its rank, and leaves no pile at a bound.

use epsom_maths::{exp, expit, ln, logit, norm_cdf, norm_quantile};
use epsom_model::ir::Distribution;

/// A random number as it comes: uniform, or a normal score where it was correlated with others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Score {
    /// In (0, 1).
    Uniform(f64),
    /// Standard normal.
    Normal(f64),
}

impl Score {
    fn probability(self) -> f64 {
        match self {
            Self::Uniform(u) => u,
            Self::Normal(z) => norm_cdf(z),
        }
    }

    fn normal(self) -> f64 {
        match self {
            Self::Uniform(u) => norm_quantile(u),
            Self::Normal(z) => z,
        }
    }
}

/// The value of `distribution` around `center`, truncated to `bounds`.
pub(super) fn draw(
    distribution: &Distribution,
    center: f64,
    bounds: (f64, f64),
    score: Score,
) -> f64 {
    let (low, high) = bounds;
    let value = match *distribution {
        // What is held stays as given, wherever it lies.
        Distribution::Fixed => return center,
        Distribution::Normal { sd } if sd > 0.0 => {
            let z = truncated(score, (low - center) / sd, (high - center) / sd);
            center + sd * z
        }
        Distribution::LogNormal { sd } if sd > 0.0 && center != 0.0 => {
            let ends = log_ends(center, bounds);
            center * exp(sd * truncated(score, ends.0 / sd, ends.1 / sd))
        }
        Distribution::LogitNormal { sd } if sd > 0.0 && 0.0 < center && center < 1.0 => {
            let middle = logit(center);
            let end = |bound: f64| (logit(clamp(bound, (0.0, 1.0))) - middle) / sd;
            expit(middle + sd * truncated(score, end(low), end(high)))
        }
        Distribution::Uniform { lo, hi } => {
            let (lo, hi) = (clamp(lo, bounds), clamp(hi, bounds));
            lo + (hi - lo) * score.probability()
        }
        Distribution::Triangular { lo, hi } => triangular(lo, center, hi, bounds, score),
        _ => center,
    };
    clamp(value, bounds)
}

/// Normal score within [a, b]. Eq. 4; mirrored where the interval lies in the upper tail, whose
/// probabilities would round to 1.
fn truncated(score: Score, a: f64, b: f64) -> f64 {
    if a == f64::NEG_INFINITY && b == f64::INFINITY {
        return score.normal();
    }
    let u = score.probability();
    let upper = a > 0.0;
    let (from, to) = if upper { (norm_cdf(-b), norm_cdf(-a)) } else { (norm_cdf(a), norm_cdf(b)) };
    // So far out that nothing is left: the end nearest to the middle.
    if to == 0.0 {
        return if upper { a } else { b };
    }
    let z = if upper {
        -norm_quantile(from + (1.0 - u) * (to - from))
    } else {
        norm_quantile(from + u * (to - from))
    };
    clamp(z, (a, b))
}

/// Bounds of ln(x / center); the order turns where values are negative.
fn log_ends(center: f64, bounds: (f64, f64)) -> (f64, f64) {
    let (inner, outer) = if center > 0.0 { bounds } else { (-bounds.1, -bounds.0) };
    let end = |size: f64| {
        if size > 0.0 { ln(size / center.abs()) } else { f64::NEG_INFINITY }
    };
    (end(inner), end(outer))
}

/// Triangle from `lo` over `mode` to `hi`, truncated. Eq. 5.
fn triangular(lo: f64, mode: f64, hi: f64, bounds: (f64, f64), score: Score) -> f64 {
    if hi <= lo {
        return lo;
    }
    let mode = clamp(mode, (lo, hi));
    let (left, right, base) = (mode - lo, hi - mode, hi - lo);
    let below = |x: f64| {
        let x = clamp(x, (lo, hi));
        if x < mode {
            (x - lo) * (x - lo) / (base * left)
        } else if right > 0.0 {
            1.0 - (hi - x) * (hi - x) / (base * right)
        } else {
            1.0
        }
    };
    let (from, to) = (below(bounds.0), below(bounds.1));
    let p = from + score.probability() * (to - from);
    if p * base < left {
        lo + (p * base * left).sqrt()
    } else {
        hi - ((1.0 - p) * base * right).sqrt()
    }
}

fn clamp(value: f64, (low, high): (f64, f64)) -> f64 {
    if value < low {
        low
    } else if value > high {
        high
    } else {
        value
    }
}
