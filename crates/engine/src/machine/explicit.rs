//! A step of an explicit method with its error, as one computation.

use super::norm::{Norm, add_square};
use super::straight::{One, Relation, Straight, Two, Value};
use super::{Inflow, Registers};
use crate::compile::Compiled;
use crate::integrate::{Method, lane_rows as rows};
use crate::program::Program;
use crate::tableau::explicit::Sum;
use crate::tableau::scaled::Scaled;
use crate::tableau::tsit5::MIDDLE;

/// Arrays that a step works on, in the order of [`super::Code::run`].
const FILE: u32 = 0;
const STATE: u32 = 1;
const SLOPES: u32 = 2;
const ENDS: u32 = 3;
const ATOL: u32 = 4;
const ERRORS: u32 = 5;
/// Rows of the block's lanes.
pub(super) const LANES: u32 = 6;

/// The move to the end of the step before, and a step that ends no later than the stretch: the stages
/// after the first, the state at the end (in the first rows of the file) and the estimated errors. Only
/// events change the compartments `kept`. None where the program has functions that machine code does
/// not know.
pub(super) fn explicit_step(
    compiled: &Compiled,
    (method, watches): (Method, bool),
    inflow: Inflow,
    kept: &[usize],
) -> Option<Straight> {
    let tableau = method.explicit()?;
    let program = &compiled.derivatives;
    let n = program.time();
    let mut step = Step::new(compiled, tableau, inflow);
    let last = tableau.n_stages - 1;
    let (mut before_last, mut arguments) = (Vec::new(), Vec::new());
    for stage in 1..=last {
        let next = (0..n).map(|i| step.argument(&tableau.a[stage], i)).collect();
        before_last = std::mem::replace(&mut arguments, next);
        for (i, &argument) in arguments.iter().enumerate() {
            step.registers.set(i, argument);
            if stage == last {
                // What only events change keeps its bits.
                let end = if kept.contains(&i) { step.state[i] } else { argument };
                step.straight.store(FILE, i, end);
            }
        }
        step.take(program, stage)?;
    }
    let watched = watches.then_some((&before_last[..], method.edge()));
    step.measure(&arguments, watched)?;
    Some(step.straight)
}

struct Step {
    straight: Straight,
    registers: Registers,
    /// States and time at the start, size of the step.
    state: Vec<Value>,
    t: Value,
    h: Value,
    tableau: &'static Scaled,
    /// Compartments of the model itself.
    n_own: usize,
    /// Slopes with their weights: stage, then compartment.
    slopes: Vec<Vec<Value>>,
    /// Slopes of the last stage as they are.
    end: Vec<Value>,
    /// By compartment.
    rests: Vec<bool>,
    zero: Value,
    /// Infusions are added to the slopes.
    is_infused: bool,
}

impl Step {
    fn new(compiled: &Compiled, tableau: &'static Scaled, inflow: Inflow) -> Self {
        let (program, n_own) = (&compiled.derivatives, compiled.n_own());
        let n = program.time();
        let (is_infused, rest) = (inflow == Inflow::Infused, inflow == Inflow::Resting);
        let mut straight = Straight::default();
        let registers = program.on_machine(&mut straight, FILE);
        let zero = straight.nothing();
        let rests: Vec<bool> = (0..n).map(|i| rest && compiled.resting.contains(&i)).collect();
        // Lanes move to the end of the step before; what rests stays where it is.
        let mut moved = |to: (u32, usize), from: (u32, usize)| {
            let now = straight.load(from.0, from.1);
            let now = straight.one(One::Copy, now);
            straight.store(to.0, to.1, now);
            now
        };
        let each = |place: &mut dyn FnMut(usize) -> Value| {
            let values = rests.iter().enumerate();
            values.map(|(i, &rests)| if rests { zero } else { place(i) }).collect::<Vec<_>>()
        };
        let state = each(&mut |i| moved((STATE, i), (FILE, i)));
        let first = each(&mut |i| moved((ENDS, i), (ENDS, n + i)));
        let t = moved((LANES, rows::T), (LANES, rows::REACHED));
        let [wanted, end] = [rows::WANTED, rows::END_H].map(|row| straight.load(LANES, row));
        let left = straight.sub(end, t);
        let h = straight.two(Two::Smaller, wanted, left);
        straight.store(LANES, rows::H, h);
        let (slopes, end) = (Vec::new(), Vec::new());
        let mut step = Self {
            straight,
            registers,
            state,
            t,
            h,
            tableau,
            n_own,
            slopes,
            end,
            rests,
            zero,
            is_infused,
        };
        let first = first.into_iter().map(|slope| step.weighed(slope, 0)).collect();
        step.slopes.push(first);
        step
    }

