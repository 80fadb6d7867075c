//! The square root of a covariance matrix.

use super::matrix::{AlgebraError, Matrix};

/// The lower triangle L with L Lᵀ = A, from the lower triangle of A.
///
/// # Errors
/// `Shape` unless square, `NotPositiveDefinite` where a pivot is not above 0 (NaN included).
pub fn cholesky(a: &Matrix) -> Result<Matrix, AlgebraError> {
    if !a.is_square() {
        return Err(AlgebraError::Shape);
    }
    let n = a.n_rows;
    let mut l = Matrix::zeros(n, n);
    for j in 0..n {
        let mut pivot = a.at(j, j);
        for k in 0..j {
            pivot -= l.at(j, k) * l.at(j, k);
        }
        if !(pivot > 0.0 && pivot.is_finite()) {
            return Err(AlgebraError::NotPositiveDefinite { column: j });
        }
        let root = pivot.sqrt();
        l.set(j, j, root);
        for i in j + 1..n {
            let mut sum = a.at(i, j);
            for k in 0..j {
                sum -= l.at(i, k) * l.at(j, k);
            }
            l.set(i, j, sum / root);
        }
    }
    Ok(l)
}

/// Solves A x = b with the Cholesky factor L of A.
///
/// # Errors
/// `Shape` unless `b` has one entry per row.
pub fn cholesky_solve(l: &Matrix, b: &[f64]) -> Result<Vec<f64>, AlgebraError> {
    if b.len() != l.n_rows {
        return Err(AlgebraError::Shape);
    }
    let n = b.len();
    let mut x = b.to_vec();
    for i in 0..n {
        for j in 0..i {
            x[i] -= l.at(i, j) * x[j];
        }
        x[i] /= l.at(i, i);
    }
    for i in (0..n).rev() {
        for j in i + 1..n {
            x[i] -= l.at(j, i) * x[j];
        }
        x[i] /= l.at(i, i);
    }
    Ok(x)
}
