//! Evidence tables as values, and their integrity.
//!
//! [`builtin`] gives the tables that stand in the binary, [`Tables::read`] those of other texts.
//! A row keeps the digits it was printed with, so that a model's number can be compared to them.
//!
//! ```
//! let row = epsom_evidence::builtin().value("PK061").expect("a row of the repository");
//! assert_eq!(row.printed().map(|printed| printed.text()), Some("5.1"));
//! assert!(row.agrees(5.1) && !row.agrees(5.2));
//! ```

mod add;
mod audit;
mod builtin;
mod cite;
pub mod effects;
mod formula;
mod gates;
mod integrity;
mod interactions;
mod ledger;
mod limits;
mod printed;
mod schema;
mod search;
mod sheet;
mod study;
pub mod synthesis;
mod tables;
mod units;
mod value;
mod words;

#[cfg(test)]
mod tests;

pub use add::with_added;
pub use audit::{Audit, Count, audit};
pub use builtin::{REFERENCES, builtin};
pub use cite::{bibtex, citation, doi_address};
pub use formula::{Recomputed, recompute};
pub use gates::{GateRow, Grade as GateGrade, Side};
pub use integrity::integrity;
pub use interactions::{InteractionRow, Separation};
pub use ledger::{
    Bears, Certainty, CertaintyLevel, Claim, ClaimKind, ClaimRow, Design, Domain, Finding, Funder,
    Link, LinkRow, Measured, Pool, StatementRow, Status, Step, System, claim, claims,
};
pub use limits::{LifeStage, LimitKind, LimitRow, Motherhood};
pub use printed::Printed;
pub use schema::{Rule, SECTIONS, SERIES, TABLES, TableSchema, schema};
pub use search::{Hit, Shown, describe};
pub use study::{AliasRow, SourceRow, StudyRow};
pub use tables::Tables;
pub use units::{NoQuantity, builtin_substances, read_substances};
pub use value::{Kind, Published, Spread, ValueRow};
pub use words::{Grade, Level, Seen, Species};
