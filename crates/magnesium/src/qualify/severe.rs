//! What published cases of severe hypermagnesemia would require of the model.
//!
//! They are no targets and nothing is tuned to them: stasis of the gut, rectal doses and failing
//! kidneys lie outside the model. At an equilibrium, what is absorbed leaves by kidney, gut and
//! sweat (`docs/theory/magnesium.md`, Eq. 8 and 9):
//!
//! $$ A = G f_u\, s \ln(1 + e^{(C - C_{thr})/s}) + \ell\, C / C_0 $$

use epsom_maths::{exp, ln};

use super::Lab;
use super::lab::{Experiment, Run};
use super::targets::table;
use crate::compare::L_PER_H_PER_ML_PER_MIN;
use crate::salts::{Amount, ElementalMass};

/// Filtration and dose of each case, as far as printed.
const CASES: &str = include_str!("../../../../models/magnesium/severe.csv");
/// The levels.
const SERIES: &str = "series/hypermagnesaemia_cases.csv";

/// One case and what it would require.
#[derive(Debug, Clone, PartialEq)]
pub struct Severe {
    /// Key of the source.
    pub source_key: String,
    /// Who it was, as printed.
    pub who: String,
    /// Total serum, mmol/L.
    pub serum_mmol_per_l: f64,
    /// Filtration in words.
    pub filtration: String,
    /// Absorbed a day that would hold the level at the lowest and highest filtration, mmol.
    pub absorbed_mmol_per_day: (f64, f64),
    /// What was taken, in words.
    pub dose: String,
    /// Filtration at which food and the dose would hold the level, mL/min; none where losses by
    /// gut and sweat alone are larger than both.
    pub filtration_ml_per_min: Option<f64>,
}

/// The model's kidney and losses at its typical person.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Balance {
    filtration: f64,
    unbound: f64,
    splay: f64,
    threshold: f64,
    loss: f64,
    serum: f64,
    food_absorbed: f64,
}

impl Balance {
    fn of(lab: &Lab<'_>) -> Result<Self, String> {
        let params: Vec<f64> = lab.model.params.iter().map(|param| param.value).collect();
        let day = Experiment::default().at(&[0.0, 24.0]);
        let rows = lab.run(&day, std::slice::from_ref(&params)).remove(0)?;
        let run = Run::new(lab.model, &day, &rows);
        let param = |name: &str| {
            let at = lab.model.params.iter().position(|param| param.name == name);
            at.map_or(f64::NAN, |at| params[at])
        };
        Ok(Self {
            filtration: lab.default_of("gfr"),
            unbound: param("fu"),
            splay: param("s_splay"),
            threshold: run.output("renal_threshold", 0.0),
            loss: param("loss_gross"),
            serum: lab.default_of("serum0"),
            food_absorbed: run.gained("absorbed_total", 0.0, 24.0) / 24.0,
        })
    }

    /// Excreted at a level by each liter that is filtered. Eq. 8
    fn per_liter(&self, serum: f64) -> f64 {
        let above = (serum - self.threshold) / self.splay;
        // The logarithm of a large exponential is its argument.
        let soft = if above > 30.0 { above } else { ln(1.0 + exp(above)) };
        self.unbound * self.splay * soft
    }

    /// Lost by gut and sweat, mmol/h.
    fn lost(&self, serum: f64) -> f64 {
        self.loss * serum / self.serum
    }

    /// Absorbed that holds a level, mmol/h.
    fn absorbed(&self, serum: f64, filtration: f64) -> f64 {
        filtration * self.per_liter(serum) + self.lost(serum)
    }
}

