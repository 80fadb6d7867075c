//! What a stream of subjects looks like: mean, standard deviation and quantiles per cell.
//!
//! A cell is one quantity, such as one output at one time. Subjects are added in the order of their
//! index, so the result does not depend on threads or chunks. Memory does not grow with the number
//! of subjects: a cell holds fewer than [`QuantileSketch::EXACT_LIMIT`] values, then bins; the last
//! few subjects wait until the cells take them in.

use epsom_maths::QuantileSketch;
use std::borrow::Cow;

/// Middle and ends of the middle 95 %.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Half lies below.
    pub median: f64,
    /// 2.5 % lie below.
    pub lo: f64,
    /// 2.5 % lie above.
    pub hi: f64,
}

/// Summaries of many subjects.
#[derive(Debug, Clone)]
pub struct Summary {
    cells: Vec<Cell>,
    /// Subjects that no cell has taken in yet, row after row; fewer than [`ROWS`].
    rows: Vec<f64>,
    n_missing: u64,
}

/// Subjects that are taken in together, so that what a cell holds is brought into the first cache
/// once for all of them.
const ROWS: usize = 100;

/// Cells whose means are computed side by side: the division of one subject waits for that of the
/// subject before.
const TILE: usize = 8;

/// One quantity over the subjects.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cell {
    mean: f64,
    /// Sum of squared deviations from the mean.
    squares: f64,
    sketch: QuantileSketch,
}

impl Summary {
    /// Nothing seen yet.
    pub fn new(n_cells: usize) -> Self {
        Self { cells: vec![Cell::default(); n_cells], rows: Vec::new(), n_missing: 0 }
    }

    /// Takes in one subject.
    ///
    /// # Shape
    /// One value per cell; cells without a value keep what they have.
    pub fn add(&mut self, values: &[f64]) {
        self.add_row(values.len(), values.iter().copied());
    }

    /// Takes in one subject of a paired comparison: `value - reference` of two runs that share
    /// their draws, so that what both sides have in common cancels. Eq. 10.
    ///
    /// # Shape
    /// As [`Self::add`], both.
    pub fn add_difference(&mut self, values: &[f64], reference: &[f64]) {
        let pairs = values.iter().zip(reference);
        self.add_row(pairs.len(), pairs.map(|(a, b)| a - b));
    }

    fn add_row(&mut self, n: usize, values: impl Iterator<Item = f64>) {
        if n < self.cells.len() {
            self.settle();
            return self.cells.iter_mut().zip(values).for_each(|(cell, value)| cell.add(value));
        }
        self.rows.extend(values.take(self.cells.len()));
        if self.rows.len() >= ROWS * self.cells.len() {
            self.settle();
        }
    }

    /// Cells take in the subjects that wait.
    fn settle(&mut self) {
        if self.rows.is_empty() {
            return;
        }
        let rows = Rows { values: &self.rows, width: self.cells.len() };
        let (tiles, rest) = self.cells.as_chunks_mut::<TILE>();
        let from_rest = tiles.len() * TILE;
        for (at, tile) in tiles.iter_mut().enumerate() {
            rows.settle(at * TILE, tile);
        }
        for (at, cell) in rest.iter_mut().enumerate() {
            rows.settle(from_rest + at, std::array::from_mut(cell));
        }
        self.rows.clear();
    }

    /// Cells with all subjects in them.
    fn settled(&self) -> Cow<'_, [Cell]> {
        if self.rows.is_empty() {
            return Cow::Borrowed(&self.cells);
        }
        let mut copy = self.clone();
        copy.settle();
        Cow::Owned(copy.cells)
    }

    /// Counts a subject without a result, or a pair that lacks a side.
    pub fn add_missing(&mut self) {
        self.n_missing += 1;
    }

    /// Takes in all subjects of `later`, which come after those seen here.
    pub fn merge(&mut self, later: &Self) {
        self.settle();
        let later_cells = later.settled();
        self.cells.iter_mut().zip(&*later_cells).for_each(|(cell, other)| cell.merge(other));
        self.n_missing += later.n_missing;
    }

    /// Every cell with all subjects in it, in the order of the values given.
    pub fn cells(&mut self) -> &[Cell] {
        self.settle();
        &self.cells
    }

    /// Subjects without a result; no cell includes them.
    pub fn n_missing(&self) -> u64 {
        self.n_missing
    }

    /// Numbers held now: fewer than the exact limit per cell, or its bins, and the last subjects.
    pub fn n_held(&self) -> usize {
        let cells: usize = self.cells.iter().map(|cell| cell.sketch.n_held()).sum();
        cells + self.rows.len()
    }
}

