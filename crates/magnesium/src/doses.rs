//! Doses of a regimen as records of the whole-body model.
//!
//! By mouth a dose is split into what dissolves at once (compartment `solid`) and the rest
//! (`residue`); into a vein it runs into `plasma`. The anion of L-threonate goes to `threonate_gut`.
//! Doses said to be taken with or between meals move to the hours of the model's meals.

use epsom_diag::{Diagnostic, list_names};
use epsom_engine::{Action, Dose, DoseKind, Record, Steady};
use epsom_evidence::{Tables, builtin_substances};
use epsom_model::ir::{ExprId, Mode, Model, Node};

use crate::absorption::dissolve;
use crate::dissolution::{Limit, dissolution, limit_mmol};
use crate::regimen::{Regimen, Route, Schedule, Timing, dose_times_h};

/// Row of the hours from the end of a meal to a dose between meals.
pub const AFTER_MEAL_ROW: &str = "EPS114";

/// A meal of the model, every day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Meal {
    /// Hours after midnight at which it starts.
    pub from_h: f64,
    /// Its duration, h.
    pub length_h: f64,
}

/// The meals of a model: its windows that repeat every 24 h at fixed hours, rising.
pub fn meals(model: &Model) -> Vec<Meal> {
    let number = |id: ExprId| match model.exprs.node(id) {
        Node::Const(value) => Some(value),
        Node::Param(at) => Some(model.params[at as usize].value),
        _ => None,
    };
    let mut meals: Vec<Meal> = (model.modes.iter())
        .filter_map(|mode| match *mode {
            Mode::Window { every, from, length } if number(every) == Some(24.0) => {
                Some(Meal { from_h: number(from)?, length_h: number(length)? })
            }
            _ => None,
        })
        .collect();
    meals.sort_by(|a, b| a.from_h.total_cmp(&b.from_h));
    meals
}

/// Clock hours of `n` doses a day.
///
/// One dose belongs to the first meal, two to the first and the last, and so on; a dose between
/// meals is taken `after_h` after the end of its meal.
/// None where there are fewer meals than doses, or nothing is said of meals.
pub fn clock_hours(n: usize, timing: Timing, meals: &[Meal], after_h: f64) -> Option<Vec<f64>> {
    if n == 0 || n > meals.len() {
        return None;
    }
    let last = meals.len() - 1;
    let at = |dose: usize| if n == 1 { 0 } else { dose * last / (n - 1) };
    let hour = |meal: &Meal| match timing {
        Timing::NotSaid => None,
        Timing::WithMeals => Some(meal.from_h),
        Timing::BetweenMeals => Some(meal.from_h + meal.length_h + after_h),
    };
    (0..n).map(|dose| hour(&meals[at(dose)])).collect()
}

/// What a dose meets in the stomach, and how it is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Giving {
    /// Acid as a share of the usual.
    pub acid_share: f64,
    /// One record per dose, which is split where it is given, so that rules may change it. The
    /// anion of L-threonate, which rules do not know, is left out.
    pub whole: bool,
}

impl Default for Giving {
    fn default() -> Self {
        Self { acid_share: 1.0, whole: false }
    }
}

/// Records of a regimen: one per clock hour and compartment, with its repeats.
///
/// # Units
/// Times h after midnight of day 1, amounts mmol of magnesium.
/// # Errors
/// `E0660` where the model has no compartment for a dose, `E0661` where the doses do not fit its
/// meals.
pub fn records(
    regimen: &Regimen,
    model: &Model,
    evidence: &Tables,
) -> Result<Vec<Record>, Vec<Diagnostic>> {
    given_records(regimen, model, evidence, Giving::default())
}

/// As [`records`], in a stomach that may have less acid, and for rules.
///
/// # Errors
/// As [`records`].
pub fn given_records(
    regimen: &Regimen,
    model: &Model,
    evidence: &Tables,
    giving: Giving,
) -> Result<Vec<Record>, Vec<Diagnostic>> {
    let whole = whole_entry(regimen, model, evidence, giving.acid_share);
    let whole = whole.map_err(|said| vec![said])?;
    match giving.whole {
        true => placed(&[whole], regimen, model, evidence),
        false => placed(&entries(whole, regimen, model), regimen, model, evidence),
    }
}

