//! Conditions, windows, solved starts and steady states of models that are not linear, from text.

#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use common::model;
use epsom_engine::{
    Action, CovariateTrack, Dose, DoseKind, Options, Record, RunCause, Solver, Steady, Subject,
    Timeline, Trajectory, compile, integrate,
};
use epsom_maths::{exp, exp_m1, ln};
use epsom_model::ir::{Interpolation, Model};

fn timeline(doses: &[(f64, Dose)], times: &[f64]) -> Timeline {
    let events: Vec<_> = doses.iter().map(|&(time_h, dose)| (time_h, Action::Dose(dose))).collect();
    common::timeline(&events, times)
}

fn run(model: &Model, timeline: &Timeline, options: &Options) -> Trajectory {
    integrate(&compile(model), &[Subject::typical(model, timeline)], options).remove(0)
}

/// Column `at` of a run that must succeed.
fn column(model: &Model, timeline: &Timeline, options: &Options, at: usize) -> Vec<f64> {
    let run = run(model, timeline, options);
    assert_eq!(run.failure, None);
    run.rows().map(|row| row[at]).collect()
}

fn near(got: &[f64], wanted: &[f64], allowed: f64) {
    assert_eq!(got.len(), wanted.len());
    for (got, wanted) in got.iter().zip(wanted) {
        assert!((got - wanted).abs() <= allowed * wanted.abs().max(1e-3), "{got} is not {wanted}");
    }
}

const STEPPED: Solver = Solver::Tsit5;
/// Local errors of some hundred steps at 1e-8 each.
const NEAR: f64 = 1e2 * 1e-8;
/// An exact propagation is right to some hundred roundings.
const EXACT: f64 = 1e3 * f64::EPSILON;

/// A minute of inflow every day at 8, looked at once a day for a month: nothing is stepped over.
#[test]
fn a_short_window_is_never_stepped_over() {
    let model = model(
        "ini({ k <- 0.01 })
         model({
           open <- (t >= 8 && t < 8.0166) || (t >= 500 && t < 500.0166)
           d/dt(x) <- 60 * open - k * x
         })",
    );
    let times: Vec<f64> = (0..30).map(|day| 24.0 * f64::from(day)).collect();
    let timeline = timeline(&[], &times);
    let minute = 60.0 / 0.01 * -exp_m1(-0.01 * 0.0166);
    let left = |at: f64, from: f64| {
        if at > from { minute * exp(-0.01 * (at - from - 0.0166)) } else { 0.0 }
    };
    let wanted: Vec<f64> = times.iter().map(|&at| left(at, 8.0) + left(at, 500.0)).collect();
    // After the output `open`.
    near(&column(&model, &timeline, &Options::default(), 1), &wanted, 1e3 * EXACT);
    let stepped = Options { solver: STEPPED, ..Options::default() };
    near(&column(&model, &timeline, &stepped, 1), &wanted, NEAR);
}

/// Free fall from 1: the floor at 0.25 stops it, at a time that a formula gives.
#[test]
fn a_state_condition_is_located() {
    let model = model(
        "ini({ k <- 1 })
         model({
           x(0) <- 1
           falls <- x > 0.25
           d/dt(x) <- -k * falls
           d/dt(waits) <- 1 - falls
         })",
    );
    let times = [0.5, 0.75, 1.0, 3.0];
    let run = run(&model, &timeline(&[], &times), &Options::default());
    assert_eq!((run.failure, run.counts.flips), (None, 1));
    let rows: Vec<&[f64]> = run.rows().collect();
    let at = |name: &str| {
        let outputs = model.outputs.len();
        outputs + model.compartments.iter().position(|one| one.name == name).unwrap()
    };
    for (row, time) in rows.iter().zip(times) {
        let x = (1.0_f64 - time).max(0.25);
        let waits = (time - 0.75_f64).max(0.0);
        assert!((row[at("x")] - x).abs() < NEAR && (row[at("waits")] - waits).abs() < NEAR);
    }
}

