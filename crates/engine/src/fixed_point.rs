//! States that stay, or that come back after a period.

use epsom_maths::{Matrix, least_squares, symmetric_eigen};

/// What is solved.
pub(crate) struct Problem {
    /// Where to begin; entries that are not free keep their value.
    start: Vec<f64>,
    /// Entries to find.
    free: Vec<usize>,
    /// Usual size of each entry.
    sizes: Vec<f64>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// The function gives derivatives, which shall be zero.
    Derivatives,
    /// The function gives the state after a period, which shall be the same.
    Flow,
}

impl Problem {
    pub(crate) fn derivatives(start: Vec<f64>, free: Vec<usize>, sizes: Vec<f64>) -> Self {
        Self { start, free, sizes, kind: Kind::Derivatives }
    }

    pub(crate) fn flow(start: Vec<f64>, free: Vec<usize>, sizes: Vec<f64>) -> Self {
        Self { start, free, sizes, kind: Kind::Flow }
    }

    /// Step of the differences, in sizes: large against the noise of `function`.
    fn difference(&self) -> f64 {
        match self.kind {
            Kind::Derivatives => 1e-6,
            Kind::Flow => 1e-4,
        }
    }

    /// Singular values below this part of the largest are those of conserved sums: above the noise
    /// of the differences, and far below the slowest pool of interest.
    fn singular(&self) -> f64 {
        match self.kind {
            Kind::Derivatives => 1e-9,
            Kind::Flow => 1e-5,
        }
    }

    /// Steps this small, in sizes, end the search.
    fn last_step(&self) -> f64 {
        match self.kind {
            Kind::Derivatives => 1e-12,
            Kind::Flow => 1e-9,
        }
    }

    fn residual(&self, state: &[f64], image: &[f64]) -> Vec<f64> {
        let moved = |&at: &usize| match self.kind {
            Kind::Derivatives => image[at] / self.sizes[at],
            Kind::Flow => (image[at] - state[at]) / self.sizes[at],
        };
        self.free.iter().map(moved).collect()
    }
}

const MOST_ITERATIONS: u32 = 50;
/// A residual, in sizes, that no noise explains.
const INCONSISTENT: f64 = 1e-6;

/// The state where the function leaves the free entries alone: Newton's method with a Jacobian from
/// differences, kept while it serves. Sums that the function conserves keep their starting value
/// in place of the equations that they make redundant.
///
/// `images` gives one image per state, none where it has none. None where nothing was found.
pub(crate) fn fixed_point(
    problem: &Problem,
    images: impl Fn(&[Vec<f64>]) -> Vec<Option<Vec<f64>>>,
) -> Option<Vec<f64>> {
    let mut search = Search::new(problem);
    loop {
        let wanted = search.wanted();
        if wanted.is_empty() {
            return search.found();
        }
        search.take(images(&wanted));
    }
}

/// A search that asks for images and takes them, so that several can be served together.
pub(crate) struct Search<'a> {
    problem: &'a Problem,
    state: Vec<f64>,
    residual: Vec<f64>,
    n_iterations: u32,
    stage: Stage,
}

/// What a search waits for.
enum Stage {
    /// The image of the start.
    First,
    /// Images of moved states, for a Jacobian.
    Jacobian,
    /// The image of a trial, a part of a step away.
    Trial(Box<Trial>),
    /// Nothing any more.
    Done(Option<Vec<f64>>),
}

struct Trial {
    newton: Newton,
    /// Whether the Jacobian was made here.
    fresh: bool,
    step: Vec<f64>,
    part: f64,
    state: Vec<f64>,
}

impl<'a> Search<'a> {
    pub(crate) fn new(problem: &'a Problem) -> Self {
        let state = problem.start.clone();
        Self { problem, state, residual: Vec::new(), n_iterations: 0, stage: Stage::First }
    }

    /// States whose images are wanted next; empty once it is done.
    pub(crate) fn wanted(&self) -> Vec<Vec<f64>> {
        match &self.stage {
            Stage::First => vec![self.state.clone()],
            Stage::Jacobian => Newton::moved(self.problem, &self.state),
            Stage::Trial(trial) => vec![trial.state.clone()],
            Stage::Done(_) => Vec::new(),
        }
    }

    /// Takes the images of what was wanted, one each.
    pub(crate) fn take(&mut self, images: Vec<Option<Vec<f64>>>) {
        match std::mem::replace(&mut self.stage, Stage::Done(None)) {
            Stage::First => {
                if let Some(residual) = self.residual_of(&self.state, images) {
                    self.residual = residual;
                    self.iterate(None);
                }
            }
            Stage::Jacobian => {
                let newton = Newton::new(self.problem, &self.state, &self.residual, images);
                if let Some(newton) = newton {
                    self.step(newton, true);
                }
            }
            Stage::Trial(trial) => self.judge(*trial, images),
            Stage::Done(found) => self.stage = Stage::Done(found),
        }
    }

