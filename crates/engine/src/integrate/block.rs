//! The step loop: one block of lanes until no subject waits.

use super::coded::Coded;
use super::columns::{Columns, Watch};
use super::controller::first_step;
use super::measure::per_n;
use super::options::{Cause, Options, Solver};
use super::queue::{Busy, Queue};
use super::stiffness::Method;
use super::{explicit, rosenbrock};
use crate::clock::{Crossing, StepView};
use crate::compile::Compiled;
use crate::cpu::Cpu;
use crate::program::{PART, Program};
use crate::tableau::scaled::Scaled;
use crate::tableau::{dop853, rodas4::RODAS4, rodas5p::RODAS5P, tsit5};

/// What one lane holds beside its numbers; what observations and stops use stands first, in one
/// cache line.
#[derive(Default)]
#[repr(C, align(64))]
pub(super) struct Lane<'a> {
    /// Times of the records that are not yet reached, h; those before the end of the stretch are
    /// observations.
    pub(super) times_h: &'a [f64],
    /// Rows of the subject, and how many are written.
    pub(super) rows: Vec<f64>,
    pub(super) n_rows: usize,
    pub(super) busy: Option<Busy<'a>>,
    /// Why its subject cannot be integrated further.
    gave_up: Option<Cause>,
    /// The step ends where a condition changes; of the last accepted step.
    pub(super) crossing: Option<Crossing>,
}

#[inline(always)]
pub(super) fn block<const W: usize>(queue: &mut Queue<'_>, cpu: Cpu) {
    let Some(first) = queue.take() else { return };
    let (compiled, options, method) = (queue.compiled, queue.options, queue.method());
    let (program, slopes) = match method {
        Method::Tsit5 | Method::Dop853 => (&compiled.derivatives, 0),
        Method::Rodas4 | Method::Rodas5P => (&compiled.stiff().program, rosenbrock::SLOPES),
    };
    let is_auto = options.solver == Solver::Auto;
    let watch = Watch { all: compiled.has_roots, max_steps: options.max_steps };
    let registers = compiled.register_places();
    let mut columns = Columns::<W>::boxed([program, &compiled.outputs], method, cpu);
    columns.n_own = compiled.n_own();
    columns.watches = is_auto && !method.is_implicit();
    columns.per_n = per_n((program.time(), columns.n_own), options.rtol, method);
    let coded = Coded::new(compiled, &columns, &registers);
    let mut lanes: Vec<Lane<'_>> = (0..W).map(|_| Lane::default()).collect();
    let mut idle: Vec<usize> = (0..W).rev().collect();
    // Lanes whose derivative at their state is not known yet.
    let mut fresh = 0_u64;
    let mut first = Some(first);
    loop {
        // 1. Free lanes take the next subjects.
        while let Some(&at) = idle.last()
            && let Some(busy) = first.take().or_else(|| queue.take())
        {
            idle.pop();
            lanes[at].busy = Some(busy);
            columns.enter(at, &mut lanes[at], program, false);
            fresh |= 1 << at;
        }
        if idle.len() == W {
            return;
        }
        // 2. A fresh lane needs its hoisted values, first stage and first step.
        if fresh != 0 {
            let fresh = std::mem::take(&mut fresh);
            columns.begin(fresh, &coded, [program, &compiled.outputs], slopes, options.rtol);
        }
        queue.n_lane_steps += W as u64;
        // 3. Lanes move to the end of the step before; a step, its error, acceptance, next size.
        // No closure: its function may not be compiled for the block's instructions.
        let mut events = if let Some(events) = coded.whole(&mut columns, watch) {
            events
        } else {
            columns.commit();
            columns.cut();
            let is_measured = coded.step(&mut columns);
            let trusted = match method {
                _ if is_measured => [true; W],
                Method::Rodas4 => rosenbrock::take(&RODAS4, &mut columns, compiled.stiff()),
                Method::Rodas5P => rosenbrock::take(&RODAS5P, &mut columns, compiled.stiff()),
                Method::Tsit5 => by_stages(&mut columns, program, &tsit5::SCALED),
                Method::Dop853 => by_stages(&mut columns, program, &dop853::SCALED),
            };
            // What only events change keeps its bits.
            registers.iter().for_each(|&i| columns.file[i] = columns.y[i]);
            if !is_measured {
                columns.measure(&trusted);
            }
            coded.decide(&mut columns, watch)
        };
        if method == Method::Dop853 && (compiled.has_roots || events.observed != 0) {
            super::dop853::extend(&mut columns, program);
        }
        // 4. What lanes do not do alike: roots, observations, ends, failures.
        if compiled.has_roots {
            for at in each(events.stops) {
                columns.cross(at, &mut lanes[at], &mut events.observed);
            }
        }
        let mut parting = 0;
        if events.observed != 0 {
            parting =
                columns.observe(&mut lanes, compiled, (&registers, coded.look), events.observed);
        }
        for at in each(events.stops & !parting) {
            let parts = columns.happen(at, &mut lanes[at], &options, compiled.has_roots);
            parting |= u64::from(parts) << at;
        }
        // 5. Ended and failed lanes hand their subjects over.
        for at in each(parting) {
            let lane = &mut lanes[at];
            columns.park(at, lane);
            if queue.proceed(&mut lane.busy) {
                columns.enter(at, lane, program, true);
                fresh |= 1 << at;
            } else {
                columns.rest(at);
                idle.push(at);
            }
        }
    }
}

