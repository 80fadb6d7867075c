//! `epsom nca`: exposure from concentrations, of a file or of a model.

mod file;
mod metrics;
mod ratios;
mod rules;
mod show;

pub(crate) use rules::Rules;

use crate::done::{Done, exit};
use crate::files::{NewFile, cannot_write};
use crate::render::Sources;
use epsom_diag::{Diagnostic, has_errors};
use epsom_report::{CsvWriter, ParquetWriter};
use show::Report;
use std::path::{Path, PathBuf};

/// Exposure: areas, peaks, half-lives, clearance, and their ratios between groups
///
/// From a file of concentrations with NONMEM-style columns: ID, TIME, DV, AMT and others.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  epsom nca data.csv --units h,mmol/L,mmol
  epsom nca data.csv --by TRT --ratio citrate/oxide --baseline before
  epsom nca data.csv --iv --auc-rule linear --partial 0:4,0:24 -o exposure.csv
Exit codes: 0 ok, 2 command line, 4 data (profiles that can be used are kept).")]
pub(crate) struct Args {
    /// File of concentrations (.csv)
    input: PathBuf,
    #[command(flatten)]
    rules: Rules,
    /// Column that tells groups apart, such as TRT
    #[arg(long, value_name = "COLUMN")]
    by: Option<String>,
    /// Ratio of geometric means between two groups, with its 90 % interval
    #[arg(long, value_name = "TEST/REFERENCE")]
    ratio: Option<String>,
    /// Groups are different people, even where their ids are the same
    #[arg(long)]
    parallel: bool,
    /// Doses enter the blood
    #[arg(long)]
    iv: bool,
    /// Amount of the dose, where the file has no dose records
    #[arg(long, value_name = "AMOUNT")]
    amount: Option<f64>,
    /// Units of time, concentration and dose, to show: h,mmol/L,mmol
    #[arg(long, value_name = "UNITS")]
    units: Option<String>,
    /// File of one row per profile: .csv or .parquet
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// One JSON object (schema epsom.nca/1) on standard output
    #[arg(long)]
    json: bool,
}

/// Exposure of every profile.
pub(crate) fn run(args: &Args) -> Done {
    let mut sources = Sources::default();
    let read = match rules::read_rules(&args.rules) {
        Ok(read) => read,
        Err(said) => return Done::failed(said, sources, exit::USAGE),
    };
    if let Some(said) = args.output.as_ref().and_then(|path| Form::of(path).err()) {
        return Done::failed(vec![said], sources, exit::USAGE);
    }
    match file::of_file(args, read, &mut sources) {
        Ok((report, messages)) => finish(&report, messages, sources, args),
        Err((said, code)) => Done::failed(said, sources, code),
    }
}

/// Writes the file that was asked for, and says the rest.
fn finish(report: &Report, mut messages: Vec<Diagnostic>, sources: Sources, args: &Args) -> Done {
    let mut exit = exit::DATA;
    let mut output = match args.json {
        true => format!("{}\n", report.json()),
        false => report.text(),
    };
    if let Some(path) = &args.output {
        match write(report, path) {
            Ok(()) if args.json => {}
            Ok(()) => output.push_str(&format!("Written to {}\n", path.display())),
            Err(said) => {
                messages.push(said);
                exit = exit::DATA;
            }
        }
    }
    if !has_errors(&messages) {
        exit = 0;
    }
    Done { output, messages, sources, exit }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Csv,
    Parquet,
}

impl Form {
    fn of(path: &Path) -> Result<Self, Diagnostic> {
        match path.extension().unwrap_or_default().to_str() {
            Some("csv") => Ok(Self::Csv),
            Some("parquet") => Ok(Self::Parquet),
            _ => {
                let message = format!("`{}` does not say what to write", path.display());
                Err(Diagnostic::error("E0911", message).note("endings: `.csv`, `.parquet`"))
            }
        }
    }
}

fn write(report: &Report, path: &Path) -> Result<(), Diagnostic> {
    let form = Form::of(path)?;
    let failed = |error: epsom_report::ReportError| cannot_write(path, &error);
    let file = NewFile::create(path)?;
    let table = report.table();
    match form {
        Form::Csv => {
            let mut writer = CsvWriter::new(file);
            writer.write(&table).map_err(failed)?;
            writer.finish().map_err(failed)?.keep()
        }
        Form::Parquet => {
            let mut writer = ParquetWriter::new(file);
            writer.write(&table).map_err(failed)?;
            writer.finish().map_err(failed)?.map_or(Ok(()), NewFile::keep)
        }
    }
}
