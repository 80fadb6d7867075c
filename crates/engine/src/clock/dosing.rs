//! Doses, resets and steady states of one subject.

use super::queue::Due;
use super::{Clock, Entry, Moved, RunCause, RunFailure};
use crate::enters::{Enters, Property, enters};
use crate::steady::{Train, constant_state, periodic_state};
use crate::timeline::{Dose, DoseKind, Steady};
use epsom_model::ir::Compartment;

/// Most doses or infusions under way at a steady state.
const MOST_PENDING: u32 = 100_000;
/// Most that waits at any time, beside what a steady state brought.
const MOST_WAITING: usize = 2 * MOST_PENDING as usize;

impl<'a> Clock<'a> {
    /// Gives a dose recorded now: its steady state first, then itself, then its repeats.
    pub(super) fn give(&mut self, dose: &'a Dose) -> Result<(), RunFailure> {
        let time_h = self.inputs.time_h;
        self.n_doses += 1;
        if dose.steady != Steady::No
            && let Some(dose) = self.changed_by_rules(dose)
        {
            // Every interval is as the record has it, whatever covariates do later.
            self.read_covariates(true);
            let reached = self.reach_steady_state(dose);
            self.read_covariates(false);
            reached?;
        }
        if dose.is_constant_infusion() {
            return Ok(());
        }
        let record = self.record_under_way();
        if dose.additional > 0 {
            let due = Due::Repeat { dose, from_h: time_h, repeat: 1, record };
            self.due.push(dose.repeat_time_h(time_h, 1), due);
        }
        self.give_one(dose, record)
    }

    /// The record that happens now, counted over restarts of time.
    fn record_under_way(&self) -> usize {
        (self.n_records_before + self.record).saturating_sub(1)
    }

    /// Gives repeat `repeat`, which stands first in the queue; the next one takes its place there.
    pub(super) fn give_repeat(
        &mut self,
        dose: &'a Dose,
        from_h: f64,
        (repeat, record): (u32, usize),
    ) -> Result<(), RunFailure> {
        self.n_doses += 1;
        if repeat < dose.additional {
            self.due.advance_first(dose.repeat_time_h(from_h, repeat + 1));
        } else {
            self.due.remove_first();
        }
        self.give_one(dose, record)
    }

    /// Gives a dose planned for now, as rules have it.
    fn give_one(&mut self, dose: &'a Dose, record: usize) -> Result<(), RunFailure> {
        if self.conducted.is_none() {
            return self.enter(dose, record);
        }
        self.taken(dose, record).map_or(Ok(()), |dose| self.enter(&dose, record))
    }

    /// A dose is given now, in one part or in two.
    pub(super) fn enter(&mut self, dose: &Dose, record: usize) -> Result<(), RunFailure> {
        match dose.kind {
            DoseKind::Split { limit, rest } => self.enter_split(dose, (limit, rest), record),
            _ => self.enter_whole(dose, record),
        }
    }

    #[inline(never)]
    fn enter_split(
        &mut self,
        dose: &Dose,
        (limit, rest): (f64, u32),
        record: usize,
    ) -> Result<(), RunFailure> {
        if self.n_by() > 0 {
            return Err(self.failed(RunCause::RulesOfDerivatives));
        }
        let at_once = if dose.amount < limit { dose.amount } else { limit };
        let part = Dose { kind: DoseKind::Bolus, ..*dose };
        self.enter_whole(&Dose { amount: at_once, ..part }, record)?;
        let more = dose.amount - at_once;
        if more > 0.0 {
            self.enter_whole(&Dose { amount: more, compartment: rest, ..part }, record)?;
        }
        Ok(())
    }

