//! The first part of a regimen: how much of what.

use epsom_diag::{Diagnostic, Span, did_you_mean, list_names};
use epsom_units::{Dimension, Substance, Substances, parse_unit};

use super::parse::is_clause_word;
use super::words::Words;
use super::{Content, SaltDose, Stated};
use crate::formula::MAGNESIUM_G_PER_MOL;
use crate::salt_names::family;
use crate::salts::{Amount, ElementalMass, Naming, Salt, SaltMass, Salts};

/// Units of a dose, for "did you mean".
const DOSE_UNITS: &[&str] = &["g", "mg", "ug", "mol", "mmol", "umol", "mEq"];

/// Products whose strength is the amount in one, and their number stands before it.
const PRODUCTS: &[&str] =
    &["capsule", "capsules", "tablet", "tablets", "sachet", "sachets", "scoop", "scoops"];

/// How much, before it is known of what.
#[derive(Debug, Clone, Copy)]
enum Size {
    /// mg.
    Mass(f64),
    /// mmol of whatever it is of.
    Amount(f64),
    /// mmol of magnesium, from equivalents.
    Equivalents(f64),
}

/// A size with the text that states it.
#[derive(Debug, Clone, Copy)]
struct Stretch<'a> {
    size: Size,
    /// As written, such as `500 mg`.
    text: &'a str,
    /// The whole regimen.
    regimen: &'a str,
    span: Span,
    /// In one hour, not in one dose.
    is_rate: bool,
}

/// Most of one dose, mg and mmol: a kilogram or more is a slip of the unit.
const MOST_MG: f64 = 1e6;
const MOST_MMOL: f64 = 1e5;

/// What a regimen gives: a dose, or so much in each hour.
pub(super) struct Given {
    /// The dose, or what one hour holds.
    pub(super) content: Content,
    /// Where a rate stands, if it is one.
    pub(super) rate: Option<Span>,
}

/// Reads amount, unit and substance; on failure skips to the first clause.
pub(super) fn parse_content(
    words: &mut Words<'_>,
    text: &str,
    salts: &Salts,
    found: &mut Vec<Diagnostic>,
) -> Option<Given> {
    let content = parse_size(words, text, salts)
        .and_then(|size| {
            let content = parse_what(words, size, salts)?;
            Ok(Given { content, rate: size.is_rate.then_some(size.span) })
        })
        .map_err(|diagnostic| found.push(*diagnostic))
        .ok();
    if content.is_none() {
        while words.peek().is_some_and(|word| !is_clause_word(word)) {
            words.take();
        }
    }
    content
}

