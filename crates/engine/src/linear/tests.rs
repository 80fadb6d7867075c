//! Exponentials against those of another method and against closed forms.

use super::exponential::{ROOM, Room, exponential};
use super::structure::Structure;
use super::{LinearSystem, Propagator};
use epsom_maths::{Address, Matrix, affine_propagator, exp, exp_m1, uniform};
use proptest::prelude::*;

/// Exchange between `n` compartments at rates from 1e-3 to 1e2 per hour, a loss from the last, and
/// inflows.
fn exchange(n: usize, seed: u64) -> LinearSystem {
    let mut draw = 0;
    let mut next = || {
        draw += 1;
        uniform(&Address { seed, ..Address::default() }, draw)
    };
    let mut a = vec![0.0; n * n];
    for from in 0..n {
        for to in 0..n {
            let rate = exp(-7.0 + 11.5 * next());
            if from != to && next() < 0.6 {
                a[to * n + from] += rate;
                a[from * n + from] -= rate;
            }
        }
    }
    a[n * n - 1] -= 0.3;
    LinearSystem { n, a, b: (0..n).map(|_| next()).collect() }
}

proptest! {
    /// Two methods, one with the inflow in the matrix and row exchanges, agree.
    #[test]
    fn a_step_is_that_of_the_bordered_matrix(n in 1..7_usize, seed: u64, dt in 0.01..30.0) {
        let system = exchange(n, seed);
        let found = Propagator::new(&system, &system.b, dt).unwrap();
        let matrix = Matrix::from_rows(n, n, system.a.clone()).unwrap();
        let wanted = affine_propagator(&matrix, &system.b, dt).unwrap();
        let norm: f64 = system.a.iter().map(|entry| entry.abs()).sum::<f64>() * dt;
        for i in 0..n {
            for j in 0..n {
                let (got, want) = (found.phi[i * n + j], wanted.at(i, j));
                // Rates of this size have a rounding of their own, and so has each squaring.
                prop_assert!((got - want).abs() <= 10.0 * (1.0 + norm) * f64::EPSILON, "{got} {want}");
                prop_assert!(got >= -10.0 * f64::EPSILON);
            }
            let (got, want) = (found.add[i], wanted.at(i, n));
            prop_assert!((got - want).abs() <= 10.0 * (1.0 + norm) * dt * n as f64 * f64::EPSILON);
        }
    }

    /// Lanes with very different rates have the bits of one lane alone.
    #[test]
    fn lanes_have_the_bits_of_one(n in 1..6_usize, seed: u64) {
        let systems: Vec<LinearSystem> = (0..8).map(|at| {
            let mut system = exchange(n, seed);
            system.a.iter_mut().for_each(|entry| *entry *= exp(f64::from(at) - 4.0));
            system
        }).collect();
        let structure = Structure::of(n, &systems[0].a);
        let mut a = vec![[0.0; 8]; n * n];
        for (lane, system) in systems.iter().enumerate() {
            a.iter_mut().zip(&system.a).for_each(|(to, from)| to[lane] = *from);
        }
        let dt_h: [f64; 8] = std::array::from_fn(|lane| 0.5 + lane as f64);
        let mut room = Room::new::<8>((ROOM * n + 2) * n);
        let (mut phi, mut psi) = (vec![[0.0; 8]; n * n], vec![[0.0; 8]; n * n]);
        exponential(&structure, &a, &dt_h, room.lanes(), &mut phi, Some(&mut psi));
        for (lane, system) in systems.iter().enumerate() {
            let alone = Propagator::new(system, &vec![0.0; n], dt_h[lane]).unwrap();
            let same = phi.iter().zip(&alone.phi).all(|(all, one)| all[lane].to_bits() == one.to_bits());
            prop_assert!(same, "lane {lane}");
        }
    }
}

#[test]
fn a_slow_compartment_keeps_its_digits_beside_a_fast_one() {
    // 20 squarings, each of which would double a relative error.
    let (fast, slow, dt) = (2e5, 1e-6, 4.0);
    let system = LinearSystem { n: 2, a: vec![-fast, 0.0, fast, -slow], b: vec![0.0, 3.0] };
    let step = Propagator::new(&system, &system.b, dt).unwrap();
    let near = |got: f64, want: f64| {
        assert!((got / want - 1.0).abs() < 32.0 * f64::EPSILON, "{got} is not {want}");
    };
    near(step.phi[3], exp(-slow * dt));
    near(step.phi[2], fast / (fast - slow) * exp(-slow * dt));
    near(step.add[1], 3.0 / slow * -exp_m1(-slow * dt));
    assert_eq!((step.phi[1], step.phi[0]), (0.0, 0.0));
}

#[test]
fn what_only_collects_and_what_decays_for_long() {
    let system = LinearSystem { n: 2, a: vec![-30.0, 0.0, 30.0, 0.0], b: vec![0.0; 2] };
    let step = Propagator::new(&system, &[0.0, 0.0], 1.0).unwrap();
    // Six squarings double the relative error of a small value each.
    assert!((step.phi[0] / exp(-30.0) - 1.0).abs() < 64.0 * 8.0 * f64::EPSILON);
    assert_eq!((step.phi[3], step.add), (1.0, vec![0.0, 0.0]));
    assert!((step.phi[2] - (1.0 - exp(-30.0))).abs() < 16.0 * f64::EPSILON);
    let bad = LinearSystem { n: 1, a: vec![f64::NAN], b: vec![0.0] };
    assert_eq!(Propagator::new(&bad, &[0.0], 1.0), None);
    let grows = LinearSystem { n: 1, a: vec![1e3], b: vec![0.0] };
    assert_eq!(Propagator::new(&grows, &[0.0], 1.0), None);
}
