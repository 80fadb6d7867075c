//! What is said where units do not match, in the units that the model itself names.

use epsom_diag::{Diagnostic, Span};
use epsom_units::{Base, Dimension, Rational, Unit, Written, parse_unit};

use super::warnings::bare;
use super::{Checker, Dim, Key, Symbol, Typed};
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, ItemKind, Target, UnaryOp};

/// Deepest nesting of assignments that a unit is looked for in.
const DEEPEST: usize = 30;

impl<'a> Checker<'a> {
    /// The dimension that two operands share.
    pub(super) fn same(&mut self, a: &Typed, b: &Typed, left: &Expr, right: &Expr) -> Dim {
        match (&a.dim, &b.dim) {
            (Some(x), Some(y)) if x != y => {
                let (mut one, mut other) = (self.shown_of(left, x), self.shown_of(right, y));
                // The same words for two dimensions would say nothing.
                if one == other || stoichiometry(x, y).is_some() {
                    (one, other) = (x.to_string(), y.to_string());
                }
                let mut said = Diagnostic::error("E0312", "units do not match")
                    .at(left.span.to(right.span), "these cannot be added or compared")
                    .label(left.span, format!("this is in {one}"))
                    .label(right.span, format!("this is in {other}"));
                for side in [left, right] {
                    if let ExprKind::Name(name) = &*side.kind
                        && let Some((span, unit)) = self.place_of(name)
                    {
                        said = said.label(span, format!("`{name}` is in {unit}"));
                    }
                }
                for (side, own, wanted) in [(left, x, &other), (right, y, &one)] {
                    if own.is_none()
                        && let Some((digits, place)) = bare(side)
                    {
                        let literal = format!("{digits}[{wanted}]");
                        said =
                            said.help(format!("write its unit: `{literal}`")).fix(place, literal);
                    }
                }
                if said.help.is_empty() && stoichiometry(x, y).is_none() {
                    said = self.mended_side(said, (left, x), (right, y));
                }
                said = self.about_substances(said, x, y);
                self.say(said);
                None
            }
            (Some(x), _) => Some(x.clone()),
            (_, y) => y.clone(),
        }
    }

    /// Says so where `typed` is not in `needed`.
    pub(super) fn require(&mut self, typed: &Typed, needed: &Dimension, expr: &Expr, who: &str) {
        self.require_in(typed, needed, None, expr, who);
    }

    /// As [`Self::require`], where the model names the unit that is needed.
    pub(super) fn require_in(
        &mut self,
        typed: &Typed,
        needed: &Dimension,
        unit: Option<Written>,
        expr: &Expr,
        who: &str,
    ) {
        let Some(found) = &typed.dim else { return };
        if found == needed {
            return;
        }
        let has = self.written(expr).filter(|unit| self.measures(unit, found));
        let wants = match needed.is_none() {
            true => Some(Written::one()),
            false => unit.filter(|unit| self.measures(unit, needed)),
        };
        let words = |unit: &Option<Written>, dim: &Dimension| {
            unit.as_ref().map_or_else(|| dim.to_string(), Written::text)
        };
        let (mut one, mut other) = (words(&has, found), words(&wants, needed));
        let substances = stoichiometry(found, needed);
        if one == other || substances.is_some() {
            (one, other) = (found.to_string(), needed.to_string());
        }
        let message = format!("this is {one}, but {who} needs {other}");
        let mut said = Diagnostic::error("E0312", "units do not match").at(expr.span, message);
        let mut names = Vec::new();
        names_in(expr, &mut names);
        for name in names {
            if let Some((span, unit)) = self.place_of(name) {
                said = said.label(span, format!("`{name}` is in {unit}"));
            }
        }
        if found.is_none()
            && let Some((digits, place)) = bare(expr)
        {
            let literal = format!("{digits}[{other}]");
            said = said.help(format!("write its unit: `{literal}`")).fix(place, literal);
        } else if matches!(&*expr.kind, ExprKind::Number { .. }) {
            said = said.help(format!("give it in `[{other}]`"));
        } else if substances.is_none()
            && let Some(gap) = Gap::between((found, &has), (needed, &wants))
        {
            said = self.mended(said, expr, &gap);
        }
        said = self.about_substances(said, found, needed);
        self.say(said);
    }

