//! Expressions of `.epm` in the words of the other form: names it allows, numbers without units,
//! functions of the model and evidence rows written out.

use std::collections::{BTreeMap, BTreeSet};

use epsom_diag::{Diagnostic, Span};
use epsom_units::Dimension;

use super::scales::Scales;
use super::{digits, number};
use crate::check::LINEAR;
use crate::check::World;
use crate::ir::Model;
use crate::syntax::ast::{
    Argument, BinaryOp, Call, Expr, ExprKind, Item, ItemKind, Name, Target, UnaryOp, UnitText,
};

/// Names that R, or the columns of its event tables, take.
const TAKEN: &[&str] = &[
    "addl", "amt", "break", "cmt", "dur", "dv", "else", "evid", "FALSE", "for", "function", "id",
    "if", "ii", "in", "Inf", "mdv", "NA", "NaN", "next", "NULL", "rate", "repeat", "ss", "TRUE",
    "while",
];

/// Functions that have another name there.
const FUNCTIONS: &[(&str, &str)] =
    &[("ln", "log"), ("softplus", "log1pexp"), ("ceiling", "ceil"), ("phi", "pnorm")];

/// Most function bodies written out; the checker allows as many.
const MOST_WRITTEN: usize = 20_000;

/// The column of a covariate, which stays in the unit that the model names.
struct Column {
    /// What its numbers are divided by to be numbers of the text.
    factor: f64,
    /// Its units in one base unit.
    per_base: f64,
    /// What it measures.
    dimension: Option<Dimension>,
}

/// What names and numbers become.
pub(super) struct Words<'a> {
    pub(super) world: &'a World<'a>,
    pub(super) scales: &'a Scales<'a>,
    /// Functions of the model: arguments and body.
    functions: BTreeMap<&'a str, (&'a [Name], &'a Expr)>,
    /// Covariates whose column stands in another unit than the text: what they are divided by.
    covariates: BTreeMap<&'a str, Column>,
    renamed: BTreeMap<String, String>,
    taken: BTreeSet<String>,
    written: usize,
    pub(super) refused: Vec<Diagnostic>,
}

impl<'a> Words<'a> {
    pub(super) fn new(
        items: &'a [Item],
        model: &'a Model,
        scales: &'a Scales<'a>,
        world: &'a World<'a>,
    ) -> Self {
        let functions = items.iter().filter_map(|item| match &item.kind {
            ItemKind::Function { name, arguments, body } => {
                Some((name.text.as_str(), (arguments.as_slice(), body)))
            }
            _ => None,
        });
        let covariates = model.covariates.iter().filter_map(|one| {
            let dimension = scales.unit(&one.unit.text).map(|unit| unit.dimension);
            let (factor, per_base) = (scales.shown(&one.unit), one.unit.per_base);
            let column = Column { factor, per_base, dimension };
            (column.factor != 1.0).then_some((one.name.as_str(), column))
        });
        let mut words = Self {
            world,
            scales,
            functions: functions.collect(),
            covariates: covariates.collect(),
            renamed: BTreeMap::new(),
            taken: BTreeSet::new(),
            written: 0,
            refused: Vec::new(),
        };
        let mut all = BTreeSet::new();
        let params = model.params.iter().map(|one| &one.name);
        let compartments = model.compartments.iter().map(|one| &one.name);
        let outputs = model.outputs.iter().map(|one| &one.name);
        all.extend(params.chain(compartments).chain(outputs).cloned());
        all.extend(model.covariates.iter().map(|one| one.name.clone()));
        items.iter().for_each(|item| declared(item, &mut all));
        // Names that stay first, so that no new one takes theirs.
        let (keep, change): (Vec<String>, Vec<String>) =
            all.into_iter().partition(|name| allowed(name));
        words.taken.extend(keep);
        for name in change {
            let plain: String = name.chars().map(|c| if c.is_ascii() { c } else { '_' }).collect();
            let plain = plain.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
            let wanted = if plain.is_empty() { "x" } else { plain };
            let new = words.fresh(&format!("{wanted}_"));
            words.renamed.insert(name, new);
        }
        words
    }

