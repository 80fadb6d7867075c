use super::*;
use epsom_maths::{exp, expit, ln, logit, mean, norm_cdf, norm_quantile, quantile, variance};
use epsom_model::ir::{Compartment, Correlation, Level, Param};
use expect_test::{Expect, expect};
use proptest::prelude::*;

const N: u32 = 10_000;
/// Standard errors that a moment or quantile of the fixed draws may be away: one run in 2 million
/// of a right sampler would fail, and the seed is fixed.
const ERRORS: f64 = 5.0;

fn param(name: &str, value: f64, uncertain: Distribution) -> Param {
    Param {
        name: name.into(),
        value,
        unit: Default::default(),
        uncertain,
        varies: Distribution::Fixed,
        bounds: (f64::NEG_INFINITY, f64::INFINITY),
        provenance: Default::default(),
        spread_assumed: String::new(),
        label: String::new(),
    }
}

/// Of compartments that read one parameter each.
fn model(params: Vec<Param>) -> Model {
    let mut model = Model { params, ..Model::default() };
    for at in 0..model.params.len() as u32 {
        let derivative = model.exprs.add(Node::Param(at));
        model.compartments.push(Compartment::of(format!("x{at}"), derivative));
    }
    model
}

fn sampler(params: Vec<Param>) -> Sampler {
    Sampler::new(&model(params)).unwrap()
}

fn column(sampler: &Sampler, at: usize) -> Vec<f64> {
    (0..N).map(|replicate| sampler.uncertain(7, replicate)[at]).collect()
}

/// Draws of one bounded parameter.
fn drawn(value: f64, uncertain: Distribution, bounds: (f64, f64)) -> Vec<f64> {
    let one = Param { bounds, ..param("cl", value, uncertain) };
    let values = column(&sampler(vec![one]), 0);
    assert!(values.iter().all(|x| bounds.0 <= *x && *x <= bounds.1));
    values
}

/// The probability transform of the draws is uniform: mean, variance and nine quantiles.
fn is_distributed(values: &[f64], below: impl Fn(f64) -> f64) {
    let n = values.len() as f64;
    let u: Vec<f64> = values.iter().map(|&x| below(x)).collect();
    assert!((mean(&u) - 0.5).abs() < ERRORS * (1.0 / 12.0 / n).sqrt());
    // Fourth central moment 1/80 of a uniform number.
    let error = ((1.0 / 80.0 - 1.0 / 144.0) / n).sqrt();
    assert!((variance(&u) - 1.0 / 12.0).abs() < ERRORS * error);
    for k in 1..10 {
        let p = f64::from(k) / 10.0;
        let error = (p * (1.0 - p) / n).sqrt();
        assert!((quantile(&u, p) - p).abs() < ERRORS * error + 1.0 / n, "{p}");
    }
}

const OPEN: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

#[test]
fn each_distribution_has_its_closed_form() {
    let normal = drawn(3.0, Distribution::Normal { sd: 0.5 }, OPEN);
    is_distributed(&normal, |x| norm_cdf((x - 3.0) / 0.5));
    let log_normal = drawn(3.0, Distribution::LogNormal { sd: 0.5 }, OPEN);
    is_distributed(&log_normal, |x| norm_cdf(ln(x / 3.0) / 0.5));
    let negative = drawn(-3.0, Distribution::LogNormal { sd: 0.5 }, OPEN);
    is_distributed(&negative, |x| norm_cdf(ln(x / -3.0) / 0.5));
    let share = drawn(0.2, Distribution::LogitNormal { sd: 0.8 }, OPEN);
    is_distributed(&share, |x| norm_cdf((logit(x) - logit(0.2)) / 0.8));
    let even = drawn(3.0, Distribution::Uniform { lo: 2.0, hi: 6.0 }, OPEN);
    is_distributed(&even, |x| (x - 2.0) / 4.0);
    let triangle = drawn(3.0, Distribution::Triangular { lo: 2.0, hi: 6.0 }, OPEN);
    is_distributed(&triangle, triangle_below);
}

