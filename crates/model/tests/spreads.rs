//! What `uncertain` and `varies` may write, and what is said of the rest.

mod common;

use common::{check_text, shown};
use epsom_model::ir::Distribution;
use expect_test::{Expect, expect};

fn text(value: &str, spread: &str) -> String {
    format!(
        "model m\ntime [h]\nsubstance Mg\nparam p = {value} assumed \"e\" varies {spread} assumed \"e\"\n\
         compartment a [mmol]\nd/dt(a) = -1[1/h] * a\noutput o = p\n"
    )
}

/// What is said of a spread of `value`, told apart by a blank line.
fn says(cases: &[(&str, &str)], expect: Expect) {
    let mut all = String::new();
    for (value, spread) in cases {
        let text = text(value, spread);
        all += &format!("{value} {spread}\n");
        for one in check_text(&text).diagnostics {
            if !["W0303", "W0510"].contains(&one.code) {
                all += &shown(&text, &one);
            }
        }
    }
    expect.assert_eq(&all);
}

/// The distribution that a spread gives, which no message speaks of.
fn drawn(value: &str, spread: &str) -> Distribution {
    let checked = check_text(&text(value, spread));
    let said: Vec<_> = checked.diagnostics.iter().filter(|one| one.code.starts_with('E')).collect();
    assert!(said.is_empty(), "{spread}: {said:?}");
    checked.model.expect("no error").params[0].varies
}

