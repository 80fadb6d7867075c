//! Registers and declared events.

use std::collections::BTreeMap;

use epsom_diag::{Diagnostic, Span, list_names};

use super::{Checker, Dim, Key, Symbol, Typed};
use crate::ir::{self, ExprId, Node, reachable};
use crate::syntax::ast::{Event, Expr, ItemKind, Name};

impl<'a> Checker<'a> {
    /// Names and starts of registers: compartments that only events change.
    pub(super) fn registers(&mut self) {
        let tree = self.tree;
        let mut found = Vec::new();
        for item in &tree.items {
            if let ItemKind::Register { name, value, label } = &item.kind {
                let at = self.push_compartment(name, None);
                self.add_symbol(name, Symbol::Register(at));
                self.model.registers.push(at);
                self.model.compartments[at].label = super::declare::label(label);
                found.push((at, value));
            }
        }
        for (at, value) in found {
            let typed = self.lower(value);
            if self.changes(typed.id) {
                self.say(
                    Diagnostic::error("E0401", "a number is needed here")
                        .at(value.span, "this changes during a run")
                        .help(
                            "a register starts at a number, a parameter or what follows from both",
                        ),
                );
            }
            self.model.compartments[at].initial = Some(typed.id);
            self.model.compartments[at].unit = self.shown_unit(value, &typed.dim);
            self.compartment_dims[at] = typed.dim;
        }
    }

    /// Lowers every event, once all that it may read is known.
    pub(super) fn events(&mut self) {
        let tree = self.tree;
        let mut places: BTreeMap<&str, Span> = BTreeMap::new();
        for item in &tree.items {
            let ItemKind::Event(event) = &item.kind else { continue };
            let name = &event.name;
            if let Some(&first) = places.get(name.text.as_str()) {
                self.say(
                    Diagnostic::error("E0203", format!("event `{}` is declared twice", name.text))
                        .at(name.span, "again here")
                        .label(first, "first here")
                        .help("give the second one a name of its own"),
                );
            }
            places.insert(&name.text, name.span);
            self.event(event);
        }
        self.warn_unchanged();
    }

    fn event(&mut self, event: &'a Event) {
        let before = self.diagnostics.len();
        let condition = self.condition(&event.condition);
        // After a message anything may stand there.
        if self.diagnostics.len() == before && !self.may_change(condition) {
            self.say(
                Diagnostic::error("E0414", "the condition of an event never changes")
                    .at(event.condition.span, "this is the same throughout a run")
                    .help("compare a compartment, a time or a covariate with something"),
            );
        }
        let delay = event.delay.as_ref().map(|delay| self.delay(delay));
        let priority = event.priority.as_ref().map(|priority| {
            let typed = self.lower(priority);
            self.require_dim(&typed, self.no_dim(), priority, "a priority");
            typed.id
        });
        let mut changes: Vec<(u32, ExprId)> = Vec::new();
        for (name, value) in &event.changes {
            let typed = self.lower(value);
            let Some(at) = self.changed(name) else { continue };
            if let Some(needed) = self.compartment_dims[at].clone() {
                let unit = self.written_for(&Key::Initial(at));
                self.require_in(&typed, &needed, unit, value, &format!("`{}`", name.text));
            }
            if changes.iter().any(|&(other, _)| other as usize == at) {
                self.say(
                    Diagnostic::error(
                        "E0415",
                        format!("`{}` changes twice in one event", name.text),
                    )
                    .at(name.span, "again here")
                    .help("all changes of an event are made at once; write one for each quantity"),
                );
                continue;
            }
            changes.push((at as u32, typed.id));
        }
        self.model.events.push(ir::Event {
            name: event.name.text.clone(),
            condition,
            delay,
            priority,
            cancelable: event.cancelable,
            late_values: event.late_values,
            at_start: event.at_start,
            changes,
        });
    }

    fn delay(&mut self, delay: &'a Expr) -> ExprId {
        let typed = self.lower(delay);
        self.require_dim(&typed, self.time_dim(), delay, "a delay");
        if self.model.exprs.as_constant(typed.id).is_some_and(|value| value < 0.0) {
            self.say(
                Diagnostic::error("E0417", "a delay is below 0")
                    .at(delay.span, "nothing happens before its cause")
                    .help("leave `delay` out for a change at once"),
            );
        }
        typed.id
    }

    fn require_dim(&mut self, typed: &Typed, needed: Dim, expr: &Expr, who: &str) {
        if let Some(needed) = needed {
            self.require(typed, &needed, expr, who);
        }
    }

    /// What an event may change, by its name.
    fn changed(&mut self, name: &Name) -> Option<usize> {
        self.used.insert(name.text.clone());
        let symbol = self.symbols.get(&name.text).copied();
        let why = match symbol {
            Some((Symbol::Compartment(at) | Symbol::Register(at), _)) => return Some(at),
            None => {
                self.compartment(name);
                return None;
            }
            Some((Symbol::Param(_), _)) => "a parameter keeps its number for the whole run",
            Some((Symbol::Covariate(_), _)) => "a covariate is given from outside",
            Some((Symbol::Assigned(_), _)) => "this is computed from other quantities",
            Some((Symbol::Window(_) | Symbol::Function(_), _)) => "this holds no number",
        };
        let mut said =
            Diagnostic::error("E0416", format!("an event cannot change `{}`", name.text))
                .at(name.span, why);
        if let Some((_, place)) = symbol {
            said = said.label(place, "declared here");
        }
        let text = &name.text;
        said = match symbol {
            Some((Symbol::Param(_), _)) => said.help(format!(
                "declare `register {text}_now = {text}`, read `{text}_now` in the equations and let \
                 the event change that"
            )),
            _ => {
                let names = self.model.compartments.iter().map(|one| one.name.as_str());
                said.note(format!("compartments and registers: {}", list_names(names, 12)))
            }
        };
        self.say(said);
        None
    }

    /// Whether a condition, which is constant between stops, may differ from stop to stop.
    fn may_change(&self, id: ExprId) -> bool {
        let leaf = |id: ExprId| {
            matches!(
                self.model.exprs.node(id),
                Node::Mode(_) | Node::Covariate(_) | Node::DoseTime(_) | Node::DoseAmount(_)
            )
        };
        reachable(&self.model.exprs, [id]).into_iter().any(leaf)
    }

    /// A register that no event changes is a parameter.
    fn warn_unchanged(&mut self) {
        for at in self.model.registers.clone() {
            let changes = self.model.events.iter().flat_map(|event| &event.changes);
            if changes.into_iter().any(|&(changed, _)| changed as usize == at) {
                continue;
            }
            let name = self.model.compartments[at].name.clone();
            let span = self.symbols.get(&name).map(|&(_, span)| span).unwrap_or_default();
            self.say(
                Diagnostic::warning("W0204", format!("no event changes register `{name}`"))
                    .at(span, "it keeps its number for the whole run")
                    .help("declare it as `param`, or add an `event` that changes it"),
            );
        }
    }
}
