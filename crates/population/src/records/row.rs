//! One row: from fields to what happens.

use super::columns::{Header, Item};
use super::scale::Scale;
use super::table::Field;
use epsom_diag::{Diagnostic, did_you_mean, list_names};
use epsom_engine::{Action, Dose, DoseKind, RecordFault, Steady};
use epsom_model::ir::{Model, Output};

/// A row read: at most two things happen (an observation, then a compartment turned off).
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Row {
    /// Time as given.
    pub time: f64,
    /// What happens, in order.
    pub actions: Vec<Action>,
    /// Covariates given on this row, base units.
    pub covariates: Vec<(usize, f64)>,
}

/// Fields by item.
pub(super) struct RowFields<'a> {
    pub header: &'a Header,
    pub fields: &'a [Field<'a>],
    /// In the file, from 1.
    pub line: u32,
}

impl Row {
    /// Whether it starts a subject anew.
    pub fn is_reset(&self) -> bool {
        matches!(self.actions.first(), Some(Action::Reset | Action::ResetThenDose(_)))
    }
}

impl<'a> RowFields<'a> {
    /// The field of an item, where the column exists.
    pub fn get(&self, item: Item) -> Option<Field<'a>> {
        let at = self.header.items.iter().position(|&found| found == item)?;
        self.fields.get(at).copied()
    }

    /// What leads from the numbers of an item to the unit of the model.
    fn scale(&self, item: Item) -> &Scale {
        let at = self.header.items.iter().position(|&found| found == item);
        at.and_then(|at| self.header.scales.get(at)).unwrap_or(&Scale::AsModel)
    }

    /// The field to point at for an item, else the first of the row.
    fn place(&self, item: Item) -> Field<'a> {
        self.get(item).unwrap_or(self.fields[0])
    }
}

/// The row's meaning.
///
/// # Errors
/// What is wrong with it; warnings go to `warnings`.
pub(super) fn read_row(
    row: &RowFields<'_>,
    model: &Model,
    warnings: &mut Vec<Diagnostic>,
) -> Result<Row, Diagnostic> {
    let time_field = row.place(Item::Time);
    let time = number(row, Item::Time, model)?
        .ok_or_else(|| not_a_number(time_field, "this record has no time", model))?;
    let amount = number(row, Item::Amt, model)?;
    let event = event(row, amount, model)?;
    let mut read = Row { time, ..Row::default() };
    for (at, item) in row.header.items.iter().enumerate() {
        if let Item::Covariate(covariate) = *item
            && let Some(value) = parse(row.fields[at], model)?
        {
            let value = row.header.scales[at].apply(value);
            let value = covariate_value(row.fields[at], covariate, value, model, warnings)?;
            read.covariates.push((covariate, value));
        }
    }
    let off = compartment_off(row, model)?;
    match event {
        1 => read.actions.push(Action::Dose(dose(row, amount, model, warnings)?)),
        4 => read.actions.push(Action::ResetThenDose(dose(row, amount, model, warnings)?)),
        _ => {
            if amount.is_some_and(|amount| amount != 0.0) {
                let message = format!("an amount stands on a record of `EVID` {event}");
                return Err(refused(row.place(Item::Amt), message, "this would be ignored")
                    .help("set `EVID` to 1 for a dose, or `AMT` to 0"));
            }
            match event {
                0 => read.actions.push(Action::Observe),
                3 => read.actions.push(Action::Reset),
                _ => {}
            }
            read.actions.extend(off.map(Action::TurnOff));
        }
    }
    Ok(read)
}

/// Codes for a missing value in other files, which are numbers here.
const MISSING: &[f64] = &[-9.0, -99.0, -999.0, -9999.0];

