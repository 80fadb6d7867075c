//! The engine's types of many subjects, until the engine has them.

use super::Plan;
use epsom_engine::{RunCause, RunFailure, StepOptions, Timeline, run_linear, run_stepped};

/// One subject to run.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject<'a> {
    /// One value per parameter, base units.
    pub params: Vec<f64>,
    /// One value per covariate, base units.
    pub covariates: Vec<f64>,
    /// Doses, observations, covariates over time.
    pub timeline: &'a Timeline,
}

/// What became of a subject.
#[derive(Debug, Clone, PartialEq)]
pub struct Trajectory {
    /// Outputs, then compartments, per observation.
    pub rows: Vec<f64>,
    /// Values per observation.
    pub width: usize,
    /// What stopped it early.
    pub failure: Option<RunFailure>,
}

/// Exact where the model is linear, else step by step; no covariates but the timeline's.
pub(super) fn integrate(plan: &Plan<'_>, subjects: &[Subject<'_>]) -> Vec<Trajectory> {
    let width = plan.model.outputs.len() + plan.model.compartments.len();
    let one = |subject: &Subject<'_>| {
        let (params, timeline) = (&subject.params, subject.timeline);
        let found = run_linear(plan.model, params, timeline).or_else(|failure| {
            if failure.cause != RunCause::NotLinear {
                return Err(failure);
            }
            run_stepped(plan.model, plan.compiled, params, timeline, &StepOptions::default())
        });
        match found {
            Ok(rows) => Trajectory { rows: rows.concat(), width, failure: None },
            Err(failure) => Trajectory { rows: Vec::new(), width, failure: Some(failure) },
        }
    };
    subjects.iter().map(one).collect()
}
