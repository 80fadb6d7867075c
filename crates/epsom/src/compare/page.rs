//! The report of a comparison: one page that needs nothing else.

use super::figure::caption;
use super::table::RATIOS;
use crate::source::source;
use epsom_magnesium::builtin_model;
use epsom_magnesium::compare::{Comparison, Mark, Marked, PAIRED, ROWS, alike, ratio_text, words};
use epsom_report::{Block, Column, Page, Table, significant};
use std::collections::BTreeSet;

/// The page; `svg` is the figure.
pub(crate) fn page(comparison: &Comparison, svg: &str) -> Page {
    let mut sentences = words::sentences(comparison);
    let lead = if sentences.is_empty() { String::new() } else { sentences.remove(0) };
    let mut blocks = vec![
        Block::Warning(words::STANDING.to_string()),
        Block::Paragraph(format!(
            "{}. {}. {}.",
            capital(&words::person(comparison)),
            capital(&words::dosing(comparison)),
            capital(&words::base(comparison))
        )),
        Block::List(sentences),
        Block::Figure { svg: svg.to_string(), caption: caption(comparison) },
        Block::Heading("Numbers".to_string()),
        Block::Table { table: numbers(comparison), caption: words::INTERVALS.to_string() },
    ];
    if let Some(table) = differences(comparison) {
        blocks.push(Block::Table {
            table,
            caption: "Less the first salt, taken in the same way, draw by draw.".to_string(),
        });
    }
    blocks.push(Block::Heading("Salts".to_string()));
    blocks.push(Block::Table {
        table: salts(comparison),
        caption: "What dissolves slowly is per dose. Assumed or recalled numbers are counted per \
                  salt, with meals / between meals."
            .to_string(),
    });
    blocks.push(Block::Heading("What it rests on".to_string()));
    blocks.push(Block::Paragraph(words::widths(comparison)));
    blocks.push(Block::Table {
        table: marks(comparison),
        caption: "Numbers that are assumed, recalled or not measured in people; `epsom evidence \
                  show ROW` prints a row."
            .to_string(),
    });
    if let Some(model) = builtin_model("magnesium") {
        blocks.push(Block::Heading("The model".to_string()));
        blocks.push(source("The text of the model, as it ran", model.text, true));
    }
    Page {
        title: "Magnesium salts compared".to_string(),
        lead,
        blocks,
        footer: format!(
            "Epsom {}, model magnesium, seed {}, {} draws. {}",
            env!("CARGO_PKG_VERSION"),
            comparison.settings.seed,
            comparison.n_used,
            words::STANDING
        ),
        one_sheet: false,
    }
}

/// With a capital at the start, for a sentence.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}

/// One row per quantity, one column per set of like salts and timing.
fn numbers(comparison: &Comparison) -> Table {
    let mut columns = vec![
        Column::text("last day of dosing", ROWS.iter().map(|row| row.words.to_string()).collect()),
        Column::text("unit", ROWS.iter().map(|row| row.unit.to_string()).collect()),
    ];
    for set in alike(comparison) {
        let names = set.iter().map(|&form| comparison.settings.forms[form].name.as_str());
        let names = words::joined(names);
        for arm in comparison.arms.iter().filter(|arm| arm.form == set[0]) {
            let cells = ROWS.iter().map(|row| row.text(&arm.measures));
            let mut column = Column::text(names.clone(), cells.collect());
            column.unit = words::timing_words(arm.timing).to_string();
            columns.push(column);
        }
    }
    Table { columns }
}

/// Paired differences of the salts that differ from the first; none where all are alike.
fn differences(comparison: &Comparison) -> Option<Table> {
    let rows: Vec<_> = ROWS.iter().filter(|row| PAIRED.contains(&row.key)).collect();
    let over = RATIOS.iter().map(|one| format!("{}, over the first, 90 %", one.0));
    let names = rows.iter().map(|row| row.words.to_string()).chain(over);
    let units = rows.iter().map(|row| row.unit).chain(RATIOS.iter().map(|_| "ratio"));
    let mut columns = vec![
        Column::text("difference", names.collect()),
        Column::text("unit", units.map(str::to_string).collect()),
    ];
    for set in alike(comparison).iter().filter(|set| set[0] > 0) {
        let names = set.iter().map(|&form| comparison.settings.forms[form].name.as_str());
        let names = words::joined(names);
        for arm in comparison.arms.iter().filter(|arm| arm.form == set[0]) {
            let Some(less) = &arm.less_first else { continue };
            let over = RATIOS.iter().map(|(_, of)| arm.over_first.as_ref().and_then(of));
            let over = over.map(|one| one.map_or_else(String::new, |one| ratio_text(&one)));
            let cells = rows.iter().map(|row| row.text(less)).chain(over);
            let mut column = Column::text(names.clone(), cells.collect());
            column.unit = words::timing_words(arm.timing).to_string();
            columns.push(column);
        }
    }
    (columns.len() > 2).then_some(Table { columns })
}

fn salts(comparison: &Comparison) -> Table {
    let forms = &comparison.settings.forms;
    let arms = |at: usize| comparison.arms.iter().filter(move |arm| arm.form == at);
    let of = |cell: &dyn Fn(usize) -> String| (0..forms.len()).map(cell).collect::<Vec<_>>();
    let with_unit = |name: &str, unit: &str, cells: Vec<String>| {
        let mut column = Column::text(name, cells);
        column.unit = unit.to_string();
        column
    };
    Table {
        columns: vec![
            Column::text("salt", of(&|at| forms[at].name.clone())),
            Column::text("form", of(&|at| forms[at].salt.name.clone())),
            Column::text("formula", of(&|at| forms[at].salt.formula.clone())),
            with_unit(
                "salt",
                "mg/day",
                of(&|at| significant(forms[at].salt.mass_of(forms[at].daily).mg, 4)),
            ),
            with_unit(
                "magnesium",
                "mg/day",
                of(&|at| significant(forms[at].daily.elemental().mg, 3)),
            ),
            with_unit(
                "dissolves slowly",
                "mmol",
                of(&|at| {
                    arms(at).next().map_or_else(String::new, |arm| significant(arm.residue_mmol, 3))
                }),
            ),
            Column::text(
                "assumed or recalled",
                of(&|at| {
                    arms(at).map(|arm| arm.n_assumed().to_string()).collect::<Vec<_>>().join(" / ")
                }),
            ),
        ],
    }
}

/// Every marked number of any salt, once.
fn marks(comparison: &Comparison) -> Table {
    let all: BTreeSet<&Marked> = comparison.arms.iter().flat_map(|arm| &arm.marked).collect();
    let column = |name: &str, cell: &dyn Fn(&Marked) -> String| {
        Column::text(name, all.iter().map(|one| cell(one)).collect())
    };
    Table {
        columns: vec![
            column("number", &|one| one.name.clone()),
            column("row", &|one| one.row.clone()),
            column("mark", &|one| Mark::word(one.mark).to_string()),
            column("what", &|one| one.what.clone()),
        ],
    }
}
