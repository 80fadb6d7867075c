//! Linear reference cases: event file to rows, compared with the published answers.
//!
//! The case's own model text is read by the small reader in `text.rs`, which shares nothing with
//! the product, so that a mistake of one cannot hide a mistake of the other.

#![allow(clippy::unwrap_used, reason = "a test")]

mod text;

use epsom_diag::FileId;
use epsom_engine::{Options, Subject, compile, integrate};
use epsom_model::ir::Model;
use epsom_population::read_records;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/suite/reference");

const LINEAR: &[&str] = &[
    "analytic/A101_bolus",
    "analytic/A103_oral",
    "analytic/A104_oral_f_lag",
    "analytic/A108_ss_bolus",
    "analytic/A205_bolus_multi",
    "analytic/A207_inf_multi",
    "analytic/A302_infusion",
    "analytic/A310_ss_oral",
    "analytic/A4205_transit_chain",
    "events/E03_addl_oral",
    "events/E07_f_rate",
    "events/E09_dur_f",
    "events/E13_lag_bolus",
    "events/E16_ss_oral",
    "events/E18_ss_inf_longer",
    "events/E22_ss_lag_inf",
    "events/E25_ss2",
    "events/E30_evid3",
    "events/E33_evid4",
    "events/E36_two_infusions",
    "events/E46_tie_record_order",
    "events/E53_zero_amt_dose",
];

fn open(path: &str) -> String {
    std::fs::read_to_string(format!("{FOLDER}/{path}")).unwrap()
}

/// Relative and absolute tolerance of a case.
fn tolerance(case: &str) -> (f64, Option<f64>) {
    let (kind, name) = case.split_once('/').unwrap();
    let index = open(&format!("{kind}/index.csv"));
    let row = index.lines().find(|row| row.split(',').next() == Some(name)).unwrap();
    let mut cells = row.split(',').skip(1);
    (cells.next().unwrap().parse().unwrap(), cells.next().unwrap().parse().ok())
}

fn column(model: &Model, name: &str) -> usize {
    let outputs = model.outputs.iter().map(|output| &output.name);
    let compartments = model.compartments.iter().map(|compartment| &compartment.name);
    outputs.chain(compartments).position(|known| known == name).unwrap()
}

/// Cases that run step by step.
const STEPPED: &[&str] = &[
    "analytic/A112_lincmt",
    "analytic/A411_mm_lambertw",
    "analytic/A430_transit_fn",
    "analytic/A451_idr1",
    "analytic/A464_weibull_abs",
    "analytic/A501_tmdd",
    "analytic/A504_vdp5",
];

/// The product's own reading of a case's text.
fn check(text: &str) -> Model {
    let (tree, diagnostics) = epsom_model::syntax::parse(text, FileId(0));
    assert_eq!(diagnostics, []);
    let substances = epsom_units::Substances::default();
    let evidence = epsom_evidence::builtin();
    let world = epsom_model::check::World { evidence, substances: &substances };
    let checked = epsom_model::check::check(&tree, &world);
    checked.model.unwrap_or_else(|| panic!("{:?}", checked.diagnostics))
}

#[test]
fn linear_reference_cases() {
    compare(LINEAR, text::read_model);
}

#[test]
fn linear_reference_cases_through_the_products_own_reader() {
    compare(LINEAR, check);
}

#[test]
fn other_reference_cases() {
    compare(STEPPED, check);
}

fn compare(cases: &[&str], read: fn(&str) -> Model) {
    let mut wrong = Vec::new();
    for case in cases {
        let model = read(&open(&format!("{case}.model.txt")));
        let events = open(&format!("{case}.events.csv"));
        let (subjects, diagnostics) = read_records(&events, FileId(0), &model);
        assert_eq!(diagnostics, [], "{case}");
        let timeline = &subjects[0].timeline;
        let subject = Subject::typical(&model, timeline);
        let run = integrate(&compile(&model), &[subject], &Options::default()).remove(0);
        if let Some(failure) = run.failure {
            wrong.push(format!("{case}: {failure:?}"));
            continue;
        }
        let rows: Vec<&[f64]> = run.rows().collect();
        let (rtol, atol) = tolerance(case);
        let answers = open(&format!("{case}.out.csv"));
        let mut lines = answers.lines();
        let names: Vec<&str> = lines.next().unwrap().split(',').skip(1).collect();
        let answers: Vec<Vec<f64>> =
            lines.map(|line| line.split(',').map(|cell| cell.parse().unwrap()).collect()).collect();
        assert_eq!(rows.len(), answers.len(), "{case}");
        for (at, name) in names.iter().enumerate() {
            let largest = answers.iter().map(|row| row[at + 1].abs()).fold(0.0, f64::max);
            let atol = atol.unwrap_or(1e-9 * largest);
            for (row, answer) in rows.iter().zip(&answers) {
                let (got, wanted) = (row[column(&model, name)], answer[at + 1]);
                // The negated form also catches NaN.
                let near = (got - wanted).abs() <= atol + rtol * wanted.abs();
                if !near {
                    wrong.push(format!("{case} {name} at {}: {got} not {wanted}", answer[0]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
