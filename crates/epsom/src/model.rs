//! Reading a model: file to checked model, for every command that takes one.

use crate::files::read_text;
use crate::render::Sources;
use epsom_diag::{Diagnostic, has_errors};
use epsom_evidence::{builtin, builtin_substances};
use epsom_model::check::{ModelInfo, World, check};
use epsom_model::ir::Model;
use epsom_model::syntax;
use std::path::Path;

/// A model with its messages, read and checked.
pub(crate) fn read_model(
    path: &Path,
    sources: &mut Sources,
) -> Result<(Option<Model>, ModelInfo, Vec<Diagnostic>), Diagnostic> {
    let text = read_text(path, "model")?;
    let file = sources.add(path.display().to_string(), text.as_str());
    let (tree, mut messages) = syntax::parse(&text, file);
    // Names of a text that was not understood would only repeat its mistakes.
    if has_errors(&messages) {
        return Ok((None, ModelInfo::default(), messages));
    }
    let world = World { evidence: builtin(), substances: builtin_substances() };
    let checked = check(&tree, &world);
    messages.extend(checked.diagnostics);
    let model = if has_errors(&messages) { None } else { checked.model };
    Ok((model, checked.info, messages))
}