fn parse_size<'a>(
    words: &mut Words<'_>,
    text: &'a str,
    salts: &Salts,
) -> Result<Stretch<'a>, Box<Diagnostic>> {
    let (mut value, mut span) = parse_number(words)?;
    if words.peek().is_some_and(|word| PRODUCTS.iter().any(|product| word.is(product))) {
        words.take();
        if !words.eat("of") {
            return Err(Diagnostic::error("E0653", "the strength of a product is not said")
                .at(words.here(), "`of` and what one holds should stand here")
                .help("for example `2 capsules of 500 mg MgT twice daily for 12 weeks`")
                .into());
        }
        let (each, at) = parse_number(words)?;
        (value, span) = (value * each, span.to(at));
    }
    let unit_at = words.here();
    let whole = words.peek().map_or("", |word| word.text);
    // `1 g/h`: what each hour of an infusion holds.
    let (unit, per) = match whole.split_once('/') {
        Some((unit, time)) => (unit, hours(time)),
        None => (whole, None),
    };
    let value = value / per.unwrap_or(1.0);
    let is_rate = per.is_some();
    let unit = if is_rate { unit } else { whole };
    let magnesium =
        Substance { name: "Mg".to_string(), molar_mass_g_per_mol: MAGNESIUM_G_PER_MOL, valence: 2 };
    let substances = Substances::new(vec![magnesium], vec![]).unwrap_or_default();
    let parsed = parse_unit(unit, &substances, substances.id("Mg")).ok();
    let kilogram = Dimension::base(epsom_units::Base::Mass);
    let millimole = substances.id("Mg").map(Dimension::substance);
    let size = parsed.and_then(|parsed| match &parsed.dimension {
        dimension if *dimension == kilogram => Some(Size::Mass(parsed.to_base(value) * 1e6)),
        dimension if Some(dimension) == millimole.as_ref() => {
            let mmol = parsed.to_base(value);
            let equivalents = unit.to_lowercase().ends_with("eq");
            Some(if equivalents { Size::Equivalents(mmol) } else { Size::Amount(mmol) })
        }
        _ => None,
    });
    let Some(size) = size else {
        let missing = unit.is_empty()
            || unit == "Mg"
            || salts.find(unit).is_some()
            || words.peek().is_some_and(is_clause_word);
        let message = if missing {
            "a dose has no unit".to_string()
        } else {
            format!("`{unit}` is not a unit of a dose")
        };
        // One letter more or less is another unit; only longer words are slips.
        let near = did_you_mean(unit, DOSE_UNITS.iter().copied())
            .filter(|near| !missing && (unit.len() > 2 || near.eq_ignore_ascii_case(unit)));
        return Err(Diagnostic::error("E0653", message)
            .at(unit_at, "a mass or an amount should stand here")
            .help(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    format!("units of a dose are {}", list_names(DOSE_UNITS.iter().copied(), 9))
                }
            })
            .into());
    };
    words.take();
    let span = span.to(unit_at);
    let (Size::Mass(base) | Size::Amount(base) | Size::Equivalents(base)) = size;
    let most = if matches!(size, Size::Mass(_)) { MOST_MG } else { MOST_MMOL };
    if !(base > 0.0 && base < most) {
        return Err(Diagnostic::error(
            "E0651",
            "a dose is a positive amount below 1 kg or 100 mol",
        )
        .at(span, if base > 0.0 { "nobody takes this much" } else { "this is 0" })
        .help("check the unit: doses are given in `g`, `mg`, `mmol` or `mEq`")
        .into());
    }
    Ok(Stretch { size, text: cut(text, span), regimen: text, span, is_rate })
}

/// A unit of time in hours.
fn hours(unit: &str) -> Option<f64> {
    let parsed = parse_unit(unit, &Substances::default(), None).ok()?;
    let is_time = parsed.dimension == Dimension::base(epsom_units::Base::Time);
    is_time.then(|| parsed.to_base(1.0))
}

/// A positive number and its place.
fn parse_number(words: &mut Words<'_>) -> Result<(f64, Span), Box<Diagnostic>> {
    let Some(number) = words.take() else {
        return Err(Diagnostic::error("E0653", "the regimen is empty")
            .at(words.here(), "an amount should stand here")
            .help("for example `1 g MgT twice daily with meals for 12 weeks`")
            .into());
    };
    let span = words.span(number);
    if number.text.contains(',') {
        return Err(Diagnostic::error("E0651", "a number with a comma can be read in two ways")
            .at(span, "thousands or a decimal comma")
            .help("write thousands without a separator and decimals with a point")
            .into());
    }
    let value = match number.text.parse::<f64>() {
        Ok(value) => value,
        Err(_) => {
            return Err(Diagnostic::error("E0653", "a regimen starts with an amount")
                .at(span, format!("`{}` is not a number", number.text))
                .help("for example `1 g MgT twice daily with meals for 12 weeks`")
                .into());
        }
    };
    if !(value > 0.0 && value.is_finite()) {
        return Err(Diagnostic::error("E0651", "a dose is a positive amount")
            .at(span, format!("this is {value}"))
            .into());
    }
    Ok((value, span))
}

fn parse_what(
    words: &mut Words<'_>,
    dose: Stretch<'_>,
    salts: &Salts,
) -> Result<Content, Box<Diagnostic>> {
    let start = words.here();
    let Some(word) = words.peek().filter(|word| !is_clause_word(*word)) else {
        return Err(nothing_said(dose, salts).into());
    };
    if word.text == "Mg" || word.is("magnesium") {
        words.take();
        if words.eat("as") {
            let at = words.here();
            let named = words.take().map_or("", |word| word.text);
            return match salts.find(named) {
                Some(found) => Ok(of_magnesium(dose, Some((found.salt, found.naming)))),
                None => Err(unknown_salt_at(named, at, salts).into()),
            };
        }
        // `magnesium oxide`: a label's way to say either.
        return match words.peek().and_then(|word| salts.find(word.text)) {
            Some(found) if words.peek().is_some_and(|word| !is_clause_word(word)) => {
                let name = words.take().map_or("", |word| word.text);
                Err(two_readings(dose, name, found.salt, words.since(start)).into())
            }
            _ => Ok(of_magnesium(dose, None)),
        };
    }
    let Some(found) = salts.find(word.text) else {
        return Err(unknown_salt_at(word.text, start, salts).into());
    };
    words.take();
    let said = words.eat("salt") || found.symbol;
    match (said, found.naming) {
        (false, _) => Err(two_readings(dose, word.text, found.salt, start).into()),
        (true, Naming::Dry) if matches!(dose.size, Size::Mass(_)) => {
            Err(which_water(dose, word.text, found.salt, start, salts).into())
        }
        (true, naming) => Ok(of_salt(dose, found.salt, naming)),
    }
}

