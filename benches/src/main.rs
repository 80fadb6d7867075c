//! Times the engine beside other solvers in one run. `cargo xtask bench` builds and starts it.

mod measure;
mod measures;
mod ours;
mod peers;
mod problem;
mod reference;
mod rows;
mod scaling;

use epsom_engine::{Isa, Lanes, Solver, available};
use measure::{Executor, Reference, Row};
use measures::Measure;
use peers::Method;
use problem::{Problem, W1, W2, W4, W5};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask bench [OPTIONS]

  --quick        a tenth of the subjects, one pass: for a look, not for the table
  --json         one JSON object per row
  --bless        rewrite benches/table.csv and benches/measures.csv
  --only NAME    one problem: W1, W2, W4 (with W1 beside it) or W5; or `measures`
  --executor TEXT  only executors whose name contains the text
  --rtol R         only this relative tolerance
  --lanes N      subjects per block: 8, 16, 32 or 64; by itself: as the engine chooses
  --scaling      instead: subjects and threads, with peak memory
  --program FILE  the program that is timed and whose memory is read; xtask builds and names it
";

/// Tolerances of the table; the absolute one is [`measure::FLOOR`] of it.
const TOLERANCES: [f64; 2] = [1e-4, 1e-6];
/// What `--only` calls the measures that are no race.
const MEASURES: &str = "measures";
/// Passes of each executor, in turn; more of W1 and W4, which are compared with each other and take less
/// than bursts of other work on the machine.
const REPEATS: usize = 5;
const REPEATS_OF_W1: usize = 11;

/// What the command line says.
#[derive(Debug, Clone, Default)]
struct Request {
    quick: bool,
    json: bool,
    bless: bool,
    only: Option<String>,
    executor: Option<String>,
    rtol: Option<f64>,
    lanes: Lanes,
    program: Option<PathBuf>,
    /// Instead of the problems.
    part: Option<Part>,
    commit: String,
}

/// What else can be measured.
#[derive(Debug, Clone)]
enum Part {
    Scaling,
    Case(String),
}

