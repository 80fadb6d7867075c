//! What steps cost and how near they come, as the table `docs/theory/work_precision.md`.
//!
//! `UPDATE_EXPECT=1 cargo test --release -p epsom-engine --test work_precision` writes it anew. Results are
//! the same bits everywhere, so the table is held to the digit.

#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use common::model;
use epsom_engine::{
    Action, Dose, Options, Solver, Subject, Timeline, Trajectory, compile, integrate,
};
use expect_test::expect_file;
use std::fmt::Write as _;

struct Problem {
    name: &'static str,
    text: &'static str,
    /// Boluses every 12 h.
    doses: Option<(f64, u32)>,
    times: &'static [f64],
    methods: &'static [(Solver, u64)],
}

const TSIT5: (Solver, u64) = (Solver::Tsit5, 6);
const DOP853: (Solver, u64) = (Solver::Dop853, 12);
const RODAS4: (Solver, u64) = (Solver::Rodas4, 6);
const RODAS5P: (Solver, u64) = (Solver::Rodas5P, 8);

const PROBLEMS: [Problem; 4] = [
    Problem {
        name: "two compartments, oral (not stiff)",
        text: "ini({ ka <- 1; cl <- 5; v <- 50; q <- 8; v2 <- 80 })
            model({
              d/dt(depot) <- -ka * depot
              d/dt(central) <- ka * depot - (cl + q) / v * central + q / v2 * peripheral
              d/dt(peripheral) <- q / v * central - q / v2 * peripheral
            })",
        doses: Some((100.0, 6)),
        times: &[1.0, 7.5, 13.0, 24.0, 40.0, 72.0],
        methods: &[TSIT5, DOP853, RODAS4, RODAS5P],
    },
    Problem {
        name: "ten stores in exchange (mildly stiff)",
        text: common::STORES,
        doses: Some((3.0, 5)),
        times: &[1.0, 7.5, 13.0, 24.0, 40.0],
        methods: &[TSIT5, DOP853, RODAS4, RODAS5P],
    },
    Problem {
        name: "Robertson's kinetics to 1e6 (stiff)",
        text: "ini({ slow <- 0.04; fast <- 1e4; quick <- 3e7 })
            model({
              a(0) <- 1
              d/dt(a) <- -slow * a + fast * b * c
              d/dt(b) <- slow * a - fast * b * c - quick * b^2
              d/dt(c) <- quick * b^2
            })",
        doses: None,
        times: &[1.0, 1e2, 1e4, 1e6],
        methods: &[RODAS4, RODAS5P],
    },
    Problem {
        name: "van der Pol's equation, 1e-3 from singular (stiff)",
        text: "ini({ eps <- 1e-3 })
            model({
              x(0) <- 2
              d/dt(x) <- v
              d/dt(v) <- ((1 - x^2) * v - x) / eps
            })",
        doses: None,
        times: &[0.3, 0.7, 1.0, 1.5, 2.0],
        methods: &[RODAS4, RODAS5P],
    },
];

const TOLERANCES: [f64; 4] = [1e-4, 1e-6, 1e-8, 1e-10];

/// Tolerance of the reference, a hundredth of the tightest.
const REFERENCE: f64 = 1e-12;

fn run(problem: &Problem, rtol: f64, solver: Solver) -> Trajectory {
    let model = model(problem.text);
    let events: Vec<_> = problem
        .doses
        .iter()
        .map(|&(amount, count)| {
            let repeated =
                Dose { interval_h: 12.0, additional: count - 1, ..Dose::bolus(0, amount) };
            (0.0, Action::Dose(repeated))
        })
        .collect();
    let timeline: Timeline = common::timeline(&events, problem.times);
    let options = Options { rtol, atol: Some(1e-6 * rtol), solver, ..Options::default() };
    let run =
        integrate(&compile(&model), &[Subject::typical(&model, &timeline)], &options).remove(0);
    assert_eq!(run.failure, None, "{}", problem.name);
    run
}

/// Largest difference over all compartments and times, relative, with a floor of 1e-9; outputs that
/// are differences of large flows would say little.
fn error(run: &Trajectory, truth: &Trajectory, n: usize) -> f64 {
    let pairs = run.rows().zip(truth.rows()).flat_map(|(got, truth)| {
        let from = got.len() - n;
        got[from..].iter().zip(&truth[from..])
    });
    pairs.fold(0.0, |most: f64, (got, truth)| most.max((got - truth).abs() / (truth.abs() + 1e-9)))
}

#[test]
fn table_is_current() {
    let mut text = String::from(
        "# Work and precision\n\n\
         Steps with rejected ones, evaluations of the derivative (Dop853 without those of its extension), and the largest relative error, by relative tolerance; absolute tolerance 1e-6 of it.\n\
         The reference is Rodas5P at 1e-12.\n\
         This table is held by the test `work_precision` of the engine.\n",
    );
    for problem in &PROBLEMS {
        let n = model(problem.text).compartments.len();
        let truth = run(problem, REFERENCE, Solver::Rodas5P);
        write!(text, "\n## {}\n\n| rtol | method | steps | rejected | derivatives | error |\n|---|---|---|---|---|---|\n", problem.name).unwrap();
        for rtol in TOLERANCES {
            for &(solver, stages) in problem.methods {
                let run = run(problem, rtol, solver);
                let error = error(&run, &truth, n);
                // Steps that stay inside what 1e3 local errors may add up to.
                assert!(error < 1e3 * rtol, "{} {rtol} {solver:?}: {error}", problem.name);
                let (steps, rejected) = (run.counts.steps, run.counts.rejections);
                let derivatives = stages * (steps + rejected);
                writeln!(
                    text,
                    "| {rtol:e} | {solver:?} | {steps} | {rejected} | {derivatives} | {error:.1e} |"
                )
                .unwrap();
            }
        }
    }
    expect_file!["../../../docs/theory/work_precision.md"].assert_eq(&text);
}
