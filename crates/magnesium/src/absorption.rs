//! How much of an amount in the absorbing window of the gut is absorbed, and what dissolves at once.

use epsom_maths::ln_1p;

/// Parameters of the absorbing window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Absorption {
    /// Non-saturable share of the first-order loss (p), between 0 and 1.
    pub linear_share: f64,
    /// Saturable capacity (c).
    pub capacity_mmol: f64,
    /// Amount in the window at half of the saturable rate (K_m).
    pub half_amount_mmol: f64,
}

/// Amount absorbed of a dose that is dissolved at once in an empty window.
///
/// $$ A(D) = p D + (1-p)\, c \ln(1 + D / (K_m + c)) $$  (Eq. 5 of docs/theory/magnesium.md)
///
/// Never more than the dose, since ln(1+x) is at most x and the divisor at least c.
///
/// # Units
/// mmol of magnesium in and out.
/// # Source
/// EPS100 to EPS102 for the parameters.
pub fn absorbed_mmol(dose_mmol: f64, gut: &Absorption) -> f64 {
    let filling = dose_mmol / (gut.half_amount_mmol + gut.capacity_mmol);
    let saturable = gut.capacity_mmol * ln_1p(filling);
    gut.linear_share * dose_mmol + (1.0 - gut.linear_share) * saturable
}

/// One dose by what becomes of it in the stomach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dissolved {
    /// Dissolves at once: goes to compartment `solid`.
    pub at_once_mmol: f64,
    /// Dissolves slowly: goes to compartment `residue`.
    pub residue_mmol: f64,
}

/// Splits a dose at the amount that can dissolve at once.
///
/// # Units
/// mmol of magnesium; `capacity_mmol` is infinite for a soluble salt.
/// # Source
/// EPS112 for citrate, half of EPS033 for oxide and hydroxide.
pub fn dissolve(dose_mmol: f64, capacity_mmol: f64) -> Dissolved {
    let at_once_mmol = if dose_mmol < capacity_mmol { dose_mmol } else { capacity_mmol };
    Dissolved { at_once_mmol, residue_mmol: dose_mmol - at_once_mmol }
}

#[cfg(test)]
#[path = "absorption_tests.rs"]
mod tests;
