//! Coefficients of the methods, one file each.

#[cfg(test)]
pub(crate) mod rodas4;
pub(crate) mod tsit5;
