//! Subjects, regimens, covariates, random effects; simulation of many.

mod batch;
mod draws;
mod records;
mod summary;

pub use batch::{
    BatchOptions, BatchReport, Failure, Finished, MOST_FAILURES, Plan, Progress, Subject,
    Trajectory, Watch, simulate,
};
pub use draws::{DEFAULT_CV, DrawReport, Sampler, Width};
pub use records::{SubjectRecords, read_records};
pub use summary::{Cell, Interval, Summary};
