//! Effects of treated against control, from rows as printed.

use epsom_maths::ln;

use super::row::{Better, Direction, EffectKind, EffectRow, PValue, Scope, Spread, Stat};
use super::{
    Arm, Counts, Effect, EffectError, Measure, Reported, ZeroRule, log_ratio_from_interval,
    log_risk_ratio, mean_difference, mean_difference_from, sd_from_interval, sd_from_sem,
    se_from_p, smd_from_d, smd_from_interval, smd_from_p,
};
use crate::Tables;

/// How an effect came out of the rows, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// Events of both arms.
    Events,
    /// Means and deviations of both arms.
    ArmMeans,
    /// Changes of both arms.
    ArmChanges,
    /// The same from arms of which only the sum is printed, each taken as half.
    ArmsHalved,
    /// Means of the same people under both, variance from the printed p.
    PairedP,
    /// Printed effect and interval.
    PrintedInterval,
    /// Printed effect and standard error.
    PrintedError,
    /// Printed standardized difference and sizes of the arms.
    PrintedSizes,
    /// Printed effect and p.
    PrintedP,
    /// Printed effect and a bound of p: the variance is the largest that the paper allows.
    BoundOfP,
    /// Exact p, direction in words, arms taken as equal where only their sum is printed.
    PAndDirection,
}

impl How {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Events => "from the events of both arms",
            Self::ArmMeans => "from the means of both arms",
            Self::ArmChanges => "from the changes in both arms",
            Self::ArmsHalved => "from both arms, each taken as half of the printed sum",
            Self::PairedP => "from the means of the same people, variance from p",
            Self::PrintedInterval => "printed with its interval",
            Self::PrintedError => "printed with its standard error",
            Self::PrintedSizes => "printed, variance from the sizes of the arms",
            Self::PrintedP => "printed, variance from p",
            Self::BoundOfP => "printed, largest variance that the bound of p allows",
            Self::PAndDirection => "from p and the direction in words",
        }
    }
}

/// One effect of treated against control.
#[derive(Debug, Clone, PartialEq)]
pub struct Contrast {
    /// Rows of `effects.csv` that it rests on.
    pub ids: Vec<String>,
    /// Study.
    pub study_key: String,
    /// What was measured.
    pub outcome: String,
    /// Unit of a difference; the name of a ratio or of a standardized difference.
    pub unit: String,
    /// What was compared.
    pub arm: String,
    /// The effect.
    pub effect: Effect,
    /// How it came about.
    pub how: How,
    /// Which way is better.
    pub better: Better,
}

impl Contrast {
    /// Whether the point estimate is on the better side; none where there is no better side.
    pub fn favors_treated(&self) -> Option<bool> {
        match self.better {
            Better::Neither => None,
            Better::Higher => Some(self.effect.estimate > 0.0),
            Better::Lower => Some(self.effect.estimate < 0.0),
        }
    }
}

/// A row from which no effect can be computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// Row.
    pub id: String,
    /// Why.
    pub reason: OpenReason,
}

/// Why a row gives no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OpenReason {
    /// The id is in no table.
    Missing,
    /// Words, or a p that is only said to be above a bound.
    Words,
    /// One arm without the other.
    OneArm,
    /// Means of both arms, but no spread or numbers.
    NoSpread,
    /// Two arms, but nothing at the end.
    NoEnd,
    /// An exact p without direction.
    NoDirection,
    /// The same people twice, without correlation or paired p.
    NoCorrelation,
    /// A printed effect without interval, error, sizes or p.
    NoPrecision,
    /// The numbers contradict each other or cannot be.
    Impossible(EffectError),
}

impl OpenReason {
    /// In words.
    pub fn name(self) -> String {
        match self {
            Self::Missing => "no such row".into(),
            Self::Words => "reported in words only".into(),
            Self::OneArm => "one arm without a control".into(),
            Self::NoSpread => "means without spread or numbers".into(),
            Self::NoEnd => "nothing printed at the end".into(),
            Self::NoDirection => "a p value without direction".into(),
            Self::NoCorrelation => "the same people twice, correlation not printed".into(),
            Self::NoPrecision => "an effect without interval, error or p".into(),
            Self::Impossible(error) => error.to_string(),
        }
    }
}

