//! Symbolic derivatives on the expression table.
//!
//! A derivative that is zero by structure is left out, never written as a product with 0, so that
//! sparsity is exact and an infinity elsewhere cannot turn it into a NaN. Modes, parameters,
//! covariates and last doses are constant between stops; a select differentiates both arms and
//! selects. At the kink of `abs`, `min` and `max` one of the two one-sided values is given.

mod jacobian;
mod rules;
#[cfg(test)]
mod tests;

pub use jacobian::{SparseJacobian, jacobian, time_derivatives};

use std::collections::BTreeMap;

use crate::ir::{BinaryOp, ExprId, Exprs, Node, reachable};

/// What a derivative is taken with respect to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum With {
    /// Time, everything else held.
    Time,
    /// A parameter.
    Param(u32),
    /// A covariate.
    Covariate(u32),
    /// A compartment's amount.
    State(u32),
    /// Time of the last dose into a compartment.
    DoseTime(u32),
    /// Amount of the last dose into a compartment.
    DoseAmount(u32),
}

/// Derivative of `expr`, simplified; the constant 0 where it does not depend on `with`.
pub fn derivative(exprs: &mut Exprs, expr: ExprId, with: With) -> ExprId {
    match structural_derivative(exprs, expr, with) {
        Some(derivative) => derivative,
        None => exprs.constant(0.0),
    }
}

/// Derivative of `expr`, or `None` where it is zero by structure.
pub fn structural_derivative(exprs: &mut Exprs, expr: ExprId, with: With) -> Option<ExprId> {
    let mut known: BTreeMap<ExprId, ExprId> = BTreeMap::new();
    for id in reachable(exprs, [expr]) {
        if let Some(found) = of_node(exprs, id, with, &known)
            && !exprs.is_number(found, 0.0)
        {
            known.insert(id, found);
        }
    }
    known.get(&expr).copied()
}

fn of_node(
    e: &mut Exprs,
    id: ExprId,
    with: With,
    known: &BTreeMap<ExprId, ExprId>,
) -> Option<ExprId> {
    let d = |id: ExprId| known.get(&id).copied();
    match e.node(id) {
        Node::Const(_) | Node::Mode(_) => None,
        Node::Time => leaf(e, with == With::Time),
        Node::Param(i) => leaf(e, with == With::Param(i)),
        Node::Covariate(i) => leaf(e, with == With::Covariate(i)),
        Node::State(i) => leaf(e, with == With::State(i)),
        Node::DoseTime(i) => leaf(e, with == With::DoseTime(i)),
        Node::DoseAmount(i) => leaf(e, with == With::DoseAmount(i)),
        Node::Unary(op, a) => {
            let da = d(a)?;
            rules::unary(e, op, a, id, da)
        }
        Node::Powi(a, n) => {
            let da = d(a)?;
            let (factor, power) = (e.constant(f64::from(n)), e.powi(a, n - 1));
            let slope = e.product(factor, power);
            Some(e.product(slope, da))
        }
        Node::Select(condition, yes, no) => {
            if d(yes).is_none() && d(no).is_none() {
                return None;
            }
            let zero = e.constant(0.0);
            Some(e.select(condition, d(yes).unwrap_or(zero), d(no).unwrap_or(zero)))
        }
        Node::Binary(op, a, b) => {
            let (da, db) = (d(a), d(b));
            if da.is_none() && db.is_none() {
                return None;
            }
            of_binary(e, op, (a, da), (b, db), id)
        }
    }
}

fn leaf(e: &mut Exprs, is_it: bool) -> Option<ExprId> {
    is_it.then(|| e.constant(1.0))
}

fn of_binary(
    e: &mut Exprs,
    op: BinaryOp,
    (a, da): (ExprId, Option<ExprId>),
    (b, db): (ExprId, Option<ExprId>),
    id: ExprId,
) -> Option<ExprId> {
    match op {
        BinaryOp::Add => plus(e, da, db),
        BinaryOp::Sub => {
            let turned = db.map(|db| e.unary(crate::ir::UnaryOp::Neg, db));
            plus(e, da, turned)
        }
        BinaryOp::Mul => {
            let left = da.map(|da| e.product(da, b));
            let right = db.map(|db| e.product(a, db));
            plus(e, left, right)
        }
        // (da - (a/b) db) / b
        BinaryOp::Div => {
            let right = db.map(|db| {
                let product = e.product(id, db);
                e.unary(crate::ir::UnaryOp::Neg, product)
            });
            plus(e, da, right).map(|above| e.quotient(above, b))
        }
        BinaryOp::Pow => {
            let left = da.map(|da| rules::power_base(e, a, b, da));
            let right = db.map(|db| rules::power_exponent(e, a, id, db));
            plus(e, left, right)
        }
        BinaryOp::Min | BinaryOp::Max => {
            let test = if op == BinaryOp::Min { BinaryOp::Le } else { BinaryOp::Ge };
            let condition = e.binary(test, a, b);
            let zero = e.constant(0.0);
            Some(e.select(condition, da.unwrap_or(zero), db.unwrap_or(zero)))
        }
        BinaryOp::Lt
        | BinaryOp::Le
        | BinaryOp::Gt
        | BinaryOp::Ge
        | BinaryOp::Eq
        | BinaryOp::Ne
        | BinaryOp::And
        | BinaryOp::Or => None,
    }
}

fn plus(e: &mut Exprs, a: Option<ExprId>, b: Option<ExprId>) -> Option<ExprId> {
    match (a, b) {
        (Some(a), Some(b)) => Some(e.sum(a, b)),
        (one, None) | (None, one) => one,
    }
}
