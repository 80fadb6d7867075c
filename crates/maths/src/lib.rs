//! Elementary and special functions, random numbers, small dense algebra: the same bits everywhere.
//!
//! The functions use only additions, multiplications, divisions, square roots and bit operations
//! of IEEE 754, in a fixed order and without fused multiply-add, so the result depends on neither
//! machine nor compiler nor lane width. Only the sign and payload of a NaN are not promised.
//! Methods, error bounds and references stand in `docs/theory/maths.md`.

// A coefficient is written as the shortest decimal that gives its exact bits, as it was computed.
#![allow(clippy::excessive_precision, clippy::unreadable_literal)]

mod algebra;
mod bits;
mod elementary;
mod lanes;
mod random;
mod special;
mod statistics;

pub use algebra::{
    AlgebraError, Eigen, Lu, Matrix, affine_propagator, cholesky, cholesky_solve, expm,
    expm_action_with_input, least_squares, lu_factor, lu_solve, mat_mul, mat_vec, solve,
    symmetric_eigen,
};
pub use elementary::{
    acos, asin, atan, cos, cosh, exp, exp_m1, ln, ln_1p, log2, log10, pow, powi, sin, sinh, tan,
    tanh,
};
pub use lanes::*;
pub use random::{Address, hash_name, normal, philox, uniform};
pub use special::{
    beta_inc, chi2_cdf, chi2_quantile, chi2_sf, digamma, erf, erfc, expit, f_cdf, f_quantile, f_sf,
    gamma, gamma_inc, ln_gamma, logit, norm_cdf, norm_quantile, softplus, t_cdf, t_quantile,
};
pub use statistics::{QuantileSketch, mean, quantile, quantile_sorted, sum, variance};
