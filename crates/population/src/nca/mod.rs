//! Exposure from concentrations at times, without a model of them (noncompartmental analysis).
//!
//! Equations and rules: `docs/theory/nca.md`.

mod area;
mod prepare;
mod ratio;
mod read;
mod terminal;
#[cfg(test)]
mod tests;

pub use area::{Area, Rule, area, value_at};
pub use prepare::{Baseline, Blq, Sample, Unusable, prepare};
pub use ratio::{LIMITS, Ratio, Verdict, drawn_ratio, paired_ratio, parallel_ratio};
pub use read::{Measured, ProfileOptions, TableDose, Which, profile, read_measured, urine_amount};
pub use terminal::{Terminal, terminal};

/// How the dose enters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Entry {
    /// Not directly: by mouth, under the skin.
    Extravascular,
    /// At once into the blood.
    Bolus,
    /// Into the blood over so long.
    Infusion {
        /// Length, in the unit of time.
        duration: f64,
    },
}

/// What is known besides the concentrations.
#[derive(Debug, Clone, PartialEq)]
pub struct NcaOptions {
    /// Between two samples.
    pub rule: Rule,
    /// How the dose enters.
    pub entry: Entry,
    /// Amount of the dose; NaN where it is not known.
    pub dose: f64,
    /// Dosing interval; none after a single dose without a next one.
    pub interval: Option<f64>,
    /// Whether the interval is one of steady state: clearance is then of the interval's area.
    pub steady: bool,
    /// Samples from here to there describe the terminal phase; none to choose by adjusted r².
    pub terminal: Option<(f64, f64)>,
    /// Partial areas to give, as from and to.
    pub partial: Vec<(f64, f64)>,
}

impl Default for NcaOptions {
    fn default() -> Self {
        Self {
            rule: Rule::LinearUpLogDown,
            entry: Entry::Extravascular,
            dose: f64::NAN,
            interval: None,
            steady: false,
            terminal: None,
            partial: Vec::new(),
        }
    }
}

/// Exposure of one profile; NaN is what cannot be said.
///
/// # Units
/// Times, concentrations and dose as given; areas in their products.
#[derive(Debug, Clone, PartialEq)]
pub struct Exposure {
    /// Highest concentration.
    pub cmax: f64,
    /// When it was first reached.
    pub tmax: f64,
    /// Lowest concentration of the interval, of all samples without one.
    pub cmin: f64,
    /// Mean over the interval.
    pub cavg: f64,
    /// Concentration at the end of the interval.
    pub ctrough: f64,
    /// Last concentration above 0, and when.
    pub clast: f64,
    /// Its time.
    pub tlast: f64,
    /// Area to the last concentration above 0.
    pub auc_last: f64,
    /// Area to infinity, from the last concentration as measured.
    pub auc_inf: f64,
    /// Part of it beyond the last sample, percent.
    pub extrapolated_percent: f64,
    /// Area over the interval.
    pub auc_interval: f64,
    /// Terminal phase; none where no three samples describe one.
    pub terminal: Option<Terminal>,
    /// Mean residence time, of an infusion less half of its length.
    pub mrt: f64,
    /// Clearance, over the part of the dose that enters.
    pub clearance: f64,
    /// Volume of the terminal phase, over the part of the dose that enters.
    pub volume: f64,
    /// Volume at steady state, after a dose into the blood.
    pub volume_steady: f64,
    /// (Cmax - Cmin) / Cavg, percent.
    pub fluctuation_percent: f64,
    /// (Cmax - Cmin) / Cmin, percent.
    pub swing_percent: f64,
    /// Of steady state over the first interval, from the terminal phase.
    pub accumulation: f64,
    /// Partial areas, in the order asked for.
    pub partial: Vec<f64>,
}

