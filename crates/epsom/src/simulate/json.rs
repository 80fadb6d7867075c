//! The JSON form: schema `epsom.simulate/1`.

use super::marks::{Marks, as_json};
use super::plan::Plan;
use super::rows::{Shown, SubjectRows, columns, width};
use epsom_model::ir::Model;
use epsom_report::shortest;
use serde_json::{Map, Value, json};
use std::io::{self, Write};
use std::path::Path;

/// Schema of the JSON form.
const SCHEMA: &str = "epsom.simulate/1";

/// A subject that stopped early, for the JSON form.
pub(crate) struct Failed {
    /// As in the event file.
    pub(crate) id: String,
    /// When, the model's unit.
    pub(crate) time: f64,
    /// The message.
    pub(crate) message: String,
    /// Its cause.
    pub(crate) cause: String,
}

/// What the JSON form says of the model.
fn of_model(model: &Model, marks: &Marks) -> Map<String, Value> {
    let n_outputs = model.outputs.len();
    let kind = |at: usize| if at < n_outputs { "output" } else { "compartment" };
    let all = columns(model).map(|Shown { at, name, unit, .. }| {
        let mut column = json!({"name": name, "unit": unit, "kind": kind(at)});
        if let Some(behind) = marks.outputs.get(at) {
            column["rests_on"] = as_json(behind);
        }
        column
    });
    let mut fields = Map::new();
    fields.insert("schema".into(), json!(SCHEMA));
    fields.insert("model".into(), json!(model.name));
    fields.insert("checked".into(), json!(model.checked));
    fields.insert("time_unit".into(), json!(model.time_unit.text));
    fields.insert("columns".into(), all.collect());
    fields.insert("hypotheses".into(), json!(marks.hypotheses));
    fields.insert("extrapolates".into(), json!(marks.extrapolates));
    if !marks.measured.is_empty() {
        fields.insert("residual".into(), json!(marks.measured));
    }
    fields.extend(marks.who.clone().map(|who| ("who".to_string(), who)));
    fields
}

/// Everything up to the rows, which join the object while they are made.
pub(crate) fn head(model: &Model, marks: &Marks, drawn: bool) -> String {
    let mut fields = of_model(model, marks);
    if drawn {
        fields.insert("rows_start_with".into(), json!(["id", "draw", "time"]));
    }
    let whole = Value::Object(fields).to_string();
    let open = whole.strip_suffix('}').unwrap_or_default();
    format!("{open},\"rows\":[")
}

/// Subjects that stopped early.
pub(crate) fn of_failed(failed: &[Failed]) -> Value {
    let one = |one: &Failed| json!({"id": one.id, "time": one.time, "message": one.message, "cause": one.cause});
    failed.iter().map(one).collect()
}

/// What stands after the rows: who stopped early, and what rules decided, where there are some.
pub(crate) fn end(failed: &[Failed], decisions: Option<Vec<Value>>) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("failed".into(), of_failed(failed));
    if let Some(decisions) = decisions {
        fields.insert("decisions".into(), decisions.into());
    }
    fields
}

/// The object of a run whose rows are in a file.
pub(crate) fn of_file(plan: &Plan, path: &Path, n_rows: u64, end: Map<String, Value>) -> String {
    let mut fields = of_model(&plan.model, &plan.marks);
    fields.insert("file".into(), json!(path.display().to_string()));
    fields.insert("n_rows".into(), json!(n_rows));
    fields.extend(end);
    format!("{}\n", Value::Object(fields))
}

/// Rows as `["1",0,4,8]`: id, draw where there are draws, time, values.
pub(crate) fn write_rows(
    place: &mut impl Write,
    model: &Model,
    subject: &SubjectRows<'_>,
    first: &mut bool,
) -> io::Result<()> {
    let width = width(model);
    let all: Vec<Shown<'_>> = columns(model).collect();
    let mut id = json!(subject.id).to_string();
    if let Some(draw) = subject.draw {
        id.push_str(&format!(",{draw}"));
    }
    for (at, &time) in subject.times.iter().enumerate() {
        let comma = if std::mem::take(first) { "" } else { "," };
        write!(place, "{comma}\n[{id},{}", shortest(time))?;
        let row = &subject.values[at * width..(at + 1) * width];
        for &Shown { at, per_base, .. } in &all {
            let value = row[at];
            if value.is_nan() {
                write!(place, ",null")?;
            } else {
                write!(place, ",{}", shortest(value * per_base))?;
            }
        }
        write!(place, "]")?;
    }
    Ok(())
}
