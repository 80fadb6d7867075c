//! `epsom convert MODEL -o OUT`: one text form into the other.

use crate::done::{Done, exit};
use crate::files::write_file;
use crate::model::{ReadModel, read_model};
use crate::render::Sources;
use epsom_diag::{Diagnostic, FileId, Severity, has_errors};
use epsom_evidence::{builtin, builtin_substances};
use epsom_model::check::{World, check};
use epsom_model::convert::{Metadata, to_epm, to_r};
use epsom_model::ir::Model;
use epsom_model::syntax::ast::{Dialect, ItemKind, Tree};
use epsom_model::syntax::parse;
use std::path::{Path, PathBuf};

/// Write a model in the other text form: `.epm`, or a function with `ini` and `model` blocks
///
/// Predictions stay what they are. From a function, the result says that units and sources are
/// missing, and without that line `epsom check` lists what to add. Into a function, modules are
/// written out, units become plain numbers, and what the form cannot say is refused with its line.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  epsom convert model.R -o model.epm\n  \
    epsom convert model.epm -o model.R\n  epsom convert model.R --to r")]
pub(crate) struct Args {
    /// Path of the model to convert, or the name of a built-in one
    model: PathBuf,
    /// File of the result; `-` is standard output
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// Form of the result; without it, that of the output's ending, or the other one
    #[arg(long)]
    to: Option<Form>,
}

#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The model language of Epsom
    Epm,
    /// A function as nlmixr2 and rxode2 read it
    R,
}

/// Converts the text, or says why not.
pub(crate) fn run(args: &Args) -> Done {
    let mut sources = Sources::default();
    let read = match read_model(&args.model, &mut sources) {
        Ok(read) => read,
        Err(said) => return Done::failed(vec![said], sources, exit::MODEL),
    };
    let ReadModel { model, tree, mut messages, .. } = read;
    let Some(model) = model else { return Done::failed(messages, sources, exit::MODEL) };
    let name = args.model.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    let converted = match converted(args, &tree, &model, &name) {
        Ok(converted) => converted,
        Err(said) => {
            messages.extend(said);
            return Done::failed(messages, sources, exit::MODEL);
        }
    };
    let Some(path) = args.output.as_ref().filter(|path| path.as_os_str() != "-") else {
        return Done { output: converted, messages, sources, exit: exit::MODEL };
    };
    messages.extend(write_file(path, converted.as_bytes()).err());
    Done { output: String::new(), messages, sources, exit: exit::DATA }
}

fn converted(
    args: &Args,
    tree: &Tree,
    model: &Model,
    name: &str,
) -> Result<String, Vec<Diagnostic>> {
    let world = World { evidence: builtin(), substances: builtin_substances() };
    let is_epm = tree.dialect == Dialect::Epm;
    match (is_epm, form(args, is_epm)) {
        (true, Form::Epm) => Err(vec![needless(&args.model)]),
        (true, Form::R) => again(to_r(tree, model, &world, name, &[])?).map(|(text, ..)| text),
        (false, Form::Epm) => again(to_epm(tree, model, name)).map(|(text, ..)| text),
        (false, Form::R) => {
            let metadata = around(tree);
            let (_, tree, model) = again(to_epm(tree, model, name))?;
            again(to_r(&tree, &model, &world, name, &metadata)?).map(|(text, ..)| text)
        }
    }
}

fn form(args: &Args, is_epm: bool) -> Form {
    let ending = args.output.as_ref().and_then(|path| path.extension());
    let ending = ending.map(|one| one.to_string_lossy().to_lowercase());
    match (args.to, ending.as_deref()) {
        (Some(form), _) => form,
        (None, Some("epm")) => Form::Epm,
        (None, Some("r")) => Form::R,
        _ if is_epm => Form::R,
        _ => Form::Epm,
    }
}

/// The lines around the blocks of a function.
fn around(tree: &Tree) -> Vec<Metadata> {
    let line = |kind: &ItemKind| match kind {
        ItemKind::Metadata { name, value } => {
            Some(Metadata { name: name.text.clone(), value: value.text.clone() })
        }
        _ => None,
    };
    tree.items.iter().filter_map(|item| line(&item.kind)).collect()
}

/// A converted text, read and checked again: whatever it cannot say is refused, never approximated.
fn again(text: String) -> Result<(String, Tree, Model), Vec<Diagnostic>> {
    let world = World { evidence: builtin(), substances: builtin_substances() };
    let (tree, mut said) = parse(&text, FileId(0));
    let checked = check(&tree, &world);
    said.extend(checked.diagnostics);
    match checked.model.filter(|_| !has_errors(&said)) {
        Some(model) => Ok((text, tree, model)),
        None => {
            let why = said.iter().find(|one| one.severity == Severity::Error);
            let why = why.map_or(String::new(), |why| format!("{}: {}", why.code, why.message));
            let said = Diagnostic::error("E0109", "this text cannot be converted as it is")
                .note(format!("the converted text says {why}"))
                .help("`epsom simulate` runs the text as it is");
            Err(vec![said])
        }
    }
}

fn needless(path: &Path) -> Diagnostic {
    Diagnostic::error("E0109", "this text is not one that can be converted")
        .note(format!("`{}` is an `.epm` model already", path.display()))
        .help("`epsom fmt` gives it its canonical form; `--to r` writes a function")
}
