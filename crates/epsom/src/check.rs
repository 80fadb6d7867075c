//! `epsom check MODEL`: every mistake of a model in one run, and what it rests on.

use crate::done::{Done, exit};
use crate::model::read_model;
use crate::render::Sources;
use epsom_diag::{Diagnostic, did_you_mean, list_names};
use epsom_model::check::ModelInfo;
use epsom_model::ir::Model;
use std::path::{Path, PathBuf};

/// Check a model and report every mistake in one run
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  epsom check magnesium\n  epsom check model.epm\n  \
    epsom check magnesium --tree serum\n  epsom check model.epm --message-format json")]
pub(crate) struct Args {
    /// Built-in name, or path of a model: `.epm`, or `ini({…}) model({…})` text
    model: PathBuf,
    /// Show what this output rests on, number by number
    #[arg(long, value_name = "OUTPUT")]
    tree: Option<String>,
}

/// Reads the text and reports every mistake in it.
pub(crate) fn run(args: &Args) -> Done {
    let path = &args.model;
    let mut sources = Sources::default();
    let read = match read_model(path, &mut sources) {
        Ok(read) => read,
        Err(said) => return Done::failed(vec![said], sources, exit::MODEL),
    };
    let output = match (&read.model, &args.tree) {
        (None, _) => String::new(),
        (Some(model), None) => summary(path, model, &read.info),
        (Some(model), Some(name)) => {
            match model.outputs.iter().position(|output| output.name == *name) {
                Some(at) => crate::tree::tree(model, at),
                None => {
                    let said = no_output(model, name);
                    return Done::failed(vec![said], sources, exit::USAGE);
                }
            }
        }
    };
    Done { output, messages: read.messages, sources, exit: exit::MODEL }
}

fn no_output(model: &Model, name: &str) -> Diagnostic {
    let names = || model.outputs.iter().map(|output| output.name.as_str());
    let said = Diagnostic::error("E0906", format!("the model has no output `{name}`"))
        .note(format!("outputs: {}", list_names(names(), 20)));
    match did_you_mean(name, names()) {
        Some(near) => said.help(format!("did you mean `{near}`")),
        None => said,
    }
}

/// What a model holds and rests on, for people.
fn summary(path: &Path, model: &Model, info: &ModelInfo) -> String {
    let mut text = format!(
        "{}: no mistake found (compartments: {}, parameters: {}, outputs: {})\n",
        path.display(),
        model.compartments.len(),
        model.params.len(),
        model.outputs.len()
    );
    if !model.checked {
        text.push_str("units and sources: not checked, this text form has none\n");
        return text;
    }
    text.push_str(&format!(
        "parameters with evidence rows: {}; assumed in the model: {}\n\
         parameters on an assumption row: {}; on a recalled number: {}; \
         on animals or cells: {}\n\
         parameters without uncertainty: {}\n",
        info.sourced,
        info.assumed,
        info.assumption_rows,
        info.recalled,
        info.not_human,
        info.without_spread
    ));
    for &at in &model.hypotheses {
        let one = &model.params[at];
        let assumes = one.provenance.assumed.as_deref().unwrap_or_default();
        text.push_str(&format!("hypothesis {} (off): {assumes}\n", one.name));
    }
    for how in &info.balances {
        text.push_str(&format!("conservation: {how}\n"));
    }
    for (name, params) in &info.rests_on {
        let names = params.iter().map(|&at| model.params[at].name.as_str());
        text.push_str(&format!("{name} rests on {}\n", list_names(names, usize::MAX)));
    }
    text
}
