//! A calibration as JSON, schema `epsom.calibration/1`.

use serde_json::{Value, json};

use super::rows::evidence_rows;
use super::{Calibrated, Calibration, Fitted};
use crate::qualify::Score;
use epsom_maths::exp;

/// The document.
pub fn to_json(found: &Calibration) -> String {
    let names: Vec<&str> =
        found.parameters.iter().map(|one| one.known.parameter.as_str()).collect();
    let left_out = found.left_out.iter().map(|(id, why)| json!({"id": id, "why": why}));
    let changed = found.changed.iter();
    let changed = changed.map(|(id, from, to)| json!({"id": id, "in_model": from, "fitted": to}));
    let document = json!({
        "schema": "epsom.calibration/1",
        "epsom": env!("CARGO_PKG_VERSION"),
        "model": "magnesium",
        "objective": {
            "at_priors": found.objective[0],
            "in_model": found.objective[1],
            "fitted": found.objective[2],
            "of_data": found.of_data,
        },
        "steps": found.n_steps,
        "parameters": found.parameters.iter().map(parameter).collect::<Vec<_>>(),
        "correlation": {"parameters": names, "of_logarithms": found.correlation},
        "targets": found.targets.iter().map(target).collect::<Vec<_>>(),
        "left_out": left_out.collect::<Vec<_>>(),
        "verdicts_that_differ": changed.collect::<Vec<_>>(),
        "scores_in_model": found.scores_in_model.iter().map(score).collect::<Vec<_>>(),
        "scores_fitted": found.scores_fitted.iter().map(score).collect::<Vec<_>>(),
        "evidence_rows": evidence_rows(found).iter().map(|row| &row.line).collect::<Vec<_>>(),
        "interrupted": found.interrupted,
    });
    format!("{document:#}")
}

fn parameter(one: &Calibrated) -> Value {
    let known = &one.known;
    let profile = one.profile.as_ref().map(|profile| {
        let points = profile.points.iter();
        json!({
            "values": points.clone().map(|point| exp(point.value)).collect::<Vec<_>>(),
            "rise_of_objective": points.map(|point| point.rise).collect::<Vec<_>>(),
            "interval": {"lo": profile.interval.0.map(exp), "hi": profile.interval.1.map(exp)},
        })
    });
    json!({
        "parameter": known.parameter,
        "meaning": known.meaning,
        "unit": known.unit,
        "prior_row": known.prior_row,
        "prior": known.center,
        "prior_log_sd": known.log_sd,
        "prior_log_sd_reason": known.log_sd_reason,
        "bounds": {"lo": known.bounds.0, "hi": known.bounds.1},
        "in_model": one.in_model,
        "estimate": one.estimate,
        "log_standard_error": one.error,
        "interval": {"lo": one.end(-1.0), "hi": one.end(1.0)},
        "at_bound": one.at_bound,
        "profile": profile,
        "evidence_row": known.row,
    })
}

fn target(one: &Fitted) -> Value {
    json!({
        "id": one.id,
        "quantity": one.quantity,
        "unit": one.unit,
        "source": one.source_key,
        "observed": one.observed,
        "log_sd": one.log_sd,
        "at_priors": one.at_priors,
        "in_model": one.in_model,
        "fitted": one.fitted,
    })
}

fn score(one: &Score) -> Value {
    json!({
        "group": one.group,
        "checking_targets": one.n,
        "inside": one.n_pass,
        "average_fold_error": one.average_fold.is_finite().then_some(one.average_fold),
        "absolute_average_fold_error": one.absolute_fold.is_finite().then_some(one.absolute_fold),
    })
}
