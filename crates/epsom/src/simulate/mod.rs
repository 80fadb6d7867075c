//! `epsom simulate`: a model and doses in, rows out.

mod dosing;
mod drawing;
mod failure;
mod json;
mod marks;
mod people;
mod plain_dose;
mod plan;
mod reach;
mod rows;
mod rules;
mod run;
mod solve;
mod times;
mod values;

pub(crate) use people::{Who, listing, write_people};
pub(crate) use plan::{Plan, plan};

use crate::done::{Done, exit};
use crate::interrupt;
use crate::render::Sources;
use epsom_diag::has_errors;
use std::path::PathBuf;

/// Run a model through the doses of an event file or a regimen
#[derive(clap::Args)]
#[command(after_help = "Examples:
  epsom simulate magnesium --regimen \"1 g MgT twice daily with meals for 12 weeks\"
  epsom simulate magnesium --regimen \"400 mg Mg as oxide once daily for 30 days\" -o oxide.svg
  epsom simulate model.epm --events doses.csv --param cl=4[L/h] -o rows.parquet
  epsom simulate model.epm --regimen \"30 mmol Mg iv over 8 h\" --into central --times 0:24:0.5
  epsom simulate magnesium --regimen \"300 mg Mg as citrate once daily for 4 wk\" --n 200 --draws 50
    --covariate \"wt=70 varies lognormal(cv 20[%])\" --summary -o bands.svg
  epsom simulate magnesium --regimen \"300 mg Mg as citrate\" --n 1000 --summary --people-out who.csv
  epsom simulate magnesium --regimen \"300 mg Mg as citrate once daily for 4 wk\" --person ckd-g4
  epsom simulate magnesium --regimen \"2 g MgT once daily for 4 wk\" -o rows.csv --nca nca.csv
  epsom simulate magnesium --regimen \"2 g MgT\" --people people.csv --percentiles 5,50,95
  epsom simulate model.epm --events doses.csv --n 500 --residual --percentiles 5,50,95
  epsom simulate model.epm --regimen \"30 mmol Mg once daily for 4 wk\" --log decisions.csv
    --rule \"when Cc > 2.5 mmol/L at visits every 7 d, halve the dose\" --rule \"miss 10 %\"

Without -o, rows go to standard output as CSV: id, time, outputs, compartments.
Exit codes: 0 ok, 2 command line, 3 model, 4 data, 5 a subject could not be solved (the others are
kept), 130 interrupted (what was finished is kept).")]
pub(crate) struct Args {
    /// Built-in name (magnesium), or path of a model: `.epm`, or `ini({…}) model({…})` text
    model: PathBuf,
    /// NONMEM-style records: ID, TIME, EVID, AMT, CMT, RATE, II, ADDL, SS, covariates
    #[arg(long, value_name = "FILE.csv")]
    events: Option<PathBuf>,
    /// Doses in words, such as "1 g MgT twice daily for 12 weeks"; may stand several times
    #[arg(long = "regimen", value_name = "TEXT", allow_hyphen_values = true)]
    regimens: Vec<String>,
    /// Compartment that the doses of --regimen enter, instead of the model's own way
    #[arg(long, value_name = "COMPARTMENT")]
    into: Option<String>,
    /// What changes doses in the run: "when Cc > 2.5 mmol/L at visits every 7 d, halve the dose",
    /// "start 100 mg, every 7 d add 100 mg up to 400 mg", "miss 10 %"; may stand several times
    #[arg(long = "rule", value_name = "TEXT", allow_hyphen_values = true)]
    rules: Vec<String>,
    /// File of what the rules did: .csv or .json (schema epsom.decisions/1)
    #[arg(long, value_name = "FILE", requires = "rules")]
    log: Option<PathBuf>,
    /// Times of the rows: START:END:STEP or a list with commas, in the model's unit of time
    #[arg(long, value_name = "TIMES", allow_hyphen_values = true)]
    times: Option<String>,
    #[command(flatten)]
    who: Who,
    /// Run only this draw, from 1
    #[arg(long, value_name = "K", allow_negative_numbers = true)]
    draw: Option<u32>,
    /// Measurements instead of what the model predicts: each output that declares a residual error
    /// (`Cc ~ prop(10[%])`) has one drawn at each row; with --summary, percentiles of measurements
    #[arg(long)]
    residual: bool,
    /// Percentiles per output and time instead of rows, split into what is not known and how
    /// people differ
    #[arg(long)]
    summary: bool,
    /// Percentiles of the summary [default: 2.5,50,97.5]
    #[arg(long, value_name = "LIST", allow_hyphen_values = true)]
    percentiles: Option<String>,
    /// Run only this subject of the event file, or this person; may stand several times
    #[arg(long = "subject", value_name = "ID")]
    subjects: Vec<String>,
    /// Relative tolerance where the model is not linear
    #[arg(long, value_name = "R", default_value = "1e-8", allow_hyphen_values = true)]
    rtol: f64,
    /// Absolute tolerance of every compartment, in base units (mmol, kg, L, mV); the usual is
    /// 1e-2 of the relative one times the compartment's usual size
    #[arg(long, value_name = "A", allow_hyphen_values = true)]
    atol: Option<f64>,
    /// Method between stops
    #[arg(long, value_enum, default_value_t)]
    solver: solve::Method,
    /// File of the result: .csv, .parquet, .svg or .png; `-` is CSV on standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// A logarithmic vertical axis in a figure (.svg, .png)
    #[arg(long)]
    log_y: bool,
    /// File of exposure beside the rows: areas, peaks, half-lives of the model's first output,
    /// one row per run (.csv, .parquet, .json); `epsom nca` has the options
    #[arg(long, value_name = "FILE")]
    nca: Option<PathBuf>,
    /// One JSON object (schema epsom.simulate/1) on standard output
    #[arg(long)]
    json: bool,
}

