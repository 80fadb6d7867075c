//! What the regimen is predicted to do in this person: draws of what is not known, of how people
//! differ, and of the facts that are missing.

use epsom_diag::Diagnostic;
use epsom_engine::{Action, Compiled, Options, Record, Timeline};
use epsom_evidence::Tables;
use epsom_model::ir::Model;
use epsom_population::{
    BatchOptions, Cell, Interval, Plan as Batch, Sampler, Subject, Summary, Watch, simulate,
};

use super::draw::Facts;
use super::food::available_share;
use super::kidney::Kidney;
use super::setpoint::{SetPoint, set_point};
use super::{Person, SerumValue};
use crate::compare::RTOL;
use crate::compare::course::{daily_means, day, shown};
use crate::doses::{meals, records};
use crate::formula::MAGNESIUM_G_PER_MOL;
use crate::regimen::{Regimen, Route, Timing, dose_times_h};

/// Levels of serum whose probability is given, mmol/L.
pub const LEVELS_MMOL_PER_L: [f64; 4] = [1.05, 1.5, 2.0, 2.5];

/// Levels of serum at which published cohorts count, mg/dL.
pub const COHORT_LEVELS_MG_PER_DL: [f64; 2] = [2.5, 2.7];

/// Magnesium in food before and after a urine value.
#[derive(Debug, Clone, PartialEq)]
pub struct IntakeUpdate {
    /// Measured urine, mmol a day.
    pub measured_mmol_per_day: f64,
    /// Expected urine of the typical person, mmol a day.
    pub expected_mmol_per_day: f64,
    /// Most probable magnesium in food with the value, mg a day.
    pub diet_mg_per_day: f64,
    /// Its middle 95 %, mg a day.
    pub range_mg_per_day: (f64, f64),
    /// Whether the value was fitted: it is not where food was given or where it is implausible.
    pub fitted: bool,
    /// What stands against the value; empty where nothing does.
    pub flag: String,
}

/// What is predicted on the last day of the regimen.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// Mean serum of the day, mmol/L.
    pub serum_mmol_per_l: Interval,
    /// Highest serum of the day, mmol/L.
    pub peak_mmol_per_l: Interval,
    /// Mean serum without a dose, mmol/L.
    pub before_mmol_per_l: Interval,
    /// Mean serum less that without a dose, mmol/L.
    pub rise_mmol_per_l: Interval,
    /// Urine more than without a dose, mmol a day.
    pub urine_mmol_per_day: Interval,
    /// Urine without a dose, mmol a day.
    pub urine_before_mmol_per_day: Interval,
    /// Absorbed from the supplement, mmol a day.
    pub absorbed_mmol_per_day: Interval,
    /// Left in the gut of the supplement, mmol a day.
    pub unabsorbed_mmol_per_day: Interval,
    /// Days until the mean of a day has made nine tenths of its rise.
    pub plateau_day: Interval,
    /// Probability that the peak lies above each of [`LEVELS_MMOL_PER_L`]; never 0 or 1.
    pub probability_above: [f64; 4],
    /// Probability that the mean of the day is at or above each of [`COHORT_LEVELS_MG_PER_DL`].
    pub mean_at_or_above: [f64; 2],
    /// What a urine value was found to say of the magnesium in food.
    pub intake: Option<IntakeUpdate>,
    /// Mean serum of each day, mmol/L.
    pub daily: Vec<Interval>,
    /// Draws that could be solved.
    pub n_used: u32,
    /// Draws that could not.
    pub n_failed: u32,
    /// Days of the regimen.
    pub n_days: usize,
    /// What serum values were found to say.
    pub set_point: SetPoint,
    /// Interval of healthy people of this sex, mmol/L, and its row.
    pub usual_mmol_per_l: (f64, f64),
    /// Row of that interval.
    pub usual_row: &'static str,
}

/// How the draws are made; nothing but `seed` and `n_draws` changes the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drawing {
    /// Seed.
    pub seed: u64,
    /// Draws.
    pub n_draws: u32,
    /// Threads; none for one per core.
    pub n_threads: Option<usize>,
}

/// The model, ready to run.
#[derive(Clone, Copy)]
pub struct Body<'a> {
    /// As checked.
    pub model: &'a Model,
    /// As compiled.
    pub compiled: &'a Compiled,
    /// The tables.
    pub evidence: &'a Tables,
}

