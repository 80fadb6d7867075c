//! The machine code of a model, made when it is first needed.

use super::Code;
use super::control::control;
use super::explicit::explicit_step;
use super::look::look;
use super::rosenbrock::rosenbrock_step;
use crate::compile::Compiled;
use crate::cpu::Cpu;
use crate::integrate::Method;
use crate::program::Program;
use crate::stiff::Stiff;
use std::sync::OnceLock;

/// Numbers of lanes for which there is code.
const LANES: [usize; 4] = [8, 16, 32, 64];

/// Steps of explicit methods: by method, whether stiffness is watched, whether some compartments
/// rest, and number of lanes.
#[derive(Debug, Default)]
pub(crate) struct Codes {
    explicit: [OnceLock<Option<Code>>; 8 * LANES.len()],
    /// Steps of Rodas4, then of Rodas5P, by number of lanes.
    implicit: [OnceLock<Option<Code>>; 2 * LANES.len()],
    /// Acceptance and step sizes: by order, whether every step is an event, and number of lanes.
    control: [OnceLock<Option<Code>>; 6 * LANES.len()],
    /// Observations inside steps of Tsit5, by number of lanes.
    look: [OnceLock<Option<Code>>; LANES.len()],
}

impl Codes {
    /// A step of an explicit method in blocks of `n_lanes` on `cpu`, if there is code for it; of
    /// compartments that rest there is one list or none.
    pub(crate) fn explicit(
        &self,
        program: &Program,
        (method, watches): (Method, bool),
        resting: &[usize],
        (n_lanes, cpu): (usize, Cpu),
    ) -> Option<&Code> {
        let of_method = match method {
            Method::Tsit5 => 0,
            Method::Dop853 => 1,
            Method::Rodas4 | Method::Rodas5P => return None,
        };
        let lanes = LANES.iter().position(|&one| one == n_lanes)?;
        if !cpu.has_code() {
            return None;
        }
        let rests = usize::from(!resting.is_empty());
        let which = (2 * of_method + usize::from(watches)) * 2 + rests;
        let code = &self.explicit[which * LANES.len() + lanes];
        let make = || Code::new(&explicit_step(program, (method, watches), resting)?, n_lanes);
        code.get_or_init(make).as_ref()
    }

    /// A step of a Rosenbrock method in blocks of `n_lanes` on `cpu`, if there is code for it.
    pub(crate) fn implicit(
        &self,
        stiff: &Stiff,
        method: Method,
        (n_lanes, cpu): (usize, Cpu),
    ) -> Option<&Code> {
        let lanes = LANES.iter().position(|&one| one == n_lanes).filter(|_| cpu.has_code())?;
        let which = usize::from(method == Method::Rodas5P) * LANES.len() + lanes;
        let make = || Code::new(&rosenbrock_step(stiff, method)?, n_lanes);
        self.implicit[which].get_or_init(make).as_ref()
    }

    /// Acceptance and step sizes in blocks of `n_lanes` on `cpu`, if there is code for them; with
    /// `all`, every accepted step is an event.
    pub(crate) fn control(
        &self,
        (method, all): (Method, bool),
        (n_lanes, cpu): (usize, Cpu),
    ) -> Option<&Code> {
        let lanes = LANES.iter().position(|&one| one == n_lanes).filter(|_| cpu.has_code())?;
        let of_order = match method.order() {
            4 => 0,
            5 => 1,
            _ => 2,
        };
        let which = 2 * of_order + usize::from(all);
        let make = || Code::new(&control(method, all), n_lanes);
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
        let lanes = LANES.iter().position(|&one| one == n_lanes)?;
        if !cpu.has_code() || method != Method::Tsit5 {
            return None;
        }
        let make = || Code::new(&look(compiled, kept)?, n_lanes);
        self.look[lanes].get_or_init(make).as_ref()
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
