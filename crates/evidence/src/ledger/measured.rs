//! What a link measured: recomputed from arms where they are given, else as printed.

use crate::effects::Reported;
use crate::effects::{
    Arm, Counts, Effect, Measure, ZeroRule, log_ratio_from_interval, log_risk_ratio,
    mean_difference, mean_difference_from, mean_difference_from_interval, smd_from_d,
    smd_from_interval,
};
use crate::printed::number;
use crate::{LinkRow, Seen, Tables};

/// An effect of one study, on the scale that readers expect.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Rows of `effects.csv` it comes from; of two arms the treated one stands first.
    pub ids: Vec<String>,
    /// What it measures, such as `mean difference`; empty where only words are known.
    pub measure: &'static str,
    /// Unit; empty for ratios and standardized differences.
    pub unit: String,
    /// Estimate.
    pub estimate: Option<f64>,
    /// 95 % interval.
    pub interval: Option<(f64, f64)>,
    /// Value of no effect.
    pub none: f64,
    /// How it was come by.
    pub how: How,
    /// What the source says beside or instead: p, significance, arms without a spread.
    pub words: String,
    /// On the analysis scale, where there is a variance.
    pub effect: Option<Effect>,
    /// From memory.
    pub recalled: bool,
}

/// How an effect was come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Computed here from means, spreads and numbers, or from counts, of two arms.
    FromArms,
    /// Computed here from a printed standardized difference and the numbers of the arms.
    FromD,
    /// Computed here from a difference and its p.
    FromP,
    /// As printed by the source, interval included.
    Printed,
    /// Only an estimate or words.
    Words,
}

impl How {
    /// The words for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::FromArms => "recomputed from the arms",
            Self::FromD => "computed from the printed d and the arms' numbers",
            Self::FromP => "interval computed from p",
            Self::Printed => "as printed",
            Self::Words => "no interval",
        }
    }
}

const LEVEL: f64 = 0.95;

/// The cells of a row that an effect is made of.
struct Row {
    id: String,
    unit: String,
    arm: String,
    kind: String,
    n: Option<u32>,
    is_arm: bool,
    arms: Option<(u32, u32)>,
    /// Mean and spread of the change, else of the follow-up.
    level: Option<(f64, Option<f64>)>,
    before: Option<f64>,
    events: Option<(u32, u32)>,
    between: Option<f64>,
    ci: Option<(f64, f64)>,
    p: Option<(String, Option<f64>)>,
    recalled: bool,
}

/// What a link measured; `None` where it names no effect.
pub(super) fn measured(tables: &Tables, link: &LinkRow) -> Option<Measured> {
    let rows: Vec<Row> = link.effect_ids.iter().filter_map(|id| read(tables, id)).collect();
    let first = rows.first()?;
    let (effect, how) = effect(&rows).unzip();
    let effect: Option<Effect> = effect;
    let how = how.unwrap_or(How::Words);
    let measure = effect.map(|one| one.measure).or_else(|| measure_of(first));
    let has_unit = !matches!(measure, Some(one) if one.is_log() || one == Measure::Smd);
    let interval = match (how, first.ci) {
        // The printed bounds keep their digits.
        (How::Printed, Some(ci)) => Some(ci),
        _ => effect.map(|one| {
            let bounds = one.interval(LEVEL).shown(one.measure);
            (bounds.lo, bounds.hi)
        }),
    };
    let estimate = match (how, first.between) {
        (How::FromArms | How::FromD, _) | (_, None) => {
            effect.map(|one| one.shown()).or_else(|| apart(&rows))
        }
        (_, between) => between,
    };
    Some(Measured {
        ids: rows.iter().map(|row| row.id.clone()).collect(),
        measure: measure.map_or("", Measure::name),
        unit: if has_unit { first.unit.clone() } else { String::new() },
        estimate,
        interval,
        none: measure.map_or(0.0, Measure::null),
        how,
        words: words(&rows),
        effect,
        recalled: rows.iter().any(|row| row.recalled),
    })
}

fn measure_of(row: &Row) -> Option<Measure> {
    let hazard = row.unit == "hazard ratio";
    Some(match row.kind.as_str() {
        "md" => Measure::MeanDifference,
        "smd" => Measure::Smd,
        "rr" if hazard => Measure::LogHazardRatio,
        "rr" => Measure::LogRiskRatio,
        "or" => Measure::LogOddsRatio,
        _ => return None,
    })
}

