//! The most likely parameters given data and what was known before, and how well they are known.
//!
//! Sums of squares with priors, minimized by damped Gauss-Newton steps within bounds. Derivatives
//! are central differences: all points of one step are asked for at once, so a model advances them
//! in the lanes of one run. Own code, since the known libraries take neither bounds nor many points
//! at once, and choose instructions at run time. Equations: `docs/theory/calibration.md`.

mod descend;
mod profile;
#[cfg(test)]
mod tests;

pub use descend::{fit, objectives};
pub use profile::{Profile, ProfilePoint, profile};

use epsom_maths::{AlgebraError, Matrix};

/// What is known of a parameter before the data, on the scale that is fitted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior {
    /// Center.
    pub center: f64,
    /// Standard deviation.
    pub sd: f64,
    /// Lowest value it may take.
    pub lo: f64,
    /// Highest value it may take.
    pub hi: f64,
}

/// One list of deviations for each set of parameters.
pub type Deviations<'a> = dyn Fn(&[Vec<f64>]) -> Vec<Vec<f64>> + 'a;

/// What is minimized, and how.
pub struct Problem<'a> {
    /// One per parameter.
    pub priors: &'a [Prior],
    /// For each set of parameters: deviations of the data in their standard deviations.
    pub deviations: &'a Deviations<'a>,
    /// Step of the differences as a share of a prior's standard deviation.
    pub difference: f64,
    /// Asked before each step.
    pub cancelled: &'a dyn Fn() -> bool,
}

/// The most likely parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// Values.
    pub values: Vec<f64>,
    /// Sum of squares, of data and priors.
    pub objective: f64,
    /// The data's part of it.
    pub of_data: f64,
    /// Covariance from the derivatives at the values.
    pub covariance: Matrix,
    /// Whether a value stands at one of its bounds.
    pub at_bound: Vec<bool>,
    /// Steps taken.
    pub n_steps: usize,
}

impl Fit {
    /// Standard error of each value.
    pub fn errors(&self) -> Vec<f64> {
        (0..self.values.len()).map(|at| self.covariance.at(at, at).sqrt()).collect()
    }

    /// Correlation of two values.
    pub fn correlation(&self, one: usize, other: usize) -> f64 {
        let of = |at: usize| self.covariance.at(at, at);
        self.covariance.at(one, other) / (of(one) * of(other)).sqrt()
    }
}

/// Why there is no fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FitError {
    /// The start, or a neighbor of a point on the way, has a deviation that is no number.
    NotFinite,
    /// The equations of a step cannot be solved.
    Algebra(AlgebraError),
    /// No step leads lower though the derivatives say so, or there were too many.
    NotSettled,
    /// Interrupted.
    Cancelled,
}
