//! Who is waiting, who is done.

use super::options::{Options, Subject, Trajectory};
use super::stiffness::Method;
use crate::clock::{Clock, Stretch};
use crate::compile::Compiled;
use std::collections::VecDeque;

/// Subjects waiting for a lane, and those that are done.
pub(super) struct Queue<'a> {
    pub(super) compiled: &'a Compiled,
    pub(super) options: Options,
    waiting: Waiting<'a>,
    next: usize,
    /// Method of the block under way.
    method: Method,
    /// Subjects that wait for a block of the other method.
    parked: VecDeque<Busy<'a>>,
    done: Vec<Option<Done<'a>>>,
    /// Solved start of the subject before, which one with the same numbers shares.
    start: Option<SolvedStart>,
}

enum Waiting<'a> {
    Subjects(&'a [Subject<'a>]),
    Clocks(Vec<Option<Clock<'a>>>),
}

/// What is kept of a subject that is done.
enum Done<'a> {
    /// All that a caller sees; the memory of its clock serves the next one.
    Trajectory(Trajectory),
    Clock(Box<Clock<'a>>),
}

/// A start that took work to find.
pub(crate) struct SolvedStart {
    pub(crate) time_h: f64,
    pub(crate) params: Vec<f64>,
    pub(crate) covariates: Vec<f64>,
    pub(crate) state: Vec<f64>,
}

/// A subject in a lane.
pub(super) struct Busy<'a> {
    pub(super) index: usize,
    /// In memory of its own: it moves between lanes and queue at every stop.
    pub(super) clock: Box<Clock<'a>>,
    pub(super) stretch: Stretch,
}

impl<'a> Queue<'a> {
    pub(super) fn of_subjects(
        compiled: &'a Compiled,
        subjects: &'a [Subject<'a>],
        options: &Options,
    ) -> Self {
        Self::new(compiled, options, Waiting::Subjects(subjects), subjects.len())
    }

    pub(super) fn of_clocks(
        compiled: &'a Compiled,
        options: &Options,
        clocks: Vec<Clock<'a>>,
    ) -> Self {
        let n = clocks.len();
        Self::new(compiled, options, Waiting::Clocks(clocks.into_iter().map(Some).collect()), n)
    }

    fn new(compiled: &'a Compiled, options: &Options, waiting: Waiting<'a>, n: usize) -> Self {
        let done = (0..n).map(|_| None).collect();
        Self {
            compiled,
            options: *options,
            waiting,
            next: 0,
            method: Method::Tsit5,
            parked: VecDeque::new(),
            done,
            start: None,
        }
    }

    /// The next block uses `method`.
    pub(super) fn turn_to(&mut self, method: Method) {
        self.method = method;
    }

    /// Method of the block under way.
    pub(super) fn method(&self) -> Method {
        self.method
    }

    /// Whether nobody waits.
    pub(super) fn is_done(&self) -> bool {
        self.next == self.done.len() && self.parked.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.done.len()
    }

    /// The next subject that needs steps of the present method; those that need none are done on
    /// the way, those that need the other method are parked.
    pub(super) fn take(&mut self) -> Option<Busy<'a>> {
        let parked = self.parked.front().map(|busy| busy.clock.method());
        if parked == Some(self.method) {
            return self.parked.pop_front();
        }
        while self.next < self.done.len() {
            let index = self.next;
            self.next += 1;
            let clock = match &mut self.waiting {
                Waiting::Subjects(subjects) => Box::new(Clock::new(
                    self.compiled,
                    &subjects[index],
                    &self.options,
                    &mut self.start,
                )),
                Waiting::Clocks(clocks) => Box::new(clocks[index].take()?),
            };
            if let Some(busy) = self.proceed(index, clock) {
                return Some(busy);
            }
        }
        None
    }

    /// The subject up to its next stretch of steps; none where it is done or parked.
    pub(super) fn proceed(&mut self, index: usize, mut clock: Box<Clock<'a>>) -> Option<Busy<'a>> {
        match clock.next_stretch() {
            Some(stretch) if clock.method() == self.method => Some(Busy { index, clock, stretch }),
            Some(stretch) => {
                self.parked.push_back(Busy { index, clock, stretch });
                None
            }
            None => {
                self.done[index] = Some(match self.waiting {
                    Waiting::Subjects(_) => Done::Trajectory(trajectory(*clock)),
                    Waiting::Clocks(_) => Done::Clock(clock),
                });
                None
            }
        }
    }

    /// Trajectories of subjects.
    pub(super) fn trajectories(self) -> Vec<Trajectory> {
        let one = |done| match done {
            Done::Trajectory(trajectory) => trajectory,
            Done::Clock(clock) => trajectory(*clock),
        };
        self.done.into_iter().flatten().map(one).collect()
    }

    /// Clocks that were given as such.
    pub(super) fn clocks(self) -> Vec<Clock<'a>> {
        let one = |done| match done {
            Done::Trajectory(_) => None,
            Done::Clock(clock) => Some(*clock),
        };
        self.done.into_iter().flatten().filter_map(one).collect()
    }
}

fn trajectory(clock: Clock<'_>) -> Trajectory {
    let model = &clock.compiled.model;
    Trajectory {
        width: model.outputs.len() + model.compartments.len(),
        rows: clock.rows,
        failure: clock.failure,
        counts: clock.counts,
    }
}
