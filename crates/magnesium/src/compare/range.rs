//! Where a comparison goes beyond what the model was held against.

use super::{L_PER_H_PER_ML_PER_MIN, Settings, Who};
use crate::reach::{Quantity, Taken, beyond};

/// In sentences, as every command gives them.
pub(super) fn extrapolates(settings: &Settings, who: &Who) -> Vec<String> {
    let people = [
        Quantity::of_one("gfr", who.gfr_ml_per_min * L_PER_H_PER_ML_PER_MIN),
        Quantity::of_one("serum0", who.serum_mmol_per_l),
        Quantity::of_one("diet", who.diet_mmol_per_day / 24.0),
        Quantity::of_one("wt", who.weight_kg),
    ];
    let daily = settings.forms.iter().map(|form| form.daily.mmol).fold(0.0, f64::max);
    let n_days = 7 * settings.n_weeks as usize;
    let taken = Taken {
        dose_mmol: daily / f64::from(settings.n_doses_a_day),
        day_mmol: daily,
        n_days,
        span_days: n_days as f64,
        vein_mmol: 0.0,
        families: settings.forms.iter().map(|form| form.salt.family).collect(),
    };
    beyond(&people, &taken)
}
