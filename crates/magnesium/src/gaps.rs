//! What was never measured, ranked by how much it moves a prediction.
//!
//! Each parameter that rests on no measurement in people is set to either end of its 95 % interval,
//! all others at their typical value, and one reference regimen is run. The score is the largest
//! change of a predicted effect (serum, spinal fluid, urine) between the ends, as a share of the
//! effect with typical values.

use epsom_diag::FileId;
use epsom_engine::{Action, Options, Record, Subject, Timeline, Trajectory, compile, integrate};
use epsom_evidence::builtin;
use epsom_maths::exp;
use epsom_model::ir::{Distribution, Model, Param};

use crate::doses::records;
use crate::regimen::parse_regimen;
use crate::salts::Salts;

/// The reference regimen.
pub const REGIMEN: &str = "1 g MgT twice daily for 7 days";

/// Length of a day, h. The first passes without doses, at the model's daily rhythm; the last of the
/// regimen is compared with it.
const DAY_H: f64 = 24.0;
/// Start of the last day, h.
const LAST_H: f64 = 7.0 * DAY_H;

/// The effects that are compared, and their units.
pub const EFFECTS: [(&str, &str); 3] =
    [("serum", "mmol/L"), ("spinal fluid", "mmol/L"), ("urine", "mmol/day")];

/// One parameter that no measurement in people carries.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    /// Index into the model's parameters.
    pub param: usize,
    /// Why it is a gap.
    pub reasons: Vec<&'static str>,
    /// Ends of its 95 % interval, base units; `None` where it is fixed.
    pub ends: Option<(f64, f64)>,
    /// Per effect its value at the lower and the upper end; `None` where it was not run.
    pub moved: Option<[(f64, f64); 3]>,
    /// Largest change of an effect between the ends, as a share of the typical effect.
    pub score: f64,
}

/// The gaps of a model, the highest score first, and the effects with typical values.
#[derive(Debug, Clone, PartialEq)]
pub struct Gaps {
    /// Sorted by score, then by name.
    pub gaps: Vec<Gap>,
    /// Effects of the reference regimen with typical values; `None` where it could not be run.
    pub typical: Option<[f64; 3]>,
}

/// Ranks the parameters of the whole-body model.
pub fn gaps(model: &Model, salts: &Salts) -> Gaps {
    let found = model.params.iter().enumerate().filter_map(|(at, param)| {
        let reasons = reasons(param);
        let gap = Gap { param: at, reasons, ends: ends(param), moved: None, score: 0.0 };
        (!gap.reasons.is_empty()).then_some(gap)
    });
    let mut gaps: Vec<Gap> = found.collect();
    let typical: Vec<f64> = model.params.iter().map(|param| param.value).collect();
    let mut sets = vec![typical.clone()];
    for gap in &gaps {
        for end in gap.ends.iter().flat_map(|&(lo, hi)| [lo, hi]) {
            let mut params = typical.clone();
            params[gap.param] = end;
            sets.push(params);
        }
    }
    let mut effects = effects(model, salts, sets).unwrap_or_default().into_iter();
    let typical = effects.next().flatten();
    if let Some(typical) = typical {
        for gap in gaps.iter_mut().filter(|gap| gap.ends.is_some()) {
            let (Some(Some(lo)), Some(Some(hi))) = (effects.next(), effects.next()) else {
                continue;
            };
            let moved = std::array::from_fn(|at| (lo[at], hi[at]));
            let share = |at: usize| ((hi[at] - lo[at]) / typical[at]).abs();
            gap.score = (0..EFFECTS.len()).map(share).fold(0.0, f64::max);
            gap.moved = Some(moved);
        }
    }
    gaps.sort_by(|a, b| {
        let name = |gap: &Gap| &model.params[gap.param].name;
        b.score.total_cmp(&a.score).then_with(|| name(a).cmp(name(b)))
    });
    Gaps { gaps, typical }
}

fn reasons(param: &Param) -> Vec<&'static str> {
    let from = &param.provenance;
    let flags = [
        (from.assumed.is_some(), "assumed in the model"),
        (from.assumption_row, "its row is an assumption"),
        (from.recalled, "recalled"),
        (from.not_human, "not from people"),
        (!param.spread_assumed.is_empty(), "spread assumed"),
    ];
    flags.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect()
}

