//! Stages of Tsit5 and Dop853 in lanes.

use super::columns::Columns;
use crate::program::Program;
use crate::row::Row;
use crate::tableau::explicit::Sum;
use crate::tableau::scaled::Scaled;
use std::ops::Range;

/// Stages of one step but the first; the last is taken at the new state, with the argument of the
/// last stage but one in `aside` where stiffness is watched.
#[inline(always)]
pub(super) fn stages<const W: usize>(
    columns: &mut Columns<W>,
    program: &Program,
    tableau: &Scaled,
) {
    let n = columns.y.len();
    let Columns { k, ends, h, .. } = columns;
    for (kept, slope) in k[..n].iter_mut().zip(&ends[..n]) {
        for lane in 0..W {
            kept[lane] = h[lane] * tableau.weights[0] * slope[lane];
        }
    }
    let aside = columns.watches.then_some(tableau.n_stages - 2);
    take(columns, program, tableau, 1..tableau.n_stages, aside);
}

/// These stages, of which those before the first are known; the argument of stage `kept` goes to
/// `aside`.
#[inline(always)]
pub(super) fn take<const W: usize>(
    columns: &mut Columns<W>,
    program: &Program,
    tableau: &Scaled,
    these: Range<usize>,
    kept: Option<usize>,
) {
    let n = columns.y.len();
    let Columns { y, k, ends, aside, file, t, h, off, reads_time, cpu, .. } = columns;
    let (any_off, any_rate) = (columns.any_off, columns.any_rate);
    let roots = program.roots_of(0);
    // The slopes of a stage are read once more than needed where the next argument might take the
    // place of one of them.
    let at_once = !any_off && roots.iter().all(|&root| root as usize >= n);
    let (first, last) = (these.start, these.end - 1);
    for stage in these {
        let (row, node) = (&tableau.a[stage][..], tableau.nodes[stage]);
        for i in 0..n {
            if at_once && stage > first {
                let (root, rate) = (roots[i] as usize, program.rates() + i);
                let fresh = Fresh { root, rate, weight: tableau.weights[stage - 1] };
                let from = (&y[i], &*h);
                if any_rate {
                    argument::<true, W>(row, k, (n, i), fresh, from, file);
                } else {
                    argument::<false, W>(row, k, (n, i), fresh, from, file);
                }
                continue;
            }
            let (from, to) = (&y[i], &mut file[i]);
            combine(row, k, (n, i), |lane, sum| to[lane] = from[lane] + sum);
        }
        if kept == Some(stage) {
            aside.copy_from_slice(&file[..n]);
        }
        if *reads_time {
            let time = &mut file[program.time()];
            for lane in 0..W {
                time[lane] = t[lane] + node * h[lane];
            }
        }
        program.call_on(file, 0, *cpu);
        if at_once && stage < last {
            continue;
        }
        let slopes = &mut k[stage * n..(stage + 1) * n];
        slopes_now(slopes, file, program);
        if any_off {
            silence(slopes, off);
        }
        if stage == tableau.n_stages - 1 {
            ends[n..].copy_from_slice(slopes);
        }
        for slope in slopes {
            for lane in 0..W {
                slope[lane] *= h[lane] * tableau.weights[stage];
            }
        }
    }
}

/// Registers whose sum is the slope of a compartment, and the weight with which it is kept.
#[derive(Clone, Copy)]
struct Fresh {
    root: usize,
    rate: usize,
    weight: f64,
}

/// The argument of a stage in register `i` of `file`, for which the slope of the stage before is
/// taken from its registers and kept. Without `RATE` nothing is infused anywhere: to add zero gives
/// the same bits.
#[inline(always)]
fn argument<const RATE: bool, const W: usize>(
    row: &Sum,
    k: &mut [Row<W>],
    at: (usize, usize),
    fresh: Fresh,
    from: (&Row<W>, &Row<W>),
    file: &mut [Row<W>],
) {
    match row.len() {
        2 => argument_of::<1, RATE, W>(row, k, at, fresh, from, file),
        3 => argument_of::<2, RATE, W>(row, k, at, fresh, from, file),
        4 => argument_of::<3, RATE, W>(row, k, at, fresh, from, file),
        5 => argument_of::<4, RATE, W>(row, k, at, fresh, from, file),
        6 => argument_of::<5, RATE, W>(row, k, at, fresh, from, file),
        7 => argument_of::<6, RATE, W>(row, k, at, fresh, from, file),
        8 => argument_of::<7, RATE, W>(row, k, at, fresh, from, file),
        _ => argument_of::<8, RATE, W>(row, k, at, fresh, from, file),
    }
}

