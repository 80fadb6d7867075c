//! Observations inside a step of Tsit5, with outputs, as one computation.

use super::Registers;
use super::straight::{Relation, Straight, Value};
use crate::compile::Compiled;
use crate::integrate::lane_rows as rows;
use crate::tableau::tsit5::{MIDDLE, Weights};

/// Arrays that it works on, in the order of [`super::Code::run`].
const OUT: u32 = 0;
const END: u32 = 1;
const STATE: u32 = 2;
const SLOPES: u32 = 3;
const ENDS: u32 = 4;
const ERRORS: u32 = 5;
/// Rows of the block's lanes.
const LANES: u32 = 6;

/// What rows hold of every lane at its next observation: compartments by the continuous extension,
/// and outputs, each in its register. None where an output has functions that machine code does not
/// know.
pub(super) fn look(compiled: &Compiled, kept: &[usize]) -> Option<Straight> {
    let (outputs, n) = (&compiled.outputs, compiled.layout.n_states);
    let mut straight = Straight::default();
    let mut registers = outputs.on_machine(&mut straight, OUT);
    let x = fraction(&mut straight);
    let weights = weights(&mut straight, x);
    let [observed, reached] =
        [rows::OBSERVATION_H, rows::REACHED].map(|row| straight.load(LANES, row));
    let at_end = straight.truth(Relation::Equal, observed, reached);
    registers.set(outputs.time(), observed);
    for &i in &compiled.shown.seen {
        let state = straight.load(STATE, i);
        // What only events change keeps its bits.
        let now = if kept.contains(&i) {
            state
        } else {
            let end = straight.load(END, i);
            let inside = inside(&mut straight, &weights, (n, i), [state, end])?;
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
    let [observed, start, h] =
        [rows::OBSERVATION_H, rows::T, rows::H].map(|row| straight.load(LANES, row));
    let passed = straight.sub(observed, start);
    straight.div(passed, h)
}

/// As [`Weights::at`].
fn weights(s: &mut Straight, x: Value) -> Weights<Value> {
    let one = s.constant(1.0);
    let rest = s.sub(one, x);
    let both = s.mul(x, rest);
    let middle = s.mul(both, both);
    let times = |s: &mut Straight, number| {
        let number = s.constant(number);
        s.mul(number, middle)
    };
    let apart = s.sub(rest, x);
    let cubic = s.mul(both, apart);
    let cubic = s.sub(x, cubic);
    let quartic = times(s, Weights::CHANGE);
    let change = s.add(cubic, quartic);
    let [constant, by_x] = Weights::ERROR.map(|number| s.constant(number));
    let by_x = s.mul(by_x, x);
    let factor = s.add(constant, by_x);
    let error = s.mul(factor, middle);
    let (cubic, quartic) = (s.mul(both, rest), times(s, Weights::FIRST));
    let first = s.add(cubic, quartic);
    let (quartic, cubic) = (times(s, Weights::LAST), s.mul(both, x));
    let last = s.sub(quartic, cubic);
    Weights { change, error, first, last, middle }
}

/// As [`Weights::inside`], of compartment `i` of `n`.
fn inside(
    s: &mut Straight,
    weights: &Weights<Value>,
    (n, i): (usize, usize),
    [before, after]: [Value; 2],
) -> Option<Value> {
    let slope = |s: &mut Straight, stage: usize| s.load(SLOPES, stage * n + i);
    let middle = MIDDLE.map(|(stage, weight)| (weight, slope(s, stage)));
    let middle = s.sum(middle)?;
    let mut ends = None;
    for (weight, row) in [(weights.first, i), (weights.last, n + i)] {
        let slope = s.load(ENDS, row);
        s.add_product(&mut ends, weight, slope);
    }
    let h = s.load(LANES, rows::H);
    let ends = s.mul(h, ends?);
    let middle = s.mul(weights.middle, middle);
    let by_slopes = s.add(ends, middle);
    let change = s.sub(after, before);
    let mut by_change = None;
    s.add_product(&mut by_change, weights.change, change);
    let error = s.load(ERRORS, i);
    s.add_product(&mut by_change, weights.error, error);
    let by_both = s.add(by_change?, by_slopes);
    Some(s.add(before, by_both))
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
