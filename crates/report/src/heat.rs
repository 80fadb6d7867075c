//! Heat maps: a value per row and column, as a color and as words.

use crate::ReportError;
use crate::draw::{Ink, png, rect, svg, text, words};
use kuva::render::render::{Scene, TextAnchor};

/// Panels of cells, side by side, that share their rows and columns.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HeatMap {
    /// Heading.
    pub title: String,
    /// Names of the rows, top to bottom.
    pub rows: Vec<String>,
    /// Names of the columns, left to right.
    pub columns: Vec<String>,
    /// Quantity and unit of the columns.
    pub x_label: String,
    /// One per quantity.
    pub panels: Vec<HeatPanel>,
    /// Panels in a line.
    pub n_columns: usize,
    /// Lines below the panels.
    pub footer: Vec<String>,
}

/// One quantity.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HeatPanel {
    /// Heading with its unit.
    pub title: String,
    /// Cells, row by row.
    pub cells: Vec<HeatCell>,
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HeatCell {
    /// Its value, which is its color between the lowest and the highest of the panel; none is gray.
    pub value: Option<f64>,
    /// Words in it.
    pub text: String,
}

const CELL: (f64, f64) = (78.0, 24.0);
const LEFT: f64 = 275.0;
const GAP: f64 = 28.0;
const TOP: f64 = 50.0;
const HEAD: f64 = 26.0;
/// Colors of the lowest and the highest value, and of none.
const LOW: [f64; 3] = [239.0, 246.0, 252.0];
const HIGH: [f64; 3] = [0.0, 84.0, 140.0];
const NONE: &str = "#dddddd";

/// The map as SVG text.
///
/// # Errors
/// `Figure` where there is no cell, a panel has another number of cells, or a value is not finite.
pub fn render_heat_svg(map: &HeatMap) -> Result<String, ReportError> {
    Ok(svg(&scene(map)?))
}

/// The map as PNG bytes, `scale` pixels per SVG unit.
///
/// # Errors
/// As [`render_heat_svg`], or what the encoder refused.
pub fn render_heat_png(map: &HeatMap, scale: f32) -> Result<Vec<u8>, ReportError> {
    png(&scene(map)?, scale)
}

fn scene(map: &HeatMap) -> Result<Scene, ReportError> {
    let n_cells = map.rows.len() * map.columns.len();
    if n_cells == 0 || map.panels.is_empty() {
        return Err(ReportError::Figure("there is no cell".to_string()));
    }
    for panel in &map.panels {
        let finite = panel.cells.iter().all(|cell| cell.value.is_none_or(f64::is_finite));
        if panel.cells.len() != n_cells || !finite {
            return Err(ReportError::Figure(format!("panel `{}` cannot be drawn", panel.title)));
        }
    }
    let n_columns = map.n_columns.clamp(1, map.panels.len());
    let n_lines = map.panels.len().div_ceil(n_columns);
    let panel = (CELL.0 * map.columns.len() as f64, CELL.1 * map.rows.len() as f64);
    let line_height = HEAD + panel.1 + 56.0;
    let width = LEFT + n_columns as f64 * (panel.0 + GAP);
    let height = TOP + n_lines as f64 * line_height + map.footer.len() as f64 * 17.0 + 8.0;
    let mut scene = Scene::new(width, height);
    text(&mut scene, (width / 2.0, 28.0), &map.title, TextAnchor::Middle, 17);
    for (at, one) in map.panels.iter().enumerate() {
        let left = LEFT + (at % n_columns) as f64 * (panel.0 + GAP);
        let top = TOP + (at / n_columns) as f64 * line_height + HEAD;
        draw_panel(&mut scene, map, one, (left, top));
        if at % n_columns == 0 {
            for (row, name) in map.rows.iter().enumerate() {
                let y = top + CELL.1 * row as f64 + 16.0;
                text(&mut scene, (LEFT - 8.0, y), name, TextAnchor::End, 12);
            }
        }
    }
    for (at, words) in map.footer.iter().enumerate() {
        let y = TOP + n_lines as f64 * line_height + at as f64 * 17.0 + 6.0;
        text(&mut scene, (18.0, y), words, TextAnchor::Start, 12);
    }
    Ok(scene)
}

