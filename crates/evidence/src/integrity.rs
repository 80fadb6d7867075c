//! Whether the tables hold together.

use std::collections::{BTreeMap, BTreeSet};

use epsom_diag::{Diagnostic, FileId, Span, did_you_mean, list_names};

use crate::Tables;
use crate::ledger::check_ledger;
use crate::printed::number;
use crate::schema::{Rule, schema};
use crate::sheet::Cell;
use crate::tables::OpenTable;
use crate::units::{check_units, read_substances};
use crate::value::{Kind, Spread};

/// Everything that is wrong with the tables, in the order of files and rows.
///
/// Cells against the rules of their columns, keys unique and sorted, source keys and aliases
/// resolved, spreads and kinds consistent, bounds in order.
/// Spans count files as [`Tables::files`] does.
pub fn integrity(tables: &Tables) -> Vec<Diagnostic> {
    let mut out = check_cells(tables);
    let sheets: Vec<OpenTable<'_>> = tables.sheets().into_iter().flatten().collect();
    let known = known_sources(sheets.iter());
    let substances = read_substances(tables).unwrap_or_else(|error| {
        let what = format!("the substances cannot be used: {error}");
        out.push(Diagnostic::error("E0805", what).help("mend `substances.csv`"));
        epsom_units::Substances::default()
    });
    for table in &sheets {
        check_keys(table, &mut out);
        check_rows(table, &known, &substances, &mut out);
        if table.name == "key_aliases.csv" {
            check_aliases(table, &known, &mut out);
        }
    }
    check_ledger(&sheets, &sheets, &mut out);
    out
}

/// Sources, bounds, spreads and units of the rows of one table.
pub(crate) fn check_rows(
    table: &OpenTable<'_>,
    known: &BTreeSet<&str>,
    substances: &epsom_units::Substances,
    out: &mut Vec<Diagnostic>,
) {
    check_sources(table, known, out);
    if table.name == "values.csv" {
        check_values(table, out);
    } else {
        check_bounds(table, ["lo", "observed", "hi"], out);
        check_bounds(table, ["lo", "value", "hi"], out);
    }
    check_units(table, substances, out);
}

/// Messages for files that are no tables, missing columns, and cells that break a rule.
pub(crate) fn check_cells(tables: &Tables) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    for table in tables.sheets() {
        match table {
            Ok(table) => {
                check_columns(&table, &mut out);
                check_table(&table, &mut out);
            }
            Err(message) => out.push(*message),
        }
    }
    out
}

/// A quote that does not close.
pub(crate) fn quote_diagnostic(file: &str, file_idx: usize, at: usize) -> Diagnostic {
    Diagnostic::error("E0801", format!("`{file}` is no table"))
        .at(span(file_idx, at, at + 1), "this quote does not begin or end a cell")
        .help("put the whole cell in quotes and double the quotes inside it: `\"a \"\"b\"\"\"`")
}

fn check_columns(table: &OpenTable<'_>, out: &mut Vec<Diagnostic>) {
    let Some(schema) = schema(table.name) else { return };
    let header = &table.sheet.header;
    for (name, _) in schema.columns {
        if table.sheet.column(name).is_none() {
            let names = schema.columns.iter().map(|(name, _)| *name);
            out.push(
                Diagnostic::error("E0801", format!("`{}` has no column `{name}`", table.name))
                    .at(span(table.file_idx, 0, header.last().map_or(0, |cell| cell.end)), "header")
                    .help(format!("the header names {}", list_names(names, 40))),
            );
        }
    }
}

/// Rows as long as the header, and cells that their column allows.
pub(crate) fn check_table(table: &OpenTable<'_>, out: &mut Vec<Diagnostic>) {
    let Some(schema) = schema(table.name) else { return };
    let header = &table.sheet.header;
    for row in &table.sheet.rows {
        if row.len() != header.len() {
            let (have, want) = (row.len(), header.len());
            let (start, end) = (row[0].start, row[row.len() - 1].end);
            out.push(
                Diagnostic::error("E0801", format!("a row of `{}` has {have} cells", table.name))
                    .at(span(table.file_idx, start, end), format!("the header has {want}"))
                    .help("put a cell that holds a comma in quotes"),
            );
            continue;
        }
        for (name, cell) in header.iter().zip(row) {
            let rule = schema.columns.iter().find(|(column, _)| *column == name.text);
            if let Some(message) = broken(rule.map_or(Rule::Text, |(_, rule)| *rule), cell) {
                out.push(message.place(table, row, &name.text, cell));
            } else if cell.text.trim() != cell.text || cell.text.contains(['\n', '\t']) {
                let message = Broken {
                    code: "E0809",
                    what: "has a space or line too much".into(),
                    help: "remove spaces at the ends and line breaks".into(),
                };
                out.push(message.place(table, row, &name.text, cell));
            }
        }
    }
}

