//! Mean, variance and quantiles of a slice, in an order that depends on its length only.

/// Sum by halves (pairwise): the error grows with the logarithm of the length.
pub fn sum(values: &[f64]) -> f64 {
    if values.len() <= 32 {
        return values.iter().fold(0.0, |sum, value| sum + value);
    }
    let (left, right) = values.split_at(values.len() / 2);
    sum(left) + sum(right)
}

/// Arithmetic mean; NaN of nothing.
pub fn mean(values: &[f64]) -> f64 {
    sum(values) / values.len() as f64
}

/// Sample variance with divisor n - 1; NaN below two values.
///
/// Two passes, the second corrected by the sum of the deviations (Chan, Golub, LeVeque 1983).
pub fn variance(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    if values.len() < 2 {
        return f64::NAN;
    }
    let center = mean(values);
    let deviations: Vec<f64> = values.iter().map(|value| value - center).collect();
    let squares: Vec<f64> = deviations.iter().map(|d| d * d).collect();
    let left = sum(&deviations);
    (sum(&squares) - left * left / n) / (n - 1.0)
}

/// Quantile of unsorted values, type 7 (linear between order statistics); NaN of nothing.
///
/// # Source
/// Hyndman and Fan, The American Statistician 50 (1996) 361-365.
pub fn quantile(values: &[f64], probability: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    quantile_sorted(&sorted, probability)
}

/// Quantile, type 7, of values already in rising order.
///
/// NaN of nothing, or for a probability outside [0, 1].
pub fn quantile_sorted(sorted: &[f64], probability: f64) -> f64 {
    if sorted.is_empty() || !(0.0..=1.0).contains(&probability) {
        return f64::NAN;
    }
    let place = probability * (sorted.len() - 1) as f64;
    let below = (place as usize).min(sorted.len() - 1);
    let above = (below + 1).min(sorted.len() - 1);
    between(sorted[below], sorted[above], place - below as f64)
}

/// The point a fraction of the way from one value to the next, exact at both ends.
pub(super) fn between(from: f64, to: f64, fraction: f64) -> f64 {
    if fraction <= 0.0 || from == to { from } else { from + fraction * (to - from) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_type_7() {
        // R: quantile(c(1, 2, 4, 8), c(0, .1, .5, .9, 1)).
        let values = [8.0, 1.0, 4.0, 2.0];
        assert_eq!(quantile(&values, 0.0), 1.0);
        assert!((quantile(&values, 0.1) - 1.3).abs() < 4.0 * f64::EPSILON);
        assert_eq!(quantile(&values, 0.5), 3.0);
        assert!((quantile(&values, 0.9) - 6.8).abs() < 16.0 * f64::EPSILON);
        assert_eq!(quantile(&values, 1.0), 8.0);
        assert!(quantile(&[], 0.5).is_nan());
        assert!(quantile(&values, 1.1).is_nan());
    }

    #[test]
    fn variance_survives_a_large_mean() {
        // The deviations are exact, so the result is too.
        let values: Vec<f64> = [4.0, 7.0, 13.0, 16.0].iter().map(|v| v + 1e9).collect();
        assert_eq!(mean(&values), 1e9 + 10.0);
        assert_eq!(variance(&values), 30.0);
        assert!(variance(&[1.0]).is_nan());
    }

    #[test]
    fn sums_of_tenths_stay_within_a_logarithm_of_roundings() {
        let n = 1 << 20;
        let total = sum(&vec![0.1; n]);
        let exact = 0.1 * n as f64;
        // 32 roundings in a leaf and 15 levels above it.
        assert!((total - exact).abs() <= 47.0 * f64::EPSILON * exact);
    }
}
