//! Conditions on changing quantities become registers that are frozen between stops.

use super::Checker;
use crate::diff::{With, structural_derivative};
use crate::ir::{ExprId, Interpolation, Mode, Node, UnaryOp, reachable};

impl Checker<'_> {
    /// Whether `id` changes between stops: it reads a state, the time, or a covariate on a line.
    pub(super) fn changes(&self, id: ExprId) -> bool {
        reachable(&self.model.exprs, [id]).into_iter().any(|id| match self.model.exprs.node(id) {
            Node::State(_) | Node::Time => true,
            Node::Covariate(at) => {
                self.model.covariates[at as usize].interpolation == Interpolation::Linear
            }
            _ => false,
        })
    }

    /// The register that is 1 where `value > 0`, or `>= 0` where not `strict`.
    pub(super) fn register(&mut self, value: ExprId, strict: bool) -> ExprId {
        let mode = if self.is_affine(value) {
            Mode::Affine { value, strict }
        } else {
            Mode::Root { value, strict }
        };
        let at = match self.model.modes.iter().position(|one| *one == mode) {
            Some(at) => at,
            None => {
                self.model.modes.push(mode);
                self.model.modes.len() - 1
            }
        };
        self.model.exprs.add(Node::Mode(at as u32))
    }

    /// Affine in time with coefficients constant between stops.
    fn is_affine(&mut self, value: ExprId) -> bool {
        let only_time = reachable(&self.model.exprs, [value]).into_iter().all(|id| {
            match self.model.exprs.node(id) {
                Node::State(_) => false,
                Node::Covariate(at) => {
                    self.model.covariates[at as usize].interpolation != Interpolation::Linear
                }
                Node::Unary(UnaryOp::Floor | UnaryOp::Ceil | UnaryOp::Sign, _) => false,
                _ => true,
            }
        });
        if !only_time {
            return false;
        }
        let slope = structural_derivative(&mut self.model.exprs, value, With::Time);
        slope.is_none_or(|slope| !self.changes(slope))
    }

    /// `yes` where `value >= 0`, else `no`, through a register where `value` changes.
    pub(super) fn choose(&mut self, value: ExprId, yes: ExprId, no: ExprId) -> ExprId {
        let condition = if self.changes(value) {
            self.register(value, false)
        } else {
            let zero = self.model.exprs.constant(0.0);
            self.model.exprs.binary(crate::ir::BinaryOp::Ge, value, zero)
        };
        self.model.exprs.select(condition, yes, no)
    }
}
