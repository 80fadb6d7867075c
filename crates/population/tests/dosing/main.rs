//! Each row of the table in `docs/guide/dosing.md`, from CSV text to an answer written without the
//! product, exactly and step by step.

#![allow(clippy::unwrap_used, reason = "a test")]

mod bad_input;
#[path = "../common/mod.rs"]
mod common;
mod oracle;
mod rows;
mod time;

use common::model;
use epsom_diag::{Diagnostic, FileId};
use epsom_engine::{Options, RunFailure, Solver, Subject, Trajectory, compile, integrate};
use epsom_model::ir::Model;
use epsom_population::{SubjectRecords, read_records};
use oracle::{Input, Saturable, State};

/// The oracle's system. A twin has the same solution, but a form that nothing but steps solves.
fn linear(extra: &str, is_twin: bool) -> Model {
    let loss =
        if is_twin { "k10 * central * (central + 3) / (central + 3)" } else { "k10 * central" };
    model(&format!(
        "ini({{ ka <- 1.1; k10 <- 0.2; k12 <- 0.3; k21 <- 0.1 }})
         model({{
           d/dt(depot) <- -ka * depot
           d/dt(central) <- ka * depot - {loss} - k12 * central + k21 * peripheral
           d/dt(peripheral) <- k12 * central - k21 * peripheral
           {extra}
         }})"
    ))
}

fn read(csv: &str, model: &Model) -> (Vec<SubjectRecords>, Vec<Diagnostic>) {
    read_records(csv, FileId(0), model)
}

fn run(model: &Model, subject: &SubjectRecords, options: &Options) -> Trajectory {
    let subject = Subject::typical(model, &subject.timeline);
    integrate(&compile(model), &[subject], options).remove(0)
}

/// Compartments at the result rows of the only subject.
fn states(model: &Model, csv: &str, options: &Options) -> Result<Vec<Vec<f64>>, RunFailure> {
    let (subjects, said) = read(csv, model);
    assert_eq!(said, []);
    assert_eq!(subjects.len(), 1);
    let run = run(model, &subjects[0], options);
    let n = model.outputs.len();
    let rows = run.rows().map(|row| row[n..].to_vec()).collect();
    run.failure.map_or(Ok(rows), Err)
}

/// Ways to solve, with what they allow, in parts of the largest value: exact to some thousand
/// roundings of matrix squarings on both sides, or local errors of some hundred steps.
const WAYS: [(Solver, bool, f64); 10] = [
    (Solver::Auto, false, 1e4 * f64::EPSILON),
    (Solver::Tsit5, false, 3e2 * 1e-8),
    (Solver::Dop853, false, 3e2 * 1e-8),
    (Solver::Rodas4, false, 3e2 * 1e-8),
    (Solver::Rodas5P, false, 3e2 * 1e-8),
    (Solver::Auto, true, 3e2 * 1e-8),
    (Solver::Tsit5, true, 3e2 * 1e-8),
    (Solver::Dop853, true, 3e2 * 1e-8),
    (Solver::Rodas4, true, 3e2 * 1e-8),
    (Solver::Rodas5P, true, 3e2 * 1e-8),
];

/// Every way of solving the records gives `wanted`, which sees the number of the row and its time.
fn check(extra: &str, csv: &str, wanted: impl Fn(usize, f64) -> State) {
    check_by(&WAYS, extra, csv, wanted);
}

fn check_by(
    ways: &[(Solver, bool, f64)],
    extra: &str,
    csv: &str,
    wanted: impl Fn(usize, f64) -> State,
) {
    for &(solver, is_twin, allowed) in ways {
        check_model(&linear(extra, is_twin), (solver, allowed), csv, &wanted);
    }
}

/// One way of solving the records of one model gives `wanted` in its compartments.
fn check_model(
    model: &Model,
    (solver, allowed): (Solver, f64),
    csv: &str,
    wanted: impl Fn(usize, f64) -> State,
) {
    let times = read(csv, model).0[0].observation_times.clone();
    let wanted: Vec<State> = times.iter().enumerate().map(|(at, &time)| wanted(at, time)).collect();
    let largest = wanted.iter().flatten().fold(0.0, |most: f64, value| most.max(value.abs()));
    let got = states(model, csv, &Options { solver, ..Options::default() });
    let got = got.unwrap_or_else(|failure| panic!("{solver:?} {model:?}: {failure:?}"));
    assert_eq!(got.len(), times.len());
    for ((got, wanted), time) in got.iter().zip(&wanted).zip(&times) {
        for (got, wanted) in got.iter().zip(wanted) {
            assert!(
                (got - wanted).abs() <= allowed * largest,
                "{solver:?} of {} compartments at {time}: {got} is not {wanted}",
                model.compartments.len()
            );
        }
    }
}

