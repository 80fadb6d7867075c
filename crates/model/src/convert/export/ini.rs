//! Parameters: their lines in `ini`, and how people differ as statements of `model`.

use std::collections::BTreeMap;

use super::words::{Words, binary, function, variable};
use super::{cannot_say, digits, named};
use crate::ir::{Distribution, Level, Model};
use crate::syntax::ast::{
    BinaryOp, Dialect, Expr, ExprKind, Item, ItemKind, Param, Spread, Target, Tree,
};
use crate::syntax::print_expr;
use crate::syntax::print_statements;

/// The `ini` block, and what `model` begins with.
#[derive(Default)]
pub(super) struct Ini {
    pub(super) lines: Vec<String>,
    pub(super) statements: Vec<Item>,
    /// How people differ, by the parameter.
    effects: BTreeMap<usize, Effect>,
    /// How one person differs between occasions, by the parameter.
    occasions: BTreeMap<usize, Effect>,
}

/// A random effect: its name, standard deviation, the text of its variance, and what numbers its
/// occasions.
struct Effect {
    name: String,
    sd: f64,
    variance: String,
    fixed: bool,
    by: Option<String>,
}

pub(super) fn lines(tree: &Tree, model: &Model, words: &mut Words<'_>) -> Ini {
    let mut ini = Ini::default();
    for item in &tree.items {
        match &item.kind {
            ItemKind::Hypothesis { name, assumes } => {
                let assumes = crate::convert::clean(&assumes.text);
                ini.lines.push(format!("# hypothesis, off: {assumes}"));
                ini.lines.push(format!("{} <- fixed(0)", words.name(&name.text)));
            }
            ItemKind::Param(param) => parameter(param, item, model, words, &mut ini),
            _ => {}
        }
    }
    let effects = std::mem::take(&mut ini.effects);
    let occasions = std::mem::take(&mut ini.occasions);
    let pairs = |level: Level| {
        let all = model.correlations.iter().filter(|one| one.level == level);
        all.map(|one| (one.first, one.second, one.rho)).collect()
    };
    let (people, within) = (pairs(Level::Varies), pairs(Level::Occasion));
    ini.lines.extend(blocks(effects, people));
    ini.lines.extend(blocks(occasions, within));
    ini
}

