//! Doses of regimens, as lines of text.

use epsom_diag::{Diagnostic, FileId};
use epsom_engine::{Action, DoseKind};
use epsom_evidence::builtin;
use expect_test::{Expect, expect};

use super::{Giving, Timing, clock_hours, given_records, meals, records};
use crate::body::{BuiltinModel, MODELS, plasma_route, read};
use crate::regimen::{dose_times_h, parse_regimen};
use crate::salts::built_in_salts;

fn lines(text: &str) -> String {
    let (model, _) = read(&MODELS[0]).unwrap();
    let regimen = parse_regimen(text, FileId(0), built_in_salts()).unwrap();
    match records(&regimen, &model, builtin()) {
        Ok(records) => records
            .iter()
            .map(|record| {
                let Action::Dose(dose) = record.action else { return String::new() };
                let into = &model.compartments[dose.compartment as usize].name;
                let over = match dose.kind {
                    DoseKind::Duration(hours) => format!(" over {hours} h"),
                    _ => String::new(),
                };
                format!(
                    "{} h: {:.4} mmol into {into}{over}, {} more every {} h\n",
                    record.time_h, dose.amount, dose.additional, dose.interval_h
                )
            })
            .collect(),
        Err(said) => said.iter().map(message).collect(),
    }
}

fn message(said: &Diagnostic) -> String {
    let notes: Vec<String> = said.notes.iter().map(|note| format!("  note: {note}\n")).collect();
    let help: Vec<String> = said.help.iter().map(|help| format!("  help: {help}\n")).collect();
    format!("{}: {}\n{}{}", said.code, said.message, notes.concat(), help.concat())
}

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&lines(text));
}

#[test]
fn meals_come_from_the_model() {
    let (model, _) = read(&MODELS[0]).unwrap();
    let meals = meals(&model);
    let hours: Vec<f64> = meals.iter().map(|meal| meal.from_h).collect();
    assert_eq!(hours, [8.0, 13.0, 19.0]);
    let with = |n| clock_hours(n, Timing::WithMeals, &meals, 2.0);
    let between = |n| clock_hours(n, Timing::BetweenMeals, &meals, 2.0);
    assert_eq!(with(1), Some(vec![8.0]));
    assert_eq!(with(2), Some(vec![8.0, 19.0]));
    assert_eq!(with(3), Some(vec![8.0, 13.0, 19.0]));
    assert_eq!(between(1), Some(vec![10.5]));
    assert_eq!(between(2), Some(vec![10.5, 21.5]));
    assert_eq!(between(3), Some(vec![10.5, 15.5, 21.5]));
    assert_eq!((with(0), with(4)), (None, None));
}

