//! Where rows go: CSV, Parquet, a figure, or JSON, written while they are made.

use crate::files::{NewFile, cannot_write};
use epsom_diag::Diagnostic;
use epsom_model::ir::Model;
use epsom_report::{
    Column, CsvWriter, Figure, Panel, ParquetWriter, ReportError, Series, Table, render_png,
    render_svg, shortest,
};
use serde_json::{Map, Value, json};
use std::io::{self, Write};
use std::path::Path;

/// Schema of the JSON form.
const SCHEMA: &str = "epsom.simulate/1";
/// Most subjects in a figure: more lines tell nothing.
const MOST_DRAWN: usize = 20;
/// Pixels per unit of the picture.
const PNG_SCALE: f32 = 2.0;

/// Rows of one subject.
pub(crate) struct SubjectRows<'a> {
    /// As in the event file.
    pub(crate) id: &'a str,
    /// One time per row, the model's unit.
    pub(crate) times: &'a [f64],
    /// Outputs, then compartments, base units, row after row.
    pub(crate) values: &'a [f64],
}

/// Kinds of result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Text with commas.
    Csv,
    /// Columns, compressed.
    Parquet,
    /// A drawing.
    Svg,
    /// A picture.
    Png,
    /// One object.
    Json,
}

/// Endings of files and what they mean.
const ENDINGS: &[(&str, Format)] = &[
    ("csv", Format::Csv),
    ("parquet", Format::Parquet),
    ("svg", Format::Svg),
    ("png", Format::Png),
];

impl Format {
    /// By the ending of a file.
    ///
    /// # Errors
    /// `E0911` for an ending that is not known.
    pub(crate) fn of(path: &Path) -> Result<Self, Diagnostic> {
        let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        let known = ENDINGS.iter().find(|(known, _)| *known == ending);
        known.map(|&(_, format)| format).ok_or_else(|| {
            let message = format!("`{}` does not say what to write", path.display());
            Diagnostic::error("E0911", message)
                .note("endings: `.csv`, `.parquet`, `.svg`, `.png`")
                .help("give one of these endings, or `-o -` for CSV on standard output")
        })
    }
}

/// Standard output, or a file that appears when it is complete.
pub(crate) enum Place {
    /// Standard output.
    Stdout(io::BufWriter<io::Stdout>),
    /// A file.
    File(NewFile),
}

impl Place {
    /// Standard output with a buffer.
    pub(crate) fn stdout() -> Self {
        Self::Stdout(io::BufWriter::with_capacity(1 << 16, io::stdout()))
    }

    fn finish(self) -> Result<(), Diagnostic> {
        match self {
            Self::File(file) => file.keep(),
            Self::Stdout(mut out) => match out.flush() {
                // A closed pipe downstream is no failure of ours.
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                    Err(cannot_write(Path::new("-"), &error))
                }
                _ => Ok(()),
            },
        }
    }
}

impl Write for Place {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(out) => out.write(bytes),
            Self::File(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(out) => out.flush(),
            Self::File(file) => file.flush(),
        }
    }
}

/// A place that takes the rows of one subject after the other.
pub(crate) struct Sink<'a> {
    model: &'a Model,
    form: Form,
    n_rows: u64,
}

enum Form {
    Csv(Box<CsvWriter<Place>>),
    Parquet(Box<ParquetWriter<Place>>),
    Json(Place),
    Figure { place: Place, png: bool, panels: Vec<Panel>, n_subjects: usize },
}

/// A subject that stopped early, for the JSON form.
pub(crate) struct Failed {
    /// As in the event file.
    pub(crate) id: String,
    /// When, the model's unit.
    pub(crate) time: f64,
    /// The message.
    pub(crate) message: String,
}

impl<'a> Sink<'a> {
    /// Writes the head: names of columns, where the form has them.
    ///
    /// # Errors
    /// Where the place refuses.
    pub(crate) fn new(model: &'a Model, format: Format, place: Place) -> Result<Self, ReportError> {
        let mut sink = Self { model, form: Form::Json(Place::stdout()), n_rows: 0 };
        let none = SubjectRows { id: "", times: &[], values: &[] };
        sink.form = match format {
            Format::Csv => {
                let mut writer = Box::new(CsvWriter::new(place));
                writer.write(&table(model, &[none]))?;
                Form::Csv(writer)
            }
            Format::Parquet => Form::Parquet(Box::new(ParquetWriter::new(place))),
            Format::Json => {
                let mut place = place;
                write!(place, "{}", json_head(model))?;
                Form::Json(place)
            }
            Format::Svg | Format::Png => {
                let png = format == Format::Png;
                Form::Figure { place, png, panels: panels(model), n_subjects: 0 }
            }
        };
        Ok(sink)
    }

    /// Rows written so far.
    pub(crate) fn n_rows(&self) -> u64 {
        self.n_rows
    }

