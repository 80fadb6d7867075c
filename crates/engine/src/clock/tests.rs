//! Closed forms written without the engine's own parts, and properties of dosing.

use super::*;
use crate::compile::compile;
use crate::enters::Property;
use crate::integrate::{Solver, Subject, integrate};
use crate::linear::linear_system;
use crate::timeline::{CovariateTrack, Dose, DoseKind, Steady};
use epsom_model::ir::{
    BinaryOp, Compartment, Covariate, DisplayUnit, Distribution, ExprId, Interpolation, Model,
    Node, Param, Provenance, Start, UnaryOp,
};

const K: f64 = 0.15;
/// A value is a handful of propagations, each exact to some tens of roundings.
const NEAR: f64 = 1e3 * f64::EPSILON;

/// Loss from one compartment at rate K, into a second that only collects. Parameters are
/// bioavailability, lag, modelled duration, constant inflow.
fn model() -> Model {
    let mut model = Model::default();
    let exprs = &mut model.exprs;
    let [fraction, lag, duration, inflow] = [0, 1, 2, 3].map(|at| exprs.add(Node::Param(at)));
    let central = exprs.add(Node::State(0));
    let k = exprs.add(Node::Covariate(0));
    let loss = exprs.add(Node::Binary(BinaryOp::Mul, k, central));
    let lost = exprs.add(Node::Unary(UnaryOp::Neg, loss));
    let change = exprs.add(Node::Binary(BinaryOp::Add, inflow, lost));
    let compartment = |name: &str, derivative, accumulator| Compartment {
        accumulator,
        ..Compartment::of(name, derivative)
    };
    let mut dosed = compartment("central", change, false);
    dosed.bioavailability = Some(fraction);
    dosed.lag = Some(lag);
    dosed.duration = Some(duration);
    model.compartments = vec![dosed, compartment("urine", loss, true)];
    model.params = ["fraction", "lag", "duration", "inflow"].map(param).to_vec();
    model.covariates = vec![Covariate {
        name: "k".into(),
        default: K,
        unit: DisplayUnit::default(),
        interpolation: Interpolation::Forward,
        bounds: (f64::NEG_INFINITY, f64::INFINITY),
        label: String::new(),
    }];
    model
}

fn param(name: &str) -> Param {
    Param {
        name: name.into(),
        value: 1.0,
        unit: DisplayUnit::default(),
        uncertain: Distribution::Fixed,
        varies: Distribution::Fixed,
        bounds: (0.0, f64::INFINITY),
        provenance: Provenance::default(),
        spread_assumed: String::new(),
        label: String::new(),
    }
}

const PLAIN: [f64; 4] = [1.0, 0.0, 1.0, 0.0];

/// One row per observation, exactly.
fn exact_rows(
    model: &Model,
    params: &[f64],
    timeline: &Timeline,
) -> Result<Vec<Vec<f64>>, RunFailure> {
    let options = Options { solver: Solver::Linear, ..Options::default() };
    rows_by(model, params, timeline, &options)
}

fn rows_by(
    model: &Model,
    params: &[f64],
    timeline: &Timeline,
    options: &Options,
) -> Result<Vec<Vec<f64>>, RunFailure> {
    let subject = Subject { params: params.to_vec(), ..Subject::typical(model, timeline) };
    let trajectory = integrate(&compile(model), &[subject], options).remove(0);
    let rows = trajectory.rows().map(<[f64]>::to_vec).collect();
    trajectory.failure.map_or(Ok(rows), Err)
}

fn try_run(
    params: [f64; 4],
    events: &[(f64, Action)],
    times_h: &[f64],
) -> Result<Vec<f64>, RunFailure> {
    let events = events.iter().map(|&(time_h, action)| Record { time_h, action });
    let observations = times_h.iter().map(|&time_h| Record { time_h, action: Action::Observe });
    let timeline = Timeline::new(events.chain(observations).collect(), Vec::new()).unwrap();
    let rows = exact_rows(&model(), &params, &timeline)?;
    Ok(rows.iter().map(|row| row[0]).collect())
}

fn run(params: [f64; 4], events: &[(f64, Action)], times_h: &[f64]) -> Vec<f64> {
    try_run(params, events, times_h).unwrap()
}

fn near(got: &[f64], wanted: &[f64]) {
    assert_eq!(got.len(), wanted.len());
    let largest = wanted.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    for (got, wanted) in got.iter().zip(wanted) {
        assert!((got - wanted).abs() <= NEAR * largest, "{got} is not {wanted}");
    }
}