/// A covariate in base units, within its bounds.
fn covariate_value(
    field: Field<'_>,
    covariate: usize,
    value: f64,
    model: &Model,
    warnings: &mut Vec<Diagnostic>,
) -> Result<f64, Diagnostic> {
    let one = &model.covariates[covariate];
    let base = value / one.unit.per_base;
    let (lo, hi) = one.bounds;
    let missing = "write `.` where there is no value";
    if base < lo || base > hi {
        let message = format!("`{}` is out of its bounds", one.name);
        return Err(Diagnostic::error("E0603", message)
            .at(field.span, format!("the model has it {}", one.unit.range(one.bounds)))
            .help(missing));
    }
    if MISSING.contains(&value) && one.default > 0.0 {
        let message = format!("`{}` is {} and taken as a number", one.name, field.text);
        warnings.push(
            Diagnostic::warning("W0603", message)
                .at(field.span, "in some files this says that there is no value")
                .help(missing),
        );
    }
    Ok(base)
}

/// The event code, given or derived from amount, rate and `MDV`.
fn event(row: &RowFields<'_>, amount: Option<f64>, model: &Model) -> Result<u8, Diagnostic> {
    if let Some(code) = number(row, Item::Evid, model)? {
        return [0u8, 1, 2, 3, 4].into_iter().find(|&known| f64::from(known) == code).ok_or_else(
            || {
                let field = row.place(Item::Evid);
                Diagnostic::error("E0609", format!("`EVID` {} is not known", field.text))
                    .at(field.span, "not one of 0 to 4")
                    .note("0 observes, 1 doses, 2 changes covariates, 3 resets, 4 resets and doses")
                    .help("give the route in `CMT` and `RATE`, not in `EVID`")
            },
        );
    }
    let constant = number(row, Item::Rate, model)?.is_some_and(|rate| rate != 0.0)
        && number(row, Item::Ss, model)?.is_some_and(|steady| steady != 0.0);
    if amount.is_some_and(|amount| amount != 0.0) || constant {
        return Ok(1);
    }
    let unmeasured = number(row, Item::Mdv, model)?.is_some_and(|mdv| mdv != 0.0);
    Ok(if unmeasured { 2 } else { 0 })
}

fn dose(
    row: &RowFields<'_>,
    amount: Option<f64>,
    model: &Model,
    warnings: &mut Vec<Diagnostic>,
) -> Result<Dose, Diagnostic> {
    let compartment = compartment(row, model)?;
    let target = &model.compartments[compartment as usize];
    let hours = 1.0 / model.time_unit.per_base;
    let steady = match number(row, Item::Ss, model)?.unwrap_or(0.0) {
        0.0 => Steady::No,
        1.0 => Steady::Replace,
        2.0 => Steady::Add,
        _ => {
            let field = row.place(Item::Ss);
            return Err(Diagnostic::error("E0609", format!("`SS` {} is not known", field.text))
                .at(field.span, "not one of 0, 1, 2")
                .note("1 replaces the state by the steady state, 2 adds the steady state"));
        }
    };
    let additional = number(row, Item::Addl, model)?.unwrap_or(0.0);
    if !(0.0..=f64::from(u32::MAX)).contains(&additional) || additional.trunc() != additional {
        let message = "`ADDL` is not a whole number of doses";
        return Err(refused(row.place(Item::Addl), message, "expected 0, 1, 2, ..."));
    }
    let given = row.scale(Item::Amt).of_dose(amount.unwrap_or(0.0), &target.unit.text, model);
    let given = given.map_err(|said| said.at(row.place(Item::Amt).span, "this dose"))?;
    let dose = Dose {
        amount: given / target.unit.per_base,
        compartment,
        kind: kind(row, model, compartment)?,
        interval_h: number(row, Item::Ii, model)?.unwrap_or(0.0) * hours,
        additional: additional as u32,
        steady,
    };
    if amount.is_none() && !dose.is_constant_infusion() {
        return Err(refused(row.place(Item::Amt), "a dose has no amount", "expected a number"));
    }
    if let Some(fault) = dose.fault() {
        return Err(explain(fault, row));
    }
    if dose.interval_h > 0.0 && dose.additional == 0 && dose.steady == Steady::No {
        warnings.push(
            Diagnostic::warning("W0602", "an interval without repeats does nothing")
                .at(row.place(Item::Ii).span, "neither `ADDL` nor `SS` stands on this row")
                .help("give the number of further doses in `ADDL`"),
        );
    }
    Ok(dose)
}

