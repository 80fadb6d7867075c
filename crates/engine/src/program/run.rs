//! The loop that runs instructions.

use super::{Instruction, Op, functions};
use crate::cpu::Cpu;
use crate::integrate::Isa;
use crate::row::Row;
use epsom_model::ir::{BinaryOp, UnaryOp};

/// Lanes of a part.
pub(crate) const PART: usize = 8;

/// Runs `code` on all lanes.
#[inline(always)]
pub(super) fn run<const W: usize>(code: &[Instruction], file: &mut [Row<W>], cpu: Cpu) {
    on_machine::<W, W>(code, file, 0, cpu);
}

/// Runs `code` on the lanes of one part, from lane `from` on.
#[inline(always)]
pub(super) fn run_part<const W: usize>(
    code: &[Instruction],
    file: &mut [Row<W>],
    from: usize,
    cpu: Cpu,
) {
    if W < PART {
        on_machine::<W, W>(code, file, 0, cpu);
    } else {
        on_machine::<W, PART>(code, file, from, cpu);
    }
}

/// One copy of the loop per width and instruction set, called by all.
#[inline(always)]
#[allow(unsafe_code, reason = "the same safe code, compiled for wider vectors")]
fn on_machine<const W: usize, const P: usize>(
    code: &[Instruction],
    file: &mut [Row<W>],
    from: usize,
    cpu: Cpu,
) {
    match cpu.isa() {
        // SAFETY: a `Cpu` holds only an instruction set that the processor has.
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => unsafe { avx512::<W, P>(code, file, from, cpu) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => unsafe { avx2::<W, P>(code, file, from, cpu) },
        _ => baseline::<W, P>(code, file, from, cpu),
    }
}

#[cfg(target_arch = "x86_64")]
#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
fn avx512<const W: usize, const P: usize>(
    code: &[Instruction],
    file: &mut [Row<W>],
    from: usize,
    cpu: Cpu,
) {
    here::<W, P>(code, file, from, cpu);
}

#[cfg(target_arch = "x86_64")]
#[inline(never)]
#[target_feature(enable = "avx2")]
fn avx2<const W: usize, const P: usize>(
    code: &[Instruction],
    file: &mut [Row<W>],
    from: usize,
    cpu: Cpu,
) {
    here::<W, P>(code, file, from, cpu);
}

#[inline(never)]
fn baseline<const W: usize, const P: usize>(
    code: &[Instruction],
    file: &mut [Row<W>],
    from: usize,
    cpu: Cpu,
) {
    here::<W, P>(code, file, from, cpu);
}

/// Registers of `P` of the `W` lanes.
struct File<'a, const W: usize, const P: usize> {
    rows: &'a mut [Row<W>],
    /// First lane; 0 where `P` is `W`.
    from: usize,
}

impl<const W: usize, const P: usize> File<'_, W, P> {
    #[inline(always)]
    fn get(&self, register: usize) -> &[f64; P] {
        let from = if P == W { 0 } else { self.from };
        let lanes = self.rows[register][from..].first_chunk();
        lanes.expect("a part lies within the lanes")
    }

    #[inline(always)]
    fn put(&mut self, register: usize, value: [f64; P]) {
        let from = if P == W { 0 } else { self.from };
        self.rows[register][from..from + P].copy_from_slice(&value);
    }
}

#[inline(always)]
fn here<const W: usize, const P: usize>(
    code: &[Instruction],
    rows: &mut [Row<W>],
    from: usize,
    cpu: Cpu,
) {
    let mut file = File::<W, P> { rows, from };
    let file = &mut file;
    for one in code {
        let [a, b, c] = one.operands.map(|operand| operand as usize);
        let out = one.out as usize;
        match one.op {
            Op::Copy => map(file, out, a, |x| x),
            Op::Add => zip(file, out, a, b, |x, y| x + y),
            Op::Sub => zip(file, out, a, b, |x, y| x - y),
            Op::Mul => zip(file, out, a, b, |x, y| x * y),
            Op::Div => zip(file, out, a, b, |x, y| x / y),
            Op::Neg => map(file, out, a, |x| -x),
            Op::Select => ternary(file, out, [a, b, c], |x, y, z| if x != 0.0 { y } else { z }),
            Op::MulAdd => ternary(file, out, [a, b, c], |x, y, z| z + x * y),
            Op::MulSub => ternary(file, out, [a, b, c], |x, y, z| z - x * y),
            Op::MulRest => ternary(file, out, [a, b, c], |x, y, z| x * y - z),
            Op::Unary(op) => unary(file, out, a, op, cpu),
            Op::Binary(op) => binary(file, out, a, b, op, cpu),
        }
    }
}