    /// What would mend one side of a sum, where that can be told.
    fn mended_side(
        &self,
        said: Diagnostic,
        left: (&Expr, &Dimension),
        right: (&Expr, &Dimension),
    ) -> Diagnostic {
        for ((expr, found), (other, needed)) in [(right, left), (left, right)] {
            let words = |expr: &Expr, dim: &Dimension| {
                self.written(expr).filter(|unit| self.measures(unit, dim))
            };
            let (has, wants) = (words(expr, found), words(other, needed));
            let Some(gap) = Gap::between((found, &has), (needed, &wants)) else { continue };
            if let Some(mass) = mass_against_amount(&gap.ratio) {
                return said.help(self.with_molar_mass(mass));
            }
            let mut factors = Vec::new();
            factors_in(expr, true, &mut factors);
            if let Some((place, literal)) = lacking(&factors, &gap) {
                return said
                    .help(format!("give the number its unit: `{literal}`"))
                    .fix(place, literal);
            }
            if let Some(help) = self.other_unit(&factors, &gap) {
                return said.help(help);
            }
        }
        said
    }

    /// What would mend a product: a unit on a bare number, another unit of a parameter, or one
    /// more factor.
    fn mended(&self, said: Diagnostic, expr: &Expr, gap: &Gap) -> Diagnostic {
        if let Some(help) = mass_against_amount(&gap.ratio) {
            return said.help(self.with_molar_mass(help));
        }
        let mut factors = Vec::new();
        factors_in(expr, true, &mut factors);
        if let Some((place, literal)) = lacking(&factors, gap) {
            return said.help(format!("give the number its unit: `{literal}`")).fix(place, literal);
        }
        if let Some(help) = self.other_unit(&factors, gap) {
            return said.help(help);
        }
        let named = |wanted: &Dimension| {
            let at = self.param_dims.iter().position(|dim| dim.as_ref() == Some(wanted))?;
            Some(self.model.params[at].name.clone())
        };
        let (ratio, inverse) = (&gap.words, &gap.inverse_words);
        said.help(match (named(&gap.ratio), named(&gap.inverse)) {
            (Some(name), _) => format!("divide by a quantity in {ratio}, such as `{name}`"),
            (_, Some(name)) => format!("multiply by a quantity in {inverse}, such as `{name}`"),
            _ if gap.ratio == volume() => "divide by a volume".into(),
            _ if gap.inverse == volume() => "multiply by a volume".into(),
            _ if !gap.ratio.to_string().starts_with("1/") => {
                format!("divide by a quantity in {ratio}")
            }
            _ => format!("multiply by a quantity in {inverse}"),
        })
    }

    /// The one parameter that would fit with its unit turned over or taken per time.
    fn other_unit(&self, factors: &[(&Expr, bool)], gap: &Gap) -> Option<String> {
        let time = Dimension::base(Base::Time);
        let rates = self.param_dims.iter().flatten().any(|dim| *dim == gap.inverse);
        let mut found: Vec<String> = Vec::new();
        for (expr, above) in factors {
            let ExprKind::Name(name) = &*expr.kind else { continue };
            let Some(&(Symbol::Param(at), _)) = self.symbols.get(name) else { continue };
            let Some(own) = &self.param_dims[at] else { continue };
            let twice = own.mul(own).ok()?;
            let turned =
                !own.is_none() && if *above { gap.ratio == twice } else { gap.inverse == twice };
            let per_time = *above
                && gap.ratio == time
                && match own.is_none() {
                    // Beside a rate constant that would mend it, a share is a share.
                    true => !rates,
                    false => [volume(), Dimension::base(Base::Mass), Dimension::base(Base::Amount)]
                        .contains(own),
                };
            if !turned && !per_time {
                continue;
            }
            let unit = Written::of(&self.model.params[at].unit.text, self.world.substances)?;
            let unit = match turned {
                true => Written::one().div(&unit)?,
                false => {
                    unit.div(&Written::of(&self.model.time_unit.text, self.world.substances)?)?
                }
            };
            found.push(format!("with `{name}` in {} this fits", unit.text()));
        }
        match &found[..] {
            [only] => Some(only.clone()),
            _ => None,
        }
    }

    fn with_molar_mass(&self, from_mass: bool) -> String {
        let way = if from_mass { "divide by" } else { "multiply by" };
        match &self.substance {
            Some(id) => format!(
                "a mass against an amount: name the substance, `[mg {id}]`, or {way} its molar mass"
            ),
            None => format!(
                "a mass against an amount: {way} the molar mass, a `param` in [g/mol], or give both \
                 in one of them"
            ),
        }
    }

    fn about_substances(&self, said: Diagnostic, a: &Dimension, b: &Dimension) -> Diagnostic {
        match stoichiometry(a, b) {
            Some(note) => said.note(note),
            None => said,
        }
    }

