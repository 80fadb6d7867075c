//! The kinds of experiment that the plan of targets may name: what is run and what is read.

mod body;
mod brain;
mod fluid;
mod oral;
mod vein;

use super::lab::{Experiment, Lab, Seen};
use super::targets::Args;

/// A kind of experiment.
#[derive(Debug)]
pub(super) struct Case {
    /// Name in the plan.
    pub(super) name: &'static str,
    /// What the plan has to say, in any order.
    pub(super) keys: &'static [&'static str],
    /// Experiments to run; none where the answer is in the parameters.
    pub(super) setup: fn(&Lab<'_>, &Args) -> Vec<Experiment>,
    /// What is read from them, in the unit of the row; NaN where the plan makes no sense.
    pub(super) read: fn(&Seen<'_>, &Args) -> f64,
}

/// Every kind, by topic.
pub(super) fn cases() -> impl Iterator<Item = &'static Case> {
    [vein::CASES, oral::CASES, body::CASES, brain::CASES, fluid::CASES].into_iter().flatten()
}

/// Hour of single doses, two hours after breakfast.
pub(super) const DOSE_H: f64 = 10.5;

/// Nothing to run.
fn nothing(_: &Lab<'_>, _: &Args) -> Vec<Experiment> {
    Vec::new()
}
