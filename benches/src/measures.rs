//! What is no race: starts of the program, compilation, a plan, memory, threads; each with the aim
//! that it is held to.

use crate::measure::median;
use crate::ours;
use crate::problem::{W1, W5};
use crate::scaling::{self, Case};
use epsom_engine::compile;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Header of the committed table.
const HEADER: &str = "what,value,unit,aim,commit,cpu";
/// Repeats of what takes milliseconds.
const STARTS: usize = 20;
/// Runs on one thread and on two.
const TURNS: usize = 9;
/// How often the memory of a program is read.
const LOOK: Duration = Duration::from_millis(1);

/// One line of the result.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// As in the table.
    pub what: String,
    /// The figure.
    pub value: f64,
    /// Its unit.
    pub unit: &'static str,
    /// What it is held to.
    pub aim: Aim,
}

/// What a figure is held to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Aim {
    /// Not more.
    AtMost(f64),
    /// Not less.
    AtLeast(f64),
}

impl Aim {
    fn holds(self, value: f64) -> bool {
        match self {
            Self::AtMost(most) => value <= most,
            Self::AtLeast(least) => value >= least,
        }
    }

    fn text(self) -> String {
        match self {
            Self::AtMost(most) => format!("at most {most}"),
            Self::AtLeast(least) => format!("at least {least}"),
        }
    }
}

/// All measures; those of the program are left out where none is given.
///
/// # Errors
/// Something could not be run.
pub fn all(program: Option<&Path>, quick: bool) -> Result<Vec<Measure>, String> {
    let mut found = vec![compilation()?];
    if let Some(program) = program {
        found.extend(of_program(program, quick)?);
    }
    let many = if quick { 100_000 } else { 1_000_000 };
    let one = scaling::apart(&Case { n_subjects: many, n_threads: 1, linear: true })?;
    found.push(Measure {
        what: format!("memory of {many} subjects of W1 where percentiles are kept"),
        value: one.peak_mb,
        unit: "MB",
        aim: Aim::AtMost(500.0),
    });
    let n_subjects = if quick { 10_000 } else { 100_000 };
    // In turn, the fastest of each: other work on the machine only ever lengthens a run, and one on
    // two cores more often than one on one.
    let mut fastest = [f64::INFINITY; 2];
    for _ in 0..TURNS {
        for (n_threads, fastest) in (1..).zip(&mut fastest) {
            let case = Case { n_subjects, n_threads, linear: false };
            *fastest = scaling::apart(&case)?.seconds.min(*fastest);
        }
    }
    found.push(Measure {
        what: format!("two threads over one with {n_subjects} subjects of W1"),
        value: fastest[0] / fastest[1],
        unit: "times as fast",
        aim: Aim::AtLeast(1.9),
    });
    Ok(found)
}

/// Text to programs.
fn compilation() -> Result<Measure, String> {
    let mut seconds = Vec::new();
    for _ in 0..STARTS {
        let start = Instant::now();
        let compiled = compile(&ours::model(&W5)?);
        seconds.push(start.elapsed().as_secs_f64());
        std::hint::black_box(compiled);
    }
    Ok(Measure {
        what: "check and compile of the whole-body model".to_string(),
        value: 1e3 * median(seconds),
        unit: "ms",
        aim: Aim::AtMost(50.0),
    })
}

fn of_program(program: &Path, quick: bool) -> Result<Vec<Measure>, String> {
    let folder = Folder::new()?;
    let model = folder.file("w1.epm", W1.text)?;
    let doses = "ID,TIME,EVID,AMT,CMT\n1,0,1,100,depot\n1,1,0,,\n1,12,0,,\n";
    let events = folder.file("start.csv", doses)?;
    let small = [text("simulate"), model, text("--events"), events];
    let starts: Result<Vec<Ran>, String> = (0..STARTS).map(|_| run(program, &small)).collect();
    let plan = ["plan", "--set", "age=70", "--set", "egfr=75", "--regimen"];
    let regimen = "300 mg Mg as citrate daily for 8 weeks";
    let plan: Vec<PathBuf> = plan.into_iter().chain([regimen]).map(text).collect();
    let plans: Result<Vec<Ran>, String> = (0..3).map(|_| run(program, &plan)).collect();
    let seconds = |list: Vec<Ran>| median(list.into_iter().map(|one| one.seconds).collect());

    // Rows to Parquet, of few people and of ten times as many.
    let given = r#" assumed "benchmark""#;
    let mut varied = W1.text.to_string();
    for (name, _) in W1.varied {
        let from = varied.find(&format!("param {name} =")).ok_or("a parameter of W1 is gone")?;
        let end = from + varied[from..].find('\n').unwrap_or(varied.len() - from);
        varied.insert_str(end, &format!(" varies lognormal(cv 30[%]){given}"));
    }
    let model = folder.file("varied.epm", &varied)?;
    let events =
        folder.file("doses.csv", "ID,TIME,EVID,AMT,CMT,II,ADDL\n1,0,1,100,depot,12,27\n")?;
    let out = folder.0.join("rows.parquet");
    let few = if quick { 500 } else { 2_000 };
    let peak = |n: usize| {
        let mut arguments = vec![text("simulate"), model.clone(), text("--events"), events.clone()];
        arguments.extend(["--times", "0:336:1", "--n"].map(text));
        arguments.extend([text(&n.to_string()), text("-o"), out.clone()]);
        run(program, &arguments).map(|ran| ran.peak_mb)
    };
    let (small, large) = (peak(few)?, peak(10 * few)?);
    Ok(vec![
        Measure {
            what: "start of `epsom simulate` on a small model".to_string(),
            value: 1e3 * seconds(starts?),
            unit: "ms",
            aim: Aim::AtMost(50.0),
        },
        Measure {
            what: "plan for one person, `epsom plan`".to_string(),
            value: seconds(plans?),
            unit: "s",
            aim: Aim::AtMost(2.0),
        },
        Measure {
            what: format!("memory of rows of {} people to Parquet over {few}", 10 * few),
            value: large / small,
            unit: "times as much",
            aim: Aim::AtMost(1.2),
        },
        Measure {
            what: format!("memory of rows of {} people to Parquet", 10 * few),
            value: large,
            unit: "MB",
            aim: Aim::AtMost(500.0),
        },
    ])
}