/// The stages of an explicit method, which every lane may trust.
#[inline(always)]
fn by_stages<const W: usize>(
    columns: &mut Columns<W>,
    program: &Program,
    tableau: &Scaled,
) -> [bool; W] {
    explicit::stages(columns, program, tableau);
    [true; W]
}

/// Places of the bits that are set, ascending.
#[inline(always)]
pub(super) fn each(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let at = bits.trailing_zeros() as usize;
        bits &= bits.wrapping_sub(1);
        (at < 64).then_some(at)
    })
}

impl Lane<'_> {
    /// Time of the next observation of the stretch that ends at `end_h`, h; infinity where it has no
    /// more.
    pub(super) fn next_observation_h(&self, end_h: f64) -> f64 {
        let next_h = self.times_h.first().copied().unwrap_or(f64::INFINITY);
        if next_h < end_h { next_h } else { f64::INFINITY }
    }

    /// A row was written: time of the next observation, as [`Self::next_observation_h`].
    #[inline(always)]
    pub(super) fn next_row(&mut self, end_h: f64) -> f64 {
        self.n_rows += 1;
        if let [_, rest @ ..] = self.times_h {
            self.times_h = rest;
        }
        self.next_observation_h(end_h)
    }
}

impl<const W: usize> Columns<W> {
    /// Puts the subject of lane `at` at the start of its stretch; `again` where it was there before,
    /// so that what stops do not change is there already.
    fn enter(&mut self, at: usize, lane: &mut Lane<'_>, program: &Program, again: bool) {
        let Some(Busy { clock, .. }) = &mut lane.busy else { return };
        let Compiled { outputs, output_inputs, derivative_inputs, .. } = clock.compiled;
        let (mut changed, mut outputs_changed) = (!again, !again);
        let put = |register: &mut f64, value: f64, changed: &mut bool| {
            *changed |= register.to_bits() != value.to_bits();
            *register = value;
        };
        self.reached[at] = clock.inputs.time_h;
        // A zero has no sign here, so that none shows in what it is added to.
        let rows = self.file.iter_mut().zip(&clock.inputs.state);
        rows.for_each(|(row, value)| row[at] = value + 0.0);
        self.any_moving |= clock.some_move();
        let mut read = (derivative_inputs.all(), output_inputs.all());
        if again {
            let moves = clock.covariates_move();
            read = (derivative_inputs.moving(moves), output_inputs.moving(moves));
        } else {
            let rtol = clock.options.rtol;
            self.atol.iter_mut().zip(&clock.atol).for_each(|(row, &atol)| row[at] = atol / rtol);
        }
        for &input in read.0 {
            let register = &mut self.file[program.input(input)][at];
            put(register, clock.flat_input(input), &mut changed);
        }
        for &input in read.1 {
            let register = &mut self.out[outputs.input(input)][at];
            put(register, clock.flat_input(input), &mut outputs_changed);
        }
        if let Some(rates) = clock.rates_moved(!again) {
            let rows = &mut self.file[program.rates()..][..self.y.len()];
            for (row, rate) in rows.iter_mut().zip(rates) {
                put(&mut row[at], rate, &mut changed);
                self.any_rate |= rate != 0.0;
            }
            self.any_rate =
                self.any_rate && rows.iter().any(|row| row.iter().any(|rate| *rate != 0.0));
        }
        if let Some(off) = clock.off_moved(!again) {
            self.off.iter_mut().zip(off).for_each(|(row, &off)| row[at] = off);
            self.any_off |= off.contains(&true);
            self.any_off = self.any_off && self.off.iter().flatten().any(|off| *off);
        }
        self.changed |= u64::from(changed) << at;
        self.outputs_changed |= u64::from(outputs_changed) << at;
        self.end_h[at] = clock.stretch.until_h;
        (self.wanted[at], self.kept[at]) = (clock.first_step_h, clock.first_step_h);
        (self.cap[at], self.past[at]) = (f64::INFINITY, f64::INFINITY);
        (self.busy[at], self.first[at]) = (1, 1);
        self.told[at] = u64::from(clock.stiffness.is_told());
        (self.n_tries[at], self.n_rejected[at]) = (0, 0);
        (lane.times_h, lane.n_rows) = (clock.stretch.times_h, clock.n_rows);
        std::mem::swap(&mut lane.rows, &mut clock.rows);
        self.observation_h[at] = lane.next_observation_h(self.end_h[at]);
    }

