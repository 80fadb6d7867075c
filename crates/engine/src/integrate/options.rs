//! How to integrate, and what comes out.

use crate::clock::RunFailure;
use crate::rules::{Conduct, Decision};
use crate::timeline::Timeline;
use epsom_model::ir::Model;

/// One subject to run.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject<'a> {
    /// One value per parameter, base units.
    pub params: Vec<f64>,
    /// One value per covariate, base units; where the timeline has a track, that holds instead.
    pub covariates: Vec<f64>,
    /// Doses, observations, covariates over time.
    pub timeline: &'a Timeline,
    /// Covariates that hang on others.
    pub follows: Vec<Follow>,
    /// Rules that change the doses; none where all are taken as planned.
    pub conduct: Option<Conduct<'a>>,
}

/// A covariate whose value hangs on that of another, as deviations of occasions do.
#[derive(Debug, Clone, PartialEq)]
pub struct Follow {
    /// The covariate, by index.
    pub covariate: u32,
    /// The covariate that it follows, by index; it holds between its records.
    pub by: u32,
    /// Values of the other, and its own there, base units; at any other it keeps what it had.
    pub values: Vec<(f64, f64)>,
}

/// How to integrate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// Relative tolerance: above 0, and not below what arithmetic can hold, about 1e-14.
    pub rtol: f64,
    /// Absolute tolerance of every compartment, base units; none for 1e-2 of the relative one times
    /// the compartment's usual size: as declared, else the larger of its start and the largest
    /// dose, else 1.
    pub atol: Option<f64>,
    /// Method between stops.
    pub solver: Solver,
    /// What an output does that is not a finite number.
    pub not_finite: NotFinite,
    /// Most steps, accepted or not, between two stops; and most stops between two records.
    pub max_steps: u64,
    /// Subjects per block.
    pub lanes: Lanes,
    /// Instructions; none for the best this machine has.
    pub isa: Option<Isa>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            rtol: 1e-8,
            atol: None,
            solver: Solver::Auto,
            not_finite: NotFinite::Stops,
            max_steps: 1_000_000,
            lanes: Lanes::Auto,
            isa: None,
        }
    }
}

/// Method between stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Solver {
    /// Exact where the model is linear with constant coefficients, else Tsit5, and from where
    /// that finds it stiff Rodas4; Rodas5P below a tolerance of 1e-5, Dop853 below one of 1e-8.
    #[default]
    Auto,
    /// Tsit5: explicit, order 5(4).
    Tsit5,
    /// Dop853: explicit, order 8(5,3), for tight tolerances.
    Dop853,
    /// Rodas4: Rosenbrock, order 4(3), for stiff problems; a subject with a compartment turned off
    /// is stepped with Tsit5.
    Rodas4,
    /// Rodas5P: Rosenbrock, order 5(4), for stiff problems at tight tolerances; otherwise as
    /// Rodas4.
    Rodas5P,
    /// Matrix exponential; a model that is not linear fails.
    Linear,
}

/// What an output does that is not a finite number; a compartment always stops its subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NotFinite {
    /// Stops the subject before that row.
    #[default]
    Stops,
    /// Stands in its row as it is.
    Kept,
}

/// Subjects per block; results do not depend on it.
#[allow(missing_docs, reason = "the names say the number")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lanes {
    /// As many as there are subjects, up to 32, or 64 where an interpreter has 512-bit vectors.
    #[default]
    Auto,
    L1,
    L8,
    L16,
    L32,
    L64,
}

/// How instructions are carried out; results do not depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isa {
    /// What every machine of this architecture has.
    Baseline,
    /// 256-bit vectors of x86-64.
    Avx2,
    /// 512-bit vectors of x86-64.
    Avx512,
    /// The same, with steps as machine code made for the model.
    Code,
}

/// What became of a subject.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trajectory {
    /// Outputs, then compartments, base units.
    ///
    /// # Shape
    /// Observation, then `width` values; fewer observations after a failure.
    pub rows: Vec<f64>,
    /// Values per observation.
    pub width: usize,
    /// What stopped it early.
    pub failure: Option<RunFailure>,
    /// Work done.
    pub counts: Counts,
    /// What rules did, by time.
    pub decisions: Vec<Decision>,
}

/// Work done for a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Accepted steps.
    pub steps: u64,
    /// Rejected steps.
    pub rejections: u64,
    /// Jacobians factored; one per step of Rodas4 and Rodas5P, accepted or not.
    pub factorizations: u64,
    /// Modes that flipped at a root.
    pub flips: u64,
}

/// Why a subject cannot be integrated further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The step became too small for the clock.
    StepUnderflow {
        /// Compartment whose error was largest beside its tolerance.
        compartment: u32,
    },
    /// A derivative or the state is infinite or not a number.
    NotFinite,
    /// More steps than allowed.
    TooManySteps,
}

impl<'a> Subject<'a> {
    /// The typical person of `model`.
    pub fn typical(model: &Model, timeline: &'a Timeline) -> Self {
        Self {
            params: model.params.iter().map(|param| param.value).collect(),
            covariates: model.covariates.iter().map(|covariate| covariate.default).collect(),
            timeline,
            follows: Vec::new(),
            conduct: None,
        }
    }
}

impl Trajectory {
    /// One slice per observation: outputs, then compartments.
    pub fn rows(&self) -> std::slice::ChunksExact<'_, f64> {
        self.rows.chunks_exact(self.width.max(1))
    }
}
