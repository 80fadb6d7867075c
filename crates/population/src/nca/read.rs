//! Concentrations of many people from a NONMEM-style table.

use super::{Baseline, Blq, Entry, NcaOptions, Sample, Unusable, prepare};
use crate::records::table::{Field, Table};
use epsom_diag::{Diagnostic, FileId, Span, has_errors, list_names};

/// One dose of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TableDose {
    /// When.
    pub time: f64,
    /// Amount.
    pub amount: f64,
    /// Length of an infusion; 0 at once.
    pub duration: f64,
    /// Time to the next dose of its record; 0 for none.
    pub interval: f64,
    /// Whether the record says that steady state is reached.
    pub steady: bool,
}

/// One person, in one group, as measured.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Measured {
    /// As in the file.
    pub id: String,
    /// What stands in the column that groups; empty without one.
    pub group: String,
    /// Concentrations, in the order of the file.
    pub samples: Vec<Sample>,
    /// Place of each sample.
    pub places: Vec<Span>,
    /// Doses by time, repeats written out.
    pub doses: Vec<TableDose>,
    /// Amounts in urine: end of the collection and amount.
    pub urine: Vec<(f64, f64)>,
}

/// Which of a person's doses is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Which {
    /// The first.
    First,
    /// The last.
    #[default]
    Last,
    /// By number, from 1.
    Number(usize),
}

/// How measured concentrations become profiles.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ProfileOptions {
    /// Which dose.
    pub which: Which,
    /// Samples below the limit of quantification.
    pub blq: Blq,
    /// What is taken off; [`Baseline::Before`] is before the first dose.
    pub baseline: Baseline,
    /// Whether doses enter the blood; else they do not enter directly.
    pub into_blood: bool,
    /// Rules of the areas; dose and way of entry are filled in.
    pub nca: NcaOptions,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Item {
    Id,
    Time,
    Value,
    Amount,
    Event,
    Missing,
    Blq,
    Limit,
    Rate,
    Duration,
    Interval,
    More,
    Steady,
    Urine,
    Group,
    Other,
}

/// Names of columns, in any case.
const ITEMS: &[(&str, Item)] = &[
    ("ID", Item::Id),
    ("TIME", Item::Time),
    ("DV", Item::Value),
    ("CONC", Item::Value),
    ("AMT", Item::Amount),
    ("EVID", Item::Event),
    ("MDV", Item::Missing),
    ("BLQ", Item::Blq),
    ("LLOQ", Item::Limit),
    ("RATE", Item::Rate),
    ("DUR", Item::Duration),
    ("II", Item::Interval),
    ("ADDL", Item::More),
    ("SS", Item::Steady),
    ("URINE", Item::Urine),
];

/// Most messages of one file; more would hide the first.
const MOST_MESSAGES: usize = 20;
/// Most doses of one record.
const MOST_REPEATS: f64 = 1e5;

/// People of a table, in file order, those of `group` (a column's name) apart.
///
/// Columns: `ID`, `TIME`, `DV`, `AMT`, `EVID`, `MDV`, `BLQ` (1 for below the limit), `LLOQ`,
/// `RATE` or `DUR`, `II`, `ADDL`, `SS`, `URINE` (amount collected until `TIME`). A `DV` such as
/// `<0.5` or `BLQ` is below the limit. Rows with `AMT` above 0 are doses.
/// # Errors
/// `E0743` with the place, all of one run up to a limit.
pub fn read_measured(
    text: &str,
    file: FileId,
    group: Option<&str>,
) -> Result<Vec<Measured>, Vec<Diagnostic>> {
    let mut table = Table::new(text, file);
    let mut fields = Vec::new();
    if !table.next_row(&mut fields) {
        return Err(vec![wrong("the file of concentrations is empty")]);
    }
    let items = read_header(&fields, group)?;
    let (mut people, mut said): (Vec<Measured>, Vec<Diagnostic>) = Default::default();
    while table.next_row(&mut fields) {
        if fields.len() != items.len() {
            let span = fields[0].span.to(fields[fields.len() - 1].span);
            let message = format!("a row has {} fields, the header {}", fields.len(), items.len());
            said.push(wrong(message).at(span, "this row"));
        } else if let Err(one) = take(&Row { items: &items, fields: &fields }, &mut people) {
            said.push(one);
        }
    }
    if people.is_empty() && said.is_empty() {
        said.push(wrong("the file of concentrations has a header and no rows"));
    }
    let n_hidden = said.len().saturating_sub(MOST_MESSAGES);
    said.truncate(MOST_MESSAGES);
    if let Some(last) = said.last_mut().filter(|_| n_hidden > 0) {
        last.notes.push(format!("{n_hidden} more mistakes are not shown"));
    }
    for person in &mut people {
        person.doses.sort_by(|a, b| a.time.total_cmp(&b.time));
    }
    if has_errors(&said) { Err(said) } else { Ok(people) }
}

