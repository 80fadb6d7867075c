//! What a model declares: names, units, parameters, covariates, compartments, windows.

use epsom_diag::{Diagnostic, Span};
use epsom_units::{Base, Dimension, Unit};

use super::expression::interpolation;
use super::{Checker, Symbol};
use crate::ir::{self, Level};
use crate::syntax::ast::{self, Expr, Item, ItemKind, Name, Quoted, Target};

impl<'a> Checker<'a> {
    /// Collects every declaration, then works out what they hold.
    pub(super) fn declare(&mut self) {
        let tree = self.tree;
        self.headers();
        for item in &tree.items {
            if let ItemKind::Compartments(list) = &item.kind {
                for one in list {
                    self.declare_compartment(one);
                }
            }
        }
        for (at, item) in tree.items.iter().enumerate() {
            match &item.kind {
                ItemKind::Covariate(one) => self.covariate(one),
                ItemKind::Port { name, unit, value: None } => self.open_port(name, unit),
                ItemKind::Port { name, value: Some(_), .. } => {
                    self.add_symbol(name, Symbol::Assigned(at));
                }
                ItemKind::Use { path, .. } => self.say(
                    Diagnostic::error("E0110", format!("module `{}` cannot be used", path.text))
                        .at(path.span, "nothing reads files here"),
                ),
                ItemKind::Function { name, .. } => self.add_symbol(name, Symbol::Function(at)),
                ItemKind::Assign { .. } | ItemKind::If { .. } => self.assigned_names(item, at),
                _ => {}
            }
        }
        for item in &tree.items {
            match &item.kind {
                ItemKind::Param(param) => self.declare_param(param),
                ItemKind::Hypothesis { name, assumes } => self.hypothesis(name, &assumes.text),
                _ => {}
            }
        }
        for item in &tree.items {
            match &item.kind {
                ItemKind::Window { name, every, from, length } => {
                    self.window(name, [every, from, length]);
                }
                ItemKind::Correlate { first, second, value, level, provenance } => {
                    self.keys(provenance);
                    let from = !provenance.sources.is_empty() || provenance.assumed.is_some();
                    if self.has_units() && !from {
                        let pair = format!("`{}` and `{}`", first.text, second.text);
                        self.say(
                            Diagnostic::error(
                                "E0501",
                                format!("the correlation of {pair} has no source"),
                            )
                            .at(value.span, "add `source <key>` or `assumed \"<reason>\"`"),
                        );
                    }
                    self.correlate((first, second), value, level.as_ref());
                }
                _ => {}
            }
        }
        self.registers();
        for level in [Level::Uncertain, Level::Varies, Level::Occasion] {
            self.check_correlations(level);
        }
    }

    fn headers(&mut self) {
        let tree = self.tree;
        let mut substances = Vec::new();
        for item in &tree.items {
            match &item.kind {
                ItemKind::Model { name, title } => {
                    self.model.name = name.text.clone();
                    self.model.title =
                        title.as_ref().map(|title| title.text.clone()).unwrap_or_default();
                }
                ItemKind::Metadata { name, value } => self.metadata(&name.text, value),
                ItemKind::Interpolate { how, names } => {
                    for name in names {
                        self.interpolations.insert(name.text.clone(), *how);
                    }
                }
                ItemKind::Substance { name } => match self.world.substances.id(&name.text) {
                    Some(id) => substances.push(id),
                    None => self.no_substance(name),
                },
                _ => {}
            }
        }
        if let [only] = &substances[..] {
            self.substance = Some(only.clone());
        }
        if self.model.time_unit.text.is_empty() {
            self.model.time_unit.text = "h".into();
        }
        for item in &tree.items {
            if let ItemKind::Time { unit } = &item.kind
                && let Some(parsed) = self.unit(unit)
            {
                if parsed.dimension != Dimension::base(Base::Time) {
                    self.say(
                        Diagnostic::error("E0302", "the unit of time is not a time")
                            .at(unit.span, format!("this is {}", parsed.dimension))
                            .help("write `time [h]` or `time [d]`"),
                    );
                }
                self.model.time_unit = display(&parsed);
                self.time = Some(parsed);
            }
        }
    }

