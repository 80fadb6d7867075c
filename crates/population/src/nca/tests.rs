//! Closed forms, tables worked by hand, and input that is no profile.

use super::*;
use epsom_maths::{exp, ln};

const DOSE: f64 = 100.0;
const CL: f64 = 5.0;
const V: f64 = 20.0;
const K: f64 = CL / V;

fn grid(step: f64, n: usize) -> Vec<f64> {
    (0..=n).map(|at| step * at as f64).collect()
}

fn of(times: &[f64], curve: impl Fn(f64) -> f64) -> Vec<f64> {
    times.iter().map(|&time| curve(time)).collect()
}

fn options(entry: Entry) -> NcaOptions {
    NcaOptions { entry, dose: DOSE, ..NcaOptions::default() }
}

#[track_caller]
fn close(got: f64, wanted: f64, relative: f64) {
    assert!((got - wanted).abs() <= relative * wanted.abs(), "{got} is not {wanted}");
}

/// Roundings of some dozen operations.
const ROUNDED: f64 = 64.0 * f64::EPSILON;

#[test]
fn a_bolus_is_exact_whatever_the_samples() {
    let times = [0.0, 0.5, 2.0, 3.0, 7.0, 12.0];
    let values = of(&times, |t| DOSE / V * exp(-K * t));
    let found = exposure(&times, &values, &options(Entry::Bolus));
    close(found.auc_inf, DOSE / CL, ROUNDED);
    close(found.auc_last, DOSE / CL * (1.0 - exp(-12.0 * K)), ROUNDED);
    close(found.extrapolated_percent, 100.0 * exp(-12.0 * K), ROUNDED);
    close(found.mrt, 1.0 / K, ROUNDED);
    close(found.clearance, CL, ROUNDED);
    close(found.volume, V, ROUNDED);
    close(found.volume_steady, V, ROUNDED);
    let terminal = found.terminal.expect("a terminal phase");
    close(terminal.half_life, ln(2.0) / K, ROUNDED);
    assert_eq!((terminal.n, found.cmax, found.tmax), (6, DOSE / V, 0.0));
    // From the second sample on, the first is found again.
    let late: Vec<Sample> = (times[1..].iter().zip(&values[1..]))
        .map(|(&time, &value)| Sample { time, value, blq: false })
        .collect();
    let options = options(Entry::Bolus);
    let (_, values) = prepare(&late, 0.0, Blq::default(), Baseline::None, &options).expect("good");
    close(values[0], DOSE / V, ROUNDED);
}

#[test]
fn an_infusion_is_as_near_as_its_straight_pieces() {
    let duration = 4.0;
    let top = DOSE / duration / CL;
    let during = |t: f64| top * (1.0 - exp(-K * t));
    let curve = |t: f64| match t <= duration {
        true => during(t),
        false => during(duration) * exp(-K * (t - duration)),
    };
    let step = 0.01;
    let times = grid(step, 4_000);
    let found = exposure(&times, &of(&times, curve), &options(Entry::Infusion { duration }));
    // Trapezoid: step² / 12 times the length times the largest second derivative, on the rise.
    let error = step * step / 12.0 * duration * top * K * K;
    assert!((found.auc_inf - DOSE / CL).abs() <= error * 1.01 + ROUNDED);
    close(found.clearance, CL, 2.0 * error / (DOSE / CL));
    // The moment's integrand has a second derivative of at most 2 c' + t c''.
    let moment = step * step / 12.0 * duration * (2.0 * top * K + duration * top * K * K);
    assert!((found.mrt - 1.0 / K).abs() <= (moment + error / K) / (DOSE / CL) * 1.1);
    close(found.cmax, during(duration), ROUNDED);
    close(found.tmax, duration, ROUNDED);
}

