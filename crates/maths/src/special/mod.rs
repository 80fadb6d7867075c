//! Special functions on `f64`.

mod erf;
mod logistic;
mod normal;

pub use erf::{erf, erfc};
pub use logistic::{expit, logit, softplus};
pub use normal::norm_cdf;
