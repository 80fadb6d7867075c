//! Step sizes.

/// Hairer, Norsett, Wanner, Solving Ordinary Differential Equations I, II.4: a hundredth of the
/// time in which the state changes by its size.
#[inline(always)]
pub(super) fn first_step<const W: usize>(
    y: &[[f64; W]],
    k: &[[f64; W]],
    atol: &[[f64; W]],
    rtol: f64,
    lane: usize,
    span_h: f64,
) -> f64 {
    let (mut size, mut change) = (0.0_f64, 0.0_f64);
    for i in 0..y.len() {
        let tolerance = atol[i][lane] + rtol * y[i][lane].abs();
        size = size.max(y[i][lane].abs() / tolerance);
        change = change.max(k[i][lane].abs() / tolerance);
    }
    let chosen = if size > 1e-5 && change > 1e-5 { 0.01 * size / change } else { 1e-6 };
    chosen.min(span_h)
}

/// `0.9 error^(-1/5)` between 1/5 and 5, from the square of the error; 1/10 where it is not finite.
#[inline(always)]
pub(super) fn step_factor(mean_square: f64) -> f64 {
    // Outside these the factor is at its bound; inside, the root below converges.
    let square = mean_square.clamp(1e-9, 1e9);
    // x^(-1/10) by Newton's method, from an exponent divided in the bits.
    let one = 1.0_f64.to_bits() as i64;
    let mut root = f64::from_bits((one - (square.to_bits() as i64 - one) / 10) as u64);
    for _ in 0..5 {
        let (r2, r4) = (root * root, root * root * root * root);
        root = root * (11.0 - square * r4 * r4 * r2) / 10.0;
    }
    if mean_square.is_finite() { (0.9 * root).clamp(0.2, 5.0) } else { 0.1 }
}

/// Smallest step that still moves the clock by a few of its last digits.
#[inline(always)]
pub(super) fn smallest_step(time_h: f64) -> f64 {
    16.0 * f64::EPSILON * time_h.abs().max(f64::MIN_POSITIVE)
}