fn placed(
    entries: &[Entry],
    regimen: &Regimen,
    model: &Model,
    evidence: &Tables,
) -> Result<Vec<Record>, Vec<Diagnostic>> {
    let day = Day { meals: meals(model), after_h: after_meal_h(evidence) };
    let runs = runs(regimen, &day).map_err(|said| vec![said])?;
    let mut records = Vec::new();
    for run in &runs {
        for &(compartment, amount, kind) in entries {
            let dose = Dose {
                amount,
                compartment,
                kind,
                interval_h: if run.count > 1 { run.interval_h } else { 0.0 },
                additional: run.count - 1,
                steady: Steady::No,
            };
            records.push(Record { time_h: run.first_h, action: Action::Dose(dose) });
        }
    }
    records.sort_by(|a, b| a.time_h.total_cmp(&b.time_h));
    Ok(records)
}

/// Where one dose goes: compartment, mmol, how.
type Entry = (u32, f64, DoseKind);

/// One dose, split by what dissolves, and its anion.
fn entries(whole: Entry, regimen: &Regimen, model: &Model) -> Vec<Entry> {
    let mut entries = vec![whole];
    if let (solid, mmol, DoseKind::Split { limit, rest }) = whole {
        let parts = dissolve(mmol, limit);
        entries = vec![(solid, parts.at_once_mmol, DoseKind::Bolus)];
        if parts.residue_mmol > 0.0 {
            entries.push((rest, parts.residue_mmol, DoseKind::Bolus));
        }
    }
    entries.extend(anion(regimen, model));
    entries
}

/// The anion of L-threonate taken by mouth; a model may leave it out.
fn anion(regimen: &Regimen, model: &Model) -> Option<Entry> {
    let family = regimen.dose.salt.as_ref().map(|dose| dose.salt.family);
    let is_taken = matches!(regimen.route, Route::Oral { .. }) && family == Some(THREONATE_FAMILY);
    let gut = model.compartments.iter().position(|one| one.name == THREONATE_GUT)?;
    let mmol = regimen.dose.amount.mmol * threonate_per_magnesium();
    is_taken.then_some((gut as u32, mmol, DoseKind::Bolus))
}

/// One dose as a whole: what dissolves at once enters `solid`, the rest of it `residue`.
fn whole_entry(
    regimen: &Regimen,
    model: &Model,
    evidence: &Tables,
    acid_share: f64,
) -> Result<Entry, Diagnostic> {
    let place = |name: &str| {
        let at = model.compartments.iter().position(|one| one.name == name);
        at.map(|at| at as u32).ok_or_else(|| {
            let names = model.compartments.iter().map(|one| one.name.as_str());
            let message = format!("the model has no compartment `{name}` for this dose");
            Diagnostic::error("E0660", message)
                .note(format!("compartments: {}", list_names(names, 20)))
                .help("give regimens to the model `magnesium`, and other doses by `--events`")
        })
    };
    let mmol = regimen.dose.amount.mmol;
    if let Route::Iv { duration_h } = regimen.route {
        return Ok((place("plasma")?, mmol, DoseKind::Duration(duration_h)));
    }
    let family = regimen.dose.salt.as_ref().map(|dose| dose.salt.family);
    let limit = family.and_then(dissolution).map(|one| {
        let share = if matches!(one.limit, Limit::Acid { .. }) { acid_share } else { 1.0 };
        limit_mmol(one.limit, evidence).map(|limit| limit * share)
    });
    let limit = limit.unwrap_or(Ok(f64::INFINITY)).map_err(|row| {
        Diagnostic::error("E0660", format!("row `{row}` holds no amount that dissolves"))
    })?;
    let solid = place("solid")?;
    if limit == f64::INFINITY {
        return Ok((solid, mmol, DoseKind::Bolus));
    }
    Ok((solid, mmol, DoseKind::Split { limit, rest: place("residue")? }))
}

/// Family whose anion is followed, and the compartment that takes it.
pub const THREONATE_FAMILY: &str = "l_threonate";
pub(crate) const THREONATE_GUT: &str = "threonate_gut";

/// Threonate in a mole of magnesium of its salt, by the table of stoichiometry.
pub(crate) fn threonate_per_magnesium() -> f64 {
    let table = builtin_substances();
    let of = |name: &str| {
        let ratio = table.mol_per_mol(&table.id("MgT")?, &table.id(name)?);
        ratio.ok()
    };
    of("threonate").zip(of("Mg")).map_or(f64::NAN, |(anion, cation)| anion / cation)
}

