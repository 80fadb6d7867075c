//! What a run found, ready to be shown.

use super::run::{Ran, Setup, Swing};
use epsom_maths::quantile;
use epsom_model::ir::Param;
use epsom_population::Width;
use epsom_population::sobol::{Index, Share};
use serde_json::{Value, json};

/// Schema of the JSON form.
const SCHEMA: &str = "epsom.sensitivity/1";

/// Everything.
pub(super) struct Result {
    pub(super) model: String,
    pub(super) title: String,
    pub(super) outputs: Vec<OutputResult>,
    pub(super) window_h: (f64, f64),
    pub(super) n: u32,
    pub(super) seed: u64,
    pub(super) interrupted: bool,
    /// Rows that were run.
    pub(super) n_done: usize,
}

/// Of one output.
pub(super) struct OutputResult {
    pub(super) name: String,
    pub(super) unit: String,
    /// The change with typical parameters.
    pub(super) typical: f64,
    /// Median and middle 95 % of the change over all draws.
    pub(super) median: f64,
    pub(super) lo: f64,
    pub(super) hi: f64,
    pub(super) n_used: usize,
    pub(super) n_left_out: usize,
    /// Largest total index first.
    pub(super) factors: Vec<Factor>,
    /// Whether there are indices: the change differs between draws.
    pub(super) has_indices: bool,
}

/// One parameter, or a block of correlated ones.
pub(super) struct Factor {
    pub(super) members: Vec<Member>,
    pub(super) first: Share,
    pub(super) total: Share,
}

/// One parameter.
pub(super) struct Member {
    pub(super) name: String,
    pub(super) unit: String,
    /// How its value is known.
    pub(super) level: &'static str,
    /// How its width is known.
    pub(super) spread: &'static str,
    /// Its 2.5 and 97.5 % quantiles, shown units.
    pub(super) values: [f64; 2],
    /// The change there, all others typical.
    pub(super) changes: [f64; 2],
}

impl Member {
    /// How far the change moves.
    pub(super) fn reach(&self) -> f64 {
        (self.changes[1] - self.changes[0]).abs()
    }
}

impl Factor {
    /// Names of its parameters.
    pub(super) fn name(&self) -> String {
        let names: Vec<&str> = self.members.iter().map(|one| one.name.as_str()).collect();
        names.join(" + ")
    }

    /// How its values are known; of a block the weakest.
    pub(super) fn level(&self) -> &'static str {
        let weakest =
            LEVELS.iter().find(|level| self.members.iter().any(|one| one.level == **level));
        weakest.copied().unwrap_or(MEASURED)
    }
}

/// A value measured in people.
pub(super) const MEASURED: &str = "measured";
/// How a value is known, the weakest first.
const LEVELS: [&str; 4] = ["assumed", "animals or cells", "recalled", MEASURED];

/// How a parameter's value is known.
fn level(param: &Param) -> &'static str {
    let from = &param.provenance;
    if from.rows.is_empty() || from.assumption_row {
        LEVELS[0]
    } else if from.not_human {
        LEVELS[1]
    } else if from.recalled {
        LEVELS[2]
    } else {
        MEASURED
    }
}

fn spread(width: Width) -> &'static str {
    match width {
        Width::Sourced => "from its row",
        Width::Assumed => "assumed",
        Width::Default => "default, none was given",
        Width::Fixed | Width::Zero => "none",
    }
}

/// The result of a run.
pub(super) fn result(setup: &Setup<'_>, ran: &Ran) -> Result {
    let model = &setup.plan.model;
    let widths: Vec<Width> = setup.sampler.widths().collect();
    let member = |swing: &Swing, at: usize| {
        let param = &model.params[swing.param];
        Member {
            name: param.name.clone(),
            unit: param.unit.text.clone(),
            level: level(param),
            spread: spread(widths[swing.param]),
            values: swing.values.map(|value| value * param.unit.per_base),
            changes: [0, 1].map(|end: usize| swing.changes[end][at]),
        }
    };
    let none = Share { value: f64::NAN, lo: f64::NAN, hi: f64::NAN };
    let of = |(at, &output): (usize, &usize)| {
        let table = &ran.tables[at];
        let indices = table.indices(setup.seed);
        let index = |factor: usize| match &indices {
            Some(list) => list[factor],
            None => Index { first: none, total: none },
        };
        let factor = |(number, params): (usize, &Vec<usize>)| {
            let own = ran.swings.iter().filter(|swing| params.contains(&swing.param));
            let members = own.map(|swing| member(swing, at)).collect();
            let Index { first, total } = index(number);
            Factor { members, first, total }
        };
        let mut factors: Vec<Factor> = setup.factors.iter().enumerate().map(factor).collect();
        factors.sort_by(|a, b| b.total.value.total_cmp(&a.total.value));
        let draws = table.draws();
        let one = &model.outputs[output];
        OutputResult {
            name: one.name.clone(),
            unit: one.unit.text.clone(),
            typical: ran.typical[at],
            median: quantile(&draws, 0.5),
            lo: quantile(&draws, 0.025),
            hi: quantile(&draws, 0.975),
            n_used: table.n(),
            n_left_out: table.n_left_out(),
            factors,
            has_indices: indices.is_some(),
        }
    };
    Result {
        model: model.name.clone(),
        title: if model.title.is_empty() { model.name.clone() } else { model.title.clone() },
        outputs: setup.outputs.iter().enumerate().map(of).collect(),
        window_h: setup.window_h,
        n: setup.n,
        seed: setup.seed,
        interrupted: ran.interrupted,
        n_done: ran.n_done,
    }
}

impl Result {
    /// The JSON form.
    pub(super) fn json(&self) -> Value {
        let outputs: Vec<Value> = self.outputs.iter().map(of_output).collect();
        json!({
            "schema": SCHEMA,
            "model": self.model,
            "result": "mean over the window less that without a dose",
            "window_h": [self.window_h.0, self.window_h.1],
            "n": self.n,
            "n_done": self.n_done,
            "seed": self.seed,
            "interrupted": self.interrupted,
            "outputs": outputs,
        })
    }
}

fn of_output(one: &OutputResult) -> Value {
    let share = |share: Share| json!({"value": finite(share.value), "lo": finite(share.lo), "hi": finite(share.hi)});
    let member = |one: &Member| {
        json!({
            "name": one.name, "unit": one.unit, "level": one.level, "spread": one.spread,
            "low": finite(one.values[0]), "high": finite(one.values[1]),
            "at_low": finite(one.changes[0]), "at_high": finite(one.changes[1]),
        })
    };
    let factor = |one: &Factor| {
        let params: Vec<Value> = one.members.iter().map(member).collect();
        json!({"params": params, "first": share(one.first), "total": share(one.total)})
    };
    let factors: Vec<Value> = one.factors.iter().map(factor).collect();
    json!({
        "name": one.name, "unit": one.unit, "typical": finite(one.typical),
        "median": finite(one.median), "lo": finite(one.lo), "hi": finite(one.hi),
        "n_used": one.n_used, "n_left_out": one.n_left_out, "factors": factors,
    })
}

fn finite(value: f64) -> Value {
    if value.is_finite() { json!(value) } else { Value::Null }
}
