//! `epsom convert MODEL -o OUT.epm`: another text form into `.epm`.

use crate::done::{Done, exit};
use crate::files::{NewFile, cannot_write, read_text};
use crate::render::Sources;
use epsom_diag::{Diagnostic, Severity, has_errors};
use epsom_evidence::{builtin, builtin_substances};
use epsom_model::check::{World, check};
use epsom_model::convert::to_epm;
use epsom_model::syntax::{ast::Dialect, parse};
use std::io::Write;
use std::path::PathBuf;

/// Write `ini({…}) model({…})` text as an `.epm` model
///
/// Equations and numbers stay as they are; the result says that units and sources are missing, and
/// without that line `epsom check` lists what to add.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  epsom convert model.R -o model.epm\n  epsom convert model.R")]
pub(crate) struct Args {
    /// Path of the text to convert
    model: PathBuf,
    /// File of the result; `-` is standard output
    #[arg(short, long)]
    output: Option<PathBuf>,
}

/// Converts the text, or says why not.
pub(crate) fn run(args: &Args) -> Done {
    let mut sources = Sources::default();
    let text = match read_text(&args.model, "model") {
        Ok(text) => text,
        Err(said) => return Done::failed(vec![said], sources, exit::MODEL),
    };
    let file = sources.add(args.model.display().to_string(), text.as_str());
    let (tree, mut messages) = parse(&text, file);
    if has_errors(&messages) {
        return Done::failed(messages, sources, exit::MODEL);
    }
    if tree.dialect == Dialect::Epm {
        let said = Diagnostic::error("E0109", "this text is not one that can be converted")
            .note(format!(
                "`{}` holds no `ini({{…}})` or `model({{…}})` block",
                args.model.display()
            ))
            .help("an `.epm` model needs no conversion; `epsom fmt` gives it its canonical form");
        return Done::failed(vec![said], sources, exit::MODEL);
    }
    let world = World { evidence: builtin(), substances: builtin_substances() };
    let checked = check(&tree, &world);
    messages.extend(checked.diagnostics);
    let Some(model) = checked.model else { return Done::failed(messages, sources, exit::MODEL) };
    let name = args.model.file_name().map(|name| name.to_string_lossy().into_owned());
    let converted = to_epm(&tree, &model, &name.unwrap_or_default());
    // Whatever the other form cannot say is refused, never approximated.
    let (again, mut said) = parse(&converted, file);
    said.extend(check(&again, &world).diagnostics);
    if let Some(why) = said.iter().find(|one| one.severity == Severity::Error) {
        let said = Diagnostic::error("E0109", "this text cannot be converted as it is")
            .note(format!("the converted text says {}: {}", why.code, why.message))
            .help("`epsom simulate` runs the text as it is");
        return Done::failed(vec![said], sources, exit::MODEL);
    }
    let Some(path) = args.output.as_ref().filter(|path| path.as_os_str() != "-") else {
        return Done { output: converted, messages, sources, exit: exit::MODEL };
    };
    let written = NewFile::create(path).and_then(|mut file| {
        file.write_all(converted.as_bytes()).map_err(|error| cannot_write(path, &error))?;
        file.keep()
    });
    messages.extend(written.err());
    Done { output: String::new(), messages, sources, exit: exit::DATA }
}
