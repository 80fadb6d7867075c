//! Expressions to nodes, with a dimension for each.

use epsom_diag::{Diagnostic, Span, did_you_mean, list_names};
use epsom_units::{Dimension, Exponent, Quantity, Unit, dimension_after_power};

use super::{Checker, Dim, Key, Progress, Symbol, Typed};
use crate::ir::{BinaryOp as Op, ExprId, Node, UnaryOp};
use crate::syntax::ast::{
    BinaryOp, Dialect, Expr, ExprKind, Interpolation, ItemKind, Name, UnaryOp as Prefix,
};
use crate::syntax::print_expr;

impl<'a> Checker<'a> {
    /// Lowers an expression; after a message, something that fits anywhere.
    pub(super) fn lower(&mut self, expr: &'a Expr) -> Typed {
        if self.depth >= super::DEEPEST {
            let known = self.diagnostics.iter().any(|one| one.code == "E0104");
            if !known {
                let what = format!("nested more than {} levels deep", super::DEEPEST);
                self.say(
                    Diagnostic::error("E0104", what)
                        .at(expr.span, "reached here, through functions and factors")
                        .help("give a part a name of its own and use the name"),
                );
            }
            return self.unknown();
        }
        self.depth += 1;
        let typed = self.lower_inner(expr);
        self.depth -= 1;
        typed
    }

    fn lower_inner(&mut self, expr: &'a Expr) -> Typed {
        match &*expr.kind {
            ExprKind::Number { value, unit, .. } => {
                let (value, dim) = match unit {
                    Some(text) => match self.unit(text) {
                        Some(unit) => {
                            let quantity = Quantity::new(*value, &unit);
                            (quantity.value, Some(quantity.dimension))
                        }
                        None => (*value, None),
                    },
                    // Zero and infinity are the same in every unit.
                    None if *value == 0.0 => (0.0, None),
                    None => (*value, self.no_dim()),
                };
                Typed { id: self.model.exprs.constant(value), dim }
            }
            ExprKind::Name(name) => self.name(name, expr.span),
            ExprKind::Call(call) => self.call(call),
            ExprKind::Unary(Prefix::Plus, inner) => self.lower(inner),
            ExprKind::Unary(Prefix::Neg, inner) => {
                let inner = self.lower(inner);
                let id = self.model.exprs.unary(UnaryOp::Neg, inner.id);
                Typed { id, dim: inner.dim }
            }
            ExprKind::Unary(Prefix::Not, inner) => {
                let inner = self.condition(inner);
                let id = self.model.exprs.unary(UnaryOp::Not, inner);
                Typed { id, dim: self.no_dim() }
            }
            ExprKind::Binary(op, left, right) => self.binary(*op, left, right),
            ExprKind::Error => self.unknown(),
        }
    }

    /// A value that fits anywhere, after a message.
    pub(super) fn unknown(&mut self) -> Typed {
        Typed { id: self.model.exprs.constant(1.0), dim: None }
    }

    fn binary(&mut self, op: BinaryOp, left: &'a Expr, right: &'a Expr) -> Typed {
        let arithmetic = match op {
            BinaryOp::Add => Op::Add,
            BinaryOp::Sub => Op::Sub,
            BinaryOp::Mul => Op::Mul,
            BinaryOp::Div => Op::Div,
            BinaryOp::Pow => {
                let (base, exponent) = (self.lower(left), self.lower(right));
                return self.power(&base, &exponent, left.span, right.span);
            }
            BinaryOp::And | BinaryOp::Or => {
                let (a, b) = (self.condition(left), self.condition(right));
                let op = if op == BinaryOp::And { Op::And } else { Op::Or };
                return Typed { id: self.model.exprs.binary(op, a, b), dim: self.no_dim() };
            }
            _ => return self.comparison(op, left, right),
        };
        let (a, b) = (self.lower(left), self.lower(right));
        let dim = match arithmetic {
            Op::Mul => both(&a.dim, &b.dim).and_then(|(a, b)| a.mul(b).ok()),
            Op::Div => both(&a.dim, &b.dim).and_then(|(a, b)| a.div(b).ok()),
            _ => self.same(&a, &b, left, right),
        };
        Typed { id: self.model.exprs.binary(arithmetic, a.id, b.id), dim }
    }

