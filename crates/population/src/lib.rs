//! Subjects, regimens, covariates, random effects; simulation of many.

mod draws;
mod records;

pub use draws::{DEFAULT_CV, DrawReport, Sampler, Width};
pub use records::{SubjectRecords, read_records};
