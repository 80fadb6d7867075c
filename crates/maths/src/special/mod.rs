//! Special functions on `f64`.

mod erf;
mod gamma;
mod logistic;
mod normal;
mod quantile;

pub use erf::{erf, erfc};
pub use gamma::{digamma, gamma, ln_gamma};
pub use logistic::{expit, logit, softplus};
pub use normal::norm_cdf;
pub use quantile::norm_quantile;
