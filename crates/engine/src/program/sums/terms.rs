//! Expressions as terms that are known up to a sign.

use epsom_model::ir::{BinaryOp, ExprId, Exprs, UnaryOp};
use std::collections::BTreeMap;

/// A term with a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Signed {
    /// Index in [`Terms::all`].
    pub term: usize,
    /// Whether it is taken away.
    pub minus: bool,
}

impl Signed {
    /// A term as it is.
    pub(super) fn plain(term: usize) -> Self {
        Self { term, minus: false }
    }

    /// The same with the other sign where `turned`.
    pub(super) fn turned(self, turned: bool) -> Self {
        Self { minus: self.minus ^ turned, ..self }
    }
}

/// What an expression is but for its sign.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Term {
    /// What is constant between stops.
    Fixed(ExprId),
    /// A compartment or the time.
    Leaf(ExprId),
    /// Factors have no signs of their own.
    Product(usize, usize),
    Quotient(usize, usize),
    /// In the order written.
    Sum(Vec<Signed>),
    /// Of so many operands.
    Of(Function, [Signed; 3]),
}

/// What signs do not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Function {
    Unary(UnaryOp),
    Binary(BinaryOp),
    Power(i32),
    Select,
    /// A result that another group reads: that value with that sign.
    Kept,
}

impl Function {
    fn n_operands(self) -> usize {
        match self {
            Self::Unary(_) | Self::Power(_) | Self::Kept => 1,
            Self::Binary(_) => 2,
            Self::Select => 3,
        }
    }
}

impl Term {
    /// What it reads.
    pub(super) fn operands(&self) -> Vec<Signed> {
        match self {
            Term::Fixed(_) | Term::Leaf(_) => Vec::new(),
            Term::Product(a, b) | Term::Quotient(a, b) => {
                vec![Signed::plain(*a), Signed::plain(*b)]
            }
            Term::Sum(terms) => terms.clone(),
            Term::Of(function, operands) => operands[..function.n_operands()].to_vec(),
        }
    }
}

/// Terms, each stored once; what [`super::pairs`] finds stands after those that read it.
#[derive(Debug, Default)]
pub(super) struct Terms {
    pub all: Vec<Term>,
    /// Whether a term is read once, or only to be multiplied by what is constant between stops.
    pub is_passing: Vec<bool>,
    known: BTreeMap<Term, Signed>,
}

/// Factors that are looked through for a constant one.
const MOST_FACTORS: u32 = 32;

impl Terms {
    pub(super) fn add(&mut self, term: Term) -> Signed {
        if let Some(&known) = self.known.get(&term) {
            self.is_passing[known.term] = false;
            return known;
        }
        let signed = Signed::plain(self.all.len());
        self.all.push(term.clone());
        self.is_passing.push(false);
        self.known.insert(term, signed);
        signed
    }

    pub(super) fn of(&mut self, function: Function, operands: &[Signed]) -> Signed {
        let mut all = [Signed::default(); 3];
        all[..operands.len()].copy_from_slice(operands);
        self.add(Term::Of(function, all))
    }

    /// Where a term stands that is there already.
    pub(super) fn place_of(&self, term: &Term) -> Option<usize> {
        self.known.get(term).map(|known| known.term)
    }

    /// The constant factor of a product, and the other one.
    pub(super) fn factor(&self, term: usize) -> Option<(ExprId, usize)> {
        let &Term::Product(a, b) = &self.all[term] else { return None };
        match (&self.all[a], &self.all[b]) {
            (&Term::Fixed(factor), _) => Some((factor, b)),
            (_, &Term::Fixed(factor)) => Some((factor, a)),
            _ => None,
        }
    }

    /// `term` times what is constant between stops, if that can go with such a factor of `term` so
    /// that nothing is left to be done at each call.
    pub(super) fn scaled(
        &mut self,
        exprs: &mut Exprs,
        term: usize,
        by: ExprId,
        depth: u32,
    ) -> Option<Signed> {
        if !self.is_passing[term] || depth > MOST_FACTORS {
            return None;
        }
        let together = |terms: &mut Self, exprs: &mut Exprs, factor: ExprId| {
            let factor = exprs.product(factor, by);
            terms.add(Term::Fixed(factor))
        };
        let scaled = match (self.factor(term), &self.all[term]) {
            (Some((factor, other)), _) => {
                let factor = together(self, exprs, factor);
                self.product(factor, Signed::plain(other))
            }
            (None, &Term::Product(a, b)) => {
                let (scaled, other) = match self.scaled(exprs, a, by, depth + 1) {
                    Some(scaled) => (scaled, b),
                    None => (self.scaled(exprs, b, by, depth + 1)?, a),
                };
                self.product(scaled, Signed::plain(other))
            }
            (None, &Term::Quotient(a, b)) => {
                let above = match self.all[a] {
                    Term::Fixed(factor) => together(self, exprs, factor),
                    _ => self.scaled(exprs, a, by, depth + 1)?,
                };
                self.add(Term::Quotient(above.term, b)).turned(above.minus)
            }
            _ => return None,
        };
        self.is_passing[scaled.term] = true;
        Some(scaled)
    }

    pub(super) fn product(&mut self, a: Signed, b: Signed) -> Signed {
        let product = Term::Product(a.term.min(b.term), a.term.max(b.term));
        self.add(product).turned(a.minus ^ b.minus)
    }

    /// Sums of the same terms with the same signs, or all with the others, are one.
    pub(super) fn sum(&mut self, terms: Vec<Signed>) -> Signed {
        let mut sorted = terms.clone();
        sorted.sort_unstable();
        let turned = sorted[0].minus;
        sorted.iter_mut().for_each(|one| *one = one.turned(turned));
        let key = Term::Sum(sorted);
        if let Some(&known) = self.known.get(&key) {
            return known.turned(turned);
        }
        let term = self.all.len();
        self.all.push(Term::Sum(terms));
        self.is_passing.push(false);
        self.known.insert(key, Signed { term, minus: turned });
        Signed::plain(term)
    }
}
