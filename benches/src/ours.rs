//! The engine on the problems.

use crate::measure::{Counts, Executor, FLOOR, Pass, timed};
use crate::problem::{self, Observed, Problem, W4};
use epsom_diag::has_errors;
use epsom_engine::{
    Action, Compiled, Dose, Isa, Lanes, Options, Record, Sensitivities, Solver, Subject, Timeline,
    Trajectory, Wrt, compile, integrate_each, sensitivities_each,
};
use epsom_evidence::{builtin, builtin_substances};
use epsom_model::check::{World, check};
use epsom_model::ir::{Model, Param};
use epsom_model::syntax;
use epsom_population::Sampler;

/// A problem ready for the engine: compile time is not part of a pass.
pub struct Prepared<'a> {
    problem: &'a Problem,
    compiled: Compiled,
    timeline: Timeline,
    /// Values of each subject's parameters in the model's order.
    params: Vec<Vec<f64>>,
    /// Values of the covariates.
    covariates: Vec<f64>,
}

impl Prepared<'_> {
    /// Its programs.
    pub fn compiled(&self) -> &Compiled {
        &self.compiled
    }

    /// Subject `at`.
    pub fn subject(&self, at: usize) -> Subject<'_> {
        self.with(self.params[at].clone())
    }

    /// A subject with these values of what varies, which need not be one of the problem's.
    pub fn subject_with(&self, varied: &[f64]) -> Subject<'_> {
        self.with(parameters(self.problem, &self.compiled.model, varied))
    }

    fn with(&self, params: Vec<f64>) -> Subject<'_> {
        Subject {
            params,
            covariates: self.covariates.clone(),
            timeline: &self.timeline,
            follows: Vec::new(),
            conduct: None,
        }
    }
}

/// How to run the engine.
#[derive(Debug, Clone, Copy)]
pub struct Setup {
    /// Instructions.
    pub isa: Isa,
    /// Subjects per block.
    pub lanes: Lanes,
    /// Method.
    pub solver: Solver,
    /// Relative tolerance.
    pub rtol: f64,
}

/// Compiles the model of a problem and lays its records and parameters out.
///
/// # Errors
/// The first message of the checker.
pub fn prepare<'a>(problem: &'a Problem, subjects: &[Vec<f64>]) -> Result<Prepared<'a>, String> {
    let model = model(problem)?;
    let params = if problem.varied.is_empty() {
        let sampler = Sampler::new(&model).map_err(|said| format!("{}: {said:?}", problem.name))?;
        (0..problem.n_subjects as u32).map(|at| sampler.uncertain(problem::SEED, at)).collect()
    } else {
        subjects.iter().map(|varied| parameters(problem, &model, varied)).collect()
    };
    let covariates = model.covariates.iter().map(|covariate| covariate.default).collect();
    // What the peers give too.
    let states: Vec<usize> = (0..model.compartments.len()).collect();
    let compiled = match problem.observed {
        Observed::Concentration { .. } => compile(&model).showing(&[0], &[]),
        Observed::States => compile(&model).showing(&[], &states),
    };
    let timeline = timeline(problem)?;
    Ok(Prepared { problem, compiled, timeline, params, covariates })
}

/// The engine with a setup. The subjects are built in the pass; what the answer holds of a
/// trajectory is copied as soon as it is done, as a summary would read it.
pub fn ours<'a>(prepared: &'a Prepared<'a>, setup: Setup) -> Executor<'a> {
    let options = options(&setup);
    let run = move |answer: &mut [f64]| {
        let per_subject = prepared.problem.n_observations * prepared.problem.width();
        let mut counts = Counts::default();
        let mut take = |at: usize, found: &mut Trajectory| {
            counts.steps += found.counts.steps;
            counts.rejections += found.counts.rejections;
            counts.jacobians += found.counts.factorizations;
            copy(found, &mut answer[at * per_subject..(at + 1) * per_subject]);
        };
        let (seconds, lane_steps) = timed(|| solve(prepared, &options, &mut take));
        Pass { seconds, counts: Counts { lane_steps, ..counts } }
    };
    let rtol = if setup.solver == Solver::Linear { 0.0 } else { setup.rtol };
    let problem = prepared.problem.name;
    Executor { problem, name: name(&setup), rtol, peer: None, run: Box::new(run) }
}

