//! Text to tokens.

use epsom_diag::{Diagnostic, FileId, Span};

/// One token.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where.
    pub span: Span,
}

/// The kinds of token.
#[derive(Debug, Clone, PartialEq)]
pub enum TokenKind {
    /// A name; may hold dots.
    Word(String),
    /// A number as written.
    Number(f64, String),
    /// A quoted text.
    Quoted(String),
    /// What stands between `[` and `]`.
    Unit(String),
    /// An operator or a mark of punctuation.
    Mark(&'static str),
    /// End of a line.
    Newline,
    /// End of the text.
    End,
}

/// Longest first, so that `<=` is not read as `<`.
const MARKS: &[&str] = &[
    "**", "<-", "<=", ">=", "==", "!=", "&&", "||", "+", "-", "*", "/", "^", "(", ")", "{", "}",
    ",", ";", "=", "~", "<", ">", "!", ":", "&", "|",
];

/// Tokens of `text`, ending in `End`; what is no token is reported and skipped.
pub fn tokens(text: &str, file: FileId) -> (Vec<Token>, Vec<Diagnostic>) {
    let lexer = Lexer::run(text, file);
    (lexer.tokens, lexer.diagnostics)
}

/// Where comments begin and end, in order.
pub(super) fn comments(text: &str) -> Vec<(usize, usize)> {
    Lexer::run(text, FileId(0)).comments
}

/// Where each `{` and each `}` stands, in order.
pub(super) fn braces(text: &str) -> (Vec<u32>, Vec<u32>) {
    let tokens = Lexer::run(text, FileId(0)).tokens;
    let of = |mark: &str| {
        let found = tokens.iter().filter(|one| matches!(one.kind, TokenKind::Mark(m) if m == mark));
        found.map(|one| one.span.start).collect()
    };
    (of("{"), of("}"))
}

struct Lexer<'a> {
    text: &'a str,
    file: FileId,
    at: usize,
    tokens: Vec<Token>,
    comments: Vec<(usize, usize)>,
    diagnostics: Vec<Diagnostic>,
    /// Whether the text begins as a function, or as a block of one.
    is_function: bool,
}

/// Whether the first line that holds something begins a function or one of its blocks.
fn begins_function(text: &str) -> bool {
    let lines = text.lines().map(|line| line.trim_start_matches('\u{feff}').trim_start());
    let first = lines.into_iter().find(|line| !line.is_empty() && !line.starts_with('#'));
    first.is_some_and(|line| {
        let after = line.split_once("<-").or(line.split_once('=')).map_or(line, |(_, after)| after);
        let start = after.trim_start();
        ["function", "ini", "model"].iter().any(|word| {
            start.strip_prefix(word).is_some_and(|rest| rest.trim_start().starts_with('('))
        })
    })
}

impl<'a> Lexer<'a> {
    fn run(text: &'a str, file: FileId) -> Self {
        let (tokens, comments, diagnostics) = Default::default();
        let is_function = begins_function(text);
        let mut lexer = Self { text, file, at: 0, tokens, comments, diagnostics, is_function };
        while lexer.at < text.len() {
            lexer.step();
        }
        lexer.push(TokenKind::End, text.len(), text.len());
        lexer
    }

    fn push(&mut self, kind: TokenKind, start: usize, end: usize) {
        self.tokens.push(Token { kind, span: Span::new(self.file, start, end) });
        self.at = end;
    }

    fn step(&mut self) {
        let rest = &self.text[self.at..];
        let first = rest.chars().next().expect("not at the end");
        let start = self.at;
        match first {
            '\n' => self.push(TokenKind::Newline, start, start + 1),
            _ if first.is_whitespace() || first == '\u{feff}' => self.at += first.len_utf8(),
            '#' => {
                self.at += rest.find('\n').unwrap_or(rest.len());
                self.comments.push((start, self.at));
            }
            '/' if rest.starts_with("//") => self.slashes(),
            '\'' if self.is_prime() => self.push(TokenKind::Mark("'"), start, start + 1),
            '"' | '\'' => self.quoted(first),
            '[' => self.unit(),
            '0'..='9' => self.number(),
            '.' if rest[1..].starts_with(|next: char| next.is_ascii_digit()) => self.number(),
            _ if first.is_alphabetic() || first == '_' || first == '.' => {
                let end = rest
                    .find(|next: char| !(next.is_alphanumeric() || next == '_' || next == '.'))
                    .unwrap_or(rest.len());
                self.push(TokenKind::Word(rest[..end].to_string()), start, start + end);
            }
            _ => match MARKS.iter().find(|mark| rest.starts_with(**mark)) {
                Some(mark) => self.push(TokenKind::Mark(mark), start, start + mark.len()),
                None => self.unknown(first),
            },
        }
    }

    /// A comment as other languages write it.
    fn slashes(&mut self) {
        let start = self.at;
        let rest = &self.text[start..];
        self.at += rest.find('\n').unwrap_or(rest.len());
        let span = Span::new(self.file, start, start + 2);
        self.diagnostics.push(
            Diagnostic::error("E0101", "`//` begins no comment")
                .at(span, "read as two divisions")
                .help("comments begin with `#`")
                .fix(span, "#"),
        );
    }

    /// Whether a quote marks a derivative, `depot' = …`, rather than opening a text.
    fn is_prime(&self) -> bool {
        let before = self.text[..self.at].chars().next_back();
        let after = self.text[self.at + 1..].trim_start_matches(' ');
        before.is_some_and(|one| one.is_alphanumeric() || one == '_')
            && after.starts_with('=')
            && !after.starts_with("==")
    }

