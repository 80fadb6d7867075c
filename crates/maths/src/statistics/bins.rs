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
/// ln |x| = e ln 2 + ln c + ln(1 + d/c) for |x| = 2^e (c + d), with c from a table and two terms of
/// the last, which are short of 2e-5 bins; nearer than [`CLOSE`] to the edge of a bin the logarithm
/// itself decides.
#[inline(always)]
fn bin_of(value: f64) -> i64 {
    let bits = value.to_bits();
    let biased = (bits >> 52) as i64 & 0x7ff;
    let Part { log, slope, curve } = PARTS[(bits >> IN_PART) as usize % PARTS.len()];
    let d = f64::from_bits(bits & ((1 << IN_PART) - 1) | ONE.to_bits()) - MIDDLE;
    let of_mantissa = log + d * (slope + d * curve);
    // Places of bins as whole numbers of 2^-FRACTION, from the lower edge of bin 0.
    let place = (of_mantissa + ROUNDER_TO_FRACTION).to_bits() as i64 + (biased * OCTAVE + FIRST);
    let after_edge = place & ((1 << FRACTION) - 1);
    if (after_edge + CLOSE) & ((1 << FRACTION) - 1) < 2 * CLOSE || biased == 0 {
        return exact_bin_of(value);
    }
    let (size, sign) = (place >> FRACTION, bits as i64 >> 63);
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

const ONE: f64 = 1.0;
/// Bits of the fraction of a place.
const FRACTION: u32 = 30;
/// Where the short logarithm leaves the choice to the exact one: 6e-5 bins.
const CLOSE: i64 = 1 << 16;
/// Added, it leaves a number below 2^21 as a whole number of 2^-FRACTION in the low bits.
const ROUNDER_TO_FRACTION: f64 = ROUNDER / (1u64 << FRACTION) as f64;
/// Bins from 1 to 2, to 2^-FRACTION.
const OCTAVE: i64 = (ln(2.0) / LOG_RATIO * (1u64 << FRACTION) as f64 + 0.5) as i64;
/// What a place is short of without exponent, and half a bin.
const FIRST: i64 = (BIN_OF_ONE << FRACTION) + (1 << (FRACTION - 1))
    - 1023 * OCTAVE
    - ROUNDER_TO_FRACTION.to_bits() as i64;

/// Bits of a mantissa after those that choose its part.
const IN_PART: u32 = 45;
/// 1 and half of a part.
const MIDDLE: f64 = 1.0 + 0.5 / PARTS.len() as f64;

/// A part of the numbers from 1 to 2, with c in its middle.
#[derive(Clone, Copy)]
struct Part {
    /// ln c, 1/c and -1/(2 c²), in bins.
    log: f64,
    slope: f64,
    curve: f64,
}

static PARTS: [Part; 1 << (52 - IN_PART)] = {
    let mut parts = [Part { log: 0.0, slope: 0.0, curve: 0.0 }; 1 << (52 - IN_PART)];
    let mut k = 0;
    while k < parts.len() {
        let c = 1.0 + (k as f64 + 0.5) / parts.len() as f64;
        let slope = 1.0 / (c * LOG_RATIO);
        parts[k] = Part { log: ln(c) / LOG_RATIO, slope, curve: -0.5 * slope / c };
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