impl PartialEq for Summary {
    fn eq(&self, other: &Self) -> bool {
        self.n_missing == other.n_missing && self.settled() == other.settled()
    }
}

/// Subjects that wait, row after row.
struct Rows<'a> {
    values: &'a [f64],
    width: usize,
}

impl Rows<'_> {
    /// Neighboring cells, the first at `from`, take in their values of all rows, at most [`ROWS`].
    fn settle<const N: usize>(&self, from: usize, cells: &mut [Cell; N]) {
        let mut columns = [[0.0; ROWS]; N];
        let mut n = cells.each_ref().map(|cell| cell.n() as f64);
        let mut mean = cells.each_ref().map(|cell| cell.mean);
        let mut squares = cells.each_ref().map(|cell| cell.squares);
        let n_rows = self.values.len() / self.width;
        for (k, row) in self.values.chunks_exact(self.width).enumerate() {
            let Some(values) = row[from..].first_chunk::<N>() else { continue };
            for c in 0..N {
                let value = values[c];
                columns[c][k] = value;
                // What is not finite is only counted.
                let finite = value.is_finite();
                let (n_now, mean_now, squares_now) = moments(n[c], mean[c], squares[c], value);
                n[c] = if finite { n_now } else { n[c] };
                mean[c] = if finite { mean_now } else { mean[c] };
                squares[c] = if finite { squares_now } else { squares[c] };
            }
        }
        for (c, cell) in cells.iter_mut().enumerate() {
            (cell.mean, cell.squares) = (mean[c], squares[c]);
            cell.sketch.add_all(&columns[c][..n_rows]);
        }
    }
}

/// Number, mean and squares with one value more. Eq. 7.
#[inline(always)]
fn moments(n: f64, mean: f64, squares: f64, value: f64) -> (f64, f64, f64) {
    let delta = value - mean;
    let n = n + 1.0;
    let mean_now = mean + delta / n;
    (n, mean_now, squares + delta * (value - mean_now))
}

impl Cell {
    /// Takes in one value; what is not finite is only counted.
    pub fn add(&mut self, value: f64) {
        if value.is_finite() {
            let n = self.sketch.n() as f64;
            (_, self.mean, self.squares) = moments(n, self.mean, self.squares, value);
        }
        self.sketch.add(value);
    }

    /// Takes in all values of `later`.
    pub fn merge(&mut self, later: &Self) {
        let (n, m) = (self.sketch.n() as f64, later.sketch.n() as f64);
        self.sketch.merge(&later.sketch);
        if m > 0.0 {
            // Eq. 8; into an empty cell it gives the other's mean to the bit.
            let delta = later.mean - self.mean;
            let share = m / (n + m);
            self.mean = if n > 0.0 { self.mean + delta * share } else { later.mean };
            self.squares += later.squares + delta * delta * n * share;
        }
    }

    /// Number of finite values.
    pub fn n(&self) -> u64 {
        self.sketch.n()
    }

    /// Number of values that were NaN or infinite; nothing else includes them.
    pub fn n_not_finite(&self) -> u64 {
        self.sketch.n_not_finite()
    }

    /// Arithmetic mean; NaN of nothing.
    pub fn mean(&self) -> f64 {
        if self.n() == 0 { f64::NAN } else { self.mean }
    }

    /// Standard deviation with divisor n - 1; NaN below two values.
    pub fn sd(&self) -> f64 {
        if self.n() < 2 {
            return f64::NAN;
        }
        (self.squares / (self.n() - 1) as f64).sqrt()
    }