fn read_header(header: &[Field<'_>], group: Option<&str>) -> Result<Vec<Item>, Vec<Diagnostic>> {
    let mut said = Vec::new();
    let known = |name: &str| {
        let is_group = group.is_some_and(|group| group.eq_ignore_ascii_case(name));
        let found = ITEMS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        if is_group { Item::Group } else { found.map_or(Item::Other, |&(_, item)| item) }
    };
    let items: Vec<Item> = header.iter().map(|field| known(field.text)).collect();
    for (at, (field, item)) in header.iter().zip(&items).enumerate() {
        if *item != Item::Other && items[..at].contains(item) {
            let message = format!("column `{}` stands twice", field.text);
            said.push(wrong(message).at(field.span, "here again").help("remove one of them"));
        }
    }
    let names = list_names(header.iter().map(|field| field.text), 20);
    for (item, name) in [(Item::Time, "TIME"), (Item::Value, "DV")] {
        if !items.contains(&item) {
            said.push(
                wrong(format!("there is no column `{name}`"))
                    .at(header[0].span, "the header is this line")
                    .note(format!("the columns are {names}"))
                    .help("name the columns in the first line, such as `ID,TIME,AMT,DV`"),
            );
        }
    }
    if let Some(group) = group.filter(|_| !items.contains(&Item::Group)) {
        said.push(
            wrong(format!("there is no column `{group}` to group by"))
                .at(header[0].span, "the header is this line")
                .note(format!("the columns are {names}")),
        );
    }
    if said.is_empty() { Ok(items) } else { Err(said) }
}

struct Row<'a> {
    items: &'a [Item],
    fields: &'a [Field<'a>],
}

impl Row<'_> {
    fn field(&self, item: Item) -> Option<&Field<'_>> {
        let at = self.items.iter().position(|known| *known == item)?;
        Some(&self.fields[at]).filter(|field| !field.is_missing())
    }

    fn number(&self, item: Item) -> Result<Option<f64>, Diagnostic> {
        let Some(field) = self.field(item) else { return Ok(None) };
        match field.text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Some(value)),
            _ => Err(wrong(format!("`{}` is no number", field.text))
                .at(field.span, "expected a number")
                .help("write a number, or `.` where there is no value")),
        }
    }

    fn whole(&self) -> Span {
        self.fields[0].span.to(self.fields[self.fields.len() - 1].span)
    }
}

