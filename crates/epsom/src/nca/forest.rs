//! A forest of exposure: what one covariate at a time does, against a reference person.

use super::Args;
use super::model::{REFERENCE, Wanted, asked, output, plan_of, profiles, spreads, unusable};
use super::ratios::{Compared, Pairing, compare, compare_drawn, ratio_cells, verdict_words};
use super::rules::Read;
use crate::compare::{finish, plain, wrapped};
use crate::done::{Done, exit};
use crate::files::{ChartForm, PNG_SCALE, cannot_write, csv_bytes, write_file};
use crate::render::Sources;
use crate::simulate::{Asked, write_people};
use epsom_diag::{Diagnostic, has_errors};
use epsom_maths::ln;
use epsom_population::nca::{LIMITS, Ratio};
use epsom_report::{
    Column, Mark, ReportError, Span, SpanChart, SpanRow, Table, render_spans_png, render_spans_svg,
};
use serde_json::{Value, json};
use std::path::Path;

/// Schema of the JSON form.
const SCHEMA: &str = "epsom.forest/1";
/// Draws of what is not known where neither draws nor people are asked for.
const USUAL_DRAWS: u32 = 100;
/// Measures that are shown, where the profiles have them. The area is that of the interval or of
/// what was followed, both the same time for everyone: one to infinity rests on the terminal line.
const SHOWN: [&str; 4] = ["auc_interval", "auc_last", "cmax", "urine_24h"];
/// Ratios that the axis of the figure names.
const TICKS: [f64; 9] = [0.1, 0.25, 0.5, 0.8, 1.0, 1.25, 2.0, 4.0, 10.0];
/// What the endings of its file are called.
const ENDINGS: &str = "endings of a forest";

/// One value of one covariate.
struct Row {
    /// Such as `wt=50[kg]`.
    label: String,
    compared: Vec<Compared>,
}

/// Runs, shows, writes.
pub(super) fn run(args: &Args, read: &Read, mut sources: Sources) -> Done {
    let said = args.o.as_ref().and_then(|path| ChartForm::of(path, ENDINGS).err());
    if let Some(said) = said {
        return Done::failed(vec![said], sources, exit::USAGE);
    }
    match rows(args, read, &mut sources) {
        Ok((rows, mut messages, mut code, notes)) => {
            let mut text = match args.json {
                true => format!("{}\n", to_json(&rows, &notes)),
                false => to_text(&rows, &notes),
            };
            if let Some(path) = &args.o {
                match write(&rows, path) {
                    Ok(()) if args.json => {}
                    Ok(()) => text.push_str(&format!("Written to {}\n", path.display())),
                    Err(said) => {
                        messages.push(said);
                        code = exit::DATA;
                    }
                }
            }
            let exit = if has_errors(&messages) { code } else { 0 };
            Done { output: text, messages, sources, exit }
        }
        Err((said, code)) => Done::failed(said, sources, code),
    }
}

type Found = (Vec<Row>, Vec<Diagnostic>, u8, Vec<String>);

