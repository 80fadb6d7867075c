//! The command line to something that can run: everything is checked before the first row.

use super::dosing::{Into, read_regimens};
use super::marks::Marks;
use super::people::{self, People, SUMMARY_ROWS, Varied, read_people, split_varied};
use super::rows::Format;
use super::rules::{Given, read_rules};
use super::times::{self, USUAL_ROWS, read_times, usual_times};
use super::values::{Setting, Target, read_values};
use super::{Args, exit, reach};
use crate::files::{missing_folder, read_text};
use crate::model::read_model;
use crate::render::Sources;
use epsom_diag::{Diagnostic, did_you_mean, has_errors, list_names};
use epsom_engine::{Action, Record, Timeline, Trajectory};
use epsom_magnesium::doses::Giving;
use epsom_maths::Address;
use epsom_model::ir::{Model, Wanted};
use epsom_population::{Measuring, Sampler, SubjectRecords, measuring, read_records};
use epsom_units::SubstanceId;

/// What will run.
pub(crate) struct Plan {
    /// The model.
    pub(crate) model: Model,
    /// Its parameters, base units.
    pub(crate) params: Vec<f64>,
    /// Which of them the command line gives.
    pub(crate) given: Vec<usize>,
    /// Subjects of the event file, in the order of the result; [`Plan::ready`] adds the rest.
    pub(crate) subjects: Vec<SubjectRecords>,
    /// Covariates that the command line gives, base units.
    pub(crate) covariates: Vec<(usize, f64)>,
    /// Many people or draws, where asked for.
    pub(crate) people: Option<People>,
    /// Doses of the regimens.
    doses: Vec<Record>,
    /// Rules that change them.
    pub(crate) rules: Given,
    /// Times of the rows, where given.
    times: Option<Vec<f64>>,
    /// What turns rows into measurements, where asked for.
    pub(crate) measuring: Option<Measuring>,
    /// What is written.
    pub(crate) format: Format,
    /// Whether the vertical axis of a figure is logarithmic.
    pub(crate) log_y: bool,
    /// What the outputs rest on.
    pub(crate) marks: Marks,
    /// What is worth saying although the run goes on.
    pub(crate) warnings: Vec<Diagnostic>,
}

/// Why nothing runs.
pub(crate) struct Refused {
    /// Everything that is wrong.
    pub(crate) messages: Vec<Diagnostic>,
    /// Exit code.
    pub(crate) exit: u8,
}

fn refused(messages: Vec<Diagnostic>, exit: u8) -> Refused {
    Refused { messages, exit }
}

