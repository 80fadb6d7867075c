//! The step loop: one block of lanes until no subject waits.

use super::controller::{first_step, smallest_step, step_factor};
use super::options::Cause;
use super::queue::{Busy, Queue};
use super::tsit5;
use crate::clock::StepView;
use crate::cpu::Cpu;

/// Numbers of the subjects in the lanes; one row per compartment or register.
pub(super) struct Columns<const W: usize> {
    /// States before and after the step.
    pub(super) y: Vec<[f64; W]>,
    pub(super) y_new: Vec<[f64; W]>,
    /// Slopes: stage, then compartment.
    pub(super) k: Vec<[f64; W]>,
    pub(super) atol: Vec<[f64; W]>,
    /// Compartments that are turned off.
    pub(super) off: Vec<[bool; W]>,
    pub(super) any_off: bool,
    /// Register file of the derivatives.
    pub(super) file: Vec<[f64; W]>,
    pub(super) t: [f64; W],
    pub(super) h: [f64; W],
}

/// What one lane holds beside its numbers.
struct Lane<'a> {
    busy: Option<Busy<'a>>,
    end_h: f64,
    /// First observation record not yet reached.
    observation: usize,
    /// The derivative at its state is not known yet.
    fresh: bool,
    /// The next step is the first of its stretch.
    first: bool,
    rejected: bool,
    /// Step it wants, before it is cut at the end.
    wanted: f64,
    /// Compartments at the observations of the stretch.
    states: Vec<f64>,
    tries: u64,
}

#[inline(always)]
pub(super) fn block<const W: usize>(queue: &mut Queue<'_>, cpu: Cpu) {
    let (compiled, options) = (queue.compiled, queue.options);
    let n = compiled.layout.n_states;
    let rates = compiled.layout.rates();
    let program = &compiled.derivatives;
    let mut columns = Columns::<W> {
        y: vec![[0.0; W]; n],
        y_new: vec![[0.0; W]; n],
        k: vec![[0.0; W]; n * tsit5::N_STAGES],
        atol: vec![[1.0; W]; n],
        off: vec![[false; W]; n],
        any_off: false,
        file: program.registers::<W>(),
        t: [0.0; W],
        h: [0.0; W],
    };
    let mut lanes: Vec<Lane<'_>> = (0..W).map(|_| Lane::empty()).collect();
    loop {
        // 1. Free lanes take the next subjects.
        let mut n_busy = 0;
        let mut any_fresh = false;
        for (at, lane) in lanes.iter_mut().enumerate() {
            if lane.busy.is_none()
                && let Some(busy) = queue.take()
            {
                columns.enter(at, lane, busy, program);
            }
            n_busy += usize::from(lane.busy.is_some());
            any_fresh |= lane.fresh;
        }
        if n_busy == 0 {
            return;
        }
        // 2. A fresh lane needs its hoisted values, first stage and first step.
        if any_fresh {
            columns.any_off = columns.off.iter().flatten().any(|off| *off);
            program.hoist(&mut columns.file);
            columns.file[..n].copy_from_slice(&columns.y);
            columns.file[program.time()] = columns.t;
            program.call_on(&mut columns.file, 0, cpu);
            // The others' first stage is their last one, at the same state and inputs.
            let Columns { k, file, off, any_off, .. } = &mut columns;
            tsit5::slopes_now(&mut k[..n], file, program, rates);
            if *any_off {
                tsit5::silence(&mut k[..n], off);
            }
            for (at, lane) in lanes.iter_mut().enumerate().filter(|(_, lane)| lane.fresh) {
                lane.fresh = false;
                let span_h = lane.end_h - columns.t[at];
                let Columns { y, k, atol, .. } = &columns;
                if lane.wanted <= 0.0 {
                    lane.wanted = first_step(y, &k[..n], atol, options.rtol, at, span_h);
                }
            }
        }
        // 3. No lane steps beyond its end.
        for (at, lane) in lanes.iter().enumerate() {
            columns.h[at] = lane.wanted.min(lane.end_h - columns.t[at]);
        }
        // 4. Stages; the last is taken at the new state.
        tsit5::stages(&mut columns, program, rates, cpu);
        // 5. Error: root mean square of estimate over tolerance.
        let mut squares = tsit5::error_squares(&columns, options.rtol);
        let mut factors = [0.0; W];
        for at in 0..W {
            squares[at] /= n as f64;
            factors[at] = step_factor(squares[at]);
        }
        // 6. Each lane accepts or rejects, reports and stops.
        for (at, lane) in lanes.iter_mut().enumerate() {
            let Some(busy) = &mut lane.busy else { continue };
            lane.tries += 1;
            let mut failure = None;
            let mut stopped = false;
            if squares[at] <= 1.0 {
                busy.clock.counts.steps += 1;
                stopped = columns.accept(at, lane, factors[at]);
            } else {
                busy.clock.counts.rejections += 1;
                lane.rejected = true;
                lane.wanted = columns.h[at] * factors[at].min(1.0);
                if lane.wanted <= smallest_step(columns.t[at]) {
                    let finite = squares[at].is_finite();
                    failure = Some(if finite { Cause::StepUnderflow } else { Cause::NotFinite });
                }
            }
            if !stopped && failure.is_none() && lane.tries >= options.max_steps {
                failure = Some(Cause::TooManySteps);
            }
            if stopped || failure.is_some() {
                columns.park(at, lane, failure, queue, program);
            }
        }
    }
}

