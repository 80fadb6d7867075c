//! The normal distribution function.

use super::erf::{ERF_SPLIT, erf_excess, erfc_tail_of};
use crate::bits::{head, select};

/// Standard normal distribution function: the probability of a value below x.
///
/// Error below 5 ulp where the result is a normal number.
#[inline(always)]
pub fn norm_cdf(x: f64) -> f64 {
    let t = x * std::f64::consts::FRAC_1_SQRT_2;
    let size = t.abs();
    let near = 0.5 + 0.5 * (t + erf_excess(t));
    // -t² = -x²/2 from x itself: the rounding of t would be multiplied by t².
    let v = select(x.abs() > 39.0, 39.0, x.abs());
    let hi = head(v);
    let tail = 0.5
        * erfc_tail_of(
            select(size > 28.0, 28.0, size),
            -0.5 * (hi * hi),
            -0.5 * ((v - hi) * (v + hi)),
        );
    let far = select(x < 0.0, tail, 1.0 - tail);
    select(size < ERF_SPLIT, near, far)
}
