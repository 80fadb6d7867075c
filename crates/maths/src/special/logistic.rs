//! The logistic function, its inverse, and its integral.

use crate::bits::select;
use crate::elementary::{exp, ln_1p};

/// Logistic function 1 / (1 + e^-x).
///
/// Error below 3 ulp.
#[inline(always)]
pub fn expit(x: f64) -> f64 {
    let e = exp(-x.abs());
    select(x < 0.0, e, 1.0) / (1.0 + e)
}

/// ln(p / (1 - p)), without loss near p = 1/2; NaN outside [0, 1].
///
/// Error below 3 ulp.
#[inline(always)]
pub fn logit(p: f64) -> f64 {
    /// 2^-1000 and 2^100, and 100 ln 2: keeps 1/q finite for the smallest q.
    const TINY: f64 = f64::from_bits((1023 - 1000) << 52);
    const LIFT: f64 = f64::from_bits((1023 + 100) << 52);
    let upper = p > 0.5;
    let q = select(upper, 1.0 - p, p);
    let tiny = (q < TINY) & (q > 0.0);
    let odds = (1.0 - 2.0 * q) / select(tiny, q * LIFT, q);
    let size = ln_1p(odds) + select(tiny, 100.0 * std::f64::consts::LN_2, 0.0);
    let value = select(upper, size, -size);
    select(p == 0.5, 0.0, value)
}

/// ln(1 + e^x), finite for every finite x.
///
/// Error below 2 ulp.
#[inline(always)]
pub fn softplus(x: f64) -> f64 {
    select(x > 0.0, x, 0.0) + ln_1p(exp(-x.abs()))
}
