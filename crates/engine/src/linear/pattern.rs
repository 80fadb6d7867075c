//! What happens to all subjects of a group, in order: the records of their timelines and what they
//! bring about, without amounts.

use crate::timeline::{Action, Dose, DoseKind, Steady, Timeline};

/// Steps that serve every subject of a group.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Pattern {
    pub(super) steps: Vec<Step>,
    /// Lengths of time, each once, h.
    pub(super) lengths_h: Vec<f64>,
    /// Times of the rows, h.
    pub(super) times_h: Vec<f64>,
    /// Whether there are infusions.
    pub(super) infuses: bool,
}

/// One thing that happens. Doses are numbered as the timeline has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Time goes on by this length.
    Over(u32),
    /// An observation.
    Row,
    /// A dose enters at once.
    Enter(u32),
    /// An infusion starts.
    Start(u32),
    /// An infusion ends.
    End(u32),
}

/// When a dose arrives and how long it runs, h.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Timing {
    pub(super) lag_h: f64,
    pub(super) duration_h: f64,
}

/// What comes by itself.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Due {
    End(u32),
    Arrival(u32),
    Repeat { dose: u32, from_h: f64, repeat: u32 },
}

impl Due {
    /// Order at one time, as that of [`crate::clock`].
    fn priority(self) -> u8 {
        match self {
            Self::End(_) => 0,
            Self::Arrival(_) => 1,
            Self::Repeat { .. } => 2,
        }
    }
}

/// Most steps; longer timelines go subject by subject.
const MOST_STEPS: usize = 1 << 20;
/// Most lengths: their matrices stay in memory, and one that serves once saves little.
const MOST_LENGTHS: usize = 64;
/// Most that is due at once; the clock has a heap for more.
const MOST_DUE: usize = 1 << 10;

/// The pattern of `timeline`, whose doses, without steady states, have these timings. None where
/// it does not serve.
pub(super) fn pattern(timeline: &Timeline, timings: &[Timing]) -> Option<Pattern> {
    let first_h = timeline.span_h().map_or(0.0, |(first, _)| first.min(0.0));
    let mut under_way = UnderWay {
        timeline,
        timings,
        doses: timeline.doses().collect(),
        now_h: first_h,
        record: 0,
        n_doses: 0,
        due: Vec::new(),
        pattern: Pattern::default(),
    };
    let n_rows = timeline.n_rows_here();
    loop {
        under_way.settle()?;
        if under_way.pattern.times_h.len() == n_rows {
            return Some(under_way.pattern);
        }
        under_way.go_on()?;
        if under_way.pattern.steps.len() > MOST_STEPS {
            return None;
        }
    }
}

struct UnderWay<'a> {
    timeline: &'a Timeline,
    timings: &'a [Timing],
    doses: Vec<&'a Dose>,
    now_h: f64,
    record: usize,
    n_doses: u32,
    due: Vec<(f64, Due)>,
    pattern: Pattern,
}

