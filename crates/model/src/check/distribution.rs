//! What `uncertain`, `varies` and `occasion` write: a distribution and its numbers.
//!
//! A number that could be read in two ways is refused: a variance where a standard deviation is
//! asked for, a percentage of nothing, a mean that the interval does not hold.

use epsom_diag::{Diagnostic, did_you_mean, list_names};
use epsom_units::Dimension;

use super::numbers::ln;
use super::spread::{Z_RANGE, Z95, interval};
use super::warnings::percent_meant;
use super::{Checker, Dim, Typed};
use crate::ir::Distribution;
use crate::syntax::ast::{Argument, Expr, ExprKind, Param, Spread};

/// One distribution as it is written.
struct Form {
    name: &'static str,
    takes: Takes,
    /// How to write it.
    form: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// One size behind one of these words.
    Size(&'static [&'static str]),
    /// One size that the name says.
    Named,
    /// Two ends.
    Ends,
    /// Two ends, and the value between them where it is written.
    Triangle,
}

const FORMS: &[Form] = &[
    Form {
        name: "lognormal",
        takes: Takes::Size(&["cv", "sd"]),
        form: "lognormal(cv 30[%])` or, on the log scale, `lognormal(sd 0.3)",
    },
    Form { name: "logitnormal", takes: Takes::Size(&["sd"]), form: "logitnormal(sd 0.5)" },
    Form {
        name: "normal",
        takes: Takes::Size(&["sd", "cv"]),
        form: "normal(sd 0.1[L])` or `normal(cv 30[%])",
    },
    Form { name: "uniform", takes: Takes::Ends, form: "uniform(lo, hi)" },
    Form {
        name: "triangular",
        takes: Takes::Triangle,
        form: "triangular(lo, hi)` or `triangular(lo, value, hi)",
    },
    Form { name: "ci95", takes: Takes::Ends, form: "ci95(lo, hi)" },
    Form { name: "range", takes: Takes::Ends, form: "range(lo, hi)" },
    Form { name: "sem", takes: Takes::Named, form: "sem(0.1[L])" },
    Form { name: "sd", takes: Takes::Named, form: "sd(0.1[L])" },
    Form { name: "cv", takes: Takes::Named, form: "cv(30[%])" },
];

/// Words that mean the square of a standard deviation.
const VARIANCES: &[&str] = &["var", "variance", "omega", "omega2", "om2", "v"];

/// What a number of a distribution is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scale {
    /// A share of the value, or a size on the log or logit scale.
    Plain,
    /// The unit of the value.
    Value,
}

impl<'a> Checker<'a> {
    /// The distribution that a clause of `param` writes, around `value`.
    pub(super) fn distribution(
        &mut self,
        spread: &'a Spread,
        param: &'a Param,
        value: f64,
        dim: &Dim,
    ) -> Distribution {
        let made = self.as_written(spread, param, value, dim);
        // A message was given.
        made.unwrap_or(Distribution::Fixed)
    }

    fn as_written(
        &mut self,
        spread: &'a Spread,
        param: &'a Param,
        value: f64,
        dim: &Dim,
    ) -> Option<Distribution> {
        let call = &spread.distribution;
        let name = call.name.text.as_str();
        let Some(form) = FORMS.iter().find(|one| one.name == name) else {
            self.no_distribution(spread);
            return None;
        };
        let arguments = call.arguments.as_slice();
        match (form.takes, arguments) {
            (Takes::Size(words), [only]) => {
                let word = self.word(form, words, only)?;
                let scale = match (name, word) {
                    ("normal", "sd") => Scale::Value,
                    _ => Scale::Plain,
                };
                let size = self.size_of(only, (name, scale), param, dim)?;
                Some(sized(name, word, size, value))
            }
            (Takes::Named, [Argument { word: None, .. }]) => {
                let scale = if name == "cv" { Scale::Plain } else { Scale::Value };
                let size = self.size_of(&arguments[0], (name, scale), param, dim)?;
                Some(sized(name, name, size, value))
            }
            (Takes::Ends | Takes::Triangle, [lo, hi]) => {
                let lo = self.end(lo, param, dim)?;
                let hi = self.end(hi, param, dim)?;
                self.between_ends(spread, param, value, (lo, hi))?;
                Some(ended(name, value, lo, hi))
            }
            (Takes::Triangle, [lo, mode, hi]) => {
                let lo = self.end(lo, param, dim)?;
                let top = self.end(mode, param, dim)?;
                let hi = self.end(hi, param, dim)?;
                self.between_ends(spread, param, value, (lo, hi))?;
                // One part in a thousand million: conversion leaves the last digits.
                if (top - value).abs() > 1e-9 * value.abs() {
                    self.say(
                        refused("the top of a triangle is the value")
                            .at(mode.value.span, "this is another number")
                            .label(param.value.span, format!("`{}` is this", param.name.text))
                            .help("leave it out: `triangular(lo, hi)` has its top at the value"),
                    );
                    return None;
                }
                Some(Distribution::Triangular { lo, hi })
            }
            _ => {
                let given = match arguments.len() {
                    0 => "no number given".to_string(),
                    1 => "1 number given".to_string(),
                    n => format!("{n} numbers given"),
                };
                self.say(
                    refused(format!("`{name}` has other arguments"))
                        .at(spread.span, given)
                        .help(format!("write `{}`", form.form)),
                );
                None
            }
        }
    }

