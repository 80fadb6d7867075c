use std::f64::consts::{E, PI};

use epsom_model::ir::{Compartment, DisplayUnit, ExprId, Exprs, Model, Node, Param, UnaryOp};

use super::*;
use crate::compile;

/// A model of `n` compartments and parameters whose derivatives `make` gives.
fn model(n: usize, n_params: usize, make: impl Fn(&mut Exprs) -> Vec<ExprId>) -> Model {
    let mut model = Model::default();
    let derivatives = make(&mut model.exprs);
    assert_eq!(derivatives.len(), n);
    model.compartments = derivatives
        .into_iter()
        .map(|derivative| Compartment {
            name: String::new(),
            unit: DisplayUnit::default(),
            derivative,
            initial: None,
            bioavailability: None,
            lag: None,
            rate: None,
            duration: None,
            scale: None,
            accumulator: false,
            label: String::new(),
        })
        .collect();
    model.params = (0..n_params)
        .map(|_| Param {
            name: String::new(),
            value: 1.0,
            unit: DisplayUnit::default(),
            uncertain: Default::default(),
            varies: Default::default(),
            bounds: (f64::NEG_INFINITY, f64::INFINITY),
            provenance: Default::default(),
            spread_assumed: String::new(),
            label: String::new(),
        })
        .collect();
    model
}

/// Depot to central to out: rates are parameters 0 and 1.
fn absorption() -> Model {
    model(2, 2, |e| {
        let (depot, central) = (e.add(Node::State(0)), e.add(Node::State(1)));
        let (ka, kel) = (e.add(Node::Param(0)), e.add(Node::Param(1)));
        let (absorbed, lost) = (e.product(ka, depot), e.product(kel, central));
        vec![e.unary(UnaryOp::Neg, absorbed), e.difference(absorbed, lost)]
    })
}

/// `y' = -y^2`, whose solution from 1 is `1 / (1 + t)`.
fn hyperbola() -> Model {
    model(1, 0, |e| {
        let y = e.add(Node::State(0));
        let square = e.powi(y, 2);
        vec![e.unary(UnaryOp::Neg, square)]
    })
}

/// Van der Pol's equation; parameter 0 is its stiffness.
fn van_der_pol() -> Model {
    model(2, 1, |e| {
        let (x, v, mu) = (e.add(Node::State(0)), e.add(Node::State(1)), e.add(Node::Param(0)));
        let (square, one) = (e.powi(x, 2), e.constant(1.0));
        let inside = e.difference(one, square);
        let damping = e.product(mu, inside);
        let force = e.product(damping, v);
        vec![v, e.difference(force, x)]
    })
}

const TINY: [f64; 2] = [1e-12; 2];

fn segment<'a>(model: &Model, y: &[f64], params: &[f64], at: &'a [f64]) -> Segment<'a> {
    let layout = compile(model).layout;
    let mut inputs = vec![0.0; layout.len()];
    inputs[..params.len()].copy_from_slice(params);
    Segment {
        column: Column { t: 0.0, y: y.to_vec(), inputs },
        until_h: at[at.len() - 1],
        observations_h: at,
        atol: &TINY,
        first_step_h: 0.0,
    }
}

fn solve(model: &Model, segment: Segment<'_>, options: StepOptions) -> Solved {
    advance(&compile(model), &[segment], &options).remove(0)
}

#[test]
fn absorption_meets_its_closed_form() {
    let model = absorption();
    let solved =
        solve(&model, segment(&model, &[1.0, 0.0], &[2.0, 1.0], &[0.5, 1.0, 2.0]), default());
    // Central is 2 (e^-t - e^-2t) for rates 2 and 1; a few tens of steps each add a local error.
    let allowed = 100.0 * default().rtol;
    assert!((solved.states[3] - 2.0 * (1.0 / E - 1.0 / (E * E))).abs() < allowed);
    let square = E * E;
    assert!((solved.states[5] - 2.0 * (1.0 / square - 1.0 / (square * square))).abs() < allowed);
    assert_eq!(solved.column.y, solved.states[4..]);
    assert_eq!((solved.column.t, solved.failure), (2.0, None));
}

#[test]
fn an_infusion_is_added_to_the_derivative() {
    let model = absorption();
    let mut one = segment(&model, &[0.0, 0.0], &[2.0, 1.0], &[1.0]);
    let rates = compile(&model).layout.rates();
    one.column.inputs[rates + 1] = 3.0;
    let solved = solve(&model, one, default());
    assert!((solved.column.y[1] - 3.0 * (1.0 - 1.0 / E)).abs() < 100.0 * default().rtol);
}

/// Halving one step divides its error by 2^6 (order 5) and inside the step by 2^5 (order 4).
#[test]
fn order_of_the_step_and_of_the_interpolant() {
    let model = hyperbola();
    let loose = StepOptions { rtol: 1e9, ..default() };
    let errors = |h: f64| {
        let times = [0.5 * h, h];
        let mut one = segment(&model, &[1.0], &[], &times);
        one.first_step_h = h;
        let solved = solve(&model, one, loose);
        assert_eq!(solved.steps, 1);
        [0, 1].map(|i| (solved.states[i] - 1.0 / (1.0 + times[i])).abs())
    };
    let (whole, half) = (errors(0.1), errors(0.05));
    // The next term of the series is about h times the leading one.
    assert!(whole[1] / half[1] > 50.0, "{}", whole[1] / half[1]);
    assert!((20.0..60.0).contains(&(whole[0] / half[0])), "{}", whole[0] / half[0]);
}

