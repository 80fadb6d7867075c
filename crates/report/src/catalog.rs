//! A catalog: many entries on one page, searchable, with links between them.
//!
//! The page is self-contained; its one script filters entries, and without it all stay visible.

use crate::ReportError;
use minijinja::{AutoEscape, Environment, context};

/// Text with an optional address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Piece {
    /// Words; escaped.
    pub text: String,
    /// `#anchor` or `https://…`; empty for none.
    pub href: String,
}

/// Pieces one after the other.
pub type Pieces = Vec<Piece>;

/// Plain words as pieces.
pub fn words(text: impl Into<String>) -> Pieces {
    vec![Piece { text: text.into(), href: String::new() }]
}

/// Words that lead somewhere.
pub fn link(text: impl Into<String>, href: impl Into<String>) -> Piece {
    Piece { text: text.into(), href: href.into() }
}

/// A table whose cells may hold links.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grid {
    /// What it shows.
    pub caption: String,
    /// Column names.
    pub header: Vec<String>,
    /// Rows with an anchor each; an empty anchor is none.
    pub rows: Vec<(String, Vec<Pieces>)>,
}

/// A part of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Heading of a group.
    Heading(String),
    /// A name and what it is.
    Fact(String, Pieces),
    /// A paragraph or list item.
    Line(Pieces),
    /// A table.
    Table(Grid),
    /// SVG text and its caption.
    Figure(String, String),
    /// Text as typed.
    Code(String),
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entry {
    /// Anchor and mark.
    pub id: String,
    /// Heading.
    pub title: String,
    /// Names and values that the page filters by; shown as labels.
    pub tags: Vec<(String, String)>,
    /// The rest.
    pub parts: Vec<Part>,
}

/// The page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Catalog {
    /// Heading and window title.
    pub title: String,
    /// What it is, in a sentence or two.
    pub lead: String,
    /// How to read it.
    pub notes: Vec<String>,
    /// All entries on one page: rows and columns of links.
    pub map: Grid,
    /// Entries in order.
    pub entries: Vec<Entry>,
    /// Tables behind the entries, each with a heading.
    pub appendix: Vec<(String, Grid)>,
    /// Last line.
    pub footer: String,
}

/// The page as HTML text.
///
/// # Errors
/// `Page` where the template fails.
pub fn render_catalog(catalog: &Catalog) -> Result<String, ReportError> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("page", include_str!("catalog.html")).map_err(ReportError::Page)?;
    let entries: Vec<minijinja::Value> = catalog.entries.iter().map(entry).collect();
    let appendix: Vec<minijinja::Value> = catalog
        .appendix
        .iter()
        .map(|(heading, table)| context! { heading, table => grid(table) })
        .collect();
    let page = context! {
        title => &catalog.title, lead => &catalog.lead, notes => &catalog.notes,
        map => grid(&catalog.map), entries, appendix, footer => &catalog.footer,
        filters => filters(&catalog.entries),
    };
    let template = environment.get_template("page").map_err(ReportError::Page)?;
    template.render(context! { page }).map_err(ReportError::Page)
}

/// Every tag name with its values, in the order they are met.
fn filters(entries: &[Entry]) -> Vec<minijinja::Value> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for (name, value) in entries.iter().flat_map(|entry| entry.tags.iter()) {
        match found.iter_mut().find(|(known, _)| known == name) {
            None => found.push((name.clone(), vec![value.clone()])),
            Some((_, values)) if !values.contains(value) => values.push(value.clone()),
            Some(_) => {}
        }
    }
    found.into_iter().map(|(name, values)| context! { name, values }).collect()
}

fn entry(entry: &Entry) -> minijinja::Value {
    let tags: Vec<minijinja::Value> =
        entry.tags.iter().map(|(name, value)| context! { name, value }).collect();
    let parts: Vec<minijinja::Value> = entry.parts.iter().map(part).collect();
    context! { id => &entry.id, title => &entry.title, tags, parts }
}

fn part(part: &Part) -> minijinja::Value {
    match part {
        Part::Heading(text) => context! { kind => "heading", text },
        Part::Fact(name, value) => context! { kind => "fact", name, value => pieces(value) },
        Part::Line(line) => context! { kind => "line", value => pieces(line) },
        Part::Table(table) => context! { kind => "table", table => grid(table) },
        Part::Figure(svg, caption) => context! { kind => "figure", svg, caption },
        Part::Code(text) => context! { kind => "code", text },
    }
}

fn grid(grid: &Grid) -> minijinja::Value {
    let rows: Vec<minijinja::Value> = grid
        .rows
        .iter()
        .map(|(id, cells)| {
            let cells: Vec<minijinja::Value> = cells.iter().map(|cell| pieces(cell)).collect();
            context! { id, cells }
        })
        .collect();
    context! { caption => &grid.caption, header => &grid.header, rows }
}

fn pieces(line: &[Piece]) -> minijinja::Value {
    line.iter()
        .map(|piece| context! { text => &piece.text, href => &piece.href })
        .collect::<Vec<_>>()
        .into()
}

#[cfg(test)]
mod tests {
    use super::{Catalog, Entry, Grid, Part, link, render_catalog, words};

    #[test]
    fn entries_carry_anchors_tags_and_links() {
        let entry = Entry {
            id: "A1".to_owned(),
            title: "a < b".to_owned(),
            tags: vec![("status".to_owned(), "mixed".to_owned())],
            parts: vec![
                Part::Fact("why".to_owned(), words("<script>alert(1)</script>")),
                Part::Line(vec![link("row", "#row-1"), link("paper", "https://doi.org/x")]),
                Part::Figure("<svg id=\"f\"/>".to_owned(), "figure".to_owned()),
                Part::Table(Grid {
                    caption: "c".to_owned(),
                    header: vec!["h".to_owned()],
                    rows: vec![("row-1".to_owned(), vec![words("cell")])],
                }),
            ],
        };
        let page = Catalog { title: "t".to_owned(), entries: vec![entry], ..Catalog::default() };
        let html = render_catalog(&page).expect("renders");
        for part in [
            "id=\"A1\"",
            "a &lt; b",
            "data-status=\"mixed\"",
            "<option>mixed</option>",
            "&lt;script&gt;alert(1)",
            "href=\"#row-1\"",
            "href=\"https:&#x2f;&#x2f;doi.org&#x2f;x\"",
            "<svg id=\"f\"/>",
            "<tr id=\"row-1\">",
        ] {
            assert!(html.contains(part), "`{part}` is missing in {html}");
        }
        // Nothing is loaded from elsewhere.
        assert!(!html.contains("src=") && !html.contains("<link") && !html.contains("@import"));
    }
}
