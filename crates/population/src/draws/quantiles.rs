//! A quantity of people by three of its quantiles, as surveys print them.

use epsom_maths::{exp, ln, norm_cdf, norm_quantile};

/// Standard normal score of the 95th percentile.
pub const SCORE_95: f64 = 1.644_853_626_951_472_6;

/// The quantile function through the 5th, 50th and 95th percentile: straight in the normal score
/// below and above the middle, on the scale of the value or of its logarithm. Eq. 13.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantiles {
    /// 5th, 50th and 95th percentile, rising.
    pub percentiles: [f64; 3],
    /// Whether the logarithm is straight; percentiles and bounds are then above 0.
    pub is_log: bool,
    /// Values are truncated to these.
    pub bounds: (f64, f64),
}

impl Quantiles {
    /// Those of a normal distribution.
    pub fn normal(mean: f64, sd: f64, bounds: (f64, f64)) -> Self {
        let at = |score: f64| mean + sd * score;
        Self { percentiles: [at(-SCORE_95), mean, at(SCORE_95)], is_log: false, bounds }
    }

    /// The value at a standard normal score, truncated as in Eq. 4.
    pub fn value(&self, score: f64) -> f64 {
        let (from, to) = self.inside();
        let inside = norm_quantile(from + norm_cdf(score) * (to - from));
        let (lo, hi) = self.bounds;
        self.untruncated(inside).clamp(lo, hi)
    }

    /// The standard normal score of a value, without regard to the bounds.
    pub fn score(&self, value: f64) -> f64 {
        let [low, middle, high] = self.percentiles.map(|one| self.scaled(one));
        let from_middle = self.scaled(value) - middle;
        let width = if from_middle < 0.0 { middle - low } else { high - middle };
        SCORE_95 * from_middle / width
    }

    /// Probability of all below the lower bound, and of all below the upper one.
    pub fn inside(&self) -> (f64, f64) {
        (norm_cdf(self.score(self.bounds.0)), norm_cdf(self.score(self.bounds.1)))
    }

    fn untruncated(&self, score: f64) -> f64 {
        let [low, middle, high] = self.percentiles.map(|one| self.scaled(one));
        let width = if score < 0.0 { middle - low } else { high - middle };
        let found = middle + width * score / SCORE_95;
        if self.is_log { exp(found) } else { found }
    }

    fn scaled(&self, value: f64) -> f64 {
        if self.is_log { ln(value) } else { value }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_percentiles_come_back() {
        for is_log in [false, true] {
            let bounds = if is_log { (1e-3, 1e6) } else { (-1e6, 1e6) };
            let one = Quantiles { percentiles: [60.9, 86.6, 131.8], is_log, bounds };
            for (score, value) in [(-SCORE_95, 60.9), (0.0, 86.6), (SCORE_95, 131.8)] {
                // Some ten roundings on a scale of at most 6, and the errors of the normal
                // distribution and of its inverse, both far below.
                let slack = 1e-12 * value;
                assert!((one.value(score) - value).abs() < slack, "{is_log} {score}");
                assert!((one.score(value) - score).abs() < 1e-12, "{is_log} {value}");
            }
        }
    }

    #[test]
    fn a_normal_quantity_keeps_mean_and_spread() {
        let one = Quantiles::normal(75.0, 20.0, (-1e9, 1e9));
        for score in [-3.0, -1.0, 0.5, 2.0] {
            assert!((one.value(score) - (75.0 + 20.0 * score)).abs() < 1e-9);
        }
    }

    #[test]
    fn bounds_truncate_and_leave_no_pile() {
        let one = Quantiles::normal(75.0, 20.0, (70.0, 90.0));
        assert!(one.value(-30.0) == 70.0 && one.value(30.0) == 90.0);
        let inside: Vec<f64> = (-20..=20).map(|tenth| one.value(f64::from(tenth) / 10.0)).collect();
        assert!(inside.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(inside.iter().all(|value| (70.0..90.0).contains(value) && *value > 70.0));
    }
}
