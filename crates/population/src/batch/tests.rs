use super::*;
use crate::{Sampler, Summary};
use epsom_engine::{Action, Compiled, Dose, Record, RunCause, Timeline, compile};
use epsom_maths::{Address, exp, hash_name};
use epsom_model::ir::{Compartment, Distribution, Model, Node, Param, UnaryOp};

const NEVER: fn() -> bool = || false;

/// Doses of 10 and 20 at time 0, rows at 0, 1, ... 9.
fn timelines() -> [Timeline; 2] {
    [10.0, 20.0].map(|amount| {
        let dose = Record { time_h: 0.0, action: Action::Dose(Dose::bolus(0, amount)) };
        let rows = (0..10).map(|t| Record { time_h: f64::from(t), action: Action::Observe });
        Timeline::new(std::iter::once(dose).chain(rows).collect(), Vec::new()).unwrap()
    })
}

/// `amount exp(-k t)`; a `k` below 0.03 fails at 5 h.
fn decay(subjects: &[Subject<'_>]) -> Vec<Trajectory> {
    let one = |subject: &Subject<'_>| {
        let (amount, k) = (subject.timeline.largest_amount(), subject.params[0]);
        let fails = k < 0.03;
        let times = subject.timeline.observation_times_h().filter(|&t| !fails || t < 5.0);
        let failure = fails.then_some(RunFailure {
            time_h: 5.0,
            cause: RunCause::NotLinear,
            record: None,
            n_doses: 0,
        });
        Trajectory {
            rows: times.map(|t| amount * exp(-k * t)).collect(),
            width: 1,
            failure,
            ..Trajectory::default()
        }
    };
    subjects.iter().map(one).collect()
}

/// One compartment that loses `k` of its content per hour.
fn model() -> Compiled {
    let mut model = Model::default();
    model.params.push(Param {
        name: "k".into(),
        value: 0.1,
        unit: Default::default(),
        uncertain: Distribution::LogNormal { sd: 0.5 },
        varies: Distribution::LogNormal { sd: 0.3 },
        bounds: (0.0, f64::INFINITY),
        provenance: Default::default(),
        spread_assumed: String::new(),
        label: String::new(),
    });
    let e = &mut model.exprs;
    let (k, content) = (e.add(Node::Param(0)), e.add(Node::State(0)));
    let lost = e.product(k, content);
    let derivative = e.unary(UnaryOp::Neg, lost);
    model.compartments.push(Compartment::of("central", derivative));
    compile(&model)
}

fn sampler() -> Sampler {
    Sampler::new(&model().model).unwrap()
}

/// All bits of a run: summaries of both arms and their difference, and the report.
fn run(options: &BatchOptions, n_subjects: usize) -> (Vec<Summary>, BatchReport, Vec<usize>) {
    let (timelines, sampler) = (timelines(), sampler());
    let make = |subject: usize, arm: usize| {
        let typical = sampler.uncertain(1, subject as u32);
        let at = Address { seed: 1, replicate: subject as u32, ..Address::default() };
        let at = Address { arm: hash_name("both"), ..at };
        let params = sampler.subject(&at, &typical);
        Subject {
            params,
            covariates: Vec::new(),
            timeline: &timelines[arm],
            follows: Vec::new(),
            conduct: None,
        }
    };
    let mut summaries = vec![Summary::new(10); 3];
    let mut seen = Vec::new();
    let mut last = 0;
    let compiled = model();
    let mut progress = |now: Progress| {
        assert!(now.n_done > last && now.n_done <= now.n_subjects);
        last = now.n_done;
    };
    let report = simulate_by(
        &decay,
        &Plan {
            compiled: &compiled,
            options: Options::default(),
            n_subjects,
            n_arms: 2,
            make: &make,
        },
        options,
        Watch { progress: &mut progress, cancelled: &NEVER },
        &mut |finished| {
            seen.push(finished.subject_idx);
            let [a, b] = &finished.arms[..] else { unreachable!() };
            if a.failure.is_some() || b.failure.is_some() {
                summaries.iter_mut().for_each(Summary::add_missing);
                return;
            }
            summaries[0].add(&a.rows);
            summaries[1].add(&b.rows);
            summaries[2].add_difference(&b.rows, &a.rows);
        },
    );
    (summaries, report, seen)
}

