//! Numbers known when the model is read: parameter values, bounds, spreads.

use std::collections::BTreeMap;

use super::{Checker, Dim};
use crate::ir::{BinaryOp as Op, ExprId, Exprs, Node, UnaryOp, reachable};
use crate::syntax::ast::Expr;

impl<'a> Checker<'a> {
    /// The value of an expression of numbers, rows and other parameters' typical values.
    pub(super) fn number(&mut self, expr: &'a Expr) -> Option<(f64, Dim)> {
        let typed = self.lower(expr);
        let params: Vec<f64> = self.model.params.iter().map(|one| one.value).collect();
        match evaluate(&self.model.exprs, typed.id, &params) {
            Some(value) => Some((value, typed.dim)),
            None => {
                self.say(
                    epsom_diag::Diagnostic::error("E0401", "a number is needed here")
                        .at(expr.span, "this changes during a run or between people")
                        .help("use numbers, `row(KEY)` and parameters declared above"),
                );
                None
            }
        }
    }
}

/// Value of `id`, given those of the leaves; `None` where a leaf or function has none.
pub(super) fn evaluate_with(
    e: &Exprs,
    id: ExprId,
    leaf: &dyn Fn(Node) -> Option<f64>,
) -> Option<f64> {
    let mut known: BTreeMap<ExprId, f64> = BTreeMap::new();
    for at in reachable(e, [id]) {
        let v = |id: ExprId| known.get(&id).copied();
        let value = match e.node(at) {
            Node::Const(value) => Some(value),
            Node::Powi(a, n) => v(a).map(|a| epsom_maths::pow(a, f64::from(n))),
            // Only the chosen side needs a value.
            Node::Select(c, a, b) => v(c).and_then(|c| if c != 0.0 { v(a) } else { v(b) }),
            Node::Binary(op, a, b) => v(a).zip(v(b)).map(|(a, b)| operator(op, a, b)),
            Node::Unary(op, a) => v(a).and_then(|a| function(op, a)),
            other => leaf(other),
        };
        if let Some(value) = value {
            known.insert(at, value);
        }
    }
    known.get(&id).copied()
}

/// As [`evaluate_with`], where parameters have the given values.
pub(super) fn evaluate(e: &Exprs, id: ExprId, params: &[f64]) -> Option<f64> {
    evaluate_with(e, id, &|node| match node {
        Node::Param(at) => params.get(at as usize).copied(),
        _ => None,
    })
}

pub(super) fn ln(x: f64) -> f64 {
    epsom_maths::ln(x)
}

/// `exp(x)`: how far a log-normal reaches to one side.
pub(super) fn one_sided(x: f64) -> f64 {
    epsom_maths::exp(x)
}

pub(super) fn operator(op: Op, a: f64, b: f64) -> f64 {
    let truth = |yes: bool| f64::from(u8::from(yes));
    match op {
        Op::Add => a + b,
        Op::Sub => a - b,
        Op::Mul => a * b,
        Op::Div => a / b,
        Op::Pow => epsom_maths::pow(a, b),
        Op::Min => a.min(b),
        Op::Max => a.max(b),
        Op::Lt => truth(a < b),
        Op::Le => truth(a <= b),
        Op::Gt => truth(a > b),
        Op::Ge => truth(a >= b),
        Op::Eq => truth(a == b),
        Op::Ne => truth(a != b),
        Op::And => truth(a != 0.0 && b != 0.0),
        Op::Or => truth(a != 0.0 || b != 0.0),
    }
}

pub(super) fn function(op: UnaryOp, a: f64) -> Option<f64> {
    use epsom_maths as m;
    Some(match op {
        UnaryOp::Neg => -a,
        UnaryOp::Not => f64::from(u8::from(a == 0.0)),
        UnaryOp::Abs => a.abs(),
        UnaryOp::Floor => a.floor(),
        UnaryOp::Ceil => a.ceil(),
        UnaryOp::Sqrt => a.sqrt(),
        UnaryOp::Exp => m::exp(a),
        UnaryOp::ExpM1 => m::exp_m1(a),
        UnaryOp::Ln => m::ln(a),
        UnaryOp::Ln1p => m::ln_1p(a),
        UnaryOp::Log10 => m::log10(a),
        UnaryOp::Log2 => m::log2(a),
        UnaryOp::Sin => m::sin(a),
        UnaryOp::Cos => m::cos(a),
        UnaryOp::Tan => m::tan(a),
        UnaryOp::Asin => m::asin(a),
        UnaryOp::Acos => m::acos(a),
        UnaryOp::Atan => m::atan(a),
        UnaryOp::Sinh => m::sinh(a),
        UnaryOp::Cosh => m::cosh(a),
        UnaryOp::Tanh => m::tanh(a),
        UnaryOp::Erf => m::erf(a),
        UnaryOp::NormCdf => m::norm_cdf(a),
        UnaryOp::Expit => m::expit(a),
        UnaryOp::Logit => m::logit(a),
        UnaryOp::Softplus => m::softplus(a),
        UnaryOp::NormQuantile => m::norm_quantile(a),
        UnaryOp::LnGamma => m::ln_gamma(a),
        UnaryOp::Gamma => m::gamma(a),
        UnaryOp::Digamma => m::digamma(a),
        UnaryOp::Sign => return None,
    })
}
