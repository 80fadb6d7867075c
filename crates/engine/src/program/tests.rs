use super::*;
use crate::integrate::available;
use epsom_model::ir::{ExprId, Exprs, Node};
use proptest::prelude::*;

const LAYOUT: Layout = Layout { n_params: 2, n_covariates: 0, n_modes: 0, n_states: 2 };

/// Every group's roots, called in order, for one subject.
pub(super) fn values(program: &Program, state: &[f64], params: &[f64], extra: f64) -> Vec<f64> {
    let mut file = program.registers::<1>();
    state.iter().enumerate().for_each(|(at, &value)| file[at] = Row([value]));
    params.iter().enumerate().for_each(|(at, &value)| file[program.input(at)] = Row([value]));
    if program.n_extra > 0 {
        file[program.extra(0)] = Row([extra]);
    }
    program.hoist(&mut file);
    let mut found = Vec::new();
    for entry in 0..program.entries.len() {
        program.call_on(&mut file, entry, Cpu::default());
        found.extend(program.roots_of(entry).iter().map(|&root| file[root as usize][0]));
        // A later group must not see what the leaves are then.
        (0..state.len()).for_each(|at| file[at] = Row([f64::NAN]));
    }
    found
}

#[test]
fn a_product_read_once_becomes_part_of_its_sum_with_two_roundings() {
    let mut e = Exprs::default();
    let (x, y) = (e.add(Node::State(0)), e.add(Node::State(1)));
    let product = e.product(x, y);
    let roots = [e.sum(product, x), e.difference(x, product), e.difference(product, x)];
    for &root in &roots {
        let program = lower(&e, &[root], LAYOUT);
        assert_eq!(program.size().1, 1);
    }
    let (x, y) = (1.1, 1.3);
    let shared = values(&lower(&e, &roots, LAYOUT), &[x, y], &[0.0; 2], 0.0);
    assert_eq!(shared, [x * y + x, x - x * y, x * y - x]);
    let alone: Vec<f64> = roots
        .iter()
        .flat_map(|root| values(&lower(&e, &[*root], LAYOUT), &[x, y], &[0.0; 2], 0.0))
        .collect();
    assert_eq!(alone, shared);
}

#[test]
fn powers_are_multiplied_out_and_share_squares() {
    let mut e = Exprs::default();
    let x = e.add(Node::State(0));
    let roots: Vec<ExprId> = [2, 3, 4, 8, -4, 11].map(|n| e.powi(x, n)).to_vec();
    let program = lower(&e, &roots, LAYOUT);
    assert_eq!(program.size().1, 6);
    let wanted = [2, 3, 4, 8, -4, 11].map(|n| epsom_maths::powi(1.7, n));
    assert_eq!(values(&program, &[1.7, 0.0], &[0.0; 2], 0.0), wanted);
}

#[test]
fn what_is_constant_between_stops_is_inverted_once() {
    let mut e = Exprs::default();
    let (x, y, v) = (e.add(Node::State(0)), e.add(Node::State(1)), e.add(Node::Param(0)));
    let by_input = e.quotient(x, v);
    let sum = e.sum(x, y);
    let (first, second) = (e.quotient(x, sum), e.quotient(y, sum));
    let program = lower(&e, &[by_input, first, second], LAYOUT);
    // Once per stop the reciprocal of v; per call three products, a sum, a reciprocal.
    assert_eq!((program.size().0, program.size().1), (1, 5));
    let wanted = [3.0 * (1.0 / 7.0), 3.0 * (1.0 / 8.0), 5.0 * (1.0 / 8.0)];
    assert_eq!(values(&program, &[3.0, 5.0], &[7.0, 0.0], 0.0), wanted);
}

#[test]
fn what_another_group_divides_by_is_inverted_there_only() {
    let mut e = Exprs::default();
    let (x, y) = (e.add(Node::State(0)), e.add(Node::State(1)));
    let sum = e.sum(x, y);
    let (first, second) = (e.quotient(x, sum), e.quotient(y, sum));
    let more = e.sum(first, y);
    let groups =
        [Group { roots: &[first, second], given: &[] }, Group { roots: &[more], given: &[] }];
    let program = lower_groups(&e, &groups, LAYOUT);
    // A sum, its inverse, two products; a sum, a quotient, a sum.
    assert_eq!((program.length_of(0), program.length_of(1)), (4, 3));
    let alone = lower(&e, &[more], LAYOUT);
    assert_eq!(values(&alone, &[3.0, 10.0], &[0.0; 2], 0.0), [3.0 / 13.0 + 10.0]);
}

#[test]
fn a_later_group_reads_earlier_results_as_they_were() {
    let mut e = Exprs::default();
    let (x, y, g) = (e.add(Node::State(0)), e.add(Node::State(1)), e.add(Node::State(2)));
    let product = e.product(x, y);
    let kept = [product, y];
    let shifted = e.sum(product, g);
    let scaled = e.product(y, shifted);
    let groups = [Group { roots: &kept, given: &[] }, Group { roots: &[scaled], given: &kept }];
    let program = lower_groups(&e, &groups, LAYOUT);
    assert_eq!(values(&program, &[3.0, 5.0], &[0.0; 2], 2.0), [15.0, 5.0, 85.0]);
    assert_eq!((program.length_of(0), program.length_of(1)), (2, 2));
}

