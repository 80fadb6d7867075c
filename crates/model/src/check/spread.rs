//! `uncertain` and `varies`: every spread as one of the distributions of the model.

use epsom_diag::Diagnostic;
use epsom_evidence::{Kind, Spread as RowSpread};

use super::numbers::{ln, one_sided};
use super::{Checker, Dim, Typed};
use crate::ir::Distribution;
use crate::syntax::ast::{Param, Spread};

/// Standard deviations from the middle to the end of a 95 % interval.
const Z95: f64 = 1.96;
/// A `range` is read as the middle 95 %, as `ci95`: few studies reach further out.
const Z_RANGE: f64 = 1.96;

impl<'a> Checker<'a> {
    /// What is not known of a parameter, and the reason where it is assumed.
    pub(super) fn uncertainty(
        &mut self,
        param: &'a Param,
        value: f64,
        dim: &Dim,
    ) -> (Distribution, String) {
        if let Some(fixed) = &param.fixed {
            return (Distribution::Fixed, fixed.text.clone());
        }
        let Some(spread) = &param.uncertain else {
            return (self.row_spread(param, value), String::new());
        };
        let distribution = self.distribution(spread, value, dim);
        let own = &spread.provenance;
        let reason = own.assumed.as_ref().or(param.provenance.assumed.as_ref());
        let sourced = !own.sources.is_empty() || own.assumed.is_none();
        let text = if sourced {
            String::new()
        } else {
            reason.map(|one| one.text.clone()).unwrap_or_default()
        };
        self.compare_width(param, value, &distribution);
        (distribution, text)
    }

    /// The spread of a parameter's one row that speaks of what is known.
    fn row_spread(&mut self, param: &Param, value: f64) -> Distribution {
        let [key] = &param.provenance.sources[..] else { return Distribution::Fixed };
        let Some(row) = self.world.evidence.value(&key.text) else { return Distribution::Fixed };
        let Kind::Number(printed) = &row.kind else { return Distribution::Fixed };
        // Rows are in units of their own: only ratios to the value carry over.
        let unit = value / printed.value();
        if !unit.is_finite() {
            return Distribution::Fixed;
        }
        match row.spread {
            RowSpread::Ci95 { lo, hi } => interval(value, lo * unit, hi * unit, Z95),
            RowSpread::Range { lo: Some(lo), hi: Some(hi) } => {
                interval(value, lo * unit, hi * unit, Z_RANGE)
            }
            RowSpread::Sem(sem) => Distribution::Normal { sd: (sem * unit).abs() },
            _ => Distribution::Fixed,
        }
    }

    /// The width must reach that of the row, where the row says how sure the value is.
    fn compare_width(&mut self, param: &'a Param, value: f64, given: &Distribution) {
        let row = self.row_spread(param, value);
        let (Some(needed), Some(found)) = (width(&row, value), width(given, value)) else { return };
        // One part in a hundred: bounds are printed with two or three digits.
        if needed > 0.0 && found < 0.99 * needed {
            let span = param.uncertain.as_ref().map_or(param.name.span, |spread| spread.span);
            self.say(
                Diagnostic::error("E0506", format!("`{}` is surer than its row", param.name.text))
                    .at(
                        span,
                        format!("95 % width {found:.3}, the row's is {needed:.3} (base units)"),
                    )
                    .help("leave `uncertain` out to take the row's own spread"),
            );
        }
    }

