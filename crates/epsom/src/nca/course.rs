//! Which doses of a model's run are looked at, and at which times.

use super::rules::Read;
use crate::simulate::Plan;
use epsom_diag::Diagnostic;
use epsom_engine::{Action, Dose, DoseKind, Timeline};
use epsom_population::SubjectRecords;
use epsom_population::nca::{Entry, NcaOptions, Which};

/// Steps of an interval.
const N_STEPS: usize = 96;
/// Steps of what follows the last dose.
const N_AFTER: usize = 144;
/// What is followed after the last dose where nothing is said, h.
pub(super) const AFTER_H: f64 = 72.0;
/// A day, h.
const DAY_H: f64 = 24.0;
/// Times that differ by less are one: far below a minute, far above rounding.
const SAME_H: f64 = 1e-9;
/// The end of an interval is read so long before its dose, h: a few milliseconds.
const BEFORE_H: f64 = 1e-6;

/// What one set of records is run with, and where its profile stands in the rows.
pub(super) struct Course {
    /// With its doses.
    pub(super) dosed: Timeline,
    /// Without any.
    pub(super) base: Timeline,
    /// Rows in all.
    pub(super) n_rows: usize,
    /// Rows of the first interval; empty where the one that is looked at is the first.
    pub(super) first: Vec<usize>,
    /// Rows of the profile.
    pub(super) own: Vec<usize>,
    /// Times of the profile after its dose, model's unit.
    pub(super) times: Vec<f64>,
    /// Row a day after the dose.
    pub(super) day: usize,
    /// Rules with the dose filled in.
    pub(super) nca: NcaOptions,
}

/// Doses at one time.
struct Given {
    time_h: f64,
    /// Unit of the compartment.
    amount: f64,
    duration_h: f64,
}

/// The dose of a record.
pub(super) fn dose_of(action: &Action) -> Option<Dose> {
    match *action {
        Action::Dose(dose) | Action::ResetThenDose(dose) => Some(dose),
        _ => None,
    }
}

/// Doses of a subject by time, those at one time together.
fn given(plan: &Plan, subject: &SubjectRecords) -> Vec<Given> {
    let mut all = Vec::new();
    for record in plan.doses(subject) {
        let Some(dose) = dose_of(&record.action) else { continue };
        let per_base = plan.model.compartments[dose.compartment as usize].unit.per_base;
        let duration_h = match dose.kind {
            DoseKind::Duration(duration_h) => duration_h,
            DoseKind::Rate(rate) if rate > 0.0 => dose.amount / rate,
            _ => 0.0,
        };
        all.extend((0..=dose.additional).map(|at| Given {
            time_h: dose.repeat_time_h(record.time_h, at),
            amount: dose.amount * per_base,
            duration_h,
        }));
    }
    all.sort_by(|a, b| a.time_h.total_cmp(&b.time_h));
    let mut merged: Vec<Given> = Vec::new();
    for one in all {
        match merged.last_mut() {
            Some(last) if one.time_h - last.time_h < SAME_H => {
                last.amount += one.amount;
                last.duration_h = last.duration_h.max(one.duration_h);
            }
            _ => merged.push(one),
        }
    }
    merged
}

/// Time between doses, h: their distance where it is even, else a day.
fn usual_interval(doses: &[Given]) -> Option<f64> {
    let gaps = || doses.windows(2).map(|pair| pair[1].time_h - pair[0].time_h);
    let first = gaps().next()?;
    let even = gaps().all(|other| (other - first).abs() < SAME_H);
    Some(if even { first } else { DAY_H })
}

/// Time of the dose that the profile begins with, h.
fn start(doses: &[Given], which: Which, interval_h: Option<f64>) -> Result<f64, Diagnostic> {
    let last_h = doses.last().map_or(0.0, |one| one.time_h);
    match (which, interval_h) {
        (Which::First, _) => Ok(doses[0].time_h),
        // The first dose of the last interval.
        (Which::Last, Some(length)) => {
            let late = |one: &&Given| one.time_h > last_h - length + SAME_H;
            Ok(doses.iter().find(late).map_or(last_h, |one| one.time_h))
        }
        (Which::Last, None) => Ok(last_h),
        (Which::Number(number), _) => match doses.get(number.wrapping_sub(1)) {
            Some(one) => Ok(one.time_h),
            None => Err(unusable(format!("there is no dose {number}"))
                .note(format!("there are {}", doses.len()))),
        },
    }
}

