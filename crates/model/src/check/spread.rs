//! `uncertain` and `varies`: every spread as one of the distributions of the model.

use epsom_diag::{Diagnostic, list_names};
use epsom_evidence::{Kind, Spread as RowSpread, ValueRow};

use super::numbers::{evaluate, ln, one_sided};
use super::provenance::rows_in;
use super::{Checker, Dim};
use crate::diff::{With, derivative};
use crate::ir::Distribution;
use crate::syntax::ast::{Param, Spread};

/// Standard deviations from the middle to the end of a 95 % interval.
pub(super) const Z95: f64 = 1.96;
/// A `range` is read as the middle 95 %, as `ci95`: few studies reach further out.
pub(super) const Z_RANGE: f64 = 1.96;

/// What a spread speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speaks {
    /// How sure a number is: `ci95`, `sem`, `range`.
    Knowledge,
    /// How people differ: `sd`, `cv`, `p5_95`.
    People,
    /// How one person differs between occasions: no row says so.
    Occasions,
}

impl Speaks {
    fn of(row: &ValueRow) -> Option<Self> {
        match row.spread {
            RowSpread::Ci95 { .. }
            | RowSpread::Sem(_)
            | RowSpread::Range { lo: Some(_), hi: Some(_) } => Some(Self::Knowledge),
            RowSpread::Sd(_) | RowSpread::Cv(_) | RowSpread::P5To95 { .. } => Some(Self::People),
            _ => None,
        }
    }
}

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
            if self.has_units() {
                self.needs_spread(param);
            }
            return (self.row_spread(param, value), String::new());
        };
        let distribution = self.distribution(spread, param, value, dim);
        self.spread_source(param, spread, Speaks::Knowledge);
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

    /// A number from rows of which one says nothing of how sure it is.
    fn needs_spread(&mut self, param: &Param) {
        let mut rows = self.rows_of(param);
        // What is no number at all has a message of its own.
        rows.retain(|row| matches!(row.kind, Kind::Number(_)));
        let computed = param.provenance.sources.is_empty();
        let known = |row: &&ValueRow| Speaks::of(row) == Some(Speaks::Knowledge);
        let enough = if computed { rows.iter().all(known) } else { rows.iter().any(known) };
        if rows.is_empty() || enough {
            return;
        }
        let missing: Vec<&str> =
            rows.iter().filter(|row| !known(row)).map(|row| row.id.as_str()).collect();
        let name = &param.name.text;
        let mut said = Diagnostic::error("E0508", format!("nothing says how sure `{name}` is"))
            .at(
                param.name.span,
                format!("row {} holds no `ci95`, `sem` or `range`", list_names(missing, 4)),
            )
            .help("write `uncertain lognormal(cv 30[%]) assumed \"<reason>\"`, or `fixed \"<reason>\"`");
        if let [row] = rows[..] {
            said = self.about_people(said, row);
        }
        self.say(said);
    }

    /// `uncertain` and `varies` rest on rows whose spread speaks of the same, or on a reason.
    pub(super) fn spread_source(&mut self, param: &'a Param, spread: &'a Spread, needed: Speaks) {
        let own = &spread.provenance;
        self.keys(own);
        if !self.has_units() || own.assumed.is_some() {
            return;
        }
        let mut rows: Vec<&ValueRow> =
            own.sources.iter().filter_map(|key| self.world.evidence.value(&key.text)).collect();
        if own.sources.is_empty() {
            if param.provenance.assumed.is_some() {
                return;
            }
            rows = self.rows_of(param);
        }
        if rows.is_empty() || rows.iter().any(|row| Speaks::of(row) == Some(needed)) {
            return;
        }
        let (word, says) = match needed {
            Speaks::Knowledge => ("uncertain", "how sure the number is"),
            Speaks::People => ("varies", "how people differ"),
            Speaks::Occasions => ("occasion", "how one person differs between occasions"),
        };
        let names = list_names(rows.iter().map(|row| row.id.as_str()), 4);
        let other = rows.iter().find(|row| Speaks::of(row).is_some());
        let said = match other {
            Some(row) => {
                let (kind, about) = match row.spread {
                    RowSpread::Sd(_) => ("sd", "how people differ"),
                    RowSpread::Cv(_) => ("cv", "how people differ"),
                    RowSpread::P5To95 { .. } => ("pair of percentiles", "how people differ"),
                    RowSpread::Sem(_) => ("sem", "how sure the number is"),
                    _ => ("interval", "how sure the number is"),
                };
                let said = Diagnostic::error(
                    "E0509",
                    format!("`{word}` rests on the wrong kind of spread"),
                )
                .at(spread.span, format!("the {kind} of row `{}` speaks of {about}", row.id))
                .help(format!("give a reason of its own: `{word} … assumed \"<reason>\"`"));
                if needed == Speaks::Knowledge { self.about_people(said, row) } else { said }
            }
            None => Diagnostic::error("E0508", format!("`{word}` has no source"))
                .at(spread.span, format!("row {names} does not say {says}"))
                .help("add `assumed \"<reason>\"` behind it, or `source KEY` of a row that does"),
        };
        self.say(said);
    }

    /// Where a row tells how people differ and how many there were: what follows for the mean.
    fn about_people(&self, said: Diagnostic, row: &ValueRow) -> Diagnostic {
        let (RowSpread::Sd(spread) | RowSpread::Cv(spread), Some(n)) = (row.spread, row.n) else {
            return said;
        };
        if n < 2 {
            return said;
        }
        let kind = if matches!(row.spread, RowSpread::Sd(_)) { "sd" } else { "cv" };
        let sem = spread / f64::from(n).sqrt();
        let unit = if kind == "sd" { row.unit.as_str() } else { "%" };
        said.note(format!(
            "the {kind} {spread} of `{}` is of n = {n} and belongs under `varies`; \
             {kind} / sqrt(n) = {sem:.3} {unit} says how sure their mean is",
            row.id
        ))
    }

    fn rows_of(&self, param: &Param) -> Vec<&'a ValueRow> {
        let mut keys = param.provenance.sources.clone();
        if keys.is_empty() {
            rows_in(&param.value, &mut keys);
        }
        let tables = self.world.evidence;
        let mut rows: Vec<&ValueRow> = Vec::new();
        for row in keys.iter().filter_map(|key| tables.value(&key.text)) {
            if !rows.iter().any(|one| one.id == row.id) {
                rows.push(row);
            }
        }
        rows
    }

    /// What the rows say of how sure a parameter is: the widest of its sources, or what follows
    /// from the rows that it is computed from.
    fn row_spread(&mut self, param: &'a Param, value: f64) -> Distribution {
        if param.provenance.sources.is_empty() {
            return self.propagated(param, value);
        }
        let mut widest = Distribution::Fixed;
        for row in self.rows_of(param) {
            let Kind::Number(printed) = &row.kind else { continue };
            // Rows are in units of their own: only ratios to the value carry over.
            let found = spread_of(row, value, value / printed.value());
            if width(&found, value) > width(&widest, value) {
                widest = found;
            }
        }
        widest
    }

    /// Whether every row of a parameter prints a range, and all of it lies between these ends.
    fn covers_ranges(&self, param: &'a Param, value: f64, (from, to): (f64, f64)) -> bool {
        let rows = self.rows_of(param);
        let covers = |row: &&ValueRow| match (&row.kind, row.spread) {
            (Kind::Number(printed), RowSpread::Range { lo: Some(lo), hi: Some(hi) }) => {
                let unit = value / printed.value();
                // Bounds are printed with two or three digits.
                from <= 1.01 * lo * unit && 0.99 * hi * unit <= to
            }
            _ => false,
        };
        !rows.is_empty() && rows.iter().all(covers)
    }

    /// Spread of an expression over rows, to first order: on the log scale where the value and
    /// all spreads are log-normal (exact for products and powers), else on the value's own.
    fn propagated(&mut self, param: &'a Param, value: f64) -> Distribution {
        let mut keys = Vec::new();
        rows_in(&param.value, &mut keys);
        if keys.is_empty() {
            return Distribution::Fixed;
        }
        let first = self.model.params.len();
        let outside = std::mem::take(&mut self.model.exprs);
        self.row_leaves = Some(Vec::new());
        let typed = self.lower(&param.value);
        let leaves = self.row_leaves.take().unwrap_or_default();
        let mut values: Vec<f64> = self.model.params.iter().map(|one| one.value).collect();
        values.extend(leaves.iter().map(|(_, value)| value));
        let exprs = &mut self.model.exprs;
        let slopes: Vec<Option<f64>> = (0..leaves.len())
            .map(|at| {
                let slope = derivative(exprs, typed.id, With::Param((first + at) as u32));
                evaluate(exprs, slope, &values)
            })
            .collect();
        self.model.exprs = outside;
        let mut log = Some(0.0);
        let mut plain = 0.0;
        for ((id, at), slope) in leaves.iter().zip(slopes) {
            let (Some(row), Some(slope)) = (self.world.evidence.value(id), slope) else {
                return Distribution::Fixed;
            };
            let Kind::Number(printed) = &row.kind else { return Distribution::Fixed };
            let sd = match spread_of(row, *at, at / printed.value()) {
                Distribution::LogNormal { sd } => {
                    let part = slope * at / value * sd;
                    log = log.map(|sum| sum + part * part);
                    at.abs() * sd
                }
                Distribution::Normal { sd } => {
                    log = None;
                    sd
                }
                _ => return Distribution::Fixed,
            };
            plain += slope * sd * (slope * sd);
        }
        match log {
            Some(variance) if value > 0.0 => Distribution::LogNormal { sd: variance.sqrt() },
            _ => Distribution::Normal { sd: plain.sqrt() },
        }
    }

    /// The width must reach that of the row, where the row says how sure the value is.
    fn compare_width(&mut self, param: &'a Param, value: f64, given: &Distribution) {
        // The width of a range takes both sides as wide as the wider: for a value near an end that
        // is more than it prints, and even between its ends is all of it.
        if let Distribution::Uniform { lo, hi } = *given
            && self.covers_ranges(param, value, (lo, hi))
        {
            return;
        }
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
}

/// How sure a row says it is, around `value`; `unit` leads from its number to the value.
fn spread_of(row: &ValueRow, value: f64, unit: f64) -> Distribution {
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

/// Log-normal where all is above 0, else normal; the wider side counts.
pub(super) fn interval(value: f64, lo: f64, hi: f64, z: f64) -> Distribution {
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
