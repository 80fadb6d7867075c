//! Coefficients of the methods, one file each.

pub(crate) mod rodas4;
pub(crate) mod tsit5;
