//! Stiff problems with published or exact answers, and which method the engine takes for them.

#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use common::{STORES, model};
use epsom_engine::{
    Action, Counts, Dose, DoseKind, Isa, Lanes, Options, Record, Solver, Subject, Timeline,
    Trajectory, available, compile, integrate,
};
use epsom_model::ir::Model;
use expect_test::{Expect, expect};

fn timeline(doses: &[Dose], times: &[f64]) -> Timeline {
    let events: Vec<_> = doses.iter().map(|&dose| (0.0, Action::Dose(dose))).collect();
    common::timeline(&events, times)
}

fn run(model: &Model, timeline: &Timeline, options: &Options) -> Trajectory {
    let run = integrate(&compile(model), &[Subject::typical(model, timeline)], options).remove(0);
    assert_eq!(run.failure, None);
    run
}

fn counted(counts: Counts, wanted: Expect) {
    let Counts { steps, rejections, factorizations, .. } = counts;
    wanted.assert_eq(&format!(
        "{steps} steps, {rejections} rejections, {factorizations} factorizations"
    ));
}

/// Largest relative difference to `wanted` of the last row's last values.
fn error(run: &Trajectory, wanted: &[f64]) -> f64 {
    let got = &run.rows[run.rows.len() - wanted.len()..];
    got.iter().zip(wanted).fold(0.0, |most, (got, wanted)| most.max((got / wanted - 1.0).abs()))
}

const ROBERTSON: &str = "ini({ slow <- 0.04; fast <- 1e4; quick <- 3e7 })
    model({
      a(0) <- 1
      d/dt(a) <- -slow * a + fast * b * c
      d/dt(b) <- slow * a - fast * b * c - quick * b^2
      d/dt(c) <- quick * b^2
    })";

/// Robertson's kinetics at 1e11: Mazzia, Magherini, Test Set for Initial Value Problem Solvers,
/// release 2.4, problem ROBER.
#[test]
fn robertson_over_eleven_decades() {
    let wanted = [0.2083340149701255e-7, 0.8333360770334713e-13, 0.999999979166505];
    let timeline = timeline(&[], &[1e11]);
    for solver in [Solver::Rodas4, Solver::Rodas5P, Solver::Auto] {
        let options = Options { rtol: 1e-9, atol: Some(1e-20), solver, ..Options::default() };
        let run = run(&model(ROBERTSON), &timeline, &options);
        // Errors of a thousand steps, of which the stable ones are damped.
        assert!(error(&run, &wanted) < 1e2 * options.rtol, "{:?}", run.rows);
        match solver {
            Solver::Rodas4 => {
                counted(run.counts, expect!["4103 steps, 1 rejections, 4104 factorizations"])
            }
            Solver::Rodas5P => {
                counted(run.counts, expect!["1290 steps, 3 rejections, 1293 factorizations"])
            }
            _ => counted(run.counts, expect!["1324 steps, 4 rejections, 1153 factorizations"]),
        }
    }
}

/// Van der Pol's equation, 1e-6 from singular, at 2: the same test set, problem VDPOL.
#[test]
fn van_der_pol_through_its_layers() {
    let model = model(
        "ini({ eps <- 1e-6 })
         model({
           x(0) <- 2
           d/dt(x) <- v
           d/dt(v) <- ((1 - x^2) * v - x) / eps
         })",
    );
    let options = Options { solver: Solver::Auto, ..Options::default() };
    let run = run(&model, &timeline(&[], &[2.0]), &options);
    // The time of a jump is sensitive to errors before it by about 1e2.
    let wanted = [0.1706167732170483e1, -0.8928097010247975];
    assert!(error(&run, &wanted) < 1e3 * options.rtol, "{:?}", run.rows);
    counted(run.counts, expect!["2184 steps, 25 rejections, 2104 factorizations"]);
}

/// A chain with rates 1, 1e3 and 1e6: sums of exponentials, also inside steps.
#[test]
fn a_linear_chain_with_three_time_scales() {
    let model = model(
        "ini({ k <- 1 })
         model({
           a(0) <- 1
           d/dt(a) <- -k * a
           d/dt(b) <- k * a - 1e3 * b
           d/dt(c) <- 1e3 * b - 1e6 * c
         })",
    );
    let times: Vec<f64> = (1..40).map(|i| 0.125 * f64::from(i)).collect();
    let options = Options { solver: Solver::Rodas4, atol: Some(1e-16), ..Options::default() };
    let run = run(&model, &timeline(&[], &times), &options);
    for (row, &t) in run.rows().zip(&times) {
        let [a, b] = [1.0, 1e3].map(|rate| epsom_maths::exp(-rate * t));
        let second = (a - b) / 999.0;
        // After 0.1 h the third follows the first: e^-t / ((1e3 - 1)(1e6 - 1)) 1e3.
        let third = 1e3 * a / (999.0 * 999_999.0);
        for (got, wanted) in row.iter().zip([a, second, third]) {
            assert!((got / wanted - 1.0).abs() < 100.0 * options.rtol, "{t}: {got} {wanted}");
        }
    }
    counted(run.counts, expect!["323 steps, 0 rejections, 323 factorizations"]);
}

