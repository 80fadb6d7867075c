//! Numbers of many lanes to rows of each.

use crate::cpu::Cpu;
use crate::integrate::Isa;

/// Columns and lanes that are turned together: a cache line of each row.
const AT_ONCE: usize = 8;

/// Takes one number per lane after another and writes each lane's own one after another.
pub(super) struct Sheet<'a, const W: usize> {
    /// What each lane has, as long as all its numbers.
    rows: &'a mut [Vec<f64>],
    cpu: Cpu,
    waiting: Waiting<W>,
    n_waiting: usize,
    written: usize,
    /// Finite where every number so far was; where only their sum is too large, a subject goes
    /// alone in vain.
    pub(super) sums: [f64; W],
}

/// On a boundary of cache lines.
#[repr(align(64))]
struct Waiting<const W: usize>([[f64; W]; AT_ONCE]);

impl<'a, const W: usize> Sheet<'a, W> {
    /// For these rows, one per lane, of which those beyond the last subject are left out.
    #[inline(always)]
    pub(super) fn new(rows: &'a mut [Vec<f64>], cpu: Cpu) -> Self {
        let waiting = Waiting([[0.0; W]; AT_ONCE]);
        Self { rows, cpu, waiting, n_waiting: 0, written: 0, sums: [0.0; W] }
    }

    /// The next number of each lane.
    #[inline(always)]
    pub(super) fn push(&mut self, column: &[f64; W]) {
        self.waiting.0[self.n_waiting] = *column;
        self.n_waiting += 1;
        if self.n_waiting == AT_ONCE {
            self.turn();
        }
    }

    /// Writes what still waits.
    #[inline(always)]
    pub(super) fn finish(&mut self) {
        for at in 0..self.n_waiting {
            let column = self.waiting.0[at];
            self.sum(&column);
            for (row, value) in self.rows.iter_mut().zip(column) {
                row[self.written + at] = value;
            }
        }
        self.n_waiting = 0;
    }

    /// Adds to the sums.
    #[inline(always)]
    pub(super) fn sum(&mut self, column: &[f64; W]) {
        for (sum, value) in self.sums.iter_mut().zip(column) {
            *sum += value;
        }
    }

    /// Writes a line of each row: with wide vectors, which no compiler makes of this by itself, or
    /// number by number.
    #[inline(always)]
    #[allow(unsafe_code, reason = "a tenth of the time of a linear model")]
    fn turn(&mut self) {
        let mut sums = self.sums;
        for column in &self.waiting.0 {
            for (sum, value) in sums.iter_mut().zip(column) {
                *sum += value;
            }
        }
        self.sums = sums;
        match self.cpu.isa() {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => {
                for (part, rows) in self.rows.chunks_mut(AT_ONCE).enumerate() {
                    let mut square = [[0.0; AT_ONCE]; AT_ONCE];
                    for (to, column) in square.iter_mut().zip(&self.waiting.0) {
                        *to = column.as_chunks().0[part];
                    }
                    // SAFETY: a `Cpu` holds only an instruction set that the processor has.
                    let lines = unsafe { turned(square) };
                    for (line, row) in lines.iter().zip(rows) {
                        if let Some(into) = row[self.written..].first_chunk_mut() {
                            *into = *line;
                            soon(into);
                        }
                    }
                }
            }
            _ => {
                for (lane, row) in (0..W).zip(self.rows.iter_mut()) {
                    if let Some(into) = row[self.written..].first_chunk_mut::<AT_ONCE>() {
                        for (into, column) in into.iter_mut().zip(&self.waiting.0) {
                            *into = column[lane];
                        }
                        soon(into);
                    }
                }
            }
        }
        self.written += AT_ONCE;
        self.n_waiting = 0;
    }
}

/// Asks for the memory after `line`, which is written next: the rows of all lanes are more than the
/// first cache holds, and more streams than are foreseen.
#[inline(always)]
#[allow(unsafe_code, reason = "a sixth of the time of a linear model")]
fn soon(line: &[f64; AT_ONCE]) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // A line may begin within a line of the cache; this is where the next one ends.
        let next = line.as_ptr().wrapping_add(2 * AT_ONCE - 1);
        // SAFETY: only a hint; no address is wrong.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(next.cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = line;
}

/// The numbers of each lane, in three rounds: pairs of numbers, then of pairs, then of fours.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
#[allow(unsafe_code, reason = "vectors are arrays of their numbers")]
fn turned(square: [[f64; AT_ONCE]; AT_ONCE]) -> [[f64; AT_ONCE]; AT_ONCE] {
    use std::arch::x86_64::{
        __m512d, _mm512_permutex2var_pd, _mm512_setr_epi64, _mm512_shuffle_f64x2,
        _mm512_unpackhi_pd, _mm512_unpacklo_pd,
    };
    // SAFETY: a vector is eight numbers one after the other, whose bits may be any.
    let columns: [__m512d; AT_ONCE] = unsafe { std::mem::transmute(square) };
    let (even, odd) = (
        _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13),
        _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15),
    );
    let mut fours = columns;
    for at in [0, 4] {
        let [a, b, c, d] = [columns[at], columns[at + 1], columns[at + 2], columns[at + 3]];
        let low = (_mm512_unpacklo_pd(a, b), _mm512_unpacklo_pd(c, d));
        let high = (_mm512_unpackhi_pd(a, b), _mm512_unpackhi_pd(c, d));
        // Of lanes `k` and `k + 4`.
        fours[at] = _mm512_permutex2var_pd(low.0, even, low.1);
        fours[at + 1] = _mm512_permutex2var_pd(high.0, even, high.1);
        fours[at + 2] = _mm512_permutex2var_pd(low.0, odd, low.1);
        fours[at + 3] = _mm512_permutex2var_pd(high.0, odd, high.1);
    }
    let mut rows = fours;
    for at in 0..4 {
        rows[at] = _mm512_shuffle_f64x2::<0x44>(fours[at], fours[at + 4]);
        rows[at + 4] = _mm512_shuffle_f64x2::<0xee>(fours[at], fours[at + 4]);
    }
    // SAFETY: as above.
    unsafe { std::mem::transmute(rows) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::integrate::available;

    #[test]
    fn rows_hold_the_columns_of_their_lanes() {
        for isa in available() {
            for n_columns in [0, 3, 8, 21] {
                let mut rows = vec![vec![0.0; n_columns]; 11];
                let mut sheet = Sheet::<16>::new(&mut rows, Cpu::new(Some(isa)));
                let number = |at: usize, lane: usize| (100 * at + lane) as f64;
                for at in 0..n_columns {
                    sheet.push(&std::array::from_fn(|lane| number(at, lane)));
                }
                sheet.finish();
                let sums = sheet.sums;
                for (lane, row) in rows.iter().enumerate() {
                    let wanted: Vec<f64> = (0..n_columns).map(|at| number(at, lane)).collect();
                    assert_eq!((row, sums[lane]), (&wanted, wanted.iter().sum()), "{isa:?}");
                }
            }
        }
    }
}
