//! What happens to one subject at stops: doses, lags, infusion ends, resets, covariates, modes; and
//! the exact run between stops of a linear model.
//!
//! What most stops need stands in few instructions: what is rare is kept out of their functions.
//!
//! A clock hands out stretches without a stop. Whoever integrates one gives the state back by
//! [`Clock::reach`]; a linear model needs nobody.

mod conduct;
mod dosing;
mod events;
mod exact;
mod failure;
mod modes;
mod queue;
mod repeated;
mod roots;
mod rows;
mod sensitive;
mod start;
mod starts;
#[cfg(test)]
mod tests;

pub use failure::{RunCause, RunFailure};
pub(crate) use roots::{Crossing, StepView};
pub(crate) use sensitive::DoseBy;
pub(crate) use starts::{GROUP, solved_starts};

use crate::compile::Compiled;
use crate::cpu::Cpu;
use crate::eval::Inputs;
use crate::integrate::{Cause, Counts, Follow, Method, Options, Solver, Stiffness};
use crate::timeline::{Action, Record, Timeline};
use events::Events;
use exact::Exact;
use modes::Modes;
use queue::{Due, Queue};

/// One subject under way. What every stop reads comes first.
#[repr(C, align(64))]
pub(crate) struct Clock<'a> {
    pub(crate) compiled: &'a Compiled,
    timeline: &'a Timeline,
    /// First record that has not happened.
    record: usize,
    /// What is to be integrated next.
    pub(crate) stretch: Stretch<'a>,
    pub(crate) inputs: Inputs,
    /// Size to try first after a stop; 0 where none is known.
    pub(crate) first_step_h: f64,
    pub(crate) counts: Counts,
    /// Per observation: outputs, then compartments; the first so many are written.
    pub(crate) rows: Vec<f64>,
    pub(crate) n_rows: usize,
    /// Rows at the end of the present timeline.
    n_rows_until: usize,
    /// Records before the present timeline, where time has started again.
    n_records_before: usize,
    /// Doses and repeats planned so far, before restarts of time too.
    n_doses: u64,
    /// Stretches since the record that was next then.
    stops: (usize, u64),
    due: Queue<'a>,
    modes: Modes,
    /// Places and values of registers in the present stretch.
    registers: Vec<(usize, f64)>,
    /// How the time of the present stop moves with each quantity; empty where it does not.
    stop_by: Vec<f64>,
    /// Covariates that hang on others.
    follows: Vec<Follow>,
    pub(crate) failure: Option<RunFailure>,
    /// What rules do, where there are some.
    conducted: Option<Box<conduct::Conducted<'a>>>,
    /// Propagators of a linear model; none where it is stepped.
    exact: Option<Box<Exact>>,
    /// Declared events; none where they rest, as in runs that solve for a start.
    events: Option<Box<Events>>,
    any_off: bool,
    /// What has changed since an integrator last read the inputs.
    moved: Moved,
    /// Whether it is stepped with the method for stiff problems.
    pub(crate) stiffness: Stiffness,
    pub(crate) options: Options,
    /// Sum of running infusions and their number, per compartment.
    infusions: Vec<(f64, u32)>,
    off: Vec<bool>,
    cpu: Cpu,
    /// Absolute tolerances.
    pub(crate) atol: Vec<f64>,
    row_file: Vec<crate::row::Row<{ rows::AT_ONCE }>>,
    /// Derivatives of doses, where asked for.
    doses_by: Vec<Vec<sensitive::DoseBy>>,
}

/// A time without a stop.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Stretch<'a> {
    /// Its end, h.
    pub(crate) until_h: f64,
    /// Times of the records that have not happened, h: those before its end are observations.
    pub(crate) times_h: &'a [f64],
}

/// Infusion rates, and compartments that are turned off.
#[derive(Debug, Clone, Copy, Default)]
struct Moved {
    rates: bool,
    off: bool,
}

/// A dose after bioavailability, as it enters.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Entry {
    /// As recorded, for the register of the last dose.
    amount: f64,
    bolus: f64,
    rate: f64,
    duration_h: f64,
    /// Its derivatives.
    by: Option<u32>,
}

impl<'a> Clock<'a> {
    /// Does everything at the present time and sets the stretch that is to be integrated next; false
    /// where the subject is done or has failed.
    pub(crate) fn next_stretch(&mut self) -> bool {
        let next = if self.failure.is_some() { Ok(false) } else { self.try_next() };
        next.unwrap_or_else(|failure| {
            self.failure = Some(failure);
            false
        })
    }

    fn try_next(&mut self) -> Result<bool, RunFailure> {
        loop {
            self.settle()?;
            if self.n_rows == self.n_rows_until {
                let Some(next) = self.timeline.next() else { return Ok(false) };
                self.restart(next);
                continue;
            }
            self.refresh_modes()?;
            if self.conducted.is_some() && self.look()? {
                continue;
            }
            if !self.look_ahead() {
                return Ok(false);
            }
            let n_before = if self.stops.0 == self.record { self.stops.1 } else { 0 };
            self.stops = (self.record, n_before + 1);
            if n_before >= self.options.max_steps {
                return Err(self.failed(RunCause::EventStorm));
            }
            self.note_registers();
            if self.exact.is_none() {
                return Ok(true);
            }
            self.propagate(self.stretch)?;
        }
    }

