//! A step of an explicit method, with its error and what follows from it, as one computation.

use super::control::{Taken, decide, one_over};
use super::straight::{One, Relation, Straight, Two, Value};
use super::{Inflow, RTOL, Registers};
use crate::compile::Compiled;
use crate::integrate::{Method, lane_rows as rows};
use crate::program::Program;
use crate::tableau::explicit::{Explicit, Sum};
use crate::tableau::tsit5::{MIDDLE, STAGES};

/// Arrays that a step works on, in the order of [`super::Code::run`].
const FILE: u32 = 0;
const STATE: u32 = 1;
const SLOPES: u32 = 2;
const ATOL: u32 = 3;
const ERRORS: u32 = 4;
/// Rows of the block's lanes.
const LANES: u32 = 5;

/// The move to the end of the step before, and a step that ends no later than the stretch: the stages
/// after the first, the state at the end (in the first rows of the file), the estimated errors, and
/// what [`decide`] finds. Only events change the compartments `kept`. None where the program has
/// functions that machine code does not know.
pub(super) fn explicit_step(
    compiled: &Compiled,
    (method, watches): (Method, bool),
    inflow: Inflow,
    kept: &[usize],
) -> Option<Straight> {
    let tableau = method.explicit()?;
    let program = &compiled.derivatives;
    let n = program.time();
    let resting = if inflow == Inflow::Resting { &compiled.resting[..] } else { &[] };
    let mut step = Step::new(program, tableau.n_stages(), resting, inflow == Inflow::Infused);
    let last = tableau.n_stages() - 1;
    let (mut before_last, mut arguments) = (Vec::new(), Vec::new());
    for stage in 1..=last {
        let next = (0..n).map(|i| step.argument(tableau.a[stage], i)).collect();
        before_last = std::mem::replace(&mut arguments, next);
        for (i, &argument) in arguments.iter().enumerate() {
            step.registers.set(i, argument);
            if stage == last {
                // What only events change keeps its bits.
                let end = if kept.contains(&i) { step.state[i] } else { argument };
                step.straight.store(FILE, i, end);
            }
        }
        step.take(program, tableau.nodes[stage], stage)?;
    }
    let watched = watches.then_some((&before_last[..], method.edge()));
    let (error, at_edge) = step.measure(tableau, &arguments, watched)?;
    let taken = Taken { t: step.t, h: step.h, error, at_edge };
    decide(&mut step.straight, LANES, (method, compiled.has_roots), &taken);
    Some(step.straight)
}

struct Step {
    straight: Straight,
    registers: Registers,
    /// States and time at the start, size of the step.
    state: Vec<Value>,
    t: Value,
    h: Value,
    /// Slopes: stage, then compartment.
    slopes: Vec<Vec<Value>>,
    /// By compartment.
    rests: Vec<bool>,
    zero: Value,
    /// Infusions are added to the slopes.
    is_infused: bool,
}

impl Step {
    fn new(program: &Program, n_stages: usize, resting: &[usize], is_infused: bool) -> Self {
        let n = program.time();
        let mut straight = Straight::default();
        let registers = program.on_machine(&mut straight, FILE);
        let zero = straight.nothing();
        let rests: Vec<bool> = (0..n).map(|i| resting.contains(&i)).collect();
        // Lanes move to the end of the step before; what rests stays where it is.
        let mut moved = |to: (u32, usize), from: (u32, usize)| {
            let now = straight.load(from.0, from.1);
            let now = straight.one(One::Copy, now);
            straight.store(to.0, to.1, now);
            now
        };
        let last_stage = (n_stages - 1) * n;
        let each = |place: &mut dyn FnMut(usize) -> Value| {
            let values = rests.iter().enumerate();
            values.map(|(i, &rests)| if rests { zero } else { place(i) }).collect::<Vec<_>>()
        };
        let state = each(&mut |i| moved((STATE, i), (FILE, i)));
        let first = each(&mut |i| moved((SLOPES, i), (SLOPES, last_stage + i)));
        let t = moved((LANES, rows::T), (LANES, rows::REACHED));
        let [wanted, end] = [rows::WANTED, rows::END_H].map(|row| straight.load(LANES, row));
        let left = straight.sub(end, t);
        let h = straight.two(Two::Smaller, wanted, left);
        straight.store(LANES, rows::H, h);
        Self { straight, registers, state, t, h, slopes: vec![first], rests, zero, is_infused }
    }

