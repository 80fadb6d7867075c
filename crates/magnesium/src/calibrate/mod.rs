//! The model's parameters fitted to the calibration targets, with priors from rows of the evidence.
//!
//! What is fitted stands in `models/magnesium/calibration.csv`, what it is fitted to in
//! `targets.csv`: the targets for calibration that have an interval. Equations and what came of it:
//! `docs/theory/calibration.md`.

mod json;
mod plan;
mod rows;
#[cfg(test)]
mod tests;
mod text;

use epsom_maths::{exp, ln};
use epsom_population::fit::{Fit, FitError, Prior, Problem, Profile, fit, profile};

use crate::qualify::{Lab, Outcome, Running, Score, Target, Use, outcomes, predictions, scores};
pub use json::to_json;
pub use plan::{CALIBRATION, Known, known};
pub use rows::{committed, evidence_rows, rows_csv};
pub use text::plain;

/// A fitted parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibrated {
    /// What was known before.
    pub known: Known,
    /// In the model as committed, base units.
    pub in_model: f64,
    /// The most likely value.
    pub estimate: f64,
    /// Standard error of its logarithm.
    pub error: f64,
    /// Whether it stands at a bound.
    pub at_bound: bool,
    /// Profile over the logarithm; none where it was not taken.
    pub profile: Option<Profile>,
}

/// A target that was fitted to.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// Key.
    pub id: String,
    /// What was observed.
    pub quantity: String,
    /// Unit of the row.
    pub unit: String,
    /// Key of the source.
    pub source_key: String,
    /// The number.
    pub observed: f64,
    /// Standard deviation of its logarithm that it is weighed by.
    pub log_sd: f64,
    /// Predicted with the centers of the priors.
    pub at_priors: f64,
    /// With the model as committed.
    pub in_model: f64,
    /// With the fitted parameters.
    pub fitted: f64,
}

/// A calibration.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// Parameters, in the order of their table.
    pub parameters: Vec<Calibrated>,
    /// Correlation of their logarithms.
    pub correlation: Vec<Vec<f64>>,
    /// Targets, in the order of the plan.
    pub targets: Vec<Fitted>,
    /// Targets for calibration that could not be used, and why.
    pub left_out: Vec<(String, &'static str)>,
    /// Sum of squares with the centers of the priors, with the model, and fitted.
    pub objective: [f64; 3],
    /// The data's part of the last.
    pub of_data: f64,
    /// Steps taken.
    pub n_steps: usize,
    /// Scores by group with the model as committed.
    pub scores_in_model: Vec<Score>,
    /// Scores by group with the fitted parameters.
    pub scores_fitted: Vec<Score>,
    /// Targets whose verdict differs: key, before, after.
    pub changed: Vec<(String, &'static str, &'static str)>,
    /// Whether profiles were cut short.
    pub interrupted: bool,
}

/// Why there is no calibration.
#[derive(Debug, Clone, PartialEq)]
pub enum NoCalibration {
    /// A line of a table makes no sense.
    Table(String),
    /// The fit failed.
    Fit(FitError),
}

/// Whether profiles are taken besides the fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// The fit alone.
    Fit,
    /// Also the profile of each parameter.
    Profiles,
}

/// What is fitted to: the number's logarithm and its standard deviation.
struct Datum {
    target: Target,
    log: f64,
    sd: f64,
}

/// Steps of differences are this share of a prior's standard deviation: far above the tolerance of
/// the runs, and their error is that of a third derivative times its square.
const DIFFERENCE: f64 = 0.02;