    /// Whether words and dimension are of one quantity.
    fn measures(&self, unit: &Written, dim: &Dimension) -> bool {
        parse_unit(&unit.text(), self.world.substances, self.substance.clone())
            .is_ok_and(|unit| unit.dimension == *dim)
    }

    /// The unit of an expression in the words of the model, else in base units.
    pub(super) fn shown_of(&self, expr: &Expr, dim: &Dimension) -> String {
        match self.written(expr).filter(|unit| self.measures(unit, dim)) {
            Some(unit) => unit.text(),
            None => dim.to_string(),
        }
    }

    /// The unit of an expression as the model's declarations have it.
    pub(super) fn declared_unit(&self, expr: &Expr, dim: &Dimension) -> Option<Unit> {
        let text = self.written(expr)?.text();
        parse_unit(&text, self.world.substances, self.substance.clone())
            .ok()
            .filter(|unit| unit.dimension == *dim)
    }

    /// The names of units that an expression is made of.
    fn written(&self, expr: &Expr) -> Option<Written> {
        self.written_at(expr, 0)
    }

    fn written_at(&self, expr: &Expr, depth: usize) -> Option<Written> {
        if depth > DEEPEST {
            return None;
        }
        let next = |inner: &Expr| self.written_at(inner, depth + 1);
        let of = |text: &str| Written::of(text, self.world.substances);
        match &*expr.kind {
            ExprKind::Number { unit: Some(unit), .. } => of(&unit.text),
            ExprKind::Number { .. } => Some(Written::one()),
            ExprKind::Name(name) => match self.symbols.get(name) {
                Some(&(Symbol::Assigned(item), _)) => match &self.tree.items[item].kind {
                    ItemKind::Assign { target: Target::Name(_), value } => next(value),
                    ItemKind::Port { unit, .. } => of(&unit.text),
                    _ => None,
                },
                _ => of(self.unit_text(name)?),
            },
            ExprKind::Unary(UnaryOp::Neg | UnaryOp::Plus, inner) => next(inner),
            ExprKind::Binary(BinaryOp::Add | BinaryOp::Sub, left, right) => {
                // Zero and bare numbers say nothing of the sum.
                match bare(left) {
                    Some(_) => next(right),
                    None => next(left).or_else(|| next(right)),
                }
            }
            ExprKind::Binary(BinaryOp::Mul, left, right) => next(left)?.mul(&next(right)?),
            ExprKind::Binary(BinaryOp::Div, left, right) => next(left)?.div(&next(right)?),
            ExprKind::Binary(BinaryOp::Pow, base, power) => match &*power.kind {
                ExprKind::Number { value, unit: None, .. } => {
                    next(base)?.pow(Rational::from_f64(*value)?)
                }
                _ => None,
            },
            ExprKind::Call(call) => match (call.name.text.as_str(), &call.arguments[..]) {
                ("abs" | "min" | "max", [first, ..]) => next(&first.value),
                ("sqrt", [only]) => next(&only.value)?.pow(Rational::new(1, 2)?),
                ("ifelse", [_, yes, _]) => next(&yes.value),
                ("tad", _) => of(&self.model.time_unit.text),
                ("exp" | "ln" | "log" | "log10" | "expit" | "logit", _) => Some(Written::one()),
                _ => None,
            },
            _ => None,
        }
    }

    /// The unit that a declared name is shown in.
    pub(super) fn unit_text(&self, name: &str) -> Option<&str> {
        Some(match self.symbols.get(name) {
            Some(&(Symbol::Param(at), _)) => &self.model.params[at].unit.text,
            Some(&(Symbol::Covariate(at), _)) => &self.model.covariates[at].unit.text,
            Some(&(Symbol::Compartment(at) | Symbol::Register(at), _)) => {
                &self.model.compartments[at].unit.text
            }
            None if matches!(name, "t" | "time") => &self.model.time_unit.text,
            _ => return None,
        })
    }

    /// Where a parameter or an assigned quantity is declared, and the unit that it is in.
    fn place_of(&self, name: &str) -> Option<(Span, String)> {
        let &(symbol, span) = self.symbols.get(name)?;
        let dim = match symbol {
            Symbol::Param(at) => self.param_dims[at].as_ref(),
            Symbol::Covariate(at) => self.covariate_dims[at].as_ref(),
            Symbol::Assigned(_) => self.values.get(&Key::Name(name.into()))?.dim.as_ref(),
            _ => None,
        }?;
        let expr = Expr { span, kind: Box::new(ExprKind::Name(name.into())) };
        Some((span, self.shown_of(&expr, dim)))
    }

