//! Tornado plots: how far a result moves when one thing at a time is low or high.

use crate::ReportError;
use crate::draw::{line, png, rect, svg, text};
use crate::figure::PALETTE;
use crate::number::significant;
use kuva::render::render::{Scene, TextAnchor};

/// Panels of bars, one above the other.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tornado {
    /// Heading.
    pub title: String,
    /// One per result.
    pub panels: Vec<TornadoPanel>,
    /// Lines below the panels.
    pub footer: Vec<String>,
}

/// Bars around one middle.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TornadoPanel {
    /// Quantity and unit along the bottom.
    pub x_label: String,
    /// Where the bars meet.
    pub middle: f64,
    /// Bars, top to bottom.
    pub bars: Vec<TornadoBar>,
}

/// One bar.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TornadoBar {
    /// What moves.
    pub label: String,
    /// The result where it is low.
    pub at_low: f64,
    /// The result where it is high.
    pub at_high: f64,
    /// Written at the left end of the label's column, such as how it is known.
    pub mark: String,
}

const WIDTH: f64 = 860.0;
const LEFT: f64 = 330.0;
const RIGHT: f64 = 40.0;
const ROW: f64 = 24.0;
const TEXT: u32 = 13;

/// The plot as SVG text.
///
/// # Errors
/// `Figure` where there is no bar or a number is not finite.
pub fn render_tornado_svg(tornado: &Tornado) -> Result<String, ReportError> {
    Ok(svg(&scene(tornado)?))
}

/// The plot as PNG bytes, `scale` pixels per SVG unit.
///
/// # Errors
/// As [`render_tornado_svg`], or what the encoder refused.
pub fn render_tornado_png(tornado: &Tornado, scale: f32) -> Result<Vec<u8>, ReportError> {
    png(&scene(tornado)?, scale)
}

fn scene(tornado: &Tornado) -> Result<Scene, ReportError> {
    if tornado.panels.iter().all(|panel| panel.bars.is_empty()) {
        return Err(ReportError::Figure("there is no bar".to_string()));
    }
    let rows: f64 = tornado.panels.iter().map(|panel| panel.bars.len() as f64 * ROW + 84.0).sum();
    let height = 64.0 + rows + tornado.footer.len() as f64 * 18.0 + 10.0;
    let mut scene = Scene::new(WIDTH, height);
    text(&mut scene, (WIDTH / 2.0, 26.0), &tornado.title, TextAnchor::Middle, 17);
    let legend = [("low", PALETTE[5]), ("high", PALETTE[1])];
    for (at, (word, color)) in legend.into_iter().enumerate() {
        let x = LEFT + 110.0 * at as f64;
        rect(&mut scene, (x, 40.0), (14.0, 14.0), color);
        text(&mut scene, (x + 20.0, 52.0), word, TextAnchor::Start, TEXT);
    }
    let mut top = 66.0;
    for panel in &tornado.panels {
        top = draw_panel(&mut scene, panel, top)?;
    }
    for line in &tornado.footer {
        top += 18.0;
        text(&mut scene, (18.0, top), line, TextAnchor::Start, 12);
    }
    Ok(scene)
}

