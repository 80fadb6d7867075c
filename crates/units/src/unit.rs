//! Units with their factor to base units.

use crate::{Dimension, UnitError};

/// A unit as written, with its dimension and its size in base units.
///
/// The size is kept as a ratio of two numbers that are whole for nearly all units, so that
/// conversion rounds once or twice only: 90 min are 1.5 h, and 0.3 d are 7.2 h.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// What it measures.
    pub dimension: Dimension,
    /// Base units in one of it.
    pub factor: f64,
    /// As written, without outer spaces.
    pub text: String,
    /// `factor` as numerator and denominator.
    ratio: (f64, f64),
}

impl Unit {
    /// The unit of a plain number, `1`.
    pub fn one() -> Self {
        Self::of_base(Dimension::NONE)
    }

    /// The base unit of a dimension.
    pub fn of_base(dimension: Dimension) -> Self {
        let text = dimension.to_string();
        Self { dimension, factor: 1.0, text, ratio: (1.0, 1.0) }
    }

    pub(crate) fn new(dimension: Dimension, ratio: (f64, f64), text: &str) -> Self {
        Self { dimension, factor: ratio.0 / ratio.1, text: text.to_string(), ratio }
    }

    /// `value` in this unit as a number of base units.
    pub fn to_base(&self, value: f64) -> f64 {
        value * self.ratio.0 / self.ratio.1
    }

    /// `value` base units as a number of this unit.
    pub fn from_base(&self, value: f64) -> f64 {
        value * self.ratio.1 / self.ratio.0
    }
}

/// `value` in `from` as a number of `to`.
///
/// # Errors
/// `Mismatch` if the two measure different things.
pub fn convert(value: f64, from: &Unit, to: &Unit) -> Result<f64, UnitError> {
    if from.dimension != to.dimension {
        return Err(UnitError::Mismatch {
            found: from.dimension.clone(),
            needed: to.dimension.clone(),
        });
    }
    let (above, below) = (from.ratio.0 * to.ratio.1, from.ratio.1 * to.ratio.0);
    Ok(if above == below { value } else { value * above / below })
}
