//! Rodas4: Rosenbrock, order 4(3), six stages, L-stable and stiffly accurate.
//!
//! Hairer, Wanner, Solving Ordinary Differential Equations II, 2nd edition, IV.7 and IV.10 (the
//! method RODAS); continuous extension of order 3. With `M = I/(h gamma) - J`, stage `s` solves
//! `M u_s = f(t + c_s h, y + sum_j a_sj u_j) + sum_j (c_sj / h) u_j + h d_s df/dt`.
//! The last stage is the error estimate, and the solution is the last stage's argument plus it.

/// Number of stages.
pub(crate) const STAGES: usize = 6;

/// Diagonal coefficient.
pub(crate) const GAMMA: f64 = 0.25;

/// Nodes.
pub(crate) const NODES: [f64; STAGES] = [0.0, 0.386, 0.21, 0.63, 1.0, 1.0];

/// Factors of the derivative by time.
pub(crate) const D: [f64; STAGES] = [0.25, -0.1043, 0.1035, -0.03620000000000023, 0.0, 0.0];

/// Weights of earlier stages in the argument of a stage.
pub(crate) const A: [[f64; STAGES - 1]; STAGES] = [
    [0.0; 5],
    [1.544, 0.0, 0.0, 0.0, 0.0],
    [0.9466785280815826, 0.2557011698983284, 0.0, 0.0, 0.0],
    [3.314825187068521, 2.896124015972201, 0.9986419139977817, 0.0, 0.0],
    [1.221224509226641, 6.019134481288629, 12.53708332932087, -0.687886036105895, 0.0],
    [1.221224509226641, 6.019134481288629, 12.53708332932087, -0.687886036105895, 1.0],
];

/// Weights of earlier stages, divided by the step, on the right side of a stage.
pub(crate) const C: [[f64; STAGES - 1]; STAGES] = [
    [0.0; 5],
    [-5.6688, 0.0, 0.0, 0.0, 0.0],
    [-2.430093356833875, -0.2063599157091915, 0.0, 0.0, 0.0],
    [-0.1073529058151375, -9.594562251023355, -20.47028614809616, 0.0, 0.0],
    [7.496443313967647, -10.24680431464352, -33.99990352819905, 11.7089089320616, 0.0],
    [
        8.083246795921522,
        -7.981132988064893,
        -31.52159432874371,
        16.31930543123136,
        -6.058818238834054,
    ],
];

/// Continuous extension: at fraction `x` of the step the state is
/// `(1 - x) y + x (y_new + (1 - x) (sum_j DENSE[0][j] u_j + x sum_j DENSE[1][j] u_j))`.
pub(crate) const DENSE: [[f64; STAGES - 1]; 2] = [
    [
        10.12623508344586,
        -7.487995877610167,
        -34.80091861555747,
        -7.992771707568823,
        1.025137723295662,
    ],
    [
        -0.6762803392801253,
        6.087714651680015,
        16.43084320892478,
        24.76722511418386,
        -6.594389125716872,
    ],
];

#[cfg(test)]
mod tests {
    use super::*;
    use epsom_maths::{Matrix, lu_factor, lu_solve};

    /// Coefficients up to 40 printed to 16 digits, through the inverse of a matrix whose entries
    /// and whose inverse's entries are below 40, and three more sums of six.
    const ROUNDING: f64 = 40.0 * 40.0 * 6.0 * 6.0 * f64::EPSILON;

    type Square = [[f64; STAGES]; STAGES];

    /// The usual coefficients: `alpha`, `beta` (= alpha + gamma) and the inverse map of weights.
    struct Usual {
        alpha: Square,
        beta: Square,
        gamma: Square,
    }

    fn product(a: &Square, b: &Square) -> Square {
        let entry = |i: usize, j: usize| (0..STAGES).map(|k| a[i][k] * b[k][j]).sum();
        std::array::from_fn(|i| std::array::from_fn(|j| entry(i, j)))
    }

    fn usual() -> Usual {
        // u = Gamma k with Gamma = (1/gamma - C)^-1, and alpha = A Gamma.
        let entry = |i: usize, j: usize| {
            let c = if j < 5 { C[i][j] } else { 0.0 };
            if i == j { 1.0 / GAMMA } else { -c }
        };
        let rows = (0..36).map(|at| entry(at / 6, at % 6)).collect();
        let lu = lu_factor(&Matrix::from_rows(6, 6, rows).unwrap()).unwrap();
        let mut gamma = [[0.0; STAGES]; STAGES];
        for column in 0..STAGES {
            let mut unit = [0.0; STAGES];
            unit[column] = 1.0;
            let x = lu_solve(&lu, &unit).unwrap();
            (0..STAGES).for_each(|row| gamma[row][column] = x[row]);
        }
        let a: Square =
            std::array::from_fn(|i| std::array::from_fn(|j| if j < 5 { A[i][j] } else { 0.0 }));
        let alpha = product(&a, &gamma);
        let beta = std::array::from_fn(|i| std::array::from_fn(|j| alpha[i][j] + gamma[i][j]));
        Usual { alpha, beta, gamma }
    }

