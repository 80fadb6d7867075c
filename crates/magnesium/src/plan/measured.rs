//! Measured values of serum and urine: words and CSV files to numbers in mmol.

use epsom_diag::Diagnostic;

use super::facts::{Fact, Given};
use super::person::{clock_h, number, unreadable};
use crate::formula::{MAGNESIUM_G_PER_MOL, MMOL_PER_L_PER_MG_PER_DL};

/// A measured serum value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SerumValue {
    /// Total magnesium, mmol/L.
    pub mmol_per_l: f64,
    /// Unit in which it was given.
    pub unit: &'static str,
    /// Day of the regimen, from 1; none before it.
    pub day: Option<u32>,
    /// Clock time, h.
    pub clock_h: Option<f64>,
    /// Before the first meal.
    pub fasting: bool,
}

/// Magnesium in the urine of 24 h.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UrineValue {
    /// mmol a day.
    pub mmol_per_day: f64,
}

/// Facts of a CSV file with the columns `what`, `value`, `unit` and, where known, `day`, `clock`
/// and `fasting`.
///
/// Columns are separated by `;`, a tab or `,`. A decimal comma is read where it can mean nothing
/// else: `0,78` and `12,5`, but not `1,234`, which may be a thousand.
///
/// # Errors
/// `E0685` for a file that is no such table, `E0686` for a number that can be read in two ways.
pub fn read_measured(text: &str) -> Result<Vec<Fact>, Vec<Diagnostic>> {
    let header = text.lines().next().unwrap_or_default();
    let delimiter = [b';', b'\t'].into_iter().find(|&byte| header.contains(byte as char));
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter.unwrap_or(b','))
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let columns = reader.headers().cloned().unwrap_or_default();
    let at = |name: &str| columns.iter().position(|one| one.eq_ignore_ascii_case(name));
    let (Some(what), Some(value), Some(unit)) = (at("what"), at("value"), at("unit")) else {
        let said = Diagnostic::error("E0685", "this file holds no measured values");
        return Err(vec![said.note(format!("its header: {header}")).help(
            "write the header `what;value;unit;day;clock;fasting`; the last three may be left out",
        )]);
    };
    let (mut serum, mut urine, mut found) = (Vec::new(), Vec::new(), Vec::new());
    for (line, record) in reader.records().enumerate() {
        let line = line + 2;
        let Ok(record) = record else {
            found.push(Diagnostic::error("E0685", format!("line {line} is no row of a table")));
            continue;
        };
        let cell = |at: Option<usize>| at.and_then(|at| record.get(at)).unwrap_or_default();
        if record.iter().all(str::is_empty) {
            continue;
        }
        let digits = match decimal(cell(Some(value))) {
            Ok(digits) => digits,
            Err(mut said) => {
                said.message = format!("line {line}: {}", said.message);
                found.push(*said);
                continue;
            }
        };
        let mut words = format!("{digits} {}", cell(Some(unit)));
        match cell(Some(what)).to_lowercase().as_str() {
            "serum" => {
                let extra = [(" on day ", cell(at("day"))), (" at ", cell(at("clock")))];
                for (word, text) in extra.iter().filter(|(_, text)| !text.is_empty()) {
                    words.push_str(&format!("{word}{text}"));
                }
                if matches!(cell(at("fasting")).to_lowercase().as_str(), "true" | "yes" | "1") {
                    words.push_str(" fasting");
                }
                serum.push(words);
            }
            "urine" => urine.push(words),
            other => {
                let message = format!("line {line}: `{other}` is not read here");
                found.push(Diagnostic::error("E0685", message).help("write `serum` or `urine`"));
            }
        }
    }
    if urine.len() > 1 {
        let said = Diagnostic::error("E0685", "more than one urine value");
        found.push(said.help("keep the one that was collected most completely"));
    }
    if !found.is_empty() {
        return Err(found);
    }
    let list = |key, words: Vec<String>| Fact { key, given: Given::List(words), span: None };
    let mut facts = Vec::new();
    if !serum.is_empty() {
        facts.push(list("serum", serum));
    }
    facts.extend(urine.pop().map(|words| Fact {
        key: "urine",
        given: Given::Text(words),
        span: None,
    }));
    if facts.is_empty() {
        let said = Diagnostic::error("E0685", "this file holds no measured values");
        return Err(vec![said.help("write a row such as `serum;0,78;mmol/L;;8:00;yes`")]);
    }
    Ok(facts)
}

/// A number with a point, from one with a point or a comma that can only be decimal.
fn decimal(text: &str) -> Result<String, Box<Diagnostic>> {
    let parts: Vec<&str> = text.split(',').collect();
    match parts[..] {
        [_] => Ok(text.to_string()),
        [whole, part] if !text.contains('.') => {
            // Three digits after a whole part that can lead a thousand may be either.
            let thousands =
                part.len() == 3 && !whole.trim_start_matches(['-', '+']).starts_with('0');
            if thousands {
                let said = Diagnostic::error(
                    "E0686",
                    format!("`{text}` can be read as {whole}.{part} and as {whole}{part}"),
                );
                return Err(Box::new(
                    said.help(format!("write `{whole}.{part}` or `{whole}{part}`")),
                ));
            }
            Ok(format!("{whole}.{part}"))
        }
        _ => {
            let said =
                Diagnostic::error("E0686", format!("`{text}` holds more than one separator"));
            Err(Box::new(said.help("write one decimal point and no separators of thousands")))
        }
    }
}

