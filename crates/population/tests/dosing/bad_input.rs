//! What is refused, and what is said.

use super::{linear, read, states};
use epsom_diag::locate;
use epsom_engine::{Options, Property, RunCause};
use expect_test::{Expect, expect};

/// One line per message: line and column, code, message, help.
fn said(csv: &str, expected: Expect) {
    let model = linear("cp <- central / 2", false);
    let (_, said) = read(csv, &model);
    let mut shown = String::new();
    for one in &said {
        let at = locate(csv, one.primary.as_ref().unwrap().span.start);
        shown += &format!("{}:{} {}: {}", at.line, at.column, one.code, one.message);
        one.help.iter().for_each(|help| shown += &format!("; {help}"));
        shown += "\n";
    }
    expected.assert_eq(&shown);
}

#[test]
fn an_infusion_without_amount_is_refused() {
    said(
        "TIME,EVID,AMT,RATE\n0,1,0,5\n0,1,.,5\n",
        expect![[r#"
        2:5 E0607: an infusion has no amount; give `AMT`; only `SS` 1 or 2 with `RATE` above 0 has none
        3:5 E0607: a dose has no amount
    "#]],
    );
}

#[test]
fn ss_without_ii_is_refused() {
    said(
        "TIME,EVID,AMT,SS,ADDL\n0,1,9,1,0\n0,1,9,2,0\n0,1,9,0,3\n",
        expect![[r#"
        2:1 E0608: repeats or steady state without an interval; give the time between doses in `II`
        3:1 E0608: repeats or steady state without an interval; give the time between doses in `II`
        4:1 E0608: repeats or steady state without an interval; give the time between doses in `II`
    "#]],
    );
}

#[test]
fn other_negative_rates_are_refused() {
    said(
        "TIME,AMT,RATE\n0,5,-3\n",
        expect![[r#"
        2:5 E0607: `RATE` -3 is negative
    "#]],
    );
}

#[test]
fn a_modelled_rate_or_duration_must_be_in_the_model() {
    said(
        "TIME,AMT,RATE,CMT\n0,5,-1,central\n0,5,-2,central\n",
        expect![[r#"
        2:5 E0610: `central` has no `rate(central)`; add `rate(central) = ...` to the model, or give `RATE`
        3:5 E0610: `central` has no `dur(central)`; add `dur(central) = ...` to the model, or give `RATE`
    "#]],
    );
}

#[test]
fn time_going_back_is_refused_unless_reset() {
    said(
        "ID,TIME,EVID,AMT\n1,5,0,0\n1,4,1,5\n1,3,2,0\n2,9,0,0\n2,1,3,0\n2,0,0,0\n",
        expect![[r#"
        3:3 E0604: time goes back from 5 to 4; sort the records of a subject by `TIME`; only a reset, `EVID` 3 or 4, may start anew
        4:3 E0604: time goes back from 5 to 3; sort the records of a subject by `TIME`; only a reset, `EVID` 3 or 4, may start anew
        7:3 E0604: time goes back from 1 to 0; sort the records of a subject by `TIME`; only a reset, `EVID` 3 or 4, may start anew
    "#]],
    );
}

#[test]
fn a_dose_into_an_output_is_refused() {
    said(
        "TIME,AMT,CMT\n0,5,cp\n",
        expect![[r#"
        2:5 E0606: model `` has no compartment `cp`; `cp` is an output; a dose enters a compartment
    "#]],
    );
}

#[test]
fn a_dose_cannot_turn_a_compartment_off() {
    said(
        "TIME,EVID,AMT,CMT\n0,1,5,-2\n",
        expect![[r#"
        2:7 E0606: model `` has no compartment `-2`; a negative `CMT` turns a compartment off, on a record of `EVID` 0, 2 or 3; give the dose into `2`, or turn it off on a row of its own
    "#]],
    );
}

#[test]
fn dates_are_refused_with_a_hint() {
    said(
        "TIME,AMT\n2026-11-24,5\n24/11/2026,5\n08:30,5\n",
        expect![[r#"
        2:1 E0603: `2026-11-24` is not a number; give the time since the first record of the subject as a number, in h
        3:1 E0603: `24/11/2026` is not a number; give the time since the first record of the subject as a number, in h
        4:1 E0603: `08:30` is not a number; give the time since the first record of the subject as a number, in h
    "#]],
    );
}

#[test]
fn ids_apart_are_refused() {
    said(
        "ID,TIME,AMT\na,0,5\nb,0,5\na,1,0\n",
        expect![[r#"
        4:1 E0605: records of `a` are not together; sort the file by `ID`, then by `TIME`
    "#]],
    );
}

#[test]
fn ii_alone_is_a_warning() {
    said(
        "TIME,AMT,II\n0,5,12\n1,0,0\n",
        expect![[r#"
        2:5 W0602: an interval without repeats does nothing; give the number of further doses in `ADDL`
    "#]],
    );
}

/// Line of the record, counting the header; repeats point at the record that they repeat.
#[test]
fn a_property_that_is_negative_names_its_record() {
    let csv = "TIME,EVID,AMT,CMT,II,ADDL\n0,1,5,2,0,0\n1,1,5,1,4,3\n30,0,0,0,0,0\n";
    let cases = [
        ("alag(depot) <- -2", 1.0, Property::Lag),
        ("f(depot) <- -0.5", 1.0, Property::Bioavailability),
        ("f(depot) <- 1 - t / 8", 9.0, Property::Bioavailability),
        ("alag(depot) <- 5 - t", 9.0, Property::Lag),
    ];
    for (extra, time_h, property) in cases {
        let model = linear(extra, false);
        let failure = states(&model, csv, &Options::default()).unwrap_err();
        let cause = RunCause::DosingProperty { compartment: 0, property };
        assert_eq!((failure.time_h, failure.cause), (time_h, cause), "{extra}");
        let (subjects, _) = read(csv, &model);
        assert_eq!(subjects[0].lines[failure.record.unwrap()], 3, "{extra}");
    }
}

/// Nothing leaves: doses pile up.
#[test]
fn without_loss_there_is_no_steady_state() {
    for loss in ["0", "0 * x * x"] {
        let model = super::model(&format!("model({{ d/dt(x) <- {loss} - 0 * x }})"));
        let csv = "TIME,AMT,II,SS\n2,5,12,1\n4,0,0,0\n";
        let failure = states(&model, csv, &Options::default()).unwrap_err();
        let cause = RunCause::NoSteadyState { compartment: 0 };
        assert_eq!((failure.time_h, failure.cause), (2.0, cause));
    }
}

#[test]
fn repeats_without_end_are_an_event_storm() {
    let model = linear("", false);
    let csv = "TIME,EVID,AMT,CMT,II,ADDL\n0,1,1,1,1e-4,4000000000\n100,0,0,0,0,0\n";
    let options = Options { max_steps: 1000, ..Options::default() };
    assert_eq!(states(&model, csv, &options).unwrap_err().cause, RunCause::EventStorm);
}
