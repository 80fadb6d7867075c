//! One text form into the other.
//!
//! Text read from top to bottom, in which a name may be assigned again, becomes text in which each
//! name is assigned once: a later assignment gets a name of its own, `cl.2`, and what follows reads
//! that. Numbers, equations and their order stay as they are.

mod export;
mod versions;

pub use export::{Metadata, to_r};

use epsom_diag::Span;

use crate::ir::{Interpolation as How, Model};
use crate::syntax::ast::{
    Compartment, Covariate, Dialect, Expr, ExprKind, Interpolation, Item, ItemKind, Name, Output,
    Quoted, Tree, UnitText,
};
use crate::syntax::print;
use versions::Versions;

/// `ini({…}) model({…})` text as `.epm` text.
///
/// `model` is what checking `tree` gave, `from` what the text is called. Units and sources are
/// missing there, so the result says `unchecked`; without that line the checker lists what to add.
pub fn to_epm(tree: &Tree, model: &Model, from: &str) -> String {
    let mut items = Vec::new();
    let mut add = |kind: ItemKind| items.push(Item { span: Span::default(), kind });
    let title = (!model.title.is_empty()).then(|| quoted(&model.title));
    add(ItemKind::Model { name: name(&identifier(&model.name, from)), title });
    let unit = UnitText { text: "h".into(), span: Span::default() };
    add(ItemKind::Time { unit });
    add(ItemKind::Unchecked {
        why: quoted(&format!("converted from {}: units and sources are missing", clean(from))),
    });
    for (at, one) in model.covariates.iter().enumerate() {
        // A deviation comes back with its parameter.
        if model.occasions.iter().any(|occasion| occasion.covariate == at) {
            continue;
        }
        let interpolation = match one.interpolation {
            How::Forward => Interpolation::Forward,
            How::Backward => Interpolation::Backward,
            How::Midpoint => Interpolation::Midpoint,
            How::Linear => Interpolation::Linear,
        };
        let first = model.occasions.iter().any(|occasion| occasion.by == at);
        let default = first.then(|| number(1.0, "1"));
        let (unit, bounds, label) = (None, None, None);
        let name = name(&one.name);
        add(ItemKind::Covariate(Covariate { name, default, unit, interpolation, bounds, label }));
    }
    for item in &tree.items {
        match &item.kind {
            ItemKind::Param(param) => {
                let mut param = param.clone();
                if let Some((lo, hi)) = &mut param.bounds {
                    *lo = lo.take().filter(|one| !is_infinite(one));
                    *hi = hi.take().filter(|one| !is_infinite(one));
                }
                // A label may go over lines in a function.
                param.label = param.label.map(|label| name(&quoted(&label.text).text));
                param.bounds = param.bounds.filter(|(lo, hi)| lo.is_some() || hi.is_some());
                add(ItemKind::Param(param));
            }
            ItemKind::Correlate { .. } => add(item.kind.clone()),
            _ => {}
        }
    }
    // In the order of the numbers that event files use.
    let compartments = model.compartments.iter().map(|one| Compartment {
        name: name(&one.name),
        unit: None,
        scale: None,
        label: None,
    });
    if !model.compartments.is_empty() {
        add(ItemKind::Compartments(compartments.collect()));
    }
    let mut versions = Versions::new(tree);
    for kind in versions.all(&tree.items) {
        add(kind);
    }
    for one in &model.outputs {
        let last = versions.last(&one.name);
        let value = (last != one.name).then(|| variable(&last));
        let (unit, label) = (None, None);
        add(ItemKind::Output(Output { name: name(&one.name), value, unit, label }));
    }
    for item in &tree.items {
        if let ItemKind::Residual { .. } = &item.kind {
            let mut kind = item.kind.clone();
            if let ItemKind::Residual { endpoint, .. } = &mut kind {
                // Which records it belongs to is said in the data.
                *endpoint = None;
            }
            add(kind);
        }
    }
    let body = print(&Tree { items, dialect: Dialect::Epm });
    format!("{}{body}", heading(tree, model, from))
}

/// What stands around the blocks, as comments.
fn heading(tree: &Tree, model: &Model, from: &str) -> String {
    let mut text = format!("# Converted from {}.\n", clean(from));
    for item in &tree.items {
        if let ItemKind::Metadata { name, value } = &item.kind
            && name.text != "description"
        {
            for (at, line) in value.text.lines().enumerate() {
                let first = if at == 0 { format!("{} <- ", name.text) } else { "  ".into() };
                text += &format!("# {first}{}\n", line.trim());
            }
        }
    }
    if model.time_unit.text != "h" {
        text += &format!(
            "# Times are plain numbers; the text calls their unit {}.\n",
            clean(&model.time_unit.text)
        );
    }
    text
}

fn is_infinite(expr: &Expr) -> bool {
    match &*expr.kind {
        ExprKind::Name(name) => name == "Inf",
        ExprKind::Unary(_, inner) => is_infinite(inner),
        _ => false,
    }
}

fn name(text: &str) -> Name {
    Name { text: text.into(), span: Span::default() }
}

fn variable(text: &str) -> Expr {
    Expr { span: Span::default(), kind: Box::new(ExprKind::Name(text.into())) }
}

fn number(value: f64, digits: &str) -> Expr {
    let kind = ExprKind::Number { value, digits: digits.into(), unit: None };
    Expr { span: Span::default(), kind: Box::new(kind) }
}

fn quoted(text: &str) -> Quoted {
    let line: Vec<&str> = text.split_whitespace().collect();
    Quoted { text: line.join(" ").replace('"', "'").replace('\\', "/"), span: Span::default() }
}

/// One line without quotes.
fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && *c != '"').collect()
}

/// The model's name, or one made of the file's.
fn identifier(model: &str, from: &str) -> String {
    let named = !model.is_empty() && model != from;
    let source = if !named { from.split('.').next().unwrap_or_default() } else { model };
    let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let mut text: String = source.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    if !text.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        text.insert_str(0, "model_");
    }
    text
}