#[test]
fn a_dose_by_mouth_has_its_closed_form() {
    let (ka, f) = (1.5, 0.6);
    let scale = f * DOSE * ka / (V * (ka - K));
    let curve = |t: f64| scale * (exp(-K * t) - exp(-ka * t));
    let step = 0.01;
    let times = grid(step, 6_000);
    let found = exposure(&times, &of(&times, curve), &options(Entry::Extravascular));
    // Trapezoid on the rise, exponential pieces after it: both of second order in the step.
    let error = step * step / 12.0 * scale * (ka + K) * (ka + K) / K;
    assert!((found.auc_inf - f * DOSE / CL).abs() <= error);
    let tmax = ln(ka / K) / (ka - K);
    // The highest sample is the one beside the top.
    assert!((found.tmax - tmax).abs() <= step);
    assert!(found.cmax <= curve(tmax) && found.cmax >= curve(tmax + step));
    close(found.clearance, CL / f, 2.0 * error / (f * DOSE / CL));
    // The mean time by mouth is that of absorption and of the body.
    close(found.mrt, 1.0 / K + 1.0 / ka, 1e-4);
    // The line is chosen by adjusted r²: what is left of absorption bends it by less than 1e-4.
    close(found.terminal.expect("a phase").rate, K, 1e-2);
}

#[test]
fn two_compartments_have_the_area_of_both_phases() {
    let (a, alpha, b, beta) = (8.0, 1.2, 2.0, 0.1);
    let curve = |t: f64| a * exp(-alpha * t) + b * exp(-beta * t);
    let mut times = grid(0.01, 2_000);
    times.extend([24.0, 30.0, 36.0, 48.0, 60.0]);
    let chosen = NcaOptions { terminal: Some((24.0, 60.0)), ..options(Entry::Bolus) };
    let found = exposure(&times, &of(&times, curve), &chosen);
    let wanted = a / alpha + b / beta;
    // Exponential pieces lie off a sum of exponentials by at most step² / 12 c''.
    let error = 0.01 * 0.01 / 12.0 * (a * alpha + b * beta);
    assert!((found.auc_inf - wanted).abs() <= error + 1e-8 * wanted);
    close(found.clearance, DOSE / wanted, 1e-5);
    close(found.mrt, (a / (alpha * alpha) + b / (beta * beta)) / wanted, 1e-4);
    // Steady state volume: clearance times mean time.
    close(found.volume_steady, found.clearance * found.mrt, ROUNDED);
    let terminal = found.terminal.expect("a phase");
    assert_eq!(terminal.n, 5);
    // e^-(24 alpha) of the first phase is left.
    close(terminal.rate, beta, 1e-10);
}

#[test]
fn an_interval_of_steady_state_has_the_area_of_a_single_dose() {
    let interval = 12.0;
    let times = grid(0.5, 24);
    let c0 = DOSE / V / (1.0 - exp(-K * interval));
    let values = of(&times, |t| c0 * exp(-K * t));
    let steady = NcaOptions { interval: Some(interval), steady: true, ..options(Entry::Bolus) };
    let found = exposure(&times, &values, &steady);
    close(found.auc_interval, DOSE / CL, ROUNDED);
    close(found.clearance, CL, ROUNDED);
    close(found.volume, V, ROUNDED);
    close(found.mrt, 1.0 / K, 2.0 * ROUNDED);
    close(found.cavg, DOSE / CL / interval, ROUNDED);
    close(found.ctrough, c0 * exp(-K * interval), ROUNDED);
    close(found.accumulation, 1.0 / (1.0 - exp(-K * interval)), ROUNDED);
    let fall = c0 * (1.0 - exp(-K * interval));
    close(found.fluctuation_percent, 100.0 * fall / found.cavg, ROUNDED);
    close(found.swing_percent, 100.0 * (exp(K * interval) - 1.0), ROUNDED);
}

/// Times 0, 1, 2, 4, 8 and values 0, 10, 8, 4, 1.
const TABLE: ([f64; 5], [f64; 5]) = ([0.0, 1.0, 2.0, 4.0, 8.0], [0.0, 10.0, 8.0, 4.0, 1.0]);