    /// A character that begins no token; a run of them is reported once.
    fn unknown(&mut self, first: char) {
        let start = self.at;
        let same = |next: char| next == first || next == '\0' || next == '\u{fffd}';
        let rest = &self.text[start..];
        self.at += rest.find(|next: char| !same(next)).unwrap_or(rest.len());
        let span = Span::new(self.file, start, self.at);
        let what = if first.is_control() {
            format!("character U+{:04X} has no meaning here", first as u32)
        } else {
            format!("`{first}` has no meaning here")
        };
        let help = match first {
            '%' => "percent is a unit and stands in brackets: `30[%]`",
            '°' | 'µ' | 'μ' => "units stand in brackets behind a number: `5[µg/L]`",
            _ => "remove it; texts stand in quotes, comments after `#`",
        };
        let said = Diagnostic::error("E0101", what).at(span, "not part of the language");
        self.diagnostics.push(said.help(help));
    }

    /// A text in quotes: `\"` inside it is a quote and `\\` a backslash. In a function, as R has
    /// it, it may go on over lines.
    fn quoted(&mut self, quote: char) {
        let start = self.at;
        let rest = &self.text[start + 1..];
        let line = rest.find('\n').unwrap_or(rest.len());
        let inside = if self.is_function { rest } else { &rest[..line] };
        let mut text = String::new();
        let mut chars = inside.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let escaped = chars.peek().map(|&(_, next)| next).filter(|&n| n == quote || n == '\\');
            match (c, escaped) {
                ('\\', Some(next)) => {
                    text.push(next);
                    chars.next();
                }
                _ if c == quote => {
                    return self.push(TokenKind::Quoted(text), start, start + at + 2);
                }
                _ => text.push(c),
            }
        }
        let (line, end) = (&rest[..line], start + 1 + line);
        self.push(TokenKind::Quoted(line.to_string()), start, end);
        self.diagnostics.push(
            Diagnostic::error("E0102", "a quoted text does not end on its line")
                .at(Span::new(self.file, start, end), "begins here")
                .help(format!("close it with `{quote}`")),
        );
    }

    fn unit(&mut self) {
        let start = self.at;
        let rest = &self.text[start + 1..];
        let line = &rest[..rest.find(['\n', '[']).unwrap_or(rest.len())];
        match line.find(']') {
            Some(length) => {
                let text = line[..length].trim().to_string();
                self.push(TokenKind::Unit(text), start, start + length + 2);
            }
            None => {
                let end = start + 1 + line.len();
                self.push(TokenKind::Unit(line.trim().to_string()), start, end);
                self.diagnostics.push(
                    Diagnostic::error("E0102", "a unit does not end on its line")
                        .at(Span::new(self.file, start, end), "begins here")
                        .help("close it with `]`, such as `[mmol/L]`"),
                );
            }
        }
    }

    fn number(&mut self) {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let digits = |mut at: usize| {
            while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            at
        };
        let mut end = digits(start);
        if bytes.get(end) == Some(&b'.') {
            end = digits(end + 1);
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            let exponent = digits(end + 1 + sign);
            if exponent > end + 1 + sign {
                end = exponent;
            }
        }
        let written = &self.text[start..end];
        let value = written.parse::<f64>().unwrap_or(f64::NAN);
        self.push(TokenKind::Number(value, written.to_string()), start, end);
        if !value.is_finite() {
            self.diagnostics.push(
                Diagnostic::error("E0101", format!("`{written}` is too large for a number"))
                    .at(Span::new(self.file, start, end), "above 1.8e308"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<TokenKind> {
        tokens(text, FileId(0)).0.into_iter().map(|token| token.kind).collect()
    }

    #[test]
    fn words_numbers_units_marks() {
        let word = |text: &str| TokenKind::Word(text.to_string());
        let number = |value: f64, text: &str| TokenKind::Number(value, text.to_string());
        assert_eq!(
            kinds("eta.cl<-1e-3[1/h]**.5 # no\nx<=2.e"),
            vec![
                word("eta.cl"),
                TokenKind::Mark("<-"),
                number(1e-3, "1e-3"),
                TokenKind::Unit("1/h".to_string()),
                TokenKind::Mark("**"),
                number(0.5, ".5"),
                TokenKind::Newline,
                word("x"),
                TokenKind::Mark("<="),
                number(2.0, "2."),
                word("e"),
                TokenKind::End,
            ]
        );
    }

    #[test]
    fn quotes_in_quotes_and_texts_over_lines() {
        let quoted = |text: &str| TokenKind::Quoted(text.to_string());
        assert_eq!(
            kinds(r#""a \"b\" \\" 'it\'s' "c:\d""#)[..3],
            [quoted(r#"a "b" \"#), quoted("it's"), quoted(r"c:\d"),]
        );
        let (found, said) = tokens("f <- function() {\n x <- \"one\ntwo\"\n", FileId(0));
        assert!(said.is_empty() && found.iter().any(|one| one.kind == quoted("one\ntwo")));
        assert_eq!(tokens("model m \"one\ntwo\"\n", FileId(0)).1.len(), 2);
    }

    #[test]
    fn a_run_of_zero_bytes_is_one_message() {
        let (_, diagnostics) = tokens(&"\0".repeat(10_000), FileId(0));
        assert_eq!(diagnostics.len(), 1);
    }
}
