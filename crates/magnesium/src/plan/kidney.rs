//! Filtration of a person: measured quantities that look alike are different types.

use epsom_evidence::Tables;
use epsom_maths::{ln, pow};

use super::{Person, Sex};

/// Filtration of this person, mL/min.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Filtration {
    /// mL/min.
    pub ml_per_min: f64,
}

/// Filtration for a body surface of 1.73 m2, as laboratories report it.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct IndexedFiltration {
    /// mL/min per 1.73 m2.
    pub ml_per_min: f64,
}

/// Creatinine clearance, which lies above filtration because tubules secrete creatinine.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct CreatinineClearance {
    /// mL/min.
    pub ml_per_min: f64,
}

/// What is known of the kidneys.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Kidney {
    /// Filtration of this person; none where nothing is known.
    pub filtration: Option<Filtration>,
    /// The same per 1.73 m2, where it was reported or estimated so.
    pub indexed: Option<IndexedFiltration>,
    /// How it came about, in words.
    pub how: String,
    /// Rows that it rests on.
    pub rows: Vec<&'static str>,
}

impl Kidney {
    /// The lower of both readings, which gates look at.
    pub fn lowest_ml_per_min(&self) -> Option<f64> {
        let own = self.filtration.map(|one| one.ml_per_min);
        let indexed = self.indexed.map(|one| one.ml_per_min);
        match (own, indexed) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }
}

/// Filtration of an adult from creatinine, CKD-EPI 2021.
///
/// $$ a \min(c/\kappa, 1)^\alpha \max(c/\kappa, 1)^{b} \, q^{age} \, f $$
///
/// # Units
/// Creatinine mg/dL, age years.
/// # Source
/// ckdepi2021, rows `renal.ckdepi.*`.
pub fn ckd_epi_2021(
    creatinine_mg_per_dl: f64,
    age_year: f64,
    sex: Sex,
    evidence: &Tables,
) -> IndexedFiltration {
    let of = |name: &str| row(evidence, &format!("renal.ckdepi.{name}"));
    let (kappa, alpha, factor) = match sex {
        Sex::Female => (of("kappa_f"), of("alpha_f"), of("female")),
        Sex::Male => (of("kappa_m"), of("alpha_m"), 1.0),
    };
    let ratio = creatinine_mg_per_dl / kappa;
    let below = pow(ratio.min(1.0), alpha);
    let above = pow(ratio.max(1.0), of("above"));
    let aged = pow(of("age"), age_year);
    IndexedFiltration { ml_per_min: of("scale") * below * above * aged * factor }
}

/// Filtration of a child from creatinine and height, bedside Schwartz 2009.
///
/// # Units
/// Height cm, creatinine mg/dL.
/// # Source
/// schwartz2009, row `renal.schwartz`.
pub fn bedside_schwartz(
    height_cm: f64,
    creatinine_mg_per_dl: f64,
    evidence: &Tables,
) -> IndexedFiltration {
    let factor = row(evidence, "renal.schwartz");
    IndexedFiltration { ml_per_min: factor * height_cm / creatinine_mg_per_dl }
}

/// Body surface, m2.
///
/// # Source
/// mosteller1987, row `renal.bsa.mosteller` (recalled).
pub fn body_surface_m2(height_cm: f64, weight_kg: f64, evidence: &Tables) -> f64 {
    (height_cm * weight_kg / row(evidence, "renal.bsa.mosteller")).sqrt()
}

/// Filtration of a body of this surface.
pub fn de_indexed(indexed: IndexedFiltration, surface_m2: f64, evidence: &Tables) -> Filtration {
    Filtration { ml_per_min: indexed.ml_per_min * surface_m2 / row(evidence, "renal.bsa.index") }
}

