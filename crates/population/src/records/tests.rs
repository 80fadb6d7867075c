use super::*;
use epsom_diag::locate;
use epsom_engine::{Action, Dose, DoseKind, Steady};
use epsom_model::ir::{Compartment, Covariate, DisplayUnit, ExprId, Exprs, Interpolation, Node};
use expect_test::{Expect, expect};

fn compartment(name: &str, per_base: f64, modeled: Option<ExprId>) -> Compartment {
    Compartment {
        unit: DisplayUnit { text: "mg".into(), per_base },
        duration: modeled,
        ..Compartment::of(name, ExprId(0))
    }
}

/// `depot` in base units; `central` in a unit of which 4 make one base unit, with a duration.
fn model() -> Model {
    let mut exprs = Exprs::default();
    let one = exprs.add(Node::Const(1.0));
    Model {
        name: "demo".into(),
        exprs,
        compartments: vec![compartment("depot", 1.0, None), compartment("central", 4.0, Some(one))],
        covariates: vec![Covariate {
            name: "wt".into(),
            default: 70.0,
            unit: DisplayUnit { text: "kg".into(), per_base: 1.0 },
            interpolation: Interpolation::Forward,
            bounds: (f64::NEG_INFINITY, f64::INFINITY),
            label: String::new(),
        }],
        ..Model::default()
    }
}

fn read(text: &str) -> Vec<SubjectRecords> {
    let (subjects, diagnostics) = read_records(text, FileId(0), &model());
    assert_eq!(diagnostics, []);
    subjects
}

fn only_dose(text: &str) -> Dose {
    match read(text)[0].timeline.records()[0].action {
        Action::Dose(dose) => dose,
        other => panic!("{other:?}"),
    }
}

/// One line per message: place, code, message, words at the place, help.
fn check(text: &str, expected: Expect) {
    let (subjects, diagnostics) = read_records(text, FileId(0), &model());
    assert!(subjects.is_empty() || !has_errors(&diagnostics));
    let mut shown = String::new();
    for diagnostic in &diagnostics {
        if let Some(label) = &diagnostic.primary {
            let at = locate(text, label.span.start);
            shown.push_str(&format!("{}:{} ", at.line, at.column));
        }
        shown.push_str(&format!("{}: {}", diagnostic.code, diagnostic.message));
        for help in &diagnostic.help {
            shown.push_str(&format!("; {help}"));
        }
        shown.push('\n');
    }
    expected.assert_eq(&shown);
}

#[test]
fn columns_in_any_case_and_order_with_missing_values() {
    let subjects = read("time,Cmt,amt,id,WT\n0,central,8,a,60\n\n1.5,.,NA,a,\n2,.,.,b,80\n");
    assert_eq!(subjects.len(), 2);
    let records = subjects[0].timeline.records();
    assert_eq!(records[0], Record { time_h: 0.0, action: Action::Dose(Dose::bolus(1, 2.0)) });
    assert_eq!(records[1], Record { time_h: 1.5, action: Action::Observe });
    assert_eq!(subjects[0].timeline.tracks()[0].value_at(1.5), 60.0);
    assert_eq!((subjects[1].id.as_str(), subjects[1].observation_times[0]), ("b", 2.0));
}

#[test]
fn other_separators_quotes_and_byte_order_mark() {
    let subjects = read("\u{feff}\"ID\";TIME;AMT\r\n\"A;1\";0;5\r\n");
    assert_eq!(subjects[0].id, "A;1");
    assert_eq!(subjects[0].timeline.largest_amount(), 5.0);
}

#[test]
fn without_ids_all_rows_are_one_subject() {
    let subjects = read("TIME,AMT\n0,5\n1,0\n");
    assert_eq!((subjects.len(), subjects[0].id.as_str()), (1, "1"));
    assert_eq!(subjects[0].timeline.n_rows(), 1);
}

