//! What stands around the instructions of a part: the function, and the loops over parts.

use super::vectors::Body;
use iced_x86::{Code, Encoder, IcedError, Instruction, MemoryOperand, Register};

/// Bytes of a vector, and of what one lane holds.
pub(super) const VECTOR: usize = 64;
pub(super) const NUMBER: usize = 8;

/// Registers with the addresses of arrays; the first holds the list of them until it is read. A
/// function that is called may change the first [`N_CHANGED`].
pub(super) const ARRAYS: [Register; 11] = [
    Register::RDI,
    Register::RAX,
    Register::RCX,
    Register::RDX,
    Register::R8,
    Register::R9,
    Register::R10,
    Register::R11,
    Register::RBX,
    Register::R12,
    Register::R13,
];
const N_CHANGED: usize = 8;
/// Parts still to do, which a function may change; numbers told, constants.
const PARTS: Register = Register::RSI;
pub(super) const TOLD: Register = Register::R14;
pub(super) const CONSTANTS: Register = Register::R15;

/// What the caller wants back as it was.
const SAVED: [Register; 5] =
    [Register::RBX, Register::R12, Register::R13, Register::R14, Register::R15];

/// Rooms at the top of the stack: what a function is called with, its result, and registers that it
/// may change.
pub(super) const FIRST_AND_SECOND: [u32; 2] = [0, 1];
pub(super) const RESULT: u32 = 2;
const KEPT: u32 = 3;
pub(super) const RESERVED: u32 = 5;

/// Most arrays that code may work on.
pub(super) const MOST_ARRAYS: usize = ARRAYS.len();

/// The bytes of the function that runs each body on `n_parts` parts, one body after the other; they
/// work on `n_arrays` arrays.
///
/// # Errors
/// An instruction that the encoder does not know.
pub(super) fn function(
    bodies: Vec<Body>,
    n_arrays: usize,
    n_parts: usize,
) -> Result<Vec<u8>, IcedError> {
    let mut whole = Vec::new();
    let n_slots = bodies.iter().map(|body| body.n_slots).max().unwrap_or(0);
    enter(n_slots, n_arrays, &mut whole)?;
    // Where loops begin, and the jumps there.
    let mut loops = Vec::new();
    for (at, mut body) in bodies.into_iter().enumerate() {
        if at > 0 {
            advance(n_arrays, -(n_parts as i32), &mut whole)?;
        }
        whole.push(Instruction::with2(Code::Mov_rm64_imm32, PARTS, n_parts as i32)?);
        let top = whole.len();
        whole.append(&mut body.code);
        advance(n_arrays, body.together as i32, &mut whole)?;
        whole.push(Instruction::with2(Code::Sub_rm64_imm8, PARTS, body.together as i32)?);
        loops.push((top, whole.len()));
        whole.push(Instruction::with_branch(Code::Jne_rel32_64, 0)?);
    }
    leave(&mut whole)?;
    let mut encoder = Encoder::new(64);
    let (mut address, mut of_top) = (0_u64, 0);
    let mut loops = loops.into_iter().peekable();
    for (at, one) in whole.iter_mut().enumerate() {
        if let Some(&(top, jump)) = loops.peek() {
            if at == top {
                of_top = address;
            }
            if at == jump {
                one.set_near_branch64(of_top);
                loops.next();
            }
        }
        address += encoder.encode(one, address)? as u64;
    }
    Ok(encoder.take_buffer())
}

/// Goes on by so many parts.
fn advance(n_arrays: usize, n_parts: i32, code: &mut Vec<Instruction>) -> Result<(), IcedError> {
    for array in &ARRAYS[..n_arrays] {
        let bytes = n_parts * VECTOR as i32;
        code.push(Instruction::with2(Code::Add_rm64_imm32, *array, bytes)?);
    }
    Ok(())
}

/// The memory `offset` bytes after what a register points at.
pub(super) fn beside(base: Register, offset: i64) -> MemoryOperand {
    MemoryOperand {
        base,
        scale: 1,
        displacement: offset,
        displ_size: u32::from(offset != 0),
        ..MemoryOperand::default()
    }
}

/// Calls the function whose address stands at `address` with the rooms at the top of the stack.
pub(super) fn call(address: MemoryOperand, code: &mut Vec<Instruction>) -> Result<(), IcedError> {
    let room = |offset: usize| beside(Register::RSP, offset as i64);
    let kept = |at: usize| room(KEPT as usize * VECTOR + at * NUMBER);
    let changed = || ARRAYS[..N_CHANGED].iter().copied().chain([PARTS]).enumerate();
    for (at, changed) in changed() {
        code.push(Instruction::with2(Code::Mov_rm64_r64, kept(at), changed)?);
    }
    let [first, second] = FIRST_AND_SECOND;
    let arguments = [(Register::RDI, first), (Register::RSI, second), (Register::RDX, RESULT)];
    for (register, place) in arguments {
        let at = room(place as usize * VECTOR);
        code.push(Instruction::with2(Code::Lea_r64_m, register, at)?);
    }
    code.push(Instruction::with1(Code::Call_rm64, address)?);
    for (at, changed) in changed() {
        code.push(Instruction::with2(Code::Mov_r64_rm64, changed, kept(at))?);
    }
    Ok(())
}

/// Saves the caller's registers, makes room for what is spilled and reads the addresses.
fn enter(n_slots: u32, n_arrays: usize, code: &mut Vec<Instruction>) -> Result<(), IcedError> {
    code.push(Instruction::with1(Code::Push_r64, Register::RBP)?);
    code.push(Instruction::with2(Code::Mov_r64_rm64, Register::RBP, Register::RSP)?);
    for saved in SAVED {
        code.push(Instruction::with1(Code::Push_r64, saved)?);
    }
    let room = (n_slots as usize * VECTOR) as i32;
    code.push(Instruction::with2(Code::Sub_rm64_imm32, Register::RSP, room)?);
    let aligned = -(VECTOR as i32);
    code.push(Instruction::with2(Code::And_rm64_imm8, Register::RSP, aligned)?);
    code.push(Instruction::with2(Code::Mov_r64_rm64, TOLD, Register::RSI)?);
    code.push(Instruction::with2(Code::Mov_r64_rm64, CONSTANTS, Register::RDX)?);
    for (at, array) in ARRAYS[..n_arrays].iter().enumerate().rev() {
        let address = beside(ARRAYS[0], (at * NUMBER) as i64);
        code.push(Instruction::with2(Code::Mov_r64_rm64, *array, address)?);
    }
    Ok(())
}

fn leave(code: &mut Vec<Instruction>) -> Result<(), IcedError> {
    code.push(Instruction::with(Code::VEX_Vzeroupper));
    let saved = beside(Register::RBP, -((SAVED.len() * NUMBER) as i64));
    code.push(Instruction::with2(Code::Lea_r64_m, Register::RSP, saved)?);
    for saved in SAVED.iter().rev() {
        code.push(Instruction::with1(Code::Pop_r64, *saved)?);
    }
    code.push(Instruction::with1(Code::Pop_r64, Register::RBP)?);
    code.push(Instruction::with(Code::Retnq));
    Ok(())
}
