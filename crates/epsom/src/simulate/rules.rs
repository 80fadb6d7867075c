//! `--rule` and `--log`: rules of the command line, and the table of what they did.

use super::Args;
use crate::files::{NewFile, cannot_write, missing_folder, write_file};
use crate::render::Sources;
use epsom_diag::Diagnostic;
use epsom_engine::{Act, Action, By, Conduct, Decision, Dose, DoseKind, Record, Rules};
use epsom_evidence::builtin_substances;
use epsom_maths::{Address, hash_name};
use epsom_model::ir::Model;
use epsom_population::{RuleWorld, SubjectRecords, read_rule};
use epsom_report::{Column, CsvWriter, Table, Values};
use epsom_units::SubstanceId;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
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

    /// The rule that took a decision, as it was given; `missed` and `late` of lapses.
    fn name(&self, decision: &Decision) -> &str {
        match decision.by {
            By::Rule(at) => &self.texts[at as usize],
            By::Missed => "missed",
            By::Late => "late",
        }
    }
}

/// How often each rule acted, for a summary: its size does not grow with the runs.
#[derive(Debug, Default)]
pub(crate) struct Counts(BTreeMap<String, (u64, u64)>);

impl Counts {
    /// What was decided in one run.
    pub(crate) fn add(&mut self, given: &Given, decisions: &[Decision]) {
        let mut names = BTreeSet::new();
        for one in decisions {
            let name = given.name(one);
            self.0.entry(name.to_string()).or_default().0 += 1;
            names.insert(name);
        }
        for name in names {
            self.0.entry(name.to_string()).or_default().1 += 1;
        }
    }

    /// One object per rule that acted; none where no rule was given.
    pub(crate) fn json(&self, given: &Given) -> Option<Vec<Value>> {
        let one = |(rule, (n, runs)): (&String, &(u64, u64))| json!({"rule": rule, "n": n, "n_runs": runs});
        (!given.rules.is_empty()).then(|| self.0.iter().map(one).collect())
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
    give_as_planned(&mut given.rules, doses);
    if let Some(path) = &args.log {
        messages.extend(Form::of(path).err().or_else(|| missing_folder(path)));
    }
    if messages.is_empty() { Ok(given) } else { Err(messages) }
}

/// A dose beyond the plan into the compartment of doses that are split is split as they are, where
/// all of them are split alike.
fn give_as_planned(rules: &mut Rules, doses: &[Record]) {
    let planned = |record: &Record| match record.action {
        Action::Dose(dose) | Action::ResetThenDose(dose) => Some(dose),
        _ => None,
    };
    for rule in &mut rules.rules {
        let Act::Give(given) = &mut rule.act else { continue };
        let same = |dose: &Dose| dose.compartment == given.compartment;
        let mut kinds = doses.iter().filter_map(planned).filter(same).map(|dose| dose.kind);
        let Some(first @ DoseKind::Split { .. }) = kinds.next() else { continue };
        if given.kind == DoseKind::Bolus && kinds.all(|kind| kind == first) {
            given.kind = first;
        }
    }
}

/// The table of decisions, written while they are taken.
pub(crate) struct Log<'a> {
    given: &'a Given,
    model: &'a Model,
    drawn: bool,
    file: Option<(PathBuf, Form)>,
    /// For the JSON form of the run.
    shown: Option<Vec<Value>>,
}

enum Form {
    Csv(Option<Box<CsvWriter<NewFile>>>),
    Json(Vec<Value>),
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
    /// A log where one is asked for, as a file or in the JSON form of the run.
    ///
    /// # Errors
    /// Where the file cannot be made.
    pub(crate) fn new(
        args: &Args,
        given: &'a Given,
        model: &'a Model,
        drawn: bool,
    ) -> Result<Option<Self>, Diagnostic> {
        // A summary counts them instead.
        let is_summary = args.summary || args.percentiles.is_some();
        let shown = (args.json && !given.rules.is_empty() && !is_summary).then(Vec::new);
        let mut file = None;
        if let Some(path) = args.log.clone() {
            let mut form = Form::of(&path)?;
            if let Form::Csv(writer) = &mut form {
                *writer = Some(Box::new(CsvWriter::new(NewFile::create(&path)?)));
            }
            file = Some((path, form));
        }
        if file.is_none() && shown.is_none() {
            return Ok(None);
        }
        let mut log = Self { given, model, drawn, file, shown };
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
        if let Some(shown) = &mut self.shown {
            shown.extend(objects(&table));
        }
        match &mut self.file {
            Some((path, Form::Csv(Some(writer)))) => {
                writer.write(&table).map_err(|error| cannot_write(path, &error))
            }
            Some((_, Form::Json(rows))) => {
                rows.extend(objects(&table));
                Ok(())
            }
            Some((_, Form::Csv(None))) | None => Ok(()),
        }
    }

    /// Gives the file its name, and the decisions to the JSON form of the run where it has them.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub(crate) fn finish(self) -> Result<Option<Vec<Value>>, Diagnostic> {
        match self.file {
            Some((path, Form::Csv(Some(writer)))) => {
                writer.finish().map_err(|error| cannot_write(&path, &error))?.keep()?;
            }
            Some((path, Form::Json(rows))) => {
                let whole = json!({
                    "schema": SCHEMA,
                    "model": self.model.name,
                    "time_unit": self.model.time_unit.text,
                    "decisions": rows,
                });
                write_file(&path, format!("{whole}\n").as_bytes())?;
            }
            Some((_, Form::Csv(None))) | None => {}
        }
        Ok(self.shown)
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
        let rule = |one: &Decision| self.given.name(one).to_string();
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

/// One object per row, by the names of the columns.
fn objects(table: &Table) -> impl Iterator<Item = Value> + '_ {
    (0..table.n_rows()).map(|row| {
        let cell = |column: &Column| match &column.values {
            Values::Integer(cells) => json!(cells[row]),
            Values::Number(cells) => json!(cells[row]),
            _ => json!(column.values.text(row)),
        };
        let cells = table.columns.iter().map(|one| (one.name.clone(), cell(one)));
        cells.collect::<serde_json::Map<_, _>>().into()
    })
}
