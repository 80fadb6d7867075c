//! Counts of values in logarithmic bins.

use crate::bits::{ROUNDER, nearest};
use crate::{exp, ln};

/// Counts by bin, in blocks of neighbors: most values of a stream lie in a few of them.
///
/// Blocks rise by their number; those that hold nothing are left out.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Bins(Vec<(i64, Box<Block>)>);

/// Bins of a block.
const BLOCK: usize = 256;

/// Counts of neighboring bins: in one byte each, so that those of many sketches fit into a cache, and
/// what does not fit into a byte.
#[derive(Debug, Clone, PartialEq)]
struct Block {
    /// Each count, modulo 2^8.
    low: [u8; BLOCK],
    /// The rest of each count, once one is that large.
    high: Option<Box<[u64; BLOCK]>>,
}

/// Values whose bins are found before they are counted.
const BATCH: usize = 64;

impl Bins {
    /// Counts finite values.
    pub(super) fn count(&mut self, values: &[f64]) {
        let mut off = self.first_off();
        for values in values.chunks(BATCH) {
            let mut bins = [0; BATCH];
            for (bin, &value) in bins.iter_mut().zip(values) {
                *bin = bin_of(value);
            }
            for &bin in &bins[..values.len()] {
                let at = usize::from(bin as u8);
                self.block(bin.div_euclid(BLOCK as i64), &mut off).count(at, 1);
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        let mut off = self.first_off();
        for (number, more) in &other.0 {
            let block = self.block(*number, &mut off);
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

    /// How far from its number the first block stands.
    fn first_off(&self) -> i64 {
        self.0.first().map_or(0, |(number, _)| -number)
    }

    /// The block of a number; `off` is how far from its number the last one stood, and as far stand
    /// all that no gap parts from it.
    #[inline(always)]
    fn block(&mut self, number: i64, off: &mut i64) -> &mut Block {
        let guess = (number + *off) as usize;
        let found = self.0.get(guess).is_some_and(|(found, _)| *found == number);
        let at = if found { guess } else { self.search(number, off) };
        &mut self.0[at].1
    }

    #[cold]
    fn search(&mut self, number: i64, off: &mut i64) -> usize {
        let place = self.0.binary_search_by_key(&number, |(number, _)| *number);
        let at = place.unwrap_or_else(|at| {
            let block = Block { low: [0; BLOCK], high: None };
            self.0.insert(at, (number, Box::new(block)));
            at
        });
        *off = at as i64 - number;
        at
    }
}

impl Block {
    #[inline(always)]
    fn count(&mut self, at: usize, count: u64) {
        let sum = u64::from(self.low[at]) + count;
        self.low[at] = sum as u8;
        let rest = sum - u64::from(sum as u8);
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

/// The bin of a finite value: the nearest whole number of ln |x| / [`LOG_RATIO`], with its sign.
///
/// ln |x| = e ln 2 + ln c + ln(1 + r) for |x| = 2^e m and m = c (1 + r), with c from a table and
/// three terms of the last, which are short of 1e-7 bins; nearer than [`CLOSE`] to the edge of a bin
/// the logarithm itself decides.
#[inline(always)]
fn bin_of(value: f64) -> i64 {
    let bits = value.to_bits();
    let biased = (bits >> 52) as i64 & 0x7ff;
    let m = f64::from_bits(bits & MANTISSA | ONE);
    let Part { inverse, log } = PARTS[(bits >> (52 - PART_BITS)) as usize % PARTS.len()];
    let r = m * inverse - 1.0;
    let short = r * (TERMS[0] + r * (TERMS[1] + r * TERMS[2]));
    let place = (biased - 1023) as f64 * OCTAVE + (log + short);
    let shifted = place + ROUNDER;
    let off = place - (shifted - ROUNDER);
    if off.abs() > 0.5 - CLOSE || biased == 0 {
        return exact_bin_of(value);
    }
    let size = BIN_OF_ONE + (shifted.to_bits() as i64 - ROUNDER.to_bits() as i64);
    let sign = bits as i64 >> 63;
    (size ^ sign) - sign
}

/// As [`bin_of`], by the logarithm itself.
#[cold]
fn exact_bin_of(value: f64) -> i64 {
    if value == 0.0 {
        return 0;
    }
    let (whole, _) = nearest(ln(value.abs()) / LOG_RATIO);
    let bin = BIN_OF_ONE + whole as i64;
    if value > 0.0 { bin } else { -bin }
}

/// Where the short logarithm leaves the choice to the exact one, in bins.
const CLOSE: f64 = 1e-6;
/// The bits of a mantissa, and those of 1.
const MANTISSA: u64 = (1 << 52) - 1;
const ONE: u64 = 0x3ff0_0000_0000_0000;
/// Bins from 1 to 2.
const OCTAVE: f64 = ln(2.0) / LOG_RATIO;
/// ln(1 + r) = r - r²/2 + r³/3, in bins.
const TERMS: [f64; 3] = [1.0 / LOG_RATIO, -0.5 / LOG_RATIO, 1.0 / (3.0 * LOG_RATIO)];
/// First bits of a mantissa that choose its part.
const PART_BITS: u32 = 7;

/// A part of the numbers from 1 to 2.
#[derive(Clone, Copy)]
struct Part {
    /// 1/c for c in its middle.
    inverse: f64,
    /// ln c, in bins.
    log: f64,
}

static PARTS: [Part; 1 << PART_BITS] = {
    let mut parts = [Part { inverse: 1.0, log: 0.0 }; 1 << PART_BITS];
    let mut k = 0;
    while k < parts.len() {
        let inverse = 1.0 / (1.0 + (k as f64 + 0.5) / parts.len() as f64);
        parts[k] = Part { inverse, log: -ln(inverse) / LOG_RATIO };
        k += 1;
    }
    parts
};

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
    use crate::random::{Address, uniform};

    #[test]
    fn bins_are_those_of_the_logarithm() {
        let check = |value: f64| {
            assert_eq!(bin_of(value), exact_bin_of(value), "{value:e}");
            assert_eq!(bin_of(-value), exact_bin_of(-value), "{value:e}");
        };
        for subject in 0..100_000 {
            let share = uniform(&Address { subject, ..Address::default() }, 0);
            let bits = share * f64::MAX.to_bits() as f64;
            check(f64::from_bits(bits as u64));
        }
        // Around the edges of bins.
        for bin in (-744_000..709_000).step_by(11) {
            let edge = exp((f64::from(bin) + 0.5) * LOG_RATIO).to_bits();
            (edge.saturating_sub(3)..edge + 4).for_each(|bits| check(f64::from_bits(bits)));
        }
        // Around the ends of the parts of the table, and what has no usual exponent.
        for part in 0..=PARTS.len() {
            let end = (1.0 + part as f64 / PARTS.len() as f64).to_bits();
            (end - 2..end + 3).for_each(|bits| check(f64::from_bits(bits)));
        }
        [0.0, 5e-324, 1e-310, f64::MIN_POSITIVE, f64::MAX].into_iter().for_each(check);
    }

    #[test]
    fn the_ratio_of_bins_is_that_of_their_error() {
        let e = QuantileSketch::RELATIVE_ERROR;
        assert_eq!(LOG_RATIO, ln((1.0 + e) / (1.0 - e)));
    }
}
