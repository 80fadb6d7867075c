//! Derivatives of the elementary and special functions.

use crate::ir::{BinaryOp, ExprId, Exprs, UnaryOp};

const LN_2: f64 = std::f64::consts::LN_2;
const LN_10: f64 = std::f64::consts::LN_10;
/// 2/sqrt(pi).
const TWO_OVER_SQRT_PI: f64 = std::f64::consts::FRAC_2_SQRT_PI;
/// sqrt(2 pi).
const SQRT_TWO_PI: f64 = 2.506_628_274_631_000_5;

/// Derivative of `value = op(a)`, given that of `a`; `None` for functions that are flat in steps.
pub(super) fn unary(
    e: &mut Exprs,
    op: UnaryOp,
    a: ExprId,
    value: ExprId,
    da: ExprId,
) -> Option<ExprId> {
    let one = e.constant(1.0);
    let slope = match op {
        UnaryOp::Not | UnaryOp::Sign | UnaryOp::Floor | UnaryOp::Ceil => return None,
        UnaryOp::Neg => return Some(e.unary(UnaryOp::Neg, da)),
        UnaryOp::Abs => e.unary(UnaryOp::Sign, a),
        UnaryOp::Exp => value,
        UnaryOp::ExpM1 => e.unary(UnaryOp::Exp, a),
        UnaryOp::Sin => e.unary(UnaryOp::Cos, a),
        UnaryOp::Cos => {
            let sin = e.unary(UnaryOp::Sin, a);
            e.unary(UnaryOp::Neg, sin)
        }
        UnaryOp::Sinh => e.unary(UnaryOp::Cosh, a),
        UnaryOp::Cosh => e.unary(UnaryOp::Sinh, a),
        UnaryOp::Tan => {
            let square = e.powi(value, 2);
            e.sum(one, square)
        }
        UnaryOp::Tanh => {
            let square = e.powi(value, 2);
            e.difference(one, square)
        }
        UnaryOp::Expit => {
            let rest = e.difference(one, value);
            e.product(value, rest)
        }
        UnaryOp::Softplus => e.unary(UnaryOp::Expit, a),
        UnaryOp::Erf => bell(e, a, TWO_OVER_SQRT_PI, -1.0),
        UnaryOp::NormCdf => bell(e, a, 1.0 / SQRT_TWO_PI, -0.5),
        UnaryOp::NormQuantile => bell(e, value, SQRT_TWO_PI, 0.5),
        UnaryOp::LnGamma => e.unary(UnaryOp::Digamma, a),
        UnaryOp::Gamma => {
            let digamma = e.unary(UnaryOp::Digamma, a);
            e.product(value, digamma)
        }
        UnaryOp::Digamma => trigamma(e, a),
        // The rest are divisions: da / divisor.
        UnaryOp::Sqrt => {
            let two = e.constant(2.0);
            let divisor = e.product(two, value);
            return Some(e.quotient(da, divisor));
        }
        UnaryOp::Ln => return Some(e.quotient(da, a)),
        UnaryOp::Ln1p => {
            let divisor = e.sum(one, a);
            return Some(e.quotient(da, divisor));
        }
        UnaryOp::Log10 | UnaryOp::Log2 => {
            let base = e.constant(if op == UnaryOp::Log2 { LN_2 } else { LN_10 });
            let divisor = e.product(base, a);
            return Some(e.quotient(da, divisor));
        }
        UnaryOp::Logit => {
            let rest = e.difference(one, a);
            let divisor = e.product(a, rest);
            return Some(e.quotient(da, divisor));
        }
        UnaryOp::Atan => {
            let square = e.powi(a, 2);
            let divisor = e.sum(one, square);
            return Some(e.quotient(da, divisor));
        }
        UnaryOp::Asin | UnaryOp::Acos => {
            let square = e.powi(a, 2);
            let rest = e.difference(one, square);
            let root = e.unary(UnaryOp::Sqrt, rest);
            let quotient = e.quotient(da, root);
            let turned = op == UnaryOp::Acos;
            return Some(if turned { e.unary(UnaryOp::Neg, quotient) } else { quotient });
        }
    };
    Some(e.product(slope, da))
}

/// `b a^(b-1) da`: finite at `a` = 0 for exponents of 1 and more, infinite below 1, as it is.
pub(super) fn power_base(e: &mut Exprs, a: ExprId, b: ExprId, da: ExprId) -> ExprId {
    let one = e.constant(1.0);
    let less = e.difference(b, one);
    let power = e.power(a, less);
    let slope = e.product(b, power);
    e.product(slope, da)
}

/// `a^b ln(a) db`, and its limit 0 at `a` = 0, where `0 * -inf` would be no number.
pub(super) fn power_exponent(e: &mut Exprs, a: ExprId, value: ExprId, db: ExprId) -> ExprId {
    let zero = e.constant(0.0);
    let at_zero = e.binary(BinaryOp::Eq, a, zero);
    let ln = e.unary(UnaryOp::Ln, a);
    let slope = e.product(value, ln);
    let product = e.product(slope, db);
    e.select(at_zero, zero, product)
}

/// `factor exp(inner x^2)`.
fn bell(e: &mut Exprs, x: ExprId, factor: f64, inner: f64) -> ExprId {
    let square = e.powi(x, 2);
    let inner = e.constant(inner);
    let exponent = e.product(inner, square);
    let exp = e.unary(UnaryOp::Exp, exponent);
    let factor = e.constant(factor);
    e.product(factor, exp)
}

/// Second derivative of ln Γ for `x` > 0: ten steps of ψ'(x) = ψ'(x+1) + 1/x^2, then the asymptotic
/// series, whose first omitted term is below 1e-15 from 10 on.
///
/// Abramowitz and Stegun 6.4.6 and 6.4.12.
fn trigamma(e: &mut Exprs, x: ExprId) -> ExprId {
    /// Coefficients of 1/y^3, 1/y^5, … (Bernoulli numbers).
    const SERIES: [f64; 7] =
        [1.0 / 6.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0, 5.0 / 66.0, -691.0 / 2730.0, 7.0 / 6.0];
    let one = e.constant(1.0);
    let ten = e.constant(10.0);
    let y = e.sum(x, ten);
    let inverse = e.quotient(one, y);
    let square = e.powi(inverse, 2);
    let mut series = e.constant(0.0);
    for coefficient in SERIES.into_iter().rev() {
        let coefficient = e.constant(coefficient);
        let more = e.sum(coefficient, series);
        series = e.product(square, more);
    }
    // 1/y + 1/(2 y^2) + (1/y) series
    let half = e.constant(0.5);
    let second = e.product(half, square);
    let rest = e.product(inverse, series);
    let first = e.sum(inverse, second);
    let mut total = e.sum(first, rest);
    for step in (0..10).rev() {
        let step = e.constant(f64::from(step));
        let shifted = e.sum(x, step);
        let power = e.powi(shifted, -2);
        total = e.sum(total, power);
    }
    total
}
