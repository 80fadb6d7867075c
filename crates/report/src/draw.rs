//! Marks that charts of our own are drawn with.

use crate::ReportError;
use kuva::render::color::Color;
use kuva::render::render::{PathData, Primitive, Scene, TextAnchor};

/// A scene as SVG text.
pub(crate) fn svg(scene: &Scene) -> String {
    kuva::backend::svg::SvgBackend.render_scene(scene)
}

/// A scene as PNG bytes.
pub(crate) fn png(scene: &Scene, scale: f32) -> Result<Vec<u8>, ReportError> {
    let backend = kuva::backend::png::PngBackend::new().with_scale(scale);
    backend.render_scene(scene).map_err(ReportError::Figure)
}

/// Words at a place.
pub(crate) fn text(
    scene: &mut Scene,
    place: (f64, f64),
    content: &str,
    anchor: TextAnchor,
    size: u32,
) {
    words(scene, place, content, anchor, Ink { size, ..Ink::default() });
}

/// How words look.
#[derive(Clone, Copy, Default)]
pub(crate) struct Ink {
    pub(crate) size: u32,
    pub(crate) bold: bool,
    pub(crate) white: bool,
}

/// Words at a place, as `ink` says.
pub(crate) fn words(
    scene: &mut Scene,
    (x, y): (f64, f64),
    content: &str,
    anchor: TextAnchor,
    ink: Ink,
) {
    scene.elements.push(Primitive::Text {
        x,
        y,
        content: content.to_string(),
        size: ink.size,
        anchor,
        rotate: None,
        bold: ink.bold,
        color: ink.white.then(|| Color::from("#ffffff")),
    });
}

/// A filled box from its upper left corner.
pub(crate) fn rect(scene: &mut Scene, place: (f64, f64), size: (f64, f64), color: &str) {
    pale(scene, place, size, color, None);
}

/// A filled box that lets through what lies behind it.
pub(crate) fn pale(
    scene: &mut Scene,
    (x, y): (f64, f64),
    (width, height): (f64, f64),
    color: &str,
    opacity: Option<f64>,
) {
    scene.elements.push(Primitive::Rect {
        x,
        y,
        width,
        height,
        fill: Color::from(color),
        stroke: None,
        stroke_width: None,
        opacity,
    });
}

/// A straight line.
pub(crate) fn line(
    scene: &mut Scene,
    from: (f64, f64),
    to: (f64, f64),
    color: &str,
    stroke_width: f64,
) {
    stroke(scene, from, to, (color, stroke_width), None);
}

/// A line of dashes.
pub(crate) fn dashes(scene: &mut Scene, from: (f64, f64), to: (f64, f64), color: &str) {
    stroke(scene, from, to, (color, 1.2), Some("4 3".to_string()));
}

fn stroke(
    scene: &mut Scene,
    from: (f64, f64),
    to: (f64, f64),
    (color, stroke_width): (&str, f64),
    stroke_dasharray: Option<String>,
) {
    scene.elements.push(Primitive::Line {
        x1: from.0,
        y1: from.1,
        x2: to.0,
        y2: to.1,
        stroke: Color::from(color),
        stroke_width,
        stroke_dasharray,
    });
}

/// A filled circle.
pub(crate) fn dot(scene: &mut Scene, (cx, cy): (f64, f64), r: f64, color: &str) {
    scene.elements.push(Primitive::Circle {
        cx,
        cy,
        r,
        fill: Color::from(color),
        fill_opacity: None,
        stroke: None,
        stroke_width: None,
    });
}

/// The head of an arrow that ends at `to`.
pub(crate) fn arrow_head(scene: &mut Scene, from: (f64, f64), to: (f64, f64), color: &str) {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = (dx * dx + dy * dy).sqrt().max(f64::MIN_POSITIVE);
    let (dx, dy) = (dx / length, dy / length);
    let back = (to.0 - 9.0 * dx, to.1 - 9.0 * dy);
    let (left, right) =
        ((back.0 - 4.0 * dy, back.1 + 4.0 * dx), (back.0 + 4.0 * dy, back.1 - 4.0 * dx));
    let point = |(x, y): (f64, f64)| format!("{x:.2} {y:.2}");
    scene.elements.push(Primitive::Path(Box::new(PathData {
        d: format!("M {} L {} L {} Z", point(to), point(left), point(right)),
        fill: Some(Color::from(color)),
        stroke: Color::from(color),
        stroke_width: 0.5,
        opacity: None,
        stroke_dasharray: None,
    })));
}