fn of_magnesium(dose: Stretch<'_>, salt: Option<(&Salt, Naming)>) -> Content {
    let (amount, elemental, stated) = match dose.size {
        Size::Mass(mg) => {
            let elemental = ElementalMass { mg };
            (elemental.amount(), elemental, Stated::ElementalMass)
        }
        Size::Amount(mmol) | Size::Equivalents(mmol) => {
            let amount = Amount { mmol };
            (amount, amount.elemental(), Stated::Amount)
        }
    };
    let salt = salt.map(|(salt, naming)| salt_dose(salt, naming, salt.mass_of(amount)));
    Content { amount, elemental, salt, stated }
}

fn of_salt(dose: Stretch<'_>, salt: &Salt, naming: Naming) -> Content {
    let (amount, mass, stated) = match dose.size {
        Size::Mass(mg) => {
            let mass = SaltMass { mg };
            (salt.amount_in(mass), mass, Stated::SaltMass)
        }
        Size::Amount(mmol) => {
            let amount = Amount { mmol: mmol * f64::from(salt.mg_per_formula) };
            (amount, salt.mass_of(amount), Stated::Amount)
        }
        Size::Equivalents(mmol) => {
            let amount = Amount { mmol };
            (amount, salt.mass_of(amount), Stated::Amount)
        }
    };
    let salt = Some(salt_dose(salt, naming, mass));
    Content { amount, elemental: amount.elemental(), salt, stated }
}

impl Content {
    /// The content of so many of it.
    pub(super) fn times(mut self, n: f64) -> Self {
        self.amount.mmol *= n;
        self.elemental.mg *= n;
        if let Some(salt) = &mut self.salt {
            salt.mass.mg *= n;
        }
        self
    }
}

fn salt_dose(salt: &Salt, naming: Naming, mass: SaltMass) -> SaltDose {
    let form_basis = match naming {
        Naming::Exact => None,
        Naming::Usual | Naming::Dry => family(salt.family).map(|family| family.basis),
    };
    SaltDose { salt: salt.clone(), mass, form_basis }
}

/// `500 mg`.
fn nothing_said(dose: Stretch<'_>, salts: &Salts) -> Diagnostic {
    let diagnostic = Diagnostic::error("E0650", format!("`{}` of what is not said", dose.text))
        .at(dose.span, "mass or amount of the salt, or of magnesium in it");
    let example = salts.find("MgO").map(|found| found.salt);
    let Some(salt) = example else { return diagnostic };
    readings(diagnostic, dose, "oxide", salt)
}

/// `500 mg oxide`.
fn two_readings(dose: Stretch<'_>, name: &str, salt: &Salt, at: Span) -> Diagnostic {
    let at = dose.span.to(at);
    let message = format!("`{}` can be read in two ways", cut(dose.regimen, at));
    let diagnostic =
        Diagnostic::error("E0650", message).at(at, "mass of the salt, or of magnesium in it");
    readings(diagnostic, dose, name, salt)
}

/// `500 mg magnesium` by mouth.
pub(super) fn salt_not_said(content: &Content, at: Span, salts: &Salts) -> Diagnostic {
    let elemental = content.elemental.mg;
    let mut diagnostic =
        Diagnostic::error("E0650", "magnesium by mouth is taken as a salt, and none is said")
            .at(at, "as which salt?");
    for (word, name) in [("MgO", "oxide"), ("citrate", "citrate"), ("MgT", "l_threonate")] {
        if let Some(found) = salts.find(word) {
            let mass = found.salt.mass_of(content.amount).mg;
            diagnostic = diagnostic.note(format!(
                "{} Mg as {name} = {} of salt",
                mass_text(elemental),
                mass_text(mass)
            ));
        }
    }
    diagnostic.help("name it, as in `400 mg Mg as oxide once daily for 30 days`")
}

