//! Tsit5: explicit, order 5(4), seven stages, the last of which is the first of the next step.
//!
//! Tsitouras, Computers & Mathematics with Applications 62 (2011) 770-775; 4th-order continuous
//! extension.

/// Number of stages of Tsit5.
pub const STAGES: usize = 7;

/// Nodes.
pub const C: [f64; STAGES] = [0.0, 0.161, 0.327, 0.9, 0.9800255409045097, 1.0, 1.0];

/// Stage weights; the last row is also the 5th-order solution.
pub const A: [[f64; 6]; STAGES] = [
    [0.0; 6],
    [0.161, 0.0, 0.0, 0.0, 0.0, 0.0],
    [-0.008480655492356989, 0.335480655492357, 0.0, 0.0, 0.0, 0.0],
    [2.8971530571054935, -6.359448489975075, 4.3622954328695815, 0.0, 0.0, 0.0],
    [5.325864828439257, -11.748883564062828, 7.4955393428898365, -0.09249506636175525, 0.0, 0.0],
    [
        5.86145544294642,
        -12.92096931784711,
        8.159367898576159,
        -0.071584973281401,
        -0.028269050394068383,
        0.0,
    ],
    [
        0.09646076681806523,
        0.01,
        0.4798896504144996,
        1.379008574103742,
        -3.290069515436081,
        2.324710524099774,
    ],
];

/// Difference of the 5th- and 4th-order solutions.
pub const E: [f64; STAGES] = [
    -0.0017800110522257772,
    -0.0008164344596567469,
    0.007880878010261995,
    -0.1447110071732629,
    0.5823571654525552,
    -0.45808210592918697,
    0.015151515151515152,
];

/// Continuous extension: the weight of stage `i` at fraction `x` of the step is
/// `x (D[i][0] + x (D[i][1] + x (D[i][2] + x D[i][3])))`.
pub const D: [[f64; 4]; STAGES] = [
    [1.0, -2.763706197274826, 2.9132554618219126, -1.0530884977290216],
    [0.0, 0.13169999999999998, -0.2234, 0.1017],
    [0.0, 3.9302962368947516, -5.941033872131505, 2.490627285651253],
    [0.0, -12.411077166933676, 30.33818863028232, -16.548102889244902],
    [0.0, 37.50931341651104, -88.1789048947664, 47.37952196281928],
    [0.0, -27.896526289197286, 65.09189467479366, -34.87065786149661],
    [0.0, 1.5, -4.0, 2.5],
];

/// Weight of stage `stage` at fraction `x` of the step.
#[inline(always)]
pub fn dense(stage: usize, x: f64) -> f64 {
    let [first, second, third, fourth] = D[stage];
    x * (first + x * (second + x * (third + x * fourth)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sum of up to ten products below 100 of numbers printed to 16 digits.
    const ROUNDING: f64 = 10.0 * 100.0 * 10.0 * f64::EPSILON;

    #[test]
    fn row_sums_are_the_nodes_and_the_error_weights_vanish() {
        for stage in 0..STAGES {
            let sum: f64 = A[stage].iter().sum();
            assert!((sum - C[stage]).abs() < ROUNDING, "{stage}: {sum}");
        }
        assert!(E.iter().sum::<f64>().abs() < ROUNDING);
    }

    /// Quadrature conditions `sum b c^(q-1) = 1/q` to order 5, and of the error weights to order 4.
    #[test]
    fn quadrature_conditions() {
        for q in 1..=5 {
            let power = |c: f64| (1..q).fold(1.0, |product, _| product * c);
            let sum: f64 = (0..6).map(|i| A[6][i] * power(C[i])).sum();
            assert!((sum - 1.0 / f64::from(q)).abs() < ROUNDING, "order {q}: {sum}");
            let error: f64 = (0..STAGES).map(|i| E[i] * power(C[i])).sum();
            assert!(q == 5 || error.abs() < ROUNDING, "error weights, order {q}: {error}");
        }
    }

    /// `sum b(x) c^(q-1) = x^q / q` to order 4; the extension ends in the solution.
    #[test]
    fn continuous_extension() {
        for x in [0.1, 0.5, 0.9, 1.0] {
            for q in 1..=4 {
                let power = |c: f64, n: i32| (0..n).fold(1.0, |product, _| product * c);
                let sum: f64 = (0..STAGES).map(|i| dense(i, x) * power(C[i], q - 1)).sum();
                assert!((sum - power(x, q) / f64::from(q)).abs() < ROUNDING, "{x} {q}: {sum}");
            }
        }
        for (stage, weight) in A[6].iter().enumerate() {
            assert!((dense(stage, 1.0) - weight).abs() < ROUNDING);
        }
    }
}
