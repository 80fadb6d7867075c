//! Functions of the language, dosing functions, and functions a model declares.

use epsom_diag::{Diagnostic, Span, did_you_mean, list_names};
use epsom_units::{Dimension, Rational};

use super::lincmt::linear_prefix;
use super::{Checker, Symbol, Typed};
use crate::ir::{BinaryOp as Op, Node, UnaryOp};
use crate::syntax::ast::{Call, Expr, ExprKind, ItemKind};

/// Functions of one plain number.
const PLAIN: &[(&str, UnaryOp)] = &[
    ("acos", UnaryOp::Acos),
    ("asin", UnaryOp::Asin),
    ("atan", UnaryOp::Atan),
    ("cos", UnaryOp::Cos),
    ("cosh", UnaryOp::Cosh),
    ("digamma", UnaryOp::Digamma),
    ("erf", UnaryOp::Erf),
    ("exp", UnaryOp::Exp),
    ("expit", UnaryOp::Expit),
    ("expm1", UnaryOp::ExpM1),
    ("gamma", UnaryOp::Gamma),
    ("lgamma", UnaryOp::LnGamma),
    ("lgammafn", UnaryOp::LnGamma),
    ("ln", UnaryOp::Ln),
    ("log", UnaryOp::Ln),
    ("log10", UnaryOp::Log10),
    ("log1p", UnaryOp::Ln1p),
    ("log1pexp", UnaryOp::Softplus),
    ("log2", UnaryOp::Log2),
    ("logit", UnaryOp::Logit),
    ("phi", UnaryOp::NormCdf),
    ("pnorm", UnaryOp::NormCdf),
    ("probit", UnaryOp::NormQuantile),
    ("qnorm", UnaryOp::NormQuantile),
    ("sin", UnaryOp::Sin),
    ("sinh", UnaryOp::Sinh),
    ("softplus", UnaryOp::Softplus),
    ("tan", UnaryOp::Tan),
    ("tanh", UnaryOp::Tanh),
];

/// The other functions, as they are written.
const OTHERS: &[(&str, &str)] = &[
    ("abs", "abs(x)"),
    ("acosh", "acosh(x)"),
    ("asinh", "asinh(x)"),
    ("atanh", "atanh(x)"),
    ("ceil", "ceil(x)"),
    ("ceiling", "ceiling(x)"),
    ("factorial", "factorial(n)"),
    ("floor", "floor(x)"),
    ("ifelse", "ifelse(condition, yes, no)"),
    ("lfactorial", "lfactorial(n)"),
    ("linCmt", "linCmt()"),
    ("max", "max(a, b)"),
    ("min", "min(a, b)"),
    ("podo", "podo(compartment)"),
    ("pow", "pow(base, exponent)"),
    ("row", "row(KEY)"),
    ("sqrt", "sqrt(x)"),
    ("tad", "tad(compartment)"),
    ("transit", "transit(n, mtt)` or `transit(n, mtt, f)"),
];

/// Functions of one number that take more, as they are written.
const MORE: &[(&str, &str)] = &[
    ("expit", "expit(x)` or `expit(x, low, high)"),
    ("logit", "logit(y)` or `logit(y, low, high)"),
    ("phi", "phi(x)` or `phi(x, mean, sd)"),
    ("pnorm", "pnorm(x)` or `pnorm(x, mean, sd)"),
    ("probit", "probit(p)` or `probit(p, mean, sd)"),
    ("qnorm", "qnorm(p)` or `qnorm(p, mean, sd)"),
];

/// Whether the language has a function of this name.
pub(super) fn is_function(name: &str) -> bool {
    let is = |known: &str| known == name;
    PLAIN.iter().any(|(known, _)| is(known)) || OTHERS.iter().any(|(known, _)| is(known))
}

