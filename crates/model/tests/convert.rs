//! Text that is read from top to bottom becomes text in which each name is assigned once.

mod common;

use common::{check_text, model_texts};
use epsom_diag::FileId;
use epsom_evidence::{builtin, builtin_substances};
use epsom_model::check::World;
use epsom_model::convert::{to_epm, to_r};
use epsom_model::syntax::{ast::Dialect, format, parse};
use expect_test::{Expect, expect};

fn converted(text: &str, name: &str) -> String {
    let (tree, said) = parse(text, FileId(0));
    assert!(said.is_empty(), "{name}: {said:?}");
    to_epm(&tree, &check_text(text).model.expect(name), name)
}

fn check(text: &str, expect: Expect) {
    expect.assert_eq(&converted(text, "some file.R"));
}

#[test]
fn names_are_assigned_once() {
    check(
        "two <- function() {\n  description <- 'Two \"parts'\n  reference <- \"Someone, 2001\"\n  units <- list(time = \"day\")\n\
         ini({\n lcl <- c(-Inf, log(2), Inf); label(\"CL\")\n v <- fix(3)\n eta.cl + eta.v ~ c(0.1, 0.01, 0.2)\n s <- c(0, 0.1)\n })\n\
         model({\n  linear(crcl)\n  cl <- exp(lcl + eta.cl)\n  cl <- cl * crcl / 100\n  if (t > 4) {\n    cl <- cl / 2\n    k <- 1\n  } else if (t > 2) {\n    k <- 2\n  } else {\n    k <- 3\n  }\n\
         d/dt(gut) <- 0\n  d/dt(gut) <- -k * gut\n  d/dt(body) <- k * gut - cl / v * body\n  cp <- body / v\n  cp <- cp * exp(eta.v)\n  cp ~ add(s) | obs\n })\n}\n",
        expect![[r##"
            # Converted from some file.R.
            # reference <- "Someone, 2001"
            # units <- list(time = "day")
            # Times are plain numbers; the text calls their unit day.
            model two "Two 'parts"
            time [h]
            unchecked "converted from some file.R: units and sources are missing"

            covariate crcl linear

            param lcl = log(2) label CL
            param v = 3 fixed "fixed in the text"
            param eta.cl = 0 varies normal(sd sqrt(0.1))
            param eta.v = 0 varies normal(sd sqrt(0.2))
            correlate eta.cl, eta.v = 0.01 / sqrt(0.2 * 0.1)
            param s = 0.1 bounds(0, )

            compartment gut, body

            cl = exp(lcl + eta.cl)
            cl.2 = cl * crcl / 100
            if (t > 4) {
              cl.4 = cl.2 / 2
              k = 1
            } else if (t > 2) {
              k = 2
              cl.4 = cl.2
            } else {
              k = 3
              cl.4 = cl.2
            }
            d/dt(gut) = -k * gut
            d/dt(body) = k * gut - cl.4 / v * body
            cp = body / v
            cp.2 = cp * exp(eta.v)

            output cl = cl.4
            output k
            output cp = cp.2
            cp ~ add(s)
        "##]],
    );
}

#[test]
fn lincmt_finds_what_its_names_held() {
    let text = "ini({\n lcl <- log(5)\n v <- 30\n })\nmodel({\n  cl <- exp(lcl)\n  cl <- cl * 2\n\
         cp <- linCmt()\n  cl <- cl * 3\n  twice <- cl * cp\n })\n";
    expect![[r##"
        # Converted from linear.R.
        model linear
        time [h]
        unchecked "converted from linear.R: units and sources are missing"

        param lcl = log(5)
        param v = 30

        compartment central

        cl.4 = exp(lcl)
        cl = cl.4 * 2
        cp = linCmt()
        cl.3 = cl * 3
        twice = cl.3 * cp

        output cp
        output twice
    "##]]
    .assert_eq(&converted(text, "linear.R"));
    // Clearance is doubled where it is called, and tripled later.
    let nodes = |text: &str| -> Vec<String> {
        let model = check_text(text).model.expect("no error");
        let printed = epsom_model::ir::print(&model);
        printed.lines().filter(|line| line.starts_with(['%', 'd'])).map(str::to_string).collect()
    };
    assert!(nodes(text).contains(&"%5 = div %3 %4".to_string()), "{:?}", nodes(text));
}

#[test]
fn every_text_of_the_tree_converts_to_a_model_of_the_same_shape() {
    let mut n_texts = 0;
    for (name, text) in model_texts() {
        let (tree, _) = parse(&text, FileId(0));
        let Some(model) = check_text(&text).model.filter(|_| tree.dialect == Dialect::IniModel)
        else {
            continue;
        };
        let text = converted(&text, &name);
        let again = check_text(&text);
        let errors: Vec<_> = again
            .diagnostics
            .iter()
            .filter(|one| !["W0201", "W0207"].contains(&one.code))
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:?}\n{text}");
        let again = again.model.expect("no error");
        assert!(!again.checked);
        let names = |model: &epsom_model::ir::Model| {
            let params = model.params.iter().map(|one| (one.name.clone(), one.value.to_bits()));
            let states = model.compartments.iter().map(|one| (one.name.clone(), 0));
            let outputs = model.outputs.iter().map(|one| (one.name.clone(), 1));
            // Columns have names, no order: declared ones come before deviations.
            let mut covariates: Vec<(String, u64)> =
                model.covariates.iter().map(|one| (one.name.clone(), 2)).collect();
            covariates.sort();
            params.chain(states).chain(outputs).chain(covariates).collect::<Vec<_>>()
        };
        assert_eq!(names(&again), names(&model), "{name}\n{text}");
        // Comments of the head aside, the text is in its canonical form but for blank lines.
        assert!(format(&text, FileId(0)).is_ok(), "{name}");
        n_texts += 1;
    }
    assert!(n_texts >= 29, "{n_texts}");
}

fn exported(text: &str) -> Result<String, Vec<String>> {
    let (tree, said) = parse(text, FileId(0));
    assert!(said.is_empty(), "{said:?}");
    let world = World { evidence: builtin(), substances: builtin_substances() };
    let checked = check_text(text);
    let model = checked.model.unwrap_or_else(|| panic!("{:?}", checked.diagnostics));
    to_r(&tree, &model, &world, "a model.epm", &[]).map_err(|said| {
        let line = |at: u32| epsom_diag::locate(text, at).line;
        let told = said.iter().map(|one| {
            let at = one.primary.as_ref().map_or(0, |label| line(label.span.start));
            format!("{} line {at}: {}", one.code, one.message)
        });
        told.collect()
    })
}

#[test]
fn a_model_with_units_becomes_a_function_of_plain_numbers() {
    let text = "model theo \"Everything a function can say\"\ntime [d]\n\
        covariate wt = 70[kg]\ncovariate crcl = 100[mL/min] linear\n\
        param ka = 1.5[1/h] assumed \"x\" bounds(0[1/h], 5[1/h]) label absorption\n\
        param cl = 2.8[L/h] assumed \"x\" fixed \"y\" varies lognormal(cv 30[%]) assumed \"x\" \
        scales (wt / 70[kg])^0.75 * crcl / 100[mL/min]\n\
        param v = 32[L] assumed \"x\" varies lognormal(cv 20[%]) assumed \"x\" scales wt / 70[kg]\n\
        param base = 2[mg/L] assumed \"x\" varies normal(sd 0.5[mg/L]) assumed \"x\"\n\
        param f1 = 0.8[1] assumed \"x\" varies logitnormal(sd 0.3) assumed \"x\"\n\
        param eta.k = 0[1/h] assumed \"x\" varies normal(sd 0.5[1/h]) assumed \"x\"\n\
        hypothesis slower \"loss is slower in the night\"\n\
        correlate cl, v = 0.4 assumed \"x\"\n\
        compartment central [mg], depot [mg]\n\
        function hill(x, k) = x / (x + k)\nf(depot) = f1\n\
        out = cl * conc * (1 + hill(conc, 5[mg/L])) * (1 - slower / 2) + eta.k * central\n\
        conc = central / v\nmtime(late) = 12[h]\n\
        if (t > late and not (wt > 100[kg])) {\n  k = ka\n} else {\n  k = ka / 2\n}\n\
        d/dt(depot) = -k * depot\nd/dt(central) = k * depot - out\n\
        output _Cc = conc + base [ug/mL] label plasma\noutput conc [ng/mL]\noutput rate = conc\n\
        _Cc ~ prop(4[%]) + add(0.1[mg/L]) assumed \"x\"\nconc ~ add(0.1[mg/L]) assumed \"x\"\n";
    expect![[r##"
        # Converted from a model.epm.
        # Times are in d; amounts and doses: central in mg, depot in mg.
        # Column wt: kg, 70 in the model.
        # Column crcl: mL/min, 100 in the model.
        # Cc_ is `_Cc` in the model.
        # rate_ is `rate` in the model.
        theo <- function() {
          description <- "Everything a function can say"
          units <- list(time = "d", dosing = "mg")
          outputs <- c("Cc_", "conc", "rate_")
          ini({
            # param ka = 1.5[1/h] assumed "x" bounds(0[1/h], 5[1/h]) label absorption
            ka <- c(0, 36, 120); label("absorption")
            # param cl = 2.8[L/h] assumed "x"
            #   fixed "y"
            #   varies lognormal(cv 30[%]) assumed "x"
            #   scales (wt / 70[kg])^0.75 * crcl / 100[mL/min]
            tvcl <- fixed(67.2)
            # param v = 32[L] assumed "x" varies lognormal(cv 20[%]) assumed "x" scales wt / 70[kg]
            tvv <- 32
            # param base = 2[mg/L] assumed "x" varies normal(sd 0.5[mg/L]) assumed "x"
            tvbase <- 2
            # param f1 = 0.8[1] assumed "x" varies logitnormal(sd 0.3) assumed "x"
            tvf1 <- 0.8
            # param eta.k = 0[1/h] assumed "x" varies normal(sd 0.5[1/h]) assumed "x"
            # hypothesis, off: loss is slower in the night
            slower <- fixed(0)
            eta.cl + eta.v ~ c(0.08617769624105238, 0.023254937383639, 0.03922071315328133)
            eta.base ~ 0.25
            eta.f1 ~ 0.09
            eta.k ~ 144
            Cc_.prop.sd <- 0.04
            Cc_.add.sd <- 0.1
            conc.add.sd <- 100
          })
          model({
            linear(crcl)
            cmt(central)
            cmt(depot)
            cl <- tvcl * exp(eta.cl) * ((wt / 70)^0.75 * crcl / 100)
            v <- tvv * exp(eta.v) * (wt / 70)
            base <- tvbase + eta.base
            f1 <- expit(logit(tvf1) + eta.f1)
            f(depot) <- f1
            conc <- central / v
            out <- cl * conc * (1 + conc / (conc + 5)) * (1 - slower / 2) + eta.k * central
            mtime(late) <- 0.5
            if (t > late && !(wt / 1e-6 > 100000000)) {
              k <- ka
            } else {
              k <- ka / 2
            }
            d/dt(depot) <- -k * depot
            d/dt(central) <- k * depot - out
            Cc_ <- conc + base  # ug/mL, plasma
            rate_ <- conc * 1e-6  # kg/L
            conc <- conc * 1000  # ng/mL
            Cc_ ~ prop(Cc_.prop.sd) + add(Cc_.add.sd)
            conc ~ add(conc.add.sd)
          })
        }
    "##]]
    .assert_eq(&exported(text).expect("nothing to refuse"));
}

#[test]
fn what_a_function_cannot_say_is_refused_with_its_line() {
    let text = "model m\ntime [h]\nwindow night = every 24[h] from 22[h] for 8[h]\n\
        param k = 1[1/h] assumed \"x\" varies uniform(0.5[1/h], 1.5[1/h]) assumed \"x\"\n\
        compartment a [mg]\ninitial steady_state\nd/dt(a) = 2[mg/h] * night - k * a\n\
        output k = 2 * a\n";
    let text = text.replace("output k = 2 * a", "output b = 2 * a\noutput k = 2 * a");
    let text = text.replace("param k", "covariate age = 40[d]\nparam k");
    let text = text + "output a [g]\noutput age\n";
    expect![[r#"
        E0670 line 3: window `night` cannot be said in `ini/model` text
        E0670 line 7: a start that is solved cannot be said in `ini/model` text
        E0670 line 5: how people differ in `k` cannot be said in `ini/model` text
        E0670 line 10: output `k` beside another thing of its name cannot be said in `ini/model` text
        E0670 line 11: output `a` in another unit than the compartment's doses cannot be said in `ini/model` text"#]].assert_eq(&exported(&text).expect_err("refused").join("\n"));
}

#[test]
fn every_model_of_the_tree_exports_to_a_function_of_the_same_shape() {
    let (mut n_texts, mut n_refused) = (0, 0);
    for (name, text) in model_texts() {
        let (tree, _) = parse(&text, FileId(0));
        let Some(model) = check_text(&text).model.filter(|_| tree.dialect == Dialect::Epm) else {
            continue;
        };
        let text = match exported(&text) {
            Ok(text) => text,
            Err(why) => {
                assert!(why.iter().all(|one| one.starts_with("E0670")), "{name}: {why:?}");
                n_refused += 1;
                continue;
            }
        };
        let again = check_text(&text);
        let errors: Vec<_> =
            again.diagnostics.iter().filter(|one| !one.code.starts_with('W')).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}\n{text}");
        let again = again.model.expect("no error");
        let states = |model: &epsom_model::ir::Model| -> Vec<String> {
            model.compartments.iter().map(|one| one.name.clone()).collect()
        };
        assert_eq!(states(&again), states(&model), "{name}\n{text}");
        assert!(format(&text, FileId(0)).is_ok(), "{name}\n{text}");
        n_texts += 1;
    }
    assert!(n_texts >= 17 && n_refused >= 1, "{n_texts} {n_refused}");
}

#[test]
fn effects_of_occasions_go_both_ways() {
    check(
        "two <- function() {\n ini({\n lcl <- log(5)\n v <- 30\n eta.cl ~ 0.09\n\
         iov.cl + iov.v ~ c(0.04, 0.01, 0.1) | visit\n })\n model({\n\
         cl <- exp(lcl + eta.cl + iov.cl)\n vv <- v * exp(iov.v)\n d/dt(a) <- -cl / vv * a\n cp <- a / vv\n })\n}\n",
        expect![[r##"
            # Converted from some file.R.
            model two
            time [h]
            unchecked "converted from some file.R: units and sources are missing"

            covariate visit = 1

            param lcl = log(5)
            param v = 30
            param eta.cl = 0 varies normal(sd sqrt(0.09))
            param iov.cl = 0 occasion normal(sd sqrt(0.04)) by visit
            param iov.v = 0 occasion normal(sd sqrt(0.1)) by visit
            correlate iov.cl, iov.v = 0.01 / sqrt(0.1 * 0.04)

            compartment a

            cl = exp(lcl + eta.cl + iov.cl)
            vv = v * exp(iov.v)
            d/dt(a) = -cl / vv * a
            cp = a / vv

            output cp
        "##]],
    );
}

#[test]
fn outputs_of_a_function_are_those_it_names_else_what_changes_or_is_read_by_nothing() {
    let text = |line: &str| {
        format!(
            "f <- function() {{\n{line}\nini({{\n lk <- log(0.2)\n }})\nmodel({{\n  cl <- 3\n  v <- 30\n\
             k <- exp(lk)\n  half <- log(2) / k\n  half <- half / 24\n  if (k > 1) {{\n    fast <- 1\n    \
             twice <- 2 * fast\n  }} else {{\n    fast <- 0\n    twice <- 0\n  }}\n  cp <- linCmt()\n  \
             change <- cp * 2\n  last <- change\n  s <- 0.1\n  last ~ add(s)\n }})\n}}\n"
        )
    };
    let outputs = |line: &str| -> Vec<String> {
        let model = check_text(&text(line)).model.expect("no error");
        model.outputs.into_iter().map(|one| one.name).collect()
    };
    // `cl`, `v` are looked for, `k` and `fast` read, `s` is the size of an error.
    assert_eq!(outputs("units <- list()"), ["half", "twice", "cp", "change", "last"]);
    let named = r#"outputs <- c("v", 'half', "central", "last", "lk")"#;
    assert_eq!(outputs(named), ["v", "half", "central", "last", "lk"]);
    // A line of another kind says nothing of outputs.
    assert_eq!(outputs("outputs <- 3"), outputs("units <- list()"));
    let wrong = text("outputs <- c(\"last\",\n  \"hlf\", \"last\")");
    let said = check_text(&wrong).diagnostics;
    let said = said.iter().filter(|one| one.code.starts_with('E')).map(|one| {
        let span = one.primary.as_ref().expect("a place").span;
        format!("{} {} `{}`", one.code, one.message, &wrong[span.start as usize..span.end as usize])
    });
    assert_eq!(
        said.collect::<Vec<String>>(),
        [
            "E0201 `hlf` is not defined `\"hlf\"`",
            "E0203 output `last` is declared twice `\"last\"`"
        ]
    );
}
