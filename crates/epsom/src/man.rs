//! `epsom man [COMMAND]`: manual pages.

use crate::done::{Done, exit};
use crate::files::cannot_write;
use crate::render::Sources;
use epsom_diag::{Diagnostic, did_you_mean, list_names};
use std::path::Path;

/// Print the manual page of epsom or of one of its commands, as roff
#[derive(clap::Args)]
#[command(after_help = "Examples:
  epsom man > epsom.1
  epsom man simulate | man -l -")]
pub(crate) struct Args {
    /// Such as simulate; without it the page of epsom itself
    command: Option<String>,
}

/// The page of a command.
pub(crate) fn run(args: &Args, command: clap::Command) -> Done {
    let (output, messages) = match page(args, command) {
        Ok(page) => (page, Vec::new()),
        Err(said) => (String::new(), vec![said]),
    };
    Done { output, messages, sources: Sources::default(), exit: exit::USAGE }
}

fn page(args: &Args, mut command: clap::Command) -> Result<String, Diagnostic> {
    let command = match &args.command {
        None => command,
        Some(name) => {
            // Built, a command knows the whole of its name.
            command.build();
            command.find_subcommand(name).cloned().ok_or_else(|| {
                let names = || command.get_subcommands().map(clap::Command::get_name);
                let said = Diagnostic::error("E0906", format!("there is no command `{name}`"))
                    .note(format!("commands: {}", list_names(names(), 20)));
                match did_you_mean(name, names()) {
                    Some(near) => said.help(format!("did you mean `{near}`")),
                    None => said,
                }
            })?
        }
    };
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(command).render(&mut page);
    rendered.map_err(|error| cannot_write(Path::new("-"), &error))?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}
