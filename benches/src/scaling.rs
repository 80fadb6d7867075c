//! How time and memory grow with subjects and threads.

use crate::ours::{Prepared, Setup, options, prepare};
use crate::problem::{self, Problem, W1};
use epsom_engine::{Isa, Lanes, Solver};
use epsom_population::{BatchOptions, Plan, Summary, Watch, simulate};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Numbers of subjects and threads.
const CASES: [(usize, usize); 8] = [
    (100, 1),
    (100, 2),
    (1_000, 1),
    (1_000, 2),
    (10_000, 1),
    (10_000, 2),
    (100_000, 1),
    (100_000, 2),
];
/// Subjects of W1 with median and interval of every output time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// Subjects, dropped as they are done.
    pub n_subjects: usize,
    /// Threads.
    pub n_threads: usize,
    /// As it runs by default, without steps; else stepped at 1e-6.
    pub linear: bool,
}

/// What a case took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Taken {
    /// At the wall, s.
    pub seconds: f64,
    /// Most memory, MB.
    pub peak_mb: f64,
}

impl Case {
    fn text(&self) -> String {
        let Self { n_subjects, n_threads, linear } = self;
        format!("{n_subjects},{n_threads},{}", u8::from(*linear))
    }

    fn read(text: &str) -> Option<Self> {
        let numbers: Vec<usize> = text.split(',').filter_map(|one| one.parse().ok()).collect();
        let [n_subjects, n_threads, linear] = numbers[..] else { return None };
        Some(Self { n_subjects, n_threads, linear: linear != 0 })
    }
}

/// Runs the cases, each in a process of its own.
///
/// # Errors
/// A case that could not be run.
pub fn cases() -> Result<(), String> {
    println!("subjects,threads,seconds,subjects_per_s,peak_mb");
    for (n_subjects, n_threads) in CASES {
        let Taken { seconds, peak_mb } = apart(&Case { n_subjects, n_threads, linear: false })?;
        let per_s = n_subjects as f64 / seconds;
        println!("{n_subjects},{n_threads},{seconds:.4},{per_s:.0},{peak_mb:.0}");
    }
    Ok(())
}

/// Runs a case in this program called again, so that its memory is its own.
///
/// # Errors
/// It could not be run.
pub fn apart(case: &Case) -> Result<Taken, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new(program).args(["--case", &case.text()]).output();
    let output = output.map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<f64> = text.trim().split(',').filter_map(|one| one.parse().ok()).collect();
    match numbers[..] {
        [seconds, peak_mb] if output.status.success() => Ok(Taken { seconds, peak_mb }),
        _ => {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            Err(format!("case {} failed: {said}", case.text()))
        }
    }
}

/// One case, on all cores that the process may use; prints seconds and peak memory.
///
/// # Errors
/// What is wrong with the case.
pub fn case(text: &str, isa: Isa) -> Result<(), String> {
    let case = Case::read(text).ok_or(format!("case {text}"))?;
    let problem = Problem { n_subjects: case.n_subjects, ..W1 };
    let prepared = prepare(&problem, &[])?;
    let solver = if case.linear { Solver::Auto } else { Solver::Tsit5 };
    let setup = Setup { isa, lanes: Lanes::Auto, solver, rtol: 1e-6 };
    let start = Instant::now();
    let summary = summarize(&problem, &prepared, &setup, case.n_threads);
    let seconds = start.elapsed().as_secs_f64();
    if summary.n_missing() > 0 {
        return Err(format!("{} subjects of case {text} failed", summary.n_missing()));
    }
    println!("{seconds},{}", peak_mb(Path::new("/proc/self/status")));
    Ok(())
}

fn summarize(
    problem: &Problem,
    prepared: &Prepared<'_>,
    setup: &Setup,
    n_threads: usize,
) -> Summary {
    let plan = Plan {
        compiled: prepared.compiled(),
        options: options(setup),
        n_subjects: problem.n_subjects,
        n_arms: 1,
        // Parameters are drawn here: those of all subjects would be memory of the bench.
        make: &|subject, _| prepared.subject_with(&problem::varied(problem, subject)),
    };
    let mut summary = Summary::new(problem.n_observations);
    let mut outputs = Vec::new();
    let watch = Watch { progress: &mut |_| {}, cancelled: &|| false };
    let batch = BatchOptions { n_threads: Some(n_threads), ..BatchOptions::default() };
    simulate(&plan, &batch, watch, &mut |finished| {
        let found = &finished.arms[0];
        if found.failure.is_some() {
            summary.add_missing();
        } else {
            outputs.clear();
            outputs.extend(found.rows().map(|row| row[0]));
            summary.add(&outputs);
        }
    });
    summary
}

/// Most memory that a process had, MB, by its status file; 0 where the system does not say.
pub fn peak_mb(status: &Path) -> f64 {
    let text = std::fs::read_to_string(status).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("VmHWM"));
    let kb = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kb.unwrap_or_default() / 1024.0
}
