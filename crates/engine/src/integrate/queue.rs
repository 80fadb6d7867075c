//! Who is waiting, who is done.

use super::options::{Options, Subject, Trajectory};
use super::stiffness::Method;
use crate::clock::{Clock, GROUP, solved_starts};
use crate::compile::Compiled;
use std::collections::VecDeque;

/// Subjects waiting for a lane, and those that are done.
pub(super) struct Queue<'a> {
    pub(super) compiled: &'a Compiled,
    pub(super) options: Options,
    waiting: Waiting<'a>,
    n_waiting: usize,
    next: usize,
    /// Method of the block under way.
    method: Method,
    /// Subjects that wait for a block of the other method.
    parked: VecDeque<Busy<'a>>,
    left: Left<'a>,
    /// Lanes of every step of a block, busy or idle.
    pub(super) n_lane_steps: u64,
}

enum Waiting<'a> {
    /// Subjects, which of them are done already, and who takes what comes out, by index.
    Subjects(&'a [Subject<'a>], Vec<bool>, &'a mut Take<'a>),
    /// Clocks; those that are done stand where they stood before.
    Clocks(Vec<Option<Box<Clock<'a>>>>),
}

/// Takes a trajectory by the index of its subject; rows left in it serve another subject.
pub(super) type Take<'a> = dyn FnMut(usize, &mut Trajectory) + 'a;

/// What subjects leave to those after them.
#[derive(Default)]
pub(crate) struct Left<'a> {
    /// Solved start, which a subject with the same numbers shares.
    pub(crate) start: Option<SolvedStart>,
    /// Starts that were solved ahead, by the index of their subject.
    ahead: VecDeque<(usize, SolvedStart)>,
    /// Subjects of which starts were solved ahead.
    n_ahead: usize,
    /// Memory for rows.
    pub(crate) rows: Vec<Vec<f64>>,
    /// Subjects that are done, for their memory.
    #[allow(clippy::vec_box, reason = "the box itself serves the next subject")]
    pub(crate) clocks: Vec<Box<Clock<'a>>>,
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
    /// In memory of its own: it moves between lanes and queue.
    pub(super) clock: Box<Clock<'a>>,
}

impl Left<'_> {
    /// Makes the start of a subject known, with those of the subjects after it.
    fn know_start(
        &mut self,
        compiled: &Compiled,
        (subjects, done): (&[Subject<'_>], &[bool]),
        index: usize,
        options: &Options,
    ) {
        if index >= self.n_ahead {
            self.n_ahead = subjects.len().min(index + GROUP);
            let group = (index..self.n_ahead).filter(|&at| !done[at]);
            let group: Vec<_> = group.map(|at| (at, &subjects[at])).collect();
            self.ahead = solved_starts(compiled, &group, options, self.start.as_ref()).into();
        }
        while self.ahead.front().is_some_and(|(at, _)| *at <= index) {
            self.start = self.ahead.pop_front().map(|(_, start)| start);
        }
    }
}

impl<'a> Queue<'a> {
    pub(super) fn of_subjects(
        compiled: &'a Compiled,
        (subjects, done): (&'a [Subject<'a>], Vec<bool>),
        options: &Options,
        left: Left<'a>,
        take: &'a mut Take<'a>,
    ) -> Self {
        let waiting = Waiting::Subjects(subjects, done, take);
        Self { left, ..Self::new(compiled, options, waiting, subjects.len()) }
    }

    pub(super) fn of_clocks(
        compiled: &'a Compiled,
        options: &Options,
        clocks: Vec<Clock<'a>>,
    ) -> Self {
        let n = clocks.len();
        let ready = |mut clock: Clock<'a>| {
            clock.make_room();
            Some(Box::new(clock))
        };
        let clocks = clocks.into_iter().map(ready).collect();
        Self::new(compiled, options, Waiting::Clocks(clocks), n)
    }

    fn new(
        compiled: &'a Compiled,
        options: &Options,
        waiting: Waiting<'a>,
        n_waiting: usize,
    ) -> Self {
        Self {
            compiled,
            options: *options,
            waiting,
            n_waiting,
            next: 0,
            method: Method::Tsit5,
            parked: VecDeque::new(),
            left: Left::default(),
            n_lane_steps: 0,
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
        self.next == self.n_waiting && self.parked.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.n_waiting
    }

    /// The next subject that needs steps of the present method; those that need none are done on
    /// the way, those that need the other method are parked.
    pub(super) fn take(&mut self) -> Option<Busy<'a>> {
        let parked = self.parked.front().map(|busy| busy.clock.method());
        if parked == Some(self.method) {
            return self.parked.pop_front();
        }
        while self.next < self.n_waiting {
            let index = self.next;
            self.next += 1;
            let clock = match &mut self.waiting {
                Waiting::Subjects(_, done, _) if done[index] => continue,
                Waiting::Subjects(subjects, done, _) => {
                    self.left.know_start(self.compiled, (subjects, done), index, &self.options);
                    Clock::new(self.compiled, &subjects[index], &self.options, &mut self.left)
                }
                Waiting::Clocks(clocks) => clocks[index].take()?,
            };
            let mut place = Some(Busy { index, clock });
            if self.proceed(&mut place) {
                return place;
            }
        }
        None
    }

    /// Brings the subject that is there to its next stretch; takes it out where it is done or parked,
    /// and says so by false.
    pub(super) fn proceed(&mut self, place: &mut Option<Busy<'a>>) -> bool {
        let Some(busy) = place else { return false };
        let goes_on = busy.clock.next_stretch();
        if goes_on && busy.clock.method() == self.method {
            return true;
        }
        match place.take() {
            Some(busy) if goes_on => self.parked.push_back(busy),
            Some(busy) => self.finish(busy),
            None => {}
        }
        false
    }

    fn finish(&mut self, Busy { index, mut clock }: Busy<'a>) {
        match &mut self.waiting {
            Waiting::Subjects(.., take) => {
                let mut trajectory = trajectory(&mut clock);
                take(index, &mut trajectory);
                self.left.rows.push(trajectory.rows);
                self.left.clocks.push(clock);
            }
            Waiting::Clocks(clocks) => clocks[index] = Some(clock),
        }
    }

    /// Clocks that were given as such.
    pub(super) fn clocks(self) -> Vec<Clock<'a>> {
        match self.waiting {
            Waiting::Subjects(..) => Vec::new(),
            Waiting::Clocks(clocks) => clocks.into_iter().flatten().map(|clock| *clock).collect(),
        }
    }
}

fn trajectory(clock: &mut Clock<'_>) -> Trajectory {
    let decisions = clock.decisions();
    Trajectory {
        width: clock.compiled.width(),
        rows: clock.take_rows(),
        failure: clock.failure,
        counts: clock.counts,
        decisions,
    }
}
