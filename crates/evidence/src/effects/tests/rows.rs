//! The rows of `effects.csv` and the effects that they give.

use std::fmt::Write as _;

use expect_test::{expect, expect_file};

use super::super::*;
use super::{close, printed};
use crate::{Tables, builtin};

fn one(id: &str) -> Contrast {
    let (mut found, open) = contrasts(builtin(), &[id]);
    assert!(open.is_empty(), "{open:?}");
    found.remove(0)
}

fn shown(contrast: &Contrast) -> String {
    let effect = contrast.effect;
    let bounds = effect.interval(0.95).shown(effect.measure);
    let (value, lo, hi) = (effect.shown(), bounds.lo, bounds.hi);
    let (unit, arm, how) = (&contrast.unit, &contrast.arm, contrast.how.name());
    let better = contrast.favors_treated();
    format!("{value:.3} ({lo:.3} to {hi:.3}) {unit}: {arm}, {how}; better {better:?}\n")
}

#[test]
fn every_row_is_typed() {
    let text = builtin().text("effects.csv").unwrap();
    let sheet = crate::sheet::parse_sheet(text).unwrap();
    assert_eq!(builtin().effects().len(), sheet.rows.len());
    for row in builtin().effects() {
        assert!(builtin().study(&row.study_key).is_some(), "{}", row.id);
        if let Some(effect) = row.effect {
            assert_ne!(effect.kind, EffectKind::Unsaid, "{}: what is the effect", row.id);
        }
    }
}

/// Every row either gives an effect, or is the control of one that does, or is named here with the
/// reason. A new row that gives none shows up in the diff of this file.
#[test]
fn rows_without_an_effect_are_listed() {
    let ids: Vec<&str> = builtin().effects().iter().map(|row| row.id.as_str()).collect();
    let (found, mut open) = contrasts(builtin(), &ids);
    open.sort_by_key(|row| row.reason);
    let mut text = format!("{} rows, {} effects\n", ids.len(), found.len());
    for rows in open.chunk_by(|a, b| a.reason == b.reason) {
        write!(text, "\n{}: {} rows\n", rows[0].reason.name(), rows.len()).unwrap();
        for row in rows {
            writeln!(text, "  {}", row.id).unwrap();
        }
    }
    expect_file!["open_rows.txt"].assert_eq(&text);
}

/// No effect that this code computes from arms contradicts the one that a row prints.
#[test]
fn recomputed_effects_agree_with_those_in_the_table() {
    let pairs = [
        ("mgt.ni2023.01", "mgt.ni2023.03", 0.01),
        ("mgt.rajizadeh2017.01", "mgt.rajizadeh2017.03", 0.01),
        ("mgt.held2002.01", "mechanisms.held2002.01", 1e-9),
    ];
    for (arms, row, bound) in pairs {
        let (arms, row) = (one(arms).effect, one(row).effect);
        assert!((arms.estimate - row.estimate).abs() <= bound, "{arms:?} {row:?}");
    }
}

