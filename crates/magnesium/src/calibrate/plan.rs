//! What is fitted, and what is known of it before.

use epsom_evidence::{Spread, Tables, ValueRow};
use epsom_maths::{exp, ln};
use epsom_model::ir::Model;
use epsom_population::fit::Prior;

use crate::qualify::table;

/// The table as committed: `models/magnesium/calibration.csv`.
pub const CALIBRATION: &str = include_str!("../../../../models/magnesium/calibration.csv");

/// Standard normal quantile of 97.5 %, as rows print intervals.
pub(super) const Z: f64 = 1.96;

/// Row of the difference between methods and studies.
const METHOD: &str = "EPS140";

/// A parameter before the data.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// Name in the model.
    pub parameter: String,
    /// Its place among the parameters of the model.
    pub at: usize,
    /// Row of the prior.
    pub prior_row: String,
    /// Center of the prior, base units.
    pub center: f64,
    /// Standard deviation of the logarithm.
    pub log_sd: f64,
    /// Why it is that; empty where the row prints a spread.
    pub log_sd_reason: String,
    /// Lowest and highest value that it may take: the interval that the row prints, or else the
    /// middle 95 % of the prior.
    pub bounds: (f64, f64),
    /// Key of the row that takes the result.
    pub row: String,
    /// What it is.
    pub meaning: String,
    /// Unit of the prior's row.
    pub unit: String,
}

impl Known {
    pub(super) fn prior(&self) -> Prior {
        let (lo, hi) = (ln(self.bounds.0), ln(self.bounds.1));
        Prior { center: ln(self.center), sd: self.log_sd, lo, hi }
    }
}

/// Reads the table of what is fitted.
///
/// # Errors
/// The line that makes no sense, and why.
pub fn known(model: &Model, evidence: &Tables, text: &str) -> Result<Vec<Known>, String> {
    let mut found: Vec<Known> = Vec::new();
    for row in table(text)? {
        let parameter = row.cell("parameter").to_string();
        let wrong = |why: &str| format!("parameter `{parameter}`: {why}");
        let at = model.params.iter().position(|param| param.name == parameter);
        let at = at.ok_or_else(|| wrong("the model has none of this name"))?;
        if found.iter().any(|one| one.at == at) {
            return Err(wrong("it stands there twice"));
        }
        if row.cell("transformation") != "log" {
            return Err(wrong("`transformation` is `log`"));
        }
        let prior_row = row.cell("prior_row").to_string();
        let value = evidence.value(&prior_row);
        let value = value.ok_or_else(|| wrong(&format!("there is no row `{prior_row}`")))?;
        let center = value.printed().map(|printed| printed.value());
        let center = center.filter(|center| *center > 0.0);
        let center = center.ok_or_else(|| wrong("its prior is no number above 0"))?;
        let log_sd_reason = row.cell("log_sd_reason").to_string();
        let stated = row.cell("log_sd").parse().ok().filter(|sd: &f64| *sd > 0.0);
        let (log_sd, bounds) = match (printed_interval(value), stated) {
            (Some((lo, hi)), None) => (ln(hi / lo) / (2.0 * Z), (lo, hi)),
            (None, Some(sd)) if !log_sd_reason.is_empty() => {
                (sd, (center * exp(-Z * sd), center * exp(Z * sd)))
            }
            (Some(_), Some(_)) => {
                return Err(wrong("its row prints a spread: leave `log_sd` empty"));
            }
            (None, Some(_)) => return Err(wrong("`log_sd` needs a reason")),
            (None, None) => return Err(wrong("its row prints no spread: state `log_sd` above 0")),
        };
        found.push(Known {
            at,
            prior_row,
            center,
            log_sd,
            log_sd_reason,
            bounds,
            row: row.cell("row").to_string(),
            meaning: row.cell("meaning").to_string(),
            unit: value.unit.clone(),
            parameter,
        });
    }
    if found.is_empty() { Err("it names no parameter".to_string()) } else { Ok(found) }
}

/// The interval that says how well the number is known.
fn printed_interval(row: &ValueRow) -> Option<(f64, f64)> {
    match row.spread {
        Spread::Ci95 { lo, hi } | Spread::Range { lo: Some(lo), hi: Some(hi) } => {
            (0.0 < lo && lo < hi).then_some((lo, hi))
        }
        _ => None,
    }
}

/// Difference between methods and studies, as a standard deviation of a logarithm.
pub(super) fn method_sd(evidence: &Tables) -> Result<f64, String> {
    let row = evidence.value(METHOD).and_then(ValueRow::printed);
    row.map(|printed| printed.value()).ok_or_else(|| format!("there is no number in {METHOD}"))
}
