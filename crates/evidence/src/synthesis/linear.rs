//! The weighted linear model that pooling and meta-regression share.

use epsom_maths::{AlgebraError, Matrix, cholesky, cholesky_solve, ln, sum};

use super::{StudyEffect, SynthesisError};

/// Effects with a design, in an order that does not depend on how they were given.
pub(super) struct Data {
    pub(super) y: Vec<f64>,
    pub(super) v: Vec<f64>,
    pub(super) x: Matrix,
    /// `order[i]` is the index that row i had.
    pub(super) order: Vec<usize>,
}

/// One weighted fit.
pub(super) struct Fit {
    pub(super) beta: Vec<f64>,
    /// (X' W X)⁻¹.
    pub(super) cov: Matrix,
    /// Weights 1/(v + τ²).
    pub(super) w: Vec<f64>,
    /// Residuals.
    pub(super) r: Vec<f64>,
    /// Σ w r².
    pub(super) q: f64,
    /// ln det(X' W X).
    log_det: f64,
}

impl Data {
    /// Studies with an intercept and these columns, one inner vector per study.
    pub(super) fn new(
        studies: &[StudyEffect],
        moderators: &[Vec<f64>],
    ) -> Result<Self, SynthesisError> {
        let n_columns = 1 + moderators.first().map_or(0, Vec::len);
        if !moderators.is_empty()
            && (moderators.len() != studies.len()
                || moderators.iter().any(|row| row.len() + 1 != n_columns))
        {
            return Err(SynthesisError::Shape);
        }
        let row = |i: usize| moderators.get(i).map_or(&[] as &[f64], Vec::as_slice);
        let mut order: Vec<usize> = (0..studies.len()).collect();
        order.sort_by(|&i, &j| {
            let (a, b) = (&studies[i], &studies[j]);
            let first = a.estimate.total_cmp(&b.estimate);
            let then = first.then(a.variance.total_cmp(&b.variance));
            row(i).iter().zip(row(j)).fold(then, |so_far, (p, q)| so_far.then(p.total_cmp(q)))
        });
        let mut x = Matrix::zeros(studies.len(), n_columns);
        for (to, &from) in order.iter().enumerate() {
            x.set(to, 0, 1.0);
            for (column, &value) in row(from).iter().enumerate() {
                if !value.is_finite() {
                    return Err(SynthesisError::NotFinite(studies[from].label.clone()));
                }
                x.set(to, column + 1, value);
            }
        }
        let y = order.iter().map(|&i| studies[i].estimate).collect();
        let v = order.iter().map(|&i| studies[i].variance).collect();
        Ok(Self { y, v, x, order })
    }

    pub(super) fn k(&self) -> usize {
        self.y.len()
    }

    pub(super) fn p(&self) -> usize {
        self.x.n_cols
    }

    /// Degrees of freedom that are left.
    pub(super) fn df(&self) -> f64 {
        (self.k() - self.p()) as f64
    }

    /// The weighted fit at a variance between studies.
    pub(super) fn fit(&self, tau2: f64) -> Result<Fit, SynthesisError> {
        let w: Vec<f64> = self.v.iter().map(|v| 1.0 / (v + tau2)).collect();
        let (beta, cov, log_det) = normal_equations(&self.gram(&w), &self.moments(&w))?;
        let residual = |i: usize| {
            let fitted = self.x.row(i).iter().zip(&beta).fold(0.0, |s, (x, b)| s + x * b);
            self.y[i] - fitted
        };
        let r: Vec<f64> = (0..self.k()).map(residual).collect();
        let q = sum(&w.iter().zip(&r).map(|(w, r)| w * r * r).collect::<Vec<_>>());
        Ok(Fit { beta, cov, w, r, q, log_det })
    }

    /// Trace of P = W - W X (X' W X)⁻¹ X' W.
    pub(super) fn trace(&self, fit: &Fit) -> f64 {
        let squares: Vec<f64> = fit.w.iter().map(|w| w * w).collect();
        let inner = self.gram(&squares);
        let p = self.p();
        let mut loss = 0.0;
        for i in 0..p {
            for j in 0..p {
                loss += fit.cov.at(i, j) * inner.at(j, i);
            }
        }
        sum(&fit.w) - loss
    }

    /// Restricted log-likelihood without its constant.
    pub(super) fn restricted(&self, tau2: f64) -> Result<f64, SynthesisError> {
        let fit = self.fit(tau2)?;
        let logs: Vec<f64> = self.v.iter().map(|v| ln(v + tau2)).collect();
        Ok(-0.5 * (sum(&logs) + fit.log_det + fit.q))
    }

    /// Derivative of the restricted log-likelihood, times 2: y'PPy - tr(P).
    pub(super) fn score(&self, tau2: f64) -> Result<f64, SynthesisError> {
        let fit = self.fit(tau2)?;
        let terms = fit.w.iter().zip(&fit.r).map(|(w, r)| w * w * r * r).collect::<Vec<_>>();
        Ok(sum(&terms) - self.trace(&fit))
    }

    /// X' diag(w) X.
    fn gram(&self, w: &[f64]) -> Matrix {
        let p = self.p();
        let mut out = Matrix::zeros(p, p);
        for i in 0..p {
            for j in 0..=i {
                let terms: Vec<f64> =
                    (0..self.k()).map(|s| w[s] * self.x.at(s, i) * self.x.at(s, j)).collect();
                let value = sum(&terms);
                out.set(i, j, value);
                out.set(j, i, value);
            }
        }
        out
    }

    /// X' diag(w) y.
    fn moments(&self, w: &[f64]) -> Vec<f64> {
        let entry = |i: usize| {
            let terms: Vec<f64> =
                (0..self.k()).map(|s| w[s] * self.x.at(s, i) * self.y[s]).collect();
            sum(&terms)
        };
        (0..self.p()).map(entry).collect()
    }

    /// Values in the order in which the studies were given.
    pub(super) fn restore(&self, values: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; values.len()];
        for (&to, &value) in self.order.iter().zip(values) {
            out[to] = value;
        }
        out
    }
}

/// Solution, inverse and logarithm of the determinant of A b = m.
fn normal_equations(a: &Matrix, m: &[f64]) -> Result<(Vec<f64>, Matrix, f64), SynthesisError> {
    let p = a.n_rows;
    let mut inverse = Matrix::zeros(p, p);
    if p == 1 {
        // Without the roots of a factor, a mean of equal numbers is that number.
        let total = a.at(0, 0);
        inverse.set(0, 0, 1.0 / total);
        return Ok((vec![m[0] / total], inverse, ln(total)));
    }
    let factor = cholesky(a).map_err(|error| collinear(&error))?;
    let solve = |b: &[f64]| cholesky_solve(&factor, b).map_err(|error| collinear(&error));
    for column in 0..p {
        let mut unit = vec![0.0; p];
        unit[column] = 1.0;
        for (i, value) in solve(&unit)?.into_iter().enumerate() {
            inverse.set(i, column, value);
        }
    }
    let log_det = 2.0 * (0..p).fold(0.0, |sum, i| sum + ln(factor.at(i, i)));
    Ok((solve(m)?, inverse, log_det))
}

pub(super) fn collinear(error: &AlgebraError) -> SynthesisError {
    match error {
        AlgebraError::NotPositiveDefinite { column } | AlgebraError::Singular { column } => {
            SynthesisError::Collinear { column: *column }
        }
        _ => SynthesisError::Shape,
    }
}
