//! A step of a Rosenbrock method, with its error, as one computation.

use super::norm::Norm;
use super::straight::{Relation, Straight, Two, Value};
use super::{Inflow, Registers};
use crate::integrate::{Method, SMALLEST_PIVOT};
use crate::stiff::{SLOPES, SOLVE, START, Stiff};
use crate::tableau::rosenbrock::Rosenbrock;

/// Arrays that a step works on, in the order of [`super::Code::run`].
const FILE: u32 = 0;
const STATE: u32 = 1;
const STAGES: u32 = 2;
const ESTIMATE: u32 = 3;
const ATOL: u32 = 4;
const TIME: u32 = 5;
const SIZE: u32 = 6;
const ERROR: u32 = 7;
const TRUSTED: u32 = 8;

/// The stages, the state at the end (in the first rows of the file), the estimate of the error and
/// the mean square of error over tolerance; and whether the factors are to be trusted. None where
/// the programs have functions that machine code does not know. `n_own` compartments are the model's own.
pub(super) fn rosenbrock_step(
    (stiff, n_own): (&Stiff, usize),
    method: Method,
    inflow: Inflow,
) -> Option<Straight> {
    let tableau = method.implicit()?;
    let mut step = Step::new(stiff, tableau, inflow == Inflow::Infused);
    for stage in 0..tableau.n_stages {
        let earlier = step.argument(stage);
        step.time(stage);
        let mut right = step.slopes(stage, earlier)?;
        if stage == 0 {
            step.trust();
        }
        step.by_time(stage, &mut right);
        step.solve(stage, &right)?;
    }
    step.finish(n_own)?;
    Some(step.straight)
}

struct Step<'a> {
    stiff: &'a Stiff,
    tableau: &'static Rosenbrock,
    /// Infusions are added to the slopes.
    is_infused: bool,
    straight: Straight,
    registers: Registers,
    state: Vec<Value>,
    h: Value,
    per_h: Value,
    /// States at the present stage.
    argument: Vec<Value>,
    /// By stage, then compartment.
    stages: Vec<Vec<Value>>,
    /// Derivatives by time of the compartments `timed`.
    by_time: Vec<Value>,
}

impl<'a> Step<'a> {
    fn new(stiff: &'a Stiff, tableau: &'static Rosenbrock, is_infused: bool) -> Self {
        let mut straight = Straight::default();
        let mut registers = stiff.program.on_machine(&mut straight, FILE);
        let state: Vec<Value> = (0..stiff.n).map(|i| straight.load(STATE, i)).collect();
        let h = straight.load(SIZE, 0);
        let one = straight.constant(1.0);
        let per_h = straight.div(one, h);
        let per_gamma = straight.constant(1.0 / tableau.gamma);
        let diagonal = straight.mul(per_h, per_gamma);
        registers.set(stiff.program.extra(0), diagonal);
        let argument = state.clone();
        let (stages, by_time) = (Vec::new(), Vec::new());
        Self {
            stiff,
            tableau,
            is_infused,
            straight,
            registers,
            state,
            h,
            per_h,
            argument,
            stages,
            by_time,
        }
    }

    /// `sum_j weights[j] u_j` of compartment `i`, over the first stages.
    fn sum(&mut self, weights: &[f64], i: usize) -> Option<Value> {
        let stages = self.stages.iter().map(|stage| stage[i]);
        self.straight.sum(weights.iter().copied().zip(stages))
    }

    /// Puts the argument of a stage into the registers; gives what earlier stages add to its right
    /// side.
    fn argument(&mut self, stage: usize) -> Vec<Option<Value>> {
        let mut earlier = Vec::new();
        for i in 0..self.stiff.n {
            if let Some(&weights) = self.tableau.a.get(stage) {
                let sum = self.sum(weights, i);
                let moved = |sum| self.straight.add(self.state[i], sum);
                self.argument[i] = sum.map_or(self.state[i], moved);
            } else if let Some(last) = self.stages.last() {
                // The argument before, and the stage before.
                self.argument[i] = self.straight.add(self.argument[i], last[i]);
            }
            self.registers.set(i, self.argument[i]);
            let sum = self.sum(self.tableau.c[stage], i);
            earlier.push(sum.map(|sum| self.straight.mul(sum, self.per_h)));
        }
        earlier
    }

