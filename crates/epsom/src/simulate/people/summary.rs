//! The summary of people and draws: CSV, Parquet, a figure, or JSON.

use super::run::Crowd;
use crate::files::PNG_SCALE;
use crate::simulate::drawing::{heading, in_days, without_still};
use crate::simulate::json::{Failed, of_failed};
use crate::simulate::marks::as_json;
use crate::simulate::rows::{Finish, Format, Place, columns};
use crate::simulate::run::Ran;
use epsom_diag::Diagnostic;
use epsom_model::ir::Model;
use epsom_population::{Crossed, DrawReport, Split, Spread};
use epsom_report::{
    Column, CsvWriter, Figure, Panel, ParquetWriter, ReportError, Ribbon, Series, Stroke, Table,
    Values, render_png, render_svg,
};
use serde_json::{Value, json};
use std::io::Write;

/// Schema of the JSON form.
const SCHEMA: &str = "epsom.simulate.summary/1";

/// What has been seen so far; cells are output by output, each in the order of the times.
pub(super) struct Tally {
    pub(super) crossed: Crossed,
    times: Vec<f64>,
    width: usize,
    /// Size of a base unit of each output.
    per_base: Vec<f64>,
    probabilities: Vec<f64>,
}

impl Tally {
    /// Of the outputs at these times; of the compartments where a model has no output.
    pub(super) fn new(model: &Model, times: Vec<f64>, probabilities: &[f64]) -> Self {
        let (n_outputs, n_states) = (model.outputs.len(), model.compartments.len());
        let n_shown = if n_outputs == 0 { n_states } else { n_outputs };
        Self {
            crossed: Crossed::new(n_shown * times.len(), probabilities),
            times,
            width: n_shown,
            per_base: columns(model).take(n_shown).map(|one| one.per_base).collect(),
            probabilities: probabilities.to_vec(),
        }
    }

    /// Takes in the rows of one person, of what is summed up alone.
    pub(super) fn add(&mut self, rows: &[f64]) {
        let mut values = Vec::with_capacity(self.per_base.len() * self.times.len());
        for (at, per_base) in self.per_base.iter().enumerate() {
            values.extend(rows.iter().skip(at).step_by(self.width).map(|value| value * per_base));
        }
        self.crossed.add(&values);
    }
}

/// Writes the summary where it belongs.
pub(super) fn write_summary(
    crowd: &Crowd<'_>,
    tally: Tally,
    mut place: Place,
    failed: &[Failed],
    ran: &mut Ran,
) -> Result<(), Finish> {
    let model = &crowd.plan.model;
    let Tally { crossed, times, probabilities, .. } = tally;
    let about = About {
        names: columns(model).map(|one| (one.name, one.unit)).collect(),
        times: &times,
        probabilities: &probabilities,
        n_missing: crossed.n_missing(),
        is_exact: crossed.is_exact(),
    };
    let splits = crossed.finish();
    if crowd.args.json && crowd.plan.format != Format::Json {
        ran.output =
            format!("{}\n", as_object(crowd, &about, &splits, failed, ran.decisions.take()));
    }
    if splits.iter().all(|split| split.all.n == 0) {
        // The messages say why there is nothing.
        let none = ran.messages.is_empty().then(|| {
            Diagnostic::error("E0742", "there is nothing to summarize")
                .help("give doses with `--regimen`, or times with `--times`")
        });
        ran.messages.extend(none);
        return Ok(());
    }
    match crowd.plan.format {
        Format::Csv => {
            let mut writer = CsvWriter::new(place);
            writer.write(&table(&about, &splits))?;
            writer.finish()?.finish()?;
        }
        Format::Parquet => {
            let mut writer = ParquetWriter::new(place);
            writer.write(&table(&about, &splits))?;
            if let Some(place) = writer.finish()? {
                place.finish()?;
            }
        }
        Format::Json => {
            let text = as_object(crowd, &about, &splits, failed, ran.decisions.take());
            writeln!(place, "{text}").map_err(ReportError::from)?;
            place.finish()?;
        }
        Format::Svg | Format::Png => {
            let figure = figure(crowd, &about, &splits);
            let bytes = match crowd.plan.format {
                Format::Png => render_png(&figure, PNG_SCALE)?,
                _ => render_svg(&figure)?.into_bytes(),
            };
            place.write_all(&bytes).map_err(ReportError::from)?;
            place.finish()?;
        }
    }
    Ok(())
}

