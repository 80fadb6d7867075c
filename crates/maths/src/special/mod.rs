//! Special functions on `f64`.

mod beta;
mod deviance;
mod erf;
mod gamma;
mod gamma_inc;
mod logistic;
mod normal;
mod quantile;
mod student;

pub use beta::beta_inc;
pub use erf::{erf, erfc};
pub use gamma::{digamma, gamma, ln_gamma};
pub use gamma_inc::gamma_inc;
pub use logistic::{expit, logit, softplus};
pub use normal::norm_cdf;
pub use quantile::norm_quantile;
pub use student::{chi2_cdf, chi2_quantile, chi2_sf, f_cdf, f_quantile, f_sf, t_cdf, t_quantile};
