//! `epsom plan`: one person, one regimen, what is predicted, what limits apply and why.

mod page;

use crate::done::{Done, exit};
use crate::files::{cannot_write, read_text, write_file};
use crate::render::Sources;
use epsom_diag::{Diagnostic, FileId};
use epsom_engine::compile;
use epsom_evidence::builtin;
use epsom_magnesium::plan::{
    Body, Drawing, Fact, Plan, Tried, explore, fact, person, plan, read_facts, read_measured,
    template, to_json, words,
};
use epsom_magnesium::regimen::{Regimen, parse_regimen};
use epsom_magnesium::salts::built_in_salts;
use epsom_magnesium::{MODELS, read};
use std::path::PathBuf;

/// Show what a regimen is predicted to do in a person, with limits, gates and interactions
///
/// Facts that are missing widen the prediction and are listed. Options, ranges and sources, never
/// an order. Research and education, not medical advice.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  epsom plan --template > person.toml\n  \
    epsom plan person.toml --regimen \"1 g MgT twice daily with meals for 12 weeks\"\n  \
    epsom plan --set age=80 --set sex=female --set crcl=25 --regimen \"1 g MgO once daily with meals for 4 weeks\"\n  \
    epsom plan --set medicines=\"ciprofloxacin, levothyroxine at 7:00\" --regimen \"400 mg Mg as oxide once daily with meals for 4 weeks\"")]
pub(crate) struct Args {
    /// Person file (TOML); `--template` prints one
    person: Option<PathBuf>,
    /// A fact of the person, over that of the file; several may be given
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Measured values (CSV): columns what, value, unit, and day, clock, fasting where known
    #[arg(long, value_name = "FILE.csv")]
    measured: Option<PathBuf>,
    /// What is taken; several are phases, such as those of a titration
    #[arg(long, value_name = "TEXT")]
    regimen: Vec<String>,
    /// Show a grid of salts, amounts and doses a day instead of one regimen
    #[arg(long, conflicts_with_all = ["regimen", "json", "output"])]
    explore: bool,
    /// Print a person file with every fact
    #[arg(long)]
    template: bool,
    /// Print JSON, schema `epsom.plan/1`
    #[arg(long)]
    json: bool,
    /// Seed of the draws
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Draws of what is not known
    #[arg(long, default_value_t = 200)]
    draws: u32,
    /// Threads [default: one per core]; results do not depend on it
    #[arg(long)]
    threads: Option<usize>,
    /// Write a page for print, with the figure, to this file
    #[arg(short, long, value_name = "FILE.html")]
    output: Option<PathBuf>,
}

/// Reads the person, makes the plan, prints it.
pub(crate) fn run(args: &Args) -> Done {
    let mut sources = Sources::default();
    if args.template {
        return Done { output: template(), messages: Vec::new(), sources, exit: 0 };
    }
    if let Some(said) = bad_numbers(args) {
        return Done::failed(vec![said], sources, exit::USAGE);
    }
    let facts = match facts(args, &mut sources) {
        Ok(facts) => facts,
        Err(said) => return Done::failed(said, sources, exit::DATA),
    };
    let person = match person(&facts, builtin()) {
        Ok(person) => person,
        Err(said) => return Done::failed(said, sources, exit::DATA),
    };
    let phases = match phases(args, &mut sources) {
        Ok(phases) => phases,
        Err(said) => return Done::failed(said, sources, exit::USAGE),
    };
    let (model, _) = match read(&MODELS[0]) {
        Ok(read) => read,
        Err(said) => return Done::failed(said, sources, exit::MODEL),
    };
    let compiled = compile(&model);
    let body = Body { model: &model, compiled: &compiled, evidence: builtin() };
    let drawing = Drawing { seed: args.seed, n_draws: args.draws, n_threads: args.threads };
    if args.explore {
        return match explore(&person, built_in_salts(), body, drawing) {
            Ok(tried) => Done { output: grid(&tried), messages: Vec::new(), sources, exit: 0 },
            Err(said) => Done::failed(said, sources, exit::NUMERICS),
        };
    }
    let found = match plan(&person, &phases, body, drawing) {
        Ok(found) => found,
        Err(said) => {
            let numerics = said.iter().any(|one| one.code == "E0684");
            let exit = if numerics { exit::NUMERICS } else { exit::USAGE };
            return Done::failed(said, sources, exit);
        }
    };
    let mut output = if args.json { to_json(&found) + "\n" } else { text(&found, args) };
    if let Some(path) = &args.output {
        if let Err(said) = write_page(&found, args, path) {
            return Done::failed(vec![said], sources, exit::DATA);
        }
        if !args.json {
            output.push_str(&format!("Written to {}\n", path.display()));
        }
    }
    Done { output, messages: Vec::new(), sources, exit: 0 }
}

