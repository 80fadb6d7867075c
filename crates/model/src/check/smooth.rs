//! Rates that are not smooth in a way that a run does not get over: a condition whose two sides
//! both lead back to it, and a root whose slope has no end where the run begins.
//!
//! Both are looked for with numbers: parameters and covariates at their usual values, states by
//! chance around those of the start.

use std::collections::BTreeMap;

use epsom_diag::{Diagnostic, Span};

use super::numbers::{function, operator};
use super::{Checker, Key};
use crate::ir::{BinaryOp, ExprId, Mode, Model, Node, Start, UnaryOp, reachable};

/// Points at which each condition is looked at.
const N_POINTS: u32 = 12;

/// How often an interval is halved to find where a condition flips.
const N_HALVINGS: usize = 60;

impl Checker<'_> {
    pub(super) fn warn_rough(&mut self) {
        for at in 0..self.model.modes.len() {
            let Mode::Root { value, .. } = self.model.modes[at] else { continue };
            let Some(&place) = self.mode_places.get(&at) else { continue };
            if self.turns_back(at, value) {
                self.say(
                    Diagnostic::warning("W0206", "this condition switches itself back")
                        .at(place, "on either side of it the rates lead back to it")
                        .note("a run that comes here would switch without end")
                        .help("switch smoothly, as by `1 / (1 + (x / limit)^20)`, or let two events with limits apart change a `register`"),
                );
            }
        }
        if self.model.start == Start::Values {
            self.warn_steep();
        }
    }

    /// Whether the condition can be reached such that its value falls where it is above 0, and
    /// rises where it is below.
    fn turns_back(&self, mode: usize, value: ExprId) -> bool {
        let model = &self.model;
        let mut table = Table::new(model, [value]);
        let states = table.states();
        // Only a rate that reads the condition can turn.
        let rates = states.iter().map(|&at| model.compartments[at as usize].derivative);
        let reads = |id: ExprId| model.exprs.node(id) == Node::Mode(mode as u32);
        let all = reachable(&model.exprs, rates.clone());
        if !all.into_iter().any(reads) {
            return false;
        }
        let mut slopes = Table::new(model, rates.chain([value]));
        (0..N_POINTS).any(|point| {
            let mut at = Point::new(model, point);
            if !table.flip(&mut at, value, &states) {
                return false;
            }
            let mut ways = [true, false].map(|above| {
                at.modes.insert(mode as u32, f64::from(u8::from(above)));
                slopes.evaluate(&at);
                let rates: Vec<f64> = states
                    .iter()
                    .map(|&at| slopes.value(model.compartments[at as usize].derivative))
                    .collect();
                table.along(&at, value, &states, &rates)
            });
            // Rounding of the differences must not look like a way back.
            let least = 1e-6 * ways[0].abs().max(ways[1].abs());
            ways.iter_mut().for_each(|way| *way *= f64::from(u8::from(way.abs() > least)));
            ways[0] < 0.0 && ways[1] > 0.0
        })
    }

    /// Roots and powers below 1 of what is 0 at the start, in a rate.
    fn warn_steep(&mut self) {
        let model = &self.model;
        let mut start = Point::new(model, 0);
        start.states = vec![0.0; model.compartments.len()];
        let initial = |at: usize| model.compartments[at].initial;
        let known = (0..model.compartments.len()).filter_map(initial);
        let mut table = Table::new(model, known);
        table.evaluate(&start);
        for (at, compartment) in model.compartments.iter().enumerate() {
            start.states[at] = compartment.initial.map_or(0.0, |id| table.value(id));
        }
        start.time = 0.0;
        let mut found = Vec::new();
        for (at, compartment) in model.compartments.iter().enumerate() {
            let mut table = Table::new(model, [compartment.derivative]);
            table.evaluate(&start);
            let steep = table.order.iter().any(|&id| {
                let base = match model.exprs.node(id) {
                    Node::Unary(UnaryOp::Sqrt, base) => base,
                    Node::Binary(BinaryOp::Pow, base, exponent) => {
                        let exponent = table.value(exponent);
                        if !(exponent > 0.0 && exponent < 1.0) {
                            return false;
                        }
                        base
                    }
                    _ => return false,
                };
                let reads = reachable(&model.exprs, [base]);
                let moves = |id: ExprId| matches!(model.exprs.node(id), Node::State(_));
                table.value(base) == 0.0 && reads.into_iter().any(moves)
            });
            if steep {
                found.push((at, compartment.name.clone()));
            }
        }
        for (at, name) in found {
            let place = self.places.get(&Key::Derivative(at)).copied().unwrap_or(Span::default());
            self.say(
                Diagnostic::warning(
                    "W0206",
                    format!("the rate of `{name}` has no slope at the start"),
                )
                .at(place, "it holds a root, or a power below 1, of what is 0 there")
                .help("add a small number under the root, or start above 0"),
            );
        }
    }
}