/// Triangle over 2, 3, 6.
fn triangle_below(x: f64) -> f64 {
    if x < 3.0 { (x - 2.0) * (x - 2.0) / 4.0 } else { 1.0 - (6.0 - x) * (6.0 - x) / 12.0 }
}

#[test]
fn bounds_truncate_and_leave_no_pile() {
    let inside = |below: &dyn Fn(f64) -> f64, (lo, hi): (f64, f64), x: f64| {
        (below(x) - below(lo)) / (below(hi) - below(lo))
    };
    let bounds = (2.5, 3.2);
    let normal = |x: f64| norm_cdf((x - 3.0) / 0.5);
    is_distributed(&drawn(3.0, Distribution::Normal { sd: 0.5 }, bounds), |x| {
        inside(&normal, bounds, x)
    });
    let log_normal = |x: f64| norm_cdf(ln(x / 3.0) / 0.5);
    is_distributed(&drawn(3.0, Distribution::LogNormal { sd: 0.5 }, bounds), |x| {
        inside(&log_normal, bounds, x)
    });
    // Larger sizes lie lower where values are negative: the transform turns round.
    let turned = (-3.2, -2.5);
    is_distributed(&drawn(-3.0, Distribution::LogNormal { sd: 0.5 }, turned), |x| {
        inside(&log_normal, bounds, -x)
    });
    let share = |x: f64| norm_cdf((logit(x) - logit(0.2)) / 0.8);
    is_distributed(&drawn(0.2, Distribution::LogitNormal { sd: 0.8 }, (0.1, 0.6)), |x| {
        inside(&share, (0.1, 0.6), x)
    });
    is_distributed(&drawn(3.0, Distribution::Uniform { lo: 2.0, hi: 6.0 }, bounds), |x| {
        (x - 2.5) / 0.7
    });
    is_distributed(&drawn(3.0, Distribution::Triangular { lo: 2.0, hi: 6.0 }, bounds), |x| {
        inside(&triangle_below, bounds, x)
    });
    // Bounds beyond what a distribution reaches change nothing.
    let wide = drawn(0.2, Distribution::LogitNormal { sd: 0.8 }, (-1.0, 2.0));
    let open = drawn(0.2, Distribution::LogitNormal { sd: 0.8 }, (0.0, 1.0));
    assert_eq!(wide, open);
}

#[test]
fn a_far_tail_keeps_its_shape() {
    // Above 9 standard deviations the excess times 9 is nearly exponential with mean
    // 1 - 2/81 + ... (Mills' ratio); the midpoints of 1000 equal parts miss the last part's end,
    // which holds ln(2)/1000 at most twice over.
    let one = Distribution::Normal { sd: 1.0 };
    let score = |at: u32| Score::Uniform((f64::from(at) + 0.5) / 1000.0);
    let excess: Vec<f64> =
        (0..1000).map(|at| draw(&one, 0.0, (9.0, f64::INFINITY), score(at)) - 9.0).collect();
    assert!(excess.windows(2).all(|pair| pair[0] < pair[1]));
    assert!((9.0 * mean(&excess) - 1.0).abs() < 2.0 / 81.0 + 2.0 * ln(2.0) / 1000.0);
    let mirrored = draw(&one, 0.0, (f64::NEG_INFINITY, -9.0), score(0));
    assert!((mirrored + draw(&one, 0.0, (9.0, f64::INFINITY), score(999))).abs() < 1e-12);
    // A point, and a place without probability: the nearest bound.
    assert_eq!(draw(&one, 0.0, (2.0, 2.0), score(7)), 2.0);
    assert_eq!(draw(&one, 0.0, (90.0, 95.0), score(7)), 90.0);
    assert_eq!(draw(&Distribution::LogNormal { sd: 1.0 }, 3.0, (-4.0, -2.0), score(7)), -2.0);
}

