//! What a step does to the state, one per lane.

use super::exponential::add_product;
use super::structure::Structure;
use std::borrow::BorrowMut;

/// Lanes whose state is held in registers at a time.
const PART: usize = 8;

/// State after a step: `phi y + add`; nothing is added where `add` is none.
///
/// The sums of a lane are the same for any number of lanes. A number that is not finite stays in
/// its compartment, and may reach compartments that it does not act on.
#[inline(always)]
pub(super) fn advance<const W: usize, State: BorrowMut<[f64; W]>>(
    structure: &Structure,
    phi: &[[f64; W]],
    add: Option<&[[f64; W]]>,
    y: &[State],
    next: &mut [State],
) {
    match structure.n() {
        1 if W >= PART => whole::<W, 1, _>(phi, add, y, next),
        2 if W >= PART => whole::<W, 2, _>(phi, add, y, next),
        3 if W >= PART => whole::<W, 3, _>(phi, add, y, next),
        4 if W >= PART => whole::<W, 4, _>(phi, add, y, next),
        _ => by_structure(structure, phi, add, y, next),
    }
}

/// For a few compartments: products with the zeros outside the structure cost less than to leave
/// them out, and change no bit, as no sum is ever minus zero.
#[inline(always)]
fn whole<const W: usize, const N: usize, State: BorrowMut<[f64; W]>>(
    phi: &[[f64; W]],
    add: Option<&[[f64; W]]>,
    y: &[State],
    next: &mut [State],
) {
    let (phi, y, next) = (&phi[..N * N], &y[..N], &mut next[..N]);
    for part in 0..W / PART {
        let mut now = [[0.0; PART]; N];
        for j in 0..N {
            now[j] = y[j].borrow().as_chunks().0[part];
        }
        for i in 0..N {
            let mut sum = match add {
                Some(add) => add[i].as_chunks().0[part],
                None => [0.0; PART],
            };
            for j in 0..N {
                add_product(&mut sum, &phi[i * N + j].as_chunks().0[part], &now[j]);
            }
            next[i].borrow_mut().as_chunks_mut().0[part] = sum;
        }
    }
}

/// Entry by entry of the structure.
#[inline(always)]
fn by_structure<const W: usize, State: BorrowMut<[f64; W]>>(
    structure: &Structure,
    phi: &[[f64; W]],
    add: Option<&[[f64; W]]>,
    y: &[State],
    next: &mut [State],
) {
    let n = structure.n();
    for (i, next) in next[..n].iter_mut().enumerate() {
        // A copy that stays in registers.
        let mut sum = match add {
            Some(add) => add[i],
            None => [0.0; W],
        };
        let phi = &phi[i * n..(i + 1) * n];
        for j in structure.row(i) {
            add_product(&mut sum, &phi[j], y[j].borrow());
        }
        *next.borrow_mut() = sum;
    }
}
