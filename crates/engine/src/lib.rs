//! Intermediate representation to lane program; integrators; events; trajectories.

mod clock;
mod compile;
mod cpu;
mod eval;
mod lanes;
mod linear;
#[cfg(test)]
mod lu;
mod program;
#[cfg(test)]
mod rosenbrock;
mod steady;
mod tableau;
mod timeline;

pub use clock::{RunCause, RunFailure, run_linear, run_stepped};
pub use compile::{Column, Compiled, compile, outputs};
pub use eval::{Inputs, evaluate};
pub use lanes::{Cause, Isa, Lanes, Segment, Solved, StepOptions, advance, available};
pub use linear::{LinearSystem, Propagator, linear_system};
pub use program::{Layout, Program, lower};
pub use timeline::{
    Action, CovariateTrack, Dose, DoseKind, Piece, Record, RecordFault, Steady, Timeline,
    TimelineError,
};