/// How the dose enters: `RATE` above 0, -1 or -2, else `DUR`, else at once.
fn kind(row: &RowFields<'_>, model: &Model, compartment: u32) -> Result<DoseKind, Diagnostic> {
    let target = &model.compartments[compartment as usize];
    let rate = number(row, Item::Rate, model)?.unwrap_or(0.0);
    let duration = number(row, Item::Dur, model)?.unwrap_or(0.0);
    let field = row.place(Item::Rate);
    if rate != 0.0 && duration != 0.0 {
        let message = "both `RATE` and `DUR` are given";
        return Err(refused(row.place(Item::Dur), message, "which of them counts is not clear"));
    }
    let modeled = |given: bool, function: &str, kind| {
        if given {
            return Ok(kind);
        }
        let name = &target.name;
        Err(Diagnostic::error("E0610", format!("`{name}` has no `{function}({name})`"))
            .at(field.span, format!("`RATE` {} asks the model for it", field.text))
            .help(format!("add `{function}({name}) = ...` to the model, or give `RATE`")))
    };
    if rate == -1.0 {
        modeled(target.rate.is_some(), "rate", DoseKind::ModeledRate)
    } else if rate == -2.0 {
        modeled(target.duration.is_some(), "dur", DoseKind::ModeledDuration)
    } else if rate < 0.0 {
        Err(refused(field, format!("`RATE` {} is negative", field.text), "expected above 0")
            .note("-1 takes the rate, -2 the duration from the model"))
    } else if rate > 0.0 {
        let rate = row.scale(Item::Rate).of_dose(rate, &target.unit.text, model);
        let rate = rate.map_err(|said| said.at(field.span, "this rate"))?;
        Ok(DoseKind::Rate(rate / target.unit.per_base * model.time_unit.per_base))
    } else if duration != 0.0 {
        Ok(DoseKind::Duration(duration / model.time_unit.per_base))
    } else {
        Ok(DoseKind::Bolus)
    }
}

/// The compartment a dose enters: by number from 1 or by name; the first where none is given.
fn compartment(row: &RowFields<'_>, model: &Model) -> Result<u32, Diagnostic> {
    let Some(field) = row.get(Item::Cmt).filter(|field| !field.is_missing()) else {
        return find_compartment("1", row.place(Item::Cmt), model);
    };
    let is_zero = field.text.parse::<f64>().is_ok_and(|number| number == 0.0);
    find_compartment(if is_zero { "1" } else { field.text }, field, model)
}

/// The compartment that a negative `CMT` turns off.
fn compartment_off(row: &RowFields<'_>, model: &Model) -> Result<Option<u32>, Diagnostic> {
    let field = row.get(Item::Cmt);
    let named = field.and_then(|field| Some((field, field.text.strip_prefix('-')?)));
    named.map(|(field, name)| find_compartment(name, field, model)).transpose()
}

