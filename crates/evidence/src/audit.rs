//! What the tables rest on, counted, and what does not fit together.

use std::collections::{BTreeMap, BTreeSet};

use epsom_diag::Diagnostic;

use crate::formula::{Recomputed, recompute};
use crate::ledger::{Finding, System};
use crate::{Level, Seen, Spread, Tables, claims, integrity};

/// A list of keys under a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// Short name, for programs.
    pub name: &'static str,
    /// What is counted, for people.
    pub about: &'static str,
    /// The keys.
    pub keys: Vec<String>,
}

/// The state of the tables.
#[derive(Debug, Clone)]
pub struct Audit {
    /// Value rows in all.
    pub n_values: usize,
    /// Counts by kind.
    pub counts: Vec<Count>,
    /// What does not hold together.
    pub errors: Vec<Diagnostic>,
}

/// Counts rows by what they rest on and checks that the tables hold together.
pub fn audit(tables: &Tables) -> Audit {
    let values = tables.values();
    let of = |name, about, keep: &dyn Fn(&crate::ValueRow) -> bool| Count {
        name,
        about,
        keys: values.iter().filter(|row| keep(row)).map(|row| row.id.clone()).collect(),
    };
    let words = |row: &crate::ValueRow| matches!(recompute(tables, row), Recomputed::Words(_));
    let agrees = |row: &crate::ValueRow| matches!(recompute(tables, row), Recomputed::Agrees(_));
    let mut counts = vec![
        of("page", "read on a page of the source", &|row| row.seen == Seen::Page),
        of("abstract", "read in an abstract or summary", &|row| row.seen == Seen::Abstract),
        of("computed", "computed here", &|row| row.seen == Seen::Computed),
        of("recalled", "from memory, to be confirmed", &|row| row.is_recalled()),
        of("assumed", "assumed or derived by us", &|row| row.is_assumption()),
        of("calibrated", "fitted here to other rows", &|row| row.level == Level::Calibrated),
        of("not_human", "animals or cells", &|row| !row.is_human()),
        of("without_spread", "numbers without a spread", &|row| {
            row.spread == Spread::None && row.printed().is_some()
        }),
        of("derived", "recomputed from their parents", &agrees),
        of("derived_in_words", "derived, with a formula in words", &words),
        of("derived_without_formula", "derived, without a formula", &|row| {
            row.note.contains("DERIVED") && row.formula.is_empty()
        }),
    ];
    counts.push(Count {
        name: "contradictory",
        about: "claims with human findings for and against",
        keys: contradictory(tables),
    });
    counts.push(Count {
        name: "effects_twice",
        about: "effects of one study that two rows hold with the same numbers",
        keys: effects_twice(tables),
    });
    counts.push(Count {
        name: "used_once",
        about: "sources that one row alone cites",
        keys: used_once(tables),
    });
    counts.push(Count {
        name: "look_alike",
        about: "sources that share a DOI, a title or an article and are not listed as aliases",
        keys: look_alike(tables),
    });
    let mut errors = integrity(tables);
    errors.extend(differing(tables));
    Audit { n_values: values.len(), counts, errors }
}

/// Rows whose formula gives another number than they print.
fn differing(tables: &Tables) -> Vec<Diagnostic> {
    let message = |row: &crate::ValueRow| match recompute(tables, row) {
        Recomputed::Differs(value) => Some(
            Diagnostic::error("E0826", format!("`{}` is not what its formula gives", row.id))
                .note(format!("formula: {}", row.formula))
                .note(format!(
                    "it gives {value}, the row prints {}",
                    row.printed().map_or("no number", |printed| printed.text())
                ))
                .help("correct the number or the formula, and say so in `note`"),
        ),
        _ => None,
    };
    tables.values().iter().filter_map(message).collect()
}

fn contradictory(tables: &Tables) -> Vec<String> {
    let both = |claim: &crate::Claim<'_>| {
        let has = |finding| {
            claim.links.iter().any(|link| {
                link.counts() && link.row.system == System::Human && link.row.finding == finding
            })
        };
        has(Finding::For) && has(Finding::Against)
    };
    claims(tables).iter().filter(|one| both(one)).map(|one| one.row.id.clone()).collect()
}

