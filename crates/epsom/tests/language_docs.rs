//! The commands on the pages of the language give what the pages show.

use snapbox::cmd::{Command, cargo_bin};
use std::path::{Path, PathBuf};

/// A fenced block: its kind and its text.
struct Fence {
    kind: String,
    text: String,
    line: usize,
}

fn fences(page: &str) -> Vec<Fence> {
    let mut found: Vec<Fence> = Vec::new();
    let mut open = false;
    for (at, line) in page.lines().enumerate() {
        match line.strip_prefix("```") {
            Some(_) if open => open = false,
            Some(kind) => {
                open = true;
                found.push(Fence { kind: kind.into(), text: String::new(), line: at + 1 });
            }
            None if open => {
                let fence = found.last_mut().expect("open");
                fence.text += &format!("{line}\n");
            }
            None => {}
        }
    }
    found
}

/// Whether `found` rounds to `shown` at the digits that are shown; text must be equal.
fn alike(shown: &str, found: &str) -> bool {
    if shown == found {
        return true;
    }
    let (Ok(a), Ok(b)) = (shown.parse::<f64>(), found.parse::<f64>()) else { return false };
    let decimals = shown.split('.').nth(1).map_or(0, str::len);
    // Half a unit of the last digit shown, and a rounding of the sum.
    let last: f64 = format!("1e-{decimals}").parse().expect("a number");
    (a - b).abs() <= 0.5000001 * last
}

#[test]
fn commands_on_the_pages_give_what_is_shown() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/language");
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("language_docs");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("the build folder can be written");
    let mut pages: Vec<PathBuf> = std::fs::read_dir(docs)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    pages.sort();
    let mut n_commands = 0;
    for page in pages {
        let text = std::fs::read_to_string(&page).expect("text");
        for fence in fences(&text) {
            match fence.kind.as_str() {
                "epm" => {
                    std::fs::write(folder.join("model.epm"), &fence.text).expect("written");
                    // Under its own name too, for models that use it.
                    let name = fence.text.strip_prefix("model ").and_then(|rest| {
                        rest.split_whitespace().next().map(|name| format!("{name}.epm"))
                    });
                    if let Some(name) = name.filter(|name| name != "model.epm") {
                        std::fs::write(folder.join(name), &fence.text).expect("written");
                    }
                }
                "ini-model" => {
                    std::fs::write(folder.join("model.txt"), &fence.text).expect("written");
                }
                "csv" => std::fs::write(folder.join("doses.csv"), &fence.text).expect("written"),
                "console" => {
                    let place = format!("{}:{}", page.display(), fence.line);
                    let (command, shown) = fence.text.split_once('\n').expect("a command");
                    let words = words(command.strip_prefix("$ epsom ").expect("a command"));
                    let done = Command::new(cargo_bin!("epsom"))
                        .current_dir(&folder)
                        .args(words)
                        .output()
                        .expect("started");
                    let mut found = String::from_utf8_lossy(&done.stdout).into_owned();
                    found += &without_notes(&String::from_utf8_lossy(&done.stderr));
                    let found = found.trim_end();
                    let (shown, found_lines) =
                        (shown.trim_end().lines(), found.lines().collect::<Vec<_>>());
                    let shown: Vec<&str> = shown.collect();
                    let same = shown.len() == found_lines.len()
                        && shown.iter().zip(&found_lines).all(|(a, b)| {
                            a == b
                                || a.split(',').count() == b.split(',').count()
                                    && a.split(',').zip(b.split(',')).all(|(a, b)| alike(a, b))
                        });
                    assert!(same, "{place}: found\n{found}");
                    n_commands += 1;
                }
                _ => {}
            }
        }
    }
    assert!(n_commands >= 4, "{n_commands}");
}

/// Messages without notes: what the numbers of an example rest on is no matter of the language.
fn without_notes(said: &str) -> String {
    let kept = said.split_inclusive("\n\n").filter(|message| !message.starts_with("note["));
    kept.collect()
}

/// Words of a command line; what stands in double quotes is one.
fn words(line: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut inside = false;
    for c in line.chars() {
        match c {
            '"' => inside = !inside,
            ' ' if !inside => found.push(String::new()),
            _ => found.last_mut().expect("one at least").push(c),
        }
    }
    found
}