#[test]
fn threads_and_chunks_change_no_bit() {
    let plain = BatchOptions { n_threads: Some(1), ..BatchOptions::default() };
    let (mut summaries, report, seen) = run(&plain, 500);
    assert_eq!(seen, (0..500).collect::<Vec<_>>());
    for n_threads in [1, 2, 3] {
        for subjects_per_chunk in [None, Some(1), Some(7), Some(1000)] {
            let options = BatchOptions { n_threads: Some(n_threads), subjects_per_chunk, ..plain };
            let again = run(&options, 500);
            assert_eq!(again.0, summaries, "{options:?}");
            assert_eq!(again.1.failures, report.failures);
            assert_eq!(again.2, seen);
        }
    }
    // The dose is twice as high: the difference is the first arm, to the bit.
    let mut interval = |at: usize, cell: usize| summaries[at].cells()[cell].interval();
    assert_eq!(interval(2, 9), interval(0, 9));
}

#[test]
fn a_failing_subject_leaves_the_others() {
    let (mut summaries, report, _) = run(&BatchOptions::default(), 500);
    let sampler = sampler();
    let at = |subject| Address {
        seed: 1,
        replicate: subject,
        arm: hash_name("both"),
        ..Address::default()
    };
    let k = |subject| sampler.subject(&at(subject), &sampler.uncertain(1, subject))[0];
    let expected: Vec<usize> =
        (0..500).filter(|&subject| k(subject) < 0.03).map(|subject| subject as usize).collect();
    assert!(!expected.is_empty() && expected.len() < 50);
    assert_eq!(report.n_failed, 2 * expected.len());
    let failed: Vec<usize> =
        report.failures.iter().filter(|one| one.arm_idx == 1).map(|one| one.subject_idx).collect();
    assert_eq!(failed, expected);
    let first = RunFailure { time_h: 5.0, cause: RunCause::NotLinear, record: None, n_doses: 0 };
    assert_eq!(report.failures[0].failure, first);
    assert_eq!(summaries[2].n_missing() as usize, expected.len());
    assert_eq!(summaries[0].cells()[0].n() as usize, 500 - expected.len());
    assert!(!report.cancelled);
}

#[test]
fn few_results_wait_whatever_the_number() {
    for n_threads in [1, 2] {
        // 20 numbers per subject; room for 100 subjects.
        let memory_bytes = 100 * 20 * size_of::<f64>();
        let options =
            BatchOptions { n_threads: Some(n_threads), memory_bytes, ..Default::default() };
        for n_subjects in [1_000, 12_000] {
            let (_, report, _) = run(&options, n_subjects);
            assert_eq!(report.n_done, n_subjects);
            assert!(report.most_held <= 100 * 20, "{}", report.most_held);
        }
    }
    // Less than one subject's worth still runs, one subject at a time.
    let options = BatchOptions { n_threads: Some(1), memory_bytes: 1, ..Default::default() };
    assert_eq!(run(&options, 10).1.most_held, 20);
}

#[test]
fn a_cancelled_batch_keeps_its_finished_chunks() {
    let timelines = timelines();
    let make = |_: usize, arm: usize| Subject {
        params: vec![0.1],
        covariates: Vec::new(),
        timeline: &timelines[arm],
        follows: Vec::new(),
        conduct: None,
    };
    let n_done = AtomicUsize::new(0);
    let compiled = model();
    let report = simulate_by(
        &decay,
        &Plan {
            compiled: &compiled,
            options: Options::default(),
            n_subjects: 10_000,
            n_arms: 2,
            make: &make,
        },
        &BatchOptions { n_threads: Some(2), subjects_per_chunk: Some(10), ..Default::default() },
        Watch {
            progress: &mut |now| n_done.store(now.n_done, Ordering::SeqCst),
            cancelled: &|| n_done.load(Ordering::SeqCst) >= 100,
        },
        &mut |_| {},
    );
    assert!(report.cancelled);
    assert_eq!(report.n_done, n_done.into_inner());
    assert!((100..100 + 10 * most_waiting(2)).contains(&report.n_done));
}

#[test]
fn an_empty_plan_ends_at_once() {
    let options = BatchOptions::default();
    let (_, report, seen) = run(&options, 0);
    assert_eq!((report, seen), (BatchReport::default(), Vec::new()));
}

