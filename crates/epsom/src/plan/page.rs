//! The plan as one page for print, with its figure: serum over time against the bands.

use epsom_magnesium::plan::{Plan, Prediction, words};
use epsom_population::Interval;
use epsom_report::{
    Block, Figure, Page, Panel, ReportError, Ribbon, Series, Stroke, render_html, render_svg,
};

/// The page as HTML.
pub(super) fn html(plan: &Plan, seed: u64) -> Result<String, ReportError> {
    let mut blocks =
        vec![Block::Warning(words::STANDING.to_string()), Block::List(words::regimen(plan))];
    if let Some(prediction) = &plan.prediction {
        let drawing = figure(plan, prediction);
        let caption = drawing.caption.clone();
        blocks.push(Block::Figure { svg: render_svg(&drawing)?, caption });
    }
    for section in words::sections(plan) {
        blocks.push(Block::Heading(section.heading.to_string()));
        blocks.push(Block::List(section.lines));
    }
    render_html(&Page {
        title: "Magnesium plan".to_string(),
        lead: format!("{}.", words::who(plan)),
        blocks,
        footer: format!(
            "Epsom {}, model magnesium, seed {seed}. {}",
            env!("CARGO_PKG_VERSION"),
            words::STANDING
        ),
    })
}

/// Mean serum of each day, with the levels at which signs begin that lie near.
fn figure(plan: &Plan, prediction: &Prediction) -> Figure {
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
            y_range: Some((lowest - 0.05, highest + 0.1)),
        }],
        n_columns: 1,
        footer: vec![words::STANDING.to_string()],
    }
}
