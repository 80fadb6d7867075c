//! Quantiles of a stream: exact while it is short, logarithmic bins after.

use super::bins::{Bins, value_of};
use super::summary::{between, quantile, quantile_sorted};

/// Quantiles of values that arrive one by one or merged from parts.
///
/// Below [`Self::EXACT_LIMIT`] values they are exact, type 7; from there on each order statistic
/// has a relative error of at most [`Self::RELATIVE_ERROR`]. The state depends only on which
/// values were seen, not on their order or on how parts were merged.
/// # Source
/// Masson, Rim, Lee, "DDSketch", PVLDB 12 (2019) 2195-2205.
#[derive(Debug, Clone)]
pub struct QuantileSketch {
    /// Number of finite values.
    n: u64,
    /// Number of values that were NaN or infinite, which no quantile includes.
    n_not_finite: u64,
    lowest: f64,
    highest: f64,
    /// As they came, while there are few.
    exact: Vec<f64>,
    /// Counts by bin, once there are many.
    bins: Bins,
}

impl Default for QuantileSketch {
    fn default() -> Self {
        Self {
            n: 0,
            n_not_finite: 0,
            lowest: f64::INFINITY,
            highest: f64::NEG_INFINITY,
            exact: Vec::new(),
            bins: Bins::default(),
        }
    }
}

impl PartialEq for QuantileSketch {
    fn eq(&self, other: &Self) -> bool {
        let sorted = |one: &Self| {
            let mut values = one.exact.clone();
            values.sort_by(f64::total_cmp);
            values
        };
        (self.n, self.n_not_finite) == (other.n, other.n_not_finite)
            && (self.lowest, self.highest) == (other.lowest, other.highest)
            && self.bins == other.bins
            && sorted(self) == sorted(other)
    }
}

impl QuantileSketch {
    /// From this many values on, bins replace the values.
    pub const EXACT_LIMIT: u64 = 10_000;

    /// Relative error of an order statistic from bins.
    pub const RELATIVE_ERROR: f64 = 5e-4;

    /// Takes one value in.
    pub fn add(&mut self, value: f64) {
        self.add_all(std::slice::from_ref(&value));
    }

    /// Takes values in, as [`Self::add`] one by one: many at once cost much less.
    pub fn add_all(&mut self, values: &[f64]) {
        // Sums of comparisons, without a jump, are vector code.
        let finite = |values: &[f64]| values.iter().fold(true, |all, one| all & one.is_finite());
        if finite(values) {
            return self.add_finite(values);
        }
        for value in values {
            if value.is_finite() {
                self.add_finite(std::slice::from_ref(value));
            } else {
                self.n_not_finite += 1;
            }
        }
    }

    fn add_finite(&mut self, values: &[f64]) {
        let (low, high) = (self.lowest, self.highest);
        if values.iter().fold(false, |any, &one| any | (one < low) | (one > high)) {
            for &value in values {
                self.lowest = if value < self.lowest { value } else { self.lowest };
                self.highest = if value > self.highest { value } else { self.highest };
            }
        }
        let room = (Self::EXACT_LIMIT - 1).saturating_sub(self.n);
        let (exact, binned) = values.split_at(values.len().min(room as usize));
        self.n += values.len() as u64;
        self.exact.extend_from_slice(exact);
        if !binned.is_empty() {
            self.spill();
            self.bins.count(binned);
        }
    }

    /// Takes in all that another sketch saw.
    pub fn merge(&mut self, other: &Self) {
        self.n += other.n;
        self.n_not_finite += other.n_not_finite;
        self.lowest = if other.lowest < self.lowest { other.lowest } else { self.lowest };
        self.highest = if other.highest > self.highest { other.highest } else { self.highest };
        self.exact.extend_from_slice(&other.exact);
        self.bins.merge(&other.bins);
        if self.n >= Self::EXACT_LIMIT {
            self.spill();
        }
    }

