//! What moves between compartments, read from the derivatives as they are written.
//!
//! A term that one derivative loses and another gains, in the same words, is a flow between the
//! two; one that stands alone comes from outside or leaves. Products are multiplied out first.

use std::collections::BTreeMap;

use crate::syntax::ast::{
    BinaryOp, Dialect, Expr, ExprKind, Item, ItemKind, Target, Tree, UnaryOp,
};
use crate::syntax::print_expr;

/// One flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// The compartment that it leaves; none where it comes from outside.
    pub from: Option<String>,
    /// The compartment that it enters; none where it leaves the model.
    pub to: Option<String>,
    /// Its name, or what the amount it leaves is multiplied by.
    pub words: String,
    /// Whether it is a difference that may turn round.
    pub both_ways: bool,
}

/// The flows of a model.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Flows {
    /// Compartments that hold something, in declaration order.
    pub stores: Vec<String>,
    /// Compartments that no declared conservation counts: they only watch.
    pub counters: Vec<String>,
    /// Flows between the stores, in the order of the derivatives.
    pub flows: Vec<Flow>,
}

/// Reads them from a tree whose modules are written out.
pub fn flows(tree: &Tree) -> Flows {
    let text = Text::read(tree);
    let counted = |name: &&String| text.conserved.is_empty() || text.conserved.contains(*name);
    let (stores, counters): (Vec<&String>, Vec<&String>) = text.names.iter().partition(counted);
    let mut sides: Vec<(Vec<String>, Sides)> = Vec::new();
    for (name, value) in text.derivatives.iter().filter(|(name, _)| stores.contains(&name)) {
        for term in text.terms(value, 1) {
            let mut key = term.factors.clone();
            key.sort();
            let at = sides.iter().position(|one| one.0 == key).unwrap_or_else(|| {
                sides.push((key, Sides { factors: term.factors, ..Sides::default() }));
                sides.len() - 1
            });
            let side = if term.sign < 0 { &mut sides[at].1.loses } else { &mut sides[at].1.gains };
            side.push(name.clone());
        }
    }
    Flows {
        flows: sides.iter().flat_map(|(_, sides)| text.flows(sides)).collect(),
        stores: stores.into_iter().cloned().collect(),
        counters: counters.into_iter().cloned().collect(),
    }
}

/// Who loses and who gains the same term.
#[derive(Debug, Clone, Default)]
struct Sides {
    factors: Vec<String>,
    loses: Vec<String>,
    gains: Vec<String>,
}

/// One summand: a sign and what is multiplied, as text.
#[derive(Debug, Clone, PartialEq)]
struct Term {
    sign: i32,
    factors: Vec<String>,
}

/// What is read of a model's text.
struct Text<'a> {
    dialect: Dialect,
    names: Vec<String>,
    derivatives: Vec<(String, &'a Expr)>,
    assigned: BTreeMap<&'a str, &'a Expr>,
    conserved: Vec<String>,
}

impl<'a> Text<'a> {
    fn read(tree: &'a Tree) -> Self {
        let mut text = Self {
            dialect: tree.dialect,
            names: Vec::new(),
            derivatives: Vec::new(),
            assigned: BTreeMap::new(),
            conserved: Vec::new(),
        };
        text.items(&tree.items);
        for name in text.derivatives.iter().map(|(name, _)| name) {
            if !text.names.contains(name) {
                text.names.push(name.clone());
            }
        }
        text
    }

    fn items(&mut self, items: &'a [Item]) {
        for item in items {
            match &item.kind {
                ItemKind::Compartments(list) => {
                    self.names.extend(list.iter().map(|one| one.name.text.clone()));
                }
                ItemKind::Assign { target: Target::Derivative(name), value } => {
                    self.derivatives.push((name.text.clone(), value));
                }
                ItemKind::Assign { target: Target::Name(name), value } => {
                    self.assigned.insert(&name.text, value);
                }
                ItemKind::Conserve { value, .. } => names(value, &mut self.conserved),
                ItemKind::If { arms, otherwise } => {
                    let arms = arms.iter().map(|(_, items)| items).chain(otherwise);
                    arms.for_each(|items| self.items(items));
                }
                _ => {}
            }
        }
    }

    /// Summands of an expression, multiplied out; names stay as they are.
    fn terms(&self, expr: &Expr, sign: i32) -> Vec<Term> {
        match &*expr.kind {
            ExprKind::Unary(UnaryOp::Neg, inner) => self.terms(inner, -sign),
            ExprKind::Unary(UnaryOp::Plus, inner) => self.terms(inner, sign),
            ExprKind::Binary(BinaryOp::Add, a, b) => {
                self.terms(a, sign).into_iter().chain(self.terms(b, sign)).collect()
            }
            ExprKind::Binary(BinaryOp::Sub, a, b) => {
                self.terms(a, sign).into_iter().chain(self.terms(b, -sign)).collect()
            }
            ExprKind::Binary(BinaryOp::Mul, a, b) => {
                let right = self.terms(b, 1);
                let left = self.terms(a, sign);
                let times = |a: &Term, b: &Term| Term {
                    sign: a.sign * b.sign,
                    factors: a.factors.iter().chain(&b.factors).cloned().collect(),
                };
                left.iter().flat_map(|a| right.iter().map(|b| times(a, b))).collect()
            }
            ExprKind::Binary(BinaryOp::Div, a, b) => {
                let below = format!("/ {}", self.print(b));
                let mut terms = self.terms(a, sign);
                terms.iter_mut().for_each(|term| term.factors.push(below.clone()));
                terms
            }
            _ => vec![Term { sign, factors: vec![self.print(expr)] }],
        }
    }

