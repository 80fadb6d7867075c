//! Ratios of geometric means with their 90 % interval, held against 80 to 125 %.

use epsom_maths::{exp, ln, mean, quantile, t_quantile, variance};

/// Limits of equivalence, as ratios.
pub const LIMITS: (f64, f64) = (0.8, 1.25);

/// A ratio of geometric means, test over reference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio {
    /// Estimate.
    pub ratio: f64,
    /// Lower end of the 90 % interval.
    pub lo: f64,
    /// Upper end.
    pub hi: f64,
    /// Pairs, or people of both groups.
    pub n: usize,
    /// Degrees of freedom of the interval.
    pub df: f64,
}

/// Where an interval lies against [`LIMITS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Inside: equivalent.
    Inside,
    /// Wholly outside.
    Outside,
    /// Across a limit: not decided.
    Across,
}

impl Ratio {
    /// Where the interval lies.
    pub fn verdict(&self) -> Verdict {
        let (lo, hi) = LIMITS;
        if lo <= self.lo && self.hi <= hi {
            Verdict::Inside
        } else if self.hi < lo || hi < self.lo {
            Verdict::Outside
        } else {
            Verdict::Across
        }
    }
}

/// The same people twice. Eq. 10
///
/// # Shape
/// One pair per person, all above 0; none below two pairs.
pub fn paired_ratio(test: &[f64], reference: &[f64]) -> Option<Ratio> {
    let n = test.len().min(reference.len());
    let logs: Vec<f64> = test.iter().zip(reference).map(|(a, b)| ln(a / b)).collect();
    if n < 2 || logs.iter().any(|log| !log.is_finite()) {
        return None;
    }
    let df = (n - 1) as f64;
    Some(interval(mean(&logs), variance(&logs) / n as f64, df, n))
}

/// Two groups of people, whose spreads may differ (Welch). Eq. 11
///
/// # Shape
/// All above 0; none below two people in each.
pub fn parallel_ratio(test: &[f64], reference: &[f64]) -> Option<Ratio> {
    let logs = |list: &[f64]| list.iter().map(|&value| ln(value)).collect::<Vec<f64>>();
    let (a, b) = (logs(test), logs(reference));
    if a.len() < 2 || b.len() < 2 || a.iter().chain(&b).any(|log| !log.is_finite()) {
        return None;
    }
    let (n, m) = (a.len() as f64, b.len() as f64);
    let (va, vb) = (variance(&a) / n, variance(&b) / m);
    let both = va + vb;
    let df = if both > 0.0 {
        both * both / (va * va / (n - 1.0) + vb * vb / (m - 1.0))
    } else {
        n + m - 2.0
    };
    Some(interval(mean(&a) - mean(&b), both, df, a.len() + b.len()))
}

/// Ratios of the draws of what is not known: their median and middle 90 %.
///
/// # Shape
/// One ratio per draw; none below two, or where one is not above 0. There are no degrees of
/// freedom: `df` is NaN.
pub fn drawn_ratio(ratios: &[f64]) -> Option<Ratio> {
    let is_above = |value: &f64| *value > 0.0 && value.is_finite();
    if ratios.len() < 2 || !ratios.iter().all(is_above) {
        return None;
    }
    let [ratio, lo, hi] = [0.5, 0.05, 0.95].map(|p| quantile(ratios, p));
    Some(Ratio { ratio, lo, hi, n: ratios.len(), df: f64::NAN })
}

/// From the logarithm and its squared standard error.
fn interval(log: f64, squared_error: f64, df: f64, n: usize) -> Ratio {
    let half = t_quantile(0.95, df) * squared_error.sqrt();
    Ratio { ratio: exp(log), lo: exp(log - half), hi: exp(log + half), n, df }
}
