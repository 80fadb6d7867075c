//! Sine, cosine, tangent: subtraction of n π/2 in four parts, then two polynomials and a choice.

use crate::bits::{nearest, poly, select, two_sum};

/// π/2 in four parts; the first three have 26 bits, so that n times each is exact for n < 2^27.
const HALF_PI: [f64; 4] =
    [1.5707963109016418, 1.5893254712295857e-08, 6.123233932053594e-17, 6.36831716351095e-25];

/// Beyond this many quarter turns the reduction is no longer exact.
const MAX_QUARTERS: f64 = 134_217_728.0;

/// (sin(r)/r - 1) / r² as a polynomial in r², |r| <= π/4; weighted error 2^-57.
const SIN: [f64; 7] = [
    -0.16666666666666666,
    0.008333333333333331,
    -0.0001984126984126504,
    2.755731921932058e-06,
    -2.50521062259944e-08,
    1.6058530596645953e-10,
    -7.586636882825159e-13,
];

/// (cos(r) - 1 + r²/2) / r⁴ as a polynomial in r², |r| <= π/4; weighted error 2^-60.
const COS: [f64; 7] = [
    0.041666666666666664,
    -0.0013888888888888887,
    2.4801587301584632e-05,
    -2.755731922139249e-07,
    2.0876755787492604e-09,
    -1.1470460319209511e-11,
    4.745838412531023e-14,
];

/// Sine of x in radians.
///
/// |x| above 2.1e8 gives NaN, because the reduction has no correct digits to offer there.
///
/// Error below 1 ulp.
#[inline(always)]
pub fn sin(x: f64) -> f64 {
    let q = reduce(x);
    let value = select(q.bits & 1 == 0, sine(&q), cosine(&q));
    let signed = flip(value, q.bits & 2 != 0);
    // Keeps the sign of -0.
    select(x == 0.0, x, signed)
}

/// Cosine of x in radians.
///
/// |x| above 2.1e8 gives NaN, because the reduction has no correct digits to offer there.
///
/// Error below 1 ulp.
#[inline(always)]
pub fn cos(x: f64) -> f64 {
    let q = reduce(x);
    let value = select(q.bits & 1 == 0, cosine(&q), sine(&q));
    flip(value, q.bits.wrapping_add(1) & 2 != 0)
}

/// Tangent of x in radians.
///
/// |x| above 2.1e8 gives NaN, because the reduction has no correct digits to offer there.
///
/// Error below 2 ulp.
#[inline(always)]
pub fn tan(x: f64) -> f64 {
    let q = reduce(x);
    let (s, c) = (sine(&q), cosine(&q));
    let even = q.bits & 1 == 0;
    let ratio = select(even, s, -c) / select(even, c, s);
    select(x == 0.0, x, ratio)
}

/// x - n π/2 as r + tail, and the low bits of n.
struct Reduced {
    r: f64,
    tail: f64,
    bits: u64,
}

#[inline(always)]
fn reduce(x: f64) -> Reduced {
    let quarters = x * std::f64::consts::FRAC_2_PI;
    let x = select(quarters.abs() < MAX_QUARTERS, x, f64::NAN);
    let (n, bits) = nearest(quarters);
    // The first difference is exact; the rounding of the next two is carried along.
    let first = x - n * HALF_PI[0];
    let (second, error) = two_sum(first, -(n * HALF_PI[1]));
    let (third, error_2) = two_sum(second, -(n * HALF_PI[2]));
    let rest = error + (error_2 - n * HALF_PI[3]);
    let r = third + rest;
    Reduced { r, tail: (third - r) + rest, bits }
}

#[inline(always)]
fn sine(q: &Reduced) -> f64 {
    let z = q.r * q.r;
    q.r + (q.r * z * poly(z, &SIN) + q.tail * (1.0 - 0.5 * z))
}

#[inline(always)]
fn cosine(q: &Reduced) -> f64 {
    let z = q.r * q.r;
    let half = 0.5 * z;
    let w = 1.0 - half;
    w + (((1.0 - w) - half) + (z * z * poly(z, &COS) - q.r * q.tail))
}

#[inline(always)]
fn flip(x: f64, negative: bool) -> f64 {
    f64::from_bits(x.to_bits() ^ ((negative as u64) << 63))
}
