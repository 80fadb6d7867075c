//! `epsom completions SHELL`: a script that completes the command line.

use crate::done::{Done, exit};
use crate::render::Sources;
use clap_complete::Shell;

/// Print a script that completes epsom's commands and options in a shell
#[derive(clap::Args)]
#[command(after_help = "Examples:
  epsom completions bash > ~/.local/share/bash-completion/completions/epsom
  epsom completions fish > ~/.config/fish/completions/epsom.fish")]
pub(crate) struct Args {
    /// The shell
    shell: Shell,
}

/// The script of a shell.
pub(crate) fn run(args: &Args, mut command: clap::Command) -> Done {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "epsom", &mut script);
    let output = String::from_utf8_lossy(&script).into_owned();
    Done { output, messages: Vec::new(), sources: Sources::default(), exit: exit::USAGE }
}
