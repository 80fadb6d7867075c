//! `epsom evidence`: claims, studies, values and what they rest on, as text or JSON.

mod add;
mod audit;
mod claim;
mod claim_json;
mod claims;
mod figures;
mod gaps;
mod report;
mod study;
mod tables;
mod text;
mod uses;

use crate::done::{Done, exit};
use crate::render::Sources;
use epsom_diag::Diagnostic;
use epsom_evidence::{Tables, builtin};
use serde_json::Value;
use std::path::PathBuf;

/// Schema of every JSON form.
const SCHEMA: &str = "epsom.evidence/1";

/// Look into the evidence: claims, studies, values, what is missing
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
    /// One JSON object instead of text
    #[arg(long, global = true)]
    json: bool,
    /// Join the tables of this folder for this run (studies.csv, effects.csv, claim_evidence.csv …)
    #[arg(long, global = true, value_name = "FOLDER")]
    add: Vec<PathBuf>,
}

/// Ways into the evidence tables.
#[derive(clap::Subcommand)]
enum What {
    /// Every claim with its status and certainty
    #[command(after_help = "Examples:\n  epsom evidence claims\n  \
        epsom evidence claims --section sleep\n  \
        epsom evidence claims --status animal_only --json")]
    Claims {
        /// Only this section, such as sleep, cognition, dosage_safety
        #[arg(long)]
        section: Option<String>,
        /// Only this status, such as supported_human, mixed_human, animal_only, unknown
        #[arg(long)]
        status: Option<String>,
    },
    /// One claim: what is known, in whom, how sure, who paid, what rests on it
    #[command(after_help = "Examples:\n  epsom evidence claim C15\n  epsom evidence claim CPK05")]
    Claim {
        /// Id of a claim, or of a statement that was merged into one
        id: String,
    },
    /// One study with what it found for every claim
    #[command(after_help = "Examples:\n  epsom evidence study liu2016")]
    Study {
        /// Key of a study or source
        key: String,
    },
    /// One number: unit, spread, source, and the model parameters that use it
    #[command(after_help = "Examples:\n  epsom evidence parameter MGT042")]
    Parameter {
        /// Id of a row of values.csv
        id: String,
    },
    /// What was never measured, ranked by how much it can move predictions
    #[command(after_help = "Examples:\n  epsom evidence gaps")]
    Gaps,
    /// Counts of what the tables rest on; exit code 6 where they do not hold together
    #[command(after_help = "Examples:\n  epsom evidence audit\n  epsom evidence audit --list")]
    Audit {
        /// Name the rows behind each count
        #[arg(long)]
        list: bool,
    },
    /// How to cite a source
    #[command(after_help = "Examples:\n  epsom evidence cite liu2016 --style bibtex")]
    Cite {
        /// Key of a source
        key: String,
        /// As one line or as BibTeX
        #[arg(long, value_enum, default_value_t)]
        style: study::Style,
    },
    /// The whole ledger as one self-contained HTML page: searchable, printable, with figures
    #[command(after_help = "Examples:\n  epsom evidence report -o evidence.html")]
    Report {
        /// Where the page goes; `-` is standard output
        #[arg(short, long)]
        output: PathBuf,
    },
    /// List the rows of a table, or the tables
    #[command(after_help = "Examples:\n  epsom evidence list\n  epsom evidence list values")]
    List {
        /// Such as values, studies, claims, salts; without it the tables are listed
        table: Option<String>,
    },
    /// Rows of values, studies and claims that hold the words, nearest first
    #[command(after_help = "Examples:\n  epsom evidence search renal threshold")]
    Search {
        /// Words, in any order
        #[arg(required = true, value_parser = clap::builder::NonEmptyStringValueParser::new())]
        words: Vec<String>,
    },
    /// A row of any table, cell by cell, with the rows that cite it
    #[command(after_help = "Examples:\n  epsom evidence show PK061\n  \
        epsom evidence show dolberg2017")]
    Show {
        /// Id of a row or key of a study
        key: String,
    },
}

/// The rows asked for.
pub(crate) fn run(args: &Args) -> Done {
    let mut added = Sources::default();
    let own = match add::tables(&args.add, &mut added) {
        Ok(own) => own,
        Err(messages) => return Done::failed(messages, added, exit::DATA),
    };
    let tables = own.as_ref().unwrap_or(builtin());
    let done = match &args.what {
        What::Audit { list } => {
            let (output, messages) = audit::run(tables, *list, args.json);
            return Done { output, messages, sources: sources(tables), exit: exit::CHECK };
        }
        What::Report { output } => match report::run(tables, output) {
            Ok(output) => Ok(output),
            Err(said) => return Done::failed(vec![said], added, exit::DATA),
        },
        what => answer(tables, what, args.json),
    };
    let (output, messages) = match done {
        Ok(output) => (output, Vec::new()),
        Err(said) => (String::new(), vec![said]),
    };
    Done { output, messages, sources: Sources::default(), exit: exit::USAGE }
}

fn answer(tables: &Tables, what: &What, json: bool) -> Result<String, Diagnostic> {
    match what {
        What::Claims { section, status } => {
            claims::run(tables, section.as_deref(), status.as_deref(), json)
        }
        What::Claim { id } => claims::one(tables, id, json),
        What::Study { key } => study::run(tables, key, json),
        What::Parameter { id } => uses::parameter(tables, id, json),
        What::Gaps => Ok(gaps::run(tables, json)),
        What::Cite { key, style } => study::cite(tables, key, *style, json),
        What::List { table: None } => Ok(tables::list_tables(tables, json)),
        What::List { table: Some(name) } => tables::list(tables, name, json),
        What::Search { words } => tables::search(tables, &words.join(" "), json),
        What::Show { key } => tables::show(tables, key, json),
        What::Audit { .. } | What::Report { .. } => Ok(String::new()),
    }
}

/// The texts of the tables, in the order that spans count.
fn sources(tables: &Tables) -> Sources {
    let mut sources = Sources::default();
    for (name, text) in tables.files() {
        sources.add(format!("evidence/{name}"), text);
    }
    sources
}

fn line(value: &Value) -> String {
    format!("{value}\n")
}
