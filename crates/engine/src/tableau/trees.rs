//! Rooted trees, which order conditions are made from.

/// A rooted tree.
#[derive(Clone, PartialEq)]
pub(crate) struct Tree(pub(crate) Vec<Tree>);

impl Tree {
    pub(crate) fn order(&self) -> usize {
        1 + self.0.iter().map(Tree::order).sum::<usize>()
    }

    /// Its density: the order times the densities of what hangs at the root.
    pub(crate) fn density(&self) -> f64 {
        self.0.iter().fold(self.order() as f64, |all, child| all * child.density())
    }
}

/// All trees of an order: children of orders that fall, of equal ones in the order made.
pub(crate) fn trees(order: usize) -> Vec<Tree> {
    let made: Vec<Tree> = (1..order).flat_map(trees).collect();
    let mut found = Vec::new();
    grow(&made, order - 1, &mut Vec::new(), &mut found);
    found
}

fn grow(made: &[Tree], rest: usize, children: &mut Vec<Tree>, found: &mut Vec<Tree>) {
    if rest == 0 {
        found.push(Tree(children.clone()));
    }
    for (at, child) in made.iter().enumerate().filter(|(_, child)| child.order() <= rest) {
        children.push(child.clone());
        grow(&made[..=at], rest - child.order(), children, found);
        children.pop();
    }
}

/// Hairer, Norsett, Wanner I, table II.2.1.
#[test]
fn there_are_1_1_2_4_9_20_48_115_trees() {
    let numbers = [1, 2, 3, 4, 5, 6, 7, 8].map(|order| trees(order).len());
    assert_eq!(numbers, [1, 1, 2, 4, 9, 20, 48, 115]);
}
