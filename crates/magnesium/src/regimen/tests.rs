//! What regimens mean, and what is said of those that cannot be read.

use expect_test::{Expect, expect};

use super::*;
use crate::salt_names::{Basis, FAMILIES};
use crate::salts::built_in_salts;
use epsom_diag::{Diagnostic, FileId, Span};

fn parse(text: &str) -> Result<Regimen, Vec<Diagnostic>> {
    parse_regimen(text, FileId(0), built_in_salts())
}

fn good(text: &str) -> Regimen {
    parse(text).unwrap_or_else(|found| panic!("{text}: {found:?}"))
}

/// The messages as they would be printed, without colors.
fn bad(texts: &[&str], expect: Expect) {
    let mut lines = String::new();
    for text in texts {
        lines.push_str(&format!("{text}\n"));
        for one in parse(text).unwrap_err() {
            lines.push_str(&format!("  {}: {}\n", one.code, one.message));
            let part = |span: Span| &text[span.start as usize..span.end as usize];
            let places = one.primary.iter().chain(&one.labels);
            places.for_each(|at| lines.push_str(&format!("    <{}> {}\n", part(at.span), at.text)));
            one.notes.iter().for_each(|note| lines.push_str(&format!("    note: {note}\n")));
            one.help.iter().for_each(|help| lines.push_str(&format!("    help: {help}\n")));
        }
    }
    expect.assert_eq(&lines);
}

#[test]
fn the_guide_is_true() {
    let page = include_str!("../../../../docs/guide/regimen.md");
    let mut rows = 0;
    for line in page.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if cells.len() != 8 {
            continue;
        }
        assert_eq!(row_of(cells[1].trim_matches('`')), line);
        rows += 1;
    }
    assert_eq!(rows, 14);
    for family in FAMILIES.iter().filter(|family| family.basis != Basis::OnlyForm) {
        let why = match family.basis {
            Basis::Row { key, why } => format!("{why} ({key})"),
            Basis::Assumed { reason } => format!("assumed: {reason}"),
            Basis::OnlyForm => continue,
        };
        let row = format!("| `{}` | `{}` | {why} |", family.name, family.usual);
        assert!(page.contains(&row), "not on the page: {row}");
    }
}

/// The row of the guide for a regimen.
fn row_of(text: &str) -> String {
    let regimen = good(text);
    let times = dose_times_h(&regimen);
    assert_eq!(times.len(), regimen.schedule.count() as usize);
    let first: Vec<String> = times.iter().take(3).map(f64::to_string).collect();
    let more = if times.len() > 3 { ", ..." } else { "" };
    let salt = regimen.dose.salt.map_or("-".into(), |salt| format!("{:.0}", salt.mass.mg));
    format!(
        "| `{text}` | {:.2} | {:.0} | {salt} | {} | {}{more} |",
        regimen.dose.amount.mmol,
        regimen.dose.elemental.mg,
        times.len(),
        first.join(", ")
    )
}

#[test]
fn the_example_of_each_page_gives_its_code() {
    let mut pages = 0;
    for info in epsom_diag::CODES {
        let Some((_, after)) = info.page.split_once("```regimen\n") else { continue };
        let example = after.split("\n```").next().unwrap();
        let codes: Vec<&str> = parse(example).unwrap_err().iter().map(|one| one.code).collect();
        assert_eq!(codes, [info.code], "{example}");
        pages += 1;
    }
    assert_eq!(pages, 7);
}