impl<'a> Checker<'a> {
    /// A call in an expression.
    pub(super) fn call(&mut self, call: &'a Call) -> Typed {
        let name = call.name.text.as_str();
        if let Some(&(Symbol::Function(item), _)) = self.symbols.get(name) {
            return self.declared(call, item);
        }
        let arguments: Vec<&'a Expr> = call.arguments.iter().map(|one| &one.value).collect();
        let between = matches!(name, "expit" | "logit" | "pnorm" | "phi" | "qnorm" | "probit");
        if between && matches!(arguments.len(), 2 | 3) {
            return self.between(name, &arguments);
        }
        if matches!(name, "acosh" | "asinh" | "atanh" | "factorial" | "lfactorial")
            && let [only] = arguments[..]
        {
            return self.composed(name, only);
        }
        if let Some(&(_, op)) = PLAIN.iter().find(|(one, _)| *one == name) {
            let [only] = arguments[..] else {
                let form = MORE.iter().find(|(one, _)| *one == name);
                let one = format!("{name}(x)");
                return self.wrong_count(call, form.map_or(&one, |(_, form)| form), None);
            };
            let typed = self.lower(only);
            self.require(&typed, &Dimension::NONE, only, &format!("`{name}`"));
            return Typed { id: self.model.exprs.unary(op, typed.id), dim: self.no_dim() };
        }
        match (name, &arguments[..]) {
            ("row", [key]) => self.row(key),
            ("abs", [x]) => {
                let x = self.lower(x);
                let minus = self.model.exprs.unary(UnaryOp::Neg, x.id);
                let id = if self.changes(x.id) {
                    self.choose(x.id, x.id, minus)
                } else {
                    self.model.exprs.unary(UnaryOp::Abs, x.id)
                };
                Typed { id, dim: x.dim }
            }
            ("sqrt", [x]) => {
                let x = self.lower(x);
                let half = Rational::new(1, 2).unwrap_or(Rational::ONE);
                let dim = x.dim.and_then(|dim| dim.pow(half).ok());
                Typed { id: self.model.exprs.unary(UnaryOp::Sqrt, x.id), dim }
            }
            ("pow", [base, exponent]) => {
                let (a, b) = (self.lower(base), self.lower(exponent));
                self.power(&a, &b, base.span, exponent.span)
            }
            ("floor" | "ceil" | "ceiling", [x]) => self.step(call, x),
            ("min" | "max", [_, _, ..]) => self.extreme(name == "max", &arguments),
            ("ifelse", [condition, yes, no]) => {
                let condition = self.condition(condition);
                let (a, b) = (self.lower(yes), self.lower(no));
                let dim = self.same(&a, &b, yes, no);
                Typed { id: self.model.exprs.select(condition, a.id, b.id), dim }
            }
            ("tad" | "podo", []) if self.doses_are_alike(name) => self.last_of_all(name),
            ("tad" | "podo", [] | [_]) => {
                let Some(at) = self.dosed(call, arguments.first().copied()) else {
                    return self.unknown();
                };
                self.last_dose(name, at)
            }
            ("transit", [n, mtt]) => self.transit(call, n, mtt, None),
            ("transit", [n, mtt, bio]) => self.transit(call, n, mtt, Some(bio)),
            _ if linear_prefix(name).is_some() => self.linear_compartments(call),
            _ => match OTHERS.iter().find(|(one, _)| *one == name) {
                Some((_, form)) => self.wrong_count(call, form, None),
                None => self.no_function(call),
            },
        }
    }