    /// Number of finite values seen.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Number of values seen that were NaN or infinite; no quantile includes them.
    pub fn n_not_finite(&self) -> u64 {
        self.n_not_finite
    }

    /// Numbers kept now: the values while they are few, then the bins in use.
    pub fn n_held(&self) -> usize {
        self.exact.len() + self.bins.iter().count()
    }

    /// Whether quantiles are still exact.
    pub fn is_exact(&self) -> bool {
        self.n < Self::EXACT_LIMIT
    }

    /// The quantile at a probability; NaN when nothing was seen or outside [0, 1].
    pub fn quantile(&self, probability: f64) -> f64 {
        if self.is_exact() {
            return quantile(&self.exact, probability);
        }
        self.binned_quantile(probability)
    }

    /// Quantiles at several probabilities, as [`Self::quantile`], for the price of one sorting.
    pub fn quantiles<const N: usize>(&self, probabilities: [f64; N]) -> [f64; N] {
        let mut found = probabilities;
        found.copy_from_slice(&self.quantiles_at(&probabilities));
        found
    }

    /// As [`Self::quantiles`], for a list.
    ///
    /// # Shape
    /// One per probability.
    pub fn quantiles_at(&self, probabilities: &[f64]) -> Vec<f64> {
        if !self.is_exact() {
            return probabilities.iter().map(|&one| self.binned_quantile(one)).collect();
        }
        let mut sorted = self.exact.clone();
        sorted.sort_by(f64::total_cmp);
        probabilities.iter().map(|&one| quantile_sorted(&sorted, one)).collect()
    }

    fn binned_quantile(&self, probability: f64) -> f64 {
        if !(0.0..=1.0).contains(&probability) {
            return f64::NAN;
        }
        let place = probability * (self.n - 1) as f64;
        let below = place as u64;
        let from = self.order_statistic(below);
        let to = self.order_statistic((below + 1).min(self.n - 1));
        between(from, to, place - below as f64)
    }

    /// The value with `rank` values before it, to the error of its bin.
    fn order_statistic(&self, rank: u64) -> f64 {
        if rank == 0 {
            return self.lowest;
        }
        let mut seen = 0;
        for (bin, count) in self.bins.iter() {
            seen += count;
            if seen > rank && rank + 1 < self.n {
                let value = value_of(bin);
                let low = if value < self.lowest { self.lowest } else { value };
                return if low > self.highest { self.highest } else { low };
            }
        }
        self.highest
    }

    fn spill(&mut self) {
        self.bins.count(&std::mem::take(&mut self.exact));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Address, normal};

    fn values(n: u32) -> Vec<f64> {
        (0..n).map(|subject| 3.0 * normal(&Address { subject, ..Address::default() }, 0)).collect()
    }

    fn sketch(values: &[f64]) -> QuantileSketch {
        let mut out = QuantileSketch::default();
        values.iter().for_each(|&value| out.add(value));
        out
    }

    #[test]
    fn short_streams_are_exact() {
        let few = values(9_999);
        let seen = sketch(&few);
        assert!(seen.is_exact());
        assert_eq!(seen.quantile(0.975), quantile(&few, 0.975));
        assert_eq!(seen.quantiles([0.5, 0.975]), [0.5, 0.975].map(|p| quantile(&few, p)));
        assert!(QuantileSketch::default().quantile(0.5).is_nan());
    }

    #[test]
    fn long_streams_keep_the_stated_error() {
        let many = values(30_000);
        let seen = sketch(&many);
        assert!(!seen.is_exact());
        let mut sorted = many.clone();
        sorted.sort_by(f64::total_cmp);
        for k in 0..=100 {
            let rank = k * (many.len() - 1) / 100;
            let (got, want) = (seen.order_statistic(rank as u64), sorted[rank]);
            // One rounding of the logarithm of a bin's edge.
            let bound = QuantileSketch::RELATIVE_ERROR * (1.0 + 1e-9) * want.abs();
            assert!((got - want).abs() <= bound, "{rank}: {got} is not {want}");
        }
        assert_eq!(seen.quantile(0.0), sorted[0]);
        assert_eq!(seen.quantiles([0.1, 0.9]), [0.1, 0.9].map(|p| seen.quantile(p)));
        assert_eq!(seen.quantile(1.0), sorted[many.len() - 1]);
    }

