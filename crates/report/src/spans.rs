//! Charts of rows along one axis: ranges as bars, moments as dots, values as lines through all rows.

use crate::ReportError;
use crate::draw::{Ink, dashes, dot, line, pale, png, rect, svg, text, words};
use crate::figure::PALETTE;
use kuva::render::render::{Scene, TextAnchor};

/// A chart of rows along one axis.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SpanChart {
    /// Heading.
    pub title: String,
    /// Quantity and unit along the bottom.
    pub x_label: String,
    /// Ends of the axis.
    pub x_range: (f64, f64),
    /// Places of the axis that are named.
    pub ticks: Vec<(f64, String)>,
    /// Rows, top to bottom.
    pub rows: Vec<SpanRow>,
    /// Ranges behind all rows, with words above them and their color.
    pub backs: Vec<Span>,
    /// Values as dashed lines through all rows.
    pub lines: Vec<f64>,
    /// What the colors mean.
    pub legend: Vec<(usize, String)>,
    /// Lines below the chart.
    pub footer: Vec<String>,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SpanRow {
    /// Its name, left of the axis.
    pub label: String,
    /// Whether it is the first of a group, whose name stands in bold.
    pub is_head: bool,
    /// Ranges.
    pub spans: Vec<Span>,
    /// Moments.
    pub marks: Vec<Mark>,
}

/// A range; what lies beyond the axis is cut and shown with a sign.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Span {
    /// Lower end.
    pub lo: f64,
    /// Upper end; none where it is open.
    pub hi: Option<f64>,
    /// Index into the palette.
    pub color: usize,
    /// Words beside it.
    pub text: String,
}

/// A moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Mark {
    /// Where.
    pub at: f64,
    /// Index into the palette.
    pub color: usize,
    /// Words beside it.
    pub text: String,
}

const WIDTH: f64 = 900.0;
const LEFT: f64 = 285.0;
const RIGHT: f64 = 30.0;
const ROW: f64 = 19.0;
const TOP: f64 = 84.0;

/// The chart as SVG text.
///
/// # Errors
/// `Figure` where there is no row, the axis has no length, or a number is not finite.
pub fn render_spans_svg(chart: &SpanChart) -> Result<String, ReportError> {
    Ok(svg(&scene(chart)?))
}

/// The chart as PNG bytes, `scale` pixels per SVG unit.
///
/// # Errors
/// As [`render_spans_svg`], or what the encoder refused.
pub fn render_spans_png(chart: &SpanChart, scale: f32) -> Result<Vec<u8>, ReportError> {
    png(&scene(chart)?, scale)
}

fn scene(chart: &SpanChart) -> Result<Scene, ReportError> {
    check(chart)?;
    let (from, to) = chart.x_range;
    let place = |value: f64| LEFT + (value - from) / (to - from) * (WIDTH - LEFT - RIGHT);
    let bottom = TOP + chart.rows.len() as f64 * ROW + 6.0;
    let height = bottom + 60.0 + chart.footer.len() as f64 * 17.0;
    let mut scene = Scene::new(WIDTH, height);
    text(&mut scene, (WIDTH / 2.0, 24.0), &chart.title, TextAnchor::Middle, 17);
    let mut x = LEFT;
    for (color, word) in &chart.legend {
        pale(&mut scene, (x, 36.0), (14.0, 12.0), PALETTE[color % PALETTE.len()], Some(SOLID));
        text(&mut scene, (x + 19.0, 46.0), word, TextAnchor::Start, 12);
        x += 40.0 + width(word, 12);
    }
    for (value, word) in &chart.ticks {
        let x = place(*value);
        line(&mut scene, (x, TOP), (x, bottom), "#e2e2e2", 1.0);
        text(&mut scene, (x, bottom + 16.0), word, TextAnchor::Middle, 12);
    }
    for back in &chart.backs {
        let (lo, hi) = (place(back.lo.max(from)), place(back.hi.unwrap_or(to).min(to)));
        let color = PALETTE[back.color % PALETTE.len()];
        pale(&mut scene, (lo, TOP), ((hi - lo).max(2.0), bottom - TOP), color, Some(0.25));
        text(&mut scene, (lo, TOP - 8.0), &back.text, TextAnchor::Start, 12);
    }
    for (at, row) in chart.rows.iter().enumerate() {
        let top = TOP + 4.0 + at as f64 * ROW;
        if row.is_head && at > 0 {
            line(&mut scene, (18.0, top - 2.0), (WIDTH - RIGHT, top - 2.0), "#cccccc", 1.0);
        }
        let ink = Ink { size: 13, bold: row.is_head, ..Ink::default() };
        words(&mut scene, (LEFT - 10.0, top + 13.0), &row.label, TextAnchor::End, ink);
        for span in &row.spans {
            draw_span(&mut scene, span, top, chart.x_range, &place);
        }
        for mark in &row.marks {
            let x = place(mark.at);
            dot(&mut scene, (x, top + 8.0), 5.5, PALETTE[mark.color % PALETTE.len()]);
            beside(&mut scene, (x - 9.0, x + 9.0), top, &mark.text);
        }
    }
    for &value in &chart.lines {
        dashes(&mut scene, (place(value), TOP), (place(value), bottom), "#222222");
    }
    line(&mut scene, (LEFT, bottom), (WIDTH - RIGHT, bottom), "#333333", 1.0);
    let middle = f64::midpoint(LEFT, WIDTH - RIGHT);
    text(&mut scene, (middle, bottom + 36.0), &chart.x_label, TextAnchor::Middle, 14);
    for (at, words) in chart.footer.iter().enumerate() {
        let y = bottom + 58.0 + at as f64 * 17.0;
        text(&mut scene, (18.0, y), words, TextAnchor::Start, 12);
    }
    Ok(scene)
}

