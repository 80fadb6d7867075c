//! Lanes equal scalar to the bit, on every instruction set this CPU has.

// Calling a function compiled for more features than the baseline is unsafe; the check stands beside it.
#![allow(unsafe_code)]

use epsom_maths as m;

const W: usize = 16;

/// One way to run a lane form: on the baseline, and under each feature.
macro_rules! check_lanes {
    ($($name:ident $lanes:ident;)*) => {$(
        #[test]
        fn $name() {
            #[inline(always)]
            fn run(x: &[f64; W], out: &mut [f64; W]) {
                m::$lanes(x, out);
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2")]
            fn avx2(x: &[f64; W], out: &mut [f64; W]) {
                run(x, out);
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f")]
            fn avx512(x: &[f64; W], out: &mut [f64; W]) {
                run(x, out);
            }
            for_grid(|x| {
                let scalar: [f64; W] = std::array::from_fn(|lane| m::$name(x[lane]));
                let mut out = [0.0; W];
                run(x, &mut out);
                same(stringify!($name), x, &scalar, &out);
                #[cfg(target_arch = "x86_64")]
                {
                    if is_x86_feature_detected!("avx2") {
                        // SAFETY: the CPU was just seen to have AVX2.
                        unsafe { avx2(x, &mut out) };
                        same(stringify!($name), x, &scalar, &out);
                    }
                    if is_x86_feature_detected!("avx512f") {
                        // SAFETY: the CPU was just seen to have AVX-512F.
                        unsafe { avx512(x, &mut out) };
                        same(stringify!($name), x, &scalar, &out);
                    }
                }
            });
        }
    )*};
}

check_lanes! {
    acos acos_lanes;
    asin asin_lanes;
    atan atan_lanes;
    cos cos_lanes;
    cosh cosh_lanes;
    erf erf_lanes;
    erfc erfc_lanes;
    exp exp_lanes;
    exp_m1 exp_m1_lanes;
    expit expit_lanes;
    ln ln_lanes;
    ln_1p ln_1p_lanes;
    log10 log10_lanes;
    log2 log2_lanes;
    logit logit_lanes;
    norm_cdf norm_cdf_lanes;
    sin sin_lanes;
    sinh sinh_lanes;
    softplus softplus_lanes;
    tan tan_lanes;
    tanh tanh_lanes;
}

#[test]
fn pow() {
    #[inline(always)]
    fn run(x: &[f64; W], y: &[f64; W], out: &mut [f64; W]) {
        m::pow_lanes(x, y, out);
    }
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn avx2(x: &[f64; W], y: &[f64; W], out: &mut [f64; W]) {
        run(x, y, out);
    }
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f")]
    fn avx512(x: &[f64; W], y: &[f64; W], out: &mut [f64; W]) {
        run(x, y, out);
    }
    let mut y = [0.5; W];
    for_grid(|x| {
        let scalar: [f64; W] = std::array::from_fn(|lane| m::pow(x[lane], y[lane]));
        let mut out = [0.0; W];
        run(x, &y, &mut out);
        same("pow", x, &scalar, &out);
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") {
                // SAFETY: the CPU was just seen to have AVX2.
                unsafe { avx2(x, &y, &mut out) };
                same("pow", x, &scalar, &out);
            }
            if is_x86_feature_detected!("avx512f") {
                // SAFETY: the CPU was just seen to have AVX-512F.
                unsafe { avx512(x, &y, &mut out) };
                same("pow", x, &scalar, &out);
            }
        }
        // The next exponents are these arguments, so that every kind meets every other.
        y = *x;
    });
}

#[test]
fn powi() {
    #[inline(always)]
    fn run(x: &[f64; W], n: i32, out: &mut [f64; W]) {
        m::powi_lanes(x, n, out);
    }
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f")]
    fn avx512(x: &[f64; W], n: i32, out: &mut [f64; W]) {
        run(x, n, out);
    }
    let mut n = -20;
    for_grid(|x| {
        n = if n == 20 { -20 } else { n + 1 };
        let scalar: [f64; W] = std::array::from_fn(|lane| m::powi(x[lane], n));
        let mut out = [0.0; W];
        run(x, n, &mut out);
        same("powi", x, &scalar, &out);
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the CPU was just seen to have AVX-512F.
            unsafe { avx512(x, n, &mut out) };
            same("powi", x, &scalar, &out);
        }
    });
}

/// Calls `check` with a million arguments: special values, all magnitudes, and the usual range.
fn for_grid(mut check: impl FnMut(&[f64; W])) {
    const SPECIAL: [f64; 14] = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.5,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
        f64::MIN_POSITIVE,
        5e-324,
        f64::MAX,
        -745.2,
        709.8,
        3.0,
    ];
    let mut state = 1u64;
    let mut next = || {
        // Weyl sequence with a multiplicative mix; quality is not at stake here.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ (mixed >> 29)
    };
    for _ in 0..1_000_000 / W {
        let x = std::array::from_fn(|_| {
            let word = next();
            let unit = (word >> 11) as f64 / (1u64 << 53) as f64;
            match word % 8 {
                0 => SPECIAL[(word >> 8) as usize % SPECIAL.len()],
                1 => f64::from_bits(next()),
                2 => unit,
                3 => 1500.0 * (unit - 0.5),
                4 => 2e6 * (unit - 0.5),
                _ => 20.0 * (unit - 0.5),
            }
        });
        check(&x);
    }
}

fn same(name: &str, x: &[f64; W], scalar: &[f64; W], lanes: &[f64; W]) {
    for lane in 0..W {
        let (a, b) = (scalar[lane], lanes[lane]);
        assert!(
            a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()),
            "{name}({}): scalar {a}, lanes {b}",
            x[lane]
        );
    }
}
