//! What checking says of a text that could not be read whole.

use epsom_diag::{Diagnostic, Span};

use super::{World, check};
use crate::syntax::ast::Tree;

/// Messages that may only follow from a statement that could not be read.
const FOLLOW: &[&str] = &[
    "E0201", "E0205", "E0402", "E0403", "E0409", "E0413", "W0201", "W0202", "W0204", "W0207",
    "W0208",
];

/// What checking says of a tree that some statements of `text` are missing from, of which `said`
/// speaks: mistakes that stand by themselves, so that one run shows them beside those of reading.
///
/// An unknown name stands by itself where no statement that could not be read holds it, and an `if`
/// without a value where all of it was read.
pub fn check_rest(
    tree: &Tree,
    world: &World<'_>,
    text: &str,
    said: &[Diagnostic],
) -> Vec<Diagnostic> {
    let places = || said.iter().filter_map(|one| Some(one.primary.as_ref()?.span));
    let file = tree.items.first().map(|item| item.span.file);
    // A module that could not be read may hold anything.
    let own = places().all(|span| Some(span.file) == file);
    let mut unread: Vec<&str> = places().filter_map(|span| statement(text, span)).collect();
    // What no statement holds, comments among it.
    let mut at = 0;
    for item in tree.items.iter().filter(|item| Some(item.span.file) == file) {
        unread.extend(text.get(at..item.span.start as usize));
        at = at.max(item.span.end as usize);
    }
    unread.extend(text.get(at..));
    let alone = |one: &Diagnostic| {
        let Some(span) = one.primary.as_ref().map(|label| label.span) else { return false };
        match one.code {
            "E0201" | "E0205" => {
                let name = text.get(span.start as usize..span.end as usize).unwrap_or_default();
                let first = name.split('.').next().unwrap_or_default();
                !first.is_empty() && unread.iter().all(|lines| !has_word(lines, first))
            }
            "E0402" => places().all(|at| at.start < span.start || at.start > span.end),
            _ => false,
        }
    };
    let mut found = check(tree, world).diagnostics;
    found.retain(|one| !FOLLOW.contains(&one.code) || own && alone(one));
    found
}

/// The lines of the statement that a place belongs to: back to one that is not indented.
fn statement(text: &str, span: Span) -> Option<&str> {
    let (start, end) = (span.start as usize, span.end as usize);
    let (before, after) = (text.get(..start)?, text.get(end..)?);
    let mut from = before.rfind('\n').map_or(0, |at| at + 1);
    while from > 0 && text[from..].starts_with([' ', '\t']) {
        from = text[..from - 1].rfind('\n').map_or(0, |at| at + 1);
    }
    text.get(from..end + after.find('\n').unwrap_or(after.len()))
}

fn has_word(text: &str, word: &str) -> bool {
    let of_name = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '.';
    text.split(|letter| !of_name(letter)).any(|one| one.split('.').any(|part| part == word))
}
