//! Linear models found in their expressions, once per model.

use super::LinearSystem;
use super::start::{Starts, starts};
use super::structure::Structure;
use crate::compile::Compiled;
use crate::cpu::Cpu;
use crate::program::{Layout, Program, lower};
use crate::row::Row;
use epsom_model::ir::{BinaryOp, ExprId, Exprs, Model, Node, UnaryOp, reachable};
use std::collections::BTreeSet;

/// A model whose derivatives are `A y + b` whatever its inputs are, and the program of `A` and `b`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Form {
    /// Roots: entries of `A`, then of `b`; all are hoisted.
    program: Program,
    /// Places of the entries of `A`, row by row.
    a: Vec<u32>,
    /// Rows of the entries of `b`.
    b: Vec<u32>,
    /// Of `A` and its exponential.
    pub(crate) structure: Structure,
    /// How subjects start; none where each has to find out for itself.
    pub(super) starts: Option<Starts>,
}

/// The form of `model`; none where a derivative is not affine in the state for all inputs, or reads
/// the time.
fn form(model: &Model, layout: Layout) -> Option<Form> {
    let n = layout.n_states;
    let mut exprs = model.exprs.clone();
    let derivatives = model.compartments.iter().map(|one| one.derivative);
    let mut table: Vec<Option<Affine>> = vec![None; exprs.len()];
    for id in reachable(&model.exprs, derivatives.clone()) {
        table[id.0 as usize] = affine(&mut exprs, id, &table);
    }
    let (mut a, mut b, mut roots, mut inflows) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (row, derivative) in derivatives.enumerate() {
        let affine = table[derivative.0 as usize].as_ref()?;
        for &(column, slope) in &affine.slopes {
            a.push((row * n + column as usize) as u32);
            roots.push(slope);
        }
        if let Some(constant) = affine.constant.filter(|&id| !exprs.is_number(id, 0.0)) {
            b.push(row as u32);
            inflows.push(constant);
        }
    }
    roots.extend(inflows);
    let places = a.iter().map(|&at| (at as usize / n, at as usize % n));
    let structure = Structure::new(n, places);
    Some(Form { program: lower(&exprs, &roots, layout), a, b, structure, starts: None })
}

impl Form {
    /// Whether there is an inflow beside infusions.
    pub(crate) fn has_inflow(&self) -> bool {
        !self.b.is_empty()
    }

    /// The program, to set its inputs.
    pub(crate) fn program(&self) -> &Program {
        &self.program
    }

    /// `A` and `b` of each lane from the inputs in `file`; what is zero in all models of this form
    /// is left as it is.
    #[inline(always)]
    pub(crate) fn compute<const W: usize>(
        &self,
        file: &mut [Row<W>],
        cpu: Cpu,
        a: &mut [[f64; W]],
        b: &mut [[f64; W]],
    ) {
        self.program.hoist_on(file, cpu);
        let roots = self.program.roots();
        let (slopes, inflows) = roots.split_at(self.a.len());
        for (&root, &at) in slopes.iter().zip(&self.a) {
            a[at as usize] = file[root as usize].0;
        }
        for (&root, &at) in inflows.iter().zip(&self.b) {
            b[at as usize] = file[root as usize].0;
        }
    }
}

impl Form {
    /// The system of the one lane of `file`.
    pub(crate) fn system(&self, file: &mut [Row<1>], cpu: Cpu) -> LinearSystem {
        let n = self.structure.n();
        let (mut a, mut b) = (vec![[0.0]; n * n], vec![[0.0]; n]);
        self.compute(file, cpu, &mut a, &mut b);
        LinearSystem { n, a: a.into_flattened(), b: b.into_flattened() }
    }
}

impl Compiled {
    /// The linear form of the model, made when first needed; none where it has none.
    pub(crate) fn form(&self) -> Option<&Form> {
        let found = self.form.get_or_init(|| {
            let form = form(&self.model, self.layout)?;
            Some(Form { starts: starts(self), ..form })
        });
        found.as_ref()
    }
}

/// `constant + slopes . y`: places ascending; no constant where it is zero.
#[derive(Debug, Clone, Default)]
struct Affine {
    constant: Option<ExprId>,
    slopes: Vec<(u32, ExprId)>,
}

impl Affine {
    fn map(self, mut f: impl FnMut(ExprId) -> ExprId) -> Self {
        let constant = self.constant.map(&mut f);
        Self { constant, slopes: self.slopes.into_iter().map(|(at, id)| (at, f(id))).collect() }
    }

