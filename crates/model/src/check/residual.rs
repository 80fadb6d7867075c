//! Residual error: the terms behind `~`.

use epsom_diag::{Diagnostic, list_names};
use epsom_units::{Dimension, Written};

use super::numbers::evaluate;
use super::{Checker, Dim, Symbol, Typed};
use crate::ir::{Combined, DisplayUnit, ErrorScale, ExprId, Node, Residual, reachable};
use crate::syntax::ast::{Call, Expr, ExprKind, Name, Provenance};

/// Terms that are known, with what they take.
const TERMS: &[&str] =
    &["add", "boxCox", "combined1", "combined2", "lnorm", "logitNorm", "pow", "prop", "yeoJohnson"];

impl<'a> Checker<'a> {
    pub(super) fn residual(
        &mut self,
        output: &'a Name,
        terms: &'a [Call],
        provenance: &'a Provenance,
    ) {
        let known =
            |checker: &Self| checker.model.outputs.iter().position(|one| one.name == output.text);
        // In `ini/model` text a compartment may be measured itself.
        if known(self).is_none()
            && !self.is_epm()
            && let Some(&(Symbol::Compartment(_), _)) = self.symbols.get(&output.text)
        {
            let typed = self.name(&output.text, output.span);
            self.push_output(&output.text, &typed, DisplayUnit::default(), String::new());
        }
        let Some(at) = known(self) else { return self.no_output(output) };
        if self.model.outputs[at].residual != Residual::default() {
            self.say(
                Diagnostic::error("E0203", format!("`{}` has two residual errors", output.text))
                    .at(output.span, "again here")
                    .help("write one line with all terms: `~ add(…) + prop(…)`"),
            );
            return;
        }
        self.keys(provenance);
        let sourced = !provenance.sources.is_empty() || provenance.assumed.is_some();
        if self.has_units() && !sourced && terms.iter().any(holds_number) {
            self.say(
                Diagnostic::error(
                    "E0501",
                    format!("the residual error of `{}` has no source", output.text),
                )
                .at(
                    output.span,
                    "add `source <key>` or `assumed \"<reason>\"` at the end of the line",
                ),
            );
        }
        let dim = self.output_dims.get(at).cloned().flatten();
        let unit = self.model.outputs[at].unit.text.clone();
        let per_base = self.model.outputs[at].unit.per_base;
        let mut residual = Residual::default();
        // What nothing defines is no covariate here: a size is declared in `ini`.
        self.in_residual = true;
        for (at, term) in terms.iter().enumerate() {
            let both = |one: &&Call| parts(one).iter().any(|part| parts(term).contains(part));
            if let Some(other) = terms[..at].iter().find(both) {
                let (first, second) = (&other.name.text, &term.name.text);
                self.say(
                    Diagnostic::error(
                        "E0203",
                        format!("`{second}` says again what `{first}` says"),
                    )
                    .at(term.span, "of two only one could count")
                    .label(other.span, "first here")
                    .help("leave one of them out"),
                );
                continue;
            }
            self.term(term, (&dim, &unit, per_base), &mut residual);
        }
        self.in_residual = false;
        self.model.outputs[at].residual = residual;
    }

    fn no_output(&mut self, output: &Name) {
        let names: Vec<String> = self.model.outputs.iter().map(|one| one.name.clone()).collect();
        let names = names.iter().map(String::as_str);
        self.say(
            Diagnostic::error("E0201", format!("no output `{}`", output.text))
                .at(output.span, "residual error belongs to an output")
                .note(format!("outputs: {}", list_names(names, 12))),
        );
    }