    /// Weights of the solution in terms of u, then of k.
    fn weights(usual: &Usual, u_weights: [f64; STAGES]) -> [f64; STAGES] {
        std::array::from_fn(|j| (0..STAGES).map(|i| u_weights[i] * usual.gamma[i][j]).sum())
    }

    fn sums(matrix: &Square) -> [f64; STAGES] {
        matrix.map(|row| row.iter().sum())
    }

    fn times(matrix: &Square, vector: &[f64; STAGES]) -> [f64; STAGES] {
        matrix.map(|row| row.iter().zip(vector).map(|(a, b)| a * b).sum())
    }

    fn dot(a: &[f64; STAGES], b: &[f64; STAGES]) -> f64 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    /// Values of the order conditions to order 3, which are 1, 1/2, 1/3, 1/6 at the step's end.
    fn to_order_3(usual: &Usual, b: &[f64; STAGES]) -> [f64; 4] {
        let (alpha, beta) = (sums(&usual.alpha), sums(&usual.beta));
        let squares = alpha.map(|alpha| alpha * alpha);
        [b.iter().sum(), dot(b, &beta), dot(b, &squares), dot(b, &times(&usual.beta, &beta))]
    }

    fn near(got: f64, wanted: f64, what: &str) {
        assert!((got - wanted).abs() < ROUNDING, "{what}: {got}, wanted {wanted}");
    }

    const SOLUTION: [f64; STAGES] = [A[5][0], A[5][1], A[5][2], A[5][3], 1.0, 1.0];

    /// Nodes and factors of df/dt are the row sums of alpha and gamma.
    #[test]
    fn row_sums() {
        let usual = usual();
        for stage in 0..STAGES {
            near(sums(&usual.alpha)[stage], NODES[stage], "node");
            near(sums(&usual.gamma)[stage], D[stage], "factor of df/dt");
        }
    }

    /// Hairer, Wanner II, table IV.7.1.
    #[test]
    fn order_conditions() {
        let usual = usual();
        let b = weights(&usual, SOLUTION);
        let (alpha, beta) = (sums(&usual.alpha), sums(&usual.beta));
        let wanted = [1.0, 1.0 / 2.0, 1.0 / 3.0, 1.0 / 6.0];
        for (got, wanted) in to_order_3(&usual, &b).into_iter().zip(wanted) {
            near(got, wanted, "order 3");
        }
        near(dot(&b, &alpha.map(|alpha| alpha * alpha * alpha)), 1.0 / 4.0, "order 4");
        let inner = times(&usual.alpha, &beta);
        let mixed: [f64; STAGES] = std::array::from_fn(|i| alpha[i] * inner[i]);
        near(dot(&b, &mixed), 1.0 / 8.0, "order 4");
        let squares = alpha.map(|alpha| alpha * alpha);
        near(dot(&b, &times(&usual.beta, &squares)), 1.0 / 12.0, "order 4");
        near(dot(&b, &times(&usual.beta, &times(&usual.beta, &beta))), 1.0 / 24.0, "order 4");
    }

    /// Without its last stage the method is of order 3 and not of order 4.
    #[test]
    fn embedded_solution() {
        let usual = usual();
        let mut embedded = SOLUTION;
        embedded[5] = 0.0;
        let b = weights(&usual, embedded);
        let wanted = [1.0, 1.0 / 2.0, 1.0 / 3.0, 1.0 / 6.0];
        for (got, wanted) in to_order_3(&usual, &b).into_iter().zip(wanted) {
            near(got, wanted, "order 3");
        }
        let squares = sums(&usual.alpha).map(|alpha| alpha * alpha);
        assert!((dot(&b, &times(&usual.beta, &squares)) - 1.0 / 12.0).abs() > 1e-3);
    }

    /// The weights are the last row of beta: the solution at an infinitely stiff component is 0.
    #[test]
    fn stiffly_accurate() {
        let usual = usual();
        let b = weights(&usual, SOLUTION);
        for (stage, weight) in b.into_iter().enumerate() {
            near(usual.beta[5][stage], weight, "last row");
        }
    }

    #[test]
    fn continuous_extension_is_of_order_3_and_ends_in_the_solution() {
        let usual = usual();
        for x in [0.0, 0.2, 0.5, 0.8, 1.0] {
            let u_weights: [f64; STAGES] = std::array::from_fn(|j| {
                let inner = if j < 5 { DENSE[0][j] + x * DENSE[1][j] } else { 0.0 };
                x * (SOLUTION[j] + (1.0 - x) * inner)
            });
            let wanted = [x, x * x / 2.0, x * x * x / 3.0, x * x * x / 6.0];
            let got = to_order_3(&usual, &weights(&usual, u_weights));
            for (got, wanted) in got.into_iter().zip(wanted) {
                near(got, wanted, "extension");
            }
        }
    }
}
