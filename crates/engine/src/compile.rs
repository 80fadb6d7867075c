//! A checked model to programs.

use epsom_model::diff::{With, structural_derivative};
use epsom_model::ir::{
    BinaryOp, Covariate, ExprId, Exprs, Interpolation, Mode, Model, Node, reachable,
};

use crate::eval::{Extract, Inputs};
use std::sync::OnceLock;

use crate::linear::Form;
use crate::machine::Codes;
use crate::program::{Layout, Program, lower};
use crate::sensitivity::{By, resting};
use crate::stiff::{Stiff, stiff};

/// Programs of a model, and the model itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Compiled {
    /// The model, covariates along a line made explicit; base units.
    pub model: Model,
    /// Number of covariates that a subject gives; slopes of those along a line stand after them.
    pub n_covariates: usize,
    /// Where a subject's inputs stand.
    pub layout: Layout,
    /// Time derivatives, without infusions.
    pub derivatives: Program,
    /// Outputs.
    pub outputs: Program,
    /// Inputs that derivatives read, and those that outputs read.
    pub(crate) derivative_inputs: Read,
    pub(crate) output_inputs: Read,
    /// What a row holds.
    pub(crate) shown: Shown,
    /// Programs of the method for stiff problems, made when first needed.
    stiff: OnceLock<Stiff>,
    /// Machine code of steps, made when first needed.
    pub(crate) codes: Codes,
    /// The linear form, looked for when first needed; none inside where there is none.
    pub(crate) form: OnceLock<Option<Form>>,
    /// What each expression reads, made when its value is first asked for.
    extracts: Vec<OnceLock<Extract>>,
    /// Further compartments that stay at zero for as long as they are all zero and nothing enters.
    pub(crate) resting: Vec<usize>,
    /// Covariate whose slope stands at `n_covariates` and after.
    pub(crate) lines: Vec<usize>,
    /// Time derivative of each affine mode's value; none where it is zero or the mode is another.
    pub(crate) mode_slopes: Vec<Option<ExprId>>,
    /// How each root mode's value moves, where events may turn it back at once.
    pub(crate) root_slopes: Vec<Option<Along>>,
    /// Whether some mode flips at a root of the state.
    pub(crate) has_roots: bool,
    /// Whether some expression reads the last dose.
    pub(crate) reads_doses: bool,
    /// What sensitivities need, where the model carries them.
    pub(crate) by: Option<By>,
}

/// Derivatives of an expression along the run: by each compartment, and by time.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Along {
    pub states: Vec<(usize, ExprId)>,
    pub time: Option<ExprId>,
}

impl Along {
    /// Of `expr`, which reads the first `n` compartments only.
    pub(crate) fn of(exprs: &mut Exprs, expr: ExprId, n: usize) -> Self {
        let slope = |exprs: &mut Exprs, k: usize| {
            Some((k, structural_derivative(exprs, expr, With::State(k as u32))?))
        };
        let states = (0..n).filter_map(|k| slope(exprs, k)).collect();
        Self { states, time: structural_derivative(exprs, expr, With::Time) }
    }
}

/// What a row holds: outputs, then compartments; with derivatives one such part after another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Shown {
    /// Outputs, by index, of all parts.
    pub outputs: Vec<usize>,
    /// Compartments, by index, of all parts.
    pub states: Vec<usize>,
    /// Number of parts: the results themselves, and their derivatives by each quantity.
    pub n_parts: usize,
    /// Compartments shown or read by an output shown, ascending.
    pub seen: Vec<usize>,
    /// Registers of the program of outputs that make a row, in its order.
    pub row: Vec<usize>,
}

/// Programs of `model`.
pub fn compile(model: &Model) -> Compiled {
    let n_covariates = model.covariates.len();
    let (model, lines) = with_lines(model);
    programs(model, n_covariates, lines, None)
}

