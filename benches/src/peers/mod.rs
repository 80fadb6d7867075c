//! Other solvers on the same problems, as their manuals say to use them, one thread.

mod diffsol;
mod ode_solvers;

pub use self::diffsol::{Method, diffsol};
pub use self::ode_solvers::dopri5;
