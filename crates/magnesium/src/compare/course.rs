//! From the rows of one run to what a comparison measures.

use epsom_diag::{Diagnostic, list_names};
use epsom_engine::Compiled;
use epsom_population::{Cell, Interval, Summary};

use super::{Measures, Profile};

/// Columns of a row of what [`shown`] gives.
const SERUM: usize = 0;
const CSF: usize = 1;
const ABSORBED: usize = 2;
const URINE: usize = 3;
const AREA_SO_FAR: usize = 4;
const WIDTH: usize = 5;

/// The compiled model with rows that hold only what is read here.
///
/// # Errors
/// `E0660` where the model lacks a column.
pub(crate) fn shown(compiled: &Compiled) -> Result<Compiled, Diagnostic> {
    let model = &compiled.model;
    let output = |label: &str| model.outputs.iter().position(|one| one.label == label);
    let state = |name: &str| model.compartments.iter().position(|one| one.name == name);
    let found = (
        output("plasma_magnesium"),
        output("csf_magnesium"),
        state("absorbed_total"),
        state("urine"),
        state("serum_auc"),
    );
    let (Some(serum), Some(csf), Some(absorbed), Some(urine), Some(area)) = found else {
        let names = model.compartments.iter().map(|one| one.name.as_str());
        return Err(Diagnostic::error("E0660", "this model cannot be compared by salt")
            .note(format!("compartments: {}", list_names(names, 20)))
            .help("it needs outputs labelled `plasma_magnesium` and `csf_magnesium` and compartments `absorbed_total`, `urine`, `serum_auc`"));
    };
    Ok(compiled.clone().showing(&[serum, csf], &[absorbed, urine, area]))
}

/// One day of one run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Day {
    pub(crate) absorbed_mmol: f64,
    pub(crate) urine_mmol: f64,
    pub(crate) serum_area: f64,
    pub(crate) csf_mean: f64,
    pub(crate) serum: Vec<f64>,
}

/// The day whose rows start at `first`, `n_grid` rows of equal steps from midnight to midnight.
pub(crate) fn day(rows: &[f64], first: usize, n_grid: usize) -> Day {
    let at = |row: usize, column: usize| rows[(first + row) * WIDTH + column];
    let last = n_grid - 1;
    let gained = |column| at(last, column) - at(0, column);
    // The trapezoid of a periodic day: the ends count half.
    let inner = (1..last).fold(0.0, |sum, row| sum + at(row, CSF));
    let csf_mean = (0.5 * (at(0, CSF) + at(last, CSF)) + inner) / last as f64;
    Day {
        absorbed_mmol: gained(ABSORBED),
        urine_mmol: gained(URINE),
        serum_area: gained(AREA_SO_FAR),
        csf_mean,
        serum: (0..n_grid).map(|row| at(row, SERUM)).collect(),
    }
}

/// Mean serum of each day; rows are midnights, of which the last stands at `last_row`.
pub(crate) fn daily_means(rows: &[f64], n_days: usize, last_row: usize) -> Vec<f64> {
    let area = |day: usize| {
        let row = if day == n_days { last_row } else { day };
        rows[row * WIDTH + AREA_SO_FAR]
    };
    (0..n_days).map(|day| (area(day + 1) - area(day)) / 24.0).collect()
}

/// Number of [`measures`].
pub(crate) const N_MEASURES: usize = 11;
/// Places of the highest rise and of the area of the rise.
pub(super) const PEAK_RISE: usize = 8;
pub(super) const AREA: usize = 9;

/// What a day with doses differs by from a day without, in the order of [`read_measures`].
pub(crate) fn measures(
    dosed: &Day,
    base: &Day,
    daily_mmol: f64,
    dose_hours: &[f64],
    day_h: &[f64],
) -> [f64; N_MEASURES] {
    let absorbed = dosed.absorbed_mmol - base.absorbed_mmol;
    let area = dosed.serum_area - base.serum_area;
    let cmax = dosed.serum.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut peak = (f64::NEG_INFINITY, 0.0);
    let mut lowest = f64::INFINITY;
    for ((with, without), &hour) in dosed.serum.iter().zip(&base.serum).zip(day_h) {
        lowest = lowest.min(with - without);
        if with - without > peak.0 {
            peak = (with - without, hour);
        }
    }
    // From the dose before; the last dose of yesterday comes before the first of today.
    let since = |dose: &f64| if *dose <= peak.1 { peak.1 - dose } else { peak.1 + 24.0 - dose };
    let tmax = dose_hours.iter().map(since).fold(f64::INFINITY, f64::min);
    [
        absorbed,
        100.0 * absorbed / daily_mmol,
        area / 24.0,
        100.0 * area / base.serum_area,
        dosed.urine_mmol - base.urine_mmol,
        100.0 * (dosed.csf_mean / base.csf_mean - 1.0),
        cmax,
        tmax,
        peak.0,
        area,
        100.0 * (peak.0 - lowest) / (area / 24.0),
    ]
}

/// Intervals of measures.
pub(crate) fn read_measures(summary: &mut Summary) -> Measures {
    let cells = summary.cells();
    let at = |index: usize| cells[index].interval();
    Measures {
        absorbed_mmol_per_day: at(0),
        absorbed_percent: at(1),
        serum_mmol_per_l: at(2),
        serum_percent: at(3),
        urine_mmol_per_day: at(4),
        csf_percent: at(5),
        cmax_mmol_per_l: at(6),
        tmax_h: at(7),
        peak_rise_mmol_per_l: at(8),
        auc_mmol_h_per_l: at(9),
        fluctuation_percent: at(10),
    }
}

/// Intervals of days, then of the grid of the last day.
pub(crate) fn read_profile(summary: &mut Summary, n_days: usize) -> Profile {
    let (daily, day) = summary.cells().split_at(n_days);
    Profile { daily: intervals(daily), day: intervals(day) }
}

/// Interval of each cell.
pub(crate) fn intervals(cells: &[Cell]) -> Vec<Interval> {
    cells.iter().map(Cell::interval).collect()
}
