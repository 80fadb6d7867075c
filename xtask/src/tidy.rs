//! Rules of the tree as tests: arrows between crates, file sizes, words, generated files.
#![cfg(test)]

use crate::r#gen::GENERATED;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Which crates of the workspace each crate may use.
const ARROWS: &[(&str, &[&str])] = &[
    ("diag", &[]),
    ("maths", &[]),
    ("units", &[]),
    ("evidence", &["diag", "maths", "units"]),
    ("model", &["diag", "maths", "units", "evidence"]),
    ("engine", &["maths", "model"]),
    ("population", &["diag", "maths", "units", "model", "engine"]),
    ("magnesium", &["diag", "maths", "units", "evidence", "model", "engine", "population"]),
    ("report", &["units"]),
    (
        "epsom",
        &[
            "diag",
            "maths",
            "units",
            "evidence",
            "model",
            "engine",
            "population",
            "magnesium",
            "report",
        ],
    ),
];

/// Crates that know nothing of the one element this product is about.
const GENERIC: &[&str] = &["diag", "maths", "units", "model", "engine", "population", "report"];

/// Longest file, and the files that may be longer, each with its reason.
const MOST_LINES: usize = 1000;
const LONGER: &[(&str, &str)] = &[];

/// Words that say nothing or that belong nowhere in a product.
const BANNED_IN_PROSE: &[&str] = &["simply", "just works", "blazing", "seamless", "misc fixes"];

/// What only the binary, the developer tasks and tests may do.
const OUTSIDE_WORLD: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env::",
    "std::process",
    "SystemTime",
    "Instant::now",
    "println!",
    "eprintln!",
];

fn root() -> PathBuf {
    super::root()
}

