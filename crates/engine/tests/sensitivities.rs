//! Sensitivities against central differences of runs at tight tolerance.

#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use common::{model, timeline};
use epsom_engine::{
    Act, Action, Conduct, CovariateTrack, Dose, DoseKind, Options, Record, Rule, Rules, RunCause,
    Solver, Steady, Subject, Timeline, Visits, Wrt, compile, integrate, sensitivities,
};
use epsom_maths::Address;
use epsom_model::ir::{Interpolation, Model};

const TIMES: [f64; 6] = [0.3, 2.2, 5.1, 9.7, 14.9, 26.3];

/// Richardson's combination of central differences over `h` and `h / 2`: the error is of order
/// `h^4` of the quantity, and the noise of the runs over `h`.
fn differences(run: impl Fn(f64) -> Vec<f64>, size: f64) -> Vec<f64> {
    let central = |h: f64| {
        let (above, below) = (run(h * size), run(-h * size));
        let slopes =
            above.iter().zip(&below).map(|(above, below)| (above - below) / (2.0 * h * size));
        slopes.collect::<Vec<f64>>()
    };
    let (coarse, fine) = (central(2e-3), central(1e-3));
    coarse.iter().zip(&fine).map(|(coarse, fine)| (4.0 * fine - coarse) / 3.0).collect()
}

/// All parameters, and the amounts of the records `doses`.
fn check(model: &Model, events: &[(f64, Action)], doses: &[u32], solvers: &[Solver]) {
    check_on(model, &|events| timeline(events, &TIMES), events, doses, solvers);
}

type Event = (f64, Action);

/// As [`check`], on the timeline that `timeline_of` makes of the events.
fn check_on(
    model: &Model,
    timeline_of: &dyn Fn(&[Event]) -> Timeline,
    events: &[Event],
    doses: &[u32],
    solvers: &[Solver],
) {
    let compiled = compile(model);
    let here = timeline_of(events);
    let mut times: Vec<f64> = here.observation_times_h().collect();
    times.extend(here.next().iter().flat_map(|next| next.observation_times_h()));
    let subject = Subject::typical(model, &here);
    let params = (0..model.params.len() as u32).map(Wrt::Param);
    // Records stand sorted by time, observations among them; those after a restart follow.
    let mut records = here.records().to_vec();
    records.extend(here.next().iter().flat_map(|next| next.records()));
    let place = |event: u32| {
        let (time_h, action) = events[event as usize];
        records.iter().position(|&one| one == Record { time_h, action }).unwrap() as u32
    };
    let wrt: Vec<Wrt> = params.chain(doses.iter().map(|&dose| Wrt::Dose(place(dose)))).collect();
    for &solver in solvers {
        let options = Options { rtol: 1e-11, atol: Some(1e-12), solver, ..Options::default() };
        let one = std::slice::from_ref(&subject);
        let all = sensitivities(&compiled, one, &wrt, &options).remove(0);
        assert_eq!(all.failure, None);
        let plain = integrate(&compiled, one, &options).remove(0);
        let width = plain.width;
        assert_eq!((all.width, all.rows().len()), (width, plain.rows().len()));
        for (row, plain) in plain.rows().enumerate() {
            for (carried, plain) in all.own(row).iter().zip(plain) {
                assert!(
                    (carried - plain).abs() <= 1e-8 * plain.abs().max(1.0),
                    "{carried} {plain}"
                );
            }
        }
        let biggest = plain.rows.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
        for (at, &what) in wrt.iter().enumerate() {
            let (size, run): (f64, Box<dyn Fn(f64) -> Vec<f64>>) = match what {
                Wrt::Param(param) => {
                    let subject = &subject;
                    let compiled = &compiled;
                    let run = move |by: f64| {
                        let mut moved = subject.clone();
                        moved.params[param as usize] += by;
                        integrate(compiled, &[moved], &options).remove(0).rows
                    };
                    (subject.params[param as usize], Box::new(run))
                }
                Wrt::Dose(record) => {
                    let (compiled, place) = (&compiled, &place);
                    let run = move |by: f64| {
                        let mut events = events.to_vec();
                        let event = doses.iter().find(|&&dose| place(dose) == record).unwrap();
                        let (Action::Dose(dose) | Action::ResetThenDose(dose)) =
                            &mut events[*event as usize].1
                        else {
                            panic!("no dose");
                        };
                        dose.amount += by;
                        let moved = timeline_of(&events);
                        let subject = Subject::typical(model, &moved);
                        integrate(compiled, &[subject], &options).remove(0).rows
                    };
                    (10.0, Box::new(run))
                }
            };
            let wanted = differences(run, size);
            let largest = wanted.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
            for row in 0..here.n_rows() {
                for column in 0..width {
                    let got = all.by(row, at)[column];
                    let wanted = wanted[row * width + column];
                    // Relative, down to a hundredth of the largest, and the noise of the runs over
                    // the step of the differences.
                    let noise = options.rtol * biggest / (1e-3 * size);
                    let allowed = 1e-6 * wanted.abs().max(1e-2 * largest) + noise;
                    assert!(
                        (got - wanted).abs() <= allowed,
                        "{solver:?} {what:?} at {} column {column}: {got} is not {wanted}",
                        times[row]
                    );
                }
            }
        }
    }
}

