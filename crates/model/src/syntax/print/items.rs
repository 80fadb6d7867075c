//! Statements to text.

use epsom_diag::Span;

use super::super::ast::{
    Compartment, Covariate, Dialect, Event, Expr, InitialMode, Interpolation, Item, ItemKind, Name,
    Output, Param, Provenance, Spread, Target,
};
use super::expression::{label, provenance, quoted, unit_text, word};
use super::{Layout, Piece, Printer};

/// How far clauses and continued sums stand in, and blocks.
const CONTINUED: usize = 4;
const CLAUSE: usize = 2;
const BLOCK: usize = 2;

impl Printer {
    pub(super) fn item(&mut self, item: &Item) {
        let text = match &item.kind {
            ItemKind::If { arms, otherwise } => {
                return self.branches(arms, otherwise.as_deref(), item.span);
            }
            ItemKind::Param(param) => {
                let pieces = self.param("param", param, item.span);
                return self.pieces(&pieces, Layout::Each, CLAUSE);
            }
            ItemKind::Override(param) => {
                let pieces = self.param("override", param, item.span);
                return self.pieces(&pieces, Layout::Each, CLAUSE);
            }
            ItemKind::Compartments(list) if self.dialect == Dialect::IniModel => {
                let names: Vec<&str> = list.iter().map(|one| one.name.text.as_str()).collect();
                format!("cmt({})", names.join(", "))
            }
            ItemKind::Compartments(list) => {
                let pieces = self.compartments(list, item.span);
                return self.pieces(&pieces, Layout::Fill, "compartment ".len());
            }
            ItemKind::Event(event) => {
                let pieces = self.event(event, item.span);
                return self.pieces(&pieces, Layout::Each, CLAUSE);
            }
            ItemKind::Register { name, value, label: meaning } => {
                format!("register {} = {}{}", name.text, self.expr(value), label(meaning))
            }
            ItemKind::Assign { target, value } => {
                let sign = if self.dialect == Dialect::Epm { "=" } else { "<-" };
                return self.summed(&format!("{} {sign} ", target_text(target)), value, "");
            }
            ItemKind::Conserve { value, .. } => return self.summed("conserve ", value, ""),
            ItemKind::Output(output) => return self.output(output, item.span),
            ItemKind::Model { name, title } => {
                let title = title.as_ref().map(|title| format!(" {}", quoted(title)));
                format!("model {}{}", name.text, title.unwrap_or_default())
            }
            ItemKind::Time { unit } => format!("time {}", unit_text(unit)),
            ItemKind::Unchecked { why } => format!("unchecked {}", quoted(why)),
            ItemKind::Substance { name } => format!("substance {}", name.text),
            ItemKind::Use { path, name, bindings } => {
                let parts: Vec<String> = path.text.split('/').map(word).collect();
                let bare = parts.iter().all(|part| !part.starts_with(['"', '\'']));
                let path = if bare { parts.join("/") } else { quoted(path) };
                let bound: Vec<String> = bindings
                    .iter()
                    .map(|(port, value)| format!("{} = {}", port.text, self.expr(value)))
                    .collect();
                let bound = if bound.is_empty() {
                    String::new()
                } else {
                    format!(" ({})", bound.join(", "))
                };
                format!("use {path} as {}{bound}", name.text)
            }
            ItemKind::Port { name, unit, value: None } => {
                format!("port {} {}", name.text, unit_text(unit))
            }
            // Written out: what the port is.
            ItemKind::Port { name, value: Some(value), .. } => {
                format!("{} = {}", name.text, self.expr(value))
            }
            ItemKind::Hypothesis { name, assumes } => {
                format!("hypothesis {} {}", name.text, quoted(assumes))
            }
            ItemKind::Covariate(covariate) => self.covariate(covariate),
            ItemKind::Correlate { first, second, value, level, provenance: from } => {
                let level = level.as_ref().map(|word| format!(" {}", word.text));
                format!(
                    "correlate {}, {} = {}{}{}",
                    first.text,
                    second.text,
                    self.expr(value),
                    level.unwrap_or_default(),
                    provenance(from)
                )
            }
            ItemKind::Window { name, every, from, length } => format!(
                "window {} = every {} from {} for {}",
                name.text,
                self.expr(every),
                self.expr(from),
                self.expr(length)
            ),
            ItemKind::Function { name, arguments, body } => {
                let arguments: Vec<&str> = arguments.iter().map(|one| one.text.as_str()).collect();
                format!("function {}({}) = {}", name.text, arguments.join(", "), self.expr(body))
            }
            ItemKind::Inflow { name, .. } => format!("inflow {}", name.text),
            ItemKind::Initial { mode: InitialMode::SteadyState } => "initial steady_state".into(),
            ItemKind::Initial { mode: InitialMode::Periodic(period) } => {
                format!("initial periodic {}", self.expr(period))
            }
            ItemKind::Residual { output, terms, endpoint, provenance: from } => {
                let terms: Vec<String> = terms.iter().map(|term| self.call(term)).collect();
                let bar = endpoint.as_ref().map(|name| format!(" | {}", name.text));
                let bar = bar.unwrap_or_default();
                format!("{} ~ {}{bar}{}", output.text, terms.join(" + "), provenance(from))
            }
            ItemKind::Interpolate { how, names } => {
                let how = match how {
                    Interpolation::Forward => "locf",
                    Interpolation::Backward => "nocb",
                    Interpolation::Midpoint => "midpoint",
                    Interpolation::Linear => "linear",
                };
                let names: Vec<&str> = names.iter().map(|name| name.text.as_str()).collect();
                format!("{how}({})", names.join(", "))
            }
            ItemKind::Metadata { name, value } => {
                // Comments inside stand in the text itself.
                self.comments.take_before(item.span.end);
                let text = format!("{} <- {}", name.text, value.text);
                return self.line(&text);
            }
        };
        self.pieces(&[Piece { text, span: item.span }], Layout::Each, 0);
    }

