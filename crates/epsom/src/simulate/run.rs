//! Runs the subjects of a plan and writes their rows, some at a time.

use super::failure::{Empty, Stopped, stopped};
use super::json::{self, Failed};
use super::plan::Plan;
use super::rows::{Finish, Format, Place, Sink, SubjectRows};
use super::rules::{Log, USUAL_SEED};
use super::solve::{Method, Runner};
use super::{Args, accuracy, exit};
use crate::files::{NewFile, cannot_write};
use crate::interrupt;
use epsom_diag::Diagnostic;
use epsom_engine::Trajectory;
use epsom_maths::Address;
use epsom_population::SubjectRecords;
use epsom_report::ReportError;
use std::io;
use std::path::{Path, PathBuf};

/// Most messages about subjects that stopped; more would hide the first.
const MOST_MESSAGES: usize = 20;

/// What a run gave.
pub(crate) struct Ran {
    /// Text for standard output, beyond the rows.
    pub(crate) output: String,
    /// Messages.
    pub(crate) messages: Vec<Diagnostic>,
    /// Exit code where a message is an error.
    pub(crate) exit: u8,
    /// What rules decided, for the JSON form.
    pub(crate) decisions: Option<Vec<serde_json::Value>>,
}

impl Ran {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Self { output: String::new(), messages: Vec::new(), exit: exit::DATA, decisions: None }
    }
}

/// Runs and writes all subjects; those that stop early keep the rows before.
pub(crate) fn run(args: &Args, plan: &Plan) -> Ran {
    let path = args.output.as_ref().filter(|path| path.as_os_str() != "-");
    let shown = path.map_or(Path::new("-"), PathBuf::as_path);
    let mut ran = Ran::new();
    let place = match path.map(|path| NewFile::create(path)).transpose() {
        Ok(file) => file.map_or_else(Place::stdout, Place::File),
        Err(said) => {
            ran.messages.push(said);
            return ran;
        }
    };
    let mut failed = Vec::new();
    match write_all(args, plan, place, &mut failed, &mut ran) {
        Ok(n_rows) => {
            if let Some(path) = path.filter(|_| args.json) {
                ran.output =
                    json::of_file(plan, path, n_rows, json::end(&failed, ran.decisions.take()));
            }
        }
        Err(Finish::Report(ReportError::Write(error))) if is_closed_pipe(&error) => {}
        Err(Finish::Report(error)) => ran.messages.push(cannot_write(shown, &error)),
        Err(Finish::Disk(said)) => ran.messages.push(said),
    }
    ran
}

/// Whoever reads our output has seen enough.
pub(super) fn is_closed_pipe(error: &io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<csv::Error>());
    match inner.map(csv::Error::kind) {
        Some(csv::ErrorKind::Io(inner)) => inner.kind() == io::ErrorKind::BrokenPipe,
        _ => error.kind() == io::ErrorKind::BrokenPipe,
    }
}

fn write_all(
    args: &Args,
    plan: &Plan,
    place: Place,
    failed: &mut Vec<Failed>,
    ran: &mut Ran,
) -> Result<u64, Finish> {
    let mut sink = Sink::new(plan, place)?;
    let mut log = Log::new(args, &plan.rules, &plan.model, false)?;
    let rules = (&plan.rules, args.who.seed.unwrap_or(USUAL_SEED));
    let accuracy = accuracy(args);
    let seeded = Address { seed: rules.1, ..Address::default() };
    let runner =
        Runner::new(plan.running(), &plan.params, plan.covariate_values(), accuracy, rules);
    let progress = crate::progress::Progress::new("subjects", plan.subjects.len() as u64);
    let mut n_hidden = 0;
    let mut empty = Empty::default();
    let first = plan.subjects.first().map(|first| plan.ready(first).observation_times.len());
    for chunk in plan.subjects.chunks(runner.chunk(first.unwrap_or(0))) {
        if interrupt::asked() {
            ran.messages.push(interrupted(progress.done(), plan.subjects.len()));
            ran.exit = exit::INTERRUPTED;
            break;
        }
        let ready: Vec<SubjectRecords> = chunk.iter().map(|one| plan.ready(one)).collect();
        let mut solved = runner.run(&ready);
        for (subject, solved) in ready.iter().zip(&mut solved) {
            let times = &subject.observation_times;
            plan.measure(solved, &subject.id, times, &seeded);
            empty.clear(&plan.model, &subject.id, times, solved.width, &mut solved.rows);
        }
        let mut kept = Vec::with_capacity(ready.len());
        for (subject, solved) in ready.iter().zip(&solved) {
            let (n_rows, message) = judge(args, plan, subject, solved);
            kept.push(n_rows);
            let Some((time, said)) = message else { continue };
            let message = said.message.clone();
            let cause = said.notes.iter().find_map(|note| note.strip_prefix("cause: "));
            let cause = cause.unwrap_or_default().to_string();
            failed.push(Failed { id: subject.id.clone(), time, message, cause });
            ran.exit = exit::NUMERICS;
            if ran.messages.len() < MOST_MESSAGES {
                ran.messages.push(said);
            } else {
                n_hidden += 1;
            }
        }
        let width = plan.model.outputs.len() + plan.model.compartments.len();
        let rows: Vec<SubjectRows<'_>> = ready
            .iter()
            .zip(&solved)
            .zip(&kept)
            .map(|((subject, solved), &n_rows)| SubjectRows {
                id: &subject.id,
                draw: None,
                times: &subject.observation_times[..n_rows],
                values: &solved.rows[..n_rows * width],
            })
            .collect();
        sink.write(&rows)?;
        for (subject, solved) in ready.iter().zip(&solved) {
            log.iter_mut().try_for_each(|log| log.add(&subject.id, None, &solved.decisions))?;
        }
        progress.add(chunk.len() as u64);
    }
    if let Some(last) = ran.messages.last_mut().filter(|_| n_hidden > 0) {
        last.notes.push(format!("{n_hidden} more subjects stopped and are not shown"));
    }
    ran.messages.extend(empty.messages(&plan.model));
    let n_rows = sink.n_rows();
    ran.decisions = log.map(Log::finish).transpose()?.flatten();
    // A figure without a point is no figure; the messages say why there is none.
    let is_figure = matches!(plan.format, Format::Svg | Format::Png);
    if is_figure && n_rows == 0 && !failed.is_empty() {
        return Ok(0);
    }
    sink.finish(failed, ran)?;
    Ok(n_rows)
}

