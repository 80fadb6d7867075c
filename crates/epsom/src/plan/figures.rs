//! Figures of a plan: serum over time, serum against what tables print, the day.

use epsom_magnesium::plan::{Band, Found, Plan, Prediction, joined, near_hours, words};
use epsom_population::Interval;
use epsom_report::{Figure, Mark, Panel, Ribbon, Series, Span, SpanChart, SpanRow, Stroke};

/// Mean serum of each day, with the levels at which signs begin that lie near.
pub(super) fn course(plan: &Plan, prediction: &Prediction) -> Figure {
    let of = |end: fn(&Interval) -> f64| prediction.daily.iter().map(end).collect::<Vec<f64>>();
    let top = prediction.peak_mmol_per_l.hi.max(1.1);
    let near = plan.bands.iter().filter(|band| band.lowest.mmol_per_l <= 2.0 * top);
    let mut levels: Vec<(f64, String)> =
        near.map(|band| (band.lowest.mmol_per_l, band.name.to_string())).collect();
    levels.push((prediction.before_mmol_per_l.median, "without a dose".to_string()));
    let highest = levels.iter().map(|(level, _)| *level).fold(top, f64::max);
    let lowest = prediction.before_mmol_per_l.lo.min(0.7);
    Figure {
        title: "Serum magnesium on the regimen".to_string(),
        caption:
            "Mean total serum magnesium of each day: median and middle 95 % of the draws, which \
                  hold what is not known of the parameters, how people differ, and the facts that \
                  are missing. Lines: lowest level at which any table prints a sign."
                .to_string(),
        panels: vec![Panel {
            title: String::new(),
            x_label: "time (days)".to_string(),
            y_label: "total serum magnesium (mmol/L)".to_string(),
            series: vec![Series {
                name: "predicted".to_string(),
                color: 0,
                stroke: Stroke::Solid,
                x: (0..prediction.daily.len()).map(|day| day as f64 + 0.5).collect(),
                y: of(|one| one.median),
                ribbon: Some(Ribbon { lo: of(|one| one.lo), hi: of(|one| one.hi) }),
            }],
            levels,
            y_log: false,
            y_range: Some((lowest - 0.05, highest + 0.12 * (highest - lowest))),
        }],
        n_columns: 1,
        footer: vec![words::STANDING.to_string()],
    }
}

/// The same for a column of print, with few words: of two levels whose words would meet, the one of
/// the start has none.
pub(super) fn small_course(plan: &Plan, prediction: &Prediction) -> Figure {
    let mut figure = course(plan, prediction);
    let caption = "Mean serum of each day: median and middle 95 % of the draws. Lines: lowest level \
        at which any table prints a sign; serum without a dose.";
    figure.caption = caption.to_string();
    for panel in &mut figure.panels {
        panel.y_label = "serum (mmol/L)".to_string();
        let (lo, hi) = panel.y_range.unwrap_or_default();
        let Some(((start, word), others)) = panel.levels.split_last_mut() else { continue };
        if others.iter().any(|(level, _)| (level - *start).abs() < 0.09 * (hi - lo)) {
            word.clear();
        }
    }
    figure
}

/// What the figure of the ranges shows.
pub(super) const RANGES: &str = "Serum at which each source prints a sign: a bar from its lowest to \
    its highest level, or from its level up where it prints one. The ranges overlap and conflict; \
    the lowest of each sign warns. Blue: the predicted peak of the last day, middle 95 % of the \
    draws; dashed: measured values.";

/// Every printed range of every sign, with the predicted peak behind them.
pub(super) fn ranges(plan: &Plan) -> SpanChart {
    let mut rows = Vec::new();
    for band in &plan.bands {
        for (at, one) in band.printed.iter().enumerate() {
            let doubt = match (one.doubted, one.recalled) {
                (true, _) => ", unit doubted",
                (false, true) => ", recalled",
                _ => "",
            };
            let color = if one.from_mmol_per_l <= band.lowest.mmol_per_l { 1 } else { 4 };
            rows.push(SpanRow {
                label: if at == 0 { band.name.to_string() } else { String::new() },
                is_head: at == 0,
                spans: vec![Span {
                    lo: one.from_mmol_per_l,
                    hi: one.to_mmol_per_l,
                    color,
                    text: format!("{}{doubt}", one.source),
                }],
                marks: Vec::new(),
            });
        }
    }
    let peak = plan.prediction.as_ref().map(|one| one.peak_mmol_per_l);
    let top = peak.map_or(8.0, |one| one.hi.ceil().max(8.0));
    let back = peak.map(|one| Span {
        lo: one.lo,
        hi: Some(one.hi),
        color: 0,
        text: format!("predicted peak {:.2} to {:.2}", one.lo, one.hi),
    });
    SpanChart {
        title: "Signs of too much magnesium, by total serum".to_string(),
        x_label: "total serum magnesium (mmol/L)".to_string(),
        x_range: (0.0, top),
        ticks: (0..=top as u32).map(|at| (f64::from(at), at.to_string())).collect(),
        rows,
        backs: back.into_iter().collect(),
        lines: plan.person.serum.iter().map(|one| one.mmol_per_l).collect(),
        legend: vec![
            (1, "lowest level printed, which warns".to_string()),
            (4, "other sources".to_string()),
        ],
        footer: vec![format!(
            "A table that prints no level is no sign of safety. {}",
            words::STANDING
        )],
    }
}

