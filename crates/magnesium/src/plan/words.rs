//! The plan in sentences, each with its source: what the terminal and the page both show.

use epsom_evidence::GateGrade;
use epsom_population::Interval;

use super::albumin::AtUsualAlbumin;
use super::conditions::KIDNEY_DISEASE;
use super::day::Found;
use super::intake::{Intake, Status};
use super::interactions::Interaction;
use super::measured::serum_units;
use super::predict::{COHORT_LEVELS_MG_PER_DL, IntakeUpdate, LEVELS_MMOL_PER_L, Prediction};
use super::report::{Plan, Taken};
use super::stool::Stool;
use super::{Band, Sex};

/// The line that stands under every plan.
pub const STANDING: &str = "Research and education, not medical advice.";

/// Heading of what is predicted for serum.
pub const SERUM: &str = "Serum";
/// Heading of the signs of too much.
pub const SIGNS: &str = "Signs of too much, by total serum";
/// Heading of the medicines.
pub const MEDICINES: &str = "Medicines and supplements";

/// Sentences under a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Heading.
    pub heading: &'static str,
    /// One sentence or line each.
    pub lines: Vec<String>,
}

/// The plan, most important first; empty sections are left out.
pub fn sections(plan: &Plan) -> Vec<Section> {
    let all = [
        ("Gates", gates(plan)),
        (SERUM, serum(plan)),
        ("Beside cohorts on magnesium oxide", cohorts(plan)),
        (SIGNS, plan.bands.iter().map(|one| band(one, plan)).collect()),
        ("Intake on the fullest day", plan.intakes.iter().map(intake).collect()),
        ("Gut", stool(&plan.stool)),
        (MEDICINES, medicines(plan)),
        ("A day that keeps the separations", day(&plan.day)),
        ("What is known of the goal", plan.goal.clone()),
        ("Missing facts", plan.missing.clone()),
        ("Beyond what the model was held against", plan.extrapolates.clone()),
    ];
    all.into_iter()
        .filter(|(_, lines)| !lines.is_empty())
        .map(|(heading, lines)| Section { heading, lines })
        .collect()
}

/// Who it is.
pub fn who(plan: &Plan) -> String {
    let person = &plan.person;
    let sex = person.sex.map(|sex| if sex == Sex::Female { "female" } else { "male" });
    let facts = [
        person.age_year.map(age),
        sex.map(str::to_string),
        person.pregnant.then(|| "pregnant".to_string()),
        person.lactating.then(|| "lactating".to_string()),
        person.weight_kg.map(|weight| format!("{weight:.0} kg")),
        plan.kidney
            .filtration
            .map(|one| format!("filtration {:.0} mL/min ({})", one.ml_per_min, plan.kidney.how)),
        person.diet_mg_per_day.map(|diet| format!("{diet:.0} mg a day in food")),
        person.food_pattern.map(|one| format!("food: {}", one.name)),
    ];
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    if facts.is_empty() { "A person of whom nothing is said".to_string() } else { facts.join(", ") }
}

/// `54 years`, `6 months`.
fn age(year: f64) -> String {
    let month = (12.0 * year).floor();
    if month < 24.0 { format!("{month:.0} months") } else { format!("{:.0} years", year.floor()) }
}

/// What is taken, a line per phase.
pub fn regimen(plan: &Plan) -> Vec<String> {
    let line = |one: &Taken| {
        let salt = if one.salt.is_empty() { String::new() } else { format!(", {}", one.salt) };
        format!(
            "{}: {:.0} mg of magnesium a day{salt}, days {} to {}",
            one.text, one.elemental_mg_per_day, one.days.0, one.days.1
        )
    };
    plan.taken.iter().map(line).collect()
}

