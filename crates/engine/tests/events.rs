//! Root events, and properties of dosing that hold whatever the numbers.

#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use common::{model, timeline};
use epsom_engine::{
    Action, CovariateTrack, Dose, DoseKind, Isa, Lanes, Options, Record, RunCause, Solver, Steady,
    Subject, Timeline, Trajectory, available, compile, integrate,
};
use epsom_maths::{exp, ln};
use epsom_model::ir::{Interpolation, Model};
use proptest::prelude::*;

fn run(model: &Model, events: &[(f64, Action)], times: &[f64], options: &Options) -> Trajectory {
    let timeline = timeline(events, times);
    integrate(&compile(model), &[Subject::typical(model, &timeline)], options).remove(0)
}

/// Local errors of some hundred steps at 1e-8 each.
const NEAR: f64 = 1e2 * 1e-8;

/// The last record of a run changes a covariate; time then starts again, with no record of it.
#[test]
fn a_covariate_keeps_its_last_value_when_time_starts_again() {
    let model = model(
        "model m \"m\"\ntime [h]\ncovariate k = 0.1[1/h]\ncompartment x [mg]\nd/dt(x) = -k * x\n",
    );
    let track = CovariateTrack {
        covariate: 0,
        interpolation: Interpolation::Forward,
        times_h: vec![0.0, 10.0],
        values: vec![0.1, 0.3],
    };
    let dose = Record { time_h: 0.0, action: Action::Dose(Dose::bolus(0, 1.0)) };
    let seen = |time_h: f64| Record { time_h, action: Action::Observe };
    let first = Timeline::new(vec![dose, seen(10.0)], vec![track]).unwrap();
    let timeline = first.then(Timeline::new(vec![dose, seen(5.0)], Vec::new()).unwrap());
    for solver in [Solver::Linear, Solver::Tsit5, Solver::Dop853, Solver::Rodas4, Solver::Rodas5P] {
        let options = Options { solver, ..Options::default() };
        let run = integrate(&compile(&model), &[Subject::typical(&model, &timeline)], &options);
        assert_eq!((run[0].failure, run[0].rows.len()), (None, 2));
        for (got, wanted) in run[0].rows.iter().zip([exp(-1.0), exp(-1.5)]) {
            assert!((got - wanted).abs() <= NEAR, "{solver:?}: {got} is not {wanted}");
        }
    }
}

/// `a` falls through its limit and starts `b`, which rises through its own and starts `c`.
#[test]
fn a_cascade_runs_in_the_order_of_its_causes() {
    let model = model(
        "model({
           a(0) <- 1
           d/dt(a) <- -a
           d/dt(b) <- ifelse(a < 0.5, 1, 0)
           d/dt(c) <- ifelse(b > 2, 1, 0)
         })",
    );
    for solver in [Solver::Tsit5, Solver::Dop853, Solver::Rodas4, Solver::Rodas5P] {
        let run = run(&model, &[], &[5.0], &Options { solver, ..Options::default() });
        assert_eq!((run.failure, run.counts.flips), (None, 2));
        let n = model.outputs.len();
        let wanted = [exp(-5.0), 5.0 - ln(2.0), 3.0 - ln(2.0)];
        for (got, wanted) in run.rows[n..].iter().zip(wanted) {
            assert!((got - wanted).abs() < NEAR, "{solver:?}: {got} is not {wanted}");
        }
    }
}

/// Two conditions with one root flip together, once each.
#[test]
fn simultaneous_conditions_flip_together() {
    let model = model(
        "model({
           a(0) <- 1
           d/dt(a) <- -a
           d/dt(b) <- ifelse(a < 0.5, 1, 0)
           d/dt(c) <- ifelse(2 * a > 1, 1, 0)
         })",
    );
    let run = run(&model, &[], &[4.0], &Options::default());
    assert_eq!((run.failure, run.counts.flips), (None, 2));
    let n = model.outputs.len();
    assert!((run.rows[n + 1] - (4.0 - ln(2.0))).abs() < NEAR);
    assert!((run.rows[n + 2] - ln(2.0)).abs() < NEAR);
}

/// Both sides point at the surface where the run starts.
#[test]
fn chattering_at_time_0_is_reported() {
    let model = model("model({ x(0) <- 0.5\nd/dt(x) <- ifelse(x > 0.5, -1, 1) })");
    let failure = run(&model, &[], &[2.0], &Options::default()).failure.unwrap();
    assert!(matches!(failure.cause, RunCause::Chattering { .. }), "{failure:?}");
    assert!(failure.time_h < 1e-6);
}

