//! Persons, plans and their properties.

use epsom_diag::{Diagnostic, FileId};
use epsom_engine::{Compiled, compile};
use epsom_evidence::builtin;
use epsom_model::ir::Model;
use expect_test::{Expect, expect};

use super::*;
use crate::body::{MODELS, plasma_route, read};
use crate::regimen::parse_regimen;
use crate::salts::built_in_salts;

fn message(said: &Diagnostic) -> String {
    let lines = |word: &str, all: &[String]| -> String {
        all.iter().map(|text| format!("  {word}: {text}\n")).collect()
    };
    let (notes, help) = (lines("note", &said.notes), lines("help", &said.help));
    format!("{}: {}\n{notes}{help}", said.code, said.message)
}

fn someone(text: &str) -> Result<Person, Vec<Diagnostic>> {
    read_facts(text, FileId(0)).and_then(|facts| person(&facts, builtin()))
}

fn check_bad(text: &str, expected: Expect) {
    let said = someone(text).expect_err("refused");
    expected.assert_eq(&said.iter().map(message).collect::<String>());
}

struct Run {
    model: Model,
    compiled: Compiled,
}

impl Run {
    fn new() -> Self {
        let (model, _) = read(&MODELS[0]).expect("the built-in model");
        let model = plasma_route(&model);
        let compiled = compile(&model);
        Self { model, compiled }
    }

    fn plan(&self, person: &str, regimen: &str, n_draws: u32) -> Plan {
        let person = someone(person).expect("a person");
        let phase = parse_regimen(regimen, FileId(0), built_in_salts()).expect("a regimen");
        let body = Body { model: &self.model, compiled: &self.compiled, evidence: builtin() };
        let drawing = Drawing { seed: 1, n_draws, n_threads: Some(1) };
        plan(&person, &[phase], body, drawing).expect("a plan")
    }
}

