//! The table of targets as committed, and what must hold of the model whatever was observed.

use std::sync::OnceLock;

use epsom_evidence::builtin;
use expect_test::expect_file;

use super::lab::Experiment;
use super::*;

const QUIET: Running<'_> =
    Running { seed: 1, n_draws: 31, progress: &|_| {}, cancelled: &|| false };

fn qualified() -> &'static [Outcome] {
    static DONE: OnceLock<Vec<Outcome>> = OnceLock::new();
    DONE.get_or_init(|| {
        let mut found = qualify(&whole_body(), targets(PLAN, builtin()).unwrap(), &QUIET).unwrap();
        group(&mut found);
        found
    })
}

#[test]
fn every_row_about_the_whole_body_is_a_target() {
    let text = builtin().text("checks.csv").unwrap();
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("pk.")).collect();
    let ids: Vec<&str> = rows.iter().filter_map(|line| line.split(',').next()).collect();
    let plan = targets(PLAN, builtin()).unwrap();
    assert_eq!(ids, plan.iter().map(|target| target.id.as_str()).collect::<Vec<_>>());
    assert!(plan.iter().filter(|target| target.used_for == Use::Checking).count() >= 35);
}

#[test]
fn the_model_is_held_against_what_was_observed() {
    let found = qualified();
    let table = markdown(found);
    expect_file!["../../../../models/magnesium/expected/targets.md"].assert_eq(&table);
    expect_file!["../../../../models/magnesium/expected/verdicts.csv"]
        .assert_eq(&verdicts_csv(found));
    let summary = format!("{}\n{}", scores_markdown(&scores(found)), misses_markdown(found));
    expect_file!["../../../../models/magnesium/expected/scores.md"].assert_eq(&summary);
    let page = include_str!("../../../../models/magnesium/README.md");
    assert!(page.contains(&summary), "models/magnesium/README.md lacks:\n{summary}");
    assert!(broken(found, EXPECTED).unwrap().is_empty());
}

#[test]
fn the_guide_quotes_a_row_of_the_table() {
    let guide = include_str!("../../../../docs/guide/qualify.md");
    let table = include_str!("../../../../models/magnesium/expected/targets.md");
    let quoted = guide.lines().find_map(|line| line.strip_prefix("> ")).expect("a quoted row");
    assert!(table.contains(&format!("| {quoted} |")), "{quoted}");
}

#[test]
fn a_pass_that_is_lost_is_told() {
    let mut found = qualified().to_vec();
    let at = found.iter().position(|one| one.verdict == Verdict::Pass).unwrap();
    found[at].verdict = Verdict::Miss;
    let lost = broken(&found, EXPECTED).unwrap();
    assert_eq!(lost.iter().map(|one| &one.target.id).collect::<Vec<_>>(), [&found[at].target.id]);
}

#[test]
fn a_miss_has_a_cause() {
    for one in qualified().iter().filter(|one| one.verdict == Verdict::Miss) {
        assert!(!one.target.cause.is_empty(), "{}", one.target.id);
    }
}

#[test]
fn a_plan_that_makes_no_sense_is_refused() {
    let header = "id,group,use,case,decimals,n,margin,margin_reason,how,cause\n";
    let said = |row: &str| targets(&format!("{header}{row}\n"), builtin()).unwrap_err();
    assert_eq!(said("pk.999,g,checking,,1,,,,h,"), "pk.999: no such row in checks.csv");
    assert_eq!(said("pk.01,g,proof,,1,,,,h,"), "pk.01: `use` is no word of the plan");
    assert_eq!(said("pk.01,g,checking,fall,1,,,,h,"), "pk.01: there is no case `fall`");
    assert_eq!(said("pk.01,g,checking,fraction,1,,,,h,"), "pk.01: `fraction` needs `mg`");
    assert_eq!(
        said("pk.01,g,checking,fraction mg=1 kg=2,1,,,,h,"),
        "pk.01: `kg` is unknown to `fraction`, or said twice"
    );
    assert_eq!(
        said("pk.03,g,checking,fraction mg=1,1,,,,h,"),
        "pk.03: a target without an interval is descriptive"
    );
}

