//! A qualification as JSON, schema `epsom.qualify/1`.

use serde_json::{Value, json};

use super::{Outcome, Score, Use};

/// The document, with the seed and number of draws that made it.
pub fn to_json(outcomes: &[Outcome], scores: &[Score], seed: u64, n_draws: u32) -> String {
    let document = json!({
        "schema": "epsom.qualify/1",
        "epsom": env!("CARGO_PKG_VERSION"),
        "model": "magnesium",
        "seed": seed,
        "draws": n_draws,
        "interval": "middle 95 % of the draws of what is not known of the parameters",
        "targets": outcomes.iter().map(target).collect::<Vec<_>>(),
        "scores": scores.iter().map(score).collect::<Vec<_>>(),
    });
    format!("{document:#}")
}

fn target(one: &Outcome) -> Value {
    let (target, observed) = (&one.target, &one.target.observed);
    let ends = |interval: Option<(f64, f64)>| {
        // JSON has no infinity: an open end is null.
        let end = |value: f64| if value.is_finite() { json!(value) } else { Value::Null };
        interval.map(|(lo, hi)| json!({"lo": end(lo), "hi": end(hi)}))
    };
    let used_for = match target.used_for {
        Use::Calibration => "calibration",
        Use::Checking => "checking",
        Use::Outlier => "outlier",
        Use::Descriptive => "descriptive",
        Use::NotRun => "not run",
    };
    json!({
        "id": target.id,
        "group": target.group,
        "quantity": observed.quantity,
        "unit": observed.unit,
        "source": observed.source_key,
        "use": used_for,
        "observed": observed.value,
        "observed_interval": ends(observed.interval),
        "observed_text": observed.text,
        "standard_error": observed.error,
        "margin_reason": target.margin_reason,
        "predicted": one.predicted.map(|found| found.central),
        "predicted_interval": ends(one.predicted.and_then(|found| found.interval)),
        "draws_used": one.predicted.map(|found| found.n_draws),
        "z": one.z,
        "observed_half_width_percent": one.width_percent,
        "verdict": one.verdict.word(),
        "run": target.how,
        "most_likely_cause_of_a_miss": target.cause,
    })
}

fn score(one: &Score) -> Value {
    json!({
        "group": one.group,
        "checking_targets": one.n,
        "inside": one.n_pass,
        "targets_with_fold_error": one.n_fold,
        "average_fold_error": one.average_fold.is_finite().then_some(one.average_fold),
        "absolute_average_fold_error": one.absolute_fold.is_finite().then_some(one.absolute_fold),
    })
}
