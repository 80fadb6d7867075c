//! Machine code does what the interpreter does.

use super::Code;
use super::functions::Function;
use super::straight::{One, Relation, Straight, Two, Value};
use crate::cpu::Cpu;
use crate::row::Row;
use epsom_model::ir::UnaryOp;

const W: usize = 16;

/// Whether there is machine code on this processor; says so where there is none.
pub(super) fn has_code() -> bool {
    let has = Cpu::new(None).has_code();
    if !has {
        println!("no machine code here: no 512-bit vectors, or no memory that may be executed");
    }
    has
}

/// Numbers of every kind, different in each lane.
fn rows(n: usize) -> Vec<Row<W>> {
    let odd = [0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1e-310, -1.5, 2.5];
    let number = |at: usize| {
        let sign = if at.is_multiple_of(3) { -1.0 } else { 1.0 };
        let usual = sign * ((at * 7919 % 1013) as f64 / 97.0);
        if at.is_multiple_of(5) { odd[at / 5 % odd.len()] } else { usual }
    };
    (0..n).map(|row| Row(std::array::from_fn(|lane| number(row * W + lane)))).collect()
}

/// The same number, or none both.
fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

fn of_two(make: impl Fn(&mut Straight, Value, Value) -> Value, expected: impl Fn(f64, f64) -> f64) {
    if !has_code() {
        return;
    }
    let mut straight = Straight::default();
    let (a, b) = (straight.load(0, 0), straight.load(0, 1));
    let result = make(&mut straight, a, b);
    straight.store(1, 0, result);
    let code = Code::new(&straight, W).unwrap();
    let (mut from, mut to) = (rows(2), Row::<W>::ZERO);
    // Each number of one row meets each of the other.
    for turn in 0..W {
        from[1].rotate_left(turn.min(1));
        code.run(&[from.as_mut_slice().into(), (&mut to).into()], &[]);
        for lane in 0..W {
            let (x, y) = (from[0][lane], from[1][lane]);
            assert!(same(to[lane], expected(x, y)), "{x} {y}: {} {}", to[lane], expected(x, y));
        }
    }
}

#[test]
fn operations_on_two_numbers_are_those_of_the_language() {
    let truth = |is: bool| f64::from(u8::from(is));
    of_two(|s, a, b| s.add(a, b), |x, y| x + y);
    of_two(|s, a, b| s.two(Two::Sub, a, b), |x, y| x - y);
    of_two(|s, a, b| s.mul(a, b), |x, y| x * y);
    of_two(|s, a, b| s.two(Two::Div, a, b), |x, y| x / y);
    of_two(|s, a, b| s.two(Two::Larger, a, b), |x, y| if x > y { x } else { y });
    of_two(|s, a, b| s.two(Two::LargerSize, a, b), |x, y| x.abs().max(y.abs()));
    of_two(|s, a, b| s.two(Two::Min, a, b), |x, y| if x < y || x.is_nan() { x } else { y });
    of_two(|s, a, b| s.two(Two::Max, a, b), |x, y| if x > y || x.is_nan() { x } else { y });
    of_two(|s, a, b| s.truth(Relation::Less, a, b), |x, y| truth(x < y));
    of_two(|s, a, b| s.truth(Relation::AtMost, a, b), |x, y| truth(x <= y));
    of_two(|s, a, b| s.truth(Relation::More, a, b), |x, y| truth(x > y));
    of_two(|s, a, b| s.truth(Relation::AtLeast, a, b), |x, y| truth(x >= y));
    of_two(|s, a, b| s.truth(Relation::Equal, a, b), |x, y| truth(x == y));
    of_two(|s, a, b| s.truth(Relation::Unequal, a, b), |x, y| truth(x != y));
    of_two(|s, a, b| s.choose(a, b, a), |x, y| if x != 0.0 { y } else { x });
    of_two(
        |s, a, b| {
            let size = s.abs(a);
            s.choose(b, size, b)
        },
        |x, y| if y != 0.0 { x.abs() } else { y },
    );
    of_two(
        |s, a, b| {
            let other = s.negated(a);
            s.two(Two::SubBits, other, b)
        },
        |x, y| f64::from_bits((-x).to_bits().wrapping_sub(y.to_bits())),
    );
}

/// Rows of the first array, each times what is told.
fn products(straight: &mut Straight, n: usize) -> Vec<Value> {
    let factor = straight.told(0);
    let product = |at| {
        let value = straight.load(0, at);
        straight.mul(value, factor)
    };
    (0..n).map(product).collect()
}

/// Rows of numbers that all differ.
fn counted(n: usize) -> Vec<Row<W>> {
    (0..n).map(|row| Row(std::array::from_fn(|lane| (row * W + lane) as f64))).collect()
}

#[test]
fn more_values_than_registers_are_spilled_and_read_again() {
    if !has_code() {
        return;
    }
    let n = 100;
    let mut straight = Straight::default();
    let all = products(&mut straight, n);
    // Each is read twice, far apart.
    let mut sum = straight.constant(0.25);
    for value in all.iter().chain(all.iter().rev()) {
        sum = straight.add(sum, *value);
    }
    straight.store(1, 0, sum);
    straight.store(1, 1, all[n - 1]);
    let code = Code::new(&straight, W).unwrap();
    let mut from = counted(n);
    let mut to = vec![Row::<W>::ZERO; 2];
    let third = 1.0 / 3.0;
    code.run(&[from.as_mut_slice().into(), to.as_mut_slice().into()], &[third]);
    for lane in 0..W {
        let ascending = from.iter().map(|row| row[lane] * third);
        let both = ascending.clone().chain(ascending.rev());
        assert_eq!(to[0][lane], both.fold(0.25, |sum, value| sum + value));
        assert_eq!(to[1][lane], from[n - 1][lane] * third);
    }
}

