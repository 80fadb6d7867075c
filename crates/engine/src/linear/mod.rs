//! Linear systems `y' = A y + b` with coefficients constant between stops: found in the model's
//! expressions, propagated exactly.
//!
//! A model that is linear whatever its inputs are has a [`Form`]; another may be linear for some
//! inputs, which [`linear_system`] finds out for one subject at a time.

mod advance;
mod exponential;
mod form;
mod lanes;
mod pattern;
mod sheet;
mod start;
mod step;
mod structure;
#[cfg(test)]
mod tests;

pub(crate) use form::Form;
pub(crate) use lanes::together;
pub(crate) use step::Steps;
pub(crate) use structure::Structure;

use crate::eval::{Inputs, binary, unary};
use epsom_maths::{Matrix, powi};
use epsom_model::ir::{BinaryOp, ExprId, Model, Node, UnaryOp};

/// `y' = A y + b`.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearSystem {
    /// Number of compartments.
    pub n: usize,
    /// `A`, row by row.
    pub a: Vec<f64>,
    /// `b`.
    pub b: Vec<f64>,
}

/// The model as a linear system at these inputs; none where a derivative is not affine in the
/// state, or reads the time.
pub fn linear_system(model: &Model, inputs: &Inputs) -> Option<LinearSystem> {
    let n = model.compartments.len();
    let (mut a, mut b) = (Vec::with_capacity(n * n), Vec::with_capacity(n));
    let last = model.compartments.iter().map(|compartment| compartment.derivative).max();
    let mut table: Vec<Option<Affine>> = Vec::new();
    for at in 0..last.map_or(0, |last| last.0 + 1) {
        table.push(affine(model, ExprId(at), inputs, &table));
    }
    for compartment in &model.compartments {
        let affine = table[compartment.derivative.0 as usize].clone()?;
        b.push(affine.constant);
        a.extend(affine.slopes.unwrap_or_else(|| vec![0.0; n]));
    }
    Some(LinearSystem { n, a, b })
}

/// `constant + slopes . y`; no slopes where the state is not read.
#[derive(Clone)]
struct Affine {
    constant: f64,
    slopes: Option<Vec<f64>>,
}

impl Affine {
    fn scaled(self, by: f64) -> Self {
        let slopes = self.slopes.map(|slopes| slopes.iter().map(|slope| slope * by).collect());
        Self { constant: self.constant * by, slopes }
    }

    fn plus(self, other: Self) -> Self {
        let slopes = match (self.slopes, other.slopes) {
            (Some(a), Some(b)) => Some(a.iter().zip(&b).map(|(a, b)| a + b).collect()),
            (a, b) => a.or(b),
        };
        Self { constant: self.constant + other.constant, slopes }
    }
}

/// Node `id` from the nodes before it.
fn affine(model: &Model, id: ExprId, inputs: &Inputs, before: &[Option<Affine>]) -> Option<Affine> {
    let of = |id: ExprId| before[id.0 as usize].clone();
    let constant = |value| Some(Affine { constant: value, slopes: None });
    match model.exprs.node(id) {
        Node::Time => None,
        Node::State(at) => {
            let mut slopes = vec![0.0; model.compartments.len()];
            *slopes.get_mut(at as usize)? = 1.0;
            Some(Affine { constant: 0.0, slopes: Some(slopes) })
        }
        Node::Unary(UnaryOp::Neg, a) => Some(of(a)?.scaled(-1.0)),
        Node::Binary(BinaryOp::Add, a, b) => Some(of(a)?.plus(of(b)?)),
        Node::Binary(BinaryOp::Sub, a, b) => Some(of(a)?.plus(of(b)?.scaled(-1.0))),
        Node::Binary(BinaryOp::Mul, a, b) => match (of(a)?, of(b)?) {
            (a, b) if b.slopes.is_none() => Some(a.scaled(b.constant)),
            (a, b) if a.slopes.is_none() => Some(b.scaled(a.constant)),
            _ => None,
        },
        Node::Binary(BinaryOp::Div, a, b) => {
            let (a, b) = (of(a)?, of(b)?);
            let slopes =
                a.slopes.map(|slopes| slopes.iter().map(|slope| slope / b.constant).collect());
            b.slopes.is_none().then_some(Affine { constant: a.constant / b.constant, slopes })
        }
        Node::Select(condition, yes, no) => {
            let condition = of(condition).filter(|affine| affine.slopes.is_none())?;
            of(if condition.constant != 0.0 { yes } else { no })
        }
        Node::Unary(op, a) => constant(unary(op, number(of(a)?)?)),
        Node::Binary(op, a, b) => constant(binary(op, number(of(a)?)?, number(of(b)?)?)),
        Node::Powi(a, 1) => of(a),
        Node::Powi(a, power) => constant(powi(number(of(a)?)?, power)),
        Node::Const(value) => constant(value),
        Node::Param(at) => constant(*inputs.params.get(at as usize)?),
        Node::Covariate(at) => constant(*inputs.covariates.get(at as usize)?),
        Node::Mode(at) => constant(*inputs.modes.get(at as usize)?),
        Node::DoseTime(at) => constant(*inputs.dose_times_h.get(at as usize)?),
        Node::DoseAmount(at) => constant(*inputs.dose_amounts.get(at as usize)?),
    }
}

fn number(affine: Affine) -> Option<f64> {
    affine.slopes.is_none().then_some(affine.constant)
}

/// Exact step: `y(t + dt) = phi y(t) + add`.
#[derive(Debug, Clone, PartialEq)]
pub struct Propagator {
    n: usize,
    /// `phi`, row by row.
    pub phi: Vec<f64>,
    /// Contribution of `b`.
    pub add: Vec<f64>,
}

impl Propagator {
    /// Of a step of length `dt_h` with the constant inflow `b`; A may be singular.
    ///
    /// None where a coefficient is not finite.
    pub fn new(system: &LinearSystem, b: &[f64], dt_h: f64) -> Option<Self> {
        let structure = Structure::of(system.n, &system.a);
        let (phi, add) = Steps::default().coefficients(&structure, &system.a, b, dt_h)?;
        Some(Self { n: system.n, phi, add })
    }

    /// The state after the step.
    pub fn apply(&self, y: &[f64]) -> Vec<f64> {
        let rows = self.phi.chunks_exact(self.n.max(1)).zip(&self.add);
        rows.map(|(row, add)| row.iter().zip(y).fold(*add, |sum, (phi, y)| sum + phi * y)).collect()
    }
}

/// Solution of `matrix x = right` for a square matrix given row by row; none where it is singular.
pub(crate) fn solve(matrix: Vec<f64>, right: &[f64]) -> Option<Vec<f64>> {
    let n = right.len();
    let matrix = Matrix::from_rows(n, n, matrix).ok()?;
    epsom_maths::solve(&matrix, right).ok()
}
