//! A model text through draws, two arms and summaries, against what calculus says.
#![allow(clippy::unwrap_used, reason = "a test")]

use epsom_diag::{FileId, has_errors};
use epsom_engine::{Action, Dose, Options, Record, Timeline, compile};
use epsom_evidence::{builtin, builtin_substances};
use epsom_maths::{exp, ln, norm_quantile};
use epsom_model::check::{World, check};
use epsom_model::ir::Model;
use epsom_model::syntax::parse;
use epsom_population::{
    BatchOptions, BatchReport, DrawReport, Plan, Sampler, Subject, Summary, Watch, simulate,
};

/// Loss from one compartment; the volume cancels in the ratio of concentrations.
const TEXT: &str = r#"
model loss
time [h]
substance Mg
param k = 0.1[1/h] assumed "example"
  uncertain lognormal(sd 0.3) assumed "example"
param v = 20[L] assumed "example"
  fixed "example"
param q = 1[1] assumed "nobody said how sure, and nothing reads it"
compartment central [mmol]
d/dt(central) = -k * central
output conc = q / q * central / v [mmol/L]
"#;

const N: usize = 4_000;
const TIMES_H: [f64; 3] = [1.0, 5.0, 20.0];
const AMOUNTS: [f64; 2] = [10.0, 30.0];

fn model() -> Model {
    let (tree, messages) = parse(TEXT, FileId(0));
    assert!(!has_errors(&messages), "{messages:?}");
    let world = World { evidence: builtin(), substances: builtin_substances() };
    check(&tree, &world).model.unwrap()
}

/// Concentrations in both arms, their difference, and the report.
fn run(n_threads: usize) -> ([Summary; 3], BatchReport) {
    let model = model();
    let sampler = Sampler::new(&model).unwrap();
    let expected =
        DrawReport { n_assumed_spread: 1, n_default_width: 1, n_fixed: 1, ..Default::default() };
    assert_eq!(sampler.report(), expected);
    let timelines = AMOUNTS.map(|amount| {
        let dose = Record { time_h: 0.0, action: Action::Dose(Dose::bolus(0, amount)) };
        let rows = TIMES_H.map(|time_h| Record { time_h, action: Action::Observe });
        Timeline::new([&[dose], &rows[..]].concat(), Vec::new()).unwrap()
    });
    let make = |draw: usize, arm: usize| Subject {
        params: sampler.uncertain(1, draw as u32),
        covariates: Vec::new(),
        timeline: &timelines[arm],
        follows: Vec::new(),
        conduct: None,
    };
    let compiled = compile(&model);
    let plan = Plan {
        compiled: &compiled,
        options: Options::default(),
        n_subjects: N,
        n_arms: 2,
        make: &make,
    };
    let options = BatchOptions { n_threads: Some(n_threads), ..BatchOptions::default() };
    let watch = Watch { progress: &mut |_| {}, cancelled: &|| false };
    let mut summaries = [Summary::new(3), Summary::new(3), Summary::new(3)];
    let report = simulate(&plan, &options, watch, &mut |finished| {
        let conc = |arm: usize| -> Vec<f64> {
            let trajectory = &finished.arms[arm];
            trajectory.rows.chunks(trajectory.width).map(|row| row[0]).collect()
        };
        let (low, high) = (conc(0), conc(1));
        summaries[0].add(&low);
        summaries[1].add(&high);
        summaries[2].add_difference(&high, &low);
    });
    (summaries, report)
}

#[test]
fn quantiles_are_those_of_the_closed_form() {
    let (mut summaries, report) = run(2);
    assert_eq!((report.n_done, report.n_failed, report.cancelled), (N, 0, false));
    for (at, t) in TIMES_H.into_iter().enumerate() {
        // conc falls with k, so its quantile p is at quantile 1 - p of k.
        let conc = |p: f64, amount: f64| {
            let k = 0.1 * exp(0.3 * norm_quantile(1.0 - p));
            amount / 20.0 * exp(-k * t)
        };
        for p in [0.025, 0.5, 0.975] {
            // Five standard errors of the share below: the quantile lies between these two.
            let off = 5.0 * (p * (1.0 - p) / N as f64).sqrt();
            let (below, above) = ((p - off).max(1e-9), (p + off).min(1.0 - 1e-9));
            for (arm, amount) in [(0, AMOUNTS[0]), (1, AMOUNTS[1]), (2, AMOUNTS[1] - AMOUNTS[0])] {
                let got = summaries[arm].cells()[at].quantile(p);
                let (lo, hi) = (conc(below, amount), conc(above, amount));
                assert!(lo < got && got < hi, "{t} {p} {arm}: {lo} {got} {hi}");
            }
        }
        // The logarithm of the dose ratio is the same in every draw.
        let [low, high, _] = &mut summaries;
        let ratio = high.cells()[at].quantile(0.5) / low.cells()[at].quantile(0.5);
        assert!((ln(ratio) - ln(3.0)).abs() < 100.0 * f64::EPSILON);
    }
}

#[test]
fn one_thread_and_two_give_the_same_bits() {
    assert_eq!(run(1).0, run(2).0);
}

#[test]
fn a_share_of_a_dose_without_a_spread_stays_one() {
    let text = TEXT
        .replace(
            "param q",
            "covariate wt = 70[kg]\nparam share = 0.8[1] assumed \"x\" scales wt / 70[kg]\nparam q",
        )
        .replace("output conc", "f(central) = share\noutput conc");
    let (tree, _) = parse(&text, FileId(0));
    let world = World { evidence: builtin(), substances: builtin_substances() };
    let model = check(&tree, &world).model.unwrap();
    let named: Vec<&str> = epsom_population::default_widths(&model).collect();
    assert_eq!(named, ["share", "q"]);
    let sampler = Sampler::new(&model).unwrap();
    let at = model.params.iter().position(|one| one.name == "share").unwrap();
    let drawn: Vec<f64> = (0..N).map(|draw| sampler.uncertain(1, draw as u32)[at]).collect();
    // Log-normally about a fifth would lie above: ln(1 / 0.8) are 0.76 standard deviations.
    assert!(drawn.iter().all(|&one| 0.0 < one && one <= 1.0));
    let above = |limit: f64| drawn.iter().filter(|&&one| one > limit).count();
    assert!(above(0.9) > N / 10 && above(0.8) < N / 2);
}
