//! Model text to checked intermediate representation; symbolic derivatives.
//!
//! `syntax` (text to tree) <- `check` (tree to IR) -> `ir` (the waist) <- `diff` (derivatives).
//! Parsing and checking do not fail, they report: each returns what it could make and a list of
//! diagnostics, so that one run shows every mistake.

pub mod check;
pub mod convert;
pub mod diff;
pub mod flows;
pub mod ir;
pub mod modules;
pub mod syntax;
