//! Serum values of a person: the population is the prior, one test teaches little.
//!
//! A value is first put back to the mean of a day without a dose: what the meals and doses before it
//! add at its clock time is taken from a run of the typical person.
//! With a normal prior and normal test error the most probable value (MAP) and its uncertainty have
//! a closed form, so that nothing is searched for.

use epsom_evidence::Tables;

use super::Person;
use super::kidney::row;
use super::measured::serum_units;

/// What is expected of a person's serum without a measurement, mmol/L.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior {
    /// Mean.
    pub mean: f64,
    /// Standard deviation between people.
    pub sd: f64,
}

/// What the serum values say.
#[derive(Debug, Clone, PartialEq)]
pub struct SetPoint {
    /// Expected without them, mmol/L, typical parameters.
    pub prior: Prior,
    /// Mean of the values as set points, mmol/L; none where there is none or they were not fitted.
    pub measured: Option<f64>,
    /// What the day, the meals and the doses add to the set point at the time of each value, mmol/L.
    pub offsets: Vec<f64>,
    /// Standard deviation of that mean by test and day, mmol/L.
    pub measured_sd: f64,
    /// Most probable value and its standard deviation, mmol/L.
    pub posterior: Prior,
    /// What stands against the values; empty where nothing does.
    pub flags: Vec<String>,
    /// Smallest change that one repeat test can detect, percent.
    pub detectable_percent: f64,
    /// Whether the population is a guide to the values.
    pub fitted: bool,
}

impl SetPoint {
    /// Serum of one draw: the prior of the draw with the values, at a normal score.
    pub(super) fn draw(&self, prior: Prior, score: f64) -> f64 {
        let own = match self.measured {
            Some(measured) if self.fitted => {
                joined(prior, Prior { mean: measured, sd: self.measured_sd })
            }
            Some(measured) => Prior { mean: measured, sd: self.measured_sd },
            None => prior,
        };
        own.mean + own.sd * score
    }
}

/// Values further from those of healthy people than this many standard deviations are flagged.
const FAR: f64 = 4.0;

/// What the serum values say, against the prior.
///
/// # Source
/// Test error EPS026, smallest detectable change EPS113.
pub(super) fn set_point(
    person: &Person,
    prior: &Prior,
    healthy: &Prior,
    offsets: &[f64],
    evidence: &Tables,
) -> SetPoint {
    let detectable_percent = row(evidence, "EPS113");
    let error = row(evidence, "EPS026") / 100.0;
    let mut found = SetPoint {
        prior: *prior,
        measured: None,
        offsets: offsets.to_vec(),
        measured_sd: f64::NAN,
        posterior: *prior,
        flags: Vec::new(),
        detectable_percent,
        fitted: true,
    };
    let values: Vec<f64> = (person.serum.iter().enumerate())
        .map(|(at, one)| one.mmol_per_l - offsets.get(at).copied().unwrap_or(0.0))
        .collect();
    if values.is_empty() {
        return found;
    }
    let n = values.len() as f64;
    let mean = values.iter().fold(0.0, |sum, value| sum + value) / n;
    let lowest = values.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if highest / lowest - 1.0 > 3.0 * detectable_percent / 100.0 {
        found.flags.push(format!(
            "The serum values {lowest:.2} and {highest:.2} mmol/L differ by far more than chance \
             (about {detectable_percent:.0} % between two tests): they are not fitted, and a \
             repeat or a check of units would tell."
        ));
        return found;
    }
    let sd = error * mean / n.sqrt();
    // Held against healthy people, not against this person's facts: whether a value is fitted must
    // not depend on the kidneys, or a worse kidney could lower a prediction.
    if (mean - healthy.mean).abs() > FAR * (healthy.sd * healthy.sd + sd * sd).sqrt() {
        found.flags.push(format!(
            "A serum of {mean:.2} mmol/L is far from that of healthy people ({:.2} mmol/L): the \
             population is no guide here, the value is not fitted but taken as it stands, and a \
             repeat would tell more than this prediction.{}",
            healthy.mean,
            other_unit(person, healthy)
        ));
        found.posterior = Prior { mean, sd };
        found.fitted = false;
    } else {
        found.posterior = joined(*prior, Prior { mean, sd });
    }
    found.measured = Some(mean);
    found.measured_sd = sd;
    found
}

/// Two normal opinions of one quantity as one, weighted by their precision.
fn joined(a: Prior, b: Prior) -> Prior {
    let (wa, wb) = (1.0 / (a.sd * a.sd), 1.0 / (b.sd * b.sd));
    Prior { mean: (a.mean * wa + b.mean * wb) / (wa + wb), sd: (1.0 / (wa + wb)).sqrt() }
}

/// Which unit would make the first value a usual one, as a sentence; empty where none would.
fn other_unit(person: &Person, healthy: &Prior) -> String {
    let Some(first) = person.serum.first() else { return String::new() };
    let units = serum_units();
    let own = units.iter().find(|(unit, _)| *unit == first.unit).map_or(1.0, |(_, factor)| *factor);
    let figure = first.mmol_per_l / own;
    let usual = |factor: f64| (figure * factor - healthy.mean).abs() <= FAR * healthy.sd;
    let other = units.iter().find(|(unit, factor)| *unit != first.unit && usual(*factor));
    other.map_or_else(String::new, |(unit, factor)| {
        format!(" In {unit} the same figure would be usual: {:.2} mmol/L.", figure * factor)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_opinions_meet_in_the_middle_and_a_value_never_widens() {
        let a = Prior { mean: 0.8, sd: 0.05 };
        let b = Prior { mean: 0.9, sd: 0.05 };
        let both = joined(a, b);
        // Sums and quotients of a few numbers near 1.
        assert!((both.mean - 0.85).abs() < 8.0 * f64::EPSILON);
        assert!((both.sd * both.sd - 0.05 * 0.05 / 2.0).abs() < 8.0 * f64::EPSILON * 0.05);
        assert!(joined(a, Prior { mean: 2.0, sd: 10.0 }).sd < a.sd);
    }
}
