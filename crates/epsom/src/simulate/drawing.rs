//! Rows as a figure: one panel per output, one line per subject.

use super::rows::{SubjectRows, columns};
use epsom_model::ir::Model;
use epsom_report::{Figure, Panel, Series};

/// Most subjects in a figure: more lines tell nothing.
const MOST_DRAWN: usize = 20;

/// A figure that grows subject by subject.
pub(crate) struct Drawing {
    panels: Vec<Panel>,
    n_subjects: usize,
}

impl Drawing {
    /// Without a line yet.
    pub(crate) fn new(model: &Model) -> Self {
        Self { panels: panels(model), n_subjects: 0 }
    }

    /// Adds the line of a subject; beyond the most it is counted only.
    pub(crate) fn add(&mut self, model: &Model, subject: &SubjectRows<'_>) {
        if subject.times.is_empty() {
            return;
        }
        if self.n_subjects < MOST_DRAWN {
            draw(&mut self.panels, model, subject, self.n_subjects);
        }
        self.n_subjects += 1;
    }

    /// The figure.
    pub(crate) fn finish(self, model: &Model) -> Figure {
        figure(model, self.panels, self.n_subjects)
    }
}

/// One empty panel per output; per compartment where the model has no output.
fn panels(model: &Model) -> Vec<Panel> {
    let panel = |(name, unit, _): (&str, &str, f64)| Panel {
        x_label: labelled("time", &model.time_unit.text),
        y_label: labelled(name, unit),
        ..Panel::default()
    };
    columns(model).take(n_drawn(model)).map(panel).collect()
}

fn n_drawn(model: &Model) -> usize {
    if model.outputs.is_empty() { model.compartments.len() } else { model.outputs.len() }
}

fn labelled(name: &str, unit: &str) -> String {
    if unit.is_empty() { name.to_string() } else { format!("{name} ({unit})") }
}

fn draw(panels: &mut [Panel], model: &Model, subject: &SubjectRows<'_>, color: usize) {
    let width = columns(model).count();
    for (at, (panel, (_, _, per_base))) in panels.iter_mut().zip(columns(model)).enumerate() {
        let y = subject.values.iter().skip(at).step_by(width).map(|value| value * per_base);
        let (x, y) = (subject.times.to_vec(), y.collect());
        let name = subject.id.to_string();
        panel.series.push(Series { name, color, x, y, ..Series::default() });
    }
}

fn figure(model: &Model, mut panels: Vec<Panel>, n_subjects: usize) -> Figure {
    if n_subjects == 1 {
        // A legend of one line says nothing.
        let all = panels.iter_mut().flat_map(|panel| &mut panel.series);
        all.for_each(|series| series.name.clear());
    }
    let title = if model.title.is_empty() { &model.name } else { &model.title };
    let title = match n_subjects {
        n if n > MOST_DRAWN => format!("{title} (the first {MOST_DRAWN} of {n} subjects)"),
        _ => title.clone(),
    };
    let caption = "One line per subject.".to_string();
    Figure { title, caption, n_columns: panels.len().min(2), panels }
}
