//! The folder of a qualification.

use super::Found;
use super::figure::{CAPTION, figure};
use crate::files::{PNG_SCALE, cannot_write, csv_bytes, write_files};
use epsom_diag::Diagnostic;
use epsom_magnesium::qualify::{Outcome, Score, Verdict, to_json, verdicts_csv};
use epsom_report::{Block, Column, Page, ReportError, Table, render_html, render_png, render_svg};
use std::path::Path;

/// Writes every file; each appears under its name only when all of them are complete.
///
/// Returns the line that tells of them.
pub(super) fn write(found: &Found, folder: &Path) -> Result<String, Diagnostic> {
    let failed = |error: ReportError| cannot_write(folder, &error);
    let drawing = figure(&found.outcomes);
    let svg = render_svg(&drawing).map_err(failed)?;
    let json = to_json(&found.outcomes, &found.scores, found.seed, found.n_draws) + "\n";
    let html = render_html(&page(found, &svg)).map_err(failed)?;
    let png = render_png(&drawing, PNG_SCALE).map_err(failed)?;
    let files: [(&str, Vec<u8>); 6] = [
        ("report.html", html.into_bytes()),
        ("figure.png", png),
        ("figure.svg", svg.into_bytes()),
        ("qualify.json", json.into_bytes()),
        ("targets.csv", csv_bytes(&table(&found.outcomes)).map_err(failed)?),
        ("verdicts.csv", verdicts_csv(&found.outcomes).into_bytes()),
    ];
    let written = write_files(folder, &files)?;
    Ok(format!("\n{written}"))
}

fn page(found: &Found, svg: &str) -> Page {
    let all = found.scores.last().cloned().unwrap_or_default();
    let misses = found.outcomes.iter().filter(|one| one.verdict == Verdict::Miss);
    let miss = |one: &Outcome| {
        let (id, cause) = (&one.target.id, &one.target.cause);
        format!("{id}: {}; {}: {cause}", one.quantity_words(), one.words())
    };
    Page {
        title: "The model against what was observed".to_string(),
        lead: format!("{} of {} checking targets are inside their interval.", all.n_pass, all.n),
        blocks: vec![
            Block::Figure { svg: svg.to_string(), caption: CAPTION.to_string() },
            Block::Heading("Groups".to_string()),
            Block::Table {
                table: by_group(&found.scores),
                caption: "Fold: geometric mean of predicted over observed, of checking and \
                          calibration targets with positive numbers."
                    .to_string(),
            },
            Block::Heading("Most likely cause of each miss".to_string()),
            Block::List(misses.map(miss).collect()),
            Block::Heading("Targets".to_string()),
            Block::Table {
                table: table(&found.outcomes),
                caption: "Predicted: central parameters (middle 95 % of the draws of what is not \
                          known). z: standard errors above the number. Wide: half the observed \
                          interval in percent of the number."
                    .to_string(),
            },
        ],
        footer: format!(
            "Epsom {}, model magnesium, seed {}, {} draws. Research and education, not medical \
             advice.",
            env!("CARGO_PKG_VERSION"),
            found.seed,
            found.n_draws
        ),
        one_sheet: false,
    }
}

fn by_group(scores: &[Score]) -> Table {
    let of = |cell: &dyn Fn(&Score) -> f64| scores.iter().map(cell).collect::<Vec<f64>>();
    Table {
        columns: vec![
            Column::text("group", scores.iter().map(|one| one.group.clone()).collect()),
            Column::number("inside", "", of(&|one| one.n_pass as f64)),
            Column::number("checking targets", "", of(&|one| one.n as f64)),
            Column::number("average fold", "", of(&|one| one.average_fold)),
            Column::number("absolute average fold", "", of(&|one| one.absolute_fold)),
        ],
    }
}

/// One row per target.
fn table(outcomes: &[Outcome]) -> Table {
    let text = |name: &str, cell: &dyn Fn(&Outcome) -> String| {
        Column::text(name, outcomes.iter().map(cell).collect())
    };
    let number = |name: &str, cell: &dyn Fn(&Outcome) -> Option<f64>| {
        let cells = outcomes.iter().map(|one| cell(one).unwrap_or(f64::NAN));
        Column::number(name, "", cells.collect())
    };
    Table {
        columns: vec![
            text("id", &|one| one.target.id.clone()),
            text("group", &|one| one.target.group.clone()),
            text("quantity", &Outcome::quantity_words),
            text("observed", &|one| one.target.observed.text.clone()),
            text("predicted", &Outcome::predicted_words),
            number("z", &|one| one.z),
            number("wide", &|one| one.width_percent),
            text("verdict", &Outcome::words),
            text("run", &|one| one.target.how.clone()),
        ],
    }
}
