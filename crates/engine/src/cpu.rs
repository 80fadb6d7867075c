//! Instruction sets of this processor.

use crate::integrate::{Isa, available};

/// An instruction set that the processor was asked for and has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cpu {
    /// Never [`Isa::Code`].
    vectors: Isa,
    has_code: bool,
}

impl Cpu {
    /// The set wanted where this processor has it, else the best it has.
    pub(crate) fn new(wanted: Option<Isa>) -> Self {
        let found = available();
        let isa = wanted.filter(|isa| found.contains(isa)).unwrap_or(found[found.len() - 1]);
        let has_code = isa == Isa::Code;
        Self { vectors: if has_code { Isa::Avx512 } else { isa }, has_code }
    }

    /// The set.
    pub(crate) fn isa(self) -> Isa {
        self.vectors
    }

    /// Whether steps may be machine code made for the model.
    pub(crate) fn has_code(self) -> bool {
        self.has_code
    }
}

impl Default for Cpu {
    /// What every machine has.
    fn default() -> Self {
        Self { vectors: Isa::Baseline, has_code: false }
    }
}