#[test]
fn units_of_the_header_are_honored() {
    let text = "TIME[min],AMT[g],RATE[g/min],CMT,WT[g]\n30,8,.,depot,60000\n60,8,2,depot,.\n";
    let subjects = read(text);
    let [first, second] = subjects[0].timeline.records() else { panic!("two records") };
    let dose = |record: &Record| match record.action {
        Action::Dose(dose) => dose,
        other => panic!("{other:?}"),
    };
    // Half an hour; 8 g in a compartment in mg; 2 g/min are 120 g/h.
    assert_eq!((first.time_h, second.time_h), (0.5, 1.0));
    assert_eq!(dose(first), Dose::bolus(0, 8000.0));
    assert_eq!(dose(second).kind, DoseKind::Rate(120_000.0));
    assert_eq!(subjects[0].timeline.tracks()[0].value_at(0.5), 60.0);
    // The codes of modelled rates and durations are no amounts.
    let modeled = "TIME,AMT[g],RATE[g/min],CMT\n0,8,-2,2\n";
    assert_eq!(only_dose(modeled).kind, DoseKind::ModeledDuration);
    check(
        "TIME,WT[L]\n0,60\n",
        expect![[r#"
        1:6 E0602: `WT[L]` does not fit the model; give it in `kg`
    "#]],
    );
    check(
        "TIME,WT[grams]\n0,60\n",
        expect![[r#"
        1:6 E0602: the unit `grams` is not understood; give it in `kg`, or without a unit here
    "#]],
    );
    check(
        "TIME,AMT[mmol],CMT\n0,60,depot\n",
        expect![[r#"
        2:3 E0602: the unit of a dose does not fit its compartment; give amounts in `mg`
    "#]],
    );
    check(
        "TIME,AMT[mmol Mg],CMT\n0,60,depot\n",
        expect![[r#"
        1:6 E0602: the unit `mmol Mg` is not understood; give amounts in the unit of their compartment, without one here
    "#]],
    );
    check(
        "TIME,EVID[h]\n0,0\n",
        expect![[r#"
        1:6 E0602: `EVID` has no unit; write `EVID` alone
    "#]],
    );
}

#[test]
fn covariates_that_cannot_be() {
    let mut bounded = model();
    bounded.covariates[0].bounds = (2.0, 300.0);
    let text = "TIME,WT\n0,70\n1,-99\n";
    let (subjects, said) = read_records(text, FileId(0), &bounded);
    assert!(subjects.is_empty());
    assert_eq!((said[0].code, said[0].message.as_str()), ("E0603", "`wt` is out of its bounds"));
    let (subjects, said) = read_records(text, FileId(0), &model());
    assert_eq!((subjects.len(), said.len(), said[0].code), (1, 1, "W0603"));
    let (_, said) = read_records("TIME,WT\n0,.\n1,99\n", FileId(0), &bounded);
    assert_eq!(said, []);
}

#[test]
fn event_codes_become_actions() {
    let text = "TIME,EVID,AMT,CMT\n0,1,5,1\n1,0,0,0\n2,2,0,-2\n3,3,0,0\n4,4,6,depot\n5,2,0,0\n";
    let actions: Vec<Action> =
        read(text)[0].timeline.records().iter().map(|record| record.action).collect();
    let expected = [
        Action::Dose(Dose::bolus(0, 5.0)),
        Action::Observe,
        Action::TurnOff(1),
        Action::Reset,
        Action::ResetThenDose(Dose::bolus(0, 6.0)),
    ];
    assert_eq!(actions, expected);
}

#[test]
fn event_codes_are_derived_from_amount_and_mdv() {
    let text = "TIME,AMT,MDV\n0,5,1\n1,0,0\n2,0,1\n3,.,.\n";
    assert_eq!(read(text)[0].observation_times, [1.0, 3.0]);
    assert_eq!(read(text)[0].timeline.records().len(), 3);
}

#[test]
fn rates_and_durations_are_in_base_units() {
    let kind = |text| only_dose(text).kind;
    assert_eq!(kind("TIME,AMT,RATE,CMT\n0,8,2,central\n"), DoseKind::Rate(0.5));
    assert_eq!(kind("TIME,AMT,DUR\n0,8,2\n"), DoseKind::Duration(2.0));
    assert_eq!(kind("TIME,AMT,RATE,CMT\n0,8,-2,2\n"), DoseKind::ModeledDuration);
}

#[test]
fn times_follow_the_models_unit() {
    let mut model = model();
    model.time_unit = DisplayUnit { text: "min".into(), per_base: 60.0 };
    let text = "TIME,AMT,RATE,II,ADDL\n30,8,2,720,3\n60,0,0,0,0\n";
    let (subjects, _) = read_records(text, FileId(0), &model);
    let expected = Dose {
        kind: DoseKind::Rate(120.0),
        interval_h: 12.0,
        additional: 3,
        ..Dose::bolus(0, 8.0)
    };
    let first = subjects[0].timeline.records()[0];
    assert_eq!(first, Record { time_h: 0.5, action: Action::Dose(expected) });
    assert_eq!(subjects[0].observation_times, [60.0]);
    assert_eq!(subjects[0].timeline.span_h(), Some((0.5, 1.0)));
}

#[test]
fn steady_state_and_constant_infusion() {
    let dose = only_dose("TIME,AMT,II,SS\n0,5,12,2\n");
    assert_eq!((dose.steady, dose.interval_h), (Steady::Add, 12.0));
    let constant = only_dose("TIME,AMT,RATE,SS\n0,0,3,1\n");
    assert!(constant.is_constant_infusion());
}

#[test]
fn files_without_records() {
    check(
        "",
        expect![[r#"
        E0601: the event file is empty; give a header such as `ID,TIME,EVID,AMT,CMT` and one row per dose or observation
    "#]],
    );
    check(
        "time,amt\n",
        expect![[r#"
        E0601: the event file has a header and no records; give a header such as `ID,TIME,EVID,AMT,CMT` and one row per dose or observation
    "#]],
    );
    check(
        "ab\0cd",
        expect![[r#"
        1:3 E0611: the event file is not text; save the sheet as CSV
    "#]],
    );
    check(
        "ID,AMT,amt\n1,1,1\n",
        expect![[r#"
        1:8 E0602: column `amt` stands twice; remove one of them
        1:1 E0602: the event file has no column `TIME`; name the columns in the first line, such as `ID,TIME,EVID,AMT,CMT`
    "#]],
    );
}

#[test]
fn every_wrong_row_is_reported_in_one_run() {
    check(
        "ID,TIME,EVID,AMT,CMT,RATE,II,ADDL,SS
1,0,1,-5,1,0,0,0,0
1,0,1,5,centrl,0,0,0,0
1,0,1,5,3,0,0,0,0
1,0,1,5,1,-3,0,0,0
1,0,1,5,1,-1,0,0,0
1,0,1,5,1,0,0,5,0
1,0,1,5,1,0,0,0,1
1,0,1,5,1,0,12,0.5,0
1,0,1,0,1,7,0,0,0
1,0,101,5,1,0,0,0,0
1,0,1,5,1,0,12,1,3
1,0,0,5,1,0,0,0,0
1,0,1,.,1,0,0,0,0
1,x,0,0,1,0,0,0,0
1,2026-11-24,0,0,1,0,0,0,0
1,inf,0,0,1,0,0,0,0
1,.,0,0,1,0,0,0,0
1,0
",
        expect![[r#"
            2:7 E0607: the amount is negative; give 0 or more in `AMT`
            3:9 E0606: model `demo` has no compartment `centrl`; did you mean `central`
            4:9 E0606: model `demo` has no compartment `3`
            5:11 E0607: `RATE` -3 is negative
            6:11 E0610: `depot` has no `rate(depot)`; add `rate(depot) = ...` to the model, or give `RATE`
            7:13 E0608: repeats or steady state without an interval; give the time between doses in `II`
            8:13 E0608: repeats or steady state without an interval; give the time between doses in `II`
            9:16 E0607: `ADDL` is not a whole number of doses
            10:7 E0607: an infusion has no amount; give `AMT`; only `SS` 1 or 2 with `RATE` above 0 has none
            11:5 E0609: `EVID` 101 is not known; give the route in `CMT` and `RATE`, not in `EVID`
            12:18 E0609: `SS` 3 is not known
            13:7 E0607: an amount stands on a record of `EVID` 0; set `EVID` to 1 for a dose, or `AMT` to 0
            14:7 E0607: a dose has no amount
            15:3 E0603: `x` is not a number
            16:3 E0603: `2026-11-24` is not a number; give the time since the first record of the subject as a number, in h
            17:3 E0603: `inf` is not a number
            18:3 E0603: this record has no time
            19:1 E0612: a row has 2 fields, the header 9; write `.` where there is no value
        "#]],
    );
}

#[test]
fn order_of_times_and_ids() {
    check(
        "ID,TIME,AMT\n1,5,0\n1,4,0\n2,0,0\n1,6,0\n.,6,0\n",
        expect![[r#"
            3:3 E0604: time goes back from 5 to 4; sort the records of a subject by `TIME`; only a reset, `EVID` 3 or 4, may start anew
            5:1 E0605: records of `1` are not together; sort the file by `ID`, then by `TIME`
            6:1 E0603: a record has no id
        "#]],
    );
}

#[test]
fn warnings_keep_the_subjects() {
    let text = "TIME,AMT,II,SITE\n0,5,12,4\n1,0,0,4\n";
    check(
        text,
        expect![[r#"
        1:13 W0601: column `SITE` is not used
        2:5 W0602: an interval without repeats does nothing; give the number of further doses in `ADDL`
    "#]],
    );
    assert_eq!(read_records(text, FileId(0), &model()).0.len(), 1);
}

#[test]
fn messages_end_at_the_limit_but_an_error_is_never_hidden() {
    let mut text = String::from("TIME,AMT,II\n");
    for hour in 0..30 {
        text.push_str(&format!("{hour},5,12\n"));
    }
    text.push_str("31,-5,0\n");
    let (subjects, diagnostics) = read_records(&text, FileId(0), &model());
    assert!(subjects.is_empty() && diagnostics.len() == MOST_MESSAGES + 1);
    assert_eq!(diagnostics[MOST_MESSAGES].code, "E0607");
    assert_eq!(diagnostics[MOST_MESSAGES].notes, ["10 more messages are not shown"]);
}

#[test]
fn every_reference_case_is_read() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/suite/reference");
    let mut model = model();
    model.compartments.push(compartment("peripheral", 1.0, None));
    let mut n_cases = 0;
    for kind in ["analytic", "events"] {
        let index = std::fs::read_to_string(format!("{folder}/{kind}/index.csv")).unwrap();
        for line in index.lines().skip(1) {
            let name = line.split(',').next().unwrap();
            let open = |end| std::fs::read_to_string(format!("{folder}/{kind}/{name}.{end}"));
            let events = open("events.csv").unwrap();
            let (subjects, diagnostics) = read_records(&events, FileId(0), &model);
            assert_eq!(diagnostics, [], "{name}");
            let expected: Vec<f64> = open("out.csv")
                .unwrap()
                .lines()
                .skip(1)
                .map(|row| row.split(',').next().unwrap().parse().unwrap())
                .collect();
            assert_eq!(subjects[0].observation_times, expected, "{name}");
            n_cases += 1;
        }
    }
    assert_eq!(n_cases, 29);
}