/// Every case, in the order of the table.
///
/// # Errors
/// What is wrong with the tables, or why the model could not be run.
pub fn severe(lab: &Lab<'_>) -> Result<Vec<Severe>, String> {
    let balance = Balance::of(lab)?;
    let levels = table(lab.evidence.text(SERIES).ok_or("there is no table of cases")?)?;
    let one = |row: &super::Row| -> Result<Severe, String> {
        let key = row.cell("source_key");
        let level = levels.iter().find(|one| one.cell("source_key") == key);
        let level = level.ok_or_else(|| format!("{key}: no level"))?;
        let printed: f64 = level.cell("value").parse().map_err(|_| format!("{key}: level"))?;
        let serum = match level.cell("unit") {
            // Ten deciliters in a liter.
            "mg/dL" => ElementalMass { mg: 10.0 * printed }.amount().mmol,
            _ => printed,
        };
        let filtration = |name: &str| -> f64 {
            let given = row.cell(name).parse::<f64>().map(|value| value * L_PER_H_PER_ML_PER_MIN);
            given.unwrap_or(balance.filtration)
        };
        let absorbed = |filtration: f64| 24.0 * balance.absorbed(serum, filtration);
        let dose = row.cell("dose_mmol_per_day").parse::<f64>().unwrap_or(0.0) / 24.0;
        let left = balance.food_absorbed + dose - balance.lost(serum);
        let needed = left / balance.per_liter(serum) / L_PER_H_PER_ML_PER_MIN;
        Ok(Severe {
            source_key: key.to_string(),
            who: level.cell("arm").to_string(),
            serum_mmol_per_l: serum,
            filtration: row.cell("filtration").to_string(),
            absorbed_mmol_per_day: (
                absorbed(filtration("ml_per_min_lo")),
                absorbed(filtration("ml_per_min_hi")),
            ),
            dose: row.cell("dose").to_string(),
            filtration_ml_per_min: (left > 0.0).then_some(needed),
        })
    };
    table(CASES)?.iter().map(one).collect()
}

/// The cases as a table of Markdown.
pub fn severe_markdown(cases: &[Severe]) -> String {
    let mut text = String::from(
        "| case | serum, mmol/L | filtration | absorbed a day it would require | taken | filtration \
         that food and dose would require |\n|---|---|---|---|---|---|\n",
    );
    for one in cases {
        let (lo, hi) = one.absorbed_mmol_per_day;
        let mmol = |value: f64| format!("{value:.0}");
        let grams = |mmol: f64| format!("{:.1}", Amount { mmol }.elemental().mg / 1000.0);
        let range = |shown: &dyn Fn(f64) -> String| match lo == hi {
            true => shown(lo),
            false => format!("{} to {}", shown(lo), shown(hi)),
        };
        let needed = match one.filtration_ml_per_min {
            Some(value) => format!("{value:.1} mL/min"),
            None => "none: gut and sweat alone would lose more".to_string(),
        };
        text.push_str(&format!(
            "| {}: {} | {:.2} | {} | {} mmol ({} g) | {} | {needed} |\n",
            one.source_key,
            one.who,
            one.serum_mmol_per_l,
            one.filtration,
            range(&mmol),
            range(&grams),
            one.dose
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::whole_body;
    use super::*;
    use expect_test::expect_file;

    #[test]
    fn the_balance_is_the_equilibrium_of_the_model() {
        let lab = whole_body();
        let balance = Balance::of(&lab).expect("a balance");
        let params: Vec<f64> = lab.model.params.iter().map(|param| param.value).collect();
        for share in [0.25, 1.0, 1.45] {
            // Food spread over the day keeps serum level.
            let person = Experiment::default().person("meals", 0.0).person("filter_share", share);
            let person = person.at(&[0.0, 24.0]);
            let rows = lab.run(&person, std::slice::from_ref(&params)).remove(0).expect("a day");
            let run = Run::new(lab.model, &person, &rows);
            let threshold = run.output("renal_threshold", 0.0);
            let balance = Balance { threshold, ..balance };
            let serum = run.mean_serum(0.0, 24.0);
            let wanted = run.gained("absorbed_total", 0.0, 24.0) / 24.0;
            let found = balance.absorbed(serum, share * balance.filtration);
            // The start is solved to 1e-8 and the day integrated to 1e-6 of what it holds.
            assert!((found - wanted).abs() <= 1e-5 * wanted, "{share}: {found} {wanted}");
        }
    }

    #[test]
    fn each_published_case_has_its_row() {
        let cases = severe(&whole_body()).expect("cases");
        let levels = table(whole_body().evidence.text(SERIES).expect("levels")).expect("a table");
        assert_eq!(cases.len(), levels.len());
        let table = severe_markdown(&cases);
        expect_file!["../../../../models/magnesium/expected/severe.md"].assert_eq(&table);
        let page = include_str!("../../../../models/magnesium/README.md");
        assert!(page.contains(&table), "models/magnesium/README.md lacks:\n{table}");
    }
}
