//! Subjects to trajectories.

use epsom_engine::{Compiled, Options, RunFailure, Subject, Timeline, compile, integrate};
use epsom_model::ir::Model;

/// Rows of one subject, and why they end early.
pub(crate) struct Solved {
    /// Outputs, then compartments, base units, row after row.
    pub(crate) rows: Vec<f64>,
    /// What stopped it.
    pub(crate) failure: Option<RunFailure>,
}

/// A model ready to run.
pub(crate) struct Solver<'a> {
    compiled: Compiled,
    params: &'a [f64],
    options: Options,
}

impl<'a> Solver<'a> {
    /// For the parameters of one run.
    pub(crate) fn new(model: &Model, params: &'a [f64], rtol: f64) -> Self {
        let options = Options { rtol, ..Options::default() };
        Self { compiled: compile(model), params, options }
    }

    /// Exactly where the model is linear, step by step otherwise.
    pub(crate) fn solve(&self, timeline: &Timeline) -> Solved {
        let params = self.params.to_vec();
        let subject = Subject { params, ..Subject::typical(&self.compiled.model, timeline) };
        let solved = integrate(&self.compiled, &[subject], &self.options).pop();
        let (rows, failure) = solved.map_or_else(Default::default, |one| (one.rows, one.failure));
        Solved { rows, failure }
    }
}
