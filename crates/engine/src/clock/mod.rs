//! What happens to one subject at stops: doses, lags, infusion ends, resets, steady states; and
//! the exact run between stops of a linear model.

mod dosing;
#[cfg(test)]
mod tests;

use crate::compile::{Column, Compiled};
use crate::eval::{Inputs, evaluate};
use crate::lanes::{Cause, Lanes, Segment, StepOptions, advance};
use crate::linear::{LinearSystem, Propagator, linear_system};
use crate::steady::constant_state;
use crate::timeline::{Action, Dose, Timeline};
use epsom_model::ir::{Model, Start};

/// Why a subject has no result.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RunFailure {
    /// When, h.
    pub time_h: f64,
    /// Why.
    pub cause: RunCause,
}

/// Why a run stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunCause {
    /// The model is not linear with coefficients constant between stops.
    NotLinear,
    /// Only linear models can do this so far: a steady state of doses or a compartment turned off.
    NeedsLinear,
    /// Modes, covariates along a line, periodic starts and solved starts of models that are not
    /// linear are not run here yet.
    NotBuilt,
    /// A function has no scalar form yet.
    NoFunction,
    /// The step-by-step solver gave up.
    Solver(Cause),
    /// A value is not finite.
    NotFinite,
    /// Bioavailability, lag, rate or duration is negative, not finite or missing.
    DosingProperty {
        /// Compartment by index.
        compartment: u32,
    },
    /// No state, or more than one, has all derivatives zero.
    NoSteadyStart,
    /// Doses accumulate without bound.
    NoSteadyState {
        /// Compartment of the dose by index.
        compartment: u32,
    },
}

/// Rows of one subject: per observation the outputs, then the compartments, base units.
///
/// Exact to rounding: a linear model has no step size.
///
/// # Shape
/// `params` has one entry per parameter; the result `timeline.n_rows()` rows.
/// # Errors
/// `NotLinear` where the model needs another solver, else what stopped the run and when.
pub fn run_linear(
    model: &Model,
    params: &[f64],
    timeline: &Timeline,
) -> Result<Vec<Vec<f64>>, RunFailure> {
    run(Run::start(model, params, timeline)?)
}

/// As [`run_linear`] for any model, step by step at tolerance `options.rtol`.
///
/// The absolute tolerance of a compartment is 1e-2 of the relative one, times its usual size: as
/// declared, else the larger of its start and the largest dose, else 1.
///
/// # Errors
/// What stopped the run and when.
pub fn run_stepped(
    model: &Model,
    compiled: &Compiled,
    params: &[f64],
    timeline: &Timeline,
    options: &StepOptions,
) -> Result<Vec<Vec<f64>>, RunFailure> {
    let mut start = Run::start(model, params, timeline)?;
    let sizes = model.compartments.iter().zip(&start.inputs.state).map(|(compartment, value)| {
        let usual = value.abs().max(timeline.largest_amount());
        compartment.scale.unwrap_or(if usual > 0.0 { usual } else { 1.0 })
    });
    let atol = sizes.map(|size| 1e-2 * options.rtol * size).collect();
    start.stepper = Some(Stepper { compiled, options: *options, atol, next_step_h: 0.0 });
    run(start)
}

fn run(mut run: Run<'_>) -> Result<Vec<Vec<f64>>, RunFailure> {
    let timeline = run.timeline;
    let mut rows = Vec::with_capacity(timeline.n_rows());
    for record in timeline.records() {
        run.advance_to(record.time_h)?;
        match record.action {
            Action::Observe => rows.push(run.row()?),
            Action::Dose(dose) => run.give(dose)?,
            Action::Reset => run.reset(),
            Action::ResetThenDose(dose) => {
                run.reset();
                run.give(dose)?;
            }
            Action::TurnOff(compartment) => run.turn_off(compartment as usize)?,
        }
    }
    Ok(rows)
}

/// Something that happens by itself; equal times go by the order of this list, then by birth.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Due {
    /// An infusion stops.
    InfusionEnd { compartment: usize, rate: f64 },
    /// A lagged dose arrives.
    Arrival { compartment: usize, entry: Entry },
    /// Repeat `repeat` of a dose recorded at `from_h` is given.
    Repeat { dose: Dose, from_h: f64, repeat: u32 },
}

