//! Files made from other files. A test checks that they are current.

use std::path::Path;

/// One generated file: where it lies and how its text is made.
pub struct Generated {
    /// Path from the root.
    pub path: &'static str,
    /// Its text, made from the tree below the root.
    pub make: fn(&Path) -> Result<String, String>,
}

/// Every generated file.
pub const GENERATED: &[Generated] =
    &[Generated { path: "docs/errors/README.md", make: error_index }];

/// Writes each to a temporary name and renames it.
pub fn write_all(root: &Path) -> Result<(), String> {
    for file in GENERATED {
        let text = (file.make)(root)?;
        let path = root.join(file.path);
        let temporary = path.with_extension("new");
        std::fs::write(&temporary, text)
            .and_then(|()| std::fs::rename(&temporary, &path))
            .map_err(|error| format!("cannot write {}: {error}\n", path.display()))?;
    }
    Ok(())
}

/// Table of every code with its title, from the codes that the program knows.
fn error_index(_root: &Path) -> Result<String, String> {
    let mut text = String::from(
        "# Codes\n\n\
         Each message carries a code; `epsom explain CODE` prints its page.\n\
         This list is made by `cargo xtask gen`.\n\n\
         | code | about |\n|---|---|\n",
    );
    for info in epsom_diag::CODES {
        text.push_str(&format!("| [{0}]({0}.md) | {1} |\n", info.code, info.title));
    }
    Ok(text)
}
