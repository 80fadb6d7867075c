//! The t, chi-square and F distributions: tails and quantiles.
//!
//! Degrees of freedom are any positive number. Quantiles are found by halving the interval of all
//! positive doubles, so their error is that of the tail function they invert.

use super::beta::beta_tails;
use super::gamma_inc::gamma_tails;
use super::normal::norm_cdf;
use super::quantile::norm_quantile;

/// Probability that a value of Student's t distribution is below t.
///
/// Infinite `df` gives the normal distribution; NaN unless `df` > 0.
///
/// Relative error below 1e-12 for `df` up to 1e6 and results above 1e-150.
pub fn t_cdf(t: f64, df: f64) -> f64 {
    if df == f64::INFINITY {
        return norm_cdf(t);
    }
    let tail = 0.5 * t_tails(t.abs(), df).0;
    if t < 0.0 { tail } else { 1.0 - tail }
}

/// The t below which a value of Student's t distribution falls with probability p.
///
/// 0 gives -infinity, 1 infinity; NaN outside [0, 1] or unless `df` > 0.
///
/// Relative error below 1e-11 for p between 1e-150 and 1 - 1e-16, `df` from 0.5 to 1e6.
pub fn t_quantile(p: f64, df: f64) -> f64 {
    if df == f64::INFINITY {
        return norm_quantile(p);
    }
    if !((0.0..=1.0).contains(&p) && df > 0.0) {
        return f64::NAN;
    }
    if p == 0.5 {
        return 0.0;
    }
    if p == 0.0 || p == 1.0 {
        return f64::INFINITY.copysign(p - 0.5);
    }
    let tail = if p < 0.5 { p } else { 1.0 - p };
    let size = if tail > 0.25 {
        // 1 - 2p is exact here, while the tail knows little of a small t.
        let center = (1.0 - 2.0 * p).abs();
        smallest(|t| t_tails(t, df).1 >= center)
    } else {
        smallest(|t| 0.5 * t_tails(t, df).0 <= tail)
    };
    if p < 0.5 { -size } else { size }
}

/// Both tails together beyond t >= 0, and the probability between them.
fn t_tails(t: f64, df: f64) -> (f64, f64) {
    if !(t >= 0.0 && df > 0.0) {
        return (f64::NAN, f64::NAN);
    }
    let ratio = t * (t / df);
    if ratio == f64::INFINITY {
        return (0.0, 1.0);
    }
    let x = 1.0 / (1.0 + ratio);
    beta_tails(0.5 * df, 0.5, x, ratio * x)
}

/// Probability that a chi-square value is below x.
///
/// Relative error below 1e-12 for `df` up to 1e6.
pub fn chi2_cdf(x: f64, df: f64) -> f64 {
    gamma_tails(0.5 * df, 0.5 * not_below_0(x)).0
}

/// Probability that a chi-square value is above x, without loss in the tail.
///
/// Relative error below 1e-12 for `df` up to 1e6.
pub fn chi2_sf(x: f64, df: f64) -> f64 {
    gamma_tails(0.5 * df, 0.5 * not_below_0(x)).1
}

/// The x below which a chi-square value falls with probability p.
///
/// NaN outside [0, 1] or unless `df` > 0. Relative error below 1e-11 for `df` from 0.5 to 1e6.
pub fn chi2_quantile(p: f64, df: f64) -> f64 {
    invert(p, df > 0.0 && df.is_finite(), |x| gamma_tails(0.5 * df, 0.5 * x))
}

/// Probability that a value of the F distribution is below x.
///
/// Relative error below 1e-12 for degrees of freedom up to 1e6.
pub fn f_cdf(x: f64, df1: f64, df2: f64) -> f64 {
    f_tails(not_below_0(x), df1, df2).0
}

/// Probability that a value of the F distribution is above x, without loss in the tail.
///
/// Relative error below 1e-12 for degrees of freedom up to 1e6.
pub fn f_sf(x: f64, df1: f64, df2: f64) -> f64 {
    f_tails(not_below_0(x), df1, df2).1
}

/// The x below which a value of the F distribution falls with probability p.
///
/// NaN outside [0, 1] or unless both degrees of freedom are above 0.
/// Relative error below 1e-11 for degrees of freedom from 0.5 to 1e6.
pub fn f_quantile(p: f64, df1: f64, df2: f64) -> f64 {
    let valid = df1 > 0.0 && df2 > 0.0 && df1.is_finite() && df2.is_finite();
    invert(p, valid, |x| f_tails(x, df1, df2))
}

fn f_tails(x: f64, df1: f64, df2: f64) -> (f64, f64) {
    if !(df1 > 0.0 && df2 > 0.0) {
        return (f64::NAN, f64::NAN);
    }
    let ratio = x * (df1 / df2);
    if ratio == f64::INFINITY {
        return (1.0, 0.0);
    }
    let y = 1.0 / (1.0 + ratio);
    beta_tails(0.5 * df1, 0.5 * df2, ratio * y, y)
}

/// 0 for what is below it; NaN stays.
fn not_below_0(x: f64) -> f64 {
    if x < 0.0 { 0.0 } else { x }
}

/// Inverts a pair of tails on the side that holds more digits of p.
fn invert(p: f64, valid: bool, tails: impl Fn(f64) -> (f64, f64)) -> f64 {
    if !(0.0..=1.0).contains(&p) || !valid {
        return f64::NAN;
    }
    if p == 1.0 {
        return f64::INFINITY;
    }
    if p <= 0.5 {
        smallest(|x| tails(x).0 >= p)
    } else {
        // 1 - p is exact from 1/2 up.
        smallest(|x| tails(x).1 <= 1.0 - p)
    }
}

/// The smallest double from 0 up at which a condition that stays true becomes true.
fn smallest(reached: impl Fn(f64) -> bool) -> f64 {
    // Positive doubles are ordered as their bits.
    let (mut below, mut above) = (0u64, f64::INFINITY.to_bits());
    if reached(0.0) {
        return 0.0;
    }
    while above - below > 1 {
        let middle = below + (above - below) / 2;
        if reached(f64::from_bits(middle)) {
            above = middle;
        } else {
            below = middle;
        }
    }
    f64::from_bits(above)
}