fn interrupted(n_done: u64, n: usize) -> Diagnostic {
    Diagnostic::error("E0914", format!("interrupted after {n_done} of {n} subjects"))
        .note("the rows of finished subjects are kept")
}

/// Number of rows to keep, and what to say where the subject stopped early.
fn judge(
    args: &Args,
    plan: &Plan,
    subject: &SubjectRecords,
    solved: &Trajectory,
) -> (usize, Option<(f64, Diagnostic)>) {
    let model = &plan.model;
    let width = model.outputs.len() + model.compartments.len();
    let repeat = repeat(args, &subject.id);
    let about = Stopped {
        model,
        params: &plan.params,
        given: &plan.given,
        covariates: &plan.covariates,
        id: &subject.id,
        subject,
        events: args.events.as_deref(),
        repeat: &repeat,
    };
    let n_rows = solved.rows.len().checked_div(width).unwrap_or(0);
    let said = solved
        .failure
        .map(|failure| (failure.time_h * model.time_unit.per_base, stopped(&about, &failure)));
    (n_rows, said)
}

/// The command that runs one subject alone.
pub(super) fn repeat(args: &Args, id: &str) -> String {
    let model = quoted(&args.model.display().to_string());
    let mut words = vec!["epsom".into(), "simulate".into(), model];
    let mut option = |name: &str, value: &str| words.extend([name.to_string(), quoted(value)]);
    if let Some(events) = &args.events {
        option("--events", &events.display().to_string());
    }
    args.regimens.iter().for_each(|text| option("--regimen", text));
    if let Some(name) = &args.into {
        option("--into", name);
    }
    args.rules.iter().for_each(|text| option("--rule", text));
    if let Some(times) = &args.times {
        option("--times", times);
    }
    args.who.params.iter().for_each(|text| option("--param", text));
    args.who.covariates.iter().for_each(|text| option("--covariate", text));
    args.who.hypotheses.iter().for_each(|name| option("--hypothesis", name));
    if args.rtol != 1e-8 {
        option("--rtol", &epsom_report::shortest(args.rtol));
    }
    if let Some(atol) = args.atol {
        option("--atol", &epsom_report::shortest(atol));
    }
    if args.solver != Method::Auto {
        option("--solver", args.solver.name());
    }
    if let Some(n) = args.who.n {
        option("--n", &n.to_string());
    }
    if let Some(person) = &args.who.person {
        option("--person", person);
    }
    if let Some(whose) = args.who.population {
        option("--population", whose.name());
    }
    if let Some(people) = &args.who.people {
        option("--people", &people.display().to_string());
    }
    if let Some(draws) = args.who.draws {
        option("--draws", &draws.to_string());
    }
    if let Some(draw) = args.draw {
        option("--draw", &draw.to_string());
    }
    if let Some(seed) = args.who.seed {
        option("--seed", &seed.to_string());
    }
    if args.events.is_some() || args.who.n.is_some() || args.who.people.is_some() {
        option("--subject", id);
    }
    if args.residual {
        words.push("--residual".into());
    }
    words.join(" ")
}

/// A word as a shell reads it back.
fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=,+".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_string();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}
