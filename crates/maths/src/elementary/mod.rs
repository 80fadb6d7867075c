//! Elementary functions on `f64`.

pub(crate) mod exp;
mod hyperbolic;
mod inverse_trig;
pub(crate) mod log;
mod pow;
mod trig;

pub use exp::{exp, exp_m1};
pub use hyperbolic::{cosh, sinh, tanh};
pub use inverse_trig::{acos, asin, atan};
pub use log::{ln, ln_1p, log2, log10};
pub use pow::{pow, powi};
pub use trig::{cos, sin, tan};
