//! The text form of the intermediate representation reads back to the same model.

mod common;

use common::{check_text, model_texts};
use epsom_model::diff;
use epsom_model::ir::{
    BinaryOp, Compartment, ExprId, Exprs, Mode, Model, Node, Output, UnaryOp, print, reachable,
    read, verify,
};
use proptest::prelude::*;

/// Same text again, same shape.
fn round_trip(model: &Model, name: &str) {
    let text = print(model);
    let again = read(&text).unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
    assert_eq!(print(&again), text, "{name}");
    assert_eq!(verify(&again), Vec::<String>::new(), "{name}");
    // What was read has no unused node, so from here on the models themselves are equal; a
    // covariate without default is not a number, which equals nothing.
    if model.covariates.iter().all(|one| !one.default.is_nan()) {
        assert_eq!(read(&print(&again)).expect("read once already"), again, "{name}");
    }
}

#[test]
fn every_model_text_of_the_tree() {
    let mut n_models = 0;
    for (name, text) in model_texts() {
        let Some(mut model) = check_text(&text).model else {
            continue;
        };
        round_trip(&model, &name);
        // A pass that adds nodes leaves a model that holds together.
        diff::jacobian(&mut model);
        assert_eq!(verify(&model), Vec::<String>::new(), "{name}");
        round_trip(&model, &name);
        n_models += 1;
    }
    assert!(n_models >= 31, "{n_models} models");
}

/// Any row of instructions makes a table: operands are taken from what stands above.
fn exprs() -> impl Strategy<Value = Exprs> {
    let number = prop_oneof![
        any::<f64>().prop_filter("equals itself", |value| !value.is_nan()),
        Just(0.0),
        Just(-0.0),
        Just(f64::INFINITY),
    ];
    let row = (0..9u8, number, any::<u32>(), any::<u32>(), any::<u32>(), any::<i32>());
    proptest::collection::vec(row, 1..60).prop_map(|rows| {
        let mut exprs = Exprs::default();
        for (kind, value, a, b, c, n) in rows {
            let len = exprs.len() as u32;
            let of = |pick: u32| ExprId(pick % len.max(1));
            let node = match kind {
                _ if len == 0 => Node::Const(value),
                0 | 1 => Node::Const(value),
                2 => Node::State(a % 2),
                3 => Node::Time,
                4 => Node::Unary([UnaryOp::Exp, UnaryOp::Neg][(b % 2) as usize], of(a)),
                5 => Node::Binary([BinaryOp::Add, BinaryOp::Lt][(c % 2) as usize], of(a), of(b)),
                6 => Node::Powi(of(a), n),
                7 => Node::Select(of(a), of(b), of(c)),
                _ => Node::DoseTime(a % 2),
            };
            exprs.add(node);
        }
        exprs
    })
}

proptest! {
    #[test]
    fn any_model(exprs in exprs(), text in "[ -~\n\u{e9}]{0,12}", at in any::<u32>()) {
        let last = ExprId(exprs.len() as u32 - 1);
        let any = ExprId(at % exprs.len() as u32);
        let compartment = |name: &str| Compartment {
            name: name.into(),
            unit: Default::default(),
            derivative: any,
            initial: Some(last),
            bioavailability: None,
            lag: Some(any),
            rate: None,
            duration: None,
            scale: Some(0.5),
            accumulator: at % 2 == 0,
            label: text.clone(),
        };
        let model = Model {
            title: text.clone(),
            compartments: vec![compartment("a"), compartment("b.c")],
            modes: vec![Mode::Window { every: last, from: any, length: last }],
            outputs: vec![Output {
                name: text.clone(),
                value: last,
                unit: Default::default(),
                label: text,
                residual: Default::default(),
            }],
            exprs,
            ..Model::default()
        };
        let used = reachable(&model.exprs, [last, any]).len();
        let written = print(&model);
        let again = read(&written).expect("reads back");
        prop_assert_eq!(again.exprs.len(), used);
        prop_assert_eq!(print(&again), written);
    }
}
