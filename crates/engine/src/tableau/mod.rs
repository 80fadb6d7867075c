//! Coefficients of the methods, one file each.

pub(crate) mod dop853;
pub(crate) mod explicit;
pub(crate) mod rodas4;
pub(crate) mod rodas5p;
pub(crate) mod rosenbrock;
pub(crate) mod scaled;
#[cfg(test)]
pub(crate) mod trees;
pub(crate) mod tsit5;
