//! `epsom check MODEL`: every mistake of a model in one run, and what it rests on.

use crate::done::{Done, exit};
use crate::files::{cannot_write, write_file};
use crate::model::{is_builtin, read_whole};
use crate::render::Sources;
use crate::source::source;
use epsom_diag::{Diagnostic, did_you_mean, list_names};
use epsom_magnesium::people::{general, named};
use epsom_model::check::ModelInfo;
use epsom_model::ir::{Event, Model};
use epsom_model::syntax::ast::{Dialect, ItemKind, Tree};
use epsom_population::{DEFAULT_CV, default_widths};
use epsom_report::{Block, Page, render_html};
use std::path::{Path, PathBuf};

/// Check a model and report every mistake in one run
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  epsom check magnesium\n  epsom check model.epm\n  \
    epsom check magnesium --tree serum\n  epsom check magnesium --diagram magnesium.svg\n  epsom check model.epm -o model.html\n  epsom check model.epm --message-format json")]
pub(crate) struct Args {
    /// Built-in name, or path of a model: `.epm`, or `ini({…}) model({…})` text
    model: PathBuf,
    /// Show what this output rests on, number by number
    #[arg(long, value_name = "OUTPUT")]
    tree: Option<String>,
    /// Write the model in colors, with what it rests on, as one page: `FILE.html`
    #[arg(short, long, value_name = "FILE", conflicts_with = "tree")]
    output: Option<PathBuf>,
    /// Draw compartments as boxes and what moves between them as arrows, or list them: `FILE.svg`, `.png`, `.csv`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["tree", "output"])]
    diagram: Option<PathBuf>,
}

/// Reads the text and reports every mistake in it.
pub(crate) fn run(args: &Args) -> Done {
    let path = &args.model;
    let mut sources = Sources::default();
    let read = match read_whole(path, &mut sources) {
        Ok(read) => read,
        Err(said) => return Done::failed(vec![said], sources, exit::MODEL),
    };
    let output = match (&read.model, &args.tree) {
        (None, _) => String::new(),
        (Some(model), None) if args.diagram.is_some() => {
            let to = args.diagram.as_deref().unwrap_or(Path::new(""));
            match crate::diagram::write(to, model, &read.tree) {
                Ok(()) => format!("written to {}\n", to.display()),
                Err(said) => return Done::failed(vec![said], sources, exit::DATA),
            }
        }
        (Some(model), None) => {
            let text = summary(path, &read.tree, model, &read.info);
            match &args.output {
                Some(to) => match write_page(to, model, &text, &sources) {
                    Ok(()) => format!("written to {}\n", to.display()),
                    Err(said) => return Done::failed(vec![said], sources, exit::DATA),
                },
                None => text,
            }
        }
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

/// The model as one page: what it holds and rests on, and its texts in colors.
fn write_page(
    to: &Path,
    model: &Model,
    summary: &str,
    sources: &Sources,
) -> Result<(), Diagnostic> {
    let mut blocks = vec![Block::List(summary.lines().map(str::to_string).collect())];
    for (name, text) in sources.all() {
        blocks.push(source(name, text, false));
    }
    if model.checked {
        blocks.push(Block::Heading("What each output rests on".to_string()));
        blocks.extend((0..model.outputs.len()).map(|at| Block::Code(crate::tree::tree(model, at))));
    }
    let html = render_html(&Page {
        title: format!("Model {}", model.name),
        lead: model.title.clone(),
        blocks,
        footer: format!("Epsom {}", env!("CARGO_PKG_VERSION")),
        one_sheet: false,
    })
    .map_err(|error| cannot_write(to, &error))?;
    write_file(to, html.as_bytes())
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

/// What an event changes, and how.
fn event_text(model: &Model, event: &Event) -> String {
    let changed =
        event.changes.iter().map(|&(at, _)| model.compartments[at as usize].name.as_str());
    let mut text = format!("{} changes {}", event.name, list_names(changed, 20));
    for (word, is) in [
        ("delayed", event.delay.is_some()),
        ("with a priority", event.priority.is_some()),
        ("cancelable", event.cancelable),
        ("values of the change, not of the rise", event.late_values),
        ("also where it holds at the start", event.at_start),
    ] {
        text.push_str(&if is { format!(", {word}") } else { String::new() });
    }
    text
}

/// What a model holds and rests on, for people.
fn summary(path: &Path, tree: &Tree, model: &Model, info: &ModelInfo) -> String {
    let mut text = format!(
        "{}: no mistake found (compartments: {}, parameters: {}, outputs: {})\n",
        path.display(),
        model.compartments.len() - model.registers.len(),
        model.params.len() - model.hypotheses.len(),
        model.outputs.len()
    );
    if !model.checked {
        text.push_str(match tree.dialect {
            Dialect::IniModel => "units and sources: not checked, this text form has none\n",
            Dialect::Epm => "units and sources: not checked, the model says `unchecked`\n",
        });
        return text;
    }
    if !tree.items.iter().any(|item| matches!(item.kind, ItemKind::Time { .. })) {
        text.push_str("time: in h, since the model has no line such as `time [day]`\n");
    }
    if model.outputs.is_empty() {
        text.push_str("outputs: none, so that tables hold the compartments only\n");
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
    let default: Vec<&str> = default_widths(model).collect();
    if !default.is_empty() {
        text.push_str(&format!(
            "of these, drawn with a default {} % in `--draws`: {}\n",
            DEFAULT_CV * 100.0,
            list_names(default, usize::MAX)
        ));
    }
    if info.bare_literals > 0 {
        text.push_str(&format!("numbers in equations, without a source: {}\n", info.bare_literals));
    }
    for &at in &model.hypotheses {
        let one = &model.params[at];
        let assumes = one.provenance.assumed.as_deref().unwrap_or_default();
        text.push_str(&format!("hypothesis {} (off): {assumes}\n", one.name));
    }
    if is_builtin(path) {
        let names = named().iter().map(|one| one.name.as_str());
        text.push_str(&format!("people by name (--person): {}\n", list_names(names, usize::MAX)));
        let columns = general().columns.iter().map(|one| one.covariate.as_str());
        text.push_str(&format!(
            "people of a general adult population (--n) differ in {}\n",
            list_names(columns, usize::MAX)
        ));
    }
    for event in &model.events {
        text.push_str(&format!("event {}\n", event_text(model, event)));
    }
    for how in &info.balances {
        text.push_str(&format!("conservation of {how}\n"));
    }
    for (name, params) in &info.rests_on {
        let names = params.iter().map(|&at| model.params[at].name.as_str());
        let names = match params.is_empty() {
            true => "no parameter".to_string(),
            false => list_names(names, usize::MAX),
        };
        text.push_str(&format!("{name} rests on {names}\n"));
    }
    text
}