/// Shortest digits that read back: every machine must give these bits, and every version, or the
/// seeds that people noted no longer repeat their runs.
#[test]
fn a_seed_gives_the_same_draws_forever() {
    let log = Distribution::LogNormal { sd: 0.4 };
    let bounded =
        |name: &str, uncertain| Param { bounds: (0.8, 1.5), ..param(name, 1.0, uncertain) };
    let params = vec![
        param("a", 1.0, Distribution::Normal { sd: 0.4 }),
        param("b", 1.0, log),
        param("c", 0.3, Distribution::LogitNormal { sd: 0.4 }),
        param("d", 1.0, Distribution::Uniform { lo: 0.0, hi: 2.0 }),
        param("e", 1.0, Distribution::Triangular { lo: 0.0, hi: 2.0 }),
        bounded("f", log),
        bounded("g", Distribution::Triangular { lo: 0.0, hi: 2.0 }),
        Param { varies: log, ..param("h", 1.0, Distribution::Fixed) },
    ];
    let correlations = vec![Correlation { first: 0, second: 1, rho: 0.5, level: Level::Uncertain }];
    let made = Sampler::new(&Model { correlations, ..model(params) }).unwrap();
    let typical = made.uncertain(20_261_124, 3);
    let arm = hash_name("twice daily");
    let at = Address { seed: 20_261_124, replicate: 3, arm, subject: 5, ..Address::default() };
    let mut lines: Vec<String> = typical.iter().map(|value| format!("{value:?}\n")).collect();
    lines.push(format!("{:?}\n", made.subject(&at, &typical)[7]));
    expect![[r#"
        0.3501660857092035
        0.4072010305242181
        0.239145704982306
        1.186068752405215
        0.8345929728426165
        1.0752831778578549
        1.1232151161988795
        0.9362011054865909
        0.8901830438114731
    "#]]
    .assert_eq(&lines.concat());
}

#[test]
fn a_parameter_more_changes_no_other_draw() {
    let spread = Distribution::LogNormal { sd: 0.4 };
    let few = sampler(vec![param("cl", 5.0, spread), param("vc", 30.0, spread)]);
    let more = sampler(vec![
        param("ka", 0.8, spread),
        param("vc", 30.0, spread),
        param("cl", 5.0, spread),
    ]);
    let (a, b) = (few.uncertain(1, 3), more.uncertain(1, 3));
    assert_eq!((a[0].to_bits(), a[1].to_bits()), (b[2].to_bits(), b[1].to_bits()));
    assert_ne!(a[0] / 5.0, a[1] / 30.0);
}

#[test]
fn a_correlated_parameter_more_changes_no_earlier_draw() {
    let spread = Distribution::LogNormal { sd: 0.4 };
    let names = ["a", "b", "c"];
    let params = names.map(|name| param(name, 1.0, spread)).to_vec();
    let rho = |first, second, rho| Correlation { first, second, rho, level: Level::Uncertain };
    let two = Model { correlations: vec![rho(0, 1, 0.5)], ..model(params[..2].to_vec()) };
    let three = Model {
        correlations: vec![rho(1, 0, 0.5), rho(2, 0, -0.3), rho(1, 2, 0.1)],
        ..model(params)
    };
    let (two, three) = (Sampler::new(&two).unwrap(), Sampler::new(&three).unwrap());
    assert_eq!(two.uncertain(1, 3), three.uncertain(1, 3)[..2]);
}

#[test]
fn arms_subjects_replicates_and_levels_have_their_own_draws() {
    let spread = Distribution::LogNormal { sd: 0.4 };
    let one = Param { varies: spread, ..param("cl", 5.0, spread) };
    let made = sampler(vec![one]);
    let base = Address { seed: 1, ..Address::default() };
    let at = |address: Address| made.subject(&address, &[5.0])[0].to_bits();
    let mut all = vec![
        made.uncertain(1, 0)[0].to_bits(),
        made.uncertain(1, 1)[0].to_bits(),
        made.uncertain(2, 0)[0].to_bits(),
        at(base),
        at(Address { arm: hash_name("twice daily"), ..base }),
        at(Address { subject: 1, ..base }),
        at(Address { replicate: 1, ..base }),
        at(Address { seed: 2, ..base }),
    ];
    let n = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), n);
    assert_eq!(at(base), at(Address { purpose: 9, ..base }));
}

