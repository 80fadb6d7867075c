//! A checked `.epm` model as a function with `ini({…})` and `model({…})` blocks.
//!
//! Units become plain numbers, modules and functions of the model are written out, statements come
//! into an order in which each name is assigned before it is read. What the other form cannot say
//! is refused where leaving it out would change a prediction, and a comment elsewhere.

mod ini;
mod order;
mod outputs;
mod scales;
mod words;

use std::collections::BTreeSet;

use epsom_diag::{Diagnostic, Span};

use crate::check::World;
use crate::ir::{Interpolation, Model};
use crate::syntax::ast::{Dialect, Expr, ExprKind, Item, ItemKind, Name, Target, Tree};
use crate::syntax::{print_expr, print_statements};
use order::in_order;
use scales::Scales;
use words::Words;

/// A line around the blocks, `name <- value` as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// Left side.
    pub name: String,
    /// Right side.
    pub value: String,
}

/// `.epm` text, modules written out, as a function of the other form.
///
/// `model` is what checking `tree` gave, `from` what the text is called; `metadata` stands around
/// the blocks, in place of what the model itself says.
///
/// # Errors
/// Everything in `tree` that the other form cannot say, with its place.
pub fn to_r(
    tree: &Tree,
    model: &Model,
    world: &World<'_>,
    from: &str,
    metadata: &[Metadata],
) -> Result<String, Vec<Diagnostic>> {
    let substances: Vec<_> = tree
        .items
        .iter()
        .filter_map(|item| match &item.kind {
            ItemKind::Substance { name } => world.substances.id(&name.text),
            _ => None,
        })
        .collect();
    let only = substances.first().cloned().filter(|_| substances.len() == 1);
    let scales = Scales::of(model, only, world);
    let mut words = Words::new(&tree.items, model, &scales, world);
    words.refused.extend(unsayable(&tree.items));

    let mut ini = ini::lines(tree, model, &mut words);
    let mut statements = std::mem::take(&mut ini.statements);
    for item in &tree.items {
        statements.extend(statement(item, &mut words));
    }
    let statements = in_order(statements);
    let outputs = outputs::outputs(tree, model, &statements, &mut words);
    let body = body(tree, model, &statements, &outputs, &words);
    ini.lines.extend(outputs.sizes.iter().cloned());
    if !words.refused.is_empty() {
        return Err(words.refused);
    }

    let mut text = heading(tree, model, from, &words);
    let name = super::identifier(&model.name, from);
    text += &format!("{name} <- function() {{\n");
    let lines = around(model, metadata, &scales);
    for line in lines.into_iter().chain(columns(model, &words)) {
        text += &format!("  {line}\n");
    }
    for (word, lines) in [("ini", &ini.lines), ("model", &body)] {
        if word == "model" || !lines.is_empty() {
            text += &format!("  {word}({{\n");
            for line in lines {
                let space = if line.is_empty() { "" } else { "    " };
                text += &format!("{space}{line}\n");
            }
            text += "  })\n";
        }
    }
    Ok(text + "}\n")
}

/// Statements that the other form has no words for.
fn unsayable(items: &[Item]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for item in items {
        let what = match &item.kind {
            ItemKind::Window { name, .. } => format!("window `{}`", name.text),
            ItemKind::Event(event) => format!("event `{}`", event.name.text),
            ItemKind::Register { name, .. } => format!("register `{}`", name.text),
            ItemKind::Initial { .. } => "a start that is solved".into(),
            ItemKind::Model { .. }
            | ItemKind::Time { .. }
            | ItemKind::Unchecked { .. }
            | ItemKind::Substance { .. }
            | ItemKind::Covariate(_)
            | ItemKind::Param(_)
            | ItemKind::Hypothesis { .. }
            | ItemKind::Port { .. }
            | ItemKind::Correlate { .. }
            | ItemKind::Compartments(_)
            | ItemKind::Function { .. }
            | ItemKind::Assign { .. }
            | ItemKind::If { .. }
            | ItemKind::Inflow { .. }
            | ItemKind::Conserve { .. }
            | ItemKind::Output(_)
            | ItemKind::Residual { .. } => continue,
            #[allow(unreachable_patterns, reason = "what joins the language is refused first")]
            _ => "this statement".into(),
        };
        found.push(cannot_say(&what, item.span));
    }
    found
}