const ALL: [Solver; 5] =
    [Solver::Auto, Solver::Tsit5, Solver::Dop853, Solver::Rodas4, Solver::Rodas5P];

/// Oral two-compartment model with everything that a dose can depend on; `loss` of `central`.
fn oral(loss: &str) -> Model {
    model(&format!(
        "ini({{ ka <- 0.9; cl <- 1.3; v <- 8; q <- 0.7; vp <- 11; bio <- 0.7; tlag <- 0.8; long <- 3.1; fast <- 7; km <- 30 }})
         model({{
           d/dt(depot) <- -ka * depot
           d/dt(central) <- ka * depot - {loss} - q / v * central + q / vp * peripheral
           d/dt(peripheral) <- q / v * central - q / vp * peripheral
           f(depot) <- bio
           alag(depot) <- tlag
           alag(central) <- tlag * 2
           f(central) <- bio ^ 2
           dur(central) <- long
           rate(central) <- fast
           cp <- central / v
         }})"
    ))
}

const LINEAR: &str = "cl / v * central";
const SATURABLE: &str = "cl * central / (km + central)";

fn dose(compartment: u32, kind: DoseKind) -> Dose {
    Dose { kind, ..Dose::bolus(compartment, 60.0) }
}

/// Results and their derivatives, each times its parameter, beside the exact ones: largest difference
/// over the largest of its row.
#[test]
fn steps_keep_to_the_tolerance_with_derivatives() {
    let model = model(
        "ini({ ka <- 0.9; cl <- 1.3; v <- 8; q <- 0.7; vp <- 11 })
         model({
           d/dt(depot) <- -ka * depot
           d/dt(central) <- ka * depot - cl / v * central - q / v * central + q / vp * peripheral
           d/dt(peripheral) <- q / v * central - q / vp * peripheral
           cp <- central / v
         })",
    );
    let compiled = compile(&model).showing(&[0], &[]);
    let repeated = Dose { interval_h: 12.0, additional: 9, ..Dose::bolus(0, 60.0) };
    let times: Vec<f64> = (0..120).map(f64::from).collect();
    let here = timeline(&[(0.0, Action::Dose(repeated))], &times);
    let subject = [Subject::typical(&model, &here)];
    let wrt = [Wrt::Param(0), Wrt::Param(1), Wrt::Param(2)];
    let run = |options: &Options| sensitivities(&compiled, &subject, &wrt, options).remove(0);
    let exact = run(&Options { solver: Solver::Linear, ..Options::default() });
    for rtol in [1e-4, 1e-6] {
        for solver in [Solver::Tsit5, Solver::Dop853, Solver::Rodas4, Solver::Rodas5P] {
            let atol = Some(1e-3 * rtol);
            let stepped = run(&Options { rtol, atol, solver, ..Options::default() });
            for (row, wanted) in stepped.rows().zip(exact.rows()) {
                let scaled = |row: &[f64]| -> Vec<f64> {
                    let by = row[1..].iter().zip(&subject[0].params);
                    row[..1].iter().copied().chain(by.map(|(by, param)| by * param)).collect()
                };
                let (row, wanted) = (scaled(row), scaled(wanted));
                let largest = wanted.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
                for (value, wanted) in row.iter().zip(&wanted) {
                    let error = (value - wanted).abs();
                    assert!(
                        error <= rtol * (largest + 1e-3),
                        "{solver:?} {rtol}: {error} {largest}"
                    );
                }
            }
        }
    }
}

