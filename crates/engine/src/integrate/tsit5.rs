//! Stages and error of Tsit5 in lanes.

use super::block::Columns;
use crate::cpu::Cpu;
use crate::program::Program;
use crate::tableau::tsit5::{A, C, E, STAGES, dense};

pub(super) use crate::tableau::tsit5::STAGES as N_STAGES;

/// Stages of one step; the last is taken at the new state, which is left in `y_new`.
#[inline(always)]
pub(super) fn stages<const W: usize>(
    columns: &mut Columns<W>,
    program: &Program,
    rates: usize,
    cpu: Cpu,
) {
    let n = columns.y.len();
    let Columns { y, y_new, k, file, t, h, off, any_off, .. } = columns;
    for stage in 1..STAGES {
        for i in 0..n {
            let mut sum = [0.0; W];
            for (j, &a) in A[stage][..stage.min(6)].iter().enumerate() {
                let kj = &k[j * n + i];
                for lane in 0..W {
                    sum[lane] += a * kj[lane];
                }
            }
            let (from, to) = (&y[i], &mut file[i]);
            for lane in 0..W {
                to[lane] = from[lane] + h[lane] * sum[lane];
            }
        }
        if stage == STAGES - 1 {
            y_new.copy_from_slice(&file[..n]);
        }
        let time = &mut file[program.time()];
        for lane in 0..W {
            time[lane] = t[lane] + C[stage] * h[lane];
        }
        program.call_on(file, 0, cpu);
        let slopes = &mut k[stage * n..(stage + 1) * n];
        slopes_now(slopes, file, program, rates);
        if *any_off {
            silence(slopes, off);
        }
    }
}

/// Slopes of one stage: what the program gives, and infusions.
#[inline(always)]
pub(super) fn slopes_now<const W: usize>(
    k: &mut [[f64; W]],
    file: &[[f64; W]],
    program: &Program,
    rates: usize,
) {
    for (i, slope) in k.iter_mut().enumerate() {
        let root = &file[program.roots()[i] as usize];
        let rate = &file[program.input(rates + i)];
        for lane in 0..W {
            slope[lane] = root[lane] + rate[lane];
        }
    }
}

/// Slopes of compartments that are turned off become zero.
pub(super) fn silence<const W: usize>(slopes: &mut [[f64; W]], off: &[[bool; W]]) {
    for (slope, off) in slopes.iter_mut().zip(off) {
        for lane in 0..W {
            if off[lane] {
                slope[lane] = 0.0;
            }
        }
    }
}

/// Sum of squares over compartments of error estimate over tolerance.
#[inline(always)]
pub(super) fn error_squares<const W: usize>(columns: &Columns<W>, rtol: f64) -> [f64; W] {
    let n = columns.y.len();
    let mut squares = [0.0; W];
    for i in 0..n {
        let mut estimate = [0.0; W];
        for (j, &e) in E.iter().enumerate() {
            let kj = &columns.k[j * n + i];
            for lane in 0..W {
                estimate[lane] += e * kj[lane];
            }
        }
        let (before, after, floor) = (&columns.y[i], &columns.y_new[i], &columns.atol[i]);
        for lane in 0..W {
            let size = before[lane].abs().max(after[lane].abs());
            let ratio = columns.h[lane] * estimate[lane] / (floor[lane] + rtol * size);
            squares[lane] += ratio * ratio;
        }
    }
    squares
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
