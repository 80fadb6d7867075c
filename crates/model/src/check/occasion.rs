//! `occasion`: how one person differs between occasions, as a covariate that draws fill.

use epsom_diag::{Diagnostic, did_you_mean, list_names};

use super::spread::Speaks;
use super::{Checker, Dim, Symbol, Typed};
use crate::ir::{self, Distribution, Interpolation, Node, UnaryOp};
use crate::syntax::ast::{Name, Occasion, Param};

/// The covariate that numbers occasions where `by` names no other.
const USUAL: &str = "occ";

/// A deviation, and the scale on which it is added.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Deviation {
    covariate: usize,
    scale: Scale,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Scale {
    Plain,
    Log,
    Logit,
}

impl<'a> Checker<'a> {
    /// Declares the deviation of parameter `at`.
    pub(super) fn occasion(&mut self, param: &'a Param, at: usize, value: f64, dim: &Dim) {
        let Some(Occasion { spread, by }) = &param.occasion else { return };
        self.spread_source(param, spread, Speaks::Occasions);
        let (scale, sd) = match self.distribution(spread, param, value, dim) {
            Distribution::Normal { sd } => (Scale::Plain, sd),
            Distribution::LogNormal { sd } => (Scale::Log, sd),
            Distribution::LogitNormal { sd } => (Scale::Logit, sd),
            // A message was given.
            Distribution::Fixed => return,
            Distribution::Uniform { .. } | Distribution::Triangular { .. } => {
                self.say(
                    Diagnostic::error("E0507", "this spread cannot be one between occasions")
                        .at(spread.span, format!("`{}`", spread.distribution.name.text))
                        .help("one of `lognormal(cv 20[%])`, `normal(sd 0.1[L])`, `logitnormal(sd 0.5)`"),
                );
                return;
            }
        };
        let usual = Name { text: USUAL.into(), span: spread.span };
        let Some(by) = self.occasions_by(by.as_ref().unwrap_or(&usual)) else { return };
        let name = Name { text: format!("kappa.{}", param.name.text), span: param.name.span };
        let (unit, dim) = match scale {
            Scale::Plain => (self.shown_unit(&param.value, dim), dim.clone()),
            Scale::Log | Scale::Logit => (ir::DisplayUnit::default(), self.no_dim()),
        };
        let covariate = self.model.covariates.len();
        self.add_symbol(&name, Symbol::Covariate(covariate));
        self.used.insert(name.text.clone());
        self.covariate_dims.push(dim);
        self.model.covariates.push(ir::Covariate {
            name: name.text,
            default: 0.0,
            unit,
            interpolation: Interpolation::Forward,
            bounds: (f64::NEG_INFINITY, f64::INFINITY),
            label: String::new(),
        });
        self.model.occasions.push(ir::Occasion { param: at, covariate, by, sd });
        self.deviations.insert(at, Deviation { covariate, scale });
    }

    /// The covariate that numbers occasions; `occ` need not be declared.
    fn occasions_by(&mut self, name: &Name) -> Option<usize> {
        self.used.insert(name.text.clone());
        if let Some(&(symbol, place)) = self.symbols.get(&name.text) {
            let Symbol::Covariate(at) = symbol else {
                self.say(
                    Diagnostic::error("E0201", format!("`{}` is not a covariate", name.text))
                        .at(name.span, "a covariate numbers the occasions")
                        .label(place, "declared here")
                        .help("name a covariate: `occasion lognormal(cv 20[%]) by visit`"),
                );
                return None;
            };
            if self.model.covariates[at].interpolation == Interpolation::Linear {
                self.say(
                    Diagnostic::error("E0401", "an occasion has a number")
                        .at(name.span, format!("`{}` runs along a line", name.text))
                        .label(place, "declared here")
                        .help("leave out `linear`: a covariate holds until its next record"),
                );
                return None;
            }
            return Some(at);
        }
        if self.is_epm() && name.text != USUAL {
            let known: Vec<&str> = self.model.covariates.iter().map(|c| c.name.as_str()).collect();
            let said = Diagnostic::error("E0201", format!("no covariate `{}`", name.text))
                .at(name.span, "a covariate numbers the occasions");
            let said = match did_you_mean(&name.text, known.iter().copied()) {
                Some(near) => said.help(format!("did you mean `{near}`?")),
                None => said
                    .note(format!("covariates: {}", list_names(known, 12)))
                    .help(format!("declare it: `covariate {} = 1`", name.text)),
            };
            self.say(said);
            return None;
        }
        let at = self.model.covariates.len();
        self.add_symbol(name, Symbol::Covariate(at));
        self.covariate_dims.push(self.no_dim());
        self.model.covariates.push(ir::Covariate {
            name: name.text.clone(),
            default: 1.0,
            unit: ir::DisplayUnit::default(),
            interpolation: Interpolation::Forward,
            bounds: (f64::NEG_INFINITY, f64::INFINITY),
            label: String::new(),
        });
        Some(at)
    }

    /// A parameter as it is on this occasion.
    pub(super) fn on_occasion(&mut self, at: usize, typed: Typed) -> Typed {
        let Some(&Deviation { covariate, scale }) = self.deviations.get(&at) else { return typed };
        let e = &mut self.model.exprs;
        let kappa = e.add(Node::Covariate(covariate as u32));
        let id = match scale {
            Scale::Plain => e.sum(typed.id, kappa),
            Scale::Log => {
                let factor = e.unary(UnaryOp::Exp, kappa);
                e.product(typed.id, factor)
            }
            Scale::Logit => {
                let middle = e.unary(UnaryOp::Logit, typed.id);
                let moved = e.sum(middle, kappa);
                e.unary(UnaryOp::Expit, moved)
            }
        };
        Typed { id, dim: typed.dim }
    }

    /// Effects of occasions are drawn together only where the occasions are the same.
    pub(super) fn same_occasions(&mut self, first: (usize, &Name), second: (usize, &Name)) {
        let by = |at: usize| self.model.occasions.iter().find(|one| one.param == at);
        let (Some(a), Some(b)) = (by(first.0), by(second.0)) else { return };
        if a.by == b.by {
            return;
        }
        let names = [a.by, b.by].map(|at| self.model.covariates[at].name.clone());
        let said = format!("by `{}` and by `{}`", names[0], names[1]);
        self.say(
            Diagnostic::error("E0408", "effects of different occasions cannot be correlated")
                .at(first.1.span.to(second.1.span), said)
                .help("number the occasions of both by one covariate"),
        );
    }
}
