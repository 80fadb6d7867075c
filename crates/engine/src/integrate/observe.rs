//! Observations inside the step just made: states by the continuous extension, outputs, rows.

use super::block::{Lane, each};
use super::columns::Columns;
use super::queue::Busy;
use super::stiffness::Method;
use super::{coded, dop853, tsit5};
use crate::compile::Compiled;
use crate::machine::Code;
use crate::program::PART;

/// Where at least one lane in this many observes, all are looked at in vectors.
const ONE_IN: u32 = 16;

/// Whether so many of the lanes `these` observe that all are looked at in vectors.
#[inline(always)]
fn are_many<const W: usize>(these: u64) -> bool {
    these.count_ones() * ONE_IN >= W as u32
}

impl<const W: usize> Columns<W> {
    /// Writes the rows of all observations in the steps of the lanes `observed`. Gives the lanes
    /// whose subject fails with one; that has no row then.
    #[inline(always)]
    pub(super) fn observe(
        &mut self,
        lanes: &mut [Lane<'_>],
        compiled: &Compiled,
        (registers, code): (&[usize], Option<&Code>),
        observed: u64,
    ) -> u64 {
        let outputs = &compiled.outputs;
        let (mut these, mut failed) = (observed, 0);
        // Once round for the first observation of each lane, once more for the second.
        while these != 0 {
            if let Some(code) = code.filter(|_| are_many::<W>(these)) {
                coded::look(self, code);
            } else {
                self.look(these, &compiled.shown.seen);
                registers.iter().for_each(|&i| self.out[i] = self.y[i]);
                let parts = (0..W).step_by(PART);
                let parts = parts.filter(|from| (these >> from) & ((1 << PART) - 1) != 0);
                if parts.clone().count() * PART > W / 2 {
                    outputs.call_on(&mut self.out, 0, self.cpu);
                } else {
                    parts.for_each(|from| outputs.call_part(&mut self.out, 0, from, self.cpu));
                }
            }
            these = self.write(these, lanes, &mut failed, compiled);
        }
        failed
    }

    /// Whether the next observation of lane `at` lies in its step.
    #[inline(always)]
    pub(super) fn is_due(&self, at: usize, lane: &Lane<'_>) -> bool {
        is_due(self.observation_h[at], self.reached[at], lane)
    }

    /// Puts the compartments `seen` and the times of the next observation of each of the lanes
    /// `these` where the program of outputs reads them.
    #[inline(always)]
    fn look(&mut self, these: u64, seen: &[usize]) {
        let n = self.y.len();
        if are_many::<W>(these) {
            match self.method {
                Method::Tsit5 => return tsit5::look(self, seen),
                Method::Dop853 => return dop853::look(self, seen),
                Method::Rodas4 | Method::Rodas5P => {}
            }
        }
        self.out[n] = self.observation_h;
        for at in each(these) {
            let mut out = std::mem::take(&mut self.out);
            if self.observation_h[at] == self.reached[at] {
                (0..n).for_each(|i| out[i][at] = self.file[i][at]);
            } else {
                let x = (self.observation_h[at] - self.t[at]) / self.h[at];
                let mut to = out.iter_mut();
                self.inside(at, x, |value| {
                    if let Some(to) = to.next() {
                        to[at] = value;
                    }
                });
            }
            self.out = out;
        }
    }

    /// Writes the rows of the lanes `these`, of which some have `failed` then. Gives those with one
    /// more observation in the step.
    #[inline(always)]
    fn write(
        &mut self,
        these: u64,
        lanes: &mut [Lane<'_>],
        failed: &mut u64,
        compiled: &Compiled,
    ) -> u64 {
        let registers = &compiled.shown.row[..];
        let lanes = lanes.first_chunk_mut::<W>();
        let Some(lanes) = lanes else { return 0 };
        let (again, is_strange) = match *registers {
            [a] => self.write_narrow(these, lanes, [a]),
            [a, b] => self.write_narrow(these, lanes, [a, b]),
            [a, b, c] => self.write_narrow(these, lanes, [a, b, c]),
            [a, b, c, d] => self.write_narrow(these, lanes, [a, b, c, d]),
            [a, b, c, d, e] => self.write_narrow(these, lanes, [a, b, c, d, e]),
            [a, b, c, d, e, f] => self.write_narrow(these, lanes, [a, b, c, d, e, f]),
            [a, b, c, d, e, f, g] => self.write_narrow(these, lanes, [a, b, c, d, e, f, g]),
            [a, b, c, d, e, f, g, h] => self.write_narrow(these, lanes, [a, b, c, d, e, f, g, h]),
            _ => self.write_wide(these, lanes, registers),
        };
        if is_strange {
            for at in each(these) {
                *failed |= u64::from(!is_fine(&mut lanes[at])) << at;
            }
        }
        again & !*failed
    }

    /// As [`Self::write`], of rows of so many values; says beside it whether one is not finite.
    ///
    /// A function of its own: its numbers stay in registers.
    #[inline(never)]
    fn write_narrow<const N: usize>(
        &mut self,
        these: u64,
        lanes: &mut [Lane<'_>; W],
        registers: [usize; N],
    ) -> (u64, bool) {
        let columns = registers.map(|register| &self.out[register]);
        let (observation_h, end_h, reached) = (&mut self.observation_h, &self.end_h, &self.reached);
        // Zero times what is not finite is no number; of each value apart, so that none waits.
        let (mut again, mut nothing) = (0, [0.0; N]);
        for at in each(these) {
            // Known to be a lane, without asking.
            let at = at % W;
            let lane = &mut lanes[at];
            let row = lane.rows[lane.n_rows * N..].first_chunk_mut::<N>();
            let Some(row) = row else { break };
            let values = columns.map(|column| column[at]);
            *row = values;
            for i in 0..N {
                nothing[i] += values[i] * 0.0;
            }
            let next_h = lane.next_row(end_h[at]);
            observation_h[at] = next_h;
            again |= u64::from(is_due(next_h, reached[at], lane)) << at;
        }
        (again, nothing.iter().sum::<f64>() != 0.0)
    }

    /// As [`Self::write_narrow`], of any width.
    #[inline(never)]
    fn write_wide(
        &mut self,
        these: u64,
        lanes: &mut [Lane<'_>; W],
        registers: &[usize],
    ) -> (u64, bool) {
        let (mut again, mut nothing) = (0, 0.0);
        let width = registers.len();
        for at in each(these) {
            let lane = &mut lanes[at];
            let row = &mut lane.rows[lane.n_rows * width..][..width];
            for (value, &register) in row.iter_mut().zip(registers) {
                *value = self.out[register][at];
                nothing += *value * 0.0;
            }
            self.observation_h[at] = lane.next_row(self.end_h[at]);
            again |= u64::from(self.is_due(at, lane)) << at;
        }
        (again, nothing != 0.0)
    }
}

/// Whether an observation at `time_h` lies in the step of a lane that has `reached` so far.
///
/// One at the very time at which a condition changes is left to the clock.
#[inline(always)]
fn is_due(time_h: f64, reached: f64, lane: &Lane<'_>) -> bool {
    time_h <= reached && (time_h < reached || lane.crossing.is_none())
}

/// Whether the last row of a lane may stand although not all of it is finite; if not, it is taken
/// back, and the clock has the reason.
#[cold]
fn is_fine(lane: &mut Lane<'_>) -> bool {
    let Some(Busy { clock, .. }) = &mut lane.busy else { return true };
    let last = lane.n_rows - 1;
    let times_h = &clock.stretch.times_h[last - clock.n_rows..];
    let Some(failure) = clock.fault_in_row(&lane.rows, last, times_h[0]) else { return true };
    clock.failure.get_or_insert(failure);
    (lane.n_rows, lane.times_h) = (last, times_h);
    false
}