    /// A name that nothing else has.
    pub(super) fn fresh(&mut self, wanted: &str) -> String {
        let more = (2u32..).map(|n| format!("{wanted}.{n}"));
        let mut all = std::iter::once(wanted.to_string()).chain(more);
        let free = all.find(|one| !self.taken.contains(one)).unwrap_or_else(|| wanted.to_string());
        self.taken.insert(free.clone());
        free
    }

    /// Old and new names, where they differ.
    pub(super) fn renamed(&self) -> impl Iterator<Item = (&String, &String)> {
        self.renamed.iter()
    }

    pub(super) fn name(&self, text: &str) -> String {
        self.renamed.get(text).cloned().unwrap_or_else(|| text.to_string())
    }

    /// `expr` in the words of the other form.
    pub(super) fn expr(&mut self, expr: &Expr) -> Expr {
        self.inside(expr, &BTreeMap::new())
    }

    fn inside(&mut self, expr: &Expr, given: &BTreeMap<&str, Expr>) -> Expr {
        let kind = match &*expr.kind {
            ExprKind::Number { value, digits, unit } => {
                return self.literal(*value, digits, unit.as_ref());
            }
            ExprKind::Name(name) => match given.get(name.as_str()) {
                Some(value) => return value.clone(),
                None => return self.read(name),
            },
            ExprKind::Unary(op, inner) => match op {
                UnaryOp::Plus => return self.inside(inner, given),
                _ => ExprKind::Unary(*op, self.inside(inner, given)),
            },
            ExprKind::Binary(BinaryOp::Div, left, right) => {
                return self.quotient(left, right, given);
            }
            ExprKind::Binary(op, left, right) => {
                ExprKind::Binary(*op, self.inside(left, given), self.inside(right, given))
            }
            ExprKind::Call(call) => return self.call(call, given),
            ExprKind::Error => ExprKind::Error,
        };
        Expr { span: expr.span, kind: Box::new(kind) }
    }

    /// `wt / 70[kg]`, and `a * wt / 70[kg]`, where the column does not stand in the units of the
    /// text: the number in the unit of the column.
    fn quotient(&mut self, left: &Expr, right: &Expr, given: &BTreeMap<&str, Expr>) -> Expr {
        let (front, last) = match &*left.kind {
            ExprKind::Binary(BinaryOp::Mul, front, last) => (Some(front), last),
            _ => (None, left),
        };
        if let Some((column, value)) = self.in_own_unit(last, right, given) {
            let above = match front {
                Some(front) => binary(BinaryOp::Mul, self.inside(front, given), column),
                None => column,
            };
            return binary(BinaryOp::Div, above, number(value));
        }
        binary(BinaryOp::Div, self.inside(left, given), self.inside(right, given))
    }

    fn in_own_unit(
        &self,
        left: &Expr,
        right: &Expr,
        given: &BTreeMap<&str, Expr>,
    ) -> Option<(Expr, f64)> {
        let (ExprKind::Name(name), ExprKind::Number { value, unit: Some(unit), .. }) =
            (&*left.kind, &*right.kind)
        else {
            return None;
        };
        let name = name.as_str();
        let column = self.covariates.get(name).filter(|_| !given.contains_key(name))?;
        let unit = self.scales.unit(&unit.text)?;
        if column.dimension.as_ref() != Some(&unit.dimension) {
            return None;
        }
        let value = super::scales::tidy(unit.to_base(*value) * column.per_base);
        Some((variable(&self.name(name)), value))
    }

    fn read(&self, name: &str) -> Expr {
        let plain = variable(&self.name(if name == "time" { "t" } else { name }));
        match self.covariates.get(name) {
            None => plain,
            Some(column) => binary(BinaryOp::Div, plain, number(column.factor)),
        }
    }

    fn literal(&self, value: f64, written: &str, unit: Option<&UnitText>) -> Expr {
        let text = match unit.and_then(|text| self.scales.unit(&text.text)) {
            Some(unit) if self.scales.factor(&unit) != 1.0 => {
                digits(self.scales.number(value, &unit))
            }
            _ => written.to_string(),
        };
        let value = text.parse().unwrap_or(value);
        let kind = ExprKind::Number { value, digits: text, unit: None };
        Expr { span: Span::default(), kind: Box::new(kind) }
    }