#[test]
fn a_table_worked_by_hand_gives_its_areas() {
    let (times, values) = TABLE;
    assert_eq!(area(&times, &values, Rule::Linear).auc, 5.0 + 9.0 + 12.0 + 10.0);
    // Moments of straight pieces: dt (t0 (c0 + c1) / 2 + dt (c0 + 2 c1) / 6).
    let moment = (20.0 / 6.0) + (9.0 + 26.0 / 6.0) + (24.0 + 4.0 * 16.0 / 6.0) + (40.0 + 16.0);
    close(area(&times, &values, Rule::Linear).aumc, moment, ROUNDED);
    let falls = 2.0 / ln(10.0 / 8.0) + 4.0 / ln(2.0) * 2.0 + 3.0 / ln(4.0) * 4.0;
    close(area(&times, &values, Rule::LinearUpLogDown).auc, 5.0 + falls, ROUNDED);
    // The first piece starts at 0, where no exponential does.
    close(area(&times, &values, Rule::Log).auc, 5.0 + falls, ROUNDED);
    let rise = area(&[0.0, 2.0], &[1.0, 4.0], Rule::Log).auc;
    close(rise, 2.0 * 3.0 / ln(4.0), ROUNDED);
    // Moment of an exponential piece: (t0 c0 - t1 c1) / k + (c0 - c1) / k².
    let k = ln(2.0) / 2.0;
    let wanted = (2.0 * 8.0 - 4.0 * 4.0) / k + 4.0 / (k * k);
    close(area(&[2.0, 4.0], &[8.0, 4.0], Rule::Log).aumc, wanted, 2.0 * ROUNDED);
}

#[test]
fn pieces_that_hardly_fall_keep_their_digits() {
    // On both sides of where the series takes over.
    for fall in [1e-12, 1e-6, 0.0199, 0.0201] {
        let to = exp(-fall);
        let log = area(&[3.0, 5.0], &[1.0, to], Rule::Log);
        let line = area(&[3.0, 5.0], &[1.0, to], Rule::Linear);
        // They differ by fall² / 12 at most, relative.
        close(log.auc, line.auc, fall * fall / 12.0 + 4.0 * f64::EPSILON);
        close(log.aumc, line.aumc, fall * fall / 6.0 + 8.0 * f64::EPSILON);
    }
}

#[test]
fn parts_of_an_area_add_up() {
    let (times, values) = TABLE;
    for rule in [Rule::Linear, Rule::LinearUpLogDown, Rule::Log] {
        let partial = vec![(0.0, 3.0), (3.0, 8.0), (1.0, 2.0), (8.0, 9.0)];
        let asked = NcaOptions { rule, partial, ..NcaOptions::default() };
        let found = exposure(&times, &values, &asked);
        close(found.partial[0] + found.partial[1], found.auc_last, ROUNDED);
        let piece = area(&times[1..3], &values[1..3], rule).auc;
        assert_eq!(found.partial[2], piece);
        // Beyond the last sample along the terminal phase.
        let rate = found.terminal.expect("a phase").rate;
        let wanted = (1.0 - exp(-rate)) / rate;
        if rule != Rule::Linear {
            close(found.partial[3], wanted, ROUNDED);
        }
    }
    let at = |time| value_at(&times, &values, Rule::LinearUpLogDown, time);
    assert_eq!((at(0.5), at(1.0), at(8.0)), (5.0, 10.0, 1.0));
    close(at(3.0), 32.0_f64.sqrt(), ROUNDED);
    assert!(at(8.1).is_nan() && at(-0.1).is_nan());
}

