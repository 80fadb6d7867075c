//! The committed ledger: nothing lost, each status and certainty recomputed.

use expect_test::{Expect, expect};

use super::{Design, Funder, System, claims};
use crate::{builtin, claim};

#[test]
fn nothing_of_the_statements_is_lost() {
    let tables = builtin();
    // 77, 21 and 15 statements of the three tables.
    assert_eq!(tables.statements().len(), 113);
    let ids: Vec<&str> = tables.claims().iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids.len(), 91);
    for statement in tables.statements() {
        let row = claim(tables, &statement.id).unwrap().row;
        assert_eq!(row.id, statement.claim_id);
        let named = row.id == statement.id || row.aliases.split(';').any(|id| id == statement.id);
        assert!(named, "{} is no alias of {}", statement.id, row.id);
        // Every key once named for or against is still a link of the claim.
        let keys = format!("{};{}", statement.supporting_keys, statement.contradicting_keys);
        for key in keys.split(';').map(str::trim).filter(|key| !key.is_empty()) {
            let kept = |link: &&crate::LinkRow| {
                link.claim_id == statement.claim_id && link.study_key == key
            };
            assert!(tables.links().iter().any(|link| kept(&link)), "{} {key}", statement.id);
        }
    }
}

#[test]
fn rows_are_all_typed() {
    let tables = builtin();
    assert_eq!(tables.claims().len(), tables.list("claims.csv").len());
    assert_eq!(tables.links().len(), tables.list("claim_evidence.csv").len());
}

#[test]
fn a_status_is_that_of_the_rule_or_has_a_reason() {
    for claim in claims(builtin()) {
        match claim.row.set_status {
            None => assert_eq!(claim.status, claim.rule_status),
            Some(set) => {
                assert!(!claim.row.status_reason.is_empty(), "{}", claim.row.id);
                assert!(set != claim.rule_status, "{}: the rule says the same", claim.row.id);
            }
        }
    }
}

/// One line per claim: id, status, certainty, and where the rule changed what was found.
fn lines() -> String {
    let mut out = String::new();
    for claim in claims(builtin()) {
        let certainty = claim.certainty.as_ref().map_or("-", |one| one.level.name());
        let set = if claim.row.set_status.is_some() { " (set)" } else { "" };
        let found: Vec<&str> = claim.statements.iter().map(|one| one.status.as_str()).collect();
        let was = if found.iter().all(|one| *one == claim.status.name()) {
            String::new()
        } else {
            format!(" | found as {}", found.join(", "))
        };
        out += &format!("{} {}{set}, {certainty}{was}\n", claim.row.id, claim.status.name());
    }
    out
}

fn check(text: String, expect: Expect) {
    expect.assert_eq(&text);
}

