//! What the tests of this crate share: every model text that lies in the tree.
#![allow(dead_code, reason = "each test file uses a part")]

use epsom_diag::{Diagnostic, FileId, locate};
use epsom_evidence::{builtin, builtin_substances};
use epsom_model::check::{Checked, World, check};
use epsom_model::modules::ModuleText;
use std::path::{Path, PathBuf};

/// The folder of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Files below `folder` whose names end like this, sorted.
pub fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Models of the tree and of the reference suite, and what stands in fences in the documents: each
/// with a name for messages. Failing examples of documents are among them.
pub fn model_texts() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (folder, ending) in [
        ("models", ".epm"),
        ("tests/suite/reference", ".model.txt"),
        ("tests/suite/ini_model", ".R"),
        ("models/published", ".R"),
    ] {
        for path in files(&root().join(folder), ending) {
            let text = std::fs::read_to_string(&path).expect("text");
            found.push((path.display().to_string(), text));
        }
    }
    for path in files(&root().join("docs"), ".md") {
        let page = std::fs::read_to_string(&path).expect("text");
        for (line, text) in fences(&page) {
            found.push((format!("{}:{line}", path.display()), text));
        }
    }
    found
}

/// The fenced models of a page, each with the line of its fence.
pub fn fences(page: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (at, line) in page.lines().enumerate() {
        match &mut open {
            None if line == "```epm" || line == "```ini-model" => {
                open = Some((at + 1, String::new()));
            }
            None => {}
            Some(_) if line == "```" => found.extend(open.take()),
            Some((_, text)) => *text += &format!("{line}\n"),
        }
    }
    found
}

/// Parsed and checked against the built-in evidence.
pub fn check_text(text: &str) -> Checked {
    check_with(text, &|_| None)
}

/// As [`check_text`], with modules.
pub fn check_with(text: &str, module: &dyn Fn(&str) -> Option<String>) -> Checked {
    let (tree, mut said) = epsom_model::syntax::parse(text, FileId(0));
    let mut load = |path: &str| {
        let text = module(path).ok_or("no such file")?;
        Ok(ModuleText { text, file: FileId(1) })
    };
    let (tree, more) = epsom_model::modules::expand(&tree, &mut load);
    said.extend(more);
    let world = World { evidence: builtin(), substances: builtin_substances() };
    let mut checked = check(&tree, &world);
    if epsom_diag::has_errors(&said) {
        checked.model = None;
    }
    checked.diagnostics.splice(0..0, said);
    checked
}

/// A message with its place, labels, notes and help below.
pub fn shown(text: &str, said: &Diagnostic) -> String {
    let place = |span: epsom_diag::Span| {
        let at = locate(text, span.start);
        format!("{}:{}", at.line, at.column)
    };
    let mut shown = format!("{} {}\n", said.code, said.message);
    if let Some(primary) = &said.primary {
        shown += &format!("  at {} {}\n", place(primary.span), primary.text);
    }
    for label in &said.labels {
        shown += &format!("  and {} {}\n", place(label.span), label.text);
    }
    for note in &said.notes {
        // How many rows there are is no matter of the message.
        let counts = note.starts_with("the evidence tables hold");
        shown += &format!("  note: {}\n", if counts { "the evidence tables hold …" } else { note });
    }
    shown += &said.help.iter().map(|help| format!("  help: {help}\n")).collect::<String>();
    shown
}
