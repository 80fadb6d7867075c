//! Derivatives of results by parameters and doses, carried along with the state.
//!
//! Each compartment gets one more per quantity, whose equation is made symbolically (Eq. 1 of
//! `docs/theory/sensitivities.md`); the clock adds what happens at stops.

use crate::clock::RunFailure;
use crate::compile::{Along, Compiled, Shown, programs};
use crate::integrate::{Counts, Options, Subject, integrate_each};
use epsom_model::diff::{With, structural_derivative};
use epsom_model::ir::{
    BinaryOp, Compartment, ExprId, Exprs, Mode, Model, Node, Output, Residual, UnaryOp, reachable,
};

/// What a derivative is taken by.
///
/// A random effect acts through a parameter: its derivative is this one times that of the
/// parameter by the effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrt {
    /// A parameter by index.
    Param(u32),
    /// The amount of the dose, repeats included, of a record of the timeline by index, counted over
    /// restarts of time.
    Dose(u32),
}

/// A subject's results and their derivatives.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sensitivities {
    /// Results, each beside its derivatives: see [`Self::own`] and [`Self::by`].
    ///
    /// # Shape
    /// Observation, then the results themselves and their derivatives by each quantity in turn,
    /// then `width` values: outputs and compartments. Fewer observations after a failure.
    /// # Units
    /// Base units; of a derivative those of the result per base unit of the quantity.
    pub rows: Vec<f64>,
    /// Outputs and compartments per observation.
    pub width: usize,
    /// Number of quantities.
    pub n_by: usize,
    /// What stopped it early.
    pub failure: Option<RunFailure>,
    /// Work done.
    pub counts: Counts,
}

impl Sensitivities {
    /// One slice per observation: results, then their derivatives by each quantity in turn.
    pub fn rows(&self) -> std::slice::ChunksExact<'_, f64> {
        self.rows.chunks_exact((self.width * (1 + self.n_by)).max(1))
    }

    /// Results of an observation as [`integrate`](crate::integrate()) gives them: outputs, then
    /// compartments.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn own(&self, observation: usize) -> &[f64] {
        self.part(observation, 0)
    }

    /// Derivatives of an observation by quantity `at` of those asked for: of outputs, then of
    /// compartments.
    ///
    /// # Panics
    /// If there is no such row or quantity.
    pub fn by(&self, observation: usize, at: usize) -> &[f64] {
        assert!(at < self.n_by, "quantity {at} of {}", self.n_by);
        self.part(observation, 1 + at)
    }

    fn part(&self, observation: usize, part: usize) -> &[f64] {
        &self.rows[(observation * (1 + self.n_by) + part) * self.width..][..self.width]
    }
}

/// Results of each subject and their derivatives by `wrt`, through doses, lags, infusion ends,
/// steady states, windows and root events.
///
/// # Shape
/// One entry per subject, in order.
/// # Errors
/// A subject that fails carries its reason in [`Sensitivities::failure`].
/// # Source
/// Forward sensitivities with jumps at events: Galan, Feehery, Barton, Applied Numerical
/// Mathematics 31 (1999) 17.
pub fn sensitivities(
    compiled: &Compiled,
    subjects: &[Subject<'_>],
    wrt: &[Wrt],
    options: &Options,
) -> Vec<Sensitivities> {
    let mut found = vec![Sensitivities::default(); subjects.len()];
    sensitivities_each(compiled, subjects, wrt, options, &mut |at, one| {
        found[at] = std::mem::take(one);
    });
    found
}

/// As [`sensitivities`], for who does not keep all of them: `take` gets each when it is done, with
/// the index of its subject, as [`integrate_each`] does, which says what the result is, and that
/// memory left in the rows is used again.
pub fn sensitivities_each(
    compiled: &Compiled,
    subjects: &[Subject<'_>],
    wrt: &[Wrt],
    options: &Options,
    take: &mut dyn FnMut(usize, &mut Sensitivities),
) -> u64 {
    let wider = augmented(compiled, wrt);
    integrate_each(&wider, subjects, options, &mut |at, whole| {
        let mut one = Sensitivities {
            rows: std::mem::take(&mut whole.rows),
            width: compiled.width(),
            n_by: wrt.len(),
            failure: whole.failure,
            counts: whole.counts,
        };
        take(at, &mut one);
        whole.rows = one.rows;
    })
}

/// What the clock needs of the derivatives.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct By {
    /// Compartments of the model itself; those of quantity `j` stand from `n (1 + j)` on.
    pub n: usize,
    pub wrt: Vec<Wrt>,
    /// Per compartment; none where no quantity moves any of them.
    pub properties: Vec<Option<Properties>>,
    /// Some quantity is the amount of a dose.
    pub has_doses: bool,
    /// Per mode.
    pub modes: Vec<ModeBy>,
    /// Per event.
    pub events: Vec<EventBy>,
}

/// Derivatives of one expression, one per quantity; none where it is zero.
pub(crate) type Total = Vec<Option<ExprId>>;

/// Derivatives of a compartment's dosing properties.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Properties {
    pub bioavailability: Total,
    pub lag: Total,
    pub rate: Total,
    pub duration: Total,
}

