//! A day that keeps every separation, found by trying every half hour; told where there is none.

use epsom_evidence::Separation;

use super::interactions::{First, shortfall_h};

/// A medicine in the day.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// Clock times that are fixed; empty where it may move and is taken once.
    pub fixed_h: Vec<f64>,
    /// What it asks for.
    pub separation: Separation,
}

/// A day.
#[derive(Debug, Clone, PartialEq)]
pub struct Day {
    /// Clock hours of the magnesium.
    pub magnesium_h: Vec<f64>,
    /// Clock hours of each medicine that asks for a separation.
    pub medicines: Vec<(String, Vec<f64>)>,
    /// Whether the magnesium stands at the hours of the regimen.
    pub as_in_regimen: bool,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// Nothing asks for a separation.
    NothingAsked,
    /// A day that keeps all of them.
    Kept(Day),
    /// There is none: which medicines stand against it, and why.
    Impossible {
        /// Why.
        why: Vec<String>,
    },
}

/// First and last half hour of the waking day, in half hours after midnight.
const WAKING: std::ops::RangeInclusive<u32> = 12..=44;

/// A day for `n` doses of magnesium, nearest to the hours of the regimen.
///
/// Exact on a grid of half hours from 6:00 to 22:00; each day is like the next, so the last dose
/// of yesterday counts too.
pub fn day(preferred_h: &[f64], wanted: &[Wanted]) -> Found {
    let asking: Vec<&Wanted> = wanted.iter().filter(|one| one.separation.is_asked()).collect();
    if asking.is_empty() {
        return Found::NothingAsked;
    }
    let never: Vec<String> = (asking.iter().filter(|one| one.separation.never))
        .map(|one| format!("{}: no separation is known to be enough", one.name))
        .collect();
    if !never.is_empty() {
        return Found::Impossible { why: never };
    }
    let mut best: Option<(f64, Day)> = None;
    let mut consider = |magnesium: &[f64]| {
        let moved: f64 = magnesium.iter().zip(preferred_h).map(|(a, b)| (a - b).abs()).sum();
        if best.as_ref().is_some_and(|(least, _)| *least <= moved) {
            return;
        }
        let times = |one: &&Wanted| Some((one.name.clone(), times(one, magnesium)?));
        if let Some(medicines) = asking.iter().map(times).collect() {
            let magnesium_h = magnesium.to_vec();
            best = Some((moved, Day { magnesium_h, medicines, as_in_regimen: moved == 0.0 }));
        }
    };
    consider(preferred_h);
    each_choice(preferred_h.len(), &mut consider);
    if let Some((_, day)) = best {
        return Found::Kept(day);
    }
    // Who alone cannot be kept, else all of them together.
    let mut why: Vec<String> = Vec::new();
    for one in &asking {
        let mut alone = times(one, preferred_h).is_some();
        each_choice(preferred_h.len(), &mut |magnesium| alone |= times(one, magnesium).is_some());
        if !alone {
            let doses = preferred_h.len();
            why.push(format!("{}: no half hour keeps apart from {doses} doses a day", one.name));
        }
    }
    if why.is_empty() {
        let names: Vec<&str> = asking.iter().map(|one| one.name.as_str()).collect();
        why.push(format!("{} cannot all be kept together", names.join(", ")));
        // Whom the others could do without.
        let without = |left_out: &str| {
            let others: Vec<Wanted> =
                asking.iter().filter(|one| one.name != left_out).map(|&one| one.clone()).collect();
            matches!(day(preferred_h, &others), Found::Kept(_))
        };
        let alone: Vec<&str> = names.into_iter().filter(|name| without(name)).collect();
        if !alone.is_empty() {
            why.push(format!(
                "at these hours there is a day without {}",
                alone.join(", or without ")
            ));
        }
    }
    Found::Impossible { why }
}

/// Hours of the day in which magnesium would stand too near a medicine at `drug_h`, from to.
///
/// Where only one order has printed hours, the other is taken for the same.
pub fn near_hours(separation: &Separation, drug_h: f64) -> Vec<(f64, f64)> {
    if separation.never {
        return vec![(0.0, 24.0)];
    }
    let before = separation.drug_before_h.or(separation.drug_after_h);
    let after = separation.drug_after_h.or(separation.drug_before_h);
    let (Some(before), Some(after)) = (before, after) else { return Vec::new() };
    let (from, to) = (drug_h - after, drug_h + before);
    let whole = [(from, to), (from + 24.0, to + 24.0), (from - 24.0, to - 24.0)];
    let cut = whole.into_iter().map(|(from, to)| (from.max(0.0), to.min(24.0)));
    cut.filter(|(from, to)| from < to).collect()
}

/// Whether a medicine at `drug_h` keeps apart from every dose, today's and yesterday's.
///
/// Where only one order has printed hours, the other is asked for the same.
pub fn keeps(separation: &Separation, drug_h: f64, magnesium_h: &[f64]) -> bool {
    let separation = &Separation {
        drug_before_h: separation.drug_before_h.or(separation.drug_after_h),
        drug_after_h: separation.drug_after_h.or(separation.drug_before_h),
        ..*separation
    };
    let around = |from: f64, to: f64| if to >= from { to - from } else { to - from + 24.0 };
    magnesium_h.iter().all(|&dose| {
        let before = shortfall_h(separation, First::Drug, around(drug_h, dose));
        let after = shortfall_h(separation, First::Magnesium, around(dose, drug_h));
        // At one and the same time neither is first.
        let together = dose == drug_h && (before.is_some() || after.is_some());
        !together && before.unwrap_or(0.0) == 0.0 && after.unwrap_or(0.0) == 0.0
    })
}