/// Fits the parameters of a table to the calibration targets of a plan.
///
/// # Errors
/// A table that makes no sense, or a fit that fails.
pub fn calibrate(
    lab: &Lab<'_>,
    table: &str,
    plan: &[Target],
    depth: Depth,
    running: &Running<'_>,
) -> Result<Calibration, NoCalibration> {
    let known = known(lab.model, lab.evidence, table).map_err(NoCalibration::Table)?;
    let (data, left_out) = data(lab, plan).map_err(NoCalibration::Table)?;
    let targets: Vec<Target> = data.iter().map(|one| one.target.clone()).collect();
    let base: Vec<f64> = lab.model.params.iter().map(|param| param.value).collect();
    let quiet = Running { seed: running.seed, n_draws: 0, progress: &|_| {}, cancelled: &|| false };
    let params = |logs: &Vec<f64>| {
        let mut params = base.clone();
        known.iter().zip(logs).for_each(|(one, log)| params[one.at] = exp(*log));
        params
    };
    let predicted = |points: &[Vec<f64>]| -> Vec<Vec<f64>> {
        let draws: Vec<Vec<f64>> = points.iter().map(params).collect();
        let of_targets = predictions(lab, &targets, &draws, &quiet);
        (0..points.len()).map(|at| of_targets.iter().map(|one| one[at]).collect()).collect()
    };
    // Eq. 1: NaN, which the fit refuses, where a prediction is not above 0.
    let deviations = |points: &[Vec<f64>]| -> Vec<Vec<f64>> {
        let of = |values: Vec<f64>| {
            values.iter().zip(&data).map(|(value, one)| (ln(*value) - one.log) / one.sd).collect()
        };
        (running.progress)(points.len());
        predicted(points).into_iter().map(of).collect()
    };
    let priors: Vec<Prior> = known.iter().map(Known::prior).collect();
    let problem = Problem {
        priors: &priors,
        deviations: &deviations,
        difference: DIFFERENCE,
        cancelled: running.cancelled,
    };
    let start: Vec<f64> = priors.iter().map(|prior| prior.center).collect();
    let in_model: Vec<f64> = known.iter().map(|one| ln(base[one.at])).collect();
    let found = fit(&problem, &start).map_err(NoCalibration::Fit)?;
    let (profiles, interrupted) = match depth {
        Depth::Fit => (vec![None; known.len()], false),
        Depth::Profiles => profiles(&problem, &found)?,
    };
    let sets = [start, in_model, found.values.clone()];
    let values = predicted(&sets);
    let objective = epsom_population::fit::objectives(&problem, &sets);
    let outcomes = |logs: &Vec<f64>| outcomes(lab, plan.to_vec(), &[params(logs)], &quiet);
    let (before, after) = (outcomes(&sets[1]), outcomes(&sets[2]));
    Ok(Calibration {
        correlation: correlation(&found),
        targets: data.iter().enumerate().map(|(at, one)| fitted(one, at, &values)).collect(),
        left_out,
        objective: [objective[0], objective[1], objective[2]],
        of_data: found.of_data,
        n_steps: found.n_steps,
        scores_in_model: scores(&before),
        scores_fitted: scores(&after),
        changed: changed(&before, &after),
        interrupted,
        parameters: parameters(known, &base, &found, profiles),
    })
}

fn parameters(
    known: Vec<Known>,
    base: &[f64],
    found: &Fit,
    profiles: Vec<Option<Profile>>,
) -> Vec<Calibrated> {
    let errors = found.errors();
    let one = |(at, (known, profile)): (usize, (Known, Option<Profile>))| Calibrated {
        in_model: base[known.at],
        estimate: exp(found.values[at]),
        error: errors[at],
        at_bound: found.at_bound[at],
        profile,
        known,
    };
    known.into_iter().zip(profiles).enumerate().map(one).collect()
}

fn correlation(found: &Fit) -> Vec<Vec<f64>> {
    let n = found.values.len();
    (0..n).map(|one| (0..n).map(|other| found.correlation(one, other)).collect()).collect()
}

fn profiles(
    problem: &Problem<'_>,
    found: &Fit,
) -> Result<(Vec<Option<Profile>>, bool), NoCalibration> {
    let mut profiles = Vec::new();
    for one in 0..found.values.len() {
        match profile(problem, found, one) {
            Ok(profile) => profiles.push(Some(profile)),
            Err(FitError::Cancelled) => break,
            Err(error) => return Err(NoCalibration::Fit(error)),
        }
    }
    let interrupted = profiles.len() < found.values.len();
    profiles.resize(found.values.len(), None);
    Ok((profiles, interrupted))
}

fn fitted(one: &Datum, at: usize, values: &[Vec<f64>]) -> Fitted {
    let observed = &one.target.observed;
    Fitted {
        id: one.target.id.clone(),
        quantity: observed.quantity.clone(),
        unit: observed.unit.clone(),
        source_key: observed.source_key.clone(),
        observed: exp(one.log),
        log_sd: one.sd,
        at_priors: values[0][at],
        in_model: values[1][at],
        fitted: values[2][at],
    }
}

fn changed(before: &[Outcome], after: &[Outcome]) -> Vec<(String, &'static str, &'static str)> {
    let pairs = before.iter().zip(after).filter(|(before, after)| before.verdict != after.verdict);
    pairs
        .map(|(before, after)| {
            (before.target.id.clone(), before.verdict.word(), after.verdict.word())
        })
        .collect()
}

type LeftOut = Vec<(String, &'static str)>;

/// Numbers to fit to, and the targets for calibration that have none.
fn data(lab: &Lab<'_>, plan: &[Target]) -> Result<(Vec<Datum>, LeftOut), String> {
    let method = plan::method_sd(lab.evidence)?;
    let (mut data, mut left_out) = (Vec::new(), Vec::new());
    for target in plan.iter().filter(|target| target.used_for == Use::Calibration) {
        match (target.observed.value, target.observed.interval) {
            (Some(value), Some((lo, hi))) if lo > 0.0 && value > 0.0 && hi.is_finite() => {
                let spread = ln(hi / lo) / (2.0 * plan::Z);
                let sd = (spread * spread + method * method).sqrt();
                data.push(Datum { target: target.clone(), log: ln(value), sd });
            }
            (_, None) => left_out.push((target.id.clone(), "no spread: it has no weight")),
            (None, _) => left_out.push((target.id.clone(), "an interval without a number")),
            _ => left_out.push((target.id.clone(), "its interval is not above 0")),
        }
    }
    Ok((data, left_out))
}