#[test]
fn a_regimen_carries_all_that_was_said() {
    let regimen = good(" 1 g MgT twice daily between meals for 12 weeks from day 8 ");
    assert_eq!(regimen.text, "1 g MgT twice daily between meals for 12 weeks from day 8");
    assert_eq!(regimen.route, Route::Oral { timing: Timing::BetweenMeals });
    assert_eq!(regimen.start_h, 168.0);
    assert_eq!(regimen.schedule, Schedule::Every { interval_h: 12.0, count: 168 });
    assert_eq!(regimen.schedule.doses_per_day(), 2.0);
    assert_eq!(regimen.dose.stated, Stated::SaltMass);
    let salt = regimen.dose.salt.unwrap();
    assert_eq!(salt.salt.name, "l_threonate_monohydrate");
    assert!(matches!(salt.form_basis, Some(Basis::Row { key: "PK152", .. })));
    assert_eq!(salt.mass.mg, 1000.0);

    let infusion = good("4 g MgSO4.7H2O iv over 20 min");
    assert_eq!(infusion.route, Route::Iv { duration_h: 20.0 / 60.0 });
    assert_eq!(infusion.schedule, Schedule::Once);
    assert_eq!(infusion.dose.salt.unwrap().form_basis, None);

    let plain = good("400 mg magnesium as MgSO4 once daily with meals for 30 d");
    assert_eq!(plain.dose.elemental.mg, 400.0);
    let salt = plain.dose.salt.unwrap();
    assert_eq!(salt.salt.name, "sulfate_heptahydrate");
    assert!(matches!(salt.form_basis, Some(Basis::Assumed { .. })));
}

#[test]
fn the_same_dose_said_in_several_ways() {
    let mmol = |text: &str| good(text).dose.amount.mmol;
    let same = |a: &str, b: &str| {
        let (a_mmol, b_mmol) = (mmol(a), mmol(b));
        // A handful of products and ratios on each side.
        assert!((a_mmol - b_mmol).abs() <= 8.0 * f64::EPSILON * a_mmol, "{a} / {b}");
    };
    same("10 mmol Mg as oxide", "243.05 mg Mg as oxide");
    same("10 mmol Mg as oxide", "20 mEq Mg as oxide");
    same("10 mmol Mg as oxide", "10 mmol MgO");
    same("10 mmol Mg as oxide", "403.04 mg MgO");
    same("0.4 g oxide salt", "400mg MgO");
    same("5 mmol Mg3Cit2", "15 mmol Mg as citrate");
    same("5 mEq Mg3Cit2", "2.5 mmol Mg as citrate");
    same("1e3 mg L-threonate salt", "1 g mgt");
    same("1 g glycinate salt", "1 g bisglycinate salt");
}

#[test]
fn doses_fall_into_the_window() {
    let times = |text: &str| dose_times_h(&good(text));
    assert_eq!(times("1 g MgO every 12 h for 1 d"), [0.0, 12.0]);
    assert_eq!(times("1 g MgO every 2 d for 1 d"), [0.0]);
    assert_eq!(times("1 g MgO daily for 3 d"), [0.0, 24.0, 48.0]);
    assert_eq!(times("1 g MgO daily at 8:00 for 2 d"), [8.0, 32.0]);
    assert_eq!(times("1 g MgO three times daily for 1 d starting at 6 h"), [6.0, 14.0, 22.0]);
    assert_eq!(times("1 g MgO at 8:00 and 20:00 for 2 d"), [8.0, 20.0, 32.0, 44.0]);
    assert_eq!(times("1 g MgO at 8:00, 20:30 for 1 d starting at 12 h"), [20.5, 32.0]);
    assert_eq!(times("1 g MgO at 8:00"), [8.0]);
    assert_eq!(times("1 g MgO at 8:00 starting at 9 h"), [32.0]);
    assert_eq!(times("1 g MgO at 8:00 from day 3"), [56.0]);
    assert_eq!(times("1 g MgO"), [0.0]);
    // 0.1 h and 0.7 h are no binary fractions: the seventh dose stays out.
    assert_eq!(times("1 g MgO every 0.1 h for 0.7 h").len(), 7);
    for (interval, duration) in [(4.8_f64, 24.0), (8.0, 2016.0), (0.3, 0.9), (1.1, 11.0)] {
        let text = format!("1 g MgO every {interval} h for {duration} h");
        assert_eq!(times(&text).len(), (duration / interval).round() as usize, "{text}");
    }
}

