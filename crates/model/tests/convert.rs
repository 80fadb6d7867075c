//! Text that is read from top to bottom becomes text in which each name is assigned once.

mod common;

use common::{check_text, model_texts};
use epsom_diag::FileId;
use epsom_model::convert::to_epm;
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

            output cp = cp.2
            cp ~ add(s)
        "##]],
    );
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
        let errors: Vec<_> = again.diagnostics.iter().filter(|one| one.code != "W0201").collect();
        assert!(errors.is_empty(), "{name}: {errors:?}\n{text}");
        let again = again.model.expect("no error");
        assert!(!again.checked);
        let names = |model: &epsom_model::ir::Model| {
            let params = model.params.iter().map(|one| (one.name.clone(), one.value.to_bits()));
            let states = model.compartments.iter().map(|one| (one.name.clone(), 0));
            let outputs = model.outputs.iter().map(|one| (one.name.clone(), 1));
            let covariates = model.covariates.iter().map(|one| (one.name.clone(), 2));
            params.chain(states).chain(outputs).chain(covariates).collect::<Vec<_>>()
        };
        assert_eq!(names(&again), names(&model), "{name}\n{text}");
        // Comments of the head aside, the text is in its canonical form but for blank lines.
        assert!(format(&text, FileId(0)).is_ok(), "{name}");
        n_texts += 1;
    }
    assert!(n_texts >= 29, "{n_texts}");
}
