//! What of a person enters the model: covariates of each draw, with the width of what is missing.

use epsom_engine::{Inputs, evaluate};
use epsom_maths::{Address, exp, hash_name, ln, normal, pow};
use epsom_model::ir::Model;

use super::food::{available_share, pattern_mg};
use super::kidney::{Kidney, log_sd, row};
use super::predict::{Body, IntakeUpdate};
use super::setpoint::{Prior, SetPoint};
use super::{Person, Sex};
use crate::formula::MAGNESIUM_G_PER_MOL;
use crate::salts::ElementalMass;

/// What of a person enters the model, with the width of what is missing.
pub(super) struct Facts<'a> {
    pub(super) body: Body<'a>,
    /// Center and width on the log scale.
    weight: (f64, f64),
    gfr: Option<(f64, f64)>,
    unknown_gfr: f64,
    /// Filtration over that outside pregnancy, where none is known.
    risen: f64,
    diet: (f64, f64),
    /// Share of the magnesium of meals that can be absorbed.
    available: f64,
    /// Urine of 24 h as mmol/h, and its width on the log scale.
    urine: Option<(f64, f64)>,
    /// Serum of a healthy person, mmol/L: center and standard deviation between people.
    healthy: (f64, f64),
    /// Interval of healthy people, mmol/L, and its row.
    pub(super) usual: (f64, f64),
    pub(super) usual_row: &'static str,
    flow_exponent: f64,
}

/// Rows of reference intervals of serum: both, women, men.
const SERUM_ROWS: [&str; 3] = ["PK069", "PK067", "PK066"];
/// Values further from what is expected than this many standard deviations are flagged.
const FAR: f64 = 4.0;
/// Factor of food over which the slope of urine is taken.
const STEP: f64 = 1.1;
/// Widths of a normal distribution in its middle 95 %.
const WIDTHS_IN_95: f64 = 3.92;

impl<'a> Facts<'a> {
    pub(super) fn of(person: &Person, kidney: &Kidney, body: Body<'a>) -> Self {
        let Body { model, evidence, .. } = body;
        let default = |name: &str| default_of(model, name);
        let spread = |key: &str| log_sd(row(evidence, key));
        let l_per_h = crate::compare::L_PER_H_PER_ML_PER_MIN;
        let key = SERUM_ROWS[person.sex.map_or(0, |sex| if sex == Sex::Female { 1 } else { 2 })];
        let interval = evidence.value(key).and_then(|row| match row.spread {
            epsom_evidence::Spread::Range { lo, hi } => lo.zip(hi),
            _ => None,
        });
        let (lo, hi) = interval.unwrap_or((f64::NAN, f64::NAN));
        Self {
            body,
            weight: match person.weight_kg {
                Some(weight) => (weight, 0.0),
                None => (default("wt"), spread("plan.unknown.weight_cv")),
            },
            gfr: kidney.filtration.map(|one| (one.ml_per_min * l_per_h, spread("renal.egfr_cv"))),
            unknown_gfr: spread("plan.unknown.gfr_cv"),
            risen: if person.pregnant { row(evidence, "EPS027") } else { 1.0 },
            diet: match person.diet_mg_per_day {
                Some(mg) => (ElementalMass { mg }.amount().mmol / 24.0, 0.0),
                None => {
                    let pattern = person.food_pattern.map(|one| pattern_mg(one, evidence));
                    let center = pattern.map(|mg| ElementalMass { mg }.amount().mmol / 24.0);
                    (center.unwrap_or_else(|| default("diet")), spread("plan.unknown.diet_cv"))
                }
            },
            available: person.phytate_mmol.map_or(1.0, |mmol| available_share(mmol, evidence)),
            urine: person.urine.map(|one| (one.mmol_per_day / 24.0, spread("plan.urine_cv"))),
            healthy: (default("serum0"), (hi - lo) / WIDTHS_IN_95),
            usual: (lo, hi),
            usual_row: key,
            flow_exponent: row(evidence, "EPS035"),
        }
    }

