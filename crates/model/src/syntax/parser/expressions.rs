//! Expressions by binding power.

use super::super::ast::{Argument, BinaryOp, Call, Expr, ExprKind, Name, UnaryOp, UnitText};
use super::super::lexer::TokenKind;
use super::{Parser, Unread};

/// Infix operators with their binding power; a power groups to the right.
const INFIX: &[(&str, BinaryOp, u8)] = &[
    ("||", BinaryOp::Or, 1),
    ("|", BinaryOp::Or, 1),
    ("or", BinaryOp::Or, 1),
    ("&&", BinaryOp::And, 2),
    ("&", BinaryOp::And, 2),
    ("and", BinaryOp::And, 2),
    ("==", BinaryOp::Eq, 4),
    ("!=", BinaryOp::Ne, 4),
    ("<", BinaryOp::Lt, 4),
    ("<=", BinaryOp::Le, 4),
    (">", BinaryOp::Gt, 4),
    (">=", BinaryOp::Ge, 4),
    ("+", BinaryOp::Add, 5),
    ("-", BinaryOp::Sub, 5),
    ("*", BinaryOp::Mul, 6),
    ("/", BinaryOp::Div, 6),
    ("^", BinaryOp::Pow, 8),
    ("**", BinaryOp::Pow, 8),
];

/// Binds tighter than `and`, looser than a comparison.
const NOT: u8 = 3;

/// Binds tighter than a product, looser than a power.
const SIGN: u8 = 7;

impl Parser {
    /// A whole expression; a newline may follow an operator.
    pub(super) fn expr(&mut self) -> Result<Expr, Unread> {
        self.infix(0)
    }

    /// An expression up to a `|` outside brackets.
    pub(super) fn expr_before_bar(&mut self) -> Result<Expr, Unread> {
        self.infix(1)
    }

    fn infix(&mut self, weakest: u8) -> Result<Expr, Unread> {
        self.deeper()?;
        let mut left = self.prefix()?;
        loop {
            let found = match self.peek() {
                TokenKind::Mark(mark) => *mark,
                TokenKind::Word(word) if word == "and" => "and",
                TokenKind::Word(word) if word == "or" => "or",
                _ => break,
            };
            let Some(&(_, op, power)) = INFIX.iter().find(|(mark, _, _)| *mark == found) else {
                break;
            };
            if power <= weakest {
                break;
            }
            self.next();
            self.skip_newlines();
            // One less on the right side lets a power take the powers that follow it.
            let right = self.infix(if op == BinaryOp::Pow { power - 1 } else { power })?;
            let span = left.span.to(right.span);
            left = Expr { span, kind: Box::new(ExprKind::Binary(op, left, right)) };
        }
        self.depth -= 1;
        Ok(left)
    }

    fn prefix(&mut self) -> Result<Expr, Unread> {
        let start = self.span();
        let (op, power) = match self.peek() {
            TokenKind::Mark("-") => (UnaryOp::Neg, SIGN),
            TokenKind::Mark("+") => (UnaryOp::Plus, SIGN),
            TokenKind::Mark("!") => (UnaryOp::Not, NOT),
            TokenKind::Word(word) if word == "not" => (UnaryOp::Not, NOT),
            _ => return self.primary(),
        };
        self.next();
        let operand = self.infix(power)?;
        Ok(Expr { span: start.to(operand.span), kind: Box::new(ExprKind::Unary(op, operand)) })
    }

    fn primary(&mut self) -> Result<Expr, Unread> {
        let span = self.span();
        match self.peek().clone() {
            TokenKind::Number(value, digits) => {
                self.next();
                let unit = self.optional_unit().or_else(|| self.unit_without_brackets(&digits));
                let span = span.to(self.last_span());
                let kind = ExprKind::Number { value, digits, unit };
                Ok(Expr { span, kind: Box::new(kind) })
            }
            TokenKind::Word(text) => {
                self.next();
                let name = Name { text, span };
                if matches!(self.tokens[self.at].kind, TokenKind::Mark("(")) {
                    let call = self.call(name)?;
                    return Ok(Expr { span: call.span, kind: Box::new(ExprKind::Call(call)) });
                }
                Ok(Expr { span, kind: Box::new(ExprKind::Name(name.text)) })
            }
            TokenKind::Mark("(") => {
                self.open("")?;
                let inner = self.expr()?;
                self.close("the expression")?;
                Ok(Expr { span: span.to(self.last_span()), kind: inner.kind })
            }
            _ => Err(self.expected("a value")),
        }
    }

    /// `(arguments)` after `name`.
    pub(super) fn call(&mut self, name: Name) -> Result<Call, Unread> {
        self.open("after the function's name")?;
        let mut arguments = Vec::new();
        while !self.is_mark(")") {
            arguments.push(self.argument()?);
            if !self.take_mark(",") {
                break;
            }
        }
        self.close(&format!("`{}(`", name.text))?;
        Ok(Call { span: name.span.to(self.last_span()), name, arguments })
    }

    /// `50[%]`, `cv 50[%]`, `n = 3`; a quoted text stands for a name.
    fn argument(&mut self) -> Result<Argument, Unread> {
        if let TokenKind::Quoted(text) = self.peek().clone() {
            let span = self.next().span;
            let value = Expr { span, kind: Box::new(ExprKind::Name(text)) };
            return Ok(Argument { word: None, value });
        }
        let worded = matches!(self.peek(), TokenKind::Word(word) if word != "not")
            && match self.peek_at(1) {
                TokenKind::Number(..) | TokenKind::Mark("=") => true,
                TokenKind::Word(word) => word != "and" && word != "or",
                _ => false,
            };
        let word = if worded {
            let word = self.name("a word")?;
            self.take_mark("=");
            Some(word)
        } else {
            None
        };
        Ok(Argument { word, value: self.expr()? })
    }

    /// `[unit]` right here, if there is one.
    pub(super) fn optional_unit(&mut self) -> Option<UnitText> {
        let TokenKind::Unit(text) = self.peek() else { return None };
        let text = text.clone();
        let span = self.next().span;
        Some(UnitText { text, span })
    }
}
