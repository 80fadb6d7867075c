//! Doses, resets and steady states of one subject.

use super::{Clock, Due, Entry, RunCause, RunFailure};
use crate::steady::{Train, constant_state, periodic_state};
use crate::timeline::{Dose, DoseKind, Steady};
use epsom_model::ir::ExprId;

/// Most doses or infusions under way at a steady state.
const MOST_PENDING: u32 = 100_000;

impl Clock<'_> {
    /// Gives a dose recorded now: its steady state first, then itself, then its repeats.
    pub(super) fn give(&mut self, dose: Dose) -> Result<(), RunFailure> {
        let time_h = self.inputs.time_h;
        if dose.steady != Steady::No {
            // Every interval is as the record has it, whatever covariates do later.
            self.read_covariates(true);
            let reached = self.reach_steady_state(dose);
            self.read_covariates(false);
            reached?;
        }
        if dose.is_constant_infusion() {
            return Ok(());
        }
        self.give_one(dose, time_h, 0)
    }

    /// Gives repeat `repeat` now and puts the next one into the queue.
    pub(super) fn give_one(
        &mut self,
        dose: Dose,
        from_h: f64,
        repeat: u32,
    ) -> Result<(), RunFailure> {
        if repeat < dose.additional {
            let next = repeat + 1;
            let due = Due::Repeat { dose, from_h, repeat: next };
            self.due.push((dose.repeat_time_h(from_h, next), due));
        }
        // Nothing has changed for properties that read a condition until the registers say so.
        self.refresh_modes()?;
        let (entry, lag_h) = self.at_once(|now| Ok((now.entry(dose)?, now.lag_h(dose)?)))?;
        let compartment = dose.compartment as usize;
        if lag_h > 0.0 {
            self.due.push((self.inputs.time_h + lag_h, Due::Arrival { compartment, entry }));
        } else {
            self.arrive(compartment, entry);
        }
        Ok(())
    }

    /// The dose enters.
    pub(super) fn arrive(&mut self, compartment: usize, entry: Entry) {
        self.modes.stale = true;
        self.off[compartment] = false;
        self.inputs.dose_times_h[compartment] = self.inputs.time_h;
        self.inputs.dose_amounts[compartment] = entry.amount;
        self.inputs.state[compartment] += entry.bolus;
        let end_h = self.inputs.time_h + entry.duration_h;
        if end_h > self.inputs.time_h {
            self.start_infusion(compartment, entry.rate, end_h);
        } else {
            // Too short for the clock, not for the dose.
            self.inputs.state[compartment] += entry.rate * entry.duration_h;
        }
    }

    pub(super) fn end_infusion(&mut self, compartment: usize, rate: f64) {
        let (sum, n_running) = &mut self.infusions[compartment];
        *n_running -= 1;
        // The last one leaves exactly nothing, not the rounding of sums and differences.
        *sum = if *n_running == 0 { 0.0 } else { *sum - rate };
    }

    pub(super) fn start_infusion(&mut self, compartment: usize, rate: f64, end_h: f64) {
        let (sum, n_running) = &mut self.infusions[compartment];
        *sum += rate;
        *n_running += 1;
        self.due.push((end_h, Due::InfusionEnd { compartment, rate }));
    }

    /// Zeroes the state, stops infusions, cancels what has not arrived.
    pub(super) fn reset(&mut self) {
        self.modes.stale = true;
        self.inputs.state.fill(0.0);
        self.infusions.fill((0.0, 0));
        self.due.clear();
        self.off.fill(false);
    }

    /// Empties a compartment and keeps it out.
    pub(super) fn turn_off(&mut self, compartment: usize) {
        self.inputs.state[compartment] = 0.0;
        self.infusions[compartment] = (0.0, 0);
        self.off[compartment] = true;
        self.modes.stale = true;
        let stays = |due: &Due| match *due {
            Due::InfusionEnd { compartment: at, .. } => at != compartment,
            _ => true,
        };
        self.due.retain(|(_, due)| stays(due));
    }

    /// The state with infinitely many such doses before now.
    ///
    /// Earlier doses arrived at `now + lag - j II`. Write `lag = m II + r` with `0 <= r < II`: the
    /// last of them arrived `II - r` ago, `m` of them are still to come, and each infusion begun
    /// `j II - r` ago still runs where its duration is longer than that.
    fn reach_steady_state(&mut self, dose: Dose) -> Result<(), RunFailure> {
        let fault = self.failed(RunCause::NoSteadyState { compartment: dose.compartment });
        let compartment = dose.compartment as usize;
        self.refresh_modes()?;
        let (entry, lag_h) = self.at_once(|now| Ok((now.entry(dose)?, now.lag_h(dose)?)))?;
        if dose.steady == Steady::Replace {
            self.reset();
        }
        self.modes.stale = true;
        self.refresh_modes()?;
        let interval_h = dose.interval_h;
        if !dose.is_constant_infusion()
            && (lag_h + entry.duration_h) / interval_h > f64::from(MOST_PENDING)
        {
            let cause = RunCause::DosingProperty { compartment: dose.compartment };
            return Err(self.failed(cause));
        }
        let n_to_come = if interval_h > 0.0 { (lag_h / interval_h).floor() } else { 0.0 };
        let rest_h = (lag_h - n_to_come * interval_h).max(0.0);
        let train = Train {
            compartment,
            bolus: entry.bolus,
            rate: entry.rate,
            duration_h: entry.duration_h,
            interval_h,
        };
        let phase_h = interval_h - rest_h;
        if !dose.is_constant_infusion() {
            // The last one before this, as conditions and rates that read the last dose see it.
            self.inputs.dose_times_h[compartment] = self.inputs.time_h - phase_h;
            self.inputs.dose_amounts[compartment] = dose.amount;
        }
        // With conditions, intervals are followed: a window may open and close within each.
        let is_even = self.compiled.model.modes.is_empty();
        let state = match is_even.then(|| self.system()).flatten() {
            Some(system) => {
                let mut b = system.b.clone();
                if dose.steady == Steady::Add {
                    b.fill(0.0);
                }
                let compartments = self.compiled.model.compartments.iter();
                let excluded: Vec<bool> = compartments.map(|one| one.accumulator).collect();
                if dose.is_constant_infusion() {
                    b[compartment] += entry.rate;
                    constant_state(&system, &b, &excluded)
                } else {
                    periodic_state(&system, &b, train, phase_h, &excluded)
                }
            }
            None if dose.is_constant_infusion() => self.constant_state(compartment, entry.rate),
            None => self.periodic_state(train, entry.amount, phase_h),
        };
        let state = state.ok_or(fault)?;
        self.inputs.state.iter_mut().zip(&state).for_each(|(value, more)| *value += more);
        if dose.is_constant_infusion() {
            return Ok(());
        }
        let now_h = self.inputs.time_h;
        let mut begun_h = phase_h;
        while entry.rate > 0.0 && begun_h < entry.duration_h {
            self.start_infusion(compartment, entry.rate, now_h + (entry.duration_h - begun_h));
            begun_h += interval_h;
        }
        for earlier in (1..=n_to_come as u32).rev() {
            let arrival_h = now_h + lag_h - f64::from(earlier) * interval_h;
            self.due.push((arrival_h, Due::Arrival { compartment, entry }));
        }
        Ok(())
    }

    /// What enters, by the properties of the compartment as they are now.
    fn entry(&self, dose: Dose) -> Result<Entry, RunFailure> {
        let target = &self.compiled.model.compartments[dose.compartment as usize];
        let fraction = target.bioavailability.map_or(Ok(1.0), |id| self.property(dose, id))?;
        let total = fraction * dose.amount;
        let missing = self.failed(RunCause::DosingProperty { compartment: dose.compartment });
        let modeled = |id: Option<ExprId>| match self.property(dose, id.ok_or(missing)?)? {
            size if size > 0.0 => Ok(size),
            _ => Err(missing),
        };
        let by_rate = |rate: f64| (0.0, rate, total / rate);
        let by_duration = |duration_h: f64| (0.0, total / duration_h, duration_h);
        let (bolus, rate, duration_h) = match dose.kind {
            DoseKind::Bolus => (total, 0.0, 0.0),
            DoseKind::Rate(rate) => by_rate(rate),
            DoseKind::Duration(duration_h) => by_duration(duration_h),
            DoseKind::ModeledRate => by_rate(modeled(target.rate)?),
            DoseKind::ModeledDuration => by_duration(modeled(target.duration)?),
        };
        Ok(Entry { amount: dose.amount, bolus, rate, duration_h })
    }

    fn lag_h(&self, dose: Dose) -> Result<f64, RunFailure> {
        let lag = self.compiled.model.compartments[dose.compartment as usize].lag;
        lag.map_or(Ok(0.0), |id| self.property(dose, id))
    }

    /// A property that must be finite and not negative.
    fn property(&self, dose: Dose, id: ExprId) -> Result<f64, RunFailure> {
        self.compiled
            .value_of(id, &self.inputs)
            .filter(|value| value.is_finite() && *value >= 0.0)
            .ok_or(self.failed(RunCause::DosingProperty { compartment: dose.compartment }))
    }
}
