//! Rewriting before lowering: cheaper operations with the same meaning.
//!
//! - Powers up to the eighth become multiplications, which share their squares.
//! - Division by what is constant between stops becomes multiplication by a reciprocal that is
//!   hoisted; a divisor that varies and is used twice is inverted once. Either costs one more
//!   rounding than the division, everywhere the same.

use epsom_model::ir::{BinaryOp, ExprId, Exprs, Node, reachable};

/// Expressions rewritten, and where each of the old ones went (those that `roots` rest on).
pub(super) struct Prepared {
    pub exprs: Exprs,
    pub place: Vec<Option<ExprId>>,
    /// Whether the rewritten expression changes between stops.
    pub varies: Vec<bool>,
}

/// Exponents up to this size are multiplied out, as `epsom_maths::powi` does.
const MULTIPLIED: u32 = 8;

pub(super) fn prepare(old: &Exprs, roots: &[ExprId]) -> Prepared {
    let nodes = reachable(old, roots.iter().copied());
    let mut varies = vec![false; old.len()];
    let mut n_divided = vec![0_u32; old.len()];
    for &id in &nodes {
        let node = old.node(id);
        varies[id.0 as usize] =
            is_varying_leaf(node) || node.operands().any(|operand| varies[operand.0 as usize]);
        if let Node::Binary(BinaryOp::Div, _, by) = node {
            n_divided[by.0 as usize] += 1;
        }
    }
    let mut new = Exprs::default();
    let mut place: Vec<Option<ExprId>> = vec![None; old.len()];
    for &id in &nodes {
        let of = |id: ExprId| place[id.0 as usize].unwrap_or_default();
        let node = old.node(id);
        place[id.0 as usize] = Some(match node {
            Node::Unary(op, a) => new.unary(op, of(a)),
            Node::Powi(a, power) => powi(&mut new, of(a), power),
            Node::Binary(BinaryOp::Div, a, b)
                if varies[a.0 as usize]
                    && (!varies[b.0 as usize] || n_divided[b.0 as usize] > 1) =>
            {
                let one = new.constant(1.0);
                let inverse = new.quotient(one, of(b));
                new.product(of(a), inverse)
            }
            Node::Binary(op, a, b) => new.binary(op, of(a), of(b)),
            Node::Select(condition, yes, no) => new.select(of(condition), of(yes), of(no)),
            leaf => new.add(leaf),
        });
    }
    let mut prepared = Prepared { exprs: new, place, varies: Vec::new() };
    prepared.extend();
    prepared
}

impl Prepared {
    /// Looks at expressions that were added.
    pub(super) fn extend(&mut self) {
        for at in self.varies.len()..self.exprs.len() {
            let node = self.exprs.node(ExprId(at as u32));
            let varies = |id: ExprId| self.varies[id.0 as usize];
            self.varies.push(is_varying_leaf(node) || node.operands().any(varies));
        }
    }
}

pub(super) fn is_varying_leaf(node: Node) -> bool {
    matches!(node, Node::State(_) | Node::Time)
}

/// By repeated squaring, in the order of `epsom_maths::powi`.
fn powi(new: &mut Exprs, base: ExprId, power: i32) -> ExprId {
    let size = power.unsigned_abs();
    if size > MULTIPLIED {
        let exponent = new.constant(f64::from(power));
        return new.add(Node::Binary(BinaryOp::Pow, base, exponent));
    }
    let (mut left, mut square) = (size, base);
    let mut product = new.constant(1.0);
    while left > 0 {
        if left & 1 == 1 {
            product = new.product(product, square);
        }
        left >>= 1;
        if left > 0 {
            square = new.product(square, square);
        }
    }
    if power < 0 {
        let one = new.constant(1.0);
        new.quotient(one, product)
    } else {
        product
    }
}