/// The engine with a setup on W4: the concentration of W1 and its derivative by each varied
/// parameter, each times its parameter, so that all are as large as the concentration.
pub fn with_slopes<'a>(prepared: &'a Prepared<'a>, setup: Setup) -> Executor<'a> {
    let options = options(&setup);
    let params = &prepared.compiled.model.params;
    let place = |name: &str| params.iter().position(|param| param.name == name);
    let varied = prepared.problem.varied.iter().filter_map(|(name, _)| place(name));
    let at: Vec<usize> = varied.collect();
    let wrt: Vec<Wrt> = at.iter().map(|&at| Wrt::Param(at as u32)).collect();
    let run = move |answer: &mut [f64]| {
        let mut counts = Counts::default();
        // One output is shown, and three parameters vary.
        let per_subject = prepared.problem.n_observations * (1 + wrt.len());
        let mut take = |subject: usize, one: &mut Sensitivities| {
            counts.steps += one.counts.steps;
            counts.rejections += one.counts.rejections;
            answer[subject * per_subject..][..per_subject].copy_from_slice(&one.rows);
        };
        let (seconds, lane_steps) = timed(|| {
            let subjects = subjects(prepared);
            sensitivities_each(&prepared.compiled, &subjects, &wrt, &options, &mut take)
        });
        // For the comparison alone.
        for (params, rows) in prepared.params.iter().zip(answer.chunks_mut(per_subject)) {
            let [a, b, c] = std::array::from_fn(|by| params[at[by]]);
            for row in rows.as_chunks_mut::<4>().0 {
                *row = std::array::from_fn(|i| row[i] * [1.0, a, b, c][i]);
            }
        }
        Pass { seconds, counts: Counts { lane_steps, ..counts } }
    };
    let rtol = if setup.solver == Solver::Linear { 0.0 } else { setup.rtol };
    Executor { problem: W4, name: name(&setup), rtol, peer: None, run: Box::new(run) }
}

/// Solves every subject on this thread; gives the steps that lanes could have tried.
fn solve(
    prepared: &Prepared<'_>,
    options: &Options,
    take: &mut dyn FnMut(usize, &mut Trajectory),
) -> u64 {
    integrate_each(&prepared.compiled, &subjects(prepared), options, take)
}

fn subjects<'a>(prepared: &'a Prepared<'_>) -> Vec<Subject<'a>> {
    (0..prepared.params.len()).map(|at| prepared.subject(at)).collect()
}

/// Options of a setup.
pub fn options(setup: &Setup) -> Options {
    Options {
        rtol: setup.rtol,
        atol: Some(setup.rtol * FLOOR),
        solver: setup.solver,
        lanes: setup.lanes,
        isa: Some(setup.isa),
        ..Options::default()
    }
}

fn name(setup: &Setup) -> String {
    let isa = match setup.isa {
        Isa::Baseline => "baseline",
        Isa::Avx2 => "AVX2",
        Isa::Avx512 => "AVX-512",
        Isa::Code => "machine code",
    };
    match setup.solver {
        Solver::Linear => "epsom linear".to_string(),
        Solver::Auto => format!("epsom auto {isa}"),
        _ => format!("epsom {isa}"),
    }
}

/// The checked model of a problem.
///
/// # Errors
/// The first message of the checker.
pub fn model(problem: &Problem) -> Result<Model, String> {
    let (tree, said) = syntax::parse(problem.text, Default::default());
    let checked = check(&tree, &World { evidence: builtin(), substances: builtin_substances() });
    let said: Vec<_> = said.into_iter().chain(checked.diagnostics).collect();
    match checked.model {
        Some(model) if !has_errors(&said) => Ok(model),
        _ => Err(format!("{}: {:?}", problem.name, said.first())),
    }
}

fn parameters(problem: &Problem, model: &Model, varied: &[f64]) -> Vec<f64> {
    let value = |param: &Param| {
        let at = problem.varied.iter().position(|(name, _)| *name == param.name);
        at.map_or(param.value, |at| varied[at])
    };
    model.params.iter().map(value).collect()
}

/// One repeated dose, as a regimen gives it, and the observations.
fn timeline(problem: &Problem) -> Result<Timeline, String> {
    let dose = Dose {
        interval_h: problem.every_h,
        additional: problem.n_doses as u32 - 1,
        ..Dose::bolus(problem.dosed as u32, problem.dose)
    };
    let observe =
        |at: usize| Record { time_h: at as f64 * problem.observe_every_h, action: Action::Observe };
    let first = Record { time_h: 0.0, action: Action::Dose(dose) };
    let records = std::iter::once(first).chain((0..problem.n_observations).map(observe)).collect();
    Timeline::new(records, Vec::new()).map_err(|error| format!("{}: {error:?}", problem.name))
}

/// The rows of a trajectory, which hold what is observed and nothing else; what is missing after a
/// failure stays unset.
fn copy(found: &Trajectory, into: &mut [f64]) {
    into[..found.rows.len()].copy_from_slice(&found.rows);
}
