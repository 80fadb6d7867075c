//! Subjects to trajectories, on all cores.

use super::rules::Given;
use epsom_engine::{Compiled, NotFinite, Options, Solver, Subject, Trajectory, compile, integrate};
use epsom_model::ir::Model;
use epsom_population::SubjectRecords;
use rayon::prelude::*;

/// Subjects that a thread runs together at most: enough for lanes that free themselves.
const BLOCK: usize = 128;
/// Values of rows that are held before they are written; a subject alone may have more.
const MOST_VALUES: usize = 1 << 24;

/// Method between stops, as the command line names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum Method {
    /// Exact where the model is linear, else by steps that suit it
    #[default]
    Auto,
    /// Explicit steps of order 5
    Tsit5,
    /// Explicit steps of order 8, for very tight tolerances
    Dop853,
    /// Implicit steps of order 4, for stiff models
    Rodas4,
    /// Implicit steps of order 5, for stiff models at tight tolerances
    #[value(name = "rodas5p")]
    Rodas5P,
    /// Matrix exponential; a model that is not linear fails
    Linear,
}

impl Method {
    /// As it is typed.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Tsit5 => "tsit5",
            Self::Dop853 => "dop853",
            Self::Rodas4 => "rodas4",
            Self::Rodas5P => "rodas5p",
            Self::Linear => "linear",
        }
    }
}

/// A model ready to run with the parameters of one run.
pub(crate) struct Runner<'a> {
    compiled: Compiled,
    params: &'a [f64],
    covariates: Vec<f64>,
    options: Options,
    /// Rules and the seed of lapses.
    rules: (&'a Given, u64),
}

/// How accurately, and by which method.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Accuracy {
    /// Relative tolerance.
    pub(crate) rtol: f64,
    /// Absolute tolerance of every compartment, base units; none for the usual.
    pub(crate) atol: Option<f64>,
    /// Method.
    pub(crate) method: Method,
}

/// The same for the engine.
pub(crate) fn options(accuracy: &Accuracy) -> Options {
    Options {
        rtol: accuracy.rtol,
        atol: accuracy.atol,
        not_finite: NotFinite::Kept,
        solver: match accuracy.method {
            Method::Auto => Solver::Auto,
            Method::Tsit5 => Solver::Tsit5,
            Method::Dop853 => Solver::Dop853,
            Method::Rodas4 => Solver::Rodas4,
            Method::Rodas5P => Solver::Rodas5P,
            Method::Linear => Solver::Linear,
        },
        ..Options::default()
    }
}

impl<'a> Runner<'a> {
    /// Compiles the model; one of `covariates` per covariate of the model, base units.
    pub(crate) fn new(
        model: &Model,
        params: &'a [f64],
        covariates: Vec<f64>,
        accuracy: Accuracy,
        rules: (&'a Given, u64),
    ) -> Self {
        let options = options(&accuracy);
        Self { compiled: compile(model), params, covariates, options, rules }
    }

    /// One trajectory per subject, in order; threads and blocks do not show in it.
    pub(crate) fn run(&self, subjects: &[SubjectRecords]) -> Vec<Trajectory> {
        // A thread takes part in few subjects too.
        let size = subjects.len().div_ceil(rayon::current_num_threads()).clamp(1, BLOCK);
        let blocks: Vec<Vec<Trajectory>> =
            subjects.par_chunks(size).map(|block| self.run_block(block)).collect();
        blocks.into_iter().flatten().collect()
    }

    fn run_block(&self, subjects: &[SubjectRecords]) -> Vec<Trajectory> {
        let block = subjects.iter().map(|one| Subject {
            params: self.params.to_vec(),
            covariates: self.covariates.clone(),
            timeline: &one.timeline,
            follows: Vec::new(),
            conduct: self.rules.0.of(&one.id, self.rules.1),
        });
        let block: Vec<Subject<'_>> = block.collect();
        integrate(&self.compiled, &block, &self.options)
    }

    /// Subjects to run between two writes: enough for all threads, not too many rows.
    pub(crate) fn chunk(&self, n_rows_of_one: usize) -> usize {
        let model = &self.compiled.model;
        let width = model.outputs.len() + model.compartments.len();
        let fits = MOST_VALUES / (n_rows_of_one * width).max(1);
        (rayon::current_num_threads() * BLOCK).min(fits).max(1)
    }
}
