//! What a model rests on.

use std::collections::{BTreeSet, VecDeque};

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
    /// Numbers with a dimension in equations, which have neither a row nor a reason.
    pub bare_literals: usize,
    /// Per output its name and the indices of the parameters it rests on.
    pub rests_on: Vec<(String, Vec<usize>)>,
    /// How each conservation was shown.
    pub balances: Vec<String>,
}

/// Counts of `model`.
pub(super) fn info(model: &Model) -> ModelInfo {
    // A hypothesis is no number of the model: it is counted apart.
    let count = |test: fn(&crate::ir::Param) -> bool| {
        let params = model.params.iter().enumerate();
        params.filter(|(at, p)| !model.hypotheses.contains(at) && test(p)).count()
    };
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
        bare_literals: 0,
        balances: Vec::new(),
    }
}

/// Indices of the parameters that output `at` rests on, through the compartments it reads.
pub fn rests_on(model: &Model, at: usize) -> Vec<usize> {
    let found: BTreeSet<usize> =
        branches(model, at).into_iter().flat_map(|branch| branch.params).collect();
    found.into_iter().collect()
}

/// What an output reads at one place, and what is first met there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Branch {
    /// The compartment through whose equation it is read; none for the output itself.
    pub compartment: Option<usize>,
    /// The branch that reads it, by index; the first branch is read by none.
    pub parent: usize,
    /// Indices of parameters first met here.
    pub params: Vec<usize>,
    /// Indices of covariates first met here.
    pub covariates: Vec<usize>,
}

/// What output `at` rests on, nearest first: the output itself, the compartments it reads, those
/// that their equations, starts and doses read, and so on.
pub fn branches(model: &Model, at: usize) -> Vec<Branch> {
    let mut found: Vec<Branch> = Vec::new();
    // What events make of each compartment, and when.
    let changed = |at: usize| {
        let changes =
            |event: &&crate::ir::Event| event.changes.iter().any(|&(to, _)| to as usize == at);
        model.events.iter().filter(changes).flat_map(crate::ir::Event::reads).collect::<Vec<_>>()
    };
    let (mut params, mut covariates) = (BTreeSet::new(), BTreeSet::new());
    let (mut compartments, mut modes) = (BTreeSet::new(), BTreeSet::new());
    let mut next: VecDeque<(Option<usize>, usize)> = VecDeque::from([(None, 0)]);
    while let Some((compartment, parent)) = next.pop_front() {
        let mut branch = Branch { compartment, parent, ..Branch::default() };
        let mut waiting = match compartment.map(|at| &model.compartments[at]) {
            None => vec![model.outputs[at].value],
            Some(c) => {
                let rest = [c.initial, c.bioavailability, c.lag, c.rate, c.duration];
                let own = [c.derivative].into_iter().chain(rest.into_iter().flatten());
                own.chain(compartment.into_iter().flat_map(changed)).collect()
            }
        };
        while !waiting.is_empty() {
            for id in reachable(&model.exprs, std::mem::take(&mut waiting)) {
                match model.exprs.node(id) {
                    Node::Param(one) if params.insert(one) => branch.params.push(one as usize),
                    Node::Covariate(one) if covariates.insert(one) => {
                        branch.covariates.push(one as usize);
                    }
                    Node::State(one) | Node::DoseTime(one) | Node::DoseAmount(one)
                        if compartments.insert(one) =>
                    {
                        next.push_back((Some(one as usize), found.len()));
                    }
                    Node::Mode(mode) if modes.insert(mode) => {
                        waiting.extend(model.modes[mode as usize].reads());
                    }
                    _ => {}
                }
            }
        }
        branch.params.sort_unstable();
        branch.covariates.sort_unstable();
        found.push(branch);
    }
    found
}