/// Hours at which a medicine keeps apart: its own, or the earliest that may be chosen.
fn times(wanted: &Wanted, magnesium_h: &[f64]) -> Option<Vec<f64>> {
    let kept = |hour: f64| keeps(&wanted.separation, hour, magnesium_h);
    if wanted.fixed_h.is_empty() {
        return WAKING
            .map(|half| f64::from(half) / 2.0)
            .find(|&hour| kept(hour))
            .map(|hour| vec![hour]);
    }
    wanted.fixed_h.iter().all(|&hour| kept(hour)).then(|| wanted.fixed_h.clone())
}

/// Every choice of `n` half hours of the waking day that are at least two hours apart.
fn each_choice(n: usize, with: &mut dyn FnMut(&[f64])) {
    fn next(n: usize, from: u32, chosen: &mut Vec<f64>, with: &mut dyn FnMut(&[f64])) {
        if chosen.len() == n {
            return with(chosen);
        }
        for half in from..=*WAKING.end() {
            chosen.push(f64::from(half) / 2.0);
            next(n, half + 4, chosen, with);
            chosen.pop();
        }
    }
    if (1..=4).contains(&n) {
        next(n, *WAKING.start(), &mut Vec::new(), with);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(name: &str, fixed_h: &[f64], before: f64, after: f64) -> Wanted {
        let separation =
            Separation { drug_before_h: Some(before), drug_after_h: Some(after), never: false };
        Wanted { name: name.to_string(), fixed_h: fixed_h.to_vec(), separation }
    }

    #[test]
    fn a_day_keeps_every_separation_or_says_that_there_is_none() {
        let medicines = [wanted("a", &[], 2.0, 6.0), wanted("b", &[7.0], 4.0, 4.0)];
        let Found::Kept(found) = day(&[8.0, 19.0], &medicines) else { panic!("there is one") };
        assert!(!found.as_in_regimen);
        for (at, (_, hours)) in found.medicines.iter().enumerate() {
            assert!(hours.iter().all(|&h| keeps(&medicines[at].separation, h, &found.magnesium_h)));
        }
        // Three fixed times of 8 h before and after leave no half hour.
        let tight = [wanted("c", &[6.0, 14.0, 22.0], 8.0, 8.0)];
        assert!(matches!(day(&[8.0], &tight), Found::Impossible { .. }));
        // Each alone has a day; both together have none.
        let both = [wanted("d", &[12.0], 2.0, 7.0), wanted("e", &[16.0], 7.0, 3.0)];
        let Found::Impossible { why } = day(&[8.0], &both) else { panic!("there is none") };
        assert_eq!(
            why.last().map(String::as_str),
            Some("at these hours there is a day without d, or without e")
        );
        assert_eq!(day(&[8.0], &[]), Found::NothingAsked);
    }

    #[test]
    fn hours_that_are_too_near_are_those_that_do_not_keep_apart() {
        let mut one_sided = wanted("a", &[], 0.5, 0.0).separation;
        one_sided.drug_after_h = None;
        for separation in [wanted("a", &[], 2.0, 6.0).separation, one_sided] {
            for drug in 0..24 {
                let near = near_hours(&separation, f64::from(drug));
                for quarter in 0..96 {
                    let hour = f64::from(quarter) / 4.0;
                    // An end is far enough; the medicine's own hour never is.
                    let inside = near.iter().any(|&(from, to)| {
                        let ends = (from == 0.0 && hour == 0.0, to == 24.0 && hour == 24.0);
                        (from < hour || ends.0) && (hour < to || ends.1)
                    });
                    let at_an_end = near.iter().any(|&(from, to)| from == hour || to == hour);
                    let keeps = keeps(&separation, f64::from(drug), &[hour]);
                    assert!(at_an_end || inside != keeps, "{drug} {hour} {near:?}");
                }
            }
        }
        assert!(near_hours(&Separation::default(), 8.0).is_empty());
    }

    #[test]
    fn a_longer_separation_on_one_side_never_worsens_an_interaction() {
        let separation = wanted("a", &[], 2.0, 6.0).separation;
        // Magnesium later after the medicine, within the day: kept once, kept on, until the next
        // day's medicine comes near.
        let kept = |drug: f64, dose: f64| keeps(&separation, drug, &[dose]);
        for half in 4..=36 {
            assert!(kept(0.0, f64::from(half) / 2.0), "{half}");
        }
        assert!((1..4).all(|half| !kept(0.0, f64::from(half) / 2.0)));
    }

    #[test]
    fn a_longer_gap_never_falls_further_short() {
        let separation = wanted("a", &[], 2.0, 6.0).separation;
        for first in [First::Drug, First::Magnesium] {
            let at = |half: u32| shortfall_h(&separation, first, f64::from(half) / 2.0).unwrap();
            assert!((0..48).all(|half| at(half + 1) <= at(half)));
        }
    }
}
