//! The figure: serum over the weeks and during the last day, with and between meals.

use epsom_magnesium::compare::{Arm, Comparison, alike, words};
use epsom_population::Interval;
use epsom_report::{Figure, Panel, Ribbon, Series, Stroke};

/// Top: days of all weeks; bottom: hours of the last day. One column per timing.
pub(crate) fn figure(comparison: &Comparison) -> Figure {
    let sets = alike(comparison);
    let timings = &comparison.settings.timings;
    let weeks = timings.iter().map(|&timing| {
        let series = sets.iter().enumerate().map(|(color, set)| {
            let arm = arm_of(comparison, set[0], timing);
            // From the person without a dose; the mean of a day stands at its noon.
            let days = (0..arm.profile.daily.len()).map(|day| (day as f64 + 0.5) / 7.0);
            let x = std::iter::once(0.0).chain(days).collect();
            let base = std::iter::once(&comparison.base.serum_mmol_per_l);
            let points: Vec<Interval> = base.chain(&arm.profile.daily).copied().collect();
            series(names(comparison, set), color, x, &points)
        });
        let serum = comparison.base.serum_mmol_per_l.median;
        let level = serum * (1.0 + comparison.detectable_percent / 100.0);
        Panel {
            title: format!("{}: mean of each day", words::timing_words(timing)),
            x_label: "time (weeks)".to_string(),
            y_label: "total serum magnesium (mmol/L)".to_string(),
            series: series.collect(),
            levels: vec![
                (serum, "without a dose".to_string()),
                (level, "smallest rise that one repeat test detects".to_string()),
            ],
            y_log: false,
            y_range: Some(weeks_range(comparison, level)),
        }
    });
    let days = timings.iter().map(|&timing| {
        let hours = || comparison.day_h.clone();
        let dosed = sets.iter().enumerate().map(|(color, set)| {
            let arm = arm_of(comparison, set[0], timing);
            series(String::new(), color, hours(), &arm.profile.day)
        });
        let mut base = series(String::new(), BASE_COLOR, hours(), &comparison.base.day);
        base.stroke = Stroke::Dotted;
        base.ribbon = None;
        Panel {
            title: format!("{}: the last day, dotted without a dose", words::timing_words(timing)),
            x_label: "clock time (h)".to_string(),
            y_label: "total serum magnesium (mmol/L)".to_string(),
            series: dosed.chain([base]).collect(),
            levels: Vec::new(),
            y_log: false,
            y_range: Some(day_range(comparison)),
        }
    });
    Figure {
        title: "Serum magnesium on a supplement (line: median, ribbon: middle 95 % of the draws)"
            .to_string(),
        caption: caption(comparison),
        panels: weeks.chain(days).collect(),
        n_columns: timings.len(),
        footer: Vec::new(),
    }
}

/// Black in the palette of figures.
const BASE_COLOR: usize = 6;

/// What is drawn and what the ribbon means.
pub(crate) fn caption(comparison: &Comparison) -> String {
    format!(
        "Total serum magnesium; {}; {}. Lines are medians of the draws and ribbons their middle \
         95 %: what is not known of the parameters, not how people differ. Meals at 8, 13 and 19 h. \
         Salts that dissolve alike share a line.",
        words::person(comparison),
        words::dosing(comparison)
    )
}

fn names(comparison: &Comparison, set: &[usize]) -> String {
    words::joined(set.iter().map(|&form| comparison.settings.forms[form].name.as_str()))
}

fn arm_of(comparison: &Comparison, form: usize, timing: epsom_magnesium::regimen::Timing) -> &Arm {
    let arms = comparison.arms.iter();
    arms.filter(|arm| arm.form == form)
        .find(|arm| arm.timing == timing)
        .expect("each salt is taken in each way")
}

fn series(name: String, color: usize, x: Vec<f64>, points: &[Interval]) -> Series {
    let of = |end: fn(&Interval) -> f64| points.iter().map(end).collect::<Vec<f64>>();
    Series {
        name,
        color,
        stroke: STROKES[color % STROKES.len()],
        x,
        y: of(|point| point.median),
        ribbon: Some(Ribbon { lo: of(|point| point.lo), hi: of(|point| point.hi) }),
    }
}

/// Lines differ by more than color.
const STROKES: [Stroke; 3] = [Stroke::Solid, Stroke::Dashed, Stroke::Dotted];

fn weeks_range(comparison: &Comparison, level: f64) -> (f64, f64) {
    let daily = comparison.arms.iter().flat_map(|arm| &arm.profile.daily);
    rounded(daily, &[level, comparison.base.serum_mmol_per_l.median])
}

fn day_range(comparison: &Comparison) -> (f64, f64) {
    let day = comparison.arms.iter().flat_map(|arm| &arm.profile.day);
    rounded(day.chain(&comparison.base.day), &[])
}

/// Range of the ribbons and of `more`, out to steps of 0.02.
fn rounded<'a>(points: impl Iterator<Item = &'a Interval>, more: &[f64]) -> (f64, f64) {
    let mut range = (f64::INFINITY, f64::NEG_INFINITY);
    let ends = points.flat_map(|point| [point.lo, point.hi]).chain(more.iter().copied());
    for end in ends.filter(|end| end.is_finite()) {
        range = (range.0.min(end), range.1.max(end));
    }
    let step = 0.02;
    ((range.0 / step - 0.25).floor() * step, (range.1 / step + 0.25).ceil() * step)
}
