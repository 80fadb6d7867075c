//! `epsom evidence gaps`: what was never measured, ranked by how much it moves predictions.

use super::text::{number, wrap};
use super::uses::models;
use super::{SCHEMA, line};
use epsom_evidence::{Claim, ClaimKind, Status, Tables, claims};
use epsom_magnesium::gaps::{EFFECTS, Gap, Gaps, REGIMEN, gaps};
use epsom_magnesium::salts::built_in_salts;
use epsom_model::ir::Model;
use serde_json::{Value, json};

/// The parameters, highest score first, then the claims that nobody tested.
pub(super) fn run(tables: &Tables, as_json: bool) -> String {
    let all = claims(tables);
    let untested: Vec<&Claim<'_>> = all.iter().filter(|one| is_untested(one)).collect();
    let models = models();
    let ranked: Vec<(&str, &Model, Gaps)> = models
        .iter()
        .map(|used| (used.name, &used.model, gaps(&used.model, built_in_salts())))
        .collect();
    if as_json {
        let rows: Vec<Value> = ranked
            .iter()
            .flat_map(|(name, model, found)| {
                found.gaps.iter().map(|gap| gap_json(name, model, gap))
            })
            .collect();
        let untested: Vec<Value> = untested
            .iter()
            .map(|one| {
                json!({"id": one.row.id, "claim": one.row.claim, "status": one.status.name()})
            })
            .collect();
        return line(&json!({
            "schema": SCHEMA, "regimen": REGIMEN,
            "rule": "largest change of an effect between the ends of the 95 % interval, as a \
                     share of the effect with typical values",
            "gaps": rows, "untested_claims": untested,
        }));
    }
    let mut text = String::new();
    for (name, model, found) in &ranked {
        text.push_str(&model_text(name, model, found));
    }
    text.push_str(&format!("\nClaims that no study in people tests: {}\n", untested.len()));
    for one in untested {
        let first = format!("  {:<6} {:<14} ", one.row.id, one.status.words());
        text.push_str(&wrap(&one.row.testable, &first, &" ".repeat(24)));
    }
    text
}

fn is_untested(claim: &Claim<'_>) -> bool {
    let open = [Status::AnimalOnly, Status::InVitroOnly, Status::Unknown, Status::Assumption];
    claim.row.kind != ClaimKind::Fact && open.contains(&claim.status)
}

fn model_text(name: &str, model: &Model, found: &Gaps) -> String {
    let rule = format!(
        "Parameters of `{name}` that no measurement in people carries, by how far the ends of \
         their 95 % interval move the effect of {REGIMEN} (the widest of serum, spinal fluid and \
         urine, as a share of the typical effect), all others at their typical value."
    );
    let mut text = wrap(&rule, "", "");
    if let Some(typical) = found.typical {
        let shown = EFFECTS.iter().zip(typical);
        let shown: Vec<String> = shown
            .map(|((name, unit), effect)| format!("{name} {} {unit}", number(effect)))
            .collect();
        text.push_str(&wrap(&format!("Typical effect: {}.", shown.join(", ")), "", ""));
    }
    text.push_str(&format!("\n{:>6}  {:<11} moves\n", "share", "parameter"));
    for gap in &found.gaps {
        let param = &model.params[gap.param];
        let share = format!("{:.0} %", 100.0 * gap.score);
        let moved = match gap.moved {
            None => "nothing: its value is fixed".to_owned(),
            Some(moved) => {
                let part = |((name, _), (lo, hi)): (&(&str, &str), (f64, f64))| {
                    format!("{name} {} to {}", number(lo), number(hi))
                };
                EFFECTS.iter().zip(moved).map(part).collect::<Vec<_>>().join(", ")
            }
        };
        let rows = param.provenance.rows.join(", ");
        let rows = if rows.is_empty() { String::new() } else { format!(" [{rows}]") };
        let words = format!("{moved}; {}{rows}", gap.reasons.join(", "));
        let first = format!("{share:>6}  {:<11} ", param.name);
        text.push_str(&wrap(&words, &first, &" ".repeat(20)));
    }
    text
}

fn gap_json(name: &str, model: &Model, gap: &Gap) -> Value {
    let param = &model.params[gap.param];
    let moved = gap.moved.map(|moved| {
        let part = |((name, unit), (lo, hi)): (&(&str, &str), (f64, f64))| {
            json!({"effect": name, "unit": unit, "lo": lo, "hi": hi})
        };
        EFFECTS.iter().zip(moved).map(part).collect::<Vec<_>>()
    });
    json!({
        "model": name, "parameter": param.name, "rows": param.provenance.rows,
        "reasons": gap.reasons,
        "lo": gap.ends.map(|(lo, _)| lo * param.unit.per_base),
        "hi": gap.ends.map(|(_, hi)| hi * param.unit.per_base),
        "unit": param.unit.text, "moves": moved, "score": gap.score,
    })
}
