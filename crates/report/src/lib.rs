//! Plain tables and figure values to CSV, Parquet, SVG, PNG, HTML.
//!
//! Nothing here computes science and nothing touches the disk: writers take `impl Write`, figures
//! and pages come back as text or bytes.

mod catalog;
mod draw;
mod figure;
mod flow;
mod forest;
mod heat;
mod number;
mod page;
mod parquet;
mod spans;
mod table;
mod tornado;

pub use catalog::{Catalog, Entry, Grid, Part, Piece, Pieces, link, render_catalog, words};
pub use figure::{
    Figure, Panel, Ribbon, Series, Stroke, render_narrow_svg, render_png, render_svg,
};
pub use flow::{FlowArrow, FlowChart, render_flow_png, render_flow_svg};
pub use forest::{Forest, ForestRow, render_forest_svg};
pub use heat::{HeatCell, HeatMap, HeatPanel, render_heat_png, render_heat_svg};
pub use number::{interval, shortest, significant};
pub use page::{Block, Page, render_html};
pub use parquet::ParquetWriter;
pub use spans::{
    Mark, Span, SpanChart, SpanRow, render_narrow_spans_svg, render_spans_png, render_spans_svg,
};
pub use table::{Column, CsvWriter, Table, Values};
pub use tornado::{Tornado, TornadoBar, TornadoPanel, render_tornado_png, render_tornado_svg};

/// Why something could not be written.
#[derive(Debug)]
pub enum ReportError {
    /// The destination refused.
    Write(std::io::Error),
    /// A chunk's columns differ from the first chunk's; names the column.
    Columns(String),
    /// The Parquet encoder refused.
    Parquet(::parquet::errors::ParquetError),
    /// The figure could not be drawn.
    Figure(String),
    /// The page template failed.
    Page(minijinja::Error),
}

impl std::fmt::Display for ReportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Write(error) => write!(f, "cannot write: {error}"),
            Self::Columns(name) => write!(f, "column `{name}` differs from the first rows written"),
            Self::Parquet(error) => write!(f, "cannot encode as Parquet: {error}"),
            Self::Figure(error) => write!(f, "cannot draw the figure: {error}"),
            Self::Page(error) => write!(f, "cannot fill the page: {error}"),
        }
    }
}

impl std::error::Error for ReportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Write(error) => Some(error),
            Self::Parquet(error) => Some(error),
            Self::Page(error) => Some(error),
            Self::Columns(_) | Self::Figure(_) => None,
        }
    }
}

impl From<std::io::Error> for ReportError {
    fn from(error: std::io::Error) -> Self {
        Self::Write(error)
    }
}
