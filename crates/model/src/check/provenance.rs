//! Parameters and their sources: every number has a row or a reason.

use epsom_diag::{Diagnostic, Span};
use epsom_evidence::{NoQuantity, ValueRow};
use epsom_units::Quantity;

use super::declare::label;
use super::spread::Speaks;
use super::warnings::bare;
use super::{Checker, Dim, Symbol, Typed};
use crate::ir;
use crate::syntax::ast::{Call, Expr, ExprKind, Name, Param, Provenance};

impl<'a> Checker<'a> {
    pub(super) fn declare_param(&mut self, param: &'a Param) {
        let at = self.model.params.len();
        let (mut value, dim) = self.number(&param.value).unwrap_or((1.0, None));
        let dim = self.as_replaced(param, &mut value, dim);
        let dim = dim.or_else(|| if self.has_units() { None } else { self.no_dim() });
        if !value.is_finite() {
            self.say(
                Diagnostic::error(
                    "E0410",
                    format!("parameter `{}` is not a number", param.name.text),
                )
                .at(param.value.span, format!("this is {value}"))
                .help("write a number, or an expression that has one"),
            );
        }
        let unit = self.shown_unit(&param.value, &dim);
        let mut keys: Vec<Name> = param.provenance.sources.clone();
        rows_in(&param.value, &mut keys);
        let provenance = self.provenance(&keys, &param.provenance);
        if self.has_units() {
            self.needs_source(param, &keys);
            for key in &param.provenance.sources {
                self.compare(param, key, value, &dim);
            }
        }
        let (uncertain, spread_assumed) = self.uncertainty(param, value, &dim);
        let varies = match &param.varies {
            Some(spread) => {
                self.spread_source(param, spread, Speaks::People);
                self.distribution(spread, param, value, &dim)
            }
            None => ir::Distribution::Fixed,
        };
        let mut bounds = (f64::NEG_INFINITY, f64::INFINITY);
        if let Some((lo, hi)) = &param.bounds {
            bounds.0 = self.bound(lo.as_ref(), bounds.0, &dim, &unit);
            bounds.1 = self.bound(hi.as_ref(), bounds.1, &dim, &unit);
            if !(bounds.0 <= value && value <= bounds.1) {
                self.out_of_bounds(&param.name.text, param.value.span, bounds, &unit);
            }
        }
        if let Some((factor, from)) = &param.scales {
            self.keys(from);
            self.scales.insert(at, factor);
        }
        self.add_symbol(&param.name, Symbol::Param(at));
        self.param_dims.push(dim.clone());
        self.model.params.push(ir::Param {
            name: param.name.text.clone(),
            value,
            unit,
            uncertain,
            varies,
            bounds,
            provenance,
            spread_assumed,
            label: label(&param.label),
        });
        self.occasion(param, at, value, &dim);
    }

    /// The dimension of an override: that of the value whose place it takes, or a message.
    fn as_replaced(&mut self, param: &'a Param, value: &mut f64, dim: Dim) -> Dim {
        let Some(old) = &param.replaces else { return dim };
        let Some((theirs, needed)) = self.number(old) else { return dim };
        if dim.is_none() || needed.is_none() || dim == needed {
            return dim;
        }
        let unit = self.shown_unit(old, &needed);
        let of =
            |unit: &str| if unit.is_empty() { "a plain number".into() } else { unit.to_string() };
        let own = self.shown_unit(&param.value, &dim).text;
        let name = &param.name.text;
        let mut said = Diagnostic::error("E0312", "units do not match")
            .at(
                param.value.span,
                format!("this is {}, but `{name}` is {}", of(&own), of(&unit.text)),
            )
            .label(old.span, "the value of the module");
        if let Some((digits, place)) = bare(&param.value) {
            let literal = format!("{digits}[{}]", unit.text);
            said = said.help(format!("write `{literal}`")).fix(place, literal);
        }
        self.say(said);
        *value = theirs;
        needed
    }

