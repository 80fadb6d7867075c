//! What every model must satisfy, checked after each pass in tests.

use std::collections::BTreeSet;

use super::{ExprId, Exprs, Mode, Model, Node};

/// Everything that is wrong with the shape of `model`; empty if nothing is.
pub fn verify(model: &Model) -> Vec<String> {
    let mut faults = Vec::new();
    let counts =
        [model.params.len(), model.covariates.len(), model.compartments.len(), model.modes.len()];
    for index in 0..model.exprs.len() {
        let node = model.exprs.node(ExprId(index as u32));
        if node.operands().any(|operand| operand.0 as usize >= index) {
            faults.push(format!("%{index} reads a later node"));
        }
        let (what, at, count) = match node {
            Node::Param(at) => ("parameter", at, counts[0]),
            Node::Covariate(at) => ("covariate", at, counts[1]),
            Node::State(at) | Node::DoseTime(at) | Node::DoseAmount(at) => {
                ("compartment", at, counts[2])
            }
            Node::Mode(at) => ("mode", at, counts[3]),
            _ => continue,
        };
        if at as usize >= count {
            faults.push(format!("%{index} names {what} {at} of {count}"));
        }
    }
    for (what, root) in model.roots() {
        if root.0 as usize >= model.exprs.len() {
            faults.push(format!("{what} is not in the table"));
        }
    }
    if !faults.is_empty() {
        return faults;
    }
    for (index, mode) in model.modes.iter().enumerate() {
        for guard in mode.reads() {
            if reachable(&model.exprs, [guard]).iter().any(
                |&id| matches!(model.exprs.node(id), Node::Mode(inner) if inner as usize >= index),
            ) {
                faults.push(format!("mode {index} depends on itself or a later mode"));
            }
        }
    }
    if model.hypotheses.iter().any(|&at| at >= counts[0]) {
        faults.push("a hypothesis names a missing parameter".into());
    }
    let n_compartments = counts[2];
    if model.registers.iter().any(|&at| at >= n_compartments) {
        faults.push("a register is a missing compartment".into());
    }
    for event in &model.events {
        if event.changes.iter().any(|&(at, _)| at as usize >= n_compartments) {
            faults.push(format!("event {} changes a missing compartment", event.name));
        }
    }
    for correlation in &model.correlations {
        if correlation.first >= counts[0] || correlation.second >= counts[0] {
            faults.push("a correlation names a missing parameter".into());
        }
    }
    for one in &model.occasions {
        if one.param >= counts[0] || one.covariate.max(one.by) >= counts[1] {
            faults.push("an occasion names a missing parameter or covariate".into());
        }
    }
    faults
}

/// The nodes that `roots` rest on, themselves included, in order.
pub fn reachable(exprs: &Exprs, roots: impl IntoIterator<Item = ExprId>) -> BTreeSet<ExprId> {
    let mut seen = BTreeSet::new();
    let mut waiting: Vec<ExprId> = roots.into_iter().collect();
    while let Some(id) = waiting.pop() {
        if seen.insert(id) {
            waiting.extend(exprs.node(id).operands());
        }
    }
    seen
}

impl Mode {
    /// The expressions that its register follows.
    pub fn reads(&self) -> Vec<ExprId> {
        match *self {
            Mode::Root { value, .. } | Mode::Affine { value, .. } => vec![value],
            Mode::Window { every, from, length } => vec![every, from, length],
        }
    }
}

impl Model {
    /// Every expression the model names, with what it is.
    pub fn roots(&self) -> Vec<(String, ExprId)> {
        let mut roots = Vec::new();
        for compartment in &self.compartments {
            let name = &compartment.name;
            roots.push((format!("d/dt({name})"), compartment.derivative));
            for (what, root) in [
                (format!("{name}(0)"), compartment.initial),
                (format!("f({name})"), compartment.bioavailability),
                (format!("alag({name})"), compartment.lag),
                (format!("rate({name})"), compartment.rate),
                (format!("dur({name})"), compartment.duration),
            ] {
                roots.extend(root.map(|root| (what, root)));
            }
        }
        for (index, mode) in self.modes.iter().enumerate() {
            roots.extend(mode.reads().into_iter().map(|root| (format!("mode {index}"), root)));
        }
        for event in &self.events {
            let name = &event.name;
            roots.extend(event.reads().into_iter().map(|root| (format!("event {name}"), root)));
        }
        for output in &self.outputs {
            let name = &output.name;
            roots.push((format!("output {name}"), output.value));
            let parts = output.residual.parts();
            roots.extend(parts.into_iter().map(|(_, part)| (format!("residual {name}"), part)));
        }
        for balance in &self.balances {
            roots.push(("balance".into(), balance.total));
            roots.push(("inflow".into(), balance.inflow));
        }
        roots
    }

    /// Renames every expression the model names, after its table was rewritten.
    pub fn move_roots(&mut self, to: impl Fn(ExprId) -> ExprId) {
        let every = |id: &mut ExprId| *id = to(*id);
        for one in &mut self.compartments {
            every(&mut one.derivative);
            let optional = [&mut one.initial, &mut one.bioavailability, &mut one.lag];
            let modeled = [&mut one.rate, &mut one.duration];
            optional.into_iter().chain(modeled).flatten().for_each(every);
        }
        for mode in &mut self.modes {
            match mode {
                Mode::Root { value, .. } | Mode::Affine { value, .. } => every(value),
                Mode::Window { every: period, from, length } => {
                    [period, from, length].into_iter().for_each(every);
                }
            }
        }
        self.events.iter_mut().for_each(|event| event.move_roots(&to));
        for output in &mut self.outputs {
            every(&mut output.value);
            output.residual.move_roots(&to);
        }
        for balance in &mut self.balances {
            every(&mut balance.total);
            every(&mut balance.inflow);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_named() {
        let mut model = Model::default();
        let mode = model.exprs.add(Node::Mode(0));
        model.modes.push(Mode::Root { value: mode, strict: true });
        assert_eq!(verify(&model), ["mode 0 depends on itself or a later mode"]);
        model.exprs.add(Node::State(3));
        assert_eq!(verify(&model), ["%1 names compartment 3 of 0"]);
    }
}