/// The 95 % interval of what is not known.
fn ends(param: &Param) -> Option<(f64, f64)> {
    /// Two-sided 95 % of a normal score.
    const Z: f64 = 1.96;
    let v = param.value;
    Some(match param.uncertain {
        Distribution::Fixed => return None,
        Distribution::Normal { sd } => (v - Z * sd, v + Z * sd),
        Distribution::LogNormal { sd } => (v * exp(-Z * sd), v * exp(Z * sd)),
        Distribution::LogitNormal { sd } => {
            let odds = v / (1.0 - v);
            let share = |odds: f64| odds / (1.0 + odds);
            (share(odds * exp(-Z * sd)), share(odds * exp(Z * sd)))
        }
        Distribution::Uniform { lo, hi } | Distribution::Triangular { lo, hi } => (lo, hi),
    })
}

/// Effects of the reference regimen against no dose, for each set of parameters; `None` where a run
/// failed, nothing at all where the model has not what the regimen needs.
fn effects(model: &Model, salts: &Salts, sets: Vec<Vec<f64>>) -> Option<Vec<Option<[f64; 3]>>> {
    let regimen = parse_regimen(REGIMEN, FileId(0), salts).ok()?;
    let mut dosed = records(&regimen, model, builtin()).ok()?;
    dosed.iter_mut().for_each(|record| record.time_h += DAY_H);
    let observe = |time_h| Record { time_h, action: Action::Observe };
    dosed.extend([0.0, DAY_H, LAST_H, LAST_H + DAY_H].map(observe));
    let timeline = Timeline::new(dosed, Vec::new()).ok()?;
    let state = |name: &str| {
        let at = model.compartments.iter().position(|one| one.name == name)?;
        Some(model.outputs.len() + at)
    };
    let output = |name: &str| model.outputs.iter().position(|one| one.name == name);
    let (auc, urine, csf) = (state("serum_auc")?, state("urine")?, output("csf")?);
    let covariates: Vec<f64> = model.covariates.iter().map(|one| one.default).collect();
    let subject = |params| Subject {
        params,
        covariates: covariates.clone(),
        timeline: &timeline,
        follows: Vec::new(),
        conduct: None,
    };
    let subjects: Vec<Subject<'_>> = sets.into_iter().map(subject).collect();
    // A ranking needs no more digits.
    let options = Options { rtol: 1e-4, ..Options::default() };
    let runs = integrate(&compile(model), &subjects, &options);
    let effect = |run: Trajectory| {
        let row = |at: usize| run.rows.get(at * run.width..(at + 1) * run.width);
        let day = |at: usize| -> Option<[f64; 3]> {
            let (first, last) = (row(at)?, row(at + 1)?);
            let rise = |index: usize| last[index] - first[index];
            // The average of a day, the end of it, and what a day brings.
            Some([rise(auc) / DAY_H, last[csf], rise(urine) * 24.0 / DAY_H])
        };
        let (without, with) = (day(0)?, day(2)?);
        Some(std::array::from_fn(|one| with[one] - without[one]))
    };
    Some(runs.into_iter().map(effect).collect())
}

#[cfg(test)]
mod tests {
    use super::{EFFECTS, gaps};
    use crate::{MODELS, read, salts::built_in_salts};

    #[test]
    fn what_moves_the_prediction_comes_first() {
        let (model, _) = read(&MODELS[0]).unwrap();
        let salts = built_in_salts();
        let ranked = gaps(&model, salts);
        let typical = ranked.typical.unwrap();
        // A dose raises all three.
        assert!(typical.iter().all(|effect| *effect > 0.0), "{typical:?}");
        assert!(ranked.gaps.is_sorted_by(|a, b| a.score >= b.score));
        let score = |name: &str| {
            let of = |gap: &&super::Gap| model.params[gap.param].name == name;
            ranked.gaps.iter().find(of).map_or(f64::NAN, |gap| gap.score)
        };
        // The splay of the renal threshold decides serum; the deep pool hardly moves in a week.
        assert!(score("s_splay") > 0.3, "{}", score("s_splay"));
        assert!(score("s_splay") > 10.0 * score("d_0"));
        // A wider spinal-fluid constant changes nothing in urine.
        let csf = ranked.gaps.iter().find(|gap| model.params[gap.param].name == "km_csf").unwrap();
        let (lo, hi) = csf.moved.unwrap()[2];
        assert!((hi - lo).abs() < 0.02 * typical[2]);
        assert_eq!(EFFECTS.len(), 3);
    }
}
