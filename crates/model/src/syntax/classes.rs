//! What each part of a model text is, for whatever shows it in colors.
//!
//! One classification for reports and for the grammar of editors: a test holds that grammar, by
//! the names of its scopes and its lists of words, against this file.

use std::ops::Range;

use epsom_diag::FileId;

use super::lexer::{self, Token, TokenKind};
use super::{CLAUSES, STATEMENTS};

/// Kinds of parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// From `#` to the end of the line.
    Comment,
    /// Text in quotes.
    Quoted,
    /// A unit with its brackets.
    Unit,
    /// A number.
    Number,
    /// A word that begins a statement.
    Statement,
    /// A word inside statements, such as `else`.
    Control,
    /// A word that begins a clause, such as `source`.
    Clause,
    /// `d/dt`
    Derivative,
    /// A name in front of `(`.
    Function,
    /// `+`, `<-` and their like.
    Operator,
    /// Any other name.
    Name,
}

/// Words inside statements.
pub const CONTROLS: &[&str] =
    &["if", "else", "and", "or", "not", "as", "every", "from", "for", "steady_state", "periodic"];

/// Words for how a covariate runs between its records; they stand where clauses do.
pub const INTERPOLATIONS: &[&str] = &["forward", "backward", "midpoint", "linear"];

/// Each class with its scope in editors and its short word in pages.
pub const CLASSES: &[(Class, &str, &str)] = &[
    (Class::Comment, "comment.line.number-sign.epm", "comment"),
    (Class::Quoted, "string.quoted.double.epm", "quoted"),
    (Class::Unit, "storage.type.unit.epm", "unit"),
    (Class::Number, "constant.numeric.epm", "number"),
    (Class::Statement, "keyword.control.statement.epm", "statement"),
    (Class::Control, "keyword.control.epm", "statement"),
    (Class::Clause, "keyword.other.clause.epm", "clause"),
    (Class::Derivative, "keyword.operator.derivative.epm", "clause"),
    (Class::Function, "entity.name.function.epm", "function"),
    (Class::Operator, "keyword.operator.epm", "operator"),
    (Class::Name, "variable.other.epm", "name"),
];

impl Class {
    /// The short word that pages style by.
    pub fn word(self) -> &'static str {
        CLASSES.iter().find(|(class, ..)| *class == self).map_or("name", |(_, _, word)| word)
    }
}

/// The parts of `text` in order, as ranges of bytes; what lies between them (blanks, brackets,
/// commas) is of no class.
pub fn classify(text: &str) -> Vec<(Range<usize>, Class)> {
    let (tokens, _) = lexer::tokens(text, FileId(0));
    let mut found: Vec<(Range<usize>, Class)> =
        lexer::comments(text).into_iter().map(|(a, b)| (a..b, Class::Comment)).collect();
    let mut fresh = true;
    let mut at = 0;
    while at < tokens.len() {
        let (class, length) = class(&tokens, at, fresh);
        let span = tokens[at].span.start as usize..tokens[at + length - 1].span.end as usize;
        found.extend(class.map(|class| (span, class)));
        fresh = matches!(tokens[at].kind, TokenKind::Newline | TokenKind::Mark("{" | "}" | ";"));
        at += length;
    }
    found.sort_by_key(|(span, _)| span.start);
    found
}

/// The class of the token at `at`, and how many tokens it takes; `fresh` at the begin of a line.
fn class(tokens: &[Token], at: usize, fresh: bool) -> (Option<Class>, usize) {
    let mark = |at: usize| match tokens.get(at).map(|token| &token.kind) {
        Some(TokenKind::Mark(mark)) => *mark,
        _ => "",
    };
    let word = |at: usize| match tokens.get(at).map(|token| &token.kind) {
        Some(TokenKind::Word(word)) => word.as_str(),
        _ => "",
    };
    let class = match &tokens[at].kind {
        TokenKind::Quoted(_) => Class::Quoted,
        TokenKind::Unit(_) => Class::Unit,
        TokenKind::Number(..) => Class::Number,
        TokenKind::Mark("(" | ")" | "{" | "}" | "," | ";" | ":") => return (None, 1),
        TokenKind::Mark(_) => Class::Operator,
        TokenKind::Newline | TokenKind::End => return (None, 1),
        TokenKind::Word(text) => {
            let given = matches!(mark(at + 1), "=" | "<-" | "~");
            if text == "d" && mark(at + 1) == "/" && word(at + 2) == "dt" && mark(at + 3) == "(" {
                return (Some(Class::Derivative), 3);
            }
            let clause =
                CLAUSES.contains(&text.as_str()) || INTERPOLATIONS.contains(&text.as_str());
            match text.as_str() {
                text if fresh && STATEMENTS.contains(&text) && !given => Class::Statement,
                text if CONTROLS.contains(&text) => Class::Control,
                _ if mark(at + 1) == "(" && !clause => Class::Function,
                _ if clause && !matches!(mark(at + 1), "=" | "<-") => Class::Clause,
                _ => Class::Name,
            }
        }
    };
    (Some(class), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_text_are_told_apart() {
        let text = "param cl = 5[L/h] assumed \"x\" # no\nd/dt(a) = -exp(cl) and d/dt\n\
                    source = 1; output y\n";
        let shown: Vec<String> = classify(text)
            .into_iter()
            .map(|(span, class)| format!("{} {}", &text[span], class.word()))
            .collect();
        assert_eq!(
            shown,
            [
                "param statement",
                "cl name",
                "= operator",
                "5 number",
                "[L/h] unit",
                "assumed clause",
                "\"x\" quoted",
                "# no comment",
                "d/dt clause",
                "a name",
                "= operator",
                "- operator",
                "exp function",
                "cl name",
                "and statement",
                "d name",
                "/ operator",
                "dt name",
                "source name",
                "= operator",
                "1 number",
                "output statement",
                "y name",
            ]
        );
    }

    #[test]
    fn every_part_lies_in_the_text_and_none_twice() {
        let text = "a = \"open\nb = [\n\u{0}é ~ d/dt(";
        let parts = classify(text);
        for pair in parts.windows(2) {
            assert!(pair[0].0.end <= pair[1].0.start, "{parts:?}");
        }
        assert!(parts.iter().all(|(span, _)| text.get(span.clone()).is_some()));
    }
}
