//! `--rule` and `--log`: rules of the command line, and the table of what they did.

use super::Args;
use super::dosing::has_gut;
use crate::files::{NewFile, cannot_write, missing_folder, write_file};
use crate::render::Sources;
use epsom_diag::Diagnostic;
use epsom_engine::{Act, Action, By, Conduct, Decision, Record, Rules};
use epsom_evidence::builtin_substances;
use epsom_magnesium::doses::depends_on_size;
use epsom_magnesium::regimen::parse_regimen;
use epsom_magnesium::salts::built_in_salts;
use epsom_maths::{Address, hash_name};
use epsom_model::ir::Model;
use epsom_population::{RuleWorld, SubjectRecords, read_rule};
use epsom_report::{Column, CsvWriter, Table, Values};
use epsom_units::SubstanceId;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Schema of the JSON form of the log.
const SCHEMA: &str = "epsom.decisions/1";
/// Seed of lapses where none is given.
pub(crate) const USUAL_SEED: u64 = 1;

/// Rules as they were given, and which text each came from.
#[derive(Debug, Default)]
pub(crate) struct Given {
    /// The rules.
    pub(crate) rules: Rules,
    /// By rule: its text.
    texts: Vec<String>,
}

impl Given {
    /// What the subject `id` is under; its lapses are its own, whoever else runs.
    pub(crate) fn of(&self, id: &str, seed: u64) -> Option<Conduct<'_>> {
        let address = Address { seed, arm: hash_name(id), ..Address::default() };
        (!self.rules.is_empty()).then_some(Conduct { rules: &self.rules, address })
    }
}

/// Reads every `--rule`; `doses` are those of regimens, `subjects` have those of the file.
pub(crate) fn read_rules(
    args: &Args,
    model: &Model,
    substance: Option<&SubstanceId>,
    (doses, subjects): (&[Record], &[SubjectRecords]),
    sources: &mut Sources,
) -> Result<Given, Vec<Diagnostic>> {
    let mut given = Given::default();
    let mut messages = Vec::new();
    let records = subjects.iter().flat_map(|one| one.timeline.records()).chain(doses);
    let first = records.into_iter().find_map(|record| match record.action {
        Action::Dose(dose) | Action::ResetThenDose(dose) => Some(dose.compartment),
        _ => None,
    });
    let into = args.into.as_ref();
    let named = into.and_then(|name| model.compartments.iter().position(|one| one.name == *name));
    let compartment = named.map_or(first.unwrap_or(0), |at| at as u32);
    let world = RuleWorld { model, substances: builtin_substances(), substance, compartment };
    for text in &args.rules {
        let file = sources.add("--rule", text.as_str());
        let read = read_rule(text, file, &world, &mut given.rules);
        messages.extend(read.err());
        given.texts.resize(given.rules.rules.len(), text.clone());
    }
    let changes = |act: &Act| matches!(act, Act::Set(_) | Act::Change { .. });
    if given.rules.rules.iter().any(|rule| changes(&rule.act)) {
        messages.extend(args.regimens.iter().filter_map(|text| splits(text, args, model)));
    }
    if let Some(path) = &args.log {
        messages.extend(Form::of(path).err().or_else(|| missing_folder(path)));
    }
    if messages.is_empty() { Ok(given) } else { Err(messages) }
}

/// Whether what dissolves of the doses of a regimen depends on their size.
fn splits(text: &str, args: &Args, model: &Model) -> Option<Diagnostic> {
    let regimen = parse_regimen(text, epsom_diag::FileId(0), built_in_salts()).ok()?;
    let is_whole = args.into.is_some() || !has_gut(model) || !depends_on_size(&regimen);
    if is_whole {
        return None;
    }
    let message = format!("a rule cannot change the doses of `{text}`");
    let said = Diagnostic::error("E0616", message)
        .note("how much of them dissolves at once depends on how large they are")
        .help("use a salt that dissolves whole, such as gluconate")
        .help("or run each amount as a regimen of its own; doses may be held, missed and late");
    Some(said)
}

/// The table of decisions, written while they are taken.
pub(crate) struct Log<'a> {
    given: &'a Given,
    model: &'a Model,
    drawn: bool,
    path: PathBuf,
    form: Form,
}

enum Form {
    Csv(Option<Box<CsvWriter<NewFile>>>),
    Json(Vec<serde_json::Value>),
}

impl Form {
    fn of(path: &Path) -> Result<Self, Diagnostic> {
        match path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).as_deref() {
            Some("csv") => Ok(Self::Csv(None)),
            Some("json") => Ok(Self::Json(Vec::new())),
            _ => {
                let message = format!("`{}` does not say what to write", path.display());
                Err(Diagnostic::error("E0911", message)
                    .note("endings of a log: `.csv`, `.json`")
                    .help("give one of these endings"))
            }
        }
    }
}