#[inline(always)]
fn unary<const W: usize, const P: usize>(
    file: &mut File<'_, W, P>,
    out: usize,
    a: usize,
    op: UnaryOp,
    cpu: Cpu,
) {
    match op {
        UnaryOp::Not => map(file, out, a, |x| truth(x == 0.0)),
        UnaryOp::Abs => map(file, out, a, f64::abs),
        UnaryOp::Sign => map(file, out, a, |x| truth(x > 0.0) - truth(x < 0.0)),
        UnaryOp::Floor => map(file, out, a, f64::floor),
        UnaryOp::Ceil => map(file, out, a, f64::ceil),
        UnaryOp::Sqrt => map(file, out, a, f64::sqrt),
        function => {
            let mut result = [0.0; P];
            functions::apply(cpu, function, file.get(a), &mut result);
            file.put(out, result);
        }
    }
}

#[inline(always)]
fn binary<const W: usize, const P: usize>(
    file: &mut File<'_, W, P>,
    out: usize,
    a: usize,
    b: usize,
    op: BinaryOp,
    cpu: Cpu,
) {
    match op {
        BinaryOp::Min => zip(file, out, a, b, |x, y| if x < y || x.is_nan() { x } else { y }),
        BinaryOp::Max => zip(file, out, a, b, |x, y| if x > y || x.is_nan() { x } else { y }),
        BinaryOp::Lt => zip(file, out, a, b, |x, y| truth(x < y)),
        BinaryOp::Le => zip(file, out, a, b, |x, y| truth(x <= y)),
        BinaryOp::Gt => zip(file, out, a, b, |x, y| truth(x > y)),
        BinaryOp::Ge => zip(file, out, a, b, |x, y| truth(x >= y)),
        BinaryOp::Eq => zip(file, out, a, b, |x, y| truth(x == y)),
        BinaryOp::Ne => zip(file, out, a, b, |x, y| truth(x != y)),
        BinaryOp::And => zip(file, out, a, b, |x, y| truth((x != 0.0) & (y != 0.0))),
        BinaryOp::Or => zip(file, out, a, b, |x, y| truth((x != 0.0) | (y != 0.0))),
        BinaryOp::Pow => {
            let mut result = [0.0; P];
            functions::power(cpu, file.get(a), file.get(b), &mut result);
            file.put(out, result);
        }
        // Listed themselves.
        BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div => {}
    }
}

#[inline(always)]
fn map<const W: usize, const P: usize>(
    file: &mut File<'_, W, P>,
    out: usize,
    a: usize,
    f: impl Fn(f64) -> f64,
) {
    let x = file.get(a);
    let mut result = [0.0; P];
    for lane in 0..P {
        result[lane] = f(x[lane]);
    }
    file.put(out, result);
}

#[inline(always)]
fn zip<const W: usize, const P: usize>(
    file: &mut File<'_, W, P>,
    out: usize,
    a: usize,
    b: usize,
    f: impl Fn(f64, f64) -> f64,
) {
    let (x, y) = (file.get(a), file.get(b));
    let mut result = [0.0; P];
    for lane in 0..P {
        result[lane] = f(x[lane], y[lane]);
    }
    file.put(out, result);
}

#[inline(always)]
fn ternary<const W: usize, const P: usize>(
    file: &mut File<'_, W, P>,
    out: usize,
    [a, b, c]: [usize; 3],
    f: impl Fn(f64, f64, f64) -> f64,
) {
    let (x, y, z) = (file.get(a), file.get(b), file.get(c));
    let mut result = [0.0; P];
    for lane in 0..P {
        result[lane] = f(x[lane], y[lane], z[lane]);
    }
    file.put(out, result);
}

#[inline(always)]
fn truth(value: bool) -> f64 {
    f64::from(u8::from(value))
}
