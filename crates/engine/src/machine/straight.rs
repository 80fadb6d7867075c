//! Straight-line computations on the lanes of a part, before they become machine code.

use super::functions::Function;
use std::collections::{BTreeMap, BTreeSet};

/// A row of one of the arrays that the code works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// Which array.
    pub array: u32,
    /// Which of its rows.
    pub row: u32,
}

/// What a computation gave, by the place of its operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Value(pub(super) u32);

/// One operation on all lanes of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Op {
    /// A row as it stood before the code ran.
    Load(Place),
    /// A number that is told at each run, the same in all lanes.
    Told(u32),
    /// A number, by its bits.
    Constant(u64),
    One(One, Value),
    Two(Two, Value, Value),
    /// The second where the first is not zero, else the third.
    Choose([Value; 3]),
    /// The second where some bit of the first is set, else the third.
    Blend([Value; 3]),
    /// A function without an instruction of its own; one of one number gets it twice.
    Call(Function, Value, Value),
    /// Writes a row.
    Store(Place, Value),
    /// Writes whether some bit is set into the first byte of the part of a row, a bit per lane.
    Flag(Place, Value),
}

/// Operations on one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum One {
    /// Square root.
    Sqrt,
    /// As it is, for what is read from a row that is written before the last use.
    Copy,
    /// The whole number below.
    Floor,
    /// The whole number above.
    Ceil,
    /// Bits as a whole number over two, so many times, rounded down.
    Shifted(u8),
}

/// Operations on two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Two {
    Add,
    Sub,
    Mul,
    Div,
    /// The first where it is larger, else the second.
    Larger,
    /// The larger of both without their signs; of a number and none the number's.
    LargerSize,
    /// The first where it is smaller, else the second.
    Smaller,
    /// The first where it is smaller or no number, else the second.
    Min,
    /// The first where it is larger or no number, else the second.
    Max,
    /// Both, by bits.
    And,
    /// One but not both, by bits.
    Xor,
    /// One or both, by bits.
    Or,
    /// Difference of the bits as whole numbers.
    SubBits,
    /// Sum of the bits as whole numbers.
    AddBits,
    /// Product of the lower halves of the bits as whole numbers with sign.
    MulHalves,
    /// What these bits say where the relation holds, else 0.
    If(Relation, u64),
    /// What these bits say where the first is at least the second, as whole numbers without sign,
    /// else 0.
    IfAtLeast(u64),
}

/// How two numbers may stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Relation {
    Less,
    AtMost,
    More,
    AtLeast,
    Equal,
    Unequal,
}

/// Operations in order; equal ones are made once.
#[derive(Debug, Default)]
pub(crate) struct Straight {
    pub(super) ops: Vec<Op>,
    known: BTreeMap<Op, Value>,
    /// Rows that have been written.
    written: BTreeSet<Place>,
    /// A zero that is left out of sums, and of products with what was read.
    nothing: Option<Value>,
}

impl Straight {
    fn push(&mut self, op: Op) -> Value {
        let is_old = |value: Value| {
            let Op::Load(place) = self.ops[value.0 as usize] else { return false };
            self.written.contains(&place)
        };
        debug_assert!(!op.operands().any(is_old), "read after it was written");
        self.ops.push(op);
        Value(self.ops.len() as u32 - 1)
    }

    fn make(&mut self, op: Op) -> Value {
        if let Some(&value) = self.known.get(&op) {
            return value;
        }
        let value = self.push(op);
        self.known.insert(op, value);
        value
    }

    /// Whether a value is what stood in a row of an array.
    pub(super) fn is_load(&self, value: Value, array: u32, row: usize) -> bool {
        self.ops[value.0 as usize] == Op::Load(Place { array, row: row as u32 })
    }

    /// Number of operations.
    pub(crate) fn len(&self) -> usize {
        self.ops.len()
    }

    /// Number of rows that are touched of each array.
    pub(super) fn rows(&self) -> Vec<usize> {
        let mut n_rows = Vec::new();
        for op in &self.ops {
            if let Op::Load(place) | Op::Store(place, _) | Op::Flag(place, _) = op {
                let array = place.array as usize;
                n_rows.resize(n_rows.len().max(array + 1), 0);
                n_rows[array] = n_rows[array].max(place.row as usize + 1);
            }
        }
        n_rows
    }

    /// How many numbers are told.
    pub(super) fn n_told(&self) -> usize {
        let told = |op: &Op| if let Op::Told(at) = op { *at as usize + 1 } else { 0 };
        self.ops.iter().map(told).max().unwrap_or(0)
    }

    /// A row as it stood before the code ran; it must not be read again when it has been written.
    pub(crate) fn load(&mut self, array: u32, row: usize) -> Value {
        self.make(Op::Load(Place { array, row: row as u32 }))
    }

    /// The number `at` of those told at each run.
    pub(crate) fn told(&mut self, at: u32) -> Value {
        self.make(Op::Told(at))
    }

    /// A number.
    pub(crate) fn constant(&mut self, number: f64) -> Value {
        self.bits(number.to_bits())
    }

    /// A number by its bits.
    pub(crate) fn bits(&mut self, bits: u64) -> Value {
        self.make(Op::Constant(bits))
    }

    pub(crate) fn one(&mut self, op: One, value: Value) -> Value {
        self.make(Op::One(op, value))
    }

    pub(crate) fn two(&mut self, op: Two, first: Value, second: Value) -> Value {
        self.make(Op::Two(op, first, second))
    }

