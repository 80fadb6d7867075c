//! Each row of the table in `docs/guide/dosing.md`, from CSV text to an answer written without the
//! product, exactly and step by step.

#![allow(clippy::unwrap_used, reason = "a test")]

mod bad_input;
mod oracle;
mod rows;
mod time;

use epsom_diag::{Diagnostic, FileId};
use epsom_engine::{Options, RunFailure, Solver, Subject, Trajectory, compile, integrate};
use epsom_model::ir::Model;
use epsom_population::{SubjectRecords, read_records};
use oracle::{Input, State};

/// A model from text.
fn model(text: &str) -> Model {
    let (tree, said) = epsom_model::syntax::parse(text, FileId(0));
    assert_eq!(said, []);
    let world = epsom_model::check::World {
        evidence: epsom_evidence::builtin(),
        substances: epsom_evidence::builtin_substances(),
    };
    let checked = epsom_model::check::check(&tree, &world);
    checked.model.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics))
}

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
const WAYS: [(Solver, bool, f64); 8] = [
    (Solver::Auto, false, 1e4 * f64::EPSILON),
    (Solver::Tsit5, false, 3e2 * 1e-8),
    (Solver::Rodas4, false, 3e2 * 1e-8),
    (Solver::Rodas5P, false, 3e2 * 1e-8),
    (Solver::Auto, true, 3e2 * 1e-8),
    (Solver::Tsit5, true, 3e2 * 1e-8),
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
    let times = read(csv, &linear(extra, false)).0[0].observation_times.clone();
    let wanted: Vec<State> = times.iter().enumerate().map(|(at, &time)| wanted(at, time)).collect();
    let largest = wanted.iter().flatten().fold(0.0, |most: f64, value| most.max(value.abs()));
    for &(solver, is_twin, allowed) in ways {
        let model = linear(extra, is_twin);
        let got = states(&model, csv, &Options { solver, ..Options::default() });
        let got = got.unwrap_or_else(|failure| panic!("{solver:?} twin {is_twin}: {failure:?}"));
        assert_eq!(got.len(), times.len());
        for ((got, wanted), time) in got.iter().zip(&wanted).zip(&times) {
            for (got, wanted) in got.iter().zip(wanted) {
                assert!(
                    (got - wanted).abs() <= allowed * largest,
                    "{solver:?} twin {is_twin} at {time}: {got} is not {wanted}"
                );
            }
        }
    }
}

/// As [`check`], where the answer is the inputs' sum.
fn check_inputs(extra: &str, csv: &str, inputs: &[Input]) {
    check(extra, csv, |_, time| oracle::state(time, inputs));
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
