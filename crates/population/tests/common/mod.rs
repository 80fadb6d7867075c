//! Texts to models.

use epsom_diag::FileId;
use epsom_model::ir::Model;

/// The model of `text`, which holds no mistake.
pub fn model(text: &str) -> Model {
    let (tree, said) = epsom_model::syntax::parse(text, FileId(0));
    assert_eq!(said, []);
    let world = epsom_model::check::World {
        evidence: epsom_evidence::builtin(),
        substances: epsom_evidence::builtin_substances(),
    };
    let checked = epsom_model::check::check(&tree, &world);
    checked.model.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics))
}
