//! Programs of the method for stiff problems: derivatives, the LU factors of `I/(h gamma) - J`, and
//! the solves, in one register file.

use crate::lu::{SparseMatrix, factor};
use crate::program::{Group, Layout, Program, lower_groups};
use epsom_model::diff::{jacobian, time_derivatives};
use epsom_model::ir::{ExprId, Model, Node, UnaryOp};

/// Programs of the stages, in one register file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stiff {
    /// Entries [`START`], [`SLOPES`], [`SOLVE`], [`MATRIX`].
    pub program: Program,
    /// Number of compartments.
    pub n: usize,
    /// Compartments whose derivative reads the time.
    pub timed: Vec<usize>,
    /// Row and column of each result of [`MATRIX`].
    pub places: Vec<(usize, usize)>,
}

/// Derivatives, their derivatives by time, the smallest pivot and the factors.
pub(crate) const START: usize = 0;
/// Derivatives.
pub(crate) const SLOPES: usize = 1;
/// A stage from its right side.
pub(crate) const SOLVE: usize = 2;
/// The matrix itself, for lanes whose factors are not trusted.
pub(crate) const MATRIX: usize = 3;

/// Programs of `model`.
pub(crate) fn stiff(model: &Model, layout: Layout) -> Stiff {
    let mut model = model.clone();
    let n = layout.n_states;
    let entries = jacobian(&mut model);
    let by_time = time_derivatives(&mut model);
    let derivatives: Vec<ExprId> = model.compartments.iter().map(|one| one.derivative).collect();
    let exprs = &mut model.exprs;
    let timed: Vec<usize> = (0..n).filter(|&i| !exprs.is_number(by_time[i], 0.0)).collect();

    // 1. The matrix; its diagonal value and the right side are values that vary, after the states.
    let diagonal = exprs.add(Node::State(n as u32));
    let right: Vec<ExprId> = (0..n).map(|i| exprs.add(Node::State((n + 1 + i) as u32))).collect();
    let mut matrix = SparseMatrix { n, ..SparseMatrix::default() };
    for ((&row, &column), &entry) in entries.rows.iter().zip(&entries.cols).zip(&entries.exprs) {
        let value = if row == column {
            exprs.difference(diagonal, entry)
        } else {
            exprs.unary(UnaryOp::Neg, entry)
        };
        matrix.entries.insert((row as usize, column as usize), value);
    }
    for i in 0..n {
        matrix.entries.entry((i, i)).or_insert(diagonal);
    }

    let (places, whole): (Vec<_>, Vec<_>) = matrix.entries.iter().unzip();

    // 2. Factors and solution.
    let factors = factor(exprs, matrix);
    let smallest = factors.smallest_pivot(exprs).unwrap_or(diagonal);
    let solution = factors.solve(exprs, &right);
    let kept = factors.values();
    let mut start = derivatives.clone();
    start.extend(timed.iter().map(|&i| by_time[i]));
    start.push(smallest);
    start.extend(&kept);
    let groups = [
        Group { roots: &start, given: &[] },
        Group { roots: &derivatives, given: &[] },
        Group { roots: &solution, given: &kept },
        Group { roots: &whole, given: &[] },
    ];
    Stiff { program: lower_groups(exprs, &groups, layout), n, timed, places }
}