#[test]
fn doses_move_to_the_meals() {
    check(
        "1 g MgT twice daily with meals for 12 weeks",
        expect![[r#"
            8 h: 3.1999 mmol into solid, 83 more every 24 h
            8 h: 6.3998 mmol into threonate_gut, 83 more every 24 h
            19 h: 3.1999 mmol into solid, 83 more every 24 h
            19 h: 6.3998 mmol into threonate_gut, 83 more every 24 h
        "#]],
    );
    check(
        "1 g MgT twice daily between meals for 12 weeks starting at 12 h",
        expect![[r#"
            21.5 h: 3.1999 mmol into solid, 83 more every 24 h
            21.5 h: 6.3998 mmol into threonate_gut, 83 more every 24 h
            34.5 h: 3.1999 mmol into solid, 83 more every 24 h
            34.5 h: 6.3998 mmol into threonate_gut, 83 more every 24 h
        "#]],
    );
    check(
        "100 mg Mg as chloride once daily for 3 d",
        expect![[r#"
            0 h: 4.1144 mmol into solid, 2 more every 24 h
        "#]],
    );
    check(
        "100 mg Mg as chloride at 8:00 and 19:00 with meals for 1 d starting at 9 h",
        expect![[r#"
            19 h: 4.1144 mmol into solid, 0 more every 0 h
            32 h: 4.1144 mmol into solid, 0 more every 0 h
        "#]],
    );
}

#[test]
fn large_doses_leave_a_residue_and_infusions_run_into_plasma() {
    check(
        "20 mmol Mg as oxide between meals",
        expect![[r#"
            10.5 h: 10.7500 mmol into solid, 0 more every 0 h
            10.5 h: 9.2500 mmol into residue, 0 more every 0 h
        "#]],
    );
    check(
        "20 mmol Mg as citrate with meals",
        expect![[r#"
            8 h: 13.7500 mmol into solid, 0 more every 0 h
            8 h: 6.2500 mmol into residue, 0 more every 0 h
        "#]],
    );
    check(
        "30 mmol Mg iv over 8 h",
        expect![[r#"
            0 h: 30.0000 mmol into plasma over 8 h, 0 more every 0 h
        "#]],
    );
}

#[test]
fn doses_that_do_not_fit_the_meals_are_refused() {
    check(
        "1 g MgT four times daily with meals for 1 d",
        expect![[r#"
        E0661: 4 doses a day do not fit 3 meals
          note: meals of the model start at 8:00, 13:00, 19:00
          note: between meals is 2 h after the end of a meal
    "#]],
    );
    check(
        "1 g MgT every 7 h with meals for 1 d",
        expect![[r#"
        E0661: doses every 7 h do not fall on meals
          note: meals of the model start at 8:00, 13:00, 19:00
          note: between meals is 2 h after the end of a meal
    "#]],
    );
    check(
        "1 g MgT at 9:00 with meals",
        expect![[r#"
        E0661: a dose at 9:00 is not with meals
          note: meals of the model start at 8:00, 13:00, 19:00
          note: between meals is 2 h after the end of a meal
          help: leave out the clock times, or what is said of meals
    "#]],
    );
    check(
        "1 g MgT at 13:15 between meals",
        expect![[r#"
        E0661: a dose at 13:15 is not between meals
          note: meals of the model start at 8:00, 13:00, 19:00
          note: between meals is 2 h after the end of a meal
          help: leave out the clock times, or what is said of meals
    "#]],
    );
}

#[test]
fn a_model_without_a_gut_is_refused() {
    let text = "model other\ntime [h]\nsubstance Mg\ncompartment central [mmol]\n\
                d/dt(central) = 0[mmol/h]\n";
    let (model, _) = read(&BuiltinModel { name: "other", text }).unwrap();
    let regimen = parse_regimen("1 g MgT", FileId(0), built_in_salts()).unwrap();
    let said = records(&regimen, &model, builtin()).unwrap_err();
    expect![[r#"
        E0660: the model has no compartment `solid` for this dose
          note: compartments: `central`
          help: give regimens to the model `magnesium`, and other doses by `--events`
    "#]]
    .assert_eq(&said.iter().map(message).collect::<String>());
}

#[test]
fn repeats_fall_on_the_times_of_the_regimen() {
    // Without the anion, whose doses stand beside those of magnesium.
    let model = plasma_route(&read(&MODELS[0]).unwrap().0);
    for text in [
        "1 g MgT twice daily for 3 d",
        "1 g MgT at 7:00 and 12:00 and 22:00 for 5 d starting at 8 h",
        "1 g MgT every 8 h for 50 h from day 2",
    ] {
        let regimen = parse_regimen(text, FileId(0), built_in_salts()).unwrap();
        let mut times: Vec<f64> = records(&regimen, &model, builtin())
            .unwrap()
            .iter()
            .flat_map(|record| match record.action {
                Action::Dose(dose) => {
                    (0..=dose.additional).map(|n| dose.repeat_time_h(record.time_h, n)).collect()
                }
                _ => Vec::new(),
            })
            .collect();
        times.sort_by(f64::total_cmp);
        assert_eq!(times, dose_times_h(&regimen), "{text}");
    }
}

#[test]
fn less_acid_dissolves_less_of_oxide_alone() {
    let model = read(&MODELS[0]).unwrap().0;
    let split = |text: &str, acid_share: f64| -> Vec<f64> {
        let regimen = parse_regimen(text, FileId(0), built_in_salts()).unwrap();
        let giving = Giving { acid_share, whole: false };
        let found = given_records(&regimen, &model, builtin(), giving).unwrap();
        found
            .iter()
            .map(|record| match record.action {
                Action::Dose(dose) => dose.amount,
                _ => f64::NAN,
            })
            .collect()
    };
    assert_eq!(split("20 mmol Mg as oxide", 1.0), [10.75, 9.25]);
    let less = split("20 mmol Mg as oxide", 0.1);
    // A product and a difference, half a unit in the last place of 20 each.
    assert!((less[0] - 1.075).abs() < 1e-14 && (less[1] - 18.925).abs() < 1e-14, "{less:?}");
    assert_eq!(split("20 mmol Mg as citrate", 0.1), split("20 mmol Mg as citrate", 1.0));
}
