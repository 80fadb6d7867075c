//! Assignments and `if/else`: in `.epm` in any order, in `ini/model` text from top to bottom.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::take;

use epsom_diag::{Diagnostic, Span};
use epsom_units::Written;

use super::{Checker, Key, Progress, Typed};
use crate::ir::ExprId;
use crate::syntax::ast::{Expr, Item, ItemKind, Name, Target};

impl<'a> Checker<'a> {
    /// Lowers every statement that assigns.
    pub(super) fn lower_statements(&mut self) {
        for at in 0..self.tree.items.len() {
            self.lower_in_order(at);
        }
    }

    /// Lowers the statement at `at` unless it was; what it needs is lowered first.
    pub(super) fn lower_item(&mut self, at: usize) {
        if self.progress[at] != Progress::Todo {
            return;
        }
        self.progress[at] = Progress::Doing;
        let outside = (take(&mut self.branches), take(&mut self.arguments), self.inside.take());
        let tree = self.tree;
        self.execute(&tree.items[at]);
        (self.branches, self.arguments, self.inside) = outside;
        self.progress[at] = Progress::Done;
    }

    fn execute(&mut self, item: &'a Item) {
        match &item.kind {
            ItemKind::Assign { target, value } => {
                if let Some((key, name)) = self.key(target) {
                    self.assign(key, name, value);
                }
                if let Target::StopTime(name) = target {
                    self.stop_time(name, value);
                }
            }
            ItemKind::Port { name, unit, value: Some(value) } => {
                let typed = self.lower(value);
                let dim = self.unit(unit).map(|unit| unit.dimension);
                if let Some(needed) = &dim {
                    let words = Written::of(&unit.text, self.world.substances);
                    let who = format!("port `{}`", name.text);
                    self.require_in(&typed, needed, words, value, &who);
                }
                let dim = dim.or(typed.dim);
                self.values.insert(Key::Name(name.text.clone()), Typed { id: typed.id, dim });
            }
            ItemKind::If { arms, otherwise } => self.branch(arms, otherwise.as_deref(), item.span),
            _ => {}
        }
    }

    fn assign(&mut self, key: Key, name: &'a Name, value: &'a Expr) {
        let twice = self.branches.is_empty() && self.is_epm();
        if twice && let Some(&first) = self.places.get(&key) {
            let what = shown(&key, name);
            let help = match key {
                Key::Name(_) => "give the second one a name of its own".to_string(),
                _ => format!("keep one `{what} = …`, with all that belongs to it"),
            };
            self.say(
                Diagnostic::error("E0203", format!("{what} is assigned twice"))
                    .at(name.span, "again here")
                    .label(first, "first here")
                    .help(help),
            );
            return;
        }
        if self.branches.is_empty() {
            self.places.insert(key.clone(), name.span);
        }
        if let Key::Derivative(at) = key {
            self.inside = Some(at);
        }
        let typed = self.lower(value);
        self.inside = None;
        let dim = self.needed_dim(&key);
        let typed = match dim {
            Some(needed) => {
                let unit = self.written_for(&key);
                self.require_in(&typed, &needed, unit, value, &shown(&key, name));
                Typed { id: typed.id, dim: Some(needed) }
            }
            None => typed,
        };
        self.store(key, typed);
    }

    /// `mtime(x) = …`: a register that flips at the time `x`, so that a run stops there.
    fn stop_time(&mut self, name: &Name, value: &'a Expr) {
        let Some(time) = self.current(&Key::Name(name.text.clone())) else { return };
        if let Some(needed) = self.time_dim() {
            self.require(&time, &needed, value, &format!("mtime({})", name.text));
        }
        if self.changes(time.id) {
            self.say(
                Diagnostic::error("E0401", "a number is needed here")
                    .at(value.span, "this changes during a run")
                    .help(
                        "a time that depends on the state is a condition: compare with it in `if`",
                    ),
            );
            return;
        }
        self.used.insert(name.text.clone());
        let now = self.model.exprs.add(crate::ir::Node::Time);
        let since = self.model.exprs.difference(now, time.id);
        self.register(since, false);
    }

    fn store(&mut self, key: Key, typed: Typed) {
        match self.branches.last_mut() {
            Some(branch) => branch.insert(key, typed),
            None => self.values.insert(key, typed),
        };
    }

    /// The dimension that an assignment's left side asks for.
    fn needed_dim(&self, key: &Key) -> super::Dim {
        let amount = |at: &usize| self.compartment_dims[*at].clone();
        let per_time = |dim: super::Dim| dim?.div(&self.time_dim()?).ok();
        match key {
            Key::Name(_) => None,
            Key::Derivative(at) | Key::Rate(at) => per_time(amount(at)),
            Key::Initial(at) => amount(at),
            Key::Bioavailability(_) => self.no_dim(),
            Key::Lag(_) | Key::Duration(_) => self.time_dim(),
        }
    }

    fn key(&mut self, target: &'a Target) -> Option<(Key, &'a Name)> {
        type Make = fn(usize) -> Key;
        let (make, name): (Make, &Name) = match target {
            Target::Name(name) | Target::StopTime(name) => {
                return Some((Key::Name(name.text.clone()), name));
            }
            Target::Derivative(name) if !self.is_compartment(name) => {
                // Told once: what was meant has an equation then.
                if let Some(near) = self.compartment_meant(name) {
                    self.excused.insert(near);
                }
                (Key::Derivative, name)
            }
            Target::Derivative(name) => (Key::Derivative, name),
            Target::InitialValue(name) => (Key::Initial, name),
            Target::Bioavailability(name) => (Key::Bioavailability, name),
            Target::Lag(name) => (Key::Lag, name),
            Target::Rate(name) => (Key::Rate, name),
            Target::Duration(name) => (Key::Duration, name),
        };
        let at = self.compartment(name)?;
        Some((make(at), name))
    }