    fn needs_source(&mut self, param: &Param, keys: &[Name]) {
        if !keys.is_empty() || param.provenance.assumed.is_some() {
            return;
        }
        let name = &param.name.text;
        let mut said = Diagnostic::error("E0501", format!("parameter `{name}` has no source"))
            .at(param.name.span, "add `source <key>` or `assumed \"<reason>\"`");
        let word = param.label.as_ref().map_or(name.as_str(), |label| label.text.as_str());
        // A name of one or two letters is part of every second label.
        let count = match word.len() > 2 {
            true => self.world.evidence.labelled(word).count(),
            false => 0,
        };
        if count > 0 {
            let values = if count == 1 { "value" } else { "values" };
            let plain = word.chars().all(|one| one.is_alphanumeric() || "_-.".contains(one));
            let quoted =
                if plain { word.to_string() } else { format!("'{}'", word.replace('\'', "")) };
            said = said
                .note(format!("the evidence tables hold {count} {values} labelled {word}"))
                .help(format!("list them with `epsom evidence search {quoted}`"));
        }
        self.say(said);
    }

    fn provenance(&mut self, keys: &[Name], written: &Provenance) -> ir::Provenance {
        let mut found = ir::Provenance {
            assumed: written.assumed.as_ref().map(|reason| reason.text.clone()),
            ..ir::Provenance::default()
        };
        for key in keys {
            if let Some(row) = self.evidence_row(key) {
                found.recalled |= row.is_recalled();
                found.assumption_row |= row.is_assumption();
                found.not_human |= !row.is_human();
                if !found.rows.contains(&row.id) {
                    found.rows.push(row.id.clone());
                }
            }
        }
        found
    }

    /// A bound in base units; a bare number is in the unit of the value.
    pub(super) fn bound(
        &mut self,
        bound: Option<&'a Expr>,
        open: f64,
        dim: &super::Dim,
        unit: &ir::DisplayUnit,
    ) -> f64 {
        let Some(expr) = bound else { return open };
        let Some((value, given)) = self.number(expr) else { return open };
        let (Some(given), Some(needed)) = (given, dim) else { return value };
        if given == *needed {
            return value;
        }
        if given.is_none() {
            return value / unit.per_base;
        }
        self.say(
            Diagnostic::error("E0312", "units do not match")
                .at(expr.span, format!("this is {given}, but the value is in {needed}"))
                .help(format!("write the bound in `[{}]`", unit.text)),
        );
        value
    }

    pub(super) fn out_of_bounds(
        &mut self,
        name: &str,
        place: Span,
        bounds: (f64, f64),
        unit: &ir::DisplayUnit,
    ) {
        let shown = |value: f64| {
            let brackets =
                if unit.text.is_empty() { String::new() } else { format!("[{}]", unit.text) };
            format!("{}{brackets}", rounded(value * unit.per_base))
        };
        let way = match (bounds.0.is_finite(), bounds.1.is_finite()) {
            _ if bounds.0 > bounds.1 => {
                format!("no value lies between {} and {}", shown(bounds.0), shown(bounds.1))
            }
            (true, false) => format!("this is below {}", shown(bounds.0)),
            (false, true) => format!("this is above {}", shown(bounds.1)),
            _ => format!("this is not in {} to {}", shown(bounds.0), shown(bounds.1)),
        };
        let help = match bounds.0 > bounds.1 {
            true => "write the lower bound first: `bounds(LOW, HIGH)`",
            false => {
                "change the value or the bounds; a side that is left out is open: `bounds(0, )`"
            }
        };
        self.say(
            Diagnostic::error("E0411", format!("`{name}` lies outside its bounds"))
                .at(place, way)
                .help(help),
        );
    }

    /// Whether every key is one of the evidence tables, or a message.
    pub(super) fn keys(&mut self, from: &Provenance) {
        for key in &from.sources {
            self.evidence_row(key);
        }
    }

