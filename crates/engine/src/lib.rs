//! Intermediate representation to lane program; integrators; events; trajectories.

mod compile;
mod lanes;
mod program;
mod tableau;
mod timeline;

pub use compile::{Column, Compiled, compile, outputs};
pub use lanes::{Cause, Isa, Lanes, Segment, Solved, StepOptions, advance, available};
pub use program::{CompileError, Layout, Program, lower};
pub use timeline::{
    Action, CovariateTrack, Dose, DoseKind, Piece, Record, RecordFault, Steady, Timeline,
    TimelineError,
};
