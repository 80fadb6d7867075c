//! Outputs, residual error, starts.

use std::collections::BTreeSet;

use epsom_diag::{Diagnostic, Span};
use epsom_units::{Unit, parse_unit};

use super::declare::{display, label};
use super::lincmt::{LINEAR, linear_call};
use super::order::reads;
use super::{Checker, Key, Symbol, Typed};
use crate::ir::{self, Node, reachable};
use crate::syntax::ast::{Expr, ExprKind, InitialMode, Item, ItemKind, Name, Output, Target};

impl<'a> Checker<'a> {
    pub(super) fn outputs(&mut self) {
        let tree = self.tree;
        for item in &tree.items {
            match &item.kind {
                ItemKind::Output(output) => self.output(output),
                ItemKind::Initial { mode } => self.start(mode),
                _ => {}
            }
        }
        if !self.is_epm() {
            self.assigned_outputs();
        }
        for item in &tree.items {
            if let ItemKind::Residual { output, terms, provenance, .. } = &item.kind {
                self.residual(output, terms, provenance);
            }
        }
    }

    fn output(&mut self, output: &'a Output) {
        let typed = match &output.value {
            Some(value) => self.lower(value),
            None => self.name(&output.name.text, output.name.span),
        };
        let unit = match &output.unit {
            Some(text) => {
                let Some(unit) = self.unit(text) else { return };
                if let Some(dim) = &typed.dim
                    && *dim != unit.dimension
                {
                    let at = output.value.as_ref().map_or(output.name.span, |value| value.span);
                    let mut said = Diagnostic::error("E0312", "units do not match")
                        .at(at, format!("this is {dim}"))
                        .label(text.span, format!("shown in {}", unit.dimension));
                    // A mass of the substance needs its name.
                    if let Some((substance, _)) = dim.substances().next() {
                        let named = format!("{} {substance}", text.text);
                        let found = parse_unit(&named, self.world.substances, None);
                        if found.is_ok_and(|unit| unit.dimension == *dim) {
                            said = said
                                .help(format!("name the substance: `[{named}]`"))
                                .fix(text.span, format!("[{named}]"));
                        }
                    }
                    self.say(said);
                }
                display(&unit)
            }
            None => self.unit_of_output(output, &typed),
        };
        if let Some(&(Symbol::Compartment(at) | Symbol::Register(at), place)) =
            self.symbols.get(&output.name.text)
            && self.model.exprs.node(typed.id) != Node::State(at as u32)
        {
            let name = &output.name.text;
            self.say(
                Diagnostic::error("E0203", format!("output `{name}` is not compartment `{name}`"))
                    .at(output.name.span, "results could not tell the two apart")
                    .label(place, "declared here")
                    .help("give the output a name of its own"),
            );
            return;
        }
        let twice = self.model.outputs.iter().any(|one| one.name == output.name.text);
        if twice {
            self.say(
                Diagnostic::error(
                    "E0203",
                    format!("output `{}` is declared twice", output.name.text),
                )
                .at(output.name.span, "again here"),
            );
            return;
        }
        self.push_output(&output.name.text, &typed, unit, label(&output.label));
    }

    /// The unit of an output that names none: that of the compartment, parameter, covariate or time
    /// that it is, else the base unit, with a warning where the model's own is another.
    fn unit_of_output(&mut self, output: &Output, typed: &Typed) -> ir::DisplayUnit {
        let Some(dim) = typed.dim.as_ref().filter(|dim| !dim.is_none()) else {
            return ir::DisplayUnit::default();
        };
        let name = &output.name;
        let itself = Expr { span: name.span, kind: Box::new(ExprKind::Name(name.text.clone())) };
        let value = self.meant(output.value.as_ref().unwrap_or(&itself));
        let base = Unit::of_base(dim.clone());
        let declared = self.declared_unit(&value, dim);
        let alone = match &*value.kind {
            ExprKind::Name(name) => self.unit_text(name).is_some(),
            _ => false,
        };
        match declared {
            Some(unit) if alone => return display(&unit),
            // The same numbers, in other words.
            Some(unit) if unit.factor == 1.0 => return display(&unit),
            _ => {}
        }
        let words = declared.as_ref().map_or(&base.text, |unit| &unit.text);
        let end = output.value.as_ref().map_or(name.span, |value| value.span).end;
        let behind = Span { start: end, end, ..name.span };
        self.say(
            Diagnostic::warning("W0303", format!("output `{}` names no unit", name.text))
                .at(name.span, format!("shown in {base}", base = base.text))
                .help(format!("write it behind the expression: `[{words}]`"))
                .fix(behind, format!(" [{words}]")),
        );
        display(&base)
    }

    /// What a name stands for, through assignments of one name to another.
    fn meant(&self, value: &Expr) -> Expr {
        let mut value = value.clone();
        for _ in 0..20 {
            let ExprKind::Name(name) = &*value.kind else { break };
            let Some(&(Symbol::Assigned(item), _)) = self.symbols.get(name) else { break };
            let ItemKind::Assign { target: Target::Name(_), value: next } =
                &self.tree.items[item].kind
            else {
                break;
            };
            value = next.clone();
        }
        value
    }

