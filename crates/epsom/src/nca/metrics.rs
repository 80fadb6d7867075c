//! The measures of exposure: names, words, units, and how they are told.

use epsom_population::nca::Exposure;

/// Kind of unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Concentration,
    Time,
    PerTime,
    Area,
    Clearance,
    Volume,
    Percent,
    Amount,
    None,
}

/// One measure.
pub(crate) struct Metric {
    /// Name in tables.
    pub(crate) name: &'static str,
    /// In words.
    pub(crate) words: &'static str,
    kind: Kind,
    of: fn(&Found) -> f64,
    /// Whether a ratio of geometric means says something.
    pub(crate) is_ratio: bool,
}

/// Exposure of one profile with what the curve alone does not say.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Found {
    /// Person.
    pub(crate) id: String,
    /// Treatment, regimen; empty where there is one.
    pub(crate) group: String,
    /// Draw of what is not known, from 1.
    pub(crate) draw: Option<u32>,
    /// From the curve.
    pub(crate) exposure: Exposure,
    /// Area of the last interval over that of the first.
    pub(crate) accumulation_observed: f64,
    /// Amount in urine over 24 h.
    pub(crate) urine_24h: f64,
}

impl Found {
    fn terminal(&self, of: fn(&epsom_population::nca::Terminal) -> f64) -> f64 {
        self.exposure.terminal.as_ref().map_or(f64::NAN, of)
    }
}

const fn metric(
    name: &'static str,
    words: &'static str,
    kind: Kind,
    is_ratio: bool,
    of: fn(&Found) -> f64,
) -> Metric {
    Metric { name, words, kind, of, is_ratio }
}

/// All of them, in the order of tables.
pub(crate) const METRICS: &[Metric] = &[
    metric("cmax", "highest concentration", Kind::Concentration, true, |f| f.exposure.cmax),
    metric("tmax", "time of the highest", Kind::Time, false, |f| f.exposure.tmax),
    metric("cmin", "lowest concentration", Kind::Concentration, true, |f| f.exposure.cmin),
    metric("ctrough", "at the end of the interval", Kind::Concentration, true, |f| {
        f.exposure.ctrough
    }),
    metric("cavg", "mean over the interval", Kind::Concentration, true, |f| f.exposure.cavg),
    metric("clast", "last above 0", Kind::Concentration, false, |f| f.exposure.clast),
    metric("tlast", "time of the last above 0", Kind::Time, false, |f| f.exposure.tlast),
    metric("auc_last", "area to the last above 0", Kind::Area, true, |f| f.exposure.auc_last),
    metric("auc_interval", "area over the interval", Kind::Area, true, |f| f.exposure.auc_interval),
    metric("auc_inf", "area to infinity", Kind::Area, true, |f| f.exposure.auc_inf),
    metric("extrapolated", "part of it beyond the last sample", Kind::Percent, false, |f| {
        f.exposure.extrapolated_percent
    }),
    metric("lambda_z", "terminal rate", Kind::PerTime, false, |f| f.terminal(|one| one.rate)),
    metric("half_life", "terminal half-life", Kind::Time, true, |f| {
        f.terminal(|one| one.half_life)
    }),
    metric("adjusted_r2", "of the terminal line", Kind::None, false, |f| {
        f.terminal(|one| one.adjusted_r2)
    }),
    metric("n_terminal", "samples on the terminal line", Kind::None, false, |f| {
        f.terminal(|one| one.n as f64)
    }),
    metric("mrt", "mean residence time", Kind::Time, false, |f| f.exposure.mrt),
    metric("clearance", "dose over area, CL/F", Kind::Clearance, true, |f| f.exposure.clearance),
    metric("volume", "of the terminal phase, Vz/F", Kind::Volume, true, |f| f.exposure.volume),
    metric("volume_steady", "at steady state", Kind::Volume, true, |f| f.exposure.volume_steady),
    metric("fluctuation", "(Cmax - Cmin) / Cavg", Kind::Percent, false, |f| {
        f.exposure.fluctuation_percent
    }),
    metric("swing", "(Cmax - Cmin) / Cmin", Kind::Percent, false, |f| f.exposure.swing_percent),
    metric("accumulation", "from the terminal phase", Kind::None, false, |f| {
        f.exposure.accumulation
    }),
    metric("accumulation_seen", "last interval over the first", Kind::None, false, |f| {
        f.accumulation_observed
    }),
    metric("urine_24h", "amount in urine, 0-24 h", Kind::Amount, true, |f| f.urine_24h),
];

/// Units as shown; empty where they are not known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Units {
    /// Of time.
    pub(crate) time: String,
    /// Of concentrations.
    pub(crate) concentration: String,
    /// Of doses and of amounts in urine.
    pub(crate) amount: String,
}

impl Units {
    /// Unit of a measure.
    pub(crate) fn of(&self, metric: &Metric) -> String {
        let Self { time, concentration, amount } = self;
        let per_time = |text: String| if text.is_empty() { text } else { format!("{text}/{time}") };
        match metric.kind {
            Kind::Concentration => concentration.clone(),
            Kind::Time => time.clone(),
            Kind::Amount => amount.clone(),
            Kind::Percent => "%".to_string(),
            Kind::None => String::new(),
            Kind::PerTime if time.is_empty() => String::new(),
            Kind::PerTime => format!("1/{time}"),
            Kind::Area => self.area(),
            Kind::Volume => self.volume(),
            Kind::Clearance => per_time(self.volume()),
        }
    }

    /// `mmol*h/L` of `mmol/L` and `h`.
    pub(crate) fn area(&self) -> String {
        match self.concentration.split_once('/') {
            _ if self.time.is_empty() || self.concentration.is_empty() => String::new(),
            Some((amount, volume)) => format!("{amount}*{}/{volume}", self.time),
            None => format!("{}*{}", self.concentration, self.time),
        }
    }

    /// `L` of `mmol` and `mmol/L`.
    fn volume(&self) -> String {
        match self.concentration.split_once('/') {
            Some((amount, volume)) if amount == self.amount => volume.to_string(),
            _ if self.amount.is_empty() || self.concentration.is_empty() => String::new(),
            _ => format!("{}/({})", self.amount, self.concentration),
        }
    }
}

impl Metric {
    /// Its value.
    pub(crate) fn value(&self, found: &Found) -> f64 {
        (self.of)(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_follow_from_those_of_the_data() {
        let units = |time: &str, concentration: &str, amount: &str| Units {
            time: time.to_string(),
            concentration: concentration.to_string(),
            amount: amount.to_string(),
        };
        let of = |units: &Units, name: &str| {
            units.of(METRICS.iter().find(|one| one.name == name).expect("a measure"))
        };
        let same = units("h", "mmol/L", "mmol");
        assert_eq!(of(&same, "auc_inf"), "mmol*h/L");
        assert_eq!((of(&same, "clearance"), of(&same, "volume")), ("L/h".into(), "L".into()));
        let other = units("h", "ng/mL", "mg");
        assert_eq!(of(&other, "clearance"), "mg/(ng/mL)/h");
        let none = Units::default();
        assert_eq!((of(&none, "clearance"), of(&none, "auc_inf")), (String::new(), String::new()));
    }
}
