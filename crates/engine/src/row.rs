//! One number per lane.

use std::borrow::{Borrow, BorrowMut};
use std::ops::{Deref, DerefMut};

/// Numbers of a block's lanes, on a boundary of cache lines: a vector load that crosses one takes
/// twice the time.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C, align(64))]
pub struct Row<const W: usize>(pub [f64; W]);

impl<const W: usize> Row<W> {
    /// Zero in every lane.
    pub const ZERO: Self = Self([0.0; W]);
}

/// Masks and counts of a block's lanes, aligned like its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C, align(64))]
pub(crate) struct Bits<const W: usize>(pub(crate) [u64; W]);

impl<const W: usize> Bits<W> {
    /// Zero in every lane.
    pub(crate) const ZERO: Self = Self([0; W]);
}

impl<const W: usize> Deref for Bits<W> {
    type Target = [u64; W];

    #[inline(always)]
    fn deref(&self) -> &[u64; W] {
        &self.0
    }
}

impl<const W: usize> DerefMut for Bits<W> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [u64; W] {
        &mut self.0
    }
}

impl<const W: usize> Deref for Row<W> {
    type Target = [f64; W];

    #[inline(always)]
    fn deref(&self) -> &[f64; W] {
        &self.0
    }
}

impl<const W: usize> DerefMut for Row<W> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [f64; W] {
        &mut self.0
    }
}

impl<const W: usize> Borrow<[f64; W]> for Row<W> {
    #[inline(always)]
    fn borrow(&self) -> &[f64; W] {
        &self.0
    }
}

impl<const W: usize> BorrowMut<[f64; W]> for Row<W> {
    #[inline(always)]
    fn borrow_mut(&mut self) -> &mut [f64; W] {
        &mut self.0
    }
}
