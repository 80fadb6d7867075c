//! Events of people, and events per person-time, in two arms.

use epsom_maths::ln;

use super::{Effect, EffectError, Measure, finite};

/// People with the event and all people of one arm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// With the event.
    pub events: u32,
    /// All.
    pub n: u32,
}

/// Events and the person-time in which they happened.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Events {
    /// Events.
    pub events: u32,
    /// Person-time.
    pub time: f64,
}

/// What is done where a cell of the table is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ZeroRule {
    /// Add 1/2 to every cell of a table that holds a 0.
    #[default]
    HalfWhereZero,
    /// Add cells that sum to 1 in the ratio of the opposite arm's size, where the table holds a 0.
    TreatmentArm,
    /// Give `NoEvents` instead.
    Refuse,
}

/// Logarithm of the risk ratio (Eq. 12).
///
/// # Errors
/// `NoEvents` where no arm has an event (the ratio is not defined, whatever is added);
/// `OutOfRange` for more events than people; `TooFew` for an empty arm.
/// # Source
/// Borenstein and others (2009), eq. 5.1 to 5.4; zero cells: Sweeting, Sutton, Lambert, Stat. Med.
/// 23 (2004) 1351-1375.
pub fn log_risk_ratio(
    treated: Counts,
    control: Counts,
    zero: ZeroRule,
) -> Result<Effect, EffectError> {
    let table = cells(treated, control, zero)?;
    if treated.events + control.events == 0 {
        return Err(EffectError::NoEvents);
    }
    let [a, b, c, d] = table;
    let (n1, n2) = (a + b, c + d);
    let variance = 1.0 / a - 1.0 / n1 + 1.0 / c - 1.0 / n2;
    Effect::normal(Measure::LogRiskRatio, ln((a / n1) / (c / n2)), variance)
}

/// Logarithm of the odds ratio (Eq. 13).
///
/// # Errors
/// `NoEvents` where no arm has an event, or no arm lacks one; else as [`log_risk_ratio`].
/// # Source
/// Borenstein and others (2009), eq. 5.8 to 5.10.
pub fn log_odds_ratio(
    treated: Counts,
    control: Counts,
    zero: ZeroRule,
) -> Result<Effect, EffectError> {
    let [a, b, c, d] = cells(treated, control, zero)?;
    if one_sided(treated, control) {
        return Err(EffectError::NoEvents);
    }
    let variance = 1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d;
    Effect::normal(Measure::LogOddsRatio, ln((a * d) / (b * c)), variance)
}

/// Peto's logarithm of the odds ratio (Eq. 14), which needs no correction for one empty cell.
///
/// # Errors
/// As [`log_odds_ratio`].
/// # Source
/// Yusuf, Peto, Lewis, Collins, Sleight, Prog. Cardiovasc. Dis. 27 (1985) 335-371.
pub fn peto_odds_ratio(treated: Counts, control: Counts) -> Result<Effect, EffectError> {
    check(treated, control)?;
    if one_sided(treated, control) {
        return Err(EffectError::NoEvents);
    }
    let (n1, n2) = (f64::from(treated.n), f64::from(control.n));
    let n = n1 + n2;
    let events = f64::from(treated.events) + f64::from(control.events);
    let expected = n1 * events / n;
    let information = n1 * n2 * events * (n - events) / (n * n * (n - 1.0));
    let estimate = (f64::from(treated.events) - expected) / information;
    Effect::normal(Measure::LogOddsRatio, estimate, 1.0 / information)
}

