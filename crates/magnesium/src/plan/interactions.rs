//! What each medicine and the magnesium do to each other, and a day that keeps them apart.

use epsom_evidence::{InteractionRow, Seen, Separation, Tables};

use super::medicines::{Medicine, NUTRIENTS, nearest, rows_of};

/// One interaction of one medicine of the person.
#[derive(Debug, Clone, PartialEq)]
pub struct Interaction {
    /// The medicine as given.
    pub medicine: String,
    /// Agent of the row.
    pub agent: String,
    /// Which acts on which.
    pub direction: String,
    /// How.
    pub mechanism: String,
    /// Its size as printed, with what it is of; empty where none is.
    pub effect: String,
    /// How serious, as the row says.
    pub severity: String,
    /// How far apart.
    pub separation: Separation,
    /// The same as printed.
    pub separation_text: String,
    /// Source.
    pub source: String,
    /// From memory: the row warns, and never clears.
    pub recalled: bool,
    /// What else the row says.
    pub note: String,
}

/// A name that no row knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotChecked {
    /// As given.
    pub name: String,
    /// A name that is known and near.
    pub did_you_mean: Option<String>,
    /// What is said of it.
    pub text: String,
}

/// Interactions of the medicines, and the names that no row knows.
pub fn interactions(
    medicines: &[Medicine],
    evidence: &Tables,
) -> (Vec<Interaction>, Vec<NotChecked>) {
    let (mut found, mut not_checked) = (Vec::new(), Vec::new());
    for medicine in medicines {
        let rows = rows_of(&medicine.name, evidence);
        if rows.is_empty() {
            let lower = medicine.name.to_lowercase();
            let nutrient = NUTRIENTS.iter().find(|(name, _)| *name == lower);
            not_checked.push(NotChecked {
                name: medicine.name.clone(),
                did_you_mean: nearest(&medicine.name, evidence).filter(|_| nutrient.is_none()),
                text: nutrient.map_or(NO_ROW, |(_, text)| text).to_string(),
            });
        }
        found.extend(rows.into_iter().map(|row| interaction(&medicine.name, row)));
    }
    (found, not_checked)
}

const NO_ROW: &str = "NOT CHECKED: no row of the interaction table knows this name, which is not \
     \"no interaction\"";

/// Word of the table where a source names no number.
const NO_SIZE: &str = "qualitative";

fn interaction(medicine: &str, row: &InteractionRow) -> Interaction {
    let measure =
        if row.effect_measure == NO_SIZE { "no size is printed" } else { &row.effect_measure };
    let effect = match (row.effect.is_empty(), measure.is_empty()) {
        (true, _) => measure.to_string(),
        (false, true) => row.effect.clone(),
        (false, false) => format!("{measure}: {}", row.effect),
    };
    Interaction {
        medicine: medicine.to_string(),
        agent: row.agent.clone(),
        direction: row.direction.clone(),
        mechanism: row.mechanism.clone(),
        effect,
        severity: row.severity.clone(),
        separation: row.separation,
        separation_text: row.separation_text.clone(),
        source: row.source_key.clone(),
        recalled: row.seen == Seen::Recalled,
        note: row.note.clone(),
    }
}

/// Hours that both sides of a medicine ask for together: the longest of its rows.
pub fn joined<'a>(separations: impl IntoIterator<Item = &'a Separation>) -> Separation {
    let most = |a: Option<f64>, b: Option<f64>| match (a, b) {
        (Some(a), Some(b)) => Some(a.max(b)),
        (a, b) => a.or(b),
    };
    separations.into_iter().fold(Separation::default(), |sum, one| Separation {
        drug_before_h: most(sum.drug_before_h, one.drug_before_h),
        drug_after_h: most(sum.drug_after_h, one.drug_after_h),
        never: sum.never || one.never,
    })
}

/// Which of the two is taken first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum First {
    /// The medicine.
    Drug,
    /// Magnesium.
    Magnesium,
}

/// Hours that a gap falls short of what is asked; none where nothing is known of this order.
///
/// Never grows with the gap.
pub fn shortfall_h(separation: &Separation, first: First, gap_h: f64) -> Option<f64> {
    let asked = match first {
        First::Drug => separation.drug_before_h,
        First::Magnesium => separation.drug_after_h,
    };
    asked.map(|asked| (asked - gap_h).max(0.0))
}