    fn no_distribution(&mut self, spread: &Spread) {
        let name = &spread.distribution.name;
        let names = || FORMS.iter().map(|one| one.name);
        let said = refused(format!("no distribution `{}`", name.text)).at(name.span, "not known");
        self.say(match did_you_mean(&name.text, names()) {
            Some(near) => said.help(format!("did you mean `{near}`?")).fix(name.span, near),
            None => said.note(format!("distributions: {}", list_names(names(), 20))),
        });
    }

    /// The word in front of the one size, which says what it is.
    fn word(
        &mut self,
        form: &Form,
        words: &'static [&'static str],
        argument: &'a Argument,
    ) -> Option<&'static str> {
        let name = form.name;
        let Some(word) = &argument.word else {
            self.say(
                refused(format!("nothing says what this number of `{name}` is"))
                    .at(argument.value.span, "a word is missing in front")
                    .help(format!("write `{}`", form.form)),
            );
            return None;
        };
        if let Some(known) = words.iter().find(|one| **one == word.text) {
            return Some(known);
        }
        let said = refused(format!("`{name}` has no `{}`", word.text)).at(word.span, "not known");
        let number = match &*argument.value.kind {
            ExprKind::Number { value, .. } => Some(*value),
            _ => None,
        };
        let text = word.text.to_lowercase();
        let said = match number {
            Some(variance) if VARIANCES.contains(&text.as_str()) && name != "normal" => {
                let size = format!("{:.4}", variance.sqrt());
                let size = size.trim_end_matches('0').trim_end_matches('.');
                let digits = format!("sd {size}");
                said.help(format!("write `{name}({digits})`, the square root of {variance}"))
                    .fix(word.span.to(argument.value.span), digits)
            }
            _ if VARIANCES.contains(&text.as_str()) => {
                said.help(format!("write the square root: `{}`", form.form))
            }
            _ => said.help(format!("write `{}`", form.form)),
        };
        self.say(said);
        None
    }

    /// A size, which is not below 0.
    fn size_of(
        &mut self,
        argument: &'a Argument,
        (name, scale): (&str, Scale),
        param: &'a Param,
        dim: &Dim,
    ) -> Option<f64> {
        let expr = &argument.value;
        if scale == Scale::Value && in_percent(expr) && !in_percent(&param.value) {
            self.percent_of_what(expr, dim);
            return None;
        }
        let size = self.in_scale(expr, scale, param, dim)?;
        if !(size.is_finite() && size >= 0.0) {
            self.say(
                refused("a spread is a number from 0 on").at(expr.span, format!("this is {size}")),
            );
            return None;
        }
        // On the logit scale a width above 2 is a wide one, not a mistake.
        if scale == Scale::Plain && name != "logitnormal" {
            self.warn_percent(expr, size, "a spread");
        }
        Some(size)
    }

    /// A percentage where a size in the unit of the value is asked for.
    fn percent_of_what(&mut self, expr: &'a Expr, dim: &Dim) {
        let Some((share, _)) = self.number(expr) else { return };
        let percent = format!("{}", (share * 1e11).round() / 1e9);
        let mut help = format!("write `normal(cv {percent}[%])` for a share of the value");
        if dim.as_ref().is_none_or(Dimension::is_none) {
            help += &format!(", `normal(sd {share})` for the number itself");
        }
        self.say(
            refused("a percentage of what is not said")
                .at(expr.span, "a size is asked for, in the unit of the value")
                .help(help),
        );
    }

    fn end(&mut self, argument: &'a Argument, param: &'a Param, dim: &Dim) -> Option<f64> {
        if let Some(word) = &argument.word {
            self.say(
                refused(format!("`{}` has no meaning here", word.text))
                    .at(word.span, "ends of a distribution are numbers without a word"),
            );
            return None;
        }
        self.in_scale(&argument.value, Scale::Value, param, dim)
    }

    /// A number of a distribution in base units; a bare one is in the unit of the value.
    fn in_scale(
        &mut self,
        expr: &'a Expr,
        scale: Scale,
        param: &'a Param,
        dim: &Dim,
    ) -> Option<f64> {
        let (number, given) = self.number(expr)?;
        let (Some(given), Some(needed)) = (given, dim) else { return Some(number) };
        let id = self.model.exprs.constant(number);
        let typed = Typed { id, dim: Some(given.clone()) };
        if scale == Scale::Plain {
            self.require(&typed, &Dimension::NONE, expr, "the spread");
            return Some(number);
        }
        if given == *needed {
            return Some(number);
        }
        if given.is_none() && !has_unit(expr) {
            return Some(number / self.shown_unit(&param.value, &self.no_dim()).per_base);
        }
        self.require(&typed, needed, expr, "the spread");
        None
    }

    /// Ends in order, around the value.
    fn between_ends(
        &mut self,
        spread: &Spread,
        param: &Param,
        value: f64,
        (lo, hi): (f64, f64),
    ) -> Option<()> {
        let name = &param.name.text;
        let call = &spread.distribution;
        if !(lo.is_finite() && hi.is_finite() && lo < hi) {
            self.say(
                refused(format!("the ends of `{}` are not in order", call.name.text))
                    .at(spread.span, "the first must be below the second"),
            );
            return None;
        }
        // Ends are printed with two or three digits, and may be the value itself.
        let slack = 0.005 * value.abs().max(hi.abs());
        if lo - slack <= value && value <= hi + slack {
            return Some(());
        }
        self.say(
            refused(format!("`{name}` lies outside its own `{}`", call.name.text))
                .at(spread.span, "these ends do not hold the value between them")
                .label(param.value.span, "the value")
                .help("change the value or the ends; both are in the unit of the value"),
        );
        None
    }

    /// Warns of a share that was meant in percent.
    pub(super) fn warn_percent(&mut self, expr: &Expr, size: f64, what: &str) {
        if let Some(said) = percent_meant(expr, size, what) {
            self.say(said);
        }
    }
}

