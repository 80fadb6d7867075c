//! `epsom evidence report -o FILE.html`: the whole ledger on one page.

use super::claim::{finding_words, measured_words, pool_words, who};
use super::figures::figures;
use super::uses::{Used, models, names};
use crate::files::{cannot_write, write_file};
use epsom_diag::Diagnostic;
use epsom_evidence::{
    Bears, CertaintyLevel, Claim, Link, Measured, Pool, SECTIONS, Status, System, Tables, citation,
    claims, describe, doi_address,
};
use epsom_report::{Catalog, Entry, Grid, Part, Pieces, link, render_catalog, words};
use std::collections::BTreeSet;
use std::path::Path;

/// Writes the page, or gives it back for standard output.
pub(super) fn run(tables: &Tables, output: &Path) -> Result<String, Diagnostic> {
    let html = page(tables).map_err(|error| cannot_write(output, &error))?;
    if output.as_os_str() == "-" {
        return Ok(html);
    }
    write_file(output, html.as_bytes())?;
    Ok(String::new())
}

fn page(tables: &Tables) -> Result<String, epsom_report::ReportError> {
    let all = claims(tables);
    let models = models();
    let mut entries = Vec::new();
    for section in SECTIONS {
        for claim in all.iter().filter(|one| one.row.section == *section) {
            entries.push(entry(tables, &models, claim)?);
        }
    }
    let n_studies: BTreeSet<&str> =
        tables.links().iter().map(|link| link.study_key.as_str()).collect();
    render_catalog(&Catalog {
        title: "Magnesium L-threonate: what is known, in whom, how sure".to_owned(),
        lead: format!(
            "{} claims weighed against {} studies, with human, animal and cell evidence apart.",
            all.len(),
            n_studies.len()
        ),
        notes: vec![
            "Status and certainty follow from the rows by fixed rules; no status is an opinion \
             that a row does not hold."
                .to_owned(),
            "Effects are recomputed from the arms where these are known; every number leads to \
             its row, and every row to its source."
                .to_owned(),
            "\"Paid by: not stated\" means that these tables do not say, not that a study was \
             independent."
                .to_owned(),
        ],
        map: map(&all),
        entries,
        appendix: vec![
            ("Effects".to_owned(), effects(tables)),
            ("Values that models use or claims name".to_owned(), values(tables, &models)),
            ("Sources".to_owned(), sources(tables)),
        ],
        footer: format!(
            "Epsom {}. Research and education, not medical advice.",
            env!("CARGO_PKG_VERSION")
        ),
    })
}

/// The mark of a status, which also carries the direction.
fn mark(status: Status) -> &'static str {
    match status {
        Status::SupportedHuman => "+",
        Status::MixedHuman => "+/-",
        Status::Contradicted => "-",
        Status::AnimalOnly => "animal",
        Status::InVitroOnly => "cell",
        Status::Assumption => "assumed",
        Status::Unknown => "?",
    }
}

