//! R scripts around a model function: `library(…)` before it, a fit or a plot behind it.

use std::ops::Range;

use epsom_diag::{Diagnostic, FileId, Span};

/// `text` with what stands around its model function blanked out, and what to say of that; places
/// stay what they were.
pub(super) fn without_script(text: &str, file: FileId) -> Option<(String, Diagnostic)> {
    let functions = functions(text);
    let Some(function) = functions.first() else { return bare_rxode2(text, file) };
    let (before, after) = (&text[..function.start], &text[function.end..]);
    let place = match (code(before), code(after)) {
        (Some(at), _) => at,
        (None, Some(at)) => function.end + at,
        (None, None) => return None,
    };
    let kept = format!("{}{}{}", blank(before), &text[function.clone()], blank(after));
    let line = text[place..].lines().next().unwrap_or_default().trim_end().len();
    let mut said = Diagnostic::note_of("N0102", "lines around the model function are not read")
        .at(Span::new(file, place, place + line), "such as this one");
    if functions.len() > 1 {
        said = said.note(format!("of {} model functions the first is read", functions.len()));
    }
    Some((kept, said))
}

/// `text` with `NAME <- rxode2({…})` as `model({…})` and all else blanked out, and what to say of
/// that; places stay what they were. Names that it gives no value are covariates.
fn bare_rxode2(text: &str, file: FileId) -> Option<(String, Diagnostic)> {
    let mut from = 0;
    for line in text.split_inclusive('\n') {
        let start = from;
        from += line.len();
        let code = line.split('#').next().unwrap_or_default();
        for word in ["rxode2(", "RxODE(", "rxode("] {
            let Some(at) = code.find(word) else { continue };
            let head = code[..at].trim_end();
            let assigned = head.is_empty() || head.ends_with("<-") || head.ends_with('=');
            let inside = start + at + word.len();
            let brace = inside + text[inside..].find(|one: char| !one.is_whitespace())?;
            if !assigned || !text[brace..].starts_with('{') {
                continue;
            }
            let end = closing(text, brace)?;
            let name = word.trim_end_matches('(');
            let said = Diagnostic::note_of(
                "N0102",
                format!("`{name}({{…}})` is read as `model({{…}})`"),
            )
            .at(
                Span::new(file, start + at, start + at + name.len()),
                "lines around it are not read",
            )
            .note("what it gives no value is a covariate: a column, or `--covariate NAME=VALUE`");
            let model = format!("{:width$}(", "model", width = name.len());
            let (before, rest) = (blank(&text[..start + at]), &text[inside..end]);
            return Some((format!("{before}{model}{rest}){}", after(&text[end..])), said));
        }
    }
    None
}

/// A text of the same places without anything in it.
fn blank(part: &str) -> String {
    let one = |one: char| if one == '\n' { "\n".into() } else { " ".repeat(one.len_utf8()) };
    part.chars().map(one).collect()
}

/// The same behind a bracket that takes the place of the first character.
fn after(part: &str) -> String {
    let mut letters = part.chars();
    match letters.next() {
        Some(first) if first != '\n' => {
            format!("{}{}", " ".repeat(first.len_utf8() - 1), blank(letters.as_str()))
        }
        _ => blank(part),
    }
}

/// The functions of a script that hold `model({…})`, from their name to their closing brace.
fn functions(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut from = 0;
    for line in text.split_inclusive('\n') {
        let start = from + (line.len() - line.trim_start().len());
        from += line.len();
        if found.last().is_some_and(|last| start < last.end) {
            continue;
        }
        let Some(open) = opening(&text[start..]).map(|at| start + at) else { continue };
        let Some(end) = closing(text, open) else { continue };
        let holds = |word: &str| {
            text[open..end].lines().any(|line| {
                line.trim_start()
                    .strip_prefix(word)
                    .is_some_and(|rest| rest.trim_start().starts_with('('))
            })
        };
        if holds("model") || holds("ini") {
            found.push(start..end);
        }
    }
    found
}

/// Where the brace of `NAME <- function() {` stands, in a text that begins so.
fn opening(text: &str) -> Option<usize> {
    let name = text.find(|one: char| !(one.is_alphanumeric() || "._".contains(one)))?;
    let rest = text[name..].trim_start();
    let rest = rest.strip_prefix("<-").or_else(|| rest.strip_prefix('='))?.trim_start();
    let rest = rest.strip_prefix("function")?.trim_start().strip_prefix('(')?;
    let rest = rest[rest.find(')')? + 1..].trim_start();
    rest.starts_with('{').then(|| text.len() - rest.len())
}

/// Behind the brace that closes the one at `open`, over comments and texts in quotes.
fn closing(text: &str, open: usize) -> Option<usize> {
    let (mut depth, mut quote, mut comment, mut escaped) = (0usize, None, false, false);
    for (at, one) in text[open..].char_indices() {
        match (quote, one) {
            _ if comment => comment = one != '\n',
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if one == open => quote = None,
            (Some(_), _) => {}
            (None, '#') => comment = true,
            (None, '"' | '\'') => quote = Some(one),
            (None, '{') => depth += 1,
            (None, '}') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(open + at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// Where the first character stands that is neither blank nor in a comment.
fn code(text: &str) -> Option<usize> {
    let mut from = 0;
    for line in text.split_inclusive('\n') {
        let start = from + (line.len() - line.trim_start().len());
        from += line.len();
        let rest = line.trim_start_matches('\u{feff}').trim();
        if !(rest.is_empty() || rest.starts_with('#') || rest == ";") {
            return Some(start);
        }
    }
    None
}