/// What the short figure of the signs shows.
pub(super) const SIGNS_CAPTION: &str = "From the lowest level at which any table prints the sign to \
    the highest; the tables conflict. Blue: the predicted peak; dashed: measured values.";

/// A row for each sign, from the lowest level at which a table prints it to the highest.
pub(super) fn signs(plan: &Plan) -> SpanChart {
    let row = |band: &Band| {
        let (lo, hi) = (band.lowest.mmol_per_l, band.to_mmol_per_l);
        SpanRow {
            label: format!("{}: {lo} to {hi}", band.name),
            is_head: true,
            spans: vec![Span { lo, hi: Some(hi), color: 1, text: String::new() }],
            marks: Vec::new(),
        }
    };
    SpanChart { rows: plan.bands.iter().map(row).collect(), legend: Vec::new(), ..ranges(plan) }
}

/// What the figure of the day shows, in print.
pub(super) const DAY_CAPTION: &str = "Clock hours. Bars: where magnesium would stand nearer to that \
    medicine than its separation. Food and other medicines are not part of this.";

/// What the figure of the day shows.
pub(super) const DAY: &str = "Clock hours of magnesium (blue) and of each medicine. Bars: hours in \
    which magnesium would stand nearer to that medicine than its separation; dashed lines: \
    magnesium. Separations between the medicines themselves, and from food, are not part of this.";

/// The day: magnesium, medicines, and the hours that a separation keeps free.
pub(super) fn day(plan: &Plan) -> SpanChart {
    let (title, magnesium_h) = match &plan.day {
        Found::Kept(day) if day.as_in_regimen => {
            ("A day that keeps the separations", &day.magnesium_h)
        }
        Found::Kept(day) => {
            ("A day that keeps the separations, moved from the regimen's hours", &day.magnesium_h)
        }
        Found::Impossible { .. } => ("No day keeps every separation", &plan.dose_clock_h),
        Found::NothingAsked => ("The day of the regimen", &plan.dose_clock_h),
    };
    let mark = |color: usize| move |&at: &f64| Mark { at, color, text: words::clock(at) };
    let mut rows = vec![SpanRow {
        label: "magnesium".to_string(),
        is_head: true,
        spans: Vec::new(),
        marks: magnesium_h.iter().map(mark(0)).collect(),
    }];
    for medicine in &plan.person.medicines {
        let chosen = match &plan.day {
            Found::Kept(day) => day.medicines.iter().find(|(name, _)| *name == medicine.name),
            _ => None,
        };
        let hours = chosen.map_or(&medicine.clock_h, |(_, hours)| hours);
        let own = plan.interactions.iter().filter(|one| one.medicine == medicine.name);
        let separation = joined(own.map(|one| &one.separation));
        let span = |(lo, hi): (f64, f64)| Span { lo, hi: Some(hi), color: 1, text: String::new() };
        let note = match (separation.never, hours.is_empty(), separation.is_asked()) {
            (true, ..) => " (no separation is enough)",
            (_, true, _) => " (no hour given)",
            (_, _, false) => " (no separation printed)",
            _ => "",
        };
        rows.push(SpanRow {
            label: format!("{}{note}", medicine.name),
            is_head: true,
            spans: hours.iter().flat_map(|&at| near_hours(&separation, at)).map(span).collect(),
            marks: hours.iter().map(mark(2)).collect(),
        });
    }
    SpanChart {
        title: title.to_string(),
        x_label: "clock time (hours)".to_string(),
        x_range: (0.0, 24.0),
        ticks: (0..=8).map(|at| (3.0 * f64::from(at), format!("{}:00", 3 * at))).collect(),
        rows,
        backs: Vec::new(),
        lines: magnesium_h.clone(),
        legend: vec![
            (0, "magnesium".to_string()),
            (2, "medicine".to_string()),
            (1, "too near to it for magnesium".to_string()),
        ],
        footer: vec![words::STANDING.to_string()],
    }
}
