//! A file of people: one row each, columns named as covariates.

use super::Person;
use crate::files::read_text;
use crate::render::Sources;
use crate::simulate::values::Quantity;
use epsom_diag::{Diagnostic, FileId, Span, did_you_mean, list_names};
use epsom_model::ir::Model;
use epsom_units::SubstanceId;
use std::collections::BTreeSet;
use std::path::Path;

/// Most messages of one file; more would hide the first.
const MOST_MESSAGES: usize = 20;

/// What a column holds.
#[derive(Debug, Clone, PartialEq)]
enum Item {
    Id,
    /// A covariate, and the unit that the header gives.
    Covariate(usize, Option<String>),
}

/// People in the order of the file.
///
/// # Errors
/// `E0901`, `E0902` of the file, `E0741` of its header and cells, `E0301` and `E0312` of units.
pub(super) fn read_file(
    path: &Path,
    model: &Model,
    substance: Option<&SubstanceId>,
    sources: &mut Sources,
) -> Result<Vec<Person>, Vec<Diagnostic>> {
    let text = read_text(path, "file of people").map_err(|said| vec![said])?;
    let file = sources.add(path.display().to_string(), text.as_str());
    read(&text, file, model, substance)
}

fn read(
    text: &str,
    file: FileId,
    model: &Model,
    substance: Option<&SubstanceId>,
) -> Result<Vec<Person>, Vec<Diagnostic>> {
    let mut rows = rows(text, file);
    let Some(header) = rows.next() else { return Err(vec![wrong("the file of people is empty")]) };
    let items = read_header(&header, model, substance)?;
    let mut found = Vec::new();
    let mut people: Vec<Person> = Vec::new();
    let mut ids = BTreeSet::new();
    for row in rows {
        if row.len() != items.len() {
            let span = row[0].1.to(row[row.len() - 1].1);
            let message = format!("a row has {} fields, the header {}", row.len(), items.len());
            found.push(
                wrong(message).at(span, "this row").help("write `.` where there is no value"),
            );
            continue;
        }
        let mut person = Person { id: (people.len() + 1).to_string(), covariates: Vec::new() };
        for ((cell, span), item) in row.iter().zip(&items) {
            match item {
                Item::Id => person.id = (*cell).to_string(),
                Item::Covariate(_, _) if is_missing(cell) => {}
                Item::Covariate(at, unit) => {
                    match read_cell(cell, *span, *at, unit.as_deref(), model, substance) {
                        Ok(value) => person.covariates.push((*at, value)),
                        Err(said) => found.push(said),
                    }
                }
            }
        }
        if !ids.insert(person.id.clone()) {
            let message = format!("person `{}` stands twice", person.id);
            found.push(wrong(message).at(row[0].1, "here again").help("give each person one row"));
        }
        people.push(person);
    }
    if people.is_empty() && found.is_empty() {
        found.push(wrong("the file of people has a header and no rows").help("give one row each"));
    }
    let n_hidden = found.len().saturating_sub(MOST_MESSAGES);
    found.truncate(MOST_MESSAGES);
    if let Some(last) = found.last_mut().filter(|_| n_hidden > 0) {
        last.notes.push(format!("{n_hidden} more mistakes are not shown"));
    }
    if found.is_empty() { Ok(people) } else { Err(found) }
}

fn read_header(
    header: &[(&str, Span)],
    model: &Model,
    substance: Option<&SubstanceId>,
) -> Result<Vec<Item>, Vec<Diagnostic>> {
    let (mut items, mut found) = (Vec::new(), Vec::new());
    let names = || model.covariates.iter().map(|one| one.name.as_str());
    for &(cell, span) in header {
        let (name, unit) = match cell.strip_suffix(']').and_then(|cell| cell.split_once('[')) {
            Some((name, unit)) => (name.trim(), Some(unit.to_string())),
            None => (cell, None),
        };
        let exact = names().position(|known| known == name);
        let near = || names().position(|known| known.eq_ignore_ascii_case(name));
        let item = match exact.or_else(near) {
            Some(at) => {
                let text = unit.as_ref().map(|unit| format!("1[{unit}]"));
                if let Some(text) = &text {
                    let quantity = Quantity { text, at: span.start as usize, file: span.file };
                    let covariate = &model.covariates[at];
                    if let Err(mut said) =
                        quantity.to_base(&covariate.unit, substance, &covariate.name)
                    {
                        said.primary.iter_mut().for_each(|label| label.span = span);
                        found.push(said);
                        continue;
                    }
                }
                Item::Covariate(at, unit)
            }
            None if name.eq_ignore_ascii_case("id") => Item::Id,
            None => {
                let said = wrong(format!("the model has no covariate `{name}`"))
                    .at(span, "not a covariate");
                let said = match model.covariates.is_empty() {
                    true => said.note("it has no covariate at all"),
                    false => said.note(format!("it has {}", list_names(names(), 20))),
                };
                found.push(match did_you_mean(name, names()) {
                    Some(near) => said.help(format!("did you mean `{near}`")),
                    None => said.help("remove the column, or name it as the model does"),
                });
                continue;
            }
        };
        let same = |known: &Item| match (known, &item) {
            (Item::Id, Item::Id) => true,
            (Item::Covariate(a, _), Item::Covariate(b, _)) => a == b,
            _ => false,
        };
        if items.iter().any(same) {
            let message = format!("column `{name}` stands twice");
            found.push(wrong(message).at(span, "here again").help("remove one of them"));
        }
        items.push(item);
    }
    if found.is_empty() { Ok(items) } else { Err(found) }
}