/// Every file below `folder` with one of the endings, sorted, without build folders.
fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&next) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() {
                if name != "target" && name != ".git" {
                    folders.push(path);
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

fn report(broken: Vec<String>, rule: &str) {
    assert!(broken.is_empty(), "{rule}:\n  {}", broken.join("\n  "));
}

#[test]
fn arrows_between_crates_are_the_declared_ones() {
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let mut broken = Vec::new();
    for manifest in files(&root().join("crates"), &["Cargo.toml"]) {
        let text = read(&manifest);
        let table: toml::Table = text.parse().expect("a manifest is TOML");
        let folder = manifest.parent().and_then(Path::file_name).expect("in a folder");
        let folder = folder.to_string_lossy();
        let Some(allowed) = allowed.get(&*folder) else {
            broken.push(format!("crates/{folder} is not in the table of arrows"));
            continue;
        };
        let used = table.get("dependencies").and_then(toml::Value::as_table);
        for name in used.into_iter().flat_map(|used| used.keys()) {
            if let Some(used) = name.strip_prefix("epsom-")
                && !allowed.contains(&used)
            {
                broken.push(format!("crates/{folder} must not use {used}"));
            }
        }
    }
    report(broken, "an arrow is a design decision: add it to ARROWS and to ARCHITECTURE.md");
}

#[test]
fn architecture_names_every_crate() {
    let text = read(&root().join("ARCHITECTURE.md"));
    let missing = ARROWS.iter().filter(|(name, _)| !text.contains(&format!("`crates/{name}`")));
    report(missing.map(|(name, _)| name.to_string()).collect(), "ARCHITECTURE.md lacks crates");
}

#[test]
fn layers_inside_the_model_crate_hold() {
    let model = root().join("crates/model/src");
    let mut broken = Vec::new();
    for (layer, banned) in [
        (
            "ir",
            &["crate::syntax", "crate::check", "crate::diff", "epsom_units", "epsom_evidence"][..],
        ),
        ("syntax", &["crate::check", "crate::ir", "crate::diff"][..]),
        ("diff", &["crate::syntax", "crate::check"][..]),
    ] {
        for path in files(&model.join(layer), &[".rs"]) {
            let text = read(&path);
            let hits = banned.iter().filter(|word| text.contains(**word));
            broken.extend(hits.map(|word| format!("{} uses {word}", shown(&path))));
        }
    }
    for path in files(&root().join("crates/engine/src"), &[".rs"]) {
        let text = product_part(&read(&path));
        let hits = ["epsom_model::syntax", "epsom_model::check", "epsom_units", "epsom_evidence"];
        let hits = hits.iter().filter(|word| text.contains(**word));
        broken.extend(hits.map(|word| format!("{} uses {word}", shown(&path))));
    }
    report(broken, "syntax <- check -> ir <- diff, and the engine sees only the IR");
}

#[test]
fn files_stay_readable() {
    let mut broken = Vec::new();
    for folder in ["crates", "xtask", "benches"] {
        for path in files(&root().join(folder), &[".rs"]) {
            let n_lines = read(&path).lines().count();
            let exempt = LONGER.iter().any(|(name, _)| *name == shown(&path));
            if n_lines > MOST_LINES && !exempt {
                broken.push(format!("{} has {n_lines} lines", shown(&path)));
            }
        }
    }
    report(broken, "a file of more than 1,000 lines needs a split, or a reason in LONGER");
}

#[test]
fn generic_crates_do_not_name_the_element() {
    let mut broken = Vec::new();
    for name in GENERIC {
        for path in files(&root().join("crates").join(name).join("src"), &[".rs"]) {
            let text = product_part(&read(&path)).to_lowercase();
            if text.contains("magnesium") {
                broken.push(shown(&path));
            }
        }
    }
    report(broken, "generic crates do not contain the word");
}

#[test]
fn only_the_binary_touches_the_outside_world() {
    let mut broken = Vec::new();
    for (name, _) in ARROWS.iter().filter(|(name, _)| *name != "epsom") {
        for path in files(&root().join("crates").join(name).join("src"), &[".rs"]) {
            if is_test_file(&path) {
                continue;
            }
            let text = code_only(&product_part(&read(&path)));
            let hits = OUTSIDE_WORLD.iter().filter(|word| text.contains(**word));
            broken.extend(hits.map(|word| format!("{} uses {word}", shown(&path))));
        }
    }
    report(broken, "libraries take values and return values");
}

#[test]
fn no_test_is_switched_off_and_nothing_is_fused() {
    let mut broken = Vec::new();
    for path in files(&root().join("crates"), &[".rs"]) {
        let text = code_only(&read(&path));
        for word in ["#[ignore", "#[should_panic", ".mul_add(", "thread::sleep"] {
            if text.contains(word) {
                broken.push(format!("{} uses {word}", shown(&path)));
            }
        }
    }
    report(broken, "see CONTRIBUTING.md");
}

#[test]
fn unsafe_code_stays_in_the_engine_and_says_why() {
    let mut broken = Vec::new();
    for path in files(&root().join("crates"), &[".rs"]) {
        let text = read(&path);
        let uses = code_only(&text).matches("unsafe {").count();
        let reasons = text.matches("SAFETY:").count();
        let allowed = shown(&path).starts_with("crates/engine/")
            || shown(&path).starts_with("crates/maths/tests/")
            || is_test_file(&path);
        if uses > 0 && !allowed {
            broken.push(format!("{} has unsafe code", shown(&path)));
        }
        if uses > reasons {
            broken.push(format!("{}: {uses} unsafe blocks, {reasons} reasons", shown(&path)));
        }
    }
    report(broken, "unsafe code is for the engine's lanes, each with a SAFETY comment");
}

#[test]
fn prose_is_plain() {
    let mut broken = Vec::new();
    let mut pages = files(&root().join("docs"), &[".md"]);
    pages.extend(files(&root().join("models"), &[".md"]));
    for name in [
        "README.md",
        "ARCHITECTURE.md",
        "COMPARE.md",
        "DESIGN.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
    ] {
        pages.push(root().join(name));
    }
    for path in pages {
        let mut in_code = false;
        for (number, line) in read(&path).lines().enumerate() {
            if line.trim_start().starts_with("```") {
                in_code = !in_code;
            }
            let lower = line.to_lowercase();
            if in_code {
                continue;
            }
            for word in BANNED_IN_PROSE.iter().filter(|word| lower.contains(**word)) {
                broken.push(format!("{}:{}: `{word}`", shown(&path), number + 1));
            }
        }
    }
    report(broken, "words that say nothing");
}

#[test]
fn the_tree_speaks_of_itself_alone() {
    let mut broken = Vec::new();
    let endings = [".rs", ".md", ".toml", ".csv", ".epm", ".bib", ".txt", ".html"];
    for path in files(&root(), &endings) {
        if shown(&path) == "xtask/src/tidy.rs" {
            continue;
        }
        let text = read(&path);
        for word in ["/work/", "/root/", "../shared", "/tmp/target", "/home/"] {
            if text.contains(word) {
                broken.push(format!("{} names {word}", shown(&path)));
            }
        }
    }
    report(broken, "no path of a machine");
}

#[test]
fn generated_files_are_current() {
    let mut broken = Vec::new();
    for file in GENERATED {
        let made = (file.make)(&root()).expect("can be made");
        if std::fs::read_to_string(root().join(file.path)).unwrap_or_default() != made {
            broken.push(file.path.to_string());
        }
    }
    report(broken, "run `cargo xtask gen`");
}

/// The text before the unit tests at the end of a file.
fn product_part(text: &str) -> String {
    text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().to_string()
}

fn is_test_file(path: &Path) -> bool {
    let text = shown(path);
    text.contains("/tests/") || text.ends_with("/tests.rs") || text.ends_with("_tests.rs")
}

/// The text without comment lines.
fn code_only(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}
