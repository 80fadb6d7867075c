use super::super::prepare::prepare;
use super::super::tests::values;
use super::super::{Group, Layout, Op, Program, lower, lower_groups};
use super::*;
use crate::eval::{Inputs, evaluate};
use epsom_model::ir::{BinaryOp, Node, UnaryOp};
use proptest::prelude::*;

const LAYOUT: Layout = Layout { n_params: 3, n_covariates: 0, n_modes: 0, n_states: 4 };

/// Arithmetic operations of one group: a product within a sum counts as one.
fn n_arithmetic(program: &Program, entry: usize) -> usize {
    let n = |op: Op| match op {
        Op::Copy => 0,
        Op::MulAdd | Op::MulSub | Op::MulRest => 2,
        _ => 1,
    };
    program.code_of(entry).iter().map(|one| n(one.op)).sum()
}

/// Operations per call before and after.
fn counts(exprs: &Exprs, roots: &[ExprId]) -> (usize, usize) {
    let prepared = prepare(exprs, roots);
    let place = |id: &ExprId| prepared.place[id.0 as usize].unwrap_or_default();
    let asked = Asked { roots: roots.iter().map(place).collect(), given: Vec::new() };
    let before = n_operations(&prepared.exprs, &prepared.varies, &[asked])[0];
    let program = lower(exprs, roots, LAYOUT);
    assert_eq!(program, lower(exprs, roots, LAYOUT), "not the same each time");
    (before, n_arithmetic(&program, 0))
}

/// Compartments and parameters.
fn leaves() -> (Exprs, [ExprId; 4], [ExprId; 3]) {
    let mut e = Exprs::default();
    let states = [0, 1, 2, 3].map(|at| e.add(Node::State(at)));
    let params = [0, 1, 2].map(|at| e.add(Node::Param(at)));
    (e, states, params)
}

fn neg(e: &mut Exprs, id: ExprId) -> ExprId {
    e.unary(UnaryOp::Neg, id)
}

#[test]
fn what_leaves_and_enters_is_one_product() {
    let (mut e, [x, y, ..], [k, l, _]) = leaves();
    let minus_k = neg(&mut e, k);
    let out = e.product(minus_k, x);
    let (inflow, loss) = (e.product(k, x), e.product(l, y));
    let change = e.difference(inflow, loss);
    // -k x; l' y - (-k x) with l' = -l, which is hoisted, or as here (-l) y - (-k x).
    assert_eq!(counts(&e, &[out, change]), (4, 3));
}

#[test]
fn an_exchange_stands_once_with_each_sign() {
    let (mut e, [x, y, z, _], [k, l, m]) = leaves();
    let (there, back, loss) = (e.product(k, x), e.product(l, y), e.product(m, z));
    let gain = e.difference(there, back);
    let first = e.difference(z, there);
    let first = e.sum(first, back);
    let second = e.sum(loss, back);
    let second = e.difference(second, there);
    // Three products, one difference, one more sum for each of the others: not six.
    assert_eq!(counts(&e, &[gain, first, second]), (8, 6));
}

#[test]
fn a_negated_flow_turns_its_factor() {
    let (mut e, [x, y, z, _], [k, ..]) = leaves();
    let level = e.difference(x, y);
    let flow = e.product(k, level);
    let (out, gain) = (neg(&mut e, flow), e.sum(z, flow));
    assert_eq!(counts(&e, &[out, gain]), (4, 3));
    // Both leave: one of them is turned, the other one taken away.
    let (mut e, [x, y, z, w], [k, l, _]) = leaves();
    let levels = [e.difference(x, y), e.difference(z, w)];
    let flows = [e.product(k, levels[0]), e.product(l, levels[1])];
    let out = neg(&mut e, flows[1]);
    let minus = neg(&mut e, flows[0]);
    let both = e.difference(minus, flows[1]);
    let gain = e.sum(x, flows[0]);
    assert_eq!(counts(&e, &[out, both, gain]), (8, 6));
}

