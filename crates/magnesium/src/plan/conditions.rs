//! Conditions by the names that people use, matched to the facts that gates look at.

use epsom_diag::did_you_mean;

use super::person::{Bowel, Person};

/// A condition that no rule knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownCondition {
    /// As given.
    pub name: String,
    /// A name that is known and near.
    pub did_you_mean: Option<&'static str>,
}

/// Names of conditions, and the fact that a gate looks at.
const CONDITIONS: &[(&str, &str)] = &[
    ("acute kidney injury", "acute kidney injury"),
    ("acute renal failure", "acute kidney injury"),
    ("aki", "acute kidney injury"),
    ("unstable creatinine", "acute kidney injury"),
    ("dialysis", "dialysis"),
    ("haemodialysis", "dialysis"),
    ("hemodialysis", "dialysis"),
    ("peritoneal dialysis", "dialysis"),
    ("bowel obstruction", "bowel obstruction"),
    ("bowel stasis", "bowel obstruction"),
    ("ileus", "bowel obstruction"),
    ("megacolon", "bowel obstruction"),
    ("retained laxatives", "bowel obstruction"),
    ("gastrectomy", "gastrectomy"),
    ("partial gastrectomy", "gastrectomy"),
    ("total gastrectomy", "gastrectomy"),
    ("heart block", "heart block"),
    ("av block", "heart block"),
    ("atrioventricular block", "heart block"),
    ("bradycardia", "bradycardia"),
    ("slow heart rate", "bradycardia"),
    ("dehydration", "dehydration"),
    ("dehydrated", "dehydration"),
    ("exsiccosis", "dehydration"),
    ("struvite stones", "struvite stones"),
    ("infection stones", "struvite stones"),
    ("hypotension", "hypotension"),
    ("low blood pressure", "hypotension"),
    ("myasthenia", "myasthenia gravis"),
    ("myasthenia gravis", "myasthenia gravis"),
    ("symptoms", "symptoms"),
    ("seizure", "symptoms"),
    ("seizures", "symptoms"),
    ("tetany", "symptoms"),
    ("arrhythmia", "symptoms"),
    // No gate looks at these by themselves: filtration decides, and without one nothing is predicted.
    ("kidney disease", KIDNEY_DISEASE),
    ("chronic kidney disease", KIDNEY_DISEASE),
    ("ckd", KIDNEY_DISEASE),
    ("renal disease", KIDNEY_DISEASE),
    ("renal impairment", KIDNEY_DISEASE),
    ("kidney impairment", KIDNEY_DISEASE),
    ("renal insufficiency", KIDNEY_DISEASE),
    ("kidney insufficiency", KIDNEY_DISEASE),
    ("renal failure", KIDNEY_DISEASE),
    ("kidney failure", KIDNEY_DISEASE),
];

/// Kidney disease of a stage that is not said.
pub(super) const KIDNEY_DISEASE: &str = "kidney disease";

/// Conditions that are facts of their own.
fn own_fact(person: &mut Person, lower: &str) -> bool {
    match lower {
        "pregnant" | "pregnancy" => person.pregnant = true,
        "lactating" | "lactation" | "breastfeeding" | "breast-feeding" => person.lactating = true,
        "constipation" | "constipated" => person.bowel = Some(Bowel::Constipated),
        "diarrhea" | "diarrhoea" => person.bowel = Some(Bowel::Diarrhea),
        _ => return false,
    }
    true
}

/// Every fact that a condition may be.
#[cfg(test)]
pub(super) fn condition_facts() -> impl Iterator<Item = &'static str> {
    CONDITIONS.iter().map(|(_, fact)| *fact)
}

/// Takes a condition into the person: a fact of a gate, a stage of kidney disease, or unknown.
pub(super) fn condition(person: &mut Person, word: &str) {
    let lower = word.trim().to_lowercase();
    if lower.is_empty() {
        return;
    }
    if let Some((_, fact)) = CONDITIONS.iter().find(|(name, _)| *name == lower) {
        person.conditions.push(fact);
    } else if let Some(stage) = stage(&lower) {
        person.ckd_stage = Some(stage);
    } else if !own_fact(person, &lower) {
        let names = CONDITIONS.iter().map(|(name, _)| *name);
        let did_you_mean = did_you_mean(&lower, names);
        person
            .unknown_conditions
            .push(UnknownCondition { name: word.trim().to_string(), did_you_mean });
    }
}

/// `ckd 3`, `ckd stage 3a`, `ckd g4`, `chronic kidney disease stage 5`.
fn stage(lower: &str) -> Option<u8> {
    let rest =
        lower.strip_prefix("ckd").or_else(|| lower.strip_prefix("chronic kidney disease"))?;
    let rest = rest.trim_start().trim_start_matches("stage").trim_start().trim_start_matches('g');
    let digit = rest.chars().next()?.to_digit(10)?;
    (1..=5).contains(&digit).then_some(digit as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stages_and_slips_are_told_apart() {
        let mut person = Person::default();
        let words = ["AV block", "ckd stage 3a", "myastenia", "gout", "", "Breastfeeding", "CKD"];
        for word in words {
            condition(&mut person, word);
        }
        assert_eq!(person.conditions, ["heart block", KIDNEY_DISEASE]);
        assert_eq!((person.ckd_stage, person.lactating, person.pregnant), (Some(3), true, false));
        let unknown: Vec<_> =
            person.unknown_conditions.iter().map(|one| one.did_you_mean).collect();
        assert_eq!(unknown, [Some("myasthenia"), None]);
        assert_eq!([stage("ckd g4"), stage("ckd"), stage("ckd 7")], [Some(4), None, None]);
    }
}
