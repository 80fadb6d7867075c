//! Programs as straight-line computations.

use super::functions::Function;
use super::straight::{One, Relation, Straight, Two, Value};
use crate::program::{Instruction, Op};
use epsom_model::ir::{BinaryOp, UnaryOp};

/// Registers of a program while its instructions are followed.
pub(crate) struct Registers {
    /// Array of the register file.
    array: u32,
    now: Vec<Option<Value>>,
}

impl Registers {
    /// A file of `n` registers in `array`, of which these hold these numbers.
    pub(crate) fn new(
        straight: &mut Straight,
        array: u32,
        n: usize,
        constants: &[(u32, f64)],
    ) -> Self {
        let mut now = vec![None; n];
        for &(at, number) in constants {
            now[at as usize] = Some(straight.constant(number));
        }
        Self { array, now }
    }

    /// What register `at` holds: what was put there, else what stands in the file.
    pub(crate) fn get(&mut self, straight: &mut Straight, at: usize) -> Value {
        *self.now[at].get_or_insert_with(|| straight.load(self.array, at))
    }

    /// What register `at` holds, if it is not what stands in the file.
    pub(crate) fn computed(&self, straight: &Straight, at: usize) -> Option<Value> {
        self.now[at].filter(|&value| !straight.is_load(value, self.array, at))
    }

    /// Register `at` holds `value` from now on.
    pub(crate) fn set(&mut self, at: usize, value: Value) {
        self.now[at] = Some(value);
    }

    /// Follows `code`; none where some function has no instruction of its own.
    pub(crate) fn follow(&mut self, straight: &mut Straight, code: &[Instruction]) -> Option<()> {
        for one in code {
            let [x, y, z] = one.operands.map(|at| at as usize);
            let a = self.get(straight, x);
            let value = match one.op {
                Op::Copy => a,
                Op::Neg => straight.negated(a),
                Op::Unary(op) => unary(straight, op, a)?,
                _ => {
                    let b = self.get(straight, y);
                    self.of_two(straight, one.op, [a, b], z)?
                }
            };
            self.set(one.out as usize, value);
        }
        Some(())
    }

    /// What reads two registers, or three, the last being register `z`.
    fn of_two(
        &mut self,
        straight: &mut Straight,
        op: Op,
        [a, b]: [Value; 2],
        z: usize,
    ) -> Option<Value> {
        Some(match op {
            Op::Add => straight.add(a, b),
            Op::Sub => straight.sub(a, b),
            Op::Mul => straight.mul(a, b),
            Op::Div => straight.div(a, b),
            Op::Binary(op) => binary(straight, op, a, b)?,
            Op::Select => {
                let no = self.get(straight, z);
                straight.choose(a, b, no)
            }
            Op::MulAdd | Op::MulSub | Op::MulRest => {
                let product = straight.mul(a, b);
                let other = self.get(straight, z);
                match op {
                    Op::MulAdd => straight.add(other, product),
                    Op::MulSub => straight.sub(other, product),
                    _ => straight.sub(product, other),
                }
            }
            // They read one register.
            Op::Copy | Op::Neg | Op::Unary(_) => return None,
        })
    }
}

fn unary(straight: &mut Straight, op: UnaryOp, a: Value) -> Option<Value> {
    let zero = straight.constant(0.0);
    Some(match op {
        UnaryOp::Not => straight.truth(Relation::Equal, a, zero),
        UnaryOp::Abs => straight.abs(a),
        UnaryOp::Sign => {
            let above = straight.truth(Relation::More, a, zero);
            let below = straight.truth(Relation::Less, a, zero);
            straight.sub(above, below)
        }
        UnaryOp::Floor => straight.one(One::Floor, a),
        UnaryOp::Ceil => straight.one(One::Ceil, a),
        UnaryOp::Sqrt => straight.one(One::Sqrt, a),
        _ => straight.call(Function::of(op)?, a, a),
    })
}

fn binary(straight: &mut Straight, op: BinaryOp, a: Value, b: Value) -> Option<Value> {
    let zero = straight.constant(0.0);
    Some(match op {
        BinaryOp::Min => straight.two(Two::Min, a, b),
        BinaryOp::Max => straight.two(Two::Max, a, b),
        BinaryOp::Lt => straight.truth(Relation::Less, a, b),
        BinaryOp::Le => straight.truth(Relation::AtMost, a, b),
        BinaryOp::Gt => straight.truth(Relation::More, a, b),
        BinaryOp::Ge => straight.truth(Relation::AtLeast, a, b),
        BinaryOp::Eq => straight.truth(Relation::Equal, a, b),
        BinaryOp::Ne => straight.truth(Relation::Unequal, a, b),
        BinaryOp::And => {
            let [a, b] = [a, b].map(|one| straight.truth(Relation::Unequal, one, zero));
            straight.two(Two::And, a, b)
        }
        BinaryOp::Pow => straight.call(Function::power()?, a, b),
        BinaryOp::Or => {
            let [a, b] = [a, b].map(|one| straight.truth(Relation::Unequal, one, zero));
            straight.two(Two::Max, a, b)
        }
        _ => return None,
    })
}
