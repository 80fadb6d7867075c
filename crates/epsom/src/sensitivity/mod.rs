//! `epsom sensitivity`: which of the things not known matter for a prediction.

mod result;
mod run;
mod words;

use crate::done::{Done, exit};
use crate::files::{ChartForm, PNG_SCALE, cannot_write, csv_bytes, write_file};
use crate::render::Sources;
use crate::simulate::{self, Plan, of_model};
use epsom_diag::{Diagnostic, did_you_mean, has_errors, list_names};
use epsom_model::ir::Model;
use epsom_population::Sampler;
use epsom_report::{ReportError, render_tornado_png, render_tornado_svg};
use std::path::{Path, PathBuf};

/// Which of the things not known matter: tornado and Sobol indices of a regimen's effect
///
/// Every parameter that is not known is set to its 2.5 and 97.5 % quantile, one at a time; then all
/// are drawn together, and the variance of the change is shared among them.
/// Research and education, not medical advice.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  epsom sensitivity magnesium --regimen \"2 g MgT once daily for 4 wk\" -o tornado.svg
  epsom sensitivity magnesium --regimen \"300 mg Mg as citrate once daily for 4 wk\" --output serum --n 256
  epsom sensitivity model.epm --regimen \"10 mmol Mg iv over 1 h\" --into central --json
Exit codes: 0 ok, 2 command line, 3 model, 4 file, 5 some draws could not be solved (the others are
kept), 130 interrupted (rows that are finished are kept).")]
pub(crate) struct Args {
    /// Built-in name (magnesium), or path of a model
    model: PathBuf,
    /// Doses in words, such as "2 g MgT once daily for 4 wk"; may stand several times
    #[arg(long = "regimen", value_name = "TEXT", allow_hyphen_values = true, required = true)]
    regimens: Vec<String>,
    /// Compartment that the doses enter, instead of the model's own way
    #[arg(long, value_name = "COMPARTMENT")]
    into: Option<String>,
    /// Outputs that are looked at, separated by commas [default: serum and cerebrospinal fluid
    /// where the model has them, else its first output]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    output: Vec<String>,
    /// Rows of draws; each is run once per parameter and twice more
    #[arg(long, value_name = "N", default_value_t = 1024, allow_negative_numbers = true)]
    n: u32,
    /// Seed of the draws
    #[arg(long, value_name = "S", default_value_t = 1, allow_negative_numbers = true)]
    seed: u64,
    /// Length of the window at the end of the regimen over which the mean is taken, h
    #[arg(long, value_name = "H", default_value_t = 24.0, allow_negative_numbers = true)]
    window: f64,
    /// Value of a parameter, which is then known: cl=5.1 or cl=85[mL/min]
    #[arg(long = "param", value_name = "NAME=VALUE", allow_hyphen_values = true)]
    params: Vec<String>,
    /// Someone whom the built-in model knows by name, such as ckd-g4; `epsom simulate magnesium
    /// --person list` prints them all
    #[arg(long, value_name = "NAME")]
    person: Option<String>,
    /// Value of a covariate: wt=80 or wt=80[kg]
    #[arg(long = "covariate", value_name = "NAME=VALUE", allow_hyphen_values = true)]
    covariates: Vec<String>,
    /// Switch a hypothesis of the model on; may stand several times
    #[arg(long = "hypothesis", value_name = "NAME")]
    hypotheses: Vec<String>,
    /// File: a tornado plot (.svg, .png) or a table (.csv)
    #[arg(short, value_name = "FILE")]
    o: Option<PathBuf>,
    /// One JSON object (schema epsom.sensitivity/1) on standard output
    #[arg(long)]
    json: bool,
}

/// Relative tolerance of the runs: far below the differences between draws.
const RTOL: f64 = 1e-6;
/// Most rows: larger numbers are slips.
const MOST_ROWS: u32 = 1_000_000;
/// Labels of the outputs that are looked at where none is named.
const USUAL: [&str; 2] = ["plasma_magnesium", "csf_magnesium"];
/// What the endings of its file are called.
const ENDINGS: &str = "endings";

