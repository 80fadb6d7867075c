//! A day's magnesium against reference intakes and upper levels.

use epsom_evidence::{LimitKind, LimitRow, Motherhood, Tables};

use super::food::pattern_mg;
use super::kidney::ADULT_YEAR;
use super::{Person, Sex, Taken};

/// One limit held against the day.
#[derive(Debug, Clone, PartialEq)]
pub struct Intake {
    /// What it is, in words.
    pub name: String,
    /// The limit; none where the source sets none.
    pub limit: Option<f64>,
    /// The day's amount of the same; none where it is not known.
    pub own: Option<f64>,
    /// The least that it is, where food is not known.
    pub at_least: Option<f64>,
    /// Unit of all.
    pub unit: &'static str,
    /// How they compare.
    pub status: Status,
    /// Source.
    pub source: String,
}

/// How a day compares with a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// At or below an upper level, or at or above a recommended intake.
    Within,
    /// Above an upper level.
    Above,
    /// Below a recommended intake.
    Below,
    /// No limit is known, which is not "no limit".
    NoneKnown,
    /// The day's amount is not known.
    NotKnown,
}

impl Status {
    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Within => "within",
            Self::Above => "above",
            Self::Below => "below",
            Self::NoneKnown => "no limit known",
            Self::NotKnown => "not known",
        }
    }
}

/// Sources of reference intakes.
const IOM: &str = "iom1997";
const EFSA_DRV: &str = "efsa2015";
/// Row of the upper level of European authorities, from 4 years.
const UL_EFSA: &str = "PK135";
/// First age of that upper level, years, as its row's meaning says.
const UL_EFSA_FROM_YEAR: f64 = 4.0;
/// Rows of the most L-threonate judged safe in adults, mg of the salt, and its magnesium, mg.
const MGT_MOST: &str = "MGT008";
const MGT_MOST_MG: &str = "MGT110";

/// The day held against every limit that applies, or against "no limit known".
pub fn intakes(person: &Person, taken: &[Taken], evidence: &Tables) -> Vec<Intake> {
    let by_mouth = || taken.iter().filter(|one| !one.parenteral);
    let supplement: f64 = by_mouth().map(|one| one.elemental_mg_per_day).fold(0.0, |a, b| a + b);
    let pattern = person.food_pattern.map(|one| pattern_mg(one, evidence));
    let total = Total {
        known: person.diet_mg_per_day.or(pattern).map(|diet| diet + supplement),
        at_least: supplement,
    };
    let mut found = vec![
        recommended(person, total, evidence),
        efsa_adequate(person, total, evidence),
        upper_level(person, supplement, evidence),
        efsa(person, supplement, evidence),
    ];
    let threonate = || by_mouth().filter(|one| one.family == "l_threonate");
    if threonate().next().is_some() {
        let adult = person.age_year.is_some_and(|age| age >= ADULT_YEAR);
        let healthy = adult && !person.pregnant && !person.lactating;
        let salt: f64 = threonate().map(|one| one.salt_mg_per_day).fold(0.0, |a, b| a + b);
        let own: f64 = threonate().map(|one| one.elemental_mg_per_day).fold(0.0, |a, b| a + b);
        for (key, own, name) in [
            (MGT_MOST, salt, "most magnesium L-threonate judged safe in adults (EFSA), the salt"),
            (MGT_MOST_MG, own, "most magnesium from magnesium L-threonate in adults (EU)"),
        ] {
            let limit = if healthy { number(evidence, key) } else { None };
            found.push(upper(name, limit, Some(own), source(evidence, key)));
        }
    }
    // A limit that depends on an age that is not known is not the same as one that nobody set.
    let why = match (person.age_year, person.sex) {
        (None, _) => " (age is missing)",
        (Some(_), None) => " (sex is missing)",
        _ => "",
    };
    // Upper levels do not differ by sex.
    let upper_by_sex = |one: &Intake| why.contains("sex") && !one.name.contains("intake");
    for one in found.iter_mut().filter(|one| one.limit.is_none() && !upper_by_sex(one)) {
        one.name.push_str(why);
    }
    if let (Some(one), None) = (person.food_pattern, person.diet_mg_per_day) {
        let said = format!(", with the mean of the pattern \"{}\" as food", one.name);
        for one in found.iter_mut().take(2) {
            one.name.push_str(&said);
        }
    }
    found
}

/// Stage whose intakes apply; those of pregnancy lie above those of breast-feeding at every age.
fn motherhood(person: &Person) -> Motherhood {
    match (person.pregnant, person.lactating) {
        (true, _) => Motherhood::Pregnant,
        (false, true) => Motherhood::Lactating,
        (false, false) => Motherhood::Neither,
    }
}

