//! The command line: arguments in, text out, exit codes as [`done::exit`] names them.

mod check;
mod compare;
mod completions;
mod convert;
mod diagram;
mod done;
mod evidence;
mod explain;
mod files;
mod fmt;
mod interrupt;
mod man;
mod model;
mod nca;
mod plan;
mod progress;
mod qualify;
mod render;
mod sensitivity;
mod simulate;
mod source;
mod tree;

use clap::{CommandFactory, Parser, Subcommand};
use epsom_diag::has_errors;
use render::{MessageFormat, render};
use std::io::Write;
use std::process::ExitCode;

/// Quantitative systems pharmacology of magnesium.
///
/// Research and education, not medical advice.
#[derive(Parser)]
#[command(name = "epsom", version, arg_required_else_help = true)]
struct Arguments {
    /// How messages on standard error are written
    #[arg(long, global = true, value_enum, default_value_t)]
    message_format: MessageFormat,
    #[command(subcommand)]
    command: Command,
}

/// One line per command; each has a file of its own with its arguments.
#[derive(Subcommand)]
enum Command {
    Compare(compare::Args),
    Plan(plan::Args),
    Qualify(qualify::Args),
    Simulate(Box<simulate::Args>),
    Nca(Box<nca::Args>),
    Sensitivity(sensitivity::Args),
    Check(check::Args),
    Evidence(evidence::Args),
    Explain(explain::Args),
    Fmt(fmt::Args),
    Convert(convert::Args),
    Completions(completions::Args),
    Man(man::Args),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match &arguments.command {
        Command::Compare(args) => compare::run(args),
        Command::Plan(args) => plan::run(args),
        Command::Qualify(args) => qualify::run(args),
        Command::Simulate(args) => simulate::run(args),
        Command::Nca(args) => nca::run(args),
        Command::Sensitivity(args) => sensitivity::run(args),
        Command::Check(args) => check::run(args),
        Command::Evidence(args) => evidence::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Fmt(args) => fmt::run(args),
        Command::Convert(args) => convert::run(args),
        Command::Completions(args) => completions::run(args, Arguments::command()),
        Command::Man(args) => man::run(args, Arguments::command()),
    };
    let said = render(&done.messages, &done.sources, arguments.message_format);
    // A closed pipe downstream is no failure of ours.
    let _ = anstream::stderr().write_all(said.as_bytes());
    let _ = std::io::stdout().write_all(done.output.as_bytes());
    if has_errors(&done.messages) { ExitCode::from(done.exit) } else { ExitCode::SUCCESS }
}
