//! Two terms that stand together in several sums, up to one sign, become one term.

use super::terms::{Signed, Term, Terms};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Terms of one sum of which pairs are looked at, and pairs at the start: so that models of any size
/// are compiled in a time that grows as they do.
const MOST_TERMS: usize = 32;
const MOST_PAIRS: usize = 30_000;

/// The smaller term, the larger one, and whether their signs differ.
type Pair = (usize, usize, bool);

/// Makes the most frequent pair a term of its own, again and again; of equally frequent ones that of
/// the terms met first.
pub(super) fn share(terms: &mut Terms) {
    let mut search = Search::new(terms);
    while let Some((_, pair)) = search.queue.pop_first() {
        search.replace(pair);
    }
}

struct Search<'a> {
    terms: &'a mut Terms,
    /// Of each sum the terms that stand there once and elsewhere too.
    open: BTreeMap<usize, Vec<Signed>>,
    /// Sums that hold a pair, in order.
    holders: BTreeMap<Pair, BTreeSet<usize>>,
    /// Pairs that two sums or more hold, the most frequent first.
    queue: BTreeSet<(Reverse<usize>, Pair)>,
}

impl<'a> Search<'a> {
    fn new(terms: &'a mut Terms) -> Self {
        let mut n_sums = vec![0_u32; terms.all.len()];
        let each = |terms: &Terms, take: &mut dyn FnMut(usize, &[Signed])| {
            for (at, term) in terms.all.iter().enumerate() {
                if let Term::Sum(held) = term {
                    take(at, held);
                }
            }
        };
        each(terms, &mut |_, held| held.iter().for_each(|one| n_sums[one.term] += 1));
        let mut open = BTreeMap::new();
        let mut n_pairs = 0;
        each(terms, &mut |at, held| {
            let is_once =
                |one: &Signed| held.iter().filter(|two| two.term == one.term).count() == 1;
            let often = held.iter().filter(|one| n_sums[one.term] > 1).copied();
            let few: Vec<Signed> = often.take(MOST_TERMS).filter(is_once).collect();
            n_pairs += few.len() * few.len() / 2;
            if few.len() > 1 && n_pairs < MOST_PAIRS {
                open.insert(at, few);
            }
        });
        let mut holders: BTreeMap<Pair, BTreeSet<usize>> = BTreeMap::new();
        for (&sum, held) in &open {
            for (place, &one) in held.iter().enumerate() {
                for &other in &held[..place] {
                    holders.entry(pair(one, other)).or_default().insert(sum);
                }
            }
        }
        holders.retain(|_, sums| sums.len() > 1);
        let queue = holders.iter().map(|(&pair, sums)| (Reverse(sums.len()), pair)).collect();
        Self { terms, open, holders, queue }
    }

    fn held(&self, sum: usize) -> &[Signed] {
        match &self.terms.all[sum] {
            Term::Sum(held) => held,
            _ => &[],
        }
    }

    fn replace(&mut self, pair: Pair) {
        let (first, second, _) = pair;
        let sums = self.holders.remove(&pair).unwrap_or_default();
        // A sum of just these two is the term.
        let whole = sums.iter().copied().find(|&sum| self.held(sum).len() == 2);
        let shared = whole.unwrap_or_else(|| {
            let of_two = |sum: usize| {
                let held = self.held(sum).iter();
                held.copied().filter(|one| [first, second].contains(&one.term)).collect()
            };
            let pair = Term::Sum(sums.first().map_or_else(Vec::new, |&sum| of_two(sum)));
            self.terms.all.push(pair);
            self.terms.all.len() - 1
        });
        let sign_there = sign(self.held(shared), first);
        for &sum in sums.iter().filter(|&&sum| sum != shared) {
            let turned = sign(self.held(sum), first) ^ sign_there;
            let one = Signed { term: shared, minus: turned };
            let mut open = self.open.remove(&sum).unwrap_or_default();
            open.retain(|one| ![first, second].contains(&one.term));
            let known = self.held(sum).iter().any(|one| one.term == shared);
            for &other in &open {
                for old in [first, second] {
                    let minus = sign(self.held(sum), old);
                    self.leave(sum, (Signed { term: old, minus }, other));
                }
                if !known {
                    self.enter(sum, (one, other));
                }
            }
            // What stood there twice is not looked at.
            match known {
                true => open.retain(|one| one.term != shared),
                false => open.push(one),
            }
            self.open.insert(sum, open);
            if let Term::Sum(held) = &mut self.terms.all[sum] {
                let place = held.iter().position(|one| [first, second].contains(&one.term));
                held[place.unwrap_or(0)] = one;
                held.retain(|one| ![first, second].contains(&one.term));
            }
        }
    }

    fn enter(&mut self, sum: usize, (one, other): (Signed, Signed)) {
        let pair = pair(one, other);
        let sums = self.holders.entry(pair).or_default();
        self.queue.remove(&(Reverse(sums.len()), pair));
        sums.insert(sum);
        if sums.len() > 1 {
            self.queue.insert((Reverse(sums.len()), pair));
        }
    }

    fn leave(&mut self, sum: usize, (one, other): (Signed, Signed)) {
        let pair = pair(one, other);
        let Some(sums) = self.holders.get_mut(&pair) else { return };
        self.queue.remove(&(Reverse(sums.len()), pair));
        sums.remove(&sum);
        if sums.len() > 1 {
            self.queue.insert((Reverse(sums.len()), pair));
        }
    }
}

fn pair(one: Signed, other: Signed) -> Pair {
    (one.term.min(other.term), one.term.max(other.term), one.minus ^ other.minus)
}

fn sign(held: &[Signed], term: usize) -> bool {
    held.iter().any(|one| one.term == term && one.minus)
}