    /// `expit(x, low, high)` lies between the bounds and `logit` leads back; `pnorm(x, mean, sd)`
    /// and `qnorm(p, mean, sd)` are of any normal distribution. Left out: 0 and 1.
    fn between(&mut self, name: &str, arguments: &[&'a Expr]) -> Typed {
        let x = self.lower(arguments[0]);
        let low = self.lower(arguments[1]);
        let high = match arguments.get(2) {
            Some(high) => self.lower(high),
            None => Typed { id: self.model.exprs.constant(1.0), dim: None },
        };
        let (last, at) = (arguments.len() - 1, arguments[1]);
        let dim = self.same(&low, &high, at, arguments[last]);
        let normal = !matches!(name, "expit" | "logit");
        let outward = matches!(name, "expit" | "qnorm" | "probit");
        if outward {
            self.require(&x, &Dimension::NONE, arguments[0], &format!("`{name}`"));
        } else {
            self.same(&x, &Typed { id: low.id, dim: dim.clone() }, arguments[0], at);
        }
        let e = &mut self.model.exprs;
        let scale = if normal { high.id } else { e.difference(high.id, low.id) };
        if outward {
            let op = if name == "expit" { UnaryOp::Expit } else { UnaryOp::NormQuantile };
            let part = e.unary(op, x.id);
            let wide = e.product(scale, part);
            return Typed { id: e.sum(low.id, wide), dim };
        }
        let from = e.difference(x.id, low.id);
        let part = e.quotient(from, scale);
        let op = if name == "logit" { UnaryOp::Logit } else { UnaryOp::NormCdf };
        Typed { id: e.unary(op, part), dim: self.no_dim() }
    }

    /// Functions that are written in terms of others.
    fn composed(&mut self, name: &str, x: &'a Expr) -> Typed {
        let typed = self.lower(x);
        self.require(&typed, &Dimension::NONE, x, &format!("`{name}`"));
        let e = &mut self.model.exprs;
        let (x, one) = (typed.id, e.constant(1.0));
        let id = match name {
            // ln((1 + x) / (1 - x)) / 2
            "atanh" => {
                let minus = e.unary(UnaryOp::Neg, x);
                let (above, below) = (e.unary(UnaryOp::Ln1p, x), e.unary(UnaryOp::Ln1p, minus));
                let (twice, two) = (e.difference(above, below), e.constant(2.0));
                e.quotient(twice, two)
            }
            "factorial" | "lfactorial" => {
                let next = e.sum(x, one);
                let op = if name == "factorial" { UnaryOp::Gamma } else { UnaryOp::LnGamma };
                e.unary(op, next)
            }
            // ln(x + sqrt(x^2 + 1)), and with - 1
            _ => {
                let square = e.powi(x, 2);
                let inside =
                    if name == "asinh" { e.sum(square, one) } else { e.difference(square, one) };
                let root = e.unary(UnaryOp::Sqrt, inside);
                let sum = e.sum(x, root);
                e.unary(UnaryOp::Ln, sum)
            }
        };
        Typed { id, dim: self.no_dim() }
    }

    /// A call that is not of the `form`; `declared` where the model declares the function.
    fn wrong_count(&mut self, call: &Call, form: &str, declared: Option<Span>) -> Typed {
        let name = &call.name.text;
        let given = match call.arguments.len() {
            0 => "no argument given".to_string(),
            1 => "1 argument given".to_string(),
            n => format!("{n} arguments given"),
        };
        let mut said = Diagnostic::error("E0206", format!("`{name}` has other arguments"))
            .at(call.span, given);
        if let Some(place) = declared {
            said = said.label(place, "declared here");
        }
        said = match (name.as_str(), call.arguments.len()) {
            ("log", 2) => {
                said.help("of base 10 or 2: `log10(x)`, `log2(x)`; of any: `log(x) / log(base)`")
            }
            _ => said.help(format!("write `{form}`")),
        };
        self.say(said);
        self.unknown()
    }

    fn no_function(&mut self, call: &Call) -> Typed {
        let name = &call.name.text;
        if let Some(said) = super::elsewhere::unsupported(name).filter(|_| !self.is_epm()) {
            self.say(said.at(call.name.span, "nothing honors this function"));
            return self.unknown();
        }
        let declared: Vec<String> = self
            .symbols
            .iter()
            .filter(|(_, (symbol, _))| matches!(symbol, Symbol::Function(_)))
            .map(|(name, _)| name.clone())
            .collect();
        let known: Vec<&str> = PLAIN
            .iter()
            .map(|&(name, _)| name)
            .chain(OTHERS.iter().map(|&(name, _)| name))
            .chain(declared.iter().map(String::as_str))
            .collect();
        let mut said = Diagnostic::error("E0207", format!("no function `{name}`"))
            .at(call.name.span, "not known");
        said = match did_you_mean(name, known.iter().copied()) {
            _ if name == "c" && self.is_epm() => said.help(
                "a parameter has one value, and its limits behind it: \
                 `param ka = 0.9[1/h] … bounds(0, 5)`",
            ),
            _ if name == "if" => said.help("for a value write `ifelse(condition, yes, no)`"),
            Some(near) => said.help(format!("did you mean `{near}`?")).fix(call.name.span, near),
            None => said.note(format!("functions: {}", list_names(known, 60))),
        };
        self.say(said);
        self.unknown()
    }

    /// A function that the model declares, written out in place.
    fn declared(&mut self, call: &'a Call, item: usize) -> Typed {
        let name = &call.name.text;
        self.used.insert(name.clone());
        let tree = self.tree;
        let ItemKind::Function { arguments, body, .. } = &tree.items[item].kind else {
            return self.unknown();
        };
        if arguments.len() != call.arguments.len() {
            let names: Vec<&str> = arguments.iter().map(|one| one.text.as_str()).collect();
            let form = format!("{name}({})", names.join(", "));
            let place = tree.items[item].span;
            let declared = self.symbols.get(name).map_or(place, |&(_, span)| span);
            return self.wrong_count(call, &form, Some(declared));
        }
        if self.calls.contains(name) {
            self.say(
                Diagnostic::error("E0208", format!("function `{name}` calls itself"))
                    .at(call.span, "reached again while writing it out")
                    .help("functions are written out in place, so they cannot repeat"),
            );
            return self.unknown();
        }
        self.written += 1;
        if self.written > super::MOST_WRITTEN {
            if self.written == super::MOST_WRITTEN + 1 {
                self.say(
                    Diagnostic::error("E0113", "functions of functions make this model too large")
                        .at(call.span, format!("the {} th body written out", self.written))
                        .help("assign what is used twice to a name, and use the name"),
                );
            }
            return self.unknown();
        }
        let given: Vec<Typed> = call.arguments.iter().map(|one| self.lower(&one.value)).collect();
        let names = arguments.iter().map(|one| one.text.clone());
        let scope = names.zip(given).collect();
        let outside = std::mem::replace(&mut self.arguments, scope);
        self.calls.push(name.clone());
        let result = self.lower(body);
        self.calls.pop();
        self.arguments = outside;
        result
    }

    fn step(&mut self, call: &Call, x: &'a Expr) -> Typed {
        let typed = self.lower(x);
        self.require(&typed, &Dimension::NONE, x, &format!("`{}`", call.name.text));
        if self.changes(typed.id) {
            self.say(
                Diagnostic::error("E0405", format!("`{}` of a changing quantity", call.name.text))
                    .at(call.span, "it jumps without end")
                    .help("for something that repeats, declare a `window`"),
            );
            return self.unknown();
        }
        let op = if call.name.text == "floor" { UnaryOp::Floor } else { UnaryOp::Ceil };
        Typed { id: self.model.exprs.unary(op, typed.id), dim: self.no_dim() }
    }

    fn extreme(&mut self, largest: bool, arguments: &[&'a Expr]) -> Typed {
        let mut best = self.lower(arguments[0]);
        for next in &arguments[1..] {
            let other = self.lower(next);
            let dim = self.same(&best, &other, arguments[0], next);
            let id = if self.changes(best.id) || self.changes(other.id) {
                let e = &mut self.model.exprs;
                let value = if largest {
                    e.difference(best.id, other.id)
                } else {
                    e.difference(other.id, best.id)
                };
                self.choose(value, best.id, other.id)
            } else {
                let op = if largest { Op::Max } else { Op::Min };
                self.model.exprs.binary(op, best.id, other.id)
            };
            best = Typed { id, dim };
        }
        best
    }

    /// The compartment whose doses a dosing function means: named, or the one whose d/dt this is.
    fn dosed(&mut self, call: &Call, named: Option<&'a Expr>) -> Option<usize> {
        if let Some(expr) = named
            && let ExprKind::Name(text) = &*expr.kind
        {
            let name = crate::syntax::ast::Name { text: text.clone(), span: expr.span };
            return self.compartment(&name);
        }
        if named.is_none()
            && let Some(at) = self.inside
        {
            return Some(at);
        }
        if named.is_none() && self.model.compartments.len() == 1 {
            return Some(0);
        }
        let name = &call.name.text;
        let help = match name == "transit" {
            true => "use it in the `d/dt` of the compartment that takes the dose".to_string(),
            false => format!("name it, as in `{name}(depot)`, or use it inside a `d/dt`"),
        };
        self.say(
            Diagnostic::error("E0406", format!("`{name}` does not say which compartment's dose"))
                .at(call.span, "outside a `d/dt`")
                .help(help),
        );
        None
    }

    fn last_dose(&mut self, name: &str, at: usize) -> Typed {
        let at32 = at as u32;
        if name == "podo" {
            let id = self.model.exprs.add(Node::DoseAmount(at32));
            return Typed { id, dim: self.compartment_dims[at].clone() };
        }
        let e = &mut self.model.exprs;
        let (now, then) = (e.add(Node::Time), e.add(Node::DoseTime(at32)));
        Typed { id: e.difference(now, then), dim: self.time_dim() }
    }

    /// Whether the last dose of all compartments is one quantity.
    fn doses_are_alike(&self, name: &str) -> bool {
        let mut dims = self.compartment_dims.iter();
        let first = dims.next();
        first.is_some() && (name == "tad" || dims.all(|dim| Some(dim) == first))
    }

    /// Time since, or amount of, the last dose into any compartment; of two at one time, that into
    /// the compartment declared last.
    fn last_of_all(&mut self, name: &str) -> Typed {
        let dim = self.compartment_dims[0].clone();
        let n = self.compartment_dims.len() as u32;
        let e = &mut self.model.exprs;
        let (mut time, mut amount) = (e.add(Node::DoseTime(0)), e.add(Node::DoseAmount(0)));
        for at in 1..n {
            let (then, dose) = (e.add(Node::DoseTime(at)), e.add(Node::DoseAmount(at)));
            let later = e.binary(Op::Ge, then, time);
            amount = e.select(later, dose, amount);
            time = e.binary(Op::Max, time, then);
        }
        if name == "podo" {
            return Typed { id: amount, dim };
        }
        let now = e.add(Node::Time);
        Typed { id: e.difference(now, time), dim: self.time_dim() }
    }

    /// Rate out of `n` transit compartments with mean transit time `mtt`:
    /// `bio dose k (k tad)^n exp(-k tad) / gamma(n + 1)`, `k = (n + 1) / mtt` (Savic 2007, Eq. 4).
    fn transit(
        &mut self,
        call: &'a Call,
        n: &'a Expr,
        mtt: &'a Expr,
        bio: Option<&'a Expr>,
    ) -> Typed {
        let Some(at) = self.dosed(call, None) else { return self.unknown() };
        let (count, mean) = (self.lower(n), self.lower(mtt));
        let bio_value = bio.map(|bio| (self.lower(bio), bio));
        self.require(&count, &Dimension::NONE, n, "the number of compartments");
        if let Some(time) = self.time_dim() {
            self.require(&mean, &time, mtt, "the mean transit time");
        }
        let (dose, tad) = (self.last_dose("podo", at), self.last_dose("tad", at));
        let dim = dose.dim.as_ref().zip(self.time_dim()).and_then(|(a, b)| a.div(&b).ok());
        let e = &mut self.model.exprs;
        let one = e.constant(1.0);
        let stages = e.sum(count.id, one);
        let k = e.quotient(stages, mean.id);
        let x = e.product(k, tad.id);
        let power = e.power(x, count.id);
        let ln_gamma = e.unary(UnaryOp::LnGamma, stages);
        let exponent = e.sum(x, ln_gamma);
        let exponent = e.unary(UnaryOp::Neg, exponent);
        let decay = e.unary(UnaryOp::Exp, exponent);
        let shape = e.product(power, decay);
        let mut given = e.product(dose.id, k);
        if let Some((bio, _)) = &bio_value {
            given = e.product(given, bio.id);
        }
        let rate = e.product(given, shape);
        // Before the first dose `tad` is infinite, and the amount 0.
        let zero = e.constant(0.0);
        let dosed = e.binary(Op::Gt, dose.id, zero);
        let id = e.select(dosed, rate, zero);
        if let Some((bio, expr)) = bio_value {
            self.require(&bio, &Dimension::NONE, expr, "a fraction");
        }
        Typed { id, dim }
    }
}
