//! Eigenvalues of symmetric matrices by Jacobi rotations.

use super::matrix::{AlgebraError, Matrix};

/// Eigenvalues in rising order and their vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct Eigen {
    /// Eigenvalues, smallest first.
    pub values: Vec<f64>,
    /// Column j is the unit vector of value j.
    pub vectors: Matrix,
}

/// Eigenvalues and vectors of a symmetric matrix (cyclic Jacobi, Golub and Van Loan 8.5).
///
/// # Errors
/// `Shape` unless square, `NotFinite`, `NotConverged` after 60 sweeps.
pub fn symmetric_eigen(a: &Matrix) -> Result<Eigen, AlgebraError> {
    if !a.is_square() {
        return Err(AlgebraError::Shape);
    }
    if !a.is_finite() {
        return Err(AlgebraError::NotFinite);
    }
    let n = a.n_rows;
    let mut m = a.clone();
    let mut vectors = Matrix::identity(n);
    for _ in 0..60 {
        let mut off = 0.0;
        let mut all = 0.0;
        for i in 0..n {
            for j in 0..n {
                let square = m.at(i, j) * m.at(i, j);
                all += square;
                off += if i == j { 0.0 } else { square };
            }
        }
        // Off-diagonal entries at the rounding level of the whole matrix change no eigenvalue.
        if off <= f64::EPSILON * f64::EPSILON * all {
            return Ok(sorted(&m, &vectors));
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(&mut m, &mut vectors, p, q);
            }
        }
    }
    Err(AlgebraError::NotConverged)
}

/// The rotation that makes entry (p, q) zero.
fn rotate(m: &mut Matrix, vectors: &mut Matrix, p: usize, q: usize) {
    let apq = m.at(p, q);
    if apq == 0.0 {
        return;
    }
    let tau = (m.at(q, q) - m.at(p, p)) / (2.0 * apq);
    let t = 1.0f64.copysign(tau) / (tau.abs() + (1.0 + tau * tau).sqrt());
    let c = 1.0 / (1.0 + t * t).sqrt();
    let s = t * c;
    let n = m.n_rows;
    for k in 0..n {
        let (kp, kq) = (m.at(k, p), m.at(k, q));
        m.set(k, p, c * kp - s * kq);
        m.set(k, q, s * kp + c * kq);
    }
    for k in 0..n {
        let (pk, qk) = (m.at(p, k), m.at(q, k));
        m.set(p, k, c * pk - s * qk);
        m.set(q, k, s * pk + c * qk);
        let (kp, kq) = (vectors.at(k, p), vectors.at(k, q));
        vectors.set(k, p, c * kp - s * kq);
        vectors.set(k, q, s * kp + c * kq);
    }
    m.set(p, q, 0.0);
    m.set(q, p, 0.0);
}

fn sorted(m: &Matrix, vectors: &Matrix) -> Eigen {
    let n = m.n_rows;
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| m.at(i, i).total_cmp(&m.at(j, j)));
    let mut out = Matrix::zeros(n, n);
    for (to, &from) in order.iter().enumerate() {
        for i in 0..n {
            out.set(i, to, vectors.at(i, from));
        }
    }
    Eigen { values: order.iter().map(|&i| m.at(i, i)).collect(), vectors: out }
}
