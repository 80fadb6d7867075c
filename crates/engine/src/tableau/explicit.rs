//! The form in which coefficients of explicit methods are written.

/// Weights of earlier stages in a sum, each after the number of its stage; ascending.
pub(crate) type Sum = [(usize, f64)];

/// Coefficients of an explicit method whose last stage is the first of the next step.
///
/// Stage `s` is `f(t + c_s h, y + h sum_j a_sj k_j)`; the argument of the last is the solution.
///
/// # Source
/// Hairer, Norsett, Wanner, Solving Ordinary Differential Equations I, 2nd edition, II.1.
#[derive(Debug)]
pub(crate) struct Explicit {
    /// Nodes.
    pub nodes: &'static [f64],
    /// Weights in the argument of each stage; the last of each is of the stage before it, save in
    /// the solution and in stages that come after it.
    pub a: &'static [&'static Sum],
    /// Differences between the solution and those of lower order: one, or one and a coarser one.
    pub errors: &'static [&'static Sum],
}

impl Explicit {
    /// Number of stages.
    pub(crate) const fn n_stages(&self) -> usize {
        self.a.len()
    }
}

/// Order conditions, from rooted trees.
#[cfg(test)]
pub(crate) mod order {
    use super::{Explicit, Sum};
    use crate::tableau::trees::{Tree, trees};

    /// Stages of a method, and those that come after them.
    pub(crate) struct Usual {
        nodes: Vec<f64>,
        a: Vec<&'static Sum>,
        rounding: f64,
    }

    impl Usual {
        pub(crate) fn of(parts: &[&'static Explicit], rounding: f64) -> Self {
            let nodes = parts.iter().flat_map(|part| part.nodes.iter().copied()).collect();
            let a = parts.iter().flat_map(|part| part.a.iter().copied()).collect();
            Self { nodes, a, rounding }
        }

        /// Nodes are the row sums.
        pub(crate) fn has_row_sums(&self) {
            for (row, node) in self.a.iter().zip(&self.nodes) {
                let sum: f64 = row.iter().map(|(_, weight)| weight).sum();
                self.near(sum, *node, "node");
            }
        }

        /// The weights meet every condition to this order, at fraction `x` of the step.
        pub(crate) fn meets(&self, weights: &Sum, order: usize, x: f64) {
            for tree in (1..=order).flat_map(trees) {
                let power = (0..tree.order()).fold(1.0, |power, _| power * x);
                let wanted = power / tree.density();
                self.near(self.dot(weights, &tree), wanted, "order condition");
            }
        }

        /// The weights meet the condition of the tree of this order without branches, at fraction
        /// `x` of the step.
        pub(crate) fn meets_unbranched(&self, weights: &Sum, order: usize, x: f64) {
            let tree = (1..order).fold(Tree(Vec::new()), |tree, _| Tree(vec![tree]));
            let wanted = (0..order).fold(1.0, |power, _| power * x) / tree.density();
            self.near(self.dot(weights, &tree), wanted, "order condition");
        }

        /// Some condition of this order does not hold.
        pub(crate) fn fails(&self, weights: &Sum, order: usize) {
            let misses =
                |tree: &Tree| (self.dot(weights, tree) - 1.0 / tree.density()).abs() > 1e-7;
            assert!(trees(order).iter().any(misses), "every condition of order {order} holds");
        }

        /// The weights see nothing of what is of this order, and something of the next.
        pub(crate) fn vanishes(&self, weights: &Sum, order: usize) {
            for tree in (1..=order).flat_map(trees) {
                self.near(self.dot(weights, &tree), 0.0, "error weight");
            }
            let sees = |tree: &Tree| self.dot(weights, tree).abs() > 1e-7;
            assert!(trees(order + 1).iter().any(sees), "nothing of order {} is seen", order + 1);
        }

        fn near(&self, got: f64, wanted: f64, what: &str) {
            assert!((got - wanted).abs() < self.rounding, "{what}: {got}, wanted {wanted}");
        }

        fn dot(&self, weights: &Sum, tree: &Tree) -> f64 {
            let values = self.values(tree);
            weights.iter().map(|&(stage, weight)| weight * values[stage]).sum()
        }

        /// Values of a tree at each stage.
        fn values(&self, tree: &Tree) -> Vec<f64> {
            tree.0.iter().fold(vec![1.0; self.a.len()], |all, child| {
                let inner = self.values(child);
                let of_row = |row: &Sum| {
                    row.iter().map(|&(stage, weight)| weight * inner[stage]).sum::<f64>()
                };
                all.iter().zip(&self.a).map(|(all, row)| all * of_row(row)).collect()
            })
        }
    }
}