    /// The unit in which a compartment holds its amount, per time for its rates.
    pub(super) fn written_for(&self, key: &Key) -> Option<Written> {
        let of = |text: &str| Written::of(text, self.world.substances);
        match key {
            Key::Derivative(at) | Key::Rate(at) => {
                of(&self.model.compartments[*at].unit.text)?.div(&of(&self.model.time_unit.text)?)
            }
            Key::Initial(at) => of(&self.model.compartments[*at].unit.text),
            Key::Lag(_) | Key::Duration(_) => of(&self.model.time_unit.text),
            Key::Name(_) | Key::Bioavailability(_) => None,
        }
    }
}

/// What lies between what was found and what was needed.
struct Gap {
    ratio: Dimension,
    inverse: Dimension,
    words: String,
    inverse_words: String,
}

impl Gap {
    fn between(
        (found, has): (&Dimension, &Option<Written>),
        (needed, wants): (&Dimension, &Option<Written>),
    ) -> Option<Self> {
        let (ratio, inverse) = (found.div(needed).ok()?, needed.div(found).ok()?);
        let written = has.as_ref().zip(wants.as_ref());
        let words = written.and_then(|(has, wants)| has.div(wants)).map(|unit| unit.text());
        let turned = written.and_then(|(has, wants)| wants.div(has)).map(|unit| unit.text());
        let words = words.unwrap_or_else(|| ratio.to_string());
        let inverse_words = turned.unwrap_or_else(|| inverse.to_string());
        Some(Self { ratio, inverse, words, inverse_words })
    }
}

fn volume() -> Dimension {
    parse_unit("L", &epsom_units::Substances::default(), None)
        .map_or(Dimension::NONE, |unit| unit.dimension)
}

/// Whether a ratio is mass per amount (`true`), or amount per mass.
fn mass_against_amount(ratio: &Dimension) -> Option<bool> {
    let mut amount = ratio.exponent(Base::Amount);
    for (_, power) in ratio.substances() {
        amount = amount.checked_add(power)?;
    }
    let mass = ratio.exponent(Base::Mass);
    let only = ratio.exponent(Base::Length).is_zero() && ratio.exponent(Base::Time).is_zero();
    let opposite = mass.checked_add(amount)?.is_zero() && !mass.is_zero();
    (only && opposite).then_some(mass > Rational::ZERO)
}

/// The one bare number beside one other factor, and what it would be with its unit.
fn lacking(factors: &[(&Expr, bool)], gap: &Gap) -> Option<(Span, String)> {
    let at = factors.iter().position(|(one, _)| bare(one).is_some())?;
    if factors.len() != 2 || bare(factors[1 - at].0).is_some() {
        return None;
    }
    let (digits, place) = bare(factors[at].0)?;
    let unit = if factors[at].1 { &gap.inverse_words } else { &gap.words };
    Some((place, format!("{digits}[{unit}]")))
}

/// The factors of a product, and whether each stands above the line.
fn factors_in<'e>(expr: &'e Expr, above: bool, found: &mut Vec<(&'e Expr, bool)>) {
    match &*expr.kind {
        ExprKind::Unary(UnaryOp::Neg | UnaryOp::Plus, inner) => factors_in(inner, above, found),
        ExprKind::Binary(BinaryOp::Mul, left, right) => {
            factors_in(left, above, found);
            factors_in(right, above, found);
        }
        ExprKind::Binary(BinaryOp::Div, left, right) => {
            factors_in(left, above, found);
            factors_in(right, !above, found);
        }
        _ => found.push((expr, above)),
    }
}

fn names_in<'e>(expr: &'e Expr, names: &mut Vec<&'e str>) {
    match &*expr.kind {
        ExprKind::Name(name) if !names.contains(&name.as_str()) => names.push(name),
        ExprKind::Unary(_, inner) => names_in(inner, names),
        ExprKind::Binary(_, left, right) => {
            names_in(left, names);
            names_in(right, names);
        }
        ExprKind::Call(call) => {
            for argument in &call.arguments {
                names_in(&argument.value, names);
            }
        }
        _ => {}
    }
}

/// Where two dimensions count different substances: what it would take.
fn stoichiometry(a: &Dimension, b: &Dimension) -> Option<String> {
    let (one, _) = a.substances().next()?;
    let (other, _) = b.substances().next()?;
    (one != other).then(|| {
        format!("`{one}` and `{other}` are different substances; stoichiometry leads from one to the other, so multiply by moles of one in a mole of the other, such as `1[mmol {other}/(mmol {one})]`")
    })
}