impl Properties {
    /// Whether some quantity moves some of them.
    fn move_by_some(&self) -> bool {
        let lists = [&self.bioavailability, &self.lag, &self.rate, &self.duration];
        lists.into_iter().flatten().any(Option::is_some)
    }
}

/// Derivatives of what a mode's flips depend on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ModeBy {
    /// Of the value.
    Root(Moving),
    /// Of the value.
    Affine { value: Total },
    /// Of the window's times.
    Window { every: Total, from: Total, length: Total },
}

/// Derivatives of an expression: total at a fixed time, and along the run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Moving {
    pub total: Total,
    pub along: Along,
}

/// Derivatives of what an event makes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EventBy {
    pub delay: Option<Moving>,
    /// One per change.
    pub values: Vec<Moving>,
}

/// The model with its sensitivities as further compartments and outputs.
fn augmented(compiled: &Compiled, wrt: &[Wrt]) -> Compiled {
    let mut model = compiled.model.clone();
    let n = model.compartments.len();
    let mut total = Totals { exprs: std::mem::take(&mut model.exprs), n, wrt };
    let optional = |total: &mut Totals<'_>, id: Option<ExprId>| match id {
        Some(id) => total.of(id),
        None => vec![None; wrt.len()],
    };
    let base = model.compartments.clone();
    let properties = base.iter().map(|one| Properties {
        bioavailability: optional(&mut total, one.bioavailability),
        lag: optional(&mut total, one.lag),
        rate: optional(&mut total, one.rate),
        duration: optional(&mut total, one.duration),
    });
    let properties = properties.map(|one| one.move_by_some().then_some(one)).collect();
    let modes = model.modes.iter().map(|mode| total.mode(mode)).collect();
    let events = model.events.iter().map(|event| EventBy {
        delay: event.delay.map(|delay| total.moving(delay)),
        values: event.changes.iter().map(|&(_, value)| total.moving(value)).collect(),
    });
    let events = events.collect();
    let derivatives: Vec<Total> = base.iter().map(|one| total.of(one.derivative)).collect();
    let initials: Vec<Total> = base.iter().map(|one| optional(&mut total, one.initial)).collect();
    let outputs: Vec<Total> = model.outputs.iter().map(|one| total.of(one.value)).collect();
    for at in 0..wrt.len() {
        for (k, one) in base.iter().enumerate() {
            let compartment = Compartment {
                name: format!("{} by {at}", one.name),
                derivative: total.or_zero(derivatives[k][at]),
                initial: initials[k][at],
                bioavailability: None,
                lag: None,
                rate: None,
                duration: None,
                scale: None,
                ..one.clone()
            };
            model.compartments.push(compartment);
        }
    }
    let base_outputs = model.outputs.clone();
    for at in 0..wrt.len() {
        for (one, by) in base_outputs.iter().zip(&outputs) {
            let value = total.or_zero(by[at]);
            let name = format!("{} by {at}", one.name);
            model.outputs.push(Output {
                name,
                value,
                residual: Residual::default(),
                ..one.clone()
            });
        }
    }
    model.balances.clear();
    model.exprs = total.exprs;
    let has_doses = wrt.iter().any(|one| matches!(one, Wrt::Dose(_)));
    let by = By { n, wrt: wrt.to_vec(), properties, has_doses, modes, events };
    let n_outputs = base_outputs.len();
    let each = |shown: &[usize], n_own: usize| -> Vec<usize> {
        (0..=wrt.len()).flat_map(|at| shown.iter().map(move |one| at * n_own + one)).collect()
    };
    let Shown { outputs, states, .. } = &compiled.shown;
    let (outputs, states) = (each(outputs, n_outputs), each(states, n));
    programs(model, compiled.n_covariates, compiled.lines.clone(), Some(by)).showing_parts(
        &outputs,
        &states,
        1 + wrt.len(),
    )
}