impl<'a> Log<'a> {
    /// A log where one is asked for.
    ///
    /// # Errors
    /// Where the file cannot be made.
    pub(crate) fn new(
        args: &Args,
        given: &'a Given,
        model: &'a Model,
        drawn: bool,
    ) -> Result<Option<Self>, Diagnostic> {
        let Some(path) = args.log.clone() else { return Ok(None) };
        let mut form = Form::of(&path)?;
        if let Form::Csv(writer) = &mut form {
            *writer = Some(Box::new(CsvWriter::new(NewFile::create(&path)?)));
        }
        let mut log = Self { given, model, drawn, path, form };
        // The head, also where nothing is decided.
        log.add("", None, &[])?;
        Ok(Some(log))
    }

    /// What was decided for one subject; `draw` counts from 1.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub(crate) fn add(
        &mut self,
        id: &str,
        draw: Option<u32>,
        decisions: &[Decision],
    ) -> Result<(), Diagnostic> {
        let table = self.table(id, draw, decisions);
        match &mut self.form {
            Form::Csv(Some(writer)) => {
                writer.write(&table).map_err(|error| cannot_write(&self.path, &error))
            }
            Form::Csv(None) => Ok(()),
            Form::Json(rows) => {
                rows.extend((0..table.n_rows()).map(|row| {
                    let cell = |column: &Column| match &column.values {
                        Values::Integer(cells) => json!(cells[row]),
                        Values::Number(cells) => json!(cells[row]),
                        _ => json!(column.values.text(row)),
                    };
                    let cells = table.columns.iter();
                    cells
                        .map(|one| (one.name.clone(), cell(one)))
                        .collect::<serde_json::Map<_, _>>()
                        .into()
                }));
                Ok(())
            }
        }
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub(crate) fn finish(self) -> Result<(), Diagnostic> {
        match self.form {
            Form::Csv(Some(writer)) => {
                writer.finish().map_err(|error| cannot_write(&self.path, &error))?.keep()
            }
            Form::Csv(None) => Ok(()),
            Form::Json(rows) => {
                let whole = json!({
                    "schema": SCHEMA,
                    "model": self.model.name,
                    "time_unit": self.model.time_unit.text,
                    "decisions": rows,
                });
                write_file(&self.path, format!("{whole}\n").as_bytes())
            }
        }
    }

    fn table(&self, id: &str, draw: Option<u32>, decisions: &[Decision]) -> Table {
        let each = |text: &dyn Fn(&Decision) -> String| decisions.iter().map(text).collect();
        let number = |value: &dyn Fn(&Decision) -> f64| decisions.iter().map(value).collect();
        let time = &self.model.time_unit;
        let mut columns = vec![Column::text("id", each(&|_| id.to_string()))];
        if self.drawn {
            let draws = vec![i64::from(draw.unwrap_or(0)); decisions.len()];
            let values = Values::Integer(draws);
            columns.push(Column { name: "draw".into(), unit: String::new(), values });
        }
        let rule = |one: &Decision| match one.by {
            By::Rule(at) => self.given.texts[at as usize].clone(),
            By::Missed => "missed".into(),
            By::Late => "late".into(),
        };
        let asked = |one: &Decision| match one.by {
            By::Rule(at) => self.given.rules.rules[at as usize].when.map(|when| when.output),
            _ => None,
        };
        let output = |one: &Decision| asked(one).map(|at| &self.model.outputs[at as usize]);
        let value = |one: &Decision| {
            let per_base = match output(one) {
                Some(output) => output.unit.per_base,
                None => time.per_base,
            };
            one.value.map_or(f64::NAN, |value| value * per_base)
        };
        let target = |one: &Decision| self.model.compartments.get(one.compartment as usize);
        let per_base = |one: &Decision| target(one).map_or(1.0, |target| target.unit.per_base);
        let integers = decisions.iter().map(|one| i64::from(one.dose)).collect();
        columns.extend([
            Column::number("time", &time.text, number(&|one| one.time_h * time.per_base)),
            Column::text("rule", each(&rule)),
            Column::text(
                "output",
                each(&|one| output(one).map_or_else(String::new, |output| output.name.clone())),
            ),
            Column::number("value", "", number(&value)),
            Column {
                name: "doses_so_far".into(),
                unit: String::new(),
                values: Values::Integer(integers),
            },
            Column::text(
                "compartment",
                each(&|one| target(one).map_or_else(String::new, |target| target.name.clone())),
            ),
            Column::number("dose_before", "", number(&|one| one.before * per_base(one))),
            Column::number("dose_after", "", number(&|one| one.after * per_base(one))),
            Column::text(
                "dose_unit",
                each(&|one| {
                    target(one).map_or_else(String::new, |target| target.unit.text.clone())
                }),
            ),
        ]);
        Table { columns }
    }
}
