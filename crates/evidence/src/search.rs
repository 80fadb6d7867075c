//! Rows found by words, and rows shown whole.

use crate::schema::{TABLES, TableSchema};
use crate::{Tables, ValueRow};

/// A row that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// File of the row.
    pub table: &'static str,
    /// Key of the row.
    pub key: String,
    /// What it says, one line.
    pub title: String,
    /// Higher is nearer; 0 in a plain list.
    pub score: u32,
}

/// A row with everything the tables say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// File of the row.
    pub table: &'static str,
    /// Key of the row.
    pub key: String,
    /// Column and cell; empty cells are left out.
    pub fields: Vec<(String, String)>,
    /// Rows that name this one as their source.
    pub cited_by: Vec<Hit>,
}

/// Columns that make the title of a row, with the weight of a word found there.
const TITLES: &[(&str, &[&str])] = &[
    ("values.csv", &["symbol", "meaning"]),
    ("effects.csv", &["study_key", "outcome", "arm"]),
    ("claims.csv", &["claim", "testable_statement"]),
    ("claim_statements.csv", &["claim", "claim_id"]),
    ("claim_evidence.csv", &["finding", "system", "outcome"]),
    ("studies.csv", &["intervention", "population", "design"]),
    ("sources.csv", &["title"]),
    ("key_aliases.csv", &["canonical", "kind"]),
    ("salts.csv", &["formula"]),
    ("substances.csv", &["meaning"]),
    ("stoichiometry.csv", &["mol_per_mol"]),
    ("gates.csv", &["fact", "grade", "text"]),
    ("interactions.csv", &["direction", "mechanism", "severity"]),
    ("limits.csv", &["kind", "life_stage", "sex", "sign", "value", "unit"]),
    ("checks.csv", &["model", "quantity", "scenario"]),
    ("model_registry.csv", &["domain", "repository", "id"]),
];

/// The row of `id` in words: value, unit, spread.
pub fn describe(row: &ValueRow) -> String {
    use crate::{Kind, Spread};
    let unit = row.unit_text();
    let value = match &row.kind {
        Kind::Number(printed) => format!("{} {unit}", printed.text()),
        Kind::Interval { lo, hi } => format!("{} to {} {unit}", lo.text(), hi.text()),
        Kind::Text(text) if text.is_empty() => "not seen".to_owned(),
        Kind::Text(text) => format!("\"{text}\""),
    };
    let bound = |end: Option<f64>| end.map_or("?".to_owned(), |end| end.to_string());
    match row.spread {
        Spread::None => value,
        Spread::Sd(sd) => format!("{value} (sd {sd})"),
        Spread::Sem(sem) => format!("{value} (sem {sem})"),
        Spread::Cv(cv) => format!("{value} (cv {cv} %)"),
        Spread::Range { lo, hi } => format!("{value} (range {} to {})", bound(lo), bound(hi)),
        Spread::Ci95 { lo, hi } => format!("{value} (95 % CI {lo} to {hi})"),
        Spread::P5To95 { lo, hi } => format!("{value} (5th to 95th percentile {lo} to {hi})"),
    }
}

impl Tables {
    /// Every row of one table, as a list.
    pub fn list(&self, file: &str) -> Vec<Hit> {
        let table = TABLES.iter().find(|table| table.file == file);
        table
            .map(|table| self.rows(table).into_iter().map(|row| row.hit(0)).collect())
            .unwrap_or_default()
    }

