//! Straight-line programs over a register file, from expressions.
//!
//! Every register holds `W` subjects. What depends only on inputs that are constant between stops
//! is computed once per stop, the rest at every call.

mod functions;
mod lower;
mod prepare;
mod run;
mod sums;
#[cfg(test)]
mod tests;

pub use lower::lower;
pub(crate) use lower::{Group, lower_groups};
pub(crate) use run::PART;

use crate::cpu::Cpu;
use crate::machine::{Registers, Straight};
use crate::row::Row;
use epsom_model::ir::{BinaryOp, UnaryOp};

/// Where the inputs of a subject stand in one flat array; all are constant between stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Layout {
    /// Number of parameters; they stand first.
    pub n_params: usize,
    /// Number of covariates, after the parameters.
    pub n_covariates: usize,
    /// Number of modes, after the covariates.
    pub n_modes: usize,
    /// Number of compartments: dose times, dose amounts, then infusion rates end the array.
    pub n_states: usize,
}

impl Layout {
    /// Index of the first covariate.
    pub fn covariates(&self) -> usize {
        self.n_params
    }

    /// Index of the first mode.
    pub fn modes(&self) -> usize {
        self.covariates() + self.n_covariates
    }

    /// Index of the first compartment's last dose time.
    pub fn dose_times(&self) -> usize {
        self.modes() + self.n_modes
    }

    /// Index of the first compartment's last dose amount.
    pub fn dose_amounts(&self) -> usize {
        self.dose_times() + self.n_states
    }

    /// Index of the first compartment's infusion rate.
    pub fn rates(&self) -> usize {
        self.dose_amounts() + self.n_states
    }

    /// Length of the array.
    pub fn len(&self) -> usize {
        self.rates() + self.n_states
    }

    /// Whether a subject has no input.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Instructions that give the values of some expressions.
///
/// Registers: compartments, time, further values that vary, inputs, constants, hoisted values,
/// then temporaries and results.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Program {
    layout: Layout,
    /// Number of varying values besides compartments and time.
    n_extra: usize,
    hoisted: Vec<Instruction>,
    entries: Vec<Entry>,
    constants: Vec<(u32, f64)>,
    n_registers: usize,
}

/// What one call computes.
#[derive(Debug, Clone, PartialEq, Default)]
struct Entry {
    body: Vec<Instruction>,
    roots: Vec<u32>,
}

/// One operation; operands and result are registers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Instruction {
    pub(crate) op: Op,
    pub(crate) out: u32,
    pub(crate) operands: [u32; 3],
}

/// The frequent ones are listed themselves, so that the loop branches once for them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Op {
    Copy,
    Add,
    Sub,
    Mul,
    Div,
    Neg,
    Select,
    /// `c + a * b`, two roundings.
    MulAdd,
    /// `c - a * b`, two roundings.
    MulSub,
    /// `a * b - c`, two roundings.
    MulRest,
    /// The other functions of one.
    Unary(UnaryOp),
    /// The other functions of two.
    Binary(BinaryOp),
}

impl Program {
    /// A register file for `W` subjects, constants set.
    pub fn registers<const W: usize>(&self) -> Vec<Row<W>> {
        let mut file = vec![Row::<W>::ZERO; self.n_registers];
        self.constants.iter().for_each(|&(at, value)| file[at as usize] = Row([value; W]));
        file
    }

    /// Register of input `input`.
    pub fn input(&self, input: usize) -> usize {
        self.layout.n_states + 1 + self.n_extra + input
    }

    /// Register of time; compartment `i` stands in register `i`.
    pub fn time(&self) -> usize {
        self.layout.n_states
    }

    /// Register of the varying value `extra`, which expressions name as compartment
    /// `n_states + extra`.
    pub(crate) fn extra(&self, extra: usize) -> usize {
        self.layout.n_states + 1 + extra
    }

    /// Whether anything that is computed at every call reads the time.
    pub(crate) fn reads_time(&self) -> bool {
        let time = self.time() as u32;
        let reads = |entry: &Entry| {
            let operands = entry.body.iter().flat_map(|one| one.operands);
            operands.chain(entry.roots.iter().copied()).any(|register| register == time)
        };
        self.entries.iter().any(reads)
    }

    /// Register of the first compartment's infusion rate.
    pub(crate) fn rates(&self) -> usize {
        self.input(self.layout.rates())
    }

    /// Registers of the roots, in the order given to [`lower`].
    pub fn roots(&self) -> &[u32] {
        self.roots_of(0)
    }

    /// Registers of the roots of one group.
    pub(crate) fn roots_of(&self, entry: usize) -> &[u32] {
        &self.entries[entry].roots
    }

    /// Numbers of instructions per stop and per call, and of registers.
    pub fn size(&self) -> (usize, usize, usize) {
        (self.hoisted.len(), self.entries[0].body.len(), self.n_registers)
    }

    /// Number of instructions of one group.
    #[cfg(test)]
    pub(crate) fn length_of(&self, entry: usize) -> usize {
        self.entries[entry].body.len()
    }

    /// Its registers at the start of a computation on a machine, the file being array `array`.
    pub(crate) fn on_machine(&self, straight: &mut Straight, array: u32) -> Registers {
        Registers::new(straight, array, self.n_registers, &self.constants)
    }

    /// Instructions of one group.
    pub(crate) fn code_of(&self, entry: usize) -> &[Instruction] {
        &self.entries[entry].body
    }

    /// Computes what depends on inputs only; call after any input changed.
    #[inline(always)]
    pub fn hoist<const W: usize>(&self, file: &mut [Row<W>]) {
        run::run(&self.hoisted, file, Cpu::default());
    }

    /// As [`Self::hoist`], with code for `cpu`.
    #[inline(always)]
    pub(crate) fn hoist_on<const W: usize>(&self, file: &mut [Row<W>], cpu: Cpu) {
        run::run(&self.hoisted, file, cpu);
    }

    /// Computes the roots from compartments, time, inputs and hoisted values.
    #[inline(always)]
    pub fn call<const W: usize>(&self, file: &mut [Row<W>]) {
        self.call_on(file, 0, Cpu::default());
    }

    /// As [`Self::call`], for one group and with code for `cpu`.
    #[inline(always)]
    pub(crate) fn call_on<const W: usize>(&self, file: &mut [Row<W>], entry: usize, cpu: Cpu) {
        run::run(&self.entries[entry].body, file, cpu);
    }

    /// Hoisted values of the lanes from `from` to `from + PART`.
    #[inline(always)]
    pub(crate) fn hoist_part<const W: usize>(&self, file: &mut [Row<W>], from: usize, cpu: Cpu) {
        run::run_part(&self.hoisted, file, from, cpu);
    }

    /// One group of the lanes from `from` to `from + PART`.
    #[inline(always)]
    pub(crate) fn call_part<const W: usize>(
        &self,
        file: &mut [Row<W>],
        entry: usize,
        from: usize,
        cpu: Cpu,
    ) {
        run::run_part(&self.entries[entry].body, file, from, cpu);
    }
}