fn refused(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("E0507", message)
}

fn sized(name: &str, word: &str, size: f64, value: f64) -> Distribution {
    let of_cv = |cv: f64| ln(1.0 + cv * cv).sqrt();
    match (name, word) {
        ("lognormal", "cv") | ("cv", _) => Distribution::LogNormal { sd: of_cv(size) },
        ("lognormal", _) => Distribution::LogNormal { sd: size },
        ("logitnormal", _) => Distribution::LogitNormal { sd: size },
        ("normal", "cv") => Distribution::Normal { sd: size * value.abs() },
        _ => Distribution::Normal { sd: size },
    }
}

fn ended(name: &str, value: f64, lo: f64, hi: f64) -> Distribution {
    match name {
        "uniform" => Distribution::Uniform { lo, hi },
        "triangular" => Distribution::Triangular { lo, hi },
        "ci95" => interval(value, lo, hi, Z95),
        _ => interval(value, lo, hi, Z_RANGE),
    }
}

/// Whether a literal is written in percent.
fn in_percent(expr: &Expr) -> bool {
    match &*expr.kind {
        ExprKind::Unary(_, inner) => in_percent(inner),
        ExprKind::Number { unit: Some(unit), .. } => matches!(&*unit.text, "%" | "percent"),
        _ => false,
    }
}

/// Whether any literal in it carries brackets.
fn has_unit(expr: &Expr) -> bool {
    match &*expr.kind {
        ExprKind::Number { unit, .. } => unit.is_some(),
        ExprKind::Unary(_, inner) => has_unit(inner),
        ExprKind::Binary(_, a, b) => has_unit(a) || has_unit(b),
        ExprKind::Call(call) => call.arguments.iter().any(|one| has_unit(&one.value)),
        _ => false,
    }
}
