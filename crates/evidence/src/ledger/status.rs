//! The status rule, `docs/theory/certainty.md` section 1.

use super::{ClaimKind, Finding, Link, Status, System};

/// What the evidence says, from the links that count.
pub(super) fn derive(kind: ClaimKind, links: &[Link<'_>]) -> Status {
    let has = |system: System, findings: &[Finding]| {
        links.iter().any(|link| {
            link.counts() && link.row.system == system && findings.contains(&link.row.finding)
        })
    };
    let human_for = has(System::Human, &[Finding::For]);
    if human_for && has(System::Human, &[Finding::Against, Finding::Null]) {
        Status::MixedHuman
    } else if human_for {
        Status::SupportedHuman
    } else if has(System::Human, &[Finding::Against]) {
        Status::Contradicted
    } else if has(System::Animal, &[Finding::For]) {
        Status::AnimalOnly
    } else if has(System::InVitro, &[Finding::For]) {
        Status::InVitroOnly
    } else if matches!(kind, ClaimKind::Inference | ClaimKind::Advice) {
        Status::Assumption
    } else {
        Status::Unknown
    }
}
