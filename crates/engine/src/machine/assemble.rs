//! Machine code with 512-bit vectors from a straight-line computation.
//!
//! Operations are in the order of [`super::order`].

use super::frame::{FIRST_AND_SECOND, RESULT, call, function};
use super::functions::Function;
use super::straight::{One, Op, Place, Relation, Straight, Two, Value};
use super::vectors::{Body, Memory, Operand, bit};
use iced_x86::{Code, IcedError, Instruction, Register};

/// Machine code and the constants that it reads.
pub(super) struct Assembled {
    pub bytes: Vec<u8>,
    pub constants: Vec<u64>,
}

/// The code of computations that follow each other, each on all of `n_parts`, for `n_arrays` arrays whose
/// rows are `stride` bytes.
///
/// It is a function of the list of the arrays' addresses, the numbers told and the constants, by the
/// calling convention of System V.
///
/// # Errors
/// An instruction that the encoder does not know.
pub(super) fn assemble(
    computations: &[Straight],
    stride: usize,
    (n_parts, n_arrays): (usize, usize),
) -> Result<Assembled, IcedError> {
    let (mut bodies, mut constants) = (Vec::new(), Vec::new());
    for straight in computations {
        let mut body = Body::new(straight, stride, n_parts, constants);
        for at in 0..body.ops.len() {
            body.operation(at)?;
        }
        constants = std::mem::take(&mut body.constants);
        bodies.push(body);
    }
    Ok(Assembled { bytes: function(bodies, n_arrays, n_parts)?, constants })
}

impl Body {
    /// Makes the instructions of operation `at`.
    fn operation(&mut self, at: usize) -> Result<(), IcedError> {
        let (op, value) = (self.ops[at], Value(at as u32));
        if !self.is_needed(at) {
            return Ok(());
        }
        let part = at % self.together;
        self.begin();
        match op {
            // Read where they are used.
            Op::Load(place) => self.lies_in(value, Memory::Row(place, part)),
            Op::Told(number) => self.lies_in(value, Memory::Told(number)),
            Op::Constant(bits) => {
                let place = self.constant(bits);
                self.lies_in(value, Memory::Constant(place));
            }
            Op::Store(place, of) => self.store(place, part, of)?,
            Op::One(one, a) => {
                let from = self.operand(a, 0)?;
                self.done([a]);
                let to = self.room(value, 0)?;
                self.one(one, to, from)?;
            }
            Op::Two(Two::If(_, 0) | Two::IfAtLeast(0), a, b) => {
                self.done([a, b]);
                let place = self.constant(0);
                self.lies_in(value, Memory::Constant(place));
            }
            Op::Two(two, a, b) => self.two(two, value, a, b)?,
            Op::Call(function, a, b) => self.call(function, value, [a, b])?,
            Op::Flag(place, of) => self.flag(place, part, of)?,
            Op::Choose(all) | Op::Blend(all) => self.blend(op, value, all)?,
        }
        Ok(())
    }

    fn two(&mut self, two: Two, value: Value, a: Value, b: Value) -> Result<(), IcedError> {
        let turns = matches!(
            two,
            Two::Add
                | Two::Mul
                | Two::And
                | Two::Xor
                | Two::Or
                | Two::AddBits
                | Two::MulHalves
                | Two::LargerSize
        );
        // The second may lie in memory: best what is not read again.
        let other_way = turns && !self.is_held(a) && (self.is_held(b) || self.is_last(a));
        let (a, b) = if other_way { (b, a) } else { (a, b) };
        let code = code_of(two);
        if self.combine(two, value, [a, b])? || self.merge((two, code), value, [a, b])? {
            return Ok(());
        }
        let first = self.register(a, 0)?;
        let second = self.operand(b, bit(first))?;
        let one = match two {
            Two::If(..) | Two::IfAtLeast(_) => {
                self.done([a, b]);
                let predicate = if let Two::If(relation, _) = two {
                    relation.predicate()
                } else {
                    NOT_LESS_BITS
                };
                let to = self.mask_room(Some(value))?;
                of_three(code, to, first, second, predicate)?
            }
            Two::LargerSize => {
                self.done([a, b]);
                let to = self.room(value, 0)?;
                of_three(code, to, first, second, LARGER_SIZE)?
            }
            Two::Min | Two::Max => {
                // The instruction gives the second where one is no number: not where the first is
                // none.
                let ordered = self.mask_room(None)?;
                let itself = Operand::Register(first);
                let compare = code_of(Two::If(Relation::Equal, 0));
                self.code.push(of_three(compare, ordered, first, itself, ORDERED)?);
                let kept = if let Operand::Register(second) = second { second } else { first };
                let to = self.over(a, first, value, kept)?;
                self.done([a, b]);
                let mut one = of_two(code, to, to, second)?;
                one.set_op_mask(ordered);
                one
            }
            _ => {
                self.done([a, b]);
                let to = self.room(value, 0)?;
                of_two(code, to, first, second)?
            }
        };
        self.code.push(one);
        Ok(())
    }

