//! Rows as a figure: one panel per output; a line per subject, or how many subjects spread.

use super::marks::Marks;
use super::rows::{Shown, SubjectRows, columns, width};
use epsom_model::ir::{Model, Node, reachable};
use epsom_population::Summary;
use epsom_report::{Figure, Panel, Ribbon, Series};

/// Most subjects with a line and a word of their own: the palette has no more colors.
const MOST_NAMED: usize = 7;
/// Most lines where subjects have different times, so that they cannot be summarized.
const MOST_LINES: usize = 20;

/// A figure that grows subject by subject.
pub(crate) struct Drawing {
    panels: Vec<Panel>,
    n_subjects: usize,
    /// Times of the first subject, the model's unit.
    times: Vec<f64>,
    /// Whether all subjects have these times, or fewer of them.
    share_times: bool,
    /// Row after row, one cell per panel; shown units.
    summary: Summary,
}

impl Drawing {
    /// Without a line yet.
    pub(crate) fn new(model: &Model) -> Self {
        Self {
            panels: panels(model),
            n_subjects: 0,
            times: Vec::new(),
            share_times: true,
            summary: Summary::new(0),
        }
    }

    /// Adds a subject.
    pub(crate) fn add(&mut self, model: &Model, subject: &SubjectRows<'_>) {
        if subject.times.is_empty() {
            return;
        }
        if self.n_subjects == 0 {
            self.times = subject.times.to_vec();
            self.summary = Summary::new(self.times.len() * self.panels.len());
        }
        if self.n_subjects < MOST_LINES {
            add_lines(&mut self.panels, model, subject, self.n_subjects);
        }
        self.n_subjects += 1;
        self.share_times &= self.times.starts_with(subject.times);
        if self.share_times {
            let shown: Vec<Shown<'_>> = columns(model).take(self.panels.len()).collect();
            let rows = subject.values.chunks_exact(width(model));
            let values: Vec<f64> = rows
                .flat_map(|row| shown.iter().map(move |one| row[one.at] * one.per_base))
                .collect();
            self.summary.add(&values);
        }
    }

    /// The figure.
    pub(crate) fn finish(mut self, model: &Model, marks: &Marks, log_y: bool) -> Figure {
        let title = if model.title.is_empty() { &model.name } else { &model.title };
        let n = self.n_subjects;
        let mut heading = title.clone();
        let mut caption = "One line per subject.".to_string();
        if n > MOST_NAMED && self.share_times {
            self.summarize();
            caption = format!("Line: median of {n} subjects. Ribbon: the middle 95 % of them.");
        } else if n > MOST_NAMED || n == 1 {
            // A legend of one line, or of many, says nothing.
            let all = self.panels.iter_mut().flat_map(|panel| &mut panel.series);
            all.for_each(|series| series.name.clear());
            if n > MOST_LINES {
                heading = format!("{title} (the first {MOST_LINES} of {n} subjects)");
            }
        }
        in_days(&mut self.panels, model);
        let still = without_still(&mut self.panels, model);
        self.panels.iter_mut().for_each(|panel| panel.y_log = log_y);
        let n_columns = self.panels.len().min(2);
        let hypotheses = (!marks.hypotheses.is_empty())
            .then(|| format!("hypothesis on: {}", marks.hypotheses.join(", ")));
        let footer = [Some(caption.clone()), still, marks.measured(), marks.line(), hypotheses];
        let footer = footer.into_iter().flatten().collect();
        Figure { title: heading, caption, n_columns, panels: self.panels, footer }
    }

    /// Replaces the lines by the median with a ribbon.
    fn summarize(&mut self) {
        let n_panels = self.panels.len();
        let name = format!("median and middle 95 % of {} subjects", self.n_subjects);
        for (at, panel) in self.panels.iter_mut().enumerate() {
            let cells = self.summary.cells().iter().skip(at).step_by(n_panels);
            let mut series = Series { name: name.clone(), ..Series::default() };
            let mut ribbon = Ribbon::default();
            for (&time, cell) in self.times.iter().zip(cells) {
                let interval = cell.interval();
                series.x.push(time);
                series.y.push(interval.median);
                ribbon.lo.push(interval.lo);
                ribbon.hi.push(interval.hi);
            }
            series.ribbon = Some(ribbon);
            panel.series = vec![series];
        }
    }
}

/// Runs longer than this are drawn in days.
const LONG_H: f64 = 168.0;

/// Turns hours into days where a run is long; other units are the model's own choice.
pub(super) fn in_days(panels: &mut [Panel], model: &Model) {
    let all = || panels.iter().flat_map(|panel| &panel.series);
    let last_h = all().flat_map(|series| series.x.last()).fold(0.0_f64, |most, &x| most.max(x));
    if model.time_unit.text != "h" || last_h <= LONG_H {
        return;
    }
    for panel in panels {
        panel.x_label = labelled("time", "d");
        for series in &mut panel.series {
            series.x.iter_mut().for_each(|x| *x /= 24.0);
        }
    }
}

