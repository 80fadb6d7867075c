//! A self-contained HTML page: no script, no address outside.

use crate::{Column, ReportError, Table, Values};
use minijinja::{AutoEscape, Environment, context};

/// One page.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    /// Heading and window title.
    pub title: String,
    /// The answer in a sentence or two.
    pub lead: String,
    /// Parts in order.
    pub blocks: Vec<Block>,
    /// Last line: versions, seed, standing words.
    pub footer: String,
    /// Whether print sets it small, in two columns, so that it fits on one sheet of A4 or Letter.
    pub one_sheet: bool,
}

/// One part of a page; texts are plain and are escaped.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// Heading of a section.
    Heading(String),
    /// A paragraph.
    Paragraph(String),
    /// A paragraph that must not be missed.
    Warning(String),
    /// Bullet points.
    List(Vec<String>),
    /// Text as typed: commands, file contents.
    Code(String),
    /// A text in colors under a line that says what it is and folds it away.
    Source {
        /// The line.
        summary: String,
        /// Whether the text is folded away at first.
        folded: bool,
        /// Parts in order, each with the word it is styled by, empty for none: `comment`,
        /// `quoted`, `unit`, `number`, `statement`, `clause`, `function`, `operator`, `name`.
        parts: Vec<(String, &'static str)>,
    },
    /// SVG text made by [`crate::render_svg`], and its caption.
    Figure {
        /// The drawing.
        svg: String,
        /// What it shows and what each ribbon means.
        caption: String,
    },
    /// A part that only a screen shows.
    Screen(Box<Block>),
    /// A part that only print shows.
    Print(Box<Block>),
    /// A table and its caption.
    Table {
        /// The cells.
        table: Table,
        /// What it shows.
        caption: String,
    },
}

/// The page as HTML text.
///
/// # Errors
/// `Page` where the template fails.
pub fn render_html(page: &Page) -> Result<String, ReportError> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("page", include_str!("page.html")).map_err(ReportError::Page)?;
    let blocks: Vec<minijinja::Value> = page.blocks.iter().map(block_value).collect();
    let page = context! {
        title => &page.title, lead => &page.lead, footer => &page.footer, blocks,
        one_sheet => page.one_sheet,
    };
    let template = environment.get_template("page").map_err(ReportError::Page)?;
    template.render(context! { page }).map_err(ReportError::Page)
}

fn block_value(block: &Block) -> minijinja::Value {
    match block {
        Block::Heading(text) => context! { kind => "heading", text },
        Block::Paragraph(text) => context! { kind => "paragraph", text },
        Block::Warning(text) => context! { kind => "warning", text },
        Block::List(items) => context! { kind => "list", items },
        Block::Code(text) => context! { kind => "code", text },
        Block::Source { summary, folded, parts } => {
            let part = |(text, class): &(String, &'static str)| context! { text, class => *class };
            let parts: Vec<minijinja::Value> = parts.iter().map(part).collect();
            context! { kind => "source", summary, folded, parts }
        }
        Block::Figure { svg, caption } => {
            context! { kind => "figure", svg => scalable(svg), caption }
        }
        Block::Screen(inner) => context! { medium => "screen", ..block_value(inner) },
        Block::Print(inner) => context! { medium => "print", ..block_value(inner) },
        Block::Table { table, caption } => {
            let head = |column: &Column| context! { name => &column.name, unit => &column.unit };
            let columns: Vec<minijinja::Value> = table.columns.iter().map(head).collect();
            let cell = |values: &Values, row: usize| {
                context! { text => values.text(row), number => !matches!(values, Values::Text(_)) }
            };
            let rows: Vec<Vec<minijinja::Value>> = (0..table.n_rows())
                .map(|row| table.columns.iter().map(|column| cell(&column.values, row)).collect())
                .collect();
            context! { kind => "table", columns, rows, caption }
        }
    }
}

/// A drawing that is scaled where the page makes it smaller, not cut: it says its own frame.
fn scalable(svg: &str) -> String {
    let size = |name: &str| {
        let (_, rest) = svg.split('>').next()?.split_once(&format!(" {name}=\""))?;
        rest.split('"').next()
    };
    match (size("width"), size("height")) {
        (Some(width), Some(height)) if !svg.contains("viewBox") => {
            svg.replacen("<svg", &format!("<svg viewBox=\"0 0 {width} {height}\""), 1)
        }
        _ => svg.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_stands_as_it_is_written_in_spans() {
        let parts = vec![
            ("param".to_string(), "statement"),
            (" cl = ".to_string(), ""),
            ("5".to_string(), "number"),
            ("\n".to_string(), ""),
            ("# a < b".to_string(), "comment"),
        ];
        let block = Block::Source { summary: "The model".to_string(), folded: true, parts };
        let html = render_html(&Page { blocks: vec![block], ..Page::default() }).expect("renders");
        assert!(html.contains(
            "<details><summary>The model</summary><pre class=\"source\"><code>\
             <span class=\"statement\">param</span> cl = <span class=\"number\">5</span>\n\
             <span class=\"comment\"># a &lt; b</span></code></pre></details>"
        ));
        assert!(html.contains("prefers-color-scheme: dark") && !html.contains("<script"));
    }

    #[test]
    fn drawings_scale_and_say_where_they_are_shown() {
        let svg = "<svg width=\"34\" height=\"12.5\"><g/></svg>".to_string();
        let figure =
            |caption: &str| Block::Figure { svg: svg.clone(), caption: caption.to_string() };
        let blocks = vec![
            figure("always"),
            Block::Screen(Box::new(figure("wide"))),
            Block::Print(Box::new(figure("narrow"))),
        ];
        let page = Page { blocks, one_sheet: true, ..Page::default() };
        let html = render_html(&page).expect("renders");
        assert_eq!(html.matches("<svg viewBox=\"0 0 34 12.5\" width=\"34\"").count(), 3);
        assert!(html.contains("<figure><svg") && html.contains("<body class=\"sheet\">"));
        for medium in ["screen", "print"] {
            assert_eq!(html.matches(&format!("<figure class=\"{medium}\">")).count(), 1);
        }
        let again = scalable(&scalable(&svg));
        assert_eq!(again.matches("viewBox").count(), 1);
        assert!(!render_html(&Page::default()).expect("renders").contains("class=\"sheet\""));
    }

    #[test]
    fn text_is_escaped_and_svg_is_not() {
        let page = Page {
            title: "a < b".to_string(),
            blocks: vec![
                Block::Paragraph("<script>".to_string()),
                Block::Figure { svg: "<svg/>".to_string(), caption: "c".to_string() },
                Block::Table {
                    table: Table { columns: vec![Column::number("x", "mmol/L", vec![0.5])] },
                    caption: "t".to_string(),
                },
            ],
            ..Page::default()
        };
        let html = render_html(&page).expect("renders");
        assert!(html.contains("a &lt; b") && html.contains("&lt;script&gt;"));
        assert!(html.contains("<svg/>") && html.contains("<td class=\"number\">0.5</td>"));
        assert!(!html.contains("http"), "the page must not point outside");
    }
}
