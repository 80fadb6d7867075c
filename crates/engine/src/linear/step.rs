//! Steps of one subject.

use super::advance::advance;
use super::exponential::{ROOM, Room, exponential};
use super::structure::Structure;

/// The last steps of one system: equal intervals repeat.
#[derive(Debug, Clone, Default)]
pub(crate) struct Steps {
    steps: Vec<Step>,
    room: Room,
}

/// `y(t + dt) = phi y(t) + add`.
#[derive(Debug, Clone)]
struct Step {
    dt_h: f64,
    phi: Room,
    /// Integral of the exponential over the length, where an inflow was met.
    psi: Option<Room>,
    /// `psi inflow`, and the inflow.
    add: Vec<[f64; 1]>,
    inflow: Vec<f64>,
    is_finite: bool,
}

/// Steps kept.
const MOST: usize = 8;

impl Steps {
    /// Forgets all: the system is another one.
    pub(crate) fn clear(&mut self) {
        self.steps.clear();
    }

    /// The state after `dt_h` with a constant inflow, into `next`. False where a coefficient is not
    /// finite.
    pub(crate) fn advance(
        &mut self,
        (structure, a): (&Structure, &[f64]),
        inflow: &[f64],
        dt_h: f64,
        (y, next): (&[f64], &mut Vec<f64>),
    ) -> bool {
        let step = self.step(structure, a, inflow, dt_h);
        if !step.is_finite {
            return false;
        }
        next.resize(y.len(), 0.0);
        let add = (!step.add.is_empty()).then_some(&step.add[..]);
        let (y, next) = (y.as_chunks().0, next.as_chunks_mut().0);
        advance::<1, _>(structure, step.phi.lanes(), add, y, next);
        true
    }

    /// The step's matrix and what it adds; none where they are not finite.
    pub(super) fn coefficients(
        &mut self,
        structure: &Structure,
        a: &[f64],
        inflow: &[f64],
        dt_h: f64,
    ) -> Option<(Vec<f64>, Vec<f64>)> {
        let n = structure.n();
        let step = self.step(structure, a, inflow, dt_h);
        let phi = step.phi.lanes::<1>()[..n * n].as_flattened().to_vec();
        let mut add = step.add.as_flattened().to_vec();
        add.resize(n, 0.0);
        step.is_finite.then_some((phi, add))
    }

    fn step(&mut self, structure: &Structure, a: &[f64], inflow: &[f64], dt_h: f64) -> &mut Step {
        let at = match self.steps.iter().position(|one| one.dt_h == dt_h) {
            Some(at) => at,
            None => {
                if self.steps.len() == MOST {
                    self.steps.remove(0);
                }
                self.steps.push(Step::new(dt_h));
                self.steps.len() - 1
            }
        };
        let step = &mut self.steps[at];
        let has_inflow = inflow.iter().any(|&rate| rate != 0.0);
        if step.phi.is_empty() || (has_inflow && step.psi.is_none()) {
            step.make(structure, a, &mut self.room, has_inflow);
        }
        if step.inflow != inflow {
            step.flow(structure, inflow, has_inflow);
        }
        step
    }
}

impl Step {
    fn new(dt_h: f64) -> Self {
        let (phi, add, inflow) = (Room::default(), Vec::new(), Vec::new());
        Self { dt_h, phi, psi: None, add, inflow, is_finite: false }
    }

    fn make(&mut self, structure: &Structure, a: &[f64], room: &mut Room, has_inflow: bool) {
        let n = structure.n();
        if room.is_empty() {
            *room = Room::new::<1>((ROOM * n + 2) * n);
        }
        self.phi = Room::new::<1>(n * n);
        self.psi = has_inflow.then(|| Room::new::<1>(n * n));
        let psi = self.psi.as_mut().map(Room::lanes);
        exponential(structure, a.as_chunks().0, &[self.dt_h], room.lanes(), self.phi.lanes(), psi);
        let values = self.phi.lanes::<1>()[..n * n].as_flattened();
        self.is_finite = values.iter().all(|value| value.is_finite());
        self.inflow.clear();
        self.add.clear();
    }

    /// What the inflow adds.
    fn flow(&mut self, structure: &Structure, inflow: &[f64], has_inflow: bool) {
        self.inflow = inflow.to_vec();
        self.add.clear();
        if let Some(psi) = self.psi.as_mut().filter(|_| has_inflow) {
            self.add.resize(inflow.len(), [0.0]);
            advance::<1, _>(structure, psi.lanes(), None, inflow.as_chunks().0, &mut self.add);
            self.is_finite &= self.add.iter().all(|[value]| value.is_finite());
        }
    }
}
