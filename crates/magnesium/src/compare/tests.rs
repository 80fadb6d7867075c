//! Settings, plan, words and JSON; the numbers are in `tests/checks.rs`.

use epsom_diag::Diagnostic;
use epsom_evidence::builtin;
use epsom_population::{DrawReport, Interval};
use expect_test::{Expect, expect};

use super::words::sentences;
use super::*;
use crate::body::{MODELS, plasma_route, read};
use crate::salts::built_in_salts;

fn ask(salts: &[&str], dose: Option<&str>, per: Option<Per>) -> Ask {
    Ask {
        salts: salts.iter().map(|word| word.to_string()).collect(),
        dose: dose.map(str::to_string),
        per,
        ..Ask::default()
    }
}

fn message(said: &Diagnostic) -> String {
    let lines = |word: &str, all: &[String]| -> String {
        all.iter().map(|text| format!("  {word}: {text}\n")).collect()
    };
    let (notes, help) = (lines("note", &said.notes), lines("help", &said.help));
    format!("{}: {}\n{notes}{help}", said.code, said.message)
}

fn check(ask: &Ask, expected: Expect) {
    let text = match settings(ask, built_in_salts()) {
        Ok(settings) => settings
            .forms
            .iter()
            .map(|form| {
                format!("{}: {}, {:.4} mmol a day\n", form.name, form.salt.name, form.daily.mmol)
            })
            .collect(),
        Err(said) => said.iter().map(message).collect::<String>(),
    };
    expected.assert_eq(&text);
}