fn gates(plan: &Plan) -> Vec<String> {
    let line = |gate: &super::Gate| {
        let grade = if gate.grade == GateGrade::Stop { "HARD GATE" } else { "Caution" };
        let monitor = match gate.monitor.as_str() {
            "" => String::new(),
            what => format!(" What would be monitored: {what}."),
        };
        let assumed = if gate.assumed { ", assumed" } else { "" };
        format!("{grade}: {}{monitor} [{}{assumed}]", gate.text, gate.source)
    };
    let unknown = plan.person.unknown_conditions.iter().map(|one| {
        let near =
            one.did_you_mean.map_or_else(String::new, |name| format!("; did you mean \"{name}\"?"));
        format!(
            "{}: NOT CHECKED: no gate knows this condition, which is not \"no gate\"{near} [gates.csv]",
            one.name
        )
    });
    let mut lines: Vec<String> = unknown.collect();
    if plan.person.conditions.contains(&KIDNEY_DISEASE) && plan.kidney.filtration.is_none() {
        lines.push(
            "Kidney disease without a filtration or a stage: the gates at 30 and 60 mL/min were NOT \
             CHECKED, which is not \"no gate\". [gates.csv]"
                .to_string(),
        );
    }
    if plan.gates.is_empty() {
        lines.push(
            "No gate is open by the facts given; facts that are missing could open one. [gates.csv]"
                .to_string(),
        );
    }
    lines.extend(plan.gates.iter().map(line));
    lines
}

/// `0.89 (0.77 to 1.02)`.
fn with_range(one: Interval, decimals: usize) -> String {
    let Interval { median, lo, hi } = one;
    format!("{median:.decimals$} ({lo:.decimals$} to {hi:.decimals$})")
}

fn serum(plan: &Plan) -> Vec<String> {
    let Some(found) = &plan.prediction else {
        let why = format!("Nothing is predicted. {} [model magnesium]", plan.not_predicted);
        return std::iter::once(why).chain(albumin(plan)).collect();
    };
    let mut lines = vec![
        format!(
            "On day {} serum is predicted at {}, median and middle 95 %; without a dose {} mmol/L. [model magnesium]",
            found.n_days,
            in_units(found.serum_mmol_per_l),
            with_range(found.before_mmol_per_l, 2)
        ),
        format!(
            "Rise {} mmol/L, absorbed {} mmol a day, urine {} mmol a day more than {}. [model magnesium]",
            with_range(found.rise_mmol_per_l, 3),
            with_range(found.absorbed_mmol_per_day, 2),
            with_range(found.urine_mmol_per_day, 2),
            with_range(found.urine_before_mmol_per_day, 1)
        ),
        format!(
            "Nine tenths of the rise are reached by day {}. [model magnesium]",
            with_range(found.plateau_day, 0)
        ),
        format!("Probability of a peak above {}. [model magnesium]", probabilities(found)),
    ];
    let percent = 100.0 * found.rise_mmol_per_l.median / found.before_mmol_per_l.median;
    let limit = found.set_point.detectable_percent;
    if percent < limit {
        lines.push(format!(
            "The median rise of {percent:.1} % is smaller than what one repeat test can detect (about {limit:.0} %). [EPS113]"
        ));
    }
    lines.extend(set_point(found, plan));
    lines.extend(albumin(plan));
    lines.extend(found.intake.as_ref().map(intake_update));
    if found.n_failed > 0 {
        let all = found.n_used + found.n_failed;
        lines.push(format!(
            "Left out: {} of {all} draws, which could not be solved. [model magnesium]",
            found.n_failed
        ));
    }
    lines
}

/// A serum interval in the three units.
fn in_units(one: Interval) -> String {
    let shown = serum_units().map(|(unit, factor)| {
        let own =
            Interval { median: one.median / factor, lo: one.lo / factor, hi: one.hi / factor };
        format!("{} {unit}", with_range(own, 2))
    });
    shown.join(" = ")
}

/// `1.05 mmol/L: 3 %, ...`; the smallest that the draws can show reads as less than that.
fn probabilities(found: &Prediction) -> String {
    let least = 2.0 / f64::from(found.n_used + 2);
    let word = |p: f64| {
        if p < least {
            format!("less than {:.1} % of draws", 100.0 * least)
        } else if p > 1.0 - least {
            format!("more than {:.1} % of draws", 100.0 * (1.0 - least))
        } else {
            format!("{:.1} %", 100.0 * p)
        }
    };
    let each = LEVELS_MMOL_PER_L.iter().zip(found.probability_above);
    let each: Vec<String> =
        each.map(|(level, p)| format!("{level:.2} mmol/L: {}", word(p))).collect();
    each.join(", ")
}

