//! Salt forms, body stores, the comparison of salts.

mod absorption;

pub use absorption::{Absorption, Dissolved, absorbed_mmol, dissolve};
