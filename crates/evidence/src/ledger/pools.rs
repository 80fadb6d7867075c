//! Pooled effects of a claim: one outcome, one unit, one system, two studies or more.

use std::collections::BTreeMap;

use super::measured::measured;
use super::{Link, System};
use crate::Tables;
use crate::effects::Measure;
use crate::synthesis::{Options, StudyEffect, pool};

/// A pooled effect on the scale that readers expect.
#[derive(Debug, Clone, PartialEq)]
pub struct Pool {
    /// What is pooled, the word of the table.
    pub about: String,
    /// In what.
    pub system: System,
    /// What it measures.
    pub measure: &'static str,
    /// Unit; empty for ratios and standardized differences.
    pub unit: String,
    /// Keys of the studies, and the share of each.
    pub studies: Vec<(String, f64)>,
    /// Mean effect.
    pub estimate: f64,
    /// 95 % interval.
    pub interval: (f64, f64),
    /// Variance between studies, on the analysis scale.
    pub tau2: f64,
    /// Share of the spread that is no chance, 0 to 1.
    pub i2: Option<f64>,
    /// Interval for a new study.
    pub prediction: Option<(f64, f64)>,
    /// How it was pooled.
    pub method: &'static str,
}

/// Random effects, restricted maximum likelihood, Hartung and Knapp's interval with the floor.
const METHOD: &str = "random effects, REML, Hartung-Knapp interval";

/// The pools of a claim, in the order of their names.
pub(super) fn pools(tables: &Tables, links: &[Link<'_>]) -> Vec<Pool> {
    let mut groups: BTreeMap<(&str, System), Vec<(&Link<'_>, super::Measured)>> = BTreeMap::new();
    for link in links.iter().filter(|link| !link.row.pool.is_empty()) {
        if let Some(measured) = measured(tables, link.row) {
            let key = (link.row.pool.as_str(), link.row.system);
            groups.entry(key).or_default().push((link, measured));
        }
    }
    groups.into_iter().filter_map(|((about, system), group)| one(about, system, &group)).collect()
}

fn one(about: &str, system: System, group: &[(&Link<'_>, super::Measured)]) -> Option<Pool> {
    let with: Vec<_> = group
        .iter()
        .filter_map(|(link, measured)| Some((link, measured, measured.effect?)))
        .collect();
    let (_, first, effect) = with.first()?;
    let measure: Measure = effect.measure;
    let alike =
        with.iter().all(|(_, one, effect)| effect.measure == measure && one.unit == first.unit);
    if with.len() < 2 || !alike {
        return None;
    }
    let studies: Vec<StudyEffect> = with
        .iter()
        .map(|(link, _, effect)| StudyEffect::new(&link.row.study_key, effect))
        .collect();
    let pooled = pool(&studies, &Options::default()).ok()?;
    let shown = |bounds: crate::effects::Interval| {
        let bounds = bounds.shown(measure);
        (bounds.lo, bounds.hi)
    };
    Some(Pool {
        about: about.to_owned(),
        system,
        measure: first.measure,
        unit: first.unit.clone(),
        studies: studies.into_iter().map(|one| one.label).zip(pooled.weights).collect(),
        estimate: measure.shown(pooled.estimate),
        interval: shown(pooled.interval),
        tau2: pooled.tau2,
        i2: pooled.heterogeneity.map(|one| one.i2),
        prediction: pooled.prediction.map(shown),
        method: METHOD,
    })
}