    pub(super) fn power(&mut self, base: &Typed, exponent: &Typed, at: Span, end: Span) -> Typed {
        let id = self.model.exprs.power(base.id, exponent.id);
        let (Some(of_base), Some(of_exponent)) = (&base.dim, &exponent.dim) else {
            let dim = if exponent.dim.is_none() && self.is_zero(exponent.id) {
                self.no_dim()
            } else {
                None
            };
            return Typed { id, dim };
        };
        let written = match self.model.exprs.as_constant(exponent.id) {
            Some(value) if of_exponent.is_none() => Exponent::Constant(value),
            _ => Exponent::Changing(of_exponent.clone()),
        };
        let dim = match dimension_after_power(of_base, &written) {
            Ok(dim) => Some(dim),
            Err(error) => {
                let mut said = Diagnostic::error("E0313", "this power has no unit")
                    .at(at.to(end), error.to_string());
                if !of_exponent.is_none() {
                    said = said.help(
                        "make the exponent a plain number: divide it by a unit, as in `x / 1[h]`",
                    );
                } else if !of_base.is_none() {
                    said = said.label(at, format!("this is in {of_base}"));
                    said =
                        said.help("raise a ratio of two like quantities instead: `(x / 1[…])^n`");
                }
                self.say(said);
                None
            }
        };
        Typed { id, dim }
    }

    fn is_zero(&self, id: ExprId) -> bool {
        self.model.exprs.is_number(id, 0.0)
    }

    fn comparison(&mut self, op: BinaryOp, left: &'a Expr, right: &'a Expr) -> Typed {
        let (a, b) = (self.lower(left), self.lower(right));
        self.same(&a, &b, left, right);
        let dim = self.no_dim();
        let written = match op {
            BinaryOp::Lt => Op::Lt,
            BinaryOp::Le => Op::Le,
            BinaryOp::Gt => Op::Gt,
            BinaryOp::Ge => Op::Ge,
            BinaryOp::Eq => Op::Eq,
            _ => Op::Ne,
        };
        if !self.changes(a.id) && !self.changes(b.id) {
            return Typed { id: self.model.exprs.binary(written, a.id, b.id), dim };
        }
        let e = &mut self.model.exprs;
        let id = match written {
            Op::Lt | Op::Le => {
                let value = e.difference(b.id, a.id);
                self.register(value, written == Op::Lt)
            }
            Op::Gt | Op::Ge => {
                let value = e.difference(a.id, b.id);
                self.register(value, written == Op::Gt)
            }
            _ => {
                self.say(
                    Diagnostic::error("E0404", "changing quantities are compared for equality")
                        .at(left.span.to(right.span), "true at single instants at most")
                        .help("compare with `<` or `>=`; for a time of day declare a `window`"),
                );
                return self.unknown();
            }
        };
        if let Node::Mode(at) = self.model.exprs.node(id) {
            self.mode_places.entry(at as usize).or_insert(left.span.to(right.span));
        }
        Typed { id, dim }
    }

    /// A truth value: a comparison, logic, or a number that is not 0.
    pub(super) fn condition(&mut self, expr: &'a Expr) -> ExprId {
        let logical = match &*expr.kind {
            ExprKind::Binary(op, ..) => !matches!(
                op,
                BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Pow
            ),
            ExprKind::Unary(op, _) => *op == Prefix::Not,
            _ => false,
        };
        let typed = self.lower(expr);
        if !logical && self.changes(typed.id) {
            self.say(
                Diagnostic::error("E0404", "a changing number is used as a condition")
                    .at(expr.span, "compare it with something")
                    .help("write a comparison, such as `x > 0`"),
            );
        }
        typed.id
    }

    /// A name in an expression.
    pub(super) fn name(&mut self, name: &str, span: Span) -> Typed {
        if let Some((_, typed)) = self.arguments.iter().rev().find(|(one, _)| one == name) {
            return typed.clone();
        }
        let key = Key::Name(name.to_string());
        if let Some(typed) = self.current(&key) {
            self.used.insert(name.to_string());
            return typed;
        }
        if self.is_unset(name, span) {
            return self.unknown();
        }
        let Some(&(symbol, _)) = self.symbols.get(name) else {
            return self.builtin_name(name, span);
        };
        self.used.insert(name.to_string());
        match symbol {
            Symbol::Param(at) => self.param(at),
            Symbol::Covariate(at) => Typed {
                id: self.model.exprs.add(Node::Covariate(at as u32)),
                dim: self.covariate_dims[at].clone(),
            },
            Symbol::Compartment(at) | Symbol::Register(at) => Typed {
                id: self.model.exprs.add(Node::State(at as u32)),
                dim: self.compartment_dims[at].clone(),
            },
            Symbol::Window(at) => {
                Typed { id: self.model.exprs.add(Node::Mode(at as u32)), dim: self.no_dim() }
            }
            Symbol::Function(_) => {
                self.say(
                    Diagnostic::error("E0202", format!("`{name}` is a function"))
                        .at(span, "its arguments are missing")
                        .help(format!("write `{name}(…)`")),
                );
                self.unknown()
            }
            Symbol::Assigned(item) => self.assigned(name, item, span),
        }
    }

