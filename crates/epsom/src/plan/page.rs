//! The plan as one page for print, with its figures.

use super::figures::{
    DAY, DAY_CAPTION, RANGES, SIGNS_CAPTION, course, day, ranges, signs, small_course,
};
use epsom_magnesium::plan::{Plan, words};
use epsom_report::{
    Block, Page, ReportError, SpanChart, render_html, render_narrow_spans_svg, render_narrow_svg,
    render_png, render_spans_png, render_spans_svg, render_svg,
};

/// The page as HTML: figures of a screen's width there, narrow ones in print.
pub(super) fn html(plan: &Plan, seed: u64) -> Result<String, ReportError> {
    let mut blocks =
        vec![Block::Warning(words::STANDING.to_string()), Block::List(words::regimen(plan))];
    for section in words::sections(plan) {
        blocks.push(Block::Heading(section.heading.to_string()));
        match section.heading {
            words::SERUM if plan.prediction.is_some() => blocks.extend(serum(plan)?),
            words::SIGNS => {
                blocks.push(screen(render_spans_svg(&ranges(plan))?, RANGES));
            }
            _ => {}
        }
        blocks.push(Block::List(section.lines));
        if section.heading == words::SIGNS {
            // Lines fill the rest of a column, which a figure might not.
            blocks.push(print(render_narrow_spans_svg(&signs(plan))?, SIGNS_CAPTION));
        }
        if section.heading == words::MEDICINES && !plan.person.medicines.is_empty() {
            blocks.extend(both(&day(plan), [DAY, DAY_CAPTION])?);
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
        one_sheet: true,
    })
}

fn serum(plan: &Plan) -> Result<Vec<Block>, ReportError> {
    let Some(prediction) = &plan.prediction else { return Ok(Vec::new()) };
    let (drawing, small) = (course(plan, prediction), small_course(plan, prediction));
    Ok(vec![
        screen(render_svg(&drawing)?, &drawing.caption),
        print(render_narrow_svg(&small)?, &small.caption),
    ])
}

fn both(chart: &SpanChart, captions: [&str; 2]) -> Result<[Block; 2], ReportError> {
    let narrow = render_narrow_spans_svg(chart)?;
    Ok([screen(render_spans_svg(chart)?, captions[0]), print(narrow, captions[1])])
}

fn screen(svg: String, caption: &str) -> Block {
    Block::Screen(Box::new(Block::Figure { svg, caption: caption.to_string() }))
}

fn print(svg: String, caption: &str) -> Block {
    Block::Print(Box::new(Block::Figure { svg, caption: caption.to_string() }))
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
