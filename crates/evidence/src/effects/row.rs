//! Rows of `effects.csv`: one arm or contrast of a study, as printed.

use crate::Seen;
use crate::printed::number;
use crate::sheet::Sheet;

/// One row of `effects.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct EffectRow {
    /// Key, such as `mgt.liu2016.01`.
    pub id: String,
    /// Study.
    pub study_key: String,
    /// Part of the subject.
    pub section: String,
    /// What was measured.
    pub outcome: String,
    /// Unit of every number but counts, or the name of a ratio.
    pub unit: String,
    /// The arm, or both: `MgT vs placebo`.
    pub arm: String,
    /// Number and what it counts.
    pub n: Option<(u32, Scope)>,
    /// Treated, of a contrast.
    pub n_arm: Option<u32>,
    /// Controls, of a contrast.
    pub n_control: Option<u32>,
    /// At the start.
    pub baseline: Option<Stat>,
    /// At the end.
    pub followup: Option<Stat>,
    /// Lowest and highest mean of several studies at the end.
    pub followup_range: Option<(f64, f64)>,
    /// Of the control arm, at the end.
    pub control: Option<Stat>,
    /// Events and people (or studies).
    pub events: Option<(u32, u32)>,
    /// End minus start within the arm.
    pub change: Option<Stat>,
    /// 95 % interval of the change.
    pub change_interval: Option<(f64, f64)>,
    /// Printed difference or ratio of the arms.
    pub effect: Option<Printed95>,
    /// Printed p.
    pub p: Option<PValue>,
    /// Which way the effect goes, treated minus control, where words say so.
    pub direction: Direction,
    /// Which way is better for the person.
    pub better: Better,
    /// How it reached the table.
    pub seen: Seen,
    /// Address.
    pub url: String,
    /// Everything else.
    pub note: String,
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// This arm.
    Arm,
    /// Both arms.
    Total,
    /// Studies.
    Studies,
}

/// A mean with its spread.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stat {
    /// Mean.
    pub mean: f64,
    /// Spread, if printed.
    pub spread: Option<Spread>,
}

/// What a printed ± is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Spread {
    /// Standard deviation between people.
    Sd(f64),
    /// Standard error of the mean.
    Sem(f64),
}

/// What a printed effect is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EffectKind {
    /// Difference of means.
    Md,
    /// Standardized difference.
    Smd,
    /// Risk ratio.
    Rr,
    /// Hazard ratio: `rr` with the unit `hazard ratio`.
    Hr,
    /// Odds ratio.
    Or,
    /// Difference in percent.
    Percent,
    /// Not said.
    Unsaid,
}

/// A printed effect with whatever stands beside it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Printed95 {
    /// What it is.
    pub kind: EffectKind,
    /// Number.
    pub estimate: f64,
    /// 95 % interval.
    pub interval: Option<(f64, f64)>,
    /// Standard error.
    pub se: Option<f64>,
}

/// A printed p.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PValue {
    /// `p = x`.
    Is(f64),
    /// `p < x` or `p <= x`.
    Below(f64),
    /// `p > x`.
    Above(f64),
    /// Said to be not significant.
    NotSignificant,
    /// Words.
    Words,
}

/// Which way an effect goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Higher under treatment.
    Up,
    /// Lower under treatment.
    Down,
    /// The same.
    None,
    /// Not said.
    Unsaid,
}

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// High values.
    Higher,
    /// Low values.
    Lower,
    /// Neither, or it depends: concentrations, uptake.
    Neither,
}

pub(crate) fn read_effects(sheet: &Sheet<'_>) -> Vec<EffectRow> {
    const NAMES: [&str; 38] = [
        "id",
        "study_key",
        "seed_section",
        "outcome",
        "unit",
        "arm",
        "n",
        "n_scope",
        "n_arm",
        "n_control",
        "baseline_mean",
        "baseline_sd",
        "followup_mean",
        "followup_sd",
        "followup_lo",
        "followup_hi",
        "control_mean",
        "control_sd",
        "spread_kind",
        "events",
        "events_of",
        "change_mean",
        "change_sd",
        "change_lo",
        "change_hi",
        "between_arm_effect",
        "effect_kind",
        "effect_se",
        "ci_low",
        "ci_high",
        "p_relation",
        "p_value",
        "direction",
        "better",
        "seen",
        "url",
        "note",
        "published",
    ];
    sheet.records(NAMES).filter_map(|cells| row(&|name| cell(&NAMES, &cells, name))).collect()
}

