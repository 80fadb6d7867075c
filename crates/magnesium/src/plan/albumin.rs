//! What a serum value would be at a usual albumin: shown beside it, and fed into nothing.

use epsom_evidence::Tables;

use super::Person;
use super::kidney::row;

/// A serum value beside what it would be at a usual albumin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AtUsualAlbumin {
    /// As measured, mmol/L.
    pub measured_mmol_per_l: f64,
    /// At [`Self::usual_g_per_l`], mmol/L.
    pub adjusted_mmol_per_l: f64,
    /// Usual albumin, g/L.
    pub usual_g_per_l: f64,
}

/// Every serum value at a usual albumin; empty where albumin is not given.
///
/// A line: the part of total serum magnesium that albumin binds falls with it.
///
/// # Units
/// Serum mmol/L, albumin g/L, slope mmol/g.
/// # Source
/// kroll1985, rows `plan.albumin.*`.
pub fn at_usual_albumin(person: &Person, evidence: &Tables) -> Vec<AtUsualAlbumin> {
    let Some(albumin) = person.albumin_g_per_l else { return Vec::new() };
    let usual_g_per_l = row(evidence, "plan.albumin.reference");
    let added = row(evidence, "plan.albumin.slope") * (usual_g_per_l - albumin);
    let adjusted = |one: &super::SerumValue| AtUsualAlbumin {
        measured_mmol_per_l: one.mmol_per_l,
        adjusted_mmol_per_l: one.mmol_per_l + added,
        usual_g_per_l,
    };
    person.serum.iter().map(adjusted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use epsom_evidence::builtin;

    #[test]
    fn low_albumin_hides_a_part_of_the_total_and_usual_albumin_none() {
        let serum = super::super::SerumValue {
            mmol_per_l: 0.66,
            unit: "mmol/L",
            day: None,
            clock_h: None,
            fasting: false,
        };
        let at = |albumin: Option<f64>| {
            let person =
                Person { albumin_g_per_l: albumin, serum: vec![serum], ..Person::default() };
            let found = at_usual_albumin(&person, builtin());
            found.first().map(|one| one.adjusted_mmol_per_l)
        };
        assert_eq!((at(None), at(Some(40.0))), (None, Some(0.66)));
        // 0.005 mmol/g times 12 g/L.
        let low = at(Some(28.0)).expect("a value");
        assert!((low - 0.72).abs() <= 4.0 * f64::EPSILON && at(Some(50.0)) < Some(0.66));
    }
}
