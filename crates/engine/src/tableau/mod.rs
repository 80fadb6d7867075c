//! Coefficients of the methods, one file each.

#[cfg(test)]
pub(crate) mod rodas4;
mod tsit5;

pub(crate) use tsit5::{A, C, E, STAGES, dense};
