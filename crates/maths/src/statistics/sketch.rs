//! Quantiles of a stream: exact while it is short, logarithmic bins after.

use std::collections::BTreeMap;

use super::summary::{between, quantile, quantile_sorted};
use crate::{exp, ln};

/// Quantiles of values that arrive one by one or merged from parts.
///
/// Below [`Self::EXACT_LIMIT`] values they are exact, type 7; from there on each order statistic
/// has a relative error of at most [`Self::RELATIVE_ERROR`]. The state depends only on which
/// values were seen, not on their order or on how parts were merged.
/// # Source
/// Masson, Rim, Lee, "DDSketch", PVLDB 12 (2019) 2195-2205.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantileSketch {
    /// Number of finite values.
    n: u64,
    /// Number of values that were NaN or infinite, which no quantile includes.
    n_not_finite: u64,
    lowest: f64,
    highest: f64,
    /// In rising order, while there are few.
    exact: Vec<f64>,
    /// Counts by bin, once there are many.
    bins: Bins,
}

/// Counts by bin, neighbors in one block: most values of a stream lie in a few of them.
#[derive(Debug, Clone, PartialEq, Default)]
struct Bins(BTreeMap<i64, Box<[u64; BLOCK]>>);

/// Bins of a block.
const BLOCK: usize = 256;

impl Bins {
    fn count(&mut self, bin: i64, count: u64) {
        let (block, place) = (bin.div_euclid(BLOCK as i64), bin.rem_euclid(BLOCK as i64));
        let counts = self.0.entry(block).or_insert_with(|| Box::new([0; BLOCK]));
        counts[place as usize] += count;
    }

    fn merge(&mut self, other: &Self) {
        for (&block, more) in &other.0 {
            let counts = self.0.entry(block).or_insert_with(|| Box::new([0; BLOCK]));
            counts.iter_mut().zip(&**more).for_each(|(count, more)| *count += more);
        }
    }

    /// Bins that hold something, rising, with their counts.
    fn iter(&self) -> impl Iterator<Item = (i64, u64)> {
        self.0.iter().flat_map(|(&block, counts)| {
            let bins = block * BLOCK as i64..;
            bins.zip(&**counts).filter(|(_, count)| **count > 0).map(|(bin, &count)| (bin, count))
        })
    }
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

impl QuantileSketch {
    /// From this many values on, bins replace the values.
    pub const EXACT_LIMIT: u64 = 10_000;

    /// Relative error of an order statistic from bins.
    pub const RELATIVE_ERROR: f64 = 5e-4;

    /// Takes one value in.
    pub fn add(&mut self, value: f64) {
        if !value.is_finite() {
            self.n_not_finite += 1;
            return;
        }
        self.n += 1;
        self.lowest = if value < self.lowest { value } else { self.lowest };
        self.highest = if value > self.highest { value } else { self.highest };
        if self.n < Self::EXACT_LIMIT {
            self.exact.push(value);
        } else {
            self.spill();
            self.bins.count(bin_of(value), 1);
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
        for value in std::mem::take(&mut self.exact) {
            self.bins.count(bin_of(value), 1);
        }
    }
}

/// ln of the ratio of neighboring bins, (1 + e) / (1 - e) for the relative error e.
const LOG_RATIO: f64 = 0.001000000083333275;

/// Bins rise with the value: 0 has bin 0, smaller sizes are nearer to it on either side.
const BIN_OF_ONE: i64 = 1_000_000;

fn bin_of(value: f64) -> i64 {
    if value == 0.0 {
        return 0;
    }
    let (whole, _) = crate::bits::nearest(ln(value.abs()) / LOG_RATIO);
    let bin = BIN_OF_ONE + whole as i64;
    if value > 0.0 { bin } else { -bin }
}

fn value_of(bin: i64) -> f64 {
    if bin == 0 {
        return 0.0;
    }
    // A bin reaches half a ratio either way; its geometric center is within e of both ends.
    let size = exp((bin.abs() - BIN_OF_ONE) as f64 * LOG_RATIO);
    if bin > 0 { size } else { -size }
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
    fn the_ratio_of_bins_is_that_of_their_error() {
        let e = QuantileSketch::RELATIVE_ERROR;
        assert_eq!(LOG_RATIO, ln((1.0 + e) / (1.0 - e)));
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
    }

    #[test]
    fn values_that_are_not_finite_are_counted_apart() {
        let seen = sketch(&[1.0, f64::NAN, f64::INFINITY, 3.0]);
        assert_eq!((seen.n(), seen.n_not_finite(), seen.quantile(0.5)), (2, 2, 2.0));
    }
}