/// A window that opens 3.6 million times a day, looked at once.
#[test]
fn windows_without_end_are_an_event_storm() {
    let model = model(
        "model storm \"Too many\"
time [h]
param k = 0.1[1/h] assumed \"a test\" fixed \"a test\"
compartment x [1]
window open = every 1e-5[h] from 0[h] for 5e-6[h]
d/dt(x) = k * open
",
    );
    let options = Options { max_steps: 10_000, ..Options::default() };
    let failure = run(&model, &[], &[24.0], &options).failure.unwrap();
    assert_eq!(failure.cause, RunCause::EventStorm);
}

const LINEAR: &str = "ini({ ka <- 0.9; k <- 0.2; tlag <- 0.7 })
    model({
      d/dt(depot) <- -ka * depot
      d/dt(central) <- ka * depot - k * central
      alag(depot) <- tlag
    })";

const SATURABLE: &str = "ini({ ka <- 0.9; vm <- 12; km <- 6; tlag <- 0.7; half <- 0.5 })
    model({
      d/dt(depot) <- -ka * depot
      d/dt(central) <- ka * depot - vm * central / (km + central)
      d/dt(late) <- ifelse(central > km, 1, 0) - late
      alag(depot) <- tlag
      f(depot) <- half
      dur(central) <- 1.5
    })";

/// Every kind of event, to the bit, in blocks of any width and with any instructions.
#[test]
fn bits_do_not_depend_on_lanes_or_instructions() {
    let model = model(SATURABLE);
    let compiled = compile(&model);
    let dose = |kind, compartment| Dose { kind, ..Dose::bolus(compartment, 20.0) };
    let steady = Dose {
        steady: Steady::Replace,
        interval_h: 12.0,
        additional: 1,
        ..dose(DoseKind::Bolus, 0)
    };
    let timelines: Vec<Timeline> = (0..37)
        .map(|subject| {
            let shift = 0.1 * f64::from(subject);
            let events = [
                (
                    0.0,
                    Action::Dose(if subject % 3 == 0 { steady } else { dose(DoseKind::Bolus, 0) }),
                ),
                (1.0 + shift, Action::Dose(dose(DoseKind::Rate(8.0), 1))),
                (5.0, Action::Dose(dose(DoseKind::ModeledDuration, 1))),
                (7.0, Action::TurnOff(2)),
                (9.0 + shift, Action::Dose(dose(DoseKind::Bolus, 2))),
                (15.0, Action::ResetThenDose(dose(DoseKind::Duration(2.0), 1))),
            ];
            timeline(&events, &[0.5, 3.0, 8.0, 14.0, 16.0, 25.0])
        })
        .collect();
    let subjects: Vec<Subject<'_>> =
        timelines.iter().map(|timeline| Subject::typical(&model, timeline)).collect();
    let bits = |options: &Options| -> Vec<Vec<u64>> {
        let runs = integrate(&compiled, &subjects, options);
        runs.iter()
            .map(|run| {
                assert_eq!(run.failure, None);
                run.rows.iter().map(|value| value.to_bits()).collect()
            })
            .collect()
    };
    for solver in [Solver::Auto, Solver::Tsit5, Solver::Dop853, Solver::Rodas4, Solver::Rodas5P] {
        let one =
            Options { solver, lanes: Lanes::L1, isa: Some(Isa::Baseline), ..Options::default() };
        let wanted = bits(&one);
        for isa in available() {
            for lanes in [Lanes::L1, Lanes::L8, Lanes::L16, Lanes::L32, Lanes::L64] {
                let got = bits(&Options { lanes, isa: Some(isa), ..one });
                assert!(got == wanted, "{solver:?} {isa:?} {lanes:?}");
            }
        }
    }
}

fn kinds() -> impl Strategy<Value = DoseKind> {
    prop_oneof![
        Just(DoseKind::Bolus),
        (1.0..50.0).prop_map(DoseKind::Rate),
        (0.1..20.0).prop_map(DoseKind::Duration),
    ]
}