fn bad_numbers(args: &Args) -> Option<Diagnostic> {
    let say = |message: &str, help: &str| Some(Diagnostic::error("E0906", message).help(help));
    match (args.draws, args.threads) {
        (0, _) => say("`--draws` is 0", "give 1 or more"),
        (1_000_001.., _) => say("`--draws` is above a million", "a few hundred give the intervals"),
        (_, Some(0)) => say("`--threads` is 0", "give 1 or more"),
        _ => None,
    }
}

/// Facts of the file, then those of the command line over them.
fn facts(args: &Args, sources: &mut Sources) -> Result<Vec<Fact>, Vec<Diagnostic>> {
    let mut facts = Vec::new();
    if let Some(path) = &args.person {
        let text = read_text(path, "a person file").map_err(|said| vec![said])?;
        let file = sources.add(path.display().to_string(), text.clone());
        facts = read_facts(&text, file)?;
    }
    if let Some(path) = &args.measured {
        let text = read_text(path, "a file of measured values").map_err(|said| vec![said])?;
        for one in read_measured(&text)? {
            facts.retain(|fact| fact.key != one.key);
            facts.push(one);
        }
    }
    let mut found = Vec::new();
    for pair in &args.set {
        let Some((key, value)) = pair.split_once('=') else {
            let said = Diagnostic::error("E0682", format!("`--set {pair}` is not KEY=VALUE"));
            found.push(said.help("write `--set age=54`"));
            continue;
        };
        match fact(key.trim(), value.trim()) {
            Ok(one) => {
                facts.retain(|fact| fact.key != one.key);
                facts.push(one);
            }
            Err(said) => found.push(*said),
        }
    }
    if found.is_empty() { Ok(facts) } else { Err(found) }
}

fn phases(args: &Args, sources: &mut Sources) -> Result<Vec<Regimen>, Vec<Diagnostic>> {
    let (mut phases, mut found) = (Vec::new(), Vec::new());
    for text in &args.regimen {
        let file: FileId = sources.add("--regimen", text.clone());
        match parse_regimen(text, file, built_in_salts()) {
            Ok(phase) => phases.push(phase),
            Err(said) => found.extend(said),
        }
    }
    if found.is_empty() { Ok(phases) } else { Err(found) }
}

/// The plan on a terminal: sections of lines.
fn text(plan: &Plan, args: &Args) -> String {
    let mut text = format!("{}\n", words::who(plan));
    for line in words::regimen(plan) {
        text.push_str(&format!("{line}\n"));
    }
    for section in words::sections(plan) {
        text.push_str(&format!("\n{}\n", section.heading));
        for line in &section.lines {
            text.push_str(&crate::compare::wrapped(line, "- "));
        }
    }
    let drawn = plan.prediction.as_ref().map_or(0, |found| found.n_used);
    text.push_str(&format!("\n{drawn} draws, seed {}. {}\n", args.seed, words::STANDING));
    text
}

/// The options as a table.
fn grid(tried: &[Tried]) -> String {
    let shown = |one: Option<epsom_population::Interval>, decimals: usize| match one {
        Some(one) => {
            format!("{:.decimals$} ({:.decimals$} to {:.decimals$})", one.median, one.lo, one.hi)
        }
        None => "not predicted".to_string(),
    };
    let mut text = format!(
        "{:24} {:>6} {:>5}  {:>20}  {:>20}  {:6} {:5} limits it lies above\n",
        "salt", "mg/day", "doses", "absorbed mmol/day", "serum mmol/L", "stool", "gates"
    );
    for one in tried {
        let stool = if one.may_loosen_stool { "maybe" } else { "-" };
        let line = format!(
            "{:24} {:>6.0} {:>5}  {:>20}  {:>20}  {stool:6} {:>5} {}",
            one.salt,
            one.elemental_mg_per_day,
            one.n_doses_a_day,
            shown(one.absorbed_mmol_per_day, 2),
            shown(one.serum_mmol_per_l, 2),
            one.n_gates,
            one.above.join("; ")
        );
        text.push_str(&format!("{}\n", line.trim_end()));
    }
    text.push_str("A grid with meals for four weeks, not a recommendation; \"-\" in a column says that no limit or effect is known to be reached. ");
    text.push_str(&format!("{}\n", words::STANDING));
    text
}

fn write_page(plan: &Plan, args: &Args, path: &std::path::Path) -> Result<(), Diagnostic> {
    let html = page::html(plan, args.seed).map_err(|error| cannot_write(path, &error))?;
    write_file(path, html.as_bytes())
}
