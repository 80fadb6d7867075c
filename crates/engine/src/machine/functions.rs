//! Functions that have no instruction of their own, as the code calls them.
//!
//! They are those of the interpreter, on the lanes of a part.

use epsom_model::ir::UnaryOp;

/// A function of one number or of two that code may call, by its address: it takes the addresses of
/// two parts and that of the result, by the calling convention of System V.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Function(u64);

impl Function {
    /// That of the language; none where it is left to the interpreter.
    pub(super) fn of(op: UnaryOp) -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        return on_parts::of(op).map(|called| Self(called as usize as u64));
        #[cfg(not(target_arch = "x86_64"))]
        return {
            let _ = op;
            None
        };
    }

    /// The first number to the power of the second.
    pub(super) fn power() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        return Some(Self(on_parts::power as on_parts::Called as usize as u64));
        #[cfg(not(target_arch = "x86_64"))]
        return None;
    }

    /// Where it stands.
    pub(super) fn address(self) -> u64 {
        self.0
    }
}

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, reason = "called by machine code")]
mod on_parts {
    use crate::program::PART;
    use epsom_maths as maths;
    use epsom_model::ir::UnaryOp;

    type Part = [f64; PART];
    pub(super) type Called = unsafe extern "sysv64" fn(*const Part, *const Part, *mut Part);

    macro_rules! functions {
        ($($name:ident = $variant:ident by $function:path),* $(,)?) => {
            $(
                /// # Safety
                /// The processor has 512-bit vectors; the addresses are those of parts.
                #[target_feature(enable = "avx512f,avx512dq,avx512vl")]
                unsafe extern "sysv64" fn $name(x: *const Part, _: *const Part, out: *mut Part) {
                    // SAFETY: as the caller promises; the two do not overlap.
                    let (x, out) = unsafe { (&*x, &mut *out) };
                    $function(x, out);
                }
            )*

            pub(super) fn of(op: UnaryOp) -> Option<Called> {
                match op {
                    $(UnaryOp::$variant => Some($name),)*
                    _ => None,
                }
            }
        };
    }

    /// # Safety
    /// The processor has 512-bit vectors; the addresses are those of parts.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl")]
    pub(super) unsafe extern "sysv64" fn power(x: *const Part, y: *const Part, out: *mut Part) {
        // SAFETY: as the caller promises; the result overlaps neither.
        let (x, y, out) = unsafe { (&*x, &*y, &mut *out) };
        maths::pow_lanes(x, y, out);
    }

    functions! {
        exp = Exp by maths::exp_lanes,
        exp_m1 = ExpM1 by maths::exp_m1_lanes,
        ln = Ln by maths::ln_lanes,
        ln_1p = Ln1p by maths::ln_1p_lanes,
        log10 = Log10 by maths::log10_lanes,
        log2 = Log2 by maths::log2_lanes,
        tanh = Tanh by maths::tanh_lanes,
        expit = Expit by maths::expit_lanes,
        logit = Logit by maths::logit_lanes,
        softplus = Softplus by maths::softplus_lanes,
    }
}
