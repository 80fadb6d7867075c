//! Constructors that simplify while they build.
//!
//! Only `+ - * /`, signs, comparisons and logic are folded: elementary functions are the engine's,
//! so that a constant has the bits that the program would compute. `0 * x` stays, because `x` may
//! be infinite or not a number at run time; derivatives leave structural zeros out themselves.

use super::{BinaryOp, ExprId, Exprs, Node, UnaryOp};

/// Largest power that is written as repeated multiplication.
const MAX_POWI: f64 = 64.0;

impl Exprs {
    /// A number.
    pub fn constant(&mut self, value: f64) -> ExprId {
        self.add(Node::Const(value))
    }

    /// The number at `id`, if it is one.
    pub fn as_constant(&self, id: ExprId) -> Option<f64> {
        match self.node(id) {
            Node::Const(value) => Some(value),
            _ => None,
        }
    }

    /// Whether `id` is the number `value`.
    pub fn is_number(&self, id: ExprId, value: f64) -> bool {
        self.as_constant(id) == Some(value)
    }

    /// A function of one argument, simplified.
    pub fn unary(&mut self, op: UnaryOp, a: ExprId) -> ExprId {
        match (op, self.node(a)) {
            (UnaryOp::Neg, Node::Const(value)) => self.constant(-value),
            (UnaryOp::Not, Node::Const(value)) => self.constant(truth(value == 0.0)),
            (UnaryOp::Abs, Node::Const(value)) => self.constant(value.abs()),
            (UnaryOp::Neg, Node::Unary(UnaryOp::Neg, inner)) => inner,
            (UnaryOp::Abs, Node::Unary(UnaryOp::Neg, inner)) => self.unary(UnaryOp::Abs, inner),
            // -(a - b) = b - a, but for the sign of zero.
            (UnaryOp::Neg, Node::Binary(BinaryOp::Sub, left, right)) => {
                self.binary(BinaryOp::Sub, right, left)
            }
            _ => self.add(Node::Unary(op, a)),
        }
    }

    /// A function of two arguments, simplified.
    pub fn binary(&mut self, op: BinaryOp, a: ExprId, b: ExprId) -> ExprId {
        if let (Some(x), Some(y)) = (self.as_constant(a), self.as_constant(b))
            && let Some(value) = fold(op, x, y)
        {
            return self.constant(value);
        }
        match op {
            BinaryOp::Add => self.sum(a, b),
            BinaryOp::Sub => self.difference(a, b),
            BinaryOp::Mul => self.product(a, b),
            BinaryOp::Div => self.quotient(a, b),
            BinaryOp::Pow => self.power(a, b),
            // min and max of one thing are that thing.
            BinaryOp::Min | BinaryOp::Max if a == b => a,
            _ => self.add(Node::Binary(op, a, b)),
        }
    }

    /// `a + b`.
    pub fn sum(&mut self, a: ExprId, b: ExprId) -> ExprId {
        if let Some(value) = self.folded(BinaryOp::Add, a, b) {
            return value;
        }
        match (self.node(a), self.node(b)) {
            (Node::Const(0.0), _) => b,
            (_, Node::Const(0.0)) => a,
            (_, Node::Unary(UnaryOp::Neg, inner)) => self.difference(a, inner),
            (Node::Unary(UnaryOp::Neg, inner), _) => self.difference(b, inner),
            _ => self.add(Node::Binary(BinaryOp::Add, a, b)),
        }
    }

    /// `a - b`.
    pub fn difference(&mut self, a: ExprId, b: ExprId) -> ExprId {
        if let Some(value) = self.folded(BinaryOp::Sub, a, b) {
            return value;
        }
        match (self.node(a), self.node(b)) {
            (Node::Const(0.0), _) => self.unary(UnaryOp::Neg, b),
            (_, Node::Const(0.0)) => a,
            (_, Node::Unary(UnaryOp::Neg, inner)) => self.sum(a, inner),
            _ => self.add(Node::Binary(BinaryOp::Sub, a, b)),
        }
    }

    /// `a * b`.
    pub fn product(&mut self, a: ExprId, b: ExprId) -> ExprId {
        if let Some(value) = self.folded(BinaryOp::Mul, a, b) {
            return value;
        }
        match (self.node(a), self.node(b)) {
            (Node::Const(1.0), _) => b,
            (_, Node::Const(1.0)) => a,
            (Node::Const(-1.0), _) => self.unary(UnaryOp::Neg, b),
            (_, Node::Const(-1.0)) => self.unary(UnaryOp::Neg, a),
            _ => self.add(Node::Binary(BinaryOp::Mul, a, b)),
        }
    }

    /// `a / b`; division by a constant stays a division, which rounds once.
    pub fn quotient(&mut self, a: ExprId, b: ExprId) -> ExprId {
        if let Some(value) = self.folded(BinaryOp::Div, a, b) {
            return value;
        }
        match self.node(b) {
            Node::Const(1.0) => a,
            Node::Const(-1.0) => self.unary(UnaryOp::Neg, a),
            _ => self.add(Node::Binary(BinaryOp::Div, a, b)),
        }
    }

