//! What may follow a declaration: source, assumed, uncertain, varies, occasion, scales, bounds, label.

use super::super::ast::{Argument, Call, Expr, Name, Occasion, Param, Provenance, Quoted, Spread};
use super::super::lexer::TokenKind;
use super::{Parser, Unread};
use epsom_diag::Diagnostic;

/// Words that begin a clause, also at the start of a next line.
pub const CLAUSES: &[&str] = &[
    "source",
    "assumed",
    "fixed",
    "uncertain",
    "varies",
    "occasion",
    "scales",
    "bounds",
    "label",
    "scale",
    "when",
    "then",
    "delay",
    "priority",
    "cancelable",
    "late_values",
    "at_start",
];

/// Words before the size of a distribution.
const SIZES: &[&str] = &["cv", "sd", "var", "variance"];

impl Parser {
    /// How far on the clause word is that comes next, over newlines where the next line begins
    /// with one.
    pub(super) fn clause_at(&self) -> Option<usize> {
        let mut ahead = 0;
        while *self.peek_at(ahead) == TokenKind::Newline {
            ahead += 1;
        }
        let TokenKind::Word(word) = self.peek_at(ahead) else { return None };
        let assigned = matches!(self.peek_at(ahead + 1), TokenKind::Mark("=" | "<-" | "~"));
        if assigned || !CLAUSES.contains(&word.as_str()) {
            return None;
        }
        Some(ahead)
    }

    /// Whether the clause `word` comes next; takes its word.
    pub(super) fn take_clause(&mut self, word: &str) -> bool {
        let Some(ahead) = self.clause_at() else { return false };
        let found = matches!(self.peek_at(ahead), TokenKind::Word(found) if found == word);
        if found {
            self.at += ahead;
            self.next();
        }
        found
    }

    pub(super) fn quoted(&mut self, what: &str) -> Result<Quoted, Unread> {
        if let TokenKind::Quoted(text) = self.peek() {
            let text = text.clone();
            let span = self.next().span;
            return Ok(Quoted { text, span });
        }
        Err(self.expected(what))
    }

    /// A quoted text that says something.
    fn reason(&mut self, what: &str) -> Result<Quoted, Unread> {
        let reason = self.quoted(what)?;
        if !reason.text.chars().any(char::is_alphanumeric) {
            self.diagnostics.push(
                Diagnostic::error("E0501", "the reason is empty")
                    .at(reason.span, "this says nothing")
                    .help("write why the number is what it is, or name a row: `source KEY`"),
            );
        }
        Ok(reason)
    }

    /// `source KEY, KEY assumed "…"`, in any order, or nothing.
    pub(super) fn provenance(&mut self) -> Result<Provenance, Unread> {
        let mut found = Provenance::default();
        loop {
            if self.take_clause("source") {
                loop {
                    found.sources.push(self.key()?);
                    if !self.take_mark(",") {
                        break;
                    }
                }
            } else if self.take_clause("assumed") {
                found.assumed = Some(self.reason("a reason in quotes after `assumed`")?);
            } else {
                return Ok(found);
            }
        }
    }

    /// A key of an evidence row, bare or in quotes.
    fn key(&mut self) -> Result<Name, Unread> {
        if let TokenKind::Quoted(text) = self.peek().clone() {
            let span = self.next().span;
            return Ok(Name { text, span });
        }
        self.name("a key of an evidence row after `source`")
    }

    pub(super) fn label(&mut self) -> Result<Option<Name>, Unread> {
        if self.take_clause("label") {
            if let TokenKind::Quoted(text) = self.peek().clone() {
                let span = self.next().span;
                return Ok(Some(Name { text, span }));
            }
            return self.name("a name after `label`").map(Some);
        }
        Ok(None)
    }

    /// A parameter's clauses; what follows `uncertain` or `varies` belongs to it.
    pub(super) fn param_clauses(&mut self, name: Name, value: Expr) -> Result<Param, Unread> {
        let mut param = Param {
            name,
            value,
            provenance: self.provenance()?,
            uncertain: None,
            fixed: None,
            varies: None,
            occasion: None,
            scales: None,
            bounds: None,
            label: None,
            replaces: None,
        };
        loop {
            if self.take_clause("uncertain") {
                param.uncertain = Some(self.spread()?);
            } else if self.take_clause("varies") {
                param.varies = Some(self.spread()?);
            } else if self.take_clause("occasion") {
                param.occasion = Some(self.occasion()?);
            } else if self.take_clause("fixed") {
                param.fixed = Some(self.reason("a reason in quotes after `fixed`")?);
                self.of_value(&mut param)?;
            } else if self.take_clause("scales") {
                let factor = self.expr()?;
                param.scales = Some((factor, self.provenance()?));
            } else if self.take_clause("bounds") {
                param.bounds = Some(self.bounds()?);
                self.of_value(&mut param)?;
            } else if let Some(label) = self.label()? {
                param.label = Some(label);
                self.of_value(&mut param)?;
            } else {
                return Ok(param);
            }
        }
    }

    /// A source or reason behind a clause that has none of its own is the value's.
    fn of_value(&mut self, param: &mut Param) -> Result<(), Unread> {
        let more = self.provenance()?;
        param.provenance.sources.extend(more.sources);
        param.provenance.assumed = param.provenance.assumed.take().or(more.assumed);
        Ok(())
    }

    /// `lognormal(cv 20[%]) by occ`
    fn occasion(&mut self) -> Result<Occasion, Unread> {
        let name = self.name("a distribution, such as `lognormal(cv 20[%])`")?;
        let distribution = self.distribution(name)?;
        let named = matches!(self.peek(), TokenKind::Word(word) if word == "by");
        let mut by = None;
        if named {
            self.next();
            by = Some(self.name("a covariate after `by`")?);
        }
        let provenance = self.provenance()?;
        let span = distribution.span.to(self.last_span());
        Ok(Occasion { spread: Spread { span, distribution, provenance }, by })
    }

    fn spread(&mut self) -> Result<Spread, Unread> {
        let name = self.name("a distribution, such as `lognormal(cv 30[%])`")?;
        let distribution = self.distribution(name)?;
        let provenance = self.provenance()?;
        Ok(Spread { span: distribution.span.to(self.last_span()), distribution, provenance })
    }

    /// A call whose first word stays a word before a sign: `sd -0.3` is no difference.
    fn distribution(&mut self, name: Name) -> Result<Call, Unread> {
        let signed = matches!(self.peek_at(1), TokenKind::Word(word) if SIZES.contains(&&**word))
            && matches!(self.peek_at(2), TokenKind::Mark("-"));
        if !signed || !self.is_mark("(") {
            return self.call(name);
        }
        self.open("after the distribution's name")?;
        let word = Some(self.name("a word")?);
        let value = self.expr()?;
        self.close(&format!("`{}(`", name.text))?;
        let span = name.span.to(self.last_span());
        Ok(Call { name, arguments: vec![Argument { word, value }], span })
    }

    /// `(LOW, HIGH)` behind `bounds`; either side may be left out.
    pub(super) fn bounds(&mut self) -> Result<(Option<Expr>, Option<Expr>), Unread> {
        self.open("after `bounds`")?;
        let lo = if self.is_mark(",") { None } else { Some(self.expr()?) };
        self.expect_mark(",", "between the two bounds")?;
        let hi = if self.is_mark(")") { None } else { Some(self.expr()?) };
        self.close("`bounds(`")?;
        Ok((lo, hi))
    }
}
