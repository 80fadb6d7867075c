//! What a dose brings into its compartment, by the properties that the model gives it.

use crate::timeline::{Dose, DoseKind};
use epsom_model::ir::{Compartment, ExprId};

/// A dosing property of a compartment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Property {
    /// Part of the amount that enters.
    Bioavailability,
    /// Time until it enters, h.
    Lag,
    /// Rate of an infusion that leaves it to the model, base units of the compartment per hour.
    Rate,
    /// Duration of an infusion that leaves it to the model, h.
    Duration,
}

impl Property {
    /// All of them, in the order of the list above.
    pub(crate) const ALL: [Self; 4] =
        [Self::Bioavailability, Self::Lag, Self::Rate, Self::Duration];

    /// The expression that gives it; none where the compartment has no such property.
    pub(crate) fn of(self, compartment: &Compartment) -> Option<ExprId> {
        match self {
            Self::Bioavailability => compartment.bioavailability,
            Self::Lag => compartment.lag,
            Self::Rate => compartment.rate,
            Self::Duration => compartment.duration,
        }
    }
}

/// A dose after bioavailability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Enters {
    /// At once, base units of the compartment.
    pub(crate) bolus: f64,
    /// Infused, base units per hour.
    pub(crate) rate: f64,
    /// For how long, h.
    pub(crate) duration_h: f64,
    /// After which time, h.
    pub(crate) lag_h: f64,
}

/// What `dose` brings, of a split dose all of it at once; `value` gives a property of its
/// compartment, none where that has no such property.
///
/// # Errors
/// The property that is negative, not finite, or missing where the dose needs it.
#[inline]
pub(crate) fn enters(
    dose: &Dose,
    value: impl Fn(Property) -> Option<f64>,
) -> Result<Enters, Property> {
    let sound = |property: Property, usual: f64| match value(property).unwrap_or(usual) {
        value if value.is_finite() && value >= 0.0 => Ok(value),
        _ => Err(property),
    };
    let modeled = |property: Property| match sound(property, f64::NAN)? {
        size if size > 0.0 => Ok(size),
        _ => Err(property),
    };
    let total = sound(Property::Bioavailability, 1.0)? * dose.amount;
    let by_rate = |rate: f64| (0.0, rate, total / rate);
    let by_duration = |duration_h: f64| (0.0, total / duration_h, duration_h);
    let (bolus, rate, duration_h) = match dose.kind {
        DoseKind::Bolus | DoseKind::Split { .. } => (total, 0.0, 0.0),
        DoseKind::Rate(rate) => by_rate(rate),
        DoseKind::Duration(duration_h) => by_duration(duration_h),
        DoseKind::ModeledRate => by_rate(modeled(Property::Rate)?),
        DoseKind::ModeledDuration => by_duration(modeled(Property::Duration)?),
    };
    Ok(Enters { bolus, rate, duration_h, lag_h: sound(Property::Lag, 0.0)? })
}
