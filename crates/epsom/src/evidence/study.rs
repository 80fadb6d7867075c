//! `epsom evidence study KEY` and `cite KEY`.

use super::claim::{finding_words, measured_words, who};
use super::text::wrap;
use super::{SCHEMA, line};
use epsom_diag::{Diagnostic, did_you_mean};
use epsom_evidence::{Claim, Link, Tables, bibtex, citation, claims, describe};
use serde_json::{Value, json};

/// How a citation is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(super) enum Style {
    /// One line.
    #[default]
    Text,
    /// An entry of a bibliography.
    Bibtex,
}

fn unknown(tables: &Tables, key: &str) -> Diagnostic {
    let said = Diagnostic::error("E0905", format!("there is no study or source `{key}`"));
    let keys = tables.sources().iter().map(|row| row.key.as_str());
    match did_you_mean(key, keys) {
        Some(near) => said.help(format!("did you mean `{near}`")),
        None => said.help("find studies with `epsom evidence search WORDS`"),
    }
}

/// One study with what it found for every claim.
pub(super) fn run(tables: &Tables, key: &str, as_json: bool) -> Result<String, Diagnostic> {
    let (study, source) = (tables.study(key), tables.source(key));
    if study.is_none() && source.is_none() {
        return Err(unknown(tables, key));
    }
    let canonical = study.map(|row| row.key.as_str()).or(source.map(|row| row.key.as_str()));
    let canonical = canonical.unwrap_or(key);
    let all = claims(tables);
    let same = |link: &&Link<'_>| tables.canonical(&link.row.study_key) == canonical;
    let found: Vec<(&Claim<'_>, &Link<'_>)> = all
        .iter()
        .flat_map(|claim| claim.links.iter().filter(same).map(move |link| (claim, link)))
        .collect();
    let values: Vec<_> = tables.values().iter().filter(|row| row.source_key == canonical).collect();
    let cited = citation(tables, canonical).unwrap_or_default();
    if as_json {
        let findings: Vec<Value> = found
            .iter()
            .map(|(claim, link)| {
                json!({
                    "claim": claim.row.id, "bears": link.row.bears.name(),
                    "finding": link.row.finding.name(), "outcome": link.row.outcome,
                    "effect": link.measured.as_ref().map(measured_words),
                })
            })
            .collect();
        return Ok(line(&json!({
            "schema": SCHEMA, "key": canonical, "citation": cited,
            "species": study.map(|row| row.species.name()), "n": study.and_then(|row| row.n),
            "design": study.map(|row| row.design.as_str()),
            "population": study.map(|row| row.population.as_str()),
            "intervention": study.map(|row| row.intervention.as_str()),
            "comparator": study.map(|row| row.comparator.as_str()),
            "duration_days": study.and_then(|row| row.duration_days),
            "funding": study.map(|row| row.funding.as_str()),
            "seen": study.map(|row| row.seen.name()),
            "url": study.map(|row| row.url.as_str()),
            "note": study.map(|row| row.note.as_str()),
            "findings": findings,
            "values": values.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(),
        })));
    }
    let mut text = format!("{canonical}\n");
    let mut add = |name: &str, value: &str| {
        if !value.is_empty() {
            text.push_str(&wrap(value, &format!("  {name:<10} "), &" ".repeat(13)));
        }
    };
    add("source", &cited);
    match (study, found.first()) {
        (Some(study), _) => {
            let link_like = found.first().map(|(_, link)| who(link));
            add("study", &link_like.unwrap_or_else(|| study.design.clone()));
            add("species", study.species.name());
            add("seen", study.seen.name());
            add("address", &study.url);
            add("note", &study.note);
        }
        (None, _) => add("study", "no row in `studies.csv`; the source alone is known"),
    }
    text.push_str(if found.is_empty() { "\nClaims: none\n" } else { "\nClaims\n" });
    for (claim, link) in &found {
        let row = link.row;
        let mut words = format!(
            "{} ({}, {}): {}",
            claim.row.id,
            row.bears.name(),
            finding_words(row.finding),
            row.outcome
        );
        if let Some(measured) = &link.measured {
            words.push_str(&format!("; {}", measured_words(measured)));
        }
        text.push_str(&wrap(&words, "  ", "    "));
    }
    text.push_str(if values.is_empty() { "\nValues: none\n" } else { "\nValues\n" });
    for row in values {
        let words = format!("{} {}: {}", row.id, row.symbol, describe(row));
        text.push_str(&wrap(&words, "  ", "    "));
    }
    Ok(text)
}

/// How to cite a source.
pub(super) fn cite(
    tables: &Tables,
    key: &str,
    style: Style,
    as_json: bool,
) -> Result<String, Diagnostic> {
    let text = match style {
        Style::Text => citation(tables, key),
        Style::Bibtex => bibtex(tables, key).map(str::to_owned),
    };
    let text = text.ok_or_else(|| unknown(tables, key))?;
    if as_json {
        let style = if style == Style::Text { "text" } else { "bibtex" };
        return Ok(line(&json!({"schema": SCHEMA, "key": key, "style": style, "citation": text})));
    }
    Ok(format!("{text}\n"))
}
