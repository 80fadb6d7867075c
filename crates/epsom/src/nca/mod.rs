//! `epsom nca`: exposure from concentrations, of a file or of a model.

mod course;
mod file;
mod forest;
mod metrics;
mod model;
mod ratios;
mod rules;
mod show;
mod split;

use crate::done::{Done, exit};
use crate::files::{NewFile, cannot_write, missing_folder, write_file};
use crate::render::Sources;
use crate::simulate::{Plan, Who, listing};
use epsom_diag::{Diagnostic, has_errors};
use epsom_report::{CsvWriter, ParquetWriter};
use rules::Rules;
use show::Report;
use std::path::{Path, PathBuf};

/// Exposure: areas, peaks, half-lives, clearance, and their ratios between groups
///
/// From a file of concentrations with NONMEM-style columns (ID, TIME, DV, AMT and others), or from
/// a model and a regimen. Where a model's start is solved, such as magnesium at its diet, exposure
/// is that above the same person without the doses.
/// Research and education, not medical advice.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  epsom nca data.csv --units h,mmol/L,mmol
  epsom nca data.csv --by TRT --ratio citrate/oxide --baseline before
  epsom nca data.csv --iv --auc-rule linear --partial 0:4,0:24 -o exposure.csv
  epsom nca magnesium --regimen \"300 mg Mg as citrate\"
  epsom nca magnesium --regimen \"1 g MgT twice daily with meals for 4 wk\" --draws 200
    --against \"1 g MgT twice daily between meals for 4 wk\"
  epsom nca magnesium --regimen \"300 mg Mg as citrate\" --forest wt=50,100 -o forest.svg
  epsom nca model.epm --regimen \"30 mmol Mg iv over 8 h\" --into central --n 100 -o exposure.csv
Exit codes: 0 ok, 2 command line, 3 model, 4 data, 5 some runs could not be solved, 130 interrupted
(profiles that can be used are kept).")]
pub(crate) struct Args {
    /// File of concentrations (.csv), or a model: a built-in name (magnesium) or a path
    input: PathBuf,
    #[command(flatten)]
    rules: Rules,
    /// Doses enter the blood
    #[arg(long)]
    iv: bool,
    #[command(flatten)]
    file: OfFile,
    #[command(flatten)]
    model: OfModel,
    /// File of one row per profile: .csv or .parquet; .json holds the object of --json
    #[arg(short, value_name = "FILE")]
    o: Option<PathBuf>,
    /// One JSON object (schema epsom.nca/1) on standard output
    #[arg(long)]
    json: bool,
}

/// What belongs to a file of concentrations
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Of a file")]
struct OfFile {
    /// Column that tells groups apart, such as TRT
    #[arg(long, value_name = "COLUMN")]
    by: Option<String>,
    /// Ratio of geometric means between two groups, with its 90 % interval
    #[arg(long, value_name = "TEST/REFERENCE")]
    ratio: Option<String>,
    /// Groups are different people, even where their ids are the same
    #[arg(long)]
    parallel: bool,
    /// Amount of the dose, where the file has no dose records
    #[arg(long, value_name = "AMOUNT")]
    amount: Option<f64>,
    /// Units of time, concentration and dose, to show: h,mmol/L,mmol
    #[arg(long, value_name = "UNITS")]
    units: Option<String>,
}

/// What belongs to a model
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Of a model")]
struct OfModel {
    /// Doses in words, such as "300 mg Mg as citrate"; may stand several times
    #[arg(long = "regimen", value_name = "TEXT", allow_hyphen_values = true)]
    regimens: Vec<String>,
    /// Another regimen: the ratio of the first over this one, with its 90 % interval
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    against: Option<String>,
    /// A covariate's values, such as wt=50,100, each against the person as given: ratios of exposure
    /// with their 90 % intervals; may stand several times [100 draws where none are asked for]
    #[arg(long, value_name = "NAME=VALUES", conflicts_with = "against")]
    forest: Vec<String>,
    /// Compartment that the doses enter, instead of the model's own way
    #[arg(long, value_name = "COMPARTMENT")]
    into: Option<String>,
    /// Output whose exposure is taken [default: the first of the model]
    #[arg(long, value_name = "NAME")]
    output: Option<String>,
    /// Length that is followed after the last dose, in the model's unit of time [default: 72 h]
    #[arg(long, value_name = "LENGTH", allow_hyphen_values = true)]
    after: Option<f64>,
    #[command(flatten)]
    who: Who,
}

impl OfFile {
    /// The first option that was given.
    fn given(&self) -> Option<&'static str> {
        let all = [
            ("--by", self.by.is_some()),
            ("--ratio", self.ratio.is_some()),
            ("--parallel", self.parallel),
            ("--amount", self.amount.is_some()),
            ("--units", self.units.is_some()),
        ];
        all.into_iter().find(|one| one.1).map(|one| one.0)
    }
}

