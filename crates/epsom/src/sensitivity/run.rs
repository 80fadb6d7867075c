//! Runs: every row of the tables, and one parameter at a time at its ends.

use crate::interrupt;
use crate::progress::Progress;
use crate::simulate::Plan;
use epsom_engine::{Compiled, NotFinite, Options, Timeline, Trajectory, compile};
use epsom_model::ir::Start;
use epsom_population::sobol::{Tables, table_params};
use epsom_population::{self as population, BatchOptions, Sampler, Subject, Watch, simulate};

/// Rows of a window.
const N_STEPS: usize = 48;
/// Probabilities of a low and of a high value.
const ENDS: [f64; 2] = [0.025, 0.975];

/// What is run.
pub(super) struct Setup<'a> {
    pub(super) plan: &'a Plan,
    pub(super) sampler: Sampler,
    /// Parameters that are not known, in blocks.
    pub(super) factors: Vec<Vec<usize>>,
    /// Indices of the outputs that are looked at.
    pub(super) outputs: Vec<usize>,
    compiled: Compiled,
    covariates: Vec<f64>,
    dosed: Timeline,
    base: Timeline,
    /// From and to, h.
    pub(super) window_h: (f64, f64),
    pub(super) n: u32,
    pub(super) seed: u64,
    rtol: f64,
}

/// One parameter at a time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Swing {
    pub(super) param: usize,
    /// Low and high value, base units.
    pub(super) values: [f64; 2],
    /// The change of each output there; shown units.
    pub(super) changes: [Vec<f64>; 2],
}

/// What was found.
pub(super) struct Ran {
    /// One per output.
    pub(super) tables: Vec<Tables>,
    pub(super) swings: Vec<Swing>,
    /// The change of each output with typical parameters.
    pub(super) typical: Vec<f64>,
    pub(super) interrupted: bool,
    pub(super) n_done: usize,
}

impl<'a> Setup<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        sampler: Sampler,
        outputs: Vec<usize>,
        length_h: f64,
        (n, seed, rtol): (u32, u64, f64),
    ) -> Self {
        let subject = &plan.subjects[0];
        let end_h = plan.end_h(subject);
        let start_h = end_h - length_h;
        let grid = |from: f64| -> Vec<f64> {
            let step = |at: usize| from + length_h * at as f64 / N_STEPS as f64;
            (0..=N_STEPS).map(step).collect()
        };
        // Without a dose every period is the same where the start is a solved one.
        let base_h = match plan.model.start {
            Start::Values => start_h,
            Start::SteadyState => 0.0,
            Start::Periodic { period } => start_h - period * (start_h / period).floor(),
        };
        Self {
            factors: sampler.factors(),
            compiled: compile(&plan.model).showing(&outputs, &[]),
            covariates: plan.covariate_values(),
            dosed: plan.timeline(subject, true, &grid(start_h)),
            base: plan.timeline(subject, false, &grid(base_h)),
            window_h: (start_h, end_h),
            plan,
            sampler,
            outputs,
            n,
            seed,
            rtol,
        }
    }

    /// Runs pairs (with and without doses) of the parameters that `params` makes.
    fn pairs(
        &self,
        n_subjects: usize,
        n_columns: usize,
        params: &(dyn Fn(usize, usize) -> Vec<f64> + Sync),
        progress: &mut dyn FnMut(usize),
        take: &mut dyn FnMut(&[Vec<f64>]),
    ) -> population::BatchReport {
        let make = |subject: usize, arm: usize| Subject {
            params: params(subject, arm / 2),
            covariates: self.covariates.clone(),
            timeline: if arm.is_multiple_of(2) { &self.dosed } else { &self.base },
            follows: Vec::new(),
            conduct: None,
        };
        let batch = population::Plan {
            compiled: &self.compiled,
            options: Options { rtol: self.rtol, not_finite: NotFinite::Kept, ..Options::default() },
            n_subjects,
            n_arms: 2 * n_columns,
            make: &make,
        };
        let mut told = |at: population::Progress| progress(at.n_done);
        let watch = Watch { progress: &mut told, cancelled: &interrupt::asked };
        simulate(&batch, &BatchOptions::default(), watch, &mut |finished| {
            let changes: Vec<Vec<f64>> = (finished.arms.chunks_exact(2))
                .map(|pair| {
                    let places = 0..self.outputs.len();
                    places.map(|place| self.change(&pair[0], &pair[1], place)).collect()
                })
                .collect();
            take(&changes);
        })
    }

    /// Mean of the output at `place` of the outputs asked for over the window less that without a dose; shown unit.
    fn change(&self, dosed: &Trajectory, base: &Trajectory, place: usize) -> f64 {
        let width = self.outputs.len();
        let mean = |run: &Trajectory| {
            if run.rows.len() != (N_STEPS + 1) * width {
                return f64::NAN;
            }
            let values: Vec<f64> = run.rows.iter().skip(place).step_by(width).copied().collect();
            let ends = 0.5 * (values[0] + values[N_STEPS]);
            (ends + epsom_maths::sum(&values[1..N_STEPS])) / N_STEPS as f64
        };
        (mean(dosed) - mean(base)) * self.plan.model.outputs[self.outputs[place]].unit.per_base
    }

    /// Everything.
    pub(super) fn run(&self) -> Ran {
        let (typical, swings) = self.swings();
        let n_columns = self.factors.len() + 2;
        let mut tables = vec![Tables::new(self.factors.len()); self.outputs.len()];
        let bar = Progress::new("rows of draws", u64::from(self.n));
        let params = |row: usize, column: usize| {
            table_params(&self.sampler, &self.factors, self.seed, row as u32, column)
        };
        let report = self.pairs(
            self.n as usize,
            n_columns,
            &params,
            &mut |n_done| bar.add(n_done as u64 - bar.done()),
            &mut |changes| {
                for (at, table) in tables.iter_mut().enumerate() {
                    let values: Vec<f64> = changes.iter().map(|change| change[at]).collect();
                    table.add(&values);
                }
            },
        );
        let (interrupted, n_done) = (report.cancelled, report.n_done);
        Ran { tables, swings, typical, interrupted, n_done }
    }

    /// The typical person, then each parameter alone at its ends.
    fn swings(&self) -> (Vec<f64>, Vec<Swing>) {
        let typical = self.sampler.typical();
        let of = |param: usize| {
            let values = ENDS.map(|probability| self.sampler.quantile(param, probability));
            Swing { param, values, changes: Default::default() }
        };
        let mut swings: Vec<Swing> =
            self.factors.iter().flatten().map(|&param| of(param)).collect();
        let params = |run: usize, _: usize| {
            let mut params = typical.clone();
            if let Some(at) = run.checked_sub(1) {
                let swing = &swings[at / 2];
                params[swing.param] = swing.values[at % 2];
            }
            params
        };
        let mut found: Vec<Vec<f64>> = Vec::new();
        let n_runs = 1 + 2 * swings.len();
        self.pairs(n_runs, 1, &params, &mut |_| {}, &mut |changes| found.push(changes[0].clone()));
        let mut found = found.into_iter();
        let none = || vec![f64::NAN; self.outputs.len()];
        let middle = found.next().unwrap_or_else(none);
        for swing in &mut swings {
            swing.changes = [0, 1].map(|_| found.next().unwrap_or_else(none));
        }
        (middle, swings)
    }
}
