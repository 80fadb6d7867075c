//! `NAME=VALUE` and `NAME=VALUE[UNIT]` of the command line.

use crate::render::Sources;
use epsom_diag::{Diagnostic, FileId, Span, did_you_mean, list_names};
use epsom_evidence::builtin_substances;
use epsom_model::ir::DisplayUnit;
use epsom_units::{SubstanceId, parse_unit};

/// Something that a value can be given to.
pub(crate) struct Target<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// Unit of a bare number.
    pub(crate) unit: &'a DisplayUnit,
    /// Smallest and largest value, base units.
    pub(crate) bounds: (f64, f64),
}

/// Which option is read.
pub(crate) struct Setting<'a> {
    /// Such as `--param`.
    pub(crate) option: &'static str,
    /// Such as `parameter`.
    pub(crate) what: &'static str,
    /// What may be set.
    pub(crate) targets: &'a [Target<'a>],
    /// What a bare amount is of.
    pub(crate) substance: Option<&'a SubstanceId>,
}

/// Index of the target and value in base units of each text, and what is wrong.
pub(crate) fn read_values(
    setting: &Setting<'_>,
    texts: &[String],
    sources: &mut Sources,
) -> (Vec<(usize, f64)>, Vec<Diagnostic>) {
    let (mut values, mut messages): (Vec<(usize, f64)>, Vec<Diagnostic>) = Default::default();
    for text in texts {
        let file = sources.add(setting.option, text.as_str());
        match read_value(setting, text, file) {
            Ok((at, _)) if values.iter().any(|&(known, _)| known == at) => {
                let name = setting.targets[at].name;
                let said = Diagnostic::error("E0906", format!("`{name}` is given twice"));
                messages.push(said.at(Span::new(file, 0, text.len()), "here again"));
            }
            Ok(value) => values.push(value),
            Err(said) => messages.push(said),
        }
    }
    (values, messages)
}

fn read_value(setting: &Setting<'_>, text: &str, file: FileId) -> Result<(usize, f64), Diagnostic> {
    let Setting { option, what, targets, .. } = setting;
    let Some((name, value)) = text.split_once('=') else {
        let example = targets.first().map_or("NAME", |target| target.name);
        return Err(Diagnostic::error("E0906", format!("`{option} {text}` has no `=`"))
            .help(format!("write `{option} {example}=VALUE`")));
    };
    let (name, value_at) = (name.trim(), name.len() + 1);
    let names = || targets.iter().map(|target| target.name);
    let Some(at) = names().position(|known| known == name) else {
        let said = Diagnostic::error("E0906", format!("the model has no {what} `{name}`"))
            .at(Span::new(file, 0, value_at - 1), "not in the model");
        let said = match targets.is_empty() {
            true => said.note(format!("it has no {what} at all")),
            false => said.note(format!("it has {}", list_names(names(), 20))),
        };
        return Err(match did_you_mean(name, names()) {
            Some(near) => said.help(format!("did you mean `{near}`")),
            None => said,
        });
    };
    let target = &targets[at];
    let quantity = Quantity { text: value, at: value_at, file };
    let value = quantity.to_base(target.unit, setting.substance, name)?;
    let (lo, hi) = target.bounds;
    if value < lo || value > hi {
        return Err(Diagnostic::error("E0906", format!("`{name}` is out of its bounds"))
            .at(quantity.span(), format!("`{name}` is {}", target.unit.range(target.bounds))));
    }
    Ok((at, value))
}

/// A number with an optional unit in brackets, as part of a text of the command line.
#[derive(Clone, Copy)]
pub(crate) struct Quantity<'a> {
    /// Such as `5.1[L/h]`.
    pub(crate) text: &'a str,
    /// Where it begins in its text.
    pub(crate) at: usize,
    /// The text it is part of.
    pub(crate) file: FileId,
}

impl Quantity<'_> {
    /// All of it.
    pub(crate) fn span(&self) -> Span {
        Span::new(self.file, self.at, self.at + self.text.len())
    }

    /// Its value in base units; a bare number is in `unit`, the unit of `name`.
    pub(crate) fn to_base(
        self,
        unit: &DisplayUnit,
        substance: Option<&SubstanceId>,
        name: &str,
    ) -> Result<f64, Diagnostic> {
        let (number, given) = match self.text.trim_end().strip_suffix(']') {
            Some(text) => match text.split_once('[') {
                Some((number, given)) => (number, Some(given)),
                None => (self.text, None),
            },
            None => (self.text, None),
        };
        let value = match number.trim().parse::<f64>() {
            Ok(value) if value.is_finite() => value,
            _ => {
                let shown = number.trim();
                let said = Diagnostic::error(
                    "E0906",
                    format!("`{name}` needs a finite number, found `{shown}`"),
                )
                .at(self.span(), "expected a number");
                return Err(match unit.text.as_str() {
                    "" => said,
                    text => said.help(format!("give it in `{text}`, or with a unit: `1[{text}]`")),
                });
            }
        };
        let Some(given) = given else { return Ok(value / unit.per_base) };
        if unit.text.is_empty() {
            return Err(Diagnostic::error("E0312", format!("`{name}` has no unit"))
                .at(self.span(), "this has one")
                .help("give the number alone"));
        }
        let units = builtin_substances();
        let parsed = parse_unit(given, units, substance.cloned());
        let wanted = parse_unit(&unit.text, units, substance.cloned());
        let from = self.at + number.len() + 1;
        let place = Span::new(self.file, from, from + given.len());
        let parsed = parsed.map_err(|error| {
            let said =
                Diagnostic::error("E0301", "a unit is not understood").at(place, error.to_string());
            match error.help() {
                Some(help) => said.help(help),
                None => said.help(format!("`{name}` is in `{}`", unit.text)),
            }
        })?;
        match wanted {
            Ok(wanted) if wanted.dimension == parsed.dimension => Ok(parsed.to_base(value)),
            _ => Err(Diagnostic::error("E0312", "units do not match")
                .at(place, format!("this is {}, but `{name}` is in {}", parsed.text, unit.text))
                .help(format!("give a value in `{}`", unit.text))),
        }
    }
}
