//! `ini({…}) model({…})` text: parameters go into `ini` blocks, everything else into `model`.

use epsom_diag::Span;

use super::super::ast::{BinaryOp, Expr, ExprKind, Item, ItemKind, Name, Param, Spread};
use super::expression::in_quotes;
use super::{Layout, Piece, Printer};

impl Printer {
    pub(super) fn ini_model(&mut self, items: &[Item]) {
        let named = items.first().and_then(|item| match &item.kind {
            ItemKind::Model { name, .. } => Some((name, item.span)),
            _ => None,
        });
        let mut rest = items;
        if let Some((name, span)) = named {
            self.comments_before(span.start);
            self.line(&format!("{} <- function() {{", name.text));
            self.last = self.comments.opening_brace(span.end);
            self.indent += 2;
            rest = &items[1..];
        }
        while let Some(first) = rest.first() {
            if matches!(first.kind, ItemKind::Metadata { .. }) {
                self.comments_before(first.span.start);
                self.blank_before(first.span.start);
                self.item(first);
                self.last = first.span.end;
                rest = &rest[1..];
                continue;
            }
            let ini = in_ini(first);
            let end = rest
                .iter()
                .position(|item| {
                    in_ini(item) != ini || matches!(item.kind, ItemKind::Metadata { .. })
                })
                .unwrap_or(rest.len());
            self.block(if ini { "ini" } else { "model" }, &rest[..end]);
            rest = &rest[end..];
        }
        // Without a block the text would be read as the other dialect.
        if named.is_none() && items.iter().all(|one| matches!(one.kind, ItemKind::Metadata { .. }))
            || items.is_empty()
        {
            self.line("model({");
            self.line("})");
        }
        if named.is_some() {
            self.comments_before(self.comments.closing_brace(self.last.saturating_add(1)));
            self.indent -= 2;
            self.line("}");
        }
    }

    fn block(&mut self, word: &str, items: &[Item]) {
        let opening = items.first().map_or(0, |item| self.comments.opening_brace(item.span.start));
        self.comments_before(opening);
        self.blank_before(opening);
        self.line(&format!("{word}({{"));
        self.indent += 2;
        self.last = opening;
        if word == "ini" {
            self.ini_lines(items);
        } else {
            self.items(items);
        }
        let closing = self.comments.closing_brace(self.last);
        self.comments_before(closing);
        self.indent -= 2;
        self.line("})");
        self.last = closing;
    }

    fn ini_lines(&mut self, items: &[Item]) {
        let mut rest = items;
        while let Some(first) = rest.first() {
            self.comments_before(first.span.start);
            self.blank_before(first.span.start);
            let (text, taken) = match &first.kind {
                ItemKind::Param(param) if effect(param).is_some() => self.random_effects(rest),
                ItemKind::Param(param) => (self.ini_param(param), 1),
                // Correlations are printed with their block.
                _ => (String::new(), 1),
            };
            let end = rest[..taken].iter().map(|item| item.span.end).max();
            let span = Span { end: end.unwrap_or(first.span.end), ..first.span };
            if !text.is_empty() {
                self.pieces(&[Piece { text, span }], Layout::Each, 0);
            }
            self.last = span.end;
            rest = &rest[taken..];
        }
    }

    /// `cl <- c(0, 4.2, 10); label("clearance")`
    fn ini_param(&self, param: &Param) -> String {
        let value = self.expr(&param.value);
        let (lo, hi) =
            param.bounds.as_ref().map_or((None, None), |(lo, hi)| (lo.as_ref(), hi.as_ref()));
        let text = |one: &Expr| self.expr(one);
        let mut right = match (lo, hi) {
            (None, None) => value,
            (Some(lo), None) => format!("c({}, {value})", text(lo)),
            (lo, Some(hi)) => {
                format!("c({}, {value}, {})", lo.map_or("-Inf".into(), text), text(hi))
            }
        };
        if param.fixed.is_some() {
            right = match right.strip_prefix("c(") {
                Some(inside) if lo.is_some() || hi.is_some() => format!("fixed({inside}"),
                _ => format!("fixed({right})"),
            };
        }
        let label =
            param.label.as_ref().map(|label| format!("; label({})", in_quotes(&label.text)));
        format!("{} <- {right}{}", param.name.text, label.unwrap_or_default())
    }

