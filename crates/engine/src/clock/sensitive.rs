//! What happens to sensitivities at stops.
//!
//! At an event at time `s(p)` that takes the state from `x` to `x + d(p)` and its derivative from
//! `f` to `g`, a sensitivity jumps by `d' + (f - g) s'` (Eq. 2 of `docs/theory/sensitivities.md`).

use super::{Clock, Entry, RunFailure};
use crate::compile::Along;
use crate::sensitivity::{By, ModeBy, Moving, Properties, Total, Wrt};
use crate::timeline::{Dose, DoseKind};
use epsom_model::ir::{ExprId, Mode};

/// Derivatives of one dose by one quantity.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct DoseBy {
    pub(crate) amount: f64,
    pub(crate) bolus: f64,
    pub(crate) rate: f64,
    pub(crate) duration: f64,
    pub(crate) lag: f64,
}

impl Clock<'_> {
    /// Place of compartment `k` by quantity `at`.
    pub(super) fn place(&self, k: usize, at: usize) -> usize {
        self.compiled.by.as_ref().map_or(k, |by| by.n * (1 + at) + k)
    }

    /// Number of quantities.
    pub(super) fn n_by(&self) -> usize {
        self.compiled.by.as_ref().map_or(0, |by| by.wrt.len())
    }

    /// Number of compartments of the model itself.
    pub(super) fn n_own(&self) -> usize {
        self.compiled.n_own()
    }

    /// Whether some compartment that may rest is other than zero.
    pub(crate) fn some_move(&self) -> bool {
        let mut resting = self.compiled.resting.iter();
        resting.any(|&i| self.inputs.state[i].to_bits() != 0)
    }

    /// Registers of the last dose hold derivatives behind those of the model itself: 0 at first.
    pub(super) fn clear_dose_registers(&mut self) {
        let n = self.n_own();
        self.inputs.dose_times_h[..n].fill(f64::NEG_INFINITY);
        self.inputs.dose_times_h[n..].fill(0.0);
        self.inputs.dose_amounts.fill(0.0);
    }

    /// Derivatives of a dose of record `record` that enters as `entry`, kept; none where nobody
    /// asks, or where all are zero.
    pub(super) fn dose_by(
        &mut self,
        dose: &Dose,
        record: usize,
        entry: &Entry,
    ) -> Result<Option<u32>, RunFailure> {
        let Some(by) = &self.compiled.by else { return Ok(None) };
        let compartment = dose.compartment as usize;
        let properties = by.properties[compartment].as_ref();
        let is_asked = by.has_doses && by.wrt.contains(&Wrt::Dose(record as u32));
        if properties.is_none() && !is_asked {
            return Ok(None);
        }
        let target = &self.compiled.model.compartments[compartment];
        let value = |id: ExprId| self.compiled.value_of(id, &self.inputs).unwrap_or(f64::NAN);
        let fraction = target.bioavailability.map_or(1.0, value);
        let total = fraction * dose.amount;
        let (rate, duration_h) = (entry.rate, entry.duration_h);
        let mut all = Vec::with_capacity(by.wrt.len());
        for (at, &wrt) in by.wrt.iter().enumerate() {
            let slope = |list: fn(&Properties) -> &Total| {
                properties.and_then(|all| list(all)[at]).map_or(0.0, value)
            };
            let amount = f64::from(u8::from(wrt == Wrt::Dose(record as u32)));
            let total_by = slope(|all| &all.bioavailability) * dose.amount + fraction * amount;
            let lag = slope(|all| &all.lag);
            let mut one = DoseBy { amount, lag, ..DoseBy::default() };
            match dose.kind {
                DoseKind::Bolus | DoseKind::Split { .. } => one.bolus = total_by,
                DoseKind::Rate(_) => one.duration = total_by / rate,
                DoseKind::Duration(_) => one.rate = total_by / duration_h,
                DoseKind::ModeledRate => {
                    one.rate = slope(|all| &all.rate);
                    one.duration = (total_by - total / rate * one.rate) / rate;
                }
                DoseKind::ModeledDuration => {
                    one.duration = slope(|all| &all.duration);
                    one.rate = (total_by - rate * one.duration) / duration_h;
                }
            }
            all.push(one);
        }
        self.doses_by.push(all);
        Ok(Some(self.doses_by.len() as u32 - 1))
    }

    /// Derivatives of a dose that has entered `compartment` as `entry`; what does not last is
    /// too short an infusion for the clock, or none.
    pub(super) fn arrive_by(&mut self, compartment: usize, entry: &Entry, lasts: bool) {
        let Some(By { n, wrt, .. }) = &self.compiled.by else { return };
        let places = (compartment + n..).step_by(*n).take(wrt.len());
        if self.any_off {
            places.clone().for_each(|place| self.turn_on(place));
        }
        let inputs = &mut self.inputs;
        let mut all = entry.by.map(|by| self.doses_by[by as usize].iter());
        for place in places {
            let one = all.as_mut().and_then(|all| all.next().copied()).unwrap_or_default();
            if self.compiled.reads_doses {
                inputs.dose_times_h[place] = one.lag;
                inputs.dose_amounts[place] = one.amount;
            }
            inputs.state[place] += one.bolus;
            if !lasts {
                inputs.state[place] += one.rate * entry.duration_h + entry.rate * one.duration;
            }
        }
    }

    /// Derivatives of the model's own compartments now, infusions included.
    pub(super) fn own_slopes(&self) -> Vec<f64> {
        let own = self.compiled.model.compartments[..self.n_own()].iter().enumerate();
        let slope = |(k, one): (usize, &epsom_model::ir::Compartment)| {
            if self.off[k] {
                return 0.0;
            }
            let value = self.compiled.value_of(one.derivative, &self.inputs);
            value.unwrap_or(f64::NAN) + self.infusions[k].0
        };
        own.map(slope).collect()
    }

    /// The jump of an event whose time moves by `times` per quantity, from derivatives `before` to
    /// those of now.
    pub(super) fn jump(&mut self, before: &[f64], times: &[f64]) {
        let after = self.own_slopes();
        for (at, &moved) in times.iter().enumerate().filter(|(_, moved)| **moved != 0.0) {
            for (k, (before, after)) in before.iter().zip(&after).enumerate() {
                let place = self.place(k, at);
                if !self.off[place] {
                    self.inputs.state[place] += (before - after) * moved;
                }
            }
        }
    }

    /// How the time of a dose's arrival moves, where it does.
    pub(super) fn arrival_by(&self, by: Option<u32>) -> Option<Vec<f64>> {
        let by = &self.doses_by[by? as usize];
        let moves = by.iter().any(|one| one.lag != 0.0);
        moves.then(|| by.iter().map(|one| one.lag).collect())
    }

    /// Change per hour of an expression where the compartments change by `slopes`.
    pub(super) fn rate_along(&self, along: &Along, slopes: &[f64]) -> f64 {
        let value = |id: ExprId| self.compiled.value_of(id, &self.inputs).unwrap_or(f64::NAN);
        let terms = along.states.iter().map(|&(k, slope)| value(slope) * slopes[k]);
        terms.fold(along.time.map_or(0.0, value), |sum, term| sum + term)
    }

    /// Derivatives by quantity of an expression at a time that moves by `times`, none of which is
    /// zero for all.
    pub(super) fn moved_by(&self, moving: &Moving, slopes: &[f64], times: &[f64]) -> Vec<f64> {
        let value = |id: ExprId| self.compiled.value_of(id, &self.inputs).unwrap_or(f64::NAN);
        let rate = self.rate_along(&moving.along, slopes);
        let total = moving.total.iter().map(|total| total.map_or(0.0, value));
        let moves = times.iter().map(|&moved| if moved == 0.0 { 0.0 } else { rate * moved });
        total.zip(moves).map(|(total, moves)| total + moves).collect()
    }

    /// Time derivatives by quantity of the flip of a root mode, which has not flipped yet.
    pub(super) fn root_by(&self, mode: usize, slopes: &[f64]) -> Vec<f64> {
        let value = |id: ExprId| self.compiled.value_of(id, &self.inputs).unwrap_or(f64::NAN);
        let Some(ModeBy::Root(moving)) = self.compiled.by.as_ref().map(|by| &by.modes[mode]) else {
            return Vec::new();
        };
        let rate = self.rate_along(&moving.along, slopes);
        moving.total.iter().map(|total| total.map_or(0.0, |id| -value(id) / rate)).collect()
    }

    /// Time derivatives by quantity of the flip of a mode that goes by the clock, which has flipped
    /// to `is` now.
    pub(super) fn flip_by(&self, mode: usize, is: bool) -> Vec<f64> {
        let value = |id: ExprId| self.compiled.value_of(id, &self.inputs).unwrap_or(f64::NAN);
        let slope = |list: &Total, at: usize| list[at].map_or(0.0, value);
        let n_by = self.n_by();
        let Some(by) = &self.compiled.by else { return Vec::new() };
        match (&by.modes[mode], &self.compiled.model.modes[mode]) {
            (ModeBy::Affine { value: total }, _) => {
                let rate = self.compiled.mode_slopes[mode].map_or(f64::INFINITY, value);
                (0..n_by).map(|at| -slope(total, at) / rate).collect()
            }
            (
                ModeBy::Window { every, from, length },
                &Mode::Window { every: e, from: f, length: l },
            ) => {
                let closes_h = if is { 0.0 } else { value(l) };
                let n_gone = ((self.inputs.time_h - value(f) - closes_h) / value(e)).round();
                let opens = |at| slope(from, at) + n_gone * slope(every, at);
                let closes = |at| if is { 0.0 } else { slope(length, at) };
                (0..n_by).map(|at| opens(at) + closes(at)).collect()
            }
            _ => vec![0.0; n_by],
        }
    }
}
