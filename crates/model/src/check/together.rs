//! Parameters that only act together: no data could tell one from the other.
//!
//! An expression is read as sums, functions and products of factors. Two factors that hold nothing
//! but parameters, and that stand in every product together with the same exponents, are one number
//! in two names.

use std::collections::{BTreeMap, BTreeSet};

use epsom_diag::{Diagnostic, list_names};

use super::Checker;
use crate::ir::{BinaryOp, Distribution, ExprId, Exprs, Node, UnaryOp, reachable};
use crate::syntax::ast::ItemKind;

/// The products that a factor stands in, with its exponent in each.
type Stands = Vec<(usize, i32)>;

/// Factors with their exponents.
type Product = BTreeMap<ExprId, i32>;

impl Checker<'_> {
    pub(super) fn warn_together(&mut self) {
        let free = self.free_params();
        let roots: Vec<ExprId> = self.model.roots().into_iter().map(|(_, root)| root).collect();
        let e = &self.model.exprs;
        let plain = Plain::of(e);
        let products = products(e, &roots, &plain);
        // Parameters of each factor that holds nothing else, and in how many factors each is met.
        let mut factors: BTreeMap<ExprId, BTreeSet<usize>> = BTreeMap::new();
        let mut met: BTreeMap<usize, usize> = BTreeMap::new();
        for &factor in products.iter().flat_map(BTreeMap::keys) {
            if plain.is(factor) && !factors.contains_key(&factor) {
                let params = params_of(e, factor);
                params.iter().for_each(|&param| *met.entry(param).or_default() += 1);
                factors.insert(factor, params);
            }
        }
        let alone = |params: &BTreeSet<usize>| -> Vec<usize> {
            params.iter().copied().filter(|at| free.contains(at) && met[at] == 1).collect()
        };
        // Where each factor stands, with exponents: equal up to a common ratio acts together.
        let mut groups: BTreeMap<Stands, Vec<(ExprId, i32)>> = BTreeMap::new();
        for (&factor, params) in &factors {
            if alone(params).is_empty() {
                continue;
            }
            let stands: Stands = products
                .iter()
                .enumerate()
                .filter_map(|(at, product)| Some((at, *product.get(&factor)?)))
                .collect();
            let Some(&(_, first)) = stands.first() else { continue };
            let common = stands.iter().fold(0, |all, &(_, n)| divisor(all, n)) * first.signum();
            let shape = stands.iter().map(|&(at, n)| (at, n / common)).collect();
            groups.entry(shape).or_default().push((factor, common));
        }
        let together: Vec<(Vec<usize>, &str)> = groups
            .into_values()
            .filter(|group| group.len() > 1)
            .map(|group| {
                let params = group.iter().map(|(factor, _)| alone(&factors[factor])[0]).collect();
                let named = |&(factor, _): &(ExprId, i32)| matches!(e.node(factor), Node::Param(_));
                let way = match group.iter().all(|(_, n)| *n == group[0].1) {
                    _ if !group.iter().all(named) => "one number made of them",
                    true => "their product",
                    false => "their ratio",
                };
                (params, way)
            })
            .collect();
        for (params, way) in together {
            self.say_together(&params, way);
        }
    }

    fn say_together(&mut self, params: &[usize], way: &str) {
        let mut places: Vec<_> = params
            .iter()
            .filter_map(|&at| {
                let name = &self.model.params[at].name;
                self.symbols.get(name).map(|&(_, place)| (place, name.clone()))
            })
            .collect();
        places.sort();
        let Some((place, last)) = places.pop() else { return };
        let names: Vec<&str> = places.iter().map(|(_, name)| name.as_str()).collect();
        let before = list_names(names, 8);
        let mut said =
            Diagnostic::warning("W0207", format!("{before} and `{last}` are never apart"))
                .at(place, format!("only {way} acts, so no measurement could tell them apart"))
                .help("hold one with `fixed \"<reason>\"`, or give what acts one name");
        for (place, name) in places {
            said = said.label(place, format!("`{name}` is here"));
        }
        self.say(said);
    }

    /// Parameters that a fit would look for: neither measured nor held, and no random effects.
    fn free_params(&self) -> BTreeSet<usize> {
        let held: BTreeSet<&str> = self
            .tree
            .items
            .iter()
            .filter_map(|item| match &item.kind {
                ItemKind::Param(param) if param.fixed.is_some() => Some(param.name.text.as_str()),
                _ => None,
            })
            .collect();
        let params = self.model.params.iter().enumerate();
        let effects: BTreeSet<usize> = self.model.occasions.iter().map(|one| one.param).collect();
        let is_effect = |at: usize| {
            let one = &self.model.params[at];
            let drawn = one.varies != Distribution::Fixed || effects.contains(&at);
            !self.is_epm() && one.value == 0.0 && drawn
        };
        params
            .filter(|(at, one)| {
                one.provenance.rows.is_empty()
                    && !held.contains(one.name.as_str())
                    && !self.model.hypotheses.contains(at)
                    && !is_effect(*at)
            })
            .map(|(at, _)| at)
            .collect()
    }
}

