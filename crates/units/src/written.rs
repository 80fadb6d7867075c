//! Units as products of the names that people wrote, for texts: `mg/L` times `L/h` is `mg/h`.

use crate::names::{Role, UnitName};
use crate::parse::{What, factors_of};
use crate::{Rational, SubstanceId, Substances};

/// A product of unit names, each with its power, in the words of a model.
#[derive(Debug, Clone, Default)]
pub struct Written {
    factors: Vec<Factor>,
}

#[derive(Debug, Clone)]
struct Factor {
    name: &'static UnitName,
    substance: Option<SubstanceId>,
    power: Rational,
}

impl Written {
    /// The unit of a plain number.
    pub fn one() -> Self {
        Self::default()
    }

    /// The names in `text`; none where a number or a counted thing stands among them.
    pub fn of(text: &str, substances: &Substances) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::one());
        }
        let mut made = Self::one();
        for factor in factors_of(text, substances).ok()? {
            let name = match factor.what {
                What::Name(name) if name.exponents.iter().any(|&one| one != 0) => name,
                What::Number(1.0) => continue,
                _ => return None,
            };
            let (substance, power) = (factor.substance, factor.exponent);
            made.factors.push(Factor { name, substance, power });
        }
        made.collected()
    }

    /// Product; none where a power is out of range.
    pub fn mul(&self, other: &Self) -> Option<Self> {
        self.times(other, Rational::ONE)
    }

    /// Ratio, as [`Self::mul`].
    pub fn div(&self, other: &Self) -> Option<Self> {
        self.times(other, Rational::whole(-1))
    }

    /// Power.
    pub fn pow(&self, power: Rational) -> Option<Self> {
        Self::one().times(self, power)
    }

    fn times(&self, other: &Self, power: Rational) -> Option<Self> {
        let mut made = self.clone();
        for factor in &other.factors {
            let power = factor.power.checked_mul(power)?;
            made.factors.push(Factor { power, ..factor.clone() });
        }
        made.collected()
    }

    /// Each name once.
    fn collected(self) -> Option<Self> {
        let mut factors: Vec<Factor> = Vec::new();
        for one in self.factors {
            // Of two names of one quantity, `h` and `day`, the first stands for both.
            let same = |known: &&mut Factor| {
                known.name.exponents == one.name.exponents && known.substance == one.substance
            };
            match factors.iter_mut().find(same) {
                Some(known) => known.power = known.power.checked_add(one.power)?,
                None => factors.push(one),
            }
        }
        factors.retain(|one| !one.power.is_zero());
        factors.sort_by_key(|one| one.name.exponents.iter().position(|&power| power != 0));
        Some(Self { factors })
    }

    /// As text that is read back: `mg/L`, `mmol*L/h Mg`, `1/h`, `1`.
    pub fn text(&self) -> String {
        let counts = |one: &Factor| one.name.role != Role::Plain;
        // One mass or amount alone: its substance stands at the end, as people write.
        let alone = self.factors.iter().filter(|one| counts(one)).count() == 1;
        let mut above: Vec<String> = Vec::new();
        let (mut below, mut trailing) = (String::new(), String::new());
        for one in &self.factors {
            let positive = one.power > Rational::ZERO;
            let power = if positive { Some(one.power) } else { one.power.checked_neg() };
            let power = power.unwrap_or(Rational::ONE);
            let mut atom = match (power == Rational::ONE, power.denominator()) {
                (true, _) => one.name.name.to_string(),
                (_, 1) => format!("{}^{power}", one.name.name),
                _ => format!("{}^({power})", one.name.name),
            };
            match &one.substance {
                Some(id) if alone => trailing = format!(" {id}"),
                Some(id) => atom = format!("({atom} {id})"),
                None => {}
            }
            match positive {
                true => above.push(atom),
                false => below += &format!("/{atom}"),
            }
        }
        let above = if above.is_empty() { "1".to_string() } else { above.join("*") };
        format!("{above}{below}{trailing}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Substance, parse_unit};

    fn substances() -> Substances {
        let row =
            |name: &str| Substance { name: name.into(), molar_mass_g_per_mol: 24.305, valence: 2 };
        Substances::new(vec![row("Mg"), row("MgT")], vec![]).unwrap()
    }

    fn of(text: &str) -> Written {
        Written::of(text, &substances()).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn products_keep_the_words() {
        assert_eq!(of("mg/L").mul(&of("L/h")).unwrap().text(), "mg/h");
        assert_eq!(of("L/h").mul(&of("mg")).unwrap().text(), "mg*L/h");
        assert_eq!(of("mg").div(&of("mL")).unwrap().text(), "mg/mL");
        assert_eq!(of("year").pow(Rational::whole(-1)).unwrap().text(), "1/year");
        assert_eq!(of("mmol/L Mg").mul(&of("L/h")).unwrap().text(), "mmol/h Mg");
        assert_eq!(of("mg Mg").div(&of("kg")).unwrap().text(), "(mg Mg)/kg");
        assert_eq!(of("h").div(&of("h")).unwrap().text(), "1");
        assert_eq!(of("").text(), "1");
    }

    #[test]
    fn what_would_confuse_has_no_words() {
        assert_eq!(of("mg/h").mul(&of("day")).unwrap().text(), "mg");
        assert_eq!(of("mL").div(&of("L")).unwrap().text(), "1");
        for text in ["mg/100 mL", "%", "beats/min", "mgg"] {
            assert!(Written::of(text, &substances()).is_none(), "{text}");
        }
    }

    #[test]
    fn the_text_is_read_back_as_the_same_unit() {
        let table = substances();
        for text in ["mg/L", "1/h", "mmol/L/h Mg", "(mg Mg)/kg", "L/h", "m^2", "kg^0.75", "uM"] {
            let unit = parse_unit(text, &table, None).unwrap();
            let back = parse_unit(&of(text).text(), &table, None).unwrap();
            assert_eq!((unit.dimension, unit.factor), (back.dimension, back.factor), "{text}");
        }
    }
}
