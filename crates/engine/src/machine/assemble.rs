//! Machine code with 512-bit vectors from a straight-line computation.
//!
//! Operations keep their order.

use super::frame::{FIRST_AND_SECOND, RESULT, call, function};
use super::functions::Function;
use super::straight::{One, Op, Place, Relation, Straight, Two, Value};
use super::vectors::{Body, Memory, Operand, number_of};
use iced_x86::{Code, IcedError, Instruction, Register};

/// Machine code and the constants that it reads.
pub(super) struct Assembled {
    pub bytes: Vec<u8>,
    pub constants: Vec<u64>,
}

/// The code of `straight` for arrays whose rows are `stride` bytes.
///
/// It is a function of the list of the arrays' addresses, the number of parts of [`VECTOR`] bytes,
/// the numbers told and the constants, by the calling convention of System V.
///
/// # Errors
/// An instruction that the encoder does not know.
pub(super) fn assemble(straight: &Straight, stride: usize) -> Result<Assembled, IcedError> {
    let mut body = Body::new(straight, stride);
    for at in 0..straight.ops.len() {
        body.operation(at)?;
    }
    let bytes = function(&mut body, straight.rows().len())?;
    Ok(Assembled { bytes, constants: body.constants })
}

impl Body<'_> {
    /// Makes the instructions of operation `at`.
    fn operation(&mut self, at: usize) -> Result<(), IcedError> {
        let (op, value) = (self.straight.ops[at], Value(at as u32));
        if !self.is_needed(at) {
            return Ok(());
        }
        self.release();
        match op {
            // Read where they are used.
            Op::Load(place) => self.lies_in(value, Memory::Row(place)),
            Op::Told(number) => self.lies_in(value, Memory::Told(number)),
            Op::Constant(bits) => {
                let place = self.constant(bits);
                self.lies_in(value, Memory::Constant(place));
            }
            Op::Store(place, of) => self.store(place, of)?,
            Op::One(one, a) => {
                let from = self.operand(a, 0)?;
                self.done([a]);
                let to = self.room(value, 0)?;
                self.one(one, to, from)?;
            }
            Op::Two(two, a, b) => self.two(two, value, a, b)?,
            Op::Call(function, a, b) => self.call(function, value, [a, b])?,
            Op::Flag(place, of) => self.flag(place, of)?,
            Op::Choose([condition, yes, no]) | Op::Blend([condition, yes, no]) => {
                let held = self.register(condition, 0)?;
                if let Op::Blend(_) = op {
                    self.test(held)?;
                } else {
                    let zero = self.constant(0);
                    let zero = Operand::Memory(self.address(Memory::Constant(zero)));
                    let one = self.compare(Register::K1, held, zero, UNEQUAL)?;
                    self.code.push(one);
                }
                let other = self.register(no, 0)?;
                let from = self.operand(yes, 1 << number_of(other))?;
                self.done([condition, yes, no]);
                let to = self.room(value, 0)?;
                self.blend(to, other, from)?;
            }
        }
        Ok(())
    }

    fn two(&mut self, two: Two, value: Value, a: Value, b: Value) -> Result<(), IcedError> {
        let turns = matches!(
            two,
            Two::Add | Two::Mul | Two::And | Two::Xor | Two::Or | Two::AddBits | Two::MulBits
        );
        // The second may lie in memory: best what is not read again.
        let other_way = turns && !self.is_held(a) && (self.is_held(b) || self.is_last(a));
        let (a, b) = if other_way { (b, a) } else { (a, b) };
        let first = self.register(a, 0)?;
        if let Two::Min | Two::Max = two {
            let second = self.register(b, 1 << number_of(first))?;
            self.done([a, b]);
            let to = self.room(value, 0)?;
            let relation = if two == Two::Min { LESS } else { MORE };
            let by = self.compare(Register::K1, first, Operand::Register(second), relation)?;
            let odd = self.compare(Register::K2, first, Operand::Register(first), UNORDERED)?;
            self.code.extend([by, odd]);
            let (k1, k2) = (Register::K1, Register::K2);
            self.code.push(Instruction::with3(Code::VEX_Korw_kr_kr_kr, k1, k1, k2)?);
            return self.blend(to, second, Operand::Register(first));
        }
        let second = self.operand(b, 1 << number_of(first))?;
        self.done([a, b]);
        let to = self.room(value, 0)?;
        if let Two::If(_, bits) | Two::IfAtLeast(bits) = two {
            let one = match two {
                Two::If(relation, _) => {
                    self.compare(Register::K1, first, second, relation.predicate())?
                }
                _ => compare_bits(first, second)?,
            };
            self.code.push(one);
            let place = self.constant(bits);
            let mut address = self.address(Memory::Constant(place));
            address.is_broadcast = false;
            let code = Code::EVEX_Vbroadcastsd_zmm_k1z_xmmm64;
            let mut one = Instruction::with2(code, to, address)?;
            one.set_op_mask(Register::K1);
            one.set_zeroing_masking(true);
            self.code.push(one);
            return Ok(());
        }
        let code = match two {
            Two::Add => Code::EVEX_Vaddpd_zmm_k1z_zmm_zmmm512b64_er,
            Two::Sub => Code::EVEX_Vsubpd_zmm_k1z_zmm_zmmm512b64_er,
            Two::Mul => Code::EVEX_Vmulpd_zmm_k1z_zmm_zmmm512b64_er,
            Two::Div => Code::EVEX_Vdivpd_zmm_k1z_zmm_zmmm512b64_er,
            Two::And => Code::EVEX_Vandpd_zmm_k1z_zmm_zmmm512b64,
            Two::Xor => Code::EVEX_Vxorpd_zmm_k1z_zmm_zmmm512b64,
            Two::SubBits => Code::EVEX_Vpsubq_zmm_k1z_zmm_zmmm512b64,
            Two::Or => Code::EVEX_Vorpd_zmm_k1z_zmm_zmmm512b64,
            Two::AddBits => Code::EVEX_Vpaddq_zmm_k1z_zmm_zmmm512b64,
            Two::MulBits => Code::EVEX_Vpmullq_zmm_k1z_zmm_zmmm512b64,
            // Of equal ones, and where one is no number, the instructions too give the second.
            Two::Smaller => Code::EVEX_Vminpd_zmm_k1z_zmm_zmmm512b64_sae,
            Two::Larger | Two::Min | Two::Max | Two::If(..) | Two::IfAtLeast(_) => {
                Code::EVEX_Vmaxpd_zmm_k1z_zmm_zmmm512b64_sae
            }
        };
        self.code.push(match second {
            Operand::Register(second) => Instruction::with3(code, to, first, second)?,
            Operand::Memory(second) => Instruction::with3(code, to, first, second)?,
        });
        Ok(())
    }

    fn one(&mut self, one: One, to: Register, from: Operand) -> Result<(), IcedError> {
        let rounds = Code::EVEX_Vrndscalepd_zmm_k1z_zmmm512b64_imm8_sae;
        let whole = |how: i32, from: Operand| match from {
            Operand::Register(from) => Instruction::with3(rounds, to, from, how),
            Operand::Memory(from) => Instruction::with3(rounds, to, from, how),
        };
        let root = Code::EVEX_Vsqrtpd_zmm_k1z_zmmm512b64_er;
        let shifts = Code::EVEX_Vpsraq_zmm_k1z_zmmm512b64_imm8;
        self.code.push(match (one, from) {
            (One::Shifted(by), Operand::Register(from)) => {
                Instruction::with3(shifts, to, from, i32::from(by))?
            }
            (One::Shifted(by), Operand::Memory(from)) => {
                Instruction::with3(shifts, to, from, i32::from(by))?
            }
            (One::Floor, from) => whole(DOWN, from)?,
            (One::Ceil, from) => whole(UP, from)?,
            (One::Sqrt, Operand::Register(from)) => Instruction::with2(root, to, from)?,
            (One::Sqrt, Operand::Memory(from)) => Instruction::with2(root, to, from)?,
        });
        Ok(())
    }

    fn compare(
        &self,
        to: Register,
        first: Register,
        second: Operand,
        predicate: i32,
    ) -> Result<Instruction, IcedError> {
        let code = Code::EVEX_Vcmppd_kr_k1_zmm_zmmm512b64_imm8_sae;
        match second {
            Operand::Register(second) => Instruction::with4(code, to, first, second, predicate),
            Operand::Memory(second) => Instruction::with4(code, to, first, second, predicate),
        }
    }

    /// `yes` in the lanes of the first mask, else `no`.
    fn blend(&mut self, to: Register, no: Register, yes: Operand) -> Result<(), IcedError> {
        let code = Code::EVEX_Vblendmpd_zmm_k1z_zmm_zmmm512b64;
        let mut one = match yes {
            Operand::Register(yes) => Instruction::with3(code, to, no, yes)?,
            Operand::Memory(yes) => Instruction::with3(code, to, no, yes)?,
        };
        one.set_op_mask(Register::K1);
        self.code.push(one);
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

    /// Sets the first mask where some bit of a register is set.
    fn test(&mut self, held: Register) -> Result<(), IcedError> {
        let code = Code::EVEX_Vptestmq_kr_k1_zmm_zmmm512b64;
        self.code.push(Instruction::with3(code, Register::K1, held, held)?);
        Ok(())
    }

    fn flag(&mut self, place: Place, of: Value) -> Result<(), IcedError> {
        let held = self.register(of, 0)?;
        self.test(held)?;
        let address = self.address(Memory::Row(place));
        self.code.push(Instruction::with2(Code::VEX_Kmovb_m8_kr, address, Register::K1)?);
        self.done([of]);
        Ok(())
    }

    fn store(&mut self, place: Place, of: Value) -> Result<(), IcedError> {
        let from = self.register(of, 0)?;
        let address = self.address(Memory::Row(place));
        let code = Code::EVEX_Vmovapd_zmmm512_k1z_zmm;
        self.code.push(Instruction::with2(code, address, from)?);
        self.lies_in(of, Memory::Row(place));
        self.done([of]);
        Ok(())
    }
}

/// Sets the first mask where the first is at least the second, as whole numbers without sign.
fn compare_bits(first: Register, second: Operand) -> Result<Instruction, IcedError> {
    let code = Code::EVEX_Vpcmpuq_kr_k1_zmm_zmmm512b64_imm8;
    match second {
        Operand::Register(second) => {
            Instruction::with4(code, Register::K1, first, second, NOT_LESS_BITS)
        }
        Operand::Memory(second) => {
            Instruction::with4(code, Register::K1, first, second, NOT_LESS_BITS)
        }
    }
}

/// Of whole numbers.
const NOT_LESS_BITS: i32 = 5;
/// Predicates of the comparison: ordered, silent.
const LESS: i32 = 0x11;
const MORE: i32 = 0x1E;
const UNORDERED: i32 = 0x03;
const UNEQUAL: i32 = 0x04;
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
