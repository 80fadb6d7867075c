//! What the tests of the binary share.
#![allow(dead_code, reason = "each test file uses a part")]

use snapbox::cmd::{Command, cargo_bin};
use std::path::{Path, PathBuf};

/// A fresh folder below the build folder.
pub fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("the build folder can be written");
    folder
}

/// A folder with files of these names and texts.
pub fn folder_with(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = folder(name);
    for (file, text) in files {
        std::fs::write(folder.join(file), text).expect("written");
    }
    folder
}

/// The binary, run in a folder.
pub fn epsom(folder: &Path) -> Command {
    Command::new(cargo_bin!("epsom")).current_dir(folder)
}

/// A file of the reference suite.
pub fn reference(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/suite/reference").join(path)
}

/// Names of the files in a folder, sorted.
pub fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().display().to_string()).collect();
    names.sort();
    names
}

/// Cells of a CSV text, header first.
pub fn cells(text: &str) -> Vec<Vec<String>> {
    text.lines().map(|line| line.split(',').map(str::to_string).collect()).collect()
}

/// The numbers of a column of a CSV text.
pub fn column(text: &str, name: &str) -> Vec<f64> {
    let cells = cells(text);
    let at = cells[0].iter().position(|known| known == name);
    let at = at.unwrap_or_else(|| panic!("no column `{name}` in {:?}", cells[0]));
    cells[1..].iter().map(|row| row[at].parse().expect("a number")).collect()
}

/// One compartment with first-order loss, every number an example.
pub const DECAY: &str = "model decay \"First-order loss\"
time [h]
substance Mg
covariate wt = 70[kg]
param cl = 5[L/h] assumed \"example\" fixed \"example\"
param vc = 10[L] assumed \"example\" fixed \"example\" scales wt/70[kg]
compartment central [mmol], urine [mmol]
d/dt(central) = -cl / vc * central
d/dt(urine) = cl / vc * central
conserve central + urine
output Cc = central / vc [mmol/L]
";
