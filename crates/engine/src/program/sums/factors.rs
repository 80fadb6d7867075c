//! Constant factors that two products of a sum have in common are multiplied once.
//!
//! `k x + k y` becomes `k (x + y)`; and `k x + m y` where `m` divides `k` becomes `m (g x + y)` with
//! `g = k / m`, if `g x` or what is in brackets stands elsewhere too. So do derivatives by parameters:
//! by the volume in `c' = -(cl / v) c` that of `c` is `s' = (cl / v) (c / v - s)`.

use super::terms::{Signed, Term, Terms};
use super::write::uses;
use epsom_model::ir::{BinaryOp, ExprId, Exprs, Node, UnaryOp};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Products of one sum that are looked at, and pairs of all sums: so that models of any size are
/// compiled in a time that grows as they do.
const MOST_PRODUCTS: usize = 16;
const MOST_PAIRS: usize = 10_000;

/// Factors of one constant; of more, it is left whole.
const MOST_FACTORS: usize = 32;

/// Powers of what a constant between stops is a product of, none of them 0; its sign apart.
type Powers = BTreeMap<ExprId, i32>;

/// What stands in brackets: the terms of `g x + y` with the powers of `g`, and whether signs differ.
type Bracket = (usize, Powers, usize, bool);

/// Where: a sum and its products `k x` and `m y`.
type Place = (usize, [usize; 2]);

/// Takes common factors out where that saves operations of what `roots` read.
pub(super) fn take_out(terms: &mut Terms, exprs: &mut Exprs, roots: &[(ExprId, Signed)]) {
    let (order, n_uses) = uses(&terms.all, roots);
    let found = brackets(terms, exprs, &order, &n_uses);
    let fixed = known_factors(terms, exprs);
    // Operations less where a bracket stands in so many places.
    let saved = |terms: &Terms, (x, powers, ..): &Bracket, n: usize| {
        if powers.is_empty() {
            return (2 * n).saturating_sub(1);
        }
        let is_there = fixed.get(powers).is_some_and(|&factor| {
            let product = Term::Product(factor.min(*x), factor.max(*x));
            let place = terms.place_of(&product);
            place.is_some_and(|at| n_uses.get(at).is_some_and(|&n| n > 0))
        });
        (2 * n + usize::from(is_there)).saturating_sub(2)
    };
    let mut ranked: Vec<(Reverse<usize>, Bracket)> = found
        .iter()
        .map(|(bracket, places)| (Reverse(saved(terms, bracket, places.len())), bracket.clone()))
        .filter(|(saved, _)| saved.0 > 0)
        .collect();
    ranked.sort();
    let mut gone = BTreeSet::new();
    for (_, bracket) in ranked {
        let is_free = |place: &&Place| !place.1.iter().any(|one| gone.contains(one));
        let free: Vec<Place> = found[&bracket].iter().filter(is_free).copied().collect();
        if saved(terms, &bracket, free.len()) == 0 {
            continue;
        }
        let (x, powers, y, differ) = bracket;
        let scaled = if powers.is_empty() {
            x
        } else {
            let factor = match fixed.get(&powers) {
                Some(&factor) => factor,
                None => terms.add(Term::Fixed(written(exprs, &powers))).term,
            };
            terms.product(Signed::plain(factor), Signed::plain(x)).term
        };
        let bracket = terms.sum(vec![Signed { term: scaled, minus: differ }, Signed::plain(y)]);
        gone.extend(free.iter().flat_map(|place| place.1));
        free.into_iter().for_each(|place| put(terms, place, bracket));
    }
}

/// Puts the factor of the second product times what is in brackets in place of both.
fn put(terms: &mut Terms, (sum, products): Place, bracket: Signed) {
    let Some((factor, _)) = terms.factor(products[1]) else { return };
    let factor = terms.add(Term::Fixed(factor));
    let product = terms.product(factor, bracket);
    let Term::Sum(held) = &mut terms.all[sum] else { return };
    let minus = held.iter().any(|one| one.term == products[1] && one.minus);
    let first = held.iter().position(|one| products.contains(&one.term));
    held[first.unwrap_or(0)] = product.turned(minus);
    held.retain(|one| !products.contains(&one.term));
}

