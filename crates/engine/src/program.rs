//! Expressions to straight-line instructions over a register file, and the loop that runs them.
//!
//! Every register holds `W` subjects. What depends only on inputs that are constant between stops
//! is computed once per stop (`hoisted`), the rest at every call (`body`).

use epsom_model::ir::{BinaryOp, ExprId, Exprs, Node, UnaryOp, reachable};

/// Where the inputs of a subject stand in one flat array; all are constant between stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Layout {
    /// Number of parameters; they stand first.
    pub n_params: usize,
    /// Number of covariates, after the parameters.
    pub n_covariates: usize,
    /// Number of modes, after the covariates.
    pub n_modes: usize,
    /// Number of compartments: dose times, dose amounts, then infusion rates end the array.
    pub n_states: usize,
}

impl Layout {
    /// Index of the first covariate.
    pub fn covariates(&self) -> usize {
        self.n_params
    }

    /// Index of the first mode.
    pub fn modes(&self) -> usize {
        self.covariates() + self.n_covariates
    }

    /// Index of the first compartment's last dose time.
    pub fn dose_times(&self) -> usize {
        self.modes() + self.n_modes
    }

    /// Index of the first compartment's last dose amount.
    pub fn dose_amounts(&self) -> usize {
        self.dose_times() + self.n_states
    }

    /// Index of the first compartment's infusion rate.
    pub fn rates(&self) -> usize {
        self.dose_amounts() + self.n_states
    }

    /// Length of the array.
    pub fn len(&self) -> usize {
        self.rates() + self.n_states
    }

    /// Whether a subject has no input.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// One operation; operands and result are registers.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Instruction {
    op: Op,
    out: u32,
    operands: [u32; 3],
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Op {
    Neg,
    Not,
    Abs,
    Sign,
    Floor,
    Ceil,
    Sqrt,
    Add,
    Sub,
    Mul,
    Div,
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
    Powi(i32),
    Pow,
    Function(UnaryOp),
    Select,
}

/// Instructions that give the values of some expressions.
///
/// Registers: compartments, time, inputs, constants, hoisted values, then temporaries.
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    layout: Layout,
    hoisted: Vec<Instruction>,
    body: Vec<Instruction>,
    constants: Vec<(u32, f64)>,
    roots: Vec<u32>,
    n_registers: usize,
}

/// Lowers the expressions `roots` of a model with this `layout`.
pub fn lower(exprs: &Exprs, roots: &[ExprId], layout: Layout) -> Program {
    let nodes: Vec<ExprId> = reachable(exprs, roots.iter().copied()).into_iter().collect();
    let inputs = layout.n_states + 1;
    let mut register = vec![0_u32; exprs.len()];
    let mut varies = vec![false; exprs.len()];
    let mut last_use = vec![0_usize; exprs.len()];
    for (place, &id) in nodes.iter().enumerate() {
        exprs.node(id).operands().for_each(|operand| last_use[operand.0 as usize] = place);
    }
    roots.iter().for_each(|root| last_use[root.0 as usize] = usize::MAX);

    // 1. Leaves have fixed registers; hoisted values keep theirs.
    let mut program = Program {
        layout,
        hoisted: Vec::new(),
        body: Vec::new(),
        constants: Vec::new(),
        roots: Vec::new(),
        n_registers: inputs + layout.len(),
    };
    for &id in &nodes {
        let node = exprs.node(id);
        let at = id.0 as usize;
        varies[at] = matches!(node, Node::State(_) | Node::Time)
            || node.operands().any(|operand| varies[operand.0 as usize]);
        let fixed = match node {
            Node::State(i) => Some(i as usize),
            Node::Time => Some(layout.n_states),
            Node::Param(i) => Some(inputs + i as usize),
            Node::Covariate(i) => Some(inputs + layout.covariates() + i as usize),
            Node::Mode(i) => Some(inputs + layout.modes() + i as usize),
            Node::DoseTime(i) => Some(inputs + layout.dose_times() + i as usize),
            Node::DoseAmount(i) => Some(inputs + layout.dose_amounts() + i as usize),
            _ => None,
        };
        if let Some(fixed) = fixed {
            register[at] = fixed as u32;
        } else if !varies[at] {
            register[at] = program.n_registers as u32;
            program.n_registers += 1;
            match node {
                Node::Const(value) => program.constants.push((register[at], value)),
                _ => program.hoisted.push(instruction(node, register[at], &register)),
            }
        }
    }
    // 2. Temporaries are reused after their last use, so that the file stays in the first cache.
    let mut free: Vec<u32> = Vec::new();
    for (place, &id) in nodes.iter().enumerate() {
        let node = exprs.node(id);
        if !varies[id.0 as usize] || matches!(node, Node::State(_) | Node::Time) {
            continue;
        }
        let mut dead: Vec<u32> = node
            .operands()
            .filter(|operand| {
                last_use[operand.0 as usize] == place
                    && varies[operand.0 as usize]
                    && !matches!(exprs.node(*operand), Node::State(_) | Node::Time)
            })
            .map(|operand| register[operand.0 as usize])
            .collect();
        dead.sort_unstable();
        dead.dedup();
        free.extend(dead);
        let out = free.pop().unwrap_or_else(|| {
            program.n_registers += 1;
            program.n_registers as u32 - 1
        });
        register[id.0 as usize] = out;
        program.body.push(instruction(node, out, &register));
    }
    program.roots = roots.iter().map(|root| register[root.0 as usize]).collect();
    program
}

