//! What happens to one subject and when: records sorted by time, and covariates over time.
//!
//! A timeline never changes after it is made. Additional doses stay one record and are produced on
//! demand, so that a year of daily doses costs one entry. What arises during a run (lags, infusion
//! ends) is no part of it.

use epsom_model::ir::Interpolation;

/// How a dose enters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DoseKind {
    /// At once.
    Bolus,
    /// Infusion of this rate, mmol/h; bioavailability changes its duration.
    Rate(f64),
    /// Infusion of this duration, h; bioavailability changes its rate.
    Duration(f64),
    /// Infusion whose rate the model gives.
    ModeledRate,
    /// Infusion whose duration the model gives.
    ModeledDuration,
    /// At once: up to `limit` of the amount enters the compartment of the dose, what is above enters
    /// compartment `rest`.
    Split {
        /// Base units of the compartment.
        limit: f64,
        /// Compartment by index.
        rest: u32,
    },
}

/// What a dose does to the state with the infinitely many doses before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Steady {
    /// Nothing: this dose only.
    #[default]
    No,
    /// The periodic state of this dose replaces the state.
    Replace,
    /// The periodic state of this dose is added to the state.
    Add,
}

/// One administration, with its repeats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dose {
    /// Amount before bioavailability, base units of the compartment.
    pub amount: f64,
    /// Compartment by index.
    pub compartment: u32,
    /// How it enters.
    pub kind: DoseKind,
    /// Time between repeats, h; 0 where it is not repeated.
    pub interval_h: f64,
    /// Number of repeats after this one.
    pub additional: u32,
    /// Doses before this one.
    pub steady: Steady,
}

impl Dose {
    /// One dose at once, not repeated.
    pub fn bolus(compartment: u32, amount: f64) -> Self {
        Self {
            amount,
            compartment,
            kind: DoseKind::Bolus,
            interval_h: 0.0,
            additional: 0,
            steady: Steady::No,
        }
    }

    /// Time of repeat `repeat` (0 is the dose itself) of a dose recorded at `time_h`.
    ///
    /// A product, not a running sum: repeat 1000 has one rounding, as an explicit record would.
    pub fn repeat_time_h(&self, time_h: f64, repeat: u32) -> f64 {
        time_h + f64::from(repeat) * self.interval_h
    }

    /// Whether it is the steady state of an infusion without end: no amount, but a rate.
    pub fn is_constant_infusion(&self) -> bool {
        let has_rate = match self.kind {
            DoseKind::Rate(rate) => rate > 0.0,
            DoseKind::ModeledRate => true,
            _ => false,
        };
        self.steady != Steady::No && self.amount == 0.0 && has_rate
    }

    /// Why this dose cannot be given, if it cannot.
    pub fn fault(&self) -> Option<RecordFault> {
        if !(self.amount >= 0.0 && self.amount.is_finite()) {
            return Some(RecordFault::Amount);
        }
        if let DoseKind::Rate(size) | DoseKind::Duration(size) = self.kind
            && !(size > 0.0 && size.is_finite())
        {
            return Some(RecordFault::RateOrDuration);
        }
        if let DoseKind::Split { limit, .. } = self.kind
            && !(limit >= 0.0 && self.steady == Steady::No)
        {
            return Some(RecordFault::Split);
        }
        if !(self.interval_h >= 0.0 && self.interval_h.is_finite()) {
            return Some(RecordFault::Interval);
        }
        if self.is_constant_infusion() {
            let repeated = self.interval_h > 0.0 || self.additional > 0;
            return repeated.then_some(RecordFault::RepeatedConstantInfusion);
        }
        let is_at_once = matches!(self.kind, DoseKind::Bolus | DoseKind::Split { .. });
        if self.amount == 0.0 && !is_at_once {
            return Some(RecordFault::NoAmount);
        }
        let needs_interval = self.steady != Steady::No || self.additional > 0;
        (needs_interval && self.interval_h == 0.0).then_some(RecordFault::NoInterval)
    }
}

/// What a record does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Action {
    /// Takes a result row.
    Observe,
    /// Gives a dose.
    Dose(Dose),
    /// Sets the state to zero, stops infusions, cancels doses that have not arrived.
    Reset,
    /// Resets, then gives a dose.
    ResetThenDose(Dose),
    /// Empties a compartment and keeps it out until a dose enters it again.
    TurnOff(u32),
}

/// Something at a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Record {
    /// When, h.
    pub time_h: f64,
    /// What.
    pub action: Action,
}

/// Values of one covariate over time.
///
/// # Shape
/// `times_h` ascends; `values` has one entry per time; neither is empty.
#[derive(Debug, Clone, PartialEq)]
pub struct CovariateTrack {
    /// Covariate by index.
    pub covariate: u32,
    /// Between the times.
    pub interpolation: Interpolation,
    /// When, h.
    pub times_h: Vec<f64>,
    /// Values then, base units.
    pub values: Vec<f64>,
}