    /// The distribution that a clause writes, around `value`.
    pub(super) fn distribution(
        &mut self,
        spread: &'a Spread,
        value: f64,
        dim: &Dim,
    ) -> Distribution {
        let call = &spread.distribution;
        let mut numbers: Vec<(Option<&str>, f64)> = Vec::new();
        for argument in &call.arguments {
            let Some((number, given)) = self.number(&argument.value) else {
                return Distribution::Fixed;
            };
            let word = argument.word.as_ref().map(|word| word.text.as_str());
            let relative = matches!(word, Some("cv"))
                || matches!(call.name.text.as_str(), "lognormal" | "logitnormal");
            // A bare number beside a value with a unit is in the unit of the value.
            let number = match (&given, dim) {
                (Some(given_dim), Some(needed)) if !relative && given_dim != needed => {
                    if !given_dim.is_none() {
                        let id = self.model.exprs.constant(number);
                        let typed = Typed { id, dim: given.clone() };
                        self.require(&typed, needed, &argument.value, "the spread");
                    }
                    number / self.shown_per_base(spread, value)
                }
                _ => number,
            };
            numbers.push((word, number));
        }
        let two = |numbers: &[(Option<&str>, f64)]| match numbers {
            [(_, lo), (_, hi)] if lo < hi => Some((*lo, *hi)),
            _ => None,
        };
        let made = match (call.name.text.as_str(), &numbers[..]) {
            ("normal", [(Some("sd") | None, sd)]) => Some(Distribution::Normal { sd: *sd }),
            ("normal", [(Some("cv"), cv)]) => Some(Distribution::Normal { sd: cv * value.abs() }),
            ("sd" | "sem", [(_, sd)]) => Some(Distribution::Normal { sd: *sd }),
            ("lognormal", [(Some("cv"), cv)]) => {
                Some(Distribution::LogNormal { sd: ln(1.0 + cv * cv).sqrt() })
            }
            ("cv", [(_, cv)]) => Some(Distribution::LogNormal { sd: ln(1.0 + cv * cv).sqrt() }),
            ("lognormal", [(_, sd)]) => Some(Distribution::LogNormal { sd: *sd }),
            ("logitnormal", [(_, sd)]) => Some(Distribution::LogitNormal { sd: *sd }),
            ("uniform", both) => two(both).map(|(lo, hi)| Distribution::Uniform { lo, hi }),
            ("triangular", [(_, lo), (_, mode), (_, hi)]) if lo <= mode && mode <= hi => {
                Some(Distribution::Triangular { lo: *lo, hi: *hi })
            }
            ("triangular", both) => two(both).map(|(lo, hi)| Distribution::Triangular { lo, hi }),
            ("ci95", both) => two(both).map(|(lo, hi)| interval(value, lo, hi, Z95)),
            ("range", both) => two(both).map(|(lo, hi)| interval(value, lo, hi, Z_RANGE)),
            _ => None,
        };
        let sane = |one: &Distribution| match one {
            Distribution::Normal { sd }
            | Distribution::LogNormal { sd }
            | Distribution::LogitNormal { sd } => sd.is_finite() && *sd >= 0.0,
            _ => true,
        };
        if let Some(made) = made.filter(sane) {
            return made;
        }
        self.say(
            Diagnostic::error("E0507", "this spread is not understood")
                .at(spread.span, format!("`{}` with these numbers", call.name.text))
                .help("one of `lognormal(cv 30[%])`, `normal(sd 0.1[L])`, `logitnormal(sd 0.5)`, `uniform(lo, hi)`, `triangular(lo, mode, hi)`, `ci95(lo, hi)`, `range(lo, hi)`, `sem(s)`"),
        );
        Distribution::Fixed
    }

    /// Shown units in one base unit of the parameter whose clause this is.
    fn shown_per_base(&mut self, spread: &'a Spread, _value: f64) -> f64 {
        let tree = self.tree;
        let owner = tree.items.iter().find_map(|item| match &item.kind {
            crate::syntax::ast::ItemKind::Param(param)
                if [&param.uncertain, &param.varies]
                    .into_iter()
                    .flatten()
                    .any(|one| std::ptr::eq(one, spread)) =>
            {
                Some(&**param)
            }
            _ => None,
        });
        owner.map_or(1.0, |param| self.shown_unit(&param.value, &self.no_dim()).per_base)
    }
}

/// Log-normal where all is above 0, else normal; the wider side counts.
fn interval(value: f64, lo: f64, hi: f64, z: f64) -> Distribution {
    if lo > 0.0 && value > 0.0 && hi > 0.0 {
        return Distribution::LogNormal { sd: ln(hi / value).max(ln(value / lo)) / z };
    }
    Distribution::Normal { sd: (hi - value).max(value - lo) / z }
}

/// Width of the middle 95 %.
fn width(distribution: &Distribution, value: f64) -> Option<f64> {
    match *distribution {
        Distribution::Fixed => None,
        Distribution::Normal { sd } => Some(2.0 * Z95 * sd),
        Distribution::LogNormal { sd } => {
            Some(value * (one_sided(Z95 * sd) - one_sided(-Z95 * sd)))
        }
        Distribution::Uniform { lo, hi } => Some(0.95 * (hi - lo)),
        // Tails of 2.5 % of a triangle: at least 0.77 of its base lies between.
        Distribution::Triangular { lo, hi } => Some(0.77 * (hi - lo)),
        Distribution::LogitNormal { .. } => None,
    }
}
