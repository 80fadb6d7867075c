//! Salt forms, body stores, the comparison of salts, the plan for one person.

mod absorption;
mod body;
pub mod calibrate;
pub mod compare;
mod dissolution;
pub mod doses;
mod formula;
pub mod gaps;
pub mod people;
pub mod plan;
pub mod qualify;
pub mod reach;
pub mod regimen;
mod salt_names;
pub mod salts;

pub use absorption::{Absorption, Dissolved, absorbed_mmol, dissolve};
pub use body::{BuiltinModel, MODELS, builtin_model, plasma_route, read};
pub use dissolution::{DISSOLUTIONS, Dissolution, Limit, dissolution, limit_mmol};
