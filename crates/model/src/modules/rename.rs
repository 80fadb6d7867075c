//! Names of a module under the name that it is used by.

use std::collections::BTreeSet;

use crate::syntax::ast::{
    Call, Expr, ExprKind, InitialMode, Item, ItemKind, Name, Output, Param, Spread, Target,
};

/// What a module declares; its covariates are not its own.
pub(super) fn declared(items: &[Item]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    collect(items, &mut names);
    let mut linear = BTreeSet::new();
    items.iter().for_each(|item| calls_of_linear(item, &mut linear));
    for call in linear {
        // It makes compartments, which are the module's as those that it declares.
        let prefix = call.strip_suffix("linCmt").unwrap_or_default().to_string();
        let made = ["depot", "central", "peripheral1", "peripheral2"];
        names.extend(made.map(|one| format!("{prefix}{one}")));
        names.insert(call);
    }
    names
}

/// `linCmt()`, or `gut.linCmt()` of a module in the module.
fn calls_of_linear(item: &Item, found: &mut BTreeSet<String>) {
    fn within(expr: &Expr, found: &mut BTreeSet<String>) {
        match &*expr.kind {
            ExprKind::Call(call) => {
                if call.name.text.rsplit('.').next() == Some("linCmt") {
                    found.insert(call.name.text.clone());
                }
                call.arguments.iter().for_each(|one| within(&one.value, found));
            }
            ExprKind::Unary(_, inner) => within(inner, found),
            ExprKind::Binary(_, a, b) => {
                within(a, found);
                within(b, found);
            }
            _ => {}
        }
    }
    if let ItemKind::Assign { value, .. } = &item.kind {
        within(value, found);
    }
}

fn collect(items: &[Item], names: &mut BTreeSet<String>) {
    for item in items {
        let name = match &item.kind {
            ItemKind::Param(param) => &param.name,
            ItemKind::Hypothesis { name, .. }
            | ItemKind::Window { name, .. }
            | ItemKind::Register { name, .. }
            | ItemKind::Function { name, .. }
            | ItemKind::Port { name, .. } => name,
            ItemKind::Output(output) => &output.name,
            ItemKind::Event(event) => &event.name,
            ItemKind::Assign { target: Target::Name(name) | Target::StopTime(name), .. } => name,
            ItemKind::Compartments(list) => {
                names.extend(list.iter().map(|one| one.name.text.clone()));
                continue;
            }
            ItemKind::If { arms, otherwise } => {
                for body in arms.iter().map(|(_, items)| items).chain(otherwise) {
                    collect(body, names);
                }
                continue;
            }
            _ => continue,
        };
        names.insert(name.text.clone());
    }
}

/// A word in front of every name that a module declares.
pub(super) struct Prefix<'a> {
    pub(super) word: &'a str,
    pub(super) names: &'a BTreeSet<String>,
}