    /// Serum of healthy people.
    pub(super) fn healthy(&self) -> Prior {
        Prior { mean: self.healthy.0, sd: self.healthy.1 }
    }

    /// Serum without a dose where nothing was measured.
    pub(super) fn prior(&self, params: &[f64]) -> Prior {
        let own = self.own(self.weight.0, params, [0.0; 3]);
        Prior { mean: own.expected, sd: self.healthy.1 }
    }

    /// Covariates of the typical person with this serum.
    pub(super) fn typical(&self, params: &[f64], serum: f64) -> Vec<f64> {
        let own = self.own(self.weight.0, params, [0.0; 3]);
        self.fill(own.weight, own.gfr, own.diet, serum)
    }

    /// Covariates of one draw.
    pub(super) fn covariates(
        &self,
        params: &[f64],
        set_point: &SetPoint,
        seed: u64,
        draw: u32,
    ) -> Vec<f64> {
        let score = |name: &str| {
            let purpose = hash_name(name);
            normal(&Address { seed, replicate: draw, purpose, ..Address::default() }, 0)
        };
        let scores = [score("plan weight"), score("plan filtration"), score("plan diet")];
        let own = self.own(self.weight.0, params, scores);
        let prior = Prior { mean: own.expected, sd: self.healthy.1 };
        let serum = set_point.draw(prior, score("plan serum"));
        self.fill(own.weight, own.gfr, own.diet, serum)
    }

    fn own(&self, weight: f64, params: &[f64], scores: [f64; 3]) -> Own {
        let wide = |center: f64, width: f64, score: f64| center * exp(width * score);
        let weight = wide(weight, self.weight.1, scores[0]);
        let model = self.body.model;
        let scale = pow(weight / default_of(model, "wt"), self.flow_exponent);
        let healthy_gfr = default_of(model, "gfr") * scale;
        let (center, width) = self.gfr.unwrap_or((healthy_gfr * self.risen, self.unknown_gfr));
        let gfr = wide(center, width, scores[1]);
        let diet = self.diet(weight, gfr, params, scores[2]) * self.available;
        // The threshold of the same person with healthy kidneys and the usual diet is kept; serum
        // is what excretes this person's intake through this person's filtration.
        let serum = self.healthy.0;
        let of = |gfr, diet| self.threshold(params, self.fill(weight, gfr, diet, serum));
        let healthy = of(healthy_gfr, default_of(model, "diet"));
        Own { weight, gfr, diet, expected: serum + healthy - of(gfr, diet) }
    }

    /// Magnesium in food of one draw, mmol/h: that of the facts, or, with a urine value, the most
    /// probable one with these parameters and its width.
    ///
    /// Urine is a line in food on the log scale about the center, so that prior and value join in a
    /// closed form.
    fn diet(&self, weight: f64, gfr: f64, params: &[f64], score: f64) -> f64 {
        let (center, width) = self.diet;
        let prior = center * exp(width * score);
        let Some(((urine, error), true)) = self.urine.zip(Some(width > 0.0)) else { return prior };
        match self.urine_line(weight, gfr, params) {
            Some((expected, slope)) if self.is_plausible(urine, expected, slope, error) => {
                let weight = slope * slope / (error * error);
                let precision = 1.0 / (width * width) + weight;
                let mean = slope / (error * error) * ln(urine / expected) / precision;
                center * exp(mean + score / precision.sqrt())
            }
            _ => prior,
        }
    }

    /// Whether a urine value lies where food, people and collection can put it.
    fn is_plausible(&self, urine: f64, expected: f64, slope: f64, error: f64) -> bool {
        let width = ((slope * self.diet.1) * (slope * self.diet.1) + error * error).sqrt();
        ln(urine / expected).abs() <= FAR * width
    }

