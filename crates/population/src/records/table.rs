//! Lines of separated fields, each with its place in the file.

use epsom_diag::{FileId, Span};

/// One field, without the blanks and quotes around it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field<'a> {
    /// Its text.
    pub text: &'a str,
    /// Its place.
    pub span: Span,
}

impl Field<'_> {
    /// Whether it says that there is no value: empty, `.` or `NA`.
    pub fn is_missing(&self) -> bool {
        self.text.is_empty() || self.text == "." || self.text.eq_ignore_ascii_case("na")
    }
}

/// Separated text, read line by line.
pub(crate) struct Table<'a> {
    text: &'a str,
    file: FileId,
    separator: char,
    next: usize,
    line: u32,
}

impl<'a> Table<'a> {
    /// The separator is the first of comma, tab and semicolon that the first line holds.
    pub fn new(text: &'a str, file: FileId) -> Self {
        let next = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let first = text[next..].lines().find(|line| is_row(line)).unwrap_or_default();
        let separators = [',', '\t', ';'];
        let separator = separators.into_iter().find(|&at| first.contains(at)).unwrap_or(',');
        Self { text, file, separator, next, line: 0 }
    }

    /// Line of the last row read, from 1.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// Puts the next row's fields into `fields`; false at the end. Blank lines and lines that
    /// begin with `#` are no rows.
    pub fn next_row(&mut self, fields: &mut Vec<Field<'a>>) -> bool {
        fields.clear();
        while self.next < self.text.len() {
            let start = self.next;
            let rest = &self.text[start..];
            let length = rest.find('\n').unwrap_or(rest.len());
            self.next = (start + length + 1).min(self.text.len());
            self.line += 1;
            let line = rest[..length].trim_end_matches('\r');
            if is_row(line) {
                self.split(line, start, fields);
                return true;
            }
        }
        false
    }

    fn split(&self, line: &'a str, start: usize, fields: &mut Vec<Field<'a>>) {
        let mut from = 0;
        let mut quoted = false;
        for (at, letter) in line.char_indices() {
            if letter == '"' {
                quoted = !quoted;
            } else if letter == self.separator && !quoted {
                fields.push(self.field(line, start, from..at));
                from = at + letter.len_utf8();
            }
        }
        fields.push(self.field(line, start, from..line.len()));
    }

    fn field(&self, line: &'a str, start: usize, range: std::ops::Range<usize>) -> Field<'a> {
        let around = |letter: char| letter.is_whitespace() || letter == '"';
        let whole = &line[range.clone()];
        let text = whole.trim_matches(around);
        let lead = whole.len() - whole.trim_start_matches(around).len();
        let from = start + range.start + if text.is_empty() { 0 } else { lead };
        Field { text, span: Span::new(self.file, from, from + text.len()) }
    }
}

fn is_row(line: &str) -> bool {
    !line.trim().is_empty() && !line.starts_with('#')
}
