//! Logarithms: 2^k m with m near 1, then ln m = 2 atanh((m - 1)/(m + 1)).

use super::exp::{LN2_HI, LN2_LO};
use crate::bits::{Binary, binary, head, poly, power_of_two, select, two_sum};

/// (2 atanh(s)/s - 2) / s² as a polynomial in s², s² <= 0.0295; weighted error 2^-61.
const LN: [f64; 8] = [
    0.6666666666666666,
    0.4000000000000088,
    0.2857142857080323,
    0.2222222239180047,
    0.18181795630884753,
    0.15386240205813478,
    0.13268759668560612,
    0.13086767009948175,
];

/// (3 atanh(s)/s - 3 - s²) / s⁴ as a polynomial in s²; weighted error 2^-67.
const LOG2: [f64; 8] = [
    0.6,
    0.4285714285714405,
    0.3333333333248383,
    0.272727275030892,
    0.23076892443777647,
    0.20002207040770967,
    0.1755935450923681,
    0.17584767935814777,
];

/// 2 / (3 ln 2), whole and in two parts of which the first has 26 bits.
const TWO_THIRDS_LOG2_E: f64 = 0.9617966939259756;
const TWO_THIRDS_LOG2_E_HI: f64 = 0.9617966860532761;
const TWO_THIRDS_LOG2_E_LO: f64 = 7.872699542894897e-09;

/// log10(2) in two parts of which the first has 26 bits.
const LOG10_2_HI: f64 = 0.3010299950838089;
const LOG10_2_LO: f64 = 5.801722962879576e-10;

/// Natural logarithm.
///
/// `ln(0)` is -infinity, a negative argument gives NaN.
///
/// Error below 1 ulp.
#[inline(always)]
pub const fn ln(x: f64) -> f64 {
    let Binary { k, m } = binary(x);
    log_specials(x, ln_near_one(k, m - 1.0))
}

/// ln(1 + x), without loss for small x.
///
/// Error below 1.5 ulp.
#[inline(always)]
pub fn ln_1p(x: f64) -> f64 {
    let (u, error) = two_sum(1.0, x);
    let Binary { k, m } = binary(u);
    // 1 + x = 2^k (m + error 2^-k): what the sum lost returns here.
    let back = power_of_two((-k + crate::bits::ROUNDER).to_bits());
    let result = log_specials(u, ln_near_one(k, (m - 1.0) + error * back));
    select(x.abs() < 1e-300, x, select(x == f64::INFINITY, x, result))
}

/// Logarithm to base 10, exact for powers of ten.
///
/// Error below 1 ulp.
#[inline(always)]
pub fn log10(x: f64) -> f64 {
    let (hi, lo) = log2_split(x);
    let result = hi * LOG10_2_HI + (lo * LOG10_2_HI + (hi + lo) * LOG10_2_LO);
    log_specials(x, result)
}

/// Logarithm to base 2, exact for powers of two.
///
/// Error below 1 ulp.
#[inline(always)]
pub fn log2(x: f64) -> f64 {
    let (hi, lo) = log2_split(x);
    log_specials(x, hi + lo)
}

/// k ln 2 + ln(1 + f) for f in [sqrt(1/2) - 1, sqrt(2) - 1].
#[inline(always)]
const fn ln_near_one(k: f64, f: f64) -> f64 {
    let s = f / (2.0 + f);
    let z = s * s;
    let half_square = 0.5 * f * f;
    // ln(1+f) = f - (f²/2 - s (f²/2 + z P(z))): the large term f is not rounded.
    let small = s * (half_square + z * poly(z, &LN)) + k * LN2_LO;
    k * LN2_HI - ((half_square - small) - f)
}

/// log2(x) as an unevaluated sum with about 64 good bits; the first part has 26 bits.
///
/// Positive finite x only; any other gives finite nonsense.
#[inline(always)]
pub(crate) fn log2_split(x: f64) -> (f64, f64) {
    let Binary { k, m } = binary(x);
    let f = m - 1.0;
    let t = m + 1.0;
    // s = f/t in two parts: t in two parts, then what s_hi leaves over.
    let inverse = 1.0 / t;
    let s = f * inverse;
    let s_hi = head(s);
    let t_hi = head(t);
    let t_lo = m - (t_hi - 1.0);
    let s_lo = ((f - s_hi * t_hi) - s_hi * t_lo) * inverse;
    // u = 3 + s² + s⁴ Q(s²), so that log2 m = 2/(3 ln 2) s u.
    let z_hi = s_hi * s_hi;
    let z = s * s;
    let rest = s_lo * (s_hi + s) + z * z * poly(z, &LOG2);
    let u_hi = head(3.0 + z_hi + rest);
    let u_lo = rest - ((u_hi - 3.0) - z_hi);
    // v = s u.
    let v_hi = s_hi * u_hi;
    let v_lo = s_lo * u_hi + s * u_lo;
    let p_hi = head(v_hi + v_lo);
    let p_lo = v_lo - (p_hi - v_hi);
    // Times the constant, plus k.
    let w_hi = TWO_THIRDS_LOG2_E_HI * p_hi;
    let w_lo = TWO_THIRDS_LOG2_E_LO * p_hi + p_lo * TWO_THIRDS_LOG2_E;
    let hi = head((w_hi + w_lo) + k);
    let lo = w_lo - ((hi - k) - w_hi);
    (hi, lo)
}

/// Puts the values at 0, below 0, infinity and NaN over a computed logarithm.
#[inline(always)]
const fn log_specials(x: f64, computed: f64) -> f64 {
    let usual = select(x == 0.0, f64::NEG_INFINITY, computed);
    let usual = select(x == f64::INFINITY, x, usual);
    select(x >= 0.0, usual, f64::NAN)
}
