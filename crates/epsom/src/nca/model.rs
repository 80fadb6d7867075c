//! Exposure from a model: runs, the same runs without doses, and their difference.

use super::Args;
use super::course::{Course, course, dose_of};
use super::file::{minded, rules};
use super::metrics::{Found, Units};
use super::ratios::{Pairing, compare, compare_drawn};
use super::rules::Read;
use super::show::Report;
use crate::done::exit;
use crate::interrupt;
use crate::progress::Progress;
use crate::render::Sources;
use crate::simulate::{self, Plan};
use epsom_diag::{Diagnostic, did_you_mean, list_names};
use epsom_engine::{NotFinite, Options, Subject, compile};
use epsom_model::ir::{Model, Start};
use epsom_population::nca::{Baseline, Sample, exposure, prepare};
use epsom_population::{self as population, BatchOptions, Finished, Watch, simulate};
use epsom_report::shortest;

/// Relative tolerance of the runs: a rise is far smaller than what it stands on.
const RTOL: f64 = 1e-8;
/// Groups of a ratio.
const TEST: &str = "test";
pub(super) const REFERENCE: &str = "reference";

/// What was found, what to say, and the exit code where something is an error.
pub(super) type Outcome = Result<(Report, Vec<Diagnostic>, u8), (Vec<Diagnostic>, u8)>;

/// Profiles of the model, and what to say.
///
/// # Errors
/// Messages and the exit code, where nothing is left.
pub(super) fn of_model(args: &Args, read: Read, sources: &mut Sources) -> Outcome {
    let usage = |said: Diagnostic| (vec![said], exit::USAGE);
    let (asked, who) = (&args.model, &args.model.who);
    check(args).map_err(usage)?;
    if asked.against.is_some() && who.n.or(who.draws).is_none() && who.people.is_none() {
        return Err(usage(
            unusable("`--against` has one person and no draws, so no interval")
                .help("give draws of what is not known with `--draws 200`, or people with `--n`"),
        ));
    }
    let plan = plan_of(self::asked(args), sources)?;
    simulate::write_people(&plan, who).map_err(|said| (vec![said], exit::DATA))?;
    let output = output(asked.output.as_deref(), &plan).map_err(usage)?;
    let mut messages = plan.warnings.clone();
    let mut code = exit::NUMERICS;
    let wanted = Wanted { read: &read, output, after: asked.after };
    let mut found = profiles(&plan, &wanted, "", &mut messages, &mut code)?;
    let mut told = Vec::new();
    let mut ratios = None;
    if let Some(text) = &asked.against {
        let other = simulate::Asked { regimens: vec![text.clone()], ..self::asked(args) };
        let other = plan_of(other, sources)?;
        found.iter_mut().for_each(|one| one.group = TEST.to_string());
        found.extend(profiles(&other, &wanted, REFERENCE, &mut messages, &mut code)?);
        let pairing = Pairing { test: TEST, reference: REFERENCE, parallel: false };
        let compared = match who.draws {
            Some(_) => compare_drawn(&pairing, &found),
            None => compare(&pairing, &found).map(|found| found.0),
        };
        ratios = Some((format!("{TEST} over {REFERENCE}"), compared.map_err(usage)?));
        told.push(format!("{TEST}: {}; {REFERENCE}: {text}.", asked.regimens.join("; ")));
        told.push(match who.draws {
            Some(_) => "The ratio's interval is the middle 90 % of the draws: what is not known, \
                        with the same draw and people on both sides."
                .to_string(),
            None => "The ratio is within the model's people, who are the same on another day: \
                     real ones are not, so a trial's interval is wider."
                .to_string(),
        });
    }
    if found.is_empty() {
        return Err((messages, code));
    }
    told.extend(rules(&with_baseline(&read, &plan)));
    let mut report = report(&plan, &wanted, found);
    report.ratios = ratios;
    told.append(&mut report.notes);
    report.notes = told;
    Ok((report, messages, code))
}

