//! Executors side by side: time, error against the reference, ratios.

use crate::problem::Problem;
use cpu_time::ThreadTime;

/// Work done, summed over subjects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Accepted steps.
    pub steps: u64,
    /// Rejected steps.
    pub rejections: u64,
    /// Jacobians or factorizations.
    pub jacobians: u64,
    /// Steps that lanes could have tried, idle ones too; 0 of who has no lanes.
    pub lane_steps: u64,
}

/// One pass over the subjects.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Pass {
    /// Processor time of this thread, s.
    pub seconds: f64,
    /// Work done.
    pub counts: Counts,
}

/// Solves all subjects into the answer: subject, observation, value.
pub type Solve<'a> = dyn FnMut(&mut [f64]) -> Pass + 'a;

/// A way to solve a problem, ready to run: compiled, parameters known.
pub struct Executor<'a> {
    /// Whose answer it gives, as in the table: the problem compared, or another on its subjects.
    pub problem: &'static str,
    /// As in the table.
    pub name: String,
    /// Relative tolerance; 0 for an exact one.
    pub rtol: f64,
    /// Peer whose speed others are compared with.
    pub peer: Option<Peer>,
    /// One pass.
    pub run: Box<Solve<'a>>,
}

/// Peers that ratios are given to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// diffsol: Tsit45 on W1, BDF on W2.
    Diffsol,
    /// ode_solvers: Dopri5.
    OdeSolvers,
}

/// One line of the result.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Problem.
    pub problem: String,
    /// Executor.
    pub executor: String,
    /// Relative tolerance; 0 for an exact executor.
    pub rtol: f64,
    /// Median over the passes.
    pub subjects_per_s: f64,
    /// Largest error, see [`largest_error`].
    pub error: f64,
    /// Times as fast as diffsol at the same tolerance (an exact executor: at the tightest).
    pub to_diffsol: Option<f64>,
    /// Times as fast as ode_solvers, likewise.
    pub to_ode_solvers: Option<f64>,
    /// Accepted steps per subject.
    pub steps: f64,
    /// Rejected steps per subject.
    pub rejections: f64,
    /// Jacobians per subject.
    pub jacobians: f64,
    /// Part of the steps of lanes that served a subject, percent; none of who has no lanes.
    pub lane_use: Option<f64>,
}

/// Processor time of this thread that `work` takes, s.
///
/// Other processes of a shared machine do not count, as they would on the clock at the wall.
pub fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let start = ThreadTime::now();
    let value = work();
    (start.elapsed().as_secs_f64(), value)
}

/// What the answers of a problem are compared with.
pub struct Reference {
    /// As executors name it.
    pub problem: &'static str,
    /// Subject, observation, value.
    pub answer: Vec<f64>,
    /// Values next to each other that are weighted by the largest of them: 1, or a concentration
    /// and its derivatives, which pass through zero where it does not.
    pub together: usize,
}

/// Runs the executors in turn, `repeats` times, so that noise hits all of them.
///
/// Ratios are to the peer on the problem itself, also for an executor that answers another on the
/// same subjects.
pub fn compare(
    problem: &Problem,
    executors: &mut [Executor<'_>],
    references: &[Reference],
    repeats: usize,
) -> Vec<Row> {
    let mut answer = Vec::new();
    let mut seconds = vec![Vec::new(); executors.len()];
    let mut first = vec![(0.0, Counts::default()); executors.len()];
    for repeat in 0..repeats {
        for (at, executor) in executors.iter_mut().enumerate() {
            let found = references.iter().find(|one| one.problem == executor.problem);
            let (reference, together) =
                found.map_or((&[][..], 1), |one| (&one.answer, one.together));
            answer.clear();
            answer.resize(reference.len(), f64::NAN);
            let pass = (executor.run)(&mut answer);
            seconds[at].push(pass.seconds);
            if repeat == 0 {
                let error = largest_error(&answer, reference, together);
                first[at] = (error, pass.counts);
            }
        }
    }
    let n = problem.n_subjects as f64;
    let speeds: Vec<f64> = seconds.into_iter().map(|list| n / median(list)).collect();
    let tightest = executors.iter().map(|one| one.rtol).filter(|&rtol| rtol > 0.0);
    let tightest = tightest.fold(f64::INFINITY, f64::min);
    let peer_speed = |peer: Peer, rtol: f64| {
        let rtol = if rtol > 0.0 { rtol } else { tightest };
        let found = executors.iter().position(|one| one.peer == Some(peer) && one.rtol == rtol);
        found.map(|at| speeds[at])
    };
    let row = |at: usize| {
        let executor = &executors[at];
        let (error, counts) = first[at];
        let ratio = |peer| peer_speed(peer, executor.rtol).map(|speed| speeds[at] / speed);
        Row {
            problem: executor.problem.to_string(),
            executor: executor.name.clone(),
            rtol: executor.rtol,
            subjects_per_s: speeds[at],
            error,
            to_diffsol: ratio(Peer::Diffsol),
            to_ode_solvers: ratio(Peer::OdeSolvers),
            steps: counts.steps as f64 / n,
            rejections: counts.rejections as f64 / n,
            jacobians: counts.jacobians as f64 / n,
            lane_use: (counts.lane_steps > 0).then(|| {
                100.0 * (counts.steps + counts.rejections) as f64 / counts.lane_steps as f64
            }),
        }
    };
    (0..executors.len()).map(row).collect()
}

/// Ratio of absolute to relative tolerance in every run: what is smaller than this counts as it.
pub const FLOOR: f64 = 1e-3;

/// Largest `|value - reference| / (|reference| + FLOOR)`, the reference being the largest of
/// `together` values next to each other; infinite where a value is missing.
///
/// The weights are those of the tolerance: a solver that keeps its promise at every point stays
/// near its relative tolerance.
pub fn largest_error(answer: &[f64], reference: &[f64], together: usize) -> f64 {
    let mut worst = 0.0;
    for (answer, reference) in answer.chunks(together).zip(reference.chunks(together)) {
        let largest = reference.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
        for (value, reference) in answer.iter().zip(reference) {
            let error = (value - reference).abs() / (largest + FLOOR);
            worst = if error.is_nan() { f64::INFINITY } else { f64::max(worst, error) };
        }
    }
    worst
}

/// Middle value.
pub fn median(mut list: Vec<f64>) -> f64 {
    list.sort_by(f64::total_cmp);
    let half = list.len() / 2;
    match list.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => list[half],
        _ => 0.5 * (list[half - 1] + list[half]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_weighted_and_a_missing_value_is_infinite() {
        assert_eq!(largest_error(&[1.0, 0.0], &[1.0, 0.0], 1), 0.0);
        assert_eq!(largest_error(&[1.0, 0.001], &[1.0, 0.0], 1), 1.0);
        assert_eq!(largest_error(&[1.0, 1.001], &[0.999, 0.0], 2), 1.001);
        assert_eq!(largest_error(&[f64::NAN, 1.0], &[1.0, 1.0], 1), f64::INFINITY);
    }

    #[test]
    fn the_median_of_even_and_odd_lists() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 2.5);
    }
}
