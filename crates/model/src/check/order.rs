//! Which statements must be worked out before which, without deep recursion.

use epsom_diag::Span;

use super::{Checker, Progress, Symbol};
use crate::syntax::ast::{Call, Expr, ExprKind, Item, ItemKind};

impl<'a> Checker<'a> {
    /// Lowers the statement at `at` after those that it reads, however long the chain.
    ///
    /// A circle is told once, where it closes.
    pub(super) fn lower_in_order(&mut self, at: usize) {
        let tree = self.tree;
        let mut seen = vec![false; tree.items.len()];
        // Each entry: a statement and those that it reads and that wait.
        let mut open = vec![(at, self.needed(&tree.items[at]))];
        seen[at] = true;
        let mut broken = vec![false; tree.items.len()];
        while let Some((item, waiting)) = open.last_mut() {
            let item = *item;
            match waiting.pop() {
                Some((next, _, _)) if self.progress[next] != Progress::Todo => {}
                // What a statement itself assigns is its own matter.
                Some((next, _, _)) if next == item => {}
                Some((next, name, span)) if seen[next] => {
                    // Seen and not worked out: it waits for this one, which goes on without it.
                    self.circle(name, span);
                    self.used.insert(name.to_string());
                    self.progress[next] = Progress::Done;
                    broken[next] = true;
                }
                Some((next, _, _)) => {
                    seen[next] = true;
                    let needed = self.needed(&tree.items[next]);
                    open.push((next, needed));
                }
                None => {
                    open.pop();
                    if broken[item] {
                        self.progress[item] = Progress::Todo;
                    }
                    self.lower_item(item);
                }
            }
        }
    }

    /// Statements whose names `item` reads, with the name and its place, the first last.
    fn needed(&self, item: &'a Item) -> Vec<(usize, &'a str, Span)> {
        let mut names = Vec::new();
        reads(item, &mut names);
        let mut found = Vec::new();
        let assigned = |name: &str| match self.symbols.get(name) {
            Some(&(Symbol::Assigned(at), _)) => Some(at),
            _ => None,
        };
        for (name, span) in names {
            // A name that its own statement assigns is read as it was before.
            found.extend(assigned(name).map(|at| (at, name, span)));
            if let Some(&(Symbol::Param(at), _)) = self.symbols.get(name)
                && let Some(factor) = self.scales.get(&at)
            {
                let mut inside = Vec::new();
                expr_reads(factor, &mut inside);
                found.extend(
                    inside
                        .into_iter()
                        .filter_map(|(name, span)| Some((assigned(name)?, name, span))),
                );
            }
        }
        found.reverse();
        found
    }
}

pub(super) fn reads<'e>(item: &'e Item, names: &mut Vec<(&'e str, Span)>) {
    match &item.kind {
        ItemKind::Assign { value, .. } | ItemKind::Port { value: Some(value), .. } => {
            expr_reads(value, names);
        }
        ItemKind::If { arms, otherwise } => {
            for (condition, items) in arms {
                expr_reads(condition, names);
                items.iter().for_each(|one| reads(one, names));
            }
            otherwise.iter().flatten().for_each(|one| reads(one, names));
        }
        ItemKind::Residual { terms, .. } => {
            let arguments = terms.iter().flat_map(|one| &one.arguments);
            arguments.for_each(|one| expr_reads(&one.value, names));
        }
        _ => {}
    }
}

fn expr_reads<'e>(expr: &'e Expr, names: &mut Vec<(&'e str, Span)>) {
    match &*expr.kind {
        ExprKind::Name(name) => names.push((name, expr.span)),
        ExprKind::Call(Call { arguments, .. }) => {
            arguments.iter().for_each(|one| expr_reads(&one.value, names));
        }
        ExprKind::Unary(_, inner) => expr_reads(inner, names),
        ExprKind::Binary(_, a, b) => {
            expr_reads(a, names);
            expr_reads(b, names);
        }
        _ => {}
    }
}
