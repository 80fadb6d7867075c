//! Hyperbolic functions, from the exponential for large arguments, without cancellation for small.

use super::exp::{exp_m1, exp_split};
use crate::bits::{poly, select};

/// (sinh(x)/x - 1) / x² as a polynomial in x², |x| <= 1; weighted error 2^-56.
const SINH: [f64; 8] = [
    0.16666666666666666,
    0.008333333333333333,
    0.00019841269841269773,
    2.755731922404034e-06,
    2.505210836405804e-08,
    1.6059048396350562e-10,
    7.646625361656657e-13,
    2.8445264169895285e-15,
];

/// Hyperbolic sine.
///
/// Error below 2 ulp.
#[inline(always)]
pub fn sinh(x: f64) -> f64 {
    let size = x.abs();
    let half = exp_split(size, 0.0, 1);
    let large = half - 0.25 / half;
    let z = size * size;
    let small = size + size * z * poly(z, &SINH);
    select(size < 1.0, small, large).copysign(x)
}

/// Hyperbolic cosine.
///
/// Error below 2 ulp.
#[inline(always)]
pub fn cosh(x: f64) -> f64 {
    let half = exp_split(x.abs(), 0.0, 1);
    half + 0.25 / half
}

/// Hyperbolic tangent.
///
/// Error below 2 ulp.
#[inline(always)]
pub fn tanh(x: f64) -> f64 {
    let size = x.abs();
    let e = exp_m1(select(size > 22.0, 44.0, 2.0 * size));
    let large = size > 0.5;
    let q = select(large, 2.0, e) / (e + 2.0);
    let value = select(large, 1.0 - q, q);
    select(size < 1e-300, x, value.copysign(x))
}
