//! The result in sentences: what is known not to differ, what no test would see, what was left out.

use epsom_population::Interval;
use epsom_population::nca::LIMITS;

use super::{Arm, Comparison, ratio_text};
use crate::regimen::Timing;

/// The line that stands under every result.
pub const STANDING: &str = "Research and education, not medical advice.";

/// Why draws fail, most often.
pub const WHY_DRAWS_FAIL: &str = "where absorption from food does not cover the losses, no renal \
     threshold gives the serum";

/// What every interval means.
pub const INTERVALS: &str = "Each number is the median of the draws with its middle 95 %: what is \
     not known of the parameters, not how people differ.";

/// Everything worth saying of a comparison, the most important first.
pub fn sentences(comparison: &Comparison) -> Vec<String> {
    let mut found = no_difference(comparison);
    found.extend(differences(comparison));
    found.extend(meals(comparison));
    found.extend(fed_over_fasted(comparison));
    found.extend(detectable(comparison));
    found.push(spinal_fluid(comparison));
    found.extend(filtration(comparison));
    let beyond = comparison.extrapolates.iter();
    found.extend(beyond.map(|one| format!("Beyond what the model was held against: {one}")));
    found.extend(lost(comparison));
    found
}

/// Who it is: `70 kg, filtration 120 mL/min, ...`.
pub fn person(comparison: &Comparison) -> String {
    let who = &comparison.who;
    format!(
        "{:.0} kg, filtration {:.0} mL/min, serum {:.2} mmol/L without a dose, {:.0} mmol a day in \
         three meals",
        who.weight_kg, who.gfr_ml_per_min, who.serum_mmol_per_l, who.diet_mmol_per_day
    )
}

/// How it is taken and how often it was drawn.
pub fn dosing(comparison: &Comparison) -> String {
    let settings = &comparison.settings;
    let doses = match settings.n_doses_a_day {
        1 => "one dose".to_string(),
        n => format!("{n} doses"),
    };
    let plural = |n: u32| if n == 1 { "" } else { "s" };
    let (weeks, draws) = (settings.n_weeks, comparison.n_used);
    format!(
        "{doses} a day for {weeks} week{}; {draws} draw{} of what is not known, seed {}",
        plural(weeks),
        plural(draws),
        settings.seed
    )
}

/// The person without a dose.
pub fn base(comparison: &Comparison) -> String {
    let text = |one: &Interval, places: usize| {
        format!("{:.places$} ({:.places$} to {:.places$})", one.median, one.lo, one.hi)
    };
    let base = &comparison.base;
    format!(
        "without a dose: {} mmol absorbed a day, {} mmol in urine, mean serum {} mmol/L",
        text(&base.absorbed_mmol_per_day, 2),
        text(&base.urine_mmol_per_day, 2),
        text(&base.serum_mmol_per_l, 3)
    )
}

/// Where the widths of the draws come from.
pub fn widths(comparison: &Comparison) -> String {
    let draws = &comparison.draws;
    format!(
        "Of the parameters, {} are drawn with a spread from their row, {} with an assumed one and \
         {} with the default width because none was given; {} are held.",
        draws.n_sourced_spread,
        draws.n_assumed_spread,
        draws.n_default_width,
        draws.n_fixed + draws.n_zero
    )
}

/// `with meals`.
pub fn timing_words(timing: Timing) -> &'static str {
    match timing {
        Timing::NotSaid => "at no said time",
        Timing::WithMeals => "with meals",
        Timing::BetweenMeals => "between meals",
    }
}

/// `a, b and c`.
pub fn joined<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    match names.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_string(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// Names of the salts of a group, in order.
pub fn names_of(comparison: &Comparison, group: usize) -> Vec<&str> {
    let members = comparison.arms.iter().filter(|arm| arm.group == group);
    members.map(|arm| name(comparison, arm)).collect()
}

fn name<'a>(comparison: &'a Comparison, arm: &Arm) -> &'a str {
    &comparison.settings.forms[arm.form].name
}

