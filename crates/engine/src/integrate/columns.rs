//! Numbers of the subjects in a block's lanes, and what all lanes do alike.

use super::controller::step_factor;
use super::stiffness::Method;
use super::{dop853, rosenbrock, tsit5};
use crate::cpu::Cpu;
use crate::program::Program;
use crate::row::{Bits, Row};
use crate::tableau::rodas4::{self, RODAS4};
use crate::tableau::rodas5p::{self, RODAS5P};
use crate::tableau::tsit5::TSIT5;

/// One row per compartment or register, or one number per lane.
///
/// Masks are 0 or 1 in 64 bits, as wide as the numbers beside them. The rows of lanes stand first and
/// in order: machine code counts them ([`lane_rows`]).
#[repr(C)]
pub(super) struct Columns<const W: usize> {
    /// Time, size of the step, end of the step and of the stretch, h; an idle lane stands at its
    /// end.
    pub(super) t: Row<W>,
    pub(super) h: Row<W>,
    pub(super) reached: Row<W>,
    pub(super) end_h: Row<W>,
    /// First observation of the stretch not yet reached, h; infinity where none.
    pub(super) observation_h: Row<W>,
    /// Step it wants, before it is cut at the end, h.
    pub(super) wanted: Row<W>,
    /// Size to try first in the next stretch, h; 0 where none is known.
    pub(super) kept: Row<W>,
    /// Last accepted step with its error, as the controller keeps them; infinity where there is
    /// none.
    pub(super) past: Row<W>,
    /// Most growth of the step: 1 after a rejection.
    pub(super) cap: Row<W>,
    /// Mean square of error over tolerance.
    pub(super) error: Row<W>,
    /// The step is at the edge of stability.
    pub(super) at_edge: Bits<W>,
    /// A subject is in the lane.
    pub(super) busy: Bits<W>,
    /// The next step is the first of its stretch.
    pub(super) first: Bits<W>,
    /// Every step is told to the subject's estimate of stiffness.
    pub(super) told: Bits<W>,
    pub(super) accepted: Bits<W>,
    /// The factors of an implicit step are to be trusted; told by machine code.
    pub(super) trusted: Bits<W>,
    /// Steps since the start of the stretch, accepted or not.
    pub(super) n_tries: Bits<W>,
    /// Flags by machine code: an event, an observation; a bit per lane in the first byte of each part.
    pub(super) stops: Bits<W>,
    pub(super) observed: Bits<W>,
    /// Rejected steps since the start of the stretch.
    pub(super) n_rejected: [u64; W],
    pub(super) method: Method,
    pub(super) cpu: Cpu,
    /// Register file of the method's program; its first rows are the states after the step.
    pub(super) file: Vec<Row<W>>,
    /// The program reads the time; the estimate of stiffness is asked for.
    pub(super) reads_time: bool,
    pub(super) watches: bool,
    /// States before the step.
    pub(super) y: Vec<Row<W>>,
    /// Stages: stage, then compartment; of an explicit method its slopes with their weights, of
    /// which machine code leaves only those that the continuous extension reads.
    pub(super) k: Vec<Row<W>>,
    /// Slopes at the start of the step of an explicit method, then those at the end.
    pub(super) ends: Vec<Row<W>>,
    /// Error estimates of the step, of Dop853 the finer; the extension of Tsit5 reads them.
    pub(super) estimate: Vec<Row<W>>,
    /// Argument of the last stage but one of an explicit method, then room for its states.
    pub(super) aside: Vec<Row<W>>,
    /// Register file of the outputs.
    pub(super) out: Vec<Row<W>>,
    /// Compartments of the model itself, before derivatives.
    pub(super) n_own: usize,
    /// Absolute tolerances over the relative one.
    pub(super) atol: Vec<Row<W>>,
    /// What makes a sum of squares the mean square of the error: see [`super::measure`].
    pub(super) per_n: f64,
    /// Compartments that are turned off.
    pub(super) off: Vec<[bool; W]>,
    pub(super) any_off: bool,
    /// Lanes of which some input is not the one that the hoisted values were made from; of outputs.
    pub(super) changed: u64,
    pub(super) outputs_changed: u64,
    /// Something is infused in some lane.
    pub(super) any_rate: bool,
    /// What may rest has once been other than zero in some lane.
    pub(super) any_moving: bool,
}

/// Rows of lanes in [`Columns`].
pub(crate) mod lane_rows {
    use super::{Columns, Row};
    use std::mem::offset_of;

