//! LU factors of a sparse matrix of expressions, and the two triangular solves, as expressions.
//!
//! Pivots stay on the diagonal; their order is chosen once, from the pattern, for little fill. So
//! factors and solves are straight-line programs that all subjects share; what the pattern leaves
//! zero is never computed.

use epsom_model::ir::{BinaryOp, ExprId, Exprs};
use std::collections::BTreeMap;

/// A square matrix of expressions; entries that are not there are zero.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct SparseMatrix {
    /// Number of rows.
    pub n: usize,
    /// Entries by row and column.
    pub entries: BTreeMap<(usize, usize), ExprId>,
}

/// Factors `L U` of a matrix, rows and columns in pivot order.
///
/// At each pivot either the column of `L` or the row of `U` is divided by it, whichever is
/// shorter.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Factors {
    /// One per pivot, in order.
    steps: Vec<Step>,
    /// Pivots before inversion, in order.
    pub pivots: Vec<ExprId>,
}

#[derive(Debug, Clone, PartialEq)]
struct Step {
    /// Row and column.
    at: usize,
    /// Reciprocal of the pivot.
    inverse: ExprId,
    /// Whether the row was divided, not the column.
    row_divided: bool,
    /// Rows below and their entries of `L`.
    column: Vec<(usize, ExprId)>,
    /// Columns to the right and their entries of `U`.
    row: Vec<(usize, ExprId)>,
}

/// Factors `matrix`, which has every diagonal entry.
pub(crate) fn factor(exprs: &mut Exprs, matrix: SparseMatrix) -> Factors {
    let mut entries = matrix.entries;
    let mut left: Vec<usize> = (0..matrix.n).collect();
    let mut factors = Factors::default();
    while let Some(at) = cheapest(&entries, &left) {
        left.retain(|&other| other != at);
        let Some(&pivot) = entries.get(&(at, at)) else { continue };
        let one = exprs.constant(1.0);
        let inverse = exprs.quotient(one, pivot);
        let entry = |row: usize, column: usize| entries.get(&(row, column)).copied();
        let mut column: Vec<(usize, ExprId)> =
            left.iter().filter_map(|&i| Some((i, entry(i, at)?))).collect();
        let mut row: Vec<(usize, ExprId)> =
            left.iter().filter_map(|&j| Some((j, entry(at, j)?))).collect();
        let row_divided = row.len() < column.len();
        let shorter = if row_divided { &mut row } else { &mut column };
        for (_, value) in shorter {
            *value = exprs.product(*value, inverse);
        }
        for &(i, below) in &column {
            for &(j, right) in &row {
                let product = exprs.product(below, right);
                let updated = match entries.get(&(i, j)) {
                    Some(&old) => exprs.difference(old, product),
                    None => exprs.unary(epsom_model::ir::UnaryOp::Neg, product),
                };
                entries.insert((i, j), updated);
            }
        }
        factors.pivots.push(pivot);
        factors.steps.push(Step { at, inverse, row_divided, column, row });
    }
    factors
}

/// Markowitz: the pivot whose row and column would fill least, of several the first.
fn cheapest(entries: &BTreeMap<(usize, usize), ExprId>, left: &[usize]) -> Option<usize> {
    let cost = |&at: &usize| {
        let others = |is_there: &dyn Fn(usize) -> bool| {
            left.iter().filter(|&&other| other != at && is_there(other)).count()
        };
        let column = others(&|i| entries.contains_key(&(i, at)));
        let row = others(&|j| entries.contains_key(&(at, j)));
        (column * row, column + row, at)
    };
    left.iter().copied().min_by_key(cost)
}

impl Factors {
    /// Everything that a solve reads.
    pub(crate) fn values(&self) -> Vec<ExprId> {
        let of = |step: &Step| {
            let entries = step.column.iter().chain(&step.row).map(|&(_, value)| value);
            entries.chain([step.inverse]).collect::<Vec<_>>()
        };
        self.steps.iter().flat_map(of).collect()
    }