    /// What was found, empty to rounding where it is empty.
    pub(crate) fn found(self) -> Option<Vec<f64>> {
        let Stage::Done(found) = self.stage else { return None };
        let mut state = found?;
        for &at in &self.problem.free {
            if state[at].abs() <= f64::EPSILON * self.problem.sizes[at] {
                state[at] = 0.0;
            }
        }
        Some(state)
    }

    fn residual_of(&self, state: &[f64], images: Vec<Option<Vec<f64>>>) -> Option<Vec<f64>> {
        let residual = self.problem.residual(state, &images.into_iter().next()??);
        residual.iter().all(|value| value.is_finite()).then_some(residual)
    }

    /// From a better state on, with a Jacobian that is kept.
    fn iterate(&mut self, kept: Option<Newton>) {
        if self.n_iterations == MOST_ITERATIONS {
            return;
        }
        self.n_iterations += 1;
        if largest(&self.residual) == 0.0 {
            self.stage = Stage::Done(Some(std::mem::take(&mut self.state)));
            return;
        }
        match kept {
            Some(newton) => self.step(newton, false),
            None => self.stage = Stage::Jacobian,
        }
    }

    fn step(&mut self, newton: Newton, fresh: bool) {
        if let Some(step) = newton.step(self.problem, &self.state, &self.residual) {
            let state = self.moved(&step, 1.0);
            self.stage = Stage::Trial(Box::new(Trial { newton, fresh, step, part: 1.0, state }));
        }
    }

    fn moved(&self, step: &[f64], part: f64) -> Vec<f64> {
        let mut moved = self.state.clone();
        let Problem { free, sizes, .. } = self.problem;
        free.iter().zip(step).for_each(|(&at, step)| moved[at] += part * step * sizes[at]);
        moved
    }

    /// Halves the step while the residual grows; a kept Jacobian that does not serve is made anew.
    fn judge(&mut self, mut trial: Trial, images: Vec<Option<Vec<f64>>>) {
        let next = self.residual_of(&trial.state, images);
        // Where a sum is conserved but its equation cannot hold, no step helps and none is wanted.
        let small = |residual: &[f64]| {
            largest(&trial.step) <= self.problem.last_step() && largest(residual) <= INCONSISTENT
        };
        match next {
            Some(next) if largest(&next) < largest(&self.residual) => {
                let serves = largest(&next) <= 0.1 * largest(&self.residual);
                let ends = small(&next) || largest(&next) <= 1e-13;
                (self.state, self.residual) = (trial.state, next);
                if ends {
                    self.stage = Stage::Done(Some(std::mem::take(&mut self.state)));
                } else {
                    self.iterate(serves.then_some(trial.newton));
                }
            }
            _ if !trial.fresh => self.iterate(None),
            // No better state is found: the residual is the noise of the function, or there is none.
            _ if trial.part < 1e-3 => {
                let noise = match self.problem.kind {
                    Kind::Derivatives => 1e-10,
                    Kind::Flow => 1e-8,
                };
                if small(&self.residual) || largest(&self.residual) <= noise {
                    self.stage = Stage::Done(Some(std::mem::take(&mut self.state)));
                }
            }
            _ => {
                trial.part *= 0.5;
                trial.state = self.moved(&trial.step, trial.part);
                self.stage = Stage::Trial(Box::new(trial));
            }
        }
    }
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |most: f64, value| most.max(value.abs()))
}

/// Jacobian of the residual in sizes, with the conserved sums below it.
struct Newton {
    matrix: Matrix,
    /// Coefficients of conserved sums.
    sums: Vec<Vec<f64>>,
    /// What each equation is divided by.
    rows: Vec<f64>,
}

impl Newton {
    /// States with one free entry moved each.
    fn moved(problem: &Problem, state: &[f64]) -> Vec<Vec<f64>> {
        let moved = |&at: &usize| {
            let mut moved = state.to_vec();
            moved[at] += problem.difference() * problem.sizes[at];
            moved
        };
        problem.free.iter().map(moved).collect()
    }

