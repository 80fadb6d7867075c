//! Subjects that go together have the bits that each has alone.

#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use common::{model, timeline};
use epsom_engine::{
    Action, Compiled, CovariateTrack, Dose, DoseKind, Isa, Lanes, Options, Property, Record,
    RunCause, Sensitivities, Solver, Subject, Timeline, Trajectory, Wrt, available, compile,
    integrate, integrate_each, sensitivities,
};
use epsom_model::ir::Interpolation;

const ORAL: &str = "ini({ ka <- 0.9; cl <- 1.3; v <- 8; q <- 0.7; vp <- 11; bio <- 0.7; base <- 2 })
    model({
      central(0) <- base * v
      d/dt(depot) <- -ka * depot
      d/dt(central) <- ka * depot + cl * base - cl / v * central - q / v * central + q / vp * peripheral
      d/dt(peripheral) <- q / v * central - q / vp * peripheral
      d/dt(gone) <- cl / v * central
      f(depot) <- bio
      alag(central) <- 0.8
      cp <- central / v
      lcp <- log(cp + 1e-3)
    })";

fn times(n: u32, every_h: f64) -> Vec<f64> {
    (0..=n).map(|at| f64::from(at) * every_h).collect()
}

/// Repeated doses by mouth and an infusion that overlaps the next one.
fn events(scale: f64) -> Vec<(f64, Action)> {
    let repeated = Dose { interval_h: 5.0, additional: 7, ..Dose::bolus(0, 60.0 * scale) };
    let infused = Dose { kind: DoseKind::Duration(9.5), ..Dose::bolus(1, 50.0 * scale) };
    let again = Dose { interval_h: 6.0, additional: 2, ..infused };
    vec![(0.0, Action::Dose(repeated)), (11.5, Action::Dose(again)), (11.5, Action::Observe)]
}

/// `n` subjects on the timelines in turn, each with parameters of its own.
fn subjects<'a>(compiled: &Compiled, timelines: &'a [Timeline], n: usize) -> Vec<Subject<'a>> {
    let one = |at: usize| {
        let mut subject = Subject::typical(&compiled.model, &timelines[at % timelines.len()]);
        let scale = 1.0 + 0.03 * at as f64;
        subject.params.iter_mut().step_by(2).for_each(|param| *param *= scale);
        subject
    };
    (0..n).map(one).collect()
}

fn bits(trajectories: &[Trajectory]) -> Vec<Vec<u64>> {
    trajectories.iter().map(|one| one.rows.iter().map(|value| value.to_bits()).collect()).collect()
}