    /// A slope of a stage with its weight.
    fn weighed(&mut self, slope: Value, stage: usize) -> Value {
        let weight = self.straight.constant(self.tableau.weights[stage]);
        let weight = self.straight.mul(self.h, weight);
        self.straight.mul(weight, slope)
    }

    /// Sum of slopes of compartment `i`.
    fn sum(&mut self, weights: &Sum, i: usize) -> Option<Value> {
        let terms = weights.iter().map(|&(stage, weight)| (weight, self.slopes[stage][i]));
        self.straight.sum(terms)
    }

    /// State of compartment `i` at a stage.
    fn argument(&mut self, weights: &Sum, i: usize) -> Value {
        if self.rests[i] {
            return self.zero;
        }
        let Some(change) = self.sum(weights, i) else { return self.state[i] };
        self.straight.add(self.state[i], change)
    }

    /// Slopes at a stage whose arguments stand in the registers.
    fn take(&mut self, program: &Program, stage: usize) -> Option<()> {
        let n = self.state.len();
        if program.reads_time() {
            let node = self.straight.constant(self.tableau.nodes[stage]);
            let passed = self.straight.mul(node, self.h);
            let time = self.straight.add(self.t, passed);
            self.registers.set(program.time(), time);
        }
        self.registers.follow(&mut self.straight, program.code_of(0))?;
        // What the next step and the continuous extension read.
        let is_end = stage == self.tableau.n_stages - 1;
        let is_middle = MIDDLE.iter().any(|&(middle, _)| middle == stage);
        let mut slopes = Vec::with_capacity(n);
        for i in 0..n {
            let root = self.registers.get(&mut self.straight, program.roots_of(0)[i] as usize);
            let slope = match self.rests[i] {
                true => self.zero,
                // No state is zero with a sign: none that a slope may have shows in what follows.
                false if !self.is_infused => root,
                false => {
                    let rate = self.straight.load(FILE, program.rates() + i);
                    self.straight.add(root, rate)
                }
            };
            let weighed = if self.rests[i] { self.zero } else { self.weighed(slope, stage) };
            if is_end {
                self.straight.store(ENDS, n + i, slope);
                self.end.push(slope);
            }
            if is_middle {
                self.straight.store(SLOPES, stage * n + i, weighed);
            }
            slopes.push(weighed);
        }
        self.slopes.push(slopes);
        Some(())
    }

    /// The mean square of error over tolerance; and, where it is watched, by the argument of the
    /// last stage but one and the square of step times rate there, whether the step is at the edge
    /// of stability.
    fn measure(&mut self, end: &[Value], watched: Option<(&[Value], f64)>) -> Option<()> {
        let n = self.state.len();
        // One estimate; two are weighed otherwise.
        let [error] = &self.tableau.errors[..] else { return None };
        let aside_at = self.tableau.n_stages - 2;
        let (mut moved, mut changed) = (None, None);
        let mut norm = Norm::new(self.n_own, n);
        for i in 0..n {
            if self.rests[i] {
                self.straight.store(ERRORS, i, self.zero);
                continue;
            }
            let floor = self.straight.load(ATOL, i);
            let weight = Norm::weight(&mut self.straight, [self.state[i], end[i]], floor);
            let error = self.sum(error, i)?;
            self.straight.store(ERRORS, i, error);
            norm.add(&mut self.straight, i, [error, weight]);
            if let Some((aside, _)) = watched {
                let by = self.straight.sub(end[i], aside[i]);
                add_square(&mut self.straight, &mut moved, by, weight);
                let now = self.weighed(self.end[i], aside_at);
                let slope = self.straight.sub(now, self.slopes[aside_at][i]);
                add_square(&mut self.straight, &mut changed, slope, weight);
            }
        }
        let mean = norm.mean(&mut self.straight)?;
        self.straight.store(LANES, rows::ERROR, mean);
        let Some((_, edge)) = watched else { return Some(()) };
        let edge = self.straight.constant(edge);
        let limit = self.straight.mul(edge, moved?);
        let is = self.straight.two(Two::If(Relation::More, 1), changed?, limit);
        self.straight.store(LANES, rows::AT_EDGE, is);
        Some(())
    }
}
