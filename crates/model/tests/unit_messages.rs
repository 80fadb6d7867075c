//! Units in messages are those that the model names, and what is told to be typed mends it.

mod common;

use common::{check_text, shown};
use epsom_diag::Diagnostic;
use epsom_model::check::Checked;
use expect_test::{Expect, expect};

const MODEL: &str = "model m
time [day]
covariate age = 40[year]
covariate wt = 70[kg]
param ka = 0.9[1/h] assumed \"e\"
param cl = 3[L/h] assumed \"e\"
param v = 15[L] assumed \"e\"
compartment depot [mg], a [mg]
d/dt(depot) = -ka * depot
d/dt(a) = ka * depot - cl / v * a
Cc = a / v
output conc = Cc [ng/mL]
";

/// The model with `old` replaced, or with a line at its end.
fn changed(old: &str, new: &str) -> String {
    let text = if old.is_empty() { format!("{MODEL}{new}\n") } else { MODEL.replace(old, new) };
    assert!(old.is_empty() || text != MODEL, "{old}");
    text
}

fn relevant(checked: &Checked) -> Vec<&Diagnostic> {
    checked.diagnostics.iter().filter(|one| !matches!(one.code, "W0510" | "W0201")).collect()
}

fn says(cases: &[(&str, &str)], expect: Expect) {
    let mut all = String::new();
    for (old, new) in cases {
        let text = changed(old, new);
        all += &format!("{new}\n");
        let checked = check_text(&text);
        for one in relevant(&checked) {
            all += &shown(&text, one);
        }
    }
    expect.assert_eq(&all);
}

