//! Elementary and special functions of many lanes.
//!
//! One copy per instruction set serves every lane width: inlining two dozen functions into each
//! width would multiply the code.

use crate::cpu::Cpu;
use crate::integrate::Isa;
use epsom_maths as maths;
use epsom_model::ir::UnaryOp;

/// Lanes that are computed together.
const CHUNK: usize = 8;

/// A macro and no function that takes a function: what is passed as a value is not compiled for the
/// instruction set of the caller. One lane alone needs no vector.
macro_rules! each {
    ($x:ident, $out:ident, $function:path) => {
        if let ([x], [out]) = ($x, &mut *$out) {
            let mut result = [0.0];
            $function(&[*x], &mut result);
            *out = result[0];
        } else {
            for (x, out) in $x.chunks(CHUNK).zip($out.chunks_mut(CHUNK)) {
                let mut result = [0.0; CHUNK];
                $function(&padded(x), &mut result);
                out.copy_from_slice(&result[..out.len()]);
            }
        }
    };
}

/// `op` of each entry; no number where it is not a function of its own.
#[allow(unsafe_code, reason = "the same safe code, compiled for wider vectors")]
pub(super) fn apply(cpu: Cpu, op: UnaryOp, x: &[f64], out: &mut [f64]) {
    match cpu.isa() {
        // SAFETY: a `Cpu` holds only an instruction set that the processor has.
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => unsafe { apply_avx512(op, x, out) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => unsafe { apply_avx2(op, x, out) },
        _ => apply_here(op, x, out),
    }
}

/// `x` to the `y` of each pair of entries.
#[allow(unsafe_code, reason = "the same safe code, compiled for wider vectors")]
pub(super) fn power(cpu: Cpu, x: &[f64], y: &[f64], out: &mut [f64]) {
    match cpu.isa() {
        // SAFETY: a `Cpu` holds only an instruction set that the processor has.
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => unsafe { power_avx512(x, y, out) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => unsafe { power_avx2(x, y, out) },
        _ => power_here(x, y, out),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
fn apply_avx512(op: UnaryOp, x: &[f64], out: &mut [f64]) {
    apply_here(op, x, out);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn apply_avx2(op: UnaryOp, x: &[f64], out: &mut [f64]) {
    apply_here(op, x, out);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
fn power_avx512(x: &[f64], y: &[f64], out: &mut [f64]) {
    power_here(x, y, out);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn power_avx2(x: &[f64], y: &[f64], out: &mut [f64]) {
    power_here(x, y, out);
}

#[inline(always)]
fn apply_here(op: UnaryOp, x: &[f64], out: &mut [f64]) {
    match op {
        UnaryOp::Exp => each!(x, out, maths::exp_lanes),
        UnaryOp::ExpM1 => each!(x, out, maths::exp_m1_lanes),
        UnaryOp::Ln => each!(x, out, maths::ln_lanes),
        UnaryOp::Ln1p => each!(x, out, maths::ln_1p_lanes),
        UnaryOp::Log10 => each!(x, out, maths::log10_lanes),
        UnaryOp::Log2 => each!(x, out, maths::log2_lanes),
        UnaryOp::Sin => each!(x, out, maths::sin_lanes),
        UnaryOp::Cos => each!(x, out, maths::cos_lanes),
        UnaryOp::Tan => each!(x, out, maths::tan_lanes),
        UnaryOp::Asin => each!(x, out, maths::asin_lanes),
        UnaryOp::Acos => each!(x, out, maths::acos_lanes),
        UnaryOp::Atan => each!(x, out, maths::atan_lanes),
        UnaryOp::Sinh => each!(x, out, maths::sinh_lanes),
        UnaryOp::Cosh => each!(x, out, maths::cosh_lanes),
        UnaryOp::Tanh => each!(x, out, maths::tanh_lanes),
        UnaryOp::Erf => each!(x, out, maths::erf_lanes),
        UnaryOp::NormCdf => each!(x, out, maths::norm_cdf_lanes),
        UnaryOp::Expit => each!(x, out, maths::expit_lanes),
        UnaryOp::Logit => each!(x, out, maths::logit_lanes),
        UnaryOp::Softplus => each!(x, out, maths::softplus_lanes),
        UnaryOp::NormQuantile => one_by_one(x, out, maths::norm_quantile),
        UnaryOp::LnGamma => one_by_one(x, out, maths::ln_gamma),
        UnaryOp::Gamma => one_by_one(x, out, maths::gamma),
        UnaryOp::Digamma => one_by_one(x, out, maths::digamma),
        // Instructions of their own.
        UnaryOp::Neg
        | UnaryOp::Not
        | UnaryOp::Abs
        | UnaryOp::Sign
        | UnaryOp::Floor
        | UnaryOp::Ceil
        | UnaryOp::Sqrt => out.fill(f64::NAN),
    }
}

#[inline(always)]
fn power_here(x: &[f64], y: &[f64], out: &mut [f64]) {
    if let ([x], [y], [out]) = (x, y, &mut *out) {
        *out = maths::pow(*x, *y);
        return;
    }
    let (x, y) = (x.chunks(CHUNK), y.chunks(CHUNK));
    for ((x, y), out) in x.zip(y).zip(out.chunks_mut(CHUNK)) {
        let mut result = [0.0; CHUNK];
        maths::pow_lanes(&padded(x), &padded(y), &mut result);
        out.copy_from_slice(&result[..out.len()]);
    }
}

/// A rest is computed as eight; the functions do not branch.
#[inline(always)]
fn padded(x: &[f64]) -> [f64; CHUNK] {
    let mut all = [1.0; CHUNK];
    all[..x.len()].copy_from_slice(x);
    all
}

#[inline(always)]
fn one_by_one(x: &[f64], out: &mut [f64], f: impl Fn(f64) -> f64) {
    x.iter().zip(out).for_each(|(&x, out)| *out = f(x));
}