#[test]
fn through_doses_lags_and_infusion_ends() {
    for loss in [LINEAR, SATURABLE] {
        let repeated = Dose { interval_h: 5.0, additional: 2, ..dose(0, DoseKind::Bolus) };
        let events = [
            (0.0, Action::Dose(repeated)),
            (1.0, Action::Dose(dose(1, DoseKind::Rate(20.0)))),
            (2.0, Action::Dose(dose(1, DoseKind::ModeledRate))),
            (3.0, Action::Dose(dose(1, DoseKind::ModeledDuration))),
            (11.0, Action::Dose(dose(1, DoseKind::Duration(2.0)))),
        ];
        check(&oral(loss), &events, &[0, 2, 4], &ALL);
    }
}

#[test]
fn through_resets_and_compartments_turned_off() {
    let events = [
        (0.0, Action::Dose(dose(0, DoseKind::Bolus))),
        (1.0, Action::TurnOff(2)),
        (4.0, Action::Dose(dose(2, DoseKind::Bolus))),
        (7.0, Action::ResetThenDose(dose(0, DoseKind::Bolus))),
    ];
    check(&oral(SATURABLE), &events, &[], &[Solver::Auto]);
    check(&oral(LINEAR), &events, &[], &[Solver::Auto]);
}

/// Nothing is left of an infusion that a reset has stopped, nor of its derivatives.
#[test]
fn a_reset_during_an_infusion_leaves_no_derivative() {
    let infused = Action::Dose(dose(1, DoseKind::Duration(10.0)));
    let here = timeline(&[(0.0, infused), (5.0, Action::Reset)], &[4.9, 5.01, 5.2, 6.0]);
    let model = oral(LINEAR);
    let subject = [Subject::typical(&model, &here)];
    let options = Options { rtol: 1e-6, solver: Solver::Tsit5, ..Options::default() };
    let by = sensitivities(&compile(&model), &subject, &[Wrt::Dose(0)], &options).remove(0);
    let rows: Vec<&[f64]> = (0..4).map(|row| by.by(row, 0)).collect();
    assert!(rows[0].iter().any(|value| *value > 0.0));
    assert!(rows[1..].iter().flat_map(|row| *row).all(|value| *value == 0.0), "{rows:?}");
}

#[test]
fn through_steady_states() {
    let steady = |compartment, kind| Dose {
        steady: Steady::Replace,
        interval_h: 6.0,
        additional: 1,
        ..dose(compartment, kind)
    };
    let kinds = [
        (0, DoseKind::Bolus),
        (1, DoseKind::Rate(20.0)),
        (1, DoseKind::ModeledDuration),
        (1, DoseKind::ModeledRate),
    ];
    for (compartment, kind) in kinds {
        let events = [(0.0, Action::Dose(steady(compartment, kind)))];
        check(&oral(LINEAR), &events, &[0], &[Solver::Auto]);
        // Enough loss for what comes in.
        let saturable = oral("9 * cl * central / (km + central)");
        check(&saturable, &events, &[0], &[Solver::Auto]);
    }
    let events = [
        (0.0, Action::Dose(dose(0, DoseKind::Bolus))),
        (1.0, Action::Dose(Dose { steady: Steady::Add, ..steady(0, DoseKind::Bolus) })),
    ];
    check(&oral(LINEAR), &events, &[0, 1], &[Solver::Auto]);
    let constant = Dose { amount: 0.0, steady: Steady::Replace, ..dose(1, DoseKind::ModeledRate) };
    check(&oral(LINEAR), &[(0.0, Action::Dose(constant))], &[], &[Solver::Auto]);
}

