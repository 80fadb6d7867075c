//! Which parameters and outputs of the built-in models rest on a row.

use super::tables::words_of;
use super::text::wrap;
use super::{SCHEMA, line};
use epsom_diag::Diagnostic;
use epsom_evidence::{Recomputed, Tables, ValueRow, recompute};
use epsom_magnesium::{MODELS, read};
use epsom_model::check::ModelInfo;
use epsom_model::ir::Model;
use serde_json::{Value, json};

/// A built-in model and what it rests on.
pub(super) struct Used {
    /// Its name on the command line.
    pub(super) name: &'static str,
    /// The model.
    pub(super) model: Model,
    /// What each output rests on.
    pub(super) info: ModelInfo,
}

/// Every built-in model.
pub(super) fn models() -> Vec<Used> {
    let one = |model| {
        let (checked, info) = read(model).ok()?;
        Some(Used { name: model.name, model: checked, info })
    };
    MODELS.iter().filter_map(one).collect()
}

impl Used {
    /// Indices of the parameters that use a row.
    pub(super) fn params(&self, row: &str) -> Vec<usize> {
        let uses = |at: &usize| self.model.params[*at].provenance.rows.iter().any(|id| id == row);
        (0..self.model.params.len()).filter(uses).collect()
    }

    /// Names of the outputs that rest on a parameter.
    pub(super) fn outputs(&self, param: usize) -> Vec<&str> {
        let rests = self.info.rests_on.iter().filter(|(_, params)| params.contains(&param));
        rests.map(|(name, _)| name.as_str()).collect()
    }
}

/// `model.parameter` for every built-in parameter that uses the row.
pub(super) fn names(models: &[Used], row: &str) -> Vec<String> {
    let of = |used: &Used| {
        let params = used.params(row).into_iter();
        params.map(|at| format!("{}.{}", used.name, used.model.params[at].name)).collect::<Vec<_>>()
    };
    models.iter().flat_map(of).collect()
}

/// A row with its value, for JSON.
pub(super) fn row_json(models: &[Used], row: &ValueRow) -> Value {
    json!({
        "id": row.id, "symbol": row.symbol, "meaning": row.meaning,
        "value": row.printed().map(|printed| printed.value()),
        "printed": epsom_evidence::describe(row),
        "unit": row.unit_text(), "species": row.species.name(), "source": row.source_key,
        "level": row.level.name(), "seen": row.seen.name(), "grade": row.grade().name(),
        "used_by": names(models, &row.id),
    })
}

/// `epsom evidence parameter ID`.
pub(super) fn parameter(tables: &Tables, id: &str, as_json: bool) -> Result<String, Diagnostic> {
    let models = models();
    let Some(row) = tables.value(id) else { return Err(unknown(tables, &models, id)) };
    let again = recompute(tables, row);
    if as_json {
        let mut value = row_json(&models, row);
        if let Some(fields) = value.as_object_mut() {
            fields.insert("schema".into(), json!(SCHEMA));
            fields.insert("spread_kind".into(), json!(row.spread.kind()));
            fields.insert("locator".into(), json!(row.locator));
            fields.insert("url".into(), json!(row.url));
            fields.insert("formula".into(), json!(row.formula));
            fields.insert("note".into(), json!(row.note));
        }
        return Ok(line(&value));
    }
    let mut text = wrap(&format!("{}  {}: {}", row.id, row.symbol, row.meaning), "", "  ");
    let mut add = |name: &str, value: &str| {
        if !value.is_empty() {
            text.push_str(&wrap(value, &format!("  {name:<12} "), &" ".repeat(15)));
        }
    };
    add("value", &words_of(row));
    add(
        "published as",
        [row.published.value.as_str(), row.published.unit.as_str()].join(" ").trim(),
    );
    add("in", [row.species.name(), row.population.as_str()].join(", ").trim_end_matches(", "));
    add("n", &row.n.map_or(String::new(), |n| n.to_string()));
    add("source", &source_words(tables, row));
    add(
        "evidence",
        &format!("{}, seen: {}, grade {}", row.level.name(), row.seen.name(), row.grade().name()),
    );
    add(
        "formula",
        &match again {
            Recomputed::None => String::new(),
            Recomputed::Words(_) => format!("{} (words; not recomputed)", row.formula),
            Recomputed::Agrees(value) => format!("{} = {value}, which is the row", row.formula),
            Recomputed::Differs(value) => {
                format!("{} = {value}, which is NOT the row", row.formula)
            }
        },
    );
    add("note", &row.note);
    let mut used = Vec::new();
    for model in &models {
        for at in model.params(id) {
            let name = &model.model.params[at].name;
            let outputs = model.outputs(at).join(", ");
            used.push(format!("`{name}` of `{}` (outputs: {outputs})", model.name));
        }
    }
    add("used by", &if used.is_empty() { "no built-in model".to_owned() } else { used.join("; ") });
    let claims = tables.claims().iter().filter(|row| row.parameters.iter().any(|one| one == id));
    add("claims", &claims.map(|row| row.id.as_str()).collect::<Vec<_>>().join(", "));
    Ok(text)
}

/// No such row; the name of a model's parameter leads to the rows it rests on.
fn unknown(tables: &Tables, models: &[Used], id: &str) -> Diagnostic {
    let said = Diagnostic::error("E0905", format!("there is no value `{id}`"));
    for used in models {
        let name = id.strip_prefix(used.name).and_then(|rest| rest.strip_prefix('.'));
        let name = name.unwrap_or(id);
        let Some(param) = used.model.params.iter().find(|one| one.name == name) else { continue };
        let rows = param.provenance.rows.join("`, `");
        if !rows.is_empty() {
            return said.help(format!("parameter `{name}` of `{}` rests on `{rows}`", used.name));
        }
    }
    match tables.nearest_value(id) {
        Some(near) => said.help(format!("did you mean `{near}`")),
        None => said.help("find values with `epsom evidence search WORDS`"),
    }
}

fn source_words(tables: &Tables, row: &ValueRow) -> String {
    let cited = epsom_evidence::citation(tables, &row.source_key);
    let cited = cited.unwrap_or_else(|| "no identifiable paper".to_owned());
    let parts = [row.source_key.as_str(), row.locator.as_str(), cited.as_str(), row.url.as_str()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
}