#[test]
fn people_differ_around_the_typical_value_of_the_replicate() {
    let spread = Distribution::LogNormal { sd: 0.3 };
    let even = Distribution::Uniform { lo: 2.0, hi: 6.0 };
    let made = sampler(vec![
        Param { varies: spread, ..param("cl", 5.0, Distribution::Fixed) },
        Param { varies: even, ..param("ka", 3.0, Distribution::Fixed) },
        param("vc", 30.0, spread),
    ]);
    let person = |subject| Address { seed: 1, subject, ..Address::default() };
    let people: Vec<_> =
        (0..N).map(|subject| made.subject(&person(subject), &[10.0, 6.0, 31.0])).collect();
    let clearance: Vec<f64> = people.iter().map(|values| values[0]).collect();
    is_distributed(&clearance, |x| norm_cdf(ln(x / 10.0) / 0.3));
    // Twice the typical value, twice the ends.
    let rates: Vec<f64> = people.iter().map(|values| values[1]).collect();
    is_distributed(&rates, |x| (x - 4.0) / 8.0);
    assert!(people.iter().all(|values| values[2] == 31.0));
}

#[test]
fn correlations_are_those_stated_and_leave_the_margins() {
    let log = |sd| Distribution::LogNormal { sd };
    let params = vec![
        param("a", 2.0, log(0.5)),
        param("free", 1.0, log(0.5)),
        Param { bounds: (0.9, 1.3), ..param("b", 1.0, log(0.2)) },
        param("c", 3.0, Distribution::Normal { sd: 1.0 }),
    ];
    let rho = |first, second, rho| Correlation { first, second, rho, level: Level::Uncertain };
    let correlations = vec![rho(3, 0, 0.54), rho(0, 2, -0.58), rho(2, 3, -0.41)];
    let made = Sampler::new(&Model { correlations, ..model(params) }).unwrap();
    let columns: Vec<Vec<f64>> = (0..4).map(|at| column(&made, at)).collect();
    // Scores of the truncated margin.
    let share = |x: f64| norm_cdf(ln(x) / 0.2);
    let (from, to) = (share(0.9), share(1.3));
    let scores: Vec<Vec<f64>> = vec![
        columns[0].iter().map(|x| ln(x / 2.0) / 0.5).collect(),
        columns[1].iter().map(|x| ln(*x) / 0.5).collect(),
        columns[2].iter().map(|x| norm_quantile((share(*x) - from) / (to - from))).collect(),
        columns[3].iter().map(|x| x - 3.0).collect(),
    ];
    for one in &scores {
        is_distributed(one, norm_cdf);
    }
    let expected = [(0, 3, 0.54), (0, 2, -0.58), (2, 3, -0.41), (0, 1, 0.0), (1, 2, 0.0)];
    for (i, j, rho) in expected {
        let products: Vec<f64> = scores[i].iter().zip(&scores[j]).map(|(x, y)| x * y).collect();
        // Var(xy) = 1 + rho^2 of two correlated normal scores.
        let error = ((1.0 + rho * rho) / f64::from(N)).sqrt();
        assert!((mean(&products) - rho).abs() < ERRORS * error, "{i} {j}");
    }
}

