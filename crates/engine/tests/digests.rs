//! Digests of fixed runs: every instruction set that the processor has gives the committed bits.

#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use common::{model, timeline};
use epsom_engine::{
    Action, Dose, DoseKind, Isa, Lanes, Options, Solver, Subject, available, compile, integrate,
};
use expect_test::expect;

/// Oral doses, an infusion, a lag; `loss` of `central`.
fn oral(loss: &str) -> String {
    format!(
        "ini({{ ka <- 0.9; cl <- 1.3; v <- 8; q <- 0.7; vp <- 11; bio <- 0.7; tlag <- 0.8; km <- 30 }})
         model({{
           d/dt(depot) <- -ka * depot
           d/dt(central) <- ka * depot - {loss} - q / v * central + q / vp * peripheral
           d/dt(peripheral) <- q / v * central - q / vp * peripheral
           f(depot) <- bio
           alag(central) <- tlag
           cp <- central / v
         }})"
    )
}

/// FNV-1a over the bits of all rows of 70 subjects, each with its own parameters.
fn digest(text: &str, options: &Options) -> u64 {
    let model = model(text);
    let repeated = Dose { interval_h: 5.0, additional: 7, ..Dose::bolus(0, 60.0) };
    let infused = Dose { kind: DoseKind::Rate(20.0), ..Dose::bolus(1, 50.0) };
    let events = [(0.0, Action::Dose(repeated)), (11.5, Action::Dose(infused))];
    let times: Vec<f64> = (0..=96).map(|at| f64::from(at) * 0.5).collect();
    let timeline = timeline(&events, &times);
    let subject = |at: u32| {
        let mut subject = Subject::typical(&model, &timeline);
        let scale = 1.0 + 0.01 * f64::from(at);
        subject.params.iter_mut().step_by(2).for_each(|param| *param *= scale);
        subject
    };
    let subjects: Vec<Subject<'_>> = (0..70).map(subject).collect();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for trajectory in integrate(&compile(&model), &subjects, options) {
        assert_eq!(trajectory.failure, None);
        for byte in trajectory.rows.iter().flat_map(|value| value.to_bits().to_le_bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash
}

#[test]
fn every_instruction_set_gives_the_committed_bits() {
    let linear = oral("cl / v * central");
    let curved = oral("cl * central / (km + central) - 0.01 * exp(-central / 10)");
    let runs = [
        ("linear, exact", &linear, Solver::Linear),
        ("linear, Tsit5", &linear, Solver::Tsit5),
        ("saturable, Tsit5", &curved, Solver::Tsit5),
        ("linear, Dop853", &linear, Solver::Dop853),
        ("saturable, Dop853", &curved, Solver::Dop853),
        ("saturable, Rodas4", &curved, Solver::Rodas4),
        ("saturable, Rodas5P", &curved, Solver::Rodas5P),
        ("saturable, auto", &curved, Solver::Auto),
    ];
    let mut committed = None;
    for isa in [Isa::Baseline, Isa::Avx2, Isa::Avx512, Isa::Code] {
        if !available().contains(&isa) {
            println!("absent on this machine, not compared: {isa:?}");
            continue;
        }
        for lanes in [Lanes::Auto, Lanes::L8] {
            let one = |(name, text, solver): &(&str, &String, Solver)| {
                let options = Options {
                    rtol: 1e-6,
                    atol: Some(1e-9),
                    solver: *solver,
                    isa: Some(isa),
                    lanes,
                    ..Options::default()
                };
                format!("{name}: {:016x}\n", digest(text, &options))
            };
            let found: String = runs.iter().map(one).collect();
            println!("compared: {isa:?}, {lanes:?}");
            let first = committed.get_or_insert_with(|| found.clone());
            assert_eq!(&found, first, "{isa:?} {lanes:?} against the baseline");
        }
    }
    expect![[r#"
        linear, exact: 1761e32e09917022
        linear, Tsit5: ba75786f65e79e6b
        saturable, Tsit5: c9a81f90cb08b97e
        linear, Dop853: 82410531dbaf9a48
        saturable, Dop853: a48163f5e3121c6a
        saturable, Rodas4: 0da4330d141b6b0d
        saturable, Rodas5P: c82dc6fb799de68a
        saturable, auto: c9a81f90cb08b97e
    "#]]
    .assert_eq(&committed.unwrap_or_default());
}
