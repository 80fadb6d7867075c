//! The plan for programs.

use epsom_evidence::GateGrade;
use epsom_population::Interval;
use serde_json::{Value, json};

use super::day::Found;
use super::predict::LEVELS_MMOL_PER_L;
use super::report::Plan;
use super::words;

/// Name and version of the form.
pub const SCHEMA: &str = "epsom.plan/1";

/// One line of JSON, schema [`SCHEMA`]: `lo` and `hi` are the middle 95 % over the draws.
pub fn to_json(plan: &Plan) -> String {
    let prediction = plan.prediction.as_ref();
    let of = |value: fn(&super::Prediction) -> Interval| prediction.map(|one| interval(value(one)));
    let above = prediction.map(|one| {
        let levels = ["1.05", "1.5", "2.0", "2.5"];
        debug_assert_eq!(levels.len(), LEVELS_MMOL_PER_L.len());
        let pairs = levels.iter().zip(one.probability_above);
        pairs.map(|(level, p)| ((*level).to_string(), json!(p))).collect::<serde_json::Map<_, _>>()
    });
    let gates: Vec<Value> = (plan.gates.iter())
        .map(|gate| {
            json!({
                "id": gate.id,
                "grade": if gate.grade == GateGrade::Stop { "stop" } else { "caution" },
                "text": gate.text,
                "monitor": gate.monitor,
                "source": gate.source,
                "assumed": gate.assumed,
            })
        })
        .collect();
    let interactions: Vec<Value> = (plan.interactions.iter())
        .map(|one| {
            json!({
                "medicine": one.medicine,
                "agent": one.agent,
                "direction": one.direction,
                "effect": one.effect,
                "severity": one.severity,
                "separation_hours": {
                    "drug_before_mg_h": one.separation.drug_before_h,
                    "drug_after_mg_h": one.separation.drug_after_h,
                    "never": one.separation.never,
                },
                "recalled": one.recalled,
                "source": one.source,
            })
        })
        .collect();
    let limits: Vec<Value> = (plan.intakes.iter())
        .map(|one| {
            json!({
                "name": one.name, "limit": one.limit, "own": one.own, "own_at_least": one.at_least,
                "unit": one.unit, "status": one.status.word(), "source": one.source,
            })
        })
        .collect();
    let bands: Vec<Value> = (plan.bands.iter())
        .map(|one| {
            json!({
                "sign": one.name,
                "lowest_mmol_per_l": one.lowest.mmol_per_l, "lowest_source": one.lowest.source,
                "highest_onset_mmol_per_l": one.highest.mmol_per_l,
                "highest_onset_source": one.highest.source,
                "to_mmol_per_l": one.to_mmol_per_l,
                "printed": one.printed.iter().map(|one| json!({
                    "source": one.source, "from_mmol_per_l": one.from_mmol_per_l,
                    "to_mmol_per_l": one.to_mmol_per_l, "recalled": one.recalled,
                    "unit_doubted": one.doubted,
                })).collect::<Vec<_>>(),
            })
        })
        .collect();
    let not_checked: Vec<Value> = (plan.not_checked.iter())
        .map(|one| json!({"name": one.name, "did_you_mean": one.did_you_mean, "text": one.text}))
        .collect();
    let set_point = prediction.map(|one| {
        let found = &one.set_point;
        json!({
            "expected_mmol_per_l": found.prior.mean,
            "measured_mmol_per_l": found.measured,
            "offsets_mmol_per_l": found.offsets,
            "change_mmol_per_l": found.posterior.mean - found.prior.mean,
            "most_probable_mmol_per_l": found.posterior.mean,
            "sd_mmol_per_l": found.posterior.sd,
            "fitted": found.fitted,
            "flags": found.flags,
            "detectable_percent": found.detectable_percent,
        })
    });
    let albumin: Vec<Value> = (plan.at_usual_albumin.iter())
        .map(|one| {
            json!({
                "measured_mmol_per_l": one.measured_mmol_per_l,
                "adjusted_mmol_per_l": one.adjusted_mmol_per_l,
                "usual_g_per_l": one.usual_g_per_l,
            })
        })
        .collect();
    let intake = prediction.and_then(|one| one.intake.as_ref()).map(|one| {
        json!({
            "urine_measured_mmol_per_day": one.measured_mmol_per_day,
            "urine_expected_mmol_per_day": one.expected_mmol_per_day,
            "diet_mg_per_day": {
                "median": one.diet_mg_per_day, "lo": one.range_mg_per_day.0, "hi": one.range_mg_per_day.1,
            },
            "fitted": one.fitted,
            "flag": one.flag,
        })
    });
    let cohorts: Vec<Value> = (plan.cohorts.iter())
        .map(|one| {
            json!({
                "who": one.who, "what": one.what, "value": one.value,
                "is_odds_ratio": one.is_odds_ratio, "source": one.source, "note": one.note,
            })
        })
        .collect();
    let odds = plan.odds.as_ref().map(|one| {
        json!({
            "odds_ratio": one.ratio, "level_mg_per_dl": one.level_mg_per_dl,
            "healthy_ml_per_min": one.healthy_ml_per_min, "shares": one.shares, "n_draws": one.n_draws,
        })
    });
    let unknown: Vec<Value> = (plan.person.unknown_conditions.iter())
        .map(|one| json!({"name": one.name, "did_you_mean": one.did_you_mean}))
        .collect();
    let document = json!({
        "schema": SCHEMA,
        "regimen": plan.taken.iter().map(|one| &one.text).collect::<Vec<_>>(),
        "filtration_ml_per_min": plan.kidney.filtration.map(|one| one.ml_per_min),
        "serum_mmol_per_l": of(|one| one.serum_mmol_per_l),
        "serum_before_mmol_per_l": of(|one| one.before_mmol_per_l),
        "serum_peak_mmol_per_l": of(|one| one.peak_mmol_per_l),
        "serum_rise_mmol_per_l": of(|one| one.rise_mmol_per_l),
        "urine_rise_mmol_per_day": of(|one| one.urine_mmol_per_day),
        "urine_before_mmol_per_day": of(|one| one.urine_before_mmol_per_day),
        "absorbed_mmol_per_day": of(|one| one.absorbed_mmol_per_day),
        "plateau_day": of(|one| one.plateau_day),
        "probability_above": above,
        "not_predicted": plan.not_predicted,
        "set_point": set_point,
        "at_usual_albumin": albumin,
        "intake_update": intake,
        "cohorts": cohorts,
        "model_odds": odds,
        "conditions_not_checked": unknown,
        "goal": plan.goal,
        "gates": gates,
        "limits": limits,
        "bands": bands,
        "interactions": interactions,
        "not_checked": not_checked,
        "day": day(&plan.day),
        "missing": plan.missing,
        "extrapolates": plan.extrapolates,
        "standing": words::STANDING,
    });
    document.to_string()
}

fn interval(one: Interval) -> Value {
    json!({"median": one.median, "lo": one.lo, "hi": one.hi})
}

fn day(found: &Found) -> Value {
    match found {
        Found::NothingAsked => json!({"kept": true, "asked": false}),
        Found::Impossible { why } => json!({"kept": false, "asked": true, "why": why}),
        Found::Kept(day) => {
            let medicines = day.medicines.iter();
            let medicines = medicines.map(|(name, hours)| json!({"name": name, "clock_h": hours}));
            json!({
                "kept": true, "asked": true, "magnesium_clock_h": day.magnesium_h,
                "medicines": medicines.collect::<Vec<_>>(), "as_in_regimen": day.as_in_regimen,
            })
        }
    }
}
