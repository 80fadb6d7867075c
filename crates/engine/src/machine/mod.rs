//! Machine code for what lanes do alike.
//!
//! The interpreter of programs is the reference: code made here does the same operations in the
//! same order, so that the numbers are the same to the bit, and whoever runs it may go on with the
//! interpreter at any time. There is code for processors with 512-bit vectors; elsewhere, and where
//! the system gives no memory that can be executed, the interpreter does all.

#[cfg(test)]
mod any_tests;
mod assemble;
mod codes;
mod control;
mod explicit;
mod frame;
mod functions;
mod look;
mod masks;
mod norm;
mod order;
mod program;
mod rosenbrock;
mod slopes;
mod straight;
#[cfg(test)]
mod tests;
mod vectors;

pub(crate) use codes::{Codes, Inflow};
pub(crate) use program::Registers;
pub(crate) use straight::Straight;

use crate::program::PART;
use crate::row::{Bits, Row};
use memmap2::{Mmap, MmapMut};
use std::sync::OnceLock;

/// What is told to steps and decisions: what makes a sum of squares the mean square of the error, and, as
/// a whole number, most steps in a stretch.
const PER_N: u32 = 0;
const MAX_STEPS: u32 = 1;

/// Longer computations would take more time to translate than they save, and their code would not
/// stay near the processor.
const MOST_OPERATIONS: usize = 30_000;

/// A computation as machine code, for blocks of one number of lanes: for all of them or one part.
#[derive(Debug)]
pub(crate) struct Code {
    memory: Mmap,
    constants: Vec<u64>,
    n_lanes: usize,
    n_arrays: usize,
    /// Parts that a run does.
    n_parts: usize,
    /// Rows that are touched, per array.
    n_rows: [usize; frame::MOST_ARRAYS],
    n_told: usize,
}

/// An array of rows that code reads and writes.
pub(crate) struct Array {
    start: *mut f64,
    n_rows: usize,
    n_lanes: usize,
}

impl<const W: usize> From<&mut [Row<W>]> for Array {
    fn from(rows: &mut [Row<W>]) -> Self {
        Self { start: rows.as_mut_ptr().cast(), n_rows: rows.len(), n_lanes: W }
    }
}

impl<const W: usize> From<&mut Row<W>> for Array {
    fn from(row: &mut Row<W>) -> Self {
        std::slice::from_mut(row).into()
    }
}

impl<const W: usize> From<&mut Bits<W>> for Array {
    fn from(row: &mut Bits<W>) -> Self {
        Self { start: row.as_mut_ptr().cast(), n_rows: 1, n_lanes: W }
    }
}

impl Array {
    /// The rows with which `all` begins.
    ///
    /// # Safety
    /// `all` begins with `n_rows` rows of `W` lanes, of which any bits are fine.
    #[allow(unsafe_code, reason = "fields as rows")]
    pub(crate) unsafe fn within<T, const W: usize>(all: &mut T, n_rows: usize) -> Self {
        Self { start: std::ptr::from_mut(all).cast(), n_rows, n_lanes: W }
    }
}

#[cfg(target_arch = "x86_64")]
type Entry = unsafe extern "sysv64" fn(*const *mut f64, *const f64, *const u64);

/// Whether the system lets a program run code that it has made.
pub(crate) fn is_allowed() -> bool {
    static IS_ALLOWED: OnceLock<bool> = OnceLock::new();
    *IS_ALLOWED.get_or_init(|| Code::new(&Straight::default(), PART).is_some())
}

impl Code {
    /// Code for blocks of `n_lanes`; none where it is too long or the system does not let it run.
    pub(crate) fn new(straight: &Straight, n_lanes: usize) -> Option<Self> {
        Self::in_turn(std::slice::from_ref(straight), n_lanes)
    }

    /// The same, of computations of which each is done in all lanes before the next.
    pub(crate) fn in_turn(computations: &[Straight], n_lanes: usize) -> Option<Self> {
        Self::of_parts(computations, n_lanes, n_lanes / PART)
    }

    /// The same of one computation, to be run on one part at a time.
    pub(crate) fn of_part(straight: &Straight, n_lanes: usize) -> Option<Self> {
        Self::of_parts(std::slice::from_ref(straight), n_lanes, 1)
    }

    #[allow(unsafe_code, reason = "asks the system for memory")]
    fn of_parts(computations: &[Straight], n_lanes: usize, n_parts: usize) -> Option<Self> {
        let (mut n_rows, mut n_arrays) = ([0; frame::MOST_ARRAYS], 0);
        for straight in computations {
            let touched = straight.rows();
            n_arrays = n_arrays.max(touched.len());
            let known = n_rows.get_mut(..touched.len())?;
            known.iter_mut().zip(touched).for_each(|(n, touched)| *n = touched.max(*n));
        }
        let n_operations: usize = computations.iter().map(Straight::len).sum();
        let fits = n_operations <= MOST_OPERATIONS;
        if !cfg!(target_arch = "x86_64") || !fits || !n_lanes.is_multiple_of(PART) {
            return None;
        }
        let stride = n_lanes * size_of::<f64>();
        let made = assemble::assemble(computations, stride, (n_parts, n_arrays)).ok()?;
        let mut memory = MmapMut::map_anon(made.bytes.len()).ok()?;
        memory.copy_from_slice(&made.bytes);
        let memory = memory.make_exec().ok()?;
        let n_told = computations.iter().map(Straight::n_told).max().unwrap_or(0);
        let constants = made.constants;
        Some(Self { memory, constants, n_lanes, n_parts, n_arrays, n_rows, n_told })
    }

    /// Runs it on all lanes.
    ///
    /// # Panics
    /// If an array is missing, or has other lanes or fewer rows than the code was made for.
    #[inline]
    pub(crate) fn run<const N: usize>(&self, arrays: &[Array; N], told: &[f64]) {
        self.run_from(0, arrays, told);
    }

    /// Runs it on the lanes from `from` on that it was made for.
    ///
    /// # Panics
    /// As [`Self::run`], and if there are not so many lanes.
    #[allow(unsafe_code, reason = "calls the code that was made")]
    #[inline]
    pub(crate) fn run_from<const N: usize>(&self, from: usize, arrays: &[Array; N], told: &[f64]) {
        assert!(N >= self.n_arrays && told.len() >= self.n_told, "something is missing");
        // Without branches: all are asked.
        let fits = arrays.iter().zip(&self.n_rows).fold(true, |fits, (array, &n_rows)| {
            fits & (array.n_lanes == self.n_lanes) & (array.n_rows >= n_rows)
        });
        assert!(fits, "an array is too small");
        let is_there = from.is_multiple_of(PART) && from + self.n_parts * PART <= self.n_lanes;
        assert!(is_there, "no such lanes");
        let starts: [_; N] = std::array::from_fn(|at| arrays[at].start.wrapping_add(from));
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the bytes are a function of this type, made by `assemble`; it touches only rows
        // of the arrays, which are there as was just asked, its constants and what is told. Rows
        // start at multiples of 64 bytes, and the parts lie within them, as was asked too. Arrays
        // are made from unique references. A `Code` is run only where `Cpu` has found 512-bit
        // vectors.
        unsafe {
            let entry: Entry = std::mem::transmute(self.memory.as_ptr());
            entry(starts.as_ptr(), told.as_ptr(), self.constants.as_ptr());
        }
    }
}
