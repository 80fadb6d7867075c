//! Terms of expressions.

use super::super::prepare::is_varying_leaf;
use super::Asked;
use super::terms::{Function, Signed, Term, Terms};
use epsom_model::ir::{BinaryOp, ExprId, Exprs, Node, UnaryOp, reachable};

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
