//! Tokens to tree: a cursor, the newline rule, recovery at statement ends.

mod clauses;
mod effects;
mod event;
mod expressions;
mod hints;
mod ini_model;
mod script;
mod statements;

pub use clauses::CLAUSES;
pub use statements::STATEMENTS;

use super::ast::{Argument, Call, Dialect, Expr, ExprKind, Item, ItemKind, Name, Target, Tree};
use super::lexer::{Token, TokenKind, tokens};
use epsom_diag::{Diagnostic, FileId, Span};
use std::borrow::Cow;

/// Deepest nesting of brackets and blocks.
const DEEPEST: usize = 120;

/// Most messages of one run; more would only repeat the first mistake.
const MOST_MESSAGES: usize = 100;

/// The tree of `text` and what is wrong with it; both dialects are recognized by their first words.
pub fn parse(text: &str, file: FileId) -> (Tree, Vec<Diagnostic>) {
    let script = script::without_script(text, file);
    let (text, around) = match script {
        Some((kept, around)) => (Cow::Owned(kept), Some(around)),
        None => (Cow::Borrowed(text), None),
    };
    let text = text.as_ref();
    let (tokens, mut diagnostics) = tokens(text, file);
    diagnostics.extend(around);
    let dialect = Dialect::Epm;
    let (source, at) = (text.to_string(), 0);
    let mut parser = Parser { source, tokens, at, brackets: 0, depth: 0, dialect, diagnostics };
    let tree = if parser.is_ini_model() {
        parser.dialect = Dialect::IniModel;
        Tree { items: parser.ini_model(), dialect: Dialect::IniModel }
    } else {
        let items = parser.items();
        Tree { items, dialect: Dialect::Epm }
    };
    parser.diagnostics.truncate(MOST_MESSAGES);
    (tree, parser.diagnostics)
}

/// What a statement gives where it can't be read: the message is already written.
pub(super) struct Unread;

pub(super) struct Parser {
    source: String,
    tokens: Vec<Token>,
    at: usize,
    /// Open round brackets: inside, a newline is a blank.
    brackets: usize,
    depth: usize,
    dialect: Dialect,
    diagnostics: Vec<Diagnostic>,
}

impl Parser {
    /// The next token; inside brackets newlines are passed over.
    fn peek(&mut self) -> &TokenKind {
        if self.brackets > 0 {
            self.skip_newlines();
        }
        &self.tokens[self.at].kind
    }

    /// The token `ahead` places on, newlines counted.
    fn peek_at(&self, ahead: usize) -> &TokenKind {
        &self.tokens[(self.at + ahead).min(self.tokens.len() - 1)].kind
    }

    fn span(&mut self) -> Span {
        self.peek();
        self.tokens[self.at].span
    }

    fn last_span(&self) -> Span {
        self.tokens[self.at.saturating_sub(1)].span
    }

    fn next(&mut self) -> Token {
        self.peek();
        let token = self.tokens[self.at].clone();
        if token.kind != TokenKind::End {
            self.at += 1;
        }
        token
    }

    fn skip_newlines(&mut self) {
        while self.tokens[self.at].kind == TokenKind::Newline {
            self.at += 1;
        }
    }

    fn is_mark(&mut self, mark: &str) -> bool {
        matches!(self.peek(), TokenKind::Mark(found) if *found == mark)
    }

    fn take_mark(&mut self, mark: &str) -> bool {
        let found = self.is_mark(mark);
        if found {
            self.next();
        }
        found
    }

