//! Declared events against closed forms.

#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use common::{model, timeline};
use epsom_engine::{
    Action, Dose, Isa, Lanes, Options, RunCause, Solver, Steady, Subject, Timeline, Trajectory,
    available, compile, integrate,
};
use epsom_maths::{exp, ln};
use epsom_model::ir::Model;

/// A model without units, of the statements `text`.
fn plain(text: &str) -> Model {
    model(&format!("model m\ntime [h]\nunchecked \"a test\"\n{text}"))
}

fn run(model: &Model, events: &[(f64, Action)], times: &[f64], solver: Solver) -> Trajectory {
    let timeline = timeline(events, times);
    let options = Options { solver, ..Options::default() };
    integrate(&compile(model), &[Subject::typical(model, &timeline)], &options).remove(0)
}

/// Column of a compartment in a run that must succeed.
fn column(model: &Model, run: &Trajectory, name: &str) -> Vec<f64> {
    assert_eq!(run.failure, None);
    let at = model.compartments.iter().position(|one| one.name == name).unwrap();
    run.rows().map(|row| row[model.outputs.len() + at]).collect()
}

fn near(got: &[f64], wanted: &[f64], allowed: f64) {
    assert_eq!(got.len(), wanted.len());
    for (got, wanted) in got.iter().zip(wanted) {
        assert!((got - wanted).abs() <= allowed * wanted.abs().max(1.0), "{got:?} {wanted:?}");
    }
}

const BOTH: [Solver; 2] = [Solver::Tsit5, Solver::Rodas4];
/// Local errors of some hundred steps at 1e-8 each.
const NEAR: f64 = 1e2 * 1e-8;
/// An exact propagation is right to some hundred roundings.
const EXACT: f64 = 1e3 * f64::EPSILON;

/// A ball let fall from 1 under a gravity of 2; each bounce keeps a share of the speed.
const BALL: &str = "param keeps = 0.8
compartment height, speed
register bounces = 0
height(0) = 1
d/dt(height) = speed
d/dt(speed) = -2
event bounce when height < 0 then speed = -keeps * speed, bounces = bounces + 1
";

/// Height and number of bounces at `time`: the first fall takes 1, the flight after bounce `n`
/// takes `2 * 0.8^n`.
fn ball(time: f64) -> (f64, f64) {
    if time < 1.0 {
        return (1.0 - time * time, 0.0);
    }
    let (mut from, mut speed, mut n) = (1.0, 2.0 * 0.8, 1.0);
    while time >= from + speed {
        (from, speed, n) = (from + speed, speed * 0.8, n + 1.0);
    }
    let since = time - from;
    (speed * since - since * since, n)
}

#[test]
fn a_ball_bounces() {
    let model = plain(BALL);
    // Seven eighths of the time up to the point where all bounces have happened.
    let times: Vec<f64> = (0..64).map(|at| 9.0 * 0.875 * f64::from(at) / 64.0).collect();
    let (heights, bounces): (Vec<f64>, Vec<f64>) = times.iter().map(|&time| ball(time)).unzip();
    for solver in BOTH {
        let run = run(&model, &[], &times, solver);
        near(&column(&model, &run, "height"), &heights, NEAR);
        near(&column(&model, &run, "bounces"), &bounces, 0.0);
    }
}

/// Bounces come faster and faster up to the time 9, where they have no end.
#[test]
fn bounces_without_end_are_reported_with_the_event() {
    let model = plain(BALL);
    let run = run(&model, &[], &[8.0, 10.0], Solver::Auto);
    let failure = run.failure.unwrap();
    assert_eq!(failure.cause, RunCause::EventRepeats { event: 0 });
    assert!((failure.time_h - 9.0).abs() < NEAR, "{failure:?}");
    assert_eq!(run.rows().count(), 1);
}

