//! From what was asked to [`Settings`]; everything wrong is reported at once.

use epsom_diag::{Diagnostic, FileId};

use super::{Form, Person, Settings};
use crate::formula::MMOL_PER_L_PER_MG_PER_DL;
use crate::regimen::{Content, Timing, parse_dose, unknown_salt};
use crate::salt_names::family;
use crate::salts::{Amount, Naming, Salt, Salts};

/// What was asked, as typed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ask {
    /// Names of salts; empty for [`Defaults::salts`].
    pub salts: Vec<String>,
    /// Timings; empty for both.
    pub timings: Vec<Timing>,
    /// A day's amount, such as `2 g MgT`; none for [`Defaults::dose`].
    pub dose: Option<String>,
    /// What is the same for each salt.
    pub per: Option<Per>,
    /// Doses a day.
    pub n_doses_a_day: Option<u32>,
    /// Weeks.
    pub n_weeks: Option<u32>,
    /// Body weight, kg.
    pub weight_kg: Option<f64>,
    /// Glomerular filtration, mL/min.
    pub gfr_ml_per_min: Option<f64>,
    /// Serum without a dose, mmol/L.
    pub serum_mmol_per_l: Option<f64>,
    /// Seed.
    pub seed: Option<u64>,
    /// Draws.
    pub n_draws: Option<u32>,
}

/// What is the same for each salt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// Mass of the salt.
    Salt,
    /// Magnesium.
    Elemental,
}

/// What is taken where nothing was asked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Defaults {
    /// Salts.
    pub salts: &'static [&'static str],
    /// A day's amount; the others hold the same magnesium.
    pub dose: &'static str,
    /// The same without its salt.
    pub dose_of_each: &'static str,
    /// Doses a day.
    pub n_doses_a_day: u32,
    /// Weeks.
    pub n_weeks: u32,
    /// Seed.
    pub seed: u64,
    /// Draws: quantiles of 2.5 % rest on 12 of them.
    pub n_draws: u32,
}

/// The question of the founding document: 2 g of L-threonate a day, against three other salts.
pub const DEFAULTS: Defaults = Defaults {
    salts: &["L-threonate", "citrate", "oxide", "glycinate"],
    dose: "2 g MgT",
    dose_of_each: "2 g",
    n_doses_a_day: 2,
    n_weeks: 12,
    seed: 1,
    n_draws: 500,
};

/// Most weeks, draws: larger numbers are slips.
const MOST_WEEKS: u32 = 520;
const MOST_DRAWS: u32 = 1_000_000;

/// Numbers of the person: option, unit, lowest and highest; within the bounds of the model, which
/// holds rats too.
pub(super) const RANGES: [(&str, &str, f64, f64); 3] =
    [("weight", "kg", 0.4, 500.0), ("gfr", "mL/min", 1.0, 350.0), ("serum", "mmol/L", 0.1, 15.0)];