    fn one(&mut self, one: One, to: Register, from: Operand) -> Result<(), IcedError> {
        let rounds = Code::EVEX_Vrndscalepd_zmm_k1z_zmmm512b64_imm8_sae;
        let whole = |how: i32, from: Operand| match from {
            Operand::Register(from) => Instruction::with3(rounds, to, from, how),
            Operand::Memory(from) => Instruction::with3(rounds, to, from, how),
        };
        let moves = Code::EVEX_Vmovapd_zmm_k1z_zmmm512;
        let root = Code::EVEX_Vsqrtpd_zmm_k1z_zmmm512b64_er;
        let shifts = Code::EVEX_Vpsraq_zmm_k1z_zmmm512b64_imm8;
        self.code.push(match (one, from) {
            (One::Shifted(by), Operand::Register(from)) => {
                Instruction::with3(shifts, to, from, i32::from(by))?
            }
            (One::Shifted(by), Operand::Memory(from)) => {
                Instruction::with3(shifts, to, from, i32::from(by))?
            }
            (One::Copy, Operand::Register(from)) => Instruction::with2(moves, to, from)?,
            (One::Copy, Operand::Memory(from)) => Instruction::with2(moves, to, from)?,
            (One::Floor, from) => whole(DOWN, from)?,
            (One::Ceil, from) => whole(UP, from)?,
            (One::Sqrt, Operand::Register(from)) => Instruction::with2(root, to, from)?,
            (One::Sqrt, Operand::Memory(from)) => Instruction::with2(root, to, from)?,
        });
        Ok(())
    }

    /// `yes` where the condition holds, else `no`.
    fn blend(
        &mut self,
        op: Op,
        value: Value,
        [condition, yes, no]: [Value; 3],
    ) -> Result<(), IcedError> {
        let is_mask = match op {
            Op::Choose(_) => self.truth(condition).is_some_and(|bits| bits << 1 != 0),
            _ => true,
        };
        let by = if is_mask {
            self.mask(condition)?
        } else {
            let held = self.register(condition, 0)?;
            let to = self.mask_room(None)?;
            let zero = Operand::Memory(self.broadcast(0));
            let compare = code_of(Two::If(Relation::Unequal, 0));
            self.code.push(of_three(compare, to, held, zero, UNEQUAL)?);
            to
        };
        let other = self.register(no, 0)?;
        let from = self.operand(yes, bit(other))?;
        self.done([condition, yes, no]);
        let to = self.room(value, 0)?;
        self.code.push(of_two(Code::EVEX_Vblendmpd_zmm_k1z_zmm_zmmm512b64, to, other, from)?);
        self.by_mask(by, false);
        Ok(())
    }

    /// Calls a function, which leaves no vector register as it was.
    fn call(
        &mut self,
        function: Function,
        value: Value,
        operands: [Value; 2],
    ) -> Result<(), IcedError> {
        let to_memory = Code::EVEX_Vmovapd_zmmm512_k1z_zmm;
        for (operand, place) in operands.into_iter().zip(FIRST_AND_SECOND) {
            let held = self.register(operand, 0)?;
            let address = self.address(Memory::Spilled(place));
            self.code.push(Instruction::with2(to_memory, address, held)?);
        }
        self.done(operands);
        self.evict_all()?;
        let place = self.constant(function.address());
        let mut address = self.address(Memory::Constant(place));
        address.is_broadcast = false;
        call(address, &mut self.code)?;
        let to = self.room(value, 0)?;
        let result = self.address(Memory::Spilled(RESULT));
        self.code.push(Instruction::with2(Code::EVEX_Vmovapd_zmm_k1z_zmmm512, to, result)?);
        Ok(())
    }

