//! Which value is in which vector register.
//!
//! A value stays in a register while there is room; of those that have to go, the one that is needed
//! last goes, to where it can be read again.

use super::frame::{ARRAYS, CONSTANTS, NUMBER, RESERVED, TOLD, VECTOR, beside};
use super::masks::{N_MASKS, truths};
use super::order::arranged;
use super::straight::{Op, Place, Straight, Value};
use iced_x86::{Code, IcedError, Instruction, MemoryOperand, Register};

/// Vector registers.
const N_REGISTERS: usize = 32;

/// Where a value can be read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Home {
    pub(super) register: Option<u8>,
    /// In memory: written there, or spilled.
    pub(super) memory: Option<Memory>,
    /// Mask register of a truth, or of where some bit is set.
    pub(super) mask: Option<u8>,
    /// Slot of the mask of a truth.
    pub(super) saved: Option<u32>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Memory {
    /// Of a part of those computed together.
    Row(Place, usize),
    Told(u32),
    Constant(u32),
    Spilled(u32),
}

/// The instructions of one part.
pub(super) struct Body {
    /// Operations of all parts computed together.
    pub(super) ops: Vec<Op>,
    /// Parts that are computed together, operation by operation.
    pub(super) together: usize,
    stride: usize,
    pub(super) code: Vec<Instruction>,
    pub(super) constants: Vec<u64>,
    /// Value in each vector register.
    held: [Option<Value>; N_REGISTERS],
    /// Value of each mask register.
    pub(super) masked: [Option<Value>; N_MASKS],
    /// Masks that the present operation reads, as bits.
    pub(super) pinned: u8,
    /// Bits of the values that are these or 0.
    pub(super) truths: Vec<Option<u64>>,
    pub(super) homes: Vec<Home>,
    /// Operations that read each value, the next on top.
    pub(super) uses: Vec<Vec<u32>>,
    free_slots: Vec<u32>,
    /// Slots that only the present operation may still read.
    leaving_slots: Vec<u32>,
    pub(super) n_slots: u32,
}

/// An operand that may lie in memory.
pub(super) enum Operand {
    Register(Register),
    Memory(MemoryOperand),
}

impl Body {
    pub(super) fn new(
        straight: &Straight,
        stride: usize,
        n_parts: usize,
        constants: Vec<u64>,
    ) -> Self {
        let (ops, together) = arranged(straight, n_parts);
        let n = ops.len();
        let mut uses = vec![Vec::new(); n];
        // From the end: what is not read is not computed, and the next use ends on top.
        for (at, op) in ops.iter().enumerate().rev() {
            if op.writes() || !uses[at].is_empty() {
                op.operands().for_each(|one| uses[one.0 as usize].push(at as u32));
            }
        }
        Self {
            truths: truths(&ops, &uses),
            ops,
            together,
            stride,
            code: Vec::with_capacity(2 * n),
            constants,
            held: [None; N_REGISTERS],
            masked: [None; N_MASKS],
            pinned: 0,
            homes: vec![Home::default(); n],
            uses,
            free_slots: Vec::new(),
            leaving_slots: Vec::new(),
            n_slots: RESERVED,
        }
    }

    /// An operation begins: slots that nothing reads again may be written.
    pub(super) fn begin(&mut self) {
        self.pinned = 0;
        self.free_slots.append(&mut self.leaving_slots);
    }

    /// Whether operation `at` writes, or something reads what it gives.
    pub(super) fn is_needed(&self, at: usize) -> bool {
        self.ops[at].writes() || !self.uses[at].is_empty()
    }

    /// Whether a value stands in a register.
    pub(super) fn is_held(&self, value: Value) -> bool {
        self.homes[value.0 as usize].register.is_some()
    }

    /// Whether a value is read once more at most.
    pub(super) fn is_last(&self, value: Value) -> bool {
        self.uses[value.0 as usize].len() <= 1
    }

    /// A value can be read from `memory`.
    pub(super) fn lies_in(&mut self, value: Value, memory: Memory) {
        self.homes[value.0 as usize].memory.get_or_insert(memory);
    }

    /// Place of a constant.
    pub(super) fn constant(&mut self, bits: u64) -> u32 {
        let known = self.constants.iter().position(|&one| one == bits);
        known.unwrap_or_else(|| {
            self.constants.push(bits);
            self.constants.len() - 1
        }) as u32
    }

    /// The memory of a number, for all lanes.
    pub(super) fn broadcast(&mut self, bits: u64) -> MemoryOperand {
        let place = self.constant(bits);
        self.address(Memory::Constant(place))
    }

    pub(super) fn address(&self, memory: Memory) -> MemoryOperand {
        let at = |base: Register, offset: usize, is_broadcast: bool| MemoryOperand {
            is_broadcast,
            ..beside(base, offset as i64)
        };
        match memory {
            Memory::Row(Place { array, row }, part) => {
                let offset = row as usize * self.stride + part * VECTOR;
                at(ARRAYS[array as usize], offset, false)
            }
            Memory::Told(number) => at(TOLD, number as usize * NUMBER, true),
            Memory::Constant(number) => at(CONSTANTS, number as usize * NUMBER, true),
            Memory::Spilled(slot) => at(Register::RSP, slot as usize * VECTOR, false),
        }
    }

    /// The value in a register or, if it is not read again and lies in memory, there; registers of
    /// the bits `kept` keep what they hold.
    pub(super) fn operand(&mut self, value: Value, kept: u32) -> Result<Operand, IcedError> {
        let home = self.homes[value.0 as usize];
        Ok(match (home.register, home.memory) {
            (None, Some(memory)) if self.is_last(value) || !self.has_room() => {
                Operand::Memory(self.address(memory))
            }
            _ => Operand::Register(self.register(value, kept)?),
        })
    }

