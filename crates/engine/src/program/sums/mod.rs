//! Fewer operations: signs are moved and sums that others hold are computed once.
//!
//! What leaves a compartment enters another one, so typical models have each flow once with each
//! sign, and their derivatives by parameters double the pattern. Here negations and differences
//! become signs of terms ([`terms`]), constant factors that products of a sum have in common are
//! multiplied once ([`factors`]), two terms that stand together in several sums become one
//! ([`pairs`]), and each sum begins with a positive term, so that negations are left
//! only where a result needs one ([`write`]).
//!
//! A product with two factors that are constant between stops multiplies these once per stop.
//!
//! Terms and factors are taken in another order where that saves an operation, and signs change;
//! nothing is distributed or canceled.

mod factors;
mod pairs;
mod read;
mod terms;
#[cfg(test)]
mod tests;
mod write;

use super::lower::needed;
use super::prepare::Prepared;
use epsom_model::ir::{ExprId, Exprs};
use terms::Terms;
use write::write;

/// What one group computes.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// What it gives.
    pub roots: Vec<ExprId>,
    /// Results of earlier groups that it reads.
    pub given: Vec<ExprId>,
}

/// Rewrites what `groups` ask for where that takes fewer operations.
pub(super) fn share(prepared: &mut Prepared, groups: &mut Vec<Asked>) {
    let before = n_operations(&prepared.exprs, &prepared.varies, groups);
    if before.iter().all(|&n| n < 2) {
        return;
    }
    let Prepared { exprs, varies, .. } = prepared;
    let mut terms = Terms::default();
    let found = terms.read(exprs, varies, groups);
    factors::take_out(&mut terms, exprs, &found);
    pairs::share(&mut terms);
    let written = write(exprs, &terms, &found);
    let of = |id: &ExprId| written[id.0 as usize].unwrap_or(*id);
    let new: Vec<Asked> = groups
        .iter()
        .map(|group| Asked {
            roots: group.roots.iter().map(of).collect(),
            given: group.given.iter().map(of).collect(),
        })
        .collect();
    prepared.extend();
    let after = n_operations(&prepared.exprs, &prepared.varies, &new);
    let grows = before.iter().zip(&after).any(|(before, after)| after > before);
    if !grows && after != before {
        *groups = new;
    }
}

/// Numbers of arithmetic operations of each group.
fn n_operations(exprs: &Exprs, varies: &[bool], groups: &[Asked]) -> Vec<usize> {
    let count = |group: &Asked| needed(exprs, varies, &group.roots, &group.given).len();
    groups.iter().map(count).collect()
}
