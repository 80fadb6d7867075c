use std::f64::consts::{E, PI};

use epsom_model::ir::{Compartment, DisplayUnit, ExprId, Exprs, Model, Node, Param, UnaryOp};

use super::*;
use crate::clock::RunCause;
use crate::compile::compile;
use crate::row::Row;
use crate::timeline::{Action, Record, Timeline};

/// A model of `n` compartments and parameters whose derivatives `make` gives.
fn model(n: usize, n_params: usize, make: impl Fn(&mut Exprs) -> Vec<ExprId>) -> Model {
    let mut model = Model::default();
    let derivatives = make(&mut model.exprs);
    assert_eq!(derivatives.len(), n);
    model.compartments =
        derivatives.into_iter().map(|derivative| Compartment::of("", derivative)).collect();
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

/// `model` from `y` at the first of `times`, which is observed too.
fn run(model: &Model, y: &[f64], params: &[f64], times: &[f64], options: Options) -> Trajectory {
    let (model, timeline) = (starting(model, y), observing(times));
    let subject = subject(params, &timeline);
    integrate(&compile(&model), &[subject], &options).remove(0)
}

fn starting(model: &Model, y: &[f64]) -> Model {
    let mut model = model.clone();
    for (at, &value) in y.iter().enumerate() {
        model.compartments[at].initial = Some(model.exprs.constant(value));
    }
    model
}

fn observing(times: &[f64]) -> Timeline {
    let observe = |&time_h| Record { time_h, action: Action::Observe };
    Timeline::new(times.iter().map(observe).collect(), Vec::new()).unwrap()
}

fn subject<'a>(params: &[f64], timeline: &'a Timeline) -> Subject<'a> {
    Subject {
        params: params.to_vec(),
        covariates: Vec::new(),
        timeline,
        follows: Vec::new(),
        conduct: None,
    }
}

#[test]
fn absorption_meets_its_closed_form() {
    let model = absorption();
    let solved = run(&model, &[1.0, 0.0], &[2.0, 1.0], &[0.5, 1.0, 2.0], stepped());
    // Central is 2 (e^-t - e^-2t) for rates 2 and 1; a few tens of steps each add a local error.
    let allowed = 100.0 * stepped().rtol;
    assert!((solved.rows[3] - 2.0 * (1.0 / E - 1.0 / (E * E))).abs() < allowed);
    let square = E * E;
    assert!((solved.rows[5] - 2.0 * (1.0 / square - 1.0 / (square * square))).abs() < allowed);
    assert_eq!((solved.failure, solved.width), (None, 2));
}

/// Halving one step divides its error by 2^6 (order 5) and inside the step by 2^5 (order 4).
#[test]
fn order_of_the_step_and_of_the_interpolant() {
    let model = hyperbola();
    let compiled = compile(&starting(&model, &[1.0]));
    let loose = Options { rtol: 1e9, ..stepped() };
    let errors = |h: f64| {
        let times = [0.5 * h, h];
        let timeline = observing(&times);
        let mut clock =
            Clock::new(&compiled, &subject(&[], &timeline), &loose, &mut Left::default());
        clock.first_step_h = h;
        let solved = run_clocks(vec![*clock]).remove(0);
        assert_eq!(solved.counts.steps, 1);
        [0, 1].map(|i| (solved.rows[i] - 1.0 / (1.0 + times[i])).abs())
    };
    let (whole, half) = (errors(0.1), errors(0.05));
    // The next term of the series is about h times the leading one.
    assert!(whole[1] / half[1] > 50.0, "{}", whole[1] / half[1]);
    assert!((20.0..60.0).contains(&(whole[0] / half[0])), "{}", whole[0] / half[0]);
}

#[test]
fn an_oscillator_returns() {
    let model = van_der_pol();
    let solved = run(&model, &[1.0, 0.0], &[0.0], &[PI, 2.0 * PI], stepped());
    let allowed = 1000.0 * stepped().rtol;
    assert!((solved.rows[0] + 1.0).abs() < allowed && solved.rows[1].abs() < allowed);
    assert!((solved.rows[2] - 1.0).abs() < allowed && solved.rows[3].abs() < allowed);
}

/// Lane width, neighbors and instruction set change no bit.
/// Many observations inside one step, in so few lanes that some go one by one.
#[test]
fn observations_are_the_same_one_by_one_and_all_at_once() {
    let compiled = compile(&starting(&absorption(), &[1.0, 0.0]));
    let often: Vec<f64> = (0..400).map(|at| 0.01 * f64::from(at)).collect();
    let (often, seldom) = (observing(&often), observing(&[0.0, 3.99]));
    let rates = |at: usize| [1.0 + 0.1 * at as f64, 0.5];
    let all: Vec<Subject<'_>> = (0..64).map(|at| subject(&rates(at), &often)).collect();
    let mut few = all.clone();
    few.iter_mut().enumerate().filter(|(at, _)| *at != 7).for_each(|(_, one)| {
        one.timeline = &seldom;
    });
    let [all, few] = [&all, &few].map(|subjects| integrate(&compiled, subjects, &stepped()));
    assert_eq!(all[7], few[7]);
    assert_eq!(all[7].rows.len(), 400 * 2);
}