/// A run of the program.
struct Ran {
    /// At the wall, from start to end of the process.
    seconds: f64,
    /// Most memory, as last seen; 0 where the system does not say or it ended too soon.
    peak_mb: f64,
}

fn run(program: &Path, arguments: &[PathBuf]) -> Result<Ran, String> {
    let start = Instant::now();
    let mut command = Command::new(program);
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let status = Path::new("/proc").join(child.id().to_string()).join("status");
    let mut peak_mb = 0.0;
    loop {
        peak_mb = f64::max(peak_mb, scaling::peak_mb(&status));
        if let Some(ended) = child.try_wait().map_err(|error| error.to_string())? {
            let seconds = start.elapsed().as_secs_f64();
            let shown =
                || arguments.iter().map(|one| one.display().to_string()).collect::<Vec<_>>();
            return match ended.success() {
                true => Ok(Ran { seconds, peak_mb }),
                false => Err(format!("failed: {} {}", program.display(), shown().join(" "))),
            };
        }
        std::thread::sleep(LOOK);
    }
}

fn text(text: &str) -> PathBuf {
    text.into()
}

/// A folder that goes with its value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self, String> {
        let folder = std::env::temp_dir().join(format!("epsom-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder)
            .map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Self(folder))
    }

    fn file(&self, name: &str, text: &str) -> Result<PathBuf, String> {
        let path = self.0.join(name);
        std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// One line for people, with how it compares with the committed table.
pub fn line(one: &Measure, table: &str) -> String {
    let held = if one.aim.holds(one.value) { "" } else { ", MISSED" };
    let change = against(one, table).unwrap_or("new".to_string());
    format!("{}: {:.3} {} (aim: {}{held})  {change}", one.what, one.value, one.unit, one.aim.text())
}

/// One JSON object.
pub fn json(one: &Measure) -> String {
    format!(
        "{{\"what\":\"{}\",\"value\":{:e},\"unit\":\"{}\",\"aim\":\"{}\",\"holds\":{}}}",
        one.what,
        one.value,
        one.unit,
        one.aim.text(),
        one.aim.holds(one.value)
    )
}

/// The committed table.
pub fn table(list: &[Measure], commit: &str, cpu: &str) -> String {
    let mut text = format!("{HEADER}\n");
    for one in list {
        let (what, aim) = (one.what.replace(',', ";"), one.aim.text());
        // Writing to a text does not fail.
        let _ = writeln!(text, "{what},{:.3},{},{aim},{commit},{cpu}", one.value, one.unit);
    }
    text
}

fn against(one: &Measure, table: &str) -> Option<String> {
    let key = format!("{},", one.what.replace(',', ";"));
    let rest = table.lines().find_map(|line| line.strip_prefix(&key))?;
    let mut fields = rest.split(',');
    let before: f64 = fields.next()?.parse().ok()?;
    Some(format!("{:+.0} % against {}", 100.0 * (one.value / before - 1.0), fields.nth(2)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measure_is_found_again_in_the_table_it_was_written_to() {
        let mut one = Measure {
            what: "a start, small".to_string(),
            value: 2.0,
            unit: "ms",
            aim: Aim::AtMost(3.0),
        };
        let table = table(&[one.clone()], "abc", "a machine");
        assert_eq!(table.lines().nth(1), Some("a start; small,2.000,ms,at most 3,abc,a machine"));
        one.value = 4.0;
        let line = line(&one, &table);
        assert!(line.ends_with("(aim: at most 3, MISSED)  +100 % against abc"), "{line}");
        assert!(json(&one).ends_with("\"holds\":false}"));
    }
}
