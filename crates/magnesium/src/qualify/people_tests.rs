//! Who the whole model is run for, what lowers absorption, the brain and the anion, hypotheses.

use epsom_engine::Record;
use epsom_maths::{pow, powi};

use super::lab::{Experiment, whole_body};
use super::*;

/// One person at the central parameters, with everything that the model has.
fn whole(experiment: &Experiment, look: &mut dyn FnMut(Run<'_>)) {
    let lab = whole_body();
    let params: Vec<f64> = lab.model.params.iter().map(|param| param.value).collect();
    let rows = lab.run(experiment, &[params]).remove(0).unwrap();
    look(Run::new(lab.model_of(experiment), experiment, &rows));
}

fn output(name: &str, people: &[(&'static str, f64)]) -> f64 {
    let mut experiment = Experiment::default().whole(&[]).at(&[0.0]);
    for &(covariate, value) in people {
        experiment = experiment.person(covariate, value);
    }
    let mut found = f64::NAN;
    whole(&experiment, &mut |run| found = run.output(name, 0.0));
    found
}

/// mL/min; `filtration` is in L/h, as base units have it.
fn filtration(people: &[(&'static str, f64)]) -> f64 {
    output("filtration", people) / 0.06
}

/// Base units: years in h, cm in dm, mL/min/1.73 m2 in dm/h, mg/dL in kg/L.
const YEAR_H: f64 = 8766.0;
const INDEXED: f64 = 0.06 / 173.0;
const MG_PER_DL: f64 = 1e-5;

fn near(found: f64, expected: f64) {
    // The expected numbers have four digits.
    assert!((found / expected - 1.0).abs() < 5e-4, "{found} {expected}");
}

#[test]
fn filtration_is_that_of_the_person() {
    near(filtration(&[]), 120.0);
    // Body surface of 70 kg and 170 cm: sqrt(70 * 170 / 3600) = 1.8181 m2.
    near(filtration(&[("egfr", 90.0 * INDEXED)]), 90.0 * 1.8181 / 1.73);
    // 100 kg and 180 cm: 2.2361 m2.
    let large = [("egfr", 60.0 * INDEXED), ("wt", 100.0), ("height", 18.0)];
    near(filtration(&large), 60.0 * 2.2361 / 1.73);
    // CKD-EPI 2021 of 1.2 mg/dL at 60 years.
    let old = [("creatinine", 1.2 * MG_PER_DL), ("age", 60.0 * YEAR_H)];
    let woman = [old[0], old[1], ("sex", 1.0)];
    let man_indexed = 142.0 * pow(1.2 / 0.9, -1.2) * powi(0.9938, 60);
    let woman_indexed = 142.0 * pow(1.2 / 0.7, -1.2) * powi(0.9938, 60) * 1.012;
    near(filtration(&old), man_indexed * 1.8181 / 1.73);
    near(filtration(&woman), woman_indexed * 1.8181 / 1.73);
    // Allometry and maturation: at 40 weeks after conception, x = (40 / 47.7)^3.4.
    let x = pow(40.0 / 47.7, 3.4);
    let expected = 120.0 * pow(3.4 / 70.0, 0.75) * x / (1.0 + x);
    near(filtration(&[("age", 0.0), ("wt", 3.4)]), expected);
    // A grown person takes the number as it is.
    near(filtration(&[("age", 18.0 * YEAR_H), ("wt", 50.0)]), 120.0);
    near(filtration(&[("pregnancy", 1.0)]), 120.0 * 1.45);
}

#[test]
fn pregnancy_lowers_serum_and_little_albumin_raises_its_ionized_share() {
    assert!(output("serum", &[("pregnancy", 1.0)]) < 0.97 * output("serum", &[]));
    let share =
        |people: &[(&'static str, f64)]| output("serum_ionized", people) / output("serum", people);
    near(share(&[]), 0.62);
    // 1 / (1 + (1 / 0.7 - 1) 25 / 43.5) over 0.7, times 0.62.
    near(share(&[("albumin", 25e-3)]), 0.62 / 0.7 / (1.0 + 0.3 / 0.7 * 25.0 / 43.5));
}

#[test]
fn what_lowers_absorption_lowers_it_by_as_much_and_the_rest_is_lost() {
    let day = |people: &[(&'static str, f64)], name: &str| {
        let mut experiment = Experiment::default().whole(&[]).at(&[0.0, 24.0]);
        for &(covariate, value) in people {
            experiment = experiment.person(covariate, value);
        }
        let mut found = f64::NAN;
        whole(&experiment, &mut |run| found = run.gained(name, 0.0, 24.0));
        found
    };
    let usual = day(&[], "absorbed_total");
    near(day(&[("uptake_share", 0.43)], "absorbed_total"), 0.43 * usual);
    near(day(&[("phytate", 1.0)], "absorbed_total"), 0.4 * usual);
    near(day(&[("phytate", 0.5)], "absorbed_total"), 0.4_f64.sqrt() * usual);
    // What is not taken is lost, so a day still balances.
    let all = |people: &[(&'static str, f64)]| {
        ["urine", "faeces", "sweat"].iter().map(|name| day(people, name)).sum::<f64>()
    };
    near(all(&[("phytate", 1.0)]), 14.0);
}

/// Two grams of L-threonate a day for 12 weeks.
fn doses() -> Vec<Record> {
    let lab = whole_body();
    let twice = [8.0, 19.0].into_iter().flat_map(|at| {
        let mut records = lab.oral("l_threonate", 3.2, at, 84);
        records.push(lab.threonate(6.4, at, 84));
        records
    });
    twice.collect()
}

/// Change of an output at noon of the last day, percent.
fn change(name: &str, hypotheses: &[&'static str]) -> f64 {
    let to = 84.0 * 24.0 - 12.0;
    let mut found = [f64::NAN; 2];
    for (at, doses) in [Vec::new(), doses()].into_iter().enumerate() {
        let experiment = Experiment::dosed(doses).whole(hypotheses).at(&[to]);
        whole(&experiment, &mut |run| found[at] = run.output(name, to));
    }
    100.0 * (found[1] / found[0] - 1.0)
}

#[test]
fn hypotheses_do_what_they_say_and_nothing_when_off() {
    let (plasma_route, gained) = (change("csf", &[]), change("csf", &["threonate_gain"]));
    assert!((0.1..1.0).contains(&plasma_route), "{plasma_route}");
    // Below the 10.2 % of rats, whose level of the anion is higher.
    assert!(gained > 3.0 * plasma_route && gained < 10.2, "{gained}");
    // At noon the fluid around neurons follows within an hour.
    assert!((change("brain_ecf", &["threonate_gain"]) / gained - 1.0).abs() < 0.05);
    assert_eq!(change("neuron", &["threonate_gain"]), 0.0);
    assert!(change("neuron", &["threonate_gain", "neuron_follows"]) > 0.9 * gained);
    assert!(change("serum", &["adapts_to_load"]) > 1.2 * change("serum", &[]));
    // The swing is the same with and without doses.
    near(change("serum", &["circadian"]), change("serum", &[]));
}

#[test]
fn the_anion_is_neither_made_nor_lost() {
    let experiment = Experiment::dosed(doses()).whole(&[]).at(&[0.0, 2016.0]);
    whole(&experiment, &mut |run| {
        let parts = ["threonate_gut", "threonate_pool", "threonate_urine", "threonate_lost"];
        let sum: f64 = parts.iter().map(|name| run.state(name, 2016.0)).sum();
        // A sum of rates that cancel errs by rounding alone.
        assert!((sum - 168.0 * 6.4).abs() < 1e-9 * sum, "{sum}");
    });
}
