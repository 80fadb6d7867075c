//! Which truth is in which mask register.
//!
//! A truth is a value that has certain bits in some lanes and none in the others. It is a bit per
//! lane until something needs it as a vector; a value that is tested keeps the result of the test.

use super::straight::{Op, Two, Value};
use super::vectors::{Body, Memory, Operand, bit};
use iced_x86::{Code, IcedError, Instruction, Register};

/// Mask registers; the first cannot choose lanes.
pub(super) const N_MASKS: usize = 8;

/// The bits of those values that are these bits or 0, given the operations that read each.
pub(super) fn truths(ops: &[Op], uses: &[Vec<u32>]) -> Vec<Option<u64>> {
    let mut truths = vec![None; ops.len()];
    for (at, op) in ops.iter().enumerate() {
        let of = |value: Value| truths[value.0 as usize];
        let is = |value: Value, bits: u64| ops[value.0 as usize] == Op::Constant(bits);
        let Op::Two(two, a, b) = *op else { continue };
        truths[at] = match (two, of(a), of(b)) {
            (Two::If(_, bits) | Two::IfAtLeast(bits), ..) => Some(bits).filter(|&bits| bits != 0),
            (Two::And | Two::Or | Two::Xor, Some(x), Some(y)) if x == y => Some(x),
            (Two::Xor, Some(x), None) if is(b, x) => Some(x),
            (Two::Xor, None, Some(x)) if is(a, x) => Some(x),
            (Two::And, x, y) => {
                // Where it is but tested, which bits it has does not show.
                let is_tested = || uses[at].iter().all(|&by| tests(ops[by as usize], at));
                let single = [x, y].into_iter().flatten().find(|bits| bits.is_power_of_two());
                single.or_else(|| is_tested().then_some(1))
            }
            _ => None,
        };
    }
    truths
}

/// Whether an operation reads the value `at` for nothing but whether some bit is set.
fn tests(op: Op, at: usize) -> bool {
    let is = |value: Value| value.0 as usize == at;
    match op {
        Op::Flag(..) => true,
        Op::Blend([condition, yes, no]) => is(condition) && !is(yes) && !is(no),
        _ => false,
    }
}

impl Body {
    pub(super) fn truth(&self, value: Value) -> Option<u64> {
        self.truths[value.0 as usize]
    }

    /// Whether a value is a truth that stands in no vector.
    fn is_mask(&self, value: Value) -> bool {
        let home = self.homes[value.0 as usize];
        home.register.is_none() && home.memory.is_none() && self.truth(value).is_some()
    }

    /// Whether a vector can be made again from a mask.
    pub(super) fn is_remade(&self, value: Value) -> bool {
        let home = self.homes[value.0 as usize];
        self.truth(value).is_some() && (home.mask.is_some() || home.saved.is_some())
    }

    /// The mask of the lanes in which a value has some bit; it stays until the operation is done.
    pub(super) fn mask(&mut self, value: Value) -> Result<Register, IcedError> {
        let home = self.homes[value.0 as usize];
        if let Some(at) = home.mask {
            self.pinned |= 1 << at;
            return Ok(mask(at));
        }
        if let (Some(slot), None) = (home.saved, home.register) {
            let to = self.mask_room(Some(value))?;
            let address = self.address(Memory::Spilled(slot));
            self.code.push(Instruction::with2(Code::VEX_Kmovb_kr_km8, to, address)?);
            return Ok(to);
        }
        let held = self.register(value, 0)?;
        let to = self.mask_room(Some(value))?;
        self.test(to, held, Operand::Register(held))?;
        Ok(to)
    }

    /// A mask register for a truth or the test of a value, or for the present operation alone.
    pub(super) fn mask_room(&mut self, value: Option<Value>) -> Result<Register, IcedError> {
        let all = (1..N_MASKS as u8).filter(|at| self.pinned & (1 << at) == 0);
        let rank = |at: &u8| {
            let Some(value) = self.masked[usize::from(*at)] else { return (true, u32::MAX) };
            let next = self.uses[value.0 as usize].last().copied().unwrap_or(u32::MAX);
            (!self.is_saved_first(value), next)
        };
        let at = all.max_by_key(rank).unwrap_or(1);
        self.empty_mask(at)?;
        self.pinned |= 1 << at;
        if let Some(value) = value {
            self.masked[usize::from(at)] = Some(value);
            self.homes[value.0 as usize].mask = Some(at);
        }
        Ok(mask(at))
    }

    /// Whether the mask of a value has to be saved before it may go.
    fn is_saved_first(&self, value: Value) -> bool {
        self.is_mask(value) && self.homes[value.0 as usize].saved.is_none()
    }