/// Salts that the evidence cannot tell apart, once for all timings where they are the same.
fn no_difference(comparison: &Comparison) -> Vec<String> {
    let mut found: Vec<(Vec<&str>, Vec<Timing>)> = Vec::new();
    let mut seen = Vec::new();
    for arm in &comparison.arms {
        if seen.contains(&arm.group) {
            continue;
        }
        seen.push(arm.group);
        let names = names_of(comparison, arm.group);
        if names.len() < 2 {
            continue;
        }
        match found.iter_mut().find(|(same, _)| *same == names) {
            Some((_, timings)) => timings.push(arm.timing),
            None => found.push((names, vec![arm.timing])),
        }
    }
    let dose = comparison.arms.first().map_or(0.0, |arm| arm.dose.mmol);
    let mut told = Vec::new();
    for (names, timings) in found {
        let when = joined(timings.into_iter().map(timing_words)).replace(" and ", " or ");
        let contrary: Vec<&Contrary> =
            CONTRARY.iter().filter(|one| one.concerns(comparison, &names)).collect();
        let names = joined(names);
        let studied = |one: &&Contrary| comparison.arms[0].dose.elemental().mg >= one.from_mg;
        told.push(if contrary.iter().any(studied) {
            format!(
                "The model takes {names} to be one and the same {when} at {dose:.1} mmol a dose, \
                 because they dissolve alike."
            )
        } else {
            format!(
                "The evidence knows no difference between {names} taken {when} at {dose:.1} mmol a \
                 dose: they dissolve alike, and no study of such doses in people found another."
            )
        });
        for one in contrary {
            let end = if studied(&one) {
                "so these salts may differ more than is shown"
            } else {
                "the model has a difference only where a dose does not dissolve whole"
            };
            told.push(format!(
                "At {:.0} mg a dose and more, trials found {}; {end}.",
                one.from_mg, one.found
            ));
        }
    }
    told
}

/// A difference that was found in people although the model takes the salts to be alike.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Contrary {
    /// Family that was ahead.
    ahead: &'static str,
    /// Families that it was compared with.
    behind: &'static [&'static str],
    /// Smallest magnesium in one dose that was studied, mg.
    from_mg: f64,
    /// What was found, with its keys.
    found: &'static str,
}

/// Rows `pk.schutten2022.*` and `pk.kappeler2017.01` of effects.csv; claim CPK01.
const CONTRARY: &[Contrary] = &[Contrary {
    ahead: "citrate",
    behind: &["oxide", "sulfate"],
    from_mg: 150.0,
    found: "more magnesium in urine on citrate than on oxide or sulfate, while plasma did not \
            differ (schutten2022, 24 weeks; kappeler2017, one dose, oxide)",
}];

impl Contrary {
    /// Whether salts of these names hold both sides.
    fn concerns(&self, comparison: &Comparison, names: &[&str]) -> bool {
        let families: Vec<&str> = (comparison.settings.forms.iter())
            .filter(|form| names.contains(&form.name.as_str()))
            .map(|form| form.salt.family)
            .collect();
        families.contains(&self.ahead) && self.behind.iter().any(|one| families.contains(one))
    }
}

/// Salts of which a part of each dose stays undissolved.
fn differences(comparison: &Comparison) -> Vec<String> {
    let slow = comparison.arms.iter().filter(|arm| arm.residue_mmol > 0.0);
    let mut seen = Vec::new();
    let mut found = Vec::new();
    for arm in slow {
        if seen.contains(&arm.form) {
            continue;
        }
        seen.push(arm.form);
        found.push(format!(
            "Of each dose of {} {:.1} of {:.1} mmol dissolve slowly and are hardly absorbed.",
            name(comparison, arm),
            arm.residue_mmol,
            arm.dose.mmol
        ));
    }
    found
}

