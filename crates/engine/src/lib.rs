//! Intermediate representation to lane program; integrators; events; trajectories.
