//! A linear model between stops, exactly.

use super::{Clock, RunCause, RunFailure, Stretch};
use crate::compile::Compiled;
use crate::cpu::Cpu;
use crate::integrate::{Cause, Solver};
use crate::linear::{LinearSystem, Steps, Structure, linear_system};

/// The system of the present inputs and its last steps.
#[derive(Debug, Clone, Default)]
pub(super) struct Exact {
    /// What the system was made for.
    inputs: Vec<f64>,
    system: Option<LinearSystem>,
    /// Of the system, where the model has no form that says it.
    structure: Option<Structure>,
    /// Constant inflow of the stretch.
    inflow: Vec<f64>,
    steps: Steps,
    /// States at the observations of the stretch; room for the next state.
    states: Vec<f64>,
    next: Vec<f64>,
}

impl Clock<'_> {
    /// Runs through `stretch`, unless the model turns out to need steps.
    #[inline(never)]
    pub(super) fn propagate(&mut self, stretch: Stretch<'_>) -> Result<(), RunFailure> {
        let Some(mut exact) = self.exact.take() else { return Ok(()) };
        exact.prepare(self);
        if exact.system.is_none() {
            let is_asked = self.options.solver == Solver::Linear;
            return if is_asked { Err(self.failed(RunCause::NotLinear)) } else { Ok(()) };
        }
        let mut now_h = self.inputs.time_h;
        let mut n_seen = 0;
        for &time_h in stretch.times_h.iter().take_while(|&&at_h| at_h < stretch.until_h) {
            if !exact.advance(self.compiled, &mut self.inputs.state, time_h - now_h) {
                self.reach_exactly(now_h, n_seen, &exact.states);
                return Err(self.failed(RunCause::Solver(Cause::NotFinite)));
            }
            self.keep_registers();
            exact.states.extend(&self.inputs.state);
            (now_h, n_seen) = (time_h, n_seen + 1);
        }
        let done = exact.advance(self.compiled, &mut self.inputs.state, stretch.until_h - now_h);
        let reached_h = if done { stretch.until_h } else { now_h };
        self.reach_exactly(reached_h, n_seen, &exact.states);
        if !done {
            return Err(self.failed(RunCause::Solver(Cause::NotFinite)));
        }
        self.exact = Some(exact);
        self.failure.map_or(Ok(()), Err)
    }

    /// As [`Clock::reach`], with rows for the observations seen, whose compartments are `states`.
    fn reach_exactly(&mut self, time_h: f64, n_seen: usize, states: &[f64]) {
        let rows = self.rows_inside(self.record..self.record + n_seen, states);
        self.reach(time_h, n_seen);
        if let Err(failure) = rows {
            self.failure = Some(failure);
        }
    }

    /// The system now; compartments turned off neither change nor act. None where there is none.
    pub(super) fn system(&self) -> Option<LinearSystem> {
        let mut system = match self.compiled.form() {
            Some(form) => {
                let program = form.program();
                let mut file = program.registers::<1>();
                self.each_input(|input, value| file[program.input(input)].0[0] = value);
                form.system(&mut file, Cpu::default())
            }
            None => linear_system(&self.compiled.model, &self.inputs)?,
        };
        let n = system.n;
        for off in (0..n).filter(|&at| self.off[at]) {
            system.b[off] = 0.0;
            for other in 0..n {
                system.a[off * n + other] = 0.0;
                system.a[other * n + off] = 0.0;
            }
        }
        Some(system)
    }
}

impl Exact {
    /// Makes the system of the clock's inputs, where they changed, and the inflow of its infusions.
    fn prepare(&mut self, clock: &Clock<'_>) {
        let inputs = &clock.inputs;
        let lists = [&inputs.covariates, &inputs.modes];
        let doses = inputs.dose_times_h.iter().chain(&inputs.dose_amounts).copied();
        let doses = doses.take(if clock.compiled.reads_doses { usize::MAX } else { 0 });
        let off = clock.off.iter().map(|off| f64::from(*off));
        let now = lists.into_iter().flatten().copied().chain(doses).chain(off);
        if self.system.is_none() || !now.clone().eq(self.inputs.iter().copied()) {
            self.inputs = now.collect();
            self.steps.clear();
            self.system = clock.system();
            self.structure = match (clock.compiled.form(), &self.system) {
                (None, Some(system)) => Some(Structure::of(system.n, &system.a)),
                _ => None,
            };
        }
        self.states.clear();
        self.inflow.clear();
        if let Some(system) = &self.system {
            let with_rates = system.b.iter().zip(&clock.infusions).map(|(b, (rate, _))| b + rate);
            self.inflow.extend(with_rates);
            for off in (0..system.n).filter(|&at| clock.off[at]) {
                self.inflow[off] = 0.0;
            }
        }
    }

    /// Takes `state` over `dt_h`. False where a coefficient is not finite.
    fn advance(&mut self, compiled: &Compiled, state: &mut Vec<f64>, dt_h: f64) -> bool {
        let Some(system) = self.system.as_ref().filter(|_| dt_h > 0.0) else { return true };
        let form = compiled.form().map(|form| &form.structure);
        let Some(structure) = form.or(self.structure.as_ref()) else { return false };
        if !self.steps.advance((structure, &system.a), &self.inflow, dt_h, (state, &mut self.next))
        {
            return false;
        }
        std::mem::swap(state, &mut self.next);
        true
    }
}
