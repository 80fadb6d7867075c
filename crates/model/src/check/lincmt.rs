//! `linCmt()`: one to three compartments from the usual parameter names.

use epsom_diag::Diagnostic;

use super::{Checker, Key, Typed};
use crate::ir::{ExprId, Node};
use crate::syntax::ast::{Call, Expr, ExprKind, Item, ItemKind, Name};

/// Names of the central volume, most usual first.
const CENTRAL: &[&str] = &["vc", "v", "v1"];
/// Names of the two peripheral volumes and the flows to them.
const PERIPHERAL: [&[&str]; 2] = [&["vp", "vp1", "v2", "vt"], &["vp2", "v3", "vt2"]];
const FLOW: [&[&str]; 2] = [&["q", "q1"], &["q2", "q3"]];
/// Names of the rate constants to and from the peripheral compartments.
const THERE: [&str; 2] = ["k12", "k13"];
const BACK: [&str; 2] = ["k21", "k31"];

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
                Some(call) => self.declare_linear(call),
                None => {}
            }
        }
    }

    fn declare_linear(&mut self, call: &Call) {
        let named = |checker: &Self, names: &[&str]| {
            let mut known = checker.symbols.keys();
            known.any(|known| names.iter().any(|name| known.eq_ignore_ascii_case(name)))
        };
        if named(self, &["ka"]) {
            self.linear_compartment("depot", call);
        }
        self.linear_compartment("central", call);
        for n in 0..2 {
            let flows = named(self, FLOW[n]) && named(self, PERIPHERAL[n]);
            let rates = named(self, &[THERE[n]]) && named(self, &[BACK[n]]);
            if !flows && !rates {
                break;
            }
            self.linear_compartment(["peripheral1", "peripheral2"][n], call);
        }
    }

    pub(super) fn linear_compartments(&mut self, call: &'a Call) -> Typed {
        if let Some(known) = &self.lincmt {
            return known.clone();
        }
        let volume = self.first_of(CENTRAL, call);
        let clearance = self.first_of(&["cl"], call);
        let rate = self.first_of(&["kel", "k10", "ke", "k"], call);
        let out = match (clearance, volume.clone(), rate) {
            (Some(cl), Some(v), _) => self.model.exprs.quotient(cl.id, v.id),
            (_, Some(_), Some(k)) => k.id,
            _ => {
                self.say(
                    Diagnostic::error("E0409", "`linCmt()` does not find its parameters")
                        .at(call.span, "it needs `cl` and `vc` (or `v`), or `kel` and `vc`")
                        .help("peripheral: `q` and `vp`, `q2` and `vp2`, or `k12`, `k21`, `k13`, `k31`; absorption: `ka`"),
                );
                return self.unknown();
            }
        };
        let Some(volume) = volume else { return self.unknown() };
        let mut rates: Vec<(ExprId, ExprId)> = Vec::new();
        for n in 0..2 {
            let flow = self.first_of(FLOW[n], call);
            let peripheral = self.first_of(PERIPHERAL[n], call);
            let there = self.first_of(&[THERE[n]], call);
            let back = self.first_of(&[BACK[n]], call);
            let e = &mut self.model.exprs;
            match (flow, peripheral, there, back) {
                (Some(q), Some(v), _, _) => {
                    rates.push((e.quotient(q.id, volume.id), e.quotient(q.id, v.id)));
                }
                (_, _, Some(there), Some(back)) => rates.push((there.id, back.id)),
                _ => break,
            }
        }
        let absorption = self.first_of(&["ka"], call);
        let depot = absorption.as_ref().map(|_| self.linear_compartment("depot", call));
        let central = self.linear_compartment("central", call);
        let amount = self.state(central);
        let loss = self.model.exprs.product(out, amount);
        let mut sum = self.model.exprs.unary(crate::ir::UnaryOp::Neg, loss);
        if let (Some(ka), Some(depot)) = (absorption, depot) {
            let left = self.state(depot);
            let e = &mut self.model.exprs;
            let flow = e.product(ka.id, left);
            let minus = e.unary(crate::ir::UnaryOp::Neg, flow);
            sum = e.sum(flow, sum);
            self.set_derivative(depot, minus);
        }
        for (n, (there, back)) in rates.into_iter().enumerate() {
            let at = self.linear_compartment(["peripheral1", "peripheral2"][n], call);
            let inside = self.state(at);
            let e = &mut self.model.exprs;
            let (away, home) = (e.product(there, amount), e.product(back, inside));
            let change = e.difference(away, home);
            sum = e.difference(sum, change);
            self.set_derivative(at, change);
        }
        self.set_derivative(central, sum);
        let id = self.model.exprs.quotient(amount, volume.id);
        let dim = self.compartment_dims[central].clone();
        let dim = dim.zip(volume.dim).and_then(|(a, b)| a.div(&b).ok());
        let typed = Typed { id, dim };
        self.lincmt = Some(typed.clone());
        typed
    }

    /// The first of these names that the model defines, in any case of letters.
    fn first_of(&mut self, names: &[&str], call: &Call) -> Option<Typed> {
        let found = names.iter().find_map(|name| {
            self.symbols.keys().find(|known| known.eq_ignore_ascii_case(name)).cloned()
        })?;
        Some(self.name(&found, call.span))
    }

    fn linear_compartment(&mut self, name: &str, call: &Call) -> usize {
        if let Some(at) = self.model.compartments.iter().position(|one| one.name == name) {
            return at;
        }
        let at = self.add_compartment(&Name { text: name.into(), span: call.span }, None);
        if let Some(substance) = self.substance.clone() {
            self.compartment_dims[at] = Some(epsom_units::Dimension::substance(substance));
        }
        at
    }

    fn state(&mut self, at: usize) -> ExprId {
        self.model.exprs.add(Node::State(at as u32))
    }

    fn set_derivative(&mut self, at: usize, id: ExprId) {
        self.values.insert(Key::Derivative(at), Typed { id, dim: None });
    }
}

/// The call of `linCmt()` in an assignment.
fn linear_call(item: &Item) -> Option<&Call> {
    fn within(e: &Expr) -> Option<&Call> {
        match &*e.kind {
            ExprKind::Call(call) if call.name.text == "linCmt" => Some(call),
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