/// As [`argument`], with `N` stages whose slopes are known.
#[inline(always)]
fn argument_of<const N: usize, const RATE: bool, const W: usize>(
    row: &Sum,
    k: &mut [Row<W>],
    (n, i): (usize, usize),
    Fresh { root, rate, weight }: Fresh,
    (y, h): (&Row<W>, &Row<W>),
    file: &mut [Row<W>],
) {
    // That of the last is 1.
    let (stage, _) = row[N];
    let (known, rest) = k.split_at_mut(stage * n);
    let known: [&Row<W>; N] = std::array::from_fn(|at| &known[row[at].0 * n + i]);
    let slope = &mut rest[i];
    let first: [f64; N] = std::array::from_fn(|at| row[at].1);
    let Ok([to, root, rate]) = file.get_disjoint_mut([i, root, rate]) else { return };
    for lane in 0..W {
        let mut sum = first[0] * known[0][lane];
        for at in 1..N {
            sum += first[at] * known[at][lane];
        }
        let fresh = root[lane] + if RATE { rate[lane] } else { 0.0 };
        let fresh = h[lane] * weight * fresh;
        slope[lane] = fresh;
        to[lane] = y[lane] + (sum + fresh);
    }
}

/// For each lane `put(lane, sum)` of compartment `i` of `n`.
#[inline(always)]
pub(super) fn combine<const W: usize>(
    row: &Sum,
    k: &[Row<W>],
    at: (usize, usize),
    put: impl FnMut(usize, f64),
) {
    match row.len() {
        1 => combine_of::<1, W>(row, k, at, put),
        2 => combine_of::<2, W>(row, k, at, put),
        3 => combine_of::<3, W>(row, k, at, put),
        4 => combine_of::<4, W>(row, k, at, put),
        5 => combine_of::<5, W>(row, k, at, put),
        6 => combine_of::<6, W>(row, k, at, put),
        7 => combine_of::<7, W>(row, k, at, put),
        8 => combine_of::<8, W>(row, k, at, put),
        _ => combine_of::<9, W>(row, k, at, put),
    }
}

/// With the number of terms known, a lane's sum stays in a register.
#[allow(clippy::needless_range_loop, reason = "one loop over lanes, all rows within")]
#[inline(always)]
fn combine_of<const N: usize, const W: usize>(
    row: &Sum,
    k: &[Row<W>],
    (n, i): (usize, usize),
    mut put: impl FnMut(usize, f64),
) {
    let rows: [&Row<W>; N] = std::array::from_fn(|at| &k[row[at].0 * n + i]);
    let weights: [f64; N] = std::array::from_fn(|at| row[at].1);
    for lane in 0..W {
        let mut sum = weights[0] * rows[0][lane];
        for at in 1..N {
            sum += weights[at] * rows[at][lane];
        }
        put(lane, sum);
    }
}

/// Slopes of one stage: what the program gives, and infusions.
#[inline(always)]
fn slopes_now<const W: usize>(k: &mut [Row<W>], file: &[Row<W>], program: &Program) {
    let rates = program.rates();
    for (i, slope) in k.iter_mut().enumerate() {
        let root = &file[program.roots_of(0)[i] as usize];
        let rate = &file[rates + i];
        for lane in 0..W {
            slope[lane] = root[lane] + rate[lane];
        }
    }
}

/// Slopes of compartments that are turned off become zero.
fn silence<const W: usize>(slopes: &mut [Row<W>], off: &[[bool; W]]) {
    for (slope, off) in slopes.iter_mut().zip(off) {
        for lane in 0..W {
            if off[lane] {
                slope[lane] = 0.0;
            }
        }
    }
}