fn instruction(node: Node, out: u32, register: &[u32]) -> Instruction {
    let mut operands = [0; 3];
    for (slot, operand) in operands.iter_mut().zip(node.operands()) {
        *slot = register[operand.0 as usize];
    }
    let op = match node {
        Node::Unary(op, _) => match op {
            UnaryOp::Neg => Op::Neg,
            UnaryOp::Not => Op::Not,
            UnaryOp::Abs => Op::Abs,
            UnaryOp::Sign => Op::Sign,
            UnaryOp::Floor => Op::Floor,
            UnaryOp::Ceil => Op::Ceil,
            UnaryOp::Sqrt => Op::Sqrt,
            other => Op::Function(other),
        },
        Node::Binary(op, _, _) => match op {
            BinaryOp::Add => Op::Add,
            BinaryOp::Sub => Op::Sub,
            BinaryOp::Mul => Op::Mul,
            BinaryOp::Div => Op::Div,
            BinaryOp::Min => Op::Min,
            BinaryOp::Max => Op::Max,
            BinaryOp::Lt => Op::Lt,
            BinaryOp::Le => Op::Le,
            BinaryOp::Gt => Op::Gt,
            BinaryOp::Ge => Op::Ge,
            BinaryOp::Eq => Op::Eq,
            BinaryOp::Ne => Op::Ne,
            BinaryOp::And => Op::And,
            BinaryOp::Or => Op::Or,
            BinaryOp::Pow => Op::Pow,
        },
        Node::Powi(_, n) => Op::Powi(n),
        _ => Op::Select,
    };
    Instruction { op, out, operands }
}

impl Program {
    /// A register file for `W` subjects, constants set.
    pub fn registers<const W: usize>(&self) -> Vec<[f64; W]> {
        let mut file = vec![[0.0; W]; self.n_registers];
        self.constants.iter().for_each(|&(at, value)| file[at as usize] = [value; W]);
        file
    }

    /// Register of input `input`.
    pub fn input(&self, input: usize) -> usize {
        self.layout.n_states + 1 + input
    }

    /// Register of time; compartment `i` stands in register `i`.
    pub fn time(&self) -> usize {
        self.layout.n_states
    }

    /// Registers of the roots, in the order given to [`lower`].
    pub fn roots(&self) -> &[u32] {
        &self.roots
    }

    /// Numbers of instructions per stop and per call, and of registers.
    pub fn size(&self) -> (usize, usize, usize) {
        (self.hoisted.len(), self.body.len(), self.n_registers)
    }

    /// Computes what depends on inputs only; call after any input changed.
    #[inline(always)]
    pub fn hoist<const W: usize>(&self, file: &mut [[f64; W]]) {
        run(&self.hoisted, file);
    }

    /// Computes the roots from compartments, time, inputs and hoisted values.
    #[inline(always)]
    pub fn call<const W: usize>(&self, file: &mut [[f64; W]]) {
        run(&self.body, file);
    }
}