/// What is wrong with the numbers of the command line.
///
/// # Errors
/// `E0745`.
pub(super) fn check(args: &Args) -> Result<(), Diagnostic> {
    if let Some(after) = args.model.after.filter(|after| !(*after > 0.0 && after.is_finite())) {
        return Err(
            unusable(format!("`--after {after}` cannot be used")).help("give a length above 0")
        );
    }
    if args.model.regimens.is_empty() {
        return Err(unusable("there is no dose")
            .help("give one with `--regimen \"300 mg Mg as citrate\"`")
            .help("exposure from measured concentrations is taken of a `.csv` file"));
    }
    Ok(())
}

/// What the plan of the runs is made of.
pub(super) fn asked(args: &Args) -> simulate::Asked {
    let asked = &args.model;
    simulate::Asked {
        model: args.input.clone(),
        regimens: asked.regimens.clone(),
        into: asked.into.clone(),
        who: asked.who.clone(),
    }
}

/// The plan, or messages and the exit code.
pub(super) fn plan_of(
    asked: simulate::Asked,
    sources: &mut Sources,
) -> Result<Plan, (Vec<Diagnostic>, u8)> {
    let plan = simulate::plan(&simulate::of_model(asked), sources);
    plan.map_err(|refused| (refused.messages, refused.exit))
}

/// Exposure beside the rows of another command: one row per run, of the model's first output.
///
/// # Errors
/// Messages and the exit code, where nothing is left.
pub(super) fn of_plan(plan: &Plan, read: &Read) -> Outcome {
    let wanted = Wanted { read, output: output(None, plan).map_err(usage_of)?, after: None };
    let (mut messages, mut code) = (Vec::new(), exit::NUMERICS);
    let found = profiles(plan, &wanted, "", &mut messages, &mut code)?;
    if found.is_empty() {
        return Err((messages, code));
    }
    let mut report = report(plan, &wanted, found);
    report.notes.splice(0..0, rules(&with_baseline(read, plan)));
    Ok((report, messages, code))
}

fn usage_of(said: Diagnostic) -> (Vec<Diagnostic>, u8) {
    (vec![said], exit::USAGE)
}

/// What is looked at.
pub(super) struct Wanted<'a> {
    pub(super) read: &'a Read,
    pub(super) output: usize,
    /// Length followed after the last dose, model's unit.
    pub(super) after: Option<f64>,
}

/// Whether the run without doses is taken off: where nothing is said, of a solved start.
fn is_undosed(read: &Read, plan: &Plan) -> bool {
    read.undosed.unwrap_or(plan.model.start != Start::Values)
}

fn with_baseline(read: &Read, plan: &Plan) -> Read {
    Read { undosed: Some(is_undosed(read, plan)), ..read.clone() }
}

fn report(plan: &Plan, wanted: &Wanted<'_>, found: Vec<Found>) -> Report {
    let model = &plan.model;
    let dose = plan.subjects.first().and_then(|subject| {
        let dose = dose_of(&plan.doses(subject).first()?.action)?;
        Some(model.compartments[dose.compartment as usize].unit.text.clone())
    });
    let units = Units {
        time: model.time_unit.text.clone(),
        concentration: model.outputs[wanted.output].unit.text.clone(),
        amount: dose.unwrap_or_default(),
    };
    let after = wanted.after.unwrap_or(super::course::AFTER_H * model.time_unit.per_base);
    let mut notes = vec![format!(
        "After the last dose {} {} are followed; the terminal phase is that of this time.",
        shortest(after),
        model.time_unit.text
    )];
    notes.extend(minded(&found));
    notes.extend(spreads(plan));
    Report {
        found,
        units,
        of: format!("{} of {}", model.outputs[wanted.output].name, model.name),
        partial: wanted.read.profile.nca.partial.clone(),
        ratios: None,
        notes,
    }
}

