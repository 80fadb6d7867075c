use super::super::numbers::evaluate_with;
use super::super::{Checked, World, check};
use crate::ir::{Model, Node};
use crate::modules::{ModuleText, expand};
use crate::syntax::parse;
use epsom_diag::FileId;
use epsom_evidence::builtin;
use epsom_units::{Substance, Substances};

fn checked(text: &str, module: &str) -> Checked {
    let row = Substance { name: "Mg".into(), molar_mass_g_per_mol: 24.305, valence: 2 };
    let substances = Substances::new(vec![row], vec![]).unwrap();
    let (tree, said) = parse(text, FileId(0));
    assert!(said.is_empty(), "{said:?}");
    let mut load = |_: &str| Ok(ModuleText { text: module.into(), file: FileId(1) });
    let (tree, said) = expand(&tree, &mut load);
    assert!(said.is_empty(), "{said:?}");
    check(&tree, &World { evidence: builtin(), substances: &substances })
}

fn model(text: &str) -> Model {
    let found = checked(text, "");
    found.model.unwrap_or_else(|| panic!("{:?}", found.diagnostics))
}

/// Derivatives where the compartments hold these amounts.
fn rates(model: &Model, amounts: &[f64]) -> Vec<f64> {
    let leaf = |node: Node| match node {
        Node::State(at) => Some(amounts[at as usize]),
        Node::Param(at) => Some(model.params[at as usize].value),
        _ => None,
    };
    let value = |one: &crate::ir::Compartment| {
        evaluate_with(&model.exprs, one.derivative, &leaf).expect("a value")
    };
    model.compartments.iter().map(value).collect()
}

fn function(ini: &str, call: &str) -> String {
    format!("ini({{\n{ini}\n}})\nmodel({{\ncp <- {call}\n}})\n")
}

const AMOUNTS: [f64; 4] = [3.0, 7.0, 2.0, 5.0];

/// Gut, central and two peripheral compartments by rate constants.
fn expected(ka: f64, out: f64, sides: [(f64, f64); 2]) -> Vec<f64> {
    let [gut, central, first, second] = AMOUNTS;
    let flows = [(sides[0], first), (sides[1], second)]
        .map(|((there, back), inside)| there * central - back * inside);
    vec![-ka * gut, ka * gut - out * central - flows[0] - flows[1], flows[0], flows[1]]
}

fn near(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (a, b) in found.iter().zip(expected) {
        // A few dozen roundings of numbers below 10.
        assert!((a - b).abs() <= 200.0 * f64::EPSILON, "{found:?} {expected:?}");
    }
}

#[test]
fn arguments_choose_among_the_names_of_a_model() {
    let ini = "cl <- 4\nv <- 10\nq2 <- 2\nv2 <- 5\nq3 <- 1\nv3 <- 20\nka <- 1.5\nk12 <- 9\nvp <- 9";
    let wanted = expected(1.5, 0.4, [(0.2, 0.4), (0.1, 0.05)]);
    for call in ["linCmt(cl, v, q2, v2, q3, v3, ka)", "linCmt(v3, ka, q3, v2, q2, v, cl)"] {
        near(&rates(&model(&function(ini, call)), &AMOUNTS), &wanted);
    }
    // As a name of its own behind `~`.
    let text = function(ini, "1").replace("cp <- 1", "linCmt(cl, v) ~ add(1)");
    let found = model(&text);
    assert_eq!(found.compartments.len(), 1);
    near(&rates(&found, &[7.0]), &[-2.8]);
    assert_eq!(found.outputs[0].name, "rxLinCmt");
}

#[test]
fn volumes_are_numbered_as_other_tools_do() {
    let ini = "CL <- 4\nV2 <- 10\nQ <- 2\nV3 <- 5\nKA <- 1.5";
    let found = model(&function(ini, "linCmt()"));
    let wanted = expected(1.5, 0.4, [(0.2, 0.4), (0.0, 0.0)]);
    near(&rates(&found, &AMOUNTS[..3]), &wanted[..3]);
    let ini = "cl <- 4\nv <- 10\nq <- 2\nvss <- 15\nka <- 1.5";
    near(&rates(&model(&function(ini, "linCmt()")), &AMOUNTS[..3]), &wanted[..3]);
}