/// What the facts say of the kidneys; a reported filtration outranks one from creatinine.
pub fn kidney(person: &Person, evidence: &Tables) -> Kidney {
    if let Some(clearance) = person.crcl {
        let filtration = Some(Filtration { ml_per_min: clearance.ml_per_min });
        let mut how =
            "creatinine clearance, taken for filtration although it lies above it".to_string();
        if let Some(egfr) = person.egfr {
            how.push_str(&format!(
                "; the eGFR of {:.0} is looked at by gates alone",
                egfr.ml_per_min
            ));
        }
        return Kidney { filtration, indexed: person.egfr, how, rows: Vec::new() };
    }
    let (indexed, mut how, mut rows) = match (person.egfr, person.creatinine_mg_per_dl) {
        (Some(egfr), _) => (egfr, "reported".to_string(), Vec::new()),
        (None, Some(creatinine)) => match (person.age_year, person.sex, person.height_cm) {
            (Some(age), _, Some(height)) if age < ADULT_YEAR => {
                let found = bedside_schwartz(height, creatinine, evidence);
                (found, "creatinine, bedside Schwartz".to_string(), vec!["renal.schwartz"])
            }
            (Some(age), Some(sex), _) if age >= ADULT_YEAR => {
                let found = ckd_epi_2021(creatinine, age, sex, evidence);
                (found, "creatinine, CKD-EPI 2021".to_string(), vec!["renal.ckdepi.scale"])
            }
            _ => return Kidney::default(),
        },
        (None, None) => return Kidney::default(),
    };
    let surface = match (person.height_cm, person.weight_kg) {
        (Some(height), Some(weight)) => Some(body_surface_m2(height, weight, evidence)),
        _ => None,
    };
    let filtration = match surface {
        Some(surface) => {
            how.push_str(&format!("; for a body surface of {surface:.2} m2"));
            rows.push("renal.bsa.mosteller");
            de_indexed(indexed, surface, evidence)
        }
        None => {
            how.push_str("; height or weight is missing, so 1.73 m2 is taken");
            Filtration { ml_per_min: indexed.ml_per_min }
        }
    };
    Kidney { filtration: Some(filtration), indexed: Some(indexed), how, rows }
}

/// Age from which people are adults here.
///
/// # Source
/// Gate `mgt_under_18`, and the range of the equations.
pub(super) const ADULT_YEAR: f64 = 18.0;

/// The number of a row that the tables hold; NaN where they do not, which tests would show.
pub(super) fn row(evidence: &Tables, key: &str) -> f64 {
    evidence.value(key).and_then(|row| row.printed()).map_or(f64::NAN, |one| one.value())
}

/// Standard deviation of a log-normal quantity of this coefficient of variation, on the log scale.
pub(super) fn log_sd(cv_percent: f64) -> f64 {
    let cv = cv_percent / 100.0;
    ln(1.0 + cv * cv).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use epsom_evidence::builtin;

    #[test]
    fn equations_give_published_examples() {
        // 142 (0.9 / 0.7)^-1.2 0.9938^55 1.012 = 75.499 by hand.
        let woman = ckd_epi_2021(0.9, 55.0, Sex::Female, builtin());
        assert_eq!(format!("{:.2}", woman.ml_per_min), "75.50");
        // 100 cm and 0.5 mg/dL: 82.6.
        let child = bedside_schwartz(100.0, 0.5, builtin());
        assert_eq!(format!("{:.1}", child.ml_per_min), "82.6");
        // 180 cm and 80 kg: 2 m2.
        assert_eq!(body_surface_m2(180.0, 80.0, builtin()), 2.0);
        let own = de_indexed(IndexedFiltration { ml_per_min: 86.5 }, 2.0, builtin());
        // One product and one division, half a unit in the last place each.
        assert!((own.ml_per_min - 100.0).abs() <= 100.0 * 2.0 * f64::EPSILON);
    }

    #[test]
    fn more_creatinine_is_never_more_filtration() {
        for sex in [Sex::Female, Sex::Male] {
            let at = |tenth: u32| ckd_epi_2021(f64::from(tenth) / 10.0, 60.0, sex, builtin());
            assert!((3..100).all(|tenth| at(tenth) > at(tenth + 1)));
        }
    }
}
