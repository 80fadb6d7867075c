//! Which options remain: salts, amounts and doses a day, each with what it is predicted to do.

use epsom_diag::{Diagnostic, FileId};
use epsom_engine::Record;
use epsom_population::Interval;
use serde_json::{Value, json};

use super::Person;
use super::gates::gates;
use super::intake::{Status, intakes};
use super::kidney::kidney;
use super::predict::{Body, Drawing, Prediction, predict};
use super::report::{not_predicted, taken};
use super::stool::stool;
use super::words::STANDING;
use crate::doses::records;
use crate::regimen::parse_regimen;
use crate::salts::Salts;

/// Options, as far as they were run.
#[derive(Debug, Clone, PartialEq)]
pub struct Explored {
    /// Options in the order of the grid.
    pub options: Vec<Tried>,
    /// Options of the whole grid; more than there are where the run was ended early.
    pub n_all: usize,
    /// Draws behind each interval.
    pub n_draws: u32,
    /// Why nothing is predicted; empty otherwise.
    pub not_predicted: String,
    /// Every limit that an option lies above, and its source.
    pub limit_sources: Vec<(String, String)>,
}

/// One option.
#[derive(Debug, Clone, PartialEq)]
pub struct Tried {
    /// Its regimen.
    pub regimen: String,
    /// Salt.
    pub salt: &'static str,
    /// Magnesium, mg a day.
    pub elemental_mg_per_day: f64,
    /// Doses a day.
    pub n_doses_a_day: u32,
    /// Absorbed, mmol a day; none where nothing is predicted.
    pub absorbed_mmol_per_day: Option<Interval>,
    /// Mean serum of the last day, mmol/L.
    pub serum_mmol_per_l: Option<Interval>,
    /// Whether it is at or above the lowest amount with mild diarrhea.
    pub may_loosen_stool: bool,
    /// Limits that it lies above.
    pub above: Vec<String>,
    /// Limits that no source sets for this person, which is not "no limit".
    pub n_unknown_limits: usize,
    /// Gates that are open.
    pub n_gates: usize,
}

/// Draws of an option where nothing else is asked: enough for medians, while the ends of the middle
/// 95 % rest on the outermost draws.
pub const EXPLORE_DRAWS: u32 = 50;
/// Salts, magnesium a day in mg, and doses a day that are tried: a grid, not a recommendation.
pub const SALTS: &[&str] = &["l_threonate_monohydrate", "citrate", "oxide", "glycinate"];
/// Amounts of the grid, mg a day.
pub const DAILY_MG: &[u32] = &[100, 200, 300, 400];
/// Doses a day of the grid, in words.
pub const SPLITS: &[(u32, &str)] = &[(1, "once"), (2, "twice"), (3, "three times")];

/// Every option of the grid, with meals for four weeks, with the same draws.
///
/// Salts whose doses dissolve alike are one run. `go_on` is told of every option that is finished,
/// and ends the run where it says no; what is finished stays.
///
/// # Errors
/// As [`super::plan`].
pub fn explore(
    person: &Person,
    salts: &Salts,
    body: Body<'_>,
    drawing: Drawing,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<Explored, Vec<Diagnostic>> {
    let kidney = kidney(person, body.evidence);
    let n_all = SALTS.len() * DAILY_MG.len() * SPLITS.len();
    let mut found = Explored {
        options: Vec::new(),
        n_all,
        n_draws: drawing.n_draws,
        not_predicted: String::new(),
        limit_sources: Vec::new(),
    };
    let mut runs: Vec<(Vec<Record>, Prediction)> = Vec::new();
    for (salt, daily, n, times) in grid() {
        let dose = f64::from(daily) / f64::from(n);
        let regimen = format!("{dose:.1} mg Mg as {salt} {times} daily with meals for 4 weeks");
        let phase = parse_regimen(&regimen, FileId(0), salts)?;
        let given = records(&phase, body.model, body.evidence)?;
        let phases = [phase];
        let taken = taken(&phases, body.model, body.evidence)?;
        found.not_predicted = not_predicted(person, &kidney, &taken);
        let at = runs.iter().position(|(records, _)| *records == given);
        let predicted = match (found.not_predicted.is_empty(), at) {
            (false, _) => None,
            (true, Some(at)) => Some(&runs[at].1),
            (true, None) => {
                let made = predict(person, &kidney, &phases, body, drawing)?;
                runs.push((given, made));
                runs.last().map(|(_, made)| made)
            }
        };
        let limits = intakes(person, &taken, body.evidence);
        let with = |status: Status| limits.iter().filter(move |one| one.status == status);
        for one in with(Status::Above) {
            let source = (one.name.clone(), one.source.clone());
            if !found.limit_sources.contains(&source) {
                found.limit_sources.push(source);
            }
        }
        let lowest = stool(f64::from(daily), None, body.evidence).lowest_with_effect_mg;
        found.options.push(Tried {
            regimen,
            salt,
            elemental_mg_per_day: f64::from(daily),
            n_doses_a_day: n,
            absorbed_mmol_per_day: predicted.map(|one| one.absorbed_mmol_per_day),
            serum_mmol_per_l: predicted.map(|one| one.serum_mmol_per_l),
            may_loosen_stool: f64::from(daily) >= lowest,
            above: with(Status::Above).map(|one| one.name.clone()).collect(),
            n_unknown_limits: with(Status::NoneKnown).count(),
            n_gates: gates(person, &kidney, &taken, body.evidence).len(),
        });
        if !go_on() {
            break;
        }
    }
    Ok(found)
}

/// Salt, mg a day, doses a day and their words, in the order of the table.
fn grid() -> impl Iterator<Item = (&'static str, u32, u32, &'static str)> {
    SALTS.iter().flat_map(|&salt| {
        DAILY_MG
            .iter()
            .flat_map(move |&daily| SPLITS.iter().map(move |&(n, times)| (salt, daily, n, times)))
    })
}

/// Name and version of the form of [`explored_to_json`].
pub const EXPLORE_SCHEMA: &str = "epsom.plan.explore/1";

/// One line of JSON, schema [`EXPLORE_SCHEMA`].
pub fn explored_to_json(explored: &Explored) -> String {
    let interval = |one: Option<Interval>| {
        one.map(|one| json!({"median": one.median, "lo": one.lo, "hi": one.hi}))
    };
    let option = |one: &Tried| {
        json!({
            "regimen": one.regimen,
            "salt": one.salt,
            "elemental_mg_per_day": one.elemental_mg_per_day,
            "doses_per_day": one.n_doses_a_day,
            "absorbed_mmol_per_day": interval(one.absorbed_mmol_per_day),
            "serum_mmol_per_l": interval(one.serum_mmol_per_l),
            "at_or_above_lowest_with_diarrhea": one.may_loosen_stool,
            "limits_above": one.above,
            "n_limits_not_known": one.n_unknown_limits,
            "n_gates": one.n_gates,
        })
    };
    let document = json!({
        "schema": EXPLORE_SCHEMA,
        "n_draws": explored.n_draws,
        "complete": explored.options.len() == explored.n_all,
        "not_predicted": explored.not_predicted,
        "limit_sources": explored.limit_sources.iter().map(|(name, source)| json!({"name": name, "source": source})).collect::<Vec<Value>>(),
        "options": explored.options.iter().map(option).collect::<Vec<Value>>(),
        "standing": STANDING,
    });
    document.to_string()
}
