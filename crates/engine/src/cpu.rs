//! Instruction sets of this processor.

use crate::integrate::{Isa, available};

/// An instruction set that the processor was asked for and has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cpu(Isa);

impl Cpu {
    /// The set wanted where this processor has it, else the best it has.
    pub(crate) fn new(wanted: Option<Isa>) -> Self {
        let found = available();
        Self(wanted.filter(|isa| found.contains(isa)).unwrap_or(found[found.len() - 1]))
    }

    /// The set.
    pub(crate) fn isa(self) -> Isa {
        self.0
    }
}

impl Default for Cpu {
    /// What every machine has.
    fn default() -> Self {
        Self(Isa::Baseline)
    }
}
