//! Random dosing histories against the answers of another program (`tests/suite/histories`).

#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use common::model;
use epsom_diag::FileId;
use epsom_engine::{Options, Solver, Subject, compile, integrate};
use epsom_population::read_records;

const HISTORIES: &str = include_str!("../../../tests/suite/histories/histories.txt");

/// Name, model, event file and wanted rows of each history.
fn histories() -> impl Iterator<Item = [&'static str; 4]> {
    HISTORIES.split("=== ").skip(1).map(|text| {
        let (name, rest) = text.split_once('\n').unwrap();
        let (model, rest) = rest.split_once("--- events\n").unwrap();
        let (events, wanted) = rest.split_once("--- wanted\n").unwrap();
        [name, model, events, wanted]
    })
}

#[test]
fn random_histories_have_the_answers_of_another_program() {
    let (mut n, mut wrong) = (0, Vec::new());
    for [name, text, events, wanted] in histories() {
        let model = model(text);
        let (subjects, said) = read_records(events, FileId(0), &model);
        assert_eq!((said.len(), subjects.len()), (0, 1), "{name}");
        let wanted: Vec<Vec<f64>> = wanted
            .lines()
            .skip(1)
            .map(|row| row.split(',').skip(1).map(|cell| cell.parse().unwrap()).collect())
            .collect();
        let largest = wanted.iter().flatten().fold(0.0, |most: f64, value| most.max(value.abs()));
        for solver in [Solver::Auto, Solver::Rodas5P] {
            let options = Options { solver, ..Options::default() };
            let subject = Subject::typical(&model, &subjects[0].timeline);
            let run = integrate(&compile(&model), &[subject], &options).remove(0);
            assert_eq!(run.failure, None, "{name}");
            assert_eq!(run.rows().count(), wanted.len(), "{name}");
            for (row, (got, wanted)) in run.rows().zip(&wanted).enumerate() {
                for (got, wanted) in got.iter().zip(wanted) {
                    // Local errors of some hundred steps at 1e-8 each; steady states to 1e-8.
                    let near = (got - wanted).abs() <= 3e2 * options.rtol * largest;
                    if !near {
                        wrong.push(format!("{name} {solver:?} row {row}: {got}, not {wanted}"));
                    }
                }
            }
        }
        n += 1;
    }
    assert_eq!(n, 36);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
