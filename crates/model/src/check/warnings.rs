//! What is allowed and probably not meant: unused and hidden names, numbers without a unit, rates
//! that are not smooth, parameters that only act together.

use epsom_diag::{Diagnostic, Span, has_errors};

use super::function::is_function;
use super::{Checker, Symbol};
use crate::syntax::ast::{Expr, ExprKind, ItemKind, Name};

impl Checker<'_> {
    /// Says all of them; those about the whole model only where it has no error.
    pub(super) fn warnings(&mut self) {
        if self.is_epm() {
            self.warn_unused();
            self.warn_hidden();
        }
        if self.has_units() {
            self.warn_unitless();
        }
        if !has_errors(&self.diagnostics) {
            if self.has_units() {
                self.warn_literals();
            }
            self.warn_rough();
            self.warn_together();
        }
    }

    fn warn_unused(&mut self) {
        let mut said = Vec::new();
        for (name, (symbol, span)) in &self.symbols {
            let declared = match symbol {
                Symbol::Param(at) if self.model.hypotheses.contains(at) => "hypothesis",
                Symbol::Param(_) => "parameter",
                Symbol::Covariate(_) => "covariate",
                Symbol::Assigned(_) => "quantity",
                Symbol::Function(_) => "function",
                Symbol::Window(_) => "window",
                Symbol::Register(_) => "register",
                Symbol::Compartment(_) => continue,
            };
            if self.used.contains(name) {
                continue;
            }
            if let Some(elsewhere) = self.elsewhere(name) {
                said.push(elsewhere);
            } else {
                said.push(
                    Diagnostic::warning("W0201", format!("{declared} `{name}` is not used"))
                        .at(*span, "nothing reads it"),
                );
            }
        }
        self.diagnostics.extend(said);
    }

    /// Arguments and functions that take a name which means something else already.
    fn warn_hidden(&mut self) {
        let tree = self.tree;
        for item in &tree.items {
            let ItemKind::Function { name, arguments, .. } = &item.kind else { continue };
            if is_function(&name.text) {
                self.say(
                    Diagnostic::warning("W0205", format!("`{}` hides a function", name.text))
                        .at(name.span, "in this model the name means this one")
                        .help("give the function another name"),
                );
            }
            for (at, argument) in arguments.iter().enumerate() {
                self.argument(name, &arguments[..at], argument);
            }
        }
    }

    fn argument(&mut self, function: &Name, before: &[Name], argument: &Name) {
        let text = &argument.text;
        if before.iter().any(|one| one.text == *text) {
            self.say(
                Diagnostic::error("E0203", format!("`{text}` is declared twice"))
                    .at(argument.span, "again here"),
            );
            return;
        }
        let declared = self.symbols.get(text).map(|&(_, place)| place);
        if declared.is_none() && !matches!(text.as_str(), "t" | "time" | "pi") {
            return;
        }
        let what =
            if declared.is_some() { "a name of the model" } else { "a name of the language" };
        let mut said = Diagnostic::warning("W0203", format!("argument `{text}` hides {what}"))
            .at(argument.span, format!("inside `{}` this is the argument", function.text))
            .help("give the argument another name");
        if let Some(place) = declared {
            said = said.label(place, "hidden there");
        }
        self.say(said);
    }

    /// Numbers that are declared without a unit and without a row that would say it.
    fn warn_unitless(&mut self) {
        let tree = self.tree;
        for item in &tree.items {
            let (what, name, value) = match &item.kind {
                ItemKind::Param(param)
                    if param.provenance.sources.is_empty() && param.replaces.is_none() =>
                {
                    ("parameter", &param.name, &param.value)
                }
                ItemKind::Covariate(one) => match &one.default {
                    Some(default) => ("covariate", &one.name, default),
                    None => continue,
                },
                _ => continue,
            };
            let Some((digits, place)) = bare(value) else { continue };
            self.say(
                Diagnostic::warning(
                    "W0208",
                    format!("nothing says the unit of {what} `{}`", name.text),
                )
                .at(value.span, "read as a plain number")
                .help(format!("write `{digits}[1]`, or its unit"))
                .fix(place, format!("{digits}[1]")),
            );
        }
    }
}

/// The digits of a literal without a unit, behind a sign or not.
pub(super) fn bare(value: &Expr) -> Option<(&str, Span)> {
    match &*value.kind {
        ExprKind::Unary(_, inner) => bare(inner),
        ExprKind::Number { unit: None, digits, .. } => Some((digits, value.span)),
        _ => None,
    }
}

/// A share above 2, such as `cv 30`, that was probably meant in percent.
pub(super) fn percent_meant(expr: &Expr, size: f64, what: &str) -> Option<Diagnostic> {
    let percent = |text: &str| matches!(text, "%" | "percent");
    let said_so = match &*expr.kind {
        ExprKind::Number { unit: Some(unit), .. } => percent(&unit.text),
        _ => false,
    };
    if size.is_nan() || size <= 2.0 || said_so {
        return None;
    }
    let said = Diagnostic::warning("W0209", format!("{what} of {} %", rounded(size * 100.0)))
        .at(expr.span, format!("a plain number is a share: {} times the value", rounded(size)));
    Some(match &*expr.kind {
        ExprKind::Number { digits, .. } => said
            .help(format!("write `{digits}[%]`, or `{}[%]` if it is so", rounded(size * 100.0)))
            .fix(expr.span, format!("{digits}[%]")),
        _ => said.help("if it is so, write it as a number in `[%]`"),
    })
}