    pub(crate) fn call(&mut self, function: Function, first: Value, second: Value) -> Value {
        self.make(Op::Call(function, first, second))
    }

    /// A zero that is left out of sums, and of products with numbers that are no results: for sums
    /// in which the sign of a zero does not show.
    pub(crate) fn nothing(&mut self) -> Value {
        if let Some(known) = self.nothing {
            return known;
        }
        let zero = self.push(Op::Constant(0));
        self.nothing = Some(zero);
        zero
    }

    fn is_nothing(&self, value: Value) -> bool {
        self.nothing == Some(value)
    }

    /// Whether a value was read, not computed.
    fn is_read(&self, value: Value) -> bool {
        matches!(self.ops[value.0 as usize], Op::Load(_) | Op::Constant(_))
    }

    pub(crate) fn add(&mut self, first: Value, second: Value) -> Value {
        match (self.is_nothing(first), self.is_nothing(second)) {
            (true, _) => second,
            (_, true) => first,
            _ => self.two(Two::Add, first, second),
        }
    }

    pub(crate) fn mul(&mut self, first: Value, second: Value) -> Value {
        for (one, other) in [(first, second), (second, first)] {
            if self.is_nothing(one) && self.is_read(other) {
                return one;
            }
            if self.ops[one.0 as usize] == Op::Constant(ONE) {
                return other;
            }
        }
        self.two(Two::Mul, first, second)
    }

    pub(crate) fn sub(&mut self, first: Value, second: Value) -> Value {
        if self.is_nothing(second) {
            return first;
        }
        self.two(Two::Sub, first, second)
    }

    pub(crate) fn div(&mut self, first: Value, second: Value) -> Value {
        self.two(Two::Div, first, second)
    }

    /// `yes` where `condition` is not zero, else `no`.
    pub(crate) fn choose(&mut self, condition: Value, yes: Value, no: Value) -> Value {
        self.make(Op::Choose([condition, yes, no]))
    }

    /// `yes` where some bit of `mask` is set, else `no`.
    pub(crate) fn blend(&mut self, mask: Value, yes: Value, no: Value) -> Value {
        self.make(Op::Blend([mask, yes, no]))
    }

    /// Without its sign.
    pub(crate) fn abs(&mut self, value: Value) -> Value {
        let mask = self.bits(!SIGN);
        self.two(Two::And, value, mask)
    }

    /// With the other sign.
    pub(crate) fn negated(&mut self, value: Value) -> Value {
        let mask = self.bits(SIGN);
        self.two(Two::Xor, value, mask)
    }

    /// 1 where the relation holds, else 0.
    pub(crate) fn truth(&mut self, relation: Relation, first: Value, second: Value) -> Value {
        self.two(Two::If(relation, 1.0_f64.to_bits()), first, second)
    }

    /// `sum_j weights[j] values[j]`, in this order; once a value is itself.
    pub(crate) fn sum(&mut self, terms: impl IntoIterator<Item = (f64, Value)>) -> Option<Value> {
        let mut sum = None;
        for (weight, value) in terms {
            let weight = self.constant(weight);
            self.add_product(&mut sum, weight, value);
        }
        sum
    }

    /// Adds a product to a sum, which may have no term yet.
    pub(crate) fn add_product(&mut self, sum: &mut Option<Value>, first: Value, second: Value) {
        let term = self.mul(first, second);
        *sum = Some(sum.map_or(term, |sum| self.add(sum, term)));
    }

    /// Writes a row, once.
    pub(crate) fn store(&mut self, array: u32, row: usize, value: Value) {
        let place = Place { array, row: row as u32 };
        self.push(Op::Store(place, value));
        self.written.insert(place);
    }

    /// Writes whether some bit is set into the first byte of the part of a row, a bit per lane.
    pub(crate) fn flag(&mut self, array: u32, row: usize, value: Value) {
        let place = Place { array, row: row as u32 };
        self.push(Op::Flag(place, value));
        self.written.insert(place);
    }
}

const SIGN: u64 = 1 << 63;
const ONE: u64 = 1.0_f64.to_bits();

impl Op {
    /// Whether it writes a row.
    pub(super) fn writes(self) -> bool {
        matches!(self, Op::Store(..) | Op::Flag(..))
    }

    /// The same, of other values.
    pub(super) fn reading(self, other: impl Fn(Value) -> Value) -> Self {
        match self {
            Op::Load(_) | Op::Told(_) | Op::Constant(_) => self,
            Op::One(one, a) => Op::One(one, other(a)),
            Op::Two(two, a, b) => Op::Two(two, other(a), other(b)),
            Op::Choose(all) => Op::Choose(all.map(other)),
            Op::Blend(all) => Op::Blend(all.map(other)),
            Op::Call(function, a, b) => Op::Call(function, other(a), other(b)),
            Op::Store(place, of) => Op::Store(place, other(of)),
            Op::Flag(place, of) => Op::Flag(place, other(of)),
        }
    }

    /// What it reads.
    pub(super) fn operands(self) -> impl Iterator<Item = Value> {
        let all = match self {
            Op::Load(_) | Op::Told(_) | Op::Constant(_) => [None; 3],
            Op::One(_, a) | Op::Store(_, a) | Op::Flag(_, a) => [Some(a), None, None],
            Op::Two(_, a, b) | Op::Call(_, a, b) => [Some(a), Some(b), None],
            Op::Choose(all) | Op::Blend(all) => all.map(Some),
        };
        all.into_iter().flatten()
    }
}
