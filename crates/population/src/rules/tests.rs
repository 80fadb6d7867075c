//! Rules in words, and what is said of those that cannot be read.

use super::*;
use epsom_engine::{Dose, DoseKind};
use epsom_evidence::{builtin, builtin_substances};
use epsom_model::check::{World, check};
use expect_test::{Expect, expect};

const MODEL: &str = "model m \"m\"\ntime [h]\nsubstance Mg\nparam k = 0.1[1/h] assumed \"x\"\n\
                     param v = 10[L] assumed \"x\"\ncompartment depot [mmol], central [mmol]\n\
                     d/dt(depot) = -k * depot\nd/dt(central) = k * depot - k * central\n\
                     output Cc = central / v [mmol/L]\n";

fn read(text: &str) -> Result<Rules, Diagnostic> {
    let (tree, said) = epsom_model::syntax::parse(MODEL, FileId(0));
    assert_eq!(said, []);
    let substances = builtin_substances();
    let checked = check(&tree, &World { evidence: builtin(), substances });
    let model = checked.model.expect("a model");
    let mg = substances.id("Mg");
    let world = RuleWorld { model: &model, substances, substance: mg.as_ref(), compartment: 0 };
    let mut rules = Rules::default();
    read_rule(text, FileId(0), &world, &mut rules).map(|()| rules)
}

fn one(text: &str) -> Rule {
    let mut rules = read(text).unwrap_or_else(|said| panic!("{text}: {said:?}"));
    assert_eq!(rules.rules.len(), 1, "{text}");
    rules.rules.remove(0)
}

#[test]
fn rules_are_read_as_they_are_said() {
    let when = |above, limit| Some(When { output: 0, above, limit });
    let change = |times, plus, limit| Act::Change { times, plus, limit };
    for (text, wanted) in [
        (
            "when Cc > 2.5 mmol/L at visits every 7 d, halve the dose",
            (when(true, 2.5), Visits::Every(168.0), change(0.5, 0.0, None)),
        ),
        (
            "when Cc is below 0.5[mmol/L], double the dose up to 40 mmol",
            (when(false, 0.5), Visits::Always { mode: None }, change(2.0, 0.0, Some(40.0))),
        ),
        (
            "when Cc < 1 at visits 7 d, 14 d and 28 d, increase the dose by 25 % up to 30 mmol",
            (
                when(false, 1.0),
                Visits::At(vec![168.0, 336.0, 672.0]),
                change(1.25, 0.0, Some(30.0)),
            ),
        ),
        ("at 48 h, set the dose to 5 mmol", (None, Visits::At(vec![48.0]), Act::Set(5.0))),
        (
            "every 1 wk add 5mmol up to 20 mmol",
            (None, Visits::Every(168.0), change(1.0, 5.0, Some(20.0))),
        ),
        (
            "every 24 h, lower the dose by 1 mmol down to 3 mmol",
            (None, Visits::Every(24.0), change(1.0, -1.0, Some(3.0))),
        ),
        (
            "when Cc > 3, stop",
            (when(true, 3.0), Visits::Always { mode: None }, Act::Hold(f64::INFINITY)),
        ),
        (
            "when Cc > 3, hold dosing for 2 d",
            (when(true, 3.0), Visits::Always { mode: None }, Act::Hold(48.0)),
        ),
        ("when Cc < 2, resume", (when(false, 2.0), Visits::Always { mode: None }, Act::Resume)),
        (
            "when Cc < 0.4 mmol/L, give 8 mmol into central over 30 min",
            (
                when(false, 0.4),
                Visits::Always { mode: None },
                Act::Give(Dose { kind: DoseKind::Duration(0.5), ..Dose::bolus(1, 8.0) }),
            ),
        ),
    ] {
        let rule = one(text);
        assert_eq!((rule.when, rule.visits, rule.act), wanted, "{text}");
    }
    assert!(one("when Cc > 3 once, stop").once);
    // 243.05 mg are 10 mmol, by the molar mass that the substances have.
    let Act::Set(amount) = one("at 1 h, set the dose to 243.05 mg Mg").act else { panic!() };
    assert!((amount - 10.0).abs() <= 16.0 * f64::EPSILON * 10.0, "{amount}");
}

#[test]
fn a_titration_is_a_start_and_a_climb() {
    let rules = read("start 5 mmol, every 7 d add 5 mmol up to 20 mmol").expect("rules").rules;
    assert_eq!((&rules[0].visits, rules[0].act), (&Visits::Start, Act::Set(5.0)));
    let climb = Act::Change { times: 1.0, plus: 5.0, limit: Some(20.0) };
    assert_eq!((&rules[1].visits, rules[1].act), (&Visits::Every(168.0), climb));
}

