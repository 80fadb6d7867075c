//! Facts at which a supplement is not an ordinary choice, each with its source.

use epsom_evidence::{GateGrade, GateRow, Level, Side, Tables};

use super::kidney::Kidney;
use super::{Person, Taken};

/// A gate that is open for this person.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    /// Key of its row.
    pub id: String,
    /// How much it weighs.
    pub grade: GateGrade,
    /// What it says.
    pub text: String,
    /// What would be monitored; empty where nothing is named.
    pub monitor: String,
    /// Sources.
    pub source: String,
    /// Whether it is our own assumption.
    pub assumed: bool,
}

/// Gates that are open, hard ones first.
pub fn gates(person: &Person, kidney: &Kidney, taken: &[Taken], evidence: &Tables) -> Vec<Gate> {
    let mut found: Vec<Gate> = (evidence.gates().iter())
        .filter(|row| is_open(row, person, kidney, taken))
        .map(|row| Gate {
            id: row.id.clone(),
            grade: row.grade,
            text: row.text.clone(),
            monitor: row.monitor.clone(),
            source: row.source_key.clone(),
            assumed: row.level == Level::Assumption,
        })
        .collect();
    // A filtration below 30 is below 60 too: the harder gate says it.
    if found.iter().any(|gate| gate.id == "egfr_below_30") {
        found.retain(|gate| gate.id != "egfr_below_60");
    }
    found.sort_by_key(|gate| gate.grade);
    found
}

fn is_open(row: &GateRow, person: &Person, kidney: &Kidney, taken: &[Taken]) -> bool {
    // Gates of L-threonate speak of that salt alone.
    if row.id.starts_with("mgt_") && !taken.iter().any(|one| one.family == "l_threonate") {
        return false;
    }
    let compare = |value: f64| match (row.side, row.value) {
        (Side::Below, Some(limit)) => value < limit,
        (Side::Above, Some(limit)) => value > limit,
        _ => false,
    };
    match row.fact.as_str() {
        // Stages 3 to 5 stand for filtration where none is known.
        "egfr" => match (kidney.lowest_ml_per_min(), person.ckd_stage) {
            (Some(value), _) => compare(value),
            (None, Some(3)) => row.value.is_some_and(|limit| limit > 30.0),
            (None, Some(4 | 5)) => true,
            (None, _) => false,
        },
        "age" => person.age_year.is_some_and(compare),
        "serum" => person.serum.iter().any(|one| compare(one.mmol_per_l)),
        "pregnancy" => person.pregnant,
        "lactation" => person.lactating,
        "parenteral" => taken.iter().any(|one| one.parenteral),
        fact => person.conditions.contains(&fact),
    }
}

#[cfg(test)]
mod tests {
    use super::super::conditions::condition_facts;
    use epsom_evidence::{Side, builtin};

    #[test]
    fn every_gate_looks_at_a_fact_that_a_person_can_have() {
        let values = ["egfr", "age", "serum", "pregnancy", "lactation", "parenteral"];
        for row in builtin().gates() {
            let fact = row.fact.as_str();
            assert!(values.contains(&fact) || condition_facts().any(|one| one == fact), "{fact}");
            assert!(row.side == Side::Present || values.contains(&fact), "{fact}");
        }
    }
}