/// Observations before a located root see the condition as it was, those after it as it is.
#[test]
fn outputs_before_a_root_do_not_see_it() {
    let model = model(
        "ini({ k <- 0.3 })
         model({
           x(0) <- 2
           d/dt(x) <- -k * x
           least <- min(x, 1)
           most <- max(x, 1)
         })",
    );
    let times = [0.0, 1.0, 2.0, 3.0, 7.0];
    let run = run(&model, &timeline(&[], &times), &Options::default());
    let at = |name: &str| model.outputs.iter().position(|one| one.name == name).unwrap();
    for (row, time) in run.rows().zip(times) {
        let x = 2.0 * exp(-0.3 * time);
        near(&[row[at("least")], row[at("most")]], &[x.min(1.0), x.max(1.0)], NEAR);
    }
}

/// A thermostat: heats below 19, cools above 21, one register for each bound.
#[test]
fn a_condition_that_never_rests_at_one_time_is_reported() {
    let model = model(
        "model({
           x(0) <- 1
           d/dt(x) <- ifelse(x > 0.5, -1, 1)
         })",
    );
    let run = run(&model, &timeline(&[], &[0.4, 2.0]), &Options::default());
    let failure = run.failure.unwrap();
    assert!((failure.time_h - 0.5).abs() < 1e-6, "{failure:?}");
    assert!(matches!(failure.cause, RunCause::Chattering { mode: 0 }), "{failure:?}");
    assert_eq!(run.rows.len() / run.width, 1);
}

/// Saturable loss: the periodic state is where many doses end.
#[test]
fn nonlinear_steady_state_is_the_limit_of_many_doses() {
    let model = model(
        "ini({ vm <- 10; km <- 5; ka <- 1.2 })
         model({
           d/dt(depot) <- -ka * depot
           d/dt(central) <- ka * depot - vm * central / (km + central)
         })",
    );
    let times = [0.0, 1.0, 6.0, 11.0];
    let kinds =
        [DoseKind::Bolus, DoseKind::Rate(25.0), DoseKind::Duration(12.0), DoseKind::Duration(30.0)];
    for kind in kinds {
        let dose = Dose { kind, interval_h: 12.0, ..Dose::bolus(0, 50.0) };
        let steady = Dose { steady: Steady::Replace, additional: 1, ..dose };
        let got = column(&model, &timeline(&[(0.0, steady)], &times), &Options::default(), 1);
        let many = Dose { additional: 300, ..dose };
        let late = times.map(|at| at + 299.0 * 12.0);
        let wanted = column(&model, &timeline(&[(0.0, many)], &late), &Options::default(), 1);
        // Depot first, then central; at a dose's own time the observation comes after it.
        near(&got[1..], &wanted[1..], 1e2 * NEAR);
    }
    // More in than can ever leave.
    let dose = Dose { steady: Steady::Replace, interval_h: 12.0, ..Dose::bolus(0, 130.0) };
    let failure = run(&model, &timeline(&[(0.0, dose)], &times), &Options::default()).failure;
    assert_eq!(failure.unwrap().cause, RunCause::NoSteadyState { compartment: 0 });
}

/// What rounding leaves in a compartment that the doses do not reach is no solution below zero.
#[test]
fn a_steady_state_beside_a_compartment_that_no_dose_reaches() {
    let model = model(
        "ini({ ka <- 1.118; cl <- 3.078; v <- 7.502; q <- 1.252; vp <- 36.336 })
         model({
           d/dt(depot) <- -ka * depot
           d/dt(central) <- ka * depot - (cl + q) / v * central + q / vp * periph
           d/dt(periph) <- q / v * central - q / vp * periph
         })",
    );
    let dose = Dose {
        kind: DoseKind::Rate(50.0),
        steady: Steady::Replace,
        interval_h: 4.0,
        ..Dose::bolus(1, 4.3)
    };
    // The later dose makes all sizes large against what is in the body.
    let timeline = timeline(&[(0.0, dose), (40.0, Dose::bolus(1, 120.5))], &[0.0, 1.0, 3.0]);
    let by = |solver| Options { solver, ..Options::default() };
    for at in [1, 2] {
        let exact = column(&model, &timeline, &by(Solver::Linear), at);
        for solver in [Solver::Tsit5, Solver::Dop853, Solver::Rodas4, Solver::Rodas5P] {
            near(&column(&model, &timeline, &by(solver), at), &exact, NEAR);
        }
    }
}