/// Reads all that the command line names.
///
/// # Errors
/// Messages of the model, else of the command line, else of the event file.
pub(crate) fn plan(args: &Args, sources: &mut Sources) -> Result<Plan, Refused> {
    let read = read_model(&args.model, sources).map_err(|said| refused(vec![said], exit::MODEL))?;
    let mut warnings = read.messages;
    let Some(mut model) = read.model else { return Err(refused(warnings, exit::MODEL)) };
    let substance = read.substance.as_ref();
    let mut line = read_line(args, &model, substance, sources)
        .map_err(|messages| refused(messages, exit::USAGE))?;
    let mut subjects = subjects(args, &model, sources, &mut warnings)
        .map_err(|messages| refused(messages, exit::DATA))?;
    let differ = line.people.as_ref().is_some_and(People::differ);
    let wanted: &[String] = if differ { &[] } else { &args.subjects };
    select(&mut subjects, wanted).map_err(|said| refused(vec![said], exit::USAGE))?;
    if let Some(people) = &mut line.people {
        people::choose(people, &subjects, &args.subjects)
            .map_err(|said| refused(vec![said], exit::USAGE))?;
        warnings.extend(people::alike(people, &model));
        warnings.extend(people::about_population(people));
        warnings.extend(people::in_turn(people, &subjects));
    }
    warnings.extend(line.about.take());
    warnings.extend(hypotheses_on(&model, &line.params));
    let restarts = subjects.iter().find(|subject| subject.timeline.next().is_some());
    if let Some(subject) = restarts.filter(|_| line.times.is_some() || !line.doses.is_empty()) {
        return Err(refused(vec![time_restarts(&subject.id)], exit::USAGE));
    }
    let given = line.people.as_ref().map_or_else(Vec::new, |people| people.given(&model));
    let given: Vec<usize> = line.covariates.iter().map(|&(at, _)| at).chain(given).collect();
    check_covariates(&model, &given, &subjects, &mut warnings)?;
    let doses = (&line.doses[..], &subjects[..]);
    let mut rules = read_rules(args, &model, substance, doses, sources)
        .map_err(|messages| refused(messages, exit::USAGE))?;
    rules.rules.watch(&mut model);
    let off: Vec<usize> =
        model.hypotheses.iter().copied().filter(|&at| line.params[at] == 0.0).collect();
    if !off.is_empty() {
        model = without(&model, off);
    }
    let measuring = args.residual.then(|| measuring(&model)).flatten();
    if args.residual && measuring.is_none() {
        return Err(refused(vec![no_residual(&model)], exit::USAGE));
    }
    let mut marks = Marks::new(&model, &line.params, &line.given);
    marks.measured = measuring.iter().flat_map(Measuring::outputs).map(str::to_string).collect();
    warnings.extend(marks.note(&model, &args.model.display().to_string()));
    let mut plan = Plan {
        marks,
        params: line.params,
        given: line.given,
        subjects,
        covariates: line.covariates,
        people: line.people,
        doses: line.doses,
        rules,
        times: line.times,
        measuring,
        format: line.format,
        log_y: args.log_y,
        warnings,
        model,
    };
    plan.marks.who = people::who_json(args, plan.people.as_ref());
    plan.marks.extrapolates = reach::extrapolates(args, &plan);
    plan.warnings.extend(reach::note(&plan.marks.extrapolates));
    Ok(plan)
}

impl Plan {
    /// Draws of the model; what the command line gives is known.
    ///
    /// # Errors
    /// Distributions and correlations that cannot be.
    pub(crate) fn sampler(&self) -> Result<Sampler, Vec<Diagnostic>> {
        let mut sampler = Sampler::new(&self.model)?;
        self.given.iter().for_each(|&at| sampler.hold(at, self.params[at]));
        Ok(sampler)
    }

    /// The model that is run: beside what is shown it gives the sizes of residual errors.
    pub(crate) fn running(&self) -> &Model {
        self.measuring.as_ref().map_or(&self.model, |one| &one.model)
    }

    /// Turns the rows of [`Plan::running`] into those that are shown.
    pub(crate) fn measure(&self, run: &mut Trajectory, id: &str, times: &[f64], at: &Address) {
        if let Some(measuring) = &self.measuring {
            measuring.measure(run, id, times, at);
        }
    }

    /// A value per covariate that everyone has, base units: as given, else as declared.
    pub(crate) fn covariate_values(&self) -> Vec<f64> {
        let mut values: Vec<f64> = self.model.covariates.iter().map(|one| one.default).collect();
        self.covariates.iter().for_each(|&(at, value)| values[at] = value);
        values
    }

