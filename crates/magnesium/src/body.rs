//! The built-in models, as text and checked.

use epsom_diag::{Diagnostic, FileId, has_errors};
use epsom_evidence::{builtin, builtin_substances};
use epsom_model::check::{ModelInfo, World, check};
use epsom_model::ir::{Model, Wanted};
use epsom_model::syntax::parse;

/// A model that the binary carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltinModel {
    /// Name on the command line.
    pub name: &'static str,
    /// Its `.epm` text.
    pub text: &'static str,
}

/// All built-in models, sorted by name.
pub const MODELS: &[BuiltinModel] = &[BuiltinModel {
    name: "magnesium",
    text: include_str!("../../../models/magnesium/model.epm"),
}];

/// The built-in model of this name.
pub fn builtin_model(name: &str) -> Option<&'static BuiltinModel> {
    MODELS.iter().find(|model| model.name == name)
}

/// A built-in model, checked against the tables that stand in the binary.
///
/// # Errors
/// What the checker says; none of the models in [`MODELS`], as a test shows.
pub fn read(model: &BuiltinModel) -> Result<(Model, ModelInfo), Vec<Diagnostic>> {
    let (tree, mut said) = parse(model.text, FileId(0));
    if has_errors(&said) {
        return Err(said);
    }
    let world = World { evidence: builtin(), substances: builtin_substances() };
    let checked = check(&tree, &world);
    said.extend(checked.diagnostics);
    checked.model.map(|model| (model, checked.info)).ok_or(said)
}

/// What comparisons and plans look at: outputs, and compartments that are read or dosed.
const PLASMA_ROUTE: (&[&str], &[&str]) = (
    &["serum", "csf", "urine_rate", "absorbed_rate", "renal_threshold"],
    &["solid", "residue", "absorbed_total", "urine", "serum_auc"],
);

/// The whole-body model by the plasma route alone: hypotheses off, without the compartments that
/// only the brain, the anion and the sinks need.
pub fn plasma_route(model: &Model) -> Model {
    kept(model, PLASMA_ROUTE.0, PLASMA_ROUTE.1)
}

/// Covariates that comparisons and targets leave as they are.
const USUAL: &[&str] = &[
    "height",
    "age",
    "sex",
    "egfr",
    "creatinine",
    "albumin",
    "pregnancy",
    "threshold_shift",
    "uptake_share",
    "phytate",
    "gut_size",
    "acid_share",
];

/// The model with these outputs and compartments and what they rest on, hypotheses off and the
/// covariates of [`USUAL`] at their default.
pub(crate) fn kept(model: &Model, outputs: &[&str], compartments: &[&str]) -> Model {
    let outputs = outputs.iter();
    let outputs = outputs.filter_map(|name| model.outputs.iter().position(|one| one.name == *name));
    let places = compartments.iter();
    let places =
        places.filter_map(|name| model.compartments.iter().position(|one| one.name == *name));
    let (outputs, compartments) = (outputs.collect(), places.collect());
    let mut held = model.hypotheses.clone();
    held.extend(model.params.iter().position(|one| one.name == "albumin_0"));
    let is_usual = |at: &usize| USUAL.contains(&model.covariates[*at].name.as_str());
    let held_covariates = (0..model.covariates.len()).filter(is_usual).collect();
    model.pruned(&Wanted { outputs, compartments, held, held_covariates })
}

#[cfg(test)]
mod tests {
    use epsom_diag::FileId;
    use epsom_evidence::{builtin, builtin_substances};
    use epsom_model::check::{World, check};

    use super::{MODELS, builtin_model, plasma_route, read};

    #[test]
    fn each_built_in_model_checks_without_a_message() {
        let world = World { evidence: builtin(), substances: builtin_substances() };
        for model in MODELS {
            let (tree, said) = epsom_model::syntax::parse(model.text, FileId(0));
            assert_eq!(said, [], "{}", model.name);
            let checked = check(&tree, &world);
            assert_eq!(checked.diagnostics, [], "{}", model.name);
            assert!(checked.model.is_some(), "{}", model.name);
        }
    }

    #[test]
    fn the_plasma_route_leaves_out_what_it_does_not_need() {
        let (model, _) = read(&MODELS[0]).unwrap();
        let route = plasma_route(&model);
        let names: Vec<&str> = route.compartments.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(
            names.join(" "),
            "solid residue lumen plasma rest fast slow deep csf_pool urine absorbed_total serum_auc"
        );
        assert_eq!(epsom_model::ir::verify(&route), Vec::<String>::new());
    }

    #[test]
    fn a_model_is_found_by_its_name() {
        assert_eq!(builtin_model("magnesium"), MODELS.first());
        assert_eq!(builtin_model("manganese"), None);
    }
}