    /// What the lines around `ini/model` text say of it: its title, its outputs, and the word for
    /// its time, which is a plain number.
    fn metadata(&mut self, name: &str, value: &Quoted) {
        let text = value.text.as_str();
        let inside = |text: &str| {
            let mut chars = text.chars();
            let quote = chars.next().filter(|&one| one == '"' || one == '\'')?;
            let mut found = String::new();
            while let Some(one) = chars.next() {
                match one {
                    '\\' => found.extend(chars.next()),
                    _ if one == quote => break,
                    _ => found.push(one),
                }
            }
            // A text over several lines becomes one.
            Some(found.split_whitespace().collect::<Vec<&str>>().join(" "))
        };
        if name == "description"
            && let Some(title) = inside(text)
        {
            self.model.title = title;
        }
        if name == "units"
            && let Some((_, after)) = text.split_once("time")
            && let Some(word) = inside(after.trim_start_matches([' ', '=', '\n']))
        {
            self.model.time_unit.text = word;
        }
        if name == "outputs" {
            self.named_outputs = quoted_names(value);
        }
    }

    fn no_substance(&mut self, name: &Name) {
        let known: Vec<&str> = self.world.substances.names().collect();
        let mut said = Diagnostic::error("E0303", format!("no substance `{}`", name.text))
            .at(name.span, "not in the table of substances");
        said = match epsom_diag::did_you_mean(&name.text, known.iter().copied()) {
            Some(near) => said.help(format!("did you mean `{near}`?")),
            None => said
                .note(format!("substances: {}", epsom_diag::list_names(known, 20)))
                .help("a drug of one's own needs none: leave the line out"),
        };
        self.say(said);
    }

    /// Adds a name, unless it is taken.
    pub(super) fn add_symbol(&mut self, name: &Name, symbol: Symbol) {
        if let Some(&(old, first)) = self.symbols.get(&name.text) {
            let again = matches!(symbol, Symbol::Assigned(_));
            if !self.is_epm() && again {
                return;
            }
            // A second assignment is reported where it is lowered.
            if again && matches!(old, Symbol::Assigned(_)) {
                return;
            }
            self.say(
                Diagnostic::error("E0203", format!("`{}` is declared twice", name.text))
                    .at(name.span, "again here")
                    .label(first, "first here")
                    .help("give the second one a name of its own"),
            );
            return;
        }
        if self.is_epm() && matches!(name.text.as_str(), "t" | "time" | "pi") {
            self.say(
                Diagnostic::error("E0203", format!("`{}` has a meaning already", name.text))
                    .at(name.span, "choose another name"),
            );
        }
        self.symbols.insert(name.text.clone(), (symbol, name.span));
    }

    fn assigned_names(&mut self, item: &Item, at: usize) {
        match &item.kind {
            ItemKind::Assign { target: Target::Name(name) | Target::StopTime(name), .. } => {
                self.add_symbol(name, Symbol::Assigned(at));
            }
            ItemKind::Assign { target: Target::Derivative(name), .. }
                if !self.is_epm() && !self.symbols.contains_key(&name.text) =>
            {
                self.add_compartment(name, None);
            }
            ItemKind::If { arms, otherwise } => {
                let bodies = arms.iter().map(|(_, items)| items).chain(otherwise);
                for one in bodies.flatten() {
                    self.assigned_names(one, at);
                }
            }
            _ => {}
        }
    }

    pub(super) fn add_compartment(&mut self, name: &Name, unit: Option<Unit>) -> usize {
        let at = self.push_compartment(name, unit);
        self.add_symbol(name, Symbol::Compartment(at));
        at
    }

    /// A compartment without a symbol.
    pub(super) fn push_compartment(&mut self, name: &Name, unit: Option<Unit>) -> usize {
        let at = self.model.compartments.len();
        let dim = match (&unit, self.has_units()) {
            (Some(unit), _) => Some(unit.dimension.clone()),
            (None, true) => None,
            (None, false) => self.no_dim(),
        };
        self.compartment_dims.push(dim);
        let derivative = self.model.exprs.constant(0.0);
        self.model.compartments.push(ir::Compartment {
            unit: unit.as_ref().map(display).unwrap_or_default(),
            ..ir::Compartment::of(name.text.clone(), derivative)
        });
        at
    }

