//! The plan of targets: what is run, what it is held against, and for what it is used.

use std::collections::BTreeMap;

use epsom_evidence::Tables;

use super::cases::{Case, cases};

/// The plan as committed: `models/magnesium/targets.csv`.
pub const PLAN: &str = include_str!("../../../../models/magnesium/targets.csv");

/// What a target is used for; set down before anything was calibrated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// A parameter was fitted or set to it.
    Calibration,
    /// Held against the model, and counted.
    Checking,
    /// Known to disagree with the other studies of its kind: shown, not counted.
    Outlier,
    /// Without an interval: shown, not counted.
    Descriptive,
    /// Cannot be run.
    NotRun,
}

/// A target of the plan with its observation.
#[derive(Debug, Clone)]
pub struct Target {
    /// Key in `checks.csv`.
    pub id: String,
    /// Topic that it is listed under.
    pub group: String,
    /// What it is used for.
    pub used_for: Use,
    /// Digits behind the point.
    pub decimals: usize,
    /// What is run, in words, or why nothing is.
    pub how: String,
    /// Most likely cause of a miss; empty where there is none to explain.
    pub cause: String,
    /// Why the interval is what it is, where it was declared here.
    pub margin_reason: String,
    /// The observation.
    pub observed: Observed,
    pub(super) case: Option<(&'static Case, Args)>,
}

/// A row of `checks.csv`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Observed {
    /// What was observed.
    pub quantity: String,
    /// The number, where there is one.
    pub value: Option<f64>,
    /// Interval that a prediction is held against: as printed, 1.96 standard deviations or errors
    /// around the number, or the margin of the plan.
    pub interval: Option<(f64, f64)>,
    /// Standard error of the number, where it follows from what is printed.
    pub error: Option<f64>,
    /// Unit of the row.
    pub unit: String,
    /// Key of the source.
    pub source_key: String,
    /// As it is shown: `5.1 (2.1 to 17)`.
    pub text: String,
}

/// What the plan says to a case: `mmol=7 over_h=1`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Args(BTreeMap<String, String>);

impl Args {
    /// A number; NaN where it is none.
    pub(super) fn number(&self, key: &str) -> f64 {
        self.word(key).parse().unwrap_or(f64::NAN)
    }

    /// A word; empty where it is not said.
    pub(super) fn word(&self, key: &str) -> &str {
        self.0.get(key).map_or("", String::as_str)
    }
}

/// Reads the plan and the observations it names.
///
/// # Errors
/// The line that makes no sense, and why.
pub fn targets(plan: &str, evidence: &Tables) -> Result<Vec<Target>, String> {
    let observations = table(evidence.text("checks.csv").ok_or("there is no table checks.csv")?)?;
    let mut found: Vec<Target> = Vec::new();
    for row in table(plan)? {
        let id = row.cell("id").to_string();
        let wrong = |why: &str| format!("{id}: {why}");
        if found.last().is_some_and(|last| last.id >= id) {
            return Err(wrong("rows are not sorted by their key"));
        }
        let observation = observations.iter().find(|one| one.cell("id") == id);
        let observation = observation.ok_or_else(|| wrong("no such row in checks.csv"))?;
        let used_for = match row.cell("use") {
            "calibration" => Use::Calibration,
            "checking" => Use::Checking,
            "outlier" => Use::Outlier,
            "descriptive" => Use::Descriptive,
            "not run" => Use::NotRun,
            _ => return Err(wrong("`use` is no word of the plan")),
        };
        let case = match row.cell("case") {
            "" => None,
            text => Some(read_case(text).map_err(|why| wrong(&why))?),
        };
        if case.is_none() != (used_for == Use::NotRun) {
            return Err(wrong("what is `not run` has no case, and everything else has one"));
        }
        let observed = observed(observation, &row);
        if (used_for == Use::Checking) && observed.interval.is_none() {
            return Err(wrong("a target without an interval is descriptive"));
        }
        let text = |name: &str| row.cell(name).to_string();
        found.push(Target {
            group: text("group"),
            used_for,
            decimals: row.cell("decimals").parse().map_err(|_| wrong("`decimals`"))?,
            how: text("how"),
            cause: text("cause"),
            margin_reason: text("margin_reason"),
            observed,
            case,
            id,
        });
    }
    Ok(found)
}

fn read_case(text: &str) -> Result<(&'static Case, Args), String> {
    let mut words = text.split_whitespace();
    let name = words.next().unwrap_or_default();
    let case = cases().find(|case| case.name == name);
    let case = case.ok_or_else(|| format!("there is no case `{name}`"))?;
    let mut args = BTreeMap::new();
    for word in words {
        let (key, value) = word.split_once('=').ok_or_else(|| format!("`{word}` has no `=`"))?;
        if !case.keys.contains(&key) || args.insert(key.into(), value.into()).is_some() {
            return Err(format!("`{key}` is unknown to `{name}`, or said twice"));
        }
    }
    match case.keys.iter().find(|key| !args.contains_key(**key)) {
        Some(key) => Err(format!("`{name}` needs `{key}`")),
        None => Ok((case, Args(args))),
    }
}

/// A row of a table, by column.
pub(crate) struct Row(BTreeMap<String, String>);

impl Row {
    pub(crate) fn cell(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.cell(name).parse().ok()
    }
}

/// Rows of a CSV text.
pub(crate) fn table(text: &str) -> Result<Vec<Row>, String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| error.to_string())?.clone();
    let row = |record: csv::StringRecord| {
        Row(header.iter().zip(&record).map(|(name, cell)| (name.into(), cell.into())).collect())
    };
    reader.records().map(|one| one.map(row).map_err(|error| error.to_string())).collect()
}

fn observed(row: &Row, plan: &Row) -> Observed {
    let (value, spread) = (row.number("observed"), row.number("spread"));
    let printed = match (row.number("lo"), row.number("hi"), value, spread) {
        (Some(lo), Some(hi), ..) => Some((lo, hi)),
        (None, Some(hi), ..) => Some((f64::NEG_INFINITY, hi)),
        (_, _, Some(value), Some(sd)) => Some((value - 1.96 * sd, value + 1.96 * sd)),
        _ => None,
    };
    // What is reported as unchanged lies around 0.
    let around = |margin: f64| (value.unwrap_or(0.0) - margin, value.unwrap_or(0.0) + margin);
    let interval = plan.number("margin").map(around).or(printed);
    let error = match (row.cell("spread_kind"), plan.number("n"), interval) {
        ("sem", ..) => spread,
        ("sd", Some(n), _) => spread.map(|sd| sd / n.sqrt()),
        ("ci95", _, Some((lo, hi))) => Some((hi - lo) / (2.0 * 1.96)),
        _ => None,
    };
    Observed {
        quantity: row.cell("quantity").to_string(),
        value,
        interval,
        error,
        unit: row.cell("unit").to_string(),
        source_key: row.cell("source_key").to_string(),
        text: shown(row, plan.cell("margin")),
    }
}

fn shown(row: &Row, margin: &str) -> String {
    let cell = |name: &str| row.cell(name);
    let text = match (cell("observed"), cell("lo"), cell("hi"), cell("spread")) {
        ("", "", "", _) => cell("value_published").to_string(),
        ("", "", hi, _) => format!("below {hi}"),
        ("", lo, hi, _) => format!("{lo} to {hi}"),
        (value, "", "", "") => value.to_string(),
        (value, "", "", spread) => format!("{value} ({} {spread})", cell("spread_kind")),
        (value, lo, hi, _) => format!("{value} ({lo} to {hi})"),
    };
    if margin.is_empty() { text } else { format!("{text} (margin {margin})") }
}
