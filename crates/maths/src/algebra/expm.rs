//! The matrix exponential, and linear systems with constant input propagated exactly.

use super::lu::{lu_factor, lu_solve};
use super::matrix::{AlgebraError, Matrix, mat_mul, mat_vec};

/// Coefficients of the Padé approximant of order 13 (Higham 2005, Eq. 2.3).
const PADE: [f64; 14] = [
    64_764_752_532_480_000.0,
    32_382_376_266_240_000.0,
    7_771_770_303_897_600.0,
    1_187_353_796_428_800.0,
    129_060_195_264_000.0,
    10_559_470_521_600.0,
    670_442_572_800.0,
    33_522_128_640.0,
    1_323_241_920.0,
    40_840_800.0,
    960_960.0,
    16_380.0,
    182.0,
    1.0,
];

/// Largest 1-norm at which the approximant has double precision (Higham 2005, table 2.3).
const THETA: f64 = 5.371920351148152;

/// e^A by scaling and squaring with a Padé approximant of order 13.
///
/// # Errors
/// `Shape` unless square, `NotFinite` if an entry of A or of the result is not finite.
/// # Source
/// Higham, SIAM J. Matrix Anal. Appl. 26 (2005) 1179-1193.
pub fn expm(a: &Matrix) -> Result<Matrix, AlgebraError> {
    if !a.is_square() {
        return Err(AlgebraError::Shape);
    }
    if !a.is_finite() {
        return Err(AlgebraError::NotFinite);
    }
    let n = a.n_rows;
    let mut norm = one_norm(a);
    if !norm.is_finite() {
        return Err(AlgebraError::NotFinite);
    }
    let mut n_squarings = 0;
    let mut factor = 1.0;
    while norm > THETA {
        norm *= 0.5;
        factor *= 0.5;
        n_squarings += 1;
    }
    let a1 = Matrix { data: a.data.iter().map(|entry| entry * factor).collect(), ..*a };
    let a2 = mat_mul(&a1, &a1)?;
    let a4 = mat_mul(&a2, &a2)?;
    let a6 = mat_mul(&a4, &a2)?;
    let combine = |c6: f64, c4: f64, c2: f64, c0: f64| {
        let mut sum = Matrix::zeros(n, n);
        for (k, entry) in sum.data.iter_mut().enumerate() {
            *entry = c6 * a6.data[k] + c4 * a4.data[k] + c2 * a2.data[k];
        }
        for i in 0..n {
            sum.set(i, i, sum.at(i, i) + c0);
        }
        sum
    };
    let add = |x: Matrix, y: Matrix| Matrix {
        data: x.data.iter().zip(&y.data).map(|(p, q)| p + q).collect(),
        ..x
    };
    let b = &PADE;
    let odd =
        add(mat_mul(&a6, &combine(b[13], b[11], b[9], 0.0))?, combine(b[7], b[5], b[3], b[1]));
    let u = mat_mul(&a1, &odd)?;
    let v = add(mat_mul(&a6, &combine(b[12], b[10], b[8], 0.0))?, combine(b[6], b[4], b[2], b[0]));
    // (V - U) R = V + U, column by column.
    let below = Matrix { data: v.data.iter().zip(&u.data).map(|(p, q)| p - q).collect(), ..v };
    let above = add(v, u);
    let lu = lu_factor(&below)?;
    let mut r = Matrix::zeros(n, n);
    for j in 0..n {
        let column: Vec<f64> = (0..n).map(|i| above.at(i, j)).collect();
        for (i, entry) in lu_solve(&lu, &column)?.into_iter().enumerate() {
            r.set(i, j, entry);
        }
    }
    for _ in 0..n_squarings {
        r = mat_mul(&r, &r)?;
    }
    if r.is_finite() { Ok(r) } else { Err(AlgebraError::NotFinite) }
}

/// The matrix that carries (y, 1) over a time `dt` of y' = A y + b; A may be singular.
///
/// # Shape
/// A has n rows and columns and b n entries; the result has n + 1 rows and columns.
/// # Errors
/// As [`expm`].
/// # Source
/// Van Loan, IEEE Trans. Autom. Control 23 (1978) 395-404.
pub fn affine_propagator(a: &Matrix, b: &[f64], dt: f64) -> Result<Matrix, AlgebraError> {
    if !a.is_square() || a.n_rows != b.len() {
        return Err(AlgebraError::Shape);
    }
    let n = b.len();
    let mut whole = Matrix::zeros(n + 1, n + 1);
    for (i, input) in b.iter().enumerate() {
        for j in 0..n {
            whole.set(i, j, a.at(i, j) * dt);
        }
        whole.set(i, n, input * dt);
    }
    expm(&whole)
}

/// y after a time `dt` of y' = A y + b, exact to rounding; A may be singular.
///
/// # Errors
/// `Shape` unless all sizes agree, else as [`expm`].
pub fn expm_action_with_input(
    a: &Matrix,
    b: &[f64],
    y: &[f64],
    dt: f64,
) -> Result<Vec<f64>, AlgebraError> {
    if y.len() != b.len() {
        return Err(AlgebraError::Shape);
    }
    let propagator = affine_propagator(a, b, dt)?;
    let extended: Vec<f64> = y.iter().copied().chain([1.0]).collect();
    let mut result = mat_vec(&propagator, &extended)?;
    result.truncate(y.len());
    Ok(result)
}

/// Largest sum of absolute values of a column.
fn one_norm(a: &Matrix) -> f64 {
    (0..a.n_cols)
        .map(|j| (0..a.n_rows).fold(0.0, |sum, i| sum + a.at(i, j).abs()))
        .fold(0.0, |most, sum| if sum > most { sum } else { most })
}