/// What the spread of many profiles says.
pub(super) fn spreads(plan: &Plan) -> Option<String> {
    let people = plan.people.as_ref()?;
    let (n, draws, seed) = (people.chosen.len(), people.draws.len(), people.seed);
    Some(match (people.is_drawn, people.differ() && n > 1) {
        (true, true) => format!(
            "{n} people in {draws} draws, seed {seed}: the spread holds how people differ and \
             what is not known."
        ),
        (true, false) => {
            format!("{draws} draws, seed {seed}: the spread is what is not known.")
        }
        (false, _) => format!("{n} people, seed {seed}: the spread is how people differ."),
    })
}

pub(super) fn unusable(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("E0745", message)
}

/// The output that is looked at.
pub(super) fn output(name: Option<&str>, plan: &Plan) -> Result<usize, Diagnostic> {
    let names = || plan.model.outputs.iter().map(|one| one.name.as_str());
    if names().next().is_none() {
        return Err(unusable(format!("model `{}` has no output", plan.model.name))
            .help("declare one, such as `output conc = central / v [mmol/L]`"));
    }
    let Some(name) = name else { return Ok(0) };
    names().position(|known| known == name).ok_or_else(|| {
        let said = unusable(format!("the model has no output `{name}`"))
            .note(format!("it has {}", list_names(names(), 20)));
        match did_you_mean(name, names()) {
            Some(near) => said.help(format!("did you mean `{near}`")),
            None => said,
        }
    })
}

/// Exposure of every person in every draw, draw by draw.
pub(super) fn profiles(
    plan: &Plan,
    wanted: &Wanted<'_>,
    group: &str,
    messages: &mut Vec<Diagnostic>,
    code: &mut u8,
) -> Result<Vec<Found>, (Vec<Diagnostic>, u8)> {
    let courses: Result<Vec<Course>, Diagnostic> = (plan.subjects.iter())
        .map(|subject| course(plan, subject, wanted.read, wanted.after))
        .collect();
    let courses = courses.map_err(usage_of)?;
    let sampler = plan.sampler().map_err(|said| (said, exit::MODEL))?;
    let people = plan.people.as_ref();
    let n_people = people.map_or(plan.subjects.len(), |people| people.chosen.len());
    let n_draws = people.map_or(1, |people| people.draws.len());
    let place = |run: usize| {
        let (draw, person) = (run / n_people, run % n_people);
        people.map_or((0, person as u32), |people| (people.draws[draw], people.chosen[person]))
    };
    let name = |person: u32| match people {
        Some(people) => people.id(plan, person),
        None => plan.subjects[person as usize].id.clone(),
    };
    let of_person = |person: u32| match people {
        Some(people) => &courses[people.records_of(person)],
        None => &courses[person as usize],
    };
    let make = |run: usize, arm: usize| {
        let (draw, person) = place(run);
        let course = of_person(person);
        let (params, mut covariates, seed) = match people {
            Some(people) => (
                people.params(&sampler, draw, person),
                people.covariates(plan, person),
                people.seed,
            ),
            None => (plan.params.clone(), plan.covariate_values(), 1),
        };
        let timeline = if arm == 0 { &course.dosed } else { &course.base };
        // Rules have nothing to change where there is no dose.
        let conduct = plan.rules.of(&name(person), seed).filter(|_| arm == 0);
        let follows = people.map_or_else(Vec::new, |people| {
            people.occasions(&sampler, person, timeline, &mut covariates)
        });
        Subject { params, covariates, timeline, conduct, follows }
    };
    let urine: Vec<usize> = urine(&plan.model).into_iter().collect();
    let compiled = compile(&plan.model).showing(&[wanted.output], &urine);
    let n_runs = n_people * n_draws;
    let batch = population::Plan {
        compiled: &compiled,
        options: Options { rtol: RTOL, not_finite: NotFinite::Kept, ..Options::default() },
        n_subjects: n_runs,
        n_arms: 2,
        make: &make,
    };
    let bar = Progress::new("runs", n_runs as u64);
    let mut told = |at: population::Progress| bar.add(at.n_done as u64 - bar.done());
    let watch = Watch { progress: &mut told, cancelled: &interrupt::asked };
    let mut found = Vec::new();
    let report = simulate(&batch, &BatchOptions::default(), watch, &mut |finished| {
        let (draw, person) = place(finished.subject_idx);
        if let Some(one) = of_run(plan, wanted, of_person(person), finished) {
            let draw = people.filter(|people| people.is_drawn).map(|_| draw + 1);
            found.push(Found { id: name(person), group: group.to_string(), draw, ..one });
        }
    });
    if report.cancelled {
        let message = format!("interrupted after {} of {n_runs} runs", report.n_done);
        messages.push(Diagnostic::error("E0914", message).note("what was finished is kept"));
        *code = exit::INTERRUPTED;
    }
    let n_missing = report.n_done - found.len();
    if n_missing > 0 {
        let message = format!("{n_missing} of {} runs have no exposure", report.n_done);
        messages.push(
            Diagnostic::error("E0750", message)
                .note("they could not be solved, or their output is no finite number")
                .help("`epsom simulate` with the same options says which and why"),
        );
    }
    Ok(found)
}

