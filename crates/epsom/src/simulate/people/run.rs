//! Runs people and draws, and writes their rows or their summary.

use super::People;
use super::summary::{Tally, write_summary};
use crate::files::{NewFile, cannot_write};
use crate::interrupt;
use crate::progress::Progress;
use crate::simulate::failure::{Empty, Stopped, stopped};
use crate::simulate::json::{self, Failed};
use crate::simulate::plan::Plan;
use crate::simulate::rows::{Finish, Format, Place, Sink, SubjectRows};
use crate::simulate::rules::{Counts, Log};
use crate::simulate::run::{Ran, is_closed_pipe, repeat};
use crate::simulate::{Args, exit};
use epsom_diag::{Diagnostic, list_names};
use epsom_engine::{Subject, compile};
use epsom_maths::Address;
use epsom_population::{
    self as population, BatchOptions, BatchReport, DEFAULT_CV, Failure, Finished, Sampler,
    SubjectRecords, Watch, default_widths, simulate,
};
use epsom_report::ReportError;
use std::path::{Path, PathBuf};

/// Most messages about runs that stopped; more would hide the first.
const MOST_MESSAGES: usize = 5;

/// Runs every person in every draw; those that stop early keep the rows before.
pub(crate) fn run(args: &Args, plan: &Plan, people: &People) -> Ran {
    let mut ran = Ran::new();
    let sampler = match plan.sampler() {
        Ok(sampler) => sampler,
        Err(said) => {
            ran.messages = said;
            ran.exit = exit::MODEL;
            return ran;
        }
    };
    let path = args.output.as_ref().filter(|path| path.as_os_str() != "-");
    let shown = path.map_or(Path::new("-"), PathBuf::as_path);
    let place = match path.map(|path| NewFile::create(path)).transpose() {
        Ok(file) => file.map_or_else(Place::stdout, Place::File),
        Err(said) => {
            ran.messages.push(said);
            return ran;
        }
    };
    let default: Vec<&str> = default_widths(&plan.model).collect();
    if people.is_drawn && !default.is_empty() {
        let message =
            format!("drawn with a default {} %: {}", DEFAULT_CV * 100.0, list_names(default, 12));
        ran.messages.push(
            Diagnostic::note_of("N0919", message)
                .help("state what is not known: `uncertain … assumed \"<reason>\"`, or `fixed`"),
        );
    }
    let crowd = Crowd::new(args, plan, people, sampler);
    match crowd.write(place, &mut ran) {
        Ok((n_rows, failed)) => {
            if let Some(path) = path.filter(|_| args.json && people.summary.is_none()) {
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

/// Everyone who is run, with what they share.
pub(super) struct Crowd<'a> {
    pub(super) args: &'a Args,
    pub(super) plan: &'a Plan,
    pub(super) people: &'a People,
    pub(super) sampler: Sampler,
    /// Subjects of the records, with their doses and times.
    ready: Vec<SubjectRecords>,
}

impl<'a> Crowd<'a> {
    fn new(args: &'a Args, plan: &'a Plan, people: &'a People, sampler: Sampler) -> Self {
        let ready = plan.subjects.iter().map(|subject| plan.ready(subject)).collect();
        Self { args, plan, people, sampler, ready }
    }

    /// Draw and person of one run: people follow each other within a draw.
    fn place(&self, run: usize) -> (u32, u32) {
        let n = self.people.chosen.len();
        (self.people.draws[run / n], self.people.chosen[run % n])
    }

    /// Of what is drawn of one person at one time in this draw.
    fn address(&self, draw: u32) -> Address {
        Address { seed: self.people.seed, replicate: draw, ..Address::default() }
    }

    fn records(&self, person: u32) -> &SubjectRecords {
        &self.ready[self.people.records_of(person)]
    }

    fn subject(&self, run: usize) -> Subject<'_> {
        let (draw, person) = self.place(run);
        let timeline = &self.records(person).timeline;
        let mut covariates = self.people.covariates(self.plan, person);
        let follows = self.people.occasions(&self.sampler, person, timeline, &mut covariates);
        Subject {
            params: self.people.params(&self.sampler, draw, person),
            covariates,
            timeline,
            follows,
            conduct: self.plan.rules.of(&self.people.id(self.plan, person), self.people.seed),
        }
    }

    /// Rows written, and runs that stopped.
    fn write(&self, place: Place, ran: &mut Ran) -> Result<(u64, Vec<Failed>), Finish> {
        match &self.people.summary {
            None => self.write_rows(place, ran),
            Some(probabilities) => {
                let times = match self.shared_times() {
                    Ok(times) => times,
                    Err(said) => {
                        ran.exit = exit::USAGE;
                        return Err(said.into());
                    }
                };
                let tally = Tally::new(&self.plan.model, times, probabilities);
                self.write_summary(tally, place, ran)
            }
        }
    }

    fn write_rows(&self, place: Place, ran: &mut Ran) -> Result<(u64, Vec<Failed>), Finish> {
        let plan = self.plan;
        let mut sink = Sink::new(plan, place)?;
        let mut log = self.log()?;
        let width = plan.model.outputs.len() + plan.model.compartments.len();
        let mut refused = None;
        let mut take = |finished: &Finished, empty: &mut Empty| {
            let (draw, person) = self.place(finished.subject_idx);
            let times = &self.records(person).observation_times;
            let id = self.people.id(plan, person);
            let mut rows = finished.arms[0].clone();
            plan.measure(&mut rows, &id, times, &self.address(draw));
            let mut rows = rows.rows;
            empty.clear(&plan.model, &id, times, width, &mut rows);
            let n_rows = rows.len().checked_div(width).unwrap_or(0);
            let draw = self.people.is_drawn.then_some(draw + 1);
            let times = &times[..n_rows];
            let rows = SubjectRows { id: &id, draw, times, values: &rows };
            if refused.is_none() {
                refused = sink.write(&[rows]).err().map(Finish::from);
            }
            if let (None, Some(log)) = (&refused, &mut log) {
                refused = log.add(&id, draw, &finished.arms[0].decisions).err().map(Finish::from);
            }
        };
        let failed = self.run(&mut take, ran);
        if let Some(error) = refused {
            return Err(error);
        }
        ran.decisions = log.map(Log::finish).transpose()?.flatten();
        let n_rows = sink.n_rows();
        let is_figure = matches!(plan.format, Format::Svg | Format::Png);
        if is_figure && n_rows == 0 {
            return Ok((0, failed));
        }
        sink.finish(&failed, ran)?;
        Ok((n_rows, failed))
    }

    fn write_summary(
        &self,
        mut tally: Tally,
        place: Place,
        ran: &mut Ran,
    ) -> Result<(u64, Vec<Failed>), Finish> {
        let n = self.people.chosen.len();
        let mut log = self.log()?;
        let mut counts = Counts::default();
        let mut refused = None;
        let mut take = |finished: &Finished, empty: &mut Empty| {
            let (draw, person) = self.place(finished.subject_idx);
            let times = &self.records(person).observation_times;
            let run = &finished.arms[0];
            counts.add(&self.plan.rules, &run.decisions);
            if let (None, Some(log)) = (&refused, &mut log) {
                let draw = self.people.is_drawn.then_some(draw + 1);
                refused = log.add(&self.people.id(self.plan, person), draw, &run.decisions).err();
            }
            if run.failure.is_some() {
                tally.crossed.add_missing();
            } else {
                let mut run = run.clone();
                let id = self.people.id(self.plan, person);
                self.plan.measure(&mut run, &id, times, &self.address(draw));
                empty.clear(&self.plan.model, &id, times, run.width, &mut run.rows);
                tally.add(&run.rows);
            }
            if (finished.subject_idx + 1).is_multiple_of(n) {
                tally.crossed.end_draw();
            }
        };
        let failed = self.run(&mut take, ran);
        if let Some(error) = refused {
            return Err(error.into());
        }
        log.map(Log::finish).transpose()?;
        ran.decisions = counts.json(&self.plan.rules);
        write_summary(self, tally, place, &failed, ran)?;
        Ok((0, failed))
    }

    fn log(&self) -> Result<Option<Log<'a>>, Diagnostic> {
        Log::new(self.args, &self.plan.rules, &self.plan.model, self.people.is_drawn)
    }

    /// Runs all, hands each to `take`, and says what went wrong.
    fn run(&self, take: &mut dyn FnMut(&Finished, &mut Empty), ran: &mut Ran) -> Vec<Failed> {
        let plan = self.plan;
        let n_runs = self.people.draws.len() * self.people.chosen.len();
        let mut compiled = compile(plan.running());
        let n_outputs = plan.running().outputs.len();
        if self.people.summary.is_some() && n_outputs > 0 {
            compiled = compiled.showing(&(0..n_outputs).collect::<Vec<_>>(), &[]);
        }
        let make = |run: usize, _: usize| self.subject(run);
        let batch = population::Plan {
            compiled: &compiled,
            options: crate::simulate::solve::options(&crate::simulate::accuracy(self.args)),
            n_subjects: n_runs,
            n_arms: 1,
            make: &make,
        };
        let bar = Progress::new("runs", n_runs as u64);
        let mut told = |at: population::Progress| bar.add(at.n_done as u64 - bar.done());
        let watch = Watch { progress: &mut told, cancelled: &interrupt::asked };
        let mut empty = Empty::default();
        let report = simulate(&batch, &BatchOptions::default(), watch, &mut |finished| {
            take(finished, &mut empty);
        });
        drop(bar);
        let failed = self.say(&report, n_runs, ran);
        ran.messages.extend(empty.messages(&plan.model));
        failed
    }

    fn say(&self, report: &BatchReport, n_runs: usize, ran: &mut Ran) -> Vec<Failed> {
        let mut failed = Vec::new();
        for failure in &report.failures {
            let said = self.stopped(failure);
            let cause = said.notes.iter().find_map(|note| note.strip_prefix("cause: "));
            failed.push(Failed {
                id: self.people.id(self.plan, self.place(failure.subject_idx).1),
                time: failure.failure.time_h * self.plan.model.time_unit.per_base,
                message: said.message.clone(),
                cause: cause.unwrap_or_default().to_string(),
            });
            ran.exit = exit::NUMERICS;
            if ran.messages.len() < MOST_MESSAGES {
                ran.messages.push(said);
            }
        }
        let n_hidden = report.n_failed.saturating_sub(MOST_MESSAGES);
        if let Some(last) = ran.messages.last_mut().filter(|_| n_hidden > 0) {
            last.notes.push(format!("{n_hidden} more runs stopped and are not shown"));
        }
        if report.cancelled {
            let message = format!("interrupted after {} of {n_runs} runs", report.n_done);
            let said = Diagnostic::error("E0914", message).note("what was finished is kept");
            ran.messages.push(said);
            ran.exit = exit::INTERRUPTED;
        }
        failed
    }

    /// The message of a run that stopped.
    fn stopped(&self, failure: &Failure) -> Diagnostic {
        let (draw, person) = self.place(failure.subject_idx);
        let subject = self.subject(failure.subject_idx);
        let id = self.people.id(self.plan, person);
        let mut repeat = repeat(self.args, &id);
        if self.people.is_drawn && self.args.draw.is_none() {
            repeat.push_str(&format!(" --draw {}", draw + 1));
        }
        let covariates: Vec<(usize, f64)> =
            subject.covariates.iter().copied().enumerate().collect();
        let about = Stopped {
            model: &self.plan.model,
            params: &subject.params,
            given: &self.plan.given,
            covariates: &covariates,
            id: &id,
            subject: self.records(person),
            events: self.args.events.as_deref(),
            repeat: &repeat,
        };
        let said = stopped(&about, &failure.failure);
        if self.people.is_drawn { said.note(format!("draw: {}", draw + 1)) } else { said }
    }

    /// The times that all persons have.
    fn shared_times(&self) -> Result<Vec<f64>, Diagnostic> {
        let first = &self.ready[0];
        match self.ready.iter().find(|one| one.observation_times != first.observation_times) {
            None => Ok(first.observation_times.clone()),
            Some(other) => {
                let message = "a summary needs rows at the same times";
                Err(Diagnostic::error("E0742", message)
                    .note(format!("those of `{}` and `{}` differ", first.id, other.id))
                    .help("give `--times 0:24:1`, or leave out `--summary`"))
            }
        }
    }
}
