//! Figures as values, drawn by `kuva`.

use crate::ReportError;
use crate::draw::{png, svg};
use kuva::prelude::{BandPlot, Figure as Grid, Layout, LegendPosition, LinePlot, LineStyle, Plot};
use kuva::render::annotations::ReferenceLine;
use kuva::render::render::{Primitive, Scene, TextAnchor};

/// A figure of one or more panels side by side.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Figure {
    /// Heading.
    pub title: String,
    /// What is drawn and what each ribbon means, one sentence per line.
    pub caption: String,
    /// Panels, left to right, `n_columns` in a row.
    pub panels: Vec<Panel>,
    /// Panels in a row; 0 puts all in one.
    pub n_columns: usize,
    /// Lines drawn below the panels, for a picture that stands alone.
    pub footer: Vec<String>,
}

/// One pair of axes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Panel {
    /// Heading.
    pub title: String,
    /// Quantity and unit along the bottom.
    pub x_label: String,
    /// Quantity and unit along the side.
    pub y_label: String,
    /// Lines.
    pub series: Vec<Series>,
    /// Horizontal lines with a word each.
    pub levels: Vec<(f64, String)>,
    /// Whether the vertical axis is logarithmic; values of 0 or less are left out.
    pub y_log: bool,
    /// Smallest and largest value of the vertical axis, where fixed.
    pub y_range: Option<(f64, f64)>,
}

/// How a line is drawn: style carries what color alone would.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stroke {
    /// Unbroken.
    #[default]
    Solid,
    /// Dashed.
    Dashed,
    /// Dotted.
    Dotted,
}

/// Lower and upper edge at each `x`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ribbon {
    /// Lower edge.
    pub lo: Vec<f64>,
    /// Upper edge.
    pub hi: Vec<f64>,
}

/// One line with an optional ribbon.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    /// Word in the legend.
    pub name: String,
    /// Index into the palette; the same index is the same color in every panel.
    pub color: usize,
    /// Line style.
    pub stroke: Stroke,
    /// Along the bottom.
    pub x: Vec<f64>,
    /// Along the side.
    pub y: Vec<f64>,
    /// Around the line.
    pub ribbon: Option<Ribbon>,
}

/// Colors that color-blind readers tell apart (Okabe and Ito).
pub(crate) const PALETTE: [&str; 7] =
    ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"];

/// The figure as SVG text.
///
/// # Errors
/// `Figure` names a panel without a finite point.
pub fn render_svg(figure: &Figure) -> Result<String, ReportError> {
    Ok(svg(&scene(figure, CELL, true)?))
}

/// The figure as SVG text for a column of print: small panels, without heading, footer and legend,
/// so that its words keep the size of the text around it, which says what the lines are.
///
/// # Errors
/// As [`render_svg`].
pub fn render_narrow_svg(figure: &Figure) -> Result<String, ReportError> {
    let mut bare = Figure { title: String::new(), footer: Vec::new(), ..figure.clone() };
    let series = bare.panels.iter_mut().flat_map(|panel| &mut panel.series);
    series.for_each(|one| one.name.clear());
    let scene = scene(&bare, NARROW, false)?;
    let (width, shown) = (scene.width, scene.height - HEADING);
    // The room of the heading is cut off.
    let frame = format!("<svg viewBox=\"0 {HEADING} {width} {shown}\"");
    let whole = svg(&scene).replacen("<svg", &frame, 1);
    let parts = whole.split_once(" height=\"");
    let cut = parts.and_then(|(before, rest)| Some((before, rest.split_once('"')?.1)));
    Ok(cut.map_or(whole.clone(), |(before, after)| format!("{before} height=\"{shown}\"{after}")))
}

/// Height that a heading takes, also one without words.
const HEADING: f64 = 62.0;

/// The figure as PNG bytes, `scale` pixels per SVG unit.
///
/// # Errors
/// `Figure` names a panel without a finite point or tells what the encoder refused.
pub fn render_png(figure: &Figure, scale: f32) -> Result<Vec<u8>, ReportError> {
    png(&scene(figure, CELL, true)?, scale)
}

