//! How time and memory grow with subjects and threads, and what a start of the program takes.

use crate::measure::median;
use crate::ours::{Prepared, Setup, options, prepare};
use crate::problem::{self, Problem, W1};
use epsom_engine::{Isa, Lanes, Solver};
use epsom_population::{BatchOptions, Plan, Summary, Watch, simulate};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Numbers of subjects and threads, each in a process of its own so that its memory is its own.
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
/// Starts of the program.
const STARTS: usize = 20;

/// Runs the cases, each in this program called again with `--case`.
///
/// # Errors
/// A case that could not be run.
pub fn cases() -> Result<(), String> {
    println!("subjects,threads,seconds,subjects_per_s,peak_mb");
    for (n_subjects, n_threads) in CASES {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let case = format!("{n_subjects},{n_threads}");
        let status = Command::new(program).args(["--case", &case]).status();
        if !status.map_err(|error| error.to_string())?.success() {
            return Err(format!("case {case} failed"));
        }
    }
    Ok(())
}

/// One case: W1 at 1e-6 with median and interval of every output time, subjects dropped as they are
/// done.
///
/// # Errors
/// What is wrong with the case.
pub fn case(text: &str, isa: Isa) -> Result<(), String> {
    let numbers: Vec<usize> = text.split(',').filter_map(|one| one.parse().ok()).collect();
    let [n_subjects, n_threads] = numbers[..] else { return Err(format!("case {text}")) };
    let problem = Problem { n_subjects, ..W1 };
    let prepared = prepare(&problem, &problem::subjects(&problem))?;
    let setup = Setup { isa, lanes: Lanes::Auto, solver: Solver::Tsit5, rtol: 1e-6 };
    let start = Instant::now();
    let summary = summarize(&problem, &prepared, &setup, n_threads);
    let seconds = start.elapsed().as_secs_f64();
    if summary.n_missing() > 0 {
        return Err(format!("{} subjects of case {text} failed", summary.n_missing()));
    }
    let per_s = n_subjects as f64 / seconds;
    println!("{n_subjects},{n_threads},{seconds:.4},{per_s:.0},{:.0}", peak_mb());
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
        make: &|subject, _| prepared.subject(subject),
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

/// Most memory this process had, MB; 0 where the system does not say.
fn peak_mb() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("VmHWM"));
    let kb = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kb.unwrap_or_default() / 1024.0
}

/// Median wall time of `epsom simulate` on a small model, from start to end of the process, s.
///
/// # Errors
/// The program could not be run.
pub fn start_up(program: &Path) -> Result<f64, String> {
    let folder = std::env::temp_dir().join("epsom-bench-start");
    let wrong = |error: std::io::Error| format!("{}: {error}", folder.display());
    std::fs::create_dir_all(&folder).map_err(wrong)?;
    let (model, events) = (folder.join("model.epm"), folder.join("events.csv"));
    std::fs::write(&model, W1.text).map_err(wrong)?;
    std::fs::write(&events, "ID,TIME,EVID,AMT,CMT\n1,0,1,100,depot\n1,1,0,,\n1,12,0,,\n")
        .map_err(wrong)?;
    let mut seconds = Vec::new();
    for _ in 0..STARTS {
        let mut command = Command::new(program);
        command.arg("simulate").arg(&model).arg("--events").arg(&events);
        let start = Instant::now();
        let status = command.stdout(Stdio::null()).status();
        seconds.push(start.elapsed().as_secs_f64());
        if !status.map_err(|error| error.to_string())?.success() {
            return Err(format!("{} simulate failed", program.display()));
        }
    }
    Ok(median(seconds))
}