#[inline(always)]
fn run<const W: usize>(code: &[Instruction], file: &mut [[f64; W]]) {
    for one in code {
        let [a, b, c] = one.operands.map(|operand| operand as usize);
        let out = one.out as usize;
        match one.op {
            Op::Neg => map(file, out, a, |x| -x),
            Op::Not => map(file, out, a, |x| truth(x == 0.0)),
            Op::Abs => map(file, out, a, f64::abs),
            Op::Sign => map(file, out, a, |x| truth(x > 0.0) - truth(x < 0.0)),
            Op::Floor => map(file, out, a, f64::floor),
            Op::Ceil => map(file, out, a, f64::ceil),
            Op::Sqrt => map(file, out, a, f64::sqrt),
            Op::Add => zip(file, out, a, b, |x, y| x + y),
            Op::Sub => zip(file, out, a, b, |x, y| x - y),
            Op::Mul => zip(file, out, a, b, |x, y| x * y),
            Op::Div => zip(file, out, a, b, |x, y| x / y),
            Op::Min => zip(file, out, a, b, |x, y| if x < y || x.is_nan() { x } else { y }),
            Op::Max => zip(file, out, a, b, |x, y| if x > y || x.is_nan() { x } else { y }),
            Op::Lt => zip(file, out, a, b, |x, y| truth(x < y)),
            Op::Le => zip(file, out, a, b, |x, y| truth(x <= y)),
            Op::Gt => zip(file, out, a, b, |x, y| truth(x > y)),
            Op::Ge => zip(file, out, a, b, |x, y| truth(x >= y)),
            Op::Eq => zip(file, out, a, b, |x, y| truth(x == y)),
            Op::Ne => zip(file, out, a, b, |x, y| truth(x != y)),
            Op::And => zip(file, out, a, b, |x, y| truth((x != 0.0) & (y != 0.0))),
            Op::Or => zip(file, out, a, b, |x, y| truth((x != 0.0) | (y != 0.0))),
            Op::Powi(n) => map(file, out, a, |x| epsom_maths::powi(x, n)),
            Op::Pow => zip(file, out, a, b, pow),
            Op::Function(op) => map(file, out, a, |x| function(op, x)),
            Op::Select => {
                let (yes, no) = (file[b], file[c]);
                for lane in 0..W {
                    let chosen = if file[a][lane] != 0.0 { yes[lane] } else { no[lane] };
                    file[out][lane] = chosen;
                }
            }
        }
    }
}

#[inline(always)]
fn map<const W: usize>(file: &mut [[f64; W]], out: usize, a: usize, f: impl Fn(f64) -> f64) {
    let x = file[a];
    let out = &mut file[out];
    for lane in 0..W {
        out[lane] = f(x[lane]);
    }
}

#[inline(always)]
fn zip<const W: usize>(
    file: &mut [[f64; W]],
    out: usize,
    a: usize,
    b: usize,
    f: impl Fn(f64, f64) -> f64,
) {
    let (x, y) = (file[a], file[b]);
    let out = &mut file[out];
    for lane in 0..W {
        out[lane] = f(x[lane], y[lane]);
    }
}

/// One call per lane: inlining two dozen functions into every lane width would multiply the code.
#[inline(never)]
fn pow(x: f64, y: f64) -> f64 {
    epsom_maths::pow(x, y)
}

/// As [`pow`]; functions that have their own instruction do not come here.
#[inline(never)]
fn function(op: UnaryOp, x: f64) -> f64 {
    match op {
        UnaryOp::Exp => epsom_maths::exp(x),
        UnaryOp::ExpM1 => epsom_maths::exp_m1(x),
        UnaryOp::Ln => epsom_maths::ln(x),
        UnaryOp::Ln1p => epsom_maths::ln_1p(x),
        UnaryOp::Log10 => epsom_maths::log10(x),
        UnaryOp::Log2 => epsom_maths::log2(x),
        UnaryOp::Sin => epsom_maths::sin(x),
        UnaryOp::Cos => epsom_maths::cos(x),
        UnaryOp::Tan => epsom_maths::tan(x),
        UnaryOp::Asin => epsom_maths::asin(x),
        UnaryOp::Acos => epsom_maths::acos(x),
        UnaryOp::Atan => epsom_maths::atan(x),
        UnaryOp::Sinh => epsom_maths::sinh(x),
        UnaryOp::Cosh => epsom_maths::cosh(x),
        UnaryOp::Tanh => epsom_maths::tanh(x),
        UnaryOp::Erf => epsom_maths::erf(x),
        UnaryOp::NormCdf => epsom_maths::norm_cdf(x),
        UnaryOp::Expit => epsom_maths::expit(x),
        UnaryOp::Logit => epsom_maths::logit(x),
        UnaryOp::Softplus => epsom_maths::softplus(x),
        UnaryOp::NormQuantile => epsom_maths::norm_quantile(x),
        UnaryOp::LnGamma => epsom_maths::ln_gamma(x),
        UnaryOp::Gamma => epsom_maths::gamma(x),
        UnaryOp::Digamma => epsom_maths::digamma(x),
        // An instruction of its own.
        _ => f64::NAN,
    }
}

#[inline(always)]
fn truth(value: bool) -> f64 {
    f64::from(u8::from(value))
}
