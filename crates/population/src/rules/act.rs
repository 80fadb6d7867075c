//! What a rule does, in words.

use super::RuleWorld;
use super::words::Words;
use epsom_diag::{Diagnostic, did_you_mean, list_names};
use epsom_engine::{Act, Dose, DoseKind};

/// `halve the dose`, `increase the dose by 100 mg up to 400 mg`, `hold for 24 h`, `give 5 mmol`, ...
pub(super) fn act(words: &mut Words<'_>, world: &RuleWorld<'_>) -> Result<Act, Diagnostic> {
    let verb = words.next_word();
    if matches!(
        verb,
        "halve"
            | "double"
            | "multiply"
            | "set"
            | "increase"
            | "raise"
            | "decrease"
            | "reduce"
            | "lower"
    ) {
        words.takes(&["the"]);
        words.takes(&["dose", "doses"]);
    }
    match verb {
        "halve" => scaled(words, world, 0.5),
        "double" => scaled(words, world, 2.0),
        "multiply" => {
            words.expect("by", "a factor")?;
            let factor = words.number()?;
            if factor < 0.0 {
                return Err(words.wrong_before("a factor of 0 or more"));
            }
            scaled(words, world, factor)
        }
        "set" => {
            words.expect("to", "the amount of a dose")?;
            Ok(Act::Set(words.amount(world, world.compartment)?))
        }
        "add" => added(words, world, 1.0),
        "increase" | "raise" => {
            words.expect("by", "how much")?;
            added(words, world, 1.0)
        }
        "decrease" | "reduce" | "lower" => {
            words.expect("by", "how much")?;
            added(words, world, -1.0)
        }
        "stop" => {
            words.takes(&["dosing", "doses"]);
            Ok(Act::Hold(f64::INFINITY))
        }
        "hold" => {
            words.takes(&["dosing", "doses"]);
            let for_h = match words.takes(&["for"]) {
                true => words.duration_h(world)?,
                false => f64::INFINITY,
            };
            Ok(Act::Hold(for_h))
        }
        "resume" => {
            words.takes(&["dosing", "doses"]);
            Ok(Act::Resume)
        }
        "give" => give(words, world),
        _ => Err(words.wrong_before(
            "`halve`, `double`, `multiply`, `set`, `increase`, `decrease`, `add`, `stop`, `hold`, \
             `resume` or `give`",
        )),
    }
}

/// `up to AMOUNT`, `down to AMOUNT`.
fn limit(words: &mut Words<'_>, world: &RuleWorld<'_>) -> Result<Option<f64>, Diagnostic> {
    if !words.takes(&["up", "down"]) {
        return Ok(None);
    }
    words.expect("to", "the last amount of a dose")?;
    words.amount(world, world.compartment).map(Some)
}

fn scaled(words: &mut Words<'_>, world: &RuleWorld<'_>, times: f64) -> Result<Act, Diagnostic> {
    Ok(Act::Change { times, plus: 0.0, limit: limit(words, world)? })
}

/// By an amount, or by percent of the dose before.
fn added(words: &mut Words<'_>, world: &RuleWorld<'_>, sign: f64) -> Result<Act, Diagnostic> {
    if let Some(percent) = words.percent() {
        return scaled(words, world, (1.0 + sign * percent / 100.0).max(0.0));
    }
    let plus = sign * words.amount(world, world.compartment)?;
    Ok(Act::Change { times: 1.0, plus, limit: limit(words, world)? })
}

/// `give AMOUNT [into COMPARTMENT] [over DURATION]`.
fn give(words: &mut Words<'_>, world: &RuleWorld<'_>) -> Result<Act, Diagnostic> {
    let from = words.clone();
    // The compartment comes after the amount that is counted in its unit.
    let mut compartment = world.compartment;
    if words.skip_to("into") {
        let name = words.next_word();
        let compartments = &world.model.compartments;
        let found = compartments.iter().position(|one| one.name == name);
        compartment = found.ok_or_else(|| {
            let names = || compartments.iter().map(|one| one.name.as_str());
            let message = format!("the model has no compartment `{name}`");
            let said = Diagnostic::error("E0615", message)
                .at(words.last_span(), "not a compartment")
                .note(format!("in order they are {}", list_names(names(), 20)));
            match did_you_mean(name, names()) {
                Some(near) => said.help(format!("did you mean `{near}`")),
                None => said,
            }
        })? as u32;
    }
    *words = from;
    let amount = words.amount(world, compartment)?;
    if amount <= 0.0 {
        return Err(words.wrong_before("an amount above 0"));
    }
    if words.takes(&["into"]) {
        words.next_word();
    }
    let kind = match words.takes(&["over"]) {
        true => DoseKind::Duration(words.duration_h(world)?),
        false => DoseKind::Bolus,
    };
    Ok(Act::Give(Dose { kind, ..Dose::bolus(compartment, amount) }))
}
