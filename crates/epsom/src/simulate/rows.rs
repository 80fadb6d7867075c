//! Where rows go: CSV, Parquet, a figure, or JSON, written while they are made.

use super::drawing::Drawing;
use super::json::{self, Failed};
use super::marks::Marks;
use super::plan::Plan;
use super::run::Ran;
use crate::files::{NewFile, PNG_SCALE, cannot_write};
use epsom_diag::Diagnostic;
use epsom_model::ir::Model;
use epsom_report::{
    Column, CsvWriter, ParquetWriter, ReportError, Table, Values, render_png, render_svg,
};
use serde_json::Value;
use std::io::{self, Write};
use std::path::Path;

/// Rows of one subject.
pub(crate) struct SubjectRows<'a> {
    /// As in the event file.
    pub(crate) id: &'a str,
    /// Draw of what is not known, from 1; none where nothing is drawn.
    pub(crate) draw: Option<u32>,
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

    /// Gives the file its name.
    pub(crate) fn finish(self) -> Result<(), Diagnostic> {
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
    marks: &'a Marks,
    /// Whether rows name a draw.
    drawn: bool,
    /// Whether the vertical axis of a figure is logarithmic.
    log_y: bool,
    form: Form,
    n_rows: u64,
}

enum Form {
    Csv(Box<CsvWriter<Place>>),
    Parquet(Box<ParquetWriter<Place>>),
    Json(Place),
    Figure { place: Place, png: bool, drawing: Drawing },
}

impl<'a> Sink<'a> {
    /// Writes the head: names of columns, where the form has them.
    ///
    /// # Errors
    /// Where the place refuses.
    pub(crate) fn new(plan: &'a Plan, place: Place) -> Result<Self, ReportError> {
        let (model, marks, format) = (&plan.model, &plan.marks, plan.format);
        let drawn = plan.people.as_ref().is_some_and(|people| people.is_drawn);
        let form = Form::Json(Place::stdout());
        let mut sink = Self { model, marks, drawn, log_y: plan.log_y, form, n_rows: 0 };
        sink.form = match format {
            Format::Csv => {
                let mut writer = Box::new(CsvWriter::new(place));
                writer.write(&table(model, sink.drawn, &[]))?;
                Form::Csv(writer)
            }
            Format::Parquet => Form::Parquet(Box::new(ParquetWriter::new(place))),
            Format::Json => {
                let mut place = place;
                write!(place, "{}", json::head(model, marks, drawn))?;
                Form::Json(place)
            }
            Format::Svg | Format::Png => {
                let png = format == Format::Png;
                Form::Figure { place, png, drawing: Drawing::new(model) }
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
            Form::Csv(writer) => writer.write(&table(self.model, self.drawn, subjects)),
            Form::Parquet(_) if self.n_rows == before => Ok(()),
            Form::Parquet(writer) => writer.write(&table(self.model, self.drawn, subjects)),
            Form::Json(place) => {
                let mut first = before == 0;
                for subject in subjects {
                    json::write_rows(place, self.model, subject, &mut first)?;
                }
                Ok(())
            }
            Form::Figure { drawing, .. } => {
                subjects.iter().for_each(|subject| drawing.add(self.model, subject));
                Ok(())
            }
        }
    }

    /// Writes the end and gives the file its name.
    ///
    /// # Errors
    /// Where the place refuses, or a figure holds no point.
    pub(crate) fn finish(self, failed: &[Failed], ran: &mut Ran) -> Result<(), Finish> {
        match self.form {
            Form::Csv(writer) => writer.finish()?.finish()?,
            Form::Parquet(mut writer) => {
                if self.n_rows == 0 {
                    writer.write(&table(self.model, self.drawn, &[]))?;
                }
                if let Some(place) = writer.finish()? {
                    place.finish()?;
                }
            }
            Form::Json(mut place) => {
                let end = Value::Object(json::end(failed, ran.decisions.take())).to_string();
                let end = end.strip_prefix('{').unwrap_or_default();
                writeln!(place, "],{end}").map_err(ReportError::from)?;
                place.finish()?;
            }
            Form::Figure { mut place, png, drawing } => {
                let figure = drawing.finish(self.model, self.marks, self.log_y);
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

/// A value that is shown of every row.
pub(crate) struct Shown<'a> {
    /// Its place in [`SubjectRows::values`].
    pub(crate) at: usize,
    pub(crate) name: &'a str,
    pub(crate) unit: &'a str,
    /// Shown units in one base unit.
    pub(crate) per_base: f64,
}

/// What is shown of a row, outputs first. A compartment that is an output too is shown once.
pub(crate) fn columns(model: &Model) -> impl Iterator<Item = Shown<'_>> {
    let outputs = model.outputs.iter().map(|one| (&one.name, &one.unit));
    let states = model.compartments.iter().map(|one| (&one.name, &one.unit));
    let n = model.outputs.len();
    let again = move |name: &str| model.outputs.iter().any(|output| output.name == name);
    let all = outputs.chain(states).enumerate();
    all.filter(move |(at, (name, _))| *at < n || !again(name)).map(|(at, (name, unit))| Shown {
        at,
        name,
        unit: &unit.text,
        per_base: unit.per_base,
    })
}

/// Values in a row: outputs, then compartments.
pub(crate) fn width(model: &Model) -> usize {
    model.outputs.len() + model.compartments.len()
}

/// Columns `id,time,` (`id,draw,time,` of draws) outputs, compartments; shown units.
fn table(model: &Model, drawn: bool, subjects: &[SubjectRows<'_>]) -> Table {
    let ids = subjects.iter().flat_map(|one| vec![one.id.to_string(); one.times.len()]);
    let times = subjects.iter().flat_map(|one| one.times.iter().copied());
    let mut all = vec![Column::text("id", ids.collect())];
    if drawn {
        let draw = |one: &SubjectRows<'_>| vec![i64::from(one.draw.unwrap_or(0)); one.times.len()];
        let values = Values::Integer(subjects.iter().flat_map(draw).collect());
        all.push(Column { name: "draw".to_string(), unit: String::new(), values });
    }
    all.push(Column::number("time", &model.time_unit.text, times.collect()));
    let width = width(model);
    for shown in columns(model) {
        let values =
            subjects.iter().flat_map(|one| one.values.iter().skip(shown.at).step_by(width));
        let values = values.map(|value| value * shown.per_base).collect();
        all.push(Column::number(shown.name, shown.unit, values));
    }
    Table { columns: all }
}