    /// Everything due by itself now, then each record of now, in order.
    fn settle(&mut self) -> Result<(), RunFailure> {
        loop {
            if self.take_due()? || self.carry_out_event()? {
                continue;
            }
            let (now_h, timeline, at) = (self.inputs.time_h, self.timeline, self.record);
            let is_now = timeline.record_times_h().get(at).is_some_and(|&at_h| at_h <= now_h);
            if !is_now || timeline.next_act(at) != at && self.leaves_rows() {
                return Ok(());
            }
            self.record += 1;
            match &timeline.records()[at].action {
                Action::Observe => {
                    self.refresh_modes()?;
                    self.row_now()?;
                }
                Action::Dose(dose) => self.give(dose)?,
                Action::Reset => self.reset(),
                Action::ResetThenDose(dose) => {
                    self.reset();
                    self.give(dose)?;
                }
                Action::TurnOff(compartment) => self.turn_off(*compartment as usize),
            }
        }
    }

    /// Does the first that is due by itself, if anything is.
    fn take_due(&mut self) -> Result<bool, RunFailure> {
        // Each is read where it stands, and only as far as it is needed.
        let Some(due) = self.due.first_until(self.inputs.time_h) else { return Ok(false) };
        self.modes.stale = true;
        match *due {
            Due::Repeat { dose, from_h, repeat, record } => {
                self.give_repeat(dose, from_h, (repeat, record))?;
            }
            Due::InfusionEnd { compartment, rate, by } => {
                self.due.remove_first();
                self.end_infusion(compartment as usize, rate, by);
            }
            Due::Arrival { compartment, entry } => {
                self.due.remove_first();
                self.arrive(compartment as usize, &entry)?;
            }
            Due::Visit { rule, visit, from_h } => {
                self.due.remove_first();
                self.visit(rule, visit, from_h)?;
            }
            Due::Late { dose, record } => {
                self.due.remove_first();
                self.take_late(dose, record)?;
            }
        }
        Ok(true)
    }

    /// Sets the stretch up to the next stop; false after the last record.
    fn look_ahead(&mut self) -> bool {
        let (now_h, timeline) = (self.inputs.time_h, self.timeline);
        let change_h = timeline.next_covariate_change_h(now_h);
        let event_h = self.events.as_ref().map_or(f64::INFINITY, |events| events.next_h());
        let others_h = [change_h, self.modes.next_flip_h, event_h];
        let by_itself = others_h.into_iter().fold(self.due.next_h(), earlier);
        let Some((until_h, times_h)) = timeline.stretch(self.record, by_itself) else {
            return false;
        };
        self.stretch = Stretch { until_h, times_h };
        true
    }

    /// Takes the state, which stands in `inputs.state`, as that at `time_h`, where `n_seen` more
    /// observations have their rows.
    pub(crate) fn reach(&mut self, time_h: f64, n_seen: usize) {
        self.record += n_seen;
        self.keep_registers();
        self.inputs.time_h = time_h;
        self.read_covariates(false);
        self.modes.stale = true;
        self.modes.here.clear();
        self.stop_by.clear();
        self.flip();
        let finite = self.inputs.state.iter().all(|value| value.is_finite());
        if !finite {
            self.fail(Cause::NotFinite);
        }
    }

    /// Whether the observations of now may be left to the stretch that begins now: nothing that a
    /// row reads differs between this very time and just after, and something is still to come.
    fn leaves_rows(&self) -> bool {
        let is_even = self.exact.is_none()
            && self.events.is_none()
            && self.conducted.is_none()
            && self.inputs.modes.is_empty()
            && self.timeline.tracks().is_empty();
        is_even && {
            let (now_h, times_h) = (self.inputs.time_h, self.timeline.record_times_h());
            let next_h = times_h.get(self.timeline.next_act(self.record)).or(times_h.last());
            next_h.is_some_and(|&next_h| next_h > now_h)
        }
    }

    /// The integrator gave up. Observations of now that were left to it get their rows.
    pub(crate) fn give_up(&mut self, cause: Cause) {
        let now_h = self.inputs.time_h;
        let is_now = |record: &&Record| record.time_h <= now_h && record.action == Action::Observe;
        while self.timeline.records().get(self.record).filter(is_now).is_some() {
            self.record += 1;
            if let Err(failure) = self.row_now() {
                self.failure.get_or_insert(failure);
            }
        }
        self.fail(cause);
    }

    fn fail(&mut self, cause: Cause) {
        let failure = self.failed(RunCause::Solver(cause));
        self.failure.get_or_insert(failure);
    }

    /// Method for the next stretch.
    pub(crate) fn method(&self) -> Method {
        // The Jacobian knows nothing of compartments that are turned off.
        let is_off = self.any_off;
        match self.options.solver {
            Solver::Auto if is_off => self.stiffness.explicit(),
            Solver::Auto => self.stiffness.method(),
            Solver::Dop853 => Method::Dop853,
            Solver::Rodas4 if !is_off => Method::Rodas4,
            Solver::Rodas5P if !is_off => Method::Rodas5P,
            _ => Method::Tsit5,
        }
    }