/// A number in the unit of the header, else of the covariate; base units.
fn read_cell(
    cell: &str,
    span: Span,
    at: usize,
    unit: Option<&str>,
    model: &Model,
    substance: Option<&SubstanceId>,
) -> Result<f64, Diagnostic> {
    let covariate = &model.covariates[at];
    if !cell.parse::<f64>().is_ok_and(f64::is_finite) {
        return Err(wrong(format!("`{cell}` is no number"))
            .at(span, format!("a value of `{}`", covariate.name))
            .help("write a number, or `.` where there is no value"));
    }
    let text = unit.map_or_else(|| cell.to_string(), |unit| format!("{cell}[{unit}]"));
    let quantity = Quantity { text: &text, at: span.start as usize, file: span.file };
    let value = quantity.to_base(&covariate.unit, substance, &covariate.name);
    let value = value.map_err(|mut said| {
        said.primary.iter_mut().for_each(|label| label.span = span);
        said
    })?;
    let (lo, hi) = covariate.bounds;
    if value < lo || value > hi {
        let range = covariate.unit.range(covariate.bounds);
        return Err(wrong(format!("`{}` is out of its bounds", covariate.name))
            .at(span, format!("the model has it {range}"))
            .help("write `.` where there is no value"));
    }
    Ok(value)
}

fn is_missing(cell: &str) -> bool {
    cell.is_empty() || cell == "." || cell.eq_ignore_ascii_case("na")
}

/// Rows as trimmed cells with their places; blank lines and lines with `#` are no rows.
fn rows(text: &str, file: FileId) -> impl Iterator<Item = Vec<(&str, Span)>> {
    let mut at = 0;
    let lines = text.split_inclusive('\n').map(move |line| {
        let from = at;
        at += line.len();
        (from, line)
    });
    let is_row = |(_, line): &(usize, &str)| {
        let line = line.trim_start_matches('\u{feff}');
        !line.trim().is_empty() && !line.starts_with('#')
    };
    lines.filter(is_row).map(move |(from, line)| {
        let mut at = from;
        let cells = line.split(',').map(|cell| {
            let around = |letter: char| letter.is_whitespace() || "\"\u{feff}".contains(letter);
            let trimmed = cell.trim_matches(around);
            let lead = cell.len() - cell.trim_start_matches(around).len();
            let start = if trimmed.is_empty() { at } else { at + lead };
            at += cell.len() + 1;
            (trimmed, Span::new(file, start, start + trimmed.len()))
        });
        cells.collect()
    })
}

fn wrong(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("E0741", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use epsom_model::ir::{Covariate, DisplayUnit};

    fn model() -> Model {
        let covariate = |name: &str, unit: &str, per_base: f64| Covariate {
            name: name.to_string(),
            unit: DisplayUnit { text: unit.to_string(), per_base },
            default: 1.0,
            interpolation: epsom_model::ir::Interpolation::Forward,
            bounds: (f64::NEG_INFINITY, f64::INFINITY),
            label: String::new(),
        };
        Model {
            covariates: vec![covariate("wt", "kg", 1.0), covariate("gfr", "L/h", 1.0)],
            ..Model::default()
        }
    }

    fn messages(text: &str) -> Vec<String> {
        let said = read(text, FileId(0), &model(), None).expect_err("refused");
        assert!(said.iter().all(|said| said.code.starts_with('E')));
        said.into_iter().map(|said| said.message).collect()
    }

    #[test]
    fn a_value_out_of_bounds_is_refused_in_its_unit() {
        let mut model = model();
        model.covariates[0].bounds = (0.4, 500.0);
        let said = read("id,wt[g]\na,70\n", FileId(0), &model, None).expect_err("refused");
        assert_eq!(said[0].message, "`wt` is out of its bounds");
        assert_eq!(
            said[0].primary.as_ref().map(|label| label.text.as_str()),
            Some("the model has it from 0.4 to 500 kg")
        );
        assert!(read("id,wt[g]\na,70000\n", FileId(0), &model, None).is_ok());
    }

    #[test]
    fn columns_may_come_in_any_order_and_unit() {
        let text = "\u{feff}# people\nGFR[mL/min],id,wt\n100, ann ,60\n.,bob,NA\n";
        let people = read(text, FileId(0), &model(), None).expect("two people");
        assert_eq!(people[0].id, "ann");
        let [(1, gfr), (0, wt)] = people[0].covariates[..] else { panic!("two values") };
        // 100 mL/min are 6 L/h, with two roundings.
        assert!((gfr - 6.0).abs() <= 2.0 * 6.0 * f64::EPSILON && wt == 60.0);
        assert_eq!(people[1], Person { id: "bob".to_string(), covariates: Vec::new() });
        let unnamed = read("wt\n60\n70\n", FileId(0), &model(), None).expect("two people");
        assert_eq!(unnamed[1].id, "2");
    }

    #[test]
    fn each_mistake_has_its_message() {
        for (text, said) in [
            ("", "the file of people is empty"),
            ("id,wt\n", "the file of people has a header and no rows"),
            ("id,weight\na,1\n", "the model has no covariate `weight`"),
            ("id,wt,WT\na,1,1\n", "column `WT` stands twice"),
            ("id,wt\na,x\n", "`x` is no number"),
            ("id,wt\na\n", "a row has 1 fields, the header 2"),
            ("id,wt\na,1\na,2\n", "person `a` stands twice"),
            ("id,wt[h]\na,1\nb,2\n", "units do not match"),
        ] {
            assert_eq!(messages(text), [said], "{text}");
        }
    }
}
