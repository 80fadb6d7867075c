//! Text form of a model: one line per node that something reads, then what reads it.

use super::{ExprId, Mode, Model, Node, reachable};

/// The model as text, for people and for comparing passes.
pub fn print(model: &Model) -> String {
    let mut text = format!("model {}\n", model.name);
    for (at, param) in model.params.iter().enumerate() {
        text.push_str(&format!("param {at} {} = {:?}\n", param.name, param.value));
    }
    for (at, covariate) in model.covariates.iter().enumerate() {
        text.push_str(&format!("covariate {at} {} = {:?}\n", covariate.name, covariate.default));
    }
    for (at, compartment) in model.compartments.iter().enumerate() {
        text.push_str(&format!("compartment {at} {}\n", compartment.name));
    }
    for (at, mode) in model.modes.iter().enumerate() {
        let (kind, strict) = match mode {
            Mode::Root { strict, .. } => ("root", *strict),
            Mode::Affine { strict, .. } => ("affine", *strict),
            Mode::Window { .. } => ("window", false),
        };
        let sign = if strict { " strict" } else { "" };
        text.push_str(&format!("mode {at} {kind}{sign}\n"));
    }
    let roots = model.roots();
    for id in reachable(&model.exprs, roots.iter().map(|&(_, root)| root)) {
        text.push_str(&format!("%{} = {}\n", id.0, node_text(model.exprs.node(id))));
    }
    for (what, root) in roots {
        text.push_str(&format!("{what} = %{}\n", root.0));
    }
    text
}

fn node_text(node: Node) -> String {
    let of = |id: ExprId| format!("%{}", id.0);
    match node {
        Node::Const(value) => format!("{value:?}"),
        Node::Time => "time".into(),
        Node::Param(at) => format!("param {at}"),
        Node::Covariate(at) => format!("covariate {at}"),
        Node::State(at) => format!("state {at}"),
        Node::Mode(at) => format!("mode {at}"),
        Node::DoseTime(at) => format!("dose_time {at}"),
        Node::DoseAmount(at) => format!("dose_amount {at}"),
        Node::Unary(op, a) => format!("{op:?} {}", of(a)).to_lowercase(),
        Node::Binary(op, a, b) => format!("{op:?} {} {}", of(a), of(b)).to_lowercase(),
        Node::Powi(a, n) => format!("powi {} {n}", of(a)),
        Node::Select(c, a, b) => format!("select {} {} {}", of(c), of(a), of(b)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::{BinaryOp, Output};
    use expect_test::expect;

    #[test]
    fn nodes_come_before_what_reads_them() {
        let mut model = Model { name: "m".into(), ..Model::default() };
        let (time, two) = (model.exprs.add(Node::Time), model.exprs.add(Node::Const(2.0)));
        model.exprs.add(Node::Const(9.0));
        let value = model.exprs.add(Node::Binary(BinaryOp::Mul, time, two));
        model.outputs.push(Output {
            name: "y".into(),
            value,
            unit: Default::default(),
            label: String::new(),
            residual: Default::default(),
        });
        expect![[r#"
            model m
            %0 = time
            %1 = 2.0
            %3 = mul %0 %1
            output y = %3
        "#]]
        .assert_eq(&print(&model));
    }
}