/// Every effect that these rows give, and the rows that give none, in the order of `ids`.
///
/// A row of one arm is paired with the control row of the same study, outcome and unit, whether
/// that is among `ids` or not; a control row by itself gives nothing and is not listed.
pub fn contrasts(tables: &Tables, ids: &[&str]) -> (Vec<Contrast>, Vec<Open>) {
    let (mut found, mut open) = (Vec::new(), Vec::new());
    for &id in ids {
        let reason = match tables.effect(id) {
            None => Some(OpenReason::Missing),
            Some(row) if is_compared(tables, row) => None,
            Some(row) => match contrast(tables, row) {
                Ok(contrast) => {
                    found.push(contrast);
                    None
                }
                Err(reason) => Some(reason),
            },
        };
        open.extend(reason.map(|reason| Open { id: id.to_owned(), reason }));
    }
    (found, open)
}

/// The effect of one row, with its control row where it is of one arm.
///
/// # Errors
/// Why there is none.
pub fn contrast(tables: &Tables, row: &EffectRow) -> Result<Contrast, OpenReason> {
    let crossover = tables
        .study(&row.study_key)
        .is_some_and(|study| study.design.to_lowercase().contains("crossover"));
    let control = control_of(tables, row);
    let arms = match control {
        Some(control) if crossover => same_people(row, control),
        Some(control) => arms(row, control),
        None => own_control(row),
    };
    // A bound of p serves both; which one it was is told by where it was found.
    let paired_bound = control.is_some() && matches!(arms, Ok((_, How::BoundOfP)));
    let printed = printed(row, crossover);
    // Arms first: they can be recomputed by anyone. The more telling reason else.
    let (effect, how) = match (arms, printed) {
        (Ok(found), _) | (Err(_), Ok(found)) => found,
        (Err(arms), Err(printed)) => {
            let both = control.is_some() || row.control.is_some();
            return Err(match printed {
                OpenReason::Words if row.is_words() => OpenReason::Words,
                OpenReason::Words | OpenReason::NoDirection if both => arms,
                OpenReason::Words => OpenReason::OneArm,
                other => other,
            });
        }
    };
    let from_arms = how < How::PrintedInterval || paired_bound;
    let mut ids = vec![row.id.clone()];
    ids.extend(control.filter(|_| from_arms).map(|control| control.id.clone()));
    let arm = match control.filter(|_| from_arms) {
        Some(control) => format!("{} vs {}", row.arm, control.arm),
        None => row.arm.clone(),
    };
    let unit = if effect.measure == Measure::MeanDifference {
        row.unit.clone()
    } else {
        effect.measure.name().to_owned()
    };
    let (study_key, outcome) = (row.study_key.clone(), row.outcome.clone());
    Ok(Contrast { ids, study_key, outcome, unit, arm, effect, how, better: row.better })
}

/// Words with which a control arm begins.
const CONTROLS: &[&str] = &["placebo", "control", "no mgo", "no treatment", "untreated"];

fn is_control(row: &EffectRow) -> bool {
    let arm = row.arm.to_lowercase();
    !arm.contains(" vs ") && CONTROLS.iter().any(|word| arm.starts_with(word))
}

/// Rows of the same study, outcome and unit.
fn siblings<'a>(tables: &'a Tables, row: &'a EffectRow) -> impl Iterator<Item = &'a EffectRow> {
    let set = |id: &str| id.split('.').next().map(str::to_owned);
    tables.effects().iter().filter(move |other| {
        other.id != row.id
            && other.study_key == row.study_key
            && other.outcome == row.outcome
            && other.unit == row.unit
            && set(&other.id) == set(&row.id)
    })
}