fn rows(args: &Args, read: &Read, sources: &mut Sources) -> Result<Found, (Vec<Diagnostic>, u8)> {
    let usage = |said: Diagnostic| (vec![said], exit::USAGE);
    let mut values = Vec::new();
    for text in &args.model.forest {
        values.extend(read_values(text).map_err(usage)?);
    }
    let mut base = asked(args);
    if base.who.n.or(base.who.draws).is_none() && base.who.people.is_none() {
        base.who.draws = Some(USUAL_DRAWS);
    }
    let plan = plan_of(base.clone(), sources)?;
    write_people(&plan, &base.who).map_err(|said| (vec![said], exit::DATA))?;
    let output = output(args.model.output.as_deref(), &plan).map_err(usage)?;
    let wanted = Wanted { read, output, after: args.model.after };
    let (mut messages, mut code) = (plan.warnings.clone(), exit::NUMERICS);
    let reference = profiles(&plan, &wanted, REFERENCE, &mut messages, &mut code)?;
    let mut rows = Vec::new();
    for (name, value) in &values {
        let label = format!("{name}={value}");
        let other = plan_of(with(&base, name, &label), sources)?;
        let mut found = profiles(&other, &wanted, &label, &mut messages, &mut code)?;
        found.extend(reference.iter().cloned());
        let pairing = Pairing { test: &label, reference: REFERENCE, parallel: false };
        let compared = match base.who.draws {
            Some(_) => compare_drawn(&pairing, &found),
            None => compare(&pairing, &found).map(|found| found.0),
        };
        let mut compared = compared.map_err(usage)?;
        compared.retain(|one| SHOWN.contains(&one.metric.name));
        rows.push(Row { label, compared });
    }
    let drawn = plan.people.as_ref().is_some_and(|people| people.population.is_some());
    let who = match (drawn, args.model.who.covariates.is_empty()) {
        (true, true) => "each of a general adult population".to_string(),
        (_, true) => "as the model has it".to_string(),
        (_, false) => format!("with {}", args.model.who.covariates.join(", ")),
    };
    let of = &plan.model.outputs[output].name;
    let mut notes = vec![
        format!("Exposure of `{of}` over {}.", args.model.regimens.join("; ")),
        format!("Reference person: {who}. Each row changes one covariate alone."),
    ];
    notes.push(match base.who.draws {
        Some(_) => {
            "Intervals: the middle 90 % of the draws, with the same draw on both sides.".to_string()
        }
        None => {
            "Intervals: of the mean over the people, who are the same on both sides.".to_string()
        }
    });
    notes.extend(spreads(&plan));
    Ok((rows, messages, code, notes))
}

/// `wt=50,100` as names and values.
fn read_values(text: &str) -> Result<Vec<(String, String)>, Diagnostic> {
    let wrong = || {
        unusable(format!("`--forest {text}` cannot be used"))
            .help("give a covariate and its values, such as `--forest wt=50,100`")
    };
    let (name, list) = text.split_once('=').ok_or_else(wrong)?;
    let values = list.split(',').map(str::trim).filter(|value| !value.is_empty());
    let found: Vec<(String, String)> =
        values.map(|value| (name.trim().to_string(), value.to_string())).collect();
    if found.is_empty() || name.trim().is_empty() { Err(wrong()) } else { Ok(found) }
}

/// The same with one covariate changed.
fn with(base: &Asked, name: &str, setting: &str) -> Asked {
    let mut asked = base.clone();
    let is_other = |text: &String| text.split('=').next().map(str::trim) != Some(name);
    asked.who.covariates.retain(is_other);
    asked.who.covariates.push(setting.to_string());
    asked
}

/// Label, ratio of each row and measure.
fn each(rows: &[Row]) -> impl Iterator<Item = (&str, &Compared, Ratio)> {
    rows.iter().flat_map(|row| {
        row.compared.iter().filter_map(|one| Some((row.label.as_str(), one, one.ratio?)))
    })
}

fn to_text(rows: &[Row], notes: &[String]) -> String {
    let mut table = plain();
    table.set_header(["covariate", "measure", "n", "ratio %", "from", "to", ""]);
    let mut before = "";
    for (label, one, ratio) in each(rows) {
        let shown = if label == before { "" } else { label };
        let cells = ratio_cells(one.metric.name, &ratio, 1);
        table.add_row([shown.to_string()].into_iter().chain(cells));
        before = label;
    }
    let mut text =
        "Exposure over that of the reference person, with its 90 % interval\n".to_string();
    text.push_str(&finish(table, 2));
    text.push('\n');
    notes.iter().for_each(|note| text.push_str(&wrapped(note, "- ")));
    text
}