impl Lane<'_> {
    fn empty() -> Self {
        Self {
            busy: None,
            end_h: 0.0,
            observation: 0,
            fresh: false,
            first: false,
            rejected: false,
            wanted: 0.0,
            states: Vec::new(),
            tries: 0,
        }
    }
}

impl<const W: usize> Columns<W> {
    /// Puts a subject at the start of its stretch into lane `at`.
    fn enter<'a>(
        &mut self,
        at: usize,
        lane: &mut Lane<'a>,
        busy: Busy<'a>,
        program: &crate::program::Program,
    ) {
        let clock = &busy.clock;
        self.t[at] = clock.inputs.time_h;
        for (i, &value) in clock.inputs.state.iter().enumerate() {
            self.y[i][at] = value;
            self.atol[i][at] = clock.atol[i];
            self.off[i][at] = clock.is_off(i);
        }
        for (input, value) in clock.flat_inputs().enumerate() {
            self.file[program.input(input)][at] = value;
        }
        lane.end_h = busy.stretch.until_h;
        lane.observation = busy.stretch.observations.start;
        lane.wanted = clock.first_step_h;
        (lane.fresh, lane.first, lane.rejected, lane.tries) = (true, true, false, 0);
        lane.busy = Some(busy);
    }

    /// Takes the step of lane `at`: observations inside it, roots, the next step's size. True where
    /// the stretch has ended.
    #[inline(always)]
    fn accept(&mut self, at: usize, lane: &mut Lane<'_>, factor: f64) -> bool {
        let Some(busy) = &mut lane.busy else { return false };
        let (n, h) = (self.y.len(), self.h[at]);
        let last = h == lane.end_h - self.t[at];
        let mut reached = if last { lane.end_h } else { self.t[at] + h };
        let mut crossed = None;
        if busy.clock.compiled.has_roots {
            let view = StepView {
                from_h: self.t[at],
                h,
                inside: &|x, state| {
                    state.clear();
                    tsit5::inside(self, at, x, |value| state.push(value));
                },
            };
            crossed = busy.clock.first_crossing(&view);
        }
        if let Some(crossing) = &crossed {
            reached = self.t[at] + crossing.fraction * h;
        }
        while lane.observation < busy.stretch.observations.end {
            let time_h = busy.clock.record_time_h(lane.observation);
            if time_h > reached || (time_h == reached && crossed.is_some()) {
                break;
            }
            if time_h == reached {
                lane.states.extend((0..n).map(|i| self.y_new[i][at]));
            } else {
                let x = (time_h - self.t[at]) / h;
                tsit5::inside(self, at, x, |value| lane.states.push(value));
            }
            lane.observation += 1;
        }
        if lane.first {
            // The next stretch starts with this size; a step cut short says little.
            let before = busy.clock.first_step_h;
            busy.clock.first_step_h = if last { before.max(h) } else { h };
            lane.first = false;
        }
        let cap = if lane.rejected { 1.0 } else { f64::INFINITY };
        lane.wanted = h * factor.min(cap);
        lane.rejected = false;
        if let Some(crossing) = crossed {
            for (i, &value) in crossing.state.iter().enumerate() {
                self.y[i][at] = value;
            }
            self.t[at] = reached;
            busy.clock.flip(&crossing.modes, reached);
            return true;
        }
        self.t[at] = reached;
        for i in 0..n {
            self.y[i][at] = self.y_new[i][at];
            self.k[i][at] = self.k[(tsit5::N_STAGES - 1) * n + i][at];
        }
        last
    }

    /// Hands the subject of lane `at` to its clock, and takes it back where it goes on.
    fn park<'a>(
        &mut self,
        at: usize,
        lane: &mut Lane<'a>,
        failure: Option<Cause>,
        queue: &mut Queue<'a>,
        program: &crate::program::Program,
    ) {
        let Some(mut busy) = lane.busy.take() else { return };
        let clock = &mut busy.clock;
        for (i, value) in clock.inputs.state.iter_mut().enumerate() {
            *value = self.y[i][at];
        }
        let observed = busy.stretch.observations.start..lane.observation;
        clock.reach(self.t[at], observed, &lane.states);
        if let Some(cause) = failure {
            clock.fail(cause);
        }
        lane.states.clear();
        // An idle lane keeps its last numbers and takes no step.
        (self.h[at], lane.end_h, lane.wanted) = (0.0, self.t[at], 0.0);
        if let Some(busy) = queue.proceed(busy.index, busy.clock) {
            self.enter(at, lane, busy, program);
        }
    }
}
