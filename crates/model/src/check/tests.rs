use super::{Checked, World, check};
use crate::ir::{Distribution, Interpolation, Mode, verify};
use epsom_diag::{FileId, locate};
use epsom_evidence::builtin;
use epsom_units::{Link, Substance, Substances};
use expect_test::{Expect, expect};

fn substances() -> Substances {
    let row = |name: &str, mass: f64| Substance {
        name: name.into(),
        molar_mass_g_per_mol: mass,
        valence: 2,
    };
    let link = Link { from: "MgT".into(), to: "Mg".into(), mol_per_mol: 1.0 };
    Substances::new(vec![row("Mg", 24.305), row("MgT", 312.510)], vec![link]).unwrap()
}

fn checked(text: &str) -> Checked {
    let (tree, diagnostics) = crate::syntax::parse(text, FileId(0));
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    check(&tree, &World { evidence: builtin(), substances: &substances() })
}

/// Messages of `text`, one line each with its place, labels, notes and help below.
fn says(text: &str, expect: Expect) {
    let mut said = String::new();
    for one in checked(text).diagnostics {
        let place = |span: epsom_diag::Span| {
            let at = locate(text, span.start);
            format!("{}:{}", at.line, at.column)
        };
        let primary = one.primary.as_ref().map(|p| format!("{} {}", place(p.span), p.text));
        said += &format!("{} {} | {}\n", one.code, one.message, primary.unwrap_or_default());
        for label in &one.labels {
            said += &format!("  {} {}\n", place(label.span), label.text);
        }
        said += &one.notes.iter().map(|note| format!("  note: {note}\n")).collect::<String>();
        said += &one.help.iter().map(|help| format!("  help: {help}\n")).collect::<String>();
    }
    expect.assert_eq(&said);
}

const HEAD: &str = "model demo\ntime [h]\nsubstance Mg\n";