impl OfModel {
    /// The first option that was given.
    fn given(&self) -> Option<&'static str> {
        let all = [
            ("--regimen", !self.regimens.is_empty()),
            ("--against", self.against.is_some()),
            ("--forest", !self.forest.is_empty()),
            ("--into", self.into.is_some()),
            ("--output", self.output.is_some()),
            ("--after", self.after.is_some()),
        ];
        all.into_iter().find(|one| one.1).map(|one| one.0).or(self.who.given())
    }
}

/// Exposure of every profile.
pub(crate) fn run(args: &Args) -> Done {
    if let Some(list) = listing(&args.input, args.model.who.person.as_deref()) {
        return Done { output: list, messages: Vec::new(), sources: Sources::default(), exit: 0 };
    }
    let mut sources = Sources::default();
    let mut read = match rules::read_rules(&args.rules) {
        Ok(read) => read,
        Err(said) => return Done::failed(said, sources, exit::USAGE),
    };
    let is_file = args.input.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
    if let Some(said) = stray(args, is_file) {
        return Done::failed(vec![said], sources, exit::USAGE);
    }
    read.profile.into_blood = args.iv;
    if !args.model.forest.is_empty() {
        return match model::check(args) {
            Ok(()) => forest::run(args, &read, sources),
            Err(said) => Done::failed(vec![said], sources, exit::USAGE),
        };
    }
    if let Some(said) = args.o.as_ref().and_then(|path| Form::of(path).err()) {
        return Done::failed(vec![said], sources, exit::USAGE);
    }
    let found = match is_file {
        true => file::of_file(args, read, &mut sources)
            .map(|(report, messages)| (report, messages, exit::DATA)),
        false => model::of_model(args, read, &mut sources),
    };
    match found {
        Ok((report, messages, code)) => finish(&report, messages, sources, args, code),
        Err((said, code)) => Done::failed(said, sources, code),
    }
}

/// An option that belongs to the other kind of input.
fn stray(args: &Args, is_file: bool) -> Option<Diagnostic> {
    let (option, belongs) = match is_file {
        true => (args.model.given()?, "a model"),
        false => (args.file.given()?, "a file of concentrations (.csv)"),
    };
    let said = Diagnostic::error("E0745", format!("`{option}` belongs to {belongs}"))
        .note(format!("`{}` is none", args.input.display()))
        .help("`epsom nca --help` lists the options of each");
    Some(said)
}

/// Writes the file that was asked for, and says the rest.
fn finish(
    report: &Report,
    mut messages: Vec<Diagnostic>,
    sources: Sources,
    args: &Args,
    code: u8,
) -> Done {
    let mut exit = code;
    let mut output = match args.json {
        true => format!("{}\n", report.json()),
        false => report.text(),
    };
    if let Some(path) = &args.o {
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

/// Exposure of a plan's runs into a file, beside the rows of `simulate`.
///
/// # Errors
/// Messages and the exit code; what could be taken is written all the same.
pub(crate) fn beside(plan: &Plan, path: &Path) -> Result<(), (Vec<Diagnostic>, u8)> {
    let (report, messages, code) = model::of_plan(plan, &rules::Read::default())?;
    write(&report, path).map_err(|said| (vec![said], exit::DATA))?;
    if messages.is_empty() { Ok(()) } else { Err((messages, code)) }
}

/// Whether [`beside`] can write a file of this name.
pub(crate) fn refused_file(path: &Path) -> Option<Diagnostic> {
    Form::of(path).err().or_else(|| missing_folder(path))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Csv,
    Parquet,
    Json,
}

impl Form {
    fn of(path: &Path) -> Result<Self, Diagnostic> {
        match path.extension().unwrap_or_default().to_str() {
            Some("csv") => Ok(Self::Csv),
            Some("parquet") => Ok(Self::Parquet),
            Some("json") => Ok(Self::Json),
            _ => {
                let message = format!("`{}` does not say what to write", path.display());
                let note = "endings of exposure: `.csv`, `.parquet`, `.json`";
                Err(Diagnostic::error("E0911", message).note(note))
            }
        }
    }
}

fn write(report: &Report, path: &Path) -> Result<(), Diagnostic> {
    let failed = |error: epsom_report::ReportError| cannot_write(path, &error);
    let form = Form::of(path)?;
    if form == Form::Json {
        return write_file(path, format!("{}\n", report.json()).as_bytes());
    }
    let file = NewFile::create(path)?;
    let table = report.table();
    if form == Form::Csv {
        let mut writer = CsvWriter::new(file);
        writer.write(&table).map_err(failed)?;
        return writer.finish().map_err(failed)?.keep();
    }
    let mut writer = ParquetWriter::new(file);
    writer.write(&table).map_err(failed)?;
    writer.finish().map_err(failed)?.map_or(Ok(()), NewFile::keep)
}
