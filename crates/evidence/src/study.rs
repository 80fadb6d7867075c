//! Rows of `studies.csv`, `sources.csv` and `key_aliases.csv`.

use crate::sheet::Sheet;
use crate::{Seen, Species};

/// One study.
#[derive(Debug, Clone, PartialEq)]
pub struct StudyRow {
    /// Key, such as `fine1991`.
    pub key: String,
    /// Sets it was met in, separated by `;`.
    pub topics: String,
    /// Year.
    pub year: Option<u32>,
    /// Design in words.
    pub design: String,
    /// In whom.
    pub species: Species,
    /// In whom, in words.
    pub population: String,
    /// People or animals.
    pub n: Option<u32>,
    /// What was given.
    pub intervention: String,
    /// Against what.
    pub comparator: String,
    /// Dose of the compound, mg/day, in words where it is no number.
    pub dose_compound_mg_per_day: String,
    /// Dose of the element, mg/day, in words where it is no number.
    pub elemental_mg_per_day: String,
    /// Length.
    pub duration_days: Option<f64>,
    /// Who paid.
    pub funding: String,
    /// Digital object identifier.
    pub doi: String,
    /// How it was seen.
    pub seen: Seen,
    /// Address.
    pub url: String,
    /// Everything else, with the fields on which two records differ.
    pub note: String,
}

/// One source that a table cites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRow {
    /// Key.
    pub key: String,
    /// Other keys of the same source, separated by `;`.
    pub aliases: String,
    /// Year.
    pub year: Option<u32>,
    /// Title.
    pub title: String,
    /// Digital object identifier.
    pub doi: String,
    /// Address.
    pub url: String,
    /// `article`, `book`, `own` or `other`.
    pub kind: String,
    /// Who paid.
    pub funding: String,
    /// How it was seen.
    pub seen: Seen,
    /// Everything else.
    pub note: String,
}

/// Two keys that look alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AliasRow {
    /// The other key.
    pub alias: String,
    /// The key that counts.
    pub canonical: String,
    /// `same paper`, `same page`, or why they differ.
    pub kind: String,
    /// What shows it.
    pub evidence: String,
    /// Everything else.
    pub note: String,
}

impl AliasRow {
    /// Whether the two keys name one source.
    pub fn is_same(&self) -> bool {
        self.kind.starts_with("same") && self.alias != self.canonical
    }
}

pub(crate) fn read_studies(sheet: &Sheet<'_>) -> Vec<StudyRow> {
    let names = [
        "key",
        "topics",
        "year",
        "design",
        "species",
        "population",
        "n_total",
        "intervention",
        "comparator",
        "dose_compound_mg_per_day",
        "elemental_mg_per_day",
        "duration_days",
        "funding",
        "doi",
        "seen",
        "url",
        "note",
    ];
    let row = |cells: [&str; 17]| {
        let [key, topics, year, design, species, population, n, intervention, ..] = cells;
        let [.., comparator, dose, elemental, duration, funding, doi, seen, url, note] = cells;
        Some(StudyRow {
            key: key.to_owned(),
            topics: topics.to_owned(),
            year: year.parse().ok(),
            design: design.to_owned(),
            species: Species::parse(species)?,
            population: population.to_owned(),
            n: n.parse().ok(),
            intervention: intervention.to_owned(),
            comparator: comparator.to_owned(),
            dose_compound_mg_per_day: dose.to_owned(),
            elemental_mg_per_day: elemental.to_owned(),
            duration_days: crate::printed::number(duration),
            funding: funding.to_owned(),
            doi: doi.to_owned(),
            seen: Seen::parse(seen)?,
            url: url.to_owned(),
            note: note.to_owned(),
        })
    };
    sheet.records(names).filter_map(row).collect()
}

pub(crate) fn read_sources(sheet: &Sheet<'_>) -> Vec<SourceRow> {
    let names =
        ["key", "aliases", "year", "title", "doi", "url", "kind", "funding", "seen", "note"];
    let row = |[key, aliases, year, title, doi, url, kind, funding, seen, note]: [&str; 10]| {
        Some(SourceRow {
            key: key.to_owned(),
            aliases: aliases.to_owned(),
            year: year.parse().ok(),
            title: title.to_owned(),
            doi: doi.to_owned(),
            url: url.to_owned(),
            kind: kind.to_owned(),
            funding: funding.to_owned(),
            seen: Seen::parse(seen)?,
            note: note.to_owned(),
        })
    };
    sheet.records(names).filter_map(row).collect()
}

pub(crate) fn read_aliases(sheet: &Sheet<'_>) -> Vec<AliasRow> {
    let names = ["alias", "canonical", "kind", "evidence", "note"];
    let row = |cells: [&str; 5]| {
        let [alias, canonical, kind, evidence, note] = cells.map(str::to_owned);
        AliasRow { alias, canonical, kind, evidence, note }
    };
    sheet.records(names).map(row).collect()
}
