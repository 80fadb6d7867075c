//! Damped Gauss-Newton steps within bounds. Eq. 1 to 4 of `docs/theory/calibration.md`

use epsom_maths::{Matrix, solve};

use super::{Fit, FitError, Problem};

/// A step that promises less has arrived: a thousandth of a standard error.
const SMALL: f64 = 1e-6;
/// Dampings that are tried at once; the lowest result is taken.
const DAMPINGS: [f64; 6] = [0.0, 1e-2, 1e-1, 1.0, 1e1, 1e3];
const MOST_STEPS: usize = 60;

/// The most likely parameters, from a start.
///
/// # Shape
/// `start` has one entry per prior; what lies outside the bounds is moved to them.
/// # Errors
/// Where the problem has no numbers, no step can be solved, or it does not settle.
pub fn fit(problem: &Problem<'_>, start: &[f64]) -> Result<Fit, FitError> {
    let free: Vec<usize> = (0..start.len()).collect();
    let (values, n_steps) = descend(problem, start, &free)?;
    let local = Local::at(problem, &values, &free)?;
    let n = values.len();
    let normal = normal(&local, &free, 0.0);
    let mut covariance = Matrix::zeros(n, n);
    for column in 0..n {
        let unit: Vec<f64> = (0..n).map(|row| f64::from(u8::from(row == column))).collect();
        let solved = solve(&normal, &unit).map_err(FitError::Algebra)?;
        solved.iter().enumerate().for_each(|(row, value)| covariance.set(row, column, *value));
    }
    let at_bound = problem.priors.iter().zip(&values);
    let at_bound = at_bound.map(|(prior, value)| *value <= prior.lo || *value >= prior.hi);
    let of_priors = square(&prior_deviations(problem, &values));
    let objective = square(&local.deviations);
    Ok(Fit {
        objective,
        of_data: objective - of_priors,
        covariance,
        at_bound: at_bound.collect(),
        n_steps,
        values,
    })
}

/// Lowest point over the parameters in `free`; the others stay. Also the number of steps.
pub(super) fn descend(
    problem: &Problem<'_>,
    start: &[f64],
    free: &[usize],
) -> Result<(Vec<f64>, usize), FitError> {
    let mut at = start.to_vec();
    free.iter().for_each(|&one| at[one] = inside(problem, one, at[one]));
    for n_steps in 0..MOST_STEPS {
        if (problem.cancelled)() {
            return Err(FitError::Cancelled);
        }
        let local = Local::at(problem, &at, free)?;
        let here = square(&local.deviations);
        // What stands at a bound and would leave it waits.
        let moving: Vec<usize> = free
            .iter()
            .copied()
            .filter(|&one| !held(problem, &at, one, local.slope(one)))
            .collect();
        if moving.is_empty() {
            return Ok((at, n_steps));
        }
        let slopes: Vec<f64> = moving.iter().map(|&one| local.slope(one)).collect();
        let newton = solve(&normal(&local, &moving, 0.0), &slopes).map_err(FitError::Algebra)?;
        let promised: f64 = newton.iter().zip(&slopes).map(|(step, slope)| step * slope).sum();
        if promised < SMALL {
            return Ok((at, n_steps));
        }
        let mut tried = Vec::new();
        for damping in DAMPINGS {
            let step = solve(&normal(&local, &moving, damping), &slopes);
            let step = step.map_err(FitError::Algebra)?;
            let mut next = at.clone();
            for (&one, by) in moving.iter().zip(&step) {
                next[one] = inside(problem, one, next[one] - by);
            }
            tried.push(next);
        }
        let found = objectives(problem, &tried);
        let best = (0..tried.len()).filter(|&one| found[one] < here);
        match best.min_by(|&one, &other| found[one].total_cmp(&found[other])) {
            Some(best) => at = tried.swap_remove(best),
            // Differences cannot tell such a promise from rounding.
            None if promised < SMALL.sqrt() => return Ok((at, n_steps)),
            None => return Err(FitError::NotSettled),
        }
    }
    Err(FitError::NotSettled)
}

/// Sum of squares of data and priors at each point; NaN where it is no number.
pub fn objectives(problem: &Problem<'_>, points: &[Vec<f64>]) -> Vec<f64> {
    let of = |(deviations, point): (Vec<f64>, &Vec<f64>)| {
        square(&deviations) + square(&prior_deviations(problem, point))
    };
    (problem.deviations)(points).into_iter().zip(points).map(of).collect()
}

fn inside(problem: &Problem<'_>, one: usize, value: f64) -> f64 {
    value.max(problem.priors[one].lo).min(problem.priors[one].hi)
}

fn held(problem: &Problem<'_>, at: &[f64], one: usize, slope: f64) -> bool {
    let prior = problem.priors[one];
    (at[one] <= prior.lo && slope > 0.0) || (at[one] >= prior.hi && slope < 0.0)
}

fn prior_deviations(problem: &Problem<'_>, point: &[f64]) -> Vec<f64> {
    let pairs = problem.priors.iter().zip(point);
    pairs.map(|(prior, value)| (value - prior.center) / prior.sd).collect()
}

/// Deviations at a point and their derivatives, one list per parameter; empty where it stays.
struct Local {
    deviations: Vec<f64>,
    jacobian: Vec<Vec<f64>>,
}

impl Local {
    fn at(problem: &Problem<'_>, point: &[f64], free: &[usize]) -> Result<Self, FitError> {
        let mut points = vec![point.to_vec()];
        let step = |one: usize| problem.difference * problem.priors[one].sd;
        for &one in free {
            for sign in [1.0, -1.0] {
                let mut moved = point.to_vec();
                moved[one] += sign * step(one);
                points.push(moved);
            }
        }
        let found = (problem.deviations)(&points);
        if found.iter().flatten().any(|value| !value.is_finite()) {
            return Err(FitError::NotFinite);
        }
        let mut jacobian = vec![Vec::new(); point.len()];
        for (nth, &one) in free.iter().enumerate() {
            let (up, down) = (&found[2 * nth + 1], &found[2 * nth + 2]);
            let of_data = up.iter().zip(down).map(|(up, down)| (up - down) / (2.0 * step(one)));
            let of_priors = (0..point.len())
                .map(|other| if other == one { 1.0 / problem.priors[one].sd } else { 0.0 });
            jacobian[one] = of_data.chain(of_priors).collect();
        }
        let mut deviations = found[0].clone();
        deviations.extend(prior_deviations(problem, point));
        Ok(Self { deviations, jacobian })
    }

    /// Half the derivative of the sum of squares by one parameter.
    fn slope(&self, one: usize) -> f64 {
        dot(&self.jacobian[one], &self.deviations)
    }
}

/// Normal equations of some parameters, the diagonal raised by the damping.
fn normal(local: &Local, some: &[usize], damping: f64) -> Matrix {
    let mut normal = Matrix::zeros(some.len(), some.len());
    for (row, &one) in some.iter().enumerate() {
        for (column, &other) in some.iter().enumerate() {
            let raised = if row == column { 1.0 + damping } else { 1.0 };
            normal.set(row, column, raised * dot(&local.jacobian[one], &local.jacobian[other]));
        }
    }
    normal
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

fn square(values: &[f64]) -> f64 {
    dot(values, values)
}