#[test]
fn derivatives_by_parameters_take_no_more_than_their_terms() {
    // x' = -k x, y' = k x - l y; and by k: u' = -k u - x, v' = x + k u - l v.
    let (mut e, [x, y, u, v], [k, l, _]) = leaves();
    let minus_k = neg(&mut e, k);
    let [kx, ly, ku, lv] = [(k, x), (l, y), (k, u), (l, v)].map(|(a, b)| e.product(a, b));
    let [dx, down] = [x, u].map(|of| e.product(minus_k, of));
    let (dy, du) = (e.difference(kx, ly), e.difference(down, x));
    let dv = e.sum(x, ku);
    let dv = e.difference(dv, lv);
    assert_eq!(counts(&e, &[dx, dy, du, dv]), (10, 7));
}

#[test]
fn constant_factors_are_multiplied_once_per_stop() {
    let (mut e, [x, y, z, _], [k, l, m]) = leaves();
    // (k x) y l and m ((k x) / (y + z)).
    let (kx, sum) = (e.product(k, x), e.sum(y, z));
    let kxy = e.product(kx, y);
    let far = e.product(kxy, l);
    assert_eq!(counts(&e, &[far]), (3, 2));
    let ratio = e.quotient(kx, sum);
    let scaled = e.product(m, ratio);
    assert_eq!(counts(&e, &[scaled]), (4, 3));
    // k x is read only times l and m; with another reader it is computed, and nothing saved.
    let readers = [e.product(kx, l), e.product(m, kx), e.sum(kx, y)];
    assert_eq!(counts(&e, &readers[..2]), (3, 2));
    assert_eq!(counts(&e, &readers), (4, 4));
    let program = lower(&e, &[far, scaled, readers[0]], LAYOUT);
    assert_eq!(values(&program, &[5.0, 7.0, 3.0, 0.0], &PARAMS, 0.0), [210.0, 1.0, 30.0]);
}

#[test]
fn common_factors_are_multiplied_once() {
    let (mut e, [x, y, z, _], [k, l, m]) = leaves();
    // k x - k y + l z.
    let [kx, ky, lz] = [(k, x), (k, y), (l, z)].map(|(a, b)| e.product(a, b));
    let change = e.difference(kx, ky);
    let change = e.sum(change, lz);
    assert_eq!(counts(&e, &[change]), (5, 4));
    // A product that something else reads is there anyway.
    assert_eq!(counts(&e, &[change, kx, ky]), (5, 5));
    let program = lower(&e, &[change], LAYOUT);
    assert_eq!(values(&program, &[5.0, 7.0, 3.0, 0.0], &PARAMS, 0.0), [2.0 * -2.0 + 9.0]);
    // (k / m) x + k y is k (x / m + y), which saves nothing unless x / m is there; l x + k y stays.
    let scaled = e.quotient(k, m);
    let far = e.product(scaled, x);
    let sum = e.sum(far, ky);
    assert_eq!(counts(&e, &[sum]), (3, 3));
    let one = e.constant(1.0);
    let inverse = e.quotient(one, m);
    let by_m = e.product(inverse, x);
    assert_eq!(counts(&e, &[sum, by_m]), (4, 3));
    let lx = e.product(l, x);
    let other = e.sum(lx, ky);
    assert_eq!(counts(&e, &[other, by_m]), (4, 4));
}

#[test]
fn derivatives_by_a_volume_share_what_is_in_brackets() {
    // With a = k/m and e = l/m, by m: u' = a x/m - a u + e w, w' = e u - e x/m.
    let (mut e, [x, _, u, w], [k, l, m]) = leaves();
    let [a, b] = [k, l].map(|of| e.quotient(of, m));
    let [a_m, b_m] = [a, b].map(|of| e.quotient(of, m));
    let [ax, bx, au, bu, bw] =
        [(a_m, x), (b_m, x), (a, u), (b, u), (b, w)].map(|(a, b)| e.product(a, b));
    let du = e.difference(ax, au);
    let du = e.sum(du, bw);
    let dw = e.difference(bu, bx);
    // x/m, u - x/m, three products and one sum.
    assert_eq!(counts(&e, &[du, dw]), (8, 6));
}