    fn assigned(&mut self, name: &str, item: usize, span: Span) -> Typed {
        if self.progress[item] == Progress::Doing {
            self.circle(name, span);
            return self.unknown();
        }
        self.lower_item(item);
        match self.values.get(&Key::Name(name.to_string())) {
            Some(typed) => typed.clone(),
            None => {
                self.is_unset(name, span);
                self.unknown()
            }
        }
    }

    /// Whether an `if` leaves `name` without a value; says so.
    fn is_unset(&mut self, name: &str, span: Span) -> bool {
        let Some(&place) = self.unset.get(name) else { return false };
        self.used.insert(name.to_string());
        self.say(
            Diagnostic::error("E0402", format!("`{name}` has no value in every branch"))
                .at(place, "some way through this `if` leaves it unset")
                .label(span, "read here")
                .help(format!("assign `{name}` in each branch, and add `else`")),
        );
        true
    }

    /// `name` is read while it is worked out.
    pub(super) fn circle(&mut self, name: &str, span: Span) {
        self.say(
            Diagnostic::error("E0204", format!("`{name}` depends on itself"))
                .at(span, "reached again while working it out")
                .help("make it a compartment with a `d/dt`, or break the circle"),
        );
    }

    /// A parameter with its `scales` factor.
    fn param(&mut self, at: usize) -> Typed {
        let id = self.model.exprs.add(Node::Param(at as u32));
        let dim = self.param_dims[at].clone();
        let Typed { id, dim } = self.on_occasion(at, Typed { id, dim });
        let Some(factor) = self.scales.get(&at).copied() else { return Typed { id, dim } };
        if let Some(known) = self.scaled.get(&at) {
            return known.clone();
        }
        // The factor means the same wherever the parameter is used.
        let outside = (std::mem::take(&mut self.branches), std::mem::take(&mut self.arguments));
        let typed = self.lower(factor);
        (self.branches, self.arguments) = outside;
        let who = format!("the factor of `{}`", self.model.params[at].name);
        self.require(&typed, &Dimension::NONE, factor, &who);
        let scaled = Typed { id: self.model.exprs.product(id, typed.id), dim };
        self.scaled.insert(at, scaled.clone());
        scaled
    }

    fn builtin_name(&mut self, name: &str, span: Span) -> Typed {
        match name {
            "t" | "time" => {
                return Typed { id: self.model.exprs.add(Node::Time), dim: self.time_dim() };
            }
            "Inf" if !self.is_epm() => {
                let id = self.model.exprs.constant(f64::INFINITY);
                return Typed { id, dim: self.no_dim() };
            }
            "pi" => {
                let id = self.model.exprs.constant(std::f64::consts::PI);
                return Typed { id, dim: self.no_dim() };
            }
            _ => {}
        }
        if !self.is_epm() && !self.in_residual {
            return self.undeclared_covariate(name, span);
        }
        self.undefined(name, span);
        self.unknown()
    }

    /// Says that nothing defines `name`.
    pub(super) fn undefined(&mut self, name: &str, span: Span) {
        if self.diagnostics.len() >= super::MOST_MESSAGES {
            return;
        }
        if let Some(said) = self.reads_output(name, span) {
            self.say(said);
            return;
        }
        let known: Vec<String> = self.symbols.keys().cloned().collect();
        let known = known.iter().map(String::as_str);
        let mut said = Diagnostic::error("E0201", format!("`{name}` is not defined"))
            .at(span, "not found in this model");
        said = match did_you_mean(name, known.clone()) {
            Some(near) => {
                // Told once: what was meant is used then.
                self.used.insert(near.to_string());
                said.help(format!("did you mean `{near}`?")).fix(span, near)
            }
            None => said.note(format!("defined here: {}", list_names(known, 12))),
        };
        self.say(said);
    }

