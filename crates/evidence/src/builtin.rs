//! The tables that stand in the binary.

use std::sync::OnceLock;

use crate::Tables;

/// The tables of the repository; each is typed when it is first asked for.
pub fn builtin() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| Tables::embedded(FILES))
}

/// BibTeX of every source.
pub const REFERENCES: &str = include_str!("../../../evidence/references.bib");

/// Adds a row: the text is `evidence/NAME`.
macro_rules! files {
    ($($name:literal)*) => {
        const FILES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../evidence/", $name)))),*];
    };
}

files! {
    "checks.csv"
    "claim_evidence.csv"
    "claim_statements.csv"
    "claims.csv"
    "effects.csv"
    "gates.csv"
    "interactions.csv"
    "key_aliases.csv"
    "limits.csv"
    "model_registry.csv"
    "salts.csv"
    "sources.csv"
    "stoichiometry.csv"
    "studies.csv"
    "substances.csv"
    "values.csv"
    "series/absorption_pooled_dose.csv"
    "series/adascog_adni_means.csv"
    "series/adascog_placebo_18m.csv"
    "series/ah_interval_iv_mg.csv"
    "series/brewer2001_ionised.csv"
    "series/ciprofloxacin_separation.csv"
    "series/ckd_serum_mg.csv"
    "series/csf_human_more.csv"
    "series/csf_response_to_plasma_ratio.csv"
    "series/depletion_human.csv"
    "series/dolberg2017_summary.csv"
    "series/du2019_model_peaks.csv"
    "series/fine1991_absorption_dose.csv"
    "series/fuchsbuder1997_plasma_csf.csv"
    "series/human_brain_and_urine_mg_oral.csv"
    "series/human_plasma_csf_after_iv_mgso4.csv"
    "series/hypermag_signs_units.csv"
    "series/hypermagnesaemia_cases.csv"
    "series/hypermagnesaemia_thresholds.csv"
    "series/iv_loading_tests.csv"
    "series/laxative_dose_response.csv"
    "series/mgo_cohorts.csv"
    "series/mgt_human_response_over_time.csv"
    "series/oral_head_to_head_urine.csv"
    "series/oral_serum_citrate_vendor.csv"
    "series/paediatric_iv.csv"
    "series/rat_brain_mg_repletion.csv"
    "series/rat_csf_mg_by_form.csv"
    "series/rocuronium_recovery.csv"
    "series/rodent_csf_mg_in_injury_models.csv"
    "series/sabatier2003_isotope.csv"
    "series/salt_absorption_secondary.csv"
    "series/schutten2022_salts_24wk.csv"
    "series/tracer28Mg_1960_1966.csv"
    "series/wilimzig1996_auc.csv"
    "series/yousef_pain_nrs.csv"
    "series/zhang2016_supplementation.csv"
}
