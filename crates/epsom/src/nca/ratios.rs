//! Ratios of geometric means between groups.

use super::metrics::{Found, METRICS, Metric};
use epsom_diag::{Diagnostic, list_names};
use epsom_maths::{exp, ln, mean};
use epsom_population::nca::{Ratio, Verdict, drawn_ratio, paired_ratio, parallel_ratio};
use std::collections::BTreeMap;

/// A ratio of one measure.
pub(crate) struct Compared {
    /// Which.
    pub(crate) metric: &'static Metric,
    /// Test over reference; none where a value is missing or not above 0.
    pub(crate) ratio: Option<Ratio>,
}

/// Which groups are compared, and how.
pub(crate) struct Pairing<'a> {
    /// Name of the group on top.
    pub(crate) test: &'a str,
    /// Name of the group below.
    pub(crate) reference: &'a str,
    /// Different people in the groups, even where names are the same.
    pub(crate) parallel: bool,
}

/// `T/R` as test and reference.
///
/// # Errors
/// `E0745` where there is no `/`, `E0746` where a group is not in the data.
pub(crate) fn read_pairing<'a>(
    text: &'a str,
    parallel: bool,
    found: &[Found],
) -> Result<Pairing<'a>, Diagnostic> {
    let Some((test, reference)) = text.split_once('/') else {
        return Err(Diagnostic::error("E0745", format!("`--ratio {text}` cannot be used"))
            .help("give two groups, such as `--ratio fed/fasted`"));
    };
    let mut names: Vec<&str> = found.iter().map(|one| one.group.as_str()).collect();
    names.dedup();
    names.sort_unstable();
    names.dedup();
    for name in [test, reference] {
        if !names.contains(&name) {
            return Err(Diagnostic::error("E0746", format!("there is no group `{name}`"))
                .note(format!("groups: {}", list_names(names.iter().copied(), 10)))
                .help("give two of them, such as `--ratio fed/fasted`"));
        }
    }
    Ok(Pairing { test, reference, parallel })
}

/// Every measure of which a ratio says something.
///
/// Groups are paired where every person is in both, and pairing is not refused.
///
/// # Errors
/// `E0746` where fewer than two people can be compared.
pub(crate) fn compare(
    pairing: &Pairing<'_>,
    found: &[Found],
) -> Result<(Vec<Compared>, bool), Diagnostic> {
    let of = |name: &str| found.iter().filter(|one| one.group == name).collect::<Vec<_>>();
    let (test, reference) = (of(pairing.test), of(pairing.reference));
    let partner = |one: &Found| reference.iter().find(|other| other.id == one.id);
    let pairs: Vec<(&Found, &Found)> =
        test.iter().filter_map(|one| partner(one).map(|other| (*one, *other))).collect();
    let paired = !pairing.parallel && !pairs.is_empty();
    let n_enough = if paired { pairs.len() >= 2 } else { test.len() >= 2 && reference.len() >= 2 };
    if !n_enough {
        let message = format!("`{}` and `{}` cannot be compared", pairing.test, pairing.reference);
        return Err(Diagnostic::error("E0746", message)
            .note(format!(
                "people: {} and {}, {} of them in both",
                test.len(),
                reference.len(),
                pairs.len()
            ))
            .help("an interval needs two people in both groups, or two in each"));
    }
    let compared = METRICS.iter().filter(|metric| metric.is_ratio).map(|metric| {
        let ratio = if paired {
            // A pair that lacks a side says nothing.
            let both = pairs.iter().map(|(a, b)| (metric.value(a), metric.value(b)));
            let (a, b): (Vec<f64>, Vec<f64>) =
                both.filter(|(a, b)| is_above(*a) && is_above(*b)).unzip();
            paired_ratio(&a, &b)
        } else {
            let values = |list: &[&Found]| {
                let values = list.iter().map(|one| metric.value(one));
                values.filter(|&value| is_above(value)).collect::<Vec<f64>>()
            };
            parallel_ratio(&values(&test), &values(&reference))
        };
        Compared { metric, ratio }
    });
    Ok((compared.filter(|one| one.ratio.is_some()).collect(), paired))
}

/// Every measure of which a ratio says something, draw by draw: the ratio of geometric means over
/// the people of a draw, its median and the middle 90 % over the draws.
///
/// # Errors
/// `E0746` where fewer than two draws can be compared.
pub(crate) fn compare_drawn(
    pairing: &Pairing<'_>,
    found: &[Found],
) -> Result<Vec<Compared>, Diagnostic> {
    let key = |one: &Found| (one.draw, one.id.clone());
    let of = |name: &str| -> BTreeMap<_, &Found> {
        found.iter().filter(|one| one.group == name).map(|one| (key(one), one)).collect()
    };
    let (test, reference) = (of(pairing.test), of(pairing.reference));
    let ratio = |metric: &Metric| {
        let mut logs: BTreeMap<Option<u32>, Vec<f64>> = BTreeMap::new();
        for (key, one) in &test {
            let Some(other) = reference.get(key) else { continue };
            let (a, b) = (metric.value(one), metric.value(other));
            if is_above(a) && is_above(b) {
                logs.entry(key.0).or_default().push(ln(a / b));
            }
        }
        let ratios: Vec<f64> = logs.values().map(|logs| exp(mean(logs))).collect();
        drawn_ratio(&ratios)
    };
    let all = METRICS.iter().filter(|metric| metric.is_ratio);
    let compared: Vec<Compared> = all
        .map(|metric| Compared { metric, ratio: ratio(metric) })
        .filter(|one| one.ratio.is_some())
        .collect();
    match compared.is_empty() {
        false => Ok(compared),
        true => {
            let what = format!("`{}` and `{}`", pairing.test, pairing.reference);
            Err(Diagnostic::error("E0746", format!("{what} cannot be compared"))
                .note("fewer than two draws have an exposure above 0 on both sides")
                .help("give more draws with `--draws 200`"))
        }
    }
}

fn is_above(value: f64) -> bool {
    value > 0.0 && value.is_finite()
}

/// Cells of a row of ratios, in percent: measure, n, ratio, both ends, verdict.
pub(crate) fn ratio_cells(measure: &str, ratio: &Ratio, decimals: usize) -> [String; 6] {
    let percent = |value: f64| format!("{:.decimals$}", 100.0 * value);
    [
        measure.to_string(),
        ratio.n.to_string(),
        percent(ratio.ratio),
        percent(ratio.lo),
        percent(ratio.hi),
        verdict_words(ratio).to_string(),
    ]
}

/// The verdict in words.
pub(crate) fn verdict_words(ratio: &Ratio) -> &'static str {
    match ratio.verdict() {
        Verdict::Inside => "inside 80 to 125 %",
        Verdict::Outside => "outside 80 to 125 %",
        Verdict::Across => "across a limit of 80 to 125 %",
    }
}
