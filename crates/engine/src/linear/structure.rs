//! Which entries of a matrix may differ from zero.

/// Places of a matrix that may differ from zero, and with it those of its powers, its exponential
/// and the triangular factors of any of them: who is reached from whom, the diagonal included.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Structure {
    n: usize,
    is: Vec<bool>,
    /// Columns of each row, ascending, one row after the other.
    columns: Vec<u32>,
    starts: Vec<u32>,
    /// Places of a matrix given row by row, ascending.
    places: Vec<u32>,
}

impl Structure {
    /// Of an `n` by `n` matrix that differs from zero at these rows and columns at most.
    pub(crate) fn new(n: usize, entries: impl Iterator<Item = (usize, usize)>) -> Self {
        let mut is = vec![false; n * n];
        (0..n).for_each(|at| is[at * n + at] = true);
        entries.for_each(|(row, column)| is[row * n + column] = true);
        for through in 0..n {
            for row in 0..n {
                if is[row * n + through] {
                    for column in 0..n {
                        is[row * n + column] |= is[through * n + column];
                    }
                }
            }
        }
        let (mut columns, mut starts) = (Vec::new(), vec![0]);
        for row in 0..n {
            columns.extend((0..n).filter(|column| is[row * n + column]).map(|at| at as u32));
            starts.push(columns.len() as u32);
        }
        let places = (0..n * n).filter(|&at| is[at]).map(|at| at as u32).collect();
        Self { n, is, columns, starts, places }
    }

    /// Of a matrix given row by row.
    pub(crate) fn of(n: usize, matrix: &[f64]) -> Self {
        let places = (0..n * n).filter(|&at| matrix[at] != 0.0);
        Self::new(n, places.map(|at| (at / n, at % n)))
    }

    /// Number of rows.
    #[inline(always)]
    pub(crate) fn n(&self) -> usize {
        self.n
    }

    /// Whether this place may differ from zero.
    #[inline(always)]
    pub(crate) fn has(&self, row: usize, column: usize) -> bool {
        self.is[row * self.n + column]
    }

    /// Places of a matrix given row by row.
    #[inline(always)]
    pub(crate) fn places(&self) -> impl Iterator<Item = usize> + '_ {
        self.places.iter().map(|&at| at as usize)
    }

    /// Columns of one row.
    #[inline(always)]
    pub(crate) fn row(&self, row: usize) -> impl DoubleEndedIterator<Item = usize> + '_ {
        let range = self.starts[row] as usize..self.starts[row + 1] as usize;
        self.columns[range].iter().map(|&column| column as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reached_through_others_may_differ_from_zero() {
        // 0 -> 1 -> 2, and 3 alone.
        let chain = Structure::new(4, [(1, 0), (2, 1)].into_iter());
        let rows: Vec<Vec<usize>> = (0..4).map(|row| chain.row(row).collect()).collect();
        assert_eq!(rows, [vec![0], vec![0, 1], vec![0, 1, 2], vec![3]]);
        assert!(chain.has(2, 0) && !chain.has(0, 2));
        assert_eq!(
            chain,
            Structure::of(4, &[0., 0., 0., 0., 1., 0., 0., 0., 0., 2., 0., 0., 0., 0., 0., 0.])
        );
    }
}
