//! Work on many threads, results in order, few of them waiting.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Calls `work` for 0 to `n`, on `n_threads`, and `take` with each result in that order.
///
/// `take` runs on the calling thread, which works as the others do while nothing is to be taken: one
/// more thread would take time from those that work. At most [`most_waiting`] results exist at a
/// time, whatever `n`. Once `cancelled` says so nothing new begins; what was begun before is finished
/// and taken. Returns the number taken. A panic of `work` is passed on.
pub(crate) fn in_order<R: Send>(
    n: usize,
    n_threads: usize,
    work: &(dyn Fn(usize) -> R + Sync),
    cancelled: &(dyn Fn() -> bool + Sync),
    take: &mut dyn FnMut(R),
) -> usize {
    if n_threads < 2 {
        return alone(n, work, cancelled, take);
    }
    let Ok(pool) = rayon::ThreadPoolBuilder::new().num_threads(n_threads - 1).build() else {
        // The system gives no threads: the same results from this one.
        return alone(n, work, cancelled, take);
    };
    let shared = Shared {
        n,
        most: most_waiting(n_threads),
        work,
        cancelled,
        state: Mutex::new(State { next: 0, taken: 0, stopped: false, done: BTreeMap::new() }),
        changed: Condvar::new(),
    };
    pool.in_place_scope(|scope| {
        for _ in 1..n_threads {
            scope.spawn(|_| shared.help());
        }
        // Whatever ends this thread ends the others.
        let _stop = Stop(&shared);
        shared.lead(take)
    })
}

/// Results that exist at a time at most: being made, waiting for an earlier one, or being taken; so many
/// that a thread on a core that others use seldom stops the rest.
pub(crate) fn most_waiting(n_threads: usize) -> usize {
    4 * n_threads.max(1)
}

fn alone<R>(
    n: usize,
    work: &dyn Fn(usize) -> R,
    cancelled: &dyn Fn() -> bool,
    take: &mut dyn FnMut(R),
) -> usize {
    for at in 0..n {
        if cancelled() {
            return at;
        }
        take(work(at));
    }
    n
}

/// What all threads see.
struct Shared<'a, R> {
    n: usize,
    most: usize,
    work: &'a (dyn Fn(usize) -> R + Sync),
    cancelled: &'a (dyn Fn() -> bool + Sync),
    state: Mutex<State<R>>,
    changed: Condvar,
}

struct State<R> {
    /// First that was not begun, and first that was not taken.
    next: usize,
    taken: usize,
    /// Nothing new begins.
    stopped: bool,
    done: BTreeMap<usize, Result<R, Box<dyn Any + Send>>>,
}

/// What a thread may do.
enum Claim {
    Work(usize),
    /// Too many results wait.
    Wait,
    End,
}

impl<R> Shared<'_, R> {
    /// Nothing that may panic runs while the state is locked.
    fn lock(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn claim(&self, state: &mut State<R>) -> Claim {
        if state.stopped || state.next == self.n {
            return Claim::End;
        }
        if state.next == state.taken + self.most {
            return Claim::Wait;
        }
        state.next += 1;
        Claim::Work(state.next - 1)
    }

    /// Does piece `at`, which was claimed.
    fn run(&self, at: usize) {
        let result = catch_unwind(AssertUnwindSafe(|| (self.work)(at)));
        self.lock().done.insert(at, result);
        self.changed.notify_all();
    }

    fn stop(&self) {
        self.lock().stopped = true;
        self.changed.notify_all();
    }

    /// Works until nothing is left to begin.
    fn help(&self) {
        loop {
            if (self.cancelled)() {
                self.stop();
            }
            let mut state = self.lock();
            match self.claim(&mut state) {
                Claim::Work(at) => {
                    drop(state);
                    self.run(at);
                }
                Claim::Wait => drop(self.wait(state)),
                Claim::End => return,
            }
        }
    }

    fn wait<'s>(&self, state: MutexGuard<'s, State<R>>) -> MutexGuard<'s, State<R>> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes results in order, and works while the next is not there.
    fn lead(&self, take: &mut dyn FnMut(R)) -> usize {
        loop {
            if (self.cancelled)() {
                self.stop();
            }
            let mut state = self.lock();
            let next = state.taken;
            if let Some(result) = state.done.remove(&next) {
                drop(state);
                match result {
                    Ok(result) => take(result),
                    Err(panic) => resume_unwind(panic),
                }
                self.lock().taken += 1;
                self.changed.notify_all();
                continue;
            }
            match self.claim(&mut state) {
                Claim::Work(at) => {
                    drop(state);
                    self.run(at);
                }
                Claim::End if state.taken == state.next => return state.taken,
                Claim::Wait | Claim::End => drop(self.wait(state)),
            }
        }
    }
}

/// Lets nothing new begin when it goes.
struct Stop<'a, 'b, R>(&'a Shared<'b, R>);

impl<R> Drop for Stop<'_, '_, R> {
    fn drop(&mut self) {
        self.0.stop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const NEVER: fn() -> bool = || false;

    #[test]
    fn results_come_in_order_and_few_wait() {
        for n_threads in [1, 2, 5] {
            let (held, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let work = |at: usize| {
                let now = held.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(now, Ordering::SeqCst);
                // Uneven work, so that later ones end first.
                (0..(at * 7919) % 5000).fold(at, |sum, x| std::hint::black_box(sum ^ x ^ x))
            };
            let mut seen = Vec::new();
            let taken = in_order(300, n_threads, &work, &NEVER, &mut |at| {
                held.fetch_sub(1, Ordering::SeqCst);
                seen.push(at);
            });
            assert_eq!(taken, 300);
            assert_eq!(seen, (0..300).collect::<Vec<_>>());
            assert!(most.into_inner() <= most_waiting(n_threads), "{n_threads}");
        }
        assert_eq!(in_order(0, 2, &|at| at, &NEVER, &mut |_| unreachable!()), 0);
    }

    #[test]
    fn a_cancelled_run_keeps_what_was_begun() {
        for n_threads in [1, 2] {
            let done = AtomicUsize::new(0);
            let cancelled = || done.load(Ordering::SeqCst) >= 10;
            let mut seen = Vec::new();
            let taken = in_order(1000, n_threads, &|at| at, &cancelled, &mut |at| {
                seen.push(at);
                done.fetch_add(1, Ordering::SeqCst);
            });
            assert_eq!(seen, (0..taken).collect::<Vec<_>>());
            assert!((10..10 + most_waiting(n_threads)).contains(&taken), "{taken}");
        }
    }

    #[test]
    fn a_panic_of_the_taker_is_passed_on() {
        for n_threads in [1, 2, 5] {
            let mut taker = |at: usize| {
                if at == 3 {
                    resume_unwind(Box::new("three"));
                }
            };
            let run = || in_order(1000, n_threads, &|at| at, &NEVER, &mut taker);
            let panic = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
            assert_eq!(panic.downcast_ref(), Some(&"three"));
        }
    }

    #[test]
    fn a_panic_of_the_work_is_passed_on() {
        let work = |at: usize| if at == 3 { resume_unwind(Box::new("three")) } else { at };
        let run = || in_order(10, 2, &work, &NEVER, &mut |_| {});
        let panic = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&"three"));
    }
}
