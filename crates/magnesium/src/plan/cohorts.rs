//! What published cohorts of people on magnesium oxide counted, beside what the model gives.

use epsom_evidence::Tables;
use epsom_population::Interval;

use super::kidney::Kidney;
use super::predict::{COHORT_LEVELS_MG_PER_DL, Prediction};

/// One count of a cohort.
#[derive(Debug, Clone, PartialEq)]
pub struct Cohort {
    /// Who was counted.
    pub who: String,
    /// What was counted, with its level.
    pub what: String,
    /// Share of them, percent, or an odds ratio.
    pub value: f64,
    /// Whether it is an odds ratio.
    pub is_odds_ratio: bool,
    /// Source.
    pub source: String,
    /// What else its row says.
    pub note: String,
}

/// What the model gives beside an odds ratio: the odds at this filtration over those of the same
/// person with the filtration of a healthy adult, at a level.
#[derive(Debug, Clone, PartialEq)]
pub struct Odds {
    /// Odds ratio.
    pub ratio: f64,
    /// Shares at this and at the healthy filtration.
    pub shares: [f64; 2],
    /// Level, mg/dL.
    pub level_mg_per_dl: f64,
    /// Healthy filtration, mL/min.
    pub healthy_ml_per_min: f64,
    /// Draws behind each share.
    pub n_draws: u32,
    /// Serum of the same person with a healthy filtration.
    pub healthy_serum_mmol_per_l: Interval,
}

/// Series of cohorts.
const SERIES: [&str; 2] = ["series/mgo_cohorts.csv", "series/ckd_serum_mg.csv"];

/// Counts of people on magnesium oxide that bear on this filtration; odds ratios always.
pub fn cohorts(kidney: &Kidney, evidence: &Tables) -> Vec<Cohort> {
    let own = kidney.lowest_ml_per_min();
    let mut found = Vec::new();
    for name in SERIES {
        let Some(text) = evidence.text(name) else { continue };
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let Ok(header) = reader.headers().cloned() else { continue };
        let at = |name: &str| header.iter().position(|cell| cell == name);
        let names = ["quantity", "value", "unit", "arm", "form", "source_key", "note"].map(at);
        let [Some(what), Some(value), Some(unit), Some(arm), Some(form), Some(source), Some(note)] =
            names
        else {
            continue;
        };
        for record in reader.records().filter_map(Result::ok) {
            let cell = |at: usize| record.get(at).unwrap_or_default();
            let is_odds_ratio = cell(what).starts_with("odds ratio");
            let counts =
                is_odds_ratio || (cell(unit) == "percent" && !cell(what).contains("design"));
            if cell(form) != "oxide" || !counts || !bears(cell(arm), own) {
                continue;
            }
            let Ok(number) = cell(value).parse() else { continue };
            found.push(Cohort {
                who: cell(arm).to_string(),
                what: cell(what).to_string(),
                value: number,
                is_odds_ratio,
                source: cell(source).to_string(),
                note: cell(note).to_string(),
            });
        }
    }
    found
}

/// Whether an arm that names filtrations names this one.
fn bears(arm: &str, own: Option<f64>) -> bool {
    let Some(own) = own else { return true };
    if let Some(rest) = arm.strip_prefix("eGFR") {
        let ends = rest.split(' ').find(|word| !word.is_empty()).unwrap_or_default();
        return match (ends.strip_prefix('<'), ends.strip_prefix(">="), ends.split_once('-')) {
            (Some(hi), ..) => hi.parse().is_ok_and(|hi: f64| own < hi),
            (_, Some(lo), _) => lo.parse().is_ok_and(|lo: f64| own >= lo),
            (_, _, Some((lo, hi))) => {
                let ends = lo.parse::<f64>().ok().zip(hi.parse::<f64>().ok());
                ends.is_some_and(|(lo, hi)| (lo..hi).contains(&own))
            }
            _ => true,
        };
    }
    true
}

/// Odds at this filtration over those at a healthy one.
pub(super) fn odds(own: &Prediction, healthy: &Prediction, healthy_ml_per_min: f64) -> Odds {
    let shares = [own.mean_at_or_above[0], healthy.mean_at_or_above[0]];
    let of = |share: f64| share / (1.0 - share);
    Odds {
        ratio: of(shares[0]) / of(shares[1]),
        shares,
        level_mg_per_dl: COHORT_LEVELS_MG_PER_DL[0],
        healthy_ml_per_min,
        n_draws: own.n_used.min(healthy.n_used),
        healthy_serum_mmol_per_l: healthy.serum_mmol_per_l,
    }
}

#[cfg(test)]
mod tests {
    use super::super::kidney::Filtration;
    use super::*;
    use epsom_evidence::builtin;

    #[test]
    fn counts_of_this_filtration_and_every_odds_ratio_are_found() {
        let at = |ml_per_min: f64| {
            let filtration = Some(Filtration { ml_per_min });
            cohorts(&Kidney { filtration, ..Kidney::default() }, builtin())
        };
        let share = |found: &[Cohort]| -> Vec<f64> {
            let own = found.iter().filter(|one| one.source == "mgo_inpatients_jp");
            own.map(|one| one.value).collect()
        };
        assert_eq!(
            [share(&at(25.0)), share(&at(45.0)), share(&at(90.0))],
            [[78.5], [49.0], [26.0]]
        );
        let odds: Vec<f64> =
            (at(25.0).iter().filter(|one| one.is_odds_ratio)).map(|one| one.value).collect();
        assert_eq!(odds, [3.105, 3.49]);
    }
}
