//! Statements in an order in which each name is assigned before it is read.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::LINEAR;
use crate::syntax::ast::{Expr, ExprKind, Item, ItemKind, Target};

/// `items` in their order, each after those that assign what it reads.
pub(super) fn in_order(items: Vec<Item>) -> Vec<Item> {
    let mut makers: BTreeMap<String, usize> = BTreeMap::new();
    for (at, item) in items.iter().enumerate() {
        assigns(item, &mut |name| {
            makers.entry(name.to_string()).or_insert(at);
        });
    }
    let needed: Vec<BTreeSet<usize>> = items
        .iter()
        .map(|item| {
            let mut found = BTreeSet::new();
            reads(item, &mut |name| {
                found.extend(makers.get(name));
                if name == "linCmt" {
                    let named = makers.iter().filter(|(one, _)| {
                        LINEAR.iter().any(|known| known.eq_ignore_ascii_case(one))
                    });
                    found.extend(named.map(|(_, at)| at));
                }
            });
            found
        })
        .collect();
    let mut order = Vec::new();
    let mut seen = vec![false; items.len()];
    for at in 0..items.len() {
        // Each entry: a statement and those that it waits for.
        let mut open = Vec::new();
        if !std::mem::replace(&mut seen[at], true) {
            open.push((at, needed[at].iter()));
        }
        while let Some((item, waiting)) = open.last_mut() {
            match waiting.next() {
                Some(&next) if std::mem::replace(&mut seen[next], true) => {}
                Some(&next) => open.push((next, needed[next].iter())),
                None => {
                    order.push(*item);
                    open.pop();
                }
            }
        }
    }
    let mut items: Vec<Option<Item>> = items.into_iter().map(Some).collect();
    order.into_iter().filter_map(|at| items[at].take()).collect()
}

/// Names that a statement assigns.
fn assigns(item: &Item, name: &mut dyn FnMut(&str)) {
    match &item.kind {
        ItemKind::Assign { target: Target::Name(one) | Target::StopTime(one), .. } => {
            name(&one.text);
        }
        ItemKind::If { arms, otherwise } => {
            let bodies = arms.iter().map(|(_, items)| items).chain(otherwise);
            bodies.flatten().for_each(|one| assigns(one, name));
        }
        _ => {}
    }
}

/// Names that a statement reads, and `linCmt`.
pub(super) fn reads(item: &Item, name: &mut dyn FnMut(&str)) {
    match &item.kind {
        ItemKind::Assign { value, .. } => names(value, name),
        ItemKind::If { arms, otherwise } => {
            arms.iter().for_each(|(condition, _)| names(condition, name));
            let bodies = arms.iter().map(|(_, items)| items).chain(otherwise);
            bodies.flatten().for_each(|one| reads(one, name));
        }
        _ => {}
    }
}

/// Names in an expression, and `linCmt`.
pub(super) fn names(expr: &Expr, name: &mut dyn FnMut(&str)) {
    match &*expr.kind {
        ExprKind::Name(one) => name(one),
        ExprKind::Call(call) => {
            if call.name.text == "linCmt" {
                name("linCmt");
            }
            call.arguments.iter().for_each(|one| names(&one.value, name));
        }
        ExprKind::Unary(_, inner) => names(inner, name),
        ExprKind::Binary(_, a, b) => {
            names(a, name);
            names(b, name);
        }
        _ => {}
    }
}
