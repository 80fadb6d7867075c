//! From facts to a person: units, ranges, contradictions; all that is wrong is reported at once.

use epsom_diag::Diagnostic;
use epsom_evidence::Tables;

use super::conditions::{UnknownCondition, condition};
use super::facts::{Fact, Given, at, meaning};
use super::food::{FoodPattern, pattern, phytate};
use super::kidney::{CreatinineClearance, IndexedFiltration, kidney};
use super::measured::{SerumValue, UrineValue, serum, serum_units, urine};
use super::medicines::{Medicine, medicine};
use crate::formula::{MAGNESIUM_G_PER_MOL, molar_mass_g_per_mol};

/// Sex, as equations and reference intakes distinguish it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

/// Passage of the bowel, where nothing blocks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bowel {
    /// Normal.
    Normal,
    /// Slow.
    Constipated,
    /// Fast.
    Diarrhea,
}

/// A person; what is not known is none.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Person {
    /// Age, completed years.
    pub age_year: Option<f64>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Weight, kg.
    pub weight_kg: Option<f64>,
    /// Height, cm.
    pub height_cm: Option<f64>,
    /// Pregnant.
    pub pregnant: bool,
    /// Breast-feeding.
    pub lactating: bool,
    /// Serum values.
    pub serum: Vec<SerumValue>,
    /// Magnesium in the urine of 24 h.
    pub urine: Option<UrineValue>,
    /// Serum creatinine, mg/dL.
    pub creatinine_mg_per_dl: Option<f64>,
    /// Reported filtration per 1.73 m2.
    pub egfr: Option<IndexedFiltration>,
    /// Creatinine clearance.
    pub crcl: Option<CreatinineClearance>,
    /// Albumin, g/L.
    pub albumin_g_per_l: Option<f64>,
    /// Magnesium in food, mg a day.
    pub diet_mg_per_day: Option<f64>,
    /// Pattern of food, where no amount is given.
    pub food_pattern: Option<FoodPattern>,
    /// Phytic acid in a meal beyond the usual, mmol.
    pub phytate_mmol: Option<f64>,
    /// Passage of the bowel.
    pub bowel: Option<Bowel>,
    /// Conditions by the name that gates use.
    pub conditions: Vec<&'static str>,
    /// Stage of chronic kidney disease, 1 to 5.
    pub ckd_stage: Option<u8>,
    /// Conditions that no rule knows.
    pub unknown_conditions: Vec<UnknownCondition>,
    /// Medicines and supplements.
    pub medicines: Vec<Medicine>,
    /// Goal in words.
    pub goal: String,
}

