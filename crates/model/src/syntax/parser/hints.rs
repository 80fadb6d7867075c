//! What other programs write, recognized so that the message can say what to type here.

use epsom_diag::{Diagnostic, Span};
use epsom_units::{Substances, parse_unit};

use super::super::ast::{Dialect, Expr, ExprKind, Name, Target, UnitText};
use super::super::lexer::TokenKind;
use super::{Parser, Unread};

impl Parser {
    /// A unit behind a number without its brackets: read as it is meant, with a message.
    pub(super) fn unit_without_brackets(&mut self, digits: &str) -> Option<UnitText> {
        if self.dialect != Dialect::Epm
            || !matches!(self.peek_at(0), TokenKind::Word(_) | TokenKind::Number(..))
        {
            return None;
        }
        let (number, first) = (self.last_span(), self.tokens[self.at].span);
        let start = first.start as usize;
        let rest = &self.source[start..];
        let end = rest.find(|one: char| one.is_whitespace() || "),;".contains(one));
        let chunk = &rest[..end.unwrap_or(rest.len())];
        let word = &self.source[start..first.end as usize];
        let reads = |text: &&str| {
            text.contains(char::is_alphabetic)
                && parse_unit(text, &Substances::default(), None).is_ok()
        };
        let text = [chunk, word].into_iter().find(reads)?.to_string();
        let end = (start + text.len()) as u32;
        while self.tokens[self.at].span.start < end && *self.peek_at(0) != TokenKind::End {
            self.at += 1;
        }
        let (span, place) = (Span { end, ..first }, Span { end, ..number });
        let literal = format!("{digits}[{text}]");
        self.diagnostics.push(
            Diagnostic::error("E0103", "a unit stands without its brackets")
                .at(span, "units stand in brackets, right behind the number")
                .help(format!("write `{literal}`"))
                .fix(place, literal),
        );
        Some(UnitText { text, span })
    }

    /// `d(depot)/dt`, `dDepot/dt` and `depot'` on a left side: read as the derivative that they
    /// mean, with a message.
    pub(super) fn other_derivative(&mut self) -> Option<Target> {
        let mark = |ahead: usize, mark: &str| matches!(self.peek_at(ahead), TokenKind::Mark(found) if *found == mark);
        let word = |ahead: usize| match self.peek_at(ahead) {
            TokenKind::Word(text) => Some(text.clone()),
            _ => None,
        };
        let first = word(0)?;
        let dt = |ahead: usize| mark(ahead, "/") && word(ahead + 1).as_deref() == Some("dt");
        let (name, n_tokens) = if first == "d" && mark(1, "(") && mark(3, ")") && dt(4) {
            (word(2)?, 6)
        } else if first.starts_with('d') && first.len() > 1 && dt(1) {
            (first[1..].to_string(), 3)
        } else if mark(1, "'") {
            (first, 2)
        } else {
            return None;
        };
        if !matches!(self.peek_at(n_tokens), TokenKind::Mark("=" | "<-")) {
            return None;
        }
        // As the rest of the text writes it.
        let written = self.tokens.iter().find_map(|token| match &token.kind {
            TokenKind::Word(text) if text.eq_ignore_ascii_case(&name) => Some(text.clone()),
            _ => None,
        });
        let name = written.unwrap_or(name);
        let mut span = self.span();
        for _ in 0..n_tokens {
            span = span.to(self.next().span);
        }
        let form = format!("d/dt({name})");
        self.diagnostics.push(
            Diagnostic::error("E0105", "this is no left side of an assignment")
                .at(span, "a derivative is written in another way")
                .help(format!("write `{form} = …`"))
                .fix(span, form),
        );
        Some(Target::Derivative(Name { text: name, span }))
    }

    /// A value that a unit does not follow: units belong to numbers.
    pub(super) fn value(&mut self) -> Result<Expr, Unread> {
        let expr = self.expr()?;
        let TokenKind::Unit(text) = self.peek().clone() else { return Ok(expr) };
        let span = self.next().span;
        self.diagnostics.push(
            Diagnostic::error("E0103", "a unit stands behind something that is no number")
                .at(span, "an expression has the unit that follows from its parts")
                .help(format!("multiply by one of it: `… * 1[{text}]`")),
        );
        // Anything fits: the message is given.
        Ok(Expr { span: expr.span, kind: Box::new(ExprKind::Error) })
    }
}