    /// Hoisted values, slopes and first steps of the lanes `fresh`, part by part.
    fn begin(
        &mut self,
        fresh: u64,
        coded: &Coded<'_>,
        [program, outputs]: [&Program; 2],
        slopes: usize,
        rtol: f64,
    ) {
        let mut left = fresh;
        while left != 0 {
            let from = left.trailing_zeros() as usize / PART * PART;
            let part = ((1 << PART) - 1) << from;
            let these = left & part;
            left &= !part;
            if self.changed & part != 0 {
                program.hoist_part(&mut self.file, from, self.cpu);
            }
            if self.outputs_changed & part != 0 {
                outputs.hoist_part(&mut self.out, from, self.cpu);
            }
            let unknown = each(these).filter(|&at| self.wanted[at] <= 0.0);
            let unknown = unknown.fold(0, |all, at| all | 1 << at);
            // A step of an implicit method takes its first slopes itself.
            if (unknown != 0 || !self.method.is_implicit()) && !coded.first_slopes(self, from) {
                self.first_slopes(these, from, program, slopes);
            }
            for at in each(unknown) {
                self.wanted[at] = self.first_step(at, rtol);
            }
        }
        (self.changed, self.outputs_changed) = (0, 0);
    }

    /// First stages of the lanes `these` of the part from `from` on.
    fn first_slopes(&mut self, these: u64, from: usize, program: &Program, slopes: usize) {
        let n = self.y.len();
        each(these).for_each(|at| self.file[program.time()][at] = self.reached[at]);
        program.call_part(&mut self.file, slopes, from, self.cpu);
        for at in each(these) {
            let rates = &self.file[program.rates()..];
            let rows = program.roots_of(slopes).iter().zip(rates).zip(&mut self.ends[n..]);
            for ((&root, rate), slope) in rows {
                slope[at] = self.file[root as usize][at] + rate[at];
            }
            if self.any_off {
                let rows = self.off.iter().zip(&mut self.ends[n..]);
                rows.filter(|(off, _)| off[at]).for_each(|(_, slope)| slope[at] = 0.0);
            }
        }
    }

    /// Size of the first step of lane `at`, h, from its first stage.
    fn first_step(&self, at: usize, rtol: f64) -> f64 {
        let span_h = self.end_h[at] - self.reached[at];
        let slopes = &self.ends[self.y.len()..];
        first_step(self.y_new(), slopes, &self.atol, rtol, at, span_h)
    }