fn control_of<'a>(tables: &'a Tables, row: &'a EffectRow) -> Option<&'a EffectRow> {
    if is_control(row) || row.arm.contains(" vs ") {
        return None;
    }
    let named = siblings(tables, row).find(|other| is_control(other));
    // Of exactly two arms the one that carries the p is compared with the other.
    let mut rest = siblings(tables, row);
    let only = rest.next().filter(|other| {
        rest.next().is_none() && row.p.is_some() && other.p.is_none() && !other.arm.contains(" vs ")
    });
    named.or(only)
}

/// Whether the row is the control of another.
fn is_compared(tables: &Tables, row: &EffectRow) -> bool {
    siblings(tables, row)
        .any(|other| control_of(tables, other).is_some_and(|control| control.id == row.id))
}

type Found = Result<(Effect, How), OpenReason>;

/// From one row that holds both means.
fn own_control(row: &EffectRow) -> Found {
    let Some((control, treated)) = row.control.zip(row.followup) else {
        return Err(OpenReason::OneArm);
    };
    let arm = |stat: Stat, n: Option<u32>| {
        let n = n?;
        Some(Arm { n, mean: stat.mean, sd: deviation(stat, n)? })
    };
    let both = arm(treated, row.n_arm).zip(arm(control, row.n_control));
    let (a, b) = both.ok_or(OpenReason::NoSpread)?;
    let effect = mean_difference(&a, &b).map_err(OpenReason::Impossible)?;
    Ok((effect, How::ArmMeans))
}

/// From two rows of the same people: the difference of means, and p for its error.
fn same_people(treated: &EffectRow, control: &EffectRow) -> Found {
    let means = treated.followup.zip(control.followup).or(treated.change.zip(control.change));
    let (a, b) = means.ok_or(OpenReason::NoEnd)?;
    let (p, how) = match treated.p {
        Some(PValue::Is(p)) => (p, How::PairedP),
        Some(PValue::Below(p)) => (p, How::BoundOfP),
        _ => return Err(OpenReason::NoCorrelation),
    };
    let df = treated.n.map_or(f64::INFINITY, |(n, _)| f64::from(n.max(2) - 1));
    let effect = mean_difference_from(a.mean - b.mean, Reported::P(p), df);
    effect.map(|effect| (effect, how)).map_err(OpenReason::Impossible)
}

/// From two rows of one arm each.
fn arms(treated: &EffectRow, control: &EffectRow) -> Found {
    if let (Some(a), Some(c)) = (treated.events, control.events) {
        let counts = |(events, n): (u32, u32)| Counts { events, n };
        let ratio = log_risk_ratio(counts(a), counts(c), ZeroRule::HalfWhereZero);
        return ratio.map(|effect| (effect, How::Events)).map_err(OpenReason::Impossible);
    }
    let n = |row: &EffectRow| row.n.filter(|(_, scope)| *scope == Scope::Arm).map(|(n, _)| n);
    // Where only the sum is printed, half of it.
    let half =
        |row: &EffectRow| row.n.filter(|(_, scope)| *scope == Scope::Total).map(|(n, _)| n / 2);
    let (known, halved) = (n(treated).zip(n(control)), half(treated).zip(half(control)));
    let Some((a, b)) = known.or(halved) else { return Err(OpenReason::NoSpread) };
    let mut spreadless = false;
    for (how, of) in [
        (How::ArmChanges, change as fn(&EffectRow, u32) -> Option<Option<Arm>>),
        (How::ArmMeans, followup),
    ] {
        match (of(treated, a), of(control, b)) {
            (Some(Some(x)), Some(Some(y))) => {
                let effect = mean_difference(&x, &y).map_err(OpenReason::Impossible)?;
                return Ok((effect, if known.is_some() { how } else { How::ArmsHalved }));
            }
            (Some(_), Some(_)) => spreadless = true,
            _ => {}
        }
    }
    Err(if spreadless { OpenReason::NoSpread } else { OpenReason::NoEnd })
}

/// The change of an arm: none where it is not printed, an inner none where it has no spread.
fn change(row: &EffectRow, n: u32) -> Option<Option<Arm>> {
    let stat = row.change?;
    let (lo, hi) = row.change_interval.unwrap_or((f64::NAN, f64::NAN));
    let wide = sd_from_interval(lo, hi, 0.95, n).ok();
    let sd = deviation(stat, n).or(wide);
    Some(sd.map(|sd| Arm { n, mean: stat.mean, sd }))
}

