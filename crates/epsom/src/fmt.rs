//! `epsom fmt FILE… [--check]`: model texts in their canonical form, comments kept.

use crate::done::{Done, exit};
use crate::files::{read_text, write_file};
use crate::render::Sources;
use epsom_diag::Diagnostic;
use epsom_model::syntax::format;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Exit code where `--check` finds something to change.
const CHECK_FAILED: u8 = 6;

/// Write model texts in their canonical form
///
/// Comments and single blank lines stay; a file with mistakes is left as it is.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  epsom fmt model.epm\n  epsom fmt --check models/*.epm\n  \
    epsom fmt - < model.epm")]
pub(crate) struct Args {
    /// Paths of models; `-` reads standard input and writes standard output
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Change nothing; exit with 6 where a file is not in its canonical form
    #[arg(long)]
    check: bool,
}

/// Formats each file; a mistake in one does not stop the others.
pub(crate) fn run(args: &Args) -> Done {
    let mut done = Done::failed(Vec::new(), Sources::default(), 0);
    for path in &args.files {
        match one(path, args.check, &mut done.sources) {
            Ok(said) => done.output += &said,
            Err((messages, code)) => {
                done.messages.extend(messages);
                // What cannot be read outranks what is only not formatted.
                done.exit =
                    if done.exit == 0 || done.exit == CHECK_FAILED { code } else { done.exit };
            }
        }
    }
    done
}

fn one(path: &Path, check: bool, sources: &mut Sources) -> Result<String, (Vec<Diagnostic>, u8)> {
    let data = |said: Diagnostic| (vec![said], exit::DATA);
    let from_stdin = path.as_os_str() == "-";
    let text = if from_stdin {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(|error| {
            let said = Diagnostic::error("E0901", "cannot read standard input");
            data(said.note(format!("cause: {error}")))
        })?;
        text
    } else {
        read_text(path, "model").map_err(data)?
    };
    let shown = path.display().to_string();
    let file = sources.add(shown.as_str(), text.as_str());
    let formatted = format(&text, file).map_err(|said| (said, exit::MODEL))?;
    if from_stdin && !check {
        return Ok(formatted);
    }
    if formatted == text {
        return Ok(String::new());
    }
    if check {
        let at = text.lines().zip(formatted.lines()).position(|(a, b)| a != b);
        let line = at.unwrap_or_else(|| text.lines().count().min(formatted.lines().count())) + 1;
        let said = Diagnostic::error("E0107", format!("`{shown}` is not formatted"))
            .note(format!("first difference: line {line}"))
            .help(format!("write `epsom fmt {shown}`"));
        return Err((vec![said], CHECK_FAILED));
    }
    write_file(path, formatted.as_bytes()).map_err(data)?;
    Ok(format!("formatted {shown}\n"))
}
