//! Least squares by Householder reflections.

use super::matrix::{AlgebraError, Matrix};

/// The x that makes |A x - b| smallest, for a matrix with at least as many rows as columns.
///
/// # Errors
/// `Shape`, `NotFinite`, `Singular` where a column depends on those before it to rounding.
pub fn least_squares(a: &Matrix, b: &[f64]) -> Result<Vec<f64>, AlgebraError> {
    let (n_rows, n_cols) = (a.n_rows, a.n_cols);
    if b.len() != n_rows || n_rows < n_cols || a.data.len() != n_rows * n_cols {
        return Err(AlgebraError::Shape);
    }
    if !a.is_finite() || !b.iter().all(|entry| entry.is_finite()) {
        return Err(AlgebraError::NotFinite);
    }
    let mut r = a.clone();
    let mut y = b.to_vec();
    let mut v = vec![0.0; n_rows];
    for column in 0..n_cols {
        let whole = norm(&r, 0, column);
        let below = norm(&r, column, column);
        if below <= n_rows as f64 * f64::EPSILON * whole || below == 0.0 {
            return Err(AlgebraError::Singular { column });
        }
        // v reflects the column onto the diagonal, away from cancellation.
        let head = r.at(column, column);
        let diagonal = -below.copysign(head);
        for (i, entry) in v.iter_mut().enumerate().skip(column) {
            *entry = r.at(i, column);
        }
        v[column] = head - diagonal;
        let scale = 1.0 / (below * (below + head.abs()));
        for j in column..n_cols {
            let dot = (column..n_rows).fold(0.0, |sum, i| sum + v[i] * r.at(i, j)) * scale;
            for (i, entry) in v.iter().enumerate().skip(column) {
                r.set(i, j, r.at(i, j) - dot * entry);
            }
        }
        let dot = (column..n_rows).fold(0.0, |sum, i| sum + v[i] * y[i]) * scale;
        for i in column..n_rows {
            y[i] -= dot * v[i];
        }
        r.set(column, column, diagonal);
    }
    let mut x = vec![0.0; n_cols];
    for i in (0..n_cols).rev() {
        let sum = (i + 1..n_cols).fold(y[i], |sum, j| sum - r.at(i, j) * x[j]);
        x[i] = sum / r.at(i, i);
    }
    Ok(x)
}

fn norm(r: &Matrix, from: usize, column: usize) -> f64 {
    (from..r.n_rows).fold(0.0, |sum, i| sum + r.at(i, column) * r.at(i, column)).sqrt()
}
