//! Every end stands in its target, and what lies beyond is said.

use epsom_engine::{Action, Dose, Record};
use epsom_evidence::builtin;

use super::*;
use crate::formula::MAGNESIUM_G_PER_MOL;
use crate::qualify::{Lab, whole_body};

/// Numbers of the experiment of a target, and what the table makes of them.
fn numbers(target: &str, unit: &str) -> Vec<f64> {
    let rows = table(PLAN).expect("the plan");
    let row = rows.iter().find(|row| row.cell("id") == target).expect("a target");
    let words = row.cell("case").split_whitespace().filter_map(|word| word.split_once('='));
    let named: Vec<(&str, f64)> =
        words.filter_map(|(key, value)| Some((key, value.parse().ok()?))).collect();
    let of = |key: &str| named.iter().find(|one| one.0 == key).map(|one| one.1);
    let mut found: Vec<f64> = named.iter().map(|one| one.1).collect();
    match unit {
        "mg" | "mg/day" => found.extend(named.iter().map(|one| one.1 * MAGNESIUM_G_PER_MOL)),
        "week" => found.extend(of("days").map(|days| days / 7.0)),
        "mmol" => {
            let parts = (of("load_mmol"), of("keep_mmol_per_h"), of("keep_h"));
            if let (Some(load), Some(rate), Some(hours)) = parts {
                found.push(load + rate * hours);
            }
        }
        _ => {}
    }
    found
}

#[test]
fn every_end_stands_in_its_target_or_says_why_not() {
    let checks = table(builtin().text("checks.csv").expect("checks")).expect("a table");
    for range in ranges() {
        assert!(range.per_unit > 0.0 && !range.about.is_empty(), "{range:?}");
        assert!(range.bounds.0 < range.bounds.1, "{range:?}");
        for (end, from) in [(range.bounds.0, &range.from.0), (range.bounds.1, &range.from.1)] {
            assert_eq!(end.is_finite(), !from.is_empty(), "{range:?}");
            for key in from.split_whitespace().filter(|key| *key != "assumed") {
                if checks.iter().any(|row| row.cell("id") == key) {
                    // To the digits that the table prints.
                    let decimals = format!("{end}").split_once('.').map_or(0, |it| it.1.len());
                    let rounded =
                        |value: &f64| format!("{value:.decimals$}") == format!("{end:.decimals$}");
                    let all = numbers(key, &range.unit);
                    assert!(all.iter().any(rounded), "{key}: {end} of {all:?}");
                } else {
                    let known = builtin().value(key).is_some() || builtin().source(key).is_some();
                    assert!(known, "{key} is no target, row or source");
                }
            }
        }
    }
    assert!(ranges().windows(2).all(|pair| pair[0].quantity < pair[1].quantity));
}

#[test]
fn the_person_and_the_doses_of_the_targets_are_within() {
    let Lab { model, .. } = whole_body();
    let covariates = model.covariates.iter().map(|one| Quantity::of_one(&one.name, one.default));
    let covariates: Vec<Quantity<'_>> = covariates.collect();
    let taken = Taken {
        dose_mmol: 150.0 / MAGNESIUM_G_PER_MOL,
        day_mmol: 450.0 / MAGNESIUM_G_PER_MOL,
        n_days: 168,
        span_days: 168.0,
        families: ["citrate", "oxide"].into(),
        ..Taken::default()
    };
    assert_eq!(beyond(&covariates, &taken), [] as [String; 0]);
}

#[test]
fn what_lies_beyond_is_said_with_its_end() {
    let people = vec![vec![1.8], vec![7.2], vec![3.0, 4.0]];
    let people = [Quantity { name: "gfr", values: people }, Quantity::of_one("wt", 30.0)];
    let taken = Taken {
        dose_mmol: 50.0,
        day_mmol: 50.0,
        n_days: 2,
        span_days: 2.0,
        families: ["l_threonate"].into(),
        ..Taken::default()
    };
    let found = beyond(&people, &taken);
    let starts = [
        "Filtration of 30 mL/min and the like in 2 of 3 people, where the model was held against \
         observations from 60 to 174 mL/min: absorption falls",
        "Weight of 30 kg, where",
        "Magnesium in one dose by mouth of 1215 mg, where the model was held against observations \
         up to 1080 mg: ",
        "Magnesium by mouth every day of 1215 mg/day, where",
        "No target holds l_threonate in people: ",
    ];
    assert_eq!(found.len(), starts.len(), "{found:#?}");
    for (found, start) in found.iter().zip(starts) {
        assert!(found.starts_with(start), "{found}");
    }
    assert!(
        found[0].ends_with("[epsom_structure, PK222, PK223]") && found[1].ends_with("[assumed]")
    );
    assert!(found[2].ends_with("[pk.09]"));
}

#[test]
fn records_are_counted_by_dose_day_and_vein() {
    let lab = whole_body();
    let dose = |name: &str, amount: f64, time_h: f64, additional: u32| {
        let place = lab.model.compartments.iter().position(|one| one.name == name);
        let place = place.expect("a compartment") as u32;
        let dose = Dose { interval_h: 24.0, additional, ..Dose::bolus(place, amount) };
        Record { time_h, action: Action::Dose(dose) }
    };
    let records = [
        dose("solid", 4.0, 8.0, 6),
        dose("residue", 1.0, 8.0, 6),
        dose("solid", 3.0, 19.0, 6),
        dose("plasma", 10.0, 0.0, 1),
    ];
    let found = of_records(&records, lab.model);
    assert_eq!((found.dose_mmol, found.day_mmol, found.vein_mmol), (5.0, 8.0, 20.0));
    assert_eq!((found.n_days, found.span_days), (7, 7.0));
}

#[test]
fn each_salt_of_a_target_is_a_family() {
    let held = held_salts();
    assert!(held.len() > 5, "{held:?}");
    for family in &held {
        assert!(crate::salt_names::family(family).is_some(), "{family}");
    }
}
