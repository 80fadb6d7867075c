//! `ini({…}) model({…})` text, bare or inside `name <- function() {…}`.

use super::super::ast::{
    Argument, BinaryOp, Call, Expr, ExprKind, Item, ItemKind, Name, Param, Provenance, Quoted,
};
use super::super::lexer::TokenKind;
use super::{Parser, Unread};
use epsom_diag::Diagnostic;

impl Parser {
    /// Whether the text begins with `ini(`, or with a function that holds it.
    pub(super) fn is_ini_model(&self) -> bool {
        let words = self.tokens.iter().filter(|token| token.kind != TokenKind::Newline).take(9);
        let kinds: Vec<&TokenKind> = words.map(|token| &token.kind).collect();
        let word = |at: usize, text: &str| matches!(kinds.get(at), Some(TokenKind::Word(found)) if found == text);
        let mark = |at: usize, text: &str| matches!(kinds.get(at), Some(TokenKind::Mark(found)) if *found == text);
        (word(0, "ini") || word(0, "model")) && mark(1, "(")
            || (mark(1, "<-") || mark(1, "=")) && word(2, "function")
            || word(0, "function") && mark(1, "(")
    }

    pub(super) fn ini_model(&mut self) -> Vec<Item> {
        let mut items = Vec::new();
        let mut wrapped = self.wrapper(&mut items);
        loop {
            self.brackets = 0;
            self.end_of_statement_marks();
            let start = self.at;
            let read = match self.peek().clone() {
                TokenKind::End => {
                    if wrapped {
                        let _ = self.expected("`}` at the end of the function");
                    }
                    return items;
                }
                TokenKind::Mark("}") if wrapped => {
                    self.next();
                    wrapped = false;
                    continue;
                }
                TokenKind::Word(word) if word == "ini" => self.ini_block(&mut items),
                TokenKind::Word(word) if word == "model" => self.model_block(&mut items),
                TokenKind::Word(_) if matches!(self.peek_at(1), TokenKind::Mark("<-" | "=")) => {
                    self.metadata(&mut items)
                }
                _ => Err(self.expected("`ini({…})` or `model({…})`")),
            };
            if read.is_err() {
                if self.at == start {
                    self.next();
                }
                self.skip_statement();
            }
        }
    }

    /// `name <- function() {`
    fn wrapper(&mut self, items: &mut Vec<Item>) -> bool {
        self.skip_newlines();
        let named = matches!(self.peek_at(1), TokenKind::Mark("<-" | "="));
        if named && let Ok(name) = self.name("a name") {
            self.next();
            items.push(Item { span: name.span, kind: ItemKind::Model { name, title: None } });
        }
        if !self.take_word("function") {
            return false;
        }
        while !matches!(self.peek(), TokenKind::Mark("{") | TokenKind::End) {
            self.next();
        }
        self.take_mark("{")
    }

