//! Each construct of the equation layer gives what it means, through `epsom simulate`.

mod common;

use common::{column, epsom, folder_with};
use epsom_maths::{exp, ln, ln_gamma};

/// `text` run through `events`: a row for each observation.
fn run(name: &str, text: &str, events: &str) -> String {
    let folder = folder_with(name, &[("m.R", text), ("e.csv", events)]);
    let done = epsom(&folder).args(["simulate", "m.R", "--events", "e.csv"]).output().expect("run");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{name}: {said}\n{text}");
    String::from_utf8(done.stdout).expect("UTF-8")
}

/// Expressions and their values where `x` and `p` are 0.55, by SciPy 1.17.
#[rustfmt::skip]
#[allow(clippy::excessive_precision, clippy::unreadable_literal, reason = "as SciPy prints them")]
const VALUES: &[(&str, f64)] = &[
    ("exp(x)", 1.7332530178673953),
    ("log(x)", -0.5978370007556204),
    ("ln(x)", -0.5978370007556204),
    ("log10(x)", -0.2596373105057561),
    ("log2(x)", -0.862496476250065),
    ("log1p(x)", 0.4382549309311553),
    ("expm1(x)", 0.7332530178673953),
    ("sqrt(x)", 0.7416198487095663),
    ("abs(-x)", 0.55),
    ("abs(x - 1)", 0.45),
    ("min(x, 0.6, 0.5)", 0.5),
    ("max(x, 0.6, 0.5)", 0.6),
    ("floor(p * 3)", 1.0),
    ("ceil(p * 3)", 2.0),
    ("ceiling(-p * 3)", -1.0),
    ("sin(x)", 0.5226872289306592),
    ("cos(x)", 0.8525245220595057),
    ("tan(x)", 0.6131052132881357),
    ("asin(x)", 0.5823642378687435),
    ("acos(x)", 0.9884320889261531),
    ("atan(x)", 0.5028432109278609),
    ("sinh(x)", 0.5781516037434543),
    ("cosh(x)", 1.155101414123941),
    ("tanh(x)", 0.5005202111902353),
    ("asinh(x)", 0.5254804479785136),
    ("acosh(1 + x)", 1.0058651950356197),
    ("atanh(x)", 0.6183813135744636),
    ("expit(x)", 0.6341355910108007),
    ("expit(x, 1, 3)", 2.2682711820216017),
    ("logit(x)", 0.20067069546215133),
    ("logit(x, -1, 2)", 0.06669137449867243),
    ("phi(x)", 0.7088403132116536),
    ("pnorm(x)", 0.7088403132116536),
    ("pnorm(x, 1, 2)", 0.4109896371312704),
    ("qnorm(x)", 0.12566134685507416),
    ("probit(x)", 0.12566134685507416),
    ("qnorm(x, 1, 2)", 1.2513226937101483),
    ("erf(x)", 0.5633233663251089),
    ("gamma(x)", 1.6161242687335746),
    ("lgamma(x)", 0.48003085611112595),
    ("lgammafn(x)", 0.48003085611112595),
    ("digamma(x)", -1.7359592506421737),
    ("factorial(x)", 0.8888683478034661),
    ("lfactorial(x)", -0.11780614464449446),
    ("log1pexp(x)", 1.0054924814633377),
    ("softplus(x)", 1.0054924814633377),
    ("pow(x, 1.7)", 0.36192332416716155),
    ("x^2", 0.30250000000000005),
    ("x**3", 0.16637500000000005),
    ("-x^2", -0.30250000000000005),
    ("ifelse(x > 0.5, 3, 4)", 3.0),
    ("(x > 0.5) * 5", 5.0),
    ("(x <= 0.5) + 2", 2.0),
    ("(p != 0.5) + (p == 0.5) + (x >= 0.5)", 2.0),
    ("(!(x > 0.5)) + 2", 2.0),
    ("(x > 0.5 && x < 0.6) + (x > 0.5 || x > 0.7)", 2.0),
];

#[test]
fn functions_and_operators_of_what_is_constant_and_of_what_changes() {
    for (name, x) in [("of_constants", "p"), ("of_time", "0.05 + t / 10")] {
        let lines = VALUES.iter().enumerate().map(|(at, (text, _))| format!("y{at} <- {text}\n"));
        let lines: String = lines.collect();
        let text =
            format!("ini({{\np <- 0.55\n}})\nmodel({{\nx <- {x}\nd/dt(a) <- -a\n{lines}}})\n");
        let rows = run(name, &text, "TIME,EVID,AMT,CMT\n0,1,1,a\n5,0,.,.\n");
        for (at, (text, value)) in VALUES.iter().enumerate() {
            let found = column(&rows, &format!("y{at}"))[0];
            // Both sides are good to a few roundings.
            assert!((found - value).abs() <= 1e-14 * value.abs(), "{text}: {found}, {value}");
        }
    }
}

