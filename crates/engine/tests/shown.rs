//! Rows that hold less than everything.

#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use common::{model, timeline};
use epsom_engine::{
    Action, Dose, Options, RunCause, Solver, Subject, Trajectory, Wrt, compile, integrate,
    sensitivities,
};

const TIMES: [f64; 5] = [0.0, 0.7, 3.0, 11.9, 24.0];

const TEXT: &str = "model m \"m\"
time [h]
param ka = 1[1/h] assumed \"test\"
param ke = 0.2[1/h] assumed \"test\"
param k = 0.3[1/h] assumed \"test\"
compartment depot [mg], central [mg], far [mg]
d/dt(depot) = -ka * depot
d/dt(central) = ka * depot - (ke + k) * central + k * far
d/dt(far) = k * central - k * far
output twice = 2 * central [mg]
output sum = depot + far [mg]
";

/// Columns `of` of rows that are `width` wide.
fn columns(rows: &[f64], width: usize, of: &[usize]) -> Vec<u64> {
    rows.chunks_exact(width).flat_map(|row| of.iter().map(|&at| row[at].to_bits())).collect()
}

#[test]
fn what_is_shown_has_the_bits_it_has_among_all_columns() {
    let compiled = compile(&model(TEXT));
    let dose = Action::Dose(Dose::bolus(0, 100.0));
    let timeline = timeline(&[(0.0, dose), (6.0, dose)], &TIMES);
    let subject = Subject::typical(&compiled.model, &timeline);
    let few = compiled.clone().showing(&[1], &[2, 0]);
    // Outputs twice and sum, then depot, central, far.
    let kept = [1, 4, 2];
    for solver in [Solver::Tsit5, Solver::Dop853, Solver::Rodas4, Solver::Rodas5P, Solver::Linear] {
        let options = Options { solver, ..Options::default() };
        for n in [1, 3, 70] {
            let subjects = vec![subject.clone(); n];
            let (all, some) =
                (integrate(&compiled, &subjects, &options), integrate(&few, &subjects, &options));
            for (all, some) in all.iter().zip(&some) {
                assert_eq!((all.width, some.width, some.failure), (5, 3, None));
                let own = columns(&some.rows, 3, &[0, 1, 2]);
                assert_eq!(own, columns(&all.rows, 5, &kept), "{solver:?}");
            }
        }
        let wrt = [Wrt::Param(0), Wrt::Param(2)];
        let one = std::slice::from_ref(&subject);
        let all = sensitivities(&compiled, one, &wrt, &options).remove(0);
        let some = sensitivities(&few, one, &wrt, &options).remove(0);
        // The results, then their derivatives by each of two quantities.
        let kept: Vec<usize> = (0..3).flat_map(|part| kept.map(|at| 5 * part + at)).collect();
        let own: Vec<usize> = (0..9).collect();
        let (own, wanted) = (columns(&some.rows, 9, &own), columns(&all.rows, 15, &kept));
        assert_eq!(own, wanted, "{solver:?}");
        for at in 0..TIMES.len() {
            let row = all.rows().nth(at).unwrap();
            assert_eq!([all.own(at), all.by(at, 0), all.by(at, 1)].concat(), row);
        }
    }
}

#[test]
fn an_output_that_is_not_shown_stops_nobody_and_one_that_is_keeps_its_name() {
    let text = TEXT.replace("output sum = depot + far [mg]", "output bad = ln(1 - far/far) [1]");
    let compiled = compile(&model(&text));
    let timeline = timeline(&[(0.0, Action::Dose(Dose::bolus(0, 1.0)))], &TIMES);
    let subject = Subject::typical(&compiled.model, &timeline);
    let run = |outputs: &[usize]| -> Trajectory {
        let compiled = compiled.clone().showing(outputs, &[]);
        integrate(&compiled, std::slice::from_ref(&subject), &Options::default()).remove(0)
    };
    let fine = run(&[0]);
    assert_eq!((fine.failure, fine.rows.len()), (None, TIMES.len()));
    let cause = run(&[1]).failure.map(|failure| failure.cause);
    assert_eq!(cause, Some(RunCause::Output { output: 1 }));
}
