//! Expressions as a table of shared nodes: a node refers only to earlier ones.

use std::collections::BTreeMap;

/// Index of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ExprId(pub u32);

/// One node.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Node {
    /// A number.
    Const(f64),
    /// Time, h.
    Time,
    /// Parameter by index.
    Param(u32),
    /// Covariate by index, as it is now.
    Covariate(u32),
    /// Compartment by index.
    State(u32),
    /// Mode register by index: 0 or 1, frozen between stops.
    Mode(u32),
    /// Time of the last dose into the compartment, h; minus infinity before the first.
    DoseTime(u32),
    /// Amount of the last dose into the compartment (before bioavailability); 0 before the first.
    DoseAmount(u32),
    /// Function of one.
    Unary(UnaryOp, ExprId),
    /// Function of two.
    Binary(BinaryOp, ExprId, ExprId),
    /// Integer power.
    Powi(ExprId, i32),
    /// Second where the first is not 0, else third; the unchosen side is never multiplied in.
    Select(ExprId, ExprId, ExprId),
}

/// Functions of one argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum UnaryOp {
    Neg,
    Not,
    Abs,
    Sign,
    Floor,
    Ceil,
    Sqrt,
    Exp,
    ExpM1,
    Ln,
    Ln1p,
    Log10,
    Log2,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Sinh,
    Cosh,
    Tanh,
    Erf,
    NormCdf,
    NormQuantile,
    Expit,
    Logit,
    Softplus,
    LnGamma,
    Gamma,
    Digamma,
}

/// Functions of two arguments; comparisons and logic give 0 or 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Pow,
    Min,
    Max,
    Lt,
    Le,
    Gt,
    Ge,
    Eq,
    Ne,
    And,
    Or,
}

/// The table. Equal nodes are stored once, so sharing needs no search later.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Exprs {
    nodes: Vec<Node>,
    index: BTreeMap<Key, ExprId>,
}

/// Total order for look-up; numbers by their bits.
type Key = (u8, u64, u32, u32, u32);

impl Exprs {
    /// Adds a node as it is, or finds its equal. Simplification is the caller's.
    pub fn add(&mut self, node: Node) -> ExprId {
        let key = key(node);
        if let Some(&id) = self.index.get(&key) {
            return id;
        }
        let id = ExprId(self.nodes.len() as u32);
        self.nodes.push(node);
        self.index.insert(key, id);
        id
    }

    /// The node at `id`.
    pub fn node(&self, id: ExprId) -> Node {
        self.nodes[id.0 as usize]
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }
}

impl Node {
    /// The nodes it reads.
    pub fn operands(self) -> impl Iterator<Item = ExprId> {
        let operands = match self {
            Node::Unary(_, a) | Node::Powi(a, _) => [Some(a), None, None],
            Node::Binary(_, a, b) => [Some(a), Some(b), None],
            Node::Select(a, b, c) => [Some(a), Some(b), Some(c)],
            _ => [None; 3],
        };
        operands.into_iter().flatten()
    }

    /// The same function of other nodes.
    pub fn over(self, to: impl Fn(ExprId) -> ExprId) -> Self {
        match self {
            Node::Unary(op, a) => Node::Unary(op, to(a)),
            Node::Binary(op, a, b) => Node::Binary(op, to(a), to(b)),
            Node::Powi(a, power) => Node::Powi(to(a), power),
            Node::Select(a, b, c) => Node::Select(to(a), to(b), to(c)),
            leaf => leaf,
        }
    }
}

fn key(node: Node) -> Key {
    match node {
        Node::Const(value) => (0, value.to_bits(), 0, 0, 0),
        Node::Time => (1, 0, 0, 0, 0),
        Node::Param(i) => (2, 0, i, 0, 0),
        Node::Covariate(i) => (3, 0, i, 0, 0),
        Node::State(i) => (4, 0, i, 0, 0),
        Node::Mode(i) => (5, 0, i, 0, 0),
        Node::DoseTime(i) => (6, 0, i, 0, 0),
        Node::DoseAmount(i) => (7, 0, i, 0, 0),
        Node::Unary(op, a) => (8, op as u64, a.0, 0, 0),
        Node::Binary(op, a, b) => (9, op as u64, a.0, b.0, 0),
        Node::Powi(a, n) => (10, n as u32 as u64, a.0, 0, 0),
        Node::Select(a, b, c) => (11, 0, a.0, b.0, c.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_nodes_are_one() {
        let mut exprs = Exprs::default();
        let one = exprs.add(Node::Const(1.0));
        let x = exprs.add(Node::State(0));
        let sum = exprs.add(Node::Binary(BinaryOp::Add, one, x));
        assert_eq!(exprs.add(Node::Binary(BinaryOp::Add, one, x)), sum);
        assert_ne!(exprs.add(Node::Const(-0.0)), exprs.add(Node::Const(0.0)));
        assert_eq!(exprs.len(), 5);
    }
}
