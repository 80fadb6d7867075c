//! Whether the tables of the ledger lead somewhere.

use std::collections::{BTreeMap, BTreeSet};

use epsom_diag::{Diagnostic, did_you_mean};

use super::rows::parts;
use crate::integrity::{key_of, span};
use crate::printed::number;
use crate::sheet::Cell;
use crate::tables::OpenTable;

/// Ids that a link may name.
struct Known<'a> {
    claims: BTreeSet<&'a str>,
    values: BTreeSet<&'a str>,
    /// Study, unit and kind of each effect, and whether its interval holds no effect.
    effects: BTreeMap<&'a str, Effect<'a>>,
}

struct Effect<'a> {
    study: &'a str,
    unit: &'a str,
    kind: &'a str,
    holds_none: bool,
}

/// Reports links to nowhere, statuses without a reason, and pools of unlike effects.
///
/// Ids may name rows of `all`; only the rows of `checked` are looked at.
pub(crate) fn check_ledger(
    all: &[OpenTable<'_>],
    checked: &[OpenTable<'_>],
    out: &mut Vec<Diagnostic>,
) {
    let table = |name: &'static str| all.iter().filter(move |table| table.name == name);
    let own = |name: &'static str| checked.iter().filter(move |table| table.name == name);
    let mut known =
        Known { claims: BTreeSet::new(), values: BTreeSet::new(), effects: BTreeMap::new() };
    for (name, into) in [("claims.csv", &mut known.claims), ("values.csv", &mut known.values)] {
        into.extend(table(name).flat_map(|table| table.sheet.records(["id"])).map(|[id]| id));
    }
    let columns = ["id", "study_key", "unit", "effect_kind", "ci_low", "ci_high"];
    for [id, study, unit, kind, lo, hi] in
        table("effects.csv").flat_map(|table| table.sheet.records(columns))
    {
        let none = if matches!(kind, "rr" | "or") { 1.0 } else { 0.0 };
        let inside = |lo: f64, hi: f64| lo <= none && none <= hi;
        let holds_none = number(lo).zip(number(hi)).is_some_and(|(lo, hi)| inside(lo, hi));
        known.effects.insert(id, Effect { study, unit, kind, holds_none });
    }
    own("claims.csv").for_each(|table| check_claims(table, &known, out));
    own("claim_statements.csv").for_each(|table| {
        for ([claim], row) in table.sheet.records(["claim_id"]).zip(&table.sheet.rows) {
            check_id(table, row, "claim", claim, known.claims.iter().copied(), out);
        }
    });
    own("claim_evidence.csv").for_each(|table| check_links(table, &known, out));
}

fn check_id<'a>(
    table: &OpenTable<'_>,
    row: &[Cell<'_>],
    what: &str,
    id: &str,
    known: impl Iterator<Item = &'a str> + Clone,
    out: &mut Vec<Diagnostic>,
) {
    if known.clone().any(|one| one == id) {
        return;
    }
    let message =
        format!("{what} `{id}` of `{}` in `{}` is unknown", key_of(table, row), table.name);
    let said = Diagnostic::error("E0820", message)
        .at(span(table.file_idx, row[0].start, row[0].end), "row");
    out.push(match did_you_mean(id, known) {
        Some(near) => said.help(format!("did you mean `{near}`")),
        None => said.help(format!("add the {what}, or correct the id")),
    });
}

fn check_claims(table: &OpenTable<'_>, known: &Known<'_>, out: &mut Vec<Diagnostic>) {
    let columns = ["status", "status_reason", "parameters"];
    for ([status, reason, parameters], row) in table.sheet.records(columns).zip(&table.sheet.rows) {
        if status.is_empty() != reason.is_empty() {
            let key = key_of(table, row);
            out.push(
                Diagnostic::error(
                    "E0821",
                    format!("status and reason of `{key}` in `{}` do not go together", table.name),
                )
                .at(span(table.file_idx, row[0].start, row[0].end), "row")
                .help("leave both empty, so that the rule decides, or fill both"),
            );
        }
        for id in parts(parameters) {
            check_id(table, row, "value", &id, known.values.iter().copied(), out);
        }
    }
}

fn check_links(table: &OpenTable<'_>, known: &Known<'_>, out: &mut Vec<Diagnostic>) {
    let columns = ["claim_id", "study_key", "finding", "effect_ids", "pool"];
    let mut pools: BTreeMap<(&str, &str), (&str, &str)> = BTreeMap::new();
    let mut pooled: BTreeSet<(&str, &str, &str)> = BTreeSet::new();
    for ([claim, study, finding, effects, pool], row) in
        table.sheet.records(columns).zip(&table.sheet.rows)
    {
        check_id(table, row, "claim", claim, known.claims.iter().copied(), out);
        let mut report = |what: String, help: &str| {
            let key = key_of(table, row);
            out.push(
                Diagnostic::error("E0824", format!("{what} in `{key}` of `{}`", table.name))
                    .at(span(table.file_idx, row[0].start, row[0].end), "row")
                    .help(help),
            );
        };
        if !pool.is_empty() && !pooled.insert((claim, pool, study)) {
            report(
                format!("`{study}` stands twice in the pool `{pool}`"),
                "keep one outcome of each study in a pool",
            );
        }
        let ids = parts(effects);
        for effect in ids.iter().filter_map(|id| known.effects.get(id.as_str())) {
            if effect.study != study {
                let what = format!("an effect of `{}` stands behind `{study}`", effect.study);
                report(what, "name effects of the same study");
            }
            if finding == "imprecise" && !effect.holds_none {
                report(
                    "`imprecise` without an interval that holds no effect".to_owned(),
                    "write `null` where no interval was seen",
                );
            }
            if !pool.is_empty() {
                let first = *pools.entry((claim, pool)).or_insert((effect.unit, effect.kind));
                if first != (effect.unit, effect.kind) {
                    report(
                        format!("unlike effects in the pool `{pool}`"),
                        "pool only effects of one unit and kind",
                    );
                }
            }
        }
        for id in &ids {
            check_id(table, row, "effect", id, known.effects.keys().copied(), out);
        }
    }
}
