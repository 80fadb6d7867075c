//! The built-in models, as text and checked.

use epsom_diag::{Diagnostic, FileId, has_errors};
use epsom_evidence::{builtin, builtin_substances};
use epsom_model::check::{ModelInfo, World, check};
use epsom_model::ir::Model;
use epsom_model::syntax::parse;

/// A model that the binary carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltinModel {
    /// Name on the command line.
    pub name: &'static str,
    /// Its `.epm` text.
    pub text: &'static str,
}

/// All built-in models, sorted by name.
pub const MODELS: &[BuiltinModel] = &[BuiltinModel {
    name: "magnesium",
    text: include_str!("../../../models/magnesium/model.epm"),
}];

/// The built-in model of this name.
pub fn builtin_model(name: &str) -> Option<&'static BuiltinModel> {
    MODELS.iter().find(|model| model.name == name)
}

/// A built-in model, checked against the tables that stand in the binary.
///
/// # Errors
/// What the checker says; none of the models in [`MODELS`], as a test shows.
pub fn read(model: &BuiltinModel) -> Result<(Model, ModelInfo), Vec<Diagnostic>> {
    let (tree, mut said) = parse(model.text, FileId(0));
    if has_errors(&said) {
        return Err(said);
    }
    let world = World { evidence: builtin(), substances: builtin_substances() };
    let checked = check(&tree, &world);
    said.extend(checked.diagnostics);
    checked.model.map(|model| (model, checked.info)).ok_or(said)
}

#[cfg(test)]
mod tests {
    use epsom_diag::FileId;
    use epsom_evidence::{builtin, builtin_substances};
    use epsom_model::check::{World, check};

    use super::{MODELS, builtin_model};

    #[test]
    fn each_built_in_model_checks_without_a_message() {
        let world = World { evidence: builtin(), substances: builtin_substances() };
        for model in MODELS {
            let (tree, said) = epsom_model::syntax::parse(model.text, FileId(0));
            assert_eq!(said, [], "{}", model.name);
            let checked = check(&tree, &world);
            assert_eq!(checked.diagnostics, [], "{}", model.name);
            assert!(checked.model.is_some(), "{}", model.name);
        }
    }

    #[test]
    fn a_model_is_found_by_its_name() {
        assert_eq!(builtin_model("magnesium"), MODELS.first());
        assert_eq!(builtin_model("manganese"), None);
    }
}