#[test]
fn statuses_and_certainties() {
    check(
        lines(),
        expect![[r#"
            C01 mixed_human, very low
            C02 animal_only, very low
            C03 animal_only, very low
            C04 animal_only, very low
            C05 unknown, -
            C06 mixed_human, very low
            C07 animal_only, very low | found as animal_only, animal_only, unknown
            C08 animal_only, very low
            C09 supported_human (set), -
            C10 supported_human (set), -
            C11 animal_only, very low
            C12 supported_human (set), -
            C14 in_vitro_only, very low
            C15 animal_only, very low
            C16 mixed_human, low
            C17 animal_only, very low
            C18 animal_only, very low
            C19 animal_only, very low
            C20 animal_only, very low
            C22 animal_only, very low
            C23 animal_only, very low
            C24 in_vitro_only, very low
            C25 in_vitro_only, very low
            C26 mixed_human, low
            C27 assumption, -
            C28 supported_human (set), -
            C29 animal_only, very low
            C30 supported_human (set), -
            C31 mixed_human, low
            C33 mixed_human, very low
            C34 unknown, - | found as mixed_human
            C35 contradicted, low
            C36 assumption, -
            C37 assumption, -
            C38 supported_human, -
            C39 supported_human, -
            C40 assumption, -
            C41 supported_human, moderate
            C42 mixed_human, low
            C43 supported_human, moderate
            C44 assumption, -
            C45 supported_human (set), -
            C47 mixed_human, moderate
            C49 unknown, -
            C50 supported_human (set), -
            C52 unknown, -
            C53 contradicted (set), -
            C54 mixed_human, very low
            C55 mixed_human (set), -
            C56 mixed_human, very low | found as mixed_human, supported_human
            C57 unknown, -
            C58 animal_only, very low
            C59 mixed_human, low
            C60 assumption, -
            C61 supported_human (set), -
            C62 animal_only, very low
            C63 animal_only, very low
            C64 mixed_human, low
            C65 contradicted, -
            C66 unknown, -
            C67 unknown, -
            C68 mixed_human, very low | found as unknown, mixed_human
            C69 mixed_human, very low | found as mixed_human, supported_human
            C70 unknown, - | found as mixed_human, unknown
            C71 assumption, -
            C72 supported_human (set), -
            C73 unknown, -
            C74 unknown, -
            C75 unknown, -
            C76 animal_only, very low
            C77 mixed_human, very low
            CPK01 supported_human, moderate
            CPK02 mixed_human, very low
            CPK06 supported_human, very low
            CPK07 supported_human, moderate
            CPK11 supported_human, moderate
            CPK12 supported_human, moderate
            CPK13 supported_human, moderate
            CPK14 animal_only, very low
            CPK15 supported_human, low
            CPK16 supported_human, low
            CPK17 contradicted, low
            CPK18 contradicted, low
            CPK19 contradicted, low
            CPK20 contradicted (set), -
            CPK21 mixed_human (set), -
            M04 contradicted, moderate
            M06 mixed_human, very low
            M10 mixed_human, very low
            M14 supported_human, moderate
            M15 supported_human, low
        "#]],
    );
}

#[test]
fn neither_order_nor_what_is_only_near_decides() {
    for claim in claims(builtin()) {
        let graded = |links: &[super::Link<'_>]| {
            let status = super::status::derive(claim.row.kind, links);
            let certainty = super::certainty::grade(claim.row, links, &claim.pools, claim.status);
            (status, certainty.map(|one| (one.level, one.body, one.n)))
        };
        let all = graded(&claim.links);
        let reversed: Vec<_> = claim.links.iter().rev().cloned().collect();
        assert_eq!(graded(&reversed), all, "{}", claim.row.id);
        let direct = |link: &&super::Link<'_>| link.row.bears == super::Bears::Direct;
        let near_dropped: Vec<_> = claim.links.iter().filter(direct).cloned().collect();
        assert_eq!(graded(&near_dropped), all, "{}", claim.row.id);
    }
}

#[test]
fn designs_and_payers_are_read_from_words() {
    use super::Design::*;
    for (words, system, design) in [
        ("RCT double-blind parallel", System::Human, RandomizedBlind),
        ("RCT open-label crossover", System::Human, RandomizedOpen),
        ("meta-analysis of 48 RCTs", System::Human, Pooled),
        ("meta-analysis observational", System::Human, Observational),
        ("open label single arm", System::Human, Uncontrolled),
        ("modelling, FDA", System::Human, Model),
        ("safety opinion Mg L-threonate", System::Human, Reference),
        ("controlled animal + slices", System::Animal, Experiment),
        ("in vitro + model", System::InVitro, Laboratory),
        ("", System::Human, Unstated),
    ] {
        assert_eq!(Design::of(words, system), design, "{words}");
    }
    assert_eq!(Funder::of("NIH (UT Southwestern)"), Funder::Public);
    assert_eq!(Funder::of("Neurocentria (sponsor designed)"), Funder::Industry);
    assert_eq!(Funder::of(""), Funder::NotStated);
}

#[test]
fn each_linked_study_has_a_design_that_is_understood() {
    for claim in claims(builtin()) {
        for link in claim.links {
            let stated = link.study.is_some_and(|study| !study.design.is_empty());
            let understood = link.design != Design::Unstated;
            assert!(!stated || understood, "{}: {:?}", link.row.study_key, link.study);
        }
    }
}

/// Messages about a small ledger: code and text, one per line.
fn messages(claims: &str, links: &str) -> String {
    let claims = format!(
        "id,aliases,seed_section,kind,claim,testable_statement,subject,effect,status,\
         status_reason,rated_up,parameters,outputs,command,why\n{claims}"
    );
    let links = format!(
        "claim_id,study_key,part,system,bears,finding,outcome,effect_ids,pool,bias,indirectness\n\
         {links}"
    );
    let effects = builtin().text("effects.csv").unwrap();
    let files = [
        ("claim_evidence.csv", links.as_str()),
        ("claims.csv", claims.as_str()),
        ("effects.csv", effects),
        ("sources.csv", builtin().text("sources.csv").unwrap()),
        ("values.csv", builtin().text("values.csv").unwrap()),
    ];
    let (tables, _) = crate::Tables::read(&files);
    let said = crate::integrity(&tables);
    let in_ledger = said.iter().filter(|one| ["E0820", "E0821", "E0824"].contains(&one.code));
    in_ledger.map(|one| format!("{}: {}\n", one.code, one.message)).collect()
}

#[test]
fn ids_of_the_ledger_lead_somewhere() {
    let claims = "A1,,sleep,effect,sleep gets better,,it,better sleep,,,,PK999x,,,why\n";
    let links = "A1,liu2016,1,human,direct,for,x,mgt.liu2016.99,,,\n\
                 B1,liu2016,1,human,direct,for,x,,,,\n";
    check(
        messages(claims, links),
        expect![[r#"
        E0820: value `PK999x` of `A1` in `claims.csv` is unknown
        E0820: effect `mgt.liu2016.99` of `A1 / liu2016 / 1` in `claim_evidence.csv` is unknown
        E0820: claim `B1` of `B1 / liu2016 / 1` in `claim_evidence.csv` is unknown
    "#]],
    );
}

#[test]
fn a_status_and_its_reason_go_together() {
    let claims = "A1,,sleep,fact,sleep helps,,,,supported_human,,,,,,why\n\
                  A2,,sleep,fact,sleep helps,,,,,known,,,,,why\n";
    check(
        messages(claims, ""),
        expect![[r#"
        E0821: status and reason of `A1` in `claims.csv` do not go together
        E0821: status and reason of `A2` in `claims.csv` do not go together
    "#]],
    );
}

#[test]
fn links_fit_their_effects() {
    let claims = "A1,,sleep,effect,sleep gets better,,it,better sleep,,,,,,,why\n";
    let links = "A1,hausenblas2024,1,human,direct,imprecise,x,mgt.liu2016.01,,,\n\
                 A1,schutten2021,1,human,direct,for,x,mgt.schutten2021.05,mixed,,\n\
                 A1,schutten2022,1,human,direct,for,x,pk.schutten2022.10,mixed,,\n\
                 A1,schutten2022,2,human,direct,for,x,pk.schutten2022.09,mixed,,\n";
    check(
        messages(claims, links),
        expect![[r#"
            E0824: an effect of `liu2016` stands behind `hausenblas2024` in `A1 / hausenblas2024 / 1` of `claim_evidence.csv`
            E0824: `imprecise` without an interval that holds no effect in `A1 / hausenblas2024 / 1` of `claim_evidence.csv`
            E0824: unlike effects in the pool `mixed` in `A1 / schutten2022 / 1` of `claim_evidence.csv`
            E0824: `schutten2022` stands twice in the pool `mixed` in `A1 / schutten2022 / 2` of `claim_evidence.csv`
        "#]],
    );
}

#[test]
fn effects_are_recomputed_from_arms() {
    let find = |claim_id: &str, study: &str| {
        let claim = claim(builtin(), claim_id).unwrap();
        let found = claim.links.iter().find(|link| link.row.study_key == study).unwrap();
        found.measured.clone().unwrap()
    };
    // 15 of 48 against 16 of 61, computed by hand in the row's note: 1.19, 0.66 to 2.16.
    let pain = find("C64", "ni2023");
    assert_eq!((pain.measure, pain.how), ("risk ratio", Some(crate::effects::How::Events)));
    let exact = (15.0 / 48.0) / (16.0 / 61.0);
    assert!((pain.estimate.unwrap() - exact).abs() < 4.0 * f64::EPSILON * exact);
    let (lo, hi) = pain.interval.unwrap();
    assert_eq!((format!("{lo:.2}"), format!("{hi:.2}")), ("0.66".into(), "2.16".into()));
    // -15.65 (8.9, n 26) against -10.40 (7.9, n 27).
    let mood = find("C59", "rajizadeh2017");
    assert_eq!(format!("{:.2}", mood.estimate.unwrap()), "-5.25");
}

#[test]
fn what_is_alike_is_pooled() {
    let claim = claim(builtin(), "C47").unwrap();
    let pools: Vec<String> = claim
        .pools
        .iter()
        .map(|pool| {
            let (lo, hi) = pool.interval;
            format!(
                "{}: {:.3} ({lo:.3} to {hi:.3}) {}, k {}, I2 {:.2}, tau2 {:.5}",
                pool.about,
                pool.estimate,
                pool.unit,
                pool.studies.len(),
                pool.i2.unwrap(),
                pool.tau2
            )
        })
        .collect();
    check(
        pools.join("\n"),
        expect![[r#"
        plasma magnesium on citrate against placebo: 0.026 (-0.164 to 0.216) mmol/L, k 2, I2 0.70, tau2 0.00032
        urinary magnesium on citrate against placebo: 2.659 (-3.057 to 8.375) mmol/day, k 2, I2 0.52, tau2 0.20896"#]],
    );
    // Nothing else in the ledger is alike enough.
    let others = claims(builtin()).into_iter().filter(|one| !one.pools.is_empty());
    assert_eq!(others.map(|one| one.row.id.clone()).collect::<Vec<_>>(), ["C47"]);
}

#[test]
fn words_do_not_lean_against_the_findings() {
    let c16 = super::claim(builtin(), "C16").unwrap().conclusion();
    assert!(c16.starts_with("In people it is uncertain whether"), "{c16}");
    assert!(c16.ends_with("Studies disagree: 4 for, 5 against, 0 without effect."), "{c16}");
    let c47 = super::claim(builtin(), "C47").unwrap().conclusion();
    assert!(c47.contains("probably results in"), "{c47}");
}

#[test]
fn a_bound_from_p_of_five_percent_is_zero() {
    let claim = super::claim(builtin(), "M06").unwrap();
    let held = claim.links.iter().find(|link| link.row.study_key == "held2002").unwrap();
    let (lo, hi) = held.measured.as_ref().unwrap().interval.unwrap();
    assert_eq!(lo, 0.0);
    assert!(hi > 12.0);
}
