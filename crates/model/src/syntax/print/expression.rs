//! Expressions to text, with the parentheses that their tree needs.

use super::super::ast::{
    Argument, BinaryOp, Call, Dialect, Expr, ExprKind, Name, Provenance, Quoted, UnaryOp, UnitText,
};
use super::{Piece, Printer};

/// Binding power of an infix operator, as the parser has it.
fn power(op: BinaryOp) -> u8 {
    match op {
        BinaryOp::Or => 1,
        BinaryOp::And => 2,
        BinaryOp::Eq | BinaryOp::Ne | BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => {
            4
        }
        BinaryOp::Add | BinaryOp::Sub => 5,
        BinaryOp::Mul | BinaryOp::Div => 6,
        BinaryOp::Pow => 8,
    }
}

const NOT: u8 = 3;
const SIGN: u8 = 7;
/// A name, a number, a call.
const WHOLE: u8 = 9;

fn strength(expr: &Expr) -> u8 {
    match &*expr.kind {
        ExprKind::Unary(UnaryOp::Not, _) => NOT,
        ExprKind::Unary(..) => SIGN,
        ExprKind::Binary(op, ..) => power(*op),
        _ => WHOLE,
    }
}

impl Printer {
    pub(super) fn expr(&self, expr: &Expr) -> String {
        match &*expr.kind {
            ExprKind::Number { digits, unit, .. } => {
                digits.clone() + &unit.as_ref().map(unit_text).unwrap_or_default()
            }
            ExprKind::Name(name) => word(name),
            ExprKind::Call(call) => self.call(call),
            ExprKind::Unary(op, operand) => {
                let (sign, own) = match op {
                    UnaryOp::Neg => ("-", SIGN),
                    UnaryOp::Plus => ("+", SIGN),
                    UnaryOp::Not if self.dialect == Dialect::IniModel => ("!", NOT),
                    UnaryOp::Not => ("not ", NOT),
                };
                // A prefix takes another one of its strength without parentheses.
                // What is read elsewhere binds `!` in more than one way.
                let whole = sign != "!" || strength(operand) == WHOLE;
                let bare = strength(operand) > own && whole
                    || strength(operand) == own && matches!(&*operand.kind, ExprKind::Unary(..));
                format!("{sign}{}", self.within(operand, bare))
            }
            ExprKind::Binary(op, left, right) => {
                let own = power(*op);
                let (left_bare, right_bare) = match op {
                    BinaryOp::Pow => (strength(left) == WHOLE, strength(right) >= SIGN),
                    _ => (strength(left) >= own, strength(right) > own),
                };
                let (a, b) = (self.within(left, left_bare), self.within(right, right_bare));
                match op {
                    BinaryOp::Pow => format!("{a}^{b}"),
                    _ => format!("{a} {} {b}", self.sign(*op)),
                }
            }
            // Only a text with mistakes holds one, and that is not printed.
            ExprKind::Error => "0".into(),
        }
    }

    fn within(&self, expr: &Expr, bare: bool) -> String {
        if bare { self.expr(expr) } else { format!("({})", self.expr(expr)) }
    }

