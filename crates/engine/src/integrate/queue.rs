//! Who is waiting, who is done.

use super::options::{Options, Subject};
use crate::clock::{Clock, Stretch};
use crate::compile::Compiled;

/// Subjects waiting for a lane, and those that are done.
pub(super) struct Queue<'a> {
    pub(super) compiled: &'a Compiled,
    pub(super) options: Options,
    waiting: Waiting<'a>,
    next: usize,
    done: Vec<Option<Clock<'a>>>,
    /// Solved start of the subject before, which one with the same numbers shares.
    start: Option<SolvedStart>,
}

enum Waiting<'a> {
    Subjects(&'a [Subject<'a>]),
    Clocks(Vec<Option<Clock<'a>>>),
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
    pub(super) clock: Clock<'a>,
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
        Self { compiled, options: *options, waiting, next: 0, done, start: None }
    }

    pub(super) fn len(&self) -> usize {
        self.done.len()
    }

    /// The next subject that needs steps; those that need none are done on the way.
    pub(super) fn take(&mut self) -> Option<Busy<'a>> {
        while self.next < self.done.len() {
            let index = self.next;
            self.next += 1;
            let clock = match &mut self.waiting {
                Waiting::Subjects(subjects) => {
                    Clock::new(self.compiled, &subjects[index], &self.options, &mut self.start)
                }
                Waiting::Clocks(clocks) => clocks[index].take()?,
            };
            if let Some(busy) = self.proceed(index, clock) {
                return Some(busy);
            }
        }
        None
    }

    /// The subject up to its next stretch of steps; none where it is done.
    pub(super) fn proceed(&mut self, index: usize, mut clock: Clock<'a>) -> Option<Busy<'a>> {
        match clock.next_stretch() {
            Some(stretch) => Some(Busy { index, clock, stretch }),
            None => {
                self.done[index] = Some(clock);
                None
            }
        }
    }

    pub(super) fn finished(self) -> Vec<Clock<'a>> {
        self.done.into_iter().flatten().collect()
    }
}
