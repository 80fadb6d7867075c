//! The first slopes of stretches, as one computation.

use super::straight::Straight;
use crate::program::Program;

/// Arrays that it works on, in the order of [`super::Code::run_from`].
const FILE: u32 = 0;
const ENDS: u32 = 1;
const TIME: u32 = 2;
const FIRST: u32 = 3;

/// The slopes of lanes whose next step is the first of its stretch, where a step leaves those at its
/// end; other lanes keep theirs.
/// None where the program has functions that machine code does not know.
pub(super) fn first_slopes(program: &Program) -> Option<Straight> {
    let mut straight = Straight::default();
    let mut registers = program.on_machine(&mut straight, FILE);
    registers.set(program.time(), straight.load(TIME, 0));
    registers.follow(&mut straight, program.code_of(0))?;
    let (is_first, n) = (straight.load(FIRST, 0), program.time());
    for (i, &root) in program.roots().iter().enumerate() {
        let slope = registers.get(&mut straight, root as usize);
        let rate = straight.load(FILE, program.rates() + i);
        let (slope, before) = (straight.add(slope, rate), straight.load(ENDS, n + i));
        let slope = straight.blend(is_first, slope, before);
        straight.store(ENDS, n + i, slope);
    }
    Some(straight)
}