    fn sign(&self, op: BinaryOp) -> &'static str {
        match op {
            BinaryOp::Or if self.dialect == Dialect::IniModel => "||",
            BinaryOp::And if self.dialect == Dialect::IniModel => "&&",
            BinaryOp::Or => "or",
            BinaryOp::And => "and",
            BinaryOp::Eq => "==",
            BinaryOp::Ne => "!=",
            BinaryOp::Lt => "<",
            BinaryOp::Le => "<=",
            BinaryOp::Gt => ">",
            BinaryOp::Ge => ">=",
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
            BinaryOp::Div => "/",
            BinaryOp::Pow => "^",
        }
    }

    pub(super) fn call(&self, call: &Call) -> String {
        let arguments: Vec<String> = call.arguments.iter().map(|one| self.argument(one)).collect();
        format!("{}({})", call.name.text, arguments.join(", "))
    }

    fn argument(&self, argument: &Argument) -> String {
        let value = self.expr(&argument.value);
        let Some(word) = &argument.word else { return value };
        let plain = value.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
        let between = if plain && self.dialect == Dialect::Epm { " " } else { " = " };
        format!("{}{between}{value}", word.text)
    }

    /// `first` and the terms of a sum, each a piece behind which a line may end.
    pub(super) fn sum(&self, first: &str, expr: &Expr, last: &str) -> Vec<Piece> {
        let mut terms = Vec::new();
        let mut rest = expr;
        while let ExprKind::Binary(op @ (BinaryOp::Add | BinaryOp::Sub), left, right) = &*rest.kind
        {
            let bare = strength(right) > power(*op);
            terms.push((Some(*op), self.within(right, bare), right.span));
            rest = left;
        }
        let bare = terms.is_empty() || strength(rest) >= power(BinaryOp::Add);
        terms.push((None, self.within(rest, bare), rest.span));
        terms.reverse();
        let after: Vec<Option<BinaryOp>> =
            terms.iter().skip(1).map(|term| term.0).chain([None]).collect();
        let mut pieces: Vec<Piece> = terms
            .into_iter()
            .zip(after)
            .map(|((_, text, span), op)| Piece {
                text: op.map_or(text.clone(), |op| format!("{text} {}", self.sign(op))),
                span,
            })
            .collect();
        // What a unit follows must not end in a number without one, which would take it.
        if last.starts_with('[') && ends_in_bare_number(expr) {
            pieces = vec![Piece { text: format!("({})", self.expr(expr)), span: expr.span }];
        }
        if let Some(piece) = pieces.first_mut() {
            piece.text.insert_str(0, first);
        }
        if let Some(piece) = pieces.last_mut().filter(|_| !last.is_empty()) {
            piece.text += &format!(" {last}");
        }
        pieces
    }
}

fn ends_in_bare_number(expr: &Expr) -> bool {
    match &*expr.kind {
        ExprKind::Number { unit, .. } => unit.is_none(),
        ExprKind::Unary(_, inner) => ends_in_bare_number(inner),
        ExprKind::Binary(_, _, right) => ends_in_bare_number(right),
        _ => false,
    }
}

/// A name, or in quotes what is none.
pub(super) fn word(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_' || c == '.');
    let digits_after_dot =
        text.starts_with('.') && text[1..].starts_with(|c: char| c.is_ascii_digit());
    let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    if first && !digits_after_dot && chars.all(plain) {
        return text.to_string();
    }
    in_quotes(text)
}

pub(super) fn in_quotes(text: &str) -> String {
    let quote = if text.contains('"') && !text.contains('\'') { '\'' } else { '"' };
    let mut inside = String::new();
    for c in text.chars() {
        if c == quote || c == '\\' {
            inside.push('\\');
        }
        inside.push(c);
    }
    format!("{quote}{inside}{quote}")
}

pub(super) fn quoted(text: &Quoted) -> String {
    in_quotes(&text.text)
}

pub(super) fn unit_text(unit: &UnitText) -> String {
    format!("[{}]", unit.text)
}

/// ` source A, B assumed "…"`, with a blank in front of each part.
pub(super) fn provenance(from: &Provenance) -> String {
    let mut text = String::new();
    if !from.sources.is_empty() {
        let keys: Vec<String> = from.sources.iter().map(|key| word(&key.text)).collect();
        text += &format!(" source {}", keys.join(", "));
    }
    if let Some(reason) = &from.assumed {
        text += &format!(" assumed {}", quoted(reason));
    }
    text
}

/// ` label x`
pub(super) fn label(label: &Option<Name>) -> String {
    label.as_ref().map(|name| format!(" label {}", word(&name.text))).unwrap_or_default()
}
