//! Expressions as terms that are known up to a sign.

use super::super::prepare::is_varying_leaf;
use super::Asked;
use epsom_model::ir::{BinaryOp, ExprId, Exprs, Node, UnaryOp, reachable};
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
        let plain = |term: usize| Signed { term, minus: false };
        match self {
            Term::Fixed(_) | Term::Leaf(_) => Vec::new(),
            Term::Product(a, b) | Term::Quotient(a, b) => vec![plain(*a), plain(*b)],
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
    is_passing: Vec<bool>,
    known: BTreeMap<Term, Signed>,
}

/// Factors that are looked through for a constant one.
const MOST_FACTORS: u32 = 32;

/// What is known of an expression.
#[derive(Debug, Clone)]
enum Read {
    /// What is constant between stops, without its sign, and whether that is a minus.
    Fixed(ExprId, bool),
    /// A sum that the only one who reads it may go on with.
    Open(Vec<Signed>),
    Closed(Signed),
}

impl Terms {
    /// Terms of what `groups` ask for; gives those of the results that vary.
    pub(super) fn read(
        &mut self,
        exprs: &mut Exprs,
        varies: &[bool],
        groups: &[Asked],
    ) -> Vec<(ExprId, Signed)> {
        let roots = || groups.iter().flat_map(|group| &group.roots).copied();
        let nodes = reachable(exprs, roots());
        let mut n_uses = vec![0_u32; exprs.len()];
        let mut n_scaled = vec![0_u32; exprs.len()];
        for &id in &nodes {
            exprs.node(id).operands().for_each(|one| n_uses[one.0 as usize] += 1);
            if let Node::Binary(BinaryOp::Mul, a, b) = exprs.node(id) {
                n_scaled[a.0 as usize] += u32::from(!varies[b.0 as usize]);
                n_scaled[b.0 as usize] += u32::from(!varies[a.0 as usize]);
            }
        }
        roots().for_each(|root| n_uses[root.0 as usize] += 2);
        let mut is_given = vec![false; exprs.len()];
        for id in groups.iter().flat_map(|group| &group.given) {
            is_given[id.0 as usize] = true;
        }
        let mut table = Table { read: vec![None; exprs.len()], terms: self };
        for &id in &nodes {
            let at = id.0 as usize;
            if !varies[at] {
                table.read[at] = Some(table.fixed(exprs, id));
                continue;
            }
            let n_terms = table.terms.all.len();
            let read = table.varying(exprs, id);
            if let Read::Closed(signed) = read
                && signed.term >= n_terms
            {
                let is_scaled =
                    n_uses[at] == n_scaled[at] && table.terms.factor(signed.term).is_some();
                table.terms.is_passing[signed.term] = n_uses[at] == 1 || is_scaled;
            }
            table.read[at] = Some(read);
            if n_uses[at] != 1 || is_given[at] {
                let mut signed = table.closed(id);
                if is_given[at] {
                    signed = table.terms.of(Function::Kept, &[signed]);
                }
                table.read[at] = Some(Read::Closed(signed));
            }
        }
        let varying = roots().filter(|id| varies[id.0 as usize]);
        varying.map(|id| (id, table.closed(id))).collect()
    }

    fn add(&mut self, term: Term) -> Signed {
        if let Some(&known) = self.known.get(&term) {
            self.is_passing[known.term] = false;
            return known;
        }
        let signed = Signed { term: self.all.len(), minus: false };
        self.all.push(term.clone());
        self.is_passing.push(false);
        self.known.insert(term, signed);
        signed
    }

    fn of(&mut self, function: Function, operands: &[Signed]) -> Signed {
        let mut all = [Signed::default(); 3];
        all[..operands.len()].copy_from_slice(operands);
        self.add(Term::Of(function, all))
    }

    /// The constant factor of a product, and the other one.
    fn factor(&self, term: usize) -> Option<(ExprId, usize)> {
        let &Term::Product(a, b) = &self.all[term] else { return None };
        match (&self.all[a], &self.all[b]) {
            (&Term::Fixed(factor), _) => Some((factor, b)),
            (_, &Term::Fixed(factor)) => Some((factor, a)),
            _ => None,
        }
    }

