//! The problems: model texts, regimen, observations and the parameters of every subject.

use epsom_maths::{Address, hash_name, ln, normal};

/// A fixed problem.
#[derive(Debug, Clone, Copy)]
pub struct Problem {
    /// As in the table.
    pub name: &'static str,
    /// Model text.
    pub text: &'static str,
    /// Parameters that differ between subjects, with their typical value; none where the model's own
    /// uncertainty is drawn.
    pub varied: &'static [(&'static str, f64)],
    /// Initial state, for the peers; its length is the number of compartments.
    pub initial: &'static [f64],
    /// Compartment of the doses by index.
    pub dosed: usize,
    /// Size of each dose.
    pub dose: f64,
    /// Hours between doses; the first is at 0.
    pub every_h: f64,
    /// Number of doses.
    pub n_doses: usize,
    /// Hours between observations; the first is at 0.
    pub observe_every_h: f64,
    /// Number of observations. One at the time of a dose sees the dose.
    pub n_observations: usize,
    /// What is observed.
    pub observed: Observed,
    /// Number of subjects.
    pub n_subjects: usize,
}

/// What an observation holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Observed {
    /// Compartment `of` divided by parameter `over` of the subject.
    Concentration {
        /// Compartment by index.
        of: usize,
        /// Index among the varied parameters.
        over: usize,
    },
    /// Every compartment.
    States,
}

/// Two-compartment oral pharmacokinetics as three equations.
pub const W1: Problem = Problem {
    name: "W1",
    text: include_str!("../problems/w1.epm"),
    varied: &[("ka", 1.0), ("cl", 5.0), ("v", 50.0)],
    initial: &[0.0, 0.0, 0.0],
    dosed: 0,
    dose: 100.0,
    every_h: 12.0,
    n_doses: 28,
    observe_every_h: 1.0,
    n_observations: 337,
    observed: Observed::Concentration { of: 1, over: 2 },
    n_subjects: 10_000,
};

/// W1 with the derivatives of the concentration by ka, CL and V, each times its parameter.
pub const W4: &str = "W4";

/// Homeostasis with ten compartments, mildly stiff.
pub const W2: Problem = Problem {
    name: "W2",
    text: include_str!("../problems/w2.epm"),
    varied: &[("va", 0.25), ("gfr", 4.2), ("kc", 0.2)],
    initial: &[3.27, 0.3, 12.75, 20.0, 300.0, 60.0, 500.0, 0.15, 0.5, 0.0],
    dosed: 0,
    dose: 3.0,
    every_h: 12.0,
    n_doses: 168,
    observe_every_h: 24.0,
    n_observations: 85,
    observed: Observed::States,
    n_subjects: 1_000,
};

/// The whole-body model of this project: 12 weeks of 6 mmol twice a day, each subject one draw of
/// what is uncertain and its own baseline.
pub const W5: Problem = Problem {
    name: "W5",
    text: include_str!("../../models/magnesium/model.epm"),
    varied: &[],
    initial: &[0.0; 22],
    dosed: 0,
    dose: 6.0,
    every_h: 12.0,
    n_doses: 168,
    observe_every_h: 24.0,
    n_observations: 85,
    observed: Observed::States,
    n_subjects: 200,
};

/// Fixes every subject.
pub const SEED: u64 = 20_260_101;
/// Coefficient of variation of the varied parameters.
const CV: f64 = 0.3;

impl Problem {
    /// Values per observation.
    pub fn width(&self) -> usize {
        match self.observed {
            Observed::Concentration { .. } => 1,
            Observed::States => self.initial.len(),
        }
    }

    /// Length of an answer.
    pub fn answer_len(&self) -> usize {
        self.n_subjects * self.n_observations * self.width()
    }

    /// Time of the last observation, h.
    pub fn end_h(&self) -> f64 {
        (self.n_observations - 1) as f64 * self.observe_every_h
    }

    /// What is observed in a state.
    pub fn observe(&self, state: &[f64], varied: &[f64], into: &mut [f64]) {
        match self.observed {
            Observed::Concentration { of, over } => into[0] = state[of] / varied[over],
            Observed::States => into.copy_from_slice(state),
        }
    }
}

/// Varied parameters of each subject.
///
/// # Shape
/// Subject, parameter.
pub fn subjects(problem: &Problem) -> Vec<Vec<f64>> {
    (0..problem.n_subjects).map(|subject| varied(problem, subject)).collect()
}

/// Varied parameters of one subject: log-normal, the typical value their median.
pub fn varied(problem: &Problem, subject: usize) -> Vec<f64> {
    let omega = ln(1.0 + CV * CV).sqrt();
    let value = |(name, typical): &(&str, f64)| {
        let (arm, purpose) = (hash_name(problem.name), hash_name(name));
        let subject = subject as u32;
        let address = Address { seed: SEED, arm, subject, purpose, ..Address::default() };
        typical * epsom_maths::exp(omega * normal(&address, 0))
    };
    problem.varied.iter().map(value).collect()
}
