//! Powers: log2 x and its product with y carried in two doubles, so that a large exponent does not
//! enlarge the rounding error of the logarithm.

use super::exp::exp_reduced;
use super::log::log2_split;
use crate::bits::{head, is_whole, nearest, scale, select};

/// ln 2, whole and in two parts of which the first has 26 bits.
const LN2: f64 = std::f64::consts::LN_2;
const LN2_26_HI: f64 = 0.6931471675634384;
const LN2_26_LO: f64 = 1.2996506893889889e-08;

/// x^y.
///
/// Special values as IEEE 754 `pow`: `pow(x, 0)` and `pow(1, y)` are 1, a negative x needs a whole
/// y (else NaN), zero and infinity keep the sign of odd powers.
///
/// Error below 1 ulp.
#[inline(always)]
pub fn pow(x: f64, y: f64) -> f64 {
    let size = x.abs();
    let (log_hi, log_lo) = log2_split(size);
    // Beyond 2^70 the result no longer depends on how large |y| is, and y is even.
    let e = select(y > LARGE, LARGE, select(y < -LARGE, -LARGE, y));
    // y log2 x in two parts.
    let e_hi = head(e);
    let p_hi = e_hi * log_hi;
    let p_lo = (e - e_hi) * log_hi + e * log_lo;
    let over = p_hi > 1100.0;
    let under = p_hi < -1100.0;
    let p_hi = select(over, 1100.0, select(under, -1100.0, p_hi));
    let p_lo = select(over | under, 0.0, p_lo);
    // 2^p = 2^n e^(ln 2 (p - n)).
    let (n, bits) = nearest(p_hi + p_lo);
    let f = (p_hi - n) + p_lo;
    let f_hi = head(f);
    let f_lo = p_lo - (f_hi - (p_hi - n));
    let r_hi = f_hi * LN2_26_HI;
    let r_lo = f_lo * LN2 + f_hi * LN2_26_LO;
    let finite = scale(exp_reduced(r_hi, -r_lo), bits);

    // |x| is 0 or infinite, then signs, then what is defined whatever the other argument.
    let grows = (size > 1.0) == (y > 0.0);
    let edge = select(grows, f64::INFINITY, 0.0);
    let magnitude = select((size == 0.0) | (size == f64::INFINITY), edge, finite);
    let whole = is_whole(y);
    let odd = whole & !is_whole(0.5 * y);
    let negative = x.to_bits() >> 63 != 0;
    let signed = select(negative & odd, -magnitude, magnitude);
    let defined = select((x < 0.0) & !whole & (size != f64::INFINITY), f64::NAN, signed);
    let result = select(x.is_nan() | y.is_nan(), f64::NAN, defined);
    select((y == 0.0) | (x == 1.0), 1.0, result)
}

/// 2^70.
const LARGE: f64 = 1_180_591_620_717_411_303_424.0;

/// x^n for a whole exponent, by repeated squaring up to |n| = 8, else as [`pow`].
///
/// Error below 6 ulp, exact where the intermediate powers are.
#[inline(always)]
pub fn powi(x: f64, n: i32) -> f64 {
    let size = n.unsigned_abs();
    if size > 8 {
        return pow(x, f64::from(n));
    }
    let mut left = size;
    let mut square = x;
    let mut product = 1.0;
    while left > 0 {
        product = if left & 1 == 1 { product * square } else { product };
        square *= square;
        left >>= 1;
    }
    if n < 0 { 1.0 / product } else { product }
}
