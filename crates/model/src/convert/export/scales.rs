//! In which units the numbers of the exported text stand: one for each base dimension.
//!
//! Inside a checked model numbers are in h, L, mmol and kg. The text takes the model's own unit of
//! time and of the amounts in its compartments, so that doses stay what people give; everything
//! else follows, which the checked units make safe.

use std::collections::BTreeMap;

use epsom_units::{Base, Dimension, SubstanceId, Unit, parse_unit};

use crate::check::World;
use crate::ir::{DisplayUnit, ErrorScale, Model};

/// Two factors are one where they differ by rounding only: each is a ratio of a few numbers.
const SAME: f64 = 16.0 * f64::EPSILON;

/// Base units in one unit of the text, by base dimension; what is not named is 1.
pub(super) struct Scales<'a> {
    world: &'a World<'a>,
    substance: Option<SubstanceId>,
    time: f64,
    mass: f64,
    amount: f64,
    substances: BTreeMap<String, (SubstanceId, f64)>,
}

impl<'a> Scales<'a> {
    pub(super) fn of(model: &Model, substance: Option<SubstanceId>, world: &'a World<'a>) -> Self {
        let mut scales = Self {
            world,
            substance,
            time: 1.0,
            mass: 1.0,
            amount: 1.0,
            substances: BTreeMap::new(),
        };
        // Without checked units nothing says that all numbers would follow; an error scale that
        // is no power, and compartments without a unit of their own, do not follow either.
        let follows = model.outputs.iter().all(|one| {
            let scale = one.residual.scale;
            let bends = matches!(scale, ErrorScale::BoxCox { .. } | ErrorScale::YeoJohnson { .. });
            !bends && one.residual.power.is_none()
        });
        let named = model.compartments.iter().all(|one| !one.unit.text.is_empty());
        if !model.checked || !follows || !named {
            return scales;
        }
        scales.time = 1.0 / model.time_unit.per_base;
        let (mut mass, mut amount) = (None, None);
        for one in &model.compartments {
            let Some(unit) = scales.unit(&one.unit.text) else { continue };
            if unit.dimension == Dimension::base(Base::Mass) {
                mass.get_or_insert(unit.factor);
            } else if unit.dimension == Dimension::base(Base::Amount) {
                amount.get_or_insert(unit.factor);
            } else if let Some((id, _)) = unit.dimension.substances().next()
                && unit.dimension == Dimension::substance(id.clone())
            {
                let key = id.to_string();
                scales.substances.entry(key).or_insert((id.clone(), unit.factor));
            }
        }
        scales.mass = mass.unwrap_or(1.0);
        scales.amount = amount.unwrap_or(1.0);
        scales
    }

    /// The unit that a bracket writes; checked texts hold no other.
    pub(super) fn unit(&self, text: &str) -> Option<Unit> {
        parse_unit(text, self.world.substances, self.substance.clone()).ok()
    }

    /// Base units in one unit of the text.
    pub(super) fn of_dimension(&self, dimension: &Dimension) -> f64 {
        let bases = [(Base::Time, self.time), (Base::Mass, self.mass), (Base::Amount, self.amount)];
        let mut product = 1.0;
        for (base, scale) in bases {
            product *= dimension.exponent(base).power_of(scale);
        }
        for (id, scale) in self.substances.values() {
            product *= dimension.exponent_of(id).power_of(*scale);
        }
        product
    }

    /// Units of the text in one of `unit`.
    pub(super) fn factor(&self, unit: &Unit) -> f64 {
        let scale = self.of_dimension(&unit.dimension);
        near(if scale == 1.0 { unit.factor } else { unit.factor / scale })
    }

    /// `value` in `unit` as a number of the text: what the checker makes of it, to the bit, where
    /// the text stands in base units.
    pub(super) fn number(&self, value: f64, unit: &Unit) -> f64 {
        let scale = self.of_dimension(&unit.dimension);
        if scale == 1.0 { unit.to_base(value) } else { tidy(unit.to_base(value) / scale) }
    }

    /// A base value as a number of the text.
    pub(super) fn base(&self, value: f64, dimension: &Dimension) -> f64 {
        let scale = self.of_dimension(dimension);
        if scale == 1.0 { value } else { tidy(value / scale) }
    }

    /// What a quantity shown in `unit` is divided by to become a number of the text: 1 for none.
    pub(super) fn shown(&self, unit: &DisplayUnit) -> f64 {
        let Some(parsed) = self.unit(&unit.text) else { return near(unit.per_base) };
        let scale = self.of_dimension(&parsed.dimension);
        near(if scale == 1.0 { unit.per_base } else { tidy(scale * unit.per_base) })
    }

    /// The word for the unit of the text that `unit` is measured in.
    pub(super) fn word(&self, unit: &DisplayUnit) -> String {
        let factor = self.shown(unit);
        match self.unit(&unit.text) {
            _ if factor == 1.0 => unit.text.clone(),
            Some(parsed) if self.of_dimension(&parsed.dimension) == 1.0 => {
                parsed.dimension.to_string()
            }
            _ => format!("1/{} {}", super::digits(factor), unit.text),
        }
    }
}

/// 1 where it is 1 but for rounding.
fn near(factor: f64) -> f64 {
    if (factor - 1.0).abs() <= SAME { 1.0 } else { factor }
}

/// Fourteen digits, which drop what the few roundings of a conversion did.
pub(super) fn tidy(value: f64) -> f64 {
    format!("{value:.13e}").parse().unwrap_or(value)
}
