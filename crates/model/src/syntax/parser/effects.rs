//! Random effects of an `ini` block: `eta.a + eta.b ~ c(0.09, 0.01, 0.04)`.

use super::super::ast::{
    Argument, BinaryOp, Call, Expr, ExprKind, Item, ItemKind, Name, Occasion, Param, Provenance,
    Quoted, Spread,
};
use super::ini_model::{bare, binary, elements, fixed_at, function, number};
use super::{Parser, Unread};
use epsom_diag::Diagnostic;

/// What the numbers of a block are: variances and covariances where nothing is said.
#[derive(Clone, Copy, Default)]
struct Meaning {
    /// `sd(…)`: the diagonal holds standard deviations.
    sd: bool,
    /// `cor(…)`: off the diagonal stand correlations.
    cor: bool,
    /// `chol(…)`: the numbers are the lower factor.
    chol: bool,
}

/// A lower triangle by rows.
struct Triangle {
    numbers: Vec<Expr>,
    meaning: Meaning,
}

impl Triangle {
    fn at(&self, row: usize, column: usize) -> Expr {
        self.numbers[row * (row + 1) / 2 + column].clone()
    }

    fn sd(&self, row: usize) -> Expr {
        if self.meaning.sd { self.at(row, row) } else { function("sqrt", self.variance(row)) }
    }

    fn variance(&self, row: usize) -> Expr {
        match self.meaning {
            Meaning { chol: true, .. } => self.product(row, row),
            Meaning { sd: true, .. } => binary(BinaryOp::Mul, self.at(row, row), self.at(row, row)),
            _ => self.at(row, row),
        }
    }

    fn correlation(&self, row: usize, column: usize) -> Expr {
        if self.meaning.cor {
            let rho = self.at(row, column);
            // A division by a root is how a covariance is kept.
            return match &*rho.kind {
                ExprKind::Binary(BinaryOp::Div, over, under) => {
                    let one = Name { text: "1".into(), span: under.span };
                    let part = binary(BinaryOp::Div, number(1.0, "1", &one), under.clone());
                    binary(BinaryOp::Mul, over.clone(), part)
                }
                _ => rho,
            };
        }
        let covariance =
            if self.meaning.chol { self.product(row, column) } else { self.at(row, column) };
        let product = binary(BinaryOp::Mul, self.variance(row), self.variance(column));
        binary(BinaryOp::Div, covariance, function("sqrt", product))
    }

    /// Of two rows of a lower factor.
    fn product(&self, row: usize, column: usize) -> Expr {
        let terms = (0..=column.min(row))
            .map(|at| binary(BinaryOp::Mul, self.at(row, at), self.at(column, at)));
        let sum = terms.reduce(|sum, term| binary(BinaryOp::Add, sum, term));
        sum.unwrap_or_else(|| self.at(row, column))
    }
}

impl Parser {
    /// Variances and covariances of `names`, lower triangle by rows.
    ///
    /// One name with more numbers goes on with the effects above it: `b ~ c(0.01, 0.04)`.
    pub(super) fn random_effects(
        &mut self,
        mut names: Vec<Name>,
        items: &mut Vec<Item>,
    ) -> Result<(), Unread> {
        let value = self.expr_before_bar()?;
        let mut by = None;
        if self.take_mark("|") {
            let level = self.name("a level after `|`")?;
            by = Some(level).filter(|level| !level.text.eq_ignore_ascii_case("id"));
        }
        let (inside, meaning) = meaning(&value);
        let mut numbers = elements(&inside);
        let mut fixed = fixed_at(&value);
        let mut span = names[0].span.to(value.span);
        if let [own] = &names[..]
            && numbers.len() > 1
            && !(meaning.sd || meaning.cor || meaning.chol)
            && let Some(above) = above(items, numbers.len() - 1, &by)
        {
            items.truncate(above.from);
            span = above.span.to(value.span);
            fixed = fixed.or(above.fixed);
            names = above.names.into_iter().chain([own.clone()]).collect();
            numbers = above.numbers.into_iter().chain(numbers).collect();
        }
        let n = names.len();
        let needed = n * (n + 1) / 2;
        if numbers.len() != needed {
            let effects = if n == 1 { "1 random effect needs" } else { "random effects need" };
            let effects = if n == 1 { effects.to_string() } else { format!("{n} {effects}") };
            let plural = if needed == 1 { "number" } else { "numbers" };
            let message = format!("{effects} {needed} {plural}, found {}", numbers.len());
            self.diagnostics.push(
                Diagnostic::error("E0106", message)
                    .at(value.span, "variances and covariances, lower triangle by rows")
                    .help("two effects: `eta.a + eta.b ~ c(var_a, cov_ab, var_b)`"),
            );
            return Err(Unread);
        }
        let triangle = Triangle { numbers, meaning };
        for (row, name) in names.iter().enumerate() {
            let (varies, occasion) = match &by {
                Some(level) => {
                    let spread = normal(name, triangle.sd(row), &value);
                    (None, Some(Occasion { spread, by: Some(level.clone()) }))
                }
                None => (Some(normal(name, triangle.sd(row), &value)), None),
            };
            let zero = number(0.0, "0", name);
            let fixed: Option<Quoted> = fixed.clone();
            let param = Param { varies, occasion, fixed, ..bare(name.clone(), zero) };
            let span = if row == 0 { span } else { name.span.to(value.span) };
            items.push(Item { span, kind: ItemKind::Param(Box::new(param)) });
        }
        for row in 0..n {
            for column in 0..row {
                items.push(Item {
                    span: value.span,
                    kind: ItemKind::Correlate {
                        first: names[column].clone(),
                        second: names[row].clone(),
                        value: triangle.correlation(row, column),
                        level: None,
                        provenance: Provenance::default(),
                    },
                });
            }
        }
        Ok(())
    }
}

