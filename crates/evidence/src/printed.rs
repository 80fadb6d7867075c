//! A number with the digits it was printed with.

/// A number as printed in a source.
#[derive(Debug, Clone, PartialEq)]
pub struct Printed {
    text: String,
    value: f64,
}

impl Printed {
    /// Reads digits with an optional sign, point and exponent; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        number(text).map(|value| Self { text: text.to_owned(), value })
    }

    /// The number.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// The digits.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Number of digits from the first that is not 0; trailing zeros count.
    pub fn significant_digits(&self) -> usize {
        let digits = self.mantissa().bytes().filter(u8::is_ascii_digit);
        digits.skip_while(|&digit| digit == b'0').count()
    }

    /// What one step of the last printed digit is worth: 0.1 for `5.1`, 1 for `1000`.
    pub fn resolution(&self) -> f64 {
        let decimals = self.mantissa().split_once('.').map_or(0, |(_, after)| after.len()) as i32;
        let exponent = self.text.split_once(['e', 'E']).map_or(0, |(_, exponent)| {
            exponent.trim_start_matches('+').parse::<i32>().unwrap_or(0)
        });
        // The parser rounds correctly, a power computed by multiplying would not.
        format!("1e{}", exponent.saturating_sub(decimals)).parse().unwrap_or(f64::NAN)
    }

    /// Whether `value` rounds to the printed digits.
    pub fn agrees(&self, value: f64) -> bool {
        // Half a step of the last digit, and the rounding of a few conversions.
        (value - self.value).abs()
            <= 0.5 * self.resolution() + 8.0 * f64::EPSILON * self.value.abs()
    }

    fn mantissa(&self) -> &str {
        self.text.split(['e', 'E']).next().unwrap_or_default()
    }
}

/// A finite number in digits; the words that Rust reads as numbers (`inf`, `nan`) are none.
pub(crate) fn number(text: &str) -> Option<f64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    let value = if digits { text.parse::<f64>().ok()? } else { return None };
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_and_their_worth() {
        for (text, significant, resolution) in [
            ("5.1", 2, 0.1),
            ("1000", 4, 1.0),
            ("0.0253", 3, 1e-4),
            ("4.0", 2, 0.1),
            ("2.5296e-09", 5, 1e-13),
            ("-17.36", 4, 0.01),
            ("0.003e9", 1, 1e6),
            (".5", 1, 0.1),
        ] {
            let printed = Printed::parse(text).unwrap();
            assert_eq!(printed.significant_digits(), significant, "{text}");
            assert_eq!(printed.resolution(), resolution, "{text}");
        }
    }

    #[test]
    fn what_is_no_number() {
        for text in ["", "nan", "inf", "1,5", "2-3", " 1", "1e999", "<1"] {
            assert_eq!(Printed::parse(text), None, "{text}");
        }
    }

    #[test]
    fn agreement_is_to_the_last_printed_digit() {
        let printed = Printed::parse("5.1").unwrap();
        assert!(printed.agrees(5.1) && printed.agrees(5.149) && printed.agrees(5.05));
        assert!(!printed.agrees(5.16) && !printed.agrees(5.04) && !printed.agrees(f64::NAN));
    }
}