impl Prefix<'_> {
    fn text(&self, text: &str) -> String {
        if self.names.contains(text) { format!("{}.{text}", self.word) } else { text.to_string() }
    }

    fn name(&self, name: &Name) -> Name {
        Name { text: self.text(&name.text), span: name.span }
    }

    pub(super) fn item(&self, item: &Item) -> Item {
        let mut item = item.clone();
        match &mut item.kind {
            ItemKind::Param(param) | ItemKind::Override(param) => self.param(param),
            ItemKind::Correlate { first, second, value, .. } => {
                (*first, *second, *value) = (self.name(first), self.name(second), self.expr(value));
            }
            ItemKind::Compartments(list) => {
                for one in list {
                    one.name = self.name(&one.name);
                    one.scale = one.scale.as_ref().map(|scale| self.expr(scale));
                }
            }
            ItemKind::Window { name, every, from, length } => {
                *name = self.name(name);
                for part in [every, from, length] {
                    *part = self.expr(part);
                }
            }
            ItemKind::Register { name, value, .. } => {
                (*name, *value) = (self.name(name), self.expr(value));
            }
            ItemKind::Event(event) => {
                event.name = self.name(&event.name);
                event.condition = self.expr(&event.condition);
                for (name, value) in &mut event.changes {
                    (*name, *value) = (self.name(name), self.expr(value));
                }
                for part in [&mut event.delay, &mut event.priority].into_iter().flatten() {
                    *part = self.expr(part);
                }
            }
            ItemKind::Function { name, arguments, body } => {
                let inside: BTreeSet<String> = self
                    .names
                    .iter()
                    .filter(|name| !arguments.iter().any(|one| one.text == **name))
                    .cloned()
                    .collect();
                *body = Prefix { word: self.word, names: &inside }.expr(body);
                *name = self.name(name);
            }
            ItemKind::Assign { target, value } => {
                *target = self.target(target);
                *value = self.expr(value);
            }
            ItemKind::If { arms, otherwise } => {
                for (condition, items) in arms {
                    *condition = self.expr(condition);
                    *items = items.iter().map(|one| self.item(one)).collect();
                }
                if let Some(items) = otherwise {
                    *items = items.iter().map(|one| self.item(one)).collect();
                }
            }
            ItemKind::Inflow { name, scope } => {
                *name = self.name(name);
                scope.insert_str(0, &format!("{}.", self.word));
            }
            ItemKind::Hypothesis { name, .. } => *name = self.name(name),
            ItemKind::Port { name, value, .. } => {
                *name = self.name(name);
                *value = value.as_ref().map(|value| self.expr(value));
            }
            ItemKind::Initial { mode: InitialMode::Periodic(period) } => {
                *period = self.expr(period);
            }
            ItemKind::Conserve { value, scope } => {
                *value = self.expr(value);
                scope.insert_str(0, &format!("{}.", self.word));
            }
            ItemKind::Output(Output { name, value, .. }) => {
                *name = self.name(name);
                *value = value.as_ref().map(|value| self.expr(value));
            }
            ItemKind::Residual { output, terms, .. } => {
                *output = self.name(output);
                for term in terms {
                    *term = self.call(term);
                }
            }
            ItemKind::Covariate(one) => {
                one.default = one.default.as_ref().map(|value| self.expr(value));
                if let Some((lo, hi)) = &mut one.bounds {
                    for bound in [lo, hi].into_iter().flatten() {
                        *bound = self.expr(bound);
                    }
                }
            }
            // Bindings are of the file that uses the module; the rest names nothing.
            _ => {}
        }
        item
    }

    fn param(&self, param: &mut Param) {
        param.name = self.name(&param.name);
        param.value = self.expr(&param.value);
        for Spread { distribution, .. } in
            [&mut param.uncertain, &mut param.varies].into_iter().flatten()
        {
            *distribution = self.call(distribution);
        }
        // The covariate that numbers occasions is of the person, as all covariates are.
        if let Some(one) = &mut param.occasion {
            one.spread.distribution = self.call(&one.spread.distribution);
        }
        if let Some((factor, _)) = &mut param.scales {
            *factor = self.expr(factor);
        }
        if let Some((lo, hi)) = &mut param.bounds {
            for bound in [lo, hi].into_iter().flatten() {
                *bound = self.expr(bound);
            }
        }
    }

    fn target(&self, target: &Target) -> Target {
        let name = |one: &Name| self.name(one);
        match target {
            Target::Name(one) => Target::Name(name(one)),
            Target::StopTime(one) => Target::StopTime(name(one)),
            Target::Derivative(one) => Target::Derivative(name(one)),
            Target::InitialValue(one) => Target::InitialValue(name(one)),
            Target::Bioavailability(one) => Target::Bioavailability(name(one)),
            Target::Lag(one) => Target::Lag(name(one)),
            Target::Rate(one) => Target::Rate(name(one)),
            Target::Duration(one) => Target::Duration(name(one)),
        }
    }

    fn call(&self, call: &Call) -> Call {
        let mut call = call.clone();
        // A key of an evidence row is no name of the model.
        if call.name.text != "row" {
            for argument in &mut call.arguments {
                argument.value = self.expr(&argument.value);
            }
        }
        call
    }

    fn expr(&self, expr: &Expr) -> Expr {
        let kind = match &*expr.kind {
            ExprKind::Name(name) => ExprKind::Name(self.text(name)),
            ExprKind::Call(call) => {
                let mut call = self.call(call);
                call.name = self.name(&call.name);
                ExprKind::Call(call)
            }
            ExprKind::Unary(op, inner) => ExprKind::Unary(*op, self.expr(inner)),
            ExprKind::Binary(op, a, b) => ExprKind::Binary(*op, self.expr(a), self.expr(b)),
            other => other.clone(),
        };
        Expr { span: expr.span, kind: Box::new(kind) }
    }
}