/// The effect with its variance, and where it comes from.
fn effect(rows: &[Row]) -> Option<(Effect, How)> {
    let first = rows.first()?;
    if let [treated, control] = rows {
        return from_arms(treated, control).map(|effect| (effect, How::FromArms));
    }
    let (between, measure) = (first.between?, measure_of(first)?);
    if let (Measure::Smd, Some((n1, n2))) = (measure, first.arms) {
        return smd_from_d(between, n1, n2).ok().map(|effect| (effect, How::FromD));
    }
    if let Some((lo, hi)) = first.ci {
        let effect = match measure {
            Measure::MeanDifference => mean_difference_from_interval(between, lo, hi, LEVEL),
            Measure::Smd => smd_from_interval(between, lo, hi, LEVEL),
            ratio => log_ratio_from_interval(ratio, between, lo, hi, LEVEL),
        };
        return effect.ok().map(|effect| (effect, How::Printed));
    }
    let exact = first.p.as_ref().filter(|(relation, _)| relation == "=").and_then(|(_, p)| *p)?;
    let df = first.arms.map_or(first.n, |(a, b)| Some(a + b)).filter(|n| *n > 2)?;
    if measure != Measure::MeanDifference {
        return None;
    }
    let df = f64::from(df - 2);
    let effect = mean_difference_from(between, Reported::P(exact), df).ok()?;
    Some((effect, How::FromP))
}

fn from_arms(treated: &Row, control: &Row) -> Option<Effect> {
    if let (Some((a, n1)), Some((b, n2))) = (treated.events, control.events) {
        let counts = |events, n| Counts { events, n };
        return log_risk_ratio(counts(a, n1), counts(b, n2), ZeroRule::default()).ok();
    }
    let arm = |row: &Row| {
        let (mean, sd) = row.level?;
        Some(Arm { n: row.n.filter(|_| row.is_arm)?, mean, sd: sd? })
    };
    mean_difference(&arm(treated)?, &arm(control)?).ok()
}

/// The difference of two arms without spreads.
fn apart(rows: &[Row]) -> Option<f64> {
    let [treated, control] = rows else { return rows.first()?.between };
    Some(treated.level?.0 - control.level?.0)
}

/// What the row says that is no effect.
fn words(rows: &[Row]) -> String {
    let mut out = Vec::new();
    for row in rows {
        let unit = if row.unit.is_empty() { String::new() } else { format!(" {}", row.unit) };
        if let (Some((level, sd)), None) = (row.level, row.between) {
            let sd = sd.map_or(String::new(), |sd| format!(" (sd {sd})"));
            let from = row.before.map_or(String::new(), |one| format!("from {one} to "));
            let arm = if row.arm.is_empty() { String::new() } else { format!("{}: ", row.arm) };
            out.push(format!("{arm}{from}{level}{unit}{sd}"));
        }
        if let Some((events, of)) = row.events {
            out.push(format!("{}: {events} of {of}", row.arm));
        }
        match &row.p {
            Some((relation, Some(p))) => out.push(format!("p {relation} {p}")),
            Some((relation, None)) if relation == "ns" => out.push("not significant".to_owned()),
            _ => {}
        }
    }
    out.dedup();
    out.join("; ")
}

fn read(tables: &Tables, id: &str) -> Option<Row> {
    let names = [
        "id",
        "unit",
        "arm",
        "effect_kind",
        "n",
        "n_scope",
        "n_arm",
        "n_control",
        "change_mean",
        "change_sd",
        "followup_mean",
        "followup_sd",
        "baseline_mean",
        "events",
        "events_of",
        "between_arm_effect",
        "ci_low",
        "ci_high",
        "p_relation",
        "p_value",
        "seen",
    ];
    let sheet = tables.sheet("effects.csv");
    let cells = sheet.records(names).find(|cells| cells[0] == id)?;
    let [id, unit, arm, kind, n, scope, n_arm, n_control, ..] = cells;
    let [.., lo, hi, relation, p, seen] = cells;
    let at = |name: &str| {
        let index = names.iter().position(|one| *one == name).unwrap_or(0);
        number(cells[index])
    };
    let count = |text: &str| text.parse::<u32>().ok();
    let level = at("change_mean")
        .map(|mean| (mean, at("change_sd"), None))
        .or_else(|| at("followup_mean").map(|mean| (mean, at("followup_sd"), at("baseline_mean"))));
    Some(Row {
        id: id.to_owned(),
        unit: if unit == "1" { String::new() } else { unit.to_owned() },
        arm: arm.to_owned(),
        kind: kind.to_owned(),
        n: count(n),
        is_arm: scope == "arm",
        arms: count(n_arm).zip(count(n_control)),
        level: level.map(|(mean, sd, _)| (mean, sd)),
        before: level.and_then(|(.., before)| before),
        events: at("events").zip(at("events_of")).map(|(a, b)| (a as u32, b as u32)),
        between: at("between_arm_effect"),
        ci: number(lo).zip(number(hi)),
        p: (!relation.is_empty()).then(|| (relation.to_owned(), number(p))),
        recalled: seen == Seen::Recalled.name(),
    })
}