#[test]
fn failures_are_listed_to_a_limit_and_all_counted() {
    let timelines = timelines();
    let make = |_: usize, arm: usize| Subject {
        params: vec![0.0],
        covariates: Vec::new(),
        timeline: &timelines[arm],
        follows: Vec::new(),
        conduct: None,
    };
    let compiled = model();
    let report = simulate_by(
        &decay,
        &Plan {
            compiled: &compiled,
            options: Options::default(),
            n_subjects: 200,
            n_arms: 2,
            make: &make,
        },
        &BatchOptions::default(),
        Watch { progress: &mut |_| {}, cancelled: &NEVER },
        &mut |_| {},
    );
    assert_eq!((report.n_failed, report.failures.len()), (400, MOST_FAILURES));
}

#[test]
fn the_engine_answers_each_subject_for_itself() {
    let compiled = model();
    let (timelines, sampler) = (timelines(), sampler());
    let make = |subject: usize, arm: usize| Subject {
        params: sampler.uncertain(1, subject as u32),
        covariates: Vec::new(),
        timeline: &timelines[arm],
        follows: Vec::new(),
        conduct: None,
    };
    let plan = Plan {
        compiled: &compiled,
        options: Options::default(),
        n_subjects: 50,
        n_arms: 2,
        make: &make,
    };
    let run = |n_threads, subjects_per_chunk| {
        let options =
            BatchOptions { n_threads: Some(n_threads), subjects_per_chunk, ..Default::default() };
        let watch = Watch { progress: &mut |_| {}, cancelled: &NEVER };
        let mut all = Vec::new();
        let report = simulate(&plan, &options, watch, &mut |finished| all.push(finished.clone()));
        assert_eq!((report.n_done, report.n_failed), (50, 0));
        all
    };
    let all = run(2, Some(3));
    assert_eq!(all, run(1, None));
    for finished in &all {
        let expected = decay(&[make(finished.subject_idx, 0), make(finished.subject_idx, 1)]);
        for (got, want) in finished.arms.iter().zip(&expected) {
            let (got, want) = (&got.rows, &want.rows);
            assert_eq!(got.len(), 10);
            // Nine exact steps of a few roundings each.
            let close = |(x, y): (&f64, &f64)| (x / y - 1.0).abs() < 100.0 * f64::EPSILON;
            assert!(got.iter().zip(want).all(close));
        }
    }
}

/// `x' = k x^2`, which from 10 reaches infinity at `0.1 / k`.
fn explosion() -> Compiled {
    let mut model = model().model;
    let e = &mut model.exprs;
    let (k, x) = (e.add(Node::Param(0)), e.add(Node::State(0)));
    let square = e.powi(x, 2);
    model.compartments[0].derivative = e.product(k, square);
    compile(&model)
}

#[test]
fn a_subject_that_cannot_be_solved_leaves_the_others_to_the_bit() {
    let compiled = explosion();
    let timelines = timelines();
    // One in ten explodes at 4.5 h; the others are far from it at 9 h.
    let rate =
        |subject: usize| if subject % 10 == 3 { 1.0 / 45.0 } else { 1e-3 / (1.0 + subject as f64) };
    let run = |n_threads, fails: bool| {
        let make = |subject: usize, _: usize| Subject {
            params: vec![if fails || subject % 10 != 3 { rate(subject) } else { 0.0 }],
            covariates: Vec::new(),
            timeline: &timelines[0],
            follows: Vec::new(),
            conduct: None,
        };
        let plan = Plan {
            compiled: &compiled,
            options: Options::default(),
            n_subjects: 60,
            n_arms: 1,
            make: &make,
        };
        let options = BatchOptions { n_threads: Some(n_threads), ..Default::default() };
        let watch = Watch { progress: &mut |_| {}, cancelled: &NEVER };
        let mut all = Vec::new();
        let report = simulate(&plan, &options, watch, &mut |finished| all.push(finished.clone()));
        (all, report)
    };
    let ((with, report), (without, fine)) = (run(2, true), run(1, false));
    assert_eq!((report.n_failed, fine.n_failed), (6, 0));
    let failed: Vec<usize> = report.failures.iter().map(|one| one.subject_idx).collect();
    assert_eq!(failed, [3, 13, 23, 33, 43, 53]);
    for one in &report.failures {
        assert!((one.failure.time_h - 4.5).abs() < 1e-3, "{:?}", one.failure);
        let rows = &with[one.subject_idx].arms[0].rows;
        assert_eq!(rows.len(), 5, "the rows before it stay");
    }
    for (a, b) in with.iter().zip(&without).filter(|(a, _)| a.subject_idx % 10 != 3) {
        assert_eq!(a.arms[0].rows, b.arms[0].rows);
    }
}
