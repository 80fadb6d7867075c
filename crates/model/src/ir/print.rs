//! Text form of a model, complete: [`super::read`] makes the same model of it.
//!
//! Declarations first, then one line per node that something reads, then what reads it. Nodes are
//! numbered without gaps in the order of the table, so that two passes can be compared line by
//! line. Every structure is taken apart by name: a new field does not compile before it is printed.

use std::collections::BTreeMap;

use super::names;
use super::{
    Balance, Combined, Compartment, Correlation, Covariate, DisplayUnit, Distribution, ErrorScale,
    Event, ExprId, Interpolation, Mode, Model, Node, Occasion, Output, Param, Provenance, Residual,
    Start, reachable,
};

/// The model as text.
pub fn print(model: &Model) -> String {
    let Model {
        name,
        title,
        checked,
        time_unit,
        exprs,
        params,
        hypotheses,
        correlations,
        occasions,
        covariates,
        compartments,
        registers,
        modes,
        events,
        outputs,
        balances,
        start,
    } = model;
    let mut lines = vec![format!(
        "model {} {}{}",
        word(name),
        quoted(title),
        if *checked { " checked" } else { "" }
    )];
    lines.push(format!("time{}", unit(time_unit)));
    lines.extend(params.iter().enumerate().map(|(at, one)| param(at, one)));
    lines.extend(hypotheses.iter().map(|at| format!("hypothesis {at}")));
    for Correlation { first, second, rho, level } in correlations {
        lines.push(format!("correlation {first} {second} = {rho:?} {}", level.word()));
    }
    for Occasion { param, covariate, by, sd } in occasions {
        lines.push(format!("occasion {param} {covariate} by {by} = {sd:?}"));
    }
    lines.extend(covariates.iter().enumerate().map(|(at, one)| covariate(at, one)));
    lines.extend(compartments.iter().enumerate().map(|(at, one)| compartment(at, one)));
    lines.extend(registers.iter().map(|at| format!("register {at}")));

    let roots = model.roots();
    let read = reachable(exprs, roots.iter().map(|&(_, root)| root));
    let numbers: BTreeMap<ExprId, usize> =
        read.iter().enumerate().map(|(at, &id)| (id, at)).collect();
    let of = |id: &ExprId| format!("%{}", numbers.get(id).copied().unwrap_or(usize::MAX));
    for id in &read {
        lines.push(format!("{} = {}", of(id), node(exprs.node(*id), &of)));
    }
    for (at, mode) in modes.iter().enumerate() {
        lines.push(match mode {
            Mode::Root { value, strict } => {
                format!("mode {at} root{} {}", sign(*strict), of(value))
            }
            Mode::Affine { value, strict } => {
                format!("mode {at} affine{} {}", sign(*strict), of(value))
            }
            Mode::Window { every, from, length } => {
                format!("mode {at} window {} {} {}", of(every), of(from), of(length))
            }
        });
    }
    lines.extend(events.iter().flat_map(|one| event(one, &of)));
    for one in compartments {
        let name = word(&one.name);
        lines.push(format!("d/dt {name} = {}", of(&one.derivative)));
        for (what, root) in [
            ("initial", &one.initial),
            ("f", &one.bioavailability),
            ("alag", &one.lag),
            ("rate", &one.rate),
            ("dur", &one.duration),
        ] {
            lines.extend(root.as_ref().map(|root| format!("{what} {name} = {}", of(root))));
        }
    }
    for Output { name, value, unit: shown, label, residual } in outputs {
        let line = format!("output {} = {}{}", word(name), of(value), unit(shown));
        lines.push(line + &text_field("label", label));
        let Residual { scale, add, prop, power, combined } = residual;
        let mut line = match scale {
            ErrorScale::Plain => String::new(),
            ErrorScale::Log => " log".into(),
            ErrorScale::Logit { lo, hi } => format!(" logit {lo:?} {hi:?}"),
            ErrorScale::BoxCox { lambda } => format!(" box_cox {}", of(lambda)),
            ErrorScale::YeoJohnson { lambda } => format!(" yeo_johnson {}", of(lambda)),
        };
        for (what, part) in [("add", add), ("prop", prop), ("power", power)] {
            line.extend(part.iter().map(|part| format!(" {what} {}", of(part))));
        }
        line += if *combined == Combined::Sum { " sum" } else { "" };
        if !line.is_empty() {
            lines.push(format!("residual {}{line}", word(name)));
        }
    }
    for Balance { total, inflow } in balances {
        lines.push(format!("balance {} inflow {}", of(total), of(inflow)));
    }
    lines.push(match start {
        Start::Values => "start values".into(),
        Start::SteadyState => "start steady_state".into(),
        Start::Periodic { period } => format!("start periodic {period:?}"),
    });
    lines.join("\n") + "\n"
}

fn param(at: usize, param: &Param) -> String {
    let Param {
        name,
        value,
        unit: shown,
        uncertain,
        varies,
        bounds,
        provenance,
        spread_assumed,
        label,
    } = param;
    let Provenance { rows, assumed, recalled, assumption_row, not_human } = provenance;
    let mut line = format!("param {at} {} = {value:?}{}", word(name), unit(shown));
    for (what, one) in [("uncertain", uncertain), ("varies", varies)] {
        if *one != Distribution::Fixed {
            line += &format!(" {what} {}", distribution(one));
        }
    }
    if *bounds != (f64::NEG_INFINITY, f64::INFINITY) {
        line += &format!(" bounds {:?} {:?}", bounds.0, bounds.1);
    }
    line.extend(rows.iter().map(|row| format!(" row {}", quoted(row))));
    line.extend(assumed.iter().map(|reason| format!(" assumed {}", quoted(reason))));
    for (what, yes) in
        [("recalled", recalled), ("assumption_row", assumption_row), ("not_human", not_human)]
    {
        if *yes {
            line += &format!(" {what}");
        }
    }
    line + &text_field("spread_assumed", spread_assumed) + &text_field("label", label)
}