/// Settings of what was asked.
///
/// # Errors
/// `E0650` to `E0653` of the dose, `E0652` of a salt, `E0662` of a setting out of range.
pub fn settings(ask: &Ask, salts: &Salts) -> Result<Settings, Vec<Diagnostic>> {
    let mut found = Vec::new();
    let words: Vec<&str> = if ask.salts.is_empty() {
        DEFAULTS.salts.to_vec()
    } else {
        ask.salts.iter().map(String::as_str).collect()
    };
    let mut named: Vec<(&str, &Salt, Naming)> = Vec::new();
    for word in words {
        match salts.find(word) {
            None => found.push(unknown_salt(word, salts)),
            Some(one) if named.iter().any(|(_, salt, _)| salt.name == one.salt.name) => {
                let message = format!("`{word}` is compared with itself");
                found.push(out_of_range(message, "name each salt once"));
            }
            Some(one) => named.push((word, one.salt, one.naming)),
        }
    }
    let amounts = daily_amounts(ask, &named, salts).unwrap_or_else(|said| {
        found.extend(said);
        Vec::new()
    });
    let timings = if ask.timings.is_empty() {
        vec![Timing::WithMeals, Timing::BetweenMeals]
    } else {
        ask.timings.clone()
    };
    let mut count = |name: &str, value: u32, most: u32| {
        if !(1..=most).contains(&value) {
            let message = format!("`--{name}` is {value}");
            found.push(out_of_range(message, &format!("give a whole number from 1 to {most}")));
        }
        value
    };
    let n_doses_a_day = count("split", ask.n_doses_a_day.unwrap_or(DEFAULTS.n_doses_a_day), 3);
    let n_weeks = count("weeks", ask.n_weeks.unwrap_or(DEFAULTS.n_weeks), MOST_WEEKS);
    let n_draws = count("draws", ask.n_draws.unwrap_or(DEFAULTS.n_draws), MOST_DRAWS);
    let values = [ask.weight_kg, ask.gfr_ml_per_min, ask.serum_mmol_per_l];
    for (&(name, unit, lo, hi), value) in RANGES.iter().zip(values) {
        if let Some(value) = value
            && !(lo..=hi).contains(&value)
        {
            let mut help = format!("give a number from {lo} to {hi}, in {unit}");
            if name == "serum" && value > hi {
                let as_mmol = value * MMOL_PER_L_PER_MG_PER_DL;
                help.push_str(&format!("; {value} mg/dL are {as_mmol:.2} mmol/L"));
            }
            found.push(out_of_range(format!("`--{name}` is {value}"), &help));
        }
    }
    if !found.is_empty() {
        return Err(found);
    }
    let forms = named.iter().zip(amounts).map(|(&(name, salt, naming), daily)| Form {
        name: name.to_string(),
        salt: salt.clone(),
        form_basis: match naming {
            Naming::Exact => None,
            Naming::Usual | Naming::Dry => family(salt.family).map(|family| family.basis),
        },
        daily,
    });
    Ok(Settings {
        forms: forms.collect(),
        timings,
        n_doses_a_day,
        n_weeks,
        person: Person {
            weight_kg: ask.weight_kg,
            gfr_l_per_h: ask.gfr_ml_per_min.map(|value| value * L_PER_H_PER_ML_PER_MIN),
            serum_mmol_per_l: ask.serum_mmol_per_l,
        },
        seed: ask.seed.unwrap_or(DEFAULTS.seed),
        n_draws,
    })
}

/// 60 min in an hour, 1000 mL in a liter.
pub(crate) const L_PER_H_PER_ML_PER_MIN: f64 = 0.06;

fn out_of_range(message: String, help: &str) -> Diagnostic {
    Diagnostic::error("E0662", message).help(help)
}

/// A day's magnesium per salt.
fn daily_amounts(
    ask: &Ask,
    named: &[(&str, &Salt, Naming)],
    salts: &Salts,
) -> Result<Vec<Amount>, Vec<Diagnostic>> {
    let default = if ask.per == Some(Per::Salt) { DEFAULTS.dose_of_each } else { DEFAULTS.dose };
    let text = ask.dose.as_deref().unwrap_or(default);
    let whole = parse_dose(text, FileId(0), salts);
    match (ask.per, whole) {
        (Some(Per::Salt), Ok(_)) => {
            let message =
                format!("`--per salt` gives every salt a mass of its own, but `{text}` names one");
            Err(vec![out_of_range(
                message,
                "write `--dose \"2 g\" --per salt`, or leave out `--per`",
            )])
        }
        (Some(Per::Salt), Err(_)) => {
            let of = |&(_, salt, _): &(&str, &Salt, Naming)| {
                amount(&format!("{text} {} salt", salt.name), salts)
            };
            named.iter().map(of).collect()
        }
        (Some(Per::Elemental), Err(_)) => {
            let amount = amount(&format!("{text} Mg"), salts)?;
            Ok(vec![amount; named.len()])
        }
        (_, Ok(content)) => Ok(vec![content.amount; named.len()]),
        (None, Err(mut said)) => {
            if let Some(first) = said.iter_mut().find(|one| one.code == "E0650") {
                first.help.push(
                    "or say what is the same for each salt: `--per salt` or `--per elemental`"
                        .to_string(),
                );
            }
            Err(said)
        }
    }
}

fn amount(text: &str, salts: &Salts) -> Result<Amount, Vec<Diagnostic>> {
    // The text is not what was typed, so its places would mislead.
    let bare = |mut said: Diagnostic| {
        said.primary = None;
        said.labels.clear();
        said
    };
    let content: Result<Content, _> = parse_dose(text, FileId(0), salts);
    content.map(|content| content.amount).map_err(|said| said.into_iter().map(bare).collect())
}