/// What a random expression is made of.
#[derive(Debug, Clone, Copy)]
enum Part {
    Binary(BinaryOp),
    Power(i32),
    Neg,
    Select,
    /// Division by the input, a power of two.
    Scale,
}

proptest! {
    /// Rewriting and lowering change no value: on small whole numbers every operation is exact.
    #[test]
    fn programs_agree_with_the_table(
        parts in prop::collection::vec(
            (
                prop_oneof![
                    prop::sample::select(vec![
                        BinaryOp::Add, BinaryOp::Sub, BinaryOp::Mul, BinaryOp::Min, BinaryOp::Max,
                        BinaryOp::Lt, BinaryOp::Ge, BinaryOp::And,
                    ])
                    .prop_map(Part::Binary),
                    (2..4).prop_map(Part::Power),
                    Just(Part::Neg),
                    Just(Part::Select),
                    Just(Part::Scale),
                ],
                0..100_usize,
                0..100_usize,
            ),
            1..14,
        ),
        state in [-2..3, -2..3],
    ) {
        let mut e = Exprs::default();
        let mut made = vec![e.add(Node::State(0)), e.add(Node::State(1)), e.constant(2.0)];
        let input = e.add(Node::Param(0));
        let inputs = crate::eval::Inputs {
            params: vec![4.0, 0.0],
            state: state.map(f64::from).to_vec(),
            ..Default::default()
        };
        for (part, a, b) in parts {
            let (a, b) = (made[a % made.len()], made[b % made.len()]);
            let next = match part {
                Part::Binary(op) => e.binary(op, a, b),
                Part::Power(n) => e.powi(a, n),
                Part::Neg => e.unary(UnaryOp::Neg, a),
                Part::Select => e.select(a, b, made[0]),
                Part::Scale => e.quotient(a, input),
            };
            // Beyond 2^40 sums would no longer be exact.
            let value = crate::eval::evaluate(&e, next, &inputs).unwrap();
            if value.abs() < 1e12 && (value * 4096.0).fract() == 0.0 {
                made.push(next);
            }
        }
        let program = lower(&e, &made, LAYOUT);
        let got = values(&program, &[inputs.state[0], inputs.state[1]], &[4.0, 0.0], 0.0);
        for (got, &id) in got.iter().zip(&made) {
            let wanted = crate::eval::evaluate(&e, id, &inputs).unwrap();
            prop_assert_eq!(*got, wanted);
            prop_assert_eq!(crate::eval::Extract::of(&e, id).value(&inputs), Some(wanted));
        }
    }
}

/// Every function on every width and instruction set gives the bits of the scalar function.
#[test]
fn functions_have_the_same_bits_everywhere() {
    use UnaryOp::*;
    let functions = [
        Exp,
        ExpM1,
        Ln,
        Ln1p,
        Log10,
        Log2,
        Sin,
        Cos,
        Tan,
        Asin,
        Acos,
        Atan,
        Sinh,
        Cosh,
        Tanh,
        Erf,
        NormCdf,
        NormQuantile,
        Expit,
        Logit,
        Softplus,
        LnGamma,
        Gamma,
        Digamma,
        Neg,
        Not,
        Abs,
        Sign,
        Floor,
        Ceil,
        Sqrt,
    ];
    let mut e = Exprs::default();
    let (x, y) = (e.add(Node::State(0)), e.add(Node::State(1)));
    let mut roots: Vec<ExprId> = functions.iter().map(|&op| e.add(Node::Unary(op, x))).collect();
    roots.push(e.power(x, y));
    let program = lower(&e, &roots, LAYOUT);
    let points = [0.3, 0.0, -0.75, 1.5, 0.999, 30.0, -2.5, 1e-9];
    let wanted: Vec<Vec<u64>> = points
        .iter()
        .map(|&x| {
            let functions = functions.iter().map(|&op| crate::eval::unary(op, x));
            functions.chain([epsom_maths::pow(x, x + 1.0)]).map(bits).collect()
        })
        .collect();
    for isa in available() {
        check::<1>(&program, &points, &wanted, isa);
        check::<8>(&program, &points, &wanted, isa);
        check::<16>(&program, &points, &wanted, isa);
    }
}

fn check<const W: usize>(
    program: &Program,
    points: &[f64],
    wanted: &[Vec<u64>],
    isa: crate::integrate::Isa,
) {
    let mut file = program.registers::<W>();
    for shift in 0..points.len() {
        let at = |lane: usize| (shift + lane) % points.len();
        (file[0], file[1]) = (
            Row(std::array::from_fn(|lane| points[at(lane)])),
            Row(std::array::from_fn(|lane| points[at(lane)] + 1.0)),
        );
        program.call_on(&mut file, 0, Cpu::new(Some(isa)));
        for lane in 0..W {
            let got: Vec<u64> =
                program.roots().iter().map(|&root| bits(file[root as usize][lane])).collect();
            assert_eq!(got, wanted[at(lane)], "{isa:?}, {W} lanes, {}", points[at(lane)]);
        }
    }
}

/// Sign and payload of a NaN are not promised.
fn bits(value: f64) -> u64 {
    if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() }
}
