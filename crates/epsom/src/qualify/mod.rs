//! `epsom qualify`: the built-in model held against what was observed.

mod calibrate;
mod figure;
mod files;

use crate::done::{Done, exit};
use crate::interrupt;
use crate::progress::Progress;
use crate::render::Sources;
use epsom_diag::{Diagnostic, list_names};
use epsom_engine::compile;
use epsom_evidence::builtin;
use epsom_magnesium::qualify::{
    EXPECTED, Lab, Outcome, PLAN, Running, Score, Target, broken, group, looked_at, n_pieces,
    plain, qualify, scores, targets, to_json,
};
use epsom_magnesium::{MODELS, read};
use std::path::{Path, PathBuf};

/// Most draws: more change no printed digit.
const MOST_DRAWS: u32 = 100_000;

/// Hold the built-in model against what was observed: predicted, observed, verdict by group
///
/// Every target of the plan is run at the central parameters and at draws of what is not known.
/// Exit code 6 where a target that passes in the committed table does not pass any more.
/// Research and education, not medical advice.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  epsom qualify\n  epsom qualify --group fluid,salts\n  \
    epsom qualify --json --draws 20\n  epsom qualify -o my-folder\n  \
    epsom qualify --calibrate -o my-folder")]
pub(crate) struct Args {
    /// Groups of targets, separated by commas [default: all]
    #[arg(long, value_delimiter = ',')]
    group: Vec<String>,
    /// Print JSON, schema `epsom.qualify/1`
    #[arg(long)]
    json: bool,
    /// Seed of the draws
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Draws of what is not known; 0 for the central parameters alone
    #[arg(long, default_value_t = 100)]
    draws: u32,
    /// Fit parameters to the calibration targets instead: most likely values, their correlation and
    /// profiles, and rows of evidence; JSON has schema `epsom.calibration/1`
    #[arg(long, conflicts_with_all = ["group", "seed", "draws"])]
    calibrate: bool,
    /// Table of what is fitted, with its priors [default: the built-in one]
    #[arg(long, value_name = "FILE", requires = "calibrate")]
    parameters: Option<PathBuf>,
    /// Write report, figure and tables into this folder
    #[arg(short, long, value_name = "FOLDER")]
    output: Option<PathBuf>,
}

/// What a qualification found, for the screen and for files.
pub(crate) struct Found {
    outcomes: Vec<Outcome>,
    scores: Vec<Score>,
    seed: u64,
    n_draws: u32,
}

/// Runs the targets and prints them.
pub(crate) fn run(args: &Args) -> Done {
    let sources = Sources::default();
    let plan = match plan(args) {
        Ok(plan) => plan,
        Err(said) => return Done::failed(vec![said], sources, exit::USAGE),
    };
    if let Some(folder) = &args.output
        && let Err(said) = crate::compare::check_folder(folder)
    {
        return Done::failed(vec![said], sources, exit::DATA);
    }
    let (model, _) = match read(&MODELS[0]) {
        Ok(read) => read,
        Err(said) => return Done::failed(said, sources, exit::MODEL),
    };
    let whole = (model.clone(), compile(&model));
    let model = looked_at(&model);
    let compiled = compile(&model);
    let lab = Lab { model: &model, compiled: &compiled, whole: &whole, evidence: builtin() };
    if args.calibrate {
        let table = match args.parameters.as_deref().map(parameters).transpose() {
            Ok(table) => table,
            Err(said) => return Done::failed(vec![said], sources, exit::DATA),
        };
        let ask = calibrate::Ask { table, json: args.json, output: args.output.as_deref() };
        return calibrate::run(&lab, &plan, &ask);
    }
    let bar = Progress::new("runs", n_pieces(&lab, &plan, args.draws) as u64);
    let running = Running {
        seed: args.seed,
        n_draws: args.draws,
        progress: &|n| bar.add(n as u64),
        cancelled: &interrupt::asked,
    };
    let outcomes = qualify(&lab, plan, &running);
    drop(bar);
    let mut outcomes = match outcomes {
        Ok(outcomes) => outcomes,
        Err(said) => return Done::failed(said, sources, exit::MODEL),
    };
    group(&mut outcomes);
    let scores = scores(&outcomes);
    let found = Found { outcomes, scores, seed: args.seed, n_draws: args.draws };
    let mut output = if args.json {
        to_json(&found.outcomes, &found.scores, found.seed, found.n_draws) + "\n"
    } else {
        plain(&found.outcomes, &found.scores)
    };
    if let Some(folder) = &args.output {
        match files::write(&found, folder) {
            Ok(written) if !args.json => output.push_str(&written),
            Ok(_) => {}
            Err(said) => return Done::failed(vec![said], sources, exit::DATA),
        }
    }
    if interrupt::asked() {
        let said = Diagnostic::error("E0914", "interrupted before all draws were done")
            .note("intervals are of the draws that were done");
        return Done { output, messages: vec![said], sources, exit: exit::INTERRUPTED };
    }
    Done { output, messages: lost(&found.outcomes), sources, exit: exit::CHECK }
}

