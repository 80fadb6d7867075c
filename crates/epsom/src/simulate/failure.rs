//! A run that stopped, in words.

use std::collections::BTreeMap;

use epsom_diag::Diagnostic;
use epsom_engine::{Cause, Property, RunCause, RunFailure};
use epsom_model::ir::{DisplayUnit, Model};
use epsom_population::{SubjectRecords, cause_text};
use std::path::Path;

/// What a message about a stopped subject needs.
pub(crate) struct Stopped<'a> {
    /// The model.
    pub(crate) model: &'a Model,
    /// Its parameters in this run, base units.
    pub(crate) params: &'a [f64],
    /// Which of them the command line gives.
    pub(crate) given: &'a [usize],
    /// Covariates that the command line gives, base units.
    pub(crate) covariates: &'a [(usize, f64)],
    /// As in the event file.
    pub(crate) id: &'a str,
    /// Its records, as they ran.
    pub(crate) subject: &'a SubjectRecords,
    /// The event file, where there is one.
    pub(crate) events: Option<&'a Path>,
    /// The command that runs this subject alone.
    pub(crate) repeat: &'a str,
}

/// The message of a subject that stopped.
pub(crate) fn stopped(about: &Stopped<'_>, failure: &RunFailure) -> Diagnostic {
    let cause = cause_text(about.model, failure.cause);
    let mut said = start(about, failure.time_h).note(format!("cause: {cause}"));
    said = facts(said, about, failure);
    said.help(help(about.model, failure.cause))
}

/// Outputs that are not finite numbers somewhere: their cells stay empty.
#[derive(Default)]
pub(crate) struct Empty {
    /// By output: how many, then subject and time of the first, in the model's unit.
    outputs: BTreeMap<usize, (u64, String, f64)>,
}

impl Empty {
    /// Empties the cells of one subject's rows, `width` values each.
    pub(crate) fn clear(
        &mut self,
        model: &Model,
        id: &str,
        times: &[f64],
        width: usize,
        rows: &mut [f64],
    ) {
        let n = model.outputs.len();
        for (row, time) in rows.chunks_exact_mut(width.max(1)).zip(times) {
            for (at, value) in row[..n].iter_mut().enumerate().filter(|(_, one)| !one.is_finite()) {
                *value = f64::NAN;
                let seen = self.outputs.entry(at).or_insert_with(|| (0, id.to_string(), *time));
                seen.0 += 1;
            }
        }
    }

    /// One message per output.
    pub(crate) fn messages(&self, model: &Model) -> Vec<Diagnostic> {
        let one = |(&at, (n, id, time)): (&usize, &(u64, String, f64))| {
            let name = &model.outputs[at].name;
            let cells = if *n == 1 { "cell, which stays" } else { "cells, which stay" };
            let message = format!("`{name}` is no finite number in {n} {cells} empty");
            let time = epsom_report::shortest(*time);
            Diagnostic::warning("W0916", message)
                .note(format!("first in subject `{id}` at {time} {}", model.time_unit.text).trim())
                .help(format!(
                    "look for a division by 0, or a logarithm or root of 0 or less, in what \
                     `{name}` uses"
                ))
        };
        self.outputs.iter().map(one).collect()
    }
}

fn start(about: &Stopped<'_>, time_h: f64) -> Diagnostic {
    let unit = &about.model.time_unit;
    let time = epsom_report::significant(time_h * unit.per_base, 6);
    // `36.2`, not `36.2000`.
    let time = match time.contains(['e', '.']) {
        true if !time.contains('e') => time.trim_end_matches('0').trim_end_matches('.'),
        _ => time.as_str(),
    };
    let message = format!("subject `{}` stopped at {time} {}", about.id, unit.text);
    Diagnostic::error("E0701", message.trim_end())
}

/// Where, with which values, and how to see it again.
fn facts(mut said: Diagnostic, about: &Stopped<'_>, failure: &RunFailure) -> Diagnostic {
    let lines = lines(about, failure);
    said = said.note(match failure.n_doses {
        0 => format!("where: before any dose{lines}"),
        n => format!("where: after dose {n}{lines}"),
    });
    let values = values(about, failure.time_h);
    if !values.is_empty() {
        said = said.note(format!("values: {}", values.join(", ")));
    }
    said.note(format!("repeat: {}", about.repeat))
}

