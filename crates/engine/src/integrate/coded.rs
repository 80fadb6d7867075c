//! Steps and observations of a block by machine code, where there is some.

use super::columns::{Columns, Events, Watch, lane_rows};
use crate::compile::Compiled;
use crate::machine::{Array, Code, Inflow};
use crate::program::PART;
use crate::row::{Bits, Row};
use std::cell::OnceCell;

/// Machine code for a block of one method and number of lanes; the interpreter does the rest.
pub(super) struct Coded<'a> {
    compiled: &'a Compiled,
    /// A step by inflow, when first needed.
    steps: [OnceCell<Option<&'a Code>>; 3],
    /// Acceptance and step sizes.
    control: Option<&'a Code>,
    /// Rows inside a step.
    pub(super) look: Option<&'a Code>,
    /// First slopes of stretches.
    slopes: Option<&'a Code>,
}

impl<'a> Coded<'a> {
    /// The code for blocks like `columns`; only events change `kept`.
    pub(super) fn new<const W: usize>(
        compiled: &'a Compiled,
        columns: &Columns<W>,
        kept: &[usize],
    ) -> Self {
        let (codes, method, on) = (&compiled.codes, columns.method, (W, columns.cpu));
        let control = codes.control((method, compiled.has_roots), on);
        let look = codes.look(compiled, (method, kept), on);
        let slopes = codes.slopes(compiled, method, on);
        let steps = [const { OnceCell::new() }; 3];
        Self { compiled, steps, control, look, slopes }
    }

    /// First slopes of the lanes from `from` to `from + PART` whose stretch begins, as
    /// [`Columns::first_slopes`]. False where that is left to it.
    pub(super) fn first_slopes<const W: usize>(
        &self,
        columns: &mut Columns<W>,
        from: usize,
    ) -> bool {
        let Some(code) = self.slopes.filter(|_| !columns.any_off) else { return false };
        let Columns { file, y, k, t, first, .. } = columns;
        let [file, y, k] = arrays([file, y, k]);
        code.run_from(from, [file, y, k, t.into(), first.into()], &[]);
        true
    }

    /// Takes the step with its error, as the stages and [`Columns::measure`] do. False where that is
    /// left to them: there is no code, a compartment is turned off, or factors are not trusted.
    #[inline(always)]
    pub(super) fn step<const W: usize>(&self, columns: &mut Columns<W>, rtol: f64) -> bool {
        let inflow = self.inflow(columns);
        let code = self.steps[inflow as usize].get_or_init(|| self.make(columns, inflow));
        let Some(code) = code.filter(|_| !columns.any_off) else { return false };
        if columns.method.is_implicit() {
            return implicit(columns, code, rtol);
        }
        let Columns { file, y, k, atol, t, h, error, at_edge, .. } = columns;
        let [file, y, k, atol] = arrays([file, y, k, atol]);
        code.run([file, y, k, atol, t.into(), h.into(), error.into(), at_edge.into()], &[rtol]);
        true
    }

    /// A step with this inflow.
    #[cold]
    fn make<const W: usize>(&self, columns: &Columns<W>, inflow: Inflow) -> Option<&'a Code> {
        let (compiled, method, on) = (self.compiled, columns.method, (W, columns.cpu));
        let codes = &compiled.codes;
        if method.is_implicit() {
            return codes.implicit(compiled.stiff(), (method, inflow), on);
        }
        codes.explicit(compiled, (method, columns.watches), inflow, on)
    }

    /// What flows into some lane beside the derivatives.
    #[inline(always)]
    fn inflow<const W: usize>(&self, columns: &Columns<W>) -> Inflow {
        match (columns.any_rate, columns.any_moving || self.compiled.resting.is_empty()) {
            (true, _) => Inflow::Infused,
            (false, true) => Inflow::Nothing,
            (false, false) => Inflow::Resting,
        }
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
    let mut all = 0;
    for part in 0..W / PART {
        all |= (row[part * PART] & 0xFF) << (part * PART);
    }
    all
}

fn arrays<const N: usize, const W: usize>(all: [&mut Vec<Row<W>>; N]) -> [Array; N] {
    all.map(|rows| Array::from(rows.as_mut_slice()))
}
