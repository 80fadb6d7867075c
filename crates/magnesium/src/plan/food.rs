//! What food does: magnesium of patterns of food, and phytate of fiber-rich meals.

use epsom_diag::{Diagnostic, did_you_mean};
use epsom_evidence::Tables;

use super::facts::{Fact, Given};
use super::kidney::row;
use super::person::number;

/// A pattern of food whose magnesium a row holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoodPattern {
    /// Its name.
    pub name: &'static str,
    /// Row of its magnesium, mg a day.
    pub row: &'static str,
}

/// Patterns: name, other names, row.
const PATTERNS: &[(&str, &[&str], &str)] = &[
    ("omnivore", &["mixed", "meat eater"], "plan.food.omnivore"),
    ("flexitarian", &["semi-vegetarian"], "plan.food.flexitarian"),
    ("pescatarian", &["pesco-vegetarian", "fish eater"], "plan.food.pescatarian"),
    ("vegetarian", &["lacto-ovo vegetarian"], "plan.food.vegetarian"),
    ("vegan", &[], "plan.food.vegan"),
    ("dash", &[], "plan.food.dash"),
    ("few vegetables", &["low in vegetables"], "plan.food.few_vegetables"),
];

/// The pattern of a name.
///
/// # Errors
/// `E0687` for a pattern that no row holds, with those that exist.
pub(super) fn pattern(fact: &Fact, text: &str) -> Result<FoodPattern, Box<Diagnostic>> {
    let lower = text.trim().to_lowercase();
    let found = PATTERNS.iter().find(|(name, others, _)| {
        *name == lower || others.contains(&lower.as_str()) || format!("{name} diet") == lower
    });
    if let Some(&(name, _, row)) = found {
        return Ok(FoodPattern { name, row });
    }
    let names = PATTERNS.iter().map(|(name, ..)| *name);
    let message = format!("`{}` holds a pattern of food that no row knows", fact.key);
    let said = Diagnostic::error("E0687", message)
        .note(format!("patterns: {}", names.clone().collect::<Vec<_>>().join(", ")));
    Err(Box::new(match did_you_mean(&lower, names) {
        Some(name) => said.help(format!("did you mean `{name}`")),
        None => said.help(
            "give mg a day, such as `diet = 300`, or leave it out: the reference diet with a wide spread is taken",
        ),
    }))
}

/// Magnesium of a pattern, mg a day: the mean of a group or a designed diet, not of one person.
pub fn pattern_mg(pattern: FoodPattern, evidence: &Tables) -> f64 {
    row(evidence, pattern.row)
}

/// Row of the share of absorption that is left at [`HIGH`].
const LEFT: &str = "PK039";
/// Row of the phytic acid of a meal of that study, mmol.
const HIGH: &str = "plan.phytate.high";

/// Share of the magnesium of a meal that phytic acid leaves to be absorbed.
///
/// A line from none to the meal that was studied; beyond it the share of that meal. Never rises.
///
/// # Units
/// `phytate_mmol` mmol a meal, beyond that of the usual diet.
/// # Source
/// PK039 (bohn2004: bread with and without phytic acid); that the share of absorption is a share of
/// what can be absorbed is an assumption.
pub fn available_share(phytate_mmol: f64, evidence: &Tables) -> f64 {
    let part = (phytate_mmol / row(evidence, HIGH)).clamp(0.0, 1.0);
    1.0 - part * (1.0 - row(evidence, LEFT))
}

/// Phytic acid of a meal beyond the usual, mmol; none for the usual.
pub(super) fn phytate(fact: &Fact, evidence: &Tables) -> Result<Option<f64>, Box<Diagnostic>> {
    if let Given::Text(text) = &fact.given {
        match text.trim().to_lowercase().as_str() {
            "usual" | "low" => return Ok(None),
            "high" => return Ok(Some(row(evidence, HIGH))),
            _ => {}
        }
    }
    number(fact, &[("mmol", 1.0), ("mmol phytate", 1.0)]).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use epsom_evidence::builtin;

    #[test]
    fn more_phytate_never_leaves_more() {
        let at = |tenth: u32| available_share(f64::from(tenth) / 10.0, builtin());
        assert_eq!(at(0), 1.0);
        assert!((0..40).all(|tenth| at(tenth + 1) <= at(tenth)));
        assert_eq!(at(40), row(builtin(), LEFT));
    }

    #[test]
    fn every_pattern_has_a_row_and_more_plants_hold_more() {
        let mg = |name: &str| {
            let given = Given::Text(name.to_string());
            let fact = Fact { key: "diet", given, span: None };
            pattern_mg(pattern(&fact, name).expect("a pattern"), builtin())
        };
        for (name, others, _) in PATTERNS {
            assert!(mg(name) > 100.0 && others.iter().all(|other| mg(other) == mg(name)));
        }
        assert_eq!([mg("DASH"), mg("vegetarian diet"), mg("omnivore")], [500.0, 413.0, 363.0]);
    }
}
