//! What is said of a person, from TOML text or from single words: keys and values with their place.

use epsom_diag::{Diagnostic, FileId, Span, did_you_mean, list_names};

/// One fact as given.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// Which.
    pub key: &'static str,
    /// What was said.
    pub given: Given,
    /// Where, for messages.
    pub span: Option<Span>,
}

/// What was said.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// A bare number.
    Number(f64),
    /// Words, or a number with its unit.
    Text(String),
    /// Yes or no.
    Flag(bool),
    /// Several.
    List(Vec<String>),
}

/// Every fact: its key and what it holds, with an example that the template shows.
pub const KEYS: &[(&str, &str, &str)] = &[
    ("age", "years", "54"),
    ("sex", "\"female\" or \"male\"", "\"female\""),
    ("weight", "kg", "68"),
    ("height", "cm", "165"),
    ("pregnant", "true or false", "false"),
    ("lactating", "true or false", "false"),
    (
        "serum",
        "total serum magnesium with its unit and, where known, the day of the regimen, the clock \
         time and whether fasting; several in a list",
        "[\"0.78 mmol/L at 8:00 fasting\", \"0.80 mmol/L on day 14 at 11:00\"]",
    ),
    (
        "urine",
        "magnesium in the urine of 24 h before the regimen, with its unit",
        "\"4.1 mmol/day\"",
    ),
    ("creatinine", "serum creatinine with its unit, mg/dL or umol/L", "\"0.9 mg/dL\""),
    ("egfr", "estimated filtration, mL/min per 1.73 m2", "78"),
    ("crcl", "creatinine clearance, mL/min; another quantity than egfr", "85"),
    (
        "albumin",
        "g/L or g/dL with its unit; what a serum value would be at a usual one is shown beside it",
        "42",
    ),
    (
        "diet",
        "magnesium in food a day, mg, or a pattern of food: \"omnivore\", \"flexitarian\", \
         \"pescatarian\", \"vegetarian\", \"vegan\", \"dash\", \"few vegetables\"",
        "300",
    ),
    (
        "fiber",
        "\"usual\", \"high\" (bran, whole grain), or phytic acid of a meal such as \"0.8 mmol\"",
        "\"usual\"",
    ),
    ("bowel", "\"normal\", \"constipated\", \"diarrhea\" or \"obstructed\"", "\"normal\""),
    ("conditions", "such as \"heart block\", \"myasthenia gravis\", \"CKD stage 3\"", "[]"),
    (
        "medicines",
        "medicines and supplements, with clock times where they are fixed",
        "[\"levothyroxine at 7:00\"]",
    ),
    ("goal", "in words; what the evidence holds on it is shown, nothing is computed", "\"sleep\""),
];

/// A person file with every key, its meaning and an example.
pub fn template() -> String {
    let mut text = String::from(
        "# A person for `epsom plan`. Every line may be left out: what is missing widens the\n\
         # intervals and is listed. Lines that start with # are not read.\n\n",
    );
    for (key, meaning, example) in KEYS {
        text.push_str(&format!("# {meaning}\n# {key} = {example}\n"));
    }
    text
}

/// Facts of a person file.
///
/// # Errors
/// `E0682` for text that is no TOML, unknown keys and values of a wrong kind; all at once.
pub fn read_facts(text: &str, file: FileId) -> Result<Vec<Fact>, Vec<Diagnostic>> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let said = Diagnostic::error("E0682", format!("not a person file: {}", error.message()));
        let said = match error.span() {
            Some(at) => said.at(span(file, at.start, at.end), "here"),
            None => said,
        };
        vec![said.help("`epsom plan --template` prints one with every key")]
    })?;
    let (mut facts, mut found) = (Vec::new(), Vec::new());
    for (key, value) in &table {
        let place = place(text, key, file);
        let given = match value {
            toml::Value::Integer(number) => Some(Given::Number(*number as f64)),
            toml::Value::Float(number) => Some(Given::Number(*number)),
            toml::Value::String(words) => Some(Given::Text(words.clone())),
            toml::Value::Boolean(flag) => Some(Given::Flag(*flag)),
            toml::Value::Array(parts) => {
                let words = parts.iter().map(|part| part.as_str().map(str::to_string));
                words.collect::<Option<Vec<_>>>().map(Given::List)
            }
            _ => None,
        };
        match (known(key), given) {
            (None, _) => found.push(at(unknown_key(key), place)),
            (Some(key), Some(given)) => facts.push(Fact { key, given, span: place }),
            (Some(key), None) => {
                let said = Diagnostic::error(
                    "E0682",
                    format!("`{key}` holds a value of a kind that is not read"),
                );
                found.push(at(said.help(format!("it holds {}", meaning(key))), place));
            }
        }
    }
    if found.is_empty() { Ok(facts) } else { Err(found) }
}

/// One fact from a word of the command line: a number, `true`, `false`, or words.
///
/// # Errors
/// `E0682` for an unknown key.
pub fn fact(key: &str, value: &str) -> Result<Fact, Box<Diagnostic>> {
    let Some(key) = known(key) else { return Err(Box::new(unknown_key(key))) };
    let given = match (value, value.parse::<f64>()) {
        (_, Ok(number)) => Given::Number(number),
        ("true", _) => Given::Flag(true),
        ("false", _) => Given::Flag(false),
        _ => Given::Text(value.to_string()),
    };
    Ok(Fact { key, given, span: None })
}

/// What a key holds.
pub(super) fn meaning(key: &str) -> &'static str {
    KEYS.iter().find(|(name, ..)| *name == key).map_or("", |(_, meaning, _)| meaning)
}

/// The message at its place, where that is known.
pub(super) fn at(said: Diagnostic, span: Option<Span>) -> Diagnostic {
    match span {
        Some(span) => said.at(span, "here"),
        None => said,
    }
}

fn known(key: &str) -> Option<&'static str> {
    KEYS.iter().map(|(name, ..)| *name).find(|name| *name == key)
}

fn unknown_key(key: &str) -> Diagnostic {
    let names = || KEYS.iter().map(|(name, ..)| *name);
    let said = Diagnostic::error("E0682", format!("`{key}` is no fact of a person"));
    match did_you_mean(key, names()) {
        Some(name) => said.help(format!("did you mean `{name}`")),
        None if key == "supplements" => said.help("supplements stand among `medicines`"),
        None => said.note(format!("facts: {}", list_names(names(), 20))),
    }
}

fn span(file: FileId, start: usize, end: usize) -> Span {
    Span { file, start: start as u32, end: end as u32 }
}

/// Where a key stands at the start of a line.
fn place(text: &str, key: &str, file: FileId) -> Option<Span> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let rest = line.trim_start();
        let from = start + line.len() - rest.len();
        if rest.strip_prefix(key).is_some_and(|after| after.trim_start().starts_with('=')) {
            return Some(span(file, from, from + line.trim().len()));
        }
        start += line.len();
    }
    None
}
