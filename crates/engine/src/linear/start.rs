//! Where subjects of a group start and how doses enter, by one program.

use crate::compile::Compiled;
use crate::enters::Property;
use crate::program::{Program, lower};
use epsom_model::ir::{ExprId, Model, Node, Start, reachable};

/// Initial values and dosing properties that hold for the whole run.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Starts {
    pub(super) program: Program,
    /// Compartments with an initial value, and its root.
    pub(super) initial: Vec<(usize, usize)>,
    /// Root of each property, in the order of [`Property::ALL`], of each compartment; none where it
    /// has no such property.
    pub(super) properties: Vec<[Option<usize>; 4]>,
}

/// Starts of a model all of whose subjects may go in lanes; none where a subject has to work
/// something out for itself: conditions, events, solved starts, derivatives of doses, or properties
/// that change.
pub(super) fn starts(compiled: &Compiled) -> Option<Starts> {
    let model = &compiled.model;
    let needs_nothing = model.modes.is_empty()
        && model.events.is_empty()
        && model.registers.is_empty()
        && model.start == Start::Values
        && compiled.lines.is_empty()
        && !compiled.reads_doses;
    if !needs_nothing || !doses_are_still(compiled) {
        return None;
    }
    let mut exprs = Vec::new();
    let mut root = |id: Option<ExprId>| {
        let id = id?;
        exprs.push(id);
        Some(exprs.len() - 1)
    };
    let (mut initial, mut properties) = (Vec::new(), Vec::new());
    for (at, one) in model.compartments.iter().enumerate() {
        initial.extend(root(one.initial).map(|root| (at, root)));
        properties.push(Property::ALL.map(|property| root(property.of(one))));
    }
    is_fixed(model, &exprs).then(|| Starts {
        program: lower(&model.exprs, &exprs, compiled.layout),
        initial,
        properties,
    })
}

/// Whether no derivative by anything hangs on a dose.
fn doses_are_still(compiled: &Compiled) -> bool {
    let Some(by) = &compiled.by else { return true };
    by.properties.iter().all(Option::is_none) && !by.has_doses
}

/// Whether the expressions read parameters and covariates only.
fn is_fixed(model: &Model, exprs: &[ExprId]) -> bool {
    reachable(&model.exprs, exprs.iter().copied()).into_iter().all(|id| {
        !matches!(
            model.exprs.node(id),
            Node::State(_) | Node::Time | Node::Mode(_) | Node::DoseTime(_) | Node::DoseAmount(_)
        )
    })
}
