//! Tree to canonical text; with the text it was read from, comments and blank lines are kept.
//!
//! The form: one statement a line, one space around operators (none around a power), clauses of a
//! parameter behind it where they fit or, where they do not fit or the writer broke the line, each
//! on a line of its own; blocks indented by two; no aligned columns, at most one blank line.

mod comments;
mod expression;
mod ini_model;
mod items;

use epsom_diag::{Diagnostic, FileId, Span};

use super::ast::{Dialect, Expr, Item, ItemKind, Tree};
use comments::Comments;

/// Longest line, where it can be broken.
const WIDTH: usize = 100;

/// Canonical text of a tree, without comments; items of one kind stand together.
pub fn print(tree: &Tree) -> String {
    Printer::new(tree.dialect, Comments::none()).run(tree)
}

/// The lines of statements in a text form, as they stand inside its blocks.
pub fn print_statements(items: &[Item], dialect: Dialect) -> Vec<String> {
    let mut printer = Printer::new(dialect, Comments::none());
    items.iter().for_each(|item| printer.item(item));
    printer.lines
}

/// One expression in a text form.
pub fn print_expr(expr: &Expr, dialect: Dialect) -> String {
    Printer::new(dialect, Comments::none()).expr(expr)
}

/// Canonical text of `text`, comments kept.
///
/// # Errors
/// Everything that keeps `text` from being read; a text with mistakes is not touched.
pub fn format(text: &str, file: FileId) -> Result<String, Vec<Diagnostic>> {
    let (tree, diagnostics) = super::parse(text, file);
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    Ok(Printer::new(tree.dialect, Comments::of(text, file)).run(&tree))
}

/// A part of a statement behind which a line may end.
struct Piece {
    text: String,
    /// What it was read from.
    span: Span,
}

/// Where a statement of several pieces ends its lines.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// On one line, or each piece on its own.
    Each,
    /// On one line, or as many pieces on each as fit.
    Fill,
}

struct Printer {
    dialect: Dialect,
    comments: Comments,
    lines: Vec<String>,
    indent: usize,
    /// End of what was printed last, in the text it was read from.
    last: u32,
}

impl Printer {
    fn new(dialect: Dialect, comments: Comments) -> Self {
        Self { dialect, comments, lines: Vec::new(), indent: 0, last: 0 }
    }

    fn run(mut self, tree: &Tree) -> String {
        match tree.dialect {
            Dialect::Epm => self.items(&tree.items),
            Dialect::IniModel => self.ini_model(&tree.items),
        }
        self.comments_before(u32::MAX);
        self.lines.iter().map(|line| format!("{line}\n")).collect()
    }

    fn items(&mut self, items: &[Item]) {
        let mut before: Option<&Item> = None;
        for item in items {
            self.comments_before(item.span.start);
            self.gap(before, item);
            self.item(item);
            self.last = item.span.end;
            before = Some(item);
        }
    }

    /// A blank line where the writer left one; without a text, where another kind begins.
    fn gap(&mut self, before: Option<&Item>, item: &Item) {
        if self.comments.have_text() {
            self.blank_before(item.span.start);
        } else if before.is_some_and(|before| group(before) != group(item)) {
            self.lines.push(String::new());
        }
    }

    fn blank_before(&mut self, start: u32) {
        let fresh = self.lines.last().is_none_or(|line| {
            let code = comments::spans(line).first().map_or(line.as_str(), |&(at, _)| &line[..at]);
            line.is_empty() || code.trim_end().ends_with('{')
        });
        if !fresh && self.comments.blank_line(self.last, start) {
            self.lines.push(String::new());
        }
    }

    /// Comments that stand before `end`: behind the last line, or on lines of their own.
    fn comments_before(&mut self, end: u32) {
        while let Some(comment) = self.comments.next_before(end) {
            let behind = !comment.own_line && !self.lines.is_empty();
            match self.lines.last_mut() {
                Some(line) if behind && !has_comment(line) && !line.is_empty() => {
                    *line += &format!("  {}", comment.text);
                }
                _ => {
                    self.blank_before(comment.span.start);
                    self.line(&comment.text);
                }
            }
            self.last = comment.span.end;
        }
    }

    fn line(&mut self, text: &str) {
        self.lines.push(format!("{}{text}", " ".repeat(self.indent)));
    }

    /// One statement made of pieces, with the comments that stand inside it.
    fn pieces(&mut self, pieces: &[Piece], layout: Layout, more_indent: usize) {
        let end = pieces.iter().map(|piece| piece.span.end).max().unwrap_or_default();
        let inside = self.comments.take_before(end);
        let words: Vec<&str> = pieces.iter().map(|piece| piece.text.as_str()).collect();
        let together = words.join(" ");
        let broken = layout == Layout::Each
            && pieces.windows(2).any(|two| self.comments.new_line(two[0].span, two[1].span));
        let fits = self.indent + together.chars().count() <= WIDTH;
        // Comments inside a piece stand before it, those between two pieces stay there.
        let place = |start: u32| {
            let at = pieces.iter().rposition(|piece| piece.span.start <= start).unwrap_or(0);
            (at, start >= pieces[at].span.end)
        };
        let between = inside.iter().any(|one| place(one.span.start) != (0, false));
        if pieces.len() == 1 || (fits && !broken && !between) {
            for comment in inside {
                self.line(&comment.text);
            }
            self.line(&together);
            return;
        }
        let outer = self.indent;
        let mut room = false;
        for (at, piece) in pieces.iter().enumerate() {
            for comment in inside.iter().filter(|one| place(one.span.start) == (at, false)) {
                self.line(&comment.text);
                room = false;
            }
            match self.lines.last_mut() {
                Some(line)
                    if layout == Layout::Fill
                        && room
                        && line.chars().count() + 1 + piece.text.chars().count() <= WIDTH =>
                {
                    *line += &format!(" {}", piece.text);
                }
                _ => self.line(&piece.text),
            }
            room = true;
            self.indent = outer + more_indent;
            for comment in inside.iter().filter(|one| place(one.span.start) == (at, true)) {
                match self.lines.last_mut() {
                    Some(line) if !comment.own_line && !has_comment(line) => {
                        *line += &format!("  {}", comment.text);
                    }
                    _ => self.line(&comment.text),
                }
                room = false;
            }
        }
        self.indent = outer;
    }
}

/// Whether a printed line holds a comment, which runs to its end.
fn has_comment(line: &str) -> bool {
    !comments::spans(line).is_empty()
}

/// Items of one group stand together.
fn group(item: &Item) -> u8 {
    match item.kind {
        ItemKind::Model { .. }
        | ItemKind::Time { .. }
        | ItemKind::Unchecked { .. }
        | ItemKind::Substance { .. } => 0,
        ItemKind::Covariate(_) | ItemKind::Port { .. } => 1,
        ItemKind::Use { .. } | ItemKind::Override(_) => 6,
        ItemKind::Param(_) | ItemKind::Correlate { .. } | ItemKind::Hypothesis { .. } => 2,
        ItemKind::Compartments(_) | ItemKind::Register { .. } | ItemKind::Window { .. } => 3,
        ItemKind::Output(_) | ItemKind::Residual { .. } => 5,
        _ => 4,
    }
}