/// An event that restores its own condition at once, and two that answer each other.
#[test]
fn events_that_answer_at_once_are_reported() {
    let own = plain("compartment a\na(0) = 2\nd/dt(a) = -a\nevent hold when a < 1 then a = 1\n");
    let each = plain(
        "compartment a\na(0) = 2\nd/dt(a) = -a\nregister on = 0
event up when a < 1 and on < 0.5 then on = 1
event down when on > 0.5 then on = 0
",
    );
    for model in [own, each] {
        let failure = run(&model, &[], &[2.0], Solver::Auto).failure.unwrap();
        assert!(matches!(failure.cause, RunCause::EventRepeats { .. }), "{failure:?}");
        assert!((failure.time_h - ln(2.0)).abs() < NEAR, "{failure:?}");
    }
}

/// From 2 down to 1 takes ln 2 / k, whereupon 1 is given.
#[test]
fn a_threshold_gives_a_dose() {
    let model = plain(
        "param k = 0.3\ncompartment a\nregister given = 0\na(0) = 2\nd/dt(a) = -k * a
event refill when a < 1 then a = a + 1, given = given + 1
",
    );
    let period = ln(2.0) / 0.3;
    let times: Vec<f64> = (0..40).map(|at| 0.37 * f64::from(at)).collect();
    let gone = |time: f64| (time / period).floor();
    let amounts = times.iter().map(|&time| 2.0 * exp(-0.3 * (time - gone(time) * period)));
    let amounts: Vec<f64> = amounts.collect();
    let given: Vec<f64> = times.iter().map(|&time| gone(time)).collect();
    for solver in BOTH {
        let run = run(&model, &[], &times, solver);
        near(&column(&model, &run, "a"), &amounts, NEAR);
        near(&column(&model, &run, "given"), &given, 0.0);
    }
}

/// What the change is made of: as it was at the rise, or as it is when it is made. An observation
/// at that very time sees it.
#[test]
fn a_delayed_event_takes_values_of_the_rise_or_of_the_change() {
    let text = |word: &str| {
        format!(
            "compartment y\nregister z = -1\nd/dt(y) = 1
event keep when t >= 2 then z = y delay 3 {word}
"
        )
    };
    for (word, wanted) in [("", 2.0), ("late_values", 5.0)] {
        let model = plain(&text(word));
        for solver in [Solver::Linear, Solver::Tsit5, Solver::Rodas4] {
            let run = run(&model, &[], &[1.0, 4.9, 5.0, 6.0], solver);
            near(&column(&model, &run, "z"), &[-1.0, -1.0, wanted, wanted], NEAR);
        }
    }
}

/// The higher priority goes first; with values of the rise, the last to go leaves what it computed.
#[test]
fn priority_orders_events_of_one_time() {
    let text = |first: f64, second: f64, word: &str| {
        plain(&format!(
            "compartment a\nregister x = 5\na(0) = 2\nd/dt(a) = -a
event double when a < 1 then x = 2 * x priority {first} {word}
event add when a < 1 then x = x + 1 priority {second} {word}
"
        ))
    };
    let x = |model: &Model| column(model, &run(model, &[], &[1.0], Solver::Auto), "x")[0];
    for (first, second, word, wanted) in [
        (1.0, 2.0, "late_values", 12.0),
        (2.0, 1.0, "late_values", 11.0),
        (0.0, 0.0, "late_values", 11.0),
        (1.0, 2.0, "", 10.0),
        (2.0, 1.0, "", 6.0),
    ] {
        assert_eq!(x(&text(first, second, word)), wanted, "{first} {second} {word}");
    }
}

/// One event makes the next one's condition true, all at one time; a later one of higher priority
/// goes before an earlier one that still waits.
#[test]
fn events_follow_from_events_at_once() {
    let model = plain(
        "compartment a\nregister b = 0, order = 0\na(0) = 2\nd/dt(a) = -a
event first when a < 1 then b = 1, order = 10 * order + 1
event second when b > 0.5 then order = 10 * order + 2 priority 1 late_values
event third when a < 1 then order = 10 * order + 3 late_values
"
        .replace("register b = 0, order = 0", "register b = 0\nregister order = 0")
        .as_str(),
    );
    let run = run(&model, &[], &[0.69, 0.7], Solver::Auto);
    assert_eq!(column(&model, &run, "order"), [0.0, 123.0]);
}

