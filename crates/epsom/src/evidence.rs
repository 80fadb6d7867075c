//! `epsom evidence`: the tables as lines or JSON.

use crate::done::{Done, exit};
use crate::render::Sources;
use epsom_diag::{Diagnostic, did_you_mean, list_names};
use epsom_evidence::{Hit, Shown, TABLES, Tables, builtin, describe};
use serde_json::{Map, Value, json};

/// Schema of every JSON form.
const SCHEMA: &str = "epsom.evidence/1";

/// Look into the evidence tables that stand in the binary
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

/// Ways into the evidence tables.
#[derive(clap::Subcommand)]
enum What {
    /// List the rows of a table, or the tables
    #[command(after_help = "Examples:\n  epsom evidence list\n  epsom evidence list values")]
    List {
        /// Such as values, studies, claims, salts; without it the tables are listed
        table: Option<String>,
        /// One JSON object instead of lines
        #[arg(long)]
        json: bool,
    },
    /// Rows of values, studies and claims that hold the words, nearest first
    #[command(after_help = "Examples:\n  epsom evidence search renal threshold")]
    Search {
        /// Words, in any order
        #[arg(required = true)]
        words: Vec<String>,
        /// One JSON object instead of lines
        #[arg(long)]
        json: bool,
    },
    /// A row, study or source with everything the tables say about it
    #[command(after_help = "Examples:\n  epsom evidence show PK061\n  \
        epsom evidence show dolberg2017")]
    Show {
        /// Id of a row or key of a study
        key: String,
        /// One JSON object instead of lines
        #[arg(long)]
        json: bool,
    },
}

/// The rows asked for.
pub(crate) fn run(args: &Args) -> Done {
    let tables = builtin();
    let done = match &args.what {
        What::List { table: None, json } => Ok(list_tables(tables, *json)),
        What::List { table: Some(name), json } => list(tables, name, *json),
        What::Search { words, json } => search(tables, &words.join(" "), *json),
        What::Show { key, json } => show(tables, key, *json),
    };
    let (output, messages) = match done {
        Ok(output) => (output, Vec::new()),
        Err(said) => (String::new(), vec![said]),
    };
    Done { output, messages, sources: Sources::default(), exit: exit::USAGE }
}

fn table_names() -> impl Iterator<Item = &'static str> {
    TABLES.iter().map(|table| table.file.trim_end_matches(".csv"))
}

fn list_tables(tables: &Tables, as_json: bool) -> String {
    let counts = TABLES.iter().map(|table| (table.file, tables.list(table.file).len()));
    if as_json {
        let rows: Vec<Value> =
            counts.map(|(file, n)| json!({"table": file, "n_rows": n})).collect();
        return line(json!({"schema": SCHEMA, "tables": rows}));
    }
    counts.map(|(file, n)| format!("{:<20}{n:>6} rows\n", file.trim_end_matches(".csv"))).collect()
}

fn list(tables: &Tables, name: &str, as_json: bool) -> Result<String, Diagnostic> {
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

fn search(tables: &Tables, words: &str, as_json: bool) -> Result<String, Diagnostic> {
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
        return line(json!({"schema": SCHEMA, "hits": rows}));
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
fn words_of(row: &epsom_evidence::ValueRow) -> String {
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

fn show(tables: &Tables, key: &str, as_json: bool) -> Result<String, Diagnostic> {
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
        return Ok(line(json!({"schema": SCHEMA, "rows": rows})));
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

fn line(value: Value) -> String {
    format!("{value}\n")
}