    /// It enters, or is under way.
    #[inline]
    fn enter_whole(&mut self, dose: &Dose, record: usize) -> Result<(), RunFailure> {
        // Nothing has changed for properties that read a condition until the registers say so.
        self.refresh_modes()?;
        let mut entry = Entry::default();
        let lag_h = self.prepare(dose, record, &mut entry)?;
        let compartment = dose.compartment;
        if self.due.len() > MOST_WAITING {
            return Err(self.failed(RunCause::EventStorm));
        }
        if lag_h > 0.0 {
            self.due.push(self.inputs.time_h + lag_h, Due::Arrival { compartment, entry });
            return Ok(());
        }
        self.arrive(compartment as usize, &entry)
    }

    /// What a dose of record `record` given now enters as; gives the time after which, h.
    #[inline]
    fn prepare(
        &mut self,
        dose: &Dose,
        record: usize,
        entry: &mut Entry,
    ) -> Result<f64, RunFailure> {
        let lag_h = self.at_once(|now| {
            let Enters { bolus, rate, duration_h, lag_h } = now.enters(dose)?;
            *entry = Entry { amount: dose.amount, bolus, rate, duration_h, by: None };
            if now.compiled.by.is_some() {
                entry.by = now.dose_by(dose, record, entry)?;
            }
            Ok(lag_h)
        });
        let record = (record != usize::MAX).then_some(record);
        lag_h.map_err(|failure| RunFailure { record, ..failure })
    }

    /// The dose enters.
    pub(super) fn arrive(&mut self, compartment: usize, entry: &Entry) -> Result<(), RunFailure> {
        let moves = self.arrival_by(entry.by);
        let before = moves.as_ref().map(|_| self.own_slopes());
        self.modes.stale = true;
        self.turn_on(compartment);
        // Memory that nobody reads is left alone.
        if self.compiled.reads_doses {
            self.inputs.dose_times_h[compartment] = self.inputs.time_h;
            self.inputs.dose_amounts[compartment] = entry.amount;
        }
        self.inputs.state[compartment] += entry.bolus;
        let end_h = self.inputs.time_h + entry.duration_h;
        let lasts = end_h > self.inputs.time_h;
        if lasts {
            self.start_infusion(compartment, entry, end_h);
        } else {
            // Too short for the clock, not for the dose.
            self.inputs.state[compartment] += entry.rate * entry.duration_h;
        }
        if self.compiled.by.is_some() {
            self.arrive_by(compartment, entry, lasts);
        }
        if let (Some(before), Some(moves)) = (before, moves) {
            self.refresh_modes()?;
            self.jump(&before, &moves);
            self.stop_by = moves;
        }
        Ok(())
    }

    fn one_by(&self, by: Option<u32>, at: usize) -> super::sensitive::DoseBy {
        by.map_or_else(Default::default, |by| self.doses_by[by as usize][at])
    }

    #[inline(never)]
    pub(super) fn end_infusion(&mut self, compartment: usize, rate: f64, by: Option<u32>) {
        self.change_rate(compartment, -rate);
        for at in 0..self.n_by() {
            let (place, one) = (self.place(compartment, at), self.one_by(by, at));
            self.change_rate(place, -one.rate);
            // Its end moves with its start and its duration.
            self.inputs.state[place] += rate * (one.lag + one.duration);
        }
    }

    #[inline(never)]
    pub(super) fn start_infusion(&mut self, compartment: usize, entry: &Entry, end_h: f64) {
        let (rate, by) = (entry.rate, entry.by);
        self.moved.rates = true;
        self.infusions[compartment].1 += 1;
        self.infusions[compartment].0 += rate;
        for at in 0..self.n_by() {
            let place = self.place(compartment, at);
            self.infusions[place].1 += 1;
            self.infusions[place].0 += self.one_by(by, at).rate;
        }
        let compartment = compartment as u32;
        self.due.push(end_h, Due::InfusionEnd { compartment, rate, by });
    }

    /// One infusion less.
    fn change_rate(&mut self, compartment: usize, by: f64) {
        self.moved.rates = true;
        let (sum, n_running) = &mut self.infusions[compartment];
        *n_running -= 1;
        // The last one leaves exactly nothing, not the rounding of sums and differences.
        *sum = if *n_running == 0 { 0.0 } else { *sum + by };
    }