    /// Empties a mask register.
    fn empty_mask(&mut self, at: u8) -> Result<(), IcedError> {
        let Some(value) = self.masked[usize::from(at)].take() else { return Ok(()) };
        if self.is_saved_first(value) {
            let slot = self.slot();
            let address = self.address(Memory::Spilled(slot));
            self.code.push(Instruction::with2(Code::VEX_Kmovb_m8_kr, address, mask(at))?);
            self.homes[value.0 as usize].saved = Some(slot);
        }
        self.homes[value.0 as usize].mask = None;
        Ok(())
    }

    /// Empties all mask registers.
    pub(super) fn empty_masks(&mut self) -> Result<(), IcedError> {
        (1..N_MASKS as u8).try_for_each(|at| self.empty_mask(at))
    }

    /// Sets a mask where some bit is set in both.
    fn test(&mut self, to: Register, first: Register, second: Operand) -> Result<(), IcedError> {
        let code = Code::EVEX_Vptestmq_kr_k1_zmm_zmmm512b64;
        self.code.push(match second {
            Operand::Register(second) => Instruction::with3(code, to, first, second)?,
            Operand::Memory(second) => Instruction::with3(code, to, first, second)?,
        });
        Ok(())
    }

    /// The mask of what two values give; false where that is no truth, or is better a vector.
    pub(super) fn combine(
        &mut self,
        two: Two,
        value: Value,
        [a, b]: [Value; 2],
    ) -> Result<bool, IcedError> {
        let (Some(bits), Two::And | Two::Or | Two::Xor) = (self.truth(value), two) else {
            return Ok(false);
        };
        let code = match two {
            Two::And => Code::VEX_Kandw_kr_kr_kr,
            Two::Or => Code::VEX_Korw_kr_kr_kr,
            _ => Code::VEX_Kxorw_kr_kr_kr,
        };
        let truths = [self.truth(a), self.truth(b)];
        if truths[0] == truths[1] && truths[0].is_some() {
            let (first, second) = (self.mask(a)?, self.mask(b)?);
            self.done([a, b]);
            let to = self.mask_room(Some(value))?;
            self.code.push(Instruction::with3(code, to, first, second)?);
            return Ok(true);
        }
        let (truth, other) = if truths[0] == Some(bits) { (a, b) } else { (b, a) };
        if two == Two::Xor {
            let from = self.mask(truth)?;
            self.done([a, b]);
            let to = self.mask_room(Some(value))?;
            self.code.push(Instruction::with2(Code::VEX_Knotw_kr_kr, to, from)?);
            return Ok(true);
        }
        if !self.is_wanted_as_mask(value) {
            return Ok(false);
        }
        if self.truth(truth) == Some(bits) {
            let by = self.mask(truth)?;
            let held = self.register(other, 0)?;
            self.done([a, b]);
            let to = self.mask_room(Some(value))?;
            let bits = self.broadcast(bits);
            self.test(to, held, Operand::Memory(bits))?;
            self.by_mask(by, false);
        } else {
            let first = self.register(a, 0)?;
            let second = self.operand(b, bit(first))?;
            self.done([a, b]);
            let to = self.mask_room(Some(value))?;
            self.test(to, first, second)?;
        }
        Ok(true)
    }

    /// Whether something that reads a truth can read its mask.
    fn is_wanted_as_mask(&self, value: Value) -> bool {
        self.uses[value.0 as usize].iter().any(|&by| match self.ops[by as usize] {
            Op::Choose([condition, ..]) => condition == value,
            Op::Two(two, ..) => {
                matches!(two, Two::And | Two::Or | Two::Xor | Two::AddBits | Two::SubBits)
            }
            op => tests(op, value.0 as usize),
        })
    }

    /// What `code` gives of a value and a truth that is no vector: without one, of the truth's bits
    /// in its lanes. False where neither is such a truth.
    pub(super) fn merge(
        &mut self,
        (two, code): (Two, Code),
        value: Value,
        [a, b]: [Value; 2],
    ) -> Result<bool, IcedError> {
        let turns = matches!(two, Two::And | Two::Or | Two::Xor | Two::AddBits);
        let (truth, other) = match two {
            _ if !turns && two != Two::SubBits => return Ok(false),
            _ if self.is_mask(b) => (b, a),
            _ if turns && self.is_mask(a) => (a, b),
            _ => return Ok(false),
        };
        let Some(bits) = self.truth(truth) else { return Ok(false) };
        let by = self.mask(truth)?;
        let held = self.register(other, 0)?;
        let to = self.over(other, held, value, held)?;
        self.done([a, b]);
        let bits = self.broadcast(bits);
        self.code.push(Instruction::with3(code, to, to, bits)?);
        self.by_mask(by, two == Two::And);
        Ok(true)
    }

    /// The last instruction does its work in the lanes of a mask; `zeroes` what is in the others, or
    /// leaves it.
    pub(super) fn by_mask(&mut self, by: Register, zeroes: bool) {
        if let Some(last) = self.code.last_mut() {
            last.set_op_mask(by);
            last.set_zeroing_masking(zeroes);
        }
    }
}

pub(super) fn mask(number: u8) -> Register {
    Register::K0 + u32::from(number)
}
