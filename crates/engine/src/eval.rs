//! Value of one expression for one subject, by walking the table: the obviously right form that
//! faster ones are compared with.

use epsom_model::ir::{BinaryOp, ExprId, Exprs, Node, UnaryOp};

/// What the leaves of an expression are worth.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Inputs {
    /// Time, h.
    pub time_h: f64,
    /// One per compartment.
    pub state: Vec<f64>,
    /// One per parameter.
    pub params: Vec<f64>,
    /// One per covariate.
    pub covariates: Vec<f64>,
    /// One per mode.
    pub modes: Vec<f64>,
    /// Time of the last dose, one per compartment.
    pub dose_times_h: Vec<f64>,
    /// Amount of the last dose, one per compartment.
    pub dose_amounts: Vec<f64>,
}

/// What one expression reads of a table, and nothing else: for who asks for it often.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Extract {
    /// Operands are numbered by their place here; the expression itself stands last.
    nodes: Box<[Node]>,
}

/// Value of `root`; none where it reads an input that is not given.
pub fn evaluate(exprs: &Exprs, root: ExprId, inputs: &Inputs) -> Option<f64> {
    // A node reads earlier ones only, so one pass up to the root meets each shared node once.
    let mut values: Vec<Option<f64>> = Vec::with_capacity(root.0 as usize + 1);
    for at in 0..=root.0 {
        values.push(value(exprs.node(ExprId(at)), &values, inputs));
    }
    values[root.0 as usize]
}

impl Extract {
    /// Of `root`.
    pub(crate) fn of(exprs: &Exprs, root: ExprId) -> Self {
        let mut is_read = vec![false; root.0 as usize + 1];
        is_read[root.0 as usize] = true;
        for at in (0..=root.0).rev() {
            if is_read[at as usize] {
                let operands = exprs.node(ExprId(at)).operands();
                operands.for_each(|id| is_read[id.0 as usize] = true);
            }
        }
        let (mut nodes, mut places) = (Vec::new(), Vec::with_capacity(is_read.len()));
        for (at, is_read) in is_read.into_iter().enumerate() {
            places.push(ExprId(nodes.len() as u32));
            if is_read {
                nodes.push(exprs.node(ExprId(at as u32)).over(|id| places[id.0 as usize]));
            }
        }
        Self { nodes: nodes.into() }
    }

    /// Its value, as [`evaluate`] gives it.
    pub(crate) fn value(&self, inputs: &Inputs) -> Option<f64> {
        if let [leaf] = *self.nodes {
            return value(leaf, &[], inputs);
        }
        let mut values = Vec::with_capacity(self.nodes.len());
        for &node in &self.nodes {
            values.push(value(node, &values, inputs));
        }
        values.pop().flatten()
    }
}

/// Value of one node, where those before it have `values`.
#[inline(always)]
fn value(node: Node, values: &[Option<f64>], inputs: &Inputs) -> Option<f64> {
    let get = |list: &[f64], at: u32| list.get(at as usize).copied();
    let of = |id: ExprId| values[id.0 as usize];
    match node {
        Node::Const(number) => Some(number),
        Node::Time => Some(inputs.time_h),
        Node::Param(at) => get(&inputs.params, at),
        Node::Covariate(at) => get(&inputs.covariates, at),
        Node::State(at) => get(&inputs.state, at),
        Node::Mode(at) => get(&inputs.modes, at),
        Node::DoseTime(at) => get(&inputs.dose_times_h, at),
        Node::DoseAmount(at) => get(&inputs.dose_amounts, at),
        Node::Unary(op, a) => of(a).map(|a| unary(op, a)),
        Node::Binary(op, a, b) => of(a).zip(of(b)).map(|(a, b)| binary(op, a, b)),
        Node::Powi(a, power) => of(a).map(|a| epsom_maths::powi(a, power)),
        Node::Select(condition, yes, no) => {
            of(condition).and_then(|condition| of(if condition != 0.0 { yes } else { no }))
        }
    }
}

/// Function of one argument.
pub(crate) fn unary(op: UnaryOp, a: f64) -> f64 {
    match op {
        UnaryOp::Neg => -a,
        UnaryOp::Not => truth(a == 0.0),
        UnaryOp::Abs => a.abs(),
        UnaryOp::Sign if a == 0.0 => 0.0,
        UnaryOp::Sign => a.signum(),
        UnaryOp::Floor => a.floor(),
        UnaryOp::Ceil => a.ceil(),
        UnaryOp::Sqrt => a.sqrt(),
        UnaryOp::Exp => epsom_maths::exp(a),
        UnaryOp::ExpM1 => epsom_maths::exp_m1(a),
        UnaryOp::Ln => epsom_maths::ln(a),
        UnaryOp::Ln1p => epsom_maths::ln_1p(a),
        UnaryOp::Log10 => epsom_maths::log10(a),
        UnaryOp::Log2 => epsom_maths::log2(a),
        UnaryOp::Sin => epsom_maths::sin(a),
        UnaryOp::Cos => epsom_maths::cos(a),
        UnaryOp::Tan => epsom_maths::tan(a),
        UnaryOp::Asin => epsom_maths::asin(a),
        UnaryOp::Acos => epsom_maths::acos(a),
        UnaryOp::Atan => epsom_maths::atan(a),
        UnaryOp::Sinh => epsom_maths::sinh(a),
        UnaryOp::Cosh => epsom_maths::cosh(a),
        UnaryOp::Tanh => epsom_maths::tanh(a),
        UnaryOp::Erf => epsom_maths::erf(a),
        UnaryOp::NormCdf => epsom_maths::norm_cdf(a),
        UnaryOp::Expit => epsom_maths::expit(a),
        UnaryOp::Logit => epsom_maths::logit(a),
        UnaryOp::Softplus => epsom_maths::softplus(a),
        UnaryOp::NormQuantile => epsom_maths::norm_quantile(a),
        UnaryOp::LnGamma => epsom_maths::ln_gamma(a),
        UnaryOp::Gamma => epsom_maths::gamma(a),
        UnaryOp::Digamma => epsom_maths::digamma(a),
    }
}

/// Function of two arguments.
pub(crate) fn binary(op: BinaryOp, a: f64, b: f64) -> f64 {
    match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a * b,
        BinaryOp::Div => a / b,
        BinaryOp::Min => a.min(b),
        BinaryOp::Max => a.max(b),
        BinaryOp::Lt => truth(a < b),
        BinaryOp::Le => truth(a <= b),
        BinaryOp::Gt => truth(a > b),
        BinaryOp::Ge => truth(a >= b),
        BinaryOp::Eq => truth(a == b),
        BinaryOp::Ne => truth(a != b),
        BinaryOp::And => truth(a != 0.0 && b != 0.0),
        BinaryOp::Or => truth(a != 0.0 || b != 0.0),
        BinaryOp::Pow => epsom_maths::pow(a, b),
    }
}

fn truth(is: bool) -> f64 {
    if is { 1.0 } else { 0.0 }
}