    /// Zeroes the state, stops infusions, cancels what has not arrived.
    pub(super) fn reset(&mut self) {
        self.modes.stale = true;
        self.moved = Moved { rates: true, off: true };
        self.inputs.state.fill(0.0);
        self.infusions.fill((0.0, 0));
        self.due.retain(|due| matches!(due, Due::Visit { .. }));
        self.off.fill(false);
        self.any_off = false;
        self.reset_events();
    }

    /// Empties a compartment and keeps it out.
    pub(super) fn turn_off(&mut self, compartment: usize) {
        let places = (0..self.n_by()).map(|at| self.place(compartment, at));
        for place in places.chain([compartment]).collect::<Vec<_>>() {
            self.inputs.state[place] = 0.0;
            self.infusions[place] = (0.0, 0);
            self.off[place] = true;
        }
        self.any_off = true;
        self.moved = Moved { rates: true, off: true };
        self.modes.stale = true;
        let stays = |due: &Due<'_>| match *due {
            Due::InfusionEnd { compartment: at, .. } => at as usize != compartment,
            _ => true,
        };
        self.due.retain(stays);
    }

    /// A compartment takes part again.
    pub(super) fn turn_on(&mut self, place: usize) {
        if self.any_off && self.off[place] {
            self.off[place] = false;
            self.any_off = self.off.contains(&true);
            self.moved.off = true;
        }
    }

    /// The state with infinitely many such doses before now.
    ///
    /// Earlier doses arrived at `now + lag - j II`. Write `lag = m II + r` with `0 <= r < II`: the
    /// last of them arrived `II - r` ago, `m` of them are still to come, and each infusion begun
    /// `j II - r` ago still runs where its duration is longer than that.
    #[inline(never)]
    fn reach_steady_state(&mut self, dose: Dose) -> Result<(), RunFailure> {
        let of_record = |failure| RunFailure { record: Some(self.record_under_way()), ..failure };
        let fault = self.failed(RunCause::NoSteadyState { compartment: dose.compartment });
        let fault = of_record(fault);
        let compartment = dose.compartment as usize;
        self.refresh_modes()?;
        let mut entry = Entry::default();
        let lag_h = self.prepare(&dose, self.record_under_way(), &mut entry)?;
        if dose.steady == Steady::Replace {
            self.reset();
        }
        // The doses before this one have turned their compartment on.
        self.turn_on(compartment);
        for at in 0..self.n_by() {
            let place = self.place(compartment, at);
            self.turn_on(place);
        }
        self.modes.stale = true;
        self.refresh_modes()?;
        let interval_h = dose.interval_h;
        if !dose.is_constant_infusion()
            && (lag_h + entry.duration_h) / interval_h > f64::from(MOST_PENDING)
        {
            let property = match dose.kind {
                _ if lag_h > entry.duration_h => Property::Lag,
                DoseKind::Rate(_) | DoseKind::ModeledRate => Property::Rate,
                _ => Property::Duration,
            };
            let cause = RunCause::DosingProperty { compartment: dose.compartment, property };
            return Err(RunFailure { cause, ..fault });
        }
        let n_to_come = if interval_h > 0.0 { (lag_h / interval_h).floor() } else { 0.0 };
        let rest_h = (lag_h - n_to_come * interval_h).max(0.0);
        let train = Train {
            compartment,
            bolus: entry.bolus,
            rate: entry.rate,
            duration_h: entry.duration_h,
            interval_h,
            by: (0..self.n_by()).map(|at| self.one_by(entry.by, at)).collect(),
        };
        let phase_h = interval_h - rest_h;
        if !dose.is_constant_infusion() {
            // The last one before this, as conditions and rates that read the last dose see it.
            self.inputs.dose_times_h[compartment] = self.inputs.time_h - phase_h;
            self.inputs.dose_amounts[compartment] = dose.amount;
            for (at, one) in train.by.iter().enumerate() {
                let place = self.place(compartment, at);
                self.inputs.dose_times_h[place] = one.lag;
                self.inputs.dose_amounts[place] = one.amount;
            }
        }
        // With conditions, intervals are followed: a window may open and close within each.
        let model = &self.compiled.model;
        let is_even = model.modes.is_empty() && model.registers.is_empty();
        let state = match is_even.then(|| self.system()).flatten() {
            Some(system) => {
                let mut b = system.b.clone();
                if dose.steady == Steady::Add {
                    b.fill(0.0);
                }
                let compartments = self.compiled.model.compartments.iter();
                let is_out = |(one, &off): (&Compartment, &bool)| one.accumulator || off;
                let excluded: Vec<bool> = compartments.zip(&self.off).map(is_out).collect();
                if dose.is_constant_infusion() {
                    train.add_rates(&mut b, 1.0, self.n_own());
                    constant_state(&system, &b, &excluded)
                } else {
                    periodic_state(&system, &b, &train, phase_h, (self.n_own(), &excluded))
                }
            }
            None if dose.is_constant_infusion() => self.constant_state(&train),
            None => self.periodic_state(&train, entry.amount, phase_h),
        };
        let mut state = state.ok_or(fault)?;
        let registers = (0..state.len()).filter(|&place| self.is_register(place));
        // They are where they are already.
        registers.for_each(|place| state[place] = 0.0);
        let before = self.infusions.clone();
        self.inputs.state.iter_mut().zip(&state).for_each(|(value, more)| *value += more);
        if dose.is_constant_infusion() {
            return Ok(());
        }
        let now_h = self.inputs.time_h;
        let mut begun_h = phase_h;
        while entry.rate > 0.0 && begun_h < entry.duration_h {
            self.start_infusion(compartment, &entry, now_h + (entry.duration_h - begun_h));
            begun_h += interval_h;
        }
        if lag_h > 0.0 && self.arrival_by(entry.by).is_some() {
            // A longer lag is an earlier place in the interval.
            let slopes = self.slopes_of_steady(&state, &before, dose.steady == Steady::Add);
            for (at, one) in train.by.iter().enumerate() {
                for (k, slope) in slopes.iter().enumerate() {
                    let place = self.place(k, at);
                    self.inputs.state[place] -= slope * one.lag;
                }
            }
        }
        for earlier in (1..=n_to_come as u32).rev() {
            let arrival_h = now_h + lag_h - f64::from(earlier) * interval_h;
            let compartment = dose.compartment;
            self.due.push(arrival_h, Due::Arrival { compartment, entry });
        }
        Ok(())
    }

    /// Time derivatives of the steady state `state` alone, with the infusions that it brought; the
    /// model's own inflow is left out where it was left out of the state.
    fn slopes_of_steady(&mut self, state: &[f64], before: &[(f64, u32)], added: bool) -> Vec<f64> {
        let all = (self.inputs.state.clone(), self.infusions.clone());
        self.inputs.state.copy_from_slice(state);
        self.infusions.iter_mut().zip(before).for_each(|(now, before)| now.0 -= before.0);
        let mut slopes = self.own_slopes();
        (self.inputs.state, self.infusions) = all;
        let is_even = self.compiled.model.modes.is_empty();
        if let Some(system) = (added && is_even).then(|| self.system()).flatten() {
            slopes.iter_mut().zip(&system.b).for_each(|(slope, b)| *slope -= b);
        }
        slopes
    }

    /// What enters, by the properties of the compartment as they are now.
    #[inline]
    fn enters(&self, dose: &Dose) -> Result<Enters, RunFailure> {
        let target = &self.compiled.model.compartments[dose.compartment as usize];
        let value = |property: Property| {
            let value = self.compiled.value_of(property.of(target)?, &self.inputs);
            Some(value.unwrap_or(f64::NAN))
        };
        enters(dose, value).map_err(|property| {
            let compartment = dose.compartment;
            self.failed(RunCause::DosingProperty { compartment, property })
        })
    }
}
