//! Observed against predicted, each with its interval.

use epsom_magnesium::qualify::{Outcome, Use, Verdict};
use epsom_maths::log10;
use epsom_report::{Figure, Panel, Series, Stroke};

/// What is drawn.
pub(super) const CAPTION: &str = "Each cross is a target: observed along the bottom with the \
    interval that it is held against, predicted along the side with the middle 95 % of the draws \
    of what is not known. Both are logarithms to base 10 of the number in the unit of its row. On \
    the dotted line they are equal. Targets without a positive number are left out.";

/// Palette and word of each kind.
const KINDS: [(usize, &str); 5] = [
    (0, "checking, inside"),
    (1, "checking, outside"),
    (2, "calibration"),
    (4, "descriptive"),
    (3, "outlier"),
];

fn kind(one: &Outcome) -> usize {
    match (one.target.used_for, one.verdict) {
        (Use::Calibration, _) => 2,
        (_, Verdict::Descriptive | Verdict::NotRun) => 3,
        (_, Verdict::Outlier) => 4,
        (_, Verdict::Pass) => 0,
        (_, Verdict::Miss) => 1,
    }
}

/// One panel of crosses.
pub(super) fn figure(outcomes: &[Outcome]) -> Figure {
    let mut series = Vec::new();
    let mut named = [false; KINDS.len()];
    let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
    for one in outcomes {
        let Some((observed, predicted)) = ends(one) else { continue };
        let kind = kind(one);
        let (color, word) = KINDS[kind];
        let line = |x: [f64; 2], y: [f64; 2], name: &str| Series {
            name: name.to_string(),
            color,
            stroke: if kind == 1 { Stroke::Dashed } else { Stroke::Solid },
            x: x.to_vec(),
            y: y.to_vec(),
            ribbon: None,
        };
        let name = if named[kind] { "" } else { word };
        named[kind] = true;
        series.push(line([observed.0, observed.2], [predicted.1; 2], name));
        series.push(line([observed.1; 2], [predicted.0, predicted.2], ""));
        least = least.min(observed.0).min(predicted.0);
        most = most.max(observed.2).max(predicted.2);
    }
    series.push(Series {
        name: "equal".to_string(),
        color: 6,
        stroke: Stroke::Dotted,
        x: vec![least, most],
        y: vec![least, most],
        ribbon: None,
    });
    Figure {
        title: "Observed and predicted".to_string(),
        caption: CAPTION.to_string(),
        panels: vec![Panel {
            x_label: "observed (log10, unit of the row)".to_string(),
            y_label: "predicted (log10, unit of the row)".to_string(),
            series,
            ..Panel::default()
        }],
        ..Figure::default()
    }
}

type Ends = (f64, f64, f64);

/// Logarithms of low end, number and high end, observed and predicted; an end that has no
/// logarithm, or none at all, is the number.
fn ends(one: &Outcome) -> Option<(Ends, Ends)> {
    let predicted = one.predicted?;
    let observed = one.target.observed.value?;
    let log = |value: f64| (value > 0.0 && value.is_finite()).then(|| log10(value));
    let around = |value: f64, interval: Option<(f64, f64)>| {
        let middle = log(value)?;
        let (lo, hi) = interval.unwrap_or((value, value));
        Some((log(lo).unwrap_or(middle), middle, log(hi).unwrap_or(middle)))
    };
    Some((
        around(observed, one.target.observed.interval)?,
        around(predicted.central, predicted.interval)?,
    ))
}
