//! The error of a step beside its tolerance: what `Columns::measure` does, as part of a computation.

use super::PER_N;
use super::control::about_one_over;
use super::straight::{Straight, Two, Value};
use crate::integrate::OWN_COUNTS;

/// Squares of error over tolerance of the compartments, in order.
pub(super) struct Norm {
    /// Compartments of the model itself, before derivatives; of these, some may be left out.
    n_own: usize,
    /// All of them.
    n: usize,
    squares: Option<Value>,
}

impl Norm {
    pub(super) fn new(n_own: usize, n: usize) -> Self {
        Self { n_own, n, squares: None }
    }

    /// One over the tolerance, over the relative one, of a compartment that goes from one state to
    /// another.
    pub(super) fn weight(straight: &mut Straight, states: [Value; 2], floor: Value) -> Value {
        let size = straight.two(Two::LargerSize, states[0], states[1]);
        let tolerance = straight.add(floor, size);
        about_one_over(straight, tolerance)
    }

    /// Adds the error of compartment `i`, times its weight; each in order.
    pub(super) fn add(&mut self, straight: &mut Straight, i: usize, [error, weight]: [Value; 2]) {
        if i >= self.n_own {
            self.end_own(straight);
        }
        add_square(straight, &mut self.squares, error, weight);
    }

    /// The model's own compartments are all there.
    fn end_own(&mut self, straight: &mut Straight) {
        if let Some(own) = self.squares
            && self.n_own < self.n
        {
            let count = straight.constant(OWN_COUNTS);
            self.squares = Some(straight.mul(own, count));
            self.n_own = self.n;
        }
    }

    /// The mean.
    pub(super) fn mean(mut self, straight: &mut Straight) -> Option<Value> {
        // No derivative may have come.
        self.end_own(straight);
        let per_n = straight.told(PER_N);
        Some(straight.mul(self.squares?, per_n))
    }
}

/// Adds the square of `value` times `weight` to a sum.
pub(super) fn add_square(
    straight: &mut Straight,
    sum: &mut Option<Value>,
    value: Value,
    weight: Value,
) {
    let ratio = straight.mul(value, weight);
    straight.add_product(sum, ratio, ratio);
}
