//! Exponentials of matrices, one per lane, all by the same operations.
//!
//! The Padé approximant of order 7 is used with scaling and squaring, for norms below 1 only: there
//! its denominator is diagonally dominant and needs no row exchanges, so lanes never part. The
//! exponential less one is squared on the diagonal (Eq. 4 of `docs/theory/linear.md`): a slow
//! compartment keeps its digits however often a fast one asks for squaring.

use super::structure::Structure;

/// Coefficients of the Padé approximant of order 7 (Higham 2005, Eq. 2.3).
const PADE: [f64; 8] =
    [17_297_280.0, 8_648_640.0, 1_995_840.0, 277_200.0, 25_200.0, 1_512.0, 56.0, 1.0];
/// Largest 1-norm at which the approximant has double precision (Higham 2005, table 2.3).
const THETA: f64 = 0.9504178996162932;
/// Matrices of room that [`exponential`] wants beside its results, and one row more.
pub(super) const ROOM: usize = 6;

/// One number per lane, numbers on a boundary of cache lines.
#[derive(Debug, Clone, Default)]
pub(super) struct Room(Vec<f64>);

impl Room {
    /// Room for `n` numbers of `W` lanes, zero.
    pub(super) fn new<const W: usize>(n: usize) -> Self {
        Self(vec![0.0; n * W + 8])
    }

    /// Whether nothing was asked for yet.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The numbers.
    #[inline(always)]
    pub(super) fn lanes<const W: usize>(&mut self) -> &mut [[f64; W]] {
        // One lane alone needs no boundary.
        let skip = if W < 8 { 0 } else { self.0.as_ptr().align_offset(64) };
        self.0[skip..].as_chunks_mut().0
    }
}

/// `exp(a dt)` into `phi`, and its integral over `dt` into `psi` where that is wanted.
///
/// # Shape
/// Matrices row by row; `room` holds [`ROOM`] matrices and two rows. Outside the structure nothing
/// is read or written. A lane whose matrix is not finite gets numbers that are not.
/// # Source
/// Higham, SIAM J. Matrix Anal. Appl. 26 (2005) 1179-1193.
#[inline(always)]
pub(super) fn exponential<const W: usize>(
    structure: &Structure,
    a: &[[f64; W]],
    dt_h: &[f64; W],
    room: &mut [[f64; W]],
    phi: &mut [[f64; W]],
    mut psi: Option<&mut [[f64; W]]>,
) {
    let n = structure.n();
    let nn = n * n;
    let (x, rest) = room.split_at_mut(nn);
    let (x2, rest) = rest.split_at_mut(nn);
    let (x4, rest) = rest.split_at_mut(nn);
    let (x6, rest) = rest.split_at_mut(nn);
    let (odd, rest) = rest.split_at_mut(nn);
    let (even, rest) = rest.split_at_mut(nn);
    let (inverse, rest) = rest.split_at_mut(n);
    let less_one = &mut rest[..n];
    // 1. Scaled so that every column's sum is small.
    let mut squarings = [0.0; W];
    let mut length_h = *dt_h;
    scale(structure, a, &mut length_h, &mut squarings, less_one);
    for at in structure.places() {
        let (x, a) = (&mut x[at], &a[at]);
        for lane in 0..W {
            x[lane] = a[lane] * length_h[lane];
        }
    }
    // 2. U = X odd(X) and V = even(X).
    multiply(structure, x2, x, x);
    multiply(structure, x4, x2, x2);
    multiply(structure, x6, x4, x2);
    for at in structure.places() {
        let [p2, p4, p6] = [&x2[at], &x4[at], &x6[at]];
        let (odd, even) = (&mut odd[at], &mut even[at]);
        for lane in 0..W {
            odd[lane] = PADE[7] * p6[lane] + PADE[5] * p4[lane] + PADE[3] * p2[lane];
            even[lane] = PADE[6] * p6[lane] + PADE[4] * p4[lane] + PADE[2] * p2[lane];
        }
    }
    for at in (0..n).map(|i| i * n + i) {
        let (odd, even) = (&mut odd[at], &mut even[at]);
        for lane in 0..W {
            odd[lane] += PADE[1];
            even[lane] += PADE[0];
        }
    }
    multiply(structure, phi, x, odd);
    // 3. (V - U) (exp(X) - 1) = 2 U, and (V - U) psi = 2 odd(X) times the length.
    for at in structure.places() {
        let (even, phi) = (&mut even[at], &mut phi[at]);
        for lane in 0..W {
            even[lane] -= phi[lane];
            phi[lane] *= 2.0;
        }
    }
    factor(structure, even, inverse);
    solve(structure, even, inverse, phi);
    if let Some(psi) = psi.as_deref_mut() {
        for at in structure.places() {
            let (psi, odd) = (&mut psi[at], &odd[at]);
            for lane in 0..W {
                psi[lane] = 2.0 * odd[lane] * length_h[lane];
            }
        }
        solve(structure, even, inverse, psi);
    }
    for (i, less_one) in less_one.iter_mut().enumerate() {
        let diagonal = &mut phi[i * n + i];
        *less_one = *diagonal;
        for value in diagonal {
            *value += 1.0;
        }
    }
    // 4. Squared as often as each lane was halved.
    let most = squarings.iter().fold(0.0, |most: f64, &one| most.max(one));
    let mut done = 0.0;
    while done < most {
        if let Some(psi) = psi.as_deref_mut() {
            multiply(structure, x2, phi, psi);
            for at in structure.places() {
                let (psi, more) = (&mut psi[at], &x2[at]);
                for lane in 0..W {
                    let twice = psi[lane] + more[lane];
                    psi[lane] = if squarings[lane] > done { twice } else { psi[lane] };
                }
            }
        }
        square(structure, phi, less_one, x, &squarings, done);
        done += 1.0;
    }
}