fn set_point(prediction: &Prediction, plan: &Plan) -> Vec<String> {
    let found = &prediction.set_point;
    let mut lines: Vec<String> = found.flags.iter().map(|flag| format!("{flag} [{EPS}]")).collect();
    for (one, offset) in plan.person.serum.iter().zip(&found.offsets) {
        // What rounds to nothing is not worth a line.
        if offset.abs() >= 0.0005 {
            let when = one.day.map_or_else(String::new, |day| format!(" on day {day}"));
            let clock = one.clock_h.map_or_else(String::new, |hour| format!(" at {}", clock(hour)));
            let fasting = if one.fasting { ", fasting" } else { "" };
            lines.push(format!(
                "{:.2} mmol/L{when}{clock}{fasting}: meals and doses put the typical person {:.3} \
                 mmol/L {} the mean of a day without a dose at this time, which is taken off. \
                 [model magnesium]",
                one.mmol_per_l,
                offset.abs(),
                if *offset > 0.0 { "above" } else { "below" }
            ));
        }
    }
    let ((lo, hi), row) = (prediction.usual_mmol_per_l, prediction.usual_row);
    for one in plan.person.serum.iter().filter(|one| !(lo..=hi).contains(&one.mmol_per_l)) {
        let side = if one.mmol_per_l < lo { "below" } else { "above" };
        lines.push(format!(
            "{:.2} mmol/L lies {side} the interval of healthy people, {lo:.2} to {hi:.2} mmol/L. [{row}]",
            one.mmol_per_l
        ));
    }
    let Some(measured) = found.measured.filter(|_| found.fitted) else { return lines };
    let n = match plan.person.serum.len() {
        1 => "one value teaches".to_string(),
        n => format!("{n} values teach"),
    };
    lines.push(format!(
        "Measured {measured:.2} mmol/L; expected without it {:.2} (sd {:.2}), most probable with it \
         {:.2} (sd {:.2}), a change of {:+.2}: {n} little, as a repeat differs by about {:.0} % by \
         chance. [{EPS}]",
        found.prior.mean, found.prior.sd, found.posterior.mean, found.posterior.sd,
        found.posterior.mean - found.prior.mean, found.detectable_percent
    ));
    lines
}

fn albumin(plan: &Plan) -> Vec<String> {
    let albumin = plan.person.albumin_g_per_l.unwrap_or(f64::NAN);
    let line = |one: &AtUsualAlbumin| {
        format!(
            "{:.2} mmol/L at an albumin of {albumin:.0} g/L would be {:.2} at {:.0} g/L by a published \
             slope, on which there is no agreement; it stands beside, and no number here uses it. \
             [kroll1985, plan.albumin.slope]",
            one.measured_mmol_per_l, one.adjusted_mmol_per_l, one.usual_g_per_l
        )
    };
    plan.at_usual_albumin.iter().map(line).collect()
}

/// Rows of test error and smallest detectable change.
const EPS: &str = "EPS026, EPS113";

fn intake_update(one: &IntakeUpdate) -> String {
    let head = format!(
        "Urine of {:.1} mmol a day; expected {:.1}.",
        one.measured_mmol_per_day, one.expected_mmol_per_day
    );
    if !one.fitted {
        return format!("{head} {} [plan.urine_cv, assumed]", one.flag);
    }
    format!(
        "{head} Magnesium in food most probable with it {:.0} ({:.0} to {:.0}) mg a day; one \
         collection teaches little. [plan.urine_cv, assumed]",
        one.diet_mg_per_day, one.range_mg_per_day.0, one.range_mg_per_day.1
    )
}

