//! Rules in a run against closed forms, and that neither lanes nor neighbors show in them.

#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use common::{model, timeline};
use epsom_engine::{
    Act, Action, By, Conduct, Dose, DoseKind, Lanes, Lapse, Options, Rule, Rules, Solver, Subject,
    Timeline, Trajectory, Visits, When, Which, compile, integrate,
};
use epsom_maths::{Address, exp, ln};
use epsom_model::ir::Model;

const K: f64 = 0.1;
/// An exact propagation is right to some hundred roundings.
const EXACT: f64 = 1e3 * f64::EPSILON;
/// Local errors of some hundred steps at 1e-8 each.
const STEPPED: f64 = 1e2 * 1e-8;

const LINEAR: &str = "ini({ k <- 0.1 })\nmodel({ d/dt(x) = -k*x\n cc = 2*x })\n";
const SATURABLE: &str =
    "ini({ k <- 0.9 })\nmodel({ d/dt(y) = -0.3*y\n d/dt(x) = 0.3*y - k*x/(1 + x)\n cc = x })\n";

fn run(model: &Model, timeline: &Timeline, rules: &Rules, solver: Solver) -> Trajectory {
    let (mut model, mut rules) = (model.clone(), rules.clone());
    rules.watch(&mut model);
    let conduct = Some(Conduct { rules: &rules, address: Address::default() });
    let subject = Subject { conduct, ..Subject::typical(&model, timeline) };
    let options = Options { solver, ..Options::default() };
    let run = integrate(&compile(&model), &[subject], &options).remove(0);
    assert_eq!(run.failure, None);
    run
}

fn daily(amount: f64, n: u32) -> Dose {
    Dose { interval_h: 24.0, additional: n - 1, ..Dose::bolus(0, amount) }
}

fn rule(when: Option<(bool, f64)>, visits: Visits, act: Act) -> Rule {
    let when = when.map(|(above, limit)| When { output: 0, above, limit });
    Rule { when, visits, once: false, act }
}

fn change(times: f64, plus: f64, limit: Option<f64>) -> Act {
    Act::Change { times, plus, limit }
}

fn only(rule: Rule) -> Rules {
    Rules { rules: vec![rule], lapses: Vec::new() }
}

/// Sum over doses of what is left of each.
fn left(doses: &[(f64, f64)], time_h: f64) -> f64 {
    let given = doses.iter().filter(|dose| dose.0 <= time_h);
    given.map(|&(at, amount)| amount * exp(-K * (time_h - at))).sum()
}

fn near(got: f64, wanted: f64, allowed: f64) {
    assert!((got - wanted).abs() <= allowed * wanted.abs().max(1e-3), "{got} is not {wanted}");
}

#[test]
fn a_dose_is_halved_where_a_visit_finds_too_much() {
    let model = model(LINEAR);
    let times = [1.0, 30.0, 47.0, 49.0, 73.0, 100.0];
    let timeline = timeline(&[(0.0, Action::Dose(daily(10.0, 5)))], &times);
    // Before the dose at 48 h the output is 2 (10 e^-4.8 + 10 e^-2.4) = 1.98: above 1.9, then not.
    let rules = only(rule(Some((true, 1.9)), Visits::Every(24.0), change(0.5, 0.0, None)));
    let doses = [(0.0, 10.0), (24.0, 10.0), (48.0, 5.0), (72.0, 5.0), (96.0, 5.0)];
    for (solver, allowed) in
        [(Solver::Linear, EXACT), (Solver::Tsit5, STEPPED), (Solver::Rodas4, STEPPED)]
    {
        let run = run(&model, &timeline, &rules, solver);
        for (row, time_h) in run.rows().zip(times) {
            near(row[1], left(&doses, time_h), allowed);
        }
        let [one] = run.decisions[..] else { panic!("{:?}", run.decisions) };
        assert_eq!((one.time_h, one.by, one.dose), (48.0, By::Rule(0), 2));
        assert_eq!((one.before, one.after), (10.0, 5.0));
        near(one.value.unwrap(), 2.0 * left(&doses, 47.999_999_999), 1e-6);
    }
}

#[test]
fn a_titration_climbs_to_its_limit() {
    let model = model(LINEAR);
    let timeline = timeline(&[(0.0, Action::Dose(daily(7.0, 8)))], &[200.0]);
    let rules = Rules {
        rules: vec![
            rule(None, Visits::Start, Act::Set(1.0)),
            rule(None, Visits::Every(48.0), change(1.0, 1.0, Some(2.5))),
        ],
        lapses: Vec::new(),
    };
    let amounts = [1.0, 1.0, 2.0, 2.0, 2.5, 2.5, 2.5, 2.5];
    let doses: Vec<_> = (0..8).map(|at| (24.0 * f64::from(at), amounts[at as usize])).collect();
    let run = run(&model, &timeline, &rules, Solver::Linear);
    near(run.rows().next().unwrap()[1], left(&doses, 200.0), EXACT);
    let log: Vec<_> = run.decisions.iter().map(|one| (one.time_h, one.before, one.after)).collect();
    assert_eq!(log, [(0.0, 7.0, 1.0), (48.0, 1.0, 2.0), (96.0, 2.0, 2.5)]);
}

