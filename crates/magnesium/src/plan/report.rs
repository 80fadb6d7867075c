//! Everything that is found for one person and one regimen.

use epsom_diag::Diagnostic;
use epsom_evidence::Tables;
use epsom_model::ir::Model;

use super::albumin::{AtUsualAlbumin, at_usual_albumin};
use super::bands::{Band, bands};
use super::cohorts::{Cohort, Odds, cohorts, odds};
use super::conditions::KIDNEY_DISEASE;
use super::day::{Found, Wanted, day};
use super::food::pattern_mg;
use super::gates::{Gate, gates};
use super::goal::goal_lines;
use super::intake::{Intake, intakes};
use super::interactions::{Interaction, NotChecked, interactions, joined};
use super::kidney::{ADULT_YEAR, Filtration, Kidney, kidney};
use super::predict::{Body, Drawing, Prediction, predict};
use super::stool::{Stool, stool};
use super::{Bowel, Person};
use crate::doses::records;
use crate::reach::{self, Quantity, beyond};
use crate::regimen::{Regimen, Route, dose_times_h};
use crate::salts::ElementalMass;

/// One phase of what is taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// As written.
    pub text: String,
    /// Family of the salt; empty where none is named.
    pub family: &'static str,
    /// Form of the salt; empty where none is named.
    pub salt: String,
    /// Magnesium, mg a day.
    pub elemental_mg_per_day: f64,
    /// Salt, mg a day.
    pub salt_mg_per_day: f64,
    /// Into a vein.
    pub parenteral: bool,
    /// First and last day, from 1.
    pub days: (usize, usize),
    /// Clock hours of its doses.
    pub clock_h: Vec<f64>,
}

/// The plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Who.
    pub person: Person,
    /// Kidneys.
    pub kidney: Kidney,
    /// What is taken, phase by phase.
    pub taken: Vec<Taken>,
    /// Clock hours of the magnesium on the fullest day.
    pub dose_clock_h: Vec<f64>,
    /// Open gates, hard ones first.
    pub gates: Vec<Gate>,
    /// The day with the most magnesium, against limits.
    pub intakes: Vec<Intake>,
    /// Signs of too much, as levels of serum.
    pub bands: Vec<Band>,
    /// Interactions of the medicines.
    pub interactions: Vec<Interaction>,
    /// Names that no row knows.
    pub not_checked: Vec<NotChecked>,
    /// A day that keeps the separations.
    pub day: Found,
    /// Laxative risk.
    pub stool: Stool,
    /// Counts of cohorts on magnesium oxide; empty for other salts.
    pub cohorts: Vec<Cohort>,
    /// What the model gives beside their odds ratios.
    pub odds: Option<Odds>,
    /// What is predicted; none where the model does not hold, with [`Plan::not_predicted`].
    pub prediction: Option<Prediction>,
    /// Why nothing is predicted; empty otherwise.
    pub not_predicted: String,
    /// Serum values at a usual albumin; empty where albumin is not given.
    pub at_usual_albumin: Vec<AtUsualAlbumin>,
    /// What the evidence holds on the goal.
    pub goal: Vec<String>,
    /// Facts that are missing, with what stands in for them.
    pub missing: Vec<String>,
    /// Where the prediction goes beyond what the model was held against.
    pub extrapolates: Vec<String>,
}

/// What the phases hold.
///
/// # Errors
/// `E0660`, `E0661` of doses.
pub fn taken(
    phases: &[Regimen],
    model: &Model,
    evidence: &Tables,
) -> Result<Vec<Taken>, Vec<Diagnostic>> {
    let one = |phase: &Regimen| {
        let a_day = phase.schedule.doses_per_day();
        let salt = phase.dose.salt.as_ref();
        let times = dose_times_h(phase);
        let day = |time: Option<&f64>| time.map_or(1, |time| (time / 24.0).floor() as usize + 1);
        let given = records(phase, model, evidence)?;
        let mut clock_h: Vec<f64> =
            given.iter().map(|record| record.time_h.rem_euclid(24.0)).collect();
        // A run at an interval below a day has its other hours in its repeats.
        if phase.schedule.doses_per_day() > clock_h.len() as f64 {
            clock_h = times
                .iter()
                .take(a_day.round() as usize)
                .map(|time| time.rem_euclid(24.0))
                .collect();
        }
        clock_h.sort_by(f64::total_cmp);
        clock_h.dedup();
        Ok(Taken {
            text: phase.text.clone(),
            family: salt.map_or("", |dose| dose.salt.family),
            salt: salt.map_or_else(String::new, |dose| dose.salt.name.clone()),
            elemental_mg_per_day: phase.dose.elemental.mg * a_day,
            salt_mg_per_day: salt.map_or(0.0, |dose| dose.mass.mg * a_day),
            parenteral: matches!(phase.route, Route::Iv { .. }),
            days: (day(times.first()), day(times.last())),
            clock_h,
        })
    };
    phases.iter().map(one).collect()
}