/// Runs all together and one by one; gives what came out.
fn together(compiled: &Compiled, subjects: &[Subject<'_>]) -> Vec<Trajectory> {
    let mut all = Vec::new();
    for isa in available() {
        let options = Options { isa: Some(isa), ..Options::default() };
        all = integrate(compiled, subjects, &options);
        let alone = Options { lanes: Lanes::L1, ..options };
        let alone: Vec<Trajectory> = subjects
            .iter()
            .map(|one| integrate(compiled, std::slice::from_ref(one), &alone).remove(0))
            .collect();
        assert_eq!(bits(&all), bits(&alone), "{isa:?}");
        let outcome = |one: &Trajectory| (one.width, one.failure, one.counts);
        assert!(all.iter().zip(&alone).all(|(a, b)| outcome(a) == outcome(b)), "{isa:?}");
    }
    all
}

#[test]
fn subjects_of_one_timeline_have_the_bits_of_each() {
    let compiled = compile(&model(ORAL));
    let timelines = [timeline(&events(1.0), &times(96, 0.5))];
    let found = together(&compiled, &subjects(&compiled, &timelines, 37));
    assert!(found.iter().all(|one| one.rows().len() == 98));
}

/// The derivatives of the depot by `cl` and `v` stay at zero; the second timeline infuses, which is
/// stepped by other code.
#[test]
fn derivatives_have_the_same_bits_however_they_are_stepped() {
    let bolus = vec![events(1.0)[0]];
    let timelines = [timeline(&bolus, &times(48, 0.7)), timeline(&events(0.7), &times(48, 0.7))];
    derivatives_are_alike(&timelines, &["cl", "v", "ka", "base"]);
}

/// All of them rest until the dose.
#[test]
fn derivatives_that_all_rest_have_the_same_bits() {
    let (_, dose) = events(1.0)[0];
    derivatives_are_alike(&[timeline(&[(12.0, dose)], &times(48, 0.7))], &["bio"]);
}

fn derivatives_are_alike(timelines: &[Timeline], names: &[&str]) {
    let model = model(ORAL);
    let compiled = compile(&model);
    let all = subjects(&compiled, timelines, 19);
    let place = |name: &str| model.params.iter().position(|one| one.name == name).unwrap() as u32;
    let wrt: Vec<Wrt> = names.iter().map(|name| Wrt::Param(place(name))).collect();
    for solver in [Solver::Tsit5, Solver::Dop853, Solver::Rodas5P] {
        let bits = |isa: Isa, lanes: Lanes| -> Vec<Vec<u64>> {
            let options =
                Options { solver, lanes, isa: Some(isa), rtol: 1e-6, ..Options::default() };
            let found = sensitivities(&compiled, &all, &wrt, &options);
            assert!(found.iter().all(|one| one.failure.is_none()));
            let values =
                |one: &Sensitivities| one.rows.iter().map(|value| value.to_bits()).collect();
            found.iter().map(values).collect()
        };
        let wanted = bits(Isa::Baseline, Lanes::L1);
        for isa in available() {
            for lanes in [Lanes::L8, Lanes::L32, Lanes::L64] {
                assert!(bits(isa, lanes) == wanted, "{solver:?} {isa:?} {lanes:?}");
            }
        }
    }
}

#[test]
fn amounts_and_covariates_may_differ() {
    let text = ORAL.replace("cl / v * central", "cl * wt / 70 / v * central");
    let compiled = compile(&model(&text));
    assert_eq!(compiled.model.covariates.len(), 1);
    let one = |at: u32| {
        let scale = 1.0 + 0.1 * f64::from(at);
        let events = events(scale).into_iter();
        let rows = times(40, 1.0).into_iter().map(|time_h| (time_h, Action::Observe));
        let records = events.chain(rows).map(|(time_h, action)| Record { time_h, action });
        let weight = CovariateTrack {
            covariate: 0,
            interpolation: Interpolation::Forward,
            times_h: vec![0.0, 3.0],
            values: vec![70.0 * scale; 2],
        };
        Timeline::new(records.collect(), vec![weight]).unwrap()
    };
    let timelines: Vec<Timeline> = (0..9).map(one).collect();
    together(&compiled, &subjects(&compiled, &timelines, 27));
}

#[test]
fn timelines_that_differ_go_in_groups_or_alone() {
    let compiled = compile(&model(ORAL));
    let late: Vec<(f64, Action)> =
        events(1.0).into_iter().map(|(time_h, action)| (time_h + 0.25, action)).collect();
    let reset = [events(1.0), vec![(20.0, Action::Reset)]].concat();
    let timelines = [
        timeline(&events(1.0), &times(48, 0.5)),
        timeline(&late, &times(48, 0.5)),
        timeline(&reset, &times(48, 0.5)),
        timeline(&events(1.0), &[]),
        timeline(&events(1.0), &times(30, 1.0)).then(timeline(&[], &times(3, 1.0))),
        // No two intervals are equal.
        timeline(&events(1.0), &times(200, 1.0).iter().map(|t| t * t / 200.0).collect::<Vec<_>>()),
    ];
    together(&compiled, &subjects(&compiled, &timelines, 60));
}

#[test]
fn a_lag_and_a_rate_of_its_own_take_a_subject_out() {
    let text = ORAL
        .replace("alag(central) <- 0.8", "alag(central) <- 0.4 * q")
        .replace("f(depot) <- bio", "f(depot) <- bio\n f(central) <- bio");
    let compiled = compile(&model(&text));
    let by_rate = Dose { kind: DoseKind::Rate(7.0), ..Dose::bolus(1, 50.0) };
    let events = [events(1.0), vec![(2.0, Action::Dose(by_rate))]].concat();
    let timelines = [timeline(&events, &times(48, 0.5))];
    let mut all = subjects(&compiled, &timelines, 20);
    all[3].params[3] = 0.1;
    all[7].params[5] = 0.2;
    all[8].params[5] = -1.0;
    let found = together(&compiled, &all);
    let cause = RunCause::DosingProperty { compartment: 0, property: Property::Bioavailability };
    assert_eq!(found[8].failure.map(|one| one.cause), Some(cause));
}

#[test]
fn who_fails_does_so_as_alone() {
    let compiled = compile(&model(ORAL));
    let timelines = [timeline(&events(1.0), &times(48, 0.5))];
    let mut all = subjects(&compiled, &timelines, 20);
    all[0].params[2] = f64::NAN;
    // Grows beyond all numbers.
    all[5].params[0] = -200.0;
    // log of what is below zero.
    all[6].params[6] = -3.0;
    // No volume.
    all[9].params[2] = 0.0;
    let found = together(&compiled, &all);
    let failed: Vec<usize> = (0..20).filter(|&at| found[at].failure.is_some()).collect();
    assert_eq!(failed, [0, 5, 6, 9]);
}

#[test]
fn a_compartment_that_is_not_shown_stops_its_subject_too() {
    let model = model(&ORAL.replace("f(depot)", "d/dt(far) <- ka * far\n far(0) <- 1\n f(depot)"));
    let compiled = compile(&model).showing(&[0], &[]);
    let timelines = [timeline(&events(1.0), &times(48, 0.5))];
    let mut all = subjects(&compiled, &timelines, 20);
    // Grows beyond all numbers.
    all[4].params[0] = 200.0;
    let found = together(&compiled, &all);
    let failed: Vec<usize> = (0..20).filter(|&at| found[at].failure.is_some()).collect();
    assert_eq!(failed, [4]);
}

#[test]
fn few_compartments_go_together_too() {
    let texts = [
        "ini({ k <- 0.3; v <- 5 }) model({ d/dt(depot) <- -k * depot; cp <- depot / v })",
        "ini({ ka <- 0.9; k <- 0.3 }) model({
           d/dt(depot) <- -ka * depot; d/dt(central) <- ka * depot - k * central + 0.2
           cp <- central / 7 })",
        "ini({ ka <- 0.9; k <- 0.3; q <- 0.1 }) model({
           d/dt(depot) <- -ka * depot; d/dt(central) <- ka * depot - (k + q) * central + k * far
           d/dt(far) <- q * central - k * far
           cp <- central / 7 })",
    ];
    for text in texts {
        let compiled = compile(&model(text));
        let n = compiled.model.compartments.len();
        let infused = Dose { kind: DoseKind::Duration(2.5), ..Dose::bolus(n as u32 - 1, 50.0) };
        let doses = [(0.0, Dose::bolus(0, 60.0)), (3.0, infused)];
        let events = doses.map(|(time_h, dose)| (time_h, Action::Dose(dose)));
        let timelines = [timeline(&events, &times(48, 0.5))];
        let found = together(&compiled, &subjects(&compiled, &timelines, 41));
        assert!(found.iter().all(|one| one.failure.is_none()));
    }
}