    fn branch(&mut self, arms: &'a [(Expr, Vec<Item>)], otherwise: Option<&'a [Item]>, span: Span) {
        let mut conditions = Vec::new();
        let mut made: Vec<BTreeMap<Key, Typed>> = Vec::new();
        for (condition, items) in arms {
            conditions.push(self.condition(condition));
            made.push(self.arm(items));
        }
        made.push(self.arm(otherwise.unwrap_or_default()));
        let keys: BTreeSet<Key> = made.iter().flat_map(|arm| arm.keys().cloned()).collect();
        for key in keys {
            let before = self.current(&key);
            let chosen: Vec<Option<Typed>> =
                made.iter().map(|arm| arm.get(&key).or(before.as_ref()).cloned()).collect();
            if chosen.iter().any(Option::is_none) {
                // A name that is of use in one branch only is told where it is read outside.
                if let Key::Name(name) = key {
                    self.unset.insert(name, span);
                    continue;
                }
                let name = key_text(&key, &self.model);
                self.say(
                    Diagnostic::error("E0402", format!("{name} has no value in every branch"))
                        .at(span, "some way through this `if` leaves it unset")
                        .help(format!("assign {name} in each branch, and add `else`")),
                );
                if let Key::Derivative(at) = key {
                    self.excused.insert(at);
                }
                self.store(key, Typed { id: ExprId(0), dim: None });
                continue;
            }
            let mut chosen: Vec<Typed> = chosen.into_iter().flatten().collect();
            let Some(mut result) = chosen.pop() else { continue };
            for (condition, arm) in conditions.iter().zip(&chosen).rev() {
                if let (Some(left), Some(right)) = (&arm.dim, &result.dim)
                    && left != right
                {
                    let name = key_text(&key, &self.model);
                    let message = format!("{name} is in {left} in one branch, {right} in another");
                    self.say(Diagnostic::error("E0312", "units do not match").at(span, message));
                }
                let id = self.model.exprs.select(*condition, arm.id, result.id);
                result = Typed { id, dim: arm.dim.clone().or(result.dim) };
            }
            self.places.entry(key.clone()).or_insert(span);
            self.store(key, result);
        }
    }

    fn arm(&mut self, items: &'a [Item]) -> BTreeMap<Key, Typed> {
        self.branches.push(BTreeMap::new());
        for item in items {
            self.execute(item);
        }
        self.branches.pop().unwrap_or_default()
    }

    /// The value as assigned so far, innermost branch first.
    pub(super) fn current(&self, key: &Key) -> Option<Typed> {
        let inner = self.branches.iter().rev().find_map(|branch| branch.get(key));
        inner.or_else(|| self.values.get(key)).cloned()
    }

    /// Moves what was assigned to compartments into the model.
    pub(super) fn finish_compartments(&mut self) {
        let registers = &self.model.registers;
        let own = (0..self.model.compartments.len()).filter(|at| !registers.contains(at));
        for at in own.collect::<Vec<_>>() {
            let get = |key: Key| self.values.get(&key).map(|typed| typed.id);
            let initial = get(Key::Initial(at));
            let found = (
                get(Key::Bioavailability(at)),
                get(Key::Lag(at)),
                get(Key::Rate(at)),
                get(Key::Duration(at)),
            );
            let derivative = get(Key::Derivative(at));
            let compartment = &mut self.model.compartments[at];
            compartment.initial = initial;
            (
                compartment.bioavailability,
                compartment.lag,
                compartment.rate,
                compartment.duration,
            ) = found;
            if let Some(derivative) = derivative {
                compartment.derivative = derivative;
            } else if !self.excused.contains(&at) {
                let name = compartment.name.clone();
                // Told where it stands.
                if self.symbols.contains_key(&format!("dxdt_{name}")) {
                    continue;
                }
                let span = self.symbols.get(&name).map(|&(_, span)| span).unwrap_or_default();
                self.say(
                    Diagnostic::error("E0403", format!("compartment `{name}` has no derivative"))
                        .at(span, "declared here")
                        .help(format!("add `d/dt({name}) = …`")),
                );
            }
        }
        self.mark_accumulators();
    }
}

fn shown(key: &Key, name: &Name) -> String {
    let name = &name.text;
    match key {
        Key::Name(_) => format!("`{name}`"),
        Key::Derivative(_) => format!("d/dt({name})"),
        Key::Initial(_) => format!("{name}(0)"),
        Key::Bioavailability(_) => format!("f({name})"),
        Key::Lag(_) => format!("alag({name})"),
        Key::Rate(_) => format!("rate({name})"),
        Key::Duration(_) => format!("dur({name})"),
    }
}

fn key_text(key: &Key, model: &crate::ir::Model) -> String {
    let at = match key {
        Key::Name(name) => return format!("`{name}`"),
        Key::Derivative(at)
        | Key::Initial(at)
        | Key::Bioavailability(at)
        | Key::Lag(at)
        | Key::Rate(at)
        | Key::Duration(at) => *at,
    };
    let text = model.compartments[at].name.clone();
    shown(key, &Name { text, span: Span::default() })
}