    /// `a ^ b`; small whole exponents become repeated multiplication.
    pub fn power(&mut self, a: ExprId, b: ExprId) -> ExprId {
        match self.as_constant(b) {
            Some(n) if n == n.trunc() && n.abs() <= MAX_POWI => self.powi(a, n as i32),
            _ => self.add(Node::Binary(BinaryOp::Pow, a, b)),
        }
    }

    /// `a ^ n`; `a ^ 0` is 1 whatever `a`, as IEEE 754 has it.
    pub fn powi(&mut self, a: ExprId, n: i32) -> ExprId {
        match n {
            0 => self.constant(1.0),
            1 => a,
            _ => self.add(Node::Powi(a, n)),
        }
    }

    /// `yes` where `condition` is not 0, else `no`.
    pub fn select(&mut self, condition: ExprId, yes: ExprId, no: ExprId) -> ExprId {
        match self.node(condition) {
            Node::Const(value) => {
                if value != 0.0 {
                    yes
                } else {
                    no
                }
            }
            _ if yes == no => yes,
            Node::Unary(UnaryOp::Not, inner) => self.select(inner, no, yes),
            _ => self.add(Node::Select(condition, yes, no)),
        }
    }

    fn folded(&mut self, op: BinaryOp, a: ExprId, b: ExprId) -> Option<ExprId> {
        let value = fold(op, self.as_constant(a)?, self.as_constant(b)?)?;
        Some(self.constant(value))
    }
}

fn fold(op: BinaryOp, x: f64, y: f64) -> Option<f64> {
    Some(match op {
        BinaryOp::Add => x + y,
        BinaryOp::Sub => x - y,
        BinaryOp::Mul => x * y,
        BinaryOp::Div => x / y,
        BinaryOp::Lt => truth(x < y),
        BinaryOp::Le => truth(x <= y),
        BinaryOp::Gt => truth(x > y),
        BinaryOp::Ge => truth(x >= y),
        BinaryOp::Eq => truth(x == y),
        BinaryOp::Ne => truth(x != y),
        BinaryOp::And => truth(x != 0.0 && y != 0.0),
        BinaryOp::Or => truth(x != 0.0 || y != 0.0),
        BinaryOp::Pow | BinaryOp::Min | BinaryOp::Max => return None,
    })
}

fn truth(value: bool) -> f64 {
    f64::from(u8::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each identity: what is built, and what must come out, over `x` = State(0), `y` = State(1).
    #[test]
    fn identities() {
        let mut e = Exprs::default();
        let (x, y) = (e.add(Node::State(0)), e.add(Node::State(1)));
        let (zero, one) = (e.constant(0.0), e.constant(1.0));
        let two = e.constant(2.0);
        let minus_y = e.unary(UnaryOp::Neg, y);
        let (x_minus_y, x_plus_y) = (e.difference(x, y), e.sum(x, y));
        let cases: [(BinaryOp, ExprId, ExprId, ExprId); 12] = [
            (BinaryOp::Add, x, zero, x),
            (BinaryOp::Add, zero, x, x),
            (BinaryOp::Sub, x, zero, x),
            (BinaryOp::Mul, x, one, x),
            (BinaryOp::Mul, one, x, x),
            (BinaryOp::Div, x, one, x),
            (BinaryOp::Add, x, minus_y, x_minus_y),
            (BinaryOp::Sub, x, minus_y, x_plus_y),
            (BinaryOp::Sub, zero, y, minus_y),
            (BinaryOp::Pow, x, one, x),
            (BinaryOp::Pow, x, zero, one),
            (BinaryOp::Max, x, x, x),
        ];
        for (op, a, b, expected) in cases {
            assert_eq!(e.binary(op, a, b), expected, "{op:?} {a:?} {b:?}");
        }
        let square = e.power(x, two);
        assert_eq!(e.node(square), Node::Powi(x, 2));
        let turned = e.unary(UnaryOp::Neg, x_minus_y);
        assert_eq!(e.node(turned), Node::Binary(BinaryOp::Sub, y, x));
    }

    #[test]
    fn zero_times_something_stays() {
        let mut e = Exprs::default();
        let (x, zero) = (e.add(Node::State(0)), e.constant(0.0));
        let product = e.product(zero, x);
        assert_eq!(e.node(product), Node::Binary(BinaryOp::Mul, zero, x));
        let third = e.constant(3.0);
        let quotient = e.quotient(x, third);
        assert_eq!(e.node(quotient), Node::Binary(BinaryOp::Div, x, third));
    }

    #[test]
    fn constants_fold_to_the_bits_of_the_machine() {
        let mut e = Exprs::default();
        let (a, b) = (e.constant(0.1), e.constant(0.2));
        let sum = e.sum(a, b);
        assert_eq!(e.as_constant(sum), Some(0.1 + 0.2));
        let less = e.binary(BinaryOp::Lt, a, b);
        assert_eq!(e.select(less, a, b), a);
    }
}
