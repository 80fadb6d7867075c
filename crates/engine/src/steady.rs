//! Steady state of repeated doses in a linear system, exactly.

use crate::clock::DoseBy;
use crate::linear::{LinearSystem, Propagator, solve};

/// One repeated dose as the system feels it: a bolus, or a rate for a while, every interval.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Train {
    pub compartment: usize,
    pub bolus: f64,
    pub rate: f64,
    pub duration_h: f64,
    pub interval_h: f64,
    /// Its derivatives, one per quantity.
    pub by: Vec<DoseBy>,
}

impl Train {
    /// Adds the rates of `n_running` infusions.
    pub(crate) fn add_rates(&self, input: &mut [f64], n_running: f64, n_own: usize) {
        input[self.compartment] += n_running * self.rate;
        for (at, one) in self.by.iter().enumerate() {
            input[n_own * (1 + at) + self.compartment] += n_running * one.rate;
        }
    }

    /// Adds what enters at once.
    pub(crate) fn add_bolus(&self, state: &mut [f64], n_own: usize) {
        state[self.compartment] += self.bolus;
        for (at, one) in self.by.iter().enumerate() {
            state[n_own * (1 + at) + self.compartment] += one.bolus;
        }
    }

    /// Adds the jumps of derivatives where an infusion ends.
    fn add_end(&self, state: &mut [f64], n_own: usize) {
        for (at, one) in self.by.iter().enumerate() {
            state[n_own * (1 + at) + self.compartment] += self.rate * one.duration;
        }
    }
}

/// State `phase_h` after an arrival, once infinitely many have arrived.
///
/// An infusion longer than the interval overlaps itself: with `D = m II + d`, `m + 1` of them run
/// during `[0, d)` and `m` during `[d, II)`. Excluded compartments (accumulators) are 0.
/// None where no periodic state exists.
pub(crate) fn periodic_state(
    system: &LinearSystem,
    b: &[f64],
    train: &Train,
    phase_h: f64,
    (n_own, excluded): (usize, &[bool]),
) -> Option<Vec<f64>> {
    let n = system.n;
    let n_whole = (train.duration_h / train.interval_h).floor();
    let rest_h = (train.duration_h - n_whole * train.interval_h).max(0.0);
    let step = |n_running: f64, length_h: f64| {
        let mut input = b.to_vec();
        train.add_rates(&mut input, n_running, n_own);
        Propagator::new(system, &input, length_h)
    };
    let first = step(n_whole + 1.0, rest_h)?;
    let second = step(n_whole, train.interval_h - rest_h)?;
    // Over one interval y -> map y + shift, then the bolus; the fixed point solves
    // (1 - map) y = shift + bolus.
    let through = |y: &[f64]| {
        let mut middle = first.apply(y);
        train.add_end(&mut middle, n_own);
        second.apply(&middle)
    };
    let mut right = through(&vec![0.0; n]);
    let mut matrix = vec![0.0; n * n];
    for column in 0..n {
        let mut unit = vec![0.0; n];
        unit[column] = 1.0;
        let moved = homogeneous(&second.phi, &homogeneous(&first.phi, &unit));
        for row in 0..n {
            matrix[row * n + column] = if row == column { 1.0 } else { 0.0 } - moved[row];
        }
    }
    train.add_bolus(&mut right, n_own);
    let start = solve_without(matrix, right, excluded)?;
    let mut state = if phase_h < rest_h {
        step(n_whole + 1.0, phase_h)?.apply(&start)
    } else {
        let mut middle = first.apply(&start);
        train.add_end(&mut middle, n_own);
        step(n_whole, phase_h - rest_h)?.apply(&middle)
    };
    clear(&mut state, excluded);
    Some(state)
}

/// State under a constant input, excluded compartments 0; none where there is none.
pub(crate) fn constant_state(
    system: &LinearSystem,
    b: &[f64],
    excluded: &[bool],
) -> Option<Vec<f64>> {
    let right = b.iter().map(|b| -b).collect();
    solve_without(system.a.clone(), right, excluded)
}

fn homogeneous(phi: &[f64], y: &[f64]) -> Vec<f64> {
    phi.chunks(y.len()).map(|row| row.iter().zip(y).fold(0.0, |sum, (a, y)| sum + a * y)).collect()
}

/// Solves with the excluded unknowns held at 0 and their equations left out.
fn solve_without(mut matrix: Vec<f64>, mut right: Vec<f64>, excluded: &[bool]) -> Option<Vec<f64>> {
    let n = excluded.len();
    for out in (0..n).filter(|&at| excluded[at]) {
        for other in 0..n {
            matrix[out * n + other] = 0.0;
            matrix[other * n + out] = 0.0;
        }
        matrix[out * n + out] = 1.0;
        right[out] = 0.0;
    }
    let solution = solve(matrix, &right)?;
    solution.iter().all(|value| value.is_finite()).then_some(solution)
}

fn clear(state: &mut [f64], excluded: &[bool]) {
    state.iter_mut().zip(excluded).filter(|(_, out)| **out).for_each(|(value, _)| *value = 0.0);
}
