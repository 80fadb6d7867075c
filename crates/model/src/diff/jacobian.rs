//! Derivatives of the whole right side.

use super::{With, structural_derivative};
use crate::ir::{ExprId, Model, Node, reachable};

/// Structural nonzeros of a matrix, sorted by row, then column.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SparseJacobian {
    /// Row of each entry: the compartment whose derivative it is.
    pub rows: Vec<u32>,
    /// Column of each entry: the compartment it is taken with respect to.
    pub cols: Vec<u32>,
    /// The entries.
    pub exprs: Vec<ExprId>,
}

/// Derivatives of every compartment's right side by every compartment.
pub fn jacobian(model: &mut Model) -> SparseJacobian {
    let mut result = SparseJacobian::default();
    for row in 0..model.compartments.len() {
        let derivative = model.compartments[row].derivative;
        let mut columns: Vec<u32> = reachable(&model.exprs, [derivative])
            .into_iter()
            .filter_map(|id| match model.exprs.node(id) {
                Node::State(column) => Some(column),
                _ => None,
            })
            .collect();
        columns.sort_unstable();
        for column in columns {
            let with = With::State(column);
            if let Some(entry) = structural_derivative(&mut model.exprs, derivative, with) {
                result.rows.push(row as u32);
                result.cols.push(column);
                result.exprs.push(entry);
            }
        }
    }
    result
}

/// Derivative of every compartment's right side by time, states held; 0 where there is none.
///
/// Covariates that run in straight lines between records are held too.
pub fn time_derivatives(model: &mut Model) -> Vec<ExprId> {
    let roots: Vec<ExprId> = model.compartments.iter().map(|one| one.derivative).collect();
    roots.into_iter().map(|root| super::derivative(&mut model.exprs, root, With::Time)).collect()
}
