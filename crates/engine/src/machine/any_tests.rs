//! Any computation gives in machine code what its operations give lane by lane: truths that are
//! kept, combined, counted, spilled and tested; parts together; long ones in another order.

use super::Code;
use super::straight::{One, Op, Place, Relation, Straight, Two, Value};
use super::tests::has_code;
use crate::row::Row;

/// Arrays: numbers, bits, results and flags.
const NUMBERS: u32 = 0;
const BITS: u32 = 1;
const RESULTS: u32 = 2;
const FLAGS: u32 = 3;
/// Rows of each of the first two and of the results.
const N_READ: usize = 6;
const N_RESULTS: usize = 24;
const TOLD: [f64; 2] = [1.25, f64::from_bits(1)];

/// Numbers in an order that looks like chance, the same each time.
struct Dice(u64);

impl Dice {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        self.0 ^ self.0 >> 29
    }

    fn below(&mut self, n: usize) -> usize {
        ((self.bits() >> 32) % n as u64) as usize
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

/// A computation of `n` operations, most on results of the last `window`.
fn any(dice: &mut Dice, n: usize, window: usize) -> Straight {
    let mut straight = Straight::default();
    let s = &mut straight;
    let mut values = Vec::new();
    (0..N_READ).for_each(|row| values.extend([s.load(NUMBERS, row), s.load(BITS, row)]));
    values.extend([s.told(0), s.told(1)]);
    let constants = [0, 1, 7, 2, 1 << 63, 1.0_f64.to_bits(), f64::INFINITY.to_bits()];
    values.extend(constants.map(|bits| s.bits(bits)));
    for _ in 0..n {
        let [a, b, c] = [(); 3].map(|()| {
            let back = if dice.below(4) == 0 { values.len() } else { window.min(values.len()) };
            values[values.len() - 1 - dice.below(back)]
        });
        let bits = dice.of(&[1, 1, 1, 7, 1.0_f64.to_bits(), 1.0_f64.to_bits(), 0, 1 << 63, 2]);
        let relations = [Relation::Less, Relation::AtMost, Relation::More];
        let others = [Relation::AtLeast, Relation::Equal, Relation::Unequal];
        let relation = dice.of(&[relations, others].concat());
        // Sums of two that are no numbers are the one or the other: they show in bits.
        let arithmetic =
            dice.of(&[Two::Sub, Two::Div, Two::Smaller, Two::Larger, Two::Min, Two::Max]);
        values.push(match dice.below(20) {
            0..=3 => s.two(Two::If(relation, bits), a, b),
            4 => s.two(Two::IfAtLeast(bits), a, b),
            5..=7 => s.two(Two::And, a, b),
            8..=11 => s.two(dice.of(&[Two::Or, Two::Xor]), a, b),
            12 | 13 => s.blend(a, b, c),
            14 => s.choose(a, b, c),
            15 | 16 => s.two(dice.of(&[Two::AddBits, Two::SubBits]), a, b),
            17 => s.one(dice.of(&[One::Sqrt, One::Shifted(3)]), a),
            _ => s.two(arithmetic, a, b),
        });
    }
    for row in 0..N_RESULTS {
        let last = |dice: &mut Dice| values[values.len() - 1 - dice.below(values.len().min(90))];
        let (shown, flagged) = (last(dice), last(dice));
        s.store(RESULTS, row, shown);
        s.flag(FLAGS, row, flagged);
    }
    straight
}

/// What a subtraction or division gives: of what is no number the first, as a processor does.
fn kept(x: f64, y: f64, result: f64) -> u64 {
    let quiet = |x: f64| x.to_bits() | 1 << 51;
    match () {
        () if x.is_nan() => quiet(x),
        () if y.is_nan() => quiet(y),
        () if result.is_nan() => 0xFFF8 << 48,
        () => result.to_bits(),
    }
}

fn two(op: Two, a: u64, b: u64) -> u64 {
    let (x, y) = (f64::from_bits(a), f64::from_bits(b));
    let first_if = |is: bool| if is { a } else { b };
    match op {
        Two::Sub => kept(x, y, x - y),
        Two::Div => kept(x, y, x / y),
        Two::Larger => first_if(x > y),
        Two::Smaller => first_if(x < y),
        Two::Min => first_if(x < y || x.is_nan()),
        Two::Max => first_if(x > y || x.is_nan()),
        Two::And => a & b,
        Two::Xor => a ^ b,
        Two::Or => a | b,
        Two::SubBits => a.wrapping_sub(b),
        Two::AddBits => a.wrapping_add(b),
        Two::IfAtLeast(bits) => bits * u64::from(a >= b),
        Two::If(relation, bits) => {
            let is = match relation {
                Relation::Less => x < y,
                Relation::AtMost => x <= y,
                Relation::More => x > y,
                Relation::AtLeast => x >= y,
                Relation::Equal => x == y,
                Relation::Unequal => x != y,
            };
            bits * u64::from(is)
        }
        op => unreachable!("{op:?} is not drawn"),
    }
}

/// Does the operations on one lane.
fn lane(straight: &Straight, read: impl Fn(Place) -> u64, mut write: impl FnMut(Op, u64)) {
    let mut values: Vec<u64> = Vec::new();
    for &op in &straight.ops {
        let of = |value: Value| values[value.0 as usize];
        let x = |value: Value| f64::from_bits(of(value));
        let value = match op {
            Op::Load(place) => read(place),
            Op::Told(at) => TOLD[at as usize].to_bits(),
            Op::Constant(bits) => bits,
            Op::One(One::Shifted(by), a) => (of(a) as i64 >> by) as u64,
            Op::One(_, a) => kept(x(a), 0.0, x(a).sqrt()),
            Op::Two(op, a, b) => two(op, of(a), of(b)),
            Op::Choose([is, yes, no]) => of(if x(is) != 0.0 { yes } else { no }),
            Op::Blend([is, yes, no]) => of(if of(is) != 0 { yes } else { no }),
            Op::Store(_, a) | Op::Flag(_, a) => of(a),
            Op::Call(..) => unreachable!("functions are not drawn"),
        };
        if op.writes() {
            write(op, value);
        }
        values.push(value);
    }
}

fn compare<const W: usize>(seeds: std::ops::Range<u64>) {
    let odd = [0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1e-310, -1.5, 2.5];
    for seed in seeds {
        let dice = &mut Dice(seed);
        let (n, window) = (20 + dice.below(900), 4 + dice.below(60));
        let straight = any(dice, n, window);
        let code = Code::new(&straight, W).unwrap();
        let mut rows = |number: &dyn Fn(&mut Dice) -> f64| -> Vec<Row<W>> {
            (0..N_READ).map(|_| Row(std::array::from_fn(|_| number(dice)))).collect()
        };
        let mut numbers = rows(&|dice| match dice.below(3) {
            0 => dice.of(&odd),
            _ => dice.below(1000) as f64 / 97.0 - 4.0,
        });
        let mut bits = rows(&|dice| {
            let any = dice.bits();
            f64::from_bits(dice.of(&[0, 1, 1, 7, 2, any, 0, 1.0_f64.to_bits()]))
        });
        let mut results = vec![Row::<W>::ZERO; N_RESULTS];
        let mut flags = vec![Row::<W>::ZERO; N_RESULTS];
        let arrays = [&mut numbers, &mut bits, &mut results, &mut flags];
        code.run(&arrays.map(|rows| rows.as_mut_slice().into()), &TOLD);
        for at in 0..W {
            let read = |Place { array, row }| {
                let from = if array == NUMBERS { &numbers } else { &bits };
                from[row as usize][at].to_bits()
            };
            lane(&straight, read, |op, expected| match op {
                Op::Flag(Place { row, .. }, _) => {
                    let flags = flags[row as usize][at / 8 * 8].to_bits();
                    assert_eq!(
                        flags >> (at % 8) & 1,
                        u64::from(expected != 0),
                        "{seed} {at} {op:?}"
                    );
                }
                Op::Store(Place { row, .. }, _) => {
                    assert_eq!(results[row as usize][at].to_bits(), expected, "{seed} {at} {op:?}");
                }
                _ => {}
            });
        }
    }
}

#[test]
fn any_computation_gives_what_its_operations_give() {
    if has_code() {
        // One part; two together where they are short, and four.
        compare::<8>(0..200);
        compare::<16>(200..400);
        compare::<32>(400..600);
    }
}
