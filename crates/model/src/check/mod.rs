//! Tree to checked model: names, units, substances, sources, conditions, conservation.
//!
//! Checking does not fail, it reports: every mistake of a file in one run, and a model where there
//! is no error.

mod conserve;
mod correlation;
mod declare;
mod distribution;
mod elsewhere;
mod event;
mod expression;
mod function;
mod info;
mod lincmt;
mod literals;
mod mode;
mod numbers;
mod occasion;
mod order;
mod outputs;
mod prove;
mod provenance;
mod residual;
mod rest;
mod smooth;
mod spread;
mod statement;
#[cfg(test)]
mod tests;
mod together;
mod units;
mod warnings;

pub use info::{Branch, ModelInfo, branches, rests_on};
pub(crate) use lincmt::LINEAR;
pub use rest::check_rest;

use std::collections::{BTreeMap, BTreeSet};

use epsom_diag::{Diagnostic, Span, did_you_mean, has_errors};
use epsom_evidence::Tables;
use epsom_units::{
    Dimension, SubstanceId, Substances, Unit, UnitError, foreign_unit, parse_unit, unit_names,
    unit_of_word,
};

use crate::ir::{ExprId, Model};
use crate::syntax::ast::{Dialect, Expr, Interpolation, Item, ItemKind, Name, Tree, UnitText};

/// Most messages of one run; more would only repeat the first mistakes.
const MOST_MESSAGES: usize = 200;

/// Deepest nesting of expressions, counted through functions and factors.
const DEEPEST: usize = 300;

/// Most function bodies that are written out.
const MOST_WRITTEN: usize = 20_000;

/// What the checker may look up.
#[derive(Debug, Clone, Copy)]
pub struct World<'a> {
    /// Evidence tables, for `source` and `row`.
    pub evidence: &'a Tables,
    /// Substances, for units.
    pub substances: &'a Substances,
}

/// What checking a tree gives.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The model, where no error was found.
    pub model: Option<Model>,
    /// What it rests on.
    pub info: ModelInfo,
    /// Everything worth saying, in file order.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks a tree.
pub fn check(tree: &Tree, world: &World<'_>) -> Checked {
    let mut checker = Checker::new(tree, *world);
    checker.declare();
    checker.lower_linear_first();
    checker.lower_statements();
    checker.events();
    checker.finish_compartments();
    checker.outputs();
    checker.balances();
    checker.warnings();
    let mut diagnostics = checker.diagnostics;
    diagnostics.sort_by_key(|one| one.primary.as_ref().map(|label| label.span));
    let mut info = info::info(&checker.model);
    info.balances = checker.balance_notes;
    info.bare_literals = checker.bare_literals;
    let model = (!has_errors(&diagnostics)).then_some(checker.model);
    debug_assert!(model.as_ref().is_none_or(|model| crate::ir::verify(model).is_empty()));
    Checked { model, info, diagnostics }
}

fn is_checked(tree: &Tree) -> bool {
    let unchecked = |item: &Item| matches!(item.kind, ItemKind::Unchecked { .. });
    tree.dialect == Dialect::Epm && !tree.items.iter().any(unchecked)
}

/// A dimension, or `None` where it is not checked or a message was already given.
type Dim = Option<Dimension>;

/// A lowered expression.
#[derive(Debug, Clone, PartialEq)]
struct Typed {
    id: ExprId,
    dim: Dim,
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Symbol {
    Param(usize),
    Covariate(usize),
    Compartment(usize),
    /// A compartment that only events change.
    Register(usize),
    Window(usize),
    Function(usize),
    /// Assigned by the statement at this index.
    Assigned(usize),
}

/// What an assignment defines, resolved.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Name(String),
    Derivative(usize),
    Initial(usize),
    Bioavailability(usize),
    Lag(usize),
    Rate(usize),
    Duration(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    Todo,
    Doing,
    Done,
}

struct Checker<'a> {
    tree: &'a Tree,
    world: World<'a>,
    model: Model,
    diagnostics: Vec<Diagnostic>,
    substance: Option<SubstanceId>,
    time: Option<Unit>,
    symbols: BTreeMap<String, (Symbol, Span)>,
    /// Dimension of parameters, covariates and compartments by index.
    param_dims: Vec<Dim>,
    covariate_dims: Vec<Dim>,
    compartment_dims: Vec<Dim>,
    output_dims: Vec<Dim>,
    balance_notes: Vec<String>,
    /// Numbers in equations that are no parameters.
    bare_literals: usize,
    /// `scales` factors by parameter, lowered when first used.
    scales: BTreeMap<usize, &'a Expr>,
    progress: Vec<Progress>,
    values: BTreeMap<Key, Typed>,
    /// Where each key was first assigned.
    places: BTreeMap<Key, Span>,
    /// Assignments made inside branches, innermost last.
    branches: Vec<BTreeMap<Key, Typed>>,
    /// Function arguments in scope.
    arguments: Vec<(String, Typed)>,
    /// Names that some way through an `if` leaves without a value, with the `if`.
    unset: BTreeMap<String, Span>,
    calls: Vec<String>,
    /// Function bodies written out so far, and how deep expressions are nested now.
    written: usize,
    depth: usize,
    /// How parameters differ between occasions, by parameter.
    deviations: BTreeMap<usize, occasion::Deviation>,
    /// Factors of parameters that were worked out.
    scaled: BTreeMap<usize, Typed>,
    used: BTreeSet<String>,
    /// Compartment whose d/dt is being lowered.
    inside: Option<usize>,
    /// Whether the size of a residual error is being lowered.
    in_residual: bool,
    /// What `linCmt()` made, by the module that calls it.
    linear: BTreeMap<String, lincmt::Linear>,
    /// Rows met while the spread of an expression over rows is worked out, with their values.
    row_leaves: Option<Vec<(String, f64)>>,
    /// Declared apart from the covariate, in `ini/model` text.
    interpolations: BTreeMap<String, Interpolation>,
    /// What `ini/model` text says its outputs are.
    named_outputs: Option<Vec<Name>>,
    /// Where the comparison stands that a mode was made of.
    mode_places: BTreeMap<usize, Span>,
    /// Compartments whose equation a message speaks of already.
    excused: BTreeSet<usize>,
}

