//! Regimens of a drug of one's own: `100 mg twice daily for 5 d`, in the compartment's own kind.

use super::dosing::{Into, compartment, has_gut, records};
use epsom_diag::{Diagnostic, FileId, Span};
use epsom_engine::Record;
use epsom_evidence::builtin_substances;
use epsom_magnesium::regimen::parse_regimen;
use epsom_magnesium::salts::built_in_salts;
use epsom_model::ir::Model;
use epsom_units::{Unit, parse_unit};

/// Records of a regimen that names no salt, for a model whose amounts are of no substance; none
/// where it is to be read as one of magnesium.
pub(super) fn read(
    text: &str,
    file: FileId,
    into: &Into<'_>,
) -> Option<Result<Vec<Record>, Vec<Diagnostic>>> {
    if has_gut(into.model) || into.model.compartments.is_empty() {
        return None;
    }
    let size = Size::of(text)?;
    // The first compartment, or the one that is named, decides what amounts are.
    let named = into
        .compartment
        .and_then(|name| into.model.compartments.iter().position(|one| one.name == name));
    let unit = &into.model.compartments[named.unwrap_or(0)].unit.text;
    let own = match unit.as_str() {
        "" => None,
        text => Some(parse_unit(text, builtin_substances(), into.substance.cloned()).ok()?),
    };
    if own.as_ref().is_some_and(|own| own.dimension.substances().next().is_some()) {
        return None;
    }
    let amount = match amount(&size, own.as_ref(), into.model) {
        Ok(amount) => amount,
        Err(note) => {
            let name = &into.model.compartments[named.unwrap_or(0)].name;
            let shown = if unit.is_empty() { "plain numbers" } else { unit };
            let said =
                Diagnostic::error("E0912", format!("`{name}` cannot take `{}`", text.trim()))
                    .at(Span::new(file, 0, size.end), format!("amounts of `{name}` are {shown}"))
                    .help(note);
            return Some(Err(vec![said]));
        }
    };
    Some(scheduled(text, file, &size, amount, into))
}

/// The schedule of a regimen, read with a dose of 1 in the place of its own.
fn scheduled(
    text: &str,
    file: FileId,
    size: &Size<'_>,
    amount: f64,
    into: &Into<'_>,
) -> Result<Vec<Record>, Vec<Diagnostic>> {
    let per = size.per.map_or(String::new(), |per| format!("/{per}"));
    let rest = &text[size.end..];
    let words: Vec<&str> = rest.split_whitespace().collect();
    let salt = if words.contains(&"iv") { "" } else { " as oxide" };
    let one = format!("1 mmol{per} Mg{salt}");
    // `once` alone is one dose, which is what no word says too.
    let alone = words.iter().position(|word| *word == "once");
    let alone = alone.is_some_and(|at| words.get(at + 1) != Some(&"daily"));
    let rest = if alone { rest.replacen("once", "    ", 1) } else { rest.to_string() };
    let regimen = parse_regimen(&format!("{one}{rest}"), file, built_in_salts());
    let regimen = regimen.map_err(|said| {
        let moved = |span: &mut Span| {
            let place = |at: u32| (at + size.end as u32).saturating_sub(one.len() as u32);
            (span.start, span.end) = (place(span.start), place(span.end));
        };
        let each = |mut said: Diagnostic| {
            said.primary.iter_mut().chain(&mut said.labels).for_each(|one| moved(&mut one.span));
            said.fix = None;
            said
        };
        said.into_iter().map(each).collect::<Vec<_>>()
    })?;
    let at = compartment(&regimen, into).map_err(|said| vec![said])?;
    Ok(records(&regimen, at, amount * regimen.dose.amount.mmol))
}

/// The first part of a regimen, where a clause or nothing follows.
struct Size<'a> {
    value: f64,
    unit: &'a str,
    /// The time of a rate.
    per: Option<&'a str>,
    /// Where it ends in the text.
    end: usize,
}

/// Words that may follow an amount.
const NEXT: &[&str] = &[
    "once", "twice", "three", "four", "every", "at", "for", "from", "starting", "with", "between",
    "oral", "iv", "daily",
];

impl<'a> Size<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let start = text.len() - text.trim_start().len();
        let mut words = text[start..].split_whitespace();
        let number = words.next()?;
        let value = number.parse::<f64>().ok().filter(|one| *one > 0.0 && one.is_finite())?;
        let follows = |word: Option<&str>| {
            word.is_none_or(|word| {
                NEXT.contains(&word) || word.starts_with(|one: char| one.is_ascii_digit())
            })
        };
        let end_of_number = start + number.len();
        let unit = words.next();
        if follows(unit) {
            return Some(Self { value, unit: "", per: None, end: end_of_number });
        }
        let unit = unit?;
        let end = end_of_number + text[end_of_number..].find(unit)? + unit.len();
        let (name, per) = match unit.split_once('/') {
            Some((name, per)) => (name, Some(per)),
            None => (unit, None),
        };
        follows(words.next()).then_some(Self { value, unit: name, per, end })
    }
}

/// What one dose adds, base units of the compartment.
///
/// # Errors
/// What to write instead.
fn amount(size: &Size<'_>, own: Option<&Unit>, model: &Model) -> Result<f64, String> {
    let rest = "once daily for 5 d";
    let Some(own) = own else {
        if !["", "h", "hr", "hour", "hours"].contains(&model.time_unit.text.as_str()) {
            return Err(
                "times of regimens are in hours; give the doses as records with `--events`".into(),
            );
        }
        return match size.unit {
            "" => Ok(size.value),
            _ => Err(format!("write the number alone: `{} {rest}`", size.value)),
        };
    };
    let example = || format!("write `{} {} {rest}`", size.value, own.text);
    let given = parse_unit(size.unit, builtin_substances(), None).ok();
    let given = given.filter(|given| given.dimension == own.dimension).ok_or_else(example)?;
    if size.unit.is_empty() {
        return Err(example());
    }
    Ok(given.to_base(size.value))
}
