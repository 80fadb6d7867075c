//! `epsom plan`: one person, one regimen, what is predicted, what limits apply and why.

mod figures;
mod grid;
mod page;

use crate::done::{Done, exit};
use crate::files::{PNG_SCALE, cannot_write, read_text, write_file, write_files};
use crate::interrupt;
use crate::progress::Progress;
use crate::render::Sources;
use epsom_diag::{Diagnostic, FileId};
use epsom_engine::compile;
use epsom_evidence::builtin;
use epsom_magnesium::plan::{
    Body, Drawing, EXPLORE_DRAWS, Fact, Person, Plan, explore, explored_to_json, fact, person,
    plan, read_facts, read_measured, template, to_json, words,
};
use epsom_magnesium::regimen::{Regimen, parse_regimen};
use epsom_magnesium::salts::built_in_salts;
use epsom_magnesium::{MODELS, plasma_route, read};
use std::path::PathBuf;

/// Show what a regimen is predicted to do in a person, with limits, gates and interactions
///
/// Facts that are missing widen the prediction and are listed. Options, ranges and sources, never
/// an order. Research and education, not medical advice.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  epsom plan --template > person.toml\n  \
    epsom plan person.toml --regimen \"1 g MgT twice daily with meals for 12 weeks\"\n  \
    epsom plan --set age=80 --set sex=female --set crcl=25 --regimen \"1 g MgO once daily with meals for 4 weeks\"\n  \
    epsom plan --set medicines=\"ciprofloxacin, levothyroxine at 7:00\" --regimen \"400 mg Mg as oxide once daily with meals for 4 weeks\"\n  \
    epsom plan person.toml --explore -o options.html\n\
    Exit codes: 0 ok, 2 command line, 4 file or facts, 5 no draw could be solved, 130 interrupted \
    (options that are finished are kept).")]
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
    #[arg(long, conflicts_with_all = ["regimen", "figures"])]
    explore: bool,
    /// Print a person file with every fact
    #[arg(long)]
    template: bool,
    /// Print JSON, schema `epsom.plan/1`, or `epsom.plan.explore/1` of a grid
    #[arg(long)]
    json: bool,
    /// Seed of the draws
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Draws of what is not known [default: 200, of a grid 50]
    #[arg(long)]
    draws: Option<u32>,
    /// Threads [default: one per core]; results do not depend on it
    #[arg(long)]
    threads: Option<usize>,
    /// Write a page for print, with its figures (.html); of a grid also a heat map (.svg, .png) or
    /// a table (.csv)
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write the figures (SVG, PNG) into this folder: serum, signs, day
    #[arg(long, value_name = "FOLDER")]
    figures: Option<PathBuf>,
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
    let model = plasma_route(&model);
    let compiled = compile(&model);
    let body = Body { model: &model, compiled: &compiled, evidence: builtin() };
    let drawing = Drawing { seed: args.seed, n_draws: draws(args), n_threads: args.threads };
    if args.explore {
        return options(args, &person, body, drawing, sources);
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
    if let Some(folder) = &args.figures {
        let written = page::files(&found, PNG_SCALE).map_err(|error| cannot_write(folder, &error));
        match written.and_then(|files| write_files(folder, &files)) {
            Ok(line) if !args.json => output.push_str(&line),
            Ok(_) => {}
            Err(said) => return Done::failed(vec![said], sources, exit::DATA),
        }
    }
    Done { output, messages: Vec::new(), sources, exit: 0 }
}

/// Draws asked for, or what suits.
fn draws(args: &Args) -> u32 {
    args.draws.unwrap_or(if args.explore { EXPLORE_DRAWS } else { PLAN_DRAWS })
}

/// Draws of a plan where nothing else is asked.
const PLAN_DRAWS: u32 = 200;

/// The grid: what is finished is kept where it is interrupted.
fn options(
    args: &Args,
    person: &Person,
    body: Body<'_>,
    drawing: Drawing,
    sources: Sources,
) -> Done {
    let progress = Progress::new("options", grid::n_options());
    let mut go_on = || {
        progress.add(1);
        !interrupt::asked()
    };
    let found = match explore(person, built_in_salts(), body, drawing, &mut go_on) {
        Ok(found) => found,
        Err(said) => return Done::failed(said, sources, exit::NUMERICS),
    };
    let mut output = if args.json { explored_to_json(&found) + "\n" } else { grid::text(&found) };
    let (mut messages, mut code) = (Vec::new(), 0);
    if found.options.len() < found.n_all {
        let message =
            format!("interrupted after {} of {} options", found.options.len(), found.n_all);
        messages.push(Diagnostic::error("E0914", message).note("what was finished is kept"));
        code = exit::INTERRUPTED;
    }
    if let Some(path) = &args.output {
        match grid::write(&found, path) {
            Ok(()) if args.json => {}
            Ok(()) => output.push_str(&format!("Written to {}\n", path.display())),
            Err(said) => {
                messages.push(said);
                code = exit::DATA;
            }
        }
    }
    Done { output, messages, sources, exit: code }
}

fn bad_numbers(args: &Args) -> Option<Diagnostic> {
    let say = |message: &str, help: &str| Some(Diagnostic::error("E0906", message).help(help));
    let endings = if args.explore { grid::ENDINGS } else { &["html"] };
    if let Some(path) = &args.output
        && !path.extension().is_some_and(|end| endings.iter().any(|one| end == *one))
    {
        let message = format!("`{}` does not say what to write", path.display());
        let known: Vec<String> = endings.iter().map(|end| format!("`.{end}`")).collect();
        let said = Diagnostic::error("E0911", message);
        return Some(said.note(format!("endings: {}", known.join(", "))));
    }
    match (draws(args), args.threads) {
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

fn write_page(plan: &Plan, args: &Args, path: &std::path::Path) -> Result<(), Diagnostic> {
    let html = page::html(plan, args.seed).map_err(|error| cannot_write(path, &error))?;
    write_file(path, html.as_bytes())
}
