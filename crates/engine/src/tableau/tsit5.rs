//! Tsit5: explicit, order 5(4), seven stages, the last of which is the first of the next step.
//!
//! Tsitouras, Computers & Mathematics with Applications 62 (2011) 770-775.

use super::explicit::Explicit;
use super::scaled::{Scaled, errors_by, weight};
use std::sync::LazyLock;

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

/// For slopes with their weights.
pub(crate) static SCALED: LazyLock<Scaled> = LazyLock::new(|| Scaled::of(&[&TSIT5]));

/// Slopes inside the step that the continuous extension reads, and their weights: see [`Weights`].
const USUAL_MIDDLE: [(usize, f64); 3] =
    [(1, 0.21719941774421975), (2, 6.626441916217598), (3, 0.3397144468880414)];

/// The same for slopes as [`SCALED`] has them.
pub(crate) const MIDDLE: [(usize, f64); 3] = {
    let [(a, of_a), (b, of_b), (c, of_c)] = USUAL_MIDDLE;
    let part = [&TSIT5];
    [(a, of_a / weight(&part, a)), (b, of_b / weight(&part, b)), (c, of_c / weight(&part, c))]
};

/// Continuous extension: the cubic through both ends with their slopes, and what is of fourth and
/// fifth degree, which leaves ends and slopes there alone.
///
/// Where the state of a compartment changes by `change` in a step of size `h` with the estimated
/// error `error`, as [`SCALED`] has it, it is at fraction `x`
/// `y + (w_c change + w_e error + (h (w_1 k_1 + w_7 k_7) + w_m sum_j MIDDLE_j s_j))` with the weights
/// that [`Self::at`] gives; `s_j` is a slope as [`SCALED`] has it.
///
/// Of order 4: that of the source with a multiple of the error's estimate added, which vanishes to
/// that order. The multiple is the one by which the extension is of order 5 where equations are linear
/// with constant coefficients. The fifth and sixth slope are told by change and error.
pub(crate) struct Weights<T = f64> {
    pub change: T,
    pub error: T,
    pub first: T,
    pub last: T,
    pub middle: T,
}

impl Weights {
    /// Multiples of `x^2 (1-x)^2` in the weights; the second of the error, of `x^3 (1-x)^2`.
    pub(crate) const CHANGE: f64 = -9.109206475879908;
    const USUAL_ERROR: [f64; 2] = [17.077604363761914, 19.539965080017613];
    /// The same for errors as [`SCALED`] has them.
    pub(crate) const ERROR: [f64; 2] = {
        let ([constant, by_x], by) = (Self::USUAL_ERROR, errors_by(&[&TSIT5]));
        [constant / by, by_x / by]
    };
    pub(crate) const FIRST: f64 = -0.12119392785069334;
    pub(crate) const LAST: f64 = 2.0470446228807413;

    /// At fraction `x`.
    #[inline(always)]
    pub(crate) fn at(x: f64) -> Self {
        let rest = 1.0 - x;
        let both = x * rest;
        let middle = both * both;
        Self {
            change: x - both * (rest - x) + Self::CHANGE * middle,
            error: (Self::ERROR[0] + Self::ERROR[1] * x) * middle,
            first: both * rest + Self::FIRST * middle,
            last: Self::LAST * middle - both * x,
            middle,
        }
    }

    /// State at this fraction of a step of size `h` from `before` to `after`, from the slopes there
    /// and those of [`MIDDLE`].
    #[inline(always)]
    pub(crate) fn inside(
        &self,
        h: f64,
        [before, after]: [f64; 2],
        error: f64,
        slopes: [f64; 2],
        inner: [f64; MIDDLE.len()],
    ) -> f64 {
        let [(_, of_a), (_, of_b), (_, of_c)] = MIDDLE;
        let middle = of_a * inner[0] + of_b * inner[1] + of_c * inner[2];
        let ends = self.first * slopes[0] + self.last * slopes[1];
        let by_slopes = h * ends + self.middle * middle;
        let by_change = self.change * (after - before) + self.error * error;
        before + (by_change + by_slopes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tableau::explicit::Sum;
    use crate::tableau::explicit::order::Usual;

    const STAGES: usize = TSIT5.n_stages();

    /// Up to five nested sums of up to seven products of coefficients below 100, printed to 16
    /// digits.
    const ROUNDING: f64 = 5.0 * 7.0 * 100.0 * f64::EPSILON;

    /// Weights of the stages in the extension at fraction `x`.
    fn dense(x: f64) -> Vec<(usize, f64)> {
        let weights = Weights::at(x);
        let of = |sum: &Sum, stage| sum.iter().find(|at| at.0 == stage).map_or(0.0, |at| at.1);
        let weight = |stage| {
            let ends = match stage {
                0 => weights.first,
                at if at == STAGES - 1 => weights.last,
                _ => weights.middle * of(&USUAL_MIDDLE, stage),
            };
            let by_change = weights.change * of(TSIT5.a[STAGES - 1], stage);
            let error = errors_by(&[&TSIT5]) * of(TSIT5.errors[0], stage);
            ends + by_change + weights.error * error
        };
        (0..STAGES).map(|stage| (stage, weight(stage))).collect()
    }

    #[test]
    fn order_5_with_an_estimate_of_order_4_and_an_extension_of_4() {
        let usual = Usual::of(&[&TSIT5], ROUNDING);
        usual.has_row_sums();
        let solution = TSIT5.a[STAGES - 1];
        usual.meets(solution, 5, 1.0);
        usual.fails(solution, 6);
        usual.vanishes(TSIT5.errors[0], 4);
        for x in [0.1, 0.5, 0.9, 1.0] {
            usual.meets(&dense(x), 4, x);
        }
        for &(stage, weight) in solution {
            assert!((dense(1.0)[stage].1 - weight).abs() < ROUNDING);
        }
    }

    /// Of the conditions of order 5 only that of the tree without branches counts there.
    #[test]
    fn the_extension_is_of_order_5_for_linear_equations() {
        let usual = Usual::of(&[&TSIT5], ROUNDING);
        for x in [0.1, 0.5, 0.9, 1.0] {
            usual.meets_unbranched(&dense(x), 5, x);
        }
        usual.fails(&dense(0.5), 5);
    }

    /// Slopes at the ends are those of the first and the last stage.
    #[test]
    fn the_extension_is_smooth_from_step_to_step() {
        let step = 1.0 / 1_048_576.0;
        for (x, other, of) in [(0.0, step, 0), (1.0, 1.0 - step, STAGES - 1)] {
            for ((stage, here), (_, there)) in dense(x).into_iter().zip(dense(other)) {
                let slope = (there - here) / (other - x);
                let wanted = if stage == of { 1.0 } else { 0.0 };
                // Second derivatives are below 200; the difference loses 20 bits.
                assert!((slope - wanted).abs() < 200.0 * step, "stage {stage} at {x}: {slope}");
            }
        }
    }
}