    /// Ends the step of lane `at` where a condition changes inside it.
    fn cross(&mut self, at: usize, lane: &mut Lane<'_>, observed: &mut u64) {
        let Some(busy) = lane.busy.as_ref().filter(|_| self.accepted[at] != 0) else { return };
        let view = StepView {
            from_h: self.t[at],
            h: self.h[at],
            inside: &|x, state| {
                state.clear();
                self.inside(at, x, |value| state.push(value));
            },
        };
        lane.crossing = busy.clock.first_crossing(&view);
        if let Some(crossing) = &lane.crossing {
            self.reached[at] = self.t[at] + crossing.fraction * self.h[at];
            if !self.is_due(at, lane) {
                *observed &= !(1 << at);
            }
        }
    }

    /// What the step of lane `at` brings: its end, a rejection, a change of method. True where the
    /// lane gives its subject away.
    fn happen(
        &mut self,
        at: usize,
        lane: &mut Lane<'_>,
        options: &Options,
        has_roots: bool,
    ) -> bool {
        let Some(busy) = lane.busy.as_mut() else { return false };
        let too_many = (self.n_tries[at] >= options.max_steps).then_some(Cause::TooManySteps);
        if self.accepted[at] == 0 {
            self.n_rejected[at] += 1;
            let is_small = self.wanted[at] <= super::controller::smallest_step(self.t[at]);
            lane.gave_up = match (is_small, self.error[at].is_finite()) {
                (false, _) => too_many,
                (true, true) => Some(Cause::StepUnderflow { compartment: self.hardest(at) }),
                (true, false) => Some(Cause::NotFinite),
            };
            self.take_back(at);
            return lane.gave_up.is_some();
        }
        let h = self.h[at];
        let mut ended = h == self.end_h[at] - self.t[at];
        if options.solver == Solver::Auto {
            let stiffness = &mut busy.clock.stiffness;
            let changes = match self.method {
                Method::Tsit5 | Method::Dop853 => stiffness.explicit_step(h, self.at_edge[at] != 0),
                Method::Rodas4 | Method::Rodas5P => stiffness.implicit_step(h),
            };
            self.told[at] = u64::from(stiffness.is_told());
            if changes && !ended {
                // The other method starts where this one is, with its size.
                self.kept[at] = self.wanted[at];
                ended = true;
            }
        }
        if has_roots && let Some(crossing) = lane.crossing.take() {
            for (i, &value) in crossing.state.iter().enumerate() {
                self.file[i][at] = value;
            }
            busy.clock.cross(crossing.modes);
            ended = true;
        }
        if !ended && too_many.is_some() {
            lane.gave_up = too_many;
            ended = true;
        }
        ended
    }

    /// Tells the subject of lane `at` where it has got to.
    fn park(&mut self, at: usize, lane: &mut Lane<'_>) {
        let Some(Busy { clock, .. }) = &mut lane.busy else { return };
        let rows = clock.inputs.state.iter_mut().zip(self.y_new());
        rows.for_each(|(value, row)| *value = row[at]);
        // Before a reset, or another subject in the lane, hides it.
        self.any_moving |= clock.some_move();
        clock.first_step_h = self.kept[at];
        clock.counts.steps += self.n_tries[at] - self.n_rejected[at];
        clock.counts.rejections += self.n_rejected[at];
        if self.method.is_implicit() {
            clock.counts.factorizations += self.n_tries[at];
        }
        std::mem::swap(&mut lane.rows, &mut clock.rows);
        let n_seen = lane.n_rows - clock.n_rows;
        clock.n_rows = lane.n_rows;
        clock.reach(self.reached[at], n_seen);
        if lane.gave_up.is_some()
            && let Some(cause) = lane.gave_up.take()
        {
            clock.give_up(cause);
        }
    }

    /// Lane `at` is idle: it keeps its last numbers and takes no step.
    fn rest(&mut self, at: usize) {
        (self.busy[at], self.end_h[at], self.wanted[at]) = (0, self.reached[at], 0.0);
        self.observation_h[at] = f64::INFINITY;
    }
}