/// The refusal of a construct.
fn cannot_say(what: &str, span: Span) -> Diagnostic {
    Diagnostic::error("E0670", format!("{what} cannot be said in `ini/model` text"))
        .at(span, "without it the text would predict something else")
        .help("`epsom simulate` runs the model as it is")
}

/// An assignment or a branch, in the words of the other form.
fn statement(item: &Item, words: &mut Words<'_>) -> Option<Item> {
    let kind = match &item.kind {
        ItemKind::Assign { target, value } => {
            let value = words.expr(value);
            let to = |name: &Name| named(&words.name(&name.text));
            let target = match target {
                Target::Name(name) => Target::Name(to(name)),
                Target::StopTime(name) => Target::StopTime(to(name)),
                Target::Derivative(name) => Target::Derivative(to(name)),
                Target::InitialValue(name) => Target::InitialValue(to(name)),
                Target::Bioavailability(name) => Target::Bioavailability(to(name)),
                Target::Lag(name) => Target::Lag(to(name)),
                Target::Rate(name) => Target::Rate(to(name)),
                Target::Duration(name) => Target::Duration(to(name)),
            };
            ItemKind::Assign { target, value }
        }
        ItemKind::Port { name, value: Some(value), .. } => {
            let value = words.expr(value);
            let target = Target::Name(named(&words.name(&name.text)));
            ItemKind::Assign { target, value }
        }
        ItemKind::If { arms, otherwise } => {
            let body = |items: &[Item], words: &mut Words<'_>| -> Vec<Item> {
                items.iter().filter_map(|one| statement(one, words)).collect()
            };
            let arms = arms
                .iter()
                .map(|(condition, items)| (words.expr(condition), body(items, words)))
                .collect();
            let otherwise = otherwise.as_ref().map(|items| body(items, words));
            ItemKind::If { arms, otherwise }
        }
        _ => return None,
    };
    Some(Item { span: item.span, kind })
}

/// The lines of the `model` block.
fn body(
    tree: &Tree,
    model: &Model,
    statements: &[Item],
    outputs: &outputs::Outputs,
    words: &Words<'_>,
) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for one in &model.covariates {
        let how = match one.interpolation {
            Interpolation::Forward => continue,
            Interpolation::Backward => "nocb",
            Interpolation::Midpoint => "midpoint",
            Interpolation::Linear => "linear",
        };
        lines.push(format!("{how}({})", words.name(&one.name)));
    }
    // Event files number compartments in the order in which the text names them.
    let mut order = Vec::new();
    statements.iter().for_each(|item| derivatives(item, &mut order));
    let names: Vec<String> = model.compartments.iter().map(|one| words.name(&one.name)).collect();
    let seen: BTreeSet<&String> = order.iter().collect();
    let rest: Vec<String> = names.iter().filter(|one| !seen.contains(one)).cloned().collect();
    order.extend(rest);
    if order != names {
        lines.extend(names.iter().map(|one| format!("cmt({one})")));
    }
    for item in statements {
        let mut printed = print_statements(std::slice::from_ref(item), Dialect::IniModel);
        if let ItemKind::Assign { target: Target::Name(name), .. } = &item.kind
            && let Some(said) = outputs.units.get(&name.text)
            && let Some(line) = printed.last_mut()
        {
            *line += &format!("  # {said}");
        }
        lines.extend(printed);
    }
    lines.extend(outputs.lines.iter().cloned());
    for item in &tree.items {
        if let ItemKind::Conserve { value, .. } = &item.kind {
            lines.push(format!("# proven to be conserved: {}", print_expr(value, Dialect::Epm)));
        }
    }
    lines
}

/// Compartments in the order of their derivatives.
fn derivatives(item: &Item, order: &mut Vec<String>) {
    match &item.kind {
        ItemKind::Assign { target: Target::Derivative(name), .. }
            if !order.contains(&name.text) =>
        {
            order.push(name.text.clone());
        }
        ItemKind::If { arms, otherwise } => {
            let bodies = arms.iter().map(|(_, items)| items).chain(otherwise);
            bodies.flatten().for_each(|one| derivatives(one, order));
        }
        _ => {}
    }
}

