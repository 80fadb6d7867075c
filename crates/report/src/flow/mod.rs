//! Charts of boxes and arrows, in columns from left to right.
//!
//! A box stands one column right of the last box that feeds it; an arrow over several columns
//! keeps a place of its own in each, so that it passes between the boxes.

mod layout;

use crate::ReportError;
use crate::draw::{arrow_head, png, rect, svg, text};
use crate::flow::layout::{BOX, Laid, lay};
use kuva::render::color::Color;
use kuva::render::render::{Primitive, Scene, TextAnchor};

/// Boxes and arrows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FlowChart {
    /// Heading.
    pub title: String,
    /// Names of the boxes.
    pub boxes: Vec<String>,
    /// Arrows.
    pub arrows: Vec<FlowArrow>,
    /// Lines below the chart.
    pub footer: Vec<String>,
}

/// An arrow; what has no box at an end comes from outside or leaves.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FlowArrow {
    /// Index of the box that it leaves.
    pub from: Option<usize>,
    /// Index of the box that it enters.
    pub to: Option<usize>,
    /// Words on it.
    pub words: String,
    /// Whether it has a head at each end.
    pub both_ways: bool,
}

const TOP: f64 = 54.0;
const LINE: f64 = 17.0;
const FILL: &str = "#e8f1f8";
const EDGE: &str = "#33658a";
const INK: &str = "#444444";
/// Width of one letter of the small words, about.
const LETTER: f64 = 6.1;

/// The chart as SVG text.
///
/// # Errors
/// `Figure` where there is no box, or an arrow names one that is not there.
pub fn render_flow_svg(chart: &FlowChart) -> Result<String, ReportError> {
    Ok(svg(&scene(chart)?))
}

/// The chart as PNG bytes, `scale` pixels per SVG unit.
///
/// # Errors
/// As [`render_flow_svg`], or what the encoder refused.
pub fn render_flow_png(chart: &FlowChart, scale: f32) -> Result<Vec<u8>, ReportError> {
    png(&scene(chart)?, scale)
}

fn scene(chart: &FlowChart) -> Result<Scene, ReportError> {
    let n = chart.boxes.len();
    let is_there = |end: Option<usize>| end.is_none_or(|at| at < n);
    if n == 0 || !chart.arrows.iter().all(|one| is_there(one.from) && is_there(one.to)) {
        return Err(ReportError::Figure("an arrow has no box".to_string()));
    }
    let laid = lay(chart);
    let (width, height) = (laid.size.0, TOP + laid.size.1);
    let mut scene = Scene::new(width, height + LINE * chart.footer.len() as f64 + 10.0);
    text(&mut scene, (width / 2.0, 28.0), &chart.title, TextAnchor::Middle, 16);
    for (arrow, path) in chart.arrows.iter().zip(&laid.paths) {
        draw_line(&mut scene, path, arrow.both_ways);
    }
    for (name, &(x, y)) in chart.boxes.iter().zip(&laid.boxes) {
        let corner = (x - BOX.0 / 2.0, TOP + y - BOX.1 / 2.0);
        scene.elements.push(Primitive::Rect {
            x: corner.0,
            y: corner.1,
            width: BOX.0,
            height: BOX.1,
            fill: Color::from(FILL),
            stroke: Some(Color::from(EDGE)),
            stroke_width: Some(1.4),
            opacity: None,
        });
        text(&mut scene, (x, TOP + y + 5.0), name, TextAnchor::Middle, 14);
    }
    for (words, place) in labels(chart, &laid) {
        let wide = LETTER * words.chars().count() as f64 + 4.0;
        rect(&mut scene, (place.0 - wide / 2.0, place.1 - 10.0), (wide, 14.0), "#ffffff");
        text(&mut scene, (place.0, place.1 + 1.0), &words, TextAnchor::Middle, 11);
    }
    for (at, words) in chart.footer.iter().enumerate() {
        let y = height + LINE * at as f64;
        text(&mut scene, (18.0, y), words, TextAnchor::Start, 12);
    }
    Ok(scene)
}