/// A solved step is held to 1e-8; some dozen of them add up.
const STEPS: f64 = 1e2 * 1e-8;

fn near(name: &str, rows: &str, of: &str, wanted: &[f64], scale: f64) {
    let found = column(rows, of);
    assert_eq!(found.len(), wanted.len(), "{name} {of}");
    for (a, b) in found.iter().zip(wanted) {
        assert!((a - b).abs() <= STEPS * scale, "{name} {of}: {found:?}, {wanted:?}");
    }
}

const DOSE: &str = "TIME,EVID,AMT,CMT\n0,1,100,a\n0.5,0,.,.\n2,0,.,.\n4,0,.,.\n";

fn body(lines: &str) -> String {
    format!("model({{\n{lines}\n}})\n")
}

#[test]
fn branches_comparisons_and_stop_times_change_rates_when_they_say() {
    // 0.1/h until 1 h, 0.5/h until 3 h, then 0.2/h.
    let wanted = [0.05, 0.6, 1.3].map(|power: f64| 100.0 * exp(-power));
    for (name, lines) in [
        ("if", "if (t < 1) {\nk <- 0.1\n} else if (t < 3) {\nk <- 0.5\n} else {\nk <- 0.2\n}"),
        ("ifelse", "k <- ifelse(time < 1, 0.1, ifelse(time < 3, 0.5, 0.2))"),
        ("numbers", "k <- 0.1 * (t < 1) + 0.5 * (t >= 1) * (t < 3) + 0.2 * (t >= 3)"),
        (
            "mtime",
            "mtime(one) <- 1\nmtime(two) <- one + 2\nk <- 0.1\nif (t >= one) k <- 0.5\nif (t >= two) k <- 0.2",
        ),
        ("max", "k <- max(0.1 * (t < 1), 0.5 * (t >= 1 & t < 3), 0.2 * (t >= 3))"),
    ] {
        let rows =
            run(&format!("branch_{name}"), &body(&format!("{lines}\nd/dt(a) <- -k * a")), DOSE);
        near(name, &rows, "a", &wanted, 100.0);
    }
}

#[test]
fn doses_arrive_as_their_compartment_says() {
    let left = |hours: f64| exp(-0.3 * hours);
    // An infusion at `rate` that ends at `end`.
    let infused = |t: f64, rate: f64, end: f64| {
        rate / 0.3 * (1.0 - left(t.min(end))) * left((t - end).max(0.0))
    };
    let coded =
        |code: i32| format!("TIME,EVID,AMT,CMT,RATE\n0,1,100,a,{code}\n0.5,0,.,.,.\n4,0,.,.,.\n");
    let late =
        [3.0 * left(0.5), 3.0 * left(2.0) + 50.0 * left(1.0), 3.0 * left(4.0) + 50.0 * left(3.0)];
    let cases = [
        ("f_alag_start", "f(a) <- 0.5\nalag(a) <- 1\na(0) <- 3", DOSE.to_string(), late.to_vec()),
        ("lag", "f(a) <- 0.5\nlag(a) <- 1\na(0) <- 3", DOSE.to_string(), late.to_vec()),
        (
            "rate",
            "rate(a) <- 50",
            coded(-1),
            vec![infused(0.5, 50.0, 2.0), infused(4.0, 50.0, 2.0)],
        ),
        ("dur", "dur(a) <- 1", coded(-2), vec![infused(0.5, 100.0, 1.0), infused(4.0, 100.0, 1.0)]),
    ];
    for (name, lines, events, wanted) in cases {
        let text = body(&format!("{lines}\nd/dt(a) <- -0.3 * a"));
        let rows = run(&format!("doses_{name}"), &text, &events);
        near(name, &rows, "a", &wanted, 100.0);
    }
}

#[test]
fn the_last_dose_is_known_by_its_amount_and_time() {
    let text = body(
        "d/dt(a) <- -0.3 * a\nd/dt(b) <- 0\nall <- podo()\nof <- podo(a)\nsince <- tad()\nown <- tad(a)",
    );
    let events = "TIME,EVID,AMT,CMT\n0,1,100,a\n0.5,0,.,.\n1,1,30,b\n2,0,.,.\n3,1,7,a\n4,0,.,.\n";
    let rows = run("last_dose", &text, events);
    near("podo()", &rows, "all", &[100.0, 30.0, 7.0], 0.0);
    near("podo(a)", &rows, "of", &[100.0, 100.0, 7.0], 0.0);
    near("tad()", &rows, "since", &[0.5, 1.0, 1.0], 0.0);
    near("tad(a)", &rows, "own", &[0.5, 2.0, 1.0], 0.0);
}

