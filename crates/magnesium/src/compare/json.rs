//! The comparison for programs.

use epsom_population::Interval;
use serde::Serialize;

use super::{Comparison, timing_word};

/// Name and version of the form.
pub const SCHEMA: &str = "epsom.compare/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    forms: Vec<FormJson<'a>>,
}

#[derive(Serialize)]
struct FormJson<'a> {
    form: &'a str,
    timing: &'static str,
    elemental_mg_per_day: f64,
    absorbed_mmol_per_day: IntervalJson,
    serum_change_mmol_per_l: IntervalJson,
    csf_change_percent: IntervalJson,
    assumed: usize,
}

#[derive(Serialize)]
struct IntervalJson {
    median: f64,
    lo: f64,
    hi: f64,
}

impl From<Interval> for IntervalJson {
    fn from(one: Interval) -> Self {
        Self { median: one.median, lo: one.lo, hi: one.hi }
    }
}

/// One line of JSON, schema [`SCHEMA`]: `lo` and `hi` are the middle 95 % over the draws.
pub fn to_json(comparison: &Comparison) -> String {
    let forms = comparison.arms.iter().map(|arm| {
        let form = &comparison.settings.forms[arm.form];
        FormJson {
            form: &form.name,
            timing: timing_word(arm.timing),
            elemental_mg_per_day: form.daily.elemental().mg,
            absorbed_mmol_per_day: arm.measures.absorbed_mmol_per_day.into(),
            serum_change_mmol_per_l: arm.measures.serum_mmol_per_l.into(),
            csf_change_percent: arm.measures.csf_percent.into(),
            assumed: arm.n_assumed(),
        }
    });
    let document = Document { schema: SCHEMA, forms: forms.collect() };
    // Numbers and texts only: there is nothing that could fail; a number that is not finite is null.
    serde_json::to_string(&document).unwrap_or_default()
}
