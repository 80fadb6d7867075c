//! Counts of values in logarithmic bins.

use crate::bits::ROUNDER;
use crate::{exp, ln};

/// Counts by bin, in blocks of neighbors: most values of a stream lie in a few of them.
///
/// Blocks rise by their number; those that hold nothing are left out.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Bins(Vec<(i64, Box<Block>)>);

/// Bins of a block.
const BLOCK: usize = 256;

/// Counts of neighboring bins: small numbers, so that those of many cells fit in a cache, and what
/// does not fit in them.
#[derive(Debug, Clone, PartialEq)]
struct Block {
    /// Each count, modulo 2^16.
    low: [Low; BLOCK],
    /// The rest of each count, once one is that large.
    high: Option<Box<[u64; BLOCK]>>,
}
type Low = u16;

/// Values whose bins are found before they are counted.
const BATCH: usize = 64;

impl Bins {
    /// Counts finite values.
    pub(super) fn count(&mut self, values: &[f64]) {
        let mut near = 0;
        for values in values.chunks(BATCH) {
            let mut bins = [0; BATCH];
            for (bin, &value) in bins.iter_mut().zip(values) {
                *bin = bin_of(value);
            }
            for &bin in &bins[..values.len()] {
                near = self.place(bin.div_euclid(BLOCK as i64), near);
                self.0[near].1.count(usize::from(bin as u8), 1);
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        let mut near = 0;
        for (number, more) in &other.0 {
            near = self.place(*number, near);
            let block = &mut self.0[near].1;
            (0..BLOCK).for_each(|at| block.count(at, more.get(at)));
        }
    }

    /// Bins that hold something, rising, with their counts.
    pub(super) fn iter(&self) -> impl Iterator<Item = (i64, u64)> {
        self.0.iter().flat_map(|(number, block)| {
            let bins = (0..BLOCK).map(move |at| (number * BLOCK as i64 + at as i64, block.get(at)));
            bins.filter(|(_, count)| *count > 0)
        })
    }

    /// Where the block of a number stands, as far from the one at `near` as their numbers where no
    /// block between them is left out.
    #[inline(always)]
    fn place(&mut self, number: i64, near: usize) -> usize {
        if let Some((from, _)) = self.0.get(near) {
            let guess = (near as i64 + number - from) as usize;
            if self.0.get(guess).is_some_and(|(found, _)| *found == number) {
                return guess;
            }
        }
        self.search(number)
    }

    #[cold]
    fn search(&mut self, number: i64) -> usize {
        self.0.binary_search_by_key(&number, |(number, _)| *number).unwrap_or_else(|at| {
            let block = Block { low: [0; BLOCK], high: None };
            self.0.insert(at, (number, Box::new(block)));
            at
        })
    }
}

impl Block {
    #[inline(always)]
    fn count(&mut self, at: usize, count: u64) {
        let sum = u64::from(self.low[at]) + count;
        self.low[at] = sum as Low;
        let rest = sum - u64::from(sum as Low);
        if rest > 0 {
            self.carry(at, rest);
        }
    }

    #[cold]
    fn carry(&mut self, at: usize, rest: u64) {
        self.high.get_or_insert_with(|| Box::new([0; BLOCK]))[at] += rest;
    }

    fn get(&self, at: usize) -> u64 {
        u64::from(self.low[at]) + self.high.as_ref().map_or(0, |high| high[at])
    }
}

/// ln of the ratio of neighboring bins, (1 + e) / (1 - e) for the relative error e.
const LOG_RATIO: f64 = 0.001000000083333275;

/// Bins rise with the value: 0 has bin 0, smaller sizes are nearer to it on either side.
const BIN_OF_ONE: i64 = 1_000_000;

/// The bin of a finite value; without a branch, so that a loop over it is vector code.
#[inline(always)]
fn bin_of(value: f64) -> i64 {
    // The nearest whole number, in the low bits.
    let whole = (ln(value.abs()) / LOG_RATIO + ROUNDER).to_bits() as i64;
    let size = BIN_OF_ONE + whole - ROUNDER.to_bits() as i64;
    let signed = if value > 0.0 { size } else { -size };
    if value == 0.0 { 0 } else { signed }
}

/// The value that stands for a bin.
pub(super) fn value_of(bin: i64) -> f64 {
    if bin == 0 {
        return 0.0;
    }
    // A bin reaches half a ratio either way; its geometric center is within e of both ends.
    let size = exp((bin.abs() - BIN_OF_ONE) as f64 * LOG_RATIO);
    if bin > 0 { size } else { -size }
}

#[cfg(test)]
mod tests {
    use super::super::QuantileSketch;
    use super::*;

    #[test]
    fn the_ratio_of_bins_is_that_of_their_error() {
        let e = QuantileSketch::RELATIVE_ERROR;
        assert_eq!(LOG_RATIO, ln((1.0 + e) / (1.0 - e)));
    }
}
