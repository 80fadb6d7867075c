//! Where a run of a built-in model goes beyond what the model was held against.

use std::collections::BTreeSet;

use super::Args;
use super::dosing::has_gut;
use super::plan::Plan;
use epsom_diag::{Diagnostic, FileId};
use epsom_magnesium::builtin_model;
use epsom_magnesium::reach::{Quantity, Taken, beyond, of_records, ranges};
use epsom_magnesium::regimen::{Route, parse_regimen};
use epsom_magnesium::salts::built_in_salts;

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
    beyond(&people(plan), &taken)
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
            // What is filtered is a share of the filtration that the base was set with.
            let share = place("filter_share").filter(|_| range.quantity == "gfr");
            let values = |person: &Vec<Vec<f64>>| match share {
                Some(share) => product(&person[at], &person[share]),
                None => person[at].clone(),
            };
            Quantity { name: &range.quantity, values: all.iter().map(values).collect() }
        })
        .collect()
}

fn product(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().flat_map(|a| b.iter().map(move |b| a * b)).collect()
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
