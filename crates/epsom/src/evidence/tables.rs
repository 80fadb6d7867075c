//! `epsom evidence list|search|show`: the tables as lines or JSON.

use super::{SCHEMA, line};
use epsom_diag::{Diagnostic, did_you_mean, list_names};
use epsom_evidence::{Hit, Shown, TABLES, Tables, describe};
use serde_json::{Map, Value, json};

fn table_names() -> impl Iterator<Item = &'static str> {
    TABLES.iter().map(|table| table.file.trim_end_matches(".csv"))
}

/// The tables and how many rows each holds.
pub(super) fn list_tables(tables: &Tables, as_json: bool) -> String {
    let counts = TABLES.iter().map(|table| (table.file, tables.list(table.file).len()));
    if as_json {
        let rows: Vec<Value> =
            counts.map(|(file, n)| json!({"table": file, "n_rows": n})).collect();
        return line(&json!({"schema": SCHEMA, "tables": rows}));
    }
    counts.map(|(file, n)| format!("{:<20}{n:>6} rows\n", file.trim_end_matches(".csv"))).collect()
}

/// The rows of one table.
pub(super) fn list(tables: &Tables, name: &str, as_json: bool) -> Result<String, Diagnostic> {
    let name = name.trim_end_matches(".csv");
    if !table_names().any(|known| known == name) {
        let said = Diagnostic::error("E0905", format!("there is no table `{name}`"))
            .note(format!("tables: {}", list_names(table_names(), 20)));
        return Err(match did_you_mean(name, table_names()) {
            Some(near) => said.help(format!("did you mean `{near}`")),
            None => said.help("list them with `epsom evidence list`"),
        });
    }
    Ok(hits_text(tables, &tables.list(&format!("{name}.csv")), as_json))
}

/// Rows that hold the words.
pub(super) fn search(tables: &Tables, words: &str, as_json: bool) -> Result<String, Diagnostic> {
    let hits = tables.search(words);
    if hits.is_empty() {
        return Err(Diagnostic::error("E0905", format!("no row holds `{words}`"))
            .help("try fewer or other words; `epsom evidence list` names the tables"));
    }
    Ok(hits_text(tables, &hits, as_json))
}

fn hits_text(tables: &Tables, hits: &[Hit], as_json: bool) -> String {
    if as_json {
        let rows: Vec<Value> = hits.iter().map(|hit| hit_json(tables, hit)).collect();
        return line(&json!({"schema": SCHEMA, "hits": rows}));
    }
    let mut text = String::new();
    for hit in hits {
        let value = tables.value(&hit.key).filter(|_| hit.table == "values.csv");
        let value = value.map(|row| format!("{}  ", words_of(row))).unwrap_or_default();
        text.push_str(&format!("{:<24} {value}{}\n", hit.key, hit.title));
    }
    text
}

/// Value with its marks: what is recalled or assumed says so wherever it is shown.
pub(super) fn words_of(row: &epsom_evidence::ValueRow) -> String {
    let mut text = describe(row);
    if row.is_recalled() {
        text.push_str(" [recalled]");
    }
    if row.is_assumption() {
        text.push_str(" [assumption]");
    }
    if !row.is_human() {
        text.push_str(" [not human]");
    }
    text
}

fn hit_json(tables: &Tables, hit: &Hit) -> Value {
    let value = tables.value(&hit.key).filter(|_| hit.table == "values.csv");
    json!({
        "table": hit.table, "key": hit.key, "title": hit.title,
        "value": value.map(describe),
        "recalled": value.map(epsom_evidence::ValueRow::is_recalled),
        "assumption": value.map(epsom_evidence::ValueRow::is_assumption),
        "human": value.map(epsom_evidence::ValueRow::is_human),
    })
}

/// One row, cell by cell.
pub(super) fn show(tables: &Tables, key: &str, as_json: bool) -> Result<String, Diagnostic> {
    let shown = tables.show(key);
    if shown.is_empty() {
        let said = Diagnostic::error("E0905", format!("there is no row `{key}`"));
        return Err(match tables.nearest_value(key) {
            Some(near) => said.help(format!("did you mean `{near}`")),
            None => said.help("find rows with `epsom evidence search WORDS`"),
        });
    }
    if as_json {
        let rows: Vec<Value> = shown.iter().map(|row| shown_json(tables, row)).collect();
        return Ok(line(&json!({"schema": SCHEMA, "rows": rows})));
    }
    let mut text = String::new();
    for row in &shown {
        text.push_str(&format!("{} in {}\n", row.key, row.table));
        if let Some(value) = tables.value(key).filter(|_| row.table == "values.csv") {
            text.push_str(&format!("  {}\n", words_of(value)));
        }
        for (name, cell) in &row.fields {
            text.push_str(&format!("  {name:<22} {cell}\n"));
        }
        for hit in &row.cited_by {
            text.push_str(&format!("  cited by {:<14} {}\n", hit.key, hit.title));
        }
    }
    Ok(text)
}

fn shown_json(tables: &Tables, row: &Shown) -> Value {
    let fields: Map<String, Value> =
        row.fields.iter().map(|(name, cell)| (name.clone(), json!(cell))).collect();
    let cited_by: Vec<Value> = row.cited_by.iter().map(|hit| hit_json(tables, hit)).collect();
    json!({"table": row.table, "key": row.key, "fields": fields, "cited_by": cited_by})
}
