//! The ledger: one claim per row, the studies that bear on it, status and certainty by rule.
//!
//! The rules stand in `docs/theory/certainty.md`; nothing here is a judgment that a row does not
//! hold. Human, animal and cell evidence are kept apart throughout.

mod certainty;
mod check;
mod design;
mod measured;
mod pools;
mod rows;
mod status;
mod wording;

#[cfg(test)]
mod tests;

pub use certainty::{Certainty, CertaintyLevel, Domain, Step};
pub(crate) use check::check_ledger;
pub use design::{Design, Funder};
pub use measured::Measured;
pub use pools::Pool;
pub use rows::{Bears, ClaimKind, ClaimRow, Finding, LinkRow, StatementRow, Status, System};
pub(crate) use rows::{read_claims, read_links, read_statements};

use crate::{StudyRow, Tables};

/// One claim with everything the tables say about it.
#[derive(Debug, Clone)]
pub struct Claim<'a> {
    /// The row of `claims.csv`.
    pub row: &'a ClaimRow,
    /// The statements that were merged into it, as they were found.
    pub statements: Vec<&'a StatementRow>,
    /// The studies that bear on it, in the order of the table.
    pub links: Vec<Link<'a>>,
    /// What the evidence says, by rule unless the row sets it.
    pub status: Status,
    /// What the rule alone gives.
    pub rule_status: Status,
    /// How sure, and why not surer; `None` where nothing is graded.
    pub certainty: Option<Certainty>,
    /// Pooled effects; empty where there are no two alike.
    pub pools: Vec<Pool>,
}

/// One study seen from one claim.
#[derive(Debug, Clone)]
pub struct Link<'a> {
    /// The row of `claim_evidence.csv`.
    pub row: &'a LinkRow,
    /// The study; `None` where only the source is known.
    pub study: Option<&'a StudyRow>,
    /// Class of its design.
    pub design: Design,
    /// Who paid.
    pub funder: Funder,
    /// What it measured; `None` where the tables hold words only.
    pub measured: Option<Measured>,
}

impl Link<'_> {
    /// Whether it tests the statement itself with a design that counts.
    pub fn counts(&self) -> bool {
        self.row.bears == Bears::Direct && self.design.counts()
    }
}

impl<'a> Claim<'a> {
    /// The effect to name for the size: that of the largest study in people that counts and has an
    /// interval.
    pub fn size(&self) -> Option<&Link<'a>> {
        let with = self.links.iter().filter(|link| {
            link.row.system == System::Human
                && link.counts()
                && link.measured.as_ref().is_some_and(|one| one.interval.is_some())
        });
        // The first of equals, so that order in the table decides.
        with.reduce(|best, link| {
            let n = |link: &Link<'_>| link.study.and_then(|study| study.n);
            if n(link) > n(best) { link } else { best }
        })
    }
}

/// Every claim, sorted by id.
pub fn claims(tables: &Tables) -> Vec<Claim<'_>> {
    tables.claims().iter().map(|row| assemble(tables, row)).collect()
}

/// The claim of this id, or the one that a merged statement of this id became.
pub fn claim<'a>(tables: &'a Tables, id: &str) -> Option<Claim<'a>> {
    let same = |row: &&StatementRow| row.id.eq_ignore_ascii_case(id);
    let own = tables.claims().iter().find(|row| row.id.eq_ignore_ascii_case(id));
    let merged = || tables.statements().iter().find(same).map(|row| row.claim_id.as_str());
    let row = own.or_else(|| {
        let id = merged()?;
        tables.claims().iter().find(|row| row.id == id)
    });
    row.map(|row| assemble(tables, row))
}

fn assemble<'a>(tables: &'a Tables, row: &'a ClaimRow) -> Claim<'a> {
    let links: Vec<Link<'a>> = tables
        .links()
        .iter()
        .filter(|link| link.claim_id == row.id)
        .map(|link| {
            let study = tables.study(&link.study_key);
            let words = study.map_or("", |study| study.design.as_str());
            let funding = study.map_or("", |study| study.funding.as_str());
            let design = Design::of(words, link.system);
            Link {
                row: link,
                study,
                design,
                funder: Funder::of(funding),
                measured: measured::measured(tables, link),
            }
        })
        .collect();
    let rule_status = status::derive(row.kind, &links);
    let status = row.set_status.unwrap_or(rule_status);
    let pools = pools::pools(tables, &links);
    let certainty = certainty::grade(row, &links, &pools, status);
    let statements = tables.statements().iter().filter(|one| one.claim_id == row.id).collect();
    Claim { row, statements, links, status, rule_status, certainty, pools }
}