    /// `sum_j weight_j k_j` of compartment `i`.
    fn sum(&mut self, weights: &Sum, i: usize) -> Option<Value> {
        let terms = weights.iter().map(|&(stage, weight)| (weight, self.slopes[stage][i]));
        self.straight.sum(terms)
    }

    /// State of compartment `i` at a stage.
    fn argument(&mut self, weights: &Sum, i: usize) -> Value {
        if self.rests[i] {
            return self.zero;
        }
        let Some(sum) = self.sum(weights, i) else { return self.state[i] };
        let change = self.straight.mul(self.h, sum);
        self.straight.add(self.state[i], change)
    }

    /// Slopes at a stage whose arguments stand in the registers.
    fn take(&mut self, program: &Program, node: f64, stage: usize) -> Option<()> {
        let n = self.state.len();
        if program.reads_time() {
            let node = self.straight.constant(node);
            let passed = self.straight.mul(node, self.h);
            let time = self.straight.add(self.t, passed);
            self.registers.set(program.time(), time);
        }
        self.registers.follow(&mut self.straight, program.code_of(0))?;
        // What the next step or the continuous extension reads.
        let is_kept = stage == STAGES - 1 || MIDDLE.iter().any(|&(middle, _)| middle == stage);
        let slopes = (0..n).map(|i| {
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
            if is_kept {
                self.straight.store(SLOPES, stage * n + i, slope);
            }
            slope
        });
        let slopes = slopes.collect();
        self.slopes.push(slopes);
        Some(())
    }

    /// The mean square of error over tolerance; and, where it is watched, by the argument of the
    /// last stage but one and the square of step times rate there, whether the step is at the edge
    /// of stability.
    fn measure(
        &mut self,
        tableau: &Explicit,
        end: &[Value],
        watched: Option<(&[Value], f64)>,
    ) -> Option<(Value, Option<Value>)> {
        let n = self.state.len();
        // One estimate; two are weighed otherwise.
        let &[error] = tableau.errors else { return None };
        let last = tableau.n_stages() - 1;
        let (mut squares, mut moved, mut changed) = (None, None, None);
        for i in 0..n {
            if self.rests[i] {
                self.straight.store(ERRORS, i, self.zero);
                continue;
            }
            let floor = self.straight.load(ATOL, i);
            let weight = weight(&mut self.straight, self.state[i], end[i], floor);
            let sum = self.sum(error, i)?;
            let error = self.straight.mul(self.h, sum);
            self.straight.store(ERRORS, i, error);
            add_square(&mut self.straight, &mut squares, error, weight);
            if let Some((aside, _)) = watched {
                let by = self.straight.sub(end[i], aside[i]);
                add_square(&mut self.straight, &mut moved, by, weight);
                let (now, before) = (self.slopes[last][i], self.slopes[last - 1][i]);
                let slope = self.straight.sub(now, before);
                add_square(&mut self.straight, &mut changed, slope, weight);
            }
        }
        let per_n = self.straight.constant(1.0 / n as f64);
        let mean = self.straight.mul(squares?, per_n);
        self.straight.store(LANES, rows::ERROR, mean);
        let Some((_, edge)) = watched else { return Some((mean, None)) };
        let edge = self.straight.constant(edge);
        let square = self.straight.mul(self.h, self.h);
        let square = self.straight.mul(square, changed?);
        let limit = self.straight.mul(edge, moved?);
        let is = self.straight.two(Two::If(Relation::More, 1), square, limit);
        self.straight.store(LANES, rows::AT_EDGE, is);
        Some((mean, Some(is)))
    }
}

/// One over the tolerance of a compartment that goes from `start` to `end`.
pub(super) fn weight(straight: &mut Straight, start: Value, end: Value, floor: Value) -> Value {
    let size = straight.two(Two::LargerSize, start, end);
    let rtol = straight.told(RTOL);
    let part = straight.mul(rtol, size);
    let tolerance = straight.add(floor, part);
    one_over(straight, tolerance)
}

/// Adds the square of `value` times `weight` to a sum.
pub(super) fn add_square(
    straight: &mut Straight,
    sum: &mut Option<Value>,
    value: Value,
    weight: Value,
) {
    let ratio = straight.mul(value, weight);
    straight.add_product(sum, ratio, ratio);
}
