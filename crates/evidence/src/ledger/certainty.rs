//! Certainty by the domains of GRADE, `docs/theory/certainty.md` section 2.

use std::collections::BTreeMap;

use super::{Bears, ClaimKind, ClaimRow, Design, Finding, Funder, Link, Pool, Status, System};

/// How sure a conclusion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CertaintyLevel {
    /// The truth may well lie elsewhere.
    VeryLow,
    /// Limited confidence.
    Low,
    /// Probably near the truth.
    Moderate,
    /// Near the truth.
    High,
}

impl CertaintyLevel {
    /// The word.
    pub fn name(self) -> &'static str {
        match self {
            Self::VeryLow => "very low",
            Self::Low => "low",
            Self::Moderate => "moderate",
            Self::High => "high",
        }
    }

    fn from_score(score: i32) -> Self {
        match score {
            ..=1 => Self::VeryLow,
            2 => Self::Low,
            3 => Self::Moderate,
            _ => Self::High,
        }
    }
}

/// What certainty is lost or gained by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Domain {
    /// Flaws of the studies.
    RiskOfBias,
    /// Studies disagree.
    Inconsistency,
    /// Another question was answered.
    Indirectness,
    /// Too few people, or too wide an interval.
    Imprecision,
    /// What was done was not all published.
    PublicationBias,
    /// A large or graded association.
    RatedUp,
}

impl Domain {
    /// The word.
    pub fn name(self) -> &'static str {
        match self {
            Self::RiskOfBias => "risk of bias",
            Self::Inconsistency => "inconsistency",
            Self::Indirectness => "indirectness",
            Self::Imprecision => "imprecision",
            Self::PublicationBias => "publication bias",
            Self::RatedUp => "rated up",
        }
    }
}

/// One step up or down, with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Why in a word.
    pub domain: Domain,
    /// Steps; below 0 is down.
    pub change: i32,
    /// Why in a sentence.
    pub reason: String,
}

/// How sure a conclusion is, and every step that led there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certainty {
    /// The result.
    pub level: CertaintyLevel,
    /// What was graded: the nearest evidence to people that counts.
    pub body: System,
    /// High for trials and experiments, low for observation.
    pub start: CertaintyLevel,
    /// What changed it, in the order of the domains.
    pub steps: Vec<Step>,
    /// People (or animals) that the graded studies counted, where known.
    pub n: Option<u32>,
}

/// Optimal information size for a continuous outcome, and the number below which two steps go.
const ENOUGH: u32 = 400;
const VERY_FEW: u32 = 50;

pub(super) fn grade(
    row: &ClaimRow,
    links: &[Link<'_>],
    pools: &[Pool],
    status: Status,
) -> Option<Certainty> {
    if row.kind != ClaimKind::Effect || matches!(status, Status::Assumption | Status::Unknown) {
        return None;
    }
    let counted = |system: System| {
        let of = |link: &&Link<'_>| {
            link.counts() && link.row.system == system && link.row.finding != Finding::Unclear
        };
        links.iter().filter(of).collect::<Vec<_>>()
    };
    // What the status rests on; a null in people does not make an animal finding surer.
    let body = match status {
        Status::AnimalOnly => System::Animal,
        Status::InVitroOnly => System::InVitro,
        _ => System::Human,
    };
    let graded = counted(body);
    if graded.is_empty() {
        return None;
    }
    let experimental = graded.iter().filter(|link| link.design.is_experimental()).count();
    // In people the better half decides; animals and cells are always experiments.
    let high = body != System::Human || 2 * experimental >= graded.len();
    let start = if high { CertaintyLevel::High } else { CertaintyLevel::Low };
    let n = people(&graded);
    let mut steps = Vec::new();
    steps.extend(risk_of_bias(&graded, body));
    steps.extend(inconsistency(&graded, pools, status));
    steps.extend(indirectness(&graded, body));
    steps.extend(imprecision(n, body).or_else(|| open_interval(&graded)));
    steps.extend(open_null(&graded, status, n));
    steps.extend(publication_bias(links, &graded, n));
    if !high && !row.rated_up.is_empty() {
        steps.push(Step { domain: Domain::RatedUp, change: 1, reason: row.rated_up.clone() });
    }
    let start_score = if high { 4 } else { 2 };
    let score = start_score + steps.iter().map(|step| step.change).sum::<i32>();
    Some(Certainty { level: CertaintyLevel::from_score(score), body, start, steps, n })
}