fn take(row: &Row<'_>, people: &mut Vec<Measured>) -> Result<(), Diagnostic> {
    let text = |item| row.field(item).map_or_else(String::new, |field| field.text.to_string());
    let id = if row.items.contains(&Item::Id) { text(Item::Id) } else { "1".to_string() };
    let group = text(Item::Group);
    let Some(time) = row.number(Item::Time)? else {
        return Err(wrong("a row has no time").at(row.whole(), "this row"));
    };
    let amount = row.number(Item::Amount)?.unwrap_or(0.0);
    let event = row.number(Item::Event)?.unwrap_or(0.0);
    let urine = row.number(Item::Urine)?;
    let dose = (amount > 0.0 || event == 1.0 || event == 4.0).then(|| read_dose(row, time, amount));
    let dose = dose.transpose()?;
    let sample = if dose.is_some() || event != 0.0 { None } else { read_sample(row, time)? };
    let at = people.iter().position(|one| one.id == id && one.group == group);
    let at = at.unwrap_or_else(|| {
        people.push(Measured { id, group, ..Measured::default() });
        people.len() - 1
    });
    let person = &mut people[at];
    if let Some((first, count)) = dose {
        let repeat =
            |at: usize| TableDose { time: first.time + at as f64 * first.interval, ..first };
        person.doses.extend((0..=count).map(repeat));
    }
    if let Some(sample) = sample {
        person.samples.push(sample);
        person.places.push(row.whole());
    }
    person.urine.extend(urine.map(|amount| (time, amount)));
    Ok(())
}

/// A dose, and how often it is repeated.
fn read_dose(row: &Row<'_>, time: f64, amount: f64) -> Result<(TableDose, usize), Diagnostic> {
    let interval = row.number(Item::Interval)?.unwrap_or(0.0);
    let more = row.number(Item::More)?.unwrap_or(0.0);
    let rate = row.number(Item::Rate)?.unwrap_or(0.0);
    let duration = row.number(Item::Duration)?.unwrap_or(0.0);
    let said = |message: &str| Err(wrong(message).at(row.whole(), "this dose"));
    if amount <= 0.0 {
        return said("a dose is not above 0");
    }
    if interval < 0.0 || more < 0.0 || rate < 0.0 || duration < 0.0 || more > MOST_REPEATS {
        return said("a dose cannot be given as it is written");
    }
    if more > 0.0 && interval == 0.0 {
        return said("repeats have no interval");
    }
    let duration = if rate > 0.0 { amount / rate } else { duration };
    // Repeats of a dose are not steady state, however many came before: only `SS` says so.
    let steady = row.number(Item::Steady)?.unwrap_or(0.0) != 0.0;
    Ok((TableDose { time, amount, duration, interval, steady }, more as usize))
}

/// The concentration of a row, if it has one.
fn read_sample(row: &Row<'_>, time: f64) -> Result<Option<Sample>, Diagnostic> {
    if row.number(Item::Missing)?.is_some_and(|missing| missing != 0.0) {
        return Ok(None);
    }
    let below = row.number(Item::Blq)?.is_some_and(|below| below != 0.0);
    let Some(field) = row.field(Item::Value) else {
        return Ok(below.then_some(Sample { time, value: 0.0, blq: true }));
    };
    let word = field.text.to_ascii_uppercase();
    if word.starts_with('<') || ["BLQ", "BQL", "LLOQ", "BLOQ"].contains(&word.as_str()) {
        return Ok(Some(Sample { time, value: 0.0, blq: true }));
    }
    let value = row.number(Item::Value)?.unwrap_or(0.0);
    let limit = row.number(Item::Limit)?.unwrap_or(f64::NEG_INFINITY);
    Ok(Some(Sample { time, value, blq: below || value < limit }))
}

