//! From samples as measured to a profile: order, limits of quantification, baseline, the dose.

use super::{Entry, NcaOptions};
use epsom_maths::{exp, ln};

/// One sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// When.
    pub time: f64,
    /// Concentration; for one below the limit of quantification the limit or anything.
    pub value: f64,
    /// Below the limit of quantification.
    pub blq: bool,
}

/// What stands for a sample below the limit of quantification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Blq {
    /// 0 before the first quantified sample, nothing after it.
    #[default]
    ZeroThenNothing,
    /// 0.
    Zero,
    /// Nothing.
    Nothing,
}

/// What is taken off each concentration.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Baseline {
    /// Nothing.
    #[default]
    None,
    /// The mean of the samples before or at the dose.
    Before,
    /// This.
    Value(f64),
}

/// Why samples are no profile.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Unusable {
    /// No sample is left.
    Nothing,
    /// A time comes after a later one, or twice.
    Unsorted {
        /// The time before.
        before: f64,
        /// The time that should be later.
        time: f64,
    },
    /// A concentration is below 0.
    Negative {
        /// When.
        time: f64,
        /// The concentration.
        value: f64,
    },
    /// A time or concentration is not finite.
    NotFinite {
        /// Which sample, from 0.
        at: usize,
    },
    /// The baseline is wanted from before the dose, and there is no such sample.
    NoBaseline,
}

/// Times from the dose and concentrations above the baseline, with one at the dose itself.
///
/// Concentrations below the baseline count as 0. Where no sample stands at the dose, there is 0
/// after a dose that does not enter at once; after a bolus the line through the logarithms of the
/// first two samples is followed back where it falls, else the first sample is taken.
/// # Errors
/// [`Unusable`] names the first sample that is wrong.
pub fn prepare(
    samples: &[Sample],
    dose_time: f64,
    blq: Blq,
    baseline: Baseline,
    options: &NcaOptions,
) -> Result<(Vec<f64>, Vec<f64>), Unusable> {
    check(samples)?;
    let first = samples.iter().position(|sample| !sample.blq && sample.value > 0.0);
    let kept = samples.iter().enumerate().filter_map(|(at, sample)| {
        let zero = match blq {
            Blq::ZeroThenNothing => first.is_none_or(|first| at < first),
            Blq::Zero => true,
            Blq::Nothing => false,
        };
        match (sample.blq, zero) {
            (false, _) => Some((sample.time, sample.value)),
            (true, true) => Some((sample.time, 0.0)),
            (true, false) => None,
        }
    });
    let kept: Vec<(f64, f64)> = kept.collect();
    let base = match baseline {
        Baseline::None => 0.0,
        Baseline::Value(value) => value,
        Baseline::Before => {
            let before: Vec<f64> =
                kept.iter().filter(|one| one.0 <= dose_time).map(|one| one.1).collect();
            if before.is_empty() {
                return Err(Unusable::NoBaseline);
            }
            epsom_maths::mean(&before)
        }
    };
    let above = |value: f64| if value > base { value - base } else { 0.0 };
    let after = kept.iter().filter(|one| one.0 >= dose_time);
    let (mut times, mut values): (Vec<f64>, Vec<f64>) =
        after.map(|&(time, value)| (time - dose_time, above(value))).unzip();
    if times.is_empty() {
        return Err(Unusable::Nothing);
    }
    if times[0] > 0.0 {
        let start = match options.entry {
            Entry::Bolus => back_to_dose(&times, &values),
            // At steady state the end of the interval before is its lowest concentration.
            _ if options.steady => values.iter().copied().fold(f64::INFINITY, f64::min),
            _ => 0.0,
        };
        times.insert(0, 0.0);
        values.insert(0, start);
    }
    Ok((times, values))
}

fn check(samples: &[Sample]) -> Result<(), Unusable> {
    for (at, sample) in samples.iter().enumerate() {
        if !sample.time.is_finite() || !sample.blq && !sample.value.is_finite() {
            return Err(Unusable::NotFinite { at });
        }
        if !sample.blq && sample.value < 0.0 {
            return Err(Unusable::Negative { time: sample.time, value: sample.value });
        }
    }
    for pair in samples.windows(2) {
        if pair[1].time <= pair[0].time {
            return Err(Unusable::Unsorted { before: pair[0].time, time: pair[1].time });
        }
    }
    if samples.is_empty() { Err(Unusable::Nothing) } else { Ok(()) }
}

/// Concentration just after a bolus.
fn back_to_dose(times: &[f64], values: &[f64]) -> f64 {
    match (times, values) {
        ([t0, t1, ..], [c0, c1, ..]) if c0 > c1 && *c1 > 0.0 => {
            c0 * exp(ln(c0 / c1) * t0 / (t1 - t0))
        }
        _ => values[0],
    }
}