#[test]
fn what_functions_and_conditions_read_keeps_its_sign() {
    let (mut e, [x, y, ..], [k, ..]) = leaves();
    let (ahead, back) = (e.difference(x, y), e.difference(y, x));
    let ahead = e.product(k, ahead);
    let back = e.product(k, back);
    let roots = [ahead, back].map(|of| e.unary(UnaryOp::Sign, of));
    let choice = e.select(ahead, back, x);
    let program = lower(&e, &[roots[0], roots[1], choice], LAYOUT);
    assert_eq!(values(&program, &[3.0, 5.0, 0.0, 0.0], &PARAMS, 0.0), [-1.0, 1.0, 4.0]);
}

#[test]
fn brackets_and_the_order_of_terms_stay_where_nothing_is_shared() {
    let (mut e, [x, y, z, w], [k, ..]) = leaves();
    // (x - y) - (z - w) is exact where x is near y and z near w; with another order it is not.
    let (left, right) = (e.difference(x, y), e.difference(z, w));
    let apart = e.difference(left, right);
    let minus = neg(&mut e, z);
    let scaled = e.product(k, minus);
    let constant = e.constant(0.5);
    let sum = e.sum(scaled, constant);
    let program = lower(&e, &[apart, sum], LAYOUT);
    let state = [1e16, 1e16 - 2.0, 0.3, 0.1];
    assert_eq!(values(&program, &state, &PARAMS, 0.0), [2.0 - (0.3 - 0.1), 0.5 - 2.0 * 0.3]);
}

#[test]
fn large_models_are_looked_at_in_bounded_time() {
    // 300 sums of 200 terms each, many of which are held by several.
    let mut e = Exprs::default();
    let states: Vec<ExprId> = (0..400).map(|at| e.add(Node::State(at))).collect();
    let sum = |e: &mut Exprs, at: usize| {
        let terms = (1..200).map(|i| (3 * i + 6 * at) % 400);
        terms.fold(states[6 * at % 400], |sum, i| match i % 3 {
            0 => e.difference(sum, states[i]),
            _ => e.sum(sum, states[i]),
        })
    };
    let roots: Vec<ExprId> = (0..300).map(|at| sum(&mut e, at)).collect();
    let layout = Layout { n_states: 400, ..LAYOUT };
    let program = lower(&e, &roots, layout);
    assert!(n_arithmetic(&program, 0) < 300 * 199);
    assert_eq!(program, lower(&e, &roots, layout));
}

const PARAMS: [f64; 3] = [2.0, 3.0, 1.0];

fn inputs(state: &[f64]) -> Inputs {
    Inputs { params: PARAMS.to_vec(), state: state.to_vec(), ..Inputs::default() }
}

/// Mostly sums and products of few things, so that much is shared.
fn drawn() -> impl Strategy<Value = Vec<(u32, usize, usize)>> {
    prop::collection::vec((0..10_u32, 0..1000_usize, 0..1000_usize), 4..40)
}

/// Expressions made of `made`, each of earlier ones; `size` says how large they can get, as the sum
/// of what is added without signs.
fn build(
    e: &mut Exprs,
    made: &mut Vec<ExprId>,
    parts: &[(u32, usize, usize)],
    fits: &dyn Fn(&Exprs, ExprId) -> bool,
) {
    for &(part, a, b) in parts {
        let (a, b) = (made[a % made.len()], made[b % made.len()]);
        let next = match part {
            0..3 => e.sum(a, b),
            3..6 => e.difference(a, b),
            6..8 => e.product(a, b),
            8 => neg(e, a),
            _ => e.binary(BinaryOp::Max, a, b),
        };
        if fits(e, next) {
            made.push(next);
        }
    }
}