#[test]
fn fold_errors_are_geometric_means() {
    let mut two: Vec<Outcome> = qualified()
        .iter()
        .filter(|one| one.target.used_for == Use::Checking && one.target.observed.value.is_some())
        .take(2)
        .cloned()
        .collect();
    for (one, fold) in two.iter_mut().zip([2.0, 0.5]) {
        one.target.observed.value = Some(3.0);
        one.predicted = Some(Predicted { central: 3.0 * fold, interval: None, n_draws: 0 });
    }
    let all = scores(&two).pop().unwrap();
    // Logarithms of 2 and 1/2 cancel; each function is right to about 1e-15.
    assert!((all.average_fold - 1.0).abs() < 1e-14);
    assert!((all.absolute_fold - 2.0).abs() < 1e-14);
}

/// Two years of the stores, in h.
const TWO_YEARS_H: f64 = 17_520.0;
const STORES: [&str; 9] =
    ["solid", "residue", "lumen", "plasma", "rest", "fast", "slow", "deep", "csf_pool"];
const SINKS: [&str; 3] = ["urine", "faeces", "sweat"];

/// One person at the central parameters.
fn central(experiment: &Experiment, look: &dyn Fn(Run<'_>)) {
    let lab = whole_body();
    let params: Vec<f64> = lab.model.params.iter().map(|param| param.value).collect();
    let rows = lab.run(experiment, &[params]).remove(0).unwrap();
    look(Run::new(lab.model, experiment, &rows));
}

#[test]
fn the_unsupplemented_adult_sits_at_steady_state_for_two_years() {
    let times = [0.0, 24.0, TWO_YEARS_H - 24.0, TWO_YEARS_H];
    central(&Experiment::default().at(&times), &|run| {
        for store in STORES {
            let (start, end) = (run.state(store, 0.0), run.state(store, TWO_YEARS_H));
            // Two years are 730 periods; each start is solved to 1e-8 and each day integrated to
            // 1e-6 of the state, of which errors mostly cancel.
            let allowed = 730.0 * 1e-8 * start.abs().max(1e-3);
            assert!((end - start).abs() <= allowed, "{store}: {start} became {end}");
        }
        let (first, last) =
            (run.mean_serum(0.0, 24.0), run.mean_serum(TWO_YEARS_H - 24.0, TWO_YEARS_H));
        assert!((last - first).abs() <= 1e-5 * first, "{first} became {last}");
    });
}

#[test]
fn magnesium_is_conserved_over_two_years_of_doses() {
    let (lab, mmol) = (whole_body(), 15.0);
    let mut doses = lab.oral("oxide", mmol, 10.5, 730);
    doses.push(lab.iv(8.0, 30.0, 2.0));
    central(&Experiment::dosed(doses).at(&[0.0, TWO_YEARS_H]), &|run| {
        let sum =
            |at: f64| -> f64 { STORES.iter().chain(&SINKS).map(|name| run.state(name, at)).sum() };
        let taken = 730.0 * mmol + 8.0 + 14.0 * 730.0;
        let gone = sum(TWO_YEARS_H) - sum(0.0) - taken;
        // What leaves one compartment enters another with the same rounding error of the step, so
        // the sum errs by rounding alone, whatever the tolerance.
        assert!(gone.abs() <= 1e-9 * taken, "{gone}");
    });
}

#[test]
fn doses_that_do_not_dissolve_differ_and_small_ones_do_not() {
    let absorbed = |salt: &str, mmol: f64| {
        let found = std::cell::Cell::new(0.0);
        let experiment = Experiment::dosed(whole_body().oral(salt, mmol, 10.5, 1)).at(&[0.0, 72.0]);
        central(&experiment, &|run| found.set(run.gained("absorbed_total", 0.0, 72.0)));
        found.get()
    };
    assert_eq!(absorbed("oxide", 10.0), absorbed("citrate", 10.0));
    assert!(absorbed("oxide", 20.0) < absorbed("citrate", 20.0));
    assert!(absorbed("citrate", 20.0) < absorbed("chloride", 20.0));
}
