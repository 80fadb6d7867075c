//! Numbers with a dimension.

use crate::{Dimension, Rational, Unit, UnitError};

/// A number in base units with its dimension.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// In base units: h, L, mmol, kg, mV.
    pub value: f64,
    /// What it measures.
    pub dimension: Dimension,
}

impl Quantity {
    /// `value` in `unit`.
    pub fn new(value: f64, unit: &Unit) -> Self {
        Self { value: unit.to_base(value), dimension: unit.dimension.clone() }
    }

    /// As a number of `unit`.
    ///
    /// # Errors
    /// `Mismatch` if `unit` measures something else.
    pub fn in_unit(&self, unit: &Unit) -> Result<f64, UnitError> {
        self.needs(&unit.dimension)?;
        Ok(unit.from_base(self.value))
    }

    /// Sum.
    ///
    /// # Errors
    /// `Mismatch` for two dimensions.
    pub fn add(&self, other: &Self) -> Result<Self, UnitError> {
        other.needs(&self.dimension)?;
        Ok(Self { value: self.value + other.value, dimension: self.dimension.clone() })
    }

    /// Difference.
    ///
    /// # Errors
    /// `Mismatch` for two dimensions.
    pub fn sub(&self, other: &Self) -> Result<Self, UnitError> {
        other.needs(&self.dimension)?;
        Ok(Self { value: self.value - other.value, dimension: self.dimension.clone() })
    }

    /// Product.
    ///
    /// # Errors
    /// `OutOfRange` for an exponent too large.
    pub fn mul(&self, other: &Self) -> Result<Self, UnitError> {
        let dimension = self.dimension.mul(&other.dimension)?;
        Ok(Self { value: self.value * other.value, dimension })
    }

    /// Ratio.
    ///
    /// # Errors
    /// `OutOfRange` for an exponent too large, `NotFinite` for a divisor of 0.
    pub fn div(&self, other: &Self) -> Result<Self, UnitError> {
        let dimension = self.dimension.div(&other.dimension)?;
        Self { value: self.value / other.value, dimension }.finite()
    }

    /// Power with a constant exponent.
    ///
    /// # Errors
    /// `NotFinite` for the root of a number below 0 or a negative power of 0.
    pub fn pow(&self, exponent: Rational) -> Result<Self, UnitError> {
        let dimension = self.dimension.pow(exponent)?;
        Self { value: exponent.power_of(self.value), dimension }.finite()
    }

    fn finite(self) -> Result<Self, UnitError> {
        if self.value.is_finite() { Ok(self) } else { Err(UnitError::NotFinite) }
    }

    fn needs(&self, needed: &Dimension) -> Result<(), UnitError> {
        if self.dimension == *needed {
            return Ok(());
        }
        Err(UnitError::Mismatch { found: self.dimension.clone(), needed: needed.clone() })
    }
}

/// What stands in an exponent.
#[derive(Debug, Clone, PartialEq)]
pub enum Exponent {
    /// One number, known when the model is read.
    Constant(f64),
    /// Anything else, with its dimension: a parameter, a state, an expression.
    Changing(Dimension),
}

/// Dimension of a power; a quantity with a dimension takes a constant exponent only.
///
/// # Errors
/// `ExponentWithDimension`, `ChangingExponent`, and `OutOfRange` for a constant that is no fraction
/// with a denominator up to 10,000.
pub fn dimension_after_power(
    base: &Dimension,
    exponent: &Exponent,
) -> Result<Dimension, UnitError> {
    match exponent {
        Exponent::Changing(dimension) if !dimension.is_none() => {
            Err(UnitError::ExponentWithDimension { exponent: dimension.clone() })
        }
        _ if base.is_none() => Ok(Dimension::NONE),
        Exponent::Changing(_) => Err(UnitError::ChangingExponent { base: base.clone() }),
        Exponent::Constant(value) => {
            let exponent = Rational::from_f64(*value).ok_or(UnitError::OutOfRange { at: 0..0 })?;
            base.pow(exponent)
        }
    }
}
