//! The error of the step just taken.
//!
//! All compartments are weighed by their tolerance over the relative one, which counts once.

use super::columns::{Columns, bit};
use super::controller::{about_one_over, one_over};
use super::explicit::combine;
use super::stiffness::Method;
use crate::row::Row;

/// Mean square of the error where the factors of a step are not to be trusted: too large.
const UNTRUSTED: f64 = 1e12;

/// How often the square of an error of the model's own compartments counts where derivatives are
/// carried along, beside that of a derivative, which so counts half in the mean.
///
/// So results with derivatives, and these, are as exact at one tolerance as results alone: on a model of
/// two compartments with three quantities 2.6e-7 beside 2.7e-7 at 1e-6.
pub(crate) const OWN_COUNTS: f64 = 2.0;

/// What the sum of squares of errors, each over a tolerance over the relative one, is multiplied with to be
/// the mean of the squares of errors over tolerances of `n` compartments, of which `n_own` are the
/// model's own; derivatives count half. The errors of `method` may be kept times a number.
pub(super) fn per_n((n, n_own): (usize, usize), rtol: f64, method: Method) -> f64 {
    let count = if n > n_own { OWN_COUNTS } else { 1.0 };
    let by = rtol * method.explicit().map_or(1.0, |tableau| tableau.errors_by);
    1.0 / (count * n as f64 * (by * by))
}

impl<const W: usize> Columns<W> {
    /// Error of the step just taken: mean square over the compartments of estimate over tolerance;
    /// and, where it is watched, whether step times fastest rate is at the edge of stability.
    #[inline(always)]
    pub(super) fn measure(&mut self, trusted: &[bool; W]) {
        let n = self.y.len();
        let (mut squares, mut coarse) = (Row::<W>::ZERO, Row::<W>::ZERO);
        let (mut moved, mut changed) = (Row::<W>::ZERO, Row::<W>::ZERO);
        for i in 0..n {
            if i == self.n_own {
                for lane in 0..W {
                    squares[lane] *= OWN_COUNTS;
                    coarse[lane] *= OWN_COUNTS;
                }
            }
            let (before, after, floor) = (&self.y[i], &self.file[i], &self.atol[i]);
            let mut weight = Row::<W>::ZERO;
            for lane in 0..W {
                weight[lane] = floor[lane] + larger_size(before, after, lane);
            }
            // Dop853 has no machine code, which is what fewer operations serve.
            let is_rough = self.method != Method::Dop853;
            for lane in 0..W {
                let tolerance = weight[lane];
                weight[lane] =
                    if is_rough { about_one_over(tolerance) } else { one_over(tolerance) };
            }
            let estimate = &mut self.estimate[i];
            let tableau = self.method.explicit();
            if let Some(errors) = tableau.and_then(|tableau| tableau.errors.first()) {
                combine(errors, &self.k, (n, i), |lane, sum| estimate[lane] = sum);
            }
            for lane in 0..W {
                let ratio = estimate[lane] * weight[lane];
                squares[lane] += ratio * ratio;
            }
            if let Some(tableau) = tableau {
                if let Some(errors) = tableau.errors.get(1) {
                    combine(errors, &self.k, (n, i), |lane, sum| {
                        let ratio = sum * weight[lane];
                        coarse[lane] += ratio * ratio;
                    });
                }
                if self.watches {
                    // Both are taken at the end of the step.
                    let before_last = tableau.n_stages - 2;
                    let (last, other) = (&self.ends[n + i], &self.k[before_last * n + i]);
                    let (h, of) = (&self.h, tableau.weights[before_last]);
                    let aside = &self.aside[i];
                    for lane in 0..W {
                        let by = (after[lane] - aside[lane]) * weight[lane];
                        let slope = (h[lane] * of * last[lane] - other[lane]) * weight[lane];
                        moved[lane] += by * by;
                        changed[lane] += slope * slope;
                    }
                }
            }
        }
        if self.method == Method::Dop853 {
            temper(&mut squares, &coarse);
        }
        for lane in 0..W {
            self.error[lane] = if trusted[lane] { squares[lane] * self.per_n } else { UNTRUSTED };
        }
        if self.watches {
            let edge = self.method.edge();
            for lane in 0..W {
                self.at_edge[lane] = bit(changed[lane] > edge * moved[lane]);
            }
        }
    }

    /// Compartment of lane `at` whose error in the step just taken was largest beside its tolerance.
    pub(super) fn hardest(&self, at: usize) -> u32 {
        let n = self.y.len();
        let ratio = |i: usize| {
            let size = larger_size(&self.y[i], &self.file[i], at);
            (self.estimate[i][at] / (self.atol[i][at] + size)).abs()
        };
        (0..n).max_by(|&a, &b| ratio(a).total_cmp(&ratio(b))).unwrap_or(0) as u32
    }
}

/// Size of a compartment in a step.
#[inline(always)]
fn larger_size<const W: usize>(before: &Row<W>, after: &Row<W>, lane: usize) -> f64 {
    before[lane].abs().max(after[lane].abs())
}

/// The error of Dop853 from sums of squares of both its estimates: the finer one, times its size
/// beside both (Hairer, Norsett, Wanner, Solving Ordinary Differential Equations I, II.10).
#[inline(always)]
fn temper<const W: usize>(squares: &mut Row<W>, coarse: &Row<W>) {
    for lane in 0..W {
        let fine = squares[lane];
        let both = fine + 0.01 * coarse[lane];
        squares[lane] = if both == 0.0 { 0.0 } else { fine * (fine / both) };
    }
}
