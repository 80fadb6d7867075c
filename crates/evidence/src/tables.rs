//! The tables as one value: read, looked up, extended.

use std::borrow::Cow;
use std::sync::OnceLock;

use epsom_diag::{Diagnostic, did_you_mean};

use crate::effects::{EffectRow, read_effects};
use crate::gates::{GateRow, read_gates};
use crate::integrity::{check_cells, quote_diagnostic};
use crate::interactions::{InteractionRow, read_interactions};
use crate::ledger::{ClaimRow, LinkRow, StatementRow, read_claims, read_links, read_statements};
use crate::limits::{LimitRow, read_limits};
use crate::schema::schema;
use crate::sheet::{Sheet, parse_sheet};
use crate::study::{AliasRow, SourceRow, StudyRow, read_aliases, read_sources, read_studies};
use crate::value::{ValueRow, read};

/// Evidence tables. Each is typed when it is first asked for.
#[derive(Debug, Default)]
pub struct Tables {
    files: Vec<(String, Cow<'static, str>)>,
    values: OnceLock<Vec<ValueRow>>,
    studies: OnceLock<Vec<StudyRow>>,
    sources: OnceLock<Vec<SourceRow>>,
    aliases: OnceLock<Vec<AliasRow>>,
    claims: OnceLock<Vec<ClaimRow>>,
    statements: OnceLock<Vec<StatementRow>>,
    links: OnceLock<Vec<LinkRow>>,
    effects: OnceLock<Vec<EffectRow>>,
    limits: OnceLock<Vec<LimitRow>>,
    interactions: OnceLock<Vec<InteractionRow>>,
    gates: OnceLock<Vec<GateRow>>,
}

impl Tables {
    /// Tables from (file name, text) pairs, with every cell that breaks its column's rule.
    ///
    /// A span's file is the index in `files`. Rows that cannot be typed are left out.
    pub fn read(files: &[(&str, &str)]) -> (Self, Vec<Diagnostic>) {
        let owned = |&(name, text): &(&str, &str)| (name.to_owned(), Cow::Owned(text.to_owned()));
        let tables = Self { files: files.iter().map(owned).collect(), ..Self::default() };
        let diagnostics = check_cells(&tables);
        (tables, diagnostics)
    }

