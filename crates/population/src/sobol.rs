//! Which of the things not known matter: shares of a result's variance (Sobol indices).
//!
//! A factor is a parameter that is not known, or a block of correlated ones, which only together
//! can be set apart. Two independent tables of draws A and B have one row per draw; table AB of a
//! factor is A with that factor from B. Totals are estimated as Jansen does, first indices as Saltelli
//! and others do. Equations: `docs/theory/sobol.md`.

use crate::Sampler;
use epsom_maths::{Address, hash_name, mean, quantile, uniform, variance};

/// Samples of rows that an interval rests on.
const N_BOOTSTRAP: u32 = 400;

/// Share of the variance, and the middle 95 % of the same from rows drawn again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// Estimate; a small one can lie below 0.
    pub value: f64,
    /// Lower end.
    pub lo: f64,
    /// Upper end.
    pub hi: f64,
}

/// Indices of one factor for one result.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Index {
    /// Of the factor alone.
    pub first: Share,
    /// Of the factor with all that it acts together with.
    pub total: Share,
}

/// Results of one result at all rows of the tables.
#[derive(Debug, Clone, PartialEq)]
pub struct Tables {
    n_factors: usize,
    /// Row after row: A, B, then AB of each factor.
    rows: Vec<f64>,
    n_left_out: usize,
}

/// Parameters of one run.
///
/// # Shape
/// `row` is a row of the tables, `column` 0 for A, 1 for B, then one per factor; the result has one
/// entry per parameter, base units.
pub fn table_params(
    sampler: &Sampler,
    factors: &[Vec<usize>],
    seed: u64,
    row: u32,
    column: usize,
) -> Vec<f64> {
    // Even replicates are A, odd ones B.
    let table = |odd: u32| sampler.uncertain(seed, 2 * row + odd);
    match column {
        0 | 1 => table(column as u32),
        column => {
            let (mut a, b) = (table(0), table(1));
            factors[column - 2].iter().for_each(|&at| a[at] = b[at]);
            a
        }
    }
}

impl Tables {
    /// Without a row yet.
    pub fn new(n_factors: usize) -> Self {
        Self { n_factors, rows: Vec::new(), n_left_out: 0 }
    }

    /// Takes in one row; one with a value that is not finite is left out.
    ///
    /// # Shape
    /// A, B, then AB of each factor.
    pub fn add(&mut self, values: &[f64]) {
        if values.len() == self.n_factors + 2 && values.iter().all(|value| value.is_finite()) {
            self.rows.extend(values);
        } else {
            self.n_left_out += 1;
        }
    }

    /// Rows that count.
    pub fn n(&self) -> usize {
        self.rows.len() / (self.n_factors + 2)
    }

    /// Rows that were left out.
    pub fn n_left_out(&self) -> usize {
        self.n_left_out
    }

    /// Results of A and B: independent draws.
    pub fn draws(&self) -> Vec<f64> {
        self.rows.chunks_exact(self.n_factors + 2).flat_map(|row| [row[0], row[1]]).collect()
    }

    /// Indices of each factor; none below two rows or where nothing varies.
    pub fn indices(&self, seed: u64) -> Option<Vec<Index>> {
        let n = self.n();
        if n < 2 {
            return None;
        }
        let all: Vec<usize> = (0..n).collect();
        let found = self.estimate(&all);
        if found.iter().any(|one| !one.0.is_finite() || !one.1.is_finite()) {
            return None;
        }
        let mut again: Vec<(Vec<f64>, Vec<f64>)> = vec![Default::default(); self.n_factors];
        for replicate in 0..N_BOOTSTRAP {
            let purpose = hash_name("rows drawn again");
            let pick = |subject: usize| {
                let subject = subject as u32;
                let at = Address { seed, replicate, subject, purpose, ..Address::default() };
                // Below 1, so below n.
                (uniform(&at, 0) * n as f64) as usize
            };
            let rows: Vec<usize> = (0..n).map(pick).collect();
            for (list, (first, total)) in again.iter_mut().zip(self.estimate(&rows)) {
                list.0.push(first);
                list.1.push(total);
            }
        }
        let share = |value: f64, list: &[f64]| Share {
            value,
            lo: quantile(list, 0.025),
            hi: quantile(list, 0.975),
        };
        let indices = found.into_iter().zip(&again).map(|((first, total), again)| Index {
            first: share(first, &again.0),
            total: share(total, &again.1),
        });
        Some(indices.collect())
    }