    macro_rules! rows {
        ($($name:ident = $field:ident),* $(,)?) => {
            $(pub(crate) const $name: usize =
                offset_of!(Columns<8>, $field) / size_of::<Row<8>>();)*
        };
    }

    rows! {
        T = t, H = h, REACHED = reached, END_H = end_h, OBSERVATION_H = observation_h,
        WANTED = wanted, KEPT = kept, PAST = past, CAP = cap, ERROR = error, AT_EDGE = at_edge,
        BUSY = busy, FIRST = first, TOLD = told, ACCEPTED = accepted, N_TRIES = n_tries, STOPS = stops,
        OBSERVED = observed,
    }

    /// Their number.
    pub(crate) const COUNT: usize = OBSERVED + 1;
}

/// What makes a step an event.
#[derive(Clone, Copy)]
pub(super) struct Watch {
    /// Every step.
    pub(super) all: bool,
    /// Number of steps in a stretch.
    pub(super) max_steps: u64,
}

/// Where lanes do not do alike, one bit per lane.
#[derive(Clone, Copy)]
pub(super) struct Events {
    /// An end, a rejection, a step to be told.
    pub(super) stops: u64,
    /// An observation inside the step.
    pub(super) observed: u64,
}

/// Part of a rejected first step that is tried next.
pub(crate) const FIRST_CUT: f64 = 0.1;

impl<const W: usize> Columns<W> {
    /// In memory of its own: a local would be taken apart into one number per lane.
    #[inline(never)]
    pub(super) fn boxed(programs: [&Program; 2], method: Method, cpu: Cpu) -> Box<Self> {
        Box::new(Self::new(programs, method, cpu))
    }

    fn new([program, outputs]: [&Program; 2], method: Method, cpu: Cpu) -> Self {
        let n = program.time();
        let n_stages = match method {
            Method::Tsit5 => TSIT5.n_stages(),
            Method::Dop853 => dop853::N_ROWS,
            Method::Rodas4 => rodas4::STAGES,
            Method::Rodas5P => rodas5p::STAGES,
        };
        let rows = |n_rows: usize| vec![Row::<W>::ZERO; n_rows];
        Self {
            method,
            cpu,
            file: program.registers::<W>(),
            reads_time: program.reads_time(),
            watches: false,
            y: rows(n),
            k: rows(n * n_stages),
            ends: rows(2 * n),
            estimate: rows(n),
            aside: rows(n),
            out: outputs.registers::<W>(),
            n_own: n,
            atol: vec![Row([1.0; W]); n],
            per_n: 1.0,
            off: vec![[false; W]; n],
            any_off: false,
            changed: 0,
            outputs_changed: 0,
            any_rate: false,
            any_moving: false,
            t: Row::<W>::ZERO,
            h: Row::<W>::ZERO,
            reached: Row::<W>::ZERO,
            end_h: Row::<W>::ZERO,
            observation_h: Row([f64::INFINITY; W]),
            wanted: Row::<W>::ZERO,
            kept: Row::<W>::ZERO,
            past: Row([f64::INFINITY; W]),
            cap: Row([f64::INFINITY; W]),
            error: Row::<W>::ZERO,
            at_edge: Bits::ZERO,
            busy: Bits::ZERO,
            first: Bits::ZERO,
            told: Bits::ZERO,
            accepted: Bits::ZERO,
            trusted: Bits::ZERO,
            stops: Bits::ZERO,
            observed: Bits::ZERO,
            n_tries: Bits::ZERO,
            n_rejected: [0; W],
        }
    }

    /// States after the step.
    #[inline(always)]
    pub(super) fn y_new(&self) -> &[Row<W>] {
        &self.file[..self.y.len()]
    }

    /// Cuts the step at the end of the stretch.
    #[inline(always)]
    pub(super) fn cut(&mut self) {
        for lane in 0..W {
            let (wanted, left) = (self.wanted[lane], self.end_h[lane] - self.t[lane]);
            self.h[lane] = if wanted < left { wanted } else { left };
        }
    }

