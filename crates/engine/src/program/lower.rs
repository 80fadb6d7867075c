//! Expressions to instructions.

use super::prepare::{Prepared, is_varying_leaf, prepare};
use super::sums::{Asked, share};
use super::{Entry, Instruction, Layout, Op, Program};
use epsom_model::ir::{BinaryOp, ExprId, Exprs, Node, UnaryOp, reachable};

/// Expressions that one call computes.
pub(crate) struct Group<'a> {
    /// What it gives.
    pub roots: &'a [ExprId],
    /// Results of earlier groups that it reads as they were computed then.
    pub given: &'a [ExprId],
}

/// Lowers the expressions `roots` of a model with this `layout`.
pub fn lower(exprs: &Exprs, roots: &[ExprId], layout: Layout) -> Program {
    lower_groups(exprs, &[Group { roots, given: &[] }], layout)
}

/// Lowers several groups to one program: a register file, hoisted values and constants are shared.
pub(crate) fn lower_groups(exprs: &Exprs, groups: &[Group<'_>], layout: Layout) -> Program {
    let all: Vec<ExprId> = groups.iter().flat_map(|group| group.roots).copied().collect();
    let mut prepared = prepare(exprs, &all);
    let keeps = groups.len() > 1;
    let mut groups: Vec<Asked> = groups
        .iter()
        .map(|group| Asked {
            roots: new_ids(&prepared, group.roots),
            given: new_ids(&prepared, group.given),
        })
        .collect();
    share(&mut prepared, &mut groups);
    let exprs = &prepared.exprs;
    let mut lowering = Lowering::new(&prepared, layout);
    // 1. Leaves, constants and hoisted values have fixed registers.
    for id in reachable(exprs, groups.iter().flat_map(|group| &group.roots).copied()) {
        lowering.fix(id);
    }
    // 2. Each group; temporaries are reused, also by later groups, results are not.
    for group in &groups {
        lowering.group(&group.roots, &group.given, keeps);
    }
    lowering.program
}

fn new_ids(prepared: &Prepared, old: &[ExprId]) -> Vec<ExprId> {
    old.iter().map(|id| prepared.place[id.0 as usize].unwrap_or_default()).collect()
}

struct Lowering<'a> {
    exprs: &'a Exprs,
    varies: &'a [bool],
    program: Program,
    /// Of leaves, constants, hoisted values, and of each group's values while it is lowered.
    register: Vec<u32>,
    /// Results of groups.
    results: Vec<Option<u32>>,
    free: Vec<u32>,
}

/// An instruction before it has registers.
struct Planned {
    op: Op,
    out: ExprId,
    operands: Vec<ExprId>,
}

impl<'a> Lowering<'a> {
    fn new(prepared: &'a Prepared, layout: Layout) -> Self {
        let exprs = &prepared.exprs;
        let n_varying = (0..exprs.len())
            .filter_map(|at| match exprs.node(ExprId(at as u32)) {
                Node::State(i) => Some(i as usize + 1),
                _ => None,
            })
            .fold(layout.n_states, usize::max);
        let n_extra = n_varying - layout.n_states;
        let program = Program {
            layout,
            n_extra,
            hoisted: Vec::new(),
            entries: Vec::new(),
            constants: Vec::new(),
            n_registers: n_varying + 1 + layout.len(),
        };
        Self {
            exprs,
            varies: &prepared.varies,
            program,
            register: vec![0; exprs.len()],
            results: vec![None; exprs.len()],
            free: Vec::new(),
        }
    }