/// The compartment that collects urine.
fn urine(model: &Model) -> Option<usize> {
    model.compartments.iter().position(|one| one.name == "urine")
}

/// Exposure of one run, with and without doses; none without finite rows.
fn of_run(plan: &Plan, wanted: &Wanted<'_>, course: &Course, finished: &Finished) -> Option<Found> {
    let (model, read) = (&plan.model, wanted.read);
    let urine = urine(model);
    let width = 1 + usize::from(urine.is_some());
    let column = |arm: usize, at: usize, per_base: f64| -> Vec<f64> {
        let rows = &finished.arms[arm].rows;
        rows.iter().skip(at).step_by(width).map(|value| value * per_base).collect()
    };
    let per_base = model.outputs[wanted.output].unit.per_base;
    let (dosed, base) = (column(0, 0, per_base), column(1, 0, per_base));
    let is_whole = dosed.len() == course.n_rows && base.len() == course.n_rows;
    if !is_whole || dosed.iter().chain(&base).any(|value| !value.is_finite()) {
        return None;
    }
    let undosed = is_undosed(read, plan);
    let above = |row: usize| {
        let rise = if undosed { dosed[row] - base[row] } else { dosed[row] };
        // What lies below the baseline counts as 0.
        if rise > 0.0 { rise } else { 0.0 }
    };
    let baseline = match read.profile.baseline {
        // Rows begin at the first dose; before it the person is as without one.
        Baseline::Before => Baseline::Value(base[0]),
        other => other,
    };
    let profile = |rows: &[usize]| {
        let samples: Vec<Sample> = (rows.iter().zip(&course.times))
            .map(|(&row, &time)| Sample { time, value: above(row), blq: false })
            .collect();
        let (times, values) =
            prepare(&samples, 0.0, read.profile.blq, baseline, &course.nca).ok()?;
        Some(exposure(&times, &values, &course.nca))
    };
    let own = profile(&course.own)?;
    let accumulation_observed = match course.first.is_empty() {
        true => f64::NAN,
        false => own.auc_interval / profile(&course.first)?.auc_interval,
    };
    let urine_24h = urine.map_or(f64::NAN, |at| {
        let unit = model.compartments[at].unit.per_base;
        let gained = |arm: usize| {
            let amounts = column(arm, 1, unit);
            amounts[course.day] - amounts[course.own[0]]
        };
        if undosed { gained(0) - gained(1) } else { gained(0) }
    });
    Some(Found {
        id: String::new(),
        group: String::new(),
        draw: None,
        exposure: own,
        accumulation_observed,
        urine_24h,
    })
}
