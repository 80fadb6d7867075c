use super::*;
use crate::integrate::{Isa, available};
use crate::program::Layout;
use crate::stiff::stiff;
use crate::tableau::{rodas4::RODAS4, rodas5p::RODAS5P};
use epsom_model::ir::{Compartment, ExprId, Exprs, Model, Node};

fn model(make: impl Fn(&mut Exprs) -> Vec<ExprId>) -> Model {
    let mut model = Model::default();
    let compartment = |derivative| Compartment::of("", derivative);
    model.compartments = make(&mut model.exprs).into_iter().map(compartment).collect();
    model
}

/// Every method with the order of its solution and of its extension.
const METHODS: [(&Rosenbrock, f64, f64); 2] = [(&RODAS4, 4.0, 3.0), (&RODAS5P, 5.0, 4.0)];

fn layout(model: &Model) -> Layout {
    Layout { n_states: model.compartments.len(), ..Layout::default() }
}

/// One step of `h` from `t`: the new state, the state at fraction `x`, the trust.
fn step(
    tableau: &'static Rosenbrock,
    model: &Model,
    y: &[f64],
    (t, h): (f64, f64),
    x: f64,
) -> (Vec<f64>, Vec<f64>, bool) {
    let n = y.len();
    let stiff = stiff(model, layout(model));
    let mut file = stiff.program.registers::<1>();
    stiff.program.hoist(&mut file);
    let y: Vec<Row<1>> = y.iter().map(|&y| Row([y])).collect();
    let mut u = vec![Row::ZERO; n * tableau.n_stages];
    let from = Start { tableau, t: &Row([t]), h: &Row([h]), y: &y };
    let trusted = stages(&stiff, &mut file, from, &mut u, Cpu::default());
    let inside = |i: usize| dense(tableau, x, [y[i][0], file[i][0]], |stage| u[stage * n + i][0]);
    let new = file[..n].iter().map(|y| y[0]).collect();
    (new, (0..n).map(inside).collect(), trusted[0])
}

/// `y' = -y^2 + cos(t) + sin(t)^2` with the solution `sin t`: a nonlinear model that reads time.
fn sine() -> Model {
    model(|e| {
        let (y, t) = (e.add(Node::State(0)), e.add(Node::Time));
        let square = e.powi(y, 2);
        let (cos, sin) = (
            Node::Unary(epsom_model::ir::UnaryOp::Cos, t),
            Node::Unary(epsom_model::ir::UnaryOp::Sin, t),
        );
        let (cos, sin) = (e.add(cos), e.add(sin));
        let sin = e.powi(sin, 2);
        let sum = e.sum(cos, sin);
        vec![e.difference(sum, square)]
    })
}

/// Halving a step divides its error by 2 to the order and 1, also inside it.
#[test]
fn order_of_the_step_and_of_the_extension() {
    let model = sine();
    for (tableau, order, order_inside) in METHODS {
        let errors = |h: f64| {
            let t = 0.3;
            let y = [epsom_maths::sin(t)];
            let (new, inside, _) = step(tableau, &model, &y, (t, h), 0.5);
            [(new[0], h), (inside[0], 0.5 * h)]
                .map(|(got, dt)| (got - epsom_maths::sin(t + dt)).abs())
        };
        let (whole, half) = (errors(0.08), errors(0.04));
        let slopes = [0, 1].map(|at| epsom_maths::log2(whole[at] / half[at]));
        // The next term of the series is about h times the leading one.
        assert!((slopes[0] - (order + 1.0)).abs() < 0.4, "{slopes:?}");
        assert!((slopes[1] - (order_inside + 1.0)).abs() < 0.4, "{slopes:?}");
    }
}

