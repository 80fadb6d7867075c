//! Regimen text as words that know where they stand.

use epsom_diag::{FileId, Span};

/// A word, or a number cut from the unit behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    pub(super) start: usize,
}

impl Word<'_> {
    /// Whether it is this word, in any case.
    pub(super) fn is(&self, word: &str) -> bool {
        self.text.eq_ignore_ascii_case(word)
    }
}

/// Words with a place to stand at.
pub(super) struct Words<'a> {
    all: Vec<Word<'a>>,
    next: usize,
    file: FileId,
    end: usize,
}

impl<'a> Words<'a> {
    /// Splits at spaces, at commas that are no part of a number, and behind the digits of a number.
    pub(super) fn new(text: &'a str, file: FileId) -> Self {
        let mut all = Vec::new();
        let mut at = 0;
        for piece in text.split_inclusive(char::is_whitespace) {
            let mut start = at;
            let bare = piece.trim_end().trim_end_matches(',');
            at += piece.len();
            if bare.is_empty() {
                continue;
            }
            let digits = number_length(bare);
            if digits > 0 {
                all.push(Word { text: &bare[..digits], start });
                start += digits;
            }
            if digits < bare.len() {
                all.push(Word { text: &bare[digits..], start });
            }
        }
        Self { all, next: 0, file, end: text.trim_end().len() }
    }

    /// The next word.
    pub(super) fn peek(&self) -> Option<Word<'a>> {
        self.all.get(self.next).copied()
    }

    /// Takes the next word.
    pub(super) fn take(&mut self) -> Option<Word<'a>> {
        let word = self.peek()?;
        self.next += 1;
        Some(word)
    }

    /// Takes the next word if it is `word`.
    pub(super) fn eat(&mut self, word: &str) -> bool {
        let found = self.peek().is_some_and(|next| next.is(word));
        self.next += usize::from(found);
        found
    }

    /// Place of a word.
    pub(super) fn span(&self, word: Word<'_>) -> Span {
        Span::new(self.file, word.start, word.start + word.text.len())
    }

    /// Place of the next word, or the end of the text.
    pub(super) fn here(&self) -> Span {
        self.peek().map_or(Span::new(self.file, self.end, self.end), |word| self.span(word))
    }

    /// From a place up to the word taken last.
    pub(super) fn since(&self, start: Span) -> Span {
        match self.next.checked_sub(1).and_then(|last| self.all.get(last)) {
            Some(last) if last.start >= start.start as usize => start.to(self.span(*last)),
            _ => start,
        }
    }
}

/// Bytes of the number that `text` starts with; 0 if none. A clock time is one number.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let signed = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let starts = digit(signed) || (bytes.get(signed) == Some(&b'.') && digit(signed + 1));
    if !starts {
        return 0;
    }
    let mut at = signed;
    while at < bytes.len() {
        let separator = matches!(bytes[at], b'.' | b',' | b':') && digit(at + 1);
        let sign = matches!(bytes.get(at + 1), Some(b'+' | b'-'));
        let exponent = matches!(bytes[at], b'e' | b'E') && digit(at + 1 + usize::from(sign));
        match bytes[at] {
            _ if exponent => at += 1 + usize::from(sign),
            b'0'..=b'9' => at += 1,
            _ if separator => at += 1,
            _ => break,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<(&str, usize)> {
        Words::new(text, FileId(0)).all.iter().map(|word| (word.text, word.start)).collect()
    }

    #[test]
    fn words_know_where_they_stand() {
        assert_eq!(split(" 2g  MgT"), [("2", 1), ("g", 2), ("MgT", 5)]);
        assert_eq!(
            split("MgSO4.7H2O at 8:00, 20:00"),
            [("MgSO4.7H2O", 0), ("at", 11), ("8:00", 14), ("20:00", 20)]
        );
        assert_eq!(
            split("1,000mg -1e-3 .5 2. µ"),
            [("1,000", 0), ("mg", 5), ("-1e-3", 8), (".5", 14), ("2", 17), (".", 18), ("µ", 20)]
        );
        assert_eq!(split(""), []);
    }
}