/// What could stand in brackets, and where: of products that nothing else reads.
fn brackets(
    terms: &Terms,
    exprs: &Exprs,
    order: &[usize],
    n_uses: &[u32],
) -> BTreeMap<Bracket, Vec<Place>> {
    let mut found: BTreeMap<Bracket, Vec<Place>> = BTreeMap::new();
    let mut n_pairs = 0;
    for &sum in order {
        let Term::Sum(held) = &terms.all[sum] else { continue };
        let products: Vec<(Signed, Powers, bool, usize)> = held
            .iter()
            .filter(|one| n_uses[one.term] == 1)
            .filter_map(|&one| {
                let (factor, other) = terms.factor(one.term)?;
                let (powers, minus) = powers(exprs, factor);
                Some((one, powers, minus, other))
            })
            .take(MOST_PRODUCTS)
            .collect();
        n_pairs += products.len() * products.len();
        if n_pairs > MOST_PAIRS {
            break;
        }
        for (i, (one, of_one, minus, x)) in products.iter().enumerate() {
            for (j, (other, of_other, turned, y)) in products.iter().enumerate() {
                let Some(quotient) = quotient(of_one, of_other).filter(|_| i != j && x != y) else {
                    continue;
                };
                // Of equal factors once.
                if quotient.is_empty() && x > y {
                    continue;
                }
                let differ = one.minus ^ other.minus ^ minus ^ turned;
                let places = found.entry((*x, quotient, *y, differ)).or_default();
                places.push((sum, [one.term, other.term]));
            }
        }
    }
    found
}

/// `k / m` where `m` divides `k`: nothing is divided by that `k` was not.
fn quotient(k: &Powers, m: &Powers) -> Option<Powers> {
    let mut quotient = k.clone();
    for (&factor, power) in m {
        *quotient.entry(factor).or_default() -= power;
    }
    quotient.retain(|_, power| *power != 0);
    let of_k = |factor| k.get(factor).copied().unwrap_or(0);
    let divides =
        quotient.iter().all(
            |(factor, &power)| {
                if power > 0 { of_k(factor) >= power } else { of_k(factor) <= power }
            },
        );
    divides.then_some(quotient)
}

/// Powers of the factors of what is constant between stops, and whether it has a minus.
fn powers(exprs: &Exprs, whole: ExprId) -> (Powers, bool) {
    let (mut powers, mut minus) = (Powers::new(), false);
    let mut waiting = vec![(whole, 1_i32)];
    let mut n_factors = 0;
    while let Some((id, power)) = waiting.pop() {
        n_factors += 1;
        if n_factors > MOST_FACTORS {
            return (Powers::from([(whole, 1)]), false);
        }
        match exprs.node(id) {
            Node::Const(1.0) => {}
            Node::Unary(UnaryOp::Neg, a) => {
                minus ^= power % 2 != 0;
                waiting.push((a, power));
            }
            Node::Binary(BinaryOp::Mul, a, b) => waiting.extend([(a, power), (b, power)]),
            Node::Binary(BinaryOp::Div, a, b) => waiting.extend([(a, power), (b, -power)]),
            Node::Powi(a, n) if n.abs() < 16 && power.abs() < 16 => waiting.push((a, power * n)),
            _ => *powers.entry(id).or_default() += power,
        }
    }
    powers.retain(|_, power| *power != 0);
    (powers, minus)
}

/// Constants that stand in some term, by their powers; those without a minus.
fn known_factors(terms: &Terms, exprs: &Exprs) -> BTreeMap<Powers, usize> {
    let mut known = BTreeMap::new();
    for (at, term) in terms.all.iter().enumerate() {
        if let &Term::Fixed(id) = term
            && let (powers, false) = powers(exprs, id)
        {
            known.entry(powers).or_insert(at);
        }
    }
    known
}

fn written(exprs: &mut Exprs, powers: &Powers) -> ExprId {
    let mut whole = exprs.constant(1.0);
    for (&factor, &power) in powers.iter().filter(|(_, power)| **power > 0) {
        let factor = exprs.powi(factor, power);
        whole = exprs.product(whole, factor);
    }
    for (&factor, &power) in powers.iter().filter(|(_, power)| **power < 0) {
        let factor = exprs.powi(factor, -power);
        whole = exprs.quotient(whole, factor);
    }
    whole
}
