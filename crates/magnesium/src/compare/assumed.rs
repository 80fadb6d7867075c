//! What a comparison rests on that was assumed, recalled or not measured in people.

use std::collections::BTreeSet;

use epsom_evidence::Tables;
use epsom_model::check::rests_on;
use epsom_model::ir::Model;

use super::{Form, Person};
use crate::dissolution::{Limit, dissolution};
use crate::doses::AFTER_MEAL_ROW;
use crate::regimen::Timing;
use crate::salt_names::Basis;

/// Why a number is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// From memory, still to be confirmed.
    Recalled,
    /// Our own assumption.
    Assumed,
    /// Measured in animals or cells.
    NotHuman,
}

impl Mark {
    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Recalled => "recalled",
            Self::Assumed => "assumed",
            Self::NotHuman => "not measured in people",
        }
    }
}

/// A number with a mark.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Marked {
    /// Name in the model, or what it is.
    pub name: String,
    /// Its row; empty where it has none.
    pub row: String,
    /// The mark that weighs most.
    pub mark: Mark,
    /// What it is, or why it is assumed.
    pub what: String,
}

/// Rows behind the defaults of the model's covariates.
const COVARIATE_ROWS: &[(&str, &str)] =
    &[("diet", "EPS107"), ("gfr", "EPS017"), ("meals", "EPS036"), ("serum0", "EPS016")];

/// Marked numbers behind the result of one salt taken in one way, sorted by name.
pub fn marked(
    model: &Model,
    form: &Form,
    timing: Timing,
    person: &Person,
    evidence: &Tables,
) -> Vec<Marked> {
    let mut found = BTreeSet::new();
    let used: BTreeSet<usize> =
        (0..model.outputs.len()).flat_map(|output| rests_on(model, output)).collect();
    for param in used.iter().map(|&at| &model.params[at]) {
        let from = &param.provenance;
        let mark = if from.recalled {
            Mark::Recalled
        } else if from.assumption_row || from.assumed.is_some() {
            Mark::Assumed
        } else if from.not_human {
            Mark::NotHuman
        } else {
            continue;
        };
        let row = from.rows.join(" ");
        let meaning = from.rows.first().and_then(|key| evidence.value(key));
        let what = match (&from.assumed, meaning) {
            (Some(reason), _) => reason.clone(),
            (None, Some(row)) => row.meaning.clone(),
            (None, None) => String::new(),
        };
        found.insert(Marked { name: param.name.clone(), row, mark, what });
    }
    let mut add_row = |name: &str, key: &str| {
        let Some(row) = evidence.value(key) else { return };
        let mark = match (row.is_recalled(), row.is_assumption(), row.is_human()) {
            (true, ..) => Mark::Recalled,
            (false, true, _) => Mark::Assumed,
            (false, false, false) => Mark::NotHuman,
            (false, false, true) => return,
        };
        let what = row.meaning.clone();
        found.insert(Marked { name: name.to_string(), row: key.to_string(), mark, what });
    };
    for &(name, key) in COVARIATE_ROWS {
        let given = match name {
            "serum0" => person.serum_mmol_per_l.is_some(),
            "gfr" => person.gfr_l_per_h.is_some(),
            _ => false,
        };
        if !given {
            add_row(name, key);
        }
    }
    if timing == Timing::BetweenMeals {
        add_row("hours between meals", AFTER_MEAL_ROW);
    }
    let dissolves = dissolution(form.salt.family);
    if let Some(one) = dissolves {
        add_row("dissolution", one.row);
        if let Limit::Acid { row } | Limit::Amount { row } = one.limit
            && row != one.row
        {
            add_row("dissolution limit", row);
        }
    }
    let mut assume = |name: &str, reason: &str| {
        found.insert(Marked {
            name: name.to_string(),
            row: String::new(),
            mark: Mark::Assumed,
            what: reason.to_string(),
        });
    };
    if let Some(one) = dissolves.filter(|one| !one.assumed.is_empty()) {
        assume(&format!("dissolution of {}", one.family), one.assumed);
    }
    if let Some(Basis::Assumed { reason }) = form.form_basis {
        assume(&format!("water in {}", form.salt.family), reason);
    }
    found.into_iter().collect()
}
