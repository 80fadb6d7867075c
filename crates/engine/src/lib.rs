//! Intermediate representation to lane program; integrators; events; trajectories.

mod clock;
mod compile;
mod cpu;
mod enters;
mod eval;
mod fixed_point;
mod integrate;
mod linear;
mod lu;
mod machine;
mod program;
mod row;
mod rules;
mod sensitivity;
mod steady;
mod stiff;
mod tableau;
mod timeline;

pub use clock::{RunCause, RunFailure};
pub use compile::{Compiled, compile};
pub use enters::Property;
pub use eval::{Inputs, evaluate};
pub use integrate::{
    Cause, Counts, Follow, Isa, Lanes, NotFinite, Options, Solver, Subject, Trajectory, available,
    integrate, integrate_each,
};
pub use linear::{LinearSystem, Propagator, linear_system};
pub use program::{Layout, Program, lower};
pub use row::Row;
pub use rules::{Act, By, Conduct, Decision, Lapse, Rule, Rules, Visits, When, Which};
pub use sensitivity::{Sensitivities, Wrt, sensitivities, sensitivities_each};
pub use timeline::{
    Action, CovariateTrack, Dose, DoseKind, Piece, Record, RecordFault, Steady, Timeline,
    TimelineError,
};
