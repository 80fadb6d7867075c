//! diffsol with models in its own language, compiled to machine code by Cranelift.

use crate::measure::{Counts, Executor, Pass, Peer, timed};
use crate::problem::Problem;
use diffsol::{
    CraneliftJitModule, DiffSl, NalgebraContext, NalgebraLU, NalgebraMat, NalgebraVec, NonLinearOp,
    OdeBuilder, OdeEquations, OdeSolverMethod, OdeSolverProblem, OdeSolverStopReason, Vector,
    VectorCommon,
};

type Equations = DiffSl<NalgebraMat<f64>, CraneliftJitModule>;

/// Which of its methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Explicit Runge-Kutta of order 5.
    Tsit45,
    /// Backward differentiation of variable order.
    Bdf,
}

impl Method {
    /// First step after a dose, as a part of the last one: the fastest of 1, 0.1, 0.01 and of the
    /// method's own choice of a first step. BDF starts again at order one and wants a small one.
    fn restart(self) -> f64 {
        match self {
            Self::Tsit45 => 1.0,
            Self::Bdf => 0.01,
        }
    }
}

/// Ready to run: compile time is not part of a pass.
///
/// # Errors
/// What diffsol said of the model text.
pub fn diffsol<'a>(
    problem: &'a Problem,
    subjects: &'a [Vec<f64>],
    method: Method,
    rtol: f64,
) -> Result<Executor<'a>, String> {
    let (name, peer) = match method {
        Method::Tsit45 => ("diffsol Tsit45", "W1"),
        Method::Bdf => ("diffsol BDF", "W2"),
    };
    let text = match problem.name {
        "W1" => W1_TEXT,
        _ => W2_TEXT,
    };
    let mut solver = OdeBuilder::<NalgebraMat<f64>>::new()
        .rtol(rtol)
        .atol([rtol * crate::measure::FLOOR])
        .p(subjects[0].clone())
        .build_from_diffsl::<CraneliftJitModule>(text)
        .map_err(|error| error.to_string())?;
    let case = (problem, method);
    let run = move |answer: &mut [f64]| {
        let per_subject = problem.n_observations * problem.width();
        let (seconds, counts) = timed(|| {
            let mut counts = Counts::default();
            for (varied, rows) in subjects.iter().zip(answer.chunks_exact_mut(per_subject)) {
                set_parameters(&mut solver, varied);
                // A failure leaves its rows unset, which the error reports.
                let _ = match method {
                    Method::Tsit45 => solver
                        .tsit45()
                        .and_then(|one| follow(one, &solver, &case, varied, rows, &mut counts)),
                    Method::Bdf => solver
                        .bdf::<NalgebraLU<f64>>()
                        .and_then(|one| follow(one, &solver, &case, varied, rows, &mut counts)),
                };
            }
            counts
        });
        Pass { seconds, counts }
    };
    let peer = (problem.name == peer).then_some(Peer::Diffsol);
    Ok(Executor { problem: problem.name, name: name.to_string(), rtol, peer, run: Box::new(run) })
}

fn set_parameters(solver: &mut OdeSolverProblem<Equations>, varied: &[f64]) {
    let values = NalgebraVec::from_vec(varied.to_vec(), NalgebraContext::default());
    solver.eqn_mut().set_params(&values);
}

/// One subject through all doses.
fn follow<'a, S>(
    mut solver: S,
    equations: &OdeSolverProblem<Equations>,
    case: &(&Problem, Method),
    varied: &[f64],
    rows: &mut [f64],
    counts: &mut Counts,
) -> Result<(), diffsol::DiffsolError>
where
    S: OdeSolverMethod<'a, Equations>,
{
    let (problem, method) = *case;
    let width = problem.width();
    let mut rows = rows.chunks_exact_mut(width);
    let mut next_row = 0;
    let time_of = |row: usize| row as f64 * problem.observe_every_h;
    let restart = method.restart();
    let mut inside = NalgebraVec::zeros(problem.initial.len(), NalgebraContext::default());
    for dose in 0..problem.n_doses {
        let state = solver.state_mut();
        state.y[problem.dosed] += problem.dose;
        // The derivative jumps with the state; a method that starts from the last one needs it.
        equations.eqn.rhs().call_inplace(state.y, *state.t, state.dy);
        *state.h *= restart;
        let now = dose as f64 * problem.every_h;
        if time_of(next_row) == now
            && let Some(row) = rows.next()
        {
            problem.observe(solver.state().y.inner().as_slice(), varied, row);
            next_row += 1;
        }
        let last = dose + 1 == problem.n_doses;
        let stop = if last { problem.end_h() } else { now + problem.every_h };
        solver.set_stop_time(stop)?;
        loop {
            let reason = solver.step()?;
            let reached = solver.state().t;
            while time_of(next_row) < stop && time_of(next_row) <= reached {
                solver.interpolate_inplace(time_of(next_row), &mut inside)?;
                if let Some(row) = rows.next() {
                    problem.observe(inside.inner().as_slice(), varied, row);
                }
                next_row += 1;
            }
            if reason == OdeSolverStopReason::TstopReached {
                break;
            }
        }
    }
    if let Some(row) = rows.next() {
        problem.observe(solver.state().y.inner().as_slice(), varied, row);
    }
    let statistics = solver.get_statistics();
    counts.steps += statistics.number_of_steps as u64;
    counts.rejections += statistics.number_of_error_test_failures as u64
        + statistics.number_of_nonlinear_solver_fails as u64;
    counts.jacobians += statistics.number_of_linear_solver_setups as u64;
    Ok(())
}

const W1_TEXT: &str = "
in_i { ka = 1, cl = 5, v = 50 }
u_i { depot = 0, central = 0, peripheral = 0 }
F_i {
    -ka * depot,
    ka * depot - (cl + 8) / v * central + 8 / 80 * peripheral,
    8 / v * central - 8 / 80 * peripheral,
}
";

const W2_TEXT: &str = "
in_i { va = 0.25, gfr = 4.2, kc = 0.2 }
u_i {
    g1 = 3.27, g2 = 0.3, p = 12.75, ifs = 20, ist = 300,
    bf = 60, bs = 500, csf = 0.15, nmda = 0.5, tr = 0,
}
cp { p / 15 }
jabs { va * g2 / (3 + g2) + 0.06 * g2 }
x { cp / 1.8 }
xx { x * x }
ex { gfr * cp * (1 - 0.985 / (1 + xx * xx)) }
jif { 60 * (ifs - 1.5686 * p) }
jis { 0.05 * (ist - 23.53 * p) }
jbf { 0.01 * (bf - 4.706 * p) }
jbs { 4.1667e-5 * (bs - 8.333 * bf) }
jc { 0.06 * cp / (0.85 + cp) }
co { kc * csf }
e { 1 + 0.3 * tr / (1 + tr) }
F_i {
    0.5417 - 2 * g1,
    2 * g1 - jabs - 0.25 * g2,
    jabs + jif + jis + jbf - ex - jc + co,
    -jif,
    -jis,
    -jbf + jbs,
    -jbs,
    jc - co,
    0.02 * (e * csf / 0.135 * 0.45 - nmda),
    0.3 * g2 - 0.5 * tr,
}
";
