//! Every model on the pages of the language does what its page says.

mod common;

use common::{check_with, fences, files, root};
use epsom_diag::{FileId, locate};
use epsom_model::syntax::format;
use std::collections::BTreeSet;

/// `# error: [E0312]` and `# warning: [W0201]` comments: the line and the code.
fn announced(text: &str) -> BTreeSet<(usize, String)> {
    let mut found = BTreeSet::new();
    for (at, line) in text.lines().enumerate() {
        for word in ["# error: [", "# warning: ["] {
            for part in line.split(word).skip(1) {
                let code = part.split(']').next().unwrap_or_default();
                found.insert((at + 1, code.to_string()));
            }
        }
    }
    found
}

#[test]
fn models_of_the_language_pages_say_what_their_comments_announce() {
    let (mut n_models, mut wrong) = (0, Vec::new());
    for path in files(&root().join("docs/language"), ".md") {
        let page = std::fs::read_to_string(&path).expect("text");
        for (line, text) in fences(&page) {
            let name = format!("{}:{line}", path.display());
            // A module is the model of that name on the same page.
            let checked = check_with(&text, &|module| {
                let head = format!("model {module}");
                let named =
                    |text: &str| text.lines().next().is_some_and(|line| line.starts_with(&head));
                fences(&page).into_iter().map(|(_, text)| text).find(|text| named(text))
            });
            let said: BTreeSet<(usize, String)> = checked
                .diagnostics
                .iter()
                .map(|one| {
                    let span = one.primary.as_ref().expect("a place").span;
                    (locate(&text, span.start).line, one.code.to_string())
                })
                .collect();
            let told = announced(&text);
            if said != told {
                wrong.push(format!("{name}: says {said:?}, announces {told:?}"));
            }
            // The pages show the form that `epsom fmt` gives.
            if let Ok(formatted) = format(&text, FileId(0)) {
                assert_eq!(formatted, text, "{name}");
            }
            n_models += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(n_models >= 19, "{n_models}");
}

#[test]
fn every_page_is_in_the_list() {
    let list = std::fs::read_to_string(root().join("docs/language/README.md")).expect("text");
    for path in files(&root().join("docs/language"), ".md") {
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        assert!(name == "README.md" || list.contains(&format!("({name})")), "{name}");
    }
}
