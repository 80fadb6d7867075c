//! Modules: `use PATH as NAME (port = …)` written out into one tree.
//!
//! What a module declares gets its name in front, `gut.absorbed`; covariates do not, because they
//! are properties of one person. Ports are bound to expressions of the file that uses the module,
//! so wiring goes one way. Parameters are changed from outside by `override`, with a reason.

mod rename;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use epsom_diag::{Diagnostic, FileId, did_you_mean, has_errors, list_names};

use crate::syntax::ast::{Dialect, Expr, Item, ItemKind, Name, Param, Quoted, Tree};
use crate::syntax::parse;
use rename::{Prefix, declared};

/// Most modules of one model.
const MOST_MODULES: usize = 200;

/// Deepest nesting of modules in modules.
const DEEPEST: usize = 20;

/// The text of a module, and under which number its places are told.
#[derive(Debug, Clone)]
pub struct ModuleText {
    /// The text.
    pub text: String,
    /// The number of its file.
    pub file: FileId,
}

/// Reads the text of a module's path.
///
/// # Errors
/// Why there is none, in words.
pub type Load<'a> = dyn FnMut(&str) -> Result<ModuleText, String> + 'a;

/// `tree` with its modules written out and its overrides done, and what is wrong with them.
pub fn expand(tree: &Tree, load: &mut Load<'_>) -> (Tree, Vec<Diagnostic>) {
    let mut expander = Expander { load, inside: Vec::new(), n_modules: 0, diagnostics: Vec::new() };
    let items = expander.items(&tree.items);
    (Tree { items, dialect: tree.dialect }, expander.diagnostics)
}

struct Expander<'a, 'b> {
    load: &'a mut Load<'b>,
    /// Paths of the modules that are being read, outermost first.
    inside: Vec<String>,
    n_modules: usize,
    diagnostics: Vec<Diagnostic>,
}

impl Expander<'_, '_> {
    fn items(&mut self, items: &[Item]) -> Vec<Item> {
        let substances = substances(items);
        let mut made: Vec<Item> = Vec::new();
        // Properties of the person: the file that is run says them first.
        let covariates: BTreeSet<&str> = items.iter().filter_map(covariate).collect();
        let mut theirs: BTreeSet<String> = BTreeSet::new();
        for item in items {
            match &item.kind {
                ItemKind::Use { path, name, bindings } => {
                    let module = self.module(path, name, bindings, &substances);
                    made.extend(module.into_iter().filter(|one| match covariate(one) {
                        Some(name) => !covariates.contains(name) && theirs.insert(name.to_string()),
                        None => true,
                    }));
                }
                ItemKind::Override(_) => {}
                _ => made.push(item.clone()),
            }
        }
        for item in items {
            if let ItemKind::Override(param) = &item.kind {
                self.change(&mut made, param);
            }
        }
        made
    }

    /// The statements of a module under the name that it is used by.
    fn module(
        &mut self,
        path: &Quoted,
        name: &Name,
        bindings: &[(Name, Expr)],
        substances: &BTreeSet<&str>,
    ) -> Vec<Item> {
        let refused = |why: String| {
            Diagnostic::error("E0110", format!("module `{}` cannot be used", path.text))
                .at(path.span, why)
        };
        if self.inside.contains(&path.text) || self.inside.len() >= DEEPEST {
            let way = self.inside.join("` uses `");
            let said = refused("it leads back to itself".into());
            self.diagnostics.push(said.note(format!("`{way}` uses `{}`", path.text)));
            return Vec::new();
        }
        self.n_modules += 1;
        if self.n_modules > MOST_MODULES {
            if self.n_modules == MOST_MODULES + 1 {
                let why = format!("it is the {} th", self.n_modules);
                self.diagnostics.push(refused(why).note("a model has 200 modules at most"));
            }
            return Vec::new();
        }
        let found = match (self.load)(&path.text) {
            Ok(found) => found,
            Err(why) => {
                self.diagnostics.push(
                    refused(why).help("a path is taken from the folder of the model that is run"),
                );
                return Vec::new();
            }
        };
        let (tree, said) = parse(&found.text, found.file);
        let unread = has_errors(&said);
        self.diagnostics.extend(said);
        if unread {
            return Vec::new();
        }
        if tree.dialect != Dialect::Epm {
            self.diagnostics.push(
                refused("it is `ini({…}) model({…})` text".into())
                    .help("write it as `.epm` first: `epsom convert`"),
            );
            return Vec::new();
        }
        let theirs = self::substances(&tree.items);
        if !theirs.is_empty() && theirs != *substances {
            let list = |names: &BTreeSet<&str>| list_names(names.iter().copied(), 8);
            let ours = if substances.is_empty() { "none".into() } else { list(substances) };
            self.diagnostics.push(
                refused("it speaks of other substances".into())
                    .note(format!("the module declares {}, this file {ours}", list(&theirs)))
                    .help("a bare amount must mean the same in both"),
            );
            return Vec::new();
        }
        self.inside.push(path.text.clone());
        let items = self.items(&tree.items);
        self.inside.pop();
        self.bind(items, name, bindings)
    }