impl Due {
    fn priority(self) -> u8 {
        match self {
            Due::InfusionEnd { .. } => 0,
            Due::Arrival { .. } => 1,
            Due::Repeat { .. } => 2,
        }
    }
}

/// A dose after bioavailability, as it enters.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Entry {
    /// As recorded, for the register of the last dose.
    amount: f64,
    bolus: f64,
    rate: f64,
    duration_h: f64,
}

/// One subject under way.
struct Run<'a> {
    model: &'a Model,
    timeline: &'a Timeline,
    inputs: Inputs,
    /// Sum of running infusions and their number, per compartment.
    infusions: Vec<(f64, u32)>,
    off: Vec<bool>,
    due: Vec<(f64, Due)>,
    /// None for a linear model, which needs no steps.
    stepper: Option<Stepper<'a>>,
}

/// How to integrate between stops.
struct Stepper<'a> {
    compiled: &'a Compiled,
    options: StepOptions,
    atol: Vec<f64>,
    next_step_h: f64,
}

impl<'a> Run<'a> {
    fn start(model: &'a Model, params: &[f64], timeline: &'a Timeline) -> Result<Self, RunFailure> {
        let n = model.compartments.len();
        // Initial values hold at 0, or at the first record where that is earlier.
        let time_h = timeline.span_h().map_or(0.0, |(first, _)| first.min(0.0));
        let mut run = Self {
            model,
            timeline,
            inputs: Inputs {
                time_h,
                state: vec![0.0; n],
                params: params.to_vec(),
                covariates: model.covariates.iter().map(|covariate| covariate.default).collect(),
                modes: Vec::new(),
                dose_times_h: vec![f64::NEG_INFINITY; n],
                dose_amounts: vec![0.0; n],
            },
            infusions: vec![(0.0, 0); n],
            off: vec![false; n],
            due: Vec::new(),
            stepper: None,
        };
        if !model.modes.is_empty() || matches!(model.start, Start::Periodic { .. }) {
            return Err(run.failure(RunCause::NotBuilt));
        }
        run.read_covariates()?;
        for (at, compartment) in model.compartments.iter().enumerate() {
            if let Some(initial) = compartment.initial {
                let value = evaluate(&model.exprs, initial, &run.inputs);
                let value = value.ok_or(run.failure(RunCause::NoFunction))?;
                run.inputs.state[at] = value;
            }
        }
        if model.start == Start::SteadyState {
            run.start_steady()?;
        }
        Ok(run)
    }

    /// Where every derivative is zero; what only collects keeps its initial value.
    fn start_steady(&mut self) -> Result<(), RunFailure> {
        let system = linear_system(self.model, &self.inputs);
        let system = system.ok_or(self.failure(RunCause::NotBuilt))?;
        let collects: Vec<bool> =
            self.model.compartments.iter().map(|one| one.accumulator).collect();
        let state = constant_state(&system, &system.b, &collects);
        let state = state.ok_or(self.failure(RunCause::NoSteadyStart))?;
        for at in (0..system.n).filter(|&at| !collects[at]) {
            self.inputs.state[at] = state[at];
        }
        Ok(())
    }

    /// Runs to `time_h` and through everything due by itself until then and at that time.
    fn advance_to(&mut self, time_h: f64) -> Result<(), RunFailure> {
        loop {
            let next = self.next_due().filter(|&at| self.due[at].0 <= time_h);
            let until_h = next.map_or(time_h, |at| self.due[at].0);
            let change_h = self.timeline.next_covariate_change_h(self.inputs.time_h);
            if change_h < until_h {
                self.propagate_to(change_h)?;
                self.read_covariates()?;
                continue;
            }
            self.propagate_to(until_h)?;
            self.read_covariates()?;
            let Some(at) = next else {
                return Ok(());
            };
            let (_, due) = self.due.remove(at);
            match due {
                Due::InfusionEnd { compartment, rate } => self.end_infusion(compartment, rate),
                Due::Arrival { compartment, entry } => self.arrive(compartment, entry),
                Due::Repeat { dose, from_h, repeat } => self.give_one(dose, from_h, repeat)?,
            }
        }
    }

