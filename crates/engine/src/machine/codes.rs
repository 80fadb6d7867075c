//! The machine code of a model, made when it is first needed.

use super::Code;
use super::control::control;
use super::explicit::{self, explicit_step};
use super::look::look;
use super::rosenbrock::rosenbrock_step;
use super::slopes::first_slopes;
use crate::compile::Compiled;
use crate::cpu::Cpu;
use crate::integrate::Method;
use crate::stiff::Stiff;
use std::sync::OnceLock;

/// Numbers of lanes for which there is code.
const LANES: [usize; 4] = [8, 16, 32, 64];

/// What flows in beside the derivatives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inflow {
    /// Infusions into some lane.
    Infused,
    /// Nothing.
    Nothing,
    /// Nothing, and what may rest does.
    Resting,
}

/// Machine code of a model's computations, each made when first needed.
#[derive(Debug)]
pub(crate) struct Codes {
    /// Steps of Tsit5: by whether stiffness is watched, inflow, and number of lanes.
    explicit: [OnceLock<Option<Code>>; 6 * LANES.len()],
    /// Steps of Rodas4, then of Rodas5P, by inflow and number of lanes.
    implicit: [OnceLock<Option<Code>>; 6 * LANES.len()],
    /// Acceptance and step sizes: by order, whether every step is an event, and number of lanes.
    control: [OnceLock<Option<Code>>; 6 * LANES.len()],
    /// Observations inside steps of Tsit5, by number of lanes.
    look: [OnceLock<Option<Code>>; LANES.len()],
    /// First slopes of stretches for explicit methods, by number of lanes.
    slopes: [OnceLock<Option<Code>>; LANES.len()],
}

impl Codes {
    /// A step of an explicit method with what follows from it in blocks of `n_lanes` on `cpu`, if
    /// there is code for it.
    pub(crate) fn explicit(
        &self,
        (compiled, kept): (&Compiled, &[usize]),
        (method, watches): (Method, bool),
        inflow: Inflow,
        (n_lanes, cpu): (usize, Cpu),
    ) -> Option<&Code> {
        let lanes = place(n_lanes, cpu)?;
        // Two estimates of the error are weighed by the interpreter.
        if method != Method::Tsit5 {
            return None;
        }
        let which = 3 * usize::from(watches) + inflow as usize;
        let code = &self.explicit[which * LANES.len() + lanes];
        let make = || {
            let step = explicit_step(compiled, (method, watches), inflow, kept)?;
            // Decisions wait for each other; those of all parts together take turns.
            let control = control(explicit::LANES, (method, watches), compiled.has_roots);
            Code::in_turn(&[step, control], n_lanes)
        };
        code.get_or_init(make).as_ref()
    }

    /// A step of a Rosenbrock method in blocks of `n_lanes` on `cpu`, if there is code for it.
    pub(crate) fn implicit(
        &self,
        (stiff, n_own): (&Stiff, usize),
        (method, inflow): (Method, Inflow),
        (n_lanes, cpu): (usize, Cpu),
    ) -> Option<&Code> {
        let lanes = place(n_lanes, cpu)?;
        let which = 3 * usize::from(method == Method::Rodas5P) + inflow as usize;
        let make = || Code::new(&rosenbrock_step((stiff, n_own), method, inflow)?, n_lanes);
        self.implicit[which * LANES.len() + lanes].get_or_init(make).as_ref()
    }

    /// Acceptance and step sizes in blocks of `n_lanes` on `cpu`, if there is code for them; with
    /// `all`, every step is an event.
    pub(crate) fn control(
        &self,
        (method, all): (Method, bool),
        (n_lanes, cpu): (usize, Cpu),
    ) -> Option<&Code> {
        let lanes = place(n_lanes, cpu)?;
        let of_order = match method.order() {
            4 => 0,
            5 => 1,
            _ => 2,
        };
        let which = 2 * of_order + usize::from(all);
        // The rows of lanes are its only array.
        let make = || Code::new(&control(0, (method, true), all), n_lanes);
        self.control[which * LANES.len() + lanes].get_or_init(make).as_ref()
    }

    /// Rows inside steps of Tsit5, of compartments of which only events change `kept`, in blocks of
    /// `n_lanes` on `cpu`, if there is code for them.
    pub(crate) fn look(
        &self,
        compiled: &Compiled,
        (method, kept): (Method, &[usize]),
        (n_lanes, cpu): (usize, Cpu),
    ) -> Option<&Code> {
        let lanes = place(n_lanes, cpu)?;
        if method != Method::Tsit5 {
            return None;
        }
        let make = || Code::new(&look(compiled, kept)?, n_lanes);
        self.look[lanes].get_or_init(make).as_ref()
    }

    /// First slopes of stretches that an explicit method steps through, in blocks of `n_lanes` on
    /// `cpu`, if there is code for them.
    pub(crate) fn slopes(
        &self,
        compiled: &Compiled,
        (n_lanes, cpu): (usize, Cpu),
    ) -> Option<&Code> {
        let lanes = place(n_lanes, cpu)?;
        let make = || Code::of_part(&first_slopes(&compiled.derivatives)?, n_lanes);
        self.slopes[lanes].get_or_init(make).as_ref()
    }
}

/// Place of a number of lanes; none where `cpu` has no code for it.
fn place(n_lanes: usize, cpu: Cpu) -> Option<usize> {
    LANES.iter().position(|&one| one == n_lanes).filter(|_| cpu.has_code())
}

impl Default for Codes {
    fn default() -> Self {
        Self {
            explicit: [const { OnceLock::new() }; _],
            implicit: [const { OnceLock::new() }; _],
            control: [const { OnceLock::new() }; _],
            look: [const { OnceLock::new() }; _],
            slopes: [const { OnceLock::new() }; _],
        }
    }
}

impl Clone for Codes {
    /// Made again when needed.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Codes {
    /// It follows from the programs beside it.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