#[test]
fn a_rate_without_its_volume() {
    says(
        &format!(
            "{HEAD}param cl = 1[L/h] assumed \"example\"\ncompartment central [mmol]\nd/dt(central) = -cl * central\n"
        ),
        expect![[r#"
            E0312 units do not match | 6:17 this is mmol*L/h, but d/dt(central) needs mmol/h
              4:7 `cl` is in L/h
              help: divide by a volume
        "#]],
    );
}

#[test]
fn a_parameter_without_source() {
    says(
        &format!(
            "{HEAD}param f_oral = 0.5[1] label bioavailability\ncompartment a [mmol]\nd/dt(a) = -1[1/h] * a\nf(a) = f_oral\n"
        ),
        expect![[r#"
            E0501 parameter `f_oral` has no source | 4:7 add `source <key>` or `assumed "<reason>"`
              note: the evidence tables hold 3 values labelled bioavailability
              help: list them with `epsom evidence search bioavailability`
        "#]],
    );
}

#[test]
fn every_mistake_in_one_run() {
    says(
        &format!(
            "{HEAD}compartment central [mmol], urine [mmol], drug [mmol MgT]\nparam k = 0.1[1/h] assumed \"x\"\n\
             d/dt(centrl) = -k * central\nd/dt(central) = -k * centrall\nd/dt(urine) = k * drug\nd/dt(urine) = 0\n\
             a = b + 1\nb = a\ny = exp(central) + sn(1) + k^k\n\
             z = floor(t / 1[h])\nif (central == 1[mmol]) {{ w = 1 }}\n"
        ),
        expect![[r#"
            E0403 compartment `drug` has no derivative | 4:43 declared here
              help: add `d/dt(drug) = …`
            E0205 no compartment `centrl` | 6:6 not declared
              help: did you mean `central`?
            E0201 `centrall` is not defined | 7:22 not found in this model
              help: did you mean `central`?
            E0312 units do not match | 8:15 this is mmol/h MgT, but d/dt(urine) needs mmol/h Mg
              5:7 `k` is in 1/h
              note: `MgT` and `Mg` are different substances; stoichiometry leads from one to the other, so multiply by moles of one in a mole of the other, such as `1[mmol Mg/(mmol MgT)]`
            E0203 d/dt(urine) is assigned twice | 9:6 again here
              8:6 first here
              help: keep one `d/dt(urine) = …`, with all that belongs to it
            E0204 `a` depends on itself | 11:5 reached again while working it out
              help: make it a compartment with a `d/dt`, or break the circle
            W0201 quantity `y` is not used | 12:1 nothing reads it
            E0312 units do not match | 12:9 this is mmol, but `exp` needs 1
              help: divide by a quantity in mmol
            E0207 no function `sn` | 12:20 not known
              help: did you mean `ln`?
            E0313 this power has no unit | 12:28 an exponent has no unit, but this one is in 1/h
              help: make the exponent a plain number: divide it by a unit, as in `x / 1[h]`
            W0201 quantity `z` is not used | 13:1 nothing reads it
            E0405 `floor` of a changing quantity | 13:5 it jumps without end
              help: for something that repeats, declare a `window`
            E0404 changing quantities are compared for equality | 14:5 true at single instants at most
              help: compare with `<` or `>=`; for a time of day declare a `window`
            W0201 quantity `w` is not used | 14:27 nothing reads it
        "#]],
    );
}

#[test]
fn values_are_held_against_their_rows() {
    says(
        &format!(
            "{HEAD}compartment a [mmol]\nparam v = 12[L] source EPS001 fixed \"x\"\nparam w = 13[L] source EPS001\n\
             param x = 12[h] source EPS001 fixed \"x\"\nparam y = 1[L] source EPS999\nparam z = 0.05[mmol/L] source EPS039\n\
             param h = 0.35 source EPS007 uncertain uniform(0.34, 0.36)\n\
             d/dt(a) = -a / 1[h] * (v + w + y + z * 1[L^2/mmol]) / 1[L] * x / 1[h] * h\n"
        ),
        expect![[r#"
            E0508 nothing says how sure `w` is | 6:7 row `EPS001` holds no `ci95`, `sem` or `range`
              help: write `uncertain lognormal(cv 30[%]) assumed "<reason>"`, or `fixed "<reason>"`
            E0505 `w` differs from its row | 6:11 this is 13 L
              6:24 the row says 12 L
              help: write `12[L]`, or `assumed "<reason>"`
            E0504 `x` is not what its row measures | 7:11 this is h
              7:24 the row is 12 L
            E0502 no evidence row `EPS999` | 8:23 not in the evidence tables
              help: did you mean `EPS009`?
              help: search them with `epsom evidence search WORDS`, or write `assumed "Smith 2003, table 2"` in place of `source`
            E0503 row `EPS039` is no source of a number | 9:31 it holds an interval without a value
              help: name a row of kind `number`, or write `assumed "<reason>"`
            E0506 `h` is surer than its row | 10:40 95 % width 0.019, the row's is 0.255 (base units)
              help: leave `uncertain` out to take the row's own spread
        "#]],
    );
}

#[test]
fn conservation() {
    let text = |tail: &str| {
        format!(
            "{HEAD}compartment a [mmol], b [mmol]\nparam k = 0.1[1/h] assumed \"x\"\nflow = k * a\n\
             diet = 1[mmol/h]\ninflow diet\nd/dt(a) = diet - flow\nd/dt(b) = {tail}\nconserve a + b\noutput a_out = a [mmol]\n"
        )
    };
    let good = checked(&text("flow"));
    assert!(good.diagnostics.is_empty(), "{:?}", good.diagnostics);
    assert_eq!(good.info.balances.len(), 1);
    let model = good.model.unwrap();
    assert_eq!(verify(&model), Vec::<String>::new());
    assert!(model.compartments[1].accumulator && !model.compartments[0].accumulator);
    says(
        &text("0.5 * flow"),
        expect![[r#"
        E0413 this sum is not conserved | 11:10 its derivatives do not add up to the declared inflow
          note: compartments in the sum: `a`, `b`
          help: add the compartment that collects what leaves, or declare what comes in with `inflow NAME`
    "#]],
    );
}

#[test]
fn conditions_become_registers() {
    let text = format!(
        "{HEAD}compartment a [mmol]\nwindow meal = every 24[h] from 8[h] for 0.5[h]\n\
         if (t < 5[h]) {{ x = 1[1/h] }} else {{ x = 2 * 1[1/h] }}\n\
         d/dt(a) = meal * 1[mmol/h] - x * max(a - 1[mmol], 0)\noutput a_out = a [mmol]\n"
    );
    let found = checked(&text);
    assert!(found.diagnostics.is_empty(), "{:?}", found.diagnostics);
    let model = found.model.unwrap();
    assert_eq!(verify(&model), Vec::<String>::new());
    assert!(matches!(
        model.modes[..],
        [Mode::Window { .. }, Mode::Affine { strict: true, .. }, Mode::Root { strict: false, .. }]
    ));
}

#[test]
fn spreads() {
    let text = format!(
        "{HEAD}compartment a [mmol]\nparam k = 2[1/h] assumed \"x\" uncertain ci95(1, 4) varies lognormal(cv 50[%])\n\
         param v = 1000[mL] assumed \"x\" uncertain uniform(500, 2000) fixed_later\n"
    );
    let text = text.replace(" fixed_later", "")
        + "d/dt(a) = -k * a * v / 1[L]\noutput a_out = a / v [mmol/L]\n";
    let found = checked(&text);
    assert!(found.diagnostics.is_empty(), "{:?}", found.diagnostics);
    let model = found.model.unwrap();
    let sd = epsom_maths::ln(2.0) / 1.96;
    assert_eq!(model.params[0].uncertain, Distribution::LogNormal { sd });
    let sd = epsom_maths::ln(1.25).sqrt();
    assert_eq!(model.params[0].varies, Distribution::LogNormal { sd });
    assert_eq!(model.params[1].uncertain, Distribution::Uniform { lo: 0.5, hi: 2.0 });
}

/// A model whose parameters are all read.
fn with_params(params: &[&str]) -> String {
    let mut text = format!("{HEAD}compartment a [mmol]\n");
    for (at, param) in params.iter().enumerate() {
        text += &format!("param p{at} = {param}\noutput o{at} = p{at}\n");
    }
    text + "d/dt(a) = 0\n"
}

#[test]
fn a_row_without_a_spread_is_not_certain() {
    says(
        &with_params(&[
            "12[L] source EPS001",
            "12[L] source EPS001 uncertain lognormal(cv 20[%])",
            "12[L] source EPS001 uncertain lognormal(cv 20[%]) assumed \"wide\"",
            "12[L] source EPS001 fixed \"a definition\"",
            "1.25[mmol/L] source MGT023",
            "1.25[mmol/L] source MGT023 uncertain sd(0.14)",
            "1.25[mmol/L] source MGT023 varies sd(0.14) fixed \"shown\"",
            "0.178[mmol/L] source MGT057 varies sd(0.0063)",
            "0.178[mmol/L] source MGT057 varies sd(0.03) assumed \"as plasma\"",
            "1[L] assumed \"round\"",
            "2 * row(EPS001)",
            "1[L] assumed \"round\" uncertain sd(1[L]) source EPS9999",
        ]),
        expect![[r#"
            E0508 nothing says how sure `p0` is | 5:7 row `EPS001` holds no `ci95`, `sem` or `range`
              help: write `uncertain lognormal(cv 30[%]) assumed "<reason>"`, or `fixed "<reason>"`
            E0508 `uncertain` has no source | 7:42 row `EPS001` does not say how sure the number is
              help: add `assumed "<reason>"` behind it, or `source KEY` of a row that does
            E0508 nothing says how sure `p4` is | 13:7 row `MGT023` holds no `ci95`, `sem` or `range`
              note: the sd 0.14 of `MGT023` is of n = 30 and belongs under `varies`; sd / sqrt(n) = 0.026 mmol/L says how sure their mean is
              help: write `uncertain lognormal(cv 30[%]) assumed "<reason>"`, or `fixed "<reason>"`
            E0509 `uncertain` rests on the wrong kind of spread | 15:49 the sd of row `MGT023` speaks of how people differ
              note: the sd 0.14 of `MGT023` is of n = 30 and belongs under `varies`; sd / sqrt(n) = 0.026 mmol/L says how sure their mean is
              help: give a reason of its own: `uncertain … assumed "<reason>"`
            E0509 `varies` rests on the wrong kind of spread | 19:47 the sem of row `MGT057` speaks of how sure the number is
              help: give a reason of its own: `varies … assumed "<reason>"`
            E0508 nothing says how sure `p10` is | 25:7 row `EPS001` holds no `ci95`, `sem` or `range`
              help: write `uncertain lognormal(cv 30[%]) assumed "<reason>"`, or `fixed "<reason>"`
            E0502 no evidence row `EPS9999` | 27:60 not in the evidence tables
              help: search them with `epsom evidence search WORDS`, or write `assumed "Smith 2003, table 2"` in place of `source`
        "#]],
    );
}

#[test]
fn expressions_over_rows_carry_the_rows_spread() {
    let text = with_params(&[
        "0.5 / row(MGT057)",
        "row(MGT057) - 0.1[mmol/L]",
        "exp(row(EPS007))",
        "row(EPS007)^2",
    ]);
    let found = checked(&text);
    assert!(found.diagnostics.is_empty(), "{:?}", found.diagnostics);
    let model = found.model.unwrap();
    let spread = |at: usize| model.params[at].uncertain;
    // The row: 0.178 mmol/L, sem 0.0063; d(0.5/r)/dr = -0.5/r^2.
    assert_eq!(spread(0), Distribution::Normal { sd: (0.5 / (0.178 * 0.178) * 0.0063_f64).abs() });
    assert_eq!(spread(1), Distribution::Normal { sd: 0.0063 });
    // The row: 0.35, range 0.25 to 0.5; the wider side counts, and a square doubles a log spread.
    let sd = (epsom_maths::ln(0.5 / 0.35)).max(epsom_maths::ln(0.35 / 0.25)) / 1.96;
    assert_eq!(spread(3), Distribution::LogNormal { sd: 2.0 * sd });
    // d ln(exp r) / d ln r = r.
    let Distribution::LogNormal { sd: found } = spread(2) else { panic!("log-normal") };
    assert!((found - 0.35 * sd).abs() < 4.0 * f64::EPSILON * found, "{found}");
}

#[test]
fn functions_with_bounds_and_composed_ones() {
    let tenth = epsom_maths::logit(0.1);
    let cases: [(&str, f64); 16] = [
        ("pnorm(0)", 0.5),
        ("pnorm(3, 3, 2)", 0.5),
        ("qnorm(0.5, 3, 2)", 3.0),
        ("phi(1) + phi(-1)", 1.0),
        ("expit(0, 2, 6)", 4.0),
        ("expit(0, 0.5)", 0.75),
        ("logit(0.1)", tenth),
        ("logit(1[L] * 1.1, 1[L], 2[L])", tenth),
        ("asinh(0.75)", std::f64::consts::LN_2),
        ("acosh(1.25)", std::f64::consts::LN_2),
        ("atanh(0.6)", std::f64::consts::LN_2),
        ("factorial(5)", 120.0),
        ("lfactorial(5)", epsom_maths::ln(120.0)),
        ("gamma(0.5)^2", std::f64::consts::PI),
        ("log1pexp(0)", std::f64::consts::LN_2),
        ("ifelse(1 < 2 and not 2 == 3, 7, 8)", 7.0),
    ];
    let params: Vec<String> =
        cases.iter().map(|(text, _)| format!("{text} assumed \"x\"")).collect();
    let text = with_params(&params.iter().map(String::as_str).collect::<Vec<_>>());
    let found = checked(&text);
    assert!(found.diagnostics.is_empty(), "{:?}", found.diagnostics);
    let model = found.model.unwrap();
    for ((text, expected), param) in cases.iter().zip(&model.params) {
        // A few roundings; 1.1 L from 1 L loses three bits.
        let error = (param.value - expected).abs();
        assert!(error <= 16.0 * f64::EPSILON * expected.abs().max(1.0), "{text}: {}", param.value);
    }
}

#[test]
fn a_stop_time_is_a_number_that_the_run_stops_at() {
    let text = format!(
        "{HEAD}compartment a [mmol]\nparam lag = 2[h] assumed \"x\"\nmtime(t1) = lag + 1[h]\n\
         if (t >= t1) {{ k = 1[1/h] }} else {{ k = 2 * 1[1/h] }}\nmtime(t2) = 9[h]\nd/dt(a) = -k * a\noutput b = a\n"
    );
    let found = checked(&text);
    assert!(found.diagnostics.is_empty(), "{:?}", found.diagnostics);
    // The comparison with the stop time is the same register.
    let modes = found.model.unwrap().modes;
    assert!(matches!(modes[..], [Mode::Affine { .. }, Mode::Affine { .. }]), "{modes:?}");
    says(
        &format!(
            "{HEAD}compartment a [mmol]\nmtime(t1) = 2[L]\nmtime(t2) = t + 1[h]\nd/dt(a) = 0\n"
        ),
        expect![[r#"
            E0312 units do not match | 5:13 this is L, but mtime(t1) needs h
              help: give it in `[h]`
            W0201 quantity `t2` is not used | 6:7 nothing reads it
            E0401 a number is needed here | 6:13 this changes during a run
              help: a time that depends on the state is a condition: compare with it in `if`
        "#]],
    );
}

/// The text form of what follows `~`.
fn residual(terms: &str) -> String {
    let text = format!(
        "{HEAD}compartment a [mmol]\nparam sd = 0.1[1] assumed \"x\"\nparam v = 2[L] assumed \"x\"\n\
         d/dt(a) = 0\noutput c = a / v [mmol/L]\noutput r = sd\nc ~ {terms} assumed \"x\"\n"
    );
    let found = checked(&text);
    assert!(found.diagnostics.is_empty(), "{terms}: {:?}", found.diagnostics);
    let printed = crate::ir::print(&found.model.unwrap());
    let line = printed.lines().find(|line| line.starts_with("residual")).unwrap();
    // Numbers in place of the nodes that hold them.
    let node = |word: &str| {
        let head = format!("{word} = ");
        printed.lines().find_map(|line| line.strip_prefix(&head)).map(str::to_string)
    };
    line.split(' ').map(|word| node(word).unwrap_or_else(|| word.to_string()) + " ").collect()
}

#[test]
fn residual_errors() {
    for (terms, expected) in [
        ("add(2[mmol/L])", "add 2.0"),
        ("prop(4[%])", "prop 0.04"),
        ("add(1[mol/L]) + prop(sd)", "add 1000.0 prop param 0"),
        ("add(1[mmol/L]) + prop(sd) + combined1()", "add 1.0 prop param 0 sum"),
        ("pow(sd, 0.5)", "prop param 0 power 0.5"),
        ("lnorm(sd)", "log add param 0"),
        ("logitNorm(sd, 0[mmol/L], 5[mmol/L])", "logit 0.0 5.0 add param 0"),
        ("add(1[mmol/L]) + boxCox(0.5)", "box_cox 0.5 add 1.0"),
        ("prop(sd) + yeoJohnson(0.5)", "yeo_johnson 0.5 prop param 0"),
    ] {
        assert_eq!(residual(terms), format!("residual c {expected} "), "{terms}");
    }
    says(
        &format!(
            "{HEAD}compartment a [mmol]\nd/dt(a) = 0\noutput c = a [mmol]\noutput d = a\noutput e = a\n\
             c ~ add(3[h]) assumed \"x\"\nc ~ prop(1) assumed \"x\"\nd ~ prop(4[%]) + pow(1, 2)\ne ~ pois(3) + add(a) assumed \"x\"\n\
             f ~ lnorm(1, 2) source NO1\n"
        ),
        expect![[r#"
            E0312 units do not match | 9:9 this is h, but an additive error needs mmol
              help: give it in `[mmol]`
            E0203 `c` has two residual errors | 10:1 again here
              help: write one line with all terms: `~ add(…) + prop(…)`
            E0501 the residual error of `d` has no source | 11:1 add `source <key>` or `assumed "<reason>"` at the end of the line
            E0203 `pow` says again what `prop` says | 11:18 of two only one could count
              11:5 first here
              help: leave one of them out
            E0207 no residual error `pois` | 12:5 not known
              note: terms: `add`, `boxCox`, `combined1`, `combined2`, `lnorm`, `logitNorm`, `pow`, `prop`, `yeoJohnson`
            E0401 a number is needed here | 12:19 this changes during a run
              help: the size of an error is a number or a parameter; `prop` and `pow` follow the value
            E0201 no output `f` | 13:1 residual error belongs to an output
              note: outputs: `c`, `d`, `e`
        "#]],
    );
}

#[test]
fn ini_model_text_says_its_time_and_its_covariates() {
    let found = checked(
        "m <- function() {\n  description <- 'One'\n  units <- list(dosing = 'mg', time = \"day\")\n  ini({\n    lcl <- c(-Inf, 1, Inf)\n    v <- 2\n  })\n\
         model({\n    linear(crcl)\n    cl <- exp(lcl) * crcl / 100 * (wt / 70)\n    linCmt() ~ add(0.1) + prop(0.2) | central\n  })\n}\n",
    );
    let model = found.model.unwrap();
    assert_eq!((model.name.as_str(), model.title.as_str()), ("m", "One"));
    assert_eq!((model.time_unit.text.as_str(), model.time_unit.per_base), ("day", 1.0));
    let how: Vec<_> =
        model.covariates.iter().map(|one| (one.name.as_str(), one.interpolation)).collect();
    assert_eq!(how, [("crcl", Interpolation::Linear), ("wt", Interpolation::Forward)]);
    assert_eq!(model.outputs[0].name, "rxLinCmt");
    assert!(model.outputs[0].residual.add.is_some());
}

#[test]
fn a_hypothesis_is_a_switch_that_is_off() {
    let text = format!(
        "{HEAD}hypothesis more \"seen in cells only\"\nparam k = 1[1/h] assumed \"x\"\ncompartment a [mmol]\n\
         d/dt(a) = -ifelse(more, 2 * k, k) * a\noutput b = a\n"
    );
    let found = checked(&text);
    assert!(found.diagnostics.is_empty(), "{:?}", found.diagnostics);
    assert_eq!((found.info.assumed, found.info.rests_on[0].1.len()), (1, 2));
    let model = found.model.unwrap();
    assert_eq!(model.hypotheses, [0]);
    assert_eq!((model.params[0].value, model.params[0].bounds), (0.0, (0.0, 1.0)));
}

#[test]
fn keys_and_reasons_are_asked_for_everywhere() {
    says(
        &format!(
            "{HEAD}compartment a [mmol]\nparam p = 1 assumed \"x\" scales 2 source NO1\nparam q = 1 assumed \"x\"\n\
             correlate p, q = 0.5\nd/dt(a) = 0\noutput b = a * p * q\nb ~ prop(4[%]) source NO2\n"
        ),
        expect![[r#"
            W0208 nothing says the unit of parameter `p` | 5:11 read as a plain number
              help: write `1[1]`, or its unit
            E0502 no evidence row `NO1` | 5:41 not in the evidence tables
              help: search them with `epsom evidence search WORDS`, or write `assumed "Smith 2003, table 2"` in place of `source`
            W0208 nothing says the unit of parameter `q` | 6:11 read as a plain number
              help: write `1[1]`, or its unit
            E0501 the correlation of `p` and `q` has no source | 7:18 add `source <key>` or `assumed "<reason>"`
            E0502 no evidence row `NO2` | 10:23 not in the evidence tables
              help: search them with `epsom evidence search WORDS`, or write `assumed "Smith 2003, table 2"` in place of `source`
        "#]],
    );
}

#[test]
fn a_name_of_one_branch_stays_in_it() {
    let model = |inside: &str, outside: &str| {
        format!(
            "{HEAD}compartment a [mmol]\nif (t > 5[h]) {{\n  half = 0.5\n  {inside}k = half * 1[1/h]\n}} else {{\n  \
             k = 1[1/h]\n}}\nd/dt(a) = -k * a\noutput b = {outside}\n"
        )
    };
    let found = checked(&model("", "a"));
    assert!(found.diagnostics.is_empty(), "{:?}", found.diagnostics);
    says(
        &model("if (a > 1[mmol]) { x = 2 }\n  ", "a * half * x"),
        expect![[r#"
        E0402 `half` has no value in every branch | 5:1 some way through this `if` leaves it unset
          13:16 read here
          help: assign `half` in each branch, and add `else`
        E0402 `x` has no value in every branch | 7:3 some way through this `if` leaves it unset
          13:23 read here
          help: assign `x` in each branch, and add `else`
    "#]],
    );
}

#[test]
fn mistakes_of_reading_and_of_checking_in_one_run() {
    let text = format!(
        "{HEAD}compartment a [mmol]\nparam k = 30% assumed \"x\"\nparam v = 1[L]\nd/dt(a) = -k * a\noutput c = a [mmol/L]\n"
    );
    let (tree, read) = crate::syntax::parse(&text, FileId(0));
    let world = World { evidence: builtin(), substances: &substances() };
    let rest = super::check_rest(&tree, &world, &text, &read);
    let codes: Vec<&str> = read.iter().chain(&rest).map(|one| one.code).collect();
    assert_eq!(codes, ["E0101", "E0501", "E0312", "E0312"]);
    assert_eq!(read[0].help, ["percent is a unit and stands in brackets: `30[%]`"]);
}

#[test]
fn unknown_names_are_told_beside_a_line_that_cannot_be_read() {
    // `kel` may be what the second line would declare, `periferal` and `gut` are not.
    let text = format!(
        "{HEAD}compartment a [mmol]\nparm kel = 3[1/h] assumed \"x\"\nd/dt(a) = -kel * a\n\
         alag(gut) = 1[h]\noutput c = periferal\n"
    );
    let (tree, read) = crate::syntax::parse(&text, FileId(0));
    let world = World { evidence: builtin(), substances: &substances() };
    let rest = super::check_rest(&tree, &world, &text, &read);
    let told: Vec<&str> = rest.iter().map(|one| one.message.as_str()).collect();
    assert_eq!(told, ["no compartment `gut`", "`periferal` is not defined"]);
    // A bracket that stays open takes the lines below with it.
    let text = format!(
        "{HEAD}compartment a [mmol]\nx = (1 +\nparam k = 1[1/h] assumed \"x\"\nd/dt(a) = -k * a\n"
    );
    let (tree, read) = crate::syntax::parse(&text, FileId(0));
    assert!(!read.is_empty());
    let rest = super::check_rest(&tree, &world, &text, &read);
    assert!(rest.iter().all(|one| one.code != "E0201"), "{rest:?}");
}

#[test]
fn a_mass_of_a_substance_needs_its_name() {
    says(
        &format!(
            "{HEAD}compartment a [mmol]\nparam v = 1[L] assumed \"x\"\nd/dt(a) = 0\noutput c = a / v [mg/L]\n"
        ),
        expect![[r#"
            E0312 units do not match | 7:12 this is mmol/L Mg
              7:18 shown in kg/L
              help: name the substance: `[mg/L Mg]`
        "#]],
    );
}

#[test]
fn an_if_where_a_value_belongs() {
    says(
        &format!("{HEAD}x = if (2 > 1)\noutput x\n"),
        expect![[r#"
            E0207 no function `if` | 4:5 not known
              help: for a value write `ifelse(condition, yes, no)`
        "#]],
    );
}
