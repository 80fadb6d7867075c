//! Where a run of a built-in model goes beyond what the model was held against.

use std::collections::BTreeSet;

use super::Args;
use super::dosing::has_gut;
use super::plan::Plan;
use epsom_diag::{Diagnostic, FileId};
use epsom_engine::{Inputs, evaluate};
use epsom_magnesium::builtin_model;
use epsom_magnesium::doses::THREONATE_FAMILY;
use epsom_magnesium::reach::{Quantity, Taken, beyond, of_records, ranges};
use epsom_magnesium::regimen::{Route, parse_regimen};
use epsom_magnesium::salts::built_in_salts;

/// What a run by rules leaves out.
const WITHOUT_ANION: &str = "Rules change doses of magnesium alone: the anion of L-threonate is left out of the run, so \
     `threonate_plasma` stays 0 and `threonate_gain` does nothing.";

/// Most people whose covariates are looked at.
const MOST_PEOPLE: usize = 10_000;

/// In sentences; none for a model of one's own, which was held against nothing here.
pub(super) fn extrapolates(args: &Args, plan: &Plan) -> Vec<String> {
    if builtin_model(&args.model.to_string_lossy()).is_none() || !has_gut(&plan.model) {
        return Vec::new();
    }
    let doses = plan.subjects.iter().map(|subject| of_records(&plan.doses(subject), &plan.model));
    let mut taken = doses.fold(Taken::default(), Taken::most);
    if args.into.is_none() {
        taken.families = families(&args.regimens);
    }
    let by_rules = !args.rules.is_empty() && taken.families.contains(THREONATE_FAMILY);
    let mut found = beyond(&people(plan), &taken);
    found.extend(by_rules.then(|| WITHOUT_ANION.to_string()));
    found
}

/// One note with a line per sentence.
pub(super) fn note(found: &[String]) -> Option<Diagnostic> {
    let said = Diagnostic::note_of("N0917", "beyond what the model was held against");
    let said = found.iter().fold(said, |said, one| said.note(one.as_str()));
    (!found.is_empty()).then_some(said)
}

/// Salts by mouth.
fn families(texts: &[String]) -> BTreeSet<&'static str> {
    let read =
        texts.iter().filter_map(|text| parse_regimen(text, FileId(0), built_in_salts()).ok());
    let by_mouth = read.filter(|one| matches!(one.route, Route::Oral { .. }));
    by_mouth.filter_map(|one| Some(one.dose.salt?.salt.family)).collect()
}

/// Covariates that have a range, of every person.
fn people(plan: &Plan) -> Vec<Quantity<'static>> {
    let covariates = &plan.model.covariates;
    let place = |name: &str| covariates.iter().position(|one| one.name == name);
    let all: Vec<Vec<Vec<f64>>> = match plan.people.as_ref().filter(|people| people.differ()) {
        Some(people) => {
            let chosen = people.chosen.iter().take(MOST_PEOPLE);
            let values = |&person| -> Vec<Vec<f64>> {
                people.covariates(plan, person).into_iter().map(|value| vec![value]).collect()
            };
            chosen.map(values).collect()
        }
        None => plan.subjects.iter().take(MOST_PEOPLE).map(|one| of_subject(plan, one)).collect(),
    };
    let with_range = ranges().iter().filter_map(|range| Some((range, place(&range.quantity)?)));
    with_range
        .map(|(range, at)| {
            let values = |person: &Vec<Vec<f64>>| match &*range.quantity {
                "gfr" => filtration(plan, person).unwrap_or_else(|| person[at].clone()),
                _ => person[at].clone(),
            };
            Quantity { name: &range.quantity, values: all.iter().map(values).collect() }
        })
        .collect()
}

/// What a person filters by the model's own output, from whichever of its covariates say it, times
/// the share that is left of it; one per value of the covariates. None where the model has no such output.
fn filtration(plan: &Plan, person: &[Vec<f64>]) -> Option<Vec<f64>> {
    let model = &plan.model;
    let output = model.outputs.iter().find(|one| one.name == "filtration")?;
    let share = model.covariates.iter().position(|one| one.name == "filter_share");
    let n_values = person.iter().map(Vec::len).max()?;
    let one = |at: usize| {
        let now = |values: &Vec<f64>| values.get(at).or(values.last()).copied().unwrap_or_default();
        let covariates: Vec<f64> = person.iter().map(now).collect();
        let left = share.map_or(1.0, |share| covariates[share]);
        let none = vec![0.0; model.compartments.len()];
        let inputs = Inputs {
            time_h: 0.0,
            state: none.clone(),
            params: plan.params.clone(),
            covariates,
            modes: vec![0.0; model.modes.len()],
            dose_times_h: none.clone(),
            dose_amounts: none,
        };
        Some(left * evaluate(&model.exprs, output.value, &inputs)?)
    };
    (0..n_values).map(one).collect()
}

/// Values of each covariate: those of the records where there are any.
fn of_subject(plan: &Plan, subject: &epsom_population::SubjectRecords) -> Vec<Vec<f64>> {
    let mut values: Vec<Vec<f64>> =
        plan.covariate_values().into_iter().map(|value| vec![value]).collect();
    for track in subject.timeline.tracks() {
        values[track.covariate as usize].clone_from(&track.values);
    }
    values
}
