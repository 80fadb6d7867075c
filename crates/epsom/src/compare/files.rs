//! The folder of a comparison: everything that is shown, as files.

use super::figure::figure;
use super::page::page;
use crate::files::{PNG_SCALE, cannot_write, csv_bytes, write_files};
use epsom_diag::Diagnostic;
use epsom_evidence::{TABLES, builtin};
use epsom_magnesium::MODELS;
use epsom_magnesium::compare::{Arm, Comparison, ROWS, RTOL, Ratios, timing_word, to_json};
use epsom_maths::hash_name;
use epsom_population::Interval;
use epsom_report::{Column, ReportError, Table, Values, render_html, render_png, render_svg};
use serde_json::json;
use std::path::Path;

/// Whether the folder can take files, before any work is done.
pub(crate) fn check_folder(folder: &Path) -> Result<(), Diagnostic> {
    if folder.exists() && !folder.is_dir() {
        let cause = std::io::Error::other("a file has this name");
        return Err(cannot_write(folder, &cause));
    }
    Ok(())
}

/// Writes every file; each appears under its name only when all of them are complete.
///
/// Returns the lines that tell of them.
pub(crate) fn write(comparison: &Comparison, folder: &Path) -> Result<String, Diagnostic> {
    let failed = |error: ReportError| cannot_write(folder, &error);
    let drawing = figure(comparison);
    let svg = render_svg(&drawing).map_err(failed)?;
    let html = render_html(&page(comparison, &svg)).map_err(failed)?;
    let mut files: Vec<(&str, Vec<u8>)> = vec![
        ("report.html", html.into_bytes()),
        ("figure.png", render_png(&drawing, PNG_SCALE).map_err(failed)?),
        ("figure.svg", svg.into_bytes()),
        ("comparison.json", (to_json(comparison) + "\n").into_bytes()),
        ("summary.csv", csv_bytes(&summary(comparison)).map_err(failed)?),
        ("serum_by_day.csv", csv_bytes(&by_day(comparison)).map_err(failed)?),
        ("serum_last_day.csv", csv_bytes(&last_day(comparison)).map_err(failed)?),
    ];
    files.push(("manifest.json", manifest(comparison, &files).into_bytes()));
    write_files(folder, &files)
}

/// Columns of medians and ends.
fn ends(points: &[Interval]) -> [Column; 3] {
    let of = |name: &str, end: fn(&Interval) -> f64| {
        Column::number(name, "", points.iter().map(end).collect())
    };
    [of("median", |one| one.median), of("lo", |one| one.lo), of("hi", |one| one.hi)]
}

/// One row per salt, timing and quantity, with its difference to the first salt.
fn summary(comparison: &Comparison) -> Table {
    let (mut texts, mut found, mut less) = ([const { Vec::new() }; 4], Vec::new(), Vec::new());
    let none = Interval { median: f64::NAN, lo: f64::NAN, hi: f64::NAN };
    for arm in &comparison.arms {
        for row in ROWS {
            let form = &comparison.settings.forms[arm.form].name;
            for (column, cell) in
                texts.iter_mut().zip([form.as_str(), timing_word(arm.timing), row.key, row.unit])
            {
                column.push(cell.to_string());
            }
            found.push(row.interval(&arm.measures));
            less.push(arm.less_first.as_ref().map_or(none, |measures| row.interval(measures)));
        }
    }
    let names = ["form", "timing", "quantity", "unit"];
    let mut columns: Vec<Column> =
        names.into_iter().zip(texts).map(|(name, cells)| Column::text(name, cells)).collect();
    columns.extend(ends(&found));
    columns.extend(ends(&less).into_iter().map(|mut column| {
        column.name = format!("less_first_{}", column.name);
        column
    }));
    for (name, of) in [
        ("over_first", (|arm: &Arm| arm.over_first) as fn(&Arm) -> Option<Ratios>),
        ("over_between", |arm: &Arm| arm.over_between),
    ] {
        let found: Vec<Option<Interval>> = (comparison.arms.iter())
            .flat_map(|arm| ROWS.iter().map(move |row| ratio_of(row.key, of(arm)?)))
            .collect();
        let column = |end: &str, value: fn(&Interval) -> f64| {
            let values = found.iter().map(|one| one.as_ref().map_or(f64::NAN, value)).collect();
            Column::number(format!("{name}{end}"), "", values)
        };
        columns.push(column("", |one| one.median));
        columns.push(column("_lo90", |one| one.lo));
        columns.push(column("_hi90", |one| one.hi));
    }
    Table { columns }
}

