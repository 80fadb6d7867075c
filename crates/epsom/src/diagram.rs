//! The diagram of a model: compartments as boxes, what moves between them as arrows.

use crate::files::{ChartForm, PNG_SCALE, cannot_write, csv_bytes, write_file};
use epsom_diag::Diagnostic;
use epsom_model::flows::{Flow, Flows, flows};
use epsom_model::ir::Model;
use epsom_model::syntax::ast::Tree;
use epsom_report::{
    Column, FlowArrow, FlowChart, ReportError, Table, render_flow_png, render_flow_svg,
};
use std::path::Path;

/// Files that a diagram can be.
const ENDINGS: &str = "endings of a diagram";

/// Draws the model into a file, or lists its flows.
pub(crate) fn write(path: &Path, model: &Model, tree: &Tree) -> Result<(), Diagnostic> {
    let failed = |error: ReportError| cannot_write(path, &error);
    let found = flows(tree);
    let bytes = match ChartForm::of(path, ENDINGS)? {
        ChartForm::Svg => render_flow_svg(&chart(model, &found)).map_err(failed)?.into_bytes(),
        ChartForm::Png => render_flow_png(&chart(model, &found), PNG_SCALE).map_err(failed)?,
        ChartForm::Csv => csv_bytes(&table(&found)).map_err(failed)?,
    };
    write_file(path, &bytes)
}

fn chart(model: &Model, found: &Flows) -> FlowChart {
    let place = |name: &Option<String>| {
        let name = name.as_ref()?;
        found.stores.iter().position(|store| store == name)
    };
    let arrow = |flow: &Flow| FlowArrow {
        from: place(&flow.from),
        to: place(&flow.to),
        words: flow.words.clone(),
        both_ways: flow.both_ways,
    };
    let mut footer = vec![
        "An arrow carries the name of its flow, or what the amount it leaves is multiplied by;"
            .to_string(),
        "two heads: it may turn round.".to_string(),
    ];
    if !found.counters.is_empty() {
        // A line of the footer is as long as the sentence above it, about.
        let rows: Vec<String> = found.counters.chunks(7).map(|row| row.join(", ")).collect();
        let words = format!("Only watching, outside conservation: {}.", rows.join(",\n"));
        footer.extend(words.lines().map(str::to_string));
    }
    FlowChart {
        title: if model.title.is_empty() { model.name.clone() } else { model.title.clone() },
        boxes: found.stores.clone(),
        arrows: found.flows.iter().map(arrow).collect(),
        footer,
    }
}

/// One row per flow; an empty end is outside.
fn table(found: &Flows) -> Table {
    let column = |name: &str, cell: &dyn Fn(&Flow) -> String| {
        Column::text(name, found.flows.iter().map(cell).collect())
    };
    Table {
        columns: vec![
            column("from", &|flow| flow.from.clone().unwrap_or_default()),
            column("to", &|flow| flow.to.clone().unwrap_or_default()),
            column("flow", &|flow| flow.words.clone()),
            column("turns", &|flow| if flow.both_ways { "yes" } else { "no" }.to_string()),
        ],
    }
}