/// A table of what is fitted, with its path.
fn parameters(path: &Path) -> Result<(&Path, String), Diagnostic> {
    crate::files::read_text(path, "a table of parameters").map(|text| (path, text))
}

/// Targets that were asked for.
fn plan(args: &Args) -> Result<Vec<Target>, Diagnostic> {
    if args.draws > MOST_DRAWS {
        let message = format!("`--draws` is above {MOST_DRAWS}");
        return Err(Diagnostic::error("E0721", message).help("a few hundred give the intervals"));
    }
    let plan = targets(PLAN, builtin());
    let plan = plan.map_err(|why| Diagnostic::error("E0721", format!("the plan: {why}")))?;
    let mut groups: Vec<&str> = plan.iter().map(|target| target.group.as_str()).collect();
    groups.sort_unstable();
    groups.dedup();
    if let Some(word) = args.group.iter().find(|word| !groups.contains(&word.trim())) {
        let message = format!("there is no group of targets `{word}`");
        let said = Diagnostic::error("E0721", message);
        return Err(said.help(format!("groups: {}", list_names(groups, 20))));
    }
    let asked = |target: &Target| {
        args.group.is_empty() || args.group.iter().any(|word| word.trim() == target.group)
    };
    Ok(plan.into_iter().filter(asked).collect())
}

/// One message for each target that passed and does not now.
fn lost(outcomes: &[Outcome]) -> Vec<Diagnostic> {
    let lost = match broken(outcomes, EXPECTED) {
        Ok(lost) => lost,
        Err(why) => return vec![Diagnostic::error("E0721", format!("expected verdicts: {why}"))],
    };
    let said = |one: &&Outcome| {
        let id = &one.target.id;
        Diagnostic::error("E0720", format!("target {id} passed before and does not now"))
            .note(format!("observed: {} {}", one.target.observed.text, one.target.observed.unit))
            .note(format!("predicted: {}", one.predicted_words()))
            .help(format!("`epsom evidence show {id}` prints the observation"))
    };
    lost.iter().map(said).collect()
}

#[cfg(test)]
mod tests {
    use super::{lost, run};
    use epsom_evidence::builtin;
    use epsom_magnesium::qualify::{Outcome, PLAN, Verdict, targets};
    use expect_test::expect;

    #[test]
    fn a_target_that_is_lost_names_what_was_observed_and_predicted() {
        let target = targets(PLAN, builtin()).expect("reads").remove(1);
        let verdict = Verdict::Miss;
        let one = Outcome { target, predicted: None, verdict, z: None, width_percent: None };
        let said = lost(&[one]);
        assert_eq!(said.len(), 1);
        let words = format!("{}\n{:?}\n{:?}", said[0].message, said[0].notes, said[0].help);
        expect![[r#"
            target pk.02 passed before and does not now
            ["observed: 5.1 (2.1 to 17) L/h", "predicted: -"]
            ["`epsom evidence show pk.02` prints the observation"]"#]]
        .assert_eq(&words);
    }

    #[test]
    fn an_unknown_group_lists_the_groups() {
        use clap::Parser;
        #[derive(Parser)]
        struct Line {
            #[command(flatten)]
            args: super::Args,
        }
        let line = Line::parse_from(["qualify", "--group", "brian"]);
        let done = run(&line.args);
        assert_eq!((done.exit, done.messages[0].code), (2, "E0721"));
        assert_eq!(done.messages[0].message, "there is no group of targets `brian`");
        assert!(done.messages[0].help[0].contains("fluid"));
    }
}
