//! `epsom evidence claims` and `claim ID`.

use super::claim::claim_text;
use super::claim_json::claim_json;
use super::text::wrap;
use super::{SCHEMA, line, uses};
use epsom_diag::{Diagnostic, did_you_mean, list_names};
use epsom_evidence::{Claim, Status, Tables, claim, claims};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Every claim, or those of a section or status.
pub(super) fn run(
    tables: &Tables,
    section: Option<&str>,
    status: Option<&str>,
    as_json: bool,
) -> Result<String, Diagnostic> {
    let section = section.map(|one| one.to_lowercase().replace(' ', "_"));
    let section = section.as_deref();
    let all = claims(tables);
    let sections: BTreeSet<&str> = all.iter().map(|one| one.row.section.as_str()).collect();
    if let Some(section) = section {
        known(section, "section", sections.iter().copied())?;
    }
    if let Some(status) = status {
        known(status, "status", Status::WORDS.iter().copied())?;
    }
    let wanted = |one: &&Claim<'_>| {
        section.is_none_or(|section| one.row.section == section)
            && status.is_none_or(|status| one.status.name() == status)
    };
    let chosen: Vec<&Claim<'_>> = all.iter().filter(wanted).collect();
    if as_json {
        let models = uses::models();
        let rows: Vec<Value> = chosen.iter().map(|one| claim_json(tables, &models, one)).collect();
        return Ok(line(&json!({"schema": SCHEMA, "claims": rows})));
    }
    if chosen.is_empty() {
        return Ok("no claim is both\n".to_owned());
    }
    let mut text = format!("{:<6} {:<20} {:<10} claim\n", "id", "status", "certainty");
    for one in &chosen {
        let certainty = one.certainty.as_ref().map_or("-", |one| one.level.name());
        let first = format!("{:<6} {:<20} {certainty:<10} ", one.row.id, one.status.words());
        text.push_str(&wrap(&one.row.claim, &first, &" ".repeat(39)));
    }
    text.push_str(&format!(
        "\n{} claims; `epsom evidence claim ID` tells the whole of one\n",
        chosen.len()
    ));
    Ok(text)
}

fn known<'a>(
    word: &str,
    what: &str,
    words: impl Iterator<Item = &'a str> + Clone,
) -> Result<(), Diagnostic> {
    if words.clone().any(|one| one == word) {
        return Ok(());
    }
    let said = Diagnostic::error("E0905", format!("no claim has the {what} `{word}`"))
        .note(format!("it is one of {}", list_names(words.clone(), 20)));
    Err(match did_you_mean(word, words) {
        Some(near) => said.help(format!("did you mean `{near}`")),
        None => said,
    })
}

/// One claim, whole.
pub(super) fn one(tables: &Tables, id: &str, as_json: bool) -> Result<String, Diagnostic> {
    let Some(claim) = claim(tables, id) else {
        let said = Diagnostic::error("E0905", format!("there is no claim `{id}`"));
        let ids = tables.claims().iter().map(|row| row.id.as_str());
        return Err(match did_you_mean(&id.to_uppercase(), ids) {
            Some(near) => said.help(format!("did you mean `{near}`")),
            None => said.help("list them with `epsom evidence claims`"),
        });
    };
    let models = uses::models();
    if as_json {
        let mut value = claim_json(tables, &models, &claim);
        if let Some(fields) = value.as_object_mut() {
            fields.insert("schema".into(), json!(SCHEMA));
        }
        return Ok(line(&value));
    }
    Ok(claim_text(tables, &models, &claim))
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use epsom_evidence::builtin;
    use epsom_magnesium::{MODELS, read};
    use std::collections::BTreeSet;

    /// Words of a command line; double quotes hold one word.
    pub(crate) fn split(command: &str) -> Vec<String> {
        let parts = command.split('"').enumerate();
        parts
            .flat_map(|(at, part)| match at % 2 {
                1 => vec![part.to_owned()],
                _ => part.split_whitespace().map(str::to_owned).collect(),
            })
            .collect()
    }

    #[test]
    fn commands_of_claims_are_understood() {
        for row in builtin().claims().iter().filter(|row| !row.command.is_empty()) {
            let parsed = crate::Arguments::try_parse_from(split(&row.command));
            assert!(parsed.is_ok(), "{}: {:?}", row.id, parsed.err());
        }
    }

    #[test]
    fn outputs_of_claims_are_outputs_of_the_model() {
        let (model, _) = read(&MODELS[0]).expect("checks");
        let known: BTreeSet<&str> = model.outputs.iter().map(|one| one.name.as_str()).collect();
        for row in builtin().claims() {
            for output in &row.outputs {
                assert!(known.contains(output.as_str()), "{}: {output}", row.id);
            }
        }
    }
}
