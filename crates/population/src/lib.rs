//! Subjects, regimens, covariates, random effects; simulation of many.

mod records;

pub use records::{SubjectRecords, read_records};
