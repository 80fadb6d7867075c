//! A step of an explicit method, with its error, as one computation.

use super::control::one_over;
use super::straight::{Relation, Straight, Two, Value};
use super::{Inflow, Registers};
use crate::compile::Compiled;
use crate::integrate::Method;
use crate::program::Program;
use crate::tableau::explicit::{Explicit, Sum};

/// Arrays that a step works on, in the order of [`super::Code::run`].
const FILE: u32 = 0;
const STATE: u32 = 1;
const SLOPES: u32 = 2;
const ATOL: u32 = 3;
const TIME: u32 = 4;
const SIZE: u32 = 5;
const ERROR: u32 = 6;
const EDGE: u32 = 7;

/// What is told at each run.
const RTOL: u32 = 0;

/// The stages after the first, the state at the end (in the first rows of the file) and the mean
/// square of error over tolerance; with `watches`, whether the step is at the edge of stability.
/// None where the program has functions that machine code does not know.
pub(super) fn explicit_step(
    compiled: &Compiled,
    (method, watches): (Method, bool),
    inflow: Inflow,
) -> Option<Straight> {
    let tableau = method.explicit()?;
    let program = &compiled.derivatives;
    let n = program.time();
    let resting = if inflow == Inflow::Resting { &compiled.resting[..] } else { &[] };
    let mut step = Step::new(program, resting, inflow == Inflow::Infused);
    let last = tableau.n_stages() - 1;
    let mut before_last = Vec::new();
    for stage in 1..=last {
        let arguments = (0..n).map(|i| step.argument(tableau.a[stage], i)).collect::<Vec<_>>();
        for (i, &argument) in arguments.iter().enumerate() {
            step.registers.set(i, argument);
            if stage == last {
                step.straight.store(FILE, i, argument);
            }
        }
        step.take(program, tableau.nodes[stage], stage)?;
        if stage + 1 == last {
            before_last = arguments;
        } else if stage == last {
            step.measure(tableau, &arguments, watches.then_some((&before_last, method.edge())))?;
        }
    }
    Some(step.straight)
}

struct Step {
    straight: Straight,
    registers: Registers,
    /// States at the start, size of the step.
    state: Vec<Value>,
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
    fn new(program: &Program, resting: &[usize], is_infused: bool) -> Self {
        let n = program.time();
        let mut straight = Straight::default();
        let registers = program.on_machine(&mut straight, FILE);
        let zero = straight.nothing();
        let rests: Vec<bool> = (0..n).map(|i| resting.contains(&i)).collect();
        let row = |array| move |(i, rests): (usize, &bool)| (!rests).then_some((array, i));
        let mut load =
            |place: Option<(u32, usize)>| place.map_or(zero, |(array, i)| straight.load(array, i));
        let state = rests.iter().enumerate().map(row(STATE)).map(&mut load).collect();
        let first = rests.iter().enumerate().map(row(SLOPES)).map(&mut load).collect();
        let h = straight.load(SIZE, 0);
        Self { straight, registers, state, h, slopes: vec![first], rests, zero, is_infused }
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
            let (start, node) = (self.straight.load(TIME, 0), self.straight.constant(node));
            let passed = self.straight.mul(node, self.h);
            let time = self.straight.add(start, passed);
            self.registers.set(program.time(), time);
        }
        self.registers.follow(&mut self.straight, program.code_of(0))?;
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
            self.straight.store(SLOPES, stage * n + i, slope);
            slope
        });
        let slopes = slopes.collect();
        self.slopes.push(slopes);
        Some(())
    }

    /// The error; and, where it is watched, by the argument of the last stage but one and the
    /// square of step times rate there, the edge of stability.
    fn measure(
        &mut self,
        tableau: &Explicit,
        end: &[Value],
        watched: Option<(&[Value], f64)>,
    ) -> Option<()> {
        let n = self.state.len();
        // One estimate; two are weighed otherwise.
        let &[error] = tableau.errors else { return None };
        let last = tableau.n_stages() - 1;
        let (mut squares, mut moved, mut changed) = (None, None, None);
        for i in (0..n).filter(|&i| !self.rests[i]).collect::<Vec<_>>() {
            let floor = self.straight.load(ATOL, i);
            let weight = weight(&mut self.straight, self.state[i], end[i], floor);
            let sum = self.sum(error, i)?;
            let error = self.straight.mul(self.h, sum);
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
        self.straight.store(ERROR, 0, mean);
        if let Some((_, edge)) = watched {
            let edge = self.straight.constant(edge);
            let square = self.straight.mul(self.h, self.h);
            let square = self.straight.mul(square, changed?);
            let limit = self.straight.mul(edge, moved?);
            let is = self.straight.two(Two::If(Relation::More, 1), square, limit);
            self.straight.store(EDGE, 0, is);
        }
        Some(())
    }
}

/// One over the tolerance of a compartment that goes from `start` to `end`.
pub(super) fn weight(straight: &mut Straight, start: Value, end: Value, floor: Value) -> Value {
    let (before, after) = (straight.abs(start), straight.abs(end));
    let size = straight.two(Two::Larger, before, after);
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