#[test]
fn the_unit_of_the_other_side() {
    says(
        &[
            ("", "x = age - 40\noutput o = x / 1[year]"),
            ("", "conc ~ add(5) assumed \"e\""),
            ("", "event low when a < 50 then a = 0"),
            ("", "event low when a < 50[mg] then a = 5"),
            ("", "x = exp(-0.01 * (age - 40[year]))\noutput o = x"),
            ("- cl / v * a", "- cl * a"),
            ("- cl / v * a", "- 0.1 * a"),
            ("= ka * depot - cl / v * a", "= -0.1 * a"),
            ("0.9[1/h]", "0.9[h]"),
            ("3[L/h]", "3[mL]"),
            ("a [mg]\n", "a [mmol]\n"),
            ("", "a(0) = 5"),
            ("", "alag(depot) = 2"),
        ],
        expect![[r#"
            x = age - 40
            output o = x / 1[year]
            E0312 units do not match
              at 13:5 these cannot be added or compared
              and 13:5 this is in year
              and 13:11 this is in 1
              and 3:11 `age` is in year
              help: write its unit: `40[year]`
            conc ~ add(5) assumed "e"
            E0312 units do not match
              at 13:12 this is 1, but an additive error needs ng/mL
              help: write its unit: `5[ng/mL]`
            event low when a < 50 then a = 0
            E0312 units do not match
              at 13:16 these cannot be added or compared
              and 13:16 this is in mg
              and 13:20 this is in 1
              help: write its unit: `50[mg]`
            event low when a < 50[mg] then a = 5
            E0312 units do not match
              at 13:36 this is 1, but `a` needs mg
              help: write its unit: `5[mg]`
            x = exp(-0.01 * (age - 40[year]))
            output o = x
            E0312 units do not match
              at 13:9 this is year, but `exp` needs 1
              and 3:11 `age` is in year
              help: give the number its unit: `0.01[1/year]`
            - cl * a
            E0312 units do not match
              at 10:11 these cannot be added or compared
              and 10:11 this is in mg/h
              and 10:24 this is in mg*L/h
            - 0.1 * a
            E0312 units do not match
              at 10:11 these cannot be added or compared
              and 10:11 this is in mg/h
              and 10:24 this is in mg
              help: give the number its unit: `0.1[1/h]`
            = -0.1 * a
            E0312 units do not match
              at 10:11 this is mg, but d/dt(a) needs mg/day
              help: give the number its unit: `0.1[1/day]`
            0.9[h]
            E0312 units do not match
              at 9:15 this is mg*h, but d/dt(depot) needs mg/day
              and 5:7 `ka` is in h
              help: with `ka` in 1/h this fits
            E0312 units do not match
              at 10:11 these cannot be added or compared
              and 10:11 this is in mg*h
              and 10:24 this is in mg/h
              help: with `ka` in 1/h this fits
            3[mL]
            E0312 units do not match
              at 10:11 these cannot be added or compared
              and 10:11 this is in mg/h
              and 10:24 this is in mg
              help: with `cl` in mL/day this fits
            a [mmol]

            E0312 units do not match
              at 10:11 these cannot be added or compared
              and 10:11 this is in mg/h
              and 10:24 this is in mmol/h
              help: a mass against an amount: multiply by the molar mass, a `param` in [g/mol], or give both in one of them
            E0312 units do not match
              at 12:15 this is mmol/L
              and 12:18 shown in kg/L
            a(0) = 5
            E0312 units do not match
              at 13:8 this is 1, but a(0) needs mg
              help: write its unit: `5[mg]`
            alag(depot) = 2
            E0312 units do not match
              at 13:15 this is 1, but alag(depot) needs day
              help: write its unit: `2[day]`
        "#]],
    );
}

/// Each change that a message offers is made, and none of its code is left.
#[test]
fn what_is_told_to_be_typed_mends_it() {
    for (old, new) in [
        ("", "x = age - 40\noutput o = x / 1[year]"),
        ("", "conc ~ add(5) assumed \"e\""),
        ("", "event low when a < 50 then a = 0"),
        ("", "x = exp(-0.01 * (age - 40[year]))\noutput o = x"),
        ("= ka * depot - cl / v * a", "= -0.1 * a"),
        ("", "a(0) = 5"),
        ("", "output o = a / v"),
    ] {
        let text = changed(old, new);
        let checked = check_text(&text);
        let said = relevant(&checked);
        let [only] = &said[..] else { panic!("{new}: {said:?}") };
        let fix = only.fix.as_ref().unwrap_or_else(|| panic!("{new}: {only:?}"));
        let (start, end) = (fix.span.start as usize, fix.span.end as usize);
        let mended = format!("{}{}{}", &text[..start], fix.text, &text[end..]);
        let checked = check_text(&mended);
        assert!(relevant(&checked).is_empty(), "{mended}\n{:?}", relevant(&checked));
    }
}

/// Unit and factor of each output.
fn outputs(lines: &str) -> Vec<(String, String, f64)> {
    let checked = check_text(&format!("{MODEL}{lines}\n"));
    let model = checked.model.unwrap_or_else(|| panic!("{:?}", checked.diagnostics));
    let of = |one: &epsom_model::ir::Output| {
        (one.name.clone(), one.unit.text.clone(), one.unit.per_base)
    };
    model.outputs[1..].iter().map(of).collect()
}

#[test]
fn an_output_that_is_a_name_takes_its_unit() {
    let own = |name: &str, unit: &str, per_base: f64| (name.into(), unit.into(), per_base);
    assert_eq!(outputs("output A = a"), [own("A", "mg", 1e6)]);
    assert_eq!(outputs("output a"), [own("a", "mg", 1e6)]);
    assert_eq!(outputs("b = a\noutput b"), [own("b", "mg", 1e6)]);
    assert_eq!(outputs("output tt = t"), [own("tt", "day", 1.0 / 24.0)]);
    assert_eq!(outputs("output age_now = age")[0].1, "year");
    assert_eq!(outputs("output o = ka"), [own("o", "1/h", 1.0)]);
    says(
        &[
            ("", "output o = a / v"),
            ("", "output o = Cc"),
            ("", "output o = cl / v"),
            ("", "output o = cl * ifelse(age > 50[year], 2, 1)"),
            ("", "output o = age * wt"),
        ],
        expect![[r#"
            output o = a / v
            W0303 output `o` names no unit
              at 13:8 shown in kg/L
              help: write it behind the expression: `[mg/L]`
            output o = Cc
            W0303 output `o` names no unit
              at 13:8 shown in kg/L
              help: write it behind the expression: `[mg/L]`
            output o = cl / v
            output o = cl * ifelse(age > 50[year], 2, 1)
            output o = age * wt
            W0303 output `o` names no unit
              at 13:8 shown in kg*h
              help: write it behind the expression: `[kg*year]`
        "#]],
    );
}

#[test]
fn names_of_other_programs() {
    says(
        &[
            ("", "param f_oral = 0.5[1] assumed \"e\"\nF1 = f_oral"),
            ("", "param F1 = 0.5[1] assumed \"e\""),
            ("", "ALAG1 = 0.5[h]"),
            ("", "R2 = 3[mg/h]"),
            ("", "D1 = 2[h]"),
            ("", "S2 = v"),
            ("", "dxdt_depot = -ka * depot"),
            ("", "F_DEPOT = 0.5"),
            // Read, or of no compartment: a name like any other.
            ("", "F1 = 0.5\nf(depot) = F1"),
            ("", "F7 = 0.5"),
        ],
        expect![[r#"
            param f_oral = 0.5[1] assumed "e"
            F1 = f_oral
            E0209 `F1` does nothing here
              at 14:1 bioavailability in other programs, here a name that nothing reads
              help: bioavailability is `f(depot) = f_oral`
            param F1 = 0.5[1] assumed "e"
            E0209 `F1` does nothing here
              at 13:7 bioavailability in other programs, here a name that nothing reads
              help: bioavailability is `f(depot) = F1`
            ALAG1 = 0.5[h]
            E0209 `ALAG1` does nothing here
              at 13:1 a lag before absorption in other programs, here a name that nothing reads
              help: a lag before absorption is `alag(depot) = 0.5[h]`
            R2 = 3[mg/h]
            E0209 `R2` does nothing here
              at 13:1 the rate of a dose in other programs, here a name that nothing reads
              help: the rate of a dose is `rate(a) = 3[mg/h]`
            D1 = 2[h]
            E0209 `D1` does nothing here
              at 13:1 the duration of a dose in other programs, here a name that nothing reads
              help: the duration of a dose is `dur(depot) = 2[h]`
            S2 = v
            E0209 `S2` does nothing here
              at 13:1 a scale in other programs, here a name that nothing reads
              help: divide where it is shown: `output conc = a / v`
            dxdt_depot = -ka * depot
            E0209 `dxdt_depot` does nothing here
              at 13:1 a derivative in other programs, here a name that nothing reads
              help: a derivative is `d/dt(depot) = -ka * depot`
            F_DEPOT = 0.5
            E0209 `F_DEPOT` does nothing here
              at 13:1 bioavailability in other programs, here a name that nothing reads
              help: bioavailability is `f(depot) = 0.5`
            F1 = 0.5
            f(depot) = F1
            F7 = 0.5
        "#]],
    );
}

#[test]
fn numbers_without_a_source() {
    let of = |line: &str| {
        let checked = check_text(&changed("", line));
        let found = checked.info.bare_literals;
        let said = checked.diagnostics.iter().find(|one| one.code == "W0510");
        assert_eq!(said.map_or(0, |one| one.labels.len() + 1), found, "{line}");
        let errors = checked.diagnostics.iter().any(|one| one.code.starts_with('E'));
        assert!(!errors, "{line}: {:?}", checked.diagnostics);
        found
    };
    assert_eq!(of("x = 0.9[1/h] * a\noutput x [mg/h]"), 1);
    assert_eq!(of("x = 10[L/h] * (wt / 70[kg])^0.75\noutput x [L/h]"), 1);
    assert_eq!(of("function half(y) = y / (y + 3[mg])\noutput x = half(a)"), 1);
    assert_eq!(of("event stop when a > 3[mg] then a = 0"), 1);
    // Definitions: nothing, one of a unit, a reference, a time of the schedule.
    assert_eq!(
        of("x = max(a, 0[mg]) / 1[mg] * exp(-(age - 40[year]) / 10[year] * 2)\noutput x"),
        1
    );
    assert_eq!(of("x = ifelse(t < 4[h], wt / 70[kg], 1)\noutput x"), 0);
    assert_eq!(of("window w = every 24[h] from 8[h] for 0.5[h]\noutput w"), 0);
    let window = "window w = every 24[h] from 8[h] for 0.5[h]";
    assert_eq!(of(&format!("{window}\nx = w * a / 0.5[h]\noutput x [mg/h]")), 0);
    assert_eq!(of(&format!("{window}\nx = w * a / 0.6[h]\noutput x [mg/h]")), 1);
    assert_eq!(of("x = a / 3[mg] + a / 4[mg]\noutput x"), 2);
    assert_eq!(of("x = 0.3 * a / v\noutput x [mg/L]"), 0);
}
