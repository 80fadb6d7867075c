//! Model text to tree.

pub mod ast;
mod classes;
mod lexer;
mod parser;
mod print;
#[cfg(test)]
mod tests;

pub use classes::{CLASSES, CONTROLS, Class, INTERPOLATIONS, classify};
pub use parser::{CLAUSES, STATEMENTS, parse};
pub use print::{format, print, print_expr, print_statements};
