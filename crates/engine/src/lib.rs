//! Intermediate representation to lane program; integrators; events; trajectories.

mod timeline;

pub use timeline::{
    Action, CovariateTrack, Dose, DoseKind, Piece, Record, RecordFault, Steady, Timeline,
    TimelineError,
};
