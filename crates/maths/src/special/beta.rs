//! The incomplete beta function, both tails.

use super::deviance::{deviance, stirling_rest};
use crate::elementary::{exp, ln, ln_1p};

const PI: f64 = std::f64::consts::PI;

/// Regularized incomplete beta function $I_x(a, b)$, for a, b > 0 and x in [0, 1].
///
/// NaN outside of that. Relative error below 1e-12 for a and b up to 1e6, and of 1 - result too.
/// # Source
/// Continued fraction of DiDonato and Morris, ACM Trans. Math. Softw. 18 (1992) 360-373, eq. 9,
/// whose terms do not cancel near x = 1; prefactor after Loader (2000).
pub fn beta_inc(a: f64, b: f64, x: f64) -> f64 {
    beta_tails(a, b, x, 1.0 - x).0
}

/// $I_x(a, b)$ and $1 - I_x(a, b)$, where y = 1 - x is given so that neither end loses digits.
pub(super) fn beta_tails(a: f64, b: f64, x: f64, y: f64) -> (f64, f64) {
    let shapes = a > 0.0 && b > 0.0 && a.is_finite() && b.is_finite();
    if !(shapes && x >= 0.0 && y >= 0.0) {
        return (f64::NAN, f64::NAN);
    }
    if x == 0.0 {
        return (0.0, 1.0);
    }
    if y == 0.0 {
        return (1.0, 0.0);
    }
    // The fraction settles fast below the mean; above it the other tail is asked for.
    if x * (a + b) <= a {
        let lower = tail(a, b, x, y);
        (lower, 1.0 - lower)
    } else {
        let upper = tail(b, a, y, x);
        (1.0 - upper, upper)
    }
}

/// $I_x(a, b)$ for x not above the mean.
fn tail(a: f64, b: f64, x: f64, y: f64) -> f64 {
    (prefactor(a, b, x, y) / fraction(a, b, x, y)).min(1.0)
}

/// x^a y^b / B(a, b).
fn prefactor(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let n = a + b;
    let log_x = if x < 0.5 { ln(x) } else { ln_1p(-y) };
    let log_y = if y < 0.5 { ln(y) } else { ln_1p(-x) };
    if n < 10.0 {
        // 1/B by Stirling's formula with its rest: the large terms are small here.
        let rest = stirling_rest(n) - stirling_rest(a) - stirling_rest(b);
        let shape = (n - 0.5) * ln(n) - (a - 0.5) * ln(a) - (b - 0.5) * ln(b);
        return exp(rest + shape + a * log_x + b * log_y) / (2.0 * PI).sqrt();
    }
    let rest = stirling_rest(n) - stirling_rest(a) - stirling_rest(b);
    // a - n x, without the loss of the subtraction where y is small.
    let d = a * y - b * x;
    let gap = deviance(a, n * x, d) + deviance(b, n * y, -d);
    exp(rest - gap) * (a / n * b / (2.0 * PI)).sqrt()
}

/// The denominator of the continued fraction, by Lentz's method: $I_x$ is the prefactor over it.
fn fraction(a: f64, b: f64, x: f64, y: f64) -> f64 {
    // a - (a + b) x, which is what the mean is above x; both products are exact to rounding.
    let gap = a * y - b * x;
    let partial = |m: f64| {
        let odd = a + 2.0 * m - 1.0;
        let top = (a + m - 1.0) / odd * ((a + b + m - 1.0) / odd) * m * (b - m) * (x * x);
        let bottom =
            m + m * (b - m) * x / odd + (a + m) * (gap + 1.0 + m * (1.0 + y)) / (a + 2.0 * m + 1.0);
        (top, bottom)
    };
    let mut result = a * (gap + 1.0) / (a + 1.0);
    let (mut c, mut d) = (result, 0.0);
    // Settles within a few times the root of the larger parameter.
    for step in 1..200_000 {
        let (top, bottom) = partial(f64::from(step));
        d = 1.0 / (bottom + top * d);
        c = bottom + top / c;
        let change = c * d;
        result *= change;
        if (change - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    result
}
