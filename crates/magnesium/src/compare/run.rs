//! Draws, runs, summaries.

use epsom_diag::Diagnostic;
use epsom_engine::{Options, RunFailure, Timeline, compile};
use epsom_evidence::Tables;
use epsom_model::ir::Model;
use epsom_population::{
    self as population, BatchOptions, Finished, Progress, Sampler, Subject, Summary, Watch,
    simulate,
};

use super::L_PER_H_PER_ML_PER_MIN;
use super::course::{
    Day, N_MEASURES, daily_means, day, intervals, measures, read_measures, read_profile, shown,
};
use super::plan::{Member, Plan, plan};
use super::range::extrapolates;
use super::ratio::{N_RATIOS, ratios, read_ratios};
use super::{Arm, Base, Comparison, FailedDraw, Person, Settings, Who, marked};
use crate::body::plasma_route;
use crate::regimen::Timing;

/// Row of the smallest change that one repeat test can detect.
const DETECTABLE_ROW: &str = "EPS113";

/// Relative tolerance of the runs: differences between salts are larger than 1e-3 of the state.
pub const RTOL: f64 = 1e-6;

/// How a comparison is run; nothing here changes the result.
pub struct Running<'a> {
    /// Threads; none for one per core.
    pub n_threads: Option<usize>,
    /// Told how many draws of how many are done.
    pub progress: &'a mut dyn FnMut(usize, usize),
    /// Asked between draws; once it says yes, the draws that are done make the result.
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
}

/// Runs every salt with the same draws.
///
/// # Errors
/// `E0660`, `E0661` of doses, `E0408`, `E0613` of draws, `E0663` where no draw could be solved.
pub fn compare(
    model: &Model,
    settings: &Settings,
    evidence: &Tables,
    running: Running<'_>,
) -> Result<Comparison, Vec<Diagnostic>> {
    let model = &plasma_route(model);
    let compiled = &compile(model);
    let plan = plan(settings, model, evidence)?;
    let compiled = &shown(compiled).map_err(|said| vec![said])?;
    let sampler = Sampler::new(model)?;
    let covariates = covariates(model, &settings.person);
    let timelines: Vec<&Timeline> =
        std::iter::once(&plan.base).chain(plan.groups.iter().map(|one| &one.timeline)).collect();
    let make = |draw: usize, arm: usize| Subject {
        params: sampler.uncertain(settings.seed, draw as u32),
        covariates: covariates.clone(),
        timeline: timelines[arm],
        follows: Vec::new(),
        conduct: None,
    };
    let batch = population::Plan {
        compiled,
        options: Options { rtol: RTOL, ..Options::default() },
        n_subjects: settings.n_draws as usize,
        n_arms: timelines.len(),
        make: &make,
    };
    let options = BatchOptions { n_threads: running.n_threads, ..BatchOptions::default() };
    let mut told = |at: Progress| (running.progress)(at.n_done, at.n_subjects);
    let watch = Watch { progress: &mut told, cancelled: running.cancelled };
    let mut tally = Tally::new(model, &plan, settings);
    let report = simulate(&batch, &options, watch, &mut |finished| tally.take(finished));
    if tally.n_used == 0 {
        return Err(vec![nothing_left(&tally.failures, settings)]);
    }
    let detectable = evidence.value(DETECTABLE_ROW).and_then(|row| row.printed());
    Ok(Comparison {
        settings: settings.clone(),
        who: who(model, &covariates),
        extrapolates: extrapolates(settings, &who(model, &covariates)),
        arms: tally.arms(model, evidence),
        base: tally.base(),
        day_h: plan.day_h.clone(),
        n_used: tally.n_used,
        failures: tally.failures,
        detectable_percent: detectable.map_or(f64::NAN, |printed| printed.value()),
        draws: sampler.report(),
        interrupted: report.cancelled,
    })
}

/// The person's values in the order of the model.
fn covariates(model: &Model, person: &Person) -> Vec<f64> {
    let given = |name: &str| match name {
        "wt" => person.weight_kg,
        "gfr" => person.gfr_l_per_h,
        "serum0" => person.serum_mmol_per_l,
        _ => None,
    };
    model.covariates.iter().map(|one| given(&one.name).unwrap_or(one.default)).collect()
}

/// The same for people to read.
fn who(model: &Model, covariates: &[f64]) -> Who {
    let of = |name: &str| {
        let at = model.covariates.iter().position(|one| one.name == name);
        at.map_or(f64::NAN, |at| covariates[at])
    };
    Who {
        weight_kg: of("wt"),
        gfr_ml_per_min: of("gfr") / L_PER_H_PER_ML_PER_MIN,
        serum_mmol_per_l: of("serum0"),
        diet_mmol_per_day: of("diet") * 24.0,
    }
}

fn nothing_left(failures: &[FailedDraw], settings: &Settings) -> Diagnostic {
    let message = format!("none of {} draws could be solved", settings.n_draws);
    let said = Diagnostic::error("E0663", message);
    match failures.first() {
        Some(first) => said
            .note(format!("cause: draw {}: {}", first.draw, first.cause))
            .note(super::words::WHY_DRAWS_FAIL)
            .help("give a serum, filtration and weight that belong to one adult"),
        None => said.help("the run was stopped before its first draw was done"),
    }
}

