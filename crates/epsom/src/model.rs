//! Reading a model: file or built-in name to checked model, for every command that takes one.

use crate::files::read_text;
use crate::render::Sources;
use epsom_diag::{Diagnostic, did_you_mean, has_errors, list_names};
use epsom_evidence::{builtin, builtin_substances};
use epsom_magnesium::{MODELS, builtin_model};
use epsom_model::check::{ModelInfo, World, check, check_rest};
use epsom_model::ir::Model;
use epsom_model::modules::{ModuleText, expand};
use epsom_model::syntax::{
    self,
    ast::{ItemKind, Tree},
};
use epsom_units::SubstanceId;
use std::path::Path;

/// A model, read and checked, with its messages.
pub(crate) struct ReadModel {
    /// The model, where no message is an error.
    pub(crate) model: Option<Model>,
    /// The text as it was read, modules written out.
    pub(crate) tree: Tree,
    /// What it rests on.
    pub(crate) info: ModelInfo,
    /// What a bare amount is of, where the model declares one substance.
    pub(crate) substance: Option<SubstanceId>,
    /// Everything worth saying.
    pub(crate) messages: Vec<Diagnostic>,
}

/// The model of a path or built-in name, to run: without warnings about what data could not tell.
///
/// # Errors
/// As [`read_whole`].
pub(crate) fn read_model(path: &Path, sources: &mut Sources) -> Result<ReadModel, Diagnostic> {
    let mut read = read_whole(path, sources)?;
    read.messages.retain(|one| one.code != "W0207");
    Ok(read)
}

/// The model of a path or built-in name.
///
/// # Errors
/// Where there is no text to read; mistakes inside it are messages of the result.
pub(crate) fn read_whole(path: &Path, sources: &mut Sources) -> Result<ReadModel, Diagnostic> {
    let name = path.to_string_lossy();
    let text = match builtin_model(&name) {
        Some(model) => model.text.to_string(),
        None if is_bare_name(&name) && !path.exists() => return Err(no_such_model(&name)),
        None => read_text(path, "model")?,
    };
    let file = sources.add(name.as_ref(), text.as_str());
    let (tree, mut messages) = syntax::parse(&text, file);
    let folder = path.parent().unwrap_or(Path::new(""));
    let (tree, said) = expand(&tree, &mut |module| load(module, folder, sources));
    messages.extend(said);
    let info = ModelInfo::default();
    let mut read = ReadModel { model: None, tree, info, substance: None, messages };
    let tree = &read.tree;
    let world = World { evidence: builtin(), substances: builtin_substances() };
    // Names of a text that was not understood would only repeat its mistakes.
    if has_errors(&read.messages) {
        let rest = check_rest(tree, &world, &text, &read.messages);
        read.messages.extend(rest);
        return Ok(read);
    }
    let checked = check(tree, &world);
    read.messages.extend(checked.diagnostics);
    read.info = checked.info;
    let mut substances = tree.items.iter().filter_map(|item| match &item.kind {
        ItemKind::Substance { name } => builtin_substances().id(&name.text),
        _ => None,
    });
    read.substance = substances.next().filter(|_| substances.next().is_none());
    read.model = checked.model.filter(|_| !has_errors(&read.messages));
    if let Some(model) = read.model.as_mut().filter(|model| model.name.is_empty()) {
        // Text without a `model` line is known by its file.
        model.name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    }
    Ok(read)
}

/// The text of a module: built in, or a file beside the model.
fn load(module: &str, folder: &Path, sources: &mut Sources) -> Result<ModuleText, String> {
    let (shown, text) = match builtin_model(module) {
        Some(model) => (module.to_string(), model.text.to_string()),
        None => {
            let mut path = folder.join(module);
            if path.extension().is_none() {
                path.set_extension("epm");
            }
            let text = read_text(&path, "module").map_err(|said| said.message)?;
            (path.display().to_string(), text)
        }
    };
    let file = sources.add(shown, text.as_str());
    Ok(ModuleText { text, file })
}

/// Whether this names the built-in model that knows people.
pub(crate) fn is_builtin(path: &Path) -> bool {
    builtin_model(&path.to_string_lossy()).is_some()
}

/// Whether a text can only be meant as a built-in name.
fn is_bare_name(name: &str) -> bool {
    !name.contains(['.', '/', '\\'])
}

fn no_such_model(name: &str) -> Diagnostic {
    let names = || MODELS.iter().map(|model| model.name);
    let said = Diagnostic::error("E0908", format!("there is no model `{name}`"))
        .note("neither a file in this folder nor a built-in model has this name")
        .note(format!("built-in models: {}", list_names(names(), 20)));
    match did_you_mean(name, names()) {
        Some(near) => said.help(format!("did you mean `{near}`")),
        None => said.help("give the path of a model file, such as `model.epm`"),
    }
}
