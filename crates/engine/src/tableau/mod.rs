//! Coefficients of the methods, one file each.

pub(crate) mod rodas4;
pub(crate) mod rodas5p;
pub(crate) mod rosenbrock;
pub(crate) mod tsit5;
