//! Units that the header gives: `WT[g]`, `AMT[mg]`, `TIME[min]`.

use epsom_diag::Diagnostic;
use epsom_model::ir::Model;
use epsom_units::{Substances, Unit, convert, parse_unit};

use super::columns::Item;

/// What leads from the numbers of a column to the unit that the model reads them in.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) enum Scale {
    /// They are in it.
    #[default]
    AsModel,
    /// From the first to the second.
    Convert(Box<(Unit, Unit)>),
    /// An amount, whose unit is that of the compartment which takes it.
    Amount(Box<Unit>),
    /// A rate: an amount per time.
    Rate(Box<Unit>),
}

impl Scale {
    /// A number of the column in the unit of the model.
    pub fn apply(&self, value: f64) -> f64 {
        match self {
            Self::Convert(pair) => convert(value, &pair.0, &pair.1).unwrap_or(f64::NAN),
            _ => value,
        }
    }

    /// The dose or rate of a column in the unit of its compartment.
    ///
    /// # Errors
    /// `E0602` where the two measure different things.
    pub fn of_dose(&self, value: f64, target: &str, model: &Model) -> Result<f64, Diagnostic> {
        let (given, wanted) = match self {
            Self::Amount(given) => (given, target.to_string()),
            Self::Rate(given) => (given, format!("({target})/{}", time_unit(model))),
            _ => return Ok(value),
        };
        let wanted = read(&wanted).ok_or_else(|| wrong(&given.text, target))?;
        convert(value, given, &wanted).map_err(|_| wrong(&given.text, target))
    }
}

/// The scale of a column.
///
/// # Errors
/// `E0602` where its unit does not fit.
pub(super) fn scale(
    item: Item,
    name: &str,
    unit: &str,
    model: &Model,
) -> Result<Scale, Diagnostic> {
    let (target, what) = match item {
        Item::Covariate(at) => {
            let one = &model.covariates[at];
            (one.unit.text.as_str(), format!("covariate `{}`", one.name))
        }
        Item::Time | Item::Ii | Item::Dur => (time_unit(model), "the time of the model".into()),
        // Their compartment stands in the row.
        Item::Amt | Item::Rate => ("", String::new()),
        // Measured values are not read here.
        Item::Dv => return Ok(Scale::AsModel),
        _ => {
            return Err(Diagnostic::error("E0602", format!("`{name}` has no unit"))
                .help(format!("write `{name}` alone")));
        }
    };
    // The same words need no reading: `mmol/L Mg`.
    if unit == target {
        return Ok(Scale::AsModel);
    }
    let given = read(unit).ok_or_else(|| {
        let said = Diagnostic::error("E0602", format!("the unit `{unit}` is not understood"));
        match target.is_empty() {
            true => said.help("give amounts in the unit of their compartment, without one here"),
            false => said.help(format!("give it in `{target}`, or without a unit here")),
        }
    })?;
    match item {
        Item::Amt => return Ok(Scale::Amount(Box::new(given))),
        Item::Rate => return Ok(Scale::Rate(Box::new(given))),
        _ => {}
    }
    let wanted = match target {
        "" => Some(Unit::one()),
        _ => read(target),
    };
    match wanted {
        Some(wanted) if wanted.dimension == given.dimension => {
            Ok(Scale::Convert(Box::new((given, wanted))))
        }
        _ => {
            let shown = if target.is_empty() { "a plain number" } else { target };
            Err(Diagnostic::error("E0602", format!("`{name}[{unit}]` does not fit the model"))
                .note(format!("{what} is in {shown}"))
                .help(format!("give it in `{shown}`")))
        }
    }
}

fn wrong(given: &str, target: &str) -> Diagnostic {
    let shown = if target.is_empty() { "a plain number" } else { target };
    Diagnostic::error("E0602", "the unit of a dose does not fit its compartment")
        .note(format!("the column is in {given}, the compartment in {shown}"))
        .help(format!("give amounts in `{shown}`"))
}

fn time_unit(model: &Model) -> &str {
    match model.time_unit.text.as_str() {
        "" => "h",
        text => text,
    }
}

/// Units without substances: those of doses are of the compartment's.
fn read(text: &str) -> Option<Unit> {
    parse_unit(text, &Substances::default(), None).ok()
}
