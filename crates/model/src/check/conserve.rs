//! `conserve`: what a sum gains per hour must be its declared inflow.

use std::collections::BTreeMap;

use epsom_diag::Diagnostic;

use super::numbers::evaluate_with;
use super::prove::is_zero;
use super::{Checker, Key, Symbol};
use crate::diff::{With, structural_derivative};
use crate::ir::{self, ExprId, Node};
use crate::syntax::ast::{Dialect, ItemKind};
use crate::syntax::print_expr;

/// Points at which a sum that does not simplify to zero is tried.
const N_POINTS: u64 = 8;

impl<'a> Checker<'a> {
    pub(super) fn balances(&mut self) {
        let tree = self.tree;
        let mut inflows: BTreeMap<&str, ExprId> = BTreeMap::new();
        for item in &tree.items {
            if let ItemKind::Inflow { name, scope } = &item.kind {
                let mut known = self.values.get(&Key::Name(name.text.clone())).cloned();
                // A port that no file binds is given from outside.
                if let (None, Some(&(Symbol::Covariate(_), _))) =
                    (&known, self.symbols.get(&name.text))
                {
                    known = Some(self.name(&name.text, name.span));
                }
                let Some(typed) = known else {
                    self.say(
                        Diagnostic::error("E0201", format!("no assignment `{}`", name.text))
                            .at(name.span, "an inflow names an assigned rate"),
                    );
                    continue;
                };
                self.used.insert(name.text.clone());
                let zero = self.model.exprs.constant(0.0);
                let before = inflows.get(scope.as_str()).copied().unwrap_or(zero);
                inflows.insert(scope, self.model.exprs.sum(before, typed.id));
            }
        }
        for item in &tree.items {
            let ItemKind::Conserve { value, scope } = &item.kind else { continue };
            let zero = self.model.exprs.constant(0.0);
            let inflow = inflows.get(scope.as_str()).copied().unwrap_or(zero);
            let total = self.lower(value);
            self.model.balances.push(ir::Balance { total: total.id, inflow });
            let (gain, parts) = self.gain(total.id);
            let rest = self.model.exprs.difference(gain, inflow);
            let between = self.between_events(total.id);
            let sum = print_expr(value, Dialect::Epm);
            if is_zero(&self.model.exprs, rest) {
                self.balance_notes.push(format!("{sum}: proven{between}"));
                continue;
            }
            match self.largest_rest(rest, &parts) {
                None => self
                    .balance_notes
                    .push(format!("{sum}: not checked, a function has no value here")),
                Some(size) if size <= 1e-10 => {
                    // Rounding of sums of a few dozen terms stays far below 1e-10 of the largest.
                    self.balance_notes
                        .push(format!("{sum}: checked numerically at {N_POINTS} points{between}"));
                }
                Some(_) => {
                    let names = parts.iter().map(|(name, _)| name.as_str());
                    let listed = epsom_diag::list_names(names, 20);
                    self.say(
                        Diagnostic::error("E0413", "this sum is not conserved")
                            .at(value.span, "its derivatives do not add up to the declared inflow")
                            .note(format!("compartments in the sum: {listed}"))
                            .help("add the compartment that collects what leaves, or declare what comes in with `inflow NAME`"),
                    );
                }
            }
        }
    }

    /// Names the events that change a sum, as doses do.
    fn between_events(&mut self, total: ExprId) -> String {
        let mut names = Vec::new();
        for event in self.model.events.clone() {
            let e = &mut self.model.exprs;
            let mut gain = e.constant(0.0);
            for (at, value) in event.changes {
                let weight = structural_derivative(e, total, With::State(at));
                let before = e.add(Node::State(at));
                let change = e.difference(value, before);
                if let Some(weight) = weight {
                    let part = e.product(weight, change);
                    gain = e.sum(gain, part);
                }
            }
            if !is_zero(&self.model.exprs, gain) {
                names.push(event.name);
            }
        }
        match names.is_empty() {
            true => String::new(),
            false => {
                let listed = epsom_diag::list_names(names.iter().map(String::as_str), 8);
                format!(" between events; changed at once by {listed}")
            }
        }
    }

    /// Derivative of a sum by time along the model, with the part of each compartment.
    fn gain(&mut self, total: ExprId) -> (ExprId, Vec<(String, ExprId)>) {
        let mut gain = self.model.exprs.constant(0.0);
        let mut parts = Vec::new();
        for at in 0..self.model.compartments.len() {
            let e = &mut self.model.exprs;
            let Some(weight) = structural_derivative(e, total, With::State(at as u32)) else {
                continue;
            };
            let part = e.product(weight, self.model.compartments[at].derivative);
            gain = e.sum(gain, part);
            parts.push((self.model.compartments[at].name.clone(), part));
        }
        if let Some(own) = structural_derivative(&mut self.model.exprs, total, With::Time) {
            gain = self.model.exprs.sum(gain, own);
        }
        (gain, parts)
    }

    /// Largest rest relative to the largest part, over the points; `None` without a value.
    fn largest_rest(&self, rest: ExprId, parts: &[(String, ExprId)]) -> Option<f64> {
        let mut largest: f64 = 0.0;
        for point in 0..N_POINTS {
            let leaf = |node: Node| {
                let shake = |kind: u64, at: u32| 0.5 + fraction(point, kind, at);
                Some(match node {
                    Node::Time => 24.0 * fraction(point, 0, 0),
                    Node::Param(at) => self.model.params.get(at as usize)?.value,
                    Node::Covariate(at) => {
                        // One without a default is tried around 1.
                        let default = self.model.covariates.get(at as usize)?.default;
                        shake(2, at) * if default.is_finite() { default } else { 1.0 }
                    }
                    Node::State(at) => {
                        let scale = self.model.compartments.get(at as usize)?.scale;
                        scale.unwrap_or(10.0) * shake(3, at)
                    }
                    Node::Mode(at) => f64::from(u8::from(fraction(point, 4, at) < 0.5)),
                    Node::DoseTime(_) => 0.0,
                    Node::DoseAmount(_) => 1.0,
                    _ => return None,
                })
            };
            let value = |id| evaluate_with(&self.model.exprs, id, &leaf);
            let mut scale: f64 = 0.0;
            for (_, part) in parts {
                scale = scale.max(value(*part)?.abs());
            }
            let found = value(rest)?.abs();
            if found.is_nan() || found > f64::MIN_POSITIVE {
                largest = largest.max(if scale > 0.0 { found / scale } else { f64::INFINITY });
            }
        }
        Some(largest)
    }
}

/// Even in 0 to 1 and the same everywhere: SplitMix64 of the address.
fn fraction(point: u64, kind: u64, at: u32) -> f64 {
    let mut x = (point << 40 | kind << 32 | u64::from(at)).wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^= x >> 31;
    (x >> 11) as f64 / (1u64 << 53) as f64
}
