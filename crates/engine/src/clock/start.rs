//! Where a subject starts.

use super::modes::Modes;
use super::queue::Queue;
use super::rows::AT_ONCE;
use super::{Clock, Moved, RunCause, RunFailure, Stretch};
use crate::compile::Compiled;
use crate::cpu::Cpu;
use crate::eval::Inputs;
use crate::fixed_point::{Problem, fixed_point};
use crate::integrate::{Left, Options, SolvedStart, Solver, Stiffness, Subject, run_clocks};
use crate::row::Row;
use crate::sensitivity::Wrt;
use crate::steady::constant_state;
use crate::timeline::{Action, Record, Timeline};
use epsom_model::ir::{Compartment, Start};

/// What of a subject that is done serves another of the same model.
#[derive(Default)]
pub(super) struct Memory<'a> {
    inputs: Inputs,
    infusions: Vec<(f64, u32)>,
    off: Vec<bool>,
    atol: Vec<f64>,
    due: Queue<'a>,
    row_file: Vec<Row<AT_ONCE>>,
}

impl<'a> Clock<'a> {
    /// A subject before its first record. What is wrong with it stands in `failure`.
    pub(crate) fn new(
        compiled: &'a Compiled,
        subject: &Subject<'a>,
        options: &Options,
        left: &mut Left<'a>,
    ) -> Box<Self> {
        let mut used = left.clocks.pop();
        let memory = used.as_deref_mut().map(Self::memory).unwrap_or_default();
        let mut clock = Self::before_start(compiled, subject, options, memory);
        clock.rows = left.rows.pop().unwrap_or_default();
        clock.make_room();
        clock.failure = clock.begin(&mut left.start).err();
        clock.start_events();
        if let (Some(conduct), None) = (subject.conduct, clock.failure) {
            clock.failure = clock.conduct_by(conduct).err();
        }
        match used {
            Some(mut used) => {
                *used = clock;
                used
            }
            None => Box::new(clock),
        }
    }

