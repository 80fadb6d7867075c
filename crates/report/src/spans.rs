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

/// Sizes of a chart.
#[derive(Clone, Copy)]
struct Shape {
    width: f64,
    /// Where the axis begins.
    left: f64,
    right: f64,
    row: f64,
    /// Height of the heading.
    head: f64,
    /// Whether names stand above their bars.
    above: bool,
}

/// Alone, or as wide as a page.
const WIDE: Shape =
    Shape { width: 900.0, left: 285.0, right: 30.0, row: 19.0, head: 30.0, above: false };
/// In a column of print, at about the size it is drawn in: no heading, names above bars.
const NARROW: Shape =
    Shape { width: 380.0, left: 18.0, right: 24.0, row: 24.0, head: 0.0, above: true };
/// Height of a line of the legend.
const LEGEND: f64 = 18.0;

/// The chart as SVG text.
///
/// # Errors
/// `Figure` where there is no row, the axis has no length, or a number is not finite.
pub fn render_spans_svg(chart: &SpanChart) -> Result<String, ReportError> {
    Ok(svg(&scene(chart, WIDE)?))
}

/// The chart as SVG text for a column of print: narrow, without heading and footer, so that its
/// words keep the size of the text around it.
///
/// # Errors
/// As [`render_spans_svg`].
pub fn render_narrow_spans_svg(chart: &SpanChart) -> Result<String, ReportError> {
    Ok(svg(&scene(chart, NARROW)?))
}

/// The chart as PNG bytes, `scale` pixels per SVG unit.
///
/// # Errors
/// As [`render_spans_svg`], or what the encoder refused.
pub fn render_spans_png(chart: &SpanChart, scale: f32) -> Result<Vec<u8>, ReportError> {
    png(&scene(chart, WIDE)?, scale)
}

fn scene(chart: &SpanChart, shape: Shape) -> Result<Scene, ReportError> {
    check(chart)?;
    let (from, to) = chart.x_range;
    let Shape { width: wide, left, right, row: row_height, head, above } = shape;
    let place = |value: f64| left + (value - from) / (to - from) * (wide - left - right);
    let (legend, n_legend) = legend(&chart.legend, shape);
    let is_backed = !chart.backs.is_empty() || !above;
    let top_all = head + n_legend as f64 * LEGEND + if is_backed { 18.0 } else { 2.0 };
    let top_all = if above { top_all } else { top_all.max(84.0) };
    let bottom = top_all + chart.rows.len() as f64 * row_height + 6.0;
    let footer: &[String] = if above { &[] } else { &chart.footer };
    let height = bottom + if above { 42.0 } else { 60.0 } + footer.len() as f64 * 17.0;
    let mut scene = Scene::new(wide, height);
    if head > 0.0 {
        text(&mut scene, (wide / 2.0, 24.0), &chart.title, TextAnchor::Middle, 17);
    }
    for (color, word, (x, y)) in legend {
        pale(&mut scene, (x, y), (14.0, 12.0), PALETTE[color % PALETTE.len()], Some(SOLID));
        text(&mut scene, (x + 19.0, y + 10.0), word, TextAnchor::Start, 12);
    }
    for (value, word) in &chart.ticks {
        let x = place(*value);
        line(&mut scene, (x, top_all), (x, bottom), "#e2e2e2", 1.0);
        text(&mut scene, (x, bottom + 16.0), word, TextAnchor::Middle, 12);
    }
    for back in &chart.backs {
        let (lo, hi) = (place(back.lo.max(from)), place(back.hi.unwrap_or(to).min(to)));
        let color = PALETTE[back.color % PALETTE.len()];
        pale(&mut scene, (lo, top_all), ((hi - lo).max(2.0), bottom - top_all), color, Some(0.25));
        text(&mut scene, (lo, top_all - 8.0), &back.text, TextAnchor::Start, 12);
    }
    for (at, row) in chart.rows.iter().enumerate() {
        let top = top_all + 4.0 + at as f64 * row_height;
        if row.is_head && at > 0 && !above {
            line(&mut scene, (18.0, top - 2.0), (wide - right, top - 2.0), "#cccccc", 1.0);
        }
        let ink = Ink { size: if above { 12 } else { 13 }, bold: row.is_head, ..Ink::default() };
        if above {
            words(&mut scene, (left, top + 9.0), &row.label, TextAnchor::Start, ink);
        } else {
            words(&mut scene, (left - 10.0, top + 13.0), &row.label, TextAnchor::End, ink);
        }
        let top = if above { top + 10.0 } else { top };
        for span in &row.spans {
            draw_span(&mut scene, span, top, chart.x_range, wide, &place);
        }
        for mark in &row.marks {
            let x = place(mark.at);
            dot(&mut scene, (x, top + 8.0), 5.5, PALETTE[mark.color % PALETTE.len()]);
            beside(&mut scene, (x - 9.0, x + 9.0), top, wide, &mark.text);
        }
    }
    for &value in &chart.lines {
        dashes(&mut scene, (place(value), top_all), (place(value), bottom), "#222222");
    }
    line(&mut scene, (left, bottom), (wide - right, bottom), "#333333", 1.0);
    let middle = f64::midpoint(left, wide - right);
    let size = if above { 12 } else { 14 };
    let below = if above { 32.0 } else { 36.0 };
    text(&mut scene, (middle, bottom + below), &chart.x_label, TextAnchor::Middle, size);
    for (at, words) in footer.iter().enumerate() {
        let y = bottom + 58.0 + at as f64 * 17.0;
        text(&mut scene, (18.0, y), words, TextAnchor::Start, 12);
    }
    Ok(scene)
}

