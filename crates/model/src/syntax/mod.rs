//! Model text to tree.

pub mod ast;
mod lexer;
mod parser;
#[cfg(test)]
mod tests;

pub use parser::parse;
