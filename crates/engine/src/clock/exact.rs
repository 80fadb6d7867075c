//! A linear model between stops, exactly.

use super::{Clock, RunCause, RunFailure, Stretch};
use crate::integrate::{Cause, Solver};
use crate::linear::{LinearSystem, Propagator, linear_system};

/// The system of the present inputs and its last propagators.
#[derive(Debug, Clone, Default)]
pub(super) struct Exact {
    /// What the system was made for.
    inputs: Vec<f64>,
    system: Option<LinearSystem>,
    /// By input and length.
    steps: Vec<(Vec<f64>, f64, Propagator)>,
}

/// Propagators kept; equal intervals repeat.
const MOST_STEPS: usize = 8;

impl Clock<'_> {
    /// Runs through `stretch`.
    pub(super) fn propagate(&mut self, stretch: &Stretch) -> Result<(), RunFailure> {
        for record in stretch.observations.clone() {
            let time_h = self.record_time_h(record);
            if !self.propagate_to(time_h)? {
                return Ok(());
            }
            let state = self.inputs.state.clone();
            self.rows_inside(record..record + 1, &state)?;
            self.record = record + 1;
        }
        if self.propagate_to(stretch.until_h)? {
            let done = stretch.observations.end;
            self.reach(stretch.until_h, done..done, &[]);
        }
        self.failure.map_or(Ok(()), Err)
    }

    /// False where the model turned out to need steps.
    fn propagate_to(&mut self, time_h: f64) -> Result<bool, RunFailure> {
        let dt_h = time_h - self.inputs.time_h;
        if dt_h <= 0.0 {
            return Ok(true);
        }
        let Some(mut exact) = self.exact.take() else { return Ok(false) };
        exact.prepare(self);
        let Some(system) = &exact.system else {
            if self.options.solver == Solver::Linear {
                return Err(self.failed(RunCause::NotLinear));
            }
            return Ok(false);
        };
        let mut input = system.b.clone();
        input.iter_mut().zip(&self.infusions).for_each(|(b, (rate, _))| *b += rate);
        for off in (0..system.n).filter(|&at| self.off[at]) {
            input[off] = 0.0;
        }
        let known = exact.steps.iter().find(|(b, length, _)| *length == dt_h && *b == input);
        if let Some((.., step)) = known {
            self.inputs.state = step.apply(&self.inputs.state);
        } else {
            let Some(step) = Propagator::new(system, &input, dt_h) else {
                return Err(self.failed(RunCause::Solver(Cause::NotFinite)));
            };
            self.inputs.state = step.apply(&self.inputs.state);
            if exact.steps.len() == MOST_STEPS {
                exact.steps.remove(0);
            }
            exact.steps.push((input, dt_h, step));
        }
        self.inputs.time_h = time_h;
        self.exact = Some(exact);
        Ok(true)
    }

    /// The system now; compartments turned off neither change nor act. None where there is none.
    pub(super) fn system(&self) -> Option<LinearSystem> {
        let mut system = linear_system(&self.compiled.model, &self.inputs)?;
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
    /// Makes the system of the clock's inputs, where they changed.
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
        }
    }
}