/// Savic 2007: the dose enters at `f dose k (k t)^n exp(-k t) / n!`, where `k` is `(n + 1) / mtt`.
#[test]
fn transit_brings_the_dose_times_its_bioavailability() {
    let (n, k) = (3.0, 4.0 / 1.5);
    for (call, f) in [("transit(3, 1.5)", 1.0), ("transit(3, 1.5, bio)", 0.4)] {
        let text = body(&format!("bio <- 0.4\nf(a) <- 0\nd/dt(a) <- {call} - 0.3 * a"));
        let rows = run(&format!("transit_{f}"), &text, DOSE);
        let wanted = [0.5, 2.0, 4.0].map(|t: f64| {
            let enters = |u: f64| {
                let power = ln(f * 100.0 * k) + n * ln(k * u) - k * u - ln_gamma(n + 1.0);
                exp(power - 0.3 * (t - u))
            };
            // Simpson's rule; what enters is 0 at the start, and its third derivative is smooth.
            let parts = 4000;
            let h = t / f64::from(parts);
            let inside = |at: i32| enters(f64::from(at) * h) * if at % 2 == 1 { 4.0 } else { 2.0 };
            ((1..parts).map(inside).sum::<f64>() + enters(t)) * h / 3.0
        });
        near(call, &rows, "a", &wanted, 100.0);
    }
}

#[test]
fn each_covariate_runs_as_the_text_says_of_it() {
    let names = ["W", "X", "Y", "Z"];
    let rates: String = names.iter().map(|one| format!("d/dt(i{one}) <- {one}\n")).collect();
    let text = body(&format!("locf(W)\nnocb(X)\nlinear(Y)\nmidpoint(Z)\n{rates}"));
    let events = "TIME,EVID,AMT,CMT,W,X,Y,Z\n0,1,1,1,1,1,1,1\n2,0,.,.,4,4,4,4\n5,0,.,.,2,2,2,2\n";
    let rows = run("interpolated", &text, events);
    // The dose of 1 entered the first.
    near("locf", &rows, "iW", &[3.0, 15.0], 15.0);
    near("nocb", &rows, "iX", &[8.0, 14.0], 15.0);
    near("linear", &rows, "iY", &[5.0, 14.0], 15.0);
    near("midpoint", &rows, "iZ", &[5.0, 14.0], 15.0);
}

#[test]
fn every_form_of_residual_error_is_taken_and_a_part_said_twice_is_not() {
    let text = |terms: &str| {
        format!(
            "ini({{\np <- 0.1\nq <- 0.5\n}})\nmodel({{\nd/dt(a) <- -a\ncp <- a / 10\ncp ~ {terms}\n}})\n"
        )
    };
    for terms in [
        "add(p)",
        "prop(p)",
        "add(p) + prop(q)",
        "add(p) + prop(q) + combined1()",
        "add(p) + prop(q) + combined2()",
        "pow(p, q)",
        "add(p) + pow(p, q)",
        "lnorm(p)",
        "lnorm(p) + prop(q)",
        "logitNorm(p, 0, 100)",
        "logitNorm(p)",
        "add(p) + boxCox(q)",
        "prop(p) + yeoJohnson(q)",
        "norm(p)",
        "dnorm(p)",
        "dlnorm(p)",
    ] {
        run("residual", &text(terms), DOSE);
    }
    for (terms, code) in [
        ("prop(p) + pow(p, q)", "E0203"),
        ("add(p) + lnorm(q)", "E0203"),
        ("add(p) + add(q)", "E0203"),
        ("pois(p)", "E0108"),
        ("add(p) + dt(5)", "E0108"),
        ("pow(p)", "E0206"),
    ] {
        let folder = folder_with("residual_refused", &[("m.R", &text(terms)), ("e.csv", DOSE)]);
        let run = ["simulate", "m.R", "--events", "e.csv"];
        let done = epsom(&folder).args(run).output().expect("run");
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(3), "{terms}: {said}");
        assert!(
            said.contains(&format!("error[{code}]")) && said.contains("m.R:8:"),
            "{terms}: {said}"
        );
    }
}
