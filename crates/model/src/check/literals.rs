//! Numbers that stand in equations without a row or a reason.

use epsom_diag::Diagnostic;

use super::{Checker, Symbol};
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, Item, ItemKind, Target};

impl<'a> Checker<'a> {
    /// Says so of each number with a dimension that is no parameter: it is not counted among what
    /// a result rests on, is not drawn and cannot be changed in a run.
    pub(super) fn warn_literals(&mut self) {
        let mut found = Vec::new();
        for item in &self.tree.items {
            self.literals_of(item, &mut found);
        }
        let schedule = self.schedule();
        let mut places = Vec::new();
        for expr in found {
            let ExprKind::Number { digits, unit: Some(unit), value } = &*expr.kind else {
                continue;
            };
            // A unit that is not understood has a message of its own.
            let Ok(parsed) =
                epsom_units::parse_unit(&unit.text, self.world.substances, self.substance.clone())
            else {
                continue;
            };
            if !parsed.dimension.is_none() && !schedule.contains(&(*value, unit.text.as_str())) {
                places.push((expr.span, format!("{digits}[{}]", unit.text)));
            }
        }
        self.bare_literals = places.len();
        let Some((first, literal)) = places.first().cloned() else { return };
        let message = match places.len() {
            1 => "a number in an equation has no source".to_string(),
            n => format!("{n} numbers in equations have no source"),
        };
        let mut said =
            Diagnostic::warning("W0510", message).at(first, "neither drawn nor counted as assumed");
        for (span, _) in &places[1..] {
            said = said.label(*span, "and this one");
        }
        self.say(said.help(format!(
            "give it a name: `param NAME = {literal} assumed \"<reason>\"`, or `source KEY` of a row"
        )));
    }

    /// Numbers of windows: what an equation says of them is the schedule.
    fn schedule(&self) -> Vec<(f64, &'a str)> {
        let parts = self.tree.items.iter().filter_map(|item| match &item.kind {
            ItemKind::Window { every, from, length, .. } => Some([every, from, length]),
            _ => None,
        });
        let number = |expr: &'a Expr| match &*expr.kind {
            ExprKind::Number { value, unit: Some(unit), .. } => Some((*value, unit.text.as_str())),
            _ => None,
        };
        parts.flatten().filter_map(number).collect()
    }

    fn literals_of(&self, item: &'a Item, found: &mut Vec<&'a Expr>) {
        match &item.kind {
            ItemKind::Assign { target: Target::StopTime(_), .. } => {}
            ItemKind::Assign { value, .. }
            | ItemKind::Function { body: value, .. }
            | ItemKind::Register { value, .. }
            | ItemKind::Port { value: Some(value), .. } => self.literals(value, found),
            ItemKind::Output(output) => {
                output.value.iter().for_each(|value| self.literals(value, found));
            }
            ItemKind::If { arms, otherwise } => {
                for (condition, items) in arms {
                    self.literals(condition, found);
                    items.iter().for_each(|one| self.literals_of(one, found));
                }
                otherwise.iter().flatten().for_each(|one| self.literals_of(one, found));
            }
            ItemKind::Event(event) => {
                self.literals(&event.condition, found);
                event.changes.iter().for_each(|(_, value)| self.literals(value, found));
            }
            // Windows, delays and periods are a schedule; factors have a source of their own.
            _ => {}
        }
    }

    fn literals(&self, expr: &'a Expr, found: &mut Vec<&'a Expr>) {
        match &*expr.kind {
            // One of a unit takes the unit away, and nothing is the same in all of them.
            ExprKind::Number { value, unit: Some(_), .. } if *value != 0.0 && *value != 1.0 => {
                found.push(expr);
            }
            ExprKind::Unary(_, inner) => self.literals(inner, found),
            ExprKind::Binary(op, left, right) => {
                let beside = !matches!(op, BinaryOp::Mul | BinaryOp::Pow);
                // A reference, such as 70 kg, or a time of the schedule.
                if !(beside && self.is_given(right)) {
                    self.literals(left, found);
                }
                let part = *op == BinaryOp::Div && self.has_given(left);
                if !(part || beside && self.is_given(left)) {
                    self.literals(right, found);
                }
            }
            ExprKind::Call(call) => {
                call.arguments.iter().for_each(|one| self.literals(&one.value, found));
            }
            _ => {}
        }
    }

    /// Whether a covariate or a time is among the factors, as in `cl * wt / 70[kg]`.
    fn has_given(&self, expr: &Expr) -> bool {
        match &*expr.kind {
            ExprKind::Binary(BinaryOp::Mul, left, right) => {
                self.has_given(left) || self.has_given(right)
            }
            _ => self.is_given(expr),
        }
    }

    /// Whether an expression is a covariate or a time, whose values are given from outside.
    fn is_given(&self, expr: &Expr) -> bool {
        match &*expr.kind {
            ExprKind::Name(name) => match self.symbols.get(name) {
                Some((symbol, _)) => matches!(symbol, Symbol::Covariate(_)),
                None => matches!(name.as_str(), "t" | "time"),
            },
            ExprKind::Call(call) => call.name.text == "tad",
            _ => false,
        }
    }
}
