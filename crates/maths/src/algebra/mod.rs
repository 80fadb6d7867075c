//! Small dense algebra in plain loops of fixed order.

mod cholesky;
mod eigen;
mod expm;
mod lu;
mod matrix;
mod qr;

pub use cholesky::{cholesky, cholesky_solve};
pub use eigen::{Eigen, symmetric_eigen};
pub use expm::{affine_propagator, expm, expm_action_with_input};
pub use lu::{Lu, lu_factor, lu_solve, solve};
pub use matrix::{AlgebraError, Matrix, mat_mul, mat_vec};
pub use qr::least_squares;

#[cfg(test)]
mod tests;
