//! Branch-free building blocks: selection, polynomials, splitting, exact sums.
//!
//! Everything here is one or a few IEEE operations in a fixed order, so the result has the same
//! bits on every machine, and a loop over it turns into vector code.

/// 2^52, where the spacing of doubles reaches 1.
pub(crate) const TWO_52: f64 = 4_503_599_627_370_496.0;

/// 1.5 * 2^52: adding it to |x| < 2^51 rounds x to the nearest integer (ties to even), which then
/// stands in the low bits. `round` would be a library call on a baseline CPU.
pub(crate) const ROUNDER: f64 = 6_755_399_441_055_744.0;

/// `yes` where `mask`, else `no`, without a branch.
#[inline(always)]
pub(crate) const fn select(mask: bool, yes: f64, no: f64) -> f64 {
    if mask { yes } else { no }
}

/// The polynomial c[0] + c[1] x + c[2] x² + …, by Horner's rule.
#[inline(always)]
pub(crate) const fn poly<const N: usize>(x: f64, c: &[f64; N]) -> f64 {
    let mut sum = c[N - 1];
    let mut k = N - 1;
    while k > 0 {
        k -= 1;
        sum = sum * x + c[k];
    }
    sum
}

/// Nearest integer of x as a double, and its low bits; |x| < 2^51.
#[inline(always)]
pub(crate) fn nearest(x: f64) -> (f64, u64) {
    let shifted = x + ROUNDER;
    (shifted - ROUNDER, shifted.to_bits())
}

/// x with the low 27 of its 53 significant bits set to zero: the product of two such is exact.
#[inline(always)]
pub(crate) fn head(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & 0xffff_ffff_f800_0000)
}

/// a + b and its rounding error, exact for any order of magnitudes (Knuth).
#[inline(always)]
pub(crate) fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let b_seen = sum - a;
    (sum, (a - (sum - b_seen)) + (b - b_seen))
}

/// 2^n for -1022 <= n <= 1023, from the low bits of an integer.
#[inline(always)]
pub(crate) fn power_of_two(n: u64) -> f64 {
    f64::from_bits(n.wrapping_add(1023) << 52)
}

/// y * 2^n for |n| < 2000, rounded once where the result is subnormal; y is of order 1.
#[inline(always)]
pub(crate) fn scale(y: f64, n: u64) -> f64 {
    // A logical shift of a shifted number: an arithmetic 64-bit shift does not exist before AVX-512.
    let half = (n.wrapping_add(4096) >> 1).wrapping_sub(2048);
    y * power_of_two(half) * power_of_two(n.wrapping_sub(half))
}

/// Whether x is a whole number; any x, infinities count as whole.
#[inline(always)]
pub(crate) fn is_whole(x: f64) -> bool {
    let size = x.abs();
    (size >= TWO_52) | ((size + TWO_52) - TWO_52 == size)
}

/// A positive finite number as 2^k * m.
pub(crate) struct Binary {
    /// The exponent k, a whole number.
    pub k: f64,
    /// The mantissa m, in [sqrt(1/2), sqrt(2)).
    pub m: f64,
}

/// x as 2^k * m with m in [sqrt(1/2), sqrt(2)), for positive finite x, subnormal ones too.
///
/// Any other x gives finite nonsense, for the caller to replace.
#[inline(always)]
pub(crate) const fn binary(x: f64) -> Binary {
    /// Bits of sqrt(1/2).
    const ROOT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
    const TWO_54: f64 = 18_014_398_509_481_984.0;
    let tiny = x < f64::MIN_POSITIVE;
    let bits = select(tiny, x * TWO_54, x).to_bits() & 0x7fff_ffff_ffff_ffff;
    let above = bits.wrapping_sub(ROOT_HALF);
    let m = f64::from_bits(bits.wrapping_sub(above & 0xfff0_0000_0000_0000));
    // k + 1024 is positive; placed below 2^52 it becomes a double without a conversion instruction.
    let biased = above.wrapping_add(1024 << 52) >> 52;
    let k = f64::from_bits(0x4330_0000_0000_0000 | biased) - (TWO_52 + 1024.0);
    Binary { k: select(tiny, k - 54.0, k), m }
}