/// Difference of two risks (Eq. 15). Cells of 0 stay as they are.
///
/// Its variance is 0 where neither arm varies, which no synthesis accepts; 1/2 is added to such
/// tables under [`ZeroRule::HalfWhereZero`], for the variance only.
///
/// # Errors
/// `OutOfRange`, `TooFew`; `NoEvents` under [`ZeroRule::Refuse`] where neither arm varies.
/// # Source
/// Borenstein and others (2009), eq. 5.15 and 5.16.
pub fn risk_difference(
    treated: Counts,
    control: Counts,
    zero: ZeroRule,
) -> Result<Effect, EffectError> {
    check(treated, control)?;
    let risk = |arm: Counts| f64::from(arm.events) / f64::from(arm.n);
    let spread = |events: f64, n: f64| events * (n - events) / (n * n * n);
    let plain = |arm: Counts| spread(f64::from(arm.events), f64::from(arm.n));
    let mut variance = plain(treated) + plain(control);
    if variance == 0.0 {
        let [a, b, c, d] = cells(treated, control, zero)?;
        variance = spread(a, a + b) + spread(c, c + d);
    }
    Effect::normal(Measure::RiskDifference, risk(treated) - risk(control), variance)
}

/// Logarithm of the ratio of two rates (Eq. 16); 1/2 is added to both counts where one is 0.
///
/// # Errors
/// `NoEvents` where both are 0; `OutOfRange` unless both times are above 0.
/// # Source
/// Rothman, Greenland, Lash, Modern Epidemiology, 3rd edition (2008), chapter 14.
pub fn log_rate_ratio(treated: Events, control: Events) -> Result<Effect, EffectError> {
    check_times(treated, control)?;
    if treated.events + control.events == 0 {
        return Err(EffectError::NoEvents);
    }
    let add = if treated.events == 0 || control.events == 0 { 0.5 } else { 0.0 };
    let (a, c) = (f64::from(treated.events) + add, f64::from(control.events) + add);
    let ratio = ln((a / treated.time) / (c / control.time));
    Effect::normal(Measure::LogRateRatio, ratio, 1.0 / a + 1.0 / c)
}

/// Difference of two rates (Eq. 17).
///
/// # Errors
/// `OutOfRange` unless both times are above 0.
pub fn rate_difference(treated: Events, control: Events) -> Result<Effect, EffectError> {
    check_times(treated, control)?;
    let rate = |arm: Events| f64::from(arm.events) / arm.time;
    let spread = |arm: Events| f64::from(arm.events) / (arm.time * arm.time);
    let difference = rate(treated) - rate(control);
    Effect::normal(Measure::RateDifference, difference, spread(treated) + spread(control))
}

/// Events and the rest of both arms, treated first, with what the rule adds.
fn cells(treated: Counts, control: Counts, zero: ZeroRule) -> Result<[f64; 4], EffectError> {
    check(treated, control)?;
    let table =
        [treated.events, treated.n - treated.events, control.events, control.n - control.events]
            .map(f64::from);
    if !table.contains(&0.0) {
        return Ok(table);
    }
    let [a, b, c, d] = table;
    match zero {
        ZeroRule::Refuse => Err(EffectError::NoEvents),
        ZeroRule::HalfWhereZero => Ok(table.map(|cell| cell + 0.5)),
        ZeroRule::TreatmentArm => {
            // With ratio R = n2/n1: 1/(R + 1) into the treated arm, R/(R + 1) into the other.
            let n = f64::from(treated.n) + f64::from(control.n);
            let (t, u) = (f64::from(treated.n) / n, f64::from(control.n) / n);
            Ok([a + t, b + t, c + u, d + u])
        }
    }
}

fn check(treated: Counts, control: Counts) -> Result<(), EffectError> {
    for (arm, name) in [(treated, "treated arm"), (control, "control arm")] {
        if arm.n == 0 {
            return Err(EffectError::TooFew(name));
        }
        if arm.events > arm.n {
            return Err(EffectError::OutOfRange("number of events"));
        }
    }
    Ok(())
}

fn one_sided(treated: Counts, control: Counts) -> bool {
    let events = u64::from(treated.events) + u64::from(control.events);
    events == 0 || events == u64::from(treated.n) + u64::from(control.n)
}

fn check_times(treated: Events, control: Events) -> Result<(), EffectError> {
    for arm in [treated, control] {
        if finite(arm.time, "person-time")? <= 0.0 {
            return Err(EffectError::OutOfRange("person-time"));
        }
    }
    Ok(())
}
