//! Where inside a step a condition changes.

use super::Clock;
use super::modes::truth;
use epsom_model::ir::Mode;

/// A step just made, as its continuous extension sees it.
pub(crate) struct StepView<'a> {
    /// Its start, h.
    pub(crate) from_h: f64,
    /// Its length, h.
    pub(crate) h: f64,
    /// Writes the state at a fraction of the step.
    pub(crate) inside: &'a dyn Fn(f64, &mut Vec<f64>),
}

/// The first change inside a step.
pub(crate) struct Crossing {
    /// Fraction of the step, just after the change.
    pub(crate) fraction: f64,
    /// State there.
    pub(crate) state: Vec<f64>,
    /// Modes that have changed there.
    pub(crate) modes: Vec<usize>,
}

/// Parts of a step at whose ends conditions are looked at: a condition that holds for less than a
/// quarter of a step may be missed.
const N_PARTS: u32 = 4;

impl Clock<'_> {
    /// The first place in the step where a root mode differs from its register.
    pub(crate) fn first_crossing(&self, step: &StepView<'_>) -> Option<Crossing> {
        let mut inputs = self.inputs.clone();
        let mut changed = |x: f64| {
            inputs.time_h = step.from_h + x * step.h;
            (step.inside)(x, &mut inputs.state);
            self.put_registers(&mut inputs.state);
            let mut modes = Vec::new();
            for (at, mode) in self.compiled.model.modes.iter().enumerate() {
                if let Mode::Root { value, strict } = *mode
                    && let Some(value) = self.compiled.value_of(value, &inputs)
                    && truth(value, strict) != (inputs.modes[at] != 0.0)
                {
                    modes.push(at);
                }
            }
            modes
        };
        let mut before = 0.0;
        for part in 1..=N_PARTS {
            let after = f64::from(part) / f64::from(N_PARTS);
            let modes = changed(after);
            if modes.is_empty() {
                before = after;
                continue;
            }
            let (mut low, mut high) = (before, after);
            // Halving ends where the clock cannot tell the two times apart.
            loop {
                let middle = 0.5 * (low + high);
                let time_h = step.from_h + middle * step.h;
                let apart =
                    step.from_h + low * step.h < time_h && time_h < step.from_h + high * step.h;
                if !apart || middle <= low || middle >= high {
                    break;
                }
                if changed(middle).is_empty() {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            let modes = changed(high);
            return Some(Crossing { fraction: high, state: inputs.state, modes });
        }
        None
    }
}
