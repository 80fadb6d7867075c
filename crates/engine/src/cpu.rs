//! Instruction sets of this processor.

use crate::integrate::Isa;
use crate::machine;

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
        let best = [Isa::Code, Isa::Avx512, Isa::Avx2].into_iter().find(|&isa| has(isa));
        let isa = wanted.filter(|&isa| has(isa)).or(best).unwrap_or(Isa::Baseline);
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

/// Whether this processor has a set.
pub(crate) fn has(isa: Isa) -> bool {
    match isa {
        Isa::Baseline => true,
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => is_x86_feature_detected!("avx2"),
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => {
            is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
        }
        #[cfg(target_arch = "x86_64")]
        Isa::Code => has(Isa::Avx512) && machine::is_allowed(),
        #[cfg(not(target_arch = "x86_64"))]
        _ => false,
    }
}

impl Default for Cpu {
    /// What every machine has.
    fn default() -> Self {
        Self { vectors: Isa::Baseline, has_code: false }
    }
}
