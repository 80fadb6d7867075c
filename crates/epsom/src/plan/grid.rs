//! `--explore`: the options as a table, a heat map, a page, JSON.

use crate::files::{PNG_SCALE, cannot_write, csv_bytes, write_file};
use epsom_diag::Diagnostic;
use epsom_magnesium::plan::{DAILY_MG, Explored, SALTS, SPLITS, Tried, words};
use epsom_population::Interval;
use epsom_report::{
    Block, Column, HeatCell, HeatMap, HeatPanel, Page, ReportError, Table, render_heat_png,
    render_heat_svg, render_html,
};
use std::path::Path;

/// The options as a table of a terminal.
pub(super) fn text(explored: &Explored) -> String {
    let shown = |one: Option<Interval>, decimals: usize| match one {
        Some(one) => {
            format!("{:.decimals$} ({:.decimals$} to {:.decimals$})", one.median, one.lo, one.hi)
        }
        None => "not predicted".to_string(),
    };
    let mut text = format!(
        "{:24} {:>6} {:>5}  {:>20}  {:>20}  {:6} {:5} limits it lies above\n",
        "salt", "mg/day", "doses", "absorbed mmol/day", "serum mmol/L", "stool", "gates"
    );
    for one in &explored.options {
        let stool = if one.may_loosen_stool { "maybe" } else { "-" };
        let line = format!(
            "{:24} {:>6.0} {:>5}  {:>20}  {:>20}  {stool:6} {:>5} {}",
            one.salt,
            one.elemental_mg_per_day,
            one.n_doses_a_day,
            shown(one.absorbed_mmol_per_day, 2),
            shown(one.serum_mmol_per_l, 2),
            one.n_gates,
            limits(one)
        );
        text.push_str(&format!("{}\n", line.trim_end()));
    }
    if !explored.not_predicted.is_empty() {
        text.push_str(&format!("Nothing is predicted. {}\n", explored.not_predicted));
    }
    if let Some(limits) = limits_with_sources(explored) {
        text.push_str(&format!("{limits}\n"));
    }
    text.push_str(&format!("{} {}\n", said(explored), words::STANDING));
    text
}

fn limits(one: &Tried) -> String {
    match (one.above.is_empty(), one.n_unknown_limits) {
        (true, n) if n > 0 => format!("({n} not known, which is not \"no limit\")"),
        _ => one.above.join("; "),
    }
}

/// Options of the whole grid.
pub(super) fn n_options() -> u64 {
    (SALTS.len() * DAILY_MG.len() * SPLITS.len()) as u64
}

/// What the grid is and how wide its intervals are.
fn said(explored: &Explored) -> String {
    format!(
        "A grid with meals for four weeks, not a recommendation; median and middle 95 % of {} draws, \
         of which the ends rest on the outermost few [model magnesium]; stool: the lowest amount with \
         mild diarrhea [PK136]; \"-\" in a column says that no limit or effect is known to be reached. \
         Salts with the same numbers dissolve alike at that amount: no difference between them is \
         known there, which is not evidence that there is none.",
        explored.n_draws
    )
}

/// Absorbed, serum, stool and limits of every option as colors and words.
pub(super) fn heat_map(explored: &Explored) -> HeatMap {
    let names = SALTS.iter().flat_map(|salt| {
        SPLITS.iter().map(move |(_, times)| format!("{}, {times}", salt.replace('_', " ")))
    });
    let cell_at = |salt: &str, n: u32, daily: u32| {
        explored.options.iter().find(|one| {
            one.salt == salt
                && one.n_doses_a_day == n
                && one.elemental_mg_per_day == f64::from(daily)
        })
    };
    let panel = |title: &str, of: &dyn Fn(&Tried) -> HeatCell| {
        let mut cells = Vec::new();
        for salt in SALTS {
            for (n, _) in SPLITS {
                for &daily in DAILY_MG {
                    let not_run = HeatCell { value: None, text: "not run".to_string() };
                    cells.push(cell_at(salt, *n, daily).map_or(not_run, of));
                }
            }
        }
        HeatPanel { title: title.to_string(), cells }
    };
    let number = |one: Option<Interval>, decimals: usize| HeatCell {
        value: one.map(|one| one.median),
        text: one.map_or_else(
            || "not predicted".to_string(),
            |one| format!("{:.decimals$}", one.median),
        ),
    };
    HeatMap {
        title: "Options: what each is predicted to do".to_string(),
        rows: names.collect(),
        columns: DAILY_MG.iter().map(u32::to_string).collect(),
        x_label: "magnesium (mg a day)".to_string(),
        panels: vec![
            panel("absorbed (mmol a day, median)", &|one| number(one.absorbed_mmol_per_day, 2)),
            panel("serum on the last day (mmol/L, median)", &|one| number(one.serum_mmol_per_l, 3)),
            panel("lowest amount with mild diarrhea [PK136]", &|one| HeatCell {
                value: Some(f64::from(u8::from(one.may_loosen_stool))),
                text: if one.may_loosen_stool { "reached" } else { "below it" }.to_string(),
            }),
            panel("upper levels that it lies above", &|one| HeatCell {
                value: Some(one.above.len() as f64),
                text: match (one.above.len(), one.n_unknown_limits) {
                    (0, 0) => "none".to_string(),
                    (0, n) => format!("{n} not known"),
                    (n, _) => format!("{n}"),
                },
            }),
        ],
        n_columns: 2,
        footer: vec![
            format!(
                "A grid with meals for four weeks, not a recommendation. {} draws of what is not known. \
                 Gates open: {}.",
                explored.n_draws,
                explored.options.iter().map(|one| one.n_gates).max().unwrap_or(0)
            ),
            "Colors run from the lowest to the highest of each panel, so that small differences show."
                .to_string(),
            format!("A limit that is not known is not \"no limit\". {}", words::STANDING),
        ],
    }
}