    /// A subject with what the command line adds: doses, times of rows.
    ///
    /// Made when it runs and dropped after: all rows of all subjects need not fit into memory.
    pub(crate) fn ready(&self, subject: &SubjectRecords) -> SubjectRecords {
        if subject.timeline.next().is_some() {
            // Time starts again in its records: only they say when a row is meant.
            return subject.clone();
        }
        let of_file = subject.timeline.records().iter().copied().zip(subject.lines.iter().copied());
        let mut records: Vec<(Record, u32)> = of_file.collect();
        records.extend(self.doses.iter().map(|&dose| (dose, 0)));
        let times = self.row_times(subject, &records);
        if self.times.is_some() || subject.observation_times.is_empty() {
            records.retain(|(record, _)| record.action != Action::Observe);
            // Behind the doses of the same time, so that a row shows them.
            let per_base = self.model.time_unit.per_base;
            let row = |&time: &f64| Record { time_h: time / per_base, action: Action::Observe };
            records.extend(times.iter().map(|time| (row(time), 0)));
        }
        // As the timeline sorts them, so that lines stay with their records.
        records.sort_by(|(a, _), (b, _)| a.time_h.total_cmp(&b.time_h));
        let (records, lines) = records.into_iter().unzip();
        // Records and tracks were checked one by one when they were read.
        let tracks = subject.timeline.tracks().to_vec();
        let timeline = Timeline::new(records, tracks).unwrap_or_else(|_| subject.timeline.clone());
        let id = subject.id.clone();
        SubjectRecords { id, timeline, observation_times: times, lines }
    }

    /// Doses of a subject, those of its records first.
    pub(crate) fn doses(&self, subject: &SubjectRecords) -> Vec<Record> {
        let is_dose =
            |one: &&Record| matches!(one.action, Action::Dose(_) | Action::ResetThenDose(_));
        subject.timeline.records().iter().chain(&self.doses).filter(is_dose).copied().collect()
    }

    /// When nothing of a subject's doses is new any more, h.
    pub(crate) fn end_h(&self, subject: &SubjectRecords) -> f64 {
        self.doses(subject).iter().map(times::end_h).fold(0.0, f64::max)
    }

    /// A subject with rows at these times alone, with its doses or without any.
    pub(crate) fn timeline(
        &self,
        subject: &SubjectRecords,
        dosed: bool,
        times_h: &[f64],
    ) -> Timeline {
        let is_dose =
            |record: &Record| matches!(record.action, Action::Dose(_) | Action::ResetThenDose(_));
        let mut records = subject.timeline.records().to_vec();
        records.extend(&self.doses);
        records.retain(|one| one.action != Action::Observe && (dosed || !is_dose(one)));
        // Behind the doses of the same time, so that a row shows them.
        records.extend(times_h.iter().map(|&time_h| Record { time_h, action: Action::Observe }));
        let tracks = subject.timeline.tracks().to_vec();
        // Records and tracks were checked one by one when they were read.
        Timeline::new(records, tracks).unwrap_or_else(|_| subject.timeline.clone())
    }

    /// As given, else as in the event file, else a grid over the doses.
    fn row_times(&self, subject: &SubjectRecords, records: &[(Record, u32)]) -> Vec<f64> {
        match &self.times {
            Some(times) => times.clone(),
            None if subject.observation_times.is_empty() => {
                let is_summary = self.people.as_ref().is_some_and(|one| one.summary.is_some());
                let most = if is_summary { SUMMARY_ROWS } else { USUAL_ROWS };
                let records: Vec<Record> = records.iter().map(|&(record, _)| record).collect();
                usual_times(&records, &self.model.time_unit, most)
            }
            None => subject.observation_times.clone(),
        }
    }
}

fn no_residual(model: &Model) -> Diagnostic {
    let name = model.outputs.first().map_or("Cc", |one| &one.name);
    people::refused("`--residual` has no error to draw")
        .note("no output of the model declares a residual error")
        .help(format!(
            "declare one in the model, such as `{name} ~ prop(10[%]) assumed \"of the assay\"`"
        ))
}

/// What the options say.
struct Line {
    params: Vec<f64>,
    given: Vec<usize>,
    covariates: Vec<(usize, f64)>,
    people: Option<People>,
    times: Option<Vec<f64>>,
    doses: Vec<Record>,
    format: Format,
    /// What is said of a person by name.
    about: Option<Diagnostic>,
}