    fn has_room(&self) -> bool {
        self.held.iter().any(Option::is_none)
    }

    /// The register of a value, which is read from memory where it has none.
    pub(super) fn register(&mut self, value: Value, kept: u32) -> Result<Register, IcedError> {
        let home = self.homes[value.0 as usize];
        if let Some(register) = home.register {
            return Ok(vector(register));
        }
        if home.memory.is_none() && self.is_remade(value) {
            let by = self.mask(value)?;
            let to = self.room(value, kept)?;
            let mut bits = self.broadcast(self.truth(value).unwrap_or(0));
            bits.is_broadcast = false;
            let code = Code::EVEX_Vbroadcastsd_zmm_k1z_xmmm64;
            self.code.push(Instruction::with2(code, to, bits)?);
            self.by_mask(by, true);
            return Ok(to);
        }
        let to = self.room(value, kept)?;
        if let Some(memory) = home.memory {
            let mut address = self.address(memory);
            let code = if address.is_broadcast {
                address.is_broadcast = false;
                Code::EVEX_Vbroadcastsd_zmm_k1z_xmmm64
            } else {
                Code::EVEX_Vmovapd_zmm_k1z_zmmm512
            };
            self.code.push(Instruction::with2(code, to, address)?);
        }
        Ok(to)
    }

    /// A register for `value`, not one of the bits `kept`.
    pub(super) fn room(&mut self, value: Value, kept: u32) -> Result<Register, IcedError> {
        let free = self.held.iter().position(Option::is_none);
        let at = match free {
            Some(at) => at,
            None => self.evict(kept)?,
        };
        self.held[at] = Some(value);
        self.homes[value.0 as usize].register = Some(at as u8);
        Ok(vector(at as u8))
    }

    /// A register for `value` with what `held` holds, that of `from`: the same one where nothing reads
    /// `from` again; not that of `kept`.
    pub(super) fn over(
        &mut self,
        from: Value,
        held: Register,
        value: Value,
        kept: Register,
    ) -> Result<Register, IcedError> {
        if self.is_last(from) {
            let at = number_of(held);
            self.homes[from.0 as usize].register = None;
            self.held[at as usize] = Some(value);
            self.homes[value.0 as usize].register = Some(at as u8);
            return Ok(held);
        }
        let to = self.room(value, bit(held) | bit(kept))?;
        self.code.push(Instruction::with2(Code::EVEX_Vmovapd_zmm_k1z_zmmm512, to, held)?);
        Ok(to)
    }

    /// Empties a register: of what can be read again elsewhere what is needed last, else of all.
    fn evict(&mut self, kept: u32) -> Result<usize, IcedError> {
        let rank = |at: usize| {
            let value = self.held[at]?;
            let next = self.uses[value.0 as usize].last().copied().unwrap_or(u32::MAX);
            let is_kept = self.homes[value.0 as usize].memory.is_some() || self.is_remade(value);
            Some((is_kept, next))
        };
        let places = (0..N_REGISTERS).filter(|at| kept & (1 << at) == 0);
        let at = places.max_by_key(|&at| rank(at)).unwrap_or(0);
        self.empty(at)?;
        Ok(at)
    }

    /// Empties a register; what it holds can be read from memory then.
    fn empty(&mut self, at: usize) -> Result<(), IcedError> {
        if let Some(value) = self.held[at].take() {
            let home = self.homes[value.0 as usize];
            if home.memory.is_none() && !self.is_remade(value) {
                let slot = self.slot();
                let memory = Memory::Spilled(slot);
                let code = Code::EVEX_Vmovapd_zmmm512_k1z_zmm;
                let address = self.address(memory);
                self.code.push(Instruction::with2(code, address, vector(at as u8))?);
                self.homes[value.0 as usize].memory = Some(memory);
            }
            self.homes[value.0 as usize].register = None;
        }
        Ok(())
    }

    /// A free room of the stack.
    pub(super) fn slot(&mut self) -> u32 {
        let slot = self.free_slots.pop().unwrap_or(self.n_slots);
        self.n_slots = self.n_slots.max(slot + 1);
        slot
    }

    /// Empties all registers.
    pub(super) fn evict_all(&mut self) -> Result<(), IcedError> {
        self.empty_masks()?;
        for at in 0..N_REGISTERS {
            self.empty(at)?;
        }
        Ok(())
    }

    /// One operation has read these; what nothing reads again leaves its register.
    pub(super) fn done(&mut self, read: impl IntoIterator<Item = Value>) {
        for value in read {
            let at = value.0 as usize;
            self.uses[at].pop();
            if !self.uses[at].is_empty() {
                continue;
            }
            if let Some(register) = self.homes[at].register.take() {
                self.held[register as usize] = None;
            }
            if let Some(mask) = self.homes[at].mask.take() {
                self.masked[usize::from(mask)] = None;
            }
            if let Some(Memory::Spilled(slot)) = self.homes[at].memory.take() {
                self.leaving_slots.push(slot);
            }
            self.leaving_slots.extend(self.homes[at].saved.take());
        }
    }
}

pub(super) fn vector(number: u8) -> Register {
    Register::ZMM0 + u32::from(number)
}

pub(super) fn number_of(vector: Register) -> u32 {
    vector as u32 - Register::ZMM0 as u32
}

/// The place of a register among the bits of those that are kept.
pub(super) fn bit(vector: Register) -> u32 {
    1 << number_of(vector)
}