    /// A statement around a sum, which may go on over lines.
    fn summed(&mut self, first: &str, value: &Expr, last: &str) {
        let pieces = self.sum(first, value, last);
        self.pieces(&pieces, Layout::Fill, CONTINUED);
    }

    fn output(&mut self, output: &Output, span: Span) {
        let unit = output.unit.as_ref().map(unit_text).unwrap_or_default();
        let last = format!("{unit}{}", label(&output.label));
        match &output.value {
            Some(value) => self.summed(&format!("output {} = ", output.name.text), value, &last),
            None => {
                let space = if unit.is_empty() { "" } else { " " };
                let text = format!("output {}{space}{last}", output.name.text);
                self.pieces(&[Piece { text, span }], Layout::Each, 0);
            }
        }
    }

    fn covariate(&self, covariate: &Covariate) -> String {
        let how = match covariate.interpolation {
            Interpolation::Forward => "",
            Interpolation::Backward => " backward",
            Interpolation::Midpoint => " midpoint",
            Interpolation::Linear => " linear",
        };
        let name = &covariate.name.text;
        let mut value = String::new();
        value.extend(covariate.default.iter().map(|one| format!(" = {}", self.expr(one))));
        value.extend(covariate.unit.iter().map(|unit| format!(" {}", unit_text(unit))));
        let bounds = covariate.bounds.iter().map(|both| format!(" {}", self.bounds(both)));
        let bounds: String = bounds.collect();
        format!("covariate {name}{value}{how}{bounds}{}", label(&covariate.label))
    }

    fn bounds(&self, (lo, hi): &(Option<Expr>, Option<Expr>)) -> String {
        let text =
            |one: &Option<Expr>| one.as_ref().map(|expr| self.expr(expr)).unwrap_or_default();
        format!("bounds({}, {})", text(lo), text(hi))
    }

    fn compartments(&self, list: &[Compartment], span: Span) -> Vec<Piece> {
        let last = list.len().saturating_sub(1);
        list.iter()
            .enumerate()
            .map(|(at, one)| {
                let mut text = String::from(if at == 0 { "compartment " } else { "" });
                text += &one.name.text;
                text.extend(one.unit.iter().map(|unit| format!(" {}", unit_text(unit))));
                text.extend(one.scale.iter().map(|scale| format!(" scale {}", self.expr(scale))));
                text += &label(&one.label);
                text.push_str(if at < last { "," } else { "" });
                let ends = [
                    one.unit.as_ref().map(|unit| unit.span.end),
                    one.scale.as_ref().map(|scale| scale.span.end),
                    one.label.as_ref().map(|label| label.span.end),
                ];
                let end = ends.into_iter().flatten().fold(one.name.span.end, u32::max);
                let start = if at == 0 { span.start } else { one.name.span.start };
                Piece { text, span: Span { start, end, ..one.name.span } }
            })
            .collect()
    }

