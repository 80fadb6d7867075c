//! The continuous extension of Tsit5 in lanes.

use super::columns::Columns;
use crate::row::Row;
use crate::tableau::tsit5::{D, STAGES, dense};

/// Leaves in `out` the compartments `seen` of every lane at its next observation, and the time, all
/// lanes at once: what [`inside`] gives, and the state at the end there; numbers without meaning in
/// lanes that have no observation in their step.
#[inline(always)]
pub(super) fn look<const W: usize>(columns: &mut Columns<W>, seen: &[usize]) {
    let n = columns.y.len();
    let (fours, rest) = seen.as_chunks::<4>();
    let (pairs, rest) = rest.as_chunks::<2>();
    // Plain loops: the function of a closure may not be compiled for the block's instructions.
    for &four in fours {
        extend(columns, four);
    }
    for &pair in pairs {
        extend(columns, pair);
    }
    for &one in rest {
        extend(columns, [one]);
    }
    columns.out[n] = columns.observation_h;
}

/// As [`look`], of `N` compartments: few, so that the weights of the stages stay where they were made.
#[inline(always)]
fn extend<const N: usize, const W: usize>(columns: &mut Columns<W>, seen: [usize; N]) {
    let n = columns.y.len();
    let Columns { y, file, k, t, h, reached, observation_h, out, .. } = columns;
    let stages: [[&Row<W>; N]; STAGES] =
        std::array::from_fn(|stage| seen.map(|i| &k[stage * n + i]));
    let (before, after) = (seen.map(|i| &y[i]), seen.map(|i| &file[i]));
    let Ok(to) = out.get_disjoint_mut(seen) else { return };
    for lane in 0..W {
        let x = (observation_h[lane] - t[lane]) / h[lane];
        let mut sums = [0.0; N];
        for (stage, [first, second, third, fourth]) in stages.iter().zip(D) {
            let weight = x * (first + x * (second + x * (third + x * fourth)));
            for (sum, slope) in sums.iter_mut().zip(stage) {
                *sum += weight * slope[lane];
            }
        }
        let at_end = observation_h[lane] == reached[lane];
        for at in 0..N {
            let inside = before[at][lane] + h[lane] * sums[at];
            to[at][lane] = if at_end { after[at][lane] } else { inside };
        }
    }
}

/// State of one lane at fraction `x` of the step just made, by the continuous extension.
#[inline(always)]
pub(super) fn inside<const W: usize>(
    columns: &Columns<W>,
    lane: usize,
    x: f64,
    mut put: impl FnMut(f64),
) {
    let n = columns.y.len();
    let weights: [f64; STAGES] = std::array::from_fn(|stage| dense(stage, x));
    for i in 0..n {
        let mut sum = 0.0;
        for (stage, weight) in weights.iter().enumerate() {
            sum += weight * columns.k[stage * n + i][lane];
        }
        put(columns.y[i][lane] + columns.h[lane] * sum);
    }
}