/// What may be to blame: parameters and covariates that were given, and those that are 0.
fn values(about: &Stopped<'_>, time_h: f64) -> Vec<String> {
    let shown = |name: &str, value: f64, unit: &DisplayUnit| {
        let shown = epsom_report::shortest(value * unit.per_base);
        format!("{name} = {shown} {}", unit.text).trim_end().to_string()
    };
    let params = about.model.params.iter().zip(about.params).enumerate();
    let params = params
        .filter(|(at, (_, value))| about.given.contains(at) || **value == 0.0)
        .map(|(_, (param, &value))| shown(&param.name, value, &param.unit));
    let tracks = about.subject.timeline.tracks();
    let covariates = about.model.covariates.iter().enumerate().filter_map(|(at, covariate)| {
        let track = tracks.iter().find(|track| track.covariate as usize == at);
        let given = about.covariates.iter().find(|(known, _)| *known == at);
        let value = track.map(|track| track.value_at(time_h)).or(given.map(|&(_, value)| value))?;
        Some(shown(&covariate.name, value, &covariate.unit))
    });
    params.chain(covariates).collect()
}

/// Where in the event file: the line of the dose that could not be given, else the lines of the
/// records before and after.
fn lines(about: &Stopped<'_>, failure: &RunFailure) -> String {
    let (Some(events), Some(record)) = (about.events, failure.record) else {
        return String::new();
    };
    let file = events.display();
    let lines = &about.subject.lines;
    let is_of_dose =
        matches!(failure.cause, RunCause::DosingProperty { .. } | RunCause::NoSteadyState { .. });
    if is_of_dose {
        return match lines.get(record) {
            Some(&line) if line > 0 => format!(", at line {line} of `{file}`"),
            _ => String::new(),
        };
    }
    let (before, after) = lines.split_at(record.min(lines.len()));
    let before = before.iter().rfind(|&&line| line > 0);
    let after = after.iter().find(|&&line| line > 0);
    match (before, after) {
        (Some(before), Some(after)) if before == after => format!(", at line {after} of `{file}`"),
        (Some(before), Some(after)) => format!(", between lines {before} and {after} of `{file}`"),
        (Some(before), None) => format!(", after line {before} of `{file}`"),
        (None, Some(after)) => format!(", before line {after} of `{file}`"),
        (None, None) => String::new(),
    }
}

/// What to try.
fn help(model: &Model, cause: RunCause) -> String {
    let name = |at: u32| model.compartments[at as usize].name.as_str();
    let event_name = |at: u32| model.events[at as usize].name.as_str();
    match cause {
        RunCause::NotLinear => "use `--solver auto`".into(),
        RunCause::Parameter { param } => {
            format!("give `--param {}=VALUE`", model.params[param as usize].name)
        }
        RunCause::Covariate { covariate } => {
            let name = &model.covariates[covariate as usize].name;
            format!("give `--covariate {name}=VALUE`, or a column `{name}` in the event file")
        }
        RunCause::InitialValue { compartment } => {
            format!("look for a division by 0 in `{}(0)`", name(compartment))
        }
        RunCause::Output { output } => format!(
            "look for a division by 0, or a logarithm or root of 0 or less, in what `{}` uses",
            model.outputs[output as usize].name
        ),
        RunCause::Window { .. } => "look at the quantities that the `window` statements use".into(),
        RunCause::Chattering { .. } => {
            "let the condition switch on and off at different values".into()
        }
        RunCause::EventStorm => {
            "look for a window or `ADDL` with a tiny interval, or conditions or events that come to and fro"
                .into()
        }
        RunCause::EventRepeats { event } => format!(
            "let what event `{0}` changes lead well away from its condition, or give `{0}` a `delay`",
            event_name(event)
        ),
        RunCause::EventDelay { event } => {
            format!("look at what stands behind `delay` in event `{}`", event_name(event))
        }
        RunCause::EventValue { event, .. } => format!(
            "look for a division by 0, or a logarithm or root of 0 or less, in event `{}`",
            event_name(event)
        ),
        RunCause::Solver(Cause::StepUnderflow { .. }) => {
            "look for a derivative that jumps or grows without bound, or raise `--rtol`".into()
        }
        RunCause::Solver(Cause::NotFinite) => {
            "look for a division by 0 in the derivatives, and for parameters of 0".into()
        }
        RunCause::Solver(Cause::TooManySteps) => {
            "the model may be stiff: use `--solver rodas5p`, or raise `--rtol`".into()
        }
        RunCause::DosingProperty { compartment, property } => {
            let word = match property {
                Property::Bioavailability => "f",
                Property::Lag => "alag",
                Property::Rate => "rate",
                Property::Duration => "dur",
            };
            format!("look at `{word}({})`", name(compartment))
        }
        RunCause::RulesOfDerivatives => "leave out the rules".into(),
        RunCause::NoSteadyStart => "give initial values, or a loss to what only takes up".into(),
        RunCause::NoSteadyState { compartment } => {
            format!("give `{}` a loss, or leave out `SS`", name(compartment))
        }
    }
}
