//! Sums, quantiles and their streaming form.

mod bins;
mod sketch;
mod summary;

pub use sketch::QuantileSketch;
pub use summary::{mean, quantile, quantile_sorted, sum, variance};
