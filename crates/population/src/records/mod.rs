//! NONMEM-style event records: CSV text to one timeline per subject.

mod columns;
mod row;
mod scale;
pub(crate) mod table;
#[cfg(test)]
mod tests;

use columns::{Item, read_header};
use epsom_diag::{Diagnostic, FileId, Severity, Span, has_errors};
use epsom_engine::{CovariateTrack, Record, Timeline};
use epsom_model::ir::Model;
use row::{Row, RowFields, read_row};
use std::collections::BTreeMap;
use table::{Field, Table};

/// Most messages of one file; more would hide the first.
const MOST_MESSAGES: usize = 20;

/// One subject of an event file.
#[derive(Debug, Clone, PartialEq)]
pub struct SubjectRecords {
    /// As in the file; `1` where there is no column `ID`.
    pub id: String,
    /// Doses, observations and covariates.
    pub timeline: Timeline,
    /// Times of the result rows as given, in the model's time unit.
    pub observation_times: Vec<f64>,
    /// Line in the file of each record of the timeline, counted over restarts of time; 0 for a
    /// record that stands in no file.
    pub lines: Vec<u32>,
}

/// Subjects of an event file, in file order, and what is wrong with it.
///
/// Columns come in any case and order: `ID`, `TIME`, `EVID`, `MDV`, `AMT`, `CMT` (number from 1,
/// name, negative for off), `RATE`, `DUR`, `II`, `ADDL`, `SS`, and covariates of the model by name.
/// Empty, `.` and `NA` mean no value. A covariate without a value keeps the last one.
///
/// # Units
/// Times are in the model's time unit, amounts in the compartment's unit, rates in the one per the
/// other, covariates in the unit of the model, unless the header says another: `WT[g]`; the
/// timelines are in base units.
/// # Errors
/// `E0601` to `E0612`, all of one run up to a limit; no subjects where there is any.
pub fn read_records(
    text: &str,
    file: FileId,
    model: &Model,
) -> (Vec<SubjectRecords>, Vec<Diagnostic>) {
    if let Some(at) = text.bytes().take(1 << 16).position(|byte| byte == 0) {
        let binary = Diagnostic::error("E0611", "the event file is not text")
            .at(Span::new(file, at, at), "this byte is zero")
            .help("save the sheet as CSV");
        return (Vec::new(), vec![binary]);
    }
    let mut table = Table::new(text, file);
    let mut fields = Vec::new();
    if !table.next_row(&mut fields) {
        return (Vec::new(), vec![no_records("the event file is empty")]);
    }
    let (header, diagnostics) = read_header(&fields, model);
    if has_errors(&diagnostics) {
        return (Vec::new(), diagnostics);
    }
    let n_columns = fields.len();
    let mut reader = Reader::default();
    let mut messages = Messages::default();
    diagnostics.into_iter().for_each(|diagnostic| messages.push(diagnostic));
    let mut n_rows = 0usize;
    let mut warnings = Vec::new();
    while table.next_row(&mut fields) {
        n_rows += 1;
        if fields.len() != n_columns {
            messages.push(wrong_length(&fields, n_columns));
            continue;
        }
        let row = RowFields { header: &header, fields: &fields, line: table.line() };
        match read_row(&row, model, &mut warnings) {
            Ok(read) => reader.take(&row, read, model).into_iter().for_each(|e| messages.push(e)),
            Err(error) => messages.push(error),
        }
        warnings.drain(..).for_each(|warning| messages.push(warning));
    }
    if n_rows == 0 {
        messages.push(no_records("the event file has a header and no records"));
    }
    let diagnostics = messages.finish();
    if has_errors(&diagnostics) {
        return (Vec::new(), diagnostics);
    }
    (reader.finish(model), diagnostics)
}

fn no_records(message: &str) -> Diagnostic {
    Diagnostic::error("E0601", message)
        .help("give a header such as `ID,TIME,EVID,AMT,CMT` and one row per dose or observation")
}

