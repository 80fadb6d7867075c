//! Exposure as text, table and JSON.

use super::metrics::{Found, METRICS, Metric, Units};
use super::ratios::{Compared, ratio_cells, verdict_words};
use super::split;
use crate::compare::{finish, plain};
use epsom_maths::{exp, ln, mean, quantile, variance};
use epsom_report::{Column, Table, Values, significant};
use serde_json::{Map, Value, json};

/// Schema of the JSON form.
pub(crate) const SCHEMA: &str = "epsom.nca/1";
/// Most profiles with a column of their own.
const MOST_COLUMNS: usize = 4;
/// Digits of a number on a terminal.
const DIGITS: usize = 4;

/// Everything that was found.
pub(crate) struct Report {
    /// Profiles.
    pub(crate) found: Vec<Found>,
    /// Their units.
    pub(crate) units: Units,
    /// What was looked at, such as a concentration's name.
    pub(crate) of: String,
    /// Partial areas asked for.
    pub(crate) partial: Vec<(f64, f64)>,
    /// Ratios, with what they are of.
    pub(crate) ratios: Option<(String, Vec<Compared>)>,
    /// Facts in words: rules, what to mind.
    pub(crate) notes: Vec<String>,
}

impl Report {
    /// The measures that any profile has.
    fn metrics(&self) -> Vec<&'static Metric> {
        let any = |metric: &&Metric| self.found.iter().any(|one| metric.value(one).is_finite());
        METRICS.iter().filter(any).collect()
    }

    fn partial_name(&self, at: usize) -> String {
        let (from, to) = self.partial[at];
        let shown = epsom_report::shortest;
        format!("auc_{}_{}", shown(from), shown(to))
    }

    /// Words of a profile: person, group, draw.
    fn name(one: &Found) -> String {
        let mut name = one.id.clone();
        if !one.group.is_empty() {
            name.push_str(&format!(" {}", one.group));
        }
        if let Some(draw) = one.draw {
            name.push_str(&format!(" draw {draw}"));
        }
        name
    }

    /// For people.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("Exposure: {}\n", self.of);
        text.push_str(&match self.found.len() <= MOST_COLUMNS {
            true => self.columns(),
            false => self.groups(),
        });
        if let Some((what, compared)) = &self.ratios {
            text.push_str(&format!("\nRatio of geometric means, {what}, with its 90 % interval\n"));
            text.push_str(&ratios(compared));
        }
        text.push('\n');
        for note in &self.notes {
            text.push_str(&crate::compare::wrapped(note, "- "));
        }
        text
    }

    /// One column per profile.
    fn columns(&self) -> String {
        let mut table = plain();
        let head = ["measure".to_string(), String::new(), "unit".to_string()];
        table.set_header(head.into_iter().chain(self.found.iter().map(Self::name)));
        for metric in self.metrics() {
            let cells = self.found.iter().map(|one| shown(metric.value(one)));
            let head = [metric.name.to_string(), metric.words.to_string(), self.units.of(metric)];
            table.add_row(head.into_iter().chain(cells));
        }
        for at in 0..self.partial.len() {
            let cells = self.found.iter().map(|one| shown(one.exposure.partial[at]));
            let head = [self.partial_name(at), "partial area".to_string(), self.units.area()];
            table.add_row(head.into_iter().chain(cells));
        }
        finish(table, 3)
    }

    /// Profiles of each group, in the order of their first.
    fn members(&self) -> Vec<(&str, Vec<&Found>)> {
        let mut groups: Vec<(&str, Vec<&Found>)> = Vec::new();
        for one in &self.found {
            match groups.iter_mut().find(|group| group.0 == one.group) {
                Some(group) => group.1.push(one),
                None => groups.push((&one.group, vec![one])),
            }
        }
        groups
    }

    /// One block per group: how its profiles spread.
    fn groups(&self) -> String {
        let mut text = String::new();
        for (name, members) in self.members() {
            let what = if name.is_empty() { "all" } else { name };
            let mut table = plain();
            let first = format!("{what} ({} profiles)", members.len());
            table.set_header(
                [&first, "unit", "n", "geo. mean", "geo. CV %", "median", "2.5 %", "97.5 %"]
                    .map(str::to_string),
            );
            let mut row = |name: String, unit: String, values: Vec<f64>| {
                let mut cells = vec![name, unit, values.len().to_string()];
                let (middle, cv) = geometric(&values);
                cells.extend([shown(middle), shown(cv)]);
                cells.extend([0.5, 0.025, 0.975].map(|p| shown(quantile(&values, p))));
                table.add_row(cells);
            };
            let of = |value: &dyn Fn(&Found) -> f64| {
                let values = members.iter().map(|one| value(one));
                values.filter(|value| value.is_finite()).collect::<Vec<f64>>()
            };
            for metric in self.metrics() {
                let values = of(&|one| metric.value(one));
                row(metric.name.to_string(), self.units.of(metric), values);
            }
            for at in 0..self.partial.len() {
                let values = of(&|one| one.exposure.partial[at]);
                row(self.partial_name(at), self.units.area(), values);
            }
            text.push_str(&format!("\n{}", finish(table, 2)));
            let split = split::text(&members, &self.units);
            if !split.is_empty() {
                text.push_str(&format!("\n{split}"));
            }
        }
        text
    }

    /// One row per profile.
    pub(crate) fn table(&self) -> Table {
        let texts = |of: fn(&Found) -> String| self.found.iter().map(of).collect::<Vec<_>>();
        let mut columns = vec![Column::text("id", texts(|one| one.id.clone()))];
        if self.found.iter().any(|one| !one.group.is_empty()) {
            columns.push(Column::text("group", texts(|one| one.group.clone())));
        }
        if self.found.iter().any(|one| one.draw.is_some()) {
            let draws = self.found.iter().map(|one| i64::from(one.draw.unwrap_or(0)));
            let values = Values::Integer(draws.collect());
            columns.push(Column { name: "draw".to_string(), unit: String::new(), values });
        }
        for metric in METRICS {
            let values = self.found.iter().map(|one| metric.value(one)).collect();
            columns.push(Column::number(metric.name, self.units.of(metric), values));
        }
        for at in 0..self.partial.len() {
            let values = self.found.iter().map(|one| one.exposure.partial[at]).collect();
            columns.push(Column::number(self.partial_name(at), self.units.area(), values));
        }
        Table { columns }
    }

    /// The JSON form.
    pub(crate) fn json(&self) -> Value {
        let measures: Vec<Value> = (METRICS.iter())
            .map(|one| json!({"name": one.name, "what": one.words, "unit": self.units.of(one)}))
            .collect();
        let profiles: Vec<Value> = self.found.iter().map(|one| self.profile(one)).collect();
        let mut whole = json!({
            "schema": SCHEMA, "of": self.of, "measures": measures, "profiles": profiles,
            "notes": self.notes,
        });
        let groups = self.members();
        let splits = groups.iter().flat_map(|(group, members)| split::json(group, members));
        let splits: Vec<Value> = splits.collect();
        if !splits.is_empty() {
            whole["splits"] = json!({"percentiles": [2.5, 50, 97.5], "measures": splits});
        }
        if let Some((what, compared)) = &self.ratios {
            let one = |one: &Compared| {
                one.ratio.map(|ratio| {
                    json!({
                        "measure": one.metric.name, "ratio": ratio.ratio, "lo": ratio.lo,
                        "hi": ratio.hi, "n": ratio.n, "df": finite(ratio.df),
                        "verdict": verdict_words(&ratio),
                    })
                })
            };
            let list: Vec<Value> = compared.iter().filter_map(one).collect();
            whole["ratios"] =
                json!({"of": what, "interval": "90 %", "limits": [0.8, 1.25], "measures": list});
        }
        whole
    }

    fn profile(&self, one: &Found) -> Value {
        let mut fields = Map::new();
        fields.insert("id".into(), json!(one.id));
        if !one.group.is_empty() {
            fields.insert("group".into(), json!(one.group));
        }
        if let Some(draw) = one.draw {
            fields.insert("draw".into(), json!(draw));
        }
        for metric in METRICS {
            fields.insert(metric.name.into(), finite(metric.value(one)));
        }
        for (at, &value) in one.exposure.partial.iter().enumerate() {
            fields.insert(self.partial_name(at), finite(value));
        }
        Value::Object(fields)
    }
}

/// Ratios in percent.
fn ratios(compared: &[Compared]) -> String {
    let mut table = plain();
    table.set_header(["measure", "n", "ratio %", "from", "to", ""]);
    for one in compared {
        let Some(ratio) = one.ratio else { continue };
        table.add_row(ratio_cells(one.metric.name, &ratio, 2));
    }
    finish(table, 1)
}

/// Geometric mean, and coefficient of variation in percent; NaN where a value is not above 0.
fn geometric(values: &[f64]) -> (f64, f64) {
    if values.is_empty() || values.iter().any(|&value| value <= 0.0) {
        return (f64::NAN, f64::NAN);
    }
    let logs: Vec<f64> = values.iter().map(|&value| ln(value)).collect();
    (exp(mean(&logs)), 100.0 * (exp(variance(&logs)) - 1.0).sqrt())
}

pub(super) fn shown(value: f64) -> String {
    match value.is_finite() {
        // A count is whole, and so is many a time.
        true if value == value.round() && value.abs() < 1e7 => epsom_report::shortest(value),
        true => significant(value, DIGITS),
        false => "-".to_string(),
    }
}

fn finite(value: f64) -> Value {
    if value.is_finite() { json!(value) } else { Value::Null }
}
