//! Parts that keep the densities of the binomial, Poisson, beta and gamma exact at any size.
//!
//! Loader, Fast and accurate computation of binomial probabilities, 2000.

use super::gamma::ln_gamma;
use crate::bits::poly;
use crate::elementary::ln;

/// ln(2π)/2.
const HALF_LN_TWO_PI: f64 = 0.9189385332046728;

/// Stirling's series of ln Γ in 1/x²: B_2k / (2k (2k - 1)).
pub(super) const STIRLING: [f64; 8] = [
    1.0 / 12.0,
    -1.0 / 360.0,
    1.0 / 1260.0,
    -1.0 / 1680.0,
    1.0 / 1188.0,
    -691.0 / 360_360.0,
    1.0 / 156.0,
    -3617.0 / 122_400.0,
];

/// What Stirling's formula lacks: ln Γ(z) - (z - 1/2) ln z + z - ln(2π)/2, for z > 0.
pub(super) fn stirling_rest(z: f64) -> f64 {
    if z >= 10.0 {
        let inverse = 1.0 / z;
        return inverse * poly(inverse * inverse, &STIRLING);
    }
    ln_gamma(z) - (z - 0.5) * ln(z) + z - HALF_LN_TWO_PI
}

/// x ln(x/m) - d for x, m > 0 and d = x - m, without loss where they are close.
pub(super) fn deviance(x: f64, m: f64, d: f64) -> f64 {
    if d.abs() >= 0.1 * (x + m) {
        return x * ln(x / m) - d;
    }
    // ln(x/m) = 2 (v + v³/3 + v⁵/5 + …) with v = (x - m)/(x + m), and 2 x v - d = d v.
    let v = d / (x + m);
    let square = v * v;
    let mut power = 2.0 * x * v;
    let mut sum = d * v;
    let mut odd = 3.0;
    loop {
        power *= square;
        let next = sum + power / odd;
        if next == sum {
            return sum;
        }
        sum = next;
        odd += 2.0;
    }
}