#[test]
fn derivatives_go_together_too() {
    let compiled = compile(&model(ORAL));
    let timelines = [timeline(&events(1.0)[1..], &times(48, 0.5))];
    let all = subjects(&compiled, &timelines, 19);
    let wrt = [Wrt::Param(0), Wrt::Param(1), Wrt::Param(2)];
    let (many, one) = (Options::default(), Options { lanes: Lanes::L1, ..Options::default() });
    let found = sensitivities(&compiled, &all, &wrt, &many);
    let alone = sensitivities(&compiled, &all, &wrt, &one);
    assert!(found.iter().all(|one| one.failure.is_none()));
    assert!(found == alone);
}

#[test]
fn every_subject_is_handed_over_once() {
    let compiled = compile(&model(ORAL));
    let timelines = [
        timeline(&events(1.0), &times(48, 0.5)),
        timeline(&[events(1.0), vec![(20.0, Action::Reset)]].concat(), &times(24, 1.0)),
    ];
    let all = subjects(&compiled, &timelines, 45);
    let mut seen = vec![0; all.len()];
    integrate_each(&compiled, &all, &Options::default(), &mut |at, found| {
        seen[at] += 1;
        assert_eq!(found.rows().len(), all[at].timeline.n_rows());
    });
    assert_eq!(seen, vec![1; all.len()]);
    assert!(available().contains(&Isa::Baseline));
}

#[test]
fn lanes_that_free_themselves_take_the_next_subject() {
    let compiled = compile(&model(ORAL));
    let timelines = [timeline(&events(1.0), &times(48, 0.5))];
    let all = subjects(&compiled, &timelines, 400);
    let used = |lanes: Lanes| {
        let options = Options { solver: Solver::Tsit5, lanes, ..Options::default() };
        let mut tried = 0;
        let possible = integrate_each(&compiled, &all, &options, &mut |_, found| {
            tried += found.counts.steps + found.counts.rejections;
        });
        (tried, possible)
    };
    let (tried, possible) = used(Lanes::L1);
    assert_eq!(tried, possible);
    // Fewer than two subjects' worth of steps per lane are lost while the last ones end.
    let (tried_by_many, possible) = used(Lanes::L8);
    assert_eq!(tried_by_many, tried);
    assert!((tried..tried + 2 * 8 * tried / 400).contains(&possible), "{tried} {possible}");
}