/// Units of serum magnesium in mmol/L; the ion carries two charges.
pub(super) fn serum_units() -> [(&'static str, f64); 3] {
    [("mmol/L", 1.0), ("mg/dL", MMOL_PER_L_PER_MG_PER_DL), ("mEq/L", 0.5)]
}

/// `0.78 mmol/L`, `0.78 mmol/L on day 14 at 8:00 fasting`, one or several.
pub(super) fn serum(fact: &Fact) -> Result<Vec<SerumValue>, Box<Diagnostic>> {
    let words = match &fact.given {
        Given::List(words) => words.clone(),
        Given::Text(text) => text.split(';').map(str::to_string).collect(),
        Given::Number(number) => {
            let mut said =
                Diagnostic::error("E0682", format!("`serum` is {number} without a unit"));
            for (unit, factor) in serum_units() {
                said = said.note(format!("{number} {unit} is {:.2} mmol/L", number * factor));
            }
            return Err(Box::new(said.help(format!("write `serum = \"{number} mmol/L\"`"))));
        }
        Given::Flag(_) => return Err(unreadable(fact)),
    };
    words.iter().map(|word| one_serum(fact, word)).collect()
}

fn one_serum(fact: &Fact, word: &str) -> Result<SerumValue, Box<Diagnostic>> {
    let word = word.trim();
    let (word, fasting) = match word.strip_suffix("fasting") {
        Some(rest) => (rest.trim_end().trim_end_matches(','), true),
        None => (word, false),
    };
    let (word, clock) = match word.split_once(" at ") {
        Some((rest, clock)) => (rest, Some(clock_h(clock).ok_or_else(|| unreadable(fact))?)),
        None => (word, None),
    };
    let (word, day) = match word.split_once(" on day ") {
        Some((rest, day)) => {
            let day = day.trim().parse().ok().filter(|day| (1..=LAST_DAY).contains(day));
            (rest, Some(day.ok_or_else(|| unreadable(fact))?))
        }
        None => (word, None),
    };
    let of = Fact { given: Given::Text(word.to_string()), ..fact.clone() };
    let mmol_per_l = number(&of, &serum_units())?;
    let lower = word.to_lowercase();
    let own = serum_units().into_iter().find(|(unit, _)| lower.ends_with(&unit.to_lowercase()));
    let unit = own.map_or("mmol/L", |(unit, _)| unit);
    Ok(SerumValue { mmol_per_l, unit, day, clock_h: clock, fasting })
}

/// Latest day of a serum value: ten years.
const LAST_DAY: u32 = 3660;

/// `4.1 mmol/day`.
pub(super) fn urine(fact: &Fact) -> Result<UrineValue, Box<Diagnostic>> {
    let mg = 1.0 / MAGNESIUM_G_PER_MOL;
    let mut units = Vec::new();
    for day in ["day", "d", "24h", "24 h"] {
        for (name, factor) in [("mmol", 1.0), ("mg", mg), ("mEq", 0.5)] {
            units.push((format!("{name}/{day}"), factor));
        }
    }
    let units: Vec<(&str, f64)> =
        units.iter().map(|(name, factor)| (name.as_str(), *factor)).collect();
    Ok(UrineValue { mmol_per_day: number(fact, &units)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_comma_is_read_where_it_can_mean_nothing_else() {
        for (text, read) in [("0,785", "0.785"), ("12,5", "12.5"), ("0.78", "0.78"), ("1,2", "1.2")]
        {
            assert_eq!(decimal(text).unwrap(), read);
        }
        for text in ["1,234", "1,2,3", "1.234,5"] {
            assert_eq!(decimal(text).unwrap_err().code, "E0686", "{text}");
        }
    }

    #[test]
    fn files_of_both_kinds_are_read_alike() {
        let comma =
            "what,value,unit,day,clock,fasting\nserum,0.78,mmol/L,,8:00,yes\nurine,4.1,mmol/day\n";
        let semicolon =
            "what;value;unit;day;clock;fasting\nserum;0,78;mmol/L;;8:00;yes\nurine;4,1;mmol/day\n";
        let found = read_measured(semicolon).expect("facts");
        assert_eq!(found, read_measured(comma).expect("facts"));
        let value = serum(&found[0]).unwrap()[0];
        assert_eq!((value.mmol_per_l, value.clock_h, value.fasting), (0.78, Some(8.0), true));
        assert_eq!(urine(&found[1]).unwrap().mmol_per_day, 4.1);
    }

    #[test]
    fn the_pages_show_their_mistakes() {
        for wanted in ["E0685", "E0686"] {
            let info = epsom_diag::CODES.iter().find(|info| info.code == wanted).expect("a code");
            let (_, example) = info.page.split_once("```csv\n").expect("an example");
            let example = example.split("```").next().unwrap_or_default();
            let said = read_measured(example).expect_err("a mistake");
            assert!(said.iter().any(|one| one.code == wanted), "{wanted}: {said:?}");
        }
    }

    #[test]
    fn what_is_no_table_of_values_is_refused() {
        let code = |text: &str| read_measured(text).unwrap_err()[0].code;
        assert_eq!(code("a,b\n1,2\n"), "E0685");
        assert_eq!(code("what,value,unit\nblood,1,mmol/L\n"), "E0685");
        assert_eq!(code("what;value;unit\nserum;1,234;mg/dL\n"), "E0686");
        assert_eq!(code("what;value;unit\n"), "E0685");
        assert_eq!(code("what;value;unit\nurine;4;mmol/day\nurine;5;mmol/day\n"), "E0685");
    }
}
