//! The loop that runs instructions.

use super::{Instruction, Op, functions};
use crate::cpu::Cpu;
use crate::row::Row;
use epsom_model::ir::{BinaryOp, UnaryOp};

#[inline(always)]
pub(super) fn run<const W: usize>(code: &[Instruction], file: &mut [Row<W>], cpu: Cpu) {
    for one in code {
        let [a, b, c] = one.operands.map(|operand| operand as usize);
        let out = one.out as usize;
        match one.op {
            Op::Copy => file[out] = file[a],
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
fn unary<const W: usize>(file: &mut [Row<W>], out: usize, a: usize, op: UnaryOp, cpu: Cpu) {
    match op {
        UnaryOp::Not => map(file, out, a, |x| truth(x == 0.0)),
        UnaryOp::Abs => map(file, out, a, f64::abs),
        UnaryOp::Sign => map(file, out, a, |x| truth(x > 0.0) - truth(x < 0.0)),
        UnaryOp::Floor => map(file, out, a, f64::floor),
        UnaryOp::Ceil => map(file, out, a, f64::ceil),
        UnaryOp::Sqrt => map(file, out, a, f64::sqrt),
        function => {
            let x = file[a];
            functions::apply(cpu, function, &x[..], &mut file[out][..]);
        }
    }
}

#[inline(always)]
fn binary<const W: usize>(
    file: &mut [Row<W>],
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
            let (x, y) = (file[a], file[b]);
            functions::power(cpu, &x[..], &y[..], &mut file[out][..]);
        }
        // Listed themselves.
        BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div => {}
    }
}

#[inline(always)]
fn map<const W: usize>(file: &mut [Row<W>], out: usize, a: usize, f: impl Fn(f64) -> f64) {
    let x = &file[a];
    let mut result = Row::<W>::ZERO;
    for lane in 0..W {
        result[lane] = f(x[lane]);
    }
    file[out] = result;
}

#[inline(always)]
fn zip<const W: usize>(
    file: &mut [Row<W>],
    out: usize,
    a: usize,
    b: usize,
    f: impl Fn(f64, f64) -> f64,
) {
    let (x, y) = (&file[a], &file[b]);
    let mut result = Row::<W>::ZERO;
    for lane in 0..W {
        result[lane] = f(x[lane], y[lane]);
    }
    file[out] = result;
}

#[inline(always)]
fn ternary<const W: usize>(
    file: &mut [Row<W>],
    out: usize,
    [a, b, c]: [usize; 3],
    f: impl Fn(f64, f64, f64) -> f64,
) {
    let (x, y, z) = (&file[a], &file[b], &file[c]);
    let mut result = Row::<W>::ZERO;
    for lane in 0..W {
        result[lane] = f(x[lane], y[lane], z[lane]);
    }
    file[out] = result;
}

#[inline(always)]
fn truth(value: bool) -> f64 {
    f64::from(u8::from(value))
}