fn cell<'a>(names: &[&str; 38], cells: &[&'a str; 38], name: &str) -> &'a str {
    names.iter().position(|other| *other == name).map_or("", |at| cells[at])
}

fn row<'a>(of: &dyn Fn(&str) -> &'a str) -> Option<EffectRow> {
    let text = |name: &str| of(name).to_owned();
    let value = |name: &str| number(of(name));
    let count = |name: &str| of(name).parse::<u32>().ok();
    let sem = of("spread_kind") == "sem";
    let spread = |x: f64| if sem { Spread::Sem(x) } else { Spread::Sd(x) };
    let stat =
        |mean: &str, sd: &str| value(mean).map(|mean| Stat { mean, spread: value(sd).map(spread) });
    let pair = |lo: &str, hi: &str| value(lo).zip(value(hi));
    let scope = match of("n_scope") {
        "total" => Scope::Total,
        "studies" => Scope::Studies,
        _ => Scope::Arm,
    };
    let kind = match (of("effect_kind"), of("unit")) {
        ("md", _) => EffectKind::Md,
        ("smd", _) => EffectKind::Smd,
        ("rr", "hazard ratio") => EffectKind::Hr,
        ("rr", _) => EffectKind::Rr,
        ("or", _) => EffectKind::Or,
        ("percent", _) => EffectKind::Percent,
        _ => EffectKind::Unsaid,
    };
    let effect = value("between_arm_effect").map(|estimate| Printed95 {
        kind,
        estimate,
        interval: pair("ci_low", "ci_high"),
        se: value("effect_se"),
    });
    let p = match (of("p_relation"), value("p_value")) {
        ("=", Some(p)) => Some(PValue::Is(p)),
        ("<" | "<=", Some(p)) => Some(PValue::Below(p)),
        (">", Some(p)) => Some(PValue::Above(p)),
        ("ns", _) => Some(PValue::NotSignificant),
        ("text", _) => Some(PValue::Words),
        _ => None,
    };
    Some(EffectRow {
        id: text("id"),
        study_key: text("study_key"),
        section: text("seed_section"),
        outcome: text("outcome"),
        unit: text("unit"),
        arm: text("arm"),
        n: count("n").map(|n| (n, scope)),
        n_arm: count("n_arm"),
        n_control: count("n_control"),
        baseline: stat("baseline_mean", "baseline_sd"),
        followup: stat("followup_mean", "followup_sd"),
        followup_range: pair("followup_lo", "followup_hi"),
        control: stat("control_mean", "control_sd"),
        events: count("events").zip(count("events_of")),
        change: stat("change_mean", "change_sd"),
        change_interval: pair("change_lo", "change_hi"),
        effect,
        p,
        direction: match of("direction") {
            "up" => Direction::Up,
            "down" => Direction::Down,
            "none" => Direction::None,
            _ => Direction::Unsaid,
        },
        better: match of("better") {
            "higher" => Better::Higher,
            "lower" => Better::Lower,
            _ => Better::Neither,
        },
        seen: Seen::parse(of("seen"))?,
        url: text("url"),
        note: text("note"),
    })
}

impl EffectRow {
    /// Whether the row holds no number from which an effect could be computed, even with others.
    pub fn is_words(&self) -> bool {
        let stats = [self.baseline, self.followup, self.control, self.change];
        stats.iter().all(Option::is_none)
            && self.followup_range.is_none()
            && self.events.is_none()
            && self.effect.is_none()
            && !matches!(self.p, Some(PValue::Is(_) | PValue::Below(_)))
    }
}