    /// The value with its provenance, then one piece per clause.
    fn param(&self, word: &str, param: &Param, span: Span) -> Vec<Piece> {
        let head = Piece {
            text: format!(
                "{word} {} = {}{}",
                param.name.text,
                self.expr(&param.value),
                provenance(&param.provenance)
            ),
            span: Span {
                start: span.start,
                end: end_of(&param.provenance, param.value.span.end),
                ..span
            },
        };
        let mut pieces = vec![head];
        let spread = |what: &str, one: &Spread| Piece {
            text: format!("{what} {}{}", self.call(&one.distribution), provenance(&one.provenance)),
            span: one.span,
        };
        pieces.extend(param.uncertain.iter().map(|one| spread("uncertain", one)));
        pieces.extend(
            param
                .fixed
                .iter()
                .map(|why| Piece { text: format!("fixed {}", quoted(why)), span: why.span }),
        );
        pieces.extend(param.varies.iter().map(|one| spread("varies", one)));
        pieces.extend(param.occasion.iter().map(|one| {
            let by = one.by.as_ref().map(|name| format!(" by {}", name.text));
            let Spread { span, distribution, provenance: from } = &one.spread;
            let (call, by) = (self.call(distribution), by.unwrap_or_default());
            Piece { text: format!("occasion {call}{by}{}", provenance(from)), span: *span }
        }));
        pieces.extend(param.scales.iter().map(|(factor, from)| Piece {
            text: format!("scales {}{}", self.expr(factor), provenance(from)),
            span: Span { end: end_of(from, factor.span.end), ..factor.span },
        }));
        pieces.extend(param.bounds.iter().map(|both| {
            let (lo, hi) = both;
            let spans = [lo, hi].into_iter().flatten().map(|one| one.span);
            Piece {
                text: self.bounds(both),
                span: spans.reduce(Span::to).unwrap_or(param.value.span),
            }
        }));
        pieces.extend(param.label.iter().map(|name| Piece {
            text: label(&Some(name.clone())).trim_start().to_string(),
            span: name.span,
        }));
        pieces
    }

    /// When it happens, what changes, then one piece per clause.
    fn event(&self, event: &Event, span: Span) -> Vec<Piece> {
        let when = format!("event {} when {}", event.name.text, self.expr(&event.condition));
        let mut end = event.condition.span.end;
        let mut pieces = vec![Piece { text: when, span: Span { start: span.start, end, ..span } }];
        let mut add = |text: String, next: Option<Span>| {
            let span = next.unwrap_or(Span { start: end, end, ..span });
            end = end.max(span.end);
            pieces.push(Piece { text, span });
        };
        let change = |(name, value): &(Name, Expr)| format!("{} = {}", name.text, self.expr(value));
        let changes: Vec<String> = event.changes.iter().map(change).collect();
        let spans = event.changes.iter().map(|(name, value)| name.span.to(value.span));
        add(format!("then {}", changes.join(", ")), spans.reduce(Span::to));
        for (what, one) in [("delay", &event.delay), ("priority", &event.priority)] {
            if let Some(one) = one {
                add(format!("{what} {}", self.expr(one)), Some(one.span));
            }
        }
        for (word, yes) in [
            ("cancelable", event.cancelable),
            ("late_values", event.late_values),
            ("at_start", event.at_start),
        ] {
            if yes {
                add(word.to_string(), None);
            }
        }
        pieces
    }

    fn branches(&mut self, arms: &[(Expr, Vec<Item>)], otherwise: Option<&[Item]>, span: Span) {
        for (at, (condition, items)) in arms.iter().enumerate() {
            let opening = if at == 0 { "if" } else { "} else if" };
            self.line(&format!("{opening} ({}) {{", self.expr(condition)));
            self.last = condition.span.end;
            self.body(items, condition.span.end, span);
        }
        if let Some(items) = otherwise {
            self.line("} else {");
            let start = self.comments.closing_brace(self.last).min(span.end.saturating_sub(1)) + 1;
            self.body(items, start, span);
        }
        self.line("}");
    }

    /// The statements of an arm and the comments before its closing brace.
    fn body(&mut self, items: &[Item], start: u32, whole: Span) {
        self.indent += BLOCK;
        self.items(items);
        let start = items.last().map_or(start, |item| item.span.end);
        let end = self.comments.closing_brace(start).min(whole.end);
        self.comments_before(end);
        self.last = start.max(self.last);
        self.indent -= BLOCK;
    }
}

fn end_of(from: &Provenance, start: u32) -> u32 {
    let keys = from.sources.iter().map(|key| key.span.end);
    keys.chain(from.assumed.iter().map(|reason| reason.span.end)).fold(start, u32::max)
}

fn target_text(target: &Target) -> String {
    match target {
        Target::Name(name) => name.text.clone(),
        Target::Derivative(name) => format!("d/dt({})", name.text),
        Target::InitialValue(name) => format!("{}(0)", name.text),
        Target::Bioavailability(name) => format!("f({})", name.text),
        Target::Lag(name) => format!("alag({})", name.text),
        Target::Rate(name) => format!("rate({})", name.text),
        Target::StopTime(name) => format!("mtime({})", name.text),
        Target::Duration(name) => format!("dur({})", name.text),
    }
}
