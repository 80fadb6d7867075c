//! Rows of `interactions.csv`: what a medicine or nutrient does with the element, and how far apart
//! they are kept.

use crate::Seen;
use crate::printed::number;
use crate::sheet::Sheet;

/// One interaction.
#[derive(Debug, Clone, PartialEq)]
pub struct InteractionRow {
    /// Medicine or group.
    pub agent: String,
    /// Its class.
    pub class: String,
    /// Which acts on which.
    pub direction: String,
    /// How.
    pub mechanism: String,
    /// What the effect is of.
    pub effect_measure: String,
    /// The effect as printed; empty where none is.
    pub effect: String,
    /// How far apart.
    pub separation: Separation,
    /// The same as printed.
    pub separation_text: String,
    /// How serious, in words.
    pub severity: String,
    /// Source.
    pub source_key: String,
    /// How it was seen.
    pub seen: Seen,
    /// Everything else.
    pub note: String,
}

/// Hours between a medicine and the supplement.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Separation {
    /// The medicine is taken at least so long before the supplement.
    pub drug_before_h: Option<f64>,
    /// The medicine is taken at least so long after the supplement.
    pub drug_after_h: Option<f64>,
    /// No separation is known to be enough.
    pub never: bool,
}

impl Separation {
    /// Whether anything is asked.
    pub fn is_asked(&self) -> bool {
        self.never || self.drug_before_h.is_some() || self.drug_after_h.is_some()
    }
}

pub(crate) fn read_interactions(sheet: &Sheet<'_>) -> Vec<InteractionRow> {
    let names = [
        "agent",
        "class",
        "direction",
        "mechanism",
        "effect_measure",
        "effect_value",
        "hours_drug_before",
        "hours_drug_after",
        "separation_hours",
        "severity",
        "source_key",
        "seen",
        "note",
    ];
    let row = |cells: [&str; 13]| {
        let [agent, class, direction, mechanism, effect_measure, effect, ..] = cells;
        let [.., before, after, separation, severity, source_key, seen, note] = cells;
        Some(InteractionRow {
            agent: agent.to_owned(),
            class: class.to_owned(),
            direction: direction.to_owned(),
            mechanism: mechanism.to_owned(),
            effect_measure: effect_measure.to_owned(),
            effect: effect.to_owned(),
            separation: Separation {
                drug_before_h: number(before),
                drug_after_h: number(after),
                never: before.is_empty() && after.is_empty() && separation.starts_with("not "),
            },
            separation_text: separation.to_owned(),
            severity: severity.to_owned(),
            source_key: source_key.to_owned(),
            seen: Seen::parse(seen)?,
            note: note.to_owned(),
        })
    };
    sheet.records(names).filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use crate::builtin;

    #[test]
    fn separations_are_three_fields() {
        let rows = builtin().interactions();
        assert_eq!(rows.len(), 53);
        let of = |agent: &str| rows.iter().find(|row| row.agent == agent).unwrap().separation;
        let cipro = of("ciprofloxacin");
        assert_eq!((cipro.drug_before_h, cipro.drug_after_h), (Some(2.0), Some(6.0)));
        assert!(!cipro.never && of("raltegravir").never);
        assert_eq!(rows.iter().filter(|row| row.separation.never).count(), 2);
        assert_eq!(of("rosuvastatin").drug_after_h, None);
        assert!(!of("thiazides").is_asked());
        // A separation in words has its hours, or is a "never".
        assert!(rows.iter().all(|row| row.separation_text.is_empty() || row.separation.is_asked()));
    }
}
