//! Which options remain: salts, amounts and doses a day, each with what it is predicted to do.

use epsom_diag::{Diagnostic, FileId};
use epsom_population::Interval;

use super::Person;
use super::intake::Status;
use super::predict::{Body, Drawing};
use super::report::plan;
use crate::regimen::parse_regimen;
use crate::salts::Salts;

/// One option.
#[derive(Debug, Clone, PartialEq)]
pub struct Tried {
    /// Its regimen.
    pub regimen: String,
    /// Salt.
    pub salt: &'static str,
    /// Magnesium, mg a day.
    pub elemental_mg_per_day: f64,
    /// Doses a day.
    pub n_doses_a_day: u32,
    /// Absorbed, mmol a day; none where nothing is predicted.
    pub absorbed_mmol_per_day: Option<Interval>,
    /// Mean serum of the last day, mmol/L.
    pub serum_mmol_per_l: Option<Interval>,
    /// Whether it is at or above the lowest amount with mild diarrhea.
    pub may_loosen_stool: bool,
    /// Limits that it lies above.
    pub above: Vec<String>,
    /// Gates that are open.
    pub n_gates: usize,
}

/// Salts, magnesium a day in mg, and doses a day that are tried: a grid, not a recommendation.
const SALTS: &[&str] = &["l_threonate_monohydrate", "citrate", "oxide", "glycinate"];
const DAILY_MG: &[u32] = &[100, 200, 300, 400];
const SPLITS: &[(u32, &str)] = &[(1, "once"), (2, "twice"), (3, "three times")];

/// Every option of the grid, with meals for four weeks, with the same draws.
///
/// # Errors
/// As [`plan`].
pub fn explore(
    person: &Person,
    salts: &Salts,
    body: Body<'_>,
    drawing: Drawing,
) -> Result<Vec<Tried>, Vec<Diagnostic>> {
    let mut found = Vec::new();
    for &salt in SALTS {
        for &daily in DAILY_MG {
            for &(n, times) in SPLITS {
                let dose = f64::from(daily) / f64::from(n);
                let regimen =
                    format!("{dose:.1} mg Mg as {salt} {times} daily with meals for 4 weeks");
                let phase = parse_regimen(&regimen, FileId(0), salts)?;
                let made = plan(person, &[phase], body, drawing)?;
                let over = made.intakes.iter().filter(|one| one.status == Status::Above);
                let predicted = made.prediction.as_ref();
                found.push(Tried {
                    regimen,
                    salt,
                    elemental_mg_per_day: f64::from(daily),
                    n_doses_a_day: n,
                    absorbed_mmol_per_day: predicted.map(|one| one.absorbed_mmol_per_day),
                    serum_mmol_per_l: predicted.map(|one| one.serum_mmol_per_l),
                    may_loosen_stool: f64::from(daily) >= made.stool.lowest_with_effect_mg,
                    above: over.map(|one| one.name.clone()).collect(),
                    n_gates: made.gates.len(),
                });
            }
        }
    }
    Ok(found)
}
