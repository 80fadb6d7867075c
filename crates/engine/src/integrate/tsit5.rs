//! Stages of Tsit5 in lanes.

use super::columns::Columns;
use super::combine::combine;
use crate::program::Program;
use crate::row::Row;
use crate::tableau::tsit5::{A, C, D, E, STAGES, dense};

pub(super) use crate::tableau::tsit5::STAGES as N_STAGES;

/// Stages of one step; the last is taken at the new state, which is left in `y_new`,
/// with the error in `estimate` and the argument of the last stage but one in `aside`.
#[inline(always)]
pub(super) fn stages<const W: usize>(columns: &mut Columns<W>, program: &Program) {
    let n = columns.y.len();
    let Columns { y, y_new, k, estimate, aside, file, t, h, off, any_off, cpu, .. } = columns;
    for stage in 1..STAGES {
        for i in 0..n {
            let (from, to) = (&y[i], &mut file[i]);
            let weights = &A[stage][..stage.min(6)];
            combine(weights, k, n, i, |lane, sum| to[lane] = from[lane] + h[lane] * sum);
        }
        if stage == STAGES - 2 {
            aside.copy_from_slice(&file[..n]);
        } else if stage == STAGES - 1 {
            y_new.copy_from_slice(&file[..n]);
        }
        let time = &mut file[program.time()];
        for lane in 0..W {
            time[lane] = t[lane] + C[stage] * h[lane];
        }
        program.call_on(file, 0, *cpu);
        let slopes = &mut k[stage * n..(stage + 1) * n];
        slopes_now(slopes, file, program, 0);
        if *any_off {
            silence(slopes, off);
        }
    }
    for (i, estimate) in estimate.iter_mut().enumerate() {
        combine(&E, k, n, i, |lane, sum| estimate[lane] = h[lane] * sum);
    }
}

/// Slopes of one stage: what the program gives, and infusions.
#[inline(always)]
pub(super) fn slopes_now<const W: usize>(
    k: &mut [Row<W>],
    file: &[Row<W>],
    program: &Program,
    entry: usize,
) {
    let rates = program.rates();
    for (i, slope) in k.iter_mut().enumerate() {
        let root = &file[program.roots_of(entry)[i] as usize];
        let rate = &file[rates + i];
        for lane in 0..W {
            slope[lane] = root[lane] + rate[lane];
        }
    }
}

/// Slopes of compartments that are turned off become zero.
pub(super) fn silence<const W: usize>(slopes: &mut [Row<W>], off: &[[bool; W]]) {
    for (slope, off) in slopes.iter_mut().zip(off) {
        for lane in 0..W {
            if off[lane] {
                slope[lane] = 0.0;
            }
        }
    }
}

/// Slopes of compartment `i` at the last two stages, both taken at the end of the step.
#[inline(always)]
pub(super) fn last_two<const W: usize>(k: &[Row<W>], n: usize, i: usize) -> (&Row<W>, &Row<W>) {
    (&k[(STAGES - 1) * n + i], &k[(STAGES - 2) * n + i])
}

/// Leaves in `out` the state of every lane at its next observation, and the time, all lanes at once: what
/// [`inside`] gives, and the state at the end there; numbers without meaning in lanes that have
/// no observation in their step.
#[inline(always)]
pub(super) fn look<const W: usize>(columns: &mut Columns<W>) {
    let n = columns.y.len();
    let Columns { y, y_new, k, t, h, reached, observation_h, weights, out, .. } = columns;
    let fraction = &mut out[n];
    for lane in 0..W {
        fraction[lane] = (observation_h[lane] - t[lane]) / h[lane];
    }
    for (weight, [first, second, third, fourth]) in weights.iter_mut().zip(D) {
        for lane in 0..W {
            let x = fraction[lane];
            weight[lane] = x * (first + x * (second + x * (third + x * fourth)));
        }
    }
    for (i, to) in out[..n].iter_mut().enumerate() {
        let stages: [&Row<W>; STAGES] = std::array::from_fn(|stage| &k[stage * n + i]);
        let (before, after) = (&y[i], &y_new[i]);
        for lane in 0..W {
            let mut sum = 0.0;
            for (weight, stage) in weights.iter().zip(stages) {
                sum += weight[lane] * stage[lane];
            }
            let inside = before[lane] + h[lane] * sum;
            let at_end = observation_h[lane] == reached[lane];
            to[lane] = if at_end { after[lane] } else { inside };
        }
    }
    out[n] = *observation_h;
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