/// The ratio of a row, where there is one.
fn ratio_of(key: &str, ratios: Ratios) -> Option<Interval> {
    match key {
        "auc" => ratios.area,
        "peak_rise" => ratios.peak_rise,
        _ => None,
    }
}

/// Mean serum of each day, mmol/L.
fn by_day(comparison: &Comparison) -> Table {
    let (mut forms, mut timings, mut days, mut points) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for arm in &comparison.arms {
        for (day, point) in (1..).zip(&arm.profile.daily) {
            forms.push(comparison.settings.forms[arm.form].name.clone());
            timings.push(timing_word(arm.timing).to_string());
            days.push(day);
            points.push(*point);
        }
    }
    let day = Column { name: "day".into(), unit: String::new(), values: Values::Integer(days) };
    let mut columns = vec![Column::text("form", forms), Column::text("timing", timings), day];
    columns.extend(ends(&points));
    Table { columns }
}

/// Serum of the last dosing day and of a day without a dose (`none`), mmol/L.
fn last_day(comparison: &Comparison) -> Table {
    let (mut forms, mut timings, mut hours, mut points) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let dosed = comparison.arms.iter().map(|arm| {
        let form = comparison.settings.forms[arm.form].name.as_str();
        (form, timing_word(arm.timing), &arm.profile.day)
    });
    for (form, timing, day) in dosed.chain([("none", "none", &comparison.base.day)]) {
        for (hour, point) in comparison.day_h.iter().zip(day) {
            forms.push(form.to_string());
            timings.push(timing.to_string());
            hours.push(*hour);
            points.push(*point);
        }
    }
    let mut columns = vec![
        Column::text("form", forms),
        Column::text("timing", timings),
        Column::number("clock_h", "h", hours),
    ];
    columns.extend(ends(&points));
    Table { columns }
}

/// What made these files: version, settings, seed, tolerances, hashes. No clock, no machine.
fn manifest(comparison: &Comparison, files: &[(&str, Vec<u8>)]) -> String {
    let settings = &comparison.settings;
    let hash = |text: &str| format!("{:016x}", hash_name(text));
    let bytes_hash = |bytes: &[u8]| {
        // FNV-1a over bytes is that over the characters they stand for.
        let text: String = bytes.iter().map(|&byte| char::from(byte)).collect();
        hash(&text)
    };
    let evidence: String = TABLES.iter().filter_map(|table| builtin().text(table.file)).collect();
    let files: Vec<_> = files
        .iter()
        .map(|(name, bytes)| json!({"file": name, "bytes": bytes.len(), "hash": bytes_hash(bytes)}))
        .collect();
    let forms: Vec<_> = settings
        .forms
        .iter()
        .map(|form| {
            json!({
                "form": form.name,
                "salt": form.salt.name,
                "mmol_per_day": form.daily.mmol,
                "salt_mg_per_day": form.salt.mass_of(form.daily).mg,
            })
        })
        .collect();
    let document = json!({
        "schema": "epsom.manifest/1",
        "epsom": env!("CARGO_PKG_VERSION"),
        "command": "compare",
        "settings": {
            "forms": forms,
            "timings": settings.timings.iter().map(|&one| timing_word(one)).collect::<Vec<_>>(),
            "doses_per_day": settings.n_doses_a_day,
            "weeks": settings.n_weeks,
            "weight_kg": comparison.who.weight_kg,
            "gfr_ml_per_min": comparison.who.gfr_ml_per_min,
            "serum_mmol_per_l": comparison.who.serum_mmol_per_l,
            "diet_mmol_per_day": comparison.who.diet_mmol_per_day,
        },
        "seed": settings.seed,
        "draws": settings.n_draws,
        "draws_used": comparison.n_used,
        "draws_failed": comparison.failures.iter().map(|one| one.draw).collect::<Vec<_>>(),
        "interrupted": comparison.interrupted,
        "extrapolates": comparison.extrapolates,
        "rtol": RTOL,
        "hash": "FNV-1a, 64 bits",
        "model": {"name": MODELS[0].name, "hash": hash(MODELS[0].text)},
        "evidence": {"hash": hash(&evidence)},
        "files": files,
    });
    format!("{document:#}\n")
}
