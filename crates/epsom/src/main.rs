//! The command line: arguments in, text out, exit codes 0 ok, 2 usage, 3 model, 4 data, 5 numerics.

mod commands;
mod evidence;
mod files;
mod model;
mod render;
mod simulate;

use clap::{Parser, Subcommand};
use epsom_diag::{Diagnostic, has_errors};
use render::{MessageFormat, Sources, render};
use std::io::Write;
use std::path::PathBuf;
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

#[derive(Subcommand)]
enum Command {
    /// Run a model through the doses of an event file
    #[command(after_help = "Examples:\n  epsom simulate model.epm --events doses.csv\n  \
        epsom simulate model.epm --events doses.csv --param cl=4 -o rows.csv")]
    Simulate {
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
    },
    /// Check a model and report every mistake in one run
    #[command(after_help = "Examples:\n  epsom check model.epm\n  \
        epsom check model.epm --message-format json")]
    Check {
        /// Path of a model: `.epm`, or `ini({…}) model({…})` text
        model: PathBuf,
    },
    /// Look into the evidence tables that stand in the binary
    Evidence {
        #[command(subcommand)]
        what: Evidence,
    },
    /// Print the page of a message's code
    #[command(after_help = "Examples:\n  epsom explain E0103\n  epsom explain")]
    Explain {
        /// Such as E0103; without it every code is listed
        code: Option<String>,
    },
}

/// Ways into the evidence tables.
#[derive(Subcommand)]
pub(crate) enum Evidence {
    /// List the rows of a table, or the tables
    #[command(after_help = "Examples:\n  epsom evidence list\n  epsom evidence list values")]
    List {
        /// Such as values, studies, claims, salts; without it the tables are listed
        table: Option<String>,
        /// One JSON object instead of lines
        #[arg(long)]
        json: bool,
    },
    /// Rows of values, studies and claims that hold the words, nearest first
    #[command(after_help = "Examples:\n  epsom evidence search renal threshold")]
    Search {
        /// Words, in any order
        #[arg(required = true)]
        words: Vec<String>,
        /// One JSON object instead of lines
        #[arg(long)]
        json: bool,
    },
    /// A row, study or source with everything the tables say about it
    #[command(after_help = "Examples:\n  epsom evidence show PK061\n  \
        epsom evidence show dolberg2017")]
    Show {
        /// Id of a row or key of a study
        key: String,
        /// One JSON object instead of lines
        #[arg(long)]
        json: bool,
    },
}

/// What a command gives: text for standard output, messages for standard error.
pub(crate) struct Done {
    /// Text for standard output.
    pub(crate) output: String,
    /// Messages, and the texts that they point into.
    pub(crate) messages: Vec<Diagnostic>,
    /// Texts that spans point into.
    pub(crate) sources: Sources,
    /// Exit code where a message is an error.
    pub(crate) exit: u8,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        Command::Check { model } => commands::check(&model),
        Command::Simulate { model, events, params, rtol, output } => {
            simulate::run(&simulate::Request {
                model: &model,
                events: &events,
                params: &params,
                rtol,
                output: output.as_ref(),
            })
        }
        Command::Evidence { what } => evidence::run(&what),
        Command::Explain { code } => commands::explain(code.as_deref()),
    };
    let said = render(&done.messages, &done.sources, arguments.message_format);
    // A closed pipe downstream is no failure of ours.
    let _ = anstream::stderr().write_all(said.as_bytes());
    let _ = std::io::stdout().write_all(done.output.as_bytes());
    if has_errors(&done.messages) { ExitCode::from(done.exit) } else { ExitCode::SUCCESS }
}