    /// Memory of a subject that is done.
    fn memory(&mut self) -> Memory<'a> {
        use std::mem::take;
        Memory {
            inputs: take(&mut self.inputs),
            infusions: take(&mut self.infusions),
            off: take(&mut self.off),
            atol: take(&mut self.atol),
            due: take(&mut self.due),
            row_file: take(&mut self.row_file),
        }
    }

    /// A subject before its initial values, without memory for rows.
    #[inline]
    pub(super) fn before_start(
        compiled: &'a Compiled,
        subject: &Subject<'a>,
        options: &Options,
        mut memory: Memory<'a>,
    ) -> Self {
        let n = compiled.layout.n_states;
        // Initial values hold at 0, or at the first record where that is earlier.
        let time_h = subject.timeline.span_h().map_or(0.0, |(first, _)| first.min(0.0));
        let inputs = &mut memory.inputs;
        inputs.time_h = time_h;
        inputs.params.clone_from(&subject.params);
        inputs.covariates.clone_from(&subject.covariates);
        inputs.covariates.resize(compiled.layout.n_covariates, 0.0);
        refill(&mut inputs.state, n, 0.0);
        refill(&mut inputs.modes, compiled.layout.n_modes, 0.0);
        refill(&mut inputs.dose_times_h, n, f64::NEG_INFINITY);
        refill(&mut inputs.dose_amounts, n, 0.0);
        let mut clock = Self::within(compiled, options, subject.timeline, memory);
        clock.follows = subject.follows.clone();
        clock.clear_dose_registers();
        clock
    }

    /// A subject with these inputs, before the first record of `timeline`.
    pub(super) fn bare(
        compiled: &'a Compiled,
        options: &Options,
        timeline: &'a Timeline,
        inputs: Inputs,
    ) -> Self {
        Self::within(compiled, options, timeline, Memory { inputs, ..Memory::default() })
    }

    /// A subject with the inputs that stand in `memory`, of which nothing else is kept.
    #[inline]
    fn within(
        compiled: &'a Compiled,
        options: &Options,
        timeline: &'a Timeline,
        memory: Memory<'a>,
    ) -> Self {
        let n = compiled.layout.n_states;
        let Memory { inputs, mut infusions, mut off, mut atol, mut due, row_file } = memory;
        refill(&mut infusions, n, (0.0, 0));
        refill(&mut off, n, false);
        refill(&mut atol, n, 0.0);
        due.clear();
        Self {
            compiled,
            options: *options,
            cpu: Cpu::new(options.isa),
            timeline,
            inputs,
            record: 0,
            follows: Vec::new(),
            infusions,
            off,
            any_off: false,
            moved: Moved::default(),
            due,
            modes: Modes { stale: true, ..Modes::default() },
            events: None,
            stretch: Stretch::default(),
            registers: Vec::new(),
            stop_by: Vec::new(),
            exact: None,
            atol,
            stiffness: Stiffness::unknown(options.rtol),
            first_step_h: 0.0,
            rows: Vec::new(),
            row_file,
            n_rows: 0,
            n_rows_until: timeline.n_rows_here(),
            n_records_before: 0,
            n_doses: 0,
            doses_by: Vec::new(),
            conducted: None,
            stops: (0, 0),
            failure: None,
            counts: Default::default(),
        }
    }

    fn begin(&mut self, known: &mut Option<SolvedStart>) -> Result<(), RunFailure> {
        self.set_initial_values()?;
        self.start_from(known)
    }

    /// Initial values as the model writes them, with what is read before a start is solved.
    pub(super) fn set_initial_values(&mut self) -> Result<(), RunFailure> {
        let bad = |list: &[f64]| list.iter().position(|value| !value.is_finite());
        if let Some(at) = bad(&self.inputs.params) {
            return Err(self.failed(RunCause::Parameter { param: at as u32 }));
        }
        // What starts here sees covariates as the first record has them.
        self.read_covariates(true);
        if let Some(at) = bad(&self.inputs.covariates) {
            return Err(self.failed(RunCause::Covariate { covariate: at as u32 }));
        }
        for (at, compartment) in self.compiled.model.compartments.iter().enumerate() {
            if let Some(initial) = compartment.initial {
                let value = self.compiled.value_of(initial, &self.inputs);
                let cause = RunCause::InitialValue { compartment: at as u32 };
                let value = value.filter(|value| value.is_finite());
                self.inputs.state[at] = value.ok_or(self.failed(cause))?;
            }
        }
        self.set_tolerances();
        self.refresh_modes()?;
        self.exact = self.is_exact()?.then(Box::default);
        Ok(())
    }

    fn start_from(&mut self, known: &mut Option<SolvedStart>) -> Result<(), RunFailure> {
        if self.compiled.model.start == Start::Values {
            self.read_covariates(false);
            self.modes.stale = true;
            return self.refresh_modes();
        }
        if let Some(known) = known.as_ref().filter(|known| known.is_of(&self.inputs)) {
            self.inputs.state.clone_from(&known.state);
        } else {
            match self.compiled.model.start {
                Start::Periodic { period } => self.start_periodic(period)?,
                _ => self.start_steady()?,
            }
            *known = Some(SolvedStart::of(&self.inputs));
        }
        self.set_tolerances();
        self.read_covariates(false);
        self.modes.stale = true;
        self.refresh_modes()
    }

    fn is_exact(&self) -> Result<bool, RunFailure> {
        let may = matches!(self.options.solver, Solver::Auto | Solver::Linear)
            && !self.compiled.has_roots;
        let is = may && (self.compiled.form().is_some() || self.system().is_some());
        if !is && self.options.solver == Solver::Linear {
            return Err(self.failed(RunCause::NotLinear));
        }
        Ok(is)
    }

    fn set_tolerances(&mut self) {
        if let Some(atol) = self.options.atol {
            return self.atol.fill(atol);
        }
        let relative = 1e-2 * self.options.rtol;
        for (at, size) in self.sizes().into_iter().enumerate() {
            self.atol[at] = relative * size;
        }
    }

    /// Tolerances of a run made to solve something for `other`.
    pub(super) fn set_tolerances_like(&mut self, other: &Self) {
        let relative = 1e-2 * self.options.rtol;
        self.atol = other.sizes().into_iter().map(|size| relative * size).collect();
    }

    /// Usual size of each compartment: as declared, else the larger of its start and the largest
    /// dose, else 1.
    pub(super) fn sizes(&self) -> Vec<f64> {
        let n = self.n_own();
        let largest = self.timeline.largest_amount();
        let compartments = self.compiled.model.compartments[..n].iter().zip(&self.inputs.state);
        let size = compartments.map(|(compartment, value)| {
            let usual = value.abs().max(largest);
            compartment.scale.unwrap_or(if usual > 0.0 { usual } else { 1.0 })
        });
        let mut sizes: Vec<f64> = size.collect();
        // A derivative is as large as what changes when its quantity changes by itself.
        for wrt in self.compiled.by.iter().flat_map(|by| &by.wrt) {
            let quantity = match *wrt {
                Wrt::Param(param) => self.inputs.params[param as usize].abs(),
                Wrt::Dose(_) => largest,
            };
            let per = if quantity > 0.0 { quantity } else { 1.0 };
            sizes.extend_from_within(..n);
            let from = sizes.len() - n;
            sizes[from..].iter_mut().for_each(|size| *size /= per);
        }
        sizes
    }

    /// Compartments that a solved start or a steady state determines: all but those that only
    /// collect, those that only events change and those that are turned off.
    pub(super) fn free(&self) -> Vec<usize> {
        let compartments = self.compiled.model.compartments.iter().enumerate();
        let is_free = |&(at, one): &(usize, &Compartment)| {
            !one.accumulator && !self.off[at] && !self.is_register(at)
        };
        compartments.filter(is_free).map(|(at, _)| at).collect()
    }

    /// Whether only events change what stands at `place`, a derivative of it included.
    pub(super) fn is_register(&self, place: usize) -> bool {
        self.compiled.model.registers.contains(&(place % self.n_own().max(1)))
    }

    /// Where every derivative is zero; what only collects keeps its initial value.
    fn start_steady(&mut self) -> Result<(), RunFailure> {
        let fault = self.failed(RunCause::NoSteadyStart);
        let free = self.free();
        let has_registers = !self.compiled.model.registers.is_empty();
        if let Some(system) = self.system().filter(|_| !has_registers) {
            let n = system.n;
            let collects: Vec<bool> = (0..n).map(|at| !free.contains(&at)).collect();
            if let Some(state) = constant_state(&system, &system.b, &collects) {
                free.iter().for_each(|&at| self.inputs.state[at] = state[at]);
                return Ok(());
            }
        }
        let slopes =
            |states: &[Vec<f64>]| states.iter().map(|state| self.slopes_at(state)).collect();
        let problem = Problem::derivatives(self.inputs.state.clone(), free, self.sizes());
        self.inputs.state = fixed_point(&problem, slopes).ok_or(fault)?;
        Ok(())
    }

    /// Derivatives at `state` now, modes as they are there.
    pub(super) fn slopes_at(&self, state: &[f64]) -> Option<Vec<f64>> {
        let mut inputs = self.inputs.clone();
        inputs.state = state.to_vec();
        let mut clock = Clock::bare(self.compiled, &self.options, self.timeline, inputs);
        clock.refresh_modes().ok()?;
        let compartments = self.compiled.model.compartments.iter();
        compartments.map(|one| self.compiled.value_of(one.derivative, &clock.inputs)).collect()
    }

    /// Where the state repeats after `period_h`; what only collects keeps its initial value.
    fn start_periodic(&mut self, period_h: f64) -> Result<(), RunFailure> {
        let fault = self.failed(RunCause::NoSteadyStart);
        let day = self.period(period_h).ok_or(fault)?;
        let flows = |states: &[Vec<f64>]| {
            let from = |state: &Vec<f64>| self.through(&day, state.clone());
            ends(states.iter().map(from).collect())
        };
        self.inputs.state = fixed_point(&self.periodic(), flows).ok_or(fault)?;
        Ok(())
    }

    /// A timeline of one period from now.
    pub(super) fn period(&self, period_h: f64) -> Option<Timeline> {
        let end = Record { time_h: self.inputs.time_h + period_h, action: Action::Observe };
        Timeline::new(vec![end], Vec::new()).ok()
    }

    /// What is solved for a start that repeats.
    pub(super) fn periodic(&self) -> Problem {
        Problem::flow(self.inputs.state.clone(), self.free(), self.sizes())
    }

    /// The same subject from `state` through `day`, at the tolerances of a solved start.
    pub(super) fn through<'b>(&'b self, day: &'b Timeline, state: Vec<f64>) -> Clock<'b> {
        let inputs = Inputs { state, ..self.inputs.clone() };
        let mut clock = Clock::bare(self.compiled, &self.options_for_solving(), day, inputs);
        clock.set_tolerances_like(self);
        clock.exact = self.exact.is_some().then(Box::default);
        clock
    }

    /// Tolerances of runs whose end is compared with their start.
    pub(super) fn options_for_solving(&self) -> Options {
        Options { rtol: self.options.rtol.min(1e-10), lanes: Default::default(), ..self.options }
    }
}

fn refill<T: Clone>(list: &mut Vec<T>, n: usize, value: T) {
    list.clear();
    list.resize(n, value);
}

/// Where clocks that were set up end; none where one failed.
pub(super) fn ends(clocks: Vec<Clock<'_>>) -> Vec<Option<Vec<f64>>> {
    let end = |clock: Clock<'_>| clock.failure.is_none().then_some(clock.inputs.state);
    run_clocks(clocks).into_iter().map(end).collect()
}

impl SolvedStart {
    pub(super) fn of(inputs: &Inputs) -> Self {
        Self {
            time_h: inputs.time_h,
            params: inputs.params.clone(),
            covariates: inputs.covariates.clone(),
            state: inputs.state.clone(),
        }
    }

    pub(super) fn is_of(&self, inputs: &Inputs) -> bool {
        (self.time_h, &self.params, &self.covariates)
            == (inputs.time_h, &inputs.params, &inputs.covariates)
    }
}