/// `into += a b`.
#[inline(always)]
pub(super) fn add_product<const W: usize>(into: &mut [f64; W], a: &[f64; W], b: &[f64; W]) {
    for lane in 0..W {
        into[lane] += a[lane] * b[lane];
    }
}

/// `into -= a b`.
#[inline(always)]
fn take_product<const W: usize>(into: &mut [f64; W], a: &[f64; W], b: &[f64; W]) {
    for lane in 0..W {
        into[lane] -= a[lane] * b[lane];
    }
}

/// Halves each lane's length until `a` times it has a 1-norm below [`THETA`], and counts.
#[inline(always)]
fn scale<const W: usize>(
    structure: &Structure,
    a: &[[f64; W]],
    length_h: &mut [f64; W],
    squarings: &mut [f64; W],
    sums: &mut [[f64; W]],
) {
    let n = structure.n();
    sums.fill([0.0; W]);
    for i in 0..n {
        for j in structure.row(i) {
            let (sum, entry) = (&mut sums[j], &a[i * n + j]);
            for lane in 0..W {
                sum[lane] += entry[lane].abs();
            }
        }
    }
    for lane in 0..W {
        // What is not finite is not halved; it shows in the result.
        let mut norm = sums.iter().fold(0.0, |most: f64, sum| {
            if sum[lane] > most || sum[lane].is_nan() { sum[lane] } else { most }
        });
        norm *= length_h[lane];
        if !norm.is_finite() {
            length_h[lane] = f64::NAN;
        }
        while norm > THETA && norm.is_finite() {
            norm *= 0.5;
            length_h[lane] *= 0.5;
            squarings[lane] += 1.0;
        }
    }
}

/// `c = a b`.
#[inline(always)]
fn multiply<const W: usize>(
    structure: &Structure,
    c: &mut [[f64; W]],
    a: &[[f64; W]],
    b: &[[f64; W]],
) {
    let n = structure.n();
    for i in 0..n {
        let (c, a) = (&mut c[i * n..(i + 1) * n], &a[i * n..(i + 1) * n]);
        for j in structure.row(i) {
            c[j] = [0.0; W];
        }
        for k in structure.row(i) {
            let b = &b[k * n..(k + 1) * n];
            for j in structure.row(k) {
                add_product(&mut c[j], &a[k], &b[j]);
            }
        }
    }
}

