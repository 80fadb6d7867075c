//! What is reported, and how measurements scatter about it.

use std::collections::{BTreeMap, BTreeSet};

use super::order::names;
use super::words::{Words, binary, variable};
use super::{cannot_say, named, number};
use crate::ir::Model;
use crate::syntax::ast::{
    BinaryOp, Call, Dialect, Expr, ExprKind, Item, ItemKind, Output, Target, Tree,
};
use crate::syntax::print_statements;

/// The last lines of `model`.
#[derive(Default)]
pub(super) struct Outputs {
    pub(super) lines: Vec<String>,
    /// What is said behind the assignment of a name.
    pub(super) units: BTreeMap<String, String>,
    /// Lines of `ini` for sizes of errors.
    pub(super) sizes: Vec<String>,
}

pub(super) fn outputs(
    tree: &Tree,
    model: &Model,
    statements: &[Item],
    words: &mut Words<'_>,
) -> Outputs {
    let mut made = Outputs::default();
    let mut assigned: BTreeSet<String> = BTreeSet::new();
    statements.iter().for_each(|item| assigned_by(item, &mut assigned));
    let mut waiting: Vec<(String, Expr, String)> = Vec::new();
    for item in &tree.items {
        let ItemKind::Output(output) = &item.kind else { continue };
        let name = words.name(&output.name.text);
        let factor = factor(&output.name.text, model, words);
        let said = unit(&output.name.text, model, words, factor);
        match value(output, model, factor, &assigned, words) {
            Ok(Some(value)) => waiting.push((name, value, said)),
            Ok(None) => {
                made.units.insert(name, said);
            }
            Err(beside) => {
                let what = format!("output `{}` {beside}", output.name.text);
                words.refused.push(cannot_say(&what, item.span));
            }
        }
    }
    // Who takes the name of a quantity comes after all that read the quantity.
    while !waiting.is_empty() {
        let free = waiting.iter().position(|(name, ..)| {
            waiting.iter().all(|(other, value, _)| {
                let mut read = false;
                names(value, &mut |one| read |= one == name);
                other == name || !read
            })
        });
        let Some(at) = free else {
            let span = tree.items.iter().find(|one| matches!(one.kind, ItemKind::Output(_)));
            let span = span.map(|one| one.span).unwrap_or_default();
            words.refused.push(cannot_say("outputs that take each other's names", span));
            break;
        };
        let (name, value, said) = waiting.remove(at);
        let kind = ItemKind::Assign { target: Target::Name(named(&name)), value };
        let item = Item { span: Default::default(), kind };
        let mut lines = print_statements(&[item], Dialect::IniModel);
        if let Some(line) = lines.last_mut().filter(|_| !said.is_empty()) {
            *line += &format!("  # {said}");
        }
        made.lines.extend(lines);
    }
    made.units.retain(|_, said| !said.is_empty());
    let n_endpoints =
        tree.items.iter().filter(|one| matches!(one.kind, ItemKind::Residual { .. })).count();
    for item in &tree.items {
        if let ItemKind::Residual { output, terms, .. } = &item.kind {
            let factor = factor(&output.text, model, words);
            let name = words.name(&output.text);
            let front = if n_endpoints > 1 { format!("{name}.") } else { String::new() };
            let terms: Vec<Call> =
                terms.iter().map(|one| term(one, factor, &front, words, &mut made.sizes)).collect();
            let kind = ItemKind::Residual {
                output: named(&name),
                terms,
                endpoint: None,
                provenance: Default::default(),
            };
            let item = Item { span: item.span, kind };
            made.lines.extend(print_statements(&[item], Dialect::IniModel));
        }
    }
    made
}

/// What a number of the text is multiplied by to be shown as the model shows it.
pub(super) fn factor(name: &str, model: &Model, words: &Words<'_>) -> f64 {
    let Some(output) = model.outputs.iter().find(|one| one.name == name) else { return 1.0 };
    if model.compartments.iter().any(|one| one.name == name) {
        return 1.0;
    }
    words.scales.shown(&output.unit)
}