/// As [`check`], where the answer of the linear systems is the inputs' sum, with one compartment
/// less and with a loss that saturates too.
fn check_inputs(extra: &str, csv: &str, inputs: &[Input]) {
    check_linear(extra, csv, inputs);
    for k12 in [0.0, 0.3] {
        let saturable = Saturable { k12 };
        check_saturable(extra, csv, saturable, inputs, |time| saturable.state(time, inputs));
    }
}

fn check_linear(extra: &str, csv: &str, inputs: &[Input]) {
    check(extra, csv, |_, time| oracle::state(time, inputs));
    if !enters_peripheral(inputs) {
        let model = smaller(extra);
        for &(solver, _, allowed) in &WAYS[..4] {
            check_model(&model, (solver, allowed), csv, |_, time| oracle::one(time, inputs));
        }
    }
}

fn check_saturable(
    extra: &str,
    csv: &str,
    system: Saturable,
    inputs: &[Input],
    wanted: impl Fn(f64) -> State,
) {
    if system.k12 == 0.0 && enters_peripheral(inputs) {
        return;
    }
    let model = saturable(extra, system);
    let times = read(csv, &model).0[0].observation_times.clone();
    let wanted: Vec<State> = times.iter().map(|&time| wanted(time)).collect();
    for &(solver, _, allowed) in &WAYS[4..] {
        check_model(&model, (solver, allowed), csv, |row, _| wanted[row]);
    }
}

/// One and two compartments behind the depot with a loss that saturates; `wanted` sees the number
/// of the row and its time too.
fn check_each(extra: &str, csv: &str, wanted: &dyn Fn(Saturable, usize, f64) -> State) {
    for k12 in [0.0, 0.3] {
        let system = Saturable { k12 };
        let model = saturable(extra, system);
        for &(solver, _, allowed) in &WAYS[4..] {
            check_model(&model, (solver, allowed), csv, |row, time| wanted(system, row, time));
        }
    }
}

fn enters_peripheral(inputs: &[Input]) -> bool {
    inputs.iter().any(|input| matches!(input, Input::Bolus(_, 2, _) | Input::Rate(_, _, 2, _)))
}

/// The linear system with one compartment less.
fn smaller(extra: &str) -> Model {
    model(&format!(
        "ini({{ ka <- 1.1; k10 <- 0.2 }})
         model({{
           d/dt(depot) <- -ka * depot
           d/dt(central) <- ka * depot - k10 * central
           {extra}
         }})"
    ))
}

/// The system whose loss saturates; `k10` is there for `extra` only.
fn saturable(extra: &str, system: Saturable) -> Model {
    let (vm, km, k12) = (oracle::VM, oracle::KM, system.k12);
    let (out, peripheral) = if k12 == 0.0 {
        ("", "")
    } else {
        (
            "- k12 * central + k21 * peripheral",
            "d/dt(peripheral) <- k12 * central - k21 * peripheral",
        )
    };
    model(&format!(
        "ini({{ ka <- 1.1; k10 <- 0.2; vm <- {vm}; km <- {km}; k12 <- {k12}; k21 <- 0.1 }})
         model({{
           d/dt(depot) <- -ka * depot
           d/dt(central) <- ka * depot - vm * central / (km + central) {out}
           {peripheral}
           {extra}
         }})"
    ))
}

/// The saturable answers themselves, where they have a closed form: after a dose of `x0`,
/// `x + km ln x` falls at the rate `vm`, which Lambert's function inverts.
#[test]
fn saturable_answers_are_lamberts() {
    let inputs = [Input::Bolus(0.0, 1, 100.0)];
    for time in [0.3, 2.0, 7.0, 12.0, 30.0] {
        let x = Saturable { k12: 0.0 }.state(time, &inputs)[1];
        let sum = |x: f64| x + oracle::KM * epsom_maths::ln(x);
        let wanted = sum(100.0) - oracle::VM * time;
        // Some hundred steps, each right to rounding, of a sum of this size.
        assert!((sum(x) - wanted).abs() <= 1e3 * f64::EPSILON * sum(100.0).max(wanted.abs()));
    }
}

/// So many intervals that what is left of the first is below a rounding: slowest rate 0.035 1/h.
fn many(interval: f64) -> i32 {
    (1.2e3 / interval).ceil() as i32
}

/// The guide's table names the case of each row.
#[test]
fn every_row_of_the_guide_names_a_case() {
    let guide = include_str!("../../../../docs/guide/dosing.md");
    let cases =
        concat!(include_str!("rows.rs"), include_str!("time.rs"), include_str!("bad_input.rs"));
    let rows: Vec<&str> = guide.lines().filter(|line| line.starts_with("| ")).collect();
    let mut n_cases = 0;
    for row in rows.iter().filter(|row| !row.starts_with("| record")) {
        let case = row.trim_end_matches(" |").rsplit("| ").next().unwrap().trim_matches('`');
        assert!(cases.contains(&format!("fn {case}()")), "no case `{case}`");
        n_cases += 1;
    }
    assert!(n_cases >= 25, "{n_cases}");
}