#[test]
fn impossible_people_are_refused_with_what_may_be_meant() {
    check_bad(
        "age = -1",
        expect![[r#"
        E0680: `age` of -1 years is nobody's
          note: values from 0 to 120 years are taken
          help: perhaps 1 was meant
    "#]],
    );
    check_bad(
        "weight = 7000",
        expect![[r#"
        E0680: `weight` of 7000 kg is nobody's
          note: values from 0.4 to 500 kg are taken
          help: perhaps 7000 g was meant, or 70 kg
    "#]],
    );
    check_bad(
        "serum = \"40 mmol/L\"",
        expect![[r#"
            E0680: `serum` of 40 mmol/L is nobody's
              note: values from 0.1 to 15 mmol/L are taken
              help: perhaps 4 mg/dL was meant, which is 1.65 mmol/L, or a point is missing
        "#]],
    );
    check_bad(
        "serum = 0.8",
        expect![[r#"
        E0682: `serum` is 0.8 without a unit
          note: 0.8 mmol/L is 0.80 mmol/L
          note: 0.8 mg/dL is 0.33 mmol/L
          note: 0.8 mEq/L is 0.40 mmol/L
          help: write `serum = "0.8 mmol/L"`
    "#]],
    );
    check_bad(
        "creatinine = 1.1",
        expect![[r#"
        E0682: `creatinine` needs a unit
          help: give it in mg/dL or umol/L or µmol/L
    "#]],
    );
    check_bad(
        "serum = \"0,8 mmol/L\"",
        expect![[r#"
        E0682: `0,8 mmol/L` has a comma
          help: write a decimal point; a comma may mean thousands
    "#]],
    );
}

#[test]
fn contradictions_and_unknown_facts_are_refused() {
    check_bad(
        "pregnant = true\nsex = \"male\"",
        expect![[r#"
        E0681: `pregnant = true` and `sex = "male"` contradict each other
          help: leave out the one that is wrong
    "#]],
    );
    check_bad(
        "agee = 3",
        expect![[r#"
        E0682: `agee` is no fact of a person
          help: did you mean `age`
    "#]],
    );
    check_bad(
        "age = ",
        expect![[r#"
        E0682: not a person file: string values must be quoted, expected literal string
          help: `epsom plan --template` prints one with every key
    "#]],
    );
    check_bad(
        "conditions = [\"CKD stage 4\"]\negfr = 90",
        expect![[r#"
        E0681: CKD stage 4 and an `egfr` of 90 contradict each other
          help: leave out the one that is older
    "#]],
    );
    check_bad(
        "medicines = [\"levothyroxine at noon\"]",
        expect![[r#"
        E0682: `levothyroxine at noon`: `noon` is no clock time
          help: write clock times as `levothyroxine at 7:00 and 19:00`
    "#]],
    );
}

#[test]
fn the_template_is_a_person_once_its_marks_are_removed() {
    let text: String = template()
        .lines()
        .filter_map(|line| {
            let line = line.strip_prefix("# ")?;
            line.contains(" = ").then(|| format!("{line}\n"))
        })
        .collect();
    let found = someone(&text).expect("a person");
    assert_eq!(text.lines().count(), KEYS.len());
    assert_eq!(found.medicines[0].clock_h, [7.0]);
    assert_eq!(someone(&template()).expect("nothing said"), Person::default());
}

#[test]
fn serum_is_read_in_three_units() {
    let value = |text: &str| someone(&format!("serum = \"{text}\"")).unwrap().serum[0].mmol_per_l;
    // One product each.
    assert!((value("2.0 mg/dL") - 20.0 / 24.305).abs() < 4.0 * f64::EPSILON);
    assert_eq!(value("1.6 mEq/L"), 0.8);
    assert_eq!(value("0.8 mmol/L at 8:00"), 0.8);
}

#[test]
fn a_worse_kidney_never_lowers_serum() {
    let run = Run::new();
    for serum in ["", "serum = \"0.8 mmol/L\"\n", "serum = \"1.3 mmol/L\"\n"] {
        let at = |egfr: u32| {
            let text = format!("{serum}age = 60\nweight = 70\nheight = 170\negfr = {egfr}");
            let found = run.plan(&text, "500 mg MgO twice daily with meals for 2 weeks", 8);
            found.prediction.expect("predicted")
        };
        let found: Vec<Prediction> = [110, 80, 55, 35, 20, 10].map(at).to_vec();
        for pair in found.windows(2) {
            let (better, worse) = (&pair[0], &pair[1]);
            assert!(worse.serum_mmol_per_l.median >= better.serum_mmol_per_l.median);
            assert!(worse.serum_mmol_per_l.hi >= better.serum_mmol_per_l.hi);
            assert!(worse.peak_mmol_per_l.median >= better.peak_mmol_per_l.median);
            for (a, b) in better.probability_above.iter().zip(worse.probability_above) {
                assert!(b >= *a);
            }
        }
    }
}

#[test]
fn more_dose_never_lowers_serum() {
    let run = Run::new();
    let at = |mg: u32| {
        let regimen = format!("{mg} mg Mg as citrate twice daily with meals for 2 weeks");
        run.plan("age = 40\nsex = \"male\"", &regimen, 8).prediction.expect("predicted")
    };
    let found: Vec<Prediction> = [25, 75, 150, 300, 600].map(at).to_vec();
    for pair in found.windows(2) {
        assert!(pair[1].serum_mmol_per_l.median >= pair[0].serum_mmol_per_l.median);
        assert!(pair[1].absorbed_mmol_per_day.median >= pair[0].absorbed_mmol_per_day.median);
    }
}

#[test]
fn missing_facts_widen_the_interval() {
    let run = Run::new();
    let width = |text: &str| {
        let found = run.plan(text, "1 g MgT twice daily with meals for 4 weeks", 64).prediction;
        let serum = found.expect("predicted").serum_mmol_per_l;
        serum.hi - serum.lo
    };
    let known = "age = 40\nsex = \"male\"\nweight = 70\nheight = 170\negfr = 100\ndiet = 340\nserum = \"0.85 mmol/L\"";
    assert!(width("") > width(known));
}

#[test]
fn words_are_no_orders_and_promise_nothing() {
    let run = Run::new();
    let people = [
        "",
        "age = 80\nsex = \"female\"\ncrcl = 25\nmedicines = [\"ciprofloxacin\", \"raltegravir\", \"omeprazole\", \"nothingol\"]",
        "age = 30\nsex = \"female\"\npregnant = true",
        "age = 9\nheight = 130\ncreatinine = \"0.5 mg/dL\"",
        "conditions = [\"myasthenia gravis\", \"ileus\", \"heart block\"]\nserum = \"0.4 mmol/L\"",
    ];
    for person in people {
        let plan = run.plan(person, "1 g MgT twice daily with meals for 4 weeks", 8);
        let mut text = words::who(&plan);
        for section in words::sections(&plan) {
            text.push_str(&section.lines.join("\n"));
            assert!(!section.lines.iter().any(|line| line.is_empty()));
        }
        let lower = text.to_lowercase();
        for word in [
            "treats",
            "cures",
            "you should",
            "must ",
            "take ",
            "stop taking",
            "avoid ",
            "do not ",
            "0 % risk",
            "risk 0",
            " 0.0 %",
            "risk of 0",
        ] {
            assert!(!lower.contains(word), "{word}: {text}");
        }
        for line in lower.lines() {
            for order in
                ["take", "stop", "use", "start", "reduce", "increase", "consult", "monitor"]
            {
                assert!(!line.starts_with(&format!("{order} ")), "{line}");
            }
        }
    }
}

#[test]
fn gates_open_for_whom_they_are_meant() {
    let run = Run::new();
    let ids = |person: &str, regimen: &str| -> String {
        let plan = run.plan(person, regimen, 4);
        plan.gates.iter().map(|gate| gate.id.as_str()).collect::<Vec<_>>().join(" ")
    };
    let mgt = "1 g MgT twice daily with meals for 1 weeks";
    let oxide = "500 mg MgO once daily with meals for 1 weeks";
    assert_eq!(ids("age = 40\negfr = 100", mgt), "");
    assert_eq!(ids("crcl = 25", oxide), "egfr_below_30");
    // The lower of two readings opens the gate.
    assert_eq!(ids("crcl = 50\negfr = 25", oxide), "egfr_below_30");
    assert_eq!(ids("crcl = 25\negfr = 50", oxide), "egfr_below_30");
    assert_eq!(ids("conditions = [\"pregnancy\"]", mgt), "mgt_pregnancy");
    assert_eq!(ids("egfr = 45", oxide), "egfr_below_60");
    assert_eq!(ids("conditions = [\"CKD stage 3\"]", oxide), "egfr_below_60");
    assert_eq!(ids("conditions = [\"CKD stage 4\"]", oxide), "egfr_below_30");
    assert_eq!(ids("age = 12", mgt), "mgt_under_18");
    assert_eq!(ids("age = 12", oxide), "");
    assert_eq!(ids("pregnant = true", mgt), "mgt_pregnancy");
    assert_eq!(ids("lactating = true", mgt), "mgt_lactation");
    assert_eq!(ids("serum = \"1.2 mmol/L\"", oxide), "serum_above_1_1");
    assert_eq!(ids("serum = \"0.45 mmol/L\"", oxide), "serum_below_0_5");
    assert_eq!(ids("", "4 g MgSO4.7H2O iv over 20 min"), "parenteral");
    for condition in [
        "aki",
        "dialysis",
        "ileus",
        "gastrectomy",
        "heart block",
        "bradycardia",
        "hypotension",
        "dehydration",
        "struvite stones",
        "myasthenia",
        "symptoms",
    ] {
        let text = format!("conditions = [\"{condition}\"]");
        assert_eq!(ids(&text, oxide).split(' ').count(), 1, "{condition}");
    }
}

#[test]
fn a_value_is_weighed_against_the_population_and_flagged_where_it_contradicts() {
    let run = Run::new();
    let of = |serum: &str| {
        let text = format!(
            "age = 50\nsex = \"female\"\nweight = 60\nheight = 165\negfr = 95\nserum = {serum}"
        );
        let plan = run.plan(&text, "1 g MgT twice daily with meals for 1 weeks", 8);
        plan.prediction.expect("predicted").set_point
    };
    let low = of("\"0.72 mmol/L\"");
    assert!(low.fitted && low.flags.is_empty());
    assert!(low.posterior.mean > 0.72 && low.posterior.mean < low.prior.mean);
    assert!(low.posterior.sd < low.prior.sd);
    let far = of("\"1.6 mmol/L\"");
    assert!(!far.fitted && far.flags.len() == 1 && far.posterior.mean == 1.6);
    let torn = of("[\"0.6 mmol/L\", \"1.1 mmol/L\"]");
    assert!(torn.measured.is_none() && torn.flags.len() == 1);
}

#[test]
fn a_plan_without_a_regimen_is_refused() {
    let run = Run::new();
    let body = Body { model: &run.model, compiled: &run.compiled, evidence: builtin() };
    let drawing = Drawing { seed: 1, n_draws: 2, n_threads: Some(1) };
    let said = plan(&Person::default(), &[], body, drawing).expect_err("refused");
    assert_eq!(said[0].code, "E0683");
}

#[test]
fn a_person_whom_no_draw_can_hold_is_said() {
    let run = Run::new();
    // Without food nothing covers the losses, so no threshold can be solved.
    let person = someone("diet = 0\negfr = 90").expect("a person");
    let text = "100 mg MgO once daily with meals for 1 weeks";
    let phase = parse_regimen(text, FileId(0), built_in_salts()).expect("a regimen");
    let body = Body { model: &run.model, compiled: &run.compiled, evidence: builtin() };
    let drawing = Drawing { seed: 1, n_draws: 4, n_threads: Some(1) };
    let said = plan(&person, &[phase], body, drawing).expect_err("refused");
    assert_eq!(
        said.iter().map(message).collect::<String>(),
        "E0684: none of 4 draws could be solved\n  help: give a serum, filtration and weight that belong to one person\n"
    );
}

#[test]
fn json_has_the_keys_of_its_schema() {
    let run = Run::new();
    let person =
        "age = 70\nsex = \"female\"\ncrcl = 25\nmedicines = [\"ciprofloxacin\", \"foobarol\"]";
    let found = run.plan(person, "1 g MgO once daily with meals for 1 weeks", 8);
    let json: serde_json::Value = serde_json::from_str(&to_json(&found)).expect("JSON");
    assert_eq!(json["schema"], SCHEMA);
    for key in ["median", "lo", "hi"] {
        assert!(json["serum_mmol_per_l"][key].as_f64().is_some_and(|value| value > 0.5));
    }
    for level in ["1.05", "1.5", "2.0", "2.5"] {
        let p = json["probability_above"][level].as_f64().expect("a probability");
        assert!(p > 0.0 && p < 1.0);
    }
    assert_eq!(json["gates"][0]["id"], "egfr_below_30");
    assert_eq!(json["gates"][0]["source"], "cunningham2012");
    assert_eq!(json["interactions"][0]["separation_hours"]["drug_after_mg_h"], 6.0);
    assert_eq!(json["not_checked"][0]["name"], "foobarol");
    assert!(json["extrapolates"].as_array().is_some_and(|all| all.len() > 1));
}

#[test]
fn a_grid_shows_every_option_and_what_it_lies_above() {
    let run = Run::new();
    let body = Body { model: &run.model, compiled: &run.compiled, evidence: builtin() };
    let drawing = Drawing { seed: 1, n_draws: 2, n_threads: Some(1) };
    let person = someone("age = 50\negfr = 90").expect("a person");
    let mut n_told = 0;
    let mut told = || {
        n_told += 1;
        true
    };
    let explored = explore(&person, built_in_salts(), body, drawing, &mut told).expect("a grid");
    assert_eq!((explored.options.len(), explored.n_all, n_told), (48, 48, 48));
    let tried = &explored.options;
    for one in tried {
        assert_eq!(one.may_loosen_stool, one.elemental_mg_per_day >= 360.0);
        assert_eq!(one.above.is_empty(), one.elemental_mg_per_day <= 250.0, "{}", one.regimen);
    }
    let json: serde_json::Value = serde_json::from_str(&explored_to_json(&explored)).expect("JSON");
    assert_eq!((&json["schema"], &json["complete"]), (&EXPLORE_SCHEMA.into(), &true.into()));
    assert!(
        json["options"][47]["serum_mmol_per_l"]["median"].as_f64().is_some_and(|one| one > 0.5)
    );
    // An option is the plan of its regimen, whether it was run or shared a run.
    let twin =
        run.plan("age = 50\negfr = 90", &tried[40].regimen, 2).prediction.expect("predicted");
    assert_eq!(tried[40].serum_mmol_per_l, Some(twin.serum_mmol_per_l));
    // Ended early, what is finished stays.
    let ended = explore(&person, built_in_salts(), body, drawing, &mut || false).expect("a part");
    assert_eq!((ended.options.len(), &ended.options[0]), (1, &tried[0]));
    assert!(explored_to_json(&ended).contains("\"complete\":false"));
    // More of the same salt in as many doses never lowers serum.
    let at = |index: usize| tried[index].serum_mmol_per_l.expect("predicted").median;
    assert!(
        (0..tried.len() - 3).all(|index| {
            tried[index].salt != tried[index + 3].salt || at(index + 3) >= at(index)
        })
    );
}

#[test]
fn a_named_kidney_disease_is_not_run_as_a_healthy_kidney() {
    let run = Run::new();
    let regimen = "500 mg MgO once daily with meals for 1 weeks";
    let unknown = run.plan("conditions = [\"CKD stage 4\"]", regimen, 2);
    assert!(unknown.prediction.is_none() && unknown.not_predicted.contains("filtration"));
    let known = run.plan("conditions = [\"CKD stage 4\"]\negfr = 22", regimen, 2);
    assert!(known.prediction.is_some());
    let nameless = run.plan("conditions = [\"kidney failure\"]", regimen, 2);
    assert!(nameless.prediction.is_none() && nameless.not_predicted.contains("filtration"));
    let lines = words::sections(&nameless).remove(0).lines;
    assert!(lines[0].contains("NOT CHECKED"), "{lines:?}");
}

#[test]
fn pregnancy_raises_a_filtration_that_is_not_known_and_keeps_one_that_is() {
    let run = Run::new();
    let regimen = "300 mg Mg as citrate once daily with meals for 1 weeks";
    let before = |facts: &str| {
        let plan = run.plan(&format!("age = 30\nsex = \"female\"\n{facts}"), regimen, 16);
        plan.prediction.expect("a prediction").before_mmol_per_l.median
    };
    assert!(before("pregnant = true") < before(""));
    assert_eq!(before("pregnant = true\negfr = 150"), before("egfr = 150"));
}

#[test]
fn more_phytate_never_raises_absorption_or_serum() {
    let run = Run::new();
    let at = |tenth: u32| {
        let person = format!("age = 50\negfr = 90\nfiber = \"0.{tenth} mmol\"");
        let regimen = "300 mg Mg as citrate twice daily with meals for 1 weeks";
        run.plan(&person, regimen, 8).prediction.expect("predicted")
    };
    let found: Vec<Prediction> = [0, 3, 6, 9].map(at).to_vec();
    for pair in found.windows(2) {
        assert!(pair[1].absorbed_mmol_per_day.median < pair[0].absorbed_mmol_per_day.median);
        assert!(
            pair[1].urine_before_mmol_per_day.median < pair[0].urine_before_mmol_per_day.median
        );
        assert!(pair[1].serum_mmol_per_l.median <= pair[0].serum_mmol_per_l.median);
    }
}

#[test]
fn a_serum_value_is_read_at_its_time_of_day_and_of_the_regimen() {
    let run = Run::new();
    let of = |serum: &str| {
        let text = format!("age = 50\nweight = 70\nheight = 170\negfr = 95\nserum = [{serum}]");
        let regimen = "300 mg Mg as citrate twice daily with meals for 2 weeks";
        run.plan(&text, regimen, 4).prediction.expect("predicted").set_point
    };
    let found = of(
        "\"0.8 mmol/L\", \"0.8 mmol/L at 8:00\", \"0.8 mmol/L fasting\", \"0.8 mmol/L at 16:00\", \"0.8 mmol/L on day 14 at 16:00\"",
    );
    let [unsaid, breakfast, fasting, afternoon, dosed] = found.offsets[..] else { panic!("five") };
    assert_eq!((unsaid, breakfast), (0.0, fasting));
    // After the night below the mean, after meals above it, with doses higher still.
    assert!(breakfast < 0.0 && afternoon > 0.0 && dosed > afternoon);
    // A value after meals means a lower set point than the same before them.
    let mean = |serum: &str| of(serum).posterior.mean;
    assert!(mean("\"0.8 mmol/L at 16:00\"") < mean("\"0.8 mmol/L at 8:00\""));
    // Two values that agree teach more than one.
    let two = of("\"0.8 mmol/L at 8:00\", \"0.8 mmol/L at 8:00\"");
    assert!(two.posterior.sd < of("\"0.8 mmol/L at 8:00\"").posterior.sd);
}

#[test]
fn urine_moves_the_intake_narrows_it_and_is_flagged_where_it_cannot_be() {
    let run = Run::new();
    let of = |facts: &str| {
        let text = format!("age = 50\negfr = 95\n{facts}");
        let found = run.plan(&text, "1 g MgT twice daily with meals for 1 weeks", 32);
        found.prediction.expect("predicted")
    };
    let unsaid = of("");
    let low = of("urine = \"2.5 mmol/day\"");
    let high = of("urine = \"6 mmol/day\"");
    let intake = |one: &Prediction| one.intake.clone().expect("an update");
    assert!(intake(&low).fitted && intake(&low).diet_mg_per_day < intake(&high).diet_mg_per_day);
    assert!(low.urine_before_mmol_per_day.median < unsaid.urine_before_mmol_per_day.median);
    assert!(high.urine_before_mmol_per_day.median > unsaid.urine_before_mmol_per_day.median);
    let width =
        |one: &Prediction| one.urine_before_mmol_per_day.hi / one.urine_before_mmol_per_day.lo;
    assert!(width(&low) < width(&unsaid));
    let wrong = intake(&of("urine = \"0.05 mmol/day\""));
    assert!(!wrong.fitted && wrong.flag.contains("not fitted"));
    let given = intake(&of("diet = 300\nurine = \"3 mmol/day\""));
    assert!(!given.fitted && given.flag.contains("was given"));
}

#[test]
fn oxide_stands_beside_its_cohorts_with_the_discrepancy() {
    let run = Run::new();
    let regimen = "1 g MgO once daily with meals for 2 weeks";
    let found = run.plan("age = 82\nsex = \"female\"\ncrcl = 25", regimen, 16);
    let odds = found.odds.as_ref().expect("odds");
    assert!(odds.ratio >= 1.0 && odds.shares.iter().all(|p| *p > 0.0 && *p < 1.0));
    let text = words::sections(&found).into_iter().flat_map(|one| one.lines).collect::<String>();
    for part in ["odds ratio, eGFR <=55.4 3.105", "78.5 %", "odds ratio, BUN", "The two differ"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let citrate =
        run.plan("crcl = 25", "300 mg Mg as citrate once daily with meals for 1 weeks", 2);
    assert!(citrate.cohorts.is_empty() && citrate.odds.is_none());
}

#[test]
fn what_is_not_computed_is_said() {
    let run = Run::new();
    let facts = "bowel = \"constipated\"\nalbumin = 28\nserum = \"0.70 mmol/L\"\ngoal = \"sleep\"\nconditions = [\"myastenia\"]";
    let found = run.plan(facts, "1 g MgT once daily with meals for 1 weeks", 2);
    let text: String = words::sections(&found)
        .into_iter()
        .flat_map(|one| one.lines)
        .collect::<Vec<_>>()
        .join("\n");
    for part in [
        "myastenia: NOT CHECKED",
        "did you mean \"myasthenia\"?",
        "Constipation: slow passage",
        "0.70 mmol/L at an albumin of 28 g/L would be 0.76 at 40 g/L",
        "The goal changes no number",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    check_bad(
        "diet = \"mediterranean\"",
        expect![[r#"
        E0687: `diet` holds a pattern of food that no row knows
          note: patterns: omnivore, flexitarian, pescatarian, vegetarian, vegan, dash, few vegetables
          help: give mg a day, such as `diet = 300`, or leave it out: the reference diet with a wide spread is taken
    "#]],
    );
}

#[test]
fn the_page_of_patterns_shows_its_mistake() {
    let info = epsom_diag::CODES.iter().find(|info| info.code == "E0687").expect("a code");
    let (_, example) = info.page.split_once("```toml\n").expect("an example");
    let said = someone(example.split("```").next().unwrap_or_default()).expect_err("a mistake");
    assert_eq!(said.iter().map(|one| one.code).collect::<Vec<_>>(), ["E0687"]);
}

#[test]
fn a_pattern_of_food_moves_the_center_and_keeps_the_width_of_what_is_not_known() {
    let run = Run::new();
    let of = |diet: &str| {
        let text = format!("age = 40\nsex = \"male\"\negfr = 90\n{diet}");
        run.plan(&text, "1 g MgT once daily with meals for 1 weeks", 32)
    };
    let urine = |plan: &Plan| plan.prediction.clone().expect("predicted").urine_before_mmol_per_day;
    let (few, dash) = (of("diet = \"few vegetables\""), of("diet = \"DASH\""));
    assert!(urine(&few).median < urine(&dash).median);
    let given = urine(&of("diet = 500"));
    assert!(urine(&dash).hi - urine(&dash).lo > given.hi - given.lo);
    assert!(dash.missing.iter().any(|line| line.contains("dash_table2012")));
    assert_eq!(dash.intakes[0].own, Some(500.0 + dash.taken[0].elemental_mg_per_day));
}

#[test]
fn every_line_carries_its_source() {
    let run = Run::new();
    let people = [
        "",
        "age = 80\nsex = \"female\"\ncrcl = 25\nserum = \"0.9 mmol/L at 8:00\"\nurine = \"4 mmol/day\"\ngoal = \"sleep\"\nmedicines = [\"ciprofloxacin\", \"raltegravir\", \"omeprazole\", \"nothingol\", \"potassium\"]",
        "conditions = [\"ileus\", \"foo\"]\ngoal = \"juggling\"\nmedicines = [\"levothyroxine at 7:00\"]\nserum = \"1.9 mmol/L\"",
        "age = 9\nalbumin = 30\nbowel = \"diarrhea\"\nfiber = \"high\"\ndiet = \"vegan\"",
        "pregnant = true\nserum = [\"0.5 mmol/L\", \"1.0 mmol/L\"]\nbowel = \"constipated\"",
    ];
    for person in people {
        let plan = run.plan(person, "1 g MgO once daily with meals for 1 weeks", 8);
        for section in words::sections(&plan) {
            for line in section.lines {
                assert!(line.contains('[') && line.contains(']'), "{}: {line}", section.heading);
            }
        }
    }
}

#[test]
fn adequate_intakes_of_europe_stand_beside_those_of_america_by_age_and_sex() {
    let run = Run::new();
    let of = |person: &str| {
        let plan = run.plan(person, "500 mg MgT once daily with meals for 1 weeks", 2);
        let own = |source: &str| {
            let row = plan.intakes.iter().find(|one| one.source == source).expect("a row");
            (row.limit, row.status)
        };
        (own("iom1997"), own("efsa2015"))
    };
    let enough = Status::Within;
    assert_eq!(
        of("age = 40\nsex = \"male\"\ndiet = 390"),
        ((Some(420.0), enough), (Some(350.0), enough))
    );
    let (iom, efsa) = of("age = 30\nsex = \"female\"\npregnant = true\ndiet = 270");
    assert_eq!((iom, efsa), ((Some(350.0), Status::Below), (Some(300.0), enough)));
    // Breast-feeding asks for what the age does, and says the sex.
    assert_eq!(
        of("age = 30\nlactating = true\ndiet = 270"),
        ((Some(310.0), Status::Below), (Some(300.0), enough))
    );
    assert_eq!(of("age = 17\nlactating = true").0, (Some(360.0), Status::NotKnown));
    assert_eq!(of("age = 16\nsex = \"female\"").1, (Some(250.0), Status::NotKnown));
    assert_eq!(of("age = 30").1, (None, Status::NoneKnown));
}

#[test]
fn a_plan_without_a_prediction_takes_nothing_for_what_is_missing() {
    let run = Run::new();
    let regimen = "100 mg Mg as citrate once daily with meals for 1 weeks";
    let infant = run.plan("age = 0.5\nweight = 7", regimen, 2);
    assert!(infant.prediction.is_none() && words::who(&infant).starts_with("6 months, 7 kg"));
    assert!(infant.missing.iter().all(|line| !line.contains("is taken")), "{:?}", infant.missing);
    // Rows for both sexes need none.
    let efsa = infant.intakes.iter().find(|one| one.source == "efsa2015").expect("a row");
    assert_eq!((efsa.limit, efsa.own, efsa.at_least), (Some(80.0), None, Some(100.0)));
    assert_eq!(efsa.status, Status::Within);
    let adult = run.plan("age = 40\nweight = 70\negfr = 90", regimen, 2);
    assert!(adult.missing.iter().any(|line| line.starts_with("height: a body surface of 1.73")));
}

#[test]
fn a_value_that_another_unit_would_make_usual_is_told() {
    let run = Run::new();
    let lines = |facts: &str| -> String {
        let plan = run.plan(facts, "300 mg Mg as citrate once daily with meals for 1 weeks", 2);
        words::sections(&plan).into_iter().flat_map(|one| one.lines).collect::<Vec<_>>().join("\n")
    };
    let high = lines("age = 50\negfr = 90\nserum = \"2.0 mmol/L\"");
    assert!(high.contains("In mg/dL the same figure would be usual: 0.82 mmol/L."), "{high}");
    assert!(high.contains("2.00 mmol/L lies above the interval of healthy people, 0.75 to 0.95"));
    let low = lines("age = 50\nsex = \"male\"\negfr = 90\nserum = \"0.85 mg/dL\"");
    assert!(low.contains("In mmol/L the same figure would be usual: 0.85 mmol/L."), "{low}");
    let usual = lines("age = 50\negfr = 90\nserum = \"0.85 mmol/L\"\nmedicines = [\"omeprazole\"]");
    assert!(!usual.contains("would be usual") && !usual.contains("healthy people"));
    assert!(usual.contains("omeprazole: what it does to magnesium"), "{usual}");
}

#[test]
fn readings_of_one_kidney_and_sizes_of_one_body_belong_together() {
    check_bad(
        "age = 60\nsex = \"female\"\negfr = 90\ncreatinine = \"4.0 mg/dL\"",
        expect![[r#"
            E0681: an `egfr` of 90 and a `creatinine` that gives 12 mL/min contradict each other
              help: leave out the one that is older
        "#]],
    );
    check_bad(
        "weight = 70\nheight = 30",
        expect![[r#"
            E0681: 30 cm and 70 kg do not belong to one body
              help: check both, and their units
        "#]],
    );
    check_bad(
        "age = 70\nlactating = true\nconditions = [\"CKD stage 2\"]\negfr = 30",
        expect![[r#"
            E0681: `lactating = true` does not fit the age
              help: leave out the one that is wrong
            E0681: CKD stage 2 and an `egfr` of 30 contradict each other
              help: leave out the one that is older
        "#]],
    );
    assert!(
        someone("age = 60\nsex = \"male\"\negfr = 80\ncreatinine = \"1.0 mg/dL\"\ncrcl = 95")
            .is_ok()
    );
}