    /// First and total index of each factor from some rows. Eq. 2 and 3
    fn estimate(&self, rows: &[usize]) -> Vec<(f64, f64)> {
        let width = self.n_factors + 2;
        let row = |at: usize| &self.rows[at * width..(at + 1) * width];
        let both: Vec<f64> = rows.iter().flat_map(|&at| [row(at)[0], row(at)[1]]).collect();
        let (all, middle) = (variance(&both), mean(&both));
        let mean_of = |of: &dyn Fn(&[f64]) -> f64| {
            let values: Vec<f64> = rows.iter().map(|&at| of(row(at))).collect();
            mean(&values)
        };
        let index = |factor: usize| {
            // Small where the factor does not matter: the error is then small too.
            let moved = |row: &[f64]| row[factor + 2] - row[0];
            let shared = mean_of(&|row| (row[1] - middle) * moved(row));
            let square = mean_of(&|row| moved(row) * moved(row));
            (shared / all, 0.5 * square / all)
        };
        (0..self.n_factors).map(index).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use epsom_maths::sin;
    use std::f64::consts::PI;

    /// Tables of a function on the unit cube.
    fn tables(n: u32, n_factors: usize, of: &dyn Fn(&[f64]) -> f64) -> Tables {
        let mut tables = Tables::new(n_factors);
        for row in 0..n {
            let point = |replicate: u32| -> Vec<f64> {
                let at = |subject| Address { replicate, subject, ..Address::default() };
                (0..n_factors as u32).map(|factor| uniform(&at(factor), 0)).collect()
            };
            let (a, b) = (point(2 * row), point(2 * row + 1));
            let mut values = vec![of(&a), of(&b)];
            for factor in 0..n_factors {
                let mut mixed = a.clone();
                mixed[factor] = b[factor];
                values.push(of(&mixed));
            }
            tables.add(&values);
        }
        tables
    }

    /// Each share lies within three half-widths of its 95 % interval from the closed form: about
    /// six standard errors.
    #[track_caller]
    fn agree(tables: &Tables, wanted: &[(f64, f64)]) {
        let found = tables.indices(1).expect("indices");
        assert_eq!(found.len(), wanted.len());
        for (at, (index, &(first, total))) in found.iter().zip(wanted).enumerate() {
            for (share, wanted) in [(index.first, first), (index.total, total)] {
                let half = (share.hi - share.lo) / 2.0;
                assert!(
                    (share.value - wanted).abs() <= 3.0 * half + 1e-12,
                    "{at}: {share:?} {wanted}"
                );
                assert!(half < 0.1, "{at}: {share:?} says little");
            }
        }
    }

    #[test]
    fn the_function_of_ishigami_has_its_closed_form() {
        // Ishigami, Homma 1990: sin x1 + a sin² x2 + b x3⁴ sin x1, each between -pi and pi.
        let (a, b) = (7.0, 0.1);
        let of = |u: &[f64]| {
            let x: Vec<f64> = u.iter().map(|u| PI * (2.0 * u - 1.0)).collect();
            let (s1, s2) = (sin(x[0]), sin(x[1]));
            s1 + a * s2 * s2 + b * x[2] * x[2] * x[2] * x[2] * s1
        };
        let p4 = PI * PI * PI * PI;
        let all = a * a / 8.0 + b * p4 / 5.0 + b * b * p4 * p4 / 18.0 + 0.5;
        let v1 = 0.5 * (1.0 + b * p4 / 5.0) * (1.0 + b * p4 / 5.0);
        let v13 = b * b * p4 * p4 * 8.0 / 225.0;
        let v2 = a * a / 8.0;
        let wanted = [(v1 / all, (v1 + v13) / all), (v2 / all, v2 / all), (0.0, v13 / all)];
        agree(&tables(4096, 3, &of), &wanted);
    }

    #[test]
    fn the_g_function_of_sobol_has_its_closed_form() {
        let a = [0.0, 1.0, 4.5, 9.0];
        let of = |u: &[f64]| {
            let part = |(u, a): (&f64, &f64)| ((4.0 * u - 2.0).abs() + a) / (1.0 + a);
            u.iter().zip(&a).map(part).product()
        };
        let v: Vec<f64> = a.iter().map(|a| 1.0 / (3.0 * (1.0 + a) * (1.0 + a))).collect();
        let product: f64 = v.iter().map(|v| 1.0 + v).product();
        let all = product - 1.0;
        let wanted: Vec<(f64, f64)> =
            v.iter().map(|v| (v / all, v * product / (1.0 + v) / all)).collect();
        agree(&tables(4096, 4, &of), &wanted);
    }

    #[test]
    fn an_additive_function_has_no_joint_shares() {
        let weights = [1.0, 2.0, 3.0, 0.0];
        let of = |u: &[f64]| u.iter().zip(&weights).map(|(u, w)| u * w).sum::<f64>();
        let all = 14.0;
        let wanted = [1.0, 4.0, 9.0, 0.0].map(|square| (square / all, square / all));
        let tables = tables(2048, 4, &of);
        agree(&tables, &wanted);
        // What does not matter at all has exactly no total share.
        let found = tables.indices(1).expect("indices");
        assert_eq!((found[3].total.value, found[3].total.hi), (0.0, 0.0));
        assert_eq!(found, tables.indices(1).expect("indices"), "the same seed, the same rows");
    }

    #[test]
    fn rows_without_a_result_are_left_out() {
        let mut some = Tables::new(1);
        some.add(&[1.0, 2.0, f64::NAN]);
        some.add(&[1.0, 2.0]);
        some.add(&[1.0, 2.0, 1.5]);
        assert_eq!((some.n(), some.n_left_out()), (1, 2));
        assert_eq!(some.indices(1), None);
        some.add(&[1.0, 1.0, 1.0]);
        assert!(some.indices(1).is_some());
        assert_eq!(some.draws(), [1.0, 2.0, 1.0, 1.0]);
        let mut same = Tables::new(1);
        (0..3).for_each(|_| same.add(&[5.0, 5.0, 5.0]));
        assert_eq!(same.indices(1), None);
    }
}