fn bolus(amount: f64) -> Dose {
    Dose::bolus(0, amount)
}

fn left(amount: f64, hours: f64) -> f64 {
    if hours < 0.0 { 0.0 } else { amount * epsom_maths::exp(-K * hours) }
}

/// What is left of an infusion begun `hours` ago.
fn infused(rate: f64, duration_h: f64, hours: f64) -> f64 {
    let running = hours.clamp(0.0, duration_h);
    left(rate / K * -epsom_maths::exp_m1(-K * running), hours.max(0.0) - running)
}

#[test]
fn bolus_then_loss() {
    let times = [0.0, 1.0, 30.0];
    let got = run(PLAIN, &[(0.0, Action::Dose(bolus(100.0)))], &times);
    near(&got, &times.map(|time| left(100.0, time)));
}

#[test]
fn bioavailability_changes_duration_of_a_rate_and_rate_of_a_duration() {
    let times = [1.0, 3.0, 6.0, 12.0];
    let half = [0.5, 0.0, 8.0, 0.0];
    let dose = |kind| [(0.0, Action::Dose(Dose { kind, ..bolus(80.0) }))];
    let got = run(half, &dose(DoseKind::Rate(10.0)), &times);
    near(&got, &times.map(|time| infused(10.0, 4.0, time)));
    for kind in [DoseKind::Duration(8.0), DoseKind::ModeledDuration] {
        near(&run(half, &dose(kind), &times), &times.map(|time| infused(5.0, 8.0, time)));
    }
}

#[test]
fn lag_delays_doses_repeats_and_infusions() {
    let times = [1.0, 2.0, 2.5, 7.0, 14.5, 20.0];
    let lagged = [1.0, 2.5, 1.0, 0.0];
    let dose = Dose { interval_h: 12.0, additional: 1, ..bolus(10.0) };
    let both = |at: f64| left(10.0, at - 2.5) + left(10.0, at - 14.5);
    near(&run(lagged, &[(0.0, Action::Dose(dose))], &times), &times.map(both));
    let infusion = Dose { kind: DoseKind::Rate(5.0), ..bolus(10.0) };
    let got = run(lagged, &[(0.0, Action::Dose(infusion))], &times);
    near(&got, &times.map(|at| infused(5.0, 2.0, at - 2.5)));
}

#[test]
fn repeats_equal_explicit_records() {
    let times = [5.0, 12.0, 24.0, 100.0];
    let repeated = Dose { interval_h: 12.0, additional: 4, ..bolus(10.0) };
    let explicit = [0.0, 12.0, 24.0, 36.0, 48.0].map(|at| (at, Action::Dose(bolus(10.0))));
    let got = run(PLAIN, &[(0.0, Action::Dose(repeated))], &times);
    near(&got, &run(PLAIN, &explicit, &times));
}

#[test]
fn steady_state_is_the_limit_of_many_doses() {
    let kinds =
        [DoseKind::Bolus, DoseKind::Rate(20.0), DoseKind::Rate(4.0), DoseKind::Rate(50.0 / 12.0)];
    for kind in kinds {
        // Lags below, equal to and above the interval of 12 h.
        for lag_h in [0.0, 5.0, 12.0, 30.0] {
            let params = [1.0, lag_h, 1.0, 0.7];
            let dose = Dose { kind, interval_h: 12.0, ..bolus(50.0) };
            let many = Dose { additional: 80, ..dose };
            let steady = Dose { steady: Steady::Replace, additional: 4, ..dose };
            let times = [0.5, 4.0, 6.0, 11.0, 13.0, 20.0, 29.0, 47.0];
            let wanted = run(params, &[(-912.0, Action::Dose(many))], &times);
            near(&run(params, &[(0.0, Action::Dose(steady))], &times), &wanted);
        }
    }
}

#[test]
fn steady_state_replaces_or_adds() {
    let steady = |steady| Dose { steady, interval_h: 24.0, ..bolus(50.0) };
    let first = (0.0, Action::Dose(bolus(30.0)));
    let peak = 50.0 / (1.0 - left(1.0, 24.0));
    let got = run(PLAIN, &[first, (10.0, Action::Dose(steady(Steady::Replace)))], &[10.0]);
    near(&got, &[peak]);
    let got = run(PLAIN, &[first, (10.0, Action::Dose(steady(Steady::Add)))], &[10.0]);
    near(&got, &[left(30.0, 10.0) + peak]);
}