    fn declare_compartment(&mut self, one: &'a ast::Compartment) {
        let unit = one.unit.as_ref().and_then(|text| self.unit(text));
        if one.unit.is_none() && self.has_units() {
            self.say(
                Diagnostic::error("E0304", format!("compartment `{}` has no unit", one.name.text))
                    .at(one.name.span, "nothing says what it holds an amount of")
                    .help(format!("write `{} [{}]`", one.name.text, self.usual_amount())),
            );
        }
        let at = self.add_compartment(&one.name, unit);
        self.model.compartments[at].label = label(&one.label);
        if let Some(scale) = &one.scale
            && let Some((value, dim)) = self.number(scale)
        {
            self.model.compartments[at].scale = Some(value);
            if let Some(needed) = self.compartment_dims[at].clone() {
                let id = self.model.exprs.constant(value);
                self.require(&super::Typed { id, dim }, &needed, scale, "its scale");
            }
        }
    }

    /// The unit of the first compartment that has one.
    fn usual_amount(&self) -> &'a str {
        let tree = self.tree;
        let lists = tree.items.iter().filter_map(|item| match &item.kind {
            ItemKind::Compartments(list) => Some(list),
            _ => None,
        });
        lists.flatten().find_map(|one| one.unit.as_ref()).map_or("mmol", |unit| &unit.text)
    }

    fn covariate(&mut self, one: &'a ast::Covariate) {
        let at = self.model.covariates.len();
        let (default, dim, unit) = match (&one.default, &one.unit) {
            (Some(default), _) => {
                let (value, dim) = self.number(default).unwrap_or((1.0, None));
                let unit = self.shown_unit(default, &dim);
                (value, dim, unit)
            }
            // Not a number: a run that is given no value must not look like one that is.
            (None, Some(text)) => {
                let unit = self.unit(text);
                let dim = unit.as_ref().map(|unit| unit.dimension.clone());
                (f64::NAN, dim, unit.as_ref().map(display).unwrap_or_default())
            }
            (None, None) => {
                if self.has_units() {
                    self.say(
                        Diagnostic::error(
                            "E0304",
                            format!("covariate `{}` has no unit", one.name.text),
                        )
                        .at(one.name.span, "nothing says what its column is in")
                        .help(format!(
                            "write its unit, `covariate {name} [1]` for a plain number; with \
                             `covariate {name} = 1[1]` those without a column have that value",
                            name = one.name.text
                        )),
                    );
                }
                (f64::NAN, self.no_dim(), ir::DisplayUnit::default())
            }
        };
        let mut bounds = (f64::NEG_INFINITY, f64::INFINITY);
        if let Some((lo, hi)) = &one.bounds {
            bounds.0 = self.bound(lo.as_ref(), bounds.0, &dim, &unit);
            bounds.1 = self.bound(hi.as_ref(), bounds.1, &dim, &unit);
            // Without a default there is no value to hold against them.
            if bounds.0 > bounds.1 || default < bounds.0 || default > bounds.1 {
                let place = one.default.as_ref().map_or(one.name.span, |value| value.span);
                self.out_of_bounds(&one.name.text, place, bounds, &unit);
            }
        }
        self.add_symbol(&one.name, Symbol::Covariate(at));
        self.covariate_dims.push(dim);
        self.model.covariates.push(ir::Covariate {
            name: one.name.text.clone(),
            default,
            unit,
            interpolation: interpolation(Some(one.interpolation)),
            bounds,
            label: label(&one.label),
        });
    }

    /// The unit of a literal as written, else the base unit.
    pub(super) fn shown_unit(&mut self, value: &Expr, dim: &super::Dim) -> ir::DisplayUnit {
        let mut inner = value;
        while let ast::ExprKind::Unary(_, next) = &*inner.kind {
            inner = next;
        }
        if let ast::ExprKind::Number { unit: Some(text), .. } = &*inner.kind
            && let Some(unit) = self.unit(text)
        {
            return display(&unit);
        }
        if dim.as_ref().is_none_or(Dimension::is_none) {
            return ir::DisplayUnit::default();
        }
        display(&Self::base_unit(dim))
    }

    /// A port that no file binds is given from outside, as a covariate without a default.
    fn open_port(&mut self, name: &Name, unit: &ast::UnitText) {
        let at = self.model.covariates.len();
        let unit = self.unit(unit);
        self.add_symbol(name, Symbol::Covariate(at));
        self.covariate_dims.push(unit.as_ref().map(|unit| unit.dimension.clone()));
        self.model.covariates.push(ir::Covariate {
            name: name.text.clone(),
            default: f64::NAN,
            unit: unit.as_ref().map(display).unwrap_or_default(),
            interpolation: ir::Interpolation::Forward,
            bounds: (f64::NEG_INFINITY, f64::INFINITY),
            label: String::new(),
        });
    }

    /// A parameter that is 0 and may be set to 1.
    fn hypothesis(&mut self, name: &Name, assumes: &str) {
        let at = self.model.params.len();
        self.add_symbol(name, Symbol::Param(at));
        self.param_dims.push(self.no_dim());
        self.model.hypotheses.push(at);
        self.model.params.push(ir::Param {
            name: name.text.clone(),
            value: 0.0,
            unit: ir::DisplayUnit::default(),
            uncertain: ir::Distribution::Fixed,
            varies: ir::Distribution::Fixed,
            bounds: (0.0, 1.0),
            provenance: ir::Provenance {
                assumed: Some(assumes.to_string()),
                ..ir::Provenance::default()
            },
            spread_assumed: "a hypothesis is on or off".into(),
            label: String::new(),
        });
    }

    fn window(&mut self, name: &'a Name, parts: [&'a Expr; 3]) {
        let lowered = parts.map(|part| {
            let typed = self.lower(part);
            if let Some(time) = self.time_dim() {
                self.require(&typed, &time, part, "a window");
            }
            if self.changes(typed.id) {
                self.say(
                    Diagnostic::error("E0401", "a number is needed here")
                        .at(part.span, "this changes during a run"),
                );
            }
            typed.id
        });
        let [every, from, length] = lowered;
        let at = self.model.modes.len();
        self.model.modes.push(ir::Mode::Window { every, from, length });
        self.add_symbol(name, Symbol::Window(at));
    }

    fn correlate(
        &mut self,
        (first, second): (&'a Name, &'a Name),
        value: &'a Expr,
        word: Option<&'a Name>,
    ) {
        let rho = self.number(value).map(|(rho, _)| rho);
        let index = |checker: &mut Self, name: &Name| match checker.symbols.get(&name.text) {
            Some(&(Symbol::Param(at), _)) => Some(at),
            _ => {
                checker.say(
                    Diagnostic::error("E0201", format!("no parameter `{}`", name.text))
                        .at(name.span, "correlations are between parameters"),
                );
                None
            }
        };
        let (first_at, second_at) = (index(self, first), index(self, second));
        let (Some(a), Some(b), Some(rho)) = (first_at, second_at, rho) else { return };
        let Some(level) = self.level((a, first), (b, second), word) else { return };
        if !(-1.0 < rho && rho < 1.0) {
            self.say(
                Diagnostic::error("E0407", "a correlation lies between -1 and 1")
                    .at(value.span, format!("this is {rho}"))
                    .help("of a covariance: divide it by both standard deviations"),
            );
            return;
        }
        self.model.correlations.push(ir::Correlation { first: a, second: b, rho, level });
    }
}

