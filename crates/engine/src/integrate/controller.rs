//! Step sizes.

use crate::row::Row;

/// Hairer, Norsett, Wanner, Solving Ordinary Differential Equations I, II.4: a hundredth of the
/// time in which the state changes by its size; `atol` over `rtol`.
#[inline(always)]
pub(super) fn first_step<const W: usize>(
    y: &[Row<W>],
    k: &[Row<W>],
    atol: &[Row<W>],
    rtol: f64,
    lane: usize,
    span_h: f64,
) -> f64 {
    let (mut size, mut change) = (0.0_f64, 0.0_f64);
    for i in 0..y.len() {
        let tolerance = atol[i][lane] + y[i][lane].abs();
        size = size.max(y[i][lane].abs() / tolerance);
        change = change.max(k[i][lane].abs() / tolerance);
    }
    let known = 1e-5 * rtol;
    let chosen = if size > known && change > known { 0.01 * size / change } else { 1e-6 };
    chosen.min(span_h)
}

/// Numbers of [`step_factor`] for an order.
pub(crate) struct Sizes {
    /// 0.01^(-1/order).
    pub calmest: f64,
    /// Mean squares beyond which the factor is at its bound.
    pub least: f64,
    pub most: f64,
}

/// Part of the step at which the error would be the tolerance that is taken.
pub(crate) const SAFETY: f64 = 0.9;

/// Bounds of the factor.
pub(crate) const SHRINKS: f64 = 0.2;
const GROWS: f64 = 5.0;

impl Sizes {
    /// The bits of 1.
    pub(crate) const ONE: i64 = 0x3FF0_0000_0000_0000;
    /// The bits of a little less than 1: the guess is off by 3 % on either side, not by 6 % on one.
    pub(crate) const START: i64 = Self::ONE - 243_194_379_878_007;
    /// Digits that are left out before the bits are divided: what stays is half as wide.
    pub(crate) const SHIFT: u8 = 32;

    /// What they are multiplied with to be divided.
    #[inline(always)]
    pub(crate) const fn part(order: i32) -> i64 {
        (1 << Self::SHIFT) / (2 * order as i64)
    }

    #[inline(always)]
    pub(crate) const fn of(order: i32) -> Self {
        let calmest = match order {
            4 => 3.162277660168379,
            5 => 2.51188643150958,
            _ => 1.7782794100389228,
        };
        let least = power(SAFETY / GROWS, 2 * order);
        Self { calmest, least, most: power(SAFETY / SHRINKS, 2 * order) }
    }
}

const fn power(base: f64, n: i32) -> f64 {
    let (mut product, mut at) = (1.0, 0);
    while at < n {
        product *= base;
        at += 1;
    }
    product
}

/// Factor of the next step, between 1/5 and 5; 1/5 where the error is not finite.
///
/// The smaller of `SAFETY error^(-1/ORDER)` and what follows where the error goes on changing from
/// step to step as it did (Gustafsson, ACM Transactions on Mathematical Software 20 (1994)
/// 496-517, in the form of Hairer, Wanner II, IV.8): `past` is one over the last accepted step
/// times its `error^(-1/ORDER)`, infinity where there is none; `present` becomes the same of this
/// step.
#[inline(always)]
pub(super) fn step_factor<const ORDER: i32, const W: usize>(
    mean_squares: &Row<W>,
    h: &Row<W>,
    past: &Row<W>,
    factors: &mut Row<W>,
    present: &mut Row<W>,
) {
    let n = 2.0 * f64::from(ORDER);
    let (above, per_n) = ((n + 1.0) / n, 1.0 / n);
    let Sizes { calmest, least, most } = const { Sizes::of(ORDER) };
    for lane in 0..W {
        let square = mean_squares[lane];
        let inside = if square < most { square } else { most };
        let inside = if inside > least { inside } else { least };
        // `inside^(-1/n)` to 1/100 by one step of Newton's method, from an exponent divided in the
        // bits; a step size needs no more, and it is a fifth of the work of a power.
        let distance = (Sizes::ONE - inside.to_bits() as i64) >> Sizes::SHIFT;
        let guess = Sizes::START + i64::from(distance as i32) * Sizes::part(ORDER);
        let guess = f64::from_bits(guess as u64);
        let square = guess * guess;
        let eighth = (square * square) * (square * square);
        let power = match ORDER {
            4 => eighth,
            5 => eighth * square,
            _ => eighth * eighth,
        };
        let root = guess * (above - (per_n * inside) * power);
        // An error below 1/100 foretells nothing.
        let calm = if root < calmest { root } else { calmest };
        present[lane] = one_over(h[lane] * calm);
        let foretold = h[lane] * (root * root) * past[lane];
        let factor = SAFETY * if foretold < root { foretold } else { root };
        factors[lane] = if factor > SHRINKS { factor } else { SHRINKS };
    }
}

/// The bits of this number less those of another are those of a guess at one over it: exponent and
/// digits are mirrored about 1. It is off by a twentieth at most.
pub(crate) const ONE_OVER: u64 = 0x7FDE_6238_22FC_16E6;

/// The same for a guess that is right in the mean square, and off by 6 % at most.
pub(crate) const ABOUT_ONE_OVER: u64 = 0x7FDE_1CE2_55CB_D44A;

/// 1/x to 3e-3 for finite `x > 0`, by one step of Newton's method from a guess in the bits: a step
/// size needs no more, and a division of vectors takes several times as long. Never finite and
/// positive for an infinite `x`.
#[inline(always)]
pub(super) fn one_over(x: f64) -> f64 {
    let guess = f64::from_bits(ONE_OVER.wrapping_sub(x.to_bits()));
    guess * (2.0 - x * guess)
}

/// 1/x to 6 % for finite `x > 0`, as exact as the weight of an error has to be, which is but an
/// estimate. Never finite and positive for an infinite `x`.
#[inline(always)]
pub(super) fn about_one_over(x: f64) -> f64 {
    f64::from_bits(ABOUT_ONE_OVER.wrapping_sub(x.to_bits()))
}

/// Smallest step over the size of the time.
const SMALLEST: f64 = 16.0 * f64::EPSILON;

/// Smallest step that still moves the clock by a few of its last digits.
#[inline(always)]
pub(super) fn smallest_step(time_h: f64) -> f64 {
    SMALLEST * time_h.abs().max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Over a hundred octaves, of which all are alike.
    #[test]
    fn one_over_is_as_exact_as_it_says() {
        let n = 10_000;
        let sizes = (0..n).map(|at| epsom_maths::exp(69.0 * (f64::from(at) / f64::from(n) - 0.5)));
        let mut squares = 0.0;
        for x in sizes {
            let (exact, about) = (x * one_over(x), x * about_one_over(x));
            assert!((exact - 1.0).abs() < 3e-3, "{x}: {exact}");
            assert!((about - 1.0).abs() < 0.06, "{x}: {about}");
            squares += about * about;
        }
        // As many numbers as there are, spread evenly, leave a hundredth of the largest deviation.
        assert!((squares / f64::from(n) - 1.0).abs() < 1e-3, "{}", squares / f64::from(n));
        for x in [f64::INFINITY, f64::NAN] {
            assert!(!(about_one_over(x) > 0.0 && about_one_over(x).is_finite()));
        }
    }
}
