//! Doses, counted as the ranges count them.

use std::collections::{BTreeMap, BTreeSet};

use epsom_engine::{Action, Dose, Record};
use epsom_model::ir::Model;

use super::{Quantity, ranges};
use crate::salts::Amount;

/// Most repeats of one record that are looked at one by one; more days are of the same kind.
const MOST_REPEATS: u32 = 100_000;

/// What is taken.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Taken {
    /// Largest dose by mouth, mmol.
    pub dose_mmol: f64,
    /// Most by mouth in one day, mmol.
    pub day_mmol: f64,
    /// Days with a dose by mouth.
    pub n_days: usize,
    /// From the first to the last of these days, both counted.
    pub span_days: f64,
    /// In all into a vein, mmol.
    pub vein_mmol: f64,
    /// Families of salts by mouth, sorted; empty where they are not known.
    pub families: BTreeSet<&'static str>,
}

impl Taken {
    /// The larger of each, as where several people take something.
    pub fn most(self, other: Self) -> Self {
        Self {
            dose_mmol: self.dose_mmol.max(other.dose_mmol),
            day_mmol: self.day_mmol.max(other.day_mmol),
            n_days: self.n_days.max(other.n_days),
            span_days: self.span_days.max(other.span_days),
            vein_mmol: self.vein_mmol.max(other.vein_mmol),
            families: self.families.union(&other.families).copied().collect(),
        }
    }

    /// What the table has a range for, base units.
    pub(super) fn quantities(&self) -> Vec<Quantity<'static>> {
        let mut found = Vec::new();
        // The table counts masses of magnesium; its units are those of masses, in kg.
        let kg = |mmol: f64| Amount { mmol }.elemental().mg * 1e-6;
        if self.dose_mmol > 0.0 {
            found.push(Quantity::of_one("dose", kg(self.dose_mmol)));
        }
        if self.n_days > 1 {
            found.push(Quantity::of_one("daily", kg(self.day_mmol) / 24.0));
            found.push(Quantity::of_one("weeks", self.span_days * 24.0));
        } else if self.day_mmol > self.dose_mmol {
            found.push(Quantity::of_one("day", kg(self.day_mmol)));
        }
        if self.vein_mmol > 0.0 {
            found.push(Quantity::of_one("vein", self.vein_mmol));
        }
        debug_assert!(found.iter().all(|one| ranges().iter().any(|it| it.quantity == one.name)));
        found
    }
}

/// What records give to a model with compartments `solid`, `residue`, `lumen` and `plasma`.
pub fn of_records(records: &[Record], model: &Model) -> Taken {
    let is = |dose: &Dose, names: &[&str]| {
        let place = model.compartments.get(dose.compartment as usize);
        place.is_some_and(|place| names.contains(&place.name.as_str()))
    };
    let mut taken = Taken::default();
    // Parts of one dose come at one time; times to the bit, as both are sums of the same numbers.
    let (mut doses, mut days) = (BTreeMap::<u64, f64>::new(), BTreeMap::<i64, f64>::new());
    for record in records {
        let (Action::Dose(dose) | Action::ResetThenDose(dose)) = record.action else { continue };
        if is(&dose, &["plasma"]) {
            taken.vein_mmol += dose.amount * (f64::from(dose.additional) + 1.0);
        }
        if !is(&dose, &["solid", "residue", "lumen"]) {
            continue;
        }
        let last = dose.additional.min(MOST_REPEATS);
        for repeat in 0..=last {
            let time_h = record.time_h + f64::from(repeat) * dose.interval_h;
            *doses.entry(time_h.to_bits()).or_default() += dose.amount;
            *days.entry((time_h / 24.0).floor() as i64).or_default() += dose.amount;
        }
    }
    let most = |amounts: &mut dyn Iterator<Item = &f64>| amounts.fold(0.0, |a: f64, &b| a.max(b));
    taken.dose_mmol = most(&mut doses.values());
    taken.day_mmol = most(&mut days.values());
    taken.n_days = days.len();
    if let (Some((first, _)), Some((last, _))) = (days.first_key_value(), days.last_key_value()) {
        taken.span_days = (last - first) as f64 + 1.0;
    }
    taken
}
