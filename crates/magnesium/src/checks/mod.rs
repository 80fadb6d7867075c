//! The whole-body model held against what was observed.
//!
//! Each row of `evidence/checks.csv` about the whole body is run at the central parameters and at
//! both ends of the renal splay; a row that cannot be run says why. Misses stay in the table.

mod cases;
mod lab;
#[cfg(test)]
mod tests;

use std::fmt::Write;

use cases::CASES;
use epsom_evidence::Tables;
pub use lab::Lab;
use rayon::prelude::*;

/// A row of `checks.csv`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Observed {
    /// Key.
    pub id: String,
    /// What was observed.
    pub quantity: String,
    /// `test`, `calibration` or `descriptive`.
    pub role: String,
    /// The number, where there is one.
    pub value: Option<f64>,
    /// Interval that a prediction is held against: as printed, or 1.96 standard deviations or
    /// errors around the number.
    pub interval: Option<(f64, f64)>,
    /// Unit of the row.
    pub unit: String,
    /// Key of the source.
    pub source_key: String,
    /// As it is shown: `5.1 (2.1 to 17)`.
    pub text: String,
}

/// What the model says of a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The observation.
    pub observed: Observed,
    /// At the central parameters, with set A and with set B; none where it cannot be run.
    pub predicted: Option<[f64; 3]>,
    /// Digits behind the point.
    pub decimals: usize,
    /// The verdict.
    pub verdict: Verdict,
    /// What was run, or why nothing was.
    pub how: &'static str,
}

/// How a prediction stands to its observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Inside the interval.
    Pass,
    /// Outside.
    Miss,
    /// Inside, but the model was fitted or set to it.
    CalibrationPass,
    /// Outside, although the model was fitted or set to it.
    CalibrationMiss,
    /// No interval: percent that the prediction lies above the number, where there is one.
    Descriptive(Option<i32>),
    /// The same of a number that the model was fitted or set to.
    CalibrationDescriptive(Option<i32>),
    /// Cannot be run.
    NotRun,
}

impl Verdict {
    /// In words.
    pub fn words(self) -> String {
        match self {
            Self::Pass => "pass".to_string(),
            Self::Miss => "**miss**".to_string(),
            Self::CalibrationPass => "pass (calibration)".to_string(),
            Self::CalibrationMiss => "**miss** (calibration)".to_string(),
            Self::Descriptive(by) => above(by),
            Self::CalibrationDescriptive(by) => format!("{} (calibration)", above(by)),
            Self::NotRun => "not run".to_string(),
        }
    }
}

fn above(by: Option<i32>) -> String {
    by.map_or("descriptive".to_string(), |by| format!("descriptive, {by:+} %"))
}

/// Every row, in the order of the table.
///
/// # Errors
/// What is wrong with the table, or the row and cause of a run that stopped.
pub fn outcomes(lab: &Lab<'_>, evidence: &Tables) -> Result<Vec<Outcome>, String> {
    let sets = [lab.set("central"), lab.set("A"), lab.set("B")];
    CASES
        .par_iter()
        .map(|case| {
            let observed = observed(case.id, evidence)?;
            let predicted = match case.predict {
                None => None,
                Some(predict) => {
                    let mut found = [0.0; 3];
                    for (value, params) in found.iter_mut().zip(&sets) {
                        *value = predict(&lab.with(params.clone()))
                            .map_err(|why| format!("{}: {why}", case.id))?;
                    }
                    Some(found)
                }
            };
            let verdict = verdict(&observed, predicted.map(|found| found[0]));
            Ok(Outcome { observed, predicted, decimals: case.decimals, verdict, how: case.how })
        })
        .collect()
}

fn verdict(observed: &Observed, predicted: Option<f64>) -> Verdict {
    let Some(predicted) = predicted else { return Verdict::NotRun };
    let inside = observed.interval.map(|(lo, hi)| lo <= predicted && predicted <= hi);
    let by = observed.value.map(|value| (100.0 * (predicted / value - 1.0)).round() as i32);
    match (observed.role.as_str(), inside) {
        ("calibration", None) => Verdict::CalibrationDescriptive(by),
        (_, None) => Verdict::Descriptive(by),
        ("calibration", Some(true)) => Verdict::CalibrationPass,
        ("calibration", Some(false)) => Verdict::CalibrationMiss,
        (_, Some(true)) => Verdict::Pass,
        (_, Some(false)) => Verdict::Miss,
    }
}

/// The row of this key.
fn observed(id: &str, evidence: &Tables) -> Result<Observed, String> {
    let text = evidence.text("checks.csv").ok_or("there is no table checks.csv")?;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| error.to_string())?.clone();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let cell = |name: &str| {
            let at = header.iter().position(|column| column == name);
            at.and_then(|at| record.get(at)).unwrap_or_default()
        };
        if cell("id") != id {
            continue;
        }
        let number = |name: &str| cell(name).parse::<f64>().ok();
        let value = number("observed");
        let around = |sd: f64| value.map(|value| (value - 1.96 * sd, value + 1.96 * sd));
        let interval = match (number("lo"), number("hi"), number("spread")) {
            (Some(lo), Some(hi), _) => Some((lo, hi)),
            (None, Some(hi), _) => Some((f64::NEG_INFINITY, hi)),
            (_, _, Some(sd)) => around(sd),
            _ => None,
        };
        return Ok(Observed {
            id: id.to_string(),
            quantity: cell("quantity").to_string(),
            role: cell("role").to_string(),
            value,
            interval,
            unit: cell("unit").to_string(),
            source_key: cell("source_key").to_string(),
            text: shown(&cell),
        });
    }
    Err(format!("there is no row {id}"))
}

fn shown<'a>(cell: &dyn Fn(&str) -> &'a str) -> String {
    let (value, lo, hi) = (cell("observed"), cell("lo"), cell("hi"));
    match (value, lo, hi, cell("spread")) {
        ("", "", "", _) => cell("value_published").to_string(),
        ("", "", hi, _) => format!("below {hi}"),
        ("", lo, hi, _) => format!("{lo} to {hi}"),
        (value, "", "", "") => value.to_string(),
        (value, "", "", spread) => format!("{value} ({} {spread})", cell("spread_kind")),
        (value, lo, hi, _) => format!("{value} ({lo} to {hi})"),
    }
}

/// The table as Markdown: observation, observed, model, sets A and B, verdict, what was run.
pub fn markdown(outcomes: &[Outcome]) -> String {
    let mut text = String::from(
        "| row | observation | observed | model | A / B | verdict | run |\n|---|---|---|---|---|---|---|\n",
    );
    for one in outcomes {
        let (observed, places) = (&one.observed, one.decimals);
        let unit =
            if observed.unit == "1" { String::new() } else { format!(", {}", observed.unit) };
        let (model, sets) =
            one.predicted.map_or(("-".to_string(), "-".to_string()), |[c, a, b]| {
                (format!("{c:.places$}"), format!("{a:.places$} / {b:.places$}"))
            });
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| {} | {}{unit} ({}) | {} | {model} | {sets} | {} | {} |",
            observed.id,
            observed.quantity,
            observed.source_key,
            observed.text,
            one.verdict.words(),
            one.how
        );
    }
    text
}
