//! The form in which coefficients of Rosenbrock methods are written.

/// Coefficients of a stiffly accurate Rosenbrock method.
///
/// With `M = I/(h gamma) - J`, stage `s` solves
/// `M u_s = f(t + c_s h, y + sum_j a_sj u_j) + sum_j (c_sj / h) u_j + h d_s df/dt`.
/// The last stage is the error estimate, and the solution is the last stage's argument plus it.
///
/// # Source
/// Hairer, Wanner, Solving Ordinary Differential Equations II, 2nd edition, IV.7.
#[derive(Debug)]
pub(crate) struct Rosenbrock {
    /// Number of stages.
    pub n_stages: usize,
    /// Diagonal coefficient.
    pub gamma: f64,
    /// Nodes.
    pub nodes: &'static [f64],
    /// Factors of the derivative by time; zero for the stages after them.
    pub d: &'static [f64],
    /// Weights of earlier stages in the argument of a stage. A stage without a row has the argument
    /// of the stage before it plus that stage.
    pub a: &'static [&'static [f64]],
    /// Weights of earlier stages, divided by the step, on the right side of a stage.
    pub c: &'static [&'static [f64]],
    /// Continuous extension: at fraction `x` of the step the state is
    /// `(1 - x) y + x (y_new + (1 - x) p(x))`, with a polynomial `p` whose coefficients, the
    /// lowest first, are these sums over stages.
    pub dense: &'static [&'static [f64]],
}

/// Order conditions, from the trees of Hairer, Wanner II, IV.7.
#[cfg(test)]
pub(crate) mod order {
    use super::Rosenbrock;
    use crate::tableau::trees::{Tree, trees};
    use epsom_maths::{Matrix, lu_factor, lu_solve};

    /// The coefficients as order conditions are written: `u = Gamma k`, `beta = alpha + gamma`.
    pub(crate) struct Usual {
        tableau: &'static Rosenbrock,
        rounding: f64,
        alpha: Vec<Vec<f64>>,
        beta: Vec<Vec<f64>>,
        gamma: Vec<Vec<f64>>,
    }

    impl Usual {
        pub(crate) fn of(tableau: &'static Rosenbrock, rounding: f64) -> Self {
            let n = tableau.n_stages;
            // Gamma = (1/gamma - C)^-1, and alpha = A Gamma.
            let entry = |i: usize, j: usize| {
                let c = tableau.c[i].get(j).copied().unwrap_or(0.0);
                if i == j { 1.0 / tableau.gamma } else { -c }
            };
            let rows = (0..n * n).map(|at| entry(at / n, at % n)).collect();
            let lu = lu_factor(&Matrix::from_rows(n, n, rows).unwrap()).unwrap();
            let mut gamma = vec![vec![0.0; n]; n];
            for column in 0..n {
                let mut unit = vec![0.0; n];
                unit[column] = 1.0;
                let x = lu_solve(&lu, &unit).unwrap();
                (0..n).for_each(|row| gamma[row][column] = x[row]);
            }
            let alpha: Vec<Vec<f64>> =
                (0..n).map(|stage| Self::of_stages(&gamma, &argument(tableau, stage))).collect();
            let beta =
                (0..n).map(|i| (0..n).map(|j| alpha[i][j] + gamma[i][j]).collect()).collect();
            Self { tableau, rounding, alpha, beta, gamma }
        }

        /// Weights of `k` from weights of `u`.
        fn of_stages(gamma: &[Vec<f64>], weights: &[f64]) -> Vec<f64> {
            let n = gamma.len();
            (0..n).map(|j| (0..n).map(|i| weights[i] * gamma[i][j]).sum()).collect()
        }

        fn near(&self, got: f64, wanted: f64, what: &str) {
            assert!((got - wanted).abs() < self.rounding, "{what}: {got}, wanted {wanted}");
        }