    /// Tables from texts that live as long as the program, without checking them.
    pub(crate) fn embedded(files: &[(&str, &'static str)]) -> Self {
        let borrowed = |&(name, text): &(&str, &'static str)| (name.to_owned(), text.into());
        Self { files: files.iter().map(borrowed).collect(), ..Self::default() }
    }

    /// Tables from owned texts, without checking them.
    pub(crate) fn of(files: Vec<(String, Cow<'static, str>)>) -> Self {
        Self { files, ..Self::default() }
    }

    /// File names and texts, in the order that spans count.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(name, text)| (name.as_str(), text.as_ref()))
    }

    /// Text of one file.
    pub fn text(&self, file: &str) -> Option<&str> {
        self.files().find(|(name, _)| *name == file).map(|(_, text)| text)
    }

    /// Rows of `values.csv`, sorted by id.
    pub fn values(&self) -> &[ValueRow] {
        self.values.get_or_init(|| sorted(read(&self.sheet("values.csv")), |row| &row.id))
    }

    /// Rows of `studies.csv`, sorted by key.
    pub fn studies(&self) -> &[StudyRow] {
        self.studies
            .get_or_init(|| sorted(read_studies(&self.sheet("studies.csv")), |row| &row.key))
    }

    /// Rows of `sources.csv`, sorted by key.
    pub fn sources(&self) -> &[SourceRow] {
        self.sources
            .get_or_init(|| sorted(read_sources(&self.sheet("sources.csv")), |row| &row.key))
    }

    /// Rows of `key_aliases.csv`.
    pub fn aliases(&self) -> &[AliasRow] {
        self.aliases.get_or_init(|| read_aliases(&self.sheet("key_aliases.csv")))
    }

    /// Rows of `claims.csv`, sorted by id.
    pub fn claims(&self) -> &[ClaimRow] {
        self.claims.get_or_init(|| sorted(read_claims(&self.sheet("claims.csv")), |row| &row.id))
    }

    /// Rows of `claim_statements.csv`.
    pub fn statements(&self) -> &[StatementRow] {
        self.statements.get_or_init(|| read_statements(&self.sheet("claim_statements.csv")))
    }

    /// Rows of `claim_evidence.csv`.
    pub fn links(&self) -> &[LinkRow] {
        self.links.get_or_init(|| read_links(&self.sheet("claim_evidence.csv")))
    }

    /// Rows of `effects.csv`, sorted by id.
    pub fn effects(&self) -> &[EffectRow] {
        self.effects.get_or_init(|| sorted(read_effects(&self.sheet("effects.csv")), |row| &row.id))
    }

    /// Rows of `limits.csv`.
    pub fn limits(&self) -> &[LimitRow] {
        self.limits.get_or_init(|| read_limits(&self.sheet("limits.csv")))
    }

    /// Rows of `interactions.csv`.
    pub fn interactions(&self) -> &[InteractionRow] {
        self.interactions.get_or_init(|| read_interactions(&self.sheet("interactions.csv")))
    }

    /// Rows of `gates.csv`.
    pub fn gates(&self) -> &[GateRow] {
        self.gates.get_or_init(|| read_gates(&self.sheet("gates.csv")))
    }

    /// The effect row of this id.
    pub fn effect(&self, id: &str) -> Option<&EffectRow> {
        find(self.effects(), id, |row| &row.id)
    }

    /// The value row of this id.
    pub fn value(&self, id: &str) -> Option<&ValueRow> {
        find(self.values(), id, |row| &row.id)
    }

    /// The study of this key or of a key that names the same paper.
    pub fn study(&self, key: &str) -> Option<&StudyRow> {
        find(self.studies(), key, |row| &row.key)
            .or_else(|| find(self.studies(), self.canonical(key), |row| &row.key))
    }

    /// The source of this key or of a key that names the same paper.
    pub fn source(&self, key: &str) -> Option<&SourceRow> {
        find(self.sources(), key, |row| &row.key)
            .or_else(|| find(self.sources(), self.canonical(key), |row| &row.key))
    }

    /// The key that counts: itself, unless it is listed as another name of one source.
    pub fn canonical<'a>(&'a self, key: &'a str) -> &'a str {
        let same = |row: &&AliasRow| row.alias == key && row.is_same();
        self.aliases().iter().find(same).map_or(key, |row| &row.canonical)
    }

    /// The id nearest to `id`, for "did you mean".
    pub fn nearest_value(&self, id: &str) -> Option<&str> {
        did_you_mean(id, self.values().iter().map(|row| row.id.as_str()))
    }

    /// Value rows whose symbol or meaning holds `label`, in any case.
    pub fn labelled(&self, label: &str) -> impl Iterator<Item = &ValueRow> {
        let words: Vec<String> = label.to_lowercase().split('_').map(str::to_owned).collect();
        self.values().iter().filter(move |row| {
            let text = format!("{} {}", row.symbol, row.meaning).to_lowercase();
            words.iter().all(|word| text.contains(word.as_str()))
        })
    }

    /// Adds the value rows of a user's folder, their ids as `PREFIX.ID`.
    ///
    /// Source keys that the added folder holds are prefixed too; others mean the tables here.
    /// Returns what is wrong with the added files; spans count in `files`.
    pub fn extend(&mut self, prefix: &str, files: &[(&str, &str)]) -> Vec<Diagnostic> {
        let (added, mut diagnostics) = Self::read(files);
        if prefix.is_empty() || self.values().iter().any(|row| in_prefix(&row.id, prefix)) {
            diagnostics.push(
                Diagnostic::error("E0810", format!("the prefix `{prefix}` cannot be used"))
                    .note("rows of an added evidence folder are named `PREFIX.ID`")
                    .help("choose a prefix that no row begins with, such as the folder's name"),
            );
            return diagnostics;
        }
        let own = |key: &str| added.source(key).is_some();
        let named = |key: &str| format!("{prefix}.{key}");
        let mut values = std::mem::take(&mut self.values).into_inner().unwrap_or_default();
        for row in added.values() {
            let mut row = row.clone();
            row.id = named(&row.id);
            if own(&row.source_key) {
                row.source_key = named(&row.source_key);
            }
            values.push(row);
        }
        self.values = OnceLock::from(sorted(values, |row| &row.id));
        let mut sources = self.sources().to_vec();
        sources.extend(
            added.sources().iter().map(|row| SourceRow { key: named(&row.key), ..row.clone() }),
        );
        self.sources = OnceLock::from(sorted(sources, |row| &row.key));
        let mut studies = self.studies().to_vec();
        studies.extend(
            added.studies().iter().map(|row| StudyRow { key: named(&row.key), ..row.clone() }),
        );
        self.studies = OnceLock::from(sorted(studies, |row| &row.key));
        diagnostics
    }

    /// A file as cells; empty where it is missing or no table.
    pub(crate) fn sheet(&self, file: &str) -> Sheet<'_> {
        self.text(file).and_then(|text| parse_sheet(text).ok()).unwrap_or_default()
    }

    /// Every file that has a schema, as cells, or the message why not.
    pub(crate) fn sheets(&self) -> Vec<Result<OpenTable<'_>, Box<Diagnostic>>> {
        let mut sheets = Vec::new();
        for (file_idx, (name, text)) in self.files().enumerate() {
            if schema(name).is_none() {
                continue;
            }
            sheets.push(match parse_sheet(text) {
                Ok(sheet) => Ok(OpenTable { file_idx, name, sheet }),
                Err(bad) => Err(Box::new(quote_diagnostic(name, file_idx, bad.at))),
            });
        }
        sheets
    }
}

/// A file that parsed.
#[derive(Clone)]
pub(crate) struct OpenTable<'a> {
    pub(crate) file_idx: usize,
    pub(crate) name: &'a str,
    pub(crate) sheet: Sheet<'a>,
}

fn in_prefix(id: &str, prefix: &str) -> bool {
    id.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('.'))
}

fn sorted<T>(mut rows: Vec<T>, key: impl Fn(&T) -> &String) -> Vec<T> {
    rows.sort_by(|a, b| key(a).cmp(key(b)));
    rows
}

/// The row of this key; where there is none, the only one that differs in case alone.
fn find<'a, T>(rows: &'a [T], key: &str, of: impl Fn(&T) -> &String) -> Option<&'a T> {
    if let Ok(at) = rows.binary_search_by(|row| of(row).as_str().cmp(key)) {
        return Some(&rows[at]);
    }
    let mut near = rows.iter().filter(|row| of(row).eq_ignore_ascii_case(key));
    near.next().filter(|_| near.next().is_none())
}