/// A condition that falls during the delay takes a cancelable event back, and no other.
#[test]
fn a_condition_that_falls_takes_back_what_may_be() {
    let text = |word: &str| {
        plain(&format!(
            "compartment a\nregister x = 0\nd/dt(a) = -a
event late when a > 1 then x = x + 1 delay 2 {word}
"
        ))
    };
    let doses =
        [(0.0, Action::Dose(Dose::bolus(0, 2.0))), (10.0, Action::Dose(Dose::bolus(0, 20.0)))];
    let x = |model: &Model| column(model, &run(model, &doses, &[9.0, 20.0], Solver::Auto), "x");
    // The first dose stays above 1 for ln 2, the second for ln 20, which is more than the delay.
    assert_eq!(x(&text("")), [1.0, 2.0]);
    assert_eq!(x(&text("cancelable")), [0.0, 1.0]);
}

#[test]
fn what_holds_at_the_start_is_no_rise_unless_it_says_so() {
    for (word, wanted) in [("", [0.0, 0.0]), ("at_start", [1.0, 1.0])] {
        let model = plain(&format!(
            "compartment a\nregister x = 0\na(0) = 2\nd/dt(a) = -a
event begin when a > 1 then x = x + 1 {word}
"
        ));
        let run = run(&model, &[], &[0.0, 5.0], Solver::Auto);
        assert_eq!(column(&model, &run, "x"), wanted);
    }
}

/// A controller with two limits: an infusion of 1 runs from 1 up to 2 and stops down to 1.
#[test]
fn a_register_switches_an_infusion() {
    let model = plain(
        "param k = 0.2\ncompartment a\nregister on = 1\na(0) = 1.5\nd/dt(a) = on - k * a
event stop when a > 2 then on = 0
event go when a < 1 then on = 1
",
    );
    // Up: 5 - (5 - a) exp(-k t); down: a exp(-k t).
    let (first, down, up) = (ln(3.5 / 3.0) / 0.2, ln(2.0) / 0.2, ln(4.0 / 3.0) / 0.2);
    let wanted = |time: f64| {
        let mut rest = time - first;
        if rest < 0.0 {
            return 5.0 - 3.5 * exp(-0.2 * time);
        }
        while rest > down + up {
            rest -= down + up;
        }
        if rest < down { 2.0 * exp(-0.2 * rest) } else { 5.0 - 4.0 * exp(-0.2 * (rest - down)) }
    };
    let times: Vec<f64> = (0..50).map(|at| 0.61 * f64::from(at)).collect();
    let amounts: Vec<f64> = times.iter().map(|&time| wanted(time)).collect();
    for solver in BOTH {
        near(&column(&model, &run(&model, &[], &times, solver), "a"), &amounts, NEAR);
    }
}

/// Events on the time alone leave a linear model linear: it takes no steps.
#[test]
fn events_on_time_keep_a_linear_model_exact() {
    let model = plain(
        "param k = 0.3\ncompartment a\na(0) = 2\nd/dt(a) = -k * a
event halve when t > 4 then a = a / 2
",
    );
    let run = run(&model, &[], &[3.0, 4.0, 10.0], Solver::Linear);
    assert_eq!(run.counts.steps, 0);
    let wanted = [2.0 * exp(-0.9), exp(-1.2), exp(-3.0)];
    near(&column(&model, &run, "a"), &wanted, EXACT);
}