/// One parameter: its line, its effect, and the statement that brings both together.
fn parameter(param: &Param, item: &Item, model: &Model, words: &mut Words<'_>, ini: &mut Ini) {
    let Some(at) = model.params.iter().position(|one| one.name == param.name.text) else { return };
    let known = &model.params[at];
    if model.checked {
        let text = print_statements(std::slice::from_ref(item), Dialect::Epm);
        ini.lines.extend(text.iter().map(|line| format!("# {line}")));
    }
    let own = words.name(&known.name);
    let unit = words.scales.unit(&known.unit.text);
    let scale = unit.as_ref().map_or(1.0, |unit| words.scales.of_dimension(&unit.dimension));
    let sd = match known.varies {
        Distribution::Fixed => None,
        Distribution::Normal { sd } => {
            Some(if scale == 1.0 { sd } else { super::scales::tidy(sd / scale) })
        }
        Distribution::LogNormal { sd } | Distribution::LogitNormal { sd } => Some(sd),
        Distribution::Uniform { .. } | Distribution::Triangular { .. } => {
            let span = param.varies.as_ref().map_or(item.span, |one| one.span);
            let what = format!("how people differ in `{}`", known.name);
            words.refused.push(cannot_say(&what, span));
            return;
        }
    };
    let effect = |name: String| {
        sd.map(|sd| Effect {
            name,
            sd,
            variance: variance(param.varies.as_ref()).unwrap_or_else(|| digits(sd * sd)),
            fixed: param.fixed.is_some(),
            by: None,
        })
    };
    let occasion = model.occasions.iter().find(|one| one.param == at);
    let within = |name: String, fixed: bool, words: &Words<'_>| {
        let (one, spread) = (occasion?, &param.occasion.as_ref()?.spread);
        // Of a log or logit scale there is no unit.
        let scale = if is_plain_scale(spread) { scale } else { 1.0 };
        let sd = if scale == 1.0 { one.sd } else { super::scales::tidy(one.sd / scale) };
        Some(Effect {
            name,
            sd,
            variance: variance(Some(spread)).unwrap_or_else(|| digits(sd * sd)),
            fixed: fixed && param.fixed.is_some(),
            by: Some(words.name(&model.covariates[one.by].name)),
        })
    };
    // Shown in a unit of its own, it is assigned.
    let shown = super::outputs::factor(&known.name, model, words) != 1.0;
    // A number that is 0 and varies is a random effect already.
    let bare = matches!(known.varies, Distribution::Normal { .. }) && known.value == 0.0;
    if bare && !shown && param.scales.is_none() && occasion.is_none() {
        ini.effects.extend(effect(own).map(|one| (at, one)));
        return;
    }
    let plain = param.occasion.as_ref().is_some_and(|one| is_plain_scale(&one.spread));
    if plain && !shown && known.value == 0.0 && sd.is_none() && param.scales.is_none() {
        ini.occasions.extend(within(own, true, words).map(|one| (at, one)));
        return;
    }
    let whole = !shown && sd.is_none() && param.scales.is_none() && occasion.is_none();
    let typical = if whole { own.clone() } else { words.fresh(&format!("tv{own}")) };
    let mut line = format!("{typical} <- {}", estimate(param, at, scale, model, words));
    if !known.label.is_empty() {
        line += &format!("; label(\"{}\")", crate::convert::quoted(&known.label).text);
    }
    ini.lines.push(line);
    if whole {
        return;
    }
    let mut value = variable(&typical);
    if sd.is_some() {
        let eta = words.fresh(&format!("eta.{own}"));
        let drawn = variable(&eta);
        value = match known.varies {
            Distribution::Normal { .. } => binary(BinaryOp::Add, value, drawn),
            Distribution::LogitNormal { .. } => {
                let inside = binary(BinaryOp::Add, function("logit", value), drawn);
                function("expit", inside)
            }
            _ => binary(BinaryOp::Mul, value, function("exp", drawn)),
        };
        ini.effects.extend(effect(eta).map(|mut one| {
            one.fixed = false;
            (at, one)
        }));
    }
    if let Some(one) = &param.occasion
        && occasion.is_some()
    {
        let iov = words.fresh(&format!("iov.{own}"));
        value = moved(&one.spread, value, variable(&iov));
        ini.occasions.extend(within(iov, false, words).map(|one| (at, one)));
    }
    if let Some((factor, _)) = &param.scales {
        let factor = words.expr(factor);
        value = binary(BinaryOp::Mul, value, factor);
    }
    let kind = ItemKind::Assign { target: Target::Name(named(&own)), value };
    ini.statements.push(Item { span: item.span, kind });
}

/// Whether a deviation is added to the value itself.
fn is_plain_scale(spread: &Spread) -> bool {
    !["lognormal", "cv", "logitnormal"].contains(&spread.distribution.name.text.as_str())
}

/// `value` with the deviation of an occasion.
fn moved(spread: &Spread, value: Expr, deviation: Expr) -> Expr {
    match spread.distribution.name.text.as_str() {
        "lognormal" | "cv" => binary(BinaryOp::Mul, value, function("exp", deviation)),
        "logitnormal" => {
            function("expit", binary(BinaryOp::Add, function("logit", value), deviation))
        }
        _ => binary(BinaryOp::Add, value, deviation),
    }
}