fn read_line(
    args: &Args,
    model: &Model,
    substance: Option<&SubstanceId>,
    sources: &mut Sources,
) -> Result<Line, Vec<Diagnostic>> {
    let mut messages = Vec::new();
    let targets: Vec<Target<'_>> = (model.params.iter())
        .map(|one| Target { name: &one.name, unit: &one.unit, bounds: one.bounds })
        .collect();
    let setting = Setting { option: "--param", what: "parameter", targets: &targets, substance };
    let (params_given, said) = read_values(&setting, &args.who.params, sources);
    messages.extend(said);
    let mut switched = Vec::new();
    for name in &args.who.hypotheses {
        match hypothesis(model, name) {
            Ok(at) => switched.push(at),
            Err(said) => messages.push(said),
        }
    }
    let targets: Vec<Target<'_>> = (model.covariates.iter())
        .map(|one| Target { name: &one.name, unit: &one.unit, bounds: one.bounds })
        .collect();
    let setting =
        Setting { option: "--covariate", what: "covariate", targets: &targets, substance };
    let person = args.who.person.as_deref().map(|name| people::find_person(&args.model, name));
    let person = person.transpose().unwrap_or_else(|said| {
        messages.push(said);
        None
    });
    let settings =
        person.map_or_else(Vec::new, |one| people::settings_of(one, &args.who.covariates));
    let about = person.map(|one| people::about_person(one, &settings));
    let texts: Vec<String> = args.who.covariates.iter().chain(&settings).cloned().collect();
    let (middles, spreads) = split_varied(&texts);
    let (covariates, said) = read_values(&setting, &middles, sources);
    let is_read = said.is_empty();
    messages.extend(said);
    let mut varied: Vec<Varied> = Vec::new();
    // Where every middle is read, they stand in the order of the texts.
    for (at, spread) in spreads.into_iter().filter(|_| is_read) {
        let text = &texts[at];
        match people::read_spread(&setting, covariates[at], text, spread, sources) {
            Ok(one) => varied.push(one),
            Err(said) => messages.push(said),
        }
    }
    let people = read_people(args, model, substance, (varied, &covariates), sources)
        .unwrap_or_else(|said| {
            messages.extend(said);
            None
        });
    let times = args.times.as_ref().map(|text| {
        let file = sources.add("--times", text.as_str());
        read_times(text, file, &model.time_unit)
    });
    let times = times.transpose().unwrap_or_else(|said| {
        messages.push(said);
        None
    });
    let acid = model.covariates.iter().position(|one| one.name == ACID_SHARE);
    let acid_share = covariates.iter().find(|one| Some(one.0) == acid).map_or(1.0, |one| one.1);
    let own = people.as_ref().is_some_and(|people| acid.is_some_and(|at| people.given_any(at)));
    if own {
        messages.push(one_stomach());
    }
    // Meals stand at the hours that the command line gives.
    let mut placed = model.clone();
    params_given.iter().for_each(|&(at, value)| placed.params[at].value = value);
    let giving = Giving { acid_share, whole: !args.rules.is_empty() };
    let compartment = args.into.as_deref();
    let into = Into { model: &placed, substance, compartment, giving };
    let (doses, said) = read_regimens(&args.regimens, &into, sources);
    messages.extend(said);
    if args.into.is_some() && args.regimens.is_empty() {
        messages.push(
            Diagnostic::error("E0912", "`--into` has no dose")
                .help("give one with `--regimen`; event files name compartments in `CMT`"),
        );
    }
    messages.extend(args.nca.as_ref().and_then(|path| crate::nca::refused_file(path)));
    messages.extend(relative_tolerance(args.rtol));
    messages.extend(args.atol.and_then(absolute_tolerance));
    let format = format(args).unwrap_or_else(|said| {
        messages.push(said);
        Format::Csv
    });
    if args.log_y && !matches!(format, Format::Svg | Format::Png) {
        messages.push(
            Diagnostic::error("E0911", "`--log-y` has no figure")
                .help("give one with `-o rows.svg` or `-o rows.png`"),
        );
    }
    if args.events.is_none() && args.regimens.is_empty() && times.is_none() && messages.is_empty() {
        messages.push(
            Diagnostic::error("E0909", "nothing says which times or doses to run")
                .help("give doses with `--regimen \"1 g MgT twice daily for 12 weeks\"` or `--events FILE.csv`")
                .help("without doses, give `--times 0:24:0.5`"),
        );
    }
    if !messages.is_empty() {
        return Err(messages);
    }
    let mut params: Vec<f64> = model.params.iter().map(|param| param.value).collect();
    params_given.iter().for_each(|&(at, value)| params[at] = value);
    switched.iter().for_each(|&at| params[at] = 1.0);
    let given = params_given.iter().map(|&(at, _)| at).chain(switched).collect();
    Ok(Line { params, given, covariates, people, times, doses, format, about })
}

