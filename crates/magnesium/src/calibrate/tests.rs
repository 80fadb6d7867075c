//! The fit is repeated and compared with the rows that are committed.

use std::sync::OnceLock;

use epsom_evidence::builtin;

use super::*;
use crate::qualify::{PLAN, targets, whole_body};

const QUIET: Running<'_> = Running { seed: 1, n_draws: 0, progress: &|_| {}, cancelled: &|| false };

fn calibrated() -> &'static Calibration {
    static DONE: OnceLock<Calibration> = OnceLock::new();
    DONE.get_or_init(|| {
        let lab = whole_body();
        let plan = targets(PLAN, builtin()).unwrap();
        calibrate(&lab, CALIBRATION, &plan, Depth::Fit, &QUIET).unwrap()
    })
}

#[test]
fn the_fit_gives_the_rows_that_are_committed() {
    for row in evidence_rows(calibrated()) {
        assert_eq!(committed(builtin(), &row.id), Some(row.line.as_str()));
    }
}

#[test]
fn only_targets_for_calibration_are_fitted_to() {
    let plan = targets(PLAN, builtin()).unwrap();
    let found = calibrated();
    let ids =
        found.targets.iter().map(|one| &one.id).chain(found.left_out.iter().map(|one| &one.0));
    let mut ids: Vec<&String> = ids.collect();
    ids.sort();
    let of_plan = plan.iter().filter(|target| target.used_for == Use::Calibration);
    assert_eq!(ids, of_plan.map(|target| &target.id).collect::<Vec<_>>());
}

#[test]
fn the_fit_is_better_than_priors_and_model_and_inside_its_bounds() {
    let found = calibrated();
    let [priors, model, fitted] = found.objective;
    assert!(fitted < priors && fitted <= model + 1e-6, "{:?}", found.objective);
    for one in &found.parameters {
        let (lo, hi) = one.known.bounds;
        assert!(lo <= one.estimate && one.estimate <= hi, "{one:?}");
        // What a prior and data together leave unknown is less than the prior alone.
        assert!(one.share_of_prior() < 1.0 + 1e-6, "{one:?}");
    }
}

#[test]
fn threads_change_no_bit() {
    let lab = whole_body();
    // The targets without a run of months, and one parameter: the same ways for less time.
    let mut plan = targets(PLAN, builtin()).unwrap();
    plan.retain(|target| target.group == "oral");
    let header = CALIBRATION.lines().next().unwrap();
    let table = format!("{header}\nv_p,log,EPS001,0.25,an example,EPS154,an example\n");
    let of = |n: usize| {
        let threads = rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap();
        threads.install(|| calibrate(&lab, &table, &plan, Depth::Profiles, &QUIET).unwrap())
    };
    let found = of(1);
    assert_eq!(found, of(2));
    // Three steps on each side, or as many as the bounds leave room for.
    assert!(found.parameters[0].profile.as_ref().unwrap().points.len() > 4);
}

#[test]
fn a_table_that_makes_no_sense_is_refused() {
    let header = "parameter,transformation,prior_row,log_sd,log_sd_reason,row,meaning\n";
    let said =
        |row: &str| known(whole_body().model, builtin(), &format!("{header}{row}\n")).unwrap_err();
    assert_eq!(said("x,log,PK027,0.5,r,A,m"), "parameter `x`: the model has none of this name");
    assert_eq!(said("v_p,root,PK027,0.5,r,A,m"), "parameter `v_p`: `transformation` is `log`");
    assert_eq!(said("v_p,log,PK999,0.5,r,A,m"), "parameter `v_p`: there is no row `PK999`");
    assert_eq!(
        said("v_p,log,EPS001,,,A,m"),
        "parameter `v_p`: its row prints no spread: state `log_sd` above 0"
    );
    assert_eq!(said("v_p,log,EPS001,0.2,,A,m"), "parameter `v_p`: `log_sd` needs a reason");
    assert_eq!(
        said("t_transit,log,EPS011,0.2,r,A,m"),
        "parameter `t_transit`: its row prints a spread: leave `log_sd` empty"
    );
    assert_eq!(
        said("v_p,log,EPS001,0.2,r,A,m\nv_p,log,EPS001,0.2,r,A,m"),
        "parameter `v_p`: it stands there twice"
    );
    assert_eq!(known(whole_body().model, builtin(), header).unwrap_err(), "it names no parameter");
}