/// What is wrong with one cell.
struct Broken {
    code: &'static str,
    what: String,
    help: String,
}

impl Broken {
    fn place(
        self,
        table: &OpenTable<'_>,
        row: &[Cell<'_>],
        column: &str,
        cell: &Cell<'_>,
    ) -> Diagnostic {
        let Self { code, what, help } = self;
        let key = key_of(table, row);
        Diagnostic::error(code, format!("`{column}` of `{key}` in `{}` {what}", table.name))
            .at(span(table.file_idx, cell.start, cell.end), "here")
            .help(help)
    }
}

/// Whether a column may be left out: an empty cell breaks no rule.
pub(crate) fn may_be_empty(rule: Rule) -> bool {
    broken(rule, &Cell { text: "".into(), start: 0, end: 0 }).is_none()
}

fn broken(rule: Rule, cell: &Cell<'_>) -> Option<Broken> {
    let text = cell.text.as_ref();
    let message =
        |what: &str, help: String| Some(Broken { code: "E0806", what: what.into(), help });
    match rule {
        Rule::Required if text.is_empty() => message("is empty", "fill the cell".into()),
        Rule::Number if !text.is_empty() && number(text).is_none() => message(
            "is no number",
            "write digits with a decimal point; the published text has its own column".into(),
        ),
        Rule::Count if !text.is_empty() && text.parse::<u32>().is_err() => {
            message("is no whole number", "write digits only, or leave the cell empty".into())
        }
        Rule::Address if !text.is_empty() && !is_address(text) => message(
            "is no web address",
            "write one `https://` address without spaces; words go into `note`".into(),
        ),
        Rule::OneOf(words) if !words.contains(&text) => {
            let help = match did_you_mean(text, words.iter().copied()) {
                Some(word) => format!("did you mean `{word}`"),
                None => format!("the column allows {}", list_names(words.iter().copied(), 20)),
            };
            message("is not a word the column allows", help)
        }
        _ => None,
    }
}

fn is_address(text: &str) -> bool {
    (text.starts_with("https://") || text.starts_with("http://"))
        && !text.contains(char::is_whitespace)
}

fn check_keys(table: &OpenTable<'_>, out: &mut Vec<Diagnostic>) {
    if schema(table.name).is_none_or(|schema| schema.key.is_empty()) {
        return;
    }
    let mut seen = BTreeSet::new();
    let mut before: Option<String> = None;
    for row in &table.sheet.rows {
        let key = key_of(table, row);
        let place = span(table.file_idx, row[0].start, row[0].end);
        if !seen.insert(key.clone()) {
            out.push(
                Diagnostic::error("E0802", format!("`{key}` stands twice in `{}`", table.name))
                    .at(place, "second row")
                    .help("merge the rows, or give one of them another key"),
            );
        } else if before.as_ref().is_some_and(|before| *before > key) {
            let before = before.clone().unwrap_or_default();
            out.push(
                Diagnostic::error("E0808", format!("`{}` is not sorted", table.name))
                    .at(place, format!("stands behind `{before}`"))
                    .help("sort the rows by their key, byte by byte (`LC_ALL=C sort`)"),
            );
        }
        before = Some(key);
    }
}

/// Keys of `sources.csv` and `studies.csv`.
pub(crate) fn known_sources<'a>(
    sheets: impl Iterator<Item = &'a OpenTable<'a>>,
) -> BTreeSet<&'a str> {
    let of = |table: &&OpenTable<'_>| matches!(table.name, "sources.csv" | "studies.csv");
    sheets.filter(of).flat_map(|table| table.sheet.records(["key"])).map(|[key]| key).collect()
}

fn check_sources(table: &OpenTable<'_>, known: &BTreeSet<&str>, out: &mut Vec<Diagnostic>) {
    let Some(schema) = schema(table.name) else { return };
    let columns = schema.columns.iter().filter(|(_, rule)| *rule == Rule::Sources);
    let columns: Vec<usize> = columns.filter_map(|(name, _)| table.sheet.column(name)).collect();
    for row in &table.sheet.rows {
        for cell in columns.iter().filter_map(|&at| row.get(at)) {
            let keys = cell.text.split(';').map(str::trim).filter(|key| !key.is_empty());
            for key in keys.filter(|key| !known.contains(key)) {
                let row_key = key_of(table, row);
                let message =
                    format!("source `{key}` of `{row_key}` in `{}` is unknown", table.name);
                let near = did_you_mean(key, known.iter().copied());
                out.push(
                    Diagnostic::error("E0803", message)
                        .at(span(table.file_idx, cell.start, cell.end), "no row of `sources.csv`")
                        .help(near.map_or_else(
                            || "add the source to `sources.csv` and `references.bib`".to_owned(),
                            |near| format!("did you mean `{near}`"),
                        )),
                );
            }
        }
    }
}