    fn flag(&mut self, place: Place, part: usize, of: Value) -> Result<(), IcedError> {
        let from = self.mask(of)?;
        let address = self.address(Memory::Row(place, part));
        self.code.push(Instruction::with2(Code::VEX_Kmovb_m8_kr, address, from)?);
        self.done([of]);
        Ok(())
    }

    fn store(&mut self, place: Place, part: usize, of: Value) -> Result<(), IcedError> {
        let from = self.register(of, 0)?;
        let address = self.address(Memory::Row(place, part));
        let code = Code::EVEX_Vmovapd_zmmm512_k1z_zmm;
        self.code.push(Instruction::with2(code, address, from)?);
        self.lies_in(of, Memory::Row(place, part));
        self.done([of]);
        Ok(())
    }
}

fn of_two(
    code: Code,
    to: Register,
    first: Register,
    second: Operand,
) -> Result<Instruction, IcedError> {
    match second {
        Operand::Register(second) => Instruction::with3(code, to, first, second),
        Operand::Memory(second) => Instruction::with3(code, to, first, second),
    }
}

/// A comparison or a range.
fn of_three(
    code: Code,
    to: Register,
    first: Register,
    second: Operand,
    predicate: i32,
) -> Result<Instruction, IcedError> {
    match second {
        Operand::Register(second) => Instruction::with4(code, to, first, second, predicate),
        Operand::Memory(second) => Instruction::with4(code, to, first, second, predicate),
    }
}

/// The instruction of an operation.
fn code_of(two: Two) -> Code {
    match two {
        Two::Add => Code::EVEX_Vaddpd_zmm_k1z_zmm_zmmm512b64_er,
        Two::Sub => Code::EVEX_Vsubpd_zmm_k1z_zmm_zmmm512b64_er,
        Two::Mul => Code::EVEX_Vmulpd_zmm_k1z_zmm_zmmm512b64_er,
        Two::Div => Code::EVEX_Vdivpd_zmm_k1z_zmm_zmmm512b64_er,
        Two::And => Code::EVEX_Vandpd_zmm_k1z_zmm_zmmm512b64,
        Two::Xor => Code::EVEX_Vxorpd_zmm_k1z_zmm_zmmm512b64,
        Two::SubBits => Code::EVEX_Vpsubq_zmm_k1z_zmm_zmmm512b64,
        Two::Or => Code::EVEX_Vorpd_zmm_k1z_zmm_zmmm512b64,
        Two::AddBits => Code::EVEX_Vpaddq_zmm_k1z_zmm_zmmm512b64,
        Two::MulHalves => Code::EVEX_Vpmuldq_zmm_k1z_zmm_zmmm512b64,
        // Of equal ones, and where one is no number, the instructions too give the second.
        Two::Smaller | Two::Min => Code::EVEX_Vminpd_zmm_k1z_zmm_zmmm512b64_sae,
        Two::Larger | Two::Max => Code::EVEX_Vmaxpd_zmm_k1z_zmm_zmmm512b64_sae,
        Two::LargerSize => Code::EVEX_Vrangepd_zmm_k1z_zmm_zmmm512b64_imm8_sae,
        Two::If(..) => Code::EVEX_Vcmppd_kr_k1_zmm_zmmm512b64_imm8_sae,
        Two::IfAtLeast(_) => Code::EVEX_Vpcmpuq_kr_k1_zmm_zmmm512b64_imm8,
    }
}

/// Of whole numbers.
const NOT_LESS_BITS: i32 = 5;
/// Predicates of the comparison: ordered, silent.
const LESS: i32 = 0x11;
const MORE: i32 = 0x1E;
const ORDERED: i32 = 0x07;
const UNEQUAL: i32 = 0x04;
/// Of a range: the larger by size, without its sign.
const LARGER_SIZE: i32 = 0xB;
/// Ways to round to a whole number, without a word about it.
const DOWN: i32 = 0x9;
const UP: i32 = 0xA;

impl Relation {
    fn predicate(self) -> i32 {
        match self {
            Relation::Less => LESS,
            Relation::AtMost => 0x12,
            Relation::More => MORE,
            Relation::AtLeast => 0x1D,
            Relation::Equal => 0x00,
            Relation::Unequal => UNEQUAL,
        }
    }
}
