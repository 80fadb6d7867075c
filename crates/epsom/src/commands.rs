//! One function per command: values in, [`Done`] out.

use crate::Done;
use crate::files::read_text;
use crate::render::Sources;
use epsom_diag::{CODES, Diagnostic, code_info, did_you_mean, has_errors};
use epsom_model::syntax;
use std::path::Path;

/// Exit code of a wrong command line.
pub(crate) const USAGE: u8 = 2;
/// Exit code of a wrong model.
const MODEL: u8 = 3;

/// `epsom check MODEL`: reads the text and reports every mistake in it.
pub(crate) fn check(path: &Path) -> Done {
    let mut sources = Sources::default();
    let text = match read_text(path, "model") {
        Ok(text) => text,
        Err(said) => {
            return Done { output: String::new(), messages: vec![said], sources, exit: MODEL };
        }
    };
    let file = sources.add(path.display().to_string(), text.as_str());
    let (tree, messages) = syntax::parse(&text, file);
    let output = if has_errors(&messages) {
        String::new()
    } else {
        format!(
            "{}: {} statements read; the text has no mistake\n\
             names, units, sources and conservation are not checked by this version\n",
            path.display(),
            tree.items.len()
        )
    };
    Done { output, messages, sources, exit: MODEL }
}

/// `epsom explain [CODE]`: the page of a code, or the list.
pub(crate) fn explain(code: Option<&str>) -> Done {
    let (mut output, mut messages) = (String::new(), Vec::new());
    match code.map(|code| (code, code_info(code))) {
        None => {
            for info in CODES {
                output.push_str(&format!("{}  {}\n", info.code, info.title));
            }
        }
        Some((_, Some(info))) => output.push_str(info.page),
        Some((code, None)) => {
            let said = Diagnostic::error("E0904", format!("there is no code `{code}`"));
            let near = did_you_mean(code, CODES.iter().map(|info| info.code));
            messages.push(match near {
                Some(near) => said.help(format!("did you mean `{near}`")),
                None => said.help("list them with `epsom explain`"),
            });
        }
    }
    Done { output, messages, sources: Sources::default(), exit: USAGE }
}