    /// From the images of [`Newton::moved`].
    fn new(
        problem: &Problem,
        state: &[f64],
        residual: &[f64],
        images: Vec<Option<Vec<f64>>>,
    ) -> Option<Self> {
        let n = problem.free.len();
        let states = Self::moved(problem, state);
        let mut rows = vec![0.0; n * n];
        for (column, (moved, image)) in states.iter().zip(images).enumerate() {
            let at = problem.free[column];
            // The difference as it was rounded.
            let by = (moved[at] - state[at]) / problem.sizes[at];
            let other = problem.residual(moved, &image?);
            for row in 0..n {
                rows[row * n + column] = (other[row] - residual[row]) / by;
            }
        }
        // Derivatives differ by orders of magnitude between equations; a flow does not.
        let scale = |row: &[f64]| match problem.kind {
            Kind::Derivatives => largest(row).max(f64::MIN_POSITIVE),
            Kind::Flow => 1.0,
        };
        let scales: Vec<f64> = rows.chunks(n.max(1)).map(scale).collect();
        for (row, scale) in rows.chunks_mut(n.max(1)).zip(&scales) {
            row.iter_mut().for_each(|value| *value /= scale);
        }
        let sums = conserved(&rows, n, problem.singular())?
            .into_iter()
            .map(|sum| sum.iter().zip(&scales).map(|(weight, scale)| weight / scale).collect())
            .collect::<Vec<Vec<f64>>>();
        sums.iter().for_each(|sum| rows.extend(sum));
        let matrix = Matrix::from_rows(n + sums.len(), n, rows).ok()?;
        Some(Self { matrix, sums, rows: scales })
    }

    fn step(&self, problem: &Problem, state: &[f64], residual: &[f64]) -> Option<Vec<f64>> {
        let mut right: Vec<f64> =
            residual.iter().zip(&self.rows).map(|(value, scale)| -value / scale).collect();
        for sum in &self.sums {
            let lost =
                problem.free.iter().zip(sum).map(|(&at, weight)| {
                    weight * (problem.start[at] - state[at]) / problem.sizes[at]
                });
            right.push(lost.fold(0.0, |total, lost| total + lost));
        }
        let step = least_squares(&self.matrix, &right).ok()?;
        step.iter().all(|value| value.is_finite()).then_some(step)
    }
}

/// Combinations of equations that vanish: left null vectors of a square matrix given row by row.
fn conserved(rows: &[f64], n: usize, singular: f64) -> Option<Vec<Vec<f64>>> {
    let mut product = Matrix::zeros(n, n);
    for i in 0..n {
        for j in 0..n {
            let terms = (0..n).map(|k| rows[i * n + k] * rows[j * n + k]);
            product.set(i, j, terms.fold(0.0, |sum, term| sum + term));
        }
    }
    let eigen = symmetric_eigen(&product).ok()?;
    let most = largest(&eigen.values);
    let null = |&at: &usize| eigen.values[at] <= singular * singular * most;
    let vector = |at: usize| (0..n).map(|row| eigen.vectors.at(row, at)).collect();
    Some((0..n).filter(null).map(vector).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn derivatives(start: &[f64]) -> Problem {
        let n = start.len();
        Problem::derivatives(start.to_vec(), (0..n).collect(), vec![1.0; n])
    }

    #[test]
    fn a_nonlinear_root() {
        let found = fixed_point(&derivatives(&[3.0]), |states| {
            states.iter().map(|y| Some(vec![2.0 - y[0] * y[0]])).collect()
        });
        // The last step is below 1e-12, and the error after it a tenth of that.
        assert!((found.unwrap()[0] - 2.0_f64.sqrt()).abs() < 1e-12);
    }

    /// A + B is conserved and starts at 3; A goes to B at rate 1, back at rate 2 times its square.
    #[test]
    fn a_conserved_sum_keeps_its_start() {
        let found = fixed_point(&derivatives(&[2.5, 0.5]), |states| {
            let slopes = |y: &Vec<f64>| {
                let net = y[0] - 2.0 * y[1] * y[1];
                Some(vec![-net, net])
            };
            states.iter().map(slopes).collect()
        });
        // 2 b^2 = 3 - b has the root b = 1.
        let found = found.unwrap();
        assert!((found[0] - 2.0).abs() < 1e-12 && (found[1] - 1.0).abs() < 1e-12, "{found:?}");
    }

    /// What nothing takes away and something brings: no derivative is zero.
    #[test]
    fn a_sum_that_grows_is_none() {
        let found = fixed_point(&derivatives(&[1.0]), |states| {
            states.iter().map(|_| Some(vec![5.0])).collect()
        });
        assert_eq!(found, None);
    }

    #[test]
    fn no_root_is_none() {
        let found = fixed_point(&derivatives(&[1.0]), |states| {
            states.iter().map(|y| Some(vec![1.0 + y[0] * y[0]])).collect()
        });
        assert_eq!(found, None);
    }
}