/// A number's unit and its size in the unit of the field.
pub(super) type Units<'a> = &'a [(&'a str, f64)];

/// Range of a number: key, lowest, highest, unit. Beyond it a value is a slip, not a person.
const RANGES: &[(&str, f64, f64, &str)] = &[
    ("age", 0.0, 120.0, "years"),
    ("weight", 0.4, 500.0, "kg"),
    ("height", 20.0, 260.0, "cm"),
    ("serum", 0.1, 15.0, "mmol/L"),
    ("creatinine", 0.1, 30.0, "mg/dL"),
    ("egfr", 1.0, 250.0, "mL/min per 1.73 m2"),
    ("crcl", 1.0, 350.0, "mL/min"),
    ("albumin", 5.0, 70.0, "g/L"),
    ("diet", 0.0, 3000.0, "mg a day"),
    ("fiber", 0.0, 20.0, "mmol phytate a meal"),
    ("urine", 0.01, 60.0, "mmol/day"),
];

/// The person whom facts describe.
///
/// # Errors
/// `E0680` for values that nobody has, with what may have been meant, `E0681` for facts that
/// contradict each other, `E0682` for values that cannot be read.
pub fn person(facts: &[Fact], evidence: &Tables) -> Result<Person, Vec<Diagnostic>> {
    let mut person = Person::default();
    let mut found = Vec::new();
    for fact in facts {
        if let Err(said) = take(&mut person, fact, evidence) {
            found.push(at(*said, fact.span));
        }
    }
    found.extend(contradictions(&person, evidence));
    // Both say the sex where it is not given.
    if person.pregnant || person.lactating {
        person.sex = Some(Sex::Female);
    }
    if found.is_empty() { Ok(person) } else { Err(found) }
}

fn take(person: &mut Person, fact: &Fact, evidence: &Tables) -> Result<(), Box<Diagnostic>> {
    match fact.key {
        "age" => person.age_year = Some(number(fact, &[("", 1.0), ("years", 1.0), ("y", 1.0)])?),
        "sex" => {
            person.sex = Some(match text(fact)?.to_lowercase().as_str() {
                "female" | "f" | "woman" => Sex::Female,
                "male" | "m" | "man" => Sex::Male,
                _ => return Err(unreadable(fact)),
            });
        }
        "weight" => person.weight_kg = Some(number(fact, &[("", 1.0), ("kg", 1.0)])?),
        "height" => {
            person.height_cm = Some(number(fact, &[("", 1.0), ("cm", 1.0), ("m", 100.0)])?);
        }
        // A condition may say it too.
        "pregnant" => person.pregnant |= flag(fact)?,
        "lactating" => person.lactating |= flag(fact)?,
        "serum" => person.serum = serum(fact)?,
        "creatinine" => {
            let umol = creatinine_mg_per_dl_in_umol_per_l();
            let units = [("mg/dL", 1.0), ("umol/L", umol), ("µmol/L", umol)];
            person.creatinine_mg_per_dl = Some(number(fact, &units)?);
        }
        "egfr" => {
            let ml_per_min = number(fact, &[("", 1.0)])?;
            person.egfr = Some(IndexedFiltration { ml_per_min });
        }
        "crcl" => {
            let ml_per_min = number(fact, &[("", 1.0), ("mL/min", 1.0)])?;
            person.crcl = Some(CreatinineClearance { ml_per_min });
        }
        "albumin" => {
            person.albumin_g_per_l =
                Some(number(fact, &[("", 1.0), ("g/L", 1.0), ("g/dL", 10.0)])?);
        }
        "diet" => {
            let units = [("", 1.0), ("mg", 1.0), ("mmol", MAGNESIUM_G_PER_MOL)];
            match &fact.given {
                Given::Text(text) if text.trim().starts_with(char::is_alphabetic) => {
                    person.food_pattern = Some(pattern(fact, text)?);
                }
                _ => person.diet_mg_per_day = Some(number(fact, &units)?),
            }
        }
        "fiber" => person.phytate_mmol = phytate(fact, evidence)?,
        "urine" => person.urine = Some(urine(fact)?),
        "bowel" => match text(fact)?.to_lowercase().as_str() {
            "normal" => person.bowel = Some(Bowel::Normal),
            "constipated" | "constipation" => person.bowel = Some(Bowel::Constipated),
            "diarrhea" | "diarrhoea" => person.bowel = Some(Bowel::Diarrhea),
            "obstructed" | "obstruction" | "ileus" | "stasis" => {
                person.conditions.push("bowel obstruction");
            }
            _ => return Err(unreadable(fact)),
        },
        "conditions" => {
            for word in list(fact)? {
                condition(person, &word);
            }
        }
        "medicines" => {
            for word in list(fact)? {
                person.medicines.push(medicine(&word).map_err(|why| {
                    Box::new(
                        Diagnostic::error("E0682", format!("`{word}`: {why}"))
                            .help("write clock times as `levothyroxine at 7:00 and 19:00`"),
                    )
                })?);
            }
        }
        _ => person.goal = text(fact)?.to_string(),
    }
    Ok(())
}

/// Creatinine is C4H7N3O; ten deciliters in a liter, a thousand umol in a mmol.
fn creatinine_mg_per_dl_in_umol_per_l() -> f64 {
    molar_mass_g_per_mol("C4H7N3O").map_or(f64::NAN, |(mass, _)| mass / 1e4)
}

/// `7:30` in hours.
pub(super) fn clock_h(text: &str) -> Option<f64> {
    let (hour, minute) = text.trim().split_once(':')?;
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < 60).then(|| f64::from(hour) + f64::from(minute) / 60.0)
}

/// A number in the unit of the field, within its range.
pub(super) fn number(fact: &Fact, units: Units<'_>) -> Result<f64, Box<Diagnostic>> {
    let (value, unit) = match &fact.given {
        Given::Number(value) => (*value, ""),
        Given::Text(text) => {
            let text = text.trim();
            let end = text.find(|c: char| !(c.is_ascii_digit() || "+-.".contains(c)));
            let (digits, unit) = text.split_at(end.unwrap_or(text.len()));
            if unit.starts_with(',') {
                let said = Diagnostic::error("E0682", format!("`{text}` has a comma"));
                let help = "write a decimal point; a comma may mean thousands";
                return Err(Box::new(said.help(help)));
            }
            (digits.parse().map_err(|_| unreadable(fact))?, unit.trim())
        }
        _ => return Err(unreadable(fact)),
    };
    let Some((_, factor)) = units.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit)) else {
        let names: Vec<&str> =
            units.iter().map(|(name, _)| *name).filter(|name| !name.is_empty()).collect();
        let message = match unit {
            "" => format!("`{}` needs a unit", fact.key),
            unit => format!("`{}` is not read in `{unit}`", fact.key),
        };
        let said = Diagnostic::error("E0682", message);
        return Err(Box::new(said.help(format!("give it in {}", names.join(" or ")))));
    };
    let found = value * factor;
    let Some((_, lo, hi, own)) = RANGES.iter().find(|(key, ..)| *key == fact.key) else {
        return Ok(found);
    };
    if (*lo..=*hi).contains(&found) {
        return Ok(found);
    }
    let shown = if unit.is_empty() { format!("{value} {own}") } else { format!("{value} {unit}") };
    let said = Diagnostic::error("E0680", format!("`{}` of {shown} is nobody's", fact.key))
        .note(format!("values from {lo} to {hi} {own} are taken"));
    Err(Box::new(match meant(fact.key, value, unit, (*lo, *hi), units) {
        Some(meant) => said.help(meant),
        None => said,
    }))
}