#[test]
fn random_effects_are_correlated_between_people() {
    let effect = |name: &str| Param {
        varies: Distribution::Normal { sd: 0.3 },
        ..param(name, 0.0, Distribution::Fixed)
    };
    let log = Distribution::LogNormal { sd: 0.2 };
    let params = vec![effect("eta.cl"), effect("eta.vc"), param("cl", 5.0, log)];
    let correlations = vec![Correlation { first: 0, second: 1, rho: 0.7, level: Level::Varies }];
    let made = Sampler::new(&Model { correlations, ..model(params) }).unwrap();
    assert_eq!(made.uncertain(1, 0)[..2], [0.0, 0.0]);
    let people: Vec<_> = (0..N)
        .map(|subject| Address { seed: 1, subject, ..Address::default() })
        .map(|at| made.subject(&at, &[0.0, 0.0, 5.0]))
        .collect();
    assert!(people.iter().all(|values| values[2] == 5.0));
    let scores = |at: usize| people.iter().map(move |values| values[at] / 0.3);
    for at in 0..2 {
        is_distributed(&scores(at).collect::<Vec<_>>(), norm_cdf);
    }
    let products: Vec<f64> = scores(0).zip(scores(1)).map(|(x, y)| x * y).collect();
    let error = ((1.0 + 0.7 * 0.7) / f64::from(N)).sqrt();
    assert!((mean(&products) - 0.7).abs() < ERRORS * error);
}

#[test]
fn widths_are_counted_by_where_they_come_from() {
    let spread = Distribution::LogNormal { sd: 0.4 };
    let why = |param: Param| Param { spread_assumed: "why".into(), ..param };
    let mut made = sampler(vec![
        param("sourced", 1.0, spread),
        why(param("assumed", 1.0, spread)),
        param("nobody", 2.0, Distribution::Fixed),
        why(param("fixed", 1.0, Distribution::Fixed)),
        Param { varies: spread, ..param("eta", 0.0, Distribution::Fixed) },
    ]);
    let expected = DrawReport {
        n_sourced_spread: 1,
        n_assumed_spread: 1,
        n_default_width: 1,
        n_fixed: 1,
        n_zero: 1,
        n_varies: 1,
        n_occasion: 0,
    };
    assert_eq!(made.report(), expected);
    let default = column(&made, 2);
    let sd = ln(1.0 + DEFAULT_CV * DEFAULT_CV).sqrt();
    is_distributed(&default, |x| norm_cdf(ln(x / 2.0) / sd));
    assert!((exp(norm_quantile(0.975) * sd) - 1.8).abs() < 0.05, "as its documentation says");
    assert_eq!(made.uncertain(7, 0)[3..], [1.0, 0.0]);
    made.hold(2, 5.0);
    assert_eq!(made.report().n_fixed, 2);
    assert_eq!(made.uncertain(7, 1)[2], 5.0);
    assert_eq!(made.typical()[2], 5.0);
}

#[test]
fn a_logit_normal_value_stays_a_share() {
    let wide = drawn(0.5, Distribution::LogitNormal { sd: 3.0 }, OPEN);
    assert!(wide.iter().all(|&x| 0.0 < x && x < 1.0));
    assert_eq!(expit(logit(0.5)), 0.5);
}

fn refuses(model: &Model, expected: Expect) {
    let messages = Sampler::new(model).unwrap_err();
    let text: Vec<String> = messages
        .iter()
        .map(|one| format!("{}: {}\n{}\n{}\n", one.code, one.message, one.notes[0], one.help[0]))
        .collect();
    expected.assert_eq(&text.concat());
}