/// Width and height of a panel.
const CELL: (f64, f64) = (620.0, 430.0);
/// The same in a column of print.
const NARROW: (f64, f64) = (460.0, 220.0);

fn scene(figure: &Figure, cell: (f64, f64), has_legend: bool) -> Result<Scene, ReportError> {
    let n = figure.panels.len();
    if n == 0 {
        return Err(ReportError::Figure("there is no panel".to_string()));
    }
    let n_columns = if figure.n_columns == 0 { n } else { figure.n_columns.min(n) };
    let (mut plots, mut layouts) = (Vec::new(), Vec::new());
    for panel in &figure.panels {
        let parts = panel_plots(panel)?;
        layouts.push(panel_layout(panel, &parts));
        plots.push(parts);
    }
    let grid = Grid::new(n.div_ceil(n_columns), n_columns)
        .with_title(&figure.title)
        .with_plots(plots)
        .with_layouts(layouts)
        .with_cell_size(cell.0, cell.1);
    let grid = if has_legend { grid.with_shared_legend_bottom() } else { grid };
    let mut scene = grid.render();
    draw_footer(&mut scene, &figure.footer);
    Ok(scene)
}

/// Lines of small text below everything else.
fn draw_footer(scene: &mut Scene, lines: &[String]) {
    const LINE_HEIGHT: f64 = 18.0;
    for line in lines {
        scene.height += LINE_HEIGHT;
        scene.elements.push(Primitive::Text {
            x: LINE_HEIGHT,
            y: scene.height - LINE_HEIGHT / 2.0,
            content: line.clone(),
            size: 12,
            anchor: TextAnchor::Start,
            rotate: None,
            bold: false,
            color: None,
        });
    }
}

fn panel_plots(panel: &Panel) -> Result<Vec<Plot>, ReportError> {
    let shown = |y: f64| y.is_finite() && (!panel.y_log || y > 0.0);
    let finite =
        |series: &Series| series.x.iter().zip(&series.y).any(|(x, y)| x.is_finite() && shown(*y));
    // Where a ribbon reaches 0, it ends at the lowest line.
    let values = panel.series.iter().flat_map(|series| &series.y).copied();
    let lowest = values.filter(|y| shown(*y)).fold(f64::INFINITY, f64::min);
    let edge = |y: f64| if panel.y_log && y < lowest { y.max(lowest / 10.0) } else { y };
    if !panel.series.iter().any(finite) {
        let name = if panel.title.is_empty() { &panel.y_label } else { &panel.title };
        return Err(ReportError::Figure(format!("panel `{name}` holds no point")));
    }
    let mut plots = Vec::new();
    for series in &panel.series {
        let color = PALETTE[series.color % PALETTE.len()];
        if let Some(ribbon) = &series.ribbon {
            let is_drawn = |&at: &usize| {
                [&series.x, &ribbon.lo, &ribbon.hi]
                    .iter()
                    .all(|list| list.get(at).is_some_and(|value| value.is_finite()))
            };
            let has_line =
                |at: &usize| !panel.y_log || series.y.get(*at).is_some_and(|y| shown(*y));
            let drawn: Vec<usize> = (0..series.x.len()).filter(is_drawn).filter(has_line).collect();
            let of = |list: &[f64]| drawn.iter().map(|&at| list[at]).collect::<Vec<f64>>();
            let edges = |list: &[f64]| of(list).into_iter().map(edge).collect::<Vec<f64>>();
            let band = BandPlot::new(of(&series.x), edges(&ribbon.lo), edges(&ribbon.hi))
                .with_color(color)
                .with_opacity(0.13);
            if !drawn.is_empty() {
                plots.push(Plot::Band(band));
            }
        }
    }
    for series in &panel.series {
        let points = series.x.iter().copied().zip(series.y.iter().copied());
        let points: Vec<(f64, f64)> = points.filter(|(x, y)| x.is_finite() && shown(*y)).collect();
        let mut line = LinePlot::new()
            .with_data(points)
            .with_color(PALETTE[series.color % PALETTE.len()])
            .with_stroke_width(2.0)
            .with_line_style(match series.stroke {
                Stroke::Solid => LineStyle::Solid,
                Stroke::Dashed => LineStyle::Dashed,
                Stroke::Dotted => LineStyle::Dotted,
            });
        if !series.name.is_empty() {
            line = line.with_legend(&series.name);
        }
        plots.push(Plot::Line(line));
    }
    Ok(plots)
}