/// What a value beyond its range may have been.
fn meant(
    key: &str,
    value: f64,
    unit: &str,
    (lo, hi): (f64, f64),
    units: Units<'_>,
) -> Option<String> {
    let other =
        units.iter().filter(|(name, _)| !name.is_empty() && !name.eq_ignore_ascii_case(unit));
    let mut fits = other.filter(|(_, factor)| (lo..=hi).contains(&(value * factor)));
    // Ten times too much first: a decimal point is the commonest slip.
    let slips = [10.0, 100.0, 1000.0];
    let slip = slips.iter().find(|slip| (lo..=hi).contains(&(value / **slip)));
    match key {
        "weight" if value >= 1000.0 && (lo..=hi).contains(&(value / 1000.0)) => {
            Some(format!("perhaps {value} g was meant, or {} kg", value / 100.0))
        }
        "serum" => match fits.next() {
            Some((name, factor)) => Some(format!(
                "perhaps {value} {name} was meant, which is {:.2} mmol/L",
                value * factor
            )),
            None => {
                let [_, (name, factor), _] = serum_units();
                let tenth = value / 10.0;
                let own = tenth * factor;
                Some(format!(
                    "perhaps {tenth} {name} was meant, which is {own:.2} mmol/L, or a point is missing"
                ))
            }
        },
        _ if value < 0.0 && (lo..=hi).contains(&-value) => {
            Some(format!("perhaps {} was meant", -value))
        }
        _ => match fits.next() {
            Some((name, _)) => Some(format!("perhaps {value} {name} was meant")),
            None => slip.map(|slip| format!("perhaps {} was meant", value / slip)),
        },
    }
}

