//! Exponentials: Cody-Waite reduction to |r| <= ln(2)/2, a polynomial, a power of two.

use crate::bits::{nearest, poly, power_of_two, scale, select, two_sum};

pub(crate) const LOG2_E: f64 = std::f64::consts::LOG2_E;
/// ln 2 in two parts; n * `LN2_HI` is exact for |n| < 2^11.
pub(crate) const LN2_HI: f64 = 0.693_147_180_559_890_3;
pub(crate) const LN2_LO: f64 = 5.497_923_018_708_371e-14;

/// (e^r - 1 - r) / r² on |r| <= ln(2)/2; weighted error 2^-61.
const EXP: [f64; 12] = [
    0.5,
    0.16666666666666666,
    0.04166666666666668,
    0.008333333333333333,
    0.0013888888888879073,
    0.00019841269841263298,
    2.4801587336442236e-05,
    2.755731924721873e-06,
    2.75572632790885e-07,
    2.505207109429355e-08,
    2.0918137737642736e-09,
    1.608662795678037e-10,
];

/// e^x.
///
/// Above 709.79 the result is infinite, below -745.14 it is 0.
///
/// Error below 1 ulp.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    exp_split(x, 0.0, 0)
}

/// e^(hi + lo) * 2^-down, for |lo| much smaller than |hi| + 1.
#[inline(always)]
pub(crate) fn exp_split(hi: f64, lo: f64, down: u64) -> f64 {
    // Written so that NaN passes through: both comparisons are false for it.
    let over = hi > 712.0;
    let under = hi < -750.0;
    let x = select(over, 712.0, select(under, -750.0, hi));
    let lo = select(over | under, 0.0, lo);
    let (n, bits) = nearest(x * LOG2_E);
    let r_hi = x - n * LN2_HI;
    let r_lo = n * LN2_LO - lo;
    scale(exp_reduced(r_hi, r_lo), bits.wrapping_sub(down))
}

/// e^(hi - lo) for a reduced argument, |hi| <= 0.35 and lo tiny.
#[inline(always)]
pub(crate) fn exp_reduced(hi: f64, lo: f64) -> f64 {
    let r = hi - lo;
    let tail = ((hi - r) - lo) + r * r * poly(r, &EXP);
    1.0 + (r + tail)
}

/// e^x - 1, without loss for small x.
///
/// Error below 1 ulp.
#[inline(always)]
pub fn exp_m1(x: f64) -> f64 {
    let over = x > 712.0;
    let v = select(over, 712.0, select(x < -50.0, -50.0, x));
    let (n, bits) = nearest(v * LOG2_E);
    let hi = v - n * LN2_HI;
    let lo = n * LN2_LO;
    let r = hi - lo;
    let tail = ((hi - r) - lo) + r * r * poly(r, &EXP);
    // e^x - 1 = 2 (p (r + tail) + (p - 1/2)) with p = 2^(n-1), which exists also for n = 1024.
    let p = power_of_two(bits.wrapping_sub(1));
    let (sum, error) = two_sum(p - 0.5, p * r);
    let result = 2.0 * (sum + (error + p * tail));
    // Keeps the sign of -0 and the exact value of a subnormal.
    select(x.abs() < 1e-300, x, select(over, f64::INFINITY, result))
}