fn to_json(rows: &[Row], notes: &[String]) -> Value {
    let list: Vec<Value> = each(rows)
        .map(|(label, one, ratio)| {
            json!({
                "covariate": label, "measure": one.metric.name, "ratio": ratio.ratio,
                "lo": ratio.lo, "hi": ratio.hi, "n": ratio.n, "verdict": verdict_words(&ratio),
            })
        })
        .collect();
    json!({
        "schema": SCHEMA, "interval": "90 %", "limits": [LIMITS.0, LIMITS.1], "rows": list,
        "notes": notes,
    })
}

/// The figure: ratios on a logarithmic axis.
fn chart(rows: &[Row]) -> SpanChart {
    let has = |name: &&str| each(rows).any(|(_, one, _)| one.metric.name == *name);
    let area = SHOWN[..2].iter().copied().find(|name| has(name));
    let drawn: Vec<&str> = area.into_iter().chain([SHOWN[2]].into_iter().filter(has)).collect();
    let (mut lo, mut hi) = (ln(0.5), ln(2.0));
    let mut lines = Vec::new();
    for row in rows {
        for (color, name) in drawn.iter().enumerate() {
            let found = row.compared.iter().find(|one| one.metric.name == *name);
            let Some(ratio) = found.and_then(|one| one.ratio) else { continue };
            (lo, hi) = (lo.min(ln(ratio.lo)), hi.max(ln(ratio.hi)));
            let text = format!("{:.0} %", 100.0 * ratio.ratio);
            let span =
                Span { lo: ln(ratio.lo), hi: Some(ln(ratio.hi)), color, text: String::new() };
            let label = if color == 0 { row.label.clone() } else { String::new() };
            let marks = vec![Mark { at: ln(ratio.ratio), color, text }];
            lines.push(SpanRow { label, is_head: color == 0, spans: vec![span], marks });
        }
    }
    let pad = 0.06 * (hi - lo);
    let x_range = (lo - pad, hi + 2.0 * pad);
    let inside = |ratio: &f64| x_range.0 <= ln(*ratio) && ln(*ratio) <= x_range.1;
    let tick = |ratio: f64| (ln(ratio), format!("{:.0}", 100.0 * ratio));
    SpanChart {
        title: "Exposure over that of the reference person".to_string(),
        x_label: "percent of the reference (logarithmic)".to_string(),
        x_range,
        ticks: TICKS.into_iter().filter(inside).map(tick).collect(),
        rows: lines,
        backs: vec![Span {
            lo: ln(LIMITS.0),
            hi: Some(ln(LIMITS.1)),
            color: 2,
            text: "80 to 125 %".to_string(),
        }],
        lines: vec![0.0],
        legend: drawn.iter().enumerate().map(|(at, name)| (at, (*name).to_string())).collect(),
        footer: vec!["Dots are ratios of geometric means, bars their 90 % intervals.".to_string()],
    }
}

fn table(rows: &[Row]) -> Table {
    let text = |of: &dyn Fn(&str, &Compared) -> String| {
        each(rows).map(|(label, one, _)| of(label, one)).collect::<Vec<_>>()
    };
    let number =
        |of: fn(&Ratio) -> f64| each(rows).map(|(_, _, ratio)| of(&ratio)).collect::<Vec<f64>>();
    Table {
        columns: vec![
            Column::text("covariate", text(&|label, _| label.to_string())),
            Column::text("measure", text(&|_, one| one.metric.name.to_string())),
            Column::number("ratio", String::new(), number(|one| one.ratio)),
            Column::number("lo", String::new(), number(|one| one.lo)),
            Column::number("hi", String::new(), number(|one| one.hi)),
        ],
    }
}

fn write(rows: &[Row], path: &Path) -> Result<(), Diagnostic> {
    let failed = |error: ReportError| cannot_write(path, &error);
    let bytes = match ChartForm::of(path, ENDINGS)? {
        ChartForm::Svg => render_spans_svg(&chart(rows)).map_err(failed)?.into_bytes(),
        ChartForm::Png => render_spans_png(&chart(rows), PNG_SCALE).map_err(failed)?,
        ChartForm::Csv => csv_bytes(&table(rows)).map_err(failed)?,
    };
    write_file(path, &bytes)
}
