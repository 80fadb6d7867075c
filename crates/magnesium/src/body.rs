//! The built-in models, as text.

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
