//! Declared events: which conditions have come true, what waits, and what is carried out
//! (`docs/theory/events.md`).

use super::modes::near_h;
use super::{Clock, RunCause, RunFailure};
use epsom_model::ir::{Event, ExprId, Node, reachable};

/// What is known of the events beside the state.
#[derive(Debug, Clone, Default)]
pub(super) struct Events {
    /// Whether each condition held when it was looked at last.
    held: Vec<bool>,
    /// What has come true and is not carried out, in the order in which it came true.
    pending: Vec<Pending>,
    /// Per event, when it was carried out last and how often it came back at once.
    history: Vec<History>,
}

/// A change to be made.
#[derive(Debug, Clone)]
struct Pending {
    time_h: f64,
    event: usize,
    /// New values, where they were computed when the condition came true.
    values: Option<Values>,
    /// How its time moves with each quantity.
    time_by: Vec<f64>,
}

/// New values of an event's changes, and their derivatives by each quantity.
#[derive(Debug, Clone)]
struct Values {
    new: Vec<f64>,
    by: Vec<Vec<f64>>,
}

#[derive(Debug, Clone, Copy)]
struct History {
    last_h: f64,
    /// Times at exactly `last_h`, and times in a row that were near the one before.
    n_here: u32,
    n_near: u32,
}

/// Most times that one event is carried out at one time.
const MOST_HERE: u32 = 1000;
/// Most times in a row that one event comes back within what the clock can hardly tell apart.
const MOST_NEAR: u32 = 3;
/// Most changes that wait at once.
const MOST_PENDING: usize = 10_000;

impl Events {
    /// When the first that waits is due, h; infinity if none.
    pub(super) fn next_h(&self) -> f64 {
        self.pending.iter().map(|one| one.time_h).fold(f64::INFINITY, f64::min)
    }
}