/// The profile after one dose of a person, until the next one, and its options.
///
/// Without a dose in the table, time 0 is the dose and its amount is not known.
/// # Errors
/// `E0744` names the person and what is wrong, with the place.
pub fn profile(
    person: &Measured,
    options: &ProfileOptions,
) -> Result<(Vec<f64>, Vec<f64>, NcaOptions), Diagnostic> {
    let unknown = [TableDose {
        time: 0.0,
        amount: options.nca.dose,
        duration: 0.0,
        interval: 0.0,
        steady: false,
    }];
    let doses = if person.doses.is_empty() { &unknown[..] } else { &person.doses };
    let at = match options.which {
        Which::First => 0,
        Which::Last => doses.len() - 1,
        Which::Number(number) => number.wrapping_sub(1),
    };
    let Some(dose) = doses.get(at) else {
        let message = format!("person `{}` has no dose {}", person.id, at.wrapping_add(1));
        return Err(Diagnostic::error("E0744", message)
            .note(format!("there are {} in the file", doses.len()))
            .help("leave out `--dose`, or give a smaller number"));
    };
    let next = doses.get(at + 1).map(|next| next.time);
    let interval = options.nca.interval.or_else(|| {
        next.map(|next| next - dose.time)
            .or((dose.interval > 0.0).then_some(dose.interval))
            .or_else(|| at.checked_sub(1).map(|before| dose.time - doses[before].time))
    });
    let entry = match (options.into_blood, dose.duration > 0.0) {
        (_, true) => Entry::Infusion { duration: dose.duration },
        (true, false) => Entry::Bolus,
        (false, false) => Entry::Extravascular,
    };
    let nca = NcaOptions {
        entry,
        dose: dose.amount,
        interval: interval.filter(|interval| *interval > 0.0),
        steady: options.nca.steady || dose.steady,
        ..options.nca.clone()
    };
    let refused = |cause| Err(unusable(person, cause));
    // All samples are checked, also those that are not used.
    let whole = prepare(&person.samples, f64::NEG_INFINITY, options.blq, Baseline::None, &nca);
    if let Err(cause) = whole {
        return refused(cause);
    }
    let first_dose = doses[0].time;
    let baseline = match options.baseline {
        Baseline::Before => {
            let before: Vec<f64> = (person.samples.iter())
                .filter(|sample| sample.time <= first_dose)
                .filter(|sample| !(sample.blq && options.blq == Blq::Nothing))
                .map(|sample| if sample.blq { 0.0 } else { sample.value })
                .collect();
            if before.is_empty() {
                return refused(Unusable::NoBaseline);
            }
            Baseline::Value(epsom_maths::mean(&before))
        }
        other => other,
    };
    let until = next.unwrap_or(f64::INFINITY);
    let samples: Vec<Sample> = (person.samples.iter())
        .filter(|sample| dose.time <= sample.time && sample.time <= until)
        .copied()
        .collect();
    match prepare(&samples, dose.time, options.blq, baseline, &nca) {
        Ok((times, values)) => Ok((times, values, nca)),
        Err(cause) => refused(cause),
    }
}

/// Amount in urine from a time over so many hours; NaN where no collection ends there.
pub fn urine_amount(person: &Measured, from: f64, length: f64) -> f64 {
    let inside = |end: f64| from < end && end <= from + length;
    let parts: Vec<f64> =
        person.urine.iter().filter(|one| inside(one.0)).map(|one| one.1).collect();
    if parts.is_empty() { f64::NAN } else { epsom_maths::sum(&parts) }
}

fn unusable(person: &Measured, cause: Unusable) -> Diagnostic {
    let id = &person.id;
    let at_time = |wanted: f64| {
        let found = person.samples.iter().rposition(|sample| sample.time == wanted);
        found.and_then(|at| person.places.get(at)).copied()
    };
    let (message, place, help) = match cause {
        Unusable::Nothing => {
            (format!("person `{id}` has no concentration after the dose"), None, "give samples")
        }
        Unusable::Unsorted { before, time } => (
            format!("times of person `{id}` do not rise: {time} comes after {before}"),
            at_time(time),
            "sort the rows by time, and give each time once",
        ),
        Unusable::Negative { time, value } => (
            format!("a concentration of person `{id}` is below 0: {value}"),
            at_time(time),
            "a value below the limit of quantification is written `BLQ`",
        ),
        Unusable::NotFinite { at } => (
            format!("a sample of person `{id}` is no finite number"),
            person.places.get(at).copied(),
            "write `.` where there is no value",
        ),
        Unusable::NoBaseline => (
            format!("person `{id}` has no sample before the dose"),
            None,
            "give the baseline as a number, or leave it out",
        ),
    };
    let said = Diagnostic::error("E0744", message).help(help);
    match place {
        Some(span) => said.at(span, "this row"),
        None => said,
    }
}

fn wrong(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("E0743", message)
}