/// `y' = -k y` with `k h` = 1e6: an L-stable method ends near 0 in one step.
#[test]
fn an_infinitely_stiff_component_is_gone_after_one_step() {
    let model = model(|e| {
        let (y, k) = (e.add(Node::State(0)), e.constant(-1e6));
        vec![e.product(k, y)]
    });
    for (tableau, ..) in METHODS {
        let (new, _, trusted) = step(tableau, &model, &[1.0], (0.0, 1.0), 0.5);
        // R(z) falls as a constant below 100 over z.
        assert!(new[0].abs() < 100.0 / 1e6 && trusted, "{}", new[0]);
    }
}

/// `y' = k y` with `k` just below `1/(h gamma)` has no pivot to speak of.
#[test]
fn a_vanishing_pivot_is_not_trusted() {
    let growing = |k: f64| {
        model(|e| {
            let (y, k) = (e.add(Node::State(0)), e.constant(k));
            vec![e.product(k, y)]
        })
    };
    for (tableau, ..) in METHODS {
        let edge = 1.0 / tableau.gamma;
        let trusts = |k: f64| step(tableau, &growing(k), &[1.0], (0.0, 1.0), 0.5).2;
        assert!(!trusts(edge - 1e-5));
        assert!(!trusts(edge + 0.1));
        assert!(trusts(edge - 0.1));
    }
}

/// Robertson's kinetics.
fn robertson() -> Model {
    model(|e| {
        let [a, b, c] = [0, 1, 2].map(|i| e.add(Node::State(i)));
        let [slow, fast, quick] = [0.04, 1e4, 3e7].map(|k| e.constant(k));
        let decay = e.product(slow, a);
        let back = e.product(b, c);
        let back = e.product(fast, back);
        let square = e.powi(b, 2);
        let onward = e.product(quick, square);
        let first = e.difference(back, decay);
        let second = e.unary(epsom_model::ir::UnaryOp::Neg, first);
        vec![first, e.difference(second, onward), onward]
    })
}

/// Lane width, neighbors and instruction set change no bit.
#[test]
fn same_bits_on_every_path() {
    let model = robertson();
    for (tableau, ..) in METHODS {
        same_bits(tableau, &model);
    }
}

fn same_bits(tableau: &'static Rosenbrock, model: &Model) {
    let wanted: Vec<Vec<u64>> =
        (0..16).map(|lane| bits(&lanes::<1>(tableau, model, Isa::Baseline, lane)[0])).collect();
    for isa in available() {
        let eight: Vec<Vec<f64>> =
            [lanes::<8>(tableau, model, isa, 0), lanes::<8>(tableau, model, isa, 8)].concat();
        let sixteen = lanes::<16>(tableau, model, isa, 0);
        for (lane, wanted) in wanted.iter().enumerate() {
            assert_eq!(&bits(&eight[lane]), wanted, "{isa:?}, lane {lane} in eights");
            assert_eq!(&bits(&sixteen[lane]), wanted, "{isa:?}, lane {lane} in sixteen");
        }
    }
}

/// New states and stages of a step from states and with steps that differ between lanes.
fn lanes<const W: usize>(
    tableau: &'static Rosenbrock,
    model: &Model,
    isa: Isa,
    first: usize,
) -> Vec<Vec<f64>> {
    let n = model.compartments.len();
    let stiff = stiff(model, layout(model));
    let mut file = stiff.program.registers::<W>();
    stiff.program.hoist(&mut file);
    let place = |lane: usize| (first + lane) as f64;
    let start = |i: usize| std::array::from_fn(|lane| 1.0 / (1.0 + place(lane) + i as f64));
    let y: Vec<Row<W>> = (0..n).map(|i| Row(start(i))).collect();
    let h = Row(std::array::from_fn(|lane| 0.01 * (1.0 + place(lane))));
    let mut u = vec![Row::ZERO; n * tableau.n_stages];
    let from = Start { tableau, t: &Row::ZERO, h: &h, y: &y };
    stages(&stiff, &mut file, from, &mut u, Cpu::new(Some(isa)));
    (0..W).map(|lane| u.iter().chain(&file[..n]).map(|all| all[lane]).collect()).collect()
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}