/// What is read of the last dose moves with that dose alone, not with one before it.
#[test]
fn through_a_steady_state_after_a_dose_whose_amount_is_read() {
    for lag in ["", "alag(depot) <- 0.5"] {
        let model = model(&format!(
            "ini({{ ka <- 0.9; k <- 0.3 }})
             model({{
               d/dt(depot) <- -ka * depot * (1 + podo(depot) / 100)
               {lag}
               d/dt(central) <- ka * depot - k * central
             }})"
        ));
        let every_6_h = Dose {
            steady: Steady::Replace,
            interval_h: 6.0,
            additional: 1,
            ..dose(0, DoseKind::Bolus)
        };
        let first = Action::Dose(dose(0, DoseKind::Bolus));
        let events = [(0.0, first), (8.0, Action::Dose(every_6_h))];
        check(&model, &events, &[0, 1], &[Solver::Auto]);
        check(&model, &events, &[0], &[Solver::Auto]);
    }
}

#[test]
fn through_root_events() {
    let model = model(
        "ini({ k <- 0.35; limit <- 4; more <- 2.5; x0 <- 10; tlag <- 0.45 })
         model({
           x(0) <- x0
           d/dt(x) <- ifelse(x > limit, -k * x, -k * x / more + 0.1 * k * x * x / limit)
           d/dt(y) <- ifelse(x > limit, 0, x)
           alag(x) <- tlag
         })",
    );
    let events = [(6.0, Action::Dose(Dose::bolus(0, 9.0)))];
    check(&model, &events, &[0], &[Solver::Auto, Solver::Rodas4]);
}

#[test]
fn through_conditions_on_time_and_since_the_dose() {
    let model = model(
        "ini({ k <- 0.35; start <- 1.7; stop <- 8.2; rate <- 3; tlag <- 0.6 })
         model({
           d/dt(x) <- ifelse(t >= start, rate, 0) - ifelse(t > stop, 0.5 * rate, 0) - k * x
           d/dt(y) <- ifelse(tad(x) < 2, x, 0.1 * x)
           alag(x) <- tlag
         })",
    );
    let events =
        [(0.0, Action::Dose(Dose { interval_h: 10.0, additional: 1, ..Dose::bolus(0, 9.0) }))];
    check(&model, &events, &[0], &ALL);
}

#[test]
fn of_solved_starts() {
    let model = model(
        "model start \"Balance\"
time [h]
substance Mg
param k = 0.1[1/h] assumed \"a test\" fixed \"a test\"
param rate = 6[mmol/h] assumed \"a test\" fixed \"a test\"
param half = 40[mmol] assumed \"a test\" fixed \"a test\"
param length = 1.5[h] assumed \"a test\" fixed \"a test\"
compartment x [mmol], out [mmol]
window meal = every 12[h] from 4[h] for length
d/dt(x) = rate * meal - k * x * half / (half + x)
d/dt(out) = k * x
initial periodic 12[h]
",
    );
    check(&model, &[], &[], &[Solver::Auto]);
}

/// A located rise, a delay that depends on a parameter, values of the rise and of the change, and a
/// register that the equations read.
#[test]
fn through_declared_events() {
    for words in ["", "late_values"] {
        let model = model(&format!(
            "model m
time [h]
unchecked \"a test\"
param k = 0.35
param limit = 4
param wait = 0.9
param share = 0.6
param start = 8
param x0 = 10
compartment x, y
register rate = 2 * k
x(0) = x0
d/dt(x) = rate - k * x
d/dt(y) = x - 0.1 * y
event give when x < limit then x = x + share * y, rate = rate + share delay wait * x {words}
event stop when t >= start then rate = 0.5 * rate, y = share * x priority 2
event after when rate > 1 then y = y + limit * x {words}
"
        ));
        let events = [(6.1, Action::Dose(Dose::bolus(0, 9.0)))];
        check(&model, &events, &[0], &[Solver::Auto, Solver::Rodas4]);
    }
}

/// Losses, bioavailability, lags, rates and durations that follow a covariate.
fn follows(how: &str, loss: &str) -> Model {
    model(&format!(
        "model m
time [h]
unchecked \"a test\"
covariate w = 1 {how}
param ka = 0.9
param k = 0.3
param km = 30
param power = 0.7
param bio = 0.7
param tlag = 0.8
param long = 3.1
compartment depot, central
d/dt(depot) = -ka * depot
d/dt(central) = ka * depot - {loss}
f(depot) = bio * w ^ power
alag(depot) = tlag * w
dur(central) = long * w
output seen = central * w ^ power
"
    ))
}

