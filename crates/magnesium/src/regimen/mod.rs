//! Regimens: `1 g MgT twice daily with meals for 12 weeks` as a value.
//!
//! The grammar is in `docs/guide/regimen.md`, with examples that are run as tests.

mod content;
mod parse;
mod words;

#[cfg(test)]
mod tests;

pub use content::unknown_salt;
pub use parse::{parse_dose, parse_regimen};

use crate::salt_names::Basis;
use crate::salts::{Amount, ElementalMass, Salt, SaltMass};

/// What is taken, how, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Regimen {
    /// As written, without outer spaces.
    pub text: String,
    /// What one dose holds.
    pub dose: Content,
    /// How it is given.
    pub route: Route,
    /// Time before which no dose is taken, h; midnight of day 1 is 0.
    pub start_h: f64,
    /// When.
    pub schedule: Schedule,
}

/// What one dose holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// Amount of magnesium.
    pub amount: Amount,
    /// The same as a mass.
    pub elemental: ElementalMass,
    /// The salt; absent for an infusion that names none, where it does not matter.
    pub salt: Option<SaltDose>,
    /// Which of the three the text states.
    pub stated: Stated,
}

/// The salt of a dose.
#[derive(Debug, Clone, PartialEq)]
pub struct SaltDose {
    /// The form.
    pub salt: Salt,
    /// Its mass in one dose.
    pub mass: SaltMass,
    /// Why this form, where the text names a family only.
    pub form_basis: Option<Basis>,
}

/// What a regimen text states of a dose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stated {
    /// Mass of the salt.
    SaltMass,
    /// Mass of magnesium.
    ElementalMass,
    /// Amount, or equivalents, of magnesium.
    Amount,
}

/// How a dose is given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Route {
    /// By mouth.
    Oral {
        /// In relation to meals.
        timing: Timing,
    },
    /// Into a vein at a constant rate.
    Iv {
        /// Duration of one infusion, h.
        duration_h: f64,
    },
}

/// A dose in relation to meals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// Not said.
    NotSaid,
    /// With meals.
    WithMeals,
    /// Between meals.
    BetweenMeals,
}

/// When doses are taken; nothing before `start_h`.
#[derive(Debug, Clone, PartialEq)]
pub enum Schedule {
    /// One dose at the start.
    Once,
    /// At the start and then at equal intervals.
    Every {
        /// Interval, h.
        interval_h: f64,
        /// Number of doses.
        count: u32,
    },
    /// At clock times of each day.
    Clock {
        /// Hours after midnight, rising, each below 24.
        times_h: Vec<f64>,
        /// Number of doses.
        count: u32,
    },
}

impl Schedule {
    /// Number of doses.
    pub fn count(&self) -> u32 {
        match self {
            Self::Once => 1,
            Self::Every { count, .. } | Self::Clock { count, .. } => *count,
        }
    }

    /// Doses in one day of 24 h while it lasts; 1 for a single dose.
    pub fn doses_per_day(&self) -> f64 {
        match self {
            Self::Once => 1.0,
            Self::Every { interval_h, .. } => 24.0 / interval_h,
            Self::Clock { times_h, .. } => times_h.len() as f64,
        }
    }
}

/// Time of each dose.
///
/// # Shape
/// One entry per dose, rising.
/// # Units
/// h after midnight of day 1.
pub fn dose_times_h(regimen: &Regimen) -> Vec<f64> {
    let start = regimen.start_h;
    match &regimen.schedule {
        Schedule::Once => vec![start],
        Schedule::Every { interval_h, count } => {
            (0..*count).map(|index| start + f64::from(index) * interval_h).collect()
        }
        Schedule::Clock { times_h, count } => {
            let first_day = (start / 24.0).floor();
            let days = (0..).map(|day| 24.0 * (first_day + f64::from(day)));
            days.flat_map(|midnight| times_h.iter().map(move |time| midnight + time))
                .filter(|time| *time >= start)
                .take(if times_h.is_empty() { 0 } else { *count as usize })
                .collect()
        }
    }
}
