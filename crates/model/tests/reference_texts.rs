//! Every model text of the reference suite is read without a message.

use epsom_diag::FileId;
use epsom_model::syntax::ast::Dialect;
use std::path::Path;

#[test]
fn reference_models_are_read() {
    let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/suite/reference");
    let mut n_models = 0;
    for kind in ["analytic", "events"] {
        let folder = std::fs::read_dir(suite.join(kind)).expect("the suite lies in the tree");
        for entry in folder {
            let path = entry.expect("a file").path();
            if !path.to_string_lossy().ends_with(".model.txt") {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("text");
            let (tree, diagnostics) = epsom_model::syntax::parse(&text, FileId(0));
            assert!(diagnostics.is_empty(), "{}: {diagnostics:?}", path.display());
            assert_eq!(tree.dialect, Dialect::IniModel, "{}", path.display());
            assert!(tree.items.len() >= 2, "{}", path.display());
            n_models += 1;
        }
    }
    assert!(n_models >= 29, "found {n_models} models");
}

#[test]
fn models_of_the_tree_are_read() {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models");
    let mut folders = vec![models];
    let mut n_models = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "epm") {
                let text = std::fs::read_to_string(&path).expect("text");
                let (tree, diagnostics) = epsom_model::syntax::parse(&text, FileId(0));
                assert!(diagnostics.is_empty(), "{}: {diagnostics:?}", path.display());
                assert_eq!(tree.dialect, Dialect::Epm, "{}", path.display());
                n_models += 1;
            }
        }
    }
    assert!(n_models >= 1);
}
