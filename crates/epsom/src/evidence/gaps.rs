//! `epsom evidence gaps`: what was never measured, ranked by how much it can move predictions.
//!
//! Rule: a parameter of a built-in model is a gap where its value or its spread is assumed, its row
//! is an assumption, recalled, or not from people. Its score is the width of its 95 % interval, as
//! the logarithm of the ratio of the ends, times the number of outputs that rest on it.

use super::text::{number, wrap};
use super::uses::{Used, models};
use super::{SCHEMA, line};
use epsom_evidence::{Claim, ClaimKind, Status, Tables, claims};
use epsom_maths::{exp, ln};
use epsom_model::ir::{Distribution, Param};
use serde_json::{Value, json};

/// One parameter that was not measured.
struct Gap<'a> {
    model: &'a str,
    param: &'a Param,
    reasons: Vec<&'static str>,
    outputs: Vec<&'a str>,
    /// Ratio of the ends of the 95 % interval; `None` where no width is stated.
    ratio: Option<f64>,
    score: f64,
}

/// Width taken where a model states none: the ends a factor of two from the middle.
const DEFAULT_RATIO: f64 = 4.0;

/// The list, highest score first, then the claims that nobody tested.
pub(super) fn run(tables: &Tables, as_json: bool) -> String {
    let models = models();
    let mut gaps: Vec<Gap<'_>> = models.iter().flat_map(of_model).collect();
    gaps.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.param.name.cmp(&b.param.name)));
    let all = claims(tables);
    let untested: Vec<&Claim<'_>> = all.iter().filter(|one| is_untested(one)).collect();
    if as_json {
        let rows: Vec<Value> = gaps.iter().map(gap_json).collect();
        let untested: Vec<Value> = untested
            .iter()
            .map(|one| json!({"id": one.row.id, "claim": one.row.claim, "status": one.status.name()}))
            .collect();
        return line(&json!({
            "schema": SCHEMA, "rule": "ln(hi/lo) of the 95 % interval times outputs resting on it",
            "gaps": rows, "untested_claims": untested,
        }));
    }
    let mut text = "Parameters that were not measured in people; score: logarithm of hi/lo of the \
                    95 % interval\ntimes the number of outputs that rest on the parameter\n\n"
        .to_owned();
    text.push_str(&format!(
        "{:>6}  {:<16} {:<10} why, and what rests on it\n",
        "score", "parameter", "hi/lo"
    ));
    for gap in &gaps {
        let ratio = gap.ratio.map_or("none".to_owned(), number);
        let first = format!("{:>6.2}  {:<16} {ratio:<10} ", gap.score, gap.param.name);
        let rows = gap.param.provenance.rows.join(", ");
        let rows = if rows.is_empty() { String::new() } else { format!(" [{rows}]") };
        let words = format!("{}{rows}; {}", gap.reasons.join(", "), gap.outputs.join(", "));
        text.push_str(&wrap(&words, &first, &" ".repeat(36)));
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

fn of_model(used: &Used) -> Vec<Gap<'_>> {
    let one = |(at, param): (usize, &'_ Param)| {
        let from = &param.provenance;
        let flags = [
            (from.assumed.is_some(), "assumed in the model"),
            (from.assumption_row, "its row is an assumption"),
            (from.recalled, "recalled"),
            (from.not_human, "not from people"),
            (!param.spread_assumed.is_empty(), "spread assumed"),
        ];
        let reasons: Vec<&'static str> =
            flags.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect();
        (!reasons.is_empty()).then_some((at, reasons))
    };
    let found = used.model.params.iter().enumerate().filter_map(one);
    found
        .filter_map(|(at, reasons)| {
            let param = &used.model.params[at];
            let outputs = used.outputs(at);
            let ratio = ratio(param);
            // A definition with `fixed` has no width and moves nothing.
            let fixed = matches!(param.uncertain, Distribution::Fixed);
            let width = ln(ratio.unwrap_or(if fixed { 1.0 } else { DEFAULT_RATIO }));
            let score = width * outputs.len() as f64;
            (score > 0.0).then_some(Gap { model: used.name, param, reasons, outputs, ratio, score })
        })
        .collect()
}

/// Upper over lower end of the 95 % interval; `None` for a fixed value or bounds at 0.
fn ratio(param: &Param) -> Option<f64> {
    /// Two-sided 95 % of a normal score.
    const Z: f64 = 1.96;
    let v = param.value;
    let (lo, hi) = match param.uncertain {
        Distribution::Fixed => return None,
        Distribution::Normal { sd } => (v - Z * sd, v + Z * sd),
        Distribution::LogNormal { sd } => (v * exp(-Z * sd), v * exp(Z * sd)),
        Distribution::LogitNormal { sd } => {
            let odds = v / (1.0 - v);
            let share = |odds: f64| odds / (1.0 + odds);
            (share(odds * exp(-Z * sd)), share(odds * exp(Z * sd)))
        }
        Distribution::Uniform { lo, hi } | Distribution::Triangular { lo, hi } => (lo, hi),
    };
    (lo > 0.0 && hi.is_finite()).then(|| hi / lo)
}

fn gap_json(gap: &Gap<'_>) -> Value {
    json!({
        "model": gap.model, "parameter": gap.param.name, "rows": gap.param.provenance.rows,
        "reasons": gap.reasons, "outputs": gap.outputs, "hi_over_lo": gap.ratio,
        "score": gap.score,
    })
}