/// Without the last digits, which conversion of units leaves.
fn rounded(value: f64) -> f64 {
    format!("{value:.11e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use crate::check::{World, check};
    use crate::syntax::parse;
    use epsom_diag::FileId;
    use epsom_evidence::{builtin, builtin_substances};

    /// Codes and messages of a model with one compartment `a` in mmol, whose lines these are.
    fn said(lines: &str) -> Vec<String> {
        let text = format!("model m\ntime [h]\nsubstance Mg\ncompartment a [mmol]\n{lines}\n");
        let (tree, read) = parse(&text, FileId(0));
        assert!(read.is_empty(), "{read:?}");
        let world = World { evidence: builtin(), substances: builtin_substances() };
        let said = check(&tree, &world).diagnostics;
        let relevant = said.into_iter().filter(|one| one.code != "W0510");
        relevant.map(|one| format!("{} {}", one.code, one.message)).collect()
    }

    const PAIR: &str = "param p = 2[1] assumed \"x\"\nparam q = 3[1/h] assumed \"x\"\n";

    #[test]
    fn parameters_that_only_act_together() {
        let never = |lines: &str| said(&format!("{PAIR}{lines}\noutput b = a"));
        let apart: [String; 0] = [];
        let together = ["W0207 `p` and `q` are never apart"];
        assert_eq!(never("d/dt(a) = -p * a * q"), together);
        assert_eq!(never("d/dt(a) = -a / p * q"), together);
        // The same power of the same product, twice.
        assert_eq!(never("k = p * q\nd/dt(a) = -k * a + k^2 * 1[mmol*h]"), together);
        assert_eq!(never("d/dt(a) = -exp(p) * a * q"), together);
        // One stands alone, or in another power.
        assert_eq!(never("d/dt(a) = -p * a * q + q * 1[mmol]"), apart);
        assert_eq!(never("d/dt(a) = -p * a * q\nf(a) = p"), apart);
        assert_eq!(never("d/dt(a) = -p * a * q + p^2 * q * 1[mmol]"), apart);
        assert_eq!(never("d/dt(a) = -(p + a / 1[mmol]) * a * q"), apart);
    }

    #[test]
    fn what_is_known_or_held_is_told_apart() {
        let lines = "d/dt(a) = -p * a * q\noutput b = a";
        let held = PAIR.replace(
            "param p = 2[1] assumed \"x\"",
            "param p = 2[1] assumed \"x\" fixed \"a count\"",
        );
        assert_eq!(said(&format!("{held}{lines}")), Vec::<String>::new());
        let known = "param p = 12[L] source EPS001 fixed \"x\"\nparam q = 3[1/h] assumed \"x\"\n";
        assert_eq!(said(&format!("{known}d/dt(a) = -p * a * q / 1[L]\noutput b = a")).len(), 0);
    }

    #[test]
    fn conditions_that_switch_themselves_back() {
        let rate =
            |lines: &str| said(&format!("param k = 0.5[1/h] assumed \"x\"\n{lines}\noutput b = a"));
        let back = ["W0206 this condition switches itself back"];
        let smooth: [String; 0] = [];
        let give = |above: &str, below: &str| {
            format!("if (a > 3[mmol]) {{ d/dt(a) = {above} }} else {{ d/dt(a) = {below} }}")
        };
        assert_eq!(rate(&give("-k * a", "k * 1[mmol]")), back);
        // Both go through the limit, or away from it.
        assert_eq!(rate(&give("-k * a", "-2 * k * a")), smooth);
        assert_eq!(rate(&give("k * a", "-k * a")), smooth);
        // A kink is no jump, and a limit that is never reached is none.
        assert_eq!(rate("d/dt(a) = 1[mmol/h] - k * max(a - 3[mmol], 0)"), smooth);
        assert_eq!(rate("d/dt(a) = ifelse(a > -1[mmol], -k * a, k * 1[mmol])"), smooth);
    }

    #[test]
    fn roots_without_a_slope() {
        let rate =
            |lines: &str| said(&format!("param k = 0.5[1/h] assumed \"x\"\n{lines}\noutput b = a"));
        let steep = ["W0206 the rate of `a` has no slope at the start"];
        assert_eq!(rate("d/dt(a) = -k * sqrt(a * 1[mmol])"), steep);
        assert_eq!(rate("d/dt(a) = -k * 1[mmol] * (a / 1[mmol])^0.7"), steep);
        assert_eq!(rate("a(0) = 1[mmol]\nd/dt(a) = -k * sqrt(a * 1[mmol])").len(), 0);
        assert_eq!(rate("d/dt(a) = -k * 1[mmol] * (a / 1[mmol])^1.5").len(), 0);
    }

    #[test]
    fn names_and_numbers() {
        let rest = "d/dt(a) = 0\noutput b = a";
        assert_eq!(
            said(&format!("function tad(x) = 2 * x\noutput c = tad(a) [mmol]\n{rest}")),
            ["W0205 `tad` hides a function"]
        );
        assert_eq!(
            said(&format!("function twice(t) = 2 * t\noutput c = twice(a) [mmol]\n{rest}")),
            ["W0203 argument `t` hides a name of the language"]
        );
        assert_eq!(
            said(&format!(
                "covariate sex = 0\nparam p = -1 assumed \"x\"\noutput c = p * sex\n{rest}"
            )),
            [
                "W0208 nothing says the unit of covariate `sex`",
                "W0208 nothing says the unit of parameter `p`"
            ]
        );
    }
}