/// What another command asks this one's plan for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    /// Name or path.
    pub(crate) model: PathBuf,
    /// Doses in words.
    pub(crate) regimens: Vec<String>,
    /// Compartment that they enter.
    pub(crate) into: Option<String>,
    /// Who is run, and with which numbers.
    pub(crate) who: Who,
}

/// The same as options of this command.
pub(crate) fn of_model(asked: Asked) -> Args {
    Args {
        model: asked.model,
        events: None,
        regimens: asked.regimens,
        into: asked.into,
        rules: Vec::new(),
        log: None,
        times: None,
        who: asked.who,
        draw: None,
        residual: false,
        summary: false,
        percentiles: None,
        subjects: Vec::new(),
        rtol: 1e-8,
        atol: None,
        solver: solve::Method::Auto,
        output: None,
        log_y: false,
        nca: None,
        json: false,
    }
}

/// Rows of every subject, or everything that is wrong with what was asked.
pub(crate) fn run(args: &Args) -> Done {
    if let Some(list) = listing(&args.model, args.who.person.as_deref()) {
        return Done { output: list, messages: Vec::new(), sources: Sources::default(), exit: 0 };
    }
    let mut sources = Sources::default();
    let plan = match plan::plan(args, &mut sources) {
        Ok(plan) => plan,
        Err(refused) => return Done::failed(refused.messages, sources, refused.exit),
    };
    if let Err(said) = write_people(&plan, &args.who) {
        return Done::failed(vec![said], sources, exit::DATA);
    }
    let mut messages = plan.warnings.clone();
    let mut ran = match &plan.people {
        Some(people) => people::run(args, &plan, people),
        None => run::run(args, &plan),
    };
    if let Some(path) = args.nca.as_ref().filter(|_| !interrupt::asked())
        && let Err((said, exit)) = crate::nca::beside(&plan, path)
    {
        if !has_errors(&ran.messages) {
            ran.exit = exit;
        }
        ran.messages.extend(said);
    }
    messages.extend(ran.messages);
    let exit = if has_errors(&messages) { ran.exit } else { exit::NUMERICS };
    Done { output: ran.output, messages, sources, exit }
}

/// How accurately the options ask to run.
fn accuracy(args: &Args) -> solve::Accuracy {
    solve::Accuracy { rtol: args.rtol, atol: args.atol, method: args.solver }
}