#[test]
fn an_oscillator_returns() {
    let model = van_der_pol();
    let solved = solve(&model, segment(&model, &[1.0, 0.0], &[0.0], &[PI, 2.0 * PI]), default());
    let allowed = 1000.0 * default().rtol;
    assert!((solved.states[0] + 1.0).abs() < allowed && solved.states[1].abs() < allowed);
    assert!((solved.states[2] - 1.0).abs() < allowed && solved.states[3].abs() < allowed);
}

/// Lane width, neighbors and instruction set change no bit.
#[test]
fn same_bits_on_every_path() {
    let times: Vec<f64> = (1..20).map(f64::from).collect();
    for model in [absorption(), van_der_pol()] {
        let compiled = compile(&model);
        let all: Vec<Segment<'_>> = (0..100)
            .map(|i| {
                let shift = f64::from(i) / 37.0;
                segment(&model, &[1.0 + shift, 0.5], &[1.0 + shift, 0.3], &times)
            })
            .collect();
        let alone: Vec<Solved> = all
            .iter()
            .flat_map(|one| {
                let scalar =
                    StepOptions { lanes: Lanes::L1, isa: Some(Isa::Baseline), ..default() };
                advance(&compiled, std::slice::from_ref(one), &scalar)
            })
            .collect();
        assert!(alone.iter().all(|one| one.failure.is_none()));
        for isa in available() {
            for lanes in [Lanes::L1, Lanes::L8, Lanes::L16, Lanes::L32, Lanes::L64] {
                let options = StepOptions { lanes, isa: Some(isa), ..default() };
                let together = advance(&compiled, &all, &options);
                assert!(together == alone, "{lanes:?} {isa:?}");
            }
        }
    }
}

#[test]
fn failures_name_their_cause_and_spare_the_neighbors() {
    let model = model(1, 1, |e| {
        let (y, k) = (e.add(Node::State(0)), e.add(Node::Param(0)));
        let square = e.powi(y, 2);
        vec![e.product(k, square)]
    });
    let compiled = compile(&model);
    let times = [2.0];
    // From 1 with k = 1 the solution leaves every bound at t = 1.
    let cases = [1.0, -1.0, f64::NAN].map(|k| segment(&model, &[1.0], &[k], &times));
    let solved = advance(&compiled, &cases, &default());
    assert!(solved[0].failure.is_some() && solved[0].column.t <= 1.0 + 1e-6);
    assert!((solved[1].column.y[0] - 1.0 / 3.0).abs() < 100.0 * default().rtol);
    assert_eq!(solved[2].failure, Some(Cause::NotFinite));
    let few = StepOptions { max_steps: 3, ..default() };
    assert_eq!(advance(&compiled, &cases[1..2], &few)[0].failure, Some(Cause::TooManySteps));
}

#[test]
fn what_depends_on_inputs_only_is_hoisted() {
    let model = model(1, 2, |e| {
        let (y, cl, v) = (e.add(Node::State(0)), e.add(Node::Param(0)), e.add(Node::Param(1)));
        let rate = e.quotient(cl, v);
        vec![e.product(rate, y)]
    });
    let (per_stop, per_call, _) = compile(&model).derivatives.size();
    assert_eq!((per_stop, per_call), (1, 1));
}

#[test]
fn rare_functions_have_their_instruction() {
    let model = model(1, 0, |e| {
        let y = e.add(Node::State(0));
        vec![e.unary(UnaryOp::Digamma, y)]
    });
    let program = compile(&model).derivatives;
    let mut file = program.registers::<1>();
    file[0] = [1.5];
    program.hoist(&mut file);
    program.call(&mut file);
    assert_eq!(file[program.roots()[0] as usize], [epsom_maths::digamma(1.5)]);
}

/// `y' = e^-y` from 0 is `ln(1 + t)`: 1 at `e - 1`; the second is `y' = -t^0.5 y`.
#[test]
fn elementary_functions_run() {
    let model = model(2, 1, |e| {
        let (y, z) = (e.add(Node::State(0)), e.add(Node::State(1)));
        let (time, half) = (e.add(Node::Time), e.add(Node::Param(0)));
        let minus = e.unary(UnaryOp::Neg, y);
        let (root, decay) = (e.power(time, half), e.unary(UnaryOp::Exp, minus));
        let falls = e.product(root, z);
        vec![decay, e.unary(UnaryOp::Neg, falls)]
    });
    let times = [2.0, E + 1.0];
    let mut one = segment(&model, &[0.0, 1.0], &[0.5], &times);
    // From t = 2, where ln(1 + t) is shifted: y = ln(t - 1), z = exp(-2/3 (t^1.5 - 2^1.5)).
    one.column.t = 2.0;
    let solved = solve(&model, one, default());
    assert!((solved.states[2] - 1.0).abs() < 100.0 * default().rtol);
    let falls = epsom_maths::pow(E + 1.0, 1.5) - epsom_maths::pow(2.0, 1.5);
    let truth = epsom_maths::exp(-2.0 / 3.0 * falls);
    assert!((solved.states[3] - truth).abs() < 100.0 * default().rtol);
}

fn default() -> StepOptions {
    StepOptions::default()
}