fn check_aliases(table: &OpenTable<'_>, known: &BTreeSet<&str>, out: &mut Vec<Diagnostic>) {
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for ([alias, canonical, kind], row) in
        table.sheet.records(["alias", "canonical", "kind"]).zip(&table.sheet.rows)
    {
        if !kind.starts_with("same") || alias == canonical {
            continue;
        }
        let twice = names.insert(alias, canonical).is_some_and(|other| other != canonical);
        if twice || !known.contains(canonical) || names.contains_key(canonical) {
            out.push(
                Diagnostic::error("E0804", format!("alias `{alias}` does not lead to one source"))
                    .at(span(table.file_idx, row[0].start, row[0].end), format!("`{canonical}`"))
                    .help("name a key of `sources.csv` that is no alias itself"),
            );
        }
    }
}

fn check_values(table: &OpenTable<'_>, out: &mut Vec<Diagnostic>) {
    let names = [
        "kind",
        "value",
        "lo",
        "hi",
        "value_published",
        "spread_kind",
        "spread",
        "spread_lo",
        "spread_hi",
    ];
    for (cells, row) in table.sheet.records(names).zip(&table.sheet.rows) {
        let [kind, value, lo, hi, text, spread_kind, spread, spread_lo, spread_hi] = cells;
        let mut report = |code, what: &str, help: &str| {
            let key = key_of(table, row);
            out.push(
                Diagnostic::error(code, format!("{what} of `{key}` in `values.csv`"))
                    .at(span(table.file_idx, row[0].start, row[0].end), "row")
                    .help(help),
            );
        };
        let kind = Kind::parse(kind, value, [lo, hi], text);
        let spread = Spread::parse(spread_kind, spread, spread_lo, spread_hi);
        match kind {
            None => report(
                "E0806",
                "kind and cells do not agree",
                "`number` fills `value` only, \
                `interval` fills `lo` and `hi`, `text` fills `value_published`",
            ),
            Some(Kind::Interval { lo, hi }) if lo.value() > hi.value() => {
                report("E0807", "bounds are out of order", "`lo` is not above `hi`");
            }
            _ => {}
        }
        let (low, high) = match spread {
            None => {
                report(
                    "E0806",
                    "spread and its kind do not agree",
                    "`sd`, `sem` and `cv` fill \
                    `spread`; `range`, `ci95` and `p5_95` fill `spread_lo` and `spread_hi`",
                );
                continue;
            }
            Some(Spread::Ci95 { lo, hi } | Spread::P5To95 { lo, hi }) => (Some(lo), Some(hi)),
            Some(Spread::Range { lo, hi }) => (lo, hi),
            Some(_) => continue,
        };
        let value = number(value);
        let above = |a: Option<f64>, b: Option<f64>| matches!((a, b), (Some(a), Some(b)) if a > b);
        if above(low, value) || above(value, high) || above(low, high) {
            report("E0807", "bounds are out of order", "`spread_lo`, `value` and `spread_hi` rise");
        }
    }
}

fn check_bounds(table: &OpenTable<'_>, columns: [&str; 3], out: &mut Vec<Diagnostic>) {
    if columns.iter().any(|name| table.sheet.column(name).is_none()) {
        return;
    }
    for (cells, row) in table.sheet.records(columns).zip(&table.sheet.rows) {
        let numbers: Vec<f64> = cells.iter().filter_map(|text| number(text)).collect();
        if !numbers.is_sorted() {
            let key = key_of(table, row);
            let [lo, value, hi] = columns;
            out.push(
                Diagnostic::error(
                    "E0807",
                    format!("bounds are out of order of `{key}` in `{}`", table.name),
                )
                .at(span(table.file_idx, row[0].start, row[0].end), "row")
                .help(format!("`{lo}`, `{value}` and `{hi}` rise")),
            );
        }
    }
}

/// The cells that name a row, separated by ` / `; the first cell where a table has no key.
pub(crate) fn key_of(table: &OpenTable<'_>, row: &[Cell<'_>]) -> String {
    let columns = schema(table.name).map_or(&[][..], |schema| schema.key);
    let cells = columns.iter().filter_map(|name| row.get(table.sheet.column(name)?));
    let key: Vec<&str> = cells.map(|cell| cell.text.as_ref()).collect();
    if key.is_empty() { row[0].text.to_string() } else { key.join(" / ") }
}

pub(crate) fn span(file_idx: usize, start: usize, end: usize) -> Span {
    Span::new(FileId(file_idx as u32), start, end)
}
