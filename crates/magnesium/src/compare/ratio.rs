//! Exposure of one arm over another, draw by draw.

use epsom_population::{Cell, Interval, Summary};

use super::course::{AREA, N_MEASURES, PEAK_RISE};

/// Ratios of what is above the day without a dose, median and middle 90 % of the draws; none where
/// a draw has no rise.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Ratios {
    /// Of the areas of the rise.
    pub area: Option<Interval>,
    /// Of the highest rises.
    pub peak_rise: Option<Interval>,
}

/// Measures that ratios are taken of, in the order of [`read_ratios`].
const OF: [usize; 2] = [AREA, PEAK_RISE];
/// Cells of one pair of arms.
pub(super) const N_RATIOS: usize = OF.len();

/// Measures of one draw over those of another; NaN where one is not above 0.
pub(super) fn ratios(test: &[f64; N_MEASURES], reference: &[f64; N_MEASURES]) -> [f64; N_RATIOS] {
    OF.map(|at| {
        let (test, reference) = (test[at], reference[at]);
        if test > 0.0 && reference > 0.0 { test / reference } else { f64::NAN }
    })
}

/// Median and middle 90 % of the draws.
pub(super) fn read_ratios(summary: &mut Summary) -> Ratios {
    let of = |cell: &Cell| {
        let [median, lo, hi] = [0.5, 0.05, 0.95].map(|p| cell.quantile(p));
        let is_whole = cell.n_not_finite() == 0 && cell.n() > 1;
        is_whole.then_some(Interval { median, lo, hi })
    };
    let cells = summary.cells();
    Ratios { area: of(&cells[0]), peak_rise: of(&cells[1]) }
}

/// `0.28 (0.20 to 0.40)`.
pub fn ratio_text(ratio: &Interval) -> String {
    format!("{:.2} ({:.2} to {:.2})", ratio.median, ratio.lo, ratio.hi)
}