/// What the text was made of, and in which units its numbers stand.
fn heading(tree: &Tree, model: &Model, from: &str, words: &Words<'_>) -> String {
    let scales = words.scales;
    let mut text = format!("# Converted from {}.\n", super::clean(from));
    let own = model.time_unit.per_base != 1.0
        || model.compartments.iter().any(|one| one.unit.per_base != 1.0);
    if model.checked || own {
        text += &format!("# Times are in {}", time_word(model, scales));
        let amounts: Vec<String> = model
            .compartments
            .iter()
            .map(|one| format!("{} in {}", words.name(&one.name), scales.word(&one.unit)))
            .collect();
        if !amounts.is_empty() {
            text += &format!("; amounts and doses: {}", amounts.join(", "));
        }
        text += ".\n";
    }
    for (at, one) in model.covariates.iter().enumerate() {
        // A deviation is an effect in `ini`, no column.
        if model.occasions.iter().any(|occasion| occasion.covariate == at) {
            continue;
        }
        let unit = if one.unit.text.is_empty() { "a plain number" } else { &one.unit.text };
        let usual = if one.default.is_finite() {
            format!(", {} in the model", digits(one.default * one.unit.per_base))
        } else {
            String::new()
        };
        text += &format!("# Column {}: {unit}{usual}.\n", words.name(&one.name));
    }
    for (old, new) in words.renamed() {
        text += &format!("# {new} is `{old}` in the model.\n");
    }
    for key in rows(model) {
        if let Some(row) = words.world.evidence.value(&key) {
            let place = super::clean(&row.locator);
            let between = if place.is_empty() { "" } else { ", " };
            text += &format!("# {key}: {}{between}{place}.\n", super::clean(&row.source_key));
        }
    }
    for item in &tree.items {
        if let ItemKind::Unchecked { why } = &item.kind {
            text += &format!("# Unchecked: {}.\n", super::clean(&why.text));
        }
    }
    text
}

/// Rows that parameters rest on, sorted.
fn rows(model: &Model) -> BTreeSet<String> {
    model.params.iter().flat_map(|one| one.provenance.rows.iter().cloned()).collect()
}

fn time_word(model: &Model, scales: &Scales<'_>) -> String {
    scales.word(&model.time_unit)
}

/// The lines before the blocks.
fn around(model: &Model, metadata: &[Metadata], scales: &Scales<'_>) -> Vec<String> {
    if !metadata.is_empty() {
        // What is an output is said anew.
        let kept = metadata.iter().filter(|one| one.name != "outputs");
        return kept.map(|one| format!("{} <- {}", one.name, one.value)).collect();
    }
    let mut lines = Vec::new();
    if !model.title.is_empty() {
        lines.push(format!("description <- \"{}\"", super::quoted(&model.title).text));
    }
    if model.checked {
        let mut units = vec![format!("time = \"{}\"", time_word(model, scales))];
        let dosed = model.compartments.first().map(|one| scales.word(&one.unit));
        units.extend(dosed.map(|unit| format!("dosing = \"{unit}\"")));
        lines.push(format!("units <- list({})", units.join(", ")));
    }
    lines
}

/// `outputs <- c("…")`: which of what is assigned is a column, in order.
fn columns(model: &Model, words: &Words<'_>) -> Vec<String> {
    const WIDEST: usize = 90;
    let names = model.outputs.iter().map(|one| format!("\"{}\"", words.name(&one.name)));
    let names: Vec<String> = names.collect();
    let line = format!("outputs <- c({})", names.join(", "));
    if line.len() <= WIDEST {
        return vec![line];
    }
    let mut lines = vec!["outputs <- c(".to_string(), " ".to_string()];
    for (at, name) in names.iter().enumerate() {
        let comma = if at + 1 < names.len() { "," } else { "" };
        if lines.last().is_some_and(|line| line.len() + name.len() > WIDEST) {
            lines.push(" ".to_string());
        }
        if let Some(line) = lines.last_mut() {
            *line += &format!(" {name}{comma}");
        }
    }
    lines.push(")".to_string());
    lines
}

/// A number as text that reads back to the same bits.
fn digits(value: f64) -> String {
    let text = format!("{value:?}");
    text.strip_suffix(".0").map(str::to_string).unwrap_or(text)
}

fn number(value: f64) -> Expr {
    let kind = ExprKind::Number { value, digits: digits(value), unit: None };
    Expr { span: Span::default(), kind: Box::new(kind) }
}

fn named(text: &str) -> Name {
    Name { text: text.into(), span: Span::default() }
}