    fn fix(&mut self, id: ExprId) {
        let layout = self.program.layout;
        let input = |at: usize| Some(self.program.input(at));
        let node = self.exprs.node(id);
        let fixed = match node {
            Node::State(i) if (i as usize) < layout.n_states => Some(i as usize),
            Node::State(i) => Some(self.program.extra(i as usize - layout.n_states)),
            Node::Time => Some(self.program.time()),
            Node::Param(i) => input(i as usize),
            Node::Covariate(i) => input(layout.covariates() + i as usize),
            Node::Mode(i) => input(layout.modes() + i as usize),
            Node::DoseTime(i) => input(layout.dose_times() + i as usize),
            Node::DoseAmount(i) => input(layout.dose_amounts() + i as usize),
            _ => None,
        };
        let at = id.0 as usize;
        if let Some(fixed) = fixed {
            self.register[at] = fixed as u32;
        } else if !self.varies[at] {
            self.register[at] = self.fresh();
            match node {
                Node::Const(value) => self.program.constants.push((self.register[at], value)),
                _ => {
                    let (op, operands) = plain(node);
                    let one = self.instruction(op, self.register[at], &operands);
                    self.program.hoisted.push(one);
                }
            }
        }
    }

    fn fresh(&mut self) -> u32 {
        self.program.n_registers += 1;
        self.program.n_registers as u32 - 1
    }

    fn instruction(&self, op: Op, out: u32, operands: &[ExprId]) -> Instruction {
        let mut registers = [0; 3];
        for (slot, operand) in registers.iter_mut().zip(operands) {
            *slot = self.register[operand.0 as usize];
        }
        Instruction { op, out, operands: registers }
    }

    fn group(&mut self, roots: &[ExprId], given: &[ExprId], keeps: bool) {
        let plan = self.plan(roots, given);
        let mut last_use = vec![0_usize; self.exprs.len()];
        for (place, planned) in plan.iter().enumerate() {
            planned.operands.iter().for_each(|operand| last_use[operand.0 as usize] = place);
        }
        let mut is_root = vec![false; self.exprs.len()];
        roots.iter().for_each(|root| is_root[root.0 as usize] = true);
        let mut is_temporary = vec![false; self.exprs.len()];
        plan.iter().for_each(|planned| is_temporary[planned.out.0 as usize] = true);
        roots.iter().for_each(|root| is_temporary[root.0 as usize] = false);
        let mut body = Vec::with_capacity(plan.len());
        for (place, planned) in plan.iter().enumerate() {
            let is_root = is_root[planned.out.0 as usize];
            let mut dead: Vec<u32> = planned
                .operands
                .iter()
                .filter(|operand| {
                    is_temporary[operand.0 as usize] && last_use[operand.0 as usize] == place
                })
                .map(|operand| self.register[operand.0 as usize])
                .collect();
            dead.sort_unstable();
            dead.dedup();
            // A result keeps its register for good, so it takes none that temporaries share.
            let out = if is_root {
                self.fresh()
            } else {
                self.free.append(&mut dead);
                self.free.pop().unwrap_or_else(|| self.fresh())
            };
            body.push(self.instruction(planned.op, out, &planned.operands));
            self.register[planned.out.0 as usize] = out;
            self.free.append(&mut dead);
        }
        let mut entry = Entry { body, roots: Vec::new() };
        for &root in roots {
            let mut register = self.register[root.0 as usize];
            // A leaf changes after the call; what a later group reads must not.
            if keeps && is_varying_leaf(self.exprs.node(root)) {
                let out = self.fresh();
                let copy = Instruction { op: Op::Copy, out, operands: [register, 0, 0] };
                entry.body.push(copy);
                register = out;
            }
            self.results[root.0 as usize] = Some(register);
            entry.roots.push(register);
        }
        self.program.entries.push(entry);
    }