    /// `description <- "…"`, `units <- list(…)`: kept as written.
    fn metadata(&mut self, items: &mut Vec<Item>) -> Result<(), Unread> {
        let name = self.name("a name")?;
        self.next();
        let (start, before) = (self.span(), self.at);
        let mut depth = 0usize;
        loop {
            match self.peek() {
                TokenKind::End => break,
                TokenKind::Newline | TokenKind::Mark(";" | "}") if depth == 0 => break,
                TokenKind::Mark("(" | "{") => depth += 1,
                TokenKind::Mark(")" | "}") => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.next();
        }
        if self.at == before {
            return Err(self.expected("a value"));
        }
        if depth > 0 {
            return Err(self.expected("the end of the brackets"));
        }
        let last = &self.tokens[self.at - 1].kind;
        if matches!(last, TokenKind::Mark(mark) if !matches!(*mark, ")" | "}" | "]")) {
            return Err(self.expected("a value"));
        }
        let span = start.to(self.last_span());
        let text = &self.source[span.start as usize..span.end as usize];
        let text = text.to_string();
        let value = Quoted { text, span };
        items.push(Item { span: name.span.to(span), kind: ItemKind::Metadata { name, value } });
        Ok(())
    }

    fn ini_block(&mut self, items: &mut Vec<Item>) -> Result<(), Unread> {
        self.next();
        self.open("after `ini`")?;
        self.expect_mark("{", "after `ini(`")?;
        self.brackets = 0;
        loop {
            self.brackets = 0;
            self.end_of_statement_marks();
            if self.take_mark("}") {
                return self.expect_mark(")", "at the end of `ini({…}`");
            }
            if *self.peek() == TokenKind::End {
                return Err(self.expected("`})` at the end of the `ini` block"));
            }
            let start = self.at;
            if self.ini_line(items).is_err() {
                if self.at == start {
                    self.next();
                }
                self.skip_statement();
            }
        }
    }

    /// `cl <- 4.2`, `cl <- c(0, 4.2)`, `label("…")`, `eta.cl ~ 0.09`, `a + b ~ c(…)`
    fn ini_line(&mut self, items: &mut Vec<Item>) -> Result<(), Unread> {
        let first = self.name("a parameter's name")?;
        if first.text == "label" && self.is_mark("(") {
            return self.ini_label(items);
        }
        if self.is_mark("(") {
            self.diagnostics.push(
                Diagnostic::error("E0108", format!("`{}` is not supported here", first.text))
                    .at(first.span, "nothing honors this statement")
                    .note("statements: `name <- estimate`, `label(\"…\")`, `eta ~ variance`"),
            );
            return Err(Unread);
        }
        let mut names = vec![first];
        while self.take_mark("+") {
            names.push(self.name("a random effect's name after `+`")?);
        }
        if self.take_mark("~") {
            return self.random_effects(names, items);
        }
        self.expect_assign("the parameter's name")?;
        let value = self.expr()?;
        let name = names.swap_remove(0);
        let fixed = fixed_at(&value);
        if elements(&value).len() > 3 {
            self.diagnostics.push(
                Diagnostic::error("E0108", "more than three numbers for a parameter")
                    .at(value.span, "nothing honors the fourth")
                    .help("write `name <- c(low, estimate, high)`"),
            );
            return Err(Unread);
        }
        let (value, bounds) = estimate(value);
        let span = name.span.to(self.last_span());
        let param = Param { bounds, fixed, ..bare(name, value) };
        items.push(Item { span, kind: ItemKind::Param(Box::new(param)) });
        Ok(())
    }

    fn ini_label(&mut self, items: &mut [Item]) -> Result<(), Unread> {
        self.open("after `label`")?;
        let text = self.quoted("a text in quotes")?;
        self.close("`label(`")?;
        let last = items.iter_mut().rev().find_map(|item| match &mut item.kind {
            ItemKind::Param(param) => Some(param),
            _ => None,
        });
        if let Some(param) = last {
            param.label = Some(Name { text: text.text, span: text.span });
        }
        Ok(())
    }

    fn model_block(&mut self, items: &mut Vec<Item>) -> Result<(), Unread> {
        self.next();
        self.open("after `model`")?;
        self.expect_mark("{", "after `model(`")?;
        let read = self.block()?;
        items.extend(read);
        self.brackets = 0;
        self.skip_newlines();
        self.expect_mark(")", "at the end of `model({…}`")
    }
}

/// A parameter without clauses: this text form has neither units nor sources.
pub(super) fn bare(name: Name, value: Expr) -> Param {
    Param {
        name,
        value,
        provenance: Provenance::default(),
        uncertain: None,
        fixed: None,
        varies: None,
        occasion: None,
        scales: None,
        bounds: None,
        label: None,
        replaces: None,
    }
}

/// `fix(…)`, `fixed(…)`, or the word among the numbers: held in an estimation, which says nothing
/// of how sure it is.
pub(super) fn fixed_at(value: &Expr) -> Option<Quoted> {
    let quoted = |name: &Name| Quoted { text: "fixed in the text".into(), span: name.span };
    match &*value.kind {
        ExprKind::Call(call) if is_fix(&call.name.text) => Some(quoted(&call.name)),
        ExprKind::Call(call) => call.arguments.iter().find_map(|one| fixed_at(&one.value)),
        ExprKind::Name(name) if is_fix(name) => {
            Some(Quoted { text: "fixed in the text".into(), span: value.span })
        }
        _ => None,
    }
}

fn is_fix(word: &str) -> bool {
    ["fix", "fixed"].iter().any(|one| word.eq_ignore_ascii_case(one))
}

fn is_fix_word(value: &Expr) -> bool {
    matches!(&*value.kind, ExprKind::Name(name) if is_fix(name))
}

type Bounds = Option<(Option<Expr>, Option<Expr>)>;

/// `c(lo, est, hi)`, `c(lo, est)`, `fix(est)`: the estimate and the bounds.
fn estimate(value: Expr) -> (Expr, Bounds) {
    let ExprKind::Call(call) = &*value.kind else { return (value, None) };
    let name = call.name.text.as_str();
    if name != "c" && !is_fix(name) {
        // `log(c(lo, est, hi))` is `c(log(lo), log(est), log(hi))`.
        let [only] = call.arguments.as_slice() else { return (value, None) };
        return match &*only.value.kind {
            ExprKind::Call(inner) if inner.name.text == "c" || is_fix(&inner.name.text) => {
                let (est, bounds) = estimate(only.value.clone());
                let of = |one: Expr| function(name, one);
                (of(est), bounds.map(|(lo, hi)| (lo.map(of), hi.map(of))))
            }
            _ => (value, None),
        };
    }
    match &elements(&value)[..] {
        [only] => (only.clone(), None),
        [lo, est] => (est.clone(), Some((Some(lo.clone()), None))),
        [lo, est, hi, ..] => (est.clone(), Some((Some(lo.clone()), Some(hi.clone())))),
        [] => (value, None),
    }
}

/// The numbers of `c(…)` or `fix(…)`, or the expression itself.
pub(super) fn elements(value: &Expr) -> Vec<Expr> {
    match &*value.kind {
        ExprKind::Call(call) if call.name.text == "c" || is_fix(&call.name.text) => {
            let numbers = call.arguments.iter().filter(|one| !is_fix_word(&one.value));
            numbers.flat_map(|one| elements(&one.value)).collect()
        }
        _ => vec![value.clone()],
    }
}

pub(super) fn number(value: f64, digits: &str, at: &Name) -> Expr {
    let kind = ExprKind::Number { value, digits: digits.to_string(), unit: None };
    Expr { span: at.span, kind: Box::new(kind) }
}

pub(super) fn function(name: &str, argument: Expr) -> Expr {
    let span = argument.span;
    let name = Name { text: name.to_string(), span };
    let arguments = vec![Argument { word: None, value: argument }];
    Expr { span, kind: Box::new(ExprKind::Call(Call { name, arguments, span })) }
}

pub(super) fn binary(op: BinaryOp, left: Expr, right: Expr) -> Expr {
    Expr { span: left.span.to(right.span), kind: Box::new(ExprKind::Binary(op, left, right)) }
}
