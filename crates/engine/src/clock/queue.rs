//! What happens to a subject by itself: a queue by time, then priority, then birth.
//!
//! What waits is small, and is read where it stands: copies of what was just written piece by piece
//! are what a stop costs most.

use super::Entry;
use crate::timeline::Dose;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Something that happens by itself; equal times go by the order of this list, then by birth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Due<'a> {
    /// An infusion stops.
    InfusionEnd { compartment: u32, rate: f64, by: Option<u32> },
    /// A lagged dose arrives.
    Arrival { compartment: u32, entry: Entry },
    /// Rule `rule` is asked, for the time `visit` counts from 0.
    Visit { rule: u32, visit: u32, from_h: f64 },
    /// A dose that was planned earlier is taken.
    Late { dose: &'a Dose, record: usize },
    /// Repeat `repeat` of a dose recorded at `from_h` by record `record` is given.
    Repeat { dose: &'a Dose, from_h: f64, repeat: u32, record: usize },
}

impl Due<'_> {
    /// Order at one time: rules by their own order, before the doses that they may change.
    fn priority(&self) -> (u8, u32) {
        match *self {
            Due::InfusionEnd { .. } => (0, 0),
            Due::Arrival { .. } => (1, 0),
            Due::Visit { rule, .. } => (2, rule),
            Due::Late { .. } => (3, 0),
            Due::Repeat { .. } => (4, 0),
        }
    }
}

/// What is due. The first stands beside the others: where one regimen repeats, nothing else waits.
#[derive(Debug, Default)]
pub(super) struct Queue<'a> {
    first: Option<Waiting<'a>>,
    /// The next on top.
    rest: BinaryHeap<Waiting<'a>>,
    n_born: u64,
}

#[derive(Debug)]
struct Waiting<'a> {
    time_h: f64,
    birth: u64,
    due: Due<'a>,
}

impl<'a> Queue<'a> {
    /// Adds what is due at `time_h`.
    pub(super) fn push(&mut self, time_h: f64, due: Due<'a>) {
        let mut one = Waiting { time_h, birth: self.n_born, due };
        self.n_born += 1;
        match &mut self.first {
            None => self.first = Some(one),
            Some(first) => {
                if *first < one {
                    std::mem::swap(first, &mut one);
                }
                self.rest.push(one);
            }
        }
    }

    /// The repeat that stands first gives way to the one after it, which is due at `time_h`.
    pub(super) fn advance_first(&mut self, time_h: f64) {
        let Some(first) = &mut self.first else { return };
        if let Due::Repeat { repeat, .. } = &mut first.due {
            *repeat += 1;
        }
        (first.time_h, first.birth) = (time_h, self.n_born);
        self.n_born += 1;
        if let Some(mut next) = self.rest.peek_mut()
            && *next > *first
        {
            std::mem::swap(&mut *next, first);
        }
    }

    /// When the first is due, h; infinity if none is.
    pub(super) fn next_h(&self) -> f64 {
        self.first.as_ref().map_or(f64::INFINITY, |first| first.time_h)
    }

    /// The first, where it is due at `now_h` or before.
    pub(super) fn first_until(&self, now_h: f64) -> Option<&Due<'a>> {
        self.first.as_ref().filter(|first| first.time_h <= now_h).map(|first| &first.due)
    }

    /// Takes the first out.
    pub(super) fn remove_first(&mut self) {
        self.first = self.rest.pop();
    }

    /// Forgets everything, and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.first = None;
        self.rest.clear();
        self.n_born = 0;
    }

    /// Keeps those that `stays` wants.
    pub(super) fn retain(&mut self, stays: impl Fn(&Due<'a>) -> bool) {
        self.rest.retain(|one| stays(&one.due));
        if self.first.as_ref().is_some_and(|first| !stays(&first.due)) {
            self.remove_first();
        }
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.rest.len()
    }
}

impl Ord for Waiting<'_> {
    /// The first due is the greatest: the heap gives that one.
    fn cmp(&self, other: &Self) -> Ordering {
        let by_time = other.time_h.total_cmp(&self.time_h);
        let by_priority = || other.due.priority().cmp(&self.due.priority());
        by_time.then_with(by_priority).then(other.birth.cmp(&self.birth))
    }
}

impl PartialOrd for Waiting<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Waiting<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Waiting<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    fn pop<'a>(queue: &mut Queue<'a>, now_h: f64) -> Option<Due<'a>> {
        let first = queue.first_until(now_h).copied();
        first.inspect(|_| queue.remove_first())
    }

    fn visit<'a>(rule: u32, visit: u32) -> Due<'a> {
        Due::Visit { rule, visit, from_h: 0.0 }
    }

    #[test]
    fn equal_times_go_by_priority_then_by_birth() {
        let end = |compartment| Due::InfusionEnd { compartment, rate: 1.0, by: None };
        let dose = Dose::bolus(0, 1.0);
        let repeat = Due::Repeat { dose: &dose, from_h: 0.0, repeat: 1, record: 0 };
        let mut queue = Queue::default();
        for (time_h, due) in [
            (2.0, repeat),
            (2.0, visit(1, 7)),
            (2.0, end(4)),
            (1.0, repeat),
            (2.0, visit(0, 8)),
            (2.0, end(3)),
            (2.0, visit(1, 6)),
        ] {
            queue.push(time_h, due);
        }
        assert_eq!(pop(&mut queue, 0.5), None);
        let order: Vec<Due<'_>> = std::iter::from_fn(|| pop(&mut queue, 2.0)).collect();
        let ends = [end(4), end(3)];
        let visits = [visit(0, 8), visit(1, 7), visit(1, 6)];
        assert_eq!(order[0], repeat);
        assert_eq!((&order[1..3], &order[3..6], order[6]), (&ends[..], &visits[..], repeat));
        assert_eq!((queue.len(), queue.next_h()), (0, f64::INFINITY));
    }

    #[test]
    fn a_repeat_goes_behind_what_comes_before_it() {
        let dose = Dose::bolus(0, 1.0);
        let repeat = |repeat| Due::Repeat { dose: &dose, from_h: 0.0, repeat, record: 0 };
        let mut queue = Queue::default();
        queue.push(1.0, repeat(1));
        queue.push(3.0, repeat(7));
        queue.push(2.0, visit(0, 0));
        queue.advance_first(3.0);
        let order = std::iter::from_fn(|| pop(&mut queue, 3.0));
        assert_eq!(order.collect::<Vec<_>>(), [visit(0, 0), repeat(7), repeat(2)]);
        assert_eq!(queue.len(), 0);
    }

    #[test]
    fn what_is_taken_out_leaves_the_order() {
        let mut queue = Queue::default();
        for birth in 0..100 {
            queue.push(f64::from(birth * 37 % 10), visit(birth % 2, birth));
        }
        queue.retain(|due| matches!(due, Due::Visit { visit, .. } if visit % 3 != 0));
        let mut before = (f64::NEG_INFINITY, 0, 0);
        while queue.len() > 0 {
            let time_h = queue.next_h();
            let Some(Due::Visit { rule, visit, .. }) = pop(&mut queue, time_h) else { panic!() };
            assert!(before < (time_h, rule, visit), "{before:?} {time_h} {rule} {visit}");
            before = (time_h, rule, visit);
        }
    }
}