#[test]
fn lapses_are_by_share_or_by_number() {
    let lapse = |text| read(text).expect("a lapse").lapses.remove(0);
    assert_eq!(lapse("miss 10 %"), Lapse { which: Which::Share(0.1), late_h: None });
    assert_eq!(lapse("miss doses 3, 8"), Lapse { which: Which::Doses(vec![3, 8]), late_h: None });
    let late_h = Some((1.0, 6.0));
    assert_eq!(lapse("late 20% by 1 to 6 h"), Lapse { which: Which::Share(0.2), late_h });
    let late_h = Some((24.0, 24.0));
    assert_eq!(lapse("late dose 2 by 1 d"), Lapse { which: Which::Doses(vec![2]), late_h });
}

fn said(texts: &[&str], wanted: Expect) {
    let one = |text: &&str| {
        let said = read(text).expect_err(text);
        let (place, label) = said.primary.map_or_else(Default::default, |label| {
            (text[label.span.start as usize..label.span.end as usize].to_string(), label.text)
        });
        format!("{text}\n  {}: {}: `{place}`: {label}\n", said.code, said.message)
    };
    wanted.assert_eq(&texts.iter().map(one).collect::<String>());
}

#[test]
fn what_cannot_be_read_is_said_with_its_place() {
    said(
        &[
            "",
            "if Cc > 2, stop",
            "when serum > 2, stop",
            "when Cc = 2, stop",
            "when Cc > lots, stop",
            "when Cc > 2 mg, stop",
            "when Cc > 2 mmol/L",
            "when Cc > 2 mmol/L, panic",
            "when Cc > 2 at visits every 0 d, stop",
            "when Cc > 2 at visits 2 d, 1 d, stop",
            "when Cc > 2, stop now",
            "at 3, stop",
            "every 7 d, set the dose to -1 mmol",
            "every 7 d, multiply the dose by -1",
            "every 7 d, set the dose to 10 h",
            "when Cc < 1, give 5 mmol into centrl",
            "when Cc < 1, give 0 mmol",
            "start 5 mmol, add 5 mmol",
            "miss 120 %",
            "miss doses 0",
            "late 10 % by 6 to 2 h",
            "late 10 %",
        ],
        expect![[r#"

              E0614: a rule cannot be read: ``: expected `when`, `every`, `at`, `start`, `miss` or `late`
            if Cc > 2, stop
              E0614: a rule cannot be read: `if`: expected `when`, `every`, `at`, `start`, `miss` or `late`
            when serum > 2, stop
              E0615: the model has no output `serum`: `serum`: not an output
            when Cc = 2, stop
              E0614: a rule cannot be read: `=`: expected `>` or `<`
            when Cc > lots, stop
              E0614: a rule cannot be read: `lots`: expected a number
            when Cc > 2 mg, stop
              E0312: units do not match: `mg`: this is mg, but `Cc` is in mmol/L
            when Cc > 2 mmol/L
              E0614: a rule cannot be read: ``: expected `halve`, `double`, `multiply`, `set`, `increase`, `decrease`, `add`, `stop`, `hold`, `resume` or `give`
            when Cc > 2 mmol/L, panic
              E0614: a rule cannot be read: `panic`: expected `halve`, `double`, `multiply`, `set`, `increase`, `decrease`, `add`, `stop`, `hold`, `resume` or `give`
            when Cc > 2 at visits every 0 d, stop
              E0614: a rule cannot be read: `d`: expected a time above 0
            when Cc > 2 at visits 2 d, 1 d, stop
              E0614: a rule cannot be read: `d`: expected a visit after the one before it
            when Cc > 2, stop now
              E0614: a rule cannot be read: `now`: expected the end of the rule
            at 3, stop
              E0614: a rule cannot be read: `3`: expected a unit of time, such as `h` or `d`
            every 7 d, set the dose to -1 mmol
              E0614: a rule cannot be read: `mmol`: expected an amount that is not negative
            every 7 d, multiply the dose by -1
              E0614: a rule cannot be read: `-1`: expected a factor of 0 or more
            every 7 d, set the dose to 10 h
              E0312: units do not match: `h`: this is h, but `depot` is in mmol
            when Cc < 1, give 5 mmol into centrl
              E0615: the model has no compartment `centrl`: `centrl`: not a compartment
            when Cc < 1, give 0 mmol
              E0614: a rule cannot be read: `mmol`: expected an amount above 0
            start 5 mmol, add 5 mmol
              E0614: a rule cannot be read: `add`: expected `every` and how often the dose changes
            miss 120 %
              E0614: a rule cannot be read: `%`: expected a share from 0 to 100 %
            miss doses 0
              E0614: a rule cannot be read: `0`: expected the number of a dose, counted from 1
            late 10 % by 6 to 2 h
              E0614: a rule cannot be read: `h`: expected a delay that is not below the first
            late 10 %
              E0614: a rule cannot be read: ``: expected `by` and how late
        "#]],
    );
}