/// The estimate with its bounds, as `fixed(c(…))` and its like.
fn estimate(param: &Param, at: usize, scale: f64, model: &Model, words: &mut Words<'_>) -> String {
    let known = &model.params[at];
    let mut text = |written: Option<&Expr>, base: f64| match written.filter(|one| is_plain(one)) {
        Some(expr) => print_expr(&words.expr(expr), Dialect::IniModel),
        None if base == f64::INFINITY => "Inf".into(),
        None if base == f64::NEG_INFINITY => "-Inf".into(),
        None => digits(if scale == 1.0 { base } else { super::scales::tidy(base / scale) }),
    };
    let value = text(Some(&param.value), known.value);
    let (lo, hi) = known.bounds;
    let (low, high) = param.bounds.as_ref().map_or((None, None), |(a, b)| (a.as_ref(), b.as_ref()));
    let inside = match (lo.is_finite(), hi.is_finite()) {
        (false, false) => value,
        (true, false) => format!("{}, {value}", text(low, lo)),
        _ => format!("{}, {value}, {}", text(low, lo), text(high, hi)),
    };
    let several = lo.is_finite() || hi.is_finite();
    match (param.fixed.is_some(), several) {
        (true, _) => format!("fixed({inside})"),
        (false, true) => format!("c({inside})"),
        (false, false) => inside,
    }
}

/// Numbers alone, without units, rows and names: they stand as they are written.
fn is_plain(expr: &Expr) -> bool {
    match &*expr.kind {
        ExprKind::Number { unit, .. } => unit.is_none(),
        ExprKind::Unary(_, inner) => is_plain(inner),
        ExprKind::Binary(_, a, b) => is_plain(a) && is_plain(b),
        ExprKind::Call(call) => {
            let known = ["exp", "expit", "log", "log10", "logit", "sqrt"];
            known.contains(&call.name.text.as_str())
                && call.arguments.iter().all(|one| is_plain(&one.value))
        }
        _ => false,
    }
}

/// `x` of `normal(sd sqrt(x))`, as written.
fn variance(spread: Option<&Spread>) -> Option<String> {
    let first = &spread?.distribution.arguments.first()?.value;
    match &*first.kind {
        ExprKind::Call(call) if call.name.text == "sqrt" => {
            let inside = &call.arguments.first()?.value;
            is_plain(inside).then(|| print_expr(inside, Dialect::IniModel))
        }
        _ => None,
    }
}

/// Effects alone, and those that are correlated as blocks with their covariances.
fn blocks(mut effects: BTreeMap<usize, Effect>, pairs: Vec<(usize, usize, f64)>) -> Vec<String> {
    let mut lines = Vec::new();
    while let Some((&first, _)) = effects.iter().next() {
        let mut block = vec![first];
        // Whatever is tied to a member is one.
        loop {
            let more = pairs.iter().find_map(|&(a, b, _)| {
                match (block.contains(&a), block.contains(&b)) {
                    (true, false) => Some(b),
                    (false, true) => Some(a),
                    _ => None,
                }
            });
            match more {
                Some(next) => block.push(next),
                None => break,
            }
        }
        block.sort_unstable();
        let members: Vec<Effect> = block.iter().filter_map(|at| effects.remove(at)).collect();
        let mut numbers = Vec::new();
        for (row, one) in members.iter().enumerate() {
            for column in 0..row {
                let (a, b) = (block[row], block[column]);
                let rho = pairs.iter().find(|(x, y, _)| (*x, *y) == (a, b) || (*x, *y) == (b, a));
                let rho = rho.map_or(0.0, |(_, _, rho)| *rho);
                numbers.push(digits(super::scales::tidy(rho * one.sd * members[column].sd)));
            }
            numbers.push(one.variance.clone());
        }
        let names: Vec<&str> = members.iter().map(|one| one.name.as_str()).collect();
        let fixed = members.iter().all(|one| one.fixed);
        let numbers = match (numbers.len(), fixed) {
            (1, false) => numbers.concat(),
            (_, true) => format!("fixed({})", numbers.join(", ")),
            _ => format!("c({})", numbers.join(", ")),
        };
        let by = members[0].by.as_ref().map(|by| format!(" | {by}")).unwrap_or_default();
        lines.push(format!("{} ~ {numbers}{by}", names.join(" + ")));
    }
    lines
}
