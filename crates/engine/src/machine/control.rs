//! Acceptance of a step, the size of the next, and where lanes do not do alike: what
//! `Columns::decide` does, as one computation.

use super::straight::{One, Relation, Straight, Two, Value};
use crate::integrate::{FIRST_CUT, Method, ONE_OVER, SMALLEST, Sizes, lane_rows as rows};

/// The array that it works on: the rows of a block's lanes.
const LANES: u32 = 0;

/// What is told at each run, as a whole number: most steps in a stretch.
const MAX_STEPS: u32 = 0;

/// The computation for a method; with `all`, every accepted step is an event. Its flags are bits in
/// the first byte of each part of their rows.
pub(super) fn control(method: Method, all: bool) -> Straight {
    let mut straight = Straight::default();
    let s = &mut straight;
    let (t, h) = (load(s, rows::T), load(s, rows::H));
    let [error, busy, first] = [rows::ERROR, rows::BUSY, rows::FIRST].map(|row| load(s, row));
    let [one, infinity, first_cut] = [1.0, f64::INFINITY, FIRST_CUT].map(|x| s.constant(x));
    let whole = s.bits(1);
    let past = load(s, rows::PAST);
    let (factor, present) = factor(s, method, [error, h, past]);
    // 1. Acceptance, and the next size.
    let is = s.two(Two::If(Relation::AtMost, 1), error, one);
    let not = s.two(Two::Xor, is, whole);
    let [n_accepted, n_rejected] =
        [(rows::N_ACCEPTED, is), (rows::N_REJECTED, not)].map(|(row, counted)| {
            let (before, more) = (load(s, row), s.two(Two::And, counted, busy));
            s.two(Two::AddBits, before, more)
        });
    let cut = s.blend(first, first_cut, one);
    let cap = load(s, rows::CAP);
    let most = s.blend(is, cap, cut);
    let factor = s.two(Two::Smaller, factor, most);
    let wanted = s.mul(h, factor);
    let next_cap = s.blend(is, infinity, one);
    let next_past = s.blend(is, present, past);
    // 2. Where it got.
    let end = load(s, rows::END_H);
    let left = s.sub(end, t);
    let last = s.two(Two::If(Relation::Equal, 1), h, left);
    let there = s.add(t, h);
    let reached = s.blend(last, end, there);
    let kept = load(s, rows::KEPT);
    let longer = s.two(Two::Larger, kept, h);
    let served = s.blend(last, longer, wanted);
    let starts = s.two(Two::And, is, first);
    let next_kept = s.blend(starts, served, kept);
    let still_first = s.two(Two::And, first, not);
    // 3. Events.
    let (told, at_edge) = (load(s, rows::TOLD), load(s, rows::AT_EDGE));
    let told = s.two(Two::Or, told, at_edge);
    let moving = if all { whole } else { s.two(Two::Or, last, told) };
    let smallest = smallest(s, t);
    let small = s.two(Two::If(Relation::AtMost, 1), wanted, smallest);
    let small = s.two(Two::And, small, not);
    let n_tries = s.two(Two::AddBits, n_accepted, n_rejected);
    let most = s.told(MAX_STEPS);
    let many = s.two(Two::IfAtLeast(1), n_tries, most);
    let ending = s.two(Two::Or, small, many);
    let moving = s.two(Two::And, is, moving);
    let stops = s.two(Two::Or, moving, ending);
    let stops = s.two(Two::And, stops, busy);
    let observation = load(s, rows::OBSERVATION_H);
    let sees = s.two(Two::If(Relation::AtMost, 1), observation, reached);
    let sees = s.two(Two::And, sees, is);
    let observed = s.two(Two::And, sees, busy);
    // Rows are written when all have been read.
    let written = [
        (rows::ACCEPTED, is),
        (rows::N_ACCEPTED, n_accepted),
        (rows::N_REJECTED, n_rejected),
        (rows::WANTED, wanted),
        (rows::CAP, next_cap),
        (rows::PAST, next_past),
        (rows::REACHED, reached),
        (rows::KEPT, next_kept),
        (rows::FIRST, still_first),
    ];
    written.into_iter().for_each(|(row, value)| s.store(LANES, row, value));
    s.flag(LANES, rows::STOPS, stops);
    s.flag(LANES, rows::OBSERVED, observed);
    straight
}

fn load(straight: &mut Straight, row: usize) -> Value {
    straight.load(LANES, row)
}

/// Factor of the next step, and what the controller keeps of this one: see `step_factor`.
fn factor(s: &mut Straight, method: Method, [square, h, past]: [Value; 3]) -> (Value, Value) {
    let sizes = Sizes::of(method.order());
    let n = 2.0 * f64::from(method.order());
    let [least, most, calmest] =
        [sizes.least, sizes.most, sizes.calmest].map(|number| s.constant(number));
    let inside = s.two(Two::Larger, square, least);
    let inside = s.two(Two::Smaller, inside, most);
    let root = root(s, method, inside, n);
    let calm = s.two(Two::Smaller, root, calmest);
    let product = s.mul(h, calm);
    let present = one_over(s, product);
    let both = s.mul(root, root);
    let foretold = s.mul(h, both);
    let foretold = s.mul(foretold, past);
    let smaller = s.two(Two::Smaller, foretold, root);
    let [safe, lowest, highest, infinity, lost] =
        [0.9, 0.2, 5.0, f64::INFINITY, 0.1].map(|number| s.constant(number));
    let factor = s.mul(safe, smaller);
    let factor = s.two(Two::Larger, factor, lowest);
    let factor = s.two(Two::Smaller, factor, highest);
    let is_finite = s.two(Two::If(Relation::Less, 1), square, infinity);
    (s.blend(is_finite, factor, lost), present)
}

/// `inside^(-1/n)`, by Newton's method from its bits.
fn root(s: &mut Straight, method: Method, inside: Value, n: f64) -> Value {
    let [one, start, part] =
        [Sizes::ONE, Sizes::START, Sizes::part(method.order())].map(|bits| s.bits(bits as u64));
    let distance = s.two(Two::SubBits, one, inside);
    let distance = s.one(One::Shifted(Sizes::SHIFT), distance);
    let distance = s.two(Two::MulBits, distance, part);
    let mut root = s.two(Two::AddBits, start, distance);
    let [above, per_n] = [n + 1.0, 1.0 / n].map(|number| s.constant(number));
    for _ in 0..2 {
        let square = s.mul(root, root);
        let fourth = s.mul(square, square);
        let eighth = s.mul(fourth, fourth);
        let power = match method.order() {
            4 => eighth,
            5 => s.mul(eighth, square),
            _ => s.mul(eighth, eighth),
        };
        let product = s.mul(inside, power);
        let rest = s.sub(above, product);
        let more = s.mul(root, rest);
        root = s.mul(more, per_n);
    }
    root
}

/// As `controller::one_over`.
pub(super) fn one_over(s: &mut Straight, x: Value) -> Value {
    let (mirror, two) = (s.bits(ONE_OVER), s.constant(2.0));
    let guess = s.two(Two::SubBits, mirror, x);
    let product = s.mul(x, guess);
    let rest = s.sub(two, product);
    s.mul(guess, rest)
}

/// As `controller::smallest_step`.
fn smallest(s: &mut Straight, t: Value) -> Value {
    let [least, part] = [f64::MIN_POSITIVE, SMALLEST].map(|number| s.constant(number));
    let size = s.abs(t);
    let size = s.two(Two::Larger, size, least);
    s.mul(part, size)
}
