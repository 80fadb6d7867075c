//! Dimensions known at run time.

use std::fmt;

use crate::{Rational, SubstanceId, UnitError};

/// Base dimensions that are not a substance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Base {
    /// Amount of a thing not named; base unit mmol.
    Amount,
    /// Base unit kg.
    Mass,
    /// Base unit dm, so that a volume is in L.
    Length,
    /// Base unit mV.
    Voltage,
    /// Base unit mA, so that a conductance is in S.
    Current,
    /// Base unit K.
    Temperature,
    /// Luminous flux; base unit lm.
    Luminous,
    /// Base unit h.
    Time,
}

/// Number of [`Base`] dimensions.
pub(crate) const BASES: usize = 8;

/// Every [`Base`], in order.
const BASE_ORDER: [Base; BASES] = [
    Base::Amount,
    Base::Mass,
    Base::Length,
    Base::Voltage,
    Base::Current,
    Base::Temperature,
    Base::Luminous,
    Base::Time,
];

/// Base units by [`Base`].
const SYMBOLS: [&str; BASES] = ["mmol", "kg", "dm", "mV", "mA", "K", "lm", "h"];

/// What is raised to a power; the order is that of printing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Substance(SubstanceId),
    Base(Base),
}

/// A product of base dimensions and substances with rational exponents.
///
/// An amount of a substance is the substance's own dimension, not an amount times a substance.
/// `Display` gives it in base units, and [`parse_unit`](crate::parse_unit) reads that back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dimension {
    /// Sorted; no exponent is 0.
    powers: Vec<(Key, Rational)>,
}

impl Dimension {
    /// The dimension of a plain number.
    pub const NONE: Self = Self { powers: Vec::new() };

    /// One base dimension.
    pub fn base(base: Base) -> Self {
        Self { powers: vec![(Key::Base(base), Rational::ONE)] }
    }

    /// Amount of one substance.
    pub fn substance(id: SubstanceId) -> Self {
        Self { powers: vec![(Key::Substance(id), Rational::ONE)] }
    }

    /// From whole exponents in the order of [`Base`].
    pub(crate) fn of_exponents(exponents: [i8; BASES]) -> Self {
        let all = BASE_ORDER.into_iter().zip(exponents).filter(|&(_, n)| n != 0);
        Self { powers: all.map(|(base, n)| (Key::Base(base), Rational::whole(n.into()))).collect() }
    }

    /// Exponent of a base dimension.
    pub fn exponent(&self, base: Base) -> Rational {
        self.power(&Key::Base(base))
    }

    /// Exponent of a substance.
    pub fn exponent_of(&self, id: &SubstanceId) -> Rational {
        self.power(&Key::Substance(id.clone()))
    }

    fn power(&self, key: &Key) -> Rational {
        let found = self.powers.iter().find(|(one, _)| one == key);
        found.map_or(Rational::ZERO, |&(_, exponent)| exponent)
    }

    /// Substances with their exponents, sorted by name.
    pub fn substances(&self) -> impl Iterator<Item = (&SubstanceId, Rational)> {
        self.powers.iter().filter_map(|(key, exponent)| match key {
            Key::Substance(id) => Some((id, *exponent)),
            Key::Base(_) => None,
        })
    }

    /// Whether it is that of a plain number.
    pub fn is_none(&self) -> bool {
        self.powers.is_empty()
    }

    /// Product.
    ///
    /// # Errors
    /// `OutOfRange` for an exponent too large.
    pub fn mul(&self, other: &Self) -> Result<Self, UnitError> {
        self.combine(other, Rational::ONE)
    }

    /// Ratio.
    ///
    /// # Errors
    /// `OutOfRange` for an exponent too large.
    pub fn div(&self, other: &Self) -> Result<Self, UnitError> {
        self.combine(other, Rational::whole(-1))
    }

    /// Power.
    ///
    /// # Errors
    /// `OutOfRange` for an exponent too large.
    pub fn pow(&self, exponent: Rational) -> Result<Self, UnitError> {
        Self::NONE.combine(self, exponent)
    }

    /// `self * other^power`.
    fn combine(&self, other: &Self, power: Rational) -> Result<Self, UnitError> {
        let mut powers = self.powers.clone();
        for (key, exponent) in &other.powers {
            let place = powers.binary_search_by(|(one, _)| one.cmp(key));
            let at = place.unwrap_or_else(|at| {
                powers.insert(at, (key.clone(), Rational::ZERO));
                at
            });
            powers[at].1 = exponent
                .checked_mul(power)
                .and_then(|more| powers[at].1.checked_add(more))
                .ok_or(UnitError::OutOfRange { at: 0..0 })?;
        }
        powers.retain(|(_, exponent)| !exponent.is_zero());
        Ok(Self { powers })
    }
}

/// In base units: `mmol/L Mg`, `L/h`, `1/h`, `1`.
impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A nameless amount or mass beside a substance: parentheses say which one the name is of.
        let beside = !self.exponent(Base::Amount).is_zero() || !self.exponent(Base::Mass).is_zero();
        // One substance alone: its name stands at the end, as people write.
        let trailing = match self.powers.as_slice() {
            [(Key::Substance(id), _), rest @ ..]
                if !beside && !matches!(rest.first(), Some((Key::Substance(_), _))) =>
            {
                format!(" {id}")
            }
            _ => String::new(),
        };
        let mut above: Vec<String> = Vec::new();
        let mut below = String::new();
        for (key, exponent) in &self.powers {
            let (symbol, exponent) = symbol(key, *exponent);
            let name = match key {
                Key::Substance(id) if trailing.is_empty() => format!(" {id}"),
                _ => String::new(),
            };
            if exponent > Rational::ZERO {
                above.push(format!("{symbol}{}{name}", power_text(exponent)));
                continue;
            }
            let power = power_text(exponent.checked_neg().unwrap_or(Rational::ONE));
            below.push_str(&if beside && !name.is_empty() {
                format!("/({symbol}{power}{name})")
            } else {
                format!("/{symbol}{power}{name}")
            });
        }
        let above = if above.is_empty() { "1".to_string() } else { above.join("*") };
        write!(f, "{above}{below}{trailing}")
    }
}

/// Base unit and exponent to print: a volume is in L, other lengths in dm.
fn symbol(key: &Key, exponent: Rational) -> (&'static str, Rational) {
    let third = Rational::new(1, 3).and_then(|third| exponent.checked_mul(third));
    match (key, third) {
        (Key::Substance(_), _) => (SYMBOLS[Base::Amount as usize], exponent),
        (Key::Base(Base::Length), Some(third)) if third.denominator() == 1 => ("L", third),
        (Key::Base(base), _) => (SYMBOLS[*base as usize], exponent),
    }
}

fn power_text(exponent: Rational) -> String {
    match (exponent == Rational::ONE, exponent.denominator()) {
        (true, _) => String::new(),
        (_, 1) => format!("^{exponent}"),
        _ => format!("^({exponent})"),
    }
}
