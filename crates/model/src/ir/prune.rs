//! A model without what nobody asked for.

use std::collections::BTreeSet;

use super::{Balance, Compartment, ExprId, Exprs, Model, Node, reachable};

/// What of a model is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Outputs by index.
    pub outputs: Vec<usize>,
    /// Compartments by index: read, or dosed.
    pub compartments: Vec<usize>,
    /// Parameters by index that keep the value they have here, such as hypotheses that are off:
    /// what they switch off is left out too.
    pub held: Vec<usize>,
    /// Covariates by index that keep their default.
    pub held_covariates: Vec<usize>,
}

impl Model {
    /// The model without outputs that are not wanted, and without compartments that neither what is
    /// wanted nor another kept compartment reads: what is left runs as before, with fewer states.
    ///
    /// Parameters, covariates and modes keep their indices; what events read is kept.
    pub fn pruned(&self, wanted: &Wanted) -> Self {
        let mut whole = self.clone();
        whole.rewrite(&Some, wanted);
        whole.cut(wanted)
    }

    fn cut(&self, wanted: &Wanted) -> Self {
        let kept = self.needed(wanted);
        let place = |at: u32| kept.iter().position(|&one| one == at as usize).map(|at| at as u32);
        let mut model = self.clone();
        model.outputs = wanted.outputs.iter().map(|&at| self.outputs[at].clone()).collect();
        model.compartments = kept.iter().map(|&at| self.compartments[at].clone()).collect();
        let registers = self.registers.iter().filter_map(|&at| place(at as u32));
        model.registers = registers.map(|at| at as usize).collect();
        for event in &mut model.events {
            let changes = event.changes.iter();
            event.changes = changes.filter_map(|&(at, id)| Some((place(at)?, id))).collect();
        }
        // A sum that lost a part is conserved no more.
        let whole = |balance: &&Balance| {
            let read = reachable(&self.exprs, [balance.total, balance.inflow]);
            read.into_iter()
                .all(|id| compartment(self.exprs.node(id)).is_none_or(|at| place(at).is_some()))
        };
        model.balances = self.balances.iter().filter(whole).cloned().collect();
        model.rewrite(&place, &Wanted::default());
        model
    }

    /// Compartments that `wanted` rests on, ascending.
    fn needed(&self, wanted: &Wanted) -> Vec<usize> {
        let mut kept: BTreeSet<usize> = wanted.compartments.iter().copied().collect();
        let mut roots: Vec<ExprId> = Vec::new();
        for output in wanted.outputs.iter().map(|&at| &self.outputs[at]) {
            roots.push(output.value);
            roots.extend(output.residual.parts().into_iter().map(|(_, part)| part));
        }
        roots.extend(self.modes.iter().flat_map(|mode| mode.reads()));
        roots.extend(self.events.iter().flat_map(|event| event.reads()));
        let mut n_known = usize::MAX;
        while n_known != kept.len() {
            n_known = kept.len();
            let own = kept.iter().flat_map(|&at| reads(&self.compartments[at]));
            let all = reachable(&self.exprs, roots.iter().copied().chain(own));
            let read = all.into_iter().filter_map(|id| compartment(self.exprs.node(id)));
            kept.extend(read.map(|at| at as usize));
        }
        kept.into_iter().collect()
    }

    /// Writes the table of expressions anew: what is named, compartments at their new place, held
    /// parameters and covariates as numbers.
    fn rewrite(&mut self, place: &dyn Fn(u32) -> Option<u32>, wanted: &Wanted) {
        let used = reachable(&self.exprs, self.roots().into_iter().map(|(_, root)| root));
        let mut exprs = Exprs::default();
        let mut moved = vec![ExprId::default(); self.exprs.len()];
        for id in used {
            let to = |id: ExprId| moved[id.0 as usize];
            let at = |at: u32| place(at).unwrap_or_default();
            moved[id.0 as usize] = match self.exprs.node(id) {
                Node::State(of) => exprs.add(Node::State(at(of))),
                Node::DoseTime(of) => exprs.add(Node::DoseTime(at(of))),
                Node::DoseAmount(of) => exprs.add(Node::DoseAmount(at(of))),
                Node::Param(of) if wanted.held.contains(&(of as usize)) => {
                    exprs.constant(self.params[of as usize].value)
                }
                Node::Covariate(of) if wanted.held_covariates.contains(&(of as usize)) => {
                    exprs.constant(self.covariates[of as usize].default)
                }
                Node::Unary(op, a) => exprs.unary(op, to(a)),
                Node::Binary(op, a, b) => exprs.binary(op, to(a), to(b)),
                Node::Powi(a, power) => exprs.powi(to(a), power),
                Node::Select(a, b, c) => exprs.select(to(a), to(b), to(c)),
                leaf => exprs.add(leaf),
            };
        }
        self.exprs = exprs;
        self.move_roots(|id| moved[id.0 as usize]);
    }
}