fn followup(row: &EffectRow, n: u32) -> Option<Option<Arm>> {
    let stat = row.followup?;
    Some(deviation(stat, n).map(|sd| Arm { n, mean: stat.mean, sd }))
}

fn deviation(stat: Stat, n: u32) -> Option<f64> {
    match stat.spread? {
        Spread::Sd(sd) => Some(sd),
        Spread::Sem(sem) => sd_from_sem(sem, n).ok(),
    }
}

/// From one row that prints the effect itself, or p and a direction.
fn printed(row: &EffectRow, crossover: bool) -> Found {
    let total = match row.n {
        Some((n, Scope::Total)) => Some(n),
        _ => row.n_arm.zip(row.n_control).map(|(a, b)| a + b),
    };
    let df = match total {
        Some(n) if crossover && n > 2 => f64::from(n - 1),
        Some(n) if n > 3 => f64::from(n - 2),
        _ => f64::INFINITY,
    };
    let result = match row.effect {
        Some(effect) => {
            let outcome = of_effect(row, effect.kind, effect.estimate, df);
            return outcome.unwrap_or(Err(OpenReason::NoPrecision));
        }
        None => from_words(row, total),
    };
    result.map(|effect| (effect, How::PAndDirection))
}

fn of_effect(row: &EffectRow, kind: EffectKind, x: f64, df: f64) -> Option<Found> {
    let printed = row.effect?;
    let done = |result: Result<Effect, EffectError>, how: How| {
        Some(result.map(|effect| (effect, how)).map_err(OpenReason::Impossible))
    };
    let measure = match kind {
        EffectKind::Smd => Measure::Smd,
        EffectKind::Rr => Measure::LogRiskRatio,
        EffectKind::Hr => Measure::LogHazardRatio,
        EffectKind::Or => Measure::LogOddsRatio,
        EffectKind::Md | EffectKind::Percent | EffectKind::Unsaid => Measure::MeanDifference,
    };
    if let Some((lo, hi)) = printed.interval {
        let effect = match measure {
            Measure::MeanDifference => {
                let reported = Reported::Interval { lo, hi, level: 0.95 };
                mean_difference_from(x, reported, f64::INFINITY)
            }
            Measure::Smd => smd_from_interval(x, lo, hi, 0.95),
            ratio => log_ratio_from_interval(ratio, x, lo, hi, 0.95),
        };
        return done(effect, How::PrintedInterval);
    }
    let scaled = if measure.is_log() { ln(x) } else { x };
    if let Some(se) = printed.se {
        return done(Effect::with_df(measure, scaled, se * se, df), How::PrintedError);
    }
    if let (Measure::Smd, Some(a), Some(b)) = (measure, row.n_arm, row.n_control) {
        return done(smd_from_d(x, a, b), How::PrintedSizes);
    }
    let (p, how) = match row.p? {
        PValue::Is(p) => (p, How::PrintedP),
        PValue::Below(p) => (p, How::BoundOfP),
        _ => return None,
    };
    let df = if measure == Measure::MeanDifference { df } else { f64::INFINITY };
    let effect = se_from_p(scaled, p, df);
    done(effect.and_then(|se| Effect::with_df(measure, scaled, se * se, df)), how)
}

/// g from an exact p and a direction in words.
fn from_words(row: &EffectRow, total: Option<u32>) -> Result<Effect, OpenReason> {
    let Some(PValue::Is(p)) = row.p else { return Err(OpenReason::Words) };
    let toward = match row.direction {
        Direction::Up => 1.0,
        Direction::Down => -1.0,
        _ => return Err(OpenReason::NoDirection),
    };
    let Some(total) = total else { return Err(OpenReason::NoSpread) };
    let a = row.n_arm.unwrap_or(total / 2);
    let b = row.n_control.unwrap_or(total - total / 2);
    smd_from_p(p, toward, a, b).map_err(OpenReason::Impossible)
}