/// Value and change per hour just after a time; holds until the next change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Piece {
    /// Value at the start of the piece.
    pub value: f64,
    /// Change per hour; 0 unless interpolated by a straight line.
    pub slope: f64,
}

/// Why a timeline cannot be made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TimelineError {
    /// Record `record` (as given) cannot be used.
    Record {
        /// Index in the list given.
        record: usize,
        /// Why.
        cause: RecordFault,
    },
    /// Track `track` is empty, not ascending, or holds a value that is not finite.
    Track {
        /// Index in the list given.
        track: usize,
    },
}

/// What is wrong with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordFault {
    /// The time is not finite.
    Time,
    /// The amount is negative or not finite.
    Amount,
    /// A rate or duration is not positive and finite.
    RateOrDuration,
    /// The interval is negative or not finite.
    Interval,
    /// Steady state or repeats without an interval.
    NoInterval,
    /// An infusion without an amount that is not the steady state of a constant infusion.
    NoAmount,
    /// A constant infusion at steady state cannot have an interval or repeats.
    RepeatedConstantInfusion,
    /// The limit of a split dose is negative, or it has a steady state.
    Split,
}

/// Records of one subject, sorted, and its covariates.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Timeline {
    records: Vec<Record>,
    /// Times of the records, near each other.
    times_h: Vec<f64>,
    /// Records that are no observation, by index; of each record and of their end the first of them
    /// from there on, else the number of records.
    acts: Vec<usize>,
    next_acts: Vec<u32>,
    tracks: Vec<CovariateTrack>,
    n_rows: usize,
    next: Option<Box<Timeline>>,
    largest_amount: f64,
}

impl Timeline {
    /// Sorts `records` by time; equal times keep the order given.
    ///
    /// # Errors
    /// The first record or track that cannot be used.
    pub fn new(
        mut records: Vec<Record>,
        mut tracks: Vec<CovariateTrack>,
    ) -> Result<Self, TimelineError> {
        for (record_idx, record) in records.iter().enumerate() {
            if let Some(cause) = fault(record) {
                return Err(TimelineError::Record { record: record_idx, cause });
            }
        }
        for (track_idx, track) in tracks.iter_mut().enumerate() {
            if !is_usable(track) {
                return Err(TimelineError::Track { track: track_idx });
            }
            drop_if_constant(track);
        }
        records.sort_by(|a, b| a.time_h.total_cmp(&b.time_h));
        let n_rows = records.iter().filter(|record| record.action == Action::Observe).count();
        let amounts = records.iter().map(|record| match record.action {
            Action::Dose(dose) | Action::ResetThenDose(dose) => dose.amount,
            _ => 0.0,
        });
        let largest_amount = amounts.fold(0.0, f64::max);
        let times_h = records.iter().map(|record| record.time_h).collect();
        let is_act = |at: &usize| records[*at].action != Action::Observe;
        let acts: Vec<usize> = (0..records.len()).filter(is_act).collect();
        let mut next_acts = vec![records.len() as u32; records.len() + 1];
        for at in (0..records.len()).rev() {
            next_acts[at] = if is_act(&at) { at as u32 } else { next_acts[at + 1] };
        }
        Ok(Self { records, times_h, acts, next_acts, tracks, n_rows, largest_amount, next: None })
    }

    /// This timeline, then `next`, whose time starts again: at its first record the clock is set to
    /// that record's time, the state to zero, and what is pending is forgotten.
    pub fn then(mut self, next: Timeline) -> Self {
        self.next = Some(Box::new(match self.next.take() {
            Some(before) => before.then(next),
            None => next,
        }));
        self
    }

    /// What follows after a restart of time, if anything.
    pub fn next(&self) -> Option<&Timeline> {
        self.next.as_deref()
    }

    /// All records up to a restart of time, by time, then in the order given.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// Times of [`Self::records`], h.
    pub(crate) fn record_times_h(&self) -> &[f64] {
        &self.times_h
    }

    /// The first record from `record` on that is no observation; their number if none is.
    pub(crate) fn next_act(&self, record: usize) -> usize {
        self.next_acts.get(record).map_or(self.records.len(), |&act| act as usize)
    }

    /// Doses recorded up to a restart of time, in order.
    pub(crate) fn doses(&self) -> impl Iterator<Item = &Dose> {
        self.acts.iter().filter_map(|&act| match &self.records[act].action {
            Action::Dose(dose) | Action::ResetThenDose(dose) => Some(dose),
            _ => None,
        })
    }

