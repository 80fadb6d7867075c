//! Stages of a lane whose factors in fixed order are not trusted: dense, with partial pivoting.
//!
//! A fast feedback, whose eigenvalues are far below zero while an entry of the diagonal is far above
//! it, leaves such a pivot at every step that is worth taking. The arithmetic is that of one lane.

use crate::cpu::Cpu;
use crate::row::Row;
use crate::stiff::{MATRIX, Stiff};
use epsom_maths::{Lu, Matrix, lu_factor, lu_solve};

/// Factors of one lane's matrix.
pub(super) struct Pivoted(Lu);

/// Factors of the lanes that are not trusted, of the matrix at the start of the step; those that
/// can be trusted are.
///
/// Factors are trusted where each pivot is at least `least` of `1/(h gamma)`, and their product is
/// above zero: where it is below, an odd number of real eigenvalues of the Jacobian lies above
/// `1/(h gamma)`, and the step is too long for what grows.
#[cold]
#[inline(never)]
pub(super) fn pivoted<const W: usize>(
    stiff: &Stiff,
    file: &mut [Row<W>],
    trusted: &mut [bool; W],
    least: f64,
    cpu: Cpu,
) -> Vec<(usize, Pivoted)> {
    let program = &stiff.program;
    program.call_on(file, MATRIX, cpu);
    let n = stiff.n;
    let mut found = Vec::new();
    for lane in (0..W).filter(|&lane| !trusted[lane]).collect::<Vec<_>>() {
        let mut matrix = Matrix::zeros(n, n);
        for (&(row, column), &root) in stiff.places.iter().zip(program.roots_of(MATRIX)) {
            matrix.set(row, column, file[root as usize][lane]);
        }
        let diagonal = file[program.extra(0)][lane];
        let Ok(lu) = lu_factor(&matrix) else { continue };
        let pivots = || (0..n).map(|at| lu.factors.at(at, at));
        let is_large = pivots().all(|pivot| pivot.abs() >= least * diagonal);
        let n_negative = pivots().filter(|&pivot| pivot < 0.0).count() + n_swaps(&lu.order);
        if is_large && n_negative.is_multiple_of(2) {
            trusted[lane] = true;
            found.push((lane, Pivoted(lu)));
        }
    }
    found
}

/// Swaps of two that make this order: one less than its length for each cycle.
fn n_swaps(order: &[usize]) -> usize {
    let mut seen = vec![false; order.len()];
    let mut n = 0;
    for start in 0..order.len() {
        let mut at = start;
        while !seen[at] {
            seen[at] = true;
            at = order[at];
            n += usize::from(at != start);
        }
    }
    n
}

impl Pivoted {
    /// Puts the stage from the right side that stands in the registers from `right` on.
    #[cold]
    #[inline(never)]
    pub(super) fn solve<const W: usize>(
        &self,
        file: &[Row<W>],
        right: usize,
        lane: usize,
        stage: &mut [Row<W>],
    ) {
        let right: Vec<f64> = file[right..][..stage.len()].iter().map(|row| row[lane]).collect();
        // The right side has one entry per row.
        let Ok(solution) = lu_solve(&self.0, &right) else { return };
        stage.iter_mut().zip(solution).for_each(|(row, value)| row[lane] = value);
    }
}

#[cfg(test)]
mod tests {
    use super::n_swaps;

    #[test]
    fn an_order_is_even_or_odd() {
        assert_eq!(n_swaps(&[0, 1, 2]), 0);
        assert_eq!(n_swaps(&[1, 0, 2]), 1);
        assert_eq!(n_swaps(&[1, 2, 0]), 2);
        assert_eq!(n_swaps(&[1, 0, 3, 2]), 2);
        assert_eq!(n_swaps(&[3, 2, 1, 0]), 2);
    }
}
