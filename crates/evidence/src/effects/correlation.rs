//! Correlations.

use epsom_maths::{ln_1p, tanh};

use super::{Effect, EffectError, Measure, finite};

/// Fisher's z of a correlation, variance 1/(n - 3) (Eq. 18).
///
/// # Errors
/// `OutOfRange` unless -1 < r < 1, `TooFew` below 4 people.
/// # Source
/// Fisher, Metron 1 (1921) 3-32; Borenstein and others (2009), eq. 6.2 and 6.3.
pub fn fisher_z(r: f64, n: u32) -> Result<Effect, EffectError> {
    finite(r, "correlation")?;
    if r.abs() >= 1.0 {
        return Err(EffectError::OutOfRange("correlation"));
    }
    if n < 4 {
        return Err(EffectError::TooFew("sample"));
    }
    // atanh(r) = ln(1 + 2r/(1 - r))/2 keeps the digits of a small r of either sign.
    let size = r.abs();
    let z = (0.5 * ln_1p(2.0 * size / (1.0 - size))).copysign(r);
    Effect::normal(Measure::FisherZ, z, 1.0 / f64::from(n - 3))
}

/// The correlation of a z.
pub fn r_from_z(z: f64) -> f64 {
    tanh(z)
}

/// The correlation that a t with n - 2 degrees of freedom stands for: t / sqrt(t² + df).
pub fn r_from_t(t: f64, df: f64) -> f64 {
    t / (t * t + df).sqrt()
}
