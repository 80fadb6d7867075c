//! Inverse trigonometric functions: reduction by an identity, then an odd polynomial.

use crate::bits::{poly, select};

const HALF_PI: f64 = std::f64::consts::FRAC_PI_2;
/// π/2 - `HALF_PI`.
const HALF_PI_LO: f64 = 6.123233995736766e-17;
const QUARTER_PI: f64 = std::f64::consts::FRAC_PI_4;

/// (atan(r)/r - 1) / r² as a polynomial in r², |r| <= tan(π/8); weighted error 2^-58.
const ATAN: [f64; 13] = [
    -0.3333333333333333,
    0.19999999999999993,
    -0.1428571428571149,
    0.11111111110751482,
    -0.0909090906681608,
    0.07692306729194896,
    -0.06666641869131183,
    0.058819230561140225,
    -0.05258020272656758,
    0.04719259188242093,
    -0.04103887546862687,
    0.030622995553735516,
    -0.013905374533113234,
];

/// (asin(r)/r - 1) / r² as a polynomial in r², |r| <= 1/2; weighted error 2^-58.
const ASIN: [f64; 14] = [
    0.16666666666666666,
    0.07500000000000118,
    0.044642857142551895,
    0.03038194447553234,
    0.02237215744350722,
    0.017352816540325496,
    0.01396378001220357,
    0.011566459612121669,
    0.009621842970100282,
    0.009319560794767446,
    0.0030448799094556773,
    0.019554513336123378,
    -0.01924167174674304,
    0.02961201126495512,
];

/// Inverse tangent, in radians, between -π/2 and π/2.
///
/// Error below 1.5 ulp.
#[inline(always)]
pub fn atan(x: f64) -> f64 {
    let size = x.abs();
    // atan x = base + atan(above / below) with |above / below| <= tan(π/8).
    let steep = size > 2.414213562373095;
    let middle = (size > 0.41421356237309503) & !steep;
    let above = select(steep, -1.0, select(middle, size - 1.0, size));
    let below = select(steep, size, select(middle, size + 1.0, 1.0));
    let base = select(steep, HALF_PI, select(middle, QUARTER_PI, 0.0));
    let base_lo = select(steep, HALF_PI_LO, select(middle, 0.5 * HALF_PI_LO, 0.0));
    let r = above / below;
    let z = r * r;
    (base + (r + (r * z * poly(z, &ATAN) + base_lo))).copysign(x)
}

/// Inverse sine, in radians; NaN outside [-1, 1].
///
/// Error below 2.5 ulp.
#[inline(always)]
pub fn asin(x: f64) -> f64 {
    let size = x.abs();
    let near_one = size > 0.5;
    let a = asin_small(select(near_one, (0.5 * (1.0 - size)).sqrt(), size));
    select(near_one, HALF_PI - (2.0 * a - HALF_PI_LO), a).copysign(x)
}

/// Inverse cosine, in radians; NaN outside [-1, 1].
///
/// Error below 2 ulp.
#[inline(always)]
pub fn acos(x: f64) -> f64 {
    let size = x.abs();
    let near_one = size > 0.5;
    let a = asin_small(select(near_one, (0.5 * (1.0 - size)).sqrt(), x));
    let middle = HALF_PI - (a - HALF_PI_LO);
    let end = select(x > 0.0, 2.0 * a, 2.0 * (HALF_PI - (a - HALF_PI_LO)));
    select(near_one, end, middle)
}

/// asin(r) for |r| <= 1/2.
#[inline(always)]
fn asin_small(r: f64) -> f64 {
    let z = r * r;
    r + r * z * poly(z, &ASIN)
}