fn panel_layout(panel: &Panel, plots: &[Plot]) -> Layout {
    let mut layout = Layout::auto_from_plots(plots)
        .with_title(&panel.title)
        .with_x_label(&panel.x_label)
        .with_y_label(&panel.y_label)
        .with_legend_position(LegendPosition::OutsideBottomColumns);
    if panel.y_log {
        layout = layout.with_log_y();
    }
    if let Some((lo, hi)) = panel.y_range {
        layout = layout.with_y_axis_min(lo).with_y_axis_max(hi);
    }
    for (level, word) in &panel.levels {
        layout = layout.with_reference_line(
            ReferenceLine::horizontal(*level).with_color("#555555").with_label(word),
        );
    }
    layout
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure() -> Figure {
        let series = Series {
            name: "one".to_string(),
            x: vec![0.0, 1.0, 2.0],
            y: vec![1.0, 2.0, f64::NAN],
            ribbon: Some(Ribbon { lo: vec![0.5, f64::NAN, 2.0], hi: vec![1.5, 2.5, 3.0] }),
            ..Series::default()
        };
        let panel = Panel {
            title: "panel".to_string(),
            x_label: "time (d)".to_string(),
            y_label: "concentration (mmol/L)".to_string(),
            series: vec![series],
            levels: vec![(2.2, "limit".to_string())],
            ..Panel::default()
        };
        Figure { title: "figure".to_string(), panels: vec![panel], ..Figure::default() }
    }

    #[test]
    fn a_narrow_figure_has_neither_legend_nor_the_room_of_a_heading() {
        let (wide, narrow) = (render_svg(&figure()), render_narrow_svg(&figure()));
        let (wide, narrow) = (wide.expect("draws"), narrow.expect("draws"));
        assert!(wide.contains(">one<") && !narrow.contains(">one<"));
        let root = narrow.split('>').next().unwrap_or_default();
        assert!(root.contains(&format!("viewBox=\"0 {HEADING} ")), "{root}");
        assert_eq!(root.matches(" height=").count(), 1, "{root}");
        let frame = root.split("viewBox=\"").nth(1).and_then(|rest| rest.split('"').next());
        let shown = frame.and_then(|frame| frame.split(' ').nth(3)).unwrap_or_default();
        assert!(root.contains(&format!(" height=\"{shown}\"")), "{root}");
    }

    #[test]
    fn svg_holds_axes_legend_and_level() {
        let svg = render_svg(&figure()).expect("draws");
        for word in ["<svg", "time (d)", "concentration (mmol/L)", "one", "limit"] {
            assert!(svg.contains(word), "`{word}` is missing");
        }
        assert!(!svg.contains("NaN"));
    }

    #[test]
    fn a_logarithmic_axis_leaves_out_what_is_not_above_zero() {
        let mut figure = figure();
        let panel = &mut figure.panels[0];
        panel.y_log = true;
        panel.levels.clear();
        panel.series[0].y = vec![0.0, 1.0, 1000.0];
        panel.series[0].ribbon =
            Some(Ribbon { lo: vec![-1.0, 0.0, 500.0], hi: vec![0.0, 2.0, 2000.0] });
        let svg = render_svg(&figure).expect("draws");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        figure.panels[0].series[0].y = vec![0.0, -1.0, f64::NAN];
        let error = render_svg(&figure).expect_err("no point");
        assert_eq!(error.to_string(), "cannot draw the figure: panel `panel` holds no point");
    }

    #[test]
    fn png_has_its_signature() {
        let png = render_png(&figure(), 1.0).expect("draws");
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    }

    #[test]
    fn panel_without_points_is_refused_by_name() {
        let mut figure = figure();
        figure.panels[0].series[0].y = vec![f64::NAN; 3];
        let error = render_svg(&figure).expect_err("no point");
        assert_eq!(error.to_string(), "cannot draw the figure: panel `panel` holds no point");
    }
}