/// Covariate that limits what of a dose dissolves: doses are made once, for everyone alike.
const ACID_SHARE: &str = "acid_share";

fn one_stomach() -> Diagnostic {
    Diagnostic::error("E0740", format!("`{ACID_SHARE}` differs between people"))
        .note("doses are split by what dissolves before anyone is run, for all alike")
        .help(format!("run each with a `--covariate {ACID_SHARE}=0.1` of its own"))
}

/// The parameter that switches the hypothesis `name`.
fn hypothesis(model: &Model, name: &str) -> Result<usize, Diagnostic> {
    let names = || model.hypotheses.iter().map(|&at| model.params[at].name.as_str());
    let found = model.hypotheses.iter().copied().find(|&at| model.params[at].name == name);
    found.ok_or_else(|| {
        let said = Diagnostic::error("E0906", format!("the model has no hypothesis `{name}`"));
        match (did_you_mean(name, names()), names().count()) {
            (Some(near), _) => said.help(format!("did you mean `{near}`")),
            (None, 0) => said.note("it declares none"),
            (None, _) => said.note(format!("hypotheses: {}", list_names(names(), 20))),
        }
    })
}

/// The model with these hypotheses, which are off, written out: nothing rests on their numbers.
fn without(model: &Model, held: Vec<usize>) -> Model {
    let outputs = (0..model.outputs.len()).collect();
    let compartments = (0..model.compartments.len()).collect();
    model.pruned(&Wanted { outputs, compartments, held, ..Wanted::default() })
}

/// Every output says so where a hypothesis is on, however it was switched.
fn hypotheses_on(model: &Model, params: &[f64]) -> Vec<Diagnostic> {
    let on = model.hypotheses.iter().filter(|&&at| params[at] != 0.0);
    on.map(|&at| {
        let one = &model.params[at];
        let assumes = one.provenance.assumed.as_deref().unwrap_or_default();
        Diagnostic::warning("W0101", format!("hypothesis `{}` is on", one.name))
            .note(format!("it assumes: {assumes}"))
    })
    .collect()
}

fn relative_tolerance(value: f64) -> Option<Diagnostic> {
    // The least that arithmetic can hold, with room for the steps' own rounding.
    let allowed = 1e-14..=0.1;
    (!allowed.contains(&value)).then(|| {
        Diagnostic::error("E0906", format!("`--rtol {value}` is out of range"))
            .note("it is from 1e-14 to 0.1")
            .help("leave `--rtol` out for the usual 1e-8")
    })
}

fn absolute_tolerance(value: f64) -> Option<Diagnostic> {
    let is_usable = value.is_finite() && value > 0.0;
    (!is_usable).then(|| {
        Diagnostic::error("E0906", format!("`--atol {value}` is out of range"))
            .note("it is a number above 0")
            .help("leave `--atol` out for 1e-2 of `--rtol` times each compartment's usual size")
    })
}

/// The kind of result; files are refused here, before anything runs.
fn format(args: &Args) -> Result<Format, Diagnostic> {
    match args.output.as_ref().filter(|path| path.as_os_str() != "-") {
        None => Ok(if args.json { Format::Json } else { Format::Csv }),
        Some(path) => {
            let format = Format::of(path)?;
            missing_folder(path).map_or(Ok(format), Err)
        }
    }
}

