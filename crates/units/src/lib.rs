//! Dimensions, unit names, substances, conversion.
//!
//! Every substance is a base dimension of its own, so a mass of a salt, a mass of the metal in it
//! and an amount of the metal are told apart and convert only through a named substance.
//! Base units are h, L, mmol, kg and mV. `docs/language/units.md` is the list for users.
//!
//! ```
//! use epsom_units::{Substance, Substances, convert, parse_unit};
//! let mg = Substance { name: "Mg".into(), molar_mass_g_per_mol: 24.305, valence: 2 };
//! let substances = Substances::new(vec![mg], vec![])?;
//! let from = parse_unit("mg/dL Mg", &substances, None)?;
//! let to = parse_unit("mEq/L Mg", &substances, None)?;
//! assert_eq!(convert(2.4305, &from, &to)?, 2.0);
//! assert!(parse_unit("mg/dl of something", &substances, None).is_err());
//! # Ok::<(), epsom_units::UnitError>(())
//! ```

mod dimension;
mod error;
mod names;
mod parse;
mod quantity;
mod rational;
mod substance;
mod unit;
mod words;
mod written;

#[cfg(test)]
mod tests;

pub use dimension::{Base, Dimension};
pub use error::UnitError;
pub use names::{COUNTING, UNIT_NAMES, UnitName, unit_names};
pub use parse::parse_unit;
pub use quantity::{Exponent, Quantity, dimension_after_power};
pub use rational::Rational;
pub use substance::{Link, Substance, SubstanceId, Substances, convert_through};
pub use unit::{Unit, convert};
pub use words::{foreign_unit, unit_of_word};
pub use written::Written;