#[test]
fn the_terminal_phase_is_chosen_by_adjusted_r2() {
    // ln 10, 8, 4, 1 at 1, 2, 4, 8: of the last three the line has slope
    // sum (t - 14/3)(y - mean) / sum (t - 14/3)^2, and it is all there is after the top.
    let (times, values) = TABLE;
    let found = exposure(&times, &values, &NcaOptions::default()).terminal.expect("a phase");
    let y = [ln(8.0), ln(4.0), 0.0];
    let t = [2.0, 4.0, 8.0];
    let (tm, ym) = (14.0 / 3.0, (y[0] + y[1]) / 3.0);
    let ty: f64 = (0..3).map(|at| (t[at] - tm) * (y[at] - ym)).sum();
    let tt: f64 = (0..3).map(|at| (t[at] - tm) * (t[at] - tm)).sum();
    close(found.rate, -ty / tt, ROUNDED);
    assert_eq!((found.n, found.from, found.to), (3, 2.0, 8.0));
    // An exact line from 4 on behind a steeper start: the four exact samples win.
    let times = [0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0];
    let line = |t: f64| exp(-0.2 * t);
    let mut values = of(&times, line);
    (values[0], values[1], values[2], values[3]) = (0.0, 20.0, 9.0, 3.0);
    let found = exposure(&times, &values, &NcaOptions::default()).terminal.expect("a phase");
    assert_eq!((found.n, found.from), (4, 4.0));
    close(found.rate, 0.2, ROUNDED);
    // All on the line: the longest wins, although adjusted r² differ in the last digits.
    let values = of(&times, line);
    let found = exposure(&times, &values, &NcaOptions::default()).terminal.expect("a phase");
    assert_eq!(found.n, 7);
}

#[test]
fn what_cannot_be_said_is_no_number() {
    let nothing = exposure(&[0.0], &[0.0], &NcaOptions::default());
    assert_eq!((nothing.cmax, nothing.auc_last), (0.0, 0.0));
    assert!(nothing.auc_inf.is_nan() && nothing.terminal.is_none() && nothing.mrt.is_nan());
    // It rises to the end: there is no terminal phase.
    let options = NcaOptions { interval: Some(6.0), ..options(Entry::Extravascular) };
    let rising = exposure(&[0.0, 1.0, 2.0, 4.0], &[0.0, 1.0, 2.0, 3.0], &options);
    assert!(rising.terminal.is_none() && rising.auc_inf.is_nan() && rising.clearance.is_nan());
    assert!(rising.auc_interval.is_nan(), "the interval ends after the last sample");
    assert_eq!(rising.auc_last, 0.5 + 1.5 + 5.0);
    let flat = exposure(&[0.0, 1.0, 2.0, 6.0], &[0.0; 4], &options);
    assert_eq!((flat.auc_interval, flat.cmax), (0.0, 0.0));
    assert!(flat.fluctuation_percent.is_nan() && flat.swing_percent.is_nan());
}

fn samples(list: &[(f64, f64)]) -> Vec<Sample> {
    list.iter().map(|&(time, value)| Sample { time, value, blq: value < 0.5 }).collect()
}

#[test]
fn limits_and_baselines_follow_their_rule() {
    let list = samples(&[(-1.0, 0.1), (0.0, 0.2), (1.0, 6.0), (2.0, 0.3), (3.0, 4.0), (5.0, 0.1)]);
    let options = NcaOptions::default();
    let with = |blq, baseline| prepare(&list, 0.0, blq, baseline, &options).expect("good");
    let (times, values) = with(Blq::ZeroThenNothing, Baseline::None);
    assert_eq!((times, values), (vec![0.0, 1.0, 3.0], vec![0.0, 6.0, 4.0]));
    let (times, values) = with(Blq::Zero, Baseline::None);
    assert_eq!(times, [0.0, 1.0, 2.0, 3.0, 5.0]);
    assert_eq!(values, [0.0, 6.0, 0.0, 4.0, 0.0]);
    let (times, _) = with(Blq::Nothing, Baseline::None);
    assert_eq!(times, [0.0, 1.0, 3.0], "0 is put at the dose");
    assert_eq!(with(Blq::Nothing, Baseline::Value(5.0)).1, [0.0, 1.0, 0.0]);
    let measured = [(-2.0, 1.0), (0.0, 3.0), (1.0, 7.0), (2.0, 1.5)];
    let list: Vec<Sample> =
        measured.iter().map(|&(time, value)| Sample { time, value, blq: false }).collect();
    let made = prepare(&list, 0.0, Blq::Zero, Baseline::Before, &options).expect("good");
    assert_eq!(made, (vec![0.0, 1.0, 2.0], vec![1.0, 5.0, 0.0]));
}

