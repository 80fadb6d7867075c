//! The whole-body model held against what was observed: the plan of targets, runs, verdicts.
//!
//! Each row of `models/magnesium/targets.csv` names an observation of `evidence/checks.csv`, the
//! experiment that predicts it, and whether it serves calibration or checking. Misses stay in the
//! table. The equations of the scores are in `docs/theory/qualification.md`.

mod cases;
mod json;
mod lab;
#[cfg(test)]
mod people_tests;
mod score;
mod severe;
mod targets;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeMap;

use epsom_population::Sampler;
use rayon::prelude::*;

use cases::Case;
pub use json::to_json;
#[cfg(test)]
pub(crate) use lab::whole_body;
use lab::{Experiment, Rows, Run, Seen};
pub use lab::{Lab, looked_at};
pub use score::{Score, broken, scores, verdicts_csv};
pub use severe::{Severe, severe, severe_markdown};
pub use targets::{Observed, PLAN, Target, Use, targets};
pub(crate) use targets::{Row, table};
pub use text::{markdown, misses_markdown, plain, scores_markdown};

/// Verdicts as committed: `id,verdict`.
pub const EXPECTED: &str = include_str!("../../../../models/magnesium/expected/verdicts.csv");

/// People that one piece of work integrates.
const CHUNK: usize = 32;

/// How targets are run.
pub struct Running<'a> {
    /// Seed of the draws.
    pub seed: u64,
    /// Draws of what is not known, besides the central parameters.
    pub n_draws: u32,
    /// Told of each finished piece of work, of how many.
    pub progress: &'a (dyn Fn(usize) + Sync),
    /// Asked between pieces; once it says yes, the draws that are done make the result.
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
}

/// A target with what the model says of it.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The target.
    pub target: Target,
    /// What the model says; none where it was not run.
    pub predicted: Option<Predicted>,
    /// The verdict.
    pub verdict: Verdict,
    /// Standard errors that the prediction lies above the number.
    pub z: Option<f64>,
    /// Half the width of the observed interval in percent of the number.
    pub width_percent: Option<f64>,
}

/// A prediction in the unit of its row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Predicted {
    /// At the central parameters.
    pub central: f64,
    /// Middle 95 % of the draws of what is not known; none without draws.
    pub interval: Option<(f64, f64)>,
    /// Draws that could be solved.
    pub n_draws: usize,
}

/// How a prediction stands to its observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Inside the interval.
    Pass,
    /// Outside.
    Miss,
    /// Nothing to be inside of.
    Descriptive,
    /// Of a study that disagrees with the others.
    Outlier,
    /// Was not run, or could not be.
    NotRun,
}

impl Verdict {
    /// As in the committed table.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Miss => "miss",
            Self::Descriptive => "descriptive",
            Self::Outlier => "outlier",
            Self::NotRun => "not run",
        }
    }
}

/// Experiments of all targets, each kind of run once.
struct Work {
    experiments: Vec<Experiment>,
    /// Per target: its experiments.
    of_target: Vec<Vec<usize>>,
}

/// Runs every target, at the central parameters and at draws of what is not known.
///
/// # Errors
/// What is wrong with the draws of the model.
pub fn qualify(
    lab: &Lab<'_>,
    targets: Vec<Target>,
    running: &Running<'_>,
) -> Result<Vec<Outcome>, Vec<epsom_diag::Diagnostic>> {
    let sampler = Sampler::new(lab.model)?;
    let mut draws: Vec<Vec<f64>> = vec![lab.model.params.iter().map(|param| param.value).collect()];
    draws.extend((0..running.n_draws).map(|draw| sampler.uncertain(running.seed, draw)));
    Ok(outcomes(lab, targets, &draws, running))
}

/// Brings targets of one group together, groups in the order they are met.
pub fn group(outcomes: &mut [Outcome]) {
    let mut groups: Vec<String> = Vec::new();
    for one in outcomes.iter() {
        if !groups.contains(&one.target.group) {
            groups.push(one.target.group.clone());
        }
    }
    outcomes.sort_by_key(|one| groups.iter().position(|group| *group == one.target.group));
}

/// Pieces of work of a plan with so many draws, for a bar.
pub fn n_pieces(lab: &Lab<'_>, targets: &[Target], n_draws: u32) -> usize {
    work(lab, targets).experiments.len() * (n_draws as usize + 1).div_ceil(CHUNK)
}

/// Every target with these sets of parameters, of which the first is the central one.
pub(crate) fn outcomes(
    lab: &Lab<'_>,
    targets: Vec<Target>,
    draws: &[Vec<f64>],
    running: &Running<'_>,
) -> Vec<Outcome> {
    let predicted = predictions(lab, &targets, draws, running);
    let outcome = |(target, values): (Target, Vec<f64>)| score::outcome(target, &values);
    targets.into_iter().zip(predicted).map(outcome).collect()
}

/// Per target: a value per set of parameters, NaN where it could not be had.
pub(crate) fn predictions(
    lab: &Lab<'_>,
    targets: &[Target],
    draws: &[Vec<f64>],
    running: &Running<'_>,
) -> Vec<Vec<f64>> {
    let work = work(lab, targets);
    let n_chunks = draws.len().div_ceil(CHUNK);
    // Chunks of one experiment stand together; the order does not depend on threads.
    let pieces: Vec<(usize, usize)> = (0..work.experiments.len())
        .flat_map(|experiment| (0..n_chunks).map(move |chunk| (experiment, chunk)))
        .collect();
    let done: Vec<Vec<Result<Rows, String>>> = pieces
        .par_iter()
        .map(|&(experiment, chunk)| {
            let draws = &draws[chunk * CHUNK..((chunk + 1) * CHUNK).min(draws.len())];
            if chunk > 0 && (running.cancelled)() {
                return vec![Err("interrupted".to_string()); draws.len()];
            }
            let rows = lab.run(&work.experiments[experiment], draws);
            (running.progress)(1);
            rows
        })
        .collect();
    let rows = |experiment: usize, draw: usize| {
        done[experiment * n_chunks + draw / CHUNK][draw % CHUNK].as_ref().ok()
    };
    let value = |case: &Case, args: &targets::Args, uses: &[usize], draw: usize| {
        let runs: Option<Vec<Run<'_>>> = (uses.iter())
            .map(|&at| {
                let experiment = &work.experiments[at];
                Some(Run::new(lab.model_of(experiment), experiment, rows(at, draw)?))
            })
            .collect();
        runs.map_or(f64::NAN, |runs| {
            (case.read)(&Seen { model: lab.model, params: &draws[draw], runs }, args)
        })
    };
    (targets.iter().zip(&work.of_target))
        .map(|(target, uses)| match &target.case {
            Some((case, args)) => {
                (0..draws.len()).map(|draw| value(case, args, uses, draw)).collect()
            }
            None => Vec::new(),
        })
        .collect()
}

fn work(lab: &Lab<'_>, targets: &[Target]) -> Work {
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut work = Work { experiments: Vec::new(), of_target: Vec::new() };
    for target in targets {
        let experiments = match &target.case {
            Some((case, args)) => (case.setup)(lab, args),
            None => Vec::new(),
        };
        let uses = experiments.into_iter().map(|experiment| {
            *known.entry(format!("{experiment:?}")).or_insert_with(|| {
                work.experiments.push(experiment);
                work.experiments.len() - 1
            })
        });
        let uses = uses.collect();
        work.of_target.push(uses);
    }
    work
}