#[test]
fn slopes_are_those_of_the_system() {
    // k = 0.3, k12 = 0.4, k21 = 0.2: sum 0.9, product 0.06.
    let root = (0.81_f64 - 0.24).sqrt();
    let (alpha, beta) = (f64::midpoint(0.9, root), f64::midpoint(0.9, -root));
    let wanted = expected(1.5, 0.3, [(0.4, 0.2), (0.0, 0.0)]);
    let ini = format!("alpha <- {alpha:?}\nbeta <- {beta:?}\nk21 <- 0.2\nv <- 10\nka <- 1.5");
    near(&rates(&model(&function(&ini, "linCmt()")), &AMOUNTS[..3]), &wanted[..3]);
    // After a bolus A is to B as alpha - k21 to k21 - beta.
    let ratio = (alpha - 0.2) / (0.2 - beta);
    let ini = format!("alpha <- {alpha:?}\nbeta <- {beta:?}\naob <- {ratio:?}\nv <- 10\nka <- 1.5");
    near(&rates(&model(&function(&ini, "linCmt()")), &AMOUNTS[..3]), &wanted[..3]);
    // Of three: the invariants of the matrix are those of the slopes.
    let ini = "alpha <- 2\nbeta <- 0.5\ngamma <- 0.05\nk21 <- 0.8\nk31 <- 0.1\nv <- 10";
    let found = model(&function(ini, "linCmt()"));
    let column = |at: usize| {
        let mut unit = [0.0; 3];
        unit[at] = 1.0;
        rates(&found, &unit)
    };
    let m = [column(0), column(1), column(2)];
    let pair = |a: usize, b: usize| m[a][a] * m[b][b] - m[a][b] * m[b][a];
    let determinant =
        m[0][0] * pair(1, 2) - m[1][1] * m[0][2] * m[2][0] - m[2][2] * m[0][1] * m[1][0];
    near(
        &[m[0][0] + m[1][1] + m[2][2], pair(0, 1) + pair(0, 2) + pair(1, 2), determinant],
        &[-2.55, 2.0 * 0.5 + 2.0 * 0.05 + 0.5 * 0.05, -(2.0 * 0.5 * 0.05)],
    );
}

#[test]
fn a_module_has_one_of_its_own() {
    let module = "model pk\nsubstance Mg\nparam cl = 4[L/h] assumed \"x\"\nparam v = 10[L] assumed \"x\"\n\
        f(central) = 0.5\nc = linCmt()\n";
    let text = "model m\ntime [h]\nsubstance Mg\nuse pk as first\nuse pk as second\n\
        param cl = 1[L/h] assumed \"x\"\nparam vc = 2[L] assumed \"x\"\nc = linCmt()\n\
        output a = first.c + second.c + c [mmol/L]\noutput b = first.central [mmol]\n";
    let found = checked(text, module);
    assert!(found.diagnostics.is_empty(), "{:?}", found.diagnostics);
    let model = found.model.expect("no error");
    let names: Vec<&str> = model.compartments.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["first.central", "second.central", "central"]);
    near(&rates(&model, &[1.0, 2.0, 4.0]), &[-0.4, -0.8, -2.0]);
    assert!(model.compartments[0].bioavailability.is_some());
}

fn codes(text: &str) -> Vec<(&'static str, String)> {
    let said = checked(text, "").diagnostics;
    said.into_iter()
        .map(|one| (one.code, one.primary.map(|p| p.text).unwrap_or_default()))
        .collect()
}

#[test]
fn what_cannot_be_meant_is_refused() {
    for (ini, call, why) in [
        ("cl <- 1\nv <- 1\nq <- 1", "linCmt()", "flow `q` leads to no volume, such as `vp`"),
        ("cl <- 1\nv <- 1", "linCmt(cl, 2 * v)", "its arguments are names"),
        ("cl <- 1\nv <- 1\nb <- 1", "linCmt(cl, v, b)", "`b` has no part beside `v`, `cl`"),
        (
            "cl <- 1\nv <- 1\nv2 <- 1",
            "linCmt(cl, v) + linCmt(cl, v2)",
            "its compartments are made of other parameters already",
        ),
    ] {
        assert_eq!(codes(&function(ini, call)), [("E0409", why.to_string())], "{call}");
    }
}

#[test]
fn units_of_a_call_are_checked() {
    let text = |cl: &str, head: &str| {
        format!(
            "model m\ntime [h]\n{head}param cl = {cl} assumed \"x\"\nparam v = 1[L] assumed \"x\"\n\
             c = linCmt()\noutput o = c [mg/L]\n"
        )
    };
    let declared = "compartment central [mg]\n";
    assert_eq!(codes(&text("1[L/h]", declared)), []);
    assert_eq!(
        codes(&text("1[L]", declared)),
        [("E0312", "beside `v` in L, `cl` needs L/h".to_string())]
    );
    assert_eq!(
        codes(&text("1[L/h]", "")),
        [("E0304", "nothing says what `central` holds an amount of".to_string())]
    );
    let again = text("1[L/h]", declared) + "d/dt(central) = 0\n";
    assert_eq!(codes(&again), [("E0203", "again here".to_string())]);
}