#[test]
fn correlations_that_contradict_each_other_are_named() {
    let spread = Distribution::LogNormal { sd: 0.4 };
    let params = ["alone", "a", "b", "c"].map(|name| param(name, 1.0, spread)).to_vec();
    let rho = |first, second, rho| Correlation { first, second, rho, level: Level::Uncertain };
    let correlations = vec![rho(1, 2, 0.9), rho(2, 3, 0.9), rho(1, 3, -0.9)];
    refuses(
        &Model { correlations, ..model(params) },
        expect![[r#"
        E0408: these correlations contradict each other
        parameters: `a`, `b`, `c`
        the matrix of correlations must be positive definite
    "#]],
    );
}

#[test]
fn distributions_that_do_not_fit_are_told() {
    let faulty = vec![
        param("share", 1.4, Distribution::LogitNormal { sd: 0.5 }),
        Param {
            varies: Distribution::Normal { sd: f64::NAN },
            ..param("cl", 1.0, Distribution::Fixed)
        },
        Param { bounds: (0.0, 1.0), ..param("f", 1.0, Distribution::Uniform { lo: 2.0, hi: 3.0 }) },
        param("ka", 1.0, Distribution::Triangular { lo: 2.0, hi: 2.0 }),
        param("q", f64::INFINITY, Distribution::Fixed),
    ];
    refuses(
        &model(faulty),
        expect![[r#"
        E0613: parameter `share` cannot be drawn
        cause: a logit-normal value lies between 0 and 1, this is 1.4 (base units)
        change its `uncertain` or `varies`, or its bounds
        E0613: parameter `cl` cannot be drawn
        cause: its standard deviation is NaN (base units)
        change its `uncertain` or `varies`, or its bounds
        E0613: parameter `f` cannot be drawn
        cause: 2 to 3 lies outside the bounds 0 to 1 (base units)
        change its `uncertain` or `varies`, or its bounds
        E0613: parameter `ka` cannot be drawn
        cause: its ends are 2 and 2 (base units)
        change its `uncertain` or `varies`, or its bounds
        E0613: parameter `q` cannot be drawn
        cause: its value is inf (base units)
        change its `uncertain` or `varies`, or its bounds
    "#]],
    );
}

fn any_distribution() -> impl Strategy<Value = Distribution> {
    let ends = (-3.0..3.0, 0.01..3.0);
    prop_oneof![
        (0.0..5.0).prop_map(|sd| Distribution::Normal { sd }),
        (0.0..5.0).prop_map(|sd| Distribution::LogNormal { sd }),
        (0.0..5.0).prop_map(|sd| Distribution::LogitNormal { sd }),
        ends.clone().prop_map(|(lo, size)| Distribution::Uniform { lo, hi: lo + size }),
        ends.prop_map(|(lo, size)| Distribution::Triangular { lo, hi: lo + size }),
    ]
}

proptest! {
    /// Whatever the distribution, value and bounds: a number, inside, and in the order of the words.
    #[test]
    fn draws_stay_inside_and_keep_their_rank(
        distribution in any_distribution(),
        center in prop_oneof![-3.0..3.0, 0.0..1.0],
        low in prop_oneof![Just(f64::NEG_INFINITY), -4.0..4.0],
        size in prop_oneof![Just(f64::INFINITY), 0.0..4.0],
        words in (0.0..1.0, 0.0..1.0),
    ) {
        let bounds = (low, if low.is_finite() { low + size } else { size });
        let (first, second) = if words.0 < words.1 { words } else { (words.1, words.0) };
        let value = |word: f64| {
            // The words of the generator: never 0 or 1.
            let word = word.clamp(f64::EPSILON / 2.0, 1.0 - f64::EPSILON / 2.0);
            draw(&distribution, center, bounds, Score::Uniform(word))
        };
        let (a, b) = (value(first), value(second));
        prop_assert!(a.is_finite() && bounds.0 <= a && a <= bounds.1, "{a}");
        let falls = center < 0.0 && matches!(distribution, Distribution::LogNormal { .. });
        // A few roundings of either value may cross where the words all but agree.
        let roundings = 64.0 * f64::EPSILON * a.abs().max(b.abs()).max(1.0);
        let rise = if falls { a - b } else { b - a };
        prop_assert!(rise >= -roundings, "{a} {b}");
    }
}

/// Effects on two parameters, numbered by covariate 2, correlated by `rho`.
fn of_occasions(rho: f64) -> Sampler {
    let held =
        |name| Param { spread_assumed: "held".into(), ..param(name, 1.0, Distribution::Fixed) };
    let covariate = |name: &str| epsom_model::ir::Covariate {
        name: name.into(),
        default: 0.0,
        unit: Default::default(),
        interpolation: Default::default(),
        bounds: (f64::NEG_INFINITY, f64::INFINITY),
        label: String::new(),
    };
    let occasion =
        |at: usize, sd: f64| epsom_model::ir::Occasion { param: at, covariate: at, by: 2, sd };
    let model = Model {
        params: vec![held("cl"), held("v")],
        covariates: ["kappa.cl", "kappa.v", "occ"].map(covariate).to_vec(),
        occasions: vec![occasion(0, 0.2), occasion(1, 0.5)],
        correlations: vec![Correlation { first: 0, second: 1, rho, level: Level::Occasion }],
        ..model(Vec::new())
    };
    Sampler::new(&model).unwrap()
}

/// A person's records with these occasions, an hour each.
fn visits(numbers: &[f64]) -> epsom_engine::Timeline {
    let track = epsom_engine::CovariateTrack {
        covariate: 2,
        interpolation: Default::default(),
        times_h: (0..numbers.len()).map(|at| at as f64).collect(),
        values: numbers.to_vec(),
    };
    epsom_engine::Timeline::new(Vec::new(), vec![track]).unwrap()
}

#[test]
fn each_occasion_has_a_deviation_of_its_own() {
    let sampler = of_occasions(0.6);
    let at = |subject: u32| Address { seed: 3, subject, ..Address::default() };
    let timeline = visits(&[1.0, 2.0, 1.0]);
    let start = [0.0, 0.0, 1.0];
    let rows: Vec<Vec<epsom_engine::Follow>> =
        (0..N).map(|person| sampler.occasions(&at(person), &timeline, &start)).collect();
    let column = |effect: usize, visit: usize| -> Vec<f64> {
        rows.iter().map(|row| row[effect].values[visit].1).collect()
    };
    assert_eq!(rows[0][1].values.iter().map(|one| one.0).collect::<Vec<_>>(), [1.0, 2.0]);
    for (effect, sd) in [(0, 0.2), (1, 0.5)] {
        for visit in 0..2 {
            is_distributed(&column(effect, visit), |x| norm_cdf(x / sd));
        }
    }
    let correlation = |a: &[f64], b: &[f64]| {
        let products: Vec<f64> = a.iter().zip(b).map(|(x, y)| x * y).collect();
        mean(&products) / (variance(a) * variance(b)).sqrt()
    };
    // Standard error of a correlation of normal numbers: (1 - rho^2) / sqrt(n).
    let near = |found: f64, rho: f64| {
        (found - rho).abs() < ERRORS * (1.0 - rho * rho) / f64::from(N).sqrt()
    };
    assert!(near(correlation(&column(0, 0), &column(1, 0)), 0.6));
    assert!(near(correlation(&column(0, 0), &column(0, 1)), 0.0));
    assert!(near(correlation(&column(0, 0), &column(1, 1)), 0.0));
}

#[test]
fn one_more_occasion_leaves_the_others_as_they_were() {
    let sampler = of_occasions(0.6);
    let at = Address { seed: 3, subject: 5, ..Address::default() };
    let values = |numbers: &[f64]| {
        sampler.occasions(&at, &visits(numbers), &[0.0, 0.0, numbers[0]]).remove(1).values
    };
    let three = values(&[1.0, 2.0, 3.5]);
    assert_eq!(three.len(), 3);
    assert_eq!(values(&[1.0, 2.0]), three[..2]);
    assert_eq!(values(&[3.5]), three[2..]);
    // Which others there are is no matter, nor their order.
    assert_eq!(values(&[2.0, 1.0]), [three[1], three[0]]);
}
