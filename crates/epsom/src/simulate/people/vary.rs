//! Covariates that differ between people: `--covariate "wt=70[kg] varies lognormal(cv 20[%])"`.

use crate::render::Sources;
use crate::simulate::values::{Quantity, Setting};
use epsom_diag::{Diagnostic, FileId, Span};
use epsom_maths::ln;
use epsom_model::ir::{DisplayUnit, Distribution};
use epsom_units::SubstanceId;

/// A covariate that is drawn for each person.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Varied {
    /// Index of the covariate.
    pub(crate) covariate: usize,
    /// Its middle, base units.
    pub(crate) center: f64,
    /// Around it, base units.
    pub(crate) distribution: Distribution,
}

impl Varied {
    /// A quantity whose middle is above 0 stays there.
    pub(crate) fn bounds(&self) -> (f64, f64) {
        (if self.center > 0.0 { 0.0 } else { f64::NEG_INFINITY }, f64::INFINITY)
    }
}

/// Word between the middle and the spread, as in the model language.
const WORD: &str = " varies ";

/// What stands before ` varies ` of each text, and the spreads that stand behind it.
///
/// The first is read like any value; `at` of a spread is the index of its text.
pub(crate) fn split_varied(texts: &[String]) -> (Vec<String>, Vec<(usize, &str)>) {
    let cut = |text: &str| text.find(WORD).unwrap_or(text.len());
    let before = texts.iter().map(|text| text[..cut(text)].to_string()).collect();
    let spreads = texts.iter().enumerate().filter_map(|(at, text)| {
        let from = cut(text) + WORD.len();
        text.get(from..).map(|spread| (at, spread))
    });
    (before, spreads.collect())
}

/// One spread, of the covariate with this middle.
///
/// # Errors
/// `E0740` with the place, `E0301` and `E0312` for units.
pub(crate) fn read_spread(
    setting: &Setting<'_>,
    (covariate, center): (usize, f64),
    text: &str,
    spread: &str,
    sources: &mut Sources,
) -> Result<Varied, Diagnostic> {
    let file = sources.add(setting.option, text);
    let target = &setting.targets[covariate];
    let from = text.len() - spread.len();
    let wrong = |here: &str| not_understood(Span::new(file, from, text.len()), here);
    let call = spread.trim_end().strip_suffix(')').and_then(|call| call.split_once('('));
    let Some((kind, list)) = call else { return Err(wrong("not `name(numbers)`")) };
    let mut arguments = Vec::new();
    let mut at = from + kind.len() + 1;
    for part in list.split(',') {
        arguments.push(argument(part, at, file, target.unit, setting.substance, target.name)?);
        at += part.len() + 1;
    }
    let distribution = match (kind.trim(), &arguments[..]) {
        ("normal", [(Word::None | Word::Sd, sd)]) => Distribution::Normal { sd: *sd },
        ("normal", [(Word::Cv, cv)]) => Distribution::Normal { sd: cv * center.abs() },
        ("lognormal", [(Word::Cv, cv)]) if center != 0.0 => {
            Distribution::LogNormal { sd: ln(1.0 + cv * cv).sqrt() }
        }
        ("uniform", [(Word::None, lo), (Word::None, hi)]) if lo < hi => {
            Distribution::Uniform { lo: *lo, hi: *hi }
        }
        ("triangular", [(Word::None, lo), (Word::None, hi)]) if lo < hi => {
            Distribution::Triangular { lo: *lo, hi: *hi }
        }
        _ => return Err(wrong("not one of the spreads")),
    };
    let width = match distribution {
        Distribution::Normal { sd } | Distribution::LogNormal { sd } => sd,
        _ => 1.0,
    };
    if width <= 0.0 {
        return Err(wrong("a width is above 0"));
    }
    Ok(Varied { covariate, center, distribution })
}

/// The word before a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    None,
    Sd,
    Cv,
}

/// A number in the covariate's unit, or after `cv` a number without unit or in percent.
fn argument(
    text: &str,
    at: usize,
    file: FileId,
    unit: &DisplayUnit,
    substance: Option<&SubstanceId>,
    name: &str,
) -> Result<(Word, f64), Diagnostic> {
    let lead = text.len() - text.trim_start().len();
    let (word, rest) = match text.trim_start() {
        trimmed if trimmed.starts_with("cv ") => (Word::Cv, 3),
        trimmed if trimmed.starts_with("sd ") => (Word::Sd, 3),
        _ => (Word::None, 0),
    };
    let from = lead + rest;
    let quantity = Quantity { text: &text[from..], at: at + from, file };
    if word != Word::Cv {
        return Ok((word, quantity.to_base(unit, substance, name)?));
    }
    let number = quantity.text.trim();
    let (number, per) = match number.strip_suffix("[%]") {
        Some(number) => (number, 100.0),
        None => (number.strip_suffix("[1]").unwrap_or(number), 1.0),
    };
    match number.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok((word, value / per)),
        _ => Err(not_understood(quantity.span(), "expected a number such as `20[%]`")),
    }
}

fn not_understood(span: Span, here: &str) -> Diagnostic {
    Diagnostic::error("E0740", "how a covariate varies is not understood").at(span, here).help(
        "one of `normal(sd 12)`, `normal(cv 20[%])`, `lognormal(cv 20[%])`, `uniform(50, 90)`, \
         `triangular(50, 90)`, in the covariate's unit or with one",
    )
}