fn normal(name: &Name, sd: Expr, value: &Expr) -> Spread {
    let word = Some(Name { text: "sd".to_string(), span: name.span });
    let distribution = Call {
        name: Name { text: "normal".to_string(), span: name.span },
        arguments: vec![Argument { word, value: sd }],
        span: value.span,
    };
    Spread { span: value.span, distribution, provenance: Provenance::default() }
}

/// The words around the numbers: `sd(…)`, `cor(sd(…))`, `chol(…)`, `var(…)`, `cov(…)`.
fn meaning(value: &Expr) -> (Expr, Meaning) {
    let mut meaning = Meaning::default();
    let mut inside = value.clone();
    loop {
        let ExprKind::Call(call) = &*inside.kind else { return (inside, meaning) };
        match call.name.text.as_str() {
            "sd" => meaning.sd = true,
            "cor" => meaning.cor = true,
            "chol" => meaning.chol = true,
            "var" | "cov" => {}
            _ => match &call.arguments[..] {
                // `fix(sd(0.3))`
                [only] if matches!(&*only.value.kind, ExprKind::Call(_)) => {
                    let (within, found) = self::meaning(&only.value);
                    let any = found.sd || found.cor || found.chol;
                    return if any { (within, found) } else { (inside, meaning) };
                }
                _ => return (inside, meaning),
            },
        }
        let mut numbers = call.clone();
        numbers.name.text = "c".into();
        inside = match &numbers.arguments[..] {
            [only] => only.value.clone(),
            _ => Expr { span: inside.span, kind: Box::new(ExprKind::Call(numbers)) },
        };
    }
}

/// The effects above a line that goes on with them.
struct Above {
    from: usize,
    span: epsom_diag::Span,
    names: Vec<Name>,
    numbers: Vec<Expr>,
    fixed: Option<Quoted>,
}

/// The last `n` effects, where they stand together and are of this level.
fn above(items: &[Item], n: usize, by: &Option<Name>) -> Option<Above> {
    let from = items.len().checked_sub(n + n * (n - 1) / 2)?;
    let level = |name: &Option<Name>| name.as_ref().map(|one| one.text.clone());
    let (mut names, mut sds, mut correlations) = (Vec::new(), Vec::new(), Vec::new());
    let (mut fixed, mut span) = (None, items.get(from)?.span);
    for item in &items[from..] {
        span = span.to(item.span);
        match &item.kind {
            ItemKind::Param(param) if correlations.is_empty() => {
                let (spread, own) = match (&param.varies, &param.occasion) {
                    (Some(spread), None) => (spread, None),
                    (None, Some(one)) => (&one.spread, level(&one.by)),
                    _ => return None,
                };
                if own != level(by) || param.label.is_some() {
                    return None;
                }
                names.push(param.name.clone());
                sds.push(spread.distribution.arguments.first()?.value.clone());
                fixed = fixed.or_else(|| param.fixed.clone());
            }
            ItemKind::Correlate { value, .. } => correlations.push(value.clone()),
            _ => return None,
        }
    }
    if names.len() != n {
        return None;
    }
    let mut numbers = Vec::new();
    let mut left = correlations.into_iter();
    for (row, sd) in sds.into_iter().enumerate() {
        for _ in 0..row {
            let ExprKind::Binary(BinaryOp::Div, covariance, _) = *left.next()?.kind else {
                return None;
            };
            numbers.push(covariance);
        }
        numbers.push(match &*sd.kind {
            ExprKind::Call(root) if root.name.text == "sqrt" => {
                root.arguments.first()?.value.clone()
            }
            _ => binary(BinaryOp::Mul, sd.clone(), sd),
        });
    }
    Some(Above { from, span, names, numbers, fixed })
}