/// How much more is absorbed between meals.
fn meals(comparison: &Comparison) -> Option<String> {
    let first = |timing| {
        let arm = comparison.arms.iter().find(|arm| arm.form == 0 && arm.timing == timing)?;
        Some(arm.measures.absorbed_mmol_per_day.median)
    };
    let (with, between) = (first(Timing::WithMeals)?, first(Timing::BetweenMeals)?);
    let times = between / with;
    times.is_finite().then(|| {
        format!(
            "Between meals {} is absorbed {times:.1} times as much as with meals ({between:.2} \
             against {with:.2} mmol a day): food fills the same saturable uptake.",
            comparison.settings.forms[0].name
        )
    })
}

/// Exposure with meals over between meals, of the first salt.
fn fed_over_fasted(comparison: &Comparison) -> Option<String> {
    let arm = comparison.arms.iter().find(|arm| arm.form == 0 && arm.over_between.is_some())?;
    let ratios = arm.over_between?;
    let (area, peak) = (ratios.area?, ratios.peak_rise?);
    let (lo, hi) = LIMITS;
    Some(format!(
        "With meals over between meals, {}: area of the rise {}, highest rise {}; median and middle \
         90 % of the draws, {} of {lo} to {hi}.",
        name(comparison, arm),
        ratio_text(&area),
        ratio_text(&peak),
        if lo <= area.lo && area.hi <= hi {
            "the area inside the limits"
        } else if area.hi < lo || hi < area.lo {
            "the area outside the limits"
        } else {
            "the area across a limit"
        }
    ))
}

/// What one repeat test would see of the rise.
fn detectable(comparison: &Comparison) -> Option<String> {
    let limit = comparison.detectable_percent;
    let rises: Vec<Interval> =
        comparison.arms.iter().map(|arm| arm.measures.serum_percent).collect();
    let below = |value: fn(&Interval) -> f64| rises.iter().all(|rise| value(rise) < limit);
    let about = format!("one repeat serum test can detect (about {limit:.0} %, row EPS113)");
    if rises.is_empty() {
        None
    } else if below(|rise| rise.hi) {
        Some(format!(
            "Every rise of serum is smaller than {about}, even at the upper end of its interval."
        ))
    } else if below(|rise| rise.median) {
        Some(format!("The median rise of serum is smaller than {about} with every salt."))
    } else {
        let seen = comparison.arms.iter().filter(|arm| arm.measures.serum_percent.median >= limit);
        let names = seen
            .map(|arm| format!("{} {}", name(comparison, arm), timing_words(arm.timing)))
            .collect::<Vec<_>>();
        Some(format!(
            "Only with {} does the median rise of serum reach what {about}.",
            joined(names.iter().map(String::as_str))
        ))
    }
}

fn spinal_fluid(comparison: &Comparison) -> String {
    let mut text = "The change of cerebrospinal fluid is by the plasma route alone.".to_string();
    if comparison.settings.forms.iter().any(|form| form.salt.family == "l_threonate") {
        text.push_str(
            " A gain specific to L-threonate is not part of it: it was seen in rats, and no \
             measurement of human cerebrospinal fluid or brain on oral L-threonate was found.",
        );
    }
    text
}

fn filtration(comparison: &Comparison) -> Vec<String> {
    let person = &comparison.settings.person;
    let mut found = Vec::new();
    if person.gfr_l_per_h.is_some() && person.serum_mmol_per_l.is_none() {
        found.push(
            "Serum without a dose was left as it is while filtration was given, so the renal \
             threshold follows; give `--serum` where it was measured."
                .to_string(),
        );
    }
    found
}

/// Draws without a result.
fn lost(comparison: &Comparison) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(first) = comparison.failures.first() {
        let (n, used) = (comparison.failures.len(), comparison.n_used);
        found.push(format!(
            "Left out of every number: {n} of {} draws, which could not be solved; the first is draw \
             {}: {}.",
            u64::from(used) + n as u64,
            first.draw,
            first.cause
        ));
    }
    if comparison.interrupted {
        found.push(format!("The run was stopped after {} draws.", comparison.n_used));
    }
    if comparison.n_used < 100 {
        found.push(format!(
            "{} draws are few: the ends of the intervals are rough.",
            comparison.n_used
        ));
    }
    found
}
