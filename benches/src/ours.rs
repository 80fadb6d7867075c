//! The engine on the problems.

use crate::measure::{Counts, Executor, FLOOR, Pass, timed};
use crate::problem::Problem;
use epsom_diag::has_errors;
use epsom_engine::{Column, Compiled, Isa, Lanes, Segment, StepOptions, advance, compile};
use epsom_evidence::{builtin, builtin_substances};
use epsom_model::check::{World, check};
use epsom_model::ir::Model;
use epsom_model::syntax;

/// The model of a problem.
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

/// How to run the engine.
#[derive(Debug, Clone, Copy)]
pub struct Setup {
    /// Instructions.
    pub isa: Isa,
    /// Subjects per block.
    pub lanes: Lanes,
    /// Relative tolerance.
    pub rtol: f64,
}

/// Ready to run: compile time is not part of a pass.
pub fn ours<'a>(
    problem: &'a Problem,
    model: &'a Model,
    compiled: &'a Compiled,
    subjects: &'a [Vec<f64>],
    setup: Setup,
) -> Executor<'a> {
    let name = match setup.isa {
        Isa::Baseline => "epsom baseline",
        Isa::Avx2 => "epsom AVX2",
        Isa::Avx512 => "epsom AVX-512",
    };
    let inputs: Vec<Vec<f64>> =
        subjects.iter().map(|varied| inputs(problem, model, varied)).collect();
    let atol = vec![setup.rtol * FLOOR; problem.initial.len()];
    let options = StepOptions {
        rtol: setup.rtol,
        lanes: setup.lanes,
        isa: Some(setup.isa),
        ..StepOptions::default()
    };
    let run = move |answer: &mut [f64]| {
        let (seconds, counts) = timed(|| {
            let mut columns: Vec<Column> = inputs
                .iter()
                .map(|inputs| Column {
                    t: 0.0,
                    y: problem.initial.to_vec(),
                    inputs: inputs.clone(),
                })
                .collect();
            let mut steps = vec![0.0; columns.len()];
            let mut counts = Counts::default();
            let width = problem.width();
            let n = problem.initial.len();
            let per = problem.n_observations * width;
            let mut row = 0;
            let times: Vec<f64> =
                (0..problem.n_observations).map(|at| at as f64 * problem.observe_every_h).collect();
            for dose in 0..problem.n_doses {
                columns.iter_mut().for_each(|one| one.y[problem.dosed] += problem.dose);
                let now = dose as f64 * problem.every_h;
                let last = dose + 1 == problem.n_doses;
                let until_h = if last { problem.end_h() } else { now + problem.every_h };
                if times.get(row) == Some(&now) {
                    for (s, column) in columns.iter().enumerate() {
                        let at = s * per + row * width;
                        problem.observe(&column.y, &subjects[s], &mut answer[at..at + width]);
                    }
                    row += 1;
                }
                let end = row + times[row..].iter().take_while(|&&t| t < until_h || last).count();
                let segments: Vec<Segment<'_>> = columns
                    .into_iter()
                    .zip(&steps)
                    .map(|(column, &first_step_h)| Segment {
                        column,
                        until_h,
                        observations_h: &times[row..end],
                        atol: &atol,
                        first_step_h,
                    })
                    .collect();
                let solved = advance(compiled, &segments, &options);
                for (s, one) in solved.iter().enumerate() {
                    for (k, state) in one.states.chunks_exact(n).enumerate() {
                        let at = s * per + (row + k) * width;
                        problem.observe(state, &subjects[s], &mut answer[at..at + width]);
                    }
                    counts.steps += one.steps;
                    counts.rejections += one.rejections;
                    if dose == 0 {
                        steps[s] = 0.0;
                    }
                }
                row = end;
                columns = solved.into_iter().map(|one| one.column).collect();
            }
            counts
        });
        Pass { seconds, counts }
    };
    Executor { name: name.to_string(), rtol: setup.rtol, peer: None, run: Box::new(run) }
}

/// Programs of a model.
pub fn programs(model: &Model) -> Compiled {
    compile(model)
}

/// Parameters of a subject in the model's order.
pub fn parameters(problem: &Problem, model: &Model, varied: &[f64]) -> Vec<f64> {
    let value = |param: &epsom_model::ir::Param| {
        let at = problem.varied.iter().position(|(name, _)| *name == param.name);
        at.map_or(param.value, |at| varied[at])
    };
    model.params.iter().map(value).collect()
}

fn inputs(problem: &Problem, model: &Model, varied: &[f64]) -> Vec<f64> {
    let mut flat = parameters(problem, model, varied);
    let layout = compile(model).layout;
    flat.resize(layout.len(), 0.0);
    flat
}
