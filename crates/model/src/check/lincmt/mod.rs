//! `linCmt()`: one to three compartments from the usual parameter names.

mod names;
#[cfg(test)]
mod tests;

use epsom_diag::{Diagnostic, Span};
use epsom_units::Dimension;

use super::{Checker, Key, Symbol, Typed};
use crate::ir::{ExprId, Node, UnaryOp};
use crate::syntax::ast::{Call, Expr, ExprKind, Item, ItemKind, Name};
pub(crate) use names::LINEAR;
use names::{Kind, Loss, Parts, Side, parts};

/// The compartments of one call.
#[derive(Debug, Clone)]
pub(super) struct Linear {
    /// The names that it was made of.
    chosen: Vec<String>,
    span: Span,
    concentration: Typed,
}

/// In front of the names of a module's `linCmt()`, such as `gut.`; nothing in the file that is run.
pub(super) fn linear_prefix(name: &str) -> Option<&str> {
    name.strip_suffix("linCmt").filter(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// A refused call.
fn refused(call: &Call, why: impl Into<String>) -> Diagnostic {
    Diagnostic::error("E0409", "`linCmt()` does not find its parameters").at(call.span, why)
}

impl<'a> Checker<'a> {
    /// Statements that call `linCmt()`, which bring compartments that others name.
    ///
    /// In text that is read from top to bottom they are lowered in their place, where the names
    /// that they look for hold what was assigned last; only their compartments come first.
    pub(super) fn lower_linear_first(&mut self) {
        for at in 0..self.tree.items.len() {
            let tree = self.tree;
            match linear_call(&tree.items[at]) {
                Some(_) if self.is_epm() => self.lower_item(at),
                Some(call) => {
                    if let Ok((parts, _)) = self.linear_parts(call) {
                        self.declare_linear(&parts, "", call);
                    }
                }
                None => {}
            }
        }
    }

    /// The compartments in the order in which event files number them.
    fn declare_linear(&mut self, parts: &Parts, prefix: &str, call: &Call) -> Vec<usize> {
        let peripheral = ["peripheral1", "peripheral2"].into_iter().take(parts.sides.len());
        let depot = parts.absorption.is_some().then_some("depot");
        let names = depot.into_iter().chain(["central"]).chain(peripheral);
        names.map(|name| self.linear_compartment(&format!("{prefix}{name}"), call)).collect()
    }

    /// The parameters of a call: those it names, else those with the usual names.
    fn linear_parts(&self, call: &Call) -> Result<(Parts, Vec<String>), Diagnostic> {
        let prefix = linear_prefix(&call.name.text).unwrap_or_default();
        let mut found: Vec<&str> = Vec::new();
        for one in &call.arguments {
            match &*one.value.kind {
                ExprKind::Name(name) if one.word.is_none() => found.push(name),
                _ => {
                    let why = "this is not the name of a parameter";
                    return Err(refused(call, "its arguments are names")
                        .label(one.value.span, why)
                        .help("the names say what is what: `linCmt(cl, vc)`, in any order"));
                }
            }
        }
        let chosen = !found.is_empty();
        if !chosen {
            // A module's own, and the covariates, which are of the person.
            let own = |(name, (symbol, _)): &(&'_ String, &(Symbol, Span))| {
                name.starts_with(prefix) || matches!(symbol, Symbol::Covariate(_))
            };
            found.extend(self.symbols.iter().filter(own).map(|(name, _)| name.as_str()));
        }
        let short: Vec<&str> =
            found.iter().map(|name| name.strip_prefix(prefix).unwrap_or(name)).collect();
        let parts = parts(&short, chosen).map_err(|why| {
            let said = refused(call, why).help("clearance and volume: `cl` and `vc`, or `kel` and `vc`; peripheral: `q` and `vp`, `q2` and `vp2`, or `k12`, `k21`, `k13`, `k31`; absorption: `ka`");
            match chosen {
                true => said,
                false => said.help("name those that are meant where the model has others too: `linCmt(cl, vc, ka)`"),
            }
        })?;
        let found = found.into_iter().map(str::to_string).collect();
        Ok((parts, if chosen { found } else { Vec::new() }))
    }

    pub(super) fn linear_compartments(&mut self, call: &'a Call) -> Typed {
        let prefix = linear_prefix(&call.name.text).unwrap_or_default();
        let (parts, mut chosen) = match self.linear_parts(call) {
            Ok(found) => found,
            Err(said) => {
                self.say(said);
                return self.unknown();
            }
        };
        chosen.sort();
        if let Some(known) = self.linear.get(prefix).cloned() {
            if known.chosen != chosen {
                self.say(
                    refused(call, "its compartments are made of other parameters already")
                        .label(known.span, "made here")
                        .help("write the second set as equations, or as a module with `use`"),
                );
            }
            return known.concentration;
        }
        let places = self.declare_linear(&parts, prefix, call);
        self.linear_amounts(&places, call);
        let (depot, places) = places.split_at(usize::from(parts.absorption.is_some()));
        let central = places[0];
        let volume = self.linear_value(&parts.volume, prefix, call);
        self.linear_units(&parts, &volume, prefix, call);
        let (out, sides) = self.linear_rates(&parts, &volume, prefix, call);
        let amount = self.state(central);
        let loss = self.model.exprs.product(out, amount);
        let mut sum = self.model.exprs.unary(UnaryOp::Neg, loss);
        if let (Some(ka), [depot]) = (&parts.absorption, depot) {
            let ka = self.linear_value(ka, prefix, call);
            let left = self.state(*depot);
            let e = &mut self.model.exprs;
            let flow = e.product(ka.id, left);
            let minus = e.unary(UnaryOp::Neg, flow);
            sum = e.sum(flow, sum);
            self.set_derivative(*depot, minus, call);
        }
        for ((there, back), &at) in sides.into_iter().zip(&places[1..]) {
            let inside = self.state(at);
            let e = &mut self.model.exprs;
            let (away, home) = (e.product(there, amount), e.product(back, inside));
            let change = e.difference(away, home);
            sum = e.difference(sum, change);
            self.set_derivative(at, change, call);
        }
        self.set_derivative(central, sum, call);
        let id = self.model.exprs.quotient(amount, volume.id);
        let dim = self.compartment_dims[central].clone();
        let dim = dim.zip(volume.dim).and_then(|(a, b)| a.div(&b).ok());
        let concentration = Typed { id, dim };
        let made = Linear { chosen, span: call.span, concentration: concentration.clone() };
        self.linear.insert(prefix.to_string(), made);
        concentration
    }

    /// Rate constants: out for good, and there and back for each peripheral compartment.
    fn linear_rates(
        &mut self,
        parts: &Parts,
        volume: &Typed,
        prefix: &str,
        call: &Call,
    ) -> (ExprId, Vec<(ExprId, ExprId)>) {
        let value = |checker: &mut Self, name: &str| checker.linear_value(name, prefix, call).id;
        let out = match &parts.loss {
            Loss::Clearance(cl) => {
                let cl = value(self, cl);
                self.model.exprs.quotient(cl, volume.id)
            }
            Loss::Rate(rate) => value(self, rate),
            Loss::Slopes(slopes) => {
                let slopes: Vec<ExprId> = slopes.iter().map(|one| value(self, one)).collect();
                let backs: Vec<(ExprId, bool)> = parts
                    .sides
                    .iter()
                    .filter_map(|side| match side {
                        Side::Back(one) => Some((value(self, one), false)),
                        Side::Ratio(one) => Some((value(self, one), true)),
                        _ => None,
                    })
                    .collect();
                return self.rates_of_slopes(&slopes, &backs);
            }
        };
        let sides = parts.sides.iter().filter_map(|side| {
            Some(match side {
                Side::Flow { flow, volume: other } => {
                    let (flow, other) = (value(self, flow), value(self, other));
                    let e = &mut self.model.exprs;
                    (e.quotient(flow, volume.id), e.quotient(flow, other))
                }
                Side::FlowToTotal { flow, total } => {
                    let (flow, total) = (value(self, flow), value(self, total));
                    let e = &mut self.model.exprs;
                    let other = e.difference(total, volume.id);
                    (e.quotient(flow, volume.id), e.quotient(flow, other))
                }
                Side::Rates { there, back } => (value(self, there), value(self, back)),
                Side::Back(_) | Side::Ratio(_) => return None,
            })
        });
        (out, sides.collect())
    }

    /// Rate constants of the slopes of the curve after a bolus: their sum, product and, of three,
    /// the sum of their products in pairs are those of the system's matrix.
    fn rates_of_slopes(
        &mut self,
        slopes: &[ExprId],
        backs: &[(ExprId, bool)],
    ) -> (ExprId, Vec<(ExprId, ExprId)>) {
        let e = &mut self.model.exprs;
        let (alpha, beta) = (slopes[0], slopes[1]);
        let (first, is_ratio) = backs[0];
        let sum = e.sum(alpha, beta);
        let product = e.product(alpha, beta);
        let (Some(&gamma), Some(&(k31, _))) = (slopes.get(2), backs.get(1)) else {
            // k21 = (A/B beta + alpha) / (A/B + 1)
            let k21 = if is_ratio {
                let part = e.product(first, beta);
                let above = e.sum(part, alpha);
                let one = e.constant(1.0);
                let below = e.sum(first, one);
                e.quotient(above, below)
            } else {
                first
            };
            let out = e.quotient(product, k21);
            let rest = e.difference(sum, k21);
            let there = e.difference(rest, out);
            return (out, vec![(there, k21)]);
        };
        let k21 = first;
        let total = e.sum(sum, gamma);
        let (with_third, all) = (e.product(sum, gamma), e.product(product, gamma));
        let pairs = e.sum(product, with_third);
        let both = e.product(k21, k31);
        let out = e.quotient(all, both);
        // k13 (k21 - k31) = pairs + k31^2 - k31 total - out k21
        let square = e.powi(k31, 2);
        let (less, lost) = (e.product(k31, total), e.product(out, k21));
        let above = e.sum(pairs, square);
        let above = e.difference(above, less);
        let above = e.difference(above, lost);
        let below = e.difference(k21, k31);
        let k13 = e.quotient(above, below);
        let mut k12 = total;
        for one in [out, k13, k21, k31] {
            k12 = e.difference(k12, one);
        }
        (out, vec![(k12, k21), (k13, k31)])
    }

    /// A parameter of the call: the module's own, else the person's.
    fn linear_value(&mut self, name: &str, prefix: &str, call: &Call) -> Typed {
        let own = format!("{prefix}{name}");
        let known = self.symbols.contains_key(&own);
        self.name(if known { &own } else { name }, call.span)
    }

    /// Flows are volumes per time and rate constants one per time, whatever the volume is per.
    fn linear_units(&mut self, parts: &Parts, volume: &Typed, prefix: &str, call: &Call) {
        let (Some(of_volume), Some(time), true) = (&volume.dim, self.time_dim(), self.has_units())
        else {
            return;
        };
        let per_time = |dim: &Dimension| dim.div(&time).ok();
        for (name, kind) in parts.kinds() {
            let needed = match kind {
                Kind::Volume => Some(of_volume.clone()),
                Kind::Flow => per_time(of_volume),
                Kind::Rate => per_time(&Dimension::NONE),
                Kind::Plain => Some(Dimension::NONE),
            };
            let found = self.linear_value(name, prefix, call);
            let (Some(needed), Some(found)) = (needed, found.dim) else { continue };
            if found == needed {
                continue;
            }
            let volume = &parts.volume;
            let mut said = Diagnostic::error("E0312", "units do not match").at(
                call.span,
                format!("beside `{volume}` in {of_volume}, `{name}` needs {needed}"),
            );
            if let Some(&(_, place)) = self.symbols.get(&format!("{prefix}{name}")) {
                said = said.label(place, format!("`{name}` is in {found}"));
            }
            self.say(said);
        }
    }

    fn linear_compartment(&mut self, name: &str, call: &Call) -> usize {
        if let Some(at) = self.model.compartments.iter().position(|one| one.name == name) {
            return at;
        }
        let at = self.add_compartment(&Name { text: name.into(), span: call.span }, None);
        if let Some(substance) = self.substance.clone() {
            self.compartment_dims[at] = Some(Dimension::substance(substance));
        }
        at
    }

    fn state(&mut self, at: usize) -> ExprId {
        self.model.exprs.add(Node::State(at as u32))
    }

    fn set_derivative(&mut self, at: usize, id: ExprId, call: &Call) {
        self.values.insert(Key::Derivative(at), Typed { id, dim: None });
        self.places.insert(Key::Derivative(at), call.span);
    }

    /// All compartments hold amounts in one kind of unit.
    fn linear_amounts(&mut self, places: &[usize], call: &Call) {
        if !self.has_units() {
            return;
        }
        let name = |checker: &Self, at: usize| checker.model.compartments[at].name.clone();
        let nameless = places.iter().find(|&&at| self.compartment_dims[at].is_none());
        if let Some(&at) = nameless {
            let names: Vec<String> =
                places.iter().map(|&at| format!("{} [mg]", name(self, at))).collect();
            let said = Diagnostic::error("E0304", "the compartments of `linCmt()` have no unit")
                .at(call.span, format!("nothing says what `{}` holds an amount of", name(self, at)))
                .help(format!(
                    "name the `substance`, or declare them: `compartment {}`",
                    names.join(", ")
                ));
            self.say(said);
            return;
        }
        for pair in places.windows(2) {
            let [one, other] = [pair[0], pair[1]].map(|at| self.compartment_dims[at].clone());
            if one != other {
                let said = Diagnostic::error("E0312", "units do not match").at(
                    call.span,
                    format!(
                        "`{}` and `{}` hold different kinds of amount",
                        name(self, pair[0]),
                        name(self, pair[1])
                    ),
                );
                self.say(said);
            }
        }
    }
}

/// The call of `linCmt()` in a statement.
pub(super) fn linear_call(item: &Item) -> Option<&Call> {
    fn within(e: &Expr) -> Option<&Call> {
        match &*e.kind {
            ExprKind::Call(call) if linear_prefix(&call.name.text).is_some() => Some(call),
            ExprKind::Call(call) => call.arguments.iter().find_map(|one| within(&one.value)),
            ExprKind::Unary(_, inner) => within(inner),
            ExprKind::Binary(_, a, b) => within(a).or_else(|| within(b)),
            _ => None,
        }
    }
    match &item.kind {
        ItemKind::Assign { value, .. } => within(value),
        _ => None,
    }
}