    /// Compartments that are turned off, where that has changed since this was asked; `anew` always.
    pub(crate) fn off_moved(&mut self, anew: bool) -> Option<&[bool]> {
        let moved = std::mem::take(&mut self.moved.off);
        (moved || anew).then_some(&self.off)
    }

    /// Infusion rates of the compartments, where they have changed since this was asked; `anew`
    /// always.
    pub(crate) fn rates_moved(&mut self, anew: bool) -> Option<impl Iterator<Item = f64>> {
        let moved = std::mem::take(&mut self.moved.rates);
        (moved || anew).then(|| self.infusions.iter().map(|(rate, _)| *rate))
    }

    /// Whether covariates change at stops; what an earlier part of the run left behind counts too.
    pub(crate) fn covariates_move(&self) -> bool {
        !self.timeline.tracks().is_empty() || self.n_records_before > 0
    }

    /// Calls `put` with the place in the layout and the value of each input.
    pub(crate) fn each_input(&self, mut put: impl FnMut(usize, f64)) {
        let (layout, inputs) = (&self.compiled.layout, &self.inputs);
        let mut each = |from: usize, list: &[f64]| {
            list.iter().enumerate().for_each(|(at, &value)| put(from + at, value));
        };
        each(0, &inputs.params);
        each(layout.covariates(), &inputs.covariates);
        each(layout.modes(), &inputs.modes);
        if self.compiled.reads_doses {
            each(layout.dose_times(), &inputs.dose_times_h);
            each(layout.dose_amounts(), &inputs.dose_amounts);
        }
        let rates = self.infusions.iter().enumerate();
        rates.for_each(|(at, (rate, _))| put(layout.rates() + at, *rate));
    }

    /// Input `at` of the layout.
    pub(crate) fn flat_input(&self, at: usize) -> f64 {
        let (layout, inputs) = (&self.compiled.layout, &self.inputs);
        if at < layout.covariates() {
            inputs.params[at]
        } else if at < layout.modes() {
            inputs.covariates[at - layout.covariates()]
        } else if at < layout.dose_times() {
            inputs.modes[at - layout.modes()]
        } else if at < layout.dose_amounts() {
            inputs.dose_times_h[at - layout.dose_times()]
        } else if at < layout.rates() {
            inputs.dose_amounts[at - layout.dose_amounts()]
        } else {
            self.infusions[at - layout.rates()].0
        }
    }

    /// Covariates of the piece that starts now, or, `at_once`, as they are at this very time.
    #[inline]
    fn read_covariates(&mut self, at_once: bool) {
        if !self.timeline.tracks().is_empty() || !self.follows.is_empty() {
            self.read_all_covariates(at_once);
        }
    }

    #[inline(never)]
    fn read_all_covariates(&mut self, at_once: bool) {
        for track in self.timeline.tracks() {
            let now_h = self.inputs.time_h;
            let covariate = track.covariate as usize;
            let (mut value, mut slope) = (track.value_at(now_h), 0.0);
            if !at_once {
                let piece = track.piece_after(now_h);
                (value, slope) = (piece.value, piece.slope);
            }
            if let Some(place) = self.compiled.lines.iter().position(|&line| line == covariate) {
                self.inputs.covariates[self.compiled.n_covariates + place] = slope;
                value -= slope * now_h;
            }
            self.inputs.covariates[covariate] = value;
        }
        for Follow { covariate, by, values } in &self.follows {
            let now = self.inputs.covariates[*by as usize];
            if let Some(&(_, value)) = values.iter().find(|&&(at, _)| at == now) {
                self.inputs.covariates[*covariate as usize] = value;
            }
        }
    }

    /// Time starts again with the first record of `next`, from nothing.
    #[inline(never)]
    fn restart(&mut self, next: &'a Timeline) {
        self.n_records_before += self.timeline.records().len();
        self.timeline = next;
        self.record = 0;
        self.stops = (0, 0);
        self.n_rows_until += next.n_rows_here();
        self.inputs.time_h = next.span_h().map_or(0.0, |(first, _)| first);
        self.clear_dose_registers();
        self.first_step_h = 0.0;
        self.modes.restart();
        self.read_covariates(false);
        self.reset();
        self.start_events();
        self.begin_visits();
    }

    /// What rules did.
    pub(crate) fn decisions(&mut self) -> Vec<crate::rules::Decision> {
        self.conducted.take().map_or_else(Vec::new, |one| one.decisions)
    }

    /// A failure at `time_h` of the present stretch.
    pub(crate) fn failed_at(&self, time_h: f64, cause: RunCause) -> RunFailure {
        let record = Some(self.n_records_before + self.record);
        RunFailure { time_h, cause, record, n_doses: self.n_doses }
    }

    fn failed(&self, cause: RunCause) -> RunFailure {
        self.failed_at(self.inputs.time_h, cause)
    }
}

/// The earlier of two times; in one instruction, for who knows that both are numbers.
fn earlier(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}