fn wrong_length(fields: &[Field<'_>], n_columns: usize) -> Diagnostic {
    let span = fields[0].span.to(fields[fields.len() - 1].span);
    let message = format!("a row has {} fields, the header {n_columns}", fields.len());
    Diagnostic::error("E0612", message)
        .at(span, "this row")
        .help("write `.` where there is no value")
}

/// The first messages of a file, and how many more there were.
#[derive(Default)]
struct Messages {
    kept: Vec<Diagnostic>,
    n_hidden: usize,
}

impl Messages {
    /// Past the limit only the first error is kept: warnings must not hide that there is one.
    fn push(&mut self, diagnostic: Diagnostic) {
        let first_error = diagnostic.severity == Severity::Error && !has_errors(&self.kept);
        if self.kept.len() < MOST_MESSAGES || first_error {
            self.kept.push(diagnostic);
        } else {
            self.n_hidden += 1;
        }
    }

    fn finish(mut self) -> Vec<Diagnostic> {
        if let Some(last) = self.kept.last_mut().filter(|_| self.n_hidden > 0) {
            last.notes.push(format!("{} more messages are not shown", self.n_hidden));
        }
        self.kept
    }
}

/// Rows of the subjects read so far.
#[derive(Default)]
struct Reader {
    subjects: Vec<Subject>,
    seen: BTreeMap<String, Span>,
}

#[derive(Default)]
struct Subject {
    id: String,
    /// Up to the first restart of time, then up to the next, ...; never empty.
    parts: Vec<Part>,
    observation_times: Vec<f64>,
    lines: Vec<u32>,
    last: f64,
}

/// Records and, by covariate, times and values, between restarts of time.
#[derive(Default)]
struct Part {
    records: Vec<Record>,
    covariates: BTreeMap<usize, (Vec<f64>, Vec<f64>)>,
}

impl Reader {
    /// Adds a row to its subject, or says why it does not fit.
    fn take(&mut self, row: &RowFields<'_>, read: Row, model: &Model) -> Option<Diagnostic> {
        let id_field = row.get(Item::Id);
        if let Some(field) = id_field.filter(|field| field.is_missing()) {
            return Some(Diagnostic::error("E0603", "a record has no id").at(field.span, "here"));
        }
        let id = id_field.map_or("1", |field| field.text);
        if self.subjects.last().is_none_or(|subject| subject.id != id) {
            let span = id_field.map(|field| field.span);
            if let (Some(&first), Some(span)) = (self.seen.get(id), span) {
                return Some(
                    Diagnostic::error("E0605", format!("records of `{id}` are not together"))
                        .at(span, "here again, after another subject")
                        .label(first, "here first")
                        .help("sort the file by `ID`, then by `TIME`"),
                );
            }
            self.seen.insert(id.to_string(), span.unwrap_or_default());
            let last = f64::NEG_INFINITY;
            let parts = vec![Part::default()];
            self.subjects.push(Subject { id: id.to_string(), parts, last, ..Subject::default() });
        }
        let subject = self.subjects.last_mut()?;
        if read.time < subject.last && read.is_reset() {
            subject.parts.push(Part::default());
        } else if read.time < subject.last {
            let span = row.get(Item::Time).map(|field| field.span).unwrap_or_default();
            let message = format!("time goes back from {} to {}", subject.last, read.time);
            return Some(
                Diagnostic::error("E0604", message)
                    .at(span, format!("in the records of `{id}`"))
                    .help("sort the records of a subject by `TIME`; only a reset, `EVID` 3 or 4, may start anew"),
            );
        }
        subject.take(read, row.line, model);
        None
    }

    fn finish(self, model: &Model) -> Vec<SubjectRecords> {
        self.subjects.into_iter().filter_map(|subject| subject.finish(model)).collect()
    }
}

impl Subject {
    fn take(&mut self, read: Row, line: u32, model: &Model) {
        let Some(part) = self.parts.last_mut() else { return };
        let time_h = read.time / model.time_unit.per_base;
        self.last = read.time;
        for action in read.actions {
            if action == epsom_engine::Action::Observe {
                self.observation_times.push(read.time);
            }
            part.records.push(Record { time_h, action });
            self.lines.push(line);
        }
        for (covariate, value) in read.covariates {
            let (times_h, values) = part.covariates.entry(covariate).or_default();
            times_h.push(time_h);
            values.push(value);
        }
    }

    /// Every record was checked when it was read, so a timeline always exists.
    fn finish(mut self, model: &Model) -> Option<SubjectRecords> {
        self.carry_covariates();
        let timeline = |part: Part| {
            let tracks = part.covariates.into_iter().map(|(covariate, (times_h, values))| {
                let interpolation = model.covariates[covariate].interpolation;
                CovariateTrack { covariate: covariate as u32, interpolation, times_h, values }
            });
            Timeline::new(part.records, tracks.collect()).ok()
        };
        let mut parts = self.parts.into_iter();
        let first = timeline(parts.next()?)?;
        let timeline = parts.try_fold(first, |whole, part| Some(whole.then(timeline(part)?)))?;
        let (observation_times, lines) = (self.observation_times, self.lines);
        Some(SubjectRecords { id: self.id, timeline, observation_times, lines })
    }

    /// A covariate keeps its value over a restart of time; before its first value that one holds.
    fn carry_covariates(&mut self) {
        if self.parts.len() == 1 {
            return;
        }
        let mut all: Vec<usize> =
            self.parts.iter().flat_map(|part| part.covariates.keys().copied()).collect();
        all.sort_unstable();
        all.dedup();
        for covariate in all {
            let values =
                |part: &Part| part.covariates.get(&covariate).map(|(_, values)| values.clone());
            let mut last =
                self.parts.iter().find_map(values).and_then(|values| values.first().copied());
            for part in &mut self.parts {
                let start_h = part.records.first().map_or(0.0, |record| record.time_h);
                let (times_h, values) = part.covariates.entry(covariate).or_default();
                if let Some(last) = last.filter(|_| times_h.first().is_none_or(|&at| at > start_h))
                {
                    times_h.insert(0, start_h);
                    values.insert(0, last);
                }
                last = values.last().copied();
            }
        }
    }
}
