//! `register` and `event … when … then …`.

use super::super::ast::{Event, Expr, ItemKind, Name};
use super::{Parser, Unread};

impl Parser {
    /// `rate_now = rate label infusion_rate`, behind `register`
    pub(super) fn register(&mut self) -> Result<ItemKind, Unread> {
        let name = self.name("a name after `register`")?;
        self.expect_assign("the register's name")?;
        self.skip_newlines();
        let value = self.expr()?;
        Ok(ItemKind::Register { name, value, label: self.label()? })
    }

    /// `stop when serum > 3[mmol/L] then rate_now = 0, given = 1 delay 1[h]`, behind `event`
    pub(super) fn event(&mut self) -> Result<ItemKind, Unread> {
        const FORM: &str = "in `event NAME when CONDITION then NAME = VALUE`";
        let name = self.name("a name after `event`")?;
        if !self.take_clause("when") {
            return Err(self.expected(&format!("`when` {FORM}")));
        }
        let condition = self.expr()?;
        if !self.take_clause("then") {
            return Err(self.expected(&format!("`then` {FORM}")));
        }
        let changes = self.changes()?;
        let mut event = Event {
            name,
            condition,
            changes,
            delay: None,
            priority: None,
            cancelable: false,
            late_values: false,
            at_start: false,
        };
        loop {
            if self.take_clause("delay") {
                event.delay = Some(self.expr()?);
            } else if self.take_clause("priority") {
                event.priority = Some(self.expr()?);
            } else if self.take_clause("cancelable") {
                event.cancelable = true;
            } else if self.take_clause("late_values") {
                event.late_values = true;
            } else if self.take_clause("at_start") {
                event.at_start = true;
            } else {
                return Ok(ItemKind::Event(Box::new(event)));
            }
        }
    }

    /// `x = …, y = …`
    fn changes(&mut self) -> Result<Vec<(Name, Expr)>, Unread> {
        let mut changes = Vec::new();
        loop {
            self.skip_newlines();
            let name = self.name("a compartment or register after `then`")?;
            self.expect_assign("what changes")?;
            self.skip_newlines();
            changes.push((name, self.expr()?));
            if !self.take_mark(",") {
                return Ok(changes);
            }
        }
    }
}