impl Clock<'_> {
    /// The run begins: nothing waits, and what holds now is no rise, unless it says so.
    pub(super) fn start_events(&mut self) {
        let events = &self.compiled.model.events;
        let never = History { last_h: f64::NEG_INFINITY, n_here: 0, n_near: 0 };
        self.events = (!events.is_empty()).then(|| {
            Box::new(Events {
                held: events.iter().map(|event| !event.at_start).collect(),
                pending: Vec::new(),
                history: vec![never; events.len()],
            })
        });
    }

    /// What waits is forgotten, and registers start again.
    pub(super) fn reset_events(&mut self) {
        if let Some(events) = &mut self.events {
            events.pending.clear();
        }
        let places = (0..self.inputs.state.len()).filter(|&place| self.is_register(place));
        for place in places.collect::<Vec<_>>() {
            let initial = self.compiled.model.compartments[place].initial;
            let value = initial.and_then(|id| self.compiled.value_of(id, &self.inputs));
            self.inputs.state[place] = value.unwrap_or(0.0);
        }
    }

    /// Notes what registers are for the stretch that comes: integrators hold them to rounding only.
    pub(super) fn note_registers(&mut self) {
        if !self.compiled.model.registers.is_empty() {
            self.note_all_registers();
        }
    }

    #[inline(never)]
    fn note_all_registers(&mut self) {
        let places = (0..self.inputs.state.len()).filter(|&place| self.is_register(place));
        self.registers = places.map(|place| (place, self.inputs.state[place])).collect();
    }

    /// Puts registers as noted into `state`.
    pub(super) fn put_registers(&self, state: &mut [f64]) {
        self.registers.iter().for_each(|&(place, value)| state[place] = value);
    }

    /// Puts registers as noted into the state of now.
    pub(super) fn keep_registers(&mut self) {
        self.registers.iter().for_each(|&(place, value)| self.inputs.state[place] = value);
    }

    /// Carries out the next event that is due now; whether there was one.
    #[inline]
    pub(super) fn carry_out_event(&mut self) -> Result<bool, RunFailure> {
        if self.events.is_some() { self.carry_out_pending() } else { Ok(false) }
    }

    #[inline(never)]
    fn carry_out_pending(&mut self) -> Result<bool, RunFailure> {
        let Some(mut events) = self.events.take() else { return Ok(false) };
        let done = self.carry_out_next(&mut events);
        self.events = Some(events);
        done
    }

    fn carry_out_next(&mut self, events: &mut Events) -> Result<bool, RunFailure> {
        self.refresh_modes()?;
        self.look_at_conditions(events)?;
        let Some(next) = self.first_due(events) else { return Ok(false) };
        let pending = events.pending.remove(next);
        self.count(&mut events.history[pending.event], pending.event)?;
        self.carry_out(pending)?;
        Ok(true)
    }

    /// Puts what has come true since the last look into the queue, and takes back what may be.
    fn look_at_conditions(&mut self, events: &mut Events) -> Result<(), RunFailure> {
        let model = &self.compiled.model;
        for (at, event) in model.events.iter().enumerate() {
            let value = self.compiled.value_of(event.condition, &self.inputs);
            let holds = value.is_some_and(|value| value != 0.0);
            let held = std::mem::replace(&mut events.held[at], holds);
            if held && !holds && event.cancelable {
                events.pending.retain(|one| one.event != at);
            }
            if holds && !held {
                let pending = self.rise(at, event)?;
                if events.pending.len() == MOST_PENDING {
                    return Err(self.failed(RunCause::EventRepeats { event: at as u32 }));
                }
                events.pending.push(pending);
            }
        }
        Ok(())
    }

    fn rise(&self, at: usize, event: &Event) -> Result<Pending, RunFailure> {
        let fault = self.failed(RunCause::EventDelay { event: at as u32 });
        let delay_h = match event.delay {
            Some(delay) => self.compiled.value_of(delay, &self.inputs).ok_or(fault)?,
            None => 0.0,
        };
        if !(delay_h >= 0.0 && delay_h.is_finite()) {
            return Err(fault);
        }
        let mut time_by = self.stop_by();
        if let Some(by) = &self.compiled.by
            && let Some(delay) = &by.events[at].delay
        {
            let more = self.moved_by(delay, &self.own_slopes(), &time_by);
            time_by.iter_mut().zip(more).for_each(|(time, more)| *time += more);
        }
        let values = (!event.late_values).then(|| self.values(at, &self.stop_by()));
        Ok(Pending {
            time_h: self.inputs.time_h + delay_h,
            event: at,
            values: values.transpose()?,
            time_by,
        })
    }

    /// How the time of now moves with each quantity.
    fn stop_by(&self) -> Vec<f64> {
        if self.stop_by.is_empty() { vec![0.0; self.n_by()] } else { self.stop_by.clone() }
    }

    /// New values of event `at` now, at a time that moves by `time_by`.
    fn values(&self, at: usize, time_by: &[f64]) -> Result<Values, RunFailure> {
        let mut new = Vec::new();
        for &(compartment, value) in &self.compiled.model.events[at].changes {
            let cause = RunCause::EventValue { event: at as u32, compartment };
            let value = self.compiled.value_of(value, &self.inputs);
            let value = value.filter(|value| value.is_finite());
            new.push(value.ok_or_else(|| self.failed(cause))?);
        }
        let by = match &self.compiled.by {
            Some(by) => {
                let slopes = self.own_slopes();
                let values = by.events[at].values.iter();
                values.map(|value| self.moved_by(value, &slopes, time_by)).collect()
            }
            None => Vec::new(),
        };
        Ok(Values { new, by })
    }

    /// Of those due now the one of highest priority; of several the first declared, then the first
    /// that came true.
    fn first_due(&self, events: &Events) -> Option<usize> {
        let now_h = self.inputs.time_h;
        let priority = |id: Option<ExprId>| {
            id.map_or(0.0, |id| self.compiled.value_of(id, &self.inputs).unwrap_or(0.0))
        };
        let due = events.pending.iter().enumerate().filter(|(_, one)| one.time_h <= now_h);
        let ranked = due.map(|(place, one)| {
            (priority(self.compiled.model.events[one.event].priority), one.event, place)
        });
        ranked
            .min_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))))
            .map(|(_, _, place)| place)
    }

    /// Makes the changes of an event.
    ///
    /// At a time that moves by `t'`, a new value `v` leaves the sensitivity `v' - g t'` and the rest
    /// goes on with `s + (f - g) t'`, where `f` and `g` are the derivatives before and after (Eq. 3
    /// of `docs/theory/sensitivities.md`).
    fn carry_out(&mut self, pending: Pending) -> Result<(), RunFailure> {
        let Pending { event, values, time_by, .. } = pending;
        let values = match values {
            Some(values) => values,
            None => self.values(event, &time_by)?,
        };
        let before = (self.n_by() > 0).then(|| self.own_slopes());
        let compiled = self.compiled;
        // A compartment that is turned off stays empty.
        let changes = compiled.model.events[event].changes.iter().enumerate();
        let changes: Vec<(usize, usize)> = changes
            .map(|(at, &(to, _))| (at, to as usize))
            .filter(|&(_, to)| !self.off[to])
            .collect();
        for &(at, to) in &changes {
            self.inputs.state[to] = values.new[at];
        }
        self.modes.stale = true;
        let Some(before) = before else { return Ok(()) };
        self.refresh_modes()?;
        self.jump(&before, &time_by);
        let after = self.own_slopes();
        for &(at, to) in &changes {
            for (quantity, &by) in values.by[at].iter().enumerate() {
                let moved = time_by[quantity];
                let place = self.place(to, quantity);
                self.inputs.state[place] = by - if moved == 0.0 { 0.0 } else { after[to] * moved };
            }
        }
        // What follows from this one at once moves as it does.
        self.stop_by = time_by;
        Ok(())
    }

    /// Finds events that come without end.
    fn count(&self, history: &mut History, event: usize) -> Result<(), RunFailure> {
        let now_h = self.inputs.time_h;
        let since_h = now_h - history.last_h;
        history.n_here = if since_h == 0.0 { history.n_here + 1 } else { 1 };
        if since_h > near_h(now_h) {
            history.n_near = 0;
        } else if since_h > 0.0 {
            history.n_near += 1;
        }
        history.last_h = now_h;
        if history.n_here > MOST_HERE || history.n_near > MOST_NEAR {
            return Err(self.failed(RunCause::EventRepeats { event: event as u32 }));
        }
        Ok(())
    }

    /// What to say of a condition that flips without end: the event that waits for it, if one does.
    pub(super) fn event_of(&self, mode: u32) -> Option<RunCause> {
        let model = &self.compiled.model;
        let reads = |event: &Event| {
            let mut nodes = reachable(&model.exprs, [event.condition]).into_iter();
            nodes.any(|id| model.exprs.node(id) == Node::Mode(mode))
        };
        let event = model.events.iter().position(reads)? as u32;
        Some(RunCause::EventRepeats { event })
    }
}