/// The compartment that a node reads.
fn compartment(node: Node) -> Option<u32> {
    match node {
        Node::State(at) | Node::DoseTime(at) | Node::DoseAmount(at) => Some(at),
        _ => None,
    }
}

/// Every expression that a compartment names.
fn reads(one: &Compartment) -> impl Iterator<Item = ExprId> {
    let dosing = [one.bioavailability, one.lag, one.rate, one.duration];
    [Some(one.derivative), one.initial].into_iter().chain(dosing).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::{
        BinaryOp, DisplayUnit, Distribution, Output, Param, Provenance, Residual, verify,
    };

    fn output(name: &str, value: ExprId) -> Output {
        let (unit, residual) = (DisplayUnit::default(), Residual::default());
        Output { name: name.into(), value, unit, label: String::new(), residual }
    }

    /// `a` loses to `b`; `c` reads `b` and itself, `d` reads `c`.
    fn chain() -> Model {
        let mut model = Model::default();
        let states: Vec<ExprId> = (0..4).map(|at| model.exprs.add(Node::State(at))).collect();
        let sum = |model: &mut Model, a: usize, b: usize| {
            model.exprs.add(Node::Binary(BinaryOp::Add, states[a], states[b]))
        };
        let both = sum(&mut model, 1, 2);
        let rates = [states[0], states[0], both, states[2]];
        for (name, derivative) in ["a", "b", "c", "d"].into_iter().zip(rates) {
            model.compartments.push(Compartment::of(name, derivative));
        }
        for (name, value) in [("of_a", states[0]), ("of_d", states[3]), ("of_b", states[1])] {
            model.outputs.push(output(name, value));
        }
        let total = sum(&mut model, 0, 1);
        let of_all = model.exprs.add(Node::Binary(BinaryOp::Add, total, states[3]));
        let inflow = model.exprs.add(Node::Const(0.0));
        model.balances = vec![Balance { total, inflow }, Balance { total: of_all, inflow }];
        model
    }

    fn names(model: &Model) -> Vec<&str> {
        model.compartments.iter().map(|one| one.name.as_str()).collect()
    }

    #[test]
    fn what_nothing_asked_for_reads_is_left_out() {
        let model = chain();
        let of = |outputs: &[usize], compartments: &[usize]| {
            let (outputs, compartments) = (outputs.to_vec(), compartments.to_vec());
            let wanted = Wanted { outputs, compartments, ..Wanted::default() };
            let pruned = model.pruned(&wanted);
            assert_eq!(verify(&pruned), Vec::<String>::new());
            pruned
        };
        assert_eq!(names(&of(&[0], &[])), ["a"]);
        assert_eq!(names(&of(&[2], &[])), ["a", "b"]);
        assert_eq!(names(&of(&[0], &[2])), ["a", "b", "c"]);
        assert_eq!(names(&of(&[1, 0, 2], &[])), ["a", "b", "c", "d"]);
        assert_eq!(of(&[1, 0, 2], &[]).compartments, model.compartments);
        let with_c = of(&[0], &[2]);
        assert_eq!(with_c.balances.len(), 1);
        assert_eq!(with_c.outputs.iter().map(|one| &one.name).collect::<Vec<_>>(), ["of_a"]);
    }

    #[test]
    fn what_a_held_parameter_switches_off_is_left_out() {
        let mut model = chain();
        model.params.push(Param {
            name: "on".into(),
            value: 0.0,
            unit: DisplayUnit::default(),
            uncertain: Distribution::Fixed,
            varies: Distribution::Fixed,
            bounds: (0.0, 1.0),
            provenance: Provenance::default(),
            spread_assumed: String::new(),
            label: String::new(),
        });
        let on = model.exprs.add(Node::Param(0));
        let (a, d) = (model.compartments[0].derivative, model.outputs[1].value);
        model.compartments[0].derivative = model.exprs.select(on, d, a);
        let of = |held: &[usize]| {
            let (outputs, held) = (vec![0], held.to_vec());
            model.pruned(&Wanted { outputs, held, ..Wanted::default() })
        };
        assert_eq!(names(&of(&[])), ["a", "b", "c", "d"]);
        assert_eq!(names(&of(&[0])), ["a"]);
        assert_eq!(of(&[0]).params.len(), 1);
    }
}