    #[test]
    fn neither_order_nor_partition_matters() {
        let many = values(12_000);
        let whole = sketch(&many);
        let mut backward = many.clone();
        backward.reverse();
        let mut parts = sketch(&many[7_000..]);
        parts.merge(&sketch(&many[..7_000]));
        for k in 0..=1000 {
            let p = f64::from(k) / 1000.0;
            let want = whole.quantile(p).to_bits();
            assert_eq!(sketch(&backward).quantile(p).to_bits(), want);
            assert_eq!(parts.quantile(p).to_bits(), want);
        }
        assert_eq!(parts, whole);
        assert_eq!(sketch(&backward), whole);
        let few = &many[..5_000];
        backward.truncate(5_000);
        assert_ne!(sketch(&backward), sketch(few));
        backward = few.iter().rev().copied().collect();
        assert_eq!(sketch(&backward), sketch(few));
    }

    #[test]
    fn many_at_once_are_as_one_by_one() {
        let mut many = values(10_500);
        for (at, odd) in [(3, f64::NAN), (9_990, f64::INFINITY), (10_100, 0.0), (77, -1e-310)] {
            many[at] = odd;
        }
        let whole = sketch(&many);
        for size in [2, 7, 128, 129, 9_998, 9_999, 10_000, 10_001, 10_500] {
            let mut parts = QuantileSketch::default();
            many.chunks(size).for_each(|part| parts.add_all(part));
            assert_eq!(parts, whole, "{size}");
            assert_eq!(parts.n_held(), whole.n_held());
        }
    }

    #[test]
    fn a_value_seen_very_often_is_counted_whole() {
        let often = 200_000;
        let seen = |values: &[f64]| {
            let mut out = QuantileSketch::default();
            (0..often).for_each(|_| out.add_all(values));
            out
        };
        let whole = seen(&[1.0, 3.0]);
        let mut parts = seen(&[3.0]);
        parts.merge(&seen(&[1.0]));
        assert_eq!(parts, whole);
        assert_eq!((whole.n(), whole.n_held()), (2 * often, 2));
        let last_of_first = (often - 1) as f64 / (2 * often - 1) as f64;
        let found = whole.quantiles([last_of_first - 1e-9, last_of_first + 1.0 / often as f64]);
        for (found, want) in found.into_iter().zip([1.0, 3.0]) {
            assert!((found / want - 1.0).abs() <= QuantileSketch::RELATIVE_ERROR, "{found}");
        }
    }

    #[test]
    fn values_far_apart_keep_their_order() {
        let spread = [1e300, -2.0, 0.0, 5e-324, -1e-300, 7.0, -1e300, 1e-5, 0.3, f64::MAX];
        let many: Vec<f64> = (0..20_000).map(|at| spread[at % spread.len()]).collect();
        let mut sorted = spread.to_vec();
        sorted.sort_by(f64::total_cmp);
        let seen = sketch(&many);
        assert_eq!(seen.n_held(), spread.len());
        for (at, want) in sorted.into_iter().enumerate() {
            let found = seen.order_statistic(2_000 * at as u64 + 1_000);
            let bound = QuantileSketch::RELATIVE_ERROR * (1.0 + 1e-9) * want.abs();
            assert!((found - want).abs() <= bound, "{found} is not {want}");
        }
    }

    #[test]
    fn values_that_are_not_finite_are_counted_apart() {
        let seen = sketch(&[1.0, f64::NAN, f64::INFINITY, 3.0]);
        assert_eq!((seen.n(), seen.n_not_finite(), seen.quantile(0.5)), (2, 2, 2.0));
    }
}
