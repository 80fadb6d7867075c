//! ode_solvers: Dormand-Prince of order 5 with the right-hand side as compiled Rust.

use crate::measure::{Counts, Executor, Pass, Peer, timed};
use crate::problem::Problem;
use ode_solvers::{Dopri5, SVector, System};

type State = SVector<f64, 3>;

/// Right-hand side of W1.
struct Oral {
    ka: f64,
    cl: f64,
    v: f64,
}

impl System<f64, State> for Oral {
    fn system(&self, _: f64, y: &State, dy: &mut State) {
        dy[0] = -self.ka * y[0];
        dy[1] = self.ka * y[0] - (self.cl + 8.0) / self.v * y[1] + 8.0 / 80.0 * y[2];
        dy[2] = 8.0 / self.v * y[1] - 8.0 / 80.0 * y[2];
    }
}

/// W1, started again at each dose, with its own dense output.
pub fn dopri5<'a>(problem: &'a Problem, subjects: &'a [Vec<f64>], rtol: f64) -> Executor<'a> {
    let per_subject = problem.n_observations * problem.width();
    let run = move |answer: &mut [f64]| {
        let (seconds, counts) = timed(|| {
            let mut counts = Counts::default();
            for (varied, rows) in subjects.iter().zip(answer.chunks_exact_mut(per_subject)) {
                follow(problem, varied, rtol, rows, &mut counts);
            }
            counts
        });
        Pass { seconds, counts }
    };
    let name = "ode_solvers Dopri5".to_string();
    Executor { problem: problem.name, name, rtol, peer: Some(Peer::OdeSolvers), run: Box::new(run) }
}

fn follow(problem: &Problem, varied: &[f64], rtol: f64, rows: &mut [f64], counts: &mut Counts) {
    let mut state = State::from_column_slice(problem.initial);
    let atol = rtol * crate::measure::FLOOR;
    let per_dose = (problem.every_h / problem.observe_every_h) as usize;
    for dose in 0..problem.n_doses {
        state[problem.dosed] += problem.dose;
        let from_h = dose as f64 * problem.every_h;
        let to_h = from_h + problem.every_h;
        let oral = Oral { ka: varied[0], cl: varied[1], v: varied[2] };
        let mut stepper =
            Dopri5::new(oral, from_h, to_h, problem.observe_every_h, state, rtol, atol);
        let Ok(stats) = stepper.integrate() else { return };
        counts.steps += u64::from(stats.accepted_steps);
        counts.rejections += u64::from(stats.rejected_steps);
        let found = stepper.y_out();
        let n_rows = if dose + 1 == problem.n_doses { per_dose + 1 } else { per_dose };
        for (row, inside) in found.iter().take(n_rows).enumerate() {
            let at = dose * per_dose + row;
            problem.observe(inside.as_slice(), varied, &mut rows[at..=at]);
        }
        let Some(last) = found.get(per_dose) else { return };
        state = *last;
    }
}
