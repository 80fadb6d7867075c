//! `--add FOLDER`: a user's own tables beside those of the program.

use crate::files::read_text;
use crate::render::Sources;
use epsom_diag::Diagnostic;
use epsom_evidence::{Tables, builtin, with_added};
use std::path::{Path, PathBuf};

/// The tables with every folder joined, or everything that is wrong with the first that fails.
pub(super) fn tables(
    folders: &[PathBuf],
    sources: &mut Sources,
) -> Result<Option<Tables>, Vec<Diagnostic>> {
    let mut joined: Option<Tables> = None;
    for folder in folders {
        let mut texts = Vec::new();
        for path in csv_files(folder).map_err(|said| vec![said])? {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            let text = read_text(&path, "evidence table").map_err(|said| vec![said])?;
            texts.push((name.unwrap_or_default(), path, text));
        }
        // Spans count the files of the folder that fails; those of others are not shown.
        *sources = Sources::default();
        for (_, path, text) in &texts {
            sources.add(path.display().to_string(), text.as_str());
        }
        let files: Vec<(&str, &str)> =
            texts.iter().map(|(name, _, text)| (name.as_str(), text.as_str())).collect();
        joined = Some(with_added(joined.as_ref().unwrap_or(builtin()), &files)?);
    }
    Ok(joined)
}

/// CSV files of a folder, sorted by name.
fn csv_files(folder: &Path) -> Result<Vec<PathBuf>, Diagnostic> {
    let failed = |error: std::io::Error| {
        Diagnostic::error("E0901", format!("cannot read folder `{}`", folder.display()))
            .note(format!("cause: {error}"))
            .help("give a folder that holds `studies.csv`, `effects.csv` or other tables")
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let is_csv = path.extension().is_some_and(|one| one.eq_ignore_ascii_case("csv"));
        if is_csv && path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    if paths.is_empty() {
        let what = format!("folder `{}` holds no CSV file", folder.display());
        return Err(Diagnostic::error("E0822", what)
            .help("name the files as the tables they add to: `studies.csv`, `effects.csv` …"));
    }
    Ok(paths)
}