    /// The random effects at the head of `rest`: alone, or as a block with its covariances.
    fn random_effects(&self, rest: &[Item]) -> (String, usize) {
        let level = |param: &Param| {
            effect(param).map(|(_, by)| by.map(|name| name.text.clone()).unwrap_or_default())
        };
        let mut first = None;
        let effects: Vec<&Param> = rest
            .iter()
            .map_while(|item| match &item.kind {
                ItemKind::Param(param) => {
                    let own = level(param)?;
                    (*first.get_or_insert_with(|| own.clone()) == own).then_some(&**param)
                }
                _ => None,
            })
            .collect();
        let by = match first {
            Some(name) if !name.is_empty() => format!(" | {name}"),
            _ => String::new(),
        };
        let covariances: Vec<&Expr> = rest[effects.len()..]
            .iter()
            .map_while(|item| match &item.kind {
                ItemKind::Correlate { value, .. } => Some(value),
                _ => None,
            })
            .collect();
        // n effects of one block have n (n - 1) / 2 covariances; the block is the last n.
        let n = (1..=effects.len()).find(|n| n * (n - 1) / 2 == covariances.len()).unwrap_or(1);
        if n < effects.len() || n == 1 {
            let one = effects[0];
            let mut size = self.size(one);
            if is_sd(one) {
                size = format!("sd({size})");
            }
            if one.fixed.is_some() {
                size = format!("fixed({size})");
            }
            return (format!("{} ~ {size}{by}", one.name.text), 1);
        }
        let names: Vec<&str> = effects.iter().map(|one| one.name.text.as_str()).collect();
        let mut numbers = Vec::new();
        let mut covariances_left = covariances.iter();
        for (row, one) in effects.iter().enumerate() {
            for value in covariances_left.by_ref().take(row) {
                numbers.push(match covariance(value) {
                    Some(covariance) => self.expr(covariance),
                    None => self.expr(value),
                });
            }
            numbers.push(self.size(one));
        }
        let fixed = effects.iter().any(|one| one.fixed.is_some()).then_some("fixed");
        let cor = covariances.iter().all(|one| covariance(one).is_none()).then_some("cor");
        let sd = is_sd(effects[0]).then_some("sd");
        let words: Vec<&str> = [fixed, cor, sd].into_iter().flatten().collect();
        let words = if words.is_empty() { vec!["c"] } else { words };
        let (head, tail) = (words.join("("), ")".repeat(words.len()));
        let text = format!("{} ~ {head}({}{tail}{by}", names.join(" + "), numbers.join(", "));
        (text, effects.len() + covariances.len())
    }

    /// `x` of `normal(sd sqrt(x))`, a variance, or of `normal(sd x)`, a standard deviation.
    fn size(&self, param: &Param) -> String {
        match size(param) {
            Some(one) => self.expr(variance(one).unwrap_or(one)),
            None => "0".into(),
        }
    }
}

/// What an effect's spread is written with.
fn size(param: &Param) -> Option<&Expr> {
    effect(param)?.0.distribution.arguments.first().map(|one| &one.value)
}

/// `x` of `sqrt(x)`.
fn variance(sd: &Expr) -> Option<&Expr> {
    match &*sd.kind {
        ExprKind::Call(call) if call.name.text == "sqrt" && call.arguments.len() == 1 => {
            Some(&call.arguments[0].value)
        }
        _ => None,
    }
}

fn is_sd(param: &Param) -> bool {
    size(param).is_some_and(|one| variance(one).is_none())
}

/// `x` of the correlation `x / sqrt(…)`, as a covariance is kept.
fn covariance(correlation: &Expr) -> Option<&Expr> {
    match &*correlation.kind {
        ExprKind::Binary(BinaryOp::Div, covariance, _) => Some(covariance),
        _ => None,
    }
}

fn in_ini(item: &Item) -> bool {
    matches!(item.kind, ItemKind::Param(_) | ItemKind::Correlate { .. })
}

/// A random effect of a person, or of the occasions that a covariate numbers.
fn effect(param: &Param) -> Option<(&Spread, Option<&Name>)> {
    let between = param.occasion.as_ref().map(|one| (&one.spread, one.by.as_ref()));
    param.varies.as_ref().map(|one| (one, None)).or(between)
}
