//! Result rows.

use super::{Clock, RunCause, RunFailure};
use crate::integrate::NotFinite;
use crate::row::Row;
use epsom_model::ir::Mode;
use std::ops::Range;

/// Observations of one stretch whose outputs are computed together.
pub(super) const AT_ONCE: usize = 8;

impl Clock<'_> {
    /// Outputs and compartments now, covariates and exact conditions as they are at this very time.
    pub(super) fn row_now(&mut self) -> Result<(), RunFailure> {
        let state = std::mem::take(&mut self.inputs.state);
        let done = self.at_once(|now| now.write_rows(&[now.inputs.time_h], &state));
        self.inputs.state = state;
        done
    }

    /// What `read` gives with covariates and exact conditions as they are at this very time, not
    /// just after it: what a record sees. Conditions on the state keep their registers.
    #[inline(always)]
    pub(super) fn at_once<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, RunFailure>,
    ) -> Result<T, RunFailure> {
        let is_even = self.timeline.tracks().is_empty() && self.inputs.modes.is_empty();
        let before = (!is_even).then(|| self.turn_to_this_very_time());
        let result = read(self);
        if let Some(before) = before {
            (self.inputs.covariates, self.inputs.modes) = before;
        }
        result
    }

    /// Makes covariates and exact conditions those of this very time; gives those just after it.
    #[inline(never)]
    fn turn_to_this_very_time(&mut self) -> (Vec<f64>, Vec<f64>) {
        let before = (self.inputs.covariates.clone(), self.inputs.modes.clone());
        self.read_covariates(true);
        for (at, mode) in self.compiled.model.modes.iter().enumerate() {
            if let Mode::Affine { value, strict } = *mode
                && let Some(value) = self.compiled.value_of(value, &self.inputs)
            {
                self.inputs.modes[at] = f64::from(super::modes::truth(value, strict));
            }
        }
        before
    }

    /// Makes room for all rows. What stands there need not be nothing.
    pub(crate) fn make_room(&mut self) {
        self.rows.resize(self.timeline.n_rows() * self.compiled.width(), 0.0);
    }

    /// The rows so far.
    pub(crate) fn take_rows(&mut self) -> Vec<f64> {
        let mut rows = std::mem::take(&mut self.rows);
        rows.truncate(self.n_rows * self.compiled.width());
        rows
    }

    /// Why row `row` of `rows`, at `time_h`, may not stand; none where it may.
    pub(crate) fn fault_in_row(&self, rows: &[f64], row: usize, time_h: f64) -> Option<RunFailure> {
        let (shown, width) = (&self.compiled.shown, self.compiled.width());
        let kept = self.options.not_finite == NotFinite::Kept;
        // The output at a place of a row; its derivatives count as itself.
        let outputs = &shown.outputs[..shown.outputs.len() / shown.n_parts];
        let output = |at: usize| outputs.get(at % (width / shown.n_parts));
        let is_bad =
            |(at, value): (usize, &f64)| !(value.is_finite() || kept && output(at).is_some());
        let bad = rows[row * width..][..width].iter().enumerate().position(is_bad)?;
        let cause = match output(bad) {
            Some(&output) => RunCause::Output { output: output as u32 },
            None => RunCause::Solver(crate::integrate::Cause::NotFinite),
        };
        Some(self.failed_at(time_h, cause))
    }

    /// Rows of the observation records `observed`, whose compartments are `states`.
    pub(super) fn rows_inside(
        &mut self,
        observed: Range<usize>,
        states: &[f64],
    ) -> Result<(), RunFailure> {
        let n = self.compiled.layout.n_states;
        let mut times_h = [0.0; AT_ONCE];
        let mut at = observed.start;
        for states in states.chunks(AT_ONCE * n.max(1)) {
            let count = states.len() / n.max(1);
            for (place, time_h) in times_h[..count].iter_mut().enumerate() {
                *time_h = self.timeline.records()[at + place].time_h;
            }
            self.write_rows(&times_h[..count], states)?;
            at += count;
        }
        Ok(())
    }

    /// Up to `AT_ONCE` rows at these times, with the inputs as they are.
    fn write_rows(&mut self, times_h: &[f64], states: &[f64]) -> Result<(), RunFailure> {
        let program = &self.compiled.outputs;
        let (n, width) = (self.compiled.layout.n_states, self.compiled.width());
        let mut file = std::mem::take(&mut self.row_file);
        if file.is_empty() {
            file = program.registers();
        }
        for &input in self.compiled.output_inputs.all() {
            file[program.input(input)] = Row([self.flat_input(input); AT_ONCE]);
        }
        // Lanes without a row repeat the last one.
        let row = |lane: usize| lane.min(times_h.len() - 1);
        file[program.time()] = Row(std::array::from_fn(|lane| times_h[row(lane)]));
        for (i, lanes) in file[..n].iter_mut().enumerate() {
            *lanes = Row(std::array::from_fn(|lane| states[row(lane) * n + i]));
        }
        program.hoist_part(&mut file, 0, self.cpu);
        program.call_part(&mut file, 0, 0, self.cpu);
        // All at once, for a value just written cannot be read back as part of a vector in time.
        let finite = |list: &[f64]| list.iter().fold(true, |all, value| all & value.is_finite());
        let mut outputs = program.roots().iter().map(|&root| finite(&file[root as usize][..]));
        let all_finite = outputs.all(|is| is) & finite(states);
        let mut failure = None;
        for (row, &time_h) in times_h.iter().enumerate() {
            let to = &mut self.rows[self.n_rows * width..][..width];
            let places = to.iter_mut().zip(&self.compiled.shown.row);
            places.for_each(|(place, &register)| *place = file[register][row]);
            if !all_finite {
                failure = self.fault_in_row(&self.rows, self.n_rows, time_h);
            }
            if failure.is_some() {
                break;
            }
            self.n_rows += 1;
        }
        self.row_file = file;
        failure.map_or(Ok(()), Err)
    }
}