/// Runs, shows, writes.
pub(crate) fn run(args: &Args) -> Done {
    let mut sources = Sources::default();
    let mut wrong = settings(args);
    let asked = of_model(simulate::Asked {
        model: args.model.clone(),
        regimens: args.regimens.clone(),
        into: args.into.clone(),
        who: simulate::Who {
            params: args.params.clone(),
            person: args.person.clone(),
            covariates: args.covariates.clone(),
            hypotheses: args.hypotheses.clone(),
            ..simulate::Who::default()
        },
    });
    let plan = match simulate::plan(&asked, &mut sources) {
        Ok(plan) if wrong.is_empty() => plan,
        Ok(_) => return Done::failed(wrong, sources, exit::USAGE),
        Err(refused) => {
            wrong.extend(refused.messages);
            return Done::failed(wrong, sources, refused.exit);
        }
    };
    let (outputs, sampler) = match (outputs(args, &plan.model), sampler(&plan)) {
        (Ok(outputs), Ok(sampler)) => (outputs, sampler),
        (Err(said), _) => return Done::failed(vec![said], sources, exit::USAGE),
        (_, Err(said)) => return Done::failed(said, sources, exit::MODEL),
    };
    let setup = run::Setup::new(&plan, sampler, outputs, args.window, (args.n, args.seed, RTOL));
    let ran = setup.run();
    let found = result::result(&setup, &ran);
    let mut messages = plan.warnings.clone();
    let mut code = exit::NUMERICS;
    if ran.interrupted {
        let message = format!("interrupted after {} of {} rows", found.n_done, args.n);
        messages.push(Diagnostic::error("E0914", message).note("what was finished is kept"));
        code = exit::INTERRUPTED;
    }
    let n_left_out = found.outputs.iter().map(|one| one.n_left_out).max().unwrap_or(0);
    if n_left_out > 0 {
        let message = format!("{n_left_out} of {} rows have no result", found.n_done);
        messages.push(
            Diagnostic::error("E0748", message)
                .note("a run of each could not be solved or is no finite number; they are left out")
                .help("give bounds to the parameters that are drawn where the model has no answer"),
        );
    }
    if found.outputs.iter().all(|one| one.n_used == 0) {
        return Done::failed(messages, sources, code);
    }
    let mut output = match args.json {
        true => format!("{}\n", found.json()),
        false => words::text(&found),
    };
    if let Some(path) = &args.o {
        match write(&found, path) {
            Ok(()) if args.json => {}
            Ok(()) => output.push_str(&format!("Written to {}\n", path.display())),
            Err(said) => {
                messages.push(said);
                code = exit::DATA;
            }
        }
    }
    if !has_errors(&messages) {
        code = 0;
    }
    Done { output, messages, sources, exit: code }
}

/// What is wrong with the numbers of the command line.
fn settings(args: &Args) -> Vec<Diagnostic> {
    let mut wrong = Vec::new();
    if !(2..=MOST_ROWS).contains(&args.n) {
        wrong.push(
            refused(format!("`--n` is {}", args.n))
                .help(format!("give a whole number from 2 to {MOST_ROWS}; 1024 is usual")),
        );
    }
    if !(args.window > 0.0 && args.window.is_finite()) {
        wrong.push(refused(format!("`--window` is {}", args.window)).help("give hours above 0"));
    }
    wrong.extend(args.o.as_ref().and_then(|path| ChartForm::of(path, ENDINGS).err()));
    wrong
}

/// Indices of the outputs to look at.
fn outputs(args: &Args, model: &Model) -> Result<Vec<usize>, Diagnostic> {
    let names = || model.outputs.iter().map(|one| one.name.as_str());
    if model.outputs.is_empty() {
        return Err(refused(format!("model `{}` has no output", model.name))
            .help("declare one, such as `output conc = central / v [mmol/L]`"));
    }
    if args.output.is_empty() {
        let labelled = |label: &&str| model.outputs.iter().position(|one| one.label == **label);
        let usual: Vec<usize> = USUAL.iter().filter_map(labelled).collect();
        return Ok(if usual.is_empty() { vec![0] } else { usual });
    }
    let mut found = Vec::new();
    for name in &args.output {
        let Some(at) = names().position(|known| known == name) else {
            let said = refused(format!("the model has no output `{name}`"))
                .note(format!("it has {}", list_names(names(), 20)));
            return Err(match did_you_mean(name, names()) {
                Some(near) => said.help(format!("did you mean `{near}`")),
                None => said,
            });
        };
        if !found.contains(&at) {
            found.push(at);
        }
    }
    Ok(found)
}

/// Draws of the model, where anything of it is not known.
fn sampler(plan: &Plan) -> Result<Sampler, Vec<Diagnostic>> {
    let sampler = plan.sampler()?;
    if sampler.factors().is_empty() {
        return Err(vec![
            refused("nothing of the model is uncertain")
                .help("state `uncertain` for its parameters, and give fewer with `--param`"),
        ]);
    }
    Ok(sampler)
}

fn refused(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("E0747", message)
}

fn write(found: &result::Result, path: &Path) -> Result<(), Diagnostic> {
    let failed = |error: ReportError| cannot_write(path, &error);
    let form = ChartForm::of(path, ENDINGS)?;
    let bytes = match form {
        ChartForm::Svg => render_tornado_svg(&words::figure(found)).map_err(failed)?.into_bytes(),
        ChartForm::Png => render_tornado_png(&words::figure(found), PNG_SCALE).map_err(failed)?,
        ChartForm::Csv => csv_bytes(&words::csv_table(found)).map_err(failed)?,
    };
    write_file(path, &bytes)
}