/// Sum over studies; poolings share trials, so of them only the largest counts.
fn people(graded: &[&Link<'_>]) -> Option<u32> {
    let mut single: BTreeMap<&str, u32> = BTreeMap::new();
    let mut pooled = 0;
    for link in graded {
        let Some(n) = link.study.and_then(|study| study.n) else { continue };
        if link.design == Design::Pooled {
            pooled = pooled.max(n);
        } else {
            single.insert(&link.row.study_key, n);
        }
    }
    let n = pooled.saturating_add(single.values().sum::<u32>());
    (n > 0).then_some(n)
}

fn risk_of_bias(graded: &[&Link<'_>], body: System) -> Option<Step> {
    let down = |reason: String| Some(Step { domain: Domain::RiskOfBias, change: -1, reason });
    if body == System::Animal {
        return down("randomization, blinding and numbers are not reported for the animals".into());
    }
    if body == System::InVitro {
        return None;
    }
    let is_open = |link: &Link<'_>| link.design == Design::RandomizedOpen;
    let flawed = |link: &&&Link<'_>| is_open(link) || !link.row.bias.is_empty();
    let flagged: Vec<&&Link<'_>> = graded.iter().filter(flawed).collect();
    if flagged.is_empty() || 2 * flagged.len() < graded.len() {
        return None;
    }
    let why = |link: &&&Link<'_>| {
        let note = if link.row.bias.is_empty() { "not said to be blind" } else { &link.row.bias };
        format!("{}: {note}", link.row.study_key)
    };
    let reasons: Vec<String> = flagged.iter().map(why).collect();
    down(reasons.join("; "))
}

/// Share of the spread between pooled studies from which it is no longer chance.
const SPREAD: f64 = 0.5;

fn inconsistency(graded: &[&Link<'_>], pools: &[Pool], status: Status) -> Option<Step> {
    let count = |finding| graded.iter().filter(|link| link.row.finding == finding).count();
    let (yes, no, null) = (count(Finding::For), count(Finding::Against), count(Finding::Null));
    let mut reasons = Vec::new();
    if yes > 0 && no + null > 0 && status != Status::Contradicted {
        let are = if yes == 1 { "finding" } else { "findings" };
        reasons.push(format!("{yes} {are} for, {no} against, {null} without effect"));
    }
    let wide = |pool: &&Pool| pool.i2.is_some_and(|i2| i2 >= SPREAD);
    for pool in pools.iter().filter(wide) {
        let i2 = 100.0 * pool.i2.unwrap_or_default();
        reasons.push(format!("I2 of {} is {i2:.0} %", pool.about));
    }
    let reason = reasons.join("; ");
    (!reason.is_empty()).then_some(Step { domain: Domain::Inconsistency, change: -1, reason })
}

fn indirectness(graded: &[&Link<'_>], body: System) -> Option<Step> {
    let (change, reason) = match body {
        System::Animal => (-2, "animals, not people; doses scale uncertainly".to_owned()),
        System::InVitro => (-3, "cells or channels, not people".to_owned()),
        System::Human => {
            let flagged: Vec<&&Link<'_>> =
                graded.iter().filter(|link| !link.row.indirectness.is_empty()).collect();
            if flagged.is_empty() || 2 * flagged.len() < graded.len() {
                return None;
            }
            let why =
                |link: &&&Link<'_>| format!("{}: {}", link.row.study_key, link.row.indirectness);
            (-1, flagged.iter().map(why).collect::<Vec<_>>().join("; "))
        }
    };
    Some(Step { domain: Domain::Indirectness, change, reason })
}

fn imprecision(n: Option<u32>, body: System) -> Option<Step> {
    let who = if body == System::Human { "people" } else { "animals or preparations" };
    let (change, reason) = match n {
        None => (-1, format!("the number of {who} was not seen")),
        Some(n) if n < VERY_FEW => (-2, format!("{n} {who}, fewer than {VERY_FEW}")),
        Some(n) if n < ENOUGH => (-1, format!("{n} {who}, fewer than the {ENOUGH} asked for")),
        Some(_) => return None,
    };
    Some(Step { domain: Domain::Imprecision, change, reason })
}

/// The largest study leaves open whether there is an effect.
fn open_interval(graded: &[&Link<'_>]) -> Option<Step> {
    let n = |link: &&&Link<'_>| link.study.and_then(|study| study.n);
    let largest = &graded.iter().max_by_key(n)?.row.study_key;
    let found = |finding| {
        graded.iter().any(|link| link.row.study_key == *largest && link.row.finding == finding)
    };
    if found(Finding::For) || !found(Finding::Imprecise) {
        return None;
    }
    let reason = format!("the interval of the largest, {largest}, holds no effect too");
    Some(Step { domain: Domain::Imprecision, change: -1, reason })
}

/// Few people and no interval: a null that excludes nothing.
fn open_null(graded: &[&Link<'_>], status: Status, n: Option<u32>) -> Option<Step> {
    if status != Status::Contradicted || n.is_some_and(|n| n >= ENOUGH) {
        return None;
    }
    let against: Vec<&&Link<'_>> =
        graded.iter().filter(|link| link.row.finding == Finding::Against).collect();
    let is_open = |link: &&&Link<'_>| match &link.measured {
        None => true,
        Some(one) => one.interval.is_none() && one.is_plain_null,
    };
    against.iter().all(is_open).then(|| Step {
        domain: Domain::Imprecision,
        change: -1,
        reason: "no interval was seen, so an effect that matters is not excluded".to_owned(),
    })
}

fn publication_bias(all: &[Link<'_>], graded: &[&Link<'_>], n: Option<u32>) -> Option<Step> {
    let down = |reason| Some(Step { domain: Domain::PublicationBias, change: -1, reason });
    let unclear =
        |link: &&Link<'_>| link.row.bears == Bears::Direct && link.row.finding == Finding::Unclear;
    if let Some(missing) = all.iter().find(unclear) {
        return down(format!("{} is known to exist and is not published", missing.row.study_key));
    }
    let favor: Vec<&&Link<'_>> =
        graded.iter().filter(|link| link.row.finding == Finding::For).collect();
    let paid = favor.iter().filter(|link| link.funder == Funder::Industry).count();
    if !favor.is_empty() && paid == favor.len() && n.is_none_or(|n| n < ENOUGH) {
        return down(
            "every finding in favor comes from a maker, seller or inventor, and all are small"
                .into(),
        );
    }
    None
}