/// How a base value is shown in `unit`.
pub(super) fn display(unit: &Unit) -> ir::DisplayUnit {
    ir::DisplayUnit { text: unit.text.clone(), per_base: 1.0 / unit.factor }
}

pub(super) fn label(label: &Option<Name>) -> String {
    label.as_ref().map(|name| name.text.clone()).unwrap_or_default()
}

/// The names of `c("a", "b")`, with their places; nothing where the text is something else.
fn quoted_names(value: &Quoted) -> Option<Vec<Name>> {
    let rest = value.text.strip_prefix("c(").or(value.text.strip_prefix("c ("))?;
    let inside = rest.trim_end().strip_suffix(')')?;
    let mut at = value.span.start as usize + value.text.len() - rest.len();
    let mut names = Vec::new();
    if inside.trim().is_empty() {
        return Some(names);
    }
    for part in inside.split(',') {
        let word = part.trim();
        let quote = word.chars().next().filter(|&one| one == '"' || one == '\'')?;
        let text = word.strip_prefix(quote)?.strip_suffix(quote)?;
        let start = at + (part.len() - part.trim_start().len());
        let span = Span { start: start as u32, end: (start + word.len()) as u32, ..value.span };
        names.push(Name { text: text.to_string(), span });
        at += part.len() + 1;
    }
    Some(names)
}