fn cohorts(plan: &Plan) -> Vec<String> {
    let mut lines: Vec<String> = (plan.cohorts.iter())
        .map(|one| {
            let note = if one.note.is_empty() { String::new() } else { format!(" ({})", one.note) };
            if one.is_odds_ratio {
                let level = COHORT_LEVELS_MG_PER_DL[0];
                return format!(
                    "Published: {} {} for serum at or above {level} mg/dL; {}{note}. [{}]",
                    one.what, one.value, one.who, one.source
                );
            }
            format!(
                "Published: {} {} % of {}{note}. [{}]",
                one.what, one.value, one.who, one.source
            )
        })
        .collect();
    let Some(found) = &plan.prediction else { return lines };
    if lines.is_empty() {
        return lines;
    }
    let of = COHORT_LEVELS_MG_PER_DL.iter().zip(found.mean_at_or_above);
    let own: Vec<String> =
        of.map(|(level, p)| format!("{level} mg/dL {:.0} %", 100.0 * p)).collect();
    lines.push(format!("Model, this person: at or above {}. [model magnesium]", own.join(", ")));
    if let Some(odds) = &plan.odds {
        lines.push(format!(
            "Model: odds ratio {:.1} at {} mg/dL, for this filtration against {:.0} mL/min in the same \
             person ({:.0} % against {:.0} %; {} draws, so that shares near 0 or 1 are no more than bounds). [model magnesium]",
            odds.ratio, odds.level_mg_per_dl, odds.healthy_ml_per_min, 100.0 * odds.shares[0],
            100.0 * odds.shares[1], odds.n_draws
        ));
    }
    lines.push(
        format!(
            "The two differ: cohorts hold people who were ill, tested for a reason, on oxide for long and \
         with slow bowels, and an odds ratio by a cut-off is not the effect of one filtration. Where \
         the published share is higher, the prediction is no reassurance. [model magnesium, {}]"
            ,
            cohort_sources(plan)
        ),
    );
    lines
}

/// Sources of the cohorts shown, each once.
fn cohort_sources(plan: &Plan) -> String {
    let mut keys: Vec<&str> = plan.cohorts.iter().map(|one| one.source.as_str()).collect();
    keys.dedup();
    keys.join(", ")
}

fn band(one: &Band, plan: &Plan) -> String {
    let mark = |level: &super::BandLevel| match (level.doubted, level.recalled) {
        (true, _) => ", whose unit is doubted",
        (false, true) => ", recalled",
        _ => "",
    };
    let (low, high) = (&one.lowest, &one.highest);
    let other = if low.mmol_per_l < high.mmol_per_l {
        format!(
            "; another table begins at {} [{}{}], and the lower one warns",
            high.mmol_per_l,
            high.source,
            mark(high)
        )
    } else {
        String::new()
    };
    let reaches = |found: &Prediction| found.peak_mmol_per_l.hi >= low.mmol_per_l;
    let reached = match plan.prediction.as_ref().is_some_and(reaches) {
        true => " The upper end of the predicted peak reaches it.",
        false => "",
    };
    format!(
        "{}: from {} mmol/L [{}{}]{other}; up to {} are printed.{reached}",
        one.name,
        low.mmol_per_l,
        low.source,
        mark(low),
        one.to_mmol_per_l
    )
}

fn intake(one: &Intake) -> String {
    let own = match (one.own, one.at_least) {
        (Some(own), _) => format!("{own:.0} mg"),
        (None, Some(most)) => format!("at least {most:.0} mg, as food is not known"),
        (None, None) => "not known".to_string(),
    };
    let (limit, status) = match one.limit {
        Some(limit) => (format!("{limit:.0} mg"), format!(" ({})", one.status.word())),
        None => ("no limit known, which is not \"no limit\"".to_string(), String::new()),
    };
    let status = if one.status == Status::NotKnown { String::new() } else { status };
    format!("{}: {limit}; this day {own}{status}. [{}]", one.name, one.source)
}