/// The plan for a person and a regimen of one or more phases.
///
/// # Errors
/// `E0683` without a regimen, `E0660`, `E0661` of doses, `E0684` where no draw could be solved.
pub fn plan(
    person: &Person,
    phases: &[Regimen],
    body: Body<'_>,
    drawing: Drawing,
) -> Result<Plan, Vec<Diagnostic>> {
    if phases.is_empty() {
        let said = Diagnostic::error("E0683", "nothing says what is taken");
        return Err(vec![
            said.help("give `--regimen \"1 g MgT twice daily with meals for 12 weeks\"`"),
        ]);
    }
    let evidence = body.evidence;
    let taken = taken(phases, body.model, evidence)?;
    let doses = phases.iter().map(|phase| records(phase, body.model, evidence));
    let doses = doses.collect::<Result<Vec<_>, _>>()?.concat();
    let families = taken.iter().filter(|one| !one.parenteral).map(|one| one.family);
    let given = reach::Taken {
        families: families.filter(|family| !family.is_empty()).collect(),
        ..reach::of_records(&doses, body.model)
    };
    let kidney = kidney(person, evidence);
    let most = fullest_day(&taken);
    let (found, not_checked) = interactions(&person.medicines, evidence);
    let not_predicted = not_predicted(person, &kidney, &taken);
    let prediction = if not_predicted.is_empty() {
        Some(predict(person, &kidney, phases, body, drawing)?)
    } else {
        None
    };
    let is_oxide = taken.iter().any(|one| one.family == "oxide" && !one.parenteral);
    let odds = match (&prediction, is_oxide, kidney.filtration) {
        (Some(found), true, Some(_)) => Some(beside(person, phases, body, drawing, found)?),
        _ => None,
    };
    let cohorts = if is_oxide { cohorts(&kidney, evidence) } else { Vec::new() };
    let dose_clock_h = clock_hours(&most);
    let by_mouth = most.iter().filter(|one| !one.parenteral);
    let elemental = by_mouth.map(|one| one.elemental_mg_per_day).fold(0.0, |a, b| a + b);
    let left = prediction.as_ref().map(|one| one.unabsorbed_mmol_per_day);
    Ok(Plan {
        gates: gates(person, &kidney, &taken, evidence),
        intakes: intakes(person, &most, evidence),
        bands: bands(evidence),
        day: schedule(person, &dose_clock_h, &found),
        dose_clock_h,
        stool: stool(elemental, left, evidence),
        missing: missing(person, &kidney, prediction.is_some(), evidence),
        at_usual_albumin: at_usual_albumin(person, evidence),
        goal: goal_lines(&person.goal, evidence),
        extrapolates: extrapolates(person, &kidney, &taken, &given)
            .into_iter()
            .chain(medicines_left_out(&found, prediction.is_some()))
            .collect(),
        cohorts,
        odds,
        interactions: found,
        not_checked,
        prediction,
        not_predicted,
        kidney,
        taken,
        person: person.clone(),
    })
}

/// Hours of a year of 365.25 days.
const H_PER_YEAR: f64 = 8766.0;
/// Draws of the run with a healthy filtration, which stands beside odds ratios only.
const N_BESIDE: u32 = 100;

/// The same person with the filtration of a healthy adult.
fn beside(
    person: &Person,
    phases: &[Regimen],
    body: Body<'_>,
    drawing: Drawing,
    own: &Prediction,
) -> Result<Odds, Vec<Diagnostic>> {
    let per_h = body.model.covariates.iter().find(|one| one.name == "gfr");
    let per_h = per_h.map_or(f64::NAN, |one| one.default);
    let ml_per_min = per_h / crate::compare::L_PER_H_PER_ML_PER_MIN;
    let healthy = Kidney { filtration: Some(Filtration { ml_per_min }), ..Kidney::default() };
    let drawing = Drawing { n_draws: drawing.n_draws.min(N_BESIDE), ..drawing };
    let found = predict(person, &healthy, phases, body, drawing)?;
    Ok(odds(own, &found, ml_per_min))
}

