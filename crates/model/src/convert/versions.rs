//! Names that are assigned again get a new name each time.

use std::collections::{BTreeMap, BTreeSet};

use epsom_diag::Span;

use super::{name, variable};
use crate::check::LINEAR;
use crate::syntax::ast::{Expr, ExprKind, Item, ItemKind, Target, Tree};

/// Which name holds what, while statements are gone through in order.
pub(super) struct Versions {
    /// The name that holds the last value of each name.
    now: BTreeMap<String, String>,
    /// Every name of the text, and every new one.
    taken: BTreeSet<String>,
    /// What names held where `linCmt()` was called, which looks for them.
    at_linear: BTreeMap<String, String>,
}

impl Versions {
    pub(super) fn new(tree: &Tree) -> Self {
        let mut taken = BTreeSet::new();
        for item in &tree.items {
            if let ItemKind::Param(param) = &item.kind {
                taken.insert(param.name.text.clone());
            }
        }
        Self { now: BTreeMap::new(), taken, at_linear: BTreeMap::new() }
    }

    /// The name that holds the last value of `name`.
    pub(super) fn last(&self, name: &str) -> String {
        self.now.get(name).cloned().unwrap_or_else(|| name.to_string())
    }

    /// As [`Versions::statements`], where the names that `linCmt()` looks for hold what they held
    /// where it was called.
    pub(super) fn all(&mut self, items: &[Item]) -> Vec<ItemKind> {
        let mut made = self.statements(items);
        for (one, version) in std::mem::take(&mut self.at_linear) {
            let looked_for = LINEAR.iter().any(|known| known.eq_ignore_ascii_case(&one));
            if !looked_for || version == one {
                continue;
            }
            let first = self.new_name(&one);
            for kind in &mut made {
                rename(kind, &one, &first);
                rename(kind, &version, &one);
            }
            if self.last(&one) == version {
                self.now.insert(one.clone(), one);
            }
        }
        made
    }

    /// The assignments and branches among `items`, each name assigned once.
    fn statements(&mut self, items: &[Item]) -> Vec<ItemKind> {
        let mut made = Vec::new();
        for (at, item) in items.iter().enumerate() {
            match &item.kind {
                ItemKind::Assign { target, value } => {
                    if calls_linear(value) {
                        self.at_linear = self.now.clone();
                    }
                    let value = self.renamed(value);
                    let target = match target {
                        Target::Name(one) => Target::Name(name(&self.fresh(&one.text))),
                        Target::StopTime(one) => Target::StopTime(name(&self.fresh(&one.text))),
                        // Of two derivatives of one compartment the last holds.
                        other if replaced(other, &items[at + 1..]) => continue,
                        other => other.clone(),
                    };
                    made.push(ItemKind::Assign { target, value });
                }
                ItemKind::If { arms, otherwise } => {
                    made.push(self.branches(arms, otherwise.as_deref().unwrap_or_default()));
                }
                _ => {}
            }
        }
        made
    }

    fn branches(&mut self, arms: &[(Expr, Vec<Item>)], otherwise: &[Item]) -> ItemKind {
        let conditions: Vec<Expr> = arms.iter().map(|(one, _)| self.renamed(one)).collect();
        let (before, taken) = (self.now.clone(), self.taken.clone());
        let mut all_taken = taken.clone();
        let mut bodies: Vec<(Vec<ItemKind>, BTreeMap<String, String>)> = Vec::new();
        for items in arms.iter().map(|(_, items)| items.as_slice()).chain([otherwise]) {
            self.now = before.clone();
            // Each arm may give a name its first value.
            self.taken = taken.clone();
            let made = self.statements(items);
            bodies.push((made, std::mem::take(&mut self.now)));
            all_taken.append(&mut self.taken);
        }
        self.now = before.clone();
        self.taken = all_taken;
        let changed: BTreeSet<String> = bodies
            .iter()
            .flat_map(|(_, now)| now.iter())
            .filter(|(one, version)| before.get(*one) != Some(version))
            .map(|(one, _)| one.clone())
            .collect();
        for one in changed {
            let versions: Vec<Option<&String>> =
                bodies.iter().map(|(_, now)| now.get(&one)).collect();
            let first = versions.iter().flatten().next().map(|first| (*first).clone());
            let Some(first) = first else { continue };
            // The arms agree on the name, or leave it unset: nothing to bring together.
            if !before.contains_key(&one) && versions.iter().flatten().all(|one| **one == first) {
                self.now.insert(one, first);
                continue;
            }
            let merged = self.new_name(&one);
            for (made, now) in &mut bodies {
                let Some(version) = now.get(&one) else { continue };
                if before.get(&one) != Some(version) {
                    // Made in this arm: it bears the name that the arms share.
                    made.iter_mut().for_each(|kind| rename(kind, version, &merged));
                } else {
                    made.push(ItemKind::Assign {
                        target: Target::Name(name(&merged)),
                        value: variable(version),
                    });
                }
            }
            self.now.insert(one, merged);
        }
        let last = bodies.pop().map(|(made, _)| made).unwrap_or_default();
        let item = |kind: ItemKind| Item { span: Span::default(), kind };
        let arms = conditions
            .into_iter()
            .zip(bodies)
            .map(|(condition, (made, _))| (condition, made.into_iter().map(item).collect()))
            .collect();
        let otherwise =
            (!last.is_empty()).then(|| last.into_iter().map(item).collect::<Vec<Item>>());
        ItemKind::If { arms, otherwise }
    }

