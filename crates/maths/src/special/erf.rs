//! The error function: an odd polynomial near 0, e^(-x²) times a smooth factor in the tail.

use crate::bits::{head, poly, select};
use crate::elementary::exp::exp_split;

/// Below this |x| the polynomial serves, above it the tail.
pub(crate) const ERF_SPLIT: f64 = 0.75;

/// erf(x)/x - 1 as a polynomial in x², |x| <= 3/4; weighted error 2^-56.
const ERF: [f64; 12] = [
    0.1283791670955126,
    -0.37612638903183754,
    0.11283791670955087,
    -0.026866170645118426,
    0.005223977625221888,
    -0.0008548327001109076,
    0.00012055331543818947,
    -1.4925589331989037e-05,
    1.646038204353174e-06,
    -1.6333213091801684e-07,
    1.4413751635274794e-08,
    -9.502408872183395e-10,
];

/// (1 + 2x) e^(x²) erfc(x) as a polynomial in (x - 3)/(x + 3), 3/4 <= x <= 28; error 2^-54.
const TAIL: [f64; 22] = [
    1.2530080582697296,
    -0.1356211061245812,
    -0.047562294353451294,
    0.12964515870276302,
    -0.11927366341526527,
    0.06830802734388654,
    -0.023770514919949765,
    0.0025293918179867645,
    0.0018886903783005575,
    -0.0007798322979559134,
    -0.00010515995521993017,
    0.0001250995831777096,
    4.95022320095935e-06,
    -2.010191642678182e-05,
    -7.334807797626589e-07,
    3.4774387482669343e-06,
    3.589552925459676e-07,
    -6.280353928174554e-07,
    -1.3897920793044854e-07,
    1.159329822030985e-07,
    3.1951738871358625e-08,
    -2.002736912811301e-08,
];

/// Error function, the integral of the normal density scaled to run from -1 to 1.
///
/// Error below 2 ulp.
#[inline(always)]
pub fn erf(x: f64) -> f64 {
    let size = x.abs();
    let small = size + erf_excess(size);
    let value = select(size < ERF_SPLIT, small, 1.0 - erfc_tail(size));
    value.copysign(x)
}

/// Complementary error function 1 - erf(x), without loss in the right tail.
///
/// Error below 5 ulp where the result is a normal number.
#[inline(always)]
pub fn erfc(x: f64) -> f64 {
    let size = x.abs();
    let tail = erfc_tail(size);
    let far = select(x > 0.0, tail, 2.0 - tail);
    // (1 - x) is exact where it matters, which keeps the last bits of 1 - erf(x).
    let near = (1.0 - x) - erf_excess(x);
    select(size < ERF_SPLIT, near, far)
}

/// erf(x) - x for |x| < 3/4.
#[inline(always)]
pub(crate) fn erf_excess(x: f64) -> f64 {
    x * poly(x * x, &ERF)
}

/// erfc(x) for x >= 3/4; 0 beyond 27.3.
#[inline(always)]
fn erfc_tail(x: f64) -> f64 {
    let x = select(x > 28.0, 28.0, x);
    let hi = head(x);
    erfc_tail_of(x, -(hi * hi), -((x - hi) * (x + hi)))
}

/// erfc(x) for x >= 3/4 where -x² is given as hi + lo.
#[inline(always)]
pub(crate) fn erfc_tail_of(x: f64, hi: f64, lo: f64) -> f64 {
    let smooth = poly((x - 3.0) / (x + 3.0), &TAIL) / (1.0 + 2.0 * x);
    exp_split(hi, lo, 0) * smooth
}