/// Programs of a model whose lines are explicit.
pub(crate) fn programs(
    mut model: Model,
    n_covariates: usize,
    lines: Vec<usize>,
    by: Option<By>,
) -> Compiled {
    let mode_slopes = mode_slopes(&mut model);
    let root_slopes = root_slopes(&mut model, by.as_ref().map(|by| by.n));
    let layout = Layout {
        n_params: model.params.len(),
        n_covariates: model.covariates.len(),
        n_modes: model.modes.len(),
        n_states: model.compartments.len(),
    };
    let derivatives: Vec<_> = model.compartments.iter().map(|one| one.derivative).collect();
    let states = (0..model.compartments.len()).collect();
    let outputs = (0..model.outputs.len()).collect();
    let shown = Shown { outputs, states, n_parts: 1, ..Shown::default() };
    let mut compiled = Compiled {
        derivatives: lower(&model.exprs, &derivatives, layout),
        outputs: Program::default(),
        has_roots: model.modes.iter().any(|mode| matches!(mode, Mode::Root { .. })),
        reads_doses: (0..model.exprs.len() as u32).any(|at| {
            matches!(model.exprs.node(ExprId(at)), Node::DoseTime(_) | Node::DoseAmount(_))
        }),
        derivative_inputs: Read::of(&model.exprs, &derivatives, layout),
        output_inputs: Read::default(),
        shown: Shown::default(),
        n_covariates,
        layout,
        stiff: OnceLock::new(),
        codes: Codes::default(),
        resting: by.as_ref().map_or_else(Vec::new, |by| resting(&model, by.n)),
        form: OnceLock::new(),
        extracts: vec![OnceLock::new(); model.exprs.len()],
        lines,
        mode_slopes,
        root_slopes,
        by,
        model,
    };
    compiled.show(shown);
    compiled
}

/// Inputs that some expressions read, as [`Layout`] numbers them, ascending.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Read {
    inputs: Vec<usize>,
    /// Parameters; with covariates.
    n_params: usize,
    n_fixed: usize,
}

impl Read {
    fn of(exprs: &Exprs, roots: &[ExprId], layout: Layout) -> Self {
        let inputs = inputs_of(exprs, roots, layout);
        Self {
            n_params: inputs.partition_point(|&input| input < layout.covariates()),
            n_fixed: inputs.partition_point(|&input| input < layout.modes()),
            inputs,
        }
    }

    /// All of them.
    pub(crate) fn all(&self) -> &[usize] {
        &self.inputs
    }

    /// Those that may change at a stop, where covariates do or do not.
    pub(crate) fn moving(&self, covariates_move: bool) -> &[usize] {
        &self.inputs[if covariates_move { self.n_params } else { self.n_fixed }..]
    }
}

fn inputs_of(exprs: &Exprs, roots: &[ExprId], layout: Layout) -> Vec<usize> {
    let input = |id: ExprId| match exprs.node(id) {
        Node::Param(at) => Some(at as usize),
        Node::Covariate(at) => Some(layout.covariates() + at as usize),
        Node::Mode(at) => Some(layout.modes() + at as usize),
        Node::DoseTime(at) => Some(layout.dose_times() + at as usize),
        Node::DoseAmount(at) => Some(layout.dose_amounts() + at as usize),
        _ => None,
    };
    let mut found: Vec<usize> =
        reachable(exprs, roots.iter().copied()).into_iter().filter_map(input).collect();
    found.sort_unstable();
    found
}

fn mode_slopes(model: &mut Model) -> Vec<Option<ExprId>> {
    let slope = |mode: &Mode| match *mode {
        Mode::Affine { value, .. } => structural_derivative(&mut model.exprs, value, With::Time),
        _ => None,
    };
    model.modes.iter().map(slope).collect()
}

fn root_slopes(model: &mut Model, n_own: Option<usize>) -> Vec<Option<Along>> {
    let n = n_own.unwrap_or(model.compartments.len());
    let has_events = !model.events.is_empty();
    let along = |mode: &Mode| match *mode {
        Mode::Root { value, .. } if has_events => Some(Along::of(&mut model.exprs, value, n)),
        _ => None,
    };
    model.modes.iter().map(along).collect()
}