/// Phases of the day with the most magnesium.
fn fullest_day(taken: &[Taken]) -> Vec<Taken> {
    let on = |day: usize| -> Vec<Taken> {
        let is_on = |one: &&Taken| (one.days.0..=one.days.1).contains(&day);
        taken.iter().filter(is_on).cloned().collect()
    };
    let amount = |day: usize| -> f64 { on(day).iter().map(|one| one.elemental_mg_per_day).sum() };
    let days = taken.iter().map(|one| one.days.0);
    days.max_by(|&a, &b| amount(a).total_cmp(&amount(b))).map(on).unwrap_or_default()
}

fn clock_hours(taken: &[Taken]) -> Vec<f64> {
    let mut hours: Vec<f64> = taken.iter().flat_map(|one| one.clock_h.iter().copied()).collect();
    hours.sort_by(f64::total_cmp);
    hours.dedup();
    hours
}

fn schedule(person: &Person, hours: &[f64], found: &[Interaction]) -> Found {
    let wanted = |medicine: &super::Medicine| {
        let own = found.iter().filter(|one| one.medicine == medicine.name);
        Wanted {
            name: medicine.name.clone(),
            fixed_h: medicine.clock_h.clone(),
            separation: joined(own.map(|one| &one.separation)),
        }
    };
    let wanted: Vec<Wanted> = person.medicines.iter().map(wanted).collect();
    day(hours, &wanted)
}

/// Why nothing is predicted; empty where something is.
pub(super) fn not_predicted(person: &Person, kidney: &Kidney, taken: &[Taken]) -> String {
    let has = |fact: &str| person.conditions.contains(&fact);
    let why = if taken.iter().any(|one| one.parenteral) {
        "Magnesium into a vein is not predicted here; `epsom simulate magnesium` runs it."
    } else if has("dialysis") {
        "On dialysis serum is decided by the dialysate, which the model does not hold."
    } else if has("bowel obstruction") || has("gastrectomy") {
        "Severe retention in the gut lies outside the model: published cases reached 4 to 9 mmol/L \
         with normal filtration, and no prediction of this model would show them."
    } else if has("acute kidney injury") {
        "Filtration is changing, so no steady course can be predicted."
    } else if kidney.filtration.is_none()
        && (has(KIDNEY_DISEASE) || person.ckd_stage.is_some_and(|stage| stage > 2))
    {
        "Chronic kidney disease is named without a filtration: a healthy kidney is no stand-in, and \
         creatinine with age and sex, an eGFR or a creatinine clearance would tell."
    } else if person.age_year.is_some_and(|age| age < ADULT_YEAR) {
        "No dose by mouth was held against children: how much they absorb, and how it settles in a \
         growing body, is not known. What allometry and the growth of filtration alone would give \
         is what `epsom simulate magnesium --person child-9` runs."
    } else {
        ""
    };
    why.to_string()
}

fn missing(person: &Person, kidney: &Kidney, is_predicted: bool, evidence: &Tables) -> Vec<String> {
    // What stands in for a fact matters only where something is predicted.
    let instead = |fact: &str, taken: &str, source: &str| match is_predicted {
        true => format!("{fact}: {taken} [{source}]"),
        false => format!("{fact}: nothing is predicted, so nothing stands in for it [{source}]"),
    };
    let indexed = kidney.indexed.is_some() && person.crcl.is_none() && person.weight_kg.is_some();
    let food = match person.urine {
        Some(_) => "the reference diet with a wide spread is taken, weighed with the urine value",
        None => "the reference diet with a wide spread is taken",
    };
    let facts: [(bool, String); 8] = [
        (
            person.age_year.is_none(),
            "age: limits by age cannot be given, and filtration not be estimated [iom1997, ckdepi2021]".to_string(),
        ),
        (person.sex.is_none(), "sex: reference intakes differ by it [iom1997]".to_string()),
        (
            person.weight_kg.is_none(),
            instead("weight", "70 kg with a wide spread is taken", "plan.unknown.weight_cv, assumed"),
        ),
        (
            indexed && person.height_cm.is_none(),
            instead("height", "a body surface of 1.73 m2 is taken for filtration", "renal.bsa.index"),
        ),
        (
            kidney.filtration.is_none(),
            instead(
                "kidney function (creatinine with age and sex, eGFR or creatinine clearance)",
                "that of a healthy adult with a wide spread is taken, which a person with unknown \
                 kidneys may not have",
                "plan.unknown.gfr_cv, assumed",
            ),
        ),
        (
            person.serum.is_empty(),
            instead(
                "serum magnesium",
                "that of the population is taken, moved by filtration and diet",
                "model magnesium, PK066, PK067, PK069",
            ),
        ),
        (
            person.diet_mg_per_day.is_none() && person.food_pattern.is_none(),
            instead("magnesium in food", food, "plan.unknown.diet_cv, assumed"),
        ),
        (
            person.medicines.is_empty(),
            "medicines: none were named, so none were checked [interactions.csv]".to_string(),
        ),
    ];
    let said = facts.into_iter().filter(|(is, _)| *is).map(|(_, text)| text);
    let pattern = person.food_pattern.filter(|_| person.diet_mg_per_day.is_none()).map(|one| {
        let mg = pattern_mg(one, evidence);
        let source = evidence.value(one.row).map_or("", |row| row.source_key.as_str());
        format!(
            "magnesium in food as an amount: {mg:.0} mg a day of the pattern \"{}\" with the spread of \
             an unknown diet is taken [{source}, {}]",
            one.name, one.row
        )
    });
    said.chain(pattern).collect()
}

