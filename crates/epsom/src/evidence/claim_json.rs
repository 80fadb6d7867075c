//! A claim as JSON.

use super::uses::{Used, row_json};
use epsom_evidence::effects::How;
use epsom_evidence::{Certainty, Claim, Link, Measured, Pool, Tables, doi_address};
use serde_json::{Value, json};

/// Everything `claim ID` tells, as one object.
pub(super) fn claim_json(tables: &Tables, models: &[Used], claim: &Claim<'_>) -> Value {
    let row = claim.row;
    let rows = row.parameters.iter().filter_map(|id| tables.value(id));
    let parameters: Vec<Value> = rows.map(|row| row_json(models, row)).collect();
    let pools: Vec<Value> = claim.pools.iter().map(pool_json).collect();
    json!({
        "id": row.id,
        "aliases": row.aliases.split(';').filter(|one| !one.is_empty()).collect::<Vec<_>>(),
        "section": row.section,
        "kind": row.kind.name(),
        "claim": row.claim,
        "testable": row.testable,
        "conclusion": claim.conclusion(),
        "status": claim.status.name(),
        "status_set_by_hand": row.set_status.is_some(),
        "status_reason": row.status_reason,
        "why": row.why,
        "certainty": claim.certainty.as_ref().map(|one| one.level.name()),
        "grading": claim.certainty.as_ref().map(certainty_json),
        "size": claim.size().map(|link| json!({
            "study": link.row.study_key, "finding": link.row.finding.name(), "outcome": link.row.outcome,
            "effect": link.measured.as_ref().map(measured_json),
        })),
        "studies": studies(claim),
        "pooled": pools.first().cloned(),
        "pools": pools,
        "parameters": parameters,
        "outputs": row.outputs,
        "command": row.command,
    })
}

/// One entry per study, with what it found.
fn studies(claim: &Claim<'_>) -> Vec<Value> {
    let mut out: Vec<Value> = Vec::new();
    let mut keys: Vec<&str> = Vec::new();
    for link in &claim.links {
        let finding = finding_json(link);
        match keys.iter().position(|key| *key == link.row.study_key) {
            Some(at) => {
                if let Some(findings) = out[at]["findings"].as_array_mut() {
                    findings.push(finding);
                }
            }
            None => {
                keys.push(&link.row.study_key);
                out.push(study_json(link, finding));
            }
        }
    }
    out
}

fn study_json(link: &Link<'_>, finding: Value) -> Value {
    let study = link.study;
    json!({
        "key": link.row.study_key,
        "species": study.map(|one| one.species.name()),
        "n": study.and_then(|one| one.n),
        "design": study.map(|one| one.design.as_str()).filter(|one| !one.is_empty()),
        "funding": study.map(|one| one.funding.as_str()).filter(|one| !one.is_empty()),
        "design_class": link.design.name(),
        "funder": link.funder.name(),
        "year": study.and_then(|one| one.year),
        "duration_days": study.and_then(|one| one.duration_days),
        "doi": study.map(|one| one.doi.as_str()).filter(|one| !one.is_empty()).map(doi_address),
        "url": study.map(|one| one.url.as_str()),
        "findings": [finding],
    })
}

fn finding_json(link: &Link<'_>) -> Value {
    json!({
        "system": link.row.system.name(), "bears": link.row.bears.name(),
        "finding": link.row.finding.name(), "counts": link.counts(),
        "outcome": link.row.outcome, "effect": link.measured.as_ref().map(measured_json),
    })
}

fn measured_json(one: &Measured) -> Value {
    json!({
        "rows": one.ids, "measure": one.measure, "unit": one.unit, "estimate": one.estimate,
        "lo": one.interval.map(|(lo, _)| lo), "hi": one.interval.map(|(_, hi)| hi),
        "how": one.how.map(How::name), "words": one.words, "recalled": one.recalled,
    })
}

fn pool_json(pool: &Pool) -> Value {
    json!({
        "about": pool.about, "system": pool.system.name(), "measure": pool.measure,
        "unit": pool.unit, "estimate": pool.estimate,
        "lo": pool.interval.0, "hi": pool.interval.1,
        "tau2": pool.tau2, "i2": pool.i2, "k": pool.studies.len(), "method": pool.method,
        "prediction_lo": pool.prediction.map(|(lo, _)| lo),
        "prediction_hi": pool.prediction.map(|(_, hi)| hi),
        "studies": pool.studies.iter()
            .map(|(key, weight)| json!({"key": key, "weight": weight})).collect::<Vec<_>>(),
    })
}

fn certainty_json(one: &Certainty) -> Value {
    json!({
        "body": one.body.name(), "start": one.start.name(), "level": one.level.name(), "n": one.n,
        "steps": one.steps.iter().map(|step| json!({
            "domain": step.domain.name(), "change": step.change, "reason": step.reason,
        })).collect::<Vec<_>>(),
    })
}
