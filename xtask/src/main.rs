//! Developer tasks: `cargo xtask check | bless | gen | bench`.

mod r#gen;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const HELP: &str = "\
cargo xtask TASK

  check   the whole check: formatting, clippy, tests (tidy is one of them)
  bless   rewrite the expectations of snapshot tests; read the difference before you commit
  gen     make the generated files again
  bench   time the engine beside other solvers; options: cargo xtask bench --help
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let task = arguments.first().map(String::as_str);
    let done = match task {
        Some("check") => check(),
        Some("bless") => run(Command::new("cargo")
            .args(["test", "--release", "--workspace"])
            .envs([("UPDATE_EXPECT", "1"), ("SNAPSHOTS", "overwrite")])),
        Some("gen") => r#gen::write_all(&root()),
        Some("bench") => bench(&arguments[1..]),
        _ => Err(HELP.to_string()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            let _ = std::io::Write::write_all(&mut std::io::stderr(), message.as_bytes());
            ExitCode::FAILURE
        }
    }
}

fn check() -> Result<(), String> {
    run(Command::new("cargo").args(["fmt", "--all", "--check"]))?;
    run(Command::new("cargo").args([
        "clippy",
        "--release",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ]))?;
    run(Command::new("cargo").args(["test", "--release", "--workspace", "--locked"]))
}

/// The benches are a workspace of their own, so that a test run does not build the peers.
fn bench(arguments: &[String]) -> Result<(), String> {
    // Some measures are of the program itself.
    let build = ["build", "--release", "--locked", "--quiet", "--package", "epsom"];
    run(Command::new("cargo").args(build).current_dir(root()))?;
    let built = std::env::var_os("CARGO_TARGET_DIR").map_or(root().join("target"), PathBuf::from);
    let manifest = root().join("benches/Cargo.toml");
    let mut command = Command::new("cargo");
    command.args(["run", "--release", "--locked", "--quiet", "--manifest-path"]).arg(manifest);
    command.args(["--", "--commit", &commit(), "--program"]).arg(built.join("release/epsom"));
    run(command.args(arguments))
}

/// Short hash of the commit, marked where files differ from it.
fn commit() -> String {
    let arguments = ["describe", "--always", "--dirty", "--exclude=*"];
    let output = Command::new("git").args(arguments).current_dir(root()).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_string());
    text.ok().filter(|text| !text.is_empty()).unwrap_or("unknown".to_string())
}

/// Folder that holds the workspace.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("xtask lies in the workspace").to_path_buf()
}

fn run(command: &mut Command) -> Result<(), String> {
    let status =
        command.status().map_err(|error| format!("cannot start {command:?}: {error}\n"))?;
    if status.success() { Ok(()) } else { Err(format!("failed: {command:?}\n")) }
}
