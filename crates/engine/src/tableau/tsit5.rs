//! Tsit5: explicit, order 5(4), seven stages, the last of which is the first of the next step.
//!
//! Tsitouras, Computers & Mathematics with Applications 62 (2011) 770-775; 4th-order continuous
//! extension.

use super::explicit::Explicit;

/// Number of stages.
pub(crate) const STAGES: usize = 7;

/// Coefficients.
pub(crate) const TSIT5: Explicit = Explicit {
    nodes: &[0.0, 0.161, 0.327, 0.9, 0.9800255409045097, 1.0, 1.0],
    a: &[
        &[],
        &[(0, 0.161)],
        &[(0, -0.008480655492356989), (1, 0.335480655492357)],
        &[(0, 2.8971530571054935), (1, -6.359448489975075), (2, 4.3622954328695815)],
        &[
            (0, 5.325864828439257),
            (1, -11.748883564062828),
            (2, 7.4955393428898365),
            (3, -0.09249506636175525),
        ],
        &[
            (0, 5.86145544294642),
            (1, -12.92096931784711),
            (2, 8.159367898576159),
            (3, -0.071584973281401),
            (4, -0.028269050394068383),
        ],
        &[
            (0, 0.09646076681806523),
            (1, 0.01),
            (2, 0.4798896504144996),
            (3, 1.379008574103742),
            (4, -3.290069515436081),
            (5, 2.324710524099774),
        ],
    ],
    errors: &[&[
        (0, -0.0017800110522257772),
        (1, -0.0008164344596567469),
        (2, 0.007880878010261995),
        (3, -0.1447110071732629),
        (4, 0.5823571654525552),
        (5, -0.45808210592918697),
        (6, 0.015151515151515152),
    ]],
};

/// Continuous extension: the weight of stage `i` at fraction `x` of the step is
/// `x (D[i][0] + x (D[i][1] + x (D[i][2] + x D[i][3])))`.
pub(crate) const D: [[f64; 4]; STAGES] = [
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
pub(crate) fn dense(stage: usize, x: f64) -> f64 {
    let [first, second, third, fourth] = D[stage];
    x * (first + x * (second + x * (third + x * fourth)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tableau::explicit::order::Usual;

    /// Up to five nested sums of up to seven products of coefficients below 100, printed to 16
    /// digits.
    const ROUNDING: f64 = 5.0 * 7.0 * 100.0 * f64::EPSILON;

    #[test]
    fn order_5_with_an_estimate_of_order_4_and_an_extension_of_4() {
        let usual = Usual::of(&[&TSIT5], ROUNDING);
        usual.has_row_sums();
        let solution = TSIT5.a[STAGES - 1];
        usual.meets(solution, 5, 1.0);
        usual.fails(solution, 6);
        usual.vanishes(TSIT5.errors[0], 4);
        let weights = |x| (0..STAGES).map(|at| (at, dense(at, x))).collect::<Vec<_>>();
        for x in [0.1, 0.5, 0.9, 1.0] {
            usual.meets(&weights(x), 4, x);
        }
        for &(stage, weight) in solution {
            assert!((dense(stage, 1.0) - weight).abs() < ROUNDING);
        }
    }
}