/// A day's magnesium of food and supplements, mg.
#[derive(Clone, Copy)]
struct Total {
    /// None where food is not known.
    known: Option<f64>,
    /// Supplements alone.
    at_least: f64,
}

/// The row of America for this person; one for both sexes where sex is not known.
fn iom<'a>(
    person: &Person,
    sex: Option<Sex>,
    kinds: &[LimitKind],
    evidence: &'a Tables,
) -> Option<&'a LimitRow> {
    let stage = motherhood(person);
    let age = person.age_year?;
    evidence.limits().iter().filter(|row| row.source_key == IOM).find(|row| {
        let holds = row.life_stage.is_some_and(|one| one.holds(age, stage));
        kinds.contains(&row.kind) && holds && is_for(&row.sex, sex)
    })
}

/// Whether a row's sex is that of a person; `both` is for everyone.
fn is_for(row: &str, sex: Option<Sex>) -> bool {
    match sex {
        Some(Sex::Female) => row != "male",
        Some(Sex::Male) => row != "female",
        None => row == "both",
    }
}

fn recommended(person: &Person, own: Total, evidence: &Tables) -> Intake {
    let row = iom(person, person.sex, &[LimitKind::Rda, LimitKind::Ai], evidence);
    let name = match row.map(|row| row.kind) {
        Some(LimitKind::Ai) => "adequate intake, food and supplements (IOM)",
        _ => "recommended intake, food and supplements (IOM)",
    };
    enough(name, row.and_then(|row| row.value.or(row.lo)), own, IOM.to_string())
}

/// The upper level is the same for both sexes, so it needs no sex.
fn upper_level(person: &Person, own: f64, evidence: &Tables) -> Intake {
    let of = |sex: Option<Sex>| iom(person, sex, &[LimitKind::Ul], evidence);
    let row = of(person.sex).or_else(|| of(Some(Sex::Female)));
    let limit = row.and_then(|row| row.value.or(row.lo));
    upper("upper level of supplements (IOM)", limit, Some(own), IOM.to_string())
}

/// What European authorities call adequate; the same in pregnancy and lactation.
fn efsa_adequate(person: &Person, own: Total, evidence: &Tables) -> Intake {
    let stage = match motherhood(person) {
        Motherhood::Pregnant => Motherhood::Pregnant,
        _ => Motherhood::Neither,
    };
    let row = person.age_year.and_then(|age| {
        evidence.limits().iter().find(|row| {
            let holds = row.life_stage.is_some_and(|one| one.holds(age, stage));
            row.source_key == EFSA_DRV && holds && is_for(&row.sex, person.sex)
        })
    });
    let name = "adequate intake, food and supplements (EFSA)";
    enough(name, row.and_then(|row| row.value), own, EFSA_DRV.to_string())
}

/// An intake that is held against one that is enough.
fn enough(name: &str, limit: Option<f64>, own: Total, source: String) -> Intake {
    let status = match (limit, own.known) {
        (None, _) => Status::NoneKnown,
        (Some(limit), None) if own.at_least >= limit => Status::Within,
        (Some(_), None) => Status::NotKnown,
        (Some(limit), Some(own)) if own < limit => Status::Below,
        _ => Status::Within,
    };
    let at_least = own.known.is_none().then_some(own.at_least);
    Intake { at_least, ..intake(name, limit, own.known, status, source) }
}

fn intake(
    name: &str,
    limit: Option<f64>,
    own: Option<f64>,
    status: Status,
    source: String,
) -> Intake {
    Intake { name: name.to_string(), limit, own, at_least: None, unit: "mg/day", status, source }
}

fn efsa(person: &Person, own: f64, evidence: &Tables) -> Intake {
    let holds = person.age_year.is_some_and(|age| age >= UL_EFSA_FROM_YEAR);
    let limit = if holds { number(evidence, UL_EFSA) } else { None };
    let name = "upper level of readily dissociable salts (EFSA)";
    upper(name, limit, Some(own), source(evidence, UL_EFSA))
}

fn upper(name: &str, limit: Option<f64>, own: Option<f64>, source: String) -> Intake {
    let status = match (limit, own) {
        (None, _) => Status::NoneKnown,
        (_, None) => Status::NotKnown,
        (Some(limit), Some(own)) if own > limit => Status::Above,
        _ => Status::Within,
    };
    intake(name, limit, own, status, source)
}

fn number(evidence: &Tables, key: &str) -> Option<f64> {
    evidence.value(key).and_then(|row| row.printed()).map(|printed| printed.value())
}

fn source(evidence: &Tables, key: &str) -> String {
    evidence.value(key).map_or_else(String::new, |row| row.source_key.clone())
}
