//! Symbolic against central differences, at points inside each function's domain.
#![allow(clippy::disallowed_methods, reason = "an oracle that no result depends on")]

use super::*;
use crate::ir::{Compartment, Model, UnaryOp};

/// Value of an expression with `x` = State(0), `y` = State(1); functions that std lacks are left
/// out and tested through identities below.
fn value(e: &Exprs, id: ExprId, x: f64, y: f64) -> f64 {
    let v = |id| value(e, id, x, y);
    let truth = |yes: bool| f64::from(u8::from(yes));
    match e.node(id) {
        Node::Const(c) => c,
        Node::State(0) => x,
        Node::State(_) => y,
        Node::Powi(a, n) => v(a).powi(n),
        Node::Select(c, a, b) => {
            if v(c) != 0.0 {
                v(a)
            } else {
                v(b)
            }
        }
        Node::Unary(op, a) => {
            let a = v(a);
            match op {
                UnaryOp::Neg => -a,
                UnaryOp::Abs => a.abs(),
                UnaryOp::Sign => a.signum(),
                UnaryOp::Sqrt => a.sqrt(),
                UnaryOp::Exp => a.exp(),
                UnaryOp::ExpM1 => a.exp_m1(),
                UnaryOp::Ln => a.ln(),
                UnaryOp::Ln1p => a.ln_1p(),
                UnaryOp::Log10 => a.log10(),
                UnaryOp::Log2 => a.log2(),
                UnaryOp::Sin => a.sin(),
                UnaryOp::Cos => a.cos(),
                UnaryOp::Tan => a.tan(),
                UnaryOp::Asin => a.asin(),
                UnaryOp::Acos => a.acos(),
                UnaryOp::Atan => a.atan(),
                UnaryOp::Sinh => a.sinh(),
                UnaryOp::Cosh => a.cosh(),
                UnaryOp::Tanh => a.tanh(),
                UnaryOp::Expit => 1.0 / (1.0 + (-a).exp()),
                UnaryOp::Logit => (a / (1.0 - a)).ln(),
                UnaryOp::Softplus => a.exp().ln_1p(),
                other => panic!("{other:?}"),
            }
        }
        Node::Binary(op, a, b) => {
            let (a, b) = (v(a), v(b));
            match op {
                BinaryOp::Add => a + b,
                BinaryOp::Sub => a - b,
                BinaryOp::Mul => a * b,
                BinaryOp::Div => a / b,
                BinaryOp::Pow => a.powf(b),
                BinaryOp::Min => a.min(b),
                BinaryOp::Max => a.max(b),
                BinaryOp::Le => truth(a <= b),
                BinaryOp::Ge => truth(a >= b),
                BinaryOp::Lt => truth(a < b),
                BinaryOp::Eq => truth(a == b),
                other => panic!("{other:?}"),
            }
        }
        other => panic!("{other:?}"),
    }
}

fn agrees(e: &mut Exprs, id: ExprId, x: f64, y: f64) {
    // Central difference: error h^2 |f'''| / 6 + eps |f| / h; with h = 1e-5 both stay below 1e-8 of
    // the size of these functions.
    let h = 1e-5;
    for (with, dx, dy) in [(With::State(0), h, 0.0), (With::State(1), 0.0, h)] {
        let symbolic = derivative(e, id, with);
        let symbolic = value(e, symbolic, x, y);
        let (right, left) = (value(e, id, x + dx, y + dy), value(e, id, x - dx, y - dy));
        let numeric = (right - left) / (2.0 * h);
        let scale = 1.0 + symbolic.abs() + right.abs();
        assert!((symbolic - numeric).abs() <= 1e-8 * scale, "{id:?} {with:?} {symbolic} {numeric}");
    }
}