struct About<'a> {
    names: Vec<(&'a str, &'a str)>,
    times: &'a [f64],
    probabilities: &'a [f64],
    n_missing: u64,
    is_exact: bool,
}

impl About<'_> {
    /// Name and unit of the output, and time, of a cell.
    fn of(&self, cell: usize) -> (&str, &str, f64) {
        let (name, unit) = self.names[cell / self.times.len()];
        (name, unit, self.times[cell % self.times.len()])
    }

    /// `p2.5`.
    fn percentile(&self, at: usize) -> String {
        // 0.025 * 100 has one rounding, which ten digits take away.
        let percent = epsom_report::significant(self.probabilities[at] * 100.0, 10);
        let percent = match percent.contains('.') {
            true => percent.trim_end_matches('0').trim_end_matches('.'),
            false => percent.as_str(),
        };
        format!("p{percent}")
    }
}

/// The spreads of a cell that exist, with their names.
fn spreads(split: &Split) -> impl Iterator<Item = (&'static str, &Spread)> {
    let parts = [
        ("all", Some(&split.all)),
        ("not_known", split.not_known.as_ref()),
        ("people", split.people.as_ref()),
    ];
    parts.into_iter().filter_map(|(name, spread)| spread.map(|spread| (name, spread)))
}

/// One row per output, time and spread.
fn table(about: &About<'_>, splits: &[Split]) -> Table {
    let rows: Vec<(usize, &str, &Spread)> = (splits.iter().enumerate())
        .flat_map(|(cell, split)| spreads(split).map(move |(of, spread)| (cell, of, spread)))
        .collect();
    let number = |name: &str, of: &dyn Fn(&Spread) -> f64| {
        let values = rows.iter().map(|(_, _, spread)| of(spread)).collect();
        Column::number(name, "", values)
    };
    let text = |name: &str, of: &dyn Fn(usize) -> String| {
        Column::text(name, rows.iter().map(|&(cell, _, _)| of(cell)).collect())
    };
    let times = rows.iter().map(|&(cell, _, _)| about.of(cell).2).collect();
    let counts = rows.iter().map(|(_, _, spread)| spread.n as i64).collect();
    let mut all = vec![
        text("output", &|cell| about.of(cell).0.to_string()),
        text("unit", &|cell| about.of(cell).1.to_string()),
        Column::number("time", "", times),
        Column::text("of", rows.iter().map(|(_, of, _)| (*of).to_string()).collect()),
        Column { name: "n".to_string(), unit: String::new(), values: Values::Integer(counts) },
        number("mean", &|spread| spread.mean),
        number("sd", &|spread| spread.sd),
    ];
    for at in 0..about.probabilities.len() {
        all.push(number(&about.percentile(at), &|spread| spread.percentiles[at]));
    }
    Table { columns: all }
}

/// The JSON form.
fn as_object(
    crowd: &Crowd<'_>,
    about: &About<'_>,
    splits: &[Split],
    failed: &[Failed],
    decisions: Option<Vec<Value>>,
) -> Value {
    let (plan, people) = (crowd.plan, crowd.people);
    let percentiles: Vec<String> =
        (0..about.probabilities.len()).map(|at| about.percentile(at)).collect();
    let finite = |value: f64| if value.is_finite() { json!(value) } else { Value::Null };
    let of_spread = |spread: &Spread| {
        let list: Vec<Value> = spread.percentiles.iter().map(|&one| finite(one)).collect();
        json!({
            "n": spread.n, "mean": finite(spread.mean), "sd": finite(spread.sd),
            "percentiles": list,
        })
    };
    let cells: Vec<Value> = (splits.iter().enumerate())
        .map(|(cell, split)| {
            let (name, unit, time) = about.of(cell);
            let mut one = json!({"output": name, "unit": unit, "time": time});
            for (of, spread) in spreads(split) {
                one[of] = of_spread(spread);
            }
            one
        })
        .collect();
    let rests_on: Vec<Value> = (plan.model.outputs.iter().zip(&plan.marks.outputs))
        .map(|(output, behind)| json!({"output": output.name, "rests_on": as_json(behind)}))
        .collect();
    let mut whole = json!({
        "schema": SCHEMA,
        "model": plan.model.name,
        "checked": plan.model.checked,
        "time_unit": plan.model.time_unit.text,
        "hypotheses": plan.marks.hypotheses,
        "extrapolates": plan.marks.extrapolates,
        "outputs": rests_on,
        "seed": people.seed,
        "n_people": people.chosen.len(),
        "n_draws": people.draws.len(),
        "n_missing": about.n_missing,
        "exact": about.is_exact,
        "draws": of_report(&crowd.sampler.report()),
        "percentiles": percentiles,
        "cells": cells,
        "failed": of_failed(failed),
    });
    let measured = plan.marks.measured();
    for (name, value) in [
        ("who", plan.marks.who.clone()),
        ("residual", measured.map(|_| json!(plan.marks.measured))),
        ("decisions", decisions.map(Value::from)),
    ] {
        if let Some(value) = value {
            whole[name] = value;
        }
    }
    whole
}