    /// Rows of values, studies and claims that hold every word, nearest first; where no row holds
    /// every word, those that hold any.
    pub fn search(&self, words: &str) -> Vec<Hit> {
        let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
        let searched = ["values.csv", "studies.csv", "claims.csv"];
        let tables = TABLES.iter().filter(|table| searched.contains(&table.file));
        let rows: Vec<Row> = tables.flat_map(|table| self.rows(table)).collect();
        let mut hits = hits(&rows, &words, words.len());
        if hits.is_empty() {
            hits = self::hits(&rows, &words, 1);
        }
        hits.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.key.cmp(&b.key)));
        hits
    }

    /// The rows of this key, in every table that holds one.
    pub fn show(&self, key: &str) -> Vec<Shown> {
        let mut shown = Vec::new();
        for table in TABLES {
            for row in self.rows(table).into_iter().filter(|row| row.key == key) {
                let is_source = matches!(table.file, "sources.csv" | "studies.csv");
                let cited_by = if is_source { self.citing(key) } else { Vec::new() };
                let fields = row.fields.into_iter().filter(|(_, cell)| !cell.is_empty()).collect();
                shown.push(Shown { table: table.file, key: row.key, fields, cited_by });
            }
        }
        shown
    }

    /// Every row of one table with its cells, without the rows that cite it.
    pub fn cells(&self, file: &str) -> Vec<Shown> {
        let Some(table) = TABLES.iter().find(|table| table.file == file) else { return Vec::new() };
        let shown = |row: Row| {
            let fields = row.fields.into_iter().filter(|(_, cell)| !cell.is_empty()).collect();
            Shown { table: table.file, key: row.key, fields, cited_by: Vec::new() }
        };
        self.rows(table).into_iter().map(shown).collect()
    }

    /// Rows that name `key` as a source.
    pub fn citing(&self, key: &str) -> Vec<Hit> {
        let mut hits = Vec::new();
        for table in TABLES.iter().filter(|table| table.file != "key_aliases.csv") {
            let sources = table.columns.iter().filter(|(_, rule)| *rule == crate::Rule::Sources);
            let columns: Vec<&str> = sources.map(|(name, _)| *name).collect();
            let cites = |row: &Row| {
                row.fields.iter().any(|(name, cell)| {
                    columns.contains(&name.as_str()) && cell.split(';').any(|one| one.trim() == key)
                })
            };
            hits.extend(self.rows(table).into_iter().filter(cites).map(|row| row.hit(0)));
        }
        hits
    }

    /// The source keys of every row, once per row that names them; studies do not cite themselves.
    pub(crate) fn all_citations(&self) -> Vec<String> {
        let mut keys = Vec::new();
        for table in TABLES.iter().filter(|table| table.file != "key_aliases.csv") {
            let columns = table.columns.iter().filter(|(_, rule)| *rule == crate::Rule::Sources);
            let sheet = self.sheet(table.file);
            for at in columns.filter_map(|(name, _)| sheet.column(name)) {
                let cells = sheet.rows.iter().filter_map(|row| row.get(at));
                let parts = cells.flat_map(|cell| cell.text.split(';'));
                keys.extend(parts.map(str::trim).filter(|key| !key.is_empty()).map(str::to_owned));
            }
        }
        keys
    }

    fn rows(&self, table: &'static TableSchema) -> Vec<Row> {
        let sheet = self.sheet(table.file);
        let names = || sheet.header.iter().map(|cell| cell.text.to_string());
        let cells = sheet.rows.iter().map(|row| row.iter().map(|cell| cell.text.to_string()));
        cells.map(|row| Row::new(table, names().zip(row).collect())).collect()
    }
}

struct Row {
    table: &'static str,
    key: String,
    title: String,
    fields: Vec<(String, String)>,
}

impl Row {
    fn new(table: &'static TableSchema, fields: Vec<(String, String)>) -> Self {
        let join = |columns: &[&str], between: &str| {
            let cell = |name: &&str| fields.iter().find(|(column, _)| column == name);
            let cells = columns.iter().filter_map(cell).map(|(_, cell)| cell.as_str());
            cells.filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(between)
        };
        let title = TITLES.iter().find(|(file, _)| *file == table.file);
        let title = join(title.map_or(&[][..], |(_, columns)| columns), ", ");
        Self { table: table.file, key: join(table.key, " / "), title, fields }
    }

    fn hit(&self, score: u32) -> Hit {
        Hit { table: self.table, key: self.key.clone(), title: self.title.clone(), score }
    }
}

fn hits(rows: &[Row], words: &[String], least: usize) -> Vec<Hit> {
    let scored = rows.iter().map(|row| {
        let scores: Vec<u32> = words.iter().map(|word| score(row, word)).collect();
        let found = scores.iter().filter(|&&score| score > 0).count();
        (row, found, scores.iter().sum::<u32>())
    });
    let enough = scored.filter(|&(_, found, _)| found >= least.max(1));
    enough.map(|(row, _, score)| row.hit(score)).collect()
}

/// Key before title before the rest; a whole word counts double.
fn score(row: &Row, word: &str) -> u32 {
    let key = row.key.to_lowercase();
    if key == word {
        return 100;
    }
    let rest = row.fields.iter().map(|(_, cell)| cell.as_str());
    let best = rest.map(|cell| points(cell, word, 2)).max().unwrap_or(0);
    points(&key, word, 20).max(points(&row.title, word, 10)).max(best)
}

fn points(text: &str, word: &str, weight: u32) -> u32 {
    let text = text.to_lowercase();
    if !text.contains(word) {
        return 0;
    }
    let whole = text.split(|c: char| !c.is_alphanumeric()).any(|part| part == word);
    if whole { 2 * weight } else { weight }
}
