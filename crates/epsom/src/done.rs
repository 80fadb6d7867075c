//! What a command gives back, and the exit codes.

use crate::render::Sources;
use epsom_diag::Diagnostic;

/// Exit codes; 0 is success.
pub(crate) mod exit {
    /// A wrong command line.
    pub(crate) const USAGE: u8 = 2;
    /// A wrong model.
    pub(crate) const MODEL: u8 = 3;
    /// Wrong data: events, evidence, files.
    pub(crate) const DATA: u8 = 4;
    /// A subject that could not be solved; the others are kept.
    pub(crate) const NUMERICS: u8 = 5;
    /// A check failed.
    pub(crate) const CHECK: u8 = 6;
    /// Interrupted; what was finished is kept.
    pub(crate) const INTERRUPTED: u8 = 130;
}

/// What a command gives: text for standard output, messages for standard error.
pub(crate) struct Done {
    /// Text for standard output.
    pub(crate) output: String,
    /// Messages, and the texts that they point into.
    pub(crate) messages: Vec<Diagnostic>,
    /// Texts that spans point into.
    pub(crate) sources: Sources,
    /// Exit code where a message is an error.
    pub(crate) exit: u8,
}

impl Done {
    /// Messages without output.
    pub(crate) fn failed(messages: Vec<Diagnostic>, sources: Sources, exit: u8) -> Self {
        Self { output: String::new(), messages, sources, exit }
    }
}