#[test]
fn constant_infusion_ends_at_its_record() {
    let dose = Dose { kind: DoseKind::Rate(3.0), steady: Steady::Replace, ..bolus(0.0) };
    let got = run(PLAIN, &[(0.0, Action::Dose(dose))], &[0.0, 5.0]);
    near(&got, &[3.0 / K, left(3.0 / K, 5.0)]);
}

#[test]
fn without_loss_there_is_no_steady_state() {
    let mut model = model();
    model.covariates[0].default = 0.0;
    let dose = Dose { steady: Steady::Replace, interval_h: 12.0, ..bolus(5.0) };
    let records = [(3.0, Action::Dose(dose)), (4.0, Action::Observe)];
    let records = records.map(|(time_h, action)| Record { time_h, action }).to_vec();
    let timeline = Timeline::new(records, Vec::new()).unwrap();
    let cause = RunCause::NoSteadyState { compartment: 0 };
    let failure = RunFailure { time_h: 3.0, cause, record: Some(0), n_doses: 1 };
    assert_eq!(exact_rows(&model, &PLAIN, &timeline), Err(failure));
}

#[test]
fn reset_stops_infusions_and_cancels_what_is_pending() {
    let lagged = [1.0, 6.0, 1.0, 0.0];
    let infusion = Dose { kind: DoseKind::Rate(1.0), ..bolus(20.0) };
    let repeated = Dose { interval_h: 4.0, additional: 9, ..bolus(10.0) };
    let events = [
        (0.0, Action::Dose(infusion)),
        (0.0, Action::Dose(repeated)),
        (9.0, Action::ResetThenDose(bolus(7.0))),
        (30.0, Action::Reset),
    ];
    let got = run(lagged, &events, &[9.0, 14.0, 15.0, 25.0, 40.0]);
    near(&got, &[0.0, 0.0, 7.0, left(7.0, 10.0), 0.0]);
}

#[test]
fn a_compartment_turned_off_stays_empty_until_its_next_dose() {
    let events = [
        (0.0, Action::Dose(Dose { kind: DoseKind::Rate(1.0), ..bolus(20.0) })),
        (5.0, Action::TurnOff(0)),
        (8.0, Action::Dose(bolus(3.0))),
    ];
    near(&run(PLAIN, &events, &[5.0, 7.0, 8.0, 10.0]), &[0.0, 0.0, 3.0, left(3.0, 2.0)]);
}

#[test]
fn an_observation_sees_earlier_rows_and_what_is_implicit_at_its_time() {
    let at = |time_h, action| Record { time_h, action };
    let repeated = Dose { interval_h: 12.0, additional: 1, ..bolus(10.0) };
    let records = vec![
        at(0.0, Action::Observe),
        at(0.0, Action::Dose(repeated)),
        at(0.0, Action::Observe),
        at(12.0, Action::Observe),
    ];
    let timeline = Timeline::new(records, Vec::new()).unwrap();
    let rows = exact_rows(&model(), &PLAIN, &timeline).unwrap();
    let got: Vec<f64> = rows.iter().map(|row| row[0]).collect();
    near(&got, &[0.0, 10.0, left(10.0, 12.0) + 10.0]);
}

#[test]
fn doses_superpose_split_and_shift() {
    let times = [1.0, 4.0, 9.0, 31.0];
    let infusion = |amount: f64, rate| Dose { kind: DoseKind::Rate(rate), ..bolus(amount) };
    let one = (0.0, Action::Dose(infusion(30.0, 10.0)));
    let other = (2.0, Action::Dose(bolus(8.0)));
    let sum: Vec<f64> = run(PLAIN, &[one], &times)
        .iter()
        .zip(run(PLAIN, &[other], &times))
        .map(|(one, other)| one + other)
        .collect();
    near(&run(PLAIN, &[one, other], &times), &sum);
    let half = (0.0, Action::Dose(infusion(15.0, 5.0)));
    near(&run(PLAIN, &[half, half], &times), &run(PLAIN, &[one], &times));
    let late = (100.0, Action::Dose(infusion(30.0, 10.0)));
    let got = run(PLAIN, &[late], &times.map(|time| time + 100.0));
    near(&got, &run(PLAIN, &[one], &times));
}

