//! Proof that an expression is zero: multiplied out, its terms cancel exactly.

use std::collections::BTreeMap;

use crate::ir::{BinaryOp, ExprId, Exprs, Node, UnaryOp, reachable};

/// Terms beyond which the proof is given up.
const MAX_TERMS: usize = 2000;

/// Powers of what is not multiplied out; sorted, without zeros.
type Monomial = BTreeMap<ExprId, i32>;
/// Coefficient of each monomial.
type Sum = BTreeMap<Monomial, f64>;

/// Whether `id` multiplies out to nothing. `false` says only that no proof was found.
///
/// Cancellation is algebra: where a divisor is zero, neither side has a value.
pub(super) fn is_zero(e: &Exprs, id: ExprId) -> bool {
    let mut known: BTreeMap<ExprId, Sum> = BTreeMap::new();
    for at in reachable(e, [id]) {
        let Some(sum) = expand(e, at, &known) else { return false };
        known.insert(at, sum);
    }
    known.get(&id).is_some_and(BTreeMap::is_empty)
}

fn expand(e: &Exprs, at: ExprId, known: &BTreeMap<ExprId, Sum>) -> Option<Sum> {
    let get = |id: ExprId| known.get(&id);
    let sum = match e.node(at) {
        Node::Const(value) => scaled(&Sum::from([(Monomial::new(), 1.0)]), value),
        Node::Unary(UnaryOp::Neg, a) => scaled(get(a)?, -1.0),
        Node::Binary(BinaryOp::Add, a, b) => added(get(a)?, get(b)?),
        Node::Binary(BinaryOp::Sub, a, b) => added(get(a)?, &scaled(get(b)?, -1.0)),
        Node::Binary(BinaryOp::Mul, a, b) => product(get(a)?, get(b)?)?,
        Node::Binary(BinaryOp::Div, a, b) => product(get(a)?, &inverse(b, get(b)?))?,
        // A whole power of one term; other powers stay as they are.
        Node::Powi(a, n) if get(a)?.len() == 1 => {
            let (monomial, coefficient) = get(a)?.iter().next()?;
            if *coefficient == 1.0 {
                Sum::from([(monomial.iter().map(|(&id, &m)| (id, m * n)).collect(), 1.0)])
            } else {
                atom(at, 1)
            }
        }
        _ => atom(at, 1),
    };
    (sum.len() <= MAX_TERMS).then_some(sum)
}

fn atom(id: ExprId, power: i32) -> Sum {
    Sum::from([(Monomial::from([(id, power)]), 1.0)])
}

fn inverse(id: ExprId, sum: &Sum) -> Sum {
    match sum.iter().next() {
        Some((monomial, coefficient)) if sum.len() == 1 => {
            let turned = monomial.iter().map(|(&id, &power)| (id, -power)).collect();
            Sum::from([(turned, 1.0 / coefficient)])
        }
        _ => atom(id, -1),
    }
}

fn scaled(sum: &Sum, factor: f64) -> Sum {
    sum.iter().map(|(term, value)| (term.clone(), value * factor)).filter(|t| t.1 != 0.0).collect()
}

fn added(a: &Sum, b: &Sum) -> Sum {
    let mut sum = a.clone();
    for (term, value) in b {
        *sum.entry(term.clone()).or_insert(0.0) += value;
    }
    sum.retain(|_, value| *value != 0.0);
    sum
}

fn product(a: &Sum, b: &Sum) -> Option<Sum> {
    if a.len() * b.len() > MAX_TERMS {
        return None;
    }
    let mut sum = Sum::new();
    for (left, x) in a {
        for (right, y) in b {
            let mut term = left.clone();
            for (&id, power) in right {
                *term.entry(id).or_insert(0) += power;
            }
            term.retain(|_, power| *power != 0);
            *sum.entry(term).or_insert(0.0) += x * y;
        }
    }
    sum.retain(|_, value| *value != 0.0);
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flows_cancel_and_losses_do_not() {
        let mut e = Exprs::default();
        let (x, k, v) = (e.add(Node::State(0)), e.add(Node::Param(0)), e.add(Node::Param(1)));
        let rate = e.quotient(k, v);
        let flow = e.product(rate, x);
        let other = e.product(k, x);
        let other = e.quotient(other, v);
        let rest = e.difference(flow, other);
        assert!(is_zero(&e, rest));
        let rest = e.sum(flow, other);
        assert!(!is_zero(&e, rest));
    }
}
