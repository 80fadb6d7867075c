//! Meta-analysis: pooled effects, how much studies differ, and how much one study decides.
//!
//! Everything works on [`StudyEffect`] values of one measure on its analysis scale. Formulas and
//! sources stand in `docs/theory/synthesis.md`. The order of the studies changes no bit.
//!
//! ```
//! use epsom_evidence::synthesis::{Options, StudyEffect, pool};
//!
//! let study = |label: &str, estimate, variance| {
//!     StudyEffect { label: label.to_owned(), estimate, variance }
//! };
//! let studies = [study("a", 0.2, 0.04), study("b", 0.5, 0.04), study("c", 0.8, 0.04)];
//! let pooled = pool(&studies, &Options::default())?;
//! assert!((pooled.estimate - 0.5).abs() < 1e-15);
//! // Variance of the three estimates less the sampling variance: 0.09 - 0.04.
//! assert!((pooled.tau2 - 0.05).abs() < 1e-12);
//! # Ok::<(), epsom_evidence::synthesis::SynthesisError>(())
//! ```

mod bayes;
mod bias;
mod linear;
mod pool;
mod regression;
mod robust;
mod sensitivity;
mod tau2;

pub use bayes::{Posterior, Prior, Summary, shrink};
pub use bias::{Egger, FillEstimator, Side, TrimFill, egger, trim_and_fill};
pub use pool::{Heterogeneity, Inference, Model, Options, Pooled, Tau2Method, pool};
pub use regression::{Coefficient, Regression, meta_regression};
pub use robust::{ClusteredEffect, Robust, RobustCoefficient, robust};
pub use sensitivity::{Subgroup, Subgroups, cumulative, leave_one_out, subgroups};

use std::fmt;

use crate::effects::Effect;

/// One study's effect on the analysis scale.
#[derive(Debug, Clone, PartialEq)]
pub struct StudyEffect {
    /// What names it in tables and figures.
    pub label: String,
    /// Estimate.
    pub estimate: f64,
    /// Sampling variance, above 0.
    pub variance: f64,
}

impl StudyEffect {
    /// An effect under a name.
    pub fn new(label: impl Into<String>, effect: &Effect) -> Self {
        Self { label: label.into(), estimate: effect.estimate, variance: effect.variance }
    }
}

/// Why studies cannot be put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SynthesisError {
    /// An estimate or variance is NaN or infinite; the study.
    NotFinite(String),
    /// A variance that is not above 0 would decide everything; the study.
    NoVariance(String),
    /// The method needs more studies (or clusters).
    TooFew {
        /// How many there are.
        k: usize,
        /// How many it needs.
        needed: usize,
    },
    /// The design matrix does not have one row per study, or the groups do not.
    Shape,
    /// A moderator is constant, or follows from the others; its column.
    Collinear {
        /// Column of the design, the intercept being 0.
        column: usize,
    },
    /// A level, prior or tuning number lies outside of what it can be; which.
    OutOfRange(&'static str),
}

impl fmt::Display for SynthesisError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFinite(label) => write!(f, "the effect of `{label}` is not a finite number"),
            Self::NoVariance(label) => write!(f, "the variance of `{label}` is not above 0"),
            Self::TooFew { k, needed } => write!(f, "{k} studies, but the method needs {needed}"),
            Self::Shape => write!(f, "moderators or groups do not match the studies"),
            Self::Collinear { column } => {
                write!(f, "moderator {column} is constant or follows from the others")
            }
            Self::OutOfRange(what) => write!(f, "the {what} lies outside of what it can be"),
        }
    }
}

impl std::error::Error for SynthesisError {}

/// That every study can be used, and that there are enough.
pub(crate) fn check(studies: &[StudyEffect], needed: usize) -> Result<(), SynthesisError> {
    if studies.len() < needed {
        return Err(SynthesisError::TooFew { k: studies.len(), needed });
    }
    for study in studies {
        if !(study.estimate.is_finite() && study.variance.is_finite()) {
            return Err(SynthesisError::NotFinite(study.label.clone()));
        }
        if study.variance <= 0.0 {
            return Err(SynthesisError::NoVariance(study.label.clone()));
        }
    }
    Ok(())
}

pub(crate) fn check_level(level: f64) -> Result<(), SynthesisError> {
    if level > 0.0 && level < 1.0 { Ok(()) } else { Err(SynthesisError::OutOfRange("level")) }
}

#[cfg(test)]
mod tests;