    /// Accepts or rejects each step, chooses the next size, and says where something happens that
    /// lanes do not do alike.
    #[inline(always)]
    pub(super) fn decide(&mut self, watch: Watch) -> Events {
        let (mut factor, mut present) = (Row::<W>::ZERO, Row::<W>::ZERO);
        match self.method {
            Method::Dop853 => {
                step_factor::<8, W>(&self.error, &self.h, &self.past, &mut factor, &mut present);
            }
            Method::Tsit5 | Method::Rodas5P => {
                step_factor::<5, W>(&self.error, &self.h, &self.past, &mut factor, &mut present);
            }
            Method::Rodas4 => {
                step_factor::<4, W>(&self.error, &self.h, &self.past, &mut factor, &mut present);
            }
        }
        let all = bit(watch.all);
        let Self { t, h, end_h, reached, wanted, kept, cap, past, error, at_edge, .. } = self;
        let Self { observation_h, busy, first, told, accepted, n_tries, .. } = self;
        // Choices are made in bits: a loop with jumps does not become vectors.
        for lane in 0..W {
            let is = bit(error[lane] <= 1.0);
            accepted[lane] = is;
            n_tries[lane] += busy[lane];
            // A first step was guessed, possibly far off.
            let most = blend(blend(1.0, FIRST_CUT, first[lane]), cap[lane], is);
            let factor = if factor[lane] < most { factor[lane] } else { most };
            wanted[lane] = h[lane] * factor;
            cap[lane] = blend(1.0, f64::INFINITY, is);
            past[lane] = blend(past[lane], present[lane], is);
        }
        let (mut stops, mut observed) = (Bits::<W>::ZERO, Bits::<W>::ZERO);
        for lane in 0..W {
            let last = bit(h[lane] == end_h[lane] - t[lane]);
            reached[lane] = blend(t[lane] + h[lane], end_h[lane], last);
            // The next stretch starts with what served first in this one; a step cut short says
            // little.
            let longer = if kept[lane] > h[lane] { kept[lane] } else { h[lane] };
            let served = blend(wanted[lane], longer, last);
            kept[lane] = blend(kept[lane], served, accepted[lane] & first[lane]);
            let not = 1 - accepted[lane];
            first[lane] &= not;
            let many = bit(n_tries[lane] >= watch.max_steps);
            stops[lane] = (not | last | told[lane] | at_edge[lane] | all | many) & busy[lane];
            let sees = bit(observation_h[lane] <= reached[lane]);
            observed[lane] = sees & accepted[lane] & busy[lane];
        }
        Events { stops: gather(&stops), observed: gather(&observed) }
    }

    /// Moves all lanes to the end of their step.
    #[inline(always)]
    pub(super) fn commit(&mut self) {
        let n = self.y.len();
        self.t = self.reached;
        self.y.copy_from_slice(&self.file[..n]);
        // The last stage is the first of the next step.
        if !self.method.is_implicit() {
            let (first, last) = self.ends.split_at_mut(n);
            first.copy_from_slice(last);
        }
    }

    /// Takes lane `at` back to the start of its step.
    pub(super) fn take_back(&mut self, at: usize) {
        self.reached[at] = self.t[at];
        self.file.iter_mut().zip(&self.y).for_each(|(after, before)| after[at] = before[at]);
        let (first, last) = self.ends.split_at_mut(self.y.len());
        last.iter_mut().zip(first).for_each(|(after, before)| after[at] = before[at]);
    }

    /// State of lane `at` at fraction `x` of the step just made.
    #[inline(always)]
    pub(super) fn inside(&self, at: usize, x: f64, put: impl FnMut(f64)) {
        match self.method {
            Method::Tsit5 => tsit5::inside(self, at, x, put),
            Method::Dop853 => dop853::inside(self, at, x, put),
            Method::Rodas4 => rosenbrock::inside(&RODAS4, self, at, x, put),
            Method::Rodas5P => rosenbrock::inside(&RODAS5P, self, at, x, put),
        }
    }
}

/// One bit per lane.
#[inline(always)]
fn gather<const W: usize>(bits: &Bits<W>) -> u64 {
    let mut all = 0;
    for lane in 0..W {
        all |= bits[lane] << lane;
    }
    all
}

/// 1 where it is so, as wide as the numbers beside it.
#[inline(always)]
pub(super) fn bit(is: bool) -> u64 {
    u64::from(is)
}

/// `new` where `accepted` is 1, `old` where it is 0; in bits, which never becomes a jump.
#[inline(always)]
fn blend(old: f64, new: f64, accepted: u64) -> f64 {
    let mask = 0_u64.wrapping_sub(accepted);
    f64::from_bits((new.to_bits() & mask) | (old.to_bits() & !mask))
}
