//! Normal scores of parameters whose uncertainty is correlated.

use epsom_maths::norm_quantile;
use epsom_maths::{Matrix, cholesky};
use epsom_model::ir::Correlation;

/// Parameters that are correlated with each other, directly or through others.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Block {
    /// Indices of the parameters, rising.
    pub members: Vec<usize>,
    /// Lower triangle L with L Lᵀ = correlations.
    root: Matrix,
}

impl Block {
    /// Scores z = L e, where e comes from each member's own uniform number.
    ///
    /// A member's score rests on its own number and on those of members declared before it.
    pub fn scores(&self, word: impl Fn(usize) -> f64) -> Vec<f64> {
        let own: Vec<f64> = self.members.iter().map(|&at| norm_quantile(word(at))).collect();
        let row = |i: usize| {
            let used = self.root.row(i).iter().zip(&own).take(i + 1);
            used.fold(0.0, |sum, (l, e)| sum + l * e)
        };
        (0..own.len()).map(row).collect()
    }
}

/// Blocks of the correlated among `n` parameters.
///
/// # Errors
/// Members of the first block whose matrix is not positive definite.
pub(super) fn blocks(n: usize, correlations: &[Correlation]) -> Result<Vec<Block>, Vec<usize>> {
    // Each parameter's block is named by its first member.
    let mut first: Vec<usize> = (0..n).collect();
    for one in correlations {
        let (a, b) = (first[one.first], first[one.second]);
        let (low, high) = if a < b { (a, b) } else { (b, a) };
        first.iter_mut().filter(|block| **block == high).for_each(|block| *block = low);
    }
    let heads = (0..n).filter(|&at| first[at] == at);
    let groups = heads.map(|head| (head..n).filter(|&at| first[at] == head).collect::<Vec<_>>());
    groups.filter(|members| members.len() > 1).map(|members| block(members, correlations)).collect()
}

fn block(members: Vec<usize>, correlations: &[Correlation]) -> Result<Block, Vec<usize>> {
    let mut matrix = Matrix::identity(members.len());
    for one in correlations {
        let place = |at: usize| members.binary_search(&at).ok();
        if let (Some(i), Some(j)) = (place(one.first), place(one.second)) {
            matrix.set(i, j, one.rho);
            matrix.set(j, i, one.rho);
        }
    }
    match cholesky(&matrix) {
        Ok(root) => Ok(Block { members, root }),
        Err(_) => Err(members),
    }
}
