//! The dense matrix and its products.

use std::fmt;

/// A dense matrix of doubles, stored row by row: entry (i, j) is `data[i * n_cols + j]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// Number of rows.
    pub n_rows: usize,
    /// Number of columns.
    pub n_cols: usize,
    /// Entries, row by row; its length is `n_rows * n_cols`.
    pub data: Vec<f64>,
}

/// Why a matrix computation has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlgebraError {
    /// The sizes of the arguments do not fit together.
    Shape,
    /// An entry is NaN or infinite, or became so.
    NotFinite,
    /// The matrix has no inverse, or its columns depend on each other; the column where it showed.
    Singular {
        /// Index of the column without a pivot.
        column: usize,
    },
    /// The matrix is not symmetric positive definite; the column where it showed.
    NotPositiveDefinite {
        /// Index of the column without a positive pivot.
        column: usize,
    },
    /// An iteration did not settle.
    NotConverged,
}

impl fmt::Display for AlgebraError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape => write!(f, "the sizes of the matrices do not fit together"),
            Self::NotFinite => write!(f, "a matrix entry is not a finite number"),
            Self::Singular { column } => write!(f, "the matrix is singular at column {column}"),
            Self::NotPositiveDefinite { column } => {
                write!(f, "the matrix is not positive definite at column {column}")
            }
            Self::NotConverged => write!(f, "the iteration did not settle"),
        }
    }
}

impl std::error::Error for AlgebraError {}

impl Matrix {
    /// The matrix of zeros.
    pub fn zeros(n_rows: usize, n_cols: usize) -> Self {
        Self { n_rows, n_cols, data: vec![0.0; n_rows * n_cols] }
    }

    /// The identity of size n.
    pub fn identity(n: usize) -> Self {
        let mut one = Self::zeros(n, n);
        for i in 0..n {
            one.set(i, i, 1.0);
        }
        one
    }

    /// A matrix from its entries row by row.
    ///
    /// # Errors
    /// `Shape` unless there are `n_rows * n_cols` entries.
    pub fn from_rows(n_rows: usize, n_cols: usize, data: Vec<f64>) -> Result<Self, AlgebraError> {
        if data.len() == n_rows * n_cols {
            Ok(Self { n_rows, n_cols, data })
        } else {
            Err(AlgebraError::Shape)
        }
    }

    /// Entry in row i, column j.
    pub fn at(&self, i: usize, j: usize) -> f64 {
        self.data[i * self.n_cols + j]
    }

    /// Sets the entry in row i, column j.
    pub fn set(&mut self, i: usize, j: usize, value: f64) {
        self.data[i * self.n_cols + j] = value;
    }

    /// One row.
    pub fn row(&self, i: usize) -> &[f64] {
        &self.data[i * self.n_cols..(i + 1) * self.n_cols]
    }

    /// The matrix with rows and columns exchanged.
    pub fn transpose(&self) -> Self {
        let mut out = Self::zeros(self.n_cols, self.n_rows);
        for i in 0..self.n_rows {
            for j in 0..self.n_cols {
                out.set(j, i, self.at(i, j));
            }
        }
        out
    }

    pub(super) fn is_square(&self) -> bool {
        self.n_rows == self.n_cols && self.data.len() == self.n_rows * self.n_cols
    }

    pub(super) fn is_finite(&self) -> bool {
        self.data.iter().all(|entry| entry.is_finite())
    }

    pub(super) fn swap_rows(&mut self, a: usize, b: usize) {
        if a != b {
            for j in 0..self.n_cols {
                self.data.swap(a * self.n_cols + j, b * self.n_cols + j);
            }
        }
    }
}

/// Product of a matrix and a vector, each entry summed from the left.
///
/// # Errors
/// `Shape` unless `x` has one entry per column.
pub fn mat_vec(a: &Matrix, x: &[f64]) -> Result<Vec<f64>, AlgebraError> {
    if a.n_cols != x.len() {
        return Err(AlgebraError::Shape);
    }
    Ok((0..a.n_rows).map(|i| a.row(i).iter().zip(x).fold(0.0, |sum, (p, q)| sum + p * q)).collect())
}

/// Product of two matrices, each entry summed in the order of the inner index.
///
/// # Errors
/// `Shape` unless `a` has as many columns as `b` has rows.
pub fn mat_mul(a: &Matrix, b: &Matrix) -> Result<Matrix, AlgebraError> {
    if a.n_cols != b.n_rows {
        return Err(AlgebraError::Shape);
    }
    let mut out = Matrix::zeros(a.n_rows, b.n_cols);
    for i in 0..a.n_rows {
        let target = &mut out.data[i * b.n_cols..(i + 1) * b.n_cols];
        for (k, &factor) in a.row(i).iter().enumerate() {
            for (entry, &other) in target.iter_mut().zip(b.row(k)) {
                *entry += factor * other;
            }
        }
    }
    Ok(out)
}