/// Color, word and upper left corner of each entry.
type Entries<'a> = Vec<(usize, &'a str, (f64, f64))>;

/// The entries in lines that are no wider than the chart, and how many lines.
fn legend(entries: &[(usize, String)], shape: Shape) -> (Entries<'_>, usize) {
    let (mut placed, mut x, mut n_lines) =
        (Vec::new(), shape.left, usize::from(!entries.is_empty()));
    for (color, word) in entries {
        let end = x + 19.0 + width(word, 12);
        if end > shape.width && x > shape.left {
            (x, n_lines) = (shape.left, n_lines + 1);
        }
        let y = shape.head + (n_lines as f64 - 1.0) * LEGEND + if shape.above { 0.0 } else { 6.0 };
        placed.push((*color, word.as_str(), (x, y)));
        x += if shape.above { 28.0 } else { 40.0 } + width(word, 12);
    }
    (placed, n_lines)
}

/// Height of a bar.
const BAR: f64 = 12.0;

/// Opacity of ranges.
const SOLID: f64 = 0.55;

fn draw_span(
    scene: &mut Scene,
    span: &Span,
    top: f64,
    (from, to): (f64, f64),
    wide: f64,
    place: &dyn Fn(f64) -> f64,
) {
    let color = PALETTE[span.color % PALETTE.len()];
    let end = span.hi.unwrap_or(to);
    let (lo, hi) = (place(span.lo.clamp(from, to)), place(end.clamp(from, to)));
    // What begins beyond the axis is named with its level at the end.
    if span.lo > to {
        let beyond = format!("{} \u{2192} {}", span.text, end_of(span));
        rect(scene, (hi - 2.0, top + 2.0), (4.0, BAR), color);
        return beside(scene, (hi - 6.0, wide), top, wide, &beyond);
    }
    // An open range: its beginning is a bar, the rest a thin line after its words.
    if span.hi.is_none() {
        rect(scene, (lo, top + 2.0), (4.0, BAR), color);
        beside(scene, (lo - 5.0, lo + 8.0), top, wide, &span.text);
        let from = lo + 14.0 + width(&span.text, 11) * 1.12;
        if from < hi {
            line(scene, (from, top + 8.0), (hi, top + 8.0), color, 1.5);
        }
        return;
    }
    pale(scene, (lo, top + 2.0), ((hi - lo).max(3.0), BAR), color, Some(SOLID));
    let cut = if end > to { format!("{} \u{2192} {end}", span.text) } else { span.text.clone() };
    beside(scene, (lo - 5.0, hi.max(lo + 3.0) + 5.0), top, wide, &cut);
}

/// The level that is written where a range lies beyond the axis.
fn end_of(span: &Span) -> String {
    match span.hi {
        Some(hi) => format!("{} to {hi}", span.lo),
        None => span.lo.to_string(),
    }
}

/// Words right of a mark, or left of it where the chart ends.
fn beside(scene: &mut Scene, (left, right): (f64, f64), top: f64, wide: f64, content: &str) {
    let fits = right + 1.12 * width(content, 11) <= wide - 4.0;
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
    fn a_narrow_chart_has_names_above_its_bars_and_a_legend_that_fits() {
        let mut chart = chart();
        chart.legend = vec![(0, "a".repeat(20)), (1, "b".repeat(30)), (2, "c".to_string())];
        let svg = render_narrow_spans_svg(&chart).expect("draws");
        assert!(svg.contains("width=\"380\"") && !svg.contains("a line"));
        let place = |word: &str| -> (f64, f64) {
            let line = svg.split("<text").find(|one| one.contains(word)).expect("the words");
            let of = |name: &str| {
                let rest = line.split(&format!(" {name}=\"")).nth(1).expect("a place");
                rest.split('"').next().and_then(|one| one.parse().ok()).expect("a number")
            };
            (of("x"), of("y"))
        };
        let (one, two, three) = (place("aaa"), place("bbb"), place(">c<"));
        assert!(one.1 < two.1 && one.0.to_bits() == two.0.to_bits(), "{one:?} {two:?}");
        assert!(three.1.to_bits() == two.1.to_bits() && three.0 > two.0, "{three:?}");
        assert!(place("a &lt; b").1 < place("7:54").1);
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
