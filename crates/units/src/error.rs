//! What can be wrong with a unit or a conversion.

use std::fmt;
use std::ops::Range;

use crate::{Dimension, SubstanceId};

/// Why a unit text or a conversion is refused; `at` is a range of bytes of the unit text.
#[derive(Debug, Clone, PartialEq)]
pub enum UnitError {
    /// No text between the brackets.
    Empty,
    /// A word that is neither a unit, a counted thing nor a substance that was passed in.
    Unknown {
        /// The word.
        word: String,
        /// Where it stands.
        at: Range<usize>,
    },
    /// A character or an end where a unit or an operator should be.
    Unexpected {
        /// What stands there; empty at the end of the text.
        found: String,
        /// Where.
        at: Range<usize>,
    },
    /// A parenthesis without its partner.
    Unclosed {
        /// The opening one.
        at: Range<usize>,
    },
    /// An exponent that is no number, or too large.
    Exponent {
        /// Where.
        at: Range<usize>,
    },
    /// `a/b c`: read by some as `a/(b c)`, by others as `a c/b`.
    ProductAfterDivision {
        /// The factor after the space.
        at: Range<usize>,
    },
    /// A substance name with no mass or amount to belong to.
    NothingOfSubstance {
        /// The substance.
        substance: SubstanceId,
        /// Where its name stands.
        at: Range<usize>,
    },
    /// A substance name with several masses or amounts it might belong to.
    SubstanceOfWhich {
        /// The substance.
        substance: SubstanceId,
        /// The factors, as written.
        candidates: Vec<String>,
        /// Where its name stands.
        at: Range<usize>,
    },
    /// Equivalents (`mEq`) of nothing: the valence is not known.
    EquivalentsOfWhat {
        /// Where.
        at: Range<usize>,
    },
    /// Equivalents of a substance without charge.
    NoValence {
        /// The substance.
        substance: SubstanceId,
        /// Where.
        at: Range<usize>,
    },
    /// Degrees Celsius or Fahrenheit, whose zero is not the zero of temperature.
    TemperatureOffset {
        /// Where.
        at: Range<usize>,
    },
    /// A factor or exponent beyond what numbers hold, or parentheses too deep.
    OutOfRange {
        /// Where.
        at: Range<usize>,
    },
    /// Two dimensions that had to be the same.
    Mismatch {
        /// What was given.
        found: Dimension,
        /// What was needed.
        needed: Dimension,
    },
    /// A quantity with a dimension raised to an exponent that is not one constant.
    ChangingExponent {
        /// The dimension of what is raised.
        base: Dimension,
    },
    /// An exponent that has a dimension itself.
    ExponentWithDimension {
        /// Its dimension.
        exponent: Dimension,
    },
    /// An operation whose result is no number.
    NotFinite,
    /// A substance that the table does not hold.
    UnknownSubstance {
        /// The name.
        name: String,
    },
    /// A substance whose data are out of range, or that stands twice.
    BadSubstance {
        /// The name.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// No stoichiometry leads from one substance to the other.
    NoLink {
        /// The substance to convert.
        from: SubstanceId,
        /// The substance wanted.
        to: SubstanceId,
    },
}

impl UnitError {
    /// Range of bytes of the unit text that is to blame, where there is one.
    pub fn at(&self) -> Option<Range<usize>> {
        match self {
            Self::Unknown { at, .. }
            | Self::Unexpected { at, .. }
            | Self::Unclosed { at }
            | Self::Exponent { at }
            | Self::ProductAfterDivision { at }
            | Self::NothingOfSubstance { at, .. }
            | Self::SubstanceOfWhich { at, .. }
            | Self::EquivalentsOfWhat { at }
            | Self::NoValence { at, .. }
            | Self::TemperatureOffset { at }
            | Self::OutOfRange { at } => Some(at.clone()),
            _ => None,
        }
    }

    /// What to type instead, where that does not depend on what exists around the unit.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Self::Empty => "write `1` for a number without a unit".into(),
            Self::ProductAfterDivision { .. } => {
                "write `a/(b c)` if both divide, or put the factor before the `/`".into()
            }
            Self::NothingOfSubstance { substance, .. } => {
                format!("put it behind a mass or an amount, as in `mmol/L {substance}`")
            }
            Self::SubstanceOfWhich { substance, candidates, .. } => {
                let first = candidates.first().map_or("mg", String::as_str);
                format!("put both in parentheses, as in `({first} {substance})/...`")
            }
            Self::EquivalentsOfWhat { .. } => "name the substance, as in `mEq/L Mg`".into(),
            Self::TemperatureOffset { .. } => "give temperatures and differences in `K`".into(),
            Self::ChangingExponent { .. } => {
                "divide by a reference first, as in `(wt/70[kg])^x`".into()
            }
            _ => return None,
        })
    }
}

impl fmt::Display for UnitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "there is no unit"),
            Self::Unknown { word, .. } => write!(f, "`{word}` is not a unit"),
            Self::Unexpected { found, .. } if found.is_empty() => {
                write!(f, "the unit ends where a factor should follow")
            }
            Self::Unexpected { found, .. } => write!(f, "`{found}` has no meaning here in a unit"),
            Self::Unclosed { .. } => write!(f, "this parenthesis has no partner"),
            Self::Exponent { .. } => write!(f, "this is not an exponent"),
            Self::ProductAfterDivision { .. } => {
                write!(f, "a factor after a space behind `/` can be read in two ways")
            }
            Self::NothingOfSubstance { substance, .. } => {
                write!(f, "there is no mass or amount here that could be of `{substance}`")
            }
            Self::SubstanceOfWhich { substance, candidates, .. } => {
                let list: Vec<String> = candidates.iter().map(|one| format!("`{one}`")).collect();
                write!(f, "`{substance}` could belong to {}", list.join(" or to "))
            }
            Self::EquivalentsOfWhat { .. } => {
                write!(f, "equivalents need a substance, whose valence they count")
            }
            Self::NoValence { substance, .. } => {
                write!(f, "`{substance}` has no charge, so it has no equivalents")
            }
            Self::TemperatureOffset { .. } => {
                write!(f, "temperature scales with their own zero are not supported")
            }
            Self::OutOfRange { .. } => write!(f, "this part of the unit is out of range"),
            Self::Mismatch { found, needed } => write!(f, "this is {found}, needed is {needed}"),
            Self::ChangingExponent { base } => {
                write!(f, "a quantity in {base} can be raised to a constant exponent only")
            }
            Self::ExponentWithDimension { exponent } => {
                write!(f, "an exponent has no unit, but this one is in {exponent}")
            }
            Self::NotFinite => write!(f, "the result is not a number"),
            Self::UnknownSubstance { name } => write!(f, "`{name}` is not a known substance"),
            Self::BadSubstance { name, why } => write!(f, "substance `{name}`: {why}"),
            Self::NoLink { from, to } => {
                write!(f, "no stoichiometry leads from `{from}` to `{to}`")
            }
        }
    }
}

impl std::error::Error for UnitError {}
