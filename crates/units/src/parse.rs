//! Unit text to [`Unit`].
//!
//! ```text
//! unit    = factor { ( "*" | "." | "·" | "×" | " " | "/" | "per" ) factor | " " substance }
//! factor  = number [ atom ] | atom
//! atom    = ( name | "(" unit ")" ) [ power ]
//! power   = ( "^" | "**" ) exponent | whole number
//! ```
//!
//! `/` divides by the next factor only, and a number takes the atom behind it along, so
//! `mL/min/1.73m2` and `L/h/(70 kg)^0.75` read as they are meant.

use std::ops::Range;

use crate::names::{COUNTING, OFFSET_SCALES, Role, UnitName, find_unit};
use crate::{Base, Dimension, Rational, SubstanceId, Substances, Unit, UnitError};

/// Longest unit text, in bytes.
const MAX_BYTES: usize = 200;
/// Deepest nesting of parentheses.
const MAX_DEPTH: usize = 16;

/// The unit that `text` writes.
///
/// A substance name at the end of the unit, or of a parenthesis, belongs to the one mass or amount
/// in it; right behind a mass or amount in the middle it belongs to that one. An amount without a substance is one of
/// `default`; a mass without a substance stays a mass.
///
/// # Errors
/// Any variant of [`UnitError`] with a range.
pub fn parse_unit(
    text: &str,
    substances: &Substances,
    default: Option<SubstanceId>,
) -> Result<Unit, UnitError> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(UnitError::Empty);
    }
    if text.len() > MAX_BYTES {
        return Err(UnitError::OutOfRange { at: 0..text.len() });
    }
    if COUNTING.contains(&trimmed) {
        return Ok(Unit::new(Dimension::NONE, (1.0, 1.0), trimmed));
    }
    let factors = factors_of(text, substances)?;
    let mut dimension = Dimension::NONE;
    let mut ratio = (1.0, 1.0);
    for factor in &factors {
        let out_of_range = |_| UnitError::OutOfRange { at: factor.at.clone() };
        let (one, above, below) = resolve(factor, substances, default.as_ref())?;
        dimension = one
            .pow(factor.exponent)
            .and_then(|power| dimension.mul(&power))
            .map_err(out_of_range)?;
        let (above, below) = ratio_power((above, below), factor.exponent);
        ratio = (ratio.0 * above, ratio.1 * below);
        if ![ratio.0, ratio.1, ratio.0 / ratio.1].iter().all(|x| x.is_normal() && *x > 0.0) {
            return Err(out_of_range(UnitError::Empty));
        }
    }
    Ok(Unit::new(dimension, ratio, trimmed))
}

/// The numbers and names of a unit text, in order.
pub(crate) fn factors_of(text: &str, substances: &Substances) -> Result<Vec<Factor>, UnitError> {
    let mut parser = Parser { text, position: 0, substances, factors: Vec::new(), last: None };
    parser.unit(0)?;
    if !parser.rest().is_empty() {
        return Err(parser.unexpected());
    }
    Ok(parser.factors)
}

/// One number or name with its exponent.
pub(crate) struct Factor {
    pub(crate) what: What,
    pub(crate) exponent: Rational,
    pub(crate) substance: Option<SubstanceId>,
    at: Range<usize>,
}