/// What has been seen so far.
struct Tally<'a> {
    model: &'a Model,
    plan: &'a Plan,
    settings: &'a Settings,
    n_days: usize,
    /// Per arm: measures.
    arms: Vec<Summary>,
    /// Per group: days, hours of the last day.
    profiles: Vec<Summary>,
    /// Per arm: measures less those of the first salt.
    pairs: Vec<Summary>,
    /// Per arm: exposure over that of the first salt, and over that between meals.
    over_first: Vec<Summary>,
    over_between: Vec<Summary>,
    /// Without a dose: serum, urine, absorbed, hours of the day.
    base: Summary,
    n_used: u32,
    failures: Vec<FailedDraw>,
}

impl<'a> Tally<'a> {
    fn new(model: &'a Model, plan: &'a Plan, settings: &'a Settings) -> Self {
        let (n_days, n_grid) = (7 * settings.n_weeks as usize, plan.day_h.len());
        Self {
            model,
            plan,
            settings,
            n_days,
            arms: vec![Summary::new(N_MEASURES); plan.members.len()],
            profiles: vec![Summary::new(n_days + n_grid); plan.groups.len()],
            pairs: vec![Summary::new(N_MEASURES); plan.members.len()],
            over_first: vec![Summary::new(N_RATIOS); plan.members.len()],
            over_between: vec![Summary::new(N_RATIOS); plan.members.len()],
            base: Summary::new(3 + n_grid),
            n_used: 0,
            failures: Vec::new(),
        }
    }

    /// One draw with all its runs; it counts everywhere or nowhere.
    fn take(&mut self, finished: &Finished) {
        let n_grid = self.plan.day_h.len();
        let failed = finished.arms.iter().find_map(|run| run.failure);
        let whole = finished.arms.iter().all(|run| run.rows.iter().all(|value| value.is_finite()));
        if failed.is_some() || !whole {
            let (time_h, cause) = failed.map_or((0.0, NOT_FINITE.to_string()), |failure| {
                (failure.time_h, cause_words(self.model, &failure))
            });
            self.failures.push(FailedDraw { draw: finished.subject_idx as u32, time_h, cause });
            return;
        }
        let base = day(&finished.arms[0].rows, 0, n_grid);
        let mut values = vec![base.serum_area / 24.0, base.urine_mmol, base.absorbed_mmol];
        values.extend(&base.serum);
        self.base.add(&values);
        let runs: Vec<(Day, Vec<f64>)> = finished.arms[1..]
            .iter()
            .map(|run| {
                let first = self.n_days - 1;
                let means = daily_means(&run.rows, self.n_days, first + n_grid - 1);
                (day(&run.rows, first, n_grid), means)
            })
            .collect();
        let found: Vec<[f64; N_MEASURES]> = (self.plan.members.iter())
            .map(|member| {
                let daily = self.settings.forms[member.form].daily.mmol;
                let dosed = &runs[member.group].0;
                measures(dosed, &base, daily, &member.dose_hours, &self.plan.day_h)
            })
            .collect();
        for (profile, (dosed, means)) in self.profiles.iter_mut().zip(&runs) {
            let values: Vec<f64> = means.iter().chain(&dosed.serum).copied().collect();
            profile.add(&values);
        }
        for (at, member) in self.plan.members.iter().enumerate() {
            self.arms[at].add(&found[at]);
            let first = self.first_like(member);
            self.pairs[at].add_difference(&found[at], &found[first]);
            self.over_first[at].add(&ratios(&found[at], &found[first]));
            if let Some(between) = self.between(member) {
                self.over_between[at].add(&ratios(&found[at], &found[between]));
            }
        }
        self.n_used += 1;
    }

    /// The first salt taken in the same way.
    fn first_like(&self, member: &Member) -> usize {
        let same = |one: &&Member| one.form == 0 && one.timing == member.timing;
        self.plan.members.iter().position(|one| same(&one)).unwrap_or(0)
    }

    /// The same salt between meals, of one that is taken with meals.
    fn between(&self, member: &Member) -> Option<usize> {
        let other = |one: &Member| one.form == member.form && one.timing == Timing::BetweenMeals;
        let place = self.plan.members.iter().position(other);
        place.filter(|_| member.timing == Timing::WithMeals)
    }

    fn arms(&mut self, model: &Model, evidence: &Tables) -> Vec<Arm> {
        let plan = self.plan;
        let arm = |(at, member): (usize, &Member)| {
            let form = &self.settings.forms[member.form];
            Arm {
                form: member.form,
                timing: member.timing,
                group: member.group,
                dose_hours: member.dose_hours.clone(),
                dose: member.dose,
                residue_mmol: member.residue_mmol,
                measures: read_measures(&mut self.arms[at]),
                less_first: (member.form > 0).then(|| read_measures(&mut self.pairs[at])),
                over_first: (member.form > 0).then(|| read_ratios(&mut self.over_first[at])),
                over_between: self.between(member).map(|_| read_ratios(&mut self.over_between[at])),
                profile: read_profile(&mut self.profiles[member.group], self.n_days),
                marked: marked(model, form, member.timing, &self.settings.person, evidence),
            }
        };
        plan.members.iter().enumerate().map(arm).collect()
    }

    fn base(&mut self) -> Base {
        let cells = self.base.cells();
        Base {
            serum_mmol_per_l: cells[0].interval(),
            urine_mmol_per_day: cells[1].interval(),
            absorbed_mmol_per_day: cells[2].interval(),
            day: intervals(&cells[3..]),
        }
    }
}

const NOT_FINITE: &str = "a value is not finite, as where absorption does not cover the losses";

/// Why a run stopped, in words.
fn cause_words(model: &Model, failure: &RunFailure) -> String {
    use epsom_engine::{Cause, RunCause};
    match failure.cause {
        RunCause::Solver(Cause::NotFinite) | RunCause::Output { .. } => NOT_FINITE.to_string(),
        other => population::cause_text(model, other),
    }
}
