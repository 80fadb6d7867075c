//! The comparison of salts: one person, one regimen, several salts, with and between meals.
//!
//! Every salt is run with the same draws of what is not known, and against the same person without
//! a dose. Salts whose doses dissolve alike are one run: the evidence knows no difference between
//! them, and the result says so in words ([`words`]).

mod assumed;
pub(crate) mod course;
mod json;
mod plan;
mod range;
mod ratio;
mod rows;
mod run;
mod settings;
#[cfg(test)]
mod tests;
pub mod words;

pub use assumed::{Mark, Marked, marked};
pub use json::{SCHEMA, to_json};
pub use plan::{Group, Plan, plan};
pub use ratio::{Ratios, ratio_text};
pub use rows::{PAIRED, ROWS, ShownRow};
pub use run::{RTOL, Running, compare};
pub(crate) use settings::L_PER_H_PER_ML_PER_MIN;
pub use settings::{Ask, DEFAULTS, Defaults, Per, settings};

use crate::regimen::Timing;
use crate::salt_names::Basis;
use crate::salts::{Amount, Salt};
use epsom_population::{DrawReport, Interval};

/// What is compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Salts, the first of which the others are held against.
    pub forms: Vec<Form>,
    /// Each salt is taken in each of these ways.
    pub timings: Vec<Timing>,
    /// Doses that a day's amount is split into.
    pub n_doses_a_day: u32,
    /// Weeks of dosing.
    pub n_weeks: u32,
    /// Who takes it.
    pub person: Person,
    /// Seed of the draws.
    pub seed: u64,
    /// Draws of what is not known.
    pub n_draws: u32,
}

/// A salt and how much of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// As asked for, such as `glycinate`.
    pub name: String,
    /// The form.
    pub salt: Salt,
    /// Why this form, where only a family was named.
    pub form_basis: Option<Basis>,
    /// Magnesium in a day's doses.
    pub daily: Amount,
}

/// One person; what is not given stays as in the model.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Person {
    /// Body weight, kg.
    pub weight_kg: Option<f64>,
    /// Glomerular filtration, L/h; not per body surface.
    pub gfr_l_per_h: Option<f64>,
    /// Total serum magnesium without a dose, mmol/L.
    pub serum_mmol_per_l: Option<f64>,
}

/// The person with everything that the model knows of them.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Who {
    /// Body weight, kg.
    pub weight_kg: f64,
    /// Glomerular filtration, mL/min.
    pub gfr_ml_per_min: f64,
    /// Total serum magnesium without a dose, mmol/L.
    pub serum_mmol_per_l: f64,
    /// Magnesium in food, mmol a day.
    pub diet_mmol_per_day: f64,
}

/// The result.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// What was compared.
    pub settings: Settings,
    /// Who it was, defaults filled in.
    pub who: Who,
    /// One per salt and timing: all timings of the first salt, then of the next.
    pub arms: Vec<Arm>,
    /// The same person without a dose.
    pub base: Base,
    /// Hours of the rows of [`Profile::day`], after midnight of the last dosing day.
    pub day_h: Vec<f64>,
    /// Draws that could be solved with every salt and timing; the others are left out everywhere.
    pub n_used: u32,
    /// Draws that could not.
    pub failures: Vec<FailedDraw>,
    /// Smallest change that one repeat test can detect, percent of serum.
    pub detectable_percent: f64,
    /// Where the widths of the draws come from.
    pub draws: DrawReport,
    /// Whether the run was stopped before all draws were done.
    pub interrupted: bool,
    /// Where it goes beyond what the model was held against.
    pub extrapolates: Vec<String>,
}

