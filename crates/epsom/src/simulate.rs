//! `epsom simulate`: model and event records in, rows out.

use crate::done::{Done, exit};
use crate::files::{NewFile, cannot_write, read_text};
use crate::model::read_model;
use crate::render::Sources;
use epsom_diag::{Diagnostic, did_you_mean, has_errors, list_names};
use epsom_engine::{Compiled, RunCause, StepOptions, Timeline, compile, run_linear, run_stepped};
use epsom_model::ir::Model;
use epsom_population::read_records;
use epsom_report::{Column, CsvWriter, Table};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Run a model through the doses of an event file
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  epsom simulate model.epm --events doses.csv\n  \
    epsom simulate model.epm --events doses.csv --param cl=4 -o rows.csv")]
pub(crate) struct Args {
    /// Path of a model: `.epm`, or `ini({…}) model({…})` text
    model: PathBuf,
    /// NONMEM-style records: ID, TIME, EVID, AMT, CMT, RATE, II, ADDL, SS, covariates
    #[arg(long)]
    events: PathBuf,
    /// NAME=VALUE in the parameter's unit
    #[arg(long = "param")]
    params: Vec<String>,
    /// Relative tolerance where the model is not linear
    #[arg(long, default_value_t = 1e-8)]
    rtol: f64,
    /// CSV file of the result; `-` is standard output
    #[arg(short, long)]
    output: Option<PathBuf>,
}

/// Rows of every subject.
pub(crate) fn run(args: &Args) -> Done {
    let mut sources = Sources::default();
    let (model, _, mut messages) = match read_model(&args.model, &mut sources) {
        Ok(read) => read,
        Err(said) => return Done::failed(vec![said], sources, exit::MODEL),
    };
    let Some(model) = model else { return Done::failed(messages, sources, exit::MODEL) };
    let params = match parameters(&model, &args.params) {
        Ok(params) => params,
        Err(said) => return Done::failed(vec![said], sources, exit::USAGE),
    };
    let events = match read_text(&args.events, "event file") {
        Ok(text) => text,
        Err(said) => return Done::failed(vec![said], sources, exit::DATA),
    };
    let file = sources.add(args.events.display().to_string(), events.as_str());
    let (subjects, said) = read_records(&events, file, &model);
    messages.extend(said);
    if has_errors(&messages) {
        return Done::failed(messages, sources, exit::DATA);
    }
    let mut writer = CsvWriter::new(Vec::new());
    let mut compiled = None;
    for subject in &subjects {
        let rows = match solve(&model, &mut compiled, &params, &subject.timeline, args.rtol) {
            Ok(rows) => rows,
            Err((time_h, cause)) => {
                let time = time_h * model.time_unit.per_base;
                let message = format!("subject `{}` stopped at {time}", subject.id);
                messages.push(Diagnostic::error("E0701", message).note(format!("cause: {cause}")));
                return Done::failed(messages, sources, exit::NUMERICS);
            }
        };
        let table = table(&model, &subject.id, &subject.observation_times, &rows);
        if let Err(error) = writer.write(&table) {
            messages.push(cannot_write(Path::new("-"), &error));
            return Done::failed(messages, sources, exit::DATA);
        }
    }
    let bytes = match writer.finish() {
        Ok(bytes) => bytes,
        Err(error) => {
            messages.push(cannot_write(Path::new("-"), &error));
            return Done::failed(messages, sources, exit::DATA);
        }
    };
    match args.output.as_ref().filter(|path| path.as_os_str() != "-") {
        None => {
            let output = String::from_utf8_lossy(&bytes).into_owned();
            Done { output, messages, sources, exit: 0 }
        }
        Some(path) => {
            let written = NewFile::create(path).and_then(|mut file| {
                file.write_all(&bytes).map_err(|error| cannot_write(path, &error))?;
                file.keep()
            });
            messages.extend(written.err());
            Done { output: String::new(), messages, sources, exit: exit::DATA }
        }
    }
}

type Rows = Vec<Vec<f64>>;

/// Exactly where the model is linear, step by step otherwise; the program is made once, when the
/// first subject needs it.
fn solve(
    model: &Model,
    compiled: &mut Option<Compiled>,
    params: &[f64],
    timeline: &Timeline,
    rtol: f64,
) -> Result<Rows, (f64, String)> {
    let linear = run_linear(model, params, timeline);
    let rows = match linear {
        Err(failure) if failure.cause == RunCause::NotLinear => {
            let compiled = compiled.get_or_insert_with(|| compile(model));
            let options = StepOptions { rtol, ..StepOptions::default() };
            run_stepped(model, compiled, params, timeline, &options)
        }
        other => other,
    }
    .map_err(|failure| (failure.time_h, format!("{:?}", failure.cause)))?;
    if rows.iter().flatten().any(|value| !value.is_finite()) {
        return Err((0.0, "a result is not finite".to_string()));
    }
    Ok(rows)
}

/// Columns `id,time,` outputs, compartments; shown units.
fn table(model: &Model, id: &str, times: &[f64], rows: &[Vec<f64>]) -> Table {
    let outputs = model.outputs.iter().map(|output| (&output.name, &output.unit));
    let states = model.compartments.iter().map(|one| (&one.name, &one.unit));
    let mut columns = vec![
        Column::text("id", vec![id.to_string(); rows.len()]),
        Column::number("time", &model.time_unit.text, times.to_vec()),
    ];
    for (at, (name, unit)) in outputs.chain(states).enumerate() {
        let values = rows.iter().map(|row| row[at] * unit.per_base).collect();
        columns.push(Column::number(name, &unit.text, values));
    }
    Table { columns }
}

/// Typical values, with those the command line gives.
fn parameters(model: &Model, given: &[String]) -> Result<Vec<f64>, Diagnostic> {
    let mut params: Vec<f64> = model.params.iter().map(|param| param.value).collect();
    let names = || model.params.iter().map(|param| param.name.as_str());
    for text in given {
        let Some((name, value)) = text.split_once('=') else {
            let message = format!("`--param {text}` has no `=`");
            return Err(Diagnostic::error("E0906", message).help("write `--param cl=5.1`"));
        };
        let Some(at) = model.params.iter().position(|param| param.name == name) else {
            let said = Diagnostic::error("E0906", format!("the model has no parameter `{name}`"))
                .note(format!("parameters: {}", list_names(names(), 20)));
            return Err(match did_you_mean(name, names()) {
                Some(near) => said.help(format!("did you mean `{near}`")),
                None => said,
            });
        };
        let unit = &model.params[at].unit;
        match value.parse::<f64>() {
            Ok(value) if value.is_finite() => params[at] = value / unit.per_base,
            _ => {
                let message = format!("`{name}` needs a finite number, found `{value}`");
                let unit = if unit.text.is_empty() { "its own" } else { &unit.text };
                return Err(Diagnostic::error("E0906", message).note(format!("its unit: {unit}")));
            }
        }
    }
    Ok(params)
}
