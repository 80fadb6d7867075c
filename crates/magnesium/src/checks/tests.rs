//! The table of checks as committed, and what must hold of the model whatever was observed.

use std::sync::OnceLock;

use epsom_engine::{Compiled, compile};
use epsom_evidence::builtin;
use epsom_model::ir::Model;
use expect_test::expect_file;

use super::cases::CASES;
use super::lab::{Experiment, Oral};
use super::*;
use crate::body::{MODELS, read};

fn model() -> &'static (Model, Compiled) {
    static MODEL: OnceLock<(Model, Compiled)> = OnceLock::new();
    MODEL.get_or_init(|| {
        let (model, _) = read(&MODELS[0]).unwrap();
        let compiled = compile(&model);
        (model, compiled)
    })
}

fn lab() -> Lab<'static> {
    let (model, compiled) = model();
    Lab::new(model, compiled, builtin())
}

#[test]
fn every_row_about_the_whole_body_has_a_case() {
    let text = builtin().text("checks.csv").unwrap();
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("pk.")).collect();
    let ids: Vec<&str> = rows.iter().filter_map(|line| line.split(',').next()).collect();
    let cases: Vec<&str> = CASES.iter().map(|case| case.id).collect();
    assert_eq!(ids, cases);
}

#[test]
fn the_model_is_held_against_what_was_observed() {
    let table = markdown(&outcomes(&lab(), builtin()).unwrap());
    expect_file!["../../../../models/magnesium/expected/checks.md"].assert_eq(&table);
    let page = include_str!("../../../../models/magnesium/README.md");
    assert!(page.contains(&table), "the table of models/magnesium/README.md differs:\n{table}");
}

/// Two years of the stores, in h.
const TWO_YEARS_H: f64 = 17_520.0;
const STORES: [&str; 10] =
    ["solid", "residue", "lumen", "plasma", "rest", "fast", "slow", "deep", "csf", "serum_auc"];
const SINKS: [&str; 3] = ["urine", "faeces", "sweat"];

#[test]
fn a_person_without_a_dose_does_not_drift_for_two_years() {
    let lab = lab();
    let run =
        lab.run(&Experiment::default(), &[0.0, 24.0, TWO_YEARS_H - 24.0, TWO_YEARS_H]).unwrap();
    for store in &STORES[..9] {
        let (start, end) = (run.state(store, 0.0), run.state(store, TWO_YEARS_H));
        // Two years are 730 periods; each start is solved, and each day integrated, to 1e-8.
        let allowed = 730.0 * 1e-8 * start.abs().max(1e-3);
        assert!((end - start).abs() <= allowed, "{store}: {start} became {end}");
    }
    let (first, last) =
        (run.mean_serum(0.0, 24.0), run.mean_serum(TWO_YEARS_H - 24.0, TWO_YEARS_H));
    assert!((last - first).abs() <= 1e-5 * first, "{first} became {last}");
}

#[test]
fn magnesium_is_conserved_over_two_years_of_doses() {
    let lab = lab();
    let mmol = 15.0;
    let mut doses = lab.oral(Oral { family: "oxide", mmol }, 10.5, 730);
    doses.push(lab.iv(8.0, 30.0, 2.0));
    let run = lab.run(&Experiment::dosed(doses), &[0.0, TWO_YEARS_H]).unwrap();
    let sum =
        |at: f64| -> f64 { STORES[..9].iter().chain(&SINKS).map(|name| run.state(name, at)).sum() };
    let diet = 14.0 * 730.0;
    let taken = 730.0 * mmol + 8.0 + diet;
    // What leaves one compartment enters another with the same rounding error of the step; the
    // inflow of food and the sums over the stops round at 1e-16 of about 20,000 mmol each.
    let allowed = 1e-8 * taken;
    assert!(
        (sum(TWO_YEARS_H) - sum(0.0) - taken).abs() <= allowed,
        "{}",
        sum(TWO_YEARS_H) - sum(0.0) - taken
    );
}

#[test]
fn doses_that_do_not_dissolve_differ_and_small_ones_do_not() {
    let lab = lab();
    let absorbed = |family, mmol| {
        let oral = Oral { family, mmol };
        let run = lab.run(&Experiment::dosed(lab.oral(oral, 10.5, 1)), &[0.0, 72.0]).unwrap();
        run.gained("absorbed_total", 0.0, 72.0)
    };
    assert_eq!(absorbed("oxide", 10.0), absorbed("citrate", 10.0));
    assert!(absorbed("oxide", 20.0) < absorbed("citrate", 20.0));
    assert!(absorbed("citrate", 20.0) < absorbed("chloride", 20.0));
}