/// Compartments of it.
const N_STORES: usize = 10;

fn twice_daily(n_doses: u32) -> Timeline {
    let dose = Dose { interval_h: 12.0, additional: n_doses - 1, ..Dose::bolus(0, 3.0) };
    timeline(&[dose], &[1.0, 7.5, 13.0, 24.0, 40.0])
}

/// The two methods agree, at their tolerances, and the engine finds the stiff one by itself.
#[test]
fn stores_in_exchange() {
    let (model, timeline) = (model(STORES), twice_daily(5));
    let options =
        |rtol, solver| Options { rtol, atol: Some(1e-3 * rtol), solver, ..Options::default() };
    let truth = run(&model, &timeline, &options(1e-11, Solver::Tsit5));
    for (solver, wanted) in [
        (Solver::Tsit5, expect!["2034 steps, 672 rejections, 0 factorizations"]),
        (Solver::Rodas4, expect!["212 steps, 0 rejections, 212 factorizations"]),
        (Solver::Rodas5P, expect!["99 steps, 0 rejections, 99 factorizations"]),
        (Solver::Auto, expect!["249 steps, 57 rejections, 71 factorizations"]),
    ] {
        let options = options(1e-6, solver);
        let run = run(&model, &timeline, &options);
        let states = |run: &Trajectory| -> Vec<f64> {
            run.rows().flat_map(|row| row[row.len() - N_STORES..].to_vec()).collect()
        };
        for (got, truth) in states(&run).into_iter().zip(states(&truth)) {
            // Some hundred steps add up; the flow contracts.
            let allowed = 10.0 * (1e-3 * options.rtol + options.rtol * truth.abs());
            assert!((got - truth).abs() < allowed, "{solver:?}: {got} {truth}");
        }
        counted(run.counts, wanted);
    }
}

/// `y' = 5 y`: where `h gamma` would exceed 1/5 the pivot vanishes and the step is cut.
#[test]
fn growth_is_followed_although_its_pivots_vanish() {
    let model = model("ini({ k <- 5 })\nmodel({\n y(0) <- 1\n d/dt(y) <- k * y\n})");
    let loose = Options { rtol: 0.5, solver: Solver::Rodas4, ..Options::default() };
    let cut = run(&model, &timeline(&[], &[4.0]), &loose);
    assert!(cut.counts.rejections > 0, "{:?}", cut.counts);
    let options = Options { solver: Solver::Rodas4, ..Options::default() };
    let run = run(&model, &timeline(&[], &[4.0]), &options);
    // Relative errors of some hundred steps add up and are not damped.
    assert!(error(&run, &[epsom_maths::exp(20.0)]) < 1e3 * options.rtol, "{:?}", run.rows);
}

/// A condition on the state and an infusion: the extension of Rodas4 finds the crossing.
#[test]
fn conditions_and_infusions_as_with_tsit5() {
    let model = model(
        "ini({ kin <- 400; kout <- 300 })
         model({
           k <- 1
           if (slow > 2) { k <- 3 }
           d/dt(fast) <- kin * slow - kout * fast
           d/dt(slow) <- -0.2 * k * slow
         })",
    );
    let infusion = Dose { kind: DoseKind::Rate(2.0), ..Dose::bolus(1, 6.0) };
    let timeline = timeline(&[infusion], &[1.0, 2.0, 3.5, 8.0, 24.0]);
    let rows = |solver| {
        let options = Options { solver, ..Options::default() };
        let run = run(&model, &timeline, &options);
        (run.counts, run.rows)
    };
    let (explicit, wanted) = rows(Solver::Tsit5);
    let (implicit, got) = rows(Solver::Rodas4);
    assert_eq!((explicit.flips, implicit.flips), (2, 2));
    assert!(implicit.steps < explicit.steps && implicit.factorizations > 0);
    for (got, wanted) in got.iter().zip(&wanted) {
        // Some hundred steps of each, at 1e-8 of the dose of 6.
        assert!((got - wanted).abs() < 100.0 * 1e-8 * 6.0, "{got} {wanted}");
    }
}

