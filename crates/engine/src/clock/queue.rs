//! What happens to a subject by itself: a queue by time, then priority, then birth.

use super::Entry;
use crate::timeline::Dose;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Something that happens by itself; equal times go by the order of this list, then by birth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Due {
    /// An infusion stops.
    InfusionEnd { compartment: usize, rate: f64, by: Option<u32> },
    /// A lagged dose arrives.
    Arrival { compartment: usize, entry: Entry },
    /// Rule `rule` is asked, for the time `visit` counts from 0.
    Visit { rule: u32, visit: u32, from_h: f64 },
    /// A dose that was planned earlier is taken.
    Late { dose: Dose, record: usize },
    /// Repeat `repeat` of a dose recorded at `from_h` by record `record` is given.
    Repeat { dose: Dose, from_h: f64, repeat: u32, record: usize },
}

impl Due {
    /// Order at one time: rules by their own order, before the doses that they may change.
    fn priority(self) -> (u8, u32) {
        match self {
            Due::InfusionEnd { .. } => (0, 0),
            Due::Arrival { .. } => (1, 0),
            Due::Visit { rule, .. } => (2, rule),
            Due::Late { .. } => (3, 0),
            Due::Repeat { .. } => (4, 0),
        }
    }
}

/// What is due, the first on top.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: BinaryHeap<Waiting>,
    n_born: u64,
}

#[derive(Debug)]
struct Waiting {
    time_h: f64,
    birth: u64,
    due: Due,
}

impl Queue {
    /// Adds what is due at `time_h`.
    pub(super) fn push(&mut self, time_h: f64, due: Due) {
        self.waiting.push(Waiting { time_h, birth: self.n_born, due });
        self.n_born += 1;
    }

    /// When the first is due, h; infinity if none is.
    pub(super) fn next_h(&self) -> f64 {
        self.waiting.peek().map_or(f64::INFINITY, |first| first.time_h)
    }

    /// Takes the first that is due at `now_h` or before.
    pub(super) fn pop_until(&mut self, now_h: f64) -> Option<Due> {
        if self.next_h() > now_h {
            return None;
        }
        self.waiting.pop().map(|first| first.due)
    }

    /// Keeps those that `stays` wants.
    pub(super) fn retain(&mut self, stays: impl Fn(&Due) -> bool) {
        self.waiting.retain(|one| stays(&one.due));
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }
}

impl Ord for Waiting {
    /// The first due is the greatest: the heap gives that one.
    fn cmp(&self, other: &Self) -> Ordering {
        let by_time = other.time_h.total_cmp(&self.time_h);
        let by_priority = || other.due.priority().cmp(&self.due.priority());
        by_time.then_with(by_priority).then(other.birth.cmp(&self.birth))
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Waiting {}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(rule: u32, visit: u32) -> Due {
        Due::Visit { rule, visit, from_h: 0.0 }
    }

    #[test]
    fn equal_times_go_by_priority_then_by_birth() {
        let end = |compartment| Due::InfusionEnd { compartment, rate: 1.0, by: None };
        let repeat = Due::Repeat { dose: Dose::bolus(0, 1.0), from_h: 0.0, repeat: 1, record: 0 };
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
        assert_eq!(queue.pop_until(0.5), None);
        let order: Vec<Due> = std::iter::from_fn(|| queue.pop_until(2.0)).collect();
        let ends = [end(4), end(3)];
        let visits = [visit(0, 8), visit(1, 7), visit(1, 6)];
        assert_eq!(order[0], repeat);
        assert_eq!((&order[1..3], &order[3..6], order[6]), (&ends[..], &visits[..], repeat));
        assert_eq!((queue.len(), queue.next_h()), (0, f64::INFINITY));
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
            let Some(Due::Visit { rule, visit, .. }) = queue.pop_until(time_h) else { panic!() };
            assert!(before < (time_h, rule, visit), "{before:?} {time_h} {rule} {visit}");
            before = (time_h, rule, visit);
        }
    }
}
