//! Exposure from a file of concentrations.

use super::Args;
use super::metrics::{Found, Units};
use super::ratios::{compare, read_pairing};
use super::rules::Read;
use super::show::Report;
use crate::done::exit;
use crate::files::read_text;
use crate::render::Sources;
use epsom_diag::Diagnostic;
use epsom_population::nca::{Baseline, Blq, Rule, exposure, profile, read_measured, urine_amount};

/// Hours of the amount in urine, in the unit of time of the file.
const URINE: f64 = 24.0;
/// Part of an area beyond the last sample from which it is told, percent.
pub(crate) const MUCH: f64 = 20.0;
/// A terminal line shorter than so many of its half-lives is told.
const SPAN: f64 = 2.0;
/// Most messages of one run; more would hide the first.
const MOST_MESSAGES: usize = 20;

/// Profiles of the file, and those that could not be used.
///
/// # Errors
/// Messages and the exit code, where nothing is left.
pub(crate) fn of_file(
    args: &Args,
    mut read: Read,
    sources: &mut Sources,
) -> Result<(Report, Vec<Diagnostic>), (Vec<Diagnostic>, u8)> {
    let usage = |said: Diagnostic| (vec![said], exit::USAGE);
    if read.undosed == Some(true) {
        let said = Diagnostic::error("E0745", "`--baseline undosed` belongs to a model")
            .help("give `before` or a number");
        return Err(usage(said));
    }
    let units = read_units(args.file.units.as_deref()).map_err(usage)?;
    read.profile.nca.dose = args.file.amount.unwrap_or(f64::NAN);
    let path = &args.input;
    let text =
        read_text(path, "file of concentrations").map_err(|said| (vec![said], exit::DATA))?;
    let file = sources.add(path.display().to_string(), text.as_str());
    let people =
        read_measured(&text, file, args.file.by.as_deref()).map_err(|said| (said, exit::DATA))?;
    let (mut found, mut said) = (Vec::new(), Vec::new());
    for person in &people {
        match profile(person, &read.profile) {
            Ok((times, values, options)) => {
                let start = first_dose(person, &read);
                found.push(Found {
                    id: person.id.clone(),
                    group: person.group.clone(),
                    draw: None,
                    exposure: exposure(&times, &values, &options),
                    accumulation_observed: f64::NAN,
                    urine_24h: urine_amount(person, start, URINE),
                });
            }
            Err(one) => said.push(one),
        }
    }
    let n_hidden = said.len().saturating_sub(MOST_MESSAGES);
    said.truncate(MOST_MESSAGES);
    if let Some(last) = said.last_mut().filter(|_| n_hidden > 0) {
        last.notes.push(format!("{n_hidden} more profiles could not be used and are not shown"));
    }
    if found.is_empty() {
        return Err((said, exit::DATA));
    }
    let mut notes = rules(&read);
    let ratios = match &args.file.ratio {
        None => None,
        Some(text) => {
            let pairing = read_pairing(text, args.file.parallel, &found).map_err(usage)?;
            let (compared, paired) = compare(&pairing, &found).map_err(usage)?;
            notes.push(match paired {
                true => {
                    "Groups are compared within people (paired): no period effect is taken off."
                        .to_string()
                }
                false => {
                    "Groups are compared between people (parallel), their spreads apart (Welch)."
                        .to_string()
                }
            });
            Some((format!("{} over {}", pairing.test, pairing.reference), compared))
        }
    };
    notes.extend(minded(&found));
    let of = path.display().to_string();
    let partial = read.profile.nca.partial.clone();
    Ok((Report { found, units, of, partial, ratios, notes }, said))
}

/// When the dose that is looked at stands.
fn first_dose(person: &epsom_population::nca::Measured, read: &Read) -> f64 {
    use epsom_population::nca::Which;
    let at = match read.profile.which {
        Which::First => 0,
        Which::Last => person.doses.len().saturating_sub(1),
        Which::Number(number) => number - 1,
    };
    person.doses.get(at).map_or(0.0, |dose| dose.time)
}

/// `h,mmol/L,mmol`.
fn read_units(text: Option<&str>) -> Result<Units, Diagnostic> {
    let Some(text) = text else { return Ok(Units::default()) };
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let [time, concentration, amount] = parts[..] else {
        return Err(Diagnostic::error("E0745", format!("`--units {text}` cannot be used")).help(
            "give the units of time, concentration and dose, such as `--units h,mmol/L,mmol`",
        ));
    };
    let owned = str::to_string;
    Ok(Units { time: owned(time), concentration: owned(concentration), amount: owned(amount) })
}

/// The rules in words.
pub(crate) fn rules(read: &Read) -> Vec<String> {
    let rule = match read.profile.nca.rule {
        Rule::Linear => "straight between samples",
        Rule::LinearUpLogDown => "straight while rising, exponential while falling",
        Rule::Log => "exponential between samples above 0",
    };
    let terminal = match read.profile.nca.terminal {
        Some((from, to)) => format!("samples from {from} to {to}"),
        None => "the last samples, three or more, with the best adjusted r²".to_string(),
    };
    let blq = match read.profile.blq {
        Blq::ZeroThenNothing => "0 before the first quantified sample and left out after it",
        Blq::Zero => "0",
        Blq::Nothing => "left out",
    };
    let baseline = match read.profile.baseline {
        Baseline::Before => "the mean of samples before the first dose",
        Baseline::Value(_) => "the number given",
        Baseline::None if read.undosed == Some(true) => "the same person's run without the doses",
        Baseline::None => "none",
    };
    vec![
        format!("Areas: {rule}. Terminal phase: {terminal}."),
        format!(
            "Samples below the limit of quantification: {blq}. Baseline taken off: {baseline}; \
             what lies below it counts as 0."
        ),
    ]
}

/// What to mind about the profiles.
pub(crate) fn minded(found: &[Found]) -> Vec<String> {
    let n = found.len();
    let count = |test: &dyn Fn(&Found) -> bool| found.iter().filter(|one| test(one)).count();
    let without = count(&|one| one.exposure.terminal.is_none());
    let beyond = count(&|one| one.exposure.extrapolated_percent > MUCH);
    let mut notes = Vec::new();
    if without > 0 {
        notes.push(format!(
            "{without} of {n} profiles have no terminal phase (three falling samples after the \
             highest), so nothing is said beyond their last sample."
        ));
    }
    let is_short = |one: &Found| {
        let short =
            |line: &epsom_population::nca::Terminal| line.to - line.from < SPAN * line.half_life;
        one.exposure.terminal.as_ref().is_some_and(short)
    };
    let short = count(&is_short);
    if short > 0 {
        notes.push(format!(
            "In {short} of {n} profiles the terminal line is shorter than two of its half-lives: \
             half-life, area to infinity and what follows from them are uncertain there."
        ));
    }
    if beyond > 0 {
        notes.push(format!(
            "In {beyond} of {n} profiles more than {MUCH} % of the area to infinity lies beyond \
             the last sample."
        ));
    }
    notes
}
