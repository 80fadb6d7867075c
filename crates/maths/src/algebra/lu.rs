//! Linear systems by LU with partial pivoting.

use super::matrix::{AlgebraError, Matrix};

/// A matrix as P A = L U.
#[derive(Debug, Clone, PartialEq)]
pub struct Lu {
    /// L below the diagonal (its diagonal is 1), U on and above it.
    pub factors: Matrix,
    /// Row `order[i]` of the matrix became row i.
    pub order: Vec<usize>,
}

/// Factors a square matrix.
///
/// # Errors
/// `Shape` unless square, `NotFinite`, `Singular` where no pivot is left.
pub fn lu_factor(a: &Matrix) -> Result<Lu, AlgebraError> {
    if !a.is_square() {
        return Err(AlgebraError::Shape);
    }
    if !a.is_finite() {
        return Err(AlgebraError::NotFinite);
    }
    let n = a.n_rows;
    let mut m = a.clone();
    let mut order: Vec<usize> = (0..n).collect();
    for column in 0..n {
        let mut pivot = column;
        for i in column + 1..n {
            if m.at(i, column).abs() > m.at(pivot, column).abs() {
                pivot = i;
            }
        }
        if m.at(pivot, column) == 0.0 {
            return Err(AlgebraError::Singular { column });
        }
        m.swap_rows(column, pivot);
        order.swap(column, pivot);
        for i in column + 1..n {
            let factor = m.at(i, column) / m.at(column, column);
            m.set(i, column, factor);
            for j in column + 1..n {
                m.set(i, j, m.at(i, j) - factor * m.at(column, j));
            }
        }
    }
    Ok(Lu { factors: m, order })
}

/// Solves A x = b with a factored A.
///
/// # Errors
/// `Shape` unless `b` has one entry per row.
pub fn lu_solve(lu: &Lu, b: &[f64]) -> Result<Vec<f64>, AlgebraError> {
    let n = lu.order.len();
    if b.len() != n {
        return Err(AlgebraError::Shape);
    }
    let mut x: Vec<f64> = lu.order.iter().map(|&row| b[row]).collect();
    for i in 0..n {
        for j in 0..i {
            x[i] -= lu.factors.at(i, j) * x[j];
        }
    }
    for i in (0..n).rev() {
        for j in i + 1..n {
            x[i] -= lu.factors.at(i, j) * x[j];
        }
        x[i] /= lu.factors.at(i, i);
    }
    Ok(x)
}

/// Solves A x = b.
///
/// # Errors
/// As [`lu_factor`] and [`lu_solve`].
pub fn solve(a: &Matrix, b: &[f64]) -> Result<Vec<f64>, AlgebraError> {
    lu_solve(&lu_factor(a)?, b)
}