    /// Smallest pivot; none for an empty matrix.
    pub(crate) fn smallest_pivot(&self, exprs: &mut Exprs) -> Option<ExprId> {
        let pivots = self.pivots.iter().copied();
        pivots.reduce(|least, pivot| exprs.binary(BinaryOp::Min, least, pivot))
    }

    /// Solution for the right side `b`.
    ///
    /// # Shape
    /// One entry per row.
    pub(crate) fn solve(&self, exprs: &mut Exprs, b: &[ExprId]) -> Vec<ExprId> {
        let mut x = b.to_vec();
        for step in &self.steps {
            if step.row_divided {
                x[step.at] = exprs.product(x[step.at], step.inverse);
            }
            for &(i, below) in &step.column {
                let product = exprs.product(below, x[step.at]);
                x[i] = exprs.difference(x[i], product);
            }
        }
        for step in self.steps.iter().rev() {
            for &(j, right) in &step.row {
                let product = exprs.product(right, x[j]);
                x[step.at] = exprs.difference(x[step.at], product);
            }
            if !step.row_divided {
                x[step.at] = exprs.product(x[step.at], step.inverse);
            }
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{Inputs, evaluate};
    use epsom_maths::Matrix;
    use epsom_model::ir::Node;
    use proptest::prelude::*;

    /// Matrix entry `k` is parameter `k`, right side entry `i` is compartment `i`.
    fn symbolic(n: usize, present: &[bool]) -> (Exprs, SparseMatrix, Vec<ExprId>) {
        let mut exprs = Exprs::default();
        let mut matrix = SparseMatrix { n, entries: BTreeMap::new() };
        for i in 0..n {
            for j in 0..n {
                if i == j || present[i * n + j] {
                    let entry = exprs.add(Node::Param((i * n + j) as u32));
                    matrix.entries.insert((i, j), entry);
                }
            }
        }
        let b = (0..n).map(|i| exprs.add(Node::State(i as u32))).collect();
        (exprs, matrix, b)
    }

    proptest! {
        #[test]
        fn agrees_with_dense_pivoted_lu(
            n in 1..8_usize,
            present in prop::collection::vec(prop::bool::weighted(0.35), 64),
            values in prop::collection::vec(-1.0..1.0, 64),
            b in prop::collection::vec(-1.0..1.0, 8),
        ) {
            let (mut exprs, matrix, symbols) = symbolic(n, &present);
            // Diagonally dominant, so that the growth of either elimination is at most 2.
            let value = |i: usize, j: usize| {
                if i == j { 8.0 + values[i * n + j] } else { values[i * n + j] }
            };
            let dense: Vec<f64> = (0..n * n)
                .map(|at| if at / n == at % n || present[at] { value(at / n, at % n) } else { 0.0 })
                .collect();
            let factors = factor(&mut exprs, matrix);
            let solution = factors.solve(&mut exprs, &symbols);
            let inputs =
                Inputs { params: dense.clone(), state: b[..n].to_vec(), ..Inputs::default() };
            let wanted =
                epsom_maths::solve(&Matrix::from_rows(n, n, dense).unwrap(), &b[..n]).unwrap();
            for (got, wanted) in solution.iter().zip(wanted) {
                let got = evaluate(&exprs, *got, &inputs).unwrap();
                // Up to 8 terms per entry twice, condition number below 15/1.
                prop_assert!((got - wanted).abs() < 2.0 * 8.0 * 15.0 * f64::EPSILON, "{got} {wanted}");
            }
        }
    }

    #[test]
    fn a_chain_and_an_arrow_do_not_fill() {
        // A chain with a collector at its end, then a hub that every other row and column meets.
        let n = 6;
        let chain: Vec<bool> = (0..36).map(|at| at / n == at % n + 1).collect();
        let arrow: Vec<bool> = (0..36).map(|at| at / n == 0 || at % n == 0).collect();
        for (present, n_off_diagonal) in [(chain, 5), (arrow, 10)] {
            let (mut exprs, matrix, _) = symbolic(n, &present);
            let factors = factor(&mut exprs, matrix);
            assert_eq!(factors.values().len(), n + n_off_diagonal);
        }
    }
}
