//! The plan as one page for print, with its figures.

use super::figures::{DAY, RANGES, course, day, ranges};
use epsom_magnesium::plan::{Plan, words};
use epsom_report::{
    Block, Page, ReportError, render_html, render_png, render_spans_png, render_spans_svg,
    render_svg,
};

/// The page as HTML.
pub(super) fn html(plan: &Plan, seed: u64) -> Result<String, ReportError> {
    let mut blocks =
        vec![Block::Warning(words::STANDING.to_string()), Block::List(words::regimen(plan))];
    if let Some(prediction) = &plan.prediction {
        let drawing = course(plan, prediction);
        let caption = drawing.caption.clone();
        blocks.push(Block::Figure { svg: render_svg(&drawing)?, caption });
    }
    let drawn = |chart, caption: &str| -> Result<Block, ReportError> {
        let svg = render_spans_svg(&chart)?;
        Ok(Block::Figure { svg, caption: caption.to_string() })
    };
    for section in words::sections(plan) {
        blocks.push(Block::Heading(section.heading.to_string()));
        if section.heading == words::SIGNS {
            blocks.push(drawn(ranges(plan), RANGES)?);
        }
        blocks.push(Block::List(section.lines));
        if section.heading == words::MEDICINES && !plan.person.medicines.is_empty() {
            blocks.push(drawn(day(plan), DAY)?);
        }
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

/// Every figure as SVG and PNG, by the name of its file.
pub(super) fn files(plan: &Plan, scale: f32) -> Result<Vec<(&'static str, Vec<u8>)>, ReportError> {
    let mut files = Vec::new();
    if let Some(prediction) = &plan.prediction {
        let drawing = course(plan, prediction);
        files.push(("serum.svg", render_svg(&drawing)?.into_bytes()));
        files.push(("serum.png", render_png(&drawing, scale)?));
    }
    for (names, chart) in
        [(("signs.svg", "signs.png"), ranges(plan)), (("day.svg", "day.png"), day(plan))]
    {
        files.push((names.0, render_spans_svg(&chart)?.into_bytes()));
        files.push((names.1, render_spans_png(&chart, scale)?));
    }
    Ok(files)
}