#[test]
fn effects_read_as_they_should() {
    let ids = [
        "mgt.ajayi2013.02",
        "mgt.alateeq2023.01",
        "mgt.kieboom2017.01",
        "mgt.liu2016.02",
        "mgt.lopresti2026.10",
        "mgt.ni2023.01",
        "mgt.ni2023.05",
        "mgt.rajizadeh2017.01",
        "mgt.rajizadeh2017.04",
        "mgt.tarleton2017.01",
        "mgt.wu2023.12",
        "pk.kafadar2007.01",
        "pk.sabatier2002.01",
        "pk.zhan2020.01",
    ];
    let text: String = ids.iter().map(|id| shown(&one(id))).collect();
    expect![[r#"
        0.730 (0.501 to 0.959) mg/dl: MgSO4 vs control, from the means of both arms; better None
        0.001 (0.000 to 0.002) percent: , printed with its standard error; better Some(true)
        1.320 (1.025 to 1.699) hazard ratio: , printed with its interval; better Some(false)
        0.658 (0.061 to 1.255) standardized mean difference (Hedges g): MgT vs placebo, printed, variance from the sizes of the arms; better Some(true)
        -0.437 (-0.831 to -0.043) standardized mean difference (Hedges g): MgT vs placebo, from p and the direction in words; better Some(true)
        1.191 (0.658 to 2.159) risk ratio: MgT vs placebo, from the events of both arms; better Some(false)
        0.225 (-1.727 to 2.177) points: MgT vs placebo, from the changes in both arms; better Some(false)
        -5.250 (-9.900 to -0.600) points: Mg vs placebo, from the changes in both arms; better Some(true)
        1.837 (1.213 to 2.783) risk ratio: Mg vs placebo, from the events of both arms; better None
        -6.000 (-7.850 to -4.150) points: Mg vs no treatment, printed with its interval; better Some(true)
        -19.240 (-33.752 to -4.728) mg/day: MgT vs placebo, printed, largest variance that the bound of p allows; better Some(true)
        0.360 (0.104 to 0.616) mmol/L: severe head injury, from the means of both arms; better None
        6.600 (4.336 to 8.864) percent: with meal vs alone, from the means of the same people, variance from p; better None
        0.060 (0.000 to 0.120) mg/dL: MgCl2 300 mg vs placebo, printed, largest variance that the bound of p allows; better None
    "#]].assert_eq(&text);
}

/// Rajizadeh 2017 by hand: -15.65 + 10.40, variance 8.9² / 26 + 7.9² / 27.
#[test]
fn the_arms_of_one_trial_by_hand() {
    let found = one("mgt.rajizadeh2017.01");
    assert_eq!(found.ids, ["mgt.rajizadeh2017.01", "mgt.rajizadeh2017.02"]);
    close(found.effect.estimate, -5.25);
    close(found.effect.variance, 8.9 * 8.9 / 26.0 + 7.9 * 7.9 / 27.0);
    printed(found.effect.se(), "2.315");
}

#[test]
fn a_user_s_rows_give_effects_or_reasons() {
    let header = "id,study_key,outcome,unit,arm,n,n_scope,n_arm,n_control,followup_mean,\
                  followup_sd,events,events_of,between_arm_effect,effect_kind,ci_low,ci_high,\
                  p_relation,p_value,direction,better,seen\n";
    let rows = "\
        a.x.1,x,score,points,drug,20,arm,,,5,2,,,,,,,,,,lower,page\n\
        a.x.2,x,score,points,placebo,20,arm,,,6,2,,,,,,,,,,lower,page\n\
        a.x.3,x,death,,drug vs placebo,40,total,,,,,,,0.5,rr,0.2,-1,,,,lower,page\n\
        a.x.4,x,pain,points,drug vs placebo,40,total,,,,,,,,,,,=,0.04,,lower,page\n\
        a.x.5,x,sleep,h,drug vs placebo,40,total,,,,,,,,,,,=,0.04,up,higher,page\n";
    let text = format!("{header}{rows}");
    let (tables, _) = Tables::read(&[("effects.csv", text.as_str())]);
    let ids = ["a.x.1", "a.x.2", "a.x.3", "a.x.4", "a.x.5", "a.x.6"];
    let (found, open) = contrasts(&tables, &ids);
    let mut text: String = found.iter().map(shown).collect();
    for row in open {
        writeln!(text, "{}: {}", row.id, row.reason.name()).unwrap();
    }
    expect![[r#"
        -1.000 (-2.280 to 0.280) points: drug vs placebo, from the means of both arms; better Some(true)
        0.659 (0.035 to 1.284) standardized mean difference (Hedges g): drug vs placebo, from p and the direction in words; better Some(true)
        a.x.3: the ratio lies outside of what it can be
        a.x.4: a p value without direction
        a.x.6: no such row
    "#]].assert_eq(&text);
}