/// An upper bound of everything that is added on the way to each expression.
fn sizes(e: &Exprs, state: &[f64]) -> Vec<f64> {
    let mut all: Vec<f64> = Vec::with_capacity(e.len());
    for at in 0..e.len() {
        let of = |id: ExprId| all[id.0 as usize];
        all.push(match e.node(ExprId(at as u32)) {
            Node::State(i) => state[i as usize].abs(),
            Node::Param(i) => PARAMS[i as usize].abs(),
            Node::Const(value) => value.abs(),
            Node::Unary(_, a) => of(a),
            Node::Binary(BinaryOp::Mul, a, b) => of(a) * of(b),
            Node::Binary(_, a, b) => of(a) + of(b),
            _ => f64::NAN,
        });
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// On small whole numbers every operation is exact, so no value may change; and no program may
    /// get longer.
    #[test]
    fn no_value_changes_and_no_count_grows(
        parts in drawn(),
        picks in prop::collection::vec(0..1000_usize, 1..8),
        state in [-3..4, -3..4, -3..4, -3..4],
    ) {
        let state = state.map(f64::from);
        let (mut e, states, params) = leaves();
        let mut made = [&states[..], &params[..]].concat();
        build(&mut e, &mut made, &parts, &|e, id| sizes(e, &state)[id.0 as usize] < 1e12);
        let roots: Vec<ExprId> = picks.iter().map(|pick| made[pick % made.len()]).collect();
        let (before, after) = counts(&e, &roots);
        prop_assert!(after <= before, "{after} operations, not {before}");
        let got = values(&lower(&e, &roots, LAYOUT), &state, &PARAMS, 0.0);
        for (&got, &root) in got.iter().zip(&roots) {
            prop_assert_eq!(got, evaluate(&e, root, &inputs(&state)).unwrap());
        }
    }

    /// Of numbers that round, values change by a few roundings of what is added.
    #[test]
    fn values_stay_within_their_roundings(
        parts in drawn(),
        state in [-3.0..3.0, -3.0..3.0, -3.0..3.0, -3.0..3.0],
    ) {
        let (mut e, states, params) = leaves();
        let mut made = [&states[..], &params[..]].concat();
        build(&mut e, &mut made, &parts, &|e, id| sizes(e, &state)[id.0 as usize] < 1e12);
        let sizes = sizes(&e, &state);
        let got = values(&lower(&e, &made, LAYOUT), &state, &PARAMS, 0.0);
        for (&got, &root) in got.iter().zip(&made) {
            let wanted = evaluate(&e, root, &inputs(&state)).unwrap();
            // Each operation on the way rounds once in either form.
            let bound = 2.0 * parts.len() as f64 * f64::EPSILON * sizes[root.0 as usize];
            prop_assert!((got - wanted).abs() <= bound, "{} not {}", got, wanted);
        }
    }

    /// A later group reads what an earlier one gave, whatever signs that has.
    #[test]
    fn results_of_earlier_groups_keep_their_values(
        parts in drawn(),
        later in drawn(),
        state in [-3..4, -3..4, -3..4, -3..4],
        extra in -3..4,
    ) {
        let (mut e, states, params) = leaves();
        let mut made = [&states[..], &params[..]].concat();
        let all = [&state.map(f64::from)[..], &[f64::from(extra)]].concat();
        let fits = |e: &Exprs, id: ExprId| sizes(e, &all)[id.0 as usize] < 1e12;
        build(&mut e, &mut made, &parts, &fits);
        let kept = made.clone();
        made.push(e.add(Node::State(4)));
        let n_kept = made.len();
        build(&mut e, &mut made, &later, &fits);
        let groups = [Group { roots: &kept, given: &[] }, Group { roots: &made[n_kept..], given: &kept }];
        let program = lower_groups(&e, &groups, LAYOUT);
        let got = values(&program, &state.map(f64::from), &PARAMS, f64::from(extra));
        for (&got, root) in got.iter().zip(kept.iter().chain(&made[n_kept..])) {
            prop_assert_eq!(got, evaluate(&e, *root, &inputs(&all)).unwrap());
        }
    }
}