/// The unit of an output and its meaning, for a comment.
fn unit(name: &str, model: &Model, words: &Words<'_>, factor: f64) -> String {
    let Some(output) = model.outputs.iter().find(|one| one.name == name) else {
        return String::new();
    };
    let unit =
        if factor == 1.0 { words.scales.word(&output.unit) } else { output.unit.text.clone() };
    let label = crate::convert::clean(&output.label);
    let between = if unit.is_empty() || label.is_empty() { "" } else { ", " };
    format!("{unit}{between}{label}")
}

/// What is assigned to the name of an output; nothing where the name holds it already.
///
/// # Errors
/// Beside what the name cannot be assigned to.
fn value(
    output: &Output,
    model: &Model,
    factor: f64,
    assigned: &BTreeSet<String>,
    words: &mut Words<'_>,
) -> Result<Option<Expr>, &'static str> {
    let text = &output.name.text;
    let itself = |expr: &Expr| matches!(&*expr.kind, ExprKind::Name(one) if one == text);
    let is_name = output.value.as_ref().is_none_or(itself);
    let shown = model.outputs.iter().find(|one| one.name == *text).map(|one| &one.unit);
    let compartment = model.compartments.iter().any(|one| one.name == *text);
    let covariate = model.covariates.iter().find(|one| one.name == *text);
    let param = model.params.iter().any(|one| one.name == *text);
    if is_name && compartment {
        let same = shown.is_none_or(|unit| words.scales.shown(unit) == 1.0);
        return if same { Ok(None) } else { Err("in another unit than the compartment's doses") };
    }
    if is_name && let Some(column) = covariate {
        let same = shown.is_none_or(|unit| unit.per_base == column.unit.per_base);
        return if same { Ok(None) } else { Err("in another unit than its column") };
    }
    let held = compartment || covariate.is_some() || param && !assigned.contains(&words.name(text));
    if is_name && (factor == 1.0 || held) {
        return Ok(None);
    }
    if held {
        return Err("beside another thing of its name");
    }
    let value = match &output.value {
        Some(value) => words.expr(value),
        None => variable(&words.name(text)),
    };
    Ok(Some(if factor == 1.0 { value } else { binary(BinaryOp::Mul, value, number(factor)) }))
}

/// A term of an error, its size in the unit that is shown and as a parameter of `ini`.
fn term(
    term: &Call,
    factor: f64,
    front: &str,
    words: &mut Words<'_>,
    sizes: &mut Vec<String>,
) -> Call {
    let mut made = term.clone();
    let word = term.name.text.as_str();
    for (at, argument) in made.arguments.iter_mut().enumerate() {
        argument.value = words.expr(&argument.value);
        let shown = matches!((word, at), ("add" | "norm" | "dnorm", 0) | ("logitNorm", 1..));
        if shown && factor != 1.0 {
            argument.value = match &*argument.value.kind {
                ExprKind::Number { value, .. } => number(value * factor),
                _ => binary(BinaryOp::Mul, argument.value.clone(), number(factor)),
            };
        }
        // The other form takes sizes from `ini`.
        if let ExprKind::Number { digits: text, .. } = &*argument.value.kind
            && (at == 0 || word == "pow")
        {
            let ending = match (word, at) {
                ("boxCox" | "yeoJohnson", _) => "lambda",
                ("pow", 1) => "power",
                _ => "sd",
            };
            let stem = match word {
                "lnorm" | "dlnorm" | "logn" | "dlogn" => "lnorm",
                "norm" | "dnorm" => "add",
                other => other,
            };
            let name = words.fresh(&format!("{front}{stem}.{ending}"));
            sizes.push(format!("{name} <- {text}"));
            argument.value = variable(&name);
        }
    }
    made
}

fn assigned_by(item: &Item, found: &mut BTreeSet<String>) {
    match &item.kind {
        ItemKind::Assign { target: Target::Name(name) | Target::StopTime(name), .. } => {
            found.insert(name.text.clone());
        }
        ItemKind::If { arms, otherwise } => {
            let bodies = arms.iter().map(|(_, items)| items).chain(otherwise);
            bodies.flatten().for_each(|one| assigned_by(one, found));
        }
        _ => {}
    }
}
