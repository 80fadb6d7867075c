//! Terms back to expressions, with signs where they cost nothing.

use super::terms::{Function, Signed, Term, Terms};
use epsom_model::ir::{BinaryOp, ExprId, Exprs, Node, UnaryOp};

/// The expressions of `roots` from their terms, by their old places.
pub(super) fn write(
    exprs: &mut Exprs,
    terms: &Terms,
    roots: &[(ExprId, Signed)],
) -> Vec<Option<ExprId>> {
    let mut written = vec![None; exprs.len()];
    let all = &terms.all;
    let (order, n_uses) = uses(all, roots);
    let wanted = wanted(all, &order, &n_uses, roots);
    let mut writer = Writer { exprs, all, values: vec![None; all.len()] };
    for &at in &order {
        let wish = match wanted[at] {
            Wanted { plus: false, minus: true } => Some(true),
            Wanted { plus: true, .. } => Some(false),
            Wanted { plus: false, minus: false } => None,
        };
        writer.values[at] = Some(writer.value(at, wish));
    }
    for &(id, root) in roots {
        written[id.0 as usize] = Some(writer.with_sign(root));
    }
    written
}

/// Terms that `roots` read, operands first, and how often each term is read; a root counts
/// twice more, so that nothing takes it for a part of one reader.
pub(super) fn uses(all: &[Term], roots: &[(ExprId, Signed)]) -> (Vec<usize>, Vec<u32>) {
    let order = order(all, roots);
    let mut n_uses = vec![0_u32; all.len()];
    for &at in &order {
        all[at].operands().iter().for_each(|one| n_uses[one.term] += 1);
    }
    roots.iter().for_each(|(_, root)| n_uses[root.term] += 2);
    (order, n_uses)
}

/// Terms that `roots` read, operands first.
fn order(all: &[Term], roots: &[(ExprId, Signed)]) -> Vec<usize> {
    let mut seen = vec![false; all.len()];
    let mut order = Vec::with_capacity(all.len());
    let mut waiting: Vec<(usize, bool)> =
        roots.iter().rev().map(|(_, root)| (root.term, false)).collect();
    while let Some((at, is_done)) = waiting.pop() {
        if is_done {
            order.push(at);
        } else if !seen[at] {
            seen[at] = true;
            waiting.push((at, true));
            waiting.extend(all[at].operands().iter().rev().map(|one| (one.term, false)));
        }
    }
    order
}

/// With which signs a term is read where a sign costs an operation.
#[derive(Debug, Clone, Copy, Default)]
struct Wanted {
    plus: bool,
    minus: bool,
}

impl Wanted {
    fn add(&mut self, minus: bool) {
        match minus {
            true => self.minus = true,
            false => self.plus = true,
        }
    }
}

/// What costs nothing with a sign of its own: `Fixed` is negated once per stop.
fn is_fixed(all: &[Term], at: usize) -> bool {
    matches!(all[at], Term::Fixed(_))
}

/// The signs that results and functions ask for, handed down to what can turn for nothing.
fn wanted(
    all: &[Term],
    order: &[usize],
    n_uses: &[u32],
    roots: &[(ExprId, Signed)],
) -> Vec<Wanted> {
    let mut wanted = vec![Wanted::default(); all.len()];
    roots.iter().for_each(|(_, root)| wanted[root.term].add(root.minus));
    let turns = |at: usize| turns(all, n_uses, at);
    for &at in order.iter().rev() {
        let Wanted { plus, minus } = wanted[at];
        match &all[at] {
            Term::Of(..) => {
                all[at].operands().iter().for_each(|one| wanted[one.term].add(one.minus));
            }
            Term::Sum(terms) if terms.len() == 1 => {
                let signs = [(plus, false), (minus, true)].into_iter().filter(|&(is, _)| is);
                signs.for_each(|(_, sign)| wanted[terms[0].term].add(sign ^ terms[0].minus));
            }
            &Term::Product(a, b) | &Term::Quotient(a, b) if minus && !plus => {
                let turns = |&one: &usize| n_uses[one] == 1 && turns(one);
                let factor = [a, b].into_iter().find(turns);
                if let Some(one) = factor.filter(|_| ![a, b].iter().any(|&one| is_fixed(all, one)))
                {
                    wanted[one].add(true);
                }
            }
            Term::Sum(terms) if plus != minus => {
                let is_plus = |one: &Signed| {
                    let of = wanted[one.term];
                    let turned = of.minus && !of.plus && turns(one.term);
                    one.minus ^ turned == minus || is_fixed(all, one.term)
                };
                // One must turn: rather one that nothing else reads.
                let may = |one: &&Signed| {
                    let of = wanted[one.term];
                    !of.plus && !of.minus && turns(one.term)
                };
                let alone = |one: &&Signed| n_uses[one.term] == 1 && may(one);
                let one = terms.iter().find(alone).or_else(|| terms.iter().find(may));
                if let Some(one) = one.filter(|_| !terms.iter().any(is_plus)) {
                    wanted[one.term].add(true);
                }
            }
            _ => {}
        }
    }
    wanted
}