/// Predicts a regimen of one or more phases by mouth.
///
/// # Errors
/// `E0660`, `E0661` of doses, `E0684` where no draw could be solved.
pub fn predict(
    person: &Person,
    kidney: &Kidney,
    phases: &[Regimen],
    body: Body<'_>,
    drawing: Drawing,
) -> Result<Prediction, Vec<Diagnostic>> {
    let Body { model, compiled, evidence } = body;
    let sampler = Sampler::new(model)?;
    let compiled = &shown(compiled).map_err(|said| vec![said])?;
    let n_days = n_days(phases);
    let mut doses = Vec::new();
    let left = person.phytate_mmol.map_or(1.0, |mmol| available_share(mmol, evidence));
    for phase in phases {
        let share = if with_meals(phase) { left } else { 1.0 };
        doses.extend(records(phase, model, evidence)?.into_iter().map(|one| scaled(one, share)));
    }
    let grid: Vec<f64> =
        (0..=N_GRID).map(|step| f64::from(step) * 24.0 / f64::from(N_GRID)).collect();
    let last_h = 24.0 * (n_days - 1) as f64;
    let mut times: Vec<f64> = (0..n_days - 1).map(|day| 24.0 * day as f64).collect();
    times.extend(grid.iter().map(|hour| last_h + hour));
    let timelines = [timeline(&[], &grid)?, timeline(&doses, &times)?];
    let facts = Facts::of(person, kidney, body);
    let prior = facts.prior(&sampler.typical());
    let offsets = offsets(person, &facts, &sampler.typical(), &doses, prior.mean)?;
    let set_point = set_point(person, &prior, &facts.healthy(), &offsets, evidence);
    let intake = facts.intake(&sampler.typical());
    let make = |draw: usize, arm: usize| {
        let params = sampler.uncertain(drawing.seed, draw as u32);
        let covariates = facts.covariates(&params, &set_point, drawing.seed, draw as u32);
        Subject {
            params,
            covariates,
            timeline: &timelines[arm],
            follows: Vec::new(),
            conduct: None,
        }
    };
    let batch = Batch {
        compiled,
        options: Options { rtol: RTOL, ..Options::default() },
        n_subjects: drawing.n_draws as usize,
        n_arms: 2,
        make: &make,
    };
    let last_dose: f64 = phases.iter().map(|one| mmol_on(one, last_h)).fold(0.0, |a, b| a + b);
    let (mut cells, mut daily) = (Summary::new(N_CELLS), Summary::new(n_days));
    let (mut above, mut n_used, mut n_failed) = ([0u32; 4], 0, 0);
    let mut mean_above = [0u32; 2];
    let watch = Watch { progress: &mut |_| {}, cancelled: &|| false };
    let options = BatchOptions { n_threads: drawing.n_threads, ..BatchOptions::default() };
    simulate(&batch, &options, watch, &mut |finished| {
        let whole = |rows: &[f64]| rows.iter().all(|value| value.is_finite());
        if finished.arms.iter().any(|run| run.failure.is_some() || !whole(&run.rows)) {
            n_failed += 1;
            return;
        }
        n_used += 1;
        let n_grid = grid.len();
        let base = day(&finished.arms[0].rows, 0, n_grid);
        let dosed = day(&finished.arms[1].rows, n_days - 1, n_grid);
        let means = daily_means(&finished.arms[1].rows, n_days, n_days + n_grid - 2);
        let peak = dosed.serum.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let before = base.serum_area / 24.0;
        let mean = dosed.serum_area / 24.0;
        let absorbed = dosed.absorbed_mmol - base.absorbed_mmol;
        let reached = means.iter().position(|one| one - before >= 0.9 * (mean - before));
        cells.add(&[
            mean,
            peak,
            before,
            mean - before,
            dosed.urine_mmol - base.urine_mmol,
            base.urine_mmol,
            absorbed,
            last_dose - absorbed,
            reached.unwrap_or(n_days - 1) as f64 + 1.0,
        ]);
        daily.add(&means);
        for (count, level) in above.iter_mut().zip(LEVELS_MMOL_PER_L) {
            *count += u32::from(peak > level);
        }
        for (count, level) in mean_above.iter_mut().zip(COHORT_LEVELS_MG_PER_DL) {
            *count += u32::from(mean >= level * 10.0 / MAGNESIUM_G_PER_MOL);
        }
    });
    if n_used == 0 {
        let message = format!("none of {} draws could be solved", drawing.n_draws);
        let help = "give a serum, filtration and weight that belong to one person";
        return Err(vec![Diagnostic::error("E0684", message).help(help)]);
    }
    let measures = cells.cells();
    let at = |index: usize| measures[index].interval();
    Ok(Prediction {
        serum_mmol_per_l: at(0),
        peak_mmol_per_l: at(1),
        before_mmol_per_l: at(2),
        rise_mmol_per_l: at(3),
        urine_mmol_per_day: at(4),
        urine_before_mmol_per_day: at(5),
        absorbed_mmol_per_day: at(6),
        unabsorbed_mmol_per_day: at(7),
        plateau_day: at(8),
        probability_above: above.map(|count| probability(count, n_used)),
        mean_at_or_above: mean_above.map(|count| probability(count, n_used)),
        intake,
        daily: daily.cells().iter().map(Cell::interval).collect(),
        n_used,
        n_failed,
        n_days,
        set_point,
        usual_mmol_per_l: facts.usual,
        usual_row: facts.usual_row,
    })
}

