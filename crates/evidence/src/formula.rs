//! Arithmetic of derived rows: numbers, ids of rows, `+ - * / ^`, `ln`, `exp`, `sqrt`.
//!
//! An id stands for the number of its row in that row's own unit; the formula's author converts.

use epsom_maths::{exp, ln, pow};

use crate::{Tables, ValueRow};

/// What came of a row's formula.
#[derive(Debug, Clone, PartialEq)]
pub enum Recomputed {
    /// The row holds no formula.
    None,
    /// The formula is words, or cannot be read; why.
    Words(String),
    /// It gives this number, which rounds to the printed digits.
    Agrees(f64),
    /// It gives this number, which does not.
    Differs(f64),
}

/// Computes a row again from its parents.
pub fn recompute(tables: &Tables, row: &ValueRow) -> Recomputed {
    if row.formula.is_empty() {
        return Recomputed::None;
    }
    let mut reader = Reader { tables, row, text: &row.formula, at: 0, depth: 0 };
    match reader.sum().and_then(|value| reader.end().map(|()| value)) {
        Err(why) => Recomputed::Words(why),
        Ok(value) if row.agrees(value) => Recomputed::Agrees(value),
        Ok(value) => Recomputed::Differs(value),
    }
}

/// Deepest nesting of parentheses.
const DEEPEST: usize = 32;

struct Reader<'a> {
    tables: &'a Tables,
    row: &'a ValueRow,
    text: &'a str,
    at: usize,
    depth: usize,
}

type Value = Result<f64, String>;

impl<'a> Reader<'a> {
    fn sum(&mut self) -> Value {
        let mut value = self.product()?;
        loop {
            match self.one_of(b"+-") {
                Some(b'+') => value += self.product()?,
                Some(_) => value -= self.product()?,
                None => return Ok(value),
            }
        }
    }

    fn product(&mut self) -> Value {
        let mut value = self.power()?;
        loop {
            match self.one_of(b"*/") {
                Some(b'*') => value *= self.power()?,
                Some(_) => value /= self.power()?,
                None => return Ok(value),
            }
        }
    }

    fn power(&mut self) -> Value {
        let negative = self.one_of(b"-").is_some();
        let base = self.atom()?;
        let value = match self.one_of(b"^") {
            Some(_) => pow(base, self.atom()?),
            None => base,
        };
        Ok(if negative { -value } else { value })
    }

    fn atom(&mut self) -> Value {
        if self.one_of(b"(").is_some() {
            return self.inside();
        }
        let word = self.word();
        match word {
            "" => Err(format!("a number or an id is needed at byte {}", self.at)),
            "ln" | "exp" | "sqrt" => {
                if self.one_of(b"(").is_none() {
                    return Err(format!("`{word}` needs parentheses"));
                }
                let value = self.inside()?;
                Ok(match word {
                    "ln" => ln(value),
                    "exp" => exp(value),
                    _ => value.sqrt(),
                })
            }
            word => match crate::printed::number(word) {
                Some(value) => Ok(value),
                None => self.parent(word),
            },
        }
    }

    fn parent(&self, id: &str) -> Value {
        if id == self.row.id {
            return Err(format!("`{id}` names itself"));
        }
        let parent = self.tables.value(id).ok_or_else(|| format!("`{id}` is no row"))?;
        parent.printed().map(|one| one.value()).ok_or_else(|| format!("`{id}` holds no number"))
    }

    fn inside(&mut self) -> Value {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("nested too deep".to_owned());
        }
        let value = self.sum()?;
        self.depth -= 1;
        self.one_of(b")").map(|_| value).ok_or_else(|| "a parenthesis is open".to_owned())
    }

    /// Digits, letters, points and underscores; a sign behind the `e` of an exponent.
    fn word(&mut self) -> &'a str {
        self.skip();
        let bytes = self.text.as_bytes();
        let start = self.at;
        while let Some(&byte) = bytes.get(self.at) {
            let exponent = matches!(byte, b'+' | b'-')
                && self.at > start
                && bytes[start].is_ascii_digit()
                && matches!(bytes[self.at - 1], b'e' | b'E');
            if !(byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_') || exponent) {
                break;
            }
            self.at += 1;
        }
        &self.text[start..self.at]
    }

    fn one_of(&mut self, wanted: &[u8]) -> Option<u8> {
        self.skip();
        let byte = *self.text.as_bytes().get(self.at)?;
        wanted.contains(&byte).then(|| {
            self.at += 1;
            byte
        })
    }

    fn skip(&mut self) {
        while self.text.as_bytes().get(self.at) == Some(&b' ') {
            self.at += 1;
        }
    }

    fn end(&mut self) -> Result<(), String> {
        self.skip();
        if self.at == self.text.len() {
            return Ok(());
        }
        Err(format!("not arithmetic from byte {} on", self.at))
    }
}

#[cfg(test)]
mod tests {
    use super::{Recomputed, recompute};
    use crate::builtin;

    fn of(formula: &str) -> Recomputed {
        let mut row = builtin().value("EPS111").unwrap().clone();
        row.formula = formula.to_owned();
        recompute(builtin(), &row)
    }

    #[test]
    fn arithmetic_binds_as_usual() {
        // The row prints 0.8.
        assert_eq!(of("2 - 3 * 0.4"), Recomputed::Agrees(2.0 - 3.0 * 0.4));
        assert_eq!(of("-(1 - 1.8)"), Recomputed::Agrees(-(1.0 - 1.8)));
        assert_eq!(of("sqrt(0.4^2 * 4)"), Recomputed::Agrees(0.8));
        assert_eq!(of("8e-1"), Recomputed::Agrees(0.8));
        assert_eq!(of("PK208 + EPS032"), Recomputed::Agrees(0.8));
        assert_eq!(of("PK208 + 1"), Recomputed::Differs(1.5));
        assert_eq!(of(""), Recomputed::None);
    }

    #[test]
    fn what_is_no_arithmetic_says_why() {
        for (formula, why) in [
            ("15/48 vs 16/61", "not arithmetic from byte 6 on"),
            ("EPS111 + 1", "`EPS111` names itself"),
            ("PK999x", "`PK999x` is no row"),
            ("EPS039", "`EPS039` holds no number"),
            ("(1 + 2", "a parenthesis is open"),
            ("ln 2", "`ln` needs parentheses"),
            ("1 +", "a number or an id is needed at byte 3"),
        ] {
            assert_eq!(of(formula), Recomputed::Words(why.to_owned()), "{formula}");
        }
        assert_eq!(of(&"(".repeat(100)), Recomputed::Words("nested too deep".to_owned()));
    }
}