    /// The message about an output that is read as if it were a quantity.
    fn reads_output(&self, name: &str, span: Span) -> Option<Diagnostic> {
        let output = self.tree.items.iter().find_map(|item| match &item.kind {
            ItemKind::Output(output) if output.name.text == name => Some(output),
            _ => None,
        })?;
        let value = output.value.as_ref().map(|value| print_expr(value, Dialect::Epm));
        let value = value.unwrap_or_else(|| "…".into());
        let own = name.rsplit('.').next().unwrap_or(name);
        let module = name.len() > own.len();
        let place = if module { "in the module " } else { "" };
        Some(
            Diagnostic::error("E0201", format!("`{name}` is an output, which nothing reads"))
                .at(span, "outputs are reported; quantities are read")
                .label(output.name.span, "declared here")
                .help(format!(
                    "{place}write `{own}_now = {}`, then `output {own} = {own}_now`, and read \
                     `{name}_now`",
                    if module { "…" } else { &value }
                )),
        )
    }

    /// In `ini/model` text, which declares no covariates, what nothing defines is one.
    fn undeclared_covariate(&mut self, name: &str, span: Span) -> Typed {
        let at = self.model.covariates.len();
        self.symbols.insert(name.to_string(), (Symbol::Covariate(at), span));
        self.covariate_dims.push(self.no_dim());
        self.model.covariates.push(crate::ir::Covariate {
            name: name.to_string(),
            // No default: a run without the column must not look like one with it.
            default: f64::NAN,
            unit: crate::ir::DisplayUnit::default(),
            interpolation: interpolation(self.interpolations.get(name).copied()),
            bounds: (f64::NEG_INFINITY, f64::INFINITY),
            label: String::new(),
        });
        // `linear(wt)` and its like say that it is one.
        if !self.interpolations.contains_key(name) {
            let said = Diagnostic::warning("W0202", format!("`{name}` is taken as a covariate"))
                .at(span, "nothing in the text defines it");
            let known = self.symbols.keys().filter(|known| *known != name);
            let near = did_you_mean(name, known.map(String::as_str)).map(str::to_string);
            self.say(match near {
                // Names that differ in case only are two: `WT` and `wt`.
                Some(near) if !near.eq_ignore_ascii_case(name) => said
                    .help(format!("did you mean `{near}`?"))
                    .help(format!("if it is one, give a column `{name}` in the event file"))
                    .fix(span, near),
                _ => said.help(format!(
                    "give a column `{name}` in the event file, or mend the spelling"
                )),
            });
        }
        Typed { id: self.model.exprs.add(Node::Covariate(at as u32)), dim: self.no_dim() }
    }

    pub(super) fn is_compartment(&self, name: &Name) -> bool {
        matches!(self.symbols.get(&name.text), Some((Symbol::Compartment(_), _)))
    }

    /// The compartment whose name is nearly this one.
    pub(super) fn compartment_meant(&self, name: &Name) -> Option<usize> {
        let names = self.model.compartments.iter().map(|one| one.name.as_str());
        let near = did_you_mean(&name.text, names)?;
        self.model.compartments.iter().position(|one| one.name == near)
    }

    /// The compartment that a statement names.
    pub(super) fn compartment(&mut self, name: &Name) -> Option<usize> {
        if let Some((Symbol::Compartment(at), _)) = self.symbols.get(&name.text) {
            return Some(*at);
        }
        let known: Vec<String> = self.model.compartments.iter().map(|c| c.name.clone()).collect();
        let known = known.iter().map(String::as_str);
        let mut said = Diagnostic::error("E0205", format!("no compartment `{}`", name.text))
            .at(name.span, "not declared");
        let register = matches!(self.symbols.get(&name.text), Some((Symbol::Register(_), _)));
        said = match did_you_mean(&name.text, known.clone()) {
            _ if register => said.note("a register is changed by events only"),
            Some(near) => said.help(format!("did you mean `{near}`?")).fix(name.span, near),
            None => said.help(format!("declare it: `compartment {} [mmol]`", name.text)),
        };
        self.say(said);
        None
    }

    /// Unit of output and parameters in words of base units.
    pub(super) fn base_unit(dim: &Dim) -> Unit {
        dim.clone().map_or_else(Unit::one, Unit::of_base)
    }
}

pub(super) fn interpolation(how: Option<Interpolation>) -> crate::ir::Interpolation {
    match how.unwrap_or_default() {
        Interpolation::Forward => crate::ir::Interpolation::Forward,
        Interpolation::Backward => crate::ir::Interpolation::Backward,
        Interpolation::Midpoint => crate::ir::Interpolation::Midpoint,
        Interpolation::Linear => crate::ir::Interpolation::Linear,
    }
}

fn both<'d>(a: &'d Dim, b: &'d Dim) -> Option<(&'d Dimension, &'d Dimension)> {
    Some((a.as_ref()?, b.as_ref()?))
}
