//! What a model rests on.

use crate::ir::{Distribution, Model, Node, reachable};

/// Counts and lists for `epsom check`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ModelInfo {
    /// Parameters with a row.
    pub sourced: usize,
    /// Parameters with a reason instead of a row.
    pub assumed: usize,
    /// Parameters with a row from memory.
    pub recalled: usize,
    /// Parameters with a row that is an assumption.
    pub assumption_rows: usize,
    /// Parameters without uncertainty.
    pub without_spread: usize,
    /// Parameters with a row that was not measured in people.
    pub not_human: usize,
    /// Per output its name and the indices of the parameters it rests on.
    pub rests_on: Vec<(String, Vec<usize>)>,
    /// How each conservation was shown.
    pub balances: Vec<String>,
}

/// Counts of `model`.
pub(super) fn info(model: &Model) -> ModelInfo {
    let count =
        |test: fn(&crate::ir::Param) -> bool| model.params.iter().filter(|p| test(p)).count();
    ModelInfo {
        sourced: count(|p| !p.provenance.rows.is_empty()),
        assumed: count(|p| p.provenance.rows.is_empty() && p.provenance.assumed.is_some()),
        recalled: count(|p| p.provenance.recalled),
        assumption_rows: count(|p| p.provenance.assumption_row),
        without_spread: count(|p| p.uncertain == Distribution::Fixed),
        not_human: count(|p| p.provenance.not_human),
        rests_on: (0..model.outputs.len())
            .map(|at| (model.outputs[at].name.clone(), rests_on(model, at)))
            .collect(),
        balances: Vec::new(),
    }
}

/// Indices of the parameters that output `at` rests on, through the compartments it reads.
pub fn rests_on(model: &Model, at: usize) -> Vec<usize> {
    let mut seen = std::collections::BTreeSet::new();
    let mut compartments = std::collections::BTreeSet::new();
    let mut modes = std::collections::BTreeSet::new();
    let mut waiting = vec![model.outputs[at].value];
    while !waiting.is_empty() {
        for id in reachable(&model.exprs, std::mem::take(&mut waiting)) {
            match model.exprs.node(id) {
                Node::Param(param) => {
                    seen.insert(param as usize);
                }
                Node::State(one) | Node::DoseTime(one) | Node::DoseAmount(one)
                    if compartments.insert(one) =>
                {
                    let c = &model.compartments[one as usize];
                    waiting.push(c.derivative);
                    let rest = [c.initial, c.bioavailability, c.lag, c.rate, c.duration];
                    waiting.extend(rest.into_iter().flatten());
                }
                Node::Mode(mode) if modes.insert(mode) => {
                    waiting.extend(model.modes[mode as usize].reads());
                }
                _ => {}
            }
        }
    }
    seen.into_iter().collect()
}