const N_CELLS: usize = 9;
/// Quarters of an hour in the last day.
const N_GRID: u32 = 96;

/// Share of draws by the rule of succession: as many draws can show, never 0 or 1.
fn probability(count: u32, of: u32) -> f64 {
    f64::from(count + 1) / f64::from(of + 2)
}

/// Days from the first midnight to the end of the last phase.
pub(super) fn n_days(phases: &[Regimen]) -> usize {
    let last = phases.iter().flat_map(|phase| dose_times_h(phase).last().copied());
    let last_h = last.fold(0.0, f64::max);
    (last_h / 24.0).floor() as usize + 1
}

/// Magnesium of a phase on the day that starts at `day_h`, mmol.
fn mmol_on(phase: &Regimen, day_h: f64) -> f64 {
    let times = dose_times_h(phase);
    let n = times.iter().filter(|time| (day_h..day_h + 24.0).contains(*time)).count();
    n as f64 * phase.dose.amount.mmol
}

fn timeline(doses: &[Record], times_h: &[f64]) -> Result<Timeline, Vec<Diagnostic>> {
    // Observations first: at one time the state before the dose is seen.
    let seen = times_h.iter().map(|&time_h| Record { time_h, action: Action::Observe });
    let records: Vec<Record> = seen.chain(doses.iter().copied()).collect();
    let fault =
        |error| vec![Diagnostic::error("E0683", format!("these doses cannot be given: {error:?}"))];
    Timeline::new(records, Vec::new()).map_err(fault)
}

/// Whether the doses of a phase are said to be taken with meals.
fn with_meals(phase: &Regimen) -> bool {
    matches!(phase.route, Route::Oral { timing: Timing::WithMeals })
}

/// A dose of which a share can be absorbed.
fn scaled(mut record: Record, share: f64) -> Record {
    if let Action::Dose(dose) = &mut record.action {
        dose.amount *= share;
    }
    record
}

/// What meals and doses add to the set point at the time of each serum value, mmol/L, in the
/// typical person.
fn offsets(
    person: &Person,
    facts: &Facts<'_>,
    typical: &[f64],
    doses: &[Record],
    serum0: f64,
) -> Result<Vec<f64>, Vec<Diagnostic>> {
    let Body { model, compiled, .. } = facts.body;
    let breakfast = meals(model).first().map_or(8.0, |meal| meal.from_h);
    // A value before the first meal stands where the night ends.
    let hour = |one: &SerumValue| if one.fasting { Some(breakfast) } else { one.clock_h };
    let time = |one: &SerumValue| match one.day {
        Some(day) => Some(24.0 * f64::from(day - 1) + hour(one).unwrap_or(breakfast)),
        None => hour(one),
    };
    if person.serum.iter().all(|one| time(one).is_none()) {
        return Ok(vec![0.0; person.serum.len()]);
    }
    let compiled = &shown(compiled).map_err(|said| vec![said])?;
    let covariates = facts.typical(typical, serum0);
    let mut found = Vec::new();
    for one in &person.serum {
        let Some(time_h) = time(one) else {
            found.push(0.0);
            continue;
        };
        let given: &[Record] = if one.day.is_some() { doses } else { &[] };
        let timelines = [timeline(&[], &[0.0, 24.0])?, timeline(given, &[time_h])?];
        let make = |_: usize, arm: usize| Subject {
            params: typical.to_vec(),
            covariates: covariates.clone(),
            timeline: &timelines[arm],
            follows: Vec::new(),
            conduct: None,
        };
        let options = Options { rtol: RTOL, ..Options::default() };
        let batch = Batch { compiled, options, n_subjects: 1, n_arms: 2, make: &make };
        let watch = Watch { progress: &mut |_| {}, cancelled: &|| false };
        let mut offset = 0.0;
        let threads = BatchOptions { n_threads: Some(1), ..BatchOptions::default() };
        simulate(&batch, &threads, watch, &mut |finished| {
            let base = day(&finished.arms[0].rows, 0, 2);
            let at = day(&finished.arms[1].rows, 0, 1);
            offset = at.serum[0] - base.serum_area / 24.0;
        });
        found.push(if offset.is_finite() { offset } else { 0.0 });
    }
    Ok(found)
}