    /// Urine at the center of the food, mmol/h, and its slope against food, both on the log scale.
    fn urine_line(&self, weight: f64, gfr: f64, params: &[f64]) -> Option<(f64, f64)> {
        let at = |diet: f64| self.excreted(params, self.fill(weight, gfr, diet, self.healthy.0));
        let center = self.diet.0 * self.available;
        let (expected, more) = (at(center), at(center * STEP));
        let slope = ln(more / expected) / ln(STEP);
        (expected > 0.0 && slope.is_finite() && slope > 0.0).then_some((expected, slope))
    }

    /// Urine of a day without a dose, mmol/h.
    fn excreted(&self, params: &[f64], covariates: Vec<f64>) -> f64 {
        let model = self.body.model;
        let output = model.outputs.iter().find(|one| one.label == "urinary_magnesium");
        let start = model.compartments.iter().position(|one| one.name == "plasma");
        let (Some(output), Some(start)) = (output, start) else { return f64::NAN };
        // The plasma of a day is its serum in its volume.
        let inputs = Inputs { params: params.to_vec(), covariates, ..Inputs::default() };
        let mut state = vec![0.0; model.compartments.len()];
        let initial = model.compartments[start].initial;
        let initial = initial.and_then(|one| evaluate(&model.exprs, one, &inputs));
        state[start] = initial.unwrap_or(f64::NAN);
        evaluate(&model.exprs, output.value, &Inputs { state, ..inputs }).unwrap_or(f64::NAN)
    }

    /// What a urine value says of the typical person.
    pub(super) fn intake(&self, typical: &[f64]) -> Option<IntakeUpdate> {
        let (urine, error) = self.urine?;
        let own = self.own(self.weight.0, typical, [0.0; 3]);
        let (expected, slope) = self.urine_line(own.weight, own.gfr, typical)?;
        let mg = |mmol_per_h: f64| mmol_per_h * 24.0 * MAGNESIUM_G_PER_MOL;
        let plausible = self.is_plausible(urine, expected, slope, error);
        let given = self.diet.1 <= 0.0;
        let end = |score: f64| mg(self.diet(own.weight, own.gfr, typical, score));
        let flag = match (plausible, given) {
            (false, _) => {
                "This lies further from what food, people and collection explain than chance: it is not fitted, and a repeat or a check of units and hours would tell."
            }
            (true, true) => "Magnesium in food was given, so this value changes nothing.",
            (true, false) => "",
        };
        Some(IntakeUpdate {
            measured_mmol_per_day: urine * 24.0,
            expected_mmol_per_day: expected * 24.0,
            diet_mg_per_day: end(0.0),
            range_mg_per_day: (end(-WIDTHS_IN_95 / 2.0), end(WIDTHS_IN_95 / 2.0)),
            fitted: plausible && !given,
            flag: flag.to_string(),
        })
    }

    /// Renal threshold that the model solves for these covariates, mmol/L.
    fn threshold(&self, params: &[f64], covariates: Vec<f64>) -> f64 {
        let model = self.body.model;
        let output = model.outputs.iter().find(|one| one.name == "renal_threshold");
        let inputs = Inputs { params: params.to_vec(), covariates, ..Inputs::default() };
        output.and_then(|one| evaluate(&model.exprs, one.value, &inputs)).unwrap_or(f64::NAN)
    }

    fn fill(&self, weight: f64, gfr: f64, diet: f64, serum: f64) -> Vec<f64> {
        let given = |name: &str| match name {
            "wt" => Some(weight),
            "gfr" => Some(gfr),
            "diet" => Some(diet),
            "serum0" => Some(serum),
            _ => None,
        };
        let covariates = self.body.model.covariates.iter();
        covariates.map(|one| given(&one.name).unwrap_or(one.default)).collect()
    }
}

/// One draw of the person.
struct Own {
    weight: f64,
    gfr: f64,
    diet: f64,
    /// Serum without a dose, mmol/L.
    expected: f64,
}

fn default_of(model: &Model, name: &str) -> f64 {
    let covariate = model.covariates.iter().find(|one| one.name == name);
    covariate.map_or(f64::NAN, |one| one.default)
}