#[test]
fn nonlinear_constant_infusion_at_steady_state() {
    let model = model(
        "ini({ vm <- 10; km <- 5 })
         model({ d/dt(central) <- -vm * central / (km + central) })",
    );
    let dose = Dose {
        kind: DoseKind::Rate(4.0),
        steady: Steady::Replace,
        interval_h: 0.0,
        ..Dose::bolus(0, 0.0)
    };
    let got = column(&model, &timeline(&[(0.0, dose)], &[0.0]), &Options::default(), 0);
    // vm x / (km + x) = 4 at x = 20 / 6.
    near(&got, &[20.0 / 6.0], NEAR);
}

/// A covariate on a straight line: x' = wt = 1 + t until 10, then constant.
#[test]
fn a_covariate_along_a_line() {
    let text = "model line \"Follows a covariate\"
time [h]
covariate c = 1[1] linear
param k = 1[1/h] assumed \"a test\" fixed \"a test\"
compartment x [1]
d/dt(x) = k * c
output y = c [1]
";
    let model = model(text);
    let track = CovariateTrack {
        covariate: 0,
        interpolation: Interpolation::Linear,
        times_h: vec![0.0, 10.0],
        values: vec![1.0, 11.0],
    };
    let times = [2.0, 10.0, 12.0];
    let records = times.map(|time_h| Record { time_h, action: Action::Observe }).to_vec();
    let timeline = Timeline::new(records, vec![track]).unwrap();
    let run = run(&model, &timeline, &Options::default());
    assert_eq!(run.failure, None);
    let rows: Vec<&[f64]> = run.rows().collect();
    near(&[rows[0][0], rows[1][0], rows[2][0]], &[3.0, 11.0, 11.0], NEAR);
    near(&[rows[0][1], rows[1][1], rows[2][1]], &[4.0, 60.0, 82.0], NEAR);
}

/// Inflow during a window each day and first-order loss: the periodic start has a closed form.
#[test]
fn a_periodic_start_repeats() {
    let loss = ["k * x", "k * x * x / (x + 1e-9[mmol])"];
    for (loss, allowed) in loss.iter().zip([1e3 * EXACT, 1e-6]) {
        let text = format!(
            "model meal \"One meal a day\"
time [h]
substance Mg
param k = 0.1[1/h] assumed \"a test\" fixed \"a test\"
param rate = 6[mmol/h] assumed \"a test\" fixed \"a test\"
compartment x [mmol], out [mmol]
window meal = every 24[h] from 8[h] for 0.5[h]
d/dt(x) = rate * meal - {loss}
d/dt(out) = {loss}
initial periodic 24[h]
"
        );
        let model = model(&text);
        let times = [0.0, 24.0, 48.0, 480.0];
        let x = column(&model, &timeline(&[], &times), &Options::default(), 0);
        let pulse = 60.0 * -exp_m1(-0.05);
        let wanted = pulse * exp(-0.1 * 15.5) / -exp_m1(-2.4);
        near(&x, &[wanted; 4], allowed);
        let out = column(&model, &timeline(&[], &times), &Options::default(), 1);
        near(&out, &[0.0, 3.0, 6.0, 60.0], allowed.max(NEAR));
    }
}

/// Turning a compartment off in a model that is stepped keeps it empty and frees the rest.
#[test]
fn a_compartment_turned_off_stays_empty() {
    let model = model(
        "ini({ k <- 0.2; vm <- 1 })
         model({
           d/dt(a) <- -k * a - vm * a / (3 + a)
           d/dt(b) <- k * a
         })",
    );
    let actions = [
        (0.0, Action::Dose(Dose::bolus(0, 10.0))),
        (1.0, Action::TurnOff(1)),
        (5.0, Action::Observe),
    ];
    let records = actions.map(|(time_h, action)| Record { time_h, action }).to_vec();
    let timeline = Timeline::new(records, Vec::new()).unwrap();
    let run = run(&model, &timeline, &Options::default());
    assert_eq!((run.failure, run.rows[1]), (None, 0.0));
    assert!(run.rows[0] > 0.0 && run.rows[0] < 10.0 * exp(-0.2 * 5.0));
    assert!(ln(run.rows[0]).is_finite());
}
