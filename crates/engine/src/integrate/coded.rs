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
    /// What only events change.
    kept: &'a [usize],
    /// A step by inflow, when first needed.
    steps: [OnceCell<Option<&'a Code>>; 3],
    /// Acceptance and step sizes, when first needed: a whole step has its own.
    control: OnceCell<Option<&'a Code>>,
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
        kept: &'a [usize],
    ) -> Self {
        let (codes, method, on) = (&compiled.codes, columns.method, (W, columns.cpu));
        let look = codes.look(compiled, (method, kept), on);
        let slopes = if method.is_implicit() { None } else { codes.slopes(compiled, on) };
        let steps = [const { OnceCell::new() }; 3];
        Self { compiled, kept, steps, control: OnceCell::new(), look, slopes }
    }

    /// First slopes of the lanes from `from` to `from + PART` whose stretch begins, as
    /// [`Columns::first_slopes`]. False where that is left to it.
    pub(super) fn first_slopes<const W: usize>(
        &self,
        columns: &mut Columns<W>,
        from: usize,
    ) -> bool {
        let Some(code) = self.slopes.filter(|_| !columns.any_off) else { return false };
        let Columns { file, ends, reached, first, .. } = columns;
        code.run_from(from, &[array(file), array(ends), reached.into(), first.into()], &[]);
        true
    }

    /// Takes a step of an explicit method and decides on it: what [`Columns::commit`],
    /// [`Columns::cut`], the stages, [`Columns::measure`] and [`Columns::decide`] do. None where that
    /// is left to them: there is no code, or a compartment is turned off.
    #[inline(always)]
    pub(super) fn whole<const W: usize>(
        &self,
        columns: &mut Columns<W>,
        watch: Watch,
    ) -> Option<Events> {
        if columns.method.is_implicit() || columns.any_off {
            return None;
        }
        let code = self.code(columns)?;
        let Columns { file, y, k, ends, atol, estimate, per_n, .. } = columns;
        let told = [*per_n, watch.most()];
        let [file, y, k] = [array(file), array(y), array(k)];
        let [ends, atol, estimate] = [array(ends), array(atol), array(estimate)];
        code.run(&[file, y, k, ends, atol, estimate, lanes(columns)], &told);
        Some(events(columns))
    }

    /// Takes the step of a Rosenbrock method with its error. False where that is left to the
    /// interpreter: there is no code, or the factors of a lane are not trusted.
    #[inline(always)]
    pub(super) fn step<const W: usize>(&self, columns: &mut Columns<W>) -> bool {
        let is_coded = columns.method.is_implicit() && !columns.any_off;
        let code = if is_coded { self.code(columns) } else { None };
        code.is_some_and(|code| implicit(columns, code))
    }

    /// The code of a step with the present inflow.
    #[inline(always)]
    fn code<const W: usize>(&self, columns: &Columns<W>) -> Option<&'a Code> {
        let inflow = self.inflow(columns);
        *self.steps[inflow as usize].get_or_init(|| self.make(columns, inflow))
    }

    /// A step with this inflow.
    #[cold]
    fn make<const W: usize>(&self, columns: &Columns<W>, inflow: Inflow) -> Option<&'a Code> {
        let (compiled, method, on) = (self.compiled, columns.method, (W, columns.cpu));
        let codes = &compiled.codes;
        if method.is_implicit() {
            return codes.implicit((compiled.stiff(), compiled.n_own()), (method, inflow), on);
        }
        codes.explicit((compiled, self.kept), (method, columns.watches), inflow, on)
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
        let Compiled { codes, has_roots, .. } = self.compiled;
        let make = || codes.control((columns.method, *has_roots), (W, columns.cpu));
        let Some(code) = *self.control.get_or_init(make) else { return columns.decide(watch) };
        code.run(&[lanes(columns)], &[0.0, watch.most()]);
        events(columns)
    }
}

impl Watch {
    /// Most steps, as code is told.
    fn most(self) -> f64 {
        f64::from_bits(self.max_steps)
    }
}

/// The rows of lanes.
#[inline(always)]
fn lanes<const W: usize>(columns: &mut Columns<W>) -> Array {
    // SAFETY: the columns begin with these rows, which are numbers and bits.
    #[allow(unsafe_code, reason = "fields as rows")]
    unsafe {
        Array::within::<_, W>(columns, lane_rows::COUNT)
    }
}

/// What code has found.
#[inline(always)]
fn events<const W: usize>(columns: &Columns<W>) -> Events {
    Events { stops: flags(&columns.stops), observed: flags(&columns.observed) }
}

/// A step of a Rosenbrock method; false where the factors of a lane are not trusted.
#[inline(always)]
fn implicit<const W: usize>(columns: &mut Columns<W>, code: &Code) -> bool {
    let Columns { file, y, k, estimate, atol, t, h, error, trusted, busy, per_n, .. } = columns;
    let told = [*per_n];
    let [file, y, k] = [array(file), array(y), array(k)];
    let [estimate, atol] = [array(estimate), array(atol)];
    let [t, h, error] = [t.into(), h.into(), error.into()];
    code.run(&[file, y, k, estimate, atol, t, h, error, (&mut *trusted).into()], &told);
    let mut all = 1;
    for lane in 0..W {
        all &= trusted[lane] | (1 - busy[lane]);
    }
    all == 1
}

/// Computes what rows hold of the next observation of every lane.
#[inline(always)]
pub(super) fn look<const W: usize>(columns: &mut Columns<W>, code: &Code) {
    let Columns { out, file, y, k, ends, estimate, .. } = columns;
    let [out, file, y] = [array(out), array(file), array(y)];
    let [k, ends, estimate] = [array(k), array(ends), array(estimate)];
    code.run(&[out, file, y, k, ends, estimate, lanes(columns)], &[]);
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

#[inline(always)]
fn array<const W: usize>(rows: &mut Vec<Row<W>>) -> Array {
    rows.as_mut_slice().into()
}
