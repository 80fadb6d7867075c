//! The continuous extension of Dop853 in lanes.
//!
//! It needs three stages more, which are taken only where some lane looks inside its step. The
//! coefficients that are sums over stages take the place of stages that are read no more.

use super::columns::Columns;
use super::explicit::take;
use crate::program::Program;
use crate::row::Row;
use crate::tableau::dop853::{D, DOP853, MORE, SCALED};

/// Rows of stages, with those of the extension.
pub(super) const N_ROWS: usize = DOP853.n_stages() + MORE.n_stages();
/// The last stage of the step.
const LAST: usize = DOP853.n_stages() - 1;
/// Stages from this one on are read by the extension, and the first; those between are not.
const READ: usize = 5;

/// Makes the continuous extension of the step just taken; states after it stay where they are.
#[inline(always)]
pub(super) fn extend<const W: usize>(columns: &mut Columns<W>, program: &Program) {
    let n = columns.y.len();
    columns.aside.copy_from_slice(&columns.file[..n]);
    take(columns, program, &SCALED, LAST + 1..N_ROWS, None);
    columns.file[..n].copy_from_slice(&columns.aside);
    let (first, rest) = columns.k.split_at_mut(n);
    let (inner, read) = rest.split_at_mut((READ - 1) * n);
    for i in 0..n {
        let stages: [&Row<W>; D.len()] = std::array::from_fn(|at| match D[at].0 {
            0 => &first[i],
            stage => &read[(stage - READ) * n + i],
        });
        let Ok(to) = inner.get_disjoint_mut([i, n + i, 2 * n + i, 3 * n + i]) else { return };
        for lane in 0..W {
            let slopes: [f64; D.len()] = std::array::from_fn(|at| stages[at][lane]);
            let (mut a, mut b, mut c, mut d) = (0.0, 0.0, 0.0, 0.0);
            for at in 0..D.len() {
                let (_, weights) = D[at];
                a += weights[0] * slopes[at];
                b += weights[1] * slopes[at];
                c += weights[2] * slopes[at];
                d += weights[3] * slopes[at];
            }
            to[0][lane] = a;
            to[1][lane] = b;
            to[2][lane] = c;
            to[3][lane] = d;
        }
    }
}

/// State of a compartment at fraction `x` of a step of size `h`, from the states at its ends, the
/// slopes there and the inner coefficients.
#[inline(always)]
fn dense(x: f64, h: f64, [before, after]: [f64; 2], slopes: [f64; 2], inner: [f64; 4]) -> f64 {
    let rest = 1.0 - x;
    let moved = after - before;
    let bend = h * slopes[0] - moved;
    let rise = moved - h * slopes[1] - bend;
    let sum = inner[0] + x * (inner[1] + rest * (inner[2] + x * inner[3]));
    before + x * (moved + rest * (bend + x * (rise + rest * sum)))
}

/// Leaves in `out` the compartments `seen` of every lane at its next observation, and the time, all
/// lanes at once: what [`inside`] gives, and the state at the end there; numbers without meaning in
/// lanes that have no observation in their step.
#[inline(always)]
pub(super) fn look<const W: usize>(columns: &mut Columns<W>, seen: &[usize]) {
    let n = columns.y.len();
    let Columns { y, file, k, ends, t, h, reached, observation_h, out, .. } = columns;
    for &i in seen {
        let (before, after) = (&y[i], &file[i]);
        let (from, to) = (&ends[i], &ends[n + i]);
        let inner: [&Row<W>; 4] = std::array::from_fn(|at| &k[(1 + at) * n + i]);
        let out = &mut out[i];
        for lane in 0..W {
            let x = (observation_h[lane] - t[lane]) / h[lane];
            let ends = [before[lane], after[lane]];
            let inside = dense(x, h[lane], ends, [from[lane], to[lane]], inner.map(|c| c[lane]));
            let at_end = observation_h[lane] == reached[lane];
            out[lane] = if at_end { after[lane] } else { inside };
        }
    }
    columns.out[n] = columns.observation_h;
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
    let Columns { y, file, k, ends, h, .. } = columns;
    for i in 0..n {
        let states = [y[i][lane], file[i][lane]];
        let slopes = [ends[i][lane], ends[n + i][lane]];
        let inner = std::array::from_fn(|at| k[(1 + at) * n + i][lane]);
        put(dense(x, h[lane], states, slopes, inner));
    }
}
