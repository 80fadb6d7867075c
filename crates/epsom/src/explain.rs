//! `epsom explain [CODE]`: the page of a code, or the list.

use crate::done::{Done, exit};
use crate::render::Sources;
use epsom_diag::{CODES, Diagnostic, code_info, did_you_mean};

/// Print the page of a message's code
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  epsom explain E0103\n  epsom explain")]
pub(crate) struct Args {
    /// Such as E0103; without it every code is listed
    code: Option<String>,
}

/// The page of a code, or the list.
pub(crate) fn run(args: &Args) -> Done {
    let code = args.code.as_deref();
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
    Done { output, messages, sources: Sources::default(), exit: exit::USAGE }
}