    pub(super) fn push_output(
        &mut self,
        name: &str,
        typed: &Typed,
        unit: ir::DisplayUnit,
        label: String,
    ) {
        self.output_dims.push(typed.dim.clone());
        self.model.outputs.push(ir::Output {
            name: name.to_string(),
            value: typed.id,
            unit,
            label,
            residual: ir::Residual::default(),
        });
    }

    /// In `ini/model` text, the outputs are those that `outputs <- c("…")` names. Without that
    /// line each quantity assigned is one that changes by itself, since it rests on a compartment,
    /// the time or a dose, or that no other statement reads; in order.
    fn assigned_outputs(&mut self) {
        if let Some(named) = self.named_outputs.take() {
            named.iter().for_each(|one| self.named_output(one));
            return;
        }
        let tree = self.tree;
        let mut names = Vec::new();
        tree.items.iter().for_each(|item| assigned(item, &mut names));
        let ends = ends(&tree.items);
        for name in names {
            let Some(typed) = self.values.get(&Key::Name(name.text.clone())).cloned() else {
                continue;
            };
            let changes = reachable(&self.model.exprs, [typed.id]).into_iter().any(|id| {
                matches!(
                    self.model.exprs.node(id),
                    Node::State(_)
                        | Node::Time
                        | Node::Mode(_)
                        | Node::DoseTime(_)
                        | Node::DoseAmount(_)
                )
            });
            let shown = changes || ends.contains(name.text.as_str());
            if shown && !self.model.outputs.iter().any(|one| one.name == name.text) {
                self.push_output(&name.text, &typed, ir::DisplayUnit::default(), String::new());
            }
        }
    }

    fn named_output(&mut self, name: &Name) {
        let text = &name.text;
        if self.model.outputs.iter().any(|one| one.name == *text) {
            self.say(
                Diagnostic::error("E0203", format!("output `{text}` is declared twice"))
                    .at(name.span, "again here"),
            );
        } else if self.symbols.contains_key(text) {
            let typed = self.name(text, name.span);
            self.push_output(text, &typed, ir::DisplayUnit::default(), String::new());
        } else {
            self.undefined(text, name.span);
        }
    }

    fn start(&mut self, mode: &'a InitialMode) {
        self.model.start = match mode {
            InitialMode::SteadyState => ir::Start::SteadyState,
            InitialMode::Periodic(period) => {
                let Some((value, dim)) = self.number(period) else { return };
                if let Some(time) = self.time_dim() {
                    let id = self.model.exprs.constant(value);
                    self.require(&Typed { id, dim }, &time, period, "a period");
                }
                if value.is_nan() || value <= 0.0 {
                    self.say(
                        Diagnostic::error("E0412", "a period is above 0")
                            .at(period.span, format!("this is {value} h"))
                            .help("write the time after which meals repeat, `periodic 24[h]`"),
                    );
                }
                ir::Start::Periodic { period: value }
            }
        };
    }

    /// Compartments that nothing but outputs and their own collection reads.
    pub(super) fn mark_accumulators(&mut self) {
        let mut read = vec![false; self.model.compartments.len()];
        let roots: Vec<ir::ExprId> = self
            .model
            .roots()
            .into_iter()
            .filter(|(what, _)| {
                what != "balance" && !what.starts_with("output ") && !what.starts_with("residual ")
            })
            .map(|(_, root)| root)
            .collect();
        for id in reachable(&self.model.exprs, roots) {
            if let Node::State(at) = self.model.exprs.node(id) {
                read[at as usize] = true;
            }
        }
        for (compartment, read) in self.model.compartments.iter_mut().zip(read) {
            compartment.accumulator = !read;
        }
    }
}

/// Names that a statement assigns, in branches too.
fn assigned<'e>(item: &'e Item, names: &mut Vec<&'e Name>) {
    match &item.kind {
        ItemKind::Assign { target: Target::Name(name), .. } => names.push(name),
        ItemKind::If { arms, otherwise } => {
            let bodies = arms.iter().map(|(_, items)| items).chain(otherwise);
            bodies.flatten().for_each(|one| assigned(one, names));
        }
        _ => {}
    }
}

/// Names whose last assignment nothing reads.
fn ends(items: &[Item]) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    for item in items {
        let mut read = Vec::new();
        reads(item, &mut read);
        // An assignment reads what its own name held before.
        for (name, _) in &read {
            found.remove(name);
        }
        if linear_call(item).is_some() {
            let usual = |name: &&str| LINEAR.iter().any(|one| one.eq_ignore_ascii_case(name));
            found.retain(|name| !usual(name));
        }
        let mut names = Vec::new();
        assigned(item, &mut names);
        // What a branch assigns, a later line of it may read.
        let inside = matches!(item.kind, ItemKind::If { .. });
        let kept = |name: &&Name| !inside || read.iter().all(|(one, _)| *one != name.text);
        found.extend(names.iter().copied().filter(kept).map(|name| name.text.as_str()));
    }
    found
}
