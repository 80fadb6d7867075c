//! The command line.

mod files;
mod render;

fn main() {}