    /// From record `record` on, nothing having to happen before `until_h`: the time of the next stop,
    /// and those of the records left, of which the ones before the stop are observations; none
    /// where there are no records.
    pub(crate) fn stretch(&self, record: usize, until_h: f64) -> Option<(f64, &[f64])> {
        let times_h = self.record_times_h();
        // Nothing is left to see after the last observation, which is a stop.
        let stop_h = times_h.get(self.next_act(record)).or(times_h.last())?;
        Some((until_h.min(*stop_h), times_h.get(record..)?))
    }

    /// Covariates that were given; the others keep the model's default.
    pub fn tracks(&self) -> &[CovariateTrack] {
        &self.tracks
    }

    /// Number of result rows: one per observation, those after restarts of time included.
    pub fn n_rows(&self) -> usize {
        self.n_rows + self.next().map_or(0, Timeline::n_rows)
    }

    /// Number of result rows up to a restart of time.
    pub fn n_rows_here(&self) -> usize {
        self.n_rows
    }

    /// Times of the result rows up to a restart of time, h, ascending.
    pub fn observation_times_h(&self) -> impl Iterator<Item = f64> + '_ {
        self.records
            .iter()
            .filter(|record| record.action == Action::Observe)
            .map(|record| record.time_h)
    }

    /// First and last record up to a restart of time, h; none for an empty timeline.
    pub fn span_h(&self) -> Option<(f64, f64)> {
        Some((self.records.first()?.time_h, self.records.last()?.time_h))
    }

    /// Largest amount of any dose, base units; 0 without doses.
    pub fn largest_amount(&self) -> f64 {
        self.largest_amount.max(self.next().map_or(0.0, Timeline::largest_amount))
    }

    /// First time after `time_h` at which some covariate changes its piece; infinity if none.
    pub fn next_covariate_change_h(&self, time_h: f64) -> f64 {
        self.tracks.iter().map(|track| track.next_change_h(time_h)).fold(f64::INFINITY, f64::min)
    }
}

impl CovariateTrack {
    /// Value at `time_h`, as an observation at that time sees it.
    ///
    /// Outside the times given the nearest value holds. Of two values at one time the last counts.
    pub fn value_at(&self, time_h: f64) -> f64 {
        let after = self.times_h.partition_point(|&at| at <= time_h);
        if after > 0 && self.times_h[after - 1] == time_h {
            return self.values[after - 1];
        }
        let piece = self.piece_after(time_h);
        piece.value
    }

    /// Value and slope just after `time_h`.
    pub fn piece_after(&self, time_h: f64) -> Piece {
        let n = self.times_h.len();
        let after = self.times_h.partition_point(|&at| at <= time_h);
        if after == 0 || after == n {
            let nearest = if after == 0 { 0 } else { n - 1 };
            return Piece { value: self.values[nearest], slope: 0.0 };
        }
        match self.interpolation {
            Interpolation::Forward => Piece { value: self.values[after - 1], slope: 0.0 },
            Interpolation::Backward => Piece { value: self.values[after], slope: 0.0 },
            Interpolation::Midpoint => {
                let (last, next) = (self.values[after - 1], self.values[after]);
                Piece { value: last / 2.0 + next / 2.0, slope: 0.0 }
            }
            Interpolation::Linear => {
                let from_h = self.times_h[after - 1];
                let slope =
                    (self.values[after] - self.values[after - 1]) / (self.times_h[after] - from_h);
                Piece { value: self.values[after - 1] + slope * (time_h - from_h), slope }
            }
        }
    }

    /// First time given after `time_h`; infinity if none.
    fn next_change_h(&self, time_h: f64) -> f64 {
        if self.times_h.len() == 1 {
            return f64::INFINITY;
        }
        let after = self.times_h.partition_point(|&at| at <= time_h);
        self.times_h.get(after).copied().unwrap_or(f64::INFINITY)
    }
}

fn is_usable(track: &CovariateTrack) -> bool {
    !track.times_h.is_empty()
        && track.times_h.len() == track.values.len()
        && track.times_h.iter().chain(&track.values).all(|number| number.is_finite())
        && track.times_h.windows(2).all(|pair| pair[0] <= pair[1])
}

/// A covariate written on every row but never changing must not stop the integrator at each row.
fn drop_if_constant(track: &mut CovariateTrack) {
    if track.values.iter().all(|&value| value == track.values[0]) {
        track.times_h.truncate(1);
        track.values.truncate(1);
    }
}

fn fault(record: &Record) -> Option<RecordFault> {
    if !record.time_h.is_finite() {
        return Some(RecordFault::Time);
    }
    match record.action {
        Action::Dose(dose) | Action::ResetThenDose(dose) => dose.fault(),
        _ => None,
    }
}

#[cfg(test)]
#[path = "timeline_tests.rs"]
mod tests;