    fn call(&mut self, call: &Call, given: &BTreeMap<&str, Expr>) -> Expr {
        let name = call.name.text.as_str();
        if name == "row" {
            return self.row(call);
        }
        if name.ends_with(".linCmt") {
            self.refused.push(super::cannot_say("`linCmt()` of a module", call.span));
        }
        let usual = |one: &&str| LINEAR.iter().any(|known| known.eq_ignore_ascii_case(one));
        if name == "linCmt"
            && let Some(column) = self.covariates.keys().copied().find(usual)
        {
            // It looks for the column, whose numbers stand in another unit than those beside it.
            let what = format!("`linCmt()` of a column `{column}` in a unit of its own");
            self.refused.push(super::cannot_say(&what, call.span));
        }
        let values: Vec<Expr> =
            call.arguments.iter().map(|one| self.inside(&one.value, given)).collect();
        if let Some(&(arguments, body)) = self.functions.get(name) {
            self.written += 1;
            if self.written > MOST_WRITTEN {
                if self.written == MOST_WRITTEN + 1 {
                    let what = format!("function `{name}` written out");
                    self.refused.push(super::cannot_say(&what, call.span));
                }
                return number(1.0);
            }
            let names = arguments.iter().map(|one| one.text.as_str());
            let scope: BTreeMap<&str, Expr> = names.zip(values).collect();
            return self.inside(body, &scope);
        }
        if name == "pow" && values.len() == 2 {
            let mut values = values.into_iter();
            if let (Some(base), Some(exponent)) = (values.next(), values.next()) {
                return binary(BinaryOp::Pow, base, exponent);
            }
            return number(1.0);
        }
        let known = FUNCTIONS.iter().find(|(one, _)| *one == name);
        let text = known.map_or(name, |(_, other)| other).to_string();
        let arguments = values.into_iter().map(|value| Argument { word: None, value }).collect();
        let call = Call { name: super::named(&text), arguments, span: call.span };
        Expr { span: call.span, kind: Box::new(ExprKind::Call(call)) }
    }

    /// `row(KEY)`: its number.
    fn row(&mut self, call: &Call) -> Expr {
        let key = call.arguments.first().map(|one| &*one.value.kind);
        let Some(ExprKind::Name(key)) = key else { return number(1.0) };
        let row = self.world.evidence.value(key);
        match row.and_then(|row| row.quantity(self.world.substances).ok()) {
            Some(found) => number(self.scales.base(found.value, &found.dimension)),
            None => number(1.0),
        }
    }
}

/// Names that statements outside of `model::ir` declare.
fn declared(item: &Item, names: &mut BTreeSet<String>) {
    match &item.kind {
        ItemKind::Assign { target: Target::Name(name) | Target::StopTime(name), .. }
        | ItemKind::Port { name, .. } => {
            names.insert(name.text.clone());
        }
        ItemKind::If { arms, otherwise } => {
            let bodies = arms.iter().map(|(_, items)| items).chain(otherwise);
            bodies.flatten().for_each(|one| declared(one, names));
        }
        _ => {}
    }
}

/// Whether R takes the name as it is.
fn allowed(name: &str) -> bool {
    let first = name.chars().next();
    first.is_some_and(|c| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.')
        && !TAKEN.contains(&name)
}

pub(super) fn variable(text: &str) -> Expr {
    Expr { span: Span::default(), kind: Box::new(ExprKind::Name(text.into())) }
}

pub(super) fn binary(op: BinaryOp, left: Expr, right: Expr) -> Expr {
    Expr { span: Span::default(), kind: Box::new(ExprKind::Binary(op, left, right)) }
}

pub(super) fn function(name: &str, argument: Expr) -> Expr {
    let arguments = vec![Argument { word: None, value: argument }];
    let call = Call { name: super::named(name), arguments, span: Span::default() };
    Expr { span: Span::default(), kind: Box::new(ExprKind::Call(call)) }
}
