//! What food does to absorption: phytate of fiber-rich meals, and what is not read.

use epsom_diag::Diagnostic;
use epsom_evidence::Tables;

use super::facts::{Fact, Given};
use super::kidney::row;
use super::person::number;

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

/// Refuses a pattern of food in the place of an amount.
pub(super) fn no_food_pattern(fact: &Fact) -> Box<Diagnostic> {
    let message = format!("`{}` is read as an amount, not as a pattern of food", fact.key);
    let said = Diagnostic::error("E0687", message);
    Box::new(
        said.note("no row of the evidence holds the magnesium of a pattern of food")
            .help("give mg a day, such as `diet = 300`, or leave it out: the reference diet with a wide spread is taken"),
    )
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
}
