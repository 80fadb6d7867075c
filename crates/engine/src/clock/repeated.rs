//! Steady states of doses in a model that is not linear: fixed points of one interval.

use super::sensitive::DoseBy;
use super::{Clock, Entry};
use crate::eval::Inputs;
use crate::fixed_point::{Problem, fixed_point};
use crate::integrate::run_clocks;
use crate::steady::Train;
use crate::timeline::{Action, Record, Timeline};

/// Intervals run before the fixed point is solved, and before a second try.
const WARM_UP: [u32; 2] = [3, 100];
/// How near a fixed point is found, in usual sizes of the compartments.
const SOLVED_TO: f64 = 1e-8;

impl Clock<'_> {
    /// State under a constant infusion; what only collects is 0. None where there is none.
    pub(super) fn constant_state(&self, train: &Train) -> Option<Vec<f64>> {
        let n_own = self.n_own();
        let slopes = |states: &[Vec<f64>]| {
            let slope = |state: &Vec<f64>| {
                let mut slopes = self.slopes_at(state)?;
                train.add_rates(&mut slopes, 1.0, n_own);
                Some(slopes)
            };
            states.iter().map(slope).collect()
        };
        let n = self.inputs.state.len();
        // An hour of infusion is nearer to the answer than nothing.
        let mut start = vec![0.0; n];
        start[train.compartment] = train.rate;
        self.registers_as_now(&mut start);
        let found = fixed_point(&Problem::derivatives(start, self.free(), self.sizes()), slopes)?;
        // Beyond rounding, a solution below zero is none of the infusion's making.
        let lowest = self.sizes().into_iter().map(|size| -1e-9 * size);
        let mut own = found.iter().zip(lowest).take(n_own);
        own.all(|(value, lowest)| *value >= lowest).then_some(found)
    }

    /// State `phase_h` after an arrival, once infinitely many have arrived; what only collects is
    /// 0. None where no such state is found.
    pub(super) fn periodic_state(
        &self,
        train: &Train,
        amount: f64,
        phase_h: f64,
    ) -> Option<Vec<f64>> {
        let n = self.inputs.state.len();
        let free = self.free();
        // The interval in which now lies, so that what goes by the clock is where it is now.
        let from_h = self.inputs.time_h - phase_h;
        let interval = end_at(from_h + train.interval_h)?;
        let flows = |states: &[Vec<f64>]| self.flows(states, train, amount, (from_h, &interval));
        let mut before = vec![0.0; n];
        self.registers_as_now(&mut before);
        for n_intervals in WARM_UP {
            for _ in 0..n_intervals {
                let image = flows(std::slice::from_ref(&before)).pop().flatten()?;
                free.iter().for_each(|&at| before[at] = image[at]);
            }
            let sizes = self.sizes().into_iter().zip(&before).map(|(size, y)| size.max(y.abs()));
            let sizes: Vec<f64> = sizes.collect();
            let problem = Problem::flow(before.clone(), free.clone(), sizes.clone());
            let Some(mut found) = fixed_point(&problem, flows) else { continue };
            // A solution on the other side of zero is none of the doses' making; what rounding
            // leaves there of a compartment that no dose reaches is zero.
            let n_own = self.n_own();
            let below = |at: &usize| *at < n_own && before[*at] >= 0.0 && found[*at] < 0.0;
            if free.iter().any(|at| below(at) && found[*at] < -SOLVED_TO * sizes[*at]) {
                continue;
            }
            let zero: Vec<usize> = free.iter().copied().filter(below).collect();
            zero.into_iter().for_each(|at| found[at] = 0.0);
            if phase_h < train.interval_h {
                let phase = end_at(self.inputs.time_h)?;
                let found_now = self.flows(&[found.clone()], train, amount, (from_h, &phase));
                let at_phase = found_now.into_iter().next()??;
                free.iter().for_each(|&at| found[at] = at_phase[at]);
            }
            return Some(found);
        }
        None
    }

    /// Puts what only events change into `state`, as it is now.
    fn registers_as_now(&self, state: &mut [f64]) {
        for place in (0..state.len()).filter(|&place| self.is_register(place)) {
            state[place] = self.inputs.state[place];
        }
    }

    /// States at the end of a span, which starts with an arrival, from those just before it.
    fn flows(
        &self,
        states: &[Vec<f64>],
        train: &Train,
        amount: f64,
        (now_h, span): (f64, &Timeline),
    ) -> Vec<Option<Vec<f64>>> {
        let options = self.options_for_solving();
        let start = |state: &Vec<f64>| {
            let inputs = Inputs { time_h: now_h, state: state.clone(), ..self.inputs.clone() };
            let mut clock = Clock::bare(self.compiled, &options, span, inputs);
            clock.off.clone_from(&self.off);
            clock.any_off = self.any_off;
            clock.exact = self.exact.is_some().then(Box::default);
            clock.set_tolerances_like(self);
            train.add_bolus(&mut clock.inputs.state, self.n_own());
            clock.inputs.dose_times_h[train.compartment] = now_h;
            clock.inputs.dose_amounts[train.compartment] = amount;
            // Within an interval arrivals stand still; only ends move.
            let still = train.by.iter().map(|&one| DoseBy { lag: 0.0, ..one }).collect();
            clock.doses_by.push(still);
            for (at, one) in train.by.iter().enumerate() {
                let place = self.place(train.compartment, at);
                clock.inputs.dose_times_h[place] = 0.0;
                clock.inputs.dose_amounts[place] = one.amount;
            }
            let (bolus, rate, duration_h) = (train.bolus, train.rate, train.duration_h);
            let by = (!train.by.is_empty()).then_some(0);
            let entry = Entry { amount, bolus, rate, duration_h, by };
            let mut left_h = train.duration_h;
            while train.rate > 0.0 && left_h > 0.0 {
                clock.start_infusion(train.compartment, &entry, now_h + left_h);
                left_h -= train.interval_h;
            }
            clock
        };
        let ended = run_clocks(states.iter().map(start).collect());
        let end = |clock: Clock<'_>| clock.failure.is_none().then_some(clock.inputs.state);
        ended.into_iter().map(end).collect()
    }
}

/// A timeline that ends at `time_h`.
fn end_at(time_h: f64) -> Option<Timeline> {
    let end = Record { time_h, action: Action::Observe };
    Timeline::new(vec![end], Vec::new()).ok()
}