/// Compartments from `n` on that stay at zero while all of them are there: a derivative by a quantity
/// that has no way to the compartment.
pub(crate) fn resting(model: &Model, n: usize) -> Vec<usize> {
    let mut found: Vec<usize> = (n..model.compartments.len()).collect();
    loop {
        let stays = |&i: &usize| vanishes(&model.exprs, model.compartments[i].derivative, &found);
        let left: Vec<usize> = found.iter().copied().filter(stays).collect();
        if left.len() == found.len() {
            return found;
        }
        found = left;
    }
}

/// Whether `expr` is zero where the compartments `resting` are, whatever else is.
fn vanishes(exprs: &Exprs, expr: ExprId, resting: &[usize]) -> bool {
    let of = |id: ExprId| vanishes(exprs, id, resting);
    // What changes between stops might be infinite at some stage, and not zero times zero.
    let is_constant = |id: ExprId| {
        let varies = |node: Node| matches!(node, Node::State(_) | Node::Time);
        !reachable(exprs, [id]).into_iter().any(|id| varies(exprs.node(id)))
    };
    match exprs.node(expr) {
        Node::State(k) => resting.binary_search(&(k as usize)).is_ok(),
        Node::Const(value) => value == 0.0,
        Node::Unary(UnaryOp::Neg, a) => of(a),
        Node::Binary(BinaryOp::Add | BinaryOp::Sub, a, b) => of(a) && of(b),
        Node::Binary(BinaryOp::Mul, a, b) => of(a) && is_constant(b) || is_constant(a) && of(b),
        Node::Binary(BinaryOp::Div, a, b) => of(a) && is_constant(b),
        _ => false,
    }
}

struct Totals<'a> {
    exprs: Exprs,
    n: usize,
    wrt: &'a [Wrt],
}

impl Totals<'_> {
    /// Total derivatives of `expr`: directly, through compartments, and through the last doses,
    /// whose derivatives stand in the registers of the further compartments.
    fn of(&mut self, expr: ExprId) -> Total {
        let nodes = reachable(&self.exprs, [expr]);
        let leaves: Vec<Node> = nodes.into_iter().map(|id| self.exprs.node(id)).collect();
        let mut through = Vec::new();
        for leaf in leaves {
            let with = match leaf {
                Node::State(k) => With::State(k),
                Node::DoseTime(k) => With::DoseTime(k),
                Node::DoseAmount(k) => With::DoseAmount(k),
                _ => continue,
            };
            let slope = structural_derivative(&mut self.exprs, expr, with);
            through.extend(slope.map(|slope| (with, slope)));
        }
        (0..self.wrt.len()).map(|at| self.by(expr, at, &through)).collect()
    }

    fn by(&mut self, expr: ExprId, at: usize, through: &[(With, ExprId)]) -> Option<ExprId> {
        let mut sum = match self.wrt[at] {
            Wrt::Param(param) => structural_derivative(&mut self.exprs, expr, With::Param(param)),
            Wrt::Dose(_) => None,
        };
        let from = (self.n * (1 + at)) as u32;
        for &(with, slope) in through {
            let carried = self.exprs.add(match with {
                With::State(k) => Node::State(from + k),
                With::DoseTime(k) => Node::DoseTime(from + k),
                With::DoseAmount(k) => Node::DoseAmount(from + k),
                _ => continue,
            });
            let term = self.exprs.product(slope, carried);
            sum = Some(match sum {
                Some(sum) => self.exprs.sum(sum, term),
                None => term,
            });
        }
        sum
    }

    fn or_zero(&mut self, id: Option<ExprId>) -> ExprId {
        id.unwrap_or_else(|| self.exprs.constant(0.0))
    }

    fn moving(&mut self, expr: ExprId) -> Moving {
        let along = Along::of(&mut self.exprs, expr, self.n);
        Moving { total: self.of(expr), along }
    }

    fn mode(&mut self, mode: &Mode) -> ModeBy {
        match *mode {
            Mode::Root { value, .. } => ModeBy::Root(self.moving(value)),
            Mode::Affine { value, .. } => ModeBy::Affine { value: self.of(value) },
            Mode::Window { every, from, length } => ModeBy::Window {
                every: self.of(every),
                from: self.of(from),
                length: self.of(length),
            },
        }
    }
}