/// Section by certainty; each claim with the mark of its direction.
fn map(all: &[Claim<'_>]) -> Grid {
    let levels = [
        Some(CertaintyLevel::High),
        Some(CertaintyLevel::Moderate),
        Some(CertaintyLevel::Low),
        Some(CertaintyLevel::VeryLow),
        None,
    ];
    let header = levels.iter().map(|one| one.map_or("not graded", CertaintyLevel::name).to_owned());
    let row = |section: &&str| {
        let cell = |level: &Option<CertaintyLevel>| -> Pieces {
            let here = all.iter().filter(|one| {
                one.row.section == **section
                    && one.certainty.as_ref().map(|one| one.level) == *level
            });
            here.map(|one| {
                link(format!("{} {}", one.row.id, mark(one.status)), format!("#{}", one.row.id))
            })
            .collect()
        };
        let mut cells = vec![words(section.replace('_', " "))];
        cells.extend(levels.iter().map(cell));
        (String::new(), cells)
    };
    Grid {
        caption: "Every claim by section and certainty for people. + supported in people, +/- \
                  mixed, - contradicted, animal or cell: shown there only, assumed: an inference \
                  or advice, ?: no study tests it."
            .to_owned(),
        header: std::iter::once("section".to_owned()).chain(header).collect(),
        rows: SECTIONS.iter().map(row).collect(),
    }
}

fn entry(
    tables: &Tables,
    models: &[Used],
    claim: &Claim<'_>,
) -> Result<Entry, epsom_report::ReportError> {
    let row = claim.row;
    let certainty = claim.certainty.as_ref().map_or("not graded", |one| one.level.name());
    let tag = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let size = claim.size().and_then(|link| Some((link, link.measured.as_ref()?)));
    let mut parts = Vec::new();
    fact(&mut parts, "tested as", &row.testable);
    fact(&mut parts, "answer", &claim.conclusion());
    if let Some((link, measured)) = size {
        let mut pieces = vec![source_link(&link.row.study_key)];
        pieces.extend(words(format!(" ({}): ", finding_words(link.row.finding))));
        pieces.extend(effect(measured));
        parts.push(Part::Fact("size".to_owned(), pieces));
    }
    fact(&mut parts, "set by hand", &row.status_reason);
    fact(&mut parts, "why", &row.why);
    for (system, name) in [
        (System::Human, "People"),
        (System::Animal, "Animals"),
        (System::InVitro, "Cells and channels"),
    ] {
        let links: Vec<&Link<'_>> =
            claim.links.iter().filter(|link| link.row.system == system).collect();
        if links.is_empty() {
            continue;
        }
        parts.push(Part::Heading(name.to_owned()));
        for (svg, caption) in figures(claim, system)? {
            parts.push(Part::Figure(svg, caption));
        }
        parts.push(Part::Table(studies(&links)));
    }
    if !claim.pools.is_empty() {
        parts.push(Part::Heading("Pooled".to_owned()));
        parts.extend(claim.pools.iter().map(|pool| Part::Line(pooled(pool))));
    }
    if let Some(certainty) = &claim.certainty {
        let start =
            format!("Certainty: {}, starts {}", certainty.level.name(), certainty.start.name());
        parts.push(Part::Heading(start));
        for step in &certainty.steps {
            let text = format!("{:+} {}: {}", step.change, step.domain.name(), step.reason);
            parts.push(Part::Line(words(text)));
        }
    }
    parts.extend(in_models(tables, models, claim));
    for one in claim.statements.iter().filter(|one| one.id != row.id) {
        let text = format!("{}: {} (found as {}: {})", one.id, one.claim, one.status, one.why);
        parts.push(Part::Fact("merged".to_owned(), words(text)));
    }
    Ok(Entry {
        id: row.id.clone(),
        title: row.claim.clone(),
        tags: vec![
            tag("section", &row.section.replace('_', " ")),
            tag("status", claim.status.words()),
            tag("certainty", certainty),
        ],
        parts,
    })
}

fn studies(links: &[&Link<'_>]) -> Grid {
    let header = ["finding", "study", "outcome", "effect", "design, people, dose, length, payer"];
    let row = |link: &&Link<'_>| {
        let bears = if link.counts() {
            ""
        } else if link.row.bears == Bears::Direct {
            " (does not decide)"
        } else {
            " (indirect)"
        };
        let effect = link.measured.as_ref().map_or_else(Pieces::new, effect);
        let cells = vec![
            words(format!("{}{bears}", finding_words(link.row.finding))),
            vec![source_link(&link.row.study_key)],
            words(&link.row.outcome),
            effect,
            words(who(link)),
        ];
        (String::new(), cells)
    };
    // What decides stands first.
    let mut sorted: Vec<&&Link<'_>> = links.iter().collect();
    sorted.sort_by_key(|link| (link.row.bears, !link.counts()));
    Grid {
        caption: String::new(),
        header: header.map(str::to_owned).to_vec(),
        rows: sorted.into_iter().map(row).collect(),
    }
}

fn fact(parts: &mut Vec<Part>, name: &str, text: &str) {
    if !text.is_empty() {
        parts.push(Part::Fact(name.to_owned(), words(text)));
    }
}

/// A study's key, leading to its source.
fn source_link(key: &str) -> epsom_report::Piece {
    link(key, format!("#src-{key}"))
}

/// An effect in words, with links to its rows.
fn effect(measured: &Measured) -> Pieces {
    let bare = Measured { ids: Vec::new(), ..measured.clone() };
    let mut pieces = words(format!("{} ", measured_words(&bare)));
    for id in &measured.ids {
        pieces.push(link(id.as_str(), format!("#row-{id}")));
        pieces.extend(words(" "));
    }
    pieces
}

/// A pooled effect, and links to its studies.
fn pooled(pool: &Pool) -> Pieces {
    let mut pieces = words(format!("{} ", pool_words(pool)));
    for (key, weight) in &pool.studies {
        pieces.push(source_link(key));
        pieces.extend(words(format!(" ({:.0} %) ", 100.0 * weight)));
    }
    pieces
}

fn in_models(tables: &Tables, models: &[Used], claim: &Claim<'_>) -> Vec<Part> {
    let row = claim.row;
    let mut parts = Vec::new();
    if row.parameters.is_empty() && row.command.is_empty() {
        return parts;
    }
    parts.push(Part::Heading("In models".to_owned()));
    for value in row.parameters.iter().filter_map(|id| tables.value(id)) {
        let used = names(models, &value.id);
        let used =
            if used.is_empty() { "no built-in model yet".to_owned() } else { used.join(", ") };
        let mut pieces = vec![link(value.id.as_str(), format!("#row-{}", value.id))];
        pieces.extend(words(format!(" {}: {} ({used})", value.symbol, describe(value))));
        parts.push(Part::Line(pieces));
    }
    if !row.outputs.is_empty() {
        parts.push(Part::Line(words(format!("outputs: {}", row.outputs.join(", ")))));
    }
    if !row.command.is_empty() {
        parts.push(Part::Code(row.command.clone()));
    }
    parts
}

/// A link where there is an address.
fn address(text: &str, url: &str) -> Pieces {
    if url.is_empty() { words(text) } else { vec![link(text, url)] }
}

fn effects(tables: &Tables) -> Grid {
    let named: BTreeSet<&str> =
        tables.links().iter().flat_map(|link| link.effect_ids.iter().map(String::as_str)).collect();
    let shown = ["id", "study", "outcome", "arm", "cells as printed", "seen"];
    let all = tables.cells("effects.csv");
    let row = |row: &epsom_evidence::effects::EffectRow| {
        let cells = all.iter().find(|one| one.key == row.id);
        let printed: Vec<String> = cells
            .map(|one| one.fields.as_slice())
            .unwrap_or_default()
            .iter()
            .filter(|(name, _)| {
                !matches!(
                    name.as_str(),
                    "id" | "topic"
                        | "study_key"
                        | "seed_section"
                        | "outcome"
                        | "arm"
                        | "seen"
                        | "url"
                )
            })
            .map(|(name, cell)| format!("{name} {cell}"))
            .collect();
        let cells = vec![
            words(&row.id),
            vec![link(row.study_key.as_str(), format!("#src-{}", row.study_key))],
            words(&row.outcome),
            words(&row.arm),
            words(printed.join("; ")),
            address(row.seen.name(), &row.url),
        ];
        (format!("row-{}", row.id), cells)
    };
    let rows = tables.effects().iter().filter(|row| named.contains(row.id.as_str()));
    Grid {
        caption: "The rows behind the effects above; `seen` leads to the page that was read."
            .to_owned(),
        header: shown.map(str::to_owned).to_vec(),
        rows: rows.map(row).collect(),
    }
}

fn values(tables: &Tables, models: &[Used]) -> Grid {
    let mut named: BTreeSet<&str> =
        tables.claims().iter().flat_map(|row| row.parameters.iter().map(String::as_str)).collect();
    for used in models {
        let rows = used.model.params.iter().flat_map(|param| &param.provenance.rows);
        named.extend(rows.map(String::as_str));
    }
    let row = |id: &str| {
        let row = tables.value(id)?;
        let cells = vec![
            words(&row.id),
            words(format!("{}: {}", row.symbol, row.meaning)),
            words(describe(row)),
            words(row.species.name()),
            if row.source_key.is_empty() {
                words("not identified")
            } else {
                vec![link(row.source_key.as_str(), format!("#src-{}", row.source_key))]
            },
            address(row.seen.name(), &row.url),
            words(format!("{}, grade {}", row.level.name(), row.grade().name())),
            words(names(models, id).join(", ")),
        ];
        Some((format!("row-{id}"), cells))
    };
    let header = ["id", "meaning", "value", "in", "source", "seen", "level", "used by"];
    Grid {
        caption: "`recalled` numbers came from memory and are still to be confirmed.".to_owned(),
        header: header.map(str::to_owned).to_vec(),
        rows: named.into_iter().filter_map(row).collect(),
    }
}

fn sources(tables: &Tables) -> Grid {
    let mut keys: BTreeSet<&str> =
        tables.links().iter().map(|link| link.study_key.as_str()).collect();
    keys.extend(tables.values().iter().map(|row| row.source_key.as_str()));
    keys.remove("");
    let row = |key: &str| {
        let (source, study) = (tables.source(key), tables.study(key));
        let doi = [source.map(|row| row.doi.as_str()), study.map(|row| row.doi.as_str())];
        let doi = doi.into_iter().flatten().find(|one| !one.is_empty()).unwrap_or_default();
        let url = [source.map(|row| row.url.as_str()), study.map(|row| row.url.as_str())];
        let url = url.into_iter().flatten().find(|one| !one.is_empty()).unwrap_or_default();
        let mut place = Pieces::new();
        if !doi.is_empty() {
            place.push(link(format!("doi {doi} "), doi_address(doi)));
        }
        if !url.is_empty() {
            place.push(link("page", url));
        }
        let cited = citation(tables, key).unwrap_or_else(|| "no bibliographic data".to_owned());
        let funding = study.map_or("", |row| row.funding.as_str());
        let cells = vec![
            words(key),
            words(cited),
            place,
            words(if funding.is_empty() { "not stated" } else { funding }),
            words(study.map_or("", |row| row.note.as_str())),
        ];
        (format!("src-{key}"), cells)
    };
    let header = ["key", "citation", "address", "paid by", "note"];
    Grid {
        caption: "Studies that a claim rests on and sources of values.".to_owned(),
        header: header.map(str::to_owned).to_vec(),
        rows: keys.into_iter().map(row).collect(),
    }
}