fn main() -> ExitCode {
    let done = request(std::env::args().skip(1)).and_then(|request| {
        match &request.part {
            Some(Part::Scaling) => return scaling::cases(),
            Some(Part::Case(text)) => return scaling::case(text, best()),
            None => {}
        }
        // Before this process is held to one core: what it starts would be held to it too.
        let measures = if request.wants(MEASURES) {
            measures::all(request.program.as_deref(), request.quick)?
        } else {
            Vec::new()
        };
        if let Some(core) = core_affinity::get_core_ids().and_then(|ids| ids.last().copied()) {
            core_affinity::set_for_current(core);
        }
        let rows = run(&request)?;
        if rows.is_empty() && measures.is_empty() {
            return Err("no row has such an executor and tolerance".to_string());
        }
        report(&request, &rows, &measures)
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn request(arguments: impl Iterator<Item = String>) -> Result<Request, String> {
    let mut request = Request { commit: "unknown".to_string(), ..Request::default() };
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        let mut text = |takes: &str| value(&argument, arguments.next(), takes, any);
        match argument.as_str() {
            "--quick" => request.quick = true,
            "--json" => request.json = true,
            "--bless" => request.bless = true,
            "--only" => {
                let names = [W1.name, W2.name, W4, W5.name, MEASURES];
                let known = |name: &str| names.contains(&name).then(|| name.to_string());
                let takes = format!("one of {}", names.join(", "));
                request.only = Some(value(&argument, arguments.next(), &takes, known)?);
            }
            "--executor" => request.executor = Some(text("a part of its name")?),
            "--rtol" => {
                let number = |text: &str| text.parse().ok();
                request.rtol = Some(value(&argument, arguments.next(), "1e-4 or 1e-6", number)?);
            }
            "--scaling" => request.part = Some(Part::Scaling),
            "--case" => request.part = Some(Part::Case(text("a case of `--scaling`")?)),
            "--program" => request.program = Some(text("a file")?.into()),
            "--lanes" => {
                request.lanes = value(&argument, arguments.next(), "8, 16, 32 or 64", lanes)?;
            }
            "--commit" => request.commit = text("a hash")?,
            _ => return Err(format!("`{argument}` is no option\n\n{HELP}")),
        }
    }
    if request.bless && request.program.is_none() {
        return Err("--bless needs --program, which `cargo xtask bench` gives".to_string());
    }
    if request.bless && (request.quick || request.is_narrowed()) {
        return Err(
            "--bless takes the whole run: leave --quick, --only, --executor and --rtol out"
                .to_string(),
        );
    }
    Ok(request)
}

/// What an option was given, as `read` reads it.
fn value<T>(
    option: &str,
    given: Option<String>,
    takes: &str,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<T, String> {
    let value = given.as_deref().and_then(read);
    value.ok_or_else(|| format!("`{option}` takes {takes}\n\n{HELP}"))
}

fn any(text: &str) -> Option<String> {
    Some(text.to_string())
}

fn lanes(text: &str) -> Option<Lanes> {
    Some(match text {
        "8" => Lanes::L8,
        "16" => Lanes::L16,
        "32" => Lanes::L32,
        "64" => Lanes::L64,
        _ => return None,
    })
}

impl Request {
    /// Not all rows are asked for.
    fn is_narrowed(&self) -> bool {
        self.only.is_some() || self.executor.is_some() || self.rtol.is_some()
    }

    fn wants(&self, name: &str) -> bool {
        let by_name = self.only.as_deref().is_none_or(|only| only == name);
        by_name && self.executor.is_none() && self.rtol.is_none()
    }
}

fn run(request: &Request) -> Result<Vec<Row>, String> {
    // W4 is solved for the subjects of W1 and compared with its speed.
    let only = request.only.as_deref().map(|only| if only == W4 { W1.name } else { only });
    let wanted = |problem: &Problem| only.is_none_or(|only| only == problem.name);
    let mut rows = Vec::new();
    for problem in [W1, W2, W5].into_iter().filter(wanted) {
        let shrink = if request.quick { 10 } else { 1 };
        let problem = Problem { n_subjects: problem.n_subjects / shrink, ..problem };
        rows.extend(one_problem(&problem, request)?);
    }
    Ok(rows)
}

fn one_problem(problem: &Problem, request: &Request) -> Result<Vec<Row>, String> {
    let subjects = problem::subjects(problem);
    let prepared = ours::prepare(problem, &subjects)?;
    let ours = |isa: Isa, solver: Solver, rtol: f64| {
        ours::ours(&prepared, ours::Setup { isa, lanes: request.lanes, solver, rtol })
    };
    let mut executors: Vec<Executor<'_>> = Vec::new();
    let mut references = Vec::new();
    let answer = match problem.name {
        "W1" => {
            for rtol in TOLERANCES {
                executors.push(peers::diffsol(problem, &subjects, Method::Tsit45, rtol)?);
                executors.push(peers::dopri5(problem, &subjects, rtol));
                executors.extend(available().into_iter().map(|isa| ours(isa, Solver::Tsit5, rtol)));
            }
            executors.push(ours(best(), Solver::Linear, 0.0));
            if request.only.as_deref() != Some(W1.name) {
                executors.extend(slopes(&prepared, request.lanes));
                let answer = reference::exponential_with_slopes(problem, &subjects);
                references.push(Reference { problem: W4, answer, together: 4 });
            }
            reference::exponential(problem, &subjects)
        }
        "W2" => {
            for rtol in TOLERANCES {
                executors.push(peers::diffsol(problem, &subjects, Method::Bdf, rtol)?);
                executors.extend(available().into_iter().map(|isa| ours(isa, Solver::Auto, rtol)));
            }
            reference::tight(problem, &subjects, ours(best(), Solver::Tsit5, reference::TIGHT))?
        }
        _ => {
            executors.extend(TOLERANCES.map(|rtol| ours(best(), Solver::Auto, rtol)));
            reference::own(problem, ours(best(), Solver::Auto, reference::OWN))
        }
    };
    references.push(Reference { problem: problem.name, answer, together: 1 });
    if let Some(rtol) = request.rtol {
        executors.retain(|one| one.rtol == rtol);
    }
    if let Some(text) = &request.executor {
        executors.retain(|one| one.name.contains(text));
    }
    let repeats = match (request.quick, problem.name) {
        (true, _) => 1,
        (false, "W1") => REPEATS_OF_W1,
        (false, _) => REPEATS,
    };
    Ok(measure::compare(problem, &mut executors, &references, repeats))
}

/// Ways of the engine to W4.
fn slopes<'a>(prepared: &'a ours::Prepared<'a>, lanes: Lanes) -> Vec<Executor<'a>> {
    let one = |isa: Isa, solver: Solver, rtol: f64| {
        ours::with_slopes(prepared, ours::Setup { isa, lanes, solver, rtol })
    };
    let stepped =
        TOLERANCES.iter().flat_map(|&rtol| available().into_iter().map(move |isa| (isa, rtol)));
    let mut all: Vec<_> = stepped.map(|(isa, rtol)| one(isa, Solver::Tsit5, rtol)).collect();
    all.push(one(best(), Solver::Linear, 0.0));
    all
}

/// The widest instructions of this machine.
fn best() -> Isa {
    available().pop().unwrap_or(Isa::Baseline)
}

fn report(request: &Request, rows: &[Row], measures: &[Measure]) -> Result<(), String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (path, measures_path) = (folder.join("table.csv"), folder.join("measures.csv"));
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    for row in rows {
        if request.json {
            println!("{}", rows::json(row));
        } else {
            let change = rows::against(row, &committed).unwrap_or("new".to_string());
            println!("{}  {change}", rows::line(row));
        }
    }
    let committed = std::fs::read_to_string(&measures_path).unwrap_or_default();
    for one in measures {
        let json = request.json.then(|| measures::json(one));
        println!("{}", json.unwrap_or_else(|| measures::line(one, &committed)));
    }
    if request.bless {
        let measures = measures::table(measures, &request.commit, &cpu());
        let table = rows::table(rows, &request.commit, &cpu());
        for (path, text) in [(path, table), (measures_path, measures)] {
            std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        }
    }
    Ok(())
}

/// Name of the processor and what it has, for the table.
fn cpu() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line.split(':').nth(1)?.trim().replace(',', " "))
    };
    let name = field("model name").unwrap_or("unknown".to_string());
    let family = field("cpu family").unwrap_or_default();
    format!("{name} family {family}")
}
