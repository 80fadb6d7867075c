//! The console blocks of the guide, run as they stand.
//!
//! `UPDATE_EXPECT=1` writes what the binary printed into the page.

mod common;

use common::{epsom, folder_with};
use std::path::{Path, PathBuf};

const PAGE: &str = "docs/guide/simulate.md";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Words of a command line, with double quotes.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('"').enumerate();
    let words = parts.flat_map(|(at, part)| match at % 2 {
        0 => part.split_whitespace().map(str::to_string).collect(),
        _ => vec![part.to_string()],
    });
    words.collect()
}

#[test]
fn commands_of_the_guide_print_what_it_shows() {
    let page = std::fs::read_to_string(root().join(PAGE)).expect("the page");
    let model = root().join("models/demo/oral_one_compartment.epm");
    let model = std::fs::read_to_string(model).expect("the model");
    let (_, events) = page.split_once("```csv\n").expect("an event file");
    let (events, _) = events.split_once("```").expect("its end");
    let folder = folder_with("guide", &[("model.epm", &model), ("doses.csv", events)]);
    let made = printed(&page, &folder);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(root().join(PAGE), &made).expect("written");
        return;
    }
    assert!(made.contains("$ epsom simulate"));
    assert_eq!(made.lines().count(), page.lines().count(), "run with UPDATE_EXPECT=1");
    for (made, shown) in made.lines().zip(page.lines()) {
        assert!(is_same(made, shown), "run with UPDATE_EXPECT=1:\n{made}\n{shown}");
    }
}

/// Pages whose commands run in a folder with the demo model and the page's own file.
///
/// Page, name of the file, name of the folder.
const PAGES: &[(&str, &str, &str)] = &[
    ("docs/guide/population.md", "people.csv", "population-guide"),
    ("docs/guide/nca.md", "data.csv", "nca-guide"),
    ("docs/guide/sensitivity.md", "none.csv", "sensitivity-guide"),
    ("docs/guide/rules.md", "doses.csv", "rules-guide"),
];

#[test]
fn commands_of_other_pages_print_what_they_show() {
    let model = root().join("models/demo/oral_one_compartment.epm");
    let model = std::fs::read_to_string(model).expect("the model");
    for &(path, file, name) in PAGES {
        let page = std::fs::read_to_string(root().join(path)).expect("the page");
        let text = page.split_once("```csv\n").map_or("", |(_, text)| text);
        let text = text.split_once("```").map_or("", |(text, _)| text);
        let folder = folder_with(name, &[("model.epm", &model), (file, text)]);
        let made = printed(&page, &folder);
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(root().join(path), &made).expect("written");
            continue;
        }
        assert!(made.contains("$ epsom "), "{path}");
        assert_eq!(made.lines().count(), page.lines().count(), "{path}: run with UPDATE_EXPECT=1");
        for (made, shown) in made.lines().zip(page.lines()) {
            assert!(is_same(made, shown), "{path}: run with UPDATE_EXPECT=1:\n{made}\n{shown}");
        }
    }
}

/// A page with what its commands print.
fn printed(page: &str, folder: &Path) -> String {
    let mut made = String::new();
    let mut block = false;
    for line in page.lines() {
        block = if line.starts_with("```") { line == "```console" } else { block };
        if let Some(command) = line.strip_prefix("$ epsom ").filter(|_| block) {
            let done = epsom(folder).args(words(command)).assert().code(0);
            let shown = String::from_utf8_lossy(&done.get_output().stdout).into_owned();
            made.push_str(&format!("{line}\n{shown}"));
        } else if !block || line.starts_with("```") {
            made.push_str(&format!("{line}\n"));
        }
    }
    made
}

/// Whether two lines differ in the last digits of numbers at most, which the page does not promise.
fn is_same(made: &str, shown: &str) -> bool {
    let cells = || made.split(',').zip(shown.split(','));
    made.split(',').count() == shown.split(',').count()
        && cells().all(|(made, shown)| match (made.parse::<f64>(), shown.parse::<f64>()) {
            // A thousandth of the tolerance that runs have by default.
            (Ok(made), Ok(shown)) => (made - shown).abs() <= 1e-3 * 1e-8 * shown.abs(),
            _ => made == shown,
        })
}

/// Console blocks of the planner's guide, in an empty folder.
///
/// Their numbers are rounded, so the text is the same wherever it runs.
#[test]
fn plans_of_the_guide_print_what_it_shows() {
    const PAGE: &str = "docs/guide/planner.md";
    let page = std::fs::read_to_string(root().join(PAGE)).expect("the page");
    let folder = folder_with("planner-guide", &[]);
    let mut made = String::new();
    let mut block = false;
    for line in page.lines() {
        block = if line.starts_with("```") { line == "```console" } else { block };
        if let Some(command) = line.strip_prefix("$ epsom ").filter(|_| block) {
            let done = epsom(&folder).args(words(command)).assert().code(0);
            let shown = String::from_utf8_lossy(&done.get_output().stdout).into_owned();
            assert!(shown.contains("not medical advice"));
            made.push_str(&format!("{line}\n{shown}"));
        } else if !block || line.starts_with("```") {
            made.push_str(&format!("{line}\n"));
        }
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(root().join(PAGE), &made).expect("written");
        return;
    }
    assert_eq!(made, page, "run with UPDATE_EXPECT=1");
}