    /// The row of a key, or a message.
    pub(super) fn evidence_row(&mut self, key: &Name) -> Option<&'a ValueRow> {
        let tables = self.world.evidence;
        let found = tables.value(&key.text);
        if found.is_none() {
            let mut said = Diagnostic::error("E0502", format!("no evidence row `{}`", key.text))
                .at(key.span, "not in the evidence tables");
            if let Some(near) = tables.nearest_value(&key.text) {
                said = said.help(format!("did you mean `{near}`?")).fix(key.span, near);
            }
            self.say(said.help(
                "search them with `epsom evidence search WORDS`, or write \
                 `assumed \"Smith 2003, table 2\"` in place of `source`",
            ));
        }
        found
    }

    /// Quantity of a row that holds one number, or a message.
    fn row_quantity(&mut self, row: &ValueRow, span: Span) -> Option<Quantity> {
        let why = match row.quantity(self.world.substances) {
            Ok(quantity) => return Some(quantity),
            Err(NoQuantity::Interval) => "it holds an interval without a value".to_string(),
            Err(NoQuantity::Text) => "it holds words".to_string(),
            Err(NoQuantity::Unit(error)) => format!("its unit is not understood: {error}"),
        };
        self.say(
            Diagnostic::error("E0503", format!("row `{}` is no source of a number", row.id))
                .at(span, why)
                .help("name a row of kind `number`, or write `assumed \"<reason>\"`"),
        );
        None
    }

    /// `row(KEY)`: the row's number with its dimension.
    pub(super) fn row(&mut self, key: &'a Expr) -> Typed {
        let ExprKind::Name(text) = &*key.kind else {
            self.say(
                Diagnostic::error("E0502", "`row` takes the key of an evidence row")
                    .at(key.span, "this is no key"),
            );
            return self.unknown();
        };
        let name = Name { text: text.clone(), span: key.span };
        let Some(row) = self.evidence_row(&name) else { return self.unknown() };
        let Some(quantity) = self.row_quantity(row, key.span) else { return self.unknown() };
        let id = match &mut self.row_leaves {
            // Where the spread is worked out, a row is a leaf to differentiate by.
            Some(leaves) => {
                let known = leaves.iter().position(|(id, _)| *id == row.id);
                let at = known.unwrap_or_else(|| {
                    leaves.push((row.id.clone(), quantity.value));
                    leaves.len() - 1
                });
                self.model.exprs.add(ir::Node::Param((self.model.params.len() + at) as u32))
            }
            None => self.model.exprs.constant(quantity.value),
        };
        Typed { id, dim: Some(quantity.dimension) }
    }

    /// The value against its row: same dimension, equal to the row's printed digits.
    fn compare(&mut self, param: &'a Param, key: &Name, value: f64, dim: &super::Dim) {
        let tables = self.world.evidence;
        let Some(row) = tables.value(&key.text) else { return };
        // An expression over rows is computed from them; its text shows how.
        let mut computed = Vec::new();
        rows_in(&param.value, &mut computed);
        let Some(quantity) = self.row_quantity(row, key.span) else { return };
        if !computed.is_empty() {
            return;
        }
        let (Ok(unit), Some(printed)) = (row.parsed_unit(self.world.substances), row.printed())
        else {
            return;
        };
        let shown = format!("{} {}", printed.text(), row.unit_text());
        if let Some(dim) = dim
            && *dim != quantity.dimension
        {
            self.say(
                Diagnostic::error(
                    "E0504",
                    format!("`{}` is not what its row measures", param.name.text),
                )
                .at(param.value.span, format!("this is {dim}"))
                .label(key.span, format!("the row is {shown}")),
            );
            return;
        }
        if !row.agrees(unit.from_base(value)) {
            let given = unit.from_base(value);
            self.say(
                Diagnostic::error("E0505", format!("`{}` differs from its row", param.name.text))
                    .at(param.value.span, format!("this is {given} {}", row.unit_text()))
                    .label(key.span, format!("the row says {shown}"))
                    .help(format!(
                        "write `{}[{}]`, or `assumed \"<reason>\"`",
                        printed.text(),
                        row.unit_text()
                    )),
            );
        }
    }
}

/// Without the last digits, which conversion of units leaves.
fn rounded(value: f64) -> f64 {
    format!("{value:.11e}").parse().unwrap_or(value)
}

/// Keys of the `row(KEY)` in an expression.
pub(super) fn rows_in(expr: &Expr, keys: &mut Vec<Name>) {
    match &*expr.kind {
        ExprKind::Call(Call { name, arguments, .. }) => {
            for argument in arguments {
                match (&*argument.value.kind, name.text.as_str()) {
                    (ExprKind::Name(text), "row") => {
                        keys.push(Name { text: text.clone(), span: argument.value.span });
                    }
                    _ => rows_in(&argument.value, keys),
                }
            }
        }
        ExprKind::Unary(_, inner) => rows_in(inner, keys),
        ExprKind::Binary(_, left, right) => {
            rows_in(left, keys);
            rows_in(right, keys);
        }
        _ => {}
    }
}