/// Hours from the end of a meal to a dose between meals.
///
/// # Source
/// EPS114.
pub fn after_meal_h(evidence: &Tables) -> f64 {
    let row = evidence.value(AFTER_MEAL_ROW).and_then(|row| row.printed());
    row.map_or(f64::NAN, |printed| printed.value())
}

/// When meals are, and how long after them is between them.
struct Day {
    meals: Vec<Meal>,
    after_h: f64,
}

/// Doses at equal intervals.
#[derive(Debug, Clone, Copy, PartialEq)]
struct DoseRun {
    first_h: f64,
    interval_h: f64,
    count: u32,
}

fn runs(regimen: &Regimen, day: &Day) -> Result<Vec<DoseRun>, Diagnostic> {
    let timing = match regimen.route {
        Route::Oral { timing } => timing,
        Route::Iv { .. } => Timing::NotSaid,
    };
    let start = regimen.start_h;
    match &regimen.schedule {
        Schedule::Clock { times_h, count } => {
            for &time in times_h {
                check_clock(time, timing, day)?;
            }
            Ok(daily(times_h, start, *count))
        }
        Schedule::Every { interval_h, count } if timing == Timing::NotSaid => {
            Ok(vec![DoseRun { first_h: start, interval_h: *interval_h, count: *count }])
        }
        Schedule::Once if timing == Timing::NotSaid => {
            let first_h = dose_times_h(regimen).first().copied().unwrap_or(start);
            Ok(vec![DoseRun { first_h, interval_h: 0.0, count: 1 }])
        }
        Schedule::Once => by_meals(1, timing, day, start, 1),
        Schedule::Every { interval_h, count } => {
            let a_day = 24.0 / interval_h;
            // Whole numbers up to the rounding of one division.
            if (a_day - a_day.round()).abs() > 4.0 * f64::EPSILON * a_day {
                let message = format!("doses every {interval_h} h do not fall on meals");
                return Err(no_fit(message, day));
            }
            by_meals(a_day.round() as usize, timing, day, start, *count)
        }
    }
}

fn by_meals(
    n: usize,
    timing: Timing,
    day: &Day,
    start: f64,
    count: u32,
) -> Result<Vec<DoseRun>, Diagnostic> {
    match clock_hours(n, timing, &day.meals, day.after_h) {
        Some(hours) => Ok(daily(&hours, start, count)),
        None => Err(no_fit(format!("{n} doses a day do not fit {} meals", day.meals.len()), day)),
    }
}

/// `count` doses at these hours of each day, none before `start`.
fn daily(hours: &[f64], start: f64, count: u32) -> Vec<DoseRun> {
    let midnight = 24.0 * (start / 24.0).floor();
    let first = |hour: f64| {
        if midnight + hour >= start { midnight + hour } else { midnight + 24.0 + hour }
    };
    let mut firsts: Vec<f64> = hours.iter().map(|&hour| first(hour)).collect();
    firsts.sort_by(f64::total_cmp);
    let n = firsts.len() as u32;
    let runs = firsts.iter().zip(0..).map(|(&first_h, slot)| DoseRun {
        first_h,
        interval_h: 24.0,
        count: (count + n - 1 - slot) / n,
    });
    runs.filter(|run| run.count > 0).collect()
}

/// A clock time that contradicts what is said of meals is refused.
fn check_clock(time: f64, timing: Timing, day: &Day) -> Result<(), Diagnostic> {
    let at_meal =
        day.meals.iter().any(|meal| (meal.from_h..=meal.from_h + meal.length_h).contains(&time));
    let (fits, said) = match timing {
        Timing::NotSaid => (true, ""),
        Timing::WithMeals => (at_meal, "with meals"),
        Timing::BetweenMeals => (!at_meal, "between meals"),
    };
    if fits {
        return Ok(());
    }
    let message = format!("a dose at {} is not {said}", clock(time));
    Err(no_fit(message, day).help("leave out the clock times, or what is said of meals"))
}

fn no_fit(message: String, day: &Day) -> Diagnostic {
    let hours: Vec<String> = day.meals.iter().map(|meal| clock(meal.from_h)).collect();
    Diagnostic::error("E0661", message)
        .note(format!("meals of the model start at {}", hours.join(", ")))
        .note(format!("between meals is {} h after the end of a meal", day.after_h))
}

/// `8:00`.
fn clock(hours: f64) -> String {
    let minutes = (hours * 60.0).round() as u64;
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
#[path = "doses_tests.rs"]
mod tests;
