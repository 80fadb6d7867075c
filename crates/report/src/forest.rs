//! Forest plots: one effect with its interval per row.

use crate::ReportError;
use crate::draw::svg;
use crate::figure::PALETTE;
use kuva::plot::ForestPlot;
use kuva::prelude::{Layout, Plot};
use kuva::render::render::render_multiple;

/// A forest plot; all rows share one measure and unit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Forest {
    /// Measure and unit along the bottom.
    pub x_label: String,
    /// Value of no effect, drawn as a dashed line.
    pub none: f64,
    /// Ratios stand on a logarithmic axis.
    pub is_ratio: bool,
    /// Studies, top to bottom.
    pub rows: Vec<ForestRow>,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ForestRow {
    /// Study, a few words.
    pub label: String,
    /// Estimate.
    pub estimate: f64,
    /// Lower end.
    pub lo: f64,
    /// Upper end.
    pub hi: f64,
    /// Area of the mark in relation to others; `None` draws them alike.
    pub weight: Option<f64>,
    /// Index into the palette; the caption says what the colors mean.
    pub color: usize,
    /// A pooled effect, in black.
    pub pooled: bool,
}

/// Color of pooled effects.
const POOLED: &str = "#000000";

/// The plot as SVG text.
///
/// # Errors
/// `Figure` where there is no row, a number is not finite, or a ratio is not above 0.
pub fn render_forest_svg(forest: &Forest) -> Result<String, ReportError> {
    if forest.rows.is_empty() {
        return Err(ReportError::Figure("there is no row".to_owned()));
    }
    let mut plot = ForestPlot::new().with_null_value(forest.none);
    for row in &forest.rows {
        let numbers = [row.estimate, row.lo, row.hi];
        if numbers.iter().any(|one| !one.is_finite() || forest.is_ratio && *one <= 0.0) {
            return Err(ReportError::Figure(format!("row `{}` cannot be drawn", row.label)));
        }
        let color = if row.pooled { POOLED } else { PALETTE[row.color % PALETTE.len()] };
        plot = match row.weight {
            Some(weight) => plot.with_weighted_colored_row(
                &row.label,
                row.estimate,
                row.lo,
                row.hi,
                weight,
                color,
            ),
            None => plot.with_colored_row(&row.label, row.estimate, row.lo, row.hi, color),
        };
    }
    let plots = vec![Plot::Forest(plot)];
    let mut layout = Layout::auto_from_plots(&plots)
        .with_x_label(&forest.x_label)
        .with_width(760.0)
        .with_height(110.0 + 34.0 * forest.rows.len() as f64);
    if forest.is_ratio {
        layout = layout.with_log_x();
    }
    Ok(svg(&render_multiple(plots, layout)))
}

#[cfg(test)]
mod tests {
    use super::{Forest, ForestRow, render_forest_svg};

    fn row(label: &str, estimate: f64, lo: f64, hi: f64) -> ForestRow {
        ForestRow { label: label.to_owned(), estimate, lo, hi, ..ForestRow::default() }
    }

    #[test]
    fn rows_and_axis_are_named() {
        let forest = Forest {
            x_label: "risk ratio".to_owned(),
            none: 1.0,
            is_ratio: true,
            rows: vec![row("smith2001", 1.2, 0.7, 2.1), row("jones2002", 0.9, 0.5, 1.6)],
        };
        let svg = render_forest_svg(&forest).expect("draws");
        for word in ["<svg", "smith2001", "jones2002", "risk ratio"] {
            assert!(svg.contains(word), "`{word}` is missing");
        }
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
    }

    #[test]
    fn what_cannot_be_drawn_is_named() {
        let mut forest = Forest { is_ratio: true, none: 1.0, ..Forest::default() };
        let said = |forest: &Forest| render_forest_svg(forest).expect_err("refused").to_string();
        assert_eq!(said(&forest), "cannot draw the figure: there is no row");
        forest.rows.push(row("smith2001", 1.0, 0.0, 2.0));
        assert_eq!(said(&forest), "cannot draw the figure: row `smith2001` cannot be drawn");
    }
}