        /// Weights of the solution, in `u`.
        fn solution(&self) -> Vec<f64> {
            let n = self.tableau.n_stages;
            let mut weights = argument(self.tableau, n - 1);
            weights[n - 1] = 1.0;
            weights
        }

        /// Values of a tree at each stage: along a single branch by beta, where branches meet by
        /// alpha.
        fn values(&self, tree: &Tree) -> Vec<f64> {
            let by = if tree.0.len() == 1 { &self.beta } else { &self.alpha };
            tree.0.iter().fold(vec![1.0; self.alpha.len()], |all, child| {
                let inner = self.values(child);
                all.iter().zip(by).map(|(all, row)| all * dot(row, &inner)).collect()
            })
        }

        /// Nodes and factors of df/dt are the row sums of alpha and gamma.
        pub(crate) fn has_row_sums(&self) {
            for stage in 0..self.tableau.n_stages {
                self.near(self.alpha[stage].iter().sum(), self.tableau.nodes[stage], "node");
                let d = self.tableau.d.get(stage).copied().unwrap_or(0.0);
                self.near(self.gamma[stage].iter().sum(), d, "factor of df/dt");
            }
        }

        /// The weights are the last row of beta: the solution at an infinitely stiff component is
        /// 0.
        pub(crate) fn is_stiffly_accurate(&self) {
            let weights = Self::of_stages(&self.gamma, &self.solution());
            for (last, weight) in self.beta[self.beta.len() - 1].iter().zip(weights) {
                self.near(*last, weight, "last row");
            }
        }

        /// Every condition to this order holds, and one of the next does not.
        pub(crate) fn has_order(&self, order: usize) {
            self.meets(&self.solution(), order, 1.0);
            self.fails(&self.solution(), order + 1);
        }

        /// The same for the solution without its last stage.
        pub(crate) fn embeds(&self, order: usize) {
            let mut weights = self.solution();
            weights[self.tableau.n_stages - 1] = 0.0;
            self.meets(&weights, order, 1.0);
            self.fails(&weights, order + 1);
        }

        /// The continuous extension has this order everywhere in the step, to a rounding of its own.
        pub(crate) fn extends(mut self, order: usize, rounding: f64) {
            self.rounding = rounding;
            for x in [0.0, 0.2, 0.5, 0.8, 1.0] {
                let at = |stage: usize, end: f64| {
                    let coefficients = self.tableau.dense.iter().rev();
                    let inner = coefficients
                        .fold(0.0, |sum, row| sum * x + row.get(stage).copied().unwrap_or(0.0));
                    x * (end + (1.0 - x) * inner)
                };
                let weights: Vec<f64> = self
                    .solution()
                    .into_iter()
                    .enumerate()
                    .map(|(stage, end)| at(stage, end))
                    .collect();
                self.meets(&weights, order, x);
            }
        }

        fn meets(&self, weights: &[f64], order: usize, x: f64) {
            let weights = Self::of_stages(&self.gamma, weights);
            for tree in (1..=order).flat_map(trees) {
                let wanted = (0..tree.order()).fold(1.0, |power, _| power * x) / tree.density();
                self.near(dot(&weights, &self.values(&tree)), wanted, "order condition");
            }
        }

        fn fails(&self, weights: &[f64], order: usize) {
            let weights = Self::of_stages(&self.gamma, weights);
            let misses = |tree: &Tree| {
                (dot(&weights, &self.values(tree)) - 1.0 / tree.density()).abs() > 1e-4
            };
            assert!(trees(order).iter().any(misses), "every condition of order {order} holds");
        }
    }

    fn dot(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    /// Weights of `u` in the argument of a stage.
    fn argument(tableau: &Rosenbrock, stage: usize) -> Vec<f64> {
        let n_rows = tableau.a.len();
        let mut weights = vec![0.0; tableau.n_stages];
        let row = tableau.a[stage.min(n_rows - 1)];
        weights[..row.len()].copy_from_slice(row);
        (n_rows..=stage).for_each(|later| weights[later - 1] = 1.0);
        weights
    }
}