fn doses() -> impl Strategy<Value = (f64, Dose)> {
    (0.0..10.0, 0_u32..2, 1.0..50.0, kinds(), 0.5..9.0, 0_u32..4).prop_map(
        |(time_h, compartment, amount, kind, interval_h, additional)| {
            (time_h, Dose { kind, interval_h, additional, ..Dose::bolus(compartment, amount) })
        },
    )
}

const TIMES: [f64; 4] = [1.3, 6.1, 13.7, 40.9];

fn states(model: &Model, doses: &[(f64, Dose)], shift: f64) -> Vec<f64> {
    let events: Vec<_> = doses.iter().map(|&(at, dose)| (at + shift, Action::Dose(dose))).collect();
    let run = run(model, &events, &TIMES.map(|at| at + shift), &Options::default());
    assert_eq!(run.failure, None);
    run.rows
}

fn same(got: &[f64], wanted: &[f64], allowed: f64) {
    let largest = wanted.iter().fold(1.0, |most: f64, value| most.max(value.abs()));
    for (got, wanted) in got.iter().zip(wanted) {
        assert!((got - wanted).abs() <= allowed * largest, "{got} is not {wanted}");
    }
}

/// An exact propagation is right to some thousand roundings.
const EXACT: f64 = 1e4 * f64::EPSILON;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn linear_doses_superpose(a in doses(), b in doses()) {
        let model = model(LINEAR);
        let apart = states(&model, &[a], 0.0);
        let sum: Vec<f64> = apart.iter().zip(states(&model, &[b], 0.0)).map(|(a, b)| a + b).collect();
        same(&states(&model, &[a, b], 0.0), &sum, EXACT);
    }

    #[test]
    fn two_halves_are_one(dose in doses(), is_linear in any::<bool>()) {
        let model = model(if is_linear { LINEAR } else { SATURABLE });
        let (time_h, mut half) = dose;
        half.amount /= 2.0;
        if let DoseKind::Rate(rate) = half.kind {
            half.kind = DoseKind::Rate(rate / 2.0);
        }
        let whole = states(&model, &[dose], 0.0);
        let halves = states(&model, &[(time_h, half), (time_h, half)], 0.0);
        same(&halves, &whole, if is_linear { EXACT } else { NEAR });
    }

    #[test]
    fn time_shifts(dose in doses(), shift in 1.0..500.0, is_linear in any::<bool>()) {
        let model = model(if is_linear { LINEAR } else { SATURABLE });
        // A time of some hundred hours has that many fewer digits.
        let allowed = if is_linear { 1e2 * EXACT } else { NEAR };
        same(&states(&model, &[dose], shift), &states(&model, &[dose], 0.0), allowed);
    }

    #[test]
    fn repeats_are_explicit_records(dose in doses(), is_linear in any::<bool>()) {
        let model = model(if is_linear { LINEAR } else { SATURABLE });
        let (time_h, repeated) = dose;
        let one = Dose { interval_h: 0.0, additional: 0, ..repeated };
        let each = |at| (repeated.repeat_time_h(time_h, at), one);
        let explicit: Vec<(f64, Dose)> = (0..=repeated.additional).map(each).collect();
        let allowed = if is_linear { EXACT } else { NEAR };
        same(&states(&model, &explicit, 0.0), &states(&model, &[dose], 0.0), allowed);
    }

    #[test]
    fn steady_state_is_the_limit(dose in doses(), is_linear in any::<bool>()) {
        let model = model(if is_linear { LINEAR } else { SATURABLE });
        let (_, mut dose) = dose;
        // So much that the saturable loss keeps up, and infusions that few intervals hold.
        dose.amount = dose.amount.min(5.0 * dose.interval_h);
        if let DoseKind::Rate(rate) = dose.kind {
            dose.kind = DoseKind::Rate(rate.max(0.2 * dose.amount));
        }
        let steady = Dose { steady: Steady::Replace, additional: 1, ..dose };
        let many = Dose { additional: 401, ..dose };
        let start_h = -400.0 * dose.interval_h;
        let times = [0.3, 0.9 * dose.interval_h, 1.4 * dose.interval_h];
        let of = |at: f64, dose| {
            let run = run(&model, &[(at, Action::Dose(dose))], &times, &Options::default());
            assert_eq!(run.failure, None);
            run.rows
        };
        let allowed = if is_linear { 1e2 * EXACT } else { 1e1 * NEAR };
        same(&of(0.0, steady), &of(start_h, many), allowed);
    }
}