impl UnderWay<'_> {
    /// What is due now, then each record of now, in the order of the clock.
    fn settle(&mut self) -> Option<()> {
        loop {
            if self.pattern.steps.len() > MOST_STEPS {
                return None;
            }
            let now_h = self.now_h;
            if let Some(at) = self.next_due().filter(|&at| self.due[at].0 <= now_h) {
                match self.due.remove(at).1 {
                    Due::End(dose) => self.pattern.steps.push(Step::End(dose)),
                    Due::Arrival(dose) => self.arrive(dose)?,
                    Due::Repeat { dose, from_h, repeat } => self.give(dose, from_h, repeat)?,
                }
                continue;
            }
            let records = self.timeline.records();
            let Some(record) = records.get(self.record).filter(|one| one.time_h <= now_h) else {
                return Some(());
            };
            self.record += 1;
            match record.action {
                Action::Observe => {
                    self.pattern.steps.push(Step::Row);
                    self.pattern.times_h.push(now_h);
                }
                Action::Dose(_) => {
                    self.n_doses += 1;
                    self.give(self.n_doses - 1, now_h, 0)?;
                }
                _ => return None,
            }
        }
    }

    /// Repeat `repeat` of a dose recorded at `from_h` is given.
    fn give(&mut self, dose: u32, from_h: f64, repeat: u32) -> Option<()> {
        let one = self.doses[dose as usize];
        if repeat < one.additional {
            let next = repeat + 1;
            let due = Due::Repeat { dose, from_h, repeat: next };
            self.due.push((one.repeat_time_h(from_h, next), due));
        }
        if self.due.len() > MOST_DUE {
            return None;
        }
        let lag_h = self.timings[dose as usize].lag_h;
        if lag_h > 0.0 {
            self.due.push((self.now_h + lag_h, Due::Arrival(dose)));
            return Some(());
        }
        self.arrive(dose)
    }

    fn arrive(&mut self, dose: u32) -> Option<()> {
        let duration_h = self.timings[dose as usize].duration_h;
        let end_h = self.now_h + duration_h;
        if end_h > self.now_h {
            self.pattern.infuses = true;
            self.pattern.steps.push(Step::Start(dose));
            self.due.push((end_h, Due::End(dose)));
        } else if duration_h == 0.0 {
            self.pattern.steps.push(Step::Enter(dose));
        } else {
            // Too short for the clock, or not a number.
            return None;
        }
        Some(())
    }

    /// Time up to the next stop, with the observations before it.
    fn go_on(&mut self) -> Option<()> {
        let by_itself = self.next_due().map_or(f64::INFINITY, |at| self.due[at].0);
        let (until_h, times_h) = self.timeline.stretch(self.record, by_itself)?;
        for &time_h in times_h.iter().take_while(|&&at_h| at_h < until_h) {
            self.record += 1;
            self.over(time_h)?;
            self.pattern.steps.push(Step::Row);
            self.pattern.times_h.push(time_h);
        }
        self.over(until_h)
    }

    fn over(&mut self, until_h: f64) -> Option<()> {
        let length_h = until_h - self.now_h;
        self.now_h = until_h;
        if length_h > 0.0 {
            let lengths = &mut self.pattern.lengths_h;
            // The last ones are the likely ones.
            let at = lengths.iter().rposition(|&one| one == length_h).unwrap_or_else(|| {
                lengths.push(length_h);
                lengths.len() - 1
            });
            if lengths.len() > MOST_LENGTHS {
                return None;
            }
            self.pattern.steps.push(Step::Over(at as u32));
        }
        Some(())
    }

    /// The first thing due: by time, then priority, then birth.
    fn next_due(&self) -> Option<usize> {
        (0..self.due.len()).min_by(|&a, &b| {
            let (a, b) = (self.due[a], self.due[b]);
            a.0.total_cmp(&b.0).then(a.1.priority().cmp(&b.1.priority()))
        })
    }
}

/// Whether `timeline` may be part of a group: doses and observations in one run of time, nothing
/// that a subject has to work out for itself.
pub(super) fn is_plain(timeline: &Timeline) -> bool {
    let plain = |action: &Action| match action {
        Action::Observe => true,
        Action::Dose(dose) => {
            dose.steady == Steady::No && !matches!(dose.kind, DoseKind::Split { .. })
        }
        _ => false,
    };
    timeline.next().is_none()
        && timeline.tracks().iter().all(|track| track.times_h.len() == 1)
        && timeline.records().iter().all(|record| plain(&record.action))
}

/// Whether the doses of both are given alike but for their amounts, and all else happens at the
/// same times.
pub(super) fn alike(a: &Timeline, b: &Timeline) -> bool {
    let kind = |kind: &DoseKind| std::mem::discriminant(kind);
    let same = |a: &Action, b: &Action| match (a, b) {
        (Action::Observe, Action::Observe) => true,
        (Action::Dose(a), Action::Dose(b)) => {
            (a.compartment, a.additional, a.interval_h)
                == (b.compartment, b.additional, b.interval_h)
                && kind(&a.kind) == kind(&b.kind)
        }
        _ => false,
    };
    let pairs = || a.records().iter().zip(b.records());
    std::ptr::eq(a, b)
        || a.record_times_h() == b.record_times_h()
            && pairs().all(|(a, b)| same(&a.action, &b.action))
}