#[test]
fn input_that_is_no_profile_is_refused() {
    let options = NcaOptions::default();
    let with = |list: &[(f64, f64)], baseline| {
        let list: Vec<Sample> =
            list.iter().map(|&(time, value)| Sample { time, value, blq: false }).collect();
        prepare(&list, 0.0, Blq::default(), baseline, &options).expect_err("refused")
    };
    let none = Baseline::None;
    assert_eq!(with(&[], none), Unusable::Nothing);
    assert_eq!(with(&[(-1.0, 2.0)], none), Unusable::Nothing);
    let twice = Unusable::Unsorted { before: 1.0, time: 1.0 };
    assert_eq!(with(&[(1.0, 1.0), (1.0, 2.0)], none), twice);
    let back = Unusable::Unsorted { before: 2.0, time: 1.0 };
    assert_eq!(with(&[(2.0, 1.0), (1.0, 2.0)], none), back);
    let negative = Unusable::Negative { time: 1.0, value: -0.1 };
    assert_eq!(with(&[(1.0, -0.1)], none), negative);
    assert_eq!(with(&[(1.0, 1.0), (2.0, f64::NAN)], none), Unusable::NotFinite { at: 1 });
    assert_eq!(with(&[(1.0, 1.0)], Baseline::Before), Unusable::NoBaseline);
    // One point is a profile, of which little can be said.
    let one = [Sample { time: 1.0, value: 2.0, blq: false }];
    let (times, values) = prepare(&one, 0.0, Blq::default(), none, &options).expect("good");
    let found = exposure(&times, &values, &options);
    assert_eq!((found.cmax, found.auc_last), (2.0, 1.0));
    assert!(found.terminal.is_none());
}

#[test]
fn ratios_of_pairs_and_groups_agree_with_their_formula() {
    // Logs of the pairs' ratios: 0.1, 0.2, 0.3; mean 0.2, sd 0.1, t(0.95, 2) = 2.919986.
    let test = [exp(0.1), 2.0 * exp(0.2), 3.0 * exp(0.3)];
    let pair = paired_ratio(&test, &[1.0, 2.0, 3.0]).expect("pairs");
    close(ln(pair.ratio), 0.2, ROUNDED);
    // With two degrees of freedom t(p) = (2 p - 1) / sqrt(2 p (1 - p)).
    let half = 0.9 / 0.095_f64.sqrt() * 0.1 / 3.0_f64.sqrt();
    close(ln(pair.hi), 0.2 + half, 1e-12);
    close(ln(pair.lo), 0.2 - half, 1e-12);
    assert_eq!((pair.n, pair.df, pair.verdict()), (3, 2.0, Verdict::Across));
    // Equal groups of equal spread: Welch's degrees of freedom are those of the pooled test.
    let a = [1.0, exp(0.1), exp(0.2)];
    let b = [exp(0.3), exp(0.4), exp(0.5)];
    let groups = parallel_ratio(&a, &b).expect("groups");
    close(ln(groups.ratio), -0.3, ROUNDED);
    close(groups.df, 4.0, 1e-12);
    // t(0.95, 4) = 2.131847; standard error 0.1 sqrt(2 / 3).
    let half = 2.131_846_786_326_649 * 0.1 * (2.0_f64 / 3.0).sqrt();
    close(ln(groups.lo), -0.3 - half, 1e-11);
    assert_eq!(groups.verdict(), Verdict::Across);
    let same = paired_ratio(&[1.0, 2.0], &[1.0, 2.0]).expect("pairs");
    assert_eq!((same.ratio, same.lo, same.verdict()), (1.0, 1.0, Verdict::Inside));
    let half = paired_ratio(&[1.0, 2.0], &[2.0, 4.0]).expect("pairs");
    assert_eq!(half.verdict(), Verdict::Outside);
    assert_eq!(paired_ratio(&[1.0], &[1.0]), None);
    assert_eq!(paired_ratio(&[1.0, 0.0], &[1.0, 1.0]), None);
    assert_eq!(parallel_ratio(&[1.0, 1.0], &[1.0]), None);
}

fn read(text: &str) -> Vec<Measured> {
    read_measured(text, epsom_diag::FileId(0), Some("TRT")).expect("people")
}

