//! What a link measured: recomputed where the rows allow it, else as printed, else in words.

use crate::effects::{
    Contrast, Effect, EffectKind, EffectRow, How, Measure, PValue, Spread, Stat, contrasts,
};
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
    /// How it was come by; `None` where there is no variance.
    pub how: Option<How>,
    /// What the source says beside or instead: p, significance, arms without a spread.
    pub words: String,
    /// On the analysis scale, where there is a variance.
    pub effect: Option<Effect>,
    /// Said to be not significant, or with a p above 0.05.
    pub is_plain_null: bool,
    /// From memory.
    pub recalled: bool,
}

const LEVEL: f64 = 0.95;

/// What a link measured; `None` where it names no effect.
pub(super) fn measured(tables: &Tables, link: &LinkRow) -> Option<Measured> {
    let rows: Vec<&EffectRow> = link.effect_ids.iter().filter_map(|id| tables.effect(id)).collect();
    let first = *rows.first()?;
    let ids: Vec<&str> = link.effect_ids.iter().map(String::as_str).collect();
    let contrast = contrasts(tables, &ids).0.into_iter().next();
    let recalled = rows.iter().any(|row| row.seen == Seen::Recalled);
    let words = words(&rows);
    let is_plain_null = rows.iter().any(|row| is_plain_null(row));
    Some(match contrast {
        Some(contrast) => Measured { is_plain_null, ..computed(first, contrast, words, recalled) },
        None => {
            let printed = first.effect;
            Measured {
                ids: link.effect_ids.clone(),
                measure: printed.map_or("", |one| name(one.kind)),
                unit: shown_unit(first),
                estimate: printed.map(|one| one.estimate).or_else(|| apart(&rows)),
                interval: None,
                none: if printed.is_some_and(|one| is_ratio(one.kind)) { 1.0 } else { 0.0 },
                how: None,
                words,
                effect: None,
                is_plain_null,
                recalled,
            }
        }
    })
}

fn computed(first: &EffectRow, contrast: Contrast, words: String, recalled: bool) -> Measured {
    let Contrast { ids, effect, how, unit, .. } = contrast;
    let measure = effect.measure;
    let bounds = effect.interval(LEVEL).shown(measure);
    let printed = first.effect.filter(|_| how == How::PrintedInterval);
    // Printed bounds and estimate keep their digits.
    let interval = printed.and_then(|one| one.interval).unwrap_or((bounds.lo, bounds.hi));
    // A bound from p = 0.05 is zero but for rounding.
    let dust = 1e-12 * effect.shown().abs();
    let clean = |bound: f64| if bound.abs() <= dust { 0.0 } else { bound };
    let interval = (clean(interval.0), clean(interval.1));
    let has_unit = measure == Measure::MeanDifference && unit != "1";
    Measured {
        ids,
        measure: measure.name(),
        unit: if has_unit { unit } else { String::new() },
        estimate: Some(printed.map_or_else(|| effect.shown(), |one| one.estimate)),
        interval: Some(interval),
        none: measure.null(),
        how: Some(how),
        words,
        effect: Some(effect),
        is_plain_null: false,
        recalled,
    }
}

fn is_plain_null(row: &EffectRow) -> bool {
    match row.p {
        Some(PValue::NotSignificant) => true,
        Some(PValue::Is(p) | PValue::Above(p)) => p > 0.05,
        _ => false,
    }
}

fn is_ratio(kind: EffectKind) -> bool {
    matches!(kind, EffectKind::Rr | EffectKind::Hr | EffectKind::Or)
}

fn name(kind: EffectKind) -> &'static str {
    match kind {
        EffectKind::Md => Measure::MeanDifference.name(),
        EffectKind::Smd => Measure::Smd.name(),
        EffectKind::Rr => Measure::LogRiskRatio.name(),
        EffectKind::Hr => Measure::LogHazardRatio.name(),
        EffectKind::Or => Measure::LogOddsRatio.name(),
        EffectKind::Percent => "difference",
        EffectKind::Unsaid => "",
    }
}

fn shown_unit(row: &EffectRow) -> String {
    let named = row.effect.is_some_and(|one| is_ratio(one.kind) || one.kind == EffectKind::Smd);
    if named || row.unit == "1" { String::new() } else { row.unit.clone() }
}

fn end(row: &EffectRow) -> Option<Stat> {
    row.change.or(row.followup)
}

/// The difference of two arms without spreads.
fn apart(rows: &[&EffectRow]) -> Option<f64> {
    let [treated, control] = rows else { return None };
    Some(end(treated)?.mean - end(control)?.mean)
}

/// What the rows say that is no effect.
fn words(rows: &[&EffectRow]) -> String {
    let mut out: Vec<String> = Vec::new();
    for row in rows {
        let unit = if row.unit.is_empty() || row.unit == "1" {
            String::new()
        } else {
            format!(" {}", row.unit)
        };
        let arm = if row.arm.is_empty() { String::new() } else { format!("{}: ", row.arm) };
        if let (Some(stat), None) = (end(row), row.effect) {
            let spread = match stat.spread {
                Some(Spread::Sd(sd)) => format!(" (sd {sd})"),
                Some(Spread::Sem(sem)) => format!(" (sem {sem})"),
                None => String::new(),
            };
            let from = match (row.change, row.baseline) {
                (None, Some(before)) => format!("from {} to ", before.mean),
                (Some(_), _) => "change ".to_owned(),
                _ => String::new(),
            };
            out.push(format!("{arm}{from}{}{unit}{spread}", stat.mean));
        }
        if let Some((events, of)) = row.events {
            out.push(format!("{arm}{events} of {of}"));
        }
        match row.p {
            Some(PValue::Is(p)) => out.push(format!("p = {p}")),
            Some(PValue::Below(p)) => out.push(format!("p < {p}")),
            Some(PValue::Above(p)) => out.push(format!("p > {p}")),
            Some(PValue::NotSignificant) => out.push("not significant".to_owned()),
            Some(PValue::Words) | None => {}
        }
    }
    out.dedup();
    out.join("; ")
}
