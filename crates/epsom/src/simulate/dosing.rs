//! `--regimen` text to dose records of a model.

use crate::render::Sources;
use epsom_diag::{Diagnostic, did_you_mean, list_names};
use epsom_engine::{Action, Dose, DoseKind, Record, Steady};
use epsom_evidence::{builtin, builtin_substances};
use epsom_magnesium::doses;
use epsom_magnesium::regimen::{Regimen, Route, Schedule, dose_times_h, parse_regimen};
use epsom_magnesium::salts::built_in_salts;
use epsom_model::ir::Model;
use epsom_units::{Quantity, SubstanceId, UnitError, convert_through, parse_unit};

/// The substance that regimens count.
const COUNTED: &str = "Mg";

/// Where doses go.
pub(crate) struct Into<'a> {
    /// The model.
    pub(crate) model: &'a Model,
    /// What a bare amount of the model is of.
    pub(crate) substance: Option<&'a SubstanceId>,
    /// Compartment that the command line names.
    pub(crate) compartment: Option<&'a str>,
    /// What doses by mouth meet, and whether rules may change them.
    pub(crate) giving: doses::Giving,
}

/// Records of every text, and what is wrong with them.
///
/// In the whole-body model a dose dissolves by its salt and keeps to the meals; in another model,
/// or where a compartment is named, it enters whole.
pub(crate) fn read_regimens(
    texts: &[String],
    into: &Into<'_>,
    sources: &mut Sources,
) -> (Vec<Record>, Vec<Diagnostic>) {
    let (mut records, mut messages) = (Vec::new(), Vec::new());
    for text in texts {
        let file = sources.add("--regimen", text.as_str());
        if let Some(read) = super::plain_dose::read(text, file, into) {
            match read {
                Ok(more) => records.extend(more),
                Err(said) => messages.extend(said),
            }
            continue;
        }
        let read = parse_regimen(text, file, built_in_salts()).and_then(|regimen| {
            if into.compartment.is_none() && has_gut(into.model) {
                doses::given_records(&regimen, into.model, builtin(), into.giving)
            } else {
                whole_doses(&regimen, into).map_err(|said| vec![said])
            }
        });
        match read {
            Ok(more) => records.extend(more),
            Err(said) => messages.extend(said),
        }
    }
    (records, messages)
}

/// Whether a model has the compartments that take doses by salt.
pub(super) fn has_gut(model: &Model) -> bool {
    let has = |name| model.compartments.iter().any(|one| one.name == name);
    ["solid", "residue", "plasma"].into_iter().all(has)
}

fn whole_doses(regimen: &Regimen, into: &Into<'_>) -> Result<Vec<Record>, Diagnostic> {
    let compartment = compartment(regimen, into)?;
    Ok(records(regimen, compartment, amount(regimen, compartment, into)?))
}

/// Doses of so much, base units of the compartment.
pub(super) fn records(regimen: &Regimen, compartment: usize, amount: f64) -> Vec<Record> {
    let kind = match regimen.route {
        Route::Oral { .. } => DoseKind::Bolus,
        Route::Iv { duration_h } => DoseKind::Duration(duration_h),
    };
    let dose = Dose {
        amount,
        compartment: compartment as u32,
        kind,
        interval_h: 0.0,
        additional: 0,
        steady: Steady::No,
    };
    let record = |time_h, dose| Record { time_h, action: Action::Dose(dose) };
    match regimen.schedule {
        Schedule::Every { interval_h, count } if count > 1 => {
            let repeated = Dose { interval_h, additional: count - 1, ..dose };
            vec![record(regimen.start_h, repeated)]
        }
        _ => dose_times_h(regimen).into_iter().map(|time_h| record(time_h, dose)).collect(),
    }
}

/// The named compartment, else the first.
pub(super) fn compartment(regimen: &Regimen, into: &Into<'_>) -> Result<usize, Diagnostic> {
    let model = into.model;
    let names = || model.compartments.iter().map(|one| one.name.as_str());
    match into.compartment {
        Some(name) => names().position(|known| known == name).ok_or_else(|| {
            let message = format!("model `{}` has no compartment `{name}`", model.name);
            let said = Diagnostic::error("E0606", message)
                .note(format!("in order they are {}", list_names(names(), 20)));
            match did_you_mean(name, names()) {
                Some(near) => said.help(format!("did you mean `{near}`")),
                None => said.help("give one of them with `--into`"),
            }
        }),
        None if model.compartments.is_empty() => {
            Err(Diagnostic::error("E0912", format!("model `{}` takes no doses", model.name))
                .note("it has no compartment"))
        }
        None if matches!(regimen.route, Route::Iv { .. }) && model.compartments.len() > 1 => {
            Err(Diagnostic::error("E0912", "which compartment an infusion enters is not said")
                .note(format!("in order they are {}", list_names(names(), 20)))
                .help("name it with `--into`"))
        }
        None => Ok(0),
    }
}

/// What one dose adds, base units of the compartment.
fn amount(regimen: &Regimen, at: usize, into: &Into<'_>) -> Result<f64, Diagnostic> {
    let target = &into.model.compartments[at];
    let (name, unit) = (&target.name, &target.unit.text);
    let refused = |note: String| {
        Diagnostic::error("E0912", format!("`{name}` cannot take `{}`", regimen.text))
            .note(note)
            .help("give the doses as records with `--events`, in the compartment's own unit")
    };
    if unit.is_empty() {
        return Err(refused(
            "the model has no units, so what its amounts are of is not known".into(),
        ));
    }
    let substances = builtin_substances();
    let counted = substances.id(COUNTED).ok_or_else(|| refused(format!("no `{COUNTED}`")))?;
    let convert = || -> Result<Quantity, UnitError> {
        let wanted = parse_unit(unit, substances, into.substance.cloned())?;
        let mmol = parse_unit("mmol", substances, Some(counted.clone()))?;
        let given = Quantity::new(regimen.dose.amount.mmol, &mmol);
        let other = wanted.dimension.substances().next().map(|(id, _)| id.clone());
        let given = match other {
            Some(other) => convert_through(&given, &counted, &other, substances)?,
            None => given,
        };
        given.in_unit(&wanted)?;
        Ok(given)
    };
    match convert() {
        Ok(quantity) => Ok(quantity.value),
        Err(error) => Err(refused(format!("`{name}` is in {unit}: {error}"))),
    }
}
