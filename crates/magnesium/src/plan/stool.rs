//! What stays in the gut: laxative risk as the evidence holds it, without a curve that it lacks.

use epsom_evidence::Tables;
use epsom_population::Interval;

use super::kidney::row;

/// Laxative risk of a day's supplement.
#[derive(Debug, Clone, PartialEq)]
pub struct Stool {
    /// Magnesium of the supplement, mg a day.
    pub elemental_mg_per_day: f64,
    /// Lowest supplement with mild diarrhea in a small share of people, mg a day.
    pub lowest_with_effect_mg: f64,
    /// Stool mass that what is left in the gut would add if all of it were dissolved, g a day.
    pub added_g_per_day: Option<Interval>,
    /// Share of people with diarrhea or gut symptoms in the trials at or below this amount and
    /// above it up to twice: lowest and highest, percent.
    pub trials_percent: Option<(f64, f64)>,
    /// Trials that this rests on.
    pub n_trials: usize,
}

/// Rows: lowest amount with an effect, stool mass per magnesium.
const LOWEST: &str = "PK136";
const SLOPE: &str = "PK228";
/// Measured shares by amount.
const SERIES: &str = "series/laxative_dose_response.csv";

/// Laxative risk of `elemental_mg_per_day`, of which `left` stays in the gut, mmol a day.
///
/// # Source
/// PK136, PK228 (a slope measured in diarrhea made by magnesium hydroxide), and the trials of
/// `series/laxative_dose_response.csv`, which do not rise with the amount.
pub fn stool(elemental_mg_per_day: f64, left: Option<Interval>, evidence: &Tables) -> Stool {
    let slope = row(evidence, SLOPE);
    let shares = shares(elemental_mg_per_day, evidence);
    let ends = shares.iter().fold(None, |ends: Option<(f64, f64)>, &share| {
        Some(ends.map_or((share, share), |(lo, hi)| (lo.min(share), hi.max(share))))
    });
    Stool {
        elemental_mg_per_day,
        lowest_with_effect_mg: row(evidence, LOWEST),
        added_g_per_day: left.map(|left| Interval {
            median: left.median * slope,
            lo: left.lo * slope,
            hi: left.hi * slope,
        }),
        trials_percent: ends,
        n_trials: shares.len(),
    }
}

/// Shares of the trials from half to twice this amount, percent.
fn shares(mg: f64, evidence: &Tables) -> Vec<f64> {
    let Some(text) = evidence.text(SERIES) else { return Vec::new() };
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let Ok(header) = reader.headers().cloned() else { return Vec::new() };
    let column = |name: &str| header.iter().position(|cell| cell == name);
    let (Some(value), Some(unit), Some(dose), Some(note)) =
        (column("value"), column("unit"), column("dose_elemental_mg"), column("note"))
    else {
        return Vec::new();
    };
    let share = |record: csv::StringRecord| {
        let cell = |at: usize| record.get(at).unwrap_or_default();
        let near = (0.5 * mg..=2.0 * mg).contains(&cell(dose).parse::<f64>().ok()?);
        // Diarrhea that was made on purpose is no rate.
        let is_rate = cell(unit) == "percent" && !cell(note).contains("on purpose");
        (near && is_rate).then(|| cell(value).parse().ok()).flatten()
    };
    reader.records().filter_map(Result::ok).filter_map(share).collect()
}