/// `4 g MgSO4`.
fn which_water(dose: Stretch<'_>, name: &str, usual: &Salt, at: Span, salts: &Salts) -> Diagnostic {
    let message =
        format!("`{name}` is the formula of the dry salt, but products hold it with water");
    let mut diagnostic = Diagnostic::error("E0656", message).at(at, "with which water?");
    for salt in salts.family(usual.family) {
        let content = of_salt(dose, salt, Naming::Exact);
        diagnostic = diagnostic.note(format!(
            "{} {} salt = {} mmol = {} elemental",
            dose.text,
            salt.name,
            short(content.amount.mmol),
            mass_text(content.elemental.mg)
        ));
    }
    let symbols = family(usual.family).map_or(&[][..], |family| family.symbols);
    let symbol = symbols.iter().find(|symbol| symbol.naming == Naming::Exact);
    match symbol {
        Some(symbol) => diagnostic.help(format!("write `{} {}`", dose.text, symbol.text)),
        None => diagnostic.help(format!("write `{} {} salt`", dose.text, usual.name)),
    }
}

/// Both readings with their numbers, and how to write each.
fn readings(diagnostic: Diagnostic, dose: Stretch<'_>, name: &str, salt: &Salt) -> Diagnostic {
    let as_salt = of_salt(dose, salt, Naming::Exact);
    let as_metal = of_magnesium(dose, Some((salt, Naming::Exact)));
    let metal = mass_text(as_salt.elemental.mg);
    let mass = as_metal.salt.map_or(0.0, |salt| salt.mass.mg);
    let symbols = family(salt.family).map_or(&[][..], |family| family.symbols);
    let symbol = symbols.iter().find(|symbol| symbol.form == salt.name);
    let word = salts_word(name, salt);
    let short_form = match symbol {
        Some(symbol) if symbol.naming != Naming::Dry => {
            format!("`{} {}` or `{} {word} salt`", dose.text, symbol.text, dose.text)
        }
        _ => format!("`{} {word} salt`", dose.text),
    };
    diagnostic
        .note(format!("{} of {word} salt = {metal} elemental", dose.text))
        .note(format!("{} Mg as {word} = {} of salt", dose.text, mass_text(mass)))
        .help(format!("for the mass of the salt write {short_form}"))
        .help(format!("for magnesium alone write `{} Mg as {word}`", dose.text))
}

fn cut(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

/// The word to show for a salt: what was typed, or the family for a symbol.
fn salts_word<'a>(typed: &'a str, salt: &Salt) -> &'a str {
    match family(salt.family) {
        Some(family) if family.symbols.iter().any(|one| one.text.eq_ignore_ascii_case(typed)) => {
            family.name
        }
        _ => typed,
    }
}

fn unknown_salt_at(word: &str, at: Span, salts: &Salts) -> Diagnostic {
    if word.is_empty() {
        return Diagnostic::error("E0653", "a salt should follow `as`")
            .at(at, "the regimen ends here")
            .help("for example `400 mg Mg as oxide once daily for 30 days`");
    }
    unknown_salt(word, salts).at(at, "not in the table of salts")
}

/// `E0652`: a word that is no salt, and the nearest that is.
pub fn unknown_salt(word: &str, salts: &Salts) -> Diagnostic {
    let diagnostic = Diagnostic::error("E0652", format!("`{word}` is not a known salt"));
    let known = std::iter::once("Mg").chain(salts.words());
    match did_you_mean(word, known) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => {
            let families = crate::salt_names::FAMILIES.iter().map(|family| family.name);
            diagnostic.note(format!("known salts are {}", list_names(families, 20)))
        }
    }
}

/// Three digits, without a power of ten between 0.001 and a million.
fn short(value: f64) -> String {
    let decimals = [1000.0, 100.0, 10.0, 1.0, 0.1, 0.01].iter().filter(|x| value < **x).count();
    match decimals {
        _ if !(1e-3..1e6).contains(&value) => format!("{value:.2e}"),
        0 | 1 => format!("{value:.0}"),
        more => format!("{value:.0$}", more - 1),
    }
}

fn mass_text(mg: f64) -> String {
    if mg < 1e4 { format!("{} mg", short(mg)) } else { format!("{} g", short(mg / 1e3)) }
}