/// While a compartment is turned off the subject is stepped with Tsit5.
#[test]
fn a_compartment_turned_off_is_stepped_explicitly() {
    let model = model(
        "ini({ k <- 2 })
         model({ a(0) <- 1\n d/dt(a) <- -k * a\n d/dt(b) <- k * a - b^2 })",
    );
    let off = Record { time_h: 1.0, action: Action::TurnOff(1) };
    let seen = [1.5, 3.0].map(|time_h| Record { time_h, action: Action::Observe });
    let timeline = Timeline::new([vec![off], seen.to_vec()].concat(), Vec::new()).unwrap();
    let options = Options { solver: Solver::Rodas4, ..Options::default() };
    let run = run(&model, &timeline, &options);
    assert!(run.counts.factorizations > 0 && run.counts.steps > run.counts.factorizations);
    let left = epsom_maths::exp(-6.0);
    let allowed = 100.0 * options.rtol;
    assert!((run.rows[2] - left).abs() < allowed && run.rows[3] == 0.0, "{:?}", run.rows);
}

/// A model that is not stiff stays with the explicit method.
#[test]
fn what_is_not_stiff_is_not_factored() {
    let model = model(
        "ini({ ka <- 1; vm <- 2; km <- 5 })
         model({
           depot(0) <- 10
           d/dt(depot) <- -ka * depot
           d/dt(central) <- ka * depot - vm * central / (km + central)
         })",
    );
    let run = run(&model, &timeline(&[], &[24.0]), &Options::default());
    assert_eq!(run.counts.factorizations, 0);
}

/// Lane width, neighbors, instruction set and the change of method change no bit.
#[test]
fn same_bits_on_every_path() {
    let model = model(STORES);
    let (compiled, timeline) = (compile(&model), twice_daily(1));
    let subjects: Vec<Subject<'_>> = (0..20)
        .map(|i| {
            let mut one = Subject::typical(&model, &timeline);
            one.params.iter_mut().for_each(|param| *param *= 0.7 + 0.03 * f64::from(i));
            one
        })
        .collect();
    for solver in [Solver::Rodas4, Solver::Rodas5P, Solver::Auto] {
        let options = |lanes, isa| Options {
            rtol: 1e-6,
            solver,
            lanes,
            isa: Some(isa),
            ..Options::default()
        };
        let alone: Vec<Trajectory> = subjects
            .iter()
            .flat_map(|one| {
                let scalar = options(Lanes::L1, Isa::Baseline);
                integrate(&compiled, std::slice::from_ref(one), &scalar)
            })
            .collect();
        assert!(alone.iter().all(|one| one.failure.is_none() && one.counts.factorizations > 0));
        for isa in available() {
            for lanes in [Lanes::L1, Lanes::L8, Lanes::L16, Lanes::L32, Lanes::L64] {
                let together = integrate(&compiled, &subjects, &options(lanes, isa));
                assert!(together == alone, "{solver:?} {lanes:?} {isa:?}");
            }
        }
    }
}

/// A fast feedback whose eigenvalues are -1 and -2 times `k`, with `k` itself on the diagonal:
/// pivots in fixed order would hold steps below 1/k, 24 million of them. `x` and `y` follow `s`.
#[test]
fn a_fast_feedback_takes_pivots_in_another_order() {
    let feedback = model(
        "ini({ k <- 1e6; out <- 0.1 })
         model({
           s(0) <- 1
           d/dt(s) <- -out * s
           d/dt(x) <- k * (x - 2 * y + s)
           d/dt(y) <- k * (3 * x - 4 * y + s)
         })",
    );
    let timeline = timeline(&[], &[24.0]);
    let exact =
        run(&feedback, &timeline, &Options { solver: Solver::Linear, ..Options::default() });
    for solver in [Solver::Rodas4, Solver::Rodas5P] {
        for lanes in [Lanes::L1, Lanes::L8] {
            let options = Options { solver, lanes, ..Options::default() };
            let run = run(&feedback, &timeline, &options);
            // Errors of some hundred steps, of which the fast ones are damped.
            assert!(
                error(&run, &exact.rows) < 1e2 * options.rtol,
                "{:?} {:?}",
                run.rows,
                exact.rows
            );
            assert!(run.counts.steps < 500, "{solver:?}: {:?}", run.counts);
        }
    }
}