#[test]
fn mass_of_what() {
    bad(
        &[
            "500 mg oxide once daily for 30 days",
            "500 mg twice daily for 30 days",
            "500 mg",
            "1 g daily for 30 days",
            "500 mg magnesium twice daily for 30 days",
            "500 mg magnesium oxide once daily for 30 days",
            "2 g threonate once daily for 30 days",
            "10 mmol citrate once daily for 30 days",
            "4 g MgSO4 iv over 20 min",
            "1 g MgCl2 once daily for 3 d",
        ],
        expect![[r#"
            500 mg oxide once daily for 30 days
              E0650: `500 mg oxide` can be read in two ways
                <500 mg oxide> mass of the salt, or of magnesium in it
                note: 500 mg of oxide salt = 302 mg elemental
                note: 500 mg Mg as oxide = 829 mg of salt
                help: for the mass of the salt write `500 mg MgO` or `500 mg oxide salt`
                help: for magnesium alone write `500 mg Mg as oxide`
            500 mg twice daily for 30 days
              E0650: `500 mg` of what is not said
                <500 mg> mass or amount of the salt, or of magnesium in it
                note: 500 mg of oxide salt = 302 mg elemental
                note: 500 mg Mg as oxide = 829 mg of salt
                help: for the mass of the salt write `500 mg MgO` or `500 mg oxide salt`
                help: for magnesium alone write `500 mg Mg as oxide`
            500 mg
              E0650: `500 mg` of what is not said
                <500 mg> mass or amount of the salt, or of magnesium in it
                note: 500 mg of oxide salt = 302 mg elemental
                note: 500 mg Mg as oxide = 829 mg of salt
                help: for the mass of the salt write `500 mg MgO` or `500 mg oxide salt`
                help: for magnesium alone write `500 mg Mg as oxide`
            1 g daily for 30 days
              E0650: `1 g` of what is not said
                <1 g> mass or amount of the salt, or of magnesium in it
                note: 1 g of oxide salt = 603 mg elemental
                note: 1 g Mg as oxide = 1658 mg of salt
                help: for the mass of the salt write `1 g MgO` or `1 g oxide salt`
                help: for magnesium alone write `1 g Mg as oxide`
            500 mg magnesium twice daily for 30 days
              E0650: magnesium by mouth is taken as a salt, and none is said
                <500 mg magnesium> as which salt?
                note: 500 mg Mg as oxide = 829 mg of salt
                note: 500 mg Mg as citrate = 3093 mg of salt
                note: 500 mg Mg as l_threonate = 6429 mg of salt
                help: name it, as in `400 mg Mg as oxide once daily for 30 days`
            500 mg magnesium oxide once daily for 30 days
              E0650: `500 mg magnesium oxide` can be read in two ways
                <500 mg magnesium oxide> mass of the salt, or of magnesium in it
                note: 500 mg of oxide salt = 302 mg elemental
                note: 500 mg Mg as oxide = 829 mg of salt
                help: for the mass of the salt write `500 mg MgO` or `500 mg oxide salt`
                help: for magnesium alone write `500 mg Mg as oxide`
            2 g threonate once daily for 30 days
              E0650: `2 g threonate` can be read in two ways
                <2 g threonate> mass of the salt, or of magnesium in it
                note: 2 g of threonate salt = 156 mg elemental
                note: 2 g Mg as threonate = 25.7 g of salt
                help: for the mass of the salt write `2 g MgT` or `2 g threonate salt`
                help: for magnesium alone write `2 g Mg as threonate`
            10 mmol citrate once daily for 30 days
              E0650: `10 mmol citrate` can be read in two ways
                <10 mmol citrate> mass of the salt, or of magnesium in it
                note: 10 mmol of citrate salt = 729 mg elemental
                note: 10 mmol Mg as citrate = 1504 mg of salt
                help: for the mass of the salt write `10 mmol Mg3Cit2` or `10 mmol citrate salt`
                help: for magnesium alone write `10 mmol Mg as citrate`
            4 g MgSO4 iv over 20 min
              E0656: `MgSO4` is the formula of the dry salt, but products hold it with water
                <MgSO4> with which water?
                note: 4 g sulfate_anhydrous salt = 33.2 mmol = 808 mg elemental
                note: 4 g sulfate_heptahydrate salt = 16.2 mmol = 394 mg elemental
                help: write `4 g MgSO4.7H2O`
            1 g MgCl2 once daily for 3 d
              E0656: `MgCl2` is the formula of the dry salt, but products hold it with water
                <MgCl2> with which water?
                note: 1 g chloride_anhydrous salt = 10.5 mmol = 255 mg elemental
                note: 1 g chloride_hexahydrate salt = 4.92 mmol = 120 mg elemental
                help: write `1 g MgCl2.6H2O`
        "#]],
    );
}

#[test]
fn amounts_and_salts() {
    bad(
        &[
            "-1 g MgT",
            "0 g MgT",
            "nan g MgT",
            "1e400 g MgT",
            "1e306 kg MgT",
            "1,000 mg MgT",
            "0,5 g MgT",
            "1 g oxid salt once daily for 3 d",
            "400 mg Mg as MgOO once daily for 3 d",
            "400 mg mg as oxide",
            "400 mg Mg as",
            "400 mg Mg as stearate",
            "1 g NaCl",
        ],
        expect![[r#"
            -1 g MgT
              E0651: a dose is a positive amount
                <-1> this is -1
            0 g MgT
              E0651: a dose is a positive amount
                <0> this is 0
            nan g MgT
              E0651: a dose is a positive amount
                <nan> this is NaN
            1e400 g MgT
              E0651: a dose is a positive amount
                <1e400> this is inf
            1e306 kg MgT
              E0651: a dose is a positive amount below 1 kg or 100 mol
                <1e306 kg> nobody takes this much
                help: check the unit: doses are given in `g`, `mg`, `mmol` or `mEq`
            1,000 mg MgT
              E0651: a number with a comma can be read in two ways
                <1,000> thousands or a decimal comma
                help: write thousands without a separator and decimals with a point
            0,5 g MgT
              E0651: a number with a comma can be read in two ways
                <0,5> thousands or a decimal comma
                help: write thousands without a separator and decimals with a point
            1 g oxid salt once daily for 3 d
              E0652: `oxid` is not a known salt
                <oxid> not in the table of salts
                help: did you mean `oxide`?
            400 mg Mg as MgOO once daily for 3 d
              E0652: `MgOO` is not a known salt
                <MgOO> not in the table of salts
                help: did you mean `MgO`?
            400 mg mg as oxide
              E0652: `mg` is not a known salt
                <mg> not in the table of salts
                help: did you mean `Mg`?
            400 mg Mg as
              E0653: a salt should follow `as`
                <> the regimen ends here
                help: for example `400 mg Mg as oxide once daily for 30 days`
            400 mg Mg as stearate
              E0652: `stearate` is not a known salt
                <stearate> not in the table of salts
                note: known salts are `l_threonate`, `citrate`, `oxide`, `bisglycinate`, `chloride`, `gluconate`, `lactate`, `aspartate`, `sulfate`, `malate`, `taurate`, `acetyl_taurate`, `carbonate`, `hydroxide`, `orotate`
            1 g NaCl
              E0652: `NaCl` is not a known salt
                <NaCl> not in the table of salts
                note: known salts are `l_threonate`, `citrate`, `oxide`, `bisglycinate`, `chloride`, `gluconate`, `lactate`, `aspartate`, `sulfate`, `malate`, `taurate`, `acetyl_taurate`, `carbonate`, `hydroxide`, `orotate`
        "#]],
    );
}

#[test]
fn grammar() {
    bad(
        &[
            "",
            "MgT 2 g",
            "2 MgT",
            "2 h MgT",
            "2 G MgT",
            "2",
            "2 g MgT twice",
            "2 g MgT three daily for 3 d",
            "2 g MgT thrice daily for 3 d",
            "1 g MgT twice daily for 12 weks",
            "1 g MgT twice daily for",
            "1 g MgT twice daily for 0 d",
            "1 g MgT twice daily for -3 d",
            "1 g MgT twice daily for 12 weeks please",
            "1 g MgT twice daily for 12 weeks 5",
            "2 g MgT at 25:00",
            "2 g MgT at 8",
            "2 g MgT iv",
            "1 g/h MgSO4.7H2O iv",
            "1 g/h MgT once daily for 3 d",
            "1 g/h MgSO4.7H2O iv over 2 h for 24 h",
            "1 g/h MgSO4.7H2O iv every 6 h for 24 h",
            "5 g MgSO4.7H2O im",
            "2 kg MgT",
            "1 g/kg MgO",
            "2 g MgT from day 0",
            "2 g MgT with milk",
            "2 g MgT starting at -1 h",
            "2 g MgT every 1e-9 h for 900 a",
        ],
        expect![[r#"

              E0653: the regimen is empty
                <> an amount should stand here
                help: for example `1 g MgT twice daily with meals for 12 weeks`
            MgT 2 g
              E0653: a regimen starts with an amount
                <MgT> `MgT` is not a number
                help: for example `1 g MgT twice daily with meals for 12 weeks`
              E0653: `2` has no meaning here in a regimen
                <2> not a part of the grammar
                note: a part starts with a number of times or with `once`, `twice`, `three`, `four`, `every`, `at`, `for`, `from`, `starting`, `with`, `between`, `oral`, `iv`, `daily`
            2 MgT
              E0653: a dose has no unit
                <MgT> a mass or an amount should stand here
                help: units of a dose are `g`, `mg`, `ug`, `mol`, `mmol`, `umol`, `mEq`
            2 h MgT
              E0653: `h` is not a unit of a dose
                <h> a mass or an amount should stand here
                help: units of a dose are `g`, `mg`, `ug`, `mol`, `mmol`, `umol`, `mEq`
            2 G MgT
              E0653: `G` is not a unit of a dose
                <G> a mass or an amount should stand here
                help: did you mean `g`?
            2
              E0653: a dose has no unit
                <> a mass or an amount should stand here
                help: units of a dose are `g`, `mg`, `ug`, `mol`, `mmol`, `umol`, `mEq`
            2 g MgT twice
              E0653: the regimen ends where `daily` should follow
                <> `daily` should stand here
            2 g MgT three daily for 3 d
              E0653: `times` should stand before `daily`
                <daily> `times` should stand here
            2 g MgT thrice daily for 3 d
              E0653: `thrice` has no meaning here in a regimen
                <thrice> not a part of the grammar
                help: did you mean `twice`?
            1 g MgT twice daily for 12 weks
              E0653: `12` has no unit of time
                <weks> a unit of time should stand here
                help: did you mean `weeks`?
            1 g MgT twice daily for
              E0653: a time is a number with a unit
                <> a number should stand here
                help: for example `12 weeks` or `8 h`
            1 g MgT twice daily for 0 d
              E0651: a time is positive and at most a thousand years
                <0 d> out of range
            1 g MgT twice daily for -3 d
              E0651: a time is positive and at most a thousand years
                <-3 d> out of range
            1 g MgT twice daily for 12 weeks please
              E0653: `please` has no meaning here in a regimen
                <please> not a part of the grammar
                note: a part starts with a number of times or with `once`, `twice`, `three`, `four`, `every`, `at`, `for`, `from`, `starting`, `with`, `between`, `oral`, `iv`, `daily`
            1 g MgT twice daily for 12 weeks 5
              E0653: `5` has no meaning here in a regimen
                <5> not a part of the grammar
                note: a part starts with a number of times or with `once`, `twice`, `three`, `four`, `every`, `at`, `for`, `from`, `starting`, `with`, `between`, `oral`, `iv`, `daily`
            2 g MgT at 25:00
              E0653: a clock time is written as `8:00`
                <25:00> a time from 0:00 to 23:59 should stand here
                help: a time after the start is written `starting at 12 h`
            2 g MgT at 8
              E0653: a clock time is written as `8:00`
                <8> a time from 0:00 to 23:59 should stand here
                help: a time after the start is written `starting at 12 h`
            2 g MgT iv
              E0653: an infusion has no duration
                <iv> over how long?
                help: for example `30 mmol Mg iv over 8 h`, or `1 g/h MgSO4.7H2O iv for 24 h`
            1 g/h MgSO4.7H2O iv
              E0654: how long is not said
                <iv> an infusion without end
                help: add it, as in `1 g/h MgSO4.7H2O iv for 24 h`
            1 g/h MgT once daily for 3 d
              E0655: a rate is given into a vein
                <1 g/h> so much in each hour
                help: write `iv for 24 h`, or a dose and how often it is taken
            1 g/h MgSO4.7H2O iv over 2 h for 24 h
              E0655: a regimen says the same thing twice
                <for 24 h> said a second time
                <iv over 2 h> said first
            1 g/h MgSO4.7H2O iv every 6 h for 24 h
              E0655: a rate runs without a break and is not repeated
                <every 6 h> said of doses
                <1 g/h> so much in each hour
                help: use one regimen for each infusion, each with `starting at`
            5 g MgSO4.7H2O im
              E0653: an injection into muscle is not part of the model
                <im> by mouth or `iv` only
                help: an infusion is no stand-in: uptake from muscle takes hours
            2 kg MgT
              E0651: a dose is a positive amount below 1 kg or 100 mol
                <2 kg> nobody takes this much
                help: check the unit: doses are given in `g`, `mg`, `mmol` or `mEq`
            1 g/kg MgO
              E0653: `g/kg` is not a unit of a dose
                <g/kg> a mass or an amount should stand here
                help: units of a dose are `g`, `mg`, `ug`, `mol`, `mmol`, `umol`, `mEq`
            2 g MgT from day 0
              E0653: days are counted from 1
                <0> a whole number from 1 should stand here
            2 g MgT with milk
              E0653: `meals` should stand before `milk`
                <milk> `meals` should stand here
            2 g MgT starting at -1 h
              E0651: a time is positive and at most a thousand years
                <-1 h> out of range
            2 g MgT every 1e-9 h for 900 a
              E0655: a regimen of 7889399999999986 doses is too long
                <every 1e-9 h> at most 100000 doses
        "#]],
    );
}

#[test]
fn contradictions_and_gaps_are_reported_together() {
    bad(
        &[
            "1 g MgT twice daily",
            "2 g MgT for 12 weeks",
            "2 g MgT at 8:00 and 20:00",
            "1 g MgT twice daily once daily for 3 d",
            "1 g MgT twice daily at 8:00 for 3 d",
            "2 g MgT every 12 h at 8:00 for 3 d",
            "2 g MgT at 20:00 and 8:00 for 3 d",
            "2 g MgSO4.7H2O iv over 1 h with meals",
            "2 g MgT every 1 s for 3 d",
            "2 g MgT at 8:00 starting at 9 h for 2 h",
            "500 mg oxide twice daily wiht meals",
            "-1 g oxid for 3 d",
        ],
        expect![[r#"
            1 g MgT twice daily
              E0654: how long is not said
                <twice daily> repeated without end
                <> the duration can stand here
                help: add it, as in `for 12 weeks`
            2 g MgT for 12 weeks
              E0654: how often is not said
                <for 12 weeks> a duration needs a frequency
                help: add one, as in `twice daily` or `every 12 h`
            2 g MgT at 8:00 and 20:00
              E0654: how long is not said
                <at 8:00 and 20:00> repeated without end
                <> the duration can stand here
                help: add it, as in `for 12 weeks`
            1 g MgT twice daily once daily for 3 d
              E0655: a regimen says the same thing twice
                <once daily> said a second time
                <twice daily> said first
                help: use one regimen for each part of a plan
            1 g MgT twice daily at 8:00 for 3 d
              E0655: the number of doses a day is 2, but that of clock times is 1
                <at 8:00> these are the clock times
                <twice daily> this is the number of doses
            2 g MgT every 12 h at 8:00 for 3 d
              E0655: an interval and clock times contradict each other
                <at 8:00> at these times each day
                <every 12 h> at equal intervals
                help: keep one; `starting at 8 h` sets the first dose of an interval
            2 g MgT at 20:00 and 8:00 for 3 d
              E0655: clock times of a day are listed in rising order
                <8:00> not after the time before it
            2 g MgSO4.7H2O iv over 1 h with meals
              E0655: an infusion has no relation to meals
                <with meals> for doses by mouth only
                <iv over 1 h> given into a vein
            2 g MgT every 1 s for 3 d
              E0655: a regimen of 259200 doses is too long
                <every 1 s> at most 100000 doses
            2 g MgT at 8:00 starting at 9 h for 2 h
              E0655: no dose falls into the duration
                <at 8:00> none of these times
            500 mg oxide twice daily wiht meals
              E0650: `500 mg oxide` can be read in two ways
                <500 mg oxide> mass of the salt, or of magnesium in it
                note: 500 mg of oxide salt = 302 mg elemental
                note: 500 mg Mg as oxide = 829 mg of salt
                help: for the mass of the salt write `500 mg MgO` or `500 mg oxide salt`
                help: for magnesium alone write `500 mg Mg as oxide`
              E0653: `wiht` has no meaning here in a regimen
                <wiht> not a part of the grammar
                help: did you mean `with`?
            -1 g oxid for 3 d
              E0651: a dose is a positive amount
                <-1> this is -1
              E0654: how often is not said
                <for 3 d> a duration needs a frequency
                help: add one, as in `twice daily` or `every 12 h`
        "#]],
    );
}

#[test]
fn no_text_panics() {
    // Every prefix and every text with one word left out or doubled, of texts that use all clauses.
    for text in [
        "1 g MgT twice daily at 8:00 and 20:00 with meals for 12 weeks from day 8",
        "30 mmol Mg iv over 8 h every 24 h for 3 d starting at 12 h",
        "500 µg L-threonate salt 3 times daily between meals for 1 month oral",
    ] {
        for (end, _) in text.char_indices() {
            let _ = parse(&text[..end]);
        }
        let words: Vec<&str> = text.split(' ').collect();
        for left_out in 0..words.len() {
            let mut fewer = words.clone();
            fewer.remove(left_out);
            let _ = parse(&fewer.join(" "));
            let mut more = words.clone();
            more.insert(left_out, words[left_out]);
            let _ = parse(&more.join(" "));
        }
        parse(text).unwrap();
    }
}

#[test]
fn products_have_a_strength_of_salt_or_of_magnesium() {
    let one = good("1 g MgT twice daily with meals for 1 weeks");
    let two = good("2 capsules of 500 mg MgT twice daily with meals for 1 weeks");
    assert_eq!((one.dose.amount, one.schedule), (two.dose.amount, two.schedule));
    let tablets = good("2 tablets of 100 mg Mg as oxide once daily for 1 weeks");
    assert_eq!(tablets.dose.elemental, good("200 mg Mg as oxide").dose.elemental);
    // Half a tablet is a dose too.
    assert_eq!(good("0.5 tablets of 200 mg MgO").dose.amount, good("100 mg MgO").dose.amount);
    bad(
        &["2 capsules 500 mg MgT", "2 capsules of", "-1 capsules of 500 mg MgT"],
        expect![[r#"
        2 capsules 500 mg MgT
          E0653: the strength of a product is not said
            <500> `of` and what one holds should stand here
            help: for example `2 capsules of 500 mg MgT twice daily for 12 weeks`
          E0653: `500` has no meaning here in a regimen
            <500> not a part of the grammar
            note: a part starts with a number of times or with `once`, `twice`, `three`, `four`, `every`, `at`, `for`, `from`, `starting`, `with`, `between`, `oral`, `iv`, `daily`
        2 capsules of
          E0653: the regimen is empty
            <> an amount should stand here
            help: for example `1 g MgT twice daily with meals for 12 weeks`
        -1 capsules of 500 mg MgT
          E0651: a dose is a positive amount
            <-1> this is -1
          E0653: `500` has no meaning here in a regimen
            <500> not a part of the grammar
            note: a part starts with a number of times or with `once`, `twice`, `three`, `four`, `every`, `at`, `for`, `from`, `starting`, `with`, `between`, `oral`, `iv`, `daily`
    "#]],
    );
}
