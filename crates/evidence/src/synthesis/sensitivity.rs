//! What one study, the passing years, or a group changes.

use epsom_maths::{chi2_sf, sum};

use super::pool::{Options, Pooled, pool};
use super::{StudyEffect, SynthesisError};

/// One group of studies.
#[derive(Debug, Clone, PartialEq)]
pub struct Subgroup {
    /// Its name.
    pub name: String,
    /// Its pooled effect, with a variance between studies of its own.
    pub pooled: Pooled,
}

/// Groups of studies and whether their effects differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Subgroups {
    /// In the order in which they first occur.
    pub groups: Vec<Subgroup>,
    /// Q between the groups (Eq. 42).
    pub q: f64,
    /// Its degrees of freedom: groups less one.
    pub df: f64,
    /// Its p; NaN for one group.
    pub p_value: f64,
}

/// Pools again without each study in turn; the label names the one left out.
///
/// # Errors
/// `TooFew` below two studies; else as [`pool`].
pub fn leave_one_out(
    studies: &[StudyEffect],
    options: &Options,
) -> Result<Vec<(String, Pooled)>, SynthesisError> {
    super::check(studies, 2)?;
    let without = |i: usize| {
        let mut rest = studies.to_vec();
        let left = rest.remove(i);
        Ok((left.label, pool(&rest, options)?))
    };
    (0..studies.len()).map(without).collect()
}

/// Pools the first study, the first two, and so on, in the order given (by year, say).
///
/// # Errors
/// As [`pool`].
pub fn cumulative(
    studies: &[StudyEffect],
    options: &Options,
) -> Result<Vec<(String, Pooled)>, SynthesisError> {
    super::check(studies, 1)?;
    let up_to = |i: usize| Ok((studies[i].label.clone(), pool(&studies[..=i], options)?));
    (0..studies.len()).map(up_to).collect()
}

/// Pools each group by itself and compares their means.
///
/// # Shape
/// `groups` has one name per study.
/// # Errors
/// `Shape`; else as [`pool`].
/// # Source
/// Borenstein and others (2009), chapter 19, method of separate τ².
pub fn subgroups(
    studies: &[StudyEffect],
    groups: &[&str],
    options: &Options,
) -> Result<Subgroups, SynthesisError> {
    super::check(studies, 1)?;
    if groups.len() != studies.len() {
        return Err(SynthesisError::Shape);
    }
    let mut names: Vec<&str> = Vec::new();
    for &group in groups {
        if !names.contains(&group) {
            names.push(group);
        }
    }
    let mut out = Vec::new();
    for name in names {
        let own = studies.iter().zip(groups).filter(|(_, group)| **group == name);
        let own: Vec<StudyEffect> = own.map(|(study, _)| study.clone()).collect();
        out.push(Subgroup { name: name.to_owned(), pooled: pool(&own, options)? });
    }
    let weight = |group: &Subgroup| 1.0 / (group.pooled.se * group.pooled.se);
    let total = sum(&out.iter().map(weight).collect::<Vec<_>>());
    let weighted = out.iter().map(|group| weight(group) * group.pooled.estimate);
    let mean = sum(&weighted.collect::<Vec<_>>()) / total;
    let squares = out.iter().map(|group| {
        let apart = group.pooled.estimate - mean;
        weight(group) * apart * apart
    });
    let q = sum(&squares.collect::<Vec<_>>());
    let df = (out.len() - 1) as f64;
    let p_value = if df > 0.0 { chi2_sf(q, df) } else { f64::NAN };
    Ok(Subgroups { groups: out, q, df, p_value })
}
