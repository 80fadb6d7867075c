//! Sums over stages, the inner loops of every method.

use crate::row::Row;

/// For each lane `put(lane, sum_j weights[j] k_j)` of compartment `i`, over the first stages.
///
/// # Shape
/// `k` is stage by compartment, `n` compartments; one weight per stage summed.
#[inline(always)]
pub(super) fn combine<const W: usize>(
    weights: &[f64],
    k: &[Row<W>],
    n: usize,
    i: usize,
    put: impl FnMut(usize, f64),
) {
    let stages = [weights];
    let put = each_first(put);
    match weights.len() {
        1 => terms::<1, 1, W>(stages, k, n, i, put),
        2 => terms::<2, 1, W>(stages, k, n, i, put),
        3 => terms::<3, 1, W>(stages, k, n, i, put),
        4 => terms::<4, 1, W>(stages, k, n, i, put),
        5 => terms::<5, 1, W>(stages, k, n, i, put),
        6 => terms::<6, 1, W>(stages, k, n, i, put),
        _ => terms::<7, 1, W>(stages, k, n, i, put),
    }
}

/// As [`combine`] for two sets of weights at once.
#[inline(always)]
pub(super) fn combine_two<const W: usize>(
    weights: [&[f64]; 2],
    k: &[Row<W>],
    n: usize,
    i: usize,
    put: impl FnMut(usize, [f64; 2]),
) {
    match weights[0].len() {
        1 => terms::<1, 2, W>(weights, k, n, i, put),
        2 => terms::<2, 2, W>(weights, k, n, i, put),
        3 => terms::<3, 2, W>(weights, k, n, i, put),
        4 => terms::<4, 2, W>(weights, k, n, i, put),
        _ => terms::<5, 2, W>(weights, k, n, i, put),
    }
}

#[inline(always)]
fn each_first(mut put: impl FnMut(usize, f64)) -> impl FnMut(usize, [f64; 1]) {
    move |lane, [sum]| put(lane, sum)
}

/// With the number of terms known, a lane's sum stays in a register.
#[allow(clippy::needless_range_loop, reason = "one loop over lanes, all rows within")]
#[inline(always)]
fn terms<const N: usize, const M: usize, const W: usize>(
    weights: [&[f64]; M],
    k: &[Row<W>],
    n: usize,
    i: usize,
    mut put: impl FnMut(usize, [f64; M]),
) {
    let rows: [&Row<W>; N] = std::array::from_fn(|j| &k[j * n + i]);
    let weights: [[f64; N]; M] =
        std::array::from_fn(|set| std::array::from_fn(|j| weights[set][j]));
    for lane in 0..W {
        let sums = std::array::from_fn(|set| {
            let weights = &weights[set];
            let mut sum = weights[0] * rows[0][lane];
            for j in 1..N {
                sum += weights[j] * rows[j][lane];
            }
            sum
        });
        put(lane, sums);
    }
}
