//! Model text to tree.

pub mod ast;
