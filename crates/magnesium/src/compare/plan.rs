//! What has to be run: salts whose doses dissolve alike are one run.

use epsom_diag::Diagnostic;
use epsom_engine::{Action, Record, Timeline, TimelineError};
use epsom_evidence::Tables;
use epsom_model::ir::Model;

use super::Settings;
use crate::absorption::dissolve;
use crate::dissolution::{dissolution, limit_mmol};
use crate::doses::{after_meal_h, clock_hours, meals, records};
use crate::regimen::{Content, Regimen, Route, SaltDose, Schedule, Stated, Timing};
use crate::salts::Amount;

/// Steps of the last dosing day at which serum is looked at, h.
const GRID_H: f64 = 0.25;
/// Steps in a day.
const N_GRID: u32 = 96;

/// What is run.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// A day without a dose, every [`Plan::day_h`].
    pub base: Timeline,
    /// Each distinct set of doses.
    pub groups: Vec<Group>,
    /// Per salt and timing, in the order of the arms: which group, and one dose of it.
    pub members: Vec<Member>,
    /// Hours of the last day's rows after its midnight, from 0 to 24.
    pub day_h: Vec<f64>,
}

/// Arms that are one and the same to the model.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Doses and observations: midnight of every day, then the last day every quarter of an hour.
    pub timeline: Timeline,
    /// Its doses.
    records: Vec<Record>,
}

/// One salt taken in one way.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Index into [`Settings::forms`].
    pub form: usize,
    /// With or between meals.
    pub timing: Timing,
    /// Index into [`Plan::groups`].
    pub group: usize,
    /// Clock hours of the doses.
    pub dose_hours: Vec<f64>,
    /// One dose.
    pub dose: Amount,
    /// Of which dissolves slowly, mmol.
    pub residue_mmol: f64,
}

/// What has to be run for `settings`.
///
/// # Errors
/// `E0660`, `E0661` as [`records`].
pub fn plan(
    settings: &Settings,
    model: &Model,
    evidence: &Tables,
) -> Result<Plan, Vec<Diagnostic>> {
    let n_days = 7 * settings.n_weeks;
    let day_h: Vec<f64> = (0..=N_GRID).map(|step| f64::from(step) * GRID_H).collect();
    let last_h = 24.0 * f64::from(n_days - 1);
    let mut times: Vec<f64> = (0..n_days - 1).map(|day| 24.0 * f64::from(day)).collect();
    times.extend(day_h.iter().map(|hour| last_h + hour));
    let mut plan =
        Plan { base: timeline(&[], &day_h)?, groups: Vec::new(), members: Vec::new(), day_h };
    for (form_idx, form) in settings.forms.iter().enumerate() {
        for &timing in &settings.timings {
            let n = settings.n_doses_a_day;
            let dose = Amount { mmol: form.daily.mmol / f64::from(n) };
            let regimen = regimen(form, dose, timing, n, n_days);
            let records = records(&regimen, model, evidence)?;
            let group = match plan.groups.iter().position(|group| group.records == records) {
                Some(at) => at,
                None => {
                    let timeline = timeline(&records, &times)?;
                    plan.groups.push(Group { timeline, records });
                    plan.groups.len() - 1
                }
            };
            let hours = clock_hours(n as usize, timing, &meals(model), after_meal_h(evidence));
            let limit = dissolution(form.salt.family).map(|one| limit_mmol(one.limit, evidence));
            let limit = limit.and_then(Result::ok).unwrap_or(f64::INFINITY);
            plan.members.push(Member {
                form: form_idx,
                timing,
                group,
                dose_hours: hours.unwrap_or_default(),
                dose,
                residue_mmol: dissolve(dose.mmol, limit).residue_mmol,
            });
        }
    }
    Ok(plan)
}

fn regimen(form: &super::Form, dose: Amount, timing: Timing, n: u32, n_days: u32) -> Regimen {
    let salt = SaltDose {
        salt: form.salt.clone(),
        mass: form.salt.mass_of(dose),
        form_basis: form.form_basis,
    };
    Regimen {
        text: String::new(),
        dose: Content {
            amount: dose,
            elemental: dose.elemental(),
            salt: Some(salt),
            stated: Stated::Amount,
        },
        route: Route::Oral { timing },
        start_h: 0.0,
        schedule: Schedule::Every { interval_h: 24.0 / f64::from(n), count: n * n_days },
    }
}

fn timeline(doses: &[Record], times_h: &[f64]) -> Result<Timeline, Vec<Diagnostic>> {
    // Observations first: at one time the state before the dose is seen, as at midnight of day 1.
    let seen = times_h.iter().map(|&time_h| Record { time_h, action: Action::Observe });
    let records: Vec<Record> = seen.chain(doses.iter().copied()).collect();
    Timeline::new(records, Vec::new()).map_err(|error: TimelineError| {
        vec![Diagnostic::error("E0662", format!("this dose cannot be given: {error:?}"))]
    })
}