/// Pairs `a = b` of effect rows of one study with the same printed effect and interval.
fn effects_twice(tables: &Tables) -> Vec<String> {
    let mut seen: Vec<(&crate::effects::EffectRow, f64, (f64, f64))> = Vec::new();
    let mut pairs = Vec::new();
    for row in tables.effects() {
        let Some(effect) = row.effect else { continue };
        let Some(interval) = effect.interval else { continue };
        let same = |one: &&(&crate::effects::EffectRow, f64, (f64, f64))| {
            one.0.study_key == row.study_key && one.1 == effect.estimate && one.2 == interval
        };
        match seen.iter().find(same) {
            Some((first, ..)) => pairs.push(format!("{} = {}", first.id, row.id)),
            None => seen.push((row, effect.estimate, interval)),
        }
    }
    pairs
}

fn used_once(tables: &Tables) -> Vec<String> {
    let mut uses: BTreeMap<&str, usize> =
        tables.sources().iter().map(|source| (source.key.as_str(), 0)).collect();
    for citing in tables.all_citations() {
        if let Some(n) = uses.get_mut(tables.canonical(&citing)) {
            *n += 1;
        }
    }
    uses.into_iter().filter(|(_, n)| *n == 1).map(|(key, _)| key.to_owned()).collect()
}

/// Pairs `a = b` of sources with one DOI or one title.
fn look_alike(tables: &Tables) -> Vec<String> {
    let named: BTreeSet<(&str, &str)> =
        tables.aliases().iter().map(|row| (row.alias.as_str(), row.canonical.as_str())).collect();
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    let mut pairs = Vec::new();
    for source in tables.sources() {
        let title: String =
            source.title.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).collect();
        let marks = [
            source.doi.to_lowercase(),
            if title.len() > 20 { title } else { String::new() },
            article(&source.url).to_owned(),
        ];
        for mark in marks.into_iter().filter(|mark| !mark.is_empty()) {
            let Some(first) = seen.insert(mark, &source.key) else { continue };
            let known =
                named.contains(&(first, &source.key)) || named.contains(&(&source.key, first));
            let pair = format!("{first} = {}", source.key);
            if first != source.key && !known && !pairs.contains(&pair) {
                pairs.push(pair);
            }
        }
    }
    pairs
}

/// The number of an article in an archive; the address of one table is that of a review.
fn article(url: &str) -> &str {
    let Some(at) = url.find("/PMC").filter(|_| !url.contains("/table")) else { return "" };
    let rest = &url[at + 1..];
    let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(rest.len());
    &rest[..end]
}

#[cfg(test)]
mod tests {
    use super::audit;
    use crate::builtin;

    #[test]
    fn the_committed_tables_pass() {
        let audit = audit(builtin());
        let said: Vec<String> = audit.errors.iter().map(|one| one.message.clone()).collect();
        assert_eq!(said, Vec::<String>::new());
        let n = |name: &str| audit.counts.iter().find(|one| one.name == name).unwrap().keys.len();
        // Every row was seen in one of four ways.
        assert_eq!(n("page") + n("abstract") + n("computed") + n("recalled"), audit.n_values);
        assert!(n("derived") >= 24, "{}", n("derived"));
    }

    #[test]
    fn look_alikes_are_listed() {
        let audit = audit(builtin());
        let pairs = audit.counts.iter().find(|one| one.name == "look_alike").unwrap();
        expect_test::expect![""].assert_eq(&pairs.keys.join("\n"));
    }

    #[test]
    fn a_derived_row_that_differs_is_an_error() {
        let text = builtin().text("values.csv").unwrap().replace("PK208 + EPS032", "PK208 + 1");
        let mut files: Vec<(&str, &str)> = builtin().files().collect();
        for file in &mut files {
            if file.0 == "values.csv" {
                file.1 = &text;
            }
        }
        let (tables, _) = crate::Tables::read(&files);
        let errors = audit(&tables).errors;
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].code, "E0826");
        assert_eq!(errors[0].message, "`EPS111` is not what its formula gives");
    }
}