#[test]
fn functions_of_one() {
    use UnaryOp::*;
    for op in [
        Neg, Abs, Sqrt, Exp, ExpM1, Ln, Ln1p, Log10, Log2, Sin, Cos, Tan, Asin, Acos, Atan, Sinh,
        Cosh, Tanh, Expit, Logit, Softplus,
    ] {
        let mut e = Exprs::default();
        let (x, y) = (e.add(Node::State(0)), e.add(Node::State(1)));
        let inner = e.product(x, y);
        let outer = e.unary(op, inner);
        for (a, b) in [(0.3, 0.7), (0.9, 0.8), (0.5, 1.3)] {
            agrees(&mut e, outer, a, b);
        }
    }
}

#[test]
fn functions_of_two_and_selects() {
    use BinaryOp::*;
    for op in [Add, Sub, Mul, Div, Pow, Min, Max] {
        let mut e = Exprs::default();
        let (x, y) = (e.add(Node::State(0)), e.add(Node::State(1)));
        let (left, right) = (e.powi(x, 3), e.sum(x, y));
        let both = e.binary(op, left, right);
        let condition = e.binary(Lt, x, y);
        let chosen = e.select(condition, both, left);
        for (a, b) in [(0.3, 0.7), (1.9, 0.8), (0.5, 1.3)] {
            agrees(&mut e, both, a, b);
            agrees(&mut e, chosen, a, b);
        }
    }
}

#[test]
fn powers_at_zero_are_finite_where_the_derivative_is() {
    let mut e = Exprs::default();
    let (x, y) = (e.add(Node::State(0)), e.add(Node::State(1)));
    let power = e.power(x, y);
    let (by_base, by_exponent) =
        (derivative(&mut e, power, With::State(0)), derivative(&mut e, power, With::State(1)));
    assert_eq!(value(&e, by_base, 0.0, 1.0), 1.0);
    assert_eq!(value(&e, by_base, 0.0, 2.5), 0.0);
    assert_eq!(value(&e, by_exponent, 0.0, 2.5), 0.0);
}

#[test]
fn special_functions_by_their_known_slopes() {
    let mut e = Exprs::default();
    let x = e.add(Node::State(0));
    let erf = e.unary(UnaryOp::Erf, x);
    let slope = derivative(&mut e, erf, With::State(0));
    let ulp = f64::EPSILON;
    assert!((value(&e, slope, 0.0, 0.0) - 2.0 / std::f64::consts::PI.sqrt()).abs() <= 2.0 * ulp);
    let cdf = e.unary(UnaryOp::NormCdf, x);
    let slope = derivative(&mut e, cdf, With::State(0));
    let density = (-0.5f64).exp() / (2.0 * std::f64::consts::PI).sqrt();
    assert!((value(&e, slope, 1.0, 0.0) - density).abs() <= 4.0 * ulp);
    let digamma = e.unary(UnaryOp::Digamma, x);
    let slope = derivative(&mut e, digamma, With::State(0));
    // psi'(1) = pi^2/6, psi'(1/2) = pi^2/2; about 20 roundings of terms no larger than the sum.
    let square = std::f64::consts::PI.powi(2);
    assert!((value(&e, slope, 1.0, 0.0) - square / 6.0).abs() <= 20.0 * ulp * square);
    assert!((value(&e, slope, 0.5, 0.0) - square / 2.0).abs() <= 20.0 * ulp * square);
}

#[test]
fn the_jacobian_holds_structural_nonzeros_only() {
    let mut model = Model::default();
    let e = &mut model.exprs;
    let (x, y, t) = (e.add(Node::State(0)), e.add(Node::State(1)), e.add(Node::Time));
    let k = e.add(Node::Param(0));
    let flow = e.product(k, x);
    let loss = e.unary(UnaryOp::Neg, flow);
    let forced = e.sum(flow, t);
    let _ = y;
    for (name, derivative) in [("x", loss), ("y", forced)] {
        model.compartments.push(Compartment::of(name, derivative));
    }
    let found = jacobian(&mut model);
    assert_eq!((found.rows, found.cols), (vec![0, 1], vec![0, 0]));
    assert_eq!(found.exprs[1], k);
    let by_time = time_derivatives(&mut model);
    let numbers: Vec<_> = by_time.iter().map(|&id| model.exprs.as_constant(id)).collect();
    assert_eq!(numbers, [Some(0.0), Some(1.0)]);
}
