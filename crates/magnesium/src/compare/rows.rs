//! What of a comparison is shown, in which unit: one line each, for tables, files and pages.

use epsom_population::Interval;

use super::Measures;
use crate::salts::Amount;

/// One shown quantity.
#[derive(Debug, Clone, Copy)]
pub struct ShownRow {
    /// Name in files.
    pub key: &'static str,
    /// In words.
    pub words: &'static str,
    /// Unit.
    pub unit: &'static str,
    /// Which measure.
    pub of: fn(&Measures) -> Interval,
    /// Shown units in one unit of the measure.
    pub per_unit: fn() -> f64,
    /// Decimals shown, the same for every salt so that columns compare.
    pub decimals: usize,
}

impl ShownRow {
    /// The quantity in its shown unit.
    pub fn interval(&self, measures: &Measures) -> Interval {
        let (found, factor) = ((self.of)(measures), (self.per_unit)());
        Interval { median: found.median * factor, lo: found.lo * factor, hi: found.hi * factor }
    }

    /// `0.89 (0.55 to 1.42)`.
    pub fn text(&self, measures: &Measures) -> String {
        let (found, places) = (self.interval(measures), self.decimals);
        let Interval { median, lo, hi } = found;
        format!("{median:.places$} ({lo:.places$} to {hi:.places$})")
    }
}

fn one() -> f64 {
    1.0
}

/// mg/dL in one mmol/L: ten deciliters in a liter.
fn mg_per_dl() -> f64 {
    Amount { mmol: 1.0 }.elemental().mg / 10.0
}

/// mEq/L in one mmol/L: the ion carries two charges.
fn meq() -> f64 {
    2.0
}

/// Everything that is shown, in order; the last day of dosing against the same day without.
pub const ROWS: &[ShownRow] = &[
    ShownRow {
        key: "absorbed",
        words: "absorbed from the salt",
        unit: "mmol/day",
        of: |m| m.absorbed_mmol_per_day,
        per_unit: one,
        decimals: 2,
    },
    ShownRow {
        key: "absorbed_percent",
        words: "the same, of the dose",
        unit: "%",
        of: |m| m.absorbed_percent,
        per_unit: one,
        decimals: 0,
    },
    ShownRow {
        key: "serum_change",
        words: "rise of serum",
        unit: "mmol/L",
        of: |m| m.serum_mmol_per_l,
        per_unit: one,
        decimals: 3,
    },
    ShownRow {
        key: "serum_change_mg_per_dl",
        words: "the same",
        unit: "mg/dL",
        of: |m| m.serum_mmol_per_l,
        per_unit: mg_per_dl,
        decimals: 3,
    },
    ShownRow {
        key: "serum_change_meq_per_l",
        words: "the same",
        unit: "mEq/L",
        of: |m| m.serum_mmol_per_l,
        per_unit: meq,
        decimals: 3,
    },
    ShownRow {
        key: "serum_change_percent",
        words: "the same, of serum",
        unit: "%",
        of: |m| m.serum_percent,
        per_unit: one,
        decimals: 1,
    },
    ShownRow {
        key: "urine_change",
        words: "rise of urine",
        unit: "mmol/day",
        of: |m| m.urine_mmol_per_day,
        per_unit: one,
        decimals: 2,
    },
    ShownRow {
        key: "csf_change_percent",
        words: "rise of CSF, plasma route",
        unit: "%",
        of: |m| m.csf_percent,
        per_unit: one,
        decimals: 2,
    },
    ShownRow {
        key: "cmax",
        words: "highest serum of the day",
        unit: "mmol/L",
        of: |m| m.cmax_mmol_per_l,
        per_unit: one,
        decimals: 3,
    },
    ShownRow {
        key: "peak_rise",
        words: "highest rise of the day",
        unit: "mmol/L",
        of: |m| m.peak_rise_mmol_per_l,
        per_unit: one,
        decimals: 3,
    },
    ShownRow {
        key: "tmax",
        words: "highest rise after a dose",
        unit: "h",
        of: |m| m.tmax_h,
        per_unit: one,
        decimals: 1,
    },
    ShownRow {
        key: "auc",
        words: "area of the rise, 0-24 h",
        unit: "mmol*h/L",
        of: |m| m.auc_mmol_h_per_l,
        per_unit: one,
        decimals: 2,
    },
    ShownRow {
        key: "fluctuation",
        words: "highest less lowest rise, of the mean",
        unit: "%",
        of: |m| m.fluctuation_percent,
        per_unit: one,
        decimals: 0,
    },
];

/// Rows whose difference to the first salt is shown.
pub const PAIRED: &[&str] = &["absorbed", "serum_change", "urine_change", "csf_change_percent"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_unique_and_units_convert() {
        let keys: std::collections::BTreeSet<&str> = ROWS.iter().map(|row| row.key).collect();
        assert_eq!(keys.len(), ROWS.len());
        assert!(PAIRED.iter().all(|key| keys.contains(key)));
        // 1 mmol/L is 2.4305 mg/dL and 2 mEq/L.
        assert_eq!((mg_per_dl(), meq()), (2.4305, 2.0));
        let substances = epsom_evidence::builtin_substances();
        let valence = substances.id("Mg").and_then(|id| substances.get(&id)).unwrap().valence;
        assert_eq!(f64::from(valence), meq());
    }
}