    /// `term` times what is constant between stops, if that can go with such a factor of `term` so
    /// that nothing is left to be done at each call.
    fn scaled(&mut self, exprs: &mut Exprs, term: usize, by: ExprId, depth: u32) -> Option<Signed> {
        if !self.is_passing[term] || depth > MOST_FACTORS {
            return None;
        }
        let together = |terms: &mut Self, exprs: &mut Exprs, factor: ExprId| {
            let factor = exprs.product(factor, by);
            terms.add(Term::Fixed(factor))
        };
        let plain = |term: usize| Signed { term, minus: false };
        let scaled = match (self.factor(term), &self.all[term]) {
            (Some((factor, other)), _) => {
                let factor = together(self, exprs, factor);
                self.product(factor, plain(other))
            }
            (None, &Term::Product(a, b)) => {
                let (scaled, other) = match self.scaled(exprs, a, by, depth + 1) {
                    Some(scaled) => (scaled, b),
                    None => (self.scaled(exprs, b, by, depth + 1)?, a),
                };
                self.product(scaled, plain(other))
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

    fn product(&mut self, a: Signed, b: Signed) -> Signed {
        let product = Term::Product(a.term.min(b.term), a.term.max(b.term));
        self.add(product).turned(a.minus ^ b.minus)
    }

    /// Sums of the same terms with the same signs, or all with the others, are one.
    fn sum(&mut self, terms: Vec<Signed>) -> Signed {
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
        Signed { term, minus: false }
    }
}

struct Table<'a> {
    terms: &'a mut Terms,
    /// By expression.
    read: Vec<Option<Read>>,
}

impl Table<'_> {
    /// What is constant between stops: negations and negative numbers become signs.
    fn fixed(&self, exprs: &mut Exprs, id: ExprId) -> Read {
        let of = |id: ExprId| match self.read[id.0 as usize] {
            Some(Read::Fixed(core, minus)) => (core, minus),
            _ => (id, false),
        };
        match exprs.node(id) {
            Node::Const(value) if value < 0.0 => Read::Fixed(exprs.constant(-value), true),
            Node::Unary(UnaryOp::Neg, a) => {
                let (core, minus) = of(a);
                Read::Fixed(core, !minus)
            }
            Node::Binary(op @ (BinaryOp::Mul | BinaryOp::Div), a, b) => {
                let ((left, minus), (right, other)) = (of(a), of(b));
                match minus || other {
                    true => Read::Fixed(exprs.binary(op, left, right), minus ^ other),
                    false => Read::Fixed(id, false),
                }
            }
            _ => Read::Fixed(id, false),
        }
    }

    fn varying(&mut self, exprs: &mut Exprs, id: ExprId) -> Read {
        let signed = match exprs.node(id) {
            leaf if is_varying_leaf(leaf) => self.terms.add(Term::Leaf(id)),
            Node::Unary(UnaryOp::Neg, a) => match self.read[a.0 as usize].take() {
                Some(Read::Open(mut terms)) => {
                    terms.iter_mut().for_each(|one| *one = one.turned(true));
                    return Read::Open(terms);
                }
                read => {
                    self.read[a.0 as usize] = read;
                    self.closed(a).turned(true)
                }
            },
            Node::Unary(UnaryOp::Abs, a) => {
                let plain = Signed { minus: false, ..self.closed(a) };
                self.terms.of(Function::Unary(UnaryOp::Abs), &[plain])
            }
            Node::Binary(op @ (BinaryOp::Add | BinaryOp::Sub), a, b) => {
                // What is in brackets on the right stays a sum of its own.
                let mut terms = match self.read[a.0 as usize].take() {
                    Some(Read::Open(terms)) => terms,
                    read => {
                        self.read[a.0 as usize] = read;
                        vec![self.closed(a)]
                    }
                };
                terms.push(self.closed(b).turned(op == BinaryOp::Sub));
                return Read::Open(terms);
            }
            Node::Binary(BinaryOp::Mul, a, b) => {
                let (a, b) = (self.closed(a), self.closed(b));
                let scaled = match (&self.terms.all[a.term], &self.terms.all[b.term]) {
                    (&Term::Fixed(by), _) => self.terms.scaled(exprs, b.term, by, 0),
                    (_, &Term::Fixed(by)) => self.terms.scaled(exprs, a.term, by, 0),
                    _ => None,
                };
                match scaled {
                    Some(scaled) => scaled.turned(a.minus ^ b.minus),
                    None => self.terms.product(a, b),
                }
            }
            Node::Binary(BinaryOp::Div, a, b) => {
                let (a, b) = (self.closed(a), self.closed(b));
                let quotient = self.terms.add(Term::Quotient(a.term, b.term));
                quotient.turned(a.minus ^ b.minus)
            }
            Node::Unary(op, a) => {
                let operands = [self.closed(a)];
                self.terms.of(Function::Unary(op), &operands)
            }
            Node::Binary(op, a, b) => {
                let operands = [self.closed(a), self.closed(b)];
                self.terms.of(Function::Binary(op), &operands)
            }
            Node::Powi(a, power) => {
                let operands = [self.closed(a)];
                self.terms.of(Function::Power(power), &operands)
            }
            Node::Select(condition, yes, no) => {
                let operands = [condition, yes, no].map(|id| self.closed(id));
                self.terms.of(Function::Select, &operands)
            }
            // Other leaves do not vary.
            _ => self.terms.add(Term::Fixed(id)),
        };
        Read::Closed(signed)
    }

    /// The term of an expression that was read.
    fn closed(&mut self, id: ExprId) -> Signed {
        let signed = match self.read[id.0 as usize].take() {
            Some(Read::Closed(signed)) => signed,
            Some(Read::Open(terms)) => self.terms.sum(terms),
            Some(Read::Fixed(core, minus)) => self.terms.add(Term::Fixed(core)).turned(minus),
            None => self.terms.add(Term::Fixed(id)),
        };
        self.read[id.0 as usize] = Some(Read::Closed(signed));
        signed
    }
}
