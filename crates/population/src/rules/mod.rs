//! Rules in words, such as `when Cc > 2.5 mmol/L at visits every 7 d, halve the dose`.
//!
//! The grammar is in `docs/guide/rules.md`, with examples that are run as tests.

mod act;
mod words;

#[cfg(test)]
mod tests;

use act::act;
use epsom_diag::{Diagnostic, FileId, did_you_mean, list_names};
use epsom_engine::{Act, Lapse, Rule, Rules, Visits, When, Which};
use epsom_model::ir::Model;
use epsom_units::{SubstanceId, Substances};
use words::Words;

/// What rules are about.
#[derive(Clone, Copy)]
pub struct RuleWorld<'a> {
    /// The model whose outputs are asked.
    pub model: &'a Model,
    /// Known substances.
    pub substances: &'a Substances,
    /// What a bare amount of the model is of.
    pub substance: Option<&'a SubstanceId>,
    /// Compartment that doses enter, by index.
    pub compartment: u32,
}

/// Adds the rules of `text`, which is file `file`, to `rules`; a titration is two.
///
/// # Errors
/// `E0614` where it cannot be read, `E0615` for an output or compartment that the model lacks,
/// `E0301` and `E0312` for units.
pub fn read_rule(
    text: &str,
    file: FileId,
    world: &RuleWorld<'_>,
    rules: &mut Rules,
) -> Result<(), Diagnostic> {
    let mut words = Words::new(text, file);
    match words.next_word() {
        "when" => {
            let when = when(&mut words, world)?;
            let visits = match words.takes(&["at"]) {
                true => visits(&mut words, world)?,
                false => Visits::Always { mode: None },
            };
            rules.rules.push(acting(&mut words, world, Some(when), visits)?);
        }
        "every" => {
            let visits = Visits::Every(words.duration_h(world)?);
            rules.rules.push(acting(&mut words, world, None, visits)?);
        }
        "at" => {
            let visits = visits(&mut words, world)?;
            rules.rules.push(acting(&mut words, world, None, visits)?);
        }
        "start" => {
            words.takes(&["at", "with"]);
            let set = Act::Set(words.amount(world, world.compartment)?);
            rules.rules.push(Rule { when: None, visits: Visits::Start, once: true, act: set });
            if words.takes(&[","]) {
                words.expect("every", "how often the dose changes")?;
                let visits = Visits::Every(words.duration_h(world)?);
                rules.rules.push(acting(&mut words, world, None, visits)?);
            }
        }
        "miss" => rules.lapses.push(Lapse { which: which(&mut words)?, late_h: None }),
        "late" => {
            let which = which(&mut words)?;
            words.expect("by", "how late")?;
            let least = words.duration_or_number(world)?;
            let late_h = match words.takes(&["to"]) {
                true => {
                    let most_h = words.duration_h(world)?;
                    // `1 to 6 h`: the unit of the second is that of the first.
                    (least.0.unwrap_or(least.1 * words.last_unit_h), most_h)
                }
                false => {
                    let only = least.0.ok_or_else(|| words.wrong_before("a unit of time"))?;
                    (only, only)
                }
            };
            if late_h.1 < late_h.0 {
                return Err(words.wrong_before("a delay that is not below the first"));
            }
            rules.lapses.push(Lapse { which, late_h: Some(late_h) });
        }
        _ => return Err(words.wrong_before("`when`, `every`, `at`, `start`, `miss` or `late`")),
    }
    words.end()
}

/// The rest of a rule: `[once], ACTION`.
fn acting(
    words: &mut Words<'_>,
    world: &RuleWorld<'_>,
    when: Option<When>,
    visits: Visits,
) -> Result<Rule, Diagnostic> {
    let once = words.takes(&["once"]);
    words.takes(&[","]);
    Ok(Rule { when, visits, once, act: act(words, world)? })
}

/// `OUTPUT > NUMBER UNIT`.
fn when(words: &mut Words<'_>, world: &RuleWorld<'_>) -> Result<When, Diagnostic> {
    let name = words.next_word();
    let outputs = &world.model.outputs;
    let Some(at) = outputs.iter().position(|output| output.name == name) else {
        let names = || outputs.iter().map(|output| output.name.as_str());
        let said = Diagnostic::error("E0615", format!("the model has no output `{name}`"))
            .at(words.last_span(), "not an output")
            .note(format!("outputs: {}", list_names(names(), 20)));
        return Err(match did_you_mean(name, names()) {
            Some(near) => said.help(format!("did you mean `{near}`")),
            None => said.help("rules ask outputs; add one to the model for what is to be asked"),
        });
    };
    words.takes(&["is"]);
    let above = match words.next_word() {
        ">" | "above" => true,
        "<" | "below" => false,
        _ => return Err(words.wrong_before("`>` or `<`")),
    };
    let limit = words.quantity(world, &outputs[at].unit, name)?;
    Ok(When { output: at as u32, above, limit })
}

/// `visits every DURATION` or `visits DURATION, DURATION, ...`; `at` is read.
fn visits(words: &mut Words<'_>, world: &RuleWorld<'_>) -> Result<Visits, Diagnostic> {
    words.takes(&["visits", "visit"]);
    if words.takes(&["every"]) {
        return Ok(Visits::Every(words.duration_h(world)?));
    }
    let mut times_h = vec![words.time_h(world)?];
    while words.is_list_going_on() {
        words.takes(&[",", "and"]);
        let time_h = words.time_h(world)?;
        if times_h.last().is_some_and(|&before| time_h <= before) {
            return Err(words.wrong_before("a visit after the one before it"));
        }
        times_h.push(time_h);
    }
    Ok(Visits::At(times_h))
}

/// `10 %` or `doses 3, 7`.
fn which(words: &mut Words<'_>) -> Result<Which, Diagnostic> {
    if !words.takes(&["doses", "dose"]) {
        let share = words.number()?;
        words.expect("%", "a share of doses, or `doses` with their numbers")?;
        return match (0.0..=100.0).contains(&share) {
            true => Ok(Which::Share(share / 100.0)),
            false => Err(words.wrong_before("a share from 0 to 100 %")),
        };
    }
    let mut doses = Vec::new();
    loop {
        let number = words.number()?;
        if !(1.0..=4e9).contains(&number) || number.fract() != 0.0 {
            return Err(words.wrong_before("the number of a dose, counted from 1"));
        }
        doses.push(number as u32);
        if !words.is_list_going_on() {
            return Ok(Which::Doses(doses));
        }
        words.takes(&[",", "and"]);
    }
}