fn find_compartment(name: &str, field: Field<'_>, model: &Model) -> Result<u32, Diagnostic> {
    // Registers, which only events of the model change, take no doses and have no number.
    let takes_doses = |at: &usize| !model.registers.contains(at);
    let places: Vec<usize> = (0..model.compartments.len()).filter(takes_doses).collect();
    let names = || places.iter().map(|&at| model.compartments[at].name.as_str());
    let found = match name.parse::<f64>() {
        Ok(number) => (1..=places.len()).find(|&place| place as f64 == number),
        Err(_) => names()
            .position(|known| known == name)
            .or_else(|| names().position(|known| known.eq_ignore_ascii_case(name)))
            .map(|place| place + 1),
    };
    let found = found.map(|place| places[place - 1]);
    found.map(|compartment_idx| compartment_idx as u32).ok_or_else(|| {
        let message = format!("model `{}` has no compartment `{name}`", model.name);
        let mut unknown = Diagnostic::error("E0606", message)
            .at(field.span, "not a compartment")
            .note(format!("in order they are {}", list_names(names(), 20)));
        if let Some(known) = name.strip_prefix('-') {
            return unknown
                .help("a negative `CMT` turns a compartment off, on a record of `EVID` 0, 2 or 3")
                .help(format!("give the dose into `{known}`, or turn it off on a row of its own"));
        }
        let is_output = |output: &Output| output.name.eq_ignore_ascii_case(name);
        if model.outputs.iter().any(is_output) {
            unknown = unknown.help(format!("`{name}` is an output; a dose enters a compartment"));
        } else if let Some(near) = did_you_mean(name, names()) {
            unknown = unknown.help(format!("did you mean `{near}`"));
        }
        unknown
    })
}

fn number(row: &RowFields<'_>, item: Item, model: &Model) -> Result<Option<f64>, Diagnostic> {
    let read = row.get(item).map_or(Ok(None), |field| parse(field, model))?;
    Ok(read.map(|value| row.scale(item).apply(value)))
}

/// A number, none where the field says that there is none.
fn parse(field: Field<'_>, model: &Model) -> Result<Option<f64>, Diagnostic> {
    if field.is_missing() {
        return Ok(None);
    }
    match field.text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(Some(number)),
        _ => Err(not_a_number(field, &format!("`{}` is not a number", field.text), model)),
    }
}

fn not_a_number(field: Field<'_>, message: &str, model: &Model) -> Diagnostic {
    let error = Diagnostic::error("E0603", message).at(field.span, "expected a number");
    let count = |wanted| field.text.matches(wanted).count();
    if count(':') > 0 || count('/') == 2 || count('-') == 2 {
        let unit = match model.time_unit.text.as_str() {
            "" => "h",
            text => text,
        };
        return error.note("dates and clock times are not read").help(format!(
            "give the time since the first record of the subject as a number, in {unit}"
        ));
    }
    error
}

fn refused(field: Field<'_>, message: impl Into<String>, here: &str) -> Diagnostic {
    Diagnostic::error("E0607", message).at(field.span, here)
}

fn explain(fault: RecordFault, row: &RowFields<'_>) -> Diagnostic {
    let (code, item, message, help) = match fault {
        RecordFault::Time => ("E0607", Item::Time, "the time is not finite", "give a number"),
        RecordFault::Amount => {
            ("E0607", Item::Amt, "the amount is negative", "give 0 or more in `AMT`")
        }
        RecordFault::RateOrDuration => {
            ("E0607", Item::Dur, "the duration is negative", "give more than 0 in `DUR`")
        }
        RecordFault::Interval => {
            ("E0607", Item::Ii, "the interval is negative", "give more than 0 in `II`")
        }
        RecordFault::NoInterval => (
            "E0608",
            Item::Ii,
            "repeats or steady state without an interval",
            "give the time between doses in `II`",
        ),
        RecordFault::NoAmount => (
            "E0607",
            Item::Amt,
            "an infusion has no amount",
            "give `AMT`; only `SS` 1 or 2 with `RATE` above 0 has none",
        ),
        RecordFault::RepeatedConstantInfusion => (
            "E0607",
            Item::Ii,
            "a constant infusion at steady state cannot repeat",
            "set `II` and `ADDL` to 0, or give an amount",
        ),
        RecordFault::Split => {
            ("E0607", Item::Ss, "a split dose has no steady state", "leave out `SS`")
        }
    };
    Diagnostic::error(code, message).at(row.place(item).span, "on this row").help(help)
}