fn time_restarts(id: &str) -> Diagnostic {
    Diagnostic::error("E0604", format!("time starts again in the records of `{id}`"))
        .note("a time of `--times` or `--regimen` would be met more than once")
        .help("give doses and rows as records, or let the time run on after the reset")
}

/// Subjects of the event file; one without records where there is none.
fn subjects(
    args: &Args,
    model: &Model,
    sources: &mut Sources,
    warnings: &mut Vec<Diagnostic>,
) -> Result<Vec<SubjectRecords>, Vec<Diagnostic>> {
    let Some(path) = &args.events else {
        let (id, timeline) = ("1".to_string(), Timeline::default());
        return Ok(vec![SubjectRecords {
            id,
            timeline,
            observation_times: Vec::new(),
            lines: Vec::new(),
        }]);
    };
    let text = read_text(path, "event file").map_err(|said| vec![said])?;
    let file = sources.add(path.display().to_string(), text.as_str());
    let (subjects, said) = read_records(&text, file, model);
    if has_errors(&said) {
        return Err(said);
    }
    warnings.extend(said);
    Ok(subjects)
}

/// Keeps the subjects asked for.
fn select(subjects: &mut Vec<SubjectRecords>, wanted: &[String]) -> Result<(), Diagnostic> {
    if wanted.is_empty() {
        return Ok(());
    }
    let names = || subjects.iter().map(|subject| subject.id.as_str());
    for id in wanted {
        if !names().any(|known| known == id) {
            return Err(Diagnostic::error("E0906", format!("there is no subject `{id}`"))
                .note(format!("subjects: {}", list_names(names(), 10)))
                .help("give an id of the event file"));
        }
    }
    subjects.retain(|subject| wanted.contains(&subject.id));
    Ok(())
}

/// Every covariate of every subject has a value.
fn check_covariates(
    model: &Model,
    given: &[usize],
    subjects: &[SubjectRecords],
    warnings: &mut Vec<Diagnostic>,
) -> Result<(), Refused> {
    let has_track = |subject: &SubjectRecords, at: usize| {
        subject.timeline.tracks().iter().any(|track| track.covariate as usize == at)
    };
    let mut missing = Vec::new();
    for (at, covariate) in model.covariates.iter().enumerate() {
        let given = given.contains(&at);
        let in_file = subjects.iter().any(|subject| has_track(subject, at));
        let name = &covariate.name;
        if given && in_file {
            let message = format!("`{name}` of a person gives way to the event file");
            let note = format!(
                "the event file has a column `{name}`; a subject without values there takes that of \
                 `--covariate` or `--people`"
            );
            warnings.push(Diagnostic::warning("W0907", message).note(note));
        }
        let lacking = subjects.iter().find(|subject| !has_track(subject, at));
        if !given
            && covariate.default.is_nan()
            && let Some(subject) = lacking
        {
            missing.push((name.clone(), in_file.then(|| subject.id.clone())));
        } else if covariate.default.is_nan() {
            // It is a covariate, as the run shows; the warning has done its work.
            warnings.retain(|said| said.message != taken_as_covariate(name));
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let messages = missing.iter().map(|(name, subject)| no_value(name, subject, warnings));
    Err(refused(messages.collect(), exit::DATA))
}

/// What the checker says of a name that nothing defines.
fn taken_as_covariate(name: &str) -> String {
    format!("`{name}` is taken as a covariate")
}

/// The message of a covariate without a value, at the place of the checker's warning.
fn no_value(name: &str, subject: &Option<String>, warnings: &[Diagnostic]) -> Diagnostic {
    let mut said = Diagnostic::error("E0910", format!("`{name}` has no value"));
    let warning = warnings.iter().find(|said| said.message == taken_as_covariate(name));
    said.primary = warning.and_then(|warning| warning.primary.clone());
    if let Some(id) = subject {
        said = said.note(format!("where: subject `{id}` of the event file has none"));
    }
    said.help(format!("give `--covariate {name}=VALUE` or a column `{name}` in the event file"))
        .help("or mend its spelling in the model")
}