/// Where the widths of the draws come from.
pub(crate) fn of_report(report: &DrawReport) -> Value {
    json!({
        "sourced_spread": report.n_sourced_spread,
        "assumed_spread": report.n_assumed_spread,
        "default_width": report.n_default_width,
        "held": report.n_fixed + report.n_zero,
        "varies_between_people": report.n_varies,
        "varies_between_occasions": report.n_occasion,
    })
}

/// One panel per output: the middle, everything, and what is not known.
fn figure(crowd: &Crowd<'_>, about: &About<'_>, splits: &[Split]) -> Figure {
    let plan = crowd.plan;
    let model = &plan.model;
    let last = about.probabilities.len() - 1;
    let median = about.probabilities.iter().position(|&one| one == 0.5).unwrap_or(last / 2);
    let (n_people, n_draws) = (crowd.people.chosen.len(), crowd.people.draws.len());
    let labelled = |name: &str, unit: &str| match unit {
        "" => name.to_string(),
        unit => format!("{name} ({unit})"),
    };
    let series = |cells: &[Split], name: &str, stroke, of: &dyn Fn(&Split) -> Option<Spread>| {
        let spreads: Option<Vec<Spread>> = cells.iter().map(of).collect();
        spreads.map(|spreads| {
            let column =
                |at: usize| spreads.iter().map(|spread| spread.percentiles[at]).collect::<Vec<_>>();
            Series {
                name: name.to_string(),
                stroke,
                x: about.times.to_vec(),
                y: column(median),
                ribbon: Some(Ribbon { lo: column(0), hi: column(last) }),
                ..Series::default()
            }
        })
    };
    let n_times = about.times.len();
    let mut panels = Vec::new();
    for (at, cells) in splits.chunks(n_times).enumerate() {
        let (name, unit) = about.names[at];
        let all = series(cells, "all", Stroke::Solid, &|split| Some(split.all.clone()));
        // Where there is one level only, both ribbons are one.
        let both = cells.iter().all(|split| split.people.is_some());
        let inner = series(cells, "not known", Stroke::Dashed, &|split| split.not_known.clone());
        let mut list: Vec<Series> = all.into_iter().chain(inner.filter(|_| both)).collect();
        if let [_, inner] = &mut list[..] {
            inner.color = 1;
        } else {
            list.iter_mut().for_each(|series| series.name.clear());
        }
        panels.push(Panel {
            title: heading(model, at),
            y_log: plan.log_y,
            x_label: labelled("time", &model.time_unit.text),
            y_label: labelled(name, unit),
            series: list,
            ..Panel::default()
        });
    }
    in_days(&mut panels, model);
    let still = without_still(&mut panels, model);
    let range = format!("{} to {}", about.percentile(0), about.percentile(last));
    let caption = match (n_people, n_draws) {
        (n, 1) => {
            format!("Line: middle of {n} people. Ribbon: {range} of them, how people differ.")
        }
        (1, n) => format!("Line: middle of {n} draws. Ribbon: {range} of them, what is not known."),
        (n, d) => format!(
            "Wide ribbon: {range} of {n} people in each of {d} draws. Inner ribbon: {range} of \
             what is not known of the person in the middle."
        ),
    };
    let title = if model.title.is_empty() { &model.name } else { &model.title };
    let hypotheses = (!plan.marks.hypotheses.is_empty())
        .then(|| format!("hypothesis on: {}", plan.marks.hypotheses.join(", ")));
    let footer =
        [Some(caption.clone()), still, plan.marks.measured(), plan.marks.line(), hypotheses];
    Figure {
        title: title.clone(),
        caption,
        n_columns: panels.len().min(2),
        panels,
        footer: footer.into_iter().flatten().collect(),
    }
}
