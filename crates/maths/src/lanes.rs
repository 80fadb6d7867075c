//! Lane forms: the scalar function on each entry of an array, hence the same bits.
//!
//! A caller compiled with `#[target_feature(enable = "avx512f")]` gets 512-bit code inside,
//! because everything is inlined into it and nothing branches.

/// One lane form per row: its name, the scalar function.
macro_rules! lane_forms {
    ($($lanes:ident = $scalar:ident;)*) => {$(
        #[doc = concat!("[`", stringify!($scalar), "`](crate::", stringify!($scalar), ") of each lane.")]
        #[inline(always)]
        pub fn $lanes<const W: usize>(x: &[f64; W], out: &mut [f64; W]) {
            for lane in 0..W {
                out[lane] = crate::$scalar(x[lane]);
            }
        }
    )*};
}

lane_forms! {
    acos_lanes = acos;
    asin_lanes = asin;
    atan_lanes = atan;
    cos_lanes = cos;
    cosh_lanes = cosh;
    erf_lanes = erf;
    erfc_lanes = erfc;
    exp_lanes = exp;
    exp_m1_lanes = exp_m1;
    expit_lanes = expit;
    ln_1p_lanes = ln_1p;
    ln_lanes = ln;
    log10_lanes = log10;
    log2_lanes = log2;
    logit_lanes = logit;
    norm_cdf_lanes = norm_cdf;
    sin_lanes = sin;
    sinh_lanes = sinh;
    softplus_lanes = softplus;
    tan_lanes = tan;
    tanh_lanes = tanh;
}

/// [`pow`](crate::pow) of each lane, `x` to the `y`.
#[inline(always)]
pub fn pow_lanes<const W: usize>(x: &[f64; W], y: &[f64; W], out: &mut [f64; W]) {
    for lane in 0..W {
        out[lane] = crate::pow(x[lane], y[lane]);
    }
}

/// [`powi`](crate::powi) of each lane, all to the same power.
#[inline(always)]
pub fn powi_lanes<const W: usize>(x: &[f64; W], n: i32, out: &mut [f64; W]) {
    for lane in 0..W {
        out[lane] = crate::powi(x[lane], n);
    }
}