/// Where expressions are worked out.
#[derive(Clone)]
struct Point {
    time: f64,
    states: Vec<f64>,
    modes: BTreeMap<u32, f64>,
    params: Vec<f64>,
    covariates: Vec<f64>,
}

impl Point {
    /// The `n` th: states between a tenth and ten times their usual size.
    fn new(model: &Model, n: u32) -> Self {
        let word = |what: u32, at: usize| epsom_maths::philox([n, what, at as u32, 0], [0, 0])[0];
        let even = |what, at| f64::from(word(what, at)) / f64::from(u32::MAX);
        let spread = |at| epsom_maths::exp(std::f64::consts::LN_10 * (2.0 * even(0, at) - 1.0));
        let size = |at: usize| model.compartments[at].scale.unwrap_or(1.0);
        Self {
            time: 24.0 * even(1, 0),
            states: (0..model.compartments.len()).map(|at| size(at) * spread(at)).collect(),
            modes: (0..model.modes.len())
                .map(|at| (at as u32, f64::from(word(2, at) % 2)))
                .collect(),
            params: model.params.iter().map(|one| one.value).collect(),
            covariates: model
                .covariates
                .iter()
                .map(|one| if one.default.is_finite() { one.default } else { 1.0 })
                .collect(),
        }
    }
}

/// Values of some expressions and all that they read.
struct Table<'m> {
    model: &'m Model,
    order: Vec<ExprId>,
    values: Vec<f64>,
}

impl<'m> Table<'m> {
    fn new(model: &'m Model, roots: impl IntoIterator<Item = ExprId>) -> Self {
        let order = reachable(&model.exprs, roots).into_iter().collect();
        Self { model, order, values: vec![f64::NAN; model.exprs.len()] }
    }

    fn value(&self, id: ExprId) -> f64 {
        self.values[id.0 as usize]
    }

    /// Compartments that are read.
    fn states(&self) -> Vec<u32> {
        let state = |&id: &ExprId| match self.model.exprs.node(id) {
            Node::State(at) => Some(at),
            _ => None,
        };
        self.order.iter().filter_map(state).collect()
    }

    fn evaluate(&mut self, at: &Point) {
        for &id in &self.order {
            let v = |id: ExprId| self.values[id.0 as usize];
            let value = match self.model.exprs.node(id) {
                Node::Const(value) => value,
                Node::Time => at.time,
                Node::Param(one) => at.params[one as usize],
                Node::Covariate(one) => at.covariates[one as usize],
                Node::State(one) => at.states[one as usize],
                Node::Mode(one) => at.modes.get(&one).copied().unwrap_or(0.0),
                // No dose yet.
                Node::DoseTime(_) => f64::NEG_INFINITY,
                Node::DoseAmount(_) => 0.0,
                Node::Powi(a, n) => epsom_maths::pow(v(a), f64::from(n)),
                Node::Select(c, a, b) => {
                    if v(c) != 0.0 {
                        v(a)
                    } else {
                        v(b)
                    }
                }
                Node::Binary(op, a, b) => operator(op, v(a), v(b)),
                Node::Unary(op, a) => function(op, v(a)).unwrap_or(f64::NAN),
            };
            self.values[id.0 as usize] = value;
        }
    }

    /// Moves one of the states to where `value` is 0; whether there is such a place above 0.
    fn flip(&mut self, at: &mut Point, value: ExprId, states: &[u32]) -> bool {
        for &one in states {
            let one = one as usize;
            let usual = at.states[one];
            let (mut lo, mut hi) = (usual * 1e-6, usual * 1e6);
            let mut sign = |x: f64, table: &mut Self| {
                at.states[one] = x;
                table.evaluate(at);
                table.value(value)
            };
            let (below, above) = (sign(lo, self), sign(hi, self));
            if below * above < 0.0 {
                for _ in 0..N_HALVINGS {
                    let middle = (lo * hi).sqrt();
                    if sign(middle, self) * below > 0.0 {
                        lo = middle;
                    } else {
                        hi = middle;
                    }
                }
                return true;
            }
            at.states[one] = usual;
        }
        false
    }

    /// How fast `value` changes with time and the states, which move at `rates`.
    fn along(&mut self, at: &Point, value: ExprId, states: &[u32], rates: &[f64]) -> f64 {
        let mut moved = at.clone();
        let mut ends = [1e-4, -1e-4].map(|step| {
            moved.time = at.time + step;
            self.evaluate(&moved);
            self.value(value)
        });
        let mut sum = (ends[0] - ends[1]) / 2e-4;
        for (&one, rate) in states.iter().zip(rates) {
            let one = one as usize;
            let step = 1e-4 * at.states[one].abs();
            let mut moved = at.clone();
            ends = [step, -step].map(|step| {
                moved.states[one] = at.states[one] + step;
                self.evaluate(&moved);
                self.value(value)
            });
            sum += (ends[0] - ends[1]) / (2.0 * step) * rate;
        }
        sum
    }
}
