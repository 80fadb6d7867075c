//! `epsom check MODEL --tree OUTPUT`: the numbers that an output rests on, nearest first.

use epsom_evidence::builtin;
use epsom_model::check::{Branch, branches};
use epsom_model::ir::{Distribution, Model, Param};

/// The tree of output `at`: through which compartment, which numbers, from where, how sure.
pub(crate) fn tree(model: &Model, at: usize) -> String {
    let output = &model.outputs[at];
    let found = branches(model, at);
    let mut text = match output.unit.text.as_str() {
        "" => format!("{}\n", output.name),
        unit => format!("{} [{unit}]\n", output.name),
    };
    let numbers = found.iter().flat_map(|branch| &branch.params);
    let params: Vec<&Param> = numbers
        .filter(|at| !model.hypotheses.contains(at))
        .map(|&one| &model.params[one])
        .collect();
    let width = params.iter().map(|param| value(param).chars().count()).max().unwrap_or_default();
    let drawing = Drawing { model, branches: &found, width };
    drawing.draw(0, 2, &mut text);
    let count = |test: fn(&Param) -> bool| params.iter().filter(|param| test(param)).count();
    text += &format!("rests on {} numbers", params.len());
    if model.checked {
        text += &format!(
            ": {} assumed in the model, {} on an assumption row, {} recalled, {} from animals or \
             cells, {} without uncertainty",
            count(|param| param.provenance.rows.is_empty()),
            count(|param| param.provenance.assumption_row),
            count(|param| param.provenance.recalled),
            count(|param| param.provenance.not_human),
            count(|param| param.uncertain == Distribution::Fixed)
        );
    }
    text + "\n"
}

struct Drawing<'a> {
    model: &'a Model,
    branches: &'a [Branch],
    width: usize,
}

impl Drawing<'_> {
    /// The numbers of branch `at`, then the compartments that it is the first to read.
    fn draw(&self, at: usize, indent: usize, text: &mut String) {
        let (branch, width) = (&self.branches[at], self.width);
        for &one in &branch.covariates {
            let name = &self.model.covariates[one].name;
            let drawn = self.model.occasions.iter().any(|occasion| occasion.covariate == one);
            let from = if drawn { "0, drawn for each occasion" } else { "given from outside" };
            *text += &format!("{:indent$}{name:width$}  {from}\n", "");
        }
        for &one in &branch.params {
            let param = &self.model.params[one];
            let value = value(param);
            *text += &format!("{:indent$}{value:width$}  {}\n", "", origin(param, self.model));
        }
        for (child, branch) in self.branches.iter().enumerate().skip(1) {
            if branch.parent != at {
                continue;
            }
            let mut below = String::new();
            self.draw(child, indent + 2, &mut below);
            if let Some(one) = branch.compartment.filter(|_| !below.is_empty()) {
                let name = &self.model.compartments[one].name;
                *text += &format!("{:indent$}through {name}\n{below}", "");
            }
        }
    }
}

/// `cl = 5.1 L/h`
fn value(param: &Param) -> String {
    let shown = param.value * param.unit.per_base;
    // Units convert by division, which may leave the last digit one off.
    let rounded = format!("{shown:.12e}").parse::<f64>().unwrap_or(shown);
    match param.unit.text.as_str() {
        "" | "1" => format!("{} = {rounded}", param.name),
        unit => format!("{} = {rounded} {unit}", param.name),
    }
}

/// Rows with their grade, reasons, and how sure the number is.
fn origin(param: &Param, model: &Model) -> String {
    if model.hypotheses.iter().any(|&at| model.params[at].name == param.name) {
        let assumes = param.provenance.assumed.as_deref().unwrap_or_default();
        return format!("hypothesis, off: {assumes}");
    }
    if !model.checked {
        return String::from("source missing");
    }
    let mut parts: Vec<String> = Vec::new();
    for id in &param.provenance.rows {
        let Some(row) = builtin().value(id) else { continue };
        let marks = [
            (row.is_assumption(), "assumption"),
            (row.is_recalled(), "recalled"),
            (!row.is_human(), "not human"),
        ];
        let marks: Vec<&str> =
            marks.iter().filter(|(yes, _)| *yes).map(|(_, mark)| *mark).collect();
        let source = if row.source_key.is_empty() { "no paper" } else { &row.source_key };
        parts.push(match marks[..] {
            [] => format!("row {id} ({source})"),
            _ => format!("row {id} ({source}; {})", marks.join(", ")),
        });
    }
    parts.extend(param.provenance.assumed.iter().map(|why| format!("assumed: {why}")));
    parts.push(match (param.uncertain, param.spread_assumed.as_str()) {
        (Distribution::Fixed, "") => "no uncertainty given".into(),
        (Distribution::Fixed, why) => format!("fixed: {why}"),
        (spread, "") => sure(spread),
        (spread, why) => format!("{}, assumed: {why}", sure(spread)),
    });
    parts.join("; ")
}

fn sure(spread: Distribution) -> String {
    match spread {
        Distribution::Fixed => "fixed".into(),
        Distribution::Normal { .. } => "normal".into(),
        Distribution::LogNormal { sd } => format!("log-normal, log sd {sd:.2}"),
        Distribution::LogitNormal { sd } => format!("logit-normal, logit sd {sd:.2}"),
        Distribution::Uniform { .. } => "uniform".into(),
        Distribution::Triangular { .. } => "triangular".into(),
    }
}