/// Whether a term takes no more operations with the other sign.
fn turns(all: &[Term], n_uses: &[u32], mut at: usize) -> bool {
    loop {
        match &all[at] {
            Term::Sum(terms) => {
                return terms.iter().any(|one| one.minus || is_fixed(all, one.term));
            }
            &Term::Product(a, b) | &Term::Quotient(a, b) => {
                if is_fixed(all, a) || is_fixed(all, b) {
                    return true;
                }
                match [a, b].into_iter().find(|&one| n_uses[one] == 1) {
                    Some(next) => at = next,
                    None => return false,
                }
            }
            _ => return false,
        }
    }
}

struct Writer<'a> {
    exprs: &'a mut Exprs,
    all: &'a [Term],
    /// The expression of each term, and whether that has the other sign.
    values: Vec<Option<(ExprId, bool)>>,
}

impl Writer<'_> {
    fn of(&self, term: usize) -> (ExprId, bool) {
        self.values[term].unwrap_or_default()
    }

    fn negated(&mut self, id: ExprId) -> ExprId {
        self.exprs.unary(UnaryOp::Neg, id)
    }

    /// A term with its sign, if need be by an operation.
    fn with_sign(&mut self, signed: Signed) -> ExprId {
        let (id, minus) = self.of(signed.term);
        if minus == signed.minus {
            return id;
        }
        let is_cheap = match &self.all[signed.term] {
            Term::Product(..) | Term::Quotient(..) => true,
            Term::Sum(terms) => terms.len() == 2,
            _ => false,
        };
        if is_cheap {
            let (other, minus) = self.value(signed.term, Some(signed.minus));
            if minus == signed.minus {
                return other;
            }
        }
        self.negated(id)
    }

    /// A term, with the sign that is wished for where that costs nothing.
    fn value(&mut self, term: usize, minus: Option<bool>) -> (ExprId, bool) {
        let all = self.all;
        match &all[term] {
            Term::Fixed(id) | Term::Leaf(id) => (*id, false),
            Term::Product(a, b) => self.of_factors(BinaryOp::Mul, [*a, *b], minus),
            Term::Quotient(a, b) => self.of_factors(BinaryOp::Div, [*a, *b], minus),
            Term::Sum(terms) => self.sum(terms, minus),
            Term::Of(function, operands) => {
                let n = all[term].operands().len();
                let of: Vec<ExprId> =
                    operands[..n].iter().map(|&one| self.with_sign(one)).collect();
                let id = match *function {
                    Function::Unary(op) => self.exprs.unary(op, of[0]),
                    Function::Binary(op) => self.exprs.binary(op, of[0], of[1]),
                    Function::Power(power) => self.exprs.add(Node::Powi(of[0], power)),
                    Function::Select => self.exprs.select(of[0], of[1], of[2]),
                    Function::Kept => of[0],
                };
                (id, false)
            }
        }
    }

    fn of_factors(&mut self, op: BinaryOp, of: [usize; 2], wish: Option<bool>) -> (ExprId, bool) {
        let [(mut a, turned), (mut b, other)] = of.map(|one| self.of(one));
        let mut minus = turned ^ other;
        if wish.is_some_and(|wish| wish != minus) {
            let is_fixed = of.map(|one| is_fixed(self.all, one));
            if is_fixed[0] {
                a = self.negated(a);
                minus = !minus;
            } else if is_fixed[1] {
                b = self.negated(b);
                minus = !minus;
            }
        }
        (self.exprs.binary(op, a, b), minus)
    }

    /// Begins with a positive term; the others follow as written.
    fn sum(&mut self, terms: &[Signed], wish: Option<bool>) -> (ExprId, bool) {
        let mut all: Vec<(ExprId, bool)> = Vec::with_capacity(terms.len());
        let mut minus = wish.unwrap_or(false);
        for one in terms {
            let (id, turned) = self.of(one.term);
            all.push((id, one.minus ^ turned ^ minus));
        }
        let first = all.iter().position(|&(_, is_minus)| !is_minus).or_else(|| {
            let fixed = terms.iter().position(|one| is_fixed(self.all, one.term))?;
            wish?;
            all[fixed] = (self.negated(all[fixed].0), false);
            Some(fixed)
        });
        if first.is_none() {
            minus = !minus;
            all.iter_mut().for_each(|one| one.1 = false);
        }
        let first = first.unwrap_or(0);
        let mut sum = all[first].0;
        for (at, &(id, is_minus)) in all.iter().enumerate() {
            if at == first {
                continue;
            }
            sum = match is_minus {
                true => self.exprs.difference(sum, id),
                false => self.exprs.sum(sum, id),
            };
        }
        (sum, minus)
    }
}