    /// What to compute, in order; a product read once by a sum becomes part of it, an inverse read
    /// once by a product a division.
    fn plan(&mut self, roots: &[ExprId], given: &[ExprId]) -> Vec<Planned> {
        let needed = needed(self.exprs, self.varies, roots, given);
        let mut n_uses = vec![0_u32; self.exprs.len()];
        for &id in &needed {
            self.exprs.node(id).operands().for_each(|one| n_uses[one.0 as usize] += 1);
        }
        roots.iter().for_each(|root| n_uses[root.0 as usize] += 2);
        let is_needed = |id: ExprId| needed.binary_search(&id).is_ok();
        let is_own = |id: ExprId| n_uses[id.0 as usize] == 1 && is_needed(id);
        // What others divide by too, and was inverted for them, but not in this group.
        let divided = |id: ExprId, inverse: ExprId| match self.exprs.node(inverse) {
            Node::Binary(BinaryOp::Div, one, by)
                if self.exprs.is_number(one, 1.0) && is_own(inverse) =>
            {
                Some((Op::Div, vec![id, by], Some(inverse)))
            }
            _ => None,
        };
        let quotient = |a: ExprId, b: ExprId| divided(a, b).or_else(|| divided(b, a));
        let product = |id: ExprId| match self.exprs.node(id) {
            Node::Binary(BinaryOp::Mul, a, b) if is_own(id) && quotient(a, b).is_none() => {
                Some([a, b])
            }
            _ => None,
        };
        let mut absorbed = vec![false; self.exprs.len()];
        let mut plan = Vec::with_capacity(needed.len());
        for &id in needed.iter().rev() {
            if absorbed[id.0 as usize] {
                continue;
            }
            let (op, operands, taken) = match self.exprs.node(id) {
                Node::Binary(BinaryOp::Add, a, b) => match (product(a), product(b)) {
                    (_, Some([x, y])) => (Op::MulAdd, vec![x, y, a], Some(b)),
                    (Some([x, y]), None) => (Op::MulAdd, vec![x, y, b], Some(a)),
                    _ => (Op::Add, vec![a, b], None),
                },
                Node::Binary(BinaryOp::Sub, a, b) => match (product(a), product(b)) {
                    (_, Some([x, y])) => (Op::MulSub, vec![x, y, a], Some(b)),
                    (Some([x, y]), None) => (Op::MulRest, vec![x, y, b], Some(a)),
                    _ => (Op::Sub, vec![a, b], None),
                },
                Node::Binary(BinaryOp::Mul, a, b) => {
                    quotient(a, b).unwrap_or_else(|| (Op::Mul, vec![a, b], None))
                }
                node => {
                    let (op, operands) = plain(node);
                    (op, operands, None)
                }
            };
            if let Some(taken) = taken {
                absorbed[taken.0 as usize] = true;
            }
            plan.push(Planned { op, out: id, operands });
        }
        plan.reverse();
        for id in given {
            let at = id.0 as usize;
            if let (true, Some(register)) = (self.varies[at], self.results[at]) {
                self.register[at] = register;
            }
        }
        plan
    }
}

/// What varies and is not given, that `roots` rest on, in order.
pub(super) fn needed(
    exprs: &Exprs,
    varies: &[bool],
    roots: &[ExprId],
    given: &[ExprId],
) -> Vec<ExprId> {
    let mut seen = vec![false; exprs.len()];
    given.iter().for_each(|id| seen[id.0 as usize] = true);
    let mut waiting = roots.to_vec();
    let mut found = Vec::new();
    while let Some(id) = waiting.pop() {
        let at = id.0 as usize;
        if seen[at] || !varies[at] || is_varying_leaf(exprs.node(id)) {
            continue;
        }
        seen[at] = true;
        found.push(id);
        waiting.extend(exprs.node(id).operands());
    }
    found.sort_unstable();
    found
}

fn plain(node: Node) -> (Op, Vec<ExprId>) {
    let op = match node {
        Node::Unary(UnaryOp::Neg, _) => Op::Neg,
        Node::Unary(op, _) => Op::Unary(op),
        Node::Binary(BinaryOp::Add, _, _) => Op::Add,
        Node::Binary(BinaryOp::Sub, _, _) => Op::Sub,
        Node::Binary(BinaryOp::Mul, _, _) => Op::Mul,
        Node::Binary(BinaryOp::Div, _, _) => Op::Div,
        Node::Binary(op, _, _) => Op::Binary(op),
        Node::Select(..) => Op::Select,
        // Powers were rewritten and leaves have registers.
        _ => Op::Copy,
    };
    (op, node.operands().collect())
}
