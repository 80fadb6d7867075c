//! One function per command: values in, [`Done`] out.

use crate::Done;
use crate::model::read_model;
use crate::render::Sources;
use epsom_diag::{CODES, Diagnostic, code_info, did_you_mean, list_names};
use epsom_model::check::ModelInfo;
use epsom_model::ir::Model;
use std::path::Path;

/// Exit code of a wrong command line.
pub(crate) const USAGE: u8 = 2;
/// Exit code of a wrong model.
const MODEL: u8 = 3;

/// `epsom check MODEL`: reads the text and reports every mistake in it.
pub(crate) fn check(path: &Path) -> Done {
    let mut sources = Sources::default();
    let (model, info, messages) = match read_model(path, &mut sources) {
        Ok(read) => read,
        Err(said) => {
            return Done { output: String::new(), messages: vec![said], sources, exit: MODEL };
        }
    };
    let output = model.map_or_else(String::new, |model| summary(path, &model, &info));
    Done { output, messages, sources, exit: MODEL }
}

/// What a model holds and rests on, for people.
fn summary(path: &Path, model: &Model, info: &ModelInfo) -> String {
    let mut text = format!(
        "{}: no mistake found (compartments: {}, parameters: {}, outputs: {})\n",
        path.display(),
        model.compartments.len(),
        model.params.len(),
        model.outputs.len()
    );
    if !model.checked {
        text.push_str("units and sources: not checked, this text form has none\n");
        return text;
    }
    text.push_str(&format!(
        "parameters with evidence rows: {}; assumed in the model: {}\n\
         parameters on an assumption row: {}; on a recalled number: {}; \
         on animals or cells: {}\n\
         parameters without uncertainty: {}\n",
        info.sourced,
        info.assumed,
        info.assumption_rows,
        info.recalled,
        info.not_human,
        info.without_spread
    ));
    for how in &info.balances {
        text.push_str(&format!("conservation: {how}\n"));
    }
    for (name, params) in &info.rests_on {
        let names = params.iter().map(|&at| model.params[at].name.as_str());
        text.push_str(&format!("{name} rests on {}\n", list_names(names, usize::MAX)));
    }
    text
}

/// `epsom explain [CODE]`: the page of a code, or the list.
pub(crate) fn explain(code: Option<&str>) -> Done {
    let (mut output, mut messages) = (String::new(), Vec::new());
    match code.map(|code| (code, code_info(code))) {
        None => {
            for info in CODES {
                output.push_str(&format!("{}  {}\n", info.code, info.title));
            }
        }
        Some((_, Some(info))) => output.push_str(info.page),
        Some((code, None)) => {
            let said = Diagnostic::error("E0904", format!("there is no code `{code}`"));
            let near = did_you_mean(code, CODES.iter().map(|info| info.code));
            messages.push(match near {
                Some(near) => said.help(format!("did you mean `{near}`")),
                None => said.help("list them with `epsom explain`"),
            });
        }
    }
    Done { output, messages, sources: Sources::default(), exit: USAGE }
}
