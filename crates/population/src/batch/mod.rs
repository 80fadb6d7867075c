//! Many subjects in several arms, on many threads, in bounded memory, with the same bits always.
//!
//! Subjects are made, run and handed over in chunks; a chunk is dropped once it was taken. Results
//! arrive by index, so neither threads nor the size of chunks can show in them.

mod in_order;
#[cfg(test)]
mod tests;

use epsom_engine::{Compiled, Options, RunFailure, integrate};
pub use epsom_engine::{Subject, Trajectory};
use in_order::{in_order, most_waiting};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Failures that a report lists; the others are counted.
pub const MOST_FAILURES: usize = 100;

/// What is run, and for whom.
pub struct Plan<'a> {
    /// The model and its programs.
    pub compiled: &'a Compiled,
    /// How to integrate.
    pub options: Options,
    /// Virtual people, or draws of what is uncertain.
    pub n_subjects: usize,
    /// Treatments that each of them gets, with the same draws.
    pub n_arms: usize,
    /// Makes one run from the indices of subject and arm; called on any thread, in any order.
    pub make: &'a (dyn Fn(usize, usize) -> Subject<'a> + Sync),
}

/// How to run; nothing here changes a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchOptions {
    /// Threads; none for one per core.
    pub n_threads: Option<usize>,
    /// Subjects in a chunk; none for what suits threads and memory.
    pub subjects_per_chunk: Option<usize>,
    /// Bytes that results may take before they are handed over; at least one chunk of one subject
    /// per thread is always made.
    pub memory_bytes: usize,
}

impl Default for BatchOptions {
    fn default() -> Self {
        Self { n_threads: None, subjects_per_chunk: None, memory_bytes: 256 << 20 }
    }
}

/// Who looks on while it runs.
pub struct Watch<'a> {
    /// Called after every chunk, on the calling thread.
    pub progress: &'a mut dyn FnMut(Progress),
    /// Asked before every chunk, on any thread; once it says yes nothing new begins, and what is
    /// finished stays.
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Subjects handed over.
    pub n_done: usize,
    /// Subjects of the plan.
    pub n_subjects: usize,
    /// Runs that failed so far.
    pub n_failed: usize,
}

/// One subject in all its arms.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    /// Index of the subject.
    pub subject_idx: usize,
    /// One trajectory per arm.
    pub arms: Vec<Trajectory>,
}

/// A run that stopped early.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Failure {
    /// Index of the subject, or of the draw.
    pub subject_idx: usize,
    /// Index of the arm.
    pub arm_idx: usize,
    /// When and why.
    pub failure: RunFailure,
}

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BatchReport {
    /// Subjects handed over, failed ones included.
    pub n_done: usize,
    /// Whether it was cancelled before the end.
    pub cancelled: bool,
    /// Runs (subject and arm) that failed.
    pub n_failed: usize,
    /// The first [`MOST_FAILURES`] of them, by subject, then arm.
    pub failures: Vec<Failure>,
    /// Most numbers of results held at once.
    pub most_held: usize,
}

/// Runs the plan and hands every subject to `take`, in the order of the index.
///
/// A run that fails is in the report and arrives with the rows that it has; the others finish.
pub fn simulate(
    plan: &Plan<'_>,
    options: &BatchOptions,
    watch: Watch<'_>,
    take: &mut dyn FnMut(&Finished),
) -> BatchReport {
    let run = |subjects: &[Subject<'_>]| integrate(plan.compiled, subjects, &plan.options);
    simulate_by(&run, plan, options, watch, take)
}

/// As [`simulate`], with a function that integrates some subjects on one thread.
fn simulate_by(
    run: &(dyn Fn(&[Subject<'_>]) -> Vec<Trajectory> + Sync),
    plan: &Plan<'_>,
    options: &BatchOptions,
    watch: Watch<'_>,
    take: &mut dyn FnMut(&Finished),
) -> BatchReport {
    let n_threads = options.n_threads.unwrap_or_else(rayon::current_num_threads).max(1);
    let size = chunk_size(plan, options, n_threads);
    let (held, most_held) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = |chunk: usize| {
        let from = chunk * size;
        let subjects = from..plan.n_subjects.min(from + size);
        let made: Vec<Subject<'_>> = subjects
            .clone()
            .flat_map(|subject| (0..plan.n_arms).map(move |arm| (plan.make)(subject, arm)))
            .collect();
        let mut trajectories = run(&made).into_iter();
        let finished: Vec<Finished> = subjects
            .map(|subject_idx| {
                let arms = trajectories.by_ref().take(plan.n_arms).collect();
                Finished { subject_idx, arms }
            })
            .collect();
        let now = held.fetch_add(n_values(&finished), Ordering::SeqCst) + n_values(&finished);
        most_held.fetch_max(now, Ordering::SeqCst);
        finished
    };
    let mut report = BatchReport::default();
    let mut take_chunk = |chunk: Vec<Finished>| {
        for finished in &chunk {
            report.note_failures(finished);
            take(finished);
        }
        report.n_done += chunk.len();
        held.fetch_sub(n_values(&chunk), Ordering::SeqCst);
        (watch.progress)(Progress {
            n_done: report.n_done,
            n_subjects: plan.n_subjects,
            n_failed: report.n_failed,
        });
    };
    in_order(plan.n_subjects.div_ceil(size), n_threads, &work, watch.cancelled, &mut take_chunk);
    report.cancelled = report.n_done < plan.n_subjects;
    report.most_held = most_held.into_inner();
    report
}

impl BatchReport {
    fn note_failures(&mut self, finished: &Finished) {
        for (arm_idx, trajectory) in finished.arms.iter().enumerate() {
            let Some(failure) = trajectory.failure else { continue };
            self.n_failed += 1;
            if self.failures.len() < MOST_FAILURES {
                let subject_idx = finished.subject_idx;
                self.failures.push(Failure { subject_idx, arm_idx, failure });
            }
        }
    }
}

/// Runs that keep the lanes of one thread busy, and no more than makes the threads wait at the end.
const RUNS_PER_CHUNK: usize = 128;
/// Fewer leave lanes empty.
const FEWEST_RUNS: usize = 32;

/// Subjects per chunk.
fn chunk_size(plan: &Plan<'_>, options: &BatchOptions, n_threads: usize) -> usize {
    if plan.n_subjects == 0 || plan.n_arms == 0 {
        return 1;
    }
    let arms = plan.n_arms;
    let even = plan.n_subjects.div_ceil(4 * n_threads);
    let suits = even.clamp((FEWEST_RUNS / arms).max(1), (RUNS_PER_CHUNK / arms).max(1));
    let rows: usize = (0..arms).map(|arm| (plan.make)(0, arm).timeline.n_rows()).sum();
    let bytes = rows * plan.compiled.width() * size_of::<f64>() * most_waiting(n_threads);
    let fits = options.memory_bytes / bytes.max(1);
    options.subjects_per_chunk.unwrap_or(suits).min(fits).max(1)
}

fn n_values(chunk: &[Finished]) -> usize {
    chunk.iter().flat_map(|finished| &finished.arms).map(|arm| arm.rows.len()).sum()
}