fn contradictions(person: &Person, evidence: &Tables) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut say = |message: &str, help: &str| {
        found.push(Diagnostic::error("E0681", message).help(help));
    };
    for (is, word) in [(person.pregnant, "pregnant"), (person.lactating, "lactating")] {
        if is && person.sex == Some(Sex::Male) {
            say(
                &format!("`{word} = true` and `sex = \"male\"` contradict each other"),
                "leave out the one that is wrong",
            );
        }
    }
    for (is, word) in [(person.pregnant, "pregnant"), (person.lactating, "lactating")] {
        if is && person.age_year.is_some_and(|age| !(9.0..=60.0).contains(&age)) {
            let message = format!("`{word} = true` does not fit the age");
            say(&message, "leave out the one that is wrong");
        }
    }
    if let (Some(height), Some(weight)) = (person.height_cm, person.weight_kg) {
        let per_m2 = weight / (height / 100.0 * (height / 100.0));
        if !BODY_MASS_INDEX.contains(&per_m2) {
            say(
                &format!("{height} cm and {weight} kg do not belong to one body"),
                "check both, and their units",
            );
        }
    }
    let indexed = person.egfr.map(|one| one.ml_per_min);
    let stage = person.ckd_stage;
    if let (Some(egfr), Some(stage)) = (indexed, stage)
        && ((stage >= 4 && egfr >= 60.0)
            || (stage == 3 && egfr >= 90.0)
            || (stage <= 2 && egfr < 45.0))
    {
        say(
            &format!("CKD stage {stage} and an `egfr` of {egfr} contradict each other"),
            "leave out the one that is older",
        );
    }
    // Two readings of one kidney.
    let computed = kidney(&Person { egfr: None, crcl: None, ..person.clone() }, evidence);
    let (own, clearance) = (computed.filtration, person.crcl.map(|one| one.ml_per_min));
    let readings = [
        (
            indexed,
            computed.indexed.map(|one| one.ml_per_min),
            "an `egfr`",
            "a `creatinine` that gives",
        ),
        (clearance, own.map(|one| one.ml_per_min), "a `crcl`", "a `creatinine` that gives"),
        (clearance, indexed, "a `crcl`", "an `egfr` of"),
    ];
    for (one, other, word, against) in readings {
        if let (Some(one), Some(other)) = (one, other)
            && one.max(other) > FAR_APART * one.min(other)
        {
            say(
                &format!("{word} of {one} and {against} {other:.0} mL/min contradict each other"),
                "leave out the one that is older",
            );
        }
    }
    found
}

/// Weight over height squared that a body can have, kg/m2; wide on purpose.
const BODY_MASS_INDEX: std::ops::RangeInclusive<f64> = 6.0..=150.0;
/// Two readings of filtration further apart than this factor are not of one day; wide on purpose.
const FAR_APART: f64 = 3.0;

fn text(fact: &Fact) -> Result<&str, Box<Diagnostic>> {
    match &fact.given {
        Given::Text(text) => Ok(text.trim()),
        _ => Err(unreadable(fact)),
    }
}

fn flag(fact: &Fact) -> Result<bool, Box<Diagnostic>> {
    match fact.given {
        Given::Flag(flag) => Ok(flag),
        _ => Err(unreadable(fact)),
    }
}

fn list(fact: &Fact) -> Result<Vec<String>, Box<Diagnostic>> {
    match &fact.given {
        Given::List(words) => Ok(words.clone()),
        Given::Text(text) => Ok(text.split(',').map(|part| part.trim().to_string()).collect()),
        _ => Err(unreadable(fact)),
    }
}

pub(super) fn unreadable(fact: &Fact) -> Box<Diagnostic> {
    let said = Diagnostic::error("E0682", format!("`{}` cannot be read", fact.key));
    Box::new(said.help(format!("it holds {}", meaning(fact.key))))
}