    /// The value below which a part `probability` lies, type 7; NaN of nothing.
    ///
    /// Exact below [`QuantileSketch::EXACT_LIMIT`] values, else each order statistic to
    /// [`QuantileSketch::RELATIVE_ERROR`].
    pub fn quantile(&self, probability: f64) -> f64 {
        self.sketch.quantile(probability)
    }

    /// As [`Self::quantile`], for several probabilities.
    ///
    /// # Shape
    /// One per probability.
    pub fn quantiles(&self, probabilities: &[f64]) -> Vec<f64> {
        self.sketch.quantiles_at(probabilities)
    }

    /// Whether quantiles are exact.
    pub fn is_exact(&self) -> bool {
        self.sketch.is_exact()
    }

    /// Median and middle 95 %.
    pub fn interval(&self) -> Interval {
        let [lo, median, hi] = self.sketch.quantiles([0.025, 0.5, 0.975]);
        Interval { median, lo, hi }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use epsom_maths::{Address, mean, normal, quantile, variance};

    fn subjects(n: u32) -> Vec<[f64; 2]> {
        let value = |subject| normal(&Address { subject, ..Address::default() }, 0);
        (0..n).map(|subject| [1e6 + value(subject), 3.0 * value(subject)]).collect()
    }

    fn summary(subjects: &[[f64; 2]]) -> Summary {
        let mut out = Summary::new(2);
        subjects.iter().for_each(|values| out.add(values));
        out
    }

    #[test]
    fn a_summary_agrees_with_the_whole_list() {
        let many = subjects(5_000);
        let mut all = summary(&many);
        for at in 0..2 {
            let column: Vec<f64> = many.iter().map(|values| values[at]).collect();
            let (cell, n) = (&all.cells()[at], column.len() as f64);
            // Welford: one rounding of the running mean per value, of size mean.
            let error = f64::EPSILON * mean(&column).abs() * n.sqrt() + 1e-14;
            assert!((cell.mean() - mean(&column)).abs() < error);
            let relative = f64::EPSILON * n * (1.0 + mean(&column).abs());
            assert!((cell.sd() / variance(&column).sqrt() - 1.0).abs() < relative);
            assert_eq!(cell.interval().median, quantile(&column, 0.5));
            assert_eq!(cell.interval().hi, quantile(&column, 0.975));
            assert!(cell.is_exact());
        }
    }

    #[test]
    fn parts_merge_to_the_whole() {
        let many = subjects(12_000);
        let mut whole = summary(&many);
        let mut parts = Summary::new(2);
        for part in many.chunks(1_000) {
            parts.merge(&summary(part));
        }
        for (a, b) in whole.cells().iter().zip(parts.cells()) {
            assert_eq!((a.n(), a.interval()), (b.n(), b.interval()));
            assert!(
                (a.mean() / b.mean() - 1.0).abs() < 1e-10 || (a.mean() - b.mean()).abs() < 1e-12
            );
            assert!((a.sd() / b.sd() - 1.0).abs() < 1e-9);
        }
        let mut copied = Summary::new(2);
        copied.merge(&whole);
        assert_eq!(copied, whole);
    }

    #[test]
    fn memory_ends_where_bins_begin() {
        let mut cell = Summary::new(1);
        let limit = QuantileSketch::EXACT_LIMIT as usize;
        let mut most = 0;
        for subject in 0..30_000 {
            cell.add(&[normal(&Address { subject, ..Address::default() }, 0)]);
            most = most.max(cell.n_held());
        }
        assert_eq!(most, limit - 1);
        assert!(!cell.cells()[0].is_exact());
        assert!(cell.n_held() < limit);
    }

    #[test]
    fn subjects_that_wait_are_seen_by_every_reader() {
        let limit = QuantileSketch::EXACT_LIMIT as usize;
        // Nine cells: one beside those that are taken in together.
        let row = |&[a, b]: &[f64; 2]| {
            let odd = if a < 1e6 - 2.5 { f64::NAN } else { b };
            [a, b, odd, -a, 0.0, a * b, b * b, f64::NAN, a - b]
        };
        for n in [1, ROWS - 1, ROWS, limit - 2, limit - 1, limit, limit + 1, limit + ROWS / 3] {
            let many: Vec<[f64; 9]> = subjects(n as u32).iter().map(row).collect();
            let mut waiting = Summary::new(9);
            let mut one_by_one = vec![Cell::default(); 9];
            for values in &many {
                waiting.add(values);
                one_by_one.iter_mut().zip(values).for_each(|(cell, &value)| cell.add(value));
            }
            // After a read nobody waits.
            let mut read = Summary::new(9);
            for (at, values) in many.iter().enumerate() {
                read.add(values);
                if at % 7 == 0 {
                    assert_eq!(read.cells()[0].n(), at as u64 + 1);
                }
            }
            assert_eq!(waiting, read);
            let mut parts = Summary::new(9);
            let mut copy = Summary::new(9);
            copy.merge(&waiting);
            assert_eq!(copy, waiting);
            for part in many.chunks(ROWS / 2 + 1) {
                let mut summary = Summary::new(9);
                part.iter().for_each(|values| summary.add(values));
                parts.merge(&summary);
            }
            assert!(waiting.n_held() < 9 * (limit + ROWS));
            let cells = waiting.cells();
            assert_eq!(cells, one_by_one);
            let wanted = [0.0, 1e-4, 0.3, 0.5, 0.9999, 1.0];
            for (cell, of_parts) in cells.iter().zip(parts.cells()) {
                assert_eq!(cell.sketch, of_parts.sketch);
                let bits = |cell: &Cell| cell.quantiles(&wanted).into_iter().map(f64::to_bits);
                assert!(bits(cell).eq(bits(of_parts)));
            }
        }
    }

    #[test]
    fn a_short_row_leaves_the_other_cells_as_they_are() {
        let mut summary = Summary::new(2);
        summary.add(&[1.0, 2.0]);
        summary.add(&[3.0]);
        summary.add(&[5.0, 6.0, 7.0]);
        summary.add_difference(&[9.0, 9.0], &[1.0]);
        assert_eq!(summary.cells()[0].quantiles(&[0.0, 1.0]), [1.0, 8.0]);
        assert_eq!((summary.cells()[0].n(), summary.cells()[1].n()), (4, 2));
        assert_eq!((summary.cells()[0].mean(), summary.cells()[1].mean()), (4.25, 4.0));
        summary.add(&[]);
        let mut none = Summary::new(0);
        none.add(&[1.0]);
        assert_eq!((summary.n_held(), none.n_held()), (6, 0));
    }

    #[test]
    fn pairs_cancel_what_both_sides_share() {
        let many = subjects(1_000);
        let mut difference = Summary::new(2);
        for values in &many {
            difference.add_difference(&[values[0] + 0.5, values[1]], values);
        }
        let shifted = difference.cells()[0].interval();
        // One rounding of a number of size 1e6.
        assert!((shifted.lo - 0.5).abs() <= 1e6 * f64::EPSILON);
        assert!((shifted.hi - 0.5).abs() <= 1e6 * f64::EPSILON);
        let same = difference.cells()[1].interval();
        assert_eq!(same, Interval { median: 0.0, lo: 0.0, hi: 0.0 });
    }

    #[test]
    fn what_is_missing_is_counted_and_left_out() {
        let mut one = summary(&[[1.0, 2.0], [f64::NAN, 4.0]]);
        one.add_missing();
        let mut two = one.clone();
        two.merge(&one);
        assert_eq!(two.n_missing(), 2);
        assert_eq!((two.cells()[0].n(), two.cells()[0].n_not_finite()), (2, 2));
        assert_eq!((two.cells()[0].mean(), two.cells()[1].mean()), (1.0, 3.0));
        assert!(Summary::new(1).cells()[0].mean().is_nan());
        assert!(Summary::new(1).cells()[0].interval().median.is_nan());
    }
}
