//! Verdicts, standard scores and fold errors.

use epsom_maths::{exp, ln, quantile};

use super::targets::table;
use super::{Outcome, Predicted, Target, Use, Verdict};

/// How a set of targets did.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Score {
    /// Group, or `all`.
    pub group: String,
    /// Checking targets that were run.
    pub n: usize,
    /// Of these, inside their interval.
    pub n_pass: usize,
    /// Checking and calibration targets with a positive number and prediction.
    pub n_fold: usize,
    /// Average fold error: the geometric mean of predicted over observed; below 1 is too low.
    pub average_fold: f64,
    /// Absolute average fold error; 1 is exact.
    pub absolute_fold: f64,
}

/// A target with its values: the first is at the central parameters.
pub(super) fn outcome(target: Target, values: &[f64]) -> Outcome {
    let predicted = values.first().filter(|central| central.is_finite()).map(|&central| {
        let drawn: Vec<f64> = values[1..].iter().copied().filter(|one| one.is_finite()).collect();
        let ends = (quantile(&drawn, 0.025), quantile(&drawn, 0.975));
        let interval = (!drawn.is_empty()).then_some(ends);
        Predicted { central, interval, n_draws: drawn.len() }
    });
    let observed = &target.observed;
    let central = predicted.map(|predicted| predicted.central);
    let z = central.zip(observed.value).zip(observed.error);
    let z = z.map(|((central, value), error)| (central - value) / error);
    let width_percent = observed.interval.and_then(|(lo, hi)| {
        let middle = observed.value.unwrap_or(0.5 * (lo + hi));
        let width = 50.0 * (hi - lo) / middle.abs();
        width.is_finite().then_some(width)
    });
    let verdict = match (target.used_for, observed.interval, central) {
        (_, _, None) => Verdict::NotRun,
        (Use::Outlier, ..) => Verdict::Outlier,
        (_, Some((lo, hi)), Some(central)) if lo <= central && central <= hi => Verdict::Pass,
        (_, Some(_), Some(_)) => Verdict::Miss,
        (_, None, _) => Verdict::Descriptive,
    };
    Outcome { target, predicted, verdict, z, width_percent }
}

/// One score per group in the order they are met, then one of all.
pub fn scores(outcomes: &[Outcome]) -> Vec<Score> {
    let mut groups: Vec<&str> = Vec::new();
    for one in outcomes {
        if !groups.contains(&one.target.group.as_str()) {
            groups.push(&one.target.group);
        }
    }
    let of = |group: &str| {
        let all = outcomes.iter().filter(|one| group == "all" || one.target.group == group);
        score(group, &all.collect::<Vec<_>>())
    };
    groups.into_iter().chain(["all"]).map(of).collect()
}

fn score(group: &str, outcomes: &[&Outcome]) -> Score {
    let checking = || outcomes.iter().filter(|one| one.target.used_for == Use::Checking);
    let n_of = |verdict: Verdict| checking().filter(|one| one.verdict == verdict).count();
    let folds: Vec<f64> = (outcomes.iter())
        .filter(|one| matches!(one.target.used_for, Use::Checking | Use::Calibration))
        .filter_map(|one| Some((one.predicted?.central, one.target.observed.value?)))
        .filter(|(predicted, observed)| *predicted > 0.0 && *observed > 0.0)
        .map(|(predicted, observed)| ln(predicted / observed))
        .collect();
    let mean = |values: &[f64]| exp(values.iter().sum::<f64>() / values.len() as f64);
    let absolute: Vec<f64> = folds.iter().map(|one| one.abs()).collect();
    Score {
        group: group.to_string(),
        n: n_of(Verdict::Pass) + n_of(Verdict::Miss),
        n_pass: n_of(Verdict::Pass),
        n_fold: folds.len(),
        average_fold: mean(&folds),
        absolute_fold: mean(&absolute),
    }
}

/// The table of verdicts, as committed.
pub fn verdicts_csv(outcomes: &[Outcome]) -> String {
    let row = |one: &Outcome| format!("{},{}\n", one.target.id, one.verdict.word());
    std::iter::once("id,verdict\n".to_string()).chain(outcomes.iter().map(row)).collect()
}

/// Targets that pass in the committed table and do not now.
///
/// # Errors
/// What is wrong with the table.
pub fn broken<'a>(outcomes: &'a [Outcome], expected: &str) -> Result<Vec<&'a Outcome>, String> {
    let rows = table(expected)?;
    let passed = |id: &str| {
        rows.iter().any(|row| row.cell("id") == id && row.cell("verdict") == Verdict::Pass.word())
    };
    let fails = |one: &&Outcome| one.verdict != Verdict::Pass && passed(&one.target.id);
    Ok(outcomes.iter().filter(fails).collect())
}