/// Squares `phi`, whose diagonal less one is `less_one`, in the lanes that want more squarings than
/// were done.
#[inline(always)]
fn square<const W: usize>(
    structure: &Structure,
    phi: &mut [[f64; W]],
    less_one: &mut [[f64; W]],
    room: &mut [[f64; W]],
    squarings: &[f64; W],
    done: f64,
) {
    let n = structure.n();
    for i in 0..n {
        let (c, a) = (&mut room[i * n..(i + 1) * n], &phi[i * n..(i + 1) * n]);
        for j in structure.row(i) {
            c[j] = [0.0; W];
        }
        for k in structure.row(i) {
            let b = &phi[k * n..(k + 1) * n];
            for j in structure.row(k) {
                if j != i || k != i {
                    add_product(&mut c[j], &a[k], &b[j]);
                }
            }
        }
    }
    for i in 0..n {
        let (new, diagonal, less) = (&mut room[i * n + i], &phi[i * n + i], &mut less_one[i]);
        for lane in 0..W {
            let through = new[lane];
            let twice = less[lane] * (2.0 + less[lane]) + through;
            let whole = diagonal[lane] * diagonal[lane] + through;
            // Near one the difference has the digits, near zero the value itself.
            new[lane] = if twice > -0.5 { 1.0 + twice } else { whole };
            less[lane] = if squarings[lane] > done { twice } else { less[lane] };
        }
    }
    for at in structure.places() {
        let (phi, new) = (&mut phi[at], &room[at]);
        for lane in 0..W {
            let old = phi[lane];
            phi[lane] = if squarings[lane] > done { new[lane] } else { old };
        }
    }
}

/// Rows `i` and `k` of a matrix.
#[inline(always)]
fn two_rows<const W: usize>(
    matrix: &mut [[f64; W]],
    n: usize,
    i: usize,
    k: usize,
) -> (&mut [[f64; W]], &[[f64; W]]) {
    if i < k {
        let (before, after) = matrix.split_at_mut(k * n);
        (&mut before[i * n..(i + 1) * n], &after[..n])
    } else {
        let (before, after) = matrix.split_at_mut(i * n);
        (&mut after[..n], &before[k * n..(k + 1) * n])
    }
}

/// Triangular factors of `q` in its place, and the inverse of each pivot.
#[inline(always)]
fn factor<const W: usize>(structure: &Structure, q: &mut [[f64; W]], inverse: &mut [[f64; W]]) {
    let n = structure.n();
    for k in 0..n {
        let (inverse, pivot) = (&mut inverse[k], &q[k * n + k]);
        for lane in 0..W {
            inverse[lane] = 1.0 / pivot[lane];
        }
        for i in k + 1..n {
            if !structure.has(i, k) {
                continue;
            }
            let (row, pivot) = two_rows(q, n, i, k);
            for (by, inverse) in row[k].iter_mut().zip(&*inverse) {
                *by *= inverse;
            }
            let by = row[k];
            for j in structure.row(k) {
                if j > k {
                    take_product(&mut row[j], &by, &pivot[j]);
                }
            }
        }
    }
}

/// Solves with the factors, for all columns of `x` in its place.
#[inline(always)]
fn solve<const W: usize>(
    structure: &Structure,
    q: &[[f64; W]],
    inverse: &[[f64; W]],
    x: &mut [[f64; W]],
) {
    let n = structure.n();
    for i in 0..n {
        for k in structure.row(i) {
            if k >= i {
                break;
            }
            reduce(structure, q, x, i, k);
        }
    }
    for i in (0..n).rev() {
        for k in structure.row(i).rev() {
            if k <= i {
                break;
            }
            reduce(structure, q, x, i, k);
        }
        let inverse = &inverse[i];
        for j in structure.row(i) {
            let x = &mut x[i * n + j];
            for lane in 0..W {
                x[lane] *= inverse[lane];
            }
        }
    }
}

/// Takes row `k` of `x` from row `i`, as often as `q` says.
#[inline(always)]
fn reduce<const W: usize>(
    structure: &Structure,
    q: &[[f64; W]],
    x: &mut [[f64; W]],
    i: usize,
    k: usize,
) {
    let n = structure.n();
    let (row, other) = two_rows(x, n, i, k);
    for j in structure.row(k) {
        take_product(&mut row[j], &q[i * n + k], &other[j]);
    }
}