pub(crate) enum What {
    Number(f64),
    Name(&'static UnitName),
    Counted,
}

impl Factor {
    fn takes_substance(&self) -> bool {
        self.substance.is_none()
            && matches!(self.what, What::Name(name) if name.role != Role::Plain)
    }
}

/// Dimension and ratio of one factor, before its exponent.
fn resolve(
    factor: &Factor,
    substances: &Substances,
    default: Option<&SubstanceId>,
) -> Result<(Dimension, f64, f64), UnitError> {
    let name = match factor.what {
        What::Number(value) => return Ok((Dimension::NONE, value, 1.0)),
        What::Counted => return Ok((Dimension::NONE, 1.0, 1.0)),
        What::Name(name) => name,
    };
    let written = Dimension::of_exponents(name.exponents);
    let (above, below) = name.ratio;
    let id = match (name.role, &factor.substance) {
        (Role::Plain, _) | (Role::Mass, None) => return Ok((written, above, below)),
        (_, Some(id)) => id,
        (Role::Amount | Role::Equivalents, None) => match default {
            Some(id) => id,
            None if name.role == Role::Amount => return Ok((written, above, below)),
            None => return Err(UnitError::EquivalentsOfWhat { at: factor.at.clone() }),
        },
    };
    let row = substances
        .get(id)
        .ok_or_else(|| UnitError::UnknownSubstance { name: id.name().to_string() })?;
    let nameless = if name.role == Role::Mass { Base::Mass } else { Base::Amount };
    let dimension =
        written.div(&Dimension::base(nameless))?.mul(&Dimension::substance(id.clone()))?;
    Ok(match name.role {
        // 1 kg / (M g/mol) = 1e6 / M mmol.
        Role::Mass => (dimension, above * 1e6, below * row.molar_mass_g_per_mol),
        Role::Equivalents if row.valence == 0 => {
            return Err(UnitError::NoValence { substance: id.clone(), at: factor.at.clone() });
        }
        Role::Equivalents => (dimension, above, below * f64::from(row.valence)),
        Role::Amount | Role::Plain => (dimension, above, below),
    })
}

fn ratio_power((above, below): (f64, f64), exponent: Rational) -> (f64, f64) {
    match exponent.checked_neg() {
        Some(turned) if exponent < Rational::ZERO => {
            (turned.power_of(below), turned.power_of(above))
        }
        _ => (exponent.power_of(above), exponent.power_of(below)),
    }
}

struct Parser<'a> {
    text: &'a str,
    position: usize,
    substances: &'a Substances,
    factors: Vec<Factor>,
    /// The factor just read, if a name may follow it directly.
    last: Option<usize>,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.position..]
    }

    fn skip_spaces(&mut self) {
        self.position = self.text.len() - self.rest().trim_start().len();
    }

    /// Steps over `token` if it is next.
    fn eat(&mut self, token: &str) -> bool {
        let next = self.rest().starts_with(token);
        if next {
            self.position += token.len();
        }
        next
    }

    /// Whether the word `per` is next.
    fn at_per(&self) -> bool {
        self.rest().strip_prefix("per").is_some_and(|after| !after.starts_with(is_word))
    }

    fn unexpected(&self) -> UnitError {
        let found = match self.word() {
            "" => self.rest().chars().next().map(String::from).unwrap_or_default(),
            word => word.to_string(),
        };
        let at = self.position..self.position + found.len();
        UnitError::Unexpected { found, at }
    }

    /// The run of letters that is next, or a percent sign.
    fn word(&self) -> &str {
        let rest = self.rest();
        if rest.starts_with('%') {
            return &rest[..1];
        }
        &rest[..rest.find(|c| !is_word(c)).unwrap_or(rest.len())]
    }

    fn unit(&mut self, depth: usize) -> Result<(), UnitError> {
        let first = self.factors.len();
        self.factor(Rational::ONE, depth)?;
        let mut divided = false;
        loop {
            self.skip_spaces();
            if self.rest().is_empty() || self.rest().starts_with(')') {
                return Ok(());
            } else if self.eat("/") {
                divided = true;
                self.factor(Rational::whole(-1), depth)?;
            } else if self.at_per() {
                self.position += "per".len();
                divided = true;
                self.factor(Rational::whole(-1), depth)?;
            } else if self.rest().starts_with("**") {
                return Err(self.unexpected());
            } else if ["*", ".", "·", "×"].iter().any(|sign| self.eat(sign)) {
                self.factor(Rational::ONE, depth)?;
            } else if let Some(id) = self.substance_here() {
                self.substance(id, first)?;
            } else if self.word().is_empty() && !self.rest().starts_with('(') {
                return Err(self.unexpected());
            } else {
                let start = self.position;
                self.atom(Rational::ONE, depth)?;
                if divided {
                    return Err(UnitError::ProductAfterDivision { at: start..self.position });
                }
            }
        }
    }

    fn factor(&mut self, sign: Rational, depth: usize) -> Result<(), UnitError> {
        self.skip_spaces();
        self.last = None;
        if !self.rest().starts_with(|c: char| c.is_ascii_digit()) {
            return self.atom(sign, depth);
        }
        let start = self.position;
        let digits = self.number_text().to_string();
        self.position += digits.len();
        let at = start..self.position;
        let value: f64 = digits.parse().map_err(|_| UnitError::OutOfRange { at: at.clone() })?;
        if !(value > 0.0 && value.is_finite()) {
            return Err(UnitError::OutOfRange { at });
        }
        let exponent = self.power(sign)?;
        self.factors.push(Factor { what: What::Number(value), exponent, substance: None, at });
        let behind = self.position;
        self.skip_spaces();
        let follows = !self.word().is_empty() || self.rest().starts_with('(');
        if follows && !self.at_per() && self.substance_here().is_none() {
            return self.atom(sign, depth);
        }
        self.position = behind;
        Ok(())
    }

    /// Digits with at most one decimal point that has a digit behind it.
    fn number_text(&self) -> &str {
        let rest = self.rest();
        let whole = rest.bytes().take_while(u8::is_ascii_digit).count();
        let part = rest[whole..]
            .strip_prefix('.')
            .map_or(0, |after| after.bytes().take_while(u8::is_ascii_digit).count());
        &rest[..if part == 0 { whole } else { whole + 1 + part }]
    }

    fn atom(&mut self, sign: Rational, depth: usize) -> Result<(), UnitError> {
        self.last = None;
        let start = self.position;
        let first = self.factors.len();
        if self.eat("(") {
            if depth == MAX_DEPTH {
                return Err(UnitError::OutOfRange { at: start..self.position });
            }
            self.unit(depth + 1)?;
            if !self.eat(")") {
                return Err(UnitError::Unclosed { at: start..start + 1 });
            }
            self.last = None;
            let power = self.power(sign)?;
            let at = start..self.position;
            for factor in &mut self.factors[first..] {
                factor.exponent = factor
                    .exponent
                    .checked_mul(power)
                    .ok_or_else(|| UnitError::OutOfRange { at: at.clone() })?;
            }
            return Ok(());
        }
        let word = self.word().to_string();
        if word.is_empty() {
            return Err(self.unexpected());
        }
        let at = start..start + word.len();
        let what = match find_unit(&word) {
            Some(name) => What::Name(name),
            None if COUNTING.contains(&word.as_str()) => What::Counted,
            None if OFFSET_SCALES.contains(&word.as_str()) => {
                return Err(UnitError::TemperatureOffset { at });
            }
            None => {
                return Err(match self.substance_here() {
                    Some(id) => {
                        let at = start..start + id.name().len();
                        UnitError::NothingOfSubstance { substance: id, at }
                    }
                    None => UnitError::Unknown { word, at },
                });
            }
        };
        self.position = at.end;
        let exponent = self.power(sign)?;
        self.last = Some(first);
        self.factors.push(Factor { what, exponent, substance: None, at: start..self.position });
        Ok(())
    }

    /// The power behind an atom, times `sign`; 1 if there is none.
    fn power(&mut self, sign: Rational) -> Result<Rational, UnitError> {
        let start = self.position;
        let before = self.position;
        self.skip_spaces();
        let caret = self.eat("^") || self.eat("**");
        if !caret {
            self.position = before;
            let bytes = self.rest().as_bytes();
            let minus = usize::from(bytes.first() == Some(&b'-'));
            // A whole number right behind a name: `m2`, `h-1`.
            let follows_name = self.text[..start].ends_with(|c: char| is_word(c) || c == ')');
            if !follows_name || !bytes.get(minus).is_some_and(u8::is_ascii_digit) {
                return Ok(sign);
            }
        }
        let bracket = caret && self.eat("(");
        let minus = self.eat("-");
        let top = self.decimal(!caret);
        let bottom = if bracket && self.eat("/") { self.decimal(false) } else { Some((1, 1)) };
        let closed = !bracket || self.eat(")");
        let at = start..self.position.max(start + 1).min(self.text.len());
        let value = match (top, bottom) {
            (Some((a, b)), Some((c, d))) if closed => {
                let a = if minus { -a } else { a };
                Rational::new(a * d, b * c)
            }
            _ => None,
        };
        value.and_then(|value| value.checked_mul(sign)).ok_or(UnitError::Exponent { at })
    }

    /// A decimal number as a fraction; up to eight digits.
    fn decimal(&mut self, whole_only: bool) -> Option<(i64, i64)> {
        let mut digits = self.number_text().to_string();
        if whole_only {
            digits.truncate(digits.find('.').unwrap_or(digits.len()));
        }
        self.position += digits.len();
        let (whole, part) = digits.split_once('.').unwrap_or((&digits, ""));
        let all = format!("{whole}{part}");
        if all.is_empty() || all.len() > 8 {
            return None;
        }
        Some((all.parse().ok()?, 10_i64.pow(part.len() as u32)))
    }

    /// The longest substance name that is next as a whole word.
    fn substance_here(&self) -> Option<SubstanceId> {
        let rest = self.rest();
        self.substances
            .names()
            .filter(|name| {
                rest.strip_prefix(name).is_some_and(|after| {
                    !after.starts_with(|c: char| is_word(c) || c.is_ascii_digit())
                })
            })
            .max_by_key(|name| name.len())
            .and_then(|name| self.substances.id(name))
    }

    /// Reads a substance name in a group whose factors start at `first`.
    fn substance(&mut self, id: SubstanceId, first: usize) -> Result<(), UnitError> {
        let at = self.position..self.position + id.name().len();
        self.position = at.end;
        let behind = self.rest().trim_start();
        let open: Vec<usize> = if behind.is_empty() || behind.starts_with(')') {
            (first..self.factors.len()).collect()
        } else {
            self.last.take().into_iter().collect()
        };
        let open: Vec<usize> =
            open.into_iter().filter(|&index| self.factors[index].takes_substance()).collect();
        match open.as_slice() {
            [] => Err(UnitError::NothingOfSubstance { substance: id, at }),
            [only] => {
                self.factors[*only].substance = Some(id);
                Ok(())
            }
            several => {
                let written = |&index: &usize| self.text[self.factors[index].at.clone()].into();
                let candidates = several.iter().map(written).collect();
                Err(UnitError::SubstanceOfWhich { substance: id, candidates, at })
            }
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphabetic() || c == '_' || c == '°'
}
