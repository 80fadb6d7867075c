//! The commands on the pages about exposure and sensitivity end with the page's code.

mod common;

use common::{epsom, folder_with};
use epsom_diag::CODES;
use std::path::Path;

/// The text of the first fenced block of a kind.
fn block<'a>(page: &'a str, kind: &str) -> Option<&'a str> {
    let (_, rest) = page.split_once(&format!("```{kind}\n"))?;
    rest.split_once("```").map(|(text, _)| text)
}

/// Words of a command line, with double quotes.
fn words(line: &str) -> Vec<&str> {
    let parts = line.split('"').enumerate();
    parts
        .flat_map(|(at, part)| match at % 2 {
            0 => part.split_whitespace().collect(),
            _ => vec![part],
        })
        .collect()
}

#[test]
fn each_page_shows_its_mistake() {
    let demo =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/demo/oral_one_compartment.epm");
    let demo = std::fs::read_to_string(demo).expect("the model");
    let mut n_pages = 0;
    for info in CODES.iter().filter(|info| ("E0743"..="E0750").contains(&info.code)) {
        let model = block(info.page, "epm").or_else(|| block(info.page, "text"));
        let data = block(info.page, "csv").unwrap_or_default();
        let files = [("model.epm", model.unwrap_or(&demo)), ("data.csv", data)];
        let folder = folder_with(&format!("page_{}", info.code), &files);
        let command = block(info.page, "sh").expect("a command");
        let line = words(command.lines().next().expect("a line"));
        let done = epsom(&folder).args(&line[1..]).assert().failure();
        let said = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
        assert!(said.contains(&format!("error[{}]", info.code)), "{}: {said}", info.code);
        n_pages += 1;
    }
    assert_eq!(n_pages, 7);
}
