//! `epsom compare`: one person, one regimen, several salts.

mod figure;
mod files;
mod page;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use files::check_folder;
pub(crate) use table::{finish, plain, wrapped};

use crate::done::{Done, exit};
use crate::interrupt;
use crate::progress::Progress;
use crate::render::Sources;
use epsom_diag::Diagnostic;
use epsom_evidence::builtin;
use epsom_magnesium::compare::{
    Ask, Comparison, DEFAULTS, Per, Running, compare, settings, to_json, words,
};
use epsom_magnesium::regimen::Timing;
use epsom_magnesium::salts::built_in_salts;
use epsom_magnesium::{MODELS, read};
use std::path::PathBuf;

/// Folder of the files where none is given.
const FOLDER: &str = "epsom-compare";

/// Compare magnesium salts in one person: absorbed, serum, urine, spinal fluid
///
/// Every salt is taken with meals and between meals, with the same draws of what is not known.
/// Writes a report, a figure (SVG, PNG), tables (CSV) and a manifest into a folder.
/// Research and education, not medical advice.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  epsom compare\n  \
    epsom compare --salts citrate,oxide --dose \"400 mg Mg\" --split 1\n  \
    epsom compare --dose \"1 g\" --per salt --gfr 60 --serum 0.9 -o my-folder\n  \
    epsom compare --json --draws 200")]
pub(crate) struct Args {
    /// Salts, separated by commas; the others are held against the first [default:
    /// L-threonate,citrate,oxide,glycinate]
    #[arg(long, value_delimiter = ',')]
    salts: Vec<String>,
    /// With meals, between meals, or both
    #[arg(long, value_enum, default_value_t)]
    timing: When,
    /// A day's amount, such as `2 g MgT` or `150 mg Mg`; the salts hold the same magnesium
    /// [default: 2 g MgT]
    #[arg(long, allow_hyphen_values = true)]
    dose: Option<String>,
    /// What is the same for each salt, where `--dose` does not say: `--dose "2 g" --per salt`
    #[arg(long, value_enum)]
    per: Option<PerWhat>,
    /// Doses a day, 1 to 3 [default: 2]
    #[arg(long, allow_negative_numbers = true)]
    split: Option<u32>,
    /// Weeks of dosing [default: 12]
    #[arg(long, allow_negative_numbers = true)]
    weeks: Option<u32>,
    /// Body weight, kg [default: 70]
    #[arg(long, allow_negative_numbers = true)]
    weight: Option<f64>,
    /// Glomerular filtration of the person, mL/min [default: 120]
    #[arg(long, allow_negative_numbers = true)]
    gfr: Option<f64>,
    /// Total serum magnesium without a dose, mmol/L [default: 0.85]
    #[arg(long, allow_negative_numbers = true)]
    serum: Option<f64>,
    /// Seed of the draws [default: 1]
    #[arg(long, allow_negative_numbers = true)]
    seed: Option<u64>,
    /// Draws of what is not known [default: 500]
    #[arg(long, allow_negative_numbers = true)]
    draws: Option<u32>,
    /// Threads [default: one per core]; results do not depend on it
    #[arg(long, allow_negative_numbers = true)]
    threads: Option<usize>,
    /// Folder of the files [default: epsom-compare]
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// One JSON object on standard output, schema epsom.compare/1
    #[arg(long)]
    json: bool,
}

/// When a salt is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum When {
    WithMeals,
    BetweenMeals,
    #[default]
    Both,
}

/// What is the same for each salt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum PerWhat {
    Salt,
    Elemental,
}

/// Runs the comparison, writes its files, prints its table or JSON.
pub(crate) fn run(args: &Args) -> Done {
    let mut sources = Sources::default();
    sources.add("--dose", args.dose.as_deref().unwrap_or(DEFAULTS.dose));
    let ask = ask(args);
    let settings = match settings(&ask, built_in_salts()) {
        Ok(settings) => settings,
        Err(said) => return Done::failed(said, sources, exit::USAGE),
    };
    if args.threads == Some(0) {
        let said = Diagnostic::error("E0662", "`--threads` is 0").help("give 1 or more");
        return Done::failed(vec![said], sources, exit::USAGE);
    }
    let folder = args.output.clone().unwrap_or_else(|| PathBuf::from(FOLDER));
    if let Err(said) = files::check_folder(&folder) {
        return Done::failed(vec![said], sources, exit::DATA);
    }
    let (model, _) = match read(&MODELS[0]) {
        Ok(read) => read,
        Err(said) => return Done::failed(said, sources, exit::MODEL),
    };
    let bar = Progress::new("draws", u64::from(settings.n_draws));
    let mut told = |done: usize, _: usize| bar.add(done as u64 - bar.done());
    let running =
        Running { n_threads: args.threads, progress: &mut told, cancelled: &interrupt::asked };
    let found = compare(&model, &settings, builtin(), running);
    drop(bar);
    let comparison = match found {
        Ok(comparison) => comparison,
        Err(said) => {
            let numerics = said.iter().any(|one| one.code == "E0663");
            let exit = match (interrupt::asked(), numerics) {
                (true, _) => exit::INTERRUPTED,
                (false, true) => exit::NUMERICS,
                (false, false) => exit::USAGE,
            };
            return Done::failed(said, sources, exit);
        }
    };
    let written = match files::write(&comparison, &folder) {
        Ok(written) => written,
        Err(said) => return Done::failed(vec![said], sources, exit::DATA),
    };
    let output =
        if args.json { to_json(&comparison) + "\n" } else { table::text(&comparison) + &written };
    let (messages, exit) = shortfall(&comparison);
    Done { output, messages, sources, exit }
}

/// What is missing from a result that is shown all the same.
fn shortfall(comparison: &Comparison) -> (Vec<Diagnostic>, u8) {
    let n_draws = comparison.settings.n_draws;
    if comparison.interrupted {
        let n_done = comparison.n_used as usize + comparison.failures.len();
        let message = format!("interrupted after {n_done} of {n_draws} draws");
        return (vec![Diagnostic::error("E0914", message)], exit::INTERRUPTED);
    }
    let Some(first) = comparison.failures.first() else { return (Vec::new(), 0) };
    let n = comparison.failures.len();
    let said = Diagnostic::error("E0664", format!("{n} of {n_draws} draws could not be solved"))
        .note(format!("cause: draw {} at {} h: {}", first.draw, first.time_h, first.cause))
        .note(words::WHY_DRAWS_FAIL)
        .note("the result leaves them out, with every salt; `manifest.json` lists them".to_string())
        .help("give a serum, filtration and weight that belong to one adult");
    (vec![said], exit::NUMERICS)
}

fn ask(args: &Args) -> Ask {
    Ask {
        salts: args.salts.iter().map(|word| word.trim().to_string()).collect(),
        timings: match args.timing {
            When::WithMeals => vec![Timing::WithMeals],
            When::BetweenMeals => vec![Timing::BetweenMeals],
            When::Both => Vec::new(),
        },
        dose: args.dose.clone(),
        per: args.per.map(|per| match per {
            PerWhat::Salt => Per::Salt,
            PerWhat::Elemental => Per::Elemental,
        }),
        n_doses_a_day: args.split,
        n_weeks: args.weeks,
        weight_kg: args.weight,
        gfr_ml_per_min: args.gfr,
        serum_mmol_per_l: args.serum,
        seed: args.seed,
        n_draws: args.draws,
    }
}