fn stool(one: &Stool) -> Vec<String> {
    let side =
        if one.elemental_mg_per_day < one.lowest_with_effect_mg { "below" } else { "at or above" };
    let mut lines = vec![format!(
        "{:.0} mg a day is {side} the lowest supplement with mild diarrhea in a small share of people \
         ({:.0} mg). [PK136]",
        one.elemental_mg_per_day, one.lowest_with_effect_mg
    )];
    let trials = match one.n_trials {
        1 => "one trial".to_string(),
        n => format!("{n} trials"),
    };
    lines.push(match one.trials_percent {
        None => "No trial near this amount is held: the share with diarrhea is not known. [series/laxative_dose_response]".to_string(),
        Some((_, hi)) if hi <= 0.0 => format!(
            "In {trials} at half to twice this amount no case of diarrhea was reported, which is no \
             absence of risk. [series/laxative_dose_response]"
        ),
        Some((lo, hi)) => format!(
            "In {trials} at half to twice this amount {lo:.0} to {hi:.0} % had diarrhea or gut symptoms; \
             larger amounts had no larger shares, and a trial without a case is no absence of risk. \
             [series/laxative_dose_response]"
        ),
    });
    if let Some(added) = one.added_g_per_day {
        lines.push(format!(
            "What stays in the gut could add {} g of stool a day, if all of it dissolved. [PK228]",
            with_range(added, 0)
        ));
    }
    lines
}

fn medicines(plan: &Plan) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for one in &plan.not_checked {
        let near = one
            .did_you_mean
            .as_ref()
            .map_or_else(String::new, |name| format!("; did you mean \"{name}\"?"));
        lines.push(format!("{}: {}{near} [interactions.csv]", one.name, one.text));
    }
    lines.extend(plan.interactions.iter().map(interaction));
    lines
}

fn interaction(one: &Interaction) -> String {
    let part = |text: &str| if text.is_empty() { String::new() } else { format!("; {text}") };
    // Brackets within brackets are hard to read.
    let agent = match (one.agent == one.medicine, one.agent.contains('(')) {
        (true, _) => String::new(),
        (false, false) => format!(" ({})", one.agent),
        (false, true) => format!(", under \"{}\"", one.agent),
    };
    let recalled = if one.recalled { ", recalled: does not clear anything" } else { "" };
    format!(
        "{}{agent}: {}{}{}; severity {}{}. [{}{recalled}]",
        one.medicine,
        one.direction,
        part(&one.mechanism),
        part(&one.effect),
        one.severity,
        part(&separation(one)),
        one.source
    )
}

fn separation(one: &Interaction) -> String {
    let hours = one.separation;
    if hours.never {
        return "no separation is known to be enough".to_string();
    }
    match (hours.drug_before_h, hours.drug_after_h) {
        (Some(before), Some(after)) => {
            format!("kept apart: at least {before} h before magnesium or {after} h after it")
        }
        (Some(before), None) => format!(
            "kept apart: at least {before} h before magnesium; hours after it are not printed"
        ),
        (None, Some(after)) => format!(
            "kept apart: at least {after} h after magnesium; hours before it are not printed"
        ),
        (None, None) => "no separation is printed".to_string(),
    }
}

fn day(found: &Found) -> Vec<String> {
    match found {
        Found::NothingAsked => Vec::new(),
        Found::Impossible { why } => {
            let mut lines =
                vec!["There is no day that keeps every separation. [interactions.csv]".to_string()];
            lines.extend(why.iter().map(|line| format!("{line}. [interactions.csv]")));
            lines
        }
        Found::Kept(day) => {
            let of = |hours: &[f64]| {
                hours.iter().map(|&hour| clock(hour)).collect::<Vec<_>>().join(" and ")
            };
            let moved = if day.as_in_regimen {
                "as in the regimen"
            } else {
                "moved from the regimen's hours"
            };
            let mut lines = vec![format!(
                "Magnesium at {} ({moved}). [interactions.csv]",
                of(&day.magnesium_h)
            )];
            lines.extend(
                day.medicines
                    .iter()
                    .map(|(name, hours)| format!("{name} at {}. [interactions.csv]", of(hours))),
            );
            lines.push(
                "Separations between the medicines themselves, and from food, are not part of this. [interactions.csv]".to_string(),
            );
            lines
        }
    }
}

/// `7:30`.
pub fn clock(hours: f64) -> String {
    let minutes = (hours * 60.0).round() as u64;
    format!("{}:{:02}", minutes / 60, minutes % 60)
}
