//! Exponents as reduced fractions.

use std::fmt;

/// A reduced fraction; the denominator is above 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rational {
    numerator: i32,
    denominator: i32,
}

impl Rational {
    /// 0.
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };
    /// 1.
    pub const ONE: Self = Self { numerator: 1, denominator: 1 };

    /// The whole number `n`.
    pub const fn whole(n: i32) -> Self {
        Self { numerator: n, denominator: 1 }
    }

    /// `numerator / denominator`, reduced; `None` for a denominator of 0 or a result out of range.
    pub fn new(numerator: i64, denominator: i64) -> Option<Self> {
        if denominator == 0 {
            return None;
        }
        let common = gcd(numerator.unsigned_abs(), denominator.unsigned_abs());
        let common = i64::try_from(common).ok()?;
        let sign = if denominator < 0 { -1 } else { 1 };
        Some(Self {
            numerator: i32::try_from((numerator / common).checked_mul(sign)?).ok()?,
            denominator: i32::try_from((denominator / common).checked_mul(sign)?).ok()?,
        })
    }

    /// The fraction that `value` is the nearest number to, with a denominator up to 10,000.
    pub fn from_f64(value: f64) -> Option<Self> {
        if !value.is_finite() || value.abs() > 1e4 {
            return None;
        }
        (1..=10_000_i64).find_map(|denominator| {
            let numerator = (value * denominator as f64).round();
            (numerator / denominator as f64 == value)
                .then(|| Self::new(numerator as i64, denominator))?
        })
    }

    /// Top of the fraction.
    pub fn numerator(self) -> i32 {
        self.numerator
    }

    /// Bottom of the fraction.
    pub fn denominator(self) -> i32 {
        self.denominator
    }

    /// Nearest number.
    pub fn to_f64(self) -> f64 {
        f64::from(self.numerator) / f64::from(self.denominator)
    }

    /// Whether it is 0.
    pub fn is_zero(self) -> bool {
        self.numerator == 0
    }

    /// Sum; `None` out of range.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let (a, b) = (i64::from(self.numerator), i64::from(self.denominator));
        let (c, d) = (i64::from(other.numerator), i64::from(other.denominator));
        Self::new((a * d).checked_add(c * b)?, b * d)
    }

    /// Product; `None` out of range.
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        Self::new(
            i64::from(self.numerator) * i64::from(other.numerator),
            i64::from(self.denominator) * i64::from(other.denominator),
        )
    }

    /// With the sign turned; `None` out of range.
    pub fn checked_neg(self) -> Option<Self> {
        Some(Self { numerator: self.numerator.checked_neg()?, denominator: self.denominator })
    }

    /// `x` raised to this power, by products and roots only, so the bits are the same everywhere.
    pub fn power_of(self, x: f64) -> f64 {
        if self.numerator < 0 {
            return 1.0 / Self { numerator: self.numerator.saturating_neg(), ..self }.power_of(x);
        }
        let (p, q) = (self.numerator.unsigned_abs(), self.denominator.unsigned_abs());
        // The root last keeps whole-number bases exact until then; first where that overflows.
        let high = whole_power(x, p);
        if high.is_finite() && high != 0.0 { root(high, q) } else { whole_power(root(x, q), p) }
    }
}

impl PartialOrd for Rational {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Rational {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let left = i64::from(self.numerator) * i64::from(other.denominator);
        left.cmp(&(i64::from(other.numerator) * i64::from(self.denominator)))
    }
}

/// `2`, `-1`, `3/4`.
impl fmt::Display for Rational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.denominator {
            1 => write!(f, "{}", self.numerator),
            _ => write!(f, "{}/{}", self.numerator, self.denominator),
        }
    }
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

fn whole_power(mut x: f64, mut n: u32) -> f64 {
    let mut power = 1.0;
    while n > 0 {
        if n & 1 == 1 {
            power *= x;
        }
        x *= x;
        n >>= 1;
    }
    power
}

/// `q`-th root of `x`; NaN below 0 for even `q`.
fn root(x: f64, q: u32) -> f64 {
    if q == 1 || x == 0.0 || x.is_nan() {
        return x;
    }
    if q.is_multiple_of(2) {
        return root(x.sqrt(), q / 2);
    }
    if x < 0.0 {
        return -root(-x, q);
    }
    // Bisection: y^q rises with y, and the ends are neighbours after a hundred halvings or so.
    let (mut low, mut high) = (x.min(1.0), x.max(1.0));
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            break;
        }
        if whole_power(middle, q) <= x {
            low = middle;
        } else {
            high = middle;
        }
    }
    if whole_power(high, q) - x < x - whole_power(low, q) { high } else { low }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_reduce_and_print() {
        assert_eq!(Rational::new(6, -8).unwrap().to_string(), "-3/4");
        assert_eq!(Rational::from_f64(0.75), Rational::new(3, 4));
        assert_eq!(Rational::from_f64(-2.0), Some(Rational::whole(-2)));
        assert_eq!(Rational::from_f64(1.0 / 3.0), Rational::new(1, 3));
        assert_eq!(Rational::from_f64(f64::NAN), None);
        assert_eq!(Rational::from_f64(std::f64::consts::PI), None);
        assert_eq!(Rational::new(1, 0), None);
        assert_eq!(Rational::whole(i32::MAX).checked_add(Rational::ONE), None);
        assert_eq!(Rational::new(i64::MIN, i64::MIN), None);
    }

    #[test]
    fn powers_of_perfect_powers_are_exact() {
        let three_quarters = Rational::new(3, 4).unwrap();
        assert_eq!(three_quarters.power_of(16.0), 8.0);
        assert_eq!(Rational::new(-1, 3).unwrap().power_of(27.0), 1.0 / 3.0);
        assert_eq!(Rational::new(1, 3).unwrap().power_of(-8.0), -2.0);
        assert_eq!(Rational::ZERO.power_of(5.0), 1.0);
        // 70^0.75 = 24.2005..., from 70^3 = 343,000 and two exact square roots.
        assert_eq!(three_quarters.power_of(70.0), 343_000.0_f64.sqrt().sqrt());
        assert!(Rational::new(1, 2).unwrap().power_of(-1.0).is_nan());
    }
}