    /// `self + other`, where `sum` adds and `alone` gives what stands in `other` alone.
    fn with(
        self,
        other: Self,
        exprs: &mut Exprs,
        sum: fn(&mut Exprs, ExprId, ExprId) -> ExprId,
        alone: fn(&mut Exprs, ExprId) -> ExprId,
    ) -> Self {
        let constant = match (self.constant, other.constant) {
            (Some(a), Some(b)) => Some(sum(exprs, a, b)),
            (a, None) => a,
            (None, Some(b)) => Some(alone(exprs, b)),
        };
        let mut slopes = self.slopes;
        for (place, id) in other.slopes {
            match slopes.binary_search_by_key(&place, |&(at, _)| at) {
                Ok(at) => slopes[at].1 = sum(exprs, slopes[at].1, id),
                Err(at) => slopes.insert(at, (place, alone(exprs, id))),
            }
        }
        Self { constant, slopes }
    }

    /// Its value, where it does not read the state.
    fn fixed(&self, id: ExprId) -> Option<ExprId> {
        self.slopes.is_empty().then_some(self.constant.unwrap_or(id))
    }
}

/// Node `id` from the nodes before it.
fn affine(exprs: &mut Exprs, id: ExprId, before: &[Option<Affine>]) -> Option<Affine> {
    let of = |id: ExprId| before[id.0 as usize].clone();
    let node = exprs.node(id);
    match node {
        Node::Time => return None,
        Node::State(at) => {
            let one = exprs.constant(1.0);
            return Some(Affine { constant: None, slopes: vec![(at, one)] });
        }
        _ => {}
    }
    let mut reads_state = false;
    for operand in node.operands() {
        match &before[operand.0 as usize] {
            Some(affine) => reads_state |= !affine.slopes.is_empty(),
            // It may still be the side of a choice that is never taken: that is decided per
            // subject, by `linear_system`.
            None => return None,
        }
    }
    if !reads_state {
        return Some(Affine { constant: Some(id), slopes: Vec::new() });
    }
    match node {
        Node::Unary(UnaryOp::Neg, a) => Some(of(a)?.map(|id| exprs.unary(UnaryOp::Neg, id))),
        Node::Binary(BinaryOp::Add, a, b) => {
            Some(of(a)?.with(of(b)?, exprs, Exprs::sum, |_, id| id))
        }
        Node::Binary(BinaryOp::Sub, a, b) => {
            let negative = |exprs: &mut Exprs, id| exprs.unary(UnaryOp::Neg, id);
            Some(of(a)?.with(of(b)?, exprs, Exprs::difference, negative))
        }
        Node::Binary(BinaryOp::Mul, a, b) => {
            let (left, right) = (of(a)?, of(b)?);
            let (moving, by) = match (left.fixed(a), right.fixed(b)) {
                (_, Some(by)) => (left, by),
                (Some(by), None) => (right, by),
                _ => return None,
            };
            Some(moving.map(|id| exprs.product(id, by)))
        }
        Node::Binary(BinaryOp::Div, a, b) => {
            let (moving, by) = (of(a)?, of(b)?.fixed(b)?);
            Some(moving.map(|id| exprs.quotient(id, by)))
        }
        Node::Select(condition, yes, no) => {
            let condition = of(condition)?.fixed(condition)?;
            Some(choose(exprs, condition, of(yes)?, of(no)?))
        }
        Node::Powi(a, 1) => of(a),
        _ => None,
    }
}

/// `yes` where `condition` holds, else `no`.
fn choose(exprs: &mut Exprs, condition: ExprId, yes: Affine, no: Affine) -> Affine {
    let zero = exprs.constant(0.0);
    let mut select = |yes: Option<ExprId>, no: Option<ExprId>| {
        exprs.select(condition, yes.unwrap_or(zero), no.unwrap_or(zero))
    };
    let constant = (yes.constant.is_some() || no.constant.is_some())
        .then(|| select(yes.constant, no.constant));
    let slope = |side: &Affine, place: u32| {
        let found = side.slopes.binary_search_by_key(&place, |&(at, _)| at);
        found.ok().map(|at| side.slopes[at].1)
    };
    let places = yes.slopes.iter().chain(&no.slopes).map(|&(place, _)| place);
    let places: BTreeSet<u32> = places.collect();
    let slopes = places.into_iter().map(|at| (at, select(slope(&yes, at), slope(&no, at))));
    Affine { constant, slopes: slopes.collect() }
}
