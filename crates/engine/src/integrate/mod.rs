//! Many subjects through their timelines, each with its own time, step and error.
//!
//! A block integrates the subjects of its lanes from stop to stop; what happens at a stop is done
//! by the subject's clock. A lane's arithmetic never reads its neighbors, so a result depends
//! neither on them nor on the number of lanes.

mod block;
mod coded;
mod columns;
mod combine;
mod controller;
mod dop853;
mod explicit;
mod measure;
mod observe;
mod options;
mod pivoted;
mod queue;
mod rosenbrock;
mod stiffness;
#[cfg(test)]
mod tests;
mod tsit5;

pub use options::{
    Cause, Counts, Follow, Isa, Lanes, NotFinite, Options, Solver, Subject, Trajectory,
};

use crate::clock::Clock;
use crate::compile::Compiled;
use crate::cpu::{Cpu, has};
use crate::linear::together;
use crate::row::Row;
use block::block;
pub(crate) use columns::{FIRST_CUT, lane_rows};
pub(crate) use controller::{ABOUT_ONE_OVER, ONE_OVER, SAFETY, SHRINKS, Sizes};
pub(crate) use measure::OWN_COUNTS;
use queue::Queue;
pub(crate) use queue::{Left, SolvedStart};
pub(crate) use rosenbrock::SMALLEST_PIVOT;
pub(crate) use stiffness::{Method, Stiffness};

/// Runs each subject through its timeline.
///
/// # Shape
/// One trajectory per subject, in order.
/// # Errors
/// A subject that fails carries its reason; the others finish.
pub fn integrate(
    compiled: &Compiled,
    subjects: &[Subject<'_>],
    options: &Options,
) -> Vec<Trajectory> {
    let mut found = vec![Trajectory::default(); subjects.len()];
    integrate_each(compiled, subjects, options, &mut |at, trajectory| {
        found[at] = std::mem::take(trajectory);
    });
    found
}

/// As [`integrate`], for who does not keep all rows: `take` gets each trajectory when it is done,
/// with the index of its subject, in no order to rely on.
///
/// Gives the number of steps that lanes could have tried, those of idle lanes included: the steps
/// and rejections of all subjects are the part of them that was used.
///
/// Memory for rows that is left in the trajectory serves another subject: fresh memory costs more
/// than a few rows do.
pub fn integrate_each(
    compiled: &Compiled,
    subjects: &[Subject<'_>],
    options: &Options,
    take: &mut dyn FnMut(usize, &mut Trajectory),
) -> u64 {
    let mut take = |at: usize, trajectory: &mut Trajectory| take(at, trajectory);
    let mut left = Left::default();
    let done = together(compiled, subjects, options, &mut left, &mut take);
    let mut queue = Queue::of_subjects(compiled, (subjects, done), options, left, &mut take);
    dispatch(&mut queue);
    queue.n_lane_steps
}

/// Runs clocks that are set up already.
pub(crate) fn run_clocks<'a>(clocks: Vec<Clock<'a>>) -> Vec<Clock<'a>> {
    let Some(first) = clocks.first() else { return clocks };
    let mut queue = Queue::of_clocks(first.compiled, &first.options.clone(), clocks);
    dispatch(&mut queue);
    queue.clocks()
}

/// What this machine can do, the best last.
pub fn available() -> Vec<Isa> {
    let all = [Isa::Baseline, Isa::Avx2, Isa::Avx512, Isa::Code];
    all.into_iter().filter(|&isa| has(isa)).collect()
}

/// Each method in turn until no subject waits for either.
fn dispatch(queue: &mut Queue<'_>) {
    loop {
        for method in [Method::Tsit5, Method::Dop853, Method::Rodas4, Method::Rodas5P] {
            queue.turn_to(method);
            by_width(queue);
        }
        if queue.is_done() {
            return;
        }
    }
}

fn by_width(queue: &mut Queue<'_>) {
    match queue.options.lanes {
        Lanes::Auto => match queue.len() {
            0 | 1 => on_machine::<1>(queue),
            2..=8 => on_machine::<8>(queue),
            9..=16 => on_machine::<16>(queue),
            // More per instruction read; the register file of a usual model still lies near enough.
            // With few rounds too many lanes idle while the last subjects end.
            // Machine code has no instructions to read, and its rows lie nearer in fewer lanes; only
            // those of small models lie near enough.
            256.. if reads_512(queue.options.isa) => on_machine::<64>(queue),
            2048.. if is_small(queue) => on_machine::<64>(queue),
            _ => on_machine::<32>(queue),
        },
        Lanes::L1 => on_machine::<1>(queue),
        Lanes::L8 => on_machine::<8>(queue),
        Lanes::L16 => on_machine::<16>(queue),
        Lanes::L32 => on_machine::<32>(queue),
        Lanes::L64 => on_machine::<64>(queue),
    }
}

/// Whether an interpreter with 512-bit vectors runs.
fn reads_512(isa: Option<Isa>) -> bool {
    let cpu = Cpu::new(isa);
    cpu.isa() == Isa::Avx512 && !cpu.has_code()
}

/// Whether machine code steps through a model of which 64 lanes lie in the first cache.
fn is_small(queue: &Queue<'_>) -> bool {
    let Compiled { derivatives, outputs, .. } = queue.compiled;
    // State, slopes at both ends, three stages, error and tolerance of each compartment.
    let n_rows =
        derivatives.size().2 + outputs.size().2 + 8 * derivatives.time() + lane_rows::COUNT;
    let has_code = Cpu::new(queue.options.isa).has_code();
    has_code && !queue.method().is_implicit() && n_rows * size_of::<Row<64>>() <= NEAR_BYTES
}

/// Part of a first cache of 48 kB that rows may take.
const NEAR_BYTES: usize = 48 << 10;

#[allow(unsafe_code, reason = "the same safe code, compiled for wider vectors")]
fn on_machine<const W: usize>(queue: &mut Queue<'_>) {
    let cpu = Cpu::new(queue.options.isa);
    match cpu.isa() {
        // SAFETY: a `Cpu` holds only an instruction set that the processor has.
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => unsafe { block_avx512::<W>(queue, cpu) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => unsafe { block_avx2::<W>(queue, cpu) },
        _ => block::<W>(queue, cpu),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
fn block_avx512<const W: usize>(queue: &mut Queue<'_>, cpu: Cpu) {
    block::<W>(queue, cpu);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn block_avx2<const W: usize>(queue: &mut Queue<'_>, cpu: Cpu) {
    block::<W>(queue, cpu);
}