impl<'a> Checker<'a> {
    fn new(tree: &'a Tree, world: World<'a>) -> Self {
        Self {
            tree,
            world,
            model: Model { checked: is_checked(tree), ..Model::default() },
            diagnostics: Vec::new(),
            substance: None,
            time: None,
            symbols: BTreeMap::new(),
            param_dims: Vec::new(),
            covariate_dims: Vec::new(),
            compartment_dims: Vec::new(),
            output_dims: Vec::new(),
            balance_notes: Vec::new(),
            bare_literals: 0,
            scales: BTreeMap::new(),
            progress: vec![Progress::Todo; tree.items.len()],
            values: BTreeMap::new(),
            places: BTreeMap::new(),
            branches: Vec::new(),
            arguments: Vec::new(),
            unset: BTreeMap::new(),
            calls: Vec::new(),
            written: 0,
            depth: 0,
            deviations: BTreeMap::new(),
            scaled: BTreeMap::new(),
            used: BTreeSet::new(),
            inside: None,
            in_residual: false,
            linear: BTreeMap::new(),
            row_leaves: None,
            interpolations: BTreeMap::new(),
            named_outputs: None,
            mode_places: BTreeMap::new(),
            excused: BTreeSet::new(),
        }
    }

    /// Whether units and sources are there to be checked.
    fn has_units(&self) -> bool {
        self.model.checked
    }

    /// Whether names are declared and each is assigned once.
    fn is_epm(&self) -> bool {
        self.tree.dialect == Dialect::Epm
    }

    fn say(&mut self, diagnostic: Diagnostic) {
        // Where units are missing, those that stand are for converting numbers only.
        if !self.has_units() && ["E0302", "E0312", "E0313"].contains(&diagnostic.code) {
            return;
        }
        let enough = self.diagnostics.len() >= MOST_MESSAGES;
        if !enough && !self.diagnostics.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// The unit that a bracket writes.
    fn unit(&mut self, text: &UnitText) -> Option<Unit> {
        match parse_unit(&text.text, self.world.substances, self.substance.clone()) {
            Ok(unit) => Some(unit),
            Err(error) => {
                let mut said = Diagnostic::error("E0301", "this unit is not understood")
                    .at(text.span, error.to_string());
                if let Some(help) = error.help() {
                    said = said.help(help);
                }
                if let UnitError::Unknown { word, at } = &error {
                    said = self.unit_meant(said, text, word, at.clone());
                }
                self.say(said);
                None
            }
        }
    }

    /// What may have been meant by a word that is no unit.
    fn unit_meant(
        &self,
        said: Diagnostic,
        text: &UnitText,
        word: &str,
        at: std::ops::Range<usize>,
    ) -> Diagnostic {
        let mut names: Vec<&str> = unit_names().collect();
        names.extend(self.world.substances.names());
        // Of one or two letters every unit is a neighbor.
        let near = if word.len() > 2 { did_you_mean(word, names) } else { None };
        let Some(meant) = unit_of_word(word).or(near) else {
            if let Some(is) = foreign_unit(word) {
                return said.help(format!("give it in a unit of the list: 1 {word} is `{is}`"));
            }
            return said
                .note(
                    "units of amount: `mol` `mmol` `umol`, mass: `kg` `g` `mg` `ug` `ng`, volume: \
                     `L` `mL`, time: `h` `min` `day` `year`, others: `1` `%` `m` `mV`",
                )
                .help("list them all with `epsom explain E0301`");
        };
        let whole = (text.text.get(..at.start), text.text.get(at.end..));
        let (Some(before), Some(after)) = whole else { return said };
        let unit = format!("[{before}{meant}{after}]");
        said.help(format!("write `{unit}`")).fix(text.span, unit)
    }

    fn no_dim(&self) -> Dim {
        Some(Dimension::NONE)
    }

    /// Dimension of time.
    fn time_dim(&self) -> Dim {
        if !self.has_units() {
            return self.no_dim();
        }
        Some(Dimension::base(epsom_units::Base::Time))
    }
}
