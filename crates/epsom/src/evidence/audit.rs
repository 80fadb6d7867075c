//! `epsom evidence audit`: counts by kind, and what does not hold together.

use super::text::wrap;
use super::{SCHEMA, line};
use epsom_diag::Diagnostic;
use epsom_evidence::{Tables, audit};
use serde_json::{Value, json};

/// The counts, and every error found.
pub(super) fn run(tables: &Tables, list: bool, as_json: bool) -> (String, Vec<Diagnostic>) {
    let audit = audit(tables);
    let n_errors = audit.errors.len();
    if as_json {
        let counts: Vec<Value> = audit
            .counts
            .iter()
            .map(|one| {
                let keys = if list { json!(one.keys) } else { Value::Null };
                json!({"name": one.name, "about": one.about, "n": one.keys.len(), "keys": keys})
            })
            .collect();
        let text = line(&json!({
            "schema": SCHEMA, "n_values": audit.n_values, "counts": counts, "n_errors": n_errors,
        }));
        return (text, audit.errors);
    }
    let mut text = format!("{} values\n", audit.n_values);
    for one in &audit.counts {
        text.push_str(&format!("{:>6}  {}\n", one.keys.len(), one.about));
        if list && !one.keys.is_empty() {
            text.push_str(&wrap(&one.keys.join(", "), "        ", "        "));
        }
    }
    text.push_str(&match n_errors {
        0 => "the tables hold together\n".to_owned(),
        n => format!("{n} errors\n"),
    });
    (text, audit.errors)
}
