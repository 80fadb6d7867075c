//! Every model text of the reference suite becomes a model whose shape holds.

use epsom_diag::FileId;
use epsom_evidence::builtin;
use epsom_model::check::{World, check};
use epsom_units::Substances;
use std::path::Path;

#[test]
fn reference_models_are_accepted() {
    let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/suite/reference");
    let substances = Substances::default();
    let world = World { evidence: builtin(), substances: &substances };
    let mut n_models = 0;
    for kind in ["analytic", "events"] {
        let folder = std::fs::read_dir(suite.join(kind)).expect("the suite lies in the tree");
        for entry in folder {
            let path = entry.expect("a file").path();
            if !path.to_string_lossy().ends_with(".model.txt") {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("text");
            let (tree, _) = epsom_model::syntax::parse(&text, FileId(0));
            let checked = check(&tree, &world);
            let codes: Vec<&str> = checked.diagnostics.iter().map(|one| one.code).collect();
            // The number of transit compartments and their time make one rate there.
            let expected = if text.contains("ktr") { &["W0207"][..] } else { &[] };
            assert_eq!(codes, expected, "{}: {:?}", path.display(), checked.diagnostics);
            let model = checked.model.expect("a model");
            assert_eq!(epsom_model::ir::verify(&model), Vec::<String>::new(), "{}", path.display());
            assert!(!model.checked && !model.compartments.is_empty(), "{}", path.display());
            if text.contains("cp ") {
                assert!(model.outputs.iter().any(|one| one.name == "cp"), "{}", path.display());
            }
            n_models += 1;
        }
    }
    assert!(n_models >= 29, "found {n_models} models");
}
