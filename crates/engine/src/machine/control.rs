//! Acceptance of a step, the size of the next, and where lanes do not do alike: what
//! `Columns::decide` does, as one computation.

use super::MAX_STEPS;
use super::straight::{One, Relation, Straight, Two, Value};
use crate::integrate::{
    ABOUT_ONE_OVER, FIRST_CUT, Method, ONE_OVER, SAFETY, SHRINKS, Sizes, lane_rows as rows,
};

/// Acceptance of a step of `method` and what follows, from the rows of lanes in array `lanes`; stiffness
/// may be watched, and with `all` every step is an event. Flags are bits in the first byte of each part
/// of their rows.
pub(super) fn control(lanes: u32, (method, watches): (Method, bool), all: bool) -> Straight {
    let mut straight = Straight::default();
    let s = &mut straight;
    let [t, h, error] = [rows::T, rows::H, rows::ERROR].map(|row| s.load(lanes, row));
    let [busy, first, past] = [rows::BUSY, rows::FIRST, rows::PAST].map(|row| s.load(lanes, row));
    let [one, infinity, first_cut] = [1.0, f64::INFINITY, FIRST_CUT].map(|x| s.constant(x));
    // 1. Acceptance, and where it got.
    let is = s.two(Two::If(Relation::AtMost, 1), error, one);
    let whole = s.bits(1);
    let not = s.two(Two::Xor, is, whole);
    let tries = s.load(lanes, rows::N_TRIES);
    let tries = s.two(Two::AddBits, tries, busy);
    let end = s.load(lanes, rows::END_H);
    let left = s.sub(end, t);
    let last = s.two(Two::If(Relation::Equal, 1), h, left);
    let there = s.add(t, h);
    let reached = s.blend(last, end, there);
    // 2. Events: a lane that is not accepted, at its end, out of tries, at the edge of stability, or
    //    told of every step.
    let most = s.told(MAX_STEPS);
    let many = s.two(Two::IfAtLeast(1), tries, most);
    let mut stops = s.two(Two::Or, not, last);
    stops = s.two(Two::Or, stops, many);
    if watches {
        for row in [rows::TOLD, rows::AT_EDGE] {
            let flag = s.load(lanes, row);
            stops = s.two(Two::Or, stops, flag);
        }
    }
    let stops = if all { busy } else { s.two(Two::And, stops, busy) };
    let observation = s.load(lanes, rows::OBSERVATION_H);
    let sees = s.two(Two::If(Relation::AtMost, 1), observation, reached);
    let sees = s.two(Two::And, sees, is);
    let observed = s.two(Two::And, sees, busy);
    // 3. The next size.
    let (factor, present) = factor(s, method, [error, h, past]);
    let cut = s.blend(first, first_cut, one);
    let cap = s.load(lanes, rows::CAP);
    let most = s.blend(is, cap, cut);
    let factor = s.two(Two::Smaller, factor, most);
    let wanted = s.mul(h, factor);
    let next_cap = s.blend(is, infinity, one);
    let next_past = s.blend(is, present, past);
    let kept = s.load(lanes, rows::KEPT);
    let longer = s.two(Two::Larger, kept, h);
    let served = s.blend(last, longer, wanted);
    let starts = s.two(Two::And, is, first);
    let next_kept = s.blend(starts, served, kept);
    let still_first = s.two(Two::And, first, not);
    // Rows are written when all have been read.
    let written = [
        (rows::ACCEPTED, is),
        (rows::N_TRIES, tries),
        (rows::WANTED, wanted),
        (rows::CAP, next_cap),
        (rows::PAST, next_past),
        (rows::REACHED, reached),
        (rows::KEPT, next_kept),
        (rows::FIRST, still_first),
    ];
    written.into_iter().for_each(|(row, value)| s.store(lanes, row, value));
    s.flag(lanes, rows::STOPS, stops);
    s.flag(lanes, rows::OBSERVED, observed);
    straight
}

/// Factor of the next step, and what the controller keeps of this one: see `step_factor`.
fn factor(s: &mut Straight, method: Method, [square, h, past]: [Value; 3]) -> (Value, Value) {
    let sizes = Sizes::of(method.order());
    let n = 2.0 * f64::from(method.order());
    let [least, most, calmest, safety, shrinks] =
        [sizes.least, sizes.most, sizes.calmest, SAFETY, SHRINKS].map(|number| s.constant(number));
    let inside = s.two(Two::Smaller, square, most);
    let inside = s.two(Two::Larger, inside, least);
    let root = root(s, method, inside, n);
    let calm = s.two(Two::Smaller, root, calmest);
    let product = s.mul(h, calm);
    let present = one_over(s, product);
    let both = s.mul(root, root);
    let foretold = s.mul(h, both);
    let foretold = s.mul(foretold, past);
    let smaller = s.two(Two::Smaller, foretold, root);
    let factor = s.mul(safety, smaller);
    (s.two(Two::Larger, factor, shrinks), present)
}

/// `inside^(-1/n)`, by Newton's method from its bits.
fn root(s: &mut Straight, method: Method, inside: Value, n: f64) -> Value {
    let [one, start, part] =
        [Sizes::ONE, Sizes::START, Sizes::part(method.order())].map(|bits| s.bits(bits as u64));
    let distance = s.two(Two::SubBits, one, inside);
    let distance = s.one(One::Shifted(Sizes::SHIFT), distance);
    let distance = s.two(Two::MulHalves, distance, part);
    let guess = s.two(Two::AddBits, start, distance);
    let [above, per_n] = [(n + 1.0) / n, 1.0 / n].map(|number| s.constant(number));
    let square = s.mul(guess, guess);
    let fourth = s.mul(square, square);
    let eighth = s.mul(fourth, fourth);
    let power = match method.order() {
        4 => eighth,
        5 => s.mul(eighth, square),
        _ => s.mul(eighth, eighth),
    };
    let part = s.mul(per_n, inside);
    let product = s.mul(part, power);
    let rest = s.sub(above, product);
    s.mul(guess, rest)
}

/// As `controller::about_one_over`.
pub(super) fn about_one_over(s: &mut Straight, x: Value) -> Value {
    let mirror = s.bits(ABOUT_ONE_OVER);
    s.two(Two::SubBits, mirror, x)
}

/// As `controller::one_over`.
fn one_over(s: &mut Straight, x: Value) -> Value {
    let (mirror, two) = (s.bits(ONE_OVER), s.constant(2.0));
    let guess = s.two(Two::SubBits, mirror, x);
    let product = s.mul(x, guess);
    let rest = s.sub(two, product);
    s.mul(guess, rest)
}