/// Medicines that change magnesium, which the prediction leaves out.
fn medicines_left_out(found: &[Interaction], is_predicted: bool) -> Option<String> {
    let changes = |one: &&Interaction| {
        ["lowers Mg", "raises Mg"].iter().any(|words| one.direction.contains(words))
    };
    let mut names: Vec<&str> = Vec::new();
    let mut sources: Vec<&str> = Vec::new();
    for one in found.iter().filter(changes) {
        names.push(&one.medicine);
        sources.push(&one.source);
    }
    names.dedup();
    sources.dedup();
    (is_predicted && !names.is_empty()).then(|| {
        format!(
            "{}: what it does to magnesium is in the prediction only as far as a measured serum holds \
             it. [{}]",
            names.join(", "),
            sources.join(", ")
        )
    })
}

fn extrapolates(
    person: &Person,
    kidney: &Kidney,
    taken: &[Taken],
    given: &reach::Taken,
) -> Vec<String> {
    let l_per_h = |ml_per_min: f64| ml_per_min * crate::compare::L_PER_H_PER_ML_PER_MIN;
    let known = [
        ("gfr", kidney.lowest_ml_per_min().map(l_per_h)),
        ("wt", person.weight_kg),
        ("diet", person.diet_mg_per_day.map(|mg| ElementalMass { mg }.amount().mmol / 24.0)),
        ("age", person.age_year.map(|year| year * H_PER_YEAR)),
    ];
    let known = known.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let known: Vec<Quantity<'_>> =
        known.map(|(name, value)| Quantity::of_one(name, value)).collect();
    let mut found = beyond(&known, given);
    let mut say = |is: bool, text: &str| {
        if is {
            found.push(text.to_string());
        }
    };
    say(
        person.pregnant && kidney.filtration.is_some(),
        "Pregnancy: filtration is taken as it was given, so one from before lies too low; equations \
         for creatinine were not made for pregnancy, and plasma volume and what the child takes up \
         are not in the model. [model magnesium]",
    );
    say(
        person.pregnant && kidney.filtration.is_none(),
        "Pregnancy: filtration is taken to be 1.45 times that of a healthy adult; plasma volume and \
         what the child takes up are not in the model. [EPS027, assumed]",
    );
    say(person.lactating, "Lactation: what goes into milk is not in the model. [model magnesium]");
    say(
        taken.iter().any(|one| one.family == "oxide"),
        "Magnesium oxide: in hospital cohorts a quarter of users reached 2.7 mg/dL even with filtration \
         above 60 mL/min, which this model does not give. [mgo_inpatients_jp]",
    );
    say(
        person.phytate_mmol.is_some(),
        "Meals rich in phytate: what one study found of the share absorbed is taken as the share \
         that can be absorbed, of food and of doses with meals. [bohn2004, PK039]",
    );
    say(
        person.bowel == Some(Bowel::Diarrhea),
        "Diarrhea: losses through the gut rise and passage is faster, by amounts that no row holds. [no row]",
    );
    say(
        person.bowel == Some(Bowel::Constipated),
        "Constipation: slow passage leaves more time for absorption, by an amount that no row holds; \
         published cases of severe retention began with it [case_hindawi2020].",
    );
    say(
        person.albumin_g_per_l.is_some(),
        "Albumin: a part of total serum magnesium is bound to it (row PK072), so that low albumin \
         lowers the total at the same ionized magnesium; the prediction is of the total at a usual \
         albumin, and no number is changed. [boron2016, kroll1985]",
    );
    say(
        true,
        "Severe retention (bowel stasis, gastrectomy, overdose) lies outside the model. [case_hindawi2020, case_si2024]",
    );
    found
}