    /// The name for a new value of `one`: its own the first time.
    fn fresh(&mut self, one: &str) -> String {
        let version = if self.taken.contains(one) { self.new_name(one) } else { one.to_string() };
        self.taken.insert(version.clone());
        self.now.insert(one.to_string(), version.clone());
        version
    }

    fn new_name(&mut self, one: &str) -> String {
        let free = (2u32..).map(|n| format!("{one}.{n}")).find(|new| !self.taken.contains(new));
        let new = free.unwrap_or_else(|| one.to_string());
        self.taken.insert(new.clone());
        new
    }

    fn renamed(&self, expr: &Expr) -> Expr {
        let kind = match &*expr.kind {
            ExprKind::Name(name) => ExprKind::Name(self.last(name)),
            ExprKind::Call(call) => {
                let mut call = call.clone();
                for argument in &mut call.arguments {
                    argument.value = self.renamed(&argument.value);
                }
                ExprKind::Call(call)
            }
            ExprKind::Unary(op, inner) => ExprKind::Unary(*op, self.renamed(inner)),
            ExprKind::Binary(op, a, b) => ExprKind::Binary(*op, self.renamed(a), self.renamed(b)),
            other => other.clone(),
        };
        Expr { span: expr.span, kind: Box::new(kind) }
    }
}

fn calls_linear(expr: &Expr) -> bool {
    match &*expr.kind {
        ExprKind::Call(call) => {
            call.name.text == "linCmt" || call.arguments.iter().any(|one| calls_linear(&one.value))
        }
        ExprKind::Unary(_, inner) => calls_linear(inner),
        ExprKind::Binary(_, a, b) => calls_linear(a) || calls_linear(b),
        _ => false,
    }
}

/// Another name for a value, where it is made and where it is read.
fn rename(kind: &mut ItemKind, old: &str, new: &str) {
    match kind {
        ItemKind::Assign { target, value } => {
            if let Target::Name(one) | Target::StopTime(one) = target
                && one.text == old
            {
                one.text = new.to_string();
            }
            rename_in(value, old, new);
        }
        ItemKind::If { arms, otherwise } => {
            for (condition, items) in arms {
                rename_in(condition, old, new);
                items.iter_mut().for_each(|item| rename(&mut item.kind, old, new));
            }
            let items = otherwise.iter_mut().flatten();
            items.for_each(|item| rename(&mut item.kind, old, new));
        }
        _ => {}
    }
}

fn rename_in(expr: &mut Expr, old: &str, new: &str) {
    match &mut *expr.kind {
        ExprKind::Name(name) if name == old => *name = new.to_string(),
        ExprKind::Call(call) => {
            call.arguments.iter_mut().for_each(|one| rename_in(&mut one.value, old, new));
        }
        ExprKind::Unary(_, inner) => rename_in(inner, old, new),
        ExprKind::Binary(_, a, b) => {
            rename_in(a, old, new);
            rename_in(b, old, new);
        }
        _ => {}
    }
}

/// Whether a later statement assigns to the same property of the same compartment.
fn replaced(target: &Target, later: &[Item]) -> bool {
    let key = |target: &Target| -> Option<(u8, String)> {
        let (kind, name) = match target {
            Target::Name(_) | Target::StopTime(_) => return None,
            Target::Derivative(name) => (0, name),
            Target::InitialValue(name) => (1, name),
            Target::Bioavailability(name) => (2, name),
            Target::Lag(name) => (3, name),
            Target::Rate(name) => (4, name),
            Target::Duration(name) => (5, name),
        };
        Some((kind, name.text.clone()))
    };
    later.iter().any(|item| {
        matches!(&item.kind, ItemKind::Assign { target: other, .. } if key(other) == key(target))
    })
}