    fn term(
        &mut self,
        term: &'a Call,
        (dim, unit, per_base): (&Dim, &str, f64),
        residual: &mut Residual,
    ) {
        let none = Dimension::NONE;
        let arguments: Vec<&'a Expr> = term.arguments.iter().map(|one| &one.value).collect();
        match (term.name.text.as_str(), &arguments[..]) {
            ("add" | "norm" | "dnorm", [size]) => {
                residual.add = self.added(size, dim.as_ref(), unit);
            }
            ("prop", [size]) => {
                residual.prop = self.size(size, Some(&none), "a proportional error");
                self.share(size, residual.prop);
            }
            // Both numbers are of the unit that is shown: b f^c is b p^(c - 1) f^c in base units.
            ("pow", [size, power]) => {
                residual.prop = self.size(size, Some(&none), "the size of a power error");
                residual.power = self.size(power, Some(&none), "a power");
                if let (Some(size), Some(power)) = (residual.prop, residual.power)
                    && per_base != 1.0
                {
                    let e = &mut self.model.exprs;
                    let (one, base) = (e.constant(1.0), e.constant(per_base));
                    let rest = e.difference(power, one);
                    let factor = e.power(base, rest);
                    residual.prop = Some(e.product(size, factor));
                }
            }
            ("lnorm" | "dlnorm" | "logn" | "dlogn", [size]) => {
                residual.scale = ErrorScale::Log;
                residual.add = self.size(size, Some(&none), "an error on the log scale");
                self.share(size, residual.add);
            }
            ("logitNorm", [size, rest @ ..]) if rest.len() <= 2 => {
                residual.add = self.size(size, Some(&none), "an error on the logit scale");
                let bound = |checker: &mut Self, at: usize, open: f64| {
                    let Some(&expr) = rest.get(at) else { return open };
                    let Some((value, found)) = checker.number(expr) else { return open };
                    if let Some(needed) = dim {
                        let id = checker.model.exprs.constant(value);
                        checker.require(&Typed { id, dim: found }, needed, expr, "a bound");
                    }
                    value
                };
                let (lo, hi) = (bound(self, 0, 0.0), bound(self, 1, 1.0));
                residual.scale = ErrorScale::Logit { lo, hi };
            }
            ("boxCox", [lambda]) => {
                if let Some(lambda) = self.size(lambda, Some(&none), "`boxCox`") {
                    residual.scale = ErrorScale::BoxCox { lambda };
                }
            }
            ("yeoJohnson", [lambda]) => {
                if let Some(lambda) = self.size(lambda, Some(&none), "`yeoJohnson`") {
                    residual.scale = ErrorScale::YeoJohnson { lambda };
                }
            }
            ("combined1", []) => residual.combined = Combined::Sum,
            ("combined2", []) => residual.combined = Combined::Squares,
            (name, _) if TERMS.contains(&name) => {
                let count = format!("{} given", arguments.len());
                let needed = match name {
                    "pow" => "a size and a power",
                    "logitNorm" => "a size and, where they are not 0 and 1, two bounds",
                    "combined1" | "combined2" => "no argument",
                    _ => "one argument",
                };
                self.say(
                    Diagnostic::error("E0206", format!("`{name}` takes {needed}"))
                        .at(term.span, count),
                );
            }
            (name, _) if !self.is_epm() && super::elsewhere::unsupported(name).is_some() => {
                let said = super::elsewhere::unsupported(name);
                said.into_iter().for_each(|said| {
                    self.say(said.at(term.name.span, "nothing honors this error"));
                });
            }
            (name, _) => {
                let known = list_names(TERMS.iter().copied(), 20);
                self.say(
                    Diagnostic::error("E0207", format!("no residual error `{name}`"))
                        .at(term.span, "not known")
                        .note(format!("terms: {known}")),
                );
            }
        }
    }

    /// Warns of a share of the value that was meant in percent.
    fn share(&mut self, expr: &Expr, size: Option<ExprId>) {
        let params: Vec<f64> = self.model.params.iter().map(|one| one.value).collect();
        if let Some(size) = size.and_then(|id| evaluate(&self.model.exprs, id, &params)) {
            self.warn_percent(expr, size, "a residual error");
        }
    }

    /// An additive error, in the unit of its output.
    fn added(&mut self, expr: &'a Expr, dim: Option<&Dimension>, unit: &str) -> Option<ExprId> {
        let typed = self.lower(expr);
        if let Some(dim) = dim {
            let unit = Written::of(unit, self.world.substances);
            self.require_in(&typed, dim, unit, expr, "an additive error");
        }
        self.settled(&typed, expr)
    }

    /// A size over parameters and covariates.
    fn size(&mut self, expr: &'a Expr, dim: Option<&Dimension>, who: &str) -> Option<ExprId> {
        let typed = self.lower(expr);
        if let Some(dim) = dim {
            self.require(&typed, dim, expr, who);
        }
        self.settled(&typed, expr)
    }

    /// The size of an error, which does not change during a run.
    fn settled(&mut self, typed: &Typed, expr: &Expr) -> Option<ExprId> {
        let moves = reachable(&self.model.exprs, [typed.id]).into_iter().any(|id| {
            matches!(self.model.exprs.node(id), Node::State(_) | Node::Time | Node::Mode(_))
        });
        if moves {
            self.say(
                Diagnostic::error("E0401", "a number is needed here")
                    .at(expr.span, "this changes during a run")
                    .help("the size of an error is a number or a parameter; `prop` and `pow` follow the value"),
            );
            return None;
        }
        Some(typed.id)
    }
}

/// What of an error a term says.
fn parts(term: &Call) -> &'static [&'static str] {
    match term.name.text.as_str() {
        "add" | "norm" | "dnorm" => &["size"],
        "lnorm" | "dlnorm" | "logn" | "dlogn" | "logitNorm" => &["size", "scale"],
        "boxCox" | "yeoJohnson" => &["scale"],
        "prop" | "pow" => &["share"],
        "combined1" | "combined2" => &["sum"],
        _ => &[],
    }
}

/// Whether a term holds a number of its own, bounds and powers aside.
fn holds_number(term: &Call) -> bool {
    fn number(expr: &Expr) -> bool {
        match &*expr.kind {
            ExprKind::Number { value, .. } => *value != 0.0,
            ExprKind::Unary(_, inner) => number(inner),
            ExprKind::Binary(_, a, b) => number(a) || number(b),
            ExprKind::Call(call) => call.arguments.iter().any(|one| number(&one.value)),
            _ => false,
        }
    }
    term.arguments.first().is_some_and(|one| number(&one.value))
}
