//! Numbers of many lanes to rows of each.

/// Columns that are turned together: a cache line of each row.
const AT_ONCE: usize = 8;

/// Takes one number per lane after another and writes each lane's own one after another.
pub(super) struct Sheet<'a, const W: usize> {
    /// What each lane has, as long as all its numbers.
    rows: &'a mut [Vec<f64>],
    waiting: [[f64; W]; AT_ONCE],
    n_waiting: usize,
    written: usize,
    /// Zero where every number so far was finite.
    pub(super) marks: [f64; W],
}

impl<'a, const W: usize> Sheet<'a, W> {
    /// For these rows, one per lane, of which those beyond the last subject are left out.
    #[inline(always)]
    pub(super) fn new(rows: &'a mut [Vec<f64>]) -> Self {
        let waiting = [[0.0; W]; AT_ONCE];
        Self { rows, waiting, n_waiting: 0, written: 0, marks: [0.0; W] }
    }

    /// The next number of each lane.
    #[inline(always)]
    pub(super) fn push(&mut self, column: &[f64; W]) {
        self.waiting[self.n_waiting] = *column;
        self.n_waiting += 1;
        if self.n_waiting == AT_ONCE {
            self.turn();
        }
    }

    /// Writes what still waits.
    #[inline(always)]
    pub(super) fn finish(&mut self) {
        self.mark();
        for (lane, row) in (0..W).zip(self.rows.iter_mut()) {
            for (into, waiting) in row[self.written..].iter_mut().zip(&self.waiting) {
                *into = waiting[lane];
            }
        }
        self.n_waiting = 0;
    }

    /// Writes a line of each row, number by number: what is put together first and copied then
    /// waits for its parts.
    #[inline(always)]
    fn turn(&mut self) {
        self.mark();
        for (lane, row) in (0..W).zip(self.rows.iter_mut()) {
            if let Some(into) = row[self.written..].first_chunk_mut::<AT_ONCE>() {
                for (into, waiting) in into.iter_mut().zip(&self.waiting) {
                    *into = waiting[lane];
                }
            }
        }
        self.written += AT_ONCE;
        self.n_waiting = 0;
    }

    /// Looks at what waits; what waited before is looked at again at the end.
    #[inline(always)]
    fn mark(&mut self) {
        let mut marks = self.marks;
        for column in &self.waiting {
            for (mark, value) in marks.iter_mut().zip(column) {
                // Zero times what is not finite is not a number.
                *mark += 0.0 * value;
            }
        }
        self.marks = marks;
    }
}