    /// Names in front, ports bound, headers left out.
    fn bind(&mut self, items: Vec<Item>, name: &Name, bindings: &[(Name, Expr)]) -> Vec<Item> {
        let ports: Vec<String> = items
            .iter()
            .filter_map(|item| match &item.kind {
                ItemKind::Port { name, value: None, .. } => Some(name.text.clone()),
                _ => None,
            })
            .collect();
        let known = || ports.iter().map(String::as_str);
        for (at, (port, _)) in bindings.iter().enumerate() {
            if bindings[..at].iter().any(|(one, _)| one.text == port.text) {
                self.diagnostics.push(
                    Diagnostic::error("E0111", format!("port `{}` is bound twice", port.text))
                        .at(port.span, "again here"),
                );
            }
            if ports.contains(&port.text) {
                continue;
            }
            let said = Diagnostic::error("E0111", format!("no port `{}`", port.text))
                .at(port.span, "the module does not declare it");
            self.diagnostics.push(match (did_you_mean(&port.text, known()), ports.is_empty()) {
                (Some(near), _) => said.help(format!("did you mean `{near}`?")),
                (None, true) => said.note("the module has no ports"),
                (None, false) => said.note(format!("ports: {}", list_names(known(), 12))),
            });
        }
        let unbound: Vec<&str> =
            known().filter(|port| !bindings.iter().any(|(one, _)| one.text == **port)).collect();
        if let [first, ..] = unbound[..] {
            let list = list_names(unbound.iter().copied(), 12);
            self.diagnostics.push(
                Diagnostic::error("E0111", format!("`{}` leaves ports unbound", name.text))
                    .at(name.span, format!("not bound: {list}"))
                    .help(format!("bind them: `as {} ({first} = …)`", name.text)),
            );
        }
        let names = declared(&items);
        let prefix = Prefix { word: &name.text, names: &names };
        items
            .into_iter()
            .filter(|item| {
                // What is said once for a run, by the file that is run.
                !matches!(
                    item.kind,
                    ItemKind::Model { .. }
                        | ItemKind::Time { .. }
                        | ItemKind::Substance { .. }
                        | ItemKind::Initial { .. }
                )
            })
            .map(|item| {
                let bound = match &item.kind {
                    ItemKind::Port { name, value: None, .. } => {
                        bindings.iter().find(|(one, _)| one.text == name.text).map(|(_, e)| e)
                    }
                    _ => None,
                };
                let mut item = prefix.item(&item);
                if let (ItemKind::Port { value, .. }, Some(expr)) = (&mut item.kind, bound) {
                    *value = Some(expr.clone());
                }
                item
            })
            .collect()
    }

    /// `override gut.k = …`: another number for a parameter of a module.
    fn change(&mut self, made: &mut [Item], new: &Param) {
        let names: Vec<String> = made
            .iter()
            .filter_map(|item| match &item.kind {
                ItemKind::Param(param) => Some(param.name.text.clone()),
                _ => None,
            })
            .collect();
        let found = made.iter_mut().find_map(|item| match &mut item.kind {
            ItemKind::Param(param) if param.name.text == new.name.text => Some(param),
            _ => None,
        });
        let Some(old) = found else {
            let known = || names.iter().map(String::as_str);
            let said = Diagnostic::error("E0112", format!("no parameter `{}`", new.name.text))
                .at(new.name.span, "nothing to override");
            self.diagnostics.push(match did_you_mean(&new.name.text, known()) {
                Some(near) => said.help(format!("did you mean `{near}`?")),
                None => said.note(format!("parameters: {}", list_names(known(), 20))),
            });
            return;
        };
        let mut changed = new.clone();
        changed.varies = changed.varies.or_else(|| old.varies.clone());
        changed.occasion = changed.occasion.or_else(|| old.occasion.clone());
        changed.scales = changed.scales.or_else(|| old.scales.clone());
        changed.bounds = changed.bounds.or_else(|| old.bounds.clone());
        changed.label = changed.label.or_else(|| old.label.clone());
        changed.replaces = Some(old.replaces.clone().unwrap_or_else(|| old.value.clone()));
        **old = changed;
    }
}

fn covariate(item: &Item) -> Option<&str> {
    match &item.kind {
        ItemKind::Covariate(one) => Some(one.name.text.as_str()),
        _ => None,
    }
}

fn substances(items: &[Item]) -> BTreeSet<&str> {
    items
        .iter()
        .filter_map(|item| match &item.kind {
            ItemKind::Substance { name } => Some(name.text.as_str()),
            _ => None,
        })
        .collect()
}
