//! Observations inside a step of Tsit5, with outputs, as one computation.

use super::Registers;
use super::straight::{Relation, Straight, Value};
use crate::compile::Compiled;
use crate::tableau::tsit5::D;

/// Arrays that it works on, in the order of [`super::Code::run`].
const OUT: u32 = 0;
const END: u32 = 1;
const STATE: u32 = 2;
const SLOPES: u32 = 3;
const TIME: u32 = 4;
const SIZE: u32 = 5;
const REACHED: u32 = 6;
const OBSERVED: u32 = 7;

/// What rows hold of every lane at its next observation: compartments by the continuous extension,
/// and outputs, each in its register. None where an output has functions that machine code does not
/// know.
pub(super) fn look(compiled: &Compiled, kept: &[usize]) -> Option<Straight> {
    let (outputs, n) = (&compiled.outputs, compiled.layout.n_states);
    let mut straight = Straight::default();
    let mut registers = outputs.on_machine(&mut straight, OUT);
    let x = fraction(&mut straight);
    let weights: Vec<Value> = D.iter().map(|row| weight(&mut straight, x, row)).collect();
    let observed = straight.load(OBSERVED, 0);
    let reached = straight.load(REACHED, 0);
    let at_end = straight.truth(Relation::Equal, observed, reached);
    registers.set(outputs.time(), observed);
    for &i in &compiled.shown.seen {
        let state = straight.load(STATE, i);
        // What only events change keeps its bits.
        let now = if kept.contains(&i) {
            state
        } else {
            let mut sum = None;
            for (stage, &weight) in weights.iter().enumerate() {
                let slope = straight.load(SLOPES, stage * n + i);
                straight.add_product(&mut sum, weight, slope);
            }
            let (sum, h) = (sum?, straight.load(SIZE, 0));
            let change = straight.mul(h, sum);
            let inside = straight.add(state, change);
            let end = straight.load(END, i);
            straight.choose(at_end, end, inside)
        };
        registers.set(i, now);
    }
    registers.follow(&mut straight, outputs.code_of(0))?;
    store(&mut straight, &registers, &compiled.shown.row);
    Some(straight)
}

/// Where in the step the observation lies.
fn fraction(straight: &mut Straight) -> Value {
    let [observed, start, h] = [OBSERVED, TIME, SIZE].map(|array| straight.load(array, 0));
    let passed = straight.sub(observed, start);
    straight.div(passed, h)
}

/// Weight of a stage at fraction `x`. The sign of a zero does not show in what follows, so that a
/// zero need not be added.
fn weight(straight: &mut Straight, x: Value, [first, rest @ ..]: &[f64; 4]) -> Value {
    let mut inner = straight.constant(rest[2]);
    for &number in rest[..2].iter().rev() {
        let number = straight.constant(number);
        let product = straight.mul(x, inner);
        inner = straight.add(number, product);
    }
    let mut sum = straight.mul(x, inner);
    if *first != 0.0 {
        let first = straight.constant(*first);
        sum = straight.add(first, sum);
    }
    straight.mul(x, sum)
}

/// Writes the registers `row` that were computed.
fn store(straight: &mut Straight, registers: &Registers, row: &[usize]) {
    let mut written: Vec<usize> = row.to_vec();
    written.sort_unstable();
    written.dedup();
    for register in written {
        if let Some(value) = registers.computed(straight, register) {
            straight.store(OUT, register, value);
        }
    }
}
