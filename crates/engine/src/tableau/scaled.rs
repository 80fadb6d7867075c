//! Explicit methods with the weights of slopes taken into the slopes.
//!
//! The argument of stage `s` is `y + sum_j a_sj h k_j`. Kept as `h a_(j+1)j k_j`, a slope enters the next
//! argument as it is, and the others times a number: one product less for each slope than with
//! products by every weight and by `h`.

use super::explicit::{Explicit, Sum};

/// Coefficients for slopes that are kept times the size of the step and a weight of their own.
#[derive(Debug)]
pub(crate) struct Scaled {
    /// Weight of each stage's slope.
    pub weights: Vec<f64>,
    /// As those of [`Explicit`].
    pub nodes: Vec<f64>,
    /// As those of [`Explicit`], over the weights of slopes: the last of each row of `a` is 1.
    pub a: Vec<Vec<(usize, f64)>>,
    /// The same for the errors, which are kept times [`Self::errors_by`].
    pub errors: Vec<Vec<(usize, f64)>>,
    /// See [`errors_by`].
    pub errors_by: f64,
    /// Stages of the step.
    pub n_stages: usize,
}

impl Scaled {
    /// A method, and what takes stages beyond its last.
    pub(crate) fn of(parts: &[&'static Explicit]) -> Self {
        let rows = || parts.iter().flat_map(|part| part.a);
        let weights: Vec<f64> = (0..rows().count()).map(|at| weight(parts, at)).collect();
        let over = |row: &&Sum| -> Vec<(usize, f64)> {
            row.iter().map(|&(stage, of)| (stage, of / weights[stage])).collect()
        };
        let (n_stages, errors_by) = (parts[0].n_stages(), errors_by(parts));
        let is_one = |stage: usize| has_last(parts) && stage + 2 >= n_stages;
        let of_error = |row: &&Sum| -> Vec<(usize, f64)> {
            let over = |&(stage, of): &(usize, f64)| of * errors_by / weights[stage];
            let number = |term: (usize, f64)| if is_one(term.0) { 1.0 } else { over(&term) };
            row.iter().map(|&term| (term.0, number(term))).collect()
        };
        let (a, errors) =
            (rows().map(over).collect(), parts[0].errors.iter().map(of_error).collect());
        let nodes = parts.iter().flat_map(|part| part.nodes).copied().collect();
        Self { nodes, a, errors, errors_by, n_stages, weights }
    }
}

/// Whether the last stage has part in the error and in no argument.
const fn has_last(parts: &[&Explicit]) -> bool {
    parts.len() == 1 && !parts[0].errors.is_empty()
}

/// What errors are kept times: where the last stage has part in them, what makes the weight of the stage
/// before it 1, so that two slopes enter the error as they are; else 1.
pub(crate) const fn errors_by(parts: &[&Explicit]) -> f64 {
    if !has_last(parts) {
        return 1.0;
    }
    let row = parts[0].errors[0];
    let (stage, of) = row[row.len() - 2];
    weight(parts, stage) / of
}

/// Weight of a stage's slope: that in the argument of the next stage; of the last stage that in the
/// error as it is kept, and 1 if there is none.
pub(crate) const fn weight(parts: &[&Explicit], stage: usize) -> f64 {
    let (mut at, mut next) = (0, stage + 1);
    while at < parts.len() {
        if next < parts[at].a.len() {
            let row = parts[at].a[next];
            return row[row.len() - 1].1;
        }
        next -= parts[at].a.len();
        at += 1;
    }
    if has_last(parts) {
        let row = parts[0].errors[0];
        return row[row.len() - 1].1 * errors_by(parts);
    }
    1.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tableau::{dop853, tsit5};

    /// A slope enters the next argument as it is, and times its weight every sum is the usual one.
    #[test]
    fn weights_are_taken_into_the_slopes() {
        for parts in [&[&tsit5::TSIT5][..], &[&dop853::DOP853, &dop853::MORE]] {
            let scaled = Scaled::of(parts);
            let usual = parts.iter().flat_map(|part| part.a).chain(parts[0].errors);
            let rows = scaled.a.iter().chain(&scaled.errors);
            assert_eq!(rows.clone().count(), usual.clone().count());
            let by = rows.clone().map(|_| 1.0).take(scaled.a.len());
            let by = by.chain(std::iter::repeat(scaled.errors_by));
            for ((row, usual), by) in rows.zip(usual).zip(by) {
                for (&(stage, of), &(other, wanted)) in row.iter().zip(*usual) {
                    assert_eq!(stage, other);
                    let got = of * scaled.weights[stage] / by;
                    // Three quotients and products to make it, two to take it back.
                    let rounding = 5.0 * f64::EPSILON * wanted.abs();
                    assert!((got - wanted).abs() <= rounding, "{got}, wanted {wanted}");
                }
            }
            for (stage, row) in scaled.a.iter().enumerate().skip(1) {
                assert_eq!(row.last(), Some(&(stage - 1, 1.0)));
            }
        }
        let error = &Scaled::of(&[&tsit5::TSIT5]).errors[0];
        let last = tsit5::TSIT5.n_stages() - 1;
        assert_eq!(error[last - 1..], [(last - 1, 1.0), (last, 1.0)]);
    }
}