#[test]
fn a_number_is_what_its_word_says() {
    says(
        &[
            ("0.5[1]", "lognormal(var 0.09)"),
            ("0.5[1]", "lognormal(variance 0.09)"),
            ("0.5[1]", "lognormal(omega 0.09)"),
            ("0.5[1]", "lognormal(foo 0.3)"),
            ("0.5[1]", "lognormal(0.3)"),
            ("0.5[1]", "lognormal(30[%])"),
            ("0.5[1]", "logitnormal(cv 30[%])"),
            ("0.5[1]", "normal(sd 30[%])"),
            ("12[L]", "normal(sd 30[%])"),
            ("12[L]", "sem(5[%])"),
            ("12[L]", "normal(var 4)"),
            ("12[L]", "lognormal(sd 0.3[L])"),
            ("0.5[1]", "lognormal(sd -0.3)"),
            ("0.5[1]", "lognormal(sd 0.3, sd 0.4)"),
            ("0.5[1]", "gauss(sd 1)"),
        ],
        expect![[r#"
            0.5[1] lognormal(var 0.09)
            E0507 `lognormal` has no `var`
              at 4:47 not known
              help: write `lognormal(sd 0.3)`, the square root of 0.09
            0.5[1] lognormal(variance 0.09)
            E0507 `lognormal` has no `variance`
              at 4:47 not known
              help: write `lognormal(sd 0.3)`, the square root of 0.09
            0.5[1] lognormal(omega 0.09)
            E0507 `lognormal` has no `omega`
              at 4:47 not known
              help: write `lognormal(sd 0.3)`, the square root of 0.09
            0.5[1] lognormal(foo 0.3)
            E0507 `lognormal` has no `foo`
              at 4:47 not known
              help: write `lognormal(cv 30[%])` or, on the log scale, `lognormal(sd 0.3)`
            0.5[1] lognormal(0.3)
            E0507 nothing says what this number of `lognormal` is
              at 4:47 a word is missing in front
              help: write `lognormal(cv 30[%])` or, on the log scale, `lognormal(sd 0.3)`
            0.5[1] lognormal(30[%])
            E0507 nothing says what this number of `lognormal` is
              at 4:47 a word is missing in front
              help: write `lognormal(cv 30[%])` or, on the log scale, `lognormal(sd 0.3)`
            0.5[1] logitnormal(cv 30[%])
            E0507 `logitnormal` has no `cv`
              at 4:49 not known
              help: write `logitnormal(sd 0.5)`
            0.5[1] normal(sd 30[%])
            E0507 a percentage of what is not said
              at 4:47 a size is asked for, in the unit of the value
              help: write `normal(cv 30[%])` for a share of the value, `normal(sd 0.3)` for the number itself
            12[L] normal(sd 30[%])
            E0507 a percentage of what is not said
              at 4:46 a size is asked for, in the unit of the value
              help: write `normal(cv 30[%])` for a share of the value
            12[L] sem(5[%])
            E0507 a percentage of what is not said
              at 4:40 a size is asked for, in the unit of the value
              help: write `normal(cv 5[%])` for a share of the value
            12[L] normal(var 4)
            E0507 `normal` has no `var`
              at 4:43 not known
              help: write the square root: `normal(sd 0.1[L])` or `normal(cv 30[%])`
            12[L] lognormal(sd 0.3[L])
            E0312 units do not match
              at 4:49 this is L, but the spread needs 1
              help: give it in `[1]`
            0.5[1] lognormal(sd -0.3)
            E0507 a spread is a number from 0 on
              at 4:50 this is -0.3
            0.5[1] lognormal(sd 0.3, sd 0.4)
            E0507 `lognormal` has other arguments
              at 4:37 2 numbers given
              help: write `lognormal(cv 30[%])` or, on the log scale, `lognormal(sd 0.3)`
            0.5[1] gauss(sd 1)
            E0507 no distribution `gauss`
              at 4:37 not known
              note: distributions: `lognormal`, `logitnormal`, `normal`, `uniform`, `triangular`, `ci95`, `range`, `sem`, `sd`, `cv`
        "#]],
    );
}

#[test]
fn ends_hold_the_value() {
    says(
        &[
            ("0.5[1]", "ci95(2, 3)"),
            ("0.5[1]", "uniform(0.7, 0.3)"),
            ("12[L]", "ci95(10[kg], 14[kg])"),
            ("12[L]", "ci95(10[%], 14[%])"),
            ("12[L]", "range(lo 10, hi 14)"),
            ("12[L]", "triangular(10, 11, 14)"),
        ],
        expect![[r#"
            0.5[1] ci95(2, 3)
            E0507 `p` lies outside its own `ci95`
              at 4:37 these ends do not hold the value between them
              and 4:11 the value
              help: change the value or the ends; both are in the unit of the value
            0.5[1] uniform(0.7, 0.3)
            E0507 the ends of `uniform` are not in order
              at 4:37 the first must be below the second
            12[L] ci95(10[kg], 14[kg])
            E0312 units do not match
              at 4:41 this is kg, but the spread needs L
              help: give it in `[L]`
            12[L] ci95(10[%], 14[%])
            E0312 units do not match
              at 4:41 this is 1, but the spread needs L
              help: give it in `[L]`
            12[L] range(lo 10, hi 14)
            E0507 `lo` has no meaning here
              at 4:42 ends of a distribution are numbers without a word
            12[L] triangular(10, 11, 14)
            E0507 the top of a triangle is the value
              at 4:51 this is another number
              and 4:11 `p` is this
              help: leave it out: `triangular(lo, hi)` has its top at the value
        "#]],
    );
}

#[test]
fn percent_that_was_not_written() {
    says(
        &[
            ("12[L]", "lognormal(cv 30)"),
            ("12[L]", "lognormal(cv 300[%])"),
            ("12[L]", "lognormal(sd 30)"),
            ("0.5[1]", "logitnormal(sd 3)"),
            ("12[L]", "lognormal(cv 2)"),
        ],
        expect![[r#"
            12[L] lognormal(cv 30)
            W0209 a spread of 3000 %
              at 4:49 a plain number is a share: 30 times the value
              help: write `30[%]`, or `3000[%]` if it is so
            12[L] lognormal(cv 300[%])
            12[L] lognormal(sd 30)
            W0209 a spread of 3000 %
              at 4:49 a plain number is a share: 30 times the value
              help: write `30[%]`, or `3000[%]` if it is so
            0.5[1] logitnormal(sd 3)
            12[L] lognormal(cv 2)
        "#]],
    );
}

#[test]
fn the_same_spread_in_other_words() {
    let cv = drawn("12[L]", "lognormal(cv 0.3)");
    assert_eq!(cv, drawn("12[L]", "lognormal(cv 30[%])"));
    assert_eq!(cv, drawn("12[L]", "cv(30[%])"));
    assert_eq!(drawn("12[L]", "normal(sd 2)"), Distribution::Normal { sd: 2.0 });
    assert_eq!(drawn("12[L]", "normal(sd 2000[mL])"), Distribution::Normal { sd: 2.0 });
    assert_eq!(drawn("12000[mL]", "normal(sd 2000)"), Distribution::Normal { sd: 2.0 });
    assert_eq!(drawn("50[%]", "normal(sd 5[%])"), Distribution::Normal { sd: 0.05 });
    assert_eq!(
        drawn("12[L]", "triangular(10, 12, 15)"),
        Distribution::Triangular { lo: 10.0, hi: 15.0 }
    );
}

#[test]
fn a_residual_error_in_percent() {
    let of = |error: &str| {
        let text = format!(
            "model m\ntime [h]\nparam e = 15[1] assumed \"x\"\ncompartment a [mg]\n\
             k = 1 / e * 1[1/h]\nd/dt(a) = -k * a\noutput o = a [mg]\no ~ {error} assumed \"x\"\n"
        );
        let said = check_text(&text).diagnostics;
        said.into_iter().map(|one| format!("{} {}", one.code, one.message)).collect::<Vec<_>>()
    };
    assert_eq!(of("prop(15)"), ["W0209 a residual error of 1500 %"]);
    assert_eq!(of("prop(e)"), ["W0209 a residual error of 1500 %"]);
    assert_eq!(of("lnorm(15)"), ["W0209 a residual error of 1500 %"]);
    assert_eq!(of("prop(15[%])"), Vec::<String>::new());
    assert_eq!(of("add(15)").len(), 1);
}