fn draw_panel(scene: &mut Scene, map: &HeatMap, panel: &HeatPanel, (left, top): (f64, f64)) {
    let values = || panel.cells.iter().filter_map(|cell| cell.value);
    let lo = values().fold(f64::INFINITY, f64::min);
    let hi = values().fold(f64::NEG_INFINITY, f64::max);
    let ink = Ink { size: 13, bold: true, ..Ink::default() };
    words(scene, (left, top - 8.0), &panel.title, TextAnchor::Start, ink);
    let n = map.columns.len();
    for (at, cell) in panel.cells.iter().enumerate() {
        let (x, y) = (left + CELL.0 * (at % n) as f64, top + CELL.1 * (at / n) as f64);
        let share = cell.value.map(|value| if hi > lo { (value - lo) / (hi - lo) } else { 0.0 });
        let color = share.map_or_else(|| NONE.to_string(), color);
        rect(scene, (x, y), (CELL.0 - 2.0, CELL.1 - 2.0), &color);
        // White words on the darker half.
        let ink = Ink { size: 11, white: share.is_some_and(|share| share > 0.55), bold: false };
        let middle = (x + CELL.0 / 2.0 - 1.0, y + 15.0);
        words(scene, middle, &cell.text, TextAnchor::Middle, ink);
    }
    let bottom = top + CELL.1 * map.rows.len() as f64;
    for (at, name) in map.columns.iter().enumerate() {
        let x = left + CELL.0 * (at as f64 + 0.5);
        text(scene, (x, bottom + 14.0), name, TextAnchor::Middle, 12);
    }
    let middle = left + CELL.0 * n as f64 / 2.0;
    text(scene, (middle, bottom + 31.0), &map.x_label, TextAnchor::Middle, 12);
}

/// The color of a share from 0 to 1.
fn color(share: f64) -> String {
    let part = |at: usize| (LOW[at] + share * (HIGH[at] - LOW[at])).round() as u8;
    format!("#{:02x}{:02x}{:02x}", part(0), part(1), part(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map() -> HeatMap {
        let cell = |value: Option<f64>, text: &str| HeatCell { value, text: text.to_string() };
        HeatMap {
            title: "a grid".to_string(),
            rows: vec!["citrate, once".to_string(), "oxide, once".to_string()],
            columns: vec!["100".to_string(), "200".to_string()],
            x_label: "mg a day".to_string(),
            panels: vec![HeatPanel {
                title: "absorbed (mmol)".to_string(),
                cells: vec![
                    cell(Some(0.5), "0.50"),
                    cell(Some(1.0), "1.00"),
                    cell(None, "not predicted"),
                    cell(Some(0.75), "0.75"),
                ],
            }],
            n_columns: 1,
            footer: vec!["a line".to_string()],
        }
    }

    #[test]
    fn cells_names_and_words_are_drawn() {
        let svg = render_heat_svg(&map()).expect("draws");
        for word in ["a grid", "oxide, once", "200", "mg a day", "not predicted", "0.75", "a line"]
        {
            assert!(svg.contains(word), "`{word}` is missing");
        }
        // The lowest, the highest, the middle and none.
        assert_eq!([color(0.0), color(1.0), color(0.5)], ["#eff6fc", "#00548c", "#78a5c4"]);
        for color in ["#eff6fc", "#00548c", "#78a5c4", NONE] {
            assert!(svg.contains(color), "{color}");
        }
        let png = render_heat_png(&map(), 1.0).expect("draws");
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    }

    #[test]
    fn what_cannot_be_drawn_is_named() {
        let said = |map: &HeatMap| render_heat_svg(map).expect_err("refused").to_string();
        let mut bad = map();
        bad.panels[0].cells.pop();
        assert_eq!(said(&bad), "cannot draw the figure: panel `absorbed (mmol)` cannot be drawn");
        assert_eq!(said(&HeatMap::default()), "cannot draw the figure: there is no cell");
    }
}
