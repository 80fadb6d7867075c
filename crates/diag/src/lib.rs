//! Spans, diagnostics as values, error codes.
//!
//! A [`Diagnostic`] says what is wrong, where, what was expected or exists, and what to type next.
//! Nothing here renders: the binary turns diagnostics into text or JSON.

mod codes;
mod diagnostic;
mod span;
mod suggest;

pub use codes::{CODES, CodeInfo, code_info};
pub use diagnostic::{Diagnostic, Fix, Label, Severity, has_errors};
pub use span::{FileId, Location, Span, locate};
pub use suggest::{did_you_mean, list_names};