#[test]
fn covariates_change_the_loss_from_their_time_on() {
    let records =
        [(0.0, Action::Dose(bolus(10.0))), (6.0, Action::Observe), (6.0, Action::Dose(bolus(0.0)))];
    let records = records.map(|(time_h, action)| Record { time_h, action }).to_vec();
    let track = CovariateTrack {
        covariate: 0,
        interpolation: Interpolation::Forward,
        times_h: vec![0.0, 2.0],
        values: vec![K, 2.0 * K],
    };
    let timeline = Timeline::new(records, vec![track]).unwrap();
    let rows = exact_rows(&model(), &PLAIN, &timeline).unwrap();
    near(&rows[0][..1], &[left(10.0, 2.0 + 2.0 * 4.0)]);
}

#[test]
fn what_is_lost_is_collected() {
    let dose = Dose { interval_h: 6.0, additional: 3, ..bolus(10.0) };
    let records = vec![
        Record { time_h: 0.0, action: Action::Dose(dose) },
        Record { time_h: 40.0, action: Action::Observe },
    ];
    let timeline = Timeline::new(records, Vec::new()).unwrap();
    let rows = exact_rows(&model(), &PLAIN, &timeline).unwrap();
    near(&[rows[0][0] + rows[0][1]], &[40.0]);
}

#[test]
fn a_negative_property_is_refused_with_time_and_compartment() {
    for (params, property) in
        [([-0.5, 0.0, 1.0, 0.0], Property::Bioavailability), ([1.0, -2.0, 1.0, 0.0], Property::Lag)]
    {
        let got = try_run(params, &[(2.0, Action::Dose(bolus(1.0)))], &[4.0]);
        let cause = RunCause::DosingProperty { compartment: 0, property };
        let failure = RunFailure { time_h: 2.0, cause, record: Some(0), n_doses: 1 };
        assert_eq!(got, Err(failure));
    }
}

#[test]
fn products_of_states_and_time_are_not_linear() {
    let mut model = model();
    let central = model.exprs.add(Node::State(0));
    let square = model.exprs.add(Node::Binary(BinaryOp::Mul, central, central));
    let time = model.exprs.add(Node::Time);
    let inputs = Inputs {
        state: vec![0.0; 2],
        params: PLAIN.to_vec(),
        covariates: vec![K],
        ..Inputs::default()
    };
    assert!(linear_system(&model, &inputs).is_some());
    for derivative in [square, time] {
        let derivative: ExprId = derivative;
        model.compartments[0].derivative = derivative;
        assert_eq!(linear_system(&model, &inputs), None);
    }
}

#[test]
fn step_by_step_agrees_with_exact() {
    let model = model();
    let infusion =
        Dose { kind: DoseKind::Rate(4.0), interval_h: 7.0, additional: 3, ..bolus(30.0) };
    let mut records = vec![Record { time_h: 0.0, action: Action::Dose(infusion) }];
    records.extend([1.0, 8.0, 9.5, 40.0].map(|time_h| Record { time_h, action: Action::Observe }));
    let timeline = Timeline::new(records, Vec::new()).unwrap();
    let params = [0.8, 1.5, 1.0, 0.3];
    let options = Options { solver: Solver::Tsit5, ..Options::default() };
    let exact = exact_rows(&model, &params, &timeline).unwrap();
    let stepped = rows_by(&model, &params, &timeline, &options).unwrap();
    for (stepped, exact) in stepped.iter().zip(&exact) {
        for (stepped, exact) in stepped.iter().zip(exact) {
            // Local errors of some dozen steps add up.
            assert!((stepped - exact).abs() <= 100.0 * options.rtol * 30.0, "{stepped} {exact}");
        }
    }
}

#[test]
fn a_steady_start_balances_inflow_and_loss() {
    let mut model = model();
    model.start = Start::SteadyState;
    let records = [0.0, 50.0].map(|time_h| Record { time_h, action: Action::Observe });
    let timeline = Timeline::new(records.to_vec(), Vec::new()).unwrap();
    let rows = exact_rows(&model, &[1.0, 0.0, 1.0, 0.6], &timeline).unwrap();
    near(&[rows[0][0], rows[1][0], rows[0][1], rows[1][1]], &[0.6 / K, 0.6 / K, 0.0, 30.0]);
    model.covariates[0].default = 0.0;
    let failure = exact_rows(&model, &[1.0, 0.0, 1.0, 0.6], &timeline).unwrap_err();
    assert_eq!((failure.time_h, failure.cause), (0.0, RunCause::NoSteadyStart));
}
