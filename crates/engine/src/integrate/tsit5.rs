//! The continuous extension of Tsit5 in lanes.

use super::columns::Columns;
use crate::tableau::tsit5::{MIDDLE, Weights};

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
    let Columns { y, file, k, ends, estimate, t, h, reached, observation_h, out, .. } = columns;
    let stages = seen.map(|i| MIDDLE.map(|(stage, _)| &k[stage * n + i]));
    let slopes = seen.map(|i| [&ends[i], &ends[n + i]]);
    let (before, after) = (seen.map(|i| &y[i]), seen.map(|i| &file[i]));
    let errors = seen.map(|i| &estimate[i]);
    let Ok(to) = out.get_disjoint_mut(seen) else { return };
    for lane in 0..W {
        let weights = Weights::at((observation_h[lane] - t[lane]) / h[lane]);
        let at_end = observation_h[lane] == reached[lane];
        for at in 0..N {
            let states = [before[at][lane], after[at][lane]];
            let slopes = [slopes[at][0][lane], slopes[at][1][lane]];
            let mut inner = [0.0; MIDDLE.len()];
            for stage in 0..inner.len() {
                inner[stage] = stages[at][stage][lane];
            }
            let inside = weights.inside(h[lane], states, errors[at][lane], slopes, inner);
            to[at][lane] = if at_end { states[1] } else { inside };
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
    let weights = Weights::at(x);
    for i in 0..n {
        let states = [columns.y[i][lane], columns.y_new()[i][lane]];
        let slopes = [columns.ends[i][lane], columns.ends[n + i][lane]];
        let inner = MIDDLE.map(|(stage, _)| columns.k[stage * n + i][lane]);
        put(weights.inside(columns.h[lane], states, columns.estimate[i][lane], slopes, inner));
    }
}