#[test]
fn trajectories_taken_one_by_one_are_those_of_the_list_and_leave_their_memory() {
    let compiled = compile(&starting(&absorption(), &[1.0, 0.0]));
    let timeline = observing(&[0.0, 1.0, 2.0]);
    let rates = |at: usize| [1.0 + at as f64, 0.5];
    let subjects: Vec<Subject<'_>> = (0..5).map(|at| subject(&rates(at), &timeline)).collect();
    let options = Options { lanes: Lanes::L1, ..stepped() };
    let list = integrate(&compiled, &subjects, &options);
    let (mut n_taken, mut places) = (0, std::collections::BTreeSet::new());
    integrate_each(&compiled, &subjects, &options, &mut |at, trajectory| {
        assert_eq!(*trajectory, list[at]);
        n_taken += 1;
        places.insert(trajectory.rows.as_ptr());
    });
    assert_eq!((n_taken, places.len()), (5, 1));
}

#[test]
fn same_bits_on_every_path() {
    let times: Vec<f64> = (1..20).map(f64::from).collect();
    let timeline = observing(&times);
    for model in [absorption(), van_der_pol()] {
        let compiled = compile(&starting(&model, &[1.0, 0.5]));
        let all: Vec<Subject<'_>> = (0..100)
            .map(|i| subject(&[1.0 + f64::from(i) / 37.0, 0.3][..model.params.len()], &timeline))
            .collect();
        let scalar = Options { lanes: Lanes::L1, isa: Some(Isa::Baseline), ..stepped() };
        let alone: Vec<Trajectory> = all
            .iter()
            .flat_map(|one| integrate(&compiled, std::slice::from_ref(one), &scalar))
            .collect();
        assert!(alone.iter().all(|one| one.failure.is_none()));
        for isa in available() {
            for lanes in [Lanes::L1, Lanes::L8, Lanes::L16, Lanes::L32, Lanes::L64] {
                let options = Options { lanes, isa: Some(isa), ..stepped() };
                let together = integrate(&compiled, &all, &options);
                assert!(together == alone, "{lanes:?} {isa:?}");
            }
        }
    }
}

#[test]
fn failures_name_their_cause_and_spare_the_neighbors() {
    let model = model(1, 1, |e| {
        let (y, k) = (e.add(Node::State(0)), e.add(Node::Param(0)));
        let (cube, square) = (e.powi(k, 3), e.powi(y, 2));
        vec![e.product(cube, square)]
    });
    let compiled = compile(&starting(&model, &[1.0]));
    let timeline = observing(&[0.0, 2.0]);
    // From 1 with k = 1 the solution leaves every bound at t = 1; the cube of the last is infinite.
    let cases = [1.0, -1.0, f64::NAN, 1e300].map(|k| subject(&[k], &timeline));
    let solved = integrate(&compiled, &cases, &stepped());
    let cause = |at: usize| solved[at].failure.map(|failure| failure.cause);
    assert!(solved[0].failure.is_some_and(|failure| failure.time_h <= 1.0 + 1e-6));
    assert_eq!(solved[0].rows, [1.0]);
    assert!((solved[1].rows[1] - 1.0 / 3.0).abs() < 100.0 * stepped().rtol);
    assert_eq!(cause(2), Some(RunCause::Parameter { param: 0 }));
    assert_eq!(cause(3), Some(RunCause::Solver(Cause::NotFinite)));
    let few = Options { max_steps: 3, ..stepped() };
    let cause = integrate(&compiled, &cases[1..2], &few)[0].failure.map(|failure| failure.cause);
    assert_eq!(cause, Some(RunCause::Solver(Cause::TooManySteps)));
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
    file[0] = Row([1.5]);
    program.hoist(&mut file);
    program.call(&mut file);
    assert_eq!(file[program.roots()[0] as usize][0], epsom_maths::digamma(1.5));
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
    let solved = run(&model, &[0.0, 1.0], &[0.5], &[E - 1.0], stepped());
    assert!((solved.rows[0] - 1.0).abs() < 100.0 * stepped().rtol);
    let truth = epsom_maths::exp(-2.0 / 3.0 * epsom_maths::pow(E - 1.0, 1.5));
    assert!((solved.rows[1] - truth).abs() < 100.0 * stepped().rtol);
}

/// Step by step, also where the model is linear.
fn stepped() -> Options {
    Options { solver: Solver::Tsit5, ..Options::default() }
}