/// Words of arrows with their places: one list for all arrows between the same boxes.
fn labels(chart: &FlowChart, laid: &Laid) -> Vec<(String, (f64, f64))> {
    let mut found = Vec::new();
    for (at, (arrow, path)) in chart.arrows.iter().zip(&laid.paths).enumerate() {
        let is_same = |other: &&FlowArrow| {
            (other.from, other.to, other.both_ways) == (arrow.from, arrow.to, arrow.both_ways)
        };
        if arrow.from.is_some() && arrow.to.is_some() {
            let first = chart.arrows.iter().position(|other| is_same(&other)) == Some(at);
            let same = chart.arrows.iter().filter(is_same);
            let words: Vec<&str> = same.map(|one| one.words.as_str()).collect();
            if first {
                found.push((words.join(", "), on_line(path)));
            }
        } else {
            let end = if arrow.from.is_none() { path[0] } else { path[path.len() - 1] };
            let down = if arrow.from.is_none() { -4.0 } else { 13.0 };
            found.push((arrow.words.clone(), (end.0, TOP + end.1 + down)));
        }
    }
    found
}

/// The middle of the first stretch of an arrow, where arrows are furthest apart.
fn on_line(path: &[(f64, f64)]) -> (f64, f64) {
    let (a, b) = (path[0], path[1]);
    let share = if path.len() > 2 { 0.6 } else { 0.5 };
    (a.0 + share * (b.0 - a.0), TOP + a.1 + share * (b.1 - a.1) + 3.0)
}

fn draw_line(scene: &mut Scene, path: &[(f64, f64)], both_ways: bool) {
    let points: Vec<(f64, f64)> = path.iter().map(|&(x, y)| (x, TOP + y)).collect();
    let n = points.len();
    scene.elements.push(Primitive::PolyLine {
        points: points.clone(),
        stroke: Color::from(INK),
        stroke_width: 1.3,
        stroke_dasharray: None,
    });
    arrow_head(scene, points[n - 2], points[n - 1], INK);
    if both_ways {
        arrow_head(scene, points[1], points[0], INK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrow(from: Option<usize>, to: Option<usize>, words: &str) -> FlowArrow {
        FlowArrow { from, to, words: words.to_string(), both_ways: false }
    }

    fn chart() -> FlowChart {
        FlowChart {
            title: "A gut".to_string(),
            boxes: ["gut", "plasma", "urine", "stool"].map(str::to_string).to_vec(),
            arrows: vec![
                arrow(None, Some(0), "food"),
                arrow(Some(0), Some(1), "absorbed"),
                arrow(Some(1), Some(2), "excreted"),
                arrow(Some(0), Some(3), "passed"),
                arrow(Some(1), Some(3), "lost"),
                arrow(Some(2), None, "voided"),
            ],
            footer: vec!["below".to_string()],
        }
    }

    #[test]
    fn boxes_stand_right_of_what_feeds_them_and_do_not_overlap() {
        let laid = lay(&chart());
        let x = |at: usize| laid.boxes[at].0;
        assert!(x(0) < x(1) && x(1) < x(2) && x(1) < x(3));
        assert_eq!(x(2), x(3));
        assert!((laid.boxes[2].1 - laid.boxes[3].1).abs() > BOX.1);
        // The long arrow passes the column of `plasma` beside its box.
        let long = &laid.paths[3];
        assert_eq!(long.len(), 3);
        assert!((long[1].1 - laid.boxes[1].1).abs() > BOX.1 / 2.0);
    }

    #[test]
    fn the_chart_names_every_box_and_arrow() {
        let svg = render_flow_svg(&chart()).expect("a chart");
        for words in ["gut", "plasma", "urine", "stool", "food", "absorbed", "excreted", "voided"] {
            assert!(svg.contains(&format!(">{words}<")), "{words}");
        }
        assert!(render_flow_png(&chart(), 1.0).is_ok_and(|bytes| bytes.starts_with(b"\x89PNG")));
    }

    #[test]
    fn a_circle_of_arrows_can_be_drawn_and_an_arrow_to_nowhere_cannot() {
        let mut round = chart();
        round.arrows.push(arrow(Some(2), Some(0), "back"));
        assert!(render_flow_svg(&round).is_ok());
        round.arrows.push(arrow(Some(9), Some(0), "from no box"));
        assert!(render_flow_svg(&round).is_err());
        assert!(render_flow_svg(&FlowChart::default()).is_err());
    }
}