#[test]
fn tables_become_profiles_of_one_dose() {
    let text = "ID,TIME,AMT,II,ADDL,SS,DV,URINE,TRT\n\
                1,0,100,12,2,.,.,.,a\n1,0,.,.,.,.,0.2,.,a\n1,4,.,.,.,.,6,3,a\n\
                1,24,.,.,.,.,2,4,a\n1,25,.,.,.,.,8,.,a\n1,30,.,.,.,.,<0.1,1,a\n\
                1,0,50,.,.,1,.,.,b\n1,1,.,.,.,.,3,.,b\n";
    let people = read(text);
    let groups: Vec<&str> = people.iter().map(|one| one.group.as_str()).collect();
    assert_eq!(groups, ["a", "b"]);
    assert_eq!(people[0].doses.iter().map(|one| one.time).collect::<Vec<_>>(), [0.0, 12.0, 24.0]);
    let options = |which| ProfileOptions { which, ..ProfileOptions::default() };
    let (times, values, nca) = profile(&people[0], &options(Which::First)).expect("a profile");
    assert_eq!((times, values), (vec![0.0, 4.0], vec![0.2, 6.0]));
    assert_eq!((nca.dose, nca.interval, nca.steady), (100.0, Some(12.0), false));
    let (times, values, nca) = profile(&people[0], &options(Which::Last)).expect("a profile");
    assert_eq!((times, values, nca.interval), (vec![0.0, 1.0], vec![2.0, 8.0], Some(12.0)));
    assert!(profile(&people[1], &options(Which::Last)).expect("a profile").2.steady);
    // The baseline is of before the first dose, whichever is looked at.
    let less = ProfileOptions { baseline: Baseline::Before, ..options(Which::Last) };
    assert_eq!(profile(&people[0], &less).expect("a profile").1, [1.8, 7.8]);
    let said = profile(&people[0], &options(Which::Number(4))).expect_err("refused");
    assert_eq!(said.message, "person `1` has no dose 4");
    assert_eq!(urine_amount(&people[0], 0.0, 24.0), 7.0);
    assert!(urine_amount(&people[1], 0.0, 24.0).is_nan());
}

#[test]
fn tables_that_cannot_be_read_say_where() {
    for (text, said) in [
        ("", "the file of concentrations is empty"),
        ("ID,TIME,DV,TRT\n", "the file of concentrations has a header and no rows"),
        ("ID,TIME,TRT\n1,2,a\n", "there is no column `DV`"),
        ("TIME,DV\n1,2\n", "there is no column `TRT` to group by"),
        ("TIME,DV,DV,TRT\n1,2,2,a\n", "column `DV` stands twice"),
        ("TIME,DV,TRT\n1,x,a\n", "`x` is no number"),
        ("TIME,DV,TRT\n.,1,a\n", "a row has no time"),
        ("TIME,DV,TRT\n1,1\n", "a row has 2 fields, the header 3"),
        ("TIME,DV,TRT,EVID,AMT\n1,.,a,1,0\n", "a dose is not above 0"),
        ("TIME,DV,TRT,AMT,ADDL\n1,.,a,5,3\n", "repeats have no interval"),
        ("TIME,DV,TRT,AMT,RATE\n1,.,a,5,-1\n", "a dose cannot be given as it is written"),
    ] {
        let found = read_measured(text, epsom_diag::FileId(0), Some("TRT")).expect_err(text);
        assert_eq!(found[0].message, said, "{text}");
        assert_eq!(found[0].code, "E0743");
    }
    for (rows, said) in [
        ("2,1,a\n1,2,a\n", "times of person `1` do not rise: 1 comes after 2"),
        ("1,-2,a\n", "a concentration of person `1` is below 0: -2"),
        ("-1,2,a\n", "person `1` has no concentration after the dose"),
    ] {
        let people = read(&format!("TIME,DV,TRT\n{rows}"));
        let found = profile(&people[0], &ProfileOptions::default()).expect_err(rows);
        assert_eq!((found.code, found.message.as_str()), ("E0744", said));
    }
}
