//! Many people, many draws of what is not known: event records, draws, batches, summaries.
//!
//! | module | gives | theory |
//! |---|---|---|
//! | `records` | timelines of the subjects of a NONMEM-style event file | |
//! | `rules` | rules in words that change doses in a run ([`read_rule`]) | `rules.md` |
//! | `draws` | parameters of a replicate ([`Sampler::uncertain`]) and of a person in it ([`Sampler::subject`]), by address | Eq. 1 to 6 |
//! | `batch` | trajectories of many subjects in several arms, on many threads, in order and in bounded memory ([`simulate`]) | |
//! | [`nca`] | exposure from concentrations at times, ratios with their interval | `nca.md` |
//! | [`sobol`] | shares of a result's variance by what is not known | `sobol.md` |
//! | [`fit`] | the most likely parameters given data and priors, and their profiles | `calibration.md` |
//! | `measure` | measurements: outputs with their residual error ([`measuring`]) | Eq. 14 |
//! | `crossed` | what is not known apart from how people differ ([`Crossed`]) | Eq. 11 |
//! | `summary` | mean, standard deviation, quantiles and paired differences of what streams by ([`Summary`]) | Eq. 7 to 10 |
//!
//! The equations are in `docs/theory/populations.md`. The usual run is four steps: prepare a
//! [`Sampler`] of the model, describe a [`Plan`] whose `make` turns indices into a [`Subject`],
//! [`simulate`] it, and take each [`Finished`] subject into a [`Summary`]. Results depend on the
//! seed and on names, never on threads, chunks or memory. `tests/uncertainty.rs` is a whole run.

mod batch;
mod crossed;
mod draws;
mod failure;
pub mod fit;
mod measure;
pub mod nca;
mod records;
mod rules;
pub mod sobol;
mod summary;

pub use batch::{
    BatchOptions, BatchReport, Failure, Finished, MOST_FAILURES, Plan, Progress, Subject,
    Trajectory, Watch, simulate,
};
pub use crossed::{Crossed, Split, Spread};
pub use draws::{
    DEFAULT_CV, DrawReport, Quantiles, SCORE_95, Sampler, Width, default_widths, vary,
};
pub use failure::cause_text;
pub use measure::{Measuring, measuring};
pub use records::{SubjectRecords, read_records};
pub use rules::{RuleWorld, read_rule};
pub use summary::{Cell, Interval, Summary};
