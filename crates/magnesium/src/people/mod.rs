//! Whose magnesium it is: people by name, and the adults of a general population.
//!
//! Both are tables beside the model: `models/magnesium/people.csv` and `population.csv`. Every
//! number is that of a row of the evidence, or says that it is assumed and why.

mod named;
mod population;
#[cfg(test)]
mod tests;

pub use named::{NamedPerson, Setting, named, named_markdown};
pub use population::{Column, Drawn, FILTRATION, Population, Told, general};
