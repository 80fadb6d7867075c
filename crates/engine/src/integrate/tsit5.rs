//! Stages of Tsit5 in lanes.

use super::columns::Columns;
use super::combine::combine;
use crate::program::Program;
use crate::row::Row;
use crate::tableau::tsit5::{A, C, D, E, STAGES, dense};

pub(super) use crate::tableau::tsit5::STAGES as N_STAGES;

/// Stages of one step; the last is taken at the new state, with the error in `estimate` and, where
/// stiffness is watched, the argument of the last stage but one in `aside`.
#[inline(always)]
pub(super) fn stages<const W: usize>(columns: &mut Columns<W>, program: &Program) {
    let n = columns.y.len();
    let Columns { y, k, estimate, aside, file, t, h, off, any_off, cpu, .. } = columns;
    let roots = program.roots_of(0);
    // The slopes of a stage are read once more than needed where the next argument might take the
    // place of one of them.
    let at_once = !*any_off && roots.iter().all(|&root| root as usize >= n);
    for stage in 1..STAGES {
        for i in 0..n {
            let weights = &A[stage][..stage.min(6)];
            if at_once && stage > 1 {
                let fresh = Fresh { root: roots[i] as usize, rate: program.rates() + i };
                argument(weights, k, (n, i), fresh, (&y[i], h), file);
                continue;
            }
            let (from, to) = (&y[i], &mut file[i]);
            combine(weights, k, n, i, |lane, sum| to[lane] = from[lane] + h[lane] * sum);
        }
        if stage == STAGES - 2 && columns.watches {
            aside.copy_from_slice(&file[..n]);
        }
        if columns.reads_time {
            let time = &mut file[program.time()];
            for lane in 0..W {
                time[lane] = t[lane] + C[stage] * h[lane];
            }
        }
        program.call_on(file, 0, *cpu);
        if at_once && stage < STAGES - 1 {
            continue;
        }
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

/// Registers whose sum is the slope of a compartment.
#[derive(Clone, Copy)]
struct Fresh {
    root: usize,
    rate: usize,
}

/// The argument of a stage in register `i` of `file`, for which the slope of the stage before is
/// taken from its registers and kept.
#[inline(always)]
fn argument<const W: usize>(
    weights: &[f64],
    k: &mut [Row<W>],
    (n, i): (usize, usize),
    fresh: Fresh,
    from: (&Row<W>, &Row<W>),
    file: &mut [Row<W>],
) {
    match weights.len() {
        2 => argument_of::<1, W>(weights, k, (n, i), fresh, from, file),
        3 => argument_of::<2, W>(weights, k, (n, i), fresh, from, file),
        4 => argument_of::<3, W>(weights, k, (n, i), fresh, from, file),
        5 => argument_of::<4, W>(weights, k, (n, i), fresh, from, file),
        _ => argument_of::<5, W>(weights, k, (n, i), fresh, from, file),
    }
}

/// As [`argument`], after `N` stages whose slopes are known.
#[inline(always)]
fn argument_of<const N: usize, const W: usize>(
    weights: &[f64],
    k: &mut [Row<W>],
    (n, i): (usize, usize),
    Fresh { root, rate }: Fresh,
    (y, h): (&Row<W>, &Row<W>),
    file: &mut [Row<W>],
) {
    let (known, rest) = k.split_at_mut(N * n);
    let known: [&Row<W>; N] = std::array::from_fn(|stage| &known[stage * n + i]);
    let slope = &mut rest[i];
    let first: [f64; N] = std::array::from_fn(|stage| weights[stage]);
    let last = weights[N];
    let Ok([to, root, rate]) = file.get_disjoint_mut([i, root, rate]) else { return };
    for lane in 0..W {
        let mut sum = first[0] * known[0][lane];
        for stage in 1..N {
            sum += first[stage] * known[stage][lane];
        }
        let fresh = root[lane] + rate[lane];
        slope[lane] = fresh;
        to[lane] = y[lane] + h[lane] * (sum + last * fresh);
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