/// The course of a subject.
///
/// # Errors
/// `E0745` where the dose that is asked for is not there.
pub(super) fn course(
    plan: &Plan,
    subject: &SubjectRecords,
    read: &Read,
    after: Option<f64>,
) -> Result<Course, Diagnostic> {
    if subject.timeline.next().is_some() {
        return Err(unusable(format!("time starts again in the records of `{}`", subject.id))
            .help("let the time run on, so that an interval is one"));
    }
    let doses = given(plan, subject);
    let Some(first) = doses.first() else {
        return Err(unusable(format!("subject `{}` has no dose", subject.id))
            .help("give one with `--regimen \"300 mg Mg as citrate\"`"));
    };
    let per_base = plan.model.time_unit.per_base;
    let interval_h = read.profile.nca.interval.map(|one| one / per_base).or(usual_interval(&doses));
    let start_h = start(&doses, read.profile.which, interval_h)?;
    let later = |one: &&Given| match interval_h {
        Some(length) => one.time_h > start_h + length - SAME_H,
        None => one.time_h > start_h + SAME_H,
    };
    let next_h = doses.iter().find(later).map(|one| one.time_h);
    let after_h = after.map_or(AFTER_H, |after| after / per_base);
    let grid = |from: f64, length: f64, n: usize| -> Vec<f64> {
        (0..=n).map(|at| from + length * at as f64 / n as f64).collect()
    };
    let mut own_h = match interval_h {
        Some(length) => grid(start_h, length, N_STEPS),
        None => vec![start_h],
    };
    match next_h {
        Some(next_h) if interval_h.is_none() => own_h = grid(start_h, next_h - start_h, N_STEPS),
        Some(_) => {}
        // Nothing follows: the fall shows the terminal phase.
        None => {
            let end_h = own_h[own_h.len() - 1];
            let last_h = doses[doses.len() - 1].time_h;
            let beyond_h = (last_h + after_h - end_h).max(0.0);
            // The first hours of a single dose need the finer grid.
            let head_h = if interval_h.is_none() { beyond_h.min(DAY_H) } else { 0.0 };
            own_h.extend(grid(end_h, head_h, N_STEPS));
            own_h.extend(grid(end_h + head_h, beyond_h - head_h, N_AFTER));
        }
    }
    unique(&mut own_h);
    let is_first = start_h - first.time_h < SAME_H;
    let first_h = match interval_h {
        Some(length) if !is_first => grid(first.time_h, length, N_STEPS),
        _ => Vec::new(),
    };
    let day_h = start_h + DAY_H;
    // A row shows the dose of its time; the last row of an interval is before the next one.
    let read_h = |times_h: &[f64]| -> Vec<f64> {
        let mut read_h = times_h.to_vec();
        if let Some(last) = read_h.last_mut()
            && doses.iter().any(|one| (one.time_h - *last).abs() < SAME_H)
            && times_h.len() > 1
        {
            *last -= BEFORE_H;
        }
        read_h
    };
    let (first_read_h, own_read_h) = (read_h(&first_h), read_h(&own_h));
    let mut rows_h: Vec<f64> = first_read_h.iter().chain(&own_read_h).copied().collect();
    rows_h.push(day_h);
    unique(&mut rows_h);
    let place = |time_h: &f64| rows_h.partition_point(|known| *known < time_h - SAME_H);
    let length_h = interval_h.or(next_h.map(|next_h| next_h - start_h)).unwrap_or(f64::INFINITY);
    let within =
        |one: &&Given| one.time_h > start_h - SAME_H && one.time_h < start_h + length_h - SAME_H;
    let taken: Vec<&Given> = doses.iter().filter(within).collect();
    let duration_h = taken.iter().map(|one| one.duration_h).fold(0.0, f64::max);
    let nca = NcaOptions {
        entry: match (duration_h > 0.0, read.profile.into_blood) {
            (true, _) => Entry::Infusion { duration: duration_h * per_base },
            (false, true) => Entry::Bolus,
            (false, false) => Entry::Extravascular,
        },
        // What rules make of the doses is known only in the run.
        dose: match plan.rules.rules.is_empty() {
            true => taken.iter().fold(0.0, |sum, one| sum + one.amount),
            false => f64::NAN,
        },
        interval: interval_h.map(|length| length * per_base),
        // Areas of a later interval hold what is left of earlier doses.
        steady: read.profile.nca.steady || !is_first,
        ..read.profile.nca.clone()
    };
    Ok(Course {
        dosed: plan.timeline(subject, true, &rows_h),
        base: plan.timeline(subject, false, &rows_h),
        n_rows: rows_h.len(),
        first: first_read_h.iter().map(place).collect(),
        own: own_read_h.iter().map(place).collect(),
        times: own_h.iter().map(|time_h| (time_h - start_h) * per_base).collect(),
        day: place(&day_h),
        nca,
    })
}

/// Rising, each once.
fn unique(times: &mut Vec<f64>) {
    times.sort_by(f64::total_cmp);
    // The later of two that are one by rounding goes.
    times.dedup_by(|next, before| *next - *before < SAME_H);
}

fn unusable(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("E0745", message)
}