#[test]
fn what_is_read_from_a_room_for_spilled_values_is_read_before_the_room_is_used_again() {
    if !has_code() {
        return;
    }
    let n = 60;
    let mut straight = Straight::default();
    let all = products(&mut straight, n);
    // The second is read for the last time while the first and all results still need a register.
    let rests: Vec<Value> =
        all[1..].iter().map(|&value| straight.two(Two::Sub, all[0], value)).collect();
    rests.iter().enumerate().for_each(|(at, &rest)| straight.store(1, at, rest));
    let code = Code::new(&straight, W).unwrap();
    let mut from = counted(n);
    let mut to = vec![Row::<W>::ZERO; n - 1];
    code.run(&[from.as_mut_slice().into(), to.as_mut_slice().into()], &[0.75]);
    for (at, row) in to.iter().enumerate() {
        for lane in 0..W {
            assert_eq!(row[lane], from[0][lane] * 0.75 - from[at + 1][lane] * 0.75);
        }
    }
}

/// The second reads of every part what the first wrote; they have constants of their own and take
/// different numbers of parts at a time.
#[test]
fn computations_follow_each_other_on_all_lanes() {
    if !has_code() {
        return;
    }
    let (n, mut first, mut second) = (600, Straight::default(), Straight::default());
    let all = products(&mut first, n);
    let sum = all.into_iter().reduce(|sum, value| first.add(sum, value)).unwrap();
    first.store(1, 0, sum);
    let (sum, two) = (second.load(1, 0), second.constant(2.0));
    let twice = second.mul(sum, two);
    second.store(2, 0, twice);
    let code = Code::in_turn(&[first, second], W).unwrap();
    let mut from = counted(n);
    let [mut once, mut twice] = [[Row::<W>::ZERO]; 2];
    let told = [0.75];
    code.run(&[from.as_mut_slice().into(), (&mut once[..]).into(), (&mut twice[..]).into()], &told);
    for lane in 0..W {
        let sum = from.iter().map(|row| row[lane] * 0.75).reduce(|sum, value| sum + value);
        assert_eq!((once[0][lane], twice[0][lane]), (sum.unwrap(), 2.0 * sum.unwrap()));
    }
}

#[test]
fn whole_numbers_and_choices_by_bits_are_those_of_the_bits() {
    of_two(|s, a, b| s.two(Two::Smaller, a, b), |x, y| if x < y { x } else { y });
    let of_bits = |make: fn(&mut Straight, Value, Value) -> Value, by: fn(u64, u64) -> u64| {
        of_two(make, |x, y| f64::from_bits(by(x.to_bits(), y.to_bits())));
    };
    of_bits(|s, a, b| s.two(Two::Or, a, b), |x, y| x | y);
    of_bits(|s, a, b| s.two(Two::AddBits, a, b), u64::wrapping_add);
    let halves = |a: u64, b: u64| (i64::from(a as i32) * i64::from(b as i32)) as u64;
    of_bits(|s, a, b| s.two(Two::MulHalves, a, b), halves);
    of_bits(|s, a, b| s.two(Two::IfAtLeast(7), a, b), |x, y| if x >= y { 7 } else { 0 });
    of_bits(
        |s, a, b| {
            let shifted = s.one(One::Shifted(3), a);
            s.blend(b, shifted, a)
        },
        |x, y| if y != 0 { ((x as i64) >> 3) as u64 } else { x },
    );
}

#[test]
fn functions_leave_what_is_held_as_it_was() {
    let softplus = |x: f64| {
        let mut out = [0.0];
        epsom_maths::softplus_lanes(&[x], &mut out);
        out[0]
    };
    of_two(
        |s, a, b| {
            let (product, sum) = (s.mul(a, b), s.add(a, b));
            let called = s.call(Function::of(UnaryOp::Softplus).unwrap(), sum, sum);
            let power = s.call(Function::power().unwrap(), called, b);
            let before = s.add(product, called);
            s.add(before, power)
        },
        |x, y| {
            let called = softplus(x + y);
            x * y + called + epsom_maths::pow(called, y)
        },
    );
}

#[test]
fn code_of_one_part_leaves_the_other_parts_as_they_are() {
    if !has_code() {
        return;
    }
    let mut straight = Straight::default();
    let two = straight.constant(2.0);
    let value = straight.load(0, 1);
    let double = straight.mul(two, value);
    straight.store(0, 1, double);
    let code = Code::of_part(&straight, W).unwrap();
    let mut file = [Row([1.0; W]), Row([3.0; W])];
    code.run_from(8, &[file.as_mut_slice().into()], &[]);
    assert_eq!(file[0], Row([1.0; W]));
    assert_eq!(file[1], Row(std::array::from_fn(|lane| if lane < 8 { 3.0 } else { 6.0 })));
}

#[test]
fn arrays_that_are_too_small_are_refused() {
    if !has_code() {
        return;
    }
    let mut straight = Straight::default();
    let value = straight.load(0, 1);
    straight.store(0, 0, value);
    let code = Code::new(&straight, W).unwrap();
    let run = |n: usize| {
        let mut rows = rows(n);
        std::panic::catch_unwind(move || code.run(&[rows.as_mut_slice().into()], &[]))
    };
    assert!(run(1).is_err());
}