fn distribution(one: &Distribution) -> String {
    match one {
        Distribution::Fixed => "fixed".into(),
        Distribution::Normal { sd } => format!("normal {sd:?}"),
        Distribution::LogNormal { sd } => format!("lognormal {sd:?}"),
        Distribution::LogitNormal { sd } => format!("logitnormal {sd:?}"),
        Distribution::Uniform { lo, hi } => format!("uniform {lo:?} {hi:?}"),
        Distribution::Triangular { lo, hi } => format!("triangular {lo:?} {hi:?}"),
    }
}

fn covariate(at: usize, covariate: &Covariate) -> String {
    let Covariate { name, default, unit: shown, interpolation, bounds, label } = covariate;
    let how = match interpolation {
        Interpolation::Forward => "",
        Interpolation::Backward => " backward",
        Interpolation::Midpoint => " midpoint",
        Interpolation::Linear => " linear",
    };
    let mut line = format!("covariate {at} {} = {default:?}{}{how}", word(name), unit(shown));
    if *bounds != (f64::NEG_INFINITY, f64::INFINITY) {
        line += &format!(" bounds {:?} {:?}", bounds.0, bounds.1);
    }
    line + &text_field("label", label)
}

/// What a compartment is; its expressions follow the nodes.
fn compartment(at: usize, compartment: &Compartment) -> String {
    let Compartment {
        name,
        unit: shown,
        derivative: _,
        initial: _,
        bioavailability: _,
        lag: _,
        rate: _,
        duration: _,
        scale,
        accumulator,
        label,
    } = compartment;
    let mut line = format!("compartment {at} {}{}", word(name), unit(shown));
    line.extend(scale.iter().map(|scale| format!(" scale {scale:?}")));
    if *accumulator {
        line += " accumulator";
    }
    line + &text_field("label", label)
}

/// A line for when it happens, and one for each change.
fn event(event: &Event, of: &dyn Fn(&ExprId) -> String) -> Vec<String> {
    let Event { name, condition, delay, priority, cancelable, late_values, at_start, changes } =
        event;
    let mut line = format!("event {} when {}", word(name), of(condition));
    for (what, one) in [("delay", delay), ("priority", priority)] {
        line.extend(one.iter().map(|one| format!(" {what} {}", of(one))));
    }
    for (what, yes) in
        [("cancelable", cancelable), ("late_values", late_values), ("at_start", at_start)]
    {
        line.extend(yes.then(|| format!(" {what}")));
    }
    let changes = changes.iter().map(|(at, value)| format!("change {at} = {}", of(value)));
    [line].into_iter().chain(changes).collect()
}

fn node(node: Node, of: &dyn Fn(&ExprId) -> String) -> String {
    match node {
        Node::Const(value) => format!("{value:?}"),
        Node::Time => "time".into(),
        Node::Param(at) => format!("param {at}"),
        Node::Covariate(at) => format!("covariate {at}"),
        Node::State(at) => format!("state {at}"),
        Node::Mode(at) => format!("mode {at}"),
        Node::DoseTime(at) => format!("dose_time {at}"),
        Node::DoseAmount(at) => format!("dose_amount {at}"),
        Node::Unary(op, a) => format!("{} {}", names::unary(op), of(&a)),
        Node::Binary(op, a, b) => format!("{} {} {}", names::binary(op), of(&a), of(&b)),
        Node::Powi(a, n) => format!("powi {} {n}", of(&a)),
        Node::Select(c, a, b) => format!("select {} {} {}", of(&c), of(&a), of(&b)),
    }
}

fn sign(strict: bool) -> &'static str {
    if strict { " strict" } else { "" }
}

fn unit(unit: &DisplayUnit) -> String {
    let DisplayUnit { text, per_base } = unit;
    if text.is_empty() && *per_base == 1.0 {
        return String::new();
    }
    format!(" unit {} {per_base:?}", quoted(text))
}

fn text_field(what: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" {what} {}", quoted(text)) }
}

/// A name, quoted where it is not plain.
fn word(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    if !name.is_empty() && name.chars().all(plain) { name.to_string() } else { quoted(name) }
}

fn quoted(text: &str) -> String {
    let mut written = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => written.extend(['\\', c]),
            '\n' => written.push_str("\\n"),
            _ => written.push(c),
        }
    }
    written + "\""
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::{BinaryOp, read};
    use expect_test::expect;

    #[test]
    fn nodes_come_before_what_reads_them() {
        let mut model = Model { name: "m".into(), title: "a \"b\"\\".into(), ..Model::default() };
        model.exprs.add(Node::Const(9.0));
        let (time, two) = (model.exprs.add(Node::Time), model.exprs.add(Node::Const(2.0)));
        let value = model.exprs.add(Node::Binary(BinaryOp::Mul, time, two));
        model.outputs.push(Output {
            name: "y".into(),
            value,
            unit: DisplayUnit { text: "mg/dL".into(), per_base: 2.4305 },
            label: "a_label".into(),
            residual: Residual { prop: Some(two), ..Residual::default() },
        });
        let text = print(&model);
        expect![[r#"
            model m "a \"b\"\\"
            time
            %0 = time
            %1 = 2.0
            %2 = mul %0 %1
            output y = %2 unit "mg/dL" 2.4305 label "a_label"
            residual y prop %1
            start values
        "#]]
        .assert_eq(&text);
        assert_eq!(print(&read(&text).unwrap()), text);
    }
}