    /// Appends the rows of some subjects.
    ///
    /// # Errors
    /// Where the place refuses.
    pub(crate) fn write(&mut self, subjects: &[SubjectRows<'_>]) -> Result<(), ReportError> {
        let before = self.n_rows;
        self.n_rows += subjects.iter().map(|subject| subject.times.len() as u64).sum::<u64>();
        match &mut self.form {
            Form::Csv(writer) => writer.write(&table(self.model, subjects)),
            Form::Parquet(_) if self.n_rows == before => Ok(()),
            Form::Parquet(writer) => writer.write(&table(self.model, subjects)),
            Form::Json(place) => {
                let mut first = before == 0;
                for subject in subjects {
                    write_json_rows(place, self.model, subject, &mut first)?;
                }
                Ok(())
            }
            Form::Figure { panels, n_subjects, .. } => {
                for subject in subjects.iter().filter(|subject| !subject.times.is_empty()) {
                    if *n_subjects < MOST_DRAWN {
                        draw(panels, self.model, subject, *n_subjects);
                    }
                    *n_subjects += 1;
                }
                Ok(())
            }
        }
    }

    /// Writes the end and gives the file its name.
    ///
    /// # Errors
    /// Where the place refuses, or a figure holds no point.
    pub(crate) fn finish(self, failed: &[Failed]) -> Result<(), Finish> {
        match self.form {
            Form::Csv(writer) => writer.finish()?.finish()?,
            Form::Parquet(mut writer) => {
                if self.n_rows == 0 {
                    let none = SubjectRows { id: "", times: &[], values: &[] };
                    writer.write(&table(self.model, &[none]))?;
                }
                if let Some(place) = writer.finish()? {
                    place.finish()?;
                }
            }
            Form::Json(mut place) => {
                let failed = json_failed(failed);
                writeln!(place, "],\"failed\":{failed}}}").map_err(ReportError::from)?;
                place.finish()?;
            }
            Form::Figure { mut place, png, panels, n_subjects } => {
                let figure = figure(self.model, panels, n_subjects);
                let bytes = match png {
                    true => render_png(&figure, PNG_SCALE)?,
                    false => render_svg(&figure)?.into_bytes(),
                };
                place.write_all(&bytes).map_err(ReportError::from)?;
                place.finish()?;
            }
        }
        Ok(())
    }
}

/// Why the end could not be written.
pub(crate) enum Finish {
    /// The writer refused.
    Report(ReportError),
    /// The disk refused.
    Disk(Diagnostic),
}

impl From<ReportError> for Finish {
    fn from(error: ReportError) -> Self {
        Self::Report(error)
    }
}

impl From<Diagnostic> for Finish {
    fn from(error: Diagnostic) -> Self {
        Self::Disk(error)
    }
}

/// Name, unit and size of a base unit of every value of a row, outputs first.
fn columns(model: &Model) -> impl Iterator<Item = (&str, &str, f64)> {
    let outputs = model.outputs.iter().map(|one| (&one.name, &one.unit));
    let states = model.compartments.iter().map(|one| (&one.name, &one.unit));
    outputs.chain(states).map(|(name, unit)| (name.as_str(), unit.text.as_str(), unit.per_base))
}

/// Columns `id,time,` outputs, compartments; shown units.
fn table(model: &Model, subjects: &[SubjectRows<'_>]) -> Table {
    let ids = subjects.iter().flat_map(|one| vec![one.id.to_string(); one.times.len()]);
    let times = subjects.iter().flat_map(|one| one.times.iter().copied());
    let mut all = vec![
        Column::text("id", ids.collect()),
        Column::number("time", &model.time_unit.text, times.collect()),
    ];
    let width = columns(model).count();
    for (at, (name, unit, per_base)) in columns(model).enumerate() {
        let values = subjects.iter().flat_map(|one| one.values.iter().skip(at).step_by(width));
        let values = values.map(|value| value * per_base).collect();
        all.push(Column::number(name, unit, values));
    }
    Table { columns: all }
}

/// What the JSON form says of the model.
fn json_model(model: &Model) -> Map<String, Value> {
    let n_outputs = model.outputs.len();
    let kind = |at: usize| if at < n_outputs { "output" } else { "compartment" };
    let all = columns(model)
        .enumerate()
        .map(|(at, (name, unit, _))| json!({"name": name, "unit": unit, "kind": kind(at)}));
    let mut fields = Map::new();
    fields.insert("schema".into(), json!(SCHEMA));
    fields.insert("model".into(), json!(model.name));
    fields.insert("checked".into(), json!(model.checked));
    fields.insert("time_unit".into(), json!(model.time_unit.text));
    fields.insert("columns".into(), all.collect());
    fields
}

/// Everything up to the rows, which join the object while they are made.
fn json_head(model: &Model) -> String {
    let whole = Value::Object(json_model(model)).to_string();
    let open = whole.strip_suffix('}').unwrap_or_default();
    format!("{open},\"rows\":[")
}

/// Subjects that stopped early.
fn json_failed(failed: &[Failed]) -> Value {
    let one = |one: &Failed| json!({"id": one.id, "time": one.time, "message": one.message});
    failed.iter().map(one).collect()
}

/// The object of a run whose rows are in a file.
pub(crate) fn json_of_file(model: &Model, path: &Path, n_rows: u64, failed: &[Failed]) -> String {
    let mut fields = json_model(model);
    fields.insert("file".into(), json!(path.display().to_string()));
    fields.insert("n_rows".into(), json!(n_rows));
    fields.insert("failed".into(), json_failed(failed));
    format!("{}\n", Value::Object(fields))
}

/// Rows as `["1",0,4,8]`: id, time, values.
fn write_json_rows(
    place: &mut Place,
    model: &Model,
    subject: &SubjectRows<'_>,
    first: &mut bool,
) -> io::Result<()> {
    let width = columns(model).count();
    let id = json!(subject.id).to_string();
    for (at, &time) in subject.times.iter().enumerate() {
        let comma = if std::mem::take(first) { "" } else { "," };
        write!(place, "{comma}\n[{id},{}", shortest(time))?;
        let row = &subject.values[at * width..(at + 1) * width];
        for (value, (_, _, per_base)) in row.iter().zip(columns(model)) {
            write!(place, ",{}", shortest(value * per_base))?;
        }
        write!(place, "]")?;
    }
    Ok(())
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
