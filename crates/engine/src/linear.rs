//! Linear systems `y' = A y + b` with coefficients constant between stops: found in the model's
//! expressions, propagated exactly.

use crate::eval::{Inputs, binary, powi, unary};
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
/// state, reads the time, or uses a function without a scalar form.
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
        Node::Unary(op, a) => constant(unary(op, number(of(a)?)?)?),
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
    /// From the exponential of the augmented matrix `[A b; 0 0] dt`, which also serves singular A.
    ///
    /// None where a coefficient is not finite.
    pub fn new(system: &LinearSystem, b: &[f64], dt_h: f64) -> Option<Self> {
        let n = system.n;
        let size = n + 1;
        let mut augmented = vec![0.0; size * size];
        for row in 0..n {
            for column in 0..n {
                augmented[row * size + column] = system.a[row * n + column] * dt_h;
            }
            augmented[row * size + n] = b[row] * dt_h;
        }
        let whole = exponential(&augmented, size)?;
        let phi = (0..n).flat_map(|row| whole[row * size..row * size + n].to_vec()).collect();
        let add = (0..n).map(|row| whole[row * size + n]).collect();
        Some(Self { n, phi, add })
    }

    /// The state after the step.
    pub fn apply(&self, y: &[f64]) -> Vec<f64> {
        let row = |at: usize| self.phi[at * self.n..(at + 1) * self.n].iter().zip(y);
        (0..self.n).map(|at| row(at).fold(self.add[at], |sum, (phi, y)| sum + phi * y)).collect()
    }
}

/// Numerator of the diagonal Pade approximant of order 13; Higham, SIAM J. Matrix Anal. Appl. 26
/// (2005) 1179, table 2.3.
const PADE: [f64; 14] = [
    64_764_752_532_480_000.0,
    32_382_376_266_240_000.0,
    7_771_770_303_897_600.0,
    1_187_353_796_428_800.0,
    129_060_195_264_000.0,
    10_559_470_521_600.0,
    670_442_572_800.0,
    33_522_128_640.0,
    1_323_241_920.0,
    40_840_800.0,
    960_960.0,
    16_380.0,
    182.0,
    1.0,
];

/// Matrix exponential by scaling and squaring.
fn exponential(matrix: &[f64], n: usize) -> Option<Vec<f64>> {
    let norm = (0..n)
        .map(|column| (0..n).map(|row| matrix[row * n + column].abs()).sum::<f64>())
        .fold(0.0, f64::max);
    if !norm.is_finite() || matrix.iter().any(|value| value.is_nan()) {
        return None;
    }
    // Below 5.37 the approximant is exact to rounding (Higham, table 2.3); 1 keeps it well away.
    let (mut n_halvings, mut scale) = (0u32, 1.0);
    while norm * scale > 1.0 {
        scale *= 0.5;
        n_halvings += 1;
    }
    let scaled: Vec<f64> = matrix.iter().map(|value| value * scale).collect();
    let mut power = identity(n);
    let (mut even, mut odd) = (vec![0.0; n * n], vec![0.0; n * n]);
    for (order, coefficient) in PADE.iter().enumerate() {
        let sum = if order % 2 == 0 { &mut even } else { &mut odd };
        sum.iter_mut().zip(&power).for_each(|(sum, power)| *sum += coefficient * power);
        power = product(&power, &scaled, n);
    }
    let over: Vec<f64> = even.iter().zip(&odd).map(|(even, odd)| even + odd).collect();
    let under: Vec<f64> = even.iter().zip(&odd).map(|(even, odd)| even - odd).collect();
    let mut result = solve(under, over, n)?;
    for _ in 0..n_halvings {
        result = product(&result, &result, n);
    }
    Some(result)
}

fn identity(n: usize) -> Vec<f64> {
    (0..n * n).map(|at| if at % (n + 1) == 0 { 1.0 } else { 0.0 }).collect()
}

fn product(a: &[f64], b: &[f64], n: usize) -> Vec<f64> {
    let mut result = vec![0.0; n * n];
    for row in 0..n {
        for inner in 0..n {
            for column in 0..n {
                result[row * n + column] += a[row * n + inner] * b[inner * n + column];
            }
        }
    }
    result
}

/// Solution of `matrix x = right` (`right` has any number of columns) by elimination with partial
/// pivoting; none where the matrix is singular.
pub(crate) fn solve(mut matrix: Vec<f64>, mut right: Vec<f64>, n: usize) -> Option<Vec<f64>> {
    let n_columns = right.len().checked_div(n).unwrap_or(0);
    for step in 0..n {
        let mut pivot = step;
        for row in step + 1..n {
            if matrix[row * n + step].abs() > matrix[pivot * n + step].abs() {
                pivot = row;
            }
        }
        let size = matrix[pivot * n + step];
        if size == 0.0 || !size.is_finite() {
            return None;
        }
        for column in 0..n {
            matrix.swap(pivot * n + column, step * n + column);
        }
        for column in 0..n_columns {
            right.swap(pivot * n_columns + column, step * n_columns + column);
        }
        for row in step + 1..n {
            let factor = matrix[row * n + step] / size;
            for column in step..n {
                matrix[row * n + column] -= factor * matrix[step * n + column];
            }
            for column in 0..n_columns {
                right[row * n_columns + column] -= factor * right[step * n_columns + column];
            }
        }
    }
    for row in (0..n).rev() {
        for column in 0..n_columns {
            let mut sum = right[row * n_columns + column];
            for later in row + 1..n {
                sum -= matrix[row * n + later] * right[later * n_columns + column];
            }
            right[row * n_columns + column] = sum / matrix[row * n + row];
        }
    }
    Some(right)
}