/// Takes out outputs that rest on no compartment and do not change, and says so.
pub(super) fn without_still(panels: &mut Vec<Panel>, model: &Model) -> Option<String> {
    let moves = |at: usize| {
        let Some(output) = model.outputs.get(at) else { return true };
        let nodes = reachable(&model.exprs, [output.value]);
        nodes.into_iter().any(|id| matches!(model.exprs.node(id), Node::State(_)))
    };
    let flat =
        |panel: &Panel| panel.series.iter().all(|one| one.y.windows(2).all(|two| two[0] == two[1]));
    let still: Vec<bool> =
        panels.iter().enumerate().map(|(at, panel)| !moves(at) && flat(panel)).collect();
    if still.iter().all(|one| *one) || !still.contains(&true) {
        return None;
    }
    let names = model.outputs.iter().zip(&still).filter(|(_, still)| **still);
    let names: Vec<&str> = names.map(|(output, _)| output.name.as_str()).collect();
    let mut at = still.iter();
    panels.retain(|_| !at.next().copied().unwrap_or(false));
    Some(format!("Not drawn, since it does not change: {}.", names.join(", ")))
}

/// What an output means, as a heading.
pub(super) fn heading(model: &Model, at: usize) -> String {
    model.outputs.get(at).map_or_else(String::new, |one| one.label.replace('_', " "))
}

/// One empty panel per output; per compartment where the model has no output.
fn panels(model: &Model) -> Vec<Panel> {
    let panel = |one: Shown<'_>| Panel {
        title: heading(model, one.at),
        x_label: labelled("time", &model.time_unit.text),
        y_label: labelled(one.name, one.unit),
        ..Panel::default()
    };
    let n = if model.outputs.is_empty() { model.compartments.len() } else { model.outputs.len() };
    columns(model).take(n).map(panel).collect()
}

fn labelled(name: &str, unit: &str) -> String {
    if unit.is_empty() { name.to_string() } else { format!("{name} ({unit})") }
}

fn add_lines(panels: &mut [Panel], model: &Model, subject: &SubjectRows<'_>, color: usize) {
    for (panel, shown) in panels.iter_mut().zip(columns(model)) {
        let y = subject.values.iter().skip(shown.at).step_by(width(model));
        let y = y.map(|value| value * shown.per_base);
        let (x, y) = (subject.times.to_vec(), y.collect());
        let name = subject.id.to_string();
        panel.series.push(Series { name, color, x, y, ..Series::default() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use epsom_model::ir::{Compartment, DisplayUnit, Exprs, Node};

    /// A model with one compartment in mg, where the base is kg.
    fn model() -> Model {
        let mut exprs = Exprs::default();
        let zero = exprs.add(Node::Const(0.0));
        let unit = DisplayUnit { text: "mg".to_string(), per_base: 1e6 };
        let compartment = Compartment { unit, ..Compartment::of("a", zero) };
        Model { name: "m".to_string(), exprs, compartments: vec![compartment], ..Model::default() }
    }

    fn drawn(n: usize, times: fn(usize) -> Vec<f64>) -> Figure {
        let model = model();
        let mut drawing = Drawing::new(&model);
        for at in 0..n {
            let times = times(at);
            let values = vec![at as f64 * 1e-6; times.len()];
            let id = format!("s{at}");
            drawing
                .add(&model, &SubjectRows { id: &id, draw: None, times: &times, values: &values });
        }
        drawing.finish(&model, &Marks::default(), false)
    }

    #[test]
    fn few_subjects_have_a_named_line_each() {
        let figure = drawn(3, |_| vec![0.0, 1.0]);
        let names: Vec<&str> =
            figure.panels[0].series.iter().map(|series| series.name.as_str()).collect();
        assert_eq!(names, ["s0", "s1", "s2"]);
        assert_eq!(figure.panels[0].y_label, "a (mg)");
        assert_eq!(drawn(1, |_| vec![0.0]).panels[0].series[0].name, "");
    }

    #[test]
    fn many_subjects_are_a_median_with_a_ribbon() {
        // The last one stopped early.
        let figure = drawn(41, |at| if at == 40 { vec![0.0] } else { vec![0.0, 1.0] });
        let [series] = &figure.panels[0].series[..] else { panic!("one line") };
        // 0 to 40, then 0 to 39; quantiles between order statistics are linear, and the shown unit
        // rounds twice.
        let ribbon = series.ribbon.as_ref().expect("a ribbon");
        for (got, wanted) in [
            (series.y[0], 20.0),
            (series.y[1], 19.5),
            (ribbon.lo[0], 1.0),
            (ribbon.hi[0], 39.0),
            (ribbon.hi[1], 39.0 * 0.975),
        ] {
            assert!((got - wanted).abs() <= 4.0 * f64::EPSILON * wanted, "{got} {wanted}");
        }
        assert!(figure.caption.contains("middle 95 % "), "{}", figure.caption);
    }

    #[test]
    fn long_runs_are_drawn_in_days() {
        let mut model = model();
        model.time_unit = DisplayUnit { text: "h".to_string(), per_base: 1.0 };
        let drawn = |end: f64| {
            let mut drawing = Drawing::new(&model);
            let subject =
                SubjectRows { id: "1", draw: None, times: &[0.0, end], values: &[0.0, 0.0] };
            drawing.add(&model, &subject);
            let panel = drawing.finish(&model, &Marks::default(), false).panels.remove(0);
            (panel.x_label, panel.series[0].x[1])
        };
        assert_eq!(drawn(168.0), ("time (h)".to_string(), 168.0));
        assert_eq!(drawn(2016.0), ("time (d)".to_string(), 84.0));
    }

    #[test]
    fn many_subjects_with_times_of_their_own_are_the_first_lines() {
        let figure = drawn(30, |at| vec![0.0, 1.0 + at as f64]);
        assert_eq!(figure.panels[0].series.len(), MOST_LINES);
        assert_eq!(figure.title, "m (the first 20 of 30 subjects)");
    }
}
