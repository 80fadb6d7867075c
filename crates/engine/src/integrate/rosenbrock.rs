//! The stages of Rodas4 and Rodas5P in lanes.
//!
//! The matrix `I/(h gamma) - J` is factored without pivoting at every step. Where the smallest
//! pivot falls far below `1/(h gamma)` the factors are not trusted: such a lane takes its stages by
//! factors with partial pivoting ([`pivoted`]). Where those have no pivot to speak of either, it
//! rejects the step and tries a smaller one, which makes the matrix more diagonal.

use super::columns::Columns;
use super::combine::{combine, combine_two};
use super::pivoted::{Pivoted, pivoted};
use crate::cpu::Cpu;
use crate::row::Row;
pub(super) use crate::stiff::SLOPES;
use crate::stiff::{SOLVE, START, Stiff};
use crate::tableau::rosenbrock::Rosenbrock;

/// A smaller pivot, relative to `1/(h gamma)`, is not trusted: rounding errors grow by up to its
/// reciprocal, which leaves ten digits. Compartment models whose flows only leave have none below
/// 1.
pub(crate) const SMALLEST_PIVOT: f64 = 1e-5;

/// Takes a step: stages, the new state and the error `estimate`. False where the factors of a lane
/// are not trusted.
#[inline(always)]
pub(super) fn take<const W: usize>(
    tableau: &'static Rosenbrock,
    columns: &mut Columns<W>,
    stiff: &Stiff,
) -> [bool; W] {
    let n = columns.y.len();
    let Columns { y, k, estimate, file, t, h, cpu, .. } = columns;
    let from = Start { tableau, t, h, y };
    let trusted = stages(stiff, file, from, k, *cpu);
    estimate.copy_from_slice(&k[(tableau.n_stages - 1) * n..]);
    trusted
}

/// State of one lane at fraction `x` of the step just made, by the continuous extension.
#[inline(always)]
pub(super) fn inside<const W: usize>(
    tableau: &'static Rosenbrock,
    columns: &Columns<W>,
    lane: usize,
    x: f64,
    mut put: impl FnMut(f64),
) {
    let n = columns.y.len();
    for i in 0..n {
        let u = |stage: usize| columns.k[stage * n + i][lane];
        put(dense(tableau, x, [columns.y[i][lane], columns.y_new()[i][lane]], u));
    }
}

/// By which coefficients, where the lanes stand and how far they step.
#[derive(Clone, Copy)]
struct Start<'a, const W: usize> {
    tableau: &'static Rosenbrock,
    /// Time, h.
    t: &'a Row<W>,
    /// Step, h.
    h: &'a Row<W>,
    /// State.
    y: &'a [Row<W>],
}

/// Takes the stages `u` of a step, of which the last is the error estimate, and leaves the state at
/// its end in the first rows of `file`. False where the factors of a lane are not trusted.
///
/// # Shape
/// `u` is stage by compartment.
#[inline(always)]
fn stages<const W: usize>(
    stiff: &Stiff,
    file: &mut [Row<W>],
    from: Start<'_, W>,
    u: &mut [Row<W>],
    cpu: Cpu,
) -> [bool; W] {
    let Start { tableau, t, h, y } = from;
    let (n_stages, per_gamma) = (tableau.n_stages, 1.0 / tableau.gamma);
    let (n, program) = (y.len(), &stiff.program);
    let rates = program.rates();
    let mut per_h = Row::<W>::ZERO;
    for lane in 0..W {
        per_h[lane] = 1.0 / h[lane];
        file[program.extra(0)][lane] = per_h[lane] * per_gamma;
    }
    let mut trusted = [true; W];
    let mut replaced: Vec<(usize, Pivoted)> = Vec::new();
    for stage in 0..n_stages {
        // 1. Argument of the stage, and what earlier stages add to its right side.
        if stage == 0 {
            file[..n].copy_from_slice(y);
        } else {
            // Right sides stand after the states and the time.
            let (states, after) = file.split_at_mut(program.extra(1));
            for i in 0..n {
                let (state, right) = (&mut states[i], &mut after[i]);
                let c = tableau.c[stage];
                if let Some(&a) = tableau.a.get(stage) {
                    let weights = [a, c];
                    let y = &y[i];
                    combine_two(weights, u, n, i, |lane, [a, c]| {
                        state[lane] = y[lane] + a;
                        right[lane] = c * per_h[lane];
                    });
                } else {
                    // The argument before, and the stage before.
                    let last = &u[(stage - 1) * n + i];
                    for lane in 0..W {
                        state[lane] += last[lane];
                    }
                    combine(c, u, n, i, |lane, c| right[lane] = c * per_h[lane]);
                }
            }
        }
        for lane in 0..W {
            file[program.time()][lane] = t[lane] + tableau.nodes[stage] * h[lane];
        }
        // 2. Right side.
        let entry = if stage == 0 { START } else { SLOPES };
        program.call_on(file, entry, cpu);
        for i in 0..n {
            let slope = file[program.roots_of(entry)[i] as usize];
            let rate = file[rates + i];
            let right = &mut file[program.extra(1 + i)];
            for lane in 0..W {
                let earlier = if stage == 0 { 0.0 } else { right[lane] };
                right[lane] = (slope[lane] + rate[lane]) + earlier;
            }
        }
        if let Some(&d) = tableau.d.get(stage) {
            for (at, &i) in stiff.timed.iter().enumerate() {
                let by_time = file[program.roots_of(START)[n + at] as usize];
                let right = &mut file[program.extra(1 + i)];
                for lane in 0..W {
                    right[lane] += d * h[lane] * by_time[lane];
                }
            }
        }
        if stage == 0 {
            let smallest = &file[program.roots_of(START)[n + stiff.timed.len()] as usize];
            for lane in 0..W {
                trusted[lane] = smallest[lane] >= SMALLEST_PIVOT * per_gamma * per_h[lane];
            }
            if trusted.contains(&false) {
                replaced = pivoted(stiff, file, &mut trusted, SMALLEST_PIVOT, cpu);
            }
        }
        // 3. The stage.
        program.call_on(file, SOLVE, cpu);
        for (i, &root) in program.roots_of(SOLVE).iter().enumerate() {
            u[stage * n + i] = file[root as usize];
        }
        for (lane, factors) in &replaced {
            factors.solve(file, program.extra(1), *lane, &mut u[stage * n..][..n]);
        }
    }
    for i in 0..n {
        let last = &u[(n_stages - 1) * n + i];
        for lane in 0..W {
            file[i][lane] += last[lane];
        }
    }
    trusted
}

/// State of one compartment inside the last step, at fraction `x` of it, from the states at its
/// `ends` and the compartment's stages `u`.
#[inline(always)]
fn dense(tableau: &'static Rosenbrock, x: f64, ends: [f64; 2], u: impl Fn(usize) -> f64) -> f64 {
    let sum = |weights: &[f64]| {
        weights.iter().enumerate().fold(0.0, |sum, (stage, weight)| sum + weight * u(stage))
    };
    let mut rows = tableau.dense.iter().rev();
    let last = rows.next().map_or(0.0, |row| sum(row));
    let inner = rows.fold(last, |inner, row| sum(row) + x * inner);
    let rest = 1.0 - x;
    rest * ends[0] + x * (ends[1] + rest * inner)
}

#[cfg(test)]
#[path = "rosenbrock_tests.rs"]
mod tests;