/// Opacity of ranges.
const SOLID: f64 = 0.55;

fn draw_span(
    scene: &mut Scene,
    span: &Span,
    top: f64,
    (from, to): (f64, f64),
    place: &dyn Fn(f64) -> f64,
) {
    let color = PALETTE[span.color % PALETTE.len()];
    let end = span.hi.unwrap_or(to);
    let (lo, hi) = (place(span.lo.clamp(from, to)), place(end.clamp(from, to)));
    // What begins beyond the axis is named with its level at the end.
    if span.lo > to {
        let beyond = format!("{} \u{2192} {}", span.text, end_of(span));
        rect(scene, (hi - 2.0, top + 2.0), (4.0, ROW - 7.0), color);
        return beside(scene, (hi - 6.0, WIDTH), top, &beyond);
    }
    // An open range: its beginning is a bar, the rest a thin line after its words.
    if span.hi.is_none() {
        rect(scene, (lo, top + 2.0), (4.0, ROW - 7.0), color);
        beside(scene, (lo - 5.0, lo + 8.0), top, &span.text);
        let from = lo + 14.0 + width(&span.text, 11) * 1.12;
        if from < hi {
            line(scene, (from, top + 8.0), (hi, top + 8.0), color, 1.5);
        }
        return;
    }
    pale(scene, (lo, top + 2.0), ((hi - lo).max(3.0), ROW - 7.0), color, Some(SOLID));
    let cut = if end > to { format!("{} \u{2192} {end}", span.text) } else { span.text.clone() };
    beside(scene, (lo - 5.0, hi.max(lo + 3.0) + 5.0), top, &cut);
}

/// The level that is written where a range lies beyond the axis.
fn end_of(span: &Span) -> String {
    match span.hi {
        Some(hi) => format!("{} to {hi}", span.lo),
        None => span.lo.to_string(),
    }
}

/// Words right of a mark, or left of it where the chart ends.
fn beside(scene: &mut Scene, (left, right): (f64, f64), top: f64, content: &str) {
    let fits = right + 1.12 * width(content, 11) <= WIDTH - 4.0;
    let (x, anchor) = if fits { (right, TextAnchor::Start) } else { (left, TextAnchor::End) };
    text(scene, (x, top + 12.0), content, anchor, 11);
}

/// About the width of words: six tenths of the size for each letter.
pub(crate) fn width(content: &str, size: u32) -> f64 {
    0.56 * f64::from(size) * content.chars().count() as f64
}

fn check(chart: &SpanChart) -> Result<(), ReportError> {
    if chart.rows.is_empty() {
        return Err(ReportError::Figure("there is no row".to_string()));
    }
    let (from, to) = chart.x_range;
    if !(from.is_finite() && to.is_finite() && from < to) {
        return Err(ReportError::Figure("the axis has no length".to_string()));
    }
    for row in &chart.rows {
        let span = |one: &Span| one.lo.is_finite() && one.hi.is_none_or(f64::is_finite);
        if !(row.spans.iter().all(span) && row.marks.iter().all(|one| one.at.is_finite())) {
            return Err(ReportError::Figure(format!("row `{}` cannot be drawn", row.label)));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart() -> SpanChart {
        let span = |lo, hi, text: &str| Span { lo, hi, color: 1, text: text.to_string() };
        let row = SpanRow {
            label: "a < b".to_string(),
            is_head: true,
            spans: vec![
                span(1.0, Some(3.0), "one"),
                span(4.0, None, "two"),
                span(7.0, Some(14.4), "three"),
                span(8.5, None, "four"),
                span(12.3, Some(14.0), "five"),
            ],
            marks: vec![Mark { at: 7.9, color: 0, text: "7:54".to_string() }],
        };
        SpanChart {
            title: "rows".to_string(),
            x_label: "serum (mmol/L)".to_string(),
            x_range: (0.0, 8.0),
            ticks: vec![(0.0, "0".to_string()), (8.0, "8".to_string())],
            rows: vec![row],
            backs: vec![span(0.8, Some(1.0), "predicted")],
            lines: vec![0.9],
            legend: vec![(1, "a range".to_string())],
            footer: vec!["a line".to_string()],
        }
    }

    #[test]
    fn rows_axis_and_words_are_drawn_and_escaped() {
        let svg = render_spans_svg(&chart()).expect("draws");
        for word in [
            "<svg",
            "rows",
            "one",
            "two",
            "serum (mmol/L)",
            "predicted",
            "a range",
            "a line",
            "7:54",
        ] {
            assert!(svg.contains(word), "`{word}` is missing");
        }
        assert!(
            svg.contains("a &lt; b") && svg.contains("three \u{2192} 14.4") && !svg.contains("NaN")
        );
        assert!(svg.contains("four \u{2192} 8.5") && svg.contains("five \u{2192} 12.3 to 14"));
        let png = render_spans_png(&chart(), 1.0).expect("draws");
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    }

    #[test]
    fn what_cannot_be_drawn_is_named() {
        let said = |chart: &SpanChart| render_spans_svg(chart).expect_err("refused").to_string();
        let mut bad = chart();
        bad.rows[0].spans[0].hi = Some(f64::NAN);
        assert_eq!(said(&bad), "cannot draw the figure: row `a < b` cannot be drawn");
        let mut flat = chart();
        flat.x_range = (1.0, 1.0);
        assert_eq!(said(&flat), "cannot draw the figure: the axis has no length");
        assert_eq!(said(&SpanChart::default()), "cannot draw the figure: there is no row");
    }
}
