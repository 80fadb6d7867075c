//! The incomplete gamma function, both tails.

use super::deviance::{deviance, stirling_rest};
use crate::elementary::exp;

const PI: f64 = std::f64::consts::PI;

/// Regularized lower incomplete gamma function $P(a, x)$, for a > 0 and x >= 0.
///
/// NaN outside of that. Relative error below 1e-12 for a up to 1e6.
/// # Source
/// Series DLMF 8.7.1 and continued fraction 8.9.2; prefactor after Loader (2000).
pub fn gamma_inc(a: f64, x: f64) -> f64 {
    gamma_tails(a, x).0
}

/// $P(a, x)$ and $Q(a, x) = 1 - P(a, x)$.
pub(super) fn gamma_tails(a: f64, x: f64) -> (f64, f64) {
    if !(a > 0.0 && a.is_finite() && x >= 0.0) {
        return (f64::NAN, f64::NAN);
    }
    if x == 0.0 {
        return (0.0, 1.0);
    }
    if x == f64::INFINITY {
        return (1.0, 0.0);
    }
    // x^a e^-x / Γ(a + 1)
    let front = exp(-stirling_rest(a) - deviance(a, x, a - x)) / (2.0 * PI * a).sqrt();
    if x < a + 1.0 {
        let lower = (front * series(a, x)).min(1.0);
        (lower, 1.0 - lower)
    } else {
        let upper = (front * a * fraction(a, x)).min(1.0);
        (1.0 - upper, upper)
    }
}

/// 1 + x/(a + 1) + x²/((a + 1)(a + 2)) + …
fn series(a: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut below) = (1.0, 1.0, a);
    loop {
        below += 1.0;
        term *= x / below;
        let next = sum + term;
        if next == sum {
            return sum;
        }
        sum = next;
    }
}

/// 1/(x + 1 - a - 1 (1 - a)/(x + 3 - a - …)), by Lentz's method.
fn fraction(a: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let mut c = f64::INFINITY;
    let mut d = 1.0 / b;
    let mut result = d;
    for step in 1..200_000 {
        let m = f64::from(step);
        let top = -m * (m - a);
        b += 2.0;
        d = 1.0 / (top * d + b);
        c = b + top / c;
        let change = c * d;
        result *= change;
        if (change - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    result
}
