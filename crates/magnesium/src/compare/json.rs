//! The comparison for programs.

use epsom_population::Interval;
use serde::Serialize;

use super::{Comparison, Ratios, timing_word};

/// Name and version of the form.
pub const SCHEMA: &str = "epsom.compare/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    forms: Vec<FormJson<'a>>,
    extrapolates: &'a [String],
}

#[derive(Serialize)]
struct FormJson<'a> {
    form: &'a str,
    timing: &'static str,
    elemental_mg_per_day: f64,
    absorbed_mmol_per_day: IntervalJson,
    serum_change_mmol_per_l: IntervalJson,
    csf_change_percent: IntervalJson,
    cmax_mmol_per_l: IntervalJson,
    tmax_h: IntervalJson,
    peak_rise_mmol_per_l: IntervalJson,
    auc_mmol_h_per_l: IntervalJson,
    fluctuation_percent: IntervalJson,
    #[serde(skip_serializing_if = "Option::is_none")]
    over_first: Option<RatiosJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    over_between: Option<RatiosJson>,
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

/// Ratios with the middle 90 % of the draws.
#[derive(Serialize)]
struct RatiosJson {
    auc: Option<RatioJson>,
    peak_rise: Option<RatioJson>,
}

#[derive(Serialize)]
struct RatioJson {
    ratio: f64,
    lo: f64,
    hi: f64,
}

impl From<Ratios> for RatiosJson {
    fn from(all: Ratios) -> Self {
        let of = |one: Interval| RatioJson { ratio: one.median, lo: one.lo, hi: one.hi };
        Self { auc: all.area.map(of), peak_rise: all.peak_rise.map(of) }
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
            cmax_mmol_per_l: arm.measures.cmax_mmol_per_l.into(),
            tmax_h: arm.measures.tmax_h.into(),
            peak_rise_mmol_per_l: arm.measures.peak_rise_mmol_per_l.into(),
            auc_mmol_h_per_l: arm.measures.auc_mmol_h_per_l.into(),
            fluctuation_percent: arm.measures.fluctuation_percent.into(),
            over_first: arm.over_first.map(RatiosJson::from),
            over_between: arm.over_between.map(RatiosJson::from),
            assumed: arm.n_assumed(),
        }
    });
    let document =
        Document { schema: SCHEMA, forms: forms.collect(), extrapolates: &comparison.extrapolates };
    // Numbers and texts only: there is nothing that could fail; a number that is not finite is null.
    serde_json::to_string(&document).unwrap_or_default()
}
