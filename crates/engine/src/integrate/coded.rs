//! Steps and observations of a block by machine code, where there is some.

use super::columns::{Columns, Events, Watch, lane_rows};
use crate::compile::Compiled;
use crate::machine::{Array, Code};
use crate::program::{PART, Program};
use crate::row::{Bits, Row};

/// Machine code for a block of one method and number of lanes; the interpreter does the rest.
pub(super) struct Coded<'a> {
    compiled: &'a Compiled,
    program: &'a Program,
    /// A step; one while what may rest does.
    step: Option<&'a Code>,
    step_resting: Option<&'a Code>,
    /// Acceptance and step sizes.
    control: Option<&'a Code>,
    /// Rows inside a step.
    pub(super) look: Option<&'a Code>,
}

impl<'a> Coded<'a> {
    /// The code for steps of `program` in blocks like `columns`; only events change `kept`.
    pub(super) fn new<const W: usize>(
        compiled: &'a Compiled,
        program: &'a Program,
        columns: &Columns<W>,
        kept: &[usize],
    ) -> Self {
        let (codes, method, on) = (&compiled.codes, columns.method, (W, columns.cpu));
        let (step, step_resting) = if method.is_implicit() {
            (codes.implicit(compiled.stiff(), method, on), None)
        } else {
            let of = |resting| codes.explicit(program, (method, columns.watches), resting, on);
            (of(&[]), of(&compiled.resting))
        };
        let control = codes.control((method, compiled.has_roots), on);
        let look = codes.look(compiled, (method, kept), on);
        Self { compiled, program, step, step_resting, control, look }
    }

    /// Takes the step with its error, as the stages and [`Columns::measure`] do. False where that is
    /// left to them: there is no code, a compartment is turned off, or factors are not trusted.
    #[inline(always)]
    pub(super) fn step<const W: usize>(&self, columns: &mut Columns<W>, rtol: f64) -> bool {
        if columns.any_off {
            return false;
        }
        if columns.method.is_implicit() {
            return self.step.is_some_and(|code| implicit(columns, code, rtol));
        }
        let rest = self.step_resting.filter(|_| self.are_resting(columns));
        let Some(code) = rest.or(self.step) else { return false };
        let Columns { file, y, k, atol, t, h, error, at_edge, .. } = columns;
        let [file, y, k, atol] = arrays([file, y, k, atol]);
        code.run([file, y, k, atol, t.into(), h.into(), error.into(), at_edge.into()], &[rtol]);
        true
    }

    /// As [`Columns::decide`].
    #[inline(always)]
    pub(super) fn decide<const W: usize>(&self, columns: &mut Columns<W>, watch: Watch) -> Events {
        let Some(code) = self.control else { return columns.decide(watch) };
        let most = f64::from_bits(watch.max_steps);
        // SAFETY: the columns begin with these rows, which are numbers and bits.
        #[allow(unsafe_code, reason = "fields as rows")]
        let rows = unsafe { Array::within::<_, W>(columns, lane_rows::COUNT) };
        code.run([rows], &[most]);
        Events { stops: flags(&columns.stops), observed: flags(&columns.observed) }
    }

    /// Whether what may rest is zero and nothing is infused into it, in every lane.
    #[inline(always)]
    fn are_resting<const W: usize>(&self, columns: &Columns<W>) -> bool {
        let rates = &columns.file[self.program.rates()..];
        let is_infused = |i: usize| rates[i].iter().any(|rate| *rate != 0.0);
        let any_infused = columns.any_rate && self.compiled.resting.iter().any(|&i| is_infused(i));
        !columns.any_moving && !any_infused
    }
}

/// A step of a Rosenbrock method; false where the factors of a lane are not trusted.
#[inline(always)]
fn implicit<const W: usize>(columns: &mut Columns<W>, code: &Code, rtol: f64) -> bool {
    let Columns { file, y, k, estimate, atol, t, h, error, trusted, busy, .. } = columns;
    let [file, y, k, estimate, atol] = arrays([file, y, k, estimate, atol]);
    let [t, h, error] = [t, h, error].map(Array::from);
    code.run([file, y, k, estimate, atol, t, h, error, (&mut *trusted).into()], &[rtol]);
    let mut all = 1;
    for lane in 0..W {
        all &= trusted[lane] | (1 - busy[lane]);
    }
    all == 1
}

/// Computes what rows hold of the next observation of every lane.
#[inline(always)]
pub(super) fn look<const W: usize>(columns: &mut Columns<W>, code: &Code) {
    let Columns { out, file, y, k, t, h, reached, observation_h, .. } = columns;
    let [out, file, y, k] = arrays([out, file, y, k]);
    let [t, h, reached, observed] = [t, h, reached, observation_h].map(Array::from);
    code.run([out, file, y, k, t, h, reached, observed], &[]);
}

/// One bit per lane, of the first byte of each part.
#[inline(always)]
fn flags<const W: usize>(row: &Bits<W>) -> u64 {
    let parts = row.iter().step_by(PART).enumerate();
    parts.fold(0, |all, (part, bits)| all | (bits & 0xFF) << (part * PART))
}

fn arrays<const N: usize, const W: usize>(all: [&mut Vec<Row<W>>; N]) -> [Array; N] {
    all.map(|rows| Array::from(rows.as_mut_slice()))
}