/// Exposure of a profile made by [`prepare`].
///
/// # Shape
/// Times rise and start at 0, the time of the dose.
pub fn exposure(times: &[f64], values: &[f64], options: &NcaOptions) -> Exposure {
    let rule = options.rule;
    let within = |end: f64| times.iter().take_while(|&&time| time <= end).count();
    let n_interval = options.interval.map_or(times.len(), within);
    let (cmax, tmax) = highest(&times[..n_interval], &values[..n_interval]);
    let last = values.iter().rposition(|&value| value > 0.0);
    let (tlast, clast) = last.map_or((f64::NAN, f64::NAN), |at| (times[at], values[at]));
    let terminal = terminal(times, values, tmax, options);
    let rate = terminal.map_or(f64::NAN, |terminal| terminal.rate);
    // Eq. 5 and 6.
    let to_last = last.map_or(Area::NONE, |at| area(&times[..=at], &values[..=at], rule));
    let beyond = clast / rate;
    let auc_inf = to_last.auc + beyond;
    let aumc_inf = to_last.aumc + (tlast + 1.0 / rate) * beyond;
    let ends = Ends { times, values, options, tlast, rate };
    let of_interval = options.interval.map(|interval| ends.between(0.0, interval));
    let (auc_interval, aumc_interval) =
        of_interval.map_or((f64::NAN, f64::NAN), |area| (area.auc, area.aumc));
    let interval = options.interval.unwrap_or(f64::NAN);
    let ctrough = ends.at(interval);
    let lowest = values[..n_interval].iter().copied().fold(f64::INFINITY, f64::min);
    let cmin = if ctrough < lowest { ctrough } else { lowest };
    let cavg = auc_interval / interval;
    let (auc, mrt) = match options.steady {
        // Eq. 9: what is still to come after the interval counts in the mean time.
        true => {
            (auc_interval, (aumc_interval + interval * (auc_inf - auc_interval)) / auc_interval)
        }
        false => (auc_inf, aumc_inf / auc_inf),
    };
    let entering = match options.entry {
        Entry::Infusion { duration } => 0.5 * duration,
        _ => 0.0,
    };
    let (mrt, clearance) = (mrt - entering, options.dose / auc);
    let into_blood = options.entry != Entry::Extravascular;
    Exposure {
        cmax,
        tmax,
        cmin,
        cavg,
        ctrough,
        clast,
        tlast,
        auc_last: if last.is_some() { to_last.auc } else { 0.0 },
        auc_inf,
        extrapolated_percent: 100.0 * beyond / auc_inf,
        auc_interval,
        terminal,
        mrt,
        clearance,
        volume: clearance / rate,
        volume_steady: if into_blood { clearance * mrt } else { f64::NAN },
        fluctuation_percent: 100.0 * (cmax - cmin) / cavg,
        swing_percent: 100.0 * (cmax - cmin) / cmin,
        accumulation: 1.0 / -epsom_maths::exp_m1(-rate * interval),
        partial: options.partial.iter().map(|&(from, to)| ends.between(from, to).auc).collect(),
    }
    .finite()
}

impl Exposure {
    /// What divides by 0 cannot be said either.
    fn finite(mut self) -> Self {
        for value in [
            &mut self.extrapolated_percent,
            &mut self.mrt,
            &mut self.clearance,
            &mut self.volume,
            &mut self.volume_steady,
            &mut self.fluctuation_percent,
            &mut self.swing_percent,
            &mut self.accumulation,
        ] {
            if value.is_infinite() {
                *value = f64::NAN;
            }
        }
        self
    }
}

/// Highest value and its first time; NaN of nothing.
fn highest(times: &[f64], values: &[f64]) -> (f64, f64) {
    let mut found = (f64::NAN, f64::NAN);
    for (&time, &value) in times.iter().zip(values) {
        if found.0.is_nan() || value > found.0 {
            found = (value, time);
        }
    }
    found
}

/// A profile with what follows its last concentration.
struct Ends<'a> {
    times: &'a [f64],
    values: &'a [f64],
    options: &'a NcaOptions,
    tlast: f64,
    rate: f64,
}

impl Ends<'_> {
    /// Concentration at a time: between samples by the rule, beyond them along the terminal phase.
    fn at(&self, time: f64) -> f64 {
        let sampled = value_at(self.times, self.values, self.options.rule, time);
        if !sampled.is_nan() || time.is_nan() || time < self.tlast {
            return sampled;
        }
        let clast = value_at(self.times, self.values, self.options.rule, self.tlast);
        clast * epsom_maths::exp(-self.rate * (time - self.tlast))
    }

    /// Area between two times.
    fn between(&self, from: f64, to: f64) -> Area {
        let (a, b) = (self.at(from), self.at(to));
        let mut times = vec![from];
        let mut values = vec![a];
        for (&time, &value) in self.times.iter().zip(self.values) {
            if from < time && time < to {
                times.push(time);
                values.push(value);
            }
        }
        times.push(to);
        values.push(b);
        area(&times, &values, self.options.rule)
    }
}