const COVARIATE_EVENTS: [(f64, Action); 3] = [
    (
        0.0,
        Action::Dose(Dose {
            amount: 60.0,
            compartment: 0,
            kind: DoseKind::Bolus,
            interval_h: 5.0,
            additional: 2,
            steady: Steady::No,
        }),
    ),
    (
        3.0,
        Action::Dose(Dose {
            amount: 60.0,
            compartment: 1,
            kind: DoseKind::ModeledDuration,
            interval_h: 0.0,
            additional: 0,
            steady: Steady::No,
        }),
    ),
    (
        1.0,
        Action::ResetThenDose(Dose {
            amount: 40.0,
            compartment: 0,
            kind: DoseKind::Bolus,
            interval_h: 6.0,
            additional: 1,
            steady: Steady::No,
        }),
    ),
];

const LOSSES: [&str; 2] =
    ["k * w ^ power * central", "k * w ^ power * km * central / (km + central)"];

#[test]
fn through_covariates_that_change() {
    let ways = [
        ("", Interpolation::Forward),
        ("backward", Interpolation::Backward),
        ("midpoint", Interpolation::Midpoint),
        ("linear", Interpolation::Linear),
    ];
    for (how, interpolation) in ways {
        for loss in LOSSES {
            let timeline_of = |events: &[(f64, Action)]| {
                let observed = TIMES.map(|time_h| (time_h, Action::Observe));
                let records = events.iter().copied().chain(observed);
                let records = records.map(|(time_h, action)| Record { time_h, action }).collect();
                let (times_h, values) = (vec![0.0, 4.0, 7.5, 12.0], vec![1.0, 1.6, 0.8, 1.2]);
                let track = CovariateTrack { covariate: 0, interpolation, times_h, values };
                Timeline::new(records, vec![track]).unwrap()
            };
            let solvers = [Solver::Auto, Solver::Rodas5P];
            check_on(&follows(how, loss), &timeline_of, &COVARIATE_EVENTS[..2], &[0, 1], &solvers);
        }
    }
}

/// A lagged dose and an infusion are under way when time starts again.
#[test]
fn through_restarts_of_time() {
    for loss in LOSSES {
        let timeline_of = |events: &[(f64, Action)]| {
            let part = |events: &[(f64, Action)], times: &[f64]| {
                let track = CovariateTrack {
                    covariate: 0,
                    interpolation: Interpolation::Linear,
                    times_h: vec![0.0, 9.0],
                    values: vec![0.9, 1.5],
                };
                let observed = times.iter().map(|&time_h| (time_h, Action::Observe));
                let records = events.iter().copied().chain(observed);
                let records = records.map(|(time_h, action)| Record { time_h, action }).collect();
                Timeline::new(records, vec![track]).unwrap()
            };
            part(&events[..2], &[0.3, 2.2, 5.1]).then(part(&events[2..], &[1.3, 2.2, 9.7, 14.9]))
        };
        let solvers = [Solver::Auto, Solver::Rodas5P];
        check_on(&follows("linear", loss), &timeline_of, &COVARIATE_EVENTS, &[0, 2], &solvers);
    }
}

#[test]
fn rules_are_refused() {
    let model = oral(LINEAR);
    let here = timeline(&[(0.0, Action::Dose(dose(0, DoseKind::Bolus)))], &TIMES);
    let halve = Act::Change { times: 0.5, plus: 0.0, limit: None };
    let rule = Rule { when: None, visits: Visits::Every(6.0), once: false, act: halve };
    let rules = Rules { rules: vec![rule], lapses: Vec::new() };
    let conduct = Some(Conduct { rules: &rules, address: Address::default() });
    let subject = Subject { conduct, ..Subject::typical(&model, &here) };
    let wrt = [Wrt::Param(0)];
    let got = sensitivities(&compile(&model), &[subject], &wrt, &Options::default()).remove(0);
    assert_eq!(got.failure.unwrap().cause, RunCause::RulesOfDerivatives);
}