    fn print(&self, expr: &Expr) -> String {
        let text = print_expr(expr, self.dialect);
        match *expr.kind {
            ExprKind::Binary(..) => format!("({text})"),
            _ => text,
        }
    }

    /// Arrows of one term: from each that loses it to each that gains it.
    fn flows(&self, sides: &Sides) -> Vec<Flow> {
        let some = |names: &[String]| -> Vec<Option<String>> {
            if names.is_empty() { vec![None] } else { names.iter().cloned().map(Some).collect() }
        };
        let both_ways = match &sides.factors[..] {
            [name] => self.assigned.get(name.as_str()).is_some_and(|value| self.turns(value)),
            _ => false,
        };
        let words = |from: &Option<String>| {
            let own = |factor: &&String| from.as_ref() != Some(*factor);
            let factors: Vec<&str> = sides.factors.iter().filter(own).map(String::as_str).collect();
            match factors.is_empty() {
                true => sides.factors.join(" "),
                false => factors.join(" * ").replace("* /", "/"),
            }
        };
        let (from, to) = (some(&sides.loses), some(&sides.gains));
        let arrows = from.iter().flat_map(|from| to.iter().map(move |to| (from, to)));
        arrows
            .map(|(from, to)| Flow {
                from: from.clone(),
                to: to.clone(),
                words: words(from),
                both_ways,
            })
            .collect()
    }

    /// Whether a value holds a difference of something that a compartment moves.
    fn turns(&self, expr: &Expr) -> bool {
        match &*expr.kind {
            ExprKind::Unary(UnaryOp::Neg, inner) => self.moves(inner, 0),
            ExprKind::Binary(BinaryOp::Sub, a, b) => self.moves(a, 0) || self.moves(b, 0),
            ExprKind::Binary(_, a, b) => self.turns(a) || self.turns(b),
            ExprKind::Name(name) => {
                self.assigned.get(name.as_str()).is_some_and(|value| self.turns(value))
            }
            _ => false,
        }
    }

    /// Whether a value depends on a compartment; `depth` ends names that are defined by themselves.
    fn moves(&self, expr: &Expr, depth: u32) -> bool {
        let mut found = Vec::new();
        names(expr, &mut found);
        found.iter().any(|name| {
            let defined = self.assigned.get(name.as_str()).filter(|_| depth < 64);
            self.names.contains(name) || defined.is_some_and(|value| self.moves(value, depth + 1))
        })
    }
}

/// Every name of an expression.
fn names(expr: &Expr, found: &mut Vec<String>) {
    match &*expr.kind {
        ExprKind::Name(name) => found.push(name.clone()),
        ExprKind::Unary(_, inner) => names(inner, found),
        ExprKind::Binary(_, a, b) => {
            names(a, found);
            names(b, found);
        }
        ExprKind::Call(call) => call.arguments.iter().for_each(|one| names(&one.value, found)),
        ExprKind::Number { .. } | ExprKind::Error => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;
    use epsom_diag::FileId;

    /// `a -> b: words`, `<->` where it may turn, `.` for outside.
    fn shown(text: &str) -> Vec<String> {
        let (tree, said) = parse(text, FileId(0));
        assert_eq!(said, []);
        let found = flows(&tree);
        let end = |name: &Option<String>| name.clone().unwrap_or_else(|| ".".to_string());
        let arrow = |flow: &Flow| if flow.both_ways { "<->" } else { "->" };
        let line = |flow: &Flow| {
            format!("{} {} {}: {}", end(&flow.from), arrow(flow), end(&flow.to), flow.words)
        };
        found.flows.iter().map(line).collect()
    }

    #[test]
    fn a_term_that_one_loses_and_another_gains_is_a_flow() {
        let text = "compartment a [mmol], b [mmol], c [mmol]\n\
                    d/dt(a) = intake - (k + m) * a\nd/dt(b) = k * a - k2 * b / v\nd/dt(c) = a * m\n";
        assert_eq!(shown(text), [". -> a: intake", "a -> b: k", "a -> c: m", "b -> .: k2 / v"]);
    }

    #[test]
    fn a_difference_of_levels_may_turn_round_and_one_of_numbers_may_not() {
        let text = "compartment a [mmol], b [mmol]\nca = a / v\nover = q * (ca - b / v)\n\
                    out = (k - m) * ca\nd/dt(a) = -over - out\nd/dt(b) = over\n";
        assert_eq!(shown(text), ["a <-> b: over", "a -> .: out"]);
    }

    #[test]
    fn what_no_conservation_counts_only_watches() {
        let text = "compartment a [mmol], b [mmol], n [mmol]\nmoved = k * a\n\
                    d/dt(a) = -moved\nd/dt(b) = moved\nd/dt(n) = moved\nconserve a + b\n";
        assert_eq!(shown(text), ["a -> b: moved"]);
        let (tree, _) = parse(text, FileId(0));
        assert_eq!(flows(&tree).counters, ["n"]);
    }
}
