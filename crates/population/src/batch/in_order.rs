//! Work on many threads, results in order, few of them waiting.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Sender, channel};

/// What a worker sends back.
enum Sent<R> {
    Done(R),
    /// Not begun: the run was cancelled.
    Skipped,
    Panicked(Box<dyn Any + Send>),
}

/// Calls `work` for 0 to `n`, on `n_threads`, and `take` with each result in that order.
///
/// `take` runs on the calling thread. At most [`most_waiting`] results exist at a time, whatever
/// `n`. Once `cancelled` says so nothing new begins; what was begun before is finished and taken.
/// Returns the number taken. A panic of `work` is passed on.
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
    let Ok(pool) = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build() else {
        // The system gives no threads: the same results from this one.
        return alone(n, work, cancelled, take);
    };
    let (sender, receiver) = channel();
    pool.in_place_scope(|scope| {
        let begin = |at: usize, sender: Sender<(usize, Sent<R>)>| {
            scope.spawn(move |_| {
                let sent = if cancelled() {
                    Sent::Skipped
                } else {
                    match catch_unwind(AssertUnwindSafe(|| work(at))) {
                        Ok(result) => Sent::Done(result),
                        Err(panic) => Sent::Panicked(panic),
                    }
                };
                // The receiver lives as long as the scope, which waits for this.
                let _ = sender.send((at, sent));
            });
        };
        let mut begun = n.min(most_waiting(n_threads));
        (0..begun).for_each(|at| begin(at, sender.clone()));
        let mut early = BTreeMap::new();
        let mut taken = 0;
        while taken < n {
            while !early.contains_key(&taken) {
                let Ok((at, sent)) = receiver.recv() else { return taken };
                early.insert(at, sent);
            }
            match early.remove(&taken) {
                Some(Sent::Done(result)) => take(result),
                Some(Sent::Panicked(panic)) => resume_unwind(panic),
                _ => return taken,
            }
            taken += 1;
            if begun < n {
                begin(begun, sender.clone());
                begun += 1;
            }
        }
        taken
    })
}

/// Results that exist at a time at most: being made, waiting for an earlier one, or being taken.
pub(crate) fn most_waiting(n_threads: usize) -> usize {
    2 * n_threads.max(1)
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
    fn a_panic_of_the_work_is_passed_on() {
        let work = |at: usize| if at == 3 { resume_unwind(Box::new("three")) } else { at };
        let run = || in_order(10, 2, &work, &NEVER, &mut |_| {});
        let panic = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&"three"));
    }
}