/// Writes the grid in the form that the name of the file says.
pub(super) fn write(explored: &Explored, path: &Path) -> Result<(), Diagnostic> {
    let failed = |error: ReportError| cannot_write(path, &error);
    let map = heat_map(explored);
    let bytes = match path.extension().unwrap_or_default().to_str() {
        Some("svg") => render_heat_svg(&map).map_err(failed)?.into_bytes(),
        Some("png") => render_heat_png(&map, PNG_SCALE).map_err(failed)?,
        Some("csv") => csv_bytes(&table(explored)).map_err(failed)?,
        _ => html(explored, &map).map_err(failed)?.into_bytes(),
    };
    write_file(path, &bytes)
}

/// Endings of [`write`].
pub(super) const ENDINGS: &[&str] = &["html", "svg", "png", "csv"];

fn html(explored: &Explored, map: &HeatMap) -> Result<String, ReportError> {
    let svg = render_heat_svg(map)?;
    let caption = match limits_with_sources(explored) {
        Some(limits) => format!("Every option. {limits}"),
        None => "Every option.".to_string(),
    };
    let map_caption = "Each cell is one option; darker is more within its panel, gray is not predicted or not run.";
    render_html(&Page {
        title: "Magnesium options".to_string(),
        lead: said(explored),
        blocks: vec![
            Block::Warning(words::STANDING.to_string()),
            Block::Figure { svg, caption: map_caption.to_string() },
            Block::Table { table: table(explored), caption },
        ],
        footer: format!(
            "Epsom {}, model magnesium. {}",
            env!("CARGO_PKG_VERSION"),
            words::STANDING
        ),
        one_sheet: false,
    })
}

/// The limits that an option lies above, each with its source.
fn limits_with_sources(explored: &Explored) -> Option<String> {
    let limit = |(name, source): &(String, String)| format!("{name} [{source}]");
    let limits: Vec<String> = explored.limit_sources.iter().map(limit).collect();
    (!limits.is_empty()).then(|| format!("Limits: {}.", limits.join("; ")))
}

/// An end of an interval, or its middle.
type End = fn(Interval) -> f64;

fn table(explored: &Explored) -> Table {
    let options = || explored.options.iter();
    let end = |of: &dyn Fn(&Tried) -> Option<Interval>, end: End| {
        options().map(|one| of(one).map_or(f64::NAN, end)).collect::<Vec<f64>>()
    };
    let ends: [(&str, End); 3] =
        [("median", |one| one.median), ("lo", |one| one.lo), ("hi", |one| one.hi)];
    let mut columns = vec![
        Column::text("salt", options().map(|one| one.salt.to_string()).collect()),
        Column::number("dose", "mg/day", options().map(|one| one.elemental_mg_per_day).collect()),
        Column::number(
            "doses",
            "1/day",
            options().map(|one| f64::from(one.n_doses_a_day)).collect(),
        ),
    ];
    for (name, of) in ends {
        let values = end(&|one| one.absorbed_mmol_per_day, of);
        columns.push(Column::number(format!("absorbed_{name}"), "mmol/day", values));
    }
    for (name, of) in ends {
        let values = end(&|one| one.serum_mmol_per_l, of);
        columns.push(Column::number(format!("serum_{name}"), "mmol/L", values));
    }
    let stool = |one: &Tried| if one.may_loosen_stool { "maybe" } else { "-" }.to_string();
    columns.push(Column::text("stool", options().map(stool).collect()));
    columns.push(Column::number("gates", "", options().map(|one| one.n_gates as f64).collect()));
    columns.push(Column::text("limits_above", options().map(limits).collect()));
    Table { columns }
}