/// Doses, resets and steady states beside registers.
#[test]
fn a_reset_starts_registers_again_and_forgets_what_waits() {
    let model = plain(
        "param k = 0.3\nparam r0 = 7\ncompartment a\nregister r = r0\nd/dt(a) = -k * a
event late when a > 1 then r = r + 1 delay 5
",
    );
    let dose = Action::Dose(Dose::bolus(0, 2.0));
    let events = [(0.0, dose), (8.0, Action::Reset), (20.0, dose), (22.0, Action::Reset)];
    let run_of = run(&model, &events, &[4.0, 6.0, 9.0, 30.0], Solver::Auto);
    assert_eq!(column(&model, &run_of, "r"), [7.0, 8.0, 7.0, 7.0]);
    let steady = Dose { steady: Steady::Replace, interval_h: 6.0, ..Dose::bolus(0, 2.0) };
    let run_of = run(&model, &[(0.0, Action::Dose(steady))], &[0.0, 6.0], Solver::Auto);
    let peak = 2.0 / (1.0 - exp(-1.8));
    near(&column(&model, &run_of, "a"), &[peak, peak * exp(-1.8)], NEAR);
    assert_eq!(column(&model, &run_of, "r"), [7.0, 8.0]);
}

#[test]
fn a_delay_below_0_and_a_value_without_end_name_the_event() {
    let text = |value: &str, delay: &str| {
        plain(&format!(
            "compartment a\nregister x = 1\na(0) = 2\nd/dt(a) = -a
event odd when a < 1 then x = {value} delay {delay}
"
        ))
    };
    let cause = |model: &Model| run(model, &[], &[2.0], Solver::Auto).failure.unwrap().cause;
    assert_eq!(cause(&text("1", "a - 3")), RunCause::EventDelay { event: 0 });
    assert_eq!(cause(&text("1 / (x - 1)", "1")), RunCause::EventValue { event: 0, compartment: 1 });
}

const RESCUE: &str = "param k = 0.3\nparam give = 5
compartment depot, a\nregister rescues = 0
d/dt(depot) = -depot
d/dt(a) = depot - k * a / (1 + a / 20)
event rescue when a < 1 then depot = depot + give, rescues = rescues + 1 delay 0.5 priority 1
event late when t >= 7 then a = 0.5 * a
";

/// The same run later: events on the state know no clock.
#[test]
fn time_shifts() {
    let model = plain(&RESCUE.replace("event late when t >= 7 then a = 0.5 * a\n", ""));
    let times = [1.0, 5.0, 9.0, 17.0, 33.0];
    let of = |shift: f64| {
        let dose = Action::Dose(Dose::bolus(0, 4.0));
        let run = run(&model, &[(shift, dose)], &times.map(|time| time + shift), Solver::Auto);
        assert_eq!(run.failure, None);
        run.rows
    };
    let here = of(0.0);
    for shift in [3.7, 240.0] {
        near(&of(shift), &here, NEAR);
    }
}

/// To the bit, in blocks of any width, with any instructions and any neighbors.
#[test]
fn bits_do_not_depend_on_lanes_or_instructions() {
    let model = plain(RESCUE);
    let compiled = compile(&model);
    let timelines: Vec<Timeline> = (0..19)
        .map(|subject| {
            let dose = Action::Dose(Dose::bolus(0, 3.0 + 0.3 * f64::from(subject)));
            timeline(&[(0.0, dose)], &[0.5, 3.0, 8.0, 14.0, 25.0])
        })
        .collect();
    let subjects: Vec<Subject<'_>> =
        timelines.iter().map(|timeline| Subject::typical(&model, timeline)).collect();
    let bits = |options: &Options| -> Vec<Vec<u64>> {
        let runs = integrate(&compiled, &subjects, options);
        let bits = |run: &Trajectory| run.rows.iter().map(|value| value.to_bits()).collect();
        assert!(runs.iter().all(|run| run.failure.is_none()));
        runs.iter().map(bits).collect()
    };
    for solver in [Solver::Tsit5, Solver::Rodas4] {
        let one =
            Options { solver, lanes: Lanes::L1, isa: Some(Isa::Baseline), ..Options::default() };
        let wanted = bits(&one);
        for isa in available() {
            for lanes in [Lanes::L1, Lanes::L8, Lanes::L64] {
                let got = bits(&Options { lanes, isa: Some(isa), ..one });
                assert!(got == wanted, "{solver:?} {isa:?} {lanes:?}");
            }
        }
    }
}
