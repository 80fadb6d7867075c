//! Salt forms, body stores, the comparison of salts.

pub mod formula;
pub mod regimen;
pub mod salt_names;
pub mod salts;