/// Draws one panel from `top` down and returns where the next one starts.
fn draw_panel(scene: &mut Scene, panel: &TornadoPanel, top: f64) -> Result<f64, ReportError> {
    for bar in &panel.bars {
        if !(bar.at_low.is_finite() && bar.at_high.is_finite() && panel.middle.is_finite()) {
            return Err(ReportError::Figure(format!("bar `{}` cannot be drawn", bar.label)));
        }
    }
    let ends = panel.bars.iter().flat_map(|bar| [bar.at_low, bar.at_high]);
    let (lo, hi) = ends.fold((panel.middle, panel.middle), |(lo, hi), end| {
        (if end < lo { end } else { lo }, if end > hi { end } else { hi })
    });
    let step = tick_step(hi - lo);
    let (first, last) = ((lo / step).floor(), (hi / step).ceil());
    let span = if last > first { last - first } else { 1.0 };
    let place = |value: f64| LEFT + (value / step - first) / span * (WIDTH - LEFT - RIGHT);
    let bottom = top + panel.bars.len() as f64 * ROW + 8.0;
    for at in 0..=(span as u32) {
        let value = (first + f64::from(at)) * step;
        let x = place(value);
        line(scene, (x, top), (x, bottom), "#dddddd", 1.0);
        let shown = tick(value, step);
        text(scene, (x, bottom + 16.0), &shown, TextAnchor::Middle, 12);
    }
    for (at, bar) in panel.bars.iter().enumerate() {
        let y = top + 4.0 + at as f64 * ROW;
        for (value, color) in [(bar.at_low, PALETTE[5]), (bar.at_high, PALETTE[1])] {
            let (a, b) = (place(panel.middle), place(value));
            let (from, to) = if a <= b { (a, b) } else { (b, a) };
            rect(scene, (from, y + 3.0), (to - from, ROW - 8.0), color);
        }
        text(scene, (LEFT - 10.0, y + 16.0), &bar.label, TextAnchor::End, TEXT);
        text(scene, (18.0, y + 16.0), &bar.mark, TextAnchor::Start, 12);
    }
    let x = place(panel.middle);
    line(scene, (x, top), (x, bottom), "#333333", 1.5);
    line(scene, (LEFT, bottom), (WIDTH - RIGHT, bottom), "#333333", 1.0);
    let middle = f64::midpoint(LEFT, WIDTH - RIGHT);
    text(scene, (middle, bottom + 38.0), &panel.x_label, TextAnchor::Middle, 14);
    Ok(bottom + 76.0)
}

/// 1, 2 or 5 of a power of ten, for about six steps.
fn tick_step(span: f64) -> f64 {
    if span <= 0.0 {
        return 1.0;
    }
    let mut power = 1.0;
    while power * 10.0 <= span / 6.0 {
        power *= 10.0;
    }
    while power > span / 6.0 {
        power /= 10.0;
    }
    let fits = |step: &f64| step * 6.0 >= span;
    [power, 2.0 * power, 5.0 * power].into_iter().find(fits).unwrap_or(10.0 * power)
}

/// A tick without digits that the step does not have.
fn tick(value: f64, step: f64) -> String {
    let decimals = significant(step, 1).split_once('.').map_or(0, |(_, tail)| tail.len());
    let shown = format!("{value:.decimals$}");
    // No `-0.0`.
    if value.abs() < step / 2.0 { shown.trim_start_matches('-').to_string() } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tornado() -> Tornado {
        let bar = |label: &str, at_low, at_high| TornadoBar {
            label: label.to_string(),
            at_low,
            at_high,
            mark: "assumed".to_string(),
        };
        let panel = TornadoPanel {
            x_label: "rise (mmol/L)".to_string(),
            middle: 0.02,
            bars: vec![bar("k_m", 0.03, 0.01), bar("cl", 0.018, 0.021)],
        };
        Tornado {
            title: "what matters".to_string(),
            panels: vec![panel],
            footer: vec!["a line".to_string()],
        }
    }

    #[test]
    fn bars_axis_and_words_are_drawn() {
        let svg = render_tornado_svg(&tornado()).expect("draws");
        for word in ["<svg", "k_m", "assumed", "rise (mmol/L)", "what matters", "a line", "0.015"] {
            assert!(svg.contains(word), "`{word}` is missing");
        }
        let png = render_tornado_png(&tornado(), 1.0).expect("draws");
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    }

    #[test]
    fn what_cannot_be_drawn_is_named() {
        let mut bad = tornado();
        bad.panels[0].bars[1].at_high = f64::NAN;
        let said = render_tornado_svg(&bad).expect_err("refused").to_string();
        assert_eq!(said, "cannot draw the figure: bar `cl` cannot be drawn");
        let said = render_tornado_svg(&Tornado::default()).expect_err("refused").to_string();
        assert_eq!(said, "cannot draw the figure: there is no bar");
    }

    #[test]
    fn ticks_are_round() {
        for (span, step) in [(0.02, 0.005), (6.0, 1.0), (7.0, 2.0), (100.0, 20.0), (0.0, 1.0)] {
            let found = tick_step(span);
            assert!((found - step).abs() <= 1e-9 * step, "{span}: {found}");
        }
        assert_eq!((tick(-1e-18, 0.005), tick(0.015, 0.005)), ("0.000".into(), "0.015".into()));
    }
}
