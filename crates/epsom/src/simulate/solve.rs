//! Subjects to trajectories.

use epsom_engine::{
    Compiled, RunCause, RunFailure, StepOptions, Timeline, compile, run_linear, run_stepped,
};
use epsom_model::ir::Model;

/// Rows of one subject, and why they end early.
pub(crate) struct Solved {
    /// Outputs, then compartments, base units, row after row.
    pub(crate) rows: Vec<f64>,
    /// What stopped it.
    pub(crate) failure: Option<RunFailure>,
}

/// A model ready to run; its program is made when the first subject needs it.
pub(crate) struct Solver<'a> {
    model: &'a Model,
    compiled: Option<Compiled>,
    params: &'a [f64],
    rtol: f64,
}

impl<'a> Solver<'a> {
    /// For the parameters of one run.
    pub(crate) fn new(model: &'a Model, params: &'a [f64], rtol: f64) -> Self {
        Self { model, compiled: None, params, rtol }
    }

    /// Exactly where the model is linear, step by step otherwise.
    pub(crate) fn solve(&mut self, timeline: &Timeline) -> Solved {
        let rows = match run_linear(self.model, self.params, timeline) {
            Err(failure) if failure.cause == RunCause::NotLinear => {
                let compiled = self.compiled.get_or_insert_with(|| compile(self.model));
                let options = StepOptions { rtol: self.rtol, ..StepOptions::default() };
                run_stepped(self.model, compiled, self.params, timeline, &options)
            }
            other => other,
        };
        match rows {
            Ok(rows) => Solved { rows: rows.concat(), failure: None },
            Err(failure) => Solved { rows: Vec::new(), failure: Some(failure) },
        }
    }
}
