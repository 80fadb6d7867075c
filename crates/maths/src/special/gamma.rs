//! Gamma, its logarithm and the derivative of that. These branch; they are rare in models.

use super::deviance::STIRLING;
use crate::bits::{is_whole, poly};
use crate::elementary::{exp, ln, ln_1p, pow, sin, tan};

const PI: f64 = std::f64::consts::PI;
/// ln(2π)/2.
const HALF_LN_TWO_PI: f64 = 0.9189385332046728;
/// sqrt(2π).
const ROOT_TWO_PI: f64 = 2.5066282746310002;

/// ln Γ(2 + d) / d for |d| <= 1/2; error 2^-56.
const NEAR_TWO: [f64; 18] = [
    0.42278433509846713,
    0.3224670334241132,
    -0.06735230105319563,
    0.02058080842778338,
    -0.007385551028935545,
    0.002890510330865901,
    -0.0011927539009983087,
    0.0005096695196526673,
    -0.00022315497746292723,
    9.945761692157133e-05,
    -4.4923727564247656e-05,
    2.050601970174762e-05,
    -9.45628851510172e-06,
    4.3828545383846665e-06,
    -1.9743106888421067e-06,
    9.242852225162277e-07,
    -5.811277768921246e-07,
    2.7475390051909663e-07,
];

/// Series of ψ in 1/x²: B_2k / 2k.
const DIGAMMA: [f64; 8] = [
    1.0 / 12.0,
    -1.0 / 120.0,
    1.0 / 252.0,
    -1.0 / 240.0,
    1.0 / 132.0,
    -691.0 / 32_760.0,
    1.0 / 12.0,
    -3617.0 / 8160.0,
];

/// ln |Γ(x)|; infinite at 0 and the negative whole numbers.
///
/// Error below 10 ulp for x > 0; for x < 0 below 1e-14 times the larger of 1 and the two terms of
/// the reflection formula.
pub fn ln_gamma(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    if x <= 0.0 {
        if is_whole(x) {
            return f64::INFINITY;
        }
        return ln(PI / (x * sin_pi(x)).abs()) - ln_gamma(-x);
    }
    if x == f64::INFINITY {
        return x;
    }
    if x < 0.5 {
        return x * poly(x, &NEAR_TWO) - ln_1p(x) - ln(x);
    }
    if x < 1.5 {
        let d = x - 1.0;
        return d * poly(d, &NEAR_TWO) - ln_1p(d);
    }
    if x < 10.0 {
        let (y, product) = reduce(x);
        return (y - 2.0) * poly(y - 2.0, &NEAR_TWO) + ln(product);
    }
    let l = ln(x);
    if x > 1e17 {
        return x * (l - 1.0);
    }
    let inverse = 1.0 / x;
    (x - 0.5) * l - x + (HALF_LN_TWO_PI + inverse * poly(inverse * inverse, &STIRLING))
}

/// Γ(x); infinite above 171.62, NaN at 0 and the negative whole numbers.
///
/// Exact for factorials up to 18!. Error below 20 ulp for x > 0.
pub fn gamma(x: f64) -> f64 {
    if x == 0.0 || x == f64::NEG_INFINITY || (x < 0.0 && is_whole(x)) {
        return f64::NAN;
    }
    if x < 0.0 {
        return -PI / (x * sin_pi(x) * gamma(-x));
    }
    if x < 1.5 {
        return if x < 0.5 { gamma(x + 2.0) / (x * (x + 1.0)) } else { gamma(x + 1.0) / x };
    }
    if x < 20.0 {
        let (y, product) = reduce(x);
        return product * exp((y - 2.0) * poly(y - 2.0, &NEAR_TWO));
    }
    if x > 172.0 {
        return f64::INFINITY;
    }
    // x^(x-1/2) in two halves, since it overflows before Γ does.
    let inverse = 1.0 / x;
    let half = pow(x, 0.5 * x - 0.25);
    ROOT_TWO_PI * half * (exp(-x) * half) * exp(inverse * poly(inverse * inverse, &STIRLING))
}

/// Digamma, the derivative of ln Γ; NaN at 0 and the negative whole numbers.
///
/// Error below 4e-15 times the larger of 1 and the result, for x > 0.
pub fn digamma(x: f64) -> f64 {
    if x <= 0.0 {
        if is_whole(x) {
            return f64::NAN;
        }
        // ψ(x) = ψ(1 - x) - π cot(πx), with x brought into one period.
        let fraction = x - whole_below(x);
        return digamma(1.0 - x) - PI / tan(PI * fraction);
    }
    let mut y = x;
    let mut sum = 0.0;
    while y < 10.0 {
        sum += 1.0 / y;
        y += 1.0;
    }
    let inverse = 1.0 / y;
    let z = inverse * inverse;
    ln(y) - 0.5 * inverse - z * poly(z, &DIGAMMA) - sum
}

/// y in [1.5, 2.5) and (x - 1) (x - 2) … y with Γ(x) = product Γ(y), smallest factors first.
fn reduce(x: f64) -> (f64, f64) {
    let mut y = x;
    while y >= 2.5 {
        y -= 1.0;
    }
    let mut product = 1.0;
    let mut factor = y;
    while factor < x - 0.5 {
        product *= factor;
        factor += 1.0;
    }
    (y, product)
}

/// sin(πx), exactly reduced.
fn sin_pi(x: f64) -> f64 {
    let half = 0.5 * x;
    let turn = 2.0 * (half - whole_below(half));
    if turn <= 0.5 {
        sin(PI * turn)
    } else if turn <= 1.5 {
        sin(PI * (1.0 - turn))
    } else {
        sin(PI * (turn - 2.0))
    }
}

/// The largest whole number not above x.
fn whole_below(x: f64) -> f64 {
    if is_whole(x) {
        return x;
    }
    let (nearest, _) = crate::bits::nearest(x);
    if nearest > x { nearest - 1.0 } else { nearest }
}