/// One salt taken in one way.
#[derive(Debug, Clone, PartialEq)]
pub struct Arm {
    /// Index into [`Settings::forms`].
    pub form: usize,
    /// With or between meals.
    pub timing: Timing,
    /// Arms with the same number are taken to be one and the same by the evidence.
    pub group: usize,
    /// Clock hours of the doses.
    pub dose_hours: Vec<f64>,
    /// One dose.
    pub dose: Amount,
    /// Of one dose dissolves slowly, mmol.
    pub residue_mmol: f64,
    /// What changes.
    pub measures: Measures,
    /// The same less that of the first salt, draw by draw; none for the first salt.
    pub less_first: Option<Measures>,
    /// Exposure over that of the first salt, taken in the same way; none for the first salt.
    pub over_first: Option<Ratios>,
    /// Exposure with meals over that of the same salt between meals; none for other arms.
    pub over_between: Option<Ratios>,
    /// Over time.
    pub profile: Profile,
    /// Numbers it rests on that are assumed, recalled or not measured in people.
    pub marked: Vec<Marked>,
}

impl Arm {
    /// How many of its numbers are assumed or recalled.
    pub fn n_assumed(&self) -> usize {
        self.marked.iter().filter(|one| one.mark != Mark::NotHuman).count()
    }
}

/// What a salt changes on the last day of dosing, against the same day without a dose.
///
/// Median and middle 95 % over the draws.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measures {
    /// Absorbed more than without a dose, mmol a day.
    pub absorbed_mmol_per_day: Interval,
    /// The same as a part of the dose, percent.
    pub absorbed_percent: Interval,
    /// Mean serum of the day, mmol/L.
    pub serum_mmol_per_l: Interval,
    /// The same, percent of that without a dose.
    pub serum_percent: Interval,
    /// Urine, mmol a day.
    pub urine_mmol_per_day: Interval,
    /// Mean cerebrospinal fluid of the day by the plasma route, percent.
    pub csf_percent: Interval,
    /// Highest serum of the day, mmol/L (not a change).
    pub cmax_mmol_per_l: Interval,
    /// From the dose before it to the highest rise over the same hour without a dose, h.
    pub tmax_h: Interval,
    /// Highest rise over the same hour without a dose, mmol/L.
    pub peak_rise_mmol_per_l: Interval,
    /// Area under serum over the day, less that without a dose, mmol h/L.
    pub auc_mmol_h_per_l: Interval,
    /// Highest less lowest rise, percent of the mean rise.
    pub fluctuation_percent: Interval,
}

/// Serum over time: median and middle 95 % over the draws.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Mean of each day, the first being day 1.
    pub daily: Vec<Interval>,
    /// During the last dosing day, at [`Comparison::day_h`].
    pub day: Vec<Interval>,
}

/// The person without a dose.
#[derive(Debug, Clone, PartialEq)]
pub struct Base {
    /// Mean serum of a day, mmol/L.
    pub serum_mmol_per_l: Interval,
    /// Urine, mmol a day.
    pub urine_mmol_per_day: Interval,
    /// Absorbed from food, mmol a day.
    pub absorbed_mmol_per_day: Interval,
    /// Serum during a day, at [`Comparison::day_h`].
    pub day: Vec<Interval>,
}

/// A draw that could not be solved.
#[derive(Debug, Clone, PartialEq)]
pub struct FailedDraw {
    /// Its number, from 0.
    pub draw: u32,
    /// When, h.
    pub time_h: f64,
    /// Why, in words.
    pub cause: String,
}

/// Salts that are one and the same in every timing, by index into [`Settings::forms`].
pub fn alike(comparison: &Comparison) -> Vec<Vec<usize>> {
    let groups = |form: usize| -> Vec<usize> {
        let own = comparison.arms.iter().filter(|arm| arm.form == form);
        own.map(|arm| arm.group).collect()
    };
    let mut sets: Vec<Vec<usize>> = Vec::new();
    for form in 0..comparison.settings.forms.len() {
        match sets.iter_mut().find(|set| groups(set[0]) == groups(form)) {
            Some(set) => set.push(form),
            None => sets.push(vec![form]),
        }
    }
    sets
}

/// `with-meals`, `between-meals`.
pub fn timing_word(timing: Timing) -> &'static str {
    match timing {
        Timing::NotSaid => "not-said",
        Timing::WithMeals => "with-meals",
        Timing::BetweenMeals => "between-meals",
    }
}
