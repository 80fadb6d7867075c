//! The comments and line ends of a text.

use epsom_diag::{FileId, Span};

use super::super::lexer;

/// One comment, from its `#` to the end of its line.
#[derive(Debug, Clone)]
pub(super) struct Comment {
    pub(super) text: String,
    pub(super) span: Span,
    /// Nothing but blanks stands before it on its line.
    pub(super) own_line: bool,
}

/// Comments in file order, given out once; and where lines end.
pub(super) struct Comments {
    waiting: std::collections::VecDeque<Comment>,
    line_ends: Option<Vec<u32>>,
    /// Where `{` and `}` stand.
    opening: Vec<u32>,
    closing: Vec<u32>,
    text: String,
}

impl Comments {
    /// For a tree that no text stands behind.
    pub(super) fn none() -> Self {
        Self {
            waiting: Default::default(),
            line_ends: None,
            opening: Vec::new(),
            closing: Vec::new(),
            text: String::new(),
        }
    }

    pub(super) fn of(text: &str, file: FileId) -> Self {
        let waiting = spans(text)
            .into_iter()
            .map(|(start, end)| Comment {
                text: text[start..end].trim_end().to_string(),
                span: Span::new(file, start, end),
                own_line: text[..start].rsplit('\n').next().unwrap_or_default().trim().is_empty(),
            })
            .collect();
        let line_ends = text.match_indices('\n').map(|(at, _)| at as u32).collect();
        let (opening, closing) = lexer::braces(text);
        Self { waiting, line_ends: Some(line_ends), opening, closing, text: text.to_string() }
    }

    pub(super) fn have_text(&self) -> bool {
        self.line_ends.is_some()
    }

    /// The next comment, if it begins before `end`.
    pub(super) fn next_before(&mut self, end: u32) -> Option<Comment> {
        self.waiting.pop_front_if(|comment| comment.span.start < end)
    }

    pub(super) fn take_before(&mut self, end: u32) -> Vec<Comment> {
        std::iter::from_fn(|| self.next_before(end)).collect()
    }

    /// Where the last `{` before `start` stands.
    pub(super) fn opening_brace(&self, start: u32) -> u32 {
        self.opening.iter().rev().copied().find(|&at| at < start).unwrap_or(start)
    }

    /// Where the next `}` at or after `start` stands.
    pub(super) fn closing_brace(&self, start: u32) -> u32 {
        self.closing.iter().copied().find(|&at| at >= start).unwrap_or(u32::MAX)
    }

    /// Whether `second` begins on a later line than `first` ends on.
    pub(super) fn new_line(&self, first: Span, second: Span) -> bool {
        self.line_of(first.end) < self.line_of(second.start)
    }

    /// Whether an empty line stands between the two places.
    pub(super) fn blank_line(&self, start: u32, end: u32) -> bool {
        let (start, end) = (start as usize, (end as usize).min(self.text.len()));
        let between = self.text.get(start..end).unwrap_or_default();
        let mut lines = between.split('\n');
        lines.next();
        lines.next_back();
        lines.any(|line| line.trim().is_empty())
    }

    fn line_of(&self, at: u32) -> usize {
        self.line_ends.as_ref().map_or(0, |ends| ends.partition_point(|&end| end < at))
    }
}

/// Where comments begin and end.
pub(super) fn spans(text: &str) -> Vec<(usize, usize)> {
    lexer::comments(text)
}
