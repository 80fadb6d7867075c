//! Salt forms, body stores, the comparison of salts.

mod absorption;
mod body;
mod formula;
pub mod regimen;
mod salt_names;
pub mod salts;

pub use absorption::{Absorption, Dissolved, absorbed_mmol, dissolve};
pub use body::{BuiltinModel, MODELS, builtin_model};
