//! How far the model was held against observations, and what goes beyond that.
//!
//! The ranges are one table, `models/magnesium/reach.csv`; each end names the target of
//! `targets.csv`, the row or the source that it stands on, or says that it is assumed.
//! Salts are those of the targets themselves.

mod taken;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use epsom_evidence::builtin_substances;
use epsom_units::parse_unit;

use crate::qualify::{PLAN, Row, table};
pub use taken::{Taken, of_records};

/// The table as committed.
const TABLE: &str = include_str!("../../../../models/magnesium/reach.csv");

/// A range that the model was held against.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    /// A covariate of the model, or what [`Taken`] counts.
    pub quantity: String,
    /// In words.
    pub name: String,
    /// Unit of both ends.
    pub unit: String,
    /// The ends; infinite where there is none.
    pub bounds: (f64, f64),
    /// What the lower and the upper end stand on.
    pub from: (String, String),
    /// What is not known beyond it.
    pub about: String,
    /// One of [`Range::unit`] in base units.
    per_unit: f64,
}

/// All ranges, sorted by their quantity.
pub fn ranges() -> &'static [Range] {
    static RANGES: OnceLock<Vec<Range>> = OnceLock::new();
    RANGES.get_or_init(|| table(TABLE).unwrap_or_default().iter().map(range).collect())
}

fn range(row: &Row) -> Range {
    let cell = |name: &str| row.cell(name).to_string();
    let end = |name: &str, none: f64| row.cell(name).parse().unwrap_or(none);
    let substances = builtin_substances();
    let unit = parse_unit(row.cell("unit"), substances, substances.id("Mg"));
    Range {
        quantity: cell("quantity"),
        name: cell("name"),
        unit: cell("unit"),
        bounds: (end("lo", f64::NEG_INFINITY), end("hi", f64::INFINITY)),
        from: (cell("lo_from"), cell("hi_from")),
        about: cell("about"),
        per_unit: unit.map_or(f64::NAN, |unit| unit.to_base(1.0)),
    }
}

/// Families of salts that a target holds for magnesium in people, sorted.
pub fn held_salts() -> Vec<String> {
    let mut found = Vec::new();
    // The anion and rats say nothing of it.
    let of_people = |row: &Row| !["rat", "threonate"].contains(&row.cell("group"));
    for row in table(PLAN).unwrap_or_default().into_iter().filter(of_people) {
        let words = row.cell("case").split_whitespace();
        let named = words.filter_map(|word| word.split_once('='));
        let salts = named.filter(|(key, _)| ["salt", "other"].contains(key));
        found.extend(salts.map(|(_, family)| family.to_string()));
    }
    found.sort();
    found.dedup();
    found
}

/// One value of a quantity in several people, base units.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity<'a> {
    /// As in the table.
    pub name: &'a str,
    /// One or more values per person, base units.
    pub values: Vec<Vec<f64>>,
}

impl<'a> Quantity<'a> {
    /// Of one person.
    pub fn of_one(name: &'a str, value: f64) -> Self {
        Self { name, values: vec![vec![value]] }
    }
}

/// What goes beyond the ranges, in sentences with what each range stands on.
pub fn beyond(people: &[Quantity<'_>], taken: &Taken) -> Vec<String> {
    let doses = taken.quantities();
    let mut found: Vec<String> = people.iter().chain(&doses).filter_map(outside).collect();
    let held = held_salts();
    let new: Vec<&str> =
        taken.families.iter().copied().filter(|one| !held.iter().any(|held| held == one)).collect();
    if !new.is_empty() {
        found.push(format!(
            "No target holds {} in people: how it dissolves is all that sets it apart from other \
             salts. [targets.csv]",
            new.join(", ")
        ));
    }
    found
}

/// The sentence of a quantity that leaves its range in any of the people.
fn outside(quantity: &Quantity<'_>) -> Option<String> {
    let range = ranges().iter().find(|range| range.quantity == quantity.name)?;
    let (lo, hi) = range.bounds;
    // A rounding for each of some conversions; nobody differs by that.
    let slack = 1.0 + 16.0 * f64::EPSILON;
    let shown = |value: f64| value / range.per_unit;
    let is_out = |value: f64| value * slack < lo || value > hi * slack;
    let distance = |value: f64| (lo - value).max(value - hi);
    let furthest = |values: &Vec<f64>| {
        let values = values.iter().copied().map(shown).filter(|&value| is_out(value));
        values.max_by(|&a, &b| distance(a).total_cmp(&distance(b)))
    };
    let out: Vec<f64> = quantity.values.iter().filter_map(furthest).collect();
    let worst = out.iter().copied().max_by(|&a, &b| distance(a).total_cmp(&distance(b)))?;
    let unit = &range.unit;
    let held = match (lo.is_finite(), hi.is_finite()) {
        (true, true) => format!("from {lo} to {hi} {unit}"),
        (true, false) => format!("from {lo} {unit}"),
        _ => format!("up to {hi} {unit}"),
    };
    let of = match quantity.values.len() {
        1 => String::new(),
        n => format!(" and the like in {} of {n} people", out.len()),
    };
    let from = if worst < lo { &range.from.0 } else { &range.from.1 };
    let mut name = range.name.clone();
    name[..1].make_ascii_uppercase();
    Some(format!(
        "{name} of {} {unit}{of}, where the model was held against observations {held}: {}. [{}]",
        three(worst),
        range.about,
        from.split(' ').collect::<Vec<_>>().join(", ")
    ))
}

/// Three digits, but all before the point.
fn three(value: f64) -> String {
    let decimals = if value.abs() >= 100.0 {
        0
    } else if value.abs() >= 10.0 {
        1
    } else {
        3
    };
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => text,
    }
}
