//! Closed forms: a linear problem, a curve with exact data, bounds, priors alone.

use std::cell::Cell;

use epsom_maths::exp;

use super::*;

fn wide(center: f64, sd: f64) -> Prior {
    Prior { center, sd, lo: f64::NEG_INFINITY, hi: f64::INFINITY }
}

/// Fits deviations of one point.
fn fitted(
    priors: &[Prior],
    of: &dyn Fn(&[f64]) -> Vec<f64>,
    start: &[f64],
) -> Result<Fit, FitError> {
    let deviations = |points: &[Vec<f64>]| points.iter().map(|point| of(point)).collect();
    let problem =
        Problem { priors, deviations: &deviations, difference: 1e-3, cancelled: &|| false };
    fit(&problem, start)
}

/// Two parameters, three data: y = a + b t at t = 0, 1, 2, all with standard deviation 0.5.
fn line(x: &[f64]) -> Vec<f64> {
    let data = [1.0, 2.0, 4.0];
    (0..3).map(|at| (x[0] + x[1] * at as f64 - data[at]) / 0.5).collect()
}

#[test]
fn a_linear_problem_has_its_normal_equations() {
    let priors = [wide(0.0, 2.0), wide(1.0, 1.0)];
    let found = fitted(&priors, &line, &[5.0, -3.0]).unwrap();
    // Normal matrix: 4 [[3, 3], [3, 5]] + diag(1/4, 1); right side: 4 [7, 10] + [0, 1].
    let (a, b, d) = (12.25, 12.0, 21.0);
    let det = a * d - b * b;
    let exact = [(d * 28.0 - b * 41.0) / det, (a * 41.0 - b * 28.0) / det];
    for (value, exact) in found.values.iter().zip(exact) {
        // It stops within a thousandth of a standard error; a linear problem lands in one step,
        // whose differences err by rounding over the step: 1e-16 of 10 over 1e-3.
        assert!((value - exact).abs() < 1e-10, "{value} {exact}");
    }
    let covariance = [d / det, -b / det, a / det];
    let cells = [(0, 0), (0, 1), (1, 1)].map(|(i, j)| found.covariance.at(i, j));
    for (cell, exact) in cells.into_iter().zip(covariance) {
        assert!((cell - exact).abs() < 1e-10 * exact.abs());
    }
    let r = -b / (a * d).sqrt();
    assert!((found.correlation(0, 1) - r).abs() < 1e-10);
    assert_eq!(found.at_bound, [false, false]);
}

#[test]
fn the_profile_of_a_linear_problem_is_a_parabola() {
    let priors = [wide(0.0, 2.0), wide(1.0, 1.0)];
    let deviations = |points: &[Vec<f64>]| points.iter().map(|point| line(point)).collect();
    let problem = Problem {
        priors: &priors,
        deviations: &deviations,
        difference: 1e-3,
        cancelled: &|| false,
    };
    let found = fit(&problem, &[0.0, 0.0]).unwrap();
    for one in 0..2 {
        let (best, error) = (found.values[one], found.errors()[one]);
        let profile = profile(&problem, &found, one).unwrap();
        assert_eq!(profile.points.len(), 7);
        for point in &profile.points {
            let exact = ((point.value - best) / error) * ((point.value - best) / error);
            // The others are fitted until a step promises less than 1e-6.
            assert!((point.rise - exact).abs() < 1e-6, "{point:?} {exact}");
        }
        let (lo, hi) = profile.interval;
        for (end, sign) in [(lo.unwrap(), -1.0), (hi.unwrap(), 1.0)] {
            assert!((end - (best + sign * 1.959_964 * error)).abs() < 1e-5);
        }
    }
}

#[test]
fn a_curve_with_exact_data_and_no_prior_is_found() {
    let curve = |x: &[f64]| -> Vec<f64> {
        let at = |t: f64| exp(x[0]) * exp(-exp(x[1]) * t);
        [0.5, 1.0, 2.0, 4.0].map(|t| (at(t) - 3.0 * exp(-0.7 * t)) / 0.01).to_vec()
    };
    // Priors so wide that they weigh nothing; differences of 1e-7 of them.
    let deviations = |points: &[Vec<f64>]| points.iter().map(|point| curve(point)).collect();
    let priors = [wide(0.0, 1e3), wide(0.0, 1e3)];
    let problem = Problem {
        priors: &priors,
        deviations: &deviations,
        difference: 1e-7,
        cancelled: &|| false,
    };
    let found = fit(&problem, &[0.0, 1.0]).unwrap();
    for (value, exact) in found.values.iter().zip([3.0, 0.7]) {
        // A thousandth of a standard error, which is below 0.02 here.
        assert!((exp(*value) - exact).abs() < 2e-5 * exact, "{} {exact}", exp(*value));
    }
}

#[test]
fn a_value_stays_inside_its_bounds() {
    let mut priors = [wide(0.0, 2.0), wide(1.0, 1.0)];
    priors[1].hi = 1.2;
    let found = fitted(&priors, &line, &[0.0, 9.0]).unwrap();
    assert_eq!((found.values[1], found.at_bound[1]), (1.2, true));
    // The other one is then the best for it: 12.25 a = 28 - 12 * 1.2.
    assert!((found.values[0] - (28.0 - 14.4) / 12.25).abs() < 1e-10);
}

#[test]
fn without_data_the_prior_is_the_answer() {
    let priors = [wide(0.3, 0.2)];
    let found = fitted(&priors, &|_| Vec::new(), &[4.0]).unwrap();
    assert!((found.values[0] - 0.3).abs() < 1e-12 && found.of_data == 0.0);
    assert!((found.errors()[0] - 0.2).abs() < 1e-12);
}

#[test]
fn what_is_no_number_or_never_settles_is_told() {
    let priors = [wide(0.0, 1.0)];
    assert_eq!(fitted(&priors, &|_| vec![f64::NAN], &[0.0]), Err(FitError::NotFinite));
    // A slope that is not there: each evaluation adds to all deviations.
    let calls = Cell::new(0.0);
    let deviations = |points: &[Vec<f64>]| {
        calls.set(calls.get() + 1.0);
        points.iter().map(|point| vec![point[0] + 10.0 * calls.get()]).collect()
    };
    let problem = Problem {
        priors: &priors,
        deviations: &deviations,
        difference: 1e-3,
        cancelled: &|| false,
    };
    assert_eq!(fit(&problem, &[0.0]), Err(FitError::NotSettled));
    let cancelled = Problem { cancelled: &|| true, ..problem };
    assert_eq!(fit(&cancelled, &[0.0]), Err(FitError::Cancelled));
}
