//! Every committed model becomes a model whose shape holds and whose text gives no message and is in canonical form.

use epsom_diag::FileId;
use epsom_evidence::builtin;
use epsom_model::check::{World, check};
use std::path::{Path, PathBuf};

fn model_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("a file").path();
        if path.is_dir() {
            model_files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "epm") {
            found.push(path);
        }
    }
}

#[test]
fn committed_models_are_accepted() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models");
    let substances = epsom_evidence::builtin_substances();
    let world = World { evidence: builtin(), substances };
    let mut paths = Vec::new();
    model_files(&root, &mut paths);
    paths.sort();
    assert!(!paths.is_empty());
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("text");
        let (tree, said) = epsom_model::syntax::parse(&text, FileId(0));
        assert!(said.is_empty(), "{}: {said:?}", path.display());
        let canonical = epsom_model::syntax::format(&text, FileId(0));
        assert_eq!(canonical.as_ref(), Ok(&text), "{}: run `epsom fmt` on it", path.display());
        let checked = check(&tree, &world);
        let said: Vec<String> = checked
            .diagnostics
            .iter()
            .map(|one| {
                let label = one.primary.as_ref();
                let at = label.map_or(0, |label| epsom_diag::locate(&text, label.span.start).line);
                let text = label.map_or("", |label| label.text.as_str());
                format!("{} line {at}: {}: {text}", one.code, one.message)
            })
            .collect();
        assert!(said.is_empty(), "{}:\n{}", path.display(), said.join("\n"));
        let model = checked.model.expect("a model without messages");
        assert_eq!(epsom_model::ir::verify(&model), Vec::<String>::new(), "{}", path.display());
    }
}