#[test]
fn amounts_are_per_salt_or_per_magnesium() {
    check(
        &Ask::default(),
        expect![[r#"
        L-threonate: l_threonate_monohydrate, 6.3998 mmol a day
        citrate: citrate_tribasic_anhydrous, 6.3998 mmol a day
        oxide: oxide, 6.3998 mmol a day
        glycinate: bisglycinate_anhydrous, 6.3998 mmol a day
    "#]],
    );
    check(
        &ask(&["citrate", "oxide"], Some("150 mg Mg"), None),
        expect![[r#"
        citrate: citrate_tribasic_anhydrous, 6.1716 mmol a day
        oxide: oxide, 6.1716 mmol a day
    "#]],
    );
    check(
        &ask(&["citrate", "oxide"], Some("150 mg"), Some(Per::Elemental)),
        expect![[r#"
        citrate: citrate_tribasic_anhydrous, 6.1716 mmol a day
        oxide: oxide, 6.1716 mmol a day
    "#]],
    );
    check(
        &ask(&["citrate", "oxide"], Some("1 g"), Some(Per::Salt)),
        expect![[r#"
        citrate: citrate_tribasic_anhydrous, 6.6502 mmol a day
        oxide: oxide, 24.8114 mmol a day
    "#]],
    );
    check(
        &ask(&["MgT", "oxide"], None, Some(Per::Salt)),
        expect![[r#"
        MgT: l_threonate_monohydrate, 6.3998 mmol a day
        oxide: oxide, 49.6229 mmol a day
    "#]],
    );
}

#[test]
fn every_mistake_is_told_at_once() {
    check(
        &ask(&["oxid", "citrate", "citrate"], Some("-2 g MgT"), None),
        expect![[r#"
        E0652: `oxid` is not a known salt
          help: did you mean `oxide`?
        E0662: `citrate` is compared with itself
          help: name each salt once
        E0651: a dose is a positive amount
    "#]],
    );
    check(
        &ask(&["oxide"], Some("500 mg"), None),
        expect![[r#"
        E0650: `500 mg` of what is not said
          note: 500 mg of oxide salt = 302 mg elemental
          note: 500 mg Mg as oxide = 829 mg of salt
          help: for the mass of the salt write `500 mg MgO` or `500 mg oxide salt`
          help: for magnesium alone write `500 mg Mg as oxide`
          help: or say what is the same for each salt: `--per salt` or `--per elemental`
    "#]],
    );
    check(
        &ask(&["oxide"], Some("2 g MgT"), Some(Per::Salt)),
        expect![[r#"
        E0662: `--per salt` gives every salt a mass of its own, but `2 g MgT` names one
          help: write `--dose "2 g" --per salt`, or leave out `--per`
    "#]],
    );
    check(
        &ask(&["oxide"], Some("2 gg"), Some(Per::Elemental)),
        expect![[r#"
        E0653: `gg` is not a unit of a dose
          help: units of a dose are `g`, `mg`, `ug`, `mol`, `mmol`, `umol`, `mEq`
    "#]],
    );
    check(
        &ask(&["oxide"], Some("2 g MgT daily"), None),
        expect![[r#"
        E0653: more than a dose stands here
          help: say how often, how long and when by options of their own
    "#]],
    );
    let bad = Ask {
        n_draws: Some(0),
        n_weeks: Some(0),
        n_doses_a_day: Some(4),
        gfr_ml_per_min: Some(0.0),
        weight_kg: Some(f64::NAN),
        serum_mmol_per_l: Some(-0.8),
        ..Ask::default()
    };
    check(
        &bad,
        expect![[r#"
            E0662: `--split` is 4
              help: give a whole number from 1 to 3
            E0662: `--weeks` is 0
              help: give a whole number from 1 to 520
            E0662: `--draws` is 0
              help: give a whole number from 1 to 1000000
            E0662: `--weight` is NaN
              help: give a number from 0.4 to 500, in kg
            E0662: `--gfr` is 0
              help: give a number from 1 to 350, in mL/min
            E0662: `--serum` is -0.8
              help: give a number from 0.1 to 15, in mmol/L
        "#]],
    );
}

fn lines_of(plan: &Plan) -> String {
    let member = |one: &super::plan::Member| {
        format!(
            "form {} {}: group {}, {:?} h, {:.3} mmol of which {:.3} slowly\n",
            one.form,
            timing_word(one.timing),
            one.group,
            one.dose_hours,
            one.dose.mmol,
            one.residue_mmol
        )
    };
    plan.members.iter().map(member).collect()
}

#[test]
fn salts_that_dissolve_alike_are_one_run() {
    let model = plasma_route(&read(&MODELS[0]).unwrap().0);
    let small = settings(&Ask::default(), built_in_salts()).unwrap();
    let planned = plan(&small, &model, builtin()).unwrap();
    expect![[r#"
        form 0 with-meals: group 0, [8.0, 19.0] h, 3.200 mmol of which 0.000 slowly
        form 0 between-meals: group 1, [10.5, 21.5] h, 3.200 mmol of which 0.000 slowly
        form 1 with-meals: group 0, [8.0, 19.0] h, 3.200 mmol of which 0.000 slowly
        form 1 between-meals: group 1, [10.5, 21.5] h, 3.200 mmol of which 0.000 slowly
        form 2 with-meals: group 0, [8.0, 19.0] h, 3.200 mmol of which 0.000 slowly
        form 2 between-meals: group 1, [10.5, 21.5] h, 3.200 mmol of which 0.000 slowly
        form 3 with-meals: group 0, [8.0, 19.0] h, 3.200 mmol of which 0.000 slowly
        form 3 between-meals: group 1, [10.5, 21.5] h, 3.200 mmol of which 0.000 slowly
    "#]]
    .assert_eq(&lines_of(&planned));
    // 84 midnights and the 96 quarters of an hour of the last day.
    assert_eq!(planned.groups[0].timeline.n_rows(), 84 + 96);
    let large = Ask { dose: Some("1000 mg Mg".to_string()), ..Ask::default() };
    let large = settings(&large, built_in_salts()).unwrap();
    expect![[r#"
        form 0 with-meals: group 0, [8.0, 19.0] h, 20.572 mmol of which 0.000 slowly
        form 0 between-meals: group 1, [10.5, 21.5] h, 20.572 mmol of which 0.000 slowly
        form 1 with-meals: group 2, [8.0, 19.0] h, 20.572 mmol of which 6.822 slowly
        form 1 between-meals: group 3, [10.5, 21.5] h, 20.572 mmol of which 6.822 slowly
        form 2 with-meals: group 4, [8.0, 19.0] h, 20.572 mmol of which 9.822 slowly
        form 2 between-meals: group 5, [10.5, 21.5] h, 20.572 mmol of which 9.822 slowly
        form 3 with-meals: group 0, [8.0, 19.0] h, 20.572 mmol of which 0.000 slowly
        form 3 between-meals: group 1, [10.5, 21.5] h, 20.572 mmol of which 0.000 slowly
    "#]]
    .assert_eq(&lines_of(&plan(&large, &model, builtin()).unwrap()));
}

/// A result made by hand: two groups, no run.
fn by_hand() -> Comparison {
    let model = plasma_route(&read(&MODELS[0]).unwrap().0);
    let large =
        Ask { dose: Some("500 mg Mg".to_string()), n_doses_a_day: Some(1), ..Ask::default() };
    let settings = settings(&large, built_in_salts()).unwrap();
    let planned = plan(&settings, &model, builtin()).unwrap();
    let arms = planned.members.iter().map(|member| {
        let scale = 1.0 + member.group as f64;
        let at = |value: f64| Interval {
            median: value * scale,
            lo: 0.5 * value * scale,
            hi: 2.0 * value * scale,
        };
        let measures = Measures {
            absorbed_mmol_per_day: at(1.0),
            absorbed_percent: at(5.0),
            serum_mmol_per_l: at(0.02),
            serum_percent: at(2.0),
            urine_mmol_per_day: at(0.9),
            csf_percent: at(0.5),
            cmax_mmol_per_l: at(0.9),
            tmax_h: at(2.0),
            peak_rise_mmol_per_l: at(0.03),
            auc_mmol_h_per_l: at(0.48),
            fluctuation_percent: at(150.0),
        };
        Arm {
            form: member.form,
            timing: member.timing,
            group: member.group,
            dose_hours: member.dose_hours.clone(),
            dose: member.dose,
            residue_mmol: member.residue_mmol,
            measures,
            less_first: (member.form > 0).then_some(measures),
            over_first: None,
            over_between: None,
            profile: Profile { daily: vec![at(0.85); 84], day: vec![at(0.85); 97] },
            marked: marked(
                &model,
                &settings.forms[member.form],
                member.timing,
                &settings.person,
                builtin(),
            ),
        }
    });
    let one = Interval { median: 0.85, lo: 0.85, hi: 0.85 };
    Comparison {
        who: Who {
            weight_kg: 70.0,
            gfr_ml_per_min: 120.0,
            serum_mmol_per_l: 0.85,
            diet_mmol_per_day: 14.0,
        },
        arms: arms.collect(),
        base: Base {
            serum_mmol_per_l: one,
            urine_mmol_per_day: one,
            absorbed_mmol_per_day: one,
            day: vec![one; 97],
        },
        day_h: planned.day_h.clone(),
        n_used: 99,
        failures: vec![FailedDraw { draw: 17, time_h: 3.0, cause: "as said".to_string() }],
        detectable_percent: 11.1,
        draws: DrawReport::default(),
        interrupted: false,
        extrapolates: Vec::new(),
        settings,
    }
}

#[test]
fn words_say_what_is_not_known_to_differ() {
    expect![[r#"
        The evidence knows no difference between L-threonate and glycinate taken with meals or between meals at 20.6 mmol a dose: they dissolve alike, and no study of such doses in people found another.
        Of each dose of citrate 6.8 of 20.6 mmol dissolve slowly and are hardly absorbed.
        Of each dose of oxide 9.8 of 20.6 mmol dissolve slowly and are hardly absorbed.
        Between meals L-threonate is absorbed 2.0 times as much as with meals (2.00 against 1.00 mmol a day): food fills the same saturable uptake.
        Only with oxide between meals does the median rise of serum reach what one repeat serum test can detect (about 11 %, row EPS113).
        The change of cerebrospinal fluid is by the plasma route alone. A gain specific to L-threonate is not part of it: it was seen in rats, and no measurement of human cerebrospinal fluid or brain on oral L-threonate was found.
        Left out of every number: 1 of 100 draws, which could not be solved; the first is draw 17: as said.
        99 draws are few: the ends of the intervals are rough.
    "#]].assert_eq(&(sentences(&by_hand()).join("\n") + "\n"));
    let mut seen = by_hand();
    seen.arms[0].measures.serum_percent.median = 12.0;
    seen.settings.person.gfr_l_per_h = Some(1.8);
    seen.interrupted = true;
    seen.failures.clear();
    expect![[r#"
        The evidence knows no difference between L-threonate and glycinate taken with meals or between meals at 20.6 mmol a dose: they dissolve alike, and no study of such doses in people found another.
        Of each dose of citrate 6.8 of 20.6 mmol dissolve slowly and are hardly absorbed.
        Of each dose of oxide 9.8 of 20.6 mmol dissolve slowly and are hardly absorbed.
        Between meals L-threonate is absorbed 2.0 times as much as with meals (2.00 against 1.00 mmol a day): food fills the same saturable uptake.
        Only with L-threonate with meals and oxide between meals does the median rise of serum reach what one repeat serum test can detect (about 11 %, row EPS113).
        The change of cerebrospinal fluid is by the plasma route alone. A gain specific to L-threonate is not part of it: it was seen in rats, and no measurement of human cerebrospinal fluid or brain on oral L-threonate was found.
        Serum without a dose was left as it is while filtration was given, so the renal threshold follows; give `--serum` where it was measured.
        The run was stopped after 99 draws.
        99 draws are few: the ends of the intervals are rough.
    "#]].assert_eq(&(sentences(&seen).join("\n") + "\n"));
}

#[test]
fn differences_found_in_people_are_told_where_the_model_has_none() {
    let of = |dose: &str| {
        let ask = ask(&["citrate", "oxide"], Some(dose), None);
        let ask = Ask { n_draws: Some(1), n_weeks: Some(1), ..ask };
        sentences(&run(&ask, 1).unwrap())[..2].join("\n") + "\n"
    };
    expect![[r#"
        The evidence knows no difference between citrate and oxide taken with meals or between meals at 4.1 mmol a dose: they dissolve alike, and no study of such doses in people found another.
        At 150 mg a dose and more, trials found more magnesium in urine on citrate than on oxide or sulfate, while plasma did not differ (schutten2022, 24 weeks; kappeler2017, one dose, oxide); the model has a difference only where a dose does not dissolve whole.
    "#]].assert_eq(&of("200 mg Mg"));
    expect![[r#"
        The model takes citrate and oxide to be one and the same with meals or between meals at 8.2 mmol a dose, because they dissolve alike.
        At 150 mg a dose and more, trials found more magnesium in urine on citrate than on oxide or sulfate, while plasma did not differ (schutten2022, 24 weeks; kappeler2017, one dose, oxide); so these salts may differ more than is shown.
    "#]].assert_eq(&of("400 mg Mg"));
}

#[test]
fn the_person_is_told() {
    expect![[r#"
        70 kg, filtration 120 mL/min, serum 0.85 mmol/L without a dose, 14 mmol a day in three meals
        one dose a day for 12 weeks; 99 draws of what is not known, seed 1
    "#]]
    .assert_eq(&format!("{}\n{}\n", words::person(&by_hand()), words::dosing(&by_hand())));
    assert_eq!(alike(&by_hand()), [vec![0, 3], vec![1], vec![2]]);
}

#[test]
fn json_has_the_declared_keys() {
    let mut two = by_hand();
    two.arms.truncate(2);
    expect![[r#"{"schema":"epsom.compare/1","forms":[{"form":"L-threonate","timing":"with-meals","elemental_mg_per_day":500.0,"absorbed_mmol_per_day":{"median":1.0,"lo":0.5,"hi":2.0},"serum_change_mmol_per_l":{"median":0.02,"lo":0.01,"hi":0.04},"csf_change_percent":{"median":0.5,"lo":0.25,"hi":1.0},"cmax_mmol_per_l":{"median":0.9,"lo":0.45,"hi":1.8},"tmax_h":{"median":2.0,"lo":1.0,"hi":4.0},"peak_rise_mmol_per_l":{"median":0.03,"lo":0.015,"hi":0.06},"auc_mmol_h_per_l":{"median":0.48,"lo":0.24,"hi":0.96},"fluctuation_percent":{"median":150.0,"lo":75.0,"hi":300.0},"assumed":27},{"form":"L-threonate","timing":"between-meals","elemental_mg_per_day":500.0,"absorbed_mmol_per_day":{"median":2.0,"lo":1.0,"hi":4.0},"serum_change_mmol_per_l":{"median":0.04,"lo":0.02,"hi":0.08},"csf_change_percent":{"median":1.0,"lo":0.5,"hi":2.0},"cmax_mmol_per_l":{"median":1.8,"lo":0.9,"hi":3.6},"tmax_h":{"median":4.0,"lo":2.0,"hi":8.0},"peak_rise_mmol_per_l":{"median":0.06,"lo":0.03,"hi":0.12},"auc_mmol_h_per_l":{"median":0.96,"lo":0.48,"hi":1.92},"fluctuation_percent":{"median":300.0,"lo":150.0,"hi":600.0},"assumed":28}],"extrapolates":[]}"#]].assert_eq(&to_json(&two));
}

#[test]
fn what_is_assumed_is_named() {
    let one = &by_hand().arms[3];
    let lines: String = (one.marked.iter())
        .map(|one| format!("{} [{}] {}: {}\n", one.name, one.row, one.mark.word(), one.what))
        .collect();
    expect![[r#"
        breakfast_at [] assumed: a usual hour; of three meals a day any hours would do
        d_0 [EPS010] assumed: deep pool at base (bone crystal, bound muscle Mg)
        diet [EPS107] assumed: magnesium in the food of the reference adult
        dinner_at [] assumed: as breakfast
        dissolution [EPS112] assumed: citrate that dissolves at once in a stomach of water
        gfr [EPS017] assumed: glomerular filtration rate of the reference adult
        h_up [EPS007] assumed: sensitivity of cell uptake to extracellular Mg
        hours between meals [EPS114] assumed: time from the end of a meal to a dose between meals
        j1 [EPS004] assumed: exchange flux with the fast cell pool
        j2 [EPS005] assumed: exchange flux with the slow exchangeable pool
        j_d [EPS006] assumed: exchange flux with the deep pool
        k_csf [MGT042] assumed: first-order exit of Mg from CSF
        k_diss [EPS108] assumed: dissolution rate of soluble salts
        k_neutral [EPS109] assumed: dissolution rate of what acid or water did not dissolve at once
        km_csf [MGT045] assumed: Michaelis constant of blood-to-CSF Mg uptake / normal plasma Mg
        loss_gross [EPS111] assumed: endogenous faecal and sweat loss at base
        lunch_at [] assumed: as breakfast
        meal_length [] assumed: a usual length, short against the hours in the gut
        meals [EPS036] assumed: meals a day
        n_transit [EPS106] assumed: time constants of first-order emptying within the transit time
        q_e [EPS003] assumed: exchange between plasma and the remaining fast space
        s_splay [EPS110] assumed: splay width of the renal threshold, central value between sets A and B
        serum0 [EPS016] assumed: basal total serum Mg of the reference adult
        t_transit [EPS011] assumed: transit time through the absorbing gut
        v_e [EPS002] assumed: volume of the remaining fast space, for total serum Mg
        v_p [EPS001] assumed: volume of plasma and immediate extracellular space, for total serum Mg
        water in citrate [] assumed: supplements called citrate state about 16 % magnesium, the dry tribasic salt
        x1_0 [EPS008] assumed: fast cell pool at base (liver, heart, red cells, viscera)
        x2_0 [EPS009] assumed: slow exchangeable pool at base (muscle, bone surface)
    "#]].assert_eq(&lines);
}

fn run(ask: &Ask, n_threads: usize) -> Result<Comparison, Vec<Diagnostic>> {
    let (model, _) = read(&MODELS[0]).unwrap();
    let settings = settings(ask, built_in_salts()).unwrap();
    let running =
        Running { n_threads: Some(n_threads), progress: &mut |_, _| {}, cancelled: &|| false };
    compare(&model, &settings, builtin(), running)
}

#[test]
fn threads_do_not_change_a_bit() {
    let ask = Ask { n_draws: Some(9), n_weeks: Some(1), ..Ask::default() };
    assert_eq!(run(&ask, 1), run(&ask, 2));
}

#[test]
fn no_draw_absorbs_more_than_the_dose() {
    for seed in 0..24 {
        let ask = Ask {
            n_draws: Some(1),
            n_weeks: Some(1),
            seed: Some(seed),
            dose: Some("20 mg Mg".to_string()),
            salts: vec!["citrate".to_string()],
            ..Ask::default()
        };
        for arm in run(&ask, 1).unwrap().arms {
            let share = arm.measures.absorbed_percent.median;
            assert!((0.0..=100.0).contains(&share), "seed {seed}: {share} %");
        }
    }
}

#[test]
fn draws_without_a_balance_are_told() {
    // Losses grow with weight while food stays, so that more and more draws have no threshold.
    let heavy = |weight_kg| Ask {
        n_draws: Some(12),
        n_weeks: Some(1),
        weight_kg: Some(weight_kg),
        salts: vec!["citrate".to_string()],
        timings: vec![Timing::WithMeals],
        ..Ask::default()
    };
    let some = run(&heavy(420.0), 2).unwrap();
    assert!(!some.failures.is_empty() && some.n_used > 0, "{:?}", some.failures);
    assert_eq!(some.n_used as usize + some.failures.len(), 12);
    assert!(sentences(&some).iter().any(|line| line.starts_with("Left out of every number")));
}

#[test]
fn what_dissolves_slowly_is_absorbed_less_draw_by_draw() {
    let ask = Ask {
        n_draws: Some(7),
        n_weeks: Some(1),
        n_doses_a_day: Some(1),
        salts: vec!["chloride".to_string(), "oxide".to_string()],
        dose: Some("600 mg Mg".to_string()),
        ..Ask::default()
    };
    let found = run(&ask, 2).unwrap();
    for arm in found.arms.iter().filter(|arm| arm.form == 1) {
        let less = arm.less_first.unwrap();
        assert!(less.absorbed_mmol_per_day.hi < 0.0, "{less:?}");
        assert!(less.serum_mmol_per_l.hi < 0.0, "{less:?}");
    }
}

#[test]
fn numbers_of_a_person_lie_within_the_bounds_of_the_model() {
    let (model, _) = read(&MODELS[0]).expect("the built-in model");
    for ((_, _, lo, hi), (name, per_base)) in
        settings::RANGES.iter().zip([("wt", 1.0), ("gfr", 1.0 / 0.06), ("serum0", 1.0)])
    {
        let covariate = model.covariates.iter().find(|one| one.name == name).expect("a covariate");
        let (least, most) = (covariate.bounds.0 * per_base, covariate.bounds.1 * per_base);
        // One product.
        let slack = 1.0 + 2.0 * f64::EPSILON;
        assert!(least <= lo * slack && *hi <= most * slack, "{name}: {least} to {most}");
    }
}