    /// The first thing due: by time, then priority, then birth.
    fn next_due(&self) -> Option<usize> {
        let order = |&(time_h, due): &(f64, Due)| (time_h, due.priority());
        (0..self.due.len()).min_by(|&a, &b| {
            let (a, b) = (order(&self.due[a]), order(&self.due[b]));
            a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))
        })
    }

    fn propagate_to(&mut self, time_h: f64) -> Result<(), RunFailure> {
        let dt_h = time_h - self.inputs.time_h;
        if dt_h > 0.0 && self.stepper.is_some() {
            self.step_to(time_h)?;
        } else if dt_h > 0.0 {
            let system = self.system()?;
            let mut input = system.b.clone();
            input.iter_mut().zip(&self.infusions).for_each(|(b, (rate, _))| *b += rate);
            for off in (0..system.n).filter(|&at| self.off[at]) {
                input[off] = 0.0;
            }
            let step = Propagator::new(&system, &input, dt_h);
            let step = step.ok_or(self.failure(RunCause::NotFinite))?;
            self.inputs.state = step.apply(&self.inputs.state);
        }
        self.inputs.time_h = time_h;
        let finite = self.inputs.state.iter().all(|value| value.is_finite());
        if finite { Ok(()) } else { Err(self.failure(RunCause::NotFinite)) }
    }

    fn step_to(&mut self, time_h: f64) -> Result<(), RunFailure> {
        let (from_h, inputs) = (self.inputs.time_h, &self.inputs);
        let Some(stepper) = &mut self.stepper else { return Ok(()) };
        let rates = self.infusions.iter().map(|(rate, _)| *rate);
        let lists = [&inputs.params, &inputs.covariates, &inputs.modes];
        let doses = inputs.dose_times_h.iter().chain(&inputs.dose_amounts);
        let flat = lists.into_iter().flatten().chain(doses).copied().chain(rates).collect();
        let segment = Segment {
            column: Column { t: from_h, y: inputs.state.clone(), inputs: flat },
            until_h: time_h,
            observations_h: &[],
            atol: &stepper.atol,
            first_step_h: stepper.next_step_h,
        };
        let options = StepOptions { lanes: Lanes::L1, ..stepper.options };
        let solved = advance(stepper.compiled, &[segment], &options).pop();
        let Some(solved) = solved else { return Ok(()) };
        stepper.next_step_h = solved.next_step_h;
        self.inputs.state = solved.column.y;
        if let Some(cause) = solved.failure {
            self.inputs.time_h = solved.column.t;
            return Err(self.failure(RunCause::Solver(cause)));
        }
        Ok(())
    }

    /// The system now; compartments turned off neither change nor act.
    fn system(&self) -> Result<LinearSystem, RunFailure> {
        let system = linear_system(self.model, &self.inputs);
        let mut system = system.ok_or(self.failure(RunCause::NotLinear))?;
        let n = system.n;
        for off in (0..n).filter(|&at| self.off[at]) {
            system.b[off] = 0.0;
            for other in 0..n {
                system.a[off * n + other] = 0.0;
                system.a[other * n + off] = 0.0;
            }
        }
        Ok(system)
    }

    /// Covariates of the piece that starts now.
    fn read_covariates(&mut self) -> Result<(), RunFailure> {
        for track in self.timeline.tracks() {
            let piece = track.piece_after(self.inputs.time_h);
            if piece.slope != 0.0 {
                return Err(self.failure(RunCause::NotBuilt));
            }
            self.inputs.covariates[track.covariate as usize] = piece.value;
        }
        Ok(())
    }

    /// Outputs, then compartments, with the covariates as they are at this very time.
    fn row(&self) -> Result<Vec<f64>, RunFailure> {
        let mut inputs = self.inputs.clone();
        for track in self.timeline.tracks() {
            inputs.covariates[track.covariate as usize] = track.value_at(inputs.time_h);
        }
        let outputs = self.model.outputs.iter();
        let values = outputs.map(|output| evaluate(&self.model.exprs, output.value, &inputs));
        let row: Option<Vec<f64>> = values.chain(inputs.state.iter().copied().map(Some)).collect();
        row.ok_or(self.failure(RunCause::NoFunction))
    }

    fn failure(&self, cause: RunCause) -> RunFailure {
        RunFailure { time_h: self.inputs.time_h, cause }
    }
}