#[test]
fn an_infusion_stops_where_the_output_crosses_and_starts_again_where_told() {
    let model = model(LINEAR);
    // x' = 1 - k x: the output 2 x reaches 10 where 1 - e^-kt = 0.5.
    let dose = Dose { kind: DoseKind::Rate(1.0), ..Dose::bolus(0, 100.0) };
    let again = Dose::bolus(0, 3.0);
    let (from_h, crossed_h) = (30.0, ln(2.0) / K);
    let doses =
        [(0.0, Action::Dose(dose)), (20.0, Action::Dose(again)), (from_h, Action::Dose(again))];
    let timeline = timeline(&doses, &[5.0, 20.0, 31.0]);
    let rules = Rules {
        rules: vec![
            rule(Some((true, 10.0)), Visits::Always { mode: None }, Act::Hold(f64::INFINITY)),
            rule(Some((false, 2.0)), Visits::Always { mode: None }, Act::Resume),
        ],
        lapses: Vec::new(),
    };
    let run = run(&model, &timeline, &rules, Solver::Auto);
    let rows: Vec<f64> = run.rows().map(|row| row[1]).collect();
    near(rows[0], (1.0 - exp(-K * 5.0)) / K, STEPPED);
    near(rows[1], 5.0 * exp(-K * (20.0 - crossed_h)), STEPPED);
    let resumed_h = crossed_h + ln(5.0) / K;
    assert!(resumed_h < from_h);
    near(rows[2], 5.0 * exp(-K * (31.0 - crossed_h)) + 3.0 * exp(-K), STEPPED);
    let log: Vec<_> = run.decisions.iter().map(|one| (one.by, one.after)).collect();
    // Below 2 from the start on, but nothing was held then.
    assert_eq!(log, [(By::Rule(0), 0.0), (By::Rule(1), 3.0)]);
    near(run.decisions[0].time_h, crossed_h, STEPPED);
    near(run.decisions[1].time_h, resumed_h, STEPPED);
}

#[test]
fn a_rescue_dose_comes_at_once_and_is_not_changed_by_rules() {
    let model = model(LINEAR);
    let timeline = timeline(&[(0.0, Action::Dose(daily(8.0, 2)))], &[20.0, 40.0]);
    let give = Act::Give(Dose::bolus(0, 1.0));
    let rules = Rules {
        rules: vec![
            rule(None, Visits::At(vec![12.0]), Act::Hold(24.0)),
            Rule { once: true, ..rule(Some((false, 4.0)), Visits::Every(6.0), give) },
        ],
        lapses: Vec::new(),
    };
    let run = run(&model, &timeline, &rules, Solver::Linear);
    let rows: Vec<f64> = run.rows().map(|row| row[1]).collect();
    // 2 * 8 e^-0.1t is below 4 from 13.9 h: at the visit of 18 h. The dose of 24 h is held.
    let doses = [(0.0, 8.0), (18.0, 1.0)];
    near(rows[0], left(&doses, 20.0), EXACT);
    near(rows[1], left(&doses, 40.0), EXACT);
    assert_eq!(run.decisions.len(), 2);
}

#[test]
fn missed_and_late_doses_are_those_of_the_list() {
    let model = model(LINEAR);
    let timeline = timeline(&[(0.0, Action::Dose(daily(8.0, 4)))], &[100.0]);
    let lapses = vec![
        Lapse { which: Which::Doses(vec![2]), late_h: None },
        Lapse { which: Which::Doses(vec![3]), late_h: Some((5.0, 5.0)) },
    ];
    let run = run(&model, &timeline, &Rules { rules: Vec::new(), lapses }, Solver::Linear);
    let doses = [(0.0, 8.0), (53.0, 8.0), (72.0, 8.0)];
    near(run.rows().next().unwrap()[1], left(&doses, 100.0), EXACT);
    let log: Vec<_> = run.decisions.iter().map(|one| (one.by, one.dose, one.after)).collect();
    assert_eq!(log, [(By::Missed, 2, 0.0), (By::Late, 3, 8.0)]);
}