    fn time(&mut self, stage: usize) {
        let node = self.straight.constant(self.tableau.nodes[stage]);
        let start = self.straight.load(TIME, 0);
        let passed = self.straight.mul(node, self.h);
        let time = self.straight.add(start, passed);
        self.registers.set(self.stiff.program.time(), time);
    }

    /// Root `at` of a group.
    fn root(&mut self, entry: usize, at: usize) -> Value {
        let register = self.stiff.program.roots_of(entry)[at] as usize;
        self.registers.get(&mut self.straight, register)
    }

    /// Slopes with infusions and `earlier`, the right side of a stage.
    fn slopes(&mut self, stage: usize, earlier: Vec<Option<Value>>) -> Option<Vec<Value>> {
        let program = &self.stiff.program;
        let entry = if stage == 0 { START } else { SLOPES };
        self.registers.follow(&mut self.straight, program.code_of(entry))?;
        let mut right = Vec::new();
        for (i, earlier) in earlier.into_iter().enumerate() {
            let mut slope = self.root(entry, i);
            if self.is_infused {
                let rate = self.straight.load(FILE, program.rates() + i);
                slope = self.straight.add(slope, rate);
            }
            right.push(earlier.map_or(slope, |earlier| self.straight.add(slope, earlier)));
        }
        if stage == 0 {
            let n_timed = self.stiff.timed.len();
            self.by_time = (0..n_timed).map(|at| self.root(START, self.stiff.n + at)).collect();
        }
        Some(right)
    }

    /// Adds what the derivative by time is worth.
    fn by_time(&mut self, stage: usize, right: &mut [Value]) {
        let Some(&d) = self.tableau.d.get(stage) else { return };
        let d = self.straight.constant(d);
        let part = self.straight.mul(d, self.h);
        for (&i, &slope) in self.stiff.timed.iter().zip(&self.by_time) {
            let more = self.straight.mul(part, slope);
            right[i] = self.straight.add(right[i], more);
        }
    }

    /// Whether no pivot is far below the diagonal.
    fn trust(&mut self) {
        let smallest = self.root(START, self.stiff.n + self.stiff.timed.len());
        let least = self.straight.constant(SMALLEST_PIVOT * (1.0 / self.tableau.gamma));
        let least = self.straight.mul(least, self.per_h);
        let is = self.straight.two(Two::If(Relation::AtLeast, 1), smallest, least);
        self.straight.store(TRUSTED, 0, is);
    }

    fn solve(&mut self, stage: usize, right: &[Value]) -> Option<()> {
        let (program, n) = (&self.stiff.program, self.stiff.n);
        for (i, &value) in right.iter().enumerate() {
            self.registers.set(program.extra(1 + i), value);
        }
        self.registers.follow(&mut self.straight, program.code_of(SOLVE))?;
        let solution: Vec<Value> = (0..n).map(|i| self.root(SOLVE, i)).collect();
        for (i, &value) in solution.iter().enumerate() {
            self.straight.store(STAGES, stage * n + i, value);
        }
        self.stages.push(solution);
        Some(())
    }

    /// The state at the end, and the error, which is the last stage.
    fn finish(&mut self, n_own: usize) -> Option<()> {
        let last = self.stages.pop()?;
        let mut norm = Norm::new(n_own, self.stiff.n);
        for (i, &estimate) in last.iter().enumerate() {
            let end = self.straight.add(self.argument[i], estimate);
            self.straight.store(FILE, i, end);
            self.straight.store(ESTIMATE, i, estimate);
            let floor = self.straight.load(ATOL, i);
            let weight = Norm::weight(&mut self.straight, [self.state[i], end], floor);
            norm.add(&mut self.straight, i, [estimate, weight]);
        }
        let mean = norm.mean(&mut self.straight)?;
        self.straight.store(ERROR, 0, mean);
        Some(())
    }
}