    fn is_word(&mut self, word: &str) -> bool {
        matches!(self.peek(), TokenKind::Word(found) if found == word)
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.next();
        }
        found
    }

    /// Whether the next token assigns.
    fn is_assign(&mut self) -> bool {
        self.is_mark("=") || self.is_mark("<-")
    }

    fn expect_assign(&mut self, after: &str) -> Result<(), Unread> {
        if self.is_assign() {
            self.next();
            return Ok(());
        }
        Err(self.expected(&format!("`=` after {after}")))
    }

    fn expect_mark(&mut self, mark: &str, after: &str) -> Result<(), Unread> {
        if self.take_mark(mark) {
            return Ok(());
        }
        Err(self.expected(&format!("`{mark}` {after}")))
    }

    /// Opens a round bracket: newlines are blanks until it closes.
    fn open(&mut self, after: &str) -> Result<(), Unread> {
        self.expect_mark("(", after)?;
        self.brackets += 1;
        Ok(())
    }

    fn close(&mut self, what: &str) -> Result<(), Unread> {
        let closed = self.is_mark(")");
        if !closed {
            let unread = self.expected(&format!("`)` at the end of {what}"));
            self.brackets = self.brackets.saturating_sub(1);
            return Err(unread);
        }
        self.next();
        self.brackets = self.brackets.saturating_sub(1);
        Ok(())
    }

    fn name(&mut self, what: &str) -> Result<Name, Unread> {
        if let TokenKind::Word(text) = self.peek() {
            let text = text.clone();
            let span = self.next().span;
            return Ok(Name { text, span });
        }
        Err(self.expected(what))
    }

    /// Reports what was expected here; the caller gives up its statement.
    fn expected(&mut self, what: &str) -> Unread {
        let span = self.span();
        let found = describe(&self.tokens[self.at].kind);
        let said = Diagnostic::error("E0103", format!("expected {what}, found {found}"))
            .at(span, format!("expected {what}"));
        self.diagnostics.push(said);
        Unread
    }

    /// Goes one level down.
    ///
    /// # Errors
    /// `E0104`, once, where that is too deep.
    fn deeper(&mut self) -> Result<(), Unread> {
        self.depth += 1;
        if self.depth <= DEEPEST {
            return Ok(());
        }
        let span = self.span();
        if !self.diagnostics.iter().any(|said| said.code == "E0104") {
            self.diagnostics.push(
                Diagnostic::error("E0104", format!("nested more than {DEEPEST} levels deep"))
                    .at(span, "too deep here")
                    .help("give a part a name of its own and use the name"),
            );
        }
        Err(Unread)
    }

    /// Statements up to the end of the text.
    fn items(&mut self) -> Vec<Item> {
        let mut items = Vec::new();
        loop {
            self.brackets = 0;
            self.depth = 0;
            self.end_of_statement_marks();
            if *self.peek() == TokenKind::End {
                return items;
            }
            self.one_item(&mut items);
            if self.is_mark("}") {
                let span = self.next().span;
                self.diagnostics.push(
                    Diagnostic::error("E0103", "`}` closes nothing")
                        .at(span, "no block is open here"),
                );
            }
        }
    }

    /// Statements between `{` and `}`; the opening brace is already taken.
    fn block(&mut self) -> Result<Vec<Item>, Unread> {
        let (brackets, depth) = (std::mem::take(&mut self.brackets), self.depth);
        let mut items = Vec::new();
        loop {
            self.brackets = 0;
            self.depth = depth;
            self.end_of_statement_marks();
            if self.take_mark("}") {
                self.brackets = brackets;
                return Ok(items);
            }
            if *self.peek() == TokenKind::End {
                return Err(self.expected("`}` at the end of the block"));
            }
            self.one_item(&mut items);
        }
    }

    fn end_of_statement_marks(&mut self) {
        while matches!(self.peek(), TokenKind::Newline | TokenKind::Mark(";")) {
            self.next();
        }
    }

    /// One statement and its end; on a mistake everything up to the statement's end is skipped.
    fn one_item(&mut self, items: &mut Vec<Item>) {
        let start = self.at;
        let first = self.span();
        match self.statement() {
            Ok(kind) => {
                let kind = self.named_endpoint(kind, first, items);
                items.push(Item { span: first.to(self.last_span()), kind });
                self.brackets = 0;
                let ended = match self.peek() {
                    TokenKind::Newline | TokenKind::End | TokenKind::Mark(";" | "}") => true,
                    // `if (a) x = 1 else x = 2`
                    TokenKind::Word(word) => word == "else",
                    _ => false,
                };
                if !ended {
                    let _ = self.expected("the end of the statement");
                    self.without_param(items.last());
                    self.skip_statement();
                }
            }
            Err(Unread) => {
                if self.at == start {
                    self.next();
                }
                self.skip_statement();
            }
        }
    }

    /// `ka = 0.9[1/h] assumed "…"`: clauses belong to parameters.
    fn without_param(&mut self, item: Option<&Item>) {
        let Some(Item { kind: ItemKind::Assign { target: Target::Name(name), .. }, .. }) = item
        else {
            return;
        };
        let clause = self.clause_at().is_some();
        if let Some(said) = self.diagnostics.last_mut().filter(|_| clause) {
            *said = said
                .clone()
                .help(format!("a parameter begins with `param`: `param {} = …`", name.text))
                .fix(Span { end: name.span.start, ..name.span }, "param ");
        }
    }

    /// `linCmt() ~ …` names what it speaks of, so that it can be an output.
    fn named_endpoint(&self, kind: ItemKind, span: Span, items: &mut Vec<Item>) -> ItemKind {
        let ItemKind::Residual { output, terms, endpoint, provenance } = kind else { return kind };
        if self.dialect == Dialect::IniModel
            && let Some(inside) = output.text.strip_prefix("linCmt(")
        {
            let name = Name { text: "rxLinCmt".into(), span: output.span };
            let inside = inside.trim_end_matches(')').split(',').filter(|one| !one.is_empty());
            let argument = |one: &str| {
                let kind = Box::new(ExprKind::Name(one.into()));
                Argument { word: None, value: Expr { span: output.span, kind } }
            };
            let call = Call {
                name: Name { text: "linCmt".into(), span: output.span },
                arguments: inside.map(argument).collect(),
                span: output.span,
            };
            let value = Expr { span: output.span, kind: Box::new(ExprKind::Call(call)) };
            let kind = ItemKind::Assign { target: Target::Name(name.clone()), value };
            items.push(Item { span: Span { end: span.start, ..output.span }, kind });
            return ItemKind::Residual { output: name, terms, endpoint, provenance };
        }
        ItemKind::Residual { output, terms, endpoint, provenance }
    }

    /// Goes to the end of the statement, over blocks that open in it.
    fn skip_statement(&mut self) {
        self.brackets = 0;
        let mut braces = 0usize;
        loop {
            // A clause on the next line belongs to what could not be read.
            let clause = self.clause_at().is_some();
            match self.peek() {
                TokenKind::End => return,
                TokenKind::Newline if braces == 0 && clause => {}
                TokenKind::Newline | TokenKind::Mark(";") if braces == 0 => return,
                TokenKind::Mark("{") => braces += 1,
                TokenKind::Mark("}") if braces == 0 => return,
                TokenKind::Mark("}") => braces -= 1,
                _ => {}
            }
            self.next();
        }
    }

    fn error_expr(&mut self) -> Expr {
        Expr { span: self.span(), kind: Box::new(ExprKind::Error) }
    }
}

fn describe(kind: &TokenKind) -> String {
    match kind {
        TokenKind::Word(text) | TokenKind::Number(_, text) => format!("`{text}`"),
        TokenKind::Quoted(text) => format!("\"{text}\""),
        TokenKind::Unit(text) => format!("`[{text}]`"),
        TokenKind::Mark(mark) => format!("`{mark}`"),
        TokenKind::Newline => "the end of the line".to_string(),
        TokenKind::End => "the end of the text".to_string(),
    }
}
