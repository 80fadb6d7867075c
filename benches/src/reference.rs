//! Answers to compare with: closed form for W1, a tolerance of 1e-11 for W2.

use crate::measure::{Executor, largest_error};
use crate::peers::{Method, diffsol};
use crate::problem::Problem;
use nalgebra::{Matrix3, SMatrix, SVector, Vector3};

/// W1 by the matrix exponential of one observation interval.
///
/// nalgebra's exponential: another implementation than the engine's own.
///
/// # Shape
/// Subject, observation.
pub fn exponential(problem: &Problem, subjects: &[Vec<f64>]) -> Vec<f64> {
    let mut answer = Vec::with_capacity(problem.answer_len());
    let per_dose = (problem.every_h / problem.observe_every_h) as usize;
    for varied in subjects {
        let v = varied[2];
        let step = (rates(varied) * problem.observe_every_h).exp();
        let mut state = Vector3::from_column_slice(problem.initial);
        for row in 0..problem.n_observations {
            if row % per_dose == 0 && row / per_dose < problem.n_doses {
                state[problem.dosed] += problem.dose;
            }
            answer.push(state[1] / v);
            state = step * state;
        }
    }
    answer
}

/// W4 by the exponential of the matrix of states and their derivatives together,
/// `S' = A S + dA/dp y`.
///
/// # Shape
/// Subject, observation, then concentration and derivatives by ka, CL and V times their parameter.
pub fn exponential_with_slopes(problem: &Problem, subjects: &[Vec<f64>]) -> Vec<f64> {
    let mut answer = Vec::with_capacity(4 * problem.answer_len());
    let per_dose = (problem.every_h / problem.observe_every_h) as usize;
    for varied in subjects {
        let (ka, cl, v) = (varied[0], varied[1], varied[2]);
        #[rustfmt::skip]
        let by = [
            Matrix3::new(-1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0),
            Matrix3::new(0.0, 0.0, 0.0, 0.0, -1.0 / v, 0.0, 0.0, 0.0, 0.0),
            Matrix3::new(0.0, 0.0, 0.0, 0.0, (cl + 8.0) / (v * v), 0.0, 0.0, -8.0 / (v * v), 0.0),
        ];
        let mut whole = SMatrix::<f64, 12, 12>::zeros();
        for block in 0..4 {
            whole.fixed_view_mut::<3, 3>(3 * block, 3 * block).copy_from(&rates(varied));
        }
        for (at, by) in by.iter().enumerate() {
            whole.fixed_view_mut::<3, 3>(3 * (at + 1), 0).copy_from(by);
        }
        let step = (whole * problem.observe_every_h).exp();
        let mut state = SVector::<f64, 12>::zeros();
        for row in 0..problem.n_observations {
            if row % per_dose == 0 && row / per_dose < problem.n_doses {
                state[problem.dosed] += problem.dose;
            }
            let by_v = state[10] / v - state[1] / (v * v);
            answer.extend([state[1] / v, ka * state[4] / v, cl * state[7] / v, v * by_v]);
            state = step * state;
        }
    }
    answer
}

/// Matrix of W1 for ka, CL and V.
fn rates(varied: &[f64]) -> Matrix3<f64> {
    let (ka, cl, v) = (varied[0], varied[1], varied[2]);
    #[rustfmt::skip]
    let rates = Matrix3::new(
        -ka, 0.0, 0.0,
        ka, -(cl + 8.0) / v, 8.0 / 80.0,
        0.0, 8.0 / v, -8.0 / 80.0,
    );
    rates
}

/// Relative tolerance of the reference of W2.
pub const TIGHT: f64 = 1e-11;
/// Subjects that are also solved by diffsol.
const N_CROSS: usize = 5;
/// Each solver keeps its tolerance per step only; the sum over some 10,000 steps of a problem that
/// forgets its errors within a few hundred stays below this. Rows are compared down to 1e-7.
const AGREEMENT: f64 = 1e-9;

/// W2 by the explicit method at a tolerance of 1e-11, after diffsol's method of another family at
/// the same tolerance was found to agree for the first subjects.
///
/// # Errors
/// How far they differ.
pub fn tight(
    problem: &Problem,
    subjects: &[Vec<f64>],
    mut executor: Executor<'_>,
) -> Result<Vec<f64>, String> {
    let mut answer = vec![f64::NAN; problem.answer_len()];
    (executor.run)(&mut answer);
    let few = Problem { n_subjects: N_CROSS.min(problem.n_subjects), ..*problem };
    let mut other = vec![f64::NAN; few.answer_len()];
    (diffsol(&few, &subjects[..few.n_subjects], Method::Bdf, TIGHT)?.run)(&mut other);
    let difference = largest_error(&other, &answer, 1);
    eprintln!("{}: reference agrees with diffsol at 1e-11 to {difference:.1e}", problem.name);
    if difference > AGREEMENT {
        return Err(format!("{}: no reference, difference {difference:e}", problem.name));
    }
    Ok(answer)
}

/// Relative tolerance of the reference of W5.
pub const OWN: f64 = 1e-9;

/// W5 by the same engine at a tighter tolerance: it tells the error of the steps, not of the method.
pub fn own(problem: &Problem, mut executor: Executor<'_>) -> Vec<f64> {
    let mut answer = vec![f64::NAN; problem.answer_len()];
    (executor.run)(&mut answer);
    answer
}