#[test]
fn a_tenth_is_missed_and_the_same_ones_by_repeats_and_by_records() {
    let model = model(LINEAR);
    let lapses = vec![Lapse { which: Which::Share(0.1), late_h: None }];
    let rules = Rules { rules: Vec::new(), lapses };
    let n = 2000;
    let end = [24.0 * f64::from(n)];
    let missed = |timeline: &Timeline| -> Vec<u32> {
        let run = run(&model, timeline, &rules, Solver::Linear);
        run.decisions.iter().map(|one| one.dose).collect()
    };
    let repeated = missed(&timeline(&[(0.0, Action::Dose(daily(1.0, n)))], &end));
    let one = |at: u32| (24.0 * f64::from(at), Action::Dose(Dose::bolus(0, 1.0)));
    let explicit = missed(&timeline(&(0..n).map(one).collect::<Vec<_>>(), &end));
    assert_eq!(repeated, explicit);
    // Five standard deviations of a binomial: sqrt(2000 * 0.1 * 0.9) = 13.4.
    assert!((repeated.len() as f64 - 200.0).abs() < 5.0 * 13.4, "{}", repeated.len());
}

#[test]
fn bits_are_the_same_for_all_widths_and_orders() {
    let mut model = model(SATURABLE);
    let mut rules = Rules {
        rules: vec![
            rule(Some((true, 3.0)), Visits::Always { mode: None }, change(0.8, 0.0, None)),
            rule(Some((false, 1.0)), Visits::Every(24.0), change(1.5, 0.0, Some(12.0))),
            rule(Some((true, 4.0)), Visits::Every(36.0), Act::Hold(30.0)),
        ],
        lapses: vec![
            Lapse { which: Which::Share(0.2), late_h: None },
            Lapse { which: Which::Share(0.3), late_h: Some((0.5, 6.0)) },
        ],
    };
    rules.watch(&mut model);
    let compiled = compile(&model);
    let times: Vec<f64> = (0..60).map(|at| 5.0 * f64::from(at)).collect();
    let timeline = timeline(&[(0.0, Action::Dose(daily(6.0, 12)))], &times);
    let subject = |at: u32| {
        let address = Address { subject: at, ..Address::default() };
        let conduct = Some(Conduct { rules: &rules, address });
        let params = vec![0.5 + 0.02 * f64::from(at)];
        Subject { params, conduct, ..Subject::typical(&model, &timeline) }
    };
    for solver in [Solver::Tsit5, Solver::Rodas4, Solver::Auto] {
        let options = Options { solver, lanes: Lanes::L1, ..Options::default() };
        let subjects: Vec<_> = (0..40).map(subject).collect();
        let alone = integrate(&compiled, &subjects, &options);
        assert!(alone.iter().all(|one| one.failure.is_none() && one.decisions.len() > 3));
        assert_ne!(alone[0].decisions, alone[1].decisions);
        for lanes in [Lanes::L8, Lanes::L16, Lanes::L32, Lanes::L64] {
            assert_eq!(integrate(&compiled, &subjects, &Options { lanes, ..options }), alone);
        }
        let reversed: Vec<_> = (0..40).rev().map(subject).collect();
        let mut backward = integrate(&compiled, &reversed, &options);
        backward.reverse();
        assert_eq!(backward, alone);
    }
}

/// Up to 30 of a dose enters `x`, what is above `y`: 80 leaves 50 there, and half of it 10.
#[test]
fn a_changed_dose_is_split_as_its_new_amount_is() {
    let model = model(
        "ini({ k <- 0.1 })\nmodel({ d/dt(x) = -k*x\n d/dt(y) = -k*y*(1 + y)/(1 + y)\n cc = x })\n",
    );
    let dose = Dose { kind: DoseKind::Split { limit: 30.0, rest: 1 }, ..daily(80.0, 3) };
    let timeline = timeline(&[(0.0, Action::Dose(dose))], &[24.0, 48.0]);
    let rules = only(rule(None, Visits::At(vec![12.0, 36.0]), change(0.5, 0.0, None)));
    let run = run(&model, &timeline, &rules, Solver::Auto);
    let after = |hours: f64| exp(-K * hours);
    // 80 at 0, 40 at 24, 20 at 48.
    let x = [30.0 * after(24.0) + 30.0, 30.0 * (after(48.0) + after(24.0)) + 20.0];
    let y = [50.0 * after(24.0) + 10.0, 50.0 * after(48.0) + 10.0 * after(24.0)];
    for (row, (x, y)) in run.rows().zip(x.into_iter().zip(y)) {
        near(row[1], x, STEPPED);
        near(row[2], y, STEPPED);
    }
    assert_eq!(run.decisions.iter().map(|one| one.after).collect::<Vec<_>>(), [40.0, 20.0]);
}