/// Which expressions rest on parameters and numbers only.
struct Plain(Vec<bool>);

impl Plain {
    fn of(e: &Exprs) -> Self {
        let mut plain: Vec<bool> = Vec::with_capacity(e.len());
        for at in 0..e.len() {
            let node = e.node(ExprId(at as u32));
            // A node refers only to earlier ones.
            let mut operands = node.operands().peekable();
            let is_plain = match operands.peek() {
                Some(_) => operands.all(|one| plain[one.0 as usize]),
                None => matches!(node, Node::Const(_) | Node::Param(_)),
            };
            plain.push(is_plain);
        }
        Self(plain)
    }

    fn is(&self, id: ExprId) -> bool {
        self.0[id.0 as usize]
    }
}

/// Every product among the expressions, each of at least one factor.
///
/// A factor of parameters only is not gone into.
fn products(e: &Exprs, roots: &[ExprId], plain: &Plain) -> Vec<Product> {
    let mut found = Vec::new();
    let mut seen: BTreeSet<ExprId> = BTreeSet::new();
    let mut waiting: Vec<ExprId> = roots.to_vec();
    while let Some(id) = waiting.pop() {
        if !seen.insert(id) {
            continue;
        }
        let mut product = Product::new();
        multiply(e, id, &mut product);
        let open = product.keys().filter(|&&factor| !plain.is(factor));
        waiting.extend(open.flat_map(|&factor| e.node(factor).operands()));
        if !product.is_empty() {
            found.push(product);
        }
    }
    found
}

/// Most steps into one product; what lies deeper is a factor.
const MOST_STEPS: usize = 1000;

/// The factors of `id`.
fn multiply(e: &Exprs, id: ExprId, product: &mut Product) {
    let mut waiting = vec![(id, 1i32)];
    let mut steps = 0;
    while let Some((id, power)) = waiting.pop() {
        steps += 1;
        match e.node(id) {
            Node::Const(_) => {}
            Node::Unary(UnaryOp::Neg, a) if steps < MOST_STEPS => waiting.push((a, power)),
            Node::Binary(BinaryOp::Mul, a, b) if steps < MOST_STEPS => {
                waiting.extend([(a, power), (b, power)]);
            }
            Node::Binary(BinaryOp::Div, a, b) if steps < MOST_STEPS => {
                waiting.extend([(a, power), (b, -power)]);
            }
            Node::Powi(a, n)
                if steps < MOST_STEPS
                    && n.checked_mul(power).is_some_and(|n| n.unsigned_abs() < 1000) =>
            {
                waiting.push((a, n * power));
            }
            _ => {
                let entry = product.entry(id).or_default();
                *entry = entry.saturating_add(power);
                if *entry == 0 {
                    product.remove(&id);
                }
            }
        }
    }
}

fn params_of(e: &Exprs, id: ExprId) -> BTreeSet<usize> {
    let params = reachable(e, [id]).into_iter().filter_map(|id| match e.node(id) {
        Node::Param(at) => Some(at as usize),
        _ => None,
    });
    params.collect()
}

fn divisor(a: i32, b: i32) -> i32 {
    let (mut a, mut b) = (a.abs(), b.abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}