/// The model with each covariate along a line as `value at time 0 + slope * time`, the slope being
/// one more covariate; gives the covariates that have one.
fn with_lines(model: &Model) -> (Model, Vec<usize>) {
    let is_line = |covariate: &Covariate| covariate.interpolation == Interpolation::Linear;
    let lines: Vec<usize> =
        (0..model.covariates.len()).filter(|&at| is_line(&model.covariates[at])).collect();
    let mut model = model.clone();
    if lines.is_empty() {
        return (model, lines);
    }
    let n_given = model.covariates.len() as u32;
    for &line in &lines {
        let name = format!("{} per hour", model.covariates[line].name);
        let slope = Covariate {
            name,
            default: 0.0,
            interpolation: Interpolation::Forward,
            bounds: (f64::NEG_INFINITY, f64::INFINITY),
            ..model.covariates[line].clone()
        };
        model.covariates.push(slope);
    }
    let mut exprs = Exprs::default();
    let mut moved: Vec<ExprId> = Vec::with_capacity(model.exprs.len());
    for at in 0..model.exprs.len() as u32 {
        let node = model.exprs.node(ExprId(at)).over(|id| moved[id.0 as usize]);
        let mut id = exprs.add(node);
        if let Node::Covariate(covariate) = node
            && let Some(place) = lines.iter().position(|&line| line == covariate as usize)
        {
            let slope = exprs.add(Node::Covariate(n_given + place as u32));
            let time = exprs.add(Node::Time);
            let gained = exprs.add(Node::Binary(BinaryOp::Mul, slope, time));
            id = exprs.add(Node::Binary(BinaryOp::Add, id, gained));
        }
        moved.push(id);
    }
    model.exprs = exprs;
    model.move_roots(|id| moved[id.0 as usize]);
    (model, lines)
}

impl Compiled {
    /// Number of compartments of the model itself, without derivatives that are carried along.
    pub(crate) fn n_own(&self) -> usize {
        self.by.as_ref().map_or(self.layout.n_states, |by| by.n)
    }

    /// The same model, of which rows hold these outputs, then these compartments, in this order;
    /// what is not asked for costs nothing. The numbers stay the same to the bit.
    ///
    /// # Panics
    /// If an index is not one of the model's.
    pub fn showing(self, outputs: &[usize], states: &[usize]) -> Self {
        self.showing_parts(outputs, states, 1)
    }

    /// As [`Self::showing`], of which an equal share goes to each of so many parts of a row.
    pub(crate) fn showing_parts(
        mut self,
        outputs: &[usize],
        states: &[usize],
        n_parts: usize,
    ) -> Self {
        let (outputs, states) = (outputs.to_vec(), states.to_vec());
        self.show(Shown { outputs, states, n_parts, ..Shown::default() });
        self
    }

    fn show(&mut self, mut shown: Shown) {
        let (exprs, layout) = (&self.model.exprs, self.layout);
        let roots: Vec<_> = shown.outputs.iter().map(|&at| self.model.outputs[at].value).collect();
        let read = reachable(exprs, roots.iter().copied()).into_iter().filter_map(|id| match exprs
            .node(id)
        {
            Node::State(at) => Some(at as usize),
            _ => None,
        });
        shown.seen = shown.states.iter().copied().chain(read).collect();
        shown.seen.sort_unstable();
        shown.seen.dedup();
        self.outputs = lower(exprs, &roots, layout);
        self.codes = Codes::default();
        let roots_shown: Vec<usize> =
            self.outputs.roots().iter().map(|&root| root as usize).collect();
        let part = |list: &[usize], at: usize| {
            let n = list.len() / shown.n_parts;
            list[at * n..(at + 1) * n].to_vec()
        };
        let parts = (0..shown.n_parts)
            .flat_map(|at| [part(&roots_shown, at), part(&shown.states, at)].concat());
        shown.row = parts.collect();
        self.output_inputs = Read::of(exprs, &roots, layout);
        self.shown = shown;
    }

    /// Values per row.
    pub fn width(&self) -> usize {
        self.shown.outputs.len() + self.shown.states.len()
    }

    /// Programs of the method for stiff problems.
    pub(crate) fn stiff(&self) -> &Stiff {
        self.stiff.get_or_init(|| stiff(&self.model, self.layout))
    }

    /// Where registers and their derivatives stand among the compartments.
    pub(crate) fn register_places(&self) -> Vec<usize> {
        let n = self.by.as_ref().map_or(self.layout.n_states, |by| by.n).max(1);
        let is_register = |place: &usize| self.model.registers.contains(&(place % n));
        (0..self.layout.n_states).filter(is_register).collect()
    }

    /// Value of one expression; none where it reads an input that is not given.
    pub(crate) fn value_of(&self, id: ExprId, inputs: &Inputs) -> Option<f64> {
        let extract = || Extract::of(&self.model.exprs, id);
        self.extracts[id.0 as usize].get_or_init(extract).value(inputs)
    }
}
